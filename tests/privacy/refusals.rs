//! What is not for somebody is refused as what is not there: any command and any question of the observer's, sent to a
//! room that there is and to one that there is not, in a world with what happened elsewhere and in the one without.

use super::{Batches, Story, story, worlds};
use crate::world::{
    Dice, World, chance,
    example::{self, Named},
};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::RoomId,
    protocol::{Up, Want},
    room::{State, inbox},
};

/// Rounds in one world.
const ROUNDS: u64 = 40;

/// A room of the same kind that never was.
fn absent(world: &World, room: RoomId, round: u64) -> RoomId {
    let bits = chance(world.seed, "never", round);
    RoomId::new(room.kind(), *bits.0.first_chunk().expect("32 bytes"))
}

/// What these frames are answered, without the name of the room.
fn answered(world: &mut World, who: usize, room: RoomId, ups: &[Up]) -> Vec<String> {
    let mark = world.consoles[who].heard.len();
    for up in ups {
        world.up(who, up);
        world.settle();
    }
    let heard = world.consoles[who].heard[mark..].iter();
    heard
        .map(|frame| frame.replace(&room.to_string(), "(room)"))
        .collect()
}

/// What is asked of a room that one is not in.
fn questions(room: RoomId, dice: &mut Dice) -> Vec<Up> {
    let (id, seq) = (7, Seq(dice.next() % 5));
    let want = *dice.pick(&[
        Want::Before(seq),
        Want::After(seq),
        Want::Around(seq),
        Want::Thread(seq),
    ]);
    vec![
        Up::Watch { room, cursor: None },
        Up::Page {
            id,
            room,
            want,
            limit: 10,
        },
        Up::Typing { room },
        Up::Seen { room, seq },
        Up::Unwatch { room },
    ]
}

/// Asks round after round, and gives all that was answered; each answer about what is there is the one about what is not.
fn asks(story: &Story, world: &mut World) -> Vec<String> {
    let who = story.observer;
    if world.consoles[who].session.is_none() {
        world.log_in(who);
    }
    let mut told = vec![];
    if world.consoles[who].session.is_none() {
        return told;
    }
    let unseen = story.oracle.rooms.keys();
    let unseen: Vec<RoomId> = unseen
        .copied()
        .filter(|room| !story.oracle.seen.contains(room))
        .collect();
    let mut dice = Dice::new(story.seed);
    for round in 0..ROUNDS {
        let there = *dice.pick(&unseen);
        let gone = absent(world, there, round);
        let other = dice.below(world.consoles.len());
        let named = Named {
            member: world.consoles[other].member,
            from: world.consoles[0].member,
            device: world.consoles[other].device,
            org: world.consoles[other].org,
            room: *dice.pick(&unseen),
            entry: Seq(1 + dice.next() % 6),
            at: Seq(dice.next() % 3),
            now: rialto_server::clock::Clock::now(&world.clock),
        };
        let (command, texts) = dice.pick(&example::examples(&named)).clone();
        let context = format!("RIALTO_SEED={}, {} in {there}", story.seed, command.kind());
        let [one, two] = [there, gone].map(|room| {
            let refusal = world.say(who, room, command.clone(), &texts);
            serde_json::to_string(&refusal.expect_err(&context)).unwrap()
        });
        assert_eq!(one, two, "{context}");
        told.push(one);
        // A room named in a command to a room that one is in.
        let home = RoomId::inbox(world.consoles[who].member);
        if let State::Inbox(inbox) = world.room(home).state {
            // An id that is kept is kept, whatever it is the id of.
            if inbox.bookmarks.contains(&there) {
                continue;
            }
        }
        let [one, two] = [there, gone].map(|room| {
            let join = Command::Inbox(inbox::Command::Join { room });
            let joined = world
                .say(who, home, join, &[])
                .map(|(from, to)| to.0 - from.0);
            let leave = Command::Inbox(inbox::Command::Leave { room });
            let left = world
                .say(who, home, leave, &[])
                .map(|(from, to)| to.0 - from.0);
            format!("{joined:?} {left:?}")
        });
        assert_eq!(one, two, "{context}, named");
        told.push(one);
        let asked = questions(there, &mut dice.clone());
        let one = answered(world, who, there, &asked);
        let asked = questions(gone, &mut dice.clone());
        let two = answered(world, who, gone, &asked);
        assert_eq!(one, two, "{context}, asked");
        told.extend(one);
    }
    told
}

#[test]
fn what_is_not_for_me_is_refused_as_what_is_not_there() {
    let mut told = 0;
    for seed in worlds().step_by(3) {
        let story = story(seed);
        let [with, without] = [true, false].map(|all| {
            let mut world = story.world(all, Batches::Alone, None);
            asks(&story, &mut world)
        });
        assert_eq!(with, without, "RIALTO_SEED={seed}");
        told += with.len();
    }
    assert!(told > 500, "{told} answers are too few");
}
