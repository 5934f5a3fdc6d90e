//! Who sits in a Side beside the Leads of one's organisation: the room that is private to it, of a case, a referral or a
//! deal. It is meant by its own id or title, or by the room that it stands beside.

use super::super::exit::Failure;
use super::{
    words::{one_of, usage},
    work::Work,
};
use clap::Subcommand;
use rialto_shared::{
    audience::Grant,
    command::Command,
    id::{MemberId, RoomId},
    room::{
        State,
        side::{self, About},
    },
    standing::Role,
};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(in super::super) enum Verb {
    /// Who is named in it; the leads of your organisation read it unnamed.
    People {
        /// The case, or the referral or deal that it stands beside.
        room: String,
    },
    /// Name a person of your organisation, or give them another role here.
    Add {
        /// The case, or the referral or deal that it stands beside.
        room: String,
        person: String,
        /// viewer, rep or lead.
        #[arg(long, default_value = "rep", value_parser = one_of::<Role>)]
        role: Role,
    },
    /// Take a person out: they lose it at once; you sign it.
    Remove {
        /// The case, or the referral or deal that it stands beside.
        room: String,
        person: String,
    },
}

pub(super) async fn act(mut work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::People { room } => {
            let room = ours(&mut work, &room).await?;
            people(work, room)
        }
        Verb::Add { room, person, role } => {
            let room = ours(&mut work, &room).await?;
            let member = work.person(&person).await?;
            let command = Command::Side(side::Command::Add { member, role });
            work.send(room, command, &[]).await
        }
        Verb::Remove { room, person } => {
            let room = ours(&mut work, &room).await?;
            let member = work.person(&person).await?;
            let command = Command::Side(side::Command::Remove { member });
            work.send(room, command, &[]).await
        }
    }
}

/// The Side that is meant.
async fn ours(work: &mut Work<'_>, text: &str) -> Result<RoomId, Failure> {
    let meant = work.room(text).await?;
    let beside = |state: &State| {
        state.side().is_some_and(|side| match side.about {
            About::Case => false,
            About::Referral { room, .. } | About::Deal { room } => room == meant,
        })
    };
    if work.state(meant).and_then(State::side).is_some() {
        return Ok(meant);
    }
    let mut rooms = work.replica().rooms();
    let found = rooms.find(|(_, held)| beside(&held.room.state));
    found.map(|(room, _)| room).ok_or_else(|| {
        usage(format!(
            "nothing here is private to your organisation beside {text}, or you are not in it: see `rialto rooms`"
        ))
    })
}

fn people(work: Work<'_>, room: RoomId) -> Result<(), Failure> {
    let held = work.replica().room(room);
    let grants = held.iter().flat_map(|held| &held.room.audience.grants);
    let seats: Vec<(MemberId, Role)> = grants
        .filter_map(|grant| match grant {
            Grant::Member { id, role, .. } => Some((*id, *role)),
            Grant::Org { .. } | Grant::Tied { .. } | Grant::Rule { .. } => None,
        })
        .collect();
    for (member, role) in seats {
        let name = work.person_name(member);
        work.print(
            &json!({"room": room, "member": member, "name": name, "role": role}),
            &format!("{member}  {name}  {role}"),
        )?;
    }
    work.close()
}
