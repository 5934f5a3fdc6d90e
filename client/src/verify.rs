//! What a log proves, without the server that sent it.
//!
//! Pure: bytes of entries in, a report or the first thing that does not hold out. Checked are the chain from entry to
//! entry, the commitments of the texts, and of every statement: its certificates from the root key that the log records
//! for the organisation, its signature, that it was made for this server, by the author and device that the entry names,
//! about an entry that stands before, that such a command may cause such an entry, that the entry says what was signed and
//! what follows from the entry that it answers, and that no signed command was executed twice: what one command causes in a
//! room, it causes at once. What was executed again in another room does not show here.
//! What a record or a Side keeps of another room is checked alike, as far as it can be without that room's log.

mod keys;
#[cfg(test)]
mod tests;

use keys::Keys;
use rialto_shared::{
    entry::{Author, Entry, EntryError, Head, Seq},
    event::{CAUSES, Earlier, Event, REPEATED, SIGNED, departs, matter},
    id::{DeviceId, Hash, MemberId, Nonce, OrgId, PublicKey, RoomId},
    room::{
        key::{self, kept},
        org::device_of,
    },
    statement::{Declaration, Statement, StatementError},
    time::Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// What the verifier brings along: nothing of it comes from the log.
#[derive(Debug, Clone)]
pub struct Known {
    /// The server's id.
    pub server: Hash,
    /// Root keys that were learnt elsewhere: of each organisation the former ones, oldest first, and the present one.
    pub roots: BTreeMap<OrgId, Vec<PublicKey>>,
    /// Where the log must end, if that is known: without it a change of the last entry alone cannot be seen.
    pub head: Option<Head>,
}

/// What holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The room.
    pub room: RoomId,
    /// The first entry. Above 1, what stood before it is taken on the server's word.
    pub first: Seq,
    /// The last entry.
    pub head: Head,
    /// How many entries.
    pub entries: u64,
    /// Entries of which a text was erased: their chain and signatures stand.
    pub erased: Vec<Seq>,
    /// Entries from which on an organisation's certificates start from another root key.
    pub renewed: Vec<(Seq, OrgId)>,
    /// Statements that hold.
    pub statements: u64,
    /// Statements of other rooms that are kept here and hold.
    pub kept: u64,
    /// Entries whose statement, or the one that they keep, cannot be judged, because no root key of its organisation is known.
    pub unproven: Vec<Seq>,
    /// Entries by a member, of a kind that commits, without a statement.
    pub unsigned: Vec<Seq>,
}

/// What does not hold, and at which entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq}: {what}")]
pub struct Broken {
    /// The entry; where it cannot be read, the one that it should be.
    pub seq: Seq,
    /// What does not hold.
    pub what: Breach,
}

/// What can fail to hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// There is nothing to verify.
    #[error("there are no entries")]
    Nothing,
    /// The bytes, or a text's commitment.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// It is of another room.
    #[error("it is of another room, {0}")]
    Room(RoomId),
    /// Not the next one.
    #[error("it stands where entry {0} should")]
    Position(Seq),
    /// The chain.
    #[error("it does not name the hash of the entry before it")]
    Chain,
    /// It is earlier than the one before.
    #[error("it is dated before the entry before it")]
    Time,
    /// The log ends elsewhere.
    #[error("the log should end at entry {0} with another hash")]
    Head(Seq),
    /// A file's line and its entry do not agree.
    #[error("its line says another hash than the entry has, or none")]
    Said,
    /// A root key that is not the one recorded or known.
    #[error("it gives {0} another root key than the one known")]
    Root(OrgId),
    /// A new root key that nobody gives there.
    #[error(
        "it renews the root key of {0}, as only an admin does whom the vendor seated there after 72 hours, or a rule elsewhere"
    )]
    Renewed(OrgId),
    /// The statement itself.
    #[error("its statement: {0}")]
    Statement(#[from] StatementError),
    /// The statement is somebody else's.
    #[error("its statement is not by the author and device that the entry names")]
    Author,
    /// A device is one person's.
    #[error("it names another author than an earlier entry by that device")]
    Device,
    /// The statement is about something else.
    #[error("a signed {command} does not justify a {event}")]
    Unjustified {
        /// The kind of command.
        command: String,
        /// The kind of event.
        event: String,
    },
    /// The entry's facts are not those that were signed.
    #[error("it says something else than the signed {command}: {what}")]
    Departs {
        /// The kind of command.
        command: String,
        /// What is not the same.
        what: String,
    },
    /// The statement was used before: by another command of the device, or to do the same again.
    #[error("its statement has the nonce of entry {0}, which another execution caused")]
    Replayed(Seq),
    /// What is kept as a proof is none, or what only a signed command makes true has none.
    #[error("it carries no statement")]
    Bare,
    /// What is kept of another room does not hold.
    #[error("what is kept there of {room}: {what}")]
    Kept {
        /// The room that it was made in.
        room: RoomId,
        /// What does not hold.
        what: Box<Self>,
    },
    /// The statement answers an entry that is not in this log.
    #[error("its statement answers an entry that does not stand before it")]
    Subject,
}

/// Verifies entries of one room, in order.
///
/// # Errors
/// The first thing that does not hold.
pub fn verify<'a>(
    known: &Known,
    entries: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Report, Broken> {
    let mut check: Option<Check<'_>> = None;
    for bytes in entries {
        let seq = check
            .as_ref()
            .map_or(Seq(1), |check| check.report.head.seq.next());
        let entry = Entry::decode(bytes).map_err(|error| Broken {
            seq,
            what: error.into(),
        })?;
        let check = check.get_or_insert_with(|| Check::new(known, &entry));
        check.take(&entry).map_err(|what| Broken { seq, what })?;
    }
    let Some(check) = check else {
        return Err(Broken {
            seq: Seq::ZERO,
            what: Breach::Nothing,
        });
    };
    let report = check.report;
    match known.head {
        Some(head) if head != report.head => Err(Broken {
            seq: report.head.seq,
            what: Breach::Head(head.seq),
        }),
        Some(_) | None => Ok(report),
    }
}

struct Check<'k> {
    known: &'k Known,
    keys: Keys<'k>,
    hashes: BTreeSet<Hash>,
    /// Whose each device is.
    devices: BTreeMap<DeviceId, MemberId>,
    /// Where each nonce was used first.
    spent: BTreeMap<(DeviceId, Nonce), Seq>,
    run: Option<Run>,
    last: Option<Entry>,
    /// What later entries are compared with.
    earlier: Earlier,
    /// The last entry that is kept here of each other room, and what later ones of that room are compared with.
    copies: BTreeMap<RoomId, (Head, Earlier)>,
    report: Report,
}

/// What one execution of a signed command has caused so far. All that it causes in a room stands together: made at one moment,
/// by its author or by no member, with no other statement in between, and each kind once.
struct Run {
    first: Seq,
    statement: Hash,
    author: Author,
    at: Timestamp,
    kinds: BTreeSet<String>,
}

impl<'k> Check<'k> {
    fn new(known: &'k Known, first: &Entry) -> Self {
        Self {
            known,
            keys: Keys::new(&known.roots),
            hashes: BTreeSet::new(),
            devices: BTreeMap::new(),
            spent: BTreeMap::new(),
            run: None,
            last: None,
            earlier: Earlier::default(),
            copies: BTreeMap::new(),
            report: Report {
                room: first.room,
                first: first.seq,
                head: Head {
                    seq: first.seq.previous(),
                    hash: first.prev,
                },
                entries: 0,
                erased: vec![],
                renewed: vec![],
                statements: 0,
                kept: 0,
                unproven: vec![],
                unsigned: vec![],
            },
        }
    }

    fn take(&mut self, entry: &Entry) -> Result<(), Breach> {
        self.chain(entry)?;
        self.keys.take(entry, self.report.first == Seq(1))?;
        self.device(entry.author)?;
        let root = self.root(entry)?;
        match &entry.statement {
            Some(statement) if self.proven(entry, statement, root, &self.earlier)? => {
                self.report.statements = self.report.statements.saturating_add(1);
            }
            Some(_) => self.report.unproven.push(entry.seq),
            None if SIGNED.contains(&entry.kind.as_str()) => return Err(Breach::Bare),
            None if commits(entry) => self.report.unsigned.push(entry.seq),
            None => {}
        }
        self.once(entry)?;
        if let Some(copy) = kept(&entry.event) {
            let copy = Entry::decode(copy.as_bytes())?;
            let broken = |what| Breach::Kept {
                room: copy.room,
                what: Box::new(what),
            };
            if self.copy(&copy).map_err(broken)? {
                self.report.kept = self.report.kept.saturating_add(1);
            } else {
                self.report.unproven.push(entry.seq);
            }
        }
        if let Event::Key(key::Event::Renewed { org, .. }) = &entry.event {
            self.report.renewed.push((entry.seq, *org));
        }
        if entry.texts.iter().any(Option::is_none) {
            self.report.erased.push(entry.seq);
        }
        self.report.head = entry.head();
        self.report.entries = self.report.entries.saturating_add(1);
        self.hashes.insert(self.report.head.hash);
        self.hashes.extend(matter(entry));
        self.earlier.take(entry);
        self.last = Some(entry.clone());
        Ok(())
    }

    fn chain(&self, entry: &Entry) -> Result<(), Breach> {
        let before = self.report.head;
        if entry.room != self.report.room {
            return Err(Breach::Room(entry.room));
        }
        if entry.seq != before.seq.next() {
            return Err(Breach::Position(before.seq.next()));
        }
        // Before the first entry stands nothing.
        if entry.prev != before.hash || (entry.seq == Seq(1) && entry.prev != Hash::ZERO) {
            return Err(Breach::Chain);
        }
        if self.last.as_ref().is_some_and(|last| last.at > entry.at) {
            return Err(Breach::Time);
        }
        Ok(())
    }

    /// The root key that an entry's statement must start from, where it has one and that is known.
    fn root(&mut self, entry: &Entry) -> Result<Option<PublicKey>, Breach> {
        let Some(statement) = entry.statement.as_deref() else {
            return Ok(None);
        };
        Ok(self.keys.root(statement.read()?.org, statement))
    }

    /// A device that is one person's in one entry is not another's in the next.
    fn device(&mut self, author: Author) -> Result<(), Breach> {
        let Author::Member { id, device, .. } = author else {
            return Ok(());
        };
        if *self.devices.entry(device).or_insert(id) == id {
            Ok(())
        } else {
            Err(Breach::Device)
        }
    }

    /// Whether an entry of another room that is kept here is proven: its place among those kept before, and its statement.
    fn copy(&mut self, copy: &Entry) -> Result<bool, Breach> {
        let kept = self.copies.remove(&copy.room);
        let (before, mut earlier) = kept.map_or_else(
            || (None, Earlier::partly()),
            |(before, earlier)| (Some(before), earlier),
        );
        if let Some(before) = before {
            if copy.seq <= before.seq {
                return Err(Breach::Position(before.seq.next()));
            }
            if copy.seq == before.seq.next() && copy.prev != before.hash {
                return Err(Breach::Chain);
            }
        }
        self.keys.take(copy, false)?;
        self.device(copy.author)?;
        let statement = copy.statement.as_ref().ok_or(Breach::Bare)?;
        let root = self.root(copy)?;
        let proven = self.proven(copy, statement, root, &earlier)?;
        earlier.take(copy);
        self.copies.insert(copy.room, (copy.head(), earlier));
        Ok(proven)
    }

    /// Whether a statement can be judged; what is wrong with it is an error either way.
    fn proven(
        &self,
        entry: &Entry,
        statement: &Statement,
        root: Option<PublicKey>,
        earlier: &Earlier,
    ) -> Result<bool, Breach> {
        let said = statement.read()?;
        let Some(root) = root else {
            self.about(entry, &said, earlier)?;
            return Ok(false);
        };
        let said = statement.verify(self.known.server, root)?;
        let device = statement.chain.last().map(|link| device_of(link.subject));
        if device != Some(said.device) {
            return Err(Breach::Author);
        }
        self.about(entry, &said, earlier)?;
        Ok(true)
    }

    /// Whether the statement is here for the first time, or goes on with what its command began.
    fn once(&mut self, entry: &Entry) -> Result<(), Breach> {
        let signed = entry.statement.as_deref();
        let hash = signed.map(Statement::hash);
        let goes_on = self.run.as_ref().is_some_and(|run| {
            let same = hash.is_none_or(|hash| hash == run.statement);
            same && run.at == entry.at
                && (entry.author == run.author || entry.author == Author::Rule)
        });
        if !goes_on {
            self.run = None;
        }
        let (Some(statement), Some(hash)) = (signed, hash) else {
            return Ok(());
        };
        if let Some(run) = &mut self.run {
            let again = !run.kinds.insert(entry.kind.clone());
            if again && !REPEATED.contains(&entry.kind.as_str()) {
                return Err(Breach::Replayed(run.first));
            }
            return Ok(());
        }
        let said = statement.read()?;
        if let Some(first) = self.spent.insert((said.device, said.nonce), entry.seq) {
            return Err(Breach::Replayed(first));
        }
        self.run = Some(Run {
            first: entry.seq,
            statement: hash,
            author: entry.author,
            at: entry.at,
            kinds: BTreeSet::from([entry.kind.clone()]),
        });
        Ok(())
    }

    /// Whether the statement is by whom the entry names, and about what the entry is.
    fn about(&self, entry: &Entry, said: &Declaration, earlier: &Earlier) -> Result<(), Breach> {
        match entry.author {
            Author::Member { org, device, .. } if org == said.org && device == said.device => {}
            Author::Member { .. } | Author::Operator | Author::Rule => return Err(Breach::Author),
        }
        if !entry.event.justified_by(&said.kind) {
            return Err(Breach::Unjustified {
                command: said.kind.clone(),
                event: entry.kind.clone(),
            });
        }
        if let Some(what) = departs(said, entry, earlier) {
            return Err(Breach::Departs {
                command: said.kind.clone(),
                what,
            });
        }
        // A subject in another room, or before the first entry held, cannot be looked up here.
        let own = entry.room == self.report.room;
        let here = own && said.room == entry.room && self.report.first == Seq(1);
        if here && said.subject != Hash::ZERO && !self.hashes.contains(&said.subject) {
            return Err(Breach::Subject);
        }
        Ok(())
    }
}

/// Whether a member cannot have made such an entry without signing, though an operator or a clock can: it is what a signed
/// command does first of all.
fn commits(entry: &Entry) -> bool {
    let direct = CAUSES
        .iter()
        .filter_map(|(_, effects)| effects.first())
        .any(|kind| *kind == entry.kind);
    direct && entry.author.member().is_some()
}
