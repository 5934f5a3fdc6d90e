//! What one device may take up: connections, lanes, frames of a resume; and a code that is an invitation's once.

use super::{closed, names, say};
use crate::world::{ANA, Community, DAWN, KIM, RUI, TOM, UMA, World};
use rialto_server::ledger::{
    rows::{self, Rows as _, Table},
    writer::{Done, Submission, Work},
};
use rialto_shared::{
    closing::CloseCode,
    command::Command,
    entry::Head,
    id::{LaneId, RoomId, RoomKind, digest16},
    limits,
    protocol::{Down, Outcome, Up},
    room::org,
    standing::{OrgKind, Role},
    time::Span,
};

fn lane(n: u64) -> LaneId {
    LaneId::from_bits(digest16("test-lanes", &[&n.to_be_bytes()]))
}

/// The codes of the refusals that came down since.
fn refusals(world: &World, who: usize, mark: usize) -> Vec<String> {
    let outcomes = world.consoles[who].since(mark).into_iter();
    outcomes
        .filter_map(|down| match down {
            Down::Answer {
                outcome: Outcome::Refused(refusal),
                ..
            } => Some(refusal.code),
            _ => None,
        })
        .collect()
}

#[test]
fn the_fifth_connection_of_a_device_comes_back_when_one_of_the_four_is_gone() {
    let Community {
        mut world, lobby, ..
    } = Community::new(1);
    let mut twins = vec![];
    for _ in 1..limits::DEVICE_CONNECTIONS_MAX {
        let twin = world.twin(RUI);
        world.log_in(twin);
        twins.push(twin);
    }
    let fifth = world.twin(RUI);
    for _ in 0..3 {
        let mark = world.consoles[fifth].heard.len();
        world.knock(fifth);
        assert_eq!(names(&world, fifth, mark), ["challenge", "closed 4006"]);
    }
    assert!(
        CloseCode::Crowded.resumable(),
        "a connection that is dead and not yet known to be makes room in time"
    );
    for who in twins.iter().copied().chain([RUI]) {
        assert_eq!(closed(&world, who), None, "the older ones stay");
    }
    world.say(RUI, lobby, say(), &["still here"]).unwrap();
    world.log_in(UMA);
    assert_eq!(
        closed(&world, UMA),
        None,
        "another device has its own places"
    );
    world.hang_up(twins[0]);
    world.log_in(fifth);
    assert_eq!(closed(&world, fifth), None);
    // Whoever was cut makes room as well.
    let device = world.consoles[RUI].device;
    let revoke = Command::Org(org::Command::Revoke { device });
    let home = RoomId::org(world.consoles[RUI].org);
    world.say(ANA, home, revoke, &[]).unwrap();
    assert!(!world.house.devices.here(device));
}

#[test]
fn a_connection_names_so_many_lanes_and_no_more() {
    let Community {
        mut world, lobby, ..
    } = Community::new(1);
    let most = u64::try_from(limits::CONNECTION_LANES_MAX).unwrap();
    let mark = world.consoles[RUI].heard.len();
    let speak = |world: &mut World, n: u64| {
        (world.consoles[RUI].lane, world.consoles[RUI].n) = (lane(n), 0);
        world.queue(RUI, lobby, say(), &["in another lane"]);
        world.settle();
    };
    (0..most).for_each(|n| speak(&mut world, n));
    assert_eq!(refusals(&world, RUI, mark), Vec::<String>::new());
    let before = world.room(lobby).head.seq;
    speak(&mut world, most);
    assert_eq!(refusals(&world, RUI, mark), ["limit"]);
    assert_eq!(world.room(lobby).head.seq, before, "it was not judged");
    assert_eq!(closed(&world, RUI), None, "an answer, not a goodbye");
    world.consoles[RUI].lane = lane(0);
    world.consoles[RUI].n = 1;
    world.say(RUI, lobby, say(), &["in an old one"]).unwrap();
}

#[test]
fn a_device_has_so_many_lanes_for_ever_and_they_go_with_it() {
    let Community {
        mut world, lobby, ..
    } = Community::new(1);
    let device = world.consoles[RUI].device;
    let command = |world: &mut World, place: u64, n: u64| {
        world.consoles[RUI].n = n - 1;
        let Up::Command {
            room,
            facts,
            texts,
            signed,
            ..
        } = world.frame(RUI, lobby, say(), &["again and again"])
        else {
            panic!("a command");
        };
        Work::Command(Box::new(Submission {
            device,
            lane: lane(place),
            n,
            room,
            facts,
            texts,
            signed,
        }))
    };
    let code = |done: &Done| match done {
        Done::Answer {
            outcome: Outcome::Refused(refusal),
            ..
        } => refusal.code.clone(),
        _ => "accepted".to_owned(),
    };
    let works: Vec<Work> = (0..limits::DEVICE_LANES_MAX)
        .map(|place| command(&mut world, place, 1))
        .collect();
    let answers = world.together(works);
    assert!(answers.iter().all(|done| code(done) == "accepted"));
    let said = world.room(lobby).head.seq;
    let more = [
        (limits::DEVICE_LANES_MAX, 1, "limit"),
        (0, 1, "accepted"),
        (0, 2, "accepted"),
        (limits::DEVICE_LANES_MAX + 7, 9, "limit"),
    ];
    for (place, n, wanted) in more {
        let work = command(&mut world, place, n);
        assert_eq!(code(&world.now(work)), wanted, "{n} of lane {place}");
    }
    assert_eq!(
        world.room(lobby).head.seq,
        said.next(),
        "the first of lane 0 was answered from its receipt"
    );
    // Two commands of the device, its end, and another command, in one batch.
    let revoke = {
        let home = RoomId::org(world.consoles[RUI].org);
        let revoke = Command::Org(org::Command::Revoke { device });
        let (room, device, lane) = (home, world.consoles[ANA].device, world.consoles[ANA].lane);
        let Up::Command {
            n,
            facts,
            texts,
            signed,
            ..
        } = world.frame(ANA, home, revoke, &[])
        else {
            panic!("a command");
        };
        Work::Command(Box::new(Submission {
            device,
            lane,
            n,
            room,
            facts,
            texts,
            signed,
        }))
    };
    let works = vec![command(&mut world, 1, 2), revoke, command(&mut world, 2, 2)];
    let answers: Vec<String> = world.together(works).iter().map(code).collect();
    assert_eq!(answers, ["accepted", "accepted", "room.absent"]);
    let snapshot = world.house.snapshot().unwrap();
    let row = |table, key: &[u8]| snapshot.get(table, key).unwrap();
    assert_eq!(row(Table::Lanes, &device.bits()), None);
    for place in 0..limits::DEVICE_LANES_MAX {
        assert_eq!(row(Table::Lanes, &rows::lane(device, lane(place))), None);
        for n in 1..3 {
            let receipt = rows::receipt(device, lane(place), n);
            assert_eq!(row(Table::Receipts, &receipt), None);
        }
    }
    let other = &world.consoles[ANA];
    assert!(row(Table::Lanes, &rows::lane(other.device, other.lane)).is_some());
    drop(snapshot);
    // Nothing old is executed again.
    let again = command(&mut world, 0, 1);
    assert_eq!(code(&world.now(again)), "room.absent");
}

#[test]
fn a_resume_has_so_many_frames() {
    let mut world = Community::new(1).world;
    let part = |last| Up::Resume {
        cursors: vec![(RoomId::new(RoomKind::Deal, [7; 16]), Head::default())],
        last,
    };
    for (more, wanted) in [
        (limits::RESUME_FRAMES_MAX - 1, None),
        (limits::RESUME_FRAMES_MAX, Some(CloseCode::Malformed)),
    ] {
        world.hang_up(RUI);
        world.knock(RUI);
        for _ in 0..more {
            world.up(RUI, &part(false));
        }
        world.up(RUI, &part(true));
        world.settle();
        assert_eq!(closed(&world, RUI), wanted, "{more} frames before the last");
    }
    let words = world.consoles[RUI].heard.join("\n");
    assert!(words.contains("frames of a resume"), "{words}");
}

#[test]
fn a_code_is_an_invitations_once_and_whose_it_was_is_not_told() {
    let mut world = Community::new(1).world;
    let code = |world: &World, name: &str| org::invitation_code(&world.code(name).0);
    let invitation = |code, role| org::Invitation {
        code,
        chain: vec![],
        role,
        alliance: false,
        until: DAWN + Span::days(7),
    };
    let homes = [KIM, ANA, TOM].map(|who| RoomId::org(world.consoles[who].org));
    let (open, cancelled) = (code(&world, "Open"), code(&world, "Cancelled"));
    let invite = |code| {
        Command::Org(org::Command::Invite {
            invitation: invitation(code, Role::Lead),
        })
    };
    world.operate(homes[0], invite(open), &[]).unwrap();
    world.operate(homes[0], invite(cancelled), &[]).unwrap();
    let cancel = Command::Org(org::Command::Cancel { code: cancelled });
    world.operate(homes[0], cancel, &[]).unwrap();
    let new = world.organisation("Newfields", OrgKind::Partner);
    // Whose code it is, and what became of it, makes no difference: not even to whoever made it.
    let joined = code(&world, "Kim Sato");
    for code in [open, cancelled, joined] {
        let admit = Command::Org(org::Command::Admit {
            invitation: invitation(code, Role::Admin),
        });
        let invite_org = Command::Org(org::Command::InviteOrg {
            org: new,
            invitation: invitation(code, Role::Admin),
        });
        let asked = [
            (homes[0], invite(code), None),
            (homes[1], invite(code), None),
            (homes[2], admit, Some("Oakfields")),
            (homes[2], invite_org, None),
        ];
        for (room, command, name) in asked {
            let texts: Vec<&str> = name.into_iter().collect();
            let refused = world.operate(room, command, &texts).unwrap_err();
            assert_eq!(
                (refused.code(), refused.to_string().as_str()),
                ("taken", "code is taken")
            );
        }
    }
    // The first holder's claim stands.
    let snapshot = world.house.snapshot().unwrap();
    let holder = snapshot.holder(org::invitation_claim(open)).unwrap();
    assert_eq!(holder, Some(homes[0]));
    drop(snapshot);
    world.verify();
}
