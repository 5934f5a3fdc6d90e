//! The one way into cells: everything that is drawn goes through [`Canvas`], and it takes nothing but what
//! [`Shown`] has let through.

use super::theme::Theme;
use crate::app::{
    panes::Area,
    words::{
        Shown,
        line::{Line, Tone},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    symbols::border,
    widgets::{Block, Clear, Widget as _},
};

/// What is drawn on, and how.
pub(super) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    theme: Theme,
    ascii: bool,
    /// Where the terminal's cursor belongs.
    pub(super) cursor: Option<(u16, u16)>,
}

const fn rect(area: Area) -> Rect {
    Rect {
        x: area.x,
        y: area.y,
        width: area.width,
        height: area.height,
    }
}

/// Borders of signs that every terminal has.
const LETTERS: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

impl<'a> Canvas<'a> {
    pub(super) const fn new(buffer: &'a mut Buffer, theme: Theme, ascii: bool) -> Self {
        Self {
            buffer,
            theme,
            ascii,
            cursor: None,
        }
    }

    /// Words from a cell on, within so many cells; how many they took.
    fn put(&mut self, x: u16, y: u16, cells: u16, words: &Shown, style: Style) -> u16 {
        let area = self.buffer.area;
        if y >= area.bottom() || x >= area.right() || cells == 0 {
            return 0;
        }
        let words = words.cut(usize::from(cells.min(area.right().saturating_sub(x))));
        let (end, _) = self
            .buffer
            .set_stringn(x, y, words.as_str(), words.width(), style);
        end.saturating_sub(x)
    }

    /// A line in one row of an area: the right end first, and the left part in what is left.
    pub(super) fn line(&mut self, area: Area, row: u16, line: &Line) {
        if row >= area.height {
            return;
        }
        let y = area.y.saturating_add(row);
        let wide = u16::try_from(line.right_width()).unwrap_or(u16::MAX);
        let right = wide.min(area.width);
        let mut x = area.x.saturating_add(area.width.saturating_sub(right));
        for piece in &line.right {
            let left = area.x.saturating_add(area.width).saturating_sub(x);
            let style = self.theme.style(piece.tone);
            x = x.saturating_add(self.put(x, y, left, &piece.words, style));
        }
        let gap = u16::from(right > 0);
        let end = area
            .x
            .saturating_add(area.width.saturating_sub(right.saturating_add(gap)));
        let mut x = area.x;
        for piece in &line.left {
            let left = end.saturating_sub(x);
            if left == 0 {
                break;
            }
            let style = self.theme.style(piece.tone);
            x = x.saturating_add(self.put(x, y, left, &piece.words, style));
        }
    }

    /// Lines from the top of an area.
    pub(super) fn lines(&mut self, area: Area, lines: &[Line]) {
        for (row, line) in (0..area.height).zip(lines) {
            self.line(area, row, line);
        }
    }

    /// Lays the cursor's style over a row of an area, and puts the terminal's cursor there.
    pub(super) fn select(&mut self, area: Area, row: u16, focused: bool) {
        if row >= area.height {
            return;
        }
        let row = Area {
            y: area.y.saturating_add(row),
            height: 1,
            ..area
        };
        if focused {
            self.buffer.set_style(rect(row), self.theme.selected());
            self.cursor = Some((row.x, row.y));
        }
    }

    /// A border with a title; what is left inside. Without borders, the title alone.
    pub(super) fn frame(&mut self, area: Area, borders: bool, focused: bool, title: &Line) -> Area {
        if !borders || area.width < 2 || area.height < 2 {
            return area;
        }
        let set = match (self.ascii, focused) {
            (true, _) => LETTERS,
            (false, true) => border::THICK,
            (false, false) => border::PLAIN,
        };
        Block::bordered()
            .border_set(set)
            .border_style(self.theme.border(focused))
            .render(rect(area), self.buffer);
        if !title.left.is_empty() || !title.right.is_empty() {
            let mut padded = Line::own(" ", Tone::Plain);
            padded.left.extend(title.left.iter().cloned());
            padded = padded.put(Shown::own(" "), Tone::Plain);
            padded.right.clone_from(&title.right);
            let row = Area {
                x: area.x.saturating_add(1),
                width: area.width.saturating_sub(2),
                height: 1,
                ..area
            };
            self.line(row, 0, &padded);
        }
        area.inner(true)
    }

    /// A box over everything; what is left inside.
    pub(super) fn over(&mut self, area: Area, title: &Line) -> Area {
        Clear.render(rect(area), self.buffer);
        self.frame(area, true, true, title)
    }

    /// A rule in one row.
    pub(super) fn rule(&mut self, area: Area, row: u16) {
        let dash = if self.ascii { "-" } else { "─" };
        let words = Shown::said(dash.repeat(usize::from(area.width)));
        self.line(area, row, &Line::of(words, Tone::Dim));
    }
}
