//! Which file a process has. Each has its own, held by an exclusive lock on the file beside it, so that two processes of
//! one account never share an outbox, and neither waits for the other.

use super::StoreError;
use redb::Database;
use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// Processes that use one account at the same time.
const SLOTS_MAX: usize = 8;
/// What the database keeps in memory: messages on screen are in the replica anyway.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

/// A file that this process has, and the lock on it.
#[derive(Debug)]
pub(super) struct Slot {
    dir: PathBuf,
    number: usize,
    _lock: File,
}

fn path_of(dir: &Path, number: usize, what: &str) -> PathBuf {
    dir.join(format!("replica-{number}.{what}"))
}

fn open_private(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|error| StoreError::Io {
            path: path.to_owned(),
            error,
        })
}

impl Slot {
    /// The first that nobody has.
    pub(super) fn claim(dir: &Path) -> Result<Self, StoreError> {
        for number in 0..SLOTS_MAX {
            if let Some(slot) = Self::take(dir, number)? {
                return Ok(slot);
            }
        }
        Err(StoreError::Crowded(SLOTS_MAX))
    }

    /// The others that were ever used and that nobody has now.
    pub(super) fn abandoned(&self) -> Result<Vec<Self>, StoreError> {
        let mut slots = vec![];
        for number in (0..SLOTS_MAX).filter(|number| *number != self.number) {
            if path_of(&self.dir, number, "redb").exists() {
                slots.extend(Self::take(&self.dir, number)?);
            }
        }
        Ok(slots)
    }

    fn take(dir: &Path, number: usize) -> Result<Option<Self>, StoreError> {
        let path = path_of(dir, number, "lock");
        let lock = open_private(&path)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self {
                dir: dir.to_owned(),
                number,
                _lock: lock,
            })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StoreError::Io { path, error }),
        }
    }

    /// Where the database is.
    pub(super) fn database(&self) -> PathBuf {
        path_of(&self.dir, self.number, "redb")
    }

    /// Opens it, or makes it.
    pub(super) fn open(&self) -> Result<Database, StoreError> {
        let path = self.database();
        // Made here first, so that it is nobody else's to read.
        drop(open_private(&path)?);
        Ok(Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(path)?)
    }
}
