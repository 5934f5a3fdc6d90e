//! Durability: what was answered yes is there after the power is gone at any sync, once, and what was not is all or nothing.
//!
//! A community talks over a disk that keeps only what was synced ([`disk`]). The power goes instead of the n-th sync, for
//! every step-th n (`RIALTO_CUTS`), with each kind of remains; the survivor is opened, verified, and everybody comes back
//! with the cursors they hold and sends again what was not answered, under the same numbers. Cut a second time while the
//! survivor is opened, it must open all the same.
//!
//! A call that fails without the power going: the batch is answered `unavailable`. redb then refuses everything until the
//! file is opened again, so the process ends ([`process`]); what was unavailable is then sent again and done once. A sync
//! that fails after the writes reached the disk may leave the commit in place: the answer `unavailable` says "send it
//! again", and the number's receipt keeps that from happening twice.

mod backup;
mod damage;
pub(crate) mod disk;
mod process;

use crate::world::{Community, DAWN, RUI, TOM, UMA, VIK, World, from_env};
use disk::{Call, Disk, Plan, Remains};
use rialto_server::ledger;
use rialto_shared::{
    command::Command,
    id::RoomId,
    protocol::Outcome,
    room::{Policy, inbox, talk},
    time::Span,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rounds of talk; each is one batch.
const ROUNDS: usize = 10;

fn said(mentions: BTreeSet<rialto_shared::id::MemberId>) -> Command {
    Command::Talk(talk::Command::Say {
        thread: None,
        mentions,
    })
}

/// A community on a new disk, its people watching the lobby.
fn begin(disk: &Disk) -> Community {
    let world = World::on(1, disk.clone(), DAWN, Policy::None).expect("a new disk opens");
    Community::in_world(world)
}

/// Talk in batches, until the end or until the disk is dead. Each message is one of a kind.
fn talk(community: &mut Community) -> BTreeMap<String, (usize, u64)> {
    let mut sent = BTreeMap::new();
    let lobby = community.lobby;
    let world = &mut community.world;
    for round in 0..ROUNDS {
        for who in [TOM, VIK, RUI, UMA] {
            let other = world.consoles[(who + round) % 9].member;
            let text = format!("message {round} of {who}");
            let room = if (round + who) % 3 == 0 {
                RoomId::org(world.consoles[who].org)
            } else {
                lobby
            };
            let n = world.queue(who, room, said(BTreeSet::from([other])), &[&text]);
            sent.insert(text, (who, n));
        }
        let kept = Command::Inbox(inbox::Command::Join { room: lobby });
        world.queue(
            round % 9,
            RoomId::inbox(world.consoles[round % 9].member),
            kept,
            &[],
        );
        world.settle();
        world.clock.advance(Span::seconds(1));
    }
    sent
}

/// How often each text stands in the rooms of a world.
fn texts(community: &Community) -> BTreeMap<String, usize> {
    let rooms = community
        .orgs
        .map(RoomId::org)
        .into_iter()
        .chain([community.lobby]);
    let mut found = BTreeMap::new();
    for entry in rooms.flat_map(|room| community.world.entries(room)) {
        for text in entry.texts.iter().flatten() {
            *found.entry(text.text.as_str().to_owned()).or_default() += 1;
        }
    }
    found
}

/// The same people before what is left of their server.
fn after(before: Community, disk: Disk, context: &str) -> Community {
    let Community {
        world: old,
        orgs,
        lobby,
    } = before;
    let now = rialto_server::clock::Clock::now(&old.clock);
    let mut world = World::on(1, disk, now, Policy::None)
        .unwrap_or_else(|error| panic!("{context}: it does not open: {error}"));
    world.verify();
    world.consoles = old.consoles;
    for console in &mut world.consoles {
        console.session = None;
    }
    Community { world, orgs, lobby }
}

/// Everything that was promised is there, and after everybody came back all is there once.
fn holds(mut community: Community, sent: &BTreeMap<String, (usize, u64)>, context: &str) {
    let found = texts(&community);
    for (text, (who, n)) in sent {
        let count = found.get(text).copied().unwrap_or_default();
        let promised = matches!(
            community.world.consoles[*who].answers.get(n),
            Some(Outcome::Accepted { .. })
        );
        assert!(count <= 1, "{context}: {text:?} stands {count} times");
        assert!(
            !promised || count == 1,
            "{context}: {text:?} was promised and is gone"
        );
    }
    for who in 0..community.world.consoles.len() {
        community.world.log_in(who);
    }
    let found = texts(&community);
    for (text, (who, n)) in sent {
        assert_eq!(
            found.get(text),
            Some(&1),
            "{context}: {text:?} after coming back"
        );
        assert!(
            matches!(
                community.world.consoles[*who].answers.get(n),
                Some(Outcome::Accepted { .. })
            ),
            "{context}: {text:?} is not answered"
        );
    }
    for console in &community.world.consoles {
        assert_eq!(console.closed(), None, "{context}");
        for (room, held) in &console.rooms {
            assert_eq!(held, &community.world.room(*room), "{context}: {room}");
        }
    }
    community.world.verify();
}

/// How many of each call a whole run makes.
fn calls() -> disk::Calls {
    let disk = Disk::default();
    let mut community = begin(&disk);
    disk.plan(Plan::CutAtSync(u64::MAX));
    let sent = talk(&mut community);
    let calls = disk.calls();
    holds(community, &sent, "no cut");
    calls
}

#[test]
fn what_was_promised_survives_a_cut_at_any_sync() {
    let (syncs, step) = (calls().syncs, from_env("RIALTO_CUTS", 2));
    let mut cuts = 0;
    for n in (1..=syncs).step_by(usize::try_from(step).unwrap()) {
        for remains in Remains::ALL {
            let disk = Disk::default();
            let mut community = begin(&disk);
            disk.plan(Plan::CutAtSync(n));
            let sent = talk(&mut community);
            assert!(disk.is_dead(), "sync {n} of {syncs} was never reached");
            let context = format!("cut at sync {n}, {remains:?}");
            let survivor = disk.survivor(remains, n);
            holds(after(community, survivor, &context), &sent, &context);
        }
        cuts += 1;
    }
    assert!(cuts > 3, "{cuts} cuts prove little");
}

#[test]
fn a_cut_while_opening_again_loses_nothing_either() {
    let disk = Disk::default();
    let mut community = begin(&disk);
    disk.plan(Plan::CutAtSync(11));
    let sent = talk(&mut community);
    let mut survivor = disk.survivor(Remains::Some, 5);
    let mut cuts = 0;
    loop {
        survivor.plan(Plan::CutAtSync(1 + cuts % 3));
        let opened = World::on(1, survivor.clone(), DAWN, Policy::None);
        drop(opened);
        if !survivor.is_dead() || cuts > 12 {
            break;
        }
        cuts += 1;
        let remains = Remains::ALL[usize::try_from(cuts).unwrap() % 4];
        survivor = survivor.survivor(remains, cuts);
    }
    assert!(cuts > 0, "opening never synced");
    let healthy = survivor.survivor(Remains::Nothing, 0);
    holds(after(community, healthy, "twice cut"), &sent, "twice cut");
}

/// Until redb has written its magic number nobody can open what it began: so the file is made beside its place.
#[test]
fn a_cut_during_the_first_start_leaves_nothing_in_the_place_of_the_ledger() {
    let disk = Disk::default();
    disk.plan(Plan::CutAtSync(2));
    assert!(World::on(1, disk.clone(), DAWN, Policy::None).is_err());
    let begun = disk.survivor(Remains::Nothing, 1);
    assert!(
        World::on(1, begun.clone(), DAWN, Policy::None).is_err(),
        "if redb can open what it began, the ledger need not be made beside its place"
    );
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("ledger.redb");
    std::fs::write(folder.path().join("ledger.redb.new"), begun.bytes()).unwrap();
    drop(ledger::open(&place).expect("what was begun and never moved is in nobody's way"));
    let names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["ledger.redb"]);
    drop(ledger::open(&place).expect("it opens again"));
}

fn fails(call: Call, n: u64) {
    let disk = Disk::default();
    let mut community = begin(&disk);
    disk.plan(Plan::Fail(call, n));
    let sent = talk(&mut community);
    let context = format!("{call:?} {n} fails");
    let refusals: BTreeSet<&str> = community
        .world
        .consoles
        .iter()
        .flat_map(|console| console.answers.values())
        .filter_map(|answer| match answer {
            Outcome::Refused(refusal) => Some(refusal.code.as_str()),
            Outcome::Accepted { .. } => None,
        })
        .collect();
    assert_eq!(refusals, BTreeSet::from(["unavailable"]), "{context}");
    // Whether the process ends or goes on: what the disk then holds is what it was given.
    let survivor = disk.survivor(Remains::Everything, n);
    holds(after(community, survivor, &context), &sent, &context);
}

#[test]
fn a_failing_disk_does_nothing_by_halves() {
    let calls = calls();
    let every = |count: u64| (1..=count).step_by(usize::try_from(count / 4).unwrap().max(1));
    for n in every(calls.writes) {
        fails(Call::Write, n);
    }
    for n in every(calls.syncs) {
        fails(Call::Sync, n);
    }
    for n in 1..=calls.lengths.min(2) {
        fails(Call::Length, n);
    }
}
