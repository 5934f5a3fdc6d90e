//! A ledger that is filled from elsewhere: rows go through memory into one transaction after another, and the file has its
//! name when all are in.

use super::{
    LedgerError,
    rows::{Rows, RowsMut, Table},
};
use redb::{Database, Durability, ReadableTable as _, WriteTransaction};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Rows in memory before they are written.
const ROWS_MAX: usize = 20_000;
/// Writings in one transaction: what it changed is kept in memory until it ends.
const WRITINGS_MAX: u32 = 16;

/// A ledger's file in the making.
pub(super) struct Filling {
    database: Database,
    /// There is always one but while the next is begun.
    transaction: Option<WriteTransaction>,
    rows: BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>,
    writings: u32,
    beside: PathBuf,
    path: PathBuf,
}

impl Filling {
    /// Fills this database, whose file lies beside its place.
    pub(super) fn begin(
        database: Database,
        beside: PathBuf,
        path: &Path,
    ) -> Result<Self, LedgerError> {
        Ok(Self {
            transaction: Some(database.begin_write()?),
            database,
            rows: BTreeMap::new(),
            writings: 0,
            beside,
            path: path.to_owned(),
        })
    }

    /// Writes what has gathered, where it is much.
    pub(super) fn settle(&mut self) -> Result<(), LedgerError> {
        if self.rows.len() >= ROWS_MAX {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), LedgerError> {
        let Some(transaction) = self.transaction.take() else {
            return Ok(());
        };
        for table in Table::ALL {
            let mut rows = self.rows.range((table, vec![])..).peekable();
            if rows.peek().is_none_or(|((of, _), _)| *of != table) {
                continue;
            }
            let mut open = transaction.open_table(table.definition())?;
            for ((_, key), value) in rows.take_while(|((of, _), _)| *of == table) {
                match value {
                    Some(value) => drop(open.insert(key.as_slice(), value.as_slice())?),
                    None => drop(open.remove(key.as_slice())?),
                }
            }
        }
        self.rows.clear();
        self.writings += 1;
        if self.writings < WRITINGS_MAX {
            self.transaction = Some(transaction);
        } else {
            self.writings = 0;
            commit(transaction)?;
            self.transaction = Some(self.database.begin_write()?);
        }
        Ok(())
    }

    /// Everything is in: the file gets its name, and is open.
    pub(super) fn end(mut self) -> Result<Database, LedgerError> {
        self.write()?;
        self.transaction.take().map_or(Ok(()), commit)?;
        let Self {
            database,
            beside,
            path,
            ..
        } = self;
        drop(database);
        fs::rename(beside, &path).map_err(redb::Error::Io)?;
        super::open(&path)
    }
}

fn commit(mut transaction: WriteTransaction) -> Result<(), LedgerError> {
    transaction.set_durability(Durability::Immediate)?;
    transaction.set_quick_repair(true);
    transaction.commit()?;
    Ok(())
}

impl Rows for Filling {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        if let Some(row) = self.rows.get(&(table, key.to_vec())) {
            return Ok(row.clone());
        }
        let Some(transaction) = &self.transaction else {
            return Ok(None);
        };
        let table = transaction.open_table(table.definition())?;
        Ok(table.get(key)?.map(|row| row.value().to_vec()))
    }
}

impl RowsMut for Filling {
    fn put(&mut self, table: Table, key: &[u8], value: Vec<u8>) {
        self.rows.insert((table, key.to_vec()), Some(value));
    }

    fn remove(&mut self, table: Table, key: &[u8]) {
        self.rows.insert((table, key.to_vec()), None);
    }
}
