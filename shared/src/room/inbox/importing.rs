//! Deals that another system of one's organisation holds already: opened under that system's reference, which only one's
//! own organisation sees, and marked as imported for everybody.
//!
//! The Inbox opens the organisation's Side itself, with the reference in it, and then the deal, in one transaction: there is
//! never a deal without its reference, nor a second one under it.

use super::{Command, Event};
use crate::{
    ask::{Address, Ask as Asked},
    command::SlotRule,
    entry::{Entry, SaltedText, Slot},
    rejection::Rejection,
    room::{Case, deal, side},
    text::TextKind,
};

/// Title, customer, the problem where there is one, what the other system says of it, and its reference there.
pub(super) fn slots(problem: bool) -> Vec<SlotRule> {
    let mut slots = deal::opening_slots();
    if !problem {
        slots.truncate(2);
    }
    slots.extend([("imported", TextKind::Line), side::REFERENCE_SLOT]);
    slots
}

pub(super) fn decide(
    case: &Case<'_>,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Event, Rejection> {
    let Command::ImportDeal {
        presence,
        value,
        close,
        people,
        problem,
        claim,
    } = command
    else {
        return Err(Rejection::NotHere("such an import"));
    };
    let org = case.member()?.org;
    side::claims(org, side::Named::Deal, *claim, texts.last())?;
    // What another system holds may be past the day by which it was to be closed.
    let (deal, host) = deal::founding(case, people, *value, None)?;
    if case.claim.is_some() {
        return Err(Rejection::Taken("external_reference"));
    }
    let after = if *problem { 3 } else { 2 };
    Ok(Event::DealImported {
        deal,
        host,
        presence: *presence,
        value: *value,
        close: *close,
        title: Slot(0),
        customer: Slot(1),
        problem: problem.then_some(Slot(2)),
        imported: Slot(after),
        reference: Slot(after + 1),
        claim: *claim,
    })
}

pub(super) fn react(entry: &Entry, event: &Event) -> Option<Vec<(Address, Asked)>> {
    let Event::DealImported {
        deal,
        host,
        presence,
        value,
        close,
        title,
        customer,
        problem,
        imported,
        reference,
        claim,
    } = event
    else {
        return None;
    };
    let beside = side::Ask::OpenWithReference {
        org: host.org,
        deal: *deal,
        people: host.people.iter().map(|person| person.id).collect(),
        reference: entry.text(*reference)?.clone(),
        claim: *claim,
    };
    let begin = deal::Ask::Begin {
        host: host.clone(),
        presence: *presence,
        title: entry.text(*title)?.clone(),
        customer: entry.text(*customer)?.clone(),
        problem: problem.and_then(|slot| entry.text(slot)).cloned(),
        value: *value,
        close: *close,
        imported: Some(entry.text(*imported)?.clone()),
    };
    Some(vec![
        (Address::Room(host.side), Asked::Side(Box::new(beside))),
        (Address::Room(*deal), Asked::Deal(Box::new(begin))),
    ])
}
