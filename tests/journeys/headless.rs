//! The headless client, proven whole: one story of an ecosystem, told by nothing but commands of the real binaries.
//!
//! Every leaf of `rialto`'s and of `rialtod`'s command line is run with success by somebody in it, and every noun once so
//! that it fails, with a documented exit code and, for `rialto`, an error in JSON. A verb that the story leaves out fails
//! the test by its name. What is said on stdout under `--json` is JSON, each line of it.

mod binaries;
mod deals;
mod offers;
mod office;
mod operator;
mod talk;
mod town;

use binaries::{Ran, Server, binary};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Commands that somebody must look at: they end when that person leaves.
const INTERACTIVE: [&str; 1] = ["demo"];
/// Commands that run by themselves although there are others below them.
const BOTH: [&str; 1] = ["backup"];
/// The exit codes that `--help` documents for what went wrong.
const FAILURES: [i32; 5] = [1, 2, 3, 4, 5];

/// What was run of one command line.
#[derive(Debug, Default)]
struct Coverage {
    done: BTreeSet<String>,
    refused: BTreeSet<String>,
}

impl Coverage {
    fn count(&mut self, leaf: &str, code: Option<i32>) {
        if code == Some(0) {
            self.done.insert(leaf.to_owned());
        } else {
            let noun = leaf.split(' ').next().unwrap();
            self.refused.insert(noun.to_owned());
        }
    }

    /// A command that looked and found nothing to do, which is all that it can come to in a story of this size.
    fn looked(&mut self, leaf: &str) {
        self.done.insert(leaf.to_owned());
    }

    /// What the story left out of these leaves.
    fn missing(&self, leaves: &BTreeSet<String>) -> Vec<String> {
        let undone = leaves.difference(&self.done).cloned();
        let nouns: BTreeSet<&str> = leaves
            .iter()
            .map(|leaf| leaf.split(' ').next().unwrap())
            .collect();
        let smooth = nouns
            .into_iter()
            .filter(|noun| !self.refused.contains(*noun))
            .map(|noun| format!("{noun} (never fails)"));
        undone.chain(smooth).collect()
    }
}

/// A command line as one types it: words, with single quotes around those that hold spaces.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![];
    for (i, part) in line.split('\'').enumerate() {
        if i % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// The leaf of a tree of commands that these words run: what is no command on the way is an argument. Some commands run
/// alone and have others below them.
fn leaf(leaves: &BTreeSet<String>, words: &[String]) -> String {
    let (mut path, mut found) = (String::new(), None);
    for word in words {
        let next = format!("{path} {word}").trim().to_owned();
        let above = format!("{next} ");
        let goes_on = leaves.iter().any(|leaf| leaf.starts_with(&above));
        if leaves.contains(&next) {
            found = Some(next.clone());
        }
        if goes_on {
            path = next;
        } else if found.is_some() {
            break;
        }
    }
    found.unwrap_or_else(|| panic!("{words:?} runs no command"))
}

/// Every command of `rialto` that has none below it, as the binary's own grammar says.
fn client_leaves() -> BTreeSet<String> {
    let mut leaves = BTreeSet::new();
    let mut open = vec![(String::new(), rialto::cli::command())];
    while let Some((path, command)) = open.pop() {
        let below: Vec<_> = command.get_subcommands().cloned().collect();
        if below.is_empty() || (!path.is_empty() && !command.is_subcommand_required_set()) {
            leaves.insert(path.clone());
        }
        open.extend(below.into_iter().map(|below| {
            let path = format!("{path} {}", below.get_name());
            (path.trim().to_owned(), below)
        }));
    }
    leaves.retain(|leaf| !INTERACTIVE.contains(&leaf.as_str()));
    leaves
}

/// The story: its server, its people by name, and what of the command line it has run.
struct Story {
    server: Server,
    leaves: BTreeSet<String>,
    ran: Coverage,
    /// The ids that people of the story go by.
    orgs: BTreeMap<&'static str, String>,
    /// What went otherwise than told: all of it is said at the end.
    faults: Vec<String>,
}

impl Story {
    fn expect(&mut self, holds: bool, words: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(words());
        }
    }

    fn run(&mut self, who: &str, line: &str, stdin: &str) -> Ran {
        let words = words(line);
        let ran = self.server.rialto(who, &words, stdin);
        self.ran.count(&leaf(&self.leaves, &words), ran.code);
        ran
    }

    /// Somebody does something, and it is done: what is printed, each line as JSON.
    fn all(&mut self, who: &str, line: &str) -> Vec<Value> {
        let ran = self.run(who, line, "");
        self.expect(ran.code == Some(0), || {
            format!("{who}: rialto {line}: {:?} {}", ran.code, ran.err)
        });
        ran.json()
    }

    /// Somebody does something that prints one thing.
    fn ok(&mut self, who: &str, line: &str) -> Value {
        let mut all = self.all(who, line);
        self.expect(all.len() == 1, || {
            format!("{who}: rialto {line}: one answer, not {all:?}")
        });
        all.drain(..).next().unwrap_or_default()
    }

    /// Somebody does something that prints what it found, and fails for it.
    fn all_but(&mut self, who: &str, line: &str, exit: i32) -> Vec<Value> {
        let ran = self.run(who, line, "");
        self.expect(ran.code == Some(exit), || {
            format!("{who}: rialto {line}: {:?} {}", ran.code, ran.err)
        });
        ran.json()
    }

    /// As [`Self::ok`], with words on stdin.
    fn told(&mut self, who: &str, line: &str, stdin: &str) -> Value {
        let ran = self.run(who, line, stdin);
        self.expect(ran.code == Some(0), || {
            format!("{who}: rialto {line}: {:?} {}", ran.code, ran.err)
        });
        ran.json().drain(..).next().unwrap_or_default()
    }

    /// Somebody is told no, with this exit code and this code of the refusal, empty where it has none: the words.
    fn no(&mut self, who: &str, line: &str, (exit, code): (i32, &str)) -> String {
        assert!(FAILURES.contains(&exit));
        let ran = self.run(who, line, "");
        let error = ran.error();
        let so = (ran.code, error["exit"].as_i64(), error["code"].as_str());
        self.expect(so == (Some(exit), Some(exit.into()), Some(code)), || {
            format!(
                "{who}: rialto {line}: told {exit} {code:?}, was {so:?} {}{}",
                ran.out, ran.err
            )
        });
        error["words"].as_str().unwrap_or_default().to_owned()
    }

    /// What `rialto inbox` shows somebody of these rooms.
    fn needs(&mut self, who: &str, room: &str) -> Vec<(u64, String)> {
        let all = self.all(who, "inbox");
        let here = all.iter().filter(|need| need["room"] == room);
        here.map(|need| (need["need"].as_u64().unwrap(), text(&need["what"])))
            .collect()
    }

    fn org(&self, name: &str) -> String {
        self.orgs[name].clone()
    }
}

fn text(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or("nothing").to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

/// The one of these where a field is so.
fn of<'a>(all: &'a [Value], field: &str, is: impl Into<Value> + Debug) -> &'a Value {
    let is = is.into();
    all.iter()
        .find(|one| one[field] == is)
        .unwrap_or_else(|| panic!("nothing has {field} {is}: {all:#?}"))
}

#[test]
fn a_whole_ecosystem_is_told_by_commands_and_no_verb_is_left_out() {
    let mut story = operator::begin();
    for chapter in [
        town::gathers,
        talk::goes_on,
        office::is_run,
        offers::are_made,
        deals::are_won_and_lost,
        office::closes,
        operator::ends,
    ] {
        // A chapter that cannot go on ends the story: what went wrong before says why.
        if let Err(why) = catch_unwind(AssertUnwindSafe(|| chapter(&mut story))) {
            let why = why.downcast_ref::<String>().map_or("", String::as_str);
            story.faults.append(&mut story.server.faults);
            panic!("{}\nand then: {why}", story.faults.join("\n"));
        }
    }
    let mut faults = story.faults;
    faults.append(&mut story.server.faults);
    let missing = story.ran.missing(&story.leaves);
    faults.extend(
        missing
            .iter()
            .map(|verb| format!("left out: rialto {verb}")),
    );
    let leaves = binaries::leaves(&binary("rialtod"));
    let missing = story.server.ran.missing(&leaves);
    faults.extend(
        missing
            .iter()
            .map(|verb| format!("left out: rialtod {verb}")),
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
