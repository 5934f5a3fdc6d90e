//! Proxies of companies, as small as they come and real: one that carries, one that looks into what it carries.

use super::anyone;
use crate::town::authority::Authority;
use data_encoding::BASE64;
use rustls::pki_types::ServerName;
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// A name that nothing but these proxies resolves: whoever reaches it has come through one.
pub(super) const HOST: &str = "console.northwind.test";

/// What an inspecting proxy shows: a certificate of its own for whatever is asked for.
struct Inspection {
    acceptor: TlsAcceptor,
    /// What clients said in it.
    heard: Arc<Mutex<Vec<u8>>>,
}

/// A proxy that speaks CONNECT, until it is dropped.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    /// Tunnels that it made.
    pub(super) tunnels: Arc<AtomicU64>,
    /// Bytes that went through them, up and down.
    pub(super) carried: Arc<[AtomicU64; 2]>,
    heard: Arc<Mutex<Vec<u8>>>,
    /// The certificate of the authority of an inspecting one (PEM).
    pub(super) authority: Option<String>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Carries whatever is sent to [`HOST`] to this address; for those with this name and password only, where there is one.
    pub(super) async fn carrying(to: SocketAddr, password: Option<&'static str>) -> Self {
        Self::start(to, password, None).await
    }

    /// Ends TLS itself, as a company's inspection does, and speaks TLS to the server behind the client's back.
    pub(super) async fn inspecting(to: SocketAddr) -> Self {
        let authority = Authority::new();
        let inspection = Inspection {
            acceptor: TlsAcceptor::from(authority.certify(HOST)),
            heard: Arc::default(),
        };
        let mut proxy = Self::start(to, None, Some(inspection)).await;
        proxy.authority = Some(authority.pem);
        proxy
    }

    async fn start(
        to: SocketAddr,
        password: Option<&'static str>,
        inspection: Option<Inspection>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tunnels, carried) = (Arc::new(AtomicU64::new(0)), Arc::default());
        let heard = inspection
            .as_ref()
            .map_or_else(Arc::default, |inspection| Arc::clone(&inspection.heard));
        let inspection = inspection.map(Arc::new);
        let (counted, bytes) = (Arc::clone(&tunnels), Arc::clone(&carried));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (counted, bytes) = (Arc::clone(&counted), Arc::clone(&bytes));
                let inspection = inspection.clone();
                tokio::spawn(async move {
                    let Some(stream) = tunnel(stream, password).await else {
                        return;
                    };
                    counted.fetch_add(1, Ordering::Relaxed);
                    carry(stream, to, inspection.as_deref(), &bytes).await;
                });
            }
        });
        Self {
            address,
            tunnels,
            carried,
            heard,
            authority: None,
            task,
        }
    }

    /// What clients said to an inspecting one, in the clear.
    pub(super) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }

    /// Its address as people write it.
    pub(super) fn url(&self, password: &str) -> String {
        format!("http://{password}{}", self.address)
    }
}

/// Reads the request for a tunnel and answers it; nothing where it is refused.
async fn tunnel(mut stream: TcpStream, password: Option<&str>) -> Option<TcpStream> {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let wanted = password.map(|password| {
        format!(
            "\r\nProxy-Authorization: Basic {}\r\n",
            BASE64.encode(password.as_bytes())
        )
    });
    let answer = if wanted.is_some_and(|wanted| !head.contains(&wanted)) {
        "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\""
    } else if head.starts_with(&format!("CONNECT {HOST}:")) {
        "200 Connection established"
    } else {
        "403 Forbidden"
    };
    let response = format!("HTTP/1.1 {answer}\r\n\r\n");
    stream.write_all(response.as_bytes()).await.ok()?;
    answer.starts_with("200").then_some(stream)
}

async fn carry(
    mut client: TcpStream,
    to: SocketAddr,
    inspection: Option<&Inspection>,
    carried: &[AtomicU64; 2],
) {
    let Ok(mut server) = TcpStream::connect(to).await else {
        return;
    };
    let Some(inspection) = inspection else {
        if let Ok((up, down)) = copy_bidirectional(&mut client, &mut server).await {
            carried[0].fetch_add(up, Ordering::Relaxed);
            carried[1].fetch_add(down, Ordering::Relaxed);
        }
        return;
    };
    let name = ServerName::try_from(HOST).unwrap();
    let (Ok(client), Ok(server)) = (
        inspection.acceptor.accept(client).await,
        anyone().connect(name, server).await,
    ) else {
        return;
    };
    listen_in(client, server, &inspection.heard).await;
}

/// Carries both ways, and keeps what the client says.
async fn listen_in<A, B>(client: A, server: B, heard: &Mutex<Vec<u8>>)
where
    A: AsyncRead + AsyncWrite + Unpin,
    B: AsyncRead + AsyncWrite + Unpin,
{
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let up = async {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
            // Frames of a client are masked by four bytes of its own: undone here, or nothing would ever be found.
            heard
                .lock()
                .unwrap()
                .extend_from_slice(&unmasked(&bytes[..count]));
            if to_server.write_all(&bytes[..count]).await.is_err() {
                return;
            }
            if to_server.flush().await.is_err() {
                return;
            }
        }
    };
    let down = async {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from_server.read(&mut bytes).await {
            let sent = to_client.write_all(&bytes[..count]).await;
            if sent.is_err() || to_client.flush().await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}

/// A text frame without its mask, where these bytes are one whole; else as they are.
fn unmasked(bytes: &[u8]) -> Vec<u8> {
    let (start, length) = match bytes {
        [0x81, short @ 0x80..=0xfd, ..] => (2, usize::from(short & 0x7f)),
        [0x81, 0xfe, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
        _ => return bytes.to_vec(),
    };
    if bytes.len() != start + 4 + length {
        return bytes.to_vec();
    }
    let mask = &bytes[start..start + 4];
    let said = bytes[start + 4..].iter().zip(mask.iter().cycle());
    said.map(|(byte, mask)| byte ^ mask).collect()
}
