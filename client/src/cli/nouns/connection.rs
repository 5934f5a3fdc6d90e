//! Connections: asking, answering, excluding, ending.

use super::super::{exit::Failure, output};
use super::{
    words::{one_of, switch, usage},
    work::Work,
};
use crate::console::now;
use clap::Subcommand;
use rialto_shared::{
    command::Command,
    id::{OrgId, RoomId},
    room::{
        org::{self, Preference, Take},
        relation,
    },
    time::Timestamp,
};
use serde_json::json;
use std::collections::BTreeSet;

#[derive(Debug, Subcommand)]
pub(in super::super) enum Verb {
    /// Ask an organisation to connect; you sign it.
    Ask {
        org: String,
        /// Why; - reads stdin.
        words: String,
    },
    /// Who is connected, asked, asking, and excluded.
    List,
    /// Answer a request to connect, and the referral that came with it; you sign it.
    Answer {
        org: String,
        /// both, connection or neither.
        #[arg(value_parser = one_of::<Take>)]
        take: Take,
        /// Who works on the referral; may be given again. Without any, you.
        #[arg(long, value_name = "PERSON")]
        person: Vec<String>,
    },
    /// Take a request back.
    Withdraw { org: String },
    /// No longer hear an organisation's requests, or hear them again. They learn nothing of it.
    Exclude {
        org: String,
        /// on or off.
        #[arg(value_parser = switch, action = clap::ArgAction::Set)]
        on: bool,
    },
    /// Say whose requests to connect are heard at all.
    Prefer {
        /// allow_all, or deny_all: nobody's, except where you asked first.
        #[arg(value_parser = one_of::<Preference>)]
        preference: Preference,
    },
    /// End a connection, and every agreement with it; you sign it.
    End { org: String },
}

pub(super) async fn act(mut work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    let room = RoomId::org(work.own);
    match verb {
        Verb::Ask { org, words } => {
            let (to, words) = (work.find_org(&org).await?, output::text(&words)?);
            let command = Command::Org(org::Command::Connect { to });
            work.send(room, command, &[&words]).await
        }
        Verb::List => list(work).await,
        Verb::Answer { org, take, person } => answer(work, &org, take, &person).await,
        Verb::Withdraw { org } => {
            let to = work.find_org(&org).await?;
            if !work.org()?.asked.contains_key(&to) {
                return Err(usage(format!(
                    "you do not ask {} to connect, or no longer do: see `rialto connection list`",
                    work.org_name(to)
                )));
            }
            let command = Command::Org(org::Command::Withdraw { to });
            work.send(room, command, &[]).await
        }
        Verb::Exclude { org, on } => {
            let org = work.find_org(&org).await?;
            let command = Command::Org(org::Command::Exclude { org, on });
            work.send(room, command, &[]).await
        }
        Verb::Prefer { preference } => {
            let at = work.org()?.preference.at;
            let command = Command::Org(org::Command::Prefer { preference, at });
            work.send(room, command, &[]).await
        }
        Verb::End { org } => {
            let org = work.find_org(&org).await?;
            let room = RoomId::relation(work.own, org);
            work.here(room).await?;
            let command = Command::Relation(relation::Command::Disconnect {});
            work.send(room, command, &[]).await
        }
    }
}

async fn answer(
    mut work: Work<'_>,
    org: &str,
    take: Take,
    person: &[String],
) -> Result<(), Failure> {
    let asking: Vec<(OrgId, String)> = work
        .org()?
        .knocked
        .keys()
        .map(|org| (*org, work.org_name(*org)))
        .collect();
    let from = match super::work::meant(org, asking) {
        Ok(from) => from,
        Err(_) => work.find_org(org).await?,
    };
    let now = now();
    let Some(knock) = work.org()?.knock(from, now).map(|knock| knock.matter) else {
        return Err(usage(format!(
            "{} does not ask to connect, or no longer does: see `rialto connection list`",
            work.org_name(from)
        )));
    };
    let mut people = work.people(person).await?;
    if take == Take::Both && people.is_empty() {
        people = BTreeSet::from([work.me]);
    }
    let command = Command::Org(org::Command::AnswerConnection {
        from,
        knock,
        take,
        people,
    });
    let room = RoomId::org(work.own);
    work.send(room, command, &[]).await
}

async fn list(mut work: Work<'_>) -> Result<(), Failure> {
    let (room, now) = (RoomId::org(work.own), now());
    let org = work.org()?;
    let strangers = org.knocked.keys().chain(org.asked.keys());
    let strangers: Vec<OrgId> = strangers.chain(&org.excluded).copied().collect();
    work.acquaint(strangers).await?;
    let org = work.org()?;
    for other in &org.connections {
        let name = work.org_name(*other);
        work.print(
            &json!({"is": "connected", "org": other, "name": name}),
            &format!("connected  {other}  {name}"),
        )?;
    }
    for (from, knock) in org.knocked.iter().filter(|(_, knock)| knock.until > now) {
        let name = work.org_name(*from);
        let words = work.text(room, Some(knock.words));
        let open_until = |room| work.replica().referral_open_until(room);
        let answer = knock.referral.and_then(open_until);
        let answer = answer.map(Timestamp::to_rfc3339);
        let with = knock.referral.map_or_else(String::new, |room| {
            answer.as_ref().map_or_else(
                || format!(", with the referral {room}"),
                |until| {
                    format!(", with the referral {room}, which is to be answered until {until}")
                },
            )
        });
        let until = knock.until.to_rfc3339();
        work.print(
            &json!({"is": "asks", "org": from, "name": name, "words": words, "referral": knock.referral,
                "until": until, "answer_referral_until": answer}),
            &format!(
                "asks you   {from}  {name}: {} (until {until}{with})",
                words.unwrap_or("[erased]")
            ),
        )?;
    }
    for (to, request) in org.asked.iter().filter(|(_, one)| one.until > now) {
        let (name, until) = (work.org_name(*to), request.until.to_rfc3339());
        work.print(
            &json!({"is": "asked", "org": to, "name": name, "referral": request.referral, "until": until}),
            &format!("you asked  {to}  {name} (until {until})"),
        )?;
    }
    for other in &org.excluded {
        let name = work.org_name(*other);
        work.print(
            &json!({"is": "excluded", "org": other, "name": name}),
            &format!("excluded   {other}  {name}"),
        )?;
    }
    work.close()
}
