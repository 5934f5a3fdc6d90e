//! The Rialto server: one binary, one data folder.
//!
//! From the outside in: [`connection`] owns sockets, [`session`] speaks for one device and knows no socket, [`ledger`] is the
//! file with its one writer, and [`server`] holds them together. [`notices`] tells members outside the console. [`admin`] is the operator's door, [`import`] the way in for
//! a directory; [`residence`] is what `rialtod serve` runs.

pub mod admin;
pub mod config;
pub mod connection;
pub mod frame;
pub mod house;
pub mod identity;
pub mod import;
pub mod ledger;
pub mod residence;
pub mod server;
pub mod session;

pub use house::{bell, directory};
pub use ledger::clock;
pub use residence::{notices, serve};
pub use session::conversation;
