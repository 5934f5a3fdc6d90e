//! Organisations, as the vendor's admins and alliance managers act on them.

mod handover;
mod succession;

use super::super::{exit::Failure, talk};
use super::{
    words::{one_of, switch, usage},
    work::{Work, everyone},
};
use crate::{client::ClientError, console::now, request};
use clap::Subcommand;
use rialto_shared::{
    command::Command,
    event::Event,
    id::{OrgId, RoomId},
    limits,
    protocol::{Hit, InviteLink},
    room::{
        State,
        org::{self, Class, Invitation},
    },
    standing::PartnerType,
    text::{Text, TextKind, clean},
    time::{Span, Timestamp},
};
use serde_json::json;
use std::collections::BTreeMap;

/// A clock a little ahead of the server's must not make an invitation too long.
const INVITATION_MARGIN: Span = Span::hours(1);

#[derive(Debug, Subcommand)]
pub(in super::super) enum Verb {
    /// Every organisation that you may find.
    List,
    /// Record an organisation's types and programs; what is not given stays as it is.
    Classify {
        org: String,
        /// A type; may be given again.
        #[arg(long = "type", value_name = "TYPE", value_parser = one_of::<PartnerType>)]
        types: Vec<PartnerType>,
        /// A program, and the level in it; may be given again.
        #[arg(long = "program", value_name = "PROGRAM[=LEVEL]")]
        programs: Vec<String>,
    },
    /// Begin an organisation, and print the link for its first admin.
    Admit { name: String },
    /// Print a link for the first admin of an organisation that nobody has claimed.
    Invite { org: String },
    /// Give a partner a new admin where its own are gone for good. All its people are told now; 72 hours later it is done,
    /// unless one of them objected. What you say last counts. You sign it. For the vendor's admins.
    SeatAdmin {
        /// Which partner, by its name or id.
        org: String,
        /// Somebody who is there already: by the id that `rialto whoami` shows them, or by name, if you know them (whether they
        /// are there is not said). Without this, a link is printed for somebody new, who joins by it when the 72 hours are over.
        #[arg(long, value_name = "PERSON")]
        person: Option<String>,
    },
    /// Whether the vendor is giving your organisation a new admin, whom, and from when.
    Successor,
    /// Object to the new admin whom the vendor is giving your organisation: they do not come. Anybody of your organisation may.
    /// Your own people see that it was you; the vendor hears only that somebody did.
    Object,
    /// Make your organisation a new root key, once: for the one whom the vendor seated as its admin, where nobody has the old
    /// one. Its devices sign again when you have certified them.
    RenewKey,
    /// Hand over what a person of your own organisation has in hand to a colleague; you sign it. For your admins.
    Handover {
        /// Who had it, gone or not.
        from: String,
        /// Who is to have it.
        to: String,
        /// Only show what would change hands.
        #[arg(long)]
        preview: bool,
        /// Do it without being asked.
        #[arg(long)]
        yes: bool,
    },
    /// Suspend an organisation, or take it back; you sign it.
    Suspend {
        org: String,
        /// on or off.
        #[arg(value_parser = switch, action = clap::ArgAction::Set, default_value = "on")]
        on: bool,
    },
}

pub(super) async fn act(mut work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    let room = RoomId::org(work.own);
    match verb {
        Verb::List => list(work).await,
        Verb::Classify {
            org,
            types,
            programs,
        } => {
            let org = work.find_org(&org).await?;
            let class = class(&mut work, org, types, &programs).await?;
            let command = Command::Org(org::Command::Classify { org, class });
            work.send(room, command, &[]).await
        }
        Verb::Admit { name } => admit(work, &name).await,
        Verb::Invite { org } => {
            let org = work.find_org(&org).await?;
            let (invitation, link, until) = claim(&work)?;
            let command = Command::Org(org::Command::InviteOrg { org, invitation });
            work.submit(room, command, &[]).await?;
            print_link(&work, Some(org), &link, until)?;
            work.close()
        }
        Verb::SeatAdmin { org, person } => succession::seat(work, &org, person.as_deref()).await,
        Verb::Successor => succession::show(work),
        Verb::Object => succession::object(work).await,
        Verb::RenewKey => succession::renew(work).await,
        Verb::Handover {
            from,
            to,
            preview,
            yes,
        } => handover::act(work, &from, &to, (preview, yes)).await,
        Verb::Suspend { org, on } => {
            let org = work.find_org(&org).await?;
            let command = Command::Org(org::Command::SuspendOrg { org, on });
            work.send(room, command, &[]).await
        }
    }
}

fn claim(work: &Work<'_>) -> Result<(Invitation, InviteLink, Timestamp), Failure> {
    let until = now() + limits::INVITATION_SPAN - INVITATION_MARGIN;
    let (invitation, link) = request::claim(work.client.console().account(), until)?;
    Ok((invitation, link, until))
}

fn print_link(
    work: &Work<'_>,
    org: Option<OrgId>,
    link: &InviteLink,
    until: Timestamp,
) -> Result<(), Failure> {
    let until = until.to_rfc3339();
    work.talk(&format!(
        "good for the first admin, until {until}; whoever has it may use it"
    ));
    let link = link.to_string();
    work.print(&json!({"org": org, "link": link, "until": until}), &link)
}

async fn admit(mut work: Work<'_>, name: &str) -> Result<(), Failure> {
    let (invitation, link, until) = claim(&work)?;
    let command = Command::Org(org::Command::Admit { invitation });
    let receipt = work.submit(RoomId::org(work.own), command, &[name]).await?;
    let admitted = work.outcome(&receipt, |event| {
        let Event::Org(org::Event::Admitted { org, .. }) = event else {
            return None;
        };
        Some(*org)
    });
    if admitted.is_none() {
        talk::receipt(work.context, &work.client, &receipt)?;
    }
    print_link(&work, admitted, &link, until)?;
    work.close()
}

/// What is recorded, with what is given in its place.
async fn class(
    work: &mut Work<'_>,
    org: OrgId,
    types: Vec<PartnerType>,
    programs: &[String],
) -> Result<Class, Failure> {
    if types.is_empty() && programs.is_empty() {
        return Err(usage("give --type, --program, or both"));
    }
    let mut class = if types.is_empty() || programs.is_empty() {
        recorded(work, org).await?
    } else {
        Class::default()
    };
    if !types.is_empty() {
        class.types = types.into_iter().collect();
    }
    if !programs.is_empty() {
        class.levels = levels(programs)?;
    }
    Ok(class)
}

async fn recorded(work: &mut Work<'_>, org: OrgId) -> Result<Class, Failure> {
    let room = RoomId::profile(org);
    match work.client.open(room, 0).await {
        Ok(()) => {}
        Err(ClientError::Refused(_)) => {
            return Err(usage(
                "what is recorded of it cannot be read here: give both --type and --program",
            ));
        }
        Err(error) => return Err(error.into()),
    }
    match work.state(room) {
        Some(State::Profile(profile)) => Ok(profile.class.value.clone().unwrap_or_default()),
        Some(_) | None => Ok(Class::default()),
    }
}

/// Programs, each with the level after an equals sign, if there is one.
pub(super) fn levels(programs: &[String]) -> Result<BTreeMap<Text, Option<Text>>, Failure> {
    let text = |raw: &str| {
        TextKind::Name
            .parse(&clean(TextKind::Name, raw))
            .map_err(|error| usage(format!("--program {raw:?}: {error}")))
    };
    programs
        .iter()
        .map(|one| match one.split_once('=') {
            Some((program, level)) => Ok((text(program)?, Some(text(level)?))),
            None => Ok((text(one)?, None)),
        })
        .collect()
}

async fn list(mut work: Work<'_>) -> Result<(), Failure> {
    let mut skip = 0;
    loop {
        let (hits, total) = work.client.find(everyone(String::new(), skip)).await?;
        for hit in &hits {
            let Hit::Org {
                org,
                name,
                types,
                programs,
                claimed,
                ..
            } = hit
            else {
                continue;
            };
            let list: Vec<String> = types.iter().map(ToString::to_string).collect();
            let mark = if *claimed { "" } else { "  (nobody there yet)" };
            work.print(
                &json!({"org": org, "name": name, "types": types, "programs": programs, "claimed": claimed}),
                &format!(
                    "{org}  {}  {}{mark}",
                    name.as_ref().map_or("[erased]", Text::as_str),
                    list.join(", ")
                ),
            )?;
        }
        let came = u32::try_from(hits.len()).unwrap_or(u32::MAX);
        skip = skip.saturating_add(came);
        if came == 0 || skip >= total {
            return work.close();
        }
    }
}
