//! What the player's organisation asks of a member's: connections, agreements, referrals, invitations to deals, their
//! tasks and the vendor's presence there. What waits is read from the rooms' state, so that a demo that goes on finds it
//! again. One of an organisation's people answers for it; a task is done by whom it is given to.

use super::actor::Actor;
use crate::{
    client::ClientError,
    console::{self, SubmitError},
    demo::script,
};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    id::{Hash, OrgId, RoomId},
    room::{
        State,
        deal::{self, Deal},
        org::{self, Org},
        referral::{self, Referral},
        relation::{self, Relation},
    },
};
use std::{collections::BTreeSet, time::Duration};

/// Something that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Duty {
    /// Answer a request to connect.
    Connect { own: RoomId, knock: Hash },
    /// Confirm a proposed agreement.
    Confirm { relation: RoomId, proposal: Seq },
    /// Come into a deal.
    ComeIn { deal: RoomId, invitation: Hash },
    /// Sign the proposed presence of the vendor.
    Sign { deal: RoomId, proposal: Seq },
    /// Do a task.
    Work { deal: RoomId, task: Seq },
    /// Look at an offered referral.
    View { referral: RoomId },
    /// Accept it.
    Take { referral: RoomId },
    /// Call its customer.
    Contact { referral: RoomId },
    /// Find that there is something to win.
    Qualify { referral: RoomId },
}

impl Actor {
    /// Plans what waits in a room and is not planned yet.
    pub(super) fn consider(&mut self, room: RoomId) {
        for duty in self.waiting(room) {
            if self.taken.insert(duty) {
                let wait = self.takes(duty);
                self.plan_duty(wait, duty);
            }
        }
    }

    /// How long it takes them.
    fn takes(&mut self, duty: Duty) -> Duration {
        let pace = self.scene.pace;
        match duty {
            Duty::View { .. } => pace.answer,
            Duty::Connect { .. }
            | Duty::Confirm { .. }
            | Duty::ComeIn { .. }
            | Duty::Sign { .. }
            | Duty::Take { .. } => pace.accept,
            Duty::Contact { .. } => pace.accept * 2,
            Duty::Qualify { .. } => pace.accept * 3,
            Duty::Work { deal, task } if self.is_fresh(deal, task) => pace.accept * 2,
            Duty::Work { .. } => pace.act.mul_f64(3.0 + 3.0 * self.draw()),
        }
    }

    /// Whether the player's organisation has given this task while they look on.
    fn is_fresh(&self, deal: RoomId, task: Seq) -> bool {
        let held = self.client.console().replica().room(deal);
        let entry = held.and_then(|held| held.entry(task));
        entry.is_some_and(|logged| {
            let by = logged.entry.author.org();
            by == Some(self.scene.player_org) && logged.entry.at >= self.scene.since
        })
    }

    /// What waits for this member in a room.
    fn waiting(&self, room: RoomId) -> Vec<Duty> {
        let Some(held) = self.client.console().replica().room(room) else {
            return vec![];
        };
        if let State::Deal(deal) = &held.room.state {
            return self.in_deal(room, deal);
        }
        if !self.me.speaks || self.me.org == self.scene.player_org {
            return vec![];
        }
        match &held.room.state {
            State::Org(org) => self.in_org(room, org),
            State::Relation(relation) => self.in_relation(room, relation),
            State::Referral(referral) => self.in_referral(room, referral),
            State::Deal(_)
            | State::Void
            | State::Inbox(_)
            | State::Channel(_)
            | State::Direct(_)
            | State::Profile(_)
            | State::Side(_)
            | State::Record(_) => vec![],
        }
    }

    fn in_org(&self, own: RoomId, org: &Org) -> Vec<Duty> {
        let player = self.scene.player_org;
        // A request that brings a referral is answered with it.
        let knock = org.knock(player, console::now());
        let knock = knock.filter(|knock| knock.referral.is_none());
        let connect = knock.map(|knock| {
            let knock = knock.matter;
            Duty::Connect { own, knock }
        });
        let asked = org.deals.iter().filter(|(_, open)| open.from == player);
        let come_in = asked.map(|(deal, open)| Duty::ComeIn {
            deal: *deal,
            invitation: open.matter,
        });
        connect.into_iter().chain(come_in).collect()
    }

    fn in_relation(&self, room: RoomId, relation: &Relation) -> Vec<Duty> {
        let proposed = relation.agreements.iter();
        let proposed = proposed
            .filter(|(_, open)| open.proposed() && open.by == self.scene.player_org)
            .map(|(proposal, _)| Duty::Confirm {
                relation: room,
                proposal: *proposal,
            });
        proposed.collect()
    }

    fn in_referral(&self, room: RoomId, open: &Referral) -> Vec<Duty> {
        if open.to != self.me.org || open.from.org != self.scene.player_org {
            return vec![];
        }
        let referral = room;
        match open.stage {
            referral::Stage::Offered => vec![Duty::View { referral }],
            referral::Stage::Viewed => vec![Duty::Take { referral }],
            referral::Stage::Accepted => vec![Duty::Contact { referral }],
            referral::Stage::Contacted => vec![Duty::Qualify { referral }],
            referral::Stage::Qualified
            | referral::Stage::Converted { .. }
            | referral::Stage::Concluded { .. }
            | referral::Stage::Declined { .. }
            | referral::Stage::Expired
            | referral::Stage::Withdrawn
            | referral::Stage::Returned { .. } => vec![],
        }
    }

    fn in_deal(&self, room: RoomId, deal: &Deal) -> Vec<Duty> {
        let me = self.me;
        let party = |org: OrgId| deal.active().any(|(other, _)| other == org);
        if deal.end.is_some() || !party(me.org) || !party(self.scene.player_org) {
            return vec![];
        }
        let mine = deal.tasks.open().filter(|(_, task)| {
            let given = task
                .to
                .member
                .map_or(me.speaks, |member| member == me.member);
            task.to.owner == me.org && given
        });
        let work = mine.map(|(task, _)| Duty::Work { deal: room, task });
        let unsigned = deal.proposal.iter().filter(|open| {
            let theirs = me.org != self.scene.player_org;
            theirs && me.speaks && !open.signed.contains(&me.org)
        });
        let sign = unsigned.map(|open| Duty::Sign {
            deal: room,
            proposal: open.entry.seq,
        });
        work.chain(sign).collect()
    }

    /// Does it, unless it waits no longer. What cannot be sent just now is planned again; what a rule refuses is left.
    pub(super) async fn fulfil(&mut self, duty: Duty) {
        if !self.waiting(duty.asked_in(self.me.org)).contains(&duty) {
            self.taken.remove(&duty);
            return;
        }
        let (room, command) = self.answer(duty).await;
        match self.client.submit(room, Worded::plain(command)).await {
            Ok(_) => {
                let wait = self.scene.pace.answer.mul_f64(1.0 + self.draw());
                if let Some((room, words)) = words(duty) {
                    self.write(wait, room, None, words);
                }
            }
            Err(ClientError::Submit(SubmitError::Committing | SubmitError::Offline)) => {
                self.plan_duty(self.scene.pace.answer, duty);
            }
            Err(error) => tracing::debug!(?duty, %error, "left"),
        }
    }

    /// The command that answers, with what it signs loaded.
    async fn answer(&mut self, duty: Duty) -> (RoomId, Command) {
        let (from, people) = (self.scene.player_org, BTreeSet::from([self.me.member]));
        let on = |command| Command::Referral(command);
        match duty {
            Duty::Connect { own, knock } => {
                self.load(own).await;
                let (take, people) = (org::Take::Connection, BTreeSet::new());
                (own, connection(from, knock, take, people))
            }
            Duty::Confirm { relation, proposal } => {
                self.load(relation).await;
                let confirm = relation::Command::Confirm { proposal };
                (relation, Command::Relation(confirm))
            }
            Duty::ComeIn { deal, invitation } => {
                let people = BTreeSet::new();
                let accept = deal::Command::AcceptInvitation { invitation, people };
                (deal, Command::Deal(accept))
            }
            Duty::Sign { deal, proposal } => {
                let sign = deal::Command::SignPresence { proposal };
                (deal, Command::Deal(sign))
            }
            Duty::Work { deal, task } => {
                let done = deal::Command::DoneTask { task };
                (deal, Command::Deal(done))
            }
            Duty::View { referral } => (referral, on(referral::Command::View {})),
            Duty::Take { referral } => {
                self.load(referral).await;
                let own = RoomId::org(self.me.org);
                if let Some(knock) = self.knock(own) {
                    self.load(own).await;
                    return (own, connection(from, knock, org::Take::Both, people));
                }
                let accept = referral::Command::Accept { from, people };
                (referral, on(accept))
            }
            Duty::Contact { referral } => (referral, on(referral::Command::Contacted {})),
            Duty::Qualify { referral } => (referral, on(referral::Command::Qualified {})),
        }
    }

    /// The player's request to connect, where one waits.
    fn knock(&self, own: RoomId) -> Option<Hash> {
        let held = self.client.console().replica().room(own)?;
        let org = held.room.state.org()?;
        let knock = org.knock(self.scene.player_org, console::now());
        knock.map(|knock| knock.matter)
    }

    /// Has a room's newest entries here: an answer signs what was seen.
    async fn load(&mut self, room: RoomId) {
        if let Err(error) = self.client.open(room, 50).await {
            tracing::debug!(%room, %error, "not loaded");
        }
    }
}

impl Duty {
    /// The room whose state asks for it.
    fn asked_in(self, org: OrgId) -> RoomId {
        match self {
            Self::Connect { own, .. } => own,
            Self::ComeIn { .. } => RoomId::org(org),
            Self::Confirm { relation, .. } => relation,
            Self::Sign { deal, .. } | Self::Work { deal, .. } => deal,
            Self::View { referral }
            | Self::Take { referral }
            | Self::Contact { referral }
            | Self::Qualify { referral } => referral,
        }
    }
}

/// What is said when it is done, and where.
const fn words(duty: Duty) -> Option<(RoomId, &'static str)> {
    match duty {
        Duty::ComeIn { deal, .. } => Some((deal, script::CAME_IN)),
        Duty::Work { deal, .. } => Some((deal, script::WORKED)),
        Duty::Take { referral } => Some((referral, script::TAKEN)),
        Duty::Contact { referral } => Some((referral, script::CONTACTED)),
        Duty::Qualify { referral } => Some((referral, script::QUALIFIED)),
        Duty::Confirm { relation, .. } => Some((relation, script::CONFIRMED)),
        Duty::Connect { .. } | Duty::Sign { .. } | Duty::View { .. } => None,
    }
}

const fn connection(
    from: OrgId,
    knock: Hash,
    take: org::Take,
    people: BTreeSet<rialto_shared::id::MemberId>,
) -> Command {
    Command::Org(org::Command::AnswerConnection {
        from,
        knock,
        take,
        people,
    })
}
