//! What a member and their organisation are in the community: the cards that a command is judged on.

use crate::{
    entry::SaltedText,
    id::{MemberId, OrgId, PublicKey, RoomId},
    text::Text,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a member may do: one ladder. Other duties are flags and grant no seat.
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
pub enum Role {
    /// Reads.
    Viewer,
    /// Takes part.
    Rep,
    /// Commits the organisation in deals and referrals.
    Lead,
    /// Runs the organisation's side: people, devices, agreements.
    Admin,
}

/// The two kinds of organisation on a server.
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
    strum::IntoStaticStr,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrgKind {
    /// Runs the server and the ecosystem. There is one.
    Vendor,
    /// Everyone else.
    Partner,
}

/// The types of partner (domain: the field's common list). A *member* is a person, never a type.
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
pub enum PartnerType {
    /// Sells on.
    Reseller,
    /// Supplies resellers.
    Distributor,
    /// Manages services for customers.
    Msp,
    /// Makes software.
    Isv,
    /// Integrates systems.
    Si,
    /// Sells services.
    Services,
    /// Makes technology that works with the vendor's.
    Technology,
    /// A public cloud.
    Hyperscaler,
    /// Brings customers.
    Referral,
    /// Markets.
    Agency,
    /// Trains.
    Training,
    /// Makes hardware.
    Hardware,
}

/// Whether a member or an organisation takes part.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// Takes part.
    #[default]
    Active,
    /// May not act or read until reinstated.
    Suspended,
    /// Is gone, for ever.
    Left,
}

/// One row for each member: what every room asks of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MemberCard {
    /// Who.
    pub id: MemberId,
    /// Of which organisation.
    pub org: OrgId,
    /// Their name; `None` once erased.
    pub name: Option<SaltedText>,
    /// Their place on the ladder in their own organisation.
    pub role: Role,
    /// An alliance manager: a flag of the vendor's members.
    pub alliance: bool,
    /// Whether they take part.
    pub status: Status,
}

/// One row for each organisation: what every room asks of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OrgCard {
    /// Which.
    pub id: OrgId,
    /// Vendor or partner.
    pub kind: OrgKind,
    /// Its name; `None` once erased.
    pub name: Option<SaltedText>,
    /// Its types, as the vendor recorded them.
    pub types: BTreeSet<PartnerType>,
    /// The programs it is in, and its level in each, as the vendor recorded them.
    pub levels: BTreeMap<Text, Option<Text>>,
    /// Whether it takes part.
    pub status: Status,
    /// The key that its certificates start from; `None` while unclaimed.
    pub root: Option<PublicKey>,
    /// Those that they started from before, oldest first: what was signed then stands in logs that start from these.
    #[serde(default)]
    pub former: Vec<PublicKey>,
}

impl OrgCard {
    /// All root keys that its certificates ever started from, oldest first.
    #[must_use]
    pub fn roots(&self) -> Vec<PublicKey> {
        self.former.iter().copied().chain(self.root).collect()
    }
}

/// A member and their organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The member.
    pub member: MemberCard,
    /// Their organisation.
    pub org: OrgCard,
}

impl Standing {
    /// Whether this member may do anything at all.
    #[must_use]
    pub fn active(&self) -> bool {
        self.member.status == Status::Active && self.org.status == Status::Active
    }

    /// Whether this member is one of the vendor's.
    #[must_use]
    pub fn vendor(&self) -> bool {
        self.org.kind == OrgKind::Vendor
    }

    /// Whether this member is one of the vendor's alliance managers.
    #[must_use]
    pub fn alliance(&self) -> bool {
        self.vendor() && self.member.alliance
    }
}

/// The kinds of agreement (domain: `agr_`).
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
pub enum AgreementKind {
    /// Non-disclosure.
    Nda,
    /// Data sharing.
    DataSharing,
    /// Referral terms.
    Referral,
    /// Resale.
    Reseller,
    /// Selling together.
    Cosell,
    /// Marketplace.
    Marketplace,
    /// The terms of a program.
    ProgramTerms,
    /// Rules of engagement.
    Roe,
}

/// What two organisations are to each other: one row, derived from their Relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Tie {
    /// Their Relation.
    pub relation: RoomId,
    /// The agreements in force between them.
    pub agreements: BTreeSet<AgreementKind>,
}
