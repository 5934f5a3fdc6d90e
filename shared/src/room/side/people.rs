//! Who sits in a Side beside its organisation's Leads: people of the same organisation, named one by one.

use super::{Event, Side};
use crate::{
    audience::{Audience, Grant},
    entry::Seq,
    id::MemberId,
    limits,
    rejection::Rejection,
    room::{Case, HandOver, Room},
    standing::{Role, Status},
};

pub(super) fn add(
    case: &Case<'_>,
    side: &Side,
    member: MemberId,
    role: Role,
) -> Result<Event, Rejection> {
    case.unmuted()?;
    case.at_least(Role::Lead)?;
    if role == Role::Admin {
        return Err(Rejection::Value {
            field: "role",
            want: "viewer, rep or lead",
        });
    }
    let fits = |card: &&crate::standing::MemberCard| {
        card.id == member && card.org == side.org && card.status == Status::Active
    };
    if !case.named.iter().any(|card| fits(&card)) {
        return Err(Rejection::NoSuchThing("member"));
    }
    if side.owner == Some(member) {
        return Err(Rejection::State("the case is theirs: they lead it"));
    }
    match seat(case.room, member) {
        Some(had) if had == role => Err(Rejection::Already("their seat")),
        None if seats(case.room) >= limits::SIDE_PEOPLE_MAX => Err(Rejection::Limit {
            field: "people",
            max: limits::SIDE_PEOPLE_MAX,
        }),
        Some(_) | None => Ok(Event::Added { member, role }),
    }
}

pub(super) fn remove(case: &Case<'_>, side: &Side, member: MemberId) -> Result<Event, Rejection> {
    case.at_least(Role::Lead)?;
    if side.owner == Some(member) {
        return Err(Rejection::State("the case is theirs: they stay"));
    }
    match seat(case.room, member) {
        Some(_) => Ok(Event::Removed { member }),
        None => Err(Rejection::NoSuchThing("member")),
    }
}

fn seat(room: &Room, member: MemberId) -> Option<Role> {
    room.audience.grants.iter().find_map(|grant| match grant {
        Grant::Member { id, role, .. } if *id == member => Some(*role),
        Grant::Member { .. } | Grant::Org { .. } | Grant::Tied { .. } | Grant::Rule { .. } => None,
    })
}

/// Whether somebody has the case, or a seat by name.
pub(crate) fn handed_over(room: &Room, side: &Side, ask: HandOver) -> Option<Event> {
    let HandOver { org, from, to } = ask;
    let has = side.owner == Some(from) || seat(room, from).is_some();
    (side.org == org && from != to && has).then_some(Event::HandedOver { from, to })
}

/// Whoever takes over leads where the other did, and as before where they led already.
pub(super) fn passed(audience: &mut Audience, side: &mut Side, from: MemberId, to: MemberId) {
    let role = |member| {
        let grants = audience.grants.iter();
        grants
            .filter_map(|grant| match grant {
                Grant::Member { id, role, .. } if *id == member => Some(*role),
                Grant::Member { .. }
                | Grant::Org { .. }
                | Grant::Tied { .. }
                | Grant::Rule { .. } => None,
            })
            .max()
    };
    let role = role(from).max(role(to)).unwrap_or(Role::Rep);
    audience.unseat(from);
    audience.seat(to, side.org, role, Seq::ZERO);
    if side.owner == Some(from) {
        side.owner = Some(to);
    }
}

fn seats(room: &Room) -> usize {
    let named = |grant: &&Grant| matches!(grant, Grant::Member { .. });
    room.audience.grants.iter().filter(named).count()
}
