//! Making a backup: from one read of the ledger, which nobody waits for.

use super::{BackupError, Head, Seal, VERSION, Whole, stream::Recorder};
use crate::ledger::{FORMAT, reader::Snapshot, rows::Table, verify::digest};
use rialto_shared::{entry::Entry, id::Hash, time::Timestamp};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// What a backup says and holds beside the ledger's rows.
pub struct About {
    /// The server's id.
    pub server: Hash,
    /// Now.
    pub made: Timestamp,
    /// Files of the data folder, by name.
    pub files: Vec<(String, Zeroizing<Vec<u8>>)>,
}

impl std::fmt::Debug for About {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("About").finish_non_exhaustive()
    }
}

/// Writes a backup to a file that is not there yet: beside it first, under its name when it is whole and on the disk.
///
/// # Errors
/// Where the file is there, the system says no, or the ledger cannot be read.
pub fn make(snapshot: &Snapshot, about: &About, path: &Path) -> Result<Whole, BackupError> {
    let occupied = |path: &Path, why: &str| {
        Err(BackupError::Occupied(format!(
            "{} is there already: {why}",
            path.display()
        )))
    };
    if path.symlink_metadata().is_ok() {
        return occupied(path, "a backup is never written over");
    }
    let beside = beside(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let file = match options.open(&beside) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return occupied(
                &beside,
                "another backup is being written there, or one was cut off: then remove it",
            );
        }
        Err(error) => return Err(BackupError::io(&beside)(error)),
    };
    let made = write(snapshot, about, file, &beside)
        .and_then(|whole| settle(&beside, path).map(|()| whole));
    if made.is_err() {
        // What is told is why there is no backup.
        drop(fs::remove_file(&beside));
    }
    made
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// Gives the file its name, which is nobody's: a link, unlike a rename, never replaces.
fn settle(beside: &Path, path: &Path) -> Result<(), BackupError> {
    let of = BackupError::io(path);
    match fs::hard_link(beside, path) {
        Ok(()) => fs::remove_file(beside).map_err(&of)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(of(error)),
        // A file system without links, as on a stick.
        Err(_) if path.symlink_metadata().is_err() => fs::rename(beside, path).map_err(&of)?,
        Err(error) => return Err(of(error)),
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))
        .and_then(|folder| folder.sync_all())
        .map_err(of)
}

fn write(
    snapshot: &Snapshot,
    about: &About,
    file: File,
    path: &Path,
) -> Result<Whole, BackupError> {
    let of = BackupError::io(path);
    let tables = Table::ALL.into_iter().filter(|table| !table.derived());
    let counted = tables.map(|table| Ok((table, snapshot.count(table)?)));
    let counted: Vec<(Table, u64)> = counted.collect::<Result<_, BackupError>>()?;
    let head = Head {
        backup: VERSION,
        ledger: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        server: about.server,
        made: about.made,
        files: about.files.iter().map(|(name, _)| name.clone()).collect(),
        tables: counted
            .iter()
            .map(|(table, rows)| (table.name().to_owned(), *rows))
            .collect(),
    };
    let mut recorder = Recorder::begin(BufWriter::new(file)).map_err(&of)?;
    recorder.record(None, &json(&head)).map_err(&of)?;
    for (_, bytes) in &about.files {
        recorder.record(None, bytes).map_err(&of)?;
    }
    let mut entries = 0;
    for (table, rows) in counted {
        if table == Table::Log {
            entries = rows;
        }
        let mut failed = None;
        snapshot.each(table, |key, value| {
            let place = if table == Table::Log {
                let entry = Entry::decode(value)?;
                Some((entry.room, entry.seq))
            } else {
                None
            };
            if failed.is_none() {
                failed = recorder.record(place, &body(key, value)).err();
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), Err).map_err(&of)?;
    }
    let seal = Seal {
        state: digest::of(snapshot)?,
        before: recorder.so_far(),
    };
    recorder.record(None, &json(&seal)).map_err(&of)?;
    let digest = recorder.so_far();
    let (mut out, bytes) = recorder.end();
    out.flush().map_err(&of)?;
    out.get_ref().sync_all().map_err(&of)?;
    Ok(Whole {
        head,
        state: seal.state,
        digest,
        bytes,
        entries,
    })
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain values are JSON")
}

fn body(key: &[u8], value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&length, key, value].concat()
}
