//! What can be asked. A command is sent to one room, which judges it ([`crate::room::decide`]).
//!
//! On the wire a command is the JSON string of [`Facts`], exactly as its author's client made it, and its texts beside
//! it. [`Command::read`] is the border: it reads the facts, checks every text against the rule of its slot and against its
//! commitment, and is the same for every room, so it tells nobody whether a room exists.

use crate::{
    entry::{Facts, SaltedText, Seq, Slot, Worded},
    id::{Hash, MemberId, OrgId},
    limits,
    rejection::Rejection,
    room::{channel, deal, direct, inbox, org, profile, referral, relation, side, talk},
    text::TextKind,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Everything that can be asked, by the kind of room that judges it; talk is judged in any room that talks.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Command {
    /// Messages, threads, reactions, moderation.
    Talk(talk::Command),
    /// People, devices, invitations; the vendor's acts on organisations.
    Org(org::Command),
    /// A member's own: bookmarks, what is done, and opening rooms.
    Inbox(inbox::Command),
    /// A channel's settings and people.
    Channel(channel::Command),
    /// A Direct's own.
    Direct(direct::Command),
    /// An organisation's face's own.
    Profile(profile::Command),
    /// A Relation's own.
    Relation(relation::Command),
    /// A Side's own.
    Side(side::Command),
    /// A Referral's own.
    Referral(referral::Command),
    /// A Deal's own.
    Deal(deal::Command),
}

/// One text that a command or an event holds: its name for people, and its rule.
pub type SlotRule = (&'static str, TextKind);

/// What a command names beside its own room: the point look-ups that its case is loaded with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The earlier entry that is answered, replaced or reacted to.
    pub cites: Option<Seq>,
    /// What that entry says, where the command names it by [`crate::event::matter`] in place of its position: the room's
    /// state knows it, so nothing is looked up.
    pub answers: Option<Hash>,
    /// People.
    pub members: BTreeSet<MemberId>,
    /// One organisation.
    pub org: Option<OrgId>,
    /// Whether one's own organisation does something of it in its room, and has to be able to.
    pub home: bool,
    /// The one unique name, as a key of the claims.
    pub claim: Option<Hash>,
    /// The code of an invitation that is made, as a key of the claims.
    pub code: Option<Hash>,
}

impl Command {
    /// The kind, as it stands in statements: `talk.say`.
    #[must_use]
    pub fn kind(&self) -> String {
        let verb: &'static str = match self {
            Self::Talk(command) => command.into(),
            Self::Org(command) => command.into(),
            Self::Inbox(command) => command.into(),
            Self::Channel(command) => command.into(),
            Self::Direct(command) => command.into(),
            Self::Profile(command) => command.into(),
            Self::Relation(command) => command.into(),
            Self::Side(command) => command.into(),
            Self::Referral(command) => command.into(),
            Self::Deal(command) => command.into(),
        };
        let room: &'static str = self.into();
        format!("{room}.{verb}")
    }

    /// The texts that this command holds, in the order of their slots.
    #[must_use]
    pub fn slots(&self) -> Vec<SlotRule> {
        match self {
            Self::Talk(command) => command.slots(),
            Self::Org(command) => command.slots(),
            Self::Inbox(command) => command.slots(),
            Self::Channel(command) => command.slots(),
            Self::Direct(command) => command.slots(),
            Self::Profile(command) => command.slots(),
            Self::Relation(command) => command.slots(),
            Self::Side(command) => command.slots(),
            Self::Referral(command) => command.slots(),
            Self::Deal(command) => command.slots(),
        }
    }

    /// What the command names: see [`Named`].
    #[must_use]
    pub fn named(&self, texts: &[SaltedText]) -> Named {
        match self {
            Self::Talk(command) => command.named(),
            Self::Org(command) => command.named(texts),
            Self::Inbox(command) => command.named(),
            Self::Channel(command) => command.named(),
            Self::Direct(command) => command.named(),
            Self::Profile(command) => command.named(texts),
            Self::Relation(command) => command.named(texts),
            Self::Side(command) => command.named(texts),
            Self::Referral(command) => command.named(texts),
            Self::Deal(command) => command.named(texts),
        }
    }

    /// Whether this commits somebody, so that it must be signed by the member's device.
    #[must_use]
    pub const fn signed(&self) -> bool {
        match self {
            Self::Talk(command) => command.signed(),
            Self::Org(command) => command.signed(),
            Self::Channel(command) => command.signed(),
            Self::Profile(command) => command.signed(),
            Self::Relation(command) => command.signed(),
            Self::Side(command) => command.signed(),
            Self::Referral(command) => command.signed(),
            Self::Deal(command) => command.signed(),
            Self::Inbox(_) | Self::Direct(_) => false,
        }
    }

    /// Reads a command at the border.
    ///
    /// # Errors
    /// `Malformed` for facts that are no command or do not fit the texts, `Text` naming the text that cannot be accepted.
    pub fn read(facts: &str, texts: Vec<SaltedText>) -> Result<Worded<Self>, Rejection> {
        if facts.len() > limits::FACTS_BYTES_MAX {
            return Err(Rejection::Limit {
                field: "bytes of facts",
                max: limits::FACTS_BYTES_MAX,
            });
        }
        let read: Facts<Self> =
            serde_json::from_str(facts).map_err(|error| Rejection::Malformed(error.to_string()))?;
        let slots = read.fact.slots();
        if texts.len() != slots.len() || read.texts.len() != slots.len() {
            return Err(Rejection::Malformed(format!(
                "{} holds {} texts, {} came with {} commitments",
                read.fact.kind(),
                slots.len(),
                texts.len(),
                read.texts.len()
            )));
        }
        for (((field, kind), text), commitment) in slots.iter().zip(&texts).zip(&read.texts) {
            kind.check(text.text.as_str())
                .map_err(|error| Rejection::Text { field, error })?;
            if text.commitment() != *commitment {
                return Err(Rejection::Malformed(format!(
                    "the text of {field} is not the one committed to"
                )));
            }
        }
        Ok(Worded::new(read.fact, texts))
    }
}

/// The place of an optional text after those that are always there.
#[must_use]
pub fn next_slot(slots: &[SlotRule]) -> Slot {
    Slot(u8::try_from(slots.len()).unwrap_or(u8::MAX))
}
