//! What the commands on deals do.

use super::{
    super::{
        super::{exit::Failure, importing, output, talk},
        words::usage,
        work::{Work, meant},
    },
    Invite, Open, PresenceVerb, TaskVerb, Verb, call, show,
};
use rialto_shared::{
    command::Command,
    entry::Seq,
    event::Event,
    id::RoomId,
    room::{
        State,
        deal::{self, Assignment, Can, Deal, Responsibility, TaskState},
        inbox,
        org::DealInvitation,
    },
    time::Date,
};
use serde_json::json;

pub(in super::super) async fn act(mut work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Open(opening) => open(work, opening).await,
        Verb::Upsert(asked) => importing::upsert(work.context, work.client, asked).await,
        Verb::Import(asked) => importing::import(work.context, work.client, asked).await,
        Verb::List => show::list(work).await,
        Verb::Show { room } => {
            let (room, _) = deal(&mut work, &room).await?;
            show::show(work, room).await
        }
        Verb::Invite(asked) => invite(work, asked).await,
        Verb::Cancel { room, org } => cancel(work, &room, &org).await,
        Verb::Accept { room, person } => {
            let (room, asked) = asked(&work, &room)?;
            let people = work.people(&person).await?;
            let command = deal::Command::AcceptInvitation {
                invitation: asked.matter,
                people,
            };
            answer(work, room, command, &[]).await
        }
        Verb::Decline {
            room,
            reason,
            words,
        } => {
            let (room, asked) = asked(&work, &room)?;
            let invitation = asked.matter;
            let command = deal::Command::DeclineInvitation { invitation, reason };
            answer(work, room, command, &[&words]).await
        }
        Verb::Add { room, person, role } => {
            let people = work.people(&person).await?;
            step(work, &room, deal::Command::AddPeople { people, role }, &[]).await
        }
        Verb::Task { verb } => task(work, verb).await,
        Verb::Presence { room, verb } => presence(work, &room, &verb).await,
        Verb::Call {
            room,
            words,
            person,
        } => {
            let words = output::text(&words)?;
            let (room, deal) = deal(&mut work, &room).await?;
            let members = call::managers(&mut work, &deal, &person).await?;
            let command = Command::Deal(deal::Command::CallVendor { members });
            work.send(room, command, &[&words]).await
        }
        Verb::Stage { .. } | Verb::Next { .. } | Verb::Value { .. } | Verb::CloseDate { .. } => {
            state(work, verb).await
        }
        Verb::Freeze { room, reason } => {
            step(work, &room, deal::Command::Freeze {}, &[&reason]).await
        }
        Verb::Unfreeze { room } => step(work, &room, deal::Command::Unfreeze {}, &[]).await,
        Verb::Win { room } => step(work, &room, deal::Command::Win {}, &[]).await,
        Verb::Lose {
            room,
            reason,
            words,
        } => step(work, &room, deal::Command::Lose { reason }, &[&words]).await,
        Verb::Withdraw { room } => step(work, &room, deal::Command::Withdraw {}, &[]).await,
    }
}

async fn cancel(mut work: Work<'_>, room: &str, org: &str) -> Result<(), Failure> {
    let org = work.find_org(org).await?;
    let (room, deal) = deal(&mut work, room).await?;
    if !deal.invitations.contains_key(&org) {
        return Err(usage(format!(
            "{} is not asked into this deal, or no longer: see `rialto deal show {room}`",
            work.org_name(org)
        )));
    }
    let command = Command::Deal(deal::Command::CancelInvitation { org });
    work.send(room, command, &[]).await
}

/// The deal that is meant: by its id or its title, or a beginning of one.
pub(super) async fn deal(work: &mut Work<'_>, room: &str) -> Result<(RoomId, Deal), Failure> {
    let known: Vec<(RoomId, String)> = work
        .replica()
        .rooms()
        .filter_map(|(id, held)| Some((id, held.room.state.deal()?.header.title.value)))
        .map(|(id, title)| (id, work.text(id, title).unwrap_or_default().to_owned()))
        .collect();
    let id = match room.parse::<RoomId>() {
        Ok(id) => id,
        Err(_) => meant(room, known)?,
    };
    if let Some((asked, _)) = work.org()?.deals.get_key_value(&id)
        && work.state(id).is_none()
    {
        return Err(usage(format!(
            "you are asked into this deal and not in it: `rialto deal accept {asked}` comes first"
        )));
    }
    work.here(id).await?;
    match work.state(id) {
        Some(State::Deal(deal)) => Ok((id, (**deal).clone())),
        Some(_) | None => Err(usage(format!("{room} is no deal: see `rialto deal list`"))),
    }
}

/// The open invitation that is meant: by the deal's id or the name of who asks, or a beginning of one.
fn asked(work: &Work<'_>, room: &str) -> Result<(RoomId, DealInvitation), Failure> {
    let org = work.org()?;
    let known = org
        .deals
        .iter()
        .map(|(id, open)| (*id, work.org_name(open.from)))
        .collect();
    let id = match room.parse::<RoomId>() {
        Ok(id) => id,
        Err(_) => meant(room, known)?,
    };
    let open = org.deals.get(&id).ok_or_else(|| {
        usage(format!(
            "your organisation is not asked into {room}, or no longer: see `rialto deal list`"
        ))
    })?;
    Ok((id, open.clone()))
}

async fn step(
    mut work: Work<'_>,
    room: &str,
    command: deal::Command,
    texts: &[&str],
) -> Result<(), Failure> {
    let (room, _) = deal(&mut work, room).await?;
    work.send(room, Command::Deal(command), texts).await
}

/// Sends an answer to an invitation: whoever gives it does not read the room.
async fn answer(
    mut work: Work<'_>,
    room: RoomId,
    command: deal::Command,
    texts: &[&str],
) -> Result<(), Failure> {
    let receipt = work.submit(room, Command::Deal(command), texts).await?;
    talk::receipt(work.context, &work.client, &receipt)?;
    work.close()
}

async fn open(mut work: Work<'_>, open: Open) -> Result<(), Failure> {
    let mut people = work.people(&open.person).await?;
    people.remove(&work.me);
    let problem = output::text(&open.problem)?;
    let command = Command::Inbox(inbox::Command::OpenDeal {
        presence: open.presence,
        value: open.value,
        close: open.close,
        people,
    });
    let inbox = RoomId::inbox(work.me);
    let texts = [open.title.as_str(), &open.customer, &problem];
    let receipt = work.submit(inbox, command, &texts).await?;
    let opened = work.outcome(&receipt, |event| {
        let Event::Inbox(inbox::Event::DealOpened { deal, .. }) = event else {
            return None;
        };
        Some(*deal)
    });
    match opened {
        Some(deal) => work.print(
            &json!({"deal": deal, "title": open.title}),
            &format!("{deal}  {}", open.title),
        )?,
        None => talk::receipt(work.context, &work.client, &receipt)?,
    }
    work.close()
}

async fn invite(mut work: Work<'_>, invite: Invite) -> Result<(), Failure> {
    let org = work.find_org(&invite.org).await?;
    if invite.responsibility == Responsibility::Vendor {
        return Err(usage(
            "the vendor is not invited: see `rialto deal presence` and `rialto deal call`",
        ));
    }
    let message = output::text(&invite.message)?;
    let command = deal::Command::Invite {
        org,
        responsibility: invite.responsibility,
        history: invite.history,
        can: Can {
            invite: invite.can_invite,
            edit: invite.can_edit,
        },
    };
    step(work, &invite.room, command, &[&message]).await
}

/// Replaces something that the deal states, naming the entry that set it last.
async fn state(mut work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    let (room, command, text) = match verb {
        Verb::Stage { room, stage } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let at = deal.course.stage.at;
            (room, deal::Command::MoveStage { to: stage, at }, None)
        }
        Verb::Next { room, text } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let at = deal.header.next_step.at;
            (room, deal::Command::NextStep { at }, Some(text))
        }
        Verb::Value { room, money } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let (value, at) = (money, deal.header.value.at);
            (room, deal::Command::Value { value, at }, None)
        }
        Verb::CloseDate { room, date } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let (close, at) = (date, deal.header.close.at);
            (room, deal::Command::TargetClose { close, at }, None)
        }
        Verb::Open(_)
        | Verb::Upsert(_)
        | Verb::Import(_)
        | Verb::List
        | Verb::Show { .. }
        | Verb::Invite(_)
        | Verb::Cancel { .. }
        | Verb::Accept { .. }
        | Verb::Decline { .. }
        | Verb::Add { .. }
        | Verb::Task { .. }
        | Verb::Freeze { .. }
        | Verb::Unfreeze { .. }
        | Verb::Win { .. }
        | Verb::Lose { .. }
        | Verb::Presence { .. }
        | Verb::Call { .. }
        | Verb::Withdraw { .. } => return Err(usage("nothing is replaced by this")),
    };
    let texts: Vec<&str> = text.iter().map(String::as_str).collect();
    work.send(room, Command::Deal(command), &texts).await
}

async fn task(mut work: Work<'_>, verb: TaskVerb) -> Result<(), Failure> {
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
        TaskVerb::Done { room, seq } => {
            let (room, task) = open_task(&mut work, &room, seq).await?;
            let command = Command::Deal(deal::Command::DoneTask { task });
            work.send(room, command, &[]).await
        }
        TaskVerb::Drop { room, seq } => {
            let (room, task) = open_task(&mut work, &room, seq).await?;
            let command = Command::Deal(deal::Command::DropTask { task });
            work.send(room, command, &[]).await
        }
    }
}

async fn open_task(work: &mut Work<'_>, room: &str, seq: u64) -> Result<(RoomId, Seq), Failure> {
    let (room, deal) = deal(work, room).await?;
    let (task, open) = (Seq(seq), |task: &deal::Task| task.state == TaskState::Open);
    if deal.tasks.list.get(&task).is_some_and(open) {
        return Ok((room, task));
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

async fn presence(mut work: Work<'_>, room: &str, verb: &PresenceVerb) -> Result<(), Failure> {
    let (room, deal) = deal(&mut work, room).await?;
    let command = match verb {
        PresenceVerb::Propose { to } => deal::Command::ProposePresence { to: *to },
        PresenceVerb::Sign => {
            let open = deal.proposal.ok_or_else(|| {
                usage(
                    "no other presence is proposed here: `rialto deal presence ROOM propose` does",
                )
            })?;
            deal::Command::SignPresence {
                proposal: open.entry.seq,
            }
        }
    };
    work.send(room, Command::Deal(command), &[]).await
}
