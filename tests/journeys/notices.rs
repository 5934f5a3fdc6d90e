//! Notices: who is told of what outside the console, when, and what is in it; whatever the mail server does, and whatever
//! happens in rooms that they are not in.

pub(crate) mod office;
mod privacy;
mod reasons;
pub(crate) mod sink;
mod story;
mod troubles;
