//! The devices of one's own organisation: their keys and certificates.

use super::super::{
    super::{exit::Failure, talk},
    words::usage,
    work::{Work, meant},
};
use crate::{console::now, link::LinkState, request};
use clap::Subcommand;
use rialto_shared::{
    command::Command,
    id::{DeviceId, MemberId, RoomId},
    limits,
    room::org,
    standing::Role,
    time::Span,
};
use serde_json::json;

/// How long a link for one's own next device is good: it is used at once, or made anew.
const LINK_SPAN: Span = Span::hours(1);
/// A clock a little ahead of the server's must not make a link too long.
const INVITATION_MARGIN: Span = Span::hours(1);

#[derive(Debug, Subcommand)]
pub(in super::super::super) enum Verb {
    /// Every device, whose it is, what it is called, and whether it may sign.
    List {
        /// Only this person's.
        #[arg(long, value_name = "PERSON")]
        member: Option<String>,
    },
    /// Print a link by which your next device is let in: `rialto join LINK` there. Good for an hour.
    Link,
    /// Print a link for somebody who has lost their devices; they and every admin are told. For admins.
    Recover {
        person: String,
        /// Revoke the devices that they have, at once.
        #[arg(long)]
        revoke: bool,
    },
    /// Revoke a device: one of your own, or any where you are an admin.
    Revoke { device: String },
    /// Give a device the certificates that it lacks, so that it may sign.
    Certify { device: String },
}

pub(in super::super) async fn act(mut work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    let room = RoomId::org(work.own);
    match verb {
        Verb::List { member } => list(work, member.as_deref()),
        Verb::Link => {
            let me = work.me;
            enrol(work, me, LINK_SPAN, false).await
        }
        Verb::Recover { person, revoke } => {
            let member = super::named(&work, &person)?;
            if member == work.me {
                return Err(usage(
                    "for a device of your own there is `rialto device link`",
                ));
            }
            let span = limits::INVITATION_SPAN - INVITATION_MARGIN;
            enrol(work, member, span, revoke).await
        }
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
            talk::receipt(work.context, &work.client, &receipt)?;
            work.close()
        }
    }
}

/// Has a code for a member's next device held open, and prints its link.
async fn enrol(
    mut work: Work<'_>,
    member: MemberId,
    span: Span,
    revoke: bool,
) -> Result<(), Failure> {
    let person = work.org()?.people.get(&member);
    let role = person.map_or(Role::Viewer, |person| person.role);
    let until = now() + span;
    let account = work.client.console().account();
    let made = request::enrol(account, (member, role), until, revoke)?;
    work.submit_worded(RoomId::org(work.own), made.command)
        .await?;
    let (name, until) = (work.person_name(member), until.to_rfc3339());
    work.talk(&format!(
        "good for one device of {name}, until {until}; whoever has it may use it"
    ));
    let link = made.link.to_string();
    work.print(
        &json!({"link": link, "member": member, "name": name, "until": until, "revoked": revoke}),
        &link,
    )?;
    work.close()
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
        sent => talk::receipt(work.context, &work.client, &sent?)?,
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

fn list(work: Work<'_>, whose: Option<&str>) -> Result<(), Failure> {
    let this = work.client.console().account().about.device;
    let whose = whose.map(|text| super::named(&work, text)).transpose()?;
    let room = RoomId::org(work.own);
    for (id, device) in &work.org()?.devices {
        if whose.is_some_and(|member| member != device.member) {
            continue;
        }
        let name = work.person_name(device.member);
        let called = device.name.map(|at| work.text(room, Some(at)));
        let called = called.map(|text| text.unwrap_or("[erased]"));
        let signs = match (device.revoked, device.certified) {
            (true, _) => "revoked",
            (false, true) => "signs",
            (false, false) => "not certified: signs nothing",
        };
        let here = if *id == this { "  (this one)" } else { "" };
        work.print(
            &json!({"device": id, "member": device.member, "name": name, "called": called,
                "certified": device.certified, "revoked": device.revoked, "this": *id == this}),
            &format!(
                "{id}  {name}  {}  {signs}{here}",
                called.unwrap_or("the first device")
            ),
        )?;
    }
    work.close()
}
