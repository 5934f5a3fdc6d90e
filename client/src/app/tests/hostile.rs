//! Strings that are out to get the terminal, through every way onto the screen.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::stage::{LAUNCH, Stage, TOM, org};
use crate::app::{
    input::{Input, Mouse},
    words::Shown,
};
use proptest::prelude::*;
use rialto_shared::{
    protocol::{Down, Hit},
    rejection::Refusal,
};

const HOSTILE: [&str; 9] = [
    "\u{1b}]0;owned\u{7}",
    "\u{1b}[2J\u{1b}[H",
    "\u{9b}31m",
    "\r\n\u{8}\u{7f}",
    "\u{202e}exe.gpj",
    "\u{2066}a\u{2069}\u{200b}\u{feff}",
    "\u{e0041}\u{e007f}",
    "a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{1b}]52;c;AAAA\u{7}",
];

/// Nothing in any cell may be obeyed by a terminal, unseen, or wider than its place.
#[track_caller]
fn is_harmless(stage: &mut Stage) {
    for (width, height) in [(120, 36), (80, 24), (60, 20), (40, 10)] {
        let terminal = stage.terminal(width, height);
        for cell in terminal.backend().buffer().content() {
            let symbol = cell.symbol();
            assert!(!symbol.chars().any(char::is_control), "{symbol:?}");
            assert!(
                !symbol.chars().any(|c| matches!(c,
                    '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{202a}'..='\u{202e}'
                    | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e0fff}')),
                "{symbol:?}"
            );
            assert!(crate::app::words::width(symbol) <= 2, "{symbol:?}");
        }
    }
}

#[test]
fn what_the_server_says_in_its_own_words_is_no_order() {
    for hostile in HOSTILE {
        let mut stage = Stage::morning();
        stage.frame(Down::Error {
            id: None,
            error: Refusal {
                code: hostile.to_owned(),
                field: hostile.to_owned(),
                words: format!("words {hostile} words"),
            },
            fatal: false,
        });
        is_harmless(&mut stage);
        stage.frame(Down::GoingAway {
            words: hostile.to_owned(),
            retry_after_ms: 1,
        });
        is_harmless(&mut stage);
        stage.disconnect(hostile);
        stage.keys(" c");
        is_harmless(&mut stage);
    }
}

#[test]
fn what_is_pasted_is_no_order() {
    for hostile in HOSTILE {
        let mut stage = Stage::morning();
        stage.app.update(Input::Paste(hostile.to_owned()));
        stage.keys("<ctrl+k>emea<enter>");
        stage
            .app
            .update(Input::Paste(format!("before {hostile} after")));
        is_harmless(&mut stage);
        stage.keys("<ctrl+k>");
        stage.app.update(Input::Paste(hostile.to_owned()));
        is_harmless(&mut stage);
        stage.app.update(Input::Edited(Some(hostile.to_owned())));
        stage.keys("<esc>");
        is_harmless(&mut stage);
    }
}

#[test]
fn a_channel_that_is_found_has_no_other_name_than_what_can_be_drawn() {
    for hostile in HOSTILE {
        let mut stage = Stage::morning();
        stage.keys("<ctrl+k>#ab");
        stage.frame(Down::Found {
            id: 1,
            hits: vec![
                Hit::Channel {
                    room: LAUNCH,
                    handle: format!("ab{hostile}"),
                    purpose: None,
                },
                Hit::Org {
                    org: org(11),
                    name: None,
                    types: std::collections::BTreeSet::new(),
                    programs: vec![],
                    regions: vec![],
                    description: None,
                    claimed: true,
                },
            ],
            total: 2,
        });
        is_harmless(&mut stage);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_accepted_as_a_message_is_drawn_within_its_place(text in any::<String>()) {
        let cleaned = rialto_shared::text::clean(rialto_shared::text::TextKind::Body, &text);
        let accepted = rialto_shared::text::TextKind::Body.check(&cleaned).is_ok();
        if accepted {
            let mut stage = Stage::morning();
            stage.say(LAUNCH, TOM, 1, &cleaned);
            stage.keys("<ctrl+k>emea<enter>");
            is_harmless(&mut stage);
        }
    }

    #[test]
    fn nothing_gets_in_that_a_terminal_would_obey(text in any::<String>()) {
        let shown = Shown::said(&text);
        prop_assert!(!shown.as_str().chars().any(char::is_control));
    }

    #[test]
    fn a_press_anywhere_is_harmless(x in 0_u16..130, y in 0_u16..40) {
        use crate::app::input::Click;
        let mut stage = Stage::morning();
        stage.screen(120, 36);
        for what in [Click::Press, Click::Up, Click::Down] {
            stage.app.update(Input::Mouse(Mouse { what, x, y }));
        }
        stage.keys("2");
        stage.app.update(Input::Mouse(Mouse { what: Click::Press, x, y }));
        stage.screen(120, 36);
    }
}
