//! The counting: how often, and how many from where. Pure: the moment is an argument.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::{Duration, Instant},
};

/// Connections that ended without a login, from one address, before new ones are cut: a run of mistakes is human.
const STRIKES_MAX: u32 = 30;
/// One strike is forgotten every two seconds.
const STRIKES_FORGOTTEN_EVERY: Duration = Duration::from_secs(2);
/// Pages that one address may fetch at once and does not get a strike for: a whole company may stand behind one, with a
/// scanner of mails that opens every link several times.
const LOOKS_MAX: u32 = 300;
/// How often it may fetch one more.
const LOOKS_FORGOTTEN_EVERY: Duration = Duration::from_millis(200);
/// Addresses remembered. Those beyond are counted while they are here and forgotten after.
const BLOCKS_MAX: usize = 65_536;

/// A bucket of tokens that fills at an even rate, kept as the moment at which it will be full.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    every: Duration,
    burst: u32,
    full_at: Option<Instant>,
}

impl Bucket {
    /// Full, of `burst` tokens, with a new one each `every`.
    #[must_use]
    pub const fn new(every: Duration, burst: u32) -> Self {
        Self {
            every,
            burst,
            full_at: None,
        }
    }

    /// Full, of `burst` tokens, with so many new ones a second.
    #[must_use]
    pub fn per_second(rate: u32, burst: u32) -> Self {
        Self::new(Duration::from_secs(1) / rate.max(1), burst.max(1))
    }

    /// Takes a token.
    ///
    /// # Errors
    /// How long it takes until there is one.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        let lacking = full_at.duration_since(now) + self.every;
        match lacking.checked_sub(self.every * self.burst) {
            Some(wait) if !wait.is_zero() => Err(wait),
            Some(_) | None => {
                self.full_at = Some(full_at + self.every);
                Ok(())
            }
        }
    }

    /// Whether nothing was taken that has not come back.
    #[must_use]
    pub fn full(&self, now: Instant) -> bool {
        self.full_at.is_none_or(|at| at <= now)
    }

    /// Whether a token is there.
    #[must_use]
    pub fn ready(mut self, now: Instant) -> bool {
        self.take(now).is_ok()
    }
}

/// Who counts as one: an IPv4 address, or the /64 that an IPv6 host can choose from at will.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Block {
    /// One address, also when it comes mapped into IPv6.
    V4(Ipv4Addr),
    /// The upper half of an address.
    V6(u64),
}

impl Block {
    /// The block of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6(upper(address)),
        }
    }
}

fn upper(address: Ipv6Addr) -> u64 {
    u64::try_from(address.to_bits() >> 64).expect("64 of 128 bits are left")
}

/// What is known of one block.
#[derive(Debug)]
struct Visits {
    open: u32,
    strikes: Bucket,
    looks: Bucket,
}

impl Visits {
    fn forgotten(&self, now: Instant) -> bool {
        self.open == 0 && self.strikes.full(now) && self.looks.full(now)
    }
}

/// How a connection that was at the door ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It logged in.
    In,
    /// It fetched what everybody may, and asked for nothing else.
    Looked,
    /// It gave up, was refused, or ran out of time.
    Failed,
}

/// Who is at the door: connections without a login, by block, and how many of late gave up or were refused.
#[derive(Debug)]
pub struct Census {
    most: u32,
    blocks: BTreeMap<Block, Visits>,
}

impl Census {
    /// Nobody yet; at most so many of one block at a time.
    #[must_use]
    pub const fn new(most: u32) -> Self {
        Self {
            most,
            blocks: BTreeMap::new(),
        }
    }

    /// Counts one in, or says no.
    #[must_use]
    pub fn enter(&mut self, block: Block, now: Instant) -> bool {
        if self.blocks.len() >= BLOCKS_MAX {
            self.blocks.retain(|_, visits| !visits.forgotten(now));
        }
        let visits = self.blocks.entry(block).or_insert_with(|| Visits {
            open: 0,
            strikes: Bucket::new(STRIKES_FORGOTTEN_EVERY, STRIKES_MAX),
            looks: Bucket::new(LOOKS_FORGOTTEN_EVERY, LOOKS_MAX),
        });
        let admitted = visits.open < self.most && visits.strikes.ready(now);
        if admitted {
            visits.open += 1;
        }
        admitted
    }

    /// Counts one out, by how it ended.
    pub fn leave(&mut self, block: Block, ending: Ending, now: Instant) {
        let crowded = self.blocks.len() >= BLOCKS_MAX;
        let Some(visits) = self.blocks.get_mut(&block) else {
            return;
        };
        visits.open = visits.open.saturating_sub(1);
        let struck = match ending {
            Ending::In => false,
            // Whoever looks too often is counted as whoever guesses.
            Ending::Looked => visits.looks.take(now).is_err(),
            Ending::Failed => true,
        };
        if struck {
            // Full already: then this block is refused as it is.
            let _full = visits.strikes.take(now);
        }
        if visits.open == 0 && (crowded || visits.forgotten(now)) {
            self.blocks.remove(&block);
        }
    }

    /// Blocks that are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Whether nobody is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_bucket_gives_its_burst_at_once_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::per_second(20, 60);
        for _ in 0..60 {
            assert_eq!(bucket.take(start), Ok(()));
        }
        assert_eq!(bucket.take(start), Err(50 * MS));
        assert_eq!(bucket.take(start + 49 * MS), Err(MS));
        assert_eq!(bucket.take(start + 50 * MS), Ok(()));
        assert_eq!(bucket.take(start + 50 * MS), Err(50 * MS));
        assert!(!bucket.full(start + 3_049 * MS));
        assert!(bucket.full(start + 3_050 * MS));
    }

    #[test]
    fn an_early_moment_is_no_panic() {
        let start = Instant::now() + Duration::from_secs(60);
        let mut bucket = Bucket::per_second(1, 1);
        assert_eq!(bucket.take(start), Ok(()));
        assert!(bucket.take(start - Duration::from_secs(30)).is_err());
    }

    #[test]
    fn a_mapped_address_is_the_address_and_a_64_is_one() {
        let block = |text: &str| Block::of(text.parse().unwrap());
        assert_eq!(block("::ffff:203.0.113.7"), block("203.0.113.7"));
        assert_ne!(block("203.0.113.8"), block("203.0.113.7"));
        assert_eq!(block("2001:db8:1:2::1"), block("2001:db8:1:2:ffff::9"));
        assert_ne!(block("2001:db8:1:2::1"), block("2001:db8:1:3::1"));
    }

    #[test]
    fn one_block_fills_its_own_places_only() {
        let now = Instant::now();
        let (one, other) = (Block::V6(1), Block::V6(2));
        let mut census = Census::new(2);
        assert!(census.enter(one, now) && census.enter(one, now));
        assert!(!census.enter(one, now));
        assert!(census.enter(other, now));
        census.leave(one, Ending::In, now);
        assert!(census.enter(one, now));
    }

    #[test]
    fn a_guesser_is_cut_and_forgiven_with_time() {
        let start = Instant::now();
        let block = Block::V6(1);
        let mut census = Census::new(16);
        let mut tries = 0;
        while census.enter(block, start) {
            census.leave(block, Ending::Failed, start);
            tries += 1;
        }
        assert_eq!(tries, STRIKES_MAX);
        let later = start + STRIKES_FORGOTTEN_EVERY;
        assert!(census.enter(block, later));
        census.leave(block, Ending::In, later);
        assert_eq!(census.len(), 1, "its strikes are remembered");
        let forgotten = start + STRIKES_FORGOTTEN_EVERY * STRIKES_MAX;
        assert!(census.enter(block, forgotten));
        census.leave(block, Ending::In, forgotten);
        assert!(census.is_empty());
    }

    proptest! {
        #[test]
        fn no_stretch_of_time_yields_more_than_burst_and_rate(steps in prop::collection::vec(0_u32..200, 1..200)) {
            let mut bucket = Bucket::per_second(20, 60);
            let start = Instant::now();
            let (mut now, mut taken) = (start, 0_u128);
            for step in steps {
                now += MS * step;
                taken += u128::from(bucket.take(now).is_ok());
            }
            prop_assert!(taken <= 60 + (now - start).as_millis() / 50 + 1);
        }
    }
}
