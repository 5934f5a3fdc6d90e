//! `rialto demo`: a whole ecosystem in one process, for someone who has nothing installed.
//!
//! A real server on the loopback, ten days of history that its rules have judged, a few people who go on acting through
//! real connections, and an account for whoever looks on. Whoever runs the screens keeps the [`Demo`] until they are
//! left: dropping it stops the people, then the server, and takes the folder away that it made.

mod cast;
mod chance;
mod clock;
mod ecosystem;
mod history;
mod kept;
mod members;
mod screens;
mod script;
#[cfg(test)]
mod tests;
mod venue;

pub use screens::screens;

use crate::{
    account::{Account, AccountError},
    app::AppError,
    client::ClientError,
    console,
    request::RequestError,
};
use chance::Chance;
use kept::Kept;
use members::{Pace, Troupe};
use rialto_server::{
    identity::{FileError, IdentityError},
    ledger::LedgerError,
};
use std::{
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};
use venue::Venue;

/// Whom the demo is looked at as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Player {
    /// Ana Weber, admin of a partner.
    #[default]
    Partner,
    /// Tom Becker, alliance manager of the vendor.
    Manager,
}

impl Player {
    const fn key(self) -> &'static str {
        match self {
            Self::Partner => "ana",
            Self::Manager => "tom",
        }
    }
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder.
    #[error("{} holds something that is no whole demo: name a new folder, that of an earlier demo, or none", .0.display())]
    Taken(PathBuf),
    /// A command of the history was refused: a mistake in the history, named with the command.
    #[error("{what}: {words}")]
    Refused {
        /// Whose command, and with which texts.
        what: String,
        /// The rule's words.
        words: String,
    },
    /// Something that was made up does not hold together.
    #[error("the demo does not hold together: {0}")]
    Invented(String),
    /// An account's folder.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A member's connection.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A screen.
    #[error(transparent)]
    App(#[from] AppError),
    /// A command that cannot be made.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The server's key.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The server's folder.
    #[error(transparent)]
    Folder(#[from] FileError),
    /// The system.
    #[error("the demo cannot start: {0}")]
    System(#[from] io::Error),
}

/// What there is in a demo once its history is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Organisations.
    pub orgs: usize,
    /// People who have joined.
    pub people: usize,
    /// Rooms.
    pub rooms: u64,
    /// Entries in them.
    pub entries: u64,
    /// Signed statements, all verified.
    pub statements: u64,
}

/// A folder of the owner's alone that goes away.
fn passing_folder() -> io::Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("rialto-demo-")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir()
}

/// A running demo. Its parts end in their order here.
#[derive(Debug)]
pub struct Demo {
    account: Account,
    troupe: Option<Troupe>,
    player: Player,
    told: history::Told,
    venue: Venue,
    // Last: the folder goes when nobody uses it any more.
    folder: Option<tempfile::TempDir>,
}

impl Demo {
    /// Starts the server and tells the history, in this folder, which must be new or empty, or in one that goes away with
    /// the demo. In the folder of an earlier demo that one goes on.
    ///
    /// # Errors
    /// A folder in use, what the system says, and a command of the history that was refused.
    pub fn start(player: Player, folder: Option<&Path>) -> Result<Self, DemoError> {
        let (path, made, kept) = match folder {
            Some(folder) => (folder.to_owned(), None, Kept::read(folder)?),
            None => {
                let made = passing_folder()?;
                (made.path().to_owned(), Some(made), None)
            }
        };
        let now = console::now();
        let (venue, told) = if let Some(kept) = kept {
            let venue = Venue::open(&path, now, Chance::System, kept.port)?;
            let told = kept.told(&venue)?;
            (venue, told)
        } else {
            let venue = Venue::open(&path, now - history::LENGTH, Chance::System, 0)?;
            let told = history::tell(&venue, now)?;
            Kept::write(&venue, &told)?;
            (venue, told)
        };
        venue.let_go();
        let account = told.person(player.key())?.account.clone();
        Ok(Self {
            account,
            troupe: None,
            player,
            told,
            venue,
            folder: made,
        })
    }

    /// Whether it goes away when it ends.
    #[must_use]
    pub const fn passes(&self) -> bool {
        self.folder.is_some()
    }

    /// The others begin to act, until the demo is dropped.
    ///
    /// # Errors
    /// What the system says.
    pub fn liven(&mut self) -> Result<(), DemoError> {
        self.liven_at(Pace::LIVE)
    }

    fn liven_at(&mut self, pace: Pace) -> Result<(), DemoError> {
        self.troupe = Some(Troupe::start(&self.told, self.player.key(), pace)?);
        Ok(())
    }

    /// The account to look at it with.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Verifies the whole ledger and counts what is in it.
    ///
    /// # Errors
    /// `Invented` naming what does not hold.
    pub fn verify(&self) -> Result<Counts, DemoError> {
        let report = self.venue.verify()?;
        if let Some(finding) = report.findings.first() {
            let (place, what) = (&finding.place, &finding.what);
            return Err(DemoError::Invented(format!("{place}: {what}")));
        }
        Ok(Counts {
            orgs: self.told.orgs,
            people: self.told.cast.len(),
            rooms: report.rooms,
            entries: report.entries,
            statements: report.statements,
        })
    }
}
