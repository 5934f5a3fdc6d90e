//! What other rooms ask of an organisation about connecting, answered: a Side's offer to a stranger, another organisation's
//! knock, and the answer to one's own.

use super::{Preference, Take};
use crate::{
    entry::Slot,
    id::{OrgId, PublicKey, RoomId},
    limits,
    room::org::{Event, Org},
    time::Timestamp,
};

/// A Side offers a referral to a stranger. Its offer was judged there, by this organisation's bounds too
/// ([`Org::may_ask`]).
pub(in crate::room::org) fn ask_too(
    org: &Org,
    to: OrgId,
    referral: RoomId,
    now: Timestamp,
) -> Option<Event> {
    let before = org.request(to, now);
    let again = before.is_some_and(|request| request.referral == Some(referral));
    let stranger = to != org.id && !org.connections.contains(&to);
    let may = org.root.is_some() && stranger && !again && org.may_ask(to, now).is_ok();
    may.then_some(Event::Asked {
        to,
        words: Slot(0),
        referral: Some(referral),
        until: now + limits::CONNECT_SPAN,
    })
}

/// That offer was withdrawn.
pub(in crate::room::org) fn withdraw_too(org: &Org, to: OrgId, referral: RoomId) -> Option<Event> {
    let request = org.asked.get(&to)?;
    (request.referral == Some(referral)).then_some(Event::Withdrawn { to })
}

/// Another organisation knocks. Not being heard yields nothing at all.
pub(in crate::room::org) fn hear(
    org: &Org,
    from: OrgId,
    root: PublicKey,
    referral: Option<RoomId>,
    now: Timestamp,
) -> Option<Event> {
    let deaf = from == org.id || org.connections.contains(&from) || org.excluded.contains(&from);
    let again = org
        .knock(from, now)
        .is_some_and(|knock| referral.is_none() || knock.referral == referral);
    if deaf || again {
        return None;
    }
    if org.root.is_some() && org.request(from, now).is_some() {
        return Some(Event::Met {
            from,
            root,
            words: Slot(0),
            referral,
        });
    }
    let others = org
        .knocked
        .iter()
        .filter(|(other, knock)| **other != from && knock.until > now)
        .count();
    let denied = org.preference.value.unwrap_or_default() == Preference::DenyAll;
    if denied || others >= limits::KNOCKS_MAX {
        return None;
    }
    Some(Event::Knocked {
        from,
        root,
        words: Slot(0),
        referral,
        until: now + limits::CONNECT_SPAN,
    })
}

/// A request was answered. The connection is a fact of the Relation by now; a decline is one of an open request only.
pub(in crate::room::org) fn learn(
    org: &Org,
    by: OrgId,
    take: Take,
    root: PublicKey,
) -> Option<Event> {
    let (news, connected) = match take {
        Take::Both | Take::Connection => (!org.connections.contains(&by), true),
        Take::Neither => (org.asked.contains_key(&by), false),
    };
    let root = Some(root).filter(|_| connected);
    news.then_some(Event::Answered { by, take, root })
}
