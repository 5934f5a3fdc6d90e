//! A change of hands: what a person of an organisation has in a room goes to a colleague.
//!
//! An organisation's admin asks for it in the organisation's own room, which names no other; the host knows the rooms in
//! which the person sits, and each says by an entry of its own what changed there. So an admin hands over what they may
//! not read, and learns nothing of it; whoever is in the room sees who is in charge from there on.

use super::{Room, State, deal, referral, side};
use crate::{
    ask::{Address, Ask as Asked},
    entry::{Entry, Worded},
    event::Event,
    id::{MemberId, OrgId, RoomId},
    room::inbox,
};

/// Who hands over to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandOver {
    /// The organisation that both are of.
    pub org: OrgId,
    /// Who had it.
    pub from: MemberId,
    /// Who has it now.
    pub to: MemberId,
}

/// What changes hands in a room, if anything does: asked again, nothing is left to change.
pub(crate) fn take(room: &Room, ask: HandOver) -> Vec<Worded<Event>> {
    let event = match &room.state {
        State::Side(side) => side::handed_over(room, side, ask).map(Event::Side),
        State::Referral(referral) => referral::handed_over(referral, ask).map(Event::Referral),
        State::Deal(deal) => deal::handed_over(deal, ask).map(Event::Deal),
        State::Void
        | State::Org(_)
        | State::Inbox(_)
        | State::Channel(_)
        | State::Direct(_)
        | State::Profile(_)
        | State::Relation(_)
        | State::Record(_) => None,
    };
    event.map(Worded::plain).into_iter().collect()
}

/// Whoever has it now is pointed to it; for whoever had it nothing waits there any more.
pub(crate) fn told(entry: &Entry, from: MemberId, to: MemberId) -> Vec<(Address, Asked)> {
    let point = inbox::Ask::Point {
        what: inbox::What::HandedOver,
        room: entry.room,
        seq: entry.seq,
    };
    let gone = inbox::Ask::Notify {
        what: inbox::What::HandedOn,
        room: entry.room,
    };
    let author = entry.author.member();
    [(to, point), (from, gone)]
        .into_iter()
        .filter(|(member, _)| Some(*member) != author)
        .map(|(member, ask)| (Address::inbox(member), Asked::Inbox(ask)))
        .collect()
}

/// The kinds of room in which something can be in somebody's hands.
#[must_use]
pub const fn concerns(room: RoomId) -> bool {
    use crate::id::RoomKind;
    matches!(
        room.kind(),
        RoomKind::Side | RoomKind::Referral | RoomKind::Deal
    )
}
