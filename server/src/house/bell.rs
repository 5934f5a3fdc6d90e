//! The wake-up: a hint that something changed, never what.
//!
//! A session listens to the rooms it is seated in, to its member and to its organisation. The writer rings after a commit
//! and after the answers; whoever is rung reads again, through its own seats. Presence is the one thing that travels
//! here, because it is stored nowhere: it is coalesced, and the first to be dropped.

use rialto_shared::{
    id::{MemberId, OrgId, RoomId},
    protocol::Presence,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock, Weak},
};

/// What can be listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// A room has new entries, or another audience.
    Room(RoomId),
    /// A member's standing, devices, seats or read marks changed.
    Member(MemberId),
    /// An organisation's standing, seats or ties changed.
    Org(OrgId),
}

/// What rang since it was last asked.
#[derive(Debug, Default)]
pub struct Rung {
    /// The topics.
    pub topics: BTreeSet<Topic>,
    /// Who came, went or writes, and where that was told; the newest of each.
    pub presence: BTreeMap<(RoomId, MemberId), Presence>,
    /// A newer connection took this one's place.
    pub cut: bool,
}

/// One listener.
pub struct Ear {
    rung: Mutex<Rung>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ear").finish_non_exhaustive()
    }
}

impl Ear {
    /// A listener that is woken by this.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            rung: Mutex::default(),
            wake: Box::new(wake),
        })
    }

    /// What rang since the last time.
    #[must_use]
    pub fn heard(&self) -> Rung {
        std::mem::take(&mut self.rung.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Wakes the listener for nothing in particular: it has work left.
    pub fn nudge(&self) {
        (self.wake)();
    }

    /// Tells the listener that a newer connection took its place.
    pub fn cut(&self) {
        self.ring(|rung| rung.cut = true);
    }

    fn ring(&self, change: impl FnOnce(&mut Rung)) {
        change(&mut self.rung.lock().unwrap_or_else(PoisonError::into_inner));
        (self.wake)();
    }
}

/// All listeners.
#[derive(Debug, Default)]
pub struct Bell(RwLock<HashMap<Topic, Vec<Weak<Ear>>>>);

impl Bell {
    /// Lets an ear hear a topic.
    pub fn listen(&self, ear: &Arc<Ear>, topic: Topic) {
        let mut listeners = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let ears = listeners.entry(topic).or_default();
        ears.retain(|other| other.strong_count() > 0);
        if !ears
            .iter()
            .any(|other| std::ptr::eq(other.as_ptr(), Arc::as_ptr(ear)))
        {
            ears.push(Arc::downgrade(ear));
        }
    }

    /// Lets an ear hear a topic no longer.
    pub fn unlisten(&self, ear: &Arc<Ear>, topic: Topic) {
        let mut listeners = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(ears) = listeners.get_mut(&topic) {
            ears.retain(|other| {
                other.strong_count() > 0 && !std::ptr::eq(other.as_ptr(), Arc::as_ptr(ear))
            });
            if ears.is_empty() {
                listeners.remove(&topic);
            }
        }
    }

    /// Rings topics.
    pub fn ring(&self, topics: &BTreeSet<Topic>) {
        for topic in topics {
            self.each(*topic, |ear| {
                ear.ring(|rung| {
                    rung.topics.insert(*topic);
                });
            });
        }
    }

    /// Tells whoever shares a room that somebody came, went or writes.
    pub fn tell(&self, room: RoomId, member: MemberId, state: Presence) {
        self.each(Topic::Room(room), |ear| {
            ear.ring(|rung| {
                rung.presence.insert((room, member), state);
            });
        });
    }

    fn each(&self, topic: Topic, visit: impl Fn(&Ear)) {
        let listeners = self.0.read().unwrap_or_else(PoisonError::into_inner);
        for ear in listeners.get(&topic).into_iter().flatten() {
            if let Some(ear) = ear.upgrade() {
                visit(&ear);
            }
        }
    }
}
