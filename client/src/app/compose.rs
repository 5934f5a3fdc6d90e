//! The composer: a text that is being written, its cursor, and how it is laid out.
//!
//! Editing is ratatui-textarea's; what is drawn is laid out here, so that it goes the one way into cells that everything
//! goes, and so that the cursor stands where the cells say.

use super::{
    input::{Chord, Code},
    words::{Shown, grapheme_width},
};
use ratatui_textarea::{CursorMove, Input, Key, TextArea};
use rialto_shared::{
    entry::Seq,
    id::RoomId,
    text::{TextKind, clean},
    time::Timestamp,
};
use unicode_segmentation::UnicodeSegmentation as _;

/// Rows that a composer grows to before it scrolls.
pub const ROWS_MAX: u16 = 10;
/// Bytes that a composer takes in: far above the longest message, so that a slip of the hand costs no memory.
const BYTES_MAX: usize = 256 * 1024;

/// Where a text is being written: a room, or the thread of one of its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Desk {
    /// Which room.
    pub room: RoomId,
    /// Which thread.
    pub thread: Option<Seq>,
}

impl Desk {
    /// Its name in the store.
    #[must_use]
    pub fn key(self) -> String {
        match self.thread {
            Some(seq) => format!("{}/{seq}", self.room),
            None => self.room.to_string(),
        }
    }

    /// The desk of this name.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        let (room, thread) = match key.split_once('/') {
            Some((room, thread)) => (room, Some(Seq(thread.parse().ok()?))),
            None => (key, None),
        };
        Some(Self {
            room: room.parse().ok()?,
            thread,
        })
    }
}

/// A text that is being written.
#[derive(Clone)]
pub struct Composer {
    area: TextArea<'static>,
    /// The message whose text this replaces, and the entry that set that text last.
    pub editing: Option<(Seq, Seq)>,
    /// When it changed, where that is not on disk yet.
    pub unsaved: Option<Timestamp>,
}

/// Never what is written.
impl std::fmt::Debug for Composer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Composer({} lines)", self.area.lines().len())
    }
}

/// A composer's text as it is drawn.
#[derive(Debug, PartialEq, Eq)]
pub struct Laid {
    /// Its rows.
    pub rows: Vec<Shown>,
    /// The cursor's row and column.
    pub cursor: (usize, usize),
}

impl Composer {
    /// One with this text in it, the cursor at its end.
    #[must_use]
    pub fn with(text: &str) -> Self {
        let lines = if text.is_empty() {
            vec![]
        } else {
            text.split('\n').map(str::to_owned).collect()
        };
        let mut area = TextArea::new(lines);
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        Self {
            area,
            editing: None,
            unsaved: None,
        }
    }

    /// The text as it is kept while it is written.
    #[must_use]
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Whether nothing at all is written.
    #[must_use]
    pub fn empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn blank(&self) -> bool {
        self.area.lines().iter().all(|line| line.trim().is_empty())
    }

    /// Replaces the text.
    pub fn set(&mut self, text: &str, now: Timestamp) {
        let editing = self.editing;
        *self = Self::with(text);
        self.editing = editing;
        self.unsaved = Some(now);
    }

    /// Takes a key that edits. Whether it changed the text.
    pub fn key(&mut self, chord: Chord, now: Timestamp) -> bool {
        let code = match chord.code {
            Code::Char(c) => Key::Char(c),
            Code::Backspace => Key::Backspace,
            Code::Delete => Key::Delete,
            Code::Up => Key::Up,
            Code::Down => Key::Down,
            Code::Left => Key::Left,
            Code::Right => Key::Right,
            Code::Home => Key::Home,
            Code::End => Key::End,
            Code::F(_) | Code::Enter | Code::Esc | Code::Tab | Code::PageUp | Code::PageDown => {
                return false;
            }
        };
        let changed = self.area.input(Input {
            key: code,
            ctrl: chord.ctrl,
            alt: chord.alt,
            shift: chord.shift,
        });
        self.changed(changed, now)
    }

    fn changed(&mut self, changed: bool, now: Timestamp) -> bool {
        if changed {
            self.unsaved = Some(now);
        }
        changed
    }

    /// A new line.
    pub fn newline(&mut self, now: Timestamp) {
        self.area.insert_newline();
        self.unsaved = Some(now);
    }

    /// Takes a paste as it would be sent: nothing in it is obeyed.
    pub fn paste(&mut self, raw: &str, now: Timestamp) {
        let room = BYTES_MAX.saturating_sub(self.text().len());
        let end = (0..=raw.len().min(room))
            .rev()
            .find(|end| raw.is_char_boundary(*end))
            .unwrap_or(0);
        let raw = raw.get(..end).unwrap_or_default();
        let cleaned = clean(TextKind::Body, raw);
        let changed = self.area.insert_str(cleaned);
        self.changed(changed, now);
    }

    /// The word before the cursor, back to the last space.
    #[must_use]
    pub fn word(&self) -> String {
        let cursor = self.area.cursor();
        let line = self.area.lines().get(cursor.0);
        let before: String =
            line.map_or_else(String::new, |line| line.chars().take(cursor.1).collect());
        before
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    /// Replaces the word before the cursor.
    pub fn replace_word(&mut self, with: &str, now: Timestamp) {
        for _ in self.word().chars() {
            self.area.delete_char();
        }
        self.area.insert_str(with);
        self.unsaved = Some(now);
    }

    /// How many characters would be sent.
    #[must_use]
    pub fn chars(&self) -> usize {
        clean(TextKind::Body, &self.text()).chars().count()
    }

    /// The text in rows of at most so many cells. A row may be full only if the cursor still fits behind it.
    #[must_use]
    pub fn lay(&self, cells: usize) -> Laid {
        let cells = cells.max(3).saturating_sub(1);
        let cursor = self.area.cursor();
        let mut rows = vec![];
        let mut place = (0, 0);
        for (at, line) in self.area.lines().iter().enumerate() {
            let here = (at == cursor.0).then_some(cursor.1);
            lay_line(line, cells, here, &mut rows, &mut place);
        }
        Laid {
            rows,
            cursor: place,
        }
    }
}

fn lay_line(
    line: &str,
    cells: usize,
    cursor: Option<usize>,
    rows: &mut Vec<Shown>,
    place: &mut (usize, usize),
) {
    let (mut row, mut used, mut chars) = (Shown::default(), 0, 0);
    for grapheme in line.graphemes(true) {
        let shown = Shown::said(grapheme);
        let wide = shown
            .as_str()
            .graphemes(true)
            .map(grapheme_width)
            .sum::<usize>();
        if used + wide > cells && used > 0 {
            rows.push(std::mem::take(&mut row));
            used = 0;
        }
        if cursor.is_some_and(|cursor| cursor >= chars) {
            *place = (rows.len(), used);
        }
        row = row.and(&shown);
        used += wide;
        chars += grapheme.chars().count();
    }
    if cursor.is_some_and(|cursor| cursor >= chars) {
        *place = (rows.len(), used);
    }
    rows.push(row);
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_780_000_000_000);

    fn typed(text: &str) -> Composer {
        let mut composer = Composer::with("");
        for c in text.chars() {
            composer.key(Chord::plain(Code::Char(c)), NOW);
        }
        composer
    }

    #[test]
    fn what_is_typed_is_there_and_the_cursor_behind_it() {
        let composer = typed("日本 ok");
        let laid = composer.lay(20);
        assert_eq!(laid.rows.len(), 1);
        assert_eq!(laid.cursor, (0, 7));
        assert_eq!(composer.text(), "日本 ok");
        assert!(composer.unsaved.is_some());
    }

    #[test]
    fn a_long_line_goes_on_in_the_next_row() {
        let laid = typed("abcdefghij").lay(5);
        let rows: Vec<&str> = laid.rows.iter().map(Shown::as_str).collect();
        assert_eq!(rows, ["abcd", "efgh", "ij"]);
        assert_eq!(laid.cursor, (2, 2));
        let mut composer = typed("abcdefghij");
        for _ in 0..6 {
            composer.key(Chord::plain(Code::Left), NOW);
        }
        assert_eq!(composer.lay(5).cursor, (1, 0));
    }

    #[test]
    fn a_paste_is_text_and_nothing_else() {
        let mut composer = typed("> ");
        composer.paste("one\r\ntwo\u{1b}[2Jthree\u{202e}", NOW);
        assert_eq!(composer.text(), "> one\ntwo[2Jthree");
    }

    #[test]
    fn a_word_is_completed() {
        let mut composer = typed("ask @pri");
        assert_eq!(composer.word(), "@pri");
        composer.replace_word("@Priya ", NOW);
        assert_eq!(composer.text(), "ask @Priya ");
    }

    #[test]
    fn a_desk_has_a_name_that_leads_back_to_it() {
        let room = RoomId::new(rialto_shared::id::RoomKind::Deal, [7; 16]);
        for thread in [None, Some(Seq(12))] {
            let desk = Desk { room, thread };
            assert_eq!(Desk::of_key(&desk.key()), Some(desk));
        }
        assert_eq!(Desk::of_key("nonsense"), None);
    }
}
