//! A rule's no: an answer, not an error. It is shown to whoever asked, and to nobody else.

use crate::{
    entry::Seq,
    standing::{AgreementKind, Role},
    text::TextError,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Why a command was refused. Closed: a client may match on it by [`Rejection::code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Absent and forbidden alike.
    #[error("there is no such room, or you are not in it")]
    NoSuchRoom,
    /// The room has nothing at that place, or nothing that you may see.
    #[error("there is no such entry here")]
    NoSuchEntry,
    /// The member, organisation or thing that the command names does not exist for you.
    #[error("{0} names nothing that you can name here")]
    NoSuchThing(&'static str),
    /// The room does not do this.
    #[error("this kind of room has no {0}")]
    NotHere(&'static str),
    /// The role is too low.
    #[error("this needs the role of {0} here")]
    NeedsRole(Role),
    /// Only some may.
    #[error("only {0} may do this")]
    Only(&'static str),
    /// Muted for a while.
    #[error("you are muted here until {until}", until = .0.to_rfc3339())]
    Muted(Timestamp),
    /// Slow mode.
    #[error("this channel is in slow mode: you may post again at {until}", until = .0.to_rfc3339())]
    Slow(Timestamp),
    /// Somebody set it in the meantime.
    #[error("this was changed meanwhile, by entry {0}: look at it and decide again")]
    Stale(Seq),
    /// The room is not in the state that this needs.
    #[error("{0}")]
    State(&'static str),
    /// Already so: nothing to do.
    #[error("{0} is already so")]
    Already(&'static str),
    /// A bound of `limits.rs`.
    #[error("{field}: at most {max} are possible")]
    Limit {
        /// Of what.
        field: &'static str,
        /// How many.
        max: usize,
    },
    /// A value that cannot be.
    #[error("{field}: {want}")]
    Value {
        /// Which.
        field: &'static str,
        /// What would be right.
        want: &'static str,
    },
    /// A text that cannot be accepted.
    #[error("{field}: {error}")]
    Text {
        /// Which text.
        field: &'static str,
        /// What is wrong with it.
        error: TextError,
    },
    /// The facts are no command, or the texts are not those that the facts commit to.
    #[error("the command cannot be read: {0}")]
    Malformed(String),
    /// A unique name is somebody's.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// The command commits somebody and carries no valid signature.
    #[error("this must be signed by your device: {0}")]
    Unsigned(String),
    /// The server's policy demands an agreement.
    #[error(
        "this server demands an agreement first: {kind} with {with}; record it with `rialto agreement record {kind}`"
    )]
    NeedsAgreement {
        /// Which kind.
        kind: AgreementKind,
        /// Between whom.
        with: &'static str,
    },
    /// The invitation is past its time.
    #[error("this invitation has expired")]
    Expired,
    /// The invitation was taken back or used.
    #[error("this invitation is no longer valid")]
    Revoked,
    /// The lane's number was used for another command.
    #[error("number {0} of this lane was another command")]
    Conflict(u64),
    /// A later command of the lane was accepted: this one is never executed.
    #[error("a later command than number {0} was accepted: this one will never be executed")]
    Superseded(u64),
    /// The organisation's own limit.
    #[error("your organisation has reached its limit of {max} {field}")]
    OverQuota {
        /// Of what.
        field: &'static str,
        /// How many.
        max: usize,
    },
    /// The storage failed, or the server stops: nothing was done, send it again.
    #[error("the server could not do this now and nothing was done: send it again")]
    Unavailable,
    /// One command would touch too many rooms.
    #[error("this would reach too many rooms at once")]
    TooWide,
}

impl Rejection {
    /// A stable code: `what.detail`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchRoom => "room.absent",
            Self::NoSuchEntry => "entry.absent",
            Self::NoSuchThing(_) => "thing.absent",
            Self::NotHere(_) => "room.unsuited",
            Self::NeedsRole(_) => "role.too_low",
            Self::Only(_) => "role.other",
            Self::Muted(_) => "muted",
            Self::Slow(_) => "slow_mode",
            Self::Stale(_) => "stale",
            Self::State(_) => "state",
            Self::Already(_) => "already",
            Self::Limit { .. } => "limit",
            Self::Value { .. } => "value",
            Self::Text { error, .. } => match error {
                TextError::Empty | TextError::Blank => "text.empty",
                TextError::Untrimmed => "text.untrimmed",
                TextError::TooLong { .. } | TextError::TooManyBytes { .. } => "text.too_long",
                TextError::Forbidden { .. } => "text.forbidden",
                TextError::NotNormal { .. } => "text.not_normal",
            },
            Self::Malformed(_) => "malformed",
            Self::Taken(_) => "taken",
            Self::Unsigned(_) => "unsigned",
            Self::NeedsAgreement { .. } => "agreement.missing",
            Self::Expired => "invitation.expired",
            Self::Revoked => "invitation.revoked",
            Self::Conflict(_) => "number.conflict",
            Self::Superseded(_) => "number.superseded",
            Self::OverQuota { .. } => "over_quota",
            Self::Unavailable => "unavailable",
            Self::TooWide => "too_wide",
        }
    }

    /// The field that was wrong, or the empty string.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::NoSuchRoom => "room",
            Self::NoSuchThing(field)
            | Self::Limit { field, .. }
            | Self::Value { field, .. }
            | Self::Text { field, .. }
            | Self::Taken(field)
            | Self::Already(field)
            | Self::OverQuota { field, .. } => field,
            Self::Unsigned(_) => "statement",
            Self::Conflict(_) | Self::Superseded(_) => "n",
            Self::Malformed(_) => "facts",
            Self::NoSuchEntry
            | Self::NotHere(_)
            | Self::NeedsRole(_)
            | Self::Only(_)
            | Self::Muted(_)
            | Self::Slow(_)
            | Self::Stale(_)
            | Self::State(_)
            | Self::NeedsAgreement { .. }
            | Self::Expired
            | Self::Revoked
            | Self::Unavailable
            | Self::TooWide => "",
        }
    }
}

/// A rejection as it is sent: code, field, words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Refusal {
    /// Stable, for programs.
    pub code: String,
    /// The field that was wrong, or the empty string.
    pub field: String,
    /// For people.
    pub words: String,
}

impl From<&Rejection> for Refusal {
    fn from(rejection: &Rejection) -> Self {
        Self {
            code: rejection.code().to_owned(),
            field: rejection.field().to_owned(),
            words: rejection.to_string(),
        }
    }
}
