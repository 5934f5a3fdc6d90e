//! Talk, in every room that talks: messages, threads, edits, removal, reactions, mentions, pins, and moderation.
//!
//! Message bodies never enter a room's state; what later entries did to a message is its note ([`crate::timeline`]).

use super::{Case, Room, State};
use crate::{
    ask::{Address, Ask},
    command::{Named, SlotRule},
    entry::{Entry, Seq, Slot, Worded},
    event,
    id::MemberId,
    limits,
    rejection::Rejection,
    room::{inbox, moderates},
    standing::Role,
    text::{Emoji, TextKind},
    time::{Span, Timestamp},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Why a message was taken away by a moderator.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RedactReason {
    /// It shows what is not for this room.
    Confidential,
    /// It attacks somebody.
    Abuse,
    /// It sells what nobody asked for.
    Spam,
    /// It belongs elsewhere.
    OffTopic,
    /// The law demands it.
    Legal,
    /// See the words.
    Other,
}

/// What can be asked.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::EnumDiscriminants,
    schemars::JsonSchema,
)]
#[schemars(rename = "TalkCommand")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(name(Verb), derive(strum::VariantArray, strum::IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The commands without their fields.")]
pub enum Command {
    /// Says something, in the room or in the thread of a message.
    Say {
        /// The message that begins the thread.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<Seq>,
        /// Who is meant; at most [`limits::MENTIONS_MAX`].
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        mentions: BTreeSet<MemberId>,
    },
    /// Replaces the text of one's own message.
    Edit {
        /// The message.
        target: Seq,
        /// The entry that set its text last, as the author saw it.
        at: Seq,
    },
    /// Removes one's own message.
    Delete {
        /// The message.
        target: Seq,
    },
    /// Adds or takes back a reaction.
    React {
        /// The message.
        target: Seq,
        /// With what.
        emoji: Emoji,
        /// Added, or taken back.
        on: bool,
    },
    /// A moderator removes a message; the reason stands in its place.
    Redact {
        /// The message.
        target: Seq,
        /// Why.
        reason: RedactReason,
    },
    /// A moderator silences a member for a while: no posting, editing, reacting or inviting. It lifts by itself.
    Mute {
        /// Whom.
        member: MemberId,
        /// For how many milliseconds, at most [`limits::MUTE_SPAN_MAX`].
        span: Span,
    },
    /// Lifts a mute early.
    Unmute {
        /// Whom.
        member: MemberId,
    },
    /// Pins a message, or takes the pin away.
    Pin {
        /// The message.
        target: Seq,
        /// Pinned, or not.
        on: bool,
    },
}

/// What became true.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
    schemars::JsonSchema,
)]
#[schemars(rename = "TalkEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// Somebody said something.
    Said {
        /// The message whose thread it is in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<Seq>,
        /// Who was meant.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        mentions: BTreeSet<MemberId>,
        /// What.
        body: Slot,
    },
    /// The author replaced the text.
    Edited {
        /// Of which message.
        target: Seq,
        /// The new text.
        body: Slot,
    },
    /// The author removed it; its texts are erased.
    Deleted {
        /// Which message.
        target: Seq,
    },
    /// A reaction was added or taken back.
    Reacted {
        /// To which message.
        target: Seq,
        /// With what.
        emoji: Emoji,
        /// Added, or taken back.
        on: bool,
    },
    /// A moderator removed it; its texts are erased.
    Redacted {
        /// Which message.
        target: Seq,
        /// Why.
        reason: RedactReason,
        /// In words.
        words: Slot,
    },
    /// A member is silenced.
    Muted {
        /// Whom.
        member: MemberId,
        /// Until when.
        until: Timestamp,
    },
    /// A mute was lifted early.
    Unmuted {
        /// Whom.
        member: MemberId,
    },
    /// A message was pinned, or the pin taken away.
    Pinned {
        /// Which.
        target: Seq,
        /// Pinned, or not.
        on: bool,
    },
}

impl Command {
    pub(crate) fn slots(&self) -> Vec<SlotRule> {
        match self {
            Self::Say { .. } | Self::Edit { .. } => vec![("body", TextKind::Body)],
            Self::Redact { .. } => vec![("words", TextKind::Line)],
            Self::Delete { .. }
            | Self::React { .. }
            | Self::Mute { .. }
            | Self::Unmute { .. }
            | Self::Pin { .. } => vec![],
        }
    }

    pub(crate) fn named(&self) -> Named {
        let cites = match self {
            Self::Say { thread, .. } => *thread,
            Self::Edit { target, .. }
            | Self::Delete { target }
            | Self::React { target, .. }
            | Self::Redact { target, .. }
            | Self::Pin { target, .. } => Some(*target),
            Self::Mute { .. } | Self::Unmute { .. } => None,
        };
        let members = match self {
            Self::Mute { member, .. } | Self::Unmute { member } => BTreeSet::from([*member]),
            Self::Say { .. }
            | Self::Edit { .. }
            | Self::Delete { .. }
            | Self::React { .. }
            | Self::Redact { .. }
            | Self::Pin { .. } => BTreeSet::new(),
        };
        Named {
            cites,
            members,
            ..Named::default()
        }
    }

    pub(crate) const fn signed(&self) -> bool {
        matches!(self, Self::Redact { .. })
    }
}

pub(crate) fn decide(case: &Case<'_>, command: &Command) -> Result<Vec<Event>, Rejection> {
    // Whoever is invited only may answer that, and learns nothing of what was said.
    case.seated()?;
    if !case.room.talks() {
        return Err(Rejection::NotHere("talk"));
    }
    let me = case.member()?;
    match command {
        Command::Mute { member, span } => return mute(case, *member, *span),
        Command::Unmute { member } => return unmute(case, *member),
        Command::Redact { target, reason } => return redact(case, *target, *reason),
        Command::Pin { target, on } => return pin(case, *target, *on),
        // What one has said may always be taken away, muted or not.
        Command::Delete { target } => {
            own_message(case, me.id)?;
            return Ok(vec![Event::Deleted { target: *target }]);
        }
        Command::Say { .. } | Command::Edit { .. } | Command::React { .. } => {}
    }
    case.unmuted()?;
    case.at_least(Role::Rep)?;
    if let State::Relation(relation) = &case.room.state {
        relation.connected()?;
    }
    match command {
        Command::Say { thread, mentions } => say(case, *thread, mentions),
        Command::Edit { target, at } => {
            let note = own_message(case, me.id)?;
            if note.set_at(*target) != *at {
                return Err(Rejection::Stale(note.set_at(*target)));
            }
            if note.edits.len() >= limits::EDITS_MAX {
                return Err(Rejection::Limit {
                    field: "edits",
                    max: limits::EDITS_MAX,
                });
            }
            Ok(vec![Event::Edited {
                target: *target,
                body: Slot(0),
            }])
        }
        Command::React { target, emoji, on } => react_to(case, *target, *emoji, *on),
        Command::Delete { .. }
        | Command::Redact { .. }
        | Command::Mute { .. }
        | Command::Unmute { .. }
        | Command::Pin { .. } => Err(Rejection::NotHere("such a thing")),
    }
}

fn say(
    case: &Case<'_>,
    thread: Option<Seq>,
    mentions: &BTreeSet<MemberId>,
) -> Result<Vec<Event>, Rejection> {
    if mentions.len() > limits::MENTIONS_MAX {
        return Err(Rejection::Limit {
            field: "mentions",
            max: limits::MENTIONS_MAX,
        });
    }
    if let State::Channel(channel) = &case.room.state {
        channel.may_post(case, thread.is_some())?;
    }
    if thread.is_some() {
        let cited = case.message()?;
        if matches!(
            cited.entry.event,
            event::Event::Talk(Event::Said {
                thread: Some(_),
                ..
            })
        ) {
            return Err(Rejection::State(
                "a thread begins at a message, not at a reply: answer the message it began with",
            ));
        }
    }
    Ok(vec![Event::Said {
        thread,
        mentions: mentions.clone(),
        body: Slot(0),
    }])
}

fn own_message<'a>(case: &Case<'a>, me: MemberId) -> Result<&'a crate::timeline::Note, Rejection> {
    let cited = case.message()?;
    if cited.entry.author.member() != Some(me) {
        return Err(Rejection::Only("its author"));
    }
    Ok(cited.note)
}

fn react_to(case: &Case<'_>, target: Seq, emoji: Emoji, on: bool) -> Result<Vec<Event>, Rejection> {
    let cited = case.message()?;
    if cited.marks.reactions.contains(&emoji) == on {
        return Err(Rejection::Already("your reaction"));
    }
    let known = cited
        .note
        .reactions
        .iter()
        .any(|(other, _)| *other == emoji);
    if on && !known && cited.note.reactions.len() >= limits::EMOJI_MAX {
        return Err(Rejection::Limit {
            field: "different emoji",
            max: limits::EMOJI_MAX,
        });
    }
    Ok(vec![Event::Reacted { target, emoji, on }])
}

fn redact(case: &Case<'_>, target: Seq, reason: RedactReason) -> Result<Vec<Event>, Rejection> {
    moderates(case)?;
    case.message()?;
    Ok(vec![Event::Redacted {
        target,
        reason,
        words: Slot(0),
    }])
}

fn pin(case: &Case<'_>, target: Seq, on: bool) -> Result<Vec<Event>, Rejection> {
    case.unmuted()?;
    // Where nobody moderates, everybody who takes part may pin.
    if moderates(case).is_err() {
        let free = matches!(case.room.state, State::Direct(_) | State::Relation(_));
        if !free {
            return Err(Rejection::Only("those who moderate here"));
        }
    }
    case.message()?;
    if case.room.pins.contains(&target) == on {
        return Err(Rejection::Already("the pin"));
    }
    if on && case.room.pins.len() >= limits::PINS_MAX {
        return Err(Rejection::Limit {
            field: "pins",
            max: limits::PINS_MAX,
        });
    }
    Ok(vec![Event::Pinned { target, on }])
}

fn mute(case: &Case<'_>, member: MemberId, span: Span) -> Result<Vec<Event>, Rejection> {
    moderates(case)?;
    if case.named.is_empty() {
        return Err(Rejection::NoSuchThing("member"));
    }
    if span <= Span::millis(0) || span > limits::MUTE_SPAN_MAX {
        return Err(Rejection::Value {
            field: "span",
            want: "a mute lasts from a moment to 30 days",
        });
    }
    let standing = case
        .room
        .mutes
        .iter()
        .filter(|(_, until)| **until > case.now)
        .count();
    if standing >= limits::MUTES_MAX {
        return Err(Rejection::Limit {
            field: "mutes",
            max: limits::MUTES_MAX,
        });
    }
    Ok(vec![Event::Muted {
        member,
        until: case.now + span,
    }])
}

fn unmute(case: &Case<'_>, member: MemberId) -> Result<Vec<Event>, Rejection> {
    moderates(case)?;
    match case.room.mutes.get(&member) {
        Some(until) if *until > case.now => Ok(vec![Event::Unmuted { member }]),
        Some(_) | None => Err(Rejection::NoSuchThing("member")),
    }
}

pub(crate) fn apply(room: &mut Room, entry: &Entry, event: &Event) {
    match event {
        Event::Muted { member, until } => {
            room.mutes.retain(|_, until| *until > entry.at);
            room.mutes.insert(*member, *until);
        }
        Event::Unmuted { member } => {
            room.mutes.remove(member);
        }
        Event::Pinned { target, on } => {
            room.pins.retain(|seq| seq != target);
            if *on {
                room.pins.push(*target);
            }
        }
        Event::Deleted { target } | Event::Redacted { target, .. } => {
            room.pins.retain(|seq| seq != target);
        }
        Event::Said { .. } | Event::Edited { .. } | Event::Reacted { .. } => {}
    }
}

/// A mention is text for everyone and a pointer for those admitted: the host drops the others.
pub(crate) fn react(entry: &Entry, event: &Event) -> Vec<(Address, Ask)> {
    let Event::Said { mentions, .. } = event else {
        return vec![];
    };
    mentions
        .iter()
        .filter(|member| Some(**member) != entry.author.member())
        .map(|member| {
            let need = inbox::Ask::Point {
                what: inbox::What::Mention,
                room: entry.room,
                seq: entry.seq,
            };
            (Address::inbox(*member), Ask::Inbox(need))
        })
        .collect()
}

/// The events of a decision, worded with the command's texts where they have any.
pub(crate) fn worded(
    events: Vec<Event>,
    command: &Worded<crate::command::Command>,
) -> Vec<Worded<event::Event>> {
    events
        .into_iter()
        .map(|event| {
            let texts = match &event {
                Event::Said { .. } | Event::Edited { .. } | Event::Redacted { .. } => {
                    command.texts.clone()
                }
                Event::Deleted { .. }
                | Event::Reacted { .. }
                | Event::Muted { .. }
                | Event::Unmuted { .. }
                | Event::Pinned { .. } => vec![],
            };
            Worded::new(event::Event::Talk(event), texts)
        })
        .collect()
}
