//! A running server whose disk fails once: it says so, answers everything `unavailable` from then on, and started again on
//! the same disk it goes on with nothing lost and nothing doubled.

use super::disk::{Call, Disk, Plan, Remains};
use crate::world::DAWN;
use ed25519_dalek::SigningKey;
use futures_util::FutureExt as _;
use rialto_server::{
    clock::ManualClock,
    ledger::{self, verify},
    server::{Server, Setup, salted},
};
use rialto_shared::{
    command::Command,
    id::{OrgId, RoomId},
    rejection::Rejection,
    room::{Policy, org},
    standing::OrgKind,
    text::{Text, TextKind},
};
use std::sync::Arc;

/// Organisations that are made one after the other, each with a commit.
const ORGS: u8 = 24;

fn server(disk: &Disk) -> Server {
    let setup = Setup {
        database: ledger::open_on(disk.clone()).expect("the disk opens"),
        identity: SigningKey::from_bytes(&[1; 32]),
        secret: [2; 32],
        name: Text::parse("Test").unwrap(),
        policy: Policy::None,
        clock: Arc::new(ManualClock::at(DAWN)),
    };
    Server::start(setup).expect("it starts")
}

fn room(n: u8) -> RoomId {
    RoomId::org(OrgId::from_bits([n; 16]))
}

fn make(server: &Server, n: u8) -> Result<(), Rejection> {
    let kind = if n == 1 {
        OrgKind::Vendor
    } else {
        OrgKind::Partner
    };
    let open = Command::Org(org::Command::Open { kind });
    let name = salted("name", TextKind::Name, &format!("Firm number {n}")).unwrap();
    server.operate(room(n), open, vec![name]).map(drop)
}

/// How many entries the room of each organisation has.
fn entries(server: &Server) -> Vec<usize> {
    let snapshot = server.house().snapshot().unwrap();
    let of = |n| ledger::entries(&snapshot, room(n)).unwrap().len();
    (1..=ORGS).map(of).collect()
}

fn fails(call: Call, n: u64) {
    let context = format!("{call:?} {n} fails");
    let disk = Disk::default();
    let mut first = server(&disk);
    disk.plan(Plan::Fail(call, n));
    let made: Vec<_> = (1..=ORGS).map(|n| make(&first, n)).collect();
    let broke = made.iter().position(Result::is_err).expect("a refusal");
    for refused in made.iter().skip(broke) {
        assert_eq!(
            refused,
            &Err(Rejection::Unavailable),
            "{context}: one fault lasts, whatever the disk does after it"
        );
    }
    let why = first.broken().now_or_never().expect("it is known");
    assert!(!why.why.is_empty() && !why.damage, "{context}");
    first.stop();
    drop(first);
    // The next process, on what the disk was given.
    let mut second = server(&disk.survivor(Remains::Everything, n));
    assert!(second.broken().now_or_never().is_none(), "{context}");
    let before = entries(&second);
    assert!(
        before.iter().take(broke).all(|count| *count > 0),
        "{context}"
    );
    for n in 1..=ORGS {
        // What was answered no may have reached the disk: then it is there whole, and is not done again.
        let again = make(&second, n);
        let there = before[usize::from(n) - 1] > 0;
        assert_eq!(again.is_err(), there, "{context}: {n}: {again:?}");
    }
    let whole = entries(&second);
    assert!(
        whole.iter().all(|count| *count == whole[0]),
        "{context}: {whole:?}"
    );
    let snapshot = second.house().snapshot().unwrap();
    let report = verify::verify(&snapshot, second.house().server).unwrap();
    assert!(
        report.findings.is_empty(),
        "{context}: {:?}",
        report.findings
    );
    drop(snapshot);
    second.stop();
}

#[test]
fn a_server_whose_disk_failed_once_says_so_and_the_next_goes_on() {
    for n in [1, 2, 7, 16] {
        fails(Call::Sync, n);
    }
    for n in [3, 40] {
        fails(Call::Write, n);
    }
}

#[test]
fn a_disk_with_too_little_room_is_only_read_until_there_is_more() {
    let disk = Disk::default();
    let mut server = server(&disk);
    make(&server, 1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let keep = |server: &Server, least| server.space().keep(folder.path().to_owned(), least);
    keep(&server, u64::MAX);
    assert_eq!(make(&server, 2), Err(Rejection::Unavailable));
    assert!(server.space().was_short() && server.space().free() > 0);
    assert_eq!(entries(&server)[..2], [1, 0], "what is there is read");
    keep(&server, 1);
    make(&server, 2).expect("it goes on by itself");
    assert!(!server.space().was_short() && !server.is_broken());
    server.stop();
}
