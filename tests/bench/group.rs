//! The yardstick for commands: a group commit of the rows that they wrote, in the same tables of the same database with the
//! same settings, by a loop that does nothing else.

use redb::{
    Builder, Database, Durability, ReadableDatabase as _, ReadableTable as _, TableDefinition,
};
use std::{collections::BTreeMap, path::Path, time::Instant};

/// The tables that a message writes to.
const TABLES: [&str; 6] = ["log", "at", "heads", "lanes", "receipts", "meta"];
/// The server's own.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

type Row = (Vec<u8>, Vec<u8>);

const fn table(name: &str) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
    TableDefinition::new(name)
}

/// The rows of some commands, as a ledger holds them.
#[derive(Debug)]
pub(crate) struct Rows {
    /// One for each command, in order.
    log: Vec<Row>,
    at: Vec<Row>,
    /// Written over and over: a head, lanes, receipts, counters.
    others: BTreeMap<&'static str, Vec<Row>>,
}

impl Rows {
    /// The last ones of this ledger, which nobody has open.
    pub(crate) fn of(ledger: &Path, commands: usize) -> Self {
        let database = Database::open(ledger).unwrap();
        let read = database.begin_read().unwrap();
        let all = |name: &'static str| -> Vec<Row> {
            let rows = read.open_table(table(name)).unwrap();
            let rows = rows.iter().unwrap().map(|row| {
                let (key, value) = row.unwrap();
                (key.value().to_vec(), value.value().to_vec())
            });
            rows.collect()
        };
        let mut log = all("log");
        log.drain(..log.len().saturating_sub(commands));
        let wanted: BTreeMap<Vec<u8>, ()> = log.iter().map(|(key, _)| (key.clone(), ())).collect();
        let mut at = all("at");
        at.retain(|(_, position)| wanted.contains_key(position));
        let head = at.last().map(|(key, _)| key[..key.len() - 8].to_vec());
        let mut others: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
        for name in &TABLES[2..] {
            others.insert(name, all(name));
        }
        let heads = others.get_mut("heads").unwrap();
        heads.retain(|(key, _)| Some(key) == head.as_ref());
        Self { log, at, others }
    }
}

/// Commits all of them, so many at a time, each with an fsync; commands a second.
pub(crate) fn commits(rows: &Rows, flight: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bare.redb");
    let mut builder = Builder::new();
    let database = builder.set_cache_size(CACHE_BYTES).create(path).unwrap();
    let from = Instant::now();
    let mut n = 0;
    let pairs: Vec<(&Row, &Row)> = rows.log.iter().zip(&rows.at).collect();
    for batch in pairs.chunks(flight) {
        let mut write = database.begin_write().unwrap();
        write.set_durability(Durability::Immediate).unwrap();
        write.set_quick_repair(true);
        {
            let put = |name: &str, rows: &mut dyn Iterator<Item = &Row>| {
                let mut table = write.open_table(table(name)).unwrap();
                for (key, value) in rows {
                    table.insert(key.as_slice(), value.as_slice()).unwrap();
                }
            };
            put("log", &mut batch.iter().map(|(log, _)| *log));
            put("at", &mut batch.iter().map(|(_, at)| *at));
            for name in ["heads", "meta"] {
                put(name, &mut rows.others[name].iter());
            }
            let receipts = &rows.others["receipts"];
            put(
                "receipts",
                &mut batch
                    .iter()
                    .enumerate()
                    .map(|(i, _)| &receipts[(n + i) % receipts.len()]),
            );
            // A batch holds commands of as many lanes as it takes to have that many in flight.
            let lanes = &rows.others["lanes"];
            put("lanes", &mut lanes.iter().take(flight.div_ceil(32)));
        }
        write.commit().unwrap();
        n += batch.len();
    }
    n as f64 / from.elapsed().as_secs_f64()
}
