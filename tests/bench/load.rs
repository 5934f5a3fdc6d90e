//! How fast it is, beside what cannot be beaten: a bare broadcast that stores nothing, and a bare group commit of the same
//! rows in the same tables of the same database.
//!
//! Everything is measured in rounds, each with the yardstick and the server one after the other, and told as the median of
//! each and of the rounds' ratios: absolute figures of a shared machine say little. What is measured is a `rialtod` process
//! with the limits raised, over plain sockets on this machine, and 300-byte messages; the load comes from this process, on
//! the same cores. `cargo build --release --workspace && cargo bench -p rialto-tests --bench load`.
//!
//! Sizes: `RIALTO_BENCH_ROUNDS` (3), `RIALTO_BENCH_MEMBERS` (1000), `RIALTO_BENCH_ENTRIES` (100000).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "a bench stops where it is not as it expects"
)]

mod broadcast;
mod group;
mod load {
    pub(crate) mod acks;
    pub(crate) mod fanout;
    pub(crate) mod idle;
    pub(crate) mod restart;
}
mod member;
mod process;
mod table;

use process::Folder;
use table::{Pairs, Table};

/// A size, from the environment or else this.
fn size(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |given| {
        given
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not {given:?}"))
    })
}

fn main() {
    if std::env::var(broadcast::PART).is_ok() {
        return broadcast::serve();
    }
    // `cargo bench` says so; `cargo test --benches` and a list of benches want nothing measured.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let rounds = size("RIALTO_BENCH_ROUNDS", 3);
    let crowd = size("RIALTO_BENCH_MEMBERS", 1_000);
    let entries = size("RIALTO_BENCH_ENTRIES", 100_000);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut table = Table::default();
    runtime.block_on(async {
        let few = crowd.min(100);
        let (folder, members) = Folder::with(crowd).await;
        for (people, window, messages) in [(few, 64, 20_000), (crowd, 16, 2_000)] {
            let mut pairs = Pairs::default();
            for _ in 0..rounds {
                let bare = load::fanout::bare(people, window, messages).await;
                let ours = load::fanout::ours(&folder, &members, people, window, messages).await;
                pairs.push(bare, ours);
            }
            let what = format!("deliveries a second, {people} members, {window} in flight");
            table.faster(&what, "broadcast that stores nothing", &pairs, table::count);
        }
        let (mut middle, mut slow) = (Pairs::default(), Pairs::default());
        for _ in 0..rounds {
            let bare = load::fanout::bare_paced(few, 200, 1_000).await;
            let ours = load::fanout::ours_paced(&folder, &members, few, 200, 1_000).await;
            middle.push(bare.median, ours.median);
            slow.push(bare.late, ours.late);
        }
        let what = format!("sender to last of {few} receivers at 200 a second, median");
        table.slower(
            &what,
            "broadcast that stores nothing",
            &middle,
            table::millis,
        );
        let what = format!("sender to last of {few} receivers at 200 a second, 99 of 100");
        table.slower(&what, "broadcast that stores nothing", &slow, table::millis);
        acknowledged(&mut table, &folder, &members, rounds).await;
        let mut idle = Pairs::default();
        for _ in 0..rounds {
            let bare = load::idle::bare(crowd).await;
            let ours = load::idle::ours(&folder, &members).await;
            idle.push(bare, ours);
        }
        let what = format!("memory of each of {crowd} idle connections, logged in");
        table.slower(
            &what,
            "broadcast that stores nothing",
            &idle,
            table::kibibytes,
        );
        let started = load::restart::after_kill(&folder, &members, entries, rounds).await;
        let what = format!(
            "from start to serving after kill -9, {} entries",
            started.entries
        );
        table.alone(&what, &started.seconds, table::millis_of_seconds);
    });
    table.print(rounds);
}

/// Commands acknowledged, beside a group commit of the rows that they wrote.
async fn acknowledged(
    table: &mut Table,
    folder: &Folder,
    members: &[member::Member],
    rounds: usize,
) {
    for flight in [1, 64, 256] {
        let commands = if flight == 1 { 2_000 } else { 20_000 };
        let mut pairs = Pairs::default();
        for _ in 0..rounds {
            let ours = load::acks::ours(folder, members, flight, commands).await;
            let rows = group::Rows::of(&folder.ledger(), commands);
            let bare = group::commits(&rows, flight);
            pairs.push(bare, ours);
        }
        let what = format!("commands acknowledged a second, {flight} in flight");
        table.faster(&what, "group commit of the same rows", &pairs, table::count);
    }
}
