//! Forms: what has to be said before something can be done, field by field, in one step or in several.
//!
//! What is filled in goes to disk while it is written; closed and opened again, the form has it. What it leads to is made
//! of it by the files below, one for each kind of thing; where that cannot be undone, or shows something to another
//! organisation, one sentence says so, and only then is it sent.

mod connection;
mod deal;
mod keys;
mod notices;
mod referral;
mod room;

pub use connection::OnConnection;
pub use deal::{OnDeal, Parting, Saying, Steering, Tasking};
pub use keys::Pressed;
pub use referral::{OnReferral, offer_of};
pub use room::OnRoom;

use crate::app::{
    App,
    words::{Shown, line::Line},
};
use rialto_shared::{
    command::Command,
    entry::Worded,
    id::{MemberId, OrgId, RoomId, Salt},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Characters of one field: the longest text that any command holds.
const FIELD_CHARS_MAX: usize = 8 * 1024;

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Something of a referral, or of our side of one.
    Referral(OnReferral),
    /// Something of a deal.
    Deal(OnDeal),
    /// Something between two organisations.
    Connection(OnConnection),
    /// Something of a room as a whole, or of a message in it.
    Room(OnRoom),
    /// What I am told of outside the console.
    Notices,
}

impl Purpose {
    /// Where what is filled in is kept. The name is only ever compared with itself.
    #[must_use]
    pub fn place(self) -> String {
        format!("form {self:?}")
    }
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
    /// Names that go on from what is written.
    pub known: Vec<String>,
    /// In which step of the form it stands.
    pub step: usize,
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
    /// What its steps are called, the last of them without fields; none where it is filled in at once.
    pub steps: &'static [&'static str],
    /// The step that is seen.
    pub step: usize,
    /// The first line of the preview that is seen.
    pub from: usize,
    /// What was wrong when it was sent last.
    pub wrong: Option<Shown>,
    /// Since when it has something that is not on disk.
    pub unsaved: Option<Timestamp>,
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
    /// A case that is to be offered as soon as it is there.
    pub offer: Option<Offering>,
}

/// A case that was confirmed to be offered, before there was a room for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offering {
    /// The salt of its draft, which is no other's.
    pub salt: Salt,
    /// To whom.
    pub to: OrgId,
    /// In which words, where the two are not connected.
    pub words: String,
}

impl Field {
    fn text(label: &'static str, hint: &'static str) -> Self {
        Self::filled(label, hint, String::new())
    }

    const fn new(label: &'static str, hint: &'static str, value: Value) -> Self {
        Self {
            label,
            hint,
            value,
            known: vec![],
            step: 0,
        }
    }

    const fn filled(label: &'static str, hint: &'static str, text: String) -> Self {
        Self::new(label, hint, Value::Text(text))
    }

    fn choice<T: ToString>(label: &'static str, hint: &'static str, options: &[T]) -> Self {
        let options = options.iter().map(ToString::to_string).collect();
        Self::new(label, hint, Value::Choice { options, at: 0 })
    }

    /// A choice that nobody is spared: none is made until somebody makes it.
    fn open_choice<T: ToString>(label: &'static str, hint: &'static str, options: &[T]) -> Self {
        let none = std::iter::once(String::new());
        let options: Vec<String> = none
            .chain(options.iter().map(ToString::to_string))
            .collect();
        Self::choice(label, hint, &options)
    }

    /// With this one chosen, where it is there.
    fn at(mut self, wanted: &str) -> Self {
        if let Value::Choice { options, at } = &mut self.value {
            *at = options.iter().position(|one| one == wanted).unwrap_or(*at);
        }
        self
    }

    const fn flag(label: &'static str, hint: &'static str, on: bool) -> Self {
        Self::new(label, hint, Value::Flag(on))
    }

    /// With names that can be completed.
    fn knowing(mut self, known: Vec<String>) -> Self {
        self.known = known;
        self
    }

    /// In this step of its form.
    const fn step(mut self, step: usize) -> Self {
        self.step = step;
        self
    }

    /// As it is shown.
    #[must_use]
    pub fn shown(&self) -> Shown {
        match &self.value {
            Value::Text(text) => Shown::said(text),
            Value::Choice { .. } if self.said().is_empty() => Shown::own("(none yet)"),
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

    /// What it holds, as one text.
    fn said(&self) -> &str {
        match &self.value {
            Value::Text(text) => text.trim(),
            Value::Choice { options, at } => options.get(*at).map_or("", String::as_str),
            Value::Flag(true) => "yes",
            Value::Flag(false) => "no",
        }
    }

    /// Takes what was kept of it.
    fn take(&mut self, said: &str) {
        match &mut self.value {
            Value::Text(text) => {
                let words = Shown::said(said);
                *text = words.as_str().chars().take(FIELD_CHARS_MAX).collect();
            }
            Value::Choice { options, at } => {
                *at = options.iter().position(|one| one == said).unwrap_or(*at);
            }
            Value::Flag(on) => *on = said == "yes",
        }
    }

    /// The names that go on from the last one written, and where that begins.
    #[must_use]
    pub fn completions(&self) -> (usize, Vec<&str>) {
        let Value::Text(text) = &self.value else {
            return (0, vec![]);
        };
        let comma = text.rfind(',').map_or(0, |at| at + 1);
        let rest = text.get(comma..).unwrap_or_default();
        let begin = comma + (rest.len() - rest.trim_start().len());
        let wanted = rest.trim().trim_start_matches('@').to_lowercase();
        let fits = |name: &&String| {
            let name = name.to_lowercase();
            name != wanted && name.starts_with(&wanted)
        };
        let names = self.known.iter().filter(fits).map(String::as_str).collect();
        (begin, names)
    }
}

impl Form {
    fn new(purpose: Purpose, title: impl AsRef<str>, fields: Vec<Field>) -> Self {
        Self {
            purpose,
            title: Shown::said(title),
            fields,
            at: 0,
            steps: &[],
            step: 0,
            from: 0,
            wrong: None,
            unsaved: None,
        }
    }

    /// In these steps.
    const fn in_steps(mut self, steps: &'static [&'static str]) -> Self {
        self.steps = steps;
        self
    }

    /// The form for something.
    ///
    /// # Errors
    /// Why it cannot be done now, in words.
    pub fn open(app: &App, purpose: Purpose) -> Result<Self, String> {
        match purpose {
            Purpose::Referral(what) => referral::form(app, what),
            Purpose::Deal(what) => deal::form(app, what),
            Purpose::Connection(what) => connection::form(app, what),
            Purpose::Room(what) => room::form(app, what),
            Purpose::Notices => notices::form(app),
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
            Purpose::Room(what) => room::ready(app, self, what),
            Purpose::Notices => notices::ready(app, self),
        }
    }

    /// Whether the step that is seen is filled in.
    ///
    /// # Errors
    /// What is missing or wrong in it, in words.
    pub fn check(&self, app: &App) -> Result<(), String> {
        match self.purpose {
            Purpose::Referral(what) => referral::check(app, self, what),
            Purpose::Deal(_) | Purpose::Connection(_) | Purpose::Room(_) | Purpose::Notices => {
                Ok(())
            }
        }
    }

    /// What others will see of what is filled in, or what this answers, where the form shows that.
    #[must_use]
    pub fn preview(&self, app: &App, cells: usize) -> Vec<Line> {
        match self.purpose {
            Purpose::Referral(what) => referral::preview(app, self, what, cells),
            Purpose::Connection(what) => connection::preview(app, what, cells),
            Purpose::Deal(_) | Purpose::Room(_) | Purpose::Notices => vec![],
        }
    }

    /// What is filled in, as it is kept on disk.
    #[must_use]
    pub fn kept(&self) -> String {
        let said: BTreeMap<&str, &str> = self
            .fields
            .iter()
            .map(|field| (field.label, field.said()))
            .collect();
        serde_json::to_string(&said).unwrap_or_default()
    }

    /// Takes what was kept on disk; what no longer fits is left as it is.
    pub fn fill(&mut self, kept: &str) {
        let said: BTreeMap<String, String> = serde_json::from_str(kept).unwrap_or_default();
        for field in &mut self.fields {
            if let Some(said) = said.get(field.label) {
                field.take(said);
            }
        }
    }

    /// Says what is wrong, and goes to the field that it is about.
    pub fn blame(&mut self, words: &str) {
        let label = words.split(':').next().unwrap_or_default();
        let field = self.fields.iter().position(|field| field.label == label);
        if let Some((at, field)) = field.and_then(|at| Some((at, self.fields.get(at)?))) {
            (self.at, self.step) = (at, field.step);
        }
        self.wrong = Some(Shown::said(words));
    }

    /// What a field says; nothing where it is empty.
    fn said(&self, label: &str) -> &str {
        let field = self.fields.iter().find(|field| field.label == label);
        field.map_or("", Field::said)
    }

    /// What a field says, which must say something.
    fn needed(&self, label: &str) -> Result<&str, String> {
        let chosen =
            |field: &Field| field.label == label && matches!(field.value, Value::Choice { .. });
        match self.said(label) {
            "" if self.fields.iter().any(chosen) => {
                Err(format!("{label}: none is chosen: Right does"))
            }
            "" => Err(format!("{label}: nothing is said")),
            said => Ok(said),
        }
    }

    fn yes(&self, label: &str) -> bool {
        self.said(label) == "yes"
    }

    /// A field read as something; the words say what would be right.
    fn read<T: std::str::FromStr>(&self, label: &str, want: &str) -> Result<T, String> {
        let said = self.needed(label)?;
        said.parse().map_err(|_| format!("{label}: {want}"))
    }

    /// The same, where it may stay empty.
    fn read_if_said<T: std::str::FromStr>(
        &self,
        label: &str,
        want: &str,
    ) -> Result<Option<T>, String> {
        match self.said(label) {
            "" => Ok(None),
            _ => self.read(label, want).map(Some),
        }
    }

    /// People, named with commas between; oneself where nobody is.
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
        let people = people.map_err(|words| format!("{label}: {words}"))?;
        Ok(if people.is_empty() {
            BTreeSet::from([me])
        } else {
            people
        })
    }

    /// One person, who must be named.
    fn person(&self, app: &App, label: &str) -> Result<MemberId, String> {
        self.needed(label)?;
        let mut people = self.people(app, label)?.into_iter();
        match (people.next(), people.next()) {
            (Some(only), None) => Ok(only),
            (_, _) => Err(format!("{label}: one person")),
        }
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
}
