//! What other rooms ask of an organisation's.

use super::{Class, Invitation, Successor, Take};
use crate::{
    entry::SaltedText,
    id::{Hash, MemberId, OrgId, PublicKey, RoomId},
    room::deal,
    time::Timestamp,
};

/// What other rooms ask of an organisation's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To begin, with its first admin's invitation.
    Open {
        /// Which.
        org: OrgId,
        /// Its name.
        name: SaltedText,
        /// The claim that keeps look-alike names apart.
        claim: Hash,
        /// Its first admin's invitation.
        invitation: Invitation,
    },
    /// To hold this invitation open.
    Invite {
        /// The invitation.
        invitation: Invitation,
    },
    /// To tell its people whom the vendor seats as their admin.
    Succeed {
        /// Whom.
        successor: Successor,
    },
    /// To record what it is.
    Classify {
        /// What.
        class: Class,
    },
    /// To stop, or to go on.
    Halt {
        /// Stopped, or not.
        on: bool,
    },
    /// A Side offers a referral to a stranger: to ask them to connect, too.
    Asked {
        /// Whom.
        to: OrgId,
        /// In which words.
        words: SaltedText,
        /// The referral.
        referral: RoomId,
    },
    /// That offer was withdrawn: to take the request back that went with it.
    Withdraw {
        /// To whom it went.
        to: OrgId,
        /// The referral.
        referral: RoomId,
    },
    /// To hear another organisation's request to connect.
    Knock {
        /// Whose.
        from: OrgId,
        /// Their root key.
        from_root: PublicKey,
        /// In which words.
        words: SaltedText,
        /// The referral that they offer with it.
        referral: Option<RoomId>,
    },
    /// To forget that request.
    Recall {
        /// Whose.
        from: OrgId,
    },
    /// To learn what became of one's request.
    Answered {
        /// Who answers.
        by: OrgId,
        /// What they took.
        take: Take,
        /// Their root key.
        root: PublicKey,
    },
    /// To learn that a connection ended.
    Disconnected {
        /// With whom.
        from: OrgId,
    },
    /// To show its leads an invitation to a deal.
    DealInvitation {
        /// Which deal.
        deal: RoomId,
        /// Who asks.
        from: OrgId,
        /// What it is to do there.
        responsibility: deal::Responsibility,
        /// In words.
        message: SaltedText,
        /// When the invitation is over.
        until: Timestamp,
        /// What the deal's entry says that invited: [`crate::event::matter`].
        matter: Hash,
    },
    /// To show that invitation no longer.
    DealInvitationClosed {
        /// To which deal.
        deal: RoomId,
        /// What became of it.
        how: deal::Closing,
    },
    /// To show alliance managers that a deal asks for them.
    DealCall {
        /// Which deal.
        deal: RoomId,
        /// Who asks.
        from: OrgId,
        /// Whom.
        members: Vec<MemberId>,
        /// In words.
        words: SaltedText,
    },
    /// To take note that the code with this hash, which was used, is tried again. No room asks this: the door does.
    InvitationTried(Hash),
}

impl Ask {
    /// Whether the entries that answer this ask name whoever caused it, and carry their statement.
    #[must_use]
    pub const fn shows_author(&self) -> bool {
        match self {
            Self::Open { .. }
            | Self::Invite { .. }
            | Self::Succeed { .. }
            | Self::Classify { .. }
            | Self::Halt { .. }
            | Self::Asked { .. }
            | Self::Withdraw { .. }
            | Self::Knock { .. }
            | Self::Recall { .. }
            | Self::Answered { .. }
            | Self::Disconnected { .. }
            | Self::DealInvitation { .. }
            | Self::DealCall { .. } => true,
            // Whoever tries is not known.
            Self::InvitationTried(_) => false,
            // The organisation's own answer. Whoever takes an invitation back may do so by winning or losing the deal, which
            // those who never came in are not told.
            Self::DealInvitationClosed { how, .. } => match how {
                deal::Closing::Accepted | deal::Closing::Declined => true,
                deal::Closing::Cancelled | deal::Closing::Expired => false,
            },
        }
    }
}
