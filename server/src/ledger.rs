//! The ledger: the file, the one thread that writes it, and consistent reads of it. Only this folder names the database.
//!
//! Everything but the log, the receipts, the read marks and the journal is derived by one pure function
//! ([`mod@derive`]) from the log, so it can be rebuilt and compared ([`mod@verify`]). Rows are read inside the write
//! transaction: an aborted commit undoes everything, and there is no second truth in memory.

pub mod backup;
pub mod clock;
pub mod derive;
pub mod desk;
pub mod fault;
mod filling;
pub mod queue;
pub mod reader;
mod receipts;
pub mod rows;
pub mod seat;
pub mod tail;
pub mod verify;
pub mod writer;

pub use redb::Database;

use fault::guarded;
use filling::Filling;
use redb::{Builder, ReadableTable as _, StorageBackend, backends::FileBackend};
use rialto_shared::{
    entry::{Entry, EntryError},
    id::RoomId,
};
use rows::Table;
use std::{
    cmp::Ordering,
    fs::{self, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// The version of the stored rows. Another one is never opened: rows name no fields, so that those of a room of before lack
/// what it holds now. A backup has the log, from which all rows follow.
pub const FORMAT: u64 = 3;

/// The size of the database's own cache; the operating system's is behind it (performance: 64 MB reads as fast as 1 GB).
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// Why the ledger could not do something. The batch is dropped whole and may be sent again.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database said no.
    #[error("storage: {0}")]
    Storage(#[from] redb::Error),
    /// A row cannot be read: a damaged file, or a bug.
    #[error("row of {table:?}: {why}")]
    Row {
        /// Of which table.
        table: Table,
        /// What is wrong.
        why: String,
    },
    /// An entry cannot be read.
    #[error("entry: {0}")]
    Entry(#[from] EntryError),
    /// The database met what it never wrote.
    #[error("the ledger's file is damaged: {0}")]
    Damaged(String),
    /// The file is of a newer program.
    #[error(
        "this data folder is of format {found}; this program reads format {FORMAT}: use a newer rialtod"
    )]
    Newer {
        /// The format found.
        found: u64,
    },
    /// The file is of an older program.
    #[error(
        "this data folder is of the older format {found}; this program reads format {FORMAT}: use the rialtod that wrote it"
    )]
    Older {
        /// The format found.
        found: u64,
    },
}

impl LedgerError {
    /// Whether the database refuses everything from now on, until its file is opened again: after any call to the disk that
    /// failed, be it for want of space, and after a panic within it. Other errors are of one batch only.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        matches!(
            self,
            Self::Storage(
                redb::Error::Io(_)
                    | redb::Error::Backend(_)
                    | redb::Error::PreviousIo
                    | redb::Error::LockPoisoned(_)
                    | redb::Error::Corrupted(_)
            ) | Self::Damaged(_)
        )
    }

    /// Whether what is stored is not what was stored.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        match self {
            Self::Storage(error) => matches!(
                error,
                redb::Error::Corrupted(_)
                    | redb::Error::RepairAborted
                    | redb::Error::UpgradeRequired(_)
                    | redb::Error::TableTypeMismatch { .. }
                    | redb::Error::TypeDefinitionChanged { .. }
                    | redb::Error::TableIsMultimap(_)
                    | redb::Error::TableDoesNotExist(_)
            ),
            Self::Row { .. } | Self::Entry(_) | Self::Damaged(_) => true,
            Self::Newer { .. } | Self::Older { .. } => false,
        }
    }
}

macro_rules! storage {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for LedgerError {
            fn from(error: redb::$error) -> Self {
                Self::Storage(error.into())
            }
        })*
    };
}

storage!(
    DatabaseError,
    TransactionError,
    TableError,
    StorageError,
    CommitError,
    SetDurabilityError
);

/// Opens the ledger in this file, or makes it.
///
/// # Errors
/// When the file cannot be opened, is damaged, or is of a newer format.
pub fn open(path: &Path) -> Result<Database, LedgerError> {
    if !path.exists() {
        make(path).map_err(redb::Error::Io)??;
    }
    guarded(|| prepare(Builder::new().set_cache_size(CACHE_BYTES).open(path)?))
}

/// Opens the ledger in a file that is there, and reads every page of it against its checksum: what [`verify`](mod@verify)
/// reads are rows, and a damaged page can be read as rows that never were.
///
/// # Errors
/// As [`open`]; and what the checksums say.
pub fn open_checked(path: &Path) -> Result<Database, LedgerError> {
    guarded(|| {
        let mut database = Builder::new().set_cache_size(CACHE_BYTES).open(path)?;
        if !database.check_integrity()? {
            return Err(LedgerError::Damaged(
                "its pages did not fit their checksums; it was put back to what does".to_owned(),
            ));
        }
        prepare(database)
    })
}

/// A ledger that is filled from elsewhere, beside the place where no file is yet.
fn fill(path: &Path) -> Result<Filling, LedgerError> {
    let (database, beside) = create(path).map_err(redb::Error::Io)?;
    Filling::begin(database?, beside, path)
}

/// Makes the file beside its place and moves it there when it is whole: cut off while it is made, a file has no magic number
/// yet, and nobody could open it again.
fn make(path: &Path) -> std::io::Result<Result<(), LedgerError>> {
    let (made, beside) = create(path)?;
    match made {
        Ok(database) => drop(database),
        Err(error) => return Ok(Err(error)),
    }
    fs::rename(beside, path)?;
    // The name is durable when the folder is.
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(Ok(()))
}

/// An empty ledger beside this place, and where.
fn create(path: &Path) -> std::io::Result<(Result<Database, LedgerError>, PathBuf)> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    if beside.exists() {
        fs::remove_file(&beside)?;
    }
    // Its owner's only, from the first byte.
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    let made = FileBackend::new(file)
        .map_err(LedgerError::from)
        .and_then(|file| Ok(Builder::new().create_with_backend(file)?))
        .and_then(prepare);
    Ok((made, beside))
}

/// Opens the ledger over any storage: memory, or one that faults on purpose.
///
/// # Errors
/// As [`open`].
pub fn open_on(storage: impl StorageBackend) -> Result<Database, LedgerError> {
    guarded(|| {
        prepare(
            Builder::new()
                .set_cache_size(CACHE_BYTES)
                .create_with_backend(storage)?,
        )
    })
}

/// Every entry of a room, in order, without a seat: for the operator's tools and for tests. No connection reaches this.
///
/// # Errors
/// When the storage fails or an entry cannot be read.
pub fn entries(snapshot: &reader::Snapshot, room: RoomId) -> Result<Vec<Entry>, LedgerError> {
    let mut entries = Vec::new();
    for (_, position) in snapshot.range(Table::At, &room.to_key())? {
        if let Some(bytes) = rows::Rows::get(snapshot, Table::Log, &position)? {
            entries.push(Entry::decode(&bytes)?);
        }
    }
    Ok(entries)
}

fn prepare(database: Database) -> Result<Database, LedgerError> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    let found = {
        for table in Table::ALL {
            transaction.open_table(table.definition())?;
        }
        let mut meta = transaction.open_table(Table::Meta.definition())?;
        let found = meta
            .get(rows::META_FORMAT)?
            .map(|row| rows::read_u64(row.value()));
        if found.is_none() {
            meta.insert(rows::META_FORMAT, FORMAT.to_be_bytes().as_slice())?;
        }
        found
    };
    let found = found.unwrap_or(FORMAT);
    match found.cmp(&FORMAT) {
        Ordering::Greater => return Err(LedgerError::Newer { found }),
        Ordering::Less => return Err(LedgerError::Older { found }),
        Ordering::Equal => {}
    }
    transaction.commit()?;
    Ok(database)
}
