//! A conversation on screen: a list of messages that is anchored at a message, its thread beside it, and the cursor.
//!
//! The list is virtual. It is laid out from its anchor outwards until the screen is full; nothing else is measured. What
//! arrives never moves what is being read: only a list that stands at its end follows.

use super::lines::{self, Block, Key, Style};
use crate::{
    app::App,
    replica::{Row, Window},
};
use rialto_shared::{entry::Seq, id::RoomId};
use std::collections::BTreeSet;

/// Entries that are looked at beyond those that surely fill the screen.
const MARGIN: usize = 24;
/// Entries that one frame looks at, at most.
const ENTRIES_MAX: usize = 4_000;

/// Where a list stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Anchor {
    /// At its end, and it follows.
    #[default]
    End,
    /// With the top of this block so many lines below the top of the list.
    At {
        /// Which.
        key: Key,
        /// How many; above the top where less than zero.
        top: i64,
    },
}

/// A list of messages as somebody reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roll {
    /// Where it stands.
    pub anchor: Anchor,
    /// The cursor.
    pub selected: Option<Key>,
    /// Long messages that are shown whole.
    pub unfolded: BTreeSet<Key>,
}

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talk {
    /// Where.
    pub room: RoomId,
    /// Its messages.
    pub list: Roll,
    /// The thread that stands beside them.
    pub thread: Option<(Seq, Roll)>,
    /// The first entry that was new when the conversation was opened; it does not move until it is left.
    pub new_since: Option<Seq>,
    /// How many messages were new then.
    pub new_count: u64,
}

impl Talk {
    /// A conversation as it is opened.
    #[must_use]
    pub fn open(app: &App, room: RoomId) -> Self {
        let replica = app.console.replica();
        let unread = replica.unread(room);
        let read = replica
            .room(room)
            .map(|held| held.read.next().max(held.since));
        Self {
            room,
            list: Roll::default(),
            thread: None,
            new_since: read.filter(|_| unread.messages > 0),
            new_count: unread.messages,
        }
    }
}

/// Which of a conversation's two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The room's.
    Room,
    /// The thread's.
    Thread,
}

/// A block in its place.
#[derive(Debug)]
pub struct Placed {
    /// The line of its top, from the top of the list.
    pub top: i64,
    /// The block.
    pub block: Block,
}

impl Placed {
    /// The line after its last.
    #[must_use]
    pub fn bottom(&self) -> i64 {
        self.top.saturating_add(cells(self.block.height()))
    }
}

/// A list laid out.
#[derive(Debug, Default)]
pub struct Layout {
    /// What is seen, from the top.
    pub placed: Vec<Placed>,
    /// Messages below what is seen, as far as they are in memory.
    pub below: usize,
    /// The last entry that is seen whole.
    pub last: Option<Seq>,
    /// Whether the list's end is seen.
    pub at_end: bool,
    /// Whether its beginning, as far as it is in memory, is near.
    pub near_beginning: bool,
}

fn cells(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The rows around an anchor: enough to fill a screen of this height.
#[must_use]
pub fn rows(app: &App, room: RoomId, part: Part, roll: &Roll, height: usize) -> Vec<Row> {
    let replica = app.console.replica();
    let thread = app.talks.get(&room).and_then(|talk| talk.thread.as_ref());
    if let (Part::Thread, Some((root, _))) = (part, thread) {
        return replica.messages(room, Window::Thread(*root));
    }
    let count = (height * 2 + MARGIN).min(ENTRIES_MAX);
    let anchor = match roll.anchor {
        Anchor::At {
            key: Key::Entry(seq) | Key::Gap(seq),
            ..
        } => seq,
        Anchor::At {
            key: Key::Pending(_),
            ..
        }
        | Anchor::End => return newest(app, room, count, height),
    };
    let head = replica
        .room(room)
        .map_or(Seq::ZERO, |held| held.room.head.seq);
    let behind = usize::try_from(head.0.saturating_sub(anchor.0)).unwrap_or(usize::MAX);
    if behind.saturating_add(count) <= ENTRIES_MAX {
        // Near the end, one window has both sides and what is on its way.
        return replica.messages(room, Window::Newest(behind + count));
    }
    let mut rows = replica.messages(room, Window::Before(anchor, count));
    rows.extend(replica.messages(room, Window::From(anchor, count)));
    rows
}

/// The newest rows; more entries are looked at while too few of them are shown.
fn newest(app: &App, room: RoomId, mut count: usize, height: usize) -> Vec<Row> {
    let replica = app.console.replica();
    let held = replica.room(room).map_or(0, |held| held.log().count());
    loop {
        let rows = replica.messages(room, Window::Newest(count));
        if rows.len() > height || count >= held || count >= ENTRIES_MAX {
            return rows;
        }
        count = count.saturating_mul(2);
    }
}

/// Lays a list out on so many lines.
#[must_use]
pub fn lay(app: &App, style: Style<'_>, part: Part, roll: &Roll, height: usize) -> Layout {
    let rows = rows(app, style.room, part, roll, height);
    let height = cells(height);
    let anchor = match roll.anchor {
        Anchor::End => None,
        Anchor::At { key, top } => rows
            .iter()
            .position(|row| lines::key(row) == Some(key))
            .map(|at| (at, top)),
    };
    let Some((at, top)) = anchor else {
        return finish(&rows, from_end(app, style, &rows, height), height);
    };
    let (below, bottom) = downwards(app, style, &rows, at, top, height);
    if bottom < height {
        // Nothing is left to stand below: the list stands at its end.
        return finish(&rows, from_end(app, style, &rows, height), height);
    }
    let mut placed = upwards(app, style, &rows, at, top);
    let first = placed.first().map_or(top, |first| first.top);
    placed.extend(below);
    if first > 0 {
        // Nothing is left to stand above: the list stands at its beginning.
        let (placed, _) = downwards(app, style, &rows, 0, 0, height);
        return finish(&rows, placed, height);
    }
    finish(&rows, placed, height)
}

fn make(app: &App, style: Style<'_>, rows: &[Row], at: usize) -> Option<Block> {
    let before = at.checked_sub(1).and_then(|at| rows.get(at));
    lines::block(app, style, rows.get(at)?, before)
}

/// Blocks from one on, downwards until the height is full; and the line after the last.
fn downwards(
    app: &App,
    style: Style<'_>,
    rows: &[Row],
    from: usize,
    top: i64,
    height: i64,
) -> (Vec<Placed>, i64) {
    let (mut placed, mut line) = (vec![], top);
    for at in from..rows.len() {
        if line >= height {
            break;
        }
        if let Some(block) = make(app, style, rows, at) {
            let one = Placed { top: line, block };
            line = one.bottom();
            placed.push(one);
        }
    }
    (placed, line)
}

/// Blocks before one, upwards until the top is reached.
fn upwards(app: &App, style: Style<'_>, rows: &[Row], before: usize, top: i64) -> Vec<Placed> {
    let (mut placed, mut line) = (vec![], top);
    for at in (0..before).rev() {
        if line <= 0 {
            break;
        }
        if let Some(block) = make(app, style, rows, at) {
            line = line.saturating_sub(cells(block.height()));
            placed.push(Placed { top: line, block });
        }
    }
    placed.reverse();
    placed
}

/// Blocks from the end upwards: the last stands at the bottom, or all stand at the top where they do not fill the height.
fn from_end(app: &App, style: Style<'_>, rows: &[Row], height: i64) -> Vec<Placed> {
    let mut placed = upwards(app, style, rows, rows.len(), height);
    let first = placed.first().map_or(0, |first| first.top);
    if first > 0 {
        for one in &mut placed {
            one.top = one.top.saturating_sub(first);
        }
    }
    placed
}

fn finish(rows: &[Row], placed: Vec<Placed>, height: i64) -> Layout {
    let whole = placed.iter().rev().find(|one| one.bottom() <= height);
    let last = whole.and_then(|one| match one.block.key {
        Key::Entry(seq) => Some(seq),
        Key::Pending(_) | Key::Gap(_) => None,
    });
    let last_key = placed.last().map(|one| one.block.key);
    let after = rows
        .iter()
        .rev()
        .take_while(|row| lines::key(row) != last_key)
        .filter(|row| matches!(row, Row::Message(_)))
        .count();
    let cut = placed.last().is_some_and(|one| one.bottom() > height);
    let first_key = placed.first().map(|one| one.block.key);
    let before = rows
        .iter()
        .take_while(|row| lines::key(row) != first_key)
        .count();
    Layout {
        below: after + usize::from(cut),
        last,
        at_end: after == 0 && !cut,
        near_beginning: before < MARGIN,
        placed,
    }
}

/// How a cursor moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One down.
    Down,
    /// One up.
    Up,
    /// One screen down.
    PageDown,
    /// One screen up.
    PageUp,
    /// To the first in memory.
    First,
    /// To the last, and follow.
    Last,
}

/// The list after a step: pure, so that the caller stores it.
#[must_use]
pub fn stepped(
    app: &App,
    style: Style<'_>,
    part: Part,
    roll: &Roll,
    height: usize,
    step: Step,
) -> Roll {
    let rows = rows(app, style.room, part, roll, height);
    let keys: Vec<Key> = rows
        .iter()
        .filter(|row| lines::selectable(row))
        .filter_map(lines::key)
        .collect();
    let at = roll
        .selected
        .and_then(|key| keys.iter().position(|other| *other == key));
    let mut moved = roll.clone();
    match step {
        Step::Last => {
            moved.anchor = Anchor::End;
            moved.selected = keys.last().copied();
            return moved;
        }
        Step::First => {
            let first = app.first_held(style.room, part).or(keys.first().copied());
            moved.selected = first;
            if let Some(key) = first {
                moved.anchor = Anchor::At { key, top: 0 };
            }
            return moved;
        }
        Step::PageDown => return paged(app, style, part, roll, height, 1),
        Step::PageUp => return paged(app, style, part, roll, height, -1),
        Step::Down => {
            let next = at.map_or(keys.len().saturating_sub(1), |at| at + 1);
            moved.selected = keys.get(next).or(keys.last()).copied();
        }
        Step::Up => {
            let before = at.map_or(keys.len().saturating_sub(1), |at| at.saturating_sub(1));
            moved.selected = keys.get(before).copied();
        }
    }
    revealed(app, style, part, moved, height)
}

/// Moves the list so that its cursor is seen.
#[must_use]
pub fn revealed(app: &App, style: Style<'_>, part: Part, mut roll: Roll, height: usize) -> Roll {
    let Some(key) = roll.selected else {
        return roll;
    };
    let layout = lay(app, style, part, &roll, height);
    let lines = cells(height);
    let placed = layout.placed.iter().position(|one| one.block.key == key);
    match placed.and_then(|at| layout.placed.get(at).map(|one| (at, one))) {
        Some((at, one)) if one.bottom() > lines => {
            let tall = cells(one.block.height());
            roll.anchor = if layout.below <= 1 && at + 1 == layout.placed.len() && tall <= lines {
                Anchor::End
            } else {
                Anchor::At {
                    key,
                    top: (lines - tall).max(0),
                }
            };
        }
        Some((_, one)) if one.top < 0 => roll.anchor = Anchor::At { key, top: 0 },
        Some(_) => {}
        None => {
            let above = layout
                .placed
                .first()
                .is_some_and(|first| before(key, first.block.key));
            let top = if above { 0 } else { (lines - 1).max(0) };
            roll.anchor = Anchor::At { key, top };
            if !above {
                return settled_below(app, style, part, roll, height);
            }
        }
    }
    roll
}

/// A block that was below is put whole at the bottom: its height is known only now.
fn settled_below(app: &App, style: Style<'_>, part: Part, mut roll: Roll, height: usize) -> Roll {
    let layout = lay(app, style, part, &roll, height);
    if layout.at_end {
        roll.anchor = Anchor::End;
        return roll;
    }
    let own = layout
        .placed
        .iter()
        .find(|one| Some(one.block.key) == roll.selected);
    if let (Some(one), Some(key)) = (own, roll.selected) {
        let tall = cells(one.block.height());
        roll.anchor = Anchor::At {
            key,
            top: (cells(height) - tall).max(0),
        };
    }
    roll
}

/// Order of keys in a list: what is on its way stands last.
fn before(one: Key, other: Key) -> bool {
    let place = |key: Key| match key {
        Key::Entry(seq) | Key::Gap(seq) => (0, seq.0),
        Key::Pending(ticket) => (1, ticket.n),
    };
    place(one) < place(other)
}

/// A screen further, one line of it kept.
fn paged(
    app: &App,
    style: Style<'_>,
    part: Part,
    roll: &Roll,
    height: usize,
    towards: i64,
) -> Roll {
    let layout = lay(app, style, part, roll, height);
    let mut moved = roll.clone();
    let page = cells(height.saturating_sub(1).max(1));
    let pivot = if towards > 0 {
        layout.placed.last()
    } else {
        layout.placed.first()
    };
    let Some(pivot) = pivot else {
        return moved;
    };
    if towards > 0 && layout.at_end {
        moved.anchor = Anchor::End;
        moved.selected = Some(pivot.block.key);
        return moved;
    }
    moved.anchor = Anchor::At {
        key: pivot.block.key,
        top: pivot.top.saturating_sub(page.saturating_mul(towards)),
    };
    let seen = lay(app, style, part, &moved, height);
    let mut inside = seen.placed.iter().filter(|one| one.top >= 0);
    let own = if towards > 0 {
        inside.next_back()
    } else {
        inside.next()
    };
    moved.selected = own.map(|one| one.block.key).or(moved.selected);
    if seen.at_end && towards > 0 {
        moved.anchor = Anchor::End;
    }
    moved
}
