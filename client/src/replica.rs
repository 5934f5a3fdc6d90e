//! The replica: every room that this member may see, held in memory and folded by the same functions as on the server.
//!
//! [`Replica::take`] takes one frame in and says what changed on screen, what goes to disk and what goes up; it does no I/O
//! itself. A server is not trusted: entries are checked for room, position and chain before they are applied, and what
//! does not fit asks for the room anew instead of panicking.

mod fold;
mod frames;
mod heads;
mod held;
mod judge;
mod messages;
mod names;
mod pending;
pub mod readers;

#[cfg(test)]
pub(crate) mod sample;
mod snapshot;
#[cfg(test)]
mod tests;

pub use fold::{Log, Logged, fold, refold};
pub use held::{Held, Outline};
pub use messages::{Message, Removed, Row, Stands, Unread, Window};
pub use names::{Candidate, Unresolved};
pub use pending::{Pending, PendingState, Ticket};

use rialto_shared::{
    entry::{Entry, Head, Seq},
    id::{Hash, MemberId, OrgId, RoomId},
    limits,
    protocol::{Hit, Outcome, Presence, Snapshot, Up},
    rejection::Refusal,
    room::Policy,
    standing::{MemberCard, OrgCard, Standing},
    text::Text,
    time::Timestamp,
    timeline::{Marks, Note},
};
use snapshot::Parts;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Who this is, as the server said at the last login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The member and their organisation.
    pub standing: Standing,
    /// The server's name.
    pub server_name: Option<Text>,
    /// What the server demands.
    pub policy: Policy,
    /// Whose server this is.
    pub vendor: Option<OrgId>,
    /// The server's time at the last login of this run.
    pub server_now: Option<Timestamp>,
}

/// What a frame changed, for whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// How the link is.
    Link,
    /// Logged in: names, policy.
    Me,
    /// Everything that was missed has come.
    Ready,
    /// A room's state or messages.
    Room(RoomId),
    /// A room is no longer there.
    Gone(RoomId),
    /// A room came whole, and ends before what was held of it: the server is at an earlier state, as after a restored backup.
    Back {
        /// Which room.
        room: RoomId,
        /// How many entries that were held are not there any more.
        lost: u64,
    },
    /// Names.
    Cards,
    /// Somebody came, went or writes.
    Presence(MemberId),
    /// A command was answered.
    Answered {
        /// Which.
        ticket: Ticket,
        /// How.
        outcome: Outcome,
    },
    /// A page came.
    Page {
        /// Of which question.
        id: u64,
        /// Of which room.
        room: RoomId,
        /// The positions that it brought.
        seqs: Vec<Seq>,
        /// Whether there is more in that direction.
        more: bool,
    },
    /// A search was answered.
    Found {
        /// Of which question.
        id: u64,
        /// Best first.
        hits: Vec<Hit>,
        /// How many in all.
        total: u32,
    },
    /// The server stops, or another connection took this one's place.
    GoingAway {
        /// Why, in the server's words.
        words: Option<Text>,
    },
    /// A question could not be served.
    Refused {
        /// Which, if it had an id.
        id: Option<u64>,
        /// Why.
        refusal: Refusal,
        /// Whether the connection ends.
        fatal: bool,
    },
    /// The server sent what cannot be: the room was asked for anew, or given up.
    Misfit {
        /// Which room.
        room: RoomId,
        /// In our words.
        why: String,
    },
}

/// What goes to disk. A list of these is one transaction: an entry and the cursor behind it stand or fall together.
#[derive(Debug, Clone)]
pub enum Write {
    /// A room's state: replaces the one held.
    Room {
        /// Which.
        room: RoomId,
        /// Its state at this cursor.
        snapshot: Box<Snapshot>,
    },
    /// A room's cursor.
    Cursor {
        /// Which room.
        room: RoomId,
        /// Its last entry.
        head: Head,
    },
    /// A new entry: it is folded into the note of its target.
    Entry {
        /// The entry.
        entry: Arc<Entry>,
        /// As the server sent it.
        bytes: Vec<u8>,
        /// Who I am: my reactions are marks.
        me: MemberId,
    },
    /// An older entry, with what had become of it at `head`.
    Paged {
        /// The entry.
        entry: Arc<Entry>,
        /// As the server sent it.
        bytes: Vec<u8>,
        /// What had become of it.
        note: Note,
        /// What I had reacted with.
        marks: Marks,
        /// True at this entry.
        head: Seq,
        /// Who I am.
        me: MemberId,
    },
    /// How far I have read.
    Read {
        /// Which room.
        room: RoomId,
        /// Up to which entry.
        seq: Seq,
    },
    /// Everything of a room goes.
    Forget(RoomId),
    /// A person's card.
    Member(MemberCard),
    /// An organisation's card.
    Org(OrgCard),
    /// Who I am.
    Me(Box<Me>),
}

/// What came of a frame.
#[derive(Debug, Default)]
pub struct Taken {
    /// For the screen.
    pub changes: Vec<Change>,
    /// For the disk, in one transaction.
    pub writes: Vec<Write>,
    /// For the server.
    pub ups: Vec<Up>,
}

/// Everything this member may see, as far as it is held.
#[derive(Debug, Default)]
pub struct Replica {
    /// Who this is; `None` before the first login.
    pub me: Option<Me>,
    /// The server's id.
    pub server: Option<Hash>,
    rooms: BTreeMap<RoomId, Held>,
    outlines: BTreeMap<RoomId, Outline>,
    members: BTreeMap<MemberId, MemberCard>,
    orgs: BTreeMap<OrgId, OrgCard>,
    found: BTreeMap<OrgId, Text>,
    presence: BTreeMap<MemberId, Presence>,
    watched: BTreeSet<RoomId>,
    parts: Parts,
    resyncs: BTreeMap<RoomId, u8>,
    pending: BTreeMap<Ticket, Pending>,
}

impl Replica {
    /// A replica of this server.
    #[must_use]
    pub fn new(server: Hash) -> Self {
        Self {
            server: Some(server),
            ..Self::default()
        }
    }

    /// The rooms held, by id.
    pub fn rooms(&self) -> impl Iterator<Item = (RoomId, &Held)> {
        self.rooms.iter().map(|(id, held)| (*id, held))
    }

    /// The rooms that this member keeps, of which only the extent is known.
    pub fn outlines(&self) -> impl Iterator<Item = (RoomId, Outline)> + '_ {
        self.outlines.iter().map(|(id, outline)| (*id, *outline))
    }

    /// A room held.
    #[must_use]
    pub fn room(&self, room: RoomId) -> Option<&Held> {
        self.rooms.get(&room)
    }

    /// A person's card.
    #[must_use]
    pub fn member(&self, member: MemberId) -> Option<&MemberCard> {
        self.members.get(&member)
    }

    /// An organisation's card.
    #[must_use]
    pub fn org(&self, org: OrgId) -> Option<&OrgCard> {
        self.orgs.get(&org)
    }

    /// All people whose cards are held.
    pub fn members(&self) -> impl Iterator<Item = &MemberCard> {
        self.members.values()
    }

    /// All organisations whose cards are held.
    pub fn orgs(&self) -> impl Iterator<Item = &OrgCard> {
        self.orgs.values()
    }

    /// Whether somebody is there or writes, as last said.
    #[must_use]
    pub fn presence(&self, member: MemberId) -> Option<Presence> {
        self.presence.get(&member).copied()
    }

    /// The rule rooms that are watched.
    pub fn watched(&self) -> impl Iterator<Item = RoomId> + '_ {
        self.watched.iter().copied()
    }

    /// My id, once known.
    #[must_use]
    pub fn my_id(&self) -> Option<MemberId> {
        self.me.as_ref().map(|me| me.standing.member.id)
    }

    /// The frames that tell the server what is held: after `welcome`.
    #[must_use]
    pub fn resume(&mut self) -> Vec<Up> {
        self.parts = Parts::default();
        self.resyncs.clear();
        self.presence.clear();
        let cursors: Vec<(RoomId, Head)> = self
            .rooms
            .iter()
            .filter(|(_, held)| !held.broken)
            .map(|(id, held)| (*id, held.room.head))
            // Rooms beyond what a resume may name come whole.
            .take(limits::RESUME_FRAMES_MAX * limits::CURSORS_MAX)
            .collect();
        let mut frames: Vec<Vec<(RoomId, Head)>> = cursors
            .chunks(limits::CURSORS_MAX)
            .map(<[_]>::to_vec)
            .collect();
        let last = frames.pop().unwrap_or_default();
        frames
            .into_iter()
            .map(|cursors| Up::Resume {
                cursors,
                last: false,
            })
            .chain([Up::Resume {
                cursors: last,
                last: true,
            }])
            .collect()
    }

    /// Wants a rule room live, from what is held on.
    pub fn watch(&mut self, room: RoomId) -> Up {
        self.watched.insert(room);
        self.watch_again(room)
    }

    pub(crate) fn watch_again(&self, room: RoomId) -> Up {
        let held = self.rooms.get(&room).filter(|held| !held.broken);
        Up::Watch {
            room,
            cursor: held.map(|held| held.room.head),
        }
    }

    /// Wants it live no longer.
    pub fn unwatch(&mut self, room: RoomId) -> Up {
        self.watched.remove(&room);
        Up::Unwatch { room }
    }

    /// I have read up to here. `None` where I had before.
    pub fn seen(&mut self, room: RoomId, seq: Seq) -> Option<(Up, Write)> {
        let held = self.rooms.get_mut(&room)?;
        let seq = seq.min(held.room.head.seq);
        if seq <= held.read {
            return None;
        }
        held.read = seq;
        Some((Up::Seen { room, seq }, Write::Read { room, seq }))
    }

    /// Puts back what the store held: a room, without messages.
    pub fn restore(&mut self, room: RoomId, snapshot: Snapshot, read: Seq) {
        self.rooms.insert(room, Held::new(snapshot, read));
    }

    /// Puts back messages that the store held.
    pub fn restore_entries(&mut self, room: RoomId, entries: Vec<Logged>) {
        if let Some(held) = self.rooms.get_mut(&room) {
            held.restore(entries);
        }
    }

    /// Puts back names that the store held.
    pub fn restore_cards(&mut self, members: Vec<MemberCard>, orgs: Vec<OrgCard>) {
        self.members
            .extend(members.into_iter().map(|card| (card.id, card)));
        self.orgs
            .extend(orgs.into_iter().map(|card| (card.id, card)));
    }

    /// The time of my own last message in a room, as far as it is held.
    pub(crate) fn said(&self, room: RoomId) -> Option<Timestamp> {
        self.rooms.get(&room)?.said
    }
}
