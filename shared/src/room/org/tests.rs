//! Stories of organisations that ask each other to connect, told through whole rooms.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a story looks for one kind of thing among all"
)]

mod connecting;
mod devices;
mod histories;
pub(crate) mod host;
mod renewals;
mod successors;
