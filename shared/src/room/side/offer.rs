//! A case: its draft, and its offers one after the other.

use super::{Drafted, Ending, Event, Promise, Side};
use crate::{
    ask::{Address, Ask as Asked},
    entry::{Entry, SaltedText, Seq, Slot, TextRef, Worded},
    event,
    id::{Hash, OrgId, PublicKey, RoomId, RoomKind},
    limits,
    rejection::Rejection,
    room::{Case, State, Stated, Taking, org, referral},
    standing::{Role, Status},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a Side holds of the customer that it refers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Outgoing {
    /// The draft; none once it was erased.
    pub draft: Stated<Drafted>,
    /// The offer that is out, accepted or not.
    pub live: Option<Offer>,
    /// The offers before it, oldest first; at most [`limits::CASE_OFFERS_MAX`] with it.
    pub past: Vec<Past>,
    /// Who declined it or gave it back: it is not offered to them again.
    pub declined: BTreeSet<OrgId>,
}

/// An offer that is out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Offer {
    /// The Referral.
    pub room: RoomId,
    /// To whom.
    pub to: OrgId,
    /// The entry that set its draft, whose texts stand as long as they may have to be released.
    pub draft: Seq,
    /// Which of that entry's texts are held back.
    pub dossier: Vec<Slot>,
    /// When it runs out, unless it was extended.
    pub until: Timestamp,
    /// Whether it was accepted, and what was held back is given out.
    pub released: bool,
}

/// An offer that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Past {
    /// The Referral.
    pub room: RoomId,
    /// To whom it went.
    pub to: OrgId,
    /// The entry that set its draft.
    pub draft: Seq,
    /// Whether what was held back was given out.
    pub disclosed: bool,
    /// How it ended.
    pub how: Ending,
}

impl Outgoing {
    /// How the case ended, once it has for good.
    #[must_use]
    pub fn over(&self) -> Option<Ending> {
        let last = self.past.last()?;
        (!last.how.frees()).then_some(last.how)
    }

    /// Whether this offer is the one that is out.
    #[must_use]
    pub fn is_out(&self, offer: RoomId) -> bool {
        self.live.as_ref().is_some_and(|live| live.room == offer)
    }

    /// The draft's texts, and those that an offer may still have to give out.
    pub(super) fn standing_texts(&self) -> Vec<TextRef> {
        let draft = self
            .draft
            .value
            .iter()
            .flat_map(|drafted| drafted.texts(self.draft.at));
        let held = self
            .live
            .iter()
            .filter(|live| !live.released && live.draft != self.draft.at)
            .flat_map(Offer::texts);
        draft.chain(held).collect()
    }

    fn may_offer(&self, to: OrgId) -> Result<(), Rejection> {
        let no = |words| Err(Rejection::State(words));
        match &self.live {
            Some(live) if live.released => {
                return no("this was accepted: it is with the other organisation now");
            }
            Some(_) => return no("an offer is out: withdraw it before you offer to another"),
            None => {}
        }
        if self.declined.contains(&to) {
            return no("this organisation has declined this case or given it back");
        }
        if self.past.len() >= limits::CASE_OFFERS_MAX {
            return Err(Rejection::Limit {
                field: "offers",
                max: limits::CASE_OFFERS_MAX,
            });
        }
        let draft = self.draft.value.as_ref();
        if draft.is_some_and(|drafted| drafted.draft.excluded.contains(&to)) {
            return no("the draft excludes this organisation");
        }
        Ok(())
    }

    fn may_erase(&self, target: Seq) -> Result<(), Rejection> {
        let out = self.live.as_ref().filter(|live| live.draft == target);
        let disclosed = out.is_some_and(|live| live.released)
            || self
                .past
                .iter()
                .any(|past| past.draft == target && past.disclosed);
        if disclosed {
            return Err(Rejection::State(
                "this was disclosed: only the server's operator can erase it now",
            ));
        }
        if out.is_some() {
            return Err(Rejection::State(
                "an offer of this draft is out: withdraw it first",
            ));
        }
        Ok(())
    }
}

impl Offer {
    fn texts(&self) -> impl Iterator<Item = TextRef> + '_ {
        self.dossier.iter().map(|slot| TextRef {
            seq: self.draft,
            slot: *slot,
        })
    }
}

/// A draft's author takes its texts away.
pub(super) fn erase(case: &Case<'_>, side: &Side, target: Seq) -> Result<Event, Rejection> {
    let me = case.member()?.id;
    let cited = case.entry()?;
    let event::Event::Side(Event::Drafted { begun, .. }) = &cited.entry.event else {
        return Err(Rejection::NoSuchEntry);
    };
    if cited.entry.author.member() != Some(me) {
        return Err(Rejection::Only("its author"));
    }
    if cited.note.removal.is_some() {
        return Err(Rejection::Already("the erasure"));
    }
    if let Some(own) = side.case.as_deref() {
        own.may_erase(target)?;
    }
    let begun = *begun;
    Ok(Event::Erased { target, begun })
}

/// An offer to a connected organisation.
pub(super) fn to_tied(
    case: &Case<'_>,
    side: &Side,
    to: OrgId,
    signed: (Hash, Hash),
) -> Result<Worded<event::Event>, Rejection> {
    let ready = Ready::judge(case, side, to, signed)?;
    if case.tie.is_none() {
        return Err(Rejection::State(
            "you are not connected: offer it with a request to connect",
        ));
    }
    if ready.to_root.is_none() {
        return Err(Rejection::State("nobody answers there yet"));
    }
    Ok(ready.offered(case, to, None))
}

/// An offer to a stranger, with a request to connect. Where nobody has claimed that organisation it waits there with the
/// request, and the vendor is asked to invite somebody.
pub(super) fn to_stranger(
    case: &Case<'_>,
    side: &Side,
    to: OrgId,
    signed: (Hash, Hash),
    texts: &[SaltedText],
) -> Result<Worded<event::Event>, Rejection> {
    let ready = Ready::judge(case, side, to, signed)?;
    if case.tie.is_some() {
        return Err(Rejection::State(
            "you are connected: offer it without a request",
        ));
    }
    // One's own organisation asks, and its own people may know that it cannot.
    if let Some(State::Org(own)) = case.home.map(|home| &home.state) {
        own.may_ask(to, case.now)?;
    }
    let words = texts.first().ok_or(Rejection::NoSuchThing("words"))?;
    Ok(ready.offered(case, to, Some(words)))
}

/// An offer that nothing of the case forbids.
struct Ready {
    draft: Seq,
    promise: Promise,
    need: SaltedText,
    from_root: PublicKey,
    to_root: Option<PublicKey>,
}

impl Ready {
    fn judge(
        case: &Case<'_>,
        side: &Side,
        to: OrgId,
        signed: (Hash, Hash),
    ) -> Result<Self, Rejection> {
        case.at_least(Role::Lead)?;
        let standing = case.standing()?;
        let own = side
            .open_case()?
            .ok_or(Rejection::State("there is no draft yet"))?;
        if to == side.org {
            return Err(Rejection::Value {
                field: "to",
                want: "another organisation",
            });
        }
        if side.depth() >= limits::REFERRAL_DEPTH_MAX {
            return Err(Rejection::State(
                "this customer was referred on too often already",
            ));
        }
        own.may_offer(to)?;
        let card = case.other.filter(|card| card.id == to);
        let card = card.ok_or(Rejection::NoSuchThing("to"))?;
        if card.status != Status::Active {
            return Err(Rejection::State("this organisation takes no part now"));
        }
        let erased = Rejection::State("the draft is erased: set a new one");
        let drafted = own.draft.value.as_ref().ok_or_else(|| erased.clone())?;
        let promise = drafted.promise()?;
        // The commitments are of one draft and of no other: what was signed is that one.
        let draft = own.draft.at;
        if (promise.shown(), promise.full()) != signed {
            return Err(Rejection::Stale(draft));
        }
        let mut texts = drafted.texts(draft).map(|at| case.texts.get(at));
        let need = texts.next().flatten().ok_or_else(|| erased.clone())?;
        if texts.any(|text| text.is_none()) {
            return Err(erased);
        }
        let from_root = standing.org.root;
        let from_root =
            from_root.ok_or(Rejection::State("nobody has claimed your organisation"))?;
        Ok(Self {
            draft,
            promise,
            need: need.clone(),
            from_root,
            to_root: card.root,
        })
    }

    fn offered(
        self,
        case: &Case<'_>,
        to: OrgId,
        words: Option<&SaltedText>,
    ) -> Worded<event::Event> {
        let event = Event::Offered {
            offer: RoomId::new(RoomKind::Referral, case.fresh(0)),
            to,
            to_root: self.to_root,
            from_root: self.from_root,
            draft: self.draft,
            promise: self.promise,
            until: case.now + limits::REFERRAL_ACCEPT_SPAN,
            need: Slot(0),
            words: words.map(|_| Slot(1)),
        };
        let texts = std::iter::once(self.need).chain(words.cloned()).collect();
        Worded::new(event::Event::Side(event), texts)
    }
}

/// The offer that is out is taken back. What is signed names it by its Referral, which its readers know.
pub(super) fn withdraw(case: &Case<'_>, side: &Side, offer: RoomId) -> Result<Event, Rejection> {
    case.at_least(Role::Lead)?;
    let out = side.case.as_deref().filter(|own| own.is_out(offer));
    let live = out.and_then(|own| own.live.as_ref());
    let live = live.ok_or(Rejection::NoSuchThing("offer"))?;
    if live.released {
        return Err(Rejection::State(
            "this was accepted: it is with the other organisation now",
        ));
    }
    Ok(Event::Withdrawn { offer })
}

/// What was held back, as the accepted offer's draft has it.
pub(super) fn release(
    taking: &Taking<'_>,
    side: &Side,
    offer: RoomId,
) -> Vec<Worded<event::Event>> {
    let live = side.case.as_deref().and_then(|own| own.live.as_ref());
    let Some(live) = live.filter(|live| live.room == offer && !live.released) else {
        return vec![];
    };
    // All or nothing: what the operator has erased since cannot be given out in part.
    let texts: Option<Vec<SaltedText>> = live
        .texts()
        .map(|at| taking.texts.get(at).cloned())
        .collect();
    let texts = texts.unwrap_or_default();
    let slots = (0_u8..).take(texts.len()).map(Slot).collect();
    let event = Event::Released {
        offer,
        texts: slots,
    };
    vec![Worded::new(event::Event::Side(event), texts)]
}

pub(super) fn apply(own: &mut Outgoing, entry: &Entry, event: &Event) {
    match event {
        Event::Drafted { drafted, .. } => own.draft = Stated::new(entry.seq, drafted.clone()),
        Event::Erased { target, .. } => {
            if own.draft.at == *target {
                own.draft = Stated {
                    at: entry.seq,
                    value: None,
                };
            }
        }
        Event::Offered {
            offer,
            to,
            draft,
            until,
            ..
        } => {
            let drafted = own.draft.value.as_ref();
            own.live = Some(Offer {
                room: *offer,
                to: *to,
                draft: *draft,
                dossier: drafted
                    .map(|drafted| drafted.draft.dossier().collect())
                    .unwrap_or_default(),
                until: *until,
                released: false,
            });
        }
        Event::Released { offer, .. } => {
            if let Some(live) = own.live.as_mut().filter(|live| live.room == *offer) {
                live.released = true;
            }
        }
        Event::Closed { offer, how, .. } => close(own, *offer, *how),
        Event::Opened { .. }
        | Event::Withdrawn { .. }
        | Event::Added { .. }
        | Event::Removed { .. }
        | Event::HandedOver { .. }
        | Event::Referenced { .. }
        | Event::Unreferenced {}
        | Event::Kept { .. } => {}
    }
}

fn close(own: &mut Outgoing, offer: RoomId, how: Ending) {
    let Some(live) = own.live.take_if(|live| live.room == offer) else {
        return;
    };
    if matches!(how, Ending::Declined | Ending::Returned) {
        own.declined.insert(live.to);
    }
    own.past.push(Past {
        room: live.room,
        to: live.to,
        draft: live.draft,
        disclosed: live.released,
        how,
    });
}

pub(super) fn react(side: &Side, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    match event {
        Event::Offered { .. } => offers(side, entry, event).unwrap_or_default(),
        Event::Released { offer, texts } if !texts.is_empty() => {
            let texts = texts.iter().filter_map(|slot| entry.text(*slot).cloned());
            let disclose = referral::Ask::Disclose {
                texts: texts.collect(),
            };
            vec![(Address::Room(*offer), Asked::Referral(Box::new(disclose)))]
        }
        Event::Withdrawn { offer } => {
            let back = Asked::Referral(Box::new(referral::Ask::TakeBack));
            vec![(Address::Room(*offer), back)]
        }
        Event::Opened { .. }
        | Event::Drafted { .. }
        | Event::Erased { .. }
        | Event::Released { .. }
        | Event::Closed { .. }
        | Event::Added { .. }
        | Event::Removed { .. }
        | Event::HandedOver { .. }
        | Event::Referenced { .. }
        | Event::Unreferenced {}
        | Event::Kept { .. } => vec![],
    }
}

/// The Referral opens; a stranger is asked to connect, by one's own organisation, which knocks.
fn offers(side: &Side, entry: &Entry, event: &Event) -> Option<Vec<(Address, Asked)>> {
    let Event::Offered {
        offer,
        to,
        to_root,
        from_root,
        promise,
        until,
        need,
        words,
        ..
    } = event
    else {
        return None;
    };
    let from = side.org;
    let open = referral::Ask::Open(Box::new(referral::Opening {
        from: referral::Party {
            org: from,
            root: *from_root,
        },
        to: *to,
        tied: to_root.filter(|_| words.is_none()),
        case: entry.room,
        owner: side.owner?,
        promise: promise.clone(),
        until: *until,
        depth: side.depth().saturating_add(1),
        need: entry.text(*need)?.clone(),
    }));
    let mut asks = vec![(Address::Room(*offer), Asked::Referral(Box::new(open)))];
    if let Some(words) = words.and_then(|slot| entry.text(slot)) {
        let asked = org::Ask::Asked {
            to: *to,
            words: words.clone(),
            referral: *offer,
        };
        asks.push((
            Address::Room(RoomId::org(from)),
            Asked::Org(Box::new(asked)),
        ));
    }
    Some(asks)
}
