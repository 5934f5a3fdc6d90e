//! Everything that one command, or one ask, is judged on: look-ups that the command declares, made by the host on every
//! path, refusals included.

mod texts;

pub use texts::Texts;

use super::{Room, talk};
use crate::{
    ask::Ask,
    entry::{Entry, Seq},
    event::Event,
    id::{Hash, RoomId},
    rejection::Rejection,
    standing::{AgreementKind, MemberCard, OrgCard, Role, Standing, Tie},
    time::Timestamp,
    timeline::{Marks, Note},
};
use serde::{Deserialize, Serialize};

/// Who sends a command.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    /// A member, by their standing.
    Member(&'a Standing),
    /// Whoever administers the server.
    Operator,
    /// Somebody who holds an invitation's code and is nobody yet.
    Newcomer,
}

/// How whoever asks stands to the room.
#[derive(Debug, Clone, Copy)]
pub enum Admission<'a> {
    /// They read it, in this role, from this entry on.
    Seat {
        /// What they may do.
        role: Role,
        /// The first entry that they see.
        since: Seq,
        /// Their own row in this room.
        own: &'a Own,
    },
    /// They may answer an invitation and learn at most: expired, revoked, not now.
    Invited,
    /// The server's operator.
    Operator,
    /// Nobody here: judged on the Void.
    Outsider,
}

/// The row (room, member): what only that member has in that room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Own {
    /// When they last said something.
    pub said: Option<Timestamp>,
}

/// What this server demands before a step (reliability: the operator's configuration).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Nothing.
    #[default]
    None,
    /// A non-disclosure agreement between host and party before a deal's value is stated.
    NdaForValue,
    /// A non-disclosure agreement between host and invited organisation before an invitation to a deal.
    NdaForDeal,
}

impl Policy {
    /// The agreement that the policy speaks of.
    pub const AGREEMENT: AgreementKind = AgreementKind::Nda;
}

/// An earlier entry, what became of it, and the actor's own marks on it.
#[derive(Debug, Clone, Copy)]
pub struct Cited<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// What became of it.
    pub note: &'a Note,
    /// What the actor reacted with.
    pub marks: &'a Marks,
}

/// Everything one command is judged on.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The room's id, absent or not.
    pub id: RoomId,
    /// The room; the Void when absent, and equally for an outsider: same input, same answer.
    pub room: &'a Room,
    /// Its standing texts.
    pub texts: &'a Texts,
    /// How the actor stands to it.
    pub admission: Admission<'a>,
    /// Who asks.
    pub actor: Actor<'a>,
    /// The actor's organisation and the one that the command names: connected, and which agreements are in force.
    pub tie: Option<&'a Tie>,
    /// The organisation that the command names.
    pub other: Option<&'a OrgCard>,
    /// The members that the command names; those that do not exist are missing.
    pub named: &'a [MemberCard],
    /// The earlier entry that the command names.
    pub cited: Option<Cited<'a>>,
    /// The room of the actor's own organisation, where the command has it do something, too.
    pub home: Option<&'a Room>,
    /// Who holds the one unique name that the command names.
    pub claim: Option<RoomId>,
    /// Whether the code of the invitation that the command makes was ever an invitation's, whosesoever.
    pub code_used: bool,
    /// What this server demands.
    pub policy: Policy,
    /// The server's id, which certificates and statements name.
    pub server: Hash,
    /// Bits for the ids of what this command may open; [`crate::limits::FRESH_MAX`] of them.
    pub fresh: &'a [[u8; 16]],
    /// Now, by the writer's clock.
    pub now: Timestamp,
}

impl<'a> Case<'a> {
    /// The member who asks.
    ///
    /// # Errors
    /// [`Rejection::Only`] for the operator and for newcomers.
    pub fn standing(&self) -> Result<&'a Standing, Rejection> {
        match self.actor {
            Actor::Member(standing) => Ok(standing),
            Actor::Operator | Actor::Newcomer => Err(Rejection::Only("a member")),
        }
    }

    /// The card of the member who asks.
    ///
    /// # Errors
    /// See [`Self::standing`].
    pub fn member(&self) -> Result<&'a MemberCard, Rejection> {
        Ok(&self.standing()?.member)
    }

    /// Refuses a seat below this role. The operator passes.
    ///
    /// # Errors
    /// [`Rejection::NeedsRole`].
    pub fn at_least(&self, wanted: Role) -> Result<(), Rejection> {
        match self.admission {
            Admission::Operator => Ok(()),
            Admission::Seat { role, .. } if role >= wanted => Ok(()),
            Admission::Seat { .. } | Admission::Invited | Admission::Outsider => {
                Err(Rejection::NeedsRole(wanted))
            }
        }
    }

    /// Refuses whoever is not seated: a guest may only answer an invitation.
    ///
    /// # Errors
    /// [`Rejection::NoSuchRoom`].
    pub const fn seated(&self) -> Result<(), Rejection> {
        match self.admission {
            Admission::Seat { .. } | Admission::Operator => Ok(()),
            Admission::Invited | Admission::Outsider => Err(Rejection::NoSuchRoom),
        }
    }

    /// Refuses a member who is muted here.
    ///
    /// # Errors
    /// [`Rejection::Muted`].
    pub fn unmuted(&self) -> Result<(), Rejection> {
        let Actor::Member(standing) = self.actor else {
            return Ok(());
        };
        match self.room.mutes.get(&standing.member.id) {
            Some(until) if *until > self.now => Err(Rejection::Muted(*until)),
            Some(_) | None => Ok(()),
        }
    }

    /// The message that the command names: an entry that the actor may see, that is a message, and that still stands.
    ///
    /// # Errors
    /// [`Rejection::NoSuchEntry`], whichever of these does not hold.
    pub fn message(&self) -> Result<Cited<'a>, Rejection> {
        let cited = self.entry()?;
        let message = matches!(cited.entry.event, Event::Talk(talk::Event::Said { .. }));
        if message && cited.note.removal.is_none() {
            Ok(cited)
        } else {
            Err(Rejection::NoSuchEntry)
        }
    }

    /// The entry that the command names, if the actor may see it.
    ///
    /// # Errors
    /// [`Rejection::NoSuchEntry`].
    pub fn entry(&self) -> Result<Cited<'a>, Rejection> {
        let since = match self.admission {
            Admission::Seat { since, .. } => since,
            Admission::Operator | Admission::Invited => Seq::ZERO,
            Admission::Outsider => return Err(Rejection::NoSuchRoom),
        };
        self.cited
            .filter(|cited| cited.entry.seq >= since)
            .ok_or(Rejection::NoSuchEntry)
    }

    /// Bits for the `i`th thing that this command opens.
    ///
    /// # Panics
    /// When a command opens more than [`crate::limits::FRESH_MAX`] things: a bug of that command.
    #[must_use]
    pub fn fresh(&self, i: usize) -> [u8; 16] {
        *self
            .fresh
            .get(i)
            .expect("a command opens at most FRESH_MAX things")
    }
}

/// Everything one ask is answered on.
#[derive(Debug, Clone, Copy)]
pub struct Taking<'a> {
    /// The id of the room that is asked, absent or not.
    pub id: RoomId,
    /// The room; the Void when absent.
    pub room: &'a Room,
    /// Its standing texts.
    pub texts: &'a Texts,
    /// The tie that the ask names ([`Ask::tie`]): connected, and which agreements are in force.
    pub tie: Option<&'a Tie>,
    /// What is asked.
    pub ask: &'a Ask,
    /// Bits for the ids of what this answer may open.
    pub fresh: &'a [[u8; 16]],
    /// Now, by the writer's clock.
    pub now: Timestamp,
}
