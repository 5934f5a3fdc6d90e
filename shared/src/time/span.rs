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
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
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
