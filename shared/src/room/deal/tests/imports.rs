//! Deals that another system holds already: marked for everybody, with a reference for the host's own Side alone.

use super::world::{A, B, World, org, person};
use crate::{
    command::Command,
    entry::Seq,
    event::Event,
    id::{Hash, MemberId, RoomId},
    room::{
        State,
        deal::{self, Presence, side_of},
        inbox, side,
    },
};
use std::collections::BTreeSet;

const TEXTS: [&str; 4] = ["Line 4", "Globex", "imported; there: Negotiation", "006-77"];

fn import(of: u8, reference: &str) -> Command {
    Command::Inbox(inbox::Command::ImportDeal {
        presence: Presence::NotPresent,
        value: None,
        close: Some("2024-02-29".parse().unwrap()),
        people: BTreeSet::new(),
        problem: false,
        claim: side::reference_claim(org(of), side::Named::Deal, reference),
    })
}

fn opened(world: &mut World, lead: MemberId) -> RoomId {
    let entries = world
        .send(lead, RoomId::inbox(lead), import(A, "006-77"), &TEXTS)
        .unwrap();
    let deal = entries.iter().find_map(|entry| match &entry.event {
        Event::Inbox(inbox::Event::DealImported { deal, .. }) => Some(*deal),
        _ => None,
    });
    deal.unwrap()
}

fn referenced(world: &World, side: RoomId) -> Option<&str> {
    let State::Side(held) = &world.rooms[&side].room.state else {
        panic!("no Side");
    };
    held.reference
        .value
        .map(|reference| world.text(side, reference.text))
}

#[test]
fn the_reference_stands_in_the_hosts_side_and_nowhere_in_the_deal() {
    let mut world = World::new();
    let deal = opened(&mut world, person(A, 1));
    let side = side_of(deal, org(A));
    assert_eq!(referenced(&world, side), Some("006-77"));
    let kinds: Vec<&str> = world.rooms[&side]
        .log
        .iter()
        .map(|entry| entry.kind.as_str())
        .collect();
    assert_eq!(kinds, ["side.opened", "side.referenced"], "opened once");
    let state = world.deal(deal);
    let imported = state.imported.unwrap();
    assert_eq!(world.text(deal, imported), TEXTS[2]);
    assert_eq!(state.header.problem.value, None);
    let claim = side::reference_claim(org(A), side::Named::Deal, "006-77").to_string();
    for entry in &world.rooms[&deal].log {
        let bytes = String::from_utf8(entry.encode()).unwrap();
        assert!(
            !bytes.contains("006-77") && !bytes.contains(&claim),
            "{bytes}"
        );
    }
    world.folds(deal);
}

#[test]
fn an_imported_deal_may_be_past_its_day_and_another_may_not() {
    let mut world = World::new();
    let lead = person(A, 1);
    let deal = opened(&mut world, lead);
    let close = deal::Command::TargetClose {
        close: "2024-03-01".parse().unwrap(),
        at: Seq(1),
    };
    world.send(lead, deal, Command::Deal(close), &[]).unwrap();
    let day = world.deal(deal).header.close.value;
    assert_eq!(day, Some("2024-03-01".parse().unwrap()));
}

#[test]
fn only_leads_import_and_only_under_their_own_organisations_claim() {
    let mut world = World::new();
    let mut refused = |member: MemberId, command: Command| {
        let sent = world.send(member, RoomId::inbox(member), command, &TEXTS);
        sent.unwrap_err().code()
    };
    assert_eq!(refused(person(A, 2), import(A, "006-77")), "role.other");
    assert_eq!(refused(person(A, 1), import(B, "006-77")), "value");
    assert_eq!(refused(person(A, 1), import(A, "006-78")), "value");
}

#[test]
fn a_reference_is_replaced_by_whoever_saw_it_and_taken_away() {
    let mut world = World::new();
    let lead = person(A, 1);
    let deal = opened(&mut world, lead);
    let side = side_of(deal, org(A));
    let set = |reference: Option<&str>, at: u64| {
        let claim = |text: &str| side::reference_claim(org(A), side::Named::Deal, text);
        Command::Side(side::Command::Reference {
            claim: reference.map(claim),
            at: Seq(at),
        })
    };
    let code = |world: &mut World, command: Command, texts: &[&str]| {
        let sent = world.send(lead, side, command, texts);
        sent.map_or_else(|rejection| rejection.code(), |_| "yes")
    };
    assert_eq!(code(&mut world, set(Some("X"), 1), &["X"]), "stale");
    assert_eq!(
        code(&mut world, set(Some("006-77"), 2), &["006-77"]),
        "already"
    );
    assert_eq!(code(&mut world, set(Some("X"), 2), &["Y"]), "value");
    assert_eq!(code(&mut world, set(Some("X"), 2), &["X"]), "yes");
    assert_eq!(referenced(&world, side), Some("X"));
    assert_eq!(code(&mut world, set(None, 3), &[]), "yes");
    assert_eq!(referenced(&world, side), None);
    assert_eq!(code(&mut world, set(None, 4), &[]), "already");
    let of = |named| side::reference_claim(org(A), named, "X");
    assert_ne!(of(side::Named::Deal), of(side::Named::Referral));
    assert_ne!(of(side::Named::Deal), Hash::ZERO);
}
