//! What the server could not do now: its lane waits, and then everything of it goes out again, in order, under the numbers
//! it had.
//!
//! The whole lane waits, for a later command that is accepted makes the server give up every earlier one. What was on its
//! way when the answer came may still overtake it; then the earlier one comes back as `number.superseded`, a refusal.

use rialto_shared::{
    id::LaneId,
    protocol::Outcome,
    rejection::Rejection,
    time::{Span, Timestamp},
};
use std::collections::BTreeMap;

/// The first wait; each one after it is twice as long.
const FIRST: Span = Span::millis(250);
/// The longest.
const LAST: Span = Span::millis(30_000);

/// Whether an answer says that nothing was judged: the storage failed, or the server had too much to do.
pub(super) fn unavailable(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Refused(refusal) => refusal.code == Rejection::Unavailable.code(),
        Outcome::Accepted { .. } => false,
    }
}

#[derive(Debug)]
struct Wait {
    step: Span,
    until: Timestamp,
    over: bool,
}

/// The lanes that wait.
#[derive(Debug, Default)]
pub(super) struct Deferred(BTreeMap<LaneId, Wait>);

impl Deferred {
    /// Something of this lane could not be done. Answers to what was sent together count once.
    pub(super) fn put_off(&mut self, lane: LaneId, now: Timestamp) {
        let wait = self.0.entry(lane).or_insert(Wait {
            step: FIRST,
            until: now + FIRST,
            over: false,
        });
        if wait.over {
            let doubled = Span::millis(wait.step.as_millis().saturating_mul(2));
            wait.step = doubled.min(LAST);
            wait.until = now + wait.step;
            wait.over = false;
        }
    }

    /// Something of this lane was judged: the next wait is short again.
    pub(super) fn judged(&mut self, lane: LaneId) {
        if self.0.get(&lane).is_some_and(|wait| wait.over) {
            self.0.remove(&lane);
        }
    }

    /// Nothing waits: a connection begins.
    pub(super) fn reconnected(&mut self) {
        for wait in self.0.values_mut() {
            wait.over = true;
        }
    }

    /// Waits that are over by now end; whether there were any.
    pub(super) fn end(&mut self, now: Timestamp) -> bool {
        let due = self
            .0
            .values_mut()
            .filter(|wait| !wait.over && wait.until <= now);
        let mut any = false;
        for wait in due {
            wait.over = true;
            any = true;
        }
        any
    }

    /// Whether nothing of this lane is sent now.
    pub(super) fn holds(&self, lane: LaneId) -> bool {
        self.0.get(&lane).is_some_and(|wait| !wait.over)
    }

    /// When the first wait is over.
    pub(super) fn next(&self) -> Option<Timestamp> {
        let open = self.0.values().filter(|wait| !wait.over);
        open.map(|wait| wait.until).min()
    }
}
