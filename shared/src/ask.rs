//! What one room asks of another. An ask has no wire form and is never refused: a room that I cannot see cannot answer
//! me through an error.

use crate::{
    id::{MemberId, OrgId, RoomId},
    room::{
        HandOver, channel, deal, direct, inbox, org, profile, record, referral, relation, side,
    },
    standing::Role,
};

/// Whom an ask is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// One room, which may not exist yet.
    Room(RoomId),
    /// The Inboxes of an organisation's active members from a role upwards; the host knows who they are.
    Roles {
        /// The organisation.
        org: OrgId,
        /// The lowest role that is meant.
        min_role: Role,
    },
    /// The Inboxes of the vendor's active members from a role upwards; the host knows who they are. Which organisation
    /// is the vendor's stands in no other room.
    Vendor {
        /// The lowest role that is meant.
        min_role: Role,
        /// Only those of them who are alliance managers.
        alliance_only: bool,
    },
    /// The rooms in which a person has something in hand: the Sides, Referrals and deals that name them; the host knows which
    /// they are. However many, it counts as one of [`crate::limits::REACTIONS_MAX`], as below: whoever asks may read few of
    /// them, and must not learn how many there are.
    Seated {
        /// The person.
        member: MemberId,
    },
    /// The Inboxes of an organisation's active admins, where a person of theirs has something in hand; else nobody's.
    Heirs {
        /// The organisation.
        org: OrgId,
        /// The person.
        of: MemberId,
    },
    /// The deals that rest on what is in force between two organisations ([`deal::Deal::bound`]); the host knows which they
    /// are. However many, it counts as one of [`crate::limits::REACTIONS_MAX`]: a command must not be refused, and so must
    /// not tell, by how many deals two organisations share.
    Deals {
        /// The two, in any order.
        of: [OrgId; 2],
    },
}

impl Address {
    /// A member's Inbox.
    #[must_use]
    pub const fn inbox(member: MemberId) -> Self {
        Self::Room(RoomId::inbox(member))
    }
}

/// What is asked, by the kind of room that takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Of an organisation's own room.
    Org(Box<org::Ask>),
    /// Of an Inbox.
    Inbox(inbox::Ask),
    /// Of a channel.
    Channel(Box<channel::Ask>),
    /// Of a Direct.
    Direct(direct::Ask),
    /// Of an organisation's face.
    Profile(Box<profile::Ask>),
    /// Of a Relation.
    Relation(Box<relation::Ask>),
    /// Of a Side.
    Side(Box<side::Ask>),
    /// Of an organisation's record.
    Record(Box<record::Ask>),
    /// Of a Referral.
    Referral(Box<referral::Ask>),
    /// Of a Deal.
    Deal(Box<deal::Ask>),
    /// Of a Side, a Referral or a Deal: that what one person has in hand there is another's.
    HandOver(HandOver),
}

impl Ask {
    /// The two organisations whose tie this ask is answered on: the host looks it up, and it stands in
    /// [`crate::room::Taking::tie`].
    #[must_use]
    pub fn tie(&self) -> Option<[OrgId; 2]> {
        match self {
            Self::Deal(ask) => ask.tie(),
            Self::Org(_)
            | Self::Inbox(_)
            | Self::Channel(_)
            | Self::Direct(_)
            | Self::Profile(_)
            | Self::Relation(_)
            | Self::Side(_)
            | Self::Record(_)
            | Self::Referral(_)
            | Self::HandOver(_) => None,
        }
    }

    /// Whether the entries that answer this ask name whoever caused it, and carry their statement. A cause stands in the
    /// journal; it stands in the entry only where every reader of that room may know it.
    #[must_use]
    pub const fn shows_author(&self) -> bool {
        match self {
            // Who is in charge for a party is that party's word, and the others see whose.
            Self::Channel(_) | Self::Direct(_) | Self::HandOver(_) => true,
            Self::Org(ask) => ask.shows_author(),
            // A pointer leads to the entry, which says who; a copy holds its author and statement within.
            Self::Inbox(_) | Self::Record(_) => false,
            Self::Profile(ask) => ask.shows_author(),
            Self::Relation(ask) => ask.shows_author(),
            Self::Side(ask) => ask.shows_author(),
            Self::Referral(ask) => ask.shows_author(),
            Self::Deal(ask) => ask.shows_author(),
        }
    }
}
