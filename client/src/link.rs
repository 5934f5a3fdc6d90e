//! The link: one connection to the server, kept up.
//!
//! A link proves who is at the other end before it says who is at this one, and logs in by the device's key. It runs as a
//! task with two channels: [`Order`]s in, [`News`] out. It holds nothing and decides nothing: what is resumed and resent
//! after a reconnect is the console's, which is told the connection's number and names it in every order, so that an order
//! for a connection that is gone is dropped, not sent on the next one.

mod backoff;
mod border;
#[cfg(test)]
pub(crate) mod fake;
mod handshake;
mod join;
mod socket;
#[cfg(test)]
mod tests;
mod tls;
mod tunnel;

pub use handshake::{Distrust, Proof, Sight};
pub use join::{JoinError, Joined, Joiner, Offer};
pub use tls::any_certificate;
pub use tunnel::TunnelError;

use crate::{
    account::{Account, AccountError, DeviceKey, keep_known},
    route::Route,
};
use backoff::Backoff;
use rialto_shared::{
    id::{DeviceId, Hash},
    limits,
    protocol::{Down, InviteLink, KnownKey, Transport, Up, closing::CloseCode},
    rejection::{Refusal, Rejection},
    text::Text,
};
use socket::Socket;
use std::{io, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc},
    time::{Instant, timeout},
};

/// Longest wait for the other end to be reached, to prove itself, and to log this one in; each.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);
/// How often this end says that it is there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// Without a word for so long, the connection is dead.
const DEAD_AFTER: Duration = Duration::from_secs(45);
/// Orders that wait to be sent.
const ORDERS_MAX: usize = 1_024;
/// News that wait to be read: beyond it the link reads no more, and the server's own bounds do the rest.
const NEWS_MAX: usize = 256;

/// Where the server is, and which one it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// How it is reached.
    pub transport: Transport,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Its id.
    pub server: Hash,
    /// The way there.
    pub route: Route,
    /// The newest key that it proved itself by; it goes on from there. `None` where only its id is known.
    pub known: Option<KnownKey>,
}

impl Endpoint {
    /// Where a link leads, by this way.
    #[must_use]
    pub fn of(link: &InviteLink, route: Route) -> Self {
        Self {
            transport: link.transport,
            host: link.host.clone(),
            port: link.port,
            server: link.server,
            route,
            known: None,
        }
    }
}

impl From<&Account> for Endpoint {
    fn from(account: &Account) -> Self {
        Self {
            transport: account.about.transport,
            host: account.about.host.clone(),
            port: account.about.port,
            server: account.about.server,
            route: account.route.clone(),
            known: account.known,
        }
    }
}

/// How the link is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// On its way.
    Connecting,
    /// Logged in. The number is this connection's, from 1, and goes up.
    Live {
        /// The connection.
        connection: u64,
    },
    /// Not connected; another attempt follows.
    Down {
        /// Why, in our words.
        why: String,
        /// When.
        again_in: Duration,
    },
    /// The other end is not the server that it should be, or does not let this device in: nothing more is tried until
    /// [`Order::Reconnect`].
    Refused {
        /// Why, in our words.
        why: String,
        /// Whether it is the server that does not let this device in.
        shut: bool,
    },
}

/// What the link says.
#[derive(Debug)]
pub enum News {
    /// How it is now.
    State(LinkState),
    /// What the server sent, `welcome` first.
    Frame(Box<Down>),
    /// The server proved itself by a newer key than before, which the one before has signed. It is kept already.
    Rotated,
}

/// What the link is told.
#[derive(Debug)]
pub enum Order {
    /// Sends a frame, if this connection is still the one.
    Send {
        /// Which connection.
        connection: u64,
        /// The frame.
        frame: Box<Up>,
    },
    /// Connects at once, whatever the wait.
    Reconnect,
    /// Ends.
    Stop,
}

/// Why a connection ended, or did not come about.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The network said no.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Nobody takes the connection there.
    #[error("{host}, port {port}, cannot be reached: {error}")]
    Unreachable {
        /// The server's host, as the account or the link names it.
        host: String,
        /// Its port.
        port: u16,
        /// What the system says.
        error: io::Error,
    },
    /// It took too long.
    #[error("the server did not {0} in time")]
    Slow(&'static str),
    /// The WebSocket said no.
    #[error("the connection broke: {0}")]
    WebSocket(String),
    /// Without TLS only this machine is reached.
    #[error("{0} is not this machine: without TLS nothing is sent there")]
    NotLoopback(String),
    /// The proxy made no tunnel.
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    /// What answers speaks HTTP, and no WebSocket.
    #[error(
        "what answers there is no Rialto server, or something in between lets no WebSocket through (HTTP {0})"
    )]
    Http(u16),
    /// The host's name cannot be one.
    #[error("{0:?} is no name of a host")]
    Host(String),
    /// The server's newest key cannot be kept.
    #[error("the server's newest key cannot be kept: {0}")]
    Account(#[from] AccountError),
    /// The other end is not the server.
    #[error(transparent)]
    Distrust(#[from] Distrust),
    /// The server sent what cannot be read.
    #[error("the server sent a frame that cannot be read: {0}")]
    Unreadable(String),
    /// The server sent something else than what comes next.
    #[error("the server sent something else than a {0}")]
    Unexpected(&'static str),
    /// The server refused.
    #[error("the server refused: {}", .0.words)]
    Refused(Refusal),
    /// The server closed the connection and said why.
    #[error("the server closed the connection: {}", words.as_ref().map_or("no reason given", Text::as_str))]
    Parted {
        /// The WebSocket's code.
        code: u16,
        /// Why, in the server's words.
        words: Option<Text>,
    },
    /// The connection ended.
    #[error("the connection ended")]
    Closed,
    /// The frame is longer than the wire allows.
    #[error("a frame of {0} bytes, where {max} are possible", max = limits::MESSAGE_BYTES_MAX)]
    TooLong(usize),
    /// The system has no chance to give.
    #[error("the system gives no random bytes: {0}")]
    Chance(String),
}

impl LinkError {
    /// Whether trying again by itself could only do harm: after codes of the 4000s, but a slow reader's and a crowded device's, the same would
    /// happen again.
    const fn final_for_now(&self) -> bool {
        match self {
            Self::Distrust(_) | Self::NotLoopback(_) | Self::Host(_) | Self::Refused(_) => true,
            Self::Parted { code, .. } => matches!(code, 4_001..=4_005),
            Self::Tunnel(error) => error.final_for_now(),
            Self::Io(_)
            | Self::Unreachable { .. }
            | Self::Http(_)
            | Self::Account(_)
            | Self::Slow(_)
            | Self::WebSocket(_)
            | Self::Unreadable(_)
            | Self::Unexpected(_)
            | Self::Closed
            | Self::TooLong(_)
            | Self::Chance(_) => false,
        }
    }

    /// Whether the server does not let this device in: at the door, or not any more.
    fn shut(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.code == Rejection::Unsigned(String::new()).code(),
            Self::Parted { code, .. } => {
                let code = CloseCode::of(*code);
                matches!(code, Some(CloseCode::LoginRefused | CloseCode::Revoked))
            }
            Self::Distrust(_)
            | Self::NotLoopback(_)
            | Self::Tunnel(_)
            | Self::Http(_)
            | Self::Account(_)
            | Self::Host(_)
            | Self::Io(_)
            | Self::Unreachable { .. }
            | Self::Slow(_)
            | Self::WebSocket(_)
            | Self::Unreadable(_)
            | Self::Unexpected(_)
            | Self::Closed
            | Self::TooLong(_)
            | Self::Chance(_) => false,
        }
    }
}

/// The orders' end of a link. Dropping it ends the link.
#[derive(Debug, Clone)]
pub struct Link {
    orders: mpsc::Sender<Order>,
    overflow: Arc<Notify>,
}

/// The link has more orders than it can hold, or has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the link takes no more orders")]
pub struct Busy;

impl Link {
    /// Starts a link; must be called within a tokio runtime.
    #[must_use]
    pub fn start(account: &Account) -> (Self, mpsc::Receiver<News>) {
        let (orders, orders_in) = mpsc::channel(ORDERS_MAX);
        let (news_out, news) = mpsc::channel(NEWS_MAX);
        let overflow = Arc::new(Notify::new());
        let task = Task {
            overflow: Arc::clone(&overflow),
            endpoint: Endpoint::from(account),
            key: account.key.clone(),
            device: account.about.device,
            orders: orders_in,
            news: news_out,
            connection: 0,
            dir: account.dir.clone(),
            rotated: false,
        };
        tokio::spawn(task.run());
        (Self { orders, overflow }, news)
    }

    /// Tells the link something. A link that can hold no more orders gives its connection up: what was not sent on it is
    /// sent on the next.
    ///
    /// # Errors
    /// [`Busy`]: this order is lost.
    pub fn order(&self, order: Order) -> Result<(), Busy> {
        self.orders.try_send(order).map_err(|_| {
            self.overflow.notify_one();
            Busy
        })
    }
}

struct Task {
    overflow: Arc<Notify>,
    endpoint: Endpoint,
    key: DeviceKey,
    device: DeviceId,
    orders: mpsc::Receiver<Order>,
    news: mpsc::Sender<News>,
    connection: u64,
    /// The folder that the server's newest key is kept in.
    dir: PathBuf,
    /// Whether it is newer than the one before, and nobody was told.
    rotated: bool,
}

/// Nobody listens any more, or the link was told to end.
struct Over;

impl Task {
    async fn run(mut self) {
        let mut backoff = Backoff::default();
        loop {
            match self.turn(&mut backoff).await {
                Ok(()) => {}
                Err(Over) => return,
            }
        }
    }

    async fn say(&self, news: News) -> Result<(), Over> {
        self.news.send(news).await.map_err(|_| Over)
    }

    /// One connection, and the wait after it.
    async fn turn(&mut self, backoff: &mut Backoff) -> Result<(), Over> {
        self.say(News::State(LinkState::Connecting)).await?;
        let error = match self.log_in().await {
            Ok((mut socket, welcome)) => {
                if std::mem::take(&mut self.rotated) {
                    self.say(News::Rotated).await?;
                }
                backoff.reset();
                self.connection = self.connection.saturating_add(1);
                let connection = self.connection;
                self.say(News::State(LinkState::Live { connection }))
                    .await?;
                self.say(News::Frame(Box::new(welcome))).await?;
                self.converse(&mut socket, backoff).await?
            }
            Err(error) => error,
        };
        let why = error.to_string();
        if error.final_for_now() {
            let shut = error.shut();
            self.say(News::State(LinkState::Refused { why, shut }))
                .await?;
            return self.wait(None).await;
        }
        let again_in = backoff.next();
        self.say(News::State(LinkState::Down { why, again_in }))
            .await?;
        self.wait(Some(again_in)).await
    }

    /// Waits for the time to pass or for the order to connect; other orders are for a connection that is gone.
    async fn wait(&mut self, span: Option<Duration>) -> Result<(), Over> {
        let until = span.map(|span| Instant::now() + span);
        loop {
            let order = match until {
                Some(until) => match tokio::time::timeout_at(until, self.orders.recv()).await {
                    Ok(order) => order,
                    Err(_elapsed) => return Ok(()),
                },
                None => self.orders.recv().await,
            };
            match order {
                Some(Order::Reconnect) => return Ok(()),
                Some(Order::Send { .. }) => {}
                Some(Order::Stop) | None => return Err(Over),
            }
        }
    }

    async fn log_in(&mut self) -> Result<(Socket, Down), LinkError> {
        let mut socket = Socket::open(&self.endpoint).await?;
        let proof = socket.prove(&self.endpoint).await?;
        let before = self.endpoint.known.map_or(0, |known| known.rotations);
        if proof.key.rotations > before {
            // On disk before anything is said to it: there is no way back from a key that was seen.
            keep_known(&self.dir, proof.key)?;
            self.endpoint.known = Some(proof.key);
            self.rotated = true;
        }
        socket.send(&proof.login(&self.key, self.device)).await?;
        match timeout(STEP_TIMEOUT, socket.next())
            .await
            .map_err(|_| LinkError::Slow("log this device in"))??
        {
            welcome @ Down::Welcome { .. } => Ok((socket, welcome)),
            Down::Error { error, .. } => Err(LinkError::Refused(error)),
            Down::GoingAway { .. } => Err(LinkError::Closed),
            Down::Challenge { .. }
            | Down::Invitation { .. }
            | Down::Ready { .. }
            | Down::Answer { .. }
            | Down::Snapshot { .. }
            | Down::Entries { .. }
            | Down::Page { .. }
            | Down::Heads { .. }
            | Down::Closed { .. }
            | Down::Cards { .. }
            | Down::Presence { .. }
            | Down::Found { .. }
            | Down::Pong { .. } => Err(LinkError::Unexpected("welcome")),
        }
    }

    /// Carries frames both ways until the connection ends; the error says why it did.
    async fn converse(
        &mut self,
        socket: &mut Socket,
        backoff: &mut Backoff,
    ) -> Result<LinkError, Over> {
        let mut ping = tokio::time::interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        let mut heard = Instant::now();
        let mut pings = 0_u64;
        loop {
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(Order::Send { connection, frame }) if connection == self.connection => {
                        if let Err(error) = socket.send(&frame).await {
                            return Ok(error);
                        }
                    }
                    Some(Order::Send { .. } | Order::Reconnect) => {}
                    Some(Order::Stop) | None => {
                        socket.close().await;
                        return Err(Over);
                    }
                },
                frame = socket.next() => match frame {
                    Ok(Down::Pong { .. }) => heard = Instant::now(),
                    Ok(frame) => {
                        heard = Instant::now();
                        if let Down::GoingAway { retry_after_ms, .. } = &frame {
                            backoff.at_least(Duration::from_millis(*retry_after_ms));
                        }
                        self.say(News::Frame(Box::new(frame))).await?;
                    }
                    Err(error) => return Ok(error),
                },
                () = self.overflow.notified() => return Ok(LinkError::Slow("take what was sent")),
                _ = ping.tick() => {
                    if heard.elapsed() > DEAD_AFTER {
                        return Ok(LinkError::Slow("answer"));
                    }
                    pings = pings.saturating_add(1);
                    if let Err(error) = socket.send(&Up::Ping { id: pings }).await {
                        return Ok(error);
                    }
                }
            }
        }
    }
}
