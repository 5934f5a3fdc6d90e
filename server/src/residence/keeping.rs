//! What the operator does with the data folder as a whole: back it up, restore it, verify it. With a running server it goes
//! through the office; the rest is here, on a ledger that no server has open, and nothing of it starts one: no clock fires.

use super::{LEDGER_FILE, private};
use crate::{
    admin::{Keeping, Kept, SOCKET_FILE, Trouble, Verdict},
    config::Config,
    identity::{IDENTITY_FILE, Identity},
    ledger::{
        self, Database,
        backup::{self, About, BackupError, FILE_BYTES_MAX, FILES_MAX, Whole},
        fault::guarded,
        reader::Snapshot,
        verify,
    },
    serve::wall_clock,
};
use rialto_shared::id::Hash;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// What files of the data folder are called while they are written.
const UNFINISHED: [&str; 2] = [".new", ".part"];

impl From<BackupError> for Trouble {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Damaged(_) | BackupError::Unsound(_) => {
                Self::Corrupt(format!("{error}; take another backup"))
            }
            BackupError::Occupied(_) => Self::refused("occupied", "file", error.to_string()),
            BackupError::Newer(_) | BackupError::Older(_) | BackupError::Io { .. } => {
                Self::Failed(error.to_string())
            }
            BackupError::Ledger(error) => error.into(),
        }
    }
}

/// Verifies the ledger of a folder whose server is stopped: the pages of its file, then what they say.
///
/// # Errors
/// Where it cannot be opened, or its pages are not what they were.
pub fn verify(config: &Config, identity: &Identity) -> Result<Verdict, Trouble> {
    private(config)?;
    guarded(|| {
        let database = open(config, ledger::open_checked)?;
        verdict(&Snapshot::take(&database)?, identity.server())
    })
}

/// What a verification finds, as the operator is told.
pub(super) fn verdict(snapshot: &Snapshot, server: Hash) -> Result<Verdict, Trouble> {
    let report = verify::verify(snapshot, server)?;
    let faults = report
        .findings
        .into_iter()
        .map(|finding| format!("{}: {}", finding.place, finding.what));
    Ok(Verdict {
        entries: report.entries,
        rooms: report.rooms,
        faults: faults.collect(),
        state: report.state,
    })
}

/// Backs up a folder whose server is stopped.
///
/// # Errors
/// Where the ledger cannot be read, or the backup not be written.
pub fn back_up(config: &Config, identity: &Identity, file: &Path) -> Result<Kept, Trouble> {
    private(config)?;
    guarded(|| {
        let database = open(config, ledger::open)?;
        let snapshot = Snapshot::take(&database)?;
        made(&snapshot, identity.server(), &config.data_dir, file)
    })
}

/// A ledger that is there: to look for one makes none.
fn open(
    config: &Config,
    open: fn(&Path) -> Result<Database, ledger::LedgerError>,
) -> Result<Database, Trouble> {
    let file = config.data_dir.join(LEDGER_FILE);
    if file.symlink_metadata().is_err() {
        return Err(Trouble::Failed(format!("{} is not there", file.display())));
    }
    Ok(open(&file)?)
}

/// Writes a backup of what a read sees, and of the folder's small files.
pub(super) fn made(
    snapshot: &Snapshot,
    server: Hash,
    folder: &Path,
    file: &Path,
) -> Result<Kept, Trouble> {
    let (files, left_out) = small_files(folder).map_err(|error| {
        Trouble::Failed(format!("{} cannot be read: {error}", folder.display()))
    })?;
    let about = About {
        server,
        made: wall_clock(),
        files,
    };
    let whole = backup::make(snapshot, &about, file)?;
    Ok(kept(Keeping::Made, file, whole, left_out))
}

/// Every small file of the data folder that is not the ledger's, a socket, or unfinished; and the names of the others.
type Files = (Vec<(String, Zeroizing<Vec<u8>>)>, Vec<String>);

fn small_files(folder: &Path) -> io::Result<Files> {
    let (mut files, mut left_out) = (vec![], vec![]);
    let mut inside: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    inside.sort_by_key(fs::DirEntry::file_name);
    for found in inside {
        let name = found.file_name().to_string_lossy().into_owned();
        let unfinished = UNFINISHED.iter().any(|end| name.ends_with(end));
        if name == LEDGER_FILE || name == SOCKET_FILE || unfinished {
            continue;
        }
        // A link is read as what it leads to: a key that is kept elsewhere is needed as well.
        let metadata = fs::metadata(found.path())?;
        let fits = metadata.is_file() && metadata.len() <= FILE_BYTES_MAX;
        if fits && files.len() < FILES_MAX && found.file_name().to_str().is_some() {
            files.push((name, Zeroizing::new(fs::read(found.path())?)));
        } else {
            left_out.push(name);
        }
    }
    Ok((files, left_out))
}

/// Reads a backup through, and writes nothing.
///
/// # Errors
/// The first thing in it that is not as it was.
pub fn read_through(file: &Path) -> Result<Kept, Trouble> {
    let whole = backup::read_through(file)?;
    Ok(kept(Keeping::Read, file, whole, vec![]))
}

/// Restores a backup into the data folder, which is empty.
///
/// # Errors
/// Where it is not, the backup does not hold, or the system says no: nothing is left behind then.
pub fn restore(config: &Config, file: &Path) -> Result<Kept, Trouble> {
    let folder: PathBuf = config.data_dir.clone();
    let whole = backup::restore(file, &folder, LEDGER_FILE, IDENTITY_FILE)?;
    Ok(kept(Keeping::Restored, &folder, whole, vec![]))
}

fn kept(done: Keeping, file: &Path, whole: Whole, left_out: Vec<String>) -> Kept {
    Kept {
        done,
        file: file.display().to_string(),
        server: whole.head.server,
        made: whole.head.made,
        bytes: whole.bytes,
        entries: whole.entries,
        files: whole.head.files,
        left_out,
        digest: whole.digest,
        state: whole.state,
    }
}
