//! Connecting: the requests that went out, those that wait here, whom this organisation does not hear, and with whom it is
//! connected.
//!
//! A request stands twice: as *asked* in the room of the one who asks, as *knocked* in the room of the one who is asked.
//! The first learns of the second by its answer only, so being excluded, being refused a hearing and being left
//! unanswered look alike. Both lapse at the same moment, judged when somebody comes back to them: no clock is needed.

mod reactions;

pub(super) use reactions::{
    on_answered, on_asked, on_claimed, on_knocked, on_met, on_replied, on_withdrawn,
};

use super::{Event, Org};
use crate::{
    entry::{Entry, Seq, Slot, TextRef},
    id::{MemberId, OrgId, PublicKey, RoomId},
    limits,
    rejection::Rejection,
    room::{Case, Stated},
    standing::{OrgCard, Role, Status},
    time::{Date, Timestamp},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is taken of a request to connect.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum Take {
    /// The connection, and the referral that came with it.
    Both,
    /// The connection alone; a referral that came with it is declined.
    Connection,
    /// Neither.
    Neither,
}

/// Whose requests are heard.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum Preference {
    /// Everybody's who is not excluded.
    #[default]
    AllowAll,
    /// Nobody's, except where this organisation has asked first.
    DenyAll,
}

/// A request that went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The entry that says so.
    pub at: Seq,
    /// When it lapses.
    pub until: Timestamp,
    /// The referral that goes with it.
    pub referral: Option<RoomId>,
}

/// A request that waits here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knock {
    /// The entry that brought it.
    pub seq: Seq,
    /// In which words.
    pub words: TextRef,
    /// The referral that goes with it.
    pub referral: Option<RoomId>,
    /// When it lapses.
    pub until: Timestamp,
    /// The root key of the one who asks.
    pub root: PublicKey,
}

/// How often this organisation asked in one day, by UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Which day.
    pub date: Date,
    /// How often.
    pub requests: usize,
}

impl Org {
    /// The request to this organisation that is still open.
    #[must_use]
    pub fn request(&self, to: OrgId, now: Timestamp) -> Option<&Request> {
        self.asked.get(&to).filter(|request| request.until > now)
    }

    /// The request of this organisation that still waits here.
    #[must_use]
    pub fn knock(&self, from: OrgId, now: Timestamp) -> Option<&Knock> {
        self.knocked.get(&from).filter(|knock| knock.until > now)
    }

    fn requests(&self, now: Timestamp) -> usize {
        self.asked
            .values()
            .filter(|request| request.until > now)
            .count()
    }

    fn requests_on(&self, date: Date) -> usize {
        self.day
            .filter(|day| day.date == date)
            .map_or(0, |day| day.requests)
    }

    fn has_connections_left(&self, open: usize) -> Result<(), Rejection> {
        if self.connections.len().saturating_add(open) >= limits::CONNECTIONS_MAX {
            return Err(Rejection::Limit {
                field: "connections",
                max: limits::CONNECTIONS_MAX,
            });
        }
        Ok(())
    }
}

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

pub(super) fn connect(case: &Case<'_>, org: &Org, to: OrgId) -> Result<Event, Rejection> {
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
    let open = org.requests(case.now);
    if open >= limits::CONNECT_OPEN_MAX {
        return Err(Rejection::OverQuota {
            field: "requests to connect that are open",
            max: limits::CONNECT_OPEN_MAX,
        });
    }
    if org.requests_on(case.now.date()) >= limits::CONNECT_DAY_MAX {
        return Err(Rejection::OverQuota {
            field: "requests to connect in one day",
            max: limits::CONNECT_DAY_MAX,
        });
    }
    org.has_connections_left(open)?;
    Ok(Event::Asked {
        to,
        words: Slot(0),
        referral: None,
        until: case.now + limits::CONNECT_SPAN,
    })
}

pub(super) fn withdraw(case: &Case<'_>, org: &Org, to: OrgId) -> Result<Event, Rejection> {
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

pub(super) fn reply(
    case: &Case<'_>,
    org: &Org,
    from: OrgId,
    seen: Seq,
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
    if knock.seq != seen {
        return Err(Rejection::Stale(knock.seq));
    }
    case.entry()?;
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
        knock: seen,
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

pub(super) fn exclude(
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

pub(super) fn prefer(
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

/// A Side offers a referral to a stranger. Its offer was judged there; what is over this organisation's bounds is not
/// sent on, and to the Side looks like an offer that nobody answers.
pub(super) fn ask_too(org: &Org, to: OrgId, referral: RoomId, now: Timestamp) -> Option<Event> {
    let before = org.request(to, now);
    let again = before.is_some_and(|request| request.referral == Some(referral));
    let others = org
        .requests(now)
        .saturating_sub(usize::from(before.is_some()));
    let stranger = to != org.id && !org.connections.contains(&to);
    let may = org.root.is_some() && stranger && !again && others < limits::CONNECT_OPEN_MAX;
    may.then_some(Event::Asked {
        to,
        words: Slot(0),
        referral: Some(referral),
        until: now + limits::CONNECT_SPAN,
    })
}

/// That offer was withdrawn.
pub(super) fn withdraw_too(org: &Org, to: OrgId, referral: RoomId) -> Option<Event> {
    let request = org.asked.get(&to)?;
    (request.referral == Some(referral)).then_some(Event::Withdrawn { to })
}

/// Another organisation knocks. Not being heard yields nothing at all.
pub(super) fn hear(
    org: &Org,
    from: OrgId,
    root: PublicKey,
    referral: Option<RoomId>,
    now: Timestamp,
) -> Option<Event> {
    let deaf = from == org.id || org.connections.contains(&from) || org.excluded.contains(&from);
    let again = org
        .knock(from, now)
        .is_some_and(|knock| referral.is_none() || knock.referral == referral);
    if deaf || again {
        return None;
    }
    if org.root.is_some() && org.request(from, now).is_some() {
        return Some(Event::Met {
            from,
            root,
            words: Slot(0),
            referral,
        });
    }
    let others = org
        .knocked
        .iter()
        .filter(|(other, knock)| **other != from && knock.until > now)
        .count();
    let denied = org.preference.value.unwrap_or_default() == Preference::DenyAll;
    if denied || others >= limits::KNOCKS_MAX {
        return None;
    }
    Some(Event::Knocked {
        from,
        root,
        words: Slot(0),
        referral,
        until: now + limits::CONNECT_SPAN,
    })
}

/// A request was answered. The connection is a fact of the Relation by now; a decline is one of an open request only.
pub(super) fn learn(org: &Org, by: OrgId, take: Take) -> Option<Event> {
    let news = match take {
        Take::Both | Take::Connection => !org.connections.contains(&by),
        Take::Neither => org.asked.contains_key(&by),
    };
    news.then_some(Event::Answered { by, take })
}

pub(super) fn apply(org: &mut Org, entry: &Entry, event: &Event) {
    match event {
        Event::Asked {
            to,
            referral,
            until,
            ..
        } => asked(org, entry, *to, *referral, *until),
        Event::Withdrawn { to } => {
            org.asked.remove(to);
        }
        Event::Knocked { from, .. } => {
            org.knocked.retain(|_, knock| knock.until > entry.at);
            if let Some(knock) = knock_of(entry.seq, event) {
                org.knocked.insert(*from, knock);
            }
        }
        Event::Recalled { from } => {
            org.knocked.remove(from);
        }
        Event::Replied { from, take, .. } => match take {
            Take::Both | Take::Connection => settled(org, *from),
            Take::Neither => {
                org.knocked.remove(from);
            }
        },
        Event::Met { from, .. } => settled(org, *from),
        // A decline leaves what that organisation may itself have asked.
        Event::Answered { by, take } => match take {
            Take::Both | Take::Connection => settled(org, *by),
            Take::Neither => {
                org.asked.remove(by);
            }
        },
        Event::Disconnected { from } => {
            org.connections.remove(from);
        }
        Event::Excluded { org: other, on } => {
            if *on {
                org.knocked.remove(other);
                org.excluded.insert(*other);
            } else {
                org.excluded.remove(other);
            }
        }
        Event::Preferred { preference } => {
            org.preference = Stated::new(entry.seq, *preference);
        }
        Event::Opened { .. }
        | Event::Invited { .. }
        | Event::Cancelled { .. }
        | Event::Joined { .. }
        | Event::RoleSet { .. }
        | Event::Suspended { .. }
        | Event::Removed { .. }
        | Event::Revoked { .. }
        | Event::Certified { .. }
        | Event::Named { .. }
        | Event::Renamed { .. }
        | Event::ChannelOpened { .. }
        | Event::Admitted { .. }
        | Event::OrgInvited { .. }
        | Event::OrgClassified { .. }
        | Event::OrgSuspended { .. }
        | Event::Classified { .. }
        | Event::Halted { .. }
        | Event::Kept { .. } => {}
    }
}

fn asked(org: &mut Org, entry: &Entry, to: OrgId, referral: Option<RoomId>, until: Timestamp) {
    let date = entry.at.date();
    org.day = Some(Day {
        date,
        requests: org.requests_on(date).saturating_add(1),
    });
    org.asked.retain(|_, request| request.until > entry.at);
    let at = entry.seq;
    org.asked.insert(
        to,
        Request {
            at,
            until,
            referral,
        },
    );
}

const fn knock_of(seq: Seq, event: &Event) -> Option<Knock> {
    let Event::Knocked {
        root,
        words,
        referral,
        until,
        ..
    } = event
    else {
        return None;
    };
    Some(Knock {
        seq,
        words: TextRef { seq, slot: *words },
        referral: *referral,
        until: *until,
        root: *root,
    })
}

/// The two are connected: nothing waits between them any more.
fn settled(org: &mut Org, other: OrgId) {
    org.asked.remove(&other);
    org.knocked.remove(&other);
    org.connections.insert(other);
}
