//! One room as it is held: its state, and a window of its log.

use super::{
    Write,
    fold::{Logged, fold, refold},
};
use rialto_shared::{
    entry::{Entry, Seq},
    event::Event,
    id::{DeviceId, MemberId, RoomId},
    protocol::Snapshot,
    room::{self, Room, Texts, org, talk},
    statement::Certificate,
    time::Timestamp,
    timeline::{self, Marks, Note},
};
use std::{collections::BTreeMap, sync::Arc};

/// Entries of one room in memory; the oldest go beyond it, the store keeps them.
const WINDOW_MAX: usize = 4_000;
/// How many stay when the oldest go.
const WINDOW: usize = 2_000;

/// How far a room goes that is kept and not held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outline {
    /// Its last entry.
    pub head: Seq,
    /// The last that I have read.
    pub read: Seq,
}

/// A room, held whole; and a window of its log.
#[derive(Debug, Clone)]
pub struct Held {
    /// The room at its head.
    pub room: Room,
    /// Its standing texts.
    pub texts: Texts,
    /// The first entry that this seat may page to.
    pub since: Seq,
    /// The last entry that I have read.
    pub read: Seq,
    /// The last entry that the server spoke of; beyond the head where the room is not watched.
    pub ahead: Seq,
    /// When I said something last, as far as it is known.
    pub said: Option<Timestamp>,
    /// No longer readable; kept because it is my own organisation's record.
    pub closed: bool,
    /// Asked for anew; what comes until then is not taken in.
    pub resyncing: bool,
    /// Did not fit again and again: what is shown may be old.
    pub broken: bool,
    log: BTreeMap<Seq, Logged>,
}

/// What had become of a page's entries, and what I reacted with.
pub(super) type Beside = (Vec<(Seq, Note)>, Vec<(Seq, Marks)>);

/// Why an entry is not the next one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit(pub(super) String);

/// An entry that was taken in.
#[derive(Debug)]
pub(super) struct Appended {
    pub(super) entry: Arc<Entry>,
    /// Whether more changed than the head: then the room is written, else only its cursor.
    pub(super) state_changed: bool,
}

impl Held {
    pub(super) fn new(snapshot: Snapshot, read: Seq) -> Self {
        let mut room = snapshot.room;
        room.head = snapshot.head;
        Self {
            ahead: room.head.seq,
            room,
            texts: snapshot.texts,
            since: snapshot.since,
            read,
            said: None,
            closed: false,
            resyncing: false,
            broken: false,
            log: BTreeMap::new(),
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            head: self.room.head,
            room: self.room.clone(),
            texts: self.texts.clone(),
            since: self.since,
        }
    }

    /// The entries in memory, oldest first.
    pub fn log(&self) -> impl DoubleEndedIterator<Item = &Logged> {
        self.log.values()
    }

    /// One entry, if it is in memory.
    #[must_use]
    pub fn entry(&self, seq: Seq) -> Option<&Logged> {
        self.log.get(&seq)
    }

    /// The certificates that the log, as far as it is in memory, has for a device.
    #[must_use]
    pub fn chain_of(&self, device: DeviceId) -> Option<Vec<Certificate>> {
        self.log.values().rev().find_map(|logged| {
            let Event::Org(
                org::Event::Joined {
                    device: of, chain, ..
                }
                | org::Event::Enrolled {
                    device: of, chain, ..
                }
                | org::Event::Certified { device: of, chain },
            ) = &logged.entry.event
            else {
                return None;
            };
            (*of == device && !chain.is_empty()).then(|| chain.clone())
        })
    }

    pub(super) const fn log_map(&self) -> &BTreeMap<Seq, Logged> {
        &self.log
    }

    /// Whether more is known to be in the log, before this entry, than is in memory.
    #[must_use]
    pub fn lacks_before(&self, seq: Seq) -> bool {
        let first = self.since.max(Seq(1));
        seq > first && !self.log.contains_key(&seq.previous())
    }

    pub(super) fn restore(&mut self, entries: Vec<Logged>) {
        for logged in entries {
            if logged.entry.seq <= self.room.head.seq {
                self.log.entry(logged.entry.seq).or_insert(logged);
            }
        }
    }

    /// Takes the next entry in. `None` where it is here already. Checks first: applying asserts.
    pub(super) fn append(
        &mut self,
        id: RoomId,
        bytes: &[u8],
        me: MemberId,
    ) -> Result<Option<Appended>, Misfit> {
        let entry = Entry::decode(bytes).map_err(|error| Misfit(error.to_string()))?;
        if entry.room != id {
            return Err(Misfit(format!("entry {} is of another room", entry.seq)));
        }
        if entry.seq <= self.room.head.seq {
            return match self.log.get(&entry.seq) {
                Some(held) if held.entry.hash() != entry.hash() => Err(Misfit(format!(
                    "entry {} came twice, differently",
                    entry.seq
                ))),
                Some(_) | None => Ok(None),
            };
        }
        if entry.seq != self.room.head.seq.next() {
            let missing = self.room.head.seq.next();
            return Err(Misfit(format!(
                "entry {} came where {missing} is next",
                entry.seq
            )));
        }
        if entry.prev != self.room.head.hash {
            return Err(Misfit(format!(
                "entry {} does not follow the one before",
                entry.seq
            )));
        }
        let state_changed = !only_talk(&entry.event);
        room::apply(&mut self.room, &entry);
        self.texts.keep(&self.room, &entry);
        self.ahead = self.ahead.max(entry.seq);
        if entry.author.member() == Some(me) && said(&entry.event) {
            self.said = Some(entry.at);
        }
        let entry = Arc::new(entry);
        self.erase_standing(&entry);
        let Ok(()) = fold(&mut self.log, &entry, me);
        self.log.insert(entry.seq, Logged::new(Arc::clone(&entry)));
        self.trim();
        Ok(Some(Appended {
            entry,
            state_changed,
        }))
    }

    /// A removed text is gone from the standing texts too.
    fn erase_standing(&mut self, entry: &Entry) {
        if !timeline::erases(&entry.event) {
            return;
        }
        if let Some(target) = timeline::target(&entry.event) {
            let erased = self
                .log
                .get(&target)
                .map_or_else(|| vec![target], |logged| logged.note.erases(target));
            self.texts.erase(&erased);
        }
    }

    fn trim(&mut self) {
        if self.log.len() > WINDOW_MAX {
            let drop = self.log.len().saturating_sub(WINDOW);
            if let Some(first) = self.log.keys().nth(drop).copied() {
                self.log = self.log.split_off(&first);
            }
        }
    }

    /// Takes a part of the log in, true at `head`: all of it or, where it contradicts itself or what is held, none.
    pub(super) fn page(
        &mut self,
        id: RoomId,
        raw: &[&[u8]],
        head: Seq,
        (notes, marks): Beside,
        me: MemberId,
    ) -> Result<(Vec<Seq>, Vec<Write>), Misfit> {
        let entries = self.fitting(id, raw)?;
        let mut notes: BTreeMap<Seq, Note> = notes.into_iter().collect();
        let mut marks: BTreeMap<Seq, Marks> = marks.into_iter().collect();
        let (mut seqs, mut writes) = (vec![], Vec::with_capacity(entries.len()));
        for (entry, bytes) in entries {
            // What lies beyond the head comes as an entry, in order.
            if entry.seq > self.room.head.seq {
                continue;
            }
            let seq = entry.seq;
            seqs.push(seq);
            let mut logged = Logged::new(Arc::new(entry));
            logged.note = notes.remove(&seq).unwrap_or_default();
            logged.note.as_of = logged.note.as_of.max(head);
            logged.marks = marks.remove(&seq).unwrap_or_default();
            writes.push(Write::Paged {
                entry: Arc::clone(&logged.entry),
                bytes,
                note: logged.note.clone(),
                marks: logged.marks.clone(),
                head,
                me,
            });
            self.log.insert(seq, logged);
            let later: Vec<Arc<Entry>> = self
                .log
                .range(head.next()..)
                .map(|(_, logged)| Arc::clone(&logged.entry))
                .collect();
            let Ok(()) = refold(&mut self.log, seq, later.iter().map(AsRef::as_ref), me);
        }
        Ok((seqs, writes))
    }

    /// The entries of a page, if they are of this room, in order, and chained to each other and to what is held.
    fn fitting(&self, id: RoomId, raw: &[&[u8]]) -> Result<Vec<(Entry, Vec<u8>)>, Misfit> {
        let mut entries: Vec<(Entry, Vec<u8>)> = Vec::with_capacity(raw.len());
        for bytes in raw {
            let entry = Entry::decode(bytes).map_err(|error| Misfit(error.to_string()))?;
            let seq = entry.seq;
            if entry.room != id || seq == Seq::ZERO {
                return Err(Misfit(format!("entry {seq} is of another room")));
            }
            let last = entries.last().map(|(last, _)| last);
            if last.is_some_and(|last| last.seq >= seq) {
                return Err(Misfit(format!("entry {seq} is out of order")));
            }
            let before = last
                .filter(|last| last.seq.next() == seq)
                .or_else(|| self.log.get(&seq.previous()).map(|held| &*held.entry));
            if before.is_some_and(|before| before.hash() != entry.prev) {
                return Err(Misfit(format!(
                    "entry {seq} does not follow the one before"
                )));
            }
            let after = self.log.get(&seq.next()).map(|held| held.entry.prev);
            let held = self.log.get(&seq).map(|held| held.entry.hash());
            let head = (self.room.head.seq == seq).then_some(self.room.head.hash);
            let hash = entry.hash();
            if [after, held, head]
                .into_iter()
                .flatten()
                .any(|known| known != hash)
            {
                return Err(Misfit(format!("entry {seq} is not the one known here")));
            }
            entries.push((entry, bytes.to_vec()));
        }
        Ok(entries)
    }
}

/// Whether an entry moves the head and changes nothing else of the room.
const fn only_talk(event: &Event) -> bool {
    matches!(
        event,
        Event::Talk(
            talk::Event::Said { .. } | talk::Event::Edited { .. } | talk::Event::Reacted { .. }
        )
    )
}

pub(super) const fn said(event: &Event) -> bool {
    matches!(event, Event::Talk(talk::Event::Said { .. }))
}
