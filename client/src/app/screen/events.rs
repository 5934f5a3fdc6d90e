//! What happened in a room, beside messages, as one sentence: who did what. Every name in it is drawn by us.

use crate::app::{App, words::Shown};
use rialto_shared::{
    entry::{Author, Entry, Seq, Slot},
    event::Event,
    id::{MemberId, RoomId},
    room::{channel, deal, org, referral, side, talk},
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
        Event::Deal(event) => deal_words(app, &logged.entry, event, &who),
        Event::Referral(event) => referral_words(app, event, &who),
        Event::Side(event) => side_words(app, event, &who),
        Event::Inbox(_) | Event::Profile(_) | Event::Relation(_) => plain(&who, &logged.entry.kind),
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

/// The text in a slot of an entry, in quotation marks.
fn quoted(entry: &Entry, slot: Slot) -> String {
    entry
        .text(slot)
        .map_or_else(String::new, |text| format!(": {}", text.text))
}

fn deal_words(app: &App, entry: &Entry, event: &deal::Event, who: &str) -> String {
    let word = |word: String| word.replace('_', " ");
    if let deal::Event::Opened(opening) = event {
        let from = opening.imported.map(|slot| quoted(entry, slot));
        return format!("{who} opened the deal{}", from.unwrap_or_default());
    }
    if let deal::Event::Invited(asked) = event {
        let (org, what) = (
            app.org_name(asked.org),
            word(asked.responsibility.to_string()),
        );
        return format!("{who} asked {org} in, as {what}");
    }
    if let deal::Event::Accepted(came) = event {
        return format!("{who} came in for {}", app.org_name(came.org));
    }
    if let deal::Event::Declined { org, .. } = event {
        return format!("{} does not come in", app.org_name(*org));
    }
    if let deal::Event::StageMoved { to } = event {
        return format!("{who} moved the stage to {}", word(to.to_string()));
    }
    if let deal::Event::Valued { value } = event {
        return format!("{who} set the value to {value}");
    }
    if let deal::Event::TargetSet { close } = event {
        return format!("{who} set the close to {close}");
    }
    if let deal::Event::NextStepSet { next_step } = event {
        return format!("{who} said what is next{}", quoted(entry, *next_step));
    }
    if let deal::Event::TaskAdded { title, to } = event {
        let task = quoted(entry, *title);
        return format!("{who} set a task for {}{task}", app.org_name(to.owner));
    }
    if let deal::Event::Lost { reason, words } = event {
        let reason = word(reason.to_string());
        return format!("{who} declared it lost, {reason}{}", quoted(entry, *words));
    }
    if let deal::Event::Won {} = event {
        return format!("{who} declared it won");
    }
    if let deal::Event::Frozen { reason } = event {
        return format!(
            "{who} stopped everything but talk{}",
            quoted(entry, *reason)
        );
    }
    plain(who, &entry.kind)
}

fn referral_words(app: &App, event: &referral::Event, who: &str) -> String {
    if let referral::Event::Opened { to, .. } = event {
        return format!("{who} offered it to {}", app.org_name(*to));
    }
    if let referral::Event::Accepted { .. } = event {
        return format!("{who} accepted it");
    }
    if let referral::Event::Disclosed { .. } = event {
        return "customer, contact and notes are shown".to_owned();
    }
    if let referral::Event::Declined { reason, .. } = event {
        return format!(
            "{who} declined it: {}",
            reason.to_string().replace('_', " ")
        );
    }
    if let referral::Event::Shown { org, .. } = event {
        return format!("{} sees it", app.org_name(*org));
    }
    let verb: &'static str = event.into();
    plain(who, verb)
}

fn side_words(app: &App, event: &side::Event, who: &str) -> String {
    if let side::Event::Offered { to, .. } = event {
        return format!("{who} offered it to {}", app.org_name(*to));
    }
    if let side::Event::Kept { .. } = event {
        return "a statement is kept here as proof".to_owned();
    }
    if let side::Event::Closed { how, .. } = event {
        return format!("the offer is over: {how}").replace('_', " ");
    }
    let verb: &'static str = event.into();
    plain(who, verb)
}
