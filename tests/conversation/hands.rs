//! Somebody with more in hand than one commit hands over: the rest follows, also where the server was cut off in between,
//! and nothing goes over twice.

use crate::{
    crash::disk::{Disk, Remains},
    world::{Community, Console, DAWN, MEI, TOM, VIK, World},
};
use rialto_server::{clock::Clock as _, ledger::writer::Work};
use rialto_shared::{
    command::Command,
    entry::Entry,
    event::Event,
    id::{MemberId, RoomId, RoomKind},
    limits,
    room::{Policy, State, deal, inbox, org, side},
};
use std::collections::BTreeSet;

fn deals(world: &World) -> BTreeSet<RoomId> {
    let log = world.log();
    let rooms = log.iter().map(|entry| entry.room);
    rooms.filter(|room| room.kind() == RoomKind::Deal).collect()
}

fn held_by(world: &World, member: MemberId) -> usize {
    let has = |room: &RoomId| match world.room(*room).state {
        State::Deal(deal) => deal
            .active()
            .any(|(_, party)| party.people.contains_key(&member)),
        _ => false,
    };
    deals(world).iter().filter(|room| has(room)).count()
}

fn handed_over(world: &World) -> Vec<Entry> {
    let log = world.log();
    let said = |entry: &&Entry| matches!(entry.event, Event::Deal(deal::Event::HandedOver { .. }));
    log.iter().filter(said).cloned().collect()
}

#[test]
fn what_is_too_much_for_one_commit_goes_over_in_the_next_ones_and_nothing_twice() {
    let disk = Disk::default();
    let world = World::on(1, disk.clone(), DAWN, Policy::None).unwrap();
    let Community {
        mut world, orgs, ..
    } = Community::in_world(world);
    let (vik, mei) = (world.consoles[VIK].member, world.consoles[MEI].member);
    let many = 2 * limits::HANDED_OVER_MAX + 5;
    for _ in 0..many {
        let open = Command::Inbox(inbox::Command::OpenDeal {
            presence: deal::Presence::NotPresent,
            value: None,
            close: None,
            people: BTreeSet::from([vik]),
        });
        let home = RoomId::inbox(world.consoles[TOM].member);
        let texts = ["Line 4", "Globex", "They cannot see it."];
        world.say(TOM, home, open, &texts).unwrap();
    }
    let hand_over = Command::Org(org::Command::HandOver { from: vik, to: mei });
    let office = RoomId::org(orgs[0]);
    world.say(TOM, office, hand_over.clone(), &[]).unwrap();
    assert_eq!(
        held_by(&world, vik),
        many,
        "Sides come first, and they are many"
    );
    let reached = world
        .log()
        .iter()
        .filter(|entry| matches!(entry.event, Event::Side(side::Event::HandedOver { .. })))
        .count();
    assert_eq!(reached, limits::HANDED_OVER_MAX, "what one commit reaches");

    // The server is cut off, and starts on what is left of its file.
    let disk = disk.survivor(Remains::Nothing, 0);
    let mut again = World::on(1, disk, world.clock.now(), Policy::None).unwrap();
    again.consoles = world.consoles.iter().map(Console::twin).collect();
    for _ in 0..many {
        again.now(Work::Tick);
    }
    assert_eq!(held_by(&again, vik), 0);
    assert_eq!(held_by(&again, mei), many);
    let said = handed_over(&again);
    let rooms: BTreeSet<RoomId> = said.iter().map(|entry| entry.room).collect();
    assert_eq!((said.len(), rooms.len()), (many, many), "each once");
    let tom = again.consoles[TOM].member;
    for entry in &said {
        assert_eq!(entry.author.member(), Some(tom), "whoever asked for it");
        assert!(entry.statement.is_some(), "and signed it");
    }
    again.log_in(TOM);
    again.say(TOM, office, hand_over, &[]).unwrap();
    assert_eq!(handed_over(&again).len(), many);
    again.verify();
}
