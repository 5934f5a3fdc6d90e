//! Clocks of rooms: what falls due when nobody does anything.

use super::Desk;
use crate::ledger::LedgerError;
use rialto_shared::{
    entry::{Author, Worded},
    event::Event,
    id::RoomId,
    room::{self, Due, Room},
    time::Timestamp,
};

impl Desk<'_> {
    /// Fires what is due in a room before anything is judged on it, so that accepting and expiring have one order.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn fire_due(&mut self, id: RoomId) -> Result<bool, LedgerError> {
        self.fire_clocks(id, room::fire)
    }

    /// Fires what fell due while the server was down. A clock that takes something from a member is extended first, once: it
    /// was the server that was away, not they.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn fire_overdue(&mut self, id: RoomId) -> Result<bool, LedgerError> {
        self.fire_clocks(id, |room, due, now| {
            let extended = room::extend(room, due, now);
            if extended.is_empty() {
                room::fire(room, due, now)
            } else {
                extended
            }
        })
    }

    fn fire_clocks(
        &mut self,
        id: RoomId,
        fire: impl Fn(&Room, &Due, Timestamp) -> Vec<Worded<Event>>,
    ) -> Result<bool, LedgerError> {
        let mut fired = false;
        loop {
            let loaded = self.load(id)?;
            let Some((time, due)) = room::due(&loaded.room) else {
                return Ok(fired);
            };
            if time > self.now {
                return Ok(fired);
            }
            let events = fire(&loaded.room, &due, self.now);
            if events.is_empty() {
                tracing::error!(room = %id, "a clock ran out and nothing came of it");
                return Ok(fired);
            }
            fired = true;
            // A rule refuses nothing; too wide a reaction would be a bug, and the clock stays due.
            if self.happen(id, events, Author::Rule, None)?.is_err() {
                self.drop_scratch();
                return Ok(false);
            }
        }
    }
}
