//! The console driven by keys and frames: a state, keys, and what the screen then says.

pub(crate) mod stage;

mod hostile;
mod journeys;
pub(crate) mod work;
