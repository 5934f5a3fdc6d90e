//! Business as it comes up: cases to refer, referrals to answer, deals to work on. What can be done is read off the rooms
//! as they stand, and somebody who may do it does it.

use super::{Scene, Step, worded};
use crate::world::{Dice, MEI, example};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{MemberId, OrgId, RoomId},
    money::Money,
    room::{State, deal, inbox, org, referral, side},
    standing::Role,
};
use std::collections::BTreeSet;
use strum::VariantArray as _;

impl Scene<'_> {
    /// Somebody at a console who leads this organisation.
    fn admin_of(&self, org: OrgId) -> Option<usize> {
        let mut consoles = self.world.consoles.iter();
        consoles.position(|one| one.org == org && one.session.is_some())
    }

    fn people_of(&self, org: OrgId, dice: &mut Dice) -> BTreeSet<MemberId> {
        let own: Vec<MemberId> = self
            .world
            .consoles
            .iter()
            .filter(|one| one.org == org)
            .map(|one| one.member)
            .collect();
        (0..=dice.below(2)).map(|_| *dice.pick(&own)).collect()
    }

    fn at_console(&self, member: MemberId) -> Option<usize> {
        let mut consoles = self.world.consoles.iter();
        consoles.position(|one| one.member == member && one.session.is_some())
    }

    /// Something that is to be done somewhere; a new case or a new deal, where there is nothing.
    pub(super) fn business(&self, who: usize, dice: &mut Dice) -> Step {
        let open: Vec<RoomId> = self
            .rooms
            .iter()
            .filter(|(_, room)| {
                matches!(
                    room.state,
                    State::Side(_) | State::Referral(_) | State::Deal(_) | State::Org(_)
                )
            })
            .map(|(id, _)| *id)
            .collect();
        for _ in 0..6 {
            let room = *dice.pick(&open);
            let step = match &self.rooms[&room].state {
                State::Side(side) => self.refer(room, side, dice),
                State::Referral(referral) => self.referred(room, referral, dice),
                State::Deal(deal) => self.deal(room, deal, dice),
                State::Org(org) => self.knocked(room, org, dice),
                _ => None,
            };
            if let Some(step) = step.filter(|_| dice.in_hundred(80)) {
                return step;
            }
        }
        let command = if dice.in_hundred(60) {
            inbox::Command::OpenCase {
                draft: example::draft(),
            }
        } else {
            let org = self.world.consoles[who].org;
            let presence = *dice.pick(deal::Presence::VARIANTS);
            let people = self.people_of(org, dice);
            match presence {
                // The same reference in every organisation: whose it is must not show.
                deal::Presence::OnCall => inbox::Command::ImportDeal {
                    presence,
                    value: None,
                    close: None,
                    people,
                    problem: false,
                    claim: side::reference_claim(org, side::Named::Deal, "A few words"),
                },
                deal::Presence::InRoom | deal::Presence::NotPresent => inbox::Command::OpenDeal {
                    presence,
                    value: Money::parse("EUR 48,000").ok(),
                    close: None,
                    people,
                },
            }
        };
        let inbox = RoomId::inbox(self.world.consoles[who].member);
        step(who, inbox, Command::Inbox(command))
    }

    fn refer(&self, room: RoomId, side: &side::Side, dice: &mut Dice) -> Option<Step> {
        let case = side.case.as_ref()?;
        let who = self.at_console(side.owner?)?;
        let promise = case.draft.value.as_ref()?.promise().ok()?;
        let (to, draft) = (*dice.pick(&self.orgs), case.draft.at);
        let (shown, full) = (promise.shown(), promise.full());
        let command = match dice.below(8) {
            0..=2 => side::Command::Offer {
                to,
                draft,
                shown,
                full,
            },
            3..=5 => side::Command::OfferWithRequest {
                to,
                draft,
                shown,
                full,
            },
            6 => side::Command::Add {
                member: self.member(dice),
                role: Role::Rep,
            },
            _ => side::Command::Draft {
                at: draft,
                draft: example::draft(),
            },
        };
        Some(step(who, room, Command::Side(command)))
    }

    /// A request that came with a referral is answered with it.
    fn knocked(&self, room: RoomId, own: &org::Org, dice: &mut Dice) -> Option<Step> {
        let (from, knock) = own.knocked.iter().next()?;
        let who = self.admin_of(own.id)?;
        let with = knock.referral.is_some() && dice.in_hundred(70);
        let (take, people) = if with {
            (org::Take::Both, self.people_of(own.id, dice))
        } else {
            (org::Take::Connection, BTreeSet::new())
        };
        let command = org::Command::AnswerConnection {
            from: *from,
            knock: knock.seq,
            take,
            people,
        };
        Some(step(who, room, Command::Org(command)))
    }

    fn referred(&self, room: RoomId, held: &referral::Referral, dice: &mut Dice) -> Option<Step> {
        let offer = Seq(1);
        let reason = referral::DeclineReason::Capacity;
        let receiver = match dice.below(9) {
            0 => referral::Command::View {},
            1..=3 => referral::Command::Accept {
                offer,
                from: held.from.org,
                people: self.people_of(held.to, dice),
            },
            4 => referral::Command::Contacted {},
            5 => referral::Command::Qualified {},
            6 | 7 => referral::Command::Convert { offer },
            _ if dice.in_hundred(50) => referral::Command::Decline { offer, reason },
            _ => referral::Command::Return { offer, reason },
        };
        if dice.in_hundred(5) {
            let who = self.at_console(held.owner)?;
            let withdraw = referral::Command::Withdraw { offer };
            return Some(step(who, room, Command::Referral(withdraw)));
        }
        Some(step(
            self.admin_of(held.to)?,
            room,
            Command::Referral(receiver),
        ))
    }

    fn deal(&self, room: RoomId, held: &deal::Deal, dice: &mut Dice) -> Option<Step> {
        if let Some((org, open)) = held.invitations.iter().next()
            && dice.in_hundred(50)
        {
            let invitation = open.entry.seq;
            let command = if dice.in_hundred(80) {
                deal::Command::AcceptInvitation {
                    invitation,
                    people: self.people_of(*org, dice),
                }
            } else {
                deal::Command::DeclineInvitation {
                    invitation,
                    reason: deal::DeclineReason::Other,
                }
            };
            return Some(step(self.admin_of(*org)?, room, Command::Deal(command)));
        }
        let parties: Vec<OrgId> = held.parties.keys().copied().collect();
        let org = *dice.pick(&parties);
        let who = self.admin_of(org)?;
        let command = self.work(held, org, dice);
        Some(step(who, room, Command::Deal(command)))
    }

    fn work(&self, held: &deal::Deal, own: OrgId, dice: &mut Dice) -> deal::Command {
        let other = *dice.pick(&self.orgs);
        let task = held.tasks.list.keys().next().copied().unwrap_or(Seq(1));
        let now = rialto_server::clock::Clock::now(&self.world.clock);
        match dice.below(20) {
            0..=4 => deal::Command::Invite {
                org: other,
                responsibility: deal::Responsibility::Reseller,
                history: dice.in_hundred(50),
                can: deal::Can::ALL,
            },
            5 => deal::Command::AddPeople {
                people: self.people_of(own, dice),
                role: Role::Rep,
            },
            6 => deal::Command::RemovePeople {
                people: self.people_of(own, dice),
            },
            7 => deal::Command::AddTask {
                to: deal::Assignment {
                    owner: own,
                    member: None,
                    due: now.date(),
                },
            },
            8 => deal::Command::DoneTask { task },
            9 | 10 => deal::Command::MoveStage {
                to: *dice.pick(deal::Stage::VARIANTS),
                at: held.course.stage.at,
            },
            11 => deal::Command::Retitle {
                at: held.header.title.at,
            },
            12 => deal::Command::NextStep {
                at: held.header.next_step.at,
            },
            13 | 14 => deal::Command::ProposePresence {
                to: *dice.pick(deal::Presence::VARIANTS),
            },
            15 => deal::Command::SignPresence {
                proposal: held.proposal.as_ref().map_or(Seq(1), |open| open.entry.seq),
            },
            16 | 17 => deal::Command::CallVendor {
                members: BTreeSet::from([self.world.consoles[MEI].member]),
            },
            18 => deal::Command::RemoveParty { org: other },
            _ if dice.in_hundred(40) => deal::Command::Win {},
            _ => deal::Command::Withdraw {},
        }
    }
}

fn step(who: usize, room: RoomId, command: Command) -> Step {
    let (command, texts) = worded(command);
    let texts = texts.into_iter().map(str::to_owned).collect();
    Step::Ask(who, room, command, texts)
}
