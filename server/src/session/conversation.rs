//! What stands between a socket and a session: frames in, effects out, with no socket and no clock on the session's side.

use crate::frame::Frame;
use rialto_shared::{
    closing::CloseCode,
    id::Hash,
    protocol::Binding,
    time::{Span, Timestamp},
};
use std::{net::IpAddr, sync::Arc};
use tokio::sync::Notify;

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

    /// Waits until it was rung.
    pub async fn rung(&self) {
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
