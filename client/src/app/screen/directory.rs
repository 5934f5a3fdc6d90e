//! The directory as somebody searches it: the words, what was found, and the one that is looked at.

use rialto_shared::{id::OrgId, protocol::Hit, text::Text};
use std::collections::BTreeSet;

use rialto_shared::standing::PartnerType;

/// Characters of the words.
const WORDS_CHARS_MAX: usize = 200;

/// An organisation that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub org: OrgId,
    /// Its name.
    pub name: Option<Text>,
    /// Its types.
    pub types: BTreeSet<PartnerType>,
    /// Its programs, and the level in each.
    pub programs: Vec<(Text, Option<Text>)>,
    /// Where it works.
    pub regions: Vec<Text>,
    /// What it says of itself.
    pub description: Option<Text>,
    /// Whether somebody answers there.
    pub claimed: bool,
}

/// The directory as it is searched.
#[derive(Debug, Default)]
pub struct Directory {
    /// The words.
    pub words: String,
    /// What was found, best first.
    pub found: Vec<Found>,
    /// How many there are in all.
    pub total: u32,
    /// The one that the cursor is on.
    pub at: usize,
    /// The question that has no answer yet.
    pub asked: Option<u64>,
    /// Whether anything was asked yet.
    pub searched: bool,
}

impl Directory {
    /// Takes a character of the words.
    pub fn typed(&mut self, c: char) {
        if self.words.chars().count() < WORDS_CHARS_MAX {
            self.words.push(c);
        }
    }

    /// The organisation that the cursor is on.
    #[must_use]
    pub fn chosen(&self) -> Option<OrgId> {
        Some(self.looked_at()?.org)
    }

    /// What was found of it.
    #[must_use]
    pub fn looked_at(&self) -> Option<&Found> {
        self.found.get(self.at)
    }

    /// Takes what was found, if it answers what was asked last; `more` is appended.
    pub fn answer(&mut self, id: u64, hits: Vec<Hit>, total: u32) -> bool {
        if self.asked != Some(id) {
            return false;
        }
        self.asked = None;
        self.total = total;
        self.at = 0;
        self.found = hits.into_iter().filter_map(found).collect();
        true
    }
}

fn found(hit: Hit) -> Option<Found> {
    match hit {
        Hit::Org {
            org,
            name,
            types,
            programs,
            regions,
            description,
            claimed,
        } => Some(Found {
            org,
            name,
            types,
            programs,
            regions,
            description,
            claimed,
        }),
        Hit::Channel { .. } | Hit::Person { .. } | Hit::Reader { .. } => None,
    }
}
