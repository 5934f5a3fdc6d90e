//! Open invitations of one's own organisation, those of a member's next device among them.

use super::super::{args::InviteVerb, exit::Failure};
use super::{
    words::usage,
    work::{Work, meant},
};
use crate::console::now;
use rialto_shared::{
    command::Command,
    id::{Hash, MemberId, RoomId},
    room::org::{self, Org},
    standing::Role,
    time::Timestamp,
};
use serde_json::json;

/// One that waits.
struct Open {
    code: Hash,
    role: Option<Role>,
    by: Option<MemberId>,
    device_of: Option<MemberId>,
    until: Timestamp,
}

fn open(org: &Org) -> Vec<Open> {
    let people = org.invitations.values().map(|one| Open {
        code: one.code,
        role: Some(one.role),
        by: org.inviters.get(&one.code).copied(),
        device_of: None,
        until: one.until,
    });
    let devices = org.enrolments.values().map(|one| Open {
        code: one.code,
        role: None,
        by: None,
        device_of: Some(one.member),
        until: one.until,
    });
    let mut all: Vec<Open> = people.chain(devices).collect();
    all.retain(|one| one.until > now());
    all.sort_by_key(|one| (one.until, one.code));
    all
}

pub(super) async fn act(work: Work<'_>, verb: InviteVerb) -> Result<(), Failure> {
    match verb {
        InviteVerb::List => list(work),
        InviteVerb::Cancel { invitation } => {
            let known = open(work.org()?)
                .iter()
                .map(|one| (one.code, String::new()))
                .collect();
            let code = meant(&invitation, known).map_err(|_| {
                usage(format!(
                    "{invitation} is no open invitation, or several: see `rialto invite list`"
                ))
            })?;
            let command = Command::Org(org::Command::Cancel { code });
            let room = RoomId::org(work.own);
            work.send(room, command, &[]).await
        }
    }
}

fn list(work: Work<'_>) -> Result<(), Failure> {
    for one in open(work.org()?) {
        let by = one.by.map(|member| work.person_name(member));
        let device_of = one.device_of.map(|member| work.person_name(member));
        let until = one.until.to_rfc3339();
        let code = one.code.to_string();
        let to = match (&device_of, one.role) {
            (Some(person), _) => format!("a device of {person}"),
            (None, role) => format!("a person, as {}", role.unwrap_or(Role::Viewer)),
        };
        let whose = by
            .as_ref()
            .map_or_else(String::new, |by| format!(", by {by}"));
        let begins = code.get(..12).unwrap_or(&code);
        work.print(
            &json!({"invitation": code, "role": one.role, "by": by, "device_of": device_of,
                "until": until}),
            &format!("{begins}  {to}{whose}, until {until}"),
        )?;
    }
    work.close()
}
