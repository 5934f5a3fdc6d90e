//! What I am told of outside the console: where, and when for what. It stands in my Inbox, which nobody else reads.

use super::{Field, Form, Purpose, Ready};
use crate::{app::App, request};
use rialto_shared::{
    command::Command,
    id::RoomId,
    mail::MailAddress,
    room::{
        State, Texts,
        inbox::{self, Class, Inbox, Pace},
    },
};
use strum::VariantArray as _;

/// The classes, each with its field and what it says.
const CLASSES: [(Class, &str, &str); 7] = [
    (
        Class::Invitations,
        "invitations",
        "to connect, into rooms and deals, to take a referral",
    ),
    (Class::Clocks, "clocks", "half of a time of yours is left"),
    (
        Class::Messages,
        "messages",
        "to you, and unread for half an hour",
    ),
    (Class::Tasks, "tasks", "yours in deals"),
    (
        Class::Requests,
        "requests",
        "agreements to sign, organisations to invite",
    ),
    (Class::News, "news", "what became of what you began"),
    (
        Class::Security,
        "security",
        "a device let in, a link tried twice",
    ),
];

fn own(app: &App) -> Result<(RoomId, &Inbox, &Texts), String> {
    let replica = app.console.replica();
    let room = replica.my_id().map(RoomId::inbox);
    let held = room.and_then(|room| Some((room, replica.room(room)?)));
    match held.map(|(room, held)| (room, &held.room.state, &held.texts)) {
        Some((room, State::Inbox(inbox), texts)) => Ok((room, inbox, texts)),
        Some(_) | None => Err("your Inbox is not here yet".to_owned()),
    }
}

pub(super) fn form(app: &App) -> Result<Form, String> {
    let (_, inbox, texts) = own(app)?;
    let now = inbox.preferences();
    let mail = inbox.mail(texts).map(|mail| mail.to_string());
    let mut fields = vec![Field::filled(
        "mail",
        "where it is sent; empty for no mail",
        mail.unwrap_or_default(),
    )];
    fields.extend(CLASSES.map(|(class, label, hint)| {
        let pace = now.pace(class).to_string();
        Field::choice(label, hint, Pace::VARIANTS).at(&pace)
    }));
    let quiet = now.quiet.map(|quiet| quiet.to_string());
    fields.extend([
        Field::filled(
            "quiet",
            "when nothing is sent, as 22:00-07:00; may be empty",
            quiet.unwrap_or_default(),
        ),
        Field::filled("daily at", "as 08:00", now.daily_at.to_string()),
        Field::filled("zone", "as Europe/Vienna", now.zone.to_string()),
    ]);
    let title = "What you are told of by mail: only you see this";
    Ok(Form::new(Purpose::Notices, title, fields))
}

pub(super) fn ready(app: &App, form: &Form) -> Result<Ready, String> {
    let (room, inbox, _) = own(app)?;
    let mail: Option<MailAddress> = form.read_if_said(
        "mail",
        "an address in lower case, as ana@brightpath.example",
    )?;
    let mut preferences = inbox.preferences();
    for (class, label, _) in CLASSES {
        let pace = form.read(label, "one of the list")?;
        preferences.paces.insert(class, pace);
    }
    preferences.quiet = form.read_if_said("quiet", "two times of day, as 22:00-07:00")?;
    preferences.daily_at = form.read("daily at", "a time of day, as 08:00")?;
    preferences.zone = form.read("zone", "a name as Europe/Vienna")?;
    if !preferences.zone.is_known() {
        return Err("zone: no such time zone is known here: a name as Europe/Vienna".to_owned());
    }
    let command = Command::Inbox(inbox::Command::SetNotices {
        at: inbox.notices.at,
        address: mail.is_some(),
        preferences,
    });
    let texts: Vec<&str> = mail.iter().map(MailAddress::as_str).collect();
    Ok(Ready {
        room,
        command: request::worded(command, &texts).map_err(|error| error.to_string())?,
        sentence: None,
        offer: None,
    })
}
