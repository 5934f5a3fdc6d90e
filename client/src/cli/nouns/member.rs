//! The people of one's own organisation, for its admins.

pub(super) mod device;

use super::super::{exit::Failure, talk};
use super::{
    words::{one_of, switch, usage},
    work::{Work, meant},
};
use crate::request;
use clap::Subcommand;
use rialto_shared::{
    command::Command,
    id::{DeviceId, MemberId, PublicKey, RoomId},
    room::org,
    standing::{Role, Status},
};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(in super::super) enum Verb {
    /// Everybody, with their roles.
    List,
    /// Set a person's role.
    Role {
        person: String,
        /// viewer, rep, lead or admin.
        #[arg(value_parser = one_of::<Role>)]
        role: Role,
        /// An alliance manager: the vendor's people only.
        #[arg(long)]
        alliance: bool,
    },
    /// Suspend a person, or take them back.
    Suspend {
        person: String,
        /// on or off.
        #[arg(value_parser = switch, action = clap::ArgAction::Set, default_value = "on")]
        on: bool,
    },
    /// Remove a person for good; you sign it.
    Remove { person: String },
}

pub(super) async fn act(work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    let room = RoomId::org(work.own);
    match verb {
        Verb::List => list(work),
        Verb::Role {
            person,
            role,
            alliance,
        } => {
            let member = named(&work, &person)?;
            let at = work.org()?.people.get(&member).map(|person| person.at);
            let at = at.ok_or_else(|| nobody(&person))?;
            let command = Command::Org(org::Command::Role {
                member,
                role,
                alliance,
                at,
            });
            let mut work = work;
            let receipt = work.submit(room, command, &[]).await?;
            talk::receipt(work.context, &work.client, &receipt)?;
            if role == Role::Admin {
                certify(&mut work, member).await?;
            }
            work.close()
        }
        Verb::Suspend { person, on } => {
            let member = named(&work, &person)?;
            let command = Command::Org(org::Command::Suspend { member, on });
            work.send(room, command, &[]).await
        }
        Verb::Remove { person } => {
            let member = named(&work, &person)?;
            let command = Command::Org(org::Command::Remove { member });
            work.send(room, command, &[]).await
        }
    }
}

/// An admin's devices certify others: without this they could be nobody's successor.
async fn certify(work: &mut Work<'_>, member: MemberId) -> Result<(), Failure> {
    let devices: Vec<(DeviceId, PublicKey)> = work
        .org()?
        .devices
        .iter()
        .filter(|(_, device)| device.member == member && !device.revoked)
        .map(|(id, device)| (*id, device.key))
        .collect();
    for (device, key) in devices {
        let account = work.client.console().account();
        match request::certify(account, device, key, Role::Admin) {
            Ok(worded) => {
                work.submit_worded(RoomId::org(work.own), worded).await?;
                work.talk(&format!("{device} is certified as an admin's"));
            }
            Err(_) => work.talk(&format!(
                "this device certifies nobody: an admin's device certifies {device}"
            )),
        }
    }
    Ok(())
}

fn nobody(person: &str) -> Failure {
    usage(format!(
        "{person} is nobody of your organisation: see `rialto member list`"
    ))
}

/// The person of one's own organisation who is meant.
pub(super) fn named(work: &Work<'_>, text: &str) -> Result<MemberId, Failure> {
    if text == "me" {
        return Ok(work.me);
    }
    let people = work.org()?.people.iter();
    let here = people.filter(|(_, person)| person.status != Status::Left);
    let known = here.map(|(id, _)| (*id, work.person_name(*id))).collect();
    let plain = text.trim_start_matches('@').replace('.', " ");
    meant(&plain, known).map_err(|unresolved| match unresolved {
        crate::replica::Unresolved::Nothing(_) => nobody(text),
        several @ crate::replica::Unresolved::Several { .. } => several.into(),
    })
}

fn list(work: Work<'_>) -> Result<(), Failure> {
    for (id, person) in &work.org()?.people {
        let name = work.person_name(*id);
        let status: &'static str = person.status.into();
        let alliance = if person.alliance {
            ", alliance manager"
        } else {
            ""
        };
        work.print(
            &json!({"member": id, "name": name, "role": person.role, "alliance": person.alliance,
                "status": status}),
            &format!("{id}  {name}  {}{alliance}  {status}", person.role),
        )?;
    }
    work.close()
}
