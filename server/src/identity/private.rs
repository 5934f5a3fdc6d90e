//! Files that only their owner may read: made so, and refused when they are not.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{
        DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
    },
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Larger than any key or chain of certificates.
const BYTES_MAX: u64 = 1024 * 1024;
/// Bits of a mode that let others than the owner in.
const OTHERS: u32 = 0o077;

/// What is wrong with a file or folder.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there.
    #[error("{0} is not there")]
    Absent(String),
    /// It is there, and is not replaced.
    #[error("{0} is there already, and is never replaced")]
    Exists(String),
    /// Others may read it.
    #[error(
        "{path} is open to others than its owner (mode {mode:03o}): run chmod {want:03o} {path}"
    )]
    TooOpen {
        /// Which.
        path: String,
        /// Its mode.
        mode: u32,
        /// The widest that is accepted.
        want: u32,
    },
    /// The system says no.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: String,
        /// What.
        error: io::Error,
    },
}

impl FileError {
    pub(super) fn of(path: &Path, error: io::Error) -> Self {
        let path = path.display().to_string();
        if error.kind() == io::ErrorKind::NotFound {
            Self::Absent(path)
        } else if error.kind() == io::ErrorKind::AlreadyExists {
            Self::Exists(path)
        } else {
            Self::Io { path, error }
        }
    }
}

fn closed_to_others(path: &Path, mode: u32, want: u32) -> Result<(), FileError> {
    if mode & OTHERS == 0 {
        return Ok(());
    }
    Err(FileError::TooOpen {
        path: path.display().to_string(),
        mode: mode & 0o777,
        want,
    })
}

/// Reads a secret. The mode is that of the file that was opened, whatever the path means a moment later.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let of = |error| FileError::of(path, error);
    let file = File::open(path).map_err(of)?;
    closed_to_others(path, file.metadata().map_err(of)?.mode(), 0o600)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(BYTES_MAX).read_to_end(&mut bytes).map_err(of)?;
    Ok(bytes)
}

/// Reads what is no secret.
pub(crate) fn read_public(path: &Path) -> Result<Vec<u8>, FileError> {
    let of = |error| FileError::of(path, error);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(of)?;
    file.take(BYTES_MAX).read_to_end(&mut bytes).map_err(of)?;
    Ok(bytes)
}

/// Writes a new file that only its owner may read, whole or not at all.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let of = |error| FileError::of(path, error);
    let partial = write_beside(path, bytes)?;
    // A link, unlike a rename, never replaces.
    let linked = std::fs::hard_link(&partial, path);
    std::fs::remove_file(&partial).map_err(of)?;
    linked.map_err(of)?;
    settle_folder(path)
}

/// Puts new content into a file that only its owner may read: the old one stands until the new one does.
pub(super) fn replace_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let partial = write_beside(path, bytes)?;
    std::fs::rename(&partial, path).map_err(|error| FileError::of(path, error))?;
    settle_folder(path)
}

/// Writes what is to be the file beside it, onto the disk.
fn write_beside(path: &Path, bytes: &[u8]) -> Result<PathBuf, FileError> {
    let of = |error| FileError::of(path, error);
    let mut partial = path.as_os_str().to_owned();
    partial.push(".new");
    let partial = PathBuf::from(partial);
    // What an interrupted run left behind was never in use.
    match std::fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(of(error)),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&partial)
        .map_err(of)?;
    file.write_all(bytes).map_err(of)?;
    file.sync_all().map_err(of)?;
    Ok(partial)
}

fn settle_folder(path: &Path) -> Result<(), FileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| FileError::of(path, error))
}

/// Makes the data folder for its owner only, with all above it, or accepts one that is there and is so.
///
/// # Errors
/// Where it is open to others, or cannot be made.
pub fn create_folder(path: &Path) -> Result<(), FileError> {
    let of = |error| FileError::of(path, error);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(of)?;
    let metadata = std::fs::metadata(path).map_err(of)?;
    closed_to_others(path, metadata.mode(), 0o700)
}

/// Takes a file of the server's own from others than its owner, where it is there and open to them; whether it was.
///
/// # Errors
/// Where its mode cannot be read or changed.
pub fn close_to_others(path: &Path) -> Result<bool, FileError> {
    let of = |error| FileError::of(path, error);
    let metadata = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        found => found.map_err(of)?,
    };
    if !metadata.is_file() || metadata.mode() & OTHERS == 0 {
        return Ok(false);
    }
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(of)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_for_its_owner_and_refused_when_open() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("a/b");
        create_folder(&folder).unwrap();
        assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        create_folder(&folder).unwrap();
        std::fs::set_permissions(&folder, Permissions::from_mode(0o750)).unwrap();
        let error = create_folder(&folder).unwrap_err().to_string();
        assert!(
            error.contains("mode 750") && error.contains("chmod 700"),
            "{error}"
        );
    }

    #[test]
    fn what_an_interrupted_run_left_is_no_obstacle_and_what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(folder.path().join("secret.new"), "half").unwrap();
        write_private(&path, b"whole").unwrap();
        assert!(matches!(
            write_private(&path, b"other"),
            Err(FileError::Exists(_))
        ));
        assert_eq!(read_private(&path).unwrap().as_slice(), b"whole");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
