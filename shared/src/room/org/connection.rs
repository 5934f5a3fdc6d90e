//! Connecting: the requests that went out, those that wait here, whom this organisation does not hear, and with whom it is
//! connected.
//!
//! A request stands twice: as *asked* in the room of the one who asks, as *knocked* in the room of the one who is asked.
//! The first learns of the second by its answer only, so being excluded, being refused a hearing and being left
//! unanswered look alike. Both lapse at the same moment, judged when somebody comes back to them: no clock is needed.

mod commands;
mod hearing;
mod reactions;

pub(super) use commands::{connect, exclude, prefer, reply, withdraw};
pub(super) use hearing::{ask_too, hear, learn, withdraw_too};
pub(super) use reactions::{
    on_answered, on_asked, on_claimed, on_knocked, on_met, on_replied, on_withdrawn, settles,
    was_invited,
};

use super::{Event, Org};
use crate::{
    entry::{Entry, Seq, TextRef},
    event,
    id::{Hash, OrgId, PublicKey, RoomId},
    limits,
    rejection::Rejection,
    room::Stated,
    time::{Date, Timestamp},
};
use serde::{Deserialize, Serialize};

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
    schemars::JsonSchema,
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
    schemars::JsonSchema,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Request {
    /// The entry that says so.
    pub at: Seq,
    /// When it lapses.
    pub until: Timestamp,
    /// The referral that goes with it.
    pub referral: Option<RoomId>,
}

/// A request that waits here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Knock {
    /// The entry that brought it.
    pub seq: Seq,
    /// What that entry says, as the answer names it: [`event::matter`].
    pub matter: Hash,
    /// In which words.
    pub words: TextRef,
    /// The referral that goes with it.
    pub referral: Option<RoomId>,
    /// When it lapses.
    pub until: Timestamp,
    /// The root key of the one who asks.
    pub root: PublicKey,
}

/// An offer that went to a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ToStranger {
    /// The Referral.
    pub referral: RoomId,
    /// To whom.
    pub to: OrgId,
    /// How long it is remembered: no shorter than it can be answered.
    pub until: Timestamp,
}

/// How often this organisation asked in one day, by UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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

    /// Refuses one more request while as many are open as may be; another one to the same organisation takes the place of the
    /// one before.
    pub(in crate::room) fn may_ask(&self, to: OrgId, now: Timestamp) -> Result<(), Rejection> {
        let again = usize::from(self.request(to, now).is_some());
        if self.requests(now).saturating_sub(again) >= limits::CONNECT_OPEN_MAX {
            return Err(Rejection::OverQuota {
                field: "requests to connect that are open",
                max: limits::CONNECT_OPEN_MAX,
            });
        }
        Ok(())
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

pub(super) fn apply(org: &mut Org, entry: &Entry, event: &Event) {
    match event {
        Event::Asked {
            to,
            referral,
            until,
            ..
        } => asked(org, entry, *to, *referral, *until),
        Event::Withdrawn { to } => withdrawn(org, *to),
        Event::Knocked { from, .. } => {
            org.knocked.retain(|_, knock| knock.until > entry.at);
            if let Some(knock) = knock_of(entry, event) {
                org.knocked.insert(*from, knock);
            }
        }
        Event::Recalled { from } => {
            org.knocked.remove(from);
        }
        Event::Replied { from, take, .. } => {
            org.knocked.remove(from);
            taken(org, *from, *take);
        }
        Event::Met { from, .. } => settled(org, *from),
        // A decline leaves what that organisation may itself have asked.
        Event::Answered { by, take, .. } => {
            org.asked.remove(by);
            taken(org, *by, *take);
        }
        Event::Disconnected { from } => {
            org.connections.remove(from);
        }
        Event::Excluded { org: other, on } => excluded(org, *other, *on),
        Event::Preferred { preference } => {
            org.preference = Stated::new(entry.seq, *preference);
        }
        Event::DealInvited { .. }
        | Event::DealInvitationClosed { .. }
        | Event::DealCalled { .. }
        | Event::InvitationTried { .. }
        | Event::Opened { .. }
        | Event::Invited { .. }
        | Event::Cancelled { .. }
        | Event::Joined { .. }
        | Event::RoleSet { .. }
        | Event::Suspended { .. }
        | Event::Removed { .. }
        | Event::Revoked { .. }
        | Event::Certified { .. }
        | Event::Enrolling { .. }
        | Event::Enrolled { .. }
        | Event::HandedOver { .. }
        | Event::SuccessorNamed { .. }
        | Event::SuccessorAnnounced { .. }
        | Event::SuccessionPutOff { .. }
        | Event::SuccessorRefused {}
        | Event::SuccessionLapsed {}
        | Event::SuccessorSeated { .. }
        | Event::Named { .. }
        | Event::Renamed { .. }
        | Event::ChannelOpened { .. }
        | Event::Admitted { .. }
        | Event::OrgInvited { .. }
        | Event::OrgClassified { .. }
        | Event::OrgSuspended { .. }
        | Event::Classified { .. }
        | Event::Halted { .. } => {}
    }
}

fn taken(org: &mut Org, other: OrgId, take: Take) {
    match take {
        Take::Both | Take::Connection => settled(org, other),
        Take::Neither => {}
    }
}

fn excluded(org: &mut Org, other: OrgId, on: bool) {
    if on {
        org.knocked.remove(&other);
        org.excluded.insert(other);
    } else {
        org.excluded.remove(&other);
    }
}

fn asked(org: &mut Org, entry: &Entry, to: OrgId, referral: Option<RoomId>, until: Timestamp) {
    let date = entry.at.date();
    org.day = Some(Day {
        date,
        requests: org.requests_on(date).saturating_add(1),
    });
    org.asked.retain(|_, request| request.until > entry.at);
    org.strangers.retain(|sent| sent.until > entry.at);
    if let Some(referral) = referral {
        if org.strangers.len() >= limits::STRANGERS_MAX {
            org.strangers.remove(0);
        }
        let sent = ToStranger {
            referral,
            to,
            until,
        };
        org.strangers.push(sent);
    }
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

/// A request was taken back, and the offer that it went with.
fn withdrawn(org: &mut Org, to: OrgId) {
    let request = org.asked.remove(&to);
    if let Some(referral) = request.and_then(|request| request.referral) {
        org.strangers.retain(|sent| sent.referral != referral);
    }
}

fn knock_of(entry: &Entry, event: &Event) -> Option<Knock> {
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
    let seq = entry.seq;
    Some(Knock {
        seq,
        matter: event::matter(entry)?,
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
