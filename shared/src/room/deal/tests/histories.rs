//! Random histories over every command of a deal: whatever is sent, by whomever, what a deal promises holds.

use super::commands::{Step, command, member, sender, step};
use super::world::{A, B, C, V, World, org};
use crate::{
    audience::{Grant, Principal},
    command,
    id::{MemberId, RoomId},
    limits,
    rejection::Rejection,
    room::{
        Policy,
        deal::{PartyStatus, Presence, TaskState, Verb},
        talk,
    },
    standing::{AgreementKind, Role, Tie},
    time::Span,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use strum::VariantArray as _;

/// What holds in every deal at every moment.
fn promises(world: &World, room: RoomId) {
    let (kept, deal) = (&world.rooms[&room], world.deal(room));
    let active: Vec<_> = deal.active().collect();
    assert!(active.len() + deal.invitations.len() <= limits::DEAL_PARTIES_MAX);
    assert!(deal.party(deal.host).is_some(), "the host stays");
    let mut seated = BTreeSet::new();
    for (org, party) in &deal.parties {
        assert_eq!(party.people.is_empty(), party.status != PartyStatus::Active);
        assert!(party.people.len() <= limits::DEAL_PEOPLE_MAX);
        if party.status == PartyStatus::Active {
            let leads = party.people.values().filter(|role| **role >= Role::Lead);
            assert!(leads.count() > 0, "a party has a lead");
            assert!(!deal.invitations.contains_key(org));
        }
        seated.extend(party.people.keys().copied());
    }
    seated.extend(deal.called.keys().copied());
    let roster: BTreeSet<MemberId> = kept
        .room
        .audience
        .roster()
        .map(|principal| match principal {
            Principal::Member(id) => id,
            Principal::Org(org) => panic!("{org} as a whole sits in a deal"),
        })
        .collect();
    assert_eq!(
        roster, seated,
        "the seats are those of the parties and the called"
    );
    let rules = kept.room.audience.grants.iter();
    let by_rule = rules
        .filter(|grant| matches!(grant, Grant::Rule { .. }))
        .count();
    let in_room = deal.presence.value == Some(Presence::InRoom);
    assert_eq!(by_rule, usize::from(in_room));
    assert!(deal.called.is_empty() || deal.presence.value != Some(Presence::NotPresent));
    for task in deal.tasks.list.values() {
        let open = task.state == TaskState::Open;
        let owner = deal.party(task.to.owner);
        assert!(!open || owner.is_some(), "nobody's task");
        if let (true, Some(member)) = (open, task.to.member) {
            let known = owner.is_some_and(|party| party.people.contains_key(&member));
            assert!(known, "the task of somebody who is gone");
        }
    }
    for at in kept.room.standing_texts() {
        assert!(kept.texts.get(at).is_some(), "a text that stands is there");
    }
    if deal.end.is_some() {
        assert_eq!(deal.due(), None);
        assert!(deal.invitations.is_empty() && deal.proposal.is_none());
    }
}

/// Sends what a step says; now and then an agreement begins or ends before. Deals end seldom, else they would all end early.
fn run(
    world: &mut World,
    room: RoomId,
    step: &Step,
) -> (MemberId, Result<Option<Verb>, Rejection>) {
    if step.pick.is_multiple_of(16) {
        let relation = RoomId::relation(org(A), org(C));
        let agreements = BTreeSet::from([AgreementKind::Nda]);
        if world.ties.remove(&relation).is_none() {
            world.ties.insert(
                relation,
                Tie {
                    relation,
                    agreements,
                },
            );
        }
    }
    let ends = matches!(step.verb, Some(Verb::Win | Verb::Lose | Verb::Freeze));
    let Some(verb) = step.verb.filter(|_| !ends || step.pick % 8 == 1) else {
        let who = member(world, step.who);
        let (thread, mentions) = (None, BTreeSet::new());
        let say = talk::Command::Say { thread, mentions };
        return (who, world.send(who, room, say, &["Words"]).map(|_| None));
    };
    let who = sender(world, room, verb, step);
    let command = command::Command::Deal(command(world, room, verb, step, who));
    let texts = vec!["Words"; command.slots().len()];
    let sent = world.send(who, room, command, &texts);
    (who, sent.map(|_| Some(verb)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn whatever_is_sent_a_deal_keeps_its_promises(
        policy in prop::sample::select(vec![Policy::None, Policy::NdaForValue, Policy::NdaForDeal]),
        presence in prop::sample::select(Presence::VARIANTS),
        joined in prop::bool::ANY,
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut world = World::new();
        let relation = RoomId::relation(org(A), org(B));
        let agreements = BTreeSet::from([AgreementKind::Nda]);
        world.ties.insert(relation, Tie { relation, agreements });
        let room = world.open(presence, &[0, 2, 3]);
        if joined {
            world.join(room, B, false);
        }
        world.policy = policy;
        for step in &steps {
            world.wait(Span::hours(step.hours));
            world.clocks(room);
            let admitted: BTreeSet<MemberId> = world
                .members
                .keys()
                .copied()
                .filter(|id| {
                    let invited = world.deal(room).invites(&world.standing(*id));
                    invited || world.terms(*id, room).is_some()
                })
                .collect();
            let (before, ended) = (world.rooms[&room].room.clone(), world.deal(room).end);
            let (who, sent) = run(&mut world, room, step);
            if let Err(refused) = &sent {
                prop_assert_eq!(&before, &world.rooms[&room].room, "a refusal leaves no trace");
                let outside = !admitted.contains(&who);
                prop_assert!(!outside || *refused == Rejection::NoSuchRoom);
            } else {
                prop_assert!(admitted.contains(&who), "nobody acts from outside");
                prop_assert!(before.head.seq < world.rooms[&room].room.head.seq);
            }
            if ended.is_some() {
                prop_assert_eq!(world.deal(room).end, ended, "an end is for ever");
            }
            promises(&world, room);
        }
        world.wait(Span::days(3_000));
        world.clocks(room);
        prop_assert_eq!(world.deal(room).due(), None, "every clock fires, once");
        promises(&world, room);
        world.folds(room);
        for of in [A, B, C, V] {
            world.folds(RoomId::org(org(of)));
        }
    }
}

#[test]
fn random_histories_get_to_every_command() {
    use proptest::{strategy::ValueTree as _, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let mut accepted = BTreeSet::new();
    for _ in 0..100 {
        let steps = prop::collection::vec(step(), 80)
            .new_tree(&mut runner)
            .unwrap();
        let mut world = World::new();
        let room = world.open(Presence::OnCall, &[0, 2, 3]);
        world.join(room, C, false);
        for step in steps.current() {
            world.wait(Span::hours(step.hours));
            let (_, sent) = run(&mut world, room, &step);
            let name: Option<&'static str> = sent.ok().flatten().map(Into::into);
            accepted.extend(name);
        }
    }
    let all: BTreeSet<&'static str> = Verb::VARIANTS.iter().map(Into::into).collect();
    assert_eq!(accepted, all);
}
