//! One event of every kind of Sides, Referrals and Deals, and of what they leave in Inboxes and organisations' rooms.

use super::example::{UNTIL, hands, ids, key, tried};
use crate::world::example::draft;
use rialto_shared::{
    entry::{SaltedText, Seq, Slot},
    event::Event,
    id::{Hash, RoomId, RoomKind, Salt},
    money::Money,
    room::{deal, inbox, org, record, referral, side},
    standing::Role,
    text::Text,
    time::Date,
};
use std::collections::BTreeSet;

const TEXT: Slot = Slot(0);

const fn side_room() -> RoomId {
    RoomId::new(RoomKind::Side, [21; 16])
}

const fn offer() -> RoomId {
    RoomId::new(RoomKind::Referral, [22; 16])
}

const fn deal_room() -> RoomId {
    RoomId::new(RoomKind::Deal, [23; 16])
}

fn day() -> Date {
    Date::new(2026, 2, 1).expect("a day")
}

fn value() -> Money {
    Money::parse("EUR 48,000").expect("an amount")
}

fn drafted() -> side::Drafted {
    let salted = |place: u8| SaltedText {
        salt: Salt([place; 32]),
        text: Text::parse("Words").expect("a text"),
    };
    let texts: Vec<SaltedText> = (0..5).map(salted).collect();
    side::Drafted::new(draft(), &texts)
}

fn promise() -> side::Promise {
    drafted().promise().expect("a whole draft")
}

fn seated() -> Vec<deal::Seated> {
    vec![deal::Seated {
        id: ids().member,
        role: Role::Lead,
    }]
}

fn founder(responsibility: Option<deal::Responsibility>) -> deal::Founder {
    deal::Founder {
        org: ids().org,
        root: key(),
        responsibility,
        side: side_room(),
        people: seated(),
    }
}

/// All of them, with how many texts each holds.
pub(super) fn events() -> Vec<(Event, usize)> {
    let mut events = beginnings();
    events.extend(sides());
    events.extend(records());
    let (org, root) = (ids().other, key());
    let renewed = rialto_shared::room::key::Event::Renewed { org, root };
    events.push((Event::Key(renewed), 0));
    events.extend(
        referrals()
            .into_iter()
            .map(|(event, texts)| (Event::Referral(event), texts)),
    );
    events.extend(
        parties()
            .into_iter()
            .map(|(event, texts)| (Event::Deal(event), texts)),
    );
    events.extend(
        work()
            .into_iter()
            .map(|(event, texts)| (Event::Deal(event), texts)),
    );
    events.extend(
        presence()
            .into_iter()
            .map(|(event, texts)| (Event::Deal(event), texts)),
    );
    events
}

fn beginnings() -> Vec<(Event, usize)> {
    let inbox = [
        (
            inbox::Event::CaseOpened {
                side: side_room(),
                draft: draft(),
            },
            5,
        ),
        (inbox::Event::Erased { target: Seq(7) }, 0),
        (
            inbox::Event::DealOpened {
                deal: deal_room(),
                host: founder(None),
                presence: deal::Presence::OnCall,
                value: Some(value()),
                close: Some(day()),
                title: TEXT,
                customer: Slot(1),
                problem: Slot(2),
            },
            3,
        ),
        (imported(true), 5),
        (imported(false), 4),
    ];
    let org = [
        (
            org::Event::DealInvited {
                deal: deal_room(),
                from: ids().other,
                responsibility: deal::Responsibility::Reseller,
                message: TEXT,
                until: UNTIL,
                matter: Hash([24; 32]),
            },
            1,
        ),
        (
            org::Event::DealInvitationClosed {
                deal: deal_room(),
                how: deal::Closing::Expired,
            },
            0,
        ),
        (
            org::Event::DealCalled {
                deal: deal_room(),
                from: ids().other,
                members: vec![ids().member],
                words: TEXT,
            },
            1,
        ),
        (tried(), 0),
    ];
    let inbox = inbox.map(|(event, texts)| (Event::Inbox(event), texts));
    let org = org.map(|(event, texts)| (Event::Org(event), texts));
    inbox.into_iter().chain(org).collect()
}

fn imported(whole: bool) -> inbox::Event {
    let after = if whole { 3 } else { 2 };
    inbox::Event::DealImported {
        deal: deal_room(),
        host: founder(None),
        presence: deal::Presence::NotPresent,
        value: whole.then(value),
        close: whole.then(day),
        title: TEXT,
        customer: Slot(1),
        problem: whole.then_some(Slot(2)),
        imported: Slot(after),
        reference: Slot(after + 1),
        claim: Hash([25; 32]),
    }
}

fn sides() -> Vec<(Event, usize)> {
    let (org, member, offer) = (ids().org, ids().member, offer());
    let opened = |about, owner, people| side::Event::Opened {
        org,
        about,
        owner,
        people,
    };
    let closed = |how, apart| side::Event::Closed { offer, how, apart };
    let offered = |to_root, words| side::Event::Offered {
        offer,
        to: ids().other,
        to_root,
        from_root: key(),
        draft: Seq(2),
        promise: promise(),
        until: UNTIL,
        need: TEXT,
        words,
    };
    let referral = side::About::Referral {
        room: offer,
        depth: 2,
    };
    [
        (opened(side::About::Case, Some(member), vec![]), 0),
        (opened(referral, None, vec![member]), 0),
        (
            opened(side::About::Deal { room: deal_room() }, None, vec![]),
            0,
        ),
        (
            side::Event::Drafted {
                drafted: drafted(),
                begun: true,
            },
            5,
        ),
        (
            side::Event::Drafted {
                drafted: drafted(),
                begun: false,
            },
            5,
        ),
        (
            side::Event::Erased {
                target: Seq(2),
                begun: true,
            },
            0,
        ),
        (offered(Some(key()), None), 1),
        (offered(None, Some(Slot(1))), 2),
        (
            side::Event::Released {
                offer,
                texts: vec![TEXT, Slot(1), Slot(2)],
            },
            3,
        ),
        (closed(side::Ending::NoValue, false), 0),
        (side::Event::Withdrawn { offer }, 0),
        (
            side::Event::Extended {
                offer,
                until: UNTIL,
            },
            0,
        ),
        (closed(side::Ending::Expired, true), 0),
        (
            side::Event::Added {
                member,
                role: Role::Rep,
            },
            0,
        ),
        (side::Event::Removed { member }, 0),
        hands(|_, from, to| side::Event::HandedOver { from, to }),
        (
            side::Event::Referenced {
                reference: TEXT,
                claim: Hash([25; 32]),
            },
            1,
        ),
        (side::Event::Unreferenced {}, 0),
        (
            side::Event::Kept {
                entry: "{}".to_owned(),
            },
            0,
        ),
    ]
    .map(|(event, texts)| (Event::Side(event), texts))
    .into()
}

fn records() -> Vec<(Event, usize)> {
    [
        record::Event::Opened { org: ids().org },
        record::Event::Kept {
            entry: "{}".to_owned(),
            by: ids().other,
            root: key(),
        },
    ]
    .map(|event| (Event::Record(event), 0))
    .into()
}

fn referrals() -> Vec<(referral::Event, usize)> {
    use referral::Event as Of;
    let reason = referral::DeclineReason::Capacity;
    let opened = Of::Opened {
        from: referral::Party {
            org: ids().org,
            root: key(),
        },
        to: ids().other,
        case: side_room(),
        owner: ids().member,
        promise: Box::new(promise()),
        until: UNTIL,
        depth: 1,
        connected: true,
        need: TEXT,
    };
    let accepted = Of::Accepted {
        people: BTreeSet::from([ids().member]),
        side: side_room(),
        contact_by: UNTIL,
        return_by: UNTIL,
    };
    let disclosed = |notes, texts| {
        let (customer, contact) = (TEXT, Slot(1));
        (
            Of::Disclosed {
                customer,
                contact,
                notes,
            },
            texts,
        )
    };
    vec![
        (opened, 1),
        (
            Of::Shown {
                org: ids().other,
                root: key(),
            },
            0,
        ),
        (Of::Joined {}, 0),
        (Of::Viewed {}, 0),
        (accepted, 0),
        disclosed(Some(Slot(2)), 3),
        disclosed(None, 2),
        (
            Of::Declined {
                reason,
                words: Some(TEXT),
            },
            1,
        ),
        (
            Of::Declined {
                reason,
                words: None,
            },
            0,
        ),
        (Of::Expired {}, 0),
        (Of::Extended { until: UNTIL }, 0),
        (Of::Withdrawn {}, 0),
        (
            Of::Returned {
                reason,
                words: TEXT,
            },
            1,
        ),
        (Of::ContactMissed {}, 0),
        (Of::Contacted {}, 0),
        (Of::Qualified {}, 0),
        (
            Of::Converted {
                deal: deal_room(),
                title: TEXT,
                customer: Slot(1),
            },
            2,
        ),
        (
            Of::Concluded {
                outcome: referral::Outcome::Won,
            },
            0,
        ),
        hands(|org, from, to| Of::HandedOver { org, from, to }),
    ]
}

fn parties() -> Vec<(deal::Event, usize)> {
    use deal::Event as Of;
    let (org, member) = (ids().org, ids().member);
    let opening = |whole: bool| {
        let opening = deal::Opening {
            host: org,
            parties: vec![founder(whole.then_some(deal::Responsibility::Vendor))],
            presence: deal::Presence::InRoom,
            origin: whole.then_some(offer()),
            title: TEXT,
            customer: Slot(1),
            problem: whole.then_some(Slot(2)),
            value: whole.then(value),
            close: whole.then(day),
            imported: None,
        };
        (Of::Opened(Box::new(opening)), if whole { 3 } else { 2 })
    };
    let brought = deal::Opening {
        host: org,
        parties: vec![founder(None)],
        presence: deal::Presence::NotPresent,
        origin: None,
        title: TEXT,
        customer: Slot(1),
        problem: None,
        value: None,
        close: Some(day()),
        imported: Some(Slot(2)),
    };
    let brought = (Of::Opened(Box::new(brought)), 3);
    let invited = deal::Invited {
        org,
        responsibility: deal::Responsibility::ServicesPartner,
        history: true,
        can: deal::Can::ALL,
        nda: false,
        message: TEXT,
        until: UNTIL,
    };
    let accepted = deal::Accepted {
        org,
        root: key(),
        invitation: Seq(7),
        inviter: member,
        side: side_room(),
        people: seated(),
    };
    let people = seated;
    vec![
        opening(true),
        opening(false),
        brought,
        (Of::Invited(invited), 1),
        (Of::InvitationCancelled { org }, 0),
        (
            Of::InvitationExpired {
                org,
                inviter: member,
            },
            0,
        ),
        (Of::Accepted(Box::new(accepted)), 0),
        (
            Of::Declined {
                org,
                inviter: member,
                reason: deal::DeclineReason::NextStepsUnclear,
                words: TEXT,
            },
            1,
        ),
        (
            Of::PeopleAdded {
                org,
                people: people(),
            },
            0,
        ),
        (
            Of::PeopleRemoved {
                org,
                people: vec![member],
            },
            0,
        ),
        (Of::Left { org, member }, 0),
        (
            Of::Withdrawn {
                org,
                people: vec![member],
            },
            0,
        ),
        hands(|org, from, to| Of::HandedOver { org, from, to }),
        (
            Of::PartyRemoved {
                org,
                people: vec![],
            },
            0,
        ),
        (
            Of::Allowed {
                org,
                can: deal::Can::default(),
            },
            0,
        ),
        (
            Of::ResponsibilitySet {
                org,
                responsibility: deal::Responsibility::Distributor,
            },
            0,
        ),
        (Of::Agreed { org, nda: true }, 0),
    ]
}

fn work() -> Vec<(deal::Event, usize)> {
    use deal::Event as Of;
    let task = Seq(7);
    let to = |member| deal::Assignment {
        owner: ids().org,
        member,
        due: day(),
    };
    vec![
        (Of::Retitled { title: TEXT }, 1),
        (Of::CustomerSet { customer: TEXT }, 1),
        (Of::ProblemSet { problem: TEXT }, 1),
        (Of::Valued { value: value() }, 0),
        (Of::TargetSet { close: day() }, 0),
        (Of::NextStepSet { next_step: TEXT }, 1),
        (
            Of::StageMoved {
                to: deal::Stage::TechnicalValidation,
            },
            0,
        ),
        (Of::Won {}, 0),
        (
            Of::Lost {
                reason: deal::LostReason::Price,
                words: TEXT,
            },
            1,
        ),
        (Of::Frozen { reason: TEXT }, 1),
        (Of::Unfrozen {}, 0),
        (
            Of::TaskAdded {
                to: to(Some(ids().member)),
                title: TEXT,
            },
            1,
        ),
        (Of::TaskReassigned { task, to: to(None) }, 0),
        (Of::TaskDone { task }, 0),
        (Of::TaskDropped { task }, 0),
        (Of::TaskDue { task }, 0),
    ]
}

fn presence() -> Vec<(deal::Event, usize)> {
    use deal::Event as Of;
    let (org, proposal, to) = (ids().org, Seq(7), deal::Presence::NotPresent);
    let members = vec![ids().member];
    vec![
        (
            Of::PresenceProposed {
                org,
                to,
                until: UNTIL,
            },
            0,
        ),
        (Of::PresenceSigned { org, proposal }, 0),
        (
            Of::PresenceSet {
                to,
                dismissed: members.clone(),
            },
            0,
        ),
        (
            Of::PresenceSet {
                to,
                dismissed: vec![],
            },
            0,
        ),
        (Of::PresenceLapsed { proposal }, 0),
        (
            Of::VendorCalled {
                org,
                vendor: ids().other,
                members: members.clone(),
                words: TEXT,
            },
            1,
        ),
        (
            Of::VendorAsked {
                org,
                vendor: ids().other,
                members,
                words: TEXT,
            },
            1,
        ),
    ]
}
