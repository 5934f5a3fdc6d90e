//! Business as it comes up: cases to refer, referrals to answer, deals to work on. What can be done is read off the rooms
//! as they stand, and somebody who may do it does it.

use super::{Scene, Step, worded};
use crate::privacy::held_back;
use crate::world::{Dice, MEI, example};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{MemberId, OrgId, RoomId},
    money::Money,
    room::{State, deal, inbox, org, referral, relation, side, talk},
    standing::{AgreementKind, Role},
    time::Span,
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
                    State::Side(_)
                        | State::Referral(_)
                        | State::Deal(_)
                        | State::Org(_)
                        | State::Relation(_)
                )
            })
            .map(|(id, _)| *id)
            .collect();
        // Where several work on something, they go on with it.
        let shared = |room: &&RoomId| match &self.rooms[*room].state {
            State::Deal(deal) => deal.end.is_none() && deal.parties.len() > 1,
            _ => false,
        };
        let shared: Vec<RoomId> = open.iter().filter(shared).copied().collect();
        for _ in 0..6 {
            let room = if self.busy && !shared.is_empty() && dice.in_hundred(45) {
                *dice.pick(&shared)
            } else {
                *dice.pick(&open)
            };
            let step = match &self.rooms[&room].state {
                State::Side(side) => self.refer(room, side, dice),
                State::Referral(referral) => self.referred(room, referral, dice),
                State::Deal(deal) => self.deal(room, deal, dice),
                State::Org(org) => {
                    let knocked = self.knocked(room, org, dice);
                    knocked.or_else(|| self.hears(room, org, dice))
                }
                State::Relation(relation) => self.connected(room, relation, dice),
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
        self.told(who, inbox, Command::Inbox(command))
    }

    /// A step whose texts, where they are a case's, are one of a kind.
    fn told(&self, who: usize, room: RoomId, command: Command) -> Step {
        match command {
            Command::Inbox(inbox::Command::OpenCase { .. })
            | Command::Side(side::Command::Draft { .. }) => {
                Step::Ask(who, room, command, held_back::case(self.step))
            }
            other => step(who, room, other),
        }
    }

    fn refer(&self, room: RoomId, side: &side::Side, dice: &mut Dice) -> Option<Step> {
        let case = side.case.as_ref()?;
        let who = self.at_console(side.owner?)?;
        let promise = case.draft.value.as_ref()?.promise().ok()?;
        let (to, at) = (*dice.pick(&self.orgs), case.draft.at);
        let (shown, full) = (promise.shown(), promise.full());
        if let Some(live) = case.live.as_ref().filter(|live| !live.released)
            && dice.in_hundred(12)
        {
            let withdraw = side::Command::Withdraw { offer: live.room };
            return Some(step(who, room, Command::Side(withdraw)));
        }
        let people = Vec::from_iter(self.people_of(side.org, dice));
        let colleague = *dice.pick(&people);
        let command = match dice.below(11) {
            0..=2 => side::Command::Offer { to, shown, full },
            3..=5 => side::Command::OfferWithRequest { to, shown, full },
            6 | 7 => side::Command::Add {
                member: colleague,
                role: Role::Rep,
            },
            8 => side::Command::Remove { member: colleague },
            9 => side::Command::EraseDraft { target: Seq(2) },
            _ => side::Command::Draft {
                at,
                draft: example::draft(),
            },
        };
        Some(self.told(who, room, Command::Side(command)))
    }

    /// A request that came with a referral is answered with it.
    fn knocked(&self, room: RoomId, own: &org::Org, dice: &mut Dice) -> Option<Step> {
        let (from, knock) = own.knocked.iter().next()?;
        let who = self.admin_of(own.id)?;
        // They ask in their turn: the two requests meet.
        if dice.in_hundred(15) {
            let connect = Command::Org(org::Command::Connect { to: *from });
            return Some(step(who, room, connect));
        }
        let with = knock.referral.is_some() && dice.in_hundred(70);
        let (take, people) = if with {
            (org::Take::Both, self.people_of(own.id, dice))
        } else {
            (org::Take::Connection, BTreeSet::new())
        };
        let command = org::Command::AnswerConnection {
            from: *from,
            knock: knock.matter,
            take,
            people,
        };
        Some(step(who, room, Command::Org(command)))
    }

    /// Whom an organisation hears, and whom it hears no more.
    fn hears(&self, room: RoomId, own: &org::Org, dice: &mut Dice) -> Option<Step> {
        if !dice.in_hundred(20) {
            return None;
        }
        let org = *dice.pick(&self.orgs);
        let command = if dice.in_hundred(60) {
            let on = !own.excluded.contains(&org);
            org::Command::Exclude { org, on }
        } else {
            let preference = match own.preference.value.unwrap_or_default() {
                org::Preference::AllowAll => org::Preference::DenyAll,
                org::Preference::DenyAll => org::Preference::AllowAll,
            };
            let at = own.preference.at;
            org::Command::Prefer { preference, at }
        };
        Some(step(self.admin_of(own.id)?, room, Command::Org(command)))
    }

    fn referred(&self, room: RoomId, held: &referral::Referral, dice: &mut Dice) -> Option<Step> {
        let reason = referral::DeclineReason::Capacity;
        // Some offers are left to run out.
        if dice.in_hundred(15) {
            return Some(Step::Pass(Span::days(8)));
        }
        use referral::Stage;
        // What is over is talked about all the same.
        if held.stage.ending().is_some() && dice.in_hundred(50) {
            let say = talk::Command::Say {
                thread: None,
                mentions: BTreeSet::new(),
            };
            let who = self.admin_of(held.to)?;
            return Some(step(who, room, Command::Talk(say)));
        }
        let accept = referral::Command::Accept {
            from: held.from.org,
            people: self.people_of(held.to, dice),
        };
        // What comes next, most of the time.
        let next = match held.stage {
            Stage::Offered => referral::Command::View {},
            Stage::Viewed => accept.clone(),
            Stage::Accepted => referral::Command::Contacted {},
            Stage::Contacted => referral::Command::Qualified {},
            _ => referral::Command::Convert {},
        };
        let receiver = match dice.below(10) {
            0 => accept,
            1 => referral::Command::Decline { reason },
            2 => referral::Command::Return { reason },
            _ => next,
        };
        if dice.in_hundred(5) {
            let who = self.at_console(held.owner)?;
            let withdraw = referral::Command::Withdraw {};
            return Some(step(who, room, Command::Referral(withdraw)));
        }
        Some(step(
            self.admin_of(held.to)?,
            room,
            Command::Referral(receiver),
        ))
    }

    /// Two organisations agree on something, and no longer.
    fn connected(&self, room: RoomId, held: &relation::Relation, dice: &mut Dice) -> Option<Step> {
        use relation::Phase;
        let org = dice.pick(&held.parties).org;
        if held.phase == Phase::Ended {
            let others = held.parties.iter().map(|party| party.org);
            let to = others.into_iter().find(|other| *other != org)?;
            let connect = Command::Org(org::Command::Connect { to });
            return Some(step(self.admin_of(org)?, RoomId::org(org), connect));
        }
        if dice.in_hundred(10) {
            return Some(Step::Pass(Span::days(32)));
        }
        let kind = *dice.pick(&[AgreementKind::Nda, AgreementKind::Roe]);
        let today = rialto_server::clock::Clock::now(&self.world.clock);
        let open = held
            .agreements
            .iter()
            .find(|(_, agreement)| agreement.proposed());
        let force = held
            .agreements
            .iter()
            .find(|(_, agreement)| !agreement.proposed());
        let (by, command) = match (open, force) {
            (Some((proposal, agreement)), _) if dice.in_hundred(80) => {
                let mut others = held.parties.iter().map(|party| party.org);
                let other = others.find(|other| *other != agreement.by)?;
                let proposal = *proposal;
                (other, relation::Command::Confirm { proposal })
            }
            (_, Some((at, agreement))) if dice.in_hundred(50) => {
                let (kind, at) = (agreement.kind, agreement.at.max(*at));
                (org, relation::Command::End { kind, at })
            }
            _ if dice.in_hundred(8) => (org, relation::Command::Disconnect {}),
            _ => {
                // From today for a while, or from some day on.
                let days = *dice.pick(&[0, 0, 2]);
                let from = (today + Span::days(days)).date();
                let to = (today + Span::days(days + 3)).date();
                let to = Some(to).filter(|_| dice.in_hundred(60));
                (org, relation::Command::Agree { kind, from, to })
            }
        };
        Some(step(self.admin_of(by)?, room, Command::Relation(command)))
    }

    fn deal(&self, room: RoomId, held: &deal::Deal, dice: &mut Dice) -> Option<Step> {
        if let Some((org, open)) = held.invitations.iter().next()
            && dice.in_hundred(50)
        {
            let invitation = open.matter;
            if dice.in_hundred(25) {
                return match dice.below(2) {
                    0 => Some(Step::Pass(Span::days(8))),
                    _ => Some(step(
                        self.admin_of(held.host)?,
                        room,
                        Command::Deal(deal::Command::CancelInvitation { org: *org }),
                    )),
                };
            }
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
        // A call is answered by those who were called, with what they may do.
        let parties: Vec<OrgId> = held.parties.keys().copied().collect();
        let org = if dice.in_hundred(40) {
            held.host
        } else {
            *dice.pick(&parties)
        };
        let who = self.admin_of(org)?;
        if let Some(proposal) = held.proposal.as_ref().filter(|_| dice.in_hundred(50)) {
            let proposal = proposal.entry.seq;
            let sign = deal::Command::SignPresence { proposal };
            return Some(step(who, room, Command::Deal(sign)));
        }
        let command = match dice.below(14) {
            0..=1 => self.people(held, org, dice),
            2..=6 if held.parties.len() < 2 => self.people(held, held.host, dice),
            2 | 8 => self.header(held, dice),
            3 | 4 | 9 => self.tasks(held, org, dice),
            5 | 6 => self.ends(held, org, dice),
            7 if self.step > 60 => self.ends(held, org, dice),
            _ => self.terms(held, org, dice),
        };
        Some(step(who, room, Command::Deal(command)))
    }

    /// Who works on a deal.
    fn people(&self, held: &deal::Deal, own: OrgId, dice: &mut Dice) -> deal::Command {
        let people = self.people_of(own, dice);
        match dice.below(10) {
            0..=4 => deal::Command::Invite {
                org: self.other(held, dice),
                responsibility: deal::Responsibility::Reseller,
                history: dice.in_hundred(50),
                can: deal::Can::ALL,
            },
            5 | 6 => deal::Command::AddPeople {
                people,
                role: Role::Rep,
            },
            7 => deal::Command::RemovePeople { people },
            8 => deal::Command::RemoveParty {
                org: self.guest(held),
            },
            _ => deal::Command::Leave {},
        }
    }

    /// A party that is not the host, if there is one.
    fn guest(&self, held: &deal::Deal) -> OrgId {
        let mut parties = held.parties.keys().copied();
        parties.find(|org| *org != held.host).unwrap_or(held.host)
    }

    /// Somebody who is no party yet, if there is anybody.
    fn other(&self, held: &deal::Deal, dice: &mut Dice) -> OrgId {
        let others = self
            .orgs
            .iter()
            .filter(|org| !held.parties.contains_key(*org));
        let others: Vec<OrgId> = others.copied().collect();
        if others.is_empty() {
            held.host
        } else {
            *dice.pick(&others)
        }
    }

    /// What a deal says of itself.
    fn header(&self, held: &deal::Deal, dice: &mut Dice) -> deal::Command {
        let now = rialto_server::clock::Clock::now(&self.world.clock);
        let header = &held.header;
        match dice.below(7) {
            0 => deal::Command::Retitle {
                at: header.title.at,
            },
            1 => deal::Command::Customer {
                at: header.customer.at,
            },
            2 => deal::Command::Problem {
                at: header.problem.at,
            },
            3 => deal::Command::Value {
                value: Money::parse("EUR 52,000").expect("an amount"),
                at: header.value.at,
            },
            4 => deal::Command::TargetClose {
                close: now.date(),
                at: header.close.at,
            },
            5 => deal::Command::NextStep {
                at: header.next_step.at,
            },
            _ => deal::Command::MoveStage {
                to: *dice.pick(deal::Stage::VARIANTS),
                at: held.course.stage.at,
            },
        }
    }

    /// What is to be done in a deal.
    fn tasks(&self, held: &deal::Deal, own: OrgId, dice: &mut Dice) -> deal::Command {
        let now = rialto_server::clock::Clock::now(&self.world.clock);
        let to = deal::Assignment {
            owner: own,
            member: None,
            due: now.date(),
        };
        let open: Vec<(Seq, Seq)> = held
            .tasks
            .open()
            .map(|(seq, task)| (seq, task.at))
            .collect();
        let Some((task, at)) = open.first().copied().filter(|_| dice.in_hundred(65)) else {
            return deal::Command::AddTask { to };
        };
        match dice.below(4) {
            0 | 1 => deal::Command::DoneTask { task },
            2 => deal::Command::DropTask { task },
            _ => {
                let owner = if own == held.host {
                    self.guest(held)
                } else {
                    held.host
                };
                let to = deal::Assignment { owner, ..to };
                deal::Command::ReassignTask { task, to, at }
            }
        }
    }

    /// How a deal stops, for a while or for good.
    fn ends(&self, held: &deal::Deal, own: OrgId, dice: &mut Dice) -> deal::Command {
        if held.frozen.is_some() && dice.in_hundred(70) {
            return deal::Command::Unfreeze {};
        }
        match dice.below(if self.step > 50 { 9 } else { 3 }) {
            0 | 1 => deal::Command::Freeze {},
            2 | 8 if own != held.host => deal::Command::Withdraw {},
            3..=5 => deal::Command::Win {},
            6 | 7 => deal::Command::Lose {
                reason: deal::LostReason::Price,
            },
            _ => self.header(held, dice),
        }
    }

    /// On what terms a deal is worked on, and whether the vendor is there.
    fn terms(&self, held: &deal::Deal, own: OrgId, dice: &mut Dice) -> deal::Command {
        let org = self.guest(held);
        // The other of the two.
        let can = match held.parties.get(&org).map(|party| party.can) {
            Some(deal::Can::ALL) | None => deal::Can::default(),
            Some(_) => deal::Can::ALL,
        };
        let can_at = held
            .parties
            .get(&org)
            .map_or(Seq::ZERO, |party| party.can_at);
        match dice.below(8) {
            0 => deal::Command::Allow {
                org,
                can,
                at: can_at,
            },
            1 => deal::Command::Responsible {
                responsibility: deal::Responsibility::Reseller,
                at: held
                    .parties
                    .get(&own)
                    .map_or(Seq::ZERO, |party| party.responsibility.at),
            },
            2 => deal::Command::Recheck { org },
            3..=5 => deal::Command::ProposePresence {
                to: *dice.pick(deal::Presence::VARIANTS),
            },
            _ => deal::Command::CallVendor {
                members: BTreeSet::from([self.world.consoles[MEI].member]),
            },
        }
    }
}

fn step(who: usize, room: RoomId, command: Command) -> Step {
    let (command, texts) = worded(command);
    let texts = texts.into_iter().map(str::to_owned).collect();
    Step::Ask(who, room, command, texts)
}
