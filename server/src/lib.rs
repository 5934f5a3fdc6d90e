//! The Rialto server: one binary, one data folder.

pub mod config;
pub mod connection;
pub mod frame;
pub mod identity;
