//! A host for stories: rooms in memory, and the steps of a server around the pure functions, without a server. A command
//! goes through the border, is judged on a case, its entries are applied, and what they ask is answered breadth-first;
//! a refused command changes nothing.

mod invariants;
mod signing;

use crate::{
    ask::{Address, Ask},
    command::Command,
    entry::{Author, Entry, Facts, Place, SaltedText, Seq, Worded},
    event::{Earlier, Event, departs},
    id::{DeviceId, Hash, MemberId, Nonce, OrgId, RoomId, RoomKind, Salt},
    limits,
    rejection::Rejection,
    room::{
        Actor, Admission, Case, Cited, Own, Policy, Room, State, Taking, Texts, apply, decide, due,
        fire, inbox, key, org, react, relation, side, take,
    },
    standing::{MemberCard, OrgCard, OrgKind, Role, Standing, Status, Tie},
    statement::{Certificate, Declaration, Statement, Use, public_key},
    text::Text,
    time::{Span, Timestamp},
    timeline::{Marks, Note},
};
use ed25519_dalek::SigningKey;
use signing::{chain, device_key};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Who sends a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Member(MemberId),
    Operator,
    Newcomer,
}

/// One room with all that stands beside it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    pub(crate) room: Room,
    pub(crate) texts: Texts,
    pub(crate) log: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub(crate) struct Host {
    pub(crate) rooms: BTreeMap<RoomId, Held>,
    pub(crate) now: Timestamp,
    /// Everything that was asked of rooms that this host does not run, in order.
    pub(crate) unheard: Vec<(RoomId, Ask)>,
    /// Deals that rest on the tie of two organisations, and are not run here either.
    pub(crate) deals: BTreeMap<RoomId, [OrgId; 2]>,
    /// What such a deal found when it was told to look, in order.
    pub(crate) looked: Vec<(RoomId, Option<Tie>)>,
    /// Who has something in hand in a room that is not run here.
    pub(crate) in_hand: BTreeSet<MemberId>,
    claims: BTreeMap<Hash, RoomId>,
    roots: BTreeMap<OrgId, SigningKey>,
    salts: u64,
}

/// What one transaction is made by.
#[derive(Clone)]
struct Cause {
    author: Author,
    statement: Option<Box<Statement>>,
    kind: String,
}

pub(crate) fn server() -> Hash {
    Hash::plain(b"a server for stories")
}

impl Host {
    /// A vendor, claimed by one admin, who is returned.
    pub(crate) fn with_vendor() -> (Self, MemberId) {
        let mut host = Self {
            rooms: BTreeMap::new(),
            now: "2026-05-04T09:30:00Z".parse().unwrap(),
            unheard: Vec::new(),
            deals: BTreeMap::new(),
            looked: Vec::new(),
            claims: BTreeMap::new(),
            roots: BTreeMap::new(),
            salts: 0,
            in_hand: BTreeSet::new(),
        };
        let admin = host.organisation(OrgKind::Vendor, 1, "Northwind");
        (host, admin)
    }

    /// An organisation, claimed by one admin, who is returned.
    pub(crate) fn organisation(&mut self, kind: OrgKind, bits: u8, name: &str) -> MemberId {
        let org = self.unclaimed(kind, bits, name);
        self.claim(org)
    }

    /// An organisation that nobody has claimed.
    pub(crate) fn unclaimed(&mut self, kind: OrgKind, bits: u8, name: &str) -> OrgId {
        let org = OrgId::from_bits([bits; 16]);
        let open = Command::Org(org::Command::Open { kind });
        self.run(Who::Operator, RoomId::org(org), open, &[name])
            .unwrap();
        org
    }

    /// Somebody claims it.
    pub(crate) fn claim(&mut self, org: OrgId) -> MemberId {
        let root = SigningKey::from_bytes(&[org.bits()[0]; 32]);
        let code = self.invite(org, Role::Admin, false);
        let chain = chain(org, &root);
        self.roots.insert(org, root.clone());
        let join = org::Command::Join {
            code,
            key: public_key(&device_key(org)),
            chain,
            root: Some(public_key(&root)),
        };
        let (room, join) = (RoomId::org(org), Command::Org(join));
        self.run(Who::Newcomer, room, join, &["Ada Admin"]).unwrap();
        org::member_of(code)
    }

    /// From here on its people sign by this root key.
    pub(crate) fn renewed(&mut self, org: OrgId, root: SigningKey) {
        self.roots.insert(org, root);
    }

    /// One more person of a claimed organisation. The operator makes no admins there: its own does.
    pub(crate) fn person(&mut self, org: OrgId, role: Role, alliance: bool) -> MemberId {
        let code = self.invite(org, role.min(Role::Lead), alliance);
        let join = org::Command::Join {
            code,
            key: public_key(&SigningKey::from_bytes(&code.0)),
            chain: vec![],
            root: None,
        };
        let (room, join) = (RoomId::org(org), Command::Org(join));
        self.run(Who::Newcomer, room, join, &["Pat Person"])
            .unwrap();
        let member = org::member_of(code);
        if role == Role::Admin {
            let people = &self.org(org).people;
            let (at, mut all) = (people[&member].at, people.iter());
            let admin = all.find(|(_, person)| person.role == Role::Admin);
            let admin = *admin.expect("an admin").0;
            let role = Command::Org(org::Command::Role {
                member,
                role,
                alliance,
                at,
            });
            self.run(Who::Member(admin), room, role, &[]).unwrap();
        }
        member
    }

    fn invite(&mut self, org: OrgId, role: Role, alliance: bool) -> Hash {
        self.salts += 1;
        let code = Hash::plain(&self.salts.to_be_bytes());
        let invitation = org::Invitation {
            code,
            chain: vec![],
            role,
            alliance,
            until: self.now + Span::days(1),
        };
        let invite = Command::Org(org::Command::Invite { invitation });
        self.run(Who::Operator, RoomId::org(org), invite, &[])
            .unwrap();
        code
    }

    pub(crate) fn room(&self, id: RoomId) -> &Room {
        &self.rooms[&id].room
    }

    pub(crate) fn org(&self, id: OrgId) -> &org::Org {
        match &self.room(RoomId::org(id)).state {
            State::Org(org) => org,
            other => panic!("an organisation's room holds {other:?}"),
        }
    }

    pub(crate) fn relation(&self, one: OrgId, other: OrgId) -> Option<&relation::Relation> {
        match &self.rooms.get(&RoomId::relation(one, other))?.room.state {
            State::Relation(relation) => Some(relation),
            other => panic!("a relation's room holds {other:?}"),
        }
    }

    /// What waits in a member's Inbox.
    pub(crate) fn needs(&self, member: MemberId) -> Vec<inbox::What> {
        match &self.room(RoomId::inbox(member)).state {
            State::Inbox(inbox) => inbox.needs.iter().map(|need| need.what).collect(),
            other => panic!("an Inbox holds {other:?}"),
        }
    }

    /// The last entry of a room.
    pub(crate) fn head(&self, id: RoomId) -> Seq {
        self.room(id).head.seq
    }

    pub(crate) fn org_of(&self, member: MemberId) -> OrgId {
        self.standing(member).unwrap().org.id
    }

    fn card(&self, id: OrgId) -> Option<OrgCard> {
        let held = self.rooms.get(&RoomId::org(id))?;
        let State::Org(org) = &held.room.state else {
            return None;
        };
        let class = org.class.value.clone().unwrap_or_default();
        Some(OrgCard {
            id,
            kind: org.kind,
            name: org.name.value.and_then(|at| held.texts.get(at)).cloned(),
            types: class.types,
            levels: class.levels,
            status: org.status,
            root: org.root,
            former: key::former(&held.room, id),
        })
    }

    fn standing(&self, member: MemberId) -> Option<Standing> {
        self.rooms.values().find_map(|held| {
            let State::Org(org) = &held.room.state else {
                return None;
            };
            let person = org.people.get(&member)?;
            let card = MemberCard {
                id: member,
                org: org.id,
                name: held.texts.get(person.name).cloned(),
                role: person.role,
                alliance: person.alliance,
                status: person.status,
            };
            Some(Standing {
                member: card,
                org: self.card(org.id)?,
            })
        })
    }

    fn tie(&self, one: OrgId, other: OrgId) -> Option<Tie> {
        Some(Tie {
            relation: RoomId::relation(one, other),
            agreements: self.relation(one, other)?.tie()?,
        })
    }

    /// In which role a member reads a room, if at all.
    pub(crate) fn reads(&self, member: MemberId, id: RoomId) -> Option<Role> {
        let standing = self.standing(member)?;
        let room = &self.rooms.get(&id)?.room;
        let tied = |org| self.tie(standing.org.id, org).is_some();
        room.audience
            .admits(&standing, tied)
            .map(|terms| terms.role)
    }

    /// Every entry of every room that a member of this organisation reads: all that it can know.
    pub(crate) fn seen_by(&self, members: &[MemberId]) -> Vec<Vec<u8>> {
        self.rooms
            .iter()
            .filter(|(id, _)| members.iter().any(|one| self.reads(*one, **id).is_some()))
            .flat_map(|(_, held)| held.log.iter().map(Entry::encode))
            .collect()
    }

    fn salted(&mut self, text: &str) -> SaltedText {
        self.salts += 1;
        SaltedText {
            salt: Salt(Hash::plain(&self.salts.to_be_bytes()).0),
            text: Text::parse(text).unwrap(),
        }
    }

    /// Runs a command as the server would.
    pub(crate) fn run(
        &mut self,
        who: Who,
        id: RoomId,
        command: Command,
        words: &[&str],
    ) -> Result<(), Rejection> {
        let texts: Vec<_> = words.iter().map(|words| self.salted(words)).collect();
        let facts = Facts::write(&Worded::new(command, texts.clone()));
        let command = Command::read(&facts, texts)?;
        let mut scratch = self.clone();
        scratch.clocks(id);
        let events = scratch.judge(who, id, &command)?;
        let cause = scratch.cause(who, id, &command, facts);
        scratch.settle(id, &cause, events);
        *self = scratch;
        Ok(())
    }

    fn judge(
        &self,
        who: Who,
        id: RoomId,
        command: &Worded<Command>,
    ) -> Result<Vec<Worded<Event>>, Rejection> {
        let (void, nothing) = (Room::default(), Texts::default());
        let held = self.rooms.get(&id);
        let named = command.what.named(&command.texts);
        let standing = match who {
            Who::Member(member) => Some(self.standing(member).expect("a member of the story")),
            Who::Operator | Who::Newcomer => None,
        };
        let own = Own::default();
        let admission = match who {
            Who::Operator => Admission::Operator,
            Who::Newcomer => Admission::Invited,
            Who::Member(member) => {
                self.reads(member, id)
                    .map_or(Admission::Outsider, |role| Admission::Seat {
                        role,
                        since: Seq::ZERO,
                        own: &own,
                    })
            }
        };
        let held = held.filter(|_| !matches!(admission, Admission::Outsider));
        let other = named.org.and_then(|org| self.card(org));
        let tie = standing
            .as_ref()
            .zip(named.org)
            .and_then(|(own, other)| self.tie(own.org.id, other));
        let members: Vec<_> = named
            .members
            .iter()
            .filter_map(|member| Some(self.standing(*member)?.member))
            .collect();
        let (note, marks) = (Note::default(), Marks::default());
        let cited = named.cites.and_then(|seq| {
            let entry = held?.log.iter().find(|entry| entry.seq == seq)?;
            Some(Cited {
                entry,
                note: &note,
                marks: &marks,
            })
        });
        let fresh: Vec<_> = (0..limits::FRESH_MAX)
            .map(|i| crate::id::digest16("story", &[&id.to_key(), &i.to_be_bytes()]))
            .collect();
        let case = Case {
            id,
            room: held.map_or(&void, |held| &held.room),
            texts: held.map_or(&nothing, |held| &held.texts),
            admission,
            actor: match (who, &standing) {
                (Who::Operator, _) => Actor::Operator,
                (_, Some(standing)) => Actor::Member(standing),
                (_, None) => Actor::Newcomer,
            },
            tie: tie.as_ref(),
            other: other.as_ref(),
            named: &members,
            cited,
            home: None,
            claim: named
                .claim
                .and_then(|claim| self.claims.get(&claim).copied()),
            code_used: named
                .code
                .is_some_and(|code| self.claims.contains_key(&code)),
            policy: Policy::None,
            server: server(),
            fresh: &fresh,
            now: self.now,
        };
        decide(&case, command)
    }

    /// Applies events and answers what they ask, breadth-first, until nothing is asked any more.
    fn settle(&mut self, id: RoomId, cause: &Cause, events: Vec<Worded<Event>>) {
        let mut asks = VecDeque::new();
        for event in events {
            asks.extend(self.append(id, cause, event));
        }
        let mut asked = 0;
        while let Some((address, ask)) = asks.pop_front() {
            asked += 1;
            assert!(asked <= limits::REACTIONS_MAX, "a story is not so wide");
            for id in self.expand(address) {
                if let Ask::Inbox(ask) = &ask
                    && let Some((room, _)) = ask.told_of()
                    && self
                        .owner(id)
                        .is_none_or(|member| self.reads(member, room).is_none())
                {
                    continue;
                }
                let unshown = Cause {
                    author: Author::Rule,
                    statement: None,
                    kind: cause.kind.clone(),
                };
                let cause = if ask.shows_author() { cause } else { &unshown };
                for event in self.answers(id, &ask) {
                    asks.extend(self.append(id, cause, event));
                }
            }
        }
    }

    fn answers(&mut self, id: RoomId, ask: &Ask) -> Vec<Worded<Event>> {
        let tie = ask.tie().map(|[one, other]| self.tie(one, other));
        if let Some(tie) = &tie {
            self.looked.push((id, tie.clone()));
        }
        if matches!(
            id.kind(),
            RoomKind::Referral | RoomKind::Deal | RoomKind::Side
        ) {
            self.unheard.push((id, ask.clone()));
            return vec![];
        }
        let absent = Held::default();
        let held = self.rooms.get(&id).unwrap_or(&absent);
        take(&Taking {
            id,
            room: &held.room,
            texts: &held.texts,
            tie: tie.flatten().as_ref(),
            ask,
            fresh: &[],
            now: self.now,
        })
    }

    fn append(&mut self, id: RoomId, cause: &Cause, event: Worded<Event>) -> Vec<(Address, Ask)> {
        if let Event::Org(org::Event::Opened { claim, .. } | org::Event::Renamed { claim, .. }) =
            &event.what
        {
            self.claims.insert(*claim, id);
        }
        if let Event::Org(org::Event::Invited { invitation }) = &event.what {
            self.claims
                .insert(org::invitation_claim(invitation.code), id);
        }
        if cause.statement.is_some() {
            let kind = event.what.kind();
            let justified = event.what.justified_by(&cause.kind);
            assert!(justified, "{} does not justify {kind}", cause.kind);
        }
        let mut asks = vec![];
        let held = self.rooms.entry(id).or_default();
        let statement = cause.statement.as_deref();
        for renewed in key::renewals(&held.room, id, &event.what, statement) {
            let rule = Cause {
                author: Author::Rule,
                statement: None,
                kind: String::new(),
            };
            asks.extend(self.append(id, &rule, Worded::plain(Event::Key(renewed))));
        }
        let held = self.rooms.entry(id).or_default();
        let entry = Entry::new(
            Place {
                room: id,
                after: held.room.head,
                term: 1,
                at: self.now,
                author: cause.author,
                statement: cause.statement.clone(),
            },
            event,
        );
        if let Some(statement) = &cause.statement {
            let said = statement.read().unwrap();
            let earlier: Earlier = held.log.iter().collect();
            assert_eq!(
                departs(&said, &entry, &earlier),
                None,
                "{said:?}: {entry:?}"
            );
        }
        apply(&mut held.room, &entry);
        held.texts.keep(&held.room, &entry);
        asks.extend(react(&held.room, &entry));
        held.log.push(entry);
        asks
    }

    fn expand(&self, address: Address) -> Vec<RoomId> {
        let people = |fits: &dyn Fn(&org::Org, &org::Person) -> bool| -> Vec<RoomId> {
            self.rooms
                .values()
                .filter_map(|held| match &held.room.state {
                    State::Org(org) => Some(org),
                    _ => None,
                })
                .flat_map(|org| {
                    org.people
                        .iter()
                        .filter(|(_, person)| person.status == Status::Active && fits(org, person))
                })
                .map(|(member, _)| RoomId::inbox(*member))
                .collect()
        };
        match address {
            Address::Room(id) => vec![id],
            // There is no business in these stories: whoever has something in hand is said by the story.
            Address::Heirs { org, of } => people(&|room, person| {
                self.in_hand.contains(&of) && room.id == org && person.role == Role::Admin
            }),
            Address::Seated { .. } => vec![],
            Address::Deals { of: [one, other] } => {
                let two = [[one, other], [other, one]];
                let deals = self.deals.iter().filter(|(_, of)| two.contains(of));
                deals.map(|(deal, _)| *deal).collect()
            }
            Address::Roles { org, min_role } => {
                people(&|of, person| of.id == org && person.role >= min_role)
            }
            Address::Vendor {
                min_role,
                alliance_only,
            } => people(&|of, person| {
                of.kind == OrgKind::Vendor
                    && person.role >= min_role
                    && (person.alliance || !alliance_only)
            }),
        }
    }

    fn owner(&self, inbox: RoomId) -> Option<MemberId> {
        match &self.rooms.get(&inbox)?.room.state {
            State::Inbox(inbox) => Some(inbox.member),
            _ => None,
        }
    }

    /// Fires what is due in a room.
    fn clocks(&mut self, id: RoomId) {
        for _ in 0..1_000 {
            let Some(room) = self.rooms.get(&id).map(|held| &held.room) else {
                return;
            };
            let Some((_, clock)) = due(room).filter(|(at, _)| *at <= self.now) else {
                return;
            };
            let events = fire(room, &clock, self.now);
            assert!(!events.is_empty(), "{clock:?} ran out and changes nothing");
            let cause = Cause {
                author: Author::Rule,
                statement: None,
                kind: String::new(),
            };
            self.settle(id, &cause, events);
            assert_eq!(
                fire(self.room(id), &clock, self.now),
                vec![],
                "a clock fires once"
            );
        }
        panic!("the clocks of a room never stop");
    }

    /// Lets time pass, and every clock that runs out meanwhile.
    pub(crate) fn pass(&mut self, span: Span) {
        self.now = self.now + span;
        let ids: Vec<_> = self.rooms.keys().copied().collect();
        ids.into_iter().for_each(|id| self.clocks(id));
    }
}
