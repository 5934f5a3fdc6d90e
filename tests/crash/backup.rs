//! Backups: made while the server goes on, restored to the same state, and not one byte of them changes unseen.

use super::{begin, disk::Disk, talk};
use crate::{
    kills::Folder,
    town::{PATIENCE, Person, Town},
    world::{Community, DAWN, Dice, MEI, TOM, chance, from_env},
};
use rialto::replica::Change;
use rialto_server::{
    admin::{Request, Response},
    config::TlsMode,
    ledger::{
        self,
        backup::{self, About, BackupError, Part, Whole},
        reader::Snapshot,
        verify::{self, digest},
    },
};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{Hash, RoomId},
    room::talk as talked,
    standing::Role,
};
use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{Seek as _, SeekFrom, Write as _},
    ops::Range,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Output,
    sync::{Arc, atomic::AtomicBool, atomic::Ordering, mpsc},
    thread,
};
use tokio::time::{Instant, timeout_at};

/// A community that has talked, its people's marks and receipts with it.
fn talkative() -> Community {
    let disk = Disk::default();
    let mut community = begin(&disk);
    talk(&mut community);
    community
}

fn about(community: &Community) -> About {
    let file = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.to_vec().into());
    About {
        server: community.world.house.server,
        made: DAWN,
        files: vec![
            file("identity.key", &chance(1, "key", 0).0),
            file("rialtod.toml", b"[server]\n"),
        ],
    }
}

fn backed_up(community: &Community, snapshot: &Snapshot, path: &Path) -> Whole {
    backup::make(snapshot, &about(community), path).unwrap()
}

fn state(snapshot: &Snapshot) -> Hash {
    digest::of(snapshot).unwrap()
}

#[test]
fn a_backup_is_of_one_commit_and_the_writer_goes_on_meanwhile() {
    let mut community = talkative();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup");
    let snapshot = community.world.house.snapshot().unwrap();
    let before = state(&snapshot);
    // The read is open: what is committed now is answered all the same, and is not in the backup.
    let late = Command::Talk(talked::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    });
    let room = RoomId::org(community.orgs[0]);
    let said = community
        .world
        .say(TOM, room, late, &["after the read began"]);
    said.expect("the writer waits for no reader");
    assert_ne!(state(&community.world.house.snapshot().unwrap()), before);
    let made = backed_up(&community, &snapshot, &path);
    drop(snapshot);
    assert_eq!(made.state, before);
    let bytes = fs::read(&path).unwrap();
    assert_eq!(made.digest, Hash::plain(&bytes), "as any blake3 says");
    assert!(!contains(&bytes, b"after the read began"));
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(backup::read_through(&path).unwrap(), made);
    assert!(matches!(
        backup::make(
            &community.world.house.snapshot().unwrap(),
            &about(&community),
            &path
        ),
        Err(BackupError::Occupied(_))
    ));
    assert_eq!(fs::read(&path).unwrap(), bytes, "nothing is written over");

    let place = folder.path().join("elsewhere");
    let restored = backup::restore(&path, &place, "ledger.redb", "identity.key").unwrap();
    assert_eq!(restored, made);
    let database = ledger::open(&place.join("ledger.redb")).unwrap();
    let snapshot = Snapshot::take(&database).unwrap();
    let report = verify::verify(&snapshot, community.world.house.server).unwrap();
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    assert_eq!((report.state, report.entries), (before, made.entries));
    assert_eq!(fs::read(place.join("rialtod.toml")).unwrap(), b"[server]\n");
    for name in ["ledger.redb", "identity.key", "rialtod.toml"] {
        let mode = fs::metadata(place.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let again = backup::restore(&path, &place, "ledger.redb", "identity.key");
    assert!(matches!(again, Err(BackupError::Occupied(_))), "{again:?}");
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn an_erased_text_is_in_no_backup_made_after() {
    let mut community = talkative();
    let folder = tempfile::tempdir().unwrap();
    let room = RoomId::org(community.orgs[0]);
    let say = Command::Talk(talked::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    });
    let canary = "a canary that sings no more";
    let (seq, _) = community.world.say(MEI, room, say, &[canary]).unwrap();
    let backup = |community: &Community, name: &str| {
        let path = folder.path().join(name);
        backed_up(community, &community.world.house.snapshot().unwrap(), &path);
        backup::read_through(&path).unwrap();
        fs::read(path).unwrap()
    };
    assert!(contains(&backup(&community, "before"), canary.as_bytes()));
    let remove = Command::Talk(talked::Command::Delete { target: seq });
    community.world.say(MEI, room, remove, &[]).unwrap();
    assert!(!contains(&backup(&community, "after"), canary.as_bytes()));
}

/// Where each entry's bytes stand in a backup, found by looking for what the ledger holds.
fn entries(community: &Community, bytes: &[u8]) -> Vec<(Range<usize>, RoomId, Seq)> {
    let mut from = 0;
    let mut found = vec![];
    for entry in community.world.log().iter() {
        // As it is now, not as it was said: it may have been erased.
        let now = community.world.entries(entry.room);
        let now = now
            .iter()
            .find(|now| now.seq == entry.seq)
            .unwrap()
            .encode();
        let at = bytes[from..]
            .windows(now.len())
            .position(|window| window == now);
        let at = from + at.expect("the log is in the backup, in order");
        from = at + now.len();
        found.push((at..from, entry.room, entry.seq));
    }
    found
}

#[test]
fn every_changed_byte_of_a_backup_is_found_and_named() {
    let community = talkative();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup");
    backed_up(
        &community,
        &community.world.house.snapshot().unwrap(),
        &path,
    );
    let whole = fs::read(&path).unwrap();
    let entries = entries(&community, &whole);
    // A row begins with its key: two bytes of length, eight of position.
    let logs = entries[0].0.start - 10..entries.last().unwrap().0.end;
    let mut file = OpenOptions::new().write(true).open(&path).unwrap();
    let mut put = |at: usize, byte: u8| {
        file.seek(SeekFrom::Start(u64::try_from(at).unwrap()))
            .unwrap();
        file.write_all(&[byte]).unwrap();
    };
    let mut dice = Dice::new(from_env("RIALTO_SEED", 41));
    let (mut in_entries, mut in_tables) = (0, 0);
    for n in 0..from_env("RIALTO_CHANGES", 1_000) {
        let at = dice.below(whole.len());
        let byte = whole[at] ^ u8::try_from(1 + dice.below(255)).unwrap();
        put(at, byte);
        let context = format!("change {n}, byte {at}");
        let Err(BackupError::Damaged(damage)) = backup::read_through(&path) else {
            panic!("{context}: not found");
        };
        let offset = usize::try_from(damage.offset).unwrap();
        assert!(offset <= at, "{context}: {damage}");
        let within = entries.iter().find(|(range, ..)| range.contains(&at));
        if let Some((_, room, seq)) = within {
            let part = Part::Entry {
                room: *room,
                seq: *seq,
            };
            assert_eq!(damage.part, part, "{context}");
            let said = damage.to_string();
            assert!(said.contains(&format!("room {room} at {seq}")), "{said}");
            in_entries += 1;
        } else if logs.contains(&at) {
            // Between two entries: the frame of the second, or the checksum of the first.
            let after = entries.iter().find(|(range, ..)| range.start > at).unwrap();
            let before = entries.iter().rev().find(|(range, ..)| range.end <= at);
            let of = |entry: &(Range<usize>, RoomId, Seq)| Part::Entry {
                room: entry.1,
                seq: entry.2,
            };
            let named: Vec<Part> = before
                .map(of)
                .into_iter()
                .chain([Part::Table("log".to_owned()), of(after)])
                .collect();
            assert!(named.contains(&damage.part), "{context}: {damage}");
        } else {
            assert!(
                !matches!(damage.part, Part::Entry { .. }) || at >= logs.end,
                "{context}"
            );
            in_tables += u32::from(matches!(damage.part, Part::Table(_)));
        }
        put(at, whole[at]);
    }
    assert!(
        in_entries > 0 && in_tables > 0,
        "{in_entries} and {in_tables}"
    );
    backup::read_through(&path).expect("it is as it was again");
}

#[test]
fn a_backup_that_was_cut_or_goes_on_is_found_and_not_restored() {
    let community = talkative();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup");
    backed_up(
        &community,
        &community.world.house.snapshot().unwrap(),
        &path,
    );
    let whole = fs::read(&path).unwrap();
    for cut in [0, 5, 14, 60, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).unwrap();
        let read = backup::read_through(&path);
        assert!(
            matches!(read, Err(BackupError::Damaged(_))),
            "{cut}: {read:?}"
        );
    }
    fs::write(&path, [&whole[..], b"more"].concat()).unwrap();
    assert!(matches!(
        backup::read_through(&path),
        Err(BackupError::Damaged(_))
    ));
    let place = folder.path().join("elsewhere");
    let restored = backup::restore(&path, &place, "ledger.redb", "identity.key");
    assert!(restored.is_err() && !place.exists(), "nothing was written");
}

fn said(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A backup of the running server, read through, restored into a folder of its own and verified there; its state.
fn goes_elsewhere(folder: &Folder, n: u64, token: &str) -> String {
    let file = folder.beside(&format!("backup {n}"));
    let path = file.to_str().unwrap();
    let made = said(&folder.run(&["backup", path, "--json"]).output().unwrap());
    assert!(contains(
        &fs::read(&file).unwrap(),
        format!("\"{token}\"").as_bytes()
    ));
    let read = said(
        &folder
            .run(&["backup", "verify", path, "--json"])
            .output()
            .unwrap(),
    );
    let place = folder.elsewhere(&format!("place {n}"));
    let restored = said(&place.run(&["restore", path, "--json"]).output().unwrap());
    let verified = said(&place.run(&["verify", "--json"]).output().unwrap());
    assert_eq!(verified["faults"], serde_json::json!([]));
    for other in [&read, &restored, &verified] {
        assert_eq!(other["state"], made["state"]);
        assert_eq!(other["entries"], made["entries"]);
    }
    assert_eq!(made["files"], serde_json::json!(["identity.key"]));
    made["state"].to_string()
}

#[test]
fn a_backup_under_load_is_restored_elsewhere_to_the_same_state() {
    let (folder, link) = Folder::init();
    let process = folder.serve();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let people = runtime.block_on(async {
        let mut people = vec![Person::join(&link, "Tom").await];
        for name in ["Mia", "Jon"] {
            let link = people[0].invite(Role::Rep, false).await;
            people.push(Person::join(&link, name).await);
        }
        people
    });
    let room = RoomId::org(people[0].org());
    let (acked, acks) = mpsc::channel();
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let loading = thread::spawn(move || {
        runtime.block_on(async move {
            let tasks: Vec<_> = people
                .into_iter()
                .map(|mut person| {
                    let (acked, stop) = (acked.clone(), Arc::clone(&told));
                    tokio::spawn(async move {
                        crate::kills::load(&mut person, room, acked, stop).await;
                        person
                    })
                })
                .collect();
            drop(acked);
            let mut people = vec![];
            for task in tasks {
                people.push(task.await.unwrap());
            }
            people
        })
    });
    let mut states = BTreeSet::new();
    for n in 0..from_env("RIALTO_BACKUPS", 4) {
        // There is load before each, and everything that was answered by then is in the backup.
        let token = acks.recv().expect("an acknowledgement");
        states.insert(goes_elsewhere(&folder, n, &token));
    }
    assert!(states.len() > 1, "nothing happened between the backups");
    stop.store(true, Ordering::Relaxed);
    let people = loading.join().unwrap();
    assert_eq!(people.len(), 3);
    drop((people, process));
    folder.verify();
}

/// A message in one's own organisation's room.
fn message() -> Command {
    Command::Talk(talked::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    })
}

#[tokio::test]
async fn whoever_has_seen_more_than_a_restored_server_holds_is_told_and_goes_on_with_it() {
    let mut town = Town::open(TlsMode::Plain).await;
    let mut tom = Person::join(&town.organisation("Northwind", true), "Tom").await;
    let mut mia = Person::join(&tom.invite(Role::Rep, false).await, "Mia").await;
    let room = RoomId::org(tom.org());
    tom.say(room, message(), &["in the backup"]).await;
    town.settle([&mut tom, &mut mia]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup");
    let made = town.operate(Request::BackUp { file: file.clone() });
    assert!(matches!(made, Response::Kept(_)), "{made:?}");
    for n in 0..3 {
        mia.say(room, message(), &[&format!("{n} after it")]).await;
    }
    town.settle([&mut tom, &mut mia]).await;
    let had = town.entries(room).len();
    town.stop().await;
    for person in [&mut tom, &mut mia] {
        person.dropped().await;
    }
    town.restore(&file);
    town.start().await;
    for person in [&mut tom, &mut mia] {
        let mut back = vec![];
        let until = Instant::now() + PATIENCE;
        while !person.client.console().ready() {
            let turn = timeout_at(until, person.client.turn());
            back.extend(turn.await.expect("it comes back").unwrap());
        }
        let lost = back.iter().find_map(|change| match change {
            Change::Back { room: of, lost } if *of == room => Some(*lost),
            _ => None,
        });
        assert_eq!(lost, Some(3), "{}: {back:?}", person.name);
    }
    assert_eq!(town.entries(room).len() + 3, had);
    // Both hold what the server holds, and the same numbers are given anew.
    town.settle([&mut tom, &mut mia]).await;
    mia.say(room, message(), &["after the restore"]).await;
    town.settle([&mut tom, &mut mia]).await;
    assert_eq!(town.entries(room).len() + 2, had);
    town.stop().await;
}
