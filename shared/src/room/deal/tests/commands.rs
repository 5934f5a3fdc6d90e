//! Random commands of a deal, most of them from somebody who may send them and naming what there is.

use super::world::{A, B, C, U, V, World, org, person};
use crate::{
    entry::Seq,
    id::{Hash, MemberId, RoomId},
    money::Money,
    room::deal::{
        Assignment, Can, Command, DeclineReason, LostReason, Presence, Responsibility, Stage, Verb,
    },
    standing::Role,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use strum::VariantArray as _;

/// What one step is made of: small numbers, taken modulo what there is.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// `None` to say something instead.
    pub(super) verb: Option<Verb>,
    pub(super) who: usize,
    pub(super) org: usize,
    pub(super) other: usize,
    pub(super) seq: u64,
    pub(super) pick: usize,
    pub(super) fits: bool,
    pub(super) hours: i64,
}

/// Any command, or talk; those that need another one before them come more often.
fn verb() -> impl Strategy<Value = Option<Verb>> {
    let answers = vec![
        Verb::Invite,
        Verb::AcceptInvitation,
        Verb::SignPresence,
        Verb::ReassignTask,
        Verb::Recheck,
    ];
    prop_oneof![
        6 => prop::sample::select(Verb::VARIANTS).prop_map(Some),
        4 => prop::sample::select(answers).prop_map(Some),
        1 => Just(None),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    // Most commands come from somebody who may send them and name what there is, so that histories get somewhere.
    (
        verb(),
        0_usize..32,
        0_usize..5,
        0_usize..32,
        0_u64..40,
        0_usize..64,
        prop::bool::weighted(0.7),
        prop_oneof![4 => Just(0_i64), 2 => 1_i64..48, 1 => 100_i64..400],
    )
        .prop_map(|(verb, who, org, other, seq, pick, fits, hours)| Step {
            verb,
            who,
            org,
            other,
            seq,
            pick,
            fits,
            hours,
        })
}

pub(super) fn pick<T: Copy>(list: &[T], at: usize) -> T {
    list[at % list.len()]
}

const ORGS: [u8; 5] = [A, B, C, V, U];

pub(super) fn member(world: &World, at: usize) -> MemberId {
    let all: Vec<MemberId> = world.members.keys().copied().collect();
    pick(&all, at)
}

/// Who sends it: somebody who may, or anybody.
pub(super) fn sender(world: &World, room: RoomId, verb: Verb, step: &Step) -> MemberId {
    let deal = world.deal(room);
    let answers = matches!(verb, Verb::AcceptInvitation | Verb::DeclineInvitation);
    let fitting: Vec<MemberId> = if answers {
        let leads = world
            .members
            .values()
            .filter(|card| card.role >= Role::Lead);
        leads
            .filter(|card| deal.invitations.contains_key(&card.org))
            .map(|card| card.id)
            .collect()
    } else {
        let people = deal.active().flat_map(|(_, party)| &party.people);
        people
            .filter(|(_, role)| **role >= Role::Lead)
            .map(|(id, _)| *id)
            .collect()
    };
    if step.fits && !fitting.is_empty() {
        pick(&fitting, step.who)
    } else {
        member(world, step.who)
    }
}

/// The entry that a command of this kind would name, if its author looked.
fn seen(world: &World, room: RoomId, verb: Verb, step: &Step, who: MemberId) -> Seq {
    let deal = world.deal(room);
    let party = deal.parties.get(&org(pick(&ORGS, step.org)));
    let own = deal.parties.get(&world.members[&who].org);
    let fitting = match verb {
        Verb::Allow => party.map(|party| party.can_at),
        Verb::Responsible => own.map(|party| party.responsibility.at),
        Verb::Retitle => Some(deal.header.title.at),
        Verb::Customer => Some(deal.header.customer.at),
        Verb::Problem => Some(deal.header.problem.at),
        Verb::Value => Some(deal.header.value.at),
        Verb::TargetClose => Some(deal.header.close.at),
        Verb::NextStep => Some(deal.header.next_step.at),
        Verb::MoveStage => Some(deal.course.stage.at),
        Verb::DoneTask | Verb::DropTask | Verb::ReassignTask => {
            deal.tasks.open().next().map(|(seq, _)| seq)
        }
        Verb::SignPresence => deal.proposal.as_ref().map(|open| open.entry.seq),
        _ => None,
    };
    fitting.filter(|_| step.fits).unwrap_or(Seq(step.seq))
}

#[allow(clippy::too_many_lines, reason = "one arm for each command")]
pub(super) fn command(
    world: &World,
    room: RoomId,
    verb: Verb,
    step: &Step,
    who: MemberId,
) -> Command {
    let (at, named) = (
        seen(world, room, verb, step, who),
        org(pick(&ORGS, step.org)),
    );
    let invited = world.deal(room).invitations.get(&world.members[&who].org);
    let invited = invited.filter(|_| step.fits).map(|open| open.matter);
    let invitation = invited.unwrap_or(Hash([step.pick.to_le_bytes()[0]; 32]));
    let people = BTreeSet::from([member(world, step.other)]);
    let date = pick(
        &["2026-05-04", "2026-05-20", "2026-09-01", "2030-01-01"],
        step.pick,
    );
    let to = Assignment {
        owner: named,
        member: Some(member(world, step.other)).filter(|_| !step.fits),
        due: date.parse().unwrap(),
    };
    let role = pick(Role::VARIANTS, step.pick);
    match verb {
        Verb::Invite => Command::Invite {
            org: named,
            responsibility: pick(Responsibility::VARIANTS, step.pick),
            history: step.pick.is_multiple_of(2),
            can: Can {
                invite: step.pick.is_multiple_of(3),
                edit: step.pick.is_multiple_of(5),
            },
        },
        Verb::CancelInvitation => {
            let open = world.deal(room).invitations.keys().next().copied();
            let org = open.filter(|_| step.fits).unwrap_or(named);
            Command::CancelInvitation { org }
        }
        Verb::AcceptInvitation => Command::AcceptInvitation {
            invitation,
            people: people.into_iter().filter(|_| !step.fits).collect(),
        },
        Verb::DeclineInvitation => Command::DeclineInvitation {
            invitation,
            reason: pick(DeclineReason::VARIANTS, step.pick),
        },
        Verb::AddPeople => Command::AddPeople { people, role },
        Verb::RemovePeople => Command::RemovePeople { people },
        Verb::Leave => Command::Leave {},
        Verb::Withdraw => Command::Withdraw {},
        Verb::RemoveParty => Command::RemoveParty { org: named },
        Verb::Allow => Command::Allow {
            org: named,
            can: Can {
                invite: step.pick.is_multiple_of(2),
                edit: step.pick.is_multiple_of(3),
            },
            at,
        },
        Verb::Responsible => Command::Responsible {
            responsibility: pick(Responsibility::VARIANTS, step.pick),
            at,
        },
        Verb::Recheck => Command::Recheck { org: named },
        Verb::Retitle => Command::Retitle { at },
        Verb::Customer => Command::Customer { at },
        Verb::Problem => Command::Problem { at },
        Verb::Value => Command::Value {
            value: Money::parse(pick(&["EUR 5", "JPY 7,000", "USD -1"], step.pick)).unwrap(),
            at,
        },
        Verb::TargetClose => Command::TargetClose { close: to.due, at },
        Verb::NextStep => Command::NextStep { at },
        Verb::MoveStage => Command::MoveStage {
            to: pick(Stage::VARIANTS, step.pick),
            at,
        },
        Verb::Win => Command::Win {},
        Verb::Lose => Command::Lose {
            reason: pick(LostReason::VARIANTS, step.pick),
        },
        Verb::Freeze => Command::Freeze {},
        Verb::Unfreeze => Command::Unfreeze {},
        Verb::AddTask => Command::AddTask { to },
        Verb::DoneTask => Command::DoneTask { task: at },
        Verb::DropTask => Command::DropTask { task: at },
        Verb::ReassignTask => {
            let open = world.deal(room).tasks.list.get(&at);
            Command::ReassignTask {
                task: at,
                to,
                at: open.map_or(at, |task| task.at),
            }
        }
        Verb::ProposePresence => Command::ProposePresence {
            to: pick(Presence::VARIANTS, step.pick),
        },
        Verb::SignPresence => Command::SignPresence { proposal: at },
        Verb::CallVendor => Command::CallVendor {
            members: if step.fits {
                BTreeSet::from([person(V, u8::try_from(step.pick % 2).unwrap())])
            } else {
                people
            },
        },
    }
}
