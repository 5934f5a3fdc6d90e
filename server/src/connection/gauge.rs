//! Counts the fragments of incoming messages, which the WebSocket library joins without a word.
//!
//! The library bounds a message's bytes, not its pieces: a client could send empty continuation frames for ever, and the
//! library would turn in its loop without ever handing control back. So the stream under it is read through a gauge that
//! follows frame headers only, and fails the read when one message comes in too many pieces.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Continuation frames of one message.
pub(super) const FRAGMENTS_MAX: u32 = 64;

/// What a read fails with, inside an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("one message in more than {FRAGMENTS_MAX} fragments")]
pub(super) struct TooManyFragments;

/// Follows frame headers through a stream of bytes.
#[derive(Debug, Default)]
struct Headers {
    /// The header so far: two bytes, then the length's and the mask's.
    header: Vec<u8>,
    /// Bytes of the present frame's payload still to come.
    payload: u64,
    /// Continuation frames since the last frame that began a message.
    fragments: u32,
}

impl Headers {
    fn pass(&mut self, mut bytes: &[u8]) -> Result<(), TooManyFragments> {
        while let Some((first, rest)) = bytes.split_first() {
            if self.payload > 0 {
                let skip = usize::try_from(self.payload)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                self.payload -= u64::try_from(skip).unwrap_or(self.payload);
                bytes = bytes.get(skip..).unwrap_or_default();
                continue;
            }
            self.header.push(*first);
            bytes = rest;
            if let Some((opcode, length)) = complete(&self.header) {
                self.header.clear();
                self.payload = length;
                self.count(opcode)?;
            }
        }
        Ok(())
    }

    fn count(&mut self, opcode: u8) -> Result<(), TooManyFragments> {
        match opcode {
            0 => self.fragments += 1,
            // A control frame may stand between the pieces of a message.
            8.. => {}
            1..8 => self.fragments = 0,
        }
        if self.fragments > FRAGMENTS_MAX {
            return Err(TooManyFragments);
        }
        Ok(())
    }
}

/// The opcode and the payload's length, once the header is whole.
fn complete(header: &[u8]) -> Option<(u8, u64)> {
    let (&first, rest) = header.split_first()?;
    let (&second, rest) = rest.split_first()?;
    let (length, rest) = match second & 0x7f {
        126 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (u64::from(u16::from_be_bytes(*length)), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk::<8>()?;
            (u64::from_be_bytes(*length), rest)
        }
        short => (u64::from(short), rest),
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    (rest.len() >= mask).then_some((first & 0x0f, length))
}

/// A stream whose reads are gauged.
#[derive(Debug)]
pub(super) struct Gauge<S> {
    stream: S,
    headers: Headers,
}

impl<S> Gauge<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            headers: Headers::default(),
        }
    }

    pub(super) fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gauge<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        let new = buffer.filled().get(before..).unwrap_or_default();
        Poll::Ready(this.headers.pass(new).map_err(io::Error::other))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gauge<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A masked frame of `length` bytes, its length written in the shortest form.
    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut bytes = vec![first];
        match length {
            0..126 => bytes.push(0x80 | u8::try_from(length).unwrap()),
            126..65_536 => {
                bytes.push(0x80 | 126);
                bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 127);
                bytes.extend(u64::try_from(length).unwrap().to_be_bytes());
            }
        }
        bytes.extend([0; 4]);
        bytes.resize(bytes.len() + length, 0);
        bytes
    }

    #[test]
    fn a_message_may_come_in_so_many_pieces_and_no_more() {
        let mut headers = Headers::default();
        for message in 0..3 {
            headers.pass(&frame(0x01, message)).unwrap();
            for _ in 0..FRAGMENTS_MAX {
                headers.pass(&frame(0x00, 3)).unwrap();
                headers.pass(&frame(0x89, 2)).unwrap();
            }
        }
        assert!(headers.pass(&frame(0x00, 0)).is_err());
    }

    #[test]
    fn a_length_that_no_frame_has_is_only_a_long_payload() {
        let mut headers = Headers::default();
        let mut bytes = vec![0x01, 0xff];
        bytes.extend([0xff; 8]);
        bytes.extend([0; 4]);
        headers.pass(&bytes).unwrap();
        assert_eq!(headers.payload, u64::MAX);
        headers.pass(&frame(0x00, 9)).unwrap();
        assert_eq!(headers.fragments, 0, "that was payload");
    }

    proptest! {
        #[test]
        fn pieces_are_counted_however_the_bytes_arrive(
            lengths in prop::collection::vec(prop_oneof![0_usize..200, 65_000_usize..66_000], 1..12),
            chunk in 1_usize..300,
        ) {
            let mut bytes = frame(0x01, 5);
            for length in &lengths {
                bytes.extend(frame(0x00, *length));
            }
            let mut headers = Headers::default();
            for part in bytes.chunks(chunk) {
                headers.pass(part).unwrap();
            }
            prop_assert_eq!(usize::try_from(headers.fragments).unwrap(), lengths.len());
        }
    }
}
