//! Consoles with and without a server: what is promised to be sent is sent, once, under one number.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::{Console, SubmitError};
use crate::{
    client::Client,
    link::{LinkState, News, Order, fake::Fake},
    replica::{Change, PendingState, Ticket},
    request,
    sample::{self, ROOM, Sample},
};
use rialto_shared::{
    entry::Seq,
    limits,
    protocol::{Down, Outcome, Up},
    rejection::Rejection,
    room::talk::RedactReason,
    time::Timestamp,
};
use std::{collections::BTreeSet, path::Path};

fn live(console: &mut Console, connection: u64, frames: impl IntoIterator<Item = Down>) -> Vec<Up> {
    let mut ups = vec![];
    let state = News::State(LinkState::Live { connection });
    ups.extend(console.news(state).unwrap().orders);
    for frame in frames {
        ups.extend(console.news(News::Frame(Box::new(frame))).unwrap().orders);
    }
    sent(ups, connection)
}

fn sent(orders: Vec<Order>, on: u64) -> Vec<Up> {
    orders
        .into_iter()
        .map(|order| match order {
            Order::Send { connection, frame } => {
                assert_eq!(connection, on, "for this connection and no other");
                *frame
            }
            Order::Reconnect | Order::Stop => panic!("a frame"),
        })
        .collect()
}

fn commands(ups: &[Up]) -> Vec<(u64, String)> {
    ups.iter()
        .filter_map(|up| {
            let Up::Command { n, facts, .. } = up else {
                return None;
            };
            Some((*n, facts.clone()))
        })
        .collect()
}

fn lost(console: &mut Console) {
    let down = LinkState::Down {
        why: "gone".to_owned(),
        again_in: std::time::Duration::from_secs(1),
    };
    console.news(News::State(down)).unwrap();
}

async fn console(dir: &Path) -> Console {
    let fake = Fake::plain().await;
    Console::open(fake.account(dir)).unwrap()
}

fn opening(sample: &Sample) -> Vec<Down> {
    vec![sample::welcome(1), sample.whole(), Down::Ready { rooms: 1 }]
}

fn say(console: &mut Console, text: &str) -> (Ticket, Vec<Order>) {
    let command = request::say(text, None, BTreeSet::new()).unwrap();
    let (ticket, step) = console.submit(ROOM, command).unwrap();
    (ticket, step.orders)
}

fn refuse(ticket: Ticket, why: &Rejection) -> Down {
    Down::Answer {
        lane: ticket.lane,
        n: ticket.n,
        outcome: Outcome::Refused(why.into()),
    }
}

fn accept(ticket: Ticket) -> Down {
    Down::Answer {
        lane: ticket.lane,
        n: ticket.n,
        outcome: Outcome::Accepted {
            room: ROOM,
            from: Seq(2),
            to: Seq(2),
            at: Timestamp::EPOCH,
        },
    }
}

#[tokio::test]
async fn what_was_said_offline_goes_out_on_ready_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut console = console(folder.path()).await;
    let sample = Sample::community();
    live(&mut console, 1, opening(&sample));
    lost(&mut console);
    for text in ["one", "two"] {
        assert!(say(&mut console, text).1.is_empty(), "nowhere to send it");
    }
    let ups = live(&mut console, 2, vec![sample::welcome(1)]);
    assert!(commands(&ups).is_empty(), "not before everything is here");
    let ready = News::Frame(Box::new(Down::Ready { rooms: 1 }));
    let ups = sent(console.news(ready).unwrap().orders, 2);
    let numbers: Vec<u64> = commands(&ups).iter().map(|(n, _)| *n).collect();
    assert_eq!(numbers, [1, 2]);
}

#[tokio::test]
async fn an_unanswered_command_goes_out_again_byte_for_byte_after_a_reset_and_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = console(folder.path()).await;
    let sample = Sample::community();
    live(&mut one, 1, opening(&sample));
    let (ticket, orders) = say(&mut one, "hello");
    let first = sent(orders, 1);
    assert_eq!(commands(&first).len(), 1);
    lost(&mut one);
    let ups = live(&mut one, 2, [sample::welcome(1), Down::Ready { rooms: 1 }]);
    let again: Vec<&Up> = ups
        .iter()
        .filter(|up| matches!(up, Up::Command { .. }))
        .collect();
    assert_eq!(again, [&first[0]]);
    // Killed between the disk and the answer: the next process finds it in the file.
    drop(one);
    let mut next = console(folder.path()).await;
    assert_eq!(next.unanswered(), 1);
    assert_eq!(next.replica().pending().count(), 1, "shown at once");
    let ups = live(&mut next, 1, [sample::welcome(1), Down::Ready { rooms: 1 }]);
    let resent: Vec<&Up> = ups
        .iter()
        .filter(|up| matches!(up, Up::Command { .. }))
        .collect();
    assert_eq!(resent, [&first[0]]);
    let step = next.news(News::Frame(Box::new(accept(ticket)))).unwrap();
    assert!(matches!(
        step.changes.as_slice(),
        [.., Change::Answered { .. }]
    ));
    assert_eq!(next.unanswered(), 0);
    drop(next);
    assert_eq!(console(folder.path()).await.unanswered(), 0);
}

#[tokio::test]
async fn no_more_than_the_lanes_bound_is_on_its_way_and_answers_let_the_next_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut console = console(folder.path()).await;
    live(&mut console, 1, opening(&Sample::community()));
    let mut tickets = vec![];
    let mut out = 0;
    for n in 0..limits::LANE_UNANSWERED_MAX + 3 {
        let (ticket, orders) = say(&mut console, &format!("message {n}"));
        out += sent(orders, 1).len();
        tickets.push(ticket);
    }
    assert_eq!(out, limits::LANE_UNANSWERED_MAX);
    let step = console
        .news(News::Frame(Box::new(accept(tickets[0]))))
        .unwrap();
    let next = commands(&sent(step.orders, 1));
    assert_eq!(next.len(), 1);
    assert_eq!(
        next[0].0,
        u64::try_from(limits::LANE_UNANSWERED_MAX).unwrap() + 1
    );
}

#[tokio::test]
async fn a_commitment_is_made_while_connected_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut console = console(folder.path()).await;
    let mut sample = Sample::community();
    let start = sample.whole();
    let theirs = sample.say(2, "too much");
    let mut opening = vec![sample::welcome(1), start];
    opening.push(sample.after(Seq(1)));
    // As an alliance manager one moderates here.
    let mut manager = sample::standing(1);
    manager.member.alliance = true;
    manager.org.kind = rialto_shared::standing::OrgKind::Vendor;
    opening.push(Down::Cards {
        members: vec![manager.member],
        orgs: vec![manager.org],
    });
    live(&mut console, 1, opening);
    let redact = || request::redact(theirs, RedactReason::Abuse, "enough").unwrap();
    let refused = console.submit(ROOM, redact());
    assert!(matches!(refused, Err(SubmitError::Offline)), "{refused:?}");
    let ready = News::Frame(Box::new(Down::Ready { rooms: 1 }));
    console.news(ready).unwrap();
    let refused = console.submit(ROOM, redact());
    assert!(
        matches!(refused, Err(SubmitError::Uncertified)),
        "{refused:?}"
    );
    console.account.about.chain = vec![rialto_shared::statement::Certificate::issue(
        &sample::key(9),
        sample::server(),
        sample::org(1),
        rialto_shared::statement::public_key(&sample::key(1)),
        rialto_shared::statement::Use::Device,
    )];
    let (_, step) = console.submit(ROOM, redact()).unwrap();
    let ups = sent(step.orders, 1);
    let [
        Up::Command {
            signed: Some(signed),
            facts,
            ..
        },
    ] = ups.as_slice()
    else {
        panic!("one signed command");
    };
    let said: rialto_shared::statement::Declaration =
        serde_json::from_str(&signed.declaration).unwrap();
    assert_eq!((&said.facts, said.room), (facts, ROOM));
    assert_eq!(said.subject, sample.entries[1].hash(), "what is answered");
    let refused = console.submit(ROOM, redact());
    assert!(
        matches!(refused, Err(SubmitError::Committing)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_the_server_cannot_do_now_waits_with_its_lane_and_goes_out_again_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut console = console(folder.path()).await;
    live(&mut console, 1, opening(&Sample::community()));
    let (first, orders) = say(&mut console, "one");
    let frame = sent(orders, 1);
    let busy = News::Frame(Box::new(refuse(first, &Rejection::Unavailable)));
    let step = console.news(busy).unwrap();
    assert!(step.orders.is_empty(), "not at once");
    let told = |change: &Change| matches!(change, Change::Answered { .. });
    assert!(!step.changes.iter().any(told), "that is no answer");
    let state = |console: &Console| console.replica().pending_of(first).unwrap().state.clone();
    assert_eq!(state(&console), PendingState::Queued);
    assert!(console.waits(first));
    let (_, behind) = say(&mut console, "two");
    assert!(behind.is_empty(), "nothing overtakes it");
    let at = console.again_at().expect("it is asked again");
    let early = Timestamp::from_millis(at.as_millis() - 1);
    assert!(console.again(early).is_empty());
    let ups = sent(console.again(at), 1);
    assert_eq!(ups[0], frame[0], "the same bytes under the same number");
    let numbers: Vec<u64> = commands(&ups).iter().map(|(n, _)| *n).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(console.again_at(), None, "until there is an answer");
    // Still not: the next wait is longer. A new connection waits for nothing.
    let busy = News::Frame(Box::new(refuse(first, &Rejection::Unavailable)));
    console.news(busy).unwrap();
    assert!(console.waits(first));
    lost(&mut console);
    assert_eq!(console.again_at(), None);
    let ups = live(
        &mut console,
        2,
        [sample::welcome(1), Down::Ready { rooms: 1 }],
    );
    assert_eq!(commands(&ups).len(), 2);
    console.news(News::Frame(Box::new(accept(first)))).unwrap();
    assert_eq!(console.unanswered(), 1);
    // A process that ends while it waits leaves it to the next.
    drop(console);
    let console = self::console(folder.path()).await;
    assert_eq!(console.unanswered(), 1);
}

#[tokio::test]
async fn over_a_socket_what_was_unavailable_is_asked_again_until_it_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::plain().await;
    let mut sample = Sample::community();
    let start = sample.whole();
    let server = async {
        let (mut peer, _) = fake.seat().await;
        peer.down(&start).await;
        peer.down(&Down::Ready { rooms: 1 }).await;
        let first = peer.up().await.unwrap();
        let Up::Command { lane, n, .. } = first else {
            panic!("a command");
        };
        let ticket = Ticket { lane, n };
        peer.down(&refuse(ticket, &Rejection::Unavailable)).await;
        assert_eq!(peer.up().await.unwrap(), first, "the same again");
        let seq = sample.say(1, "hello");
        peer.down(&accept(ticket)).await;
        peer.down(&sample.after(seq.previous())).await;
        peer
    };
    let client = async {
        let mut client = Client::connect(fake.account(folder.path())).await.unwrap();
        let command = request::say("hello", None, BTreeSet::new()).unwrap();
        let receipt = client.submit(ROOM, command).await.unwrap();
        assert_eq!(receipt.ticket.n, 1);
        client
    };
    let (client, _peer) = tokio::join!(client, server);
    assert_eq!(client.console().unanswered(), 0);
}

#[tokio::test]
async fn what_the_rules_refuse_here_is_never_numbered() {
    let folder = tempfile::tempdir().unwrap();
    let mut console = console(folder.path()).await;
    live(&mut console, 1, opening(&Sample::community()));
    let mute = request::mute(sample::member(1), rialto_shared::time::Span::minutes(5));
    let before = console.store().next_ticket();
    let refused = console.submit(ROOM, mute);
    assert!(
        matches!(refused, Err(SubmitError::Rejected(_))),
        "{refused:?}"
    );
    assert_eq!(console.store().next_ticket(), before);
}

#[tokio::test]
async fn over_a_socket_what_is_said_comes_back_as_an_entry_and_a_reset_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::plain().await;
    let mut sample = Sample::community();
    let start = sample.whole();
    let server = async {
        let (mut peer, held) = fake.seat().await;
        assert!(held.is_empty());
        peer.down(&start).await;
        peer.down(&Down::Ready { rooms: 1 }).await;
        let first = peer.up().await.unwrap();
        // The connection breaks before the answer.
        drop(peer);
        let (mut peer, held) = fake.seat().await;
        assert_eq!(
            held,
            [(ROOM, sample.entries[0].head())],
            "goes on from there"
        );
        peer.down(&Down::Ready { rooms: 1 }).await;
        assert_eq!(peer.up().await.unwrap(), first, "the same again");
        let seq = sample.say(1, "hello");
        let Up::Command { lane, n, .. } = first else {
            panic!("a command");
        };
        peer.down(&accept(Ticket { lane, n })).await;
        peer.down(&sample.after(seq.previous())).await;
        peer
    };
    let client = async {
        let mut client = Client::connect(fake.account(folder.path())).await.unwrap();
        let command = request::say("hello", None, BTreeSet::new()).unwrap();
        let (ticket, step) = client.console_mut().submit(ROOM, command).unwrap();
        client.obey(step.orders);
        // The link goes down and comes back; the wait for the answer ends with the first and begins anew.
        while client.receipt(ticket).await.is_err() {
            client.obey([Order::Reconnect]);
        }
        while client.console().replica().pending().count() > 0 {
            client.turn().await.unwrap();
        }
        client
    };
    let (client, _peer) = tokio::join!(client, server);
    assert_eq!(client.console().unanswered(), 0);
    let held = client.console().replica().room(ROOM).unwrap();
    assert_eq!(held.room.head.seq, Seq(2));
}
