//! The yardstick for fan-out: a bare WebSocket broadcast of its own process, which stores nothing, knows nobody, and writes
//! all that has queued for a connection in one flush.

use futures_util::{SinkExt as _, StreamExt as _};
use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::broadcast::{self, Sender, error::RecvError},
};
use tokio_tungstenite::{
    accept_async_with_config,
    tungstenite::{Error, Message, Utf8Bytes, protocol::WebSocketConfig},
};

/// Says to this very binary, started again, that it is the broadcast.
pub(crate) const PART: &str = "RIALTO_BENCH_BROADCAST";
/// Messages that a connection may be behind.
const BACKLOG: usize = 65_536;

/// The broadcast's process; it ends where it is let go.
pub(crate) struct Broadcast {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Broadcast {
    pub(crate) fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command
            .env(PART, "1")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().parse().unwrap();
        Self { child, address }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Broadcast {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The process's whole work, on one thread as the server's.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        let (all, _) = broadcast::channel(BACKLOG);
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(connection(stream, all.clone()));
        }
    });
}

async fn connection(stream: TcpStream, all: Sender<Utf8Bytes>) {
    stream.set_nodelay(true).unwrap();
    // The same buffers as the server's.
    let config = WebSocketConfig::default()
        .read_buffer_size(4 * 1024)
        .write_buffer_size(32 * 1024)
        .max_write_buffer_size(64 * 1024 * 1024);
    let socket = accept_async_with_config(stream, Some(config))
        .await
        .unwrap();
    let (mut sink, mut source) = socket.split();
    let mut queue = all.subscribe();
    let writing = async {
        loop {
            match queue.recv().await {
                Ok(text) => sink.feed(Message::Text(text)).await?,
                Err(RecvError::Lagged(_) | RecvError::Closed) => return Ok::<(), Error>(()),
            }
            while let Ok(text) = queue.try_recv() {
                sink.feed(Message::Text(text)).await?;
            }
            sink.flush().await?;
        }
    };
    let reading = async {
        while let Some(Ok(message)) = source.next().await {
            if let Message::Text(text) = message {
                drop(all.send(text));
            }
        }
        Ok::<(), Error>(())
    };
    tokio::select! {
        ended = writing => drop(ended),
        ended = reading => drop(ended),
    }
}
