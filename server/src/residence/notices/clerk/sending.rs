//! Letters on their way: written anew for each try, as far as their reasons still stand, and tried again until they are taken.

use super::{Carrier, Clerk, looking::quiet};
use crate::{
    ledger::{
        LedgerError,
        queue::{Changes, Parcel, Way},
        reader::Snapshot,
    },
    notices::{
        carrier::Undelivered,
        letter::{Letter, Line},
        reasons::{Reason, Recipient, class, reason},
    },
};
use futures_util::future::join_all;
use rialto_shared::{
    limits,
    room::inbox::Pace,
    time::{Span, Timestamp},
};

/// The first wait after a letter was not taken; it doubles.
const WAIT_FIRST: Span = Span::millis(60_000);
/// The longest one.
const WAIT_MAX: Span = Span::hours(1);
/// The first wait after a letter was refused for good.
const REFUSED_FIRST: Span = Span::millis(15 * 60_000);
/// The longest one.
const REFUSED_MAX: Span = Span::hours(6);

/// A way that nobody answers at: it is left alone for a while, then tried with one letter.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    /// Until when.
    pub(super) until: Timestamp,
    tries: u32,
    /// What was wrong.
    pub(super) why: String,
}

/// What a parcel gives to write.
enum Written {
    Letter(Letter),
    Later(Timestamp),
    Nothing,
}

impl<C: Carrier> Clerk<C> {
    /// Hands some letters over, a few at the same time; whether there may be more.
    pub(super) async fn send(&mut self, now: Timestamp) -> Result<bool, LedgerError> {
        let parcels = self.tried_now(now)?;
        if parcels.is_empty() {
            return Ok(false);
        }
        let mut changes = Changes::default();
        let mut letters = Vec::new();
        {
            // Ended before anybody is waited for.
            let snapshot = Snapshot::take(&self.ledger)?;
            for parcel in parcels {
                match self.letter(&snapshot, &parcel, now)? {
                    Written::Letter(letter) => letters.push((parcel, letter)),
                    Written::Nothing => changes.over.push(parcel),
                    Written::Later(due) => {
                        let later = Parcel {
                            due,
                            ..parcel.clone()
                        };
                        changes.again.push((parcel, later));
                    }
                }
            }
        }
        let carrier = &self.carrier;
        let carried = letters.iter().map(|(parcel, letter)| {
            let way = parcel.way;
            async move { carrier.carry(way, letter).await }
        });
        let outcomes = join_all(carried).await;
        for ((parcel, _), outcome) in letters.into_iter().zip(outcomes) {
            self.outcome(parcel, outcome, now, &mut changes);
        }
        self.queue.change(&changes, now)?;
        Ok(true)
    }

    /// What is to be tried by now, by ways that do not rest.
    fn tried_now(&self, now: Timestamp) -> Result<Vec<Parcel>, LedgerError> {
        let mut parcels = Vec::new();
        for way in Way::ALL {
            let most = match self.rests.get(&way) {
                Some(rest) if rest.until > now => continue,
                Some(_) => 1,
                None => limits::NOTICE_HANDS_MAX,
            };
            parcels.extend(self.queue.tries(way, now, most)?);
        }
        Ok(parcels)
    }

    /// A parcel in words, as far as its reasons still stand.
    fn letter(
        &self,
        snapshot: &Snapshot,
        parcel: &Parcel,
        now: Timestamp,
    ) -> Result<Written, LedgerError> {
        let who = Recipient::find(snapshot, parcel.member)?;
        let who = who.filter(|who| self.ways(Some(who)).contains(&parcel.way));
        let Some(who) = who else {
            return Ok(Written::Nothing);
        };
        let (mut lines, mut waits) = (Vec::new(), Vec::new());
        for notice in &parcel.notices {
            let reason = reason(snapshot, None, &who, notice, now)?;
            let until = match &reason {
                Reason::Gone => continue,
                Reason::NotYet(_) => None,
                Reason::Stands(until) => *until,
                Reason::Brings(until) => Some(*until),
            };
            let pace = class(notice.kind).map(|class| who.preferences.pace(class));
            if pace.is_none_or(|pace| pace == Pace::Off) {
                continue;
            }
            waits.push(quiet(&who, until, now));
            let line = Line::of(notice, until);
            lines.push(match reason {
                Reason::Brings(_) => line.bringing_a_referral(),
                Reason::Gone | Reason::NotYet(_) | Reason::Stands(_) => line,
            });
        }
        // Where one of them cannot wait, all of them go; else they wait together.
        match waits.iter().copied().reduce(|one, other| one.and(other)) {
            None => return Ok(Written::Nothing),
            Some(Some(over)) => return Ok(Written::Later(over)),
            Some(None) => {}
        }
        Ok(Written::Letter(Letter {
            id: parcel.id,
            member: parcel.member,
            address: who.address,
            server: self.server.clone(),
            zone: who.preferences.zone,
            at: parcel.at,
            lines,
        }))
    }

    fn outcome(
        &mut self,
        parcel: Parcel,
        outcome: Result<(), Undelivered>,
        now: Timestamp,
        changes: &mut Changes,
    ) {
        let fortune = &mut self.fortune;
        let trouble = match outcome {
            Ok(()) => {
                fortune.delivered = fortune.delivered.saturating_add(1);
                fortune.trouble = None;
                self.rests.remove(&parcel.way);
                changes.over.push(parcel);
                return;
            }
            Err(trouble) => trouble,
        };
        fortune.undelivered = fortune.undelivered.saturating_add(1);
        fortune.trouble = Some(trouble.to_string());
        tracing::warn!(way = ?parcel.way, %trouble, tries = parcel.tries, "a letter was not taken");
        let tries = parcel.tries.saturating_add(1);
        let (first, most) = match &trouble {
            Undelivered::Unreachable(_) | Undelivered::Later(_) => (WAIT_FIRST, WAIT_MAX),
            Undelivered::Refused(_) => (REFUSED_FIRST, REFUSED_MAX),
        };
        let chance = self.namer.chance(&parcel.id, tries);
        let due = now + wait(first, most, tries, chance);
        if let Undelivered::Unreachable(why) = trouble {
            let known = self.rests.get(&parcel.way);
            let tries = known.map_or(1, |rest| {
                rest.tries.saturating_add(u32::from(rest.until <= now))
            });
            let rest = Rest {
                until: now + wait(WAIT_FIRST, WAIT_MAX, tries, chance),
                tries,
                why,
            };
            self.rests.insert(parcel.way, rest);
        } else {
            self.rests.remove(&parcel.way);
        }
        let again = Parcel {
            due,
            tries,
            ..parcel.clone()
        };
        changes.again.push((parcel, again));
    }
}

/// A wait that doubles with each try, up to a most, longer or shorter by up to a quarter as chance has it.
fn wait(first: Span, most: Span, tries: u32, chance: u8) -> Span {
    let doubled = 1_i64
        .checked_shl(tries.saturating_sub(1).min(20))
        .unwrap_or(1);
    let whole = first
        .as_millis()
        .saturating_mul(doubled)
        .min(most.as_millis());
    let part = (i64::from(chance) - 128).saturating_mul(whole / 4) / 128;
    Span::millis(whole.saturating_add(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_most_and_no_two_alike() {
        let waits: Vec<i64> = (1..12)
            .map(|tries| wait(WAIT_FIRST, WAIT_MAX, tries, 128).as_millis())
            .collect();
        assert_eq!(waits[..3], [60_000, 120_000, 240_000]);
        assert_eq!(waits.last(), Some(&WAIT_MAX.as_millis()));
        let (low, high) = (
            wait(WAIT_FIRST, WAIT_MAX, 1, 0),
            wait(WAIT_FIRST, WAIT_MAX, 1, 255),
        );
        assert_eq!(low.as_millis(), 45_000);
        assert!(high > WAIT_FIRST && high.as_millis() <= 75_000);
        assert_eq!(
            wait(WAIT_FIRST, WAIT_MAX, u32::MAX, 128),
            WAIT_MAX,
            "no overflow"
        );
    }
}
