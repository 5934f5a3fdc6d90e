//! The spine: people join, talk in a channel, and come back without a gap or a double.

use crate::world::World;
use rialto_shared::{
    command::Command,
    entry::Seq,
    event::Event,
    id::RoomId,
    room::{channel, inbox, org, talk},
    standing::{OrgKind, Role},
    time::Span,
};
use std::collections::BTreeSet;

fn community(handle: &str) -> Command {
    Command::Org(org::Command::OpenChannel {
        settings: channel::Settings {
            handle: handle.parse().unwrap(),
            reach: channel::Reach::Community,
            post: channel::Who::Reps,
            invite: channel::Who::Reps,
            slow: Span::ZERO,
        },
    })
}

fn said(mentions: &[rialto_shared::id::MemberId]) -> Command {
    Command::Talk(talk::Command::Say {
        thread: None,
        mentions: mentions.iter().copied().collect(),
    })
}

/// The room that an organisation's last `channel_opened` opened.
fn opened(world: &World, org: RoomId) -> RoomId {
    world
        .entries(org)
        .into_iter()
        .rev()
        .find_map(|entry| match entry.event {
            Event::Org(org::Event::ChannelOpened { room, .. }) => Some(room),
            _ => None,
        })
        .expect("a channel was opened")
}

#[test]
fn people_of_two_companies_meet_in_a_channel() {
    let mut world = World::new(1);
    let vendor = world.organisation("Northwind", OrgKind::Vendor);
    let partner = world.organisation("BrightPath", OrgKind::Partner);
    let tom = world.claim(vendor, "Tom Becker");
    let ana = world.claim(partner, "Ana Weber");
    let rui = world.invite(ana, "Rui Costa", Role::Rep, false);
    world
        .say(
            tom,
            RoomId::org(vendor),
            community("welcome"),
            &["Say hello"],
        )
        .unwrap();
    let room = opened(&world, RoomId::org(vendor));
    for who in [tom, ana, rui] {
        let inbox = RoomId::inbox(world.consoles[who].member);
        world
            .say(
                who,
                inbox,
                Command::Inbox(inbox::Command::Join { room }),
                &[],
            )
            .unwrap();
        world.up(
            who,
            &rialto_shared::protocol::Up::Watch { room, cursor: None },
        );
    }
    world.settle();
    let ana_id = world.consoles[ana].member;
    world
        .say(tom, room, said(&[ana_id]), &["Hello @Ana Weber"])
        .unwrap();
    world.say(rui, room, said(&[]), &["Hello Tom"]).unwrap();
    for who in [tom, ana, rui] {
        let heard: Vec<Seq> = world.consoles[who]
            .heard_in(room)
            .iter()
            .map(|entry| entry.seq)
            .collect();
        assert_eq!(
            heard,
            [Seq(2), Seq(3)],
            "everyone hears both, once, in order"
        );
    }
    let inbox = world.entries(RoomId::inbox(ana_id));
    assert!(
        inbox.iter().any(|entry| matches!(
            entry.event,
            Event::Inbox(inbox::Event::Noted {
                what: inbox::What::Mention,
                seq: Seq(2),
                ..
            })
        )),
        "a mention points"
    );
    world.verify();
}

#[test]
fn whoever_comes_back_gets_the_gap_and_nothing_twice() {
    let mut world = World::new(2);
    let vendor = world.organisation("Northwind", OrgKind::Vendor);
    let tom = world.claim(vendor, "Tom Becker");
    let mei = world.invite(tom, "Mei Tanaka", Role::Rep, false);
    let room = RoomId::org(vendor);
    world.say(tom, room, said(&[]), &["one"]).unwrap();
    world.hang_up(mei);
    world.say(tom, room, said(&[]), &["two"]).unwrap();
    world.say(tom, room, said(&[]), &["three"]).unwrap();
    world.log_in(mei);
    world.say(tom, room, said(&[]), &["four"]).unwrap();
    let texts: Vec<String> = world.consoles[mei]
        .heard_in(room)
        .iter()
        .filter_map(|entry| entry.texts.first().cloned().flatten())
        .map(|text| text.text.as_str().to_owned())
        .collect();
    assert_eq!(texts, ["one", "two", "three", "four"]);
    world.verify();
}

#[test]
fn a_private_channel_does_not_exist_for_anybody_else() {
    let mut world = World::new(3);
    let vendor = world.organisation("Northwind", OrgKind::Vendor);
    let partner = world.organisation("BrightPath", OrgKind::Partner);
    let tom = world.claim(vendor, "Tom Becker");
    let ana = world.claim(partner, "Ana Weber");
    let settings = channel::Settings {
        handle: "secret".parse().unwrap(),
        reach: channel::Reach::Private,
        post: channel::Who::Reps,
        invite: channel::Who::Moderators,
        slow: Span::ZERO,
    };
    let open = Command::Org(org::Command::OpenChannel { settings });
    world
        .say(ana, RoomId::org(partner), open, &["Ours"])
        .unwrap();
    let room = opened(&world, RoomId::org(partner));
    let absent = RoomId::new(rialto_shared::id::RoomKind::Channel, [9; 16]);
    let forbidden = world.say(tom, room, said(&[]), &["?"]).unwrap_err();
    assert_eq!(
        forbidden,
        world.say(tom, absent, said(&[]), &["?"]).unwrap_err()
    );
    let tom_id = world.consoles[tom].member;
    let invite = channel::Command::Invite {
        member: tom_id,
        role: Role::Rep,
        history: false,
    };
    world.say(ana, room, Command::Channel(invite), &[]).unwrap();
    world.say(tom, room, said(&[]), &["Thanks"]).unwrap();
    let remove = Command::Channel(channel::Command::Remove { member: tom_id });
    world.say(ana, room, remove, &[]).unwrap();
    assert_eq!(
        world.say(tom, room, said(&[]), &["?"]).unwrap_err(),
        forbidden
    );
    assert!(
        !world.consoles[tom].cursors.contains_key(&room),
        "the room was closed for him"
    );
    world.verify();
}

#[test]
fn a_number_answers_the_same_for_ever() {
    let mut world = World::new(4);
    let vendor = world.organisation("Northwind", OrgKind::Vendor);
    let tom = world.claim(vendor, "Tom Becker");
    let room = RoomId::org(vendor);
    let frame = world.frame(tom, room, said(&[]), &["once"]);
    for _ in 0..3 {
        world.up(tom, &frame);
        world.settle();
    }
    let answers: BTreeSet<&String> = world.consoles[tom]
        .heard
        .iter()
        .filter(|frame| frame.starts_with("{\"answer\""))
        .collect();
    assert_eq!(answers.len(), 1, "three sendings, one answer");
    assert_eq!(
        world
            .entries(room)
            .iter()
            .filter(|entry| entry.kind == "talk.said")
            .count(),
        1
    );
    world.consoles[tom].n -= 1;
    let refusal = world
        .say(tom, room, said(&[]), &["another under the same number"])
        .unwrap_err();
    assert_eq!(refusal.code, "number.conflict");
}
