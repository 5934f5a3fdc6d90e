//! Moments, spans between them, and dates.
//!
//! All of it UTC where no zone is named, and all of it given: nothing here reads a clock. Arithmetic saturates, since a
//! moment comes from outside and a rule that adds a deadline to it must not be able to panic.

mod date;
mod span;
mod zone;

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use date::{Date, DateError};
pub use span::Span;
pub use zone::{Zone, ZoneError};

/// A moment: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn is_shown_to_the_second_in_utc() {
        for (millis, shown) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_777_887_000_999, "2026-05-04T09:30:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).to_rfc3339(), shown);
            assert_eq!(Timestamp::from_millis(millis).to_string(), shown);
        }
        for millis in [i64::MIN, i64::MAX] {
            assert!(!Timestamp::from_millis(millis).to_rfc3339().is_empty());
        }
    }

    #[test]
    fn is_read_with_any_offset() {
        let moment = Timestamp::from_millis(1_777_887_000_000);
        for text in [
            "2026-05-04T09:30:00Z",
            "2026-05-04T11:30:00+02:00",
            "2026-05-04T09:30:00.000Z",
            "2026-05-03t23:30:00-10:00",
        ] {
            assert_eq!(text.parse(), Ok(moment), "{text}");
        }
        assert_eq!(
            "2026-05-04T09:30:00.1239Z".parse(),
            Ok(moment + Span::millis(123))
        );
        for text in [
            "",
            "2026-05-04",
            "2026-05-04T09:30:00",
            "2026-02-30T09:30:00Z",
            "now",
            "1777887000000",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(TimestampError), "{text}");
        }
    }

    #[test]
    fn has_a_date_that_is_within_bounds() {
        let date = |millis| Timestamp::from_millis(millis).date().to_string();
        assert_eq!(date(1_777_887_000_000), "2026-05-04");
        assert_eq!(date(1_777_939_199_999), "2026-05-04");
        assert_eq!(date(1_777_939_200_000), "2026-05-05");
        assert_eq!(date(0), "2000-01-01");
        assert_eq!(date(i64::MIN), "2000-01-01");
        assert_eq!(date(i64::MAX), "2100-12-31");
        assert_eq!(date(5_000_000_000_000), "2100-12-31");
    }

    #[test]
    fn is_a_number_on_the_wire() {
        let moment = Timestamp::from_millis(1_777_887_000_123);
        assert_eq!(serde_json::to_string(&moment).unwrap(), "1777887000123");
        assert_eq!(
            serde_json::from_str::<Timestamp>("1777887000123").unwrap(),
            moment
        );
        assert_eq!(serde_json::to_string(&Span::seconds(2)).unwrap(), "2000");
        assert!(serde_json::from_str::<Timestamp>("1.5").is_err());
    }

    #[test]
    fn arithmetic_stops_at_the_edge() {
        let (first, last) = (
            Timestamp::from_millis(i64::MIN),
            Timestamp::from_millis(i64::MAX),
        );
        assert_eq!(last + Span::millis(1), last);
        assert_eq!(first - Span::millis(1), first);
        assert_eq!(last - first, Span::millis(i64::MAX));
        assert_eq!(first - last, Span::millis(i64::MIN));
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_read(seconds in -60_000_000_000_i64..250_000_000_000) {
            let moment = Timestamp::from_millis(seconds * 1_000);
            prop_assert_eq!(moment.to_rfc3339().parse(), Ok(moment));
        }

        #[test]
        fn a_span_leads_from_one_moment_to_the_other(a in -1_i64 << 60..1 << 60, b in -1_i64 << 60..1 << 60) {
            let (a, b) = (Timestamp::from_millis(a), Timestamp::from_millis(b));
            prop_assert_eq!(a + (b - a), b);
            prop_assert_eq!(b - (b - a), a);
        }

        #[test]
        fn any_moment_can_be_shown_and_dated(millis in any::<i64>()) {
            let moment = Timestamp::from_millis(millis);
            prop_assert!(!moment.to_rfc3339().is_empty());
            prop_assert!((Date::MIN..=Date::MAX).contains(&moment.date()));
        }
    }
}
