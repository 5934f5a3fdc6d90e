//! Backups that no program of this version writes.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::{BackupError, Head, Seal, VERSION, read_through, restore, stream::Recorder};
use crate::ledger::FORMAT;
use rialto_shared::{id::Hash, time::Timestamp};
use std::{fs, path::Path};

fn head() -> Head {
    Head {
        backup: VERSION,
        ledger: FORMAT,
        program: "test".to_owned(),
        server: Hash([1; 32]),
        made: Timestamp::EPOCH,
        files: vec![],
        tables: vec![],
    }
}

/// A backup with this head, whose every check is right.
fn write(path: &Path, head: &impl serde::Serialize, files: &[&[u8]]) {
    let mut recorder = Recorder::begin(Vec::new()).unwrap();
    recorder
        .record(None, &serde_json::to_vec(head).unwrap())
        .unwrap();
    for file in files {
        recorder.record(None, file).unwrap();
    }
    let seal = Seal {
        state: Hash::of("rialto-state-1", &[]),
        before: recorder.so_far(),
    };
    recorder
        .record(None, &serde_json::to_vec(&seal).unwrap())
        .unwrap();
    fs::write(path, recorder.end().0).unwrap();
}

/// What is said of a backup with this head, read through and restored alike.
fn refused(head: &impl serde::Serialize, files: &[&[u8]]) -> BackupError {
    let folder = tempfile::tempdir().unwrap();
    let (path, place) = (folder.path().join("backup"), folder.path().join("place"));
    write(&path, head, files);
    let restored = restore(&path, &place, "ledger.redb", "identity.key").unwrap_err();
    assert!(!place.exists(), "nothing was written");
    let read = read_through(&path).unwrap_err();
    assert_eq!(read.to_string(), restored.to_string());
    read
}

#[test]
fn an_empty_one_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup");
    write(&path, &head(), &[]);
    assert_eq!(read_through(&path).unwrap().entries, 0);
}

#[test]
fn what_a_newer_program_made_is_refused_in_words() {
    let newer = "use a newer rialtod";
    let told = |head: Head| refused(&head, &[]).to_string();
    let (mut backup, mut ledger, mut table) = (head(), head(), head());
    backup.backup += 1;
    ledger.ledger += 1;
    table.tables.push(("dreams".to_owned(), 0));
    assert!(told(backup).contains(newer));
    assert!(told(ledger).contains(newer));
    assert!(told(table).contains(newer));
    // Whatever else a newer one says, and however.
    let strange = serde_json::json!({ "backup": 9, "ledger": 1, "all": "else" });
    assert!(refused(&strange, &[]).to_string().contains(newer));
}

#[test]
fn what_an_older_program_made_is_refused_in_words() {
    for format in 1..FORMAT {
        let mut older = head();
        older.ledger = format;
        let told = refused(&older, &[]).to_string();
        assert!(told.contains("use the rialtod that made it"), "{told}");
    }
}

#[test]
fn a_file_goes_nowhere_but_into_the_folder() {
    for name in ["../out", "/etc/passwd", "..", ".", "", "a\nb"] {
        let mut head = head();
        head.files.push(name.to_owned());
        assert!(
            matches!(refused(&head, &[b"x"]), BackupError::Unsound(_)),
            "{name:?}"
        );
    }
    let mut twice = head();
    twice.files = vec!["ledger.redb".to_owned()];
    let folder = tempfile::tempdir().unwrap();
    let (path, place) = (folder.path().join("backup"), folder.path().join("place"));
    write(&path, &twice, &[b"x"]);
    assert!(restore(&path, &place, "ledger.redb", "identity.key").is_err());
    assert_eq!(fs::read_dir(&place).unwrap().count(), 0, "taken away again");
}

#[test]
fn a_sum_that_does_not_fit_the_rows_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup");
    let mut recorder = Recorder::begin(Vec::new()).unwrap();
    recorder
        .record(None, &serde_json::to_vec(&head()).unwrap())
        .unwrap();
    let seal = Seal {
        state: Hash([7; 32]),
        before: recorder.so_far(),
    };
    recorder
        .record(None, &serde_json::to_vec(&seal).unwrap())
        .unwrap();
    fs::write(&path, recorder.end().0).unwrap();
    let told = read_through(&path).unwrap_err();
    assert!(matches!(told, BackupError::Unsound(_)), "{told}");
}
