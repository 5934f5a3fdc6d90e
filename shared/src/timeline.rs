//! What later entries did to an earlier one: the second fold.
//!
//! A room's state never holds messages. What edits, removals, reactions, replies and pins made of a message is its *note*,
//! folded by [`note`] in the server's `notes` table and in the client's store alike. A page is entry bytes, notes and the
//! asker's own marks, true at one head; a note ignores entries at or below its `as_of`.

use crate::{
    entry::{Entry, SaltedText, Seq},
    event::Event,
    id::MemberId,
    room::{inbox, side, talk},
    text::Emoji,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How a message was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Removal {
    /// By which entry; it says who and why.
    pub by: Seq,
    /// Taken away by a moderator, not by its author.
    pub redacted: bool,
}

/// What became of one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Note {
    /// The last entry that was taken in.
    pub as_of: Seq,
    /// The entries that edited it, oldest first.
    pub edits: Vec<Seq>,
    /// The text as last edited; `None` where never edited, or erased.
    pub body: Option<SaltedText>,
    /// How it was removed, if it was.
    pub removal: Option<Removal>,
    /// How many members reacted with what.
    pub reactions: Vec<(Emoji, u32)>,
    /// Replies in its thread.
    pub replies: u32,
    /// When the last reply came.
    pub replied: Option<Timestamp>,
    /// Whether it is pinned.
    pub pinned: bool,
}

impl Note {
    /// The entry that set the text last: the message itself, or its newest edit.
    #[must_use]
    pub fn set_at(&self, message: Seq) -> Seq {
        self.edits.last().copied().unwrap_or(message)
    }

    /// The entries whose texts go when this message is removed: the message and every edit of it.
    #[must_use]
    pub fn erases(&self, message: Seq) -> Vec<Seq> {
        std::iter::once(message)
            .chain(self.edits.iter().copied())
            .collect()
    }
}

/// The entry that this one does something to, if any.
#[must_use]
pub const fn target(event: &Event) -> Option<Seq> {
    match event {
        Event::Talk(event) => match event {
            talk::Event::Said { thread, .. } => *thread,
            talk::Event::Edited { target, .. }
            | talk::Event::Deleted { target }
            | talk::Event::Reacted { target, .. }
            | talk::Event::Redacted { target, .. }
            | talk::Event::Pinned { target, .. } => Some(*target),
            talk::Event::Muted { .. } | talk::Event::Unmuted { .. } => None,
        },
        Event::Side(side::Event::Erased { target, .. })
        | Event::Inbox(inbox::Event::Erased { target }) => Some(*target),
        Event::Org(_)
        | Event::Inbox(_)
        | Event::Channel(_)
        | Event::Direct(_)
        | Event::Profile(_)
        | Event::Relation(_)
        | Event::Side(_)
        | Event::Referral(_)
        | Event::Deal(_)
        | Event::Record(_)
        | Event::Key(_)
        | Event::Newer(_) => None,
    }
}

/// Whether this entry takes its target's texts away.
#[must_use]
pub const fn erases(event: &Event) -> bool {
    matches!(
        event,
        Event::Talk(talk::Event::Deleted { .. } | talk::Event::Redacted { .. })
            | Event::Side(side::Event::Erased { .. })
            | Event::Inbox(inbox::Event::Erased { .. })
    )
}

/// Takes an entry into the note of its target. Entries that the note has seen change nothing.
pub fn note(note: &mut Note, entry: &Entry) {
    if entry.seq <= note.as_of {
        return;
    }
    note.as_of = entry.seq;
    let Event::Talk(event) = &entry.event else {
        if erases(&entry.event) {
            remove(note, entry.seq, false);
        }
        return;
    };
    match event {
        talk::Event::Said { .. } => {
            note.replies = note.replies.saturating_add(1);
            note.replied = Some(entry.at);
        }
        talk::Event::Edited { body, .. } => {
            note.edits.push(entry.seq);
            note.body = entry.text(*body).cloned();
        }
        talk::Event::Deleted { .. } => remove(note, entry.seq, false),
        talk::Event::Redacted { .. } => remove(note, entry.seq, true),
        talk::Event::Reacted { emoji, on, .. } => react(note, *emoji, *on),
        talk::Event::Pinned { on, .. } => note.pinned = *on,
        talk::Event::Muted { .. } | talk::Event::Unmuted { .. } => {}
    }
}

fn remove(note: &mut Note, by: Seq, redacted: bool) {
    note.removal = Some(Removal { by, redacted });
    note.body = None;
    note.reactions.clear();
    note.pinned = false;
}

fn react(note: &mut Note, emoji: Emoji, on: bool) {
    if let Some((_, count)) = note.reactions.iter_mut().find(|(other, _)| *other == emoji) {
        *count = if on {
            count.saturating_add(1)
        } else {
            count.saturating_sub(1)
        };
    } else if on {
        note.reactions.push((emoji, 1));
    }
    note.reactions.retain(|(_, count)| *count > 0);
}

/// One member's own marks on one entry: what they reacted with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Marks {
    /// The emoji.
    pub reactions: BTreeSet<Emoji>,
}

/// Takes an entry into its author's own marks on its target.
pub fn mark(marks: &mut Marks, entry: &Entry) -> Option<MemberId> {
    let Event::Talk(talk::Event::Reacted { emoji, on, .. }) = &entry.event else {
        return None;
    };
    if *on {
        marks.reactions.insert(*emoji);
    } else {
        marks.reactions.remove(emoji);
    }
    entry.author.member()
}
