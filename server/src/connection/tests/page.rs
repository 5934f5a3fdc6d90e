//! The page of invitations against those who look at it often, and those who mean harm.

use super::House;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Whatever is answered to this request, up to the end of the connection.
async fn answer<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said
}

#[tokio::test]
async fn the_page_of_invitations_is_served_a_hundred_times_and_nobody_is_cut_for_it() {
    let house = House::plain().await;
    for turn in 0..100 {
        let method = if turn % 2 == 0 { "GET" } else { "HEAD" };
        let request =
            format!("{method} /join HTTP/1.1\r\nHost: x\r\nSec-Purpose: prefetch\r\n\r\n");
        let said = answer(house.connect().await, &request).await;
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert_eq!(body.is_empty(), method == "HEAD");
        // What a browser asks for by itself.
        let icon = "GET /favicon.ico HTTP/1.1\r\nHost: x\r\n\r\n";
        let said = answer(house.connect().await, icon).await;
        assert!(said.starts_with("HTTP/1.1 404 "), "{said}");
    }
    let mut client = house.client().await.login().await;
    client.say("say still here").await;
    assert_eq!(client.hear().await, "still here");
}

#[tokio::test]
async fn who_fetches_the_page_without_end_is_cut_and_who_is_inside_is_not() {
    let house = House::plain().await;
    let mut inside = house.client().await.login().await;
    let mut served = 0;
    loop {
        let mut stream = house.connect().await;
        let request = b"GET /join HTTP/1.1\r\nHost: x\r\n\r\n";
        let mut said = Vec::new();
        // A connection that is cut at the door may be cut before it is written to.
        let _cut = stream.write_all(request).await;
        let _cut = stream.read_to_end(&mut said).await;
        if said.is_empty() {
            break;
        }
        served += 1;
        assert!(served < 5_000, "still served");
    }
    assert!(served >= 300, "{served}");
    inside.say("say still here").await;
    assert_eq!(inside.hear().await, "still here");
}

#[tokio::test]
async fn hostile_requests_to_the_page_have_their_answer_and_cost_nobody_else_anything() {
    let house = House::plain().await;
    let mut inside = house.client().await.login().await;
    let long = format!("GET /join HTTP/1.1\r\nX: {}", "x".repeat(8 * 1024));
    let many = format!("GET /join HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(65));
    let path = format!("GET /join?{} HTTP/1.1\r\n", "x".repeat(9 * 1024));
    for (sent, status) in [
        ("POST /join HTTP/1.1\r\nContent-Length: 4\r\n\r\n", "405"),
        ("DELETE /join HTTP/1.1\r\n\r\n", "405"),
        ("CONNECT /join HTTP/1.1\r\n\r\n", "405"),
        ("GET /join HTTP/1.1\r\nOrigin: null\r\n\r\n", "403"),
        (
            "GET /join HTTP/1.1\r\n\r\nGET /join HTTP/1.1\r\n\r\n",
            "400",
        ),
        ("GET /join HTTP/1.1\r\nHost: a\0b\r\n\r\n", "400"),
        ("GET /join HTTP/1.1\r\nX\u{e4}: b\r\n\r\n", "400"),
        ("GET /join HTTP/2.0\r\n\r\n", "400"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"),
        ("GET /join/../admin HTTP/1.1\r\n\r\n", "404"),
        ("GET /join%00 HTTP/1.1\r\n\r\n", "404"),
        (long.as_str(), "431"),
        (many.as_str(), "431"),
        (path.as_str(), "431"),
    ] {
        let said = answer(house.connect().await, sent).await;
        assert!(
            said.starts_with(&format!("HTTP/1.1 {status} ")),
            "{sent:?}: {said}"
        );
        assert!(said.contains("\r\nConnection: close\r\n"), "{said}");
        inside.say("say still here").await;
        assert_eq!(inside.hear().await, "still here");
    }
}
