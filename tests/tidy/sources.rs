//! The repository's own files, read from the folder above this package: every text file but what a build or git wrote.
//! Read from the disk and not from git's list, so that a rule holds before a file is committed.

use std::{fs, path::Path};

/// Folders (and git's own file in a linked work tree) that hold nothing written here.
const NOT_OURS: [&str; 2] = [".git", "target"];

/// One text file of the repository, or one made for a test of a rule.
pub(crate) struct Source {
    /// From the repository's root, with `/` between its parts.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Code and tests apart: in this repository a test module stands last in its file (clippy holds that), so all from
    /// its first line on is tests. A file of the tests' package, or a `tests.rs`, is tests from its first line.
    pub(crate) fn tests_from(&self) -> usize {
        if self.path.starts_with("tests/") || self.path.ends_with("/tests.rs") {
            return 0;
        }
        self.code_lines()
    }

    /// Lines before the test module, or all where there is none.
    pub(crate) fn code_lines(&self) -> usize {
        let mut gate = None;
        for (at, line) in self.text.lines().enumerate() {
            if line == "#[cfg(test)]" {
                gate = Some(at);
            } else if line.starts_with("mod ") && line.ends_with('{') {
                if let Some(at) = gate {
                    return at;
                }
            } else if !line.starts_with("#[") && !line.starts_with([' ', ')']) {
                // An attribute, even one over several lines, may stand between the two.
                gate = None;
            }
        }
        self.text.lines().count()
    }
}

/// The repository's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package stands in the repository's root")
}

/// Every text file of the repository, in the order of their paths.
pub(crate) fn all() -> Vec<Source> {
    let mut found = Vec::new();
    walk(root(), "", &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// The Rust sources among them.
pub(crate) fn rust() -> Vec<Source> {
    let mut found = all();
    found.retain(|file| file.path.ends_with(".rs"));
    found
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository can be listed") {
        let entry = entry.expect("a folder of the repository can be listed");
        let name = entry.file_name();
        let name = name
            .to_str()
            .expect("file names in the repository are UTF-8");
        if NOT_OURS.contains(&name) {
            continue;
        }
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().expect("a file's type can be read");
        if kind.is_dir() {
            walk(&entry.path(), &format!("{path}/"), found);
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).expect("a file of the repository can be read");
            // What is not UTF-8 is not text: no rule here speaks of it.
            if let Ok(text) = String::from_utf8(bytes) {
                found.push(Source { path, text });
            }
        }
    }
}
