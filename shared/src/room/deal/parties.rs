//! The parties of a deal and their people: whom they name, what the host lets them do, and how they go.

use super::{Can, Deal, Event, PartyStatus, Responsibility, Seated, people_of, seat_all};
use crate::{
    audience::Audience,
    entry::{Seq, Slot, TextRef},
    id::{MemberId, OrgId, PublicKey, RoomId, RoomKind, digest16},
    limits,
    rejection::Rejection,
    room::{Case, HandOver, Policy, Stated},
    standing::{Role, Tie},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An organisation in a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "DealParty")]
pub struct Party {
    /// The key that its certificates start from, as it was when it came or was renewed here since: what it signs here is
    /// verified with that one.
    pub root: PublicKey,
    /// Whether it still is a party.
    pub status: PartyStatus,
    /// What it does here.
    pub responsibility: Stated<Responsibility>,
    /// What it may do beside taking part.
    pub can: Can,
    /// The entry that set that last.
    pub can_at: Seq,
    /// Its people; none once it is gone.
    pub people: BTreeMap<MemberId, Role>,
    /// When it came.
    pub joined: Timestamp,
    /// The first entry that its people see; zero for all.
    pub since: Seq,
    /// Its own room beside this one.
    pub side: RoomId,
    /// Whether it and the host have the agreement that the server may demand, as their Relation says.
    pub nda: bool,
}

/// One organisation's Side of one deal: computed, so that coming back finds it again.
#[must_use]
pub fn side_of(deal: RoomId, org: OrgId) -> RoomId {
    RoomId::new(
        RoomKind::Side,
        digest16("rialto-side-of-deal-1", &[&deal.bits(), &org.bits()]),
    )
}

pub(super) fn add_people(
    case: &Case<'_>,
    deal: &Deal,
    people: &BTreeSet<MemberId>,
    role: Role,
) -> Result<Event, Rejection> {
    let org = deal.lead(case)?;
    if role > Role::Lead {
        return Err(Rejection::Value {
            field: "role",
            want: "viewer, rep or lead",
        });
    }
    if people.is_empty() {
        return Err(Rejection::Value {
            field: "people",
            want: "one of your organisation's people or more",
        });
    }
    let people = people_of(case, org, people, |_| role)?;
    let party = deal.party(org).ok_or(Rejection::NoSuchThing("org"))?;
    let mut after = party.people.clone();
    after.extend(people.iter().map(|person| (person.id, person.role)));
    if after == party.people {
        return Err(Rejection::Already("their seat"));
    }
    if after.len() > limits::DEAL_PEOPLE_MAX {
        return Err(Rejection::Limit {
            field: "people",
            max: limits::DEAL_PEOPLE_MAX,
        });
    }
    led(&after)?;
    Ok(Event::PeopleAdded { org, people })
}

pub(super) fn remove_people(
    case: &Case<'_>,
    deal: &Deal,
    people: &BTreeSet<MemberId>,
) -> Result<Event, Rejection> {
    let org = deal.lead(case)?;
    let party = deal.party(org).ok_or(Rejection::NoSuchThing("org"))?;
    let known = people.iter().all(|id| party.people.contains_key(id));
    if people.is_empty() || !known {
        return Err(Rejection::NoSuchThing("people"));
    }
    let mut after = party.people.clone();
    after.retain(|id, _| !people.contains(id));
    led(&after)?;
    Ok(Event::PeopleRemoved {
        org,
        people: people.iter().copied().collect(),
    })
}

/// A party that nobody leads could neither sign nor go.
fn led(people: &BTreeMap<MemberId, Role>) -> Result<(), Rejection> {
    if people.values().any(|role| *role >= Role::Lead) {
        return Ok(());
    }
    Err(Rejection::State(
        "your organisation would have nobody to lead it here: name another lead first, or withdraw it",
    ))
}

pub(super) fn leave(case: &Case<'_>, deal: &Deal) -> Result<Event, Rejection> {
    let who = case.member()?;
    let (org, member) = (who.org, who.id);
    if deal.called.contains_key(&member) {
        return Ok(Event::Left { org, member });
    }
    if deal.manages(case) {
        return Err(Rejection::State(
            "you are here by the vendor's presence, not by a seat of your own",
        ));
    }
    let party = deal.party(deal.own(case)?);
    let mut after = party.ok_or(Rejection::NoSuchThing("org"))?.people.clone();
    after.remove(&member);
    led(&after)?;
    Ok(Event::Left { org, member })
}

pub(super) fn withdraw(case: &Case<'_>, deal: &Deal) -> Result<Event, Rejection> {
    let org = deal.lead(case)?;
    if org == deal.host {
        return Err(Rejection::State(
            "the host stays: end the deal as won or lost instead",
        ));
    }
    let people = people_here(deal, org)?;
    Ok(Event::Withdrawn { org, people })
}

pub(super) fn remove_party(case: &Case<'_>, deal: &Deal, org: OrgId) -> Result<Event, Rejection> {
    deal.host_lead(case)?;
    if org == deal.host {
        return Err(Rejection::State(
            "the host stays: end the deal as won or lost instead",
        ));
    }
    let people = people_here(deal, org)?;
    Ok(Event::PartyRemoved { org, people })
}

fn people_here(deal: &Deal, org: OrgId) -> Result<Vec<MemberId>, Rejection> {
    let party = deal.party(org).ok_or(Rejection::NoSuchThing("org"))?;
    Ok(party.people.keys().copied().collect())
}

pub(super) fn allow(
    case: &Case<'_>,
    deal: &Deal,
    org: OrgId,
    can: Can,
    at: Seq,
) -> Result<Event, Rejection> {
    deal.host_lead(case)?;
    let party = deal.party(org).filter(|_| org != deal.host);
    let party = party.ok_or(Rejection::NoSuchThing("org"))?;
    if party.can_at != at {
        return Err(Rejection::Stale(party.can_at));
    }
    if party.can == can {
        return Err(Rejection::Already("what the party may do"));
    }
    Ok(Event::Allowed { org, can })
}

pub(super) fn responsible(
    case: &Case<'_>,
    deal: &Deal,
    responsibility: Responsibility,
    at: Seq,
) -> Result<Event, Rejection> {
    let org = deal.lead(case)?;
    let party = deal.party(org).ok_or(Rejection::NoSuchThing("org"))?;
    if (responsibility == Responsibility::Vendor) != case.standing()?.vendor() {
        return Err(Rejection::Value {
            field: "responsibility",
            want: "vendor for the vendor, one of the others for everyone else",
        });
    }
    party.responsibility.unchanged_since(at)?;
    if party.responsibility.value == Some(responsibility) {
        return Err(Rejection::Already("responsibility"));
    }
    Ok(Event::ResponsibilitySet {
        org,
        responsibility,
    })
}

/// Whether the tie of this case holds the agreement that a policy speaks of.
pub(super) fn agreed_now(case: &Case<'_>) -> bool {
    case.tie
        .is_some_and(|tie| tie.agreements.contains(&Policy::AGREEMENT))
}

pub(super) fn recheck(case: &Case<'_>, deal: &Deal, org: OrgId) -> Result<Event, Rejection> {
    deal.host_lead(case)?;
    let nda = agreed_now(case);
    match noted(deal, org) {
        Some(was) if was != nda => Ok(Event::Agreed { org, nda }),
        Some(_) => Err(Rejection::Already("what is known of the agreement")),
        None => Err(Rejection::NoSuchThing("org")),
    }
}

/// What is noted of the agreement with an organisation that is a party or invited; the host has none with itself.
fn noted(deal: &Deal, org: OrgId) -> Option<bool> {
    if org == deal.host {
        return None;
    }
    let party = deal.party(org).map(|party| party.nda);
    party.or_else(|| deal.invitations.get(&org).map(|open| open.nda))
}

/// What changed between the host and another, as their tie says now; nothing where it is as it was noted.
pub(super) fn tied(deal: &Deal, with: [OrgId; 2], tie: Option<&Tie>) -> Option<Event> {
    let other = match with {
        [host, other] | [other, host] if host == deal.host => other,
        _ => return None,
    };
    let nda = tie.is_some_and(|tie| tie.agreements.contains(&Policy::AGREEMENT));
    noted(deal, other)
        .filter(|was| *was != nda)
        .map(|_| Event::Agreed { org: other, nda })
}

pub(super) fn seat(audience: &mut Audience, deal: &mut Deal, org: OrgId, people: &[Seated]) {
    if let Some(party) = deal.parties.get_mut(&org) {
        party
            .people
            .extend(people.iter().map(|person| (person.id, person.role)));
        seat_all(audience, org, party, people);
        people.iter().for_each(|person| {
            deal.called.remove(&person.id);
        });
    }
}

pub(super) fn unseat(audience: &mut Audience, deal: &mut Deal, org: OrgId, people: &[MemberId]) {
    for member in people {
        audience.unseat(*member);
        deal.called.remove(member);
        if let Some(party) = deal.parties.get_mut(&org) {
            party.people.remove(member);
        }
        deal.tasks.free(*member);
    }
}

/// Whether somebody has a seat here for their party. Whom a party called by name from the vendor it signed for: that is no
/// party's seat, and stays.
pub(crate) fn handed_over(deal: &Deal, ask: HandOver) -> Option<Event> {
    let HandOver { org, from, to } = ask;
    let party = deal.party(org)?;
    let has = party.people.contains_key(&from) && from != to;
    has.then_some(Event::HandedOver { org, from, to })
}

/// Puts one in the other's place. The role is the higher of both: nobody loses what they had here.
pub(super) fn passed(
    audience: &mut Audience,
    deal: &mut Deal,
    seq: Seq,
    org: OrgId,
    (from, to): (MemberId, MemberId),
) {
    let Some(party) = deal.parties.get_mut(&org) else {
        return;
    };
    let had = party.people.remove(&from);
    let Some(role) = had.max(party.people.get(&to).copied()) else {
        return;
    };
    party.people.insert(to, role);
    audience.unseat(from);
    audience.seat(to, org, role, party.since);
    deal.called.remove(&to);
    deal.tasks.passed(seq, from, to);
    let theirs = deal.invitations.values_mut();
    theirs
        .filter(|open| open.inviter == from)
        .for_each(|open| open.inviter = to);
}

pub(super) fn gone(audience: &mut Audience, deal: &mut Deal, org: OrgId, status: PartyStatus) {
    let people: Vec<MemberId> = deal
        .parties
        .get(&org)
        .map(|party| party.people.keys().copied().collect())
        .unwrap_or_default();
    unseat(audience, deal, org, &people);
    if let Some(party) = deal.parties.get_mut(&org) {
        party.status = status;
    }
    deal.tasks.hand_over(org, deal.host);
    // Another set of parties would have to sign: it is proposed anew.
    deal.proposal = None;
}

pub(super) fn allowed(deal: &mut Deal, org: OrgId, can: Can, seq: Seq) {
    if let Some(party) = deal.parties.get_mut(&org) {
        (party.can, party.can_at) = (can, seq);
    }
}

pub(super) fn responsibility_set(
    deal: &mut Deal,
    org: OrgId,
    responsibility: Responsibility,
    seq: Seq,
) {
    if let Some(party) = deal.parties.get_mut(&org) {
        party.responsibility = Stated::new(seq, responsibility);
    }
}

pub(super) fn agreed(deal: &mut Deal, org: OrgId, nda: bool) {
    if let Some(party) = deal.parties.get_mut(&org) {
        party.nda = nda;
    }
    if let Some(open) = deal.invitations.get_mut(&org) {
        open.nda = nda;
    }
}

/// A text of this entry, as the state refers to it.
pub(super) const fn text(seq: Seq, slot: Slot) -> TextRef {
    TextRef { seq, slot }
}
