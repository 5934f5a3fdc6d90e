//! Faults between the real sessions and their real sockets: a host whose conversations are the server's own, but for what a
//! ghost changes in the observer's. Without one it is the server's host and nothing else.

use rialto_server::{
    connection::{Answers, Arrival, Host},
    conversation::{Conversation, Effect},
    frame::Frame,
    ledger::{
        self,
        writer::{Done, Work},
    },
    server::Server,
    session::Session,
};
use rialto_shared::{
    entry::Seq,
    id::{DeviceId, RoomId},
    protocol::{Down, Outcome, Up},
    rejection::{Refusal, Rejection},
    standing::Role,
    time::{Span, Timestamp},
};
use std::{collections::BTreeMap, sync::Arc};

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ghost {
    /// Pages are read past the seat: neither `since` nor `upto`, nor whether there is one.
    Unclamped,
    /// What is refused to an outsider is refused as to a member, where the room is there.
    Hasty,
    /// Accepted commands are numbered across all rooms.
    Shared,
}

/// The server, and what haunts it.
pub(super) struct Haunted {
    server: Arc<Server>,
    observer: DeviceId,
    ghost: Option<Ghost>,
}

impl Haunted {
    pub(super) const fn new(server: Arc<Server>, observer: DeviceId, ghost: Option<Ghost>) -> Self {
        Self {
            server,
            observer,
            ghost,
        }
    }
}

impl Host for Haunted {
    type Conversation = Talk;

    fn converse(&self, arrival: Arrival) -> Talk {
        Talk {
            session: self.server.session(arrival),
            server: Arc::clone(&self.server),
            observer: self.observer,
            ghost: self.ghost,
            observed: false,
            asked: BTreeMap::new(),
        }
    }

    fn submit(&self, work: Work, answers: Answers<Talk>) {
        let reply = Box::new(move |done| drop(answers.send(done)));
        self.server.submit(work, reply);
    }

    fn now(&self) -> Timestamp {
        self.server.now()
    }
}

/// A session, and what is done to it.
pub(super) struct Talk {
    session: Session,
    server: Arc<Server>,
    observer: DeviceId,
    ghost: Option<Ghost>,
    observed: bool,
    /// The rooms that commands went to.
    asked: BTreeMap<u64, RoomId>,
}

impl Talk {
    /// What a ghost answers in the session's place.
    fn instead(&mut self, frame: &str) -> Option<String> {
        let up = serde_json::from_str(frame).ok()?;
        if let Up::Login { device, .. } = &up {
            self.observed = *device == self.observer;
        }
        if let Up::Command { n, room, .. } = &up {
            self.asked.insert(*n, *room);
        }
        let unclamped = self.observed && self.ghost == Some(Ghost::Unclamped);
        let Up::Page { id, room, .. } = up else {
            return None;
        };
        if !unclamped {
            return None;
        }
        let snapshot = self.server.house().snapshot().expect("a read");
        let entries = ledger::entries(&snapshot, room).expect("entries");
        let raw = |entry: &rialto_shared::entry::Entry| {
            let text = String::from_utf8(entry.encode()).expect("text");
            serde_json::value::RawValue::from_string(text).expect("an entry")
        };
        let page = Down::Page {
            id,
            room,
            head: entries.last().map_or(Seq::ZERO, |entry| entry.seq),
            entries: entries.iter().map(raw).collect(),
            notes: vec![],
            marks: vec![],
            more: false,
        };
        Some(serde_json::to_string(&page).expect("a frame"))
    }

    fn changed(&self, frame: &Frame) -> Option<String> {
        let ghost = self.ghost.filter(|_| self.observed)?;
        let Ok(Down::Answer { lane, n, outcome }) = serde_json::from_str(frame.as_str()) else {
            return None;
        };
        let snapshot = self.server.house().snapshot().expect("a read");
        let room = *self.asked.get(&n)?;
        let there = snapshot.head(room).expect("a read").head.seq > Seq::ZERO;
        let outcome = match (ghost, outcome) {
            (Ghost::Hasty, Outcome::Refused(refusal)) if refusal.code == "room.absent" && there => {
                Outcome::Refused(Refusal::from(&Rejection::NeedsRole(Role::Rep)))
            }
            (Ghost::Shared, Outcome::Accepted { room, from, at, .. }) => Outcome::Accepted {
                room,
                from,
                to: Seq(snapshot.commit().expect("a read")),
                at,
            },
            (_, outcome) => outcome,
        };
        let answer = Down::Answer { lane, n, outcome };
        Some(serde_json::to_string(&answer).expect("a frame"))
    }

    fn haunt(&self, effects: Vec<Effect<Work>>) -> Vec<Effect<Work>> {
        let changed = |effect| match effect {
            Effect::Send(frame) => Effect::Send(match self.changed(&frame) {
                Some(other) => Frame::from(other),
                None => frame,
            }),
            other => other,
        };
        effects.into_iter().map(changed).collect()
    }
}

impl Conversation for Talk {
    type Submission = Work;
    type Answer = Done;

    fn receive(&mut self, frame: &str, now: Timestamp) -> Vec<Effect<Work>> {
        if let Some(answer) = self.instead(frame) {
            return vec![Effect::Send(Frame::from(answer))];
        }
        let effects = self.session.receive(frame, now);
        self.haunt(effects)
    }

    fn answered(&mut self, answer: Done, now: Timestamp) -> Vec<Effect<Work>> {
        let effects = self.session.answered(answer, now);
        self.haunt(effects)
    }

    fn woken(&mut self, now: Timestamp) -> Vec<Effect<Work>> {
        let effects = self.session.woken(now);
        self.haunt(effects)
    }

    fn leaving(&mut self, now: Timestamp, retry_after: Span) -> Vec<Effect<Work>> {
        self.session.leaving(now, retry_after)
    }

    fn authenticated(&self) -> bool {
        self.session.authenticated()
    }
}
