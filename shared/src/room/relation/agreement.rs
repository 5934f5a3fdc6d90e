//! The agreements between two organisations: proposed by one side's admin, in force when the other side's has signed too
//! and the first day has come, over with the last day, or when either side ends them.

use super::{Clock, Event, Relation, party};
use crate::{
    entry::{Seq, Slot, TextRef},
    id::OrgId,
    limits,
    rejection::Rejection,
    room::Case,
    standing::{AgreementKind, Role},
    time::{Date, Span, Timestamp},
};
use serde::{Deserialize, Serialize};

/// How far an agreement is. One that is over no longer stands in the Relation's state; the log has it.
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
pub enum Term {
    /// Signed by one side.
    Proposed {
        /// When the proposal lapses.
        until: Timestamp,
    },
    /// Signed by both, its first day still ahead.
    Agreed {
        /// When it comes into force.
        begins: Timestamp,
        /// When it is over.
        expires: Option<Timestamp>,
    },
    /// In force.
    InForce {
        /// When it is over.
        expires: Option<Timestamp>,
    },
}

/// An agreement, known by the entry that proposed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Agreement {
    /// Of which kind.
    pub kind: AgreementKind,
    /// Who proposed it.
    pub by: OrgId,
    /// Where the paper is.
    pub reference: TextRef,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Option<Date>,
    /// How far it is.
    pub term: Term,
    /// The last entry that somebody signed about it: the proposal, then the confirmation.
    pub at: Seq,
}

impl Agreement {
    /// Whether only one side has signed.
    #[must_use]
    pub const fn proposed(&self) -> bool {
        matches!(self.term, Term::Proposed { .. })
    }

    /// Whether it is in force.
    #[must_use]
    pub const fn in_force(&self) -> bool {
        matches!(self.term, Term::InForce { .. })
    }

    fn due(&self, proposal: Seq) -> Option<(Timestamp, Clock)> {
        match self.term {
            Term::Proposed { until } => Some((until, Clock::Lapse { proposal })),
            Term::Agreed { begins, .. } => Some((begins, Clock::Begin { proposal })),
            Term::InForce { expires } => Some((expires?, Clock::Expire { proposal })),
        }
    }
}

/// When the last day is over.
pub(crate) fn end_of(to: Date) -> Timestamp {
    to.start() + Span::days(1)
}

pub(super) fn agree(
    case: &Case<'_>,
    relation: &Relation,
    kind: AgreementKind,
    from: Date,
    to: Option<Date>,
) -> Result<Event, Rejection> {
    case.at_least(Role::Admin)?;
    let by = party(case, relation)?;
    if to.is_some_and(|to| to < from || end_of(to) <= case.now) {
        return Err(Rejection::Value {
            field: "to",
            want: "a last day that is not over, and not before the first",
        });
    }
    let twin = |other: &&Agreement| other.kind == kind && other.proposed();
    if relation.agreements.values().any(|other| twin(&other)) {
        return Err(Rejection::State(
            "an agreement of this kind is proposed already: confirm it, or end it first",
        ));
    }
    if relation.agreements.len() >= limits::AGREEMENTS_MAX {
        return Err(Rejection::Limit {
            field: "agreements",
            max: limits::AGREEMENTS_MAX,
        });
    }
    let lapses = case.now + limits::AGREEMENT_PROPOSAL_SPAN;
    Ok(Event::Proposed {
        by,
        kind,
        reference: Slot(0),
        from,
        to,
        until: to.map_or(lapses, |to| lapses.min(end_of(to))),
    })
}

pub(super) fn confirm(
    case: &Case<'_>,
    relation: &Relation,
    proposal: Seq,
) -> Result<Event, Rejection> {
    case.at_least(Role::Admin)?;
    let confirming = party(case, relation)?;
    case.entry()?;
    let agreement = relation
        .agreements
        .get(&proposal)
        .ok_or(Rejection::NoSuchThing("proposal"))?;
    match agreement.term {
        Term::Proposed { until } if until <= case.now => {
            return Err(Rejection::State("this proposal has lapsed"));
        }
        Term::Proposed { .. } => {}
        Term::Agreed { .. } | Term::InForce { .. } => {
            return Err(Rejection::Already("agreement"));
        }
    }
    if agreement.by == confirming {
        return Err(Rejection::Only(
            "an admin of the other organisation: yours has signed",
        ));
    }
    let begins = agreement.from.start();
    Ok(Event::Confirmed {
        proposal,
        begins: (begins > case.now).then_some(begins),
        expires: agreement.to.map(end_of),
    })
}

pub(super) fn end(
    case: &Case<'_>,
    relation: &Relation,
    kind: AgreementKind,
    at: Seq,
) -> Result<Event, Rejection> {
    case.at_least(Role::Admin)?;
    let by = party(case, relation)?;
    case.entry()?;
    let of_kind = || {
        relation
            .agreements
            .iter()
            .filter(|(_, agreement)| agreement.kind == kind)
    };
    // Who saw the proposal only may be wrong about what they end: it was confirmed meanwhile.
    if let Some(confirmed) = of_kind()
        .find(|(proposal, agreement)| **proposal == at && agreement.at != at)
        .map(|(_, agreement)| agreement.at)
    {
        return Err(Rejection::Stale(confirmed));
    }
    let (proposal, _) = of_kind()
        .find(|(_, agreement)| agreement.at == at)
        .ok_or(Rejection::NoSuchThing("kind"))?;
    Ok(Event::Ended {
        by,
        kind,
        proposal: *proposal,
    })
}

/// The next thing that falls due among all of them.
pub(super) fn due(relation: &Relation) -> Option<(Timestamp, Clock)> {
    relation
        .agreements
        .iter()
        .filter_map(|(proposal, agreement)| agreement.due(*proposal))
        .min_by_key(|(at, _)| *at)
}

/// What a clock that has run out makes true; nothing where it has been answered, or has not run out.
pub(super) fn fire(relation: &Relation, clock: &Clock, now: Timestamp) -> Option<Event> {
    let (Clock::Lapse { proposal } | Clock::Begin { proposal } | Clock::Expire { proposal }) =
        clock;
    let proposal = *proposal;
    let (at, running) = relation.agreements.get(&proposal)?.due(proposal)?;
    if at > now || running != *clock {
        return None;
    }
    Some(match clock {
        Clock::Lapse { .. } => Event::Lapsed { proposal },
        Clock::Begin { .. } => Event::Began { proposal },
        Clock::Expire { .. } => Event::Expired { proposal },
    })
}

pub(super) fn confirmed(
    agreement: &mut Agreement,
    at: Seq,
    begins: Option<Timestamp>,
    expires: Option<Timestamp>,
) {
    agreement.at = at;
    agreement.term = match begins {
        Some(begins) => Term::Agreed { begins, expires },
        None => Term::InForce { expires },
    };
}

pub(super) const fn began(agreement: &mut Agreement) {
    if let Term::Agreed { expires, .. } = agreement.term {
        agreement.term = Term::InForce { expires };
    }
}
