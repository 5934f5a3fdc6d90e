//! Non-interference: what happens in rooms that somebody was never in shows in nothing that they are sent.
//!
//! A script is drawn by a seed and played in one world; in a second world everything is left out that happened only where
//! the observer never was. Every frame to the observer must be the same, byte for byte. What may be left out is worked out
//! by [`oracle`] from the log and the shared rules alone. Kept by name, as the crossings of `audience.rs`: cards (names,
//! roles, standing), suspension, presence in shared rooms, claims, seats, knocks.
//!
//! Kept beside them, though `audience.rs` does not name it: what a party's Side keeps of a deal or a Referral, which all its
//! Leads read and were never in. Statements are not: a signed command is the same bytes whatever else its maker did, and
//! wherever in its own room the entry stands that it answers.
//!
//! The suite is tested by faults: see [`fault`], whose head says which are planted how. Each has a test of its own.
//!
//! Mails are one more thing that an observer is sent: `journeys/notices/privacy.rs` plays these stories with a clerk beside them ([`tale`]).
//!
//! The same over real sockets is [`overheard`]; what a case holds back, [`held_back`]; refusals, [`refusals`]; who the observer
//! is, [`part`]; that strangers who do not hear look like strangers who do not answer, [`unheard`].

mod deals;
mod fault;
mod haunt;
mod held_back;
mod oracle;
mod overheard;
mod part;
mod refusals;
mod scene;
mod script;
mod statements;
mod tale;
mod unheard;
mod wire;

use crate::world::{Community, Dice, World, from_env};
use fault::{FAULTS, Plant, with_causes};
use oracle::Oracle;
use part::Part;
use rialto_shared::{
    entry::{Author, Entry},
    event::Event,
    id::RoomId,
    protocol::Down,
};
use scene::Scene;
use script::{Batches, Step, perform, play};

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};
pub(crate) use tale::{Tale, tales};

/// Steps of one script; more in a story of business, which takes its time.
const STEPS: usize = 90;
const BUSY_STEPS: usize = 160;

/// A script, with what of it may show to its observer.
struct Story {
    seed: u64,
    observer: usize,
    steps: Vec<Step>,
    matter: Vec<bool>,
    /// What the observer heard when it was drawn, each step alone and nothing left out.
    heard: Vec<String>,
    oracle: Oracle,
    /// The kinds of entries that there are in the end.
    kinds: BTreeSet<String>,
}

/// Stories that were drawn: several tests look at the same ones.
static DRAWN: Mutex<BTreeMap<u64, Arc<Story>>> = Mutex::new(BTreeMap::new());

fn story(seed: u64) -> Arc<Story> {
    if let Some(story) = DRAWN.lock().unwrap().get(&seed) {
        return Arc::clone(story);
    }
    let story = Arc::new(draw(seed));
    DRAWN.lock().unwrap().insert(seed, Arc::clone(&story));
    story
}

/// Draws a script by playing it.
fn draw(seed: u64) -> Story {
    played(seed).1
}

/// A world with a history, for suites that need any.
pub(crate) fn history(seed: u64) -> World {
    played(seed).0
}

fn played(seed: u64) -> (World, Story) {
    let mut community = Community::new(seed);
    let mut dice = Dice::new(seed);
    let part = Part::of(seed);
    let any = dice.below(community.world.consoles.len());
    let observer = part.map_or(any, Part::console);
    let mut oracle = Oracle::new(&community.world, observer);
    let mut steps = vec![];
    let busy = seed.is_multiple_of(3);
    for step in 0..if busy { BUSY_STEPS } else { STEPS } {
        let scene = Scene {
            world: &community.world,
            orgs: community.orgs,
            rooms: &oracle.rooms,
            messages: &oracle.messages,
            observer,
            part,
            lobby: community.lobby,
            busy,
            step,
        };
        let drawn = scene.draw(&mut dice);
        perform(&mut community.world, observer, &drawn, true);
        community.world.settle();
        let footprint = oracle.follow(&community.world);
        oracle.footprints.push(footprint);
        steps.push(drawn);
    }
    community.world.verify();
    let matter = oracle.matter(&steps);
    let story = Story {
        seed,
        observer,
        steps,
        matter,
        heard: community.world.consoles[observer].heard.clone(),
        oracle,
        kinds: community
            .world
            .log()
            .iter()
            .map(|entry| entry.kind.clone())
            .collect(),
    };
    (community.world, story)
}

/// The story of a seed, played in this world.
pub(crate) fn replayed(seed: u64, world: World) -> World {
    let story = story(seed);
    let mut community = Community::in_world(world);
    let batches = Batches::Alone;
    play(
        &mut community,
        story.observer,
        &story.steps,
        |_| true,
        batches,
    );
    community.world
}

impl Story {
    fn world(&self, all: bool, batches: Batches, plant: Option<Plant>) -> World {
        let mut community = Community::new(self.seed);
        community.world.fault = plant.map(|plant| plant(self.observer));
        let kept = |place: usize| all || self.matter[place];
        play(&mut community, self.observer, &self.steps, kept, batches);
        community.world
    }

    fn heard(&self, world: &World) -> Vec<String> {
        world.consoles[self.observer].heard.clone()
    }

    fn left_out(&self) -> usize {
        self.matter.iter().filter(|matters| !**matters).count()
    }
}

/// Where two transcripts part, with a little of what is around that place.
fn difference(one: &[String], other: &[String]) -> Option<String> {
    let place = (0..one.len().max(other.len())).find(|at| one.get(*at) != other.get(*at))?;
    let [one, other] =
        [one, other].map(|heard| heard.get(place).map_or("(nothing)", String::as_str));
    let same = one
        .chars()
        .zip(other.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let around = |text: &str| -> String {
        text.chars()
            .skip(same.saturating_sub(240))
            .take(480)
            .collect()
    };
    Some(format!(
        "frame {place}, from character {same}:\n  with:    {}\n  without: {}",
        around(one),
        around(other)
    ))
}

fn worlds() -> std::ops::Range<u64> {
    let first = from_env("RIALTO_SEED", 1);
    first..first + from_env("RIALTO_WORLDS", 30)
}

#[test]
fn what_happens_elsewhere_does_not_show() {
    let (mut left_out, mut steps) = (0, 0);
    for seed in worlds() {
        let story = story(seed);
        left_out += story.left_out();
        steps += story.steps.len();
        let without = story.heard(&story.world(false, Batches::Alone, None));
        if let Some(difference) = difference(&story.heard, &without) {
            panic!(
                "RIALTO_SEED={seed} RIALTO_WORLDS=1, observer {}: {difference}",
                story.observer
            );
        }
    }
    assert!(
        left_out * 5 > steps,
        "a script that leaves out {left_out} of {steps} steps tests too little"
    );
}

#[test]
fn what_shares_a_batch_does_not_show() {
    for seed in worlds().step_by(3) {
        let story = story(seed);
        let batches = Batches::Of(4);
        let with = story.heard(&story.world(true, batches, None));
        let without = story.heard(&story.world(false, batches, None));
        if let Some(difference) = difference(&with, &without) {
            panic!(
                "RIALTO_SEED={seed}, observer {}: {difference}",
                story.observer
            );
        }
    }
}

/// What a console was told, without when: its answers in order, and what it holds in the end; one line each.
fn told(world: &World, observer: usize) -> Vec<String> {
    let console = &world.consoles[observer];
    let answers = console.heard.iter();
    let answers = answers
        .filter(|frame| frame.starts_with("{\"answer\""))
        .cloned();
    // Whoever is suspended in the batch in which something was said is not sent it any more.
    let here = console.session.iter().flat_map(|_| &console.rooms);
    let rooms = here.map(|(id, room)| format!("{id}: {room:?}"));
    answers.chain(rooms).collect()
}

#[test]
fn batches_of_another_size_tell_the_same() {
    for seed in worlds().step_by(5) {
        let story = story(seed);
        let batched = story.world(true, Batches::Of(5), None);
        let alone = story.world(false, Batches::Alone, None);
        let (one, other) = (told(&batched, story.observer), told(&alone, story.observer));
        if let Some(difference) = difference(&one, &other) {
            panic!(
                "RIALTO_SEED={seed}, observer {}: {difference}",
                story.observer
            );
        }
    }
}

#[test]
fn the_same_script_gives_the_same_bytes() {
    let story = story(7);
    let again = story.heard(&story.world(true, Batches::Alone, None));
    assert_eq!(difference(&story.heard, &again), None);
}

#[test]
fn nothing_is_read_that_no_seat_ever_reached() {
    for seed in worlds() {
        let story = story(seed);
        let unreadable = story.oracle.unreadable(&story.heard);
        assert_eq!(
            unreadable,
            [],
            "RIALTO_SEED={seed}, observer {}",
            story.observer
        );
    }
}

/// Everything that anybody was sent of what a case holds back, before it was theirs to know.
fn slips(world: &World) -> Vec<String> {
    let consoles = world.consoles.iter();
    consoles
        .flat_map(|console| held_back::slips(world, &console.heard))
        .collect()
}

#[test]
fn what_a_case_holds_back_is_told_to_nobody_before_it_is_disclosed() {
    let (mut offers, mut disclosures) = (0, 0);
    for seed in worlds() {
        let (world, _) = played(seed);
        assert_eq!(slips(&world), Vec::<String>::new(), "RIALTO_SEED={seed}");
        let log = world.log();
        let count = |kind: &str| log.iter().filter(|entry| entry.kind == kind).count();
        offers += count("referral.shown");
        disclosures += count("referral.disclosed");
    }
    let all = worlds().count();
    assert!(
        offers * 2 > all && disclosures * 10 > all,
        "{offers} offers and {disclosures} disclosures in {all} worlds test too little"
    );
}

/// Whether the suite finds anything wrong with a world that has this fault.
fn notices(story: &Story, plant: Plant) -> bool {
    let with = story.world(true, Batches::Alone, Some(plant));
    let without = story.world(false, Batches::Alone, Some(plant));
    let heard = story.heard(&with);
    difference(&heard, &story.heard(&without)).is_some()
        || !story.oracle.unreadable(&heard).is_empty()
        || !slips(&with).is_empty()
}

/// That some world shows the fault of this name.
fn noticed(name: &str) {
    let plant = FAULTS.iter().find(|(other, _)| *other == name);
    let (_, plant) = plant.expect("a fault of this name");
    assert!(
        (1..200).any(|seed| notices(&story(seed), *plant)),
        "200 worlds did not show: {name}"
    );
}

macro_rules! noticed {
    ($($test:ident: $name:literal),* $(,)?) => {
        /// The faults that have a test below.
        const NOTICED: &[&str] = &[$($name),*];
        $(
            #[test]
            fn $test() {
                noticed($name);
            }
        )*
    };
}

noticed! {
    a_count_without_a_seat_is_noticed: "counts without a seat",
    a_read_that_goes_beyond_its_commit_is_noticed: "entries after the seat is gone",
    a_refusal_before_admission_is_noticed: "a refusal before admission",
    a_pointer_without_admission_is_noticed: "a pointer without admission",
    a_cache_that_readers_fill_is_noticed: "a cache that readers fill",
    a_reaction_s_refusal_is_noticed: "a reaction's refusal shown",
    typing_heard_through_a_bookmark_is_noticed: "typing heard through a bookmark",
    a_number_that_all_rooms_share_is_noticed: "a number that all rooms share",
    a_case_with_its_texts_in_the_wrong_places_is_noticed: "a case's texts in the wrong places",
    a_text_of_the_full_part_with_the_offer_is_noticed: "a text of the full part with the offer",
    a_sender_in_an_offer_that_nobody_answered_is_noticed: "a sender in an offer that nobody answered",
}

#[test]
fn every_fault_has_a_test() {
    let planted: Vec<&str> = FAULTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(planted, NOTICED);
}

/// The kinds that no story brings about: the server must have been down for the first three, and never is in these worlds;
/// whom the vendor seats must have gone meanwhile; and nobody in them takes another system's reference away.
const NEVER: [&str; 5] = [
    "referral.extended",
    "side.extended",
    "org.succession_put_off",
    "org.succession_lapsed",
    "side.unreferenced",
];

#[test]
fn the_stories_tell_of_all_kinds_of_business() {
    let business = ["relation.", "side.", "referral.", "deal.", "org.success"];
    let mut missing = Event::kinds();
    missing.retain(|kind| {
        business.iter().any(|room| kind.starts_with(room)) && !NEVER.contains(&kind.as_str())
    });
    // Every third is a story of business; a run of the default size has ten of them, and a kind that is rare comes later.
    for seed in (3..180).step_by(3) {
        let story = story(seed);
        missing.retain(|kind| !story.kinds.contains(kind));
        if missing.is_empty() {
            return;
        }
    }
    panic!("60 stories of business do not tell of {missing:?}");
}

/// Entries of the observer's Inbox that say who caused them though it was not the observer.
fn causes(story: &Story, heard: &[String], world: &World) -> usize {
    let me = world.consoles[story.observer].member;
    let told = heard
        .iter()
        .filter_map(|frame| match serde_json::from_str(frame) {
            Ok(Down::Entries { room, entries }) if room == RoomId::inbox(me) => Some(entries),
            _ => None,
        });
    told.flatten()
        .map(|raw| Entry::decode(raw.get().as_bytes()).unwrap())
        .filter(|entry| entry.author != Author::Rule && entry.author.member() != Some(me))
        .count()
}

#[test]
fn a_pointer_that_says_who_is_noticed() {
    let mut noticed = false;
    for seed in worlds().take(12) {
        let story = story(seed);
        let world = story.world(true, Batches::Alone, None);
        assert_eq!(
            causes(&story, &story.heard, &world),
            0,
            "RIALTO_SEED={seed}"
        );
        let other = &world.consoles[(story.observer + 1) % world.consoles.len()];
        let (id, org, device) = (other.member, other.org, other.device);
        let planted = with_causes(&story.heard, Author::Member { id, org, device });
        noticed |= causes(&story, &planted, &world) > 0;
    }
    assert!(noticed, "no pointer was sent in any world");
}
