//! Room on the disk: below what the operator set, nothing more is written, so that a full disk never meets a commit.
//!
//! What is read goes on, and so does writing as soon as there is room again. Looking costs a system call, so the writer looks
//! at most once a second; whoever wants to know asks here and waits for nobody.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a look is good for.
const LOOK_GOOD_FOR: Duration = Duration::from_secs(1);

/// Where to look, and how much there must be.
struct Watch {
    folder: PathBuf,
    least: u64,
    looked: Option<Instant>,
}

/// The room that is left; all there is in the world until somebody says where to look.
#[derive(Default)]
pub struct Space {
    watch: Mutex<Option<Watch>>,
    short: AtomicBool,
    free: AtomicU64,
}

impl std::fmt::Debug for Space {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Space").finish_non_exhaustive()
    }
}

impl Space {
    /// From now on this folder's disk must have so many bytes left.
    pub fn keep(self: &Arc<Self>, folder: PathBuf, least: u64) {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        *watch = Some(Watch {
            folder,
            least,
            looked: None,
        });
    }

    /// Looks, where the last look is old. Whether there is too little.
    pub(super) fn is_short(&self) -> bool {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(watch) = watch.as_mut() else {
            return false;
        };
        if watch.looked.is_none_or(|at| at.elapsed() >= LOOK_GOOD_FOR) {
            watch.looked = Some(Instant::now());
            self.look(watch);
        }
        self.short.load(Ordering::Relaxed)
    }

    fn look(&self, watch: &Watch) {
        let free = match rustix::fs::statvfs(&watch.folder) {
            Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
            // A file system that does not say: the commit itself will.
            Err(error) => {
                tracing::warn!(%error, "the disk does not say how much room it has");
                return;
            }
        };
        self.free.store(free, Ordering::Relaxed);
        let short = free < watch.least;
        if self.short.swap(short, Ordering::Relaxed) != short {
            let least = watch.least;
            if short {
                tracing::error!(
                    free,
                    least,
                    "too little room on the disk: nothing is written until there is more"
                );
            } else {
                tracing::info!(free, "there is room on the disk again: writing goes on");
            }
        }
    }

    /// Whether there was too little at the last look.
    #[must_use]
    pub fn was_short(&self) -> bool {
        self.short.load(Ordering::Relaxed)
    }

    /// Bytes that were left at the last look; none before the first.
    #[must_use]
    pub fn free(&self) -> u64 {
        self.free.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_has_room_until_it_has_less_than_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let space = Arc::new(Space::default());
        assert!(!space.is_short(), "nobody said where to look");
        space.keep(folder.path().to_owned(), 0);
        assert!(!space.is_short() && space.free() > 0);
        space.keep(folder.path().to_owned(), u64::MAX);
        assert!(space.is_short() && space.was_short());
        space.keep(folder.path().to_owned(), 1);
        assert!(!space.is_short() && !space.was_short(), "it recovers");
        space.keep(PathBuf::from("/nowhere/at/all"), u64::MAX);
        assert!(
            !space.is_short(),
            "what cannot be asked is left to the commit"
        );
    }
}
