//! How the vendor is present in a deal: as every party signed, and in no other way.

use super::{Deal, Event, Presence};
use crate::{
    audience::{Audience, Grant, Rule},
    entry::{Head, Seq, Slot},
    id::{MemberId, OrgId},
    limits,
    rejection::Rejection,
    room::{Case, Stated},
    standing::{Role, Status},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whoever is no active alliance manager is answered alike: somebody else's person, a suspended one, nobody.
const NO_MANAGERS: Rejection = Rejection::Value {
    field: "members",
    want: "one or more of the vendor's alliance managers: its profile names whom to call",
};

/// A presence that is proposed and not signed by all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Proposal {
    /// The entry that proposed it: what each party signs.
    pub entry: Head,
    /// Which presence.
    pub to: Presence,
    /// The parties that have signed, the one that proposed it included.
    pub signed: BTreeSet<OrgId>,
    /// When it lapses.
    pub until: Timestamp,
}

/// What follows when these parties have signed: the presence, once they are all.
fn settled(deal: &Deal, to: Presence, signed: &BTreeSet<OrgId>) -> Option<Event> {
    let all = deal.active().all(|(org, _)| signed.contains(&org));
    let dismissed = match to {
        Presence::InRoom | Presence::OnCall => vec![],
        Presence::NotPresent => deal.called.keys().copied().collect(),
    };
    all.then_some(Event::PresenceSet { to, dismissed })
}

pub(super) fn propose(case: &Case<'_>, deal: &Deal, to: Presence) -> Result<Vec<Event>, Rejection> {
    let org = deal.lead(case)?;
    if deal.presence.value == Some(to) {
        return Err(Rejection::Already("presence"));
    }
    if deal.proposal.is_some() {
        return Err(Rejection::State(
            "another presence is proposed already: sign that one, or wait until it lapses",
        ));
    }
    let proposed = Event::PresenceProposed {
        org,
        to,
        until: case.now + limits::DEAL_PRESENCE_SPAN,
    };
    let settled = settled(deal, to, &BTreeSet::from([org]));
    Ok(std::iter::once(proposed).chain(settled).collect())
}

pub(super) fn sign(case: &Case<'_>, deal: &Deal, proposal: Seq) -> Result<Vec<Event>, Rejection> {
    let org = deal.lead(case)?;
    let open = deal
        .proposal
        .as_ref()
        .filter(|open| open.entry.seq == proposal && open.until > case.now)
        .ok_or(Rejection::State("this proposal is no longer open"))?;
    let mut signed = open.signed.clone();
    if !signed.insert(org) {
        return Err(Rejection::Already("your organisation's signature"));
    }
    let settled = settled(deal, open.to, &signed);
    Ok(std::iter::once(Event::PresenceSigned { org, proposal })
        .chain(settled)
        .collect())
}

pub(super) fn call(
    case: &Case<'_>,
    deal: &Deal,
    members: &BTreeSet<MemberId>,
) -> Result<Event, Rejection> {
    case.unmuted()?;
    let org = deal.lead(case)?;
    if deal.presence.value == Some(Presence::InRoom) {
        return Err(Rejection::State(
            "the vendor's alliance managers are in this room already",
        ));
    }
    let managers = case
        .named
        .iter()
        .filter(|card| card.alliance && card.status == Status::Active)
        .filter(|card| members.contains(&card.id));
    let vendor = managers.clone().next().map(|card| card.org);
    let vendor = vendor.ok_or(NO_MANAGERS)?;
    if managers.filter(|card| card.org == vendor).count() != members.len() {
        return Err(NO_MANAGERS);
    }
    let hosted = deal.party(vendor);
    let here = |id: &MemberId| {
        deal.called.contains_key(id) || hosted.is_some_and(|party| party.people.contains_key(id))
    };
    if members.iter().any(here) {
        return Err(Rejection::Already("the seat of one of them"));
    }
    if deal.called.len() + members.len() > limits::DEAL_CALLED_MAX {
        return Err(Rejection::Limit {
            field: "alliance managers on call",
            max: limits::DEAL_CALLED_MAX,
        });
    }
    let (members, words) = (members.iter().copied().collect(), Slot(0));
    Ok(if deal.presence.value == Some(Presence::OnCall) {
        Event::VendorCalled {
            org,
            vendor,
            members,
            words,
        }
    } else {
        Event::VendorAsked {
            org,
            vendor,
            members,
            words,
        }
    })
}

impl Proposal {
    /// A proposal by this party, which has signed it with that.
    pub(super) fn by(org: OrgId, entry: Head, to: Presence, until: Timestamp) -> Self {
        Self {
            entry,
            to,
            signed: BTreeSet::from([org]),
            until,
        }
    }
}

pub(super) fn signed(deal: &mut Deal, org: OrgId) {
    if let Some(open) = &mut deal.proposal {
        open.signed.insert(org);
    }
}

/// Lets the alliance managers in by rule, from this entry on, or takes that rule away.
pub(super) fn admit(audience: &mut Audience, presence: Presence, since: Seq) {
    audience
        .grants
        .retain(|grant| !matches!(grant, Grant::Rule { .. }));
    if presence == Presence::InRoom {
        audience.grants.push(Grant::Rule {
            rule: Rule::Alliance,
            role: Role::Lead,
            since,
        });
    }
}

pub(super) fn set(audience: &mut Audience, deal: &mut Deal, seq: Seq, to: Presence) {
    deal.presence = Stated::new(seq, to);
    deal.proposal = None;
    admit(audience, to, seq);
    if to == Presence::NotPresent {
        let called = std::mem::take(&mut deal.called);
        called.keys().for_each(|member| audience.unseat(*member));
    }
}

pub(super) fn called(
    audience: &mut Audience,
    deal: &mut Deal,
    seq: Seq,
    vendor: OrgId,
    members: &[MemberId],
) {
    for member in members {
        audience.seat(*member, vendor, Role::Lead, seq);
        deal.called.insert(*member, vendor);
    }
}
