//! From start to serving after `kill -9`, with a long log.

use super::acks;
use crate::{member::Member, process::Folder};
use redb::{ReadableDatabase as _, ReadableTableMetadata as _, TableDefinition};
use rialto_server::ledger;
use std::time::Instant;

pub(crate) struct Started {
    pub(crate) entries: u64,
    pub(crate) seconds: Vec<f64>,
}

fn entries(folder: &Folder) -> u64 {
    let database = ledger::open(&folder.ledger()).unwrap();
    let log: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("log");
    let read = database.begin_read().unwrap();
    read.open_table(log).unwrap().len().unwrap()
}

/// Fills the log up to so many entries, kills the server under load, and starts it again, a few times.
pub(crate) async fn after_kill(
    folder: &Folder,
    members: &[Member],
    wanted: usize,
    rounds: usize,
) -> Started {
    let missing = wanted.saturating_sub(usize::try_from(entries(folder)).unwrap());
    let mut server = folder.serve();
    if missing > 0 {
        acks::on(folder, members, 256, missing).await;
    }
    let mut seconds = vec![];
    for _ in 0..rounds {
        acks::on(folder, members, 256, 2_560).await;
        // Gone by SIGKILL before the next one starts.
        drop(server);
        let from = Instant::now();
        server = folder.serve();
        seconds.push(from.elapsed().as_secs_f64());
    }
    drop(server);
    Started {
        entries: entries(folder),
        seconds,
    }
}
