//! Entries, and what became of them: the second fold, on disk.

use super::{
    Store, StoreError, read_json,
    tables::{ENTRIES, MARKS, NOTES, entry_key},
    write_json,
};
use crate::replica::{Log, Logged, fold, refold};
use redb::{ReadableDatabase as _, ReadableTable, Table, WriteTransaction};
use rialto_shared::{
    entry::{Entry, Seq},
    id::{MemberId, RoomId},
    timeline::{Marks, Note},
};
use std::sync::Arc;

type Rows<'t> = Table<'t, &'static [u8], &'static [u8]>;

/// One room's part of the three tables.
struct RoomLog<'t> {
    room: RoomId,
    entries: Rows<'t>,
    notes: Rows<'t>,
    marks: Rows<'t>,
}

fn decode(bytes: &[u8]) -> Result<Arc<Entry>, StoreError> {
    Entry::decode(bytes)
        .map(Arc::new)
        .map_err(|error| StoreError::Malformed {
            what: "entry",
            why: error.to_string(),
        })
}

fn logged<T: ReadableTable<&'static [u8], &'static [u8]>>(
    key: &[u8],
    entry: &[u8],
    notes: &T,
    marks: &T,
) -> Result<Logged, StoreError> {
    let note = notes.get(key)?;
    let marks = marks.get(key)?;
    Ok(Logged {
        entry: decode(entry)?,
        note: note.map_or_else(|| Ok(Note::default()), |row| read_json("note", row.value()))?,
        marks: marks.map_or_else(
            || Ok(Marks::default()),
            |row| read_json("mark", row.value()),
        )?,
    })
}

impl<'t> RoomLog<'t> {
    fn open(write: &'t WriteTransaction, room: RoomId) -> Result<Self, StoreError> {
        Ok(Self {
            room,
            entries: write.open_table(ENTRIES)?,
            notes: write.open_table(NOTES)?,
            marks: write.open_table(MARKS)?,
        })
    }
}

impl Log for RoomLog<'_> {
    type Error = StoreError;

    fn find(&self, seq: Seq) -> Result<Option<Logged>, StoreError> {
        let key = entry_key(self.room, seq);
        let Some(entry) = self.entries.get(key.as_slice())? else {
            return Ok(None);
        };
        logged(&key, entry.value(), &self.notes, &self.marks).map(Some)
    }

    fn put(&mut self, logged: Logged, erased: bool) -> Result<(), StoreError> {
        let key = entry_key(self.room, logged.entry.seq);
        // The stored bytes are the server's own; only an erasure makes others, with the same hash.
        if erased {
            let bytes = logged.entry.encode();
            self.entries.insert(key.as_slice(), bytes.as_slice())?;
        }
        let note = write_json("note", &logged.note)?;
        self.notes.insert(key.as_slice(), note.as_slice())?;
        if logged.marks == Marks::default() {
            self.marks.remove(key.as_slice())?;
        } else {
            let marks = write_json("mark", &logged.marks)?;
            self.marks.insert(key.as_slice(), marks.as_slice())?;
        }
        Ok(())
    }
}

/// A new entry: it goes in, and what it does to an earlier one is done.
pub(super) fn append(
    write: &WriteTransaction,
    entry: &Entry,
    bytes: &[u8],
    me: MemberId,
) -> Result<(), StoreError> {
    let mut log = RoomLog::open(write, entry.room)?;
    fold(&mut log, entry, me)?;
    let key = entry_key(entry.room, entry.seq);
    log.entries.insert(key.as_slice(), bytes)?;
    Ok(())
}

/// An older entry with what had become of it at `head`: what later ones did is done again.
pub(super) fn page(
    write: &WriteTransaction,
    entry: &Arc<Entry>,
    bytes: &[u8],
    (note, marks): (&Note, &Marks),
    head: Seq,
    me: MemberId,
) -> Result<(), StoreError> {
    let mut log = RoomLog::open(write, entry.room)?;
    let key = entry_key(entry.room, entry.seq);
    log.entries.insert(key.as_slice(), bytes)?;
    let beside = Logged {
        entry: Arc::clone(entry),
        note: note.clone(),
        marks: marks.clone(),
    };
    log.put(beside, false)?;
    let mut later = vec![];
    let (first, last) = (
        entry_key(entry.room, head.next()),
        entry_key(entry.room, Seq(u64::MAX)),
    );
    for row in log.entries.range(first.as_slice()..=last.as_slice())? {
        later.push(decode(row?.1.value())?);
    }
    refold(&mut log, entry.seq, later.iter().map(AsRef::as_ref), me)
}

/// Everything of a room goes.
pub(super) fn forget(write: &WriteTransaction, room: RoomId) -> Result<(), StoreError> {
    let (first, last) = (entry_key(room, Seq::ZERO), entry_key(room, Seq(u64::MAX)));
    for table in [ENTRIES, NOTES, MARKS] {
        let mut rows = write.open_table(table)?;
        rows.retain_in(first.as_slice()..=last.as_slice(), |_, _| false)?;
    }
    Ok(())
}

impl Store {
    /// The newest entries of a room before this one, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn before(
        &self,
        room: RoomId,
        before: Seq,
        limit: usize,
    ) -> Result<Vec<Logged>, StoreError> {
        let read = self.db.begin_read()?;
        let (entries, notes, marks) = (
            read.open_table(ENTRIES)?,
            read.open_table(NOTES)?,
            read.open_table(MARKS)?,
        );
        let (first, last) = (entry_key(room, Seq::ZERO), entry_key(room, before));
        let mut found = vec![];
        for row in entries
            .range(first.as_slice()..last.as_slice())?
            .rev()
            .take(limit)
        {
            let (key, value) = row?;
            found.push(logged(key.value(), value.value(), &notes, &marks)?);
        }
        found.reverse();
        Ok(found)
    }

    /// One entry.
    ///
    /// # Errors
    /// What the database says.
    pub fn entry(&self, room: RoomId, seq: Seq) -> Result<Option<Logged>, StoreError> {
        let found = self.before(room, seq.next(), 1)?;
        Ok(found.into_iter().find(|logged| logged.entry.seq == seq))
    }

    /// The bytes of all entries of a room that are held, in order: what a verifier and an export read.
    ///
    /// # Errors
    /// What the database says.
    pub fn bytes(&self, room: RoomId) -> Result<Vec<Vec<u8>>, StoreError> {
        let read = self.db.begin_read()?;
        let entries = read.open_table(ENTRIES)?;
        let (first, last) = (entry_key(room, Seq::ZERO), entry_key(room, Seq(u64::MAX)));
        let mut all = vec![];
        for row in entries.range(first.as_slice()..=last.as_slice())? {
            all.push(row?.1.value().to_vec());
        }
        Ok(all)
    }
}
