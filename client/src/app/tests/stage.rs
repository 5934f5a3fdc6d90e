//! A small ecosystem to put consoles on: its rooms' logs are made by the rules themselves, its clock stands still, and
//! its ids are the same each time.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::{
    account::{About, Account, DeviceKey},
    app::{
        App,
        effect::Effect,
        input::{Chord, Code, Input, Size},
    },
    console::Console,
    link::{LinkState, News, Order},
    route::{Route, Trust},
    view::{self, Theme},
};
use ed25519_dalek::SigningKey;
use jiff::tz::{TimeZone, offset};
use ratatui::{Terminal, backend::TestBackend};
use rialto_shared::{
    command::Command,
    entry::{Author, Entry, Place, SaltedText, Seq, Slot, Worded},
    event::Event,
    id::{DeviceId, Hash, MemberId, OrgId, PublicKey, RoomId, RoomKind, Salt},
    protocol::{Down, Outcome, Snapshot, Transport, Up},
    rejection::Refusal,
    room::{
        self, Actor, Admission, Case, Cited, Own, Policy, Room, Texts, channel, direct, inbox, talk,
    },
    standing::{MemberCard, OrgCard, OrgKind, Role, Standing, Status},
    statement::{Certificate, Use},
    text::{Emoji, TextKind},
    time::{Span, Timestamp},
    timeline::{Marks, Note},
};
use serde_json::value::RawValue;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

/// Half past nine in London, half past eleven where the console stands.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_777_887_000_000);

pub(crate) const ANA: u8 = 1;
pub(crate) const PRIYA: u8 = 2;
pub(crate) const TOM: u8 = 3;
pub(crate) const MEI: u8 = 4;

pub(crate) const LAUNCH: RoomId = RoomId::new(RoomKind::Channel, [21; 16]);
pub(crate) const NEWS: RoomId = RoomId::new(RoomKind::Channel, [22; 16]);

pub(crate) const RUI: u8 = 5;

const BRIGHTPATH: u8 = 11;
pub(crate) const NORTHWIND: u8 = 12;
pub(crate) const KUMO: u8 = 13;

/// Who a number is: name, organisation, role.
const PEOPLE: [(u8, &str, u8, Role); 5] = [
    (ANA, "Ana Weber", BRIGHTPATH, Role::Lead),
    (PRIYA, "Priya Nair", NORTHWIND, Role::Admin),
    (TOM, "Tom Becker", NORTHWIND, Role::Rep),
    (MEI, "Mei Tanaka", KUMO, Role::Rep),
    (RUI, "Rui Costa", BRIGHTPATH, Role::Rep),
];
const ORGS: [(u8, &str); 3] = [
    (BRIGHTPATH, "BrightPath"),
    (NORTHWIND, "Northwind"),
    (KUMO, "Kumo KK"),
];

pub(crate) fn member(n: u8) -> MemberId {
    MemberId::from_bits([n; 16])
}

pub(crate) fn org(n: u8) -> OrgId {
    OrgId::from_bits([n; 16])
}

pub(crate) fn org_of(n: u8) -> OrgId {
    let (_, _, of, _) = PEOPLE.iter().find(|(id, ..)| *id == n).unwrap();
    org(*of)
}

pub(crate) fn salted(kind: TextKind, text: &str) -> SaltedText {
    SaltedText {
        salt: Salt([5; 32]),
        text: kind.parse(text).unwrap(),
    }
}

fn member_card(n: u8, name: &str, of: u8, role: Role) -> MemberCard {
    MemberCard {
        id: member(n),
        org: org(of),
        name: Some(salted(TextKind::Name, name)),
        role,
        alliance: n == PRIYA,
        status: Status::Active,
    }
}

fn org_card(n: u8, name: &str) -> OrgCard {
    OrgCard {
        id: org(n),
        kind: if n == NORTHWIND {
            OrgKind::Vendor
        } else {
            OrgKind::Partner
        },
        name: Some(salted(TextKind::Name, name)),
        types: BTreeSet::new(),
        levels: BTreeMap::new(),
        status: Status::Active,
        root: Some(PublicKey([n; 32])),
        former: vec![],
    }
}

struct Log {
    room: Room,
    texts: Texts,
    entries: Vec<Entry>,
}

/// Ana's console with what her machine holds.
fn opened(home: &Path) -> App {
    let key = DeviceKey::from_seed(&[ANA; 32]);
    let root = SigningKey::from_bytes(&[9; 32]);
    let of = org(BRIGHTPATH);
    let certificate = Certificate::issue(&root, Hash([7; 32]), of, key.public(), Use::Device);
    let account = Account {
        name: "northwind".to_owned(),
        dir: home.to_owned(),
        about: About {
            server: Hash([7; 32]),
            transport: Transport::Plain,
            host: "rialto.northwind.example".to_owned(),
            port: 7447,
            member: member(ANA),
            org: org(BRIGHTPATH),
            device: DeviceId::from_bits([ANA; 16]),
            chain: vec![certificate],
            proxy: None,
            trust: Trust::Pinned,
        },
        key,
        root: None,
        route: Route::default(),
        known: None,
    };
    let console = Console::open(account).unwrap();
    let zone = TimeZone::fixed(offset(2));
    App::new(console, NOW, zone).unwrap()
}

/// An ecosystem and Ana's console on it.
pub(crate) struct Stage {
    pub(crate) app: App,
    logs: BTreeMap<RoomId, Log>,
    connection: u64,
    home: tempfile::TempDir,
}

impl Stage {
    /// Ana's console, before anything was heard.
    pub(crate) fn dark() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self {
            app: opened(home.path()),
            logs: BTreeMap::new(),
            connection: 0,
            home,
        }
    }

    /// The console ends, and the next one on the same machine connects.
    pub(crate) fn again(self) -> Self {
        let Self {
            app,
            logs,
            connection,
            home,
        } = self;
        drop(app);
        let mut stage = Self {
            app: opened(home.path()),
            logs,
            connection,
            home,
        };
        stage.connect();
        stage
    }

    /// Connected, with an Inbox and nothing in it.
    pub(crate) fn empty() -> Self {
        let mut stage = Self::dark();
        stage.connect();
        stage.open_inbox();
        stage.frame(Down::Ready { rooms: 1 });
        stage.app.update(Input::Focus(true));
        stage
    }

    /// Connected, on an ordinary morning.
    pub(crate) fn morning() -> Self {
        let mut stage = Self::dark();
        stage.connect();
        stage.open_inbox();
        stage.launch();
        stage.partner_news();
        stage.tom();
        stage.frame(Down::Ready { rooms: 4 });
        stage.app.update(Input::Focus(true));
        stage
    }

    pub(crate) fn connect(&mut self) {
        self.connection += 1;
        let connection = self.connection;
        self.news(News::State(LinkState::Live { connection }));
        let (_, _, _, role) = PEOPLE[0];
        self.welcome(role);
        self.frame(Down::Cards {
            members: PEOPLE
                .iter()
                .map(|(n, name, of, role)| member_card(*n, name, *of, *role))
                .collect(),
            orgs: ORGS.iter().map(|(n, name)| org_card(*n, name)).collect(),
        });
    }

    /// Ana has another role from here on.
    pub(crate) fn role(&mut self, role: Role) {
        self.welcome(role);
        self.frame(Down::Ready { rooms: 1 });
    }

    fn welcome(&mut self, role: Role) {
        let (n, name, of, _) = PEOPLE[0];
        self.frame(Down::Welcome {
            member: Box::new(member_card(n, name, of, role)),
            org: Box::new(org_card(BRIGHTPATH, "BrightPath")),
            device: DeviceId::from_bits([ANA; 16]),
            server_name: TextKind::Name.parse("Northwind").unwrap(),
            policy: Policy::None,
            vendor: Some(org(NORTHWIND)),
            now: NOW,
        });
    }

    pub(crate) fn disconnect(&mut self, why: &str) {
        self.news(News::State(LinkState::Down {
            why: why.to_owned(),
            again_in: Duration::from_secs(8),
        }));
    }

    fn open_inbox(&mut self) {
        let opened = inbox::Event::Opened {
            member: member(ANA),
            org: org(BRIGHTPATH),
        };
        self.begin(
            RoomId::inbox(member(ANA)),
            ANA,
            600,
            Event::Inbox(opened),
            &[],
        );
    }

    /// Something waits in Ana's Inbox.
    pub(crate) fn needs(&mut self, what: inbox::What, room: RoomId, seq: Seq, minutes: i64) {
        let noted = inbox::Event::Noted { what, room, seq };
        let inbox = RoomId::inbox(member(ANA));
        self.put(inbox, PRIYA, minutes, Worded::plain(Event::Inbox(noted)));
    }

    /// A room begins; its first entry comes as a snapshot.
    pub(crate) fn begin(
        &mut self,
        room: RoomId,
        by: u8,
        minutes: i64,
        event: Event,
        texts: &[(TextKind, &str)],
    ) {
        let texts = texts
            .iter()
            .map(|(kind, text)| salted(*kind, text))
            .collect();
        let log = Log {
            room: Room::default(),
            texts: Texts::default(),
            entries: vec![],
        };
        self.logs.insert(room, log);
        self.append(room, by, minutes, Worded::new(event, texts));
        self.snapshot(room);
    }

    fn append(&mut self, id: RoomId, by: u8, minutes: i64, event: Worded<Event>) -> Seq {
        let log = self.logs.get_mut(&id).unwrap();
        let place = Place {
            room: id,
            after: log.room.head,
            term: 1,
            at: NOW - Span::millis(minutes * 60_000),
            author: Author::Member {
                id: member(by),
                org: org_of(by),
                device: DeviceId::from_bits([by; 16]),
            },
            statement: None,
        };
        let entry = Entry::new(place, event);
        room::apply(&mut log.room, &entry);
        log.texts.keep(&log.room, &entry);
        log.entries.push(entry);
        log.room.head.seq
    }

    /// The room as it is now, whole.
    pub(crate) fn snapshot(&mut self, room: RoomId) {
        let log = &self.logs[&room];
        let snapshot = Snapshot {
            head: log.room.head,
            room: log.room.clone(),
            texts: log.texts.clone(),
            since: Seq::ZERO,
        };
        let body = serde_json::to_string(&snapshot).unwrap();
        self.frame(Down::Snapshot {
            room,
            part: 0,
            parts: 1,
            body,
        });
    }

    /// A new entry comes.
    pub(crate) fn put(&mut self, room: RoomId, by: u8, minutes: i64, event: Worded<Event>) -> Seq {
        let seq = self.append(room, by, minutes, event);
        let entry = self.logs[&room].entries.last().unwrap();
        let raw = RawValue::from_string(String::from_utf8(entry.encode()).unwrap()).unwrap();
        self.frame(Down::Entries {
            room,
            entries: vec![raw],
        });
        seq
    }

    pub(crate) fn talk(
        &mut self,
        room: RoomId,
        by: u8,
        minutes: i64,
        event: talk::Event,
        text: Option<&str>,
    ) -> Seq {
        let texts = text
            .map(|text| salted(TextKind::Body, text))
            .into_iter()
            .collect();
        self.put(room, by, minutes, Worded::new(Event::Talk(event), texts))
    }

    pub(crate) fn say(&mut self, room: RoomId, by: u8, minutes: i64, text: &str) -> Seq {
        self.say_to(room, by, minutes, text, None, &[])
    }

    pub(crate) fn say_to(
        &mut self,
        room: RoomId,
        by: u8,
        minutes: i64,
        text: &str,
        thread: Option<Seq>,
        mentions: &[u8],
    ) -> Seq {
        let said = talk::Event::Said {
            thread,
            mentions: mentions.iter().map(|n| member(*n)).collect(),
            body: Slot(0),
        };
        self.talk(room, by, minutes, said, Some(text))
    }

    pub(crate) fn react(&mut self, room: RoomId, by: u8, target: Seq, emoji: &str) {
        let emoji: Emoji = emoji.parse().unwrap();
        let on = true;
        self.talk(
            room,
            by,
            1,
            talk::Event::Reacted { target, emoji, on },
            None,
        );
    }

    /// Says how far Ana has read.
    pub(crate) fn read(&mut self, room: RoomId, seq: Seq) {
        let head = self.logs[&room].room.head.seq;
        self.frame(Down::Heads {
            heads: vec![(room, head, seq)],
        });
    }

    pub(crate) fn channel(&mut self, room: RoomId, handle: &str, reach: channel::Reach) {
        let settings = channel::Settings {
            handle: handle.parse().unwrap(),
            reach,
            post: channel::Who::Reps,
            invite: channel::Who::Reps,
            slow: Span::millis(0),
        };
        let opened = channel::Event::Opened {
            host: org(NORTHWIND),
            settings,
            purpose: Slot(0),
            lead: None,
        };
        let purpose = [(TextKind::Words, "What this is for")];
        self.begin(room, PRIYA, 900, Event::Channel(opened), &purpose);
        let joined = Event::Inbox(inbox::Event::Joined { room });
        let inbox = RoomId::inbox(member(ANA));
        self.put(inbox, ANA, 899, Worded::plain(joined));
    }

    fn launch(&mut self) {
        self.channel(LAUNCH, "emea-launch", channel::Reach::Community);
        let root = self.say(
            LAUNCH,
            PRIYA,
            200,
            "Launch date moved to 3 Dec. Deck v4 is in Files.",
        );
        let mei = self.say(
            LAUNCH,
            MEI,
            198,
            "APACパートナー also ready. 日本語 page is live.",
        );
        for by in [PRIYA, TOM, ANA] {
            self.react(LAUNCH, by, mei, "👍");
        }
        self.say_to(LAUNCH, TOM, 180, "Why the slip?", Some(root), &[]);
        let last = self.say_to(
            LAUNCH,
            PRIYA,
            175,
            "Legal wants the DPA signed first.",
            Some(root),
            &[],
        );
        self.read(LAUNCH, last);
        let asked = self.say_to(
            LAUNCH,
            TOM,
            20,
            "@Ana.Weber can BrightPath take the Thursday slot?\nNeed a yes by noon to hold the room.",
            None,
            &[ANA],
        );
        self.say(LAUNCH, TOM, 19, "I would rather not move it again.");
        let edited = self.say(LAUNCH, MEI, 10, "Kumo is in.");
        self.talk(
            LAUNCH,
            MEI,
            9,
            talk::Event::Edited {
                target: edited,
                body: Slot(0),
            },
            Some("Kumo is in, both days."),
        );
        let gone = self.say(LAUNCH, MEI, 8, "wrong window");
        self.talk(LAUNCH, MEI, 8, talk::Event::Deleted { target: gone }, None);
        self.say(LAUNCH, PRIYA, 5, "Recording: northwind.example/rec/88");
        self.needs(inbox::What::Mention, LAUNCH, asked, 20);
    }
}

mod sending;

pub(crate) use sending::{commands, direct_with, sent};
