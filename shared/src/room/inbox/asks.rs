//! What other rooms ask of an Inbox, and what it answers: to begin, to point somewhere, and to wait no longer.
//!
//! A room that settles something does not know whom it had pointed to it, nor at which entry: it says which of its entries
//! are open still, and an Inbox lets go of the others. Where it has none of them nothing is written.

use super::{Event, Inbox, What};
use crate::{
    ask::Ask as Asked,
    entry::{Seq, Worded},
    event,
    id::{MemberId, OrgId, RoomId},
    room::{State, Taking},
};
use std::collections::BTreeSet;

/// What other rooms ask of an Inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To begin.
    Open {
        /// Whose it is.
        member: MemberId,
        /// Of which organisation.
        org: OrgId,
    },
    /// To point to an entry. The host drops it unless the member is admitted to that room in the same transaction.
    Point {
        /// Why.
        what: What,
        /// In which room.
        room: RoomId,
        /// At which entry.
        seq: Seq,
    },
    /// To note something of a room that the member may not read: an intended crossing, with the room's id and nothing else.
    Notify {
        /// Why.
        what: What,
        /// Which room.
        room: RoomId,
    },
    /// To wait no longer for what was settled: needs of these kinds in this room, at other entries than those that are
    /// open there still. The host drops it, as it drops a pointer, unless the member is admitted to that room.
    Settle {
        /// Of which kinds.
        kinds: &'static [What],
        /// In which room.
        room: RoomId,
        /// The entries there that still wait for somebody.
        open: BTreeSet<Seq>,
    },
    /// To take the texts of a case away that was begun here: its author has erased them in its Side.
    Erase {
        /// Its Side.
        side: RoomId,
    },
}

impl Ask {
    /// The room, and the entry there, that the member has to be admitted to, or is told nothing.
    #[must_use]
    pub const fn told_of(&self) -> Option<(RoomId, Seq)> {
        match self {
            Self::Point { room, seq, .. } => Some((*room, *seq)),
            // What was pointed to is no newer than whatever settles it.
            Self::Settle { room, .. } => Some((*room, Seq(u64::MAX))),
            Self::Open { .. } | Self::Notify { .. } | Self::Erase { .. } => None,
        }
    }
}

/// What waits for people of a room, and for nobody who has no seat there any more.
const OF_SEATS: &[What] = &[
    What::TaskAssigned,
    What::TaskDue,
    What::PresenceProposed,
    What::ContactMissed,
];

/// Asks to wait no longer for what was settled in a room: see [`Ask::Settle`].
pub(crate) fn settle(
    kinds: &'static [What],
    room: RoomId,
    open: impl IntoIterator<Item = Seq>,
) -> Asked {
    Asked::Inbox(Ask::Settle {
        kinds,
        room,
        open: open.into_iter().collect(),
    })
}

impl Inbox {
    /// What is done once only these entries of a room are open.
    fn settled(&self, kinds: &[What], room: RoomId, open: &BTreeSet<Seq>) -> Vec<Event> {
        self.needs
            .iter()
            .filter(|need| need.room == room && kinds.contains(&need.what))
            .filter(|need| !open.contains(&need.seq))
            .map(|need| Event::Done { need: need.id })
            .collect()
    }

    fn waits(&self, what: What, room: RoomId) -> bool {
        self.needs
            .iter()
            .any(|need| need.what == what && need.room == room)
    }
}

pub(crate) fn take(taking: &Taking<'_>, ask: &Ask) -> Vec<Worded<event::Event>> {
    answered(taking, ask)
        .into_iter()
        .map(|event| Worded::plain(event::Event::Inbox(event)))
        .collect()
}

fn answered(taking: &Taking<'_>, ask: &Ask) -> Vec<Event> {
    let event = match (ask, &taking.room.state) {
        (Ask::Open { member, org }, State::Void) => Event::Opened {
            member: *member,
            org: *org,
        },
        (Ask::Point { what, room, seq }, State::Inbox(_)) => Event::Noted {
            what: *what,
            room: *room,
            seq: *seq,
        },
        // Many may want the same organisation: who is to invite it is told once.
        (
            Ask::Notify {
                what: What::PleaseInvite,
                room,
            },
            State::Inbox(inbox),
        ) if inbox.waits(What::PleaseInvite, *room) => return vec![],
        (Ask::Notify { what, room }, State::Inbox(inbox)) => {
            let noted = Event::Noted {
                what: *what,
                room: *room,
                seq: Seq::ZERO,
            };
            // Whoever is told that their seat is gone, or another's, learns no more by this.
            let over = if matches!(what, What::Unseated | What::HandedOn) {
                OF_SEATS
            } else {
                &[]
            };
            let mut events = inbox.settled(over, *room, &BTreeSet::new());
            events.push(noted);
            return events;
        }
        (Ask::Settle { kinds, room, open }, State::Inbox(inbox)) => {
            return inbox.settled(kinds, *room, open);
        }
        (Ask::Erase { side }, State::Inbox(inbox)) => match inbox.cases.get(side) {
            Some(began) => Event::Erased { target: *began },
            None => return vec![],
        },
        (
            Ask::Open { .. }
            | Ask::Point { .. }
            | Ask::Notify { .. }
            | Ask::Settle { .. }
            | Ask::Erase { .. },
            _,
        ) => return vec![],
    };
    vec![event]
}
