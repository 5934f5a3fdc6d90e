//! What every session of one server shares: the ledger to read, the bell, who is here, the directory, and the server's
//! identity.

pub mod bell;
pub mod directory;

use crate::{
    bell::{Bell, Ear},
    directory::Directory,
    ledger::{Database, LedgerError, reader::Snapshot, tail::Tails},
};
use ed25519_dalek::SigningKey;
use rialto_shared::{
    id::{DeviceId, Hash, LaneId, MemberId},
    room::Policy,
    text::Text,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// What sessions share.
pub struct House {
    /// The ledger.
    pub database: Arc<Database>,
    /// Recent entries, ready to send.
    pub tails: Arc<Tails>,
    /// The wake-up.
    pub bell: Arc<Bell>,
    /// Public documents, to be found.
    pub directory: Arc<Directory>,
    /// Who is at a console.
    pub presence: Roll,
    /// Which connection holds which lane.
    pub lanes: Lanes,
    /// The server's identity key.
    pub identity: SigningKey,
    /// The server's id.
    pub server: Hash,
    /// The server's name.
    pub name: Text,
    /// What this server demands.
    pub policy: Policy,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl House {
    /// The ledger as it stands now.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn snapshot(&self) -> Result<Snapshot, LedgerError> {
        Snapshot::take(&self.database)
    }
}

/// Who is at a console, with how many connections. Never stored.
#[derive(Debug, Default)]
pub struct Roll(Mutex<BTreeMap<MemberId, u32>>);

impl Roll {
    /// One more connection. Whether it is the first.
    pub fn enter(&self, member: MemberId) -> bool {
        let mut roll = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = roll.entry(member).or_default();
        *count = count.saturating_add(1);
        *count == 1
    }

    /// One connection less. Whether it was the last.
    pub fn leave(&self, member: MemberId) -> bool {
        let mut roll = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = roll.get_mut(&member) else {
            return false;
        };
        *count = count.saturating_sub(1);
        let gone = *count == 0;
        if gone {
            roll.remove(&member);
        }
        gone
    }

    /// How many connections are logged in.
    #[must_use]
    pub fn count(&self) -> u64 {
        let roll = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        roll.values().map(|count| u64::from(*count)).sum()
    }

    /// Whether this member is at a console.
    #[must_use]
    pub fn here(&self, member: MemberId) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(&member)
    }
}

/// Which connection holds which lane: a restart claims its lane, and the older connection is cut.
#[derive(Debug, Default)]
pub struct Lanes(Mutex<BTreeMap<(DeviceId, LaneId), Weak<Ear>>>);

impl Lanes {
    /// Claims a lane for this connection; whoever held it is told to go.
    pub fn claim(&self, device: DeviceId, lane: LaneId, ear: &Arc<Ear>) {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.retain(|_, holder| holder.strong_count() > 0);
        let before = lanes
            .insert((device, lane), Arc::downgrade(ear))
            .and_then(|holder| holder.upgrade());
        if let Some(before) = before.filter(|before| !Arc::ptr_eq(before, ear)) {
            before.cut();
        }
    }
}
