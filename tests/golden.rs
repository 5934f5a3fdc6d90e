//! The entry is for ever: the bytes and the hash of one entry of every kind, pinned in `golden/`. A change here breaks every
//! ledger and every proof that exists; only added lines are right. A new kind of event has no line yet, and
//! [`every_kind_has_an_example`] says so.

mod business;
mod example;

use crate::world::DAWN;
use ed25519_dalek::SigningKey;
use example::{events, ids};
use rialto_shared::{
    entry::{Author, Entry, EntryError, Facts, Head, Place, SaltedText, Seq, Worded},
    event::Event,
    id::{Hash, Nonce, RoomId, RoomKind, Salt},
    statement::{Certificate, Declaration, Statement, Use, public_key},
    text::Text,
};
use std::collections::BTreeSet;

/// The example of an event, as an entry in a fixed place.
fn entry(event: Event, texts: usize, statement: Option<Box<Statement>>) -> Entry {
    let salted = |slot: usize| SaltedText {
        salt: Salt([u8::try_from(slot).unwrap(); 32]),
        text: Text::parse(&format!("Text {slot}, grüßt \u{1f44b}")).unwrap(),
    };
    let place = Place {
        room: RoomId::new(RoomKind::Channel, [1; 16]),
        after: Head {
            seq: Seq(41),
            hash: Hash([2; 32]),
        },
        term: 1,
        at: DAWN,
        author: Author::Member {
            id: ids().member,
            org: ids().org,
            device: ids().device,
        },
        statement,
    };
    Entry::new(place, Worded::new(event, (0..texts).map(salted).collect()))
}

/// A statement with the longest chain.
fn statement() -> Box<Statement> {
    let key = |seed| SigningKey::from_bytes(&[seed; 32]);
    let (server, org) = (Hash([3; 32]), ids().org);
    let link = |issuer, subject, to| {
        Certificate::issue(&key(issuer), server, org, public_key(&key(subject)), to)
    };
    let chain = vec![
        link(1, 2, Use::Admin),
        link(2, 3, Use::Invite),
        link(3, 4, Use::Device),
    ];
    let declaration = Declaration {
        server,
        org,
        device: ids().device,
        nonce: Nonce::from_bits([5; 16]),
        room: RoomId::org(org),
        kind: "org.remove".to_owned(),
        subject: Hash::ZERO,
        facts: "{\"fact\":{}}".to_owned(),
    };
    Box::new(Statement::make(&key(4), &declaration, chain))
}

/// One entry of every kind.
pub(crate) fn entries() -> Vec<Entry> {
    events()
        .into_iter()
        .map(|(event, texts)| entry(event, texts, None))
        .collect()
}

#[test]
fn every_kind_has_an_example() {
    let known: BTreeSet<String> = Event::kinds().into_iter().collect();
    let shown: BTreeSet<String> = entries().into_iter().map(|entry| entry.kind).collect();
    let missing: Vec<_> = known.difference(&shown).collect();
    assert!(missing.is_empty(), "no golden bytes of {missing:?}");
}

/// The lines of one kind of room.
fn golden(entries: &[Entry]) -> String {
    entries
        .iter()
        .map(|entry| {
            let bytes = String::from_utf8(entry.encode()).unwrap();
            format!("{}\n  {}\n  {bytes}\n", entry.kind, entry.hash())
        })
        .collect()
}

#[test]
fn the_bytes_of_every_kind_are_as_they_always_were() {
    let all = entries();
    let rooms: BTreeSet<&str> = all
        .iter()
        .filter_map(|entry| entry.kind.split('.').next())
        .collect();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for room in rooms {
            let of_room = |entry: &&Entry| entry.kind.split('.').next() == Some(room);
            let these: Vec<Entry> = all.iter().filter(of_room).cloned().collect();
            insta::assert_snapshot!(room, golden(&these));
        }
        let event = events()
            .into_iter()
            .find(|(event, _)| event.kind() == "org.removed");
        let (event, texts) = event.unwrap();
        let mut authors = vec![entry(event, texts, Some(statement()))];
        for author in [Author::Operator, Author::Rule] {
            let mut entry = all[0].clone();
            entry.author = author;
            authors.push(entry);
        }
        authors.push(all[0].clone().erased());
        insta::assert_snapshot!("forms", golden(&authors));
    });
}

#[test]
fn every_entry_reads_back_as_it_was_written() {
    for entry in entries() {
        let read = Entry::decode(&entry.encode()).unwrap();
        assert_eq!(read, entry);
        assert_eq!(read.encode(), entry.encode());
        let erased = Entry::decode(&entry.clone().erased().encode()).unwrap();
        assert_eq!(erased.hash(), entry.hash(), "erasing changes no hash");
        assert_eq!(erased.event, entry.event);
    }
    let signed = entry(entries().remove(0).event, 1, Some(statement()));
    assert_eq!(Entry::decode(&signed.encode()).unwrap(), signed);
}

#[test]
fn no_byte_changes_unnoticed() {
    let signed = entry(entries().remove(0).event, 1, Some(statement()));
    for entry in entries().into_iter().chain([signed]) {
        let bytes = entry.encode();
        // The version of the encoding says how to read, and is no part of what is said.
        let version = bytes.windows(4).position(|four| four == b"\"v\":").unwrap();
        for place in (0..bytes.len()).filter(|place| *place != version + 4) {
            for bit in [1, 0x20] {
                let mut changed = bytes.clone();
                changed[place] ^= bit;
                let unnoticed = Entry::decode(&changed).is_ok_and(|read| {
                    read.hash() == entry.hash() && (read.texts != entry.texts || read != entry)
                });
                assert!(
                    !unnoticed,
                    "byte {place} of {}: {}",
                    entry.kind,
                    String::from_utf8_lossy(&changed)
                );
            }
        }
    }
}

#[test]
fn a_kind_that_is_not_known_is_newer_and_nothing_else() {
    let known = entries().remove(0);
    for kind in ["talk.sung", "auction.opened"] {
        let (room, verb) = kind.split_once('.').unwrap();
        let mut newer = known.clone();
        newer.kind = kind.to_owned();
        newer.facts = format!(
            "{{\"texts\":{},\"fact\":{{\"{room}\":{{\"{verb}\":{{\"later\":[1,2]}}}}}}}}",
            serde_json::to_string(&[known.texts[0].as_ref().unwrap().commitment()]).unwrap()
        );
        newer.event = Event::Newer(kind.to_owned());
        let read = Entry::decode(&newer.encode()).unwrap();
        assert_eq!(read, newer);
        assert_eq!(read.head().seq, Seq(42), "it moves the head");
    }
    let mut wrong = known;
    wrong.kind = "talk.deleted".to_owned();
    assert!(matches!(
        Entry::decode(&wrong.encode()),
        Err(EntryError::Facts { .. })
    ));
}

#[test]
fn fields_that_are_not_known_are_tolerated() {
    for entry in entries() {
        let mut record: serde_json::Value = serde_json::from_slice(&entry.encode()).unwrap();
        record["later"] = serde_json::json!({ "x": [1] });
        let read = Entry::decode(record.to_string().as_bytes()).unwrap();
        assert_eq!(read.event, entry.event);
        assert_eq!(read.hash(), entry.hash());
        let mut facts: serde_json::Value = serde_json::from_str(&entry.facts).unwrap();
        facts["later"] = serde_json::json!(1);
        let (room, verb) = entry.kind.split_once('.').unwrap();
        facts["fact"][room][verb]["later"] = serde_json::json!("x");
        let (_, event) = Event::read(&entry.kind, &facts.to_string())
            .unwrap_or_else(|error| panic!("{}: {error}", entry.kind));
        assert_eq!(event, entry.event);
    }
}

#[test]
fn facts_hold_one_commitment_for_each_text() {
    let entry = entries().remove(0);
    let read: Facts<Event> = serde_json::from_str(&entry.facts).unwrap();
    let texts: Vec<Hash> = entry
        .texts
        .iter()
        .flatten()
        .map(SaltedText::commitment)
        .collect();
    assert_eq!(read.texts, texts);
    let mut fewer = entry.clone();
    fewer.texts.clear();
    assert!(matches!(
        Entry::decode(&fewer.encode()),
        Err(EntryError::Texts {
            texts: 0,
            commitments: 1
        })
    ));
    let mut other = entry;
    if let Some(Some(text)) = other.texts.first_mut() {
        text.salt.0[0] ^= 1;
    }
    assert_eq!(
        Entry::decode(&other.encode()),
        Err(EntryError::Commitment { slot: 0 })
    );
}
