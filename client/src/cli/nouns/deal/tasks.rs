//! What is to be done in a deal: set, taken on, given to others, done, or dropped.

use super::{
    super::{super::exit::Failure, words::usage, work::Work},
    TaskVerb,
    act::deal,
};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::RoomId,
    room::deal::{self, Assignment, Deal, Task},
    time::Date,
};

pub(super) async fn act(mut work: Work<'_>, verb: TaskVerb) -> Result<(), Failure> {
    match verb {
        TaskVerb::Add {
            room,
            title,
            due,
            org,
            person,
        } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let to = assignment(&mut work, &deal, due, (org, person)).await?;
            let command = Command::Deal(deal::Command::AddTask { to });
            work.send(room, command, &[&title]).await
        }
        TaskVerb::Take { room, seq, due } => {
            let (room, task, open) = open_task(&mut work, &room, seq).await?;
            let to = Assignment {
                owner: work.own,
                member: Some(work.me),
                due: due.unwrap_or(open.to.due),
            };
            let at = open.at;
            let command = Command::Deal(deal::Command::ReassignTask { task, to, at });
            work.send(room, command, &[]).await
        }
        TaskVerb::Move {
            room,
            seq,
            org,
            person,
            due,
        } => {
            let (room, task, open) = open_task(&mut work, &room, seq).await?;
            let due = due.unwrap_or(open.to.due);
            // Another day alone leaves it with whoever has it.
            let to = if org.is_none() && person.is_none() {
                Assignment { due, ..open.to }
            } else {
                let (_, deal) = deal(&mut work, &room.to_string()).await?;
                assignment(&mut work, &deal, due, (org, person)).await?
            };
            let at = open.at;
            let command = Command::Deal(deal::Command::ReassignTask { task, to, at });
            work.send(room, command, &[]).await
        }
        TaskVerb::Done { room, seq } => {
            let (room, task, _) = open_task(&mut work, &room, seq).await?;
            let command = Command::Deal(deal::Command::DoneTask { task });
            work.send(room, command, &[]).await
        }
        TaskVerb::Drop { room, seq } => {
            let (room, task, _) = open_task(&mut work, &room, seq).await?;
            let command = Command::Deal(deal::Command::DropTask { task });
            work.send(room, command, &[]).await
        }
    }
}

/// The open task of this number.
async fn open_task(
    work: &mut Work<'_>,
    room: &str,
    seq: u64,
) -> Result<(RoomId, Seq, Task), Failure> {
    let (room, deal) = deal(work, room).await?;
    let mut open = deal.tasks.open();
    if let Some((task, open)) = open.find(|(task, _)| *task == Seq(seq)) {
        return Ok((room, task, *open));
    }
    let numbers: Vec<String> = deal.tasks.open().map(|(seq, _)| seq.to_string()).collect();
    Err(usage(if numbers.is_empty() {
        "there is no open task here".to_owned()
    } else {
        format!(
            "there is no open task {seq}; there are: {}",
            numbers.join(", ")
        )
    }))
}

async fn assignment(
    work: &mut Work<'_>,
    deal: &Deal,
    due: Date,
    (org, person): (Option<String>, Option<String>),
) -> Result<Assignment, Failure> {
    let member = match person {
        Some(person) => Some(work.person(&person).await?),
        None => None,
    };
    let owner = match (org, member) {
        (Some(org), _) => work.find_org(&org).await?,
        // A person says which party is meant.
        (None, Some(member)) => deal
            .active()
            .find(|(_, party)| party.people.contains_key(&member))
            .map_or(work.own, |(org, _)| org),
        (None, None) => work.own,
    };
    Ok(Assignment { owner, member, due })
}
