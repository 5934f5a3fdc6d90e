//! Accepts connections, takes each through TLS and the upgrade, and lets them finish when the server stops.
//!
//! Places are counted before anything is read. Connections that have not logged in share a small number of places of their
//! own: a flood of them takes none from the people who work.

use super::{
    Arrival, Host, Limits, Wake,
    exchange::exchange,
    limiter::{Block, Census},
    upgrade::{Refused, upgrade},
};
use metrics::{counter, gauge};
use rialto_shared::{id::Hash, protocol::Binding};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

/// Unacknowledged bytes older than this end a connection, whatever TCP would still try.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// How long a stop waits for connections to finish.
const DRAIN: Duration = Duration::from_secs(20);
/// After a failed accept: most often too many open files, which passes.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How connections are secured.
#[derive(Clone)]
pub enum Security {
    /// By TLS, with a certificate of this hash.
    Tls {
        /// Makes the server's side of it.
        acceptor: TlsAcceptor,
        /// blake3 of the leaf certificate (DER).
        certificate: Hash,
    },
    /// By a proxy in front; nobody else may connect.
    BehindProxy {
        /// Addresses of the proxy.
        proxies: Vec<IpAddr>,
    },
    /// Not at all: loopback only.
    Plain,
}

impl Security {
    const fn binding(&self) -> Binding {
        match self {
            Self::Tls { certificate, .. } => Binding::Tls(*certificate),
            Self::BehindProxy { .. } => Binding::BehindProxy,
            Self::Plain => Binding::Plain,
        }
    }
}

impl std::fmt::Debug for Security {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.binding().fmt(f)
    }
}

/// Whether the server goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It does.
    Serving,
    /// It accepts nobody, and those who are here finish.
    Draining,
    /// At once.
    Now,
}

/// What the listener works with.
#[derive(Debug)]
pub struct Front<H> {
    /// What connections live in.
    pub host: Arc<H>,
    /// Their bounds.
    pub limits: Limits,
    /// How they are secured: each connection as it is when it is accepted, so that a certificate can be renewed.
    pub security: watch::Receiver<Security>,
}

/// What all connections share.
struct Hall<H> {
    front: Front<H>,
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    census: Mutex<Census>,
    arrivals: AtomicU64,
}

/// Serves until told to stop, then lets connections finish: for 20 s, or until told to stop now.
pub async fn serve<H: Host>(
    listener: TcpListener,
    front: Front<H>,
    mut stop: watch::Receiver<Stop>,
) {
    let permits =
        |count: u32| Arc::new(Semaphore::new(usize::try_from(count).unwrap_or(usize::MAX)));
    let hall = Arc::new(Hall {
        places: permits(front.limits.connections),
        waiting: permits(front.limits.unauthenticated),
        census: Mutex::new(Census::new(front.limits.per_address)),
        arrivals: AtomicU64::new(0),
        front,
    });
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = until(&mut stop, |stop| stop != Stop::Serving) => break,
            Some(ended) = connections.join_next() => report(ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => admit(&hall, stream, peer, &stop, &mut connections),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    drain(connections, stop).await;
}

/// Whoever held the other end being gone counts as told to.
async fn until(stop: &mut watch::Receiver<Stop>, told: impl Fn(Stop) -> bool) {
    drop(stop.wait_for(|stop| told(*stop)).await);
}

async fn drain(mut connections: JoinSet<()>, mut stop: watch::Receiver<Stop>) {
    tracing::info!(connections = connections.len(), "draining");
    let all_gone = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    tokio::select! {
        () = all_gone => {}
        () = until(&mut stop, |stop| stop == Stop::Now) => {}
        () = sleep(DRAIN) => {}
    }
    if !connections.is_empty() {
        tracing::warn!(connections = connections.len(), "cut");
    }
    connections.shutdown().await;
}

/// A connection's panic ends that connection only; it is a bug, and said.
fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("a connection panicked");
    }
}

fn admit<H: Host>(
    hall: &Arc<Hall<H>>,
    stream: TcpStream,
    peer: SocketAddr,
    stop: &watch::Receiver<Stop>,
    connections: &mut JoinSet<()>,
) {
    let Some(place) = Place::take(hall) else {
        tracing::debug!("no place left: cut");
        turned_away("places");
        return;
    };
    let (hall, stop) = (Arc::clone(hall), stop.clone());
    connections.spawn(async move { welcome(hall, place, stream, peer.ip(), stop).await });
}

fn turned_away(reason: &'static str) {
    counter!("rialto_connections_refused_total", "reason" => reason).increment(1);
}

/// A place among all, and one among those who have not logged in.
struct Place {
    _all: OwnedSemaphorePermit,
    waiting: Option<OwnedSemaphorePermit>,
}

impl Place {
    fn take<H>(hall: &Hall<H>) -> Option<Self> {
        Some(Self {
            _all: Arc::clone(&hall.places).try_acquire_owned().ok()?,
            waiting: Some(Arc::clone(&hall.waiting).try_acquire_owned().ok()?),
        })
    }
}

/// One counted in from an address, until it has logged in or is gone.
struct Visit<H: Host> {
    hall: Arc<Hall<H>>,
    block: Block,
    logged_in: bool,
}

impl<H: Host> Visit<H> {
    fn begin(hall: &Arc<Hall<H>>, address: IpAddr) -> Option<Self> {
        let block = Block::of(address);
        let mut census = hall.census.lock().unwrap_or_else(PoisonError::into_inner);
        if !census.enter(block, Instant::now().into_std()) {
            turned_away("address");
            return None;
        }
        gauge!("rialto_unauthenticated").increment(1);
        Some(Self {
            hall: Arc::clone(hall),
            block,
            logged_in: false,
        })
    }
}

impl<H: Host> Drop for Visit<H> {
    fn drop(&mut self) {
        let mut census = self
            .hall
            .census
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        gauge!("rialto_unauthenticated").decrement(1);
        census.leave(self.block, self.logged_in, Instant::now().into_std());
    }
}

async fn welcome<H: Host>(
    hall: Arc<Hall<H>>,
    place: Place,
    stream: TcpStream,
    address: IpAddr,
    stop: watch::Receiver<Stop>,
) {
    if let Err(error) = tune(&stream) {
        tracing::debug!(%error, "the socket takes no options");
        return;
    }
    let security = hall.front.security.borrow().clone();
    let binding = security.binding();
    match security {
        Security::BehindProxy { proxies } => {
            if proxies.contains(&address.to_canonical()) {
                enter(&hall, place, None, stream, (address, binding), stop).await;
            } else {
                tracing::debug!("not the proxy: cut");
            }
        }
        Security::Plain => {
            let Some(visit) = Visit::begin(&hall, address) else {
                return;
            };
            enter(&hall, place, Some(visit), stream, (address, binding), stop).await;
        }
        Security::Tls { acceptor, .. } => {
            let Some(visit) = Visit::begin(&hall, address) else {
                return;
            };
            match timeout(hall.front.limits.handshake, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    enter(&hall, place, Some(visit), stream, (address, binding), stop).await;
                }
                Ok(Err(_)) | Err(_) => tracing::debug!("no TLS: cut"),
            }
        }
    }
}

fn tune(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = socket2::SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
    socket.set_keepalive(true)
}

/// From the HTTP request on. Behind a proxy the visitor is known only now, and counted now.
async fn enter<S, H>(
    hall: &Arc<Hall<H>>,
    mut place: Place,
    visit: Option<Visit<H>>,
    mut stream: S,
    (address, binding): (IpAddr, Binding),
    stop: watch::Receiver<Stop>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Host,
{
    let limits = &hall.front.limits;
    let granted = match timeout(limits.handshake, upgrade(&mut stream)).await {
        Ok(Ok(Ok(granted))) => granted,
        Ok(Ok(Err(refused))) => return turn_away(stream, refused).await,
        Ok(Err(_)) | Err(_) => return tracing::debug!("no request: cut"),
    };
    let (peer, mut visit) = match (visit, granted.forwarded) {
        (Some(visit), _) => (address, Some(visit)),
        // A proxy that does not say for whom it speaks cannot be counted by address.
        (None, None) => (address, None),
        (None, Some(peer)) => match Visit::begin(hall, peer) {
            Some(visit) => (peer, Some(visit)),
            None => return,
        },
    };
    let mut nonce = [0; 32];
    if getrandom::fill(&mut nonce).is_err() {
        return tracing::error!("the system gives no random bytes");
    }
    let arrival = Arrival {
        number: hall.arrivals.fetch_add(1, Ordering::Relaxed) + 1,
        binding,
        nonce: Hash(nonce),
        peer: peer.to_canonical(),
        wake: Wake::default(),
    };
    tracing::debug!(connection = arrival.number, "arrived");
    let logged_in = || {
        place.waiting = None;
        if let Some(mut visit) = visit.take() {
            visit.logged_in = true;
        }
    };
    exchange(
        stream,
        hall.front.host.as_ref(),
        limits,
        arrival,
        stop,
        logged_in,
    )
    .await;
}

/// The refusal is written; what the client still sends is read away for a moment, so that it can read the refusal.
async fn turn_away<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, refused: Refused) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    tracing::debug!(?refused, "no upgrade");
    let farewell = async {
        if stream.shutdown().await.is_ok() {
            let mut away = [0; 1024];
            for _ in 0..64 {
                if !matches!(stream.read(&mut away).await, Ok(1..)) {
                    break;
                }
            }
        }
    };
    drop(timeout(Duration::from_secs(1), farewell).await);
}
