//! The kinds of text, the rule of each, and what is said when a text breaks it.
//!
//! The checks run from cheap to dear, lengths first, so that an oversized text costs nothing to refuse.

use serde::{Deserialize, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::Text;
use super::allowed::{Walk, is_blank};
use crate::limits::{
    BODY_CHARS_MAX, FULL_BYTES_MAX, LINE_CHARS_MAX, NAME_CHARS_MAX, NEED_CHARS_MAX, TEXT_BYTES_MAX,
    TEXT_CHARS_MIN, TITLE_CHARS_MAX, UTF8_BYTES_PER_CHAR_MAX, WORDS_CHARS_MAX,
};

/// What a text is for, which decides how long it may be and what it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextKind {
    /// What a person or an organisation is called.
    Name,
    /// What a deal, a listing or a program is called.
    Title,
    /// One line about something: a summary, a next step.
    Line,
    /// A few words that go with an act.
    Words,
    /// What a referral shows before it is accepted.
    Need,
    /// A message, a description.
    Body,
    /// The full part of a referral.
    Full,
}

/// The bounds of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextRule {
    pub chars_min: usize,
    pub chars_max: usize,
    pub bytes_max: usize,
    /// May hold `\n`.
    pub lines: bool,
    /// May hold ZWJ and ZWNJ where emoji and scripts need them. Names may not: there
    /// an invisible character has no use but to make two names look like one.
    pub joiners: bool,
}

/// The rule that every kind's rule is within.
pub(super) const WIDEST: TextRule = TextRule {
    chars_min: TEXT_CHARS_MIN,
    chars_max: FULL_BYTES_MAX,
    bytes_max: TEXT_BYTES_MAX,
    lines: true,
    joiners: true,
};

const fn one_line(chars_max: usize, joiners: bool) -> TextRule {
    TextRule {
        chars_min: TEXT_CHARS_MIN,
        chars_max,
        bytes_max: chars_max * UTF8_BYTES_PER_CHAR_MAX,
        lines: false,
        joiners,
    }
}

const fn lines(chars_max: usize, bytes_max: usize) -> TextRule {
    TextRule {
        chars_min: TEXT_CHARS_MIN,
        chars_max,
        bytes_max,
        lines: true,
        joiners: true,
    }
}

impl TextKind {
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Title,
        Self::Line,
        Self::Words,
        Self::Need,
        Self::Body,
        Self::Full,
    ];

    pub const fn rule(self) -> TextRule {
        match self {
            Self::Name => one_line(NAME_CHARS_MAX, false),
            Self::Title => one_line(TITLE_CHARS_MAX, false),
            Self::Line => one_line(LINE_CHARS_MAX, true),
            Self::Words => lines(WORDS_CHARS_MAX, WORDS_CHARS_MAX * UTF8_BYTES_PER_CHAR_MAX),
            Self::Need => lines(NEED_CHARS_MAX, NEED_CHARS_MAX * UTF8_BYTES_PER_CHAR_MAX),
            Self::Body => lines(BODY_CHARS_MAX, BODY_CHARS_MAX * UTF8_BYTES_PER_CHAR_MAX),
            Self::Full => lines(FULL_BYTES_MAX, FULL_BYTES_MAX),
        }
    }

    /// Accepts or refuses; what the server runs.
    pub fn check(self, text: &str) -> Result<(), TextError> {
        self.rule().check(text)
    }

    pub fn parse(self, text: &str) -> Result<Text, TextError> {
        self.check(text)?;
        Ok(Text(text.to_owned()))
    }
}

impl TextRule {
    pub fn check(self, text: &str) -> Result<(), TextError> {
        self.check_length(text)?;
        self.check_characters(text)?;
        check_normal(text)?;
        if text.chars().all(is_blank) {
            return Err(TextError::Blank);
        }
        if text.starts_with(is_blank) || text.ends_with(is_blank) {
            return Err(TextError::Untrimmed);
        }
        Ok(())
    }

    fn check_length(self, text: &str) -> Result<(), TextError> {
        // Characters are counted only in what is short enough to be worth counting.
        let chars = if text.len() > self.chars_max * UTF8_BYTES_PER_CHAR_MAX {
            usize::MAX
        } else {
            text.chars().count()
        };
        if text.is_empty() || chars < self.chars_min {
            Err(TextError::Empty)
        } else if chars > self.chars_max {
            Err(TextError::TooLong {
                max: self.chars_max,
            })
        } else if text.len() > self.bytes_max {
            Err(TextError::TooManyBytes {
                max: self.bytes_max,
            })
        } else {
            Ok(())
        }
    }

    fn check_characters(self, text: &str) -> Result<(), TextError> {
        let mut walk = Walk::new(self);
        let mut chars = text.chars();
        let mut position = 0;
        while let Some(c) = chars.next() {
            if !walk.takes(c, chars.as_str()) {
                let code_point = u32::from(c);
                return Err(TextError::Forbidden {
                    position,
                    code_point,
                });
            }
            position += 1;
        }
        Ok(())
    }
}

fn check_normal(text: &str) -> Result<(), TextError> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Ok(());
    }
    let mut normal = text.nfc();
    for (position, c) in text.chars().enumerate() {
        if normal.next() != Some(c) {
            return Err(TextError::NotNormal { position });
        }
    }
    match normal.next() {
        None => Ok(()),
        Some(_) => Err(TextError::NotNormal {
            position: text.chars().count(),
        }),
    }
}

/// Why a text was refused. Positions count characters from 0. Holds none of the text but one code point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum TextError {
    #[error("is empty")]
    Empty,
    #[error("holds nothing but white space")]
    Blank,
    #[error("starts or ends with white space")]
    Untrimmed,
    #[error("is longer than {max} characters")]
    TooLong { max: usize },
    #[error("is longer than {max} bytes (characters beyond plain ASCII take two to four)")]
    TooManyBytes { max: usize },
    #[error("holds U+{code_point:04X} at position {position}, which may not stand there")]
    Forbidden { position: usize, code_point: u32 },
    #[error("is not in Unicode normal form C, from position {position} on")]
    NotNormal { position: usize },
}
