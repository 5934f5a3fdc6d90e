//! Conversations at their edges: what comes before a login, who is let in and who is cut, what is sent in which order, and
//! what a wake-up, a bookmark or a question must never tell.

mod bounds;
mod cards;
mod entrance;
mod hands;
mod reach;
mod readers;
mod spine;

use crate::world::{
    ANA, Community, KIM, LEO, MEI, RUI, TOM, UMA, VIK, World, open_channel, opened,
};
use rialto_shared::{
    closing::CloseCode,
    command::Command,
    entry::{Head, Seq},
    id::{Hash, RoomId, RoomKind},
    limits,
    protocol::{Down, Presence, Up, Want},
    room::{channel, inbox, org, talk},
    standing::{OrgKind, Role},
    time::Span,
};
use std::collections::BTreeSet;

fn say() -> Command {
    Command::Talk(talk::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    })
}

/// The names of the frames that came down since.
fn names(world: &World, who: usize, mark: usize) -> Vec<String> {
    world.consoles[who].heard[mark..]
        .iter()
        .map(|frame| match frame.strip_prefix("{\"") {
            Some(rest) => rest.split('"').next().unwrap().to_owned(),
            None => frame.clone(),
        })
        .collect()
}

fn closed(world: &World, who: usize) -> Option<CloseCode> {
    world.consoles[who].closed().and_then(CloseCode::of)
}

#[test]
fn a_cursor_that_fits_nothing_gets_the_room_whole() {
    let Community {
        mut world, orgs, ..
    } = Community::new(1);
    let room = RoomId::org(orgs[0]);
    for n in 0..5 {
        world
            .say(TOM, room, say(), &[&format!("message {n}")])
            .unwrap();
    }
    let head = world.consoles[MEI].cursors[&room];
    let cases = [
        ("the right one", Head { ..head }, false),
        (
            "another hash",
            Head {
                hash: Hash([7; 32]),
                ..head
            },
            true,
        ),
        (
            "beyond the head",
            Head {
                seq: Seq(head.seq.0 + 9),
                ..head
            },
            true,
        ),
        ("nothing", Head::default(), true),
        (
            "the end of time",
            Head {
                seq: Seq(u64::MAX),
                ..head
            },
            true,
        ),
    ];
    for (name, cursor, whole) in cases {
        world.hang_up(MEI);
        world.knock(MEI);
        let mark = world.consoles[MEI].heard.len();
        world.resume(MEI, vec![(room, cursor)]);
        let snapshots = world.consoles[MEI]
            .since(mark)
            .into_iter()
            .filter(|down| matches!(down, Down::Snapshot { room: of, .. } if *of == room))
            .count();
        assert_eq!(snapshots > 0, whole, "{name}");
        assert_eq!(world.consoles[MEI].cursors[&room], head, "{name}");
        world
            .say(
                TOM,
                RoomId::inbox(world.consoles[TOM].member),
                kept(room),
                &[],
            )
            .ok();
    }
}

fn kept(room: RoomId) -> Command {
    Command::Inbox(inbox::Command::Join { room })
}

#[test]
fn a_room_that_is_held_by_mistake_is_closed_whether_it_exists_or_not() {
    let Community {
        mut world, orgs, ..
    } = Community::new(1);
    let (hidden, absent) = (RoomId::org(orgs[0]), RoomId::new(RoomKind::Org, [9; 16]));
    let mut answers = vec![];
    for room in [hidden, absent] {
        world.hang_up(RUI);
        world.knock(RUI);
        let mark = world.consoles[RUI].heard.len();
        world.resume(
            RUI,
            vec![(
                room,
                Head {
                    seq: Seq(3),
                    hash: Hash([1; 32]),
                },
            )],
        );
        world.up(RUI, &Up::Watch { room, cursor: None });
        world.up(
            RUI,
            &Up::Page {
                id: 4,
                room,
                want: Want::After(Seq::ZERO),
                limit: 9,
            },
        );
        world.up(RUI, &Up::Typing { room });
        world.up(RUI, &Up::Seen { room, seq: Seq(2) });
        world.up(RUI, &Up::Unwatch { room });
        world.settle();
        let heard = world.consoles[RUI].heard[mark..].join("\n");
        answers.push(heard.replace(&room.to_string(), "(room)"));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].contains("{\"closed\":{\"room\":\"(room)\"}}"));
}

#[test]
fn watching_and_paging_have_their_limits() {
    let Community {
        mut world,
        orgs,
        lobby,
    } = Community::new(1);
    for n in 0..limits::WATCHED_MAX {
        let command = open_channel(&format!("room-{n}"), channel::Reach::Community);
        world
            .say(TOM, RoomId::org(orgs[0]), command, &["One of many"])
            .unwrap();
        let room = opened(&world, orgs[0]);
        world.up(RUI, &Up::Watch { room, cursor: None });
    }
    let mark = world.consoles[RUI].heard.len();
    world.up(
        RUI,
        &Up::Watch {
            room: lobby,
            cursor: None,
        },
    );
    assert_eq!(names(&world, RUI, mark), ["error"]);
    assert_eq!(
        closed(&world, RUI),
        None,
        "a limit is an answer, not a goodbye"
    );
    for n in 0..120 {
        world.queue(UMA, lobby, say(), &[&format!("message {n}")]);
        if n % 30 == 0 {
            world.settle();
        }
    }
    world.settle();
    for limit in [0, 1, 100, u32::MAX] {
        let mark = world.consoles[RUI].heard.len();
        world.up(
            RUI,
            &Up::Page {
                id: 1,
                room: lobby,
                want: Want::Before(Seq::ZERO),
                limit,
            },
        );
        let pages = world.consoles[RUI].since(mark);
        let page = pages.iter().find_map(|down| match down {
            Down::Page { entries, more, .. } => Some((entries.len(), *more)),
            _ => None,
        });
        let wanted = usize::try_from(limit)
            .unwrap()
            .clamp(1, limits::PAGE_ENTRIES_MAX);
        let (entries, more) = page.expect("a page");
        assert!(
            entries <= wanted && entries >= wanted.min(50) && more,
            "{limit}: {entries}"
        );
    }
    let cursors = vec![(lobby, Head::default()); limits::CURSORS_MAX + 1];
    world.hang_up(RUI);
    world.knock(RUI);
    world.up(
        RUI,
        &Up::Resume {
            cursors,
            last: true,
        },
    );
    assert_eq!(closed(&world, RUI), Some(CloseCode::Malformed));
}

#[test]
fn the_newer_connection_of_a_lane_takes_the_place_of_the_older() {
    let Community {
        mut world, lobby, ..
    } = Community::new(1);
    let twin = world.twin(RUI);
    world.say(RUI, lobby, say(), &["from the first"]).unwrap();
    world.log_in(twin);
    assert_eq!(
        closed(&world, RUI),
        None,
        "two connections of one device are no trouble"
    );
    world.consoles[twin].n = world.consoles[RUI].n;
    world.say(twin, lobby, say(), &["from the second"]).unwrap();
    assert_eq!(closed(&world, RUI), Some(CloseCode::Replaced));
    assert_eq!(closed(&world, twin), None);
    assert!(
        !CloseCode::Replaced.resumable(),
        "or the two would throw each other out for ever"
    );
}

#[test]
fn whoever_may_no_longer_be_here_is_gone_with_the_commit() {
    let Community {
        mut world,
        orgs,
        lobby,
    } = Community::new(1);
    let vendor = RoomId::org(orgs[0]);
    let device = world.consoles[VIK].device;
    world.up(
        VIK,
        &Up::Watch {
            room: lobby,
            cursor: None,
        },
    );
    // In one batch: the device is taken away, and then something is said that it would have heard.
    let revoke = Command::Org(org::Command::Revoke { device });
    world.queue(TOM, vendor, revoke, &[]);
    world.queue(TOM, lobby, say(), &["not for him"]);
    world.settle();
    assert_eq!(closed(&world, VIK), Some(CloseCode::Revoked));
    let halt = Command::Org(org::Command::SuspendOrg {
        org: orgs[2],
        on: true,
    });
    for who in [KIM, LEO, UMA] {
        world.up(
            who,
            &Up::Watch {
                room: lobby,
                cursor: None,
            },
        );
    }
    world.queue(TOM, vendor, halt, &[]);
    world.queue(TOM, lobby, say(), &["not for them"]);
    world.settle();
    for who in [VIK, KIM, LEO, UMA] {
        assert_eq!(closed(&world, who), Some(CloseCode::Revoked));
        let heard = world.consoles[who].heard.join("\n");
        assert!(!heard.contains("not for"), "{who}");
        world.log_in(who);
        assert_eq!(closed(&world, who), Some(CloseCode::LoginRefused));
    }
    assert_eq!(closed(&world, ANA), None);
}

#[test]
fn whoever_loses_a_seat_loses_the_room_and_nothing_else() {
    let Community {
        mut world, orgs, ..
    } = Community::new(1);
    let command = open_channel("den", channel::Reach::Private);
    world
        .say(TOM, RoomId::org(orgs[0]), command, &["Ours"])
        .unwrap();
    let den = opened(&world, orgs[0]);
    let member = world.consoles[RUI].member;
    let invite = |history| {
        Command::Channel(channel::Command::Invite {
            member,
            role: Role::Rep,
            history,
        })
    };
    let remove = || Command::Channel(channel::Command::Remove { member });
    world.say(TOM, den, invite(true), &[]).unwrap();
    assert!(world.consoles[RUI].rooms.contains_key(&den));
    world.queue(TOM, den, remove(), &[]);
    world.queue(TOM, den, say(), &["not for him"]);
    world.settle();
    assert!(!world.consoles[RUI].rooms.contains_key(&den));
    assert_eq!(closed(&world, RUI), None);
    // Taken away and given back between two looks: the client begins anew, and what lay between is not sent.
    world.say(TOM, den, invite(false), &[]).unwrap();
    world.queue(TOM, den, remove(), &[]);
    world.queue(TOM, den, say(), &["not for him either"]);
    world.queue(TOM, den, invite(false), &[]);
    world.queue(TOM, den, say(), &["for him again"]);
    world.settle();
    let heard = world.consoles[RUI].heard.join("\n");
    assert!(!heard.contains("not for him"));
    assert_eq!(world.consoles[RUI].rooms[&den], world.room(den));
    world.say(TOM, den, say(), &["and on it goes"]).unwrap();
    assert!(
        world.consoles[RUI]
            .heard
            .last()
            .unwrap()
            .contains("and on it goes")
    );
}

#[test]
fn names_come_before_entries_and_answers_before_both() {
    let Community {
        mut world, lobby, ..
    } = Community::new(1);
    world.up(
        RUI,
        &Up::Watch {
            room: lobby,
            cursor: None,
        },
    );
    let mark = world.consoles[RUI].heard.len();
    world.queue(UMA, lobby, say(), &["first"]);
    world.queue(RUI, lobby, say(), &["second"]);
    world.settle();
    let heard = names(&world, RUI, mark);
    let at = |name: &str| heard.iter().position(|other| other == name);
    assert!(
        at("answer") < at("cards") && at("cards") < at("entries"),
        "{heard:?}"
    );
    assert!(at("answer").is_some() && at("cards").is_some(), "{heard:?}");
    let mark = world.consoles[RUI].heard.len();
    world.say(UMA, lobby, say(), &["third"]).unwrap();
    assert_eq!(names(&world, RUI, mark), ["entries"], "a name is sent once");
}

#[test]
fn a_room_too_large_for_one_message_comes_in_parts() {
    let mut world = World::new(1);
    let org = world.organisation("Northwind", OrgKind::Vendor);
    let tom = world.claim(org, "Tom Becker");
    for n in 0..90 {
        world.invite(tom, &format!("Person {n}"), Role::Rep, false);
    }
    let room = RoomId::org(org);
    world.hang_up(tom);
    world.knock(tom);
    let mark = world.consoles[tom].heard.len();
    world.resume(tom, vec![]);
    let parts = world.consoles[tom]
        .since(mark)
        .into_iter()
        .filter_map(|down| match down {
            Down::Snapshot {
                room: of,
                part,
                parts,
                ..
            } if of == room => Some((part, parts)),
            _ => None,
        });
    let parts: Vec<(u32, u32)> = parts.collect();
    assert!(parts.len() > 1, "{parts:?}");
    assert!(parts.iter().enumerate().all(|(place, (part, of))| {
        u32::try_from(place).unwrap() == *part && *of as usize == parts.len()
    }));
    assert_eq!(world.consoles[tom].rooms[&room], world.room(room));
}

#[test]
fn a_read_mark_only_grows_and_never_past_the_end() {
    let Community {
        mut world, orgs, ..
    } = Community::new(1);
    let room = RoomId::org(orgs[0]);
    world.say(TOM, room, say(), &["one"]).unwrap();
    let head = world.room(room).head.seq;
    let mark = |world: &World| {
        let snapshot = world.house.snapshot().unwrap();
        snapshot
            .read_mark(world.consoles[VIK].member, room)
            .unwrap()
    };
    for (seq, wanted) in [(2, Seq(2)), (1, Seq(2)), (u64::MAX, head), (3, head)] {
        world.up(
            VIK,
            &Up::Seen {
                room,
                seq: Seq(seq),
            },
        );
        world.settle();
        assert_eq!(mark(&world), wanted);
    }
}

#[test]
fn typing_is_told_to_the_room_and_not_too_often() {
    let Community {
        mut world, orgs, ..
    } = Community::new(1);
    let room = RoomId::org(orgs[0]);
    let told = |world: &World, who: usize, mark: usize| {
        let typing = |down: &Down| matches!(down, Down::Presence { state: Presence::Typing(of), .. } if *of == room);
        world.consoles[who]
            .since(mark)
            .iter()
            .filter(|down| typing(down))
            .count()
    };
    let marks = [MEI, RUI, TOM].map(|who| world.consoles[who].heard.len());
    for _ in 0..5 {
        world.up(TOM, &Up::Typing { room });
        world.settle();
        world.clock.advance(Span::millis(500));
    }
    assert_eq!(told(&world, MEI, marks[0]), 1);
    world.clock.advance(Span::seconds(3));
    world.up(TOM, &Up::Typing { room });
    world.settle();
    assert_eq!(told(&world, MEI, marks[0]), 2);
    assert_eq!(told(&world, RUI, marks[1]), 0, "another organisation");
    assert_eq!(told(&world, TOM, marks[2]), 0, "not to oneself");
}
