//! A seat in a deal goes to a colleague: with the tasks, the answers that are waited for, and the history of the party.

use super::world::{A, B, C, World, date, org, person};
use crate::{
    ask::{Address, Ask},
    id::{MemberId, RoomId},
    room::{
        HandOver,
        deal::{Assignment, Command, Presence},
        inbox::What,
    },
    standing::Role,
    time::Span,
};

fn hand_over(world: &mut World, room: RoomId, of: u8, from: MemberId, to: MemberId) {
    let org = org(of);
    let ask = Ask::HandOver(HandOver { org, from, to });
    world.ask(Address::Room(room), ask);
}

fn task(world: &mut World, room: RoomId, member: MemberId) {
    let to = Assignment {
        owner: org(B),
        member: Some(member),
        due: date("2026-05-20"),
    };
    world
        .send(person(A, 1), room, Command::AddTask { to }, &["Call them"])
        .unwrap();
}

#[test]
fn seat_tasks_and_history_are_the_colleagues_and_the_other_has_nothing_left() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[2]);
    world.join(room, B, false);
    let (had, has) = (person(B, 1), person(B, 0));
    task(&mut world, room, had);
    task(&mut world, room, person(B, 2));
    let since = world.terms(had, room).unwrap().since;
    hand_over(&mut world, room, B, had, has);
    let terms = world.terms(has, room).unwrap();
    assert_eq!((terms.role, terms.since), (Role::Lead, since));
    assert_eq!(world.terms(had, room), None);
    let deal = world.deal(room);
    let whose: Vec<_> = deal.tasks.open().map(|(_, task)| task.to.member).collect();
    assert_eq!(whose, [Some(has), Some(person(B, 2))]);
    let told = world.needs(has);
    assert!(told.contains(&What::HandedOver) && told.contains(&What::TaskAssigned));
    let left = world.needs(had);
    assert!(left.contains(&What::HandedOn) && !left.contains(&What::TaskAssigned));
    let before = world.rooms[&room].log.len();
    hand_over(&mut world, room, B, had, has);
    assert_eq!(
        world.rooms[&room].log.len(),
        before,
        "asked again, nothing is left"
    );
    world.folds(room);
}

#[test]
fn the_answer_to_an_invitation_finds_whoever_is_in_charge_by_then() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[0, 2]);
    world.invite(room, C, true);
    hand_over(&mut world, room, A, person(A, 1), person(A, 0));
    world.wait(Span::days(20));
    world.clocks(room);
    assert!(
        world
            .needs(person(A, 0))
            .contains(&What::InvitationAnswered)
    );
    assert!(
        !world
            .needs(person(A, 1))
            .contains(&What::InvitationAnswered)
    );
}

#[test]
fn nobody_is_seated_for_a_party_they_are_not_of_nor_for_one_that_went() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[2]);
    world.join(room, B, true);
    let before = world.rooms[&room].log.len();
    hand_over(&mut world, room, A, person(B, 1), person(A, 0));
    hand_over(&mut world, room, C, person(C, 1), person(C, 0));
    hand_over(&mut world, room, A, person(A, 3), person(A, 0));
    assert_eq!(world.rooms[&room].log.len(), before);
    world
        .send(person(B, 1), room, Command::Withdraw {}, &[])
        .unwrap();
    let after = world.rooms[&room].log.len();
    hand_over(&mut world, room, B, person(B, 1), person(B, 0));
    assert_eq!(world.rooms[&room].log.len(), after);
}

#[test]
fn a_stopped_deal_does_not_keep_somebody_who_goes() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[2]);
    world
        .send(person(A, 1), room, Command::Freeze {}, &["We wait"])
        .unwrap();
    hand_over(&mut world, room, A, person(A, 1), person(A, 2));
    assert_eq!(world.terms(person(A, 2), room).unwrap().role, Role::Lead);
}
