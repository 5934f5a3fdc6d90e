//! What of a room's log is shown: messages with their newest text, tombstones, gaps, and what is on its way.

use super::{Held, Logged, Pending, PendingState, Replica, Ticket, held::said};
use rialto_shared::{
    command::Command,
    entry::{Author, Seq, Slot},
    event::Event,
    id::{MemberId, RoomId},
    room::talk::{self, RedactReason},
    text::{Emoji, Text},
    time::Timestamp,
};
use std::collections::BTreeSet;

/// Which part of a log is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The newest so many entries, and what is on its way.
    Newest(usize),
    /// So many entries before this one.
    Before(Seq, usize),
    /// So many entries from this one on.
    From(Seq, usize),
    /// A message and the replies in its thread.
    Thread(Seq),
}

/// One thing in a room's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A message.
    Message(Box<Message>),
    /// Something else that happened.
    Event {
        /// Where.
        seq: Seq,
        /// When.
        at: Timestamp,
        /// Who did it.
        author: Author,
        /// The kind, as in `channel.invited`.
        kind: String,
    },
    /// Entries that are not held: a page brings them.
    Gap {
        /// The first.
        from: Seq,
        /// The last.
        to: Seq,
    },
}

/// How a message was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// By the entry at this position.
    pub by: Seq,
    /// By a moderator, not by its author.
    pub redacted: bool,
    /// Who did it, if that entry is held.
    pub who: Option<Author>,
    /// Why, where a moderator did it.
    pub reason: Option<RedactReason>,
    /// The moderator's words.
    pub words: Option<Text>,
}

/// Whether a message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// It is in the log.
    Logged,
    /// It, or its newest text, is on its way, or was refused.
    Pending(Ticket, PendingState),
}

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its position; `None` while on its way.
    pub seq: Option<Seq>,
    /// Whether it stands.
    pub stands: Stands,
    /// Who said it.
    pub author: Option<Author>,
    /// Whether I did.
    pub mine: bool,
    /// When.
    pub at: Timestamp,
    /// Its newest text; `None` once erased.
    pub body: Option<Text>,
    /// The entry that set the text last: what an edit names.
    pub set_at: Seq,
    /// Whether it was edited.
    pub edited: bool,
    /// How it was taken away, if it was.
    pub removed: Option<Removed>,
    /// What people reacted with, how many did, and whether I am one.
    pub reactions: Vec<(Emoji, u32, bool)>,
    /// The message whose thread it is in.
    pub thread: Option<Seq>,
    /// Replies in its own thread.
    pub replies: u32,
    /// When the last reply came.
    pub replied: Option<Timestamp>,
    /// Who was meant.
    pub mentions: BTreeSet<MemberId>,
    /// Whether it is pinned.
    pub pinned: bool,
}

/// What I have not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unread {
    /// Messages of others. Nothing but messages counts.
    pub messages: u64,
    /// Of those, such as mean me.
    pub mentions: u64,
    /// Whether all entries in question are held; else `messages` is the most it can be.
    pub exact: bool,
}

impl Replica {
    /// What of a room is shown, oldest first.
    #[must_use]
    pub fn messages(&self, room: RoomId, window: Window) -> Vec<Row> {
        let Some(held) = self.room(room) else {
            return self.pending_rows(room, None);
        };
        match window {
            Window::Newest(limit) => {
                let mut logged: Vec<&Logged> = held.log().rev().take(limit).collect();
                logged.reverse();
                let mut rows = self.rows(held, &logged, false);
                rows.extend(self.pending_rows(room, None));
                rows
            }
            Window::Before(seq, limit) => {
                let before = held.log_map().range(..seq).rev().take(limit);
                let mut logged: Vec<&Logged> = before.map(|(_, logged)| logged).collect();
                logged.reverse();
                self.rows(held, &logged, false)
            }
            Window::From(seq, limit) => {
                let from = held.log_map().range(seq..).take(limit);
                let logged: Vec<&Logged> = from.map(|(_, logged)| logged).collect();
                self.rows(held, &logged, false)
            }
            Window::Thread(root) => {
                let logged: Vec<&Logged> = held
                    .log_map()
                    .range(root..)
                    .map(|(_, logged)| logged)
                    .filter(|logged| logged.entry.seq == root || thread_of(logged) == Some(root))
                    .collect();
                let mut rows = self.rows(held, &logged, true);
                rows.extend(self.pending_rows(room, Some(root)));
                rows
            }
        }
    }

    /// Rows of consecutive entries; holes between them become gaps, unless `sparse`.
    fn rows(&self, held: &Held, logged: &[&Logged], sparse: bool) -> Vec<Row> {
        let mut rows = vec![];
        let mut next = logged.first().map(|first| first.entry.seq);
        if let Some(first) = next.filter(|first| !sparse && held.lacks_before(*first)) {
            rows.push(Row::Gap {
                from: held.since.max(Seq(1)),
                to: first.previous(),
            });
        }
        for one in logged {
            let seq = one.entry.seq;
            if let Some(wanted) = next.filter(|wanted| !sparse && seq > *wanted) {
                push_gap(&mut rows, wanted, seq.previous());
            }
            next = Some(seq.next());
            if let Some(row) = self.row(held, one) {
                rows.push(row);
            }
        }
        rows
    }

    fn row(&self, held: &Held, logged: &Logged) -> Option<Row> {
        let entry = &logged.entry;
        match &entry.event {
            Event::Talk(talk::Event::Said { .. }) => {
                Some(Row::Message(Box::new(self.message(held, logged)?)))
            }
            // What these did stands at their message.
            Event::Talk(
                talk::Event::Edited { .. }
                | talk::Event::Deleted { .. }
                | talk::Event::Reacted { .. }
                | talk::Event::Redacted { .. },
            ) => None,
            Event::Talk(
                talk::Event::Muted { .. }
                | talk::Event::Unmuted { .. }
                | talk::Event::Pinned { .. },
            )
            | Event::Org(_)
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
            | Event::Newer(_) => Some(Row::Event {
                seq: entry.seq,
                at: entry.at,
                author: entry.author,
                kind: entry.kind.clone(),
            }),
        }
    }

    /// A message that is held; `None` where the entry is none.
    #[must_use]
    pub fn message(&self, held: &Held, logged: &Logged) -> Option<Message> {
        let entry = &logged.entry;
        let Event::Talk(talk::Event::Said {
            thread,
            mentions,
            body,
        }) = &entry.event
        else {
            return None;
        };
        let note = &logged.note;
        let newest = note.body.as_ref().or_else(|| {
            let unedited = note.edits.is_empty();
            entry.text(*body).filter(|_| unedited)
        });
        let pending = self.pending_edit(entry.room, entry.seq);
        let body = pending
            .and_then(|pending| pending.texts.first())
            .or(newest)
            .filter(|_| note.removal.is_none());
        let reactions = note
            .reactions
            .iter()
            .map(|(emoji, count)| (*emoji, *count, logged.marks.reactions.contains(emoji)));
        Some(Message {
            seq: Some(entry.seq),
            stands: pending.map_or(Stands::Logged, |pending| {
                Stands::Pending(pending.ticket, pending.state.clone())
            }),
            author: Some(entry.author),
            mine: entry.author.member().is_some() && entry.author.member() == self.my_id(),
            at: entry.at,
            body: body.map(|salted| salted.text.clone()),
            set_at: note.set_at(entry.seq),
            edited: !note.edits.is_empty(),
            removed: note
                .removal
                .as_ref()
                .map(|removal| removed(held, removal.by, removal.redacted)),
            reactions: reactions.collect(),
            thread: *thread,
            replies: note.replies,
            replied: note.replied,
            mentions: mentions.clone(),
            pinned: note.pinned,
        })
    }

    fn pending_edit(&self, room: RoomId, message: Seq) -> Option<&Pending> {
        self.pending()
            .filter(|pending| pending.room == room)
            .filter(|pending| {
                matches!(&pending.command,
                    Command::Talk(talk::Command::Edit { target, .. }) if *target == message)
            })
            .last()
    }

    fn pending_rows(&self, room: RoomId, in_thread: Option<Seq>) -> Vec<Row> {
        self.pending()
            .filter(|pending| pending.room == room)
            .filter_map(|pending| {
                let Command::Talk(talk::Command::Say { thread, mentions }) = &pending.command
                else {
                    return None;
                };
                if in_thread.is_some() && *thread != in_thread {
                    return None;
                }
                Some(Row::Message(Box::new(Message {
                    seq: None,
                    stands: Stands::Pending(pending.ticket, pending.state.clone()),
                    author: None,
                    mine: true,
                    at: pending.at,
                    body: pending.texts.first().map(|salted| salted.text.clone()),
                    set_at: Seq::ZERO,
                    edited: false,
                    removed: None,
                    reactions: vec![],
                    thread: *thread,
                    replies: 0,
                    replied: None,
                    mentions: mentions.clone(),
                    pinned: false,
                })))
            })
            .collect()
    }

    /// What I have not read in a room.
    #[must_use]
    pub fn unread(&self, room: RoomId) -> Unread {
        let Some(held) = self.room(room) else {
            let outline = self.outlines().find(|(id, _)| *id == room);
            return outline.map_or_else(Unread::default, |(_, outline)| Unread {
                messages: outline.head.0.saturating_sub(outline.read.0),
                mentions: 0,
                exact: false,
            });
        };
        let me = self.my_id();
        let first = held.read.next().max(held.since);
        let mut unread = Unread::default();
        let mut there = 0_u64;
        for (_, logged) in held.log_map().range(first..) {
            there = there.saturating_add(1);
            let entry = &logged.entry;
            if !said(&entry.event) || entry.author.member() == me || logged.note.removal.is_some() {
                continue;
            }
            unread.messages = unread.messages.saturating_add(1);
            let meant = matches!(&entry.event, Event::Talk(talk::Event::Said { mentions, .. })
                if me.is_some_and(|me| mentions.contains(&me)));
            unread.mentions = unread.mentions.saturating_add(u64::from(meant));
        }
        let last = held.ahead.max(held.room.head.seq);
        let lacking = last.next().0.saturating_sub(first.0).saturating_sub(there);
        unread.exact = lacking == 0;
        if held.room.talks() {
            unread.messages = unread.messages.saturating_add(lacking);
        }
        unread
    }
}

fn push_gap(rows: &mut Vec<Row>, from: Seq, to: Seq) {
    if let Some(Row::Gap { to: last, .. }) = rows.last_mut() {
        *last = to;
    } else {
        rows.push(Row::Gap { from, to });
    }
}

fn thread_of(logged: &Logged) -> Option<Seq> {
    match &logged.entry.event {
        Event::Talk(talk::Event::Said { thread, .. }) => *thread,
        Event::Talk(_)
        | Event::Org(_)
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

fn removed(held: &Held, by: Seq, redacted: bool) -> Removed {
    let removal = held.entry(by);
    let (reason, words) = match removal.map(|logged| &logged.entry.event) {
        Some(Event::Talk(talk::Event::Redacted { reason, words, .. })) => {
            (Some(*reason), Some(*words))
        }
        Some(_) | None => (None, None::<Slot>),
    };
    Removed {
        by,
        redacted,
        who: removal.map(|logged| logged.entry.author),
        reason,
        words: removal
            .zip(words)
            .and_then(|(logged, slot)| logged.entry.text(slot))
            .map(|salted| salted.text.clone()),
    }
}
