//! The second fold, in memory and in the store alike: what a new entry does to the note and the marks of its target, and
//! which texts it erases.

use rialto_shared::{
    entry::{Entry, Seq},
    id::MemberId,
    timeline::{self, Marks, Note},
};
use std::{collections::BTreeMap, sync::Arc};

/// An entry and what became of it.
#[derive(Debug, Clone)]
pub struct Logged {
    /// The entry.
    pub entry: Arc<Entry>,
    /// What became of it.
    pub note: Note,
    /// What I reacted with.
    pub marks: Marks,
}

impl Logged {
    /// An entry to which nothing happened yet.
    #[must_use]
    pub fn new(entry: Arc<Entry>) -> Self {
        Self {
            entry,
            note: Note::default(),
            marks: Marks::default(),
        }
    }
}

/// A part of a room's log that entries can be looked up in and put back to.
pub trait Log {
    /// What goes wrong with it.
    type Error;

    /// The entry at this position, if it is held.
    ///
    /// # Errors
    /// What the storage says.
    fn find(&self, seq: Seq) -> Result<Option<Logged>, Self::Error>;

    /// Replaces the note and marks of an entry, and the entry itself where `erased`.
    ///
    /// # Errors
    /// What the storage says.
    fn put(&mut self, logged: Logged, erased: bool) -> Result<(), Self::Error>;
}

impl Log for BTreeMap<Seq, Logged> {
    type Error = std::convert::Infallible;

    fn find(&self, seq: Seq) -> Result<Option<Logged>, Self::Error> {
        Ok(self.get(&seq).cloned())
    }

    fn put(&mut self, logged: Logged, _erased: bool) -> Result<(), Self::Error> {
        self.insert(logged.entry.seq, logged);
        Ok(())
    }
}

/// Folds an entry into what is held of its target. A target that is not held changes nothing: its page will bring the note.
///
/// # Errors
/// What the log says.
pub fn fold<L: Log>(log: &mut L, entry: &Entry, me: MemberId) -> Result<(), L::Error> {
    let Some(target) = timeline::target(&entry.event) else {
        return Ok(());
    };
    let Some(mut logged) = log.find(target)? else {
        return Ok(());
    };
    timeline::note(&mut logged.note, entry);
    if entry.author.member() == Some(me) {
        timeline::mark(&mut logged.marks, entry);
    }
    let erases = timeline::erases(&entry.event);
    let edits = logged.note.edits.clone();
    if erases {
        logged.entry = Arc::new(Entry::clone(&logged.entry).erased());
    }
    log.put(logged, erases)?;
    if erases {
        for edit in edits {
            erase(log, edit)?;
        }
    }
    Ok(())
}

fn erase<L: Log>(log: &mut L, seq: Seq) -> Result<(), L::Error> {
    if let Some(mut logged) = log.find(seq)? {
        logged.entry = Arc::new(Entry::clone(&logged.entry).erased());
        log.put(logged, true)?;
    }
    Ok(())
}

/// Folds those of `later` that do something to `target` into it again: a page's note is true at the page's head, and the
/// entries after that head are here already.
///
/// # Errors
/// What the log says.
pub fn refold<'a, L: Log>(
    log: &mut L,
    target: Seq,
    later: impl Iterator<Item = &'a Entry>,
    me: MemberId,
) -> Result<(), L::Error> {
    for entry in later.filter(|entry| timeline::target(&entry.event) == Some(target)) {
        fold(log, entry, me)?;
    }
    Ok(())
}
