//! Things to try the client on: people, a channel's log made by the rules themselves, and the frames that carry it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use ed25519_dalek::SigningKey;
use rialto_shared::{
    entry::{Author, Entry, Head, Place, SaltedText, Seq, Slot, Worded},
    event::Event,
    id::{DeviceId, Hash, MemberId, OrgId, RoomId, RoomKind, Salt},
    protocol::{Down, Snapshot},
    room::{self, Policy, Room, Texts, channel, org::device_of, talk},
    standing::{MemberCard, OrgCard, OrgKind, Role, Standing, Status},
    statement::{Statement, public_key},
    text::TextKind,
    time::{Span, Timestamp},
};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const ROOM: RoomId = RoomId::new(RoomKind::Channel, [9; 16]);

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn server() -> Hash {
    rialto_shared::protocol::server_id(public_key(&key(200)))
}

pub(crate) fn member(n: u8) -> MemberId {
    MemberId::from_bits([n; 16])
}

pub(crate) fn org(n: u8) -> OrgId {
    OrgId::from_bits([100 + n; 16])
}

/// The device of member `n`, with key `n`.
pub(crate) fn device(n: u8) -> DeviceId {
    device_of(public_key(&key(n)))
}

pub(crate) fn salted(text: &str) -> SaltedText {
    SaltedText {
        salt: Salt([5; 32]),
        text: TextKind::Body.parse(text).unwrap(),
    }
}

pub(crate) fn member_card(n: u8, name: &str) -> MemberCard {
    MemberCard {
        id: member(n),
        org: org(n),
        name: Some(salted(name)),
        role: Role::Rep,
        alliance: false,
        status: Status::Active,
    }
}

pub(crate) fn org_card(n: u8, name: &str) -> OrgCard {
    OrgCard {
        id: org(n),
        kind: OrgKind::Partner,
        name: Some(salted(name)),
        types: BTreeSet::new(),
        levels: BTreeMap::new(),
        status: Status::Active,
        root: None,
        former: vec![],
    }
}

pub(crate) fn standing(n: u8) -> Standing {
    Standing {
        member: member_card(n, "Ann Me"),
        org: org_card(n, "Northwind"),
    }
}

pub(crate) fn welcome(n: u8) -> Down {
    let standing = standing(n);
    Down::Welcome {
        member: Box::new(standing.member),
        org: Box::new(standing.org),
        device: device(n),
        server_name: TextKind::Name.parse("Fabric").unwrap(),
        policy: Policy::None,
        vendor: None,
        now: Timestamp::from_millis(1_000),
    }
}

/// A room's log as a server would make it.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) id: RoomId,
    pub(crate) room: Room,
    pub(crate) texts: Texts,
    pub(crate) entries: Vec<Entry>,
}

impl Sample {
    /// A channel in which nothing was said yet: one entry.
    pub(crate) fn channel(reach: channel::Reach) -> Self {
        let mut sample = Self {
            id: ROOM,
            room: Room::default(),
            texts: Texts::default(),
            entries: vec![],
        };
        let settings = channel::Settings {
            handle: "emea-launch".parse().unwrap(),
            reach,
            post: channel::Who::Reps,
            invite: channel::Who::Reps,
            slow: Span::millis(0),
        };
        let opened = channel::Event::Opened {
            host: org(50),
            settings,
            purpose: Slot(0),
            lead: None,
        };
        let worded = Worded::new(Event::Channel(opened), vec![salted("Launching")]);
        sample.add(50, worded, None);
        sample
    }

    pub(crate) fn community() -> Self {
        Self::channel(channel::Reach::Community)
    }

    pub(crate) fn add(
        &mut self,
        by: u8,
        event: Worded<Event>,
        statement: Option<Statement>,
    ) -> Seq {
        let author = Author::Member {
            id: member(by),
            org: org(by),
            device: device(by),
        };
        let at = Timestamp::from_millis(10_000 + i64::try_from(self.entries.len()).unwrap());
        self.put(author, at, event, statement)
    }

    /// One more entry, of this author and moment.
    pub(crate) fn put(
        &mut self,
        author: Author,
        at: Timestamp,
        event: Worded<Event>,
        statement: Option<Statement>,
    ) -> Seq {
        let place = Place {
            room: self.id,
            after: self.room.head,
            term: 1,
            at,
            author,
            statement: statement.map(Box::new),
        };
        let entry = Entry::new(place, event);
        room::apply(&mut self.room, &entry);
        self.texts.keep(&self.room, &entry);
        self.entries.push(entry);
        self.room.head.seq
    }

    pub(crate) fn talk(&mut self, by: u8, event: talk::Event, text: Option<&str>) -> Seq {
        let texts = text.map(salted).into_iter().collect();
        self.add(by, Worded::new(Event::Talk(event), texts), None)
    }

    pub(crate) fn say(&mut self, by: u8, text: &str) -> Seq {
        let said = talk::Event::Said {
            thread: None,
            mentions: BTreeSet::new(),
            body: Slot(0),
        };
        self.talk(by, said, Some(text))
    }

    pub(crate) fn head(&self) -> Head {
        self.room.head
    }

    pub(crate) fn bytes(&self) -> Vec<Vec<u8>> {
        self.entries.iter().map(Entry::encode).collect()
    }

    /// The snapshot of now, in parts of this many bytes.
    pub(crate) fn snapshot(&self, part_bytes: usize) -> Vec<Down> {
        let snapshot = Snapshot {
            head: self.room.head,
            room: self.room.clone(),
            texts: self.texts.clone(),
            since: Seq::ZERO,
        };
        let body = serde_json::to_string(&snapshot).unwrap();
        let parts: Vec<&[u8]> = body.as_bytes().chunks(part_bytes).collect();
        let count = u32::try_from(parts.len()).unwrap();
        (0..count)
            .zip(&parts)
            .map(|(part, body)| Down::Snapshot {
                room: self.id,
                part,
                parts: count,
                body: String::from_utf8(body.to_vec()).unwrap(),
            })
            .collect()
    }

    pub(crate) fn whole(&self) -> Down {
        self.snapshot(usize::MAX).pop().unwrap()
    }

    /// The entries after this one.
    pub(crate) fn after(&self, seq: Seq) -> Down {
        Down::Entries {
            room: self.id,
            entries: self
                .entries
                .iter()
                .filter(|entry| entry.seq > seq)
                .map(raw)
                .collect(),
        }
    }
}

pub(crate) fn raw(entry: &Entry) -> Box<RawValue> {
    RawValue::from_string(String::from_utf8(entry.encode()).unwrap()).unwrap()
}
