//! Rooms, channels and the Inbox from the command line.

use super::{
    Context,
    exit::{Exit, Failure},
    show, talk,
};
use crate::{
    client::{Client, ClientError},
    replica::readers::{self, OPERATOR, Readers},
    request,
};
use rialto_shared::{
    entry::Seq,
    id::RoomId,
    limits,
    protocol::{Hit, Query, Want},
    room::{State, inbox},
};
use serde_json::json;

/// The member's own Inbox.
fn own_inbox(client: &Client) -> Result<(RoomId, inbox::Inbox), Failure> {
    let id = RoomId::inbox(client.console().account().about.member);
    let held = client.console().replica().room(id);
    match held.map(|held| &held.room.state) {
        Some(State::Inbox(inbox)) => Ok((id, inbox.clone())),
        Some(_) | None => Err(Failure::new(Exit::Failure, "the Inbox is not here yet")),
    }
}

/// Has the kept channels here, so that they have names; those that can no longer be read stay without.
async fn open_kept(client: &mut Client) -> Result<Vec<RoomId>, Failure> {
    let (_, inbox) = own_inbox(client)?;
    let kept: Vec<RoomId> = inbox.bookmarks.into_iter().collect();
    for room in kept.iter().take(limits::WATCHED_MAX) {
        match client.open(*room, 0).await {
            Ok(()) | Err(ClientError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(kept)
}

pub(super) async fn list(context: &Context) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let kept = open_kept(&mut client).await?;
    let replica = client.console().replica();
    let mut rooms: Vec<RoomId> = replica.rooms().map(|(id, _)| id).collect();
    rooms.extend(kept.iter().filter(|room| replica.room(**room).is_none()));
    for room in rooms {
        let unread = replica.unread(room);
        let title = replica.title(room);
        let kind: &'static str = room.kind().into();
        let held = replica.room(room);
        let count = match (unread.messages, unread.exact) {
            (0, _) => String::new(),
            (n, true) => format!("  {n} unread"),
            (n, false) => format!("  up to {n} unread"),
        };
        context.output.data(
            &json!({
                "room": room, "kind": kind, "title": title, "unread": unread.messages,
                "mentions": unread.mentions, "exact": unread.exact, "kept": kept.contains(&room),
                "head": held.map(|held| held.room.head.seq), "closed": held.is_some_and(|held| held.closed),
            }),
            &format!("{room}  {title}{count}"),
        )?;
    }
    Ok(client.close()?)
}

pub(super) async fn inbox(context: &Context, done: Option<u64>) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let (id, inbox) = own_inbox(&client)?;
    if let Some(need) = done {
        let receipt = client.submit(id, request::done(Seq(need))).await?;
        talk::receipt(context, &client, &receipt)?;
        return Ok(client.close()?);
    }
    let replica = client.console().replica();
    for need in &inbox.needs {
        let what: &'static str = need.what.into();
        let title = replica.title(need.room);
        context.output.data(
            &json!({
                "need": need.id, "what": what, "room": need.room, "title": title, "seq": need.seq,
                "at": need.at.to_rfc3339(),
            }),
            &format!(
                "{}  {what} in {title}, entry {}, {}",
                need.id,
                need.seq,
                need.at.to_rfc3339()
            ),
        )?;
    }
    if inbox.needs.is_empty() {
        context.output.talk("nothing needs you");
    }
    Ok(client.close()?)
}

pub(super) async fn channels(context: &Context, words: &str) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let words = words.to_owned();
    let (hits, total) = client.find(Query::Channels { words }).await?;
    for hit in &hits {
        let Hit::Channel {
            room,
            handle,
            purpose,
        } = hit
        else {
            continue;
        };
        let about = purpose.as_ref().map_or("", |purpose| purpose.as_str());
        context.output.data(
            &json!({"room": room, "handle": handle, "purpose": purpose}),
            &format!("#{handle}  {about}"),
        )?;
    }
    context.output.talk(&format!("{} of {total}", hits.len()));
    Ok(client.close()?)
}

pub(super) async fn seen(context: &Context, room: &str) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    client.open(room, 1).await?;
    let head = client
        .console()
        .replica()
        .room(room)
        .map(|held| held.room.head.seq);
    if let Some(head) = head {
        client.seen(room, head)?;
        // What is asked after it is answered after it was heard.
        client.page(room, Want::Before(Seq::ZERO), 1).await?;
    }
    Ok(client.close()?)
}

pub(super) async fn join(context: &Context, channel: &str) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let room = show::channel(&mut client, channel).await?;
    let (inbox, _) = own_inbox(&client)?;
    let receipt = client.submit(inbox, request::join_room(room)).await?;
    talk::receipt(context, &client, &receipt)?;
    Ok(client.close()?)
}

pub(super) async fn leave(context: &Context, channel: &str) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let room = show::channel(&mut client, channel).await?;
    let (inbox, _) = own_inbox(&client)?;
    let receipt = client.submit(inbox, request::leave_room(room)).await?;
    talk::receipt(context, &client, &receipt)?;
    Ok(client.close()?)
}

/// Everybody whom the server names, however many answers that takes.
async fn ask(client: &mut Client, room: RoomId) -> Result<Vec<Hit>, Failure> {
    let mut found: Vec<Hit> = vec![];
    loop {
        let question = readers::question(room, found.len());
        let (hits, total) = client.find(question).await?;
        found.extend_from_slice(&hits);
        if readers::complete(found.len(), total, &hits) {
            return Ok(found);
        }
    }
}

pub(super) async fn who(context: &Context, room: &str) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    client.open(room, 0).await?;
    let hits = ask(&mut client, room).await?;
    let replica = client.console().replica();
    let Some(held) = replica.room(room) else {
        return Ok(client.close()?);
    };
    let readers = Readers::of(replica, &held.room, &hits);
    for party in &readers.parties {
        let kind = if party.vendor { ", the vendor" } else { "" };
        let terms = party.terms();
        let of = terms
            .as_ref()
            .map_or(String::new(), |terms| format!(": {terms}"));
        context.output.talk(&format!("{}{kind}{of}", party.name));
        for reader in &party.people {
            context.output.data(
                &json!({
                    "room": room, "reader": reader.member, "name": reader.name, "org": party.org,
                    "org_name": party.name, "role": reader.role, "since": reader.since, "vendor": party.vendor,
                    "alliance": reader.alliance, "by_role": party.from,
                }),
                &format!("  {}  {}, {}", reader.name, party.name, reader.terms()),
            )?;
        }
    }
    for rule in &readers.rules {
        context.output.data(
            &json!({"room": room, "rule": rule}),
            &format!("  by a rule: {rule}"),
        )?;
    }
    context.output.data(
        &json!({"room": room, "vendor": readers.vendor, "operator": OPERATOR}),
        &format!("{}\n{OPERATOR}", readers.vendor),
    )?;
    Ok(client.close()?)
}
