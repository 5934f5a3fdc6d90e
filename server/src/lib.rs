//! The Rialto server: one binary, one data folder.

pub mod admin;
pub mod config;
pub mod connection;
pub mod frame;
pub mod identity;
pub mod serve;
