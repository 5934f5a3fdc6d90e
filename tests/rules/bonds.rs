//! What was signed binds what stands in the log: facts that say something else under a true signature, chained anew, are
//! found and named. A server that holds all keys but its members' can do no more.

use super::{histories, logs};
use crate::{
    golden,
    privacy::history,
    world::{World, example},
};
use rialto::verify::{Breach, Broken, Known, verify};
use rialto_shared::{
    entry::{Entry, Facts, Worded},
    event::{BONDS, Bond, CAUSES, Event, roots},
    id::{OrgId, PublicKey},
    room::key,
    time::Timestamp,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Fields of one name that are not the same thing in both: the answer names what it answers by a hash, the entry by its
/// place, which is compared with the answered entry's.
const APART: [(&str, &str, &str); 2] = [
    ("org.answer_connection", "org.replied", "knock"),
    ("deal.accept_invitation", "deal.accepted", "invitation"),
];

/// Pairs of which the entry has other texts than the command: the need, which stands in the draft.
const OF_ELSEWHERE: [(&str, &str); 1] = [("side.offer_with_request", "referral.opened")];

fn pairs() -> BTreeSet<(&'static str, &'static str)> {
    let effects = |(command, effects): &'static (&str, &[&'static str])| {
        effects.iter().map(move |event| (*command, *event))
    };
    CAUSES.iter().flat_map(effects).collect()
}

#[test]
fn every_pair_says_what_is_compared() {
    let listed: Vec<_> = BONDS
        .iter()
        .map(|(command, event, _)| (*command, *event))
        .collect();
    let once: BTreeSet<_> = listed.iter().copied().collect();
    assert_eq!(listed.len(), once.len(), "each pair stands once");
    // What is kept of another room is compared as what it is a copy of.
    let mut wanted = pairs();
    wanted.retain(|(_, event)| *event != "side.kept");
    assert_eq!(once, wanted);
    let known: BTreeSet<String> = Event::kinds().into_iter().collect();
    for (_, event) in pairs() {
        assert!(known.contains(event), "{event} is no kind of entry");
    }
}

fn fields(facts: &str) -> (BTreeSet<String>, usize) {
    let facts: Value = serde_json::from_str(facts).unwrap();
    let only = |value: &Value| value.as_object().unwrap().values().next().unwrap().clone();
    let fact = only(&only(&facts["fact"]));
    let texts = facts["texts"].as_array().map_or(0, Vec::len);
    (fact.as_object().unwrap().keys().cloned().collect(), texts)
}

/// Whatever both hold is compared, of the fullest example that there is of each.
#[test]
fn whatever_a_command_and_its_entry_both_hold_is_compared() {
    let mut entries: BTreeMap<String, (BTreeSet<String>, usize)> = BTreeMap::new();
    for entry in golden::entries() {
        let (names, texts) = fields(&entry.facts);
        let known = entries.entry(entry.kind).or_default();
        known.0.extend(names);
        known.1 = known.1.max(texts);
    }
    let mut commands = BTreeMap::new();
    for (command, texts) in example::examples(&example::strangers(Timestamp::EPOCH)) {
        let (names, _) = fields(&Facts::write(&Worded::plain(command.clone())));
        commands.insert(command.kind(), (names, texts.len()));
    }
    for (command, event, bonds) in BONDS {
        let ((asked, words), (stated, texts)) = (&commands[*command], &entries[*event]);
        for field in asked.intersection(stated) {
            let compared = bonds.iter().any(|bond| match bond {
                Bond::Same(name) | Bond::As(name, _) | Bond::With(name) => name == field,
                // Whose it is, where a command's field of that name says something else.
                Bond::Maker(name) => name.split('.').next() == Some(field),
                _ => false,
            });
            let apart = APART.contains(&(command, event, field.as_str()));
            assert!(compared != apart, "{command} and {event}: {field}");
        }
        let worded = bonds
            .iter()
            .any(|bond| matches!(bond, Bond::Texts | Bond::Text(_)));
        let both = *words > 0 && *texts > 0 && !OF_ELSEWHERE.contains(&(command, event));
        assert_eq!(worded, both, "{command} and {event}: texts");
    }
}

/// The log with other facts in one entry, chained anew from there on: all that a server can do without its members' keys.
fn with(log: &[Entry], place: usize, other: &Entry) -> Vec<Entry> {
    let mut log = log.to_vec();
    log[place].facts = other.facts.clone();
    log[place].texts = other.texts.clone();
    log[place].event = other.event.clone();
    for next in place + 1..log.len() {
        log[next].prev = log[next - 1].hash();
    }
    log
}

/// The root keys that an organisation has had by now, as its card says.
pub(crate) fn take_roots(known: &mut BTreeMap<OrgId, Vec<PublicKey>>, entry: &Entry) {
    let renewed = match &entry.event {
        Event::Key(key::Event::Renewed { org, root }) => Some((*org, *root)),
        _ => None,
    };
    for (org, root) in roots(entry.room, &entry.event).into_iter().chain(renewed) {
        let had = known.entry(org).or_default();
        if !had.contains(&root) {
            had.push(root);
        }
    }
}

pub(super) fn judged(world: &World, log: &[Entry]) -> Result<(), Broken> {
    let mut known = Known {
        server: world.house.server,
        roots: BTreeMap::new(),
        head: None,
    };
    for entry in world.log().iter() {
        take_roots(&mut known.roots, entry);
    }
    let bytes: Vec<Vec<u8>> = log.iter().map(Entry::encode).collect();
    verify(&known, bytes.iter().map(Vec::as_slice)).map(drop)
}

/// Everything that was signed in these histories, with the facts of another entry of its kind in its place.
#[test]
fn other_facts_under_a_true_signature_are_named() {
    let worlds: Vec<World> = histories().map(history).collect();
    let mut stated: BTreeMap<String, BTreeMap<String, Entry>> = BTreeMap::new();
    let told = worlds.iter().flat_map(|world| world.log().clone());
    for entry in golden::entries().into_iter().chain(told) {
        let kind = stated.entry(entry.kind.clone()).or_default();
        if kind.len() < 12 {
            kind.insert(entry.facts.clone(), entry);
        }
    }
    let (mut signed, mut found) = (BTreeSet::new(), BTreeSet::new());
    for world in &worlds {
        for log in logs(world).into_values() {
            for place in 0..log.len() {
                let Some(statement) = &log[place].statement else {
                    continue;
                };
                let pair = (statement.read().unwrap().kind, log[place].kind.clone());
                signed.insert(pair.clone());
                if found.contains(&pair) {
                    continue;
                }
                let others = stated[&pair.1].values();
                for other in others.filter(|other| other.facts != log[place].facts) {
                    match judged(world, &with(&log, place, other)) {
                        Err(Broken {
                            seq,
                            what: Breach::Departs { .. },
                        }) if seq == log[place].seq => {
                            found.insert(pair.clone());
                        }
                        // Roots and copies are looked at before.
                        Ok(()) | Err(_) => {}
                    }
                }
            }
        }
    }
    // Where nothing of an entry's facts is bound, other facts are no lie that a signature could show.
    let bound = |(command, event): &(String, String)| {
        let bonds = BONDS
            .iter()
            .find(|(by, of, _)| by == command && of == event);
        bonds.is_some_and(|(_, _, bonds)| {
            bonds.iter().any(|bond| {
                !matches!(
                    bond,
                    Bond::There
                        | Bond::Home
                        | Bond::At(_)
                        | Bond::AtOrg(_)
                        | Bond::Said(..)
                        | Bond::Concerns(_)
                )
            })
        })
    };
    let missed: Vec<_> = signed
        .difference(&found)
        .filter(|pair| bound(pair))
        .collect();
    assert!(
        missed.is_empty(),
        "other facts pass for what was signed: {missed:?}"
    );
    let commands: BTreeSet<&str> = found.iter().map(|(command, _)| command.as_str()).collect();
    assert!(commands.len() > 15, "{commands:?}");
}
