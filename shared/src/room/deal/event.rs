//! What can become true in a deal.

use super::{
    tasks::Assignment,
    terms::{Can, DeclineReason, LostReason, Presence, Responsibility, Seated, Stage},
};
use crate::{
    entry::{Seq, Slot},
    id::{MemberId, OrgId, PublicKey, RoomId},
    money::Money,
    time::{Date, Timestamp},
};
use serde::{Deserialize, Serialize};

/// A party as a deal begins with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Founder {
    /// Which organisation.
    pub org: OrgId,
    /// The key that its certificates start from.
    pub root: PublicKey,
    /// What it does here, where that is known already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsibility: Option<Responsibility>,
    /// Its own room beside this one.
    pub side: RoomId,
    /// Its people.
    pub people: Vec<Seated>,
}

/// How a deal begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Opening {
    /// Who hosts it: the first of the parties.
    pub host: OrgId,
    /// Everyone it begins with.
    pub parties: Vec<Founder>,
    /// How the vendor is present.
    pub presence: Presence,
    /// The referral that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<RoomId>,
    /// The title.
    pub title: Slot,
    /// The customer.
    pub customer: Slot,
    /// The customer's problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Slot>,
    /// The value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
    /// The day by which it is to be closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close: Option<Date>,
    /// Where the host had it in another system before: what that says of it. What happened there stands in no entry here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Slot>,
}

/// An organisation is asked in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Invited {
    /// Which.
    pub org: OrgId,
    /// What it is to do here.
    pub responsibility: Responsibility,
    /// Whether it sees what was written before it came.
    pub history: bool,
    /// What it may do beside taking part.
    pub can: Can,
    /// Whether host and invited organisation have the agreement that this server may demand.
    pub nda: bool,
    /// The message that it sees.
    pub message: Slot,
    /// When the invitation is over.
    pub until: Timestamp,
}

/// An invited organisation came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Accepted {
    /// Which.
    pub org: OrgId,
    /// The key that its certificates start from.
    pub root: PublicKey,
    /// The entry that invited it.
    pub invitation: Seq,
    /// Who invited it.
    pub inviter: MemberId,
    /// Its own room beside this one.
    pub side: RoomId,
    /// Its people.
    pub people: Vec<Seated>,
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
#[schemars(rename = "DealEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The deal begins.
    Opened(Box<Opening>),
    /// An organisation is asked in.
    Invited(Invited),
    /// An invitation was taken back, or the deal ends.
    InvitationCancelled {
        /// Whose.
        org: OrgId,
    },
    /// Nobody answered an invitation in time.
    InvitationExpired {
        /// Whose.
        org: OrgId,
        /// Who had invited it.
        inviter: MemberId,
    },
    /// An invited organisation came in: it is a party.
    Accepted(Box<Accepted>),
    /// An invited organisation does not come.
    Declined {
        /// Which.
        org: OrgId,
        /// Who had invited it.
        inviter: MemberId,
        /// Why.
        reason: DeclineReason,
        /// In words.
        words: Slot,
    },
    /// A party named people of its own, or gave them another role.
    PeopleAdded {
        /// Which party.
        org: OrgId,
        /// Whom.
        people: Vec<Seated>,
    },
    /// A party took people of its own out.
    PeopleRemoved {
        /// Which party.
        org: OrgId,
        /// Whom.
        people: Vec<MemberId>,
    },
    /// Somebody gave their seat back.
    Left {
        /// Of which organisation.
        org: OrgId,
        /// Who.
        member: MemberId,
    },
    /// Another of its people is in charge for a party: has the seat, the tasks, and the answers to invitations.
    HandedOver {
        /// Which party.
        org: OrgId,
        /// Who was.
        from: MemberId,
        /// Who is now.
        to: MemberId,
    },
    /// A party went. An open proposal of presence is void, and its tasks are the host's.
    Withdrawn {
        /// Which.
        org: OrgId,
        /// Its people here until now.
        people: Vec<MemberId>,
    },
    /// The host took a party out. An open proposal of presence is void, and its tasks are the host's.
    PartyRemoved {
        /// Which.
        org: OrgId,
        /// Its people here until now.
        people: Vec<MemberId>,
    },
    /// What a party may do was set.
    Allowed {
        /// Which party.
        org: OrgId,
        /// What it may do.
        can: Can,
    },
    /// A party said what it does here.
    ResponsibilitySet {
        /// Which party.
        org: OrgId,
        /// What.
        responsibility: Responsibility,
    },
    /// Whether host and organisation have the agreement that this server may demand.
    Agreed {
        /// Which organisation: a party, or one that is invited.
        org: OrgId,
        /// Whether it is in force.
        nda: bool,
    },
    /// The title was set.
    Retitled {
        /// The title.
        title: Slot,
    },
    /// The customer was set.
    CustomerSet {
        /// The customer.
        customer: Slot,
    },
    /// The customer's problem was set.
    ProblemSet {
        /// The problem.
        problem: Slot,
    },
    /// The value was set.
    Valued {
        /// How much.
        value: Money,
    },
    /// The day by which the deal is to be closed was set.
    TargetSet {
        /// Which day.
        close: Date,
    },
    /// What is to be done next was set.
    NextStepSet {
        /// What.
        next_step: Slot,
    },
    /// The stage moved.
    StageMoved {
        /// Where to.
        to: Stage,
    },
    /// The deal is won: it has ended.
    Won {},
    /// The deal is lost: it has ended.
    Lost {
        /// Why.
        reason: LostReason,
        /// In words.
        words: Slot,
    },
    /// Everything but talk is stopped.
    Frozen {
        /// Why.
        reason: Slot,
    },
    /// The deal goes on.
    Unfrozen {},
    /// A task was set.
    TaskAdded {
        /// Who is to do it, and by which day.
        to: Assignment,
        /// What.
        title: Slot,
    },
    /// A task has another owner, or another day.
    TaskReassigned {
        /// Which.
        task: Seq,
        /// Who is to do it, and by which day.
        to: Assignment,
    },
    /// A task is done.
    TaskDone {
        /// Which.
        task: Seq,
    },
    /// A task is no longer wanted.
    TaskDropped {
        /// Which.
        task: Seq,
    },
    /// A task's day is over and it is not done.
    TaskDue {
        /// Which.
        task: Seq,
    },
    /// Another presence of the vendor is proposed; whoever proposes it has signed it.
    PresenceProposed {
        /// By which party.
        org: OrgId,
        /// Which presence.
        to: Presence,
        /// When the proposal lapses.
        until: Timestamp,
    },
    /// A party signed the proposed presence.
    PresenceSigned {
        /// Which party.
        org: OrgId,
        /// The entry that proposed it.
        proposal: Seq,
    },
    /// Every party has signed: the vendor is present in another way from here on.
    PresenceSet {
        /// Which way.
        to: Presence,
        /// Alliance managers who were called, and lose their seats by this.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        dismissed: Vec<MemberId>,
    },
    /// Not every party signed in time.
    PresenceLapsed {
        /// The entry that proposed it.
        proposal: Seq,
    },
    /// A party called alliance managers, who are here from this entry on.
    VendorCalled {
        /// Which party.
        org: OrgId,
        /// The vendor's organisation.
        vendor: OrgId,
        /// Whom.
        members: Vec<MemberId>,
        /// What for.
        words: Slot,
    },
    /// A party asked alliance managers who are not present: they see who asks and the words.
    VendorAsked {
        /// Which party.
        org: OrgId,
        /// The vendor's organisation.
        vendor: OrgId,
        /// Whom.
        members: Vec<MemberId>,
        /// What for.
        words: Slot,
    },
}

impl Event {
    /// Whether this holds a text, which is then the command's.
    pub(super) const fn worded(&self) -> bool {
        matches!(
            self,
            Self::Invited(_)
                | Self::Declined { .. }
                | Self::Retitled { .. }
                | Self::CustomerSet { .. }
                | Self::ProblemSet { .. }
                | Self::NextStepSet { .. }
                | Self::Lost { .. }
                | Self::Frozen { .. }
                | Self::TaskAdded { .. }
                | Self::VendorCalled { .. }
                | Self::VendorAsked { .. }
        )
    }
}
