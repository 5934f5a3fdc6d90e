//! The console driven by keys and frames: a state, keys, and what the screen then says.

pub(crate) mod stage;

mod events;
mod forms;
mod hostile;
mod journeys;
mod opening;
mod readers;
mod tour;
pub(crate) mod work;
