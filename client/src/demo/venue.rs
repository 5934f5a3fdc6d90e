//! The server of the demo: a real one, in this process, on a free port of the loopback, with its ledger in the demo's
//! folder. The past is told to its writer as members and the operator would tell it: by commands that the rules judge.

use super::{DemoError, chance::Chance, clock::DemoClock};
use ed25519_dalek::SigningKey;
use rialto_server::{
    clock::Clock,
    config::Address,
    connection::{Front, Limits, Page, Security, Sign, Stop, serve},
    identity::{Identity, create_folder},
    ledger::{
        self,
        verify::{self, Report},
        writer::{Done, Work},
    },
    residence::LEDGER_FILE,
    server::{Server, Setup},
};
use rialto_shared::{
    command::Command,
    entry::{Entry, Seq, Worded},
    host::Host,
    id::{Hash, MemberId, RoomId},
    protocol::{Outcome, Transport, server_id},
    room::Policy,
    statement::public_key,
    text::TextKind,
    time::Timestamp,
};
use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::JoinHandle,
};
use tokio::sync::watch;

/// Where it listens.
pub(super) const HOST: &str = "127.0.0.1";
/// Connections of people who have not logged in yet: everybody comes at once, from one address.
const ENTERING_MAX: u32 = 64;

/// The running server.
#[derive(Debug)]
pub(super) struct Venue {
    server: Arc<Server>,
    clock: Arc<DemoClock>,
    folder: PathBuf,
    /// Its chance, and that of whoever joins.
    pub(super) chance: Chance,
    /// The port that it listens on.
    pub(super) port: u16,
    stop: watch::Sender<Stop>,
    door: Option<JoinHandle<()>>,
}

/// A command on its way to the writer.
#[derive(Debug)]
pub(super) struct Waiting {
    what: String,
    answer: mpsc::Receiver<Done>,
}

impl Waiting {
    /// What became of it, once it is durable: its first entry.
    ///
    /// # Errors
    /// The rule's no, with the command's words.
    pub(super) fn done(self) -> Result<Seq, DemoError> {
        let words = match self.answer.recv() {
            Ok(
                Done::Accepted { from, .. }
                | Done::Answer {
                    outcome: Outcome::Accepted { from, .. },
                    ..
                },
            ) => return Ok(from),
            Ok(Done::Joined { .. } | Done::Quiet) => return Ok(Seq::ZERO),
            Ok(Done::Refused(rejection)) => rejection.to_string(),
            Ok(Done::Answer {
                outcome: Outcome::Refused(refusal),
                ..
            }) => refusal.words,
            Err(_) => "the writer is gone".to_owned(),
        };
        Err(DemoError::Refused {
            what: self.what,
            words,
        })
    }
}

impl Venue {
    /// Opens the ledger in this folder, a new one where there is none, and lets people in: at this port where it is
    /// free. Its clock stands at this time.
    pub(super) fn open(
        folder: &Path,
        at: Timestamp,
        chance: Chance,
        port: u16,
    ) -> Result<Self, DemoError> {
        create_folder(folder)?;
        let (identity, secret) = keys(folder, &chance)?;
        let clock = Arc::new(DemoClock::standing(at));
        let shown: Arc<dyn Clock> = Arc::<DemoClock>::clone(&clock);
        let name = TextKind::Name
            .parse("Northwind partners (demo)")
            .map_err(|error| DemoError::Invented(error.to_string()))?;
        let key = public_key(&identity);
        let setup = Setup {
            database: ledger::open(&folder.join(LEDGER_FILE))?,
            identity,
            rotations: vec![],
            secret,
            name: name.clone(),
            policy: Policy::None,
            clock: shown,
        };
        let server = Arc::new(Server::start(setup)?);
        let listener = TcpListener::bind((HOST, port)).or_else(|_| TcpListener::bind((HOST, 0)))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let (stop, stopped) = watch::channel(Stop::Serving);
        let page = Page::new(&Sign {
            name,
            vendor: None,
            address: Address {
                transport: Transport::Plain,
                host: Host::Address(Ipv4Addr::LOCALHOST.into()),
                port,
            },
            server: server_id(key),
            key,
            install: vec![],
        });
        let door = attend(listener, page, Arc::clone(&server), stopped)?;
        Ok(Self {
            server,
            clock,
            folder: folder.to_owned(),
            chance,
            port,
            stop,
            door: Some(door),
        })
    }

    /// The folder of the demo.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The server's id.
    pub(super) fn id(&self) -> Hash {
        self.server.house().server
    }

    /// Now, by the demo's clock.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Time passes up to here, and what falls due does.
    pub(super) fn reach(&self, at: Timestamp) -> Result<(), DemoError> {
        self.clock.reach(at);
        self.work("the clocks".to_owned(), Work::Tick)
            .done()
            .map(drop)
    }

    /// From here on time runs by itself.
    pub(super) fn let_go(&self) {
        self.clock.let_go();
    }

    /// Gives something to the writer. Commands that depend on earlier ones may follow at once: it takes them in order.
    pub(super) fn work(&self, what: String, work: Work) -> Waiting {
        let (tell, answer) = mpsc::channel();
        // Nobody waits for what is not asked after.
        self.server
            .submit(work, Box::new(move |done| drop(tell.send(done))));
        Waiting { what, answer }
    }

    /// Gives the operator's command to the writer.
    pub(super) fn operate(
        &self,
        room: RoomId,
        command: Command,
        texts: &[&str],
    ) -> Result<Waiting, DemoError> {
        let worded: Worded<Command> = crate::request::worded(command, texts)?;
        let what = format!("{} {texts:?}", worded.what.kind());
        let work = Work::Operator {
            room,
            command: Box::new(worded),
            seed: self.chance.bytes()?,
        };
        Ok(self.work(what, work))
    }

    /// A member has read all of a room that there is.
    pub(super) fn seen(&self, member: MemberId, room: RoomId) -> Waiting {
        let seq = Seq(u64::MAX);
        let work = Work::Seen { member, room, seq };
        self.work("a read mark".to_owned(), work)
    }

    /// Every entry of a room, in order.
    pub(super) fn entries(&self, room: RoomId) -> Result<Vec<Entry>, DemoError> {
        Ok(ledger::entries(&self.server.house().snapshot()?, room)?)
    }

    /// The newest entry of a room that this finds something in.
    pub(super) fn newest<T>(
        &self,
        room: RoomId,
        what: &str,
        find: impl Fn(&Entry) -> Option<T>,
    ) -> Result<T, DemoError> {
        let found = self.entries(room)?.iter().rev().find_map(find);
        found.ok_or_else(|| DemoError::Invented(format!("there is no {what} in {room}")))
    }

    /// Whether the ledger is what it says.
    pub(super) fn verify(&self) -> Result<Report, DemoError> {
        Ok(verify::verify(&self.server.house().snapshot()?, self.id())?)
    }
}

impl Drop for Venue {
    fn drop(&mut self) {
        self.stop.send_replace(Stop::Now);
        if let Some(door) = self.door.take() {
            // A panic there has been reported already; the server ends either way.
            drop(door.join());
        }
    }
}

/// The server's key, and the secret that its ids are derived under.
fn keys(folder: &Path, chance: &Chance) -> Result<(SigningKey, [u8; 32]), DemoError> {
    match chance {
        Chance::System => {
            let identity = Identity::load_or_create(folder)?;
            Ok((identity.key().clone(), identity.ids()))
        }
        Chance::Fixed(_) => Ok((SigningKey::from_bytes(&chance.bytes()?), chance.bytes()?)),
    }
}

/// Serves the listener on a thread of its own.
fn attend(
    listener: TcpListener,
    page: Page,
    server: Arc<Server>,
    stopped: watch::Receiver<Stop>,
) -> io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    let front = Front {
        host: server,
        limits: Limits {
            per_address: ENTERING_MAX,
            ..Limits::default()
        },
        security: watch::channel(Security::Plain).1,
        page,
    };
    std::thread::Builder::new()
        .name("demo-server".to_owned())
        .spawn(move || runtime.block_on(serve(listener, front, stopped)))
}
