//! How far a deal is: its stage, which moves both ways, its one end, and the freeze that stops it in between.

use super::{Command, Deal, Event, LostReason, Stage, parties::text};
use crate::{
    entry::{Entry, Head, Seq, Slot, TextRef},
    id::{Hash, MemberId, OrgId},
    limits,
    rejection::Rejection,
    room::{Case, Stated},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// One move of the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Move {
    /// The entry that says so.
    pub entry: Seq,
    /// Where to.
    pub to: Stage,
    /// By which organisation; `None` where a referral was converted by a rule.
    pub by: Option<OrgId>,
    /// When.
    pub at: Timestamp,
}

/// How far a deal is, and how it got there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Course {
    /// The stage.
    pub stage: Stated<Stage>,
    /// The hash of the entry that set it: what the next move signs as its subject, also where that entry is not shown.
    pub entry: Hash,
    /// The last moves, oldest first, the beginning included; at most [`limits::DEAL_MOVES_MAX`].
    pub moves: Vec<Move>,
    /// How many moves were before those.
    pub earlier: u64,
}

impl Course {
    pub(super) fn opened(head: Head, entry: &Entry) -> Self {
        let mut course = Self {
            stage: Stated::default(),
            entry: head.hash,
            moves: Vec::new(),
            earlier: 0,
        };
        course.moved(head, entry, Stage::Prospect);
        course
    }

    pub(super) fn moved(&mut self, head: Head, entry: &Entry, to: Stage) {
        self.stage = Stated::new(entry.seq, to);
        self.entry = head.hash;
        if self.moves.len() >= limits::DEAL_MOVES_MAX {
            self.moves.remove(0);
            self.earlier = self.earlier.saturating_add(1);
        }
        self.moves.push(Move {
            entry: entry.seq,
            to,
            by: entry.author.org(),
            at: entry.at,
        });
    }
}

/// How a deal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "DealOutcome")]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Won. Exported as Launched.
    Won,
    /// Lost. Exported as Closed Lost.
    Lost {
        /// Why.
        reason: LostReason,
        /// In words.
        words: TextRef,
    },
}

impl Outcome {
    pub(super) const fn words(&self) -> Option<TextRef> {
        match self {
            Self::Won => None,
            Self::Lost { words, .. } => Some(*words),
        }
    }
}

/// The end of a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct End {
    /// How.
    pub outcome: Outcome,
    /// The entry that says so.
    pub entry: Seq,
    /// When.
    pub at: Timestamp,
}

/// A freeze in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Freeze {
    /// By whom.
    pub by: MemberId,
    /// Why.
    pub reason: TextRef,
    /// Since when.
    pub at: Timestamp,
}

/// Refuses what a frozen deal, or one that has ended, does not do.
pub(super) fn goes_on(deal: &Deal, command: &Command) -> Result<(), Rejection> {
    if deal.end.is_some() && !command.after_end() {
        return Err(Rejection::State(
            "this deal has ended: it can be read and talked about, and nothing in it changes",
        ));
    }
    if deal.frozen.is_some() && !command.while_frozen() && deal.end.is_none() {
        return Err(Rejection::State(
            "this deal is frozen: talk, leave, or have it unfrozen first",
        ));
    }
    Ok(())
}

pub(super) fn advance(
    case: &Case<'_>,
    deal: &Deal,
    to: Stage,
    seen: Seq,
) -> Result<Event, Rejection> {
    deal.lead(case)?;
    deal.course.stage.unchanged_since(seen)?;
    if deal.course.stage.value == Some(to) {
        return Err(Rejection::Already("stage"));
    }
    Ok(Event::StageMoved { to })
}

/// Ends the deal; whoever is still invited need not answer any more.
pub(super) fn end(case: &Case<'_>, deal: &Deal, event: Event) -> Result<Vec<Event>, Rejection> {
    deal.host_lead(case)?;
    Ok(deal
        .invitations
        .keys()
        .map(|org| Event::InvitationCancelled { org: *org })
        .chain([event])
        .collect())
}

pub(super) fn ended(deal: &mut Deal, entry: &Entry, outcome: Outcome) {
    deal.end = Some(End {
        outcome,
        entry: entry.seq,
        at: entry.at,
    });
    deal.invitations.clear();
    deal.proposal = None;
}

/// Whoever moderates a deal stops it and lets it go on.
pub(super) fn freeze(case: &Case<'_>, deal: &Deal) -> Result<Event, Rejection> {
    deal.moderates(case)?;
    if deal.frozen.is_some() {
        return Err(Rejection::Already("the freeze"));
    }
    Ok(Event::Frozen { reason: Slot(0) })
}

pub(super) fn unfreeze(case: &Case<'_>, deal: &Deal) -> Result<Event, Rejection> {
    deal.moderates(case)?;
    if deal.frozen.is_none() {
        return Err(Rejection::State("this deal is not frozen"));
    }
    Ok(Event::Unfrozen {})
}

pub(super) fn frozen(entry: &Entry, reason: Slot) -> Option<Freeze> {
    Some(Freeze {
        by: entry.author.member()?,
        reason: text(entry.seq, reason),
        at: entry.at,
    })
}
