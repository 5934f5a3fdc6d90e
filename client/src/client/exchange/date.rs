//! Days as people and their programs write them.
//!
//! Read without being told: year first; a month by name; a number above 12 that can only be the day; the day first where
//! points stand between; and a spreadsheet's serial number, which no other five digits in a column of days can be. Where two
//! readings are left the day is refused, both of them named, until somebody says in which order the file has them.

use rialto_shared::time::Date;

/// In which order a file writes days.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    strum::EnumString,
    strum::Display,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum DateOrder {
    /// As far as it can be told.
    #[default]
    Auto,
    /// Month, day, year: the United States.
    Mdy,
    /// Day, month, year: most others.
    Dmy,
    /// Year, month, day.
    Ymd,
}

/// Why a day cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// Two days are possible.
    #[error("it may be {0} or {1}")]
    Ambiguous(Date, Date),
    /// None is.
    #[error("it is no day that can be read")]
    Form,
}

/// Days from the first of January 1900, which spreadsheets count as 1, to that of 2000; they have a 29 February 1900.
const SERIAL_2000: i64 = 36_526;
/// The first of January 2000, in days since 1970.
const EPOCH_2000: i64 = 10_957;
const MILLIS_A_DAY: i64 = 86_400_000;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads a day. A time of day behind it says nothing more.
///
/// # Errors
/// See [`DayError`].
pub fn read(text: &str, order: DateOrder) -> Result<Date, DayError> {
    let text = without_time(text.trim());
    if let Some(date) = serial(text) {
        return Ok(date);
    }
    let parts: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    let &[a, b, c] = parts.as_slice() else {
        return compact(text).ok_or(DayError::Form);
    };
    if let Some(date) = named(a, b, c) {
        return date;
    }
    let dots = text.contains('.') && order == DateOrder::Auto;
    numbers((a, b, c), if dots { DateOrder::Dmy } else { order })
}

/// The day of what holds a time as well: `2026-05-04T10:00:00Z`, `5/4/2026 12:00 AM`.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else {
        return text;
    };
    let (before, _) = text.split_at(colon);
    let end = before.rfind([' ', 'T', 't']).unwrap_or(0);
    text.split_at(end).0.trim().trim_end_matches(',')
}

fn serial(text: &str) -> Option<Date> {
    let (days, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if days.len() != 5 || !digits(days) || !digits(fraction) {
        return None;
    }
    let days: i64 = days.parse().ok()?;
    let since = days.checked_sub(SERIAL_2000)?.checked_add(EPOCH_2000)?;
    let moment = rialto_shared::time::Timestamp::from_millis(since.checked_mul(MILLIS_A_DAY)?);
    let date = moment.date();
    // What lies outside the years that are kept is clamped, and then was none.
    (date.start() == moment).then_some(date)
}

/// `20260504`.
fn compact(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = text.split_at(4);
    let (month, day) = rest.split_at(2);
    of(year, month, day)
}

fn year(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        2 => year.checked_add(2000),
        _ => None,
    }
}

fn of(y: &str, m: &str, d: &str) -> Option<Date> {
    if m.len() > 2 || d.len() > 2 {
        return None;
    }
    Date::new(year(y)?, m.parse().ok()?, d.parse().ok()?).ok()
}

fn month(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let text = if text == "sept" { "sep" } else { &text };
    if text.len() < 3 {
        return None;
    }
    let place = MONTHS.iter().position(|name| name.starts_with(text))?;
    Some(place.checked_add(1)?.to_string())
}

/// One of the three is a month by its name; none where no part is.
fn named(a: &str, b: &str, c: &str) -> Option<Result<Date, DayError>> {
    let day = |text: &str| {
        let bare = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        bare.to_owned()
    };
    let read = if let Some(month) = month(a) {
        of(c, &month, &day(b))
    } else if let Some(month) = month(b) {
        if a.len() == 4 {
            of(a, &month, &day(c))
        } else {
            of(c, &month, &day(a))
        }
    } else {
        return None;
    };
    Some(read.ok_or(DayError::Form))
}

fn numbers((a, b, c): (&str, &str, &str), order: DateOrder) -> Result<Date, DayError> {
    if a.len() == 4 {
        return of(a, b, c).ok_or(DayError::Form);
    }
    let read = match order {
        DateOrder::Mdy => of(c, a, b),
        DateOrder::Dmy => of(c, b, a),
        DateOrder::Ymd => of(a, b, c),
        DateOrder::Auto => match (of(c, a, b), of(c, b, a)) {
            (Some(one), Some(other)) if one != other => {
                return Err(DayError::Ambiguous(one, other));
            }
            (one, other) => one.or(other),
        },
    };
    read.ok_or(DayError::Form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_read_in_the_forms_that_people_have() {
        for text in [
            "2026-05-14",
            "2026/5/14",
            "2026-05-14T22:10:00Z",
            "2026-05-14 22:10",
            "20260514",
            "5/14/2026",
            "5/14/26",
            "05/14/2026 12:00 AM",
            "14/05/2026",
            "14.5.2026",
            "14.05.26",
            "14-May-26",
            "14 May 2026",
            "May 14, 2026",
            "May 14th, 2026",
            "2026 May 14",
            "14 MAY 2026",
            "46156",
            "46156.75",
        ] {
            let read = read(text, DateOrder::Auto).map(|date| date.to_string());
            assert_eq!(read.as_deref(), Ok("2026-05-14"), "{text}");
        }
        let sept = read("Sept 3 2026", DateOrder::Auto).unwrap();
        assert_eq!(sept.to_string(), "2026-09-03");
    }

    #[test]
    fn two_readings_are_refused_and_named_until_the_order_is_said() {
        let error = read("03/04/2026", DateOrder::Auto).unwrap_err();
        assert_eq!(error.to_string(), "it may be 2026-03-04 or 2026-04-03");
        for (order, day) in [
            (DateOrder::Mdy, "2026-03-04"),
            (DateOrder::Dmy, "2026-04-03"),
        ] {
            assert_eq!(read("03/04/2026", order).unwrap().to_string(), day);
        }
        let same = read("5/5/2026", DateOrder::Auto).unwrap();
        assert_eq!(same.to_string(), "2026-05-05");
        let short = read("26/3/4", DateOrder::Ymd).unwrap();
        assert_eq!(short.to_string(), "2026-03-04");
        assert_eq!(
            read("3.4.2026", DateOrder::Auto).unwrap().to_string(),
            "2026-04-03"
        );
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "soon",
            "2026",
            "13/13/2026",
            "2026-02-30",
            "5/2026",
            "Feb 30 2026",
            "1/1/1999",
            "12345",
            "99999",
            "5/14/226",
            "Mayo 14 2026",
        ] {
            assert_eq!(read(text, DateOrder::Auto), Err(DayError::Form), "{text}");
        }
        assert_eq!(read("14/5/2026", DateOrder::Mdy), Err(DayError::Form));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,20}|[0-9/. :T-]{0,14}") {
            for order in [DateOrder::Auto, DateOrder::Mdy, DateOrder::Dmy, DateOrder::Ymd] {
                let _ = read(&text, order).is_ok();
            }
        }
    }
}
