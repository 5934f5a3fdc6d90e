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
    view::{self, Theme},
};
use jiff::tz::{TimeZone, offset};
use ratatui::{Terminal, backend::TestBackend};
use rialto_shared::{
    command::Command,
    entry::{Author, Entry, Place, SaltedText, Seq, Slot, Worded},
    event::Event,
    id::{DeviceId, Hash, MemberId, OrgId, RoomId, RoomKind, Salt},
    protocol::{Down, Outcome, Snapshot, Transport, Up},
    rejection::Refusal,
    room::{
        self, Actor, Admission, Case, Cited, Own, Policy, Room, Texts, channel, direct, inbox, talk,
    },
    standing::{MemberCard, OrgCard, OrgKind, Role, Standing, Status},
    text::{Emoji, TextKind},
    time::{Span, Timestamp},
    timeline::{Marks, Note},
};
use serde_json::value::RawValue;
use std::{
    collections::{BTreeMap, BTreeSet},
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

const BRIGHTPATH: u8 = 11;
const NORTHWIND: u8 = 12;
const KUMO: u8 = 13;

/// Who a number is: name, organisation, role.
const PEOPLE: [(u8, &str, u8, Role); 4] = [
    (ANA, "Ana Weber", BRIGHTPATH, Role::Lead),
    (PRIYA, "Priya Nair", NORTHWIND, Role::Admin),
    (TOM, "Tom Becker", NORTHWIND, Role::Rep),
    (MEI, "Mei Tanaka", KUMO, Role::Rep),
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
        root: None,
    }
}

struct Log {
    room: Room,
    texts: Texts,
    entries: Vec<Entry>,
}

/// An ecosystem and Ana's console on it.
pub(crate) struct Stage {
    pub(crate) app: App,
    logs: BTreeMap<RoomId, Log>,
    connection: u64,
    _home: tempfile::TempDir,
}

impl Stage {
    /// Ana's console, before anything was heard.
    pub(crate) fn dark() -> Self {
        let home = tempfile::tempdir().unwrap();
        let account = Account {
            name: "northwind".to_owned(),
            dir: home.path().to_owned(),
            about: About {
                server: Hash([7; 32]),
                transport: Transport::Plain,
                host: "rialto.northwind.example".to_owned(),
                port: 7447,
                member: member(ANA),
                org: org(BRIGHTPATH),
                device: DeviceId::from_bits([ANA; 16]),
                chain: vec![],
            },
            key: DeviceKey::from_seed(&[ANA; 32]),
            root: None,
        };
        let console = Console::open(account).unwrap();
        let zone = TimeZone::fixed(offset(2));
        Self {
            app: App::new(console, NOW, zone).unwrap(),
            logs: BTreeMap::new(),
            connection: 0,
            _home: home,
        }
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
        let (n, name, of, role) = PEOPLE[0];
        self.frame(Down::Welcome {
            member: Box::new(member_card(n, name, of, role)),
            org: Box::new(org_card(BRIGHTPATH, "BrightPath")),
            device: DeviceId::from_bits([ANA; 16]),
            server_name: TextKind::Name.parse("Northwind").unwrap(),
            policy: Policy::None,
            now: NOW,
        });
        self.frame(Down::Cards {
            members: PEOPLE
                .iter()
                .map(|(n, name, of, role)| member_card(*n, name, *of, *role))
                .collect(),
            orgs: ORGS.iter().map(|(n, name)| org_card(*n, name)).collect(),
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

    fn partner_news(&mut self) {
        self.channel(NEWS, "partner-news", channel::Reach::Announcement);
        let read = self.say(NEWS, PRIYA, 3_000, "Welcome to the program.");
        self.read(NEWS, read);
        self.say(NEWS, PRIYA, 60, "Gold benefits for 2027 are out.");
    }

    fn tom(&mut self) {
        let people = [TOM, ANA]
            .map(|n| direct::Person {
                id: member(n),
                org: org_of(n),
            })
            .to_vec();
        let room = direct_with(TOM);
        self.begin(
            room,
            TOM,
            400,
            Event::Direct(direct::Event::Opened { people }),
            &[],
        );
        self.say(room, TOM, 120, "Thursday works, see you at ten.");
    }

    pub(crate) fn news(&mut self, news: News) -> Vec<Effect> {
        self.app.update(Input::News(news))
    }

    pub(crate) fn frame(&mut self, frame: Down) -> Vec<Effect> {
        self.news(News::Frame(Box::new(frame)))
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, millis: i64) -> Vec<Effect> {
        let now = self.app.now + Span::millis(millis);
        self.app.update(Input::Tick(now))
    }

    /// Presses keys: characters as they are, others as in `<ctrl+k>` and `<enter>`.
    pub(crate) fn keys(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = vec![];
        let mut rest = keys;
        while let Some(c) = rest.chars().next() {
            let named = rest
                .strip_prefix('<')
                .and_then(|after| after.split_once('>'));
            let chord = match named.and_then(|(name, after)| Some((name.parse().ok()?, after))) {
                Some((chord, after)) => {
                    rest = after;
                    chord
                }
                None => {
                    rest = &rest[c.len_utf8()..];
                    Chord::plain(Code::Char(c))
                }
            };
            effects.extend(self.app.update(Input::Key(chord)));
        }
        effects
    }

    pub(crate) fn terminal(&mut self, width: u16, height: u16) -> Terminal<TestBackend> {
        self.app.update(Input::Resize(Size { width, height }));
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let app = &self.app;
        terminal
            .draw(|frame| view::draw(app, Theme::Sixteen, frame))
            .unwrap();
        terminal
    }

    /// The screen as text.
    pub(crate) fn screen(&mut self, width: u16, height: u16) -> String {
        let terminal = self.terminal(width, height);
        let buffer = terminal.backend().buffer();
        let mut rows = String::new();
        for y in 0..height {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..width {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buffer[(x, y)].symbol();
                skip = crate::app::words::width(symbol).saturating_sub(1);
                row.push_str(symbol);
            }
            rows.push_str(row.trim_end());
            rows.push('\n');
        }
        rows
    }

    #[track_caller]
    pub(crate) fn sees(&mut self, words: &str) {
        let screen = self.screen(120, 36);
        assert!(screen.contains(words), "{words:?} is not in\n{screen}");
    }

    #[track_caller]
    pub(crate) fn sees_no(&mut self, words: &str) {
        let screen = self.screen(120, 36);
        assert!(!screen.contains(words), "{words:?} is in\n{screen}");
    }

    /// What the rules make of a command of Ana's.
    fn decide(&self, id: RoomId, command: &Worded<Command>) -> Vec<Worded<Event>> {
        let log = &self.logs[&id];
        let (n, name, of, role) = PEOPLE[0];
        let standing = Standing {
            member: member_card(n, name, of, role),
            org: org_card(BRIGHTPATH, "BrightPath"),
        };
        let named = command.what.named(&command.texts);
        let own = Own::default();
        let terms = log.room.audience.admits(&standing, |_| true).unwrap();
        let (note, marks) = (Note::default(), Marks::default());
        let cited = named.cites.map(|seq| Cited {
            entry: &log.entries[usize::try_from(seq.0).unwrap() - 1],
            note: &note,
            marks: &marks,
        });
        let members: Vec<MemberCard> = PEOPLE
            .iter()
            .map(|(n, name, of, role)| member_card(*n, name, *of, *role))
            .filter(|card| named.members.contains(&card.id))
            .collect();
        let case = Case {
            id,
            room: &log.room,
            texts: &log.texts,
            admission: Admission::Seat {
                role: terms.role,
                since: terms.since,
                own: &own,
            },
            actor: Actor::Member(&standing),
            tie: None,
            other: None,
            named: &members,
            cited,
            claim: None,
            policy: Policy::None,
            server: Hash([7; 32]),
            fresh: &[[0; 16]; 4],
            now: NOW,
        };
        room::decide(&case, command).unwrap()
    }

    /// The server takes a command that was sent, and its entries come; `None` where nothing was sent.
    pub(crate) fn answer(&mut self, effects: &[Effect]) -> Option<RoomId> {
        let mut answered = None;
        for frame in sent(effects) {
            let Up::Command {
                lane,
                n,
                room,
                facts,
                texts,
                ..
            } = frame
            else {
                continue;
            };
            let command = Command::read(facts, texts.clone()).unwrap();
            let events = self.decide(*room, &command);
            let seq = self.logs[room].room.head.seq.next();
            let outcome = Outcome::Accepted {
                room: *room,
                from: seq,
                to: seq,
                at: NOW,
            };
            self.frame(Down::Answer {
                lane: *lane,
                n: *n,
                outcome,
            });
            for event in events {
                self.put(*room, ANA, 0, event);
            }
            answered = Some(*room);
        }
        answered
    }

    /// The server refuses a command that was sent.
    pub(crate) fn refuse(&mut self, effects: &[Effect], words: &str) {
        for frame in sent(effects) {
            if let Up::Command { lane, n, .. } = frame {
                let refusal = Refusal {
                    code: "state".to_owned(),
                    field: String::new(),
                    words: words.to_owned(),
                };
                self.frame(Down::Answer {
                    lane: *lane,
                    n: *n,
                    outcome: Outcome::Refused(refusal),
                });
            }
        }
    }
}

/// Ana's conversation with somebody.
pub(crate) fn direct_with(n: u8) -> RoomId {
    RoomId::direct(&BTreeSet::from([member(ANA), member(n)]))
}

/// The frames among effects that go up.
pub(crate) fn sent(effects: &[Effect]) -> Vec<&Up> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Order(Order::Send { frame, .. }) => Some(&**frame),
            Effect::Order(Order::Reconnect | Order::Stop)
            | Effect::Bell
            | Effect::Notify(_)
            | Effect::Copy(_)
            | Effect::Edit(_)
            | Effect::Suspend
            | Effect::Repaint
            | Effect::Mouse(_)
            | Effect::Quit => None,
        })
        .collect()
}

impl Stage {
    /// Somebody says something; what the console does about it.
    pub(crate) fn heard(
        &mut self,
        room: RoomId,
        by: u8,
        event: talk::Event,
        text: &str,
    ) -> Vec<Effect> {
        let texts = vec![salted(TextKind::Body, text)];
        self.append(room, by, 0, Worded::new(Event::Talk(event), texts));
        let entry = self.logs[&room].entries.last().unwrap();
        let raw = RawValue::from_string(String::from_utf8(entry.encode()).unwrap()).unwrap();
        self.frame(Down::Entries {
            room,
            entries: vec![raw],
        })
    }

    pub(crate) fn archive(&mut self, room: RoomId) {
        let archived = Event::Channel(channel::Event::Archived {});
        self.put(room, PRIYA, 1, Worded::plain(archived));
    }

    /// The server serves the pages that were asked for: the whole log.
    pub(crate) fn serve(&mut self, effects: &[Effect]) {
        for frame in sent(effects) {
            let Up::Page { id, room, .. } = frame else {
                continue;
            };
            let log = &self.logs[room];
            let entries = log.entries.iter().map(|entry| {
                RawValue::from_string(String::from_utf8(entry.encode()).unwrap()).unwrap()
            });
            let page = Down::Page {
                id: *id,
                room: *room,
                head: log.room.head.seq,
                entries: entries.collect(),
                notes: vec![],
                marks: vec![],
                more: false,
            };
            self.frame(page);
        }
    }
}

/// The commands among effects: their facts and texts.
pub(crate) fn commands(effects: &[Effect]) -> Vec<(String, Vec<String>)> {
    sent(effects)
        .into_iter()
        .filter_map(|up| {
            let Up::Command { facts, texts, .. } = up else {
                return None;
            };
            let texts = texts.iter().map(|text| text.text.to_string());
            Some((facts.clone(), texts.collect()))
        })
        .collect()
}
