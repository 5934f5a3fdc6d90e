//! Notices as one more output of the observer of the privacy suite: every mail, and everything that the operator's program is
//! given, of its random worlds. What is told a member is the same, byte for byte, where everything is left out that happened
//! only in rooms that they are not in; and nowhere in it stands a text that anybody wrote, or anybody's name.

use super::office::{Heard, Recorder, clerk, round, settle_all};
use crate::{
    privacy::{Tale, tales},
    world::{Community, World},
};
use rialto_shared::{entry::Entry, id::MemberId};
use std::collections::{BTreeMap, BTreeSet};

/// Plays a tale, whole or in part, with a clerk beside it; what everybody was told.
fn told(tale: &Tale, all: bool) -> (World, Vec<Heard>) {
    let mut community = Community::new(tale.seed());
    settle_all(&mut community.world);
    let heard = Recorder::default();
    let mut clerk = clerk(&community.world, heard.clone());
    tale.play(&mut community, all, |world| {
        round(world, &mut clerk);
    });
    // What waits for its clock comes out too.
    let mut world = community.world;
    super::office::pass(&mut world, &mut clerk, rialto_shared::time::Span::days(16));
    drop(clerk);
    let heard = std::mem::take(&mut *heard.0.lock().unwrap());
    (world, heard)
}

fn of(member: MemberId, heard: &[Heard]) -> Vec<&Heard> {
    heard.iter().filter(|one| one.member == member).collect()
}

/// Everything that anybody wrote, and every name: of people, organisations, customers, rooms. The shortest are left out,
/// which stand in any English.
fn secrets(world: &World) -> BTreeMap<String, String> {
    let mut secrets = BTreeMap::new();
    for entry in world.log().iter() {
        for text in words(entry) {
            secrets.insert(text, format!("{} of {}", entry.kind, entry.room));
        }
    }
    secrets
}

/// What the server and the notices themselves say.
const OWN: [&str; 3] = ["Northwind", "A few words", "Hello"];

fn words(entry: &Entry) -> Vec<String> {
    let texts = entry.texts.iter().flatten();
    let texts = texts.map(|text| text.text.as_str().to_owned());
    let texts = texts.filter(|text| text.chars().count() >= 4);
    texts
        .filter(|text| !OWN.contains(&text.as_str()) && !text.ends_with("@mail.example"))
        .collect()
}

/// The body and what else is written, without the lines that every mail has.
fn written(heard: &Heard) -> String {
    let head = heard
        .mail
        .split("\r\n")
        .filter(|line| !line.starts_with("To: "));
    format!("{}\n{}", head.collect::<Vec<_>>().join("\n"), heard.json)
}

#[test]
fn what_happens_elsewhere_shows_in_no_letter_and_no_text_stands_in_any() {
    let (mut letters, mut kinds, mut left_out) = (0, BTreeSet::new(), 0);
    for tale in tales() {
        let (world, with) = told(&tale, true);
        let (_, without) = told(&tale, false);
        let member = world.consoles[tale.observer()].member;
        let context = format!("RIALTO_SEED={} RIALTO_WORLDS=1", tale.seed());
        assert_eq!(of(member, &with), of(member, &without), "{context}");
        left_out += with.len().saturating_sub(without.len());
        let secrets = secrets(&world);
        for heard in &with {
            let written = written(heard);
            for (secret, place) in &secrets {
                assert!(
                    !written.contains(secret.as_str()),
                    "{context}: {secret:?}, {place}, stands in {written}"
                );
            }
            letters += 1;
            kinds.extend(heard.letter.lines.iter().map(|line| line.kind));
        }
    }
    assert!(
        letters > 100 && kinds.len() > 10,
        "{letters} letters of {kinds:?} test too little"
    );
    assert!(
        left_out > 0,
        "nothing was left out that anybody was told of"
    );
}
