//! As much HTTP as it takes: one request without a body, one answer, and the end.

use httparse::{EMPTY_HEADER, Request, Status};
use std::io;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const HEAD_BYTES_MAX: usize = 8 * 1024;
const HEADERS_MAX: usize = 64;

/// What is asked.
pub(super) enum Asked {
    /// A path, without what follows a question mark.
    Get(String),
    /// The same without a body.
    Head(String),
    /// Something that is none of reading.
    Other,
    /// Nothing that can be read.
    Nonsense,
}

/// What is answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn text(status: u16, words: &str) -> Self {
        Self {
            status,
            kind: "text/plain",
            body: format!("{words}\n"),
        }
    }

    fn head(&self) -> String {
        let reason = match self.status {
            200 => "OK",
            400 => "Bad Request",
            404 => "Not Found",
            405 => "Method Not Allowed",
            _ => "Service Unavailable",
        };
        format!(
            "HTTP/1.1 {} {reason}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
            self.status,
            self.kind,
            self.body.len()
        )
    }
}

/// Reads a request's head.
pub(super) async fn asked(stream: &mut TcpStream) -> io::Result<Asked> {
    let mut bytes = Vec::with_capacity(1024);
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(Asked::Nonsense);
        }
        if bytes.len() > HEAD_BYTES_MAX {
            return Ok(Asked::Nonsense);
        }
        let mut headers = [EMPTY_HEADER; HEADERS_MAX];
        let mut request = Request::new(&mut headers);
        match request.parse(&bytes) {
            Ok(Status::Partial) => {}
            Ok(Status::Complete(_)) => return Ok(read(&request)),
            Err(_) => return Ok(Asked::Nonsense),
        }
    }
}

fn read(request: &Request<'_, '_>) -> Asked {
    let (Some(method), Some(path)) = (request.method, request.path) else {
        return Asked::Nonsense;
    };
    let path = path.split('?').next().unwrap_or_default().to_owned();
    match method {
        "GET" => Asked::Get(path),
        "HEAD" => Asked::Head(path),
        _ => Asked::Other,
    }
}

/// Says it, and that there is no more.
pub(super) async fn say(stream: &mut TcpStream, answer: &Answer, body: bool) -> io::Result<()> {
    stream.write_all(answer.head().as_bytes()).await?;
    if body {
        stream.write_all(answer.body.as_bytes()).await?;
    }
    stream.shutdown().await?;
    // What was sent and not read would reset the answer away.
    let mut away = [0; 1024];
    let mut left = HEAD_BYTES_MAX * 4;
    while left > 0 {
        match stream.read(&mut away).await? {
            0 => break,
            count => left = left.saturating_sub(count),
        }
    }
    Ok(())
}
