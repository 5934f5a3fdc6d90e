//! The one writer: judges commands in batches inside the write transaction, and commits once for the batch.
//!
//! Nobody is told yes before the commit is durable. A batch closes when the queue has run dry or is full, never on a
//! timer: what queued while the last commit ran is the next batch. A storage fault drops the batch whole; each command in
//! it is answered `unavailable` and may be sent again.

use super::{
    LedgerError, derive,
    desk::{Desk, Finished, Setting, Who},
    reader::Snapshot,
    rows::{self, Rows as _, RowsMut as _, Table},
    tail::Tails,
};
use crate::{
    bell::{Bell, Topic},
    clock::Clock,
};
use redb::{Database, Durability};
use rialto_shared::{
    command::Command,
    entry::{SaltedText, Seq, Worded},
    id::{DeviceId, Hash, LaneId, MemberId, OrgId, RoomId},
    protocol::{Outcome, Signed},
    rejection::{Refusal, Rejection},
    room::org,
    statement::{Statement, signed as signature_holds},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

/// Jobs in one batch (performance: 64 to 256 in flight is where a group commit pays).
pub const BATCH_MAX: usize = 256;

/// Batches of overdue rooms dealt with before the door opens; the rest follows as time goes on.
const WAKE_LOOKS_MAX: usize = 1_000;

/// The longest that the writer waits before it looks at the clocks again.
const CLOCK_LOOK: Duration = Duration::from_secs(1);

/// A member's command, as it came from a connection that has logged the device in.
#[derive(Debug, Clone)]
pub struct Submission {
    /// From which device.
    pub device: DeviceId,
    /// The outbox.
    pub lane: LaneId,
    /// The number in it.
    pub n: u64,
    /// The room that judges it.
    pub room: RoomId,
    /// The facts.
    pub facts: String,
    /// The texts.
    pub texts: Vec<SaltedText>,
    /// The signature.
    pub signed: Option<Signed>,
}

/// What the writer is asked to do.
#[derive(Debug)]
pub enum Work {
    /// A member's command.
    Command(Box<Submission>),
    /// Somebody with an invitation's code becomes a member. The connection has checked the code and the device's signature.
    Join {
        /// The hash of the code.
        code: Hash,
        /// The facts of the command.
        facts: String,
        /// Its texts.
        texts: Vec<SaltedText>,
    },
    /// The operator's command.
    Operator {
        /// The room that judges it.
        room: RoomId,
        /// The command.
        command: Box<Worded<Command>>,
        /// What its ids are derived from: random, never used twice.
        seed: [u8; 16],
    },
    /// A member has read a room up to an entry.
    Seen {
        /// Who.
        member: MemberId,
        /// Which room.
        room: RoomId,
        /// Up to which entry.
        seq: Seq,
    },
    /// A look at the clocks.
    Tick,
    /// The first look after the server was down.
    WakeUp,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// A member's command.
    Answer {
        /// The outbox.
        lane: LaneId,
        /// The number.
        n: u64,
        /// What became of it.
        outcome: Outcome,
    },
    /// A member joined, from this device.
    Joined {
        /// Who.
        member: MemberId,
        /// From which device.
        device: DeviceId,
    },
    /// The operator's command was accepted.
    Accepted {
        /// Its first entry.
        from: Seq,
        /// Its last entry.
        to: Seq,
    },
    /// It was refused.
    Refused(Rejection),
    /// There is nothing to say of it.
    Quiet,
}

/// The way back for what became of a job.
pub type Reply = Box<dyn FnOnce(Done) + Send>;

/// Something to do, and the way back.
pub struct Job {
    /// What.
    pub work: Work,
    /// The way back.
    pub reply: Reply,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}

/// A receipt: the stored answer to an accepted command.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Receipt {
    n: u64,
    hash: Hash,
    room: RoomId,
    from: Seq,
    to: Seq,
    at: Timestamp,
}

impl Receipt {
    const fn outcome(&self) -> Outcome {
        Outcome::Accepted {
            room: self.room,
            from: self.from,
            to: self.to,
            at: self.at,
        }
    }
}

/// Something that follows the log: told of every commit, in order, after it is durable.
pub trait Follower: Send {
    /// Takes a commit in.
    fn follow(&mut self, snapshot: &Snapshot, finished: &Finished);
}

/// The writer.
pub struct Writer {
    database: Arc<Database>,
    setting: Setting,
    clock: Arc<dyn Clock>,
    tails: Arc<Tails>,
    bell: Arc<Bell>,
    followers: Vec<Box<dyn Follower>>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// A writer of this ledger. There must be no other.
    #[must_use]
    pub const fn new(
        database: Arc<Database>,
        setting: Setting,
        clock: Arc<dyn Clock>,
        tails: Arc<Tails>,
        bell: Arc<Bell>,
        followers: Vec<Box<dyn Follower>>,
    ) -> Self {
        Self {
            database,
            setting,
            clock,
            tails,
            bell,
            followers,
        }
    }

    /// What fell due while the server was down, before anybody is let in.
    pub fn wake_up(&mut self) {
        // One look deals with a batch of rooms; a room whose clock yields nothing must not keep the door shut.
        for _ in 0..WAKE_LOOKS_MAX {
            self.commit(vec![Job {
                work: Work::WakeUp,
                reply: Box::new(|_| {}),
            }]);
            let more = Snapshot::take(&self.database)
                .and_then(|snapshot| snapshot.is_due(self.clock.now()));
            if !matches!(more, Ok(true)) {
                return;
            }
        }
    }

    /// Writes until every sender is gone.
    pub fn run(mut self, queue: &Receiver<Job>) {
        loop {
            let first = match queue.recv_timeout(CLOCK_LOOK) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => Job {
                    work: Work::Tick,
                    reply: Box::new(|_| {}),
                },
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut jobs = vec![first];
            while jobs.len() < BATCH_MAX {
                let Ok(job) = queue.try_recv() else { break };
                jobs.push(job);
            }
            self.commit(jobs);
        }
    }

    /// One batch, start to end: judge, commit, fill the tails, answer, ring.
    pub fn commit(&mut self, jobs: Vec<Job>) {
        let (works, replies): (Vec<Work>, Vec<Reply>) =
            jobs.into_iter().map(|job| (job.work, job.reply)).unzip();
        match self.batch(&works) {
            Ok((dones, finished)) => {
                if let Some(finished) = &finished {
                    self.publish(finished);
                }
                for (done, reply) in dones.into_iter().zip(replies) {
                    reply(done);
                }
                if let Some(finished) = finished {
                    self.bell.ring(&finished.topics);
                }
            }
            Err(error) => {
                tracing::error!(%error, "the batch was dropped whole");
                for (work, reply) in works.iter().zip(replies) {
                    reply(unavailable(work));
                }
            }
        }
    }

    fn publish(&mut self, finished: &Finished) {
        for (room, change) in &finished.rooms {
            let fresh: Vec<_> = finished
                .fresh
                .iter()
                .filter(|fresh| fresh.entry.room == *room)
                .collect();
            self.tails.extend(
                *room,
                &fresh,
                change.audience_at,
                change.erased,
                finished.commit,
            );
        }
        if self.followers.is_empty() {
            return;
        }
        match Snapshot::take(&self.database) {
            Ok(snapshot) => self
                .followers
                .iter_mut()
                .for_each(|follower| follower.follow(&snapshot, finished)),
            Err(error) => tracing::error!(%error, "followers missed a commit"),
        }
    }

    fn batch(&self, works: &[Work]) -> Result<(Vec<Done>, Option<Finished>), LedgerError> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        // Without it, opening after a kill walks the file: seconds per million entries.
        transaction.set_quick_repair(true);
        let mut desk = Desk::new(&transaction, &self.setting, self.clock.now())?;
        let commit = desk.commit_before()?.saturating_add(1);
        desk.tell_on()?;
        let mut dones = Vec::with_capacity(works.len());
        for work in works {
            let done = self.one(&mut desk, work)?;
            match done {
                Done::Refused(_)
                | Done::Answer {
                    outcome: Outcome::Refused(_),
                    ..
                } => desk.drop_scratch(),
                Done::Answer { .. } | Done::Joined { .. } | Done::Accepted { .. } | Done::Quiet => {
                    desk.settle();
                }
            }
            dones.push(done);
        }
        if desk.is_clean() {
            drop(desk);
            transaction.abort()?;
            return Ok((dones, None));
        }
        let finished = desk.finish(commit)?;
        transaction.commit()?;
        Ok((dones, Some(finished)))
    }

    fn one(&self, desk: &mut Desk<'_>, work: &Work) -> Result<Done, LedgerError> {
        match work {
            Work::Command(submission) => {
                let outcome = self.command(desk, submission)?;
                Ok(Done::Answer {
                    lane: submission.lane,
                    n: submission.n,
                    outcome,
                })
            }
            Work::Join { code, facts, texts } => join(desk, *code, facts, texts),
            Work::Operator {
                room,
                command,
                seed,
            } => {
                desk.fire_due(*room)?;
                desk.settle();
                Ok(
                    match desk.judge(&Who::Operator, *room, command, None, seed)? {
                        Ok((from, to)) => Done::Accepted { from, to },
                        Err(rejection) => Done::Refused(rejection),
                    },
                )
            }
            Work::Seen { member, room, seq } => seen(desk, *member, *room, *seq),
            Work::WakeUp => {
                for room in desk.due_rooms(BATCH_MAX)? {
                    desk.fire_overdue(room)?;
                    desk.settle();
                }
                Ok(Done::Quiet)
            }
            Work::Tick => {
                for room in desk.due_rooms(BATCH_MAX)? {
                    desk.fire_due(room)?;
                    desk.settle();
                }
                Ok(Done::Quiet)
            }
        }
    }

    /// A numbered command: once judged and accepted, its number answers the same for ever.
    fn command(&self, desk: &mut Desk<'_>, from: &Submission) -> Result<Outcome, LedgerError> {
        let refused = |rejection: &Rejection| Outcome::Refused(Refusal::from(rejection));
        let Some(device) = desk.device(from.device)?.filter(|device| !device.revoked) else {
            return Ok(refused(&Rejection::NoSuchRoom));
        };
        let Some(standing) = desk.standing(device.member)? else {
            return Ok(refused(&Rejection::NoSuchRoom));
        };
        let hash = hash_of(from);
        let lane = rows::lane(from.device, from.lane);
        let high = desk
            .get(Table::Lanes, &lane)?
            .map_or(0, |row| rows::read_u64(&row));
        let receipt_key = rows::receipt(from.device, from.lane, from.n);
        if from.n <= high {
            let receipt: Option<Receipt> = desk.row(Table::Receipts, &receipt_key)?;
            return Ok(match receipt.filter(|receipt| receipt.n == from.n) {
                Some(receipt) if receipt.hash == hash => receipt.outcome(),
                Some(_) => refused(&Rejection::Conflict(from.n)),
                None => refused(&Rejection::Superseded(from.n)),
            });
        }
        let command = match Command::read(&from.facts, from.texts.clone()) {
            Ok(command) => command,
            Err(rejection) => return Ok(refused(&rejection)),
        };
        let statement = match statement(&self.setting, from, &command.what, &device) {
            Ok(statement) => statement,
            Err(rejection) => return Ok(refused(&rejection)),
        };
        desk.fire_due(from.room)?;
        desk.settle();
        let seed = [
            &from.device.bits()[..],
            &from.lane.bits(),
            &from.n.to_be_bytes(),
        ]
        .concat();
        let who = Who::Member {
            standing: Box::new(standing),
            device: from.device,
        };
        let (first, last) = match desk.judge(&who, from.room, &command, statement, &seed)? {
            Ok(range) => range,
            Err(rejection) => return Ok(refused(&rejection)),
        };
        let receipt = Receipt {
            n: from.n,
            hash,
            room: from.room,
            from: first,
            to: last,
            at: desk.now,
        };
        desk.put_row(Table::Receipts, &receipt_key, &receipt);
        desk.put(Table::Lanes, &lane, from.n.to_be_bytes().to_vec());
        Ok(receipt.outcome())
    }
}

/// The answer to what could not be done now.
#[must_use]
pub fn unavailable(work: &Work) -> Done {
    match work {
        Work::Command(submission) => Done::Answer {
            lane: submission.lane,
            n: submission.n,
            outcome: Outcome::Refused(Refusal::from(&Rejection::Unavailable)),
        },
        Work::Join { .. } | Work::Operator { .. } => Done::Refused(Rejection::Unavailable),
        Work::Seen { .. } | Work::Tick | Work::WakeUp => Done::Quiet,
    }
}

/// What a number stands for: everything that the sender decides.
fn hash_of(from: &Submission) -> Hash {
    let texts: Vec<u8> = from
        .texts
        .iter()
        .flat_map(|text| text.commitment().0)
        .collect();
    let signed = from.signed.as_ref().map_or(Hash::ZERO, |signed| {
        Hash::of(
            "rialto-signed-1",
            &[signed.declaration.as_bytes(), &signed.signature.0],
        )
    });
    Hash::of(
        "rialto-command-1",
        &[
            &from.room.to_key(),
            from.facts.as_bytes(),
            &texts,
            &signed.0,
        ],
    )
}

/// Checks the signature of a command that commits somebody. Which entry it answers is checked later, on the room.
fn statement(
    setting: &Setting,
    from: &Submission,
    command: &Command,
    device: &derive::DeviceRow,
) -> Result<Option<Box<Statement>>, Rejection> {
    if !command.signed() {
        return Ok(None);
    }
    let unsigned = |why: &str| Rejection::Unsigned(why.to_owned());
    let signed = from
        .signed
        .as_ref()
        .ok_or_else(|| unsigned("it came without a signature"))?;
    if device.chain.is_empty() {
        return Err(unsigned(
            "this device has no certificates: an admin of your organisation certifies it",
        ));
    }
    if !signature_holds(device.key, signed.declaration.as_bytes(), signed.signature) {
        return Err(unsigned("the signature is not by this device"));
    }
    let statement = Statement {
        declaration: signed.declaration.clone(),
        signature: signed.signature,
        chain: device.chain.clone(),
    };
    let said = statement
        .read()
        .map_err(|error| Rejection::Unsigned(error.to_string()))?;
    let same = said.server == setting.server
        && said.org == device.org
        && said.device == from.device
        && said.lane == from.lane
        && said.n == from.n
        && said.room == from.room
        && said.kind == command.kind()
        && said.facts == from.facts;
    if same {
        Ok(Some(Box::new(statement)))
    } else {
        Err(unsigned("what was signed is another command"))
    }
}

fn join(
    desk: &mut Desk<'_>,
    code: Hash,
    facts: &str,
    texts: &[SaltedText],
) -> Result<Done, LedgerError> {
    let command = match Command::read(facts, texts.to_vec()) {
        Ok(command) => command,
        Err(rejection) => return Ok(Done::Refused(rejection)),
    };
    let Command::Org(org::Command::Join {
        code: named, key, ..
    }) = &command.what
    else {
        return Ok(Done::Refused(Rejection::Malformed(
            "a join holds an org.join".to_owned(),
        )));
    };
    if *named != code {
        return Ok(Done::Refused(Rejection::Malformed(
            "the command names another code".to_owned(),
        )));
    }
    let (member, device) = (org::member_of(code), org::device_of(*key));
    // Joining again after a lost answer: the same code and the same key are the same member.
    let known = desk.device(device)?;
    if known.is_some_and(|known| known.member == member && !known.revoked) {
        return Ok(Done::Joined { member, device });
    }
    let claim = derive::invitation_claim(code);
    let room = desk.holder(claim)?;
    // A code that never was, was used or was taken back: one answer.
    let Some(room) = room else {
        return Ok(Done::Refused(Rejection::Revoked));
    };
    let who = Who::Newcomer {
        member,
        org: OrgId::from_bits(room.bits()),
        device,
    };
    Ok(match desk.judge(&who, room, &command, None, &code.0)? {
        Ok(_) => Done::Joined { member, device },
        Err(rejection) => Done::Refused(rejection),
    })
}

/// Read marks: largest wins, never logged, and never beyond what there is.
fn seen(
    desk: &mut Desk<'_>,
    member: MemberId,
    room: RoomId,
    seq: Seq,
) -> Result<Done, LedgerError> {
    // How far a room is shows to nobody without a seat in it, not even as the bound of a mark of their own.
    let seated = match desk.standing(member)? {
        Some(standing) => desk.admits(&standing, room)?,
        None => false,
    };
    let head: derive::HeadRow = desk.row(Table::Heads, &room.to_key())?.unwrap_or_default();
    let key = rows::read(member, room);
    let had = Seq(desk
        .get(Table::Read, &key)?
        .map_or(0, |row| rows::read_u64(&row)));
    let seq = seq.min(head.head.seq);
    if seated && seq > had {
        desk.put(Table::Read, &key, seq.0.to_be_bytes().to_vec());
        desk.ring(Topic::Member(member));
    }
    Ok(Done::Quiet)
}
