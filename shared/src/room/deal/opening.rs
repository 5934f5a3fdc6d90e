//! How a deal begins: from a member's Inbox with one party, or from a converted referral with those of the referral.

use super::{
    Ask, Can, Course, Deal, Founder, Header, Opening, Party, PartyStatus, Responsibility, Seated,
    Tasks, header, parties, people_of, presence, side_of,
};
use crate::{
    audience::Audience,
    entry::{Entry, Seq, Slot},
    id::{MemberId, OrgId, PublicKey, RoomId, RoomKind},
    limits,
    money::Money,
    rejection::Rejection,
    room::{Case, Room, State, Stated},
    standing::{Role, Standing},
    time::Date,
};
use std::collections::{BTreeMap, BTreeSet};

/// The opening of a deal that a referral was converted to; nothing where nobody could lead it.
pub(super) fn converted(deal: RoomId, ask: &Ask) -> Option<Opening> {
    let Ask::Open {
        host,
        parties,
        people,
        origin,
        presence,
        ..
    } = ask
    else {
        return None;
    };
    let founder = |(org, root): &(OrgId, PublicKey)| Founder {
        org: *org,
        root: *root,
        responsibility: None,
        side: side_of(deal, *org),
        people: people
            .iter()
            .filter(|(_, of)| of == org)
            .take(limits::DEAL_PEOPLE_MAX)
            .map(|(id, _)| Seated {
                id: *id,
                role: Role::Lead,
            })
            .collect(),
    };
    let others = parties.iter().filter(|(org, _)| *org != host.0);
    let parties: Vec<Founder> = std::iter::once(host)
        .chain(others)
        .map(founder)
        .filter(|party| !party.people.is_empty())
        .take(limits::DEAL_PARTIES_MAX)
        .collect();
    parties
        .iter()
        .any(|party| party.org == host.0)
        .then_some(Opening {
            host: host.0,
            parties,
            presence: *presence,
            origin: *origin,
            title: Slot(0),
            customer: Slot(1),
            problem: None,
            value: None,
            close: None,
            imported: None,
        })
}

/// Judges a member who begins a deal, and says as what and with whom their organisation hosts it.
pub(crate) fn founding(
    case: &Case<'_>,
    people: &BTreeSet<MemberId>,
    value: Option<Money>,
    close: Option<Date>,
) -> Result<(RoomId, Founder), Rejection> {
    let who = case.standing()?;
    if who.member.role < Role::Lead {
        return Err(Rejection::Only(
            "your organisation's leads, who commit it in deals,",
        ));
    }
    value.map_or(Ok(()), header::worth)?;
    close.map_or(Ok(()), |day| header::to_come(case, day, "close"))?;
    let root = who
        .org
        .root
        .ok_or(Rejection::State("nobody has claimed your organisation yet"))?;
    let deal = RoomId::new(RoomKind::Deal, case.fresh(0));
    Ok((
        deal,
        Founder {
            org: who.org.id,
            root,
            responsibility: who.vendor().then_some(Responsibility::Vendor),
            side: side_of(deal, who.org.id),
            people: with_lead(case, who, people)?,
        },
    ))
}

/// These people of whoever asks, as what they are in their organisation and at most Lead, and whoever asks as Lead.
pub(super) fn with_lead(
    case: &Case<'_>,
    who: &Standing,
    people: &BTreeSet<MemberId>,
) -> Result<Vec<Seated>, Rejection> {
    let found = people_of(case, who.org.id, people, |role| role.min(Role::Lead))?;
    let mut seats: BTreeMap<MemberId, Role> = found
        .into_iter()
        .map(|person| (person.id, person.role))
        .collect();
    seats.insert(who.member.id, Role::Lead);
    if seats.len() > limits::DEAL_PEOPLE_MAX {
        return Err(Rejection::Limit {
            field: "people",
            max: limits::DEAL_PEOPLE_MAX,
        });
    }
    Ok(seats
        .into_iter()
        .map(|(id, role)| Seated { id, role })
        .collect())
}

/// The opening of a deal that a member begins.
pub(super) fn begun(ask: &Ask) -> Option<Opening> {
    let Ask::Begin {
        host,
        presence,
        problem,
        value,
        close,
        imported,
        ..
    } = ask
    else {
        return None;
    };
    Some(Opening {
        host: host.org,
        parties: vec![host.clone()],
        presence: *presence,
        origin: None,
        title: Slot(0),
        customer: Slot(1),
        problem: problem.as_ref().map(|_| Slot(2)),
        value: *value,
        close: *close,
        imported: imported
            .as_ref()
            .map(|_| Slot(if problem.is_some() { 3 } else { 2 })),
    })
}

pub(super) fn opened(room: &mut Room, entry: &Entry, opening: &Opening) {
    let mut deal = Deal {
        host: opening.host,
        origin: opening.origin,
        parties: BTreeMap::new(),
        invitations: BTreeMap::new(),
        header: Header::opened(entry.seq, opening),
        imported: opening.imported.map(|slot| parties::text(entry.seq, slot)),
        course: Course::opened(room.head, entry),
        tasks: Tasks::default(),
        frozen: None,
        presence: Stated::new(entry.seq, opening.presence),
        proposal: None,
        called: BTreeMap::new(),
        end: None,
    };
    let mut audience = Audience::default();
    for founder in &opening.parties {
        let party = Party {
            root: founder.root,
            status: PartyStatus::Active,
            responsibility: Stated {
                at: entry.seq,
                value: founder.responsibility,
            },
            can: Can::ALL,
            can_at: entry.seq,
            people: BTreeMap::new(),
            joined: entry.at,
            since: Seq::ZERO,
            side: founder.side,
            nda: founder.org == opening.host,
        };
        deal.parties.insert(founder.org, party);
        parties::seat(&mut audience, &mut deal, founder.org, &founder.people);
    }
    presence::admit(&mut audience, opening.presence, entry.seq);
    room.audience = audience;
    room.state = State::Deal(Box::new(deal));
}
