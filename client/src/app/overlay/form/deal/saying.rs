//! What a deal says of itself: each field with what it says now, replaced by what is written.

use super::{ALL, DAY, Sheet, held, made, money};
use crate::app::{
    App,
    form::{Field, Form, Ready},
};
use rialto_shared::{entry::TextRef, id::RoomId, room::deal};

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
        Saying::Close => {
            let close = form.read("close", DAY)?;
            let at = header.close.at;
            return made(room, deal::Command::TargetClose { close, at }, &[], "");
        }
    };
    made(room, command, &[form.needed(label)?], "")
}
