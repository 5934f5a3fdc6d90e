//! What stands before an entry in its room's log, as far as a verifier holds it: what a command answers, and what a room began
//! with, and how a deal stands. An entry is compared with it where its command's own facts do not say all that it says.

use super::{Event, matter};
use crate::{
    entry::{Entry, Facts, Seq, Slot},
    id::{Hash, OrgId, RoomId, RoomKind},
    room::{self, Room, State, deal::Deal, org, referral, side},
    time::Span,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Kinds that a later entry is compared with, beside the one that a room begins with.
const KINDS: &[&str] = &[
    "org.asked",
    "org.knocked",
    "relation.proposed",
    "relation.confirmed",
    "side.drafted",
    "side.offered",
    "deal.invited",
    "deal.handed_over",
    "deal.presence_proposed",
];

/// Entries of one room that later ones are compared with, without their texts.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    opening: Option<Entry>,
    kept: BTreeMap<Seq, Entry>,
    answers: BTreeMap<Hash, Seq>,
    /// A deal, as its log says.
    room: Room,
    /// Whether entries are left out that nobody keeps: what is kept of another room.
    partly: bool,
}

impl<'a> FromIterator<&'a Entry> for Earlier {
    fn from_iter<T: IntoIterator<Item = &'a Entry>>(entries: T) -> Self {
        let mut earlier = Self::default();
        entries.into_iter().for_each(|entry| earlier.take(entry));
        earlier
    }
}

impl Earlier {
    /// Of a log of which only some entries are held.
    #[must_use]
    pub fn partly() -> Self {
        Self {
            partly: true,
            ..Self::default()
        }
    }

    /// Takes the next entry.
    pub fn take(&mut self, entry: &Entry) {
        let head = self.room.head;
        let next = entry.seq == head.seq.next() && entry.prev == head.hash;
        if entry.room.kind() == RoomKind::Deal && next && !self.partly {
            room::apply(&mut self.room, entry);
        }
        if entry.seq == Seq(1) {
            self.opening = Some(entry.clone().erased());
        }
        if KINDS.contains(&entry.kind.as_str()) {
            for hash in [Some(entry.hash()), matter(entry)].into_iter().flatten() {
                self.answers.insert(hash, entry.seq);
            }
            self.kept.insert(entry.seq, entry.clone().erased());
        }
    }

    /// Whether the log is held from its beginning.
    pub(super) const fn whole(&self) -> bool {
        self.opening.is_some() && !self.partly
    }

    pub(super) const fn opening(&self) -> Option<&Entry> {
        self.opening.as_ref()
    }

    /// The deal, where its log is held from its beginning.
    pub(super) const fn deal(&self) -> Option<&Deal> {
        if let State::Deal(deal) = &self.room.state {
            Some(deal)
        } else {
            None
        }
    }

    /// The entry that a statement with this subject answers.
    pub(super) fn answered(&self, subject: Hash) -> Option<&Entry> {
        self.kept.get(self.answers.get(&subject)?)
    }

    pub(super) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Entry> {
        self.kept.values().filter(move |entry| entry.kind == kind)
    }
}

/// What the answer to a request to connect signs as its subject, worked out by whoever asked, from the entry that asked, that
/// offered the referral along with it, or that this referral begins with: [`matter`] of the entry at the other organisation,
/// which they do not read. `span` is how long a request may be answered.
pub(super) fn requested(entry: &Entry, span: Span) -> Option<Hash> {
    let (referral, until) = match &entry.event {
        Event::Org(org::Event::Asked {
            referral, until, ..
        }) => (*referral, *until),
        Event::Side(side::Event::Offered { offer, .. }) => (Some(*offer), entry.at + span),
        Event::Referral(referral::Event::Opened { .. }) => (Some(entry.room), entry.at + span),
        Event::Org(_)
        | Event::Side(_)
        | Event::Referral(_)
        | Event::Talk(_)
        | Event::Inbox(_)
        | Event::Channel(_)
        | Event::Direct(_)
        | Event::Profile(_)
        | Event::Relation(_)
        | Event::Deal(_)
        | Event::Record(_)
        | Event::Newer(_) => return None,
    };
    let statement = entry.statement.as_ref()?;
    let said = statement.read().ok()?;
    let asked: Facts<Value> = serde_json::from_str(&said.facts).ok()?;
    let to = asked.fact.as_object()?.values().next()?;
    let to = to.as_object()?.values().next()?.get("to")?.as_str()?;
    let knocked = Event::Org(org::Event::Knocked {
        from: said.org,
        root: statement.chain.first()?.issuer,
        words: Slot(0),
        referral,
        until,
    });
    let facts = Facts {
        texts: vec![*asked.texts.first()?],
        fact: knocked.clone(),
    };
    matter(&Entry {
        room: RoomId::org(to.parse::<OrgId>().ok()?),
        kind: knocked.kind(),
        facts: serde_json::to_string(&facts).ok()?,
        event: knocked,
        ..entry.clone().erased()
    })
}
