//! A member at a bare socket: joins, logs in, says things, and counts what comes. No replica and no store, so that the load
//! costs little beside what is measured.

use ed25519_dalek::SigningKey;
use futures_util::{SinkExt as _, StreamExt as _};
use rialto_shared::{
    command::Command,
    entry::{Facts, SaltedText, Worded},
    id::{DeviceId, Hash, LaneId, OrgId, RoomId, Salt},
    protocol::{self, Binding, Down, InviteLink, Outcome, Up},
    room::{channel, org, talk},
    statement::{Certificate, Use, public_key, sign},
    text::{Text, TextKind},
    time::Span,
};
use std::{collections::BTreeSet, net::SocketAddr};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{ClientRequestBuilder, Message, protocol::WebSocketConfig},
};

/// What every message begins with: it occurs in nothing else that the server sends.
pub(crate) const MARK: &str = "zq";
/// Characters of a message.
const BODY_CHARS: usize = 300;

pub(crate) type Socket = WebSocketStream<TcpStream>;

/// The text of a message: its number, and filler.
pub(crate) fn body(number: usize) -> String {
    let head = format!("{MARK}{number:08}");
    format!("{head}{}", "x".repeat(BODY_CHARS - head.len()))
}

/// A socket to a server on this machine.
pub(crate) async fn connect(address: SocketAddr, subprotocol: Option<&str>) -> Socket {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut request = ClientRequestBuilder::new(format!("ws://{address}/").parse().unwrap());
    if let Some(name) = subprotocol {
        request = request.with_sub_protocol(name);
    }
    let config = WebSocketConfig::default().read_buffer_size(8 * 1024);
    let (socket, _) = client_async_with_config(request, stream, Some(config))
        .await
        .unwrap();
    socket
}

/// The next text, whatever else comes between.
pub(crate) async fn text(socket: &mut Socket) -> String {
    loop {
        match socket.next().await.expect("an open connection").unwrap() {
            Message::Text(text) => return text.to_string(),
            Message::Close(close) => panic!("closed: {close:?}"),
            Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => {}
        }
    }
}

async fn send(socket: &mut Socket, up: &Up) {
    let frame = serde_json::to_string(up).unwrap();
    socket.send(Message::text(frame)).await.unwrap();
}

async fn until<T>(socket: &mut Socket, mut found: impl FnMut(Down) -> Option<T>) -> T {
    loop {
        let frame = text(socket).await;
        let down: Down = serde_json::from_str(&frame).unwrap();
        if let Down::Error {
            error, fatal: true, ..
        } = &down
        {
            panic!("{}", error.words);
        }
        if let Some(found) = found(down) {
            return found;
        }
    }
}

/// A text with a salt made from it: nothing here is secret.
fn salted(text: Text) -> SaltedText {
    let salt = Salt(Hash::of("bench-salt", &[text.as_str().as_bytes()]).0);
    SaltedText { salt, text }
}

/// Somebody who has joined.
pub(crate) struct Member {
    key: SigningKey,
    server: Hash,
    org: OrgId,
}

impl Member {
    fn device(&self) -> DeviceId {
        org::device_of(public_key(&self.key))
    }

    /// Becomes a member by a link; the first of an organisation claims it.
    pub(crate) async fn join(address: SocketAddr, link: &InviteLink, name: &str) -> Self {
        let seed = Hash::of("bench-key", &[&link.code.0]);
        let key = SigningKey::from_bytes(&seed.0);
        let mut socket = connect(address, Some(protocol::SUBPROTOCOL)).await;
        let mut member = Self {
            key,
            server: link.server,
            org: OrgId::from_bits([0; 16]),
        };
        let signature = member.greet(&mut socket).await;
        let code = link.code.to_string();
        send(&mut socket, &Up::Invitation { code: code.clone() }).await;
        let (org, claimed) = until(&mut socket, |down| match down {
            Down::Invitation { org, claimed, .. } => Some((org, claimed)),
            _ => None,
        })
        .await;
        member.org = org;
        let own = public_key(&member.key);
        let root = SigningKey::from_bytes(&Hash::of("bench-root", &[&link.code.0]).0);
        let chain = [Certificate::issue(&root, link.server, org, own, Use::Admin)];
        let join = org::Command::Join {
            code: org::invitation_code(&link.code.0),
            key: own,
            chain: chain.into_iter().filter(|_| !claimed).collect(),
            root: (!claimed).then(|| public_key(&root)),
        };
        let texts = vec![salted(TextKind::Name.parse(name).unwrap())];
        let facts = Facts::write(&Worded::new(Command::Org(join), texts.clone()));
        let join = Up::Join {
            code,
            facts,
            texts,
            signature,
        };
        send(&mut socket, &join).await;
        until(&mut socket, |down| {
            matches!(down, Down::Welcome { .. }).then_some(())
        })
        .await;
        member
    }

    /// Says hello, and signs what logs in.
    async fn greet(&self, socket: &mut Socket) -> rialto_shared::id::Signature {
        let nonce = Hash::of("bench-nonce", &[&self.device().bits()]);
        let versions = vec![protocol::VERSION];
        send(socket, &Up::Hello { versions, nonce }).await;
        let theirs = until(socket, |down| match down {
            Down::Challenge { nonce, .. } => Some(nonce),
            _ => None,
        })
        .await;
        let device = self.device();
        let preimage = protocol::login_preimage(
            nonce,
            theirs,
            self.server,
            Binding::Plain,
            device,
            protocol::VERSION,
        );
        sign(&self.key, &preimage.0)
    }

    /// Logs in and holds everything, once it is there.
    pub(crate) async fn log_in(&self, address: SocketAddr) -> Socket {
        let mut socket = connect(address, Some(protocol::SUBPROTOCOL)).await;
        let signature = self.greet(&mut socket).await;
        let device = self.device();
        send(&mut socket, &Up::Login { device, signature }).await;
        let resume = Up::Resume {
            cursors: vec![],
            last: true,
        };
        send(&mut socket, &resume).await;
        until(&mut socket, |down| {
            matches!(down, Down::Ready { .. }).then_some(())
        })
        .await;
        socket
    }

    /// Logs in and hears a channel live.
    pub(crate) async fn listen(&self, address: SocketAddr, room: RoomId) -> Socket {
        let mut socket = self.log_in(address).await;
        send(&mut socket, &Up::Watch { room, cursor: None }).await;
        let whole = |down| match down {
            Down::Snapshot {
                room: of,
                part,
                parts,
                ..
            } => (of == room && part + 1 == parts).then_some(()),
            _ => None,
        };
        until(&mut socket, whole).await;
        socket
    }

    /// Opens a channel that everybody reads and posts in.
    pub(crate) async fn open_channel(&self, address: SocketAddr) -> RoomId {
        let mut socket = self.log_in(address).await;
        let settings = channel::Settings {
            handle: "crowd".parse().unwrap(),
            reach: channel::Reach::Community,
            post: channel::Who::Reps,
            invite: channel::Who::Reps,
            slow: Span::ZERO,
        };
        let command = Command::Org(org::Command::OpenChannel { settings });
        let office = RoomId::org(self.org);
        let lane = self.lane(0);
        let purpose = vec![salted(TextKind::Line.parse("For everybody").unwrap())];
        send(&mut socket, &numbered(lane, 1, office, command, purpose)).await;
        until(&mut socket, |down| match down {
            Down::Answer { outcome, .. } => {
                assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
                Some(())
            }
            _ => None,
        })
        .await;
        let query = protocol::Query::Channels {
            words: "crowd".to_owned(),
        };
        loop {
            send(
                &mut socket,
                &Up::Find {
                    id: 1,
                    query: query.clone(),
                },
            )
            .await;
            let found = until(&mut socket, |down| match down {
                Down::Found { hits, .. } => Some(hits),
                _ => None,
            })
            .await;
            if let Some(protocol::Hit::Channel { room, .. }) = found.first() {
                return *room;
            }
        }
    }

    /// An outbox of this device that was not used before.
    pub(crate) fn lane(&self, use_of: u64) -> LaneId {
        let seed = Hash::of(
            "bench-lane",
            &[&self.device().bits(), &use_of.to_be_bytes()],
        );
        let mut bits = [0; 16];
        bits.copy_from_slice(&seed.0[..16]);
        LaneId::from_bits(bits)
    }
}

fn numbered(lane: LaneId, n: u64, room: RoomId, command: Command, texts: Vec<SaltedText>) -> Up {
    Up::Command {
        lane,
        n,
        room,
        facts: Facts::write(&Worded::new(command, texts.clone())),
        texts,
        signed: None,
    }
}

/// The frame that says a numbered message.
pub(crate) fn say(lane: LaneId, n: u64, room: RoomId, number: usize) -> String {
    let command = Command::Talk(talk::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    });
    let body = salted(TextKind::Body.parse(&body(number)).unwrap());
    serde_json::to_string(&numbered(lane, n, room, command, vec![body])).unwrap()
}

/// Whether a frame is an answer; a refusal ends the bench.
pub(crate) fn answered(frame: &str) -> bool {
    let answer = frame.starts_with("{\"answer\"");
    assert!(!answer || frame.contains("\"accepted\""), "{frame}");
    answer
}

/// The numbers of the messages in a frame.
pub(crate) fn numbers(frame: &str) -> impl Iterator<Item = usize> + '_ {
    let places = frame.match_indices(MARK);
    places.filter_map(|(at, _)| frame.get(at + 2..at + 10)?.parse().ok())
}
