//! What can be asked of a Side, what can become true in it, and what other rooms ask of it.

use super::draft::{Draft, Drafted, Promise};
use crate::{
    entry::{SaltedText, Seq, Slot},
    id::{Hash, MemberId, OrgId, PublicKey, RoomId},
    standing::Role,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// How an offer, or what was received, ended.
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
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Ending {
    /// The receiver said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// The sender took it back.
    Withdrawn,
    /// The receiver gave it back.
    Returned,
    /// The deal was won.
    Won,
    /// The deal was lost.
    Lost,
    /// The deal came to nothing that could be won or lost.
    NoValue,
}

impl Ending {
    /// Whether the customer may be offered to somebody else then.
    #[must_use]
    pub const fn frees(self) -> bool {
        match self {
            Self::Declined | Self::Expired | Self::Withdrawn | Self::Returned => true,
            Self::Won | Self::Lost | Self::NoValue => false,
        }
    }
}

/// What a Side was opened for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A customer of one's own, to be referred.
    Case,
    /// A referral that was received.
    Referral {
        /// Its room.
        room: RoomId,
        /// How often the customer has been referred, with this one: at least 1.
        depth: u8,
    },
    /// A deal.
    Deal {
        /// Its room.
        room: RoomId,
    },
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
#[schemars(rename = "SideCommand")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(name(Verb), derive(strum::VariantArray, strum::IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The commands without their fields.")]
pub enum Command {
    /// Sets the draft, whole.
    Draft {
        /// The entry that set it last; zero where there is none.
        at: Seq,
        /// Its typed part; the texts come in the order of [`Draft::slots`].
        draft: Draft,
    },
    /// An author takes the texts of a draft away that was never disclosed.
    EraseDraft {
        /// The entry that set it.
        target: Seq,
    },
    /// Offers the case to a connected organisation.
    Offer {
        /// To which.
        to: OrgId,
        /// What the receiver is shown: [`Promise::shown`] of [`Drafted::promise`]. With what is held back it says which draft
        /// is offered.
        shown: Hash,
        /// What is held back: [`Promise::full`] of the same.
        full: Hash,
    },
    /// Offers the case to a stranger, with a request to connect.
    OfferWithRequest {
        /// To which.
        to: OrgId,
        /// What the receiver is shown: [`Promise::shown`] of [`Drafted::promise`]. With what is held back it says which draft
        /// is offered.
        shown: Hash,
        /// What is held back: [`Promise::full`] of the same.
        full: Hash,
    },
    /// Takes the offer back that is out, whether or not one has a seat in the Referral.
    Withdraw {
        /// The Referral.
        offer: RoomId,
    },
    /// Gives a person of one's own organisation a seat, or another role.
    Add {
        /// Whom.
        member: MemberId,
        /// What they may do here: Viewer, Rep or Lead.
        role: Role,
    },
    /// Takes a person's seat.
    Remove {
        /// Whose.
        member: MemberId,
    },
    /// Says what the organisation's own systems call it, or that they do not know it any more.
    Reference {
        /// The claim of the external reference that comes as text, by [`super::reference_claim`]; none takes it away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claim: Option<Hash>,
        /// The entry that set it last; zero where there is none.
        at: Seq,
    },
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
#[schemars(rename = "SideEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The Side begins.
    Opened {
        /// Whose.
        org: OrgId,
        /// What it is for.
        about: About,
        /// Who has the case, where it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<MemberId>,
        /// Who takes part beside the organisation's Leads.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        people: Vec<MemberId>,
    },
    /// The draft was set.
    Drafted {
        /// The draft; its texts stand in the entry.
        drafted: Drafted,
        /// Whether the case began with it: the owner's Inbox then holds the same texts. Where in it is nobody else's to know.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        begun: bool,
    },
    /// A draft's texts were taken away.
    Erased {
        /// The entry that set it.
        target: Seq,
        /// Whether the case began with it: the owner's Inbox then erases the same texts.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        begun: bool,
    },
    /// The case was offered.
    Offered {
        /// The Referral.
        offer: RoomId,
        /// To whom.
        to: OrgId,
        /// Their root key; none while nobody has claimed them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_root: Option<PublicKey>,
        /// One's own root key.
        from_root: PublicKey,
        /// The entry that set the draft.
        draft: Seq,
        /// What the sender is bound to.
        promise: Promise,
        /// When it runs out.
        until: Timestamp,
        /// The need, as the receiver sees it.
        need: Slot,
        /// The words of the request to connect that goes with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<Slot>,
    },
    /// The offer was accepted, and what was held back is given out.
    Released {
        /// The Referral.
        offer: RoomId,
        /// Customer, contact, notes; empty where the operator has erased them.
        texts: Vec<Slot>,
    },
    /// The offer is taken back.
    Withdrawn {
        /// The Referral.
        offer: RoomId,
    },
    /// The offer, or what was received, ended.
    Closed {
        /// The Referral.
        offer: RoomId,
        /// How.
        how: Ending,
        /// Whether it went to a stranger who never answered: this organisation has no seat in the Referral, and learns of its
        /// end here.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        apart: bool,
    },
    /// A person was given a seat, or another role.
    Added {
        /// Who.
        member: MemberId,
        /// What they may do here.
        role: Role,
    },
    /// A person's seat was taken.
    Removed {
        /// Whose.
        member: MemberId,
    },
    /// What a person had in hand here is a colleague's.
    HandedOver {
        /// Who had it.
        from: MemberId,
        /// Who has it now.
        to: MemberId,
    },
    /// The organisation's own systems have a name for it.
    Referenced {
        /// The external reference.
        reference: Slot,
        /// Its claim: nothing else of this organisation's and kind has it.
        claim: Hash,
    },
    /// They have none any more.
    Unreferenced {},
    /// A statement of a room that this organisation is a party of is kept here too: being removed from that room takes no
    /// proof away.
    Kept {
        /// The entry that carries it, without texts, as the JSON of [`crate::entry::Entry::encode`].
        entry: String,
    },
}

/// What other rooms ask of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To begin as a case, with a draft.
    Open {
        /// Whose.
        org: OrgId,
        /// Who has it.
        owner: MemberId,
        /// The draft.
        draft: Draft,
        /// Its texts.
        texts: Vec<SaltedText>,
    },
    /// To begin as the receiver's side of a referral.
    OpenForReferral {
        /// Whose.
        org: OrgId,
        /// The Referral.
        referral: RoomId,
        /// How often the customer has been referred, with this one.
        depth: u8,
        /// Who takes part beside the organisation's Leads.
        people: Vec<MemberId>,
    },
    /// To begin as a party's side of a deal.
    OpenForDeal {
        /// Whose.
        org: OrgId,
        /// The deal.
        deal: RoomId,
        /// Who takes part beside the organisation's Leads.
        people: Vec<MemberId>,
    },
    /// To begin as the host's side of a deal that its own systems have a name for already.
    OpenWithReference {
        /// Whose.
        org: OrgId,
        /// The deal.
        deal: RoomId,
        /// Who takes part beside the organisation's Leads.
        people: Vec<MemberId>,
        /// The external reference.
        reference: SaltedText,
        /// Its claim.
        claim: Hash,
    },
    /// The offer was accepted: to give out what was held back.
    Release {
        /// The Referral.
        offer: RoomId,
    },
    /// To learn how the offer, or what was received, ended.
    Closed {
        /// The Referral.
        offer: RoomId,
        /// How.
        how: Ending,
        /// Whether this organisation has no seat there.
        apart: bool,
    },
    /// To keep a statement of another room.
    Keep {
        /// The entry that carries it, without texts, as the JSON of [`crate::entry::Entry::encode`].
        entry: String,
    },
}

impl Ask {
    /// Whether the entries that answer this ask name whoever caused it, and carry their statement.
    #[must_use]
    pub const fn shows_author(&self) -> bool {
        match self {
            Self::Open { .. }
            | Self::OpenForReferral { .. }
            | Self::OpenForDeal { .. }
            | Self::OpenWithReference { .. }
            | Self::Release { .. } => true,
            // A deal's end comes from a room that not every reader of this one is in: who ended it stays there.
            Self::Closed { how, .. } => how.frees(),
            // The copy holds its author and statement within.
            Self::Keep { .. } => false,
        }
    }
}
