//! A disk that keeps only what was synced. What was written since may be lost, whole or in part, in any order and torn in
//! the middle of a write, as a machine without power leaves it. It can also refuse one call, as a full or sick disk does.

use crate::world::Dice;
use redb::StorageBackend;
use std::{
    fmt,
    io::{Error, ErrorKind},
    sync::{Arc, Mutex, MutexGuard},
};

/// What a disk writes in one piece; a torn write ends at such a border.
const SECTOR: usize = 512;

/// A disk. Clones are the same disk.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<Platter>>);

#[derive(Default)]
struct Platter {
    /// As the running process sees it.
    now: Vec<u8>,
    /// As it is after the power came back, but for what is pending.
    durable: Vec<u8>,
    pending: Vec<Pending>,
    plan: Option<Plan>,
    dead: bool,
    calls: Calls,
}

enum Pending {
    Write(usize, Vec<u8>),
    Length(usize),
}

/// What goes wrong, counted from when the plan is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The power goes instead of the n-th sync.
    CutAtSync(u64),
    /// The n-th call of this kind fails once; the disk goes on.
    Fail(Call, u64),
}

/// The calls that may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Write,
    Sync,
    Length,
}

/// How often each was called since the plan was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) writes: u64,
    pub(crate) syncs: u64,
    pub(crate) lengths: u64,
}

/// What remains of the writes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remains {
    /// Nothing.
    Nothing,
    /// All: the power went just after the last write.
    Everything,
    /// The first so many, and a part of the next.
    Beginning,
    /// Any of them, some torn.
    Some,
}

impl Remains {
    pub(crate) const ALL: [Self; 4] =
        [Self::Nothing, Self::Everything, Self::Beginning, Self::Some];
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").finish_non_exhaustive()
    }
}

fn gone() -> Error {
    Error::other("the power is gone")
}

impl Platter {
    /// Whether this call fails.
    fn meets(&mut self, call: Call) -> Result<(), Error> {
        if self.dead {
            return Err(gone());
        }
        let count = match call {
            Call::Write => &mut self.calls.writes,
            Call::Sync => &mut self.calls.syncs,
            Call::Length => &mut self.calls.lengths,
        };
        *count += 1;
        let count = *count;
        match self.plan {
            Some(Plan::CutAtSync(n)) if call == Call::Sync && n == count => {
                self.dead = true;
                Err(gone())
            }
            Some(Plan::Fail(kind, n)) if kind == call && n == count => {
                Err(Error::new(ErrorKind::StorageFull, "no space left"))
            }
            _ => Ok(()),
        }
    }

    fn settle(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            pending.reach(&mut self.durable, usize::MAX);
        }
    }
}

impl Pending {
    /// Puts at most so many bytes of this on a platter.
    fn reach(&self, durable: &mut Vec<u8>, bytes: usize) {
        match self {
            Self::Length(length) => durable.resize(*length, 0),
            Self::Write(offset, data) => {
                let data = &data[..data.len().min(bytes)];
                // A write beyond a growth that was lost grows the file itself.
                if durable.len() < offset + data.len() {
                    durable.resize(offset + data.len(), 0);
                }
                durable[*offset..offset + data.len()].copy_from_slice(data);
            }
        }
    }
}

impl Disk {
    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap()
    }

    /// Makes a plan; what it counts starts now.
    pub(crate) fn plan(&self, plan: Plan) {
        let mut platter = self.platter();
        platter.plan = Some(plan);
        platter.calls = Calls::default();
    }

    /// Whether the power is gone.
    pub(crate) fn is_dead(&self) -> bool {
        self.platter().dead
    }

    /// How often it was called since the plan was made.
    pub(crate) fn calls(&self) -> Calls {
        self.platter().calls
    }

    /// What is on it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.platter().durable.clone()
    }

    /// What is found when the power is back.
    pub(crate) fn survivor(&self, remains: Remains, seed: u64) -> Self {
        let platter = self.platter();
        let mut dice = Dice::new(seed);
        let mut durable = platter.durable.clone();
        let count = platter.pending.len();
        let reached = dice.below(count + 1);
        for (place, pending) in platter.pending.iter().enumerate() {
            let torn = SECTOR * dice.below(9);
            match remains {
                Remains::Everything => pending.reach(&mut durable, usize::MAX),
                Remains::Beginning if place < reached => pending.reach(&mut durable, usize::MAX),
                Remains::Beginning if place == reached => pending.reach(&mut durable, torn),
                Remains::Nothing | Remains::Beginning => {}
                Remains::Some => match dice.below(4) {
                    0 | 1 => pending.reach(&mut durable, usize::MAX),
                    2 => pending.reach(&mut durable, torn),
                    _ => {}
                },
            }
        }
        Self(Arc::new(Mutex::new(Platter {
            now: durable.clone(),
            durable,
            ..Platter::default()
        })))
    }
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).expect("a small disk")
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.platter().now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let platter = self.platter();
        if platter.dead {
            return Err(gone());
        }
        let from = place(offset);
        let data = platter
            .now
            .get(from..from + out.len())
            .ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        out.copy_from_slice(data);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        let mut platter = self.platter();
        platter.meets(Call::Length)?;
        platter.now.resize(place(len), 0);
        platter.pending.push(Pending::Length(place(len)));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        let mut platter = self.platter();
        platter.meets(Call::Sync)?;
        platter.settle();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        let mut platter = self.platter();
        platter.meets(Call::Write)?;
        let write = Pending::Write(place(offset), data.to_vec());
        write.reach(&mut platter.now, usize::MAX);
        platter.pending.push(write);
        Ok(())
    }
}

#[test]
fn what_was_not_synced_is_lost_and_what_was_is_not() {
    let disk = Disk::default();
    disk.set_len(2048).unwrap();
    disk.write(0, &[1; 1024]).unwrap();
    disk.plan(Plan::CutAtSync(2));
    disk.sync_data().unwrap();
    disk.write(512, &[2; 1024]).unwrap();
    assert!(disk.sync_data().is_err() && disk.is_dead());
    assert!(disk.write(0, &[3]).is_err() && disk.read(0, &mut [0]).is_err());
    let read = |remains| {
        let mut out = [0; 2048];
        disk.survivor(remains, 1).read(0, &mut out).unwrap();
        out
    };
    assert_eq!(read(Remains::Nothing)[512..1024], [1; 512]);
    assert_eq!(read(Remains::Everything)[512..1536], [2; 1024]);
    assert_eq!(read(Remains::Some)[..512], [1; 512]);
}
