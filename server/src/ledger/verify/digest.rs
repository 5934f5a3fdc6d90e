//! One digest over everything in a ledger: two that have the same hold the same rows in every table.
//!
//! A table's sum is blake3 over its rows in order, each the length of the key, the key, the length of the value, the value
//! (lengths of 8 bytes, big end first). The state is `digest("rialto-state-1", parts)`: for each table that has rows, in the
//! order of their names, the name, the number of rows, the sum. A table without rows adds nothing, so that a program that
//! knows one more says the same of the same ledger.

use crate::ledger::{LedgerError, reader::Snapshot, rows::Table};
use rialto_shared::id::Hash;
use std::collections::BTreeMap;

/// What a table's rows come to.
#[derive(Debug, Default)]
pub(in crate::ledger) struct Sum {
    rows: u64,
    hasher: blake3::Hasher,
}

impl Sum {
    /// Takes the next row in.
    pub(in crate::ledger) fn add(&mut self, key: &[u8], value: &[u8]) {
        self.rows += 1;
        for part in [key, value] {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            self.hasher.update(&length.to_be_bytes());
            self.hasher.update(part);
        }
    }
}

/// What the tables come to, by their names.
pub(in crate::ledger) fn state(sums: &BTreeMap<&'static str, Sum>) -> Hash {
    let mut parts: Vec<Vec<u8>> = vec![];
    for (name, sum) in sums {
        if sum.rows > 0 {
            parts.push(name.as_bytes().to_vec());
            parts.push(sum.rows.to_be_bytes().to_vec());
            parts.push(sum.hasher.finalize().as_bytes().to_vec());
        }
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Hash::of("rialto-state-1", &parts)
}

/// The state of a ledger at one commit.
///
/// # Errors
/// When the storage fails.
pub fn of(snapshot: &Snapshot) -> Result<Hash, LedgerError> {
    let mut sums = BTreeMap::new();
    for table in Table::ALL {
        let mut sum = Sum::default();
        snapshot.each(table, |key, value| {
            sum.add(key, value);
            Ok(())
        })?;
        sums.insert(table.name(), sum);
    }
    Ok(state(&sums))
}
