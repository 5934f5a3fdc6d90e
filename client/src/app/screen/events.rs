//! What happened in a room, beside messages, as one sentence: who did what, to whom. Every name in it is drawn by us.

mod deal;
mod partners;

use crate::app::{App, words::Shown};
use rialto_shared::{
    entry::{Author, Entry, Seq, Slot},
    event::Event,
    id::{MemberId, RoomId},
    room::{channel, record, talk},
};

/// What happened, and who did it.
struct Happened<'a> {
    app: &'a App,
    entry: &'a Entry,
    who: String,
}

impl Happened<'_> {
    fn person(&self, member: MemberId) -> String {
        self.app.console.replica().person_name(member)
    }

    fn people<'b>(&self, members: impl Iterator<Item = &'b MemberId>) -> String {
        let names: Vec<String> = members.map(|member| self.person(*member)).collect();
        names.join(", ")
    }

    /// The text in a slot of the entry, after a colon; nothing where it was erased.
    fn quoted(&self, slot: Slot) -> String {
        let text = self.entry.text(slot);
        text.map_or_else(String::new, |text| format!(": {}", text.text))
    }
}

/// A word of a closed list, for people.
fn word(of: impl std::fmt::Display) -> String {
    of.to_string().replace('_', " ")
}

/// The sentence of an entry.
#[must_use]
pub fn sentence(app: &App, room: RoomId, seq: Seq, author: Author) -> Shown {
    let replica = app.console.replica();
    let who = replica.author_name(author);
    let held = replica.room(room).and_then(|held| held.entry(seq));
    let Some(logged) = held else {
        return Shown::said(format!("{who} did something"));
    };
    let entry = &*logged.entry;
    let of = Happened { app, entry, who };
    Shown::said(match &entry.event {
        Event::Talk(event) => talk_words(&of.who, event, |member| of.person(*member)),
        Event::Channel(event) => channel_words(&of.who, event, |member| of.person(*member)),
        Event::Direct(_) => format!("{} began this conversation", of.who),
        Event::Org(event) => partners::org(&of, event),
        Event::Deal(event) => deal::sentence(&of, room, event),
        Event::Referral(event) => partners::referral(&of, event),
        Event::Side(event) => partners::side(&of, event),
        Event::Relation(event) => partners::relation(&of, event),
        Event::Record(event) => record_words(app, event),
        Event::Inbox(_) | Event::Profile(_) => plain(&of.who, &entry.kind),
        Event::Newer(_) => format!("{} did what this program is too old to show", of.who),
    })
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
fn record_words(app: &App, event: &record::Event) -> String {
    match event {
        record::Event::Opened { .. } => {
            "the record begins: what is signed by your organisation and to it".to_owned()
        }
        record::Event::Kept { entry, by, .. } => {
            let what = Entry::decode(entry.as_bytes()).map_or_else(
                |_| "a statement".to_owned(),
                |copy| copy.kind.replace(['.', '_'], " "),
            );
            format!(
                "{what}, signed by {}, is kept here as proof",
                app.org_name(*by)
            )
        }
    }
}
