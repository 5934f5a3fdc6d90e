//! Forms on rooms as a whole: moderation, and the seats and the purpose of a channel.

use super::{Field, Form, Purpose, Ready};
use crate::{
    app::{App, words::Shown},
    request,
};
use rialto_shared::{
    audience::Grant,
    command::Command,
    entry::Seq,
    id::{MemberId, RoomId},
    room::{
        State, channel,
        talk::{self, RedactReason},
    },
    standing::Role,
    time::Span,
};
use strum::VariantArray as _;

/// How long a mute lasts, in words and minutes.
const SPANS: [(&str, i64); 6] = [
    ("10 minutes", 10),
    ("1 hour", 60),
    ("8 hours", 480),
    ("1 day", 1_440),
    ("7 days", 10_080),
    ("30 days", 43_200),
];

/// What a form on a room is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnRoom {
    /// Removing somebody's message.
    Redact(RoomId, Seq),
    /// Silencing somebody.
    Mute(RoomId),
    /// Lifting that.
    Unmute(RoomId),
    /// Saying what a channel is for.
    Purpose(RoomId),
    /// Giving somebody a seat in it.
    GiveSeat(RoomId),
    /// Taking one away.
    TakeSeat(RoomId),
}

pub(super) fn form(app: &App, purpose: OnRoom) -> Result<Form, String> {
    let title = |room: RoomId| app.console.replica().title(room);
    let (title, fields) = match purpose {
        OnRoom::Redact(room, _) => (
            format!("Remove a message from {}", title(room)),
            vec![
                Field::choice("reason", "stands in its place", RedactReason::VARIANTS),
                Field::text("words", "a line that everybody here sees"),
            ],
        ),
        OnRoom::Mute(room) => {
            let spans = SPANS.map(|(words, _)| words);
            let author = app.selected_message().and_then(|message| message.author);
            let author = author.and_then(|author| author.member());
            let author = author.filter(|id| Some(*id) != app.console.replica().my_id());
            let name = author.map(|id| app.console.replica().person_name(id));
            let person = Field::filled("person", "who", name.unwrap_or_default());
            (
                format!("Mute somebody in {}", title(room)),
                vec![
                    person.knowing(speakers(app, room)),
                    Field::choice("for", "it lifts by itself", &spans),
                ],
            )
        }
        OnRoom::Unmute(room) => {
            let muted: Vec<String> = muted(app, room).into_iter().map(|(_, name)| name).collect();
            if muted.is_empty() {
                return Err("nobody is muted here".to_owned());
            }
            (
                format!("Lift a mute in {}", title(room)),
                vec![Field::choice("person", "who", &muted)],
            )
        }
        OnRoom::Purpose(room) => {
            let now = channel_of(app, room)?.purpose.value;
            let held = app.console.replica().room(room);
            let now = held.zip(now).and_then(|(held, at)| held.texts.get(at));
            let now = now.map_or_else(String::new, |text| text.text.to_string());
            (
                format!("What {} is for", title(room)),
                vec![Field::filled("purpose", "everybody here sees it", now)],
            )
        }
        OnRoom::GiveSeat(room) => (
            format!("Give somebody a seat in {}", title(room)),
            vec![
                Field::text("person", "who").knowing(people(app)),
                Field::choice(
                    "role",
                    "what they may do",
                    &[Role::Rep, Role::Viewer, Role::Lead],
                ),
                Field::flag("history", "they see what was said before", false),
            ],
        ),
        OnRoom::TakeSeat(room) => (
            format!("Take a seat in {} away", title(room)),
            vec![Field::text("person", "whose").knowing(seated(app, room))],
        ),
    };
    Ok(Form::new(Purpose::Room(purpose), title, fields))
}

fn channel_of(app: &App, room: RoomId) -> Result<&channel::Channel, String> {
    match app
        .console
        .replica()
        .room(room)
        .map(|held| &held.room.state)
    {
        Some(State::Channel(channel)) => Ok(channel),
        Some(_) | None => Err("this channel is not here any more".to_owned()),
    }
}

/// Everybody who can be named here.
fn people(app: &App) -> Vec<String> {
    let replica = app.console.replica();
    let others = replica
        .members()
        .filter(|card| Some(card.id) != replica.my_id());
    others.map(|card| replica.person_name(card.id)).collect()
}

/// Those who have spoken in a room lately, the last one first.
fn speakers(app: &App, room: RoomId) -> Vec<String> {
    let replica = app.console.replica();
    let Some(held) = replica.room(room) else {
        return vec![];
    };
    let mut names = vec![];
    for logged in held.log().rev() {
        let author = logged.entry.author.member();
        if let Some(author) = author.filter(|id| Some(*id) != replica.my_id()) {
            let name = replica.person_name(author);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn seated(app: &App, room: RoomId) -> Vec<String> {
    let replica = app.console.replica();
    let grants = replica.room(room).map(|held| &held.room.audience.grants);
    let seat = |grant: &Grant| match grant {
        Grant::Member { id, .. } if Some(*id) != replica.my_id() => Some(replica.person_name(*id)),
        Grant::Member { .. } | Grant::Org { .. } | Grant::Tied { .. } | Grant::Rule { .. } => None,
    };
    grants.into_iter().flatten().filter_map(seat).collect()
}

fn muted(app: &App, room: RoomId) -> Vec<(MemberId, String)> {
    let replica = app.console.replica();
    let mutes = replica.room(room).map(|held| &held.room.mutes);
    let standing = mutes
        .into_iter()
        .flatten()
        .filter(|(_, until)| **until > app.now);
    standing
        .map(|(id, _)| (*id, replica.person_name(*id)))
        .collect()
}

fn made(room: RoomId, command: Command, texts: &[&str], sentence: String) -> Result<Ready, String> {
    Ok(Ready {
        room,
        command: request::worded(command, texts).map_err(|error| error.to_string())?,
        sentence: (!sentence.is_empty()).then(|| Shown::said(sentence)),
        offer: None,
    })
}

pub(super) fn ready(app: &App, form: &Form, purpose: OnRoom) -> Result<Ready, String> {
    let name = |member: MemberId| app.console.replica().person_name(member);
    match purpose {
        OnRoom::Redact(room, target) => {
            let reason = form.read("reason", "one of the list")?;
            let command = Command::Talk(talk::Command::Redact { target, reason });
            let sentence = "The message is gone for everyone; your name, the reason and the words stand in its place, signed by you.";
            made(room, command, &[form.needed("words")?], sentence.to_owned())
        }
        OnRoom::Mute(room) => {
            let member = form.person(app, "person")?;
            let said = form.needed("for")?;
            let minutes = SPANS.iter().find(|(words, _)| *words == said);
            let (words, minutes) = minutes.ok_or("for: one of the list")?;
            let span = Span::millis(minutes.saturating_mul(60_000));
            let command = Command::Talk(talk::Command::Mute { member, span });
            let sentence = format!(
                "{} can say nothing here for {words}; everyone here sees that you muted them.",
                name(member)
            );
            made(room, command, &[], sentence)
        }
        OnRoom::Unmute(room) => {
            let said = form.needed("person")?;
            let muted = muted(app, room);
            let member = muted.iter().find(|(_, name)| name == said);
            let (member, name) = member.ok_or("person: they are not muted any more")?;
            let command = Command::Talk(talk::Command::Unmute { member: *member });
            let sentence = format!("{name} can speak here again; everyone here sees it.");
            made(room, command, &[], sentence)
        }
        OnRoom::Purpose(room) => {
            let at = channel_of(app, room)?.purpose.at;
            let command = Command::Channel(channel::Command::Purpose { at });
            made(room, command, &[form.needed("purpose")?], String::new())
        }
        OnRoom::GiveSeat(room) => {
            let (member, role) = (
                form.person(app, "person")?,
                form.read("role", "one of the list")?,
            );
            let history = form.yes("history");
            let command = channel::Command::Invite {
                member,
                role,
                history,
            };
            let past = if history {
                "everything that was said here"
            } else {
                "what is said from now on"
            };
            let sentence = format!("{} reads {past}, as {role}.", name(member));
            made(room, Command::Channel(command), &[], sentence)
        }
        OnRoom::TakeSeat(room) => {
            let member = form.person(app, "person")?;
            let command = Command::Channel(channel::Command::Remove { member });
            let sentence = format!(
                "{} loses this channel at once; everyone here sees it.",
                name(member)
            );
            made(room, command, &[], sentence)
        }
    }
}
