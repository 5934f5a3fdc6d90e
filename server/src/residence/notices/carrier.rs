//! The ways by which members are told, as the clerk sees them: mail, and the operator's program.

use super::{hook::Hook, letter::Letter, mail::Mailer};
use crate::ledger::queue::Way;

/// Why a letter was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// Nobody is there: other letters would fare alike.
    #[error("{0}")]
    Unreachable(String),
    /// Not now.
    #[error("{0}")]
    Later(String),
    /// Not this one; tried again, more seldom, for what is set wrong is set right.
    #[error("{0}")]
    Refused(String),
}

/// What takes letters.
pub trait Carrier: Send + Sync {
    /// Whether this way is there at all.
    fn has(&self, way: Way) -> bool;

    /// Hands a letter over: done when the other side has said that it has it.
    fn carry(
        &self,
        way: Way,
        letter: &Letter,
    ) -> impl Future<Output = Result<(), Undelivered>> + Send;
}

/// The ways as they are configured.
#[derive(Debug, Default)]
pub struct Carriers {
    /// By mail.
    pub mail: Option<Mailer>,
    /// By the operator's program.
    pub hook: Option<Hook>,
}

impl Carriers {
    /// Whether there is any.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.mail.is_some() || self.hook.is_some()
    }
}

impl Carrier for Carriers {
    fn has(&self, way: Way) -> bool {
        match way {
            Way::Mail => self.mail.is_some(),
            Way::Hook => self.hook.is_some(),
        }
    }

    async fn carry(&self, way: Way, letter: &Letter) -> Result<(), Undelivered> {
        match (way, &self.mail, &self.hook) {
            (Way::Mail, Some(mailer), _) => {
                let message = letter
                    .mail(mailer.sender())
                    .map_err(|error| Undelivered::Refused(error.to_string()))?;
                match message {
                    Some(message) => mailer.send(message).await,
                    None => Ok(()),
                }
            }
            (Way::Hook, _, Some(hook)) => hook.run(&letter.json()).await,
            (Way::Mail, None, _) | (Way::Hook, _, None) => Ok(()),
        }
    }
}

impl<C: Carrier> Carrier for std::sync::Arc<C> {
    fn has(&self, way: Way) -> bool {
        self.as_ref().has(way)
    }

    fn carry(
        &self,
        way: Way,
        letter: &Letter,
    ) -> impl Future<Output = Result<(), Undelivered>> + Send {
        self.as_ref().carry(way, letter)
    }
}
