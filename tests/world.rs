//! A whole server in one thread, with no socket, no clock and no chance: sessions are driven frame by frame, the writer is
//! stepped by hand, ids and salts come from a seed. A session is woken only when the bell rang for it, as its connection
//! would be. Everything that a console was sent is kept as bytes, everything that was committed as entries.

mod community;
mod console;
mod dice;
pub(crate) mod example;
mod people;
mod revision;
mod speech;

pub(crate) use community::*;
pub(crate) use console::Console;
pub(crate) use dice::Dice;
pub(crate) use revision::{replaces, with_at};
pub(crate) use speech::compose;

use ed25519_dalek::SigningKey;
use futures_util::FutureExt as _;
use redb::{StorageBackend, backends::InMemoryBackend};
use rialto_server::{
    clock::{Clock as _, ManualClock},
    conversation::{Conversation as _, Effect},
    house::House,
    ledger::{
        self, Database, LedgerError,
        desk::Finished,
        reader::Snapshot,
        verify,
        writer::{Done, Follower, Job, Work, Writer},
    },
    server::{Setup, build},
    session::Effects,
};
use rialto_shared::{
    command::Command,
    entry::Entry,
    id::{Hash, RoomId},
    protocol::Up,
    room::{Policy, Room, apply},
    text::Text,
    time::{Span, Timestamp},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

/// When every world begins.
pub(crate) const DAWN: Timestamp = Timestamp::from_millis(1_780_000_000_000);

/// Wake-ups after which a session that never comes to rest is a bug.
const WAKES_MAX: usize = 1_000;

/// A fault that a test plants between the server and its consoles, to see that the suites notice.
pub(crate) trait Fault {
    /// Changes the texts that somebody's client puts into a command.
    fn texts(&mut self, _command: &Command, texts: Vec<String>) -> Vec<String> {
        texts
    }

    /// Answers a frame in the session's place.
    fn instead(&mut self, _world: &World, _index: usize, _frame: &str) -> Option<Vec<String>> {
        None
    }

    /// Changes a frame on its way down.
    fn down(&mut self, _world: &World, _index: usize, frame: &str) -> String {
        frame.to_owned()
    }

    /// Frames that go out beside what the sessions send, when a console sends this.
    fn overheard(&mut self, _world: &World, _index: usize, _frame: &str) -> Vec<(usize, String)> {
        vec![]
    }

    /// Frames that go out beside what the sessions send, after a commit of these entries.
    fn after(&mut self, _world: &World, _fresh: &[Entry]) -> Vec<(usize, String)> {
        vec![]
    }
}

/// Follows the log from outside the ledger.
struct Recorder(Arc<Mutex<Vec<Entry>>>);

impl Follower for Recorder {
    fn wants(&self, _finished: &Finished) -> bool {
        true
    }

    fn follow(&mut self, _snapshot: &Snapshot, finished: &Finished) {
        let entries = finished.fresh.iter().map(|fresh| fresh.entry.clone());
        self.0.lock().unwrap().extend(entries);
    }
}

/// A job that waits for the writer: whose, from which of their connections, and what.
type Queued = (usize, u64, Work);

/// One server.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) house: Arc<House>,
    pub(crate) writer: Writer,
    queue: VecDeque<Queued>,
    pub(crate) consoles: Vec<Console>,
    pub(crate) seed: u64,
    operated: u64,
    arrivals: u64,
    log: Arc<Mutex<Vec<Entry>>>,
    pub(crate) fault: Option<Box<dyn Fault>>,
}

/// A seeded hash: all the chance that there is in a world.
pub(crate) fn chance(seed: u64, what: &str, n: u64) -> Hash {
    Hash::of(
        "test-chance",
        &[&seed.to_be_bytes(), what.as_bytes(), &n.to_be_bytes()],
    )
}

/// What the server of this seed is made with.
pub(crate) fn setup(seed: u64, database: Database, clock: &ManualClock, policy: Policy) -> Setup {
    Setup {
        database,
        identity: SigningKey::from_bytes(&chance(seed, "identity", 0).0),
        rotations: vec![],
        secret: chance(seed, "secret", 0).0,
        name: Text::parse("Test").expect("a name"),
        policy,
        clock: Arc::new(clock.clone()),
    }
}

/// A number from the environment, or this one.
pub(crate) fn from_env(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

impl World {
    /// A world over memory.
    pub(crate) fn new(seed: u64) -> Self {
        Self::on(seed, InMemoryBackend::new(), DAWN, Policy::None).expect("memory opens")
    }

    /// A world over any storage, which may hold an earlier one of the same seed.
    pub(crate) fn on(
        seed: u64,
        storage: impl StorageBackend,
        now: Timestamp,
        policy: Policy,
    ) -> Result<Self, LedgerError> {
        let (log, clock) = (Arc::default(), ManualClock::at(now));
        let recorder = Recorder(Arc::clone(&log));
        let database = ledger::open_on(storage)?;
        let setup = setup(seed, database, &clock, policy);
        let (house, writer) = build(setup, vec![Box::new(recorder)])?;
        Ok(Self {
            clock,
            house,
            writer,
            queue: VecDeque::new(),
            consoles: vec![],
            seed,
            operated: 0,
            arrivals: 0,
            log,
            fault: None,
        })
    }

    /// Does one thing at once, as a batch of its own.
    pub(crate) fn now(&mut self, work: Work) -> Done {
        let done = Arc::new(Mutex::new(None));
        let way = Arc::clone(&done);
        let reply = Box::new(move |answer| *way.lock().unwrap() = Some(answer));
        let mark = self.log().len();
        self.writer.commit(vec![Job { work, reply }]);
        self.beside(mark);
        self.settle();
        let answer = done.lock().unwrap().take();
        answer.expect("the writer answers everything")
    }

    /// Does these things in one batch, and gives what became of each.
    pub(crate) fn together(&mut self, works: Vec<Work>) -> Vec<Done> {
        let answers: Arc<Mutex<Vec<Done>>> = Arc::default();
        let job = |work| {
            let answers = Arc::clone(&answers);
            let reply = Box::new(move |done| answers.lock().unwrap().push(done));
            Job { work, reply }
        };
        let jobs = works.into_iter().map(job).collect();
        self.writer.commit(jobs);
        self.settle();
        std::mem::take(&mut *answers.lock().unwrap())
    }

    /// One frame up; what it submits is queued.
    pub(crate) fn up(&mut self, index: usize, up: &Up) {
        let frame = serde_json::to_string(up).expect("a frame");
        self.raw(index, &frame);
    }

    /// Any bytes up.
    pub(crate) fn raw(&mut self, index: usize, frame: &str) {
        if let Some(frames) = self.plant(|fault, world| fault.instead(world, index, frame)) {
            self.consoles[index]
                .heard
                .extend(frames.into_iter().flatten());
            return;
        }
        let planted = self.plant(|fault, world| fault.overheard(world, index, frame));
        for (index, frame) in planted.into_iter().flatten() {
            self.consoles[index].heard.push(frame);
        }
        let now = self.clock.now();
        let Some(session) = &mut self.consoles[index].session else {
            return;
        };
        let effects = session.receive(frame, now);
        self.take(index, effects);
        if matches!(self.queue.back(), Some((_, _, Work::Join { .. }))) {
            // A join must be answered before anything else is said.
            self.step();
        }
    }

    /// Lets the planted fault act, if there is one and it has something to do.
    fn plant<T: Planted>(&mut self, act: impl FnOnce(&mut dyn Fault, &Self) -> T) -> Option<T> {
        let mut fault = self.fault.take()?;
        let acted = act(fault.as_mut(), self);
        self.fault = Some(fault);
        acted.acts().then_some(acted)
    }

    fn take(&mut self, index: usize, effects: Effects) {
        let came = self.consoles[index].came;
        for effect in effects {
            match effect {
                Effect::Send(frame) => {
                    let planted =
                        self.plant(|fault, world| fault.down(world, index, frame.as_str()));
                    let console = &mut self.consoles[index];
                    console.hear(planted.as_deref().unwrap_or(frame.as_str()));
                }
                Effect::Submit(work) => self.queue.push_back((index, came, work)),
                Effect::Close(closing) => {
                    self.consoles[index].close(closing.code.code());
                    return;
                }
            }
        }
    }

    /// The writer takes everything that is queued, as one batch; then whoever was rung is woken.
    pub(crate) fn step(&mut self) {
        let answers: Arc<Mutex<Vec<(usize, u64, Done)>>> = Arc::default();
        let jobs = self
            .queue
            .drain(..)
            .map(|(index, came, work)| {
                let answers = Arc::clone(&answers);
                let reply = Box::new(move |done| answers.lock().unwrap().push((index, came, done)));
                Job {
                    work,
                    reply: reply as Box<dyn FnOnce(Done) + Send>,
                }
            })
            .collect();
        let mark = self.log().len();
        self.writer.commit(jobs);
        let answers = std::mem::take(&mut *answers.lock().unwrap());
        for (index, came, done) in answers {
            let now = self.clock.now();
            if self.consoles[index].came != came {
                continue;
            }
            let Some(session) = &mut self.consoles[index].session else {
                continue;
            };
            let effects = session.answered(done, now);
            self.take(index, effects);
        }
        self.beside(mark);
        self.wake();
    }

    fn beside(&mut self, mark: usize) {
        let fresh = self.log()[mark..].to_vec();
        let planted = self.plant(|fault, world| fault.after(world, &fresh));
        for (index, frame) in planted.into_iter().flatten() {
            self.consoles[index].heard.push(frame);
        }
    }

    /// Wakes whoever was rung, until nobody is.
    pub(crate) fn wake(&mut self) {
        for _ in 0..WAKES_MAX {
            let mut rested = true;
            for index in 0..self.consoles.len() {
                if self.consoles[index].wake.rung().now_or_never().is_none() {
                    continue;
                }
                rested = false;
                let now = self.clock.now();
                let Some(session) = &mut self.consoles[index].session else {
                    continue;
                };
                let effects = session.woken(now);
                self.take(index, effects);
            }
            if rested {
                return;
            }
        }
        panic!("the sessions never come to rest");
    }

    /// Until nothing is queued.
    pub(crate) fn settle(&mut self) {
        while !self.queue.is_empty() {
            self.step();
        }
        self.wake();
    }

    /// Time passes, and the clocks are looked at.
    pub(crate) fn pass(&mut self, span: Span) {
        self.clock.advance(span);
        self.now(Work::Tick);
    }

    /// Everything that was committed in this run, in commit order.
    pub(crate) fn log(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.log.lock().unwrap()
    }

    /// Every entry of a room, straight from the ledger: the tests may look.
    pub(crate) fn entries(&self, room: RoomId) -> Vec<Entry> {
        entries(&self.house, room)
    }

    /// A room as its log says it is, folded by the shared rules and by nothing of the server.
    pub(crate) fn room(&self, room: RoomId) -> Room {
        folded(&self.house, room)
    }

    /// Whether the ledger is what it says.
    pub(crate) fn verify(&self) {
        let snapshot = self.house.snapshot().expect("a read");
        let report = verify::verify(&snapshot, self.house.server).expect("a verification");
        assert!(report.findings.is_empty(), "{:#?}", report.findings);
    }
}

/// Every entry of a room, straight from the ledger.
pub(crate) fn entries(house: &House, room: RoomId) -> Vec<Entry> {
    let snapshot = house.snapshot().expect("a read");
    ledger::entries(&snapshot, room).expect("entries")
}

/// A room as its log says it is.
pub(crate) fn folded(house: &House, room: RoomId) -> Room {
    let mut folded = Room::default();
    for entry in entries(house, room) {
        apply(&mut folded, &entry);
    }
    folded
}

/// Whether a fault did anything.
trait Planted {
    fn acts(&self) -> bool;
}

impl Planted for Vec<String> {
    fn acts(&self) -> bool {
        true
    }
}

impl Planted for Option<Vec<String>> {
    fn acts(&self) -> bool {
        self.is_some()
    }
}

impl Planted for String {
    fn acts(&self) -> bool {
        true
    }
}

impl Planted for Vec<(usize, String)> {
    fn acts(&self) -> bool {
        !self.is_empty()
    }
}
