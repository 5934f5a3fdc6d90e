//! The server as it runs: the listener, the operator's socket and the signals, on one thread.
//!
//! The network needs one thread: what is slow (the disk, verifying) is elsewhere. What stands behind the network is the
//! [`Premises`]: the ledger with its writer, what connections live in, and the operator's office.

use super::monitor::{self, Vital};
use crate::{
    admin::{AdminSocket, Office, OrgRow, Reception, SOCKET_FILE, SocketError, Trouble},
    clock::{Clock as _, SystemClock},
    config::Config,
    connection::{Front, Host, Page, Security, Sign, Stop, serve},
    identity::{
        Identity,
        tls::{TlsError, security},
    },
};
use rialto_shared::{standing::OrgKind, text::Text, time::Timestamp};
use sd_notify::NotifyState;
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinHandle,
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

    /// Begins what works by itself beside the connections. Not done where one question is answered on the folder itself.
    fn begin(&self) {}

    /// What a supervisor and a scraper ask.
    fn vital(&self) -> Arc<dyn Vital>;

    /// Resolves when the ledger can no longer be written: the server then ends, for what it would answer is no.
    fn broken(&self) -> impl Future<Output = Trouble> + Send;

    /// Lets the writer finish and closes the file. No connection is left by then.
    ///
    /// # Errors
    /// [`Trouble::Corrupt`] where the file turns out damaged.
    fn close(self) -> Result<(), Trouble>;
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
    /// The ledger could no longer be written: started again, the server goes on from what is on the disk.
    #[error("{0}")]
    Broken(Trouble),
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
    let closed = premises.close().map_err(ServeError::Broken);
    ended.and(closed)
}

async fn open<P: Premises>(
    config: &Config,
    identity: &Identity,
    premises: &P,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let (certificates, secured) = watch::channel(security(config, wall_clock())?);
    let admin = AdminSocket::open(&config.data_dir.join(SOCKET_FILE))?;
    let of = |error| ServeError::Listen {
        address: config.listen,
        error,
    };
    let listener = TcpListener::bind(config.listen).await.map_err(of)?;
    let address = listener.local_addr().map_err(of)?;
    let (stop, stopped) = watch::channel(Stop::Serving);
    let monitoring = monitor(config, premises.vital(), stopped).await?;
    let signals = Signals::listen()?;
    let reception = Arc::new(Reception {
        office: premises.office(),
        address: config.address(),
        server: identity.server(),
    });
    let front = Front {
        host: premises.host(),
        limits: config.limits.clone(),
        security: secured,
        page: Page::new(&sign(config, identity, premises.office().as_ref())),
    };
    let callers = admin.callers();
    let operator = tokio::spawn(admin.attend(reception));
    premises.begin();
    tracing::info!(%address, server = %identity.server(), "serving");
    ready(address);
    tell(&[NotifyState::Ready]);
    let renew = || renew(config, &certificates);
    let ended = until_stopped(listener, front, signals, premises.broken(), renew, stop).await;
    monitoring.into_iter().for_each(|task| task.abort());
    operator.abort();
    // Its end is the socket's removal.
    drop(operator.await);
    callers.gone().await;
    tracing::info!("stopped");
    ended
}

/// What the page of invitations says of this server; without its vendor where that cannot be read.
#[must_use]
pub fn sign(config: &Config, identity: &Identity, office: &impl Office) -> Sign {
    let vendor = |orgs: Vec<OrgRow>| -> Option<Text> {
        let mut orgs = orgs.into_iter();
        orgs.find(|org| org.kind == OrgKind::Vendor)?.name
    };
    Sign {
        name: config.name.clone(),
        vendor: office.orgs().ok().and_then(vendor),
        address: config.address(),
        server: identity.server(),
        key: identity.public(),
        install: config.install.clone(),
    }
}

/// The monitor's listener, where one is set.
async fn monitor(
    config: &Config,
    vital: Arc<dyn Vital>,
    stopped: watch::Receiver<Stop>,
) -> Result<Option<JoinHandle<()>>, ServeError> {
    let Some(address) = config.monitor.listen else {
        return Ok(None);
    };
    let of = |error| ServeError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(of)?;
    let address = listener.local_addr().map_err(of)?;
    monitor::collect();
    tracing::info!(%address, "answers /livez, /readyz and /metrics");
    let vital = Arc::new(monitor::UntilStopped { vital, stopped });
    Ok(Some(tokio::spawn(monitor::attend(listener, vital))))
}

/// Tells the supervisor, where there is one that wants to know.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the supervisor cannot be told");
    }
}

/// Reads the certificate's files again. Whoever is connected stays so; a file that cannot be used leaves what there is.
fn renew(config: &Config, certificates: &watch::Sender<Security>) {
    match security(config, wall_clock()) {
        Ok(security) => {
            tracing::info!(?security, "the certificate was read again");
            certificates.send_replace(security);
        }
        Err(error) => {
            tracing::error!(%error, "the certificate was not read again: the one before stays");
        }
    }
}

/// The first signal lets people finish, the second does not. A broken ledger ends it as a first signal does: what is in
/// flight is answered `unavailable`, and everybody is told to come back.
async fn until_stopped<H: Host>(
    listener: TcpListener,
    front: Front<H>,
    mut signals: Signals,
    broken: impl Future<Output = Trouble>,
    renew: impl Fn(),
    stop: watch::Sender<Stop>,
) -> Result<(), ServeError> {
    let mut serving = tokio::spawn(serve(listener, front, stop.subscribe()));
    tokio::pin!(broken);
    let mut trouble = None;
    loop {
        tokio::select! {
            found = &mut broken, if trouble.is_none() => {
                tracing::error!("the ledger can no longer be written: stopping");
                tell(&[NotifyState::Stopping]);
                trouble = Some(found);
                stop.send_if_modified(|stop| {
                    let first = *stop == Stop::Serving;
                    if first {
                        *stop = Stop::Draining;
                    }
                    first
                });
            }
            told = signals.next() => match told {
                Told::Renew => renew(),
                Told::Stop => {
                    let next = match *stop.borrow() {
                        Stop::Serving => Stop::Draining,
                        Stop::Draining | Stop::Now => Stop::Now,
                    };
                    tracing::info!(?next, "told to stop");
                    tell(&[NotifyState::Stopping]);
                    stop.send_replace(next);
                }
            },
            ended = &mut serving => {
                ended.map_err(|error| ServeError::System(io::Error::other(error)))?;
                return trouble.map_or(Ok(()), |trouble| Err(ServeError::Broken(trouble)));
            }
        }
    }
}

/// What a signal says.
#[derive(Debug, Clone, Copy)]
enum Told {
    Stop,
    Renew,
}

/// What tells a server to stop, or to read its certificate again.
#[derive(Debug)]
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.terminate.recv() => Told::Stop,
            _ = self.interrupt.recv() => Told::Stop,
            _ = self.hangup.recv() => Told::Renew,
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
    use crate::identity::tls::{CERTIFICATE_FILE, KEY_FILE};
    use crate::{
        admin::{Request, Response, call, tests::Books},
        config::TlsMode,
        connection::scripted::{Client, Town, upgraded},
    };
    use rialto_shared::{closing::CloseCode, id::Hash};
    use rustls::{
        ClientConfig, DigitallySignedStruct, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        pki_types::{CertificateDer, ServerName, UnixTime},
    };
    use std::{path::Path, process::Command};
    use tokio::{net::TcpStream, sync::Notify};
    use tokio_rustls::{TlsConnector, client::TlsStream};

    /// A town and books that are in nobody's way, and a ledger that breaks when it is told to.
    #[derive(Debug, Default)]
    struct Street {
        town: Arc<Town>,
        books: Arc<Books>,
        broken: Arc<Notify>,
    }

    /// Nothing is wrong with it.
    struct Well;

    impl Vital for Well {
        fn unready(&self) -> Vec<monitor::Reason> {
            vec![]
        }
        fn gauge(&self) {}
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
        fn vital(&self) -> Arc<dyn Vital> {
            Arc::new(Well)
        }
        async fn broken(&self) -> Trouble {
            self.broken.notified().await;
            Trouble::Corrupt("as the test said".to_owned())
        }
        fn close(self) -> Result<(), Trouble> {
            assert_eq!(Arc::strong_count(&self.town), 1, "a connection is left");
            Ok(())
        }
    }

    /// Runs a server in this thread, and `shell` in another once it is ready.
    fn running(
        folder: &Path,
        tls: TlsMode,
        shell: impl FnOnce(SocketAddr, Arc<Notify>) + Send + 'static,
    ) -> Result<(), ServeError> {
        let mut config = Config {
            data_dir: folder.to_owned(),
            listen: "127.0.0.1:0".parse().unwrap(),
            ..Config::default()
        };
        config.tls.mode = tls;
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

    fn tell(signal: &str) {
        let id = std::process::id().to_string();
        let told = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(told.success());
    }

    async fn client(address: SocketAddr) -> Client<TcpStream> {
        let mut stream = TcpStream::connect(address).await.unwrap();
        upgraded(&mut stream, "").await.unwrap();
        Client::over(stream).await.login().await
    }

    /// Whoever trusts any certificate, and says which it saw.
    #[derive(Debug)]
    struct Anyone(Arc<rustls::crypto::CryptoProvider>);

    impl ServerCertVerifier for Anyone {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, rustls::Error> {
            Ok(ServerCertVerified::assertion())
        }
        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Ok(HandshakeSignatureValid::assertion())
        }
        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Ok(HandshakeSignatureValid::assertion())
        }
        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }

    /// A client over TLS, logged in, and the hash of the certificate that it saw.
    async fn over_tls(address: SocketAddr) -> (Client<TlsStream<TcpStream>>, Hash) {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let mut stream = connector.connect(name, stream).await.unwrap();
        let seen = Hash::plain(&stream.get_ref().1.peer_certificates().unwrap()[0]);
        upgraded(&mut stream, "").await.unwrap();
        (Client::over(stream).await.login().await, seen)
    }

    /// New connections until one sees another certificate than this; every one is served.
    async fn next_certificate(address: SocketAddr, before: Hash) -> Hash {
        loop {
            let (_, seen) = over_tls(address).await;
            if seen != before {
                return seen;
            }
        }
    }

    /// The files of a certificate that was made elsewhere.
    fn another() -> (Vec<u8>, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: folder.path().to_owned(),
            ..Config::default()
        };
        security(&config, wall_clock()).unwrap();
        let read = |name| std::fs::read(folder.path().join(name)).unwrap();
        (read(CERTIFICATE_FILE), read(KEY_FILE))
    }

    async fn renews(folder: &Path, address: SocketAddr) {
        let (mut old, first) = over_tls(address).await;
        let put = |(certificate, key): (Vec<u8>, Vec<u8>)| {
            std::fs::write(folder.join(CERTIFICATE_FILE), certificate).unwrap();
            std::fs::write(folder.join(KEY_FILE), key).unwrap();
        };
        put(another());
        tell("-HUP");
        let second = next_certificate(address, first).await;
        assert_ne!(second, first);
        // Files that cannot be used, in three ways: the certificate in use stays.
        let (certificate, key) = another();
        put((b"no certificate".to_vec(), key.clone()));
        tell("-HUP");
        put((certificate.clone(), b"no key".to_vec()));
        tell("-HUP");
        put((certificate, another().1));
        tell("-HUP");
        for _ in 0..8 {
            assert_eq!(over_tls(address).await.1, second);
        }
        put(another());
        tell("-HUP");
        assert_ne!(next_certificate(address, second).await, first);
        old.say("say still here").await;
        assert_eq!(old.hear().await, "still here");
        tell("-TERM");
        assert_eq!(old.hear().await, "leaving");
    }

    fn block_on(future: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(future);
    }

    /// In one test, for a signal reaches every server of the process.
    #[test]
    fn a_server_ends_with_its_ledger_and_by_a_signal_with_a_goodbye_and_renews_its_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let ended = running(folder.path(), TlsMode::Plain, move |address, broken| {
            let status = call(&path, &Request::Status).unwrap();
            assert!(matches!(status, Response::Condition(_)));
            block_on(async {
                let mut client = client(address).await;
                broken.notify_one();
                // As at a signal: what is in flight is answered, and everybody is told to come back.
                assert_eq!(client.hear().await, "leaving");
                assert_eq!(client.goodbye().await, Some(CloseCode::GoingAway));
            });
        });
        assert!(matches!(
            ended,
            Err(ServeError::Broken(Trouble::Corrupt(_)))
        ));

        let ended = running(folder.path(), TlsMode::Plain, |address, _| {
            block_on(async {
                let mut client = client(address).await;
                // There is nothing to renew, and that is no reason to end.
                tell("-HUP");
                client.say("say heard").await;
                assert_eq!(client.hear().await, "heard");
                tell("-TERM");
                assert_eq!(client.hear().await, "leaving");
                assert_eq!(client.goodbye().await, Some(CloseCode::GoingAway));
            });
        });
        ended.unwrap();

        let path = folder.path().to_owned();
        let ended = running(folder.path(), TlsMode::Own, move |address, _| {
            block_on(renews(&path, address));
        });
        ended.unwrap();
    }
}
