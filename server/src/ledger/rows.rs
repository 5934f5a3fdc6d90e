//! The tables, their keys, and the two ways to get at rows: through the desk, and through a read.
//!
//! Keys are bytes, big end first, so that a range of keys is a range of rooms or of positions.

use super::{LedgerError, derive};
use redb::TableDefinition;
use rialto_shared::{
    audience::{Grant, Principal, Terms},
    entry::Seq,
    id::{DeviceId, Hash, LaneId, MemberId, OrgId, RoomId},
    limits,
    room::Room,
    standing::{MemberCard, OrgCard, Standing, Tie},
    time::Timestamp,
};
use serde::{Serialize, de::DeserializeOwned};

/// The tables. All but `Log`, `Journal`, `Untold`, `Onward`, `Receipts`, `Lanes`, `Read` and `Meta` are derived from the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Position (commit order) → entry bytes.
    Log,
    /// Position → the position of the entry that caused it; never sent.
    Journal,
    /// (room, seq) → position.
    At,
    /// Room → head: the only row of a room that talk rewrites.
    Heads,
    /// Room → room.
    Rooms,
    /// Room → its standing texts.
    Texts,
    /// (room, member) → what only that member has there.
    Own,
    /// (room, seq) → what became of an entry.
    Notes,
    /// (room, seq, member) → that member's marks on it.
    Marks,
    /// (room, message, reply) → nothing.
    Threads,
    /// Member → card.
    Cards,
    /// Organisation → card.
    Orgs,
    /// (organisation, organisation) → tie, the lower first.
    Ties,
    /// (organisation, organisation, deal) → nothing, the lower first: the deals that rest on a tie, there or not.
    Deals,
    /// (organisation, organisation) → where to go on: a tie that changed, and more deals rest on it than are told at once.
    Untold,
    /// Member → where to go on: what they had in hand is another's, and is in more rooms than one commit hands over.
    Onward,
    /// (principal, room) → nothing: who is on which roster.
    Seats,
    /// Device → whose, and its certificates.
    Devices,
    /// Claim → the room that holds it: names, invitations, the nonces of signed commands that were executed.
    Claims,
    /// (time, room) → nothing: what falls due.
    Due,
    /// (device, lane) → the highest number accepted; device → how many lanes it has.
    Lanes,
    /// (device, lane, n mod 64) → receipt.
    Receipts,
    /// (member, room) → the last entry read.
    Read,
    /// Name → value.
    Meta,
}

/// The format's key in `Meta`.
pub const META_FORMAT: &[u8] = b"format";
/// The last position's key in `Meta`.
pub const META_POSITION: &[u8] = b"position";
/// The number of commits' key in `Meta`.
pub const META_COMMIT: &[u8] = b"commit";
/// The latest time stamped, so that time never runs backwards across a restart.
pub const META_TIME: &[u8] = b"time";

impl Table {
    /// Every table.
    pub const ALL: [Self; 24] = [
        Self::Log,
        Self::Journal,
        Self::At,
        Self::Heads,
        Self::Rooms,
        Self::Texts,
        Self::Own,
        Self::Notes,
        Self::Marks,
        Self::Threads,
        Self::Cards,
        Self::Orgs,
        Self::Ties,
        Self::Deals,
        Self::Untold,
        Self::Onward,
        Self::Seats,
        Self::Devices,
        Self::Claims,
        Self::Due,
        Self::Lanes,
        Self::Receipts,
        Self::Read,
        Self::Meta,
    ];

    /// Whether its rows follow from the log.
    #[must_use]
    pub const fn derived(self) -> bool {
        !matches!(
            self,
            Self::Log
                | Self::Journal
                | Self::Untold
                | Self::Onward
                | Self::Lanes
                | Self::Receipts
                | Self::Read
                | Self::Meta
        )
    }

    /// Its name in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Journal => "journal",
            Self::At => "at",
            Self::Heads => "heads",
            Self::Rooms => "rooms",
            Self::Texts => "texts",
            Self::Own => "own",
            Self::Notes => "notes",
            Self::Marks => "marks",
            Self::Threads => "threads",
            Self::Cards => "cards",
            Self::Orgs => "orgs",
            Self::Ties => "ties",
            Self::Deals => "deals",
            Self::Untold => "untold",
            Self::Onward => "onward",
            Self::Seats => "seats",
            Self::Devices => "devices",
            Self::Claims => "claims",
            Self::Due => "due",
            Self::Lanes => "lanes",
            Self::Receipts => "receipts",
            Self::Read => "read",
            Self::Meta => "meta",
        }
    }

    pub(super) const fn definition(self) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
        TableDefinition::new(self.name())
    }
}

/// A row: its key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Rows to read.
pub trait Rows {
    /// The row with this key.
    ///
    /// # Errors
    /// When the storage fails.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError>;

    /// A member with their organisation.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    fn standing(&self, member: MemberId) -> Result<Option<Standing>, LedgerError> {
        let Some(member) = self.row::<MemberCard>(Table::Cards, &member.bits())? else {
            return Ok(None);
        };
        let org = self.row::<OrgCard>(Table::Orgs, &member.org.bits())?;
        Ok(org.map(|org| Standing { member, org }))
    }

    /// What two organisations are to each other; an organisation is nothing to itself.
    ///
    /// # Errors
    /// When the storage fails or the row cannot be read.
    fn tied(&self, one: OrgId, other: OrgId) -> Result<Option<Tie>, LedgerError> {
        if one == other {
            Ok(None)
        } else {
            self.row(Table::Ties, &tie(one, other))
        }
    }

    /// On what terms this member is seated in this room, as it stands: the ties that its audience asks about are looked up.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    fn terms(&self, who: &Standing, room: &Room) -> Result<Option<Terms>, LedgerError> {
        let mut tied = Vec::new();
        for org in asked_ties(room) {
            if self.tied(who.org.id, org)?.is_some() {
                tied.push(org);
            }
        }
        Ok(room.audience.admits(who, |org| tied.contains(&org)))
    }

    /// The room that holds a unique thing.
    ///
    /// # Errors
    /// When the storage fails.
    fn holder(&self, claim: Hash) -> Result<Option<RoomId>, LedgerError> {
        Ok(self
            .get(Table::Claims, &claim.0)?
            .and_then(|key| room_of(&key)))
    }

    /// The vendor's organisation, if it exists.
    ///
    /// # Errors
    /// When the storage fails.
    fn vendor(&self) -> Result<Option<OrgId>, LedgerError> {
        let room = self.holder(derive::vendor_claim())?;
        Ok(room.map(|room| OrgId::from_bits(room.bits())))
    }

    /// The row with this key, decoded.
    ///
    /// # Errors
    /// When the storage fails or the row cannot be read.
    fn row<T: DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<T>, LedgerError> {
        self.get(table, key)?
            .map(|bytes| decode(table, &bytes))
            .transpose()
    }
}

/// The organisations whose connections this room's audience asks about.
pub(super) fn asked_ties(room: &Room) -> impl Iterator<Item = OrgId> + '_ {
    room.audience.grants.iter().filter_map(|grant| match grant {
        Grant::Tied { org } => Some(*org),
        Grant::Member { .. } | Grant::Org { .. } | Grant::Rule { .. } => None,
    })
}

/// Rows to read and write.
pub trait RowsMut: Rows {
    /// Writes a row.
    fn put(&mut self, table: Table, key: &[u8], value: Vec<u8>);

    /// Takes a row away.
    fn remove(&mut self, table: Table, key: &[u8]);

    /// Writes a row, encoded.
    fn put_row<T: Serialize>(&mut self, table: Table, key: &[u8], value: &T) {
        self.put(table, key, encode(value));
    }
}

/// A row's bytes.
///
/// # Panics
/// Never: our own types always have a form in bytes.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("rows are plain values")
}

/// A row of these bytes.
///
/// # Errors
/// When they are not of that form.
pub fn decode<T: DeserializeOwned>(table: Table, bytes: &[u8]) -> Result<T, LedgerError> {
    postcard::from_bytes(bytes).map_err(|error| LedgerError::Row {
        table,
        why: error.to_string(),
    })
}

/// A number of eight bytes; anything else is zero.
#[must_use]
pub fn read_u64(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_be_bytes)
}

/// (room, seq).
#[must_use]
pub fn at(room: RoomId, seq: Seq) -> Vec<u8> {
    [&room.to_key()[..], &seq.0.to_be_bytes()].concat()
}

/// (room, message, reply).
#[must_use]
pub fn thread(room: RoomId, message: Seq, reply: Seq) -> Vec<u8> {
    [&at(room, message)[..], &reply.0.to_be_bytes()].concat()
}

/// (room, seq, member).
#[must_use]
pub fn mark(room: RoomId, seq: Seq, member: MemberId) -> Vec<u8> {
    [&at(room, seq)[..], &member.bits()].concat()
}

/// (room, member).
#[must_use]
pub fn own(room: RoomId, member: MemberId) -> Vec<u8> {
    [&room.to_key()[..], &member.bits()].concat()
}

/// (member, room).
#[must_use]
pub fn read(member: MemberId, room: RoomId) -> Vec<u8> {
    [&member.bits()[..], &room.to_key()].concat()
}

/// (organisation, organisation), the lower first.
#[must_use]
pub fn tie(one: OrgId, other: OrgId) -> Vec<u8> {
    [one.min(other).bits(), one.max(other).bits()].concat()
}

/// (organisation, organisation, deal), the lower first.
#[must_use]
pub fn deal(one: OrgId, other: OrgId, deal: RoomId) -> Vec<u8> {
    [tie(one, other), deal.to_key().to_vec()].concat()
}

/// The end of the keys of two organisations' deals.
#[must_use]
pub fn deals_end(one: OrgId, other: OrgId) -> Vec<u8> {
    [tie(one, other), vec![u8::MAX; 17]].concat()
}

/// The beginning of the keys of one principal's seats.
#[must_use]
pub fn seats_of(principal: Principal) -> Vec<u8> {
    match principal {
        Principal::Member(member) => [&[1][..], &member.bits()].concat(),
        Principal::Org(org) => [&[2][..], &org.bits()].concat(),
    }
}

/// (principal, room).
#[must_use]
pub fn seat(principal: Principal, room: RoomId) -> Vec<u8> {
    [seats_of(principal), room.to_key().to_vec()].concat()
}

/// (time, room).
#[must_use]
pub fn due(time: Timestamp, room: RoomId) -> Vec<u8> {
    [&in_order(time)[..], &room.to_key()].concat()
}

/// A time in eight bytes. The sign bit is flipped, so that times before 1970 sort before those after.
fn in_order(time: Timestamp) -> [u8; 8] {
    (time.as_millis().cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// The end of the keys of what is due by this time, whichever the room.
#[must_use]
pub fn due_by(time: Timestamp) -> Vec<u8> {
    [&in_order(time)[..], &[u8::MAX; 17]].concat()
}

/// The room at the end of a key.
#[must_use]
pub fn room_of(key: &[u8]) -> Option<RoomId> {
    RoomId::from_key(*key.last_chunk::<17>()?)
}

/// (device, lane).
#[must_use]
pub fn lane(device: DeviceId, lane: LaneId) -> Vec<u8> {
    [device.bits(), lane.bits()].concat()
}

/// (device, lane, n mod 64).
#[must_use]
pub fn receipt(device: DeviceId, lane_id: LaneId, n: u64) -> Vec<u8> {
    let place = u8::try_from(n % limits::LANE_RECEIPTS).unwrap_or_default();
    [&lane(device, lane_id)[..], &[place]].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::{Table, decode, encode};
    use rialto_shared::{id::OrgId, room::deal::Assignment, time::Date};

    #[test]
    fn a_task_for_nobody_in_particular_is_read_as_it_was_written() {
        let task = Assignment {
            owner: OrgId::from_bits([7; 16]),
            member: None,
            due: Date::new(2026, 12, 1).unwrap(),
        };
        assert_eq!(
            decode::<Assignment>(Table::Rooms, &encode(&task)).unwrap(),
            task
        );
    }
}
