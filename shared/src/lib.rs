//! Rules.

pub mod limits;
pub mod money;
pub mod text;
pub mod time;
