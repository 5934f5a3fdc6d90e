//! A session: one device's conversation, sans-IO. Frames in, effects out; the time and the wake-ups are given to it.
//!
//! It greets, proves the server's identity, lets a device in, and then keeps its reader exactly as far as the reader's
//! seats reach: everything that goes down passes through a seat, at one commit. A slow reader costs a cursor, never a queue.

mod cards;
pub mod conversation;
mod counts;
mod delivery;
mod entrance;
mod questions;

use crate::{
    bell::{Ear, Topic},
    conversation::{Arrival, Closing, Conversation, Effect},
    frame::Frame,
    house::House,
    ledger::{
        LedgerError,
        writer::{Done, Submission, Work},
    },
};
use rialto_shared::{
    closing::CloseCode,
    entry::{Head, Seq},
    id::{DeviceId, Hash, LaneId, MemberId, OrgId, RoomId},
    limits,
    protocol::{Down, Outcome, Presence, Up},
    rejection::{Refusal, Rejection},
    standing::Standing,
    time::{Span, Timestamp},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// Effects of a session: what it submits goes to the writer.
pub type Effects = Vec<Effect<Work>>;

/// Typing is told at most so often for one room (reliability: ephemeral, one per 3 s).
const TYPING_EVERY: Span = Span::seconds(3);
/// Counts of rooms that are kept but not watched go out at most so often.
const HEADS_EVERY: Span = Span::seconds(1);

/// One device's conversation.
pub struct Session {
    house: Arc<House>,
    arrival: Arrival,
    ear: Arc<Ear>,
    stage: Stage,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("number", &self.arrival.number)
            .finish_non_exhaustive()
    }
}

/// How far the conversation is.
enum Stage {
    /// Nothing was said.
    Silent,
    /// The server has proved who it is.
    Greeted { client_nonce: Hash, version: u16 },
    /// A join is with the writer.
    Joining { device: DeviceId, code: Hash },
    /// A device is logged in.
    Live(Box<Live>),
    /// A goodbye was said.
    Over,
}

/// What a logged-in session knows.
struct Live {
    member: MemberId,
    org: OrgId,
    device: DeviceId,
    /// What the client said it holds.
    cursors: BTreeMap<RoomId, Head>,
    /// Rooms still to be brought up to date before `ready`.
    backlog: VecDeque<RoomId>,
    phase: Phase,
    /// Rooms that are live.
    held: BTreeMap<RoomId, Held>,
    /// Rooms that are kept in the Inbox and not watched: only their counts go out.
    counted: BTreeSet<RoomId>,
    counts_due: BTreeSet<RoomId>,
    counts_sent: Timestamp,
    /// Frames of the resume so far.
    resumes: usize,
    lanes: BTreeSet<LaneId>,
    typed: BTreeMap<RoomId, Timestamp>,
    /// What the member was at the last look.
    standing: Standing,
    /// Standing, roster or devices may have changed since the last look.
    stale: bool,
}

/// Where a live session is in its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The client says what it holds.
    Resuming,
    /// It is brought up to date.
    Catching,
    /// It is up to date.
    Ready,
}

/// A room that is live.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// The last entry that the client holds or was sent.
    cursor: Seq,
    /// The seat that it was sent under: asked for again when the audience changed.
    since: Seq,
    audience_at: Seq,
    /// Whether the seat rests on a connection between organisations, which no entry of the room tells of.
    tied: bool,
    /// Wanted by a `watch`, not by a roster.
    watched: bool,
}

impl Session {
    /// A session for a connection that came through the upgrade.
    #[must_use]
    pub fn new(house: Arc<House>, arrival: Arrival) -> Self {
        let wake = arrival.wake.clone();
        let ear = Ear::new(move || wake.ring());
        Self {
            house,
            arrival,
            ear,
            stage: Stage::Silent,
        }
    }

    /// Who is logged in, from which device.
    #[must_use]
    pub const fn who(&self) -> Option<(MemberId, DeviceId)> {
        match &self.stage {
            Stage::Live(live) => Some((live.member, live.device)),
            Stage::Silent | Stage::Greeted { .. } | Stage::Joining { .. } | Stage::Over => None,
        }
    }

    fn close(&mut self, code: CloseCode, words: &str) -> Effects {
        self.depart();
        self.stage = Stage::Over;
        vec![Effect::Close(Closing::new(code, words))]
    }

    /// Says what was wrong, then goodbye.
    fn fatal(&mut self, code: CloseCode, error: &Rejection) -> Effects {
        let words = error.to_string();
        let mut effects = vec![send(&Down::Error {
            id: None,
            error: Refusal::from(error),
            fatal: true,
        })];
        effects.extend(self.close(code, &words));
        effects
    }

    fn trouble(&mut self, error: &LedgerError) -> Effects {
        tracing::error!(%error, connection = self.arrival.number, "a read failed");
        self.close(CloseCode::Internal, "the server could not read its ledger")
    }

    fn command(&mut self, command: Submission) -> Effects {
        let Stage::Live(live) = &mut self.stage else {
            return vec![];
        };
        if !live.lanes.contains(&command.lane) {
            if live.lanes.len() >= limits::CONNECTION_LANES_MAX {
                let limit = Rejection::Limit {
                    field: "outboxes of one connection",
                    max: limits::CONNECTION_LANES_MAX,
                };
                return vec![send(&Down::Answer {
                    lane: command.lane,
                    n: command.n,
                    outcome: Outcome::Refused(Refusal::from(&limit)),
                })];
            }
            live.lanes.insert(command.lane);
            self.house.lanes.claim(live.device, command.lane, &self.ear);
        }
        vec![Effect::Submit(Work::Command(Box::new(command)))]
    }

    fn up(&mut self, up: Up, now: Timestamp) -> Result<Effects, LedgerError> {
        let Stage::Live(live) = &mut self.stage else {
            return self.enter(up, now);
        };
        match up {
            Up::Hello { .. } | Up::Invitation { .. } | Up::Join { .. } | Up::Login { .. } => {
                let error = Rejection::Malformed("this device is logged in already".to_owned());
                Ok(self.fatal(CloseCode::Malformed, &error))
            }
            Up::Resume { cursors, last } => self.resume(cursors, last, now),
            Up::Command {
                lane,
                n,
                room,
                facts,
                texts,
                signed,
            } => {
                let device = live.device;
                Ok(self.command(Submission {
                    device,
                    lane,
                    n,
                    room,
                    facts,
                    texts,
                    signed,
                }))
            }
            Up::Watch { room, cursor } => self.watch(room, cursor),
            Up::Unwatch { room } => {
                self.unwatch(room);
                Ok(vec![])
            }
            Up::Page {
                id,
                room,
                want,
                limit,
            } => self.page(id, room, want, limit),
            Up::Find { id, query } => self.find(id, &query),
            Up::Typing { room } => {
                let last = live.typed.get(&room).copied();
                if live.held.contains_key(&room)
                    && last.is_none_or(|last| now - last >= TYPING_EVERY)
                {
                    live.typed.retain(|_, at| now - *at < TYPING_EVERY);
                    live.typed.insert(room, now);
                    self.house
                        .bell
                        .tell(room, live.member, Presence::Typing(room));
                }
                Ok(vec![])
            }
            Up::Seen { room, seq } => {
                let known = live.held.contains_key(&room) || live.counted.contains(&room);
                let seen = Work::Seen {
                    member: live.member,
                    room,
                    seq,
                };
                Ok(if known {
                    vec![Effect::Submit(seen)]
                } else {
                    vec![]
                })
            }
            Up::Ping { id } => Ok(vec![send(&Down::Pong { id })]),
        }
    }

    /// Leaves every list that this session stands in.
    fn depart(&mut self) {
        let Stage::Live(live) = &self.stage else {
            return;
        };
        for room in live.held.keys().chain(&live.counted) {
            self.house.bell.unlisten(&self.ear, Topic::Room(*room));
        }
        self.house
            .bell
            .unlisten(&self.ear, Topic::Member(live.member));
        self.house.bell.unlisten(&self.ear, Topic::Org(live.org));
        self.house.bell.dismiss(&self.ear);
        let lanes = live.lanes.iter().copied();
        self.house.lanes.release(live.device, lanes, &self.ear);
        self.house.devices.leave(live.device);
        if self.house.presence.leave(live.member) {
            for room in live.held.keys() {
                self.house.bell.tell(*room, live.member, Presence::Away);
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.depart();
    }
}

impl Conversation for Session {
    type Submission = Work;
    type Answer = Done;

    fn receive(&mut self, frame: &str, now: Timestamp) -> Effects {
        if matches!(self.stage, Stage::Over) {
            return vec![];
        }
        let up = match serde_json::from_str::<Up>(frame) {
            Ok(up) => up,
            Err(error) => {
                return self.fatal(
                    CloseCode::Malformed,
                    &Rejection::Malformed(error.to_string()),
                );
            }
        };
        let effects = self.up(up, now).and_then(|mut effects| {
            effects.extend(self.late_counts(now)?);
            Ok(effects)
        });
        effects.unwrap_or_else(|error| self.trouble(&error))
    }

    fn answered(&mut self, answer: Done, now: Timestamp) -> Effects {
        match answer {
            Done::Answer { lane, n, outcome } => match &self.stage {
                Stage::Live(_) => vec![send(&Down::Answer { lane, n, outcome })],
                Stage::Silent | Stage::Greeted { .. } | Stage::Joining { .. } | Stage::Over => {
                    vec![]
                }
            },
            Done::Joined { member, device } => self.joined(member, device, now),
            Done::Refused(rejection) => match self.stage {
                Stage::Joining { code, .. } => self.join_refused(code, &rejection),
                Stage::Silent | Stage::Greeted { .. } | Stage::Live(_) | Stage::Over => vec![],
            },
            Done::Accepted { .. } | Done::Quiet => vec![],
        }
    }

    fn woken(&mut self, now: Timestamp) -> Effects {
        match self.deliver(now) {
            Ok(effects) => effects,
            Err(error) => self.trouble(&error),
        }
    }

    fn leaving(&mut self, _now: Timestamp, retry_after: Span) -> Effects {
        let retry_after_ms = u64::try_from(retry_after.as_millis()).unwrap_or_default();
        vec![send(&Down::GoingAway {
            words: "the server stops".to_owned(),
            retry_after_ms,
        })]
    }

    fn authenticated(&self) -> bool {
        match self.stage {
            Stage::Live(_) | Stage::Over => true,
            Stage::Silent | Stage::Greeted { .. } | Stage::Joining { .. } => false,
        }
    }
}

/// A frame down.
///
/// # Panics
/// Never: a frame always has a JSON form.
fn send(down: &Down) -> Effect<Work> {
    Effect::Send(Frame::from(
        serde_json::to_string(down).expect("frames have string keys and no floats"),
    ))
}

/// The bytes that a frame's own entries may take.
const BODY_BYTES_MAX: usize = limits::MESSAGE_BYTES_MAX - 4 * 1024;
