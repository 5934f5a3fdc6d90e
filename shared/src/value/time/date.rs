//! A day of the calendar, without a time: a target close, the end of an agreement.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Serialize, Serializer};

use super::Timestamp;
use crate::limits::{YEAR_MAX, YEAR_MIN};

/// From the first day of `YEAR_MIN` to the last of `YEAR_MAX`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Date(civil::Date);

impl Date {
    pub const MIN: Self = Self(civil::date(YEAR_MIN, 1, 1));
    pub const MAX: Self = Self(civil::date(YEAR_MAX, 12, 31));

    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, DateError> {
        let date = civil::Date::new(year, month, day).map_err(|_| DateError::NoSuchDay)?;
        if (YEAR_MIN..=YEAR_MAX).contains(&year) {
            Ok(Self(date))
        } else {
            Err(DateError::Year)
        }
    }

    pub(super) fn of(moment: Timestamp) -> Self {
        let utc = jiff::Timestamp::from_millisecond(moment.as_millis())
            .map(|moment| jiff::tz::Offset::UTC.to_datetime(moment).date());
        match utc {
            Ok(date) => Self(date).clamp(Self::MIN, Self::MAX),
            Err(_) if moment < Timestamp::EPOCH => Self::MIN,
            Err(_) => Self::MAX,
        }
    }

    /// The moment this day begins, by UTC; the day is over 24 hours later.
    pub fn start(self) -> Timestamp {
        let midnight = self.0.to_datetime(civil::Time::midnight());
        let moment = jiff::tz::Offset::UTC
            .to_timestamp(midnight)
            .expect("the calendar goes beyond YEAR_MAX on both sides");
        Timestamp::from_millis(moment.as_millisecond())
    }

    /// The first moment that is no longer of this day, in UTC.
    pub fn end(self) -> Timestamp {
        self.start() + crate::time::Span::days(1)
    }

    pub fn year(self) -> i16 {
        self.0.year()
    }

    pub fn month(self) -> i8 {
        self.0.month()
    }

    pub fn day(self) -> i8 {
        self.0.day()
    }
}

crate::schema::written_as!(
    Date,
    "a day of the calendar, from 2000 to 2100",
    "^(20[0-9]{2}|2100)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
);

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let mut parts = text.splitn(3, '-');
        let mut part = |digits: usize| {
            parts
                .next()
                .filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
                .ok_or(DateError::Form)
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        Self::new(
            year.parse().map_err(|_| DateError::Form)?,
            month.parse().map_err(|_| DateError::Form)?,
            day.parse().map_err(|_| DateError::Form)?,
        )
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Date({})", self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    #[error("a date is written as year, month and day, such as 2026-05-04")]
    Form,
    #[error("the calendar has no such day")]
    NoSuchDay,
    #[error("the year is not within {YEAR_MIN} to {YEAR_MAX}")]
    Year,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn says_what_is_wrong_with_a_date() {
        for (text, expected) in [
            ("2026-05-04", Ok(())),
            ("2000-01-01", Ok(())),
            ("2100-12-31", Ok(())),
            ("2024-02-29", Ok(())),
            ("2026-02-29", Err(DateError::NoSuchDay)),
            ("2100-02-29", Err(DateError::NoSuchDay)),
            ("2026-13-01", Err(DateError::NoSuchDay)),
            ("2026-00-10", Err(DateError::NoSuchDay)),
            ("2026-04-31", Err(DateError::NoSuchDay)),
            ("1999-12-31", Err(DateError::Year)),
            ("2101-01-01", Err(DateError::Year)),
            ("", Err(DateError::Form)),
            ("2026-5-4", Err(DateError::Form)),
            ("20260504", Err(DateError::Form)),
            ("2026-05-04T00:00", Err(DateError::Form)),
            ("2026-05-04 ", Err(DateError::Form)),
            ("04-05-2026", Err(DateError::Form)),
            ("+026-05-04", Err(DateError::Form)),
            ("2026-05", Err(DateError::Form)),
            ("٢٠٢٦-05-04", Err(DateError::Form)),
        ] {
            assert_eq!(text.parse::<Date>().map(|_| ()), expected, "{text}");
        }
    }

    #[test]
    fn begins_at_midnight_by_utc() {
        for date in [Date::MIN, "2026-05-04".parse().unwrap(), Date::MAX] {
            assert_eq!(date.start().to_string(), format!("{date}T00:00:00Z"));
            assert_eq!(date.start().date(), date);
        }
    }

    #[test]
    fn is_checked_when_read_back() {
        let date: Date = serde_json::from_str(r#""2026-05-04""#).unwrap();
        assert_eq!((date.year(), date.month(), date.day()), (2026, 5, 4));
        assert_eq!(serde_json::to_string(&date).unwrap(), r#""2026-05-04""#);
        assert!(serde_json::from_str::<Date>(r#""2026-02-30""#).is_err());
        assert!(serde_json::from_str::<Date>(r#""2201-01-01""#).is_err());
    }

    #[test]
    fn a_day_ends_where_the_next_begins() {
        for (day, next) in [
            ("2026-02-28", "2026-03-01"),
            ("2024-02-28", "2024-02-29"),
            ("2026-12-31", "2027-01-01"),
        ] {
            let day: Date = day.parse().unwrap();
            assert_eq!(day.end().date(), next.parse().unwrap());
            assert_eq!((day.end() - super::super::Span::millis(1)).date(), day);
        }
        assert_eq!(Date::MAX.end().to_rfc3339(), "2101-01-01T00:00:00Z");
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_read_and_sorts_as_it_reads(
            a in (2000_i16..=2100, 1_i8..=12, 1_i8..=28),
            b in (2000_i16..=2100, 1_i8..=12, 1_i8..=28),
        ) {
            let (a, b) = (Date::new(a.0, a.1, a.2).unwrap(), Date::new(b.0, b.1, b.2).unwrap());
            prop_assert_eq!(a.to_string().parse(), Ok(a));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,12}") {
            let _ = text.parse::<Date>().is_ok();
        }
    }
}
