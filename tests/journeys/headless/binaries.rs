//! The two binaries, run as people run them: words in, stdout, stderr and an exit code out.

use super::{BOTH, Coverage, leaf, words};
use crate::journeys::notices::sink::Sink;
use crate::town::PATIENCE;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    thread,
};

/// A binary, which the build puts beside the tests' folder.
pub(super) fn binary(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let binary = tests.parent().unwrap().parent().unwrap().join(name);
    assert!(binary.is_file(), "build it first: cargo build --workspace");
    binary
}

/// What a run of a binary came to.
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Every line of stdout, as JSON.
    pub(super) fn json(&self) -> Vec<Value> {
        let read =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.out.lines().map(read).collect()
    }

    /// The error, as the last line of stderr says it.
    pub(super) fn error(&self) -> Value {
        let last = self.err.lines().last().unwrap_or_default();
        let read: Value = serde_json::from_str(last).unwrap_or_default();
        read["error"].clone()
    }
}

/// Runs a command to its end, with this on stdin.
fn finish(mut command: Command, stdin: &str) -> Ran {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = pipes.stderr(Stdio::piped()).spawn().unwrap();
    // Whoever does not listen has hung up: then it is not said.
    drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
    Ran::of(child.wait_with_output().unwrap())
}

/// The leaves of a binary's grammar, out of its own help.
pub(super) fn leaves(binary: &PathBuf) -> BTreeSet<String> {
    let mut leaves = BTreeSet::new();
    let mut open: Vec<Vec<String>> = vec![vec![]];
    while let Some(path) = open.pop() {
        let help = Command::new(binary).args(&path).arg("--help").output();
        let help = Ran::of(help.unwrap()).out;
        let list = help.split("\nCommands:\n").nth(1);
        let Some(list) = list.and_then(|list| list.split("\n\n").next()) else {
            leaves.insert(path.join(" "));
            continue;
        };
        let names = list.lines().filter(|line| !line.starts_with("   "));
        let names = names.filter_map(|line| line.split_whitespace().next());
        for name in names.filter(|name| *name != "help") {
            open.push([path.clone(), vec![name.to_owned()]].concat());
        }
    }
    leaves
}

/// `rialtod` on a data folder of its own, the homes of those who use it, and what of its command line was run.
pub(super) struct Server {
    above: tempfile::TempDir,
    /// Where its mail goes.
    pub(super) sink: Sink,
    serving: Option<Child>,
    leaves: BTreeSet<String>,
    pub(super) ran: Coverage,
    pub(super) faults: Vec<String>,
}

impl Server {
    pub(super) fn new() -> Self {
        let above = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let sink = Sink::open();
        let toml = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\nname = \"Northwind partners\"\n[tls]\nmode = \"plain\"\n\
             [limits]\ncommands_per_s = 5000\nburst = 5000\n\
             [mail]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"rialto@northwind.example\"\n",
            sink.address.port()
        );
        std::fs::write(above.path().join("rialtod.toml"), toml).unwrap();
        Self {
            above,
            sink,
            serving: None,
            leaves: leaves(&binary("rialtod"))
                .into_iter()
                .chain(BOTH.map(str::to_owned))
                .collect(),
            ran: Coverage::default(),
            faults: vec![],
        }
    }

    /// A file for the story, beside the server's.
    pub(super) fn file(&self, name: &str, text: &str) -> String {
        let path = self.above.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The data folder goes elsewhere: where it was there is none.
    pub(super) fn moves(&self) {
        let (from, to) = (
            self.above.path().join("data"),
            self.above.path().join("old"),
        );
        std::fs::rename(from, to).unwrap();
    }

    fn rialtod(&self, words: &[String]) -> Command {
        let mut command = Command::new(binary("rialtod"));
        command.env_clear().arg("--data");
        command.arg(self.above.path().join("data")).arg("--config");
        command.arg(self.above.path().join("rialtod.toml"));
        command.args(words);
        command
    }

    /// The operator runs something to its end.
    pub(super) fn operate(&mut self, line: &str) -> Ran {
        let words = words(line);
        let ran = finish(self.rialtod(&words), "");
        self.ran.count(&leaf(&self.leaves, &words), ran.code);
        ran
    }

    /// The operator does something, and it is done: what stdout says.
    pub(super) fn ok(&mut self, line: &str) -> String {
        let ran = self.operate(line);
        if ran.code != Some(0) {
            self.faults
                .push(format!("rialtod {line}: {:?} {}", ran.code, ran.err));
        }
        ran.out.trim().to_owned()
    }

    /// The operator asks for JSON, and it is.
    pub(super) fn json(&mut self, line: &str) -> Value {
        let out = self.ok(&format!("{line} --json"));
        serde_json::from_str(&out).unwrap_or_else(|error| {
            self.faults.push(format!("rialtod {line}: {error}: {out}"));
            Value::Null
        })
    }

    /// The operator is told no, with this exit code.
    pub(super) fn no(&mut self, line: &str, exit: i32) -> String {
        let ran = self.operate(line);
        if ran.code != Some(exit) || ran.err.trim().is_empty() {
            self.faults.push(format!(
                "rialtod {line}: told {exit}, was {:?} {}{}",
                ran.code, ran.out, ran.err
            ));
        }
        ran.err
    }

    /// Serves, and accepts connections when this returns.
    pub(super) fn serve(&mut self) {
        let mut serve = self.rialtod(&["serve".to_owned()]);
        let mut child = serve.stderr(Stdio::piped()).spawn().unwrap();
        let (say, said) = mpsc::channel();
        let pipe = BufReader::new(child.stderr.take().unwrap());
        self.serving = Some(child);
        thread::spawn(move || {
            for line in pipe.lines().map_while(Result::ok) {
                drop(say.send(line));
            }
        });
        while !said
            .recv_timeout(PATIENCE)
            .expect("it serves")
            .contains("serving on")
        {}
    }

    /// The operator ends it as a service manager does, and it ends well.
    pub(super) fn stop(&mut self) {
        let mut child = self.serving.take().expect("it serves");
        let pid = child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(told.success());
        let code = child.wait().unwrap().code();
        self.ran.count("serve", code);
        assert_eq!(code, Some(0), "it ends well");
    }

    fn client(&self, who: &str, words: &[String]) -> Command {
        let mut command = Command::new(binary("rialto"));
        command.env_clear().env("TERM", "xterm-256color");
        command.args(["--json", "--home"]);
        command.arg(self.above.path().join(who)).args(words);
        command
    }

    /// Somebody runs the client to its end.
    pub(super) fn rialto(&self, who: &str, words: &[String], stdin: &str) -> Ran {
        finish(self.client(who, words), stdin)
    }

    /// Somebody runs the client, and hangs up before it says anything: what it says waits for stdin.
    pub(super) fn unheard(&self, who: &str, words: &[String], stdin: &str) -> Ran {
        let mut command = self.client(who, words);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pipes.stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(stdin.as_bytes()).unwrap();
        drop(pipe);
        Ran::of(child.wait_with_output().unwrap())
    }

    /// Somebody runs the client, and goes on with other things.
    pub(super) fn begin(&self, who: &str, words: &[String]) -> Child {
        let mut command = self.client(who, words);
        let pipes = command.stdin(Stdio::null()).stdout(Stdio::piped());
        pipes.stderr(Stdio::piped()).spawn().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.serving.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
