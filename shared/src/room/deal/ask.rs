//! What other rooms ask of a deal, and what falls due in one.

use super::{event::Founder, terms::Presence};
use crate::{
    entry::{SaltedText, Seq},
    id::{MemberId, OrgId, PublicKey, RoomId},
    money::Money,
    time::Date,
};

/// What other rooms ask of a deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To begin, where a referral is converted. Its people lead: their organisations named them for this customer.
    Open {
        /// Who hosts it, and its root key.
        host: (OrgId, PublicKey),
        /// The other parties, and their root keys.
        parties: Vec<(OrgId, PublicKey)>,
        /// Everyone's people.
        people: Vec<(MemberId, OrgId)>,
        /// The title.
        title: SaltedText,
        /// The customer.
        customer: SaltedText,
        /// The referral.
        origin: Option<RoomId>,
        /// How the vendor is present.
        presence: Presence,
    },
    /// To begin, where a member opens it from their Inbox.
    Begin {
        /// Who hosts it, with its root key and people.
        host: Founder,
        /// How the vendor is present.
        presence: Presence,
        /// The title.
        title: SaltedText,
        /// The customer.
        customer: SaltedText,
        /// The customer's problem, where it is known.
        problem: Option<SaltedText>,
        /// The value.
        value: Option<Money>,
        /// The day by which it is to be closed.
        close: Option<Date>,
        /// What the system says of it that the host has it from.
        imported: Option<SaltedText>,
    },
    /// To look at what is in force between two organisations, and to note it.
    Tie {
        /// Which two; one of them hosts.
        with: [OrgId; 2],
    },
}

impl Ask {
    /// Whether the entries that answer this ask name whoever caused it, and carry their statement.
    #[must_use]
    pub const fn shows_author(&self) -> bool {
        match self {
            Self::Open { .. } | Self::Begin { .. } => true,
            // An agreement is between two of the parties; who signed it stands in their Relation.
            Self::Tie { .. } => false,
        }
    }

    /// The two organisations whose tie this is answered on.
    pub(crate) const fn tie(&self) -> Option<[OrgId; 2]> {
        match self {
            Self::Tie { with } => Some(*with),
            Self::Open { .. } | Self::Begin { .. } => None,
        }
    }
}

/// What falls due in a deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clock {
    /// An invitation that nobody answered.
    Invitation {
        /// Whose.
        org: OrgId,
    },
    /// A proposed presence that not every party signed.
    Presence {
        /// The entry that proposed it.
        proposal: Seq,
    },
    /// A task that is not done.
    Task {
        /// The entry that set it.
        task: Seq,
    },
}
