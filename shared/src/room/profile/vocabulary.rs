//! What can be asked of an organisation's faces, what can become true in them, and what the organisation's own room asks
//! of them. What the vendor records (name, types, programs) is mirrored; the rest the organisation says of itself.

use super::Place;
use crate::{
    entry::{SaltedText, Seq, Slot},
    id::{MemberId, OrgId, PublicKey},
    industry::Industry,
    room::org::Class,
    standing::{OrgKind, PartnerType},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whether an organisation takes work on.
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
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum Capacity {
    /// It does.
    Open,
    /// Only what fits well.
    Limited,
    /// Not at present.
    Closed,
}

/// Who reads the Profile beside the organisation itself.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
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
pub enum Visibility {
    /// Every member of the community.
    #[default]
    Public,
    /// The organisations that it is connected with.
    Connections,
    /// Nobody.
    Private,
}

/// What can be taken away again.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
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
pub enum Field {
    /// What it says of itself.
    Description,
    /// Its site.
    Website,
    /// What it is good at.
    Specialities,
    /// Whether it takes work on.
    Capacity,
    /// What it looks for.
    LookingFor,
    /// Whom to turn to.
    Contacts,
    /// Whom to write to; on the Card.
    Contact,
    /// What connected organisations should know; on the Card.
    Notes,
}

/// What can be asked. Each sets one thing and names the entry that set it last.
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
#[schemars(rename = "ProfileCommand")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(name(Verb), derive(strum::VariantArray, strum::IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The commands without their fields.")]
pub enum Command {
    /// Says what the organisation is.
    Describe {
        /// The entry that set it last.
        at: Seq,
    },
    /// Says where its site is.
    Website {
        /// The entry that set it last.
        at: Seq,
    },
    /// Says where it works.
    Places {
        /// At most [`crate::limits::PLACES_MAX`].
        places: BTreeSet<Place>,
        /// The entry that set it last.
        at: Seq,
    },
    /// Says whom it works for.
    Industries {
        /// At most [`crate::limits::INDUSTRIES_MAX`].
        industries: BTreeSet<Industry>,
        /// The entry that set it last.
        at: Seq,
    },
    /// Says what it is good at: tags, with commas between them.
    Specialities {
        /// The entry that set it last.
        at: Seq,
    },
    /// Says whether it takes work on.
    Capacity {
        /// Whether.
        capacity: Capacity,
        /// The entry that set it last.
        at: Seq,
    },
    /// Says which partners it looks for, and for what.
    LookingFor {
        /// Of which types; none for any.
        types: BTreeSet<PartnerType>,
        /// The entry that set it last.
        at: Seq,
    },
    /// Says who reads the Profile.
    Visibility {
        /// Who.
        visibility: Visibility,
        /// The entry that set it last.
        at: Seq,
    },
    /// Names people of the organisation whom others may turn to; in place of those named before. Its admins do.
    Contacts {
        /// At most [`crate::limits::CONTACTS_MAX`], each active; none to name nobody.
        members: BTreeSet<MemberId>,
        /// The entry that set it last.
        at: Seq,
    },
    /// Says whom a connected organisation writes to: on the Card.
    Contact {
        /// The entry that set it last.
        at: Seq,
    },
    /// Says what connected organisations should know, such as when nobody is there: on the Card.
    Notes {
        /// The entry that set it last.
        at: Seq,
    },
    /// Takes something away that was said.
    Clear {
        /// What.
        field: Field,
        /// The entry that set it last.
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
#[schemars(rename = "ProfileEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The face begins.
    Opened {
        /// Whose.
        org: OrgId,
        /// Vendor or partner.
        kind: OrgKind,
        /// Its name.
        name: Slot,
        /// Whether this is the Card that only connected organisations see.
        card: bool,
    },
    /// The organisation has another name.
    Named {
        /// Which.
        name: Slot,
    },
    /// The vendor recorded its types and programs.
    Classified {
        /// What.
        class: Class,
    },
    /// Somebody claimed the organisation.
    Claimed {
        /// Its root key.
        root: PublicKey,
    },
    /// It says what it is.
    Described {
        /// In these words.
        description: Slot,
    },
    /// It says where its site is.
    WebsiteSet {
        /// Where.
        website: Slot,
    },
    /// It says where it works.
    PlacesSet {
        /// Where.
        places: BTreeSet<Place>,
    },
    /// It says whom it works for.
    IndustriesSet {
        /// Whom.
        industries: BTreeSet<Industry>,
    },
    /// It says what it is good at.
    SpecialitiesSet {
        /// Tags, with commas between them.
        specialities: Slot,
    },
    /// It says whether it takes work on.
    CapacitySet {
        /// Whether.
        capacity: Capacity,
    },
    /// It says which partners it looks for.
    LookingForSet {
        /// Of which types; none for any.
        types: BTreeSet<PartnerType>,
        /// For what.
        need: Slot,
    },
    /// It says who reads the Profile.
    VisibilitySet {
        /// Who.
        visibility: Visibility,
    },
    /// These people of it, and no others, may be turned to.
    ContactsSet {
        /// Who.
        members: BTreeSet<MemberId>,
    },
    /// It says whom to write to.
    ContactSet {
        /// Whom.
        contact: Slot,
    },
    /// It says what its connections should know.
    NotesSet {
        /// What.
        notes: Slot,
    },
    /// It took away what it said.
    Cleared {
        /// What of it.
        field: Field,
    },
}

/// What the organisation's own room asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To begin.
    Open {
        /// Whose.
        org: OrgId,
        /// Vendor or partner.
        kind: OrgKind,
        /// Its name.
        name: SaltedText,
        /// Whether this is the Card that only connected organisations see.
        card: bool,
    },
    /// To show another name.
    Named {
        /// Which.
        name: SaltedText,
    },
    /// To show what the vendor recorded.
    Classify {
        /// What.
        class: Class,
    },
    /// To show that somebody claimed the organisation.
    Claimed {
        /// Its root key.
        root: PublicKey,
        /// Who did. The vendor's first admin is somebody to turn to from then on; a partner's is named by nobody but itself.
        by: MemberId,
    },
    /// To show that the organisation's certificates start from another root key.
    Renewed {
        /// Which.
        root: PublicKey,
    },
    /// To offer somebody no longer: they are suspended, or gone.
    Gone {
        /// Who.
        member: MemberId,
    },
}

impl Ask {
    /// Whether the entries that answer this ask name whoever caused it, and carry their statement. A face mirrors what
    /// happened where its readers are not: who did it there is not theirs to know.
    #[must_use]
    pub const fn shows_author(&self) -> bool {
        match self {
            Self::Open { .. }
            | Self::Named { .. }
            | Self::Classify { .. }
            | Self::Claimed { .. }
            | Self::Renewed { .. }
            | Self::Gone { .. } => false,
        }
    }
}

/// What falls due in it: nothing, and the enum says so to the compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clock {}
