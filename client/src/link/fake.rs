//! A server to link to: a real socket on this machine, a real handshake, and then whatever the test wants.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::Endpoint;
use crate::{
    account::{About, Account, DeviceKey},
    route::{Route, Trust},
    sample,
};
use ed25519_dalek::SigningKey;
use futures_util::{SinkExt as _, StreamExt as _};
use rialto_shared::{
    entry::Head,
    id::{Hash, RoomId},
    protocol::{Binding, Down, Transport, Up, VERSION, challenge_preimage, server_id},
    statement::{public_key, sign},
};
use std::{path::Path, sync::Arc};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
    },
};

/// A server that does as it is told.
pub(crate) struct Fake {
    listener: TcpListener,
    pub(crate) key: SigningKey,
    tls: Option<(TlsAcceptor, Hash)>,
}

/// One connection to it.
pub(crate) struct Peer {
    ws: WebSocketStream<Box<dyn super::socket::Stream>>,
    pub(crate) heard: Vec<Up>,
}

impl Fake {
    pub(crate) async fn plain() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            key: sample::key(200),
            tls: None,
        }
    }

    pub(crate) async fn tls() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let certificate = made.cert.der().clone();
        let hash = Hash::plain(&certificate);
        let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.unwrap())
            .unwrap();
        Self {
            tls: Some((TlsAcceptor::from(Arc::new(config)), hash)),
            ..Self::plain().await
        }
    }

    pub(crate) fn server(&self) -> Hash {
        server_id(public_key(&self.key))
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint {
            transport: if self.tls.is_some() {
                Transport::Tls
            } else {
                Transport::Plain
            },
            host: "127.0.0.1".to_owned(),
            port: self.listener.local_addr().unwrap().port(),
            server: self.server(),
            route: Route::default(),
            known: None,
        }
    }

    /// The account of member 1 here.
    pub(crate) fn account(&self, dir: &Path) -> Account {
        let endpoint = self.endpoint();
        Account {
            name: "fake".to_owned(),
            dir: dir.to_owned(),
            about: About {
                server: endpoint.server,
                transport: endpoint.transport,
                host: endpoint.host,
                port: endpoint.port,
                member: sample::member(1),
                org: sample::org(1),
                device: sample::device(1),
                chain: vec![],
                proxy: None,
                trust: Trust::Pinned,
            },
            key: DeviceKey::from_seed(&[1; 32]),
            root: None,
            route: Route::default(),
            known: None,
        }
    }

    /// The binding that is right.
    pub(crate) fn binding(&self) -> Binding {
        self.tls
            .as_ref()
            .map_or(Binding::Plain, |(_, hash)| Binding::Tls(*hash))
    }

    pub(crate) async fn accept(&self) -> Peer {
        let (stream, _) = self.listener.accept().await.unwrap();
        let stream: Box<dyn super::socket::Stream> = match &self.tls {
            Some((acceptor, _)) => Box::new(acceptor.accept(stream).await.unwrap()),
            None => Box::new(stream),
        };
        // The library's type of a refusal is large; nothing is refused here.
        #[allow(clippy::result_large_err, reason = "the library's signature")]
        let answer = |request: &Request, mut response: Response| {
            let protocol = request.headers()["sec-websocket-protocol"].clone();
            response
                .headers_mut()
                .insert("sec-websocket-protocol", protocol);
            Ok(response)
        };
        Peer {
            ws: accept_hdr_async(stream, answer).await.unwrap(),
            heard: vec![],
        }
    }

    /// A connection that is logged in and resumed: what it held comes back too.
    pub(crate) async fn seat(&self) -> (Peer, Vec<(RoomId, Head)>) {
        let mut peer = self.accept().await;
        peer.prove(&self.key, self.server(), self.binding()).await;
        assert!(matches!(peer.up().await, Some(Up::Login { .. })));
        peer.down(&sample::welcome(1)).await;
        let mut held = vec![];
        loop {
            let Some(Up::Resume { cursors, last }) = peer.up().await else {
                panic!("a resume comes after welcome");
            };
            held.extend(cursors);
            if last {
                return (peer, held);
            }
        }
    }
}

impl Peer {
    /// The next frame; `None` when the other end is gone.
    pub(crate) async fn up(&mut self) -> Option<Up> {
        loop {
            match self.ws.next().await?.ok()? {
                Message::Text(text) => {
                    let up: Up = serde_json::from_str(text.as_str()).unwrap();
                    self.heard.push(up.clone());
                    return Some(up);
                }
                Message::Close(_) => return None,
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) | Message::Binary(_) => {}
            }
        }
    }

    pub(crate) async fn down(&mut self, frame: &Down) {
        let text = serde_json::to_string(frame).unwrap();
        self.ws.send(Message::text(text)).await.unwrap();
    }

    /// Answers the hello with this challenge.
    pub(crate) async fn prove(&mut self, key: &SigningKey, server: Hash, binding: Binding) {
        let Some(Up::Hello { nonce, .. }) = self.up().await else {
            panic!("hello comes first");
        };
        let server_nonce = Hash([3; 32]);
        let preimage = challenge_preimage(nonce, server_nonce, server, binding);
        self.down(&Down::Challenge {
            version: VERSION,
            server,
            key: public_key(key),
            rotations: vec![],
            nonce: server_nonce,
            binding,
            signature: sign(key, &preimage.0),
        })
        .await;
    }
}
