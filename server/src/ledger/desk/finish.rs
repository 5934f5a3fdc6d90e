//! The end of a batch: its rows go to the tables, and what it did is told.

use super::*;
use rialto_shared::{id::DeviceId, room::key};

impl Desk<'_> {
    /// Writes the batch to the tables and gives back what it did.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn finish(mut self, commit: u64) -> Result<Finished, LedgerError> {
        self.forget_lanes()?;
        self.put(
            Table::Meta,
            rows::META_POSITION,
            self.position.to_be_bytes().to_vec(),
        );
        self.put(
            Table::Meta,
            rows::META_COMMIT,
            commit.to_be_bytes().to_vec(),
        );
        let time = self.now.as_millis().cast_unsigned();
        self.put(Table::Meta, rows::META_TIME, time.to_be_bytes().to_vec());
        self.settle();
        for table in Table::ALL {
            let mut rows = None;
            let first = (table, Vec::new());
            for ((_, key), value) in self
                .batch
                .rows
                .range(first..)
                .take_while(|((name, _), _)| *name == table)
            {
                let rows = match &mut rows {
                    Some(rows) => rows,
                    None => rows.insert(self.transaction.open_table(table.definition())?),
                };
                match value {
                    Some(value) => drop(rows.insert(key.as_slice(), value.as_slice())?),
                    None => drop(rows.remove(key.as_slice())?),
                }
            }
        }
        let mut topics = std::mem::take(&mut self.topics);
        topics.extend(
            self.batch
                .rows
                .keys()
                .flat_map(|(table, key)| concerned(*table, key)),
        );
        topics.extend(
            self.batch
                .fresh
                .iter()
                .filter_map(|fresh| certificates(&fresh.entry)),
        );
        let mut rooms = BTreeMap::new();
        for fresh in &self.batch.fresh {
            let id = fresh.entry.room;
            let audience_at = self
                .batch
                .rooms
                .get(&id)
                .map_or(Seq::ZERO, |loaded| loaded.room.audience_at);
            let change = rooms.entry(id).or_insert(Change {
                audience_at,
                erased: false,
            });
            change.erased |= timeline::erases(&fresh.entry.event);
            topics.insert(Topic::Room(id));
        }
        Ok(Finished {
            commit,
            fresh: self.batch.fresh,
            rooms,
            topics,
        })
    }
}

/// Whom to wake where a device was revoked, or what it signs with is another: the organisation.
fn certificates(entry: &Entry) -> Option<Topic> {
    let own = OrgId::from_bits(entry.room.bits());
    let changed = if let Event::Key(key::Event::Renewed { org, .. }) = &entry.event {
        *org == own && entry.room == RoomId::org(own)
    } else {
        matches!(
            entry.event,
            Event::Org(org::Event::Revoked { .. } | org::Event::Certified { .. })
        )
    };
    changed.then_some(Topic::Org(own))
}

impl Desk<'_> {
    /// The lanes of devices that were revoked go with them: no command of theirs is ever judged again.
    fn forget_lanes(&mut self) -> Result<(), LedgerError> {
        for device in self
            .batch
            .fresh
            .iter()
            .flat_map(|fresh| self.gone(&fresh.entry))
            .collect::<BTreeSet<_>>()
        {
            let start = device.bits();
            for table in [Table::Lanes, Table::Receipts] {
                let mut keys: BTreeSet<Vec<u8>> = BTreeSet::new();
                let stored = self.transaction.open_table(table.definition())?;
                for row in stored.range::<&[u8]>(start.as_slice()..)? {
                    let key = row?.0.value().to_vec();
                    if !key.starts_with(&start) {
                        break;
                    }
                    keys.insert(key);
                }
                drop(stored);
                let written = self.batch.rows.keys();
                keys.extend(
                    written
                        .filter(|(name, key)| *name == table && key.starts_with(&start))
                        .map(|(_, key)| key.clone()),
                );
                for key in keys {
                    self.remove(table, &key);
                }
            }
        }
        Ok(())
    }

    /// The devices that an entry takes away for ever.
    fn gone(&self, entry: &Entry) -> Vec<DeviceId> {
        if let Event::Org(org::Event::Revoked { device }) = &entry.event {
            return vec![*device];
        }
        let Event::Org(org::Event::Removed { member }) = &entry.event else {
            return vec![];
        };
        let loaded = self.batch.rooms.get(&entry.room);
        let Some(State::Org(state)) = loaded.map(|loaded| &loaded.room.state) else {
            return vec![];
        };
        derive::devices_of(&state.devices, *member)
    }
}

/// Whom a changed row concerns.
fn concerned(table: Table, key: &[u8]) -> Vec<Topic> {
    let member = |bits: &[u8; 16]| Topic::Member(MemberId::from_bits(*bits));
    let org = |bits: &[u8; 16]| Topic::Org(OrgId::from_bits(*bits));
    match table {
        Table::Cards => key.first_chunk().map_or(vec![], |bits| {
            vec![member(bits), Topic::MemberCard(MemberId::from_bits(*bits))]
        }),
        Table::Orgs => key.first_chunk().map_or(vec![], |bits| {
            vec![org(bits), Topic::OrgCard(OrgId::from_bits(*bits))]
        }),
        // Both ends of a tie.
        Table::Ties => [key.first_chunk(), key.last_chunk()]
            .into_iter()
            .flatten()
            .map(org)
            .collect(),
        Table::Seats => match key.split_first() {
            Some((1, rest)) => rest.first_chunk().map(member).into_iter().collect(),
            Some((_, rest)) => rest.first_chunk().map(org).into_iter().collect(),
            None => vec![],
        },
        Table::Log
        | Table::Journal
        | Table::At
        | Table::Heads
        | Table::Rooms
        | Table::Texts
        | Table::Own
        | Table::Notes
        | Table::Marks
        | Table::Threads
        | Table::Deals
        | Table::Untold
        | Table::Onward
        | Table::Devices
        | Table::Claims
        | Table::Due
        | Table::Lanes
        | Table::Receipts
        | Table::Read
        | Table::Meta => vec![],
    }
}
