//! Somebody objects to an admin whom the vendor seats in their organisation: their own people read who, the vendor's admins
//! hear that somebody did, and nobody else hears anything. Nor is the vendor told who is a person there.

use super::difference;
use crate::world::{ANA, Community, KIM, LEO, MEI, RUI, TOM, UMA, VIK, ZOE};
use rialto_server::clock::Clock as _;
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{Hash, MemberId, RoomId},
    protocol::Down,
    room::{
        State,
        inbox::What,
        org::{self, Successor},
    },
    standing::Role,
    time::Span,
};

/// What happens of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Announced,
    /// By this console.
    Objected(usize),
}

fn community() -> Community {
    Community::new(4_000)
}

fn seats(community: &mut Community, successor: Successor) {
    let [vendor, bright, _] = community.orgs;
    let seat = org::Command::SeatAdmin {
        org: bright,
        successor,
    };
    let world = &mut community.world;
    let said = world.say(TOM, RoomId::org(vendor), Command::Org(seat), &[]);
    said.unwrap();
}

/// The story of an announced admin, which goes on for four days.
fn story(told: Told) -> Community {
    let mut community = community();
    let bright = RoomId::org(community.orgs[1]);
    if told != Told::Nothing {
        let until = community.world.clock.now() + Span::days(6);
        let invitation = org::Invitation {
            code: Hash::of("objection", &[]),
            chain: vec![],
            role: Role::Admin,
            alliance: false,
            until,
        };
        seats(&mut community, Successor::Invited(invitation));
    }
    let world = &mut community.world;
    world.pass(Span::hours(70));
    if let Told::Objected(by) = told {
        let State::Org(org) = world.room(bright).state else {
            panic!("no organisation");
        };
        let object = org::Command::Object {
            at: org.succession.unwrap().at,
        };
        world.say(by, bright, Command::Org(object), &[]).unwrap();
    }
    world.pass(Span::days(1));
    // Whoever comes back is told the same as whoever stayed.
    for who in [MEI, KIM] {
        world.hang_up(who);
        world.log_in(who);
    }
    world.verify();
    community
}

/// Nothing differs in what these consoles were sent.
fn alike(who: &[usize], one: &Community, other: &Community, what: &str) {
    for who in who {
        let [one, other] = [one, other].map(|of| of.world.consoles[*who].heard.as_slice());
        if let Some(difference) = difference(one, other) {
            panic!("{what}, console {who}: {difference}");
        }
    }
}

fn needs(community: &Community, who: usize) -> Vec<What> {
    let member = community.world.consoles[who].member;
    match community.world.room(RoomId::inbox(member)).state {
        State::Inbox(inbox) => inbox.needs.iter().map(|need| need.what).collect(),
        other => panic!("no Inbox: {other:?}"),
    }
}

#[test]
fn an_objection_shows_to_their_own_people_and_the_vendors_admins() {
    let nothing = story(Told::Nothing);
    let announced = story(Told::Announced);
    let objected = story(Told::Objected(RUI));
    // That the vendor seats somebody is for both organisations, and for nobody beside them.
    alike(&[KIM, LEO, UMA], &nothing, &announced, "what is announced");
    let outside = [KIM, LEO, UMA, MEI, VIK];
    alike(&outside, &announced, &objected, "that somebody objects");
    assert!(needs(&objected, TOM).contains(&What::SuccessorRefused));
    assert!(!needs(&announced, TOM).contains(&What::SuccessorRefused));
    for who in [MEI, VIK] {
        assert!(!needs(&objected, who).contains(&What::SuccessorRefused));
    }
    for who in [ANA, RUI, ZOE] {
        assert!(needs(&announced, who).contains(&What::SuccessorSeated));
        assert!(!needs(&objected, who).contains(&What::SuccessorSeated));
    }
}

#[test]
fn who_objects_is_not_told_to_the_vendor() {
    let [one, two, three] = [ANA, RUI, ZOE].map(|who| story(Told::Objected(who)));
    let outside = [TOM, MEI, VIK, KIM, LEO, UMA];
    alike(&outside, &one, &two, "an admin or a rep");
    alike(&outside, &two, &three, "a rep or a viewer");
}

/// What somebody is sent, without what is computed of the person's id: the kinds of frames and their lengths.
fn shape(community: &Community, who: usize) -> Vec<String> {
    let heard = community.world.consoles[who].heard.iter();
    let shape = heard.map(|frame| {
        let kind = serde_json::from_str::<Down>(frame).map_or("gone".to_owned(), |down| {
            let debug = format!("{down:?}");
            debug
                .split([' ', '{', '('])
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        format!("{kind} {}", frame.len())
    });
    shape.collect()
}

/// A person there, who takes part or not, one of another organisation, nobody at all: the vendor is answered the same, and
/// hears the same until somebody is seated.
#[test]
fn who_is_a_person_there_is_not_told_to_the_vendor() {
    let whom = |who: Option<usize>| {
        let mut community = community();
        let member = who.map_or(MemberId::from_bits([7; 16]), |who| {
            community.world.consoles[who].member
        });
        seats(&mut community, Successor::Member(member));
        community.world.pass(Span::hours(71));
        let announced = needs(&community, ANA).contains(&What::SuccessorAnnounced);
        (community, announced)
    };
    let (there, announced) = whom(Some(RUI));
    assert!(announced);
    for who in [None, Some(LEO), Some(ANA)] {
        let (other, announced) = whom(who);
        assert!(!announced, "{who:?}");
        for vendor in [TOM, MEI, VIK] {
            assert_eq!(shape(&there, vendor), shape(&other, vendor), "{who:?}");
        }
        let head = other.world.room(RoomId::org(other.orgs[1])).head.seq;
        assert_eq!(head, before(&there), "nothing is said there");
    }
}

/// How far the organisation was before somebody was announced.
fn before(community: &Community) -> Seq {
    let room = RoomId::org(community.orgs[1]);
    community.world.room(room).head.seq.previous()
}
