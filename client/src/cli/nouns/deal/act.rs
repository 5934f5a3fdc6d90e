//! What the commands on deals do.

use super::{
    super::{
        super::{exit::Failure, importing, output, talk},
        words::usage,
        work::{Work, meant},
    },
    Open, PresenceVerb, Verb, call, header, parties, show, tasks,
};
use rialto_shared::{
    command::Command,
    event::Event,
    id::RoomId,
    room::{
        State,
        deal::{self, Deal},
        inbox,
        org::DealInvitation,
    },
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
        Verb::Party(verb) => parties::act(work, verb).await,
        Verb::Header(verb) => header::act(work, verb).await,
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
        Verb::Task { verb } => tasks::act(work, verb).await,
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
        Verb::Leave { room } => step(work, &room, deal::Command::Leave {}, &[]).await,
        Verb::Withdraw { room } => step(work, &room, deal::Command::Withdraw {}, &[]).await,
    }
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

pub(super) async fn step(
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
