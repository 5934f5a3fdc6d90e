//! The demo's time: it stands while the past is being told, is moved forward from event to event, and then runs with the
//! machine's clock. It never runs backwards.

use rialto_server::clock::{Clock, SystemClock};
use rialto_shared::time::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
struct Shown {
    last: Timestamp,
    running: bool,
}

/// A clock that stands until it is let go.
#[derive(Debug)]
pub(super) struct DemoClock(Mutex<Shown>);

impl DemoClock {
    /// A clock that shows this time and stands.
    pub(super) const fn standing(at: Timestamp) -> Self {
        Self(Mutex::new(Shown {
            last: at,
            running: false,
        }))
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves it forward to this time; an earlier time changes nothing.
    pub(super) fn reach(&self, at: Timestamp) {
        let mut shown = self.shown();
        shown.last = shown.last.max(at);
    }

    /// From here on it runs with the machine's clock.
    pub(super) fn let_go(&self) {
        self.shown().running = true;
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        let mut shown = self.shown();
        if shown.running {
            shown.last = shown.last.max(SystemClock.now());
        }
        shown.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_moves_forward_only_and_then_runs() {
        let at = Timestamp::from_millis;
        let clock = DemoClock::standing(at(1_000));
        assert_eq!(clock.now(), at(1_000));
        clock.reach(at(5_000));
        clock.reach(at(2_000));
        assert_eq!(clock.now(), at(5_000), "never backwards");
        clock.let_go();
        assert!(clock.now() > at(1_700_000_000_000), "the machine's time");
        let ahead = at(i64::MAX / 2);
        clock.reach(ahead);
        assert_eq!(clock.now(), ahead, "also where it was ahead of it");
    }
}
