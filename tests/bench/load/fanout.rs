//! From one sender to many receivers: as fast as it goes, and at an even rate.

use crate::{
    broadcast::Broadcast,
    member::{self, Member, Socket, answered, body, connect, numbers, say},
    process::Folder,
};
use futures_util::{SinkExt as _, StreamExt as _, future::join_all};
use rialto_shared::{id::LaneId, id::RoomId, limits};
use std::{
    cell::RefCell,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
use tokio::task::LocalSet;
use tokio_tungstenite::tungstenite::Message;

/// Tells the uses of a lane apart: numbers are never used twice.
static USES: AtomicU64 = AtomicU64::new(1);

/// How a message goes out, and what comes back for it.
#[derive(Clone)]
enum Speech {
    /// To the broadcast, which sends it back to its sender too.
    Bare,
    /// As a numbered command, which is answered.
    Command(LaneId, RoomId),
}

impl Speech {
    fn frame(&self, n: usize, number: usize) -> String {
        match self {
            Self::Bare => body(number),
            Self::Command(lane, room) => say(*lane, n as u64 + 1, *room, number),
        }
    }

    fn heard(&self, frame: &str) -> usize {
        match self {
            Self::Bare => numbers(frame).count(),
            Self::Command(..) => usize::from(answered(frame)),
        }
    }
}

/// Says these, so many at most unanswered, and waits until all are answered. The broadcast answers everybody everything: it
/// counts its own by waiting for as many.
async fn speak(mut socket: Socket, speech: Speech, numbers: Vec<usize>, window: usize) {
    let (mut sent, mut heard) = (0, 0);
    while heard < numbers.len() {
        while sent < numbers.len() && sent - heard.min(sent) < window {
            let frame = speech.frame(sent, numbers[sent]);
            socket.feed(Message::text(frame)).await.unwrap();
            sent += 1;
        }
        socket.flush().await.unwrap();
        heard += speech.heard(&member::text(&mut socket).await);
    }
}

async fn count(mut socket: Socket, messages: usize) {
    let mut heard = 0;
    while heard < messages {
        heard += numbers(&member::text(&mut socket).await).count();
    }
    assert_eq!(heard, messages, "each message once");
}

/// Deliveries a second, from the first frame to the last receiver's last message.
async fn deliver(
    receivers: Vec<Socket>,
    senders: Vec<(Socket, Speech)>,
    window: usize,
    messages: usize,
) -> f64 {
    let people = receivers.len();
    let each = messages / senders.len();
    let messages = each * senders.len();
    let from = Instant::now();
    LocalSet::new()
        .run_until(async {
            let count = |socket| tokio::task::spawn_local(count(socket, messages));
            let receiving: Vec<_> = receivers.into_iter().map(count).collect();
            let share = window / senders.len();
            let speaking = senders
                .into_iter()
                .enumerate()
                .map(|(at, (socket, speech))| {
                    let own = (at * each..(at + 1) * each).collect();
                    tokio::task::spawn_local(speak(socket, speech, own, share.max(1)))
                });
            let speaking: Vec<_> = speaking.collect();
            for task in join_all(receiving).await {
                task.unwrap();
            }
            // A receiver may be first: what is not answered yet goes with its connection.
            speaking.iter().for_each(tokio::task::JoinHandle::abort);
        })
        .await;
    (people * messages) as f64 / from.elapsed().as_secs_f64()
}

async fn bare_crowd(server: &Broadcast, people: usize) -> Vec<Socket> {
    join_all((0..people).map(|_| connect(server.address, None))).await
}

pub(crate) async fn bare(people: usize, window: usize, messages: usize) -> f64 {
    let server = Broadcast::start();
    let receivers = bare_crowd(&server, people).await;
    let sender = connect(server.address, None).await;
    deliver(receivers, vec![(sender, Speech::Bare)], window, messages).await
}

async fn crowd(folder: &Folder, members: &[Member], people: usize) -> Vec<Socket> {
    let mut receivers = vec![];
    for member in &members[..people] {
        receivers.push(member.listen(folder.address, folder.channel).await);
    }
    receivers
}

async fn sender(folder: &Folder, member: &Member) -> (Socket, Speech) {
    let lane = member.lane(USES.fetch_add(1, Ordering::Relaxed));
    let socket = member.log_in(folder.address).await;
    (socket, Speech::Command(lane, folder.channel))
}

pub(crate) async fn ours(
    folder: &Folder,
    members: &[Member],
    people: usize,
    window: usize,
    messages: usize,
) -> f64 {
    let _server = folder.serve();
    let receivers = crowd(folder, members, people).await;
    let mut senders = vec![];
    for member in members
        .iter()
        .take(window.div_ceil(limits::LANE_UNANSWERED_MAX))
    {
        senders.push(sender(folder, member).await);
    }
    deliver(receivers, senders, window, messages).await
}

/// How long it took from the sender to the last receiver, in seconds.
pub(crate) struct Delay {
    pub(crate) median: f64,
    pub(crate) late: f64,
}

/// When each message was sent, and when its last receiver had it.
struct Log {
    from: Instant,
    sent: RefCell<Vec<Duration>>,
    last: RefCell<Vec<Duration>>,
}

async fn note(mut socket: Socket, log: Rc<Log>, messages: usize) {
    let mut heard = 0;
    while heard < messages {
        let frame = member::text(&mut socket).await;
        let now = log.from.elapsed();
        for number in numbers(&frame) {
            log.last.borrow_mut()[number] = now;
            heard += 1;
        }
    }
}

/// Sends at an even rate whatever comes back, and reads it, so that the server never waits.
async fn pace(socket: Socket, speech: Speech, log: Rc<Log>, rate: u32, messages: usize) {
    let (mut sink, mut source) = socket.split();
    let reading = async { while let Some(Ok(_)) = source.next().await {} };
    let writing = async {
        let mut beat = tokio::time::interval(Duration::from_secs(1) / rate);
        for number in 0..messages {
            beat.tick().await;
            let frame = speech.frame(number, number);
            log.sent.borrow_mut()[number] = log.from.elapsed();
            sink.send(Message::text(frame)).await.unwrap();
        }
    };
    tokio::join!(reading, writing);
}

async fn paced(
    receivers: Vec<Socket>,
    sender: (Socket, Speech),
    rate: u32,
    messages: usize,
) -> Delay {
    let log = Rc::new(Log {
        from: Instant::now(),
        sent: RefCell::new(vec![Duration::ZERO; messages]),
        last: RefCell::new(vec![Duration::ZERO; messages]),
    });
    LocalSet::new()
        .run_until(async {
            let note = |socket| tokio::task::spawn_local(note(socket, Rc::clone(&log), messages));
            let receiving: Vec<_> = receivers.into_iter().map(note).collect();
            let (socket, speech) = sender;
            let sending =
                tokio::task::spawn_local(pace(socket, speech, Rc::clone(&log), rate, messages));
            for task in join_all(receiving).await {
                task.unwrap();
            }
            sending.abort();
        })
        .await;
    let (sent, last) = (log.sent.borrow(), log.last.borrow());
    let mut delays: Vec<f64> = sent
        .iter()
        .zip(last.iter())
        .map(|(sent, last)| last.saturating_sub(*sent).as_secs_f64())
        .collect();
    delays.sort_by(f64::total_cmp);
    Delay {
        median: delays[messages / 2],
        late: delays[messages * 99 / 100],
    }
}

pub(crate) async fn bare_paced(people: usize, rate: u32, messages: usize) -> Delay {
    let server = Broadcast::start();
    let receivers = bare_crowd(&server, people).await;
    let sender = connect(server.address, None).await;
    paced(receivers, (sender, Speech::Bare), rate, messages).await
}

pub(crate) async fn ours_paced(
    folder: &Folder,
    members: &[Member],
    people: usize,
    rate: u32,
    messages: usize,
) -> Delay {
    let _server = folder.serve();
    let receivers = crowd(folder, members, people).await;
    let sender = sender(folder, &members[0]).await;
    paced(receivers, sender, rate, messages).await
}
