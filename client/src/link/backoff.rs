//! How long to wait before the next attempt: doubling from a second to half a minute, and never the same for all, so that
//! a server that comes back is not met by everybody at once.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LAST: Duration = Duration::from_secs(30);
/// What a server may ask for at most.
const ASKED_MAX: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub(super) struct Backoff {
    step: Duration,
    asked: Option<Duration>,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            step: FIRST,
            asked: None,
        }
    }
}

impl Backoff {
    /// It worked: the next wait is short again.
    pub(super) const fn reset(&mut self) {
        self.step = FIRST;
        self.asked = None;
    }

    /// The server asked for a wait.
    pub(super) fn at_least(&mut self, wait: Duration) {
        self.asked = Some(wait.min(ASKED_MAX));
    }

    /// The next wait: between half and all of the step.
    pub(super) fn next(&mut self) -> Duration {
        let step = self.step;
        self.step = step.saturating_mul(2).min(LAST);
        // Without chance the whole step is right as well.
        let share = getrandom::u32().unwrap_or(u32::MAX);
        let half = step / 2;
        let jittered = half + half.mul_f64(f64::from(share) / f64::from(u32::MAX));
        self.asked
            .take()
            .map_or(jittered, |asked| asked.max(jittered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute_and_start_again_after_success() {
        let mut backoff = Backoff::default();
        let mut bound = FIRST;
        for _ in 0..10 {
            let wait = backoff.next();
            assert!(wait >= bound / 2 && wait <= bound, "{wait:?} of {bound:?}");
            bound = (bound * 2).min(LAST);
        }
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }

    #[test]
    fn a_server_may_ask_for_a_wait_but_not_for_ever() {
        let mut backoff = Backoff::default();
        backoff.at_least(Duration::from_secs(7));
        assert_eq!(backoff.next(), Duration::from_secs(7));
        backoff.at_least(Duration::MAX);
        assert_eq!(backoff.next(), ASKED_MAX);
    }
}
