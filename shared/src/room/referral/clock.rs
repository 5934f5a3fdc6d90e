//! The clocks of a Referral: the time to answer, and the time to contact the customer.

use super::{Event, Referral, Stage};
use crate::{
    entry::Worded,
    event, limits,
    room::{Room, State},
    time::Timestamp,
};

/// What falls due in a Referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The offer runs out.
    Accept,
    /// The customer should have been contacted.
    Contact,
}

pub(super) fn due(referral: &Referral) -> Option<(Timestamp, Clock)> {
    if referral.stage.is_open() {
        return Some((referral.until, Clock::Accept));
    }
    let handoff = referral.handoff.as_ref()?;
    let waits = referral.stage == Stage::Accepted && !handoff.missed;
    waits.then_some((handoff.contact_by, Clock::Contact))
}

/// The clock, if it is the one that runs here and its time has come.
fn ran_out<'a>(room: &'a Room, clock: &Clock, now: Timestamp) -> Option<&'a Referral> {
    let State::Referral(referral) = &room.state else {
        return None;
    };
    due(referral)
        .filter(|(at, running)| running == clock && *at <= now)
        .map(|_| &**referral)
}

pub(crate) fn fire(room: &Room, clock: &Clock, now: Timestamp) -> Vec<Worded<event::Event>> {
    let event = match clock {
        Clock::Accept => Event::Expired {},
        Clock::Contact => Event::ContactMissed {},
    };
    ran_out(room, clock, now)
        .map(|_| Worded::plain(event::Event::Referral(event)))
        .into_iter()
        .collect()
}

/// The extension of a clock that ran out while the server was down and takes something away: the offer, from its receiver.
/// Nothing where it was extended before.
#[must_use]
pub fn extend(room: &Room, clock: &Clock, now: Timestamp) -> Vec<Worded<event::Event>> {
    let takes_away = match clock {
        Clock::Accept => true,
        Clock::Contact => false,
    };
    ran_out(room, clock, now)
        .filter(|referral| takes_away && !referral.extended)
        .map(|_| Event::Extended {
            until: now + limits::REFERRAL_EXTENSION_SPAN,
        })
        .map(|event| Worded::plain(event::Event::Referral(event)))
        .into_iter()
        .collect()
}
