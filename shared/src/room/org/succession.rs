//! An admin whom the vendor seats in an organisation whose own cannot be reached: a last admin may be gone for good, and
//! nobody else there can make another.
//!
//! What an admin may do is much, so it happens neither overnight nor unseen: everybody in the organisation is told, and for
//! [`limits::SUCCESSION_NOTICE`] any of them may object, which ends it. Then a clock seats whom it was announced for. A person
//! of the organisation signs as an admin with the certificates that they have, which its root key vouched for. Where nobody has
//! that key any more they make a new one, as whoever is invited does by joining: see [`super::renewal`].
//!
//! Only a signature of an admin of the vendor's announces anybody, not the operator. Whoever the vendor suspends could not
//! object: an organisation that is suspended has nobody announced, and what was announced before is over.

use super::{Event, Invitation, Org, invitation::member_of};
use crate::{
    ask::{Address, Ask as Asked},
    entry::{Entry, Seq, Worded},
    event,
    id::{Hash, MemberId, OrgId, RoomId},
    limits,
    rejection::Rejection,
    room::{Case, Room, State, inbox},
    standing::{OrgKind, Role, Status},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Whom the vendor seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Successor {
    /// A person of the organisation.
    Member(MemberId),
    /// Whoever comes by this invitation, once it is open.
    Invited(Invitation),
}

/// An announced admin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Succession {
    /// Whom.
    pub successor: Successor,
    /// When they are seated.
    pub from: Timestamp,
    /// The entry that announced it.
    pub at: Seq,
    /// Whether it was put off; it is at most once.
    pub put_off: bool,
}

/// Why nobody comes yet by the link of an announced admin.
pub(super) const NOT_YET: Rejection =
    Rejection::State("not yet: its people are told 72 hours before, and may object");

impl Org {
    /// Why this code lets nobody in yet, where it is an announced admin's.
    #[must_use]
    pub fn not_yet(&self, code: Hash) -> Option<Rejection> {
        let announced = self.succession.as_ref();
        let theirs = announced.is_some_and(
            |open| matches!(&open.successor, Successor::Invited(one) if one.code == code),
        );
        theirs.then_some(NOT_YET)
    }

    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.succession.as_ref().map(|open| open.from)
    }
}

/// Refuses the operator an admin of their own in a partner that somebody has claimed: from outside, one comes by the door that
/// tells everybody there.
pub(super) fn not_overnight(org: &Org, role: Role) -> Result<(), Rejection> {
    if role == Role::Admin && org.kind == OrgKind::Partner && org.root.is_some() {
        return Err(Rejection::State(
            "its own admins make admins; where they cannot be reached, an admin of the vendor's seats one: rialto org seat-admin ORG",
        ));
    }
    Ok(())
}

fn person(org: &Org, member: MemberId) -> bool {
    let person = org.people.get(&member);
    person.is_some_and(|person| person.status == Status::Active && person.role != Role::Admin)
}

/// What the vendor asked for, as it becomes true here: the last word holds, and the time begins anew with it. The vendor is not
/// told who is a person here: who is none is announced to nobody.
pub(super) fn announce(org: &Org, successor: &Successor, now: Timestamp) -> Option<Event> {
    let fits = match successor {
        Successor::Member(member) => person(org, *member),
        Successor::Invited(_) => true,
    };
    let hears = org.root.is_some() && org.status == Status::Active;
    (fits && hears).then(|| Event::SuccessorAnnounced {
        successor: successor.clone(),
        from: now + limits::SUCCESSION_NOTICE,
    })
}

/// Anybody of the organisation may: whoever is there after all, or knows better.
pub(super) fn object(case: &Case<'_>, org: &Org, at: Seq) -> Result<Event, Rejection> {
    case.member()?;
    let open = org.succession.as_ref();
    let open = open.ok_or(Rejection::State(
        "the vendor seats nobody here: there is nothing to object to",
    ))?;
    if open.at != at {
        return Err(Rejection::Stale(open.at));
    }
    Ok(Event::SuccessorRefused {})
}

fn ran_out(room: &Room, now: Timestamp) -> Option<&Succession> {
    let State::Org(org) = &room.state else {
        return None;
    };
    org.succession.as_ref().filter(|open| open.from <= now)
}

/// Whom it was announced for is seated. Where it is a person who went meanwhile, or is an admin already, it is over.
pub(crate) fn fire(room: &Room, now: Timestamp) -> Vec<Worded<event::Event>> {
    let State::Org(org) = &room.state else {
        return vec![];
    };
    let event = |open: &Succession| match &open.successor {
        Successor::Member(member) if !person(org, *member) => Event::SuccessionLapsed {},
        successor @ (Successor::Member(_) | Successor::Invited(_)) => Event::SuccessorSeated {
            successor: successor.clone(),
        },
    };
    events(ran_out(room, now).map(event))
}

/// It runs out while the server was down, when nobody could object: they have an hour more.
pub(crate) fn extend(room: &Room, now: Timestamp) -> Vec<Worded<event::Event>> {
    let open = ran_out(room, now).filter(|open| !open.put_off);
    events(open.map(|_| Event::SuccessionPutOff {
        from: now + limits::SUCCESSION_EXTENSION_SPAN,
    }))
}

fn events(event: Option<Event>) -> Vec<Worded<event::Event>> {
    let event = event.map(|event| Worded::plain(event::Event::Org(event)));
    event.into_iter().collect()
}

pub(super) fn apply(org: &mut Org, at: Seq, event: &Event) {
    if let Event::SuccessorAnnounced { successor, from } = event {
        org.succession = Some(Succession {
            successor: successor.clone(),
            from: *from,
            at,
            put_off: false,
        });
        org.heir = None;
    } else if let Event::SuccessionPutOff { from } = event {
        if let Some(open) = &mut org.succession {
            (open.from, open.put_off) = (*from, true);
        }
    } else if matches!(
        event,
        Event::SuccessorRefused {} | Event::SuccessionLapsed {}
    ) {
        org.succession = None;
    } else if let Event::SuccessorSeated { successor } = event {
        org.succession = None;
        match successor {
            Successor::Member(member) => {
                let theirs = org.people.entry(*member);
                theirs.and_modify(|person| (person.role, person.at) = (Role::Admin, at));
                org.heir = Some(*member);
            }
            Successor::Invited(invitation) => {
                org.invitations.insert(invitation.code, invitation.clone());
                org.heir = Some(member_of(invitation.code));
            }
        }
    }
}

/// Everybody in the organisation is told; and the vendor's admins, that theirs is not wanted.
pub(super) fn react(org: &Org, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let everybody = Address::Roles {
        org: org.id,
        min_role: Role::Viewer,
    };
    let over = over(org, entry);
    let told = |what| {
        let point = inbox::Ask::Point {
            what,
            room: entry.room,
            seq: entry.seq,
        };
        (everybody, Asked::Inbox(point))
    };
    if let Event::SuccessorAnnounced { .. } = event {
        return vec![over, told(inbox::What::SuccessorAnnounced)];
    }
    if let Event::SuccessorSeated { .. } = event {
        return vec![over, told(inbox::What::SuccessorSeated)];
    }
    if let Event::SuccessorRefused {} = event {
        return vec![over, not_wanted(org.id)];
    }
    if let Event::SuccessionLapsed {} = event {
        return vec![over];
    }
    vec![]
}

/// Nobody there is asked any more what they say to it.
pub(super) fn over(org: &Org, entry: &Entry) -> (Address, Asked) {
    let everybody = Address::Roles {
        org: org.id,
        min_role: Role::Viewer,
    };
    let kinds = &[inbox::What::SuccessorAnnounced];
    (everybody, inbox::settle(kinds, entry.room, []))
}

fn not_wanted(org: OrgId) -> (Address, Asked) {
    let vendor = Address::Vendor {
        min_role: Role::Admin,
        alliance_only: false,
    };
    let ask = inbox::Ask::Notify {
        what: inbox::What::SuccessorRefused,
        room: RoomId::profile(org),
    };
    (vendor, Asked::Inbox(ask))
}
