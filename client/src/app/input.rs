//! Everything that can happen to the console, in one closed list; and keys as the console knows them, so that nothing
//! behind this file depends on a terminal library.

pub mod keymap;

use crate::link::News;
use rialto_shared::time::Timestamp;
use std::{fmt, str::FromStr};

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// A key.
    Key(Chord),
    /// The mouse.
    Mouse(Mouse),
    /// A paste, as one.
    Paste(String),
    /// The terminal's size, in cells.
    Resize(Size),
    /// Whether the terminal is the one that is looked at.
    Focus(bool),
    /// From the link.
    News(News),
    /// The time. Nothing else moves the clock.
    Tick(Timestamp),
    /// What the editor made of the composer's text; `None` where it failed.
    Edited(Option<String>),
}

/// Cells across and down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Across.
    pub width: u16,
    /// Down.
    pub height: u16,
}

/// What the mouse did, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub what: Click,
    /// Column, from 0.
    pub x: u16,
    /// Row, from 0.
    pub y: u16,
}

/// What a mouse does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Click {
    /// The left button went down.
    Press,
    /// The wheel turned towards older things.
    Up,
    /// The wheel turned towards newer ones.
    Down,
}

/// A key without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// A character, as typed: shift is in it.
    Char(char),
    /// A function key.
    F(u8),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chord {
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
    /// With Shift; never for plain characters, which have it in them.
    pub shift: bool,
    /// The key.
    pub code: Code,
}

impl Chord {
    /// A key alone.
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self {
            ctrl: false,
            alt: false,
            shift: false,
            code,
        }
    }

    /// The character that this types, if it types one.
    #[must_use]
    pub const fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            Code::Char(_)
            | Code::F(_)
            | Code::Enter
            | Code::Esc
            | Code::Tab
            | Code::Backspace
            | Code::Delete
            | Code::Up
            | Code::Down
            | Code::Left
            | Code::Right
            | Code::Home
            | Code::End
            | Code::PageUp
            | Code::PageDown => None,
        }
    }
}

/// Keys with a name.
const NAMED: [(&str, Code); 14] = [
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("space", Code::Char(' ')),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pageup", Code::PageUp),
    ("pagedown", Code::PageDown),
];

/// A key's name that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key: write keys as in ctrl+k, alt+enter, f2, space, G")]
pub struct ChordError(String);

impl FromStr for Chord {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        let error = || ChordError(text.to_owned());
        let mut chord = Self::plain(Code::Esc);
        let mut rest = text;
        loop {
            if let Some(after) = rest.strip_prefix("ctrl+") {
                (chord.ctrl, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("alt+") {
                (chord.alt, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("shift+") {
                (chord.shift, rest) = (true, after);
            } else {
                break;
            }
        }
        let named = NAMED.iter().find(|(name, _)| *name == rest);
        let mut chars = rest.chars();
        chord.code = match (named, chars.next(), chars.as_str()) {
            (Some((_, code)), _, _) => *code,
            (None, Some(c), "") => Code::Char(c),
            (None, Some('f'), number) => Code::F(number.parse().map_err(|_| error())?),
            (None, _, _) => return Err(error()),
        };
        Ok(chord)
    }
}

/// As it stands in hints: `^K`, `Alt+A`, `F2`, `Enter`.
impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("^")?;
        }
        if self.alt {
            f.write_str("Alt+")?;
        }
        if self.shift {
            f.write_str("Shift+")?;
        }
        match self.code {
            Code::Char(' ') => f.write_str("Space"),
            Code::Char(c) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            Code::Char(c) => write!(f, "{c}"),
            Code::F(n) => write!(f, "F{n}"),
            Code::Enter => f.write_str("Enter"),
            Code::Esc => f.write_str("Esc"),
            Code::Tab => f.write_str("Tab"),
            Code::Backspace => f.write_str("Backspace"),
            Code::Delete => f.write_str("Del"),
            Code::Up => f.write_str("Up"),
            Code::Down => f.write_str("Down"),
            Code::Left => f.write_str("Left"),
            Code::Right => f.write_str("Right"),
            Code::Home => f.write_str("Home"),
            Code::End => f.write_str("End"),
            Code::PageUp => f.write_str("PgUp"),
            Code::PageDown => f.write_str("PgDn"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_shown() {
        for (text, shown) in [
            ("ctrl+k", "^K"),
            ("alt+A", "Alt+A"),
            ("alt+enter", "Alt+Enter"),
            ("shift+tab", "Shift+Tab"),
            ("f12", "F12"),
            ("f", "f"),
            ("+", "+"),
            ("space", "Space"),
            ("G", "G"),
        ] {
            assert_eq!(text.parse::<Chord>().unwrap().to_string(), shown);
        }
        for text in ["", "ctrl+", "enterr", "fx"] {
            assert!(text.parse::<Chord>().is_err(), "{text}");
        }
    }
}
