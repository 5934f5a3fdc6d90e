//! The console: one account's replica, store and outbox, tied together without waiting for anything.
//!
//! It is given the link's [`News`] and what the person asks for, and returns [`Order`]s for the link and [`Change`]s for
//! the screen. A screen, the command line and the tests drive it alike. Commands are numbered and on disk before the first
//! order to send them exists; after a reconnect or a restart they go out again under the same numbers, byte for byte. So do
//! those that the server answers `unavailable`, after a wait: whoever drives the console says when it is over.

mod certificates;
mod deferred;
#[cfg(test)]
mod tests;

use crate::{
    account::Account,
    link::{LinkState, News, Order},
    replica::{Change, Pending, PendingState, Replica, Taken, Ticket},
    request,
    store::{Queued, Store, StoreError},
};
use deferred::Deferred;
use rialto_shared::{
    command::Command,
    entry::{Entry, Seq, Worded},
    id::{Hash, RoomId},
    limits,
    protocol::{Down, Query, Up, Want},
    rejection::Rejection,
    time::Timestamp,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Commands that may wait while there is no connection.
const OUTBOX_MAX: usize = 1_000;
/// Bytes that a command's frame may have beside facts, texts and declaration.
const FRAME_MARGIN: usize = 4 * 1024;

/// What came of news, or of an act: for the link, and for the screen.
#[derive(Debug, Default)]
pub struct Step {
    /// For the link.
    pub orders: Vec<Order>,
    /// For the screen.
    pub changes: Vec<Change>,
}

/// Why a command was not even queued.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// A rule says no.
    #[error("{0}")]
    Rejected(Rejection),
    /// A commitment is made while connected, or not at all.
    #[error("this commits you, so it is sent only while connected: connect first")]
    Offline,
    /// One commitment at a time in one room.
    #[error("another commitment of yours is on its way to this room: wait for its answer")]
    Committing,
    /// Nothing certifies this device's key.
    #[error(
        "this device has no certificate yet, so it signs nothing: ask an admin of yours to certify it"
    )]
    Uncertified,
    /// The entry that is answered is not held.
    #[error("entry {0} is not here yet: load it first, so that you sign what you have seen")]
    Unseen(Seq),
    /// Too much waits already.
    #[error("{OUTBOX_MAX} commands wait to be sent already")]
    Full,
    /// It does not fit into one frame.
    #[error("this is too long to be sent at once")]
    TooLong,
    /// The disk said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One account's console.
#[derive(Debug)]
pub struct Console {
    account: Account,
    replica: Replica,
    store: Store,
    state: LinkState,
    connection: Option<u64>,
    ready: bool,
    outbox: BTreeMap<Ticket, Queued>,
    sent: BTreeSet<Ticket>,
    deferred: Deferred,
    question: u64,
}

/// Now, by this machine's clock.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

impl Console {
    /// Opens an account's store and puts back what it held.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open(account: Account) -> Result<Self, StoreError> {
        let store = Store::open(&account.dir)?;
        let saved = store.load()?;
        let mut replica = Replica::new(account.about.server);
        replica.me = saved.me;
        replica.restore_cards(saved.members, saved.orgs);
        for (room, snapshot, read) in saved.rooms {
            replica.restore(room, snapshot, read);
        }
        let mut console = Self {
            account,
            replica,
            store,
            state: LinkState::Connecting,
            connection: None,
            ready: false,
            outbox: BTreeMap::new(),
            sent: BTreeSet::new(),
            deferred: Deferred::default(),
            question: 0,
        };
        for (ticket, queued) in console.store.unanswered()? {
            // What cannot be read here is sent all the same: its bytes are what counts.
            if let Ok(worded) = Command::read(&queued.facts, queued.texts.clone()) {
                console.show(ticket, &queued, worded);
            }
            console.outbox.insert(ticket, queued);
        }
        Ok(console)
    }

    fn show(&mut self, ticket: Ticket, queued: &Queued, worded: Worded<Command>) {
        self.replica.await_entry(Pending {
            ticket,
            room: queued.room,
            command: worded.what,
            texts: worded.texts,
            state: PendingState::Queued,
            at: queued.at,
        });
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The replica.
    #[must_use]
    pub const fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The store: drafts, and messages that are not in memory.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The store, to keep drafts in.
    pub const fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// How the link is.
    #[must_use]
    pub const fn link_state(&self) -> &LinkState {
        &self.state
    }

    /// Whether everything that was missed has come.
    #[must_use]
    pub const fn ready(&self) -> bool {
        self.ready
    }

    /// Commands that are not answered.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.outbox.len()
    }

    /// Takes the link's news in.
    ///
    /// # Errors
    /// What the disk says: then nothing of this was taken in for good, and the console should be opened again.
    pub fn news(&mut self, news: News) -> Result<Step, StoreError> {
        match news {
            News::State(state) => Ok(self.link(state)),
            News::Frame(frame) => self.frame(*frame),
            News::Rotated => Ok(Step::default()),
        }
    }

    fn link(&mut self, state: LinkState) -> Step {
        self.connection = match &state {
            LinkState::Live { connection } => Some(*connection),
            LinkState::Connecting | LinkState::Down { .. } | LinkState::Refused { .. } => None,
        };
        self.ready = false;
        self.sent.clear();
        self.deferred.reconnected();
        self.replica.disconnected();
        self.state = state;
        Step {
            orders: vec![],
            changes: vec![Change::Link],
        }
    }

    fn frame(&mut self, frame: Down) -> Result<Step, StoreError> {
        let Taken {
            changes,
            writes,
            ups,
        } = self.replica.take(frame);
        self.store.commit(&writes)?;
        let mut step = Step {
            orders: ups.into_iter().filter_map(|up| self.order(up)).collect(),
            changes: changes
                .into_iter()
                .filter(|change| !self.put_off(change))
                .collect(),
        };
        let mut send = false;
        for change in &step.changes {
            match change {
                Change::Ready => {
                    self.ready = true;
                    send = true;
                }
                Change::Answered { ticket, .. } => {
                    self.answered(*ticket)?;
                    send = true;
                }
                Change::Me
                | Change::Link
                | Change::Room(_)
                | Change::Gone(_)
                | Change::Cards
                | Change::Presence(_)
                | Change::Page { .. }
                | Change::Found { .. }
                | Change::GoingAway { .. }
                | Change::Refused { .. }
                | Change::Back { .. }
                | Change::Misfit { .. } => {}
            }
        }
        // Who certified this device, or renewed the organisation's keys, said so there.
        let own = Change::Room(RoomId::org(self.account.about.org));
        if self.ready && step.changes.contains(&own) {
            self.learn_chain();
        }
        if step.changes.contains(&Change::Ready) {
            self.learn_chain();
            self.store.flush()?;
            let watched: Vec<RoomId> = self.replica.watched().collect();
            let again = watched
                .into_iter()
                .map(|room| self.replica.watch_again(room));
            let again: Vec<Up> = again.collect();
            step.orders
                .extend(again.into_iter().filter_map(|up| self.order(up)));
        }
        if send {
            step.orders.extend(self.send_outbox());
        }
        Ok(step)
    }

    /// Whether this is the answer that nothing was judged: then the command is pending as before, and no answer is told.
    fn put_off(&mut self, change: &Change) -> bool {
        let Change::Answered { ticket, outcome } = change else {
            return false;
        };
        if !deferred::unavailable(outcome) || !self.outbox.contains_key(ticket) {
            return false;
        }
        self.sent.remove(ticket);
        self.deferred.put_off(ticket.lane, now());
        self.replica.set_pending(*ticket, PendingState::Queued);
        true
    }

    /// When [`Self::again`] has something to send.
    #[must_use]
    pub fn again_at(&self) -> Option<Timestamp> {
        self.deferred.next().filter(|_| self.ready)
    }

    /// Sends what the server could not do and what stood behind it, where the wait for that is over.
    pub fn again(&mut self, now: Timestamp) -> Vec<Order> {
        if self.deferred.end(now) {
            self.send_outbox()
        } else {
            vec![]
        }
    }

    /// Whether the server could not do this when it was asked last, and is to be asked again.
    #[must_use]
    pub fn waits(&self, ticket: Ticket) -> bool {
        self.outbox.contains_key(&ticket) && self.deferred.holds(ticket.lane)
    }

    fn answered(&mut self, ticket: Ticket) -> Result<(), StoreError> {
        self.sent.remove(&ticket);
        self.deferred.judged(ticket.lane);
        if self.outbox.remove(&ticket).is_some() {
            self.store.answered(ticket)?;
        }
        Ok(())
    }

    /// Commands of the outbox that are not sent on this connection, in order, so many that no more than
    /// [`limits::LANE_UNANSWERED_MAX`] of a lane are on their way.
    fn send_outbox(&mut self) -> Vec<Order> {
        if !self.ready {
            return vec![];
        }
        let mut under_way: BTreeMap<_, usize> = BTreeMap::new();
        let mut frames = vec![];
        for (ticket, queued) in &self.outbox {
            let count = under_way.entry(ticket.lane).or_default();
            *count = count.saturating_add(1);
            if *count > limits::LANE_UNANSWERED_MAX || self.deferred.holds(ticket.lane) {
                continue;
            }
            if self.sent.insert(*ticket) {
                frames.push((*ticket, queued.frame(*ticket)));
            }
        }
        frames
            .into_iter()
            .filter_map(|(ticket, frame)| {
                self.replica.set_pending(ticket, PendingState::Sent);
                self.order(frame)
            })
            .collect()
    }

    fn order(&self, frame: Up) -> Option<Order> {
        let connection = self.connection?;
        Some(Order::Send {
            connection,
            frame: Box::new(frame),
        })
    }

    /// Numbers a command, keeps it on disk, shows it, and sends it as soon as there is a connection.
    ///
    /// # Errors
    /// Where a rule says no here already, and for commitments that cannot be made now.
    pub fn submit(
        &mut self,
        room: RoomId,
        command: Worded<Command>,
    ) -> Result<(Ticket, Step), SubmitError> {
        let (mut answers, step) = self.submit_all(vec![(room, command)])?;
        let ticket = answers.pop().unwrap_or(Err(SubmitError::Full))?;
        Ok((ticket, step))
    }

    /// The same for several, kept on disk at one go; one answer for each. Commitments among them are each in a room of
    /// their own, or only the first of a room is taken.
    ///
    /// # Errors
    /// What the disk says: then none is queued.
    pub fn submit_all(
        &mut self,
        commands: Vec<(RoomId, Worded<Command>)>,
    ) -> Result<(Vec<Result<Ticket, SubmitError>>, Step), StoreError> {
        let mut ticket = self.store.next_ticket();
        let (mut answers, mut taken) = (vec![], vec![]);
        for (room, command) in commands {
            let prepared = self.prepare(ticket, room, command, &taken);
            answers.push(prepared.map(|(queued, worded)| {
                let own = ticket;
                ticket.n = ticket.n.saturating_add(1);
                taken.push((own, queued, worded));
                own
            }));
        }
        self.store
            .queue(taken.iter().map(|(_, queued, _)| queued))?;
        let mut step = Step::default();
        for (ticket, queued, worded) in taken {
            step.changes.push(Change::Room(queued.room));
            self.show(ticket, &queued, worded);
            self.outbox.insert(ticket, queued);
        }
        step.orders = self.send_outbox();
        Ok((answers, step))
    }

    fn prepare(
        &self,
        ticket: Ticket,
        room: RoomId,
        command: Worded<Command>,
        before: &[(Ticket, Queued, Worded<Command>)],
    ) -> Result<(Queued, Worded<Command>), SubmitError> {
        let facts = request::facts(&command);
        let worded = Command::read(&facts, command.texts.clone()).map_err(SubmitError::Rejected)?;
        self.replica
            .judge(room, &worded.what, &worded.texts, now())
            .map_err(SubmitError::Rejected)?;
        if self.outbox.len() + before.len() >= OUTBOX_MAX {
            return Err(SubmitError::Full);
        }
        let signed = if worded.what.signed() {
            self.may_commit(room, before)?;
            let subject = self.subject(room, &worded)?;
            let signed = request::sign(&self.account, room, &worded.what, subject, &facts);
            Some(signed.map_err(|error| StoreError::Chance(error.to_string()))?)
        } else {
            None
        };
        let queued = Queued {
            room,
            facts,
            texts: command.texts,
            signed,
            at: now(),
        };
        let length = serde_json::to_string(&queued.frame(ticket)).map_or(0, |text| text.len());
        if length + FRAME_MARGIN > limits::MESSAGE_BYTES_MAX {
            return Err(SubmitError::TooLong);
        }
        Ok((queued, worded))
    }

    fn may_commit(
        &self,
        room: RoomId,
        before: &[(Ticket, Queued, Worded<Command>)],
    ) -> Result<(), SubmitError> {
        if !self.ready {
            return Err(SubmitError::Offline);
        }
        let mut others = self
            .outbox
            .values()
            .chain(before.iter().map(|(_, queued, _)| queued));
        if others.any(|queued| queued.signed.is_some() && queued.room == room) {
            return Err(SubmitError::Committing);
        }
        let room = RoomId::org(self.account.about.org);
        let certified = self.replica.room(room).map(|held| {
            let org = held.room.state.org();
            let device = org.and_then(|org| org.devices.get(&self.account.about.device));
            device.is_some_and(|device| device.certified)
        });
        if self.account.about.chain.is_empty() && certified != Some(true) {
            return Err(SubmitError::Uncertified);
        }
        Ok(())
    }

    /// The hash of the entry that a command answers or replaces.
    fn subject(&self, room: RoomId, worded: &Worded<Command>) -> Result<Hash, SubmitError> {
        let named = worded.what.named(&worded.texts);
        if let Some(matter) = named.answers {
            return Ok(matter);
        }
        let Some(seq) = named.cites else {
            return Ok(Hash::ZERO);
        };
        if seq == Seq::ZERO {
            return Ok(Hash::ZERO);
        }
        let held = self.entry(room, seq)?.map(|entry| entry.hash());
        held.or_else(|| self.replica.stated_hash(room, seq))
            .ok_or(SubmitError::Unseen(seq))
    }

    /// One entry, from memory or disk.
    ///
    /// # Errors
    /// What the disk says.
    pub fn entry(&self, room: RoomId, seq: Seq) -> Result<Option<Arc<Entry>>, StoreError> {
        let held = self.replica.room(room).and_then(|held| held.entry(seq));
        if let Some(logged) = held {
            return Ok(Some(Arc::clone(&logged.entry)));
        }
        Ok(self.store.entry(room, seq)?.map(|logged| logged.entry))
    }

    /// Whoever asked has seen why a command was refused; gives it back for another try.
    pub fn dismiss(&mut self, ticket: Ticket) -> Option<Pending> {
        self.replica.dismiss(ticket)
    }

    /// Loads messages of a room before this one from disk into memory; how many there were.
    ///
    /// # Errors
    /// What the disk says.
    pub fn load(&mut self, room: RoomId, before: Seq, limit: usize) -> Result<usize, StoreError> {
        let logged = self.store.before(room, before, limit)?;
        let count = logged.len();
        self.replica.restore_entries(room, logged);
        Ok(count)
    }

    /// Wants a rule room live; also how a room that is not held is asked for.
    pub fn watch(&mut self, room: RoomId) -> Vec<Order> {
        let up = self.replica.watch(room);
        self.order(up).into_iter().collect()
    }

    /// Wants it live no longer.
    pub fn unwatch(&mut self, room: RoomId) -> Vec<Order> {
        let up = self.replica.unwatch(room);
        self.order(up).into_iter().collect()
    }

    /// Asks for a part of a room's log; [`Change::Page`] with this id answers. `None` while not connected.
    pub fn page(&mut self, room: RoomId, want: Want, limit: u32) -> Option<(u64, Order)> {
        let max = u32::try_from(limits::PAGE_ENTRIES_MAX).unwrap_or(u32::MAX);
        let id = self.next_question();
        let up = Up::Page {
            id,
            room,
            want,
            limit: limit.min(max),
        };
        Some((id, self.order(up)?))
    }

    /// Looks something up; [`Change::Found`] with this id answers. `None` while not connected.
    pub fn find(&mut self, query: Query) -> Option<(u64, Order)> {
        let id = self.next_question();
        Some((id, self.order(Up::Find { id, query })?))
    }

    const fn next_question(&mut self) -> u64 {
        self.question = self.question.saturating_add(1);
        self.question
    }

    /// I have read up to here.
    ///
    /// # Errors
    /// What the disk says.
    pub fn seen(&mut self, room: RoomId, seq: Seq) -> Result<Vec<Order>, StoreError> {
        let Some((up, write)) = self.replica.seen(room, seq) else {
            return Ok(vec![]);
        };
        self.store.commit(&[write])?;
        Ok(self.order(up).into_iter().collect())
    }

    /// I am writing something.
    #[must_use]
    pub fn typing(&self, room: RoomId) -> Option<Order> {
        self.order(Up::Typing { room })
    }
}
