//! Agreements between two connected organisations.

use super::super::exit::Failure;
use super::{
    words::{one_of, usage},
    work::Work,
};
use clap::Subcommand;
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{OrgId, RoomId},
    room::{
        State,
        relation::{self, Relation},
    },
    standing::AgreementKind,
    time::Date,
};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(in super::super) enum Verb {
    /// Propose an agreement; you sign it.
    Propose {
        org: String,
        /// nda, data_sharing, referral, reseller, cosell, marketplace or program_terms.
        #[arg(value_parser = one_of::<AgreementKind>)]
        kind: AgreementKind,
        /// Where the paper is.
        #[arg(long)]
        reference: String,
        /// Its first day, such as 2026-05-04.
        #[arg(long)]
        from: Date,
        /// Its last day.
        #[arg(long)]
        to: Option<Date>,
    },
    /// Confirm what the other organisation proposed; you sign it.
    Confirm {
        org: String,
        /// The proposal's number.
        seq: u64,
    },
    /// End an agreement early, or take a proposal away; you sign it.
    End {
        org: String,
        #[arg(value_parser = one_of::<AgreementKind>)]
        kind: AgreementKind,
    },
    /// What is proposed, agreed and in force.
    List { org: Option<String> },
}

pub(super) async fn act(mut work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Propose {
            org,
            kind,
            reference,
            from,
            to,
        } => {
            let room = with(&mut work, &org).await?;
            let command = Command::Relation(relation::Command::Agree { kind, from, to });
            work.send(room, command, &[&reference]).await
        }
        Verb::Confirm { org, seq } => {
            let room = with(&mut work, &org).await?;
            let proposal = Seq(seq);
            if !relation(&work, room)?.agreements.contains_key(&proposal) {
                return Err(usage(format!(
                    "entry {seq} proposes no agreement that stands: see `rialto agreement list`"
                )));
            }
            let command = Command::Relation(relation::Command::Confirm { proposal });
            work.send(room, command, &[]).await
        }
        Verb::End { org, kind } => {
            let room = with(&mut work, &org).await?;
            let of_kind = relation(&work, room)?.agreements.values();
            let found = of_kind.filter(|one| one.kind == kind).map(|one| one.at);
            let at = found.max().ok_or_else(|| {
                usage(format!(
                    "there is no {kind} agreement with {org} to end: see `rialto agreement list`"
                ))
            })?;
            let command = Command::Relation(relation::Command::End { kind, at });
            work.send(room, command, &[]).await
        }
        Verb::List { org } => list(work, org.as_deref()).await,
    }
}

/// The room that this organisation shares with that one.
async fn with(work: &mut Work<'_>, org: &str) -> Result<RoomId, Failure> {
    let other = work.find_org(org).await?;
    shared_with(work, other)
}

fn shared_with(work: &Work<'_>, other: OrgId) -> Result<RoomId, Failure> {
    let room = RoomId::relation(work.own, other);
    if work.replica().room(room).is_some() {
        return Ok(room);
    }
    Err(usage(format!(
        "you are not connected with {}: `rialto connection ask` comes first",
        work.org_name(other)
    )))
}

fn relation<'a>(work: &'a Work<'_>, room: RoomId) -> Result<&'a Relation, Failure> {
    match work.state(room) {
        Some(State::Relation(relation)) => Ok(relation),
        Some(_) | None => Err(usage("there is no connection here")),
    }
}

async fn list(mut work: Work<'_>, org: Option<&str>) -> Result<(), Failure> {
    let rooms: Vec<RoomId> = match org {
        Some(org) => vec![with(&mut work, org).await?],
        None => work
            .replica()
            .rooms()
            .filter(|(_, held)| matches!(held.room.state, State::Relation(_)))
            .map(|(room, _)| room)
            .collect(),
    };
    for room in rooms {
        let relation = relation(&work, room)?;
        let Some(other) = relation.other(work.own) else {
            continue;
        };
        let name = work.org_name(other.org);
        for (seq, one) in &relation.agreements {
            let term: &'static str = one.term.into();
            let reference = work.text(room, Some(one.reference));
            let to = one.to.map_or_else(String::new, |to| format!(" to {to}"));
            let by = if one.by == work.own { "you" } else { "them" };
            work.print(
                &json!({"org": other.org, "name": name, "seq": seq, "kind": one.kind, "by": one.by,
                    "reference": reference, "from": one.from, "to": one.to, "is": term, "room": room}),
                &format!(
                    "{seq}  {} with {name}: {term}, from {}{to}, proposed by {by}, {}",
                    one.kind,
                    one.from,
                    reference.unwrap_or("[erased]")
                ),
            )?;
        }
    }
    work.close()
}
