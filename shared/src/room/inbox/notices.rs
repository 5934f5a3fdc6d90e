//! What a member is told of outside the console, and when: in their Inbox, which nobody else reads.
//!
//! Whoever is to be told by mail says so here, with the address; the server works through it (`server/src/residence/notices`). Why
//! something stands in an Inbox decides of which class its notice is: [`What::class`].

use super::{Command, Event, Inbox, What};
use crate::{
    command::SlotRule,
    entry::{SaltedText, Slot, TextRef, Worded},
    event,
    mail::MailAddress,
    rejection::Rejection,
    room::{Case, Texts},
    text::TextKind,
    time::{Timestamp, Zone},
};
use jiff::{ToSpan as _, Zoned, civil::Time};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// What notices are about, as a member chooses among them.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
    schemars::JsonSchema,
)]
#[schemars(rename = "NoticeClass")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum Class {
    /// Somebody asks me in: to connect, into a room or a deal, to take a referral.
    Invitations,
    /// A time to answer runs that is mine: half of it is left, and a tenth.
    Clocks,
    /// I was meant, or written to, and have not read it for half an hour.
    Messages,
    /// Tasks of mine.
    Tasks,
    /// What my office brings: an organisation that is to be invited, an agreement to be signed.
    Requests,
    /// What became of things that I began.
    News,
    /// Who may come in as me, or into my organisation: a device let in, a link tried twice.
    Security,
}

/// When a notice goes out.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum Pace {
    /// When there is something.
    AtOnce,
    /// Once a day, with everything else of that day.
    Daily,
    /// Never.
    Off,
}

impl Class {
    /// When its notices go out, where a member has not said.
    #[must_use]
    pub const fn pace(self) -> Pace {
        match self {
            // What waits for an answer has a clock of its own; and whoever does not know of a device can do nothing about it.
            Self::Invitations | Self::Clocks | Self::Messages | Self::Security => Pace::AtOnce,
            Self::Tasks | Self::Requests => Pace::Daily,
            // Whoever began something looks for what became of it.
            Self::News => Pace::Off,
        }
    }
}

impl What {
    /// Of which class its notice is; none where there is nothing to do and nothing that was waited for.
    #[must_use]
    pub const fn class(self) -> Option<Class> {
        match self {
            Self::Mention => Some(Class::Messages),
            Self::Seated
            | Self::Knock
            | Self::ReferralOffered
            | Self::DealInvitation
            | Self::VendorCalled => Some(Class::Invitations),
            Self::ContactMissed => Some(Class::Clocks),
            Self::TaskAssigned | Self::TaskDue | Self::HandedOver => Some(Class::Tasks),
            Self::PleaseInvite
            | Self::AgreementProposed
            | Self::PresenceProposed
            | Self::HandoverDue => Some(Class::Requests),
            Self::InvitationTried
            | Self::DeviceAdded
            | Self::DeviceRecovery
            | Self::SuccessorAnnounced
            | Self::SuccessorSeated => Some(Class::Security),
            Self::ConnectionAccepted
            | Self::ConnectionDeclined
            | Self::AgreementConfirmed
            | Self::AgreementEnded
            | Self::Disconnected
            | Self::ReferralAccepted
            | Self::ReferralDeclined
            | Self::ReferralExpired
            | Self::ReferralWithdrawn
            | Self::ReferralReturned
            | Self::ReferralConverted
            | Self::ReferralConcluded
            | Self::InvitationAnswered
            | Self::HandedOn
            | Self::SuccessorRefused => Some(Class::News),
            Self::Unseated => None,
        }
    }
}

/// A minute of a day, as a clock on the wall shows it: `22:00`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(try_from = "u16")]
pub struct Minute(#[schemars(range(max = 1_439))] u16);

/// No minute of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is HH:MM, from 00:00 to 23:59")]
pub struct MinuteError;

/// Minutes of one day.
const DAY: u16 = 24 * 60;

impl TryFrom<u16> for Minute {
    type Error = MinuteError;

    fn try_from(minute: u16) -> Result<Self, MinuteError> {
        (minute < DAY).then_some(Self(minute)).ok_or(MinuteError)
    }
}

impl FromStr for Minute {
    type Err = MinuteError;

    fn from_str(text: &str) -> Result<Self, MinuteError> {
        let number = |text: &str, below: u16| {
            let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            let number: Option<u16> = text.parse().ok().filter(|number| *number < below);
            number.filter(|_| digits).ok_or(MinuteError)
        };
        let (hour, minute) = text.split_once(':').ok_or(MinuteError)?;
        Ok(Self(number(hour, 24)? * 60 + number(minute, 60)?))
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:02}:{:02}", self.0 / 60, self.0 % 60))
    }
}

impl Minute {
    fn time(self) -> Time {
        let part = |part: u16| i8::try_from(part).unwrap_or_default();
        Time::new(part(self.0 / 60), part(self.0 % 60), 0, 0).unwrap_or_else(|_| Time::midnight())
    }
}

/// Hours in which nothing goes out, from one time of day to another, over midnight where the first is the later.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Quiet {
    /// When they begin.
    pub from: Minute,
    /// When they are over.
    pub to: Minute,
}

/// No quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("quiet hours are FROM-TO, as in 22:00-07:00, and not the whole day")]
pub struct QuietError;

impl FromStr for Quiet {
    type Err = QuietError;

    fn from_str(text: &str) -> Result<Self, QuietError> {
        let (from, to) = text.split_once('-').ok_or(QuietError)?;
        let read = |text: &str| text.parse().map_err(|MinuteError| QuietError);
        let quiet = Self {
            from: read(from)?,
            to: read(to)?,
        };
        (quiet.from != quiet.to).then_some(quiet).ok_or(QuietError)
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}-{}", self.from, self.to))
    }
}

impl Quiet {
    fn holds(self, time: Time) -> bool {
        let (from, to) = (self.from.time(), self.to.time());
        if from < to {
            from <= time && time < to
        } else {
            from <= time || time < to
        }
    }
}

/// When a member is told of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "NoticePreferences")]
pub struct Preferences {
    /// When, by class; where one is not named, as [`Class::pace`] says.
    pub paces: BTreeMap<Class, Pace>,
    /// Hours in which nothing goes out, unless it would come too late after them.
    pub quiet: Option<Quiet>,
    /// The time of day of the mail with what goes out daily.
    pub daily_at: Minute,
    /// Where the member's clocks hang.
    pub zone: Zone,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            paces: BTreeMap::new(),
            quiet: None,
            daily_at: Minute(8 * 60),
            zone: Zone::default(),
        }
    }
}

impl Preferences {
    /// When notices of this class go out.
    #[must_use]
    pub fn pace(&self, class: Class) -> Pace {
        self.paces
            .get(&class)
            .copied()
            .unwrap_or_else(|| class.pace())
    }

    /// When the quiet hours are over, where it is quiet now.
    #[must_use]
    pub fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        let quiet = self.quiet?;
        let there = self.there(now)?;
        quiet
            .holds(there.time())
            .then(|| next(&there, quiet.to))
            .flatten()
    }

    /// When the next mail of a day goes out.
    #[must_use]
    pub fn next_daily(&self, now: Timestamp) -> Timestamp {
        let there = self.there(now);
        there
            .and_then(|there| next(&there, self.daily_at))
            .unwrap_or(now)
    }

    fn there(&self, now: Timestamp) -> Option<Zoned> {
        let now = jiff::Timestamp::from_millisecond(now.as_millis()).ok()?;
        Some(now.to_zoned(self.zone.time()))
    }
}

/// The next moment, after this one, at which the clocks there show that time. Where they skip it, right after the gap.
fn next(there: &Zoned, minute: Minute) -> Option<Timestamp> {
    let today = there.date();
    [
        today,
        today.tomorrow().ok()?,
        today.checked_add(2.days()).ok()?,
    ]
    .into_iter()
    .filter_map(|day| {
        let then = day.to_datetime(minute.time());
        then.to_zoned(there.time_zone().clone()).ok()
    })
    .find(|then| then > there)
    .map(|then| Timestamp::from_millis(then.timestamp().as_millisecond()))
}

/// What a member has set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Notices {
    /// Where mail is sent; none goes out without it.
    pub address: Option<TextRef>,
    /// When.
    pub preferences: Preferences,
}

impl Inbox {
    /// Where this member's mail is sent.
    #[must_use]
    pub fn mail(&self, texts: &Texts) -> Option<MailAddress> {
        let at = self.notices.value.as_ref()?.address?;
        texts.get(at)?.text.as_str().parse().ok()
    }

    /// When this member is told of what.
    #[must_use]
    pub fn preferences(&self) -> Preferences {
        let set = self.notices.value.as_ref();
        set.map_or_else(Preferences::default, |set| set.preferences.clone())
    }
}

pub(super) fn slots(address: bool) -> Vec<SlotRule> {
    // As long as a name, and of one line like it; what an address is, is judged beside.
    address
        .then_some(("address", TextKind::Name))
        .into_iter()
        .collect()
}

pub(super) fn decide(
    case: &Case<'_>,
    inbox: &Inbox,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Vec<Worded<event::Event>>, Rejection> {
    let Command::SetNotices {
        at,
        address,
        preferences,
    } = command
    else {
        return Err(Rejection::NotHere("notices"));
    };
    case.member()?;
    inbox.notices.unchanged_since(*at)?;
    if !preferences.zone.is_known() {
        return Err(Rejection::Value {
            field: "zone",
            want: "a time zone's name in the IANA database, as in Europe/Vienna",
        });
    }
    if preferences
        .quiet
        .is_some_and(|quiet| quiet.from == quiet.to)
    {
        return Err(Rejection::Value {
            field: "quiet",
            want: "two different times of day",
        });
    }
    let wrong = |text: &SaltedText| text.text.as_str().parse::<MailAddress>().is_err();
    if *address && texts.iter().any(wrong) {
        return Err(Rejection::Value {
            field: "address",
            want: "a mail address in lower case, as in ana@brightpath.example",
        });
    }
    let set = Event::NoticesSet {
        address: address.then_some(Slot(0)),
        preferences: preferences.clone(),
    };
    Ok(vec![Worded::new(event::Event::Inbox(set), texts.to_vec())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn vienna(quiet: &str) -> Preferences {
        Preferences {
            quiet: Some(quiet.parse().unwrap()),
            daily_at: "08:30".parse().unwrap(),
            zone: "Europe/Vienna".parse().unwrap(),
            ..Preferences::default()
        }
    }

    #[test]
    fn quiet_hours_end_by_the_clocks_of_the_member() {
        let night = vienna("22:00-07:00");
        // 21:59, 22:00, 06:59 and 07:00 in summer; 23:00 in winter.
        for (now, until) in [
            ("2026-05-07T19:59:00Z", None),
            ("2026-05-07T20:00:00Z", Some("2026-05-08T05:00:00Z")),
            ("2026-05-08T04:59:59Z", Some("2026-05-08T05:00:00Z")),
            ("2026-05-08T05:00:00Z", None),
            ("2026-12-01T22:00:00Z", Some("2026-12-02T06:00:00Z")),
        ] {
            assert_eq!(night.quiet_until(at(now)), until.map(at), "{now}");
        }
        let noon = vienna("12:00-13:00");
        let over = Some(at("2026-05-07T11:00:00Z"));
        assert_eq!(noon.quiet_until(at("2026-05-07T10:30:00Z")), over);
        assert_eq!(noon.quiet_until(at("2026-05-07T11:00:00Z")), None);
    }

    #[test]
    fn quiet_hours_whose_end_the_clocks_skip_are_over_after_the_gap() {
        // On 29 March 2026 the clocks of Vienna go from 02:00 to 03:00.
        let night = vienna("22:00-02:30");
        let until = night.quiet_until(at("2026-03-28T22:00:00Z"));
        assert_eq!(until, Some(at("2026-03-29T01:30:00Z")));
    }

    #[test]
    fn the_daily_mail_goes_out_once_a_day_by_the_clocks_of_the_member() {
        let daily = vienna("22:00-07:00");
        let morning = at("2026-05-08T06:30:00Z");
        assert_eq!(daily.next_daily(at("2026-05-07T06:30:00Z")), morning);
        assert_eq!(daily.next_daily(at("2026-05-08T06:29:59Z")), morning);
        let edge = Timestamp::from_millis(i64::MAX);
        assert_eq!(daily.next_daily(edge), edge, "no calendar, no panic");
        assert_eq!(daily.quiet_until(edge), None);
    }

    #[test]
    fn times_of_day_are_read_and_written_in_one_form() {
        for time in ["00:00", "07:05", "23:59"] {
            assert_eq!(time.parse::<Minute>().unwrap().to_string(), time);
        }
        for wrong in ["24:00", "7:05", "07:60", "0705", "-1:00", "+7:05", ""] {
            assert_eq!(wrong.parse::<Minute>(), Err(MinuteError), "{wrong}");
        }
        assert!("22:00-22:00".parse::<Quiet>().is_err());
        assert!(serde_json::from_str::<Minute>("1440").is_err());
    }

    #[test]
    fn invitations_and_clocks_come_at_once_where_nothing_was_said() {
        let said = Preferences {
            paces: BTreeMap::from([(Class::Clocks, Pace::Off)]),
            ..Preferences::default()
        };
        assert_eq!(Preferences::default().pace(Class::Clocks), Pace::AtOnce);
        assert_eq!(said.pace(Class::Invitations), Pace::AtOnce);
        assert_eq!(said.pace(Class::Clocks), Pace::Off);
    }
}
