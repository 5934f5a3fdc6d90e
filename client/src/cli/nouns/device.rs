//! The devices of one's own organisation: their keys and certificates.

use super::super::exit::Failure;
use super::{
    words::usage,
    work::{Work, meant},
};
use crate::{link::LinkState, request};
use clap::Subcommand;
use rialto_shared::{
    command::Command,
    id::{DeviceId, RoomId},
    room::org,
    standing::Role,
};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(in super::super) enum Verb {
    /// Every device, whose it is, and whether it may sign.
    List,
    /// Revoke a device: one of your own, or any where you are an admin.
    Revoke { device: String },
    /// Give a device the certificates that it lacks, so that it may sign.
    Certify { device: String },
}

pub(super) async fn act(mut work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    let room = RoomId::org(work.own);
    match verb {
        Verb::List => list(work),
        Verb::Revoke { device } => {
            let device = named(&work, &device)?;
            revoke(work, room, device).await
        }
        Verb::Certify { device } => {
            let device = named(&work, &device)?;
            let org = work.org()?;
            let found = org.devices.get(&device);
            let found = found.ok_or_else(|| usage("there is no such device"))?;
            let role = org.people.get(&found.member).map(|person| person.role);
            let account = work.client.console().account();
            let role = role.unwrap_or(Role::Viewer);
            let worded = request::certify(account, device, found.key, role)?;
            let receipt = work.submit_worded(room, worded).await?;
            super::super::talk::receipt(work.context, &work.client, &receipt)?;
            work.close()
        }
    }
}

/// Revokes a device. One's own is let in no more at once, and what tells is that, not the answer.
async fn revoke(mut work: Work<'_>, room: RoomId, device: DeviceId) -> Result<(), Failure> {
    let own = work.client.console().account().about.device == device;
    let command = Command::Org(org::Command::Revoke { device });
    let sent = work.submit(room, command, &[]).await;
    let shut = matches!(
        work.client.console().link_state(),
        LinkState::Refused { .. }
    );
    match sent {
        Err(_) if own && shut => work.print(
            &json!({"device": device, "revoked": true}),
            &format!("{device} is revoked: this account logs in no more"),
        )?,
        sent => super::super::talk::receipt(work.context, &work.client, &sent?)?,
    }
    work.close()
}

/// The device that is meant: by its id or a beginning of it, or by its person's name where they have one.
fn named(work: &Work<'_>, text: &str) -> Result<DeviceId, Failure> {
    let devices = work.org()?.devices.iter();
    let known = devices
        .filter(|(_, device)| !device.revoked)
        .map(|(id, device)| (*id, work.person_name(device.member)))
        .collect();
    Ok(meant(text.trim_start_matches('@'), known)?)
}

fn list(work: Work<'_>) -> Result<(), Failure> {
    let this = work.client.console().account().about.device;
    for (id, device) in &work.org()?.devices {
        let name = work.person_name(device.member);
        let signs = match (device.revoked, device.certified) {
            (true, _) => "revoked",
            (false, true) => "signs",
            (false, false) => "not certified: signs nothing",
        };
        let here = if *id == this { "  (this one)" } else { "" };
        work.print(
            &json!({"device": id, "member": device.member, "name": name, "certified": device.certified,
                "revoked": device.revoked, "this": *id == this}),
            &format!("{id}  {name}  {signs}{here}"),
        )?;
    }
    work.close()
}
