//! The texts that a room's state refers to, beside the room: erasing one changes no state.

use crate::{
    entry::{Entry, SaltedText, TextRef},
    room::Room,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The standing texts of one room: names, purposes, headers. Bounded by what the state refers to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Texts(
    #[serde(with = "pairs")]
    #[schemars(with = "Vec<(TextRef, SaltedText)>")]
    BTreeMap<TextRef, SaltedText>,
);

impl Texts {
    /// The text, unless it is erased or no longer stands.
    #[must_use]
    pub fn get(&self, at: TextRef) -> Option<&SaltedText> {
        self.0.get(&at)
    }

    /// Takes in what an entry brought, after the room took in the entry, and drops what no longer stands.
    pub fn keep(&mut self, room: &Room, entry: &Entry) {
        let standing = room.standing_texts();
        self.0.retain(|at, _| standing.contains(at));
        for at in standing.into_iter().filter(|at| at.seq == entry.seq) {
            if let Some(text) = entry.text(at.slot) {
                self.0.insert(at, text.clone());
            }
        }
    }

    /// Erases the texts of these entries.
    pub fn erase(&mut self, seqs: &[crate::entry::Seq]) {
        self.0.retain(|at, _| !seqs.contains(&at.seq));
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// JSON has no keys but strings: pairs instead.
mod pairs {
    use super::{BTreeMap, SaltedText, TextRef};
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        map: &BTreeMap<TextRef, SaltedText>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map.iter())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<TextRef, SaltedText>, D::Error> {
        Ok(Vec::<(TextRef, SaltedText)>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}
