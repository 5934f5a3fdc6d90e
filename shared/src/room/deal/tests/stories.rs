//! Deals as they go on: header, stage, tasks.

use super::world::{A, B, C, V, World, asked, date, move_to, org, person, root, say};
use crate::{
    ask::Ask,
    command,
    entry::Seq,
    event,
    id::{MemberId, RoomId},
    rejection::Rejection,
    room::{
        deal::{Assignment, Command, Event, Presence, Stage, TaskState, side_of},
        inbox::{self, What},
        side, talk,
    },
    standing::Role,
    time::Span,
};

#[test]
fn opening_seats_those_named_and_opens_a_side() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[0, 2, 3]);
    let deal = world.deal(room);
    let party = &deal.parties[&org(A)];
    assert_eq!((deal.host, party.root), (org(A), root(A)));
    let roles = [Role::Lead, Role::Lead, Role::Rep, Role::Viewer];
    for (i, role) in (0..).zip(roles) {
        assert_eq!(world.terms(person(A, i), room).unwrap().role, role);
        assert_eq!(world.needs(person(A, i)).contains(&What::Seated), i != 1);
    }
    assert_eq!(world.terms(person(B, 0), room), None);
    assert_eq!(world.terms(person(V, 0), room), None);
    assert_eq!(
        world.text(room, deal.header.customer.value.unwrap()),
        "Contoso"
    );
    let open = side::Ask::OpenForDeal {
        org: org(A),
        deal: room,
        people: (0..4).map(|i| person(A, i)).collect(),
    };
    assert_eq!(
        asked(&world, side_of(room, org(A))),
        [&Ask::Side(Box::new(open))]
    );
    world.folds(room);
}

#[test]
fn only_leads_open_deals_and_only_with_what_can_be() {
    let mut world = World::new();
    let open = |people: &[MemberId], value: Option<&str>, close: Option<&str>| {
        command::Command::Inbox(inbox::Command::OpenDeal {
            presence: Presence::OnCall,
            value: value.map(|value| crate::money::Money::parse(value).unwrap()),
            close: close.map(date),
            people: people.iter().copied().collect(),
        })
    };
    let texts = ["Title", "Customer", "Problem"];
    let mut refused = |member: MemberId, command| {
        let inbox = RoomId::inbox(member);
        world
            .send(member, inbox, command, &texts)
            .unwrap_err()
            .code()
    };
    assert_eq!(refused(person(A, 2), open(&[], None, None)), "role.other");
    let (lead, past) = (person(A, 1), Some("2026-05-03"));
    assert_eq!(
        refused(lead, open(&[person(B, 1)], None, None)),
        "thing.absent"
    );
    assert_eq!(refused(lead, open(&[], Some("EUR -1"), None)), "value");
    assert_eq!(refused(lead, open(&[], None, past)), "value");
    let today = open(&[], Some("EUR 48,000"), Some("2026-05-04"));
    world
        .send(lead, RoomId::inbox(lead), today, &texts)
        .unwrap();
}

#[test]
fn stages_move_both_ways_by_leads_who_saw_the_last_move() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[2]);
    world.join(room, B, false);
    let qualified = move_to(&world, room, Stage::Qualified);
    let refused = world.send(person(B, 2), room, qualified.clone(), &[]);
    assert_eq!(refused, Err(Rejection::NeedsRole(Role::Lead)));
    // B came without history and never saw the entry that it answers: its hash stands in the state.
    let opening = world.rooms[&room].log[0].hash();
    assert_eq!(world.deal(room).course.entry, opening);
    let entry = world
        .send(person(B, 1), room, qualified.clone(), &[])
        .unwrap()
        .remove(0);
    let declaration = entry.statement.unwrap().read().unwrap();
    assert_eq!(declaration.subject, opening);
    let stale = world.send(person(A, 1), room, qualified, &[]).unwrap_err();
    assert_eq!(stale, Rejection::Stale(entry.seq));
    let committed = move_to(&world, room, Stage::Committed);
    world.send(person(A, 1), room, committed, &[]).unwrap();
    let back = move_to(&world, room, Stage::Prospect);
    world.send(person(A, 1), room, back, &[]).unwrap();
    let same = move_to(&world, room, Stage::Prospect);
    let refused = world.send(person(A, 1), room, same, &[]).unwrap_err();
    assert_eq!(refused.code(), "already");
    let course = &world.deal(room).course;
    let went: Vec<Stage> = course.moves.iter().map(|step| step.to).collect();
    let expected = [
        Stage::Prospect,
        Stage::Qualified,
        Stage::Committed,
        Stage::Prospect,
    ];
    assert_eq!(went, expected);
    assert_eq!(course.moves[1].by, Some(org(B)));
}

#[test]
fn the_stage_lists_its_last_moves_and_counts_the_rest() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    for i in 0..120 {
        let to = if i % 2 == 0 {
            Stage::Qualified
        } else {
            Stage::Prospect
        };
        let step = move_to(&world, room, to);
        world.send(person(A, 1), room, step, &[]).unwrap();
    }
    let course = &world.deal(room).course;
    assert_eq!((course.moves.len(), course.earlier), (100, 21));
    assert_eq!(course.moves[0].entry, Seq(22), "the oldest went first");
    assert_eq!(course.moves[99].entry, course.stage.at);
}

#[test]
fn header_fields_are_replaced_one_by_one() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[2]);
    world.join(room, B, true);
    let lead = person(A, 1);
    let opening = world.deal(room).header.title.at;
    world
        .send(lead, room, Command::Retitle { at: opening }, &["Doors"])
        .unwrap();
    let stale = world.send(lead, room, Command::Retitle { at: opening }, &["Gates"]);
    assert!(matches!(stale, Err(Rejection::Stale(_))));
    world
        .send(lead, room, Command::Customer { at: opening }, &["Initech"])
        .unwrap();
    world
        .send(lead, room, Command::Problem { at: opening }, &["No doors"])
        .unwrap();
    let close = |close: &str| Command::TargetClose {
        close: date(close),
        at: Seq::ZERO,
    };
    let refused = world
        .send(lead, room, close("2026-05-03"), &[])
        .unwrap_err();
    assert_eq!(refused.field(), "close");
    world.send(lead, room, close("2026-05-04"), &[]).unwrap();
    let next = Command::NextStep { at: Seq::ZERO };
    let refused = world.send(person(B, 1), room, Command::Problem { at: opening }, &["?"]);
    assert!(matches!(refused, Err(Rejection::Only(_))), "B may not edit");
    world
        .send(person(B, 2), room, next, &["Send the plan"])
        .unwrap();
    let header = &world.deal(room).header;
    assert_eq!(world.text(room, header.title.value.unwrap()), "Doors");
    assert_eq!(world.text(room, header.customer.value.unwrap()), "Initech");
    assert_eq!(world.text(room, header.problem.value.unwrap()), "No doors");
    assert_eq!(
        world.text(room, header.next_step.value.unwrap()),
        "Send the plan"
    );
    world.folds(room);
}

#[test]
fn a_task_is_set_handed_on_told_once_when_overdue_and_done() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[2]);
    world.join(room, B, false);
    let to = |of, member: Option<MemberId>, due: &str| Assignment {
        owner: org(of),
        member,
        due: date(due),
    };
    let add = |to| Command::AddTask { to };
    let mut refused = |to| {
        world
            .send(person(A, 2), room, add(to), &["Plan"])
            .unwrap_err()
            .field()
    };
    assert_eq!(refused(to(B, None, "2026-05-03")), "due");
    assert_eq!(refused(to(C, None, "2026-05-04")), "owner");
    assert_eq!(refused(to(B, Some(person(A, 2)), "2026-05-04")), "member");
    let mine = to(B, Some(person(B, 2)), "2026-05-04");
    let task = world
        .send(person(A, 2), room, add(mine), &["Plan"])
        .unwrap()[0]
        .seq;
    assert!(world.needs(person(B, 2)).contains(&What::TaskAssigned));

    world.now = "2026-05-04T23:59:59Z".parse().unwrap();
    world.clocks(room);
    assert_eq!(world.deal(room).tasks.list[&task].reminded, None);
    world.wait(Span::seconds(1));
    world.clocks(room);
    let told = |world: &World, member| {
        let needs = world.needs(member);
        needs.iter().filter(|what| **what == What::TaskDue).count()
    };
    assert_eq!(told(&world, person(B, 2)), 1);
    world.wait(Span::days(3));
    world.clocks(room);
    assert_eq!(told(&world, person(B, 2)), 1, "once");
    let needs = world.needs(person(B, 2));
    assert!(!needs.contains(&What::TaskAssigned), "it waits once");

    let reassign = Command::ReassignTask {
        task,
        to: to(B, None, "2026-05-10"),
        at: task,
    };
    world
        .send(person(B, 2), room, reassign.clone(), &[])
        .unwrap();
    assert_eq!(told(&world, person(B, 2)), 0, "it is another's");
    let stale = world.send(person(B, 2), room, reassign, &[]);
    assert!(matches!(stale, Err(Rejection::Stale(_))));
    world.now = "2026-05-11T00:00:00Z".parse().unwrap();
    world.clocks(room);
    assert_eq!(told(&world, person(B, 1)), 1, "no one named: the leads");
    world.join(room, C, false);
    let done = Command::DoneTask { task };
    let refused = world.send(person(C, 1), room, done.clone(), &[]);
    assert!(matches!(refused, Err(Rejection::Only(_))));
    world.send(person(B, 2), room, done.clone(), &[]).unwrap();
    assert_eq!(told(&world, person(B, 1)), 0);
    let state = world.deal(room).tasks.list[&task].state;
    assert_eq!(state, TaskState::Done);
    let again = world.send(person(B, 2), room, done, &[]).unwrap_err();
    assert_eq!(again.code(), "thing.absent");
}

#[test]
fn the_task_of_somebody_who_leaves_is_their_partys() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[2]);
    let add = Command::AddTask {
        to: Assignment {
            owner: org(A),
            member: Some(person(A, 2)),
            due: date("2026-06-01"),
        },
    };
    let task = world.send(person(A, 1), room, add, &["Plan"]).unwrap()[0].seq;
    world
        .send(person(A, 2), room, Command::Leave {}, &[])
        .unwrap();
    let to = world.deal(room).tasks.list[&task].to;
    assert_eq!((to.owner, to.member), (org(A), None));
}

#[test]
fn open_tasks_are_bounded_and_closed_ones_are_counted() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    let lead = person(A, 1);
    let add = Command::AddTask {
        to: Assignment {
            owner: org(A),
            member: None,
            due: date("2026-06-01"),
        },
    };
    let mut tasks = vec![];
    for _ in 0..100 {
        let entry = &world.send(lead, room, add.clone(), &["Plan"]).unwrap()[0];
        tasks.push(entry.seq);
    }
    let refused = world.send(lead, room, add, &["Plan"]).unwrap_err();
    assert_eq!(refused.code(), "limit");
    for task in tasks {
        world
            .send(lead, room, Command::DropTask { task }, &[])
            .unwrap();
    }
    let tasks = &world.deal(room).tasks;
    assert_eq!(
        (tasks.open().count(), tasks.list.len(), tasks.earlier),
        (0, 50, 50)
    );
    world.folds(room);
}

#[test]
fn what_a_moderator_signs_in_a_deal_is_kept_by_every_party() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.join(room, B, true);
    let target = world
        .send(person(B, 2), room, say(), &["Buy my watches"])
        .unwrap()[0]
        .seq;
    let redact = talk::Command::Redact {
        target,
        reason: talk::RedactReason::Spam,
    };
    let refused = world.send(person(B, 1), room, redact.clone(), &["Spam"]);
    assert!(matches!(refused, Err(Rejection::Only(_))));
    world.send(person(A, 1), room, redact, &["Spam"]).unwrap();
    for of in [A, B] {
        assert_eq!(asked(&world, side_of(room, org(of))).len(), 1);
    }
}

#[test]
fn every_event_that_holds_a_text_says_so() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.join(room, B, true);
    for kept in world.rooms.values() {
        for entry in &kept.log {
            let event::Event::Deal(event) = &entry.event else {
                continue;
            };
            let opened = matches!(event, Event::Opened(_));
            assert_eq!(
                event.worded() || opened,
                !entry.texts.is_empty(),
                "{event:?}"
            );
        }
    }
}
