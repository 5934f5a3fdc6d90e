//! A Relation: two connected organisations, their talk, and the agreements between them.
//!
//! Its id is computed from the two, so there is one for ever: a connection that ends leaves the room as it is, to be read,
//! and one that is made anew opens it again. What the two are to each other ([`Relation::tie`]) is read off it alone.

mod agreement;
mod vocabulary;

#[cfg(test)]
mod tests;

pub(crate) use agreement::end_of;
pub use agreement::{Agreement, Term};
pub use vocabulary::{Ask, Clock, Command, Event, Verb};

use super::{Case, Due, Room, State, Taking};
use crate::{
    ask::{Address, Ask as Asked},
    audience::{Audience, Grant},
    command::{Named, SlotRule},
    entry::{Entry, SaltedText, Seq, TextRef, Worded},
    event,
    id::{OrgId, PublicKey, RoomId},
    rejection::Rejection,
    room::{Admission, deal, inbox, org, record},
    standing::{AgreementKind, Role, Standing},
    text::TextKind,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "RelationParty")]
pub struct Party {
    /// Which organisation.
    pub org: OrgId,
    /// The key that its certificates start from, as recorded when the Relation opened last, or renewed since.
    pub root: PublicKey,
}

/// Whether the two are connected.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::Display,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Phase {
    /// They are.
    Open,
    /// One of them ended it. What was said stays; nothing more is.
    Ended,
}

/// What a Relation holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Relation {
    /// The two, whoever asked first.
    pub parties: [Party; 2],
    /// Whether they are connected.
    pub phase: Phase,
    /// What is proposed, agreed or in force, by the entry that proposed it.
    pub agreements: BTreeMap<Seq, Agreement>,
}

impl Command {
    pub(crate) fn slots(&self) -> Vec<SlotRule> {
        match self {
            Self::Agree { .. } => vec![("reference", TextKind::Line)],
            Self::Confirm { .. } | Self::End { .. } | Self::Disconnect {} => vec![],
        }
    }

    pub(crate) fn named(&self, _texts: &[SaltedText]) -> Named {
        match self {
            Self::Confirm { proposal: cited } | Self::End { at: cited, .. } => Named {
                cites: Some(*cited),
                ..Named::default()
            },
            Self::Agree { .. } | Self::Disconnect {} => Named::default(),
        }
    }

    pub(crate) const fn signed(&self) -> bool {
        match self {
            Self::Agree { .. } | Self::Confirm { .. } | Self::End { .. } | Self::Disconnect {} => {
                true
            }
        }
    }
}

impl Relation {
    fn opened(parties: &[(OrgId, PublicKey); 2]) -> Self {
        Self {
            parties: parties.map(|(org, root)| Party { org, root }),
            phase: Phase::Open,
            agreements: BTreeMap::new(),
        }
    }

    /// The agreements in force between the two; `None` where they are not connected.
    #[must_use]
    pub fn tie(&self) -> Option<BTreeSet<AgreementKind>> {
        (self.phase == Phase::Open).then(|| self.in_force())
    }

    fn in_force(&self) -> BTreeSet<AgreementKind> {
        self.agreements
            .values()
            .filter(|agreement| agreement.in_force())
            .map(|agreement| agreement.kind)
            .collect()
    }

    /// The other of the two.
    #[must_use]
    pub fn other(&self, org: OrgId) -> Option<&Party> {
        let [one, two] = &self.parties;
        if one.org == org {
            Some(two)
        } else {
            (two.org == org).then_some(one)
        }
    }

    /// Refuses what needs a connection where there is none any more.
    ///
    /// # Errors
    /// [`Rejection::State`].
    pub(crate) fn connected(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Open => Ok(()),
            Phase::Ended => Err(Rejection::State(
                "the two organisations are not connected any more",
            )),
        }
    }

    pub(crate) fn standing_texts(&self) -> Vec<TextRef> {
        self.agreements
            .values()
            .map(|agreement| agreement.reference)
            .collect()
    }

    /// Whether this member has an open invitation here: an organisation is invited to connect in its own room.
    #[allow(
        clippy::unused_self,
        reason = "the same form as the other rooms' states"
    )]
    pub(crate) const fn invites(&self, _who: &Standing) -> bool {
        false
    }

    pub(crate) fn due(&self) -> Option<(Timestamp, Due)> {
        agreement::due(self).map(|(at, clock)| (at, Due::Relation(clock)))
    }

    /// Refuses whoever does not moderate here: neither side moderates the other.
    #[allow(
        clippy::unused_self,
        reason = "the same form as the other rooms' states"
    )]
    pub(crate) const fn moderates(&self, case: &Case<'_>) -> Result<(), Rejection> {
        match case.admission {
            Admission::Operator => Ok(()),
            Admission::Seat { .. } | Admission::Invited | Admission::Outsider => {
                Err(Rejection::Only("the operator"))
            }
        }
    }
}

/// Which of the two whoever asks speaks for.
fn party(case: &Case<'_>, relation: &Relation) -> Result<OrgId, Rejection> {
    let own = case.standing()?.org.id;
    let of_these = relation.parties.iter().any(|party| party.org == own);
    of_these
        .then_some(own)
        .ok_or(Rejection::Only("the two organisations"))
}

pub(crate) fn decide(
    case: &Case<'_>,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Vec<Worded<event::Event>>, Rejection> {
    case.seated()?;
    let State::Relation(relation) = &case.room.state else {
        return Err(Rejection::NotHere("agreements"));
    };
    case.unmuted()?;
    relation.connected()?;
    let event = match command {
        Command::Agree { kind, from, to } => agreement::agree(case, relation, *kind, *from, *to)?,
        Command::Confirm { proposal } => agreement::confirm(case, relation, *proposal)?,
        Command::End { kind, at } => agreement::end(case, relation, *kind, *at)?,
        Command::Disconnect {} => {
            case.at_least(Role::Admin)?;
            Event::Disconnected {
                by: party(case, relation)?,
            }
        }
    };
    Ok(vec![Worded::new(
        event::Event::Relation(event),
        texts.to_vec(),
    )])
}

pub(crate) fn apply(room: &mut Room, entry: &Entry, event: &Event) {
    if let Event::Opened { parties } = event {
        let grant = |(id, _): (OrgId, PublicKey)| Grant::Org {
            id,
            min_role: Role::Rep,
            since: Seq::ZERO,
        };
        room.audience = Audience::of(parties.map(grant).into());
        room.state = State::Relation(Box::new(Relation::opened(parties)));
        return;
    }
    let State::Relation(relation) = &mut room.state else {
        return;
    };
    match event {
        Event::Opened { .. } => {}
        Event::Reopened { parties } => {
            relation.parties = Relation::opened(parties).parties;
            relation.phase = Phase::Open;
        }
        Event::Proposed { .. } => {
            if let Some(agreement) = proposed(entry.seq, event) {
                relation.agreements.insert(entry.seq, agreement);
            }
        }
        Event::Confirmed {
            proposal,
            begins,
            expires,
        } => {
            if let Some(agreement) = relation.agreements.get_mut(proposal) {
                agreement::confirmed(agreement, entry.seq, *begins, *expires);
            }
        }
        Event::Began { proposal } => {
            if let Some(agreement) = relation.agreements.get_mut(proposal) {
                agreement::began(agreement);
            }
        }
        Event::Expired { proposal }
        | Event::Lapsed { proposal }
        | Event::Ended { proposal, .. } => {
            relation.agreements.remove(proposal);
        }
        Event::Disconnected { .. } => {
            relation.phase = Phase::Ended;
            relation.agreements.clear();
        }
    }
}

const fn proposed(at: Seq, event: &Event) -> Option<Agreement> {
    let Event::Proposed {
        by,
        kind,
        reference,
        from,
        to,
        until,
    } = event
    else {
        return None;
    };
    Some(Agreement {
        kind: *kind,
        by: *by,
        reference: TextRef {
            seq: at,
            slot: *reference,
        },
        from: *from,
        to: *to,
        term: Term::Proposed { until: *until },
        at,
    })
}

pub(crate) fn react(room: &Room, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let State::Relation(relation) = &room.state else {
        return vec![];
    };
    let mut asks = match event {
        Event::Opened { .. } | Event::Reopened { .. } => vec![],
        Event::Proposed { by, .. } => points(
            relation.other(*by),
            Role::Admin,
            entry,
            inbox::What::AgreementProposed,
        ),
        Event::Confirmed { proposal, .. } => {
            let by = relation.agreements.get(proposal).map(|one| one.by);
            let proposer = relation.parties.iter().find(|party| Some(party.org) == by);
            let mut asks = points(
                proposer,
                Role::Admin,
                entry,
                inbox::What::AgreementConfirmed,
            );
            asks.push(tells(relation));
            asks
        }
        Event::Began { .. } => vec![tells(relation)],
        Event::Lapsed { .. } => points(
            &relation.parties,
            Role::Admin,
            entry,
            inbox::What::AgreementEnded,
        ),
        Event::Expired { .. } => {
            let what = inbox::What::AgreementEnded;
            let mut asks = points(&relation.parties, Role::Admin, entry, what);
            asks.push(tells(relation));
            asks
        }
        Event::Ended { by, .. } => {
            let what = inbox::What::AgreementEnded;
            let mut asks = points(relation.other(*by), Role::Admin, entry, what);
            asks.push(tells(relation));
            asks
        }
        Event::Disconnected { by } => {
            let mut asks = disconnects(relation);
            let what = inbox::What::Disconnected;
            asks.extend(points(relation.other(*by), Role::Lead, entry, what));
            asks.push(tells(relation));
            asks
        }
    };
    asks.extend(settles(relation, entry, event));
    asks.extend(keeps(relation, entry));
    asks
}

/// A proposal that is signed, lapsed or taken away waits for nobody. Who had proposed it is no longer known here, and only
/// those who were pointed to it have anything to settle.
fn settles(relation: &Relation, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    match event {
        Event::Confirmed { .. }
        | Event::Lapsed { .. }
        | Event::Ended { .. }
        | Event::Disconnected { .. } => {}
        Event::Opened { .. }
        | Event::Reopened { .. }
        | Event::Proposed { .. }
        | Event::Began { .. }
        | Event::Expired { .. } => return vec![],
    }
    let proposed = |one: &Agreement| matches!(one.term, Term::Proposed { .. });
    let open = relation.agreements.iter();
    let open: Vec<Seq> = open
        .filter(|(_, one)| proposed(one))
        .map(|(proposal, _)| *proposal)
        .collect();
    let settle = |party: &Party| {
        let to = Address::Roles {
            org: party.org,
            min_role: Role::Admin,
        };
        let kinds = &[inbox::What::AgreementProposed];
        (to, inbox::settle(kinds, entry.room, open.iter().copied()))
    };
    relation.parties.iter().map(settle).collect()
}

fn points<'a>(
    parties: impl IntoIterator<Item = &'a Party>,
    min_role: Role,
    entry: &Entry,
    what: inbox::What,
) -> Vec<(Address, Asked)> {
    let point = Asked::Inbox(inbox::Ask::Point {
        what,
        room: entry.room,
        seq: entry.seq,
    });
    parties
        .into_iter()
        .map(|party| {
            let org = party.org;
            (Address::Roles { org, min_role }, point.clone())
        })
        .collect()
}

/// Has the deals that rest on what is in force look again. Which these are is known to the host alone: a Relation is read by
/// people who are in none of them.
fn tells(relation: &Relation) -> (Address, Asked) {
    let of = relation.parties.map(|party| party.org);
    let look = deal::Ask::Tie { with: of };
    (Address::Deals { of }, Asked::Deal(Box::new(look)))
}

fn of_org(org: OrgId, ask: org::Ask) -> (Address, Asked) {
    (Address::Room(RoomId::org(org)), Asked::Org(Box::new(ask)))
}

/// Both organisations may ask each other anew.
fn disconnects(relation: &Relation) -> Vec<(Address, Asked)> {
    let [one, two] = &relation.parties;
    [(one, two), (two, one)]
        .map(|(party, from)| of_org(party.org, org::Ask::Disconnected { from: from.org }))
        .into()
}

/// A statement is kept in each party's record too: losing the seat here takes no proof away.
fn keeps(relation: &Relation, entry: &Entry) -> Vec<(Address, Asked)> {
    let parties = &relation.parties;
    let maker = parties
        .iter()
        .find(|one| Some(one.org) == entry.author.org());
    let keep = |party: &Party| record::keep(party.org, entry, (maker?.org, maker?.root));
    parties.iter().filter_map(keep).collect()
}

pub(crate) fn take(taking: &Taking<'_>, ask: &Ask) -> Vec<Worded<event::Event>> {
    let event = match (ask, &taking.room.state) {
        (Ask::Open { parties }, State::Void) => Event::Opened { parties: *parties },
        (Ask::Open { parties }, State::Relation(relation)) if relation.phase == Phase::Ended => {
            Event::Reopened { parties: *parties }
        }
        (Ask::Open { .. }, _) => return vec![],
    };
    vec![Worded::plain(event::Event::Relation(event))]
}

pub(crate) fn fire(room: &Room, clock: &Clock, now: Timestamp) -> Vec<Worded<event::Event>> {
    let State::Relation(relation) = &room.state else {
        return vec![];
    };
    agreement::fire(relation, clock, now)
        .map(|event| Worded::plain(event::Event::Relation(event)))
        .into_iter()
        .collect()
}
