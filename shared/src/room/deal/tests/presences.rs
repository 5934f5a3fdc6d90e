//! How the vendor comes into a deal: by every party's signature, by a call, and in no other way.

use super::world::{A, B, C, V, World, org, person};
use crate::{
    entry::Seq,
    id::{MemberId, RoomId},
    rejection::Rejection,
    room::{
        deal::{Command, Presence, Responsibility},
        inbox::What,
        talk,
    },
    standing::Role,
    time::Span,
};
use std::collections::BTreeSet;

fn propose(world: &mut World, room: RoomId, who: MemberId, to: Presence) -> Seq {
    let propose = Command::ProposePresence { to };
    world.send(who, room, propose, &[]).unwrap()[0].seq
}

const fn sign(proposal: Seq) -> Command {
    Command::SignPresence { proposal }
}

fn call(members: &[u8]) -> Command {
    Command::CallVendor {
        members: members.iter().map(|i| person(V, *i)).collect(),
    }
}

#[test]
fn a_presence_takes_effect_when_every_party_has_signed() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[2]);
    world.join(room, B, true);
    world.join(room, C, true);
    let proposal = propose(&mut world, room, person(A, 1), Presence::InRoom);
    let open = world.deal(room).proposal.as_ref().unwrap();
    let log = &world.rooms[&room].log;
    assert_eq!(open.entry.hash, log.last().unwrap().hash());
    assert!(world.needs(person(B, 1)).contains(&What::PresenceProposed));
    let refused = world.send(person(B, 2), room, sign(proposal), &[]);
    assert_eq!(refused, Err(Rejection::NeedsRole(Role::Lead)));
    let refused = world
        .send(person(A, 1), room, sign(proposal), &[])
        .unwrap_err();
    assert_eq!(refused.code(), "already", "whoever proposes has signed");
    world.send(person(B, 1), room, sign(proposal), &[]).unwrap();
    assert_eq!(world.terms(person(V, 0), room), None, "C has not signed");
    let waits = |world: &World, who| world.needs(who).contains(&What::PresenceProposed);
    assert!(!waits(&world, person(B, 1)) && waits(&world, person(C, 1)));
    let entries = world.send(person(C, 1), room, sign(proposal), &[]).unwrap();
    let set = entries.last().unwrap();
    assert!(set.statement.is_some(), "the last signature stands in it");
    assert!(!waits(&world, person(C, 1)));
    let seat = world.terms(person(V, 0), room).unwrap();
    assert_eq!((seat.role, seat.since), (Role::Lead, set.seq));
    assert!(world.terms(person(V, 1), room).is_some());
    assert_eq!(world.terms(person(V, 2), room), None, "no alliance manager");
    world.folds(room);

    let freeze = Command::Freeze {};
    world
        .send(person(V, 1), room, freeze, &["Look into it"])
        .unwrap();
    world
        .send(person(V, 0), room, Command::Unfreeze {}, &[])
        .unwrap();
    let mute = talk::Command::Mute {
        member: person(B, 2),
        span: Span::hours(1),
    };
    world.send(person(V, 1), room, mute, &[]).unwrap();
    let leave = world.send(person(V, 1), room, Command::Leave {}, &[]);
    assert!(matches!(leave, Err(Rejection::State(_))), "here by a rule");
    let win = world.send(person(V, 0), room, Command::Win {}, &[]);
    assert!(
        matches!(win, Err(Rejection::Only(_))),
        "the vendor is no party"
    );
    let proposal = propose(&mut world, room, person(A, 1), Presence::NotPresent);
    world.send(person(B, 1), room, sign(proposal), &[]).unwrap();
    world.send(person(C, 1), room, sign(proposal), &[]).unwrap();
    assert_eq!(world.terms(person(V, 0), room), None);
    world.folds(room);
}

#[test]
fn a_proposal_lapses_and_is_void_when_the_parties_change() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.join(room, B, true);
    let proposal = propose(&mut world, room, person(A, 1), Presence::OnCall);
    let second = Command::ProposePresence {
        to: Presence::InRoom,
    };
    let refused = world.send(person(B, 1), room, second, &[]);
    assert!(matches!(refused, Err(Rejection::State(_))), "one at a time");
    world.wait(Span::days(7));
    let refused = world
        .send(person(B, 1), room, sign(proposal), &[])
        .unwrap_err();
    assert!(refused.to_string().contains("no longer open"), "{refused}");
    assert_eq!(world.deal(room).presence.value, Some(Presence::NotPresent));

    let proposal = propose(&mut world, room, person(A, 1), Presence::OnCall);
    world.join(room, C, true);
    let refused = world.send(person(B, 1), room, sign(proposal), &[]);
    assert!(matches!(refused, Err(Rejection::State(_))));
    let proposal = propose(&mut world, room, person(A, 1), Presence::OnCall);
    world.send(person(B, 1), room, sign(proposal), &[]).unwrap();
    world
        .send(person(C, 1), room, Command::Withdraw {}, &[])
        .unwrap();
    assert_eq!(world.deal(room).proposal, None);
    assert_eq!(world.deal(room).presence.value, Some(Presence::NotPresent));
    world.folds(room);
}

#[test]
fn on_call_one_party_brings_those_whom_it_names() {
    let mut world = World::new();
    let room = world.open(Presence::OnCall, &[]);
    world.join(room, B, true);
    assert_eq!(world.terms(person(V, 0), room), None);
    let mut refused = |command| {
        let words = ["The customer asks for you"];
        world
            .send(person(B, 1), room, command, &words)
            .unwrap_err()
            .code()
    };
    assert_eq!(refused(call(&[2])), "value", "no alliance manager");
    assert_eq!(refused(call(&[0, 9])), "value");
    assert_eq!(refused(call(&[])), "value");
    let words = ["The customer asks for you"];
    let entry = world
        .send(person(B, 1), room, call(&[1]), &words)
        .unwrap()
        .remove(0);
    assert!(entry.statement.is_some());
    let seat = world.terms(person(V, 1), room).unwrap();
    assert_eq!((seat.role, seat.since), (Role::Lead, entry.seq));
    assert_eq!(world.terms(person(V, 0), room), None, "not called");
    assert_eq!(world.needs(person(V, 1)), [What::VendorCalled]);
    let again = world
        .send(person(A, 1), room, call(&[1]), &words)
        .unwrap_err();
    assert_eq!(again.code(), "already");
    world
        .send(person(V, 1), room, Command::Freeze {}, &["Wait"])
        .unwrap();
    world
        .send(person(V, 1), room, Command::Unfreeze {}, &[])
        .unwrap();

    world.send(person(A, 1), room, call(&[0]), &words).unwrap();
    world
        .send(person(V, 0), room, Command::Leave {}, &[])
        .unwrap();
    assert_eq!(world.terms(person(V, 0), room), None);
    let proposal = propose(&mut world, room, person(A, 1), Presence::NotPresent);
    world.send(person(B, 1), room, sign(proposal), &[]).unwrap();
    assert_eq!(
        world.terms(person(V, 1), room),
        None,
        "their seats end with it"
    );
    assert!(world.needs(person(V, 1)).contains(&What::Unseated));
    assert!(world.deal(room).called.is_empty());
    world.folds(room);
}

#[test]
fn not_present_a_call_is_a_knock_with_inviter_and_words_only() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    let words = ["We need a price"];
    world.send(person(A, 1), room, call(&[1]), &words).unwrap();
    assert_eq!(world.terms(person(V, 1), room), None);
    assert!(world.deal(room).called.is_empty());
    assert_eq!(world.needs(person(V, 1)), [What::VendorCalled]);
    assert!(world.needs(person(V, 0)).is_empty());
    let vendor = RoomId::org(org(V));
    let entry = world.rooms[&vendor].log.last().unwrap();
    assert_eq!(entry.kind, "org.deal_called");
    assert_eq!(entry.author.org(), Some(org(A)));
    let said: Vec<&str> = entry
        .texts
        .iter()
        .flatten()
        .map(|text| text.text.as_str())
        .collect();
    assert_eq!(said, words);
    for secret in ["Contoso", "Sensors"] {
        let bytes = String::from_utf8(entry.encode()).unwrap();
        assert!(!bytes.contains(secret));
    }
    world.folds(vendor);
}

#[test]
fn the_presence_that_a_deal_opens_with_is_in_force_at_once() {
    for (presence, seated) in [
        (Presence::InRoom, true),
        (Presence::OnCall, false),
        (Presence::NotPresent, false),
    ] {
        let mut world = World::new();
        let room = world.open(presence, &[]);
        assert_eq!(world.terms(person(V, 0), room).is_some(), seated);
        let alone = match presence {
            Presence::InRoom => Presence::OnCall,
            Presence::OnCall | Presence::NotPresent => Presence::InRoom,
        };
        propose(&mut world, room, person(A, 1), alone);
        assert_eq!(
            world.deal(room).presence.value,
            Some(alone),
            "the only party signed"
        );
        assert_eq!(world.terms(person(V, 0), room).is_some(), !seated);
    }
}

#[test]
fn a_manager_who_is_called_is_no_party() {
    let mut world = World::new();
    let room = world.open(Presence::OnCall, &[]);
    world
        .send(person(A, 1), room, call(&[0]), &["Help"])
        .unwrap();
    let add = Command::AddPeople {
        people: BTreeSet::from([person(V, 1)]),
        role: Role::Rep,
    };
    for command in [
        add,
        Command::Withdraw {},
        call(&[1]),
        Command::ProposePresence {
            to: Presence::InRoom,
        },
    ] {
        let texts: &[&str] = match &command {
            Command::CallVendor { .. } => &["Me too"],
            _ => &[],
        };
        let refused = world.send(person(V, 0), room, command, texts);
        assert!(matches!(refused, Err(Rejection::Only(_))), "{refused:?}");
    }
}

#[test]
fn a_vendor_that_hosts_is_a_party_by_those_it_names() {
    let mut world = World::new();
    let room = world.open_as(person(V, 0), Presence::InRoom, &[person(V, 2)]);
    let party = &world.deal(room).parties[&org(V)];
    assert_eq!(party.responsibility.value, Some(Responsibility::Vendor));
    let rep = world.terms(person(V, 2), room).unwrap();
    assert_eq!(rep.role, Role::Rep, "named, and no manager");
    // The second manager is here by the vendor's presence: a moderator, and nobody who could end the deal.
    assert_eq!(world.terms(person(V, 1), room).unwrap().role, Role::Lead);
    let won = world.send(person(V, 1), room, Command::Win {}, &[]);
    assert!(matches!(won, Err(Rejection::Only(_))));
    world
        .send(person(V, 1), room, Command::Freeze {}, &["Wait"])
        .unwrap();
    world
        .send(person(V, 0), room, Command::Unfreeze {}, &[])
        .unwrap();
    let at = party_at(&world, room);
    let other = Command::Responsible {
        responsibility: Responsibility::Reseller,
        at,
    };
    let refused = world.send(person(V, 0), room, other, &[]).unwrap_err();
    assert_eq!(refused.field(), "responsibility");
    propose(&mut world, room, person(V, 0), Presence::NotPresent);
    assert_eq!(world.terms(person(V, 1), room), None);
    assert!(world.terms(person(V, 0), room).is_some(), "the host stays");
    world
        .send(person(V, 0), room, Command::Win {}, &[])
        .unwrap();
    world.folds(room);
}

fn party_at(world: &World, room: RoomId) -> Seq {
    world.deal(room).parties[&org(V)].responsibility.at
}
