//! What lies over the screen: lists to pick from, a question before something that cannot be undone, help, the connection.
//! The topmost has the keys; Esc closes it.

pub mod form;
pub mod readers;

use super::{
    App, Screen,
    action::{self, Action},
    input::{Chord, Code},
    screen::rooms,
    words::{
        Shown,
        line::{Line, Tone},
    },
};
use form::{Form, Ready};
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    id::{MemberId, OrgId, RoomId},
    protocol::Hit,
    text::Emoji,
};
use std::collections::BTreeSet;

/// Choices that are shown at most.
const CHOICES_MAX: usize = 200;
/// Characters of a query.
const QUERY_CHARS_MAX: usize = 100;
/// What a reaction is picked from before anything is typed.
const COMMON: [&str; 12] = [
    "👍", "🎉", "😄", "🚀", "👀", "🙏", "✅", "❌", "🔥", "💯", "🤔", "👏",
];

/// Something over the screen.
#[derive(Debug)]
pub enum Overlay {
    /// A list to pick from.
    Picker(Picker),
    /// Keys and words, from this line on.
    Help(usize),
    /// A question.
    Confirm(Box<Confirm>),
    /// Something to be filled in.
    Form(Box<Form>),
    /// Who can read a room.
    Readers(Box<readers::Asked>),
    /// How the connection is.
    Connection,
    /// What was said at the bottom of the screen.
    Notices,
}

/// A question before something that cannot be undone or that others see.
#[derive(Debug)]
pub struct Confirm {
    /// What happens, and who sees it.
    pub sentence: Shown,
    /// What is done on Enter.
    pub act: Act,
}

/// What is done after a question.
#[derive(Debug)]
pub enum Act {
    /// Sends a command to a room.
    Submit(RoomId, Worded<Command>),
    /// Sends what a form led to; refused, it is there again when the form is.
    Form(Box<Form>, Box<Ready>),
    /// Opens a conversation with somebody.
    OpenDirect(MemberId),
    /// Ends.
    Quit,
}

/// What is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// A place.
    GoTo,
    /// Any action.
    Palette,
    /// What can be done with what is selected.
    Menu,
    /// A reaction to a message.
    Emoji(RoomId, Seq),
}

/// A list to pick from by a few letters.
#[derive(Debug)]
pub struct Picker {
    /// What is picked.
    pub pick: Pick,
    /// The letters.
    pub query: String,
    /// The choice that the cursor is on.
    pub at: usize,
    /// The question to the server that has no answer yet.
    pub asked: Option<u64>,
    /// What the server found.
    pub found: Vec<Hit>,
}

/// What a choice leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// A room that is kept.
    Room(RoomId),
    /// A channel that is not.
    Channel(RoomId),
    /// Somebody.
    Person(MemberId),
    /// An organisation.
    Org(OrgId),
    /// A screen.
    Screen(Screen),
    /// An action.
    Action(Action),
    /// A reaction.
    Emoji(Emoji),
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it leads to.
    pub chosen: Chosen,
    /// How it is shown.
    pub line: Line,
}

struct Candidate {
    chosen: Chosen,
    name: String,
    line: Line,
    boost: u32,
}

impl Picker {
    /// An empty one.
    #[must_use]
    pub const fn new(pick: Pick) -> Self {
        Self {
            pick,
            query: String::new(),
            at: 0,
            asked: None,
            found: vec![],
        }
    }

    /// Takes a key that edits the letters. Whether they changed.
    pub fn key(&mut self, chord: Chord) -> bool {
        match (chord.code, chord.typed()) {
            (_, Some(c)) if self.query.chars().count() < QUERY_CHARS_MAX => self.query.push(c),
            (Code::Backspace, _) => {
                self.query.pop();
            }
            (Code::Char('u'), None) if chord.ctrl => self.query.clear(),
            (_, _) => return false,
        }
        self.at = 0;
        true
    }

    /// The letters without the sign that says what is looked for; and that sign.
    #[must_use]
    pub fn words(&self) -> (Option<char>, &str) {
        let sign = self.query.chars().next();
        match sign.filter(|c| "#@$!&>".contains(*c)) {
            Some(c) if self.pick == Pick::GoTo => {
                (Some(c), self.query.get(1..).unwrap_or_default().trim())
            }
            Some(_) | None => (None, self.query.trim()),
        }
    }

    /// The choices for the letters, best first.
    #[must_use]
    pub fn choices(&self, app: &App) -> Vec<Choice> {
        let (sign, words) = self.words();
        let candidates = match self.pick {
            Pick::GoTo if sign == Some('>') => actions(app, false),
            Pick::GoTo => self.places(app, sign),
            Pick::Palette => actions(app, false),
            Pick::Menu => actions(app, true),
            Pick::Emoji(..) => reactions(words),
        };
        ranked(candidates, words)
    }

    fn places(&self, app: &App, sign: Option<char>) -> Vec<Candidate> {
        let wants = |c: char| sign.is_none_or(|sign| sign == c);
        let mut places = vec![];
        if sign.is_none() {
            places.extend(Screen::ALL.map(|screen| Candidate {
                chosen: Chosen::Screen(screen),
                name: screen.title().to_owned(),
                line: Line::own(screen.title(), Tone::Plain).end(Shown::own("screen"), Tone::Dim),
                boost: 0,
            }));
        }
        for (screen, c) in [
            (Screen::Channels, '#'),
            (Screen::Deals, '$'),
            (Screen::Referrals, '!'),
        ] {
            if wants(c) || (c == '#' && wants('@')) {
                places.extend(kept_rooms(app, screen));
            }
        }
        if wants('@') {
            places.extend(people(app));
        }
        if wants('&') {
            places.extend(orgs(app));
        }
        let known: Vec<Chosen> = places.iter().map(|one| one.chosen).collect();
        let found = self.found.iter().filter_map(found);
        places.extend(found.filter(|one| !known.contains(&one.chosen)));
        places
    }
}

fn kept_rooms(app: &App, screen: Screen) -> impl Iterator<Item = Candidate> {
    rooms::sections(app, screen)
        .into_iter()
        .flat_map(|section| section.rooms)
        .map(|one| {
            let unread = u32::try_from(one.unread.messages).unwrap_or(u32::MAX);
            let mut line = Line::of(one.name.clone(), Tone::Plain);
            if unread > 0 {
                line = line.end(Shown::said(format!("{unread} new")), Tone::Strong);
            }
            Candidate {
                chosen: Chosen::Room(one.room),
                name: one.name.as_str().to_owned(),
                line,
                boost: 8 + unread.min(8),
            }
        })
}

fn people(app: &App) -> impl Iterator<Item = Candidate> {
    let replica = app.console.replica();
    let me = replica.my_id();
    replica
        .members()
        .filter(move |card| Some(card.id) != me)
        .map(|card| {
            let name = replica.person_name(card.id);
            Candidate {
                chosen: Chosen::Person(card.id),
                line: Line::empty()
                    .say(format!("@{name}"), Tone::Plain)
                    .end(Shown::said(replica.org_name(card.org)), Tone::Org),
                name: format!("@{name}"),
                boost: 4,
            }
        })
}

fn orgs(app: &App) -> impl Iterator<Item = Candidate> {
    let replica = app.console.replica();
    replica.orgs().map(|card| {
        let name = replica.org_name(card.id);
        Candidate {
            chosen: Chosen::Org(card.id),
            line: Line::empty()
                .say(&name, Tone::Plain)
                .end(Shown::own("organisation"), Tone::Dim),
            name,
            boost: 0,
        }
    })
}

/// What can be chosen of it; nothing where it answers another question than a picker's.
fn found(hit: &Hit) -> Option<Candidate> {
    let words = |text: &Option<rialto_shared::text::Text>| {
        text.as_ref()
            .map_or_else(|| "(no name)".to_owned(), ToString::to_string)
    };
    Some(match hit {
        Hit::Channel { room, handle, .. } => Candidate {
            chosen: Chosen::Channel(*room),
            name: format!("#{handle}"),
            line: Line::empty()
                .say(format!("#{handle}"), Tone::Plain)
                .end(Shown::own("channel, not kept"), Tone::Dim),
            boost: 2,
        },
        Hit::Reader { .. } => return None,
        Hit::Person {
            member,
            name,
            org_name,
            ..
        } => Candidate {
            chosen: Chosen::Person(*member),
            name: format!("@{}", words(name)),
            line: Line::empty()
                .say(format!("@{}", words(name)), Tone::Plain)
                .end(Shown::said(words(org_name)), Tone::Org),
            boost: 2,
        },
        Hit::Org { org, name, .. } => Candidate {
            chosen: Chosen::Org(*org),
            name: words(name),
            line: Line::empty()
                .say(words(name), Tone::Plain)
                .end(Shown::own("organisation"), Tone::Dim),
            boost: 0,
        },
    })
}

/// Actions that can be done now; `here` leaves those out that go elsewhere or only move.
fn actions(app: &App, here: bool) -> Vec<Candidate> {
    use action::Group;
    let scopes = app.scopes();
    // What waits here for an answer stands first, with the key that does it.
    let waiting = app.waiting_action();
    let shown = action::actions().filter(|entry| {
        let moves = matches!(entry.group, Group::Go | Group::Move | Group::Console);
        let heard = app.keymap.label(entry.action, &scopes).is_some();
        let work = matches!(entry.group, Group::Referral | Group::Deal | Group::Partner);
        // What a moderator does has no key of its own, but is about the message that the cursor is on.
        let work =
            work || entry.keys.is_empty() && matches!(entry.group, Group::Message | Group::Room);
        let list = |screen| app.screen == screen && app.focus == super::Focus::List;
        let begins = |screen| list(screen) || list(Screen::Directory);
        // The directory's line is searched by, and nothing is written in it.
        let elsewhere = entry.action == Action::NewReferral && !begins(Screen::Referrals)
            || entry.action == Action::NewDeal && !list(Screen::Deals)
            || entry.group == Group::Write && app.screen == Screen::Directory
            || entry.action == Action::ClearDraft && app.focus == super::Focus::List;
        !(here && (moves || elsewhere || !(heard || work))) && (entry.when)(app)
    });
    shown
        .map(|entry| {
            let waits = waiting == Some(entry.action);
            let label = |action| app.keymap.label(action, &scopes);
            let keys = label(entry.action)
                .or_else(|| waits.then(|| label(Action::Answer)).flatten())
                .or_else(|| app.keymap.label(entry.action, &super::ALL_SCOPES))
                .unwrap_or_default();
            Candidate {
                chosen: Chosen::Action(entry.action),
                name: format!("{} {}", entry.label, entry.name),
                line: Line::own(entry.label, Tone::Plain)
                    .say(format!("  {}", entry.group.title()), Tone::Dim)
                    .end(Shown::said(keys), Tone::Key),
                // What is about the room as a whole has no letters of its own, so it stands first.
                boost: match entry.group {
                    Group::Referral | Group::Deal | Group::Partner if waits => 2,
                    Group::Referral | Group::Deal | Group::Partner => 1,
                    Group::Go
                    | Group::Move
                    | Group::Write
                    | Group::Message
                    | Group::Inbox
                    | Group::Room
                    | Group::Console => 0,
                },
            }
        })
        .collect()
}

fn reactions(words: &str) -> Vec<Candidate> {
    let typed: Option<Emoji> = words.parse().ok();
    let common = COMMON.iter().filter_map(|emoji| emoji.parse().ok());
    let all: BTreeSet<Emoji> = emojis::iter()
        .filter_map(|emoji| emoji.as_str().parse().ok())
        .collect();
    let list: Vec<Emoji> = if words.is_empty() {
        common.collect()
    } else {
        typed.into_iter().chain(all).collect()
    };
    list.into_iter()
        .map(|emoji| {
            let name = emoji.shortcode().unwrap_or_else(|| emoji.name());
            Candidate {
                chosen: Chosen::Emoji(emoji),
                name: name.to_owned(),
                line: Line::of(Shown::emoji(emoji), Tone::Plain)
                    .say(format!("  {name}"), Tone::Dim),
                boost: 0,
            }
        })
        .collect()
}

/// Those that match, best first; without letters all, as they came.
fn ranked(candidates: Vec<Candidate>, words: &str) -> Vec<Choice> {
    let choice = |one: Candidate| Choice {
        chosen: one.chosen,
        line: one.line,
    };
    if words.is_empty() {
        let mut all = candidates;
        all.sort_by_key(|one| std::cmp::Reverse(one.boost));
        return all.into_iter().take(CHOICES_MAX).map(choice).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(words, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = vec![];
    let mut scored: Vec<(u32, Candidate)> = candidates
        .into_iter()
        .filter_map(|one| {
            let score = pattern.score(Utf32Str::new(&one.name, &mut buffer), &mut matcher)?;
            Some((score.saturating_add(one.boost), one))
        })
        .collect();
    scored.sort_by(|(one, a), (other, b)| other.cmp(one).then_with(|| a.name.cmp(&b.name)));
    scored
        .into_iter()
        .take(CHOICES_MAX)
        .map(|(_, one)| choice(one))
        .collect()
}
