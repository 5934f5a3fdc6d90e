//! The demo's chance: the system's for a demo that somebody uses, and a fixed one for the screens that are printed, so
//! that their ids, and with them the order of lists, are the same each time. A server with fixed keys lives only while
//! its screens are drawn.

use super::DemoError;
use crate::account::{DeviceKey, chance};
use rialto_shared::id::Hash;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where random bytes come from.
#[derive(Debug)]
pub(super) enum Chance {
    /// The system.
    System,
    /// A count of the draws: the same bytes each time, secret to nobody.
    Fixed(AtomicU64),
}

impl Chance {
    /// The one that is the same each time.
    pub(super) const fn fixed() -> Self {
        Self::Fixed(AtomicU64::new(0))
    }

    /// So many bytes.
    pub(super) fn bytes<const N: usize>(&self) -> Result<[u8; N], DemoError> {
        match self {
            Self::System => Ok(chance()?),
            Self::Fixed(draws) => {
                let draw = draws.fetch_add(1, Ordering::Relaxed);
                let Hash(bytes) = Hash::of("rialto-demo-chance", &[&draw.to_be_bytes()]);
                let mut bytes = bytes.into_iter().cycle();
                Ok(std::array::from_fn(|_| bytes.next().unwrap_or_default()))
            }
        }
    }

    /// A key in the place of one that was made by the system's chance, where that is not what is wanted.
    pub(super) fn key(&self, made: DeviceKey) -> Result<DeviceKey, DemoError> {
        match self {
            Self::System => Ok(made),
            Self::Fixed(_) => Ok(DeviceKey::from_seed(&self.bytes()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_fixed_one_repeats_itself_and_the_systems_does_not() {
        let draws = |chance: &Chance| [chance.bytes::<32>().unwrap(), chance.bytes().unwrap()];
        let [first, second] = draws(&Chance::fixed());
        assert_eq!([first, second], draws(&Chance::fixed()));
        assert_ne!(first, second);
        assert_ne!(draws(&Chance::System), draws(&Chance::System));
    }
}
