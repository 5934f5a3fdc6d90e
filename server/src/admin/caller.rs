//! The shell's end of the operator's socket: one request, one answer.

use super::{Request, Response, SOCKET_FILE};
use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::net::UnixStream,
    path::Path,
};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody listens.
    #[error("no server is running on {0}")]
    NotRunning(String),
    /// It stopped answering, or the system says no.
    #[error("the server does not answer: {0}")]
    Io(#[from] io::Error),
    /// The answer is of another version.
    #[error("the server's answer cannot be read; is it of another version? ({0})")]
    Unread(#[from] serde_json::Error),
}

/// Asks the server that runs on this data folder, and waits for its answer however long it takes.
///
/// # Errors
/// Where none is running, or it does not answer.
pub fn call(folder: &Path, request: &Request) -> Result<Response, CallError> {
    let stream = UnixStream::connect(folder.join(SOCKET_FILE)).map_err(|error| {
        let absent = [io::ErrorKind::NotFound, io::ErrorKind::ConnectionRefused];
        if absent.contains(&error.kind()) {
            CallError::NotRunning(folder.display().to_string())
        } else {
            CallError::Io(error)
        }
    })?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    (&stream).write_all(&line)?;
    let mut answer = String::new();
    if BufReader::new(stream).read_line(&mut answer)? == 0 {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    Ok(serde_json::from_str(&answer)?)
}
