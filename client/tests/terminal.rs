//! `rialto demo` on a terminal, under a shell with job control: it gives the terminal back however it ends, and when it is
//! stopped, and takes it again when it goes on.

#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, reason = "tests")]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    io::{Read as _, Write},
    num::NonZero,
    process::Command,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

/// The longest that anything may take: the demo tells ten days of history in a debug build, beside other tests.
const PATIENCE: Duration = Duration::from_secs(120);
/// What the shell says when it waits.
const PROMPT: &str = "ready> ";
/// What takes the alternate screen, focus reports and bracketed paste away, and shows the cursor.
const GIVEN_BACK: [&str; 6] = [
    "\u{1b}[?1049l",
    "\u{1b}[?25h",
    "\u{1b}[?1000l",
    "\u{1b}[?1006l",
    "\u{1b}[?1004l",
    "\u{1b}[?2004l",
];

/// A shell on a terminal.
struct Shell {
    keys: Box<dyn Write + Send>,
    heard: Receiver<Vec<u8>>,
    /// All that was written, as it came.
    wrote: Vec<u8>,
    screen: vt100::Parser,
    shell: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    _home: tempfile::TempDir,
}

fn cells(of: u16) -> NonZero<u16> {
    NonZero::new(of).unwrap()
}

impl Shell {
    fn start() -> Self {
        let size = PtySize {
            rows: 30,
            cols: 100,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new("sh");
        command.arg("-i");
        command.env_clear();
        for (name, value) in [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", home.path().to_str().unwrap().to_owned()),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("PS1", PROMPT.to_owned()),
        ] {
            command.env(name, value);
        }
        let shell = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let (sender, heard) = mpsc::channel();
        let mut reader = pair.master.try_clone_reader().unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer.get(..read).unwrap().to_vec()).is_err() {
                    return;
                }
            }
        });
        let mut shell = Self {
            keys: pair.master.take_writer().unwrap(),
            heard,
            wrote: vec![],
            screen: vt100::Parser::new(cells(size.rows), cells(size.cols), 0),
            shell,
            _master: pair.master,
            _home: home,
        };
        shell.until("a prompt", |shell| shell.seen().contains(PROMPT.trim()));
        shell
    }

    fn seen(&self) -> String {
        self.screen.screen().contents()
    }

    /// What was written since a place in it.
    fn since(&self, from: usize) -> String {
        String::from_utf8_lossy(self.wrote.get(from..).unwrap()).into_owned()
    }

    fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until something is so.
    fn until(&mut self, what: &str, so: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !so(self) {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.heard.recv_timeout(left) else {
                panic!("no {what} on\n{}", self.seen());
            };
            self.screen.process(&bytes);
            self.wrote.extend(bytes);
        }
    }

    /// The demo on the whole screen; its process.
    fn demo(&mut self) -> u32 {
        let binary = env!("CARGO_BIN_EXE_rialto");
        self.keys(&format!(
            "sh -c 'echo \"pid=$$.\"; exec \"{binary}\" demo'\n"
        ));
        let pid = |shell: &Self| -> Option<u32> {
            let wrote = shell.since(0);
            // The line as it was typed holds no number.
            let mut ends = wrote.split("pid=").skip(1);
            ends.find_map(|rest| rest.split('.').next()?.parse().ok())
        };
        self.until("pid", |shell| pid(shell).is_some());
        self.until("Inbox", Self::shows_the_inbox);
        assert!(self.screen.screen().alternate_screen());
        pid(self).unwrap()
    }

    fn shows_the_inbox(&self) -> bool {
        let screen = self.screen.screen();
        screen.alternate_screen() && self.seen().contains("Needs you")
    }

    /// The shell has the terminal again, as it was before.
    #[track_caller]
    fn has_it_back(&mut self, from: usize) {
        self.until("given back", |shell| {
            !shell.screen.screen().alternate_screen() && shell.since(from).contains(PROMPT)
        });
        let wrote = self.since(from);
        for undone in GIVEN_BACK {
            assert!(wrote.contains(undone), "{undone:?} is not in {wrote:?}");
        }
        assert!(!self.screen.screen().hide_cursor());
        assert!(!self.screen.screen().bracketed_paste());
        let from = self.wrote.len();
        self.keys("stty -a; echo an''swered\n");
        self.until("answer", |shell| shell.since(from).contains("answered"));
        let modes = self.since(from);
        assert!(modes.contains(" icanon"), "{modes}");
        assert!(modes.contains(" echo "), "{modes}");
    }

    fn signal(pid: u32, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), pid.to_string()])
            .status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        drop(self.shell.kill());
        drop(self.shell.wait());
    }
}

#[test]
fn stopped_it_gives_the_terminal_back_and_going_on_takes_it_again_and_ctrl_q_ends() {
    let mut shell = Shell::start();
    shell.demo();
    let from = shell.wrote.len();
    shell.keys("\u{1a}");
    shell.has_it_back(from);
    let from = shell.wrote.len();
    shell.keys("fg\n");
    shell.until("screen", |shell| {
        shell.since(from).contains("\u{1b}[?1049h") && shell.shows_the_inbox()
    });
    assert!(shell.since(from).contains("\u{1b}[?2004h"));
    // It hears keys again.
    shell.keys("2");
    shell.until("channels", |shell| shell.seen().contains("[2 Channels"));
    let from = shell.wrote.len();
    shell.keys("\u{11}");
    shell.has_it_back(from);
    let from = shell.wrote.len();
    shell.keys("jobs; echo jo''bs=none\n");
    shell.until("jobs", |shell| shell.since(from).contains("jobs=none"));
    assert!(!shell.since(from).contains("Stopped"), "it ended");
}

#[test]
fn signals_that_end_it_give_the_terminal_back() {
    for name in ["TERM", "HUP"] {
        let mut shell = Shell::start();
        let pid = shell.demo();
        let from = shell.wrote.len();
        Shell::signal(pid, name);
        shell.has_it_back(from);
    }
}
