//! A small world: members, organisations and rooms in maps. A command is read at the border, judged, applied, and what it
//! asks of other rooms is answered breadth first, with clocks fired before; every entry is encoded and read back.

use crate::{
    ask::{Address, Ask},
    audience::Terms,
    command::Command,
    entry::{Author, Entry, Facts, Place, SaltedText, Worded},
    event::{self, Event},
    id::{DeviceId, Hash, MemberId, Nonce, OrgId, PublicKey, RoomId, RoomKind, Salt, Signature},
    limits,
    rejection::Rejection,
    room::{
        self, Actor, Admission, Case, Cited, Own, Policy, Room, State, Taking, Texts, deal, inbox,
        key, org,
    },
    standing::{MemberCard, OrgCard, OrgKind, Role, Standing, Status, Tie},
    statement::{Declaration, Statement},
    text::Text,
    time::{Span, Timestamp},
    timeline::{Marks, Note},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The vendor; its people are an alliance manager who is an admin, a second manager, and a Rep who is none.
pub(super) const V: u8 = 1;
/// Partners; their people are an Admin, a Lead, a Rep and a Viewer, numbered 0 to 3.
pub(super) const A: u8 = 2;
pub(super) const B: u8 = 3;
pub(super) const C: u8 = 4;
/// A partner that nobody has claimed.
pub(super) const U: u8 = 5;

pub(super) const fn org(n: u8) -> OrgId {
    OrgId::from_bits([n; 16])
}

/// The `i`th person of an organisation.
pub(super) const fn person(of: u8, i: u8) -> MemberId {
    MemberId::from_bits([of * 16 + i; 16])
}

pub(super) const fn root(of: u8) -> PublicKey {
    PublicKey([of; 32])
}

#[derive(Default)]
pub(super) struct Kept {
    pub(super) room: Room,
    pub(super) texts: Texts,
    pub(super) log: Vec<Entry>,
}

/// Who caused something, and what they signed.
struct Cause {
    author: Author,
    statement: Option<Box<Statement>>,
}

impl Cause {
    const OPERATOR: Self = Self {
        author: Author::Operator,
        statement: None,
    };
    const RULE: Self = Self {
        author: Author::Rule,
        statement: None,
    };
}

pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) policy: Policy,
    pub(super) rooms: BTreeMap<RoomId, Kept>,
    pub(super) members: BTreeMap<MemberId, MemberCard>,
    pub(super) orgs: BTreeMap<OrgId, OrgCard>,
    pub(super) ties: BTreeMap<RoomId, Tie>,
    /// What was asked by the last command and by the clocks before it.
    pub(super) asked: Vec<(Address, Ask)>,
    n: u64,
}

impl World {
    pub(super) fn new() -> Self {
        let mut world = Self {
            now: "2026-05-04T09:30:00Z".parse().unwrap(),
            policy: Policy::None,
            rooms: BTreeMap::new(),
            members: BTreeMap::new(),
            orgs: BTreeMap::new(),
            ties: BTreeMap::new(),
            asked: vec![],
            n: 0,
        };
        for of in [V, A, B, C, U] {
            world.found(of);
        }
        world
    }

    fn found(&mut self, of: u8) {
        let kind = if of == V {
            OrgKind::Vendor
        } else {
            OrgKind::Partner
        };
        let card = OrgCard {
            id: org(of),
            kind,
            name: None,
            types: BTreeSet::new(),
            levels: BTreeMap::new(),
            status: Status::Active,
            root: (of != U).then(|| root(of)),
            former: vec![],
        };
        self.orgs.insert(org(of), card);
        let opened = org::Event::Opened {
            org: org(of),
            kind,
            name: crate::entry::Slot(0),
            claim: Hash::ZERO,
        };
        let name = self.salted("Somebody Ltd");
        let worded = Worded::new(Event::Org(opened), vec![name]);
        self.commit(RoomId::org(org(of)), &Cause::OPERATOR, vec![worded]);
        let roles: &[Role] = match of {
            V => &[Role::Admin, Role::Rep, Role::Rep],
            U => &[],
            _ => &[Role::Admin, Role::Lead, Role::Rep, Role::Viewer],
        };
        for (i, role) in (0..).zip(roles) {
            let id = person(of, i);
            let card = MemberCard {
                id,
                org: org(of),
                name: None,
                role: *role,
                alliance: of == V && i < 2,
                status: Status::Active,
            };
            self.members.insert(id, card);
            let member = inbox::Ask::Open {
                member: id,
                org: org(of),
            };
            self.ask(Address::inbox(id), Ask::Inbox(member));
        }
    }

    fn salted(&mut self, text: &str) -> SaltedText {
        self.n += 1;
        SaltedText {
            salt: Salt(Hash::plain(&self.n.to_be_bytes()).0),
            text: Text::parse(text).unwrap(),
        }
    }

    pub(super) fn standing(&self, member: MemberId) -> Standing {
        let member = self.members[&member].clone();
        let org = self.orgs[&member.org].clone();
        Standing { member, org }
    }

    pub(super) fn terms(&self, member: MemberId, room: RoomId) -> Option<Terms> {
        let who = self.standing(member);
        let kept = self.rooms.get(&room)?;
        kept.room.audience.admits(&who, |_| false)
    }

    pub(super) fn deal(&self, room: RoomId) -> &deal::Deal {
        match &self.rooms[&room].room.state {
            State::Deal(deal) => deal,
            other => panic!("not a deal: {other:?}"),
        }
    }

    pub(super) fn org_room(&self, of: u8) -> &org::Org {
        match &self.rooms[&RoomId::org(org(of))].room.state {
            State::Org(org) => org,
            other => panic!("not an organisation: {other:?}"),
        }
    }

    /// The text that the state of a room refers to, as it stands beside the room.
    pub(super) fn text(&self, room: RoomId, at: crate::entry::TextRef) -> &str {
        let texts = &self.rooms[&room].texts;
        texts.get(at).unwrap().text.as_str()
    }

    /// Why something waits for this member, oldest first.
    pub(super) fn needs(&self, member: MemberId) -> Vec<inbox::What> {
        match &self.rooms[&RoomId::inbox(member)].room.state {
            State::Inbox(inbox) => inbox.needs.iter().map(|need| need.what).collect(),
            other => panic!("not an Inbox: {other:?}"),
        }
    }

    pub(super) fn wait(&mut self, span: Span) {
        self.now = self.now + span;
    }

    /// Fires what is due in this room, in order. Each clock fires once: what is due next is another thing, or later.
    pub(super) fn clocks(&mut self, room: RoomId) {
        let mut last = None;
        while let Some((at, due)) = self
            .rooms
            .get(&room)
            .and_then(|kept| room::due(&kept.room))
            .filter(|(at, _)| *at <= self.now)
        {
            assert!(
                last.as_ref() != Some(&(at, due.clone())),
                "fired twice: {due:?}"
            );
            let events = room::fire(&self.rooms[&room].room, &due, self.now);
            assert!(!events.is_empty(), "due, and nothing fired: {due:?}");
            self.commit(room, &Cause::RULE, events);
            last = Some((at, due));
        }
    }

    /// Sends a command as this member, with these texts.
    pub(super) fn send(
        &mut self,
        member: MemberId,
        to: RoomId,
        command: impl Into<Command>,
        texts: &[&str],
    ) -> Result<Vec<Entry>, Rejection> {
        self.asked.clear();
        self.clocks(to);
        let texts = texts.iter().map(|text| self.salted(text)).collect();
        let worded = Worded::new(command.into(), texts);
        let facts = Facts::write(&worded);
        let command = Command::read(&facts, worded.texts.clone())?;
        assert_eq!(command, worded, "a command is read as it was written");
        let events = self.judge(member, to, &command)?;
        let statement = command
            .what
            .signed()
            .then(|| Box::new(self.sign(member, to, &command, facts)));
        let author = Author::Member {
            id: member,
            org: self.members[&member].org,
            device: DeviceId::from_bits(member.bits()),
        };
        Ok(self.commit(to, &Cause { author, statement }, events))
    }

    fn judge(
        &self,
        member: MemberId,
        to: RoomId,
        command: &Worded<Command>,
    ) -> Result<Vec<Worded<Event>>, Rejection> {
        let (nothing, own, blank) = (Kept::default(), Own::default(), Note::default());
        let (who, marks) = (self.standing(member), Marks::default());
        let named = command.what.named(&command.texts);
        let kept = self.rooms.get(&to).unwrap_or(&nothing);
        let admission = match self.terms(member, to) {
            Some(Terms { role, since }) => Admission::Seat {
                role,
                since,
                own: &own,
            },
            None if kept.room.invites(&who) => Admission::Invited,
            None => Admission::Outsider,
        };
        let kept = match admission {
            Admission::Outsider => &nothing,
            Admission::Seat { .. } | Admission::Invited | Admission::Operator => kept,
        };
        let entry = named
            .cites
            .and_then(|seq| kept.log.iter().find(|entry| entry.seq == seq));
        let cards: Vec<MemberCard> = named
            .members
            .iter()
            .filter_map(|id| self.members.get(id).cloned())
            .collect();
        let tie = named
            .org
            .and_then(|other| self.ties.get(&RoomId::relation(who.org.id, other)));
        let fresh: Vec<[u8; 16]> = (0..limits::FRESH_MAX)
            .map(|i| crate::id::digest16("test", &[&self.n.to_be_bytes(), &i.to_be_bytes()]))
            .collect();
        let case = Case {
            id: to,
            room: &kept.room,
            texts: &kept.texts,
            admission,
            actor: Actor::Member(&who),
            tie,
            other: named.org.and_then(|other| self.orgs.get(&other)),
            named: &cards,
            cited: entry.map(|entry| Cited {
                entry,
                note: &blank,
                marks: &marks,
            }),
            home: None,
            claim: None,
            code_used: false,
            policy: self.policy,
            server: Hash::ZERO,
            fresh: &fresh,
            now: self.now,
        };
        room::decide(&case, command)
    }

    /// A statement with nobody's signature: what is signed, and by whom, is what matters here.
    fn sign(
        &self,
        member: MemberId,
        to: RoomId,
        command: &Worded<Command>,
        facts: String,
    ) -> Statement {
        let named = command.what.named(&command.texts);
        let subject = named.cites.map(|seq| {
            let log = &self.rooms[&to].log;
            let entry = log.iter().find(|entry| entry.seq == seq);
            entry.expect("what is answered stands in the room").hash()
        });
        let declaration = Declaration {
            server: Hash::ZERO,
            org: self.members[&member].org,
            device: DeviceId::from_bits(member.bits()),
            nonce: Nonce::from_bits(u128::from(self.n).to_be_bytes()),
            room: to,
            kind: command.what.kind(),
            subject: subject.or(named.answers).unwrap_or(Hash::ZERO),
            facts,
        };
        Statement {
            declaration: serde_json::to_string(&declaration).unwrap(),
            signature: Signature([0; 64]),
            chain: vec![],
        }
    }

    /// Puts events into a room and has everything answered that follows; gives back the entries of that room.
    fn commit(&mut self, to: RoomId, cause: &Cause, events: Vec<Worded<Event>>) -> Vec<Entry> {
        let mut queue = VecDeque::new();
        let entries = self.enter(to, cause, events, &mut queue);
        self.settle(cause, queue);
        entries
    }

    /// Has an ask answered that no room of this world asked.
    pub(super) fn ask(&mut self, address: Address, ask: Ask) {
        self.settle(&Cause::OPERATOR, VecDeque::from([(address, ask)]));
    }

    fn settle(&mut self, cause: &Cause, mut queue: VecDeque<(Address, Ask)>) {
        let mut count = 0;
        while let Some((address, ask)) = queue.pop_front() {
            count += 1;
            assert!(count <= limits::REACTIONS_MAX, "too wide");
            for room in self.expand(address) {
                self.answer(room, cause, &ask, &mut queue);
            }
            self.asked.push((address, ask));
        }
    }

    fn expand(&self, address: Address) -> Vec<RoomId> {
        match address {
            // What the real rooms ask of the vendor's people is their own stories' affair.
            Address::Vendor { .. } | Address::Heirs { .. } => vec![],
            Address::Seated { member } => {
                let named = |kept: &Kept| {
                    let mut roster = kept.room.audience.roster();
                    roster.any(|one| one == crate::audience::Principal::Member(member))
                };
                let rooms = self.rooms.iter().filter(|(_, kept)| named(kept));
                rooms.map(|(room, _)| *room).collect()
            }
            Address::Room(room) => vec![room],
            Address::Deals { of: [one, other] } => {
                let rests = |deal: &deal::Deal| {
                    let pair = |org| [(deal.host, org), (org, deal.host)];
                    deal.bound().any(|org| pair(org).contains(&(one, other)))
                };
                let mut found = vec![];
                for (room, kept) in &self.rooms {
                    if kept.room.state.deal().is_some_and(rests) {
                        found.push(*room);
                    }
                }
                found
            }
            Address::Roles { org, min_role } => self
                .members
                .values()
                .filter(|card| card.org == org && card.role >= min_role)
                .map(|card| RoomId::inbox(card.id))
                .collect(),
        }
    }

    fn answer(
        &mut self,
        to: RoomId,
        cause: &Cause,
        ask: &Ask,
        queue: &mut VecDeque<(Address, Ask)>,
    ) {
        if let Ask::Inbox(ask) = ask
            && let Some((room, _)) = ask.told_of()
        {
            let addressee = MemberId::from_bits(to.bits());
            let known = to.kind() == RoomKind::Inbox && self.members.contains_key(&addressee);
            if !known || self.terms(addressee, room).is_none() {
                return;
            }
        }
        let absent = Kept::default();
        let kept = self.rooms.get(&to).unwrap_or(&absent);
        let taking = Taking {
            id: to,
            room: &kept.room,
            texts: &kept.texts,
            tie: ask
                .tie()
                .and_then(|[one, other]| self.ties.get(&RoomId::relation(one, other))),
            ask,
            fresh: &[],
            now: self.now,
        };
        let events = room::take(&taking);
        let cause = if ask.shows_author() {
            cause
        } else {
            &Cause::RULE
        };
        self.enter(to, cause, events, queue);
    }

    fn enter(
        &mut self,
        to: RoomId,
        cause: &Cause,
        events: Vec<Worded<Event>>,
        queue: &mut VecDeque<(Address, Ask)>,
    ) -> Vec<Entry> {
        let mut entries = vec![];
        for event in events {
            let (held, said) = (&self.rooms.entry(to).or_default().room, &event.what);
            for renewed in key::renewals(held, to, said, cause.statement.as_deref()) {
                let renewed = vec![Worded::plain(Event::Key(renewed))];
                self.enter(to, &Cause::RULE, renewed, queue);
            }
            let kept = self.rooms.entry(to).or_default();
            let place = Place {
                room: to,
                after: kept.room.head,
                term: 1,
                at: self.now,
                author: cause.author,
                statement: cause.statement.clone(),
            };
            let entry = Entry::new(place, event);
            assert_eq!(Entry::decode(&entry.encode()).unwrap(), entry);
            if let Some(statement) = &cause.statement {
                let said = statement.read().unwrap();
                let kind = &said.kind;
                assert!(entry.event.justified_by(kind), "{kind}: {}", entry.kind);
                let earlier = kept.log.iter().collect();
                assert_eq!(event::departs(&said, &entry, &earlier), None, "{said:?}");
            }
            room::apply(&mut kept.room, &entry);
            kept.texts.keep(&kept.room, &entry);
            queue.extend(room::react(&kept.room, &entry));
            kept.log.push(entry.clone());
            entries.push(entry);
        }
        entries
    }

    /// The log folds to the room, also once every text is erased, and the room reads back from its JSON.
    pub(super) fn folds(&self, room: RoomId) {
        let kept = &self.rooms[&room];
        for erased in [false, true] {
            let mut again = Room::default();
            for entry in &kept.log {
                let entry = if erased {
                    entry.clone().erased()
                } else {
                    entry.clone()
                };
                room::apply(&mut again, &Entry::decode(&entry.encode()).unwrap());
            }
            assert_eq!(again, kept.room, "fold(log) == room, erased: {erased}");
        }
        let json = serde_json::to_string(&kept.room).unwrap();
        let mut read: Room = serde_json::from_str(&json).unwrap();
        read.head = kept.room.head;
        assert_eq!(read, kept.room);
    }

    /// Opens a deal as the Lead of A, with these of A's people.
    pub(super) fn open(&mut self, presence: deal::Presence, people: &[u8]) -> RoomId {
        let people: Vec<MemberId> = people.iter().map(|i| person(A, *i)).collect();
        self.open_as(person(A, 1), presence, &people)
    }

    pub(super) fn open_as(
        &mut self,
        lead: MemberId,
        presence: deal::Presence,
        people: &[MemberId],
    ) -> RoomId {
        let command = inbox::Command::OpenDeal {
            presence,
            value: None,
            close: None,
            people: people.iter().copied().collect(),
        };
        let texts = [
            "Sensors for Halle",
            "Contoso",
            "They cannot see their floors.",
        ];
        let entries = self
            .send(lead, RoomId::inbox(lead), Command::Inbox(command), &texts)
            .unwrap();
        match &entries[0].event {
            Event::Inbox(inbox::Event::DealOpened { deal, .. }) => *deal,
            other => panic!("no deal: {other:?}"),
        }
    }

    /// Invites an organisation as the Lead of A; gives back what that entry says.
    pub(super) fn invite(&mut self, room: RoomId, of: u8, history: bool) -> Hash {
        let command = invitation_of(of, history);
        let texts = ["Your installers know the building."];
        let entries = self.send(person(A, 1), room, command, &texts).unwrap();
        event::matter(&entries[0]).unwrap()
    }

    /// Invites an organisation and has its Lead accept, bringing its Rep.
    pub(super) fn join(&mut self, room: RoomId, of: u8, history: bool) {
        let invitation = self.invite(room, of, history);
        let people = BTreeSet::from([person(of, 2)]);
        let accept = deal::Command::AcceptInvitation { invitation, people };
        self.send(person(of, 1), room, accept, &[]).unwrap();
    }
}

pub(super) const fn invitation_of(of: u8, history: bool) -> deal::Command {
    deal::Command::Invite {
        org: org(of),
        responsibility: deal::Responsibility::ServicesPartner,
        history,
        can: deal::Can {
            invite: false,
            edit: false,
        },
    }
}

impl From<deal::Command> for Command {
    fn from(command: deal::Command) -> Self {
        Self::Deal(command)
    }
}

impl From<room::talk::Command> for Command {
    fn from(command: room::talk::Command) -> Self {
        Self::Talk(command)
    }
}

pub(super) const fn say() -> Command {
    Command::Talk(room::talk::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    })
}

pub(super) fn date(text: &str) -> crate::time::Date {
    text.parse().unwrap()
}

pub(super) fn move_to(world: &World, room: RoomId, to: deal::Stage) -> deal::Command {
    let at = world.deal(room).course.stage.at;
    deal::Command::MoveStage { to, at }
}

/// What the last command asked of this room.
pub(super) fn asked(world: &World, to: RoomId) -> Vec<&Ask> {
    let there = world
        .asked
        .iter()
        .filter(|(at, _)| *at == Address::Room(to));
    there.map(|(_, ask)| ask).collect()
}
