//! The tables. Keys are bytes: a room's 17, and behind them an entry's position as 8, big end first, so that a room's log
//! is one range in order.

use super::StoreError;
use redb::{TableDefinition, WriteTransaction};
use rialto_shared::{
    entry::Seq,
    id::{LaneId, MemberId, OrgId, RoomId},
};

type Bytes = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// Room -> its snapshot, as JSON; the cursor says how far talk has moved it since.
pub(super) const ROOMS: Bytes = TableDefinition::new("rooms");
/// Room -> its last entry.
pub(super) const CURSORS: Bytes = TableDefinition::new("cursors");
/// Room -> how far I have read.
pub(super) const READ: TableDefinition<'static, &'static [u8], u64> = TableDefinition::new("read");
/// (Room, position) -> the entry, as it was sent.
pub(super) const ENTRIES: Bytes = TableDefinition::new("entries");
/// (Room, position) -> what became of it.
pub(super) const NOTES: Bytes = TableDefinition::new("notes");
/// (Room, position) -> what I reacted with.
pub(super) const MARKS: Bytes = TableDefinition::new("marks");
/// [`MEMBER`] or [`ORG`] and an id -> a card.
pub(super) const CARDS: Bytes = TableDefinition::new("cards");
/// (Lane, number) -> a command that is not answered.
pub(super) const OUTBOX: Bytes = TableDefinition::new("outbox");
/// Place -> a text that was not sent.
pub(super) const DRAFTS: TableDefinition<'static, &'static str, &'static str> =
    TableDefinition::new("drafts");
/// `version`, `me`, `lane`.
pub(super) const ABOUT: TableDefinition<'static, &'static str, &'static [u8]> =
    TableDefinition::new("about");

pub(super) const MEMBER: u8 = b'm';
pub(super) const ORG: u8 = b'o';

/// Makes all tables, so that reading never meets a missing one.
pub(super) fn make(write: &WriteTransaction) -> Result<(), StoreError> {
    for table in [ROOMS, CURSORS, ENTRIES, NOTES, MARKS, CARDS, OUTBOX] {
        write.open_table(table)?;
    }
    write.open_table(READ)?;
    write.open_table(DRAFTS)?;
    write.open_table(ABOUT)?;
    Ok(())
}

pub(super) fn entry_key(room: RoomId, seq: Seq) -> [u8; 25] {
    let mut key = [0; 25];
    let (front, back) = key.split_at_mut(17);
    front.copy_from_slice(&room.to_key());
    back.copy_from_slice(&seq.0.to_be_bytes());
    key
}

pub(super) fn number_key(lane: LaneId, n: u64) -> [u8; 24] {
    let mut key = [0; 24];
    let (front, back) = key.split_at_mut(16);
    front.copy_from_slice(&lane.bits());
    back.copy_from_slice(&n.to_be_bytes());
    key
}

/// The lane and number of a key.
pub(super) fn number_of(key: &[u8]) -> Option<(LaneId, u64)> {
    let (lane, n) = key.split_first_chunk::<16>()?;
    Some((
        LaneId::from_bits(*lane),
        u64::from_be_bytes(n.try_into().ok()?),
    ))
}

fn card_key(sort: u8, bits: [u8; 16]) -> Vec<u8> {
    [&[sort][..], &bits].concat()
}

pub(super) fn member_key(member: MemberId) -> Vec<u8> {
    card_key(MEMBER, member.bits())
}

pub(super) fn org_key(org: OrgId) -> Vec<u8> {
    card_key(ORG, org.bits())
}
