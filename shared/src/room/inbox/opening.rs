//! What a member opens from their Inbox: a case, a Direct.

use super::Event;
use crate::{
    entry::SaltedText,
    id::{MemberId, RoomId, RoomKind},
    limits,
    rejection::Rejection,
    room::{Case, State, direct, side},
    standing::{Role, Status},
};
use std::collections::BTreeSet;

/// One's seat in one's own Inbox says nothing of one's place in the organisation: the card does.
pub(super) fn open_case(
    case: &Case<'_>,
    role: Role,
    draft: &side::Draft,
    texts: &[SaltedText],
) -> Result<Event, Rejection> {
    if role < Role::Rep {
        return Err(Rejection::NeedsRole(Role::Rep));
    }
    if let State::Inbox(inbox) = &case.room.state
        && inbox.cases.len() >= limits::CASES_MAX
    {
        return Err(Rejection::Limit {
            field: "cases of yours",
            max: limits::CASES_MAX,
        });
    }
    draft.holds(texts, case.now)?;
    Ok(Event::CaseOpened {
        side: RoomId::new(RoomKind::Side, case.fresh(0)),
        draft: draft.clone(),
    })
}

pub(super) fn open_direct(
    case: &Case<'_>,
    me: MemberId,
    members: &BTreeSet<MemberId>,
) -> Result<Event, Rejection> {
    let others: Vec<_> = case
        .named
        .iter()
        .filter(|card| card.id != me && card.status == Status::Active)
        .collect();
    if members.contains(&me) || members.is_empty() || members.len() >= limits::DIRECT_MEMBERS_MAX {
        return Err(Rejection::Value {
            field: "members",
            want: "one to seven others",
        });
    }
    if others.len() != members.len() {
        return Err(Rejection::NoSuchThing("members"));
    }
    let mine = direct::Person {
        id: me,
        org: case.member()?.org,
    };
    let everyone = members.iter().copied().chain([me]).collect();
    let people = std::iter::once(mine)
        .chain(others.iter().map(|card| direct::Person {
            id: card.id,
            org: card.org,
        }))
        .collect();
    Ok(Event::DirectOpened {
        room: RoomId::direct(&everyone),
        people,
    })
}
