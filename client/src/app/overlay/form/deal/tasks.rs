//! What is to be done in a deal: set, taken on, given to others, done, or dropped.

use super::{ALL, DAY, Sheet, held, made};
use crate::app::{
    App,
    form::{Field, Form, Ready},
};
use rialto_shared::{
    entry::Seq,
    id::{MemberId, OrgId, RoomId},
    room::deal::{self, Assignment, Deal, Task},
};

/// What is done about a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tasking {
    /// It is set.
    Add,
    /// It is done.
    Done,
    /// I take it on.
    Take,
    /// It is given to others, or another day.
    Move,
    /// It is no longer wanted.
    Drop,
}

pub(super) fn sheet(app: &App, room: RoomId, what: Tasking) -> Sheet {
    let deal = held(app, room)?;
    let task = || {
        let open = choices(app, room, deal);
        if open.is_empty() {
            return Err("nothing is to be done in this deal".to_owned());
        }
        Ok(Field::choice("task", ALL, &open))
    };
    Ok(match what {
        Tasking::Add => {
            let mut fields = vec![Field::text("task", ALL)];
            fields.extend(who(app, deal));
            fields.push(Field::text("due", "such as 2026-05-04"));
            ("New task", fields)
        }
        Tasking::Done => ("Which task is done", vec![task()?]),
        Tasking::Take => {
            let due = Field::text("due", "such as 2026-05-04; as it is where empty");
            ("Which task do you take on", vec![task()?, due])
        }
        Tasking::Drop => ("Which task is no longer wanted", vec![task()?]),
        Tasking::Move => {
            let mut fields = vec![task()?];
            fields.extend(who(app, deal));
            fields.push(Field::text(
                "due",
                "such as 2026-05-04; as it is where empty",
            ));
            ("Give a task to others, or another day", fields)
        }
    })
}

/// Open tasks as they are chosen: by their number, so that two of one name are told apart.
fn choices(app: &App, room: RoomId, deal: &Deal) -> Vec<String> {
    let held = app.console.replica().room(room);
    let title = |task: &Task| {
        let text = held.and_then(|held| held.texts.get(task.title));
        text.map_or_else(String::new, |text| text.text.to_string())
    };
    let open = deal.tasks.open();
    open.map(|(seq, task)| format!("{seq} {}", title(task)))
        .collect()
}

/// Who is to do it: a party, and one of its people if one is meant.
fn who(app: &App, deal: &Deal) -> [Field; 2] {
    let replica = app.console.replica();
    let parties: Vec<String> = deal.active().map(|(org, _)| app.org_name(org)).collect();
    let own = app
        .own_org()
        .map_or_else(String::new, |org| app.org_name(org));
    let people = deal.active().flat_map(|(_, party)| party.people.keys());
    let people = people.map(|member| replica.person_name(*member)).collect();
    [
        Field::choice("party", "who is to do it", &parties).at(&own),
        Field::text(
            "person",
            "one of its people, if one is meant; may stay empty",
        )
        .knowing(people),
    ]
}

/// The task that is chosen.
fn chosen(form: &Form, deal: &Deal) -> Result<(Seq, Task), String> {
    let number = form.needed("task")?.split(' ').next().unwrap_or_default();
    let seq = Seq(number.parse().map_err(|_| "task: one of the list")?);
    let mut open = deal.tasks.open();
    let task = open.find(|(other, _)| *other == seq);
    task.map(|(seq, task)| (seq, *task))
        .ok_or_else(|| "task: it is closed already".to_owned())
}

/// The party that is chosen, and the person who is meant.
fn owner(app: &App, form: &Form, deal: &Deal) -> Result<(OrgId, Option<MemberId>), String> {
    let party = form.needed("party")?;
    let org = deal
        .active()
        .map(|(org, _)| org)
        .find(|org| app.org_name(*org) == party)
        .ok_or("party: one of the list")?;
    let member = match form.said("person") {
        "" => None,
        _ => Some(form.person(app, "person")?),
    };
    let there = |member: &MemberId| {
        deal.party(org)
            .is_some_and(|party| party.people.contains_key(member))
    };
    if member.is_some_and(|member| !there(&member)) {
        return Err(format!("person: nobody of that name is here for {party}"));
    }
    Ok((org, member))
}

pub(super) fn ready(app: &App, form: &Form, room: RoomId, what: Tasking) -> Result<Ready, String> {
    let deal = held(app, room)?;
    match what {
        Tasking::Add => {
            let (owner, member) = owner(app, form, deal)?;
            let due = form.read("due", DAY)?;
            let to = Assignment { owner, member, due };
            let title = form.needed("task")?;
            made(room, deal::Command::AddTask { to }, &[title], "")
        }
        Tasking::Done => {
            let (task, _) = chosen(form, deal)?;
            made(room, deal::Command::DoneTask { task }, &[], "")
        }
        Tasking::Drop => {
            let (task, _) = chosen(form, deal)?;
            let sentence = "Closes the task as no longer wanted, for every party.";
            made(room, deal::Command::DropTask { task }, &[], sentence)
        }
        Tasking::Take => {
            let (task, open) = chosen(form, deal)?;
            let me = app.console.replica().my_id().zip(app.own_org());
            let (me, owner) = me.ok_or("you are not known here yet")?;
            let due = form.read_if_said("due", DAY)?.unwrap_or(open.to.due);
            let member = Some(me);
            let to = Assignment { owner, member, due };
            let at = open.at;
            made(room, deal::Command::ReassignTask { task, to, at }, &[], "")
        }
        Tasking::Move => {
            let (task, open) = chosen(form, deal)?;
            let (owner, member) = owner(app, form, deal)?;
            let due = form.read_if_said("due", DAY)?.unwrap_or(open.to.due);
            let to = Assignment { owner, member, due };
            let at = open.at;
            made(room, deal::Command::ReassignTask { task, to, at }, &[], "")
        }
    }
}
