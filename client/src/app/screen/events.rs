//! What happened in a room, beside messages, as one sentence: who did what. Every name in it is drawn by us.

use crate::app::{App, words::Shown};
use rialto_shared::{
    entry::{Author, Seq},
    event::Event,
    id::{MemberId, RoomId},
    room::{channel, org, talk},
};

/// The sentence of an entry.
#[must_use]
pub fn sentence(app: &App, room: RoomId, seq: Seq, author: Author) -> Shown {
    let replica = app.console.replica();
    let who = replica.author_name(author);
    let held = replica.room(room).and_then(|held| held.entry(seq));
    let Some(logged) = held else {
        return Shown::said(format!("{who} did something"));
    };
    let person = |member: &MemberId| replica.person_name(*member);
    let words = match &logged.entry.event {
        Event::Talk(event) => talk_words(&who, event, person),
        Event::Channel(event) => channel_words(&who, event, person),
        Event::Direct(_) => format!("{who} began this conversation"),
        Event::Org(event) => org_words(&who, event, person),
        Event::Inbox(_)
        | Event::Profile(_)
        | Event::Relation(_)
        | Event::Side(_)
        | Event::Referral(_)
        | Event::Deal(_) => plain(&who, &logged.entry.kind),
        Event::Newer(_) => format!("{who} did what this program is too old to show"),
    };
    Shown::said(words)
}

/// A kind in words: `deal.stage_moved` is `stage moved`.
fn plain(who: &str, kind: &str) -> String {
    let verb = kind.split_once('.').map_or(kind, |(_, verb)| verb);
    format!("{} by {who}", verb.replace('_', " "))
}

fn talk_words(who: &str, event: &talk::Event, person: impl Fn(&MemberId) -> String) -> String {
    match event {
        talk::Event::Muted { member, .. } => format!("{who} muted {}", person(member)),
        talk::Event::Unmuted { member } => format!("{who} lifted the mute of {}", person(member)),
        talk::Event::Pinned { on: true, .. } => format!("{who} pinned a message"),
        talk::Event::Pinned { on: false, .. } => format!("{who} took a pin away"),
        talk::Event::Said { .. } => format!("{who} said something"),
        talk::Event::Edited { .. } => format!("{who} edited a message"),
        talk::Event::Deleted { .. } => format!("{who} deleted a message"),
        talk::Event::Reacted { .. } => format!("{who} reacted"),
        talk::Event::Redacted { .. } => format!("{who} removed a message"),
    }
}

fn channel_words(
    who: &str,
    event: &channel::Event,
    person: impl Fn(&MemberId) -> String,
) -> String {
    match event {
        channel::Event::Opened { .. } => format!("{who} opened this channel"),
        channel::Event::Purposed { .. } => format!("{who} said what this channel is for"),
        channel::Event::Invited { member, role, .. } => {
            format!("{who} gave {} a seat as {role}", person(member))
        }
        channel::Event::Left { member } => format!("{} left", person(member)),
        channel::Event::Removed { member } => {
            format!("{who} took the seat of {} away", person(member))
        }
        channel::Event::Archived {} => format!("{who} archived this channel"),
    }
}

fn org_words(who: &str, event: &org::Event, person: impl Fn(&MemberId) -> String) -> String {
    if let org::Event::Joined { member, role, .. } = event {
        return format!("{} joined as {role}", person(member));
    }
    if let org::Event::Invited { invitation } = event {
        return format!("{who} invited somebody as {}", invitation.role);
    }
    if let org::Event::RoleSet { member, role, .. } = event {
        return format!("{who} made {} {role}", person(member));
    }
    if let org::Event::Removed { member } = event {
        return format!("{who} removed {}", person(member));
    }
    if let org::Event::Suspended { member, on } = event {
        let verb = if *on { "suspended" } else { "took back" };
        return format!("{who} {verb} {}", person(member));
    }
    let verb: &'static str = event.into();
    plain(who, verb)
}
