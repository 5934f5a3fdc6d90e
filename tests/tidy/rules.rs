//! The rules: each takes a file and lists what in it offends. Below, each is shown an offender and something near it
//! that is allowed. What a rule looks for is put together from halves, so that this file does not offend itself.

use std::collections::BTreeMap;

use super::sources::Source;

const CODE_LINES_MAX: usize = 600;
const FOLDER_SOURCES_MAX: usize = 14;

/// Names that say nothing: whatever is in such a module has a better one.
const NAMELESS: [&str; 9] = [
    "base", "common", "handler", "helper", "helpers", "manager", "misc", "util", "utils",
];
const UNFINISHED: [&str; 3] = [
    concat!("#[ig", "nore"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
];
const SLEEP: &str = concat!("sle", "ep(");
const OUTSIDE: [&str; 2] = ["..", "shared/data"];
/// The one file that may look beside the clone.
const CI: &str = ".ci/run";

pub(crate) fn long(file: &Source) -> Vec<String> {
    let lines = file.code_lines();
    if lines > CODE_LINES_MAX {
        vec![format!("{lines} lines")]
    } else {
        Vec::new()
    }
}

pub(crate) fn crowded(files: &[Source]) -> Vec<String> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for file in files {
        let folder = file.path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        *counts.entry(folder).or_default() += 1;
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count > FOLDER_SOURCES_MAX)
        .map(|(folder, count)| format!("{folder}: {count} sources"))
        .collect()
}

pub(crate) fn nameless(file: &Source) -> Vec<String> {
    let of_path = file
        .path
        .trim_end_matches(".rs")
        .split('/')
        .filter(|part| NAMELESS.contains(part))
        .map(|part| format!("`{part}` in its path"));
    let of_text = numbered(&file.text).filter_map(|(number, line)| {
        let (_, after) = line.split_once("mod ")?;
        let name = after.trim_end_matches(['{', '}', ';', ' ']);
        NAMELESS
            .contains(&name)
            .then(|| format!("line {number}: `mod {name}`"))
    });
    of_path.chain(of_text).collect()
}

pub(crate) fn unfinished(file: &Source) -> Vec<String> {
    numbered(&file.text)
        .flat_map(|(number, line)| {
            UNFINISHED
                .into_iter()
                .filter(move |mark| line.contains(mark))
                .map(move |mark| format!("line {number}: `{mark}`"))
        })
        .collect()
}

pub(crate) fn sleeping(file: &Source) -> Vec<String> {
    let from = file.tests_from();
    numbered(&file.text)
        .filter(|(number, line)| *number > from && calls(line, SLEEP))
        .map(|(number, line)| format!("line {number}: `{}`", line.trim()))
        .collect()
}

pub(crate) fn headless(file: &Source) -> Vec<String> {
    let first = file.text.lines().next().unwrap_or_default();
    match first.strip_prefix("//!") {
        Some(head) if !head.trim().is_empty() => Vec::new(),
        Some(_) | None => vec![format!("begins with `{first}`")],
    }
}

pub(crate) fn invisible(file: &Source) -> Vec<String> {
    numbered(&file.text)
        .flat_map(|(number, line)| {
            line.chars()
                .filter(|c| is_invisible(*c))
                .map(move |c| format!("line {number}: U+{:04X}", u32::from(c)))
        })
        .collect()
}

pub(crate) fn outside(file: &Source) -> Vec<String> {
    if file.path == CI {
        return Vec::new();
    }
    let needle = OUTSIDE.join("/");
    numbered(&file.text)
        .filter(|(_, line)| line.contains(&needle))
        .map(|(number, _)| format!("line {number}: `{needle}`"))
        .collect()
}

/// Lines as an editor counts them, from 1. Split at \n alone: a \r is for a rule to see.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n')
        .enumerate()
        .map(|(at, line)| (at + 1, line))
}

/// Whether `line` has `call` as a whole name, not as the end of a longer one.
fn calls(line: &str, call: &str) -> bool {
    line.match_indices(call).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Characters that an editor does not show, or that reorder those it shows. The joiners (U+200C, U+200D) are left: they
/// are part of how words and emoji are written.
fn is_invisible(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Offenders made for each rule, and their innocent neighbours.
#[cfg(test)]
mod planted {
    use super::*;

    const RUST: &str = "server/src/ledger.rs";

    /// What `rule` says of `text` at `path`.
    fn said(rule: fn(&Source) -> Vec<String>, path: &str, text: &str) -> Vec<String> {
        rule(&Source::new(path, text))
    }

    #[test]
    fn a_long_file_is_seen_and_its_tests_are_not_counted() {
        let most = "x\n".repeat(CODE_LINES_MAX);
        let tests = "#[cfg(test)]\n#[allow(\n    clippy::unwrap_used,\n)]\nmod tests {\n}\n";
        assert!(said(long, RUST, &most).is_empty());
        assert!(said(long, RUST, &format!("{most}{tests}")).is_empty());
        assert_eq!(
            said(long, RUST, &format!("{most}x\n{tests}")),
            ["601 lines"]
        );
        let gated = "#[cfg(test)]\nuse std::fs;\nmod inner {\n".to_owned() + &most;
        assert_eq!(said(long, RUST, &gated), ["603 lines"]);
    }

    #[test]
    fn a_crowded_folder_is_named() {
        let mut files: Vec<_> = (0..FOLDER_SOURCES_MAX)
            .map(|i| Source::new(&format!("client/src/view/{i}.rs"), ""))
            .collect();
        files.push(Source::new("client/src/view/deal/board.rs", ""));
        assert!(crowded(&files).is_empty());
        files.push(Source::new("client/src/view/palette.rs", ""));
        assert_eq!(crowded(&files), ["client/src/view: 15 sources"]);
    }

    #[test]
    fn a_nameless_module_is_seen_by_path_and_by_declaration() {
        let declared = format!("pub(crate) mod {};\nmod utility {{\n", "utils");
        assert_eq!(said(nameless, RUST, &declared), ["line 1: `mod utils`"]);
        assert_eq!(
            said(nameless, "client/src/helpers.rs", ""),
            ["`helpers` in its path"]
        );
        assert_eq!(said(nameless, "client/src/common/deal.rs", "").len(), 1);
        assert!(said(nameless, "client/src/database.rs", "mod based;").is_empty());
    }

    #[test]
    fn an_unfinished_line_is_seen() {
        for mark in UNFINISHED {
            let said = said(unfinished, RUST, &format!("fn f() {{\n    {mark}\n"));
            assert_eq!(said, [format!("line 2: `{mark}`")]);
        }
        assert!(said(unfinished, RUST, "let ignored = \"to do\";").is_empty());
    }

    #[test]
    fn a_sleeping_test_is_seen_and_sleeping_code_is_not() {
        let line = format!("tokio::time::{SLEEP}wait).await;\n");
        assert_eq!(said(sleeping, "tests/journeys.rs", &line).len(), 1);
        assert!(said(sleeping, "client/src/link.rs", &line).is_empty());
        let beside_tests = format!("{line}#[cfg(test)]\nmod tests {{\n{line}}}\n");
        let said_beside = said(sleeping, "client/src/link.rs", &beside_tests);
        assert_eq!(said_beside.len(), 1);
        assert!(
            said_beside
                .iter()
                .all(|offence| offence.starts_with("line 4"))
        );
        assert!(said(sleeping, "tests/world.rs", &format!("is_a{SLEEP}org)")).is_empty());
    }

    #[test]
    fn a_missing_or_empty_head_is_seen() {
        assert!(said(headless, RUST, "//! The ledger.\n").is_empty());
        for text in [
            "",
            "//!\n",
            "// The ledger.\n",
            "\n//! Late.\n",
            "mod desk;\n",
        ] {
            assert_eq!(said(headless, RUST, text).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn an_invisible_character_is_seen_in_any_file() {
        for c in ['\u{202e}', '\u{2066}', '\u{85}', '\u{200b}', '\r', '\u{1b}'] {
            let said = said(invisible, "README.md", &format!("one\ntwo{c} three\n"));
            assert_eq!(said, [format!("line 2: U+{:04X}", u32::from(c))]);
        }
        assert!(said(invisible, "README.md", "\tZoë ✓ ▸ 👩\u{200d}💻\n").is_empty());
    }

    #[test]
    fn the_folder_beside_the_clone_is_seen_outside_ci() {
        let text = format!("let path = \"{}/x.csv\";\n", OUTSIDE.join("/"));
        assert_eq!(said(outside, "tests/import.rs", &text).len(), 1);
        assert_eq!(said(outside, ".ci/direction", &text).len(), 1);
        assert!(said(outside, CI, &text).is_empty());
        assert!(said(outside, RUST, "use rialto_shared::data;").is_empty());
    }
}
