//! The outbox: commands that are not answered, each under the number it had from the start.
//!
//! A lane is one process's outbox; its id and next number are in the same file, under the same lock. A process that ended
//! with commands unanswered leaves them; the next one to come takes them over under their own lane and numbers, and the
//! lane they were of is never numbered again.

use super::{
    OFFERING, Store, StoreError, read_json,
    slot::Slot,
    tables::{self, ABOUT, DRAFTS, OUTBOX, number_key, number_of},
    write_json,
};
use crate::{account::chance, replica::Ticket};
use redb::{Durability, ReadableDatabase as _, ReadableTable as _, WriteTransaction};
use rialto_shared::{
    entry::SaltedText,
    id::{LaneId, RoomId},
    protocol::{Signed, Up},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// The lane of this process, and the number that its next command gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbering {
    /// The lane.
    pub lane: LaneId,
    /// The next number in it, from 1.
    pub next: u64,
}

/// A command as it is sent, however often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// The room that judges it.
    pub room: RoomId,
    /// Its facts, byte for byte.
    pub facts: String,
    /// Its texts.
    pub texts: Vec<SaltedText>,
    /// What was signed, with its nonce, where it commits somebody.
    pub signed: Option<Signed>,
    /// Since when.
    pub at: Timestamp,
}

impl Queued {
    /// The frame: the same each time.
    #[must_use]
    pub fn frame(&self, ticket: Ticket) -> Up {
        Up::Command {
            lane: ticket.lane,
            n: ticket.n,
            room: self.room,
            facts: self.facts.clone(),
            texts: self.texts.clone(),
            signed: self.signed.clone(),
        }
    }
}

/// This file's lane, made where there is none.
pub(super) fn numbering(write: &WriteTransaction) -> Result<Numbering, StoreError> {
    let mut about = write.open_table(ABOUT)?;
    let found = about
        .get("lane")?
        .map(|row| read_json("lane", row.value()))
        .transpose()?;
    if let Some(found) = found {
        return Ok(found);
    }
    let bits = chance().map_err(|error| StoreError::Chance(error.to_string()))?;
    let made = Numbering {
        lane: LaneId::from_bits(bits),
        next: 1,
    };
    about.insert("lane", write_json("lane", &made)?.as_slice())?;
    Ok(made)
}

fn malformed() -> StoreError {
    StoreError::Malformed {
        what: "key of the outbox",
        why: "it is no lane and number".to_owned(),
    }
}

impl Store {
    /// The number that the next command gets.
    #[must_use]
    pub const fn next_ticket(&self) -> Ticket {
        Ticket {
            lane: self.numbering.lane,
            n: self.numbering.next,
        }
    }

    /// Keeps commands under [`Self::next_ticket`] and the numbers after it, on the disk itself, before anybody sends them.
    ///
    /// # Errors
    /// What the database says; then none is queued.
    pub fn queue<'a>(
        &mut self,
        commands: impl IntoIterator<Item = &'a Queued>,
    ) -> Result<(), StoreError> {
        let mut numbering = self.numbering;
        let mut write = self.db.begin_write()?;
        write.set_quick_repair(true);
        {
            let mut outbox = write.open_table(OUTBOX)?;
            for queued in commands {
                outbox.insert(
                    number_key(numbering.lane, numbering.next).as_slice(),
                    write_json("command", queued)?.as_slice(),
                )?;
                numbering.next = numbering.next.saturating_add(1);
            }
        }
        if numbering == self.numbering {
            return Ok(());
        }
        write
            .open_table(ABOUT)?
            .insert("lane", write_json("lane", &numbering)?.as_slice())?;
        write.commit()?;
        self.numbering = numbering;
        Ok(())
    }

    /// It was answered: it is not sent again. Not waited for: where a crash forgets it, it goes out once more under its number,
    /// and is answered the same or as superseded.
    ///
    /// # Errors
    /// What the database says.
    pub fn answered(&mut self, ticket: Ticket) -> Result<(), StoreError> {
        let mut write = self.db.begin_write()?;
        write.set_durability(Durability::None)?;
        write
            .open_table(OUTBOX)?
            .remove(number_key(ticket.lane, ticket.n).as_slice())?;
        write.commit()?;
        Ok(())
    }

    /// Everything that is not answered, by lane and number.
    ///
    /// # Errors
    /// What the database says.
    pub fn unanswered(&self) -> Result<Vec<(Ticket, Queued)>, StoreError> {
        let read = self.db.begin_read()?;
        let mut all = vec![];
        for row in read.open_table(OUTBOX)?.iter()? {
            let (key, value) = row?;
            let (lane, n) = number_of(key.value()).ok_or_else(malformed)?;
            all.push((Ticket { lane, n }, read_json("command", value.value())?));
        }
        Ok(all)
    }

    /// Takes over what processes that are gone left unanswered, and what they meant to offer then. A crash between the two commits leaves the commands in both
    /// files: they are the same bytes under the same numbers, and this file never numbers that lane.
    pub(super) fn adopt(&mut self) -> Result<(), StoreError> {
        for slot in self.slot.abandoned()? {
            self.adopt_from(&slot)?;
        }
        Ok(())
    }

    fn adopt_from(&mut self, slot: &Slot) -> Result<(), StoreError> {
        let other = slot.open()?;
        let theirs = other.begin_write()?;
        tables::make(&theirs)?;
        let mut left = vec![];
        for row in theirs.open_table(OUTBOX)?.iter()? {
            let (key, value) = row?;
            left.push((key.value().to_vec(), value.value().to_vec()));
        }
        let mut offers = vec![];
        for row in theirs.open_table(DRAFTS)?.iter()? {
            let (place, kept) = row?;
            if place.value().starts_with(OFFERING) {
                offers.push((place.value().to_owned(), kept.value().to_owned()));
            }
        }
        if left.is_empty() && offers.is_empty() {
            return Ok(());
        }
        let ours = self.db.begin_write()?;
        {
            let mut drafts = ours.open_table(DRAFTS)?;
            for (place, kept) in &offers {
                drafts.insert(place.as_str(), kept.as_str())?;
            }
            let mut outbox = ours.open_table(OUTBOX)?;
            for (key, value) in &left {
                outbox.insert(key.as_slice(), value.as_slice())?;
            }
        }
        ours.commit()?;
        theirs.open_table(OUTBOX)?.retain(|_, _| false)?;
        theirs
            .open_table(DRAFTS)?
            .retain(|place, _| !place.starts_with(OFFERING))?;
        theirs.open_table(ABOUT)?.remove("lane")?;
        theirs.commit()?;
        Ok(())
    }
}
