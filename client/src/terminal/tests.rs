//! Keys as terminals send them, and the terminal given back: by the bytes, and by a process that really panics on one.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::{keys::*, *};
use crossterm::event::KeyEventState;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::Read as _;

fn key(code: KeyCode, modifiers: KeyModifiers) -> Option<String> {
    let event = KeyEvent {
        code,
        modifiers,
        kind: KeyEventKind::Press,
        state: KeyEventState::NONE,
    };
    chord(event).map(|chord| chord.to_string())
}

#[test]
fn keys_of_both_protocols_are_the_same_chords() {
    let shift = KeyModifiers::SHIFT;
    for (code, modifiers, wanted) in [
        (KeyCode::Char('G'), shift, "G"),
        (KeyCode::Char('g'), shift, "G"),
        (KeyCode::Char('?'), shift, "?"),
        (KeyCode::Char('K'), KeyModifiers::CONTROL | shift, "^K"),
        (KeyCode::Char('a'), KeyModifiers::ALT | shift, "Alt+A"),
        (KeyCode::BackTab, KeyModifiers::NONE, "Shift+Tab"),
        (KeyCode::Tab, shift, "Shift+Tab"),
        (KeyCode::Enter, KeyModifiers::ALT, "Alt+Enter"),
    ] {
        assert_eq!(key(code, modifiers).as_deref(), Some(wanted), "{code:?}");
    }
    assert_eq!(key(KeyCode::CapsLock, KeyModifiers::NONE), None);
}

/// What takes the alternate screen, mouse, focus and bracketed paste away, and shows the cursor.
const GIVEN_BACK: [&str; 6] = [
    "\u{1b}[?1049l",
    "\u{1b}[?25h",
    "\u{1b}[?1000l",
    "\u{1b}[?1006l",
    "\u{1b}[?1004l",
    "\u{1b}[?2004l",
];
/// Says to this very binary, started again, that it is the one that panics.
const VICTIM: &str = "RIALTO_TEST_PANIC";

#[test]
fn what_is_undone_is_all_that_was_done() {
    let mut bytes = vec![];
    undo(&mut bytes, true).unwrap();
    let bytes = String::from_utf8(bytes).unwrap();
    for undone in GIVEN_BACK {
        assert!(bytes.contains(undone), "{undone:?} is not in {bytes:?}");
    }
    assert!(bytes.contains("\u{1b}[<1u"), "extended keys: {bytes:?}");
    // Mouse and keys end on the screen that they were asked for on.
    assert!(bytes.find("\u{1b}[<1u") < bytes.find("\u{1b}[?1049l"));
    let mut plain = vec![];
    undo(&mut plain, false).unwrap();
    assert!(!String::from_utf8(plain).unwrap().contains("\u{1b}[<1u"));
}

/// The process that panics, when this binary is started for it; otherwise nothing.
#[test]
fn the_victim_of_the_next_test() {
    match environment(VICTIM).as_str() {
        "here" => {
            let _guard = Guard::take().unwrap();
            panic!("on purpose");
        }
        "elsewhere" => {
            let guard = Guard::take().unwrap();
            std::thread::spawn(|| panic!("on purpose"))
                .join()
                .unwrap_err();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            // The loop of the screens waits for this.
            runtime.block_on(FAULT.notified());
            drop(guard);
        }
        _ => {}
    }
}

/// What a process wrote that panicked on a terminal of its own, with that terminal's settings at its end.
fn panicked(which: &str) -> String {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "\"$0\" \"$@\"; stty -a"]);
    command.arg(std::env::current_exe().unwrap());
    command.args(["terminal::tests::the_victim_of_the_next_test", "--exact"]);
    command.args(["--nocapture", "--test-threads=1"]);
    command.env(VICTIM, which);
    command.env("RUST_BACKTRACE", "0");
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut wrote = vec![];
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut buffer = [0; 4096];
    // A terminal whose last process is gone ends with an error on some systems.
    while let Ok(read @ 1..) = reader.read(&mut buffer) {
        wrote.extend_from_slice(buffer.get(..read).unwrap());
    }
    child.wait().unwrap();
    String::from_utf8_lossy(&wrote).into_owned()
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_says_anything() {
    for which in ["here", "elsewhere"] {
        let wrote = panicked(which);
        let taken = wrote.find("\u{1b}[?1049h").expect(&wrote);
        let said = wrote.find("on purpose").expect(&wrote);
        for undone in GIVEN_BACK {
            let at = wrote.find(undone).expect(&wrote);
            assert!(taken < at && at < said, "{undone:?} of {which}: {wrote}");
        }
        assert_eq!(wrote.matches("\u{1b}[?1049l").count(), 1, "once: {wrote}");
        assert!(wrote.contains("Your drafts and your outbox are saved."));
        assert!(
            wrote.contains(" icanon") && wrote.contains(" echo "),
            "{wrote}"
        );
    }
}
