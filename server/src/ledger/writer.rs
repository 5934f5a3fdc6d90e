//! The one writer: judges commands in batches inside the write transaction, and commits once for the batch.
//!
//! Nobody is told yes before the commit is durable. A batch closes when the queue has run dry or is full, never on a
//! timer: what queued while the last commit ran is the next batch. A storage fault drops the batch whole; each command in
//! it is answered `unavailable` and may be sent again. After a fault that lasts nothing more is tried, and [`Fault`] is told.

mod commitment;
mod space;

pub use space::Space;

use super::{
    LedgerError, derive,
    desk::{Desk, Finished, Setting, Who},
    fault::{Fault, guarded},
    reader::Snapshot,
    receipts::{Receipt, by_number, hash_of, keep, refused},
    rows::{self, Rows as _, RowsMut as _, Table},
    tail::Tails,
};
use crate::{
    bell::{Bell, Topic},
    clock::Clock,
};
use metrics::{counter, gauge, histogram};
use redb::{Database, Durability};
use rialto_shared::{
    command::Command,
    entry::{SaltedText, Seq, Worded},
    id::{DeviceId, Hash, LaneId, MemberId, OrgId, RoomId},
    protocol::{Outcome, Signed},
    rejection::{Refusal, Rejection},
    room::org,
};
use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
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
    /// An invitation that was used is tried again.
    Tried {
        /// The hash of its code.
        code: Hash,
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

/// Something that follows the log: told of commits, in order, after they are durable.
pub trait Follower: Send {
    /// Whether a commit concerns it: no read is opened for one that concerns nobody.
    fn wants(&self, finished: &Finished) -> bool;

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
    fault: Arc<Fault>,
    space: Arc<Space>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// A writer of this ledger. There must be no other.
    #[must_use]
    pub fn new(
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
            fault: Arc::default(),
            space: Arc::default(),
        }
    }

    /// Where it says that the file can no longer be written.
    #[must_use]
    pub fn fault(&self) -> Arc<Fault> {
        Arc::clone(&self.fault)
    }

    /// How much room the disk must have; none is asked for until somebody says where.
    #[must_use]
    pub fn space(&self) -> Arc<Space> {
        Arc::clone(&self.space)
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
            let ticks = matches!(first.work, Work::Tick);
            let mut jobs = vec![first];
            while jobs.len() < BATCH_MAX {
                let Ok(job) = queue.try_recv() else { break };
                jobs.push(job);
            }
            let queued = jobs.len().saturating_sub(usize::from(ticks));
            gauge!("rialto_queue_jobs")
                .decrement(f64::from(u32::try_from(queued).unwrap_or(u32::MAX)));
            self.commit(jobs);
        }
    }

    /// One batch, start to end: judge, commit, fill the tails, answer, ring.
    pub fn commit(&mut self, jobs: Vec<Job>) {
        let (works, replies): (Vec<Work>, Vec<Reply>) =
            jobs.into_iter().map(|job| (job.work, job.reply)).unzip();
        if self.fault.is_known() || self.space.is_short() {
            return drop_whole(&works, replies);
        }
        let begun = Instant::now();
        match guarded(|| self.batch(&works)) {
            Ok((dones, finished)) => {
                measure(begun, &dones, finished.as_ref());
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
                if error.is_lasting() {
                    self.fault.tell(&error);
                }
                drop_whole(&works, replies);
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
        let followers = self.followers.iter_mut();
        let concerned: Vec<_> = followers
            .filter(|follower| follower.wants(finished))
            .collect();
        if concerned.is_empty() {
            return;
        }
        match Snapshot::take(&self.database) {
            Ok(snapshot) => concerned
                .into_iter()
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
        desk.hand_on()?;
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
            Work::Tried { code } => {
                desk.tried(*code)?;
                Ok(Done::Quiet)
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
        let Some(device) = desk.device(from.device)?.filter(|device| !device.revoked) else {
            return Ok(refused(&Rejection::NoSuchRoom));
        };
        let Some(standing) = desk.standing(device.member)? else {
            return Ok(refused(&Rejection::NoSuchRoom));
        };
        let hash = hash_of(from);
        if let Some(outcome) = by_number(desk, from, hash)? {
            return Ok(outcome);
        }
        let command = match Command::read(&from.facts, from.texts.clone()) {
            Ok(command) => command,
            Err(rejection) => return Ok(refused(&rejection)),
        };
        let statement = match commitment::judge(desk, &self.setting, from, &command.what, &device)?
        {
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
        keep(desk, from, &receipt)?;
        Ok(receipt.outcome())
    }
}

/// What a batch comes to, in numbers: of nobody, and of no room.
fn measure(begun: Instant, dones: &[Done], finished: Option<&Finished>) {
    if let Some(finished) = finished {
        histogram!("rialto_commit_seconds").record(begun.elapsed());
        let entries = u64::try_from(finished.fresh.len()).unwrap_or(u64::MAX);
        counter!("rialto_entries_total").increment(entries);
    }
    for done in dones {
        let code = match done {
            Done::Answer {
                outcome: Outcome::Refused(refusal),
                ..
            } => refusal.code.clone(),
            Done::Refused(rejection) => Refusal::from(rejection).code,
            Done::Answer { .. } | Done::Joined { .. } | Done::Accepted { .. } | Done::Quiet => {
                continue;
            }
        };
        counter!("rialto_refused_total", "reason" => code).increment(1);
    }
}

fn drop_whole(works: &[Work], replies: Vec<Reply>) {
    for (work, reply) in works.iter().zip(replies) {
        reply(unavailable(work));
    }
}

/// The answer to what could not be done now.
#[must_use]
pub fn unavailable(work: &Work) -> Done {
    match work {
        Work::Command(submission) => Done::Answer {
            lane: submission.lane,
            n: submission.n,
            outcome: refused(&Rejection::Unavailable),
        },
        Work::Join { .. } | Work::Operator { .. } => Done::Refused(Rejection::Unavailable),
        Work::Tried { .. } | Work::Seen { .. } | Work::Tick | Work::WakeUp => Done::Quiet,
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
    let device = org::device_of(*key);
    let claim = org::invitation_claim(code);
    let room = desk.holder(claim)?;
    // A code that never was, was used or was taken back: one answer.
    let Some(room) = room else {
        return Ok(Done::Refused(Rejection::Revoked));
    };
    let enrols = desk.enrols(room, code)?;
    let member = enrols.unwrap_or_else(|| org::member_of(code));
    // Joining again after a lost answer: the same code and the same key are the same member, or the same device of one.
    let known = desk.device(device)?.filter(|known| !known.revoked);
    if known.is_some_and(|known| known.member == member) {
        return Ok(Done::Joined { member, device });
    }
    if let Some(member) = desk.enrolled(room, device)? {
        return Ok(Done::Joined { member, device });
    }
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
