//! Where the command line speaks: data to stdout, talk to stderr. Nothing else in this package prints.
//!
//! What is printed are texts that passed the border and words of our own; with `--json` each datum is one line of JSON.

use super::exit::{Exit, Failure};
use serde_json::{Value, json};
use std::io::{self, IsTerminal as _, Read as _, Write as _};

/// Longest text that is read from stdin, in bytes: more is no message.
const STDIN_BYTES_MAX: u64 = 64 * 1024;

/// How to speak.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    pub(super) json: bool,
}

impl Output {
    /// One datum.
    pub(super) fn data(self, json: &Value, words: &str) -> Result<(), Failure> {
        let line = if self.json {
            json.to_string()
        } else {
            words.to_owned()
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")
            .and_then(|()| out.flush())
            .map_err(|error| unsaid(&error))
    }

    /// Whether a person sits at both ends of this process.
    pub(super) fn watched(self) -> bool {
        !self.json && io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Bytes as they are, and a line's end.
    pub(super) fn bytes(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)
            .and_then(|()| out.write_all(b"\n"))
            .map_err(|error| unsaid(&error))
    }

    /// Something for the person who waits.
    pub(super) fn talk(self, words: &str) {
        // Nobody is left to tell when stderr is gone.
        drop(writeln!(io::stderr().lock(), "{words}"));
    }

    /// Why it did not work.
    pub(super) fn failure(self, failure: &Failure) {
        if failure.exit == Exit::Ok {
            return;
        }
        if self.json {
            let candidates: Vec<Value> = failure
                .candidates
                .iter()
                .map(|candidate| json!({"id": candidate.id, "name": candidate.name}))
                .collect();
            let line = json!({
                "error": {"exit": failure.exit.code(), "code": failure.code, "words": failure.words,
                    "candidates": candidates}
            });
            self.talk(&line.to_string());
            return;
        }
        self.talk(&format!("rialto: {}", failure.words));
    }
}

/// Why a datum did not get out. Whoever reads only the first lines, as `head` does, has what they wanted: that ends the
/// command, and is no failure.
fn unsaid(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::new(Exit::Ok, "");
    }
    Failure::new(Exit::Failure, format!("stdout: {error}"))
}

/// A text from the command line, or from stdin where it is `-`.
pub(super) fn text(given: &str) -> Result<String, Failure> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut text = String::new();
    io::stdin()
        .take(STDIN_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(Exit::Usage, format!("stdin: {error}")))?;
    Ok(text)
}

/// Asks the person for one line; `None` where nobody is there to answer.
pub(super) fn ask(question: &str) -> Option<String> {
    if !io::stdin().is_terminal() {
        return None;
    }
    let mut err = io::stderr().lock();
    write!(err, "{question} ").and_then(|()| err.flush()).ok()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line).ok()?;
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}
