//! Who can read a room: the answer is everybody who is admitted, for whoever is one of them; to anybody else the room is not
//! there.

use super::{kept, say};
use crate::world::{ANA, Community, KIM, LEO, MEI, RUI, TOM, VIK, World, open_channel, opened};
use rialto_shared::{
    audience::{Grant, Rule},
    command::Command,
    id::{MemberId, RoomId, RoomKind},
    protocol::{Down, Hit, Query, Up},
    room::{Room, channel, inbox, org},
    standing::Role,
};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody is answered, as they hear it.
fn heard(world: &mut World, who: usize, room: RoomId, skip: u32) -> String {
    let mark = world.consoles[who].heard.len();
    let query = Query::Readers { room, skip };
    world.up(who, &Up::Find { id: 7, query });
    world.settle();
    world.consoles[who].heard[mark..].join("\n")
}

/// The readers and their roles; `None` where the room is refused.
fn readers(world: &mut World, who: usize, room: RoomId) -> Option<BTreeMap<MemberId, Role>> {
    let answer = heard(world, who, room, 0);
    match serde_json::from_str(&answer).expect("one frame") {
        Down::Found { hits, total, .. } => {
            assert_eq!(usize::try_from(total).unwrap(), hits.len());
            let role = |hit| match hit {
                Hit::Reader { member, role, .. } => (member, role),
                other => panic!("asked who reads it: {other:?}"),
            };
            Some(hits.into_iter().map(role).collect())
        }
        Down::Error { error, .. } => {
            assert_eq!(error.code, "room.absent");
            None
        }
        other => panic!("{other:?}"),
    }
}

/// Whoever is admitted by a grant that names people, asked of the audience itself.
fn admitted(world: &World, room: &Room) -> BTreeMap<MemberId, Role> {
    let mut named = room.audience.clone();
    named.grants.retain(|grant| match grant {
        Grant::Member { .. } | Grant::Org { .. } => true,
        Grant::Rule { rule, .. } => *rule == Rule::Alliance,
        Grant::Tied { .. } => false,
    });
    let snapshot = world.house.snapshot().unwrap();
    let members: BTreeSet<MemberId> = world.consoles.iter().map(|one| one.member).collect();
    let admitted = members.into_iter().filter_map(|member| {
        let standing = snapshot.standing(member).unwrap()?;
        named.admits(&standing, |_| false)?;
        let terms = room.audience.admits(&standing, |_| false)?;
        Some((member, terms.role))
    });
    admitted.collect()
}

/// A community with a room of each sort that names people: a den with guests, a conversation, organisations, Inboxes.
fn furnished() -> (World, RoomId) {
    let Community {
        mut world, orgs, ..
    } = Community::new(1);
    let private = open_channel("den", channel::Reach::Private);
    world
        .say(
            ANA,
            RoomId::org(world.consoles[ANA].org),
            private,
            &["Ours"],
        )
        .unwrap();
    let den = opened(&world, world.consoles[ANA].org);
    for (guest, role) in [(RUI, Role::Rep), (KIM, Role::Viewer)] {
        let member = world.consoles[guest].member;
        let invite = channel::Command::Invite {
            member,
            role,
            history: false,
        };
        world.say(ANA, den, Command::Channel(invite), &[]).unwrap();
    }
    let members = BTreeSet::from([world.consoles[LEO].member]);
    let direct = Command::Inbox(inbox::Command::OpenDirect { members });
    let own = RoomId::inbox(world.consoles[KIM].member);
    world.say(KIM, own, direct, &[]).unwrap();
    world
        .say(TOM, RoomId::org(orgs[0]), say(), &["hello"])
        .unwrap();
    (world, den)
}

#[test]
fn whoever_reads_a_room_is_told_everybody_who_does_and_nobody_else_is_told_anything() {
    let (mut world, den) = furnished();
    let rooms: BTreeSet<RoomId> = world.log().iter().map(|entry| entry.room).collect();
    let mut refused = 0;
    for room in rooms {
        let state = world.room(room);
        let want = admitted(&world, &state);
        for who in [TOM, ANA, RUI, KIM, LEO, MEI, VIK] {
            let seated = {
                let snapshot = world.house.snapshot().unwrap();
                let standing = snapshot.standing(world.consoles[who].member).unwrap();
                snapshot.seat(&standing.unwrap(), room).unwrap().is_some()
            };
            let told = readers(&mut world, who, room);
            assert_eq!(told, seated.then(|| want.clone()), "{room} asked by {who}");
            refused += usize::from(!seated);
        }
    }
    assert!(refused > 20, "most rooms are private: {refused}");
    let den = readers(&mut world, RUI, den).unwrap();
    assert_eq!(den.len(), 3, "Ana and her two guests");
    assert_eq!(den[&world.consoles[KIM].member], Role::Viewer);
}

#[test]
fn a_room_that_is_not_there_is_refused_in_the_same_bytes() {
    let (mut world, den) = furnished();
    world
        .say(
            VIK,
            RoomId::inbox(world.consoles[VIK].member),
            kept(den),
            &[],
        )
        .unwrap();
    let absent = RoomId::new(RoomKind::Channel, [9; 16]);
    for skip in [0, 1, u32::MAX] {
        let forbidden = heard(&mut world, VIK, den, skip);
        assert_eq!(forbidden, heard(&mut world, VIK, absent, skip));
    }
}

#[test]
fn who_lost_their_seat_is_listed_no_more_and_pages_are_bounded() {
    let (mut world, den) = furnished();
    let rui = world.consoles[RUI].member;
    let suspend = Command::Org(org::Command::Suspend {
        member: rui,
        on: true,
    });
    assert!(readers(&mut world, ANA, den).unwrap().contains_key(&rui));
    let office = RoomId::org(world.consoles[ANA].org);
    world.say(ANA, office, suspend, &[]).unwrap();
    assert!(!readers(&mut world, ANA, den).unwrap().contains_key(&rui));
    let Down::Found { hits, total, .. } =
        serde_json::from_str(&heard(&mut world, ANA, den, 1)).unwrap()
    else {
        panic!("an answer");
    };
    assert_eq!((hits.len(), total), (1, 2));
}
