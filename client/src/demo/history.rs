//! The last ten days of the demo, told command by command: each is judged by the rules at its own time, and one that is
//! refused ends the demo with its words. Nothing is written past the writer.

mod business;
mod channels;
mod deals;

use super::{
    DemoError,
    cast::{self, Cast, Person},
    ecosystem::{COMPANIES, Company, VENDOR, site},
    venue::Venue,
};
use crate::request;
use rialto_shared::{
    command::Command,
    entry::{Entry, SaltedText, Seq, Worded},
    event::Event,
    id::{MemberId, OrgId, RoomId},
    room::{
        self, Room, State,
        inbox::{self, What},
        org, profile, talk,
    },
    standing::OrgKind,
    text::TextKind,
    time::{Span, Timestamp},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    str::FromStr,
};

/// How far back the history goes.
pub(super) const LENGTH: Span = Span::days(10);

/// What the history leaves behind for those who act on.
#[derive(Debug)]
pub(super) struct Told {
    /// Everyone.
    pub(super) cast: Cast,
    /// The public channels that everyone reads, by handle.
    pub(super) channels: BTreeMap<String, RoomId>,
    /// The deal of the partner's that the vendor is in.
    pub(super) deal: RoomId,
    /// How many organisations there are.
    pub(super) orgs: usize,
}

impl Told {
    /// Somebody, by what the history calls them.
    pub(super) fn person(&self, who: &str) -> Result<&Person, DemoError> {
        let person = self.cast.get(who);
        person.ok_or_else(|| DemoError::Invented(format!("nobody is called {who}")))
    }
}

/// The history while it is told.
struct Story<'a> {
    venue: &'a Venue,
    orgs: BTreeMap<&'static str, OrgId>,
    cast: Cast,
    channels: BTreeMap<String, RoomId>,
    /// When the history ends: the present.
    end: Timestamp,
}

/// Tells all of it, from an empty ledger whose clock stands [`LENGTH`] before `end`.
pub(super) fn tell(venue: &Venue, end: Timestamp) -> Result<Told, DemoError> {
    let orgs = import(venue)?;
    let cast = cast::join_all(venue, &orgs)?;
    let mut story = Story {
        venue,
        orgs,
        cast,
        channels: BTreeMap::new(),
        end,
    };
    story.named_on_profile()?;
    channels::open(&mut story)?;
    business::connect(&mut story)?;
    let yard = business::refer(&mut story)?;
    channels::talk(&mut story)?;
    let deal = deals::open(&mut story)?;
    deals::today(&mut story, deal)?;
    tidy(&mut story)?;
    channels::lately(&mut story)?;
    business::lately(&mut story, yard)?;
    deals::lately(&mut story, deal)?;
    channels::guide(&mut story)?;
    venue.reach(end)?;
    Ok(Told {
        orgs: story.orgs.len(),
        cast: story.cast,
        channels: story.channels,
        deal,
    })
}

/// Whoever may be looked at as the player has done what needed them, but for what still waits or is news.
fn tidy(story: &mut Story<'_>) -> Result<(), DemoError> {
    for who in ["ana", "tom"] {
        let inbox = story.inbox(who)?;
        let mut room = Room::default();
        for entry in story.venue.entries(inbox)? {
            room::apply(&mut room, &entry);
        }
        let State::Inbox(state) = &room.state else {
            return Err(DemoError::Invented(format!("{who} has no Inbox")));
        };
        let kept = [
            What::ReferralOffered,
            What::ReferralAccepted,
            What::ReferralDeclined,
            What::TaskAssigned,
            What::VendorCalled,
        ];
        let done = state.needs.iter().filter(|need| !kept.contains(&need.what));
        for need in done {
            let done = inbox::Command::Done { need: need.id };
            story.act(who, inbox, Command::Inbox(done), &[])?;
        }
    }
    Ok(())
}

/// One more referral, by who offers it and whose organisation it goes to: its room.
#[cfg(test)]
pub(super) fn offer(venue: &Venue, told: &Told, from: &str, to: &str) -> Result<RoomId, DemoError> {
    // On a lane of their own: the numbers of the history's are used.
    let account = told.person(from)?.account.clone();
    let mut cast = told.cast.clone();
    for person in cast.values_mut() {
        if person.account.about.member == account.about.member {
            *person = Person::of(venue, account.clone())?;
        }
    }
    let mut story = Story {
        venue,
        orgs: BTreeMap::new(),
        cast,
        channels: told.channels.clone(),
        end: venue.now(),
    };
    business::offer_mill(&mut story, from, to)
}

/// Reads one of our own words as a value.
fn value<T: FromStr>(word: &str) -> Result<T, DemoError>
where
    T::Err: Display,
{
    word.parse()
        .map_err(|error| DemoError::Invented(format!("{word:?}: {error}")))
}

fn values<T: FromStr + Ord>(words: &str) -> Result<BTreeSet<T>, DemoError>
where
    T::Err: Display,
{
    words.split_whitespace().map(value).collect()
}

/// The operator's import: everything is handed to the writer at once, and then asked after.
fn import(venue: &Venue) -> Result<BTreeMap<&'static str, OrgId>, DemoError> {
    let mut orgs = BTreeMap::new();
    let mut waiting = vec![];
    let open = |kind| Command::Org(org::Command::Open { kind });
    let vendor = OrgId::from_bits(venue.chance.bytes()?);
    orgs.insert(VENDOR, vendor);
    waiting.push(venue.operate(RoomId::org(vendor), open(OrgKind::Vendor), &[VENDOR])?);
    for company in &COMPANIES {
        let id = OrgId::from_bits(venue.chance.bytes()?);
        orgs.insert(company.name, id);
        let room = RoomId::org(id);
        waiting.push(venue.operate(room, open(OrgKind::Partner), &[company.name])?);
        let class = class(company)?;
        let classify = Command::Org(org::Command::Classify { org: id, class });
        waiting.push(venue.operate(RoomId::org(vendor), classify, &[])?);
        for (command, text) in face(company)? {
            let texts: Vec<&str> = text.iter().map(String::as_str).collect();
            waiting.push(venue.operate(RoomId::profile(id), Command::Profile(command), &texts)?);
        }
    }
    for command in waiting {
        command.done()?;
    }
    Ok(orgs)
}

fn class(company: &Company) -> Result<org::Class, DemoError> {
    let text = |raw: &str| {
        let read = TextKind::Title.parse(raw);
        read.map_err(|error| DemoError::Invented(format!("{raw:?}: {error}")))
    };
    let (program, level) = company.program;
    Ok(org::Class {
        types: values(company.types)?,
        levels: BTreeMap::from([(text(program)?, Some(text(level)?))]),
    })
}

fn face(company: &Company) -> Result<[(profile::Command, Option<String>); 4], DemoError> {
    let at = Seq::ZERO;
    let (places, industries) = (values(company.places)?, values(company.industries)?);
    Ok([
        (
            profile::Command::Describe { at },
            Some(company.about.to_owned()),
        ),
        (profile::Command::Website { at }, Some(site(company.name))),
        (profile::Command::Places { places, at }, None),
        (profile::Command::Industries { industries, at }, None),
    ])
}

impl Story<'_> {
    /// The vendor's alliance managers are named on its profile: they are whom a deal calls.
    fn named_on_profile(&mut self) -> Result<(), DemoError> {
        let vendor = RoomId::profile(self.org_of("tom")?);
        let at = self.newest(vendor, "first contact", |entry| {
            matches!(
                entry.event,
                Event::Profile(profile::Event::ContactsSet { .. })
            )
            .then_some(entry.seq)
        })?;
        let members = self.members(&["tom", "sofia"])?;
        let contacts = Command::Profile(profile::Command::Contacts { members, at });
        self.act("tom", vendor, contacts, &[]).map(drop)
    }

    /// Time passes until so many minutes before the present.
    fn minutes_ago(&self, minutes: i64) -> Result<(), DemoError> {
        self.venue.reach(self.end - Span::minutes(minutes))
    }

    /// Time passes until so many hours before the present.
    fn hours_ago(&self, hours: i64) -> Result<(), DemoError> {
        self.minutes_ago(hours.saturating_mul(60))
    }

    fn person(&self, who: &str) -> Result<&Person, DemoError> {
        let person = self.cast.get(who);
        person.ok_or_else(|| DemoError::Invented(format!("nobody is called {who}")))
    }

    fn member(&self, who: &str) -> Result<MemberId, DemoError> {
        Ok(self.person(who)?.account.about.member)
    }

    fn inbox(&self, who: &str) -> Result<RoomId, DemoError> {
        Ok(RoomId::inbox(self.member(who)?))
    }

    fn members(&self, who: &[&str]) -> Result<BTreeSet<MemberId>, DemoError> {
        who.iter().map(|who| self.member(who)).collect()
    }

    /// Whom this person acts for.
    fn org_of(&self, who: &str) -> Result<OrgId, DemoError> {
        Ok(self.person(who)?.account.about.org)
    }

    fn channel(&self, handle: &str) -> Result<RoomId, DemoError> {
        let room = self.channels.get(handle).copied();
        room.ok_or_else(|| DemoError::Invented(format!("no channel is called {handle}")))
    }

    fn newest<T>(
        &self,
        room: RoomId,
        what: &str,
        find: impl Fn(&Entry) -> Option<T>,
    ) -> Result<T, DemoError> {
        self.venue.newest(room, what, find)
    }

    /// Somebody does something; its first entry.
    fn act(
        &mut self,
        who: &str,
        room: RoomId,
        what: Command,
        texts: &[&str],
    ) -> Result<Seq, DemoError> {
        Ok(self.act_worded(who, room, request::worded(what, texts)?)?.0)
    }

    /// As [`Self::act`], with texts that are salted already; they come back.
    fn act_worded(
        &mut self,
        who: &str,
        room: RoomId,
        command: Worded<Command>,
    ) -> Result<(Seq, Vec<SaltedText>), DemoError> {
        let texts = command.texts.clone();
        let person = self.cast.get_mut(who);
        let person =
            person.ok_or_else(|| DemoError::Invented(format!("nobody is called {who}")))?;
        let seq = person.send(self.venue, room, command)?.done()?;
        Ok((seq, texts))
    }

    /// Somebody says something.
    fn say(&mut self, who: &str, room: RoomId, words: &str) -> Result<Seq, DemoError> {
        self.say_to(who, room, None, &[], words)
    }

    /// Somebody answers in a thread.
    fn reply(&mut self, who: &str, room: RoomId, to: Seq, words: &str) -> Result<Seq, DemoError> {
        self.say_to(who, room, Some(to), &[], words)
    }

    fn say_to(
        &mut self,
        who: &str,
        room: RoomId,
        thread: Option<Seq>,
        mentions: &[&str],
        words: &str,
    ) -> Result<Seq, DemoError> {
        let mentions = self.members(mentions)?;
        let say = Command::Talk(talk::Command::Say { thread, mentions });
        self.act(who, room, say, &[words])
    }

    fn react(
        &mut self,
        who: &str,
        room: RoomId,
        target: Seq,
        emoji: &str,
    ) -> Result<(), DemoError> {
        let emoji = value(emoji)?;
        let react = talk::Command::React {
            target,
            emoji,
            on: true,
        };
        self.act(who, room, Command::Talk(react), &[]).map(drop)
    }

    /// Somebody opens a Direct with these.
    fn direct(&mut self, who: &str, with: &[&str]) -> Result<RoomId, DemoError> {
        let members = self.members(with)?;
        let inbox = self.inbox(who)?;
        let open = Command::Inbox(inbox::Command::OpenDirect { members });
        self.act(who, inbox, open, &[])?;
        self.newest(inbox, "Direct", |entry| {
            let Event::Inbox(inbox::Event::DirectOpened { room, .. }) = &entry.event else {
                return None;
            };
            Some(*room)
        })
    }
}
