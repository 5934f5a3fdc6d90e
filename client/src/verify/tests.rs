//! What holds is said to hold; whatever is changed, by a byte or by design, is found, and named.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::{Breach, Known, Report, verify};
use crate::sample::{self, Sample, device, key, member, org, salted};
use proptest::prelude::*;
use rialto_shared::{
    command::Command,
    entry::{Author, Entry, Facts, Seq, Slot, Worded},
    event::Event,
    id::{Hash, Nonce, RoomId},
    room::{
        Room, Texts,
        org::{self, device_of},
        record, talk,
    },
    standing::{OrgKind, Role},
    statement::{Certificate, Declaration, Statement, StatementError, Use, public_key},
};
use std::collections::BTreeMap;

const ROOT: u8 = 90;

fn chain(n: u8) -> Vec<Certificate> {
    vec![Certificate::issue(
        &key(ROOT),
        sample::server(),
        org(2),
        public_key(&key(n)),
        Use::Admin,
    )]
}

fn joined(n: u8, root: bool) -> Worded<Event> {
    let joined = org::Event::Joined {
        code: Hash::plain(&[n]),
        member: member(n),
        name: Slot(0),
        role: Role::Admin,
        alliance: false,
        device: device(n),
        key: public_key(&key(n)),
        chain: chain(n),
        root: root.then(|| public_key(&key(ROOT))),
    };
    Worded::new(Event::Org(joined), vec![salted("Somebody")])
}

/// Member 2's signed removal of member 3, about this entry, sent as this kind.
fn removal(kind: &str, subject: Hash) -> Statement {
    let command = Command::Org(org::Command::Remove { member: member(3) });
    let said = Declaration {
        server: sample::server(),
        org: org(2),
        device: device(2),
        nonce: Nonce::from_bits([1; 16]),
        room: RoomId::org(org(2)),
        kind: kind.to_owned(),
        subject,
        facts: Facts::write(&Worded::plain(command)),
    };
    Statement::make(&key(2), &said, chain(2))
}

fn removed() -> Worded<Event> {
    Worded::plain(Event::Org(org::Event::Removed { member: member(3) }))
}

/// An organisation's own room: opened, claimed by member 2, joined by 3.
fn begun() -> Sample {
    let mut sample = Sample {
        id: RoomId::org(org(2)),
        room: Room::default(),
        texts: Texts::default(),
        entries: vec![],
    };
    let opened = org::Event::Opened {
        org: org(2),
        kind: OrgKind::Partner,
        name: Slot(0),
        claim: Hash::plain(b"name"),
    };
    sample.add(
        2,
        Worded::new(Event::Org(opened), vec![salted("Northwind")]),
        None,
    );
    sample.add(2, joined(2, true), None);
    sample.add(3, joined(3, false), None);
    sample
}

/// The same, with talk, and 3 removed under 2's signature.
fn whole() -> Sample {
    let mut sample = begun();
    sample.say(2, "a few words \u{1F44D}");
    let subject = sample.entries[2].hash();
    sample.add(2, removed(), Some(removal("org.remove", subject)));
    sample.say(2, "the last word");
    sample
}

fn known(sample: &Sample) -> Known {
    Known {
        server: sample::server(),
        roots: BTreeMap::new(),
        head: Some(sample.head()),
    }
}

fn judged(sample: &Sample, known: &Known) -> Result<Report, (Seq, Breach)> {
    let bytes = sample.bytes();
    verify(known, bytes.iter().map(Vec::as_slice)).map_err(|broken| (broken.seq, broken.what))
}

#[test]
fn an_honest_log_holds_from_its_own_root_also_after_erasure() {
    let mut sample = whole();
    let report = judged(&sample, &known(&sample)).unwrap();
    assert_eq!((report.entries, report.statements), (6, 1));
    assert!(report.unproven.is_empty() && report.unsigned.is_empty());
    sample.entries[3] = sample.entries[3].clone().erased();
    let report = judged(&sample, &known(&sample)).unwrap();
    assert_eq!((report.statements, report.erased), (1, vec![Seq(4)]));
}

#[test]
fn a_log_that_lacks_repeats_or_swaps_an_entry_is_named_at_it() {
    let honest = whole();
    let known = known(&honest);
    let mut lacking = honest.clone();
    lacking.entries.remove(3);
    assert_eq!(
        judged(&lacking, &known),
        Err((Seq(4), Breach::Position(Seq(4))))
    );
    let mut short = honest.clone();
    short.entries.pop();
    assert!(matches!(
        judged(&short, &known),
        Err((_, Breach::Head(Seq(6))))
    ));
    let mut other = honest;
    other.entries[3].at = other.entries[2].at;
    assert_eq!(judged(&other, &known), Err((Seq(5), Breach::Chain)));
    let none = verify(&known, std::iter::empty::<&[u8]>()).unwrap_err();
    assert_eq!(none.what, Breach::Nothing);
}

/// The log with the last entry made by this author from this statement.
fn signed_by(by: u8, event: Worded<Event>, statement: Statement) -> Result<Report, (Seq, Breach)> {
    let mut sample = begun();
    sample.add(by, event, Some(statement));
    judged(&sample, &known(&sample))
}

#[test]
fn a_statement_proves_nothing_for_another_author_or_another_act() {
    let honest = || removal("org.remove", Hash::ZERO);
    assert!(signed_by(2, removed(), honest()).is_ok());
    assert_eq!(
        signed_by(3, removed(), honest()),
        Err((Seq(4), Breach::Author))
    );
    let suspended = org::Event::Suspended {
        member: member(3),
        on: true,
    };
    assert!(matches!(
        signed_by(2, Worded::plain(Event::Org(suspended)), honest()),
        Err((Seq(4), Breach::Unjustified { .. }))
    ));
    assert!(matches!(
        signed_by(2, removed(), removal("talk.redact", Hash::ZERO)),
        Err((Seq(4), Breach::Unjustified { .. }))
    ));
    assert_eq!(
        signed_by(
            2,
            removed(),
            removal("org.remove", Hash::plain(b"no such entry"))
        ),
        Err((Seq(4), Breach::Subject))
    );
}

#[test]
fn a_true_signature_binds_what_the_entry_says() {
    let other = Event::Org(org::Event::Removed { member: member(2) });
    let said = removal("org.remove", Hash::ZERO);
    let departs = |what: &str| Breach::Departs {
        command: "org.remove".to_owned(),
        what: what.to_owned(),
    };
    assert_eq!(
        signed_by(2, Worded::plain(other), said.clone()),
        Err((Seq(4), departs("member")))
    );
    let mut elsewhere = said.read().unwrap();
    elsewhere.room = RoomId::org(org(3));
    let elsewhere = Statement::make(&key(2), &elsewhere, chain(2));
    assert_eq!(
        signed_by(2, removed(), elsewhere),
        Err((Seq(4), departs("the room")))
    );
    let mut nothing = said.read().unwrap();
    nothing.facts = "{}".to_owned();
    let nothing = Statement::make(&key(2), &nothing, chain(2));
    assert_eq!(
        signed_by(2, removed(), nothing),
        Err((Seq(4), departs("its facts")))
    );
}

#[test]
fn a_forged_signature_a_foreign_certificate_and_another_server_are_found() {
    let mut forged = removal("org.remove", Hash::ZERO);
    forged.signature.0[5] ^= 1;
    assert_eq!(
        signed_by(2, removed(), forged),
        Err((Seq(4), Breach::Statement(StatementError::Signature)))
    );
    let mut foreign = removal("org.remove", Hash::ZERO);
    foreign.chain = vec![Certificate::issue(
        &key(91),
        sample::server(),
        org(2),
        public_key(&key(2)),
        Use::Admin,
    )];
    assert_eq!(
        signed_by(2, removed(), foreign),
        Err((Seq(4), Breach::Statement(StatementError::Root)))
    );
    let sample = whole();
    let elsewhere = Known {
        server: Hash::plain(b"elsewhere"),
        ..known(&sample)
    };
    assert!(matches!(
        judged(&sample, &elsewhere),
        Err((Seq(5), Breach::Statement(StatementError::Server)))
    ));
}

#[test]
fn a_device_that_is_not_the_certified_key_is_somebody_else() {
    let mut statement = removal("org.remove", Hash::ZERO);
    // Certified and signed by 3's key, in the name of 2's device.
    let said = statement.read().unwrap();
    statement = Statement::make(&key(3), &said, chain(3));
    assert_eq!(device_of(public_key(&key(2))), said.device);
    assert_eq!(
        signed_by(2, removed(), statement),
        Err((Seq(4), Breach::Author))
    );
}

#[test]
fn without_a_root_key_a_signature_proves_nothing_and_is_listed() {
    let mut sample = Sample::community();
    let target = sample.say(3, "too much");
    let redacted = talk::Event::Redacted {
        target,
        reason: talk::RedactReason::Abuse,
        words: Slot(0),
    };
    let mut said = removal("talk.redact", Hash::ZERO).read().unwrap();
    said.room = sample.id;
    said.subject = sample.entries[1].hash();
    let redact = Command::Talk(talk::Command::Redact {
        target,
        reason: talk::RedactReason::Abuse,
    });
    said.facts = Facts::write(&Worded::new(redact, vec![salted("enough")]));
    let statement = Statement::make(&key(2), &said, chain(2));
    let event = Worded::new(Event::Talk(redacted), vec![salted("enough")]);
    sample.add(2, event.clone(), Some(statement));
    let mut known = known(&sample);
    assert_eq!(judged(&sample, &known).unwrap().unproven, [Seq(3)]);
    known.roots.insert(org(2), vec![public_key(&key(ROOT))]);
    let report = judged(&sample, &known).unwrap();
    assert_eq!((report.statements, report.unproven.len()), (1, 0));
    known.head = None;
    sample.add(2, event, None);
    let report = judged(&sample, &known).unwrap();
    assert_eq!(
        report.unsigned,
        [Seq(4)],
        "a commitment without a signature"
    );
}

#[test]
fn a_signed_command_that_is_executed_again_is_named() {
    let again = |between: fn(&mut Sample)| {
        let mut sample = begun();
        let said = removal("org.remove", Hash::ZERO);
        sample.add(2, removed(), Some(said.clone()));
        between(&mut sample);
        sample.add(2, removed(), Some(said));
        judged(&sample, &known(&sample))
    };
    assert_eq!(again(|_| {}), Err((Seq(5), Breach::Replayed(Seq(4)))));
    let later = again(|sample| {
        sample.say(3, "in between");
    });
    assert_eq!(later, Err((Seq(6), Breach::Replayed(Seq(4)))));
    // One nonce under two declarations.
    let mut sample = begun();
    let first = removal("org.remove", Hash::ZERO);
    let second = removal("org.remove", sample.entries[0].hash());
    sample.add(2, removed(), Some(first));
    sample.add(2, removed(), Some(second));
    let twice = judged(&sample, &known(&sample));
    assert_eq!(twice, Err((Seq(5), Breach::Replayed(Seq(4)))));
}

#[test]
fn what_one_command_causes_in_a_room_is_no_replay() {
    // Crossing requests: whoever asks second is met and answered by one command.
    let mut sample = begun();
    let mut said = removal("org.connect", Hash::ZERO).read().unwrap();
    let connect = Command::Org(org::Command::Connect { to: org(3) });
    said.facts = Facts::write(&Worded::new(connect, vec![salted("Shall we?")]));
    let statement = Statement::make(&key(2), &said, chain(2));
    let asked = org::Event::Asked {
        to: org(3),
        words: Slot(0),
        referral: None,
        until: rialto_shared::time::Timestamp::EPOCH,
    };
    let answered = org::Event::Answered {
        by: org(3),
        take: org::Take::Connection,
        root: None,
    };
    let ruled = org::Event::Recalled { from: org(3) };
    sample.add(
        2,
        Worded::new(Event::Org(asked), vec![salted("Shall we?")]),
        Some(statement.clone()),
    );
    let last = sample.entries.last().unwrap();
    let (author, at) = (last.author, last.at);
    sample.put(Author::Rule, at, Worded::plain(Event::Org(ruled)), None);
    let answered = Worded::plain(Event::Org(answered));
    sample.put(author, at, answered.clone(), Some(statement.clone()));
    assert_eq!(judged(&sample, &known(&sample)).unwrap().statements, 2);
    // The same moment hides no second execution.
    sample.put(author, at, answered, Some(statement));
    assert_eq!(
        judged(&sample, &known(&sample)),
        Err((Seq(7), Breach::Replayed(Seq(4))))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Any one byte changed anywhere is found, or changes nothing that the log says.
    #[test]
    fn a_changed_byte_is_found(entry in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let sample = whole();
        let mut bytes = sample.bytes();
        let entry = entry.index(bytes.len());
        let place = place.index(bytes[entry].len());
        bytes[entry][place] = byte;
        if verify(&known(&sample), bytes.iter().map(Vec::as_slice)).is_ok() {
            let same = Entry::decode(&bytes[entry]).unwrap();
            prop_assert_eq!(&same, &sample.entries[entry]);
        }
    }
}

/// An organisation's record that keeps this entry of another room, once or more often.
fn keeping(copies: &[&Entry], root: u8) -> Sample {
    let mut sample = Sample {
        id: RoomId::record(org(4)),
        room: Room::default(),
        texts: Texts::default(),
        entries: vec![],
    };
    let opened = record::Event::Opened { org: org(4) };
    let kept = copies.iter().map(|copy| record::Event::Kept {
        entry: String::from_utf8((*copy).clone().erased().encode()).unwrap(),
        by: org(2),
        root: public_key(&key(root)),
    });
    for event in std::iter::once(opened).chain(kept) {
        sample.add(2, Worded::plain(Event::Record(event)), None);
    }
    sample
}

#[test]
fn what_a_record_keeps_is_verified_without_the_room_it_was_made_in() {
    let room = whole();
    let signed = room.entries.iter().find(|one| one.statement.is_some());
    let signed = signed.unwrap();
    let honest = keeping(&[signed], ROOT);
    let report = judged(&honest, &known(&honest)).unwrap();
    assert_eq!((report.kept, report.statements), (1, 0));
    assert_eq!(report.unproven, []);
    let breach = |sample: &Sample| match judged(sample, &known(sample)) {
        Err((at, Breach::Kept { room: of, what })) => {
            assert_eq!((at, of), (Seq(2), room.id));
            *what
        }
        other => panic!("not found: {other:?}"),
    };
    let changed = |change: &dyn Fn(&mut Entry)| {
        let mut copy = signed.clone();
        change(&mut copy);
        breach(&keeping(&[&copy], ROOT))
    };
    assert!(matches!(
        changed(&|copy| copy.statement.as_mut().unwrap().signature.0[3] ^= 1),
        Breach::Statement(StatementError::Signature)
    ));
    assert_eq!(changed(&|copy| copy.statement = None), Breach::Bare);
    let other = Author::Member {
        id: member(3),
        org: org(2),
        device: device(3),
    };
    assert_eq!(changed(&|copy| copy.author = other), Breach::Author);
    assert!(matches!(
        breach(&keeping(&[signed], ROOT - 1)),
        Breach::Statement(_)
    ));
}

#[test]
fn what_a_record_keeps_of_one_room_stands_in_that_rooms_order() {
    let room = whole();
    let signed = room.entries.iter().find(|one| one.statement.is_some());
    let signed = signed.unwrap();
    let twice = keeping(&[signed, signed], ROOT);
    let (at, what) = judged(&twice, &known(&twice)).unwrap_err();
    let position = Breach::Position(signed.seq.next());
    let expected = Breach::Kept {
        room: room.id,
        what: Box::new(position),
    };
    assert_eq!((at, what), (Seq(3), expected));
    let mut next = signed.clone();
    next.seq = signed.seq.next();
    let beside = keeping(&[signed, &next], ROOT);
    let (at, what) = judged(&beside, &known(&beside)).unwrap_err();
    assert!(
        at == Seq(3) && matches!(&what, Breach::Kept { what, .. } if **what == Breach::Chain),
        "{what}"
    );
}
