//! What people write, and what of it is accepted.
//!
//! A client runs `clean` before it sends; the server runs `check`, which accepts or refuses and never
//! rewrites: what was signed and hashed is what was written. Nothing that a terminal could mistake for
//! an order, no reader can see, or that turns the direction of a line gets in.
//!
//! `kind` has the rule per kind of text, `allowed` judges single characters where they stand, `clean`
//! repairs, `lookalike` compares names, `handle` and `emoji` are the two closed sorts of short text.

mod allowed;
mod clean;
mod emoji;
mod handle;
mod kind;
mod lookalike;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use clean::clean;
pub use emoji::{Emoji, EmojiError};
pub use handle::{Handle, HandleError};
pub use kind::{TextError, TextKind, TextRule};
pub use lookalike::skeleton;

/// A text that was accepted, by the rule of its kind or by the widest rule when it was read back.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text(String);

crate::schema::written_as!(
    Text,
    "a text in NFC, without control, bidi and invisible characters; its slot says how long",
    r"^[^\u0000-\u0009\u000b-\u001f\u007f]*$"
);

impl Text {
    /// Accepts what the widest kind accepts. Where the kind is known, use `TextKind::parse`.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        kind::WIDEST.check(text)?;
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Says how long it is and never what: texts must not reach a log by way of `{:?}`.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} chars)", self.0.chars().count())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        kind::WIDEST.check(&text)?;
        Ok(Self(text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn debug_tells_the_length_and_nothing_else() {
        let text = Text::parse("Straße 📦").unwrap();
        assert_eq!(format!("{text:?}"), "Text(8 chars)");
        assert_eq!(format!("{:?}", Some(&text)), "Some(Text(8 chars))");
        assert_eq!(text.to_string(), "Straße 📦");
    }

    #[test]
    fn read_back_through_the_same_gate() {
        let text: Text = serde_json::from_str(r#""two\nlines""#).unwrap();
        assert_eq!(text.as_str(), "two\nlines");
        assert_eq!(serde_json::to_string(&text).unwrap(), r#""two\nlines""#);
        for refused in [
            r#""""#,
            r#"" x""#,
            r#""a\u0000b""#,
            r#""a\u202Eb""#,
            r#""e\u0301""#,
            "7",
        ] {
            assert!(serde_json::from_str::<Text>(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn the_longest_of_every_kind_can_be_read_back() {
        for kind in TextKind::ALL {
            let rule = kind.rule();
            for letter in ["a", "é", "語", "𝔸"] {
                let count = rule.chars_max.min(rule.bytes_max / letter.len());
                let text = kind.parse(&letter.repeat(count)).unwrap();
                assert_eq!(Text::parse(text.as_str()), Ok(text), "{kind:?} of {letter}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_a_kind_accepts_survives_the_wire(kind in samples::kind(), raw in samples::raw()) {
            if let Ok(text) = kind.parse(&raw) {
                let wire = serde_json::to_string(&text).unwrap();
                prop_assert_eq!(serde_json::from_str::<Text>(&wire).unwrap(), text);
            }
        }
    }
}

/// Texts to try things on: ordinary ones, and ones made of nothing but trouble.
#[cfg(test)]
mod samples {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::TextKind;

    pub(super) fn kind() -> impl Strategy<Value = TextKind> {
        select(&TextKind::ALL[..])
    }

    /// Everything that some rule looks at, so that short random texts hit the contexts.
    const TROUBLE: &[char] = &[
        ' ',
        '\t',
        '\n',
        '\r',
        '\u{85}',
        '\u{2028}',
        '\u{A0}',
        '\u{3000}',
        '\u{2800}',
        '\0',
        '\u{1B}',
        '\u{7F}',
        '\u{9B}',
        'a',
        'e',
        '1',
        '#',
        '\u{301}',
        '\u{327}',
        '\u{323}',
        '\u{20E3}',
        '\u{94D}',
        'क',
        'ष',
        'ب',
        'د',
        'ا',
        '\u{64B}',
        'ـ',
        '\u{200B}',
        '\u{200C}',
        '\u{200D}',
        '\u{200E}',
        '\u{202E}',
        '\u{2066}',
        '\u{FEFF}',
        '\u{AD}',
        '\u{FE0E}',
        '\u{FE0F}',
        '\u{FE00}',
        '❤',
        '👩',
        '💻',
        '🏽',
        '🇩',
        '🇪',
        '\u{1100}',
        '\u{1161}',
        '\u{11A8}',
        '가',
        '\u{958}',
        '\u{212B}',
        '\u{F900}',
        '\u{E0041}',
        '\u{E000}',
        '\u{FDD0}',
        '\u{3164}',
        '\u{180B}',
        'ျ',
        '\u{70F}',
        '\u{344}',
        '\u{1D165}',
        '\u{1D15E}',
        '語',
        '\u{378}',
    ];

    pub(super) fn raw() -> impl Strategy<Value = String> {
        let trouble = prop::collection::vec(select(TROUBLE), 0..24);
        let joined = prop::collection::vec(
            select(
                &[
                    '👩', '\u{200D}', '\u{FE0F}', '🏽', 'ب', '\u{200C}', '\u{64B}', '\u{94D}',
                    '\u{301}',
                ][..],
            ),
            0..24,
        );
        prop_oneof![
            4 => trouble.prop_map(String::from_iter),
            2 => joined.prop_map(String::from_iter),
            2 => any::<String>(),
            1 => "[a-zé語 \n]{0,300}",
        ]
    }
}
