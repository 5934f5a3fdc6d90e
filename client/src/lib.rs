//! The client of Rialto, without its screens: accounts, the link to the server, the replica, the store, and what of all
//! this can be verified without a server.
//!
//! The order of things: a [`link`] carries frames and proves who is at both ends; a [`replica`] folds the frames into
//! rooms and says what changed; a [`store`] keeps rooms, messages and the outbox on disk; a [`console`] ties these three
//! together without waiting for anything, so that screens and tests drive it alike; a [`client`] drives one for scripts
//! and the command line ([`cli`]). [`request`] makes commands, [`verify`] checks a log's chain and signatures.

pub mod account;
pub mod app;
pub mod cli;
pub mod client;
pub mod console;
#[cfg(feature = "demo")]
pub mod demo;
pub mod link;
pub mod replica;
pub mod store;
pub mod terminal;
pub mod verify;
pub mod view;

pub use account::route;
pub use client::{exchange, request};
#[cfg(test)]
pub(crate) use replica::sample;
