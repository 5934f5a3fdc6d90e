//! A Relation: two connected organisations, and the agreements between them.

use super::{Case, Due, Room, Taking};
use crate::{
    ask::{Address, Ask as Asked},
    command::{Named, SlotRule},
    entry::{Entry, SaltedText, TextRef, Worded},
    event,
    rejection::Rejection,
    standing::Standing,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// What the room holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
pub enum Command {}

/// What became true.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {}

// merged with connect
/// What other rooms ask of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To tell this deal which agreements are in force, now and whenever it changes.
    Watch {
        /// Which deal.
        deal: crate::id::RoomId,
    },
    /// To tell it no longer: it is over.
    Unwatch {
        /// Which deal.
        deal: crate::id::RoomId,
    },
}

/// What falls due in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clock {}

impl Command {
    pub(crate) fn slots(&self) -> Vec<SlotRule> {
        match *self {}
    }

    pub(crate) fn named(&self, _texts: &[SaltedText]) -> Named {
        match *self {}
    }

    pub(crate) const fn signed(&self) -> bool {
        match *self {}
    }
}

impl Ask {
    /// Whether the entries that answer this ask name whoever caused it, and carry their statement.
    #[must_use]
    pub const fn shows_author(&self) -> bool {
        match self {
            Self::Watch { .. } | Self::Unwatch { .. } => false,
        }
    }
}

impl Relation {
    pub(crate) fn standing_texts(&self) -> Vec<TextRef> {
        vec![]
    }

    /// Whether this member has an open invitation here.
    pub(crate) const fn invites(&self, _who: &Standing) -> bool {
        false
    }

    pub(crate) const fn due(&self) -> Option<(Timestamp, Due)> {
        None
    }

    /// Refuses whoever does not moderate here.
    pub(crate) const fn moderates(&self, _case: &Case<'_>) -> Result<(), Rejection> {
        Err(Rejection::NotHere("moderation"))
    }
}

pub(crate) fn decide(
    _case: &Case<'_>,
    command: &Command,
    _texts: &[SaltedText],
) -> Result<Vec<Worded<event::Event>>, Rejection> {
    match *command {}
}

pub(crate) fn apply(_room: &mut Room, _entry: &Entry, event: &Event) {
    match *event {}
}

pub(crate) fn react(_room: &Room, _entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    match *event {}
}

pub(crate) const fn take(_taking: &Taking<'_>, _ask: &Ask) -> Vec<Worded<event::Event>> {
    vec![]
}

pub(crate) fn fire(_room: &Room, clock: &Clock, _now: Timestamp) -> Vec<Worded<event::Event>> {
    match *clock {}
}
