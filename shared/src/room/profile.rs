//! An organisation's faces: the public Profile, and the Card that only connected organisations see. Two audiences, so two
//! rooms; what may be said in one has no place in the other.
//!
//! Everything that a directory shows is in the Profile's state and standing texts ([`Profile::document`]): who may read
//! the Profile finds the organisation by it, and nobody else.

mod commands;
mod document;
mod place;
mod vocabulary;

#[cfg(test)]
mod tests;

pub(crate) use commands::decide;
pub use document::{Document, Listing, specialities};
pub use place::{Place, PlaceError, Region};
pub use vocabulary::{Ask, Capacity, Clock, Command, Event, Field, Verb, Visibility};

use super::{Case, Due, Room, State, Taking};
use crate::{
    ask::{Address, Ask as Asked},
    audience::{Audience, Grant, Rule},
    entry::{Entry, Seq, Slot, TextRef, Worded},
    event,
    id::{MemberId, OrgId, PublicKey},
    industry::Industry,
    rejection::Rejection,
    room::{Stated, key, org::Class},
    standing::{OrgKind, PartnerType, Role, Standing},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which partners an organisation looks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Wanted {
    /// Of which types; none for any.
    pub types: BTreeSet<PartnerType>,
    /// For what.
    pub need: TextRef,
}

/// What a face holds; of the last eight, the Card has only contact and notes, and the Profile neither.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Profile {
    /// Whose.
    pub org: OrgId,
    /// Vendor or partner.
    pub kind: OrgKind,
    /// Whether this is the Card.
    pub card: bool,
    /// The organisation's name.
    pub name: Stated<TextRef>,
    /// Its types and programs, as the vendor recorded them.
    pub class: Stated<Class>,
    /// Its root key; `None` while nobody has claimed it.
    pub root: Option<PublicKey>,
    /// What it says of itself.
    pub description: Stated<TextRef>,
    /// Its site.
    pub website: Stated<TextRef>,
    /// Where it works.
    pub places: Stated<BTreeSet<Place>>,
    /// Whom it works for.
    pub industries: Stated<BTreeSet<Industry>>,
    /// What it is good at, with commas between.
    pub specialities: Stated<TextRef>,
    /// Whether it takes work on.
    pub capacity: Stated<Capacity>,
    /// Which partners it looks for.
    pub looking_for: Stated<Wanted>,
    /// Who reads the Profile; everyone where never said.
    pub visibility: Stated<Visibility>,
    /// People of the organisation whom others may turn to: at most [`crate::limits::CONTACTS_MAX`], all active.
    pub contacts: Stated<BTreeSet<MemberId>>,
    /// Whom to write to.
    pub contact: Stated<TextRef>,
    /// What its connections should know.
    pub notes: Stated<TextRef>,
}

impl Profile {
    fn opened(org: OrgId, kind: OrgKind, card: bool, name: Stated<TextRef>) -> Self {
        Self {
            org,
            kind,
            card,
            name,
            class: Stated::default(),
            root: None,
            description: Stated::default(),
            website: Stated::default(),
            places: Stated::default(),
            industries: Stated::default(),
            specialities: Stated::default(),
            capacity: Stated::default(),
            looking_for: Stated::default(),
            visibility: Stated::default(),
            contacts: Stated::default(),
            contact: Stated::default(),
            notes: Stated::default(),
        }
    }

    pub(crate) fn standing_texts(&self) -> Vec<TextRef> {
        let need = self.looking_for.value.as_ref().map(|wanted| wanted.need);
        [
            self.name.value,
            self.description.value,
            self.website.value,
            self.specialities.value,
            need,
            self.contact.value,
            self.notes.value,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether this member has an open invitation here.
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
    pub(crate) const fn moderates(&self, _case: &Case<'_>) -> Result<(), Rejection> {
        Err(Rejection::NotHere("moderation"))
    }

    /// Whether this member is named as somebody to turn to.
    fn offers(&self, member: MemberId) -> bool {
        let contacts = self.contacts.value.as_ref();
        contacts.is_some_and(|contacts| contacts.contains(&member))
    }

    fn audience(&self) -> Audience {
        let own = Grant::Org {
            id: self.org,
            min_role: Role::Viewer,
            since: Seq::ZERO,
        };
        let connections = Grant::Tied { org: self.org };
        let everyone = Grant::Rule {
            rule: Rule::Everyone,
            role: Role::Viewer,
            since: Seq::ZERO,
        };
        let visibility = if self.card {
            Visibility::Connections
        } else {
            self.visibility.value.unwrap_or_default()
        };
        Audience::of(match visibility {
            Visibility::Public => vec![own, everyone],
            Visibility::Connections => vec![own, connections],
            Visibility::Private => vec![own],
        })
    }

    /// The entry that set a thing last, and whether it is set.
    const fn set(&self, field: Field) -> (Seq, bool) {
        const fn of<T>(stated: &Stated<T>) -> (Seq, bool) {
            (stated.at, stated.value.is_some())
        }
        match field {
            Field::Description => of(&self.description),
            Field::Website => of(&self.website),
            Field::Specialities => of(&self.specialities),
            Field::Capacity => of(&self.capacity),
            Field::LookingFor => of(&self.looking_for),
            Field::Contacts => of(&self.contacts),
            Field::Contact => of(&self.contact),
            Field::Notes => of(&self.notes),
        }
    }
}

pub(crate) fn apply(room: &mut Room, entry: &Entry, event: &Event) {
    let text = |slot: &Slot| {
        let at = TextRef {
            seq: entry.seq,
            slot: *slot,
        };
        Stated::new(entry.seq, at)
    };
    if let Event::Opened {
        org,
        kind,
        name,
        card,
    } = event
    {
        let profile = Profile::opened(*org, *kind, *card, text(name));
        room.audience = profile.audience();
        room.state = State::Profile(Box::new(profile));
        return;
    }
    let State::Profile(profile) = &mut room.state else {
        return;
    };
    match event {
        Event::Opened { .. } => {}
        Event::Named { name } => profile.name = text(name),
        Event::Classified { class } => profile.class = Stated::new(entry.seq, class.clone()),
        Event::Claimed { root } => profile.root = Some(*root),
        Event::Described { description } => profile.description = text(description),
        Event::WebsiteSet { website } => profile.website = text(website),
        Event::PlacesSet { places } => profile.places = Stated::new(entry.seq, places.clone()),
        Event::IndustriesSet { industries } => {
            profile.industries = Stated::new(entry.seq, industries.clone());
        }
        Event::SpecialitiesSet { specialities } => profile.specialities = text(specialities),
        Event::CapacitySet { capacity } => profile.capacity = Stated::new(entry.seq, *capacity),
        Event::LookingForSet { types, need } => {
            let wanted = Wanted {
                types: types.clone(),
                need: TextRef {
                    seq: entry.seq,
                    slot: *need,
                },
            };
            profile.looking_for = Stated::new(entry.seq, wanted);
        }
        Event::VisibilitySet { visibility } => {
            profile.visibility = Stated::new(entry.seq, *visibility);
            room.audience = profile.audience();
        }
        Event::ContactsSet { members } => {
            profile.contacts = Stated::new(entry.seq, members.clone());
        }
        Event::ContactSet { contact } => profile.contact = text(contact),
        Event::NotesSet { notes } => profile.notes = text(notes),
        Event::Cleared { field } => clear(profile, entry.seq, *field),
    }
}

/// Nothing is there any more, and who says something there again has seen that.
fn clear(profile: &mut Profile, at: Seq, field: Field) {
    const fn none<T>(at: Seq) -> Stated<T> {
        Stated { at, value: None }
    }
    match field {
        Field::Description => profile.description = none(at),
        Field::Website => profile.website = none(at),
        Field::Specialities => profile.specialities = none(at),
        Field::Capacity => profile.capacity = none(at),
        Field::LookingFor => profile.looking_for = none(at),
        Field::Contacts => profile.contacts = none(at),
        Field::Contact => profile.contact = none(at),
        Field::Notes => profile.notes = none(at),
    }
}

/// A face asks nothing of other rooms.
pub(crate) const fn react(_room: &Room, _entry: &Entry, _event: &Event) -> Vec<(Address, Asked)> {
    vec![]
}

pub(crate) fn take(taking: &Taking<'_>, ask: &Ask) -> Vec<Worded<event::Event>> {
    let (event, words) = match (ask, &taking.room.state) {
        (
            Ask::Open {
                org,
                kind,
                name,
                card,
            },
            State::Void,
        ) => {
            let opened = Event::Opened {
                org: *org,
                kind: *kind,
                name: Slot(0),
                card: *card,
            };
            (opened, vec![name.clone()])
        }
        (Ask::Named { name }, State::Profile(_)) => {
            (Event::Named { name: Slot(0) }, vec![name.clone()])
        }
        (Ask::Classify { class }, State::Profile(profile))
            if profile.class.value.as_ref() != Some(class) =>
        {
            let class = class.clone();
            (Event::Classified { class }, vec![])
        }
        (Ask::Claimed { root, by }, State::Profile(profile)) if profile.root != Some(*root) => {
            return claimed(profile, *root, *by);
        }
        (Ask::Renewed { root }, State::Profile(profile)) if profile.root != Some(*root) => {
            let (org, root) = (profile.org, *root);
            let renewed = event::Event::Key(key::Event::Renewed { org, root });
            return vec![Worded::plain(renewed)];
        }
        (Ask::Gone { member }, State::Profile(profile)) if profile.offers(*member) => {
            let mut members = profile.contacts.value.clone().unwrap_or_default();
            members.remove(member);
            (Event::ContactsSet { members }, vec![])
        }
        (
            Ask::Open { .. }
            | Ask::Named { .. }
            | Ask::Classify { .. }
            | Ask::Claimed { .. }
            | Ask::Renewed { .. }
            | Ask::Gone { .. },
            _,
        ) => {
            return vec![];
        }
    };
    vec![Worded::new(event::Event::Profile(event), words)]
}

/// Somebody is there. The vendor has a person to turn to from its first day; a partner's people are named when they say so.
fn claimed(profile: &Profile, root: PublicKey, by: MemberId) -> Vec<Worded<event::Event>> {
    let mut events = vec![Event::Claimed { root }];
    if profile.kind == OrgKind::Vendor && !profile.card && profile.contacts.value.is_none() {
        let members = BTreeSet::from([by]);
        events.push(Event::ContactsSet { members });
    }
    let events = events.into_iter().map(event::Event::Profile);
    events.map(Worded::plain).collect()
}

pub(crate) fn fire(_room: &Room, clock: &Clock, _now: Timestamp) -> Vec<Worded<event::Event>> {
    match *clock {}
}
