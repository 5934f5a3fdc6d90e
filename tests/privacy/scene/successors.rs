//! An admin whom the vendor seats in a partner, and the new keys that they bring it.

use super::{Scene, Step};
use crate::world::chance;
use ed25519_dalek::SigningKey;
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::RoomId,
    room::org,
    statement::{Certificate, Use, public_key},
    time::Span,
};

impl Scene<'_> {
    /// The vendor announces an admin in one of the partners; in every other story a colleague objects, else days pass.
    pub(super) fn succession(&self) -> Option<Step> {
        let seed = self.world.seed;
        let admin = if seed.is_multiple_of(4) { 3 } else { 6 };
        let (who, what) = match self.step {
            64 => {
                let person = &self.world.consoles[admin + 1];
                (0, self.successor(person.org, person.member))
            }
            70 if seed.is_multiple_of(2) => (admin + 2, org::Command::Object { at: Seq::ZERO }),
            70 => return Some(Step::Pass(Span::days(4))),
            72 => (admin + 1, self.renewal(admin + 1)),
            74 => (admin + 1, self.anew(admin + 1, admin)),
            _ => return None,
        };
        self.world.consoles[who].session.as_ref()?;
        let room = RoomId::org(self.world.consoles[who].org);
        Some(Step::Ask(who, room, Command::Org(what), vec![]))
    }

    /// Whom the vendor seated makes their organisation a new root key; where nobody was, they may not.
    fn renewal(&self, heir: usize) -> org::Command {
        let root = self.new_root();
        org::Command::Renew {
            root: public_key(&root),
            chain: vec![self.certificate(&root, heir)],
        }
    }

    /// They certify the device of the one who was the admin before, so that it signs again.
    fn anew(&self, heir: usize, before: usize) -> org::Command {
        let first = self.certificate(&self.new_root(), heir);
        let second = self.certificate(&self.world.consoles[heir].key, before);
        org::Command::Certify {
            device: self.world.consoles[before].device,
            chain: vec![first, second],
        }
    }

    fn new_root(&self) -> SigningKey {
        SigningKey::from_bytes(&chance(self.world.seed, "new root", 0).0)
    }

    fn certificate(&self, by: &SigningKey, whose: usize) -> Certificate {
        let console = &self.world.consoles[whose];
        let (server, device) = (self.world.house.server, public_key(&console.key));
        Certificate::issue(by, server, console.org, device, Use::Admin)
    }
}
