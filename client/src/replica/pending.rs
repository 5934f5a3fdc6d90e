//! Commands on their way: shown dimmed until their entry arrives, and with the reason where they were refused.

use super::Replica;
use rialto_shared::{
    command::Command,
    entry::{SaltedText, Seq},
    id::{LaneId, RoomId},
    rejection::Refusal,
    time::Timestamp,
};

/// The number under which a command is sent, however often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    /// The outbox.
    pub lane: LaneId,
    /// The number in it.
    pub n: u64,
}

/// How far a command is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PendingState {
    /// On disk, not sent on this connection.
    Queued,
    /// Sent, not answered.
    Sent,
    /// Durable; its entries are on their way.
    Accepted {
        /// Where.
        room: RoomId,
        /// The last of its entries.
        to: Seq,
    },
    /// Refused, and nothing happened. It stays until it is dismissed.
    Refused(Refusal),
}

/// A command on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its number.
    pub ticket: Ticket,
    /// The room that judges it.
    pub room: RoomId,
    /// What is asked.
    pub command: Command,
    /// Its texts.
    pub texts: Vec<SaltedText>,
    /// How far it is.
    pub state: PendingState,
    /// Since when.
    pub at: Timestamp,
}

impl Replica {
    /// Commands on their way, oldest first.
    pub fn pending(&self) -> impl Iterator<Item = &Pending> {
        self.pending.values()
    }

    /// One command on its way.
    #[must_use]
    pub fn pending_of(&self, ticket: Ticket) -> Option<&Pending> {
        self.pending.get(&ticket)
    }

    /// Shows a command until its entry arrives.
    pub fn await_entry(&mut self, pending: Pending) {
        self.pending.insert(pending.ticket, pending);
    }

    /// Says how far a command is.
    pub fn set_pending(&mut self, ticket: Ticket, state: PendingState) {
        if let Some(pending) = self.pending.get_mut(&ticket) {
            pending.state = state;
        }
    }

    /// Whoever asked has seen the refusal.
    pub fn dismiss(&mut self, ticket: Ticket) -> Option<Pending> {
        match self.pending.get(&ticket)?.state {
            PendingState::Refused(_) => self.pending.remove(&ticket),
            PendingState::Queued | PendingState::Sent | PendingState::Accepted { .. } => None,
        }
    }

    /// The connection is gone: what was sent is queued again.
    pub fn disconnected(&mut self) {
        for pending in self.pending.values_mut() {
            if pending.state == PendingState::Sent {
                pending.state = PendingState::Queued;
            }
        }
    }
}
