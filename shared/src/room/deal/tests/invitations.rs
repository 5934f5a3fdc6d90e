//! How an organisation is asked into a deal, and what it learns before it is in.

use super::world::{A, B, C, U, V, World, asked, invitation_of, org, person, root, say};
use crate::{
    ask::{Address, Ask},
    entry::{SaltedText, Seq},
    event::matter,
    id::{Hash, RoomId, RoomKind, Salt},
    rejection::Rejection,
    room::{
        deal::{Can, Command, DeclineReason, Presence, Responsibility, side_of},
        inbox::What,
        org as org_room, side,
    },
    standing::Role,
    text::Text,
    time::Span,
};
use std::collections::BTreeSet;

#[test]
fn an_invited_organisation_sees_who_asks_and_the_words_and_comes_in() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.send(person(A, 1), room, say(), &["before"]).unwrap();
    let invitation = world.invite(room, B, false);
    let open = &world.org_room(B).deals[&room];
    assert_eq!((open.from, open.matter), (org(A), invitation));
    let log = &world.rooms[&room].log;
    assert_eq!(matter(log.last().unwrap()), Some(invitation));
    assert_eq!(
        world.text(RoomId::org(org(B)), open.message),
        "Your installers know the building."
    );
    assert_eq!(world.needs(person(B, 0)), [What::DealInvitation]);
    assert_eq!(world.needs(person(B, 1)), [What::DealInvitation]);
    assert!(world.needs(person(B, 2)).is_empty(), "no Rep answers");
    assert_eq!(world.terms(person(B, 1), room), None);

    let people = BTreeSet::from([person(B, 2)]);
    let accept = Command::AcceptInvitation { invitation, people };
    let entry = world
        .send(person(B, 1), room, accept, &[])
        .unwrap()
        .remove(0);
    let party = &world.deal(room).parties[&org(B)];
    assert_eq!((party.root, party.since), (root(B), entry.seq));
    assert_eq!(
        party.responsibility.value,
        Some(Responsibility::ServicesPartner)
    );
    assert_eq!(world.terms(person(B, 1), room).unwrap().role, Role::Lead);
    let rep = world.terms(person(B, 2), room).unwrap();
    assert_eq!((rep.role, rep.since), (Role::Rep, entry.seq));
    assert_eq!(world.terms(person(B, 0), room), None, "not named");
    assert!(world.org_room(B).deals.is_empty());
    for lead in [person(B, 0), person(B, 1)] {
        let needs = world.needs(lead);
        assert!(!needs.contains(&What::DealInvitation), "it is answered");
    }
    assert!(
        world
            .needs(person(A, 1))
            .contains(&What::InvitationAnswered)
    );
    let relation = RoomId::relation(org(A), org(B));
    assert!(asked(&world, relation).is_empty(), "it learns nothing");
    let kept = asked(&world, side_of(room, org(A)));
    let copy = String::from_utf8(entry.erased().encode()).unwrap();
    assert_eq!(
        kept,
        [&Ask::Side(Box::new(side::Ask::Keep { entry: copy }))]
    );
    assert_eq!(
        asked(&world, side_of(room, org(B))).len(),
        2,
        "opened, then given its copy"
    );
    world.folds(room);
    world.folds(RoomId::org(org(B)));
}

#[test]
fn history_is_shown_only_where_the_invitation_said_so() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    world.join(room, B, true);
    world.join(room, C, false);
    assert_eq!(world.terms(person(B, 2), room).unwrap().since, Seq::ZERO);
    let since = world.deal(room).parties[&org(C)].since;
    assert_eq!(world.terms(person(C, 2), room).unwrap().since, since);
    let people = BTreeSet::from([person(C, 3)]);
    let add = Command::AddPeople {
        people,
        role: Role::Rep,
    };
    world.send(person(C, 1), room, add, &[]).unwrap();
    assert_eq!(
        world.terms(person(C, 3), room).unwrap().since,
        since,
        "no further back than their organisation"
    );
}

#[test]
fn whoever_is_invited_learns_expired_revoked_or_not_now() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    let invitation = world.invite(room, B, true);
    let accept = |invitation| Command::AcceptInvitation {
        invitation,
        people: BTreeSet::new(),
    };
    let decline = Command::DeclineInvitation {
        invitation,
        reason: DeclineReason::UnableToSupport,
    };
    let as_absent = RoomId::new(RoomKind::Deal, [9; 16]);
    for member in [person(C, 0), person(B, 2), person(V, 0)] {
        for to in [room, as_absent] {
            let refused = world.send(member, to, accept(invitation), &[]);
            assert_eq!(refused, Err(Rejection::NoSuchRoom));
        }
    }
    let lead = person(B, 1);
    let refused = world.send(lead, room, say(), &["hello"]);
    assert_eq!(refused, Err(Rejection::NoSuchRoom), "no seat to talk from");
    let refused = world.send(lead, room, Command::Win {}, &[]);
    assert_eq!(refused, Err(Rejection::NoSuchRoom));
    for wrong in [Hash::ZERO, world.rooms[&room].log.last().unwrap().hash()] {
        let refused = world.send(lead, room, accept(wrong), &[]);
        assert_eq!(refused, Err(Rejection::Revoked));
    }
    world
        .send(person(A, 1), room, Command::Freeze {}, &["Whose is it?"])
        .unwrap();
    let refused = world.send(lead, room, accept(invitation), &[]).unwrap_err();
    assert!(
        refused.to_string().contains("cannot be answered now"),
        "{refused}"
    );
    world
        .send(person(A, 1), room, Command::Unfreeze {}, &[])
        .unwrap();
    world
        .send(lead, room, decline, &["No installers before autumn."])
        .unwrap();
    assert!(world.deal(room).invitations.is_empty());
    assert!(world.org_room(B).deals.is_empty());
    for lead in [person(B, 0), person(B, 1)] {
        let needs = world.needs(lead);
        assert!(!needs.contains(&What::DealInvitation), "it is answered");
    }
    assert!(world.deal(room).party(org(B)).is_none());
    let refused = world.send(lead, room, accept(invitation), &[]);
    assert_eq!(
        refused,
        Err(Rejection::NoSuchRoom),
        "answered: outside again"
    );
}

#[test]
fn an_unanswered_invitation_expires_once_and_may_be_sent_again() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[]);
    let invitation = world.invite(room, B, true);
    world.wait(Span::days(15));
    world.clocks(room);
    assert!(world.deal(room).invitations.is_empty());
    assert!(world.org_room(B).deals.is_empty());
    for lead in [person(B, 0), person(B, 1)] {
        let needs = world.needs(lead);
        assert!(!needs.contains(&What::DealInvitation), "it is answered");
    }
    assert!(
        world
            .needs(person(A, 1))
            .contains(&What::InvitationAnswered)
    );
    assert_eq!(world.deal(room).due(), None);
    let accept = Command::AcceptInvitation {
        invitation,
        people: BTreeSet::new(),
    };
    let refused = world.send(person(B, 1), room, accept, &[]);
    assert_eq!(refused, Err(Rejection::NoSuchRoom));
    world.join(room, B, true);
    world.folds(room);
}

#[test]
fn who_may_invite_whom() {
    let mut world = World::new();
    let room = world.open(Presence::NotPresent, &[2]);
    world.join(room, B, false);
    let mut refused =
        |member, command: Command| world.send(member, room, command, &["Come in"]).unwrap_err();
    let lead = person(A, 1);
    let code = |refused: Rejection| refused.code();
    assert_eq!(
        code(refused(person(A, 2), invitation_of(C, true))),
        "role.too_low"
    );
    assert_eq!(
        code(refused(person(B, 1), invitation_of(C, true))),
        "role.other"
    );
    assert_eq!(code(refused(lead, invitation_of(B, true))), "already");
    assert_eq!(code(refused(lead, invitation_of(A, true))), "already");
    assert_eq!(code(refused(lead, invitation_of(9, true))), "thing.absent");
    assert!(
        refused(lead, invitation_of(V, true))
            .to_string()
            .contains("presence")
    );
    assert!(
        refused(lead, invitation_of(U, true))
            .to_string()
            .contains("claimed")
    );

    let at = world.deal(room).parties[&org(B)].can_at;
    let allow = Command::Allow {
        org: org(B),
        can: Can::ALL,
        at,
    };
    world.send(lead, room, allow.clone(), &[]).unwrap();
    let stale = world.send(lead, room, allow, &[]).unwrap_err();
    assert_eq!(stale.code(), "stale");
    world
        .send(person(B, 1), room, invitation_of(C, true), &["Come"])
        .unwrap();
    let cancel = Command::CancelInvitation { org: org(C) };
    world.send(lead, room, cancel.clone(), &[]).unwrap();
    assert!(world.org_room(C).deals.is_empty());
    let again = world.send(lead, room, cancel, &[]).unwrap_err();
    assert_eq!(again.code(), "thing.absent");
}

#[test]
fn an_invitation_that_an_organisation_has_no_place_for_looks_unanswered() {
    let mut world = World::new();
    let full = 100;
    let message = SaltedText {
        salt: Salt([0; 32]),
        text: Text::parse("Come").unwrap(),
    };
    for n in 0..full {
        let invitation = org_room::Ask::DealInvitation {
            deal: RoomId::new(RoomKind::Deal, [n; 16]),
            from: org(C),
            responsibility: Responsibility::Reseller,
            message: message.clone(),
            until: world.now + Span::days(15),
            matter: Hash::ZERO,
        };
        let to = Address::Room(RoomId::org(org(B)));
        world.ask(to, Ask::Org(Box::new(invitation)));
    }
    let room = world.open(Presence::NotPresent, &[]);
    world.invite(room, B, true);
    assert_eq!(world.org_room(B).deals.len(), usize::from(full));
    assert!(!world.org_room(B).deals.contains_key(&room));
    assert!(world.deal(room).invitations.contains_key(&org(B)));
}
