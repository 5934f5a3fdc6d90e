//! A Deal: up to twelve organisations progress one customer together.
//!
//! Its people are named by their own organisations; the vendor's alliance managers are here only as the parties signed.
//! Everyone seated knows the whole state; what one party keeps to itself is in its Side. A deal ends once, as won or lost,
//! and is talked about ever after.

mod ask;
mod command;
mod event;
mod header;
mod invitation;
mod opening;
mod parties;
mod presence;
mod reactions;
mod stage;
mod tasks;
mod terms;
#[cfg(test)]
mod tests;

pub use ask::{Ask, Clock};
pub use command::{Command, Verb};
pub use event::{Accepted, Event, Founder, Invited, Opening};
pub use header::Header;
pub use invitation::Invitation;
pub(crate) use opening::founding;
pub(crate) use parties::handed_over;
pub use parties::{Party, side_of};
pub use presence::Proposal;
pub(crate) use reactions::{kept, react};
pub use stage::{Course, End, Freeze, Move, Outcome};
pub use tasks::{Assignment, Task, Tasks};
pub use terms::{
    Can, Closing, DeclineReason, LostReason, PartyStatus, Presence, Responsibility, Seated, Stage,
    TaskState,
};

use super::{Admission, Case, Due, Room, State, Stated, Taking};
use crate::{
    audience::Audience,
    command::SlotRule,
    entry::{Entry, SaltedText, Slot, TextRef, Worded},
    event::Event as Fact,
    id::{MemberId, OrgId, PublicKey, RoomId},
    rejection::Rejection,
    standing::{Role, Standing},
    text::TextKind,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the room holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Deal {
    /// The party that hosts it, to the end.
    pub host: OrgId,
    /// The referral that it came from.
    pub origin: Option<RoomId>,
    /// Everyone who is or was a party; at most [`crate::limits::DEAL_PARTIES_MAX`] are.
    pub parties: BTreeMap<OrgId, Party>,
    /// Open invitations.
    pub invitations: BTreeMap<OrgId, Invitation>,
    /// What the deal is about.
    pub header: Header,
    /// What the system says of it that the host had it in before, where it was imported.
    pub imported: Option<TextRef>,
    /// How far it is, and how it got there.
    pub course: Course,
    /// What is to be done.
    pub tasks: Tasks,
    /// Whether everything but talk is stopped.
    pub frozen: Option<Freeze>,
    /// How the vendor is present.
    pub presence: Stated<Presence>,
    /// Another presence, proposed and not signed by all.
    pub proposal: Option<Proposal>,
    /// Alliance managers who were called, and their organisation.
    pub called: BTreeMap<MemberId, OrgId>,
    /// How it ended.
    pub end: Option<End>,
}

impl Deal {
    pub(crate) fn standing_texts(&self) -> Vec<TextRef> {
        let invited = self.invitations.values().map(|open| open.message);
        let lost = self.end.as_ref().and_then(|end| end.outcome.words());
        self.header
            .texts()
            .chain(invited)
            .chain(self.tasks.list.values().map(|task| task.title))
            .chain(self.frozen.as_ref().map(|freeze| freeze.reason))
            .chain(lost)
            .chain(self.imported)
            .collect()
    }

    /// Whether this member has an open invitation here.
    pub(crate) fn invites(&self, who: &Standing) -> bool {
        who.active()
            && who.member.role >= Role::Lead
            && who.org.root.is_some()
            && self.invitations.contains_key(&who.org.id)
    }

    pub(crate) fn due(&self) -> Option<(Timestamp, Due)> {
        if self.end.is_some() {
            return None;
        }
        let invitations = self.invitations.iter().map(|(org, open)| {
            let clock = Clock::Invitation { org: *org };
            (open.until, clock)
        });
        let proposal = self.proposal.iter().map(|open| {
            let clock = Clock::Presence {
                proposal: open.entry.seq,
            };
            (open.until, clock)
        });
        invitations
            .chain(proposal)
            .chain(self.tasks.clocks())
            .min_by_key(|(at, _)| *at)
            .map(|(at, clock)| (at, Due::Deal(clock)))
    }

    /// Refuses whoever does not moderate here: the host's leads do, and the alliance managers who are present.
    pub(crate) fn moderates(&self, case: &Case<'_>) -> Result<(), Rejection> {
        if self.manages(case) {
            Ok(())
        } else if self.own(case) == Ok(self.host) {
            case.at_least(Role::Lead)
        } else {
            Err(Rejection::Only(
                "the leads of the host, and the alliance managers who are present,",
            ))
        }
    }

    /// A party that is one.
    #[must_use]
    pub fn party(&self, org: OrgId) -> Option<&Party> {
        self.parties
            .get(&org)
            .filter(|party| party.status == PartyStatus::Active)
    }

    /// What it signs here from now on is verified with another root key.
    pub(super) fn renew(&mut self, org: OrgId, root: PublicKey) {
        let party = self.parties.entry(org);
        party.and_modify(|party| party.root = root);
    }

    /// The organisations that are parties.
    pub fn active(&self) -> impl Iterator<Item = (OrgId, &Party)> {
        self.parties
            .iter()
            .filter(|(_, party)| party.status == PartyStatus::Active)
            .map(|(org, party)| (*org, party))
    }

    /// The organisations whose tie with the host matters here: the other parties and those invited, until the deal ends.
    pub fn bound(&self) -> impl Iterator<Item = OrgId> {
        let parties = self.active().map(|(org, _)| org);
        parties
            .chain(self.invitations.keys().copied())
            .filter(|org| *org != self.host && self.end.is_none())
    }

    /// The party that whoever asks is here for.
    fn own(&self, case: &Case<'_>) -> Result<OrgId, Rejection> {
        let who = case.member()?;
        self.party(who.org)
            .filter(|party| party.people.contains_key(&who.id))
            .map(|_| who.org)
            .ok_or(Rejection::Only("the people of a party"))
    }

    /// The party that whoever asks leads here.
    fn lead(&self, case: &Case<'_>) -> Result<OrgId, Rejection> {
        let org = self.own(case)?;
        case.at_least(Role::Lead)?;
        Ok(org)
    }

    fn host_lead(&self, case: &Case<'_>) -> Result<(), Rejection> {
        if self.own(case) == Ok(self.host) {
            case.at_least(Role::Lead)
        } else {
            Err(Rejection::Only("the leads of the host"))
        }
    }

    /// Whether whoever asks is one of the vendor's alliance managers, here by the vendor's presence.
    fn manages(&self, case: &Case<'_>) -> bool {
        let manager = case.standing().is_ok_and(Standing::alliance);
        manager && matches!(case.admission, Admission::Seat { .. }) && self.own(case).is_err()
    }
}

pub(crate) fn decide(
    case: &Case<'_>,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Vec<Worded<Fact>>, Rejection> {
    let State::Deal(deal) = &case.room.state else {
        return Err(Rejection::NotHere("such a deal"));
    };
    let events = if let Some(answer) = invitation::answer(case, deal, command) {
        vec![answer?]
    } else {
        case.seated()?;
        stage::goes_on(deal, command)?;
        within(case, deal, command)?
    };
    let worded = |event: Event| {
        let texts = if event.worded() {
            texts.to_vec()
        } else {
            vec![]
        };
        Worded::new(Fact::Deal(event), texts)
    };
    Ok(events.into_iter().map(worded).collect())
}

fn within(case: &Case<'_>, deal: &Deal, command: &Command) -> Result<Vec<Event>, Rejection> {
    let event = match command {
        Command::Invite { .. } => invitation::invite(case, deal, command),
        Command::CancelInvitation { org } => invitation::cancel(case, deal, *org),
        Command::AcceptInvitation { .. } | Command::DeclineInvitation { .. } => {
            Err(Rejection::Revoked)
        }
        Command::AddPeople { people, role } => parties::add_people(case, deal, people, *role),
        Command::RemovePeople { people } => parties::remove_people(case, deal, people),
        Command::Leave {} => parties::leave(case, deal),
        Command::Withdraw {} => parties::withdraw(case, deal),
        Command::RemoveParty { org } => parties::remove_party(case, deal, *org),
        Command::Allow { org, can, at } => parties::allow(case, deal, *org, *can, *at),
        Command::Responsible { responsibility, at } => {
            parties::responsible(case, deal, *responsibility, *at)
        }
        Command::Recheck { org } => parties::recheck(case, deal, *org),
        Command::Retitle { at } => header::retitle(case, deal, *at),
        Command::Customer { at } => header::customer(case, deal, *at),
        Command::Problem { at } => header::problem(case, deal, *at),
        Command::Value { value, at } => header::value(case, deal, *value, *at),
        Command::TargetClose { close, at } => header::close(case, deal, *close, *at),
        Command::NextStep { at } => header::next_step(case, deal, *at),
        Command::MoveStage { to, at } => stage::advance(case, deal, *to, *at),
        Command::Win {} => return stage::end(case, deal, Event::Won {}),
        Command::Lose { reason } => {
            let (reason, words) = (*reason, Slot(0));
            return stage::end(case, deal, Event::Lost { reason, words });
        }
        Command::Freeze {} => stage::freeze(case, deal),
        Command::Unfreeze {} => stage::unfreeze(case, deal),
        Command::AddTask { to } => tasks::add(case, deal, *to),
        Command::DoneTask { task } => {
            tasks::settle(case, deal, *task, Event::TaskDone { task: *task })
        }
        Command::DropTask { task } => {
            tasks::settle(case, deal, *task, Event::TaskDropped { task: *task })
        }
        Command::ReassignTask { task, to, at } => tasks::reassign(case, deal, *task, *to, *at),
        Command::ProposePresence { to } => return presence::propose(case, deal, *to),
        Command::SignPresence { proposal } => return presence::sign(case, deal, *proposal),
        Command::CallVendor { members } => presence::call(case, deal, members),
    };
    event.map(|event| vec![event])
}

pub(crate) fn apply(room: &mut Room, entry: &Entry, event: &Event) {
    if let Event::Opened(opening) = event {
        opening::opened(room, entry, opening);
        return;
    }
    let head = room.head;
    let Room {
        state: State::Deal(deal),
        audience,
        ..
    } = room
    else {
        return;
    };
    let seq = entry.seq;
    let worded = |slot| Stated::new(seq, TextRef { seq, slot });
    let header = &mut deal.header;
    match event {
        Event::Opened(_) | Event::VendorAsked { .. } => {}
        Event::Invited(invited) => invitation::invited(deal, entry, invited),
        Event::InvitationCancelled { org }
        | Event::InvitationExpired { org, .. }
        | Event::Declined { org, .. } => {
            deal.invitations.remove(org);
        }
        Event::Accepted(accepted) => invitation::accepted(audience, deal, entry, accepted),
        Event::PeopleAdded { org, people } => parties::seat(audience, deal, *org, people),
        Event::PeopleRemoved { org, people } => parties::unseat(audience, deal, *org, people),
        Event::Left { org, member } => parties::unseat(audience, deal, *org, &[*member]),
        Event::HandedOver { org, from, to } => {
            parties::passed(audience, deal, seq, *org, (*from, *to));
        }
        Event::Withdrawn { org, .. } => parties::gone(audience, deal, *org, PartyStatus::Left),
        Event::PartyRemoved { org, .. } => {
            parties::gone(audience, deal, *org, PartyStatus::Removed);
        }
        Event::Allowed { org, can } => parties::allowed(deal, *org, *can, seq),
        Event::ResponsibilitySet {
            org,
            responsibility,
        } => parties::responsibility_set(deal, *org, *responsibility, seq),
        Event::Agreed { org, nda } => parties::agreed(deal, *org, *nda),
        Event::Retitled { title } => header.title = worded(*title),
        Event::CustomerSet { customer } => header.customer = worded(*customer),
        Event::ProblemSet { problem } => header.problem = worded(*problem),
        Event::Valued { value } => header.value = Stated::new(seq, *value),
        Event::TargetSet { close } => header.close = Stated::new(seq, *close),
        Event::NextStepSet { next_step } => header.next_step = worded(*next_step),
        Event::StageMoved { to } => deal.course.moved(head, entry, *to),
        Event::Won {} => stage::ended(deal, entry, Outcome::Won),
        Event::Lost { reason, words } => {
            let (reason, words) = (*reason, TextRef { seq, slot: *words });
            stage::ended(deal, entry, Outcome::Lost { reason, words });
        }
        Event::Frozen { reason } => deal.frozen = stage::frozen(entry, *reason),
        Event::Unfrozen {} => deal.frozen = None,
        Event::TaskAdded { to, title } => deal.tasks.added(entry, *to, *title),
        Event::TaskReassigned { task, to } => deal.tasks.reassigned(seq, *task, *to),
        Event::TaskDone { task } => deal.tasks.closed(*task, TaskState::Done),
        Event::TaskDropped { task } => deal.tasks.closed(*task, TaskState::Dropped),
        Event::TaskDue { task } => deal.tasks.reminded(seq, *task),
        Event::PresenceProposed { org, to, until } => {
            deal.proposal = Some(Proposal::by(*org, head, *to, *until));
        }
        Event::PresenceSigned { org, .. } => presence::signed(deal, *org),
        Event::PresenceSet { to, .. } => presence::set(audience, deal, seq, *to),
        Event::PresenceLapsed { .. } => deal.proposal = None,
        Event::VendorCalled {
            vendor, members, ..
        } => presence::called(audience, deal, seq, *vendor, members),
    }
}

pub(crate) fn take(taking: &Taking<'_>, ask: &Ask) -> Vec<Worded<Fact>> {
    let opens = |opening: Option<Opening>, texts: Vec<SaltedText>| {
        let opened = opening.map(|opening| Event::Opened(Box::new(opening)));
        opened
            .map(|event| Worded::new(Fact::Deal(event), texts))
            .into_iter()
            .collect()
    };
    match (ask, &taking.room.state) {
        (
            Ask::Open {
                title, customer, ..
            },
            State::Void,
        ) => opens(
            opening::converted(taking.id, ask),
            vec![title.clone(), customer.clone()],
        ),
        (
            Ask::Begin {
                title,
                customer,
                problem,
                imported,
                ..
            },
            State::Void,
        ) => opens(
            opening::begun(ask),
            [title, customer]
                .into_iter()
                .chain(problem)
                .chain(imported)
                .cloned()
                .collect(),
        ),
        (Ask::Tie { with }, State::Deal(deal)) => {
            let event = parties::tied(deal, *with, taking.tie);
            event
                .map(|event| Worded::plain(Fact::Deal(event)))
                .into_iter()
                .collect()
        }
        (Ask::Open { .. } | Ask::Begin { .. } | Ask::Tie { .. }, _) => vec![],
    }
}

pub(crate) fn fire(room: &Room, clock: &Clock, now: Timestamp) -> Vec<Worded<Fact>> {
    let State::Deal(deal) = &room.state else {
        return vec![];
    };
    // A clock that the room no longer shows, or not yet, fires nothing.
    let event = match clock {
        Clock::Invitation { org } => deal
            .invitations
            .get(org)
            .filter(|open| open.until <= now)
            .map(|open| Event::InvitationExpired {
                org: *org,
                inviter: open.inviter,
            }),
        Clock::Presence { proposal } => deal
            .proposal
            .as_ref()
            .filter(|open| open.entry.seq == *proposal && open.until <= now)
            .map(|_| Event::PresenceLapsed {
                proposal: *proposal,
            }),
        Clock::Task { task } => deal.tasks.overdue(*task, now),
    };
    event
        .map(|event| Worded::plain(Fact::Deal(event)))
        .into_iter()
        .collect()
}

/// The people of a command that exist, take part and are of this organisation, with a role each.
fn people_of(
    case: &Case<'_>,
    org: OrgId,
    wanted: &BTreeSet<MemberId>,
    role: impl Fn(Role) -> Role,
) -> Result<Vec<Seated>, Rejection> {
    let found: Vec<Seated> = case
        .named
        .iter()
        .filter(|card| card.org == org && card.status == crate::standing::Status::Active)
        .filter(|card| wanted.contains(&card.id))
        .map(|card| Seated {
            id: card.id,
            role: role(card.role),
        })
        .collect();
    if found.len() == wanted.len() {
        Ok(found)
    } else {
        Err(Rejection::NoSuchThing("people"))
    }
}

/// The texts that a deal is opened with.
pub(crate) fn opening_slots() -> Vec<SlotRule> {
    vec![
        ("title", TextKind::Title),
        ("customer", TextKind::Name),
        ("problem", TextKind::Body),
    ]
}

/// A seat for each of these people of a party.
fn seat_all(audience: &mut Audience, org: OrgId, party: &Party, people: &[Seated]) {
    for person in people {
        audience.seat(person.id, org, person.role, party.since);
    }
}
