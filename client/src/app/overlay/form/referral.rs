//! Forms on referrals: drafting, offering, answering, and the people of our own side.

mod case;

use super::{Field, Form, Offering, Purpose, Ready};
use crate::{
    app::{
        App,
        words::{Shown, line::Line},
    },
    request,
};
use rialto_shared::{
    audience::Grant,
    command::Command,
    entry::Worded,
    id::{Hash, OrgId, RoomId},
    room::{
        State,
        referral::{self, DeclineReason},
        side::{self, Side},
    },
    standing::Role,
};
use strum::VariantArray as _;

/// What a form on a referral is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnReferral {
    /// Taking it.
    Accept(RoomId),
    /// Not taking it.
    Decline(RoomId),
    /// Giving it back.
    Return(RoomId),
    /// Opening its deal.
    Convert(RoomId),
    /// Drafting a customer to be referred, and offering them.
    Case,
    /// Drafting them anew.
    Redraft(RoomId),
    /// Offering a case.
    Offer(RoomId),
    /// Naming a person for our side.
    SideAdd(RoomId),
    /// Taking them out.
    SideRemove(RoomId),
}

pub(super) fn form(app: &App, purpose: OnReferral) -> Result<Form, String> {
    let replica = app.console.replica();
    let title = |room: RoomId| replica.title(room);
    let reasons = || Field::choice("reason", "they see it", DeclineReason::VARIANTS);
    let why = || Field::text("words", "a line; they see it");
    let (title, fields) = match purpose {
        OnReferral::Case => return Ok(case::wizard(app)),
        OnReferral::Redraft(room) => return case::redraft(app, room),
        OnReferral::Accept(room) => {
            let me = replica.my_id().map(|me| replica.person_name(me));
            let people = Field::filled(
                "people",
                "who works on it, with commas between",
                me.unwrap_or_default(),
            );
            let title = format!("Accept {}", title(room));
            (title, vec![people.knowing(app.colleagues())])
        }
        OnReferral::Decline(room) => (format!("Decline {}", title(room)), vec![reasons(), why()]),
        OnReferral::Return(room) => (format!("Give back {}", title(room)), vec![reasons(), why()]),
        OnReferral::Convert(room) => {
            let customer = customer(app, room).unwrap_or_default();
            let fields = vec![
                Field::text("title", "what the deal is called; every party sees it"),
                Field::filled("customer", "as every party of the deal sees them", customer),
            ];
            (format!("Open the deal of {}", title(room)), fields)
        }
        OnReferral::Offer(room) => (format!("Offer {}", title(room)), offer(app)),
        OnReferral::SideAdd(room) => (
            format!("Name a person for {}", title(room)),
            vec![
                Field::text("person", "of your organisation").knowing(app.colleagues()),
                Field::choice(
                    "role",
                    "what they may do here",
                    &[Role::Rep, Role::Viewer, Role::Lead],
                ),
            ],
        ),
        OnReferral::SideRemove(room) => (
            format!("Take a person out of {}", title(room)),
            vec![Field::text("person", "who is named here").knowing(named(app, room))],
        ),
    };
    Ok(Form::new(Purpose::Referral(purpose), title, fields))
}

/// The people who are named for our side.
fn named(app: &App, room: RoomId) -> Vec<String> {
    let replica = app.console.replica();
    let grants = replica.room(room).map(|held| &held.room.audience.grants);
    let seat = |grant: &Grant| match grant {
        Grant::Member { id, .. } => Some(replica.person_name(*id)),
        Grant::Org { .. } | Grant::Tied { .. } | Grant::Rule { .. } => None,
    };
    grants.into_iter().flatten().filter_map(seat).collect()
}

/// The customer, once they are shown.
fn customer(app: &App, room: RoomId) -> Option<String> {
    let held = app.console.replica().room(room)?;
    let referral = held.room.state.referral()?;
    let at = referral.dossier.first()?;
    Some(held.texts.get(*at)?.text.to_string())
}

/// To whom, and in which words.
fn offer(app: &App) -> Vec<Field> {
    let to = app.directory.chosen().map(|org| app.org_name(org));
    vec![
        Field::filled(
            "to",
            "the organisation that gets it",
            to.unwrap_or_default(),
        )
        .knowing(app.partners()),
        Field::text(
            "words",
            "where you are not connected: they go with the request to connect",
        ),
    ]
}

pub(super) fn check(app: &App, form: &Form, purpose: OnReferral) -> Result<(), String> {
    match purpose {
        OnReferral::Case | OnReferral::Redraft(_) => case::check(app, form),
        OnReferral::Accept(_)
        | OnReferral::Decline(_)
        | OnReferral::Return(_)
        | OnReferral::Convert(_)
        | OnReferral::Offer(_)
        | OnReferral::SideAdd(_)
        | OnReferral::SideRemove(_) => Ok(()),
    }
}

pub(super) fn preview(app: &App, form: &Form, purpose: OnReferral, cells: usize) -> Vec<Line> {
    match purpose {
        OnReferral::Case | OnReferral::Redraft(_) => case::preview(app, form, cells),
        OnReferral::Accept(_)
        | OnReferral::Decline(_)
        | OnReferral::Return(_)
        | OnReferral::Convert(_)
        | OnReferral::Offer(_)
        | OnReferral::SideAdd(_)
        | OnReferral::SideRemove(_) => vec![],
    }
}

pub(super) fn ready(app: &App, form: &Form, purpose: OnReferral) -> Result<Ready, String> {
    match purpose {
        OnReferral::Accept(room) => accept(app, form, room),
        OnReferral::Decline(room) => {
            let command = referral::Command::Decline {
                reason: form.read("reason", "one of the list")?,
            };
            answer(
                app,
                room,
                command,
                form.needed("words")?,
                "Declines this referral for good",
            )
        }
        OnReferral::Return(room) => {
            let command = referral::Command::Return {
                reason: form.read("reason", "one of the list")?,
            };
            answer(
                app,
                room,
                command,
                form.needed("words")?,
                "Gives the customer back for good",
            )
        }
        OnReferral::Convert(room) => {
            let command = Command::Referral(referral::Command::Convert {});
            let texts = [form.needed("title")?, form.needed("customer")?];
            let sentence = format!(
                "Opens the deal for both organisations, signed by you: {} sees it at once.",
                other(app, room)
            );
            Ok(Ready {
                room,
                command: request::worded(command, &texts).map_err(|error| error.to_string())?,
                sentence: Some(Shown::said(sentence)),
                offer: None,
            })
        }
        OnReferral::Case => case::begun(app, form),
        OnReferral::Redraft(side) => case::redrafted(app, form, side),
        OnReferral::Offer(side) => {
            let to = form.org(app, "to")?;
            offer_of(app, side, to, form.said("words"))
        }
        OnReferral::SideAdd(room) => {
            let member = form.person(app, "person")?;
            let role = form.read("role", "one of the list")?;
            let name = app.console.replica().person_name(member);
            let sentence = format!(
                "{name} reads what is private to your organisation here, as {role}; nobody else learns of it."
            );
            our_side(room, side::Command::Add { member, role }, &sentence)
        }
        OnReferral::SideRemove(room) => {
            let member = form.person(app, "person")?;
            let name = app.console.replica().person_name(member);
            let sentence = format!("{name} loses this at once, signed by you.");
            our_side(room, side::Command::Remove { member }, &sentence)
        }
    }
}

fn other(app: &App, room: RoomId) -> String {
    let replica = app.console.replica();
    match replica.room(room).map(|held| &held.room.state) {
        Some(State::Referral(referral)) => {
            let own = app.own_org();
            let org = if own == Some(referral.to) {
                referral.from.org
            } else {
                referral.to
            };
            replica.org_name(org)
        }
        Some(_) | None => "the other organisation".to_owned(),
    }
}

fn accept(app: &App, form: &Form, room: RoomId) -> Result<Ready, String> {
    let held = app.console.replica().room(room);
    let Some(State::Referral(held)) = held.map(|held| &held.room.state) else {
        return Err("this referral is not here".to_owned());
    };
    if !app.connected(held.from.org) {
        return Err(
            "you are not connected: answer their request to connect instead, which takes both"
                .to_owned(),
        );
    }
    let command = Command::Referral(referral::Command::Accept {
        from: held.from.org,
        people: form.people(app, "people")?,
    });
    let sentence = format!(
        "Commits your organisation, signed by you: {} learns it, and you see customer, contact and notes.",
        other(app, room)
    );
    Ok(Ready {
        room,
        command: Worded::plain(command),
        sentence: Some(Shown::said(sentence)),
        offer: None,
    })
}

fn answer(
    app: &App,
    room: RoomId,
    command: referral::Command,
    text: &str,
    what: &str,
) -> Result<Ready, String> {
    let sentence = format!(
        "{what}, signed by you: {} sees reason and words.",
        other(app, room)
    );
    Ok(Ready {
        room,
        command: request::worded(Command::Referral(command), &[text])
            .map_err(|error| error.to_string())?,
        sentence: Some(Shown::said(sentence)),
        offer: None,
    })
}

fn our_side(room: RoomId, command: side::Command, sentence: &str) -> Result<Ready, String> {
    Ok(Ready {
        room,
        command: Worded::plain(Command::Side(command)),
        sentence: Some(Shown::said(sentence)),
        offer: None,
    })
}

/// The offer of a case to an organisation: with a request to connect, in these words, where the two are not connected.
///
/// # Errors
/// What is missing or wrong, in words.
pub fn offer_of(app: &App, room: RoomId, to: OrgId, words: &str) -> Result<Ready, String> {
    let (shown, full) = promised(app, room)?;
    let name = app.org_name(to);
    let (command, texts) = if app.connected(to) {
        (side::Command::Offer { to, shown, full }, vec![])
    } else {
        if words.is_empty() {
            return Err(case::needs_words(&name));
        }
        let command = side::Command::OfferWithRequest { to, shown, full };
        (command, vec![words])
    };
    Ok(Ready {
        room,
        command: request::worded(Command::Side(command), &texts)
            .map_err(|error| error.to_string())?,
        sentence: Some(case::offering_words(app, to)),
        offer: None,
    })
}

/// What an offer of this case promises: what is shown, and what is held back.
fn promised(app: &App, room: RoomId) -> Result<(Hash, Hash), String> {
    let side = side_at(app, room)?;
    let case = side.case.as_ref().ok_or("there is no draft to offer")?;
    let drafted = case.draft.value.as_ref();
    let drafted = drafted.ok_or("there is no draft to offer")?;
    let promise = drafted.promise().map_err(|error| error.to_string())?;
    Ok((promise.shown(), promise.full()))
}

fn side_at(app: &App, room: RoomId) -> Result<&Side, String> {
    let held = app.console.replica().room(room);
    let side = held.and_then(|held| held.room.state.side());
    side.ok_or_else(|| "this case is not here any more".to_owned())
}
