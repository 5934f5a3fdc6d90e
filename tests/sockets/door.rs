//! The door for strangers, over real sockets and real TLS: the page that a link opens, and the link itself.

mod proxied;
mod proxy;
mod rotated;

use crate::town::{PATIENCE, Person, Town};
use rialto::{
    link::{Joiner, any_certificate},
    route::Route,
};
use rialto_server::config::TlsMode;
use rialto_shared::{
    event::Event,
    id::RoomId,
    protocol::InviteLink,
    room::{State, inbox::What, org},
    standing::Role,
};
use rustls::{ClientConfig, crypto::ring, pki_types::ServerName};
use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A browser whose user has clicked the warning away: the client's own settings, which take any certificate.
fn anyone() -> TlsConnector {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(any_certificate())
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Over TLS to where a link leads.
async fn browser(link: &InviteLink) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect((link.host.as_str(), link.port)).await;
    let name = ServerName::try_from(link.host.clone()).unwrap();
    anyone().connect(name, stream.unwrap()).await.unwrap()
}

/// All that is answered to a request, up to the end of the connection.
async fn fetch(link: &InviteLink, request: &str) -> String {
    let mut stream = browser(link).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said
}

/// What those who look at links before people do send along.
const PREVIEWERS: [&str; 8] = [
    "",
    "Purpose: prefetch\r\n",
    "Sec-Purpose: prefetch;prerender\r\n",
    "X-Moz: prefetch\r\nRange: bytes=0-512\r\n",
    "User-Agent: Slackbot-LinkExpanding 1.0\r\nAccept: */*\r\n",
    "X-Forwarded-For: 203.0.113.7\r\nVia: 1.1 gateway\r\n",
    "If-None-Match: \"x\"\r\nIf-Modified-Since: Sat, 01 Jan 2022 00:00:00 GMT\r\n",
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
];

#[tokio::test]
async fn a_link_that_previewers_fetched_a_hundred_times_still_works_once() {
    let mut town = Town::open(TlsMode::Own).await;
    let link = town.organisation("Northwind", true);
    let mut tom = Person::join(&link, "Tom").await;
    let link = tom.invite(Role::Rep, false).await;
    let printed = link.to_string();
    let (page, secret) = printed.split_once('#').unwrap();
    assert_eq!(page, format!("https://{}:{}/join", link.host, link.port));
    for turn in 0..100 {
        let method = if turn % 3 == 0 { "HEAD" } else { "GET" };
        let more = PREVIEWERS[turn % PREVIEWERS.len()];
        let request = format!(
            "{method} /join HTTP/1.1\r\nHost: {}\r\n{more}\r\n",
            link.host
        );
        // A browser sends what stands before the number sign, and nothing of what stands after it.
        assert!(!request.contains(secret));
        let said = fetch(&link, &request).await;
        assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
        assert_eq!(said.ends_with("</html>\n"), method == "GET");
        assert!(!said.contains(&link.code.to_string()));
    }
    let mia = Person::join(&link, "Mia").await;
    assert_eq!(mia.org(), tom.org());
    let again = Joiner::ask(&link, Route::default()).await.unwrap();
    assert_eq!(again.offer.unwrap_err().code, "invitation.revoked");
    drop((tom, mia));
    town.stop().await;
}

/// Whom this person's Inbox tells of an invitation that was tried again, by the entries that it points to.
fn told(person: &Person) -> Vec<org::Event> {
    let replica = person.client.console().replica();
    let State::Inbox(inbox) = &replica.room(person.inbox()).unwrap().room.state else {
        panic!("no Inbox");
    };
    let tried = inbox
        .needs
        .iter()
        .filter(|need| need.what == What::InvitationTried);
    let entry = |room: RoomId, seq| {
        assert_eq!(room, RoomId::org(person.org()));
        let log = person.log(room);
        let found = log.into_iter().find(|entry| entry.seq == seq).unwrap();
        assert!(found.author.member().is_none(), "nobody knows who it was");
        match found.event {
            Event::Org(event) => event,
            other => panic!("{other:?}"),
        }
    };
    tried.map(|need| entry(need.room, need.seq)).collect()
}

/// Waits until the Inbox of this person tells of so many, and their rooms are whole.
async fn learns(town: &Town, person: &mut Person, count: usize) -> Vec<org::Event> {
    let until = Instant::now() + PATIENCE;
    let waits = |person: &Person| {
        let replica = person.client.console().replica();
        let State::Inbox(inbox) = &replica.room(person.inbox()).unwrap().room.state else {
            panic!("no Inbox");
        };
        let tried = inbox.needs.iter();
        tried
            .filter(|need| need.what == What::InvitationTried)
            .count()
    };
    while waits(person) < count {
        timeout_at(until, person.turn()).await.expect("to be told");
    }
    town.settle([&mut *person]).await;
    told(person)
}

#[tokio::test]
async fn a_second_use_is_refused_in_two_words_and_the_inviter_alone_is_told_once() {
    let mut town = Town::open(TlsMode::Own).await;
    let links = [
        town.organisation("Northwind", true),
        town.organisation("Alder", false),
    ];
    let mut tom = Person::join(&links[0], "Tom").await;
    let mut lea = Person::join(&links[1], "Lea").await;
    let link = tom.invite(Role::Admin, false).await;
    let mut mia = Person::join(&link, "Mia").await;
    town.settle([&mut tom, &mut mia, &mut lea]).await;
    let mut refusals = vec![];
    for _ in 0..20 {
        let again = Joiner::ask(&link, Route::default()).await.unwrap();
        refusals.push(again.offer.unwrap_err());
    }
    // A code that nobody ever made has the same answer.
    let mut unknown = link.clone();
    unknown.code.0[0] ^= 1;
    let never = Joiner::ask(&unknown, Route::default()).await.unwrap();
    refusals.push(never.offer.unwrap_err());
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    let told_tom = learns(&town, &mut tom, 1).await;
    town.settle([&mut mia, &mut lea]).await;
    assert!(
        matches!(
            told_tom.as_slice(),
            [org::Event::InvitationTried { by, member, .. }]
                if *by == Some(tom.member()) && *member == mia.member()
        ),
        "{told_tom:?}"
    );
    assert!(told(&mia).is_empty() && told(&lea).is_empty());
    let tries = |person: &Person, org| {
        let log = person.log(RoomId::org(org));
        let tried = |event: &Event| matches!(event, Event::Org(org::Event::InvitationTried { .. }));
        log.iter().filter(|entry| tried(&entry.event)).count()
    };
    assert_eq!((tries(&tom, tom.org()), tries(&lea, lea.org())), (1, 0));
    // The operator invited Lea, and has no seat: the organisation's admins are told.
    let again = Joiner::ask(&links[1], Route::default()).await.unwrap();
    again.offer.unwrap_err();
    assert_eq!(learns(&town, &mut lea, 1).await.len(), 1);
    town.settle([&mut tom]).await;
    assert_eq!(told(&tom).len(), 1);
    drop((tom, mia, lea));
    town.stop().await;
}
