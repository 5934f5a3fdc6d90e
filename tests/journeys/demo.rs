//! `rialto demo` as somebody meets it: the real binary in a terminal of its own, driven by keys, looked at as cells.

use crate::town::PATIENCE;
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::{
    io::{Read as _, Write},
    sync::mpsc::{self, Receiver},
    thread,
    time::Instant,
};

const SIZE: PtySize = PtySize {
    rows: 30,
    cols: 116,
    pixel_width: 0,
    pixel_height: 0,
};

/// A process in a terminal.
pub(crate) struct Seen {
    screen: vt100::Parser,
    output: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _terminal: Box<dyn MasterPty + Send>,
    /// Where it makes its temporary folders.
    folders: tempfile::TempDir,
}

impl Seen {
    /// The demo, begun with these words.
    fn demo(words: &[&str]) -> Self {
        Self::start(&[&["demo"], words].concat(), &[])
    }

    /// `rialto`, begun with these words in this environment.
    pub(crate) fn start(words: &[&str], environment: &[(&str, &str)]) -> Self {
        let tests = std::env::current_exe().unwrap();
        let binary = tests.parent().unwrap().parent().unwrap().join("rialto");
        assert!(binary.is_file(), "build it first: cargo build -p rialto");
        let folders = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(binary);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("TMPDIR", folders.path());
        for (name, value) in environment {
            command.env(name, value);
        }
        command.args(words);
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (say, output) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 8192];
            // A terminal that nobody is behind any more ends with an error or with nothing.
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if say.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let (rows, cols) = (SIZE.rows.try_into().unwrap(), SIZE.cols.try_into().unwrap());
        Self {
            screen: vt100::Parser::new(rows, cols, 0),
            output,
            keys: pair.master.take_writer().unwrap(),
            child,
            _terminal: pair.master,
            folders,
        }
    }

    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    fn wait(&mut self, what: &str, mut holds: impl FnMut(&str) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(&self.text()) {
            let left = until.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(error) => panic!("no {what}: {error}\n{}", self.text()),
            }
        }
    }

    #[track_caller]
    pub(crate) fn sees(&mut self, words: &str) {
        self.wait(words, |text| text.contains(words));
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// What is left where it makes its temporary folders.
    fn left(&self) -> Vec<std::path::PathBuf> {
        let inside = std::fs::read_dir(self.folders.path()).unwrap();
        inside.map(|entry| entry.unwrap().path()).collect()
    }

    /// Waits until it ends.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(mpsc::RecvTimeoutError::Disconnected) => return self.child.wait().unwrap(),
                Err(error) => panic!("it does not end: {error}\n{}", self.text()),
            }
        }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        // It has ended already where all went well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

const ENTER: &str = "\r";
const ESCAPE: &str = "\x1b";
const CONTROL_Q: &str = "\x11";

#[test]
fn the_demo_is_live_answers_and_leaves_nothing_behind() {
    let mut demo = Seen::demo(&[]);
    demo.sees("Three things to try");
    demo.sees("live");
    assert_eq!(demo.left().len(), 1, "the demo's folder");

    // Who wrote the guide answers, first seen writing.
    demo.press(ENTER);
    demo.sees("only @Marek Dvorak and you");
    demo.press("i Thank you, Marek!");
    demo.sees("Thank you, Marek!");
    demo.press(ENTER);
    let answers = ["Any time.", "Gladly.", "My pleasure."];
    demo.wait("answer", |text| {
        answers.iter().any(|answer| text.contains(answer))
    });

    demo.press(ESCAPE);
    demo.sees("? help");
    for (key, title, there) in [
        ("3", "[3 Deals", "Foundry line 4"),
        ("4", "[4 Referrals", "Logistics"),
        ("5", "[5 Directory", "Cobalt Systems"),
        ("1", "[1 Inbox", "Needs you"),
        ("2", "[2 Channels", "#welcome"),
    ] {
        demo.press(key);
        demo.sees(title);
        demo.sees(there);
    }
    demo.press(CONTROL_Q);
    assert_eq!(demo.ended().exit_code(), 0, "{}", demo.text());
    assert_eq!(demo.left(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_kept_demo_goes_on_for_another_player() {
    let kept = tempfile::tempdir().unwrap();
    let folder = kept.path().join("demo");
    let folder = folder.to_str().unwrap();
    for (player, name) in [("partner", "Ana Weber"), ("manager", "Tom Becker")] {
        let mut demo = Seen::demo(&["--data", folder, "--as", player]);
        demo.sees("Three things to try");
        demo.sees(name);
        demo.sees("live");
        demo.press(CONTROL_Q);
        assert_eq!(demo.ended().exit_code(), 0, "{}", demo.text());
        assert!(demo.left().is_empty(), "nothing beside the folder");
    }
}
