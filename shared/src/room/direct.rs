//! A Direct: two to eight members. Its id is computed from who they are, so opening it twice gives the same room.

use super::{Case, Room, State, Taking};
use crate::{
    ask::{Address, Ask as Asked},
    audience::{Audience, Grant},
    command::{Named, SlotRule},
    entry::{Entry, Seq, Worded},
    event,
    id::{MemberId, OrgId},
    rejection::Rejection,
    room::inbox,
    standing::Role,
};
use serde::{Deserialize, Serialize};

/// One of those who talk.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[schemars(rename = "DirectPerson")]
pub struct Person {
    /// Who.
    pub id: MemberId,
    /// Of which organisation.
    pub org: OrgId,
}

/// What a Direct holds: who talks, for ever the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Direct {
    /// Everyone, the one who opened it first.
    pub people: Vec<Person>,
}

/// What can be asked of a Direct beside talk: nothing yet, and the enum says so to the compiler.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr, schemars::JsonSchema,
)]
#[schemars(rename = "DirectCommand")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Command {}

/// What became true.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
    schemars::JsonSchema,
)]
#[schemars(rename = "DirectEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The room begins.
    Opened {
        /// Everyone in it.
        people: Vec<Person>,
    },
}

/// What other rooms ask of a Direct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To begin. An open Direct yields nothing.
    Open {
        /// Everyone in it, the one who opens it first.
        people: Vec<Person>,
    },
}

impl Command {
    #[allow(
        clippy::unused_self,
        reason = "the same form as the other rooms' commands"
    )]
    pub(crate) const fn slots(&self) -> Vec<SlotRule> {
        match *self {}
    }

    pub(crate) const fn named(&self) -> Named {
        match *self {}
    }
}

pub(crate) const fn decide(
    _case: &Case<'_>,
    command: &Command,
) -> Result<Vec<Worded<event::Event>>, Rejection> {
    match *command {}
}

pub(crate) fn apply(room: &mut Room, _entry: &Entry, event: &Event) {
    let Event::Opened { people } = event;
    let grant = |person: &Person| Grant::Member {
        id: person.id,
        org: person.org,
        role: Role::Rep,
        since: Seq::ZERO,
    };
    room.audience = Audience::of(people.iter().map(grant).collect());
    room.state = State::Direct(Direct {
        people: people.clone(),
    });
}

pub(crate) fn react(entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let Event::Opened { people } = event;
    people
        .iter()
        .skip(1)
        .map(|person| {
            let seated = inbox::Ask::Point {
                what: inbox::What::Seated,
                room: entry.room,
                seq: entry.seq,
            };
            (Address::inbox(person.id), Asked::Inbox(seated))
        })
        .collect()
}

pub(crate) fn take(taking: &Taking<'_>, ask: &Ask) -> Vec<Worded<event::Event>> {
    let Ask::Open { people } = ask;
    if taking.room.state != State::Void {
        return vec![];
    }
    vec![Worded::plain(event::Event::Direct(Event::Opened {
        people: people.clone(),
    }))]
}
