//! The entry: what stands in a room's log for ever.
//!
//! Entry = head + facts + texts. The *facts* are typed, hold no free text and are never erased. The *texts* are up to
//! eight free texts, each with a random salt of its own; the facts hold each text's commitment, so a text can be erased
//! while the chain, the signatures and the room's state stand. Facts travel and are stored as one JSON string whose
//! exact bytes are hashed and signed: nothing is ever serialised a second time.
//!
//! The encoding has its own version, append only, independent of the wire's. Unknown fields are tolerated; an unknown
//! kind parses to [`Event::Newer`], which moves the head and makes a replica view-only.

use crate::{
    event::Event,
    id::{DeviceId, Hash, MemberId, OrgId, RoomId, Salt},
    limits,
    statement::Statement,
    text::Text,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The version of the entry's encoding.
pub const ENTRY_VERSION: u8 = 1;

/// Position in one room's log: dense, from 1. A gap is a bug, never a secret.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// Before the first entry.
    pub const ZERO: Self = Self(0);

    /// The position after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The position before this one, or zero.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The last entry of a room's log, or of the part a reader holds: where to go on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Head {
    /// Its position; zero for an empty log.
    pub seq: Seq,
    /// Its hash; zero for an empty log.
    pub hash: Hash,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            seq: Seq::ZERO,
            hash: Hash::ZERO,
        }
    }
}

/// Who made an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// A member, from one of their devices.
    Member {
        /// Who.
        id: MemberId,
        /// Of which organisation.
        org: OrgId,
        /// From which device.
        device: DeviceId,
    },
    /// Whoever administers the server, over its unix socket.
    Operator,
    /// A clock of the room.
    Rule,
}

impl Author {
    /// The member, if a member made it.
    #[must_use]
    pub const fn member(self) -> Option<MemberId> {
        match self {
            Self::Member { id, .. } => Some(id),
            Self::Operator | Self::Rule => None,
        }
    }

    /// The organisation, if a member made it.
    #[must_use]
    pub const fn org(self) -> Option<OrgId> {
        match self {
            Self::Member { org, .. } => Some(org),
            Self::Operator | Self::Rule => None,
        }
    }

    pub(crate) fn preimage(self) -> Vec<u8> {
        match self {
            Self::Member { id, org, device } => {
                [&[1][..], &id.bits(), &org.bits(), &device.bits()].concat()
            }
            Self::Operator => vec![2],
            Self::Rule => vec![3],
        }
    }
}

/// A free text and the salt that its author's client made for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SaltedText {
    /// 32 random bytes.
    pub salt: Salt,
    /// The text.
    pub text: Text,
}

impl SaltedText {
    /// What the facts hold of this text: blake3 of the salt followed by the text's UTF-8.
    #[must_use]
    pub fn commitment(&self) -> Hash {
        Hash::plain(&[&self.salt.0[..], self.text.as_str().as_bytes()].concat())
    }
}

/// Which text of a command or an event: its place in the list of texts.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Slot(pub u8);

/// A text of an entry, as a room's state refers to it. The text itself stands beside the room (see
/// [`crate::room::Texts`]), so that erasing it changes no state.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
pub struct TextRef {
    /// The entry.
    pub seq: Seq,
    /// The text in it.
    pub slot: Slot,
}

/// What became true, or what is asked, with the texts it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worded<T> {
    /// The typed part.
    pub what: T,
    /// Its texts, in the order of their slots.
    pub texts: Vec<SaltedText>,
}

impl<T> Worded<T> {
    /// Something that needs no words.
    #[must_use]
    pub const fn plain(what: T) -> Self {
        Self {
            what,
            texts: Vec::new(),
        }
    }

    /// Something said in these texts.
    #[must_use]
    pub const fn new(what: T, texts: Vec<SaltedText>) -> Self {
        Self { what, texts }
    }

    /// The text in a slot.
    #[must_use]
    pub fn text(&self, slot: Slot) -> Option<&SaltedText> {
        self.texts.get(usize::from(slot.0))
    }
}

/// The facts of an entry or of a command: the commitments of its texts, and the typed rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Facts{T}")]
pub struct Facts<T> {
    /// One commitment for each text, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<Hash>,
    /// What is asked or what became true.
    pub fact: T,
}

impl<T: Serialize> Facts<T> {
    /// The facts of something worded, as the JSON string that is hashed, signed and stored.
    ///
    /// # Panics
    /// Never: our own types always have a JSON form.
    pub fn write(worded: &Worded<T>) -> String
    where
        T: Clone,
    {
        let facts = Self {
            texts: worded.texts.iter().map(SaltedText::commitment).collect(),
            fact: worded.what.clone(),
        };
        serde_json::to_string(&facts).expect("facts have string keys and no floats")
    }
}

/// Why bytes are not an entry, or not the entry they claim to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Not JSON of an entry's form.
    #[error("not an entry: {0}")]
    Malformed(String),
    /// The facts are of a known kind and cannot be read.
    #[error("the facts of a {kind} cannot be read: {why}")]
    Facts {
        /// The kind.
        kind: String,
        /// What serde said.
        why: String,
    },
    /// More texts than an entry holds, or not one for each commitment.
    #[error(
        "{texts} texts for {commitments} commitments, and at most {} in an entry",
        limits::ENTRY_TEXTS_MAX
    )]
    Texts {
        /// How many texts there are.
        texts: usize,
        /// How many commitments there are.
        commitments: usize,
    },
    /// A text is not the one that the facts commit to.
    #[error("text {slot} is not the one that the facts commit to")]
    Commitment {
        /// Which.
        slot: usize,
    },
}

/// One entry of a room's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The room.
    pub room: RoomId,
    /// The position.
    pub seq: Seq,
    /// The hash of the entry before it in this room.
    pub prev: Hash,
    /// The term of the decider; 1 on a single server.
    pub term: u64,
    /// When it was committed, by the server's clock; never earlier than the entry before it.
    pub at: Timestamp,
    /// Who made it.
    pub author: Author,
    /// The kind of event, for example `talk.said`.
    pub kind: String,
    /// The facts, exactly as hashed and stored.
    pub facts: String,
    /// The texts; `None` where erased.
    pub texts: Vec<Option<SaltedText>>,
    /// The signed command that caused it, where one is required.
    pub statement: Option<Box<Statement>>,
    /// The facts, read.
    pub event: Event,
}

/// An entry as it is stored and sent.
#[derive(Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Entry")]
pub(crate) struct Record {
    v: u8,
    room: RoomId,
    seq: Seq,
    prev: Hash,
    term: u64,
    at: Timestamp,
    author: Author,
    kind: String,
    #[schemars(with = "crate::schema::EventFacts")]
    facts: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    texts: Vec<Option<SaltedText>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statement: Option<Box<Statement>>,
}

/// Where an entry stands: all of it that the event does not say.
#[derive(Debug, Clone)]
pub struct Place {
    /// The room.
    pub room: RoomId,
    /// The entry before it.
    pub after: Head,
    /// The decider's term.
    pub term: u64,
    /// When.
    pub at: Timestamp,
    /// Who made it.
    pub author: Author,
    /// The signed command that caused it.
    pub statement: Option<Box<Statement>>,
}

impl Entry {
    /// The entry that puts this event at this place.
    #[must_use]
    pub fn new(place: Place, event: Worded<Event>) -> Self {
        Self {
            room: place.room,
            seq: place.after.seq.next(),
            prev: place.after.hash,
            term: place.term,
            at: place.at,
            author: place.author,
            kind: event.what.kind(),
            facts: Facts::write(&event),
            texts: event.texts.into_iter().map(Some).collect(),
            statement: place.statement,
            event: event.what,
        }
    }

    /// The bytes that are stored, fanned out, paged and exported.
    ///
    /// # Panics
    /// Never: an entry always has a JSON form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let record = Record {
            v: ENTRY_VERSION,
            room: self.room,
            seq: self.seq,
            prev: self.prev,
            term: self.term,
            at: self.at,
            author: self.author,
            kind: self.kind.clone(),
            facts: self.facts.clone(),
            texts: self.texts.clone(),
            statement: self.statement.clone(),
        };
        serde_json::to_vec(&record).expect("an entry has string keys and no floats")
    }

    /// Reads an entry and checks that its texts are those that its facts commit to.
    ///
    /// # Errors
    /// What is wrong with the bytes. An unknown kind is no error: see [`Event::Newer`].
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        let record: Record = serde_json::from_slice(bytes)
            .map_err(|error| EntryError::Malformed(error.to_string()))?;
        let (commitments, event) =
            Event::read(&record.kind, &record.facts).map_err(|why| EntryError::Facts {
                kind: record.kind.clone(),
                why,
            })?;
        if record.texts.len() != commitments.len() || record.texts.len() > limits::ENTRY_TEXTS_MAX {
            return Err(EntryError::Texts {
                texts: record.texts.len(),
                commitments: commitments.len(),
            });
        }
        for (slot, (text, commitment)) in record.texts.iter().zip(&commitments).enumerate() {
            if text
                .as_ref()
                .is_some_and(|text| text.commitment() != *commitment)
            {
                return Err(EntryError::Commitment { slot });
            }
        }
        Ok(Self {
            room: record.room,
            seq: record.seq,
            prev: record.prev,
            term: record.term,
            at: record.at,
            author: record.author,
            kind: record.kind,
            facts: record.facts,
            texts: record.texts,
            statement: record.statement,
            event,
        })
    }

    /// The link of the chain: blake3 over a fixed binary preimage. Texts are in it through their commitments only.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let statement = self
            .statement
            .as_ref()
            .map_or(Hash::ZERO, |statement| statement.hash());
        Hash::of(
            "rialto-entry-1",
            &[
                &self.room.to_key(),
                &self.seq.0.to_be_bytes(),
                &self.prev.0,
                &self.term.to_be_bytes(),
                &self.at.as_millis().to_be_bytes(),
                &self.author.preimage(),
                self.kind.as_bytes(),
                &Hash::plain(self.facts.as_bytes()).0,
                &statement.0,
            ],
        )
    }

    /// This entry as a head: the reader who has it goes on from here.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            seq: self.seq,
            hash: self.hash(),
        }
    }

    /// The text in a slot, unless erased.
    #[must_use]
    pub fn text(&self, slot: Slot) -> Option<&SaltedText> {
        self.texts.get(usize::from(slot.0))?.as_ref()
    }

    /// The same entry without its texts and salts.
    #[must_use]
    pub fn erased(mut self) -> Self {
        self.texts.iter_mut().for_each(|text| *text = None);
        self
    }
}
