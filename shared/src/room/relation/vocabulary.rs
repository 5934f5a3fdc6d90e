//! What can be asked of a Relation, what can become true in it, what other rooms ask of it, and what falls due in it.

use crate::{
    entry::{Seq, Slot},
    id::{OrgId, PublicKey},
    standing::AgreementKind,
    time::{Date, Timestamp},
};
use serde::{Deserialize, Serialize};

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
#[schemars(rename = "RelationCommand")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(name(Verb), derive(strum::VariantArray, strum::IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The commands without their fields.")]
pub enum Command {
    /// Proposes an agreement to the other organisation: it is in force once they confirm it, and its first day has come.
    Agree {
        /// Of which kind.
        kind: AgreementKind,
        /// Its first day, by UTC.
        from: Date,
        /// Its last day; `None` where it has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Date>,
    },
    /// Confirms what the other organisation proposed.
    Confirm {
        /// The entry that proposed it.
        proposal: Seq,
    },
    /// Ends an agreement early, or takes a proposal away that nobody has confirmed: one's own, or the other's.
    End {
        /// Of which kind.
        kind: AgreementKind,
        /// The entry that confirmed it; where nobody has, the one that proposed it.
        at: Seq,
    },
    /// Ends the connection, and every agreement with it.
    Disconnect {},
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
#[schemars(rename = "RelationEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// Two organisations are connected.
    Opened {
        /// Who, and their root keys; whoever asked first.
        parties: [(OrgId, PublicKey); 2],
    },
    /// They are connected again.
    Reopened {
        /// Who, and their root keys now; whoever asked first.
        parties: [(OrgId, PublicKey); 2],
    },
    /// An agreement was proposed.
    Proposed {
        /// By whom.
        by: OrgId,
        /// Of which kind.
        kind: AgreementKind,
        /// Where the paper is.
        reference: Slot,
        /// Its first day.
        from: Date,
        /// Its last day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Date>,
        /// When the proposal lapses.
        until: Timestamp,
    },
    /// An agreement has both signatures.
    Confirmed {
        /// The entry that proposed it.
        proposal: Seq,
        /// When it comes into force; `None` where it is in force from this entry on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        begins: Option<Timestamp>,
        /// When it is over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Timestamp>,
    },
    /// The first day of an agreement has come.
    Began {
        /// The entry that proposed it.
        proposal: Seq,
    },
    /// The last day of an agreement is over.
    Expired {
        /// The entry that proposed it.
        proposal: Seq,
    },
    /// Nobody confirmed a proposal in time.
    Lapsed {
        /// The entry that proposed it.
        proposal: Seq,
    },
    /// An agreement was ended early, or a proposal taken away.
    Ended {
        /// By whom.
        by: OrgId,
        /// Of which kind.
        kind: AgreementKind,
        /// The entry that proposed it.
        proposal: Seq,
    },
    /// The connection was ended, and every agreement with it.
    Disconnected {
        /// By whom.
        by: OrgId,
    },
}

/// What other rooms ask of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To begin, or to begin again. An open Relation yields nothing.
    Open {
        /// Who, and their root keys; whoever asked first.
        parties: [(OrgId, PublicKey); 2],
    },
}

impl Ask {
    /// Whether the entries that answer this ask name whoever caused it, and carry their statement.
    #[must_use]
    pub const fn shows_author(&self) -> bool {
        match self {
            Self::Open { .. } => true,
        }
    }
}

/// What falls due in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clock {
    /// A proposal that nobody confirmed.
    Lapse {
        /// The entry that proposed it.
        proposal: Seq,
    },
    /// The first day of an agreement.
    Begin {
        /// The entry that proposed it.
        proposal: Seq,
    },
    /// The end of an agreement's last day.
    Expire {
        /// The entry that proposed it.
        proposal: Seq,
    },
}
