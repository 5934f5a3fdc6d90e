//! A room: the unit of visibility, consistency, order and replication. This file is dispatch only; what a kind of room
//! does is in its own file.
//!
//! Two functions are the whole machine: [`decide`] judges a command on a [`Case`] and may refuse; [`apply`] takes an entry
//! in and cannot fail. [`react`] says what an entry asks of other rooms, [`take`] answers such an ask, and [`due`] and
//! [`fire`] are the room's clock. All are pure and run alike in the server, in a client's replica and in the tests.

pub mod channel;
pub mod deal;
pub mod direct;
pub mod handover;
pub mod inbox;
pub mod key;
pub mod org;
pub mod profile;
pub mod record;
pub mod referral;
pub mod relation;
pub mod side;
pub mod talk;

mod case;

pub use case::{Actor, Admission, Case, Cited, Own, Policy, Taking, Texts};
pub use handover::HandOver;

use crate::{
    ask::{Address, Ask},
    audience::Audience,
    command::Command,
    entry::{Entry, Head, Seq, TextRef, Worded},
    event::Event,
    id::MemberId,
    rejection::Rejection,
    standing::{Role, Standing},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a room holds beside its audience, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing was ever said here: what is absent, and what an outsider is judged on.
    #[default]
    Void,
    /// An organisation's own room.
    Org(Box<org::Org>),
    /// A member's Inbox.
    Inbox(inbox::Inbox),
    /// A channel.
    Channel(channel::Channel),
    /// A Direct.
    Direct(direct::Direct),
    /// An organisation's face.
    Profile(Box<profile::Profile>),
    /// A Relation.
    Relation(Box<relation::Relation>),
    /// A Side.
    Side(Box<side::Side>),
    /// A Referral.
    Referral(Box<referral::Referral>),
    /// A Deal.
    Deal(Box<deal::Deal>),
    /// An organisation's record.
    Record(record::Record),
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $variant:ident => $kind:ty),* $(,)?) => {
        impl State {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> Option<&$kind> {
                    if let Self::$variant(held) = self { Some(held) } else { None }
                }
            )*
        }
    };
}

kinds! {
    /// What an organisation's own room holds, if this is one.
    org: Org => org::Org,
    /// What a Relation holds, if this is one.
    relation: Relation => relation::Relation,
    /// What a Side holds, if this is one.
    side: Side => side::Side,
    /// What a Referral holds, if this is one.
    referral: Referral => referral::Referral,
    /// What a Deal holds, if this is one.
    deal: Deal => deal::Deal,
}

/// A value that is replaced as a whole, and the entry that set it: who replaces it names that entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Stated{T}")]
pub struct Stated<T> {
    /// The entry that set it last; zero when never set.
    pub at: Seq,
    /// The value.
    pub value: Option<T>,
}

impl<T> Default for Stated<T> {
    fn default() -> Self {
        Self {
            at: Seq::ZERO,
            value: None,
        }
    }
}

impl<T> Stated<T> {
    /// A value that this entry set.
    #[must_use]
    pub const fn new(at: Seq, value: T) -> Self {
        Self {
            at,
            value: Some(value),
        }
    }

    /// Refuses a command that replaces another value than the one its author saw.
    ///
    /// # Errors
    /// [`Rejection::Stale`] naming the entry that set the present value.
    pub fn unchanged_since(&self, seen: Seq) -> Result<(), Rejection> {
        if self.at == seen {
            Ok(())
        } else {
            Err(Rejection::Stale(self.at))
        }
    }
}

/// Everything that every seat of a room knows of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Room {
    /// The last entry. Kept apart from the rest, because talk moves it and changes nothing else.
    #[serde(skip)]
    pub head: Head,
    /// Who may read.
    pub audience: Audience,
    /// The entry that changed the audience last.
    pub audience_at: Seq,
    /// Who is silenced, until when. A mute is over when its time is.
    pub mutes: BTreeMap<MemberId, Timestamp>,
    /// Pinned messages, oldest pin first.
    pub pins: Vec<Seq>,
    /// Whether an entry of an unknown kind was taken in: such a room is view-only until a fresh snapshot.
    pub newer: bool,
    /// The root keys that are on record here.
    #[serde(default)]
    pub roots: key::Roots,
    /// What the kind of room holds.
    pub state: State,
}

impl Room {
    /// Whether messages can be said here.
    #[must_use]
    pub const fn talks(&self) -> bool {
        match self.state {
            State::Void | State::Inbox(_) | State::Profile(_) | State::Record(_) => false,
            State::Org(_)
            | State::Channel(_)
            | State::Direct(_)
            | State::Relation(_)
            | State::Side(_)
            | State::Referral(_)
            | State::Deal(_) => true,
        }
    }

    /// The texts that the state refers to: they stand beside the room and go with a snapshot.
    #[must_use]
    pub fn standing_texts(&self) -> Vec<TextRef> {
        match &self.state {
            State::Void | State::Direct(_) | State::Record(_) => vec![],
            State::Inbox(inbox) => inbox.standing_texts(),
            State::Org(org) => org.standing_texts(),
            State::Channel(channel) => channel.standing_texts(),
            State::Profile(profile) => profile.standing_texts(),
            State::Relation(relation) => relation.standing_texts(),
            State::Side(side) => side.standing_texts(),
            State::Referral(referral) => referral.standing_texts(),
            State::Deal(deal) => deal.standing_texts(),
        }
    }

    /// Whether this member has an open invitation here.
    #[must_use]
    pub fn invites(&self, who: &Standing) -> bool {
        match &self.state {
            State::Void
            | State::Org(_)
            | State::Inbox(_)
            | State::Channel(_)
            | State::Direct(_)
            | State::Record(_) => false,
            State::Profile(profile) => profile.invites(who),
            State::Relation(relation) => relation.invites(who),
            State::Side(side) => side.invites(who),
            State::Referral(referral) => referral.invites(who),
            State::Deal(deal) => deal.invites(who),
        }
    }
}

/// Judges a command.
///
/// # Errors
/// The rule's no. For whoever is no seat, no guest and not the operator it is [`Rejection::NoSuchRoom`], as for a room that
/// never existed.
pub fn decide(case: &Case<'_>, command: &Worded<Command>) -> Result<Vec<Worded<Event>>, Rejection> {
    match case.admission {
        Admission::Outsider => return Err(Rejection::NoSuchRoom),
        Admission::Invited | Admission::Seat { .. } | Admission::Operator => {}
    }
    if case.room.newer {
        return Err(Rejection::State(
            "this room holds entries of a newer program",
        ));
    }
    match &command.what {
        Command::Talk(what) => Ok(talk::worded(talk::decide(case, what)?, command)),
        Command::Org(what) => org::decide(case, what, &command.texts),
        Command::Inbox(what) => inbox::decide(case, what, &command.texts),
        Command::Channel(what) => channel::decide(case, what, &command.texts),
        Command::Direct(what) => direct::decide(case, what),
        Command::Profile(what) => profile::decide(case, what, &command.texts),
        Command::Relation(what) => relation::decide(case, what, &command.texts),
        Command::Side(what) => side::decide(case, what, &command.texts),
        Command::Referral(what) => referral::decide(case, what, &command.texts),
        Command::Deal(what) => deal::decide(case, what, &command.texts),
    }
}

/// Takes an entry in: a fact.
///
/// # Panics
/// When the entry is not the next one. Whoever takes entries from a wire checks `seq` and `prev` first.
pub fn apply(room: &mut Room, entry: &Entry) {
    assert_eq!(
        entry.seq,
        room.head.seq.next(),
        "entries are applied in order, exactly once"
    );
    assert_eq!(
        entry.prev, room.head.hash,
        "an entry names the one before it"
    );
    room.head = entry.head();
    let audience = room.audience.clone();
    match &entry.event {
        Event::Talk(event) => talk::apply(room, entry, event),
        Event::Org(event) => org::apply(room, entry, event),
        Event::Inbox(event) => inbox::apply(room, entry, event),
        Event::Channel(event) => channel::apply(room, entry, event),
        Event::Direct(event) => direct::apply(room, entry, event),
        Event::Profile(event) => profile::apply(room, entry, event),
        Event::Relation(event) => relation::apply(room, entry, event),
        Event::Side(event) => side::apply(room, entry, event),
        Event::Record(event) => record::apply(room, entry, event),
        Event::Referral(event) => referral::apply(room, entry, event),
        Event::Deal(event) => deal::apply(room, entry, event),
        Event::Key(event) => key::apply(room, event),
        Event::Newer(_) => room.newer = true,
    }
    key::note(room, entry);
    if room.audience != audience {
        room.audience_at = entry.seq;
    }
}

/// What this entry, just taken in by this room, asks of other rooms.
#[must_use]
pub fn react(room: &Room, entry: &Entry) -> Vec<(Address, Ask)> {
    match &entry.event {
        // What a moderator signs in a deal is kept by its parties as everything signed there is.
        Event::Talk(event) => [talk::react(entry, event), deal::kept(room, entry)].concat(),
        Event::Org(event) => org::react(room, entry, event),
        Event::Inbox(event) => inbox::react(room, entry, event),
        Event::Channel(event) => channel::react(entry, event),
        Event::Direct(event) => direct::react(entry, event),
        Event::Profile(event) => profile::react(room, entry, event),
        Event::Relation(event) => relation::react(room, entry, event),
        Event::Side(event) => side::react(room, entry, event),
        Event::Referral(event) => referral::react(room, entry, event),
        Event::Deal(event) => deal::react(room, entry, event),
        Event::Key(event) => key::react(room, event),
        Event::Record(_) | Event::Newer(_) => vec![],
    }
}

/// Answers what another room asked. Total: it may yield nothing, and never a refusal.
#[must_use]
pub fn take(taking: &Taking<'_>) -> Vec<Worded<Event>> {
    match taking.ask {
        Ask::Org(ask) => org::take(taking, ask),
        Ask::Inbox(ask) => inbox::take(taking, ask),
        Ask::Channel(ask) => channel::take(taking, ask),
        Ask::Direct(ask) => direct::take(taking, ask),
        Ask::Profile(ask) => profile::take(taking, ask),
        Ask::Relation(ask) => relation::take(taking, ask),
        Ask::Side(ask) => side::take(taking, ask),
        Ask::Record(ask) => record::take(taking, ask),
        Ask::Referral(ask) => referral::take(taking, ask),
        Ask::Deal(ask) => deal::take(taking, ask),
        Ask::HandOver(ask) => handover::take(taking.room, *ask),
    }
}

/// What falls due in a room when nobody does anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// In an organisation's own room: whom the vendor seats there.
    Org,
    /// In an organisation's face.
    Profile(profile::Clock),
    /// In a Relation.
    Relation(relation::Clock),
    /// In a Side.
    Side(side::Clock),
    /// In a Referral.
    Referral(referral::Clock),
    /// In a Deal.
    Deal(deal::Clock),
}

/// The next thing that falls due in this room, and when.
#[must_use]
pub fn due(room: &Room) -> Option<(Timestamp, Due)> {
    match &room.state {
        State::Void | State::Inbox(_) | State::Channel(_) | State::Direct(_) | State::Record(_) => {
            None
        }
        State::Org(org) => org.due().map(|at| (at, Due::Org)),
        State::Profile(profile) => profile.due(),
        State::Relation(relation) => relation.due(),
        State::Side(side) => side.due(),
        State::Referral(referral) => referral.due(),
        State::Deal(deal) => deal.due(),
    }
}

/// The events of a clock that has run out.
#[must_use]
pub fn fire(room: &Room, due: &Due, now: Timestamp) -> Vec<Worded<Event>> {
    match due {
        Due::Org => org::fire(room, now),
        Due::Profile(clock) => profile::fire(room, clock, now),
        Due::Relation(clock) => relation::fire(room, clock, now),
        Due::Side(clock) => side::fire(room, clock, now),
        Due::Referral(clock) => referral::fire(room, clock, now),
        Due::Deal(clock) => deal::fire(room, clock, now),
    }
}

/// The events that put off a clock which ran out while the server was down and takes something from a member: the host asks
/// for them at its start, and fires the clock where there are none. A clock is put off at most once.
#[must_use]
pub fn extend(room: &Room, due: &Due, now: Timestamp) -> Vec<Worded<Event>> {
    match due {
        Due::Org => org::extend(room, now),
        Due::Referral(clock) => referral::extend(room, clock, now),
        Due::Profile(_) | Due::Relation(_) | Due::Side(_) | Due::Deal(_) => vec![],
    }
}

/// Whether whoever asks moderates this room.
pub(crate) fn moderates(case: &Case<'_>) -> Result<(), Rejection> {
    match &case.room.state {
        State::Channel(_) => case.at_least(Role::Lead),
        State::Org(_) => case.at_least(Role::Admin),
        State::Profile(profile) => profile.moderates(case),
        State::Relation(relation) => relation.moderates(case),
        State::Side(side) => side.moderates(case),
        State::Referral(referral) => referral.moderates(case),
        State::Deal(deal) => deal.moderates(case),
        State::Direct(_) | State::Void | State::Inbox(_) | State::Record(_) => {
            Err(Rejection::NotHere("moderation"))
        }
    }
}
