//! What a connection costs that does nothing.

use crate::{
    broadcast::Broadcast,
    member::{Member, connect},
    process::{Folder, resident},
};

pub(crate) async fn bare(people: usize) -> f64 {
    let server = Broadcast::start();
    let before = resident(server.id());
    let mut sockets = vec![];
    for _ in 0..people {
        sockets.push(connect(server.address, None).await);
    }
    (resident(server.id()) - before) / people as f64
}

/// Bytes that the process grew by, for each that logged in, holds its rooms, and hears nothing.
pub(crate) async fn ours(folder: &Folder, members: &[Member]) -> f64 {
    let server = folder.serve();
    let mut sockets = vec![];
    // The first few bring in what all share: the database's cache, the directory, the allocator's stock.
    let (first, others) = members.split_at(members.len() / 10);
    for member in first {
        sockets.push(member.log_in(folder.address).await);
    }
    let before = resident(server.id());
    for member in others {
        sockets.push(member.log_in(folder.address).await);
    }
    (resident(server.id()) - before) / others.len() as f64
}
