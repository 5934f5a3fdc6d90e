//! Messages as lines: each row of a log becomes a block, grouped by author, under rules for days and for what is new.
//!
//! A block is measured when it is asked for, and only those are asked for that are seen.

use super::events;
use crate::{
    app::{
        App,
        words::{
            Shown,
            line::{Line, Tone, rule},
            moment, wrap,
        },
    },
    replica::{Message, PendingState, Row, Stands, Ticket},
};
use rialto_shared::{
    entry::{Author, Seq},
    id::RoomId,
    time::{Span, Timestamp},
};
use std::collections::BTreeSet;

/// Messages of one author stand under one heading when they come within this time.
const GROUP_SPAN: Span = Span::millis(5 * 60_000);
/// Rows of a message that are shown before it is folded.
const FOLD_ROWS: usize = 20;
/// Rows of what happened, before it is cut.
const EVENT_ROWS: usize = 4;
/// Cells before it: the time and a dash.
const EVENT_INDENT: usize = 9;
/// The widest that a text is set, for reading.
const TEXT_CELLS_MAX: usize = 100;

/// What a block is of: how the cursor finds it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// An entry.
    Entry(Seq),
    /// A command on its way.
    Pending(Ticket),
    /// Entries that are not held, from this one on.
    Gap(Seq),
}

/// A row of a list of messages, measured.
#[derive(Debug)]
pub struct Block {
    /// What of.
    pub key: Key,
    /// Lines that belong to it and are not marked with it: rules, the author.
    pub head: Vec<Line>,
    /// Its own lines.
    pub body: Vec<Line>,
}

impl Block {
    /// How many lines it takes.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

/// How blocks are made.
#[derive(Debug, Clone, Copy)]
pub struct Style<'a> {
    /// The room.
    pub room: RoomId,
    /// The cells of a line.
    pub cells: usize,
    /// Whether there is no room for a gutter.
    pub narrow: bool,
    /// The first entry that was new when the list was opened.
    pub new_since: Option<Seq>,
    /// How many messages were.
    pub new_count: u64,
    /// Whether this is a thread: then replies are not counted.
    pub thread: bool,
    /// What is shown whole.
    pub unfolded: &'a BTreeSet<Key>,
}

/// What a row is of.
#[must_use]
pub fn key(row: &Row) -> Option<Key> {
    match row {
        Row::Message(message) => match (message.seq, &message.stands) {
            (Some(seq), _) => Some(Key::Entry(seq)),
            (None, Stands::Pending(ticket, _)) => Some(Key::Pending(*ticket)),
            (None, Stands::Logged) => None,
        },
        Row::Event { seq, .. } => Some(Key::Entry(*seq)),
        Row::Gap { from, .. } => Some(Key::Gap(*from)),
    }
}

/// Whether the cursor stops at a row.
#[must_use]
pub const fn selectable(row: &Row) -> bool {
    match row {
        Row::Message(_) | Row::Gap { .. } => true,
        Row::Event { .. } => false,
    }
}

/// The block of a row, with the row before it.
#[must_use]
pub fn block(app: &App, style: Style<'_>, row: &Row, before: Option<&Row>) -> Option<Block> {
    let key = key(row)?;
    let mut head = vec![];
    if let Some(words) = day_rule(app, row, before) {
        head.push(Line::of(
            rule(&words, style.cells, app.glyphs().dash),
            Tone::Dim,
        ));
    }
    if begins_new(style, row, before) {
        head.push(Line::of(
            rule(&new_words(app, style, row), style.cells, app.glyphs().dash),
            Tone::Warn,
        ));
    }
    let body = match row {
        Row::Message(message) => {
            if !head.is_empty() || starts_group(message, before) {
                head.push(author_line(app, style, message));
            }
            message_lines(app, style, key, message)
        }
        Row::Event { seq, at, .. } => event_lines(app, style, *seq, *at),
        Row::Gap { from, to } => vec![gap_line(*from, *to)],
    };
    Some(Block { key, head, body })
}

fn at(row: &Row) -> Option<Timestamp> {
    match row {
        Row::Message(message) => Some(message.at),
        Row::Event { at, .. } => Some(*at),
        Row::Gap { .. } => None,
    }
}

fn day_rule(app: &App, row: &Row, before: Option<&Row>) -> Option<String> {
    // What is on its way has no time of the server's yet: it stands under what is there.
    if matches!(row, Row::Message(message) if message.seq.is_none()) {
        return None;
    }
    let at = at(row)?;
    let same = before
        .and_then(self::at)
        .is_some_and(|before| moment::day(before, &app.zone) == moment::day(at, &app.zone));
    (!same).then(|| moment::day_words(at, app.now, &app.zone))
}

fn seq(row: &Row) -> Option<Seq> {
    match row {
        Row::Message(message) => message.seq,
        Row::Event { seq, .. } => Some(*seq),
        Row::Gap { to, .. } => Some(*to),
    }
}

fn begins_new(style: Style<'_>, row: &Row, before: Option<&Row>) -> bool {
    let Some(since) = style.new_since else {
        return false;
    };
    let old = before.and_then(seq).is_none_or(|before| before < since);
    old && seq(row).is_some_and(|seq| seq >= since)
}

fn new_words(app: &App, style: Style<'_>, row: &Row) -> String {
    let since = at(row).map_or_else(String::new, |at| {
        format!(" since {}", moment::clock(at, &app.zone))
    });
    match style.new_count {
        0 => format!("new{since}"),
        1 => format!("new{since} · 1 message"),
        n => format!("new{since} · {n} messages"),
    }
}

fn starts_group(message: &Message, before: Option<&Row>) -> bool {
    let Some(Row::Message(before)) = before else {
        return true;
    };
    let (theirs, ours) = (
        before.author.and_then(Author::member),
        message.author.and_then(Author::member),
    );
    let same = if before.mine && message.mine {
        true
    } else {
        ours.is_some() && theirs == ours
    };
    let pending = message.seq.is_none() && before.seq.is_some();
    !same || pending || (message.seq.is_some() && message.at - before.at > GROUP_SPAN)
}

fn author_line(app: &App, style: Style<'_>, message: &Message) -> Line {
    let replica = app.console.replica();
    let time = if message.seq.is_some() {
        moment::clock(message.at, &app.zone)
    } else {
        "     ".to_owned()
    };
    let line = Line::of(Shown::said(time), Tone::Dim).own_space();
    if message.mine {
        let me = replica.my_id().map(|me| replica.person_name(me));
        return line
            .say(me.unwrap_or_default(), Tone::Mine)
            .say(" (you)", Tone::Mine);
    }
    let Some(author) = message.author else {
        return line;
    };
    let line = line.say(replica.author_name(author), Tone::Strong);
    match author.org() {
        Some(org) if !style.narrow => line.say(format!(" [{}]", replica.org_name(org)), Tone::Org),
        Some(_) | None => line,
    }
}

impl Line {
    fn own_space(self) -> Self {
        self.put(Shown::own(" "), Tone::Plain)
    }

    fn indented(cells: usize) -> Self {
        Self::of(Shown::said(" ".repeat(cells)), Tone::Plain)
    }
}

const fn indent(style: Style<'_>) -> usize {
    if style.narrow { 2 } else { 6 }
}

fn message_lines(app: &App, style: Style<'_>, key: Key, message: &Message) -> Vec<Line> {
    let indent = indent(style);
    let (state, tone) = match &message.stands {
        Stands::Logged => (None, Tone::Plain),
        Stands::Pending(_, state) => (Some(state), Tone::Dim),
    };
    let mut lines = vec![];
    match (&message.body, &message.removed) {
        (Some(body), None) => {
            let cells = style.cells.saturating_sub(indent).min(TEXT_CELLS_MAX);
            let rows = if style.unfolded.contains(&key) {
                usize::MAX
            } else {
                FOLD_ROWS
            };
            let (wrapped, more) = wrap(body.as_str(), cells, rows);
            lines.extend(
                wrapped
                    .into_iter()
                    .map(|line| Line::indented(indent).put(line, tone)),
            );
            if more {
                lines.push(Line::indented(indent).say("… folded · v shows all of it", Tone::Dim));
            }
        }
        (_, Some(removed)) => lines.push(tombstone(app, indent, message, removed)),
        (None, None) => {
            lines.push(Line::indented(indent).say("(this text was erased)", Tone::Dim));
        }
    }
    if message.edited
        && message.removed.is_none()
        && let Some(last) = lines.pop()
    {
        lines.push(last.say(" (edited)", Tone::Dim));
    }
    lines.extend(state.map(|state| state_line(indent, state)));
    lines.extend(reactions(indent, message));
    if !style.thread {
        lines.extend(replies(app, style.room, indent, message));
    }
    lines
}

fn tombstone(
    app: &App,
    indent: usize,
    message: &Message,
    removed: &crate::replica::Removed,
) -> Line {
    let line = Line::indented(indent);
    if !removed.redacted {
        return line.say("(deleted by its author)", Tone::Dim);
    }
    let replica = app.console.replica();
    let who = removed
        .who
        .map_or_else(|| "a moderator".to_owned(), |who| replica.author_name(who));
    let reason = removed.reason.map_or_else(String::new, |reason| {
        format!(": {reason}").replace('_', " ")
    });
    let line = line.say(format!("(removed by {who}{reason})"), Tone::Warn);
    match &removed.words {
        Some(words) if message.removed.is_some() => {
            line.own_space().put(Shown::text(words), Tone::Dim)
        }
        Some(_) | None => line,
    }
}

fn state_line(indent: usize, state: &PendingState) -> Line {
    let line = Line::indented(indent);
    match state {
        PendingState::Queued => line.say("⋯ queued: goes out when connected", Tone::Dim),
        PendingState::Sent => line.say("↑ sent", Tone::Dim),
        PendingState::Accepted { .. } => line.say("✓ on the record", Tone::Dim),
        PendingState::Refused(refusal) => line
            .say("! refused: ", Tone::Bad)
            .say(&refusal.words, Tone::Bad)
            .say(" · R sends again, X drops it", Tone::Dim),
    }
}

fn reactions(indent: usize, message: &Message) -> Option<Line> {
    if message.reactions.is_empty() {
        return None;
    }
    let mut line = Line::indented(indent);
    for (emoji, count, mine) in &message.reactions {
        let tone = if *mine { Tone::Mine } else { Tone::Plain };
        line = line
            .put(Shown::emoji(*emoji), tone)
            .say(format!(" {count}  "), tone);
    }
    Some(line)
}

fn replies(app: &App, room: RoomId, indent: usize, message: &Message) -> Option<Line> {
    let (root, count) = (message.seq?, message.replies);
    if let Some(thread) = message.thread {
        let words = format!("↳ in the thread of {}", thread_words(app, room, thread));
        return Some(Line::indented(indent).say(words, Tone::Dim));
    }
    if count == 0 || root == Seq::ZERO {
        return None;
    }
    let replied = message.replied.map_or_else(String::new, |at| {
        format!(" · last {}", moment::ago(at, app.now))
    });
    let words = match count {
        1 => format!("└ 1 reply{replied}"),
        n => format!("└ {n} replies{replied}"),
    };
    Some(Line::indented(indent).say(words, Tone::Key))
}

fn thread_words(app: &App, room: RoomId, thread: Seq) -> String {
    let replica = app.console.replica();
    let held = replica.room(room).and_then(|held| held.entry(thread));
    held.map_or_else(
        || "an older message".to_owned(),
        |logged| {
            let who = replica.author_name(logged.entry.author);
            format!("{who}, {}", moment::clock(logged.entry.at, &app.zone))
        },
    )
}

/// What happened, in as many rows as it takes: whom it is about often stands at the end.
fn event_lines(app: &App, style: Style<'_>, seq: Seq, at: Timestamp) -> Vec<Line> {
    let dash = app.glyphs().dash;
    let words = events::sentence(app, style.room, seq);
    let cells = style.cells.saturating_sub(EVENT_INDENT).min(TEXT_CELLS_MAX);
    let (rows, more) = wrap(words.as_str(), cells, EVENT_ROWS);
    let last = rows.len().saturating_sub(1);
    rows.into_iter()
        .enumerate()
        .map(|(row, words)| {
            let line = if row == 0 {
                Line::of(Shown::said(moment::clock(at, &app.zone)), Tone::Dim)
                    .say(format!(" {dash}{dash} "), Tone::Dim)
            } else {
                Line::indented(EVENT_INDENT)
            };
            let line = line.put(words, Tone::Dim);
            if more && row == last {
                line.say("…", Tone::Dim)
            } else {
                line
            }
        })
        .collect()
}

fn gap_line(from: Seq, to: Seq) -> Line {
    let count = to.next().0.saturating_sub(from.0);
    let entries = if count == 1 {
        "1 entry is".to_owned()
    } else {
        format!("{count} entries are")
    };
    Line::empty()
        .say(format!("  {entries} not loaded · "), Tone::Dim)
        .own_key("Enter")
}

impl Line {
    fn own_key(self, key: &'static str) -> Self {
        self.put(Shown::own(key), Tone::Key)
    }
}
