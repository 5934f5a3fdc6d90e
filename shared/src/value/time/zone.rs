//! A time zone, by its name in the IANA database: `Europe/Vienna`.
//!
//! The database is compiled in, so that every server and client of one version judges alike and nothing is read from the
//! machine. A log outlives it: a name is read by its form alone, and one that this program does not know counts as UTC.

use super::Timestamp;
use crate::limits::ZONE_CHARS_MAX;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// No name of a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time zone is a name of the IANA database, as in Europe/Vienna, or UTC")]
pub struct ZoneError;

/// The name of a time zone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Zone(String);

crate::schema::written_as!(
    Zone,
    "a time zone's name in the IANA database",
    format!("^[A-Za-z0-9_+/-]{{1,{ZONE_CHARS_MAX}}}$")
);

impl Zone {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the database of this program has it, in this spelling.
    #[must_use]
    pub fn is_known(&self) -> bool {
        let found = TimeZoneDatabase::bundled().get(&self.0);
        found.is_ok_and(|zone| zone.iana_name() == Some(self.0.as_str()))
    }

    /// What the clocks on its walls show then; UTC where the name is unknown.
    pub(crate) fn time(&self) -> TimeZone {
        let found = TimeZoneDatabase::bundled().get(&self.0);
        found.unwrap_or(TimeZone::UTC)
    }

    /// A moment as people there say it, with the zone: `Thu 7 May 2026, 11:30 (Europe/Vienna)`.
    #[must_use]
    pub fn shown(&self, moment: Timestamp) -> String {
        let Ok(moment) = jiff::Timestamp::from_millisecond(moment.as_millis()) else {
            return moment.to_string();
        };
        let there = moment.to_zoned(self.time());
        format!("{} ({self})", there.strftime("%a %-d %b %Y, %H:%M"))
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for Zone {
    type Error = ZoneError;

    fn try_from(text: String) -> Result<Self, ZoneError> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"_+/-".contains(&b);
        let fits = !text.is_empty() && text.len() <= ZONE_CHARS_MAX && text.bytes().all(fits);
        fits.then_some(Self(text)).ok_or(ZoneError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_by_its_form_and_known_by_the_database() {
        for known in ["UTC", "Europe/Vienna", "America/Argentina/Ushuaia"] {
            assert!(known.parse::<Zone>().unwrap().is_known(), "{known}");
        }
        for unknown in ["Europe/Wien", "europe/vienna", "Mars/Olympus_Mons"] {
            assert!(!unknown.parse::<Zone>().unwrap().is_known(), "{unknown}");
        }
        for wrong in ["", "Europe/Vienna ", "Zürich", "../../etc/passwd\0"] {
            assert_eq!(wrong.parse::<Zone>(), Err(ZoneError), "{wrong:?}");
        }
    }

    #[test]
    fn a_moment_is_said_as_people_there_say_it_and_in_utc_where_nobody_knows() {
        let moment: Timestamp = "2026-05-07T09:30:00Z".parse().unwrap();
        let said = |zone: &str| zone.parse::<Zone>().unwrap().shown(moment);
        assert_eq!(
            said("Europe/Vienna"),
            "Thu 7 May 2026, 11:30 (Europe/Vienna)"
        );
        assert_eq!(
            said("America/New_York"),
            "Thu 7 May 2026, 05:30 (America/New_York)"
        );
        assert_eq!(
            said("Mars/Olympus_Mons"),
            "Thu 7 May 2026, 09:30 (Mars/Olympus_Mons)"
        );
        let edge = Timestamp::from_millis(i64::MAX);
        assert!(!Zone::default().shown(edge).is_empty());
    }
}
