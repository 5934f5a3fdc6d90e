//! A conversation for tests that does what its frames say, a host for it, and clients that misbehave on purpose.

use super::{
    Answers, Arrival, Closing, Conversation, Effect, Front, Host, Limits, Page, Security, Sign,
    Stop, Wake, exchange::exchange, serve,
};
use crate::{config::Config, frame::Frame};
use futures_util::{SinkExt as _, StreamExt as _};
use rialto_shared::{
    closing::CloseCode,
    id::{Hash, PublicKey},
    protocol::Binding,
    text::TextKind,
    time::{Span, Timestamp},
};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, protocol::Role},
};

/// Answers `login` with `in`, `say X` with `X`, `many N` with N frames of 1 KiB, gives `ask X` to the writer, and parts at
/// `part`. After `busy` it rings itself whenever it is woken, and says nothing.
#[derive(Debug)]
pub(crate) struct Scripted {
    logged_in: bool,
    busy: bool,
    wake: Wake,
}

impl Conversation for Scripted {
    type Submission = String;
    type Answer = String;

    fn receive(&mut self, frame: &str, _now: Timestamp) -> Vec<Effect<String>> {
        let (word, rest) = frame.split_once(' ').unwrap_or((frame, ""));
        match word {
            "login" => {
                self.logged_in = true;
                vec![Effect::Send(Frame::from("in"))]
            }
            "say" => vec![Effect::Send(Frame::from(rest.to_owned()))],
            "many" => {
                let frame = Frame::from("x".repeat(1024));
                let count = rest.parse().unwrap();
                vec![(); count]
                    .into_iter()
                    .map(|()| Effect::Send(frame.clone()))
                    .collect()
            }
            "busy" => {
                self.busy = true;
                self.woken(Timestamp::EPOCH)
            }
            "ask" => vec![Effect::Submit(rest.to_owned())],
            "part" => vec![
                Effect::Send(Frame::from("bye")),
                Effect::Close(Closing::new(CloseCode::Revoked, "as you asked")),
                Effect::Send(Frame::from("never sent")),
            ],
            _ => vec![],
        }
    }

    fn answered(&mut self, answer: String, _now: Timestamp) -> Vec<Effect<String>> {
        vec![Effect::Send(Frame::from(format!("answer {answer}")))]
    }

    fn woken(&mut self, _now: Timestamp) -> Vec<Effect<String>> {
        if self.busy {
            self.wake.ring();
            return vec![];
        }
        vec![Effect::Send(Frame::from("woken"))]
    }

    fn leaving(&mut self, _now: Timestamp, retry_after: Span) -> Vec<Effect<String>> {
        assert!((1_000..6_000).contains(&retry_after.as_millis()));
        vec![Effect::Send(Frame::from("leaving"))]
    }

    fn authenticated(&self) -> bool {
        self.logged_in
    }
}

/// A host whose writer answers when the test says so.
#[derive(Debug, Default)]
pub(crate) struct Town {
    pub(crate) arrivals: Mutex<Vec<Arrival>>,
    pub(crate) asked: Mutex<Vec<(String, Answers<Scripted>)>>,
}

impl Town {
    /// Answers all that was asked, in order.
    pub(crate) fn answer_all(&self) {
        for (asked, answers) in self.asked.lock().unwrap().drain(..) {
            answers.send(asked).unwrap();
        }
    }

    pub(crate) fn last_wake(&self) -> Wake {
        self.arrivals.lock().unwrap().last().unwrap().wake.clone()
    }
}

impl Host for Town {
    type Conversation = Scripted;

    fn converse(&self, arrival: Arrival) -> Scripted {
        let wake = arrival.wake.clone();
        self.arrivals.lock().unwrap().push(arrival);
        Scripted {
            logged_in: false,
            busy: false,
            wake,
        }
    }

    fn submit(&self, submission: String, answers: Answers<Scripted>) {
        self.asked.lock().unwrap().push((submission, answers));
    }

    fn now(&self) -> Timestamp {
        Timestamp::EPOCH
    }
}

/// A client's end of a connection.
pub(crate) struct Client<S> {
    pub(crate) socket: WebSocketStream<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) async fn over(stream: S) -> Self {
        Self {
            socket: WebSocketStream::from_raw_socket(stream, Role::Client, None).await,
        }
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// Bytes as they are, past the library.
    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        self.socket.get_mut().write_all(bytes).await.unwrap();
        self.socket.get_mut().flush().await.unwrap();
    }

    /// The next text; pings are answered on the way.
    pub(crate) async fn hear(&mut self) -> String {
        loop {
            match self.socket.next().await.unwrap().unwrap() {
                Message::Text(text) => return text.to_string(),
                Message::Ping(_) => self.socket.flush().await.unwrap(),
                Message::Pong(_) => {}
                other @ (Message::Binary(_) | Message::Close(_) | Message::Frame(_)) => {
                    panic!("{other:?} instead of a text")
                }
            }
        }
    }

    /// The code of the goodbye, after whatever texts come before it; `None` if the socket ends without one.
    pub(crate) async fn goodbye(&mut self) -> Option<CloseCode> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Close(close)) => {
                    let code = close.unwrap().code;
                    return Some(CloseCode::of(code.into()).unwrap());
                }
                Ok(_) => {}
                Err(Error::Io(_) | Error::Protocol(_)) => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub(crate) async fn login(mut self) -> Self {
        self.say("login").await;
        assert_eq!(self.hear().await, "in");
        self
    }
}

/// One connection without listener and upgrade, over any stream.
pub(crate) struct Lone {
    pub(crate) town: Arc<Town>,
    pub(crate) stop: watch::Sender<Stop>,
    pub(crate) ended: JoinHandle<()>,
}

pub(crate) fn lone<S>(stream: S, limits: Limits) -> Lone
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let town = Arc::new(Town::default());
    let (stop, stopped) = watch::channel(Stop::Serving);
    let arrival = Arrival {
        number: 1,
        binding: Binding::Plain,
        nonce: Hash([7; 32]),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        wake: Wake::default(),
    };
    let host = Arc::clone(&town);
    let ended = tokio::spawn(async move {
        exchange(stream, host.as_ref(), &limits, arrival, stopped, || {}).await;
    });
    Lone { town, stop, ended }
}

/// What stands on its page; the name has what HTML would take for its own.
pub(crate) fn sign() -> Sign {
    Sign {
        name: TextKind::Name.parse("Tom & <b>Co</b>").unwrap(),
        vendor: None,
        address: Config::default().address(),
        server: Hash([5; 32]),
        key: PublicKey([6; 32]),
        install: vec!["cargo install rialto".to_owned()],
    }
}

/// A whole front on a port of its own.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) town: Arc<Town>,
    pub(crate) stop: watch::Sender<Stop>,
    pub(crate) ended: JoinHandle<()>,
}

impl House {
    pub(crate) async fn open(limits: Limits, security: Security) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let town = Arc::new(Town::default());
        let (stop, stopped) = watch::channel(Stop::Serving);
        let front = Front {
            host: Arc::clone(&town),
            limits,
            security: watch::channel(security).1,
            page: Page::new(&sign()),
        };
        let ended = tokio::spawn(serve(listener, front, stopped));
        Self {
            address,
            town,
            stop,
            ended,
        }
    }

    pub(crate) async fn plain() -> Self {
        Self::open(Limits::default(), Security::Plain).await
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Through the upgrade.
    pub(crate) async fn client(&self) -> Client<TcpStream> {
        let mut stream = self.connect().await;
        let head = upgraded(&mut stream, "").await.expect("an upgrade");
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        Client::over(stream).await
    }
}

/// Asks for the upgrade, with more header lines; the answer's head, or `None` if the connection is cut.
pub(crate) async fn upgraded<S>(stream: &mut S, more: &str) -> Option<String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: rialto.1\r\n{more}\r\n"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

/// A client's frame, masked with zeros; `length` is stated, whatever follows.
pub(crate) fn header(first: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![first, 0x80 | 127];
    bytes.extend(length.to_be_bytes());
    bytes.extend([0; 4]);
    bytes
}

/// A whole frame of a client's.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, u64::try_from(payload.len()).unwrap());
    bytes.extend(payload);
    bytes
}
