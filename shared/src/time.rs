//! Moments, spans between them, and dates.
//!
//! All of it UTC, and all of it given: nothing here reads a clock. Arithmetic saturates, since a
//! moment comes from outside and a rule that adds a deadline to it must not be able to panic.

mod date;
mod span;

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use date::{Date, DateError};
pub use span::Span;

/// A moment: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const EPOCH: Self = Self(0);

    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// To the second, rounded down: `2026-05-04T09:30:00Z`. Moments beyond the year 9999 show as its end.
    pub fn to_rfc3339(self) -> String {
        let seconds = self.0.div_euclid(1_000);
        // Beyond what the calendar can say only from a broken or hostile clock: shown at its edge.
        let edge = if seconds < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        };
        let moment = jiff::Timestamp::from_second(seconds).unwrap_or(edge);
        format!("{moment:.0}")
    }

    /// The date in UTC; one before 2000 or after 2100 is given as the nearest that a `Date` can be.
    pub fn date(self) -> Date {
        Date::of(self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_rfc3339())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({})", self.0)
    }
}

/// RFC 3339, with `Z` or an offset. What is finer than a millisecond is dropped.
impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        text.parse::<jiff::Timestamp>()
            .map(|moment| Self(moment.as_millisecond()))
            .map_err(|_| TimestampError)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a moment of the form 2026-05-04T09:30:00Z")]
pub struct TimestampError;

impl Add<Span> for Timestamp {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.as_millis()))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.as_millis()))
    }
}

impl Sub for Timestamp {
    type Output = Span;

    fn sub(self, earlier: Self) -> Span {
        Span::millis(self.0.saturating_sub(earlier.0))
    }
}
