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
    protocol::Rotation,
    room::Policy,
    text::Text,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
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
    pub presence: Roll<MemberId>,
    /// Which devices are connected.
    pub devices: Roll<DeviceId>,
    /// Which connection holds which lane.
    pub lanes: Lanes,
    /// The server's identity key.
    pub identity: SigningKey,
    /// How its first one was replaced, up to this one.
    pub rotations: Vec<Rotation>,
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

/// Who is connected, with how many connections. Never stored.
#[derive(Debug)]
pub struct Roll<K>(Mutex<BTreeMap<K, u32>>);

impl<K> Default for Roll<K> {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }
}

impl<K: Ord + Copy> Roll<K> {
    fn counts(&self) -> MutexGuard<'_, BTreeMap<K, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more connection, unless there are so many already; whether there is a place.
    #[must_use]
    pub fn enter(&self, who: K, most: u32) -> bool {
        let mut counts = self.counts();
        let count = counts.get(&who).copied().unwrap_or_default();
        if count >= most {
            return false;
        }
        counts.insert(who, count.saturating_add(1));
        true
    }

    /// One connection less. Whether it was the last.
    pub fn leave(&self, who: K) -> bool {
        let mut counts = self.counts();
        let Some(count) = counts.get_mut(&who) else {
            return false;
        };
        *count = count.saturating_sub(1);
        let gone = *count == 0;
        if gone {
            counts.remove(&who);
        }
        gone
    }

    /// How many connections there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts().values().map(|count| u64::from(*count)).sum()
    }

    /// Whether there is one.
    #[must_use]
    pub fn here(&self, who: K) -> bool {
        self.counts().contains_key(&who)
    }
}

/// Which connection holds which lane: a restart claims its lane, and the older connection is cut.
#[derive(Debug, Default)]
pub struct Lanes(Mutex<BTreeMap<(DeviceId, LaneId), Weak<Ear>>>);

impl Lanes {
    /// Claims a lane for this connection; whoever held it is told to go.
    pub fn claim(&self, device: DeviceId, lane: LaneId, ear: &Arc<Ear>) {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = lanes
            .insert((device, lane), Arc::downgrade(ear))
            .and_then(|holder| holder.upgrade());
        if let Some(before) = before.filter(|before| !Arc::ptr_eq(before, ear)) {
            before.cut();
        }
    }

    /// Lets go of the lanes that this connection still holds.
    pub fn release(
        &self,
        device: DeviceId,
        held: impl IntoIterator<Item = LaneId>,
        ear: &Arc<Ear>,
    ) {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for lane in held {
            let place = (device, lane);
            let mine = lanes
                .get(&place)
                .is_some_and(|holder| std::ptr::eq(holder.as_ptr(), Arc::as_ptr(ear)));
            if mine {
                lanes.remove(&place);
            }
        }
    }
}
