//! Whether a ledger is what it says.
//!
//! Every entry is read in commit order; its place, its link, its texts' commitments and its statement are checked; every
//! derived row is rebuilt by the same function that wrote it, and compared. What is found wrong is named: room and place
//! where it lies in an entry, else table and key.

pub mod digest;
#[cfg(test)]
mod tests;

use super::{
    LedgerError,
    derive::{self, Loaded},
    reader::Snapshot,
    rows::{self, Rows, RowsMut, Table},
};
use data_encoding::HEXLOWER;
use digest::Sum;
use rialto_shared::{
    entry::{Author, Entry, Seq},
    event::{Earlier, Event, SIGNED, departs},
    id::{DeviceId, Hash, MemberId, OrgId, PublicKey, RoomId},
    room::{key, org},
    statement::Declaration,
};
use std::collections::BTreeMap;

/// One thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where: a room and a place in it, or a table and a key.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

/// What a verification looked at, and what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Entries read.
    pub entries: u64,
    /// Rooms they are in.
    pub rooms: u64,
    /// Statements verified.
    pub statements: u64,
    /// Derived rows compared.
    pub rows: u64,
    /// What does not hold.
    pub findings: Vec<Finding>,
    /// The digest over all tables.
    pub state: Hash,
}

/// Findings after which the rest is not worth naming.
const FINDINGS_MAX: usize = 100;

/// Rows rebuilt in memory.
#[derive(Debug, Default)]
struct Rebuilt(BTreeMap<(Table, Vec<u8>), Vec<u8>>);

impl Rows for Rebuilt {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        Ok(self.0.get(&(table, key.to_vec())).cloned())
    }
}

impl RowsMut for Rebuilt {
    fn put(&mut self, table: Table, key: &[u8], value: Vec<u8>) {
        self.0.insert((table, key.to_vec()), value);
    }

    fn remove(&mut self, table: Table, key: &[u8]) {
        self.0.remove(&(table, key.to_vec()));
    }
}

struct Verifier {
    server: Hash,
    rebuilt: Rebuilt,
    rooms: BTreeMap<RoomId, Loaded>,
    /// What the entries of each room are compared with.
    earlier: BTreeMap<RoomId, Earlier>,
    /// The root keys of each organisation, as its own room gave them: the present one last.
    roots: BTreeMap<OrgId, Vec<PublicKey>>,
    /// Whose each device is.
    devices: BTreeMap<DeviceId, MemberId>,
    expected: u64,
    report: Report,
}

/// Verifies a ledger, as it stood at one commit.
///
/// # Errors
/// When the storage fails; what does not hold is no error but a finding.
pub fn verify(snapshot: &Snapshot, server: Hash) -> Result<Report, LedgerError> {
    let mut verifier = Verifier::new(server);
    snapshot.each(Table::Log, |key, bytes| verifier.next(key, bytes))?;
    let last = snapshot
        .get(Table::Meta, rows::META_POSITION)?
        .map_or(0, |row| rows::read_u64(&row));
    verifier.ends(last);
    verifier.compare(snapshot)?;
    verifier.report.state = digest::of(snapshot)?;
    Ok(verifier.report)
}

/// A ledger that is there only as the rows that do not follow from its log: the rest is derived in memory.
pub(super) struct Replay {
    verifier: Verifier,
    sums: BTreeMap<&'static str, Sum>,
    last: u64,
}

impl Replay {
    pub(super) fn new(server: Hash) -> Self {
        Self {
            verifier: Verifier::new(server),
            sums: BTreeMap::new(),
            last: 0,
        }
    }

    /// The next row of a table, in the order of its keys.
    pub(super) fn take(
        &mut self,
        table: Table,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), LedgerError> {
        self.sums.entry(table.name()).or_default().add(key, value);
        if table == Table::Log {
            self.verifier.next(key, value)?;
        }
        if table == Table::Meta && key == rows::META_POSITION {
            self.last = rows::read_u64(value);
        }
        Ok(())
    }

    /// What was found, with the digest over all tables.
    pub(super) fn end(mut self) -> Report {
        self.verifier.ends(self.last);
        for ((table, key), value) in &self.verifier.rebuilt.0 {
            if table.derived() {
                self.sums.entry(table.name()).or_default().add(key, value);
            }
        }
        self.verifier.report.state = digest::state(&self.sums);
        self.verifier.report
    }
}

impl Verifier {
    fn new(server: Hash) -> Self {
        Self {
            server,
            rebuilt: Rebuilt::default(),
            rooms: BTreeMap::new(),
            earlier: BTreeMap::new(),
            roots: BTreeMap::new(),
            devices: BTreeMap::new(),
            expected: 0,
            report: Report {
                entries: 0,
                rooms: 0,
                statements: 0,
                rows: 0,
                findings: vec![],
                state: Hash::ZERO,
            },
        }
    }

    /// The next row of the log.
    fn next(&mut self, key: &[u8], bytes: &[u8]) -> Result<(), LedgerError> {
        self.expected += 1;
        let position = rows::read_u64(key);
        if position != self.expected {
            self.find(
                format!("log at {}", self.expected),
                "an entry is missing".to_owned(),
            );
            self.expected = position;
        }
        self.entry(position, bytes)
    }

    /// The log is read: this is where it is said to end.
    fn ends(&mut self, last: u64) {
        if last != self.expected {
            let what = format!("the log ends at {}", self.expected);
            self.find(format!("log at {last}"), what);
        }
        self.report.rooms = u64::try_from(self.rooms.len()).unwrap_or(u64::MAX);
    }

    fn find(&mut self, place: String, what: String) {
        if self.report.findings.len() < FINDINGS_MAX {
            self.report.findings.push(Finding { place, what });
        }
    }

    fn entry(&mut self, position: u64, bytes: &[u8]) -> Result<(), LedgerError> {
        self.report.entries += 1;
        let entry = match Entry::decode(bytes) {
            Ok(entry) => entry,
            Err(error) => {
                self.find(format!("log at {position}"), error.to_string());
                return Ok(());
            }
        };
        let place = |seq: Seq| format!("{} at {seq}", entry.room);
        let head = self
            .rooms
            .get(&entry.room)
            .map(|loaded| loaded.room.head)
            .unwrap_or_default();
        if entry.seq != head.seq.next() {
            self.find(
                place(entry.seq),
                format!("the entry before it is {}", head.seq),
            );
            return Ok(());
        }
        if entry.prev != head.hash {
            self.find(
                place(entry.seq),
                "its link is not the hash of the entry before it".to_owned(),
            );
            return Ok(());
        }
        if let Event::Org(org::Event::Joined {
            root: Some(root), ..
        }) = &entry.event
        {
            self.roots
                .entry(OrgId::from_bits(entry.room.bits()))
                .or_insert_with(|| vec![*root]);
        }
        if let Some(what) = self.renewal(&entry) {
            self.find(place(entry.seq), what);
        }
        if let Some(what) = self.device(entry.author) {
            self.find(place(entry.seq), what);
        }
        if let Some(what) = self.statement(&entry) {
            self.find(place(entry.seq), what);
        }
        self.earlier.entry(entry.room).or_default().take(&entry);
        let mut loaded = self.rooms.remove(&entry.room).unwrap_or_default();
        derive::derive(&mut self.rebuilt, &mut loaded, &entry, position)?;
        self.rooms.insert(entry.room, loaded);
        Ok(())
    }

    /// A new root key is given by whom the vendor seated, in the organisation's own room; every other room says only what
    /// stands there.
    fn renewal(&mut self, entry: &Entry) -> Option<String> {
        let Event::Key(key::Event::Renewed { org, root }) = &entry.event else {
            return None;
        };
        let known = self.roots.entry(*org).or_default();
        if entry.room != RoomId::org(*org) {
            let says = known.len() > 1 && known.last() == Some(root);
            let says = says && entry.author == Author::Rule;
            return (!says).then(|| format!("it gives {org} a root key that is not its own"));
        }
        let heir = self.rooms.get(&entry.room)?.room.state.org()?.heir;
        let by_heir = heir.is_some() && entry.author.member() == heir;
        if known.is_empty() || known.contains(root) || !by_heir {
            return Some("it renews the root key, as nobody may who was not seated".to_owned());
        }
        known.push(*root);
        None
    }

    /// A device that is one person's in one entry is not another's in the next.
    fn device(&mut self, author: Author) -> Option<String> {
        let Author::Member { id, device, .. } = author else {
            return None;
        };
        let owner = *self.devices.entry(device).or_insert(id);
        (owner != id).then(|| format!("it names {id} as its author, and {device} is {owner}'s"))
    }

    fn statement(&mut self, entry: &Entry) -> Option<String> {
        let Some(statement) = entry.statement.as_ref() else {
            let signed = SIGNED.contains(&entry.kind.as_str());
            return signed.then(|| "it carries no statement".to_owned());
        };
        self.report.statements += 1;
        let said = match statement.read() {
            Ok(said) => said,
            Err(error) => return Some(error.to_string()),
        };
        let root = self.roots.get(&said.org).and_then(|roots| roots.last());
        let Some(root) = root else {
            return Some(format!("{} has no root key on record", said.org));
        };
        match statement.verify(self.server, *root) {
            Err(error) => Some(error.to_string()),
            Ok(said) if !by(entry.author, &said) => {
                Some("its statement is not by the author and device that it names".to_owned())
            }
            Ok(said) if !entry.event.justified_by(&said.kind) => {
                Some(format!("a {} does not justify a {}", said.kind, entry.kind))
            }
            Ok(said) => {
                departs(&said, entry, self.earlier.entry(entry.room).or_default()).map(|what| {
                    format!(
                        "it says something else than the signed {}: {what}",
                        said.kind
                    )
                })
            }
        }
    }

    fn compare(&mut self, snapshot: &Snapshot) -> Result<(), LedgerError> {
        for table in Table::ALL.into_iter().filter(|table| table.derived()) {
            let mut stored = 0_usize;
            let mut wrong = Vec::new();
            snapshot.each(table, |key, value| {
                stored += 1;
                if self.rebuilt.get(table, key)?.as_deref() != Some(value) {
                    wrong.push(HEXLOWER.encode(key));
                }
                Ok(())
            })?;
            let rebuilt = self
                .rebuilt
                .0
                .keys()
                .filter(|(name, _)| *name == table)
                .count();
            self.report.rows += u64::try_from(stored).unwrap_or(u64::MAX);
            for key in wrong {
                self.find(
                    format!("{table:?} {key}"),
                    "differs from what the log says".to_owned(),
                );
            }
            if stored != rebuilt {
                self.find(
                    format!("{table:?}"),
                    format!("{stored} rows where the log says {rebuilt}"),
                );
            }
        }
        Ok(())
    }
}

/// Whether the statement is by whom the entry names.
fn by(author: Author, said: &Declaration) -> bool {
    match author {
        Author::Member { org, device, .. } => org == said.org && device == said.device,
        Author::Operator | Author::Rule => false,
    }
}
