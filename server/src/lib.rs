//! The Rialto server.

pub mod bell;
pub mod clock;
pub mod conversation;
pub mod directory;
pub mod frame;
pub mod house;
pub mod import;
pub mod ledger;
pub mod server;
pub mod session;
