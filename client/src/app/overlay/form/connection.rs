//! Forms on connections and agreements.

use super::{Field, Form, Purpose, Ready};
use crate::{
    app::{App, words::Shown},
    request,
};
use rialto_shared::{
    command::Command,
    entry::Worded,
    id::{OrgId, RoomId},
    room::{
        org::{self, Take},
        relation,
    },
    standing::AgreementKind,
    time::Date,
};
use std::collections::BTreeSet;
use strum::VariantArray as _;

/// What a form on a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnConnection {
    /// Asking an organisation to connect.
    Connect(OrgId),
    /// Answering such a request.
    Answer(OrgId),
    /// Proposing an agreement.
    Agree(RoomId),
}

pub(super) fn form(app: &App, purpose: OnConnection) -> Option<Form> {
    let replica = app.console.replica();
    Some(match purpose {
        OnConnection::Connect(org) => Form::new(
            Purpose::Connection(purpose),
            format!("Ask {} to connect", replica.org_name(org)),
            vec![Field::text(
                "words",
                "why; they see it with your organisation's name",
            )],
        ),
        OnConnection::Answer(from) => {
            let knock = app.own()?.knock(from, app.now)?;
            let takes: &[Take] = if knock.referral.is_some() {
                Take::VARIANTS
            } else {
                &[Take::Connection, Take::Neither]
            };
            let mut fields = vec![Field::choice("take", "what you take of it", takes)];
            if knock.referral.is_some() {
                fields.push(Field::text(
                    "people",
                    "who works on the referral, with commas between",
                ));
            }
            let title = format!("{} asks to connect", replica.org_name(from));
            Form::new(Purpose::Connection(purpose), title, fields)
        }
        OnConnection::Agree(_) => Form::new(
            Purpose::Connection(purpose),
            "Propose an agreement",
            vec![
                Field::choice("kind", "", AgreementKind::VARIANTS),
                Field::text("reference", "where the paper is; both see it"),
                Field::filled("from", "its first day", app.now.date().to_string()),
                Field::text("to", "its last day; may stay empty"),
            ],
        ),
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
            })
        }
        OnConnection::Answer(from) => answer(app, form, own, from),
        OnConnection::Agree(room) => agree(form, room),
    }
}

fn agree(form: &Form, room: RoomId) -> Result<Ready, String> {
    let day = "a date such as 2026-05-04";
    let to: Option<Date> = match form.said("to") {
        "" => None,
        _ => Some(form.read("to", day)?),
    };
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
    })
}
