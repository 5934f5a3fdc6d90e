//! From the first frame to a logged-in device.

use super::{closed, names, say};
use crate::world::{Community, DAWN, MEI, TOM, UMA, VIK, World};
use rialto_shared::{
    closing::CloseCode,
    command::Command,
    entry::Seq,
    id::{DeviceId, Hash, RoomId, Signature},
    limits,
    protocol::{Query, Up, Want},
    room::org,
    standing::Role,
    statement::sign,
    time::Span,
};
use std::collections::BTreeSet;

#[test]
fn nothing_is_served_before_a_login() {
    let mut world = Community::new(1).world;
    let room = RoomId::org(world.consoles[TOM].org);
    let command = world.frame(TOM, room, say(), &["too early"]);
    let early = [
        command,
        Up::Resume {
            cursors: vec![],
            last: true,
        },
        Up::Watch { room, cursor: None },
        Up::Page {
            id: 1,
            room,
            want: Want::Before(Seq::ZERO),
            limit: 9,
        },
        Up::Find {
            id: 1,
            query: Query::People {
                words: String::new(),
            },
        },
        Up::Seen { room, seq: Seq(1) },
        Up::Typing { room },
        Up::Ping { id: 1 },
    ];
    for frame in early {
        world.hang_up(TOM);
        world.greet(TOM);
        let mark = world.consoles[TOM].heard.len();
        world.up(TOM, &frame);
        world.settle();
        assert_eq!(
            names(&world, TOM, mark),
            ["error", "closed 4005"],
            "{frame:?}"
        );
    }
    let commits = world.house.snapshot().unwrap().commit().unwrap();
    world.up(TOM, &Up::Ping { id: 1 });
    assert_eq!(world.house.snapshot().unwrap().commit().unwrap(), commits);
}

#[test]
fn a_second_login_on_one_connection_ends_it() {
    let mut world = Community::new(1).world;
    for frame in [
        Up::Hello {
            versions: vec![1],
            nonce: Hash::ZERO,
        },
        Up::Login {
            device: world.consoles[TOM].device,
            signature: Signature([0; 64]),
        },
        Up::Invitation {
            code: "x".to_owned(),
        },
    ] {
        world.hang_up(TOM);
        world.log_in(TOM);
        world.up(TOM, &frame);
        assert_eq!(closed(&world, TOM), Some(CloseCode::Malformed), "{frame:?}");
    }
}

#[test]
fn frames_that_are_none_end_the_conversation_in_words() {
    let mut world = Community::new(1).world;
    let huge = format!(
        "{{\"ping\":{{\"id\":1,\"x\":\"{}\"}}}}",
        "y".repeat(2 * limits::MESSAGE_BYTES_MAX)
    );
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    for frame in [
        "",
        "{",
        "null",
        "{\"sing\":{}}",
        "{\"ping\":{}}",
        "{\"ping\":{\"id\":-1}}",
        &deep,
    ] {
        world.hang_up(TOM);
        world.log_in(TOM);
        let mark = world.consoles[TOM].heard.len();
        world.raw(TOM, frame);
        assert_eq!(
            names(&world, TOM, mark),
            ["error", "closed 4005"],
            "{frame:.40}"
        );
        let words = &world.consoles[TOM].heard[mark];
        assert!(
            words.contains("\"malformed\"") && words.contains("\"fatal\":true"),
            "{words}"
        );
    }
    // How large a message may be is held by the connection; a session bears any.
    world.log_in(TOM);
    world.raw(TOM, &huge);
}

#[test]
fn a_login_that_proves_nothing_is_refused_with_one_answer() {
    let mut world = Community::new(1).world;
    let revoke = Command::Org(org::Command::Revoke {
        device: world.consoles[VIK].device,
    });
    world
        .say(TOM, RoomId::org(world.consoles[TOM].org), revoke, &[])
        .unwrap();
    let mut answers = BTreeSet::new();
    let tom = world.consoles[TOM].device;
    for (who, device, honest) in [
        (TOM, tom, false),
        (TOM, DeviceId::from_bits([9; 16]), true),
        (VIK, world.consoles[VIK].device, true),
        (MEI, tom, true),
    ] {
        world.hang_up(who);
        let preimage = world.greet(who);
        let key = &world.consoles[who].key;
        let signature = if honest {
            sign(key, &preimage.0)
        } else {
            Signature([1; 64])
        };
        let mark = world.consoles[who].heard.len();
        world.up(who, &Up::Login { device, signature });
        answers.insert(world.consoles[who].heard[mark..].join("\n"));
        assert_eq!(closed(&world, who), Some(CloseCode::LoginRefused));
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[test]
fn an_invitation_says_nothing_once_it_is_over() {
    let mut world = Community::new(1).world;
    let org = world.consoles[TOM].org;
    let invite = |world: &mut World, name: &str| {
        let invitation = org::Invitation {
            code: org::invitation_code(&world.code(name).0),
            chain: vec![],
            role: Role::Rep,
            alliance: false,
            until: DAWN + Span::days(1),
        };
        let invite = Command::Org(org::Command::Invite { invitation });
        world.operate(RoomId::org(org), invite, &[]).unwrap();
    };
    let ask = |world: &mut World, name: &str| {
        world.hang_up(UMA);
        world.greet(UMA);
        let mark = world.consoles[UMA].heard.len();
        let code = world.code(name).to_string();
        world.up(UMA, &Up::Invitation { code });
        world.consoles[UMA].heard[mark..].join("\n")
    };
    invite(&mut world, "Late");
    invite(&mut world, "Cancelled");
    assert!(
        ask(&mut world, "Late").contains("Northwind"),
        "whoever has the code may ask"
    );
    let code = org::invitation_code(&world.code("Cancelled").0);
    let cancel = Command::Org(org::Command::Cancel { code });
    world.say(TOM, RoomId::org(org), cancel, &[]).unwrap();
    world.pass(Span::days(2));
    let answers: BTreeSet<String> = ["Late", "Cancelled", "Nobody", "Tom Becker"]
        .into_iter()
        .map(|name| ask(&mut world, name))
        .collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
}
