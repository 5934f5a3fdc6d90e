//! The table of actions, in the order of help: in parts, for it is long.

mod console;
mod messages;
mod places;

use super::Entry;

const PARTS: [&[Entry]; 3] = [places::ENTRIES, messages::ENTRIES, console::ENTRIES];

/// All actions, in the order of help.
pub fn actions() -> impl Iterator<Item = &'static Entry> {
    PARTS.into_iter().flatten()
}
