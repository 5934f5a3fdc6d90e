//! The deals that rest on what is in force between two organisations, and have to look when it changes.
//!
//! Two organisations may share more deals than one commit should write to. The first are told in the commit that changes
//! their tie; where to go on is a row, and each commit after it tells so many more, until all have looked.

use super::*;
use rialto_shared::room::deal;

/// Where to go on: the position of the entry that changed the tie, and the deal that looked last.
type Rest = (u64, RoomId);

impl Desk<'_> {
    /// The next deals of these two after this one, in the order of their ids; notes where to go on, if there are more.
    pub(super) fn deals(
        &mut self,
        of: [OrgId; 2],
        after: Option<RoomId>,
        position: u64,
    ) -> Result<Vec<RoomId>, LedgerError> {
        let mut deals = self.deals_after(of, after, limits::DEALS_TOLD_MAX + 1)?;
        let more = deals.len() > limits::DEALS_TOLD_MAX;
        deals.truncate(limits::DEALS_TOLD_MAX);
        let [one, other] = of;
        let key = rows::tie(one, other);
        match deals.last() {
            Some(last) if more => {
                let rest: Rest = (position, *last);
                self.put_row(Table::Untold, &key, &rest);
            }
            Some(_) | None => {
                if self.get(Table::Untold, &key)?.is_some() {
                    self.remove(Table::Untold, &key);
                }
            }
        }
        Ok(deals)
    }

    /// At most `max` deals, as they stand.
    fn deals_after(
        &self,
        [one, other]: [OrgId; 2],
        after: Option<RoomId>,
        max: usize,
    ) -> Result<Vec<RoomId>, LedgerError> {
        let first = match after {
            Some(deal) => Bound::Excluded(rows::deal(one, other, deal)),
            None => Bound::Included(rows::tie(one, other)),
        };
        let last = Bound::Included(rows::deals_end(one, other));
        let keys = self.keys(Table::Deals, (first, last), max)?;
        Ok(keys.iter().filter_map(|key| rows::room_of(key)).collect())
    }

    /// At most `max` keys of a table, as they stand: the rows of the file with what the batch and the command did to them.
    pub(super) fn keys(
        &self,
        table: Table,
        (first, last): (Bound<Vec<u8>>, Bound<Vec<u8>>),
        max: usize,
    ) -> Result<BTreeSet<Vec<u8>>, LedgerError> {
        let place = |key: &Vec<u8>| (table, key.clone());
        let range = (first.as_ref().map(place), last.as_ref().map(place));
        // The command's own rows last: they hold over the batch's.
        let layers = [&self.batch.rows, &self.scratch.rows].into_iter();
        let changed: BTreeMap<&[u8], bool> = layers
            .flat_map(|rows| rows.range(range.clone()))
            .map(|((_, key), row)| (key.as_slice(), row.is_some()))
            .collect();
        let stored = self.transaction.open_table(table.definition())?;
        let bytes = |key| Vec::as_slice(key);
        let stored =
            stored.range::<&[u8]>((first.as_ref().map(bytes), last.as_ref().map(bytes)))?;
        let mut keys: BTreeSet<Vec<u8>> = BTreeSet::new();
        for row in stored {
            if keys.len() == max {
                break;
            }
            let (key, _) = row?;
            if !changed.contains_key(key.value()) {
                keys.insert(key.value().to_vec());
            }
        }
        let new = changed.iter().filter(|(_, there)| **there);
        keys.extend(new.map(|(key, _)| key.to_vec()));
        Ok(keys.into_iter().take(max).collect())
    }

    /// Tells the next deals of a tie that changed before. The first thing in a batch, and settled.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    pub fn tell_on(&mut self) -> Result<(), LedgerError> {
        let first = {
            let table = self.transaction.open_table(Table::Untold.definition())?;
            let row = table.first()?;
            row.map(|(key, rest)| (key.value().to_vec(), rest.value().to_vec()))
        };
        let Some((key, rest)) = first else {
            return Ok(());
        };
        let (position, last): Rest = rows::decode(Table::Untold, &rest)?;
        let orgs = (key.first_chunk(), key.last_chunk());
        let (Some(one), Some(other)) = orgs else {
            return Ok(());
        };
        let with = [OrgId::from_bits(*one), OrgId::from_bits(*other)];
        let look = Ask::Deal(Box::new(deal::Ask::Tie { with }));
        let asks = self
            .deals(with, Some(last), position)?
            .into_iter()
            .map(|deal| (Address::Room(deal), look.clone(), position))
            .collect();
        let cause = Cause {
            author: Author::Rule,
            signed: None,
            position,
        };
        if self.follow(&cause, asks)?.is_err() {
            self.drop_scratch();
            tracing::error!(?with, "a change was too wide to be told on");
        }
        self.settle();
        Ok(())
    }
}
