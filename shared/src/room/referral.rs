//! A Referral: one offer of one customer, between two organisations.
//!
//! Between connected organisations the sender's people and the receiver's Leads see from the beginning what is shown now. A
//! stranger's Leads see it with the request to connect, if that is heard; whether it was, the sender is not to learn, so its
//! own people are admitted by the receiver's answer, or when the two connect, from that entry on. Until then its Side holds
//! the case, and how it ended where nobody answered. What is held back is in no entry of this room before the receiver
//! accepts, and stands here in the same commit as the acceptance. The states are offered, viewed, accepted, contacted, qualified,
//! converted, and at the end won, lost or of no value; declined, expired, withdrawn and returned end it early. No end is ever
//! left.

mod answer;
mod clock;
mod effects;
mod stage;
#[cfg(test)]
mod tests;
mod vocabulary;

pub use clock::{Clock, extend};
pub use stage::{Handoff, Stage};
pub use vocabulary::{Ask, Command, DeclineReason, Event, Outcome, Verb};

pub(crate) use clock::fire;
pub(crate) use effects::react;

use super::{Case, Due, Room, State, Taking};
use crate::{
    audience::{Audience, Grant},
    command::{Named, SlotRule},
    entry::{Entry, SaltedText, Seq, Slot, TextRef, Worded},
    event,
    id::{MemberId, OrgId, PublicKey, RoomId},
    rejection::Rejection,
    room::{HandOver, side},
    standing::{Role, Standing},
    text::TextKind,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// One of the two organisations, and the root key that its statements here start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "ReferralParty")]
pub struct Party {
    /// Which.
    pub org: OrgId,
    /// Its root key.
    pub root: PublicKey,
}

/// Everything that a Referral begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Who refers.
    pub from: Party,
    /// To whom.
    pub to: OrgId,
    /// Their root key, where the two are connected; else they are shown it with the request to connect.
    pub tied: Option<PublicKey>,
    /// The sender's Side.
    pub case: RoomId,
    /// Who has the case.
    pub owner: MemberId,
    /// What the sender is bound to.
    pub promise: side::Promise,
    /// When the offer runs out.
    pub until: Timestamp,
    /// How often the customer has been referred, with this one.
    pub depth: u8,
    /// What the customer needs.
    pub need: SaltedText,
}

/// What the room holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Referral {
    /// Who refers.
    pub from: Party,
    /// To whom.
    pub to: OrgId,
    /// Their root key, once they are admitted.
    pub to_root: Option<PublicKey>,
    /// The sender's Side; its id admits nobody.
    pub case: RoomId,
    /// Who has the case.
    pub owner: MemberId,
    /// What the sender is bound to.
    pub promise: side::Promise,
    /// What the customer needs.
    pub need: TextRef,
    /// How often the customer has been referred, with this one.
    pub depth: u8,
    /// Whether the two were connected when it was offered.
    pub connected: bool,
    /// Whether the sender's people are admitted.
    pub joined: bool,
    /// How far it is.
    pub stage: Stage,
    /// The entry that set the stage last.
    pub at: Seq,
    /// When the offer runs out, or ran out.
    pub until: Timestamp,
    /// Whether that was extended; it is at most once.
    pub extended: bool,
    /// What was agreed when it was accepted.
    pub handoff: Option<Handoff>,
    /// What was held back, once it is disclosed: customer, contact, notes.
    pub dossier: Vec<TextRef>,
}

/// The entry that opens a Referral is its first: what is signed here answers that one, and need not say where it stands.
const OFFER: Seq = Seq(1);

impl Command {
    pub(crate) fn slots(&self) -> Vec<SlotRule> {
        match self {
            Self::Decline { .. } | Self::Return { .. } => vec![("words", TextKind::Line)],
            Self::Convert {} => {
                vec![("title", TextKind::Title), ("customer", TextKind::Name)]
            }
            Self::View {}
            | Self::Accept { .. }
            | Self::Withdraw {}
            | Self::Contacted {}
            | Self::Qualified {} => vec![],
        }
    }

    pub(crate) fn named(&self, _texts: &[SaltedText]) -> Named {
        match self {
            Self::Accept { from, people } => Named {
                cites: Some(OFFER),
                members: people.clone(),
                org: Some(*from),
                ..Named::default()
            },
            Self::Decline { .. } | Self::Withdraw {} | Self::Return { .. } | Self::Convert {} => {
                Named {
                    cites: Some(OFFER),
                    ..Named::default()
                }
            }
            Self::View {} | Self::Contacted {} | Self::Qualified {} => Named::default(),
        }
    }

    pub(crate) const fn signed(&self) -> bool {
        match self {
            Self::Accept { .. }
            | Self::Decline { .. }
            | Self::Withdraw {}
            | Self::Return { .. }
            | Self::Convert {} => true,
            Self::View {} | Self::Contacted {} | Self::Qualified {} => false,
        }
    }
}

impl Referral {
    pub(crate) fn standing_texts(&self) -> Vec<TextRef> {
        std::iter::once(self.need)
            .chain(self.dossier.iter().copied())
            .collect()
    }

    /// Nobody is invited to a Referral: it is shown or it is not.
    #[allow(
        clippy::unused_self,
        reason = "the same form as the other rooms' states"
    )]
    pub(crate) const fn invites(&self, _who: &Standing) -> bool {
        false
    }

    pub(crate) fn due(&self) -> Option<(Timestamp, Due)> {
        clock::due(self).map(|(at, clock)| (at, Due::Referral(clock)))
    }

    /// Each side moderates its own: a Lead, and only what and whom their own organisation brought.
    #[allow(
        clippy::unused_self,
        reason = "the same form as the other rooms' states"
    )]
    pub(crate) fn moderates(&self, case: &Case<'_>) -> Result<(), Rejection> {
        case.at_least(Role::Lead)?;
        let mine = case.standing()?.org.id;
        let theirs = case.named.iter().any(|card| card.org != mine)
            || case
                .cited
                .is_some_and(|cited| cited.entry.author.org() != Some(mine));
        if theirs {
            return Err(Rejection::Only("a Lead of that member's own organisation"));
        }
        Ok(())
    }
}

pub(crate) fn decide(
    case: &Case<'_>,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Vec<Worded<event::Event>>, Rejection> {
    case.seated()?;
    let State::Referral(referral) = &case.room.state else {
        return Err(Rejection::NotHere("referral"));
    };
    let event = answer::decide(case, referral, command)?;
    Ok(vec![Worded::new(
        event::Event::Referral(event),
        texts.to_vec(),
    )])
}

fn open(room: &mut Room, entry: &Entry, event: &Event) {
    let Event::Opened {
        from,
        to,
        case,
        owner,
        promise,
        until,
        depth,
        connected,
        need,
    } = event
    else {
        return;
    };
    room.audience = Audience::default();
    if *connected {
        admit(&mut room.audience, (from.org, *owner), Seq::ZERO);
    }
    room.state = State::Referral(Box::new(Referral {
        from: *from,
        to: *to,
        to_root: None,
        case: *case,
        owner: *owner,
        promise: (**promise).clone(),
        need: at(entry, *need),
        depth: *depth,
        connected: *connected,
        joined: *connected,
        stage: Stage::Offered,
        at: entry.seq,
        until: *until,
        extended: false,
        handoff: None,
        dossier: vec![],
    }));
}

const fn leads(org: OrgId, since: Seq) -> Grant {
    Grant::Org {
        id: org,
        min_role: Role::Lead,
        since,
    }
}

/// Admits the sender's people: its Leads, and who has the case.
fn admit(audience: &mut Audience, (org, owner): (OrgId, MemberId), since: Seq) {
    audience.grants.push(leads(org, since));
    audience.seat(owner, org, Role::Lead, since);
}

const fn at(entry: &Entry, slot: Slot) -> TextRef {
    TextRef {
        seq: entry.seq,
        slot,
    }
}

pub(crate) fn apply(room: &mut Room, entry: &Entry, event: &Event) {
    if let Event::Opened { .. } = event {
        open(room, entry, event);
        return;
    }
    let State::Referral(referral) = &mut room.state else {
        return;
    };
    if let Some(stage) = Stage::after(event) {
        (referral.stage, referral.at) = (stage, entry.seq);
    }
    if joins(event) && !referral.joined {
        referral.joined = true;
        let sender = (referral.from.org, referral.owner);
        admit(&mut room.audience, sender, entry.seq);
    }
    match event {
        Event::Shown { org, root } => {
            referral.to_root = Some(*root);
            room.audience.grants.push(leads(*org, Seq::ZERO));
        }
        Event::Accepted {
            people,
            side,
            contact_by,
            return_by,
        } => {
            let to = referral.to;
            referral.handoff = Some(Handoff {
                people: people.clone(),
                side: *side,
                contact_by: *contact_by,
                return_by: *return_by,
                missed: false,
            });
            for member in people {
                room.audience.seat(*member, to, Role::Rep, Seq::ZERO);
            }
        }
        Event::Disclosed {
            customer,
            contact,
            notes,
        } => {
            let told = [Some(*customer), Some(*contact), *notes]
                .into_iter()
                .flatten();
            referral.dossier = told.map(|slot| at(entry, slot)).collect();
        }
        Event::Extended { until } => (referral.until, referral.extended) = (*until, true),
        Event::ContactMissed {} => {
            let handoff = referral.handoff.iter_mut();
            handoff.for_each(|handoff| handoff.missed = true);
        }
        Event::HandedOver { org, from, to } => {
            // Whoever sent it to a stranger has no seat yet, and is admitted later as the one in charge by then.
            if let Some(role) = passed(referral, *org, *from, *to) {
                room.audience.reseat(*from, *to, *org, role);
            }
        }
        Event::Opened { .. }
        | Event::Joined {}
        | Event::Viewed {}
        | Event::Declined { .. }
        | Event::Expired {}
        | Event::Withdrawn {}
        | Event::Returned { .. }
        | Event::Contacted {}
        | Event::Qualified {}
        | Event::Converted { .. }
        | Event::Concluded { .. } => {}
    }
}

/// Whether the sender's people are admitted by this, where they are not yet: the receiver has answered of its own will, or
/// both know that they are connected. What the receiver's people said to one another before stays theirs.
const fn joins(event: &Event) -> bool {
    matches!(
        event,
        Event::Joined {} | Event::Accepted { .. } | Event::Declined { .. }
    )
}

pub(crate) fn take(taking: &Taking<'_>, ask: &Ask) -> Vec<Worded<event::Event>> {
    let plain = |event| vec![Worded::plain(event::Event::Referral(event))];
    let referral = match (&taking.room.state, ask) {
        (State::Referral(referral), _) => referral,
        (State::Void, Ask::Open(opening)) => return opens(opening),
        (
            State::Void
            | State::Org(_)
            | State::Inbox(_)
            | State::Channel(_)
            | State::Direct(_)
            | State::Profile(_)
            | State::Relation(_)
            | State::Side(_)
            | State::Deal(_)
            | State::Record(_),
            _,
        ) => return vec![],
    };
    match ask {
        Ask::Show { org, root }
            if *org == referral.to && referral.to_root.is_none() && referral.stage.is_open() =>
        {
            plain(Event::Shown {
                org: *org,
                root: *root,
            })
        }
        Ask::Join { org, root } if *org == referral.to && referral.stage.is_open() => {
            joined(referral, *root)
        }
        Ask::Accept { people } if referral.to_root.is_some() && referral.stage.is_open() => taking
            .fresh
            .first()
            .map(|bits| answer::accepted(people.clone(), *bits, taking.now))
            .map_or_else(Vec::new, plain),
        Ask::Decline { reason } if referral.stage.is_open() => plain(Event::Declined {
            reason: *reason,
            words: None,
        }),
        Ask::TakeBack | Ask::Withdraw if referral.stage.is_open() => plain(Event::Withdrawn {}),
        Ask::Disclose { texts } if referral.handoff.is_some() && referral.dossier.is_empty() => {
            disclosed(referral, texts)
        }
        Ask::Outcome { outcome } if referral.stage.deal().is_some() => {
            plain(Event::Concluded { outcome: *outcome })
        }
        Ask::Open(_)
        | Ask::Show { .. }
        | Ask::Join { .. }
        | Ask::Accept { .. }
        | Ask::Decline { .. }
        | Ask::TakeBack
        | Ask::Withdraw
        | Ask::Disclose { .. }
        | Ask::Outcome { .. } => vec![],
    }
}

/// Whether somebody is in charge here: of the case that is offered, or of what came of it.
pub(crate) fn handed_over(referral: &Referral, ask: HandOver) -> Option<Event> {
    let HandOver { org, from, to } = ask;
    let sends = org == referral.from.org && referral.owner == from;
    let handoff = referral.handoff.as_ref();
    let works = handoff.is_some_and(|handoff| handoff.people.contains(&from));
    let has = sends || (org == referral.to && works);
    (has && from != to).then_some(Event::HandedOver { org, from, to })
}

/// Puts one in the other's place, and gives the role that goes with it.
fn passed(referral: &mut Referral, org: OrgId, from: MemberId, to: MemberId) -> Option<Role> {
    if org == referral.from.org && referral.owner == from {
        referral.owner = to;
        return Some(Role::Lead);
    }
    let handoff = referral.handoff.as_mut().filter(|_| org == referral.to)?;
    handoff.people.remove(&from).then(|| {
        handoff.people.insert(to);
        Role::Rep
    })
}

fn opens(opening: &Opening) -> Vec<Worded<event::Event>> {
    let opened = Event::Opened {
        from: opening.from,
        to: opening.to,
        case: opening.case,
        owner: opening.owner,
        promise: Box::new(opening.promise.clone()),
        until: opening.until,
        depth: opening.depth,
        connected: opening.tied.is_some(),
        need: Slot(0),
    };
    let opened = Worded::new(event::Event::Referral(opened), vec![opening.need.clone()]);
    let shown = opening.tied.map(|root| Event::Shown {
        org: opening.to,
        root,
    });
    std::iter::once(opened)
        .chain(shown.map(|event| Worded::plain(event::Event::Referral(event))))
        .collect()
}

/// The two are connected: it is shown, if it was not, and the sender's people are admitted.
fn joined(referral: &Referral, root: PublicKey) -> Vec<Worded<event::Event>> {
    let org = referral.to;
    let unseen = referral.to_root.is_none();
    let shown = unseen.then_some(Event::Shown { org, root });
    shown
        .into_iter()
        .chain((!referral.joined).then_some(Event::Joined {}))
        .map(|event| Worded::plain(event::Event::Referral(event)))
        .collect()
}

/// What is disclosed is what was promised, or nothing.
fn disclosed(referral: &Referral, texts: &[SaltedText]) -> Vec<Worded<event::Event>> {
    let promised = &referral.promise.dossier;
    let kept = texts
        .iter()
        .map(SaltedText::commitment)
        .eq(promised.iter().copied());
    if !kept || texts.len() < 2 || texts.len() > 3 {
        return vec![];
    }
    let event = Event::Disclosed {
        customer: Slot(0),
        contact: Slot(1),
        notes: (texts.len() > 2).then_some(Slot(2)),
    };
    vec![Worded::new(event::Event::Referral(event), texts.to_vec())]
}
