//! Deals and referrals as tables: out of the console for whatever reads CSV or JSON, and into it from another system's
//! export.
//!
//! [`record`] names the columns and fills them; [`cell`] keeps a spreadsheet from taking a cell for a formula, and takes
//! that back on reading; [`table`] reads a foreign file by a [`mapping`] of its columns and values, with [`date`] for days
//! as people write them; [`reconcile`] says what one row lacks here, command by command; [`run`] does so for many rows at a
//! time. A row is known by its external reference, so running the same again changes nothing, also after being cut off.

pub mod cell;
pub mod date;
pub mod mapping;
pub mod reconcile;
pub mod record;
pub mod run;
pub mod table;
