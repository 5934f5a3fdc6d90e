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
