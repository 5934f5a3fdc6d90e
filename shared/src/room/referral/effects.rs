//! What an entry of a Referral asks of other rooms: of both Sides, of the deal, and of the people concerned; and the copies
//! of what was signed here that each party keeps.

use super::{Event, Referral, Stage};
use crate::{
    ask::{Address, Ask as Asked},
    entry::{Entry, Slot},
    id::{MemberId, RoomId},
    room::{Room, State, deal, handover, inbox, org, record, side},
    standing::Role,
};
use std::collections::BTreeSet;

pub(crate) fn react(room: &Room, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let State::Referral(referral) = &room.state else {
        return vec![];
    };
    let mut asks = effects(referral, entry, event);
    asks.extend(proofs(referral, entry, event));
    asks.extend(pointers(referral, entry, event));
    asks.extend(settles(referral, entry, event));
    asks
}

/// What an event does in other rooms.
fn effects(referral: &Referral, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let side = |room, ask| (Address::Room(room), Asked::Side(Box::new(ask)));
    let offer = entry.room;
    let mut asks = vec![];
    match event {
        Event::Accepted {
            people, side: to, ..
        } => {
            let own = side::Ask::OpenForReferral {
                org: referral.to,
                referral: offer,
                depth: referral.depth,
                people: people.iter().copied().collect(),
            };
            asks.push(side(*to, own));
            asks.push(side(referral.case, side::Ask::Release { offer }));
        }
        // Not where it went because the sender gave back what they had passed on: that statement is for other eyes, and the
        // request to connect, which it would follow into the receiver's room, may stand alone.
        Event::Withdrawn {} if !referral.connected && entry.statement.is_some() => {
            let withdraw = org::Ask::Withdraw {
                to: referral.to,
                referral: offer,
            };
            asks.push((
                Address::Room(RoomId::org(referral.from.org)),
                Asked::Org(Box::new(withdraw)),
            ));
        }
        Event::Converted {
            deal,
            title,
            customer,
        } => asks.extend(opens_deal(referral, entry, *deal, (*title, *customer))),
        Event::Opened { .. }
        | Event::Shown { .. }
        | Event::Joined {}
        | Event::Viewed {}
        | Event::Disclosed { .. }
        | Event::Declined { .. }
        | Event::Expired {}
        | Event::Extended { .. }
        | Event::Withdrawn {}
        | Event::Returned { .. }
        | Event::ContactMissed {}
        | Event::Contacted {}
        | Event::Qualified {}
        | Event::Concluded { .. }
        | Event::HandedOver { .. } => {}
    }
    if let Some(how) = Stage::after(event).and_then(Stage::ending) {
        let closed = |apart| side::Ask::Closed { offer, how, apart };
        asks.push(side(referral.case, closed(!referral.joined)));
        if let Some(handoff) = &referral.handoff {
            asks.push(side(handoff.side, closed(false)));
        }
    }
    asks
}

fn opens_deal(
    referral: &Referral,
    entry: &Entry,
    deal: RoomId,
    (title, customer): (Slot, Slot),
) -> Option<(Address, Asked)> {
    let (from, to) = (referral.from, referral.to);
    let root = referral.to_root?;
    // Whoever opens the deal works on it, whether the acceptance named them or not.
    let theirs = referral.handoff.iter().flat_map(|handoff| &handoff.people);
    let theirs: BTreeSet<MemberId> = theirs.copied().chain(entry.author.member()).collect();
    let people = theirs
        .into_iter()
        .map(|member| (member, to))
        .chain([(referral.owner, from.org)])
        .collect();
    let open = deal::Ask::Open {
        host: (to, root),
        parties: vec![(from.org, from.root)],
        people,
        title: entry.text(title)?.clone(),
        customer: entry.text(customer)?.clone(),
        origin: Some(entry.room),
        presence: deal::Presence::NotPresent,
    };
    Some((Address::Room(deal), Asked::Deal(Box::new(open))))
}

/// Every statement made here is kept in each party's own room too: the Side, and the organisation's record as long as the
/// receiver has no Side. What is kept there shows no more than who stated what: the offer's statement has commitments only.
fn proofs(referral: &Referral, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    if entry.statement.is_none() {
        return vec![];
    }
    // The opening entry shows what the receiver's Leads may read and others of theirs may not; that they were shown it
    // carries the same statement. The disclosure carries the one of the acceptance.
    let (to_sender, to_receiver) = match event {
        Event::Opened { .. } => (true, false),
        Event::Shown { .. } => (false, true),
        Event::Disclosed { .. } => (false, false),
        // A copy says where its entry stands, and so whether anything stands before it: a sender who was never admitted has
        // the statement where it was made, in its Side.
        Event::Withdrawn {} | Event::HandedOver { .. } => {
            (referral.joined, referral.to_root.is_some())
        }
        Event::Joined {}
        | Event::Viewed {}
        | Event::Accepted { .. }
        | Event::Declined { .. }
        | Event::Expired {}
        | Event::Extended { .. }
        | Event::Returned { .. }
        | Event::ContactMissed {}
        | Event::Contacted {}
        | Event::Qualified {}
        | Event::Converted { .. }
        | Event::Concluded { .. } => (true, referral.to_root.is_some()),
    };
    let Ok(copy) = String::from_utf8(entry.clone().erased().encode()) else {
        return vec![];
    };
    let keep = |room| {
        let entry = copy.clone();
        let ask = side::Ask::Keep { entry };
        (Address::Room(room), Asked::Side(Box::new(ask)))
    };
    let from = (referral.from.org, Some(referral.from.root));
    let maker = [from, (referral.to, referral.to_root)]
        .into_iter()
        .find(|(org, _)| Some(*org) == entry.author.org());
    let receiver = || match &referral.handoff {
        Some(handoff) => Some(keep(handoff.side)),
        None => maker.and_then(|(by, root)| record::keep(referral.to, entry, (by, root?))),
    };
    let sender = to_sender.then(|| keep(referral.case));
    let receiver = to_receiver.then(receiver).flatten();
    sender.into_iter().chain(receiver).collect()
}

/// What waits for nobody any more: an offer that was answered or is over, a customer who was contacted late after all.
fn settles(referral: &Referral, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    use inbox::What;
    let settle = |kinds, to| (to, inbox::settle(kinds, entry.room, []));
    let late = referral
        .handoff
        .as_ref()
        .filter(|handoff| handoff.missed)
        .map(|handoff| &handoff.people);
    match event {
        // A stranger's Leads were pointed to the request to connect instead, as long as the two were not connected.
        Event::Accepted { .. }
        | Event::Declined { .. }
        | Event::Expired {}
        | Event::Withdrawn {} => {
            let their_leads = Address::Roles {
                org: referral.to,
                min_role: Role::Lead,
            };
            vec![settle(&[What::ReferralOffered], their_leads)]
        }
        Event::Contacted {} | Event::Returned { .. } => late
            .into_iter()
            .flatten()
            .chain(late.map(|_| &referral.owner))
            .map(|member| settle(&[What::ContactMissed], Address::inbox(*member)))
            .collect(),
        Event::Opened { .. }
        | Event::Shown { .. }
        | Event::Joined {}
        | Event::Viewed {}
        | Event::Disclosed { .. }
        | Event::Extended { .. }
        | Event::ContactMissed {}
        | Event::Qualified {}
        | Event::Converted { .. }
        | Event::Concluded { .. }
        | Event::HandedOver { .. } => vec![],
    }
}

/// Whom an event is for.
fn pointers(referral: &Referral, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    use inbox::What;
    let point = |what, to| {
        let ask = inbox::Ask::Point {
            what,
            room: entry.room,
            seq: entry.seq,
        };
        (to, Asked::Inbox(ask))
    };
    let owner = Address::inbox(referral.owner);
    let their_leads = Address::Roles {
        org: referral.to,
        min_role: Role::Lead,
    };
    let theirs = |what| {
        let people = referral.handoff.iter().flat_map(|handoff| &handoff.people);
        people
            .filter(|member| Some(**member) != entry.author.member())
            .map(|member| point(what, Address::inbox(*member)))
            .collect::<Vec<_>>()
    };
    let both = |what| {
        let mut asks = theirs(what);
        asks.push(point(what, owner));
        asks
    };
    match event {
        // A stranger's Leads are pointed to the request to connect instead.
        Event::Shown { .. } if referral.connected => {
            vec![point(What::ReferralOffered, their_leads)]
        }
        Event::Joined {} => vec![point(What::ReferralOffered, their_leads)],
        Event::Accepted { .. } => {
            let mut asks = theirs(What::Seated);
            asks.push(point(What::ReferralAccepted, owner));
            asks
        }
        Event::Declined { .. } => vec![point(What::ReferralDeclined, owner)],
        // A sender who was never admitted finds it in its Side: the host drops this one.
        Event::Expired {} => vec![point(What::ReferralExpired, owner)],
        Event::Returned { .. } => vec![point(What::ReferralReturned, owner)],
        // The host drops it where they were never admitted.
        Event::Withdrawn {} => vec![point(What::ReferralWithdrawn, their_leads)],
        Event::ContactMissed {} => both(What::ContactMissed),
        Event::Converted { .. } => vec![point(What::ReferralConverted, owner)],
        Event::Concluded { .. } => both(What::ReferralConcluded),
        // Whoever has no seat yet is pointed to their case.
        Event::HandedOver { from, to, .. } if referral.joined => handover::told(entry, *from, *to),
        Event::Opened { .. }
        | Event::Shown { .. }
        | Event::Viewed {}
        | Event::Disclosed { .. }
        | Event::Extended { .. }
        | Event::Contacted {}
        | Event::Qualified {}
        | Event::HandedOver { .. } => vec![],
    }
}
