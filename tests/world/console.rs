//! One device at its console: what it was sent, and what it holds.

use ed25519_dalek::SigningKey;
use rialto_server::session::Session;
use rialto_shared::{
    entry::{Entry, Head},
    id::{DeviceId, LaneId, MemberId, OrgId, RoomId},
    protocol::{self, Down, Outcome},
    statement::Certificate,
};
use std::collections::BTreeMap;

/// One device at its console.
pub(crate) struct Console {
    pub(super) session: Option<Session>,
    pub(crate) key: SigningKey,
    pub(crate) chain: Vec<Certificate>,
    pub(crate) member: MemberId,
    pub(crate) org: OrgId,
    pub(crate) device: DeviceId,
    pub(crate) lane: LaneId,
    pub(crate) n: u64,
    pub(super) salts: u64,
    /// Everything that came down, in order, byte for byte.
    pub(crate) heard: Vec<String>,
    /// What the client holds.
    pub(crate) cursors: BTreeMap<RoomId, Head>,
    pub(super) answers: BTreeMap<u64, Outcome>,
    pub(super) closed: Option<u16>,
}

impl Console {
    pub(super) fn hear(&mut self, frame: &str) {
        self.heard.push(frame.to_owned());
        match serde_json::from_str(frame).unwrap_or_else(|error| panic!("{error}: {frame}")) {
            Down::Answer { n, outcome, .. } => {
                self.answers.insert(n, outcome);
            }
            Down::Entries { room, entries } => {
                for raw in entries {
                    let entry = Entry::decode(raw.get().as_bytes()).expect("an entry");
                    let head = self.cursors.entry(room).or_default();
                    assert_eq!(
                        entry.seq,
                        head.seq.next(),
                        "entries come in order, each once"
                    );
                    assert_eq!(entry.prev, head.hash, "entries name the one before");
                    *head = entry.head();
                }
            }
            Down::Snapshot {
                room,
                part: 0,
                parts: 1,
                body,
            } => {
                let snapshot: protocol::Snapshot = serde_json::from_str(&body).expect("a snapshot");
                self.cursors.insert(room, snapshot.head);
            }
            Down::Closed { room } => {
                self.cursors.remove(&room);
            }
            Down::Challenge { .. }
            | Down::Invitation { .. }
            | Down::Welcome { .. }
            | Down::Ready { .. }
            | Down::Snapshot { .. }
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
}
