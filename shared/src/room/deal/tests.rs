//! Deals as whole stories and as random histories, on a small world that runs rooms as the server would.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test that goes wrong is to stop there"
)]

mod commands;
mod endings;
mod hands;
mod histories;
mod imports;
mod invitations;
mod policies;
mod presences;
mod stories;
mod world;
