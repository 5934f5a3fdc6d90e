//! How a connection ends: which fault means what, and how a goodbye reaches the client.

use super::{
    Closing,
    gauge::{FRAGMENTS_MAX, Gauge, TooManyFragments},
};
use futures_util::SinkExt as _;
use rialto_shared::{closing::CloseCode, limits::MESSAGE_BYTES_MAX};
use std::time::Duration;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, protocol::CloseFrame},
};

/// How long a close frame may take to get out, and its answer to come.
const PARTING: Duration = Duration::from_secs(1);
/// What is read away after a close frame, so that closing the socket does not reset it before the frame is read.
const PARTING_BYTES_MAX: usize = 256 * 1024;
/// A close frame's payload is 125 bytes at most, of which the code takes two.
const WORDS_BYTES_MAX: usize = 123;

/// How a connection ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// We say goodbye.
    Close(Closing),
    /// The client said goodbye; the library has its answer ready.
    Parted,
    /// The socket is gone.
    Gone,
}

pub(super) fn close(code: CloseCode, words: &str) -> Ending {
    Ending::Close(Closing::new(code, words))
}

/// What becomes of the connection after the library's error.
pub(super) fn fault(error: &tungstenite::Error) -> Ending {
    use tungstenite::{Error, error::ProtocolError};
    match error {
        Error::Io(inner)
            if inner
                .get_ref()
                .is_some_and(|inner| inner.is::<TooManyFragments>()) =>
        {
            let words = format!("more than {FRAGMENTS_MAX} fragments in one message");
            close(CloseCode::Conduct, &words)
        }
        Error::Io(_)
        | Error::Tls(_)
        | Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Ending::Gone,
        Error::Capacity(_) => {
            let words = format!("at most {MESSAGE_BYTES_MAX} bytes in one message");
            close(CloseCode::TooBig, &words)
        }
        Error::Utf8(_) => close(CloseCode::NotText, "text that is not UTF-8"),
        Error::Protocol(_) | Error::AttackAttempt => {
            close(CloseCode::Protocol, "not the WebSocket protocol")
        }
        Error::WriteBufferFull(_) | Error::Url(_) | Error::Http(_) | Error::HttpFormat(_) => {
            close(CloseCode::Internal, "the server made a mistake")
        }
    }
}

/// Sends the goodbye, and reads on a little: a socket that is closed with bytes unread is reset, and the goodbye lost.
pub(super) async fn part<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<Gauge<S>>,
    ending: Ending,
) {
    let farewell = async {
        match ending {
            Ending::Gone => return,
            Ending::Parted => drop(socket.flush().await),
            Ending::Close(closing) => {
                let frame = CloseFrame {
                    code: closing.code.code().into(),
                    reason: shortened(&closing.words).into(),
                };
                drop(socket.close(Some(frame)).await);
            }
        }
        let mut stream = socket.into_inner().into_inner();
        if stream.shutdown().await.is_err() {
            return;
        }
        let mut left = PARTING_BYTES_MAX;
        let mut away = [0; 1024];
        while left > 0 {
            match stream.read(&mut away).await {
                Ok(0) | Err(_) => return,
                Ok(count) => left = left.saturating_sub(count),
            }
        }
    };
    // Late is as good as done: the socket closes either way.
    drop(timeout(PARTING, farewell).await);
}

fn shortened(words: &str) -> &str {
    if words.len() <= WORDS_BYTES_MAX {
        return words;
    }
    (0..=WORDS_BYTES_MAX)
        .rev()
        .find_map(|end| words.get(..end))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_between_letters() {
        assert_eq!(shortened("too fast"), "too fast");
        assert_eq!(shortened(""), "");
        assert_eq!(shortened(&"x".repeat(200)).len(), WORDS_BYTES_MAX);
        let cut = shortened(&"x\u{1f4e6}".repeat(40)).to_owned();
        assert!(
            cut.len() <= WORDS_BYTES_MAX && cut.len() > WORDS_BYTES_MAX - 5,
            "{cut}"
        );
    }
}
