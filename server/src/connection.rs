//! A server socket: accept, TLS, upgrade and login, each against a deadline, then frames both ways until one side parts.
//!
//! What the frames mean is a [`Conversation`]'s affair, which has no socket and no clock: it is given frames, answers and
//! wake-ups, and returns [`Effect`]s. What carries its submissions to the writer, and what time it is, is the [`Host`]'s.
//! `listener` accepts and drains, `upgrade` reads the one HTTP request, `gauge` counts what the WebSocket library hides,
//! `exchange` is the loop of one connection, `limiter` does all the counting.
//!
//! Only this module names the WebSocket library.

mod exchange;
mod gauge;
pub mod limiter;
mod listener;
mod parting;
mod upgrade;

#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;

pub use listener::{Front, Security, Stop, serve};

use crate::frame::Frame;
use rialto_shared::{
    closing::CloseCode,
    id::Hash,
    protocol::Binding,
    time::{Span, Timestamp},
};
use std::{net::IpAddr, sync::Arc, time::Duration};
use tokio::sync::{Notify, mpsc::UnboundedSender};

/// What a connection carries frames for. Sans-IO: no socket, no clock.
///
/// Whoever has more to say than fits one turn (some hundred KiB) says a part, rings its own [`Wake`] and says the next when
/// [`Conversation::woken`]: so a slow reader costs a cursor and not a queue.
pub trait Conversation: Send + 'static {
    /// Handed to the writer together with the way back for its answer. Each is answered exactly once.
    type Submission: Send;
    /// What the writer sends back.
    type Answer: Send + 'static;

    /// The client sent this.
    fn receive(&mut self, frame: &str, now: Timestamp) -> Vec<Effect<Self::Submission>>;
    /// The writer answered.
    fn answered(&mut self, answer: Self::Answer, now: Timestamp) -> Vec<Effect<Self::Submission>>;
    /// The bell rang, once or more often.
    fn woken(&mut self, now: Timestamp) -> Vec<Effect<Self::Submission>>;
    /// The server stops: the last chance to say so. No more frames are received after this, answers are. The connection
    /// closes by itself when all submissions are answered.
    fn leaving(&mut self, now: Timestamp, retry_after: Span) -> Vec<Effect<Self::Submission>>;
    /// Whether a device has logged in. Once true it stays true.
    fn authenticated(&self) -> bool;
}

/// What a conversation wants done.
#[derive(Debug)]
pub enum Effect<S> {
    /// Send this. All that one turn sends goes out in one flush.
    Send(Frame),
    /// Give this to the writer.
    Submit(S),
    /// Say goodbye; what stands before this is sent first, what stands after it is dropped.
    Close(Closing),
}

/// A goodbye.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Why, for the program.
    pub code: CloseCode,
    /// Why, for the person: at most 123 bytes go out.
    pub words: String,
}

impl Closing {
    /// A goodbye with a reason.
    pub fn new(code: CloseCode, words: impl Into<String>) -> Self {
        Self {
            code,
            words: words.into(),
        }
    }
}

/// Rings one connection: its conversation is then woken. Cheap to clone, may be rung from any thread, says nothing.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Rings. Several rings before the connection gets to it are one.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    async fn rung(&self) {
        self.0.notified().await;
    }
}

/// A connection that came through the upgrade.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Tells connections apart in the log: counts from 1 in one process, and never leaves the server.
    pub number: u64,
    /// What the server's proof of identity is bound to.
    pub binding: Binding,
    /// The server's nonce for this connection: 32 bytes of chance.
    pub nonce: Hash,
    /// From where; behind a proxy, what the proxy says.
    pub peer: IpAddr,
    /// Rings this connection.
    pub wake: Wake,
}

/// Where submissions are answered to.
pub type Answers<C> = UnboundedSender<<C as Conversation>::Answer>;

/// What connections live in: makes their conversations, takes what they submit, tells the time.
pub trait Host: Send + Sync + 'static {
    /// What it makes.
    type Conversation: Conversation;

    /// A conversation for a new connection.
    fn converse(&self, arrival: Arrival) -> Self::Conversation;

    /// Takes a submission, without waiting. Exactly one answer goes to `answers`, also when the submission cannot be taken.
    /// The connection may be gone by then: a failed send means nothing.
    fn submit(
        &self,
        submission: <Self::Conversation as Conversation>::Submission,
        answers: Answers<Self::Conversation>,
    );

    /// The time; never runs backwards.
    fn now(&self) -> Timestamp;
}

/// The bounds of connections. Each has a key under `[limits]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections in all.
    pub connections: u32,
    /// Connections that have not logged in yet; those that have keep their places whatever comes.
    pub unauthenticated: u32,
    /// Connections from one address (IPv6: one /64) that have not logged in yet. An office behind one address is not
    /// bounded by this once its people are in.
    pub per_address: u32,
    /// For TLS, and again for the HTTP request.
    pub handshake: Duration,
    /// From the upgrade to the login.
    pub login: Duration,
    /// Silence after which a connection is dead; it is pinged before that.
    pub idle: Duration,
    /// For the client to take one frame that is sent to it.
    pub write: Duration,
    /// Frames a second that a client may send on average; whoever sends more is read later.
    pub frames_per_second: u32,
    /// Frames that it may send at once.
    pub burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            unauthenticated: 256,
            per_address: 16,
            handshake: Duration::from_secs(5),
            login: Duration::from_secs(10),
            idle: Duration::from_secs(45),
            write: Duration::from_secs(30),
            frames_per_second: 20,
            burst: 60,
        }
    }
}
