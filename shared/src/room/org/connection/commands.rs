//! What the organisation's own people ask, judged: to connect, to answer, and whom not to hear.

use super::{Preference, Take};
use crate::{
    entry::{Seq, Slot},
    id::{Hash, MemberId, OrgId},
    limits,
    rejection::Rejection,
    room::{
        Case,
        org::{Event, Org},
    },
    standing::{OrgCard, Role, Status},
};
use std::collections::BTreeSet;

/// Only a member speaks for the organisation, and only from Lead upwards.
fn speaks(case: &Case<'_>, org: &Org) -> Result<(), Rejection> {
    case.member()?;
    case.at_least(Role::Lead)?;
    case.unmuted()?;
    if org.root.is_none() {
        return Err(Rejection::State("nobody has claimed this organisation yet"));
    }
    Ok(())
}

fn takes_part(card: &OrgCard) -> Result<(), Rejection> {
    if card.status == Status::Active {
        Ok(())
    } else {
        Err(Rejection::State(
            "that organisation takes no part at present",
        ))
    }
}

pub(in crate::room::org) fn connect(
    case: &Case<'_>,
    org: &Org,
    to: OrgId,
) -> Result<Event, Rejection> {
    speaks(case, org)?;
    if to == org.id {
        return Err(Rejection::Value {
            field: "to",
            want: "another organisation than your own",
        });
    }
    let card = case.other.ok_or(Rejection::NoSuchThing("to"))?;
    if org.connections.contains(&to) || case.tie.is_some() {
        return Err(Rejection::Already("connection"));
    }
    if org.excluded.contains(&to) {
        return Err(Rejection::State(
            "your organisation excludes that one: take it off the list first",
        ));
    }
    takes_part(card)?;
    if org.request(to, case.now).is_some() {
        return Err(Rejection::Already("request"));
    }
    org.may_ask(to, case.now)?;
    if org.requests_on(case.now.date()) >= limits::CONNECT_DAY_MAX {
        return Err(Rejection::OverQuota {
            field: "requests to connect in one day",
            max: limits::CONNECT_DAY_MAX,
        });
    }
    org.has_connections_left(org.requests(case.now))?;
    Ok(Event::Asked {
        to,
        words: Slot(0),
        referral: None,
        until: case.now + limits::CONNECT_SPAN,
    })
}

pub(in crate::room::org) fn withdraw(
    case: &Case<'_>,
    org: &Org,
    to: OrgId,
) -> Result<Event, Rejection> {
    speaks(case, org)?;
    let request = org
        .request(to, case.now)
        .ok_or(Rejection::NoSuchThing("to"))?;
    if request.referral.is_some() {
        return Err(Rejection::State(
            "this request goes with a referral: withdraw that offer, and the request goes with it",
        ));
    }
    Ok(Event::Withdrawn { to })
}

pub(in crate::room::org) fn reply(
    case: &Case<'_>,
    org: &Org,
    from: OrgId,
    seen: Hash,
    take: Take,
    people: &BTreeSet<MemberId>,
) -> Result<Event, Rejection> {
    speaks(case, org)?;
    let knock = org
        .knocked
        .get(&from)
        .ok_or(Rejection::NoSuchThing("from"))?;
    if knock.until <= case.now {
        return Err(Rejection::State(
            "this request has lapsed: ask them to connect in your turn",
        ));
    }
    if knock.matter != seen {
        return Err(Rejection::Stale(knock.seq));
    }
    let card = case.other.ok_or(Rejection::NoSuchThing("from"))?;
    let root = card.root.ok_or(Rejection::NoSuchThing("from"))?;
    if take == Take::Both && knock.referral.is_none() {
        return Err(Rejection::Value {
            field: "take",
            want: "the connection, or neither: no referral came with this request",
        });
    }
    people_hold(case, org, take, people)?;
    if take != Take::Neither {
        takes_part(card)?;
        org.has_connections_left(0)?;
    }
    Ok(Event::Replied {
        from,
        root,
        knock: knock.seq,
        referral: knock.referral,
        take,
        people: people.clone(),
    })
}

/// Who takes a referral names its own people for it, and only then.
fn people_hold(
    case: &Case<'_>,
    org: &Org,
    take: Take,
    people: &BTreeSet<MemberId>,
) -> Result<(), Rejection> {
    if take != Take::Both {
        return if people.is_empty() {
            Ok(())
        } else {
            Err(Rejection::Value {
                field: "people",
                want: "nobody, where the referral is not taken",
            })
        };
    }
    if people.is_empty() {
        return Err(Rejection::Value {
            field: "people",
            want: "those of your organisation who work on the referral",
        });
    }
    if people.len() > limits::ANSWER_PEOPLE_MAX {
        return Err(Rejection::Limit {
            field: "people",
            max: limits::ANSWER_PEOPLE_MAX,
        });
    }
    let own = case
        .named
        .iter()
        .filter(|card| card.org == org.id && card.status == Status::Active)
        .count();
    if own == people.len() {
        Ok(())
    } else {
        Err(Rejection::NoSuchThing("people"))
    }
}

pub(in crate::room::org) fn exclude(
    case: &Case<'_>,
    org: &Org,
    other: OrgId,
    on: bool,
) -> Result<Event, Rejection> {
    case.at_least(Role::Admin)?;
    if case.other.is_none() || other == org.id {
        return Err(Rejection::NoSuchThing("org"));
    }
    if org.excluded.contains(&other) == on {
        return Err(Rejection::Already("org"));
    }
    if on && org.connections.contains(&other) {
        return Err(Rejection::State(
            "you are connected with that organisation: disconnect first",
        ));
    }
    if on && org.request(other, case.now).is_some() {
        return Err(Rejection::State(
            "you have asked that organisation to connect: withdraw the request first",
        ));
    }
    if on && org.excluded.len() >= limits::EXCLUDED_MAX {
        return Err(Rejection::Limit {
            field: "excluded organisations",
            max: limits::EXCLUDED_MAX,
        });
    }
    Ok(Event::Excluded { org: other, on })
}

pub(in crate::room::org) fn prefer(
    case: &Case<'_>,
    org: &Org,
    preference: Preference,
    at: Seq,
) -> Result<Event, Rejection> {
    case.at_least(Role::Admin)?;
    org.preference.unchanged_since(at)?;
    if org.preference.value.unwrap_or_default() == preference {
        return Err(Rejection::Already("preference"));
    }
    Ok(Event::Preferred { preference })
}
