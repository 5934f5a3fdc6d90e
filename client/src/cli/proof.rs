//! Proofs from the command line: verifying without the server, and taking a log out.

use super::{
    Context,
    exit::{Exit, Failure},
    show, tail,
};
use crate::{
    console::Console,
    verify::{self, Breach, Broken, Known, Report},
};
use rialto_shared::{
    entry::{Entry, Seq},
    id::{Hash, RoomId},
};
use serde_json::json;
use std::{fs, path::Path};

/// What this account knows beside the log: the server's id, and the root keys on the cards of organisations.
fn known(console: &Console) -> Known {
    Known {
        server: console.account().about.server,
        roots: console
            .replica()
            .orgs()
            .map(|card| (card.id, card.roots()))
            .collect(),
        head: None,
    }
}

pub(super) fn verify(context: &Context, what: &str, server: Option<Hash>) -> Result<(), Failure> {
    let report = if Path::new(what).is_file() {
        verify_file(context, Path::new(what), server)?
    } else {
        let console = context.console()?;
        let room = console.replica().resolve(what)?;
        verify_room(&console, room)?
    };
    let holds = report.unproven.is_empty();
    let renewed = report.renewed.iter();
    let renewed: Vec<_> = renewed
        .map(|(seq, org)| json!({"seq": seq, "org": org}))
        .collect();
    context.output.data(
        &json!({
            "room": report.room, "first": report.first, "head": report.head.seq, "hash": report.head.hash,
            "entries": report.entries, "erased": report.erased, "statements": report.statements,
            "renewed": renewed, "kept": report.kept, "unproven": report.unproven, "unsigned": report.unsigned, "holds": holds,
        }),
        &words(&report),
    )?;
    if holds {
        return Ok(());
    }
    let list: Vec<String> = report.unproven.iter().map(ToString::to_string).collect();
    Err(Failure::new(
        Exit::NoProof,
        format!(
            "no root key is known for the signatures of: {}",
            list.join(", ")
        ),
    ))
}

fn words(report: &Report) -> String {
    let mut words = format!(
        "{}: {} entries, {} to {}, chain holds, {} signatures hold, head {}",
        report.room,
        report.entries,
        report.first,
        report.head.seq,
        report.statements,
        report.head.hash
    );
    if report.kept > 0 {
        words.push_str(&format!(
            "; {} statements kept of other rooms hold",
            report.kept
        ));
    }
    for (seq, org) in &report.renewed {
        words.push_str(&format!(
            "; {org}'s keys are new from entry {seq} on: the vendor seated an admin there after 72 hours' notice"
        ));
    }
    if report.first > Seq(1) {
        words.push_str("; what came before is not shown to you");
    }
    if !report.erased.is_empty() {
        words.push_str(&format!("; {} with erased texts", report.erased.len()));
    }
    if !report.unsigned.is_empty() {
        words.push_str(&format!(
            "; {} commitments WITHOUT a signature",
            report.unsigned.len()
        ));
    }
    words
}

fn verify_room(console: &Console, room: RoomId) -> Result<Report, Failure> {
    let held = console
        .replica()
        .room(room)
        .ok_or_else(|| Failure::new(Exit::Usage, "that room is not held here"))?;
    let bytes = console.store().bytes(room)?;
    let first = held.since.max(Seq(1));
    let last = held.room.head.seq.0;
    let wanted = last.saturating_sub(first.0).saturating_add(1);
    let there = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if there < wanted {
        return Err(Failure::new(
            Exit::Failure,
            format!(
                "{there} of {wanted} entries are held here: `rialto page {room} --all` loads the others"
            ),
        ));
    }
    let known = Known {
        head: Some(held.room.head),
        ..known(console)
    };
    Ok(verify::verify(&known, bytes.iter().map(Vec::as_slice))?)
}

fn verify_file(context: &Context, path: &Path, server: Option<Hash>) -> Result<Report, Failure> {
    let text = fs::read(path)
        .map_err(|error| Failure::new(Exit::Failure, format!("{}: {error}", path.display())))?;
    let known = match server {
        Some(server) => Known {
            server,
            roots: Default::default(),
            head: None,
        },
        None => known(&context.console()?),
    };
    let lines = text.split(|byte| *byte == b'\n');
    let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).collect();
    let report = verify::verify(&known, lines.iter().copied())?;
    said(&lines)?;
    Ok(report)
}

/// What an exported line says beside its entry: the chain shows no change of the last one.
#[derive(serde::Deserialize)]
struct Said {
    hash: Option<Hash>,
}

/// Checks the hash that each line says of its own entry. Where none says one, the last entry is taken as it stands.
fn said(lines: &[&[u8]]) -> Result<(), Broken> {
    let mut lies = vec![];
    let mut silent = vec![];
    for line in lines {
        let Ok(head) = Entry::decode(line).map(|entry| entry.head()) else {
            continue;
        };
        match serde_json::from_slice(line) {
            Ok(Said { hash: Some(hash) }) if hash == head.hash => {}
            Ok(Said { hash: None }) => silent.push(head.seq),
            Ok(Said { hash: Some(_) }) | Err(_) => lies.push(head.seq),
        }
    }
    if silent.len() < lines.len() {
        lies.append(&mut silent);
    }
    lies.sort_unstable();
    lies.first().map_or(Ok(()), |seq| {
        Err(Broken {
            seq: *seq,
            what: Breach::Said,
        })
    })
}

pub(super) async fn export(context: &Context, room: &str, offline: bool) -> Result<(), Failure> {
    if offline {
        let console = context.console()?;
        let room = console.replica().resolve(room)?;
        return write(context, &console, room);
    }
    let mut client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    client.open(room, 0).await?;
    tail::whole(&mut client, room).await?;
    write(context, client.console(), room)?;
    Ok(client.close()?)
}

fn write(context: &Context, console: &Console, room: RoomId) -> Result<(), Failure> {
    for bytes in console.store().bytes(room)? {
        let held = Entry::decode(&bytes).ok().zip(bytes.strip_suffix(b"}"));
        let Some((entry, fields)) = held else {
            return Err(Failure::new(
                Exit::Failure,
                "an entry that is held here cannot be read: `rialto doctor` says more",
            ));
        };
        let hash = format!(",\"hash\":\"{}\"}}", entry.head().hash);
        context.output.bytes(&[fields, hash.as_bytes()].concat())?;
    }
    Ok(())
}
