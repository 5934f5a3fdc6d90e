//! The table of actions, in the order of help: in parts, for it is long.

mod console;
mod messages;
mod partners;
mod places;
mod work;

use super::Entry;

const PARTS: [&[Entry]; 5] = [
    places::ENTRIES,
    messages::ENTRIES,
    work::ENTRIES,
    partners::ENTRIES,
    console::ENTRIES,
];

/// All actions, in the order of help.
pub fn actions() -> impl Iterator<Item = &'static Entry> {
    PARTS.into_iter().flatten()
}
