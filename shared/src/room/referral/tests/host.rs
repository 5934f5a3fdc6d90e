//! A host in memory: rooms, people and a clock, and nothing that the rules do not need. It does what a server does with one
//! command: fires what is due, judges, applies, and has asks answered breadth first. What it sees on the way it checks.

use crate::{
    ask::{Address, Ask},
    command::Command,
    entry::{Author, Entry, Facts, Place, SaltedText, Seq, Worded},
    event::Event,
    id::{DeviceId, Hash, MemberId, Nonce, OrgId, RoomId, Salt},
    limits,
    rejection::Rejection,
    room::{
        self, Actor, Admission, Case, Cited, Due, Own, Policy, Room, Taking, Texts, inbox, key,
    },
    standing::{MemberCard, OrgCard, OrgKind, Role, Standing, Status, Tie},
    statement::{Certificate, Declaration, Statement, Use, public_key},
    text::TextKind,
    time::{Span, Timestamp},
    timeline::{self, Marks, Note},
};
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// One room as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) room: Room,
    pub(super) texts: Texts,
    pub(super) log: Vec<Entry>,
    pub(super) notes: BTreeMap<Seq, Note>,
}

/// Who or what causes entries.
#[derive(Clone)]
struct Cause {
    author: Author,
    statement: Option<Box<Statement>>,
}

const RULE: Cause = Cause {
    author: Author::Rule,
    statement: None,
};

pub(super) struct Host {
    pub(super) rooms: BTreeMap<RoomId, Stored>,
    pub(super) people: BTreeMap<MemberId, Standing>,
    pub(super) ties: BTreeSet<(OrgId, OrgId)>,
    pub(super) now: Timestamp,
    /// What the last command asked of rooms, in order.
    pub(super) asked: Vec<(Address, Ask)>,
    made: u64,
}

pub(super) const SERVER: Hash = Hash([9; 32]);

pub(super) fn org(number: u8) -> OrgId {
    OrgId::from_bits([number; 16])
}

pub(super) fn member(of: u8, role: Role) -> MemberId {
    let mut bits = [of; 16];
    bits[0] = match role {
        Role::Viewer => 1,
        Role::Rep => 2,
        Role::Lead => 3,
        Role::Admin => 4,
    };
    MemberId::from_bits(bits)
}

fn root(of: OrgId) -> SigningKey {
    SigningKey::from_bytes(&[of.bits()[0]; 32])
}

fn device(of: MemberId) -> SigningKey {
    let mut seed = [7; 32];
    seed[..16].copy_from_slice(&of.bits());
    SigningKey::from_bytes(&seed)
}

impl Host {
    /// Organisations 1 to 5, each with one person of every role; 1 to 4 are claimed, and 1 is connected with 2, 2 with 3,
    /// and 3 with 4.
    pub(super) fn new() -> Self {
        let mut host = Self {
            rooms: BTreeMap::new(),
            people: BTreeMap::new(),
            ties: BTreeSet::new(),
            now: Timestamp::from_millis(1_777_887_000_000),
            asked: vec![],
            made: 0,
        };
        for number in 1..=5 {
            let card = OrgCard {
                id: org(number),
                kind: OrgKind::Partner,
                name: None,
                types: BTreeSet::new(),
                levels: BTreeMap::new(),
                status: Status::Active,
                root: (number < 5).then(|| public_key(&root(org(number)))),
                former: vec![],
            };
            for role in [Role::Viewer, Role::Rep, Role::Lead, Role::Admin] {
                let id = member(number, role);
                let person = MemberCard {
                    id,
                    org: card.id,
                    name: None,
                    role,
                    alliance: false,
                    status: Status::Active,
                };
                let standing = Standing {
                    member: person,
                    org: card.clone(),
                };
                host.people.insert(id, standing);
                let open = inbox::Ask::Open {
                    member: id,
                    org: card.id,
                };
                host.ask(RoomId::inbox(id), Ask::Inbox(open), None);
            }
        }
        for (one, other) in [(1, 2), (2, 3), (3, 4)] {
            host.tie(one, other);
        }
        host
    }

    pub(super) fn tie(&mut self, one: u8, other: u8) {
        self.ties.insert((org(one), org(other)));
        self.ties.insert((org(other), org(one)));
    }

    fn tied(&self, one: OrgId, other: OrgId) -> Option<Tie> {
        self.ties.contains(&(one, other)).then(|| Tie {
            relation: RoomId::relation(one, other),
            agreements: BTreeSet::new(),
        })
    }

    /// A text with a salt of its own.
    pub(super) fn text(&mut self, kind: TextKind, text: &str) -> SaltedText {
        SaltedText {
            salt: Salt(Hash::of("salt", &[&self.next()]).0),
            text: kind.parse(text).unwrap(),
        }
    }

    fn next(&mut self) -> [u8; 8] {
        self.made += 1;
        self.made.to_be_bytes()
    }

    pub(super) fn state(&self, id: RoomId) -> &room::State {
        &self.rooms[&id].room.state
    }

    pub(super) fn log(&self, id: RoomId) -> &[Entry] {
        &self.rooms[&id].log
    }

    pub(super) fn kinds(&self, id: RoomId) -> Vec<&str> {
        self.log(id)
            .iter()
            .map(|entry| entry.kind.as_str())
            .collect()
    }

    /// Time passes, and nobody does anything.
    pub(super) fn wait(&mut self, span: Span) {
        self.now = self.now + span;
        let rooms: Vec<RoomId> = self.rooms.keys().copied().collect();
        self.asked.clear();
        for id in rooms {
            self.fire(id);
        }
    }

    /// Time passes while the server is down; then it starts.
    pub(super) fn down(&mut self, span: Span) {
        self.now = self.now + span;
        let rooms: Vec<RoomId> = self.rooms.keys().copied().collect();
        self.asked.clear();
        for id in rooms {
            if let Some((_, due)) = self.due(id) {
                let events = room::extend(&self.rooms[&id].room, &due, self.now);
                self.settle(id, events, &RULE);
            }
            self.fire(id);
        }
    }

    fn due(&self, id: RoomId) -> Option<(Timestamp, Due)> {
        room::due(&self.rooms.get(&id)?.room).filter(|(at, _)| *at <= self.now)
    }

    fn fire(&mut self, id: RoomId) {
        while let Some((at, due)) = self.due(id) {
            let events = room::fire(&self.rooms[&id].room, &due, self.now);
            assert!(!events.is_empty(), "a clock that runs out says so");
            self.settle(id, events, &RULE);
            let after = room::due(&self.rooms[&id].room);
            assert!(
                after.is_none_or(|(next, _)| next > at),
                "a clock fires once"
            );
        }
    }

    /// What a room asks, asked from outside: by the clock, or by a room that this branch has no rules for.
    pub(super) fn ask(&mut self, id: RoomId, ask: Ask, by: Option<MemberId>) {
        let author = by.map_or(Author::Rule, |by| self.author(by));
        let cause = Cause {
            author,
            statement: None,
        };
        self.asked.clear();
        self.settle_asks(vec![(Address::Room(id), ask)], &cause);
    }

    fn author(&self, by: MemberId) -> Author {
        Author::Member {
            id: by,
            org: self.people[&by].org.id,
            device: DeviceId::from_bits(by.bits()),
        }
    }

    /// One command, as a server takes it.
    pub(super) fn send(
        &mut self,
        by: MemberId,
        to: RoomId,
        command: Command,
        texts: Vec<SaltedText>,
    ) -> Result<(), Rejection> {
        self.asked.clear();
        self.fire(to);
        let before = self.rooms.clone();
        let done = self.judge(by, to, command, texts);
        if done.is_err() {
            assert_eq!(before, self.rooms, "a refused command leaves no trace");
        }
        done
    }

    fn judge(
        &mut self,
        by: MemberId,
        to: RoomId,
        command: Command,
        texts: Vec<SaltedText>,
    ) -> Result<(), Rejection> {
        let facts = Facts::write(&Worded::new(command, texts.clone()));
        let command = Command::read(&facts, texts)?;
        let standing = self.people[&by].clone();
        let stored = self.rooms.get(&to).cloned().unwrap_or_default();
        let named = command.what.named(&command.texts);
        let cards: Vec<MemberCard> = named
            .members
            .iter()
            .filter_map(|id| self.people.get(id))
            .map(|standing| standing.member.clone())
            .collect();
        let other = named.org.and_then(|org| self.card(org));
        let tie = named
            .org
            .and_then(|other| self.tied(standing.org.id, other));
        let own = Own::default();
        let terms = stored.room.audience.admits(&standing, |_| false);
        let (admission, seen) = match terms {
            Some(terms) => (
                Admission::Seat {
                    role: terms.role,
                    since: terms.since,
                    own: &own,
                },
                stored,
            ),
            None => (Admission::Outsider, Stored::default()),
        };
        let (note, marks) = (Note::default(), Marks::default());
        let cited = named.cites.and_then(|seq| {
            let entry = seen.log.iter().find(|entry| entry.seq == seq)?;
            Some(Cited {
                entry,
                note: seen.notes.get(&seq).unwrap_or(&note),
                marks: &marks,
            })
        });
        let fresh = self.fresh();
        let case = Case {
            id: to,
            room: &seen.room,
            texts: &seen.texts,
            admission,
            actor: Actor::Member(&standing),
            tie: tie.as_ref(),
            other: other.as_ref(),
            named: &cards,
            cited,
            home: None,
            claim: None,
            code_used: false,
            policy: Policy::None,
            server: SERVER,
            fresh: &fresh,
            now: self.now,
        };
        let events = room::decide(&case, &command)?;
        let statement = command.what.signed().then(|| {
            let subject = cited.map_or(Hash::ZERO, |cited| cited.entry.hash());
            Box::new(sign(&standing, to, &command.what, facts.clone(), subject))
        });
        let cause = Cause {
            author: self.author(by),
            statement,
        };
        self.settle(to, events, &cause);
        Ok(())
    }

    fn fresh(&mut self) -> Vec<[u8; 16]> {
        (0..limits::FRESH_MAX)
            .map(|_| crate::id::digest16("fresh", &[&self.next()]))
            .collect()
    }

    fn card(&self, org: OrgId) -> Option<OrgCard> {
        let found = self.people.values().find(|person| person.org.id == org);
        found.map(|person| person.org.clone())
    }

    fn settle(&mut self, id: RoomId, events: Vec<Worded<Event>>, cause: &Cause) {
        let asks = self.append(id, events, cause);
        self.settle_asks(asks, cause);
    }

    fn settle_asks(&mut self, asks: Vec<(Address, Ask)>, cause: &Cause) {
        let mut queue = VecDeque::from(asks);
        while let Some((address, ask)) = queue.pop_front() {
            self.asked.push((address, ask.clone()));
            assert!(self.asked.len() <= limits::REACTIONS_MAX);
            for id in self.expand(address) {
                if !self.may_point(id, &ask) {
                    continue;
                }
                let stored = self.rooms.get(&id).cloned().unwrap_or_default();
                let fresh = self.fresh();
                let tie = ask.tie().and_then(|[one, other]| self.tied(one, other));
                let taking = Taking {
                    id,
                    room: &stored.room,
                    texts: &stored.texts,
                    tie: tie.as_ref(),
                    ask: &ask,
                    fresh: &fresh,
                    now: self.now,
                };
                let events = room::take(&taking);
                let cause = if ask.shows_author() { cause } else { &RULE };
                queue.extend(self.append(id, events, cause));
            }
        }
    }

    fn expand(&self, address: Address) -> Vec<RoomId> {
        match address {
            // There is no vendor in these stories, and no Relation of which a deal is told.
            Address::Vendor { .. }
            | Address::Deals { .. }
            | Address::Heirs { .. }
            | Address::Seated { .. } => vec![],
            Address::Room(id) => vec![id],
            Address::Roles { org, min_role } => self
                .people
                .values()
                .filter(|person| person.org.id == org && person.member.role >= min_role)
                .map(|person| RoomId::inbox(person.member.id))
                .collect(),
        }
    }

    /// A pointer leads only those on who are admitted.
    fn may_point(&self, inbox: RoomId, ask: &Ask) -> bool {
        let Ask::Inbox(ask) = ask else {
            return true;
        };
        let Some((room, _)) = ask.told_of() else {
            return true;
        };
        let whose = self
            .people
            .values()
            .find(|person| RoomId::inbox(person.member.id) == inbox);
        whose.is_some_and(|person| self.admits(room, person.member.id))
    }

    pub(super) fn admits(&self, room: RoomId, member: MemberId) -> bool {
        let stored = self.rooms.get(&room);
        stored.is_some_and(|stored| {
            let who = &self.people[&member];
            stored.room.audience.admits(who, |_| false).is_some()
        })
    }

    fn append(
        &mut self,
        id: RoomId,
        events: Vec<Worded<Event>>,
        cause: &Cause,
    ) -> Vec<(Address, Ask)> {
        let mut asks = vec![];
        for event in events {
            let absent = Room::default();
            let held = self.rooms.get(&id).map_or(&absent, |stored| &stored.room);
            let statement = cause.statement.as_deref();
            for renewed in key::renewals(held, id, &event.what, statement) {
                let renewed = vec![Worded::plain(Event::Key(renewed))];
                asks.extend(self.append(id, renewed, &RULE));
            }
            let (now, server_roots) = (self.now, &self.people);
            let stored = self.rooms.entry(id).or_default();
            let place = Place {
                room: id,
                after: stored.room.head,
                term: 1,
                at: now,
                author: cause.author,
                statement: cause.statement.clone(),
            };
            let entry = Entry::new(place, event);
            assert_eq!(Entry::decode(&entry.encode()).as_ref(), Ok(&entry));
            assert!(entry.encode().len() < limits::MESSAGE_BYTES_MAX);
            if let Some(statement) = &entry.statement {
                let said = statement.read().unwrap();
                let by = server_roots
                    .values()
                    .find(|person| person.org.id == said.org)
                    .unwrap();
                statement.verify(SERVER, by.org.root.unwrap()).unwrap();
                assert!(
                    entry.event.justified_by(&said.kind),
                    "{} does not justify {}",
                    said.kind,
                    entry.kind
                );
                let earlier = stored.log.iter().collect();
                let departs = crate::event::departs(&said, &entry, &earlier);
                assert_eq!(departs, None, "{} under {}", entry.kind, said.kind);
            }
            room::apply(&mut stored.room, &entry);
            stored.texts.keep(&stored.room, &entry);
            stored.log.push(entry.clone());
            if let Some(target) = timeline::target(&entry.event) {
                timeline::note(stored.notes.entry(target).or_default(), &entry);
                if timeline::erases(&entry.event) {
                    let gone = stored.notes[&target].erases(target);
                    stored.texts.erase(&gone);
                    for old in stored.log.iter_mut().filter(|old| gone.contains(&old.seq)) {
                        *old = old.clone().erased();
                    }
                }
            }
            asks.extend(room::react(&stored.room, &entry));
        }
        asks
    }

    /// What must hold of every room, whatever was done.
    pub(super) fn check(&self) {
        for (id, stored) in &self.rooms {
            let mut folded = Room::default();
            let mut texts = Texts::default();
            for entry in &stored.log {
                room::apply(&mut folded, entry);
                texts.keep(&folded, entry);
            }
            assert_eq!(folded, stored.room, "{id}: the log folds to the room");
            assert_eq!(texts, stored.texts, "{id}: and to its standing texts");
            let mut blank = Room::default();
            for entry in &stored.log {
                room::apply(&mut blank, &entry.clone().erased());
            }
            assert_eq!(blank, stored.room, "{id}: and so it does without texts");
            let json = serde_json::to_string(&stored.room).unwrap();
            let mut read: Room = serde_json::from_str(&json).unwrap();
            read.head = stored.room.head;
            assert_eq!(read, stored.room, "{id}: the room is what is stored of it");
        }
    }
}

fn sign(
    standing: &Standing,
    room: RoomId,
    command: &Command,
    facts: String,
    subject: Hash,
) -> Statement {
    let (org, me) = (standing.org.id, standing.member.id);
    let key = device(me);
    let declaration = Declaration {
        server: SERVER,
        org,
        device: DeviceId::from_bits(me.bits()),
        nonce: Nonce::from_bits([1; 16]),
        room,
        kind: command.kind(),
        subject,
        facts,
    };
    let link = Certificate::issue(&root(org), SERVER, org, public_key(&key), Use::Device);
    Statement::make(&key, &declaration, vec![link])
}
