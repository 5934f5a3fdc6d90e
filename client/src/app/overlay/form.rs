//! Forms: what has to be said before something can be done, field by field.
//!
//! A form is closed with what was filled in kept; opened again it has it. What it leads to is made of it by the files
//! below, one for each kind of thing; where that cannot be undone, or shows something to another organisation, a question
//! with one sentence follows, and only then is it sent.

mod connection;
mod deal;
mod referral;

pub use connection::OnConnection;
pub use deal::OnDeal;
pub use referral::OnReferral;

use crate::app::{
    App,
    input::{Chord, Code},
    words::Shown,
};
use rialto_shared::{
    command::Command,
    entry::Worded,
    id::{MemberId, OrgId, RoomId},
};
use std::collections::BTreeSet;

/// Characters of one field: the longest text that any command holds.
const FIELD_CHARS_MAX: usize = 8 * 1024;

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Something of a referral.
    Referral(OnReferral),
    /// Something of a deal.
    Deal(OnDeal),
    /// Something between two organisations.
    Connection(OnConnection),
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// One of several.
    Choice {
        /// Which there are.
        options: Vec<String>,
        /// Which it is.
        at: usize,
    },
    /// Yes or no.
    Flag(bool),
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is called.
    pub label: &'static str,
    /// What it should hold, and who sees it.
    pub hint: &'static str,
    /// What it holds.
    pub value: Value,
}

/// A form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What for.
    pub purpose: Purpose,
    /// What stands over it.
    pub title: Shown,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The field that has the keys.
    pub at: usize,
    /// What was wrong when it was sent last.
    pub wrong: Option<Shown>,
}

/// What a form leads to.
#[derive(Debug)]
pub struct Ready {
    /// Who judges it.
    pub room: RoomId,
    /// What is asked.
    pub command: Worded<Command>,
    /// What happens and who sees it, where that is to be said first.
    pub sentence: Option<Shown>,
}

/// What a key did to a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// It goes on.
    On,
    /// It is to be sent.
    Send,
    /// It is closed; what was filled in is kept.
    Close,
}

impl Field {
    fn text(label: &'static str, hint: &'static str) -> Self {
        Self::filled(label, hint, String::new())
    }

    const fn filled(label: &'static str, hint: &'static str, text: String) -> Self {
        Self {
            label,
            hint,
            value: Value::Text(text),
        }
    }

    fn choice<T: ToString>(label: &'static str, hint: &'static str, options: &[T]) -> Self {
        Self {
            label,
            hint,
            value: Value::Choice {
                options: options.iter().map(ToString::to_string).collect(),
                at: 0,
            },
        }
    }

    /// With this one chosen, where it is there.
    fn at(mut self, wanted: &str) -> Self {
        if let Value::Choice { options, at } = &mut self.value {
            *at = options.iter().position(|one| one == wanted).unwrap_or(*at);
        }
        self
    }

    const fn flag(label: &'static str, hint: &'static str, on: bool) -> Self {
        Self {
            label,
            hint,
            value: Value::Flag(on),
        }
    }

    /// As it is shown.
    #[must_use]
    pub fn shown(&self) -> Shown {
        match &self.value {
            Value::Text(text) => Shown::said(text),
            Value::Choice { options, at } => Shown::said(
                options
                    .get(*at)
                    .map_or("", String::as_str)
                    .replace('_', " "),
            ),
            Value::Flag(true) => Shown::own("[x] yes"),
            Value::Flag(false) => Shown::own("[ ] no"),
        }
    }
}

impl Form {
    fn new(purpose: Purpose, title: impl AsRef<str>, fields: Vec<Field>) -> Self {
        Self {
            purpose,
            title: Shown::said(title),
            fields,
            at: 0,
            wrong: None,
        }
    }

    /// The form for something, where it can be done.
    #[must_use]
    pub fn open(app: &App, purpose: Purpose) -> Option<Self> {
        match purpose {
            Purpose::Referral(what) => referral::form(app, what),
            Purpose::Deal(what) => deal::form(app, what),
            Purpose::Connection(what) => connection::form(app, what),
        }
    }

    /// What it leads to.
    ///
    /// # Errors
    /// What is missing or wrong, in words.
    pub fn ready(&self, app: &App) -> Result<Ready, String> {
        match self.purpose {
            Purpose::Referral(what) => referral::ready(app, self, what),
            Purpose::Deal(what) => deal::ready(app, self, what),
            Purpose::Connection(what) => connection::ready(app, self, what),
        }
    }

    fn value(&self, label: &str) -> Option<&Value> {
        let field = self.fields.iter().find(|field| field.label == label)?;
        Some(&field.value)
    }

    /// What a field says; nothing where it is empty.
    fn said(&self, label: &str) -> &str {
        match self.value(label) {
            Some(Value::Text(text)) => text.trim(),
            Some(Value::Choice { options, at }) => options.get(*at).map_or("", String::as_str),
            Some(Value::Flag(_)) | None => "",
        }
    }

    /// What a field says, which must say something.
    fn needed(&self, label: &str) -> Result<&str, String> {
        match self.said(label) {
            "" => Err(format!("{label}: nothing is said")),
            said => Ok(said),
        }
    }

    fn yes(&self, label: &str) -> bool {
        matches!(self.value(label), Some(Value::Flag(true)))
    }

    /// A field read as something; the words say what would be right.
    fn read<T: std::str::FromStr>(&self, label: &str, want: &str) -> Result<T, String> {
        let said = self.needed(label)?;
        said.parse().map_err(|_| format!("{label}: {want}"))
    }

    /// People of one's own organisation, named with commas between; oneself where nobody is.
    fn people(&self, app: &App, label: &str) -> Result<BTreeSet<MemberId>, String> {
        let replica = app.console.replica();
        let me = replica.my_id().ok_or("you are not known here yet")?;
        let own = replica.person_name(me).to_lowercase();
        let named = self.said(label).split(',').map(str::trim);
        let people: Result<BTreeSet<MemberId>, String> = named
            .filter(|name| !name.is_empty())
            .map(|name| {
                if name == "me" || name.trim_start_matches('@').to_lowercase() == own {
                    return Ok(me);
                }
                replica
                    .resolve_person(name)
                    .map_err(|error| error.to_string())
            })
            .collect();
        let people = people?;
        Ok(if people.is_empty() {
            BTreeSet::from([me])
        } else {
            people
        })
    }

    /// An organisation by its name, or the beginning that only one has.
    fn org(&self, app: &App, label: &str) -> Result<OrgId, String> {
        let said = self.needed(label)?;
        if let Ok(id) = said.parse() {
            return Ok(id);
        }
        let wanted = said.to_lowercase();
        let named = |fits: &dyn Fn(&str) -> bool| -> Vec<OrgId> {
            app.known_orgs()
                .into_iter()
                .filter(|org| fits(&app.org_name(*org).to_lowercase()))
                .collect()
        };
        let exact = named(&|name| name == wanted);
        let begin = named(&|name| name.starts_with(&wanted));
        match (exact.as_slice(), begin.as_slice()) {
            ([only], _) | ([], [only]) => Ok(*only),
            ([], []) => Err(format!(
                "{label}: no organisation that is known here is called {said:?}: find it in the directory first"
            )),
            (_, _) => Err(format!(
                "{label}: several organisations are called {said:?}"
            )),
        }
    }

    /// Takes a key.
    pub fn key(&mut self, chord: Chord) -> Pressed {
        let last = self.fields.len().saturating_sub(1);
        match (chord.code, chord.shift) {
            (Code::Esc, _) => return Pressed::Close,
            (Code::Char('s'), _) if chord.ctrl => return Pressed::Send,
            (Code::Enter, _) if self.at >= last && !chord.alt => return Pressed::Send,
            (Code::Enter | Code::Tab | Code::Down, false) => self.at = (self.at + 1).min(last),
            (Code::Tab, true) | (Code::Up, _) => self.at = self.at.saturating_sub(1),
            (_, _) => self.edit(chord),
        }
        Pressed::On
    }

    fn edit(&mut self, chord: Chord) {
        self.wrong = None;
        let Some(field) = self.fields.get_mut(self.at) else {
            return;
        };
        match &mut field.value {
            Value::Text(text) => match (chord.code, chord.typed()) {
                (_, Some(c)) if text.chars().count() < FIELD_CHARS_MAX => text.push(c),
                (Code::Backspace, _) => {
                    text.pop();
                }
                (Code::Char('u'), None) if chord.ctrl => text.clear(),
                (_, _) => {}
            },
            Value::Choice { options, at } => {
                let last = options.len().saturating_sub(1);
                match (chord.code, chord.typed()) {
                    (Code::Right, _) | (_, Some(' ')) if *at < last => *at += 1,
                    (_, Some(' ')) => *at = 0,
                    (Code::Left, _) => *at = at.saturating_sub(1),
                    (_, Some(c)) => {
                        // The next one that begins with this letter, round and round.
                        let begins = |one: &String| one.starts_with(c);
                        let after = options.iter().skip(*at + 1).position(begins);
                        let next = after.map(|found| *at + 1 + found);
                        *at = next.or(options.iter().position(begins)).unwrap_or(*at);
                    }
                    (_, _) => {}
                }
            }
            Value::Flag(on) => match (chord.code, chord.typed()) {
                (Code::Left | Code::Right, _) | (_, Some(' ')) => *on = !*on,
                (_, Some('y' | 'x')) => *on = true,
                (_, Some('n')) => *on = false,
                (_, _) => {}
            },
        }
    }

    /// Takes a paste into the text that has the keys.
    pub fn paste(&mut self, text: &str) {
        if let Some(Field {
            value: Value::Text(held),
            ..
        }) = self.fields.get_mut(self.at)
        {
            let room = FIELD_CHARS_MAX.saturating_sub(held.chars().count());
            let words = Shown::said(text);
            held.extend(words.as_str().chars().take(room));
        }
    }
}
