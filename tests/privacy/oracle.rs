//! What an observer may see, and what of a script must not matter to them: worked out from the log by the shared rules
//! alone, with nothing of the server's seats, sessions or tables.

use super::script::Step;
use crate::world::World;
use rialto_shared::{
    entry::{Entry, Seq},
    event::Event,
    id::{OrgId, RoomId, RoomKind},
    protocol::{Down, Up},
    room::{Room, State, apply, org, side, talk},
    standing::Standing,
};
use std::collections::{BTreeMap, BTreeSet};

/// The oracle, which follows one world.
pub(crate) struct Oracle {
    observer: usize,
    org: OrgId,
    /// Every room, folded.
    pub(crate) rooms: BTreeMap<RoomId, Room>,
    /// What was said in each.
    pub(crate) messages: BTreeMap<RoomId, Vec<Seq>>,
    /// The rooms that the observer was ever admitted to.
    pub(crate) seen: BTreeSet<RoomId>,
    /// The entries that the observer was ever admitted to.
    readable: BTreeSet<(RoomId, Seq)>,
    /// For each step, the rooms that it wrote to, and whether it changed somebody's card.
    pub(crate) footprints: Vec<Footprint>,
    taken: usize,
}

/// What a step did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Footprint {
    pub(crate) rooms: BTreeSet<RoomId>,
    /// The rooms whose statements were kept in Sides.
    pub(crate) kept: BTreeSet<RoomId>,
    /// Whether anything was done in them, other than talk that changes no room.
    pub(crate) acts: bool,
    /// Whom somebody asked to connect, or asks no longer: shown by the crossing `knock`, also where it was not heard, once
    /// they ask in their turn and the two requests meet.
    pub(crate) asked: BTreeSet<OrgId>,
    /// Somebody's name, role or standing: shown by the crossings `card`, `presence` and `suspension`.
    pub(crate) card: bool,
}

/// Whose steps stay in a script.
struct Told {
    /// Rooms that the observer sees, or of which they see copies: all steps.
    seen: BTreeSet<RoomId>,
    /// Rooms on which those rest: all that is done, and nothing that is said.
    rests: BTreeSet<RoomId>,
    /// The observer's organisation.
    own: OrgId,
}

impl Told {
    fn shows(&self, footprint: &Footprint) -> bool {
        let seen = !footprint.rooms.is_disjoint(&self.seen);
        let asked = footprint.asked.contains(&self.own);
        seen || asked || (footprint.acts && !footprint.rooms.is_disjoint(&self.rests))
    }
}

impl Oracle {
    pub(crate) fn new(world: &World, observer: usize) -> Self {
        let mut oracle = Self {
            observer,
            org: world.consoles[observer].org,
            rooms: BTreeMap::new(),
            messages: BTreeMap::new(),
            seen: BTreeSet::new(),
            readable: BTreeSet::new(),
            footprints: vec![],
            taken: 0,
        };
        oracle.follow(world);
        oracle
    }

    fn standing(&self, world: &World) -> Option<Standing> {
        let member = world.consoles[self.observer].member;
        let snapshot = world.house.snapshot().expect("a read");
        snapshot.standing(member).expect("a read")
    }

    fn connected(&self, one: OrgId, other: OrgId) -> bool {
        let relation = self.rooms.get(&RoomId::relation(one, other));
        relation.is_some_and(
            |room| matches!(&room.state, State::Relation(relation) if relation.tie().is_some()),
        )
    }

    /// Takes in what was committed since the last time, entry by entry; what the observer may see after each counts.
    pub(crate) fn follow(&mut self, world: &World) -> Footprint {
        let fresh: Vec<Entry> = world.log()[self.taken..].to_vec();
        self.taken += fresh.len();
        let mut footprint = Footprint::default();
        let who = self.standing(world);
        for entry in fresh {
            apply(self.rooms.entry(entry.room).or_default(), &entry);
            footprint.rooms.insert(entry.room);
            footprint.acts |= !only_talk(&entry.event);
            footprint.card |= card(&entry.event);
            footprint.kept.extend(kept(&entry.event));
            footprint.asked.extend(asked(&entry.event));
            if matches!(entry.event, Event::Talk(talk::Event::Said { .. })) {
                let said = self.messages.entry(entry.room).or_default();
                said.push(entry.seq);
            }
            self.look(who.as_ref(), entry.room);
        }
        // A card, a class or a tie opens rooms that had no entry now.
        for room in self.rooms.keys().copied().collect::<Vec<_>>() {
            self.look(who.as_ref(), room);
        }
        footprint
    }

    fn look(&mut self, who: Option<&Standing>, id: RoomId) {
        let Some(who) = who else { return };
        let Some(room) = self.rooms.get(&id) else {
            return;
        };
        let tied = |org| self.connected(org, who.org.id);
        let terms = room.audience.admits(who, tied);
        if let Some(terms) = terms {
            let upto = room.head.seq.0;
            let read = terms.since.0.max(1)..=upto;
            // What is readable stays so in this set: only what is new has to be looked at.
            let fresh = read.rev().map(|seq| (id, Seq(seq)));
            self.readable.extend(fresh);
        }
        if terms.is_some() {
            self.seen.insert(id);
        }
    }

    /// Entries in these frames that the observer was never admitted to.
    pub(crate) fn unreadable(&self, heard: &[String]) -> Vec<(RoomId, Seq)> {
        let entries = heard
            .iter()
            .filter_map(|frame| serde_json::from_str(frame).ok())
            .flat_map(|down| match down {
                Down::Entries { entries, .. } | Down::Page { entries, .. } => entries,
                _ => vec![],
            });
        entries
            .map(|raw| Entry::decode(raw.get().as_bytes()).expect("an entry"))
            .map(|entry| (entry.room, entry.seq))
            .filter(|place| !self.readable.contains(place))
            .collect()
    }

    /// The rooms whose own history a visible step rests on, though the observer was never in them: what is asked in a Side or
    /// the like follows from what was done there before. What was only said there stays out of the script all the same, so
    /// that everything there stands at other places: no statement may show it.
    fn rested_on(&self, steps: &[Step]) -> Told {
        let mut told = Told {
            seen: self.seen.clone(),
            rests: BTreeSet::new(),
            own: self.org,
        };
        // One may rest on another: a deal on its referral, that on its case.
        loop {
            let before = (told.seen.len(), told.rests.len());
            for (place, step) in steps.iter().enumerate() {
                let Step::Ask(_, room, ..) = step else {
                    continue;
                };
                let footprint = &self.footprints[place];
                if !told.shows(footprint) {
                    continue;
                }
                let of_its_own = matches!(room.kind(), RoomKind::Org | RoomKind::Inbox);
                if !of_its_own {
                    told.rests.insert(*room);
                }
                // A copy holds the head of what it is a copy of.
                if footprint.rooms.is_disjoint(&told.seen) {
                    told.rests.extend(&footprint.kept);
                } else {
                    told.seen.extend(&footprint.kept);
                }
            }
            if (told.seen.len(), told.rests.len()) == before {
                return told;
            }
        }
    }

    /// Which steps may show to the observer; all others may be left out of the script.
    pub(crate) fn matter(&self, steps: &[Step]) -> Vec<bool> {
        let told = self.rested_on(steps);
        let matters = |(place, step): (usize, &Step)| {
            if step.who().is_none_or(|who| who == self.observer) {
                return true;
            }
            match step {
                Step::Ask(..) => {
                    let footprint = &self.footprints[place];
                    footprint.card || told.shows(footprint)
                }
                Step::Up(_, up) => match up {
                    // Who is at a console is told to those who share a room that is live there.
                    Up::Watch { room, .. } | Up::Unwatch { room } | Up::Typing { room } => {
                        self.seen.contains(room)
                    }
                    _ => false,
                },
                Step::HangUp(_) | Step::LogIn(_) | Step::Pass(_) => true,
            }
        };
        steps.iter().enumerate().map(matters).collect()
    }
}

/// The room of the statement that an entry keeps for people who were never in that room: a Side's. Whoever reads an
/// organisation's record may read all that it keeps where it was made.
fn kept(event: &Event) -> Option<RoomId> {
    match event {
        Event::Side(side::Event::Kept { entry }) => {
            Entry::decode(entry.as_bytes()).ok().map(|entry| entry.room)
        }
        _ => None,
    }
}

/// Whom an entry asks to connect, or asks no longer.
const fn asked(event: &Event) -> Option<OrgId> {
    match event {
        Event::Org(org::Event::Asked { to, .. } | org::Event::Withdrawn { to }) => Some(*to),
        _ => None,
    }
}

/// Whether an entry only says something, so that nothing in the room rests on it.
fn only_talk(event: &Event) -> bool {
    matches!(
        event,
        Event::Talk(
            talk::Event::Said { .. }
                | talk::Event::Edited { .. }
                | talk::Event::Reacted { .. }
                | talk::Event::Deleted { .. }
                | talk::Event::Redacted { .. }
        )
    )
}

/// Whether an entry changed somebody's name, role or standing, or a device that may log in.
fn card(event: &Event) -> bool {
    let Event::Org(event) = event else {
        // Whose root key is another stands on the card of the organisation.
        return matches!(event, Event::Key(_));
    };
    match event {
        org::Event::Opened { .. }
        | org::Event::Joined { .. }
        | org::Event::RoleSet { .. }
        | org::Event::Suspended { .. }
        | org::Event::Removed { .. }
        | org::Event::Revoked { .. }
        | org::Event::Certified { .. }
        | org::Event::Named { .. }
        | org::Event::Renamed { .. }
        | org::Event::Admitted { .. }
        | org::Event::OrgClassified { .. }
        | org::Event::OrgSuspended { .. }
        | org::Event::Classified { .. }
        | org::Event::Enrolled { .. }
        // Whether somebody becomes an admin follows from these, later and by a clock. What of them shows to whom is told by
        // `unheard/objection.rs`.
        | org::Event::SuccessorAnnounced { .. }
        | org::Event::SuccessorRefused {}
        | org::Event::SuccessionLapsed {}
        | org::Event::SuccessorSeated { .. }
        | org::Event::Halted { .. } => true,
        org::Event::Invited { .. }
        | org::Event::Enrolling { .. }
        | org::Event::HandedOver { .. }
        | org::Event::SuccessorNamed { .. }
        | org::Event::SuccessionPutOff { .. }
        | org::Event::Cancelled { .. }
        | org::Event::ChannelOpened { .. }
        | org::Event::OrgInvited { .. }
        | org::Event::Asked { .. }
        | org::Event::Withdrawn { .. }
        | org::Event::Knocked { .. }
        | org::Event::Recalled { .. }
        | org::Event::Replied { .. }
        | org::Event::Met { .. }
        | org::Event::Answered { .. }
        | org::Event::Disconnected { .. }
        | org::Event::Excluded { .. }
        | org::Event::Preferred { .. }
        | org::Event::DealInvited { .. }
        | org::Event::DealInvitationClosed { .. }
        | org::Event::DealCalled { .. }
        | org::Event::InvitationTried { .. } => false,
    }
}
