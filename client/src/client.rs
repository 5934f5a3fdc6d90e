//! A client without a screen: a console and its link, driven by whoever awaits an answer. For scripts, the command line
//! and tests.

pub mod exchange;
pub mod request;

use crate::{
    account::Account,
    console::{Console, Step, SubmitError, now},
    link::{Link, LinkState, News, Order},
    replica::{Change, Ticket},
    store::StoreError,
};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    id::RoomId,
    protocol::{Hit, Outcome, Query, Want},
    rejection::Refusal,
    time::Timestamp,
};
use std::time::Duration;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

/// Longest wait for one answer.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The disk said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The command was not even queued.
    #[error(transparent)]
    Submit(SubmitError),
    /// There is no connection.
    #[error("not connected: {0}")]
    Offline(String),
    /// The server does not let this device in, and coming back changes nothing.
    #[error(
        "the server does not let this device in: it was revoked, or you or your organisation were suspended or removed"
    )]
    ShutOut,
    /// There was no answer in time.
    #[error("no answer in time")]
    Late,
    /// The server could not do it, nor when it was asked again. The command stays in the outbox.
    #[error("the server cannot do this now; it is sent again at the next occasion")]
    Unavailable,
    /// The server's no.
    #[error("{}", .0.words)]
    Refused(Refusal),
}

/// A command became durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Its number.
    pub ticket: Ticket,
    /// The room that judged it.
    pub room: RoomId,
    /// Its first entry there.
    pub from: Seq,
    /// Its last entry there.
    pub to: Seq,
    /// When.
    pub at: Timestamp,
}

/// A part of a room's log, now in the replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The positions that came.
    pub seqs: Vec<Seq>,
    /// Whether there is more in that direction.
    pub more: bool,
}

/// A console with its link.
#[derive(Debug)]
pub struct Client {
    console: Console,
    link: Link,
    news: mpsc::Receiver<News>,
}

impl Client {
    /// Connects, and waits until everything that was missed has come.
    ///
    /// # Errors
    /// `Offline` saying why, at the first attempt that fails.
    pub async fn connect(account: Account) -> Result<Self, ClientError> {
        let mut client = Self::start(account)?;
        client
            .wait_for(ANSWER_TIMEOUT, |console, _| console.ready().then_some(()))
            .await?;
        Ok(client)
    }

    /// Starts connecting and waits for nothing.
    ///
    /// # Errors
    /// What the disk says.
    pub fn start(account: Account) -> Result<Self, ClientError> {
        let console = Console::open(account)?;
        let (link, news) = Link::start(console.account());
        Ok(Self {
            console,
            link,
            news,
        })
    }

    /// The console.
    #[must_use]
    pub const fn console(&self) -> &Console {
        &self.console
    }

    /// The console, to load messages and keep drafts.
    pub const fn console_mut(&mut self) -> &mut Console {
        &mut self.console
    }

    /// Tells the link these.
    pub fn obey(&self, orders: impl IntoIterator<Item = Order>) {
        for order in orders {
            // A link that takes no more reconnects, and is then told all that counts again.
            if self.link.order(order).is_err() {
                return;
            }
        }
    }

    /// Waits for the next thing to happen and takes it in; what the server could not do is sent again in its time.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn turn(&mut self) -> Result<Vec<Change>, ClientError> {
        let news = match self.console.again_at() {
            None => self.news.recv().await,
            Some(at) => {
                let wait = at.as_millis().saturating_sub(now().as_millis());
                let wait = Duration::from_millis(u64::try_from(wait).unwrap_or_default());
                let Ok(news) = timeout(wait, self.news.recv()).await else {
                    let orders = self.console.again(at);
                    self.obey(orders);
                    return Ok(vec![]);
                };
                news
            }
        };
        let Some(news) = news else {
            return Err(ClientError::Offline("the link has ended".to_owned()));
        };
        let Step { orders, changes } = self.console.news(news)?;
        self.obey(orders);
        Ok(changes)
    }

    /// Takes in what happens until this finds what it looks for.
    ///
    /// # Errors
    /// `Late` after this long; `Offline` as soon as the link goes down, `ShutOut` where that is for good.
    pub async fn wait_for<T>(
        &mut self,
        within: Duration,
        mut found: impl FnMut(&Console, &Change) -> Option<T>,
    ) -> Result<T, ClientError> {
        let until = Instant::now() + within;
        loop {
            let changes = timeout_at(until, self.turn())
                .await
                .map_err(|_| ClientError::Late)??;
            for change in &changes {
                if let Some(found) = found(&self.console, change) {
                    return Ok(found);
                }
                if let (Change::Link, Some(why)) = (change, self.down()) {
                    return Err(why);
                }
            }
        }
    }

    /// Why there is no connection, if there is none.
    fn down(&self) -> Option<ClientError> {
        match self.console.link_state() {
            LinkState::Connecting | LinkState::Live { .. } => None,
            LinkState::Refused { shut: true, .. } => Some(ClientError::ShutOut),
            LinkState::Down { why, .. } | LinkState::Refused { why, shut: false } => {
                Some(ClientError::Offline(why.clone()))
            }
        }
    }

    /// Sends a command and waits for its answer. Where none comes within [`ANSWER_TIMEOUT`], or only that the server cannot
    /// now, it stays in the outbox and is sent again.
    ///
    /// # Errors
    /// `Submit` where it was not queued, `Refused` where the server says no.
    pub async fn submit(
        &mut self,
        room: RoomId,
        command: Worded<Command>,
    ) -> Result<Receipt, ClientError> {
        let (ticket, step) = self
            .console
            .submit(room, command)
            .map_err(ClientError::Submit)?;
        self.obey(step.orders);
        self.receipt(ticket).await
    }

    /// Waits for the answer to a command.
    ///
    /// # Errors
    /// See [`Self::submit`].
    pub async fn receipt(&mut self, ticket: Ticket) -> Result<Receipt, ClientError> {
        let answer = self
            .wait_for(ANSWER_TIMEOUT, |_, change| {
                answer_to(ticket, change).cloned()
            })
            .await;
        if matches!(answer, Err(ClientError::Late)) && self.console.waits(ticket) {
            return Err(ClientError::Unavailable);
        }
        match answer? {
            Outcome::Accepted { room, from, to, at } => Ok(Receipt {
                ticket,
                room,
                from,
                to,
                at,
            }),
            Outcome::Refused(refusal) => {
                drop(self.console.dismiss(ticket));
                Err(ClientError::Refused(refusal))
            }
        }
    }

    /// Has a room here, with its newest messages: watches it where a rule admits to it.
    ///
    /// # Errors
    /// `Refused` where it cannot be read.
    pub async fn open(&mut self, room: RoomId, limit: u32) -> Result<(), ClientError> {
        let orders = self.console.watch(room);
        self.obey(orders);
        if self.console.replica().room(room).is_none() {
            let here = self
                .wait_for(ANSWER_TIMEOUT, |console, change| {
                    let held = console.replica().room(room).map(|_| Ok(()));
                    held.or_else(|| refused(change, None, room).map(Err))
                })
                .await?;
            here.map_err(ClientError::Refused)?;
        }
        if limit > 0 {
            self.page(room, Want::Before(Seq::ZERO), limit).await?;
        }
        Ok(())
    }

    /// Asks for a part of a room's log and waits for it.
    ///
    /// # Errors
    /// `Refused` where it cannot be read.
    pub async fn page(
        &mut self,
        room: RoomId,
        want: Want,
        limit: u32,
    ) -> Result<Page, ClientError> {
        let (asked, order) = self.console.page(room, want, limit).ok_or_else(offline)?;
        self.obey([order]);
        let page = self
            .wait_for(ANSWER_TIMEOUT, |_, change| {
                if let Change::Page { id, seqs, more, .. } = change
                    && *id == asked
                {
                    let (seqs, more) = (seqs.clone(), *more);
                    return Some(Ok(Page { seqs, more }));
                }
                refused(change, Some(asked), room).map(Err)
            })
            .await?;
        page.map_err(ClientError::Refused)
    }

    /// I have read up to here.
    ///
    /// # Errors
    /// What the disk says.
    pub fn seen(&mut self, room: RoomId, seq: Seq) -> Result<(), ClientError> {
        let orders = self.console.seen(room, seq)?;
        self.obey(orders);
        Ok(())
    }

    /// Looks something up and waits for the answer.
    ///
    /// # Errors
    /// `Refused`.
    pub async fn find(&mut self, query: Query) -> Result<(Vec<Hit>, u32), ClientError> {
        let (asked, order) = self.console.find(query).ok_or_else(offline)?;
        self.obey([order]);
        let found = self
            .wait_for(ANSWER_TIMEOUT, |_, change| {
                if let Change::Found { id, hits, total } = change
                    && *id == asked
                {
                    return Some(Ok((hits.clone(), *total)));
                }
                let Change::Refused { id, refusal, .. } = change else {
                    return None;
                };
                (*id == Some(asked)).then(|| Err(refusal.clone()))
            })
            .await?;
        found.map_err(ClientError::Refused)
    }

    /// Ends the connection, with everything on disk.
    ///
    /// # Errors
    /// What the disk says.
    pub fn close(mut self) -> Result<(), ClientError> {
        self.obey([Order::Stop]);
        self.console.store_mut().flush()?;
        Ok(())
    }
}

fn answer_to(ticket: Ticket, change: &Change) -> Option<&Outcome> {
    let Change::Answered {
        ticket: other,
        outcome,
    } = change
    else {
        return None;
    };
    (*other == ticket).then_some(outcome)
}

/// Why the room, or this question about it, is refused, if that is what the change says.
fn refused(change: &Change, asked: Option<u64>, room: RoomId) -> Option<Refusal> {
    if let Change::Refused { id, refusal, .. } = change
        && *id == asked
    {
        return Some(refusal.clone());
    }
    matches!(change, Change::Gone(of) if *of == room).then(absent)
}

fn offline() -> ClientError {
    ClientError::Offline("there is no connection".to_owned())
}

fn absent() -> Refusal {
    Refusal::from(&rialto_shared::rejection::Rejection::NoSuchRoom)
}
