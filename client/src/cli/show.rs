//! Messages and other entries as lines, for people and as JSON; and names into ids.

use super::exit::{Exit, Failure};
use crate::{
    client::Client,
    replica::{Logged, Message, Replica, Unresolved},
};
use rialto_shared::{
    entry::{Author, Entry},
    id::{MemberId, RoomId},
    protocol::{Hit, Query},
    text::Handle,
};
use serde_json::{Value, json};

fn author(replica: &Replica, author: Author) -> Value {
    match author {
        Author::Member { id, org, .. } => json!({
            "member": id, "org": org, "name": replica.person_name(id), "org_name": replica.org_name(org),
        }),
        Author::Operator => json!("operator"),
        Author::Rule => json!("rule"),
    }
}

fn author_words(replica: &Replica, author: Author) -> String {
    let name = replica.author_name(author);
    match author.org() {
        Some(org) => format!("{name} ({})", replica.org_name(org)),
        None => name,
    }
}

fn message_json(message: &Message) -> Value {
    let reactions: Vec<Value> = message
        .reactions
        .iter()
        .map(|(emoji, count, mine)| json!({"emoji": emoji, "count": count, "mine": mine}))
        .collect();
    json!({
        "body": message.body, "edited": message.edited, "thread": message.thread, "replies": message.replies,
        "reactions": reactions, "mentions": message.mentions, "pinned": message.pinned, "mine": message.mine,
        "removed": message.removed.as_ref().map(|removed| json!({
            "by": removed.by, "redacted": removed.redacted, "reason": removed.reason, "words": removed.words,
        })),
    })
}

fn message_words(message: &Message) -> String {
    let mut words = match (&message.removed, &message.body) {
        (Some(removed), _) if removed.redacted => {
            let reason = removed
                .reason
                .map_or_else(String::new, |reason| format!(": {reason}"));
            format!("[removed by a moderator{reason}]")
        }
        (Some(_), _) => "[removed by its author]".to_owned(),
        (None, Some(body)) => body.to_string(),
        (None, None) => "[erased]".to_owned(),
    };
    if message.edited && message.removed.is_none() {
        words.push_str(" (edited)");
    }
    for (emoji, count, _) in &message.reactions {
        words.push_str(&format!(" {emoji}{count}"));
    }
    if message.replies > 0 {
        words.push_str(&format!(" [{} replies]", message.replies));
    }
    words
}

/// One entry: as JSON, and as a line.
pub(super) fn entry(replica: &Replica, logged: &Logged) -> (Value, String) {
    let one: &Entry = &logged.entry;
    let message = replica
        .room(one.room)
        .and_then(|held| replica.message(held, logged));
    let json = json!({
        "room": one.room, "seq": one.seq, "at": one.at.to_rfc3339(), "kind": one.kind,
        "author": author(replica, one.author), "signed": one.statement.is_some(),
        "message": message.as_ref().map(message_json),
    });
    let what = match &message {
        Some(message) => {
            let thread = message
                .thread
                .map_or_else(String::new, |root| format!(" ↳{root}"));
            format!("{thread}: {}", message_words(message))
        }
        None => format!(" · {}", one.kind),
    };
    let words = format!(
        "{} {} {}{what}",
        one.seq,
        one.at.to_rfc3339(),
        author_words(replica, one.author)
    );
    (json, words)
}

/// The room that is meant; a channel that is not held yet is looked up.
pub(super) async fn room(client: &mut Client, text: &str) -> Result<RoomId, Failure> {
    let unresolved = match client.console().replica().resolve(text) {
        Ok(room) => return Ok(room),
        Err(unresolved) => unresolved,
    };
    if let (Unresolved::Nothing(_), Some(handle)) = (&unresolved, text.strip_prefix('#')) {
        return channel(client, handle).await;
    }
    Err(unresolved.into())
}

/// The channel of this name.
pub(super) async fn channel(client: &mut Client, name: &str) -> Result<RoomId, Failure> {
    let name = name.trim_start_matches('#');
    if let Ok(room) = name.parse::<RoomId>() {
        return Ok(room);
    }
    let handle: Handle = name
        .to_lowercase()
        .parse()
        .map_err(|error| Failure::new(Exit::Usage, format!("#{name}: {error}")))?;
    let query = Query::Channels {
        words: handle.as_str().to_owned(),
    };
    let (hits, _) = client.find(query).await?;
    let found = hits.iter().find_map(|hit| match hit {
        Hit::Channel {
            room,
            handle: other,
            ..
        } if other == handle.as_str() => Some(*room),
        Hit::Channel { .. } | Hit::Org { .. } | Hit::Person { .. } | Hit::Reader { .. } => None,
    });
    found.ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            format!("there is no channel #{handle}, or you may not read it"),
        )
    })
}

/// The person who is meant; one who is not known here yet is looked up.
pub(super) async fn person(client: &mut Client, text: &str) -> Result<MemberId, Failure> {
    match client.console().replica().resolve_person(text) {
        Ok(member) => return Ok(member),
        Err(unresolved @ Unresolved::Several { .. }) => return Err(unresolved.into()),
        Err(Unresolved::Nothing(_)) => {}
    }
    let words = text.trim_start_matches('@').replace('.', " ");
    let (hits, _) = client.find(Query::People { words }).await?;
    let people: Vec<(MemberId, String)> = hits
        .iter()
        .filter_map(|hit| match hit {
            Hit::Person { member, name, .. } => Some((
                *member,
                name.as_ref().map_or_else(String::new, ToString::to_string),
            )),
            Hit::Org { .. } | Hit::Channel { .. } | Hit::Reader { .. } => None,
        })
        .collect();
    match people.as_slice() {
        [(only, _)] => Ok(*only),
        [] => Err(Unresolved::Nothing(text.to_owned()).into()),
        several => Err(Unresolved::Several {
            text: text.to_owned(),
            candidates: several
                .iter()
                .map(|(id, name)| crate::replica::Candidate {
                    id: id.to_string(),
                    name: name.clone(),
                })
                .collect(),
        }
        .into()),
    }
}
