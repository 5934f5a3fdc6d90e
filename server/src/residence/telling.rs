//! How the running server tells its members outside the console, and what the operator mails by hand.

use super::Bureau;
use crate::{
    admin::{Mailed, Trouble},
    clock::SystemClock,
    config::Config,
    identity::Identity,
    ledger::writer::Follower,
    notices::{Carriers, Desk, Dispatch, Hook, Nudge, QUEUE_FILE, mail::Mailer},
    server::Server,
};
use rialto_shared::{mail::MailAddress, text::Text, time::Zone};
use std::{path::PathBuf, sync::Arc};

/// Notices, set up and not begun yet.
#[derive(Debug)]
pub(super) struct Telling {
    dispatch: Arc<Dispatch>,
    carriers: Arc<Carriers>,
    nudge: Nudge,
    file: PathBuf,
    server: Text,
    secret: [u8; 32],
}

impl Telling {
    pub(super) fn open(config: &Config, identity: &Identity) -> Result<Self, Trouble> {
        let mail = Mailer::open(&config.mail, config.name.as_str());
        let carriers = Arc::new(Carriers {
            mail: mail.map_err(|error| Trouble::Failed(error.to_string()))?,
            hook: Hook::open(&config.hook),
        });
        Ok(Self {
            dispatch: Arc::new(Dispatch::new(Arc::clone(&carriers))),
            carriers,
            nudge: Nudge::default(),
            file: config.data_dir.join(QUEUE_FILE),
            server: config.name.clone(),
            secret: identity.secret("rialto-notices-1"),
        })
    }

    /// What the writer tells of its commits.
    pub(super) fn follower(&self) -> Box<dyn Follower> {
        Box::new(self.nudge.clone())
    }

    pub(super) fn dispatch(&self) -> Arc<Dispatch> {
        Arc::clone(&self.dispatch)
    }

    pub(super) fn begin(&self, server: &Server) {
        let desk = Desk {
            ledger: Arc::clone(&server.house().database),
            file: self.file.clone(),
            server: self.server.clone(),
            secret: self.secret,
            carriers: Arc::clone(&self.carriers),
            clock: Arc::new(SystemClock),
            nudge: self.nudge.clone(),
        };
        if let Err(error) = self.dispatch.begin(desk) {
            tracing::error!(%error, "nobody is told of anything: notices cannot begin");
        }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.dispatch.stop();
    }
}

impl Bureau {
    pub(super) fn write_mail(&self, to: &MailAddress, what: &Mailed) -> Result<(), Trouble> {
        let name = &self.server.house().name;
        let (subject, body) = match what {
            Mailed::Test => (
                format!("{name}: mail from here arrives"),
                format!(
                    "This is what the operator of {name}, a Rialto server, asked for. There is nothing to do.\n"
                ),
            ),
            Mailed::Link { link, until } => (
                format!("{name}: you are invited"),
                format!(
                    "You are invited to {name}, a Rialto server.\n\n  until:    {}\n  join:     rialto join '{link}'\n\n\
                     The link lets one person in, once: keep it to yourself.\n",
                    Zone::default().shown(*until)
                ),
            ),
        };
        let sent = self.dispatch.say(to, &subject, body, self.server.now());
        sent.map_err(|error| Trouble::Failed(error.to_string()))
    }
}
