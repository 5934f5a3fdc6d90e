//! Commands acknowledged, with so many in flight and nobody who listens.

use crate::{
    member::{self, Member, Socket, answered, say},
    process::Folder,
};
use futures_util::{SinkExt as _, future::join_all};
use rialto_shared::{id::LaneId, id::RoomId, limits};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};
use tokio::task::LocalSet;
use tokio_tungstenite::tungstenite::Message;

/// Tells the uses of a lane apart; beyond those of the fan-out.
static USES: AtomicU64 = AtomicU64::new(1 << 32);

async fn work(mut socket: Socket, lane: LaneId, room: RoomId, commands: usize, window: usize) {
    let (mut sent, mut done) = (0, 0);
    while done < commands {
        while sent < commands && sent - done < window {
            sent += 1;
            let frame = say(lane, sent as u64, room, sent);
            socket.feed(Message::text(frame)).await.unwrap();
        }
        socket.flush().await.unwrap();
        done += usize::from(answered(&member::text(&mut socket).await));
    }
}

/// On a server that runs already.
pub(crate) async fn on(folder: &Folder, members: &[Member], flight: usize, commands: usize) -> f64 {
    let share = flight.min(limits::LANE_UNANSWERED_MAX);
    let clients = flight / share;
    let mut sockets = vec![];
    for member in &members[..clients] {
        let lane = member.lane(USES.fetch_add(1, Ordering::Relaxed));
        sockets.push((member.log_in(folder.address).await, lane));
    }
    let each = commands / clients;
    let from = Instant::now();
    LocalSet::new()
        .run_until(async {
            let work = |(socket, lane)| {
                tokio::task::spawn_local(work(socket, lane, folder.channel, each, share))
            };
            let tasks: Vec<_> = sockets.into_iter().map(work).collect();
            for task in join_all(tasks).await {
                task.unwrap();
            }
        })
        .await;
    (each * clients) as f64 / from.elapsed().as_secs_f64()
}

pub(crate) async fn ours(
    folder: &Folder,
    members: &[Member],
    flight: usize,
    commands: usize,
) -> f64 {
    let _server = folder.serve();
    on(folder, members, flight, commands).await
}
