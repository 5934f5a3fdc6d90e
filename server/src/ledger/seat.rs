//! The one door: content leaves the server only through a seat.
//!
//! A seat says: this member may read this room, from `since` up to `upto`, the room's head at one commit. There is no way to
//! entries without one, and every page, recent or old, is clamped to it.

use super::{
    LedgerError,
    derive::{HeadRow, Loaded},
    reader::Snapshot,
    rows::{self, Rows as _, Table},
};
use rialto_shared::{
    audience::{Audience, Grant, Rule, Terms},
    entry::{Entry, Head, Seq},
    id::{MemberId, OrgId, RoomId},
    limits, protocol,
    room::{Room, State, Texts},
    standing::Standing,
    timeline::{Marks, Note},
};
use std::{cmp::Reverse, collections::BTreeSet};

/// A member's admission to one room at one commit. Only [`Snapshot::seat`] makes one.
#[derive(Debug)]
pub struct Seat<'s> {
    snapshot: &'s Snapshot,
    member: MemberId,
    id: RoomId,
    terms: Terms,
    head: HeadRow,
    loaded: Loaded,
}

/// An entry's place in its room, and its bytes.
pub type Stored = (Seq, Vec<u8>);

/// Entries as stored, with what became of them: what a page frame holds.
#[derive(Debug, Default)]
pub struct Page {
    /// Position in the room and bytes, in order.
    pub entries: Vec<Stored>,
    /// What became of them.
    pub notes: Vec<(Seq, Note)>,
    /// What the member reacted with.
    pub marks: Vec<(Seq, Marks)>,
    /// Whether there is more in that direction.
    pub more: bool,
}

/// The function that makes seats.
pub(super) fn seat<'s>(
    snapshot: &'s Snapshot,
    who: &Standing,
    id: RoomId,
) -> Result<Option<Seat<'s>>, LedgerError> {
    // The same look-ups on every path: absent and forbidden are alike, in time as in words.
    let loaded = snapshot.load(id)?;
    let head = snapshot.head(id)?;
    let terms = snapshot.terms(who, &loaded.room)?;
    Ok(terms.map(|terms| Seat {
        snapshot,
        member: who.member.id,
        id,
        terms,
        head,
        loaded,
    }))
}

impl Seat<'_> {
    /// On what terms.
    #[must_use]
    pub const fn terms(&self) -> Terms {
        self.terms
    }

    /// The entry that changed the room's audience last: while it stands, so does the seat.
    #[must_use]
    pub const fn audience_at(&self) -> Seq {
        self.loaded.room.audience_at
    }

    /// Whether the audience asks who is connected with whom: no entry of this room tells when that changes.
    #[must_use]
    pub fn asks_ties(&self) -> bool {
        rows::asked_ties(&self.loaded.room).next().is_some()
    }

    /// The room's head at this commit: nothing beyond it is shown.
    #[must_use]
    pub const fn upto(&self) -> Head {
        self.head.head
    }

    /// The last message said.
    #[must_use]
    pub const fn said(&self) -> Seq {
        self.head.said
    }

    /// The room, as it stands.
    #[must_use]
    pub const fn room(&self) -> &Room {
        &self.loaded.room
    }

    /// Its standing texts.
    #[must_use]
    pub const fn texts(&self) -> &Texts {
        &self.loaded.texts
    }

    /// Whether a reader who holds the log up to `cursor` may go on from there, entry by entry.
    ///
    /// # Errors
    /// When the storage fails or an entry cannot be read.
    pub fn continues(&self, cursor: Head) -> Result<bool, LedgerError> {
        let here = cursor.seq.next() >= self.terms.since && cursor.seq <= self.upto().seq;
        let near = self.upto().seq.0.saturating_sub(cursor.seq.0) <= limits::RESUME_ENTRIES_MAX;
        if !here || !near || cursor.seq == Seq::ZERO {
            return Ok(false);
        }
        Ok(self.bytes(cursor.seq)?.is_some_and(|bytes| {
            Entry::decode(&bytes).is_ok_and(|entry| entry.hash() == cursor.hash)
        }))
    }

    /// The room whole.
    #[must_use]
    pub fn snapshot(&self) -> protocol::Snapshot {
        protocol::Snapshot {
            head: self.upto(),
            room: self.loaded.room.clone(),
            texts: self.loaded.texts.clone(),
            since: self.terms.since,
        }
    }

    /// Everybody who may read the room at this commit, by organisation, those who may do most there first. Whom a rule
    /// admits without naming them is not listed, but for the vendor's alliance managers, who are few.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    pub fn readers(&self) -> Result<Vec<(Standing, Terms)>, LedgerError> {
        let room = self.room();
        let mut listed = room.audience.clone();
        listed.grants.retain(|grant| match grant {
            Grant::Member { .. } | Grant::Org { .. } => true,
            Grant::Rule { rule, .. } => *rule == Rule::Alliance,
            Grant::Tied { .. } => false,
        });
        let mut readers = vec![];
        for member in self.meant(&listed)? {
            if let Some(standing) = self.snapshot.standing(member)?
                && listed.admits(&standing, |_| false).is_some()
                && let Some(terms) = self.snapshot.terms(&standing, room)?
            {
                readers.push((standing, terms));
            }
        }
        readers.sort_by_key(|(standing, terms)| {
            (standing.org.id, Reverse(terms.role), standing.member.id)
        });
        Ok(readers)
    }

    /// Everybody whom these grants may mean.
    fn meant(&self, listed: &Audience) -> Result<BTreeSet<MemberId>, LedgerError> {
        let mut members = BTreeSet::new();
        for grant in &listed.grants {
            match grant {
                Grant::Member { id, .. } => {
                    members.insert(*id);
                }
                Grant::Org { id, .. } => members.extend(self.people(*id)?),
                Grant::Rule { .. } | Grant::Tied { .. } => {
                    let vendor = self.snapshot.vendor()?;
                    members.extend(vendor.map_or(Ok(vec![]), |org| self.people(org))?);
                }
            }
        }
        Ok(members)
    }

    /// The people of an organisation, whatever they may do there.
    fn people(&self, org: OrgId) -> Result<Vec<MemberId>, LedgerError> {
        let State::Org(org) = self.snapshot.load(RoomId::org(org))?.room.state else {
            return Ok(vec![]);
        };
        Ok(org.people.into_keys().collect())
    }

    /// The entries after this one, at most `limit`, never beyond the head nor before the seat's beginning.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn after(&self, seq: Seq, limit: usize) -> Result<Vec<Stored>, LedgerError> {
        let from = seq.next().max(self.terms.since).max(Seq(1));
        let mut entries = Vec::new();
        let mut at = from;
        while at <= self.upto().seq && entries.len() < limit {
            entries.extend(self.bytes(at)?.map(|bytes| (at, bytes)));
            at = at.next();
        }
        Ok(entries)
    }

    /// A part of the log.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    pub fn page(&self, want: protocol::Want, limit: usize) -> Result<Page, LedgerError> {
        let limit = limit.clamp(1, limits::PAGE_ENTRIES_MAX);
        let (entries, more) = match want {
            protocol::Want::Before(seq) => self.before(seq, limit)?,
            protocol::Want::After(seq) => {
                let entries = self.after(seq, limit)?;
                let more = entries
                    .last()
                    .is_some_and(|(last, _)| *last < self.upto().seq);
                (entries, more)
            }
            protocol::Want::Around(seq) => {
                let (mut entries, more) = self.before(seq, limit / 2 + 1)?;
                let here = entries.last().map_or(seq.previous(), |(last, _)| *last);
                entries.extend(self.after(here, limit.saturating_sub(entries.len()))?);
                (entries, more)
            }
            protocol::Want::Thread(seq) => self.thread(seq, limit)?,
        };
        let mut page = Page {
            entries,
            more,
            ..Page::default()
        };
        for (seq, _) in &page.entries {
            let key = rows::at(self.id, *seq);
            let note: Option<Note> = self.snapshot.row(Table::Notes, &key)?;
            page.notes.extend(note.map(|note| (*seq, note)));
            let marks: Option<Marks> = self
                .snapshot
                .row(Table::Marks, &rows::mark(self.id, *seq, self.member))?;
            page.marks.extend(marks.map(|marks| (*seq, marks)));
        }
        Ok(page)
    }

    /// The newest entries before this one; before the end, where it is zero.
    fn before(&self, seq: Seq, limit: usize) -> Result<(Vec<Stored>, bool), LedgerError> {
        let end = if seq == Seq::ZERO {
            self.upto().seq.next()
        } else {
            seq.min(self.upto().seq.next())
        };
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let start = Seq(end.0.saturating_sub(limit).max(self.terms.since.0).max(1));
        let mut entries = Vec::new();
        let mut at = start;
        while at < end {
            entries.extend(self.bytes(at)?.map(|bytes| (at, bytes)));
            at = at.next();
        }
        let first = self.terms.since.max(Seq(1));
        Ok((entries, start > first && start <= end))
    }

    fn thread(&self, message: Seq, limit: usize) -> Result<(Vec<Stored>, bool), LedgerError> {
        let mut seqs = vec![message];
        let start = rows::at(self.id, message);
        for (key, _) in self.snapshot.range(Table::Threads, &start)? {
            seqs.extend(
                key.last_chunk::<8>()
                    .map(|seq| Seq(u64::from_be_bytes(*seq))),
            );
        }
        seqs.retain(|seq| *seq >= self.terms.since && *seq <= self.upto().seq);
        // The message that begins the thread, and the newest replies.
        let more = seqs.len() > limit;
        if more {
            let first = seqs.first().copied();
            seqs.drain(..seqs.len().saturating_sub(limit.saturating_sub(1)));
            seqs.splice(0..0, first);
        }
        let mut entries = Vec::new();
        for seq in seqs {
            entries.extend(self.bytes(seq)?.map(|bytes| (seq, bytes)));
        }
        Ok((entries, more))
    }

    fn bytes(&self, seq: Seq) -> Result<Option<Vec<u8>>, LedgerError> {
        if seq < self.terms.since || seq > self.upto().seq {
            return Ok(None);
        }
        let Some(position) = self.snapshot.get(Table::At, &rows::at(self.id, seq))? else {
            return Ok(None);
        };
        self.snapshot.get(Table::Log, &position)
    }
}
