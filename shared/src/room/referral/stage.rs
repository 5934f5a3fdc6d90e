//! How far a Referral is, and what was agreed when it was accepted.

use super::{DeclineReason, Event, Outcome};
use crate::{
    id::{MemberId, RoomId},
    room::side::Ending,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far it is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[schemars(rename = "ReferralStage")]
pub enum Stage {
    /// Nobody of the receiver has looked.
    Offered,
    /// They have.
    Viewed,
    /// They took it.
    Accepted,
    /// They have contacted the customer.
    Contacted,
    /// There is something to win.
    Qualified,
    /// It is a deal.
    Converted {
        /// Which.
        deal: RoomId,
    },
    /// The deal ended.
    Concluded {
        /// How.
        outcome: Outcome,
    },
    /// They said no.
    Declined {
        /// Why.
        reason: DeclineReason,
    },
    /// Nobody answered in time.
    Expired,
    /// The sender took it back.
    Withdrawn,
    /// They gave it back.
    Returned {
        /// Why.
        reason: DeclineReason,
    },
}

/// What was agreed at acceptance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Handoff {
    /// The receiver's people for it, beside their Leads.
    pub people: BTreeSet<MemberId>,
    /// The receiver's Side; its id admits nobody.
    pub side: RoomId,
    /// By when the customer is to be contacted.
    pub contact_by: Timestamp,
    /// Until when it may be given back.
    pub return_by: Timestamp,
    /// Whether the customer was not contacted in time.
    pub missed: bool,
}

impl Stage {
    /// The stage that an event leads to, if it leads to one.
    pub(super) const fn after(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Opened { .. } => Self::Offered,
            Event::Viewed {} => Self::Viewed,
            Event::Accepted { .. } => Self::Accepted,
            Event::Declined { reason, .. } => Self::Declined { reason: *reason },
            Event::Expired {} => Self::Expired,
            Event::Withdrawn {} => Self::Withdrawn,
            Event::Returned { reason, .. } => Self::Returned { reason: *reason },
            Event::Contacted {} => Self::Contacted,
            Event::Qualified {} => Self::Qualified,
            Event::Converted { deal, .. } => Self::Converted { deal: *deal },
            Event::Concluded { outcome } => Self::Concluded { outcome: *outcome },
            Event::Shown { .. }
            | Event::Joined {}
            | Event::Disclosed { .. }
            | Event::Extended { .. }
            | Event::ContactMissed {}
            | Event::HandedOver { .. } => return None,
        })
    }

    /// Whether the offer waits for an answer.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Offered | Self::Viewed)
    }

    /// The deal, while it runs.
    #[must_use]
    pub const fn deal(self) -> Option<RoomId> {
        match self {
            Self::Converted { deal } => Some(deal),
            Self::Offered
            | Self::Viewed
            | Self::Accepted
            | Self::Contacted
            | Self::Qualified
            | Self::Concluded { .. }
            | Self::Declined { .. }
            | Self::Expired
            | Self::Withdrawn
            | Self::Returned { .. } => None,
        }
    }

    /// How it ended, once it has. No end is ever left.
    #[must_use]
    pub const fn ending(self) -> Option<Ending> {
        Some(match self {
            Self::Offered
            | Self::Viewed
            | Self::Accepted
            | Self::Contacted
            | Self::Qualified
            | Self::Converted { .. } => return None,
            Self::Concluded { outcome } => match outcome {
                Outcome::Won => Ending::Won,
                Outcome::Lost => Ending::Lost,
                Outcome::NoValue => Ending::NoValue,
            },
            Self::Declined { .. } => Ending::Declined,
            Self::Expired => Ending::Expired,
            Self::Withdrawn => Ending::Withdrawn,
            Self::Returned { .. } => Ending::Returned,
        })
    }
}
