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

/// What stands in these letters that must not.
fn slips(world: &World, heard: &[Heard]) -> Vec<String> {
    let secrets = secrets(world);
    let mut slips = vec![];
    for heard in heard {
        let written = written(heard);
        let found = secrets
            .iter()
            .filter(|(secret, _)| written.contains(secret.as_str()));
        slips.extend(found.map(|(secret, place)| format!("{secret:?}, {place}, in {written}")));
    }
    slips
}

/// Faults that are planted in letters, which the test below must notice: a text of the room that a letter is about, and a
/// number that counts everybody's.
#[test]
fn a_title_in_a_letter_and_a_number_that_all_share_are_noticed() {
    let (mut titled, mut counted) = (0, 0);
    for tale in tales().take(6) {
        let (world, mut with) = told(&tale, true);
        let (_, mut without) = told(&tale, false);
        let member = world.consoles[tale.observer()].member;
        for letters in [&mut with, &mut without] {
            for (n, heard) in letters.iter_mut().enumerate() {
                heard.json.push_str(&n.to_string());
            }
        }
        counted += usize::from(of(member, &with) != of(member, &without));
        let title = secrets(&world).into_keys().next().unwrap();
        if let Some(heard) = with.first_mut() {
            heard.mail.push_str(&title);
            titled += usize::from(!slips(&world, &with).is_empty());
        }
    }
    assert!(
        titled == 6 && counted > 0,
        "{titled} titles and {counted} counts noticed"
    );
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
        assert_eq!(slips(&world, &with), Vec::<String>::new(), "{context}");
        for heard in &with {
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
