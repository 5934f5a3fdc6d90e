//! Reading a backup: every byte against its check, and what the rows say against the digest over all tables.

use super::{
    BackupError, FILE_BYTES_MAX, FILES_MAX, Head, Part, Seal, VERSION, Whole,
    stream::{Record, Records, damaged},
};
use crate::ledger::{FORMAT, LedgerError, rows::Table, verify::Replay};
use serde::de::DeserializeOwned;
use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

/// What takes a backup in while it is read.
pub(super) trait Taker {
    /// Takes the head in.
    fn head(&mut self, head: &Head) -> Result<(), BackupError>;
    /// Takes a file in.
    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError>;
    /// Takes a row in.
    fn row(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BackupError>;
}

/// Reads a backup through without writing anything: that each byte is as it was written, that the log's chain and
/// signatures hold, and that what follows from it is what there was.
///
/// # Errors
/// The first thing that is wrong.
pub fn read_through(path: &Path) -> Result<Whole, BackupError> {
    // Twice: what a damaged byte lies in is told before what it would break.
    scan(path, &mut Nothing)?;
    let mut judge = Judge { replay: None };
    let whole = scan(path, &mut judge)?;
    let Some(replay) = judge.replay else {
        return Err(BackupError::Unsound("it has no head".to_owned()));
    };
    let report = replay.end();
    if let Some(first) = report.findings.first() {
        return Err(BackupError::Unsound(format!(
            "{}: {}",
            first.place, first.what
        )));
    }
    if report.state != whole.state {
        return Err(BackupError::Unsound(format!(
            "its rows come to the state {}, and it was made of {}",
            report.state, whole.state
        )));
    }
    Ok(whole)
}

/// Reads every record once.
pub(super) fn scan(path: &Path, taker: &mut impl Taker) -> Result<Whole, BackupError> {
    let file = File::open(path).map_err(BackupError::io(path))?;
    take(BufReader::with_capacity(256 * 1024, file), taker)
}

fn take(input: impl Read, taker: &mut impl Taker) -> Result<Whole, BackupError> {
    let mut records = Records::begin(input)?;
    let head = begin(&mut records)?;
    taker.head(&head)?;
    for name in &head.files {
        let part = Part::File(name.clone());
        let record = records.next(&part)?;
        taker.file(name, &record.body)?;
    }
    let mut entries = 0;
    for (name, rows) in &head.tables {
        let table = Table::ALL.into_iter().find(|table| table.name() == name);
        let table = table.filter(|table| !table.derived());
        let table = table.ok_or_else(|| BackupError::Newer(format!("it has a table {name}")))?;
        if table == Table::Log {
            entries = *rows;
        }
        let part = Part::Table(name.clone());
        for _ in 0..*rows {
            let record = records.next(&part)?;
            let (key, value) = row(&record, &part)?;
            taker.row(table, key, value)?;
        }
    }
    let before = records.so_far();
    let record = records.next(&Part::Seal)?;
    let seal: Seal = parsed(&record, Part::Seal)?;
    if seal.before != before {
        return Err(damaged(
            Part::Seal,
            record.offset,
            "the records before it are not those that it was put under",
        ));
    }
    let digest = records.so_far();
    let bytes = records.end()?;
    Ok(Whole {
        head,
        state: seal.state,
        digest,
        bytes,
        entries,
    })
}

/// The head; that it is of another format is said before anything else of it is read.
fn begin<R: Read>(records: &mut Records<R>) -> Result<Head, BackupError> {
    #[derive(serde::Deserialize)]
    struct Versions {
        backup: u64,
        ledger: u64,
    }
    let record = records.next(&Part::Head)?;
    let versions: Versions = parsed(&record, Part::Head)?;
    if versions.backup > VERSION {
        return Err(BackupError::Newer(format!(
            "backup format {}, where this one reads {VERSION}",
            versions.backup
        )));
    }
    if versions.ledger > FORMAT {
        return Err(BackupError::Newer(format!(
            "data format {}, where this one reads {FORMAT}",
            versions.ledger
        )));
    }
    if versions.ledger < FORMAT {
        return Err(BackupError::Older(format!(
            "data format {}, where this one reads {FORMAT}",
            versions.ledger
        )));
    }
    let head: Head = parsed(&record, Part::Head)?;
    let fits = |name: &String| {
        let bad = |c: char| c == '/' || c.is_control();
        !name.is_empty() && name != "." && name != ".." && !name.contains(bad)
    };
    if head.files.len() > FILES_MAX || !head.files.iter().all(fits) {
        return Err(BackupError::Unsound(
            "it names files that no data folder has".to_owned(),
        ));
    }
    Ok(head)
}

fn parsed<T: DeserializeOwned>(record: &Record, part: Part) -> Result<T, BackupError> {
    serde_json::from_slice(&record.body)
        .map_err(|error| damaged(part, record.offset, error.to_string()))
}

fn row<'a>(record: &'a Record, part: &Part) -> Result<(&'a [u8], &'a [u8]), BackupError> {
    let split = record.body.split_first_chunk::<2>();
    let row = split
        .and_then(|(length, rest)| rest.split_at_checked(usize::from(u16::from_be_bytes(*length))));
    row.ok_or_else(|| damaged(part.clone(), record.offset, "it is no row"))
}

/// Whoever only wants to know that every byte is as it was.
pub(super) struct Nothing;

impl Taker for Nothing {
    fn head(&mut self, _head: &Head) -> Result<(), BackupError> {
        Ok(())
    }
    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > FILE_BYTES_MAX {
            return Err(BackupError::Unsound(format!("{name} is too large")));
        }
        Ok(())
    }
    fn row(&mut self, _table: Table, _key: &[u8], _value: &[u8]) -> Result<(), BackupError> {
        Ok(())
    }
}

/// Whoever derives everything again, in memory.
struct Judge {
    replay: Option<Replay>,
}

impl Taker for Judge {
    fn head(&mut self, head: &Head) -> Result<(), BackupError> {
        self.replay = Some(Replay::new(head.server));
        Ok(())
    }
    fn file(&mut self, _name: &str, _bytes: &[u8]) -> Result<(), BackupError> {
        Ok(())
    }
    fn row(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BackupError> {
        let replay = self.replay.as_mut();
        let taken = replay.map_or(Ok(()), |replay| replay.take(table, key, value));
        taken.map_err(|error: LedgerError| error.into())
    }
}
