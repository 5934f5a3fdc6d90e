//! Talk from the command line.

use super::{
    Context,
    args::Say,
    exit::{Exit, Failure},
    output, show, tail,
};
use crate::{
    client::{Client, Receipt},
    replica::Logged,
    request,
};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    id::RoomId,
    protocol::Want,
    room::talk::RedactReason,
    text::Emoji,
    time::Span,
};
use serde_json::json;
use std::collections::BTreeSet;

pub(super) fn receipt(
    context: &Context,
    client: &Client,
    receipt: &Receipt,
) -> Result<(), Failure> {
    context.output.data(
        &json!({
            "room": receipt.room, "from": receipt.from, "to": receipt.to, "at": receipt.at.to_rfc3339(),
            "lane": receipt.ticket.lane, "n": receipt.ticket.n,
        }),
        &format!(
            "{} entry {}",
            client.console().replica().title(receipt.room),
            receipt.from
        ),
    )
}

async fn send(
    context: &Context,
    mut client: Client,
    room: RoomId,
    command: Worded<Command>,
) -> Result<(), Failure> {
    let done = client.submit(room, command).await?;
    receipt(context, &client, &done)?;
    Ok(client.close()?)
}

/// The message of this number, loaded so that rules can be judged and signatures made on it.
async fn message(client: &mut Client, room: RoomId, seq: u64) -> Result<Logged, Failure> {
    client.open(room, 0).await?;
    client.page(room, Want::Around(Seq(seq)), 3).await?;
    let held = client.console().replica().room(room);
    held.and_then(|held| held.entry(Seq(seq)))
        .cloned()
        .ok_or_else(|| Failure::new(Exit::Usage, format!("there is no entry {seq} here")))
}

/// Has those who spoke last in a room known by name here, so that they can be named.
async fn meet(client: &mut Client, room: RoomId) -> Result<(), Failure> {
    Ok(client.open(room, tail::page_max()).await?)
}

pub(super) async fn say(context: &Context, say: Say) -> Result<(), Failure> {
    let text = output::text(&say.text)?;
    let mut client = context.client().await?;
    let room = show::room(&mut client, &say.room).await?;
    let mut mentions = BTreeSet::new();
    if !say.mention.is_empty() {
        meet(&mut client, room).await?;
    }
    for person in &say.mention {
        mentions.insert(show::person(&mut client, person).await?);
    }
    if let Some(thread) = say.thread {
        message(&mut client, room, thread).await?;
    }
    let command = request::say(&text, say.thread.map(Seq), mentions)?;
    send(context, client, room, command).await
}

pub(super) async fn edit(
    context: &Context,
    room: &str,
    seq: u64,
    text: &str,
) -> Result<(), Failure> {
    let text = output::text(text)?;
    let mut client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    let logged = message(&mut client, room, seq).await?;
    let command = request::edit(Seq(seq), logged.note.set_at(Seq(seq)), &text)?;
    send(context, client, room, command).await
}

pub(super) async fn delete(context: &Context, room: &str, seq: u64) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    message(&mut client, room, seq).await?;
    send(context, client, room, request::delete(Seq(seq))).await
}

pub(super) async fn react(
    context: &Context,
    room: &str,
    seq: u64,
    emoji: &str,
    on: bool,
) -> Result<(), Failure> {
    let emoji: Emoji = emoji
        .parse()
        .map_err(|error| Failure::new(Exit::Usage, format!("{error}")))?;
    let mut client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    message(&mut client, room, seq).await?;
    send(context, client, room, request::react(Seq(seq), emoji, on)).await
}

pub(super) async fn redact(
    context: &Context,
    room: &str,
    seq: u64,
    reason: RedactReason,
    words: &str,
) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    message(&mut client, room, seq).await?;
    let command = request::redact(Seq(seq), reason, words)?;
    send(context, client, room, command).await
}

pub(super) async fn mute(
    context: &Context,
    room: &str,
    person: &str,
    minutes: u32,
) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    meet(&mut client, room).await?;
    let member = show::person(&mut client, person).await?;
    let command = request::mute(member, Span::minutes(i64::from(minutes)));
    send(context, client, room, command).await
}

pub(super) async fn unmute(context: &Context, room: &str, person: &str) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    meet(&mut client, room).await?;
    let member = show::person(&mut client, person).await?;
    let held = client.console().replica().room(room);
    if held.is_some_and(|held| !held.room.mutes.contains_key(&member)) {
        let name = client.console().replica().person_name(member);
        return Err(Failure::new(
            Exit::Usage,
            format!("{name} is not muted here"),
        ));
    }
    send(context, client, room, request::unmute(member)).await
}

pub(super) async fn pin(context: &Context, room: &str, seq: u64, on: bool) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    message(&mut client, room, seq).await?;
    send(context, client, room, request::pin(Seq(seq), on)).await
}
