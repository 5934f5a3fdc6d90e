//! A tunnel through a proxy: one request, one answer, then the proxy only carries bytes.
//!
//! The proxy may be anything that listens there: its answer is bounded, its words are not repeated, and what it says after
//! them ends the attempt.

use super::STEP_TIMEOUT;
use crate::route::Proxy;
use std::io;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// Bytes of the proxy's answer, its header lines included.
const ANSWER_BYTES_MAX: usize = 8 * 1024;
const HEADERS_MAX: usize = 64;

/// Why there is no tunnel.
#[derive(Debug, thiserror::Error)]
pub enum TunnelError {
    /// Nobody listens there.
    #[error("the proxy {proxy} cannot be reached: {error}")]
    Unreachable {
        /// Which.
        proxy: String,
        /// What the system says.
        error: io::Error,
    },
    /// It says nothing.
    #[error("the proxy {0} does not answer in time")]
    Slow(String),
    /// It hung up.
    #[error("the proxy {0} ended the connection without an answer")]
    Ended(String),
    /// 407, and it was told no name.
    #[error(
        "the proxy {0} wants a name and a password (407): give them in its address, http://NAME:PASSWORD@HOST:PORT"
    )]
    Nameless(String),
    /// 407, and it was told one.
    #[error("the proxy {0} does not take the name and password in its address (407)")]
    Password(String),
    /// 403.
    #[error(
        "the proxy {proxy} lets nobody through to {target} (403): ask whoever runs it to allow that"
    )]
    Forbidden {
        /// Which.
        proxy: String,
        /// The server.
        target: String,
    },
    /// Another no.
    #[error("the proxy {proxy} makes no connection to {target} (it says {status})")]
    Status {
        /// Which.
        proxy: String,
        /// The server.
        target: String,
        /// Its answer.
        status: u16,
    },
    /// What cannot be read.
    #[error("what answers at {0} is no HTTP proxy")]
    Garbled(String),
    /// An answer without an end.
    #[error("the proxy {0} answers with more than {ANSWER_BYTES_MAX} bytes")]
    TooLarge(String),
}

impl TunnelError {
    /// Whether the same would be said again until somebody does something about it. A password that is wrong is not tried
    /// again by itself: some lock the account of whoever does.
    pub(super) const fn final_for_now(&self) -> bool {
        match self {
            Self::Nameless(_) | Self::Password(_) => true,
            Self::Unreachable { .. }
            | Self::Slow(_)
            | Self::Ended(_)
            | Self::Forbidden { .. }
            | Self::Status { .. }
            | Self::Garbled(_)
            | Self::TooLarge(_) => false,
        }
    }
}

/// A connection to this host and port, through the proxy.
pub(super) async fn open(proxy: &Proxy, host: &str, port: u16) -> Result<TcpStream, TunnelError> {
    timeout(STEP_TIMEOUT, ask(proxy, host, port))
        .await
        .map_err(|_| TunnelError::Slow(proxy.to_string()))?
}

async fn ask(proxy: &Proxy, host: &str, port: u16) -> Result<TcpStream, TunnelError> {
    let unreachable = |error| TunnelError::Unreachable {
        proxy: proxy.to_string(),
        error,
    };
    let ended = |_| TunnelError::Ended(proxy.to_string());
    let mut stream = TcpStream::connect((proxy.host.as_str(), proxy.port))
        .await
        .map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    let target = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    let authorization = proxy
        .authorization
        .as_ref()
        .map_or_else(String::new, |words| {
            format!("Proxy-Authorization: {words}\r\n")
        });
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{authorization}\r\n");
    stream.write_all(request.as_bytes()).await.map_err(ended)?;
    let mut bytes = Vec::with_capacity(1024);
    loop {
        let mut chunk = [0; 1024];
        let room = (ANSWER_BYTES_MAX - bytes.len()).min(chunk.len());
        let room = chunk.get_mut(..room).unwrap_or_default();
        let count = stream.read(room).await.map_err(ended)?;
        if count == 0 {
            return Err(if bytes.is_empty() {
                TunnelError::Ended(proxy.to_string())
            } else {
                TunnelError::Garbled(proxy.to_string())
            });
        }
        bytes.extend_from_slice(chunk.get(..count).unwrap_or_default());
        match judge(proxy, &target, &bytes) {
            Some(verdict) => return verdict.map(|()| stream),
            None if bytes.len() >= ANSWER_BYTES_MAX => {
                return Err(TunnelError::TooLarge(proxy.to_string()));
            }
            None => {}
        }
    }
}

/// What the answer so far means; `None` while it is not whole.
fn judge(proxy: &Proxy, target: &str, bytes: &[u8]) -> Option<Result<(), TunnelError>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let whole = match response.parse(bytes) {
        Ok(httparse::Status::Partial) => return None,
        Ok(httparse::Status::Complete(length)) => length == bytes.len(),
        Err(_) => return Some(Err(TunnelError::Garbled(proxy.to_string()))),
    };
    let (shown, target) = (proxy.to_string(), target.to_owned());
    let status = response.code.unwrap_or_default();
    Some(match status {
        // The server speaks second: what follows at once is not from it.
        200..=299 if whole => Ok(()),
        200..=299 => Err(TunnelError::Garbled(shown)),
        407 if proxy.authorization.is_some() => Err(TunnelError::Password(shown)),
        407 => Err(TunnelError::Nameless(shown)),
        403 => Err(TunnelError::Forbidden {
            proxy: shown,
            target,
        }),
        _ => Err(TunnelError::Status {
            proxy: shown,
            target,
            status,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::net::TcpListener;

    fn proxy(port: u16, user: &str) -> Proxy {
        format!("http://{user}127.0.0.1:{port}").parse().unwrap()
    }

    /// What comes of a proxy that reads the request and answers so; and the request.
    async fn answered(user: &str, answer: &[u8]) -> (Result<TcpStream, TunnelError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = proxy(listener.local_addr().unwrap().port(), user);
        let serving = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![];
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            // Whoever has heard enough hangs up.
            let _cut = stream.write_all(answer).await;
            let _cut = stream.shutdown().await;
            String::from_utf8(request).unwrap()
        };
        tokio::join!(open(&proxy, "console.example.com", 7450), serving)
    }

    #[tokio::test]
    async fn a_tunnel_is_asked_for_by_name_and_with_the_password() {
        let (opened, request) =
            answered("tom:pw@", b"HTTP/1.1 200 Connection established\r\n\r\n").await;
        opened.unwrap();
        assert_eq!(
            request,
            "CONNECT console.example.com:7450 HTTP/1.1\r\nHost: console.example.com:7450\r\n\
             Proxy-Authorization: Basic dG9tOnB3\r\n\r\n"
        );
        let (_, request) = answered("", b"HTTP/1.0 200 OK\r\n\r\n").await;
        assert!(!request.contains("Authorization"));
    }

    #[tokio::test]
    async fn each_no_has_its_words() {
        let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(ANSWER_BYTES_MAX));
        for (user, answer, words) in [
            (
                "",
                &b"HTTP/1.1 407 Authenticate\r\nProxy-Authenticate: Basic\r\n\r\n"[..],
                "wants a name and a password (407)",
            ),
            (
                "tom:pw@",
                b"HTTP/1.1 407 Authenticate\r\n\r\n",
                "does not take the name and password",
            ),
            (
                "",
                b"HTTP/1.1 403 Forbidden\r\n\r\nno",
                "lets nobody through to console.example.com:7450 (403)",
            ),
            ("", b"HTTP/1.1 502 \x1b[2J\r\n\r\n", "is no HTTP proxy"),
            (
                "",
                b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
                "makes no connection to console.example.com:7450 (it says 502)",
            ),
            ("", b"HTTP/1.1 200 OK\r\n\r\nhello", "is no HTTP proxy"),
            ("", b"SSH-2.0-OpenSSH_9.9\r\n", "is no HTTP proxy"),
            ("", b"HTTP/1.1 200 OK\r\nhalf", "is no HTTP proxy"),
            ("", b"", "ended the connection without an answer"),
            ("", endless.as_bytes(), "answers with more than 8192 bytes"),
        ] {
            let (opened, _) = answered(user, answer).await;
            let said = opened.unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
            assert!(!said.contains("pw") && !said.contains('\u{1b}'), "{said}");
        }
    }

    #[tokio::test]
    async fn nobody_there_is_said_and_silence_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let error = open(&proxy(port, ""), "host", 1).await.unwrap_err();
        assert!(matches!(error, TunnelError::Unreachable { .. }), "{error}");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let silent = proxy(listener.local_addr().unwrap().port(), "");
        tokio::time::pause();
        let error = open(&silent, "host", 1).await.unwrap_err();
        assert!(matches!(error, TunnelError::Slow(_)), "{error}");
    }

    proptest! {
        #[test]
        fn no_answer_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(verdict) = judge(&proxy(1, ""), "host:1", &bytes) {
                prop_assert!(verdict.is_err());
            }
        }
    }
}
