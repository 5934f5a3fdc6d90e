//! Moments and spans as people read them. The clock and the zone are given: tests freeze both.

use jiff::tz::TimeZone;
use rialto_shared::time::Timestamp;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

fn zoned(at: Timestamp, zone: &TimeZone) -> Option<jiff::Zoned> {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?;
    Some(at.to_zoned(zone.clone()))
}

/// Hours and minutes: `09:14`.
#[must_use]
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    zoned(at, zone).map_or_else(String::new, |at| at.strftime("%H:%M").to_string())
}

/// The day as a number that goes up by one each midnight; where the calendar ends, the same for all.
#[must_use]
pub fn day(at: Timestamp, zone: &TimeZone) -> i64 {
    zoned(at, zone).map_or(0, |at| {
        let epoch = jiff::civil::date(1970, 1, 1);
        let since = at.date() - epoch;
        i64::from(since.get_days())
    })
}

/// The day in words: `Today`, `Yesterday`, `Mon 4 May`, and the year where it is another one.
#[must_use]
pub fn day_words(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    match day(now, zone) - day(at, zone) {
        0 => return "Today".to_owned(),
        1 => return "Yesterday".to_owned(),
        _ => {}
    }
    let (Some(at), Some(now)) = (zoned(at, zone), zoned(now, zone)) else {
        return String::new();
    };
    let form = if at.year() == now.year() {
        "%a %-d %b"
    } else {
        "%a %-d %b %Y"
    };
    at.strftime(form).to_string()
}

/// How long ago, in one unit: `now`, `9m`, `2h`, `3d`.
#[must_use]
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    span((now - at).as_millis())
}

/// How long is left, or since when it is over: `3h`, `-2h`.
#[must_use]
pub fn left(until: Timestamp, now: Timestamp) -> String {
    let left = (until - now).as_millis();
    if left < 0 {
        format!("-{}", span(left.saturating_neg()))
    } else {
        span(left)
    }
}

fn span(millis: i64) -> String {
    match millis {
        i64::MIN..MINUTE_MS => "now".to_owned(),
        MINUTE_MS..HOUR_MS => format!("{}m", millis / MINUTE_MS),
        HOUR_MS..DAY_MS => format!("{}h", millis / HOUR_MS),
        DAY_MS..=i64::MAX => format!("{}d", millis / DAY_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rialto_shared::time::Span;

    #[test]
    fn spans_have_one_unit() {
        let now = Timestamp::from_millis(1_780_000_000_000);
        for (span, words) in [
            (Span::seconds(20), "now"),
            (Span::seconds(61), "1m"),
            (Span::hours(2), "2h"),
            (Span::days(3), "3d"),
        ] {
            assert_eq!(ago(now - span, now), words);
        }
        assert_eq!(left(now - Span::hours(2), now), "-2h");
        assert_eq!(left(now + Span::hours(3), now), "3h");
    }

    #[test]
    fn days_are_of_the_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let now: Timestamp = "2026-05-04T22:30:00Z".parse().unwrap();
        assert_eq!(clock(now, &zone), "00:30");
        assert_eq!(day_words(now - Span::hours(1), now, &zone), "Yesterday");
        assert_eq!(day_words(now - Span::days(3), now, &zone), "Sat 2 May");
        assert_eq!(
            day_words(now - Span::days(200), now, &zone),
            "Fri 17 Oct 2025"
        );
    }
}
