//! A frame that goes down: text, made once and shared by every connection that sends it.

use std::sync::Arc;

/// The JSON of one frame. Cloning it copies nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame(Arc<str>);

impl Frame {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Frame {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A frame holds bodies: its length is all that a log may say.
        write!(f, "Frame({} bytes)", self.0.len())
    }
}
