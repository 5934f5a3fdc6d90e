//! The root keys that organisations' certificates start from, as a room records them.
//!
//! A room's entries give each organisation's root key, or show it by a statement whose certificates start there: the first one
//! holds. Where somebody whom the vendor seated has made an organisation a new one, its own room says so, and no statement
//! starts from the old one any more. Every other room says so just before the first entry that rests on the new key there, and
//! no earlier: nothing goes round, and whoever shares no room with the organisation is told nothing.

use super::{Room, State, org, record, side};
use crate::{
    ask::{Address, Ask as Asked},
    entry::Entry,
    event::{self, roots},
    id::{OrgId, PublicKey, RoomId},
    statement::Statement,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The root keys that a room records of each organisation, the present one last; at most
/// [`crate::limits::ORG_ROOTS_MAX`] of one organisation.
pub type Roots = BTreeMap<OrgId, Vec<PublicKey>>;

/// What became true.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
    schemars::JsonSchema,
)]
#[schemars(rename = "KeyEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// From here on an organisation's certificates start from another root key, and from the old one no longer.
    Renewed {
        /// Whose.
        org: OrgId,
        /// The new one.
        root: PublicKey,
    },
}

/// The organisation that a statement binds, and the key that its certificates start from.
fn start(statement: Option<&Statement>) -> Option<(OrgId, PublicKey)> {
    let first = statement?.chain.first()?;
    Some((first.org, first.issuer))
}

/// The entry of another room that this one keeps.
#[must_use]
pub const fn kept(event: &event::Event) -> Option<&String> {
    if let event::Event::Record(record::Event::Kept { entry, .. })
    | event::Event::Side(side::Event::Kept { entry }) = event
    {
        Some(entry)
    } else {
        None
    }
}

/// The root keys that an entry gives or shows, and those of the entry that it keeps of another room.
fn shown(
    room: RoomId,
    event: &event::Event,
    statement: Option<&Statement>,
) -> Vec<(OrgId, PublicKey)> {
    let copy = kept(event).and_then(|copy| Entry::decode(copy.as_bytes()).ok());
    let within = copy.iter().flat_map(|copy| {
        let given = roots(copy.room, &copy.event).into_iter();
        given.chain(start(copy.statement.as_deref()))
    });
    let given = roots(room, event).into_iter().chain(start(statement));
    given.chain(within).collect()
}

/// What a room says before an entry that rests on another root key than the one on record there: that it is the organisation's
/// from here on. Nothing in almost all cases. Whoever puts entries into rooms asks this before each one, and puts what is
/// answered there first, by rule and with no statement.
#[must_use]
pub fn renewals(
    room: &Room,
    id: RoomId,
    event: &event::Event,
    statement: Option<&Statement>,
) -> Vec<Event> {
    let mut renewed: Vec<Event> = vec![];
    for (org, root) in shown(id, event, statement) {
        let held = room.roots.get(&org);
        let fresh = Event::Renewed { org, root };
        if held.is_some_and(|held| !held.contains(&root)) && !renewed.contains(&fresh) {
            renewed.push(fresh);
        }
    }
    renewed
}

/// The root keys that an organisation's certificates started from before the present one, as its own room records them,
/// oldest first.
#[must_use]
pub fn former(own: &Room, org: OrgId) -> Vec<PublicKey> {
    let had = own.roots.get(&org).and_then(|had| had.split_last());
    had.map_or(vec![], |(_, former)| former.to_vec())
}

/// Takes the root keys that an entry gives or shows: the first of each organisation.
pub(super) fn note(room: &mut Room, entry: &Entry) {
    for (org, root) in shown(entry.room, &entry.event, entry.statement.as_deref()) {
        room.roots.entry(org).or_insert_with(|| vec![root]);
    }
}

pub(super) fn apply(room: &mut Room, event: &Event) {
    let Event::Renewed { org, root } = event;
    let held = room.roots.entry(*org).or_default();
    held.retain(|known| known != root);
    held.push(*root);
    match &mut room.state {
        State::Org(state) => org::renew(state, *org, *root),
        State::Profile(profile) if profile.org == *org => profile.root = Some(*root),
        State::Relation(relation) => {
            let parties = relation.parties.iter_mut();
            let theirs = parties.filter(|party| party.org == *org);
            theirs.for_each(|party| party.root = *root);
        }
        State::Referral(referral) => {
            if referral.from.org == *org {
                referral.from.root = *root;
            }
            if referral.to == *org {
                referral.to_root = referral.to_root.map(|_| *root);
            }
        }
        State::Deal(deal) => deal.renew(*org, *root),
        State::Void
        | State::Inbox(_)
        | State::Channel(_)
        | State::Direct(_)
        | State::Profile(_)
        | State::Side(_)
        | State::Record(_) => {}
    }
}

pub(super) fn react(room: &Room, event: &Event) -> Vec<(Address, Asked)> {
    let Event::Renewed { org, root } = event;
    match &room.state {
        State::Org(state) if state.id == *org => org::shows_root(state, *root),
        State::Org(_)
        | State::Void
        | State::Inbox(_)
        | State::Channel(_)
        | State::Direct(_)
        | State::Profile(_)
        | State::Relation(_)
        | State::Side(_)
        | State::Referral(_)
        | State::Deal(_)
        | State::Record(_) => vec![],
    }
}
