//! One device at its console: what it was sent, and what it holds. It folds what it hears as a client would, and stops the
//! test where a frame has no place in what it holds.

use ed25519_dalek::SigningKey;
use rialto_server::{conversation::Wake, session::Session};
use rialto_shared::{
    entry::{Entry, Head},
    id::{DeviceId, LaneId, MemberId, OrgId, RoomId},
    protocol::{self, Down, Outcome},
    room::{Room, apply},
    statement::Certificate,
};
use std::collections::BTreeMap;

/// One device at its console.
pub(crate) struct Console {
    pub(crate) session: Option<Session>,
    /// Rings this console's connection.
    pub(crate) wake: Wake,
    /// How often it came: tells its connections apart.
    pub(crate) came: u64,
    pub(crate) key: SigningKey,
    pub(crate) chain: Vec<Certificate>,
    pub(crate) member: MemberId,
    pub(crate) org: OrgId,
    pub(crate) device: DeviceId,
    pub(crate) lane: LaneId,
    pub(crate) n: u64,
    /// Everything that came down, in order, byte for byte; and where a connection ended.
    pub(crate) heard: Vec<String>,
    /// What the client holds.
    pub(crate) cursors: BTreeMap<RoomId, Head>,
    /// The rooms that it holds, folded from what it was sent.
    pub(crate) rooms: BTreeMap<RoomId, Room>,
    parts: BTreeMap<RoomId, String>,
    pub(crate) answers: BTreeMap<u64, Outcome>,
    /// Commands sent and not answered, as they were sent.
    pub(crate) unanswered: BTreeMap<u64, String>,
    closed: Option<u16>,
}

impl Console {
    pub(super) fn new(who: (MemberId, OrgId), key: SigningKey, chain: Vec<Certificate>) -> Self {
        let public = rialto_shared::statement::public_key(&key);
        let device = rialto_shared::room::org::device_of(public);
        Self {
            session: None,
            wake: Wake::default(),
            came: 0,
            key,
            chain,
            member: who.0,
            org: who.1,
            device,
            lane: LaneId::from_bits(rialto_shared::id::digest16("test-lane", &[&device.bits()])),
            n: 0,
            heard: vec![],
            cursors: BTreeMap::new(),
            rooms: BTreeMap::new(),
            parts: BTreeMap::new(),
            answers: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            closed: None,
        }
    }

    /// A second console with the same device, key and lane, as after a restart whose older connection is not dead yet.
    pub(crate) fn twin(&self) -> Self {
        let who = (self.member, self.org);
        let mut twin = Self::new(who, self.key.clone(), self.chain.clone());
        (twin.lane, twin.n) = (self.lane, self.n);
        twin
    }

    /// A connection begins.
    pub(super) fn arrive(&mut self, session: Session, wake: Wake) {
        self.came += 1;
        self.closed = None;
        self.wake = wake;
        self.session = Some(session);
    }

    /// A connection begins that is somebody else's to carry.
    pub(crate) const fn arrive_anywhere(&mut self) {
        self.came += 1;
        self.closed = None;
    }

    /// The server said goodbye.
    pub(crate) fn close(&mut self, code: u16) {
        self.heard.push(format!("closed {code}"));
        self.closed = Some(code);
        self.session = None;
    }

    pub(crate) fn hear(&mut self, frame: &str) {
        assert!(
            frame.len() <= rialto_shared::limits::MESSAGE_BYTES_MAX,
            "a frame of {} bytes",
            frame.len()
        );
        self.heard.push(frame.to_owned());
        match serde_json::from_str(frame).unwrap_or_else(|error| panic!("{error}: {frame}")) {
            Down::Answer { n, outcome, .. } => {
                // What could not be done is sent again later.
                if !matches!(&outcome, Outcome::Refused(refusal) if refusal.code == "unavailable") {
                    self.unanswered.remove(&n);
                }
                self.answers.insert(n, outcome);
            }
            Down::Entries { room, entries } => {
                for raw in entries {
                    let entry = Entry::decode(raw.get().as_bytes()).expect("an entry");
                    let head = self.cursors.entry(room).or_default();
                    assert_eq!(
                        entry.seq,
                        head.seq.next(),
                        "entries of {room} come in order, each once"
                    );
                    assert_eq!(entry.prev, head.hash, "entries name the one before");
                    *head = entry.head();
                    apply(self.rooms.entry(room).or_default(), &entry);
                }
            }
            Down::Snapshot {
                room,
                part,
                parts,
                body,
            } => {
                let whole = self.parts.entry(room).or_default();
                if part == 0 {
                    whole.clear();
                }
                whole.push_str(&body);
                if part + 1 == parts {
                    let snapshot: protocol::Snapshot =
                        serde_json::from_str(whole).expect("a snapshot");
                    self.parts.remove(&room);
                    self.cursors.insert(room, snapshot.head);
                    let mut held = snapshot.room;
                    held.head = snapshot.head;
                    self.rooms.insert(room, held);
                }
            }
            Down::Closed { room } => {
                self.cursors.remove(&room);
                self.rooms.remove(&room);
            }
            Down::Challenge { .. }
            | Down::Invitation { .. }
            | Down::Welcome { .. }
            | Down::Ready { .. }
            | Down::Page { .. }
            | Down::Heads { .. }
            | Down::Cards { .. }
            | Down::Presence { .. }
            | Down::Found { .. }
            | Down::GoingAway { .. }
            | Down::Error { .. }
            | Down::Pong { .. } => {}
        }
    }

    /// What was said in this room, as far as this console heard it live.
    pub(crate) fn heard_in(&self, room: RoomId) -> Vec<Entry> {
        let mut entries = vec![];
        for frame in &self.heard {
            if let Ok(Down::Entries {
                room: other,
                entries: raws,
            }) = serde_json::from_str(frame)
                && other == room
            {
                entries.extend(
                    raws.iter()
                        .map(|raw| Entry::decode(raw.get().as_bytes()).expect("an entry")),
                );
            }
        }
        entries
    }

    /// The code that the connection was closed with.
    pub(crate) const fn closed(&self) -> Option<u16> {
        self.closed
    }

    /// What came down since there were so many frames.
    pub(crate) fn since(&self, mark: usize) -> Vec<Down> {
        self.heard[mark..]
            .iter()
            .filter_map(|frame| serde_json::from_str(frame).ok())
            .collect()
    }
}
