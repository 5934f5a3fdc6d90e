//! The table of actions, in the order of help: in parts, for it is long.

mod console;
mod deals;
mod messages;
mod partners;
mod places;
mod referrals;
mod rooms;

use super::Entry;

const PARTS: [&[Entry]; 7] = [
    places::ENTRIES,
    messages::ENTRIES,
    rooms::ENTRIES,
    referrals::ENTRIES,
    deals::ENTRIES,
    partners::ENTRIES,
    console::ENTRIES,
];

/// All actions, in the order of help.
pub fn actions() -> impl Iterator<Item = &'static Entry> {
    PARTS.into_iter().flatten()
}
