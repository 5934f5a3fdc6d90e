//! What can be asked of a Referral, what can become true in it, and what other rooms ask of it.

use super::{Opening, Party};
use crate::{
    entry::{SaltedText, Slot},
    id::{MemberId, OrgId, PublicKey, RoomId},
    room::side::Promise,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Why a receiver says no, or gives a referral back.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
#[schemars(rename = "ReferralDeclineReason")]
pub enum DeclineReason {
    /// What the customer needs is unclear.
    UnclearProblem,
    /// What would be next is unclear.
    UnclearNextStep,
    /// No hands for it.
    Capacity,
    /// Outside the area.
    Territory,
    /// They know of it already.
    Duplicate,
    /// A conflict of interest.
    ConflictOfInterest,
    /// Not what they do.
    BadFit,
    /// Sent to many.
    Spam,
    /// Perhaps later.
    NotNow,
    /// See the words.
    Other,
}

/// How a deal ended, as the referral that it began with learns it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
    strum::Display,
    schemars::JsonSchema,
)]
#[schemars(rename = "ReferralOutcome")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// Won.
    Won,
    /// Lost.
    Lost,
    /// Neither: nothing came of it.
    NoValue,
}

/// What can be asked.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::EnumDiscriminants,
    schemars::JsonSchema,
)]
#[schemars(rename = "ReferralCommand")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(name(Verb), derive(strum::VariantArray, strum::IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The commands without their fields.")]
pub enum Command {
    /// The receiver has seen it; the first time counts.
    View {},
    /// The receiver takes it, with these people.
    Accept {
        /// Whose offer it is.
        from: OrgId,
        /// Who works on it beside the receiver's Leads: one to [`crate::limits::REFERRAL_PEOPLE_MAX`].
        people: BTreeSet<MemberId>,
    },
    /// The receiver does not take it.
    Decline {
        /// Why.
        reason: DeclineReason,
    },
    /// The sender takes the offer back.
    Withdraw {},
    /// The receiver gives back what it accepted.
    Return {
        /// Why.
        reason: DeclineReason,
    },
    /// The receiver has contacted the customer.
    Contacted {},
    /// The receiver finds that there is something to win.
    Qualified {},
    /// The receiver opens the deal.
    Convert {},
}

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
#[schemars(rename = "ReferralEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The offer is made.
    Opened {
        /// Who refers.
        from: Party,
        /// To whom; their root key is recorded when they are admitted.
        to: OrgId,
        /// The sender's Side. Knowing its id admits nobody, and the sender's statement names it too.
        case: RoomId,
        /// Who has the case.
        owner: MemberId,
        /// What the sender is bound to.
        promise: Box<Promise>,
        /// When it runs out.
        until: Timestamp,
        /// How often the customer has been referred, with this one.
        depth: u8,
        /// Whether the two were connected; else a request to connect goes with it.
        connected: bool,
        /// What the customer needs.
        need: Slot,
    },
    /// The receiver's Leads are admitted.
    Shown {
        /// The receiver.
        org: OrgId,
        /// Their root key.
        root: PublicKey,
    },
    /// The two organisations connected while it waits for an answer: the sender's people are admitted from here on.
    Joined {},
    /// The receiver has seen it.
    Viewed {},
    /// The receiver took it.
    Accepted {
        /// Who works on it.
        people: BTreeSet<MemberId>,
        /// The receiver's Side.
        side: RoomId,
        /// By when the customer is to be contacted.
        contact_by: Timestamp,
        /// Until when it may be given back.
        return_by: Timestamp,
    },
    /// What was held back is shown.
    Disclosed {
        /// Who the customer is.
        customer: Slot,
        /// Whom to contact there.
        contact: Slot,
        /// What else is to be known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notes: Option<Slot>,
    },
    /// The receiver did not take it.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// In words, where it was declined here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<Slot>,
    },
    /// Nobody answered in time.
    Expired {},
    /// The time to answer ran out while the server was down: there is a little more.
    Extended {
        /// Until when.
        until: Timestamp,
    },
    /// The sender took it back.
    Withdrawn {},
    /// The receiver gave it back.
    Returned {
        /// Why.
        reason: DeclineReason,
        /// In words.
        words: Slot,
    },
    /// The customer was not contacted in time.
    ContactMissed {},
    /// The customer was contacted.
    Contacted {},
    /// There is something to win.
    Qualified {},
    /// The deal is opened.
    Converted {
        /// Its room.
        deal: RoomId,
        /// Its title.
        title: Slot,
        /// Its customer.
        customer: Slot,
    },
    /// The deal ended.
    Concluded {
        /// How.
        outcome: Outcome,
    },
    /// Another person of one of the two is in charge.
    HandedOver {
        /// Of which organisation.
        org: OrgId,
        /// Who was.
        from: MemberId,
        /// Who is now.
        to: MemberId,
    },
}

/// What other rooms ask of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To begin.
    Open(Box<Opening>),
    /// To admit the receiver's Leads: the request to connect that went with it is heard.
    Show {
        /// The receiver.
        org: OrgId,
        /// Their root key.
        root: PublicKey,
    },
    /// To admit both: the receiver, if the request was not heard, and the sender. The two are connected now.
    Join {
        /// The receiver.
        org: OrgId,
        /// Their root key.
        root: PublicKey,
    },
    /// The receiver took it, with the connection.
    Accept {
        /// Who works on it.
        people: BTreeSet<MemberId>,
    },
    /// The receiver did not take it, whatever became of the connection.
    Decline {
        /// Why.
        reason: DeclineReason,
    },
    /// The sender takes the offer back, in its Side.
    TakeBack,
    /// The sender no longer has what it offers.
    Withdraw,
    /// To show what was held back.
    Disclose {
        /// Customer, contact, notes.
        texts: Vec<SaltedText>,
    },
    /// The deal ended.
    Outcome {
        /// How.
        outcome: Outcome,
    },
}

impl Ask {
    /// Whether the entries that answer this ask name whoever caused it, and carry their statement.
    #[must_use]
    pub const fn shows_author(&self) -> bool {
        match self {
            Self::Open(_)
            | Self::Show { .. }
            | Self::Accept { .. }
            | Self::Decline { .. }
            | Self::TakeBack
            | Self::Disclose { .. } => true,
            // Whoever connects does not speak of this offer; the others come from rooms that not every reader of this one is
            // in: who acted there stays there.
            Self::Join { .. } | Self::Withdraw | Self::Outcome { .. } => false,
        }
    }
}
