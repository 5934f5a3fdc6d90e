//! A line of a screen as the screens make it: pieces with a tone each. What colour a tone has is the view's to say.

use super::{Shown, width};

/// What a piece is, so that it can be told from others with and without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// Less important: times, hints, what is on its way.
    Dim,
    /// More important: names, what is unread.
    Strong,
    /// Over a part of the screen.
    Heading,
    /// Somebody's organisation.
    Org,
    /// Me, or what means me.
    Mine,
    /// A key or a link.
    Key,
    /// Well.
    Good,
    /// Soon.
    Warn,
    /// Late, refused, or seen by more people than one might think.
    Bad,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it says.
    pub words: Shown,
    /// What it is.
    pub tone: Tone,
}

/// A line: from the left, and what stands at the right end where there is room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// From the left.
    pub left: Vec<Piece>,
    /// At the right end; never cut.
    pub right: Vec<Piece>,
}

impl Line {
    /// Nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// One piece.
    #[must_use]
    pub fn of(words: Shown, tone: Tone) -> Self {
        Self::default().put(words, tone)
    }

    /// Words of our own.
    #[must_use]
    pub fn own(words: &'static str, tone: Tone) -> Self {
        Self::of(Shown::own(words), tone)
    }

    /// And this after it.
    #[must_use]
    pub fn put(mut self, words: Shown, tone: Tone) -> Self {
        self.left.push(Piece { words, tone });
        self
    }

    /// And these words after it.
    #[must_use]
    pub fn say(self, words: impl AsRef<str>, tone: Tone) -> Self {
        self.put(Shown::said(words), tone)
    }

    /// And this at the right end.
    #[must_use]
    pub fn end(mut self, words: Shown, tone: Tone) -> Self {
        self.right.push(Piece { words, tone });
        self
    }

    /// The cells of the left part.
    #[must_use]
    pub fn width(&self) -> usize {
        self.left.iter().map(|piece| piece.words.width()).sum()
    }

    /// The cells of the right part.
    #[must_use]
    pub fn right_width(&self) -> usize {
        self.right.iter().map(|piece| piece.words.width()).sum()
    }

    /// What it says, without tones: for plain output and tests.
    #[must_use]
    pub fn words(&self) -> String {
        self.left
            .iter()
            .chain(&self.right)
            .map(|piece| piece.words.as_str())
            .collect()
    }
}

/// Words in the middle of a rule of so many cells: `── Today ──`.
#[must_use]
pub fn rule(words: &str, cells: usize, dash: &str) -> Shown {
    let words = format!(" {words} ");
    let left = cells.saturating_sub(width(&words));
    let before = left / 2;
    Shown::said(format!(
        "{}{words}{}",
        dash.repeat(before),
        dash.repeat(left - before)
    ))
}
