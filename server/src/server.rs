//! One running server without its sockets: the house that sessions share, and the writer on a thread of its own.

use crate::{
    bell::Bell,
    clock::Clock,
    conversation::Arrival,
    directory::{Directory, Indexer},
    house::{House, Lanes, Roll},
    ledger::{
        Database, LedgerError,
        desk::Setting,
        fault::{Broken, Fault},
        reader::Snapshot,
        tail::Tails,
        writer::{Done, Follower, Job, Reply, Space, Work, Writer},
    },
    session::Session,
};
use ed25519_dalek::SigningKey;
use rialto_shared::{
    command::Command,
    entry::{SaltedText, Seq, Worded},
    id::{RoomId, Salt},
    protocol::{self, Rotation},
    rejection::Rejection,
    room::Policy,
    statement::public_key,
    text::{Text, TextKind, clean},
    time::Timestamp,
};
use std::{
    sync::{
        Arc,
        mpsc::{self, Receiver, SyncSender, TrySendError},
    },
    thread::JoinHandle,
};

/// Jobs that wait for the writer; beyond it the answer is `unavailable` at once, which costs nobody a wait.
const QUEUE_MAX: usize = 4_096;

/// What a server is made with.
pub struct Setup {
    /// The ledger.
    pub database: Database,
    /// Its identity key.
    pub identity: SigningKey,
    /// How its first one was replaced, up to this one.
    pub rotations: Vec<Rotation>,
    /// The key that ids are derived under.
    pub secret: [u8; 32],
    /// Its name.
    pub name: Text,
    /// What it demands.
    pub policy: Policy,
    /// Its time.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A running server.
pub struct Server {
    house: Arc<House>,
    clock: Arc<dyn Clock>,
    queue: Option<SyncSender<Job>>,
    writer: Option<JoinHandle<()>>,
    fault: Arc<Fault>,
    space: Arc<Space>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("house", &self.house)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Starts the writer. What fell due while the server was down has been dealt with when this returns.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    ///
    /// # Panics
    /// When the machine has no thread left.
    pub fn start(setup: Setup) -> Result<Self, LedgerError> {
        Self::start_with(setup, vec![])
    }

    /// The same, with others who hear of every commit.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    ///
    /// # Panics
    /// When the machine has no thread left.
    pub fn start_with(
        setup: Setup,
        followers: Vec<Box<dyn Follower>>,
    ) -> Result<Self, LedgerError> {
        let clock = Arc::clone(&setup.clock);
        let (house, writer) = build(setup, followers)?;
        let (fault, space) = (writer.fault(), writer.space());
        let (queue, jobs) = mpsc::sync_channel(QUEUE_MAX);
        let run = move || {
            // A writer that panics is a bug: the file is safe, and nothing may go on as if it were there.
            let outcome =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| writer.run(&jobs)));
            if outcome.is_err() {
                tracing::error!("the writer failed: the server stops");
                std::process::abort();
            }
        };
        let writer = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(run)
            .expect("a thread");
        Ok(Self {
            house,
            clock,
            queue: Some(queue),
            writer: Some(writer),
            fault,
            space,
        })
    }

    /// What sessions share.
    #[must_use]
    pub const fn house(&self) -> &Arc<House> {
        &self.house
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A session for a connection that came through the upgrade.
    #[must_use]
    pub fn session(&self, arrival: Arrival) -> Session {
        Session::new(Arc::clone(&self.house), arrival)
    }

    /// Gives something to the writer, without waiting. It is answered exactly once, also when it cannot be taken.
    pub fn submit(&self, work: Work, reply: Reply) {
        let job = Job { work, reply };
        let refused = match &self.queue {
            Some(queue) => match queue.try_send(job) {
                Ok(()) => {
                    metrics::gauge!("rialto_queue_jobs").increment(1);
                    return;
                }
                Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => job,
            },
            None => job,
        };
        let unavailable = crate::ledger::writer::unavailable(&refused.work);
        (refused.reply)(unavailable);
    }

    /// The room on its disk.
    #[must_use]
    pub const fn space(&self) -> &Arc<Space> {
        &self.space
    }

    /// Whether the ledger can be written.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.fault.is_known()
    }

    /// Waits until the ledger can no longer be written; why. Everything is answered `unavailable` from then on.
    pub async fn broken(&self) -> Broken {
        self.fault.known().await
    }

    /// The operator's command, and what became of it. Blocks until it is durable: never from a network task.
    ///
    /// # Errors
    /// The rule's no.
    pub fn operate(
        &self,
        room: RoomId,
        what: Command,
        texts: Vec<SaltedText>,
    ) -> Result<(Seq, Seq), Rejection> {
        self.begin(room, what, texts).wait()
    }

    /// Hands in a command of the operator's and does not wait: those handed in one after the other are judged in that order,
    /// many of them with one commit.
    pub fn begin(&self, room: RoomId, what: Command, texts: Vec<SaltedText>) -> Begun {
        let (answer, answered) = mpsc::channel();
        let work = Work::Operator {
            room,
            command: Box::new(Worded::new(what, texts)),
            seed: chance(),
        };
        self.submit(work, Box::new(move |done| drop(answer.send(done))));
        Begun(answered)
    }

    /// Lets the writer finish what it has, and waits for it.
    pub fn stop(&mut self) {
        drop(self.queue.take());
        if let Some(writer) = self.writer.take() {
            // A panic of the writer has ended the process already.
            drop(writer.join());
        }
    }
}

/// A command of the operator's that was handed in.
#[derive(Debug)]
pub struct Begun(Receiver<Done>);

impl Begun {
    /// Waits until it is durable.
    ///
    /// # Errors
    /// The rule's no.
    pub fn wait(self) -> Result<(Seq, Seq), Rejection> {
        match self.0.recv() {
            Ok(Done::Accepted { from, to }) => Ok((from, to)),
            Ok(Done::Refused(rejection)) => Err(rejection),
            Ok(Done::Answer { .. } | Done::Joined { .. } | Done::Quiet) | Err(_) => {
                Err(Rejection::Unavailable)
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a server is before anything runs: what its sessions share, and its writer, to be put on a thread or stepped by hand.
/// What fell due while the server was down has been dealt with. `followers` hear of every commit, after the directory.
///
/// # Errors
/// When the ledger cannot be read.
pub fn build(
    setup: Setup,
    followers: Vec<Box<dyn Follower>>,
) -> Result<(Arc<House>, Writer), LedgerError> {
    let Setup {
        database,
        identity,
        rotations,
        secret,
        name,
        policy,
        clock,
    } = setup;
    let database = Arc::new(database);
    let (tails, bell) = (Arc::new(Tails::default()), Arc::new(Bell::default()));
    let server = protocol::rotated_id(&rotations, public_key(&identity));
    let setting = Setting {
        server,
        secret,
        policy,
        term: 1,
    };
    let directory = Arc::new(Directory::build(&Snapshot::take(&database)?)?);
    let indexer: Box<dyn Follower> = Box::new(Indexer(Arc::clone(&directory)));
    let mut writer = Writer::new(
        Arc::clone(&database),
        setting,
        clock,
        Arc::clone(&tails),
        Arc::clone(&bell),
        std::iter::once(indexer).chain(followers).collect(),
    );
    writer.wake_up();
    let house = House {
        database,
        tails,
        bell,
        directory,
        presence: Roll::default(),
        devices: Roll::default(),
        lanes: Lanes::default(),
        identity,
        rotations,
        server,
        name,
        policy,
    };
    Ok((Arc::new(house), writer))
}

/// Random bits.
///
/// # Panics
/// When the system has no randomness: nothing here is safe without it.
#[must_use]
pub fn chance<const N: usize>() -> [u8; N] {
    let mut bits = [0; N];
    getrandom::fill(&mut bits).expect("the system has randomness");
    bits
}

/// A text of the operator's, cleaned, checked and salted.
///
/// # Errors
/// What is wrong with it, naming the field.
pub fn salted(field: &'static str, kind: TextKind, text: &str) -> Result<SaltedText, Rejection> {
    let text = kind
        .parse(&clean(kind, text))
        .map_err(|error| Rejection::Text { field, error })?;
    Ok(SaltedText {
        salt: Salt(chance()),
        text,
    })
}
