//! The Rialto server: one binary, one data folder.

pub mod connection;
pub mod frame;
