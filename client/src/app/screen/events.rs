//! What happened in a room, beside messages, as one sentence: who did what, to whom. Every name in it is drawn by us.

mod deal;
mod own;
mod partners;

use crate::app::{App, words::Shown};
use rialto_shared::{
    entry::{Author, Entry, Seq, Slot},
    event::Event,
    id::{MemberId, OrgId, RoomId},
    room::{channel, key, talk},
};

/// What happened, and who did it.
struct Happened<'a> {
    app: &'a App,
    entry: &'a Entry,
    who: String,
}

impl<'a> Happened<'a> {
    fn new(app: &'a App, entry: &'a Entry) -> Self {
        let who = match entry.author {
            // What the rules bring about has no author: where they do, the sentence names none.
            Author::Rule => "the server".to_owned(),
            author @ (Author::Member { .. } | Author::Operator) => {
                app.console.replica().author_name(author)
            }
        };
        Self { app, entry, who }
    }

    /// What somebody did; or, where nobody did it, what happened.
    fn did(&self, verb: &str, happened: &str) -> String {
        if self.entry.author == Author::Rule {
            happened.to_owned()
        } else {
            format!("{} {verb}", self.who)
        }
    }
}

impl Happened<'_> {
    fn person(&self, member: MemberId) -> String {
        self.app.console.replica().person_name(member)
    }

    /// What somebody had in hand is another's, for the organisation of both where others read it too.
    fn hands(&self, org: Option<OrgId>, from: MemberId, to: MemberId) -> String {
        let (who, from, to) = (&self.who, self.person(from), self.person(to));
        let whose = org.map_or_else(String::new, |org| {
            format!(" for {}", self.app.org_name(org))
        });
        format!("{who} handed over from {from} to {to}{whose}")
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
pub fn sentence(app: &App, room: RoomId, seq: Seq) -> Shown {
    let held = app.console.replica().room(room);
    match held.and_then(|held| held.entry(seq)) {
        Some(logged) => Shown::said(words(app, &logged.entry)),
        None => Shown::own("something that is not loaded here"),
    }
}

/// The sentence of an entry, wherever it stands.
pub(in crate::app) fn words(app: &App, entry: &Entry) -> String {
    let of = Happened::new(app, entry);
    let room = entry.room;
    match &entry.event {
        Event::Talk(event) => talk_words(&of.who, event, |member| of.person(*member)),
        Event::Channel(event) => channel_words(&of.who, event, |member| of.person(*member)),
        Event::Direct(_) => format!("{} began this conversation", of.who),
        Event::Org(event) => partners::org(&of, event),
        Event::Deal(event) => deal::sentence(&of, room, event),
        Event::Referral(event) => partners::referral(&of, event),
        Event::Side(event) => partners::side(&of, event),
        Event::Relation(event) => partners::relation(&of, event),
        Event::Record(event) => own::record(&of, event),
        Event::Inbox(event) => own::inbox(&of, event),
        Event::Profile(event) => own::profile(&of, event),
        Event::Key(key::Event::Renewed { org, .. }) => renewed(app, *org),
        Event::Newer(_) => of.did(
            "did what this program is too old to show",
            "something that this program is too old to show",
        ),
    }
}

/// Who reads it in another room than the organisation's own learns why, too: it is what they would ask.
fn renewed(app: &App, org: OrgId) -> String {
    let own = org == app.console.account().about.org;
    let rest = if own {
        "; a device signs again once an admin has certified it"
    } else {
        ""
    };
    format!(
        "{}'s keys are new from here on: the vendor seated an admin after 72 hours' notice{rest}",
        app.org_name(org)
    )
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
