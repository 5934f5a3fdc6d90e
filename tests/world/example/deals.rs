//! Examples of the commands of Sides, Referrals and Deals.

use super::Named;
use rialto_shared::{
    command::Command,
    id::{Hash, RoomId, RoomKind, Salt},
    industry::Industry,
    money::Money,
    room::{deal, inbox, referral, side},
    standing::Role,
};
use std::collections::BTreeSet;

/// A complete draft of a case.
pub(crate) fn draft() -> side::Draft {
    side::Draft {
        teaser: side::Teaser {
            industry: Industry::Automotive,
            country: "DE".parse().expect("a country"),
            size: "250-999".parse().expect("a size"),
            want: side::Want::Lead,
            value: side::ValueBand {
                band: "10k-50k".parse().expect("a band"),
                currency: rialto_shared::money::Currency::EUR,
            },
            urgency: side::Urgency::Normal,
        },
        contact: true,
        notes: true,
        consent: Some(side::Consent {
            share_pii: true,
            may_contact: true,
            obtained_at: "2026-05-01".parse().expect("a date"),
        }),
        terms: side::Terms {
            fee: side::Fee::Bps(1_000),
            months: 12,
        },
        excluded: BTreeSet::new(),
        salt: Salt([7; 32]),
    }
}

pub(super) fn opened(verb: inbox::Verb, named: &Named) -> Option<inbox::Command> {
    match verb {
        inbox::Verb::OpenCase => Some(inbox::Command::OpenCase { draft: draft() }),
        inbox::Verb::OpenDeal => Some(inbox::Command::OpenDeal {
            presence: deal::Presence::NotPresent,
            value: Money::parse("EUR 48,000").ok(),
            close: Some(named.now.date()),
            people: BTreeSet::from([named.member]),
        }),
        inbox::Verb::ImportDeal => Some(inbox::Command::ImportDeal {
            presence: deal::Presence::NotPresent,
            value: Money::parse("EUR 48,000").ok(),
            close: Some("2020-02-29".parse().expect("a date")),
            people: BTreeSet::from([named.member]),
            problem: true,
            claim: side::reference_claim(named.org, side::Named::Deal, "A few words"),
        }),
        inbox::Verb::Join
        | inbox::Verb::Leave
        | inbox::Verb::Done
        | inbox::Verb::OpenDirect
        | inbox::Verb::SetNotices => None,
    }
}

pub(super) fn beside(verb: side::Verb, named: &Named) -> Command {
    let (to, at, member) = (named.org, named.at, named.member);
    let (shown, full) = (Hash([1; 32]), Hash([2; 32]));
    Command::Side(match verb {
        side::Verb::Draft => side::Command::Draft { at, draft: draft() },
        side::Verb::EraseDraft => side::Command::EraseDraft {
            target: named.entry,
        },
        side::Verb::Offer => side::Command::Offer { to, shown, full },
        side::Verb::OfferWithRequest => side::Command::OfferWithRequest { to, shown, full },
        side::Verb::Withdraw => side::Command::Withdraw {
            offer: RoomId::new(RoomKind::Referral, named.org.bits()),
        },
        side::Verb::Add => side::Command::Add {
            member,
            role: Role::Rep,
        },
        side::Verb::Remove => side::Command::Remove { member },
        side::Verb::Reference => side::Command::Reference {
            claim: Some(side::reference_claim(
                named.org,
                side::Named::Referral,
                "A few words",
            )),
            at,
        },
    })
}

pub(super) fn referred(verb: referral::Verb, named: &Named) -> Command {
    let reason = referral::DeclineReason::Capacity;
    Command::Referral(match verb {
        referral::Verb::View => referral::Command::View {},
        referral::Verb::Accept => referral::Command::Accept {
            from: named.org,
            people: BTreeSet::from([named.member]),
        },
        referral::Verb::Decline => referral::Command::Decline { reason },
        referral::Verb::Withdraw => referral::Command::Withdraw {},
        referral::Verb::Return => referral::Command::Return { reason },
        referral::Verb::Contacted => referral::Command::Contacted {},
        referral::Verb::Qualified => referral::Command::Qualified {},
        referral::Verb::Convert => referral::Command::Convert {},
    })
}

pub(super) fn dealt(verb: deal::Verb, named: &Named) -> Command {
    let (org, at, task) = (named.org, named.at, named.entry);
    let people = BTreeSet::from([named.member]);
    let can = deal::Can::default();
    let to = deal::Assignment {
        owner: org,
        member: None,
        due: named.now.date(),
    };
    let responsibility = deal::Responsibility::Reseller;
    Command::Deal(match verb {
        deal::Verb::Invite => deal::Command::Invite {
            org,
            responsibility,
            history: true,
            can,
        },
        deal::Verb::CancelInvitation => deal::Command::CancelInvitation { org },
        deal::Verb::AcceptInvitation => deal::Command::AcceptInvitation {
            invitation: Hash([3; 32]),
            people,
        },
        deal::Verb::DeclineInvitation => deal::Command::DeclineInvitation {
            invitation: Hash([3; 32]),
            reason: deal::DeclineReason::Other,
        },
        deal::Verb::AddPeople => deal::Command::AddPeople {
            people,
            role: Role::Rep,
        },
        deal::Verb::RemovePeople => deal::Command::RemovePeople { people },
        deal::Verb::Leave => deal::Command::Leave {},
        deal::Verb::Withdraw => deal::Command::Withdraw {},
        deal::Verb::RemoveParty => deal::Command::RemoveParty { org },
        deal::Verb::Allow => deal::Command::Allow { org, can, at },
        deal::Verb::Responsible => deal::Command::Responsible { responsibility, at },
        deal::Verb::Recheck => deal::Command::Recheck { org },
        deal::Verb::Retitle => deal::Command::Retitle { at },
        deal::Verb::Customer => deal::Command::Customer { at },
        deal::Verb::Problem => deal::Command::Problem { at },
        deal::Verb::Value => deal::Command::Value {
            value: Money::parse("EUR 48,000").expect("an amount"),
            at,
        },
        deal::Verb::TargetClose => deal::Command::TargetClose {
            close: named.now.date(),
            at,
        },
        deal::Verb::NextStep => deal::Command::NextStep { at },
        deal::Verb::MoveStage => deal::Command::MoveStage {
            to: deal::Stage::Qualified,
            at,
        },
        deal::Verb::Win => deal::Command::Win {},
        deal::Verb::Lose => deal::Command::Lose {
            reason: deal::LostReason::Price,
        },
        deal::Verb::Freeze => deal::Command::Freeze {},
        deal::Verb::Unfreeze => deal::Command::Unfreeze {},
        deal::Verb::AddTask => deal::Command::AddTask { to },
        deal::Verb::DoneTask => deal::Command::DoneTask { task },
        deal::Verb::DropTask => deal::Command::DropTask { task },
        deal::Verb::ReassignTask => deal::Command::ReassignTask { task, to, at },
        deal::Verb::ProposePresence => deal::Command::ProposePresence {
            to: deal::Presence::OnCall,
        },
        deal::Verb::SignPresence => deal::Command::SignPresence { proposal: task },
        deal::Verb::CallVendor => deal::Command::CallVendor { members: people },
    })
}
