//! The one HTTP request of a connection: reads it, judges it, answers it.
//!
//! Written here and not left to the WebSocket library, which has no bound in bytes that is ours, answers nothing to what is
//! no upgrade, and knows nothing of Origin. A terminal sends no Origin; a page in a browser always does, so refusing it
//! shuts out every page that somebody is lured to. Cookies are not looked at.
//!
//! Beside the upgrade there is one page, for whoever opens an invitation in a browser: the same for everybody, and nothing in
//! a request changes it.

use super::page::Page;
use rialto_shared::protocol::{JOIN_PATH, SUBPROTOCOL};
use std::{io, net::IpAddr};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Bytes of the request, its header lines included.
pub(super) const REQUEST_BYTES_MAX: usize = 8 * 1024;
const HEADERS_MAX: usize = 64;

/// A request that was granted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Granted {
    /// What.
    pub(super) wanted: Wanted,
    /// The last address of `X-Forwarded-For`: who spoke to a proxy, if one is in front and says so.
    pub(super) forwarded: Option<IpAddr>,
}

/// What is to be had here.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The upgrade.
    Upgrade {
        /// What the answer proves that the key was read.
        accept: String,
    },
    /// The page of invitations.
    Page,
}

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    outcome: Result<Granted, Refused>,
    /// Whether the answer has no body, whatever it says: `HEAD`.
    bodiless: bool,
}

/// A request that was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// 400.
    Garbled,
    /// 400: a WebSocket upgrade, but not of a version or subprotocol that is spoken here.
    Unspoken,
    /// 403.
    Browser,
    /// 404.
    Absent,
    /// 405.
    Method,
    /// 405, at the page of invitations.
    PageMethod,
    /// 426.
    NoUpgrade,
    /// 431.
    TooLarge,
}

impl Refused {
    const fn status(self) -> &'static str {
        match self {
            Self::Garbled | Self::Unspoken => "400 Bad Request",
            Self::Browser => "403 Forbidden",
            Self::Absent => "404 Not Found",
            Self::Method | Self::PageMethod => "405 Method Not Allowed",
            Self::NoUpgrade => "426 Upgrade Required",
            Self::TooLarge => "431 Request Header Fields Too Large",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Garbled => "This is no request that can be read.",
            Self::Unspoken => "This needs WebSocket version 13 and the subprotocol rialto.1.",
            Self::Browser => "Browsers are not served here.",
            Self::Absent => "There is nothing here. Use the rialto program.",
            Self::Method => "Only GET.",
            Self::PageMethod => "Only GET and HEAD.",
            Self::NoUpgrade => "This is a Rialto server: use the rialto program.",
            Self::TooLarge => "The request is too large.",
        }
    }

    /// Whether somebody merely looked in, as browsers and previewers do, and asked for nothing that they might guess.
    pub(super) const fn looked(self) -> bool {
        match self {
            Self::Absent | Self::NoUpgrade => true,
            Self::Garbled
            | Self::Unspoken
            | Self::Browser
            | Self::Method
            | Self::PageMethod
            | Self::TooLarge => false,
        }
    }

    fn response(self, bodiless: bool) -> String {
        let more = match self {
            Self::Garbled | Self::Browser | Self::Absent | Self::TooLarge => String::new(),
            Self::Method => "Allow: GET\r\n".to_owned(),
            Self::PageMethod => "Allow: GET, HEAD\r\n".to_owned(),
            Self::NoUpgrade => "Upgrade: websocket\r\n".to_owned(),
            Self::Unspoken => {
                format!("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n")
            }
        };
        let upgrade = if self == Self::NoUpgrade {
            ", Upgrade"
        } else {
            ""
        };
        let (status, words) = (self.status(), self.words());
        let length = words.len() + 1;
        let head = format!(
            "HTTP/1.1 {status}\r\nConnection: close{upgrade}\r\n{more}Content-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {length}\r\n\r\n"
        );
        if bodiless {
            head
        } else {
            format!("{head}{words}\n")
        }
    }
}

/// Reads the request and answers it. A refusal is answered too.
///
/// # Errors
/// The stream's, also when it ends before the request does.
pub(super) async fn upgrade<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    page: &Page,
) -> io::Result<Result<Granted, Refused>> {
    let Verdict { outcome, bodiless } = read(stream).await?;
    match &outcome {
        Ok(Granted {
            wanted: Wanted::Upgrade { accept },
            ..
        }) => {
            let response = format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
            );
            stream.write_all(response.as_bytes()).await?;
        }
        Ok(Granted {
            wanted: Wanted::Page,
            ..
        }) => stream.write_all(page.response(bodiless)).await?,
        Err(refused) => {
            let response = refused.response(bodiless);
            stream.write_all(response.as_bytes()).await?;
        }
    }
    stream.flush().await?;
    Ok(outcome)
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Verdict> {
    let mut bytes = Vec::with_capacity(1024);
    loop {
        let mut chunk = [0; 1024];
        let room = (REQUEST_BYTES_MAX - bytes.len()).min(chunk.len());
        let count = stream
            .read(chunk.get_mut(..room).unwrap_or_default())
            .await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(chunk.get(..count).unwrap_or_default());
        match judge(&bytes) {
            Some(verdict) => return Ok(verdict),
            None if bytes.len() >= REQUEST_BYTES_MAX => return Ok(refused(Refused::TooLarge)),
            None => {}
        }
    }
}

const fn refused(refused: Refused) -> Verdict {
    Verdict {
        outcome: Err(refused),
        bodiless: false,
    }
}

/// What to say of the bytes so far; `None` while the request is not whole.
fn judge(bytes: &[u8]) -> Option<Verdict> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Partial) => None,
        // Frames are sent after the answer, and a page is asked for without a body: what follows the request at once is
        // not from a client of ours.
        Ok(httparse::Status::Complete(length)) if length < bytes.len() => {
            Some(refused(Refused::Garbled))
        }
        Ok(httparse::Status::Complete(_)) => Some(Verdict {
            outcome: grant(&request),
            bodiless: request.method == Some("HEAD"),
        }),
        Err(httparse::Error::TooManyHeaders) => Some(refused(Refused::TooLarge)),
        Err(
            httparse::Error::HeaderName
            | httparse::Error::HeaderValue
            | httparse::Error::NewLine
            | httparse::Error::Status
            | httparse::Error::Token
            | httparse::Error::Version,
        ) => Some(refused(Refused::Garbled)),
    }
}

fn grant(request: &httparse::Request<'_, '_>) -> Result<Granted, Refused> {
    let all = |name: &'static str| {
        request
            .headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value)
    };
    let lists = |name: &'static str, wanted: &'static str| {
        all(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .any(|item| item.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()))
    };
    // First, so that a page learns nothing else, not even which paths there are.
    if all("Origin").next().is_some() {
        return Err(Refused::Browser);
    }
    let forwarded = all("X-Forwarded-For").next_back().and_then(last_address);
    let path = request.path.and_then(|path| path.split('?').next());
    match (path, request.method) {
        (Some("/"), Some("GET")) => {}
        (Some("/"), _) => return Err(Refused::Method),
        (Some(JOIN_PATH), Some("GET" | "HEAD")) => {
            return Ok(Granted {
                wanted: Wanted::Page,
                forwarded,
            });
        }
        (Some(JOIN_PATH), _) => return Err(Refused::PageMethod),
        (_, _) => return Err(Refused::Absent),
    }
    if request.version != Some(1)
        || !lists("Connection", "upgrade")
        || !lists("Upgrade", "websocket")
    {
        return Err(Refused::NoUpgrade);
    }
    // The subprotocol's name is compared letter by letter; names of others may stand beside it.
    let spoken = all("Sec-WebSocket-Protocol")
        .flat_map(|value| value.split(|byte| *byte == b','))
        .any(|item| item.trim_ascii() == SUBPROTOCOL.as_bytes());
    if !lists("Sec-WebSocket-Version", "13") || !spoken {
        return Err(Refused::Unspoken);
    }
    let mut keys = all("Sec-WebSocket-Key");
    let (Some(key), None) = (keys.next(), keys.next()) else {
        return Err(Refused::Garbled);
    };
    let nonce = data_encoding::BASE64
        .decode(key)
        .map_err(|_| Refused::Garbled)?;
    if nonce.len() != 16 {
        return Err(Refused::Garbled);
    }
    Ok(Granted {
        wanted: Wanted::Upgrade {
            accept: derive_accept_key(key),
        },
        forwarded,
    })
}

/// The last one is what the nearest proxy saw; those before it anybody may have written.
fn last_address(value: &[u8]) -> Option<IpAddr> {
    let last = value.rsplit(|byte| *byte == b',').next()?;
    std::str::from_utf8(last.trim_ascii()).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REQUEST: &str = "GET / HTTP/1.1\r\nHost: console.example.com\r\nConnection: keep-alive, Upgrade\r\n\
        Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Protocol: chat, rialto.1\r\nCookie: a=b\r\n\r\n";

    fn verdict(request: &str) -> Verdict {
        judge(request.as_bytes()).expect("a whole request")
    }

    fn said(request: &str) -> Result<Granted, Refused> {
        verdict(request).outcome
    }

    #[test]
    fn the_rfcs_own_key_has_the_rfcs_own_answer() {
        let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned();
        assert_eq!(said(REQUEST).unwrap().wanted, Wanted::Upgrade { accept });
    }

    #[test]
    fn each_fault_has_its_status() {
        let with = |from: &str, to: &str| said(&REQUEST.replacen(from, to, 1));
        for (verdict, refused) in [
            (
                with("Cookie: a=b", "Origin: https://example.com"),
                Refused::Browser,
            ),
            (with("Cookie: a=b", "origin: null"), Refused::Browser),
            (with("GET / ", "POST / "), Refused::Method),
            (with("GET / ", "HEAD / "), Refused::Method),
            (with("GET / ", "POST /join "), Refused::PageMethod),
            (with("GET / ", "get /join "), Refused::PageMethod),
            (with("GET / ", "GET /join/ "), Refused::Absent),
            (with("GET / ", "GET /JOIN "), Refused::Absent),
            (with("GET / ", "GET //join "), Refused::Absent),
            (with("GET / ", "GET /join/../ "), Refused::Absent),
            (with("GET / ", "GET /join%2f "), Refused::Absent),
            (
                with("GET / ", "GET http://localhost/join "),
                Refused::Absent,
            ),
            (with("GET / ", "HEAD /elsewhere "), Refused::Absent),
            (
                with("GET / ", "GET /join ").and_then(|_| {
                    with(
                        "GET / HTTP/1.1",
                        "GET /join HTTP/1.1\r\nOrigin: https://example.com",
                    )
                }),
                Refused::Browser,
            ),
            (with("GET / ", "GET /i/abc "), Refused::Absent),
            (with("GET / ", "GET //evil "), Refused::Absent),
            (
                with("Connection: keep-alive, Upgrade", "Connection: keep-alive"),
                Refused::NoUpgrade,
            ),
            (
                with("Upgrade: WebSocket", "Upgrade: h2c"),
                Refused::NoUpgrade,
            ),
            (with("HTTP/1.1", "HTTP/1.0"), Refused::NoUpgrade),
            (with("Version: 13", "Version: 8"), Refused::Unspoken),
            (with("chat, rialto.1", "chat"), Refused::Unspoken),
            (with("chat, rialto.1", "RIALTO.1"), Refused::Unspoken),
            (with("ZQ==", "Z==="), Refused::Garbled),
            (with("dGhlIHNhbXBsZSBub25jZQ==", "AAAA"), Refused::Garbled),
            (
                with("Cookie: a=b", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
                Refused::Garbled,
            ),
            (
                with("Cookie: a=b\r\n\r\n", "Cookie: a=b\r\n\r\nmore"),
                Refused::Garbled,
            ),
            (with("Cookie: a=b", "Coo kie: a=b"), Refused::Garbled),
            (
                said("\u{16}\u{3}\u{1}\u{2}\0hello\r\n\r\n"),
                Refused::Garbled,
            ),
            (
                with("Cookie: a=b", &"A: b\r\n".repeat(HEADERS_MAX)),
                Refused::TooLarge,
            ),
        ] {
            assert_eq!(verdict, Err(refused));
        }
        assert_eq!(judge(&REQUEST.as_bytes()[..REQUEST.len() - 1]), None);
    }

    #[test]
    fn of_what_proxies_say_the_nearest_counts() {
        let forwarded = |header: &str| {
            said(&REQUEST.replacen("Cookie: a=b", header, 1))
                .unwrap()
                .forwarded
        };
        let address = Some("203.0.113.7".parse().unwrap());
        assert_eq!(forwarded("X-Forwarded-For: 203.0.113.7"), address);
        assert_eq!(forwarded("X-Forwarded-For: 10.0.0.1, 203.0.113.7"), address);
        assert_eq!(
            forwarded("X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2, 203.0.113.7"),
            address
        );
        assert_eq!(forwarded("X-Forwarded-For: unknown"), None);
        assert_eq!(forwarded("X-Real-IP: 203.0.113.7"), None);
    }

    #[test]
    fn an_answer_states_its_own_length() {
        for refused in [
            Refused::Garbled,
            Refused::Unspoken,
            Refused::Browser,
            Refused::Absent,
            Refused::Method,
            Refused::PageMethod,
            Refused::NoUpgrade,
            Refused::TooLarge,
        ] {
            let response = refused.response(false);
            let (head, body) = response.split_once("\r\n\r\n").unwrap();
            assert!(
                head.contains(&format!("\r\nContent-Length: {}", body.len())),
                "{response}"
            );
            assert!(head.starts_with("HTTP/1.1 4"), "{response}");
            assert_eq!(refused.response(true), format!("{head}\r\n\r\n"));
        }
    }

    #[test]
    fn the_page_is_granted_with_and_without_its_body_whatever_else_is_asked() {
        for (line, bodiless) in [
            ("GET /join HTTP/1.1", false),
            ("GET /join?utm_source=mail HTTP/1.1", false),
            ("GET /join HTTP/1.0", false),
            ("HEAD /join HTTP/1.1", true),
        ] {
            for more in [
                "",
                "Purpose: prefetch\r\n",
                "Upgrade: websocket\r\n",
                "Range: bytes=5-\r\n",
            ] {
                let found = verdict(&format!("{line}\r\nHost: x\r\n{more}\r\n"));
                assert_eq!(found.bodiless, bodiless);
                assert_eq!(found.outcome.unwrap().wanted, Wanted::Page);
            }
        }
        assert!(verdict("HEAD /elsewhere HTTP/1.1\r\n\r\n").bodiless);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Some(verdict) = judge(&bytes) {
                prop_assert!(verdict.outcome.is_err());
            }
        }

        #[test]
        fn no_mangled_request_panics(at in 0..REQUEST.len(), byte: u8) {
            let mut bytes = REQUEST.as_bytes().to_vec();
            bytes[at] = byte;
            let _verdict = judge(&bytes);
        }
    }
}
