//! The Rialto server.

pub mod bell;
pub mod clock;
pub mod frame;
pub mod ledger;
