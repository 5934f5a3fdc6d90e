//! How the command line ends: the codes that scripts go by, and why.

use crate::{
    account::AccountError,
    client::ClientError,
    console::SubmitError,
    link::{JoinError, LinkError},
    replica::{Candidate, Unresolved},
    request::RequestError,
    route::ProxyError,
    store::StoreError,
    verify::Broken,
};
use rialto_shared::rejection::Rejection;

/// The exit codes. They are documented in `rialto --help` and do not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Ok,
    /// 1: something failed here.
    Failure,
    /// 2: the command line makes no sense, or a name in it means nothing or too much.
    Usage,
    /// 3: there is no connection, or the server cannot now; what was queued is sent later.
    NotConnected,
    /// 4: a rule said no, and nothing happened: the command is refused, or this device is not let in.
    Refused,
    /// 5: a proof does not hold.
    NoProof,
}

impl Exit {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::NotConnected => 3,
            Self::Refused => 4,
            Self::NoProof => 5,
        }
    }
}

/// Why it did not work, or, with [`Exit::Ok`], why it ended early without failing.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) code: String,
    pub(super) words: String,
    pub(super) candidates: Vec<Candidate>,
}

impl Failure {
    pub(super) fn new(exit: Exit, words: impl Into<String>) -> Self {
        Self {
            exit,
            code: String::new(),
            words: words.into(),
            candidates: vec![],
        }
    }

    pub(super) fn refused(code: &str, words: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            ..Self::new(Exit::Refused, words)
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Store(error) => error.into(),
            ClientError::Submit(error) => error.into(),
            ClientError::Offline(_) | ClientError::Late => {
                Self::new(Exit::NotConnected, error.to_string())
            }
            ClientError::Unavailable => Self {
                code: Rejection::Unavailable.code().to_owned(),
                ..Self::new(Exit::NotConnected, error.to_string())
            },
            ClientError::ShutOut => Self::refused("", error.to_string()),
            ClientError::Refused(refusal) => Self::refused(&refusal.code, refusal.words),
        }
    }
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(rejection) => {
                Self::refused(rejection.code(), rejection.to_string())
            }
            SubmitError::Offline => Self::new(Exit::NotConnected, error.to_string()),
            SubmitError::Committing | SubmitError::Uncertified | SubmitError::Unseen(_) => {
                Self::refused("", error.to_string())
            }
            SubmitError::Full | SubmitError::TooLong => Self::new(Exit::Failure, error.to_string()),
            SubmitError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(Exit::Failure, error.to_string())
    }
}

impl From<ProxyError> for Failure {
    fn from(error: ProxyError) -> Self {
        Self::new(Exit::Usage, error.to_string())
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        let exit = match error {
            AccountError::None
            | AccountError::Several(_)
            | AccountError::Unknown { .. }
            | AccountError::Name
            | AccountError::Exists(_) => Exit::Usage,
            AccountError::NoHome
            | AccountError::Wide { .. }
            | AccountError::Malformed { .. }
            | AccountError::Io { .. }
            | AccountError::Chance(_) => Exit::Failure,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Account(error) => error.into(),
            RequestError::Text { .. } | RequestError::Texts { .. } => {
                Self::new(Exit::Usage, error.to_string())
            }
            RequestError::NoCertifier => Self::refused("", error.to_string()),
        }
    }
}

impl From<JoinError> for Failure {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::Refused(refusal) => Self::refused(&refusal.code, refusal.words),
            JoinError::Link(LinkError::Distrust(distrust)) => {
                Self::new(Exit::NoProof, distrust.to_string())
            }
            JoinError::Link(LinkError::Refused(refusal)) => {
                Self::refused(&refusal.code, refusal.words)
            }
            JoinError::Link(error) => Self::new(Exit::NotConnected, error.to_string()),
        }
    }
}

impl From<Unresolved> for Failure {
    fn from(error: Unresolved) -> Self {
        let words = error.to_string();
        let candidates = match error {
            Unresolved::Several { candidates, .. } => candidates,
            Unresolved::Nothing(_) => vec![],
        };
        Self {
            candidates,
            ..Self::new(Exit::Usage, words)
        }
    }
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        Self::new(Exit::NoProof, format!("the proof does not hold: {broken}"))
    }
}
