//! The socket: frames over a WebSocket, over TLS or not. The only place that names tungstenite.

use super::{
    Endpoint, LinkError, STEP_TIMEOUT, border, handshake, handshake::Proof, handshake::Sight, tls,
    tunnel,
};
use crate::account::chance;
use futures_util::{SinkExt as _, StreamExt as _};
use rialto_shared::{
    id::Hash,
    limits,
    protocol::{Down, SUBPROTOCOL, Transport, Up},
    text::TextKind,
};
use std::net::IpAddr;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, ClientRequestBuilder, Message, error::ProtocolError, http::Uri,
        protocol::WebSocketConfig,
    },
};

/// What a WebSocket runs over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

pub(super) struct Socket {
    ws: WebSocketStream<Box<dyn Stream>>,
    sight: Sight,
}

/// Every field is set: a default that changes must not change us.
fn config() -> WebSocketConfig {
    let mut config = WebSocketConfig::default();
    config.read_buffer_size = 4 * 1024;
    config.write_buffer_size = 0;
    config.max_write_buffer_size = 256 * 1024;
    config.max_message_size = Some(limits::MESSAGE_BYTES_MAX);
    config.max_frame_size = Some(limits::MESSAGE_BYTES_MAX);
    config.accept_unmasked_frames = false;
    config
}

fn websocket_error(error: tungstenite::Error) -> LinkError {
    match error {
        tungstenite::Error::ConnectionClosed
        | tungstenite::Error::AlreadyClosed
        | tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            LinkError::Closed
        }
        tungstenite::Error::Io(error) => LinkError::Io(error),
        tungstenite::Error::Http(response) => LinkError::Http(response.status().as_u16()),
        other @ (tungstenite::Error::Tls(_)
        | tungstenite::Error::Capacity(_)
        | tungstenite::Error::Protocol(_)
        | tungstenite::Error::WriteBufferFull(_)
        | tungstenite::Error::Utf8(_)
        | tungstenite::Error::AttackAttempt
        | tungstenite::Error::Url(_)
        | tungstenite::Error::HttpFormat(_)) => LinkError::WebSocket(other.to_string()),
    }
}

impl Socket {
    /// Reaches the server; nothing is said yet but TLS and the WebSocket's own opening.
    pub(super) async fn open(endpoint: &Endpoint) -> Result<Self, LinkError> {
        // A proxy has a wait of its own, so that its silence is not taken for the server's.
        let tunnel = match endpoint.route.proxy.as_ref() {
            Some(proxy) if endpoint.transport != Transport::Plain => {
                Some(tunnel::open(proxy, &endpoint.host, endpoint.port).await?)
            }
            Some(_) | None => None,
        };
        timeout(STEP_TIMEOUT, Self::reach(endpoint, tunnel))
            .await
            .map_err(|_| LinkError::Slow("take the connection"))?
    }

    async fn reach(endpoint: &Endpoint, tunnel: Option<TcpStream>) -> Result<Self, LinkError> {
        let stream = match tunnel {
            Some(tunnel) => tunnel,
            None => {
                let (host, port) = (endpoint.host.as_str(), endpoint.port);
                let reached = TcpStream::connect((host, port)).await;
                reached.map_err(|error| LinkError::Unreachable {
                    host: host.to_owned(),
                    port,
                    error,
                })?
            }
        };
        stream.set_nodelay(true)?;
        let peer = stream.peer_addr()?.ip();
        if !may_reach(endpoint.transport, peer) {
            return Err(LinkError::NotLoopback(endpoint.host.clone()));
        }
        let (stream, certificate): (Box<dyn Stream>, _) = match endpoint.transport {
            Transport::Plain => (Box::new(stream), None),
            Transport::Tls | Transport::Proxy => {
                let (stream, certificate) =
                    tls::wrap(stream, &endpoint.host, endpoint.route.trust).await?;
                (Box::new(stream), Some(certificate))
            }
        };
        let request = ClientRequestBuilder::new(uri(endpoint)?).with_sub_protocol(SUBPROTOCOL);
        let (ws, _response) = client_async_with_config(request, stream, Some(config()))
            .await
            .map_err(websocket_error)?;
        let sight = Sight {
            certificate,
            loopback: this_machine(peer),
        };
        Ok(Self { ws, sight })
    }

    /// Has the server prove who it is.
    pub(super) async fn prove(&mut self, endpoint: &Endpoint) -> Result<Proof, LinkError> {
        let nonce = chance::<32>().map_err(|error| LinkError::Chance(error.to_string()))?;
        let nonce = Hash(nonce);
        self.send(&handshake::hello(nonce)).await?;
        let frame = timeout(STEP_TIMEOUT, self.next())
            .await
            .map_err(|_| LinkError::Slow("prove who it is"))??;
        if let Down::Error { error, .. } = frame {
            return Err(LinkError::Refused(error));
        }
        let proof = Proof::judge(endpoint, self.sight, nonce, &frame)
            .ok_or(LinkError::Unexpected("challenge"))??;
        Ok(proof)
    }

    /// Sends a frame.
    pub(super) async fn send(&mut self, frame: &Up) -> Result<(), LinkError> {
        let text = serde_json::to_string(frame)
            .map_err(|error| LinkError::WebSocket(error.to_string()))?;
        if text.len() > limits::MESSAGE_BYTES_MAX {
            return Err(LinkError::TooLong(text.len()));
        }
        self.ws
            .send(Message::text(text))
            .await
            .map_err(websocket_error)
    }

    /// The next frame.
    pub(super) async fn next(&mut self) -> Result<Down, LinkError> {
        loop {
            let message = self.ws.next().await.ok_or(LinkError::Closed)?;
            match message.map_err(websocket_error)? {
                Message::Text(text) => {
                    return serde_json::from_str(text.as_str())
                        .map(border::cleaned)
                        .map_err(|error| LinkError::Unreadable(error.to_string()));
                }
                // tungstenite answers pings itself.
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
                Message::Binary(_) => {
                    return Err(LinkError::Unreadable("it is not text".to_owned()));
                }
                Message::Close(None) => return Err(LinkError::Closed),
                Message::Close(Some(close)) => {
                    return Err(LinkError::Parted {
                        code: close.code.into(),
                        words: TextKind::Line.parse(close.reason.as_str()).ok(),
                    });
                }
            }
        }
    }

    /// Says goodbye; whether it is heard does not matter.
    pub(super) async fn close(&mut self) {
        let goodbye = self.ws.close(None);
        drop(timeout(std::time::Duration::from_secs(1), goodbye).await);
    }
}

fn this_machine(peer: IpAddr) -> bool {
    peer.to_canonical().is_loopback()
}

/// Without TLS nothing leaves this machine.
pub(super) fn may_reach(transport: Transport, peer: IpAddr) -> bool {
    match transport {
        Transport::Tls | Transport::Proxy => true,
        Transport::Plain => this_machine(peer),
    }
}

fn uri(endpoint: &Endpoint) -> Result<Uri, LinkError> {
    let scheme = match endpoint.transport {
        Transport::Plain => "ws",
        Transport::Tls | Transport::Proxy => "wss",
    };
    let host = if endpoint.host.contains(':') {
        format!("[{}]", endpoint.host)
    } else {
        endpoint.host.clone()
    };
    format!("{scheme}://{host}:{}/", endpoint.port)
        .parse()
        .map_err(|_| LinkError::Host(endpoint.host.chars().take(80).collect()))
}
