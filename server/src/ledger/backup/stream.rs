//! Records, one after another: written with their checks, and read against them.

use super::{BackupError, Damage, Part, RECORD_BYTES_MAX};
use rialto_shared::{
    entry::Seq,
    id::{Hash, RoomId},
};
use std::io::{self, ErrorKind, Read, Write};

/// What every backup begins with.
pub(super) const MAGIC: [u8; 14] = *b"rialto-backup\n";

const PLACE_BYTES: usize = 25;
const HEAD_CHECK_BYTES: usize = 8;
const BODY_CHECK_BYTES: usize = 16;

/// An entry's room and seq; zeros where a record is no entry.
type Place = [u8; PLACE_BYTES];

fn place_of(entry: Option<(RoomId, Seq)>) -> Place {
    let mut place = [0; PLACE_BYTES];
    if let Some((room, seq)) = entry {
        let bytes = room.to_key().into_iter().chain(seq.0.to_be_bytes());
        place
            .iter_mut()
            .zip(bytes)
            .for_each(|(to, byte)| *to = byte);
    }
    place
}

fn entry_at(place: &Place) -> Option<(RoomId, Seq)> {
    let room = RoomId::from_key(*place.first_chunk::<17>()?)?;
    let seq = u64::from_be_bytes(*place.last_chunk::<8>()?);
    Some((room, Seq(seq)))
}

fn check<const N: usize>(domain: &str, parts: &[&[u8]]) -> [u8; N] {
    let mut check = [0; N];
    let bytes = Hash::of(domain, parts).0;
    check
        .iter_mut()
        .zip(bytes)
        .for_each(|(to, byte)| *to = byte);
    check
}

fn head_check(number: u64, length: u32, place: &Place) -> [u8; HEAD_CHECK_BYTES] {
    let (number, length) = (number.to_be_bytes(), length.to_be_bytes());
    check("rialto-backup-head-1", &[&number, &length, place])
}

fn body_check(number: u64, body: &[u8]) -> [u8; BODY_CHECK_BYTES] {
    check("rialto-backup-body-1", &[&number.to_be_bytes(), body])
}

/// Writes records.
pub(super) struct Recorder<W> {
    out: W,
    number: u64,
    bytes: u64,
    hasher: blake3::Hasher,
}

impl<W: Write> Recorder<W> {
    /// Begins a backup.
    pub(super) fn begin(out: W) -> io::Result<Self> {
        let mut recorder = Self {
            out,
            number: 0,
            bytes: 0,
            hasher: blake3::Hasher::new(),
        };
        recorder.put(&MAGIC)?;
        Ok(recorder)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.out.write_all(bytes)
    }

    /// Writes a record; of an entry, with its place.
    pub(super) fn record(&mut self, entry: Option<(RoomId, Seq)>, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).ok();
        let length = length.filter(|length| *length <= RECORD_BYTES_MAX);
        let length = length.ok_or_else(|| io::Error::other("a row is larger than any can be"))?;
        let place = place_of(entry);
        self.put(&length.to_be_bytes())?;
        self.put(&place)?;
        self.put(&head_check(self.number, length, &place))?;
        self.put(body)?;
        self.put(&body_check(self.number, body))?;
        self.number += 1;
        Ok(())
    }

    /// blake3 of what was written so far.
    pub(super) fn so_far(&self) -> Hash {
        Hash(*self.hasher.finalize().as_bytes())
    }

    /// Ends it: where it went, and how many bytes it has.
    pub(super) fn end(self) -> (W, u64) {
        (self.out, self.bytes)
    }
}

/// Reads records.
pub(super) struct Records<R> {
    input: R,
    number: u64,
    offset: u64,
    hasher: blake3::Hasher,
}

/// A record that is as it was written.
pub(super) struct Record {
    /// Where it begins.
    pub(super) offset: u64,
    /// What it holds.
    pub(super) body: Vec<u8>,
}

impl<R: Read> Records<R> {
    /// Reads the magic bytes.
    pub(super) fn begin(input: R) -> Result<Self, BackupError> {
        let mut records = Self {
            input,
            number: 0,
            offset: 0,
            hasher: blake3::Hasher::new(),
        };
        let mut magic = [0; MAGIC.len()];
        records.take(&mut magic, &Part::Head, 0)?;
        if magic != MAGIC {
            let what = "it does not begin as a backup of rialtod's does";
            return Err(damaged(Part::Head, 0, what));
        }
        Ok(records)
    }

    /// Fills the buffer; that the file ends before is damage to the part that was to come.
    fn take(&mut self, buffer: &mut [u8], part: &Part, start: u64) -> Result<(), BackupError> {
        match self.input.read_exact(buffer) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Err(damaged(part.clone(), start, "the file ends within it"));
            }
            Err(error) => {
                let path = format!("the backup, at byte {}", self.offset);
                return Err(BackupError::Io { path, error });
            }
        }
        self.hasher.update(buffer);
        self.offset += u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// The next record, which is of this part.
    pub(super) fn next(&mut self, part: &Part) -> Result<Record, BackupError> {
        let start = self.offset;
        let (mut length, mut place) = ([0; 4], [0; PLACE_BYTES]);
        let (mut head, mut tail) = ([0; HEAD_CHECK_BYTES], [0; BODY_CHECK_BYTES]);
        self.take(&mut length, part, start)?;
        self.take(&mut place, part, start)?;
        self.take(&mut head, part, start)?;
        let length = u32::from_be_bytes(length);
        if head != head_check(self.number, length, &place) || length > RECORD_BYTES_MAX {
            return Err(damaged(
                part.clone(),
                start,
                "its frame does not fit its checksum",
            ));
        }
        let entry = entry_at(&place);
        // From here on the place holds: what is wrong now is wrong in that entry.
        let part = entry.map_or_else(|| part.clone(), |(room, seq)| Part::Entry { room, seq });
        let mut body = vec![0; usize::try_from(length).unwrap_or_default()];
        self.take(&mut body, &part, start)?;
        self.take(&mut tail, &part, start)?;
        if tail != body_check(self.number, &body) {
            return Err(damaged(part, start, "its bytes do not fit their checksum"));
        }
        self.number += 1;
        Ok(Record {
            offset: start,
            body,
        })
    }

    /// blake3 of what was read so far.
    pub(super) fn so_far(&self) -> Hash {
        Hash(*self.hasher.finalize().as_bytes())
    }

    /// Nothing may follow; how many bytes there were.
    pub(super) fn end(mut self) -> Result<u64, BackupError> {
        let mut more = [0];
        match self.input.read(&mut more) {
            Ok(0) => Ok(self.offset),
            Ok(_) => Err(damaged(
                Part::Seal,
                self.offset,
                "there are bytes after the end",
            )),
            Err(error) => Err(BackupError::Io {
                path: format!("the backup, at byte {}", self.offset),
                error,
            }),
        }
    }
}

pub(super) fn damaged(part: Part, offset: u64, what: impl Into<String>) -> BackupError {
    BackupError::Damaged(Damage {
        part,
        offset,
        what: what.into(),
    })
}
