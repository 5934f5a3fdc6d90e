//! Notices: members are told outside the console of what waits for them, by mail and by the operator's own program.
//!
//! What is told is found in the log (`sources`), kept in a file of its own ([`crate::ledger::queue`]) until it is due, and
//! told if its reason still stands then (`reasons`), in words that hold nothing but kinds, times and ids ([`letter`]). The
//! `clerk` does this on a thread of its own (`dispatch`): the writer only nudges it.
//!
//! A new reason that something stands in an Inbox is a notice as soon as `What::class` says of which class it is, and
//! `letter` how it is said: both are matches that the compiler asks for.

mod carrier;
mod clerk;
mod dispatch;
mod hook;
pub mod letter;
pub mod mail;
mod reasons;
mod sources;

pub use carrier::{Carrier, Carriers, Undelivered};
pub use clerk::{Clerk, Fortune};
pub use dispatch::{Desk, Dispatch, NoticesReport, Nudge, QUEUE_FILE};
pub use hook::Hook;
