//! How deals stop, how parties go, and how deals end.

use super::world::{
    A, B, C, V, World, asked, date, invitation_of, move_to, org, person, root, say,
};
use crate::{
    ask::{Address, Ask},
    entry::SaltedText,
    id::{MemberId, RoomId, RoomKind, Salt},
    rejection::Rejection,
    room::{
        deal::{Assignment, Command, LostReason, Outcome, PartyStatus, Presence, Stage, side_of},
        inbox::What,
        referral, side,
    },
    standing::{MemberCard, Role, Status},
    text::Text,
};
use std::collections::BTreeSet;

#[test]
fn a_frozen_deal_talks_leaves_and_is_unfrozen_and_does_nothing_else() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[2]);
    world.join(room, B, true);
    let refused = world.send(person(B, 1), room, Command::Freeze {}, &["Stop"]);
    assert!(matches!(refused, Err(Rejection::Only(_))));
    world
        .send(
            person(A, 1),
            room,
            Command::Freeze {},
            &["Two of us claim it"],
        )
        .unwrap();
    let freeze = world.deal(room).frozen.unwrap();
    assert_eq!(world.text(room, freeze.reason), "Two of us claim it");
    let step = move_to(&world, room, Stage::Qualified);
    for command in [step, Command::Win {}, Command::RemoveParty { org: org(B) }] {
        let refused = world.send(person(A, 1), room, command, &[]).unwrap_err();
        assert!(refused.to_string().contains("frozen"), "{refused}");
    }
    world
        .send(person(B, 2), room, say(), &["Let us talk"])
        .unwrap();
    world
        .send(person(B, 2), room, Command::Leave {}, &[])
        .unwrap();
    world
        .send(person(B, 1), room, Command::Withdraw {}, &[])
        .unwrap();
    world
        .send(person(A, 1), room, Command::Unfreeze {}, &[])
        .unwrap();
    let step = move_to(&world, room, Stage::Qualified);
    world.send(person(A, 1), room, step, &[]).unwrap();
    world.folds(room);
}

#[test]
fn a_removed_party_loses_its_seats_and_keeps_its_proof() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.join(room, B, true);
    let add = Command::AddTask {
        to: Assignment {
            owner: org(B),
            member: Some(person(B, 2)),
            due: date("2026-06-01"),
        },
    };
    let task = world.send(person(A, 1), room, add, &["Plan"]).unwrap()[0].seq;
    let remove = |of| Command::RemoveParty { org: org(of) };
    let refused = world.send(person(B, 1), room, remove(A), &[]);
    assert!(matches!(refused, Err(Rejection::Only(_))));
    let refused = world.send(person(A, 1), room, remove(A), &[]);
    assert!(
        matches!(refused, Err(Rejection::State(_))),
        "the host stays"
    );
    let entry = world
        .send(person(A, 1), room, remove(B), &[])
        .unwrap()
        .remove(0);
    for i in 1..3 {
        assert_eq!(world.terms(person(B, i), room), None);
        assert!(world.needs(person(B, i)).contains(&What::Unseated));
    }
    let copy = String::from_utf8(entry.erased().encode()).unwrap();
    let keep = Ask::Side(Box::new(side::Ask::Keep { entry: copy }));
    assert_eq!(asked(&world, side_of(room, org(B))), [&keep]);
    let deal = world.deal(room);
    assert_eq!(deal.parties[&org(B)].status, PartyStatus::Removed);
    assert_eq!(
        deal.parties[&org(B)].root,
        root(B),
        "what it signed stays provable"
    );
    let to = deal.tasks.list[&task].to;
    assert_eq!((to.owner, to.member), (org(A), None));
    let refused = world.send(person(B, 1), room, say(), &["But"]);
    assert_eq!(refused, Err(Rejection::NoSuchRoom));
    let step = move_to(&world, room, Stage::Qualified);
    world.send(person(A, 1), room, step, &[]).unwrap();
    assert!(
        asked(&world, side_of(room, org(B))).is_empty(),
        "no longer its deal"
    );
    world.join(room, B, false);
    assert!(world.deal(room).party(org(B)).is_some());
    world.folds(room);
}

#[test]
fn a_party_is_never_without_a_lead() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[2]);
    let lead = person(A, 1);
    let add = |i, role| Command::AddPeople {
        people: BTreeSet::from([person(A, i)]),
        role,
    };
    let refused = world.send(lead, room, Command::Leave {}, &[]);
    assert!(matches!(refused, Err(Rejection::State(_))));
    let refused = world.send(lead, room, add(1, Role::Rep), &[]);
    assert!(matches!(refused, Err(Rejection::State(_))));
    let refused = world
        .send(lead, room, add(2, Role::Admin), &[])
        .unwrap_err();
    assert_eq!(refused.field(), "role");
    let strangers = Command::AddPeople {
        people: BTreeSet::from([person(B, 1)]),
        role: Role::Rep,
    };
    let refused = world.send(lead, room, strangers, &[]).unwrap_err();
    assert_eq!(refused.code(), "thing.absent");
    world.send(lead, room, add(2, Role::Lead), &[]).unwrap();
    world.send(lead, room, Command::Leave {}, &[]).unwrap();
    assert_eq!(world.terms(lead, room), None);
    let refused = world.send(person(A, 2), room, Command::Withdraw {}, &[]);
    assert!(
        matches!(refused, Err(Rejection::State(_))),
        "the host stays"
    );
    let remove = Command::RemovePeople {
        people: BTreeSet::from([person(A, 2)]),
    };
    let refused = world.send(person(A, 2), room, remove, &[]);
    assert!(matches!(refused, Err(Rejection::State(_))));
}

fn converted(world: &mut World, people: &[(MemberId, u8)]) -> (RoomId, RoomId) {
    let room = RoomId::new(RoomKind::Deal, [7; 16]);
    let origin = RoomId::new(RoomKind::Referral, [8; 16]);
    let text = |text: &str, n| SaltedText {
        salt: Salt([n; 32]),
        text: Text::parse(text).unwrap(),
    };
    let open = crate::room::deal::Ask::Open {
        host: (org(B), root(B)),
        parties: vec![(org(A), root(A))],
        people: people.iter().map(|(id, of)| (*id, org(*of))).collect(),
        title: text("Sensors", 1),
        customer: text("Contoso", 2),
        origin: Some(origin),
        presence: Presence::NotPresent,
    };
    let (to, open) = (Address::Room(room), Ask::Deal(Box::new(open)));
    world.ask(to, open.clone());
    let once = world.rooms.get(&room).map(|kept| kept.log.len());
    world.ask(to, open);
    let twice = world.rooms.get(&room).map(|kept| kept.log.len());
    assert_eq!(once, twice, "asked again it yields nothing");
    (room, origin)
}

#[test]
fn a_converted_referral_hears_how_its_deal_ended() {
    for (end, told) in [
        (Command::Win {}, referral::Outcome::Won),
        (
            Command::Lose {
                reason: LostReason::Price,
            },
            referral::Outcome::Lost,
        ),
        (
            Command::Lose {
                reason: LostReason::NoOpportunity,
            },
            referral::Outcome::NoValue,
        ),
    ] {
        let mut world = World::new();
        let people = [(person(B, 1), B), (person(B, 2), B), (person(A, 2), A)];
        let (room, origin) = converted(&mut world, &people);
        let deal = world.deal(room);
        assert_eq!((deal.host, deal.origin), (org(B), Some(origin)));
        assert_eq!(world.terms(person(A, 2), room).unwrap().role, Role::Lead);
        world
            .send(person(B, 1), room, invitation_of(C, true), &["Come"])
            .unwrap();
        let words: &[&str] = if matches!(end, Command::Win {}) {
            &[]
        } else {
            &["Too dear"]
        };
        let refused = world.send(person(A, 2), room, end.clone(), words);
        assert!(
            matches!(refused, Err(Rejection::Only(_))),
            "only the host ends it"
        );
        world.send(person(B, 1), room, end, words).unwrap();
        let outcome = referral::Ask::Outcome { outcome: told };
        assert_eq!(asked(&world, origin), [&Ask::Referral(Box::new(outcome))]);
        assert!(world.org_room(C).deals.is_empty(), "no longer invited");
        world.folds(room);
    }
}

#[test]
fn a_deal_that_nobody_could_lead_is_not_opened() {
    let mut world = World::new();
    let (room, _) = converted(&mut world, &[(person(A, 2), A)]);
    assert!(
        world
            .rooms
            .get(&room)
            .is_none_or(|kept| kept.log.is_empty())
    );
}

#[test]
fn an_ended_deal_is_talked_about_and_nothing_in_it_changes() {
    let mut world = World::new();
    let room = world.open(Presence::OnCall, &[2]);
    world.join(room, B, true);
    let lead = person(A, 1);
    let add = Command::AddTask {
        to: Assignment {
            owner: org(B),
            member: None,
            due: date("2026-05-04"),
        },
    };
    world.send(lead, room, add, &["Plan"]).unwrap();
    let lose = Command::Lose {
        reason: LostReason::LostToCompetitorOther,
    };
    world
        .send(lead, room, lose, &["They knew the brother"])
        .unwrap();
    let end = world.deal(room).end.unwrap();
    let Outcome::Lost { reason, words } = end.outcome else {
        panic!("lost");
    };
    assert_eq!(reason, LostReason::LostToCompetitorOther);
    assert_eq!(world.text(room, words), "They knew the brother");
    assert_eq!(world.deal(room).due(), None, "nothing falls due any more");
    let step = move_to(&world, room, Stage::Qualified);
    let call = Command::CallVendor {
        members: BTreeSet::from([person(V, 0)]),
    };
    for (command, texts) in [
        (Command::Win {}, &[][..]),
        (step, &[]),
        (Command::Freeze {}, &["Stop"]),
        (call, &["Help"]),
        (invitation_of(C, true), &["Come"]),
        (Command::RemoveParty { org: org(B) }, &[]),
    ] {
        let refused = world.send(lead, room, command, texts).unwrap_err();
        assert!(refused.to_string().contains("ended"), "{refused}");
    }
    world
        .send(person(B, 2), room, say(), &["Next time"])
        .unwrap();
    world
        .send(person(B, 1), room, Command::Withdraw {}, &[])
        .unwrap();
    world.folds(room);
}

#[test]
fn a_party_brings_and_takes_its_own_people_also_after_the_end() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.join(room, B, true);
    let lead = person(B, 1);
    let people = BTreeSet::from([person(B, 0), person(B, 3)]);
    let add = Command::AddPeople {
        people: people.clone(),
        role: Role::Viewer,
    };
    let refused = world.send(person(B, 2), room, add.clone(), &[]);
    assert_eq!(refused, Err(Rejection::NeedsRole(Role::Lead)));
    world.send(lead, room, add.clone(), &[]).unwrap();
    assert!(world.needs(person(B, 3)).contains(&What::Seated));
    let again = world.send(lead, room, add, &[]).unwrap_err();
    assert_eq!(again.code(), "already");
    let refused = world.send(person(B, 3), room, say(), &["Hello"]);
    assert_eq!(
        refused,
        Err(Rejection::NeedsRole(Role::Rep)),
        "a Viewer reads"
    );
    world
        .send(person(A, 1), room, Command::Win {}, &[])
        .unwrap();
    let remove = |people| Command::RemovePeople { people };
    let others = BTreeSet::from([person(A, 1)]);
    let refused = world.send(lead, room, remove(others), &[]).unwrap_err();
    assert_eq!(refused.code(), "thing.absent", "not its own");
    world.send(lead, room, remove(people), &[]).unwrap();
    assert_eq!(world.terms(person(B, 0), room), None);
    assert!(world.needs(person(B, 3)).contains(&What::Unseated));
    world.folds(room);
}

#[test]
fn a_party_brings_ten_people_at_most() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    for i in 4..14 {
        let card = world.members[&person(A, 2)].clone();
        let id = person(A, i);
        world.members.insert(id, MemberCard { id, ..card });
    }
    let add = |from: u8, to: u8| Command::AddPeople {
        people: (from..to).map(|i| person(A, i)).collect(),
        role: Role::Rep,
    };
    let refused = world.send(person(A, 1), room, add(4, 14), &[]).unwrap_err();
    assert_eq!(refused.code(), "limit");
    world.send(person(A, 1), room, add(4, 13), &[]).unwrap();
    let refused = world
        .send(person(A, 1), room, add(13, 14), &[])
        .unwrap_err();
    assert_eq!(refused.code(), "limit");
    let suspended = world.members.get_mut(&person(A, 13)).unwrap();
    suspended.status = Status::Suspended;
    let refused = world
        .send(person(A, 1), room, add(13, 14), &[])
        .unwrap_err();
    assert_eq!(refused.code(), "thing.absent");
}
