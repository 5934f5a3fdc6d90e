//! A consistent read: everything at one commit.

use super::{
    LedgerError,
    derive::{self, DeviceRow, HeadRow, Loaded},
    fault::guarded,
    rows::{self, Row, Rows, Table},
    seat::{self, Seat},
};
use redb::{
    Database, ReadTransaction, ReadableDatabase as _, ReadableTable as _,
    ReadableTableMetadata as _,
};
use rialto_shared::{
    audience::Principal,
    entry::{Entry, Seq},
    id::{DeviceId, Hash, MemberId, OrgId, RoomId},
    room::State,
    standing::{MemberCard, OrgCard, Standing},
    time::Timestamp,
};
use std::collections::BTreeSet;

/// The ledger as it stood after one commit.
pub struct Snapshot {
    transaction: ReadTransaction,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

impl Rows for Snapshot {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        guarded(|| {
            let table = self.transaction.open_table(table.definition())?;
            Ok(table.get(key)?.map(|row| row.value().to_vec()))
        })
    }
}

impl Snapshot {
    /// The ledger as it stands now.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn take(database: &Database) -> Result<Self, LedgerError> {
        guarded(|| {
            Ok(Self {
                transaction: database.begin_read()?,
            })
        })
    }

    /// How many commits there were.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn commit(&self) -> Result<u64, LedgerError> {
        Ok(self
            .get(Table::Meta, rows::META_COMMIT)?
            .map_or(0, |row| rows::read_u64(&row)))
    }

    /// A member with their organisation. Sessions have this and no rows: what they read goes through seats.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    pub fn standing(&self, member: MemberId) -> Result<Option<Standing>, LedgerError> {
        Rows::standing(self, member)
    }

    /// The room that holds a unique thing.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn holder(&self, claim: Hash) -> Result<Option<RoomId>, LedgerError> {
        Rows::holder(self, claim)
    }

    /// An organisation's card.
    ///
    /// # Errors
    /// When the storage fails or the row cannot be read.
    pub fn org(&self, org: OrgId) -> Result<Option<OrgCard>, LedgerError> {
        self.row(Table::Orgs, &org.bits())
    }

    /// A member's card.
    ///
    /// # Errors
    /// When the storage fails or the row cannot be read.
    pub fn card(&self, member: MemberId) -> Result<Option<MemberCard>, LedgerError> {
        self.row(Table::Cards, &member.bits())
    }

    /// A device.
    ///
    /// # Errors
    /// When the storage fails or the row cannot be read.
    pub fn device(&self, device: DeviceId) -> Result<Option<DeviceRow>, LedgerError> {
        self.row(Table::Devices, &device.bits())
    }

    /// A room's head.
    ///
    /// # Errors
    /// When the storage fails or the row cannot be read.
    pub fn head(&self, room: RoomId) -> Result<HeadRow, LedgerError> {
        Ok(self.row(Table::Heads, &room.to_key())?.unwrap_or_default())
    }

    /// A room whole: for the host itself; content for a member goes through [`Self::seat`].
    pub(crate) fn load(&self, room: RoomId) -> Result<Loaded, LedgerError> {
        derive::load(self, room)
    }

    /// The one door: this member may read this room, from `since` up to its head at this commit.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    pub fn seat(&self, who: &Standing, room: RoomId) -> Result<Option<Seat<'_>>, LedgerError> {
        seat::seat(self, who, room)
    }

    /// The rooms whose roster names this member or their organisation, whether or not they are admitted.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn roster(&self, who: &Standing) -> Result<BTreeSet<RoomId>, LedgerError> {
        let mut rooms = BTreeSet::from([RoomId::inbox(who.member.id)]);
        for principal in [Principal::Member(who.member.id), Principal::Org(who.org.id)] {
            let start = rows::seats_of(principal);
            for (key, _) in self.range(Table::Seats, &start)? {
                rooms.extend(rows::room_of(&key));
            }
        }
        Ok(rooms)
    }

    /// The rooms that this member keeps in their Inbox.
    ///
    /// # Errors
    /// When the storage fails or the row cannot be read.
    pub fn bookmarks(&self, member: MemberId) -> Result<BTreeSet<RoomId>, LedgerError> {
        let State::Inbox(inbox) = self.load(RoomId::inbox(member))?.room.state else {
            return Ok(BTreeSet::new());
        };
        Ok(inbox.bookmarks)
    }

    /// The last entry that a member has read in a room.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn read_mark(&self, member: MemberId, room: RoomId) -> Result<Seq, LedgerError> {
        let row = self.get(Table::Read, &rows::read(member, room))?;
        Ok(Seq(row.map_or(0, |row| rows::read_u64(&row))))
    }

    /// The position of the last entry, in commit order.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn position(&self) -> Result<u64, LedgerError> {
        let row = self.get(Table::Meta, rows::META_POSITION)?;
        Ok(row.map_or(0, |row| rows::read_u64(&row)))
    }

    /// The entry at a position of the log, for those who follow it; content for a member goes through [`Self::seat`].
    pub(crate) fn logged(&self, position: u64) -> Result<Option<Entry>, LedgerError> {
        let bytes = self.get(Table::Log, &position.to_be_bytes())?;
        Ok(bytes.as_deref().map(Entry::decode).transpose()?)
    }

    /// Whether a clock has run out by this time.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn is_due(&self, now: Timestamp) -> Result<bool, LedgerError> {
        guarded(|| {
            let table = self.transaction.open_table(Table::Due.definition())?;
            let end = rows::due_by(now);
            Ok(table.range::<&[u8]>(..=end.as_slice())?.next().is_some())
        })
    }

    /// Every row whose key begins so, in order.
    pub(super) fn range(&self, table: Table, start: &[u8]) -> Result<Vec<Row>, LedgerError> {
        guarded(|| {
            let table = self.transaction.open_table(table.definition())?;
            let mut found = Vec::new();
            for row in table.range::<&[u8]>(start..)? {
                let (key, value) = row?;
                if !key.value().starts_with(start) {
                    break;
                }
                found.push((key.value().to_vec(), value.value().to_vec()));
            }
            Ok(found)
        })
    }

    /// Walks every row of a table in order.
    pub(crate) fn each(
        &self,
        table: Table,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        guarded(|| {
            let rows = self.transaction.open_table(table.definition())?;
            for row in rows.iter()? {
                let (key, value) = row?;
                visit(key.value(), value.value())?;
            }
            Ok(())
        })
    }

    /// How many rows a table has.
    pub(super) fn count(&self, table: Table) -> Result<u64, LedgerError> {
        guarded(|| Ok(self.transaction.open_table(table.definition())?.len()?))
    }
}
