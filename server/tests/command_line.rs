//! `rialtod` as it is typed: what it prints where, and what it ends with.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use std::{
    path::Path,
    process::{Command, Output},
};

fn rialtod(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rialtod"))
        .env_clear()
        .arg("--data")
        .arg(folder)
        .args(words)
        .output()
        .unwrap()
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (data, talk) = (text(&output.stdout), text(&output.stderr));
    (output.status.code(), data, talk)
}

#[test]
fn a_configuration_is_ok_or_every_problem_is_told_with_the_nearest_name() {
    let folder = tempfile::tempdir().unwrap();
    let ok = said(&rialtod(folder.path(), &["config", "check"]));
    assert_eq!(ok, (Some(0), "ok\n".to_owned(), String::new()));
    std::fs::write(
        folder.path().join("rialtod.toml"),
        "[server]\nlissen = \"x\"\n",
    )
    .unwrap();
    let (code, data, talk) = said(&rialtod(folder.path(), &["config", "check"]));
    assert_eq!((code, data.as_str()), (Some(1), ""));
    assert!(
        talk.contains("line 2: ") && talk.contains("the nearest is `listen`"),
        "{talk}"
    );
}

#[test]
fn an_import_without_a_server_adds_up_and_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("partners.csv");
    let folder = &folder.path().join("data");
    std::fs::write(
        &table,
        "name,partner_type\nOak,isv\nOAK,member\nElm,wizard\n",
    )
    .unwrap();
    let import = |more: &[&str]| {
        let file = table.to_str().unwrap();
        let start = ["import", "orgs", file, "--map", "organization=name"];
        let words: Vec<&str> = start.iter().chain(more).copied().collect();
        said(&rialtod(folder, &words))
    };
    let none = ["--map-value", "partner_type.member=none"];
    let (code, _, talk) = import(&none);
    assert_eq!(code, Some(4), "there is no server to import into: {talk}");
    let made = said(&rialtod(folder, &["init", "--vendor", "Northwind"]));
    assert_eq!(made.0, Some(0), "{made:?}");
    let sum = |data: &str| data.lines().last().unwrap().to_owned();
    let first = "created 1 + merged 0 + unchanged 1 + refused 1 = 3 rows";
    let (code, data, talk) = import(&[none[0], none[1], "--dry-run"]);
    assert_eq!(
        (code, sum(&data).as_str()),
        (Some(4), first),
        "{data}{talk}"
    );
    assert!(talk.contains("nothing was written"), "{talk}");
    let (code, data, talk) = import(&none);
    assert_eq!(
        (code, sum(&data).as_str()),
        (Some(4), first),
        "{data}{talk}"
    );
    assert!(
        data.contains("refused\tline 4\tElm\t") && data.contains("spelled\tOAK | Oak"),
        "{data}"
    );
    let again = "created 0 + merged 0 + unchanged 3 + refused 0 = 3 rows";
    let all = [none[0], none[1], "--map-value", "partner_type.wizard=isv"];
    let (code, data, _) = import(&all);
    assert_eq!(code, Some(0), "{data}");
    assert_eq!(
        sum(&data),
        "created 1 + merged 0 + unchanged 2 + refused 0 = 3 rows"
    );
    let (code, data, _) = import(&all);
    assert_eq!((code, sum(&data).as_str()), (Some(0), again));
    let (code, json, _) = import(&[all[0], all[1], all[2], all[3], "--json"]);
    assert_eq!(code, Some(0));
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["unchanged"], 3);
    let (code, _, talk) = import(&["--map", "colour=x"]);
    assert!(code == Some(4) && talk.contains("FIELD=COLUMN"), "{talk}");
    let (code, _, talk) = said(&rialtod(folder, &["verify"]));
    assert!(code == Some(0) && talk.contains("all is well"), "{talk}");
}

#[test]
fn what_needs_a_server_says_that_none_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (code, data, talk) = said(&rialtod(folder.path(), &["status"]));
    assert_eq!((code, data.as_str()), (Some(3), ""));
    assert!(talk.contains("no server is running"), "{talk}");
    assert_eq!(
        rialtod(folder.path(), &["frobnicate"]).status.code(),
        Some(2)
    );
}
