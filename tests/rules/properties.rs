//! What holds of the rules whatever happens: over random histories, across restarts, and for judges who are asked nonsense.
//! That `fold(log)` is the room, also after erasure, is in [`super`].

use crate::{
    crash::disk::{Disk, Remains},
    privacy::{history, replayed},
    world::{
        DAWN, Dice, World,
        example::{self, Named},
        from_env,
    },
};
use rialto_server::{clock::Clock as _, ledger::verify};
use rialto_shared::{
    ask::Ask,
    entry::{Entry, Seq, Worded},
    event::Event,
    id::{Hash, RoomId},
    limits,
    room::{
        Actor, Admission, Case, Cited, Own, Policy, Room, State, Taking, Texts, apply, deal,
        decide, due, fire, react, referral, take,
    },
    standing::{AgreementKind, Role, Standing, Tie},
    time::Span,
    timeline::{Marks, Note},
};
use std::collections::{BTreeMap, BTreeSet};
use strum::VariantArray as _;

fn histories() -> std::ops::Range<u64> {
    let first = from_env("RIALTO_SEED", 30_000);
    first..first + from_env("RIALTO_WORLDS", 60) / 6
}

/// Every room with its log.
fn logs(world: &World) -> BTreeMap<RoomId, Vec<Entry>> {
    let rooms: BTreeSet<RoomId> = world.log().iter().map(|entry| entry.room).collect();
    let log = |room| (room, world.entries(room));
    rooms.into_iter().map(log).collect()
}

/// What is over for good in this room, in words that no later entry may change.
fn ended(room: &Room) -> Option<String> {
    use referral::Stage;
    match &room.state {
        State::Deal(deal) => deal.end.map(|end| format!("{end:?}")),
        State::Referral(referral) => match referral.stage {
            Stage::Offered
            | Stage::Viewed
            | Stage::Accepted
            | Stage::Contacted
            | Stage::Qualified
            | Stage::Converted { .. } => None,
            Stage::Concluded { .. }
            | Stage::Declined { .. }
            | Stage::Expired
            | Stage::Withdrawn
            | Stage::Returned { .. } => Some(format!("{:?}", referral.stage)),
        },
        _ => None,
    }
}

#[test]
fn no_state_leaves_a_terminal_state() {
    let mut later = 0;
    for seed in histories() {
        for (id, log) in logs(&history(seed)) {
            let (mut room, mut end) = (Room::default(), None);
            for entry in log {
                apply(&mut room, &entry);
                let now = ended(&room);
                if end.is_some() {
                    assert_eq!(now, end, "RIALTO_SEED={seed}: {id} at {}", entry.seq);
                    later += 1;
                }
                end = now;
            }
        }
    }
    assert!(later > 0, "nothing happened after an end");
}

#[test]
fn what_is_derived_anew_is_what_is_stored() {
    let mut rows = 0;
    for seed in histories() {
        let world = history(seed);
        let snapshot = world.house.snapshot().unwrap();
        let report = verify::verify(&snapshot, world.house.server).unwrap();
        assert_eq!(report.findings, [], "RIALTO_SEED={seed}");
        rows += report.rows;
    }
    assert!(rows > 1_000, "{rows} rows test too little");
}

/// No clock of any room is overdue, and none of what ends once has ended twice.
fn fired_once(world: &World, context: &str) {
    let now = world.clock.now();
    for (id, log) in logs_of(world) {
        let mut room = Room::default();
        for entry in &log {
            apply(&mut room, entry);
        }
        let overdue = due(&room).filter(|(at, _)| *at <= now);
        assert_eq!(overdue, None, "{context}: {id}");
        let count = |kind: &str| log.iter().filter(|entry| entry.kind == kind).count();
        for kind in [
            "referral.expired",
            "referral.extended",
            "referral.contact_missed",
        ] {
            assert!(count(kind) <= 1, "{context}: {kind} in {id}");
        }
        assert!(
            count("deal.invitation_expired") <= count("deal.invited"),
            "{context}: {id}"
        );
        assert!(
            count("deal.presence_lapsed") <= count("deal.presence_proposed"),
            "{context}: {id}"
        );
        let dues = log.iter().filter_map(|entry| match &entry.event {
            Event::Deal(deal::Event::TaskDue { task, .. }) => Some(*task),
            _ => None,
        });
        let dues: Vec<Seq> = dues.collect();
        let once: BTreeSet<Seq> = dues.iter().copied().collect();
        assert!(dues.len() <= once.len() * 8, "{context}: {id}");
    }
}

/// Every room of a ledger, whoever wrote it: a world that was opened knows only what it has written itself.
fn logs_of(world: &World) -> BTreeMap<RoomId, Vec<Entry>> {
    let mut rooms: BTreeSet<RoomId> = world.log().iter().map(|entry| entry.room).collect();
    for console in &world.consoles {
        rooms.extend(console.cursors.keys());
    }
    rooms
        .into_iter()
        .map(|room| (room, world.entries(room)))
        .collect()
}

#[test]
fn clocks_fire_exactly_once_across_restarts() {
    let mut fired = 0;
    for seed in histories() {
        let mut disk = Disk::default();
        let world = World::on(seed, disk.clone(), DAWN, Policy::None).unwrap();
        let mut world = replayed(seed, world);
        for night in 0..5 {
            let context = format!("RIALTO_SEED={seed}, night {night}");
            let now = world.clock.now() + Span::hours(60);
            disk = disk.survivor(Remains::Nothing, night);
            let consoles = world.consoles;
            world = World::on(seed, disk.clone(), now, Policy::None).unwrap();
            world.consoles = consoles;
            fired += world.log().len();
            fired_once(&world, &context);
            // Neither a look nor another start at the same time finds anything left.
            let before = world.log().len();
            world.pass(Span::ZERO);
            assert_eq!(world.log().len(), before, "{context}: a look");
            disk = disk.survivor(Remains::Nothing, night);
            let again = World::on(seed, disk.clone(), now, Policy::None).unwrap();
            assert_eq!(again.log().len(), 0, "{context}: a second start");
            let consoles = world.consoles;
            world = again;
            world.consoles = consoles;
            world.verify();
        }
    }
    assert!(fired > 0, "no clock ran out while the server was down");
}

/// What judges are asked about: rooms in every state that the histories went through, and what these asked of each other.
struct Docket {
    rooms: Vec<(RoomId, Room)>,
    entries: Vec<Entry>,
    asks: Vec<Ask>,
    people: Vec<Standing>,
}

fn docket() -> Docket {
    let (rooms, entries, asks, people) = (vec![], vec![], vec![], vec![]);
    let mut docket = Docket {
        rooms,
        entries,
        asks,
        people,
    };
    for seed in histories().take(4) {
        let world = history(seed);
        for (id, log) in logs(&world) {
            let mut room = Room::default();
            docket.rooms.push((id, room.clone()));
            for entry in log {
                apply(&mut room, &entry);
                let asks = react(&room, &entry).into_iter().map(|(_, ask)| ask);
                docket.asks.extend(asks);
                docket.rooms.push((id, room.clone()));
                docket.entries.push(entry);
            }
        }
        let snapshot = world.house.snapshot().unwrap();
        let all = world.consoles.iter();
        docket
            .people
            .extend(all.filter_map(|one| snapshot.standing(one.member).unwrap()));
    }
    docket
}

/// Any command on any room in any state, by anybody however they stand to it, about any entry; any ask of any room; and any
/// clock of any other. Whatever is said, something is answered.
#[test]
fn nothing_that_a_judge_is_asked_makes_it_panic() {
    let docket = docket();
    let mut dice = Dice::new(5);
    let (texts, own, note, marks) = (
        Texts::default(),
        Own::default(),
        Note::default(),
        Marks::default(),
    );
    let fresh = vec![[3; 16]; limits::FRESH_MAX];
    let (mut yes, mut taken, mut fired) = (0, 0, 0);
    for _ in 0..60_000 {
        let (id, room) = dice.pick(&docket.rooms);
        let (who, other) = (dice.pick(&docket.people), dice.pick(&docket.people));
        let entry = dice.pick(&docket.entries);
        let now = DAWN + Span::hours(i64::try_from(dice.below(4_000)).unwrap());
        let named = Named {
            member: other.member.id,
            from: who.member.id,
            device: rialto_shared::id::DeviceId::from_bits([1; 16]),
            org: other.org.id,
            room: dice.pick(&docket.rooms).0,
            entry: *dice.pick(&[Seq::ZERO, Seq(1), Seq(3), entry.seq, Seq(u64::MAX)]),
            at: *dice.pick(&[Seq::ZERO, Seq(1), Seq(u64::MAX)]),
            now,
        };
        let (what, words) = dice.pick(&example::examples(&named)).clone();
        let salted = |(n, text): (u8, &&str)| rialto_shared::entry::SaltedText {
            salt: rialto_shared::id::Salt([n; 32]),
            text: rialto_shared::text::Text::parse(text).unwrap(),
        };
        let command = Worded::new(what, (0..).zip(&words).map(salted).collect());
        let role = *dice.pick(Role::VARIANTS);
        let since = *dice.pick(&[Seq::ZERO, Seq(2), Seq(u64::MAX)]);
        let tie = Tie {
            relation: RoomId::relation(who.org.id, other.org.id),
            agreements: AgreementKind::VARIANTS
                .iter()
                .copied()
                .filter(|_| dice.in_hundred(50))
                .collect(),
        };
        let cards = [who.member.clone(), other.member.clone()];
        let case = Case {
            id: *id,
            room,
            texts: &texts,
            admission: *dice.pick(&[
                Admission::Seat {
                    role,
                    since,
                    own: &own,
                },
                Admission::Seat {
                    role: Role::Admin,
                    since: Seq::ZERO,
                    own: &own,
                },
                Admission::Invited,
                Admission::Operator,
                Admission::Outsider,
            ]),
            actor: *dice.pick(&[
                Actor::Member(who),
                Actor::Member(who),
                Actor::Operator,
                Actor::Newcomer,
            ]),
            tie: Some(&tie).filter(|_| dice.in_hundred(50)),
            other: Some(&other.org).filter(|_| dice.in_hundred(80)),
            named: &cards[dice.below(2)..],
            cited: Some(Cited {
                entry,
                note: &note,
                marks: &marks,
            })
            .filter(|_| dice.in_hundred(80)),
            home: Some(room).filter(|_| dice.in_hundred(80)),
            claim: Some(*id).filter(|_| dice.in_hundred(20)),
            code_used: dice.in_hundred(20),
            policy: *dice.pick(&[Policy::None, Policy::NdaForDeal, Policy::NdaForValue]),
            server: Hash::ZERO,
            fresh: &fresh,
            now,
        };
        yes += usize::from(decide(&case, &command).is_ok());
        let taking = Taking {
            id: *id,
            room,
            texts: &texts,
            ask: dice.pick(&docket.asks),
            tie: Some(&tie).filter(|_| dice.in_hundred(50)),
            fresh: &fresh,
            now,
        };
        taken += usize::from(!take(&taking).is_empty());
        if let Some((_, clock)) = due(&dice.pick(&docket.rooms).1) {
            fired += usize::from(!fire(room, &clock, now).is_empty());
        }
    }
    assert!(
        yes > 300 && taken > 300 && fired > 0,
        "{yes} {taken} {fired} test too little"
    );
}
