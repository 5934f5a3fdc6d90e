//! The front against clients that are slow, rude, many, gone or merely fast. Where time matters it is tokio's, paused: it
//! jumps to the next deadline as soon as nobody has anything to do.

mod backlog;
mod page;

use super::{
    Limits, Security, Stop,
    scripted::{Client, House, Lone, frame, header, lone, upgraded},
};
use crate::{
    config::Config,
    identity::tls::{CERTIFICATE_FILE, security},
};
use futures_util::StreamExt as _;
use rialto_shared::{
    closing::CloseCode, id::Hash, limits::MESSAGE_BYTES_MAX, protocol::Binding, time::Timestamp,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{
        AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf, duplex,
    },
    time::Instant,
};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::Message;

const PLENTY: usize = 1024 * 1024;

/// A client over a pipe, and the connection at the other end.
async fn pair(limits: Limits) -> (Client<DuplexStream>, Lone) {
    let (near, far) = duplex(PLENTY);
    (Client::over(near).await, lone(far, limits))
}

/// What becomes of a client that logs in and then sends these bytes.
async fn after(bytes: &[u8]) -> Option<CloseCode> {
    let (client, _lone) = pair(Limits::default()).await;
    let mut client = client.login().await;
    client.raw(bytes).await;
    client.goodbye().await
}

#[tokio::test]
async fn each_breach_of_the_protocol_has_its_code() {
    let text = |length: usize| "x".repeat(length).into_bytes();
    let above = u64::try_from(MESSAGE_BYTES_MAX + 1).unwrap();
    let mut joined = frame(0x01, &text(MESSAGE_BYTES_MAX));
    joined.extend(frame(0x80, b"x"));
    let mut pieces = frame(0x01, b"say ");
    pieces.extend(frame(0x00, b"").repeat(100));
    let mut nested = frame(0x01, b"say ");
    nested.extend(frame(0x81, b"x"));
    for (what, bytes, code) in [
        (
            "a frame above the limit",
            header(0x81, above),
            CloseCode::TooBig,
        ),
        (
            "a frame of 2^63 bytes",
            header(0x81, 1 << 63),
            CloseCode::TooBig,
        ),
        ("a message above the limit", joined, CloseCode::TooBig),
        ("a message in too many pieces", pieces, CloseCode::Conduct),
        ("a message within a message", nested, CloseCode::Protocol),
        ("a binary frame", frame(0x82, b"x"), CloseCode::Binary),
        ("no UTF-8", frame(0x81, b"\xff\xfe"), CloseCode::NotText),
        ("half a letter", frame(0x81, b"\xc3"), CloseCode::NotText),
        (
            "an unmasked frame",
            b"\x81\x01x".to_vec(),
            CloseCode::Protocol,
        ),
        ("a reserved bit", frame(0xc1, b"x"), CloseCode::Protocol),
        ("a reserved opcode", frame(0x83, b"x"), CloseCode::Protocol),
        (
            "a reserved control opcode",
            frame(0x8b, b"x"),
            CloseCode::Protocol,
        ),
        (
            "a continuation of nothing",
            frame(0x80, b"x"),
            CloseCode::Protocol,
        ),
        ("a ping in pieces", frame(0x09, b"x"), CloseCode::Protocol),
        ("a long ping", frame(0x89, &text(126)), CloseCode::Protocol),
        (
            "a flood of pings",
            frame(0x89, b"x").repeat(100),
            CloseCode::Conduct,
        ),
        (
            "a flood of pongs",
            frame(0x8a, b"x").repeat(100),
            CloseCode::Conduct,
        ),
    ] {
        assert_eq!(after(&bytes).await, Some(code), "{what}");
    }
}

#[tokio::test]
async fn what_is_within_the_protocol_is_served() {
    let (client, _lone) = pair(Limits::default()).await;
    let mut client = client.login().await;
    client.raw(&frame(0x01, b"say ")).await;
    client.raw(&frame(0x00, b"\xc3")).await;
    client.raw(&frame(0x89, b"ping")).await;
    client.raw(&frame(0x80, b"\xa4")).await;
    assert_eq!(client.hear().await, "\u{e4}");
    let most = format!("say {}", "x".repeat(MESSAGE_BYTES_MAX - 4));
    client.say(&most).await;
    assert_eq!(client.hear().await.len(), MESSAGE_BYTES_MAX - 4);
    client.socket.close(None).await.unwrap();
    assert!(matches!(
        client.socket.next().await,
        Some(Ok(Message::Close(None)))
    ));
    assert!(client.socket.next().await.is_none());
}

#[tokio::test]
async fn what_is_said_before_a_goodbye_arrives_and_nothing_after_it() {
    let (client, lone) = pair(Limits::default()).await;
    let mut client = client.login().await;
    client.say("part").await;
    assert_eq!(client.hear().await, "bye");
    assert_eq!(client.goodbye().await, Some(CloseCode::Revoked));
    drop(client);
    lone.ended.await.unwrap();
}

#[tokio::test]
async fn answers_and_the_bell_reach_the_client() {
    let (client, lone) = pair(Limits::default()).await;
    let mut client = client.login().await;
    client.say("ask one").await;
    client.say("say heard").await;
    assert_eq!(client.hear().await, "heard");
    lone.town.answer_all();
    assert_eq!(client.hear().await, "answer one");
    lone.town.last_wake().ring();
    assert_eq!(client.hear().await, "woken");
}

#[tokio::test(start_paused = true)]
async fn a_conversation_that_never_rests_delays_nobody_and_no_deadline() {
    let house = House::plain().await;
    let mut busy = house.client().await;
    busy.say("busy").await;
    busy.say("say here").await;
    assert_eq!(busy.hear().await, "here");
    let mut other = house.client().await.login().await;
    other.say("say here too").await;
    assert_eq!(other.hear().await, "here too");
    // Time does not jump by itself while somebody is busy.
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(busy.goodbye().await, Some(CloseCode::NoLogin));
}

/// A stream that counts writes, under a client that has said much before it is first read.
struct Counted {
    stream: DuplexStream,
    writes: Arc<AtomicUsize>,
}

impl AsyncRead for Counted {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.writes.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut this.stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[tokio::test]
async fn a_turn_is_one_flush_however_much_it_says() {
    let (near, far) = duplex(PLENTY);
    let mut client = Client::over(near).await;
    client.say("login").await;
    for number in 0..20 {
        client.say(&format!("say {number}")).await;
    }
    let writes = Arc::new(AtomicUsize::new(0));
    let stream = Counted {
        stream: far,
        writes: Arc::clone(&writes),
    };
    let _lone = lone(stream, Limits::default());
    assert_eq!(client.hear().await, "in");
    for number in 0..20 {
        assert_eq!(client.hear().await, number.to_string());
    }
    assert_eq!(writes.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_fast_client_is_read_later_and_loses_nothing() {
    let (client, _lone) = pair(Limits::default()).await;
    let mut client = client.login().await;
    let from = Instant::now();
    for number in 0..99 {
        client.say(&format!("say {number}")).await;
    }
    for number in 0..99 {
        assert_eq!(client.hear().await, number.to_string());
    }
    // A hundred frames with the login: sixty at once, forty at twenty a second.
    let taken = from.elapsed();
    assert!((1_900..2_100).contains(&taken.as_millis()), "{taken:?}");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_log_in_is_sent_away_in_time() {
    let from = Instant::now();
    let (mut client, _lone) = pair(Limits::default()).await;
    client.say("say hello").await;
    assert_eq!(client.goodbye().await, Some(CloseCode::NoLogin));
    assert_eq!(from.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn who_talks_on_without_logging_in_is_sent_away() {
    let (mut client, _lone) = pair(Limits::default()).await;
    for _ in 0..9 {
        client.say("say hello").await;
    }
    assert_eq!(client.goodbye().await, Some(CloseCode::Conduct));
}

#[tokio::test(start_paused = true)]
async fn silence_is_answered_by_pings_and_then_by_the_end() {
    let (client, lone) = pair(Limits::default()).await;
    let client = client.login().await;
    let from = Instant::now();
    // The pipe stays open and is never read: what a client looks like whose machine has gone.
    lone.ended.await.unwrap();
    assert!((45..=46).contains(&from.elapsed().as_secs()));
    let mut bytes = Vec::new();
    let mut stream = client.socket.into_inner();
    stream.read_to_end(&mut bytes).await.unwrap();
    let [0x89, 0, 0x89, 0, 0x88, _, high, low, ..] = bytes.as_slice() else {
        panic!("{bytes:?} instead of two pings and a goodbye");
    };
    let code = u16::from_be_bytes([*high, *low]);
    assert_eq!(CloseCode::of(code), Some(CloseCode::Lagging));
}

#[tokio::test(start_paused = true)]
async fn who_answers_pings_stays() {
    let (client, lone) = pair(Limits::default()).await;
    let mut client = client.login().await;
    let wake = lone.town.last_wake();
    let later = tokio::spawn(async move {
        let mut minutes = tokio::time::interval(Duration::from_secs(60));
        for _ in 0..=10 {
            minutes.tick().await;
        }
        wake.ring();
    });
    assert_eq!(client.hear().await, "woken");
    later.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_does_not_take_what_is_sent_is_cut() {
    let (near, far) = duplex(8 * 1024);
    let lone = lone(far, Limits::default());
    let mut client = Client::over(near).await.login().await;
    let from = Instant::now();
    client.say("many 500").await;
    lone.ended.await.unwrap();
    assert!((30..=32).contains(&from.elapsed().as_secs()));
}

#[tokio::test]
async fn a_stalled_client_delays_nobody() {
    let house = House::plain().await;
    let mut stalled = house.client().await.login().await;
    // More than the sockets of both ends hold.
    stalled.say("many 20000").await;
    let mut other = house.client().await.login().await;
    for number in 0..50 {
        other.say(&format!("say {number}")).await;
        assert_eq!(other.hear().await, number.to_string());
    }
}

#[tokio::test]
async fn what_is_no_upgrade_gets_a_short_answer() {
    let house = House::plain().await;
    for (sent, answer) in [
        ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 426 "),
        (
            "GET /i/abc HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "HTTP/1.1 404 ",
        ),
        (
            "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 405 ",
        ),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}", "HTTP/1.1 400 "),
        ("SSH-2.0-OpenSSH_9.9\r\n\r\n", "HTTP/1.1 400 "),
    ] {
        let mut stream = house.connect().await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        assert!(said.starts_with(answer), "{sent:?}: {said:?}");
    }
    let mut stream = house.connect().await;
    let many = format!("GET / HTTP/1.1\r\nCookie: {}", "x".repeat(8 * 1024));
    stream.write_all(many.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 431 "), "{said:?}");
}

#[tokio::test]
async fn a_page_in_a_browser_is_refused_and_a_cookie_is_not_looked_at() {
    let house = House::plain().await;
    let origin = upgraded(&mut house.connect().await, "Origin: http://localhost\r\n").await;
    assert!(origin.unwrap().starts_with("HTTP/1.1 403 "));
    let cookie = upgraded(&mut house.connect().await, "Cookie: session=1\r\n").await;
    assert!(cookie.unwrap().starts_with("HTTP/1.1 101 "));
    assert_eq!(house.town.arrivals.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_trickles_in_is_cut_in_time() {
    let house = House::plain().await;
    let from = Instant::now();
    let mut stream = house.connect().await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: lo")
        .await
        .unwrap();
    assert_eq!(stream.read(&mut [0; 16]).await.unwrap(), 0);
    assert_eq!(from.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn one_address_has_so_many_places_until_its_people_log_in() {
    let house = House::plain().await;
    let mut waiting = Vec::new();
    for _ in 0..16 {
        waiting.push(house.client().await);
    }
    assert_eq!(upgraded(&mut house.connect().await, "").await, None);
    let inside = waiting.pop().unwrap().login().await;
    let mut next = house.client().await;
    next.say("say made it").await;
    assert_eq!(next.hear().await, "made it");
    drop(inside);
}

#[tokio::test]
async fn who_leaves_without_a_login_again_and_again_is_cut_and_who_logged_in_is_not() {
    let house = House::plain().await;
    for _ in 0..40 {
        let mut client = house.client().await.login().await;
        client.say("part").await;
        assert_eq!(client.goodbye().await, Some(CloseCode::Revoked));
    }
    for _ in 0..30 {
        let mut stream = house.connect().await;
        stream.write_all(b"guess\r\n\r\n").await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        assert!(said.starts_with("HTTP/1.1 400 "), "{said:?}");
    }
    // The last guesser's strike counts once its connection is wholly gone, which its own goodbye may precede.
    let mut attempts = 0;
    while upgraded(&mut house.connect().await, "").await.is_some() {
        attempts += 1;
        assert!(attempts < 5, "still admitted");
    }
}

#[tokio::test]
async fn a_goodbye_arrives_although_the_client_was_still_sending() {
    let house = House::plain().await;
    let mut client = house.client().await.login().await;
    let mut bytes = frame(0x82, b"binary");
    bytes.extend(frame(0x81, &[b'x'; 1024]).repeat(150));
    client.raw(&bytes).await;
    assert_eq!(client.goodbye().await, Some(CloseCode::Binary));
}

#[tokio::test]
async fn a_crowd_at_the_door_takes_no_place_from_those_inside() {
    let limits = Limits {
        unauthenticated: 2,
        ..Limits::default()
    };
    let house = House::open(limits, Security::Plain).await;
    let mut inside = house.client().await.login().await;
    let _first = house.client().await;
    let _second = house.client().await;
    assert_eq!(upgraded(&mut house.connect().await, "").await, None);
    inside.say("say still here").await;
    assert_eq!(inside.hear().await, "still here");
}

#[tokio::test]
async fn behind_a_proxy_only_the_proxy_may_come_and_its_visitors_are_counted() {
    let proxies = vec!["127.0.0.1".parse().unwrap()];
    let limits = Limits {
        per_address: 1,
        ..Limits::default()
    };
    let house = House::open(limits, Security::BehindProxy { proxies }).await;
    let (mut one, mut same, mut other) = (
        house.connect().await,
        house.connect().await,
        house.connect().await,
    );
    let forwarded = "X-Forwarded-For: 203.0.113.7\r\n";
    assert!(upgraded(&mut one, forwarded).await.is_some());
    assert!(
        upgraded(&mut other, "X-Forwarded-For: 203.0.113.8\r\n")
            .await
            .is_some()
    );
    // Refused after the upgrade: only then is it known who this is.
    assert!(upgraded(&mut same, forwarded).await.is_some());
    assert_eq!(same.read(&mut [0; 16]).await.unwrap(), 0);
    let peers: Vec<_> = house
        .town
        .arrivals
        .lock()
        .unwrap()
        .iter()
        .map(|arrival| arrival.peer.to_string())
        .collect();
    assert_eq!(peers, ["203.0.113.7", "203.0.113.8"]);

    let proxies = vec!["127.0.0.2".parse().unwrap()];
    let house = House::open(Limits::default(), Security::BehindProxy { proxies }).await;
    assert_eq!(upgraded(&mut house.connect().await, forwarded).await, None);
}

/// A certificate made for this test, and a client's settings that trust it and nothing else.
fn tls(folder: &tempfile::TempDir) -> (Security, TlsConnector) {
    let config = Config {
        data_dir: folder.path().to_owned(),
        ..Config::default()
    };
    let security = security(&config, Timestamp::from_millis(1_777_887_000_000)).unwrap();
    let pem = std::fs::read(folder.path().join(CERTIFICATE_FILE)).unwrap();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(&pem).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (security, TlsConnector::from(Arc::new(client)))
}

#[tokio::test]
async fn over_tls_the_server_is_bound_to_the_certificate_that_the_client_sees() {
    let folder = tempfile::tempdir().unwrap();
    let (security, connector) = tls(&folder);
    let house = House::open(Limits::default(), security).await;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector
        .connect(name, house.connect().await)
        .await
        .unwrap();
    let seen = Hash::plain(&stream.get_ref().1.peer_certificates().unwrap()[0]);
    assert!(
        upgraded(&mut stream, "")
            .await
            .unwrap()
            .starts_with("HTTP/1.1 101 ")
    );
    let mut client = Client::over(stream).await.login().await;
    client.say("part").await;
    assert_eq!(client.hear().await, "bye");
    assert_eq!(client.goodbye().await, Some(CloseCode::Revoked));
    let binding = house.town.arrivals.lock().unwrap()[0].binding;
    assert_eq!(binding, Binding::Tls(seen));
}

#[tokio::test(start_paused = true)]
async fn who_stalls_in_tls_or_speaks_none_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let (security, _) = tls(&folder);
    let house = House::open(Limits::default(), security).await;
    let from = Instant::now();
    let mut stalled = house.connect().await;
    stalled.write_all(&[0x16, 0x03, 0x01]).await.unwrap();
    assert_eq!(stalled.read(&mut [0; 64]).await.unwrap(), 0);
    assert_eq!(from.elapsed().as_secs(), 5);
    assert_eq!(upgraded(&mut house.connect().await, "").await, None);
    assert!(house.town.arrivals.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_stop_lets_answers_arrive_and_says_goodbye() {
    let house = House::plain().await;
    let mut client = house.client().await.login().await;
    client.say("ask one").await;
    client.say("say heard").await;
    assert_eq!(client.hear().await, "heard");
    house.stop.send(Stop::Draining).unwrap();
    assert_eq!(client.hear().await, "leaving");
    assert!(tokio::net::TcpStream::connect(house.address).await.is_err());
    house.town.answer_all();
    assert_eq!(client.hear().await, "answer one");
    assert_eq!(client.goodbye().await, Some(CloseCode::GoingAway));
    drop(client);
    house.ended.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_nobody_for_ever() {
    let (client, lone) = pair(Limits::default()).await;
    let mut client = client.login().await;
    client.say("ask what is never answered").await;
    client.say("say heard").await;
    assert_eq!(client.hear().await, "heard");
    let from = Instant::now();
    lone.stop.send(Stop::Draining).unwrap();
    assert_eq!(client.goodbye().await, Some(CloseCode::GoingAway));
    assert_eq!(from.elapsed().as_secs(), 15);
}

#[tokio::test]
async fn a_second_stop_is_at_once() {
    let house = House::plain().await;
    let mut client = house.client().await.login().await;
    client.say("ask what is never answered").await;
    client.say("say heard").await;
    assert_eq!(client.hear().await, "heard");
    house.stop.send(Stop::Draining).unwrap();
    assert_eq!(client.hear().await, "leaving");
    house.stop.send(Stop::Now).unwrap();
    house.ended.await.unwrap();
    assert_eq!(client.goodbye().await, None);
}
