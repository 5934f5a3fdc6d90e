//! An admin whom the vendor seats in an organisation that has none to be reached; and what its people say to it.

use super::{
    super::{super::exit::Failure, work::Work},
    claim, usage,
};
use crate::{console::now, request};
use rialto_shared::{
    command::Command,
    id::{DeviceId, RoomId},
    limits,
    room::org::{self, Successor},
};
use serde_json::json;

pub(super) async fn seat(
    mut work: Work<'_>,
    org: &str,
    person: Option<&str>,
) -> Result<(), Failure> {
    let room = RoomId::org(work.own);
    let org = work.find_org(org).await?;
    let (successor, link) = if let Some(person) = person {
        let member = match person.parse() {
            Ok(member) => member,
            Err(_) => work.person(person).await.map_err(|unknown| Failure {
                words: format!("{}; `rialto whoami` shows somebody their id", unknown.words),
                ..unknown
            })?,
        };
        (Successor::Member(member), None)
    } else {
        let (invitation, link, until) = claim(&work)?;
        let link = Some((link.to_string(), until.to_rfc3339()));
        (Successor::Invited(invitation), link)
    };
    let command = Command::Org(org::Command::SeatAdmin { org, successor });
    work.submit(room, command, &[]).await?;
    let from = (now() + limits::SUCCESSION_NOTICE).to_rfc3339();
    work.talk(&format!(
        "its people are told now; nobody is seated before {from}, nor then where one of them objects"
    ));
    match link {
        Some((link, until)) => {
            work.talk(&format!(
                "the link is good from then on, until {until}; whoever has it may use it"
            ));
            let json = json!({"org": org, "from": from, "link": link, "until": until});
            work.print(&json, &link)?;
        }
        None => work.print(&json!({"org": org, "from": from}), &format!("from {from}"))?,
    }
    work.close()
}

pub(super) fn show(work: Work<'_>) -> Result<(), Failure> {
    let shown = match &work.org()?.succession {
        None => (json!(null), "the vendor seats nobody here".to_owned()),
        Some(open) => {
            let member = match &open.successor {
                Successor::Member(member) => Some(*member),
                Successor::Invited(_) => None,
            };
            let name = member.map(|member| work.person_name(member));
            let whom = name
                .as_deref()
                .unwrap_or("somebody new, who comes by a link,");
            let from = open.from.to_rfc3339();
            (
                json!({"member": member, "name": name, "from": from}),
                format!(
                    "the vendor seats {whom} as an admin here, from {from}\n\
                     if you do not want that: rialto org object"
                ),
            )
        }
    };
    work.print(&shown.0, &shown.1)?;
    work.close()
}

pub(super) async fn object(work: Work<'_>) -> Result<(), Failure> {
    let at = work.org()?.succession.as_ref().map(|open| open.at);
    let at = at.ok_or_else(|| usage("the vendor seats nobody in your organisation"))?;
    let room = RoomId::org(work.own);
    work.send(room, Command::Org(org::Command::Object { at }), &[])
        .await
}

/// The key is on disk before it is the organisation's; what an earlier attempt brought about is gone on with.
pub(super) async fn renew(mut work: Work<'_>) -> Result<(), Failure> {
    let account = work.client.console().account();
    let made = account.new_root()?;
    let root = made.public();
    if work.org()?.root != Some(root) {
        let worded = request::renew(account, &made);
        work.submit_worded(RoomId::org(work.own), worded).await?;
    }
    work.client.console_mut().keep_root()?;
    let waiting: Vec<DeviceId> = work
        .org()?
        .devices
        .iter()
        .filter(|(_, device)| !device.revoked && !device.certified)
        .map(|(id, _)| *id)
        .collect();
    work.talk(&format!(
        "your organisation's keys are new from here on; {} devices sign again when you have certified them: rialto device certify DEVICE",
        waiting.len()
    ));
    work.print(
        &json!({"root": root, "uncertified": waiting}),
        &root.to_string(),
    )?;
    work.close()
}
