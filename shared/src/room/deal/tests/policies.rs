//! What a server may demand before a step of a deal, refused in words that name the agreement and how to record it.

use super::world::{A, B, C, World, invitation_of, org, person};
use crate::{
    ask::{Address, Ask},
    entry::{Author, Seq},
    id::RoomId,
    money::Money,
    rejection::Rejection,
    room::{
        Policy,
        deal::{self, Command, Presence},
    },
    standing::{AgreementKind, Tie},
};
use std::collections::BTreeSet;

fn agree(world: &mut World, one: u8, other: u8, kinds: &[AgreementKind]) {
    let relation = RoomId::relation(org(one), org(other));
    let agreements: BTreeSet<_> = kinds.iter().copied().collect();
    let tie = Tie {
        relation,
        agreements,
    };
    world.ties.insert(relation, tie);
}

/// What is in force between two changes, and their Relation has the deals look.
fn tell(world: &mut World, with: (u8, u8), kinds: &[AgreementKind]) {
    agree(world, with.0, with.1, kinds);
    let of = [org(with.0), org(with.1)];
    let look = deal::Ask::Tie { with: of };
    world.ask(Address::Deals { of }, Ask::Deal(Box::new(look)));
}

fn value(world: &World, room: RoomId) -> Command {
    Command::Value {
        value: Money::parse("EUR 48,000").unwrap(),
        at: world.deal(room).header.value.at,
    }
}

const ALL: &[AgreementKind] = &[AgreementKind::Nda, AgreementKind::Cosell];

#[test]
fn an_invitation_may_need_an_agreement_with_the_host() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.policy = Policy::NdaForDeal;
    let lead = person(A, 1);
    for kinds in [None, Some(&[][..]), Some(&[AgreementKind::Cosell])] {
        if let Some(kinds) = kinds {
            agree(&mut world, A, B, kinds);
        }
        let refused = world
            .send(lead, room, invitation_of(B, true), &["Come"])
            .unwrap_err();
        assert_eq!(refused.code(), "agreement.missing");
        let words = refused.to_string();
        assert!(
            words.contains("nda with the organisation that you invite"),
            "{words}"
        );
        assert!(words.contains("rialto agreement record nda"), "{words}");
    }
    agree(&mut world, A, B, ALL);
    world.join(room, B, true);
    assert!(world.deal(room).parties[&org(B)].nda);

    // Another party's own tie with the invited organisation is not the host's.
    agree(&mut world, B, C, ALL);
    let at = world.deal(room).parties[&org(B)].can_at;
    let allow = Command::Allow {
        org: org(B),
        can: deal::Can::ALL,
        at,
    };
    world.send(lead, room, allow, &[]).unwrap();
    let refused = world.send(person(B, 1), room, invitation_of(C, true), &["Come"]);
    assert!(matches!(refused, Err(Rejection::Only(_))));
}

#[test]
fn an_agreement_that_ended_meanwhile_keeps_the_invited_outside() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.policy = Policy::NdaForDeal;
    agree(&mut world, A, B, ALL);
    let invitation = world.invite(room, B, true);
    tell(&mut world, (B, A), &[]);
    let accept = Command::AcceptInvitation {
        invitation,
        people: BTreeSet::new(),
    };
    let refused = world
        .send(person(B, 1), room, accept.clone(), &[])
        .unwrap_err();
    assert!(
        refused.to_string().contains("cannot be answered now"),
        "{refused}"
    );
    tell(&mut world, (A, B), ALL);
    world.send(person(B, 1), room, accept, &[]).unwrap();
}

#[test]
fn a_value_may_need_an_agreement_with_every_party() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.policy = Policy::NdaForValue;
    world.join(room, B, true);
    agree(&mut world, A, C, ALL);
    world.join(room, C, true);
    let lead = person(A, 1);
    let set = value(&world, room);
    let refused = world.send(lead, room, set.clone(), &[]).unwrap_err();
    assert_eq!(refused.code(), "agreement.missing");
    assert!(refused.to_string().contains("every party"), "{refused}");
    tell(&mut world, (B, C), ALL);
    let refused = world.send(lead, room, set.clone(), &[]).unwrap_err();
    assert_eq!(refused.code(), "agreement.missing", "two others' agreement");
    let before = world.rooms[&room].log.len();
    tell(&mut world, (B, A), ALL);
    tell(&mut world, (B, A), ALL);
    assert_eq!(
        world.rooms[&room].log.len(),
        before + 1,
        "told twice, noted once"
    );
    world.send(lead, room, set, &[]).unwrap();
    tell(&mut world, (A, B), &[AgreementKind::Cosell]);
    let again = value(&world, room);
    let refused = world.send(lead, room, again, &[]).unwrap_err();
    assert_eq!(refused.code(), "agreement.missing", "it ended");
    world.folds(room);
}

#[test]
fn coming_in_shows_the_value_and_needs_the_agreement_too() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.policy = Policy::NdaForValue;
    let lead = person(A, 1);
    world.invite(room, B, true);
    let set = value(&world, room);
    let refused = world.send(lead, room, set.clone(), &[]).unwrap_err();
    assert_eq!(refused.code(), "agreement.missing", "B is on its way in");
    // The tie changed, and this deal was not told yet.
    agree(&mut world, A, B, ALL);
    let recheck = Command::Recheck { org: org(B) };
    world.send(lead, room, recheck.clone(), &[]).unwrap();
    let again = world.send(lead, room, recheck, &[]).unwrap_err();
    assert_eq!(again.code(), "already");
    world.send(lead, room, set, &[]).unwrap();
    let refused = world
        .send(lead, room, invitation_of(C, true), &["Come"])
        .unwrap_err();
    assert_eq!(refused.code(), "agreement.missing");
    let negative = Command::Value {
        value: Money::parse("EUR -1").unwrap(),
        at: world.deal(room).header.value.at,
    };
    let refused = world.send(lead, room, negative, &[]).unwrap_err();
    assert_eq!(refused.field(), "value");
    assert_eq!(world.deal(room).header.next_step.at, Seq::ZERO);
}

#[test]
fn without_a_policy_nothing_is_demanded() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.join(room, B, true);
    let set = value(&world, room);
    world.send(person(A, 1), room, set, &[]).unwrap();
    world.join(room, C, true);
    assert!(!world.deal(room).parties[&org(C)].nda);
}

/// Whoever comes in by a party's invitation, or by a referral: the deal knows from then on what is in force.
#[test]
fn a_deal_looks_at_what_is_in_force_when_somebody_is_asked_in() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.join(room, B, true);
    agree(&mut world, A, C, ALL);
    let at = world.deal(room).parties[&org(B)].can_at;
    let allow = Command::Allow {
        org: org(B),
        can: deal::Can::ALL,
        at,
    };
    world.send(person(A, 1), room, allow, &[]).unwrap();
    // The case of a party's Lead holds their own tie with the invited one; the deal looks at its host's.
    world
        .send(person(B, 1), room, invitation_of(C, true), &["Come"])
        .unwrap();
    assert!(world.deal(room).invitations[&org(C)].nda);
    let last = world.rooms[&room].log.last().unwrap();
    assert_eq!(
        (last.kind.as_str(), last.author),
        ("deal.agreed", Author::Rule)
    );
    world.folds(room);
}

#[test]
fn a_deal_rests_on_the_ties_of_its_host_with_whoever_is_in_it_or_asked_in() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    let bound = |world: &World| world.deal(room).bound().collect::<BTreeSet<_>>();
    assert_eq!(bound(&world), BTreeSet::new());
    world.join(room, B, true);
    world.invite(room, C, true);
    assert_eq!(bound(&world), BTreeSet::from([org(B), org(C)]));
    let cancel = Command::CancelInvitation { org: org(C) };
    world.send(person(A, 1), room, cancel, &[]).unwrap();
    assert_eq!(bound(&world), BTreeSet::from([org(B)]));
    let told = world.rooms[&room].log.len();
    tell(&mut world, (A, C), ALL);
    assert_eq!(
        world.rooms[&room].log.len(),
        told,
        "C is not in it any more"
    );
    tell(&mut world, (A, B), ALL);
    assert_eq!(world.rooms[&room].log.len(), told + 1);
    world.invite(room, C, true);
    world
        .send(person(A, 1), room, Command::Win {}, &[])
        .unwrap();
    assert_eq!(
        bound(&world),
        BTreeSet::new(),
        "what ended rests on nothing"
    );
}
