//! What holds of every room at any time, whatever was tried.

use super::{Host, server};
use crate::{
    entry::Entry,
    id::OrgId,
    room::{Room, State, Texts, apply},
};
use std::collections::BTreeSet;

impl Host {
    /// What must hold of every room at any time.
    pub(crate) fn check(&self) {
        for (id, held) in &self.rooms {
            let (mut again, mut texts) = (Room::default(), Texts::default());
            for entry in &held.log {
                let entry = Entry::decode(&entry.encode()).expect("entries read back");
                apply(&mut again, &entry);
                texts.keep(&again, &entry);
                if let Some(statement) = &entry.statement {
                    let org = statement.read().unwrap().org;
                    // The root key that this room records for it by now.
                    let root = *again.roots[&org].last().unwrap();
                    statement.verify(server(), root).expect("it proves");
                }
            }
            assert_eq!(again, held.room, "the log of {id} is its room");
            assert_eq!(texts, held.texts, "the log of {id} has its texts");
            let json = serde_json::to_string(&held.room).expect("a room has a JSON form");
            let mut back: Room = serde_json::from_str(&json).expect("a room reads back");
            back.head = held.room.head;
            assert_eq!(back, held.room);
        }
        self.check_connections();
    }

    /// Two organisations and their Relation never disagree.
    fn check_connections(&self) {
        let orgs: BTreeSet<OrgId> = self
            .rooms
            .values()
            .filter_map(|held| match &held.room.state {
                State::Org(org) => Some(org.id),
                _ => None,
            })
            .collect();
        for one in &orgs {
            for other in orgs.iter().filter(|other| *other != one) {
                let connected = self.org(*one).connections.contains(other);
                assert_eq!(connected, self.tie(*one, *other).is_some());
                let waits = self.org(*one).knock(*other, self.now).is_some();
                let asked = self.org(*other).request(*one, self.now).is_some();
                assert!(!waits || asked, "nobody waits here without having asked");
                assert!(!connected || !asked, "who is connected asks no more");
            }
        }
    }
}
