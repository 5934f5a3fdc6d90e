//! What a client does to a text before it sends it, so that the server has nothing left to refuse but its length.

use unicode_normalization::UnicodeNormalization as _;

use super::allowed::{Walk, is_blank, is_never_allowed};
use super::kind::{TextKind, TextRule};

/// Repairs what can be repaired: normal form C, line ends, tabs, forbidden characters, outer white space.
/// Never fails, and cleaning twice changes nothing more. What comes out may still be empty or too long.
pub fn clean(kind: TextKind, raw: &str) -> String {
    let rule = kind.rule();
    let mut text: String = tidied(rule, raw).nfc().collect();
    loop {
        let kept = kept(rule, &text);
        if kept.len() == text.len() {
            return text.trim_matches(is_blank).to_owned();
        }
        // With a character gone, its neighbours may compose, or have lost what allowed them.
        // Every turn but the last drops at least one character, so this ends.
        text = kept.nfc().collect();
    }
}

/// Every sort of line end made one, or a space where lines are not held; tabs made spaces;
/// what may stand nowhere left out, so that it cannot keep apart what belongs together.
fn tidied(rule: TextRule, raw: &str) -> String {
    let line_end = if rule.lines { '\n' } else { ' ' };
    let mut tidied = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                tidied.push(line_end);
            }
            '\t' => tidied.push(' '),
            c if is_never_allowed(c) => {}
            c => tidied.push(c),
        }
    }
    tidied
}

fn kept(rule: TextRule, text: &str) -> String {
    let mut walk = Walk::new(rule);
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if walk.takes(c, chars.as_str()) {
            kept.push(c);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{TextError, samples};
    use super::*;

    #[test]
    fn repairs_what_people_paste() {
        let cases = [
            (TextKind::Body, "  hello\tthere \r\n", "hello there"),
            (
                TextKind::Body,
                "one\r\ntwo\rthree\u{2028}four\u{85}five",
                "one\ntwo\nthree\nfour\nfive",
            ),
            (TextKind::Title, "one\r\ntwo\nthree", "one two three"),
            (TextKind::Body, "cafe\u{301}", "café"),
            (TextKind::Body, "e\u{200B}\u{301}", "é"),
            (TextKind::Body, "\u{1B}[31mred\u{7}", "[31mred"),
            (TextKind::Body, "\u{202E}evil\u{202C}", "evil"),
            (TextKind::Body, "a\u{200D}b\u{FE0F}c\u{AD}d", "abcd"),
            (
                TextKind::Body,
                "👩\u{200D}💻 می\u{200C}خواهم",
                "👩\u{200D}💻 می\u{200C}خواهم",
            ),
            (TextKind::Name, "👩\u{200D}💻", "👩💻"),
            (
                TextKind::Body,
                "x\u{323}\u{323}\u{323}\u{323}\u{323}\u{323}y",
                "x\u{323}\u{323}\u{323}\u{323}y",
            ),
            (TextKind::Body, "\u{FEFF}\u{200B}\u{2060} \u{2800}\n", ""),
        ];
        for (kind, raw, expected) in cases {
            assert_eq!(clean(kind, raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn a_large_hostile_paste_keeps_what_can_be_seen() {
        let raw = "👩\u{200D}\u{FE0F}e\u{301}\u{200C}\u{64B}".repeat(50_000);
        let seen = "👩\u{FE0F}é\u{64B}".repeat(50_000);
        assert_eq!(clean(TextKind::Body, &raw), seen);
    }

    proptest! {
        #[test]
        fn cleaned_text_is_refused_for_its_length_alone(kind in samples::kind(), raw in samples::raw()) {
            let cleaned = clean(kind, &raw);
            match kind.check(&cleaned) {
                Ok(()) => {}
                Err(TextError::Empty) => prop_assert!(cleaned.is_empty()),
                Err(TextError::TooLong { .. } | TextError::TooManyBytes { .. }) => {
                    prop_assert!(cleaned.chars().count() >= 80);
                }
                Err(other) => prop_assert!(false, "{:?} cleaned to {:?}: {}", raw, cleaned, other),
            }
        }

        #[test]
        fn cleaning_twice_is_cleaning_once(kind in samples::kind(), raw in samples::raw()) {
            let once = clean(kind, &raw);
            prop_assert_eq!(clean(kind, &once), once);
        }

        #[test]
        fn what_is_accepted_is_left_alone(kind in samples::kind(), raw in samples::raw()) {
            if kind.check(&raw).is_ok() {
                prop_assert_eq!(clean(kind, &raw), raw);
            }
        }
    }
}
