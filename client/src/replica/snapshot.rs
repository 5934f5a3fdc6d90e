//! Snapshots come in parts, and a part is not trusted to be the next one or small.

use rialto_shared::{id::RoomId, limits, protocol::Snapshot};
use std::collections::BTreeMap;

/// Parts of one snapshot: far above the largest room that the limits allow.
const PARTS_MAX: u32 = 512;
/// Snapshots that come at the same time.
const AT_ONCE_MAX: usize = 16;

#[derive(Debug, Default)]
struct Partial {
    next: u32,
    parts: u32,
    body: String,
}

/// Snapshots that have begun to come.
#[derive(Debug, Default)]
pub(super) struct Parts(BTreeMap<RoomId, Partial>);

impl Parts {
    /// Takes part `place.0` of `place.1`; the whole once it is there.
    pub(super) fn take(
        &mut self,
        room: RoomId,
        place: (u32, u32),
        body: &str,
    ) -> Result<Option<Snapshot>, String> {
        let (part, parts) = place;
        if part == 0 {
            self.0.remove(&room);
            if parts == 0 || parts > PARTS_MAX || self.0.len() >= AT_ONCE_MAX {
                return Err(format!("a snapshot in {parts} parts"));
            }
        }
        let mut partial = self.0.remove(&room).unwrap_or(Partial {
            parts,
            ..Partial::default()
        });
        if partial.next != part || partial.parts != parts || body.len() > limits::MESSAGE_BYTES_MAX
        {
            return Err(format!(
                "part {part} of {parts} of a snapshot, out of order"
            ));
        }
        partial.body.push_str(body);
        partial.next = partial.next.saturating_add(1);
        if partial.next < parts {
            self.0.insert(room, partial);
            return Ok(None);
        }
        serde_json::from_str(&partial.body)
            .map(Some)
            .map_err(|error| format!("a snapshot that cannot be read: {error}"))
    }
}
