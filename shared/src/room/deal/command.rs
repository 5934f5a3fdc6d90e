//! What can be asked of a deal, and what each command holds, names and commits to.

use super::{
    tasks::Assignment,
    terms::{Can, DeclineReason, LostReason, Presence, Responsibility, Stage},
};
use crate::{
    command::{Named, SlotRule},
    entry::{SaltedText, Seq},
    id::{Hash, MemberId, OrgId},
    money::Money,
    standing::Role,
    text::TextKind,
    time::Date,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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
#[schemars(rename = "DealCommand")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(name(Verb), derive(strum::VariantArray, strum::IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The commands without their fields.")]
pub enum Command {
    /// Asks another organisation in. It sees who asks and the message, and nothing of the room.
    Invite {
        /// Which.
        org: OrgId,
        /// What it is to do here.
        responsibility: Responsibility,
        /// Whether it sees what was written before it came.
        history: bool,
        /// What it may do beside taking part.
        #[serde(default)]
        can: Can,
    },
    /// Takes an open invitation back.
    CancelInvitation {
        /// Whose.
        org: OrgId,
    },
    /// The invited organisation comes in.
    AcceptInvitation {
        /// What the entry says that invited it: [`crate::event::matter`].
        invitation: Hash,
        /// Its people here, beside whoever answers.
        people: BTreeSet<MemberId>,
    },
    /// The invited organisation does not come.
    DeclineInvitation {
        /// What the entry says that invited it: [`crate::event::matter`].
        invitation: Hash,
        /// Why.
        reason: DeclineReason,
    },
    /// A party names people of its own, or gives those it has another role.
    AddPeople {
        /// Whom.
        people: BTreeSet<MemberId>,
        /// What they may do here: Viewer, Rep or Lead.
        role: Role,
    },
    /// A party takes people of its own out.
    RemovePeople {
        /// Whom.
        people: BTreeSet<MemberId>,
    },
    /// Gives one's own seat back.
    Leave {},
    /// A party goes, with all its people.
    Withdraw {},
    /// The host takes another party out.
    RemoveParty {
        /// Which.
        org: OrgId,
    },
    /// The host lets a party do more, or less.
    Allow {
        /// Which party.
        org: OrgId,
        /// What it may do.
        can: Can,
        /// The entry that set it last.
        at: Seq,
    },
    /// A party says what it does here.
    Responsible {
        /// What.
        responsibility: Responsibility,
        /// The entry that set it last.
        at: Seq,
    },
    /// The host looks again, at once, whether it has the demanded agreement with an organisation: a deal is told of each
    /// change, but one of very many is told a little later.
    Recheck {
        /// With which.
        org: OrgId,
    },
    /// Sets the title.
    Retitle {
        /// The entry that set it last.
        at: Seq,
    },
    /// Sets the customer.
    Customer {
        /// The entry that set it last.
        at: Seq,
    },
    /// Sets what the customer's problem is.
    Problem {
        /// The entry that set it last.
        at: Seq,
    },
    /// Sets the value.
    Value {
        /// How much.
        value: Money,
        /// The entry that set it last.
        at: Seq,
    },
    /// Sets the day by which the deal is to be closed.
    TargetClose {
        /// Which day; not in the past.
        close: Date,
        /// The entry that set it last.
        at: Seq,
    },
    /// Sets what is to be done next.
    NextStep {
        /// The entry that set it last.
        at: Seq,
    },
    /// Moves the stage, forward or back.
    MoveStage {
        /// Where to.
        to: Stage,
        /// The entry that set it last.
        at: Seq,
    },
    /// The host declares the deal won: it ends.
    Win {},
    /// The host declares the deal lost: it ends.
    Lose {
        /// Why.
        reason: LostReason,
    },
    /// Stops everything but talk, for a reason.
    Freeze {},
    /// Lets the deal go on.
    Unfreeze {},
    /// Sets a task.
    AddTask {
        /// Who is to do it, and by which day, which is not in the past.
        to: Assignment,
    },
    /// A task is done.
    DoneTask {
        /// The entry that set it.
        task: Seq,
    },
    /// A task is no longer wanted.
    DropTask {
        /// The entry that set it.
        task: Seq,
    },
    /// Gives a task to another owner, or another day.
    ReassignTask {
        /// The entry that set it.
        task: Seq,
        /// Who is to do it, and by which day, which is not in the past.
        to: Assignment,
        /// The entry that set owner and day last.
        at: Seq,
    },
    /// Proposes another presence of the vendor.
    ProposePresence {
        /// Which.
        to: Presence,
    },
    /// A party signs the proposed presence.
    SignPresence {
        /// The entry that proposed it.
        proposal: Seq,
    },
    /// A party calls alliance managers: on call they come in, not present they are only asked.
    CallVendor {
        /// Whom.
        members: BTreeSet<MemberId>,
    },
}

impl Command {
    pub(crate) fn slots(&self) -> Vec<SlotRule> {
        match self {
            Self::Invite { .. } => vec![("message", TextKind::Words)],
            Self::CallVendor { .. } => vec![("words", TextKind::Words)],
            Self::DeclineInvitation { .. } | Self::Lose { .. } => vec![("words", TextKind::Line)],
            Self::Retitle { .. } | Self::AddTask { .. } => vec![("title", self.title_kind())],
            Self::Customer { .. } => vec![("customer", TextKind::Name)],
            Self::Problem { .. } => vec![("problem", TextKind::Body)],
            Self::NextStep { .. } => vec![("next_step", TextKind::Line)],
            Self::Freeze {} => vec![("reason", TextKind::Line)],
            Self::CancelInvitation { .. }
            | Self::AcceptInvitation { .. }
            | Self::AddPeople { .. }
            | Self::RemovePeople { .. }
            | Self::Leave {}
            | Self::Withdraw {}
            | Self::RemoveParty { .. }
            | Self::Allow { .. }
            | Self::Responsible { .. }
            | Self::Recheck { .. }
            | Self::Value { .. }
            | Self::TargetClose { .. }
            | Self::MoveStage { .. }
            | Self::Win {}
            | Self::Unfreeze {}
            | Self::DoneTask { .. }
            | Self::DropTask { .. }
            | Self::ReassignTask { .. }
            | Self::ProposePresence { .. }
            | Self::SignPresence { .. } => vec![],
        }
    }

    /// A deal has a title, a task is one line.
    const fn title_kind(&self) -> TextKind {
        if matches!(self, Self::Retitle { .. }) {
            TextKind::Title
        } else {
            TextKind::Line
        }
    }

    pub(crate) fn named(&self, _texts: &[SaltedText]) -> Named {
        let mut named = Named::default();
        match self {
            Self::Invite { org, .. } | Self::Recheck { org } => named.org = Some(*org),
            Self::AddPeople { people, .. } => named.members.clone_from(people),
            Self::CallVendor { members } => named.members.clone_from(members),
            Self::AcceptInvitation { invitation, people } => {
                named.answers = Some(*invitation);
                named.members.clone_from(people);
            }
            Self::DeclineInvitation { invitation, .. } => named.answers = Some(*invitation),
            Self::MoveStage { at, .. } => named.cites = Some(*at),
            Self::SignPresence { proposal } => named.cites = Some(*proposal),
            Self::CancelInvitation { .. }
            | Self::RemovePeople { .. }
            | Self::Leave {}
            | Self::Withdraw {}
            | Self::RemoveParty { .. }
            | Self::Allow { .. }
            | Self::Responsible { .. }
            | Self::Retitle { .. }
            | Self::Customer { .. }
            | Self::Problem { .. }
            | Self::Value { .. }
            | Self::TargetClose { .. }
            | Self::NextStep { .. }
            | Self::Win {}
            | Self::Lose { .. }
            | Self::Freeze {}
            | Self::Unfreeze {}
            | Self::AddTask { .. }
            | Self::DoneTask { .. }
            | Self::DropTask { .. }
            | Self::ReassignTask { .. }
            | Self::ProposePresence { .. } => {}
        }
        named
    }

    pub(crate) const fn signed(&self) -> bool {
        matches!(
            self,
            Self::AcceptInvitation { .. }
                | Self::DeclineInvitation { .. }
                | Self::RemovePeople { .. }
                | Self::Withdraw {}
                | Self::RemoveParty { .. }
                | Self::MoveStage { .. }
                | Self::Win {}
                | Self::Lose { .. }
                | Self::Freeze {}
                | Self::Unfreeze {}
                | Self::ProposePresence { .. }
                | Self::SignPresence { .. }
                | Self::CallVendor { .. }
        )
    }

    /// Whether this may be asked in a frozen deal.
    pub(super) const fn while_frozen(&self) -> bool {
        matches!(
            self,
            Self::Leave {} | Self::Withdraw {} | Self::Freeze {} | Self::Unfreeze {}
        )
    }

    /// Whether this may be asked in a deal that has ended: people come and go, nothing else moves.
    pub(super) const fn after_end(&self) -> bool {
        matches!(
            self,
            Self::AddPeople { .. } | Self::RemovePeople { .. } | Self::Leave {} | Self::Withdraw {}
        )
    }
}
