//! What is to be told outside the console: the notices' own file, beside the ledger's.
//!
//! It is a file of its own so that the ledger keeps one writer and no commit waits for a mail: this one has its own thread,
//! its own fsync, and nothing in it that does not follow from the log. It holds how far the log was read, what was found and
//! is not due yet, and what is on its way out. A row is taken out only after what it is about was handed over, so a crash
//! repeats and never loses; what is repeated has the same id. Lost, or restored with another ledger, it is made anew from
//! the log. Rows are JSON: kinds are added, and a row written before must be read after.

use super::{LedgerError, rows::Table};
use redb::{
    Database, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _,
    StorageBackend, TableDefinition, WriteTransaction,
};
use rialto_shared::{
    entry::Seq,
    id::{Hash, MemberId, RoomId},
    limits,
    room::inbox::What,
    time::{Span, Timestamp},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::path::Path;

type Rows = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// (member, notice) → notice: found, and not on its way yet.
const WAITING: Rows = TableDefinition::new("waiting");
/// (time, member, notice) → nothing: when to look at it.
const DUE: Rows = TableDefinition::new("due");
/// Notice → when it was found: what was found once is not found again.
const KNOWN: Rows = TableDefinition::new("known");
/// (way, parcel) → parcel: on its way.
const PARCELS: Rows = TableDefinition::new("parcels");
/// (way, time, way, parcel) → nothing: when to try it.
const TRIES: Rows = TableDefinition::new("tries");
/// (member, room) → the last message that the member was told of there.
const TOLD: Rows = TableDefinition::new("told");
/// (member, time, parcel) → nothing: mails of the last hour.
const MAILED: Rows = TableDefinition::new("mailed");
/// Name → value.
const META: Rows = TableDefinition::new("meta");
const TABLES: [Rows; 8] = [WAITING, DUE, KNOWN, PARCELS, TRIES, TOLD, MAILED, META];
const PLACE: &[u8] = b"place";

/// A notice's or a parcel's name: the same whenever it is made anew.
pub type NoticeId = [u8; 16];

/// Which time runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// To answer a request to connect, a referral, an invitation to a deal.
    Answer,
    /// To contact a customer.
    Contact,
}

/// Why somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something stands in their Inbox, by this entry of it.
    Waits(What, Seq),
    /// Somebody wrote to them.
    Unread,
    /// Half of a time of theirs is left.
    Half(Clock),
    /// A tenth of it is left.
    Tenth(Clock),
}

/// Something to tell a member: where it is, and nothing of what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its name.
    pub id: NoticeId,
    /// Whom.
    pub member: MemberId,
    /// Why.
    pub kind: Kind,
    /// In which room.
    pub room: RoomId,
    /// At which entry of it; zero where it is about the room itself.
    pub seq: Seq,
    /// Since when.
    pub at: Timestamp,
    /// When to look at it.
    pub due: Timestamp,
    /// Whether it waits for the day's mail, and that has come.
    pub daily: bool,
}

/// How a member is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By mail.
    Mail,
    /// By the operator's program.
    Hook,
}

impl Way {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Hook];

    const fn byte(self) -> u8 {
        match self {
            Self::Mail => 1,
            Self::Hook => 2,
        }
    }
}

/// What is told at once, on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// Its name, for ever: whoever gets it twice knows by this.
    pub id: NoticeId,
    /// How.
    pub way: Way,
    /// Whom.
    pub member: MemberId,
    /// Of what.
    pub notices: Vec<Notice>,
    /// When it was made.
    pub at: Timestamp,
    /// When to try it.
    pub due: Timestamp,
    /// How often it was tried.
    pub tries: u32,
}

/// How far the log was read: the position, and the hash of the entry there, by which another log is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which entry, in commit order.
    pub position: u64,
    /// What it is.
    pub hash: Hash,
}

/// What became of things that were looked at.
#[derive(Debug, Default)]
pub struct Changes {
    /// How far the log was read.
    pub place: Option<Place>,
    /// Found.
    pub found: Vec<Notice>,
    /// Their reason has gone, or they are on their way: as they were.
    pub gone: Vec<Notice>,
    /// To be looked at again: as they were, and as they are now.
    pub later: Vec<(Notice, Notice)>,
    /// On their way from now on.
    pub sent_off: Vec<Parcel>,
    /// A member was told of everything said in a room up to an entry.
    pub told: Vec<(MemberId, RoomId, Seq)>,
    /// Handed over, or there is nobody to hand them to: as they were.
    pub over: Vec<Parcel>,
    /// To be tried again: as they were, and as they are now.
    pub again: Vec<(Parcel, Parcel)>,
    /// Whether to forget what is too old to matter.
    pub forget: bool,
}

impl Changes {
    /// Whether nothing is to be written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.place.is_none()
            && self.found.is_empty()
            && self.gone.is_empty()
            && self.later.is_empty()
            && self.sent_off.is_empty()
            && self.told.is_empty()
            && self.over.is_empty()
            && self.again.is_empty()
            && !self.forget
    }
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Found, and not due yet.
    pub waiting: u64,
    /// On their way.
    pub parcels: u64,
}

/// The file.
#[derive(Debug)]
pub struct Queue(Database);

impl Queue {
    /// Opens it, or makes it.
    ///
    /// # Errors
    /// When it cannot be opened, or is damaged.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        if !path.exists() {
            super::make(path).map_err(redb::Error::Io)??;
        }
        Self::prepare(
            redb::Builder::new()
                .set_cache_size(1024 * 1024)
                .open(path)?,
        )
    }

    /// The same over any storage: memory, or one that faults on purpose.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_on(storage: impl StorageBackend) -> Result<Self, LedgerError> {
        Self::prepare(redb::Builder::new().create_with_backend(storage)?)
    }

    fn prepare(database: Database) -> Result<Self, LedgerError> {
        let mut transaction = database.begin_write()?;
        transaction.set_quick_repair(true);
        for table in TABLES {
            transaction.open_table(table)?;
        }
        transaction.commit()?;
        Ok(Self(database))
    }

    /// How far the log was read.
    ///
    /// # Errors
    /// As all of these: when the storage fails or a row cannot be read.
    pub fn place(&self) -> Result<Option<Place>, LedgerError> {
        let meta = self.0.begin_read()?.open_table(META)?;
        meta.get(PLACE)?.map(|row| read(row.value())).transpose()
    }

    /// What is to be looked at by now, the earliest first.
    pub fn due(&self, now: Timestamp, max: usize) -> Result<Vec<Notice>, LedgerError> {
        self.by_time((DUE, WAITING), &[], now, max)
    }

    /// What is to be tried this way by now, the earliest first.
    pub fn tries(&self, way: Way, now: Timestamp, max: usize) -> Result<Vec<Parcel>, LedgerError> {
        self.by_time((TRIES, PARCELS), &[way.byte()], now, max)
    }

    fn by_time<T: DeserializeOwned>(
        &self,
        (times, rows): (Rows, Rows),
        start: &[u8],
        now: Timestamp,
        max: usize,
    ) -> Result<Vec<T>, LedgerError> {
        let transaction = self.0.begin_read()?;
        let (times, rows) = (
            transaction.open_table(times)?,
            transaction.open_table(rows)?,
        );
        let end = [start, &in_order(now), &[u8::MAX; 40]].concat();
        let mut found = Vec::new();
        for time in times.range::<&[u8]>(start..=end.as_slice())?.take(max) {
            let key = time?.0;
            let row = key.value().get(start.len() + 8..).unwrap_or_default();
            if let Some(row) = rows.get(row)? {
                found.push(read(row.value())?);
            }
        }
        Ok(found)
    }

    /// When there is something to be looked at next.
    pub fn next_due(&self) -> Result<Option<Timestamp>, LedgerError> {
        self.next(DUE, &[])
    }

    /// When there is something to be tried next this way.
    pub fn next_try(&self, way: Way) -> Result<Option<Timestamp>, LedgerError> {
        self.next(TRIES, &[way.byte()])
    }

    fn next(&self, times: Rows, start: &[u8]) -> Result<Option<Timestamp>, LedgerError> {
        let times = self.0.begin_read()?.open_table(times)?;
        let first = times.range::<&[u8]>(start..)?.next().transpose()?;
        let time = first.and_then(|(key, _)| {
            let time = key.value().strip_prefix(start)?;
            time.first_chunk().map(time_of)
        });
        Ok(time)
    }

    /// The last message that a member was told of in a room.
    pub fn told(&self, member: MemberId, room: RoomId) -> Result<Seq, LedgerError> {
        let told = self.0.begin_read()?.open_table(TOLD)?;
        let row = told.get(told_key(member, room).as_slice())?;
        let seq = row.and_then(|row| {
            row.value()
                .first_chunk()
                .map(|seq| u64::from_be_bytes(*seq))
        });
        Ok(Seq(seq.unwrap_or_default()))
    }

    /// When a member was mailed since this time, the earliest first.
    pub fn mailed(
        &self,
        member: MemberId,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, LedgerError> {
        let mailed = self.0.begin_read()?.open_table(MAILED)?;
        let start = [&member.bits()[..], &in_order(since)].concat();
        let mut times = Vec::new();
        for row in mailed.range::<&[u8]>(start.as_slice()..)? {
            let key = row?.0;
            let (whose, when) = key.value().split_at_checked(16).unwrap_or_default();
            if whose != member.bits() {
                break;
            }
            times.extend(when.first_chunk().map(time_of));
        }
        Ok(times)
    }

    /// How much there is.
    pub fn counts(&self) -> Result<Counts, LedgerError> {
        let transaction = self.0.begin_read()?;
        Ok(Counts {
            waiting: transaction.open_table(WAITING)?.len()?,
            parcels: transaction.open_table(PARCELS)?.len()?,
        })
    }

    /// Writes what became of things, all of it or nothing; how many were found that had no place.
    pub fn change(&self, changes: &Changes, now: Timestamp) -> Result<u64, LedgerError> {
        let mut transaction = self.0.begin_write()?;
        transaction.set_quick_repair(true);
        let mut crowded = 0;
        for notice in &changes.found {
            crowded += u64::from(!find(&transaction, notice)?);
        }
        for notice in &changes.gone {
            put_out(&transaction, notice)?;
        }
        for (before, notice) in &changes.later {
            put_out(&transaction, before)?;
            put_in(&transaction, notice)?;
        }
        for parcel in &changes.sent_off {
            send_off(&transaction, parcel)?;
        }
        for (member, room, seq) in &changes.told {
            let mut told = transaction.open_table(TOLD)?;
            told.insert(
                told_key(*member, *room).as_slice(),
                seq.0.to_be_bytes().as_slice(),
            )?;
        }
        for parcel in &changes.over {
            take_off(&transaction, parcel)?;
        }
        for (before, parcel) in &changes.again {
            take_off(&transaction, before)?;
            put_on(&transaction, parcel)?;
        }
        if let Some(place) = changes.place {
            transaction
                .open_table(META)?
                .insert(PLACE, write(&place).as_slice())?;
        }
        if changes.forget {
            forget(&transaction, now)?;
        }
        transaction.commit()?;
        Ok(crowded)
    }
}

/// Takes in what was found, unless it was found before, or the member has so many already; whether there was a place.
fn find(transaction: &WriteTransaction, notice: &Notice) -> Result<bool, LedgerError> {
    let mut known = transaction.open_table(KNOWN)?;
    if known.get(notice.id.as_slice())?.is_some() {
        return Ok(true);
    }
    let waiting = transaction.open_table(WAITING)?;
    let start = notice.member.bits();
    let mut count = 0;
    for row in waiting.range::<&[u8]>(start.as_slice()..)? {
        if !row?.0.value().starts_with(&start) {
            break;
        }
        count += 1;
    }
    drop(waiting);
    if count >= limits::NOTICES_MAX {
        return Ok(false);
    }
    known.insert(notice.id.as_slice(), in_order(notice.at).as_slice())?;
    drop(known);
    put_in(transaction, notice)?;
    Ok(true)
}

fn put_in(transaction: &WriteTransaction, notice: &Notice) -> Result<(), LedgerError> {
    let key = waiting_key(notice);
    let time = [&in_order(notice.due)[..], &key].concat();
    let mut waiting = transaction.open_table(WAITING)?;
    waiting.insert(key.as_slice(), write(notice).as_slice())?;
    transaction
        .open_table(DUE)?
        .insert(time.as_slice(), [].as_slice())?;
    Ok(())
}

fn put_out(transaction: &WriteTransaction, notice: &Notice) -> Result<(), LedgerError> {
    let key = waiting_key(notice);
    let time = [&in_order(notice.due)[..], &key].concat();
    transaction.open_table(WAITING)?.remove(key.as_slice())?;
    transaction.open_table(DUE)?.remove(time.as_slice())?;
    Ok(())
}

fn send_off(transaction: &WriteTransaction, parcel: &Parcel) -> Result<(), LedgerError> {
    put_on(transaction, parcel)?;
    if parcel.way == Way::Mail {
        let when = in_order(parcel.at);
        let key = [&parcel.member.bits()[..], &when, &parcel.id].concat();
        transaction
            .open_table(MAILED)?
            .insert(key.as_slice(), [].as_slice())?;
    }
    Ok(())
}

fn put_on(transaction: &WriteTransaction, parcel: &Parcel) -> Result<(), LedgerError> {
    let key = parcel_key(parcel);
    let time = try_key(parcel);
    let mut parcels = transaction.open_table(PARCELS)?;
    parcels.insert(key.as_slice(), write(parcel).as_slice())?;
    transaction
        .open_table(TRIES)?
        .insert(time.as_slice(), [].as_slice())?;
    Ok(())
}

fn take_off(transaction: &WriteTransaction, parcel: &Parcel) -> Result<(), LedgerError> {
    let key = parcel_key(parcel);
    let time = try_key(parcel);
    transaction.open_table(PARCELS)?.remove(key.as_slice())?;
    transaction.open_table(TRIES)?.remove(time.as_slice())?;
    Ok(())
}

/// What was found so long ago that the log is not read back to it, and mails of more than an hour ago.
fn forget(transaction: &WriteTransaction, now: Timestamp) -> Result<(), LedgerError> {
    let before = in_order(now - limits::NOTICE_AGE_MAX - limits::NOTICE_AGE_MAX);
    let mut known = transaction.open_table(KNOWN)?;
    known.retain(|_, found| found >= before.as_slice())?;
    let hour = in_order(now - Span::hours(1));
    let mut mailed = transaction.open_table(MAILED)?;
    mailed.retain(|key, _| key.get(16..24).is_some_and(|when| when >= hour.as_slice()))?;
    Ok(())
}

fn waiting_key(notice: &Notice) -> Vec<u8> {
    [notice.member.bits(), notice.id].concat()
}

fn parcel_key(parcel: &Parcel) -> Vec<u8> {
    [&[parcel.way.byte()][..], &parcel.id].concat()
}

fn try_key(parcel: &Parcel) -> Vec<u8> {
    let way = [parcel.way.byte()];
    [&way[..], &in_order(parcel.due), &parcel_key(parcel)].concat()
}

fn told_key(member: MemberId, room: RoomId) -> Vec<u8> {
    [&member.bits()[..], &room.to_key()].concat()
}

/// A time in eight bytes that sort as it does, those before 1970 too.
fn in_order(time: Timestamp) -> [u8; 8] {
    (time.as_millis().cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

fn time_of(bytes: &[u8; 8]) -> Timestamp {
    Timestamp::from_millis((u64::from_be_bytes(*bytes) ^ (1 << 63)).cast_signed())
}

fn write<T: Serialize>(row: &T) -> Vec<u8> {
    serde_json::to_vec(row).expect("rows are plain values")
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, LedgerError> {
    serde_json::from_slice(bytes).map_err(|error| LedgerError::Row {
        table: Table::Meta,
        why: format!("of the notices: {error}"),
    })
}
