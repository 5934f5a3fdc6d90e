//! A card that changes reaches whoever holds it, at the commit and once, and nobody else.

use super::{closed, names, say};
use crate::world::{ANA, Community, KIM, RUI, TOM, UMA, VIK, World};
use rialto_server::ledger::writer::{Done, Work};
use rialto_shared::{
    command::Command,
    entry::Worded,
    id::{OrgId, RoomId},
    limits,
    protocol::{Down, Up},
    room::org,
    standing::{MemberCard, OrgCard, Role},
    text::Text,
};
use std::collections::{BTreeMap, BTreeSet};

/// The cards that came down since.
fn cards(world: &World, who: usize, mark: usize) -> (Vec<MemberCard>, Vec<OrgCard>) {
    let (mut people, mut firms) = (vec![], vec![]);
    for down in world.consoles[who].since(mark) {
        if let Down::Cards { members, orgs } = down {
            people.extend(members);
            firms.extend(orgs);
        }
    }
    (people, firms)
}

fn watched(world: &mut World, who: usize, room: RoomId) {
    world.up(who, &Up::Watch { room, cursor: None });
    world.settle();
}

fn role(world: &World, who: usize, role: Role) -> Command {
    let console = &world.consoles[who];
    let org = world.room(RoomId::org(console.org));
    let rialto_shared::room::State::Org(state) = &org.state else {
        panic!("an organisation");
    };
    Command::Org(org::Command::Role {
        member: console.member,
        role,
        alliance: false,
        at: state.people[&console.member].at,
    })
}

#[test]
fn a_new_name_and_a_new_role_reach_those_who_hold_the_card_in_one_frame() {
    let Community {
        mut world, lobby, ..
    } = Community::new(1);
    for who in [UMA, RUI] {
        watched(&mut world, who, lobby);
    }
    world
        .say(RUI, lobby, say(), &["so that they know me"])
        .unwrap();
    let marks: Vec<usize> = world
        .consoles
        .iter()
        .map(|console| console.heard.len())
        .collect();
    let home = RoomId::org(world.consoles[RUI].org);
    let role = role(&world, RUI, Role::Lead);
    world.queue(
        RUI,
        home,
        Command::Org(org::Command::Name {}),
        &["Rui C. Costa"],
    );
    world.queue(ANA, home, role, &[]);
    world.settle();
    let rui = world.consoles[RUI].member;
    assert_eq!(
        names(&world, UMA, marks[UMA]),
        ["cards"],
        "once, and nothing else"
    );
    for who in [UMA, ANA, RUI] {
        let (members, orgs) = cards(&world, who, marks[who]);
        let [card] = members.as_slice() else {
            panic!("{who}: {members:?}");
        };
        assert_eq!((card.id, card.role), (rui, Role::Lead), "{who}");
        assert_eq!(card.name.as_ref().unwrap().text.as_str(), "Rui C. Costa");
        assert!(orgs.is_empty());
    }
    // They hold no card of his: nothing came down at all.
    for who in [KIM, TOM, VIK] {
        assert_eq!(world.consoles[who].heard.len(), marks[who], "{who}");
    }
    // Whoever learns the name later learns the new one, once.
    watched(&mut world, KIM, lobby);
    world.say(RUI, lobby, say(), &["and again"]).unwrap();
    let (members, _) = cards(&world, KIM, marks[KIM]);
    assert!(
        members
            .iter()
            .any(|card| card.id == rui && card.role == Role::Lead)
    );
}

#[test]
fn a_card_is_brought_to_a_console_that_is_still_catching_up() {
    let Community {
        mut world, lobby, ..
    } = Community::new(1);
    watched(&mut world, UMA, lobby);
    world
        .say(RUI, lobby, say(), &["so that they know me"])
        .unwrap();
    // Logged in, nothing resumed yet: it holds its own card.
    world.hang_up(RUI);
    world.knock(RUI);
    let mark = world.consoles[RUI].heard.len();
    let home = RoomId::org(world.consoles[RUI].org);
    let role = role(&world, RUI, Role::Lead);
    world.say(ANA, home, role, &[]).unwrap();
    let (members, _) = cards(&world, RUI, mark);
    assert_eq!(members.len(), 1, "{members:?}");
    assert_eq!(members[0].role, Role::Lead);
    assert_eq!(closed(&world, RUI), None);
}

#[test]
fn a_card_that_changed_while_one_was_away_comes_with_the_resume() {
    let Community { mut world, .. } = Community::new(1);
    let home = RoomId::org(world.consoles[RUI].org);
    let held = |world: &World, mark: usize| {
        let (members, _) = cards(world, ANA, mark);
        let rui = world.consoles[RUI].member;
        let his: Vec<MemberCard> = members.into_iter().filter(|card| card.id == rui).collect();
        his
    };
    world.hang_up(ANA);
    world
        .say(
            RUI,
            home,
            Command::Org(org::Command::Name {}),
            &["Rui C. Costa"],
        )
        .unwrap();
    world.log_in(ANA);
    // She has it now, and everything that led to it: the next resume has no entry that brings it.
    world.hang_up(ANA);
    let mark = world.consoles[ANA].heard.len();
    world.log_in(ANA);
    let [card] = held(&world, mark).try_into().unwrap();
    assert_eq!(card.name.unwrap().text.as_str(), "Rui C. Costa");
}

/// As large as an organisation's card can be.
fn programs() -> BTreeMap<Text, Option<Text>> {
    let wide = |n: usize| {
        let name: String = std::iter::repeat_n('\u{1f4e6}', limits::NAME_CHARS_MAX - 4).collect();
        Text::parse(&format!("{name} {n:03}")).unwrap()
    };
    (0..limits::LEVELS_MAX)
        .map(|n| (wide(n), Some(wide(n))))
        .collect()
}

#[test]
fn large_cards_that_change_together_fit_their_frames() {
    let Community {
        mut world,
        orgs,
        lobby,
    } = Community::new(1);
    watched(&mut world, UMA, lobby);
    for who in [RUI, TOM, KIM] {
        world
            .say(who, lobby, say(), &["so that they know us"])
            .unwrap();
    }
    let mark = world.consoles[UMA].heard.len();
    // As an import does: the operator's commands are not bound by the size of a frame.
    let works = orgs.iter().zip(1..).map(|(org, n)| {
        let class = org::Class {
            types: BTreeSet::new(),
            levels: programs(),
        };
        let classify = Command::Org(org::Command::Classify { org: *org, class });
        Work::Operator {
            room: RoomId::org(orgs[0]),
            command: Box::new(Worded::plain(classify)),
            seed: [n; 16],
        }
    });
    let answers = world.together(works.collect());
    let accepted = |done: &Done| matches!(done, Done::Accepted { .. });
    assert!(answers.iter().all(accepted), "{answers:?}");
    let (_, changed) = cards(&world, UMA, mark);
    let changed: BTreeSet<OrgId> = changed.iter().map(|card| card.id).collect();
    assert_eq!(changed, orgs.into_iter().collect());
    assert_eq!(closed(&world, UMA), None);
    // The same cards at a login, where they come together too.
    world.hang_up(UMA);
    world.consoles[UMA].cursors.clear();
    world.log_in(UMA);
    assert_eq!(closed(&world, UMA), None);
}
