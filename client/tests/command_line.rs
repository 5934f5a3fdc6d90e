//! `rialto` as it is typed, with no account and no server.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Output};

fn rialto(words: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_rialto"))
        .env_clear()
        .env("RIALTO_HOME", home.path())
        .args(words)
        .output()
        .unwrap()
}

#[test]
fn help_is_data() {
    let output = rialto(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(
        help.contains("join") && help.contains("Exit codes"),
        "{help}"
    );
    assert!(output.stderr.is_empty());
}

#[test]
fn without_an_account_it_says_how_to_get_one() {
    let output = rialto(&["whoami"]);
    assert_ne!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty());
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(talk.contains("rialto join LINK"), "{talk}");
}

#[test]
fn a_link_that_is_none_is_usage() {
    assert_eq!(
        rialto(&["join", "http://example.com"]).status.code(),
        Some(2)
    );
}
