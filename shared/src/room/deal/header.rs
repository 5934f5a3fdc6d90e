//! What a deal is about: title, customer, problem, value, target close and next step, each replaced on its own.

use super::{Deal, Event, Opening, parties::text};
use crate::{
    entry::{Seq, Slot, TextRef},
    money::Money,
    rejection::Rejection,
    room::{Case, Policy, Stated},
    standing::Role,
    time::Date,
};
use serde::{Deserialize, Serialize};

/// What a deal is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Header {
    /// The title.
    pub title: Stated<TextRef>,
    /// The customer.
    pub customer: Stated<TextRef>,
    /// The customer's problem.
    pub problem: Stated<TextRef>,
    /// What the deal is worth.
    pub value: Stated<Money>,
    /// The day by which it is to be closed.
    pub close: Stated<Date>,
    /// What is to be done next.
    pub next_step: Stated<TextRef>,
}

impl Header {
    pub(super) fn opened(seq: Seq, opening: &Opening) -> Self {
        let stated = |slot| Stated::new(seq, text(seq, slot));
        Self {
            title: stated(opening.title),
            customer: stated(opening.customer),
            problem: opening.problem.map(stated).unwrap_or_default(),
            value: opening
                .value
                .map(|value| Stated::new(seq, value))
                .unwrap_or_default(),
            close: opening
                .close
                .map(|close| Stated::new(seq, close))
                .unwrap_or_default(),
            next_step: Stated::default(),
        }
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = TextRef> {
        [&self.title, &self.customer, &self.problem, &self.next_step]
            .into_iter()
            .filter_map(|stated| stated.value)
    }
}

/// Refuses whoever may not edit the header, and whoever saw another value of this field.
fn edit<T>(
    case: &Case<'_>,
    deal: &Deal,
    field: &Stated<T>,
    seen: Seq,
    event: Event,
) -> Result<Event, Rejection> {
    case.unmuted()?;
    let own = deal.lead(case)?;
    if !deal.party(own).is_some_and(|party| party.can.edit) {
        return Err(Rejection::Only(
            "the leads of the host, and of parties that the host lets edit,",
        ));
    }
    field.unchanged_since(seen)?;
    Ok(event)
}

pub(super) fn retitle(case: &Case<'_>, deal: &Deal, seen: Seq) -> Result<Event, Rejection> {
    let event = Event::Retitled { title: Slot(0) };
    edit(case, deal, &deal.header.title, seen, event)
}

pub(super) fn customer(case: &Case<'_>, deal: &Deal, seen: Seq) -> Result<Event, Rejection> {
    let event = Event::CustomerSet { customer: Slot(0) };
    edit(case, deal, &deal.header.customer, seen, event)
}

pub(super) fn problem(case: &Case<'_>, deal: &Deal, seen: Seq) -> Result<Event, Rejection> {
    let event = Event::ProblemSet { problem: Slot(0) };
    edit(case, deal, &deal.header.problem, seen, event)
}

pub(super) fn value(
    case: &Case<'_>,
    deal: &Deal,
    value: Money,
    seen: Seq,
) -> Result<Event, Rejection> {
    let event = edit(
        case,
        deal,
        &deal.header.value,
        seen,
        Event::Valued { value },
    )?;
    worth(value)?;
    // Whoever is invited would see the value on coming in.
    let all_agreed =
        deal.active().all(|(_, party)| party.nda) && deal.invitations.values().all(|open| open.nda);
    if case.policy == Policy::NdaForValue && !all_agreed {
        return Err(Rejection::NeedsAgreement {
            kind: Policy::AGREEMENT,
            with: "every party of this deal and everyone invited to it",
        });
    }
    Ok(event)
}

/// Refuses a value that no deal has.
pub(crate) fn worth(value: Money) -> Result<(), Rejection> {
    if value.minor() < 0 {
        return Err(Rejection::Value {
            field: "value",
            want: "an amount of zero or more",
        });
    }
    Ok(())
}

/// Refuses a day that is over.
pub(crate) fn to_come(case: &Case<'_>, day: Date, field: &'static str) -> Result<(), Rejection> {
    if day < case.now.date() {
        return Err(Rejection::Value {
            field,
            want: "today or a later day",
        });
    }
    Ok(())
}

pub(super) fn close(
    case: &Case<'_>,
    deal: &Deal,
    close: Date,
    seen: Seq,
) -> Result<Event, Rejection> {
    let event = Event::TargetSet { close };
    let event = edit(case, deal, &deal.header.close, seen, event)?;
    // What another system holds may be past its day, there and here.
    if deal.imported.is_none() {
        to_come(case, close, "close")?;
    }
    Ok(event)
}

/// The next step is everyone's who takes part, not only the leads'.
pub(super) fn next_step(case: &Case<'_>, deal: &Deal, seen: Seq) -> Result<Event, Rejection> {
    case.unmuted()?;
    deal.own(case)?;
    case.at_least(Role::Rep)?;
    deal.header.next_step.unchanged_since(seen)?;
    Ok(Event::NextStepSet { next_step: Slot(0) })
}
