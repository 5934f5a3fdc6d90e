//! The end of a ledger that can no longer be written.
//!
//! After an I/O error the database refuses everything until its file is opened again, and what a failed sync left in the
//! system's memory nobody can tell: so the process ends, and the next one reads from the disk what is there. The writer says
//! so here, once; whoever runs the server waits for it.

mod guard;

pub use guard::{guarded, keep_quiet};

use super::LedgerError;
use tokio::sync::watch;

/// Says, once, that the file can no longer be written, and why.
#[derive(Debug)]
pub struct Fault(watch::Sender<Option<Broken>>);

/// Why nothing is written any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// In words.
    pub why: String,
    /// Whether what is stored is not what was stored: starting again does not help then.
    pub damage: bool,
}

impl Default for Fault {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Fault {
    pub(super) fn tell(&self, error: &LedgerError) {
        self.0.send_if_modified(|known| {
            let first = known.is_none();
            known.get_or_insert_with(|| Broken {
                why: error.to_string(),
                damage: error.is_damage(),
            });
            first
        });
    }

    /// Whether it was said.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Waits until it is said; why.
    pub async fn known(&self) -> Broken {
        let mut told = self.0.subscribe();
        let known = told.wait_for(Option::is_some).await;
        // The sender is here: the wait ends by its word alone.
        let known = known.ok().and_then(|broken| broken.clone());
        known.unwrap_or_else(|| Broken {
            why: String::new(),
            damage: false,
        })
    }
}
