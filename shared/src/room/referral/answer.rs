//! What the two organisations may do with a Referral, and when.

use super::{Command, Event, Referral, Stage};
use crate::{
    entry::Slot,
    event,
    id::{MemberId, OrgId, RoomId, RoomKind},
    limits,
    rejection::Rejection,
    room::Case,
    standing::{Role, Status},
    time::Timestamp,
};
use std::collections::BTreeSet;

pub(super) fn decide(
    case: &Case<'_>,
    referral: &Referral,
    command: &Command,
) -> Result<Event, Rejection> {
    match command {
        Command::View {} => {
            receiver(case, referral, Role::Lead)?;
            open(case, referral)?;
            if referral.stage == Stage::Viewed {
                return Err(Rejection::Already("the view"));
            }
            Ok(Event::Viewed {})
        }
        Command::Accept { from, people } => accept(case, referral, *from, people),
        Command::Decline { reason } => {
            receiver(case, referral, Role::Lead)?;
            cites_offer(case)?;
            open(case, referral)?;
            Ok(Event::Declined {
                reason: *reason,
                words: Some(Slot(0)),
            })
        }
        Command::Withdraw {} => {
            sender(case, referral)?;
            cites_offer(case)?;
            open(case, referral)?;
            Ok(Event::Withdrawn {})
        }
        Command::Return { reason } => {
            receiver(case, referral, Role::Lead)?;
            cites_offer(case)?;
            returns(case, referral)?;
            Ok(Event::Returned {
                reason: *reason,
                words: Slot(0),
            })
        }
        Command::Contacted {} => {
            let words = "it is contacted once, after it was accepted";
            moves(case, referral, Role::Rep, Stage::Accepted, words)?;
            Ok(Event::Contacted {})
        }
        Command::Qualified {} => {
            let words = "it is qualified once, after the customer was contacted";
            moves(case, referral, Role::Rep, Stage::Contacted, words)?;
            Ok(Event::Qualified {})
        }
        Command::Convert {} => {
            let words = "a deal is opened once, after it was qualified";
            moves(case, referral, Role::Lead, Stage::Qualified, words)?;
            cites_offer(case)?;
            Ok(Event::Converted {
                deal: RoomId::new(RoomKind::Deal, case.fresh(0)),
                title: Slot(0),
                customer: Slot(1),
            })
        }
    }
}

fn accept(
    case: &Case<'_>,
    referral: &Referral,
    from: OrgId,
    people: &BTreeSet<MemberId>,
) -> Result<Event, Rejection> {
    receiver(case, referral, Role::Lead)?;
    if from != referral.from.org {
        return Err(Rejection::NoSuchThing("from"));
    }
    cites_offer(case)?;
    open(case, referral)?;
    if case.tie.is_none() {
        return Err(Rejection::State(
            "answer the request to connect: one answer takes both",
        ));
    }
    if people.is_empty() {
        return Err(Rejection::Value {
            field: "people",
            want: "one of yours or more, to work on it",
        });
    }
    if people.len() > limits::REFERRAL_PEOPLE_MAX {
        return Err(Rejection::Limit {
            field: "people",
            max: limits::REFERRAL_PEOPLE_MAX,
        });
    }
    let ours = case
        .named
        .iter()
        .filter(|card| card.org == referral.to && card.status == Status::Active);
    let ours: BTreeSet<MemberId> = ours.map(|card| card.id).collect();
    if !people.is_subset(&ours) {
        return Err(Rejection::NoSuchThing("people"));
    }
    Ok(accepted(people.clone(), case.fresh(0), case.now))
}

/// The acceptance, by a command here or by the answer to the request to connect that came with the offer.
pub(super) fn accepted(people: BTreeSet<MemberId>, side: [u8; 16], now: Timestamp) -> Event {
    Event::Accepted {
        people,
        side: RoomId::new(RoomKind::Side, side),
        contact_by: now + limits::REFERRAL_CONTACT_SPAN,
        return_by: now + limits::REFERRAL_RETURN_SPAN,
    }
}

fn returns(case: &Case<'_>, referral: &Referral) -> Result<(), Rejection> {
    match referral.stage {
        Stage::Accepted | Stage::Contacted => {}
        Stage::Offered
        | Stage::Viewed
        | Stage::Qualified
        | Stage::Converted { .. }
        | Stage::Concluded { .. }
        | Stage::Declined { .. }
        | Stage::Expired
        | Stage::Withdrawn
        | Stage::Returned { .. } => {
            return Err(Rejection::State(
                "it is given back after it was accepted, and before it is qualified",
            ));
        }
    }
    let in_time = |handoff: &&super::Handoff| case.now <= handoff.return_by;
    if referral.handoff.as_ref().filter(in_time).is_none() {
        return Err(Rejection::State(
            "the ten days in which it could be given back are over",
        ));
    }
    Ok(())
}

/// Refuses whoever is not of the receiver, or below this role here.
fn receiver(case: &Case<'_>, referral: &Referral, role: Role) -> Result<(), Rejection> {
    if case.standing()?.org.id != referral.to {
        return Err(Rejection::Only("the organisation that it is offered to"));
    }
    case.at_least(role)
}

/// Refuses whoever is not of the sender, or may not commit it.
fn sender(case: &Case<'_>, referral: &Referral) -> Result<(), Rejection> {
    if case.standing()?.org.id != referral.from.org {
        return Err(Rejection::Only("the organisation that offers it"));
    }
    case.at_least(Role::Lead)
}

/// What is signed names the offer that it speaks of.
fn cites_offer(case: &Case<'_>) -> Result<(), Rejection> {
    let cited = case.entry()?;
    let opening = matches!(
        &cited.entry.event,
        event::Event::Referral(Event::Opened { .. })
    );
    if opening {
        Ok(())
    } else {
        Err(Rejection::NoSuchEntry)
    }
}

/// Refuses what comes after the answer. The clock has fired before a command is judged; a replica has no clock.
fn open(case: &Case<'_>, referral: &Referral) -> Result<(), Rejection> {
    let no = |words| Err(Rejection::State(words));
    if !referral.stage.is_open() {
        return match referral.stage.ending() {
            None => no("this was accepted already"),
            Some(_) => no("this is over"),
        };
    }
    if case.now >= referral.until {
        return no("the time to answer is over");
    }
    Ok(())
}

/// Refuses a step of the receiver's that is not the next one.
fn moves(
    case: &Case<'_>,
    referral: &Referral,
    role: Role,
    from: Stage,
    words: &'static str,
) -> Result<(), Rejection> {
    receiver(case, referral, role)?;
    if referral.stage == from {
        Ok(())
    } else {
        Err(Rejection::State(words))
    }
}
