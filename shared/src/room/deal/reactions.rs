//! What an entry of a deal asks of other rooms: Sides, the invited, the Inboxes of those concerned, the referral
//! that it came from; and the copies of what was signed, which every party keeps.

use super::{
    Accepted, Ask, Assignment, Closing, Deal, Event, Invited, LostReason, Opening, Seated,
};
use crate::{
    ask::{Address, Ask as Asked},
    entry::{Entry, Seq, Slot},
    id::{MemberId, OrgId, RoomId},
    room::{Room, State, handover, inbox, org, referral, side},
    standing::Role,
};

type Asks = Vec<(Address, Asked)>;

pub(crate) fn react(room: &Room, entry: &Entry, event: &Event) -> Asks {
    let State::Deal(deal) = &room.state else {
        return vec![];
    };
    let mut asks = caused(deal, entry, event);
    asks.extend(settled(deal, entry, event));
    asks.extend(kept(room, entry));
    asks
}

fn caused(deal: &Deal, entry: &Entry, event: &Event) -> Asks {
    match event {
        Event::Opened(opening) => opened(entry, opening),
        Event::Invited(invited) => self::invited(deal, entry, invited),
        Event::InvitationCancelled { org } => vec![closing(entry, *org, Closing::Cancelled)],
        Event::InvitationExpired { org, inviter } => {
            refused(entry, *org, *inviter, Closing::Expired)
        }
        Event::Accepted(accepted) => self::accepted(deal, entry, accepted),
        Event::Declined { org, inviter, .. } => refused(entry, *org, *inviter, Closing::Declined),
        Event::PeopleAdded { people, .. } => seated(entry, people),
        Event::PeopleRemoved { people, .. }
        | Event::PresenceSet {
            dismissed: people, ..
        } => unseated(entry, people),
        Event::Withdrawn { people, .. } | Event::PartyRemoved { people, .. } => {
            unseated(entry, people)
        }
        Event::TaskAdded { to, .. } | Event::TaskReassigned { to, .. } => {
            assigned(deal, entry, inbox::What::TaskAssigned, *to)
        }
        Event::TaskDue { task } => {
            let task = deal.tasks.list.get(task);
            task.map_or_else(Vec::new, |task| {
                assigned(deal, entry, inbox::What::TaskDue, task.to)
            })
        }
        Event::Won {} => ended(deal, referral::Outcome::Won),
        // There never was anything to win: the referral brought no value.
        Event::Lost {
            reason: LostReason::NoOpportunity,
            ..
        } => ended(deal, referral::Outcome::NoValue),
        Event::Lost { .. } => ended(deal, referral::Outcome::Lost),
        Event::PresenceProposed { org, .. } => deal
            .active()
            .filter(|(other, _)| other != org)
            .flat_map(|(other, _)| leads(deal, other))
            .map(|lead| point(entry, inbox::What::PresenceProposed, lead))
            .collect(),
        Event::VendorCalled { members, .. } => members
            .iter()
            .map(|member| point(entry, inbox::What::VendorCalled, *member))
            .collect(),
        Event::VendorAsked {
            org,
            vendor,
            members,
            words,
        } => asked(entry, *org, *vendor, members, *words),
        Event::HandedOver { from, to, .. } => handed_over(deal, entry, *from, *to),
        Event::Left { .. }
        | Event::Agreed { .. }
        | Event::Allowed { .. }
        | Event::ResponsibilitySet { .. }
        | Event::Retitled { .. }
        | Event::CustomerSet { .. }
        | Event::ProblemSet { .. }
        | Event::Valued { .. }
        | Event::TargetSet { .. }
        | Event::NextStepSet { .. }
        | Event::StageMoved { .. }
        | Event::Frozen { .. }
        | Event::Unfrozen {}
        | Event::TaskDone { .. }
        | Event::TaskDropped { .. }
        | Event::PresenceSigned { .. }
        | Event::PresenceLapsed { .. } => vec![],
    }
}

/// Every party keeps what was signed here in a room of its own: being taken out takes no proof away.
pub(crate) fn kept(room: &Room, entry: &Entry) -> Asks {
    let State::Deal(deal) = &room.state else {
        return vec![];
    };
    if entry.statement.is_none() {
        return vec![];
    }
    let copy = String::from_utf8_lossy(&entry.clone().erased().encode()).into_owned();
    deal.parties
        .iter()
        .filter(|(org, _)| deal.party(**org).is_some() || went(entry) == Some(**org))
        .map(|(_, party)| {
            let keep = side::Ask::Keep {
                entry: copy.clone(),
            };
            (Address::Room(party.side), Asked::Side(Box::new(keep)))
        })
        .collect()
}

/// The party that this entry is the last one for.
const fn went(entry: &Entry) -> Option<OrgId> {
    if let crate::event::Event::Deal(
        Event::Withdrawn { org, .. } | Event::PartyRemoved { org, .. },
    ) = &entry.event
    {
        Some(*org)
    } else {
        None
    }
}

fn opened(entry: &Entry, opening: &Opening) -> Asks {
    let sides = opening
        .parties
        .iter()
        .map(|party| opens_side(entry, party.org, party.side, &party.people));
    let ties = opening
        .parties
        .iter()
        .filter(|party| party.org != opening.host)
        .map(|party| looks(opening.host, entry, party.org));
    let people = opening
        .parties
        .iter()
        .flat_map(|party| seated(entry, &party.people));
    sides.chain(ties).chain(people).collect()
}

fn invited(deal: &Deal, entry: &Entry, invited: &Invited) -> Asks {
    let (Some(from), Some(message), Some(matter)) = (
        entry.author.org(),
        entry.text(invited.message),
        crate::event::matter(entry),
    ) else {
        return vec![];
    };
    let invitation = org::Ask::DealInvitation {
        deal: entry.room,
        from,
        responsibility: invited.responsibility,
        message: message.clone(),
        until: invited.until,
        matter,
    };
    vec![
        of_org(invited.org, invitation),
        looks(deal.host, entry, invited.org),
    ]
}

fn accepted(deal: &Deal, entry: &Entry, accepted: &Accepted) -> Asks {
    let mut asks = vec![
        opens_side(entry, accepted.org, accepted.side, &accepted.people),
        looks(deal.host, entry, accepted.org),
        closing(entry, accepted.org, Closing::Accepted),
        point(entry, inbox::What::InvitationAnswered, accepted.inviter),
    ];
    asks.extend(seated(entry, &accepted.people));
    asks
}

fn asked(entry: &Entry, from: OrgId, vendor: OrgId, members: &[MemberId], words: Slot) -> Asks {
    let Some(words) = entry.text(words) else {
        return vec![];
    };
    let call = org::Ask::DealCall {
        deal: entry.room,
        from,
        members: members.to_vec(),
        words: words.clone(),
    };
    vec![of_org(vendor, call)]
}

/// Tells the referral that the deal came from.
fn ended(deal: &Deal, outcome: referral::Outcome) -> Asks {
    let tell = |origin| {
        let ask = referral::Ask::Outcome { outcome };
        (Address::Room(origin), Asked::Referral(Box::new(ask)))
    };
    deal.origin.map(tell).into_iter().collect()
}

fn of_org(org: OrgId, ask: org::Ask) -> (Address, Asked) {
    (Address::Room(RoomId::org(org)), Asked::Org(Box::new(ask)))
}

/// What follows when nobody comes in by an invitation: whoever invited is told, too.
fn refused(entry: &Entry, org: OrgId, inviter: MemberId, how: Closing) -> Asks {
    vec![
        closing(entry, org, how),
        point(entry, inbox::What::InvitationAnswered, inviter),
    ]
}

fn closing(entry: &Entry, org: OrgId, how: Closing) -> (Address, Asked) {
    let deal = entry.room;
    of_org(org, org::Ask::DealInvitationClosed { deal, how })
}

/// The deal looks at what is in force between its host and another, with no trace in their Relation: people read that who
/// are not in this deal. Each change after this one it is told of through [`Address::Deals`].
fn looks(host: OrgId, entry: &Entry, org: OrgId) -> (Address, Asked) {
    let tie = Ask::Tie { with: [host, org] };
    (Address::Room(entry.room), Asked::Deal(Box::new(tie)))
}

fn opens_side(entry: &Entry, org: OrgId, side: RoomId, people: &[Seated]) -> (Address, Asked) {
    let ask = side::Ask::OpenForDeal {
        org,
        deal: entry.room,
        people: people.iter().map(|person| person.id).collect(),
    };
    (Address::Room(side), Asked::Side(Box::new(ask)))
}

fn point(entry: &Entry, what: inbox::What, member: MemberId) -> (Address, Asked) {
    let ask = inbox::Ask::Point {
        what,
        room: entry.room,
        seq: entry.seq,
    };
    (Address::inbox(member), Asked::Inbox(ask))
}

fn seated(entry: &Entry, people: &[Seated]) -> Asks {
    people
        .iter()
        .filter(|person| Some(person.id) != entry.author.member())
        .map(|person| point(entry, inbox::What::Seated, person.id))
        .collect()
}

fn unseated(entry: &Entry, people: &[MemberId]) -> Asks {
    let gone = inbox::Ask::Notify {
        what: inbox::What::Unseated,
        room: entry.room,
    };
    people
        .iter()
        .filter(|member| Some(**member) != entry.author.member())
        .map(|member| (Address::inbox(*member), Asked::Inbox(gone.clone())))
        .collect()
}

/// Whoever is in charge now finds the deal, and, where there is something to do, the tasks.
fn handed_over(deal: &Deal, entry: &Entry, from: MemberId, to: MemberId) -> Asks {
    let mut asks = handover::told(entry, from, to);
    if deal.tasks.open().any(|(_, task)| task.at == entry.seq) {
        asks.push(point(entry, inbox::What::TaskAssigned, to));
    }
    asks
}

/// Points whoever is to do a task, or the leads of their party, to it.
fn assigned(deal: &Deal, entry: &Entry, what: inbox::What, to: Assignment) -> Asks {
    let meant = match to.member {
        Some(member) => vec![member],
        None => leads(deal, to.owner),
    };
    meant
        .into_iter()
        .filter(|member| Some(*member) != entry.author.member())
        .map(|member| point(entry, what, member))
        .collect()
}

/// What waits for nobody here any more, for whoever it may have waited for: tasks that are done, dropped or another's, a
/// presence that is signed or lapsed. Of a task whose day is over only that is waited for.
fn settled(deal: &Deal, entry: &Entry, event: &Event) -> Asks {
    use inbox::What::{PresenceProposed, TaskAssigned, TaskDue};
    let settle = |member, open: &[Seq]| {
        let kinds = &[TaskAssigned, TaskDue, PresenceProposed];
        let ask = inbox::settle(kinds, entry.room, open.iter().copied());
        (Address::inbox(member), ask)
    };
    let tasks = deal.tasks.open();
    let tasks = tasks.map(|(_, task)| task.reminded.unwrap_or(task.at));
    let proposal = deal.proposal.iter().map(|open| open.entry.seq);
    let open: Vec<Seq> = if deal.end.is_some() {
        vec![]
    } else {
        tasks.chain(proposal.clone()).collect()
    };
    match event {
        Event::TaskReassigned { .. }
        | Event::HandedOver { .. }
        | Event::TaskDone { .. }
        | Event::TaskDropped { .. }
        | Event::TaskDue { .. }
        | Event::Withdrawn { .. }
        | Event::PartyRemoved { .. }
        | Event::Won {}
        | Event::Lost { .. }
        | Event::PresenceSet { .. }
        | Event::PresenceLapsed { .. } => deal
            .active()
            .flat_map(|(_, party)| party.people.keys())
            .map(|member| settle(*member, &open))
            .collect(),
        Event::PresenceSigned { org, .. } => {
            let signed: Vec<Seq> = proposal.collect();
            let open: Vec<Seq> = open.into_iter().filter(|at| !signed.contains(at)).collect();
            let leads = leads(deal, *org).into_iter();
            leads.map(|member| settle(member, &open)).collect()
        }
        Event::Opened(_)
        | Event::Invited(_)
        | Event::InvitationCancelled { .. }
        | Event::InvitationExpired { .. }
        | Event::Accepted(_)
        | Event::Declined { .. }
        | Event::PeopleAdded { .. }
        | Event::PeopleRemoved { .. }
        | Event::Left { .. }
        | Event::Allowed { .. }
        | Event::ResponsibilitySet { .. }
        | Event::Agreed { .. }
        | Event::Retitled { .. }
        | Event::CustomerSet { .. }
        | Event::ProblemSet { .. }
        | Event::Valued { .. }
        | Event::TargetSet { .. }
        | Event::NextStepSet { .. }
        | Event::StageMoved { .. }
        | Event::Frozen { .. }
        | Event::Unfrozen {}
        | Event::TaskAdded { .. }
        | Event::PresenceProposed { .. }
        | Event::VendorCalled { .. }
        | Event::VendorAsked { .. } => vec![],
    }
}

fn leads(deal: &Deal, org: OrgId) -> Vec<MemberId> {
    let people = deal.party(org).into_iter().flat_map(|party| &party.people);
    people
        .filter(|(_, role)| **role >= Role::Lead)
        .map(|(id, _)| *id)
        .collect()
}
