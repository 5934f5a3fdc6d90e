//! What a deal here lacks to be as a row says: one command at a time, out of what is held. Asked again after each answer
//! it comes to an end, and asked again tomorrow it says nothing if nothing changed; a run that was cut off goes on the same
//! way.

use super::{
    mapping::Goal,
    table::{Fault, Wanted},
};
use crate::replica::Replica;
use rialto_shared::{
    command::Command,
    entry::{Seq, TextRef},
    id::{MemberId, OrgId, RoomId},
    room::{
        Stated,
        deal::{self, Deal, LostReason, Outcome, Presence, Stage},
        inbox, side,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// How deals are opened that are not here yet.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Who imports.
    pub me: MemberId,
    /// For which organisation.
    pub own: OrgId,
    /// How the vendor is present.
    pub presence: Presence,
    /// Who else is in them.
    pub people: BTreeSet<MemberId>,
}

/// What comes next for a row.
#[derive(Debug)]
pub enum Step {
    /// A command with its texts, for this room.
    Send(RoomId, Command, Vec<String>),
    /// Nothing: the deal is as the row says.
    Done(RoomId),
    /// It cannot be.
    Refuse(Fault),
}

/// The deals that one's own organisation has a reference for.
#[derive(Debug, Default)]
pub struct Index(BTreeMap<String, RoomId>);

impl Index {
    /// All that are held.
    #[must_use]
    pub fn of(replica: &Replica) -> Self {
        let mut index = Self::default();
        for (room, _) in replica.rooms() {
            index.take(replica, room);
        }
        index
    }

    /// Takes a room in that came or changed.
    pub fn take(&mut self, replica: &Replica, room: RoomId) {
        let Some(held) = replica.room(room) else {
            return;
        };
        let Some(side) = held.room.state.side() else {
            return;
        };
        let side::About::Deal { room: deal } = side.about else {
            return;
        };
        let text = side.reference.value.and_then(|at| held.texts.get(at.text));
        if let Some(text) = text {
            self.0.insert(text.text.to_string(), deal);
        }
    }

    /// The deal of a reference.
    #[must_use]
    pub fn deal(&self, reference: &str) -> Option<RoomId> {
        self.0.get(reference).copied()
    }
}

/// The next step for a row.
#[must_use]
pub fn next(replica: &Replica, index: &Index, wanted: &Wanted, setting: &Setting) -> Step {
    let Some(room) = index.deal(&wanted.reference) else {
        return open(wanted, setting);
    };
    let Some(deal) = replica.room(room).and_then(|held| held.room.state.deal()) else {
        return Step::Refuse(Fault::new(
            "external_reference",
            format!("{room} has it, and you are not in that deal"),
            "a colleague in it who adds you: rialto deal add",
        ));
    };
    match lacking(replica, room, deal, wanted) {
        None => Step::Done(room),
        Some((field, _, _)) if deal.end.is_some() => Step::Refuse(Fault::new(
            field,
            "the deal has ended here, and the row says something else",
            "what it ended as: rialto deal show",
        )),
        Some((_, command, texts)) => Step::Send(room, Command::Deal(command), texts),
    }
}

fn open(wanted: &Wanted, setting: &Setting) -> Step {
    let (Some(title), Some(customer)) = (&wanted.title, &wanted.customer) else {
        let field = if wanted.title.is_none() {
            "title"
        } else {
            "customer"
        };
        let right = "a text: a deal that is not here yet needs title and customer";
        return Step::Refuse(Fault::new(field, "it is empty", right));
    };
    let claim = side::reference_claim(setting.own, side::Named::Deal, &wanted.reference);
    let command = inbox::Command::ImportDeal {
        presence: setting.presence,
        value: wanted.value,
        close: wanted.close,
        people: setting.people.clone(),
        problem: wanted.problem.is_some(),
        claim,
    };
    let imported = wanted.imported.clone();
    let texts = [title.clone(), customer.clone()]
        .into_iter()
        .chain(wanted.problem.clone())
        .chain([imported.unwrap_or_else(|| "imported".to_owned())])
        .chain([wanted.reference.clone()])
        .collect();
    Step::Send(RoomId::inbox(setting.me), Command::Inbox(command), texts)
}

type Lack = (&'static str, deal::Command, Vec<String>);

/// The first thing that is not as the row says, and the command that makes it so.
fn lacking(replica: &Replica, room: RoomId, deal: &Deal, wanted: &Wanted) -> Option<Lack> {
    let header = &deal.header;
    let held = |at: Option<TextRef>| {
        let texts = &replica.room(room)?.texts;
        Some(texts.get(at?)?.text.as_str())
    };
    let text = |field, stated: &Stated<TextRef>, wanted: &Option<String>, of: fn(Seq) -> _| {
        let text = wanted.as_ref()?;
        let other = held(stated.value) != Some(text.as_str());
        other.then(|| (field, of(stated.at), vec![text.clone()]))
    };
    type Of = deal::Command;
    text("title", &header.title, &wanted.title, |at| Of::Retitle {
        at,
    })
    .or_else(|| {
        let of = |at| Of::Customer { at };
        text("customer", &header.customer, &wanted.customer, of)
    })
    .or_else(|| {
        let of = |at| Of::Problem { at };
        text("problem", &header.problem, &wanted.problem, of)
    })
    .or_else(|| {
        let value = wanted
            .value
            .filter(|_| header.value.value != wanted.value)?;
        let at = header.value.at;
        Some(("value", Of::Value { value, at }, vec![]))
    })
    .or_else(|| {
        let close = wanted
            .close
            .filter(|_| header.close.value != wanted.close)?;
        let at = header.close.at;
        Some(("close", Of::TargetClose { close, at }, vec![]))
    })
    .or_else(|| {
        let of = |at| Of::NextStep { at };
        text("next_step", &header.next_step, &wanted.next_step, of)
    })
    .or_else(|| course(deal, wanted))
}

/// Stage and end. A deal that has ended is as the row says where it ended so; how far it was is moved before.
fn course(deal: &Deal, wanted: &Wanted) -> Option<Lack> {
    let goal = wanted.goal?;
    let at = deal.course.stage.at;
    let moved = |to: Stage| (deal.course.stage.value != Some(to)).then_some(to);
    let to = match goal {
        Goal::At(stage) => Some(stage),
        Goal::Won | Goal::Lost => wanted.reached,
    };
    if let Some(to) = to.and_then(moved) {
        return Some(("stage", deal::Command::MoveStage { to, at }, vec![]));
    }
    let ended = deal.end.as_ref().map(|end| end.outcome);
    match (goal, ended) {
        (Goal::At(_), None)
        | (Goal::Won, Some(Outcome::Won))
        | (Goal::Lost, Some(Outcome::Lost { .. })) => None,
        (Goal::Won, _) => Some(("stage", deal::Command::Win {}, vec![])),
        (Goal::Lost, _) => {
            let reason = wanted.lost_reason.unwrap_or(LostReason::Other);
            let words = wanted.lost_words.clone();
            let words = words.unwrap_or_else(|| "imported: no reason was given".to_owned());
            Some(("stage", deal::Command::Lose { reason }, vec![words]))
        }
        // What has ended goes on nowhere: the command says so to whoever asks.
        (Goal::At(to), Some(_)) => Some(("stage", deal::Command::MoveStage { to, at }, vec![])),
    }
}
