//! What this device signs and certifies with, as the organisation's own room says.

use super::Console;
use crate::account::{AccountError, DeviceKey};
use rialto_shared::{id::RoomId, room::State};

impl Console {
    /// The root key that was made here is the organisation's now.
    ///
    /// # Errors
    /// What the system says.
    pub fn keep_root(&mut self) -> Result<(), AccountError> {
        self.account.keep_root()
    }

    /// This device's certificates, where the organisation's room has others than the account: after joining again, or after
    /// an admin certified it, perhaps to certify others itself from now on; or none, where the keys were renewed.
    pub(super) fn learn_chain(&mut self) {
        let room = RoomId::org(self.account.about.org);
        let held = self.replica.room(room).map(|held| &held.room.state);
        let Some(State::Org(org)) = held else {
            return;
        };
        let root = self.account.root.as_ref().map(DeviceKey::public);
        // One that was replaced vouches for nobody any more.
        let replaced = root.is_some() && root != org.root;
        let Some(device) = org.devices.get(&self.account.about.device) else {
            return;
        };
        let certified = device.certified;
        if replaced {
            self.account.root = None;
        }
        if !certified {
            if !self.account.about.chain.is_empty() {
                drop(self.account.set_chain(vec![]));
            }
            return;
        }
        let chain = self
            .replica
            .room(room)
            .and_then(|held| held.chain_of(self.account.about.device));
        if let Some(chain) = chain.filter(|chain| *chain != self.account.about.chain) {
            // Where the disk refuses, the next start learns it again.
            drop(self.account.set_chain(chain));
        }
    }
}
