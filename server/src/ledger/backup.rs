//! A backup: what cannot be made again, in one file, each piece with a checksum of its own.
//!
//! It holds the tables that do not follow from the log (the log itself, receipts, read marks, ...), as they stood at one
//! commit, and the small files of the data folder: the server's identity, its TLS key and certificate, its configuration.
//! Whoever has a backup can read everything and pose as the server: it is as secret as the data folder. What does follow
//! from the log is derived again at a restore, by the function that derived it first, and one digest over all tables says
//! that nothing is otherwise than it was. Texts that were erased are in no backup made after.
//!
//! # The format, version 1
//!
//! Numbers are big end first. The file begins with the 14 bytes `rialto-backup\n`; then there are records, one after
//! another, each numbered from 0 by its place:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | the length of the body, at most [`RECORD_BYTES_MAX`] |
//! | 25 | of an entry, its room (17, as in keys) and seq (8); else zeros |
//! | 8 | head check: of the record's number, the length, and the place |
//! | length | the body |
//! | 16 | body check: of the record's number and the body |
//!
//! A check is the beginning of `digest("rialto-backup-head-1" or "rialto-backup-body-1", parts)`, README's digest; a record
//! that was cut out, moved or doubled does not fit its number. The first record is a [`Head`] in JSON: it says how many
//! records of what follow. Then come the files in its order, each body the file's bytes; then the rows, table after table
//! in its order, each body the key's length (2 bytes), the key, the value; the last is a [`Seal`] in JSON. So a reader knows
//! at every byte what it reads, and a damage has a name: room and seq where it is in an entry's record beyond the head's own
//! check, else the table (or file) and the record's offset.
//!
//! It finds damage. Whoever can write a backup can also forge one: compare the digest that was printed when it was made,
//! which is blake3 of the whole file.

mod make;
mod read;
mod restore;
mod stream;
#[cfg(test)]
mod tests;

pub use make::{About, make};
pub use read::read_through;
pub use restore::restore;

use super::LedgerError;
use rialto_shared::{
    entry::Seq,
    id::{Hash, RoomId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{fmt, io, path::Path};

/// The version of the format.
pub const VERSION: u64 = 1;
/// Bytes of one record's body: many times the largest entry, so that damage never makes a reader take much memory.
pub const RECORD_BYTES_MAX: u32 = 1024 * 1024;
/// Files of the data folder in one backup.
pub const FILES_MAX: usize = 64;
/// Bytes of one of them.
pub const FILE_BYTES_MAX: u64 = 256 * 1024;

/// What the first record says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of the backup's format. Read before anything else of it.
    pub backup: u64,
    /// The version of the ledger's rows.
    pub ledger: u64,
    /// The program that made it.
    pub program: String,
    /// The server's id.
    pub server: Hash,
    /// When it was made.
    pub made: Timestamp,
    /// The files in it, by their names in the data folder.
    pub files: Vec<String>,
    /// The tables in it, and how many rows of each.
    pub tables: Vec<(String, u64)>,
}

/// What the last record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The digest over all tables, those that are not in the backup too.
    pub state: Hash,
    /// blake3 of every byte before this record.
    pub before: Hash,
}

/// A backup that was made, or read through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// What its head says.
    pub head: Head,
    /// The digest over all tables.
    pub state: Hash,
    /// blake3 of the file.
    pub digest: Hash,
    /// Its size.
    pub bytes: u64,
    /// Entries in it.
    pub entries: u64,
}

/// What a damaged byte lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The magic bytes and the first record.
    Head,
    /// A file.
    File(String),
    /// A row, or the frame of an entry's record.
    Table(String),
    /// An entry.
    Entry {
        /// Its room.
        room: RoomId,
        /// Its place there.
        seq: Seq,
    },
    /// The last record, and whatever stands after it.
    Seal,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("the head"),
            Self::File(name) => write!(f, "the file {name}"),
            Self::Table(name) => write!(f, "table {name}"),
            Self::Entry { room, seq } => write!(f, "room {room} at {seq}"),
            Self::Seal => f.write_str("the seal"),
        }
    }
}

/// The first thing in a backup that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part}, in the record that begins at byte {offset}: {what}")]
pub struct Damage {
    /// In what.
    pub part: Part,
    /// Where the record begins.
    pub offset: u64,
    /// What is wrong.
    pub what: String,
}

/// Why there is no backup, or none that can be read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// It is not as it was written.
    #[error("the backup is damaged: {0}")]
    Damaged(Damage),
    /// Every byte is as it was written, and what was written does not hold.
    #[error("the backup is whole, and what it holds is not right: {0}")]
    Unsound(String),
    /// A newer program made it.
    #[error("this backup is of a newer program ({0}): use a newer rialtod")]
    Newer(String),
    /// An older program made it: rows of another shape came of its log there, and its sum is of those.
    #[error("this backup is of an older program ({0}): use the rialtod that made it")]
    Older(String),
    /// Nothing is ever written over.
    #[error("{0}")]
    Occupied(String),
    /// The system says no.
    #[error("{path}: {error}")]
    Io {
        /// Of which file.
        path: String,
        /// What.
        error: io::Error,
    },
    /// The ledger that is read or made.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl BackupError {
    fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::Io {
            path: path.clone(),
            error,
        }
    }
}
