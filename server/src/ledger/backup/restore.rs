//! Restoring: into a folder that holds nothing, all of it or nothing.

use super::{
    BackupError, Head, Whole,
    read::{Nothing, Taker, scan},
};
use crate::ledger::{
    self, Filling, LedgerError,
    derive::{self, Loaded},
    reader::Snapshot,
    rows::{self, RowsMut as _, Table},
    verify::digest,
};
use rialto_shared::{entry::Entry, id::RoomId};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Restores a backup into this folder, which is empty or made here: the ledger's file first, under this name, then the other
/// files, and last the one named `key`, without which nobody takes the folder for a server's.
///
/// # Errors
/// Where the backup does not hold or the folder is not empty: then nothing was written. Where the system says no, what was
/// written is taken away again.
pub fn restore(backup: &Path, folder: &Path, name: &str, key: &str) -> Result<Whole, BackupError> {
    // Read whole before anything is written.
    scan(backup, &mut Nothing)?;
    make_room(folder)?;
    let file = folder.join(name);
    let restored = fill(backup, &file, folder, key);
    if restored.is_err() {
        clear(folder);
    }
    restored
}

/// The folder, for its owner only.
fn make_room(folder: &Path) -> Result<(), BackupError> {
    let of = BackupError::io(folder);
    match fs::read_dir(folder) {
        Ok(mut inside) => {
            if inside.next().is_some() {
                return Err(BackupError::Occupied(format!(
                    "{} is not empty: a backup is restored into an empty folder, or one that is not there yet",
                    folder.display()
                )));
            }
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(of),
        Err(error) => Err(of(error)),
    }
}

/// It was empty: all that is in it was written here.
fn clear(folder: &Path) {
    let inside = fs::read_dir(folder).into_iter().flatten().flatten();
    inside.for_each(|file| drop(fs::remove_file(file.path())));
}

fn fill(backup: &Path, file: &Path, folder: &Path, key: &str) -> Result<Whole, BackupError> {
    let mut restorer = Restorer {
        file: file.to_owned(),
        filling: None,
        rooms: BTreeMap::new(),
        files: vec![],
    };
    let whole = scan(backup, &mut restorer)?;
    let Some(filling) = restorer.filling else {
        return Err(BackupError::Unsound("it has no head".to_owned()));
    };
    let database = filling.end()?;
    let state = digest::of(&Snapshot::take(&database)?)?;
    drop(database);
    if state != whole.state {
        return Err(BackupError::Unsound(format!(
            "its rows come to the state {state}, and it was made of {}",
            whole.state
        )));
    }
    let (last, first): (Vec<_>, Vec<_>) = restorer
        .files
        .into_iter()
        .partition(|(name, _)| name == key);
    for (name, bytes) in first.into_iter().chain(last) {
        put(&folder.join(name), &bytes)?;
    }
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(BackupError::io(folder))?;
    Ok(whole)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    })
    .map_err(BackupError::io(path))
}

/// Writes rows as they come, and derives from each entry what follows.
struct Restorer {
    file: PathBuf,
    filling: Option<Filling>,
    rooms: BTreeMap<RoomId, Loaded>,
    files: Vec<(String, Zeroizing<Vec<u8>>)>,
}

impl Taker for Restorer {
    fn head(&mut self, _head: &Head) -> Result<(), BackupError> {
        self.filling = Some(ledger::fill(&self.file)?);
        Ok(())
    }

    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        self.files
            .push((name.to_owned(), Zeroizing::new(bytes.to_vec())));
        Ok(())
    }

    fn row(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BackupError> {
        let Some(filling) = &mut self.filling else {
            return Ok(());
        };
        filling.put(table, key, value.to_vec());
        if table == Table::Log {
            let entry = Entry::decode(value).map_err(LedgerError::from)?;
            let mut loaded = self.rooms.remove(&entry.room).unwrap_or_default();
            derive::derive(filling, &mut loaded, &entry, rows::read_u64(key))?;
            self.rooms.insert(entry.room, loaded);
        }
        Ok(filling.settle()?)
    }
}
