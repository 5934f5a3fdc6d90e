//! A server socket: accept, TLS, upgrade and login, each against a deadline, then frames both ways until one side parts.
//!
//! What the frames mean is a [`Conversation`]'s affair, which has no socket and no clock: it is given frames, answers and
//! wake-ups, and returns [`Effect`]s. What carries its submissions to the writer, and what time it is, is the [`Host`]'s.
//! `listener` accepts and drains, `upgrade` reads the one HTTP request, `page` is what a browser gets, `gauge` counts what the WebSocket library hides,
//! `exchange` is the loop of one connection, `limiter` does all the counting.
//!
//! Only this module names the WebSocket library.

mod exchange;
mod gauge;
pub mod limiter;
mod listener;
mod page;
mod parting;
mod upgrade;

#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;

pub use listener::{Front, Security, Stop, serve};
pub use page::{Page, Sign};

pub use crate::conversation::{Arrival, Closing, Conversation, Effect, Wake};

use rialto_shared::time::Timestamp;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

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
