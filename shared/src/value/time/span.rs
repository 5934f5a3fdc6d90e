//! How long something takes, or is still to run.

use std::fmt;
use std::ops::{Add, Neg, Sub};

use serde::{Deserialize, Serialize};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Milliseconds; below zero when something is overdue.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Span(i64);

impl Span {
    pub const ZERO: Self = Self(0);

    pub const fn millis(n: i64) -> Self {
        Self(n)
    }

    pub const fn seconds(n: i64) -> Self {
        Self(n.saturating_mul(SECOND))
    }

    pub const fn minutes(n: i64) -> Self {
        Self(n.saturating_mul(MINUTE))
    }

    pub const fn hours(n: i64) -> Self {
        Self(n.saturating_mul(HOUR))
    }

    pub const fn days(n: i64) -> Self {
        Self(n.saturating_mul(DAY))
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }

    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

/// The largest unit and the one below it, rounded toward zero: `3d 4h`, `2h 10m`, `45s`, `250ms`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.unsigned_abs();
        let (large, small) = two_units(millis);
        let sign = if self.0 < 0 { "-" } else { "" };
        match (large, small) {
            ((n, unit), (0, _)) => f.pad(&format!("{sign}{n}{unit}")),
            ((n, unit), (m, below)) => f.pad(&format!("{sign}{n}{unit} {m}{below}")),
        }
    }
}

type Count = (u64, &'static str);

fn two_units(millis: u64) -> (Count, Count) {
    let seconds = millis / 1_000;
    let minutes = seconds / 60;
    let hours = minutes / 60;
    let days = hours / 24;
    if days > 0 {
        ((days, "d"), (hours % 24, "h"))
    } else if hours > 0 {
        ((hours, "h"), (minutes % 60, "m"))
    } else if minutes > 0 {
        ((minutes, "m"), (seconds % 60, "s"))
    } else if seconds > 0 || millis == 0 {
        ((seconds, "s"), (0, "ms"))
    } else {
        ((millis, "ms"), (0, ""))
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Span {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn is_shown_in_two_units_at_most() {
        for (span, shown) in [
            (Span::ZERO, "0s"),
            (Span::millis(250), "250ms"),
            (Span::millis(999), "999ms"),
            (Span::millis(1_999), "1s"),
            (Span::seconds(45), "45s"),
            (Span::seconds(60), "1m"),
            (Span::seconds(90), "1m 30s"),
            (Span::minutes(130), "2h 10m"),
            (Span::minutes(130) + Span::seconds(59), "2h 10m"),
            (Span::hours(76), "3d 4h"),
            (Span::days(3) + Span::minutes(59), "3d"),
            (Span::hours(168), "7d"),
            (Span::minutes(-130), "-2h 10m"),
            (Span::millis(i64::MAX), "106751991167d 7h"),
            (Span::millis(i64::MIN), "-106751991167d 7h"),
        ] {
            assert_eq!(span.to_string(), shown);
        }
    }

    #[test]
    fn units_are_multiples_of_each_other() {
        assert_eq!(Span::days(1), Span::hours(24));
        assert_eq!(Span::hours(1), Span::minutes(60));
        assert_eq!(Span::minutes(1), Span::seconds(60));
        assert_eq!(Span::seconds(1).as_millis(), 1_000);
    }

    #[test]
    fn arithmetic_stops_at_the_edge() {
        assert_eq!(Span::days(i64::MAX), Span::millis(i64::MAX));
        assert_eq!(Span::hours(i64::MIN), Span::millis(i64::MIN));
        assert_eq!(-Span::millis(i64::MIN), Span::millis(i64::MAX));
        assert_eq!(
            Span::millis(i64::MAX) + Span::millis(1),
            Span::millis(i64::MAX)
        );
        assert_eq!(
            Span::millis(i64::MIN) - Span::millis(1),
            Span::millis(i64::MIN)
        );
        assert!(Span::millis(-1).is_negative() && !Span::ZERO.is_negative());
    }

    proptest! {
        #[test]
        fn the_sign_is_all_that_sets_a_span_and_its_opposite_apart(millis in 1_i64..i64::MAX) {
            let span = Span::millis(millis);
            prop_assert_eq!((-span).to_string(), format!("-{span}"));
        }
    }
}
