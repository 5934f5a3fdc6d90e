//! Values: what a fact is made of, each with one way in that keeps it in bounds.

pub mod country;
pub mod host;
pub mod id;
pub mod industry;
pub mod mail;
pub mod money;
pub mod text;
pub mod time;
