//! What a directory shows of an organisation and searches in: read off the Profile's state and standing texts, whole.

use super::{Capacity, Place, Profile, Visibility};
use crate::{
    entry::TextRef,
    id::{MemberId, OrgId},
    industry::Industry,
    room::Texts,
    standing::{OrgKind, PartnerType},
    text::Text,
};
use std::collections::{BTreeMap, BTreeSet};

/// A Profile with the texts that stand beside it.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    /// What it holds.
    pub profile: &'a Profile,
    /// Its standing texts.
    pub texts: &'a Texts,
}

/// One organisation in the directory. What was never said, or is erased, is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Which.
    pub org: OrgId,
    /// Vendor or partner.
    pub kind: OrgKind,
    /// Its name.
    pub name: Option<Text>,
    /// Its types, as the vendor recorded them.
    pub types: BTreeSet<PartnerType>,
    /// Its programs, and the level in each.
    pub programs: BTreeMap<Text, Option<Text>>,
    /// Where it works.
    pub places: BTreeSet<Place>,
    /// Whom it works for.
    pub industries: BTreeSet<Industry>,
    /// What it is good at, one by one.
    pub specialities: Vec<String>,
    /// What it says of itself.
    pub description: Option<Text>,
    /// Its site.
    pub website: Option<Text>,
    /// Which types of partner it looks for.
    pub looking_for: BTreeSet<PartnerType>,
    /// For what it looks for them.
    pub need: Option<Text>,
    /// Whether somebody has claimed it.
    pub claimed: bool,
    /// Whether it takes work on.
    pub capacity: Option<Capacity>,
    /// Its people whom others may turn to.
    pub contacts: BTreeSet<MemberId>,
    /// Whether every member of the community reads it.
    pub public: bool,
}

impl<'a> Listing<'a> {
    fn text(self, at: Option<TextRef>) -> Option<&'a Text> {
        at.and_then(|at| self.texts.get(at)).map(|text| &text.text)
    }

    /// The organisation's name, unless erased.
    #[must_use]
    pub fn name(self) -> Option<&'a Text> {
        self.text(self.profile.name.value)
    }

    /// What it says of itself.
    #[must_use]
    pub fn description(self) -> Option<&'a Text> {
        self.text(self.profile.description.value)
    }

    /// Its site.
    #[must_use]
    pub fn website(self) -> Option<&'a Text> {
        self.text(self.profile.website.value)
    }

    /// What it is good at, one by one.
    #[must_use]
    pub fn specialities(self) -> Vec<String> {
        self.text(self.profile.specialities.value)
            .map_or_else(Vec::new, |text| specialities(text.as_str()))
    }

    /// For what it looks for partners.
    #[must_use]
    pub fn need(self) -> Option<&'a Text> {
        let wanted = self.profile.looking_for.value.as_ref();
        self.text(wanted.map(|wanted| wanted.need))
    }

    /// Whom a connection writes to.
    #[must_use]
    pub fn contact(self) -> Option<&'a Text> {
        self.text(self.profile.contact.value)
    }

    /// What its connections should know.
    #[must_use]
    pub fn notes(self) -> Option<&'a Text> {
        self.text(self.profile.notes.value)
    }
}

impl Profile {
    /// Whether every member of the community reads this.
    #[must_use]
    pub fn public(&self) -> bool {
        !self.card && self.visibility.value.unwrap_or_default() == Visibility::Public
    }

    /// What the directory shows of it.
    #[must_use]
    pub fn document(&self, texts: &Texts) -> Document {
        let listing = Listing {
            profile: self,
            texts,
        };
        let class = self.class.value.clone().unwrap_or_default();
        let wanted = self.looking_for.value.as_ref();
        Document {
            org: self.org,
            kind: self.kind,
            name: listing.name().cloned(),
            types: class.types,
            programs: class.levels,
            places: self.places.value.clone().unwrap_or_default(),
            industries: self.industries.value.clone().unwrap_or_default(),
            specialities: listing.specialities(),
            description: listing.description().cloned(),
            website: listing.website().cloned(),
            looking_for: wanted.map_or_else(BTreeSet::new, |wanted| wanted.types.clone()),
            need: listing.need().cloned(),
            claimed: self.root.is_some(),
            capacity: self.capacity.value,
            contacts: self.contacts.value.clone().unwrap_or_default(),
            public: self.public(),
        }
    }
}

/// The tags of a text: what stands between commas or at the ends of lines, each once, in the order written.
#[must_use]
pub fn specialities(text: &str) -> Vec<String> {
    let mut known = BTreeSet::new();
    text.split([',', '\n'])
        .map(str::trim)
        .filter(|tag| !tag.is_empty() && known.insert(tag.to_lowercase()))
        .map(str::to_owned)
        .collect()
}
