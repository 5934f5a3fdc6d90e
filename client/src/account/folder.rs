//! Files that only their owner may read.

use super::AccountError;
use std::{
    fs,
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

/// Nothing that we keep in such a file is longer.
const BYTES_MAX: u64 = 64 * 1024;

fn io_error(path: &Path) -> impl Fn(io::Error) -> AccountError {
    move |error| AccountError::Io {
        path: path.to_owned(),
        error,
    }
}

fn private(path: &Path, mode: u32) -> Result<(), AccountError> {
    let mode = mode & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(AccountError::Wide {
        path: path.to_owned(),
        mode,
    })
}

/// Refuses a folder that others may look into.
pub(super) fn private_folder(path: &Path) -> Result<(), AccountError> {
    let found = fs::metadata(path).map_err(io_error(path))?;
    private(path, found.mode())
}

/// Makes a folder, and those above it where they are missing, for the owner alone.
pub(super) fn make_folder(path: &Path) -> Result<(), AccountError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(io_error(path))?;
    private_folder(path)
}

/// What a file holds; `None` where there is none.
pub(super) fn read_private(path: &Path) -> Result<Option<String>, AccountError> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(path)(error)),
    };
    private(path, file.metadata().map_err(io_error(path))?.mode())?;
    let mut text = String::new();
    file.take(BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(io_error(path))?;
    Ok(Some(text))
}

/// Writes a file whole: a crash leaves the old one or the new one.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), AccountError> {
    let beside = path.with_extension("new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .map_err(io_error(&beside))?;
    file.write_all(text.as_bytes()).map_err(io_error(&beside))?;
    file.sync_all().map_err(io_error(&beside))?;
    fs::rename(&beside, path).map_err(io_error(path))
}
