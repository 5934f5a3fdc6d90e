//! What people write, and what of it is accepted.
//!
//! A client runs `clean` before it sends; the server runs `check`, which accepts or refuses and never
//! rewrites: what was signed and hashed is what was written. Nothing that a terminal could mistake for
//! an order, no reader can see, or that turns the direction of a line gets in.
//!
//! `kind` has the rule per kind of text, `allowed` judges single characters where they stand, `clean`
//! repairs, `lookalike` compares names, `handle` and `emoji` are the two closed sorts of short text.

mod allowed;
mod clean;
mod emoji;
mod handle;
mod kind;
mod lookalike;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use clean::clean;
pub use emoji::{Emoji, EmojiError};
pub use handle::{Handle, HandleError};
pub use kind::{TextError, TextKind, TextRule};
pub use lookalike::skeleton;

/// A text that was accepted, by the rule of its kind or by the widest rule when it was read back.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text(String);

impl Text {
    /// Accepts what the widest kind accepts. Where the kind is known, use `TextKind::parse`.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        kind::WIDEST.check(text)?;
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Says how long it is and never what: texts must not reach a log by way of `{:?}`.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} chars)", self.0.chars().count())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        kind::WIDEST.check(&text)?;
        Ok(Self(text))
    }
}
