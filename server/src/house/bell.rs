//! The wake-up: a hint that something changed, never what.
//!
//! A session listens to the rooms it is seated in, to its member, to its organisation and to the cards that it holds. The writer rings after a commit
//! and after the answers; whoever is rung reads again, through its own seats. Presence is the one thing that travels
//! here, because it is stored nowhere: it is coalesced, and the first to be dropped.

use rialto_shared::{
    id::{MemberId, OrgId, RoomId},
    protocol::Presence,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak},
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
    /// A member's card changed: rings whoever holds it.
    MemberCard(MemberId),
    /// An organisation's card changed: rings whoever holds it.
    OrgCard(OrgId),
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

/// Whose cards a listener holds.
#[derive(Debug, Default)]
struct Cards {
    members: BTreeSet<MemberId>,
    orgs: BTreeSet<OrgId>,
}

impl Cards {
    fn hold(&self, topic: Topic) -> bool {
        match topic {
            Topic::MemberCard(member) => self.members.contains(&member),
            Topic::OrgCard(org) => self.orgs.contains(&org),
            Topic::Room(_) | Topic::Member(_) | Topic::Org(_) => false,
        }
    }
}

/// One listener.
pub struct Ear {
    rung: Mutex<Rung>,
    cards: Mutex<Cards>,
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
            cards: Mutex::default(),
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

    fn cards(&self) -> MutexGuard<'_, Cards> {
        self.cards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a member's card from now on; whether it did not before. Whoever then reads the card misses no change of it.
    #[must_use]
    pub fn hold_member(&self, member: MemberId) -> bool {
        self.cards().members.insert(member)
    }

    /// Holds an organisation's card from now on; whether it did not before.
    #[must_use]
    pub fn hold_org(&self, org: OrgId) -> bool {
        self.cards().orgs.insert(org)
    }

    /// The members whose cards it holds.
    #[must_use]
    pub fn members(&self) -> Vec<MemberId> {
        self.cards().members.iter().copied().collect()
    }

    fn ring(&self, change: impl FnOnce(&mut Rung)) {
        change(&mut self.rung.lock().unwrap_or_else(PoisonError::into_inner));
        (self.wake)();
    }
}

/// All listeners.
#[derive(Debug, Default)]
pub struct Bell {
    topics: RwLock<HashMap<Topic, Vec<Weak<Ear>>>>,
    /// Whoever may hold cards: cards change seldom, so each such ear is asked, and no list is kept for each card.
    holders: RwLock<Vec<Weak<Ear>>>,
}

fn is(one: &Weak<Ear>, ear: &Arc<Ear>) -> bool {
    std::ptr::eq(one.as_ptr(), Arc::as_ptr(ear))
}

impl Bell {
    /// Lets an ear hear of the cards that it holds.
    pub fn attend(&self, ear: &Arc<Ear>) {
        let mut holders = self.holders.write().unwrap_or_else(PoisonError::into_inner);
        holders.push(Arc::downgrade(ear));
    }

    /// Lets an ear hear of cards no longer.
    pub fn dismiss(&self, ear: &Arc<Ear>) {
        let mut holders = self.holders.write().unwrap_or_else(PoisonError::into_inner);
        holders.retain(|other| other.strong_count() > 0 && !is(other, ear));
    }

    /// Lets an ear hear a topic.
    pub fn listen(&self, ear: &Arc<Ear>, topic: Topic) {
        let mut listeners = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        let ears = listeners.entry(topic).or_default();
        ears.retain(|other| other.strong_count() > 0);
        if !ears.iter().any(|other| is(other, ear)) {
            ears.push(Arc::downgrade(ear));
        }
    }

    /// Lets an ear hear a topic no longer.
    pub fn unlisten(&self, ear: &Arc<Ear>, topic: Topic) {
        let mut listeners = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(ears) = listeners.get_mut(&topic) {
            ears.retain(|other| other.strong_count() > 0 && !is(other, ear));
            if ears.is_empty() {
                listeners.remove(&topic);
            }
        }
    }

    /// Rings topics.
    pub fn ring(&self, topics: &BTreeSet<Topic>) {
        let (cards, topics): (Vec<Topic>, Vec<Topic>) = topics
            .iter()
            .copied()
            .partition(|topic| matches!(topic, Topic::MemberCard(_) | Topic::OrgCard(_)));
        if !cards.is_empty() {
            self.ring_holders(&cards);
        }
        for topic in &topics {
            self.each(*topic, |ear| {
                ear.ring(|rung| {
                    rung.topics.insert(*topic);
                });
            });
        }
    }

    fn ring_holders(&self, cards: &[Topic]) {
        let holders = self.holders.read().unwrap_or_else(PoisonError::into_inner);
        for ear in holders.iter().filter_map(Weak::upgrade) {
            let held: Vec<Topic> = {
                let own = ear.cards();
                let held = cards.iter().copied();
                held.filter(|card| own.hold(*card)).collect()
            };
            if !held.is_empty() {
                ear.ring(|rung| rung.topics.extend(held));
            }
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
        let listeners = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        for ear in listeners.get(&topic).into_iter().flatten() {
            if let Some(ear) = ear.upgrade() {
                visit(&ear);
            }
        }
    }
}
