//! The store on a real disk: what comes back after a restart, and who may use which lane.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::{Queued, Store};
use crate::{
    replica::{Logged, Replica, Taken},
    sample::{self, ROOM, Sample, member},
};
use proptest::prelude::*;
use rialto_shared::{
    entry::{Seq, Slot},
    id::RoomId,
    protocol::Down,
    room::talk,
    time::Timestamp,
};
use std::{collections::BTreeSet, os::unix::fs::MetadataExt as _, path::Path};

fn queued(text: &str) -> Queued {
    Queued {
        room: ROOM,
        facts: format!("{{\"fact\":{text:?}}}"),
        texts: vec![sample::salted(text)],
        signed: None,
        at: Timestamp::from_millis(5),
    }
}

/// A replica and a store that take the same frames.
struct Pair {
    replica: Replica,
    store: Store,
}

impl Pair {
    fn new(dir: &Path) -> Self {
        let mut pair = Self {
            replica: Replica::new(sample::server()),
            store: Store::open(dir).unwrap(),
        };
        pair.take(sample::welcome(1));
        pair
    }

    fn take(&mut self, frame: Down) {
        let Taken { writes, .. } = self.replica.take(frame);
        self.store.commit(&writes).unwrap();
    }
}

fn same(memory: &Replica, store: &Store) {
    let held = memory.room(ROOM).unwrap();
    let disk = store.before(ROOM, Seq(u64::MAX), usize::MAX).unwrap();
    let shown = |logged: &Logged| {
        (
            logged.entry.encode(),
            logged.note.clone(),
            logged.marks.clone(),
        )
    };
    let memory: Vec<_> = held.log().map(shown).collect();
    let disk: Vec<_> = disk.iter().map(shown).collect();
    assert_eq!(memory.len(), disk.len());
    for (one, other) in memory.into_iter().zip(disk) {
        assert_eq!(one.0, other.0, "entries");
        // A note that nothing happened to has nothing to compare but itself.
        assert_eq!(
            (
                one.1.body,
                one.1.edits,
                one.1.removal,
                one.1.reactions,
                one.1.replies,
                one.2
            ),
            (
                other.1.body,
                other.1.edits,
                other.1.removal,
                other.1.reactions,
                other.1.replies,
                other.2
            )
        );
    }
}

#[test]
fn everything_is_there_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = Sample::community();
    let mut pair = Pair::new(folder.path());
    pair.take(sample.whole());
    sample.say(2, "hello");
    let pinned = talk::Event::Pinned {
        target: Seq(2),
        on: true,
    };
    sample.talk(50, pinned, None);
    sample.say(2, "again");
    pair.take(sample.after(Seq(1)));
    pair.take(Down::Cards {
        members: vec![sample::member_card(2, "Tom")],
        orgs: vec![sample::org_card(2, "Fabric")],
    });
    let (_, write) = pair.replica.seen(ROOM, Seq(3)).unwrap();
    pair.store.commit(&[write]).unwrap();
    pair.store.set_draft("room", "half a thought").unwrap();
    pair.store.flush().unwrap();
    drop(pair);

    let store = Store::open(folder.path()).unwrap();
    let saved = store.load().unwrap();
    let [(id, snapshot, read)] = saved.rooms.as_slice() else {
        panic!("one room");
    };
    assert_eq!((*id, snapshot.head, *read), (ROOM, sample.head(), Seq(3)));
    assert_eq!(snapshot.room.pins, [Seq(2)]);
    assert_eq!(snapshot.room.audience, sample.room.audience);
    assert_eq!(saved.members.len(), 2);
    assert_eq!(saved.me.unwrap().standing, sample::standing(1));
    assert_eq!(store.draft("room").unwrap().unwrap(), "half a thought");
    assert_eq!(store.bytes(ROOM).unwrap(), sample.bytes()[1..].to_vec());
    let file = std::fs::metadata(store.path()).unwrap();
    assert_eq!(file.mode() & 0o777, 0o600);
}

#[test]
fn what_is_forgotten_is_gone_from_every_table() {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = Sample::community();
    let mut pair = Pair::new(folder.path());
    pair.take(sample.whole());
    sample.say(2, "hello");
    pair.take(sample.after(Seq(1)));
    pair.take(Down::Closed { room: ROOM });
    assert!(pair.store.load().unwrap().rooms.is_empty());
    assert!(pair.store.bytes(ROOM).unwrap().is_empty());
    // An own organisation's room stays.
    let mut own = sample.clone();
    own.id = RoomId::org(sample::org(1));
    pair.take(own.whole());
    pair.take(Down::Closed { room: own.id });
    assert_eq!(pair.store.load().unwrap().rooms.len(), 1);
}

#[test]
fn a_removed_text_is_gone_from_the_disk_and_the_chain_stands() {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = Sample::community();
    let mut pair = Pair::new(folder.path());
    pair.take(sample.whole());
    let target = sample.say(2, "a secret");
    let edited = talk::Event::Edited {
        target,
        body: Slot(0),
    };
    sample.talk(2, edited, Some("another secret"));
    pair.take(sample.after(Seq(1)));
    let before: Vec<_> = sample.entries.iter().map(|entry| entry.hash()).collect();
    let head = sample.head().seq;
    sample.talk(2, talk::Event::Deleted { target }, None);
    pair.take(sample.after(head));
    let bytes = pair.store.bytes(ROOM).unwrap();
    for one in &bytes {
        assert!(!String::from_utf8_lossy(one).contains("secret"));
    }
    for (one, hash) in bytes.iter().zip(&before[1..]) {
        assert_eq!(
            rialto_shared::entry::Entry::decode(one).unwrap().hash(),
            *hash
        );
    }
}

#[test]
fn two_processes_never_share_a_lane_and_a_restart_claims_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Store::open(folder.path()).unwrap();
    let two = Store::open(folder.path()).unwrap();
    assert_ne!(one.path(), two.path());
    assert_ne!(one.next_ticket().lane, two.next_ticket().lane);
    let ticket = one.next_ticket();
    one.queue([&queued("a")]).unwrap();
    assert_eq!(ticket.n, 1);
    drop(one);
    let again = Store::open(folder.path()).unwrap();
    assert_eq!(again.next_ticket().lane, ticket.lane);
    assert_eq!(again.next_ticket().n, 2, "a number is used once");
    assert_eq!(again.unanswered().unwrap(), [(ticket, queued("a"))]);
}

#[test]
fn what_an_ended_process_left_is_taken_over_under_its_own_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(folder.path()).unwrap();
    let mut second = Store::open(folder.path()).unwrap();
    let left = second.next_ticket();
    second.queue([&queued("left")]).unwrap();
    let offering = format!("{}5a", super::OFFERING);
    second.set_draft(&offering, "to somebody").unwrap();
    second.set_draft("room", "half a thought").unwrap();
    drop(second);
    drop(first);
    let mut heir = Store::open(folder.path()).unwrap();
    assert_eq!(heir.unanswered().unwrap(), [(left, queued("left"))]);
    assert_ne!(heir.next_ticket().lane, left.lane);
    let offer = (offering, "to somebody".to_owned());
    assert_eq!(
        heir.drafts().unwrap(),
        [offer],
        "what it was to be followed by"
    );
    let other = Store::open(folder.path()).unwrap();
    assert_ne!(other.next_ticket().lane, left.lane, "never numbered again");
    assert!(other.unanswered().unwrap().is_empty());
    assert_eq!(other.draft("room").unwrap().unwrap(), "half a thought");
    assert_eq!(other.drafts().unwrap().len(), 1);
    heir.answered(left).unwrap();
    assert!(heir.unanswered().unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// The fold on disk and the fold in memory are one.
    #[test]
    fn disk_and_memory_hold_the_same(says in prop::collection::vec((1..4_u8, 0..4_u8, 0..5_u64), 1..25)) {
        let folder = tempfile::tempdir().unwrap();
        let mut sample = Sample::community();
        let mut pair = Pair::new(folder.path());
        pair.take(sample.whole());
        let mut standing: BTreeSet<Seq> = BTreeSet::new();
        for (by, act, at) in says {
            let target = standing.iter().nth(usize::try_from(at).unwrap()).copied();
            match (act, target) {
                (1, Some(target)) => {
                    sample.talk(by, talk::Event::Edited { target, body: Slot(0) }, Some("new"));
                }
                (2, Some(target)) => {
                    sample.talk(by, talk::Event::Reacted { target, emoji: "👍".parse().unwrap(), on: at % 2 == 0 }, None);
                }
                (3, Some(target)) => {
                    sample.talk(by, talk::Event::Deleted { target }, None);
                    standing.remove(&target);
                }
                _ => {
                    standing.insert(sample.say(by, "said"));
                }
            }
            let last = sample.head().seq.previous();
            pair.take(sample.after(last));
        }
        prop_assert_eq!(pair.replica.my_id(), Some(member(1)));
        same(&pair.replica, &pair.store);
    }
}
