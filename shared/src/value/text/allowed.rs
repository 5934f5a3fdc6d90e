//! Which characters may stand where.
//!
//! Most characters are allowed or forbidden wherever they stand; four are a matter of their neighbours:
//! ZWJ, ZWNJ and the two variation selectors. `Walk` goes through a text once, remembers as much of what it
//! took as those rules ask for, and looks ahead in the rest for the other half.
//!
//! Sources: RFC 5892 appendix A.1 and A.2 (joiners), UTS 51 ED-16 (emoji joined by ZWJ), the Unicode property
//! `Default_Ignorable_Code_Point` (what nobody can see).

use unicode_joining_type::{JoiningType, get_joining_type};
use unicode_normalization::char::canonical_combining_class;
use unicode_properties::{GeneralCategory, UnicodeEmoji as _, UnicodeGeneralCategory as _};

use super::kind::TextRule;
use crate::limits::{EMOJI_JOINERS_MAX, MARKS_MAX};

const ZWNJ: char = '\u{200C}';
const ZWJ: char = '\u{200D}';
const TEXT_SELECTOR: char = '\u{FE0E}';
const EMOJI_SELECTOR: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';
/// `Canonical_Combining_Class=Virama`.
const VIRAMA: u8 = 9;

/// White space, and the one pattern that looks like it: a braille cell without dots.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// Forbidden in every text, whatever stands beside it.
/// (`\n`, the joiners and the emoji selectors are not in here: those have a place.)
pub(super) fn is_never_allowed(c: char) -> bool {
    match c {
        '\n' | ZWJ | ZWNJ | TEXT_SELECTOR | EMOJI_SELECTOR => false,
        c => is_control(c) || is_invisible(c) || is_noncharacter(c),
    }
}

/// Orders to a terminal or a renderer: controls, bidi marks and overrides, tags, line separators. Format
/// characters are forbidden as a class, so that one added to Unicode later is too, but for those that print.
fn is_control(c: char) -> bool {
    let category = c.general_category();
    let orders = matches!(
        category,
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
    );
    orders && !is_visible_format(c)
}

/// Signs that enclose or precede numbers (Arabic, Syriac, Kaithi), and the joints of hieroglyphic blocks.
fn is_visible_format(c: char) -> bool {
    matches!(c,
        '\u{0600}'..='\u{0605}' | '\u{06DD}' | '\u{070F}' | '\u{0890}' | '\u{0891}' | '\u{08E2}'
        | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}')
}

/// What no reader can see although it is a letter, a mark, a symbol or not assigned yet.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{034F}'                      // combining grapheme joiner
        | '\u{115F}' | '\u{1160}'       // Hangul fillers
        | '\u{17B4}' | '\u{17B5}'       // Khmer inherent vowels
        | '\u{180B}'..='\u{180F}'       // Mongolian selectors
        | '\u{2065}'                    // unassigned, ignorable
        | '\u{3164}' | '\u{FFA0}'       // Hangul fillers
        | '\u{FE00}'..='\u{FE0F}'       // variation selectors
        | '\u{FFF0}'..='\u{FFFC}'       // unassigned and ignorable, annotation, object replacement
        | '\u{1D159}'                   // null notehead
        | '\u{E0000}'..='\u{E0FFF}') // tags, further selectors
}

fn is_noncharacter(c: char) -> bool {
    let code_point = u32::from(c);
    matches!(code_point, 0xFDD0..=0xFDEF) || code_point & 0xFFFE == 0xFFFE
}

/// Stacks on the character before it, without taking a cell of its own.
fn is_mark(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
    )
}

/// Takes a cell of its own and still belongs to the letter before it.
fn is_spacing_mark(c: char) -> bool {
    c.general_category() == GeneralCategory::SpacingMark
}

fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

/// An emoji by itself: not a digit, not half a flag, not a skin tone.
fn is_pictograph(c: char) -> bool {
    c.is_emoji_char() && !c.is_emoji_component()
}

fn is_keycap_base(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*')
}

/// One pass over a text, remembering what the next character is judged on.
#[derive(Debug)]
pub(super) struct Walk {
    rule: TextRule,
    before: Option<char>,
    /// Marks on the current letter.
    marks: usize,
    /// Joiners in the current emoji sequence.
    emoji_joiners: usize,
    /// The text so far ends in something that an emoji may be joined to.
    emoji: bool,
    /// The text so far ends in a letter that joins to its left, and perhaps marks on it.
    joins: bool,
}

impl Walk {
    pub(super) fn new(rule: TextRule) -> Self {
        Self {
            rule,
            before: None,
            marks: 0,
            emoji_joiners: 0,
            emoji: false,
            joins: false,
        }
    }

    /// Whether `c` may come next, `rest` being what follows it. A character that was not taken was not there.
    pub(super) fn takes(&mut self, c: char, rest: &str) -> bool {
        let allowed = match c {
            '\n' => self.rule.lines,
            ZWNJ => self.rule.joiners && (self.after_virama() || self.between_joining(rest)),
            ZWJ => self.rule.joiners && (self.after_virama() || self.between_emoji(rest)),
            TEXT_SELECTOR => self.before.is_some_and(is_pictograph),
            EMOJI_SELECTOR => self.before.is_some_and(is_pictograph) || self.in_keycap(rest),
            c => !is_never_allowed(c) && (!is_mark(c) || self.marks < MARKS_MAX),
        };
        if allowed {
            self.remember(c);
        }
        allowed
    }

    fn after_virama(&self) -> bool {
        self.before
            .is_some_and(|before| canonical_combining_class(before) == VIRAMA)
    }

    /// RFC 5892 A.1: `(L|D) T* ZWNJ T* (R|D)`.
    fn between_joining(&self, rest: &str) -> bool {
        let ahead = rest
            .chars()
            .map(get_joining_type)
            .find(|joining| *joining != JoiningType::Transparent);
        self.joins
            && matches!(
                ahead,
                Some(JoiningType::RightJoining | JoiningType::DualJoining)
            )
    }

    fn between_emoji(&self, rest: &str) -> bool {
        self.emoji && self.emoji_joiners < EMOJI_JOINERS_MAX && rest.starts_with(is_pictograph)
    }

    fn in_keycap(&self, rest: &str) -> bool {
        self.before.is_some_and(is_keycap_base) && rest.starts_with(KEYCAP)
    }

    fn remember(&mut self, c: char) {
        let joined = self.before == Some(ZWJ);
        match c {
            // Joiners and spacing marks leave the letter before them current: else they would reset the count.
            ZWJ if self.emoji => self.emoji_joiners += 1,
            ZWJ | ZWNJ => {}
            c if is_mark(c) => self.marks += 1,
            c if is_spacing_mark(c) || is_skin_tone(c) => {}
            _ => {
                self.marks = 0;
                if !joined {
                    self.emoji_joiners = 0;
                }
            }
        }
        self.emoji = is_pictograph(c) || (self.emoji && (is_skin_tone(c) || c == EMOJI_SELECTOR));
        let joining = get_joining_type(c);
        if joining != JoiningType::Transparent {
            self.joins = matches!(joining, JoiningType::LeftJoining | JoiningType::DualJoining);
        }
        self.before = Some(c);
    }
}

#[cfg(test)]
mod tests {
    use super::super::TextKind;
    use super::*;

    fn accepts(text: &str) -> bool {
        TextKind::Body.check(text).is_ok()
    }

    /// What design and standards name, written out once more and not by the ranges above.
    #[test]
    fn dangerous_and_invisible_characters_are_refused_everywhere() {
        let mut refused: Vec<u32> = (0x00..=0x1F).filter(|c| *c != 0x0A).collect();
        refused.extend(0x7F..=0x9F);
        refused.extend([0x061C, 0x200E, 0x200F]);
        refused.extend(
            (0x202A..=0x202E)
                .chain(0x2066..=0x2069)
                .chain(0x206A..=0x206F),
        );
        refused.extend(0xE0000..=0xE007F);
        refused.extend(0xE0100..=0xE01EF);
        refused.extend([
            0x200B, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0xFEFF, 0x00AD, 0x034F,
        ]);
        refused.extend([
            0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180E, 0x180F,
        ]);
        refused.extend([0x3164, 0xFFA0, 0xFFF9, 0xFFFA, 0xFFFB, 0x2028, 0x2029]);
        refused.extend(0xFE00..=0xFE0F);
        refused.extend(0xFDD0..=0xFDEF);
        refused.extend(
            (0..=16).flat_map(|plane| [plane * 0x10000 + 0xFFFE, plane * 0x10000 + 0xFFFF]),
        );
        refused.extend([0xE000, 0xF8FF, 0xF0000, 0x10_FFFD, 0x1BCA0, 0x1D173]);
        for code_point in refused {
            let c = char::from_u32(code_point).unwrap();
            for kind in TextKind::ALL {
                assert!(
                    kind.check(&format!("a{c}b")).is_err(),
                    "U+{code_point:04X} in {kind:?}"
                );
            }
        }
    }

    #[test]
    fn ordinary_writing_is_accepted() {
        let writings = [
            "Dvořák & Söhne GmbH, 50 % of €48,000",
            "Łódź, İstanbul, Ελλάδα, Москва, Հայաստան, საქართველო",
            "日本語のテキスト、中文，한국어",
            "שָׁלוֹם עֲלֵיכֶם",
            "السَّلَامُ عَلَيْكُم",
            "हिन्दी में लिखा हुआ, বাংলা, தமிழ்",
            "ภาษาไทยที่นี่", // Thai stacks a vowel and a tone
            "လျှို့ဝှက်",      // Burmese: five marks on one letter, one of them spacing
            "བཀྲ་ཤིས་བདེ་ལེགས།",
            "Tiếng Việt, Yorùbá: ọ̀rọ̀",
            "🎉 👍🏽 ❤️ ☎︎ 1️⃣ #️⃣ 🇩🇪 ✅",
            "\u{0600}١٢٣ and \u{1D7D8} and \u{FFFD}",
            "not assigned yet: \u{378}",
            "⠃⠗⠇ ⠀ ⠎",
        ];
        for writing in writings {
            assert_eq!(TextKind::Body.check(writing), Ok(()), "{writing}");
        }
    }

    #[test]
    fn emoji_are_joined_only_to_emoji() {
        for joined in [
            "👩\u{200D}💻",
            "👩🏽\u{200D}💻",
            "🏳\u{FE0F}\u{200D}🌈",
            "👩\u{200D}❤\u{FE0F}\u{200D}💋\u{200D}👨",
            "👨\u{200D}👩\u{200D}👧\u{200D}👦",
            "🐻\u{200D}❄\u{FE0F} 👩\u{200D}💻👩\u{200D}💻👩\u{200D}💻👩\u{200D}💻👩\u{200D}💻",
        ] {
            assert!(accepts(joined), "{joined:?}");
        }
        for forged in [
            "a\u{200D}b",
            "\u{200D}💻",
            "👩\u{200D}",
            "👩\u{200D}x",
            "x\u{200D}💻",
            "👩\u{200D}\u{200D}💻",
            "1\u{200D}💻",
            "👩\u{200D}1",
            "👩\u{200D}🏽",
            "🏽\u{200D}💻",
            "🇩\u{200D}🇪",
            "☎\u{FE0E}\u{200D}💻",
            "👩\u{301}\u{200D}💻",
        ] {
            assert!(!accepts(forged), "{forged:?}");
        }
    }

    #[test]
    fn an_emoji_sequence_has_an_end() {
        let chain = |joiners: usize| format!("👩{}", "\u{200D}👩".repeat(joiners));
        assert!(accepts(&chain(EMOJI_JOINERS_MAX)));
        assert!(!accepts(&chain(EMOJI_JOINERS_MAX + 1)));
        assert!(accepts(&format!("{0}{0}", chain(EMOJI_JOINERS_MAX))));
    }

    #[test]
    fn selectors_follow_what_they_select() {
        for selected in [
            "❤\u{FE0F}",
            "❤\u{FE0E}",
            "1\u{FE0F}\u{20E3}",
            "*\u{FE0F}\u{20E3}",
            "©\u{FE0F}",
        ] {
            assert!(accepts(selected), "{selected:?}");
        }
        for stray in [
            "a\u{FE0F}",
            "\u{FE0F}",
            "1\u{FE0F}",
            "1\u{FE0E}\u{20E3}",
            "a\u{FE0F}\u{20E3}",
            "❤\u{FE0F}\u{FE0F}",
            "❤\u{FE0E}\u{FE0F}",
            "👍🏽\u{FE0F}",
            "❤\u{FE00}",
            "語\u{E0100}",
        ] {
            assert!(!accepts(stray), "{stray:?}");
        }
    }

    /// RFC 5892 appendix A.
    #[test]
    fn joiners_stand_where_scripts_need_them() {
        for needed in [
            "क\u{94D}\u{200D}ष",
            "क\u{94D}\u{200C}ष",
            "ශ\u{DCA}\u{200D}ර",
            "می\u{200C}خواهم",
            "ب\u{64B}\u{200C}\u{64B}ب",
            "ب\u{200C}د",
        ] {
            assert!(accepts(needed), "{needed:?}");
        }
        for idle in [
            "a\u{200C}b",
            "\u{200C}ب",
            "ب\u{200C}",
            "د\u{200C}ب", // dal does not join to its left
            "ب\u{200C} ب",
            "ب\u{200C}\u{200C}ب",
            "ب\u{200C}a",
            "क\u{200D}ष",
            "क\u{94D}\u{200D}\u{200D}ष",
        ] {
            assert!(!accepts(idle), "{idle:?}");
        }
    }

    #[test]
    fn marks_do_not_pile_up() {
        let pile = |marks: usize| format!("x{}", "\u{323}".repeat(marks));
        assert!(accepts(&pile(MARKS_MAX)));
        assert_eq!(
            TextKind::Body.check(&pile(MARKS_MAX + 1)),
            Err(super::super::TextError::Forbidden {
                position: 5,
                code_point: 0x323
            })
        );
        assert!(accepts(&format!("{0}{0}", pile(MARKS_MAX))));
        // Neither a spacing mark nor a joiner starts a new letter.
        assert!(!accepts("က\u{323}\u{323}\u{323}\u{323}\u{103B}\u{323}"));
        assert!(!accepts(
            "क\u{94D}\u{200D}\u{94D}\u{200D}\u{94D}\u{200D}\u{94D}\u{200D}\u{94D}"
        ));
    }

    #[test]
    fn every_character_there_is_can_be_judged() {
        let allowed = ('\0'..=char::MAX)
            .filter(|c| accepts(&format!("a{c}b")))
            .count();
        // All planes but for private use (two planes and more), controls, and what is not in form C.
        assert!((900_000..1_000_000).contains(&allowed), "{allowed}");
    }
}
