//! A live ledger file in which one byte is another: whoever opens, verifies or serves it says so in words and ends with a
//! code that is documented, or the byte was in use for nothing, and everything in the ledger is as it was.

use super::{Disk, begin, talk};
use crate::{
    kills::rialtod,
    world::{DAWN, Dice, from_env},
};
use rialto_server::{
    admin::{Office as _, Trouble},
    config::{Config, TlsMode},
    identity::{Identity, create_folder},
    ledger::{self, backup, fault},
    residence::{LEDGER_FILE, Residence, keeping},
    serve::Premises as _,
};
use rialto_shared::id::Hash;
use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Once},
};

/// A server's folder with a ledger that people have talked in.
struct Sound {
    above: tempfile::TempDir,
    config: Config,
    identity: Arc<Identity>,
    bytes: Vec<u8>,
    state: Hash,
}

impl Sound {
    fn new() -> Self {
        static QUIET: Once = Once::new();
        QUIET.call_once(fault::keep_quiet);
        let above = tempfile::tempdir().unwrap();
        let mut config = Config {
            data_dir: above.path().join("data"),
            listen: "127.0.0.1:0".parse().unwrap(),
            ..Config::default()
        };
        config.tls.mode = TlsMode::Plain;
        create_folder(&config.data_dir).unwrap();
        let identity = Arc::new(Identity::create(&config.data_dir).unwrap());
        let disk = Disk::default();
        let mut community = begin(&disk);
        talk(&mut community);
        let about = backup::About {
            server: identity.server(),
            made: DAWN,
            files: vec![],
        };
        let (kept, place) = (above.path().join("backup"), above.path().join("place"));
        let snapshot = community.world.house.snapshot().unwrap();
        let made = backup::make(&snapshot, &about, &kept).unwrap();
        backup::restore(&kept, &place, LEDGER_FILE, "identity.key").unwrap();
        let bytes = fs::read(place.join(LEDGER_FILE)).unwrap();
        Self {
            above,
            config,
            identity,
            bytes,
            state: made.state,
        }
    }

    fn file(&self) -> std::path::PathBuf {
        self.config.data_dir.join(LEDGER_FILE)
    }

    /// Puts the file there with one byte changed; which.
    fn change(&self, dice: &mut Dice) -> usize {
        let mut bytes = self.bytes.clone();
        let at = dice.below(bytes.len());
        bytes[at] ^= u8::try_from(1 + dice.below(255)).unwrap();
        fs::write(self.file(), bytes).unwrap();
        at
    }
}

/// Words that a person can do something with, and no program's own last ones.
fn told(words: &str, context: &str) {
    assert!(words.len() > 12, "{context}: {words:?}");
    assert!(!words.contains("panicked"), "{context}: {words}");
}

#[test]
fn a_changed_byte_of_a_live_file_is_told_in_words_or_changes_nothing() {
    let sound = Sound::new();
    let mut dice = Dice::new(from_env("RIALTO_SEED", 43));
    let (mut found, mut idle) = (0, 0);
    for n in 0..from_env("RIALTO_DAMAGES", 120) {
        let at = sound.change(&mut dice);
        let context = format!("change {n}, byte {at}");
        match keeping::verify(&sound.config, &sound.identity) {
            Ok(verdict) if verdict.faults.is_empty() => {
                assert_eq!(verdict.state, sound.state, "{context}: not found");
                idle += 1;
            }
            Ok(verdict) => {
                verdict
                    .faults
                    .iter()
                    .for_each(|fault| told(fault, &context));
                found += 1;
            }
            Err(trouble) => {
                told(&trouble.to_string(), &context);
                assert!(!matches!(trouble, Trouble::Refused(_)), "{context}");
                found += 1;
            }
        }
    }
    assert!(
        found > 0 && idle > 0,
        "{found} found, {idle} in use for nothing"
    );
}

#[test]
fn a_server_on_a_damaged_file_answers_or_says_why_not() {
    let sound = Sound::new();
    let mut dice = Dice::new(from_env("RIALTO_SEED", 44));
    for n in 0..from_env("RIALTO_DAMAGES", 60) {
        let at = sound.change(&mut dice);
        let context = format!("change {n}, byte {at}");
        let residence = match Residence::open(&sound.config, Arc::clone(&sound.identity)) {
            Ok(residence) => residence,
            Err(trouble) => {
                told(&trouble.to_string(), &context);
                continue;
            }
        };
        let office = residence.office();
        let name = rialto_shared::text::TextKind::Name.parse("Oak").unwrap();
        let asked = [
            office.condition().map(drop),
            office.orgs().map(drop),
            office.create_org(&name).map(drop),
            office
                .back_up(&sound.above.path().join(format!("{n}")))
                .map(drop),
            office.verify().map(drop),
        ];
        for trouble in asked.into_iter().filter_map(Result::err) {
            told(&trouble.to_string(), &context);
        }
        drop(office);
        if let Err(trouble) = residence.close() {
            told(&trouble.to_string(), &context);
        }
    }
}

/// What a process says, and with what it ends.
fn run(sound: &Sound, word: &str) -> (Option<i32>, String) {
    let output = command(sound).arg(word).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

fn command(sound: &Sound) -> Command {
    let mut command = rialtod();
    command
        .arg("--data")
        .arg(&sound.config.data_dir)
        .env("RIALTOD_SERVER_LISTEN", "127.0.0.1:0")
        .env("RIALTOD_TLS_MODE", "plain");
    command
}

/// Serves until it says that it does, and is told to stop; or ends by itself.
fn serve(sound: &Sound) -> (Option<i32>, String) {
    let mut child = command(sound)
        .arg("serve")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if line.contains("serving on") {
            let id = child.id().to_string();
            let stopped = Command::new("kill").args(["-TERM", &id]).status();
            assert!(stopped.unwrap().success());
        }
        said.push_str(&line);
        said.push('\n');
    }
    (child.wait().unwrap().code(), said)
}

#[test]
fn the_program_ends_with_a_documented_code_and_a_sentence() {
    let sound = Sound::new();
    let mut dice = Dice::new(from_env("RIALTO_SEED", 45));
    for n in 0..from_env("RIALTO_DAMAGED_RUNS", 12) {
        let at = sound.change(&mut dice);
        for word in ["verify", "serve"] {
            let context = format!("change {n}, byte {at}, {word}");
            // The one before may have mended what it could.
            fs::write(sound.file(), changed(&sound, at)).unwrap();
            let (code, said) = if word == "serve" {
                serve(&sound)
            } else {
                run(&sound, word)
            };
            told(&said, &context);
            assert!(
                matches!(code, Some(0 | 1 | 4 | 5 | 6)),
                "{context}: {code:?}: {said}"
            );
            if code == Some(5) {
                assert!(said.contains("restore"), "{context}: what to do: {said}");
            }
        }
    }
}

/// The file with one byte changed, always to the same.
fn changed(sound: &Sound, at: usize) -> Vec<u8> {
    let mut bytes = sound.bytes.clone();
    bytes[at] ^= 0x5A;
    bytes
}

#[test]
fn a_ledger_of_another_program_is_left_alone() {
    left_alone(ledger::FORMAT + 1, "use a newer rialtod");
    for older in 1..ledger::FORMAT {
        let words = format!("of the older format {older}; this program reads format 3");
        left_alone(older, &words);
        left_alone(older, "use the rialtod that wrote it");
    }
}

fn left_alone(format: u64, words: &str) {
    let sound = Sound::new();
    fs::write(sound.file(), &sound.bytes).unwrap();
    is_of(&sound.file(), format);
    let before = fs::read(sound.file()).unwrap();
    for word in ["serve", "verify", "status"] {
        let (code, said) = if word == "serve" {
            serve(&sound)
        } else {
            run(&sound, word)
        };
        if word == "status" {
            assert_eq!(code, Some(3), "{said}");
            continue;
        }
        assert_eq!(code, Some(1), "{word}: {said}");
        assert!(said.contains(words), "{word}: {said}");
    }
    assert!(rows(&before) == rows(&fs::read(sound.file()).unwrap()));
}

/// The log, as it stands in a file's bytes: what is compared is what somebody wrote, not where redb keeps it.
fn rows(bytes: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    use redb::{ReadableDatabase as _, ReadableTable as _};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy");
    fs::write(&file, bytes).unwrap();
    let database = redb::Database::open(file).unwrap();
    let log: redb::TableDefinition<'_, &[u8], &[u8]> = redb::TableDefinition::new("log");
    let read = database.begin_read().unwrap();
    let table = read.open_table(log).unwrap();
    let rows = table.iter().unwrap().map(Result::unwrap);
    rows.map(|(key, value)| (key.value().to_vec(), value.value().to_vec()))
        .collect()
}

/// Says of a ledger that it is of this format.
fn is_of(file: &Path, format: u64) {
    let database = redb::Database::open(file).unwrap();
    let meta: redb::TableDefinition<'_, &[u8], &[u8]> = redb::TableDefinition::new("meta");
    let write = database.begin_write().unwrap();
    let format = format.to_be_bytes();
    write
        .open_table(meta)
        .unwrap()
        .insert(&b"format"[..], format.as_slice())
        .unwrap();
    write.commit().unwrap();
}
