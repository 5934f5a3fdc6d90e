//! The server's end of the operator's socket.

use super::{Office, Reception, Request, Response, Trouble};
use std::{
    fs::Permissions,
    io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    sync::Semaphore,
    time::{Duration, sleep, timeout},
};

/// Bytes of one request's line.
const REQUEST_BYTES_MAX: u64 = 64 * 1024;
/// Operators at a time: each may keep a thread busy.
const CALLERS_MAX: usize = 4;
/// How long a caller may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a server that stops waits for the last answers to be taken.
const FAREWELL: Duration = Duration::from_secs(1);
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why the socket cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Somebody answers there.
    #[error("a server is running on this data folder already ({0} is answered)")]
    Running(String),
    /// The system says no.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: String,
        /// What.
        error: io::Error,
    },
}

/// A socket that only its owner and root may use; gone when dropped.
#[derive(Debug)]
pub struct AdminSocket {
    listener: UnixListener,
    path: PathBuf,
    owner: u32,
    callers: Callers,
}

/// The operators who are being answered.
#[derive(Debug, Clone)]
pub struct Callers(Arc<Semaphore>);

impl Callers {
    /// Waits until every one has the answer and is gone, for a moment at most: one who only listens is not waited for.
    pub async fn gone(&self) {
        let all = u32::try_from(CALLERS_MAX).unwrap_or(u32::MAX);
        drop(timeout(FAREWELL, self.0.acquire_many(all)).await);
    }
}

impl AdminSocket {
    /// Who is being answered, also when it is closed.
    #[must_use]
    pub fn callers(&self) -> Callers {
        self.callers.clone()
    }

    /// Opens it; what a server that was killed left behind is put away.
    ///
    /// # Errors
    /// Where a server is running there, or the system says no.
    pub fn open(path: &Path) -> Result<Self, SocketError> {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(SocketError::Running(path.display().to_string()));
        }
        Self::bind(path).map_err(|error| SocketError::Io {
            path: path.display().to_string(),
            error,
        })
    }

    fn bind(path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        // Between these two the folder's own mode keeps others out, and after them the kernel's word on who calls.
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
        let owner = std::fs::metadata(path)?.uid();
        Ok(Self {
            listener,
            path: path.to_owned(),
            owner,
            callers: Callers(Arc::new(Semaphore::new(CALLERS_MAX))),
        })
    }

    /// Answers, until dropped.
    pub async fn attend<O: Office>(self, reception: Arc<Reception<O>>) {
        loop {
            let Ok(place) = Arc::clone(&self.callers.0).acquire_owned().await else {
                return;
            };
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept an operator");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            if !stream
                .peer_cred()
                .is_ok_and(|peer| admitted(peer.uid(), self.owner))
            {
                tracing::warn!("somebody else than the operator at the admin socket: cut");
                continue;
            }
            let reception = Arc::clone(&reception);
            tokio::spawn(async move {
                // The caller being gone is all that can go wrong here.
                drop(converse(stream, reception).await);
                drop(place);
            });
        }
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the admin socket stays behind");
        }
    }
}

const fn admitted(caller: u32, owner: u32) -> bool {
    caller == owner || caller == 0
}

async fn converse<O: Office>(stream: UnixStream, reception: Arc<Reception<O>>) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        let mut bounded = (&mut reader).take(REQUEST_BYTES_MAX);
        let Ok(count) = timeout(SILENCE, bounded.read_until(b'\n', &mut line)).await else {
            return Ok(());
        };
        if count? == 0 {
            return Ok(());
        }
        let whole = line.ends_with(b"\n");
        let response = if whole {
            answer(&line, &reception).await
        } else {
            failed(format!(
                "a request is one line of at most {REQUEST_BYTES_MAX} bytes"
            ))
        };
        let mut text = serde_json::to_vec(&response).map_err(io::Error::other)?;
        text.push(b'\n');
        // Whoever does not take an answer does not keep a caller's place.
        let Ok(written) = timeout(SILENCE, writer.write_all(&text)).await else {
            return Ok(());
        };
        written?;
        if !whole {
            return Ok(());
        }
    }
}

async fn answer<O: Office>(line: &[u8], reception: &Arc<Reception<O>>) -> Response {
    let request: Request = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => return failed(format!("this is no request: {error}")),
    };
    let reception = Arc::clone(reception);
    // The office waits for the disk, and verifying reads all of it: not on the network's thread.
    tokio::task::spawn_blocking(move || reception.answer(request))
        .await
        .unwrap_or_else(|_| failed("the server made a mistake".to_owned()))
}

fn failed(words: String) -> Response {
    Response::Trouble(Trouble::Failed(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_and_root_are_admitted_and_nobody_else() {
        assert!(admitted(1000, 1000) && admitted(0, 1000) && admitted(0, 0));
        assert!(!admitted(1001, 1000) && !admitted(1000, 0));
    }
}
