//! Random histories of three organisations: nothing panics, rooms and logs agree, the two sides of a connection agree.

use super::host::{Host, Who};
use crate::{
    command::Command,
    entry::Seq,
    id::{Hash, MemberId, OrgId, RoomId},
    room::{
        State,
        org::{self, Preference, Take},
        profile::{self, Capacity, Field, Visibility},
        relation,
    },
    standing::{AgreementKind, OrgKind, Role},
    time::{Date, Span},
};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// One thing that somebody tries, right or wrong.
#[derive(Debug, Clone)]
enum Step {
    Connect,
    Withdraw,
    Answer(Take, bool),
    Exclude(bool),
    Prefer(Preference),
    Agree(AgreementKind, i64, Option<i64>),
    Confirm(u8),
    End(AgreementKind, u8),
    Disconnect,
    Face(bool, u8),
    Pass(i64),
}

fn step() -> impl Strategy<Value = Step> {
    use prop::sample::select;
    let kind = || select(vec![AgreementKind::Nda, AgreementKind::Cosell]);
    let take = select(vec![
        Take::Connection,
        Take::Connection,
        Take::Neither,
        Take::Both,
    ]);
    prop_oneof![
        4 => Just(Step::Connect),
        1 => Just(Step::Withdraw),
        4 => (take, any::<bool>()).prop_map(|(take, stale)| Step::Answer(take, stale)),
        1 => any::<bool>().prop_map(Step::Exclude),
        1 => select(vec![Preference::AllowAll, Preference::DenyAll]).prop_map(Step::Prefer),
        5 => (kind(), -2_i64..8, prop::option::of(-2_i64..30))
            .prop_map(|(kind, from, to)| Step::Agree(kind, from, to)),
        6 => any::<u8>().prop_map(Step::Confirm),
        2 => (kind(), any::<u8>()).prop_map(|(kind, at)| Step::End(kind, at)),
        1 => Just(Step::Disconnect),
        3 => (any::<bool>(), any::<u8>()).prop_map(|(card, what)| Step::Face(card, what)),
        2 => (1_i64..400).prop_map(Step::Pass),
    ]
}

fn day(host: &Host, ahead: i64) -> Date {
    (host.now + Span::days(ahead)).date()
}

/// The entry that a command about an agreement names when it is right: one of its own kind, three times out of four.
fn some_agreement(host: &Host, one: OrgId, other: OrgId, pick: u8, proposals: bool) -> Seq {
    let right = host
        .relation(one, other)
        .into_iter()
        .flat_map(|relation| relation.agreements.values())
        .find(|agreement| agreement.proposed() == proposals);
    match right {
        Some(agreement) if !pick.is_multiple_of(4) => agreement.at,
        Some(_) | None => some_entry(host, RoomId::relation(one, other), pick),
    }
}

/// A number of an entry that exists in the room, most of the time.
fn some_entry(host: &Host, room: RoomId, pick: u8) -> Seq {
    let head = host.rooms.get(&room).map_or(0, |held| held.room.head.seq.0);
    Seq(u64::from(pick) % (head + 2))
}

fn command(
    host: &Host,
    from: OrgId,
    to: OrgId,
    step: &Step,
) -> (RoomId, Command, Vec<&'static str>) {
    let own = RoomId::org(from);
    let relation = RoomId::relation(from, to);
    let org = |what| (own, Command::Org(what), vec![]);
    let tie = |what| (relation, Command::Relation(what), vec![]);
    match step {
        Step::Connect => (
            own,
            Command::Org(org::Command::Connect { to }),
            vec!["Hello there."],
        ),
        Step::Withdraw => org(org::Command::Withdraw { to }),
        Step::Answer(take, stale) => org(org::Command::AnswerConnection {
            from: to,
            knock: match host.org(from).knocked.get(&to) {
                Some(knock) if !stale => knock.matter,
                Some(_) | None => Hash::ZERO,
            },
            take: *take,
            people: BTreeSet::new(),
        }),
        Step::Exclude(on) => org(org::Command::Exclude { org: to, on: *on }),
        Step::Prefer(preference) => org(org::Command::Prefer {
            preference: *preference,
            at: host.org(from).preference.at,
        }),
        Step::Agree(kind, from, to) => (
            relation,
            Command::Relation(relation::Command::Agree {
                kind: *kind,
                from: day(host, *from),
                to: to.map(|to| day(host, to)),
            }),
            vec!["Folder 7"],
        ),
        Step::Confirm(pick) => tie(relation::Command::Confirm {
            proposal: some_agreement(host, from, to, *pick, true),
        }),
        Step::End(kind, pick) => tie(relation::Command::End {
            kind: *kind,
            at: some_agreement(host, from, to, *pick, pick.is_multiple_of(3)),
        }),
        Step::Disconnect => tie(relation::Command::Disconnect {}),
        Step::Face(card, what) => face(host, from, *card, *what),
        Step::Pass(_) => org(org::Command::Name {}),
    }
}

fn face(host: &Host, org: OrgId, card: bool, what: u8) -> (RoomId, Command, Vec<&'static str>) {
    let room = if card {
        RoomId::card(org)
    } else {
        RoomId::profile(org)
    };
    let State::Profile(profile) = &host.room(room).state else {
        panic!("a face holds a profile");
    };
    let at = |set: Seq| match what % 5 {
        0 => some_entry(host, room, what.wrapping_mul(7)),
        _ => set,
    };
    let visibility = [
        Visibility::Public,
        Visibility::Connections,
        Visibility::Private,
    ][usize::from(what / 8 % 3)];
    let (what, words) = match what % 8 {
        0 => {
            let at = at(profile.description.at);
            (profile::Command::Describe { at }, vec!["We do."])
        }
        1 => {
            let at = at(profile.specialities.at);
            (profile::Command::Specialities { at }, vec!["sap, rust"])
        }
        2 => {
            let at = at(profile.contact.at);
            (profile::Command::Contact { at }, vec!["ana@example.com"])
        }
        3 => {
            let at = at(profile.visibility.at);
            (profile::Command::Visibility { visibility, at }, vec![])
        }
        4 => {
            let (capacity, at) = (Capacity::Limited, at(profile.capacity.at));
            (profile::Command::Capacity { capacity, at }, vec![])
        }
        5 => {
            let (field, at) = (Field::Description, at(profile.description.at));
            (profile::Command::Clear { field, at }, vec![])
        }
        6 => {
            let at = at(profile.notes.at);
            (profile::Command::Notes { at }, vec!["Closed in August."])
        }
        _ => {
            let (types, at) = (BTreeSet::new(), at(profile.looking_for.at));
            (profile::Command::LookingFor { types, at }, vec!["Anyone"])
        }
    };
    (room, Command::Profile(what), words)
}

fn three() -> (Host, Vec<MemberId>) {
    let (mut host, vendor) = Host::with_vendor();
    let a = host.organisation(OrgKind::Partner, 2, "Alpenwerk");
    let b = host.organisation(OrgKind::Partner, 3, "BrightPath");
    let lead = host.person(host.org_of(b), Role::Lead, false);
    (host, vec![vendor, a, b, lead])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rooms_agree_whatever_people_try(
        steps in prop::collection::vec((0_usize..4, 1_usize..3, step()), 20..240),
    ) {
        let (mut host, people) = three();
        for (who, other, step) in steps {
            let who = people[who];
            let from = host.org_of(who);
            let to = host.org_of(people[other]);
            if let Step::Pass(hours) = step {
                host.pass(Span::hours(hours));
            } else {
                let (room, command, words) = command(&host, from, to, &step);
                let before = host.rooms.values().map(|held| held.log.len()).sum::<usize>();
                let done = host.run(Who::Member(who), room, command, &words);
                let after = host.rooms.values().map(|held| held.log.len()).sum::<usize>();
                prop_assert_eq!(done.is_ok(), after > before, "a refusal leaves no trace");
            }
        }
        host.check();
        for days in [1, 40, 400] {
            host.pass(Span::days(days));
        }
        host.check();
    }
}
