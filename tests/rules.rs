//! The rules on random histories: what was folded is what is stored and what every client holds, whatever was erased since;
//! what is stored reads back; what is asked for, however it was mangled, is answered; and time never runs backwards.

pub(crate) mod bonds;
mod lies;
mod properties;
mod renewals;

use crate::{
    crash::disk::{Disk, Remains},
    privacy::history,
    world::{
        Community, DAWN, Dice, TOM, World,
        example::{self, Named},
        from_env,
    },
};
use proptest::prelude::*;
use rialto_server::{
    clock::Clock as _,
    ledger::{
        rows::{self, Table},
        writer::{Done, Submission, Work},
    },
};
use rialto_shared::{
    command::Command,
    entry::{Entry, Facts, SaltedText, Seq, Worded},
    id::{Hash, RoomId, Salt},
    protocol::{Outcome, Want},
    room::{Policy, Room, apply},
    text::Text,
    time::{Span, Timestamp},
    timeline::{self, Note},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn histories() -> std::ops::Range<u64> {
    let first = from_env("RIALTO_SEED", 20_000);
    first..first + from_env("RIALTO_WORLDS", 60) / 4
}

/// Every room of a world, with its log.
fn logs(world: &World) -> BTreeMap<RoomId, Vec<Entry>> {
    let rooms: BTreeSet<RoomId> = world.log().iter().map(|entry| entry.room).collect();
    rooms
        .into_iter()
        .map(|room| (room, world.entries(room)))
        .collect()
}

fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Room {
    let mut room = Room::default();
    for entry in entries {
        apply(&mut room, entry);
    }
    room
}

#[test]
fn the_same_log_gives_the_same_room_everywhere() {
    let (mut seats, mut replicas, mut erased) = (0, 0, 0);
    for seed in histories() {
        let world = history(seed);
        let logs = logs(&world);
        let snapshot = world.house.snapshot().unwrap();
        for (id, entries) in &logs {
            let room = fold(entries);
            // Texts are no part of what is folded: neither those that were erased nor all the others.
            let bare: Vec<Entry> = entries.iter().cloned().map(Entry::erased).collect();
            assert_eq!(fold(&bare), room, "{seed}: {id}");
            erased += entries
                .iter()
                .filter(|entry| entry.texts.contains(&None))
                .count();
            // The entries as they were committed, before anything was erased.
            let log = world.log().clone();
            let first: Vec<&Entry> = log.iter().filter(|entry| entry.room == *id).collect();
            assert_eq!(fold(first), room, "{seed}: {id}");
            for console in &world.consoles {
                let who = snapshot.standing(console.member).unwrap().unwrap();
                if let Some(seat) = snapshot.seat(&who, *id).unwrap() {
                    assert_eq!(seat.room(), &room, "{seed}: {id} as stored");
                    seats += 1;
                }
                if let Some(held) = console.rooms.get(id).filter(|_| console.session.is_some()) {
                    assert_eq!(held, &room, "{seed}: {id} as {} holds it", console.member);
                    replicas += 1;
                }
            }
        }
        world.verify();
    }
    assert!(
        seats > 100 && replicas > 100 && erased > 0,
        "{seats} {replicas} {erased}"
    );
}

#[test]
fn rooms_and_entries_read_back_as_they_were_written() {
    for seed in histories().take(5) {
        let world = history(seed);
        for (id, entries) in logs(&world) {
            let mut room = fold(&entries);
            let json = serde_json::to_string(&room).unwrap();
            let bytes = rows::encode(&room);
            room.head = rialto_shared::entry::Head::default();
            let back: Room = rows::decode(Table::Rooms, &bytes).unwrap();
            assert_eq!(back, room, "{seed}: {id}");
            assert_eq!(
                serde_json::from_str::<Room>(&json).unwrap(),
                room,
                "{seed}: {id}"
            );
            for entry in entries {
                assert_eq!(Entry::decode(&entry.encode()).unwrap(), entry);
            }
        }
    }
}

/// The notes of a room, folded from its log alone.
fn notes(entries: &[Entry]) -> BTreeMap<Seq, Note> {
    let mut notes: BTreeMap<Seq, Note> = BTreeMap::new();
    for entry in entries {
        if let Some(target) = timeline::target(&entry.event) {
            timeline::note(notes.entry(target).or_default(), entry);
        }
    }
    notes
}

#[test]
fn a_page_says_what_became_of_its_entries() {
    let mut compared = 0;
    for seed in histories() {
        let world = history(seed);
        let snapshot = world.house.snapshot().unwrap();
        for (id, entries) in logs(&world) {
            let folded = notes(&entries);
            for console in &world.consoles {
                let who = snapshot.standing(console.member).unwrap().unwrap();
                let Some(seat) = snapshot.seat(&who, id).unwrap() else {
                    continue;
                };
                let page = seat.page(Want::After(Seq::ZERO), 100).unwrap();
                for (seq, bytes) in &page.entries {
                    assert!(*seq >= seat.terms().since && *seq <= seat.upto().seq);
                    assert_eq!(&Entry::decode(bytes).unwrap(), &entries[place(*seq)]);
                    let note = page
                        .notes
                        .iter()
                        .find(|(at, _)| at == seq)
                        .map(|(_, note)| note);
                    assert_eq!(note, folded.get(seq), "{seed}: {id} at {seq}");
                    compared += usize::from(note.is_some());
                }
            }
        }
    }
    assert!(compared > 5, "{compared} notes");
}

fn place(seq: Seq) -> usize {
    usize::try_from(seq.0).unwrap() - 1
}

#[test]
fn time_never_runs_backwards() {
    let disk = Disk::default();
    let world = World::on(1, disk.clone(), DAWN, Policy::None).unwrap();
    let Community {
        mut world, lobby, ..
    } = Community::in_world(world);
    let say = || example::examples(&example::strangers(DAWN)).remove(0).0;
    let mut last = Timestamp::EPOCH;
    let mut later = |world: &mut World, what: &str| {
        world.say(TOM, lobby, say(), &["Now"]).unwrap();
        let at = world.entries(lobby).last().unwrap().at;
        assert!(
            at >= last,
            "{what}: {} after {}",
            at.to_rfc3339(),
            last.to_rfc3339()
        );
        last = at;
    };
    later(&mut world, "first");
    world.pass(Span::hours(2));
    later(&mut world, "two hours later");
    world.clock.advance(Span::hours(-5));
    later(&mut world, "the clock was set back");
    let survivor = disk.survivor(Remains::Nothing, 0);
    let consoles = world.consoles;
    let mut world = World::on(1, survivor, DAWN, Policy::None).unwrap();
    world.consoles = consoles;
    world.log_in(TOM);
    later(&mut world, "started again with a clock that is behind");
    assert!(world.clock.now() < last);
}

/// Changes one value somewhere in a command.
fn mangle(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let key = map.keys().nth(dice.below(map.len())).unwrap().clone();
            if dice.in_hundred(8) {
                map.remove(&key);
            } else {
                mangle(&mut map[&key], dice);
            }
        }
        Value::Array(list) if !list.is_empty() && dice.in_hundred(70) => {
            let place = dice.below(list.len());
            if dice.in_hundred(30) {
                let again = list[place].clone();
                list.push(again);
            } else {
                mangle(&mut list[place], dice);
            }
        }
        Value::Number(_) => {
            let extremes: [Value; 7] = [
                0.into(),
                1.into(),
                2.into(),
                (-1).into(),
                u64::MAX.into(),
                i64::MAX.into(),
                i64::MIN.into(),
            ];
            *value = dice.pick(&extremes).clone();
        }
        Value::Bool(on) => *on = !*on,
        Value::String(text) if dice.in_hundred(50) => {
            text.pop();
        }
        other => {
            let any = [Value::Null, Value::Array(vec![]), "x".into(), true.into()];
            *other = dice.pick(&any).clone();
        }
    }
}

/// Commands that were mangled and still can be read are judged like any others: answered, and refused without a trace.
#[test]
fn whatever_can_be_read_is_answered() {
    let mut world = history(histories().start);
    let rooms: Vec<RoomId> = logs(&world).into_keys().collect();
    let mut dice = Dice::new(1);
    let mut judged = 0;
    for n in 0..4_000_u64 {
        let who = dice.below(world.consoles.len());
        let console = &world.consoles[dice.below(world.consoles.len())];
        let named = Named {
            member: console.member,
            from: world.consoles[who].member,
            device: console.device,
            org: console.org,
            room: *dice.pick(&rooms),
            entry: Seq(1 + dice.next() % 9),
            at: Seq(dice.next() % 4),
            now: world.clock.now(),
        };
        let (command, texts) = dice.pick(&example::examples(&named)).clone();
        let texts: Vec<SaltedText> = texts
            .iter()
            .map(|text| SaltedText {
                salt: Salt(Hash::plain(&n.to_be_bytes()).0),
                text: Text::parse(text).unwrap(),
            })
            .collect();
        let facts = Facts::write(&Worded::new(command, texts.clone()));
        let mut json: Value = serde_json::from_str(&facts).unwrap();
        mangle(&mut json["fact"], &mut dice);
        let facts = json.to_string();
        judged += usize::from(Command::read(&facts, texts.clone()).is_ok());
        let before = world.house.snapshot().unwrap().commit().unwrap();
        let work = Work::Command(Box::new(Submission {
            device: world.consoles[who].device,
            lane: example::spare_lane(u8::try_from(who).unwrap()),
            n: n + 1,
            room: *dice.pick(&rooms),
            facts,
            texts,
            signed: None,
        }));
        match world.now(work) {
            Done::Answer {
                outcome: Outcome::Refused(refusal),
                ..
            } => {
                assert!(!refusal.code.is_empty() && !refusal.words.is_empty());
                let now = world.house.snapshot().unwrap().commit().unwrap();
                assert_eq!(now, before, "{refusal:?} left a trace");
            }
            Done::Answer { .. } => {}
            other => panic!("a command was answered {other:?}"),
        }
    }
    assert!(judged > 900, "{judged} could be read");
    world.verify();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// No bytes make the border panic, whatever is refused says why, and whatever is read is written the same.
    #[test]
    fn the_border_survives_any_bytes(
        kind in 0_usize..50,
        cuts in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let all = example::examples(&example::strangers(DAWN));
        let (command, _) = all[kind % all.len()].clone();
        let mut bytes = Facts::write(&Worded::plain(command)).into_bytes();
        for (place, byte) in cuts {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let facts = String::from_utf8_lossy(&bytes);
        match Command::read(&facts, vec![]) {
            Ok(read) => {
                let again = Facts::write(&read);
                prop_assert_eq!(Command::read(&again, vec![]).unwrap(), read);
            }
            Err(rejection) => prop_assert!(!rejection.to_string().is_empty()),
        }
    }

    /// Nor does any entry.
    #[test]
    fn reading_an_entry_survives_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        // What can be read can be written: whatever else these bytes are, they are no panic.
        if let Ok(entry) = Entry::decode(&bytes) {
            prop_assert!(Entry::decode(&entry.encode()).is_ok());
        }
    }
}
