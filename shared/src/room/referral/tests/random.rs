//! Random histories: whatever people do, in whatever order and whenever, what must hold holds.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Act {
    Begin,
    Draft {
        case: u8,
        by: u8,
    },
    Erase {
        case: u8,
        by: u8,
        target: u8,
    },
    Offer {
        case: u8,
        by: u8,
        to: u8,
    },
    TakeBack {
        referral: u8,
        by: u8,
    },
    Answer {
        referral: u8,
        by: (u8, Role),
        verb: u8,
    },
    Advance {
        referral: u8,
    },
    Asked {
        referral: u8,
        what: u8,
    },
    HandOver {
        referral: u8,
        by: (u8, Role),
        to: Role,
    },
    Wait {
        hours: u16,
    },
    Down {
        hours: u16,
    },
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![1 => Just(Role::Viewer), 2 => Just(Role::Rep), 5 => Just(LEAD), 1 => Just(Role::Admin)]
}

fn act() -> impl Strategy<Value = Act> {
    let org = || 1_u8..=5;
    // Nobody has claimed the fifth: it has no people.
    let who = (1_u8..=4, role());
    prop_oneof![
        2 => Just(Act::Begin),
        2 => (any::<u8>(), 1_u8..=4).prop_map(|(case, by)| Act::Draft { case, by }),
        1 => (any::<u8>(), 1_u8..=4, 0_u8..6)
            .prop_map(|(case, by, target)| Act::Erase { case, by, target }),
        6 => (any::<u8>(), 1_u8..=3, org()).prop_map(|(case, by, to)| Act::Offer { case, by, to }),
        1 => (any::<u8>(), 1_u8..=3).prop_map(|(referral, by)| Act::TakeBack { referral, by }),
        14 => (any::<u8>(), who, 0_u8..8)
            .prop_map(|(referral, by, verb)| Act::Answer { referral, by, verb }),
        8 => any::<u8>().prop_map(|referral| Act::Advance { referral }),
        4 => (any::<u8>(), 0_u8..7).prop_map(|(referral, what)| Act::Asked { referral, what }),
        2 => (any::<u8>(), (1_u8..=4, role()), role())
            .prop_map(|(referral, by, to)| Act::HandOver { referral, by, to }),
        2 => (1_u16..120).prop_map(|hours| Act::Wait { hours }),
        1 => (1_u16..400).prop_map(|hours| Act::Down { hours }),
    ]
}

fn pick(rooms: &[RoomId], at: u8) -> Option<RoomId> {
    rooms.get(usize::from(at) % rooms.len().max(1)).copied()
}

fn rooms(host: &Host, kind: crate::id::RoomKind) -> Vec<RoomId> {
    let ids = host.rooms.keys().copied();
    ids.filter(|id| id.kind() == kind).collect()
}

fn answer(host: &Host, referral: RoomId, by: u8, verb: u8) -> Command {
    let reason = DeclineReason::BadFit;
    match verb {
        0 => Command::View {},
        1 | 2 => Command::Accept {
            from: host.referral(referral).from.org,
            people: BTreeSet::from([member(by, Role::Rep), member(by, LEAD)]),
        },
        3 => Command::Decline { reason },
        4 => Command::Withdraw {},
        5 => Command::Return { reason },
        6 => Command::Contacted {},
        _ if host.referral(referral).stage == Stage::Contacted => Command::Qualified {},
        _ => Command::Convert {},
    }
}

fn asked(host: &Host, referral: RoomId, what: u8) -> Ask {
    let to = host.referral(referral).to;
    let org = to;
    let card = host
        .people
        .values()
        .find(|person| person.org.id == to)
        .unwrap();
    match what {
        0 | 1 => Ask::Show {
            org,
            root: card.org.root.unwrap_or(crate::id::PublicKey([1; 32])),
        },
        6 => Ask::Join {
            org,
            root: card.org.root.unwrap_or(crate::id::PublicKey([1; 32])),
        },
        2 => Ask::Accept {
            people: BTreeSet::from([card.member.id]),
        },
        3 => Ask::Decline {
            reason: DeclineReason::NotNow,
        },
        4 => Ask::Withdraw,
        _ => Ask::Outcome {
            outcome: Outcome::NoValue,
        },
    }
}

/// The receiver takes the next step towards the deal, and the deal its end.
fn advance(host: &mut Host, id: RoomId) {
    let by = host.referral(id).to.bits()[0];
    let verb = match host.referral(id).stage {
        Stage::Offered if host.referral(id).to_root.is_some() => 0,
        Stage::Viewed => 1,
        Stage::Accepted => 6,
        Stage::Contacted | Stage::Qualified => 7,
        Stage::Converted { .. } => {
            let ask = asked(host, id, 5);
            host.ask(id, Asked::Referral(Box::new(ask)), None);
            return;
        }
        Stage::Offered
        | Stage::Concluded { .. }
        | Stage::Declined { .. }
        | Stage::Expired
        | Stage::Withdrawn
        | Stage::Returned { .. } => return,
    };
    if by < 5 {
        let what = answer(host, id, by, verb);
        drop(host.act(member(by, LEAD), id, what));
    }
}

/// Somebody's work in a case or a referral becomes a colleague's.
fn hand_over(host: &mut Host, room: u8, (of, role): (u8, Role), to: Role) {
    use crate::id::RoomKind;
    let both = [RoomKind::Referral, RoomKind::Side].map(|kind| rooms(host, kind));
    let Some(room) = pick(&both.concat(), room) else {
        return;
    };
    let (from, to) = (member(of, role), member(of, to));
    let org = org_id(of);
    let ask = Asked::HandOver(crate::room::HandOver { org, from, to });
    host.ask(room, ask, Some(to));
}

/// Does it or is refused; panics are what is looked for.
fn run(host: &mut Host, act: &Act) {
    use crate::id::RoomKind;
    let (cases, referrals) = (rooms(host, RoomKind::Side), rooms(host, RoomKind::Referral));
    match act {
        Act::Begin => {
            host.open_case(&draft());
        }
        Act::Draft { case, by } => {
            let Some(side) = pick(&cases, *case) else {
                return;
            };
            let seen = host.side(side).case.as_deref();
            let at = seen.map_or(Seq::ZERO, |own| own.draft.at);
            let mut draft = draft();
            draft.excluded.clear();
            let texts = host.texts(&draft);
            let set = side::Command::Draft { at, draft };
            drop(host.in_side(member(*by, LEAD), side, set, texts));
        }
        Act::Erase { case, by, target } => {
            let Some(side) = pick(&cases, *case) else {
                return;
            };
            let target = Seq(u64::from(*target));
            let erase = side::Command::EraseDraft { target };
            drop(host.in_side(member(*by, Role::Rep), side, erase, vec![]));
        }
        Act::Offer { case, by, to } => {
            let Some(side) = pick(&cases, *case) else {
                return;
            };
            if host.side(side).case.is_some() {
                drop(host.offer(member(*by, LEAD), side, *to));
            }
        }
        Act::TakeBack { referral, by } => {
            let Some(offer) = pick(&referrals, *referral) else {
                return;
            };
            let side = host.referral(offer).case;
            let back = side::Command::Withdraw { offer };
            drop(host.in_side(member(*by, LEAD), side, back, vec![]));
        }
        Act::Answer { referral, by, verb } => {
            let Some(id) = pick(&referrals, *referral) else {
                return;
            };
            let what = answer(host, id, by.0, *verb);
            drop(host.act(member(by.0, by.1), id, what));
        }
        Act::Advance { referral } => {
            let Some(id) = pick(&referrals, *referral) else {
                return;
            };
            advance(host, id);
        }
        Act::Asked { referral, what } => {
            let Some(id) = pick(&referrals, *referral) else {
                return;
            };
            let ask = Asked::Referral(Box::new(asked(host, id, *what)));
            host.ask(id, ask, Some(member(3, LEAD)));
        }
        Act::HandOver { referral, by, to } => hand_over(host, *referral, *by, *to),
        Act::Wait { hours } => host.wait(Span::hours(i64::from(*hours))),
        Act::Down { hours } => host.down(Span::hours(i64::from(*hours))),
    }
}

/// The ends that were reached, which nothing leaves.
#[derive(Default)]
struct Ends(BTreeMap<RoomId, Stage>);

impl Ends {
    fn check(&mut self, host: &Host) {
        for id in rooms(host, crate::id::RoomKind::Referral) {
            let referral = host.referral(id);
            if let Some(end) = self.0.get(&id) {
                assert_eq!(*end, referral.stage, "an end is left");
            } else if referral.stage.ending().is_some() {
                self.0.insert(id, referral.stage);
            }
            let kinds = host.kinds(id);
            for once in [
                "shown",
                "joined",
                "accepted",
                "disclosed",
                "extended",
                "expired",
                "contact_missed",
            ] {
                let count = kinds.iter().filter(|kind| kind.ends_with(once)).count();
                assert!(count <= 1, "{once} twice in {id}");
            }
            assert_eq!(
                host.shows(id),
                referral.handoff.is_some() && !referral.dossier.is_empty()
            );
            let sender = &host.side(referral.case);
            let own = sender.case.as_deref().unwrap();
            assert_eq!(
                own.is_out(id),
                referral.stage.ending().is_none(),
                "the Side knows which offer is out"
            );
            assert!(referral.depth <= limits::REFERRAL_DEPTH_MAX);
            assert_eq!(
                host.admits(id, member(referral.from.org.bits()[0], LEAD)),
                referral.joined,
                "the sender is in it, or not"
            );
            let answers = ["accepted", "declined", "joined"];
            let answered = kinds
                .iter()
                .any(|kind| answers.iter().any(|answer| kind.ends_with(answer)));
            assert_eq!(referral.joined, referral.connected || answered);
        }
        for id in rooms(host, crate::id::RoomKind::Side) {
            let Some(own) = host.side(id).case.as_deref() else {
                continue;
            };
            let offers = host
                .kinds(id)
                .iter()
                .filter(|kind| **kind == "side.offered")
                .count();
            assert_eq!(offers, own.past.len() + usize::from(own.live.is_some()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_is_done_the_rules_hold(acts in prop::collection::vec(act(), 1..60)) {
        let mut host = Host::new();
        let mut ends = Ends::default();
        host.open_case(&draft());
        for act in &acts {
            run(&mut host, act);
            ends.check(&host);
        }
        host.check();
    }
}

/// A random history that reaches nothing would prove nothing.
#[test]
fn random_histories_reach_every_end() {
    use proptest::{strategy::ValueTree as _, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeSet::new();
    for _ in 0..150 {
        let acts = prop::collection::vec(act(), 60)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let mut host = Host::new();
        host.open_case(&draft());
        for act in &acts {
            run(&mut host, act);
        }
        for id in rooms(&host, crate::id::RoomKind::Referral) {
            let kinds = host.kinds(id).into_iter().map(str::to_owned);
            reached.extend(kinds);
        }
    }
    use strum::VariantNames as _;
    for kind in Event::VARIANTS {
        assert!(
            reached.contains(&format!("referral.{kind}")),
            "{kind} is never reached"
        );
    }
}
