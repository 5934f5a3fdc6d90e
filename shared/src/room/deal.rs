//! A Deal: up to twelve organisations progress one customer together.

use super::{Case, Due, Room, Taking};
use crate::{
    ask::{Address, Ask as Asked},
    command::{Named, SlotRule},
    entry::{Entry, SaltedText, TextRef, Worded},
    event,
    id::{MemberId, OrgId, PublicKey, RoomId},
    rejection::Rejection,
    standing::{AgreementKind, Standing},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the room holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deal {}

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

/// What other rooms ask of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To note which agreements are in force between two organisations.
    Agreements {
        /// Which two.
        with: (OrgId, OrgId),
        /// All that are in force.
        kinds: BTreeSet<AgreementKind>,
    },
    // Merged with deal.
    /// To begin.
    Open {
        /// Who hosts it.
        host: (OrgId, PublicKey),
        /// Who else begins it.
        parties: Vec<(OrgId, PublicKey)>,
        /// Their people.
        people: Vec<(MemberId, OrgId)>,
        /// Its title.
        title: SaltedText,
        /// Its customer.
        customer: SaltedText,
        /// The referral that it began with.
        origin: Option<RoomId>,
        /// How the vendor is present.
        presence: Presence,
    },
}

/// How the vendor is present. Merged with deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Not here; a call is a knock.
    NotPresent,
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
            Self::Agreements { .. } => false,
            Self::Open { .. } => true,
        }
    }
}

impl Deal {
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

pub(crate) fn take(_taking: &Taking<'_>, ask: &Ask) -> Vec<Worded<event::Event>> {
    match ask {
        Ask::Agreements { .. } => vec![],
        Ask::Open { .. } => vec![],
    }
}

pub(crate) fn fire(_room: &Room, clock: &Clock, _now: Timestamp) -> Vec<Worded<event::Event>> {
    match *clock {}
}
