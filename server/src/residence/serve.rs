//! The server as it runs: the listener, the operator's socket and the signals, on one thread.
//!
//! The network needs one thread: what is slow (the disk, verifying) is elsewhere. What stands behind the network is the
//! [`Premises`]: the ledger with its writer, what connections live in, and the operator's office.

use crate::{
    admin::{AdminSocket, Office, Reception, SOCKET_FILE, SocketError, Trouble},
    clock::{Clock as _, SystemClock},
    config::Config,
    connection::{Front, Host, Stop, serve},
    identity::{
        Identity,
        tls::{TlsError, security},
    },
};
use rialto_shared::time::Timestamp;
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

/// What stands behind the front.
pub trait Premises: Sized + Send + 'static {
    /// What connections live in.
    type Host: Host;
    /// What the operator asks.
    type Office: Office;

    /// Opens the data folder's ledger, made empty where there is none, and starts its writer.
    ///
    /// # Errors
    /// [`Trouble::Corrupt`] where the file is damaged, [`Trouble::Failed`] where it cannot be opened.
    fn open(config: &Config, identity: Arc<Identity>) -> Result<Self, Trouble>;

    /// What connections live in.
    fn host(&self) -> Arc<Self::Host>;

    /// What the operator asks.
    fn office(&self) -> Arc<Self::Office>;

    /// Resolves when the ledger can no longer be written: the server then ends, for what it would answer is no.
    fn broken(&self) -> impl Future<Output = Trouble> + Send;

    /// Lets the writer finish and closes the file. No connection is left by then.
    fn close(self);
}

/// Why the server does not run, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The operator's socket.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What.
        error: io::Error,
    },
    /// The system.
    #[error("the server cannot start: {0}")]
    System(#[from] io::Error),
    /// The ledger.
    #[error("{0}")]
    Trouble(#[from] Trouble),
}

/// Runs until a signal says otherwise. `ready` is told the address once clients can connect.
///
/// # Errors
/// What kept it from starting, or made it end.
pub fn run<P: Premises>(
    config: &Config,
    identity: &Identity,
    premises: P,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(open(config, identity, &premises, ready));
    // Waits for the office's threads: what the operator began is finished before the ledger closes.
    drop(runtime);
    premises.close();
    ended
}

async fn open<P: Premises>(
    config: &Config,
    identity: &Identity,
    premises: &P,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let security = security(config, wall_clock())?;
    let admin = AdminSocket::open(&config.data_dir.join(SOCKET_FILE))?;
    let of = |error| ServeError::Listen {
        address: config.listen,
        error,
    };
    let listener = TcpListener::bind(config.listen).await.map_err(of)?;
    let address = listener.local_addr().map_err(of)?;
    let signals = Signals::listen()?;
    let reception = Arc::new(Reception {
        office: premises.office(),
        address: config.address(),
        server: identity.server(),
    });
    let front = Front {
        host: premises.host(),
        limits: config.limits.clone(),
        security,
    };
    let operator = tokio::spawn(admin.attend(reception));
    tracing::info!(%address, server = %identity.server(), "serving");
    ready(address);
    let ended = until_stopped(listener, front, signals, premises.broken()).await;
    operator.abort();
    // Its end is the socket's removal.
    drop(operator.await);
    tracing::info!("stopped");
    ended
}

/// The first signal lets people finish, the second does not; a broken ledger ends it as a second signal does.
async fn until_stopped<H: Host>(
    listener: TcpListener,
    front: Front<H>,
    mut signals: Signals,
    broken: impl Future<Output = Trouble>,
) -> Result<(), ServeError> {
    let (stop, stopped) = watch::channel(Stop::Serving);
    let mut serving = tokio::spawn(serve(listener, front, stopped));
    tokio::pin!(broken);
    loop {
        tokio::select! {
            trouble = &mut broken => {
                tracing::error!("the ledger is broken: stopping");
                stop.send_replace(Stop::Now);
                drop(serving.await);
                return Err(trouble.into());
            }
            () = signals.next() => {
                let next = match *stop.borrow() {
                    Stop::Serving => Stop::Draining,
                    Stop::Draining | Stop::Now => Stop::Now,
                };
                tracing::info!(?next, "told to stop");
                stop.send_replace(next);
            }
            ended = &mut serving => {
                return ended.map_err(|error| ServeError::System(io::Error::other(error)));
            }
        }
    }
}

/// What tells a server to stop.
#[derive(Debug)]
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// What the system's clock says; for certificates, where a wrong clock does no harm.
#[must_use]
pub fn wall_clock() -> Timestamp {
    SystemClock.now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        admin::{Request, Response, call, tests::Books},
        config::TlsMode,
        connection::scripted::{Client, Town, upgraded},
    };
    use rialto_shared::closing::CloseCode;
    use std::{path::Path, process::Command};
    use tokio::{net::TcpStream, sync::Notify};

    /// A town and books that are in nobody's way, and a ledger that breaks when it is told to.
    #[derive(Debug, Default)]
    struct Street {
        town: Arc<Town>,
        books: Arc<Books>,
        broken: Arc<Notify>,
    }

    impl Premises for Street {
        type Host = Town;
        type Office = Books;

        fn open(_config: &Config, _identity: Arc<Identity>) -> Result<Self, Trouble> {
            Ok(Self::default())
        }
        fn host(&self) -> Arc<Town> {
            Arc::clone(&self.town)
        }
        fn office(&self) -> Arc<Books> {
            Arc::clone(&self.books)
        }
        async fn broken(&self) -> Trouble {
            self.broken.notified().await;
            Trouble::Corrupt("as the test said".to_owned())
        }
        fn close(self) {
            assert_eq!(Arc::strong_count(&self.town), 1, "a connection is left");
        }
    }

    /// Runs a server in this thread, and `shell` in another once it is ready.
    fn running(
        folder: &Path,
        shell: impl FnOnce(SocketAddr, Arc<Notify>) + Send + 'static,
    ) -> Result<(), ServeError> {
        let mut config = Config {
            data_dir: folder.to_owned(),
            listen: "127.0.0.1:0".parse().unwrap(),
            ..Config::default()
        };
        config.tls.mode = TlsMode::Plain;
        let identity = Arc::new(Identity::load_or_create(folder).unwrap());
        let premises = Street::open(&config, Arc::clone(&identity)).unwrap();
        let broken = Arc::clone(&premises.broken);
        let mut shells = Vec::new();
        let ended = run(&config, &identity, premises, |address| {
            shells.push(std::thread::spawn(move || shell(address, broken)));
        });
        for shell in shells {
            shell.join().unwrap();
        }
        assert!(!folder.join(SOCKET_FILE).exists(), "the socket is put away");
        ended
    }

    /// In one test, for a signal reaches every server of the process.
    #[test]
    fn a_server_ends_with_its_ledger_and_by_a_signal_with_a_goodbye() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let ended = running(folder.path(), move |_, broken| {
            let status = call(&path, &Request::Status).unwrap();
            assert!(matches!(status, Response::Condition(_)));
            broken.notify_one();
        });
        assert!(matches!(
            ended,
            Err(ServeError::Trouble(Trouble::Corrupt(_)))
        ));

        let ended = running(folder.path(), |address, _| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut stream = TcpStream::connect(address).await.unwrap();
                upgraded(&mut stream, "").await.unwrap();
                let mut client = Client::over(stream).await.login().await;
                let id = std::process::id().to_string();
                let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
                assert!(told.success());
                assert_eq!(client.hear().await, "leaving");
                assert_eq!(client.goodbye().await, Some(CloseCode::GoingAway));
            });
        });
        ended.unwrap();
    }
}
