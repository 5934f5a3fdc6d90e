//! The same community over real sockets: the real listener, sessions and writer, each on threads of their own, over a real
//! file. The file is begun in the driver, whose people then come to the real server with what they hold; so both have the
//! same rooms, devices and numbers, and the same script can be played in both.
//!
//! The clock is the test's, so that days can pass. What is real is everything else: sockets, threads, disk, and who comes
//! first where the script does not say. It waits by asking, never by the clock: [`Wired::settle`] says how.

use super::haunt::{Ghost, Haunted};
use crate::{
    town::PATIENCE,
    world::{Community, Console, DAWN, World, compose, replaces, setup, with_at},
};
use futures_util::{SinkExt as _, StreamExt as _};
use rialto_server::{
    clock::ManualClock,
    config::Config,
    connection::{Front, Limits, Page, Security, Sign, Stop, serve},
    house::House,
    ledger::{self, writer::Work},
    server::Server,
};
use rialto_shared::{
    command::Command,
    id::{Hash, RoomId},
    protocol::{self, Binding, Down, SUBPROTOCOL, Up},
    room::Policy,
    standing::{OrgKind, Role},
    statement::{public_key, sign},
    time::Span,
};
use std::{
    net::SocketAddr,
    sync::{Arc, mpsc as sync},
};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::{mpsc, watch},
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{ClientRequestBuilder, Message},
};

/// What a socket brought.
enum Heard {
    Frame(String),
    Gone(Option<u16>),
}

/// One end of a socket.
struct Wire {
    up: mpsc::UnboundedSender<String>,
    down: sync::Receiver<Heard>,
}

/// Somebody at a console with a socket.
pub(super) struct Desk {
    pub(super) console: Console,
    wire: Option<Wire>,
    pings: u64,
}

/// What everybody's desk is at.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) server: Arc<Server>,
    pub(super) seed: u64,
    address: SocketAddr,
    people: Handle,
}

/// A running server and its people.
pub(super) struct Wired {
    pub(super) place: Place,
    pub(super) desks: Vec<Desk>,
    /// People of an organisation that nobody else has to do with.
    pub(super) faraway: Vec<Desk>,
    clock: ManualClock,
    stop: watch::Sender<Stop>,
    _folder: TempDir,
}

/// Three people of one more organisation come into a world.
pub(super) fn faraway(world: &mut World) -> usize {
    let first = world.consoles.len();
    let org = world.organisation("Faraway", OrgKind::Partner);
    let ada = world.claim(org, "Ada Faraway");
    world.invite(ada, "Bo Faraway", Role::Lead, false);
    world.invite(ada, "Cy Faraway", Role::Rep, false);
    first
}

/// Runs this on a thread of its own, and what else is spawned there until it is over.
fn apart(work: impl Future<Output = ()> + Send + 'static) -> Handle {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let handle = runtime.handle().clone();
    std::thread::spawn(move || runtime.block_on(work));
    handle
}

impl Desk {
    /// Sends a frame; into the void, where there is no socket.
    pub(super) fn send(&self, frame: String) {
        if let Some(wire) = &self.wire {
            drop(wire.up.send(frame));
        }
    }

    pub(super) fn up(&self, up: &Up) {
        self.send(serde_json::to_string(up).expect("a frame"));
    }

    pub(super) const fn here(&self) -> bool {
        self.wire.is_some()
    }

    /// Takes in one thing that came, waiting for it.
    fn turn(&mut self) {
        let Some(wire) = &self.wire else { return };
        match wire.down.recv_timeout(PATIENCE).expect("it goes on") {
            Heard::Frame(frame) => self.console.hear(&frame),
            Heard::Gone(code) => {
                self.wire = None;
                self.console.close(code.unwrap_or_default());
            }
        }
    }

    /// Takes in what comes until this holds or the connection is gone.
    pub(super) fn until(&mut self, mut done: impl FnMut(&Console) -> bool) {
        while self.here() && !done(&self.console) {
            self.turn();
        }
    }

    /// Everything that the server has taken in and sent before it answers this.
    pub(super) fn ping(&mut self) {
        self.pings += 1;
        let id = self.pings;
        self.up(&Up::Ping { id });
        let pong = serde_json::to_string(&Down::Pong { id }).expect("a frame");
        let mark = self.console.heard.len();
        self.until(|console| console.heard[mark..].contains(&pong));
    }

    /// A command under the next number.
    pub(super) fn ask(&mut self, place: &Place, room: RoomId, what: Command, texts: &[String]) {
        let house = place.house();
        let frame = compose(house, place.seed, &mut self.console, room, what, texts);
        let frame = serde_json::to_string(&frame).expect("a frame");
        let n = self.console.n;
        self.console.unanswered.insert(n, frame.clone());
        self.send(frame);
    }

    /// Comes with what is held, and sends again what was not answered.
    pub(super) fn log_in(&mut self, place: &Place) {
        self.hang_up();
        self.wire = Some(place.connect());
        self.console.arrive_anywhere();
        let nonce = Hash::plain(&self.console.came.to_be_bytes());
        let mark = self.console.heard.len();
        let versions = vec![protocol::VERSION];
        self.up(&Up::Hello { versions, nonce });
        self.until(|console| console.heard.len() > mark);
        let challenge = self
            .console
            .heard
            .get(mark)
            .map(|frame| serde_json::from_str(frame));
        let Some(Ok(Down::Challenge { nonce: theirs, .. })) = challenge else {
            return;
        };
        let (server, device) = (place.house().server, self.console.device);
        let (binding, version) = (Binding::Plain, protocol::VERSION);
        let login = protocol::login_preimage(nonce, theirs, server, binding, device, version);
        let signature = sign(&self.console.key, &login.0);
        self.up(&Up::Login { device, signature });
        let cursors = self.console.cursors.iter();
        let cursors = cursors.map(|(room, head)| (*room, *head)).collect();
        let last = true;
        self.up(&Up::Resume { cursors, last });
        self.until(|console| {
            console.heard[mark..]
                .iter()
                .any(|frame| frame.starts_with("{\"ready\""))
        });
        for frame in self.console.unanswered.values() {
            self.send(frame.clone());
        }
    }

    /// Goes without a word.
    pub(super) fn hang_up(&mut self) {
        self.wire = None;
    }
}

impl Place {
    pub(super) fn house(&self) -> &House {
        self.server.house()
    }

    fn connect(&self) -> Wire {
        let (up, mut frames) = mpsc::unbounded_channel::<String>();
        let (news, down) = sync::channel();
        let address = self.address;
        self.people.spawn(async move {
            let stream = TcpStream::connect(address).await.expect("a server");
            let uri = format!("ws://{address}/").parse().expect("an address");
            let request = ClientRequestBuilder::new(uri).with_sub_protocol(SUBPROTOCOL);
            let (mut socket, _) = client_async(request, stream).await.expect("an upgrade");
            loop {
                let gone = tokio::select! {
                    frame = frames.recv() => match frame {
                        Some(frame) => match socket.send(Message::text(frame)).await {
                            Ok(()) => continue,
                            Err(_) => None,
                        },
                        // Hung up: the socket goes with this task.
                        None => return,
                    },
                    message = socket.next() => match message {
                        Some(Ok(Message::Text(text))) => {
                            drop(news.send(Heard::Frame(text.to_string())));
                            continue;
                        }
                        Some(Ok(Message::Close(close))) => close.map(|close| close.code.into()),
                        Some(Ok(_)) => continue,
                        Some(Err(_)) | None => None,
                    },
                };
                drop(news.send(Heard::Gone(gone)));
                return;
            }
        });
        Wire { up, down }
    }

    /// What the writer was given before this, it has done and rung for when this returns. The first look may share a batch
    /// with it, and is answered before the bell is rung; the second comes in a later one.
    fn look(&self) {
        for _ in 0..2 {
            let (done, seen) = sync::channel();
            let reply = Box::new(move |_| {
                let _seen = done.send(());
            });
            self.server.submit(Work::Tick, reply);
            seen.recv_timeout(PATIENCE).expect("the writer goes on");
        }
    }
}

impl Wired {
    /// The community of this seed on a real server; a ghost stands between the sessions and their sockets, if there is one.
    pub(super) fn open(seed: u64, observer: usize, ghost: Option<Ghost>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ledger.redb");
        let storage = redb::backends::FileBackend::new(
            std::fs::File::options()
                .read(true)
                .write(true)
                .create_new(true)
                .open(&file)
                .expect("a file"),
        );
        let world = World::on(seed, storage.expect("a file"), DAWN, Policy::None);
        let mut world = Community::in_world(world.expect("a new file opens")).world;
        let first = faraway(&mut world);
        let now = rialto_server::clock::Clock::now(&world.clock);
        let mut consoles = std::mem::take(&mut world.consoles);
        for console in &mut consoles {
            (console.session, console.heard) = (None, vec![]);
        }
        drop(world);
        let clock = ManualClock::at(now);
        let database = ledger::open(&file).expect("what the driver left opens");
        let setup = setup(seed, database, &clock, Policy::None);
        let server = Arc::new(Server::start(setup).expect("a server"));
        let (stop, stopped) = watch::channel(Stop::Serving);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let device = consoles[observer].device;
        let front = Front {
            host: Arc::new(Haunted::new(Arc::clone(&server), device, ghost)),
            // A test is faster than people are.
            limits: Limits {
                frames_per_second: 1_000_000,
                burst: 1_000_000,
                per_address: 256,
                ..Limits::default()
            },
            security: watch::channel(Security::Plain).1,
            page: Page::new(&Sign {
                name: server.house().name.clone(),
                vendor: None,
                address: Config::default().address(),
                server: server.house().server,
                key: public_key(&server.house().identity),
                install: vec![],
            }),
        };
        // As `rialtod` does: one thread for the network, one for the writer. The people share a third.
        let network = apart(async move {
            let listener = TcpListener::from_std(listener).expect("a listener");
            serve(listener, front, stopped).await;
        });
        drop(network);
        let mut over = stop.subscribe();
        let people = apart(async move { drop(over.wait_for(|stop| *stop != Stop::Serving).await) });
        let place = Place {
            server,
            seed,
            address,
            people,
        };
        let desk = |console| Desk {
            console,
            wire: None,
            pings: 0,
        };
        let mut desks: Vec<Desk> = consoles.into_iter().map(desk).collect();
        for desk in &mut desks {
            desk.log_in(&place);
        }
        let faraway = desks.split_off(first);
        Self {
            place,
            desks,
            faraway,
            clock,
            stop,
            _folder: folder,
        }
    }

    /// Until everything that was asked is answered, and everything that follows from it has been sent to the observer: the
    /// writer has rung for it when it has looked twice; a connection whose bell rang delivers at its next turn, before it
    /// reads, so it has when the second of two pings is answered; the third is for what a delivery leaves to its next turn.
    pub(super) fn settle(&mut self, observer: usize) {
        for desk in &mut self.desks {
            desk.until(|console| console.unanswered.is_empty());
        }
        // What is no command is taken in, and rings others, before its sender's ping is answered.
        for desk in &mut self.desks {
            desk.ping();
        }
        self.place.look();
        for desk in &mut self.desks {
            desk.ping();
            desk.ping();
        }
        for _ in 0..3 {
            self.desks[observer].ping();
        }
    }

    /// A command, sent and not waited for.
    pub(super) fn ask(
        &mut self,
        who: usize,
        room: RoomId,
        what: Command,
        texts: &[String],
        at: bool,
    ) {
        let what = if at && replaces(&what) {
            with_at(self.place.house(), room, what)
        } else {
            what
        };
        self.desks[who].ask(&self.place, room, what, texts);
    }

    /// The server knows that this one has gone when it counts one connection less: [`Self::settle`] was called before.
    pub(super) fn hang_up(&mut self, who: usize) {
        if !self.desks[who].here() {
            return;
        }
        let before = self.place.house().presence.count();
        self.desks[who].hang_up();
        let until = std::time::Instant::now() + PATIENCE;
        while self.place.house().presence.count() >= before {
            assert!(std::time::Instant::now() < until, "it does not notice");
            std::thread::yield_now();
        }
    }

    pub(super) fn pass(&mut self, span: Span) {
        self.clock.advance(span);
        self.place.look();
    }
}

impl Drop for Wired {
    fn drop(&mut self) {
        self.stop.send_replace(Stop::Now);
    }
}
