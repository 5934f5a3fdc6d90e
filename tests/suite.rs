//! Rialto's suites: one test binary over the real server and the real client.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    clippy::needless_pass_by_value,
    unreachable_pub,
    reason = "tests say what they expect and stop where it is not so"
)]

mod conversation;
mod crash;
mod golden;
mod import;
mod journeys;
mod kills;
mod matrix;
mod privacy;
mod rules;
mod sockets;
mod tidy;
mod town;
mod world;
