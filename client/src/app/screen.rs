//! The screens: what each shows, made of the replica and of where the person stands.

pub mod audience;
pub mod deals;
pub mod directory;
pub mod events;
pub mod inbox;
pub mod lines;
pub mod preview;
pub mod referrals;
pub mod rooms;
pub mod talk;

use rialto_shared::id::RoomId;

/// The rows of the Inbox's list: headings and what stands between them are `None`. An item has a row of its own, and one
/// for its words where it has any.
#[must_use]
pub fn inbox_rows(items: &[inbox::Item]) -> Vec<Option<inbox::Key>> {
    let mut rows = vec![];
    let mut urgency = None;
    for item in items {
        if urgency != Some(item.urgency) {
            if urgency.is_some() {
                rows.push(None);
            }
            rows.push(None);
            urgency = Some(item.urgency);
        }
        rows.push(Some(item.key));
    }
    rows
}

/// The rows of a list of rooms: headings and what stands between them are `None`.
#[must_use]
pub fn room_rows(sections: &[rooms::Section]) -> Vec<Option<RoomId>> {
    let mut rows = vec![];
    for section in sections {
        if !rows.is_empty() {
            rows.push(None);
        }
        rows.push(None);
        rows.extend(section.rooms.iter().map(|one| Some(one.room)));
    }
    rows
}
