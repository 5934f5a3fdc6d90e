//! Many rows at a time: each goes from step to step, and as many commands are on their way as a lane allows. What the rows
//! came to is counted once each, so that the report adds up.

use super::{
    reconcile::{Index, Setting, Step, next},
    table::{Fault, Wanted},
};
use crate::{
    client::{Client, ClientError},
    console::SubmitError,
    link::LinkState,
    replica::{Change, Ticket},
    request,
};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    id::RoomId,
    limits,
    protocol::Outcome,
    rejection::Refusal,
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};
use tokio::time::timeout;

/// Longest wait for anything to happen while commands are on their way.
const STILL_MAX: Duration = Duration::from_secs(60);
/// How often a row may be overtaken by somebody else's change before it is given up.
const TRIES_MAX: u32 = 5;

/// What a row came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// A deal was opened.
    Created(RoomId),
    /// A deal was changed.
    Updated(RoomId),
    /// The deal was as the row says.
    Unchanged(RoomId),
    /// The row cannot be, or not wholly.
    Refused(Fault),
}

/// What would be done, as far as can be told without doing it. A deal that is not here is named by nothing.
#[must_use]
pub fn forecast(client: &Client, wanted: &[Wanted], setting: &Setting) -> Vec<Came> {
    let replica = client.console().replica();
    let index = Index::of(replica);
    let come = |row: &Wanted| match next(replica, &index, row, setting) {
        Step::Done(room) => Came::Unchanged(room),
        Step::Refuse(fault) => Came::Refused(fault),
        Step::Send(room, _, _) if index.deal(&row.reference).is_some() => Came::Updated(room),
        Step::Send(room, _, _) => Came::Created(room),
    };
    wanted.iter().map(come).collect()
}

/// What a row waits for.
#[derive(Debug, Clone, Copy)]
enum Awaited {
    /// Its deal, which is open.
    Deal,
    /// Somebody's deal of the same reference.
    Reference,
    /// This entry.
    Entry(RoomId, Seq),
}

#[derive(Debug, Default, Clone)]
struct Progress {
    opened: bool,
    changed: bool,
    tries: u32,
    came: Option<Came>,
}

struct Run<'a> {
    client: &'a mut Client,
    wanted: &'a [Wanted],
    setting: &'a Setting,
    window: usize,
    index: Index,
    rows: Vec<Progress>,
    ready: VecDeque<usize>,
    sent: BTreeMap<Ticket, usize>,
    waiting: BTreeMap<usize, Awaited>,
}

/// Has every row's deal here as it says, `window` commands at a time; tells how many rows are done.
///
/// # Errors
/// Where the connection or the disk fails: what was done is done, and the same run again goes on from there.
pub async fn run(
    client: &mut Client,
    wanted: &[Wanted],
    setting: &Setting,
    window: usize,
    told: &mut (dyn FnMut(usize) + Send),
) -> Result<Vec<Came>, ClientError> {
    // What an earlier run left behind comes first: it may hold some of these rows.
    while client.console().unanswered() > 0 {
        turn(client).await?;
    }
    let mut run = Run {
        index: Index::of(client.console().replica()),
        client,
        wanted,
        setting,
        window: window.clamp(1, limits::LANE_UNANSWERED_MAX),
        rows: vec![Progress::default(); wanted.len()],
        ready: (0..wanted.len()).collect(),
        sent: BTreeMap::new(),
        waiting: BTreeMap::new(),
    };
    let mut done = 0;
    loop {
        done += run.send()?;
        told(done);
        if run.sent.is_empty() && run.waiting.is_empty() && run.ready.is_empty() {
            break;
        }
        let changes = turn(run.client).await?;
        done += run.hear(changes);
        run.arrived();
    }
    let lost = || Came::Refused(Fault::new("row", "nothing came of it", "the same again"));
    let came = |row: Progress| row.came.unwrap_or_else(lost);
    Ok(run.rows.into_iter().map(came).collect())
}

async fn turn(client: &mut Client) -> Result<Vec<Change>, ClientError> {
    let changes = timeout(STILL_MAX, client.turn())
        .await
        .map_err(|_| ClientError::Late)??;
    match client.console().link_state() {
        LinkState::Down { why, .. } | LinkState::Refused { why, .. } => {
            Err(ClientError::Offline(why.clone()))
        }
        LinkState::Connecting | LinkState::Live { .. } => Ok(changes),
    }
}

impl Run<'_> {
    /// Sends what may go; how many rows are settled by having nothing left to send.
    fn send(&mut self) -> Result<usize, ClientError> {
        let mut settled = 0;
        let mut batch: Vec<(usize, RoomId, Worded<Command>)> = vec![];
        while self.sent.len() + self.waiting.len() + batch.len() < self.window
            && let Some(place) = self.ready.pop_front()
        {
            match self.step(place) {
                Ok(Some((room, worded))) => batch.push((place, room, worded)),
                Ok(None) => settled += 1,
                Err(fault) => {
                    self.refuse(place, fault);
                    settled += 1;
                }
            }
        }
        if batch.is_empty() {
            return Ok(settled);
        }
        let places: Vec<usize> = batch.iter().map(|(place, _, _)| *place).collect();
        let commands = batch.into_iter().map(|(_, room, worded)| (room, worded));
        let (answers, step) = self
            .client
            .console_mut()
            .submit_all(commands.collect())
            .map_err(ClientError::Store)?;
        self.client.obey(step.orders);
        for (place, answer) in places.into_iter().zip(answers) {
            match answer {
                Ok(ticket) => {
                    self.sent.insert(ticket, place);
                }
                Err(SubmitError::Rejected(rejection)) => {
                    self.refuse(place, said(&Refusal::from(&rejection)));
                    settled += 1;
                }
                Err(error) => return Err(ClientError::Submit(error)),
            }
        }
        Ok(settled)
    }

    /// The next command of a row; none where it is done.
    fn step(&mut self, place: usize) -> Result<Option<(RoomId, Worded<Command>)>, Fault> {
        let (Some(wanted), Some(row)) = (self.wanted.get(place), self.rows.get_mut(place)) else {
            return Ok(None);
        };
        let replica = self.client.console().replica();
        match next(replica, &self.index, wanted, self.setting) {
            Step::Send(room, command, texts) => {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let worded = request::worded(command, &texts);
                let worded = worded.map_err(|error| {
                    Fault::new("row", error.to_string(), "a text that can be kept")
                })?;
                Ok(Some((room, worded)))
            }
            Step::Done(room) => {
                row.came = Some(match (row.opened, row.changed) {
                    (true, _) => Came::Created(room),
                    (false, true) => Came::Updated(room),
                    (false, false) => Came::Unchanged(room),
                });
                Ok(None)
            }
            Step::Refuse(fault) => Err(fault),
        }
    }

    fn refuse(&mut self, place: usize, mut fault: Fault) {
        let Some(row) = self.rows.get_mut(place) else {
            return;
        };
        if row.opened || row.changed {
            fault.wrong.push_str(" (what comes before it is done)");
        }
        row.came = Some(Came::Refused(fault));
    }

    /// Takes answers and rooms in; how many rows are settled by a refusal.
    fn hear(&mut self, changes: Vec<Change>) -> usize {
        let mut settled = 0;
        for change in changes {
            match change {
                Change::Room(room) => self.index.take(self.client.console().replica(), room),
                Change::Answered { ticket, outcome } => {
                    if let Some(place) = self.sent.remove(&ticket) {
                        settled += usize::from(self.answered(place, ticket, &outcome));
                    }
                }
                Change::Link
                | Change::Me
                | Change::Ready
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
        settled
    }

    /// Whether the row is settled by this answer.
    fn answered(&mut self, place: usize, ticket: Ticket, outcome: &Outcome) -> bool {
        let Some(row) = self.rows.get_mut(place) else {
            return false;
        };
        match outcome {
            Outcome::Accepted { room, to, .. } => {
                let opens = *room == RoomId::inbox(self.setting.me);
                row.opened |= opens;
                row.changed |= !opens;
                let awaited = if opens {
                    Awaited::Deal
                } else {
                    Awaited::Entry(*room, *to)
                };
                self.waiting.insert(place, awaited);
                false
            }
            Outcome::Refused(refusal) => {
                drop(self.client.console_mut().dismiss(ticket));
                row.tries = row.tries.saturating_add(1);
                let again = row.tries < TRIES_MAX;
                match refusal.code.as_str() {
                    // Another device was first: its deal is this row's.
                    "taken" if again => {
                        self.waiting.insert(place, Awaited::Reference);
                        false
                    }
                    "stale" | "unavailable" if again => {
                        self.ready.push_back(place);
                        false
                    }
                    _ => {
                        self.refuse(place, said(refusal));
                        true
                    }
                }
            }
        }
    }

    /// Rows whose entries are here go on.
    fn arrived(&mut self) {
        let replica = self.client.console().replica();
        let here = |place: usize, awaited: Awaited| match awaited {
            Awaited::Entry(room, seq) => replica
                .room(room)
                .is_none_or(|held| held.room.head.seq >= seq || held.closed),
            Awaited::Deal | Awaited::Reference => {
                let reference = self.wanted.get(place).map(|row| row.reference.as_str());
                let deal = reference.and_then(|reference| self.index.deal(reference));
                let any = matches!(awaited, Awaited::Reference);
                deal.is_some_and(|deal| any || replica.room(deal).is_some())
            }
        };
        let come: Vec<usize> = self
            .waiting
            .iter()
            .filter(|(place, awaited)| here(**place, **awaited))
            .map(|(place, _)| *place)
            .collect();
        for place in come {
            self.waiting.remove(&place);
            // Begun rows go first: what is half done is done before anything new.
            self.ready.push_front(place);
        }
    }
}

fn said(refusal: &Refusal) -> Fault {
    let field = if refusal.field.is_empty() {
        "row"
    } else {
        &refusal.field
    };
    Fault::new(field, refusal.words.clone(), "what the rule allows")
}
