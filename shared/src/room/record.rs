//! An organisation's record: proofs of what was signed by it and to it, where no Side of its own keeps them.
//!
//! It opens itself with the first proof and is read by the organisation's people from Lead upwards, who may read all that is
//! proven here where it was signed, too. Nobody says or does anything in it. Each proof is an entry of another room, facts and
//! head only, with the root key of the organisation that signed it: losing the seat there takes no proof away.

use super::{Room, State, Taking};
use crate::{
    ask::{Address, Ask as Asked},
    audience::{Audience, Grant},
    entry::{Entry, Seq, Worded},
    event,
    id::{OrgId, PublicKey, RoomId},
    standing::Role,
};
use serde::{Deserialize, Serialize};

/// What the room holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "RecordRecord")]
pub struct Record {
    /// Whose it is.
    pub org: OrgId,
}

/// What became true.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
    schemars::JsonSchema,
)]
#[schemars(rename = "RecordEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The record begins.
    Opened {
        /// Whose it is.
        org: OrgId,
    },
    /// A statement of a room that the organisation is a party of is kept.
    Kept {
        /// The entry that carries it, without texts, as the JSON of [`Entry::encode`].
        entry: String,
        /// Whose statement it is.
        by: OrgId,
        /// The key that its certificates start from, as that room records it.
        root: PublicKey,
    },
}

/// What other rooms ask of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To keep a statement.
    Keep {
        /// The entry that carries it, without texts, as the JSON of [`Entry::encode`].
        entry: String,
        /// Whose statement it is.
        by: OrgId,
        /// The key that its certificates start from.
        root: PublicKey,
    },
}

/// Has an organisation's record keep the statement of this entry, if it carries one; its maker's root key is given along.
pub(crate) fn keep(
    org: OrgId,
    entry: &Entry,
    (by, root): (OrgId, PublicKey),
) -> Option<(Address, Asked)> {
    entry.statement.as_ref()?;
    let entry = String::from_utf8(entry.clone().erased().encode()).ok()?;
    let ask = Ask::Keep { entry, by, root };
    let to = Address::Room(RoomId::record(org));
    Some((to, Asked::Record(Box::new(ask))))
}

pub(crate) fn apply(room: &mut Room, _entry: &Entry, event: &Event) {
    match event {
        Event::Opened { org } => {
            room.audience = Audience::of(vec![Grant::Org {
                id: *org,
                min_role: Role::Lead,
                since: Seq::ZERO,
            }]);
            room.state = State::Record(Record { org: *org });
        }
        Event::Kept { .. } => {}
    }
}

pub(crate) fn take(taking: &Taking<'_>, ask: &Ask) -> Vec<Worded<event::Event>> {
    let Ask::Keep { entry, by, root } = ask;
    let opened = Event::Opened {
        org: OrgId::from_bits(taking.id.bits()),
    };
    let kept = Event::Kept {
        entry: entry.clone(),
        by: *by,
        root: *root,
    };
    (taking.room.state == State::Void)
        .then_some(opened)
        .into_iter()
        .chain([kept])
        .map(|event| Worded::plain(event::Event::Record(event)))
        .collect()
}
