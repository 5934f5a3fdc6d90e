//! A demo that was kept: what its folder holds beside the ledger and the people's accounts, so that it goes on where it
//! was. The file is written when the history is told; a folder without it holds no whole demo.

use super::{
    DemoError,
    cast::{Cast, Person},
    ecosystem::{CHARACTERS, COMPANIES},
    history::Told,
    venue::Venue,
};
use crate::account::Home;
use rialto_shared::id::RoomId;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// The file's name.
const FILE: &str = "demo.json";

/// What it says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Where the server listened.
    pub(super) port: u16,
    channels: BTreeMap<String, RoomId>,
    deal: RoomId,
}

impl Kept {
    /// What a folder holds; `None` where there is nothing in it.
    ///
    /// # Errors
    /// `Taken` where it holds something else.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, DemoError> {
        let taken = || DemoError::Taken(folder.to_owned());
        let absent = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        match fs::read_to_string(folder.join(FILE)) {
            Ok(text) => return Ok(Some(serde_json::from_str(&text).map_err(|_| taken())?)),
            Err(error) if absent(&error) => {}
            Err(error) => return Err(error.into()),
        }
        match fs::read_dir(folder).map(Iterator::count) {
            Ok(0) => Ok(None),
            Ok(_) => Err(taken()),
            Err(error) if absent(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps what there is to go on with.
    pub(super) fn write(venue: &Venue, told: &Told) -> Result<(), DemoError> {
        let kept = Self {
            port: venue.port,
            channels: told.channels.clone(),
            deal: told.deal,
        };
        let text = serde_json::to_string_pretty(&kept)
            .map_err(|error| DemoError::Invented(error.to_string()))?;
        Ok(fs::write(venue.folder().join(FILE), text)?)
    }

    /// Everyone and everything again. Accounts are told where the server listens now.
    pub(super) fn told(self, venue: &Venue) -> Result<Told, DemoError> {
        let mut cast = Cast::new();
        for character in &CHARACTERS {
            let mut account = home(venue.folder(), character.key).open(None)?;
            if account.about.port != venue.port {
                account.about.port = venue.port;
                // Writes all that the account is.
                account.set_chain(account.about.chain.clone())?;
            }
            cast.insert(character.key, Person::of(venue, account)?);
        }
        let told = Told {
            cast,
            channels: self.channels,
            deal: self.deal,
            orgs: COMPANIES.len() + 1,
        };
        Self::write(venue, &told)?;
        Ok(told)
    }
}

/// Where somebody's account is.
pub(super) fn home(folder: &Path, who: &str) -> Home {
    let path: PathBuf = folder.join("homes").join(who);
    Home::at(&path)
}
