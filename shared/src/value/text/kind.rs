//! The kinds of text, the rule of each, and what is said when a text breaks it.
//!
//! The checks run from cheap to dear, lengths first, so that an oversized text costs nothing to refuse.

use serde::{Deserialize, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::Text;
use super::allowed::{Walk, is_blank};
use crate::limits::{
    ABOUT_CHARS_MAX, BODY_CHARS_MAX, FULL_BYTES_MAX, LINE_CHARS_MAX, NAME_CHARS_MAX,
    NEED_CHARS_MAX, TEXT_BYTES_MAX, TEXT_CHARS_MIN, TITLE_CHARS_MAX, UTF8_BYTES_PER_CHAR_MAX,
    WORDS_CHARS_MAX,
};

/// What a text is for, which decides how long it may be and what it may hold.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
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
    /// What an organisation says of itself.
    About,
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
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Title,
        Self::Line,
        Self::Words,
        Self::Need,
        Self::About,
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
            Self::About => lines(ABOUT_CHARS_MAX, ABOUT_CHARS_MAX * UTF8_BYTES_PER_CHAR_MAX),
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
#[derive(
    Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, schemars::JsonSchema,
)]
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(kind: TextKind, text: &str) -> TextError {
        kind.check(text).unwrap_err()
    }

    #[test]
    fn each_kind_ends_where_it_says() {
        let bounds = [
            (TextKind::Name, 80),
            (TextKind::Title, 80),
            (TextKind::Line, 255),
            (TextKind::Words, 256),
            (TextKind::Need, 280),
            (TextKind::About, 600),
            (TextKind::Body, 4_000),
            (TextKind::Full, 8_192),
        ];
        assert_eq!(bounds.map(|(kind, _)| kind), TextKind::ALL);
        for (kind, max) in bounds {
            assert_eq!(kind.check("x"), Ok(()));
            assert_eq!(kind.check(&"x".repeat(max)), Ok(()));
            assert_eq!(
                refusal(kind, &"x".repeat(max + 1)),
                TextError::TooLong { max }
            );
            assert_eq!(
                refusal(kind, &"x".repeat(max * 5)),
                TextError::TooLong { max }
            );
            assert_eq!(refusal(kind, ""), TextError::Empty);
        }
    }

    #[test]
    fn characters_are_counted_but_the_full_part_is_weighed() {
        assert_eq!(TextKind::Name.check(&"語".repeat(80)), Ok(()));
        assert_eq!(TextKind::Body.check(&"𝔸".repeat(4_000)), Ok(()));
        assert_eq!(TextKind::Full.check(&"é".repeat(4_096)), Ok(()));
        let heavy = TextError::TooManyBytes { max: 8_192 };
        assert_eq!(refusal(TextKind::Full, &"é".repeat(4_097)), heavy);
        assert_eq!(refusal(TextKind::Full, &"𝔸".repeat(8_192)), heavy);
    }

    #[test]
    fn only_some_kinds_hold_lines() {
        for kind in TextKind::ALL {
            let one_line = matches!(kind, TextKind::Name | TextKind::Title | TextKind::Line);
            assert_eq!(kind.rule().lines, !one_line, "{kind:?}");
            assert_eq!(kind.check("a\nb").is_err(), one_line, "{kind:?}");
        }
    }

    #[test]
    fn names_and_titles_hold_no_joiners() {
        for kind in TextKind::ALL {
            let plain = matches!(kind, TextKind::Name | TextKind::Title);
            assert_eq!(kind.rule().joiners, !plain, "{kind:?}");
            assert_eq!(kind.check("👩\u{200D}💻").is_err(), plain, "{kind:?}");
            assert_eq!(kind.check("می\u{200C}خواهم").is_err(), plain, "{kind:?}");
        }
    }

    #[test]
    fn outer_white_space_and_blank_texts_are_refused() {
        for blank in [
            " ",
            "\u{A0}\u{3000}",
            "\n\n",
            "\u{2800}",
            "\u{2007}\u{2800} ",
        ] {
            assert_eq!(
                refusal(TextKind::Body, blank),
                TextError::Blank,
                "{blank:?}"
            );
        }
        for untrimmed in [
            " x",
            "x ",
            "x\n",
            "\nx",
            "x\u{A0}",
            "\u{3000}x",
            "x\u{2800}",
        ] {
            assert_eq!(
                refusal(TextKind::Body, untrimmed),
                TextError::Untrimmed,
                "{untrimmed:?}"
            );
        }
        assert_eq!(TextKind::Body.check("x \u{A0}\n\n\u{2800} y"), Ok(()));
    }

    #[test]
    fn a_refusal_says_where_in_characters() {
        let forbidden = TextError::Forbidden {
            position: 3,
            code_point: 0x202E,
        };
        assert_eq!(refusal(TextKind::Body, "é語𝔸\u{202E}x"), forbidden);
        assert_eq!(
            forbidden.to_string(),
            "holds U+202E at position 3, which may not stand there"
        );
        let newline = TextError::Forbidden {
            position: 1,
            code_point: 0x0A,
        };
        assert_eq!(refusal(TextKind::Name, "a\nb"), newline);
    }

    #[test]
    fn only_normal_form_c_is_accepted() {
        let cases = [
            ("caf\u{E9}", None),
            ("cafe\u{301}", Some(3)),
            ("\u{212B}", Some(0)),        // Angstrom sign
            ("x\u{958}", Some(1)),        // composition exclusion
            ("q\u{307}\u{323}", Some(1)), // marks out of order
            ("q\u{323}\u{307}", None),
            ("\u{1112}\u{1161}\u{11AB}", Some(0)), // jamo that compose
            ("\u{FB01}", None),                    // a ligature is compatibility, not canonical
        ];
        for (text, position) in cases {
            let expected = match position {
                None => Ok(()),
                Some(position) => Err(TextError::NotNormal { position }),
            };
            assert_eq!(TextKind::Body.check(text), expected, "{text:?}");
        }
    }

    #[test]
    fn refusals_have_a_stable_form_on_the_wire() {
        let errors = [
            (TextError::Empty, r#""empty""#),
            (TextError::Blank, r#""blank""#),
            (TextError::Untrimmed, r#""untrimmed""#),
            (TextError::TooLong { max: 80 }, r#"{"too_long":{"max":80}}"#),
            (
                TextError::TooManyBytes { max: 8 },
                r#"{"too_many_bytes":{"max":8}}"#,
            ),
            (
                TextError::Forbidden {
                    position: 1,
                    code_point: 27,
                },
                r#"{"forbidden":{"position":1,"code_point":27}}"#,
            ),
            (
                TextError::NotNormal { position: 2 },
                r#"{"not_normal":{"position":2}}"#,
            ),
        ];
        for (error, wire) in errors {
            assert_eq!(serde_json::to_string(&error).unwrap(), wire);
            assert_eq!(serde_json::from_str::<TextError>(wire).unwrap(), error);
        }
    }
}
