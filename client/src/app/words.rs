//! What may be drawn: the one way in for strings.
//!
//! Whatever reaches a cell of the terminal is a [`Shown`]. It is made of texts that passed shared's border and of words of
//! our own, and is cleaned here all the same: no control, bidi or invisible character gets in, by whatever way it came.
//! Emoji whose width terminals disagree on are written by their names.

pub mod line;
pub mod moment;

use rialto_shared::text::{Emoji, Text};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Stands where something was that may not be drawn.
const REPLACEMENT: &str = "\u{FFFD}";
/// What ends a text that was cut.
const ELLIPSIS: &str = "…";
/// No grapheme takes more cells than this.
const GRAPHEME_CELLS_MAX: usize = 2;

/// Signs of our own, each one cell wide.
#[derive(Debug)]
pub struct Glyphs {
    /// Of rules.
    pub dash: &'static str,
    /// Beside the row that the cursor is on.
    pub bar: &'static str,
    /// Connected; somebody is there.
    pub full: &'static str,
    /// Not connected; nobody is there.
    pub hollow: &'static str,
    /// Below.
    pub down: &'static str,
}

/// The signs of most terminals.
pub const UNICODE: Glyphs = Glyphs {
    dash: "─",
    bar: "▌",
    full: "●",
    hollow: "○",
    down: "↓",
};

/// Signs for terminals whose fonts or widths are not to be trusted with others.
pub const ASCII: Glyphs = Glyphs {
    dash: "-",
    bar: ">",
    full: "*",
    hollow: "o",
    down: "v",
};

/// One line that may be drawn.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown(String);

/// Says how long it is and never what: texts do not reach a log by way of `{:?}`.
impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shown({} cells)", self.width())
    }
}

impl Shown {
    /// Words of our own.
    #[must_use]
    pub fn own(words: &'static str) -> Self {
        Self(words.to_owned())
    }

    /// A text, on one line.
    #[must_use]
    pub fn text(text: &Text) -> Self {
        Self::clean(text.as_str())
    }

    /// Put together from texts, names and words of our own.
    #[must_use]
    pub fn said(words: impl AsRef<str>) -> Self {
        Self::clean(words.as_ref())
    }

    /// An emoji, or its name where terminals disagree on its width.
    #[must_use]
    pub fn emoji(emoji: Emoji) -> Self {
        Self::clean(emoji.as_str())
    }

    fn clean(raw: &str) -> Self {
        let mut line = String::with_capacity(raw.len());
        for grapheme in raw.graphemes(true) {
            push(&mut line, grapheme);
        }
        Self(line)
    }

    /// The line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The cells that it takes.
    #[must_use]
    pub fn width(&self) -> usize {
        width(&self.0)
    }

    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As much of it as fits, with an ellipsis where something was cut; never within a grapheme.
    #[must_use]
    pub fn cut(&self, cells: usize) -> Self {
        if self.width() <= cells {
            return self.clone();
        }
        let mut line = String::new();
        let mut used = width(ELLIPSIS);
        for grapheme in self.0.graphemes(true) {
            used += grapheme_width(grapheme);
            if used > cells {
                break;
            }
            line.push_str(grapheme);
        }
        if cells > 0 {
            line.push_str(ELLIPSIS);
        }
        Self(line)
    }

    /// The same, with this after it.
    #[must_use]
    pub fn and(mut self, more: &Self) -> Self {
        self.0.push_str(&more.0);
        self
    }
}

/// The cells that a line takes.
#[must_use]
pub fn width(line: &str) -> usize {
    line.graphemes(true).map(grapheme_width).sum()
}

/// The cells of one grapheme: halfwidth sound marks stand in a cell of their own, whatever the tables say.
#[must_use]
pub fn grapheme_width(grapheme: &str) -> usize {
    if grapheme.len() == 1 {
        return 1;
    }
    let marks = grapheme.matches(['\u{FF9E}', '\u{FF9F}']).count();
    grapheme.width() + marks
}

/// Adds a grapheme as it may be drawn.
fn push(line: &mut String, grapheme: &str) {
    if let Some(name) = emoji_name(grapheme) {
        line.push(':');
        line.push_str(name);
        line.push(':');
        return;
    }
    if matches!(grapheme, "\n" | "\t" | "\r\n") {
        line.push(' ');
        return;
    }
    if grapheme.chars().any(|c| c.is_control() || is_unseen(c)) {
        line.push_str(REPLACEMENT);
        return;
    }
    match grapheme_width(grapheme) {
        // A mark on nothing would change the cell before it.
        0 => {}
        1..=GRAPHEME_CELLS_MAX => line.push_str(grapheme),
        _ => line.push_str(REPLACEMENT),
    }
}

/// The name of an emoji that is more than one plain character: terminals disagree on how wide such are.
fn emoji_name(grapheme: &str) -> Option<&'static str> {
    let mut chars = grapheme.chars();
    chars.next()?;
    chars.next()?;
    let emoji = emojis::get(grapheme)?;
    Some(emoji.shortcode().unwrap_or_else(|| emoji.name()))
}

/// Characters that nobody sees, or that turn the direction of what follows. Joiners are left to the scripts that need
/// them: a grapheme that they make too wide is replaced.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe0f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// A text in lines of at most so many cells, broken between words where it can be. Never measures more than `lines_max`
/// lines; says whether there would have been more.
#[must_use]
pub fn wrap(text: &str, cells: usize, lines_max: usize) -> (Vec<Shown>, bool) {
    let cells = cells.max(GRAPHEME_CELLS_MAX);
    let mut lines = vec![];
    for paragraph in text.split('\n') {
        if lines.len() >= lines_max {
            return (lines, true);
        }
        let left = lines_max - lines.len();
        let (broken, more) = wrap_paragraph(Shown::clean(paragraph).as_str(), cells, left);
        lines.extend(broken);
        if more {
            return (lines, true);
        }
    }
    (lines, false)
}

fn wrap_paragraph(paragraph: &str, cells: usize, lines_max: usize) -> (Vec<Shown>, bool) {
    let mut lines = vec![];
    let (mut line, mut used) = (String::new(), 0);
    for word in paragraph.split_word_bounds() {
        let wide = width(word);
        if used + wide > cells && used > 0 {
            lines.push(Shown(line.trim_end().to_owned()));
            (line, used) = (String::new(), 0);
            if lines.len() >= lines_max {
                return (lines, true);
            }
            if word.trim().is_empty() {
                continue;
            }
        }
        for grapheme in word.graphemes(true) {
            let wide = grapheme_width(grapheme);
            if used + wide > cells {
                lines.push(Shown(line));
                (line, used) = (String::new(), 0);
                if lines.len() >= lines_max {
                    return (lines, true);
                }
            }
            line.push_str(grapheme);
            used += wide;
        }
    }
    lines.push(Shown(line.trim_end().to_owned()));
    (lines, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_obey_or_nobody_sees_is_replaced() {
        for (raw, shown) in [
            ("plain", "plain"),
            ("\u{1b}[31mred", "\u{FFFD}[31mred"),
            ("a\u{9b}2Jb", "a\u{FFFD}2Jb"),
            ("\u{202e}gpj.exe", "\u{FFFD}gpj.exe"),
            ("a\u{2066}b", "a\u{FFFD}b"),
            ("one\ntwo\tthree", "one two three"),
            ("❤\u{FE0F}", ":heart:"),
            ("👩\u{200D}💻", ":woman_technologist:"),
            ("日本語 👍", "日本語 👍"),
            ("\u{301}x", "x"),
            ("é", "é"),
        ] {
            assert_eq!(Shown::said(raw).as_str(), shown, "{raw:?}");
        }
    }

    #[test]
    fn a_cut_says_that_it_is_one() {
        let words = Shown::own("Yes, we can take Thursday");
        assert_eq!(words.cut(10).as_str(), "Yes, we c…");
        assert_eq!(words.cut(0).as_str(), "");
        assert_eq!(Shown::own("日本語").cut(4).as_str(), "日…");
        assert_eq!(words.cut(100), words);
    }

    #[test]
    fn lines_break_between_words() {
        let (lines, more) = wrap("Need a yes by noon\nto hold the room.", 10, 9);
        let lines: Vec<&str> = lines.iter().map(Shown::as_str).collect();
        assert_eq!(lines, ["Need a yes", "by noon", "to hold", "the room."]);
        assert!(!more);
        let (lines, more) = wrap("a b c d e f g h", 3, 2);
        assert_eq!((lines.len(), more), (2, true));
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_that_is_seen_is_lost(text in any::<String>(), cells in 2_usize..40) {
            let (lines, more) = wrap(&text, cells, usize::MAX);
            prop_assert!(!more);
            for line in &lines {
                prop_assert!(line.width() <= cells, "{} > {cells}", line.width());
                prop_assert!(!line.as_str().chars().any(char::is_control));
            }
            let seen = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let all: String = lines.iter().map(Shown::as_str).collect();
            let whole: String = text.split('\n').map(|part| Shown::said(part).as_str().to_owned()).collect();
            prop_assert_eq!(seen(&all), seen(&whole));
        }

        #[test]
        fn a_cut_fits(text in any::<String>(), cells in 0_usize..40) {
            prop_assert!(Shown::said(&text).cut(cells).width() <= cells);
        }
    }
}
