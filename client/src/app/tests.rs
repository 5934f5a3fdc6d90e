//! The console driven by keys and frames: a state, keys, and what the screen then says.

pub(crate) mod stage;

mod forms;
mod hostile;
mod journeys;
mod tour;
pub(crate) mod work;
