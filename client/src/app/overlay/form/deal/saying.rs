//! What a deal says of itself: each field with what it says now, replaced by what is written.

use super::{ALL, DAY, Sheet, held, made, money};
use crate::{
    app::{
        App,
        form::{Field, Form, Ready},
    },
    request,
};
use rialto_shared::{
    command::Command,
    entry::TextRef,
    id::RoomId,
    room::{Stated, deal, side},
    text::TextKind,
};

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Saying {
    /// What it is called.
    Title,
    /// Who the customer is.
    Customer,
    /// What the customer's problem is.
    Problem,
    /// What it is worth.
    Value,
    /// By when it is closed.
    Close,
    /// What is next.
    NextStep,
    /// What the organisation's own systems call it.
    Reference,
}

pub(super) fn sheet(app: &App, room: RoomId, what: Saying) -> Sheet {
    let header = &held(app, room)?.header;
    let text = |at: Option<TextRef>| {
        let held = app.console.replica().room(room);
        held.zip(at)
            .and_then(|(held, at)| held.texts.get(at))
            .map_or_else(String::new, |text| text.text.to_string())
    };
    let shown = |value: Option<String>| value.unwrap_or_default();
    let (title, label, hint, now) = match what {
        Saying::Title => ("What it is called", "title", ALL, text(header.title.value)),
        Saying::Customer => (
            "Who the customer is",
            "customer",
            ALL,
            text(header.customer.value),
        ),
        Saying::Problem => (
            "What the problem is",
            "problem",
            ALL,
            text(header.problem.value),
        ),
        Saying::Value => (
            "What it is worth",
            "value",
            "such as EUR 48,000; every party sees it",
            shown(header.value.value.map(|value| value.to_string())),
        ),
        Saying::Close => (
            "By when it is closed",
            "close",
            "such as 2026-12-18; every party sees it",
            shown(header.close.value.map(|day| day.to_string())),
        ),
        Saying::NextStep => (
            "What is next",
            "next step",
            ALL,
            text(header.next_step.value),
        ),
        Saying::Reference => return called(app, room),
    };
    Ok((title, vec![Field::filled(label, hint, now)]))
}

pub(super) fn ready(app: &App, form: &Form, room: RoomId, what: Saying) -> Result<Ready, String> {
    let header = &held(app, room)?.header;
    let (command, label) = match what {
        Saying::Title => (
            deal::Command::Retitle {
                at: header.title.at,
            },
            "title",
        ),
        Saying::Customer => (
            deal::Command::Customer {
                at: header.customer.at,
            },
            "customer",
        ),
        Saying::Problem => (
            deal::Command::Problem {
                at: header.problem.at,
            },
            "problem",
        ),
        Saying::NextStep => (
            deal::Command::NextStep {
                at: header.next_step.at,
            },
            "next step",
        ),
        Saying::Value => {
            let value = money(form, "value")?.ok_or("value: nothing is said")?;
            let at = header.value.at;
            return made(room, deal::Command::Value { value, at }, &[], "");
        }
        Saying::Reference => return call(app, form, room),
        Saying::Close => {
            let close = form.read("close", DAY)?;
            let at = header.close.at;
            return made(room, deal::Command::TargetClose { close, at }, &[], "");
        }
    };
    made(room, command, &[form.needed(label)?], "")
}

/// The organisation's Side of a deal, and what stands there.
fn beside(app: &App, deal: RoomId) -> Result<(RoomId, Stated<side::Reference>), String> {
    let room = deal::side_of(deal, app.console.account().about.org);
    let held = app.console.replica().room(room);
    let side = held.and_then(|held| held.room.state.side());
    side.map(|side| (room, side.reference.clone()))
        .ok_or_else(|| "you are not in your organisation's own room beside this deal".to_owned())
}

fn called(app: &App, deal: RoomId) -> Sheet {
    let (room, reference) = beside(app, deal)?;
    let held = app.console.replica().room(room);
    let now = held
        .zip(reference.value)
        .and_then(|(held, had)| held.texts.get(had.text));
    let now = now.map_or_else(String::new, |text| text.text.to_string());
    let hint = "only your organisation sees it; empty takes it away";
    Ok((
        "What your own systems call it",
        vec![Field::filled("reference", hint, now)],
    ))
}

fn call(app: &App, form: &Form, deal: RoomId) -> Result<Ready, String> {
    let (room, had) = beside(app, deal)?;
    let said = match form.said("reference") {
        "" => None,
        said => Some(
            request::text("reference", TextKind::Title, said)
                .map_err(|error| error.to_string())?
                .text,
        ),
    };
    let own = app.console.account().about.org;
    let claim = said
        .as_ref()
        .map(|said| side::reference_claim(own, side::Named::Deal, said.as_str()));
    let texts: Vec<&str> = said.iter().map(|said| said.as_str()).collect();
    let command = Command::Side(side::Command::Reference { claim, at: had.at });
    Ok(Ready {
        room,
        command: request::worded(command, &texts).map_err(|error| error.to_string())?,
        sentence: None,
        offer: None,
    })
}
