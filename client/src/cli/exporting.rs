//! `rialto export deals | referrals | room`: what this member may read, for spreadsheets and scripts.
//!
//! Columns are documented in [`record`]. In CSV a cell that a spreadsheet would take for a formula gets an apostrophe before
//! it, which `rialto deal import` takes off again ([`crate::exchange::cell`]); JSON lines hold everything as it is.

use super::{Context, exit::Failure, proof, show, tail};
use crate::{
    client::Client,
    exchange::record::{self, Record},
};
use clap::Args as ClapArgs;

/// In which form.
#[derive(Debug, Clone, Copy, ClapArgs)]
#[group(required = true, multiple = false)]
pub(super) struct Form {
    /// Comma-separated, with the columns' names in the first row.
    #[arg(long)]
    csv: bool,
    /// One line of JSON for each row.
    #[arg(long)]
    jsonl: bool,
}

fn print(
    context: &Context,
    form: Form,
    columns: &[&str],
    records: &[Record],
) -> Result<(), Failure> {
    if form.jsonl {
        for record in records {
            let line = record::json(columns, record).to_string();
            context.output.bytes(line.as_bytes())?;
        }
        return Ok(());
    }
    let failed = |error: csv::Error| Failure::new(super::Exit::Failure, error.to_string());
    let table = record::csv(columns, records).map_err(failed)?;
    context
        .output
        .bytes(table.strip_suffix(b"\n").unwrap_or(&table))
}

pub(super) async fn deals(context: &Context, form: Form) -> Result<(), Failure> {
    let client = context.client().await?;
    let own = client.console().account().about.org;
    let records = record::deals(client.console().replica(), own);
    print(context, form, &record::DEALS, &records)?;
    Ok(client.close()?)
}

pub(super) async fn referrals(context: &Context, form: Form) -> Result<(), Failure> {
    let client = context.client().await?;
    let own = client.console().account().about.org;
    let records = record::referrals(client.console().replica(), own);
    print(context, form, &record::REFERRALS, &records)?;
    Ok(client.close()?)
}

/// The columns of a room's log as a table: what people read of it. JSON lines are the entries themselves, to be verified.
const LOG: [&str; 9] = [
    "room",
    "seq",
    "at",
    "kind",
    "author",
    "organisation",
    "signed",
    "thread",
    "text",
];

pub(super) async fn room(
    context: &Context,
    room: &str,
    form: Form,
    offline: bool,
) -> Result<(), Failure> {
    if form.jsonl {
        return proof::export(context, room, offline).await;
    }
    if offline {
        let mut console = context.console()?;
        let room = console.replica().resolve(room)?;
        console.load(room, rialto_shared::entry::Seq(u64::MAX), usize::MAX)?;
        let records = log(console.replica(), room);
        return print(context, form, &LOG, &records);
    }
    let mut client: Client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    client.open(room, 0).await?;
    tail::whole(&mut client, room).await?;
    let console = client.console_mut();
    console.load(room, rialto_shared::entry::Seq(u64::MAX), usize::MAX)?;
    let records = log(console.replica(), room);
    print(context, form, &LOG, &records)?;
    Ok(client.close()?)
}

fn log(replica: &crate::replica::Replica, room: rialto_shared::id::RoomId) -> Vec<Record> {
    let Some(held) = replica.room(room) else {
        return vec![];
    };
    let line = |logged: &crate::replica::Logged| {
        let entry = &logged.entry;
        let message = replica.message(held, logged);
        let org = entry.author.org().map(|org| replica.org_name(org));
        let thread = message.as_ref().and_then(|message| message.thread);
        let text = message.and_then(|message| message.body.map(|body| body.to_string()));
        vec![
            Some(room.to_string()),
            Some(entry.seq.to_string()),
            Some(entry.at.to_rfc3339()),
            Some(entry.kind.clone()),
            Some(replica.author_name(entry.author)),
            org,
            Some(entry.statement.is_some().to_string()),
            thread.map(|seq| seq.to_string()),
            text,
        ]
    };
    held.log().map(line).collect()
}
