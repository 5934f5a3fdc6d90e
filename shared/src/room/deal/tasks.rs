//! What is to be done in a deal, by which party, until when.
//!
//! Open tasks all stand in the state; of the closed ones the last few do, and the rest are counted. A task's day ends at
//! midnight UTC; if it is open then, whoever is to do it is told once.

use super::{Clock, Deal, Event, TaskState, header, parties::text};
use crate::{
    entry::{Entry, Seq, Slot, TextRef},
    id::{MemberId, OrgId},
    limits,
    rejection::Rejection,
    room::Case,
    standing::Role,
    time::{Date, Timestamp},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who is to do a task, and until when. It stands in the deal's state too, whose form on disk has no place for fields that
/// are left out: each is always written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Which party.
    pub owner: OrgId,
    /// Which of its people, if one is meant.
    // Never left out when written: a room's row has no names of fields, and what is left out there shifts the rest.
    #[serde(default)]
    pub member: Option<MemberId>,
    /// By the end of which day.
    pub due: Date,
}

/// A task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Task {
    /// What.
    pub title: TextRef,
    /// Which organisation set it.
    pub by: Option<OrgId>,
    /// Who is to do it, and until when.
    pub to: Assignment,
    /// The entry that said so last.
    pub at: Seq,
    /// How it stands.
    pub state: TaskState,
    /// The entry that said that its day is over.
    pub reminded: Option<Seq>,
}

/// The tasks of a deal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Tasks {
    /// By the entry that set them: every open one, and the last [`limits::DEAL_TASKS_CLOSED_MAX`] that are closed.
    pub list: BTreeMap<Seq, Task>,
    /// How many closed ones are no longer listed.
    pub earlier: u64,
}

impl Tasks {
    /// The tasks that are to be done.
    pub fn open(&self) -> impl Iterator<Item = (Seq, &Task)> {
        self.list
            .iter()
            .filter(|(_, task)| task.state == TaskState::Open)
            .map(|(seq, task)| (*seq, task))
    }

    fn get(&self, task: Seq) -> Option<&Task> {
        self.list
            .get(&task)
            .filter(|task| task.state == TaskState::Open)
    }

    pub(super) fn clocks(&self) -> impl Iterator<Item = (Timestamp, Clock)> {
        self.open()
            .filter(|(_, task)| task.reminded.is_none())
            .map(|(seq, task)| (task.to.due.end(), Clock::Task { task: seq }))
    }

    pub(super) fn overdue(&self, task: Seq, now: Timestamp) -> Option<Event> {
        let open = self.get(task)?;
        let over = open.reminded.is_none() && open.to.due.end() <= now;
        over.then_some(Event::TaskDue { task })
    }

    pub(super) fn added(&mut self, entry: &Entry, to: Assignment, title: Slot) {
        let task = Task {
            title: text(entry.seq, title),
            by: entry.author.org(),
            to,
            at: entry.seq,
            state: TaskState::Open,
            reminded: None,
        };
        self.list.insert(entry.seq, task);
    }

    pub(super) fn reassigned(&mut self, at: Seq, task: Seq, to: Assignment) {
        if let Some(task) = self.list.get_mut(&task) {
            (task.to, task.at, task.reminded) = (to, at, None);
        }
    }

    pub(super) fn closed(&mut self, task: Seq, state: TaskState) {
        if let Some(task) = self.list.get_mut(&task) {
            task.state = state;
        }
        let closed = |task: &Task| task.state != TaskState::Open;
        if self.list.values().filter(|task| closed(task)).count() <= limits::DEAL_TASKS_CLOSED_MAX {
            return;
        }
        let oldest = self.list.iter().find(|(_, task)| closed(task));
        if let Some(oldest) = oldest.map(|(seq, _)| *seq) {
            self.list.remove(&oldest);
            self.earlier = self.earlier.saturating_add(1);
        }
    }

    pub(super) fn reminded(&mut self, at: Seq, task: Seq) {
        if let Some(task) = self.list.get_mut(&task) {
            task.reminded = Some(at);
        }
    }

    /// A person is gone: what they were to do is their party's.
    pub(super) fn free(&mut self, member: MemberId) {
        for task in self.list.values_mut() {
            task.to.member = task.to.member.filter(|other| *other != member);
        }
    }

    /// Another person is in charge: what the one was to do, the other is. Of a day that is over they are told anew.
    pub(super) fn passed(&mut self, at: Seq, from: MemberId, to: MemberId) {
        let open = self.list.values_mut();
        for task in
            open.filter(|task| task.state == TaskState::Open && task.to.member == Some(from))
        {
            (task.to.member, task.at, task.reminded) = (Some(to), at, None);
        }
        self.free(from);
    }

    /// A party is gone: what it was to do is the host's, so that nothing is nobody's.
    pub(super) fn hand_over(&mut self, from: OrgId, host: OrgId) {
        let open = self.list.values_mut();
        for task in open.filter(|task| task.state == TaskState::Open && task.to.owner == from) {
            (task.to.owner, task.to.member) = (host, None);
        }
    }
}

fn assignable(case: &Case<'_>, deal: &Deal, to: Assignment) -> Result<(), Rejection> {
    let party = deal.party(to.owner);
    let party = party.ok_or(Rejection::NoSuchThing("owner"))?;
    if to
        .member
        .is_some_and(|member| !party.people.contains_key(&member))
    {
        return Err(Rejection::NoSuchThing("member"));
    }
    header::to_come(case, to.due, "due")
}

pub(super) fn add(case: &Case<'_>, deal: &Deal, to: Assignment) -> Result<Event, Rejection> {
    case.unmuted()?;
    case.member()?;
    case.at_least(Role::Rep)?;
    assignable(case, deal, to)?;
    if deal.tasks.open().count() >= limits::DEAL_TASKS_MAX {
        return Err(Rejection::Limit {
            field: "open tasks",
            max: limits::DEAL_TASKS_MAX,
        });
    }
    let title = Slot(0);
    Ok(Event::TaskAdded { to, title })
}

/// Those who may close a task or give it to others: who is to do it, who set it, and the host's leads.
fn concerned<'a>(case: &Case<'_>, deal: &'a Deal, task: Seq) -> Result<&'a Task, Rejection> {
    let who = case.member()?;
    case.at_least(Role::Rep)?;
    let open = deal.tasks.get(task).ok_or(Rejection::NoSuchThing("task"))?;
    if open.to.owner != who.org && open.by != Some(who.org) && deal.host_lead(case).is_err() {
        return Err(Rejection::Only(
            "the party that is to do it, the one that set it, and the leads of the host",
        ));
    }
    Ok(open)
}

pub(super) fn settle(
    case: &Case<'_>,
    deal: &Deal,
    task: Seq,
    event: Event,
) -> Result<Event, Rejection> {
    concerned(case, deal, task)?;
    Ok(event)
}

pub(super) fn reassign(
    case: &Case<'_>,
    deal: &Deal,
    task: Seq,
    to: Assignment,
    seen: Seq,
) -> Result<Event, Rejection> {
    let open = concerned(case, deal, task)?;
    if open.at != seen {
        return Err(Rejection::Stale(open.at));
    }
    assignable(case, deal, to)?;
    if open.to == to {
        return Err(Rejection::Already("task"));
    }
    Ok(Event::TaskReassigned { task, to })
}
