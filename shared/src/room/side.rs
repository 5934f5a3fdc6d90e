//! A Side: one organisation's private side of a referral or a deal.
//!
//! A Side that was opened as a case holds the draft, the full part, the exclusions and the chain of offers; the Side of a
//! received referral may hold the same, to refer the customer on. An offer is a command here and opens a Referral; what is
//! held back leaves only by [`Event::Released`], when the receiver has accepted. At most one offer is out at a time.

mod draft;
mod offer;
mod people;
mod reference;
mod vocabulary;

pub use draft::{
    Band, Consent, Draft, Drafted, Fee, Promise, SizeBand, Teaser, Terms, Urgency, ValueBand, Want,
};
pub use offer::{Offer, Outgoing, Past};
pub(crate) use people::handed_over;
pub use reference::{Named, Reference, reference_claim};
pub(crate) use reference::{SLOT as REFERENCE_SLOT, claims};
pub use vocabulary::{About, Ask, Command, Ending, Event, Verb};

use super::{Case, Due, Room, State, Stated, Taking};
use crate::{
    ask::{Address, Ask as Asked},
    audience::{Audience, Grant},
    command::{self, SlotRule},
    entry::{Entry, SaltedText, Seq, Slot, TextRef, Worded},
    event,
    id::{MemberId, OrgId, RoomId},
    rejection::Rejection,
    room::{HandOver, handover, inbox, referral},
    standing::{Role, Standing},
    text::TextKind,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the room holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Side {
    /// Whose it is.
    pub org: OrgId,
    /// What it was opened for.
    pub about: About,
    /// Who has the case: the member who began it, or who set the first draft.
    pub owner: Option<MemberId>,
    /// Who began the case, and holds its first texts in their Inbox.
    pub began: Option<MemberId>,
    /// The case, where there is one.
    pub case: Option<Box<Outgoing>>,
    /// How the received referral ended, once it has.
    pub over: Option<Ending>,
    /// What the organisation's own systems call it.
    pub reference: Stated<Reference>,
}

/// What falls due in it: nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clock {}

impl Command {
    pub(crate) fn slots(&self) -> Vec<SlotRule> {
        match self {
            Self::Draft { draft, .. } => draft.slots(),
            Self::OfferWithRequest { .. } => vec![("words", TextKind::Words)],
            Self::Reference { claim, .. } => claim.map(|_| REFERENCE_SLOT).into_iter().collect(),
            Self::EraseDraft { .. }
            | Self::Offer { .. }
            | Self::Withdraw { .. }
            | Self::Add { .. }
            | Self::Remove { .. } => vec![],
        }
    }

    pub(crate) fn named(&self, _texts: &[SaltedText]) -> command::Named {
        match self {
            Self::Reference { claim, .. } => command::Named {
                claim: *claim,
                ..command::Named::default()
            },
            Self::EraseDraft { target } => command::Named {
                cites: Some(*target),
                ..command::Named::default()
            },
            Self::Offer { to, .. } => command::Named {
                org: Some(*to),
                ..command::Named::default()
            },
            Self::OfferWithRequest { to, .. } => command::Named {
                org: Some(*to),
                home: true,
                ..command::Named::default()
            },
            Self::Add { member, .. } | Self::Remove { member } => command::Named {
                members: BTreeSet::from([*member]),
                ..command::Named::default()
            },
            // What is signed names the Referral, and no entry of this room: the receiver reads it too.
            Self::Draft { .. } | Self::Withdraw { .. } => command::Named::default(),
        }
    }

    pub(crate) const fn signed(&self) -> bool {
        match self {
            Self::Offer { .. }
            | Self::OfferWithRequest { .. }
            | Self::Withdraw { .. }
            | Self::Remove { .. } => true,
            Self::Draft { .. }
            | Self::EraseDraft { .. }
            | Self::Add { .. }
            | Self::Reference { .. } => false,
        }
    }
}

impl Side {
    pub(crate) fn standing_texts(&self) -> Vec<TextRef> {
        let mut texts = self
            .case
            .as_deref()
            .map_or_else(Vec::new, Outgoing::standing_texts);
        texts.extend(self.reference.value.map(|reference| reference.text));
        texts
    }

    /// Nobody is invited to a Side: its organisation seats its own people.
    #[allow(
        clippy::unused_self,
        reason = "the same form as the other rooms' states"
    )]
    pub(crate) const fn invites(&self, _who: &Standing) -> bool {
        false
    }

    #[allow(
        clippy::unused_self,
        reason = "the same form as the other rooms' states"
    )]
    pub(crate) const fn due(&self) -> Option<(Timestamp, Due)> {
        None
    }

    /// Refuses whoever does not moderate here.
    #[allow(
        clippy::unused_self,
        reason = "the same form as the other rooms' states"
    )]
    pub(crate) fn moderates(&self, case: &Case<'_>) -> Result<(), Rejection> {
        case.at_least(Role::Lead)
    }

    /// How often the customer has been referred before it is offered from here.
    #[must_use]
    pub const fn depth(&self) -> u8 {
        match self.about {
            About::Referral { depth, .. } => depth,
            About::Case | About::Deal { .. } => 0,
        }
    }

    /// The case, if this Side may hold one that is not over.
    ///
    /// # Errors
    /// [`Rejection::NotHere`] in a deal's Side, [`Rejection::State`] once it is over.
    fn open_case(&self) -> Result<Option<&Outgoing>, Rejection> {
        match self.about {
            About::Deal { .. } => return Err(Rejection::NotHere("case to refer")),
            About::Referral { .. } if self.over.is_some() => {
                return Err(Rejection::State("the referral that this came from is over"));
            }
            About::Case | About::Referral { .. } => {}
        }
        let case = self.case.as_deref();
        if case.is_some_and(|case| case.over().is_some()) {
            return Err(Rejection::State("this case is over"));
        }
        Ok(case)
    }
}

pub(crate) fn decide(
    case: &Case<'_>,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Vec<Worded<event::Event>>, Rejection> {
    case.seated()?;
    let State::Side(side) = &case.room.state else {
        return Err(Rejection::NotHere("case to refer"));
    };
    let plain = |event| Worded::plain(event::Event::Side(event));
    let event = match command {
        Command::Draft { at, draft } => {
            case.at_least(Role::Lead)?;
            case.member()?;
            let seen = side.open_case()?.map_or(Seq::ZERO, |own| own.draft.at);
            if seen != *at {
                return Err(Rejection::Stale(seen));
            }
            draft.holds(texts, case.now)?;
            let drafted = Drafted::new(draft.clone(), texts);
            let begun = false;
            Worded::new(
                event::Event::Side(Event::Drafted { drafted, begun }),
                texts.to_vec(),
            )
        }
        Command::EraseDraft { target } => plain(offer::erase(case, side, *target)?),
        Command::Offer { to, shown, full } => offer::to_tied(case, side, *to, (*shown, *full))?,
        Command::OfferWithRequest { to, shown, full } => {
            offer::to_stranger(case, side, *to, (*shown, *full), texts)?
        }
        Command::Withdraw { offer } => plain(offer::withdraw(case, side, *offer)?),
        Command::Add { member, role } => plain(people::add(case, side, *member, *role)?),
        Command::Remove { member } => plain(people::remove(case, side, *member)?),
        Command::Reference { claim, at } => reference::decide(case, side, *at, *claim, texts)?,
    };
    Ok(vec![event])
}

fn open(room: &mut Room, event: &Event) {
    let Event::Opened {
        org,
        about,
        owner,
        people,
    } = event
    else {
        return;
    };
    let leads = Grant::Org {
        id: *org,
        min_role: Role::Lead,
        since: Seq::ZERO,
    };
    room.audience = Audience::of(vec![leads]);
    for member in people {
        room.audience.seat(*member, *org, Role::Rep, Seq::ZERO);
    }
    if let Some(owner) = owner {
        room.audience.seat(*owner, *org, Role::Lead, Seq::ZERO);
    }
    room.state = State::Side(Box::new(Side {
        org: *org,
        about: about.clone(),
        owner: *owner,
        began: *owner,
        case: None,
        over: None,
        reference: Stated::default(),
    }));
}

pub(crate) fn apply(room: &mut Room, entry: &Entry, event: &Event) {
    if let Event::Opened { .. } = event {
        open(room, event);
        return;
    }
    let State::Side(side) = &mut room.state else {
        return;
    };
    match event {
        // Its end comes back from the Referral.
        Event::Opened { .. } | Event::Withdrawn { .. } | Event::Kept { .. } => {}
        Event::Added { member, role } => {
            room.audience.seat(*member, side.org, *role, Seq::ZERO);
        }
        Event::Removed { member } => room.audience.unseat(*member),
        Event::HandedOver { from, to } => people::passed(&mut room.audience, side, *from, *to),
        Event::Referenced { .. } | Event::Unreferenced {} => {
            reference::apply(side, entry.seq, event);
        }
        Event::Drafted { .. } => {
            side.owner = side.owner.or(entry.author.member());
            offer::apply(side.case.get_or_insert_default(), entry, event);
        }
        Event::Closed { offer, how, .. } if received(side) == Some(*offer) => {
            side.over = Some(*how);
        }
        Event::Closed { .. }
        | Event::Erased { .. }
        | Event::Offered { .. }
        | Event::Released { .. } => {
            if let Some(case) = side.case.as_deref_mut() {
                offer::apply(case, entry, event);
            }
        }
    }
}

/// The Referral that this Side received.
const fn received(side: &Side) -> Option<RoomId> {
    match side.about {
        About::Referral { room, .. } => Some(room),
        About::Case | About::Deal { .. } => None,
    }
}

/// Whoever has the case has the offer, seated there already or not.
fn passed_on(
    side: &Side,
    entry: &Entry,
    (from, to): (MemberId, MemberId),
) -> Vec<(Address, Asked)> {
    let org = side.org;
    let live = side.case.iter().filter_map(|case| case.live.as_ref());
    let offer = live.map(|live| {
        let ask = HandOver { org, from, to };
        (Address::Room(live.room), Asked::HandOver(ask))
    });
    offer.chain(handover::told(entry, from, to)).collect()
}

pub(crate) fn react(room: &Room, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let State::Side(side) = &room.state else {
        return vec![];
    };
    match event {
        Event::Offered { .. } | Event::Withdrawn { .. } | Event::Released { .. } => {
            offer::react(side, entry, event)
        }
        Event::Erased { begun, .. } => side
            .began
            .filter(|_| *begun)
            .map(|member| {
                let erase = inbox::Ask::Erase { side: entry.room };
                (Address::inbox(member), Asked::Inbox(erase))
            })
            .into_iter()
            .collect(),
        // What one no longer has oneself is not given out any more.
        Event::Closed { offer, how, .. } if received(side) == Some(*offer) && how.frees() => side
            .case
            .iter()
            .filter_map(|case| case.live.as_ref())
            .filter(|live| !live.released)
            .map(|live| {
                let withdraw = Asked::Referral(Box::new(referral::Ask::Withdraw));
                (Address::Room(live.room), withdraw)
            })
            .collect(),
        // Whoever has a seat in the Referral is pointed there.
        Event::Closed {
            how: Ending::Expired,
            apart: true,
            ..
        } => {
            let expired = inbox::Ask::Point {
                what: inbox::What::ReferralExpired,
                room: entry.room,
                seq: entry.seq,
            };
            side.owner
                .map(|owner| (Address::inbox(owner), Asked::Inbox(expired)))
                .into_iter()
                .collect()
        }
        Event::Added { member, .. } if Some(*member) != entry.author.member() => {
            let seated = inbox::Ask::Point {
                what: inbox::What::Seated,
                room: entry.room,
                seq: entry.seq,
            };
            vec![(Address::inbox(*member), Asked::Inbox(seated))]
        }
        Event::Removed { member } => {
            let unseated = inbox::Ask::Notify {
                what: inbox::What::Unseated,
                room: entry.room,
            };
            vec![(Address::inbox(*member), Asked::Inbox(unseated))]
        }
        Event::HandedOver { from, to } => passed_on(side, entry, (*from, *to)),
        Event::Opened { .. }
        | Event::Drafted { .. }
        | Event::Closed { .. }
        | Event::Added { .. }
        | Event::Referenced { .. }
        | Event::Unreferenced {}
        | Event::Kept { .. } => vec![],
    }
}

pub(crate) fn take(taking: &Taking<'_>, ask: &Ask) -> Vec<Worded<event::Event>> {
    let plain = |event| vec![Worded::plain(event::Event::Side(event))];
    match &taking.room.state {
        State::Void => begin(ask),
        State::Side(side) => match ask {
            Ask::Release { offer } => offer::release(taking, side, *offer),
            Ask::Closed { offer, how, apart } if awaits(side, *offer) => plain(Event::Closed {
                offer: *offer,
                how: *how,
                apart: *apart,
            }),
            Ask::Keep { entry } => plain(Event::Kept {
                entry: entry.clone(),
            }),
            Ask::Open { .. }
            | Ask::OpenForReferral { .. }
            | Ask::OpenForDeal { .. }
            | Ask::OpenWithReference { .. }
            | Ask::Closed { .. } => vec![],
        },
        State::Org(_)
        | State::Inbox(_)
        | State::Channel(_)
        | State::Direct(_)
        | State::Profile(_)
        | State::Relation(_)
        | State::Referral(_)
        | State::Deal(_)
        | State::Record(_) => vec![],
    }
}

/// Whether the end of this Referral is news here.
fn awaits(side: &Side, offer: RoomId) -> bool {
    let mine = received(side) == Some(offer) && side.over.is_none();
    mine || side.case.as_deref().is_some_and(|own| own.is_out(offer))
}

fn begin(ask: &Ask) -> Vec<Worded<event::Event>> {
    let opened = |org: &OrgId, about, owner, people: &[MemberId]| {
        let event = Event::Opened {
            org: *org,
            about,
            owner,
            people: people.to_vec(),
        };
        vec![Worded::plain(event::Event::Side(event))]
    };
    match ask {
        Ask::Open {
            org,
            owner,
            draft,
            texts,
        } => {
            let mut events = opened(org, About::Case, Some(*owner), &[]);
            let drafted = Event::Drafted {
                drafted: Drafted::new(draft.clone(), texts),
                begun: true,
            };
            events.push(Worded::new(event::Event::Side(drafted), texts.clone()));
            events
        }
        Ask::OpenForReferral {
            org,
            referral,
            depth,
            people,
        } => {
            let (room, depth) = (*referral, *depth);
            opened(org, About::Referral { room, depth }, None, people)
        }
        Ask::OpenForDeal { org, deal, people } => {
            opened(org, About::Deal { room: *deal }, None, people)
        }
        Ask::OpenWithReference {
            org,
            deal,
            people,
            reference,
            claim,
        } => {
            let mut events = opened(org, About::Deal { room: *deal }, None, people);
            let referenced = Event::Referenced {
                reference: Slot(0),
                claim: *claim,
            };
            let texts = vec![reference.clone()];
            events.push(Worded::new(event::Event::Side(referenced), texts));
            events
        }
        Ask::Release { .. } | Ask::Closed { .. } | Ask::Keep { .. } => vec![],
    }
}

pub(crate) fn fire(_room: &Room, clock: &Clock, _now: Timestamp) -> Vec<Worded<event::Event>> {
    match *clock {}
}
