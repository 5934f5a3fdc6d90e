//! The rules of Rialto: pure, the same in the server, in a client's replica and in the tests.
//!
//! Nothing here reads a clock, draws chance, does I/O or waits; time, chance and identity are arguments. A room is a small
//! state machine ([`room`]): [`room::decide`] judges a [`command`] on a case and answers with [`event`]s or a
//! [`rejection`]; [`room::apply`] folds [`entry`] after entry into the room; [`timeline`] folds what later entries did to
//! an earlier message. Who may read is an [`audience`]; who committed to what is a [`statement`].

pub mod ask;
pub mod audience;
pub mod command;
pub mod entry;
pub mod event;
pub mod limits;
pub mod protocol;
pub mod rejection;
pub mod room;
pub mod standing;
pub mod statement;
pub mod timeline;
pub mod value;

pub use protocol::{closing, schema};
pub use value::{country, host, id, industry, mail, money, text, time};
