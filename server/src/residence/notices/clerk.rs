//! The clerk: reads the log, looks at what is due, and sends it off. It holds no lock and no read of the ledger while it waits
//! for anybody, and writes to its own file alone.
//!
//! Whatever it does next follows from its file, the ledger and the time that it is given: stopped anywhere, the next one goes
//! on. What it has handed over it strikes out afterwards, so a crash repeats a letter, under the same id, and loses none.

mod looking;
mod sending;

use super::{carrier::Carrier, sources::Namer};
use crate::ledger::{
    Database, LedgerError,
    queue::{Changes, Place, Queue, Way},
    reader::Snapshot,
};
use rialto_shared::{
    limits,
    text::Text,
    time::{Span, Timestamp},
};
use sending::Rest;
use std::{collections::BTreeMap, sync::Arc};

/// How often what is too old to matter is forgotten.
const FORGET_EVERY: Span = Span::hours(1);

/// How the clerk fares, without a word of what is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fortune {
    /// Letters that were taken since the start.
    pub delivered: u64,
    /// Times that one was not.
    pub undelivered: u64,
    /// Notices that found no place.
    pub crowded: u64,
    /// Why the last one was not taken; none since one was.
    pub trouble: Option<String>,
}

/// The clerk.
#[derive(Debug)]
pub struct Clerk<C> {
    ledger: Arc<Database>,
    queue: Queue,
    carrier: C,
    namer: Namer,
    server: Text,
    place: Option<Place>,
    rests: BTreeMap<Way, Rest>,
    forgot: Option<Timestamp>,
    fortune: Fortune,
}

impl<C: Carrier> Clerk<C> {
    /// A clerk over this ledger and this file. There must be no other.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn new(
        ledger: Arc<Database>,
        queue: Queue,
        carrier: C,
        (server, secret): (Text, [u8; 32]),
    ) -> Result<Self, LedgerError> {
        let place = queue.place()?;
        Ok(Self {
            ledger,
            queue,
            carrier,
            namer: Namer(secret),
            server,
            place,
            rests: BTreeMap::new(),
            forgot: None,
            fortune: Fortune::default(),
        })
    }

    /// How it fares.
    #[must_use]
    pub const fn fortune(&self) -> &Fortune {
        &self.fortune
    }

    /// Its file.
    #[must_use]
    pub const fn queue(&self) -> &Queue {
        &self.queue
    }

    /// What takes its letters.
    #[must_use]
    pub const fn carrier(&self) -> &C {
        &self.carrier
    }

    /// How far it has read the log.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.place.map_or(0, |place| place.position)
    }

    /// Reads, looks and sends until there is nothing to be done at this time; when there will be.
    ///
    /// # Errors
    /// When either file cannot be read or written.
    pub async fn round(&mut self, now: Timestamp) -> Result<Option<Timestamp>, LedgerError> {
        while self.step(now).await? {}
        self.rest(now)
    }

    /// Reads some of the log, or looks at some of what is due, or sends some letters; whether there may be more to do.
    ///
    /// # Errors
    /// When either file cannot be read or written.
    pub async fn step(&mut self, now: Timestamp) -> Result<bool, LedgerError> {
        Ok(self.read(now)? || self.look(now)? || self.send(now).await?)
    }

    /// Forgets what is too old to matter, after the last step; when there will be more to do.
    ///
    /// # Errors
    /// When its file cannot be read or written.
    pub fn rest(&mut self, now: Timestamp) -> Result<Option<Timestamp>, LedgerError> {
        self.forget(now)?;
        let mut next = vec![self.queue.next_due()?];
        for way in Way::ALL {
            // What a resting way keeps is tried when it has rested.
            let rested = self.rests.get(&way).map(|rest| rest.until);
            let tried = self.queue.next_try(way)?;
            next.push(tried.map(|tried| rested.map_or(tried, |rested| tried.max(rested))));
        }
        Ok(next.into_iter().flatten().min())
    }

    /// Reads some of the log; whether there is more.
    fn read(&mut self, now: Timestamp) -> Result<bool, LedgerError> {
        let snapshot = Snapshot::take(&self.ledger)?;
        let head = snapshot.position()?;
        let from = self.begin(&snapshot, head, now)?;
        let to = head.min(from.saturating_add(limits::NOTICE_ENTRIES_MAX));
        let mut changes = Changes::default();
        for position in from.saturating_add(1)..=to {
            let Some(entry) = snapshot.logged(position)? else {
                continue;
            };
            changes.found.extend(self.namer.found(&snapshot, &entry)?);
        }
        if let Some(entry) = snapshot.logged(to)? {
            let hash = entry.head().hash;
            self.place = Some(Place { position: to, hash });
        }
        // A place where nothing was found need not be kept: it is read again.
        if !changes.found.is_empty() || to < head {
            changes.place = self.place;
            let crowded = self.queue.change(&changes, now)?;
            self.fortune.crowded = self.fortune.crowded.saturating_add(crowded);
            if crowded > 0 {
                tracing::warn!(crowded, "notices found no place: a member has too many");
            }
        }
        Ok(to < head)
    }

    /// Where to read on. Another ledger than the one that was read last, or none, is read from as far back as matters.
    fn begin(&self, snapshot: &Snapshot, head: u64, now: Timestamp) -> Result<u64, LedgerError> {
        if let Some(place) = self.place {
            let there = snapshot.logged(place.position)?;
            if there.is_some_and(|entry| entry.head().hash == place.hash) {
                return Ok(place.position);
            }
            tracing::warn!("the notices' file is of another ledger: reading back");
        }
        let since = now - limits::NOTICE_AGE_MAX;
        // Times in the log never run backwards: halving finds the first that is young enough.
        let (mut old, mut young) = (0, head.saturating_add(1));
        while young - old > 1 {
            let middle = old.midpoint(young);
            let at = snapshot.logged(middle)?.map(|entry| entry.at);
            if at.is_none_or(|at| at < since) {
                old = middle;
            } else {
                young = middle;
            }
        }
        Ok(old)
    }

    fn forget(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        if self
            .forgot
            .is_some_and(|forgot| now < forgot + FORGET_EVERY)
        {
            return Ok(());
        }
        self.forgot = Some(now);
        let changes = Changes {
            place: self.place,
            forget: true,
            ..Changes::default()
        };
        self.queue.change(&changes, now)?;
        Ok(())
    }

    /// Why a way rests, if one does.
    #[must_use]
    pub fn resting(&self) -> Vec<(Way, String)> {
        let rests = self.rests.iter();
        rests.map(|(way, rest)| (*way, rest.why.clone())).collect()
    }
}
