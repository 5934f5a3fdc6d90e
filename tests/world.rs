//! A whole server in one thread, with no socket, no clock and no chance: sessions are driven frame by frame, the writer is
//! stepped by hand, ids and salts come from a seed. Everything that a console was sent is kept as bytes.

mod console;

pub(crate) use console::Console;

use ed25519_dalek::SigningKey;
use redb::{Database, StorageBackend, backends::InMemoryBackend};
use rialto_server::{
    bell::Bell,
    clock::{Clock as _, ManualClock},
    conversation::{Arrival, Conversation as _, Effect, Wake},
    directory::{Directory, Indexer},
    house::{House, Lanes, Roll},
    ledger::{
        self,
        desk::Setting,
        reader::Snapshot,
        tail::Tails,
        verify,
        writer::{Done, Job, Work, Writer},
    },
    session::{Effects, Session},
};
use rialto_shared::{
    command::Command,
    entry::{Entry, Facts, SaltedText, Seq, Worded},
    id::{DeviceId, Hash, LaneId, MemberId, OrgId, PublicKey, RoomId, Salt, digest16},
    protocol::{self, Binding, InviteCode, Outcome, Signed, Up},
    rejection::{Refusal, Rejection},
    room::{Policy, org},
    standing::{OrgKind, Role},
    statement::{Certificate, Declaration, Use, public_key, sign},
    text::Text,
    time::{Span, Timestamp},
};
use std::{
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
};

/// When every world begins.
pub(crate) const DAWN: Timestamp = Timestamp::from_millis(1_780_000_000_000);

/// One server.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) house: Arc<House>,
    writer: Writer,
    queue: VecDeque<(usize, Work)>,
    pub(crate) consoles: Vec<Console>,
    seed: u64,
    operated: u64,
    arrivals: u64,
}

/// A seeded hash: all the chance that there is in a world.
pub(crate) fn chance(seed: u64, what: &str, n: u64) -> Hash {
    Hash::of(
        "test-chance",
        &[&seed.to_be_bytes(), what.as_bytes(), &n.to_be_bytes()],
    )
}

impl World {
    /// A world over memory.
    pub(crate) fn new(seed: u64) -> Self {
        Self::on(seed, InMemoryBackend::new(), DAWN, Policy::None)
    }

    /// A world over any storage, which may hold an earlier one of the same seed.
    pub(crate) fn on(
        seed: u64,
        storage: impl StorageBackend,
        now: Timestamp,
        policy: Policy,
    ) -> Self {
        let database = Arc::new(ledger::open_on(storage).expect("the ledger opens"));
        let identity = SigningKey::from_bytes(&chance(seed, "identity", 0).0);
        let server = protocol::server_id(public_key(&identity));
        let clock = ManualClock::at(now);
        let (tails, bell) = (Arc::new(Tails::default()), Arc::new(Bell::default()));
        let snapshot = Snapshot::take(&database).expect("a read");
        let directory = Arc::new(Directory::build(&snapshot).expect("a directory"));
        drop(snapshot);
        let setting = Setting {
            server,
            secret: chance(seed, "secret", 0).0,
            policy,
            term: 1,
        };
        let writer = Writer::new(
            Arc::clone(&database),
            setting,
            Arc::new(clock.clone()),
            Arc::clone(&tails),
            Arc::clone(&bell),
            vec![Box::new(Indexer(Arc::clone(&directory)))],
        );
        let house = Arc::new(House {
            database,
            tails,
            bell,
            directory,
            presence: Roll::default(),
            lanes: Lanes::default(),
            identity,
            server,
            name: Text::parse("Test").expect("a name"),
            policy,
        });
        Self {
            clock,
            house,
            writer,
            queue: VecDeque::new(),
            consoles: vec![],
            seed,
            operated: 0,
            arrivals: 0,
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.house.database
    }

    /// A salted text; salts are drawn in order.
    pub(crate) fn salted(&mut self, text: &str) -> SaltedText {
        self.operated += 1;
        SaltedText {
            salt: Salt(chance(self.seed, "salt", self.operated).0),
            text: Text::parse(text).expect("a text"),
        }
    }

    /// The operator's command.
    pub(crate) fn operate(
        &mut self,
        room: RoomId,
        what: Command,
        texts: &[&str],
    ) -> Result<(Seq, Seq), Rejection> {
        let texts = texts.iter().map(|text| self.salted(text)).collect();
        self.operated += 1;
        let seed = digest16("test-operator", &[&self.operated.to_be_bytes()]);
        let command = Box::new(Worded::new(what, texts));
        match self.now(Work::Operator {
            room,
            command,
            seed,
        }) {
            Done::Accepted { from, to } => Ok((from, to)),
            Done::Refused(rejection) => Err(rejection),
            other => panic!("the operator was answered {other:?}"),
        }
    }

    /// Does one thing at once, as a batch of its own.
    pub(crate) fn now(&mut self, work: Work) -> Done {
        let done = Arc::new(Mutex::new(None));
        let way = Arc::clone(&done);
        let reply = Box::new(move |answer| *way.lock().unwrap() = Some(answer));
        self.writer.commit(vec![Job { work, reply }]);
        self.settle();
        let answer = done.lock().unwrap().take();
        answer.expect("the writer answers everything")
    }

    /// A new organisation, begun by the operator.
    pub(crate) fn organisation(&mut self, name: &str, kind: OrgKind) -> OrgId {
        let org = OrgId::from_bits(digest16("test-org", &[name.as_bytes()]));
        self.operate(
            RoomId::org(org),
            Command::Org(org::Command::Open { kind }),
            &[name],
        )
        .expect("an organisation");
        org
    }

    /// The first person of an organisation, invited by the operator: its admin, with a new root key.
    pub(crate) fn claim(&mut self, org: OrgId, name: &str) -> usize {
        let code = self.code(name);
        let invitation = org::Invitation {
            code: org::invitation_code(&code.0),
            chain: vec![],
            role: Role::Admin,
            alliance: false,
            until: self.clock.now() + Span::days(7),
        };
        self.operate(
            RoomId::org(org),
            Command::Org(org::Command::Invite { invitation }),
            &[],
        )
        .expect("an invitation");
        let root = SigningKey::from_bytes(&chance(self.seed, "root", self.consoles.len() as u64).0);
        let key = self.device_key(name);
        let to = public_key(&key);
        let chain = vec![Certificate::issue(
            &root,
            self.house.server,
            org,
            to,
            Use::Admin,
        )];
        self.join(code, org, name, key, chain, Some(public_key(&root)))
    }

    fn device_key(&self, name: &str) -> SigningKey {
        SigningKey::from_bytes(
            &Hash::of("test-device", &[&self.seed.to_be_bytes(), name.as_bytes()]).0,
        )
    }

    fn code(&self, name: &str) -> InviteCode {
        InviteCode(digest16(
            "test-code",
            &[&self.seed.to_be_bytes(), name.as_bytes()],
        ))
    }

    /// A person invited by an admin at a console.
    pub(crate) fn invite(&mut self, admin: usize, name: &str, role: Role, alliance: bool) -> usize {
        let code = self.code(name);
        let (org, server) = (self.consoles[admin].org, self.house.server);
        let invite_key = org::invitation_key(&code.0);
        let (issuer, to) = (&self.consoles[admin].key, public_key(&invite_key));
        let kind = if role == Role::Admin {
            Use::InviteAdmin
        } else {
            Use::Invite
        };
        let mut chain = self.consoles[admin].chain.clone();
        chain.push(Certificate::issue(issuer, server, org, to, kind));
        let invitation = org::Invitation {
            code: org::invitation_code(&code.0),
            chain: chain.clone(),
            role,
            alliance,
            until: self.clock.now() + Span::days(7),
        };
        self.say(
            admin,
            RoomId::org(org),
            Command::Org(org::Command::Invite { invitation }),
            &[],
        )
        .expect("an invitation");
        let key = self.device_key(name);
        let kind = if role == Role::Admin {
            Use::Admin
        } else {
            Use::Device
        };
        chain.push(Certificate::issue(
            &invite_key,
            server,
            org,
            public_key(&key),
            kind,
        ));
        self.join(code, org, name, key, chain, None)
    }

    fn join(
        &mut self,
        code: InviteCode,
        org: OrgId,
        name: &str,
        key: SigningKey,
        chain: Vec<Certificate>,
        root: Option<PublicKey>,
    ) -> usize {
        let hash = org::invitation_code(&code.0);
        let device = org::device_of(public_key(&key));
        let join = org::Command::Join {
            code: hash,
            key: public_key(&key),
            chain: chain.clone(),
            root,
        };
        let texts = vec![self.salted(name)];
        let facts = Facts::write(&Worded::new(Command::Org(join), texts.clone()));
        let index = self.consoles.len();
        self.consoles.push(Console {
            session: None,
            key,
            chain,
            member: org::member_of(hash),
            org,
            device,
            lane: LaneId::from_bits(digest16("test-lane", &[name.as_bytes()])),
            n: 0,
            salts: 0,
            heard: vec![],
            cursors: BTreeMap::new(),
            answers: BTreeMap::new(),
            closed: None,
        });
        let preimage = self.greet(index);
        let signature = sign(&self.consoles[index].key, &preimage.0);
        self.up(
            index,
            &Up::Join {
                code: code.to_string(),
                facts,
                texts,
                signature,
            },
        );
        self.up(
            index,
            &Up::Resume {
                cursors: vec![],
                last: true,
            },
        );
        self.settle();
        assert!(
            self.consoles[index].closed.is_none(),
            "{name} joins: {:?}",
            self.consoles[index].heard
        );
        index
    }

    /// Opens a connection and says hello; what the device signs to log in.
    fn greet(&mut self, index: usize) -> Hash {
        self.arrivals += 1;
        // A connection's nonces depend on whose it is and how often they came, not on how many others there are.
        let came = self.consoles[index]
            .heard
            .iter()
            .filter(|frame| frame.contains("\"challenge\""))
            .count() as u64;
        let who = self.consoles[index].device;
        let own = |what: &str| {
            Hash::of(
                "test-nonce",
                &[what.as_bytes(), &who.bits(), &came.to_be_bytes()],
            )
        };
        let (nonce, client) = (own("server"), own("client"));
        let arrival = Arrival {
            number: self.arrivals,
            binding: Binding::Plain,
            nonce,
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            wake: Wake::default(),
        };
        self.consoles[index].closed = None;
        self.consoles[index].session = Some(Session::new(Arc::clone(&self.house), arrival));
        self.up(
            index,
            &Up::Hello {
                versions: vec![protocol::VERSION],
                nonce: client,
            },
        );
        let device = self.consoles[index].device;
        protocol::login_preimage(
            client,
            nonce,
            self.house.server,
            Binding::Plain,
            device,
            protocol::VERSION,
        )
    }

    /// Comes back with the cursors held.
    pub(crate) fn log_in(&mut self, index: usize) {
        let preimage = self.greet(index);
        let signature = sign(&self.consoles[index].key, &preimage.0);
        let device = self.consoles[index].device;
        self.up(index, &Up::Login { device, signature });
        let cursors = self.consoles[index]
            .cursors
            .iter()
            .map(|(room, head)| (*room, *head))
            .collect();
        self.up(
            index,
            &Up::Resume {
                cursors,
                last: true,
            },
        );
        self.settle();
    }

    /// Hangs up without a word.
    pub(crate) fn hang_up(&mut self, index: usize) {
        self.consoles[index].session = None;
    }

    /// One frame up; what it submits is queued.
    pub(crate) fn up(&mut self, index: usize, up: &Up) {
        let frame = serde_json::to_string(up).expect("a frame");
        self.raw(index, &frame);
    }

    /// Any bytes up.
    pub(crate) fn raw(&mut self, index: usize, frame: &str) {
        let now = self.clock.now();
        let Some(session) = &mut self.consoles[index].session else {
            return;
        };
        let effects = session.receive(frame, now);
        self.take(index, effects);
        if self.queue.len() == 1 {
            // A join must be answered before anything else is said.
            if matches!(self.queue.front(), Some((_, Work::Join { .. }))) {
                self.step();
            }
        }
    }

    fn take(&mut self, index: usize, effects: Effects) {
        for effect in effects {
            match effect {
                Effect::Send(frame) => self.consoles[index].hear(frame.as_str()),
                Effect::Submit(work) => self.queue.push_back((index, work)),
                Effect::Close(closing) => {
                    self.consoles[index].closed = Some(closing.code.code());
                    self.consoles[index].session = None;
                    return;
                }
            }
        }
    }

    /// The writer takes everything that is queued, as one batch; then everybody is woken.
    pub(crate) fn step(&mut self) {
        let answers: Arc<Mutex<Vec<(usize, Done)>>> = Arc::default();
        let jobs = self
            .queue
            .drain(..)
            .map(|(index, work)| {
                let answers = Arc::clone(&answers);
                let reply = Box::new(move |done| answers.lock().unwrap().push((index, done)));
                Job {
                    work,
                    reply: reply as Box<dyn FnOnce(Done) + Send>,
                }
            })
            .collect();
        self.writer.commit(jobs);
        let answers = std::mem::take(&mut *answers.lock().unwrap());
        for (index, done) in answers {
            let now = self.clock.now();
            let Some(session) = &mut self.consoles[index].session else {
                continue;
            };
            let effects = session.answered(done, now);
            self.take(index, effects);
        }
        self.wake();
    }

    fn wake(&mut self) {
        // A session that has more than one turn's worth comes back by itself: a few turns are plenty for a test's rooms.
        for _ in 0..4 {
            for index in 0..self.consoles.len() {
                let now = self.clock.now();
                let Some(session) = &mut self.consoles[index].session else {
                    continue;
                };
                let effects = session.woken(now);
                self.take(index, effects);
            }
        }
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

    /// A command by a console, queued under its next number.
    pub(crate) fn queue(
        &mut self,
        index: usize,
        room: RoomId,
        what: Command,
        texts: &[&str],
    ) -> u64 {
        let frame = self.frame(index, room, what, texts);
        let n = self.consoles[index].n;
        self.up(index, &frame);
        n
    }

    /// The frame of a command under the console's next number, signed where it must be.
    pub(crate) fn frame(
        &mut self,
        index: usize,
        room: RoomId,
        what: Command,
        texts: &[&str],
    ) -> Up {
        let server = self.house.server;
        let subject = self.subject(room, &what);
        let seed = self.seed;
        let console = &mut self.consoles[index];
        console.n += 1;
        let texts: Vec<SaltedText> = texts
            .iter()
            .map(|text| {
                console.salts += 1;
                let salt = Hash::of(
                    "test-own-salt",
                    &[
                        &seed.to_be_bytes(),
                        &console.device.bits(),
                        &console.salts.to_be_bytes(),
                    ],
                );
                SaltedText {
                    salt: Salt(salt.0),
                    text: Text::parse(text).expect("a text"),
                }
            })
            .collect();
        let command = Worded::new(what, texts);
        let facts = Facts::write(&command);
        let signed = command.what.signed().then(|| {
            let declaration = Declaration {
                server,
                org: console.org,
                device: console.device,
                lane: console.lane,
                n: console.n,
                room,
                kind: command.what.kind(),
                subject,
                facts: facts.clone(),
            };
            let declaration = serde_json::to_string(&declaration).expect("a declaration");
            let signature = sign(&console.key, declaration.as_bytes());
            Signed {
                declaration,
                signature,
            }
        });
        Up::Command {
            lane: console.lane,
            n: console.n,
            room,
            facts,
            texts: command.texts,
            signed,
        }
    }

    fn subject(&self, room: RoomId, what: &Command) -> Hash {
        let cites = what.named(&[]).cites;
        cites
            .and_then(|seq| {
                self.entries(room)
                    .into_iter()
                    .find(|entry| entry.seq == seq)
            })
            .map_or(Hash::ZERO, |entry| entry.hash())
    }

    /// A command by a console, and what became of it.
    pub(crate) fn say(
        &mut self,
        index: usize,
        room: RoomId,
        what: Command,
        texts: &[&str],
    ) -> Result<(Seq, Seq), Refusal> {
        let n = self.queue(index, room, what, texts);
        self.settle();
        match self.consoles[index].answers.remove(&n) {
            Some(Outcome::Accepted { from, to, .. }) => Ok((from, to)),
            Some(Outcome::Refused(refusal)) => Err(refusal),
            None => panic!("no answer to {n}: {:?}", self.consoles[index].heard.last()),
        }
    }

    /// Every entry of a room, straight from the ledger: the tests may look.
    pub(crate) fn entries(&self, room: RoomId) -> Vec<Entry> {
        let snapshot = self.house.snapshot().expect("a read");
        ledger::entries(&snapshot, room).expect("entries")
    }

    /// Whether the ledger is what it says.
    pub(crate) fn verify(&self) {
        let snapshot = self.house.snapshot().expect("a read");
        let report = verify::verify(&snapshot, self.house.server).expect("a verification");
        assert!(report.findings.is_empty(), "{:#?}", report.findings);
    }
}
