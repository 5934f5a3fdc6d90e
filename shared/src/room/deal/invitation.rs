//! Inviting an organisation into a deal, and its answer.
//!
//! The invited organisation sees who asks and the message, in its own room, and nothing of the deal. Its answer is judged
//! on the deal, and whoever gives it learns at most: expired, revoked, not now.

use super::{
    Accepted, Can, Command, Deal, DeclineReason, Event, Invited, Party, PartyStatus,
    Responsibility, opening, parties, side_of,
};
use crate::{
    audience::Audience,
    entry::{Entry, Seq, Slot, TextRef},
    event,
    id::{Hash, MemberId, OrgId},
    limits,
    rejection::Rejection,
    room::{Case, Policy, Stated},
    standing::{OrgKind, Role, Status},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An open invitation of one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "DealInvitationOpen")]
pub struct Invitation {
    /// The entry that invited it.
    pub at: Seq,
    /// What that entry says, which the answer names and signs: [`event::matter`].
    pub matter: Hash,
    /// Who invited it.
    pub inviter: MemberId,
    /// For which party.
    pub from: OrgId,
    /// What it is to do here.
    pub responsibility: Responsibility,
    /// Whether it sees what was written before it came.
    pub history: bool,
    /// What it may do beside taking part.
    pub can: Can,
    /// Whether host and invited organisation have the agreement that the server may demand.
    pub nda: bool,
    /// The message that it sees.
    pub message: TextRef,
    /// When it is over.
    pub until: Timestamp,
}

pub(super) fn invite(case: &Case<'_>, deal: &Deal, command: &Command) -> Result<Event, Rejection> {
    let Command::Invite {
        org,
        responsibility,
        history,
        can,
    } = command
    else {
        return Err(Rejection::NotHere("such an invitation"));
    };
    case.unmuted()?;
    let own = deal.lead(case)?;
    let allowed = deal.party(own).is_some_and(|party| party.can.invite);
    if !allowed {
        return Err(Rejection::Only(
            "the leads of the host, and of parties that the host lets invite,",
        ));
    }
    // Nobody hands out more than they have.
    if *can != Can::default() {
        deal.host_lead(case)?;
    }
    if *responsibility == Responsibility::Vendor {
        return Err(Rejection::Value {
            field: "responsibility",
            want: "one of a partner's: the vendor comes by its presence, or by a call",
        });
    }
    invitable(case, deal, *org)?;
    agreed(case, deal, own)?;
    Ok(Event::Invited(Invited {
        org: *org,
        responsibility: *responsibility,
        history: *history,
        can: *can,
        nda: own == deal.host && parties::agreed_now(case),
        message: Slot(0),
        until: case.now + limits::DEAL_INVITATION_SPAN,
    }))
}

fn invitable(case: &Case<'_>, deal: &Deal, org: OrgId) -> Result<(), Rejection> {
    let card = case.other.filter(|card| card.status == Status::Active);
    let card = card.ok_or(Rejection::NoSuchThing("org"))?;
    if card.kind == OrgKind::Vendor {
        return Err(Rejection::State(
            "the vendor is not invited: propose its presence, or call its alliance managers",
        ));
    }
    if card.root.is_none() {
        return Err(Rejection::State(
            "nobody has claimed this organisation yet: ask the vendor to invite its first admin",
        ));
    }
    if deal.party(org).is_some() {
        return Err(Rejection::Already("the party"));
    }
    if deal.invitations.contains_key(&org) {
        return Err(Rejection::Already("the invitation"));
    }
    if deal.active().count() + deal.invitations.len() >= limits::DEAL_PARTIES_MAX {
        return Err(Rejection::Limit {
            field: "parties, with those invited",
            max: limits::DEAL_PARTIES_MAX,
        });
    }
    let ever: BTreeSet<&OrgId> = deal
        .parties
        .keys()
        .chain(deal.invitations.keys())
        .chain([&org])
        .collect();
    if ever.len() > limits::DEAL_PARTIES_EVER_MAX {
        return Err(Rejection::Limit {
            field: "parties, with those that went",
            max: limits::DEAL_PARTIES_EVER_MAX,
        });
    }
    Ok(())
}

/// Refuses where the policy demands an agreement: for any invitation, or because coming in shows the value.
fn agreed(case: &Case<'_>, deal: &Deal, own: OrgId) -> Result<(), Rejection> {
    if !demanded(case.policy, deal) {
        return Ok(());
    }
    // The agreement is between host and invited organisation, and only the host's own tie is in this case.
    if own != deal.host {
        return Err(Rejection::Only(
            "the leads of the host, with which this server demands an agreement first,",
        ));
    }
    if parties::agreed_now(case) {
        return Ok(());
    }
    Err(Rejection::NeedsAgreement {
        kind: Policy::AGREEMENT,
        with: "the organisation that you invite",
    })
}

/// Whether nobody comes in without the agreement.
pub(super) fn demanded(policy: Policy, deal: &Deal) -> bool {
    match policy {
        Policy::None => false,
        Policy::NdaForValue => deal.header.value.value.is_some(),
        Policy::NdaForDeal => true,
    }
}

pub(super) fn cancel(case: &Case<'_>, deal: &Deal, org: OrgId) -> Result<Event, Rejection> {
    let own = deal.lead(case)?;
    let open = deal.invitations.get(&org);
    let open = open.ok_or(Rejection::NoSuchThing("org"))?;
    if own != open.from {
        deal.host_lead(case)?;
    }
    Ok(Event::InvitationCancelled { org })
}

/// The invitation that whoever asks may answer. What is learned here is all that somebody outside learns.
fn answerable<'a>(
    case: &Case<'_>,
    deal: &'a Deal,
    invitation: Hash,
) -> Result<&'a Invitation, Rejection> {
    let who = case.standing()?;
    let open = deal
        .invitations
        .get(&who.org.id)
        .filter(|open| open.matter == invitation)
        .ok_or(Rejection::Revoked)?;
    if who.member.role < Role::Lead {
        return Err(Rejection::NeedsRole(Role::Lead));
    }
    if open.until <= case.now {
        return Err(Rejection::Expired);
    }
    if deal.frozen.is_some() {
        return Err(Rejection::State(
            "this invitation cannot be answered now: try again later",
        ));
    }
    Ok(open)
}

/// The answer to an invitation, if this command is one: whoever gives it has no seat yet.
pub(super) fn answer(
    case: &Case<'_>,
    deal: &Deal,
    command: &Command,
) -> Option<Result<Event, Rejection>> {
    if let Command::AcceptInvitation { invitation, people } = command {
        Some(accept(case, deal, *invitation, people))
    } else if let Command::DeclineInvitation { invitation, reason } = command {
        Some(decline(case, deal, *invitation, *reason))
    } else {
        None
    }
}

fn accept(
    case: &Case<'_>,
    deal: &Deal,
    invitation: Hash,
    people: &BTreeSet<MemberId>,
) -> Result<Event, Rejection> {
    let open = answerable(case, deal, invitation)?;
    if demanded(case.policy, deal) && !open.nda {
        return Err(Rejection::State(
            "this invitation cannot be answered now: try again later",
        ));
    }
    let who = case.standing()?;
    let root = who.org.root.ok_or(Rejection::NoSuchRoom)?;
    let people = opening::with_lead(case, who, people)?;
    Ok(Event::Accepted(Box::new(Accepted {
        org: who.org.id,
        root,
        invitation: open.at,
        inviter: open.inviter,
        side: side_of(case.id, who.org.id),
        people,
    })))
}

fn decline(
    case: &Case<'_>,
    deal: &Deal,
    invitation: Hash,
    reason: DeclineReason,
) -> Result<Event, Rejection> {
    let open = answerable(case, deal, invitation)?;
    Ok(Event::Declined {
        org: case.standing()?.org.id,
        inviter: open.inviter,
        reason,
        words: Slot(0),
    })
}

pub(super) fn invited(deal: &mut Deal, entry: &Entry, invited: &Invited) {
    let (Some(inviter), Some(from), Some(matter)) = (
        entry.author.member(),
        entry.author.org(),
        event::matter(entry),
    ) else {
        return;
    };
    let open = Invitation {
        at: entry.seq,
        matter,
        inviter,
        from,
        responsibility: invited.responsibility,
        history: invited.history,
        can: invited.can,
        nda: invited.nda,
        message: parties::text(entry.seq, invited.message),
        until: invited.until,
    };
    deal.invitations.insert(invited.org, open);
}

pub(super) fn accepted(
    audience: &mut Audience,
    deal: &mut Deal,
    entry: &Entry,
    accepted: &Accepted,
) {
    let Some(open) = deal.invitations.remove(&accepted.org) else {
        return;
    };
    let party = Party {
        root: accepted.root,
        status: PartyStatus::Active,
        responsibility: Stated::new(entry.seq, open.responsibility),
        can: open.can,
        can_at: entry.seq,
        people: BTreeMap::new(),
        joined: entry.at,
        since: if open.history { Seq::ZERO } else { entry.seq },
        side: accepted.side,
        nda: open.nda,
    };
    deal.parties.insert(accepted.org, party);
    parties::seat(audience, deal, accepted.org, &accepted.people);
    // Another set of parties would have to sign: it is proposed anew.
    deal.proposal = None;
}
