//! Forms on deals: opening one, coming in or staying out, and the four kinds of things that are done in one.

mod course;
mod parties;
mod saying;
mod tasks;

pub use course::Steering;
pub use parties::Parting;
pub use saying::Saying;
pub use tasks::Tasking;

use super::{Field, Form, Purpose, Ready};
use crate::{
    app::{App, words::Shown},
    request,
};
use rialto_shared::{
    command::Command,
    id::{Hash, RoomId},
    money::Money,
    room::{
        deal::{self, Deal, DeclineReason, Presence},
        inbox,
    },
    time::Date,
};
use strum::VariantArray as _;

/// What every field says that all in the room read.
const ALL: &str = "every party sees it";
/// What a day looks like.
const DAY: &str = "a date such as 2026-05-04";
/// Why nothing can be made of a deal.
const GONE: &str = "this deal is not here any more";

fn held(app: &App, room: RoomId) -> Result<&Deal, String> {
    let held = app.console.replica().room(room);
    let deal = held.and_then(|held| held.room.state.deal());
    deal.ok_or_else(|| GONE.to_owned())
}

/// What a form on a deal is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnDeal {
    /// Opening one.
    Open,
    /// Coming in.
    Come(RoomId),
    /// Not coming in.
    StayOut(RoomId),
    /// Saying what it is about.
    Say(RoomId, Saying),
    /// What is to be done in it.
    Task(RoomId, Tasking),
    /// Its parties and their people.
    Party(RoomId, Parting),
    /// How far it is, and how it ends.
    Steer(RoomId, Steering),
}

/// A title and fields, before they are a form.
type Sheet = Result<(&'static str, Vec<Field>), String>;

pub(super) fn form(app: &App, purpose: OnDeal) -> Result<Form, String> {
    let (title, fields) = match purpose {
        OnDeal::Open => ("New deal", opening(app)),
        OnDeal::Come(_) => ("Come into the deal", coming(app)),
        OnDeal::StayOut(_) => ("Do not come into the deal", staying_out()),
        OnDeal::Say(room, what) => saying::sheet(app, room, what)?,
        OnDeal::Task(room, what) => tasks::sheet(app, room, what)?,
        OnDeal::Party(room, what) => parties::sheet(app, room, what)?,
        OnDeal::Steer(room, what) => course::sheet(app, room, what)?,
    };
    Ok(Form::new(Purpose::Deal(purpose), title, fields))
}

fn opening(app: &App) -> Vec<Field> {
    vec![
        Field::text("title", ALL),
        Field::text("customer", ALL),
        Field::text("problem", "what the customer needs; every party sees it"),
        Field::text("value", "such as EUR 48,000; may stay empty"),
        Field::text("close", "such as 2026-12-18; may stay empty"),
        Field::choice(
            "vendor",
            "how its alliance managers are present",
            Presence::VARIANTS,
        )
        .at("not_present"),
        Field::text(
            "people",
            "colleagues who are in it, with commas between; may stay empty",
        )
        .knowing(app.colleagues()),
    ]
}

fn coming(app: &App) -> Vec<Field> {
    let hint = "who comes beside you, with commas between; may stay empty";
    vec![Field::text("people", hint).knowing(app.colleagues())]
}

fn staying_out() -> Vec<Field> {
    vec![
        Field::choice("reason", "they see it", DeclineReason::VARIANTS),
        Field::text("words", "a line; they see it"),
    ]
}

/// A command in a deal, with the sentence that comes first.
fn made(
    room: RoomId,
    command: deal::Command,
    texts: &[&str],
    sentence: &str,
) -> Result<Ready, String> {
    Ok(Ready {
        room,
        command: request::worded(Command::Deal(command), texts)
            .map_err(|error| error.to_string())?,
        sentence: (!sentence.is_empty()).then(|| Shown::said(sentence)),
        offer: None,
    })
}

pub(super) fn ready(app: &App, form: &Form, purpose: OnDeal) -> Result<Ready, String> {
    match purpose {
        OnDeal::Open => open(app, form),
        OnDeal::Come(room) => come(app, form, room),
        OnDeal::StayOut(room) => {
            let invitation = asked(app, room)?;
            let reason = form.read("reason", "one of the list")?;
            let command = deal::Command::DeclineInvitation { invitation, reason };
            let words = form.needed("words")?;
            made(
                room,
                command,
                &[words],
                "Declines for good, signed by you; the parties see reason and words.",
            )
        }
        OnDeal::Say(room, what) => saying::ready(app, form, room, what),
        OnDeal::Task(room, what) => tasks::ready(app, form, room, what),
        OnDeal::Party(room, what) => parties::ready(app, form, room, what),
        OnDeal::Steer(room, what) => course::ready(app, form, room, what),
    }
}

fn come(app: &App, form: &Form, room: RoomId) -> Result<Ready, String> {
    let invitation = asked(app, room)?;
    let mut people = form.people(app, "people")?;
    if let Some(me) = app.console.replica().my_id() {
        people.remove(&me);
    }
    let command = deal::Command::AcceptInvitation { invitation, people };
    made(
        room,
        command,
        &[],
        "Your organisation becomes a party, signed by you; every party sees it and whom you name.",
    )
}

/// What the entry says that asked one's organisation in.
fn asked(app: &App, room: RoomId) -> Result<Hash, String> {
    app.deal_invitation(room)
        .ok_or_else(|| "your organisation is not asked into this deal, or no longer".to_owned())
}

fn money(form: &Form, label: &str) -> Result<Option<Money>, String> {
    match form.said(label) {
        "" => Ok(None),
        said => Money::parse(said)
            .map(Some)
            .map_err(|error| format!("{label}: {error}")),
    }
}

fn open(app: &App, form: &Form) -> Result<Ready, String> {
    let me = app
        .console
        .replica()
        .my_id()
        .ok_or("you are not known here yet")?;
    let mut people = form.people(app, "people")?;
    people.remove(&me);
    let presence: Presence = form.read("vendor", "one of the list")?;
    let command = Command::Inbox(inbox::Command::OpenDeal {
        presence,
        value: money(form, "value")?,
        close: form.read_if_said::<Date>("close", DAY)?,
        people,
    });
    let texts = [
        form.needed("title")?,
        form.needed("customer")?,
        form.needed("problem")?,
    ];
    // A deal of one's own shows nothing to anybody else, unless the vendor is let in with it.
    let sentence = (presence == Presence::InRoom)
        .then(|| Shown::own("Opens the deal; the vendor's alliance managers read it at once."));
    Ok(Ready {
        room: RoomId::inbox(me),
        command: request::worded(command, &texts).map_err(|error| error.to_string())?,
        sentence,
        offer: None,
    })
}
