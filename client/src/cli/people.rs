//! People and organisations from the command line.

use super::{
    Context,
    args::{Find, Invite},
    exit::Failure,
    nouns, output, show, talk,
};
use crate::{
    client::Client,
    console::now,
    request::{self, RequestError},
};
use rialto_shared::{
    id::{MemberId, RoomId},
    limits,
    protocol::{Hit, Query},
    text::Text,
    time::Span,
};
use serde_json::json;
use std::collections::BTreeSet;

/// A clock a little ahead of the server's must not make an invitation too long.
const INVITATION_MARGIN: Span = Span::hours(1);

/// What whoever invites from a device that certifies nobody is told.
const UNCERTIFIED: &str = "this device certifies nobody: have an admin's device certify it (rialto device certify), or invite \
                           with --uncertified somebody who signs nothing until a device is certified";

fn words(text: Option<&Text>) -> &str {
    text.map_or("", Text::as_str)
}

pub(super) async fn find(context: &Context, find: Find) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let query = Query::Orgs {
        words: find.words.join(" "),
        types: find.types.into_iter().collect(),
        program: find.program,
        region: find.region,
        skip: find.skip,
    };
    let (hits, total) = client.find(query).await?;
    for hit in &hits {
        let Hit::Org {
            org,
            name,
            types,
            programs,
            regions,
            description,
            claimed,
        } = hit
        else {
            continue;
        };
        let list: Vec<String> = types.iter().map(ToString::to_string).collect();
        let presence = if *claimed {
            ""
        } else {
            "  (nobody answers there yet)"
        };
        context.output.data(
            &json!({
                "org": org, "name": name, "types": types, "programs": programs, "regions": regions,
                "description": description, "claimed": claimed,
            }),
            &format!(
                "{org}  {}  {}{presence}",
                words(name.as_ref()),
                list.join(", ")
            ),
        )?;
    }
    context.output.talk(&format!("{} of {total}", hits.len()));
    Ok(client.close()?)
}

pub(super) async fn people(context: &Context, wanted: &str) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let query = Query::People {
        words: wanted.to_owned(),
    };
    let (hits, total) = client.find(query).await?;
    for hit in &hits {
        let Hit::Person {
            member,
            org,
            name,
            org_name,
        } = hit
        else {
            continue;
        };
        context.output.data(
            &json!({"member": member, "org": org, "name": name, "org_name": org_name}),
            &format!(
                "{member}  {} ({})",
                words(name.as_ref()),
                words(org_name.as_ref())
            ),
        )?;
    }
    context.output.talk(&format!("{} of {total}", hits.len()));
    Ok(client.close()?)
}

pub(super) async fn invite(context: &Context, invite: Invite) -> Result<(), Failure> {
    let Invite {
        verb,
        role,
        alliance,
        uncertified,
    } = invite;
    if let Some(verb) = verb {
        return nouns::invitations(context, verb).await;
    }
    let mut client = context.client().await?;
    let account = client.console().account();
    let room = RoomId::org(account.about.org);
    let until = now() + limits::INVITATION_SPAN - INVITATION_MARGIN;
    let made = if uncertified {
        request::invite_uncertified(account, role, alliance, until)
    } else {
        request::invite(account, role, alliance, until)
    };
    if matches!(made, Err(RequestError::NoCertifier)) {
        return Err(Failure::refused("", UNCERTIFIED));
    }
    let invite = made?;
    client.submit(room, invite.command).await?;
    let link = invite.link.to_string();
    context.output.talk(&format!(
        "good for one person, as {role}, until {}; whoever has it may use it",
        until.to_rfc3339()
    ));
    context.output.data(
        &json!({"link": link, "role": role, "alliance": alliance, "certified": !uncertified,
            "until": until.to_rfc3339()}),
        &link,
    )?;
    Ok(client.close()?)
}

pub(super) async fn direct(
    context: &Context,
    people: &[String],
    message: Option<&str>,
) -> Result<(), Failure> {
    let message = message.map(output::text).transpose()?;
    let mut client = context.client().await?;
    let mut members = BTreeSet::new();
    for person in people {
        members.insert(show::person(&mut client, person).await?);
    }
    let room = opened(&mut client, &members).await?;
    let title = client.console().replica().title(room);
    context.output.data(
        &json!({"room": room, "title": title}),
        &format!("{room}  {title}"),
    )?;
    if let Some(text) = message {
        let receipt = client
            .submit(room, request::say(&text, None, BTreeSet::new())?)
            .await?;
        talk::receipt(context, &client, &receipt)?;
    }
    Ok(client.close()?)
}

/// The Direct of these people and oneself: its id is computed, so that one that is open is found again.
async fn opened(client: &mut Client, members: &BTreeSet<MemberId>) -> Result<RoomId, Failure> {
    let me = client.console().account().about.member;
    let room = RoomId::direct(&members.iter().copied().chain([me]).collect());
    if client.console().replica().room(room).is_none() {
        let open = request::open_direct(members.clone());
        client.submit(RoomId::inbox(me), open).await?;
        client.open(room, 0).await?;
    }
    Ok(room)
}
