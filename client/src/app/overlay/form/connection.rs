//! Forms on connections and agreements.

use super::{Field, Form, Purpose, Ready};
use crate::{
    app::{
        App,
        screen::preview,
        words::{Shown, line::Line},
    },
    request,
};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    id::{OrgId, RoomId},
    room::{
        org::{self, Preference, Take},
        relation,
    },
    standing::AgreementKind,
    time::Date,
};
use std::collections::{BTreeMap, BTreeSet};
use strum::VariantArray as _;

/// What a form on a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnConnection {
    /// Asking an organisation to connect.
    Connect(OrgId),
    /// Answering such a request.
    Answer(OrgId),
    /// Saying whose requests are heard.
    Prefer,
    /// Proposing an agreement.
    Agree(RoomId),
    /// Ending one, or taking a proposal away.
    End(RoomId),
}

pub(super) fn form(app: &App, purpose: OnConnection) -> Result<Form, String> {
    let (title, fields) = match purpose {
        OnConnection::Connect(org) => (
            format!("Ask {} to connect", app.org_name(org)),
            vec![Field::text(
                "words",
                "why; they see it with your organisation's name",
            )],
        ),
        OnConnection::Answer(from) => (
            format!("{} asks to connect", app.org_name(from)),
            answering(app, from)?,
        ),
        OnConnection::Prefer => {
            let now = app.own().and_then(|own| own.preference.value);
            let now: &'static str = now.unwrap_or_default().into();
            let heard = "deny all: nobody's, except where you asked first";
            let choice = Field::choice("requests", heard, &["allow_all", "deny_all"]).at(now);
            (
                "Whose requests to connect are heard".to_owned(),
                vec![choice],
            )
        }
        OnConnection::Agree(_) => (
            "Propose an agreement".to_owned(),
            vec![
                Field::choice("kind", "", AgreementKind::VARIANTS),
                Field::text("reference", "where the paper is; both see it"),
                Field::filled("from", "its first day", app.now.date().to_string()),
                Field::text("to", "its last day; may stay empty"),
            ],
        ),
        OnConnection::End(room) => {
            let all: Vec<String> = agreements(app, room).into_keys().collect();
            if all.is_empty() {
                return Err("there is no agreement between you".to_owned());
            }
            let choice = Field::choice("agreement", "it is over for both", &all);
            ("End an agreement, or a proposal".to_owned(), vec![choice])
        }
    };
    Ok(Form::new(Purpose::Connection(purpose), title, fields))
}

/// The request that is answered: who asks, in which words, and what comes with it.
pub(super) fn preview(app: &App, purpose: OnConnection, cells: usize) -> Vec<Line> {
    match purpose {
        OnConnection::Answer(from) => {
            let mut lines = preview::knock(app, from, cells);
            lines.push(Line::empty());
            lines
        }
        OnConnection::Connect(_)
        | OnConnection::Prefer
        | OnConnection::Agree(_)
        | OnConnection::End(_) => vec![],
    }
}

fn answering(app: &App, from: OrgId) -> Result<Vec<Field>, String> {
    let knock = app.own().and_then(|own| own.knock(from, app.now));
    let knock = knock.ok_or("they do not ask to connect, or no longer")?;
    if knock.referral.is_none() {
        let takes = [Take::Connection, Take::Neither];
        return Ok(vec![Field::choice("take", "what you take of it", &takes)]);
    }
    let me = app.console.replica().my_id();
    let me = me.map(|me| app.console.replica().person_name(me));
    let hint = "who works on the referral, with commas between";
    let people = Field::filled("people", hint, me.unwrap_or_default());
    Ok(vec![
        Field::choice(
            "take",
            "both: the connection and the referral",
            Take::VARIANTS,
        ),
        people.knowing(app.colleagues()),
    ])
}

/// What there is between two organisations, as it is chosen, with its kind and the entry that somebody signed last.
fn agreements(app: &App, room: RoomId) -> BTreeMap<String, (AgreementKind, Seq)> {
    let held = app.console.replica().room(room);
    let Some(relation) = held.and_then(|held| held.room.state.relation()) else {
        return BTreeMap::new();
    };
    let all = relation.agreements.iter();
    all.map(|(proposal, agreement)| {
        let term: &'static str = (&agreement.term).into();
        let name = format!("{proposal} {}, {term}", agreement.kind);
        (name, (agreement.kind, agreement.at))
    })
    .collect()
}

fn end(app: &App, form: &Form, room: RoomId) -> Result<Ready, String> {
    let chosen = form.needed("agreement")?;
    let all = agreements(app, room);
    let (kind, at) = *all.get(chosen).ok_or("agreement: it is over already")?;
    let words = format!("The {kind} is over for both organisations at once, signed by you.");
    Ok(Ready {
        room,
        command: Worded::plain(Command::Relation(relation::Command::End { kind, at })),
        sentence: Some(Shown::said(words.replace('_', " "))),
        offer: None,
    })
}

fn prefer(app: &App, form: &Form, own: OrgId) -> Result<Ready, String> {
    let preference: Preference = form.read("requests", "one of the list")?;
    let at = app.own().map(|own| own.preference.at).unwrap_or_default();
    Ok(Ready {
        room: RoomId::org(own),
        command: Worded::plain(Command::Org(org::Command::Prefer { preference, at })),
        sentence: None,
        offer: None,
    })
}

pub(super) fn ready(app: &App, form: &Form, purpose: OnConnection) -> Result<Ready, String> {
    let own = app
        .own_org()
        .ok_or("your organisation is not known here yet")?;
    match purpose {
        OnConnection::Connect(to) => {
            let command = Command::Org(org::Command::Connect { to });
            let sentence = format!(
                "{} sees that you ask, and your words; they may answer, or not at all.",
                app.org_name(to)
            );
            Ok(Ready {
                room: RoomId::org(own),
                command: request::worded(command, &[form.needed("words")?])
                    .map_err(|error| error.to_string())?,
                sentence: Some(Shown::said(sentence)),
                offer: None,
            })
        }
        OnConnection::Answer(from) => answer(app, form, own, from),
        OnConnection::Prefer => prefer(app, form, own),
        OnConnection::Agree(room) => agree(form, room),
        OnConnection::End(room) => end(app, form, room),
    }
}

fn agree(form: &Form, room: RoomId) -> Result<Ready, String> {
    let day = "a date such as 2026-05-04";
    let to: Option<Date> = form.read_if_said("to", day)?;
    let command = Command::Relation(relation::Command::Agree {
        kind: form.read("kind", "one of the list")?,
        from: form.read("from", day)?,
        to,
    });
    Ok(Ready {
        room,
        command: request::worded(command, &[form.needed("reference")?])
            .map_err(|error| error.to_string())?,
        sentence: Some(Shown::own(
            "Proposes it to the other organisation, signed by you: it is in force once they sign too.",
        )),
        offer: None,
    })
}

fn answer(app: &App, form: &Form, own: OrgId, from: OrgId) -> Result<Ready, String> {
    let knock = app.own().and_then(|org| org.knock(from, app.now));
    let knock = knock
        .ok_or("they do not ask to connect, or no longer")?
        .matter;
    let take: Take = form.read("take", "one of the list")?;
    let people = if take == Take::Both {
        form.people(app, "people")?
    } else {
        BTreeSet::new()
    };
    let name = app.org_name(from);
    let sentence = match take {
        Take::Both => format!(
            "Connects you with {name} and takes the referral, signed by you: you see customer, contact and notes."
        ),
        Take::Connection => format!(
            "Connects you with {name}, signed by you: they see your card. A referral that came with it is declined."
        ),
        Take::Neither => format!("{name} learns that you do not want to, signed by you."),
    };
    let command = org::Command::AnswerConnection {
        from,
        knock,
        take,
        people,
    };
    Ok(Ready {
        room: RoomId::org(own),
        command: Worded::plain(Command::Org(command)),
        sentence: Some(Shown::said(sentence)),
        offer: None,
    })
}
