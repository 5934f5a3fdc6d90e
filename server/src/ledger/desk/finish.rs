//! The end of a batch: its rows go to the tables, and what it did is told.

use super::*;

impl Desk<'_> {
    /// Writes the batch to the tables and gives back what it did.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn finish(mut self, commit: u64) -> Result<Finished, LedgerError> {
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
        let devices = self.batch.fresh.iter().filter(|fresh| {
            let event = &fresh.entry.event;
            matches!(
                event,
                Event::Org(org::Event::Revoked { .. } | org::Event::Certified { .. })
            )
        });
        topics.extend(devices.map(|fresh| Topic::Org(OrgId::from_bits(fresh.entry.room.bits()))));
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

/// Whom a changed row concerns.
fn concerned(table: Table, key: &[u8]) -> Vec<Topic> {
    let member = |bits: &[u8; 16]| Topic::Member(MemberId::from_bits(*bits));
    let org = |bits: &[u8; 16]| Topic::Org(OrgId::from_bits(*bits));
    match table {
        Table::Cards => key.first_chunk().map(member).into_iter().collect(),
        Table::Orgs => key.first_chunk().map(org).into_iter().collect(),
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
        | Table::Devices
        | Table::Claims
        | Table::Due
        | Table::Lanes
        | Table::Receipts
        | Table::Read
        | Table::Meta => vec![],
    }
}
