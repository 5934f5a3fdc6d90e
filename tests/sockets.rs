//! The journey of a customer over real sockets: real clients on a real server, which is stopped and started in between, and
//! is not needed to prove what was agreed.

mod door;
mod leaving;

use crate::{
    journeys::{CASE, draft},
    town::{PATIENCE, Person, Town, join},
};
use rialto::{
    account::Home,
    client::{Client, ClientError},
    console::{Console, now},
    link::LinkState,
    verify::{Breach, Known, verify},
};
use rialto_server::config::TlsMode;
use rialto_shared::{
    command::Command,
    entry::{Entry, SaltedText, Seq},
    event::{self, Event},
    id::{RoomId, RoomKind},
    limits,
    protocol::{Hit, Query},
    room::{channel, deal, inbox, org, referral, side, talk},
    standing::Role,
    time::Span,
};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::{Instant, timeout_at};

/// Everybody, and what the rooms are called in what is expected.
struct Cast {
    town: Town,
    people: BTreeMap<&'static str, Person>,
    names: BTreeMap<RoomId, String>,
}

impl Cast {
    fn of(&mut self, name: &str) -> &mut Person {
        self.people.get_mut(name).unwrap()
    }

    async fn joins(&mut self, name: &'static str, link: &rialto_shared::protocol::InviteLink) {
        let person = Person::join(link, name).await;
        self.people.insert(name, person);
    }

    /// A room by what it is and whose; an organisation's Sides by the order in which they came.
    fn called(&mut self, room: RoomId, holder: &str, org: &str) -> String {
        if let Some(name) = self.names.get(&room) {
            return name.clone();
        }
        let kind: &str = room.kind().into();
        let base = match room.kind() {
            RoomKind::Inbox => format!("inbox {holder}"),
            RoomKind::Org => format!("org {org}"),
            RoomKind::Side => format!("side {org}"),
            RoomKind::Record => format!("record {org}"),
            _ => kind.to_owned(),
        };
        let before = self.names.values().filter(|name| name.starts_with(&base));
        let name = match before.count() {
            0 => base,
            n => format!("{base} {}", n + 1),
        };
        self.names.insert(room, name.clone());
        name
    }

    /// What came since the last step: room, kinds of entries, and who holds them.
    async fn heard(&mut self) -> Vec<String> {
        self.town.settle(self.people.values_mut()).await;
        let mut holders: BTreeMap<(String, String), Vec<&'static str>> = BTreeMap::new();
        let names: Vec<&'static str> = self.people.keys().copied().collect();
        for name in names {
            let person = self.of(name);
            let org = person.client.console().replica().org_name(person.org());
            for (room, kinds) in person.news() {
                let room = self.called(room, name, &org);
                let key = (room, kinds.join(" "));
                holders.entry(key).or_default().push(name);
            }
        }
        let line = |((room, kinds), names): ((String, String), Vec<&str>)| {
            format!("{room}: {kinds} ({})", names.join(" "))
        };
        holders.into_iter().map(line).collect()
    }

    /// The last entry of a room that this finds something in, as this person holds it.
    fn last<T>(&self, name: &str, room: RoomId, pick: impl Fn(&Entry) -> Option<T>) -> T {
        let log = self.people[name].log(room);
        log.iter().rev().find_map(pick).expect("such an entry")
    }
}

/// Five members of three organisations, and two of the vendor's.
async fn cast(mode: TlsMode) -> Cast {
    let town = Town::open(mode).await;
    let links = [
        ("Tom", town.organisation("Northwind", true)),
        ("Lea", town.organisation("Alder", false)),
        ("Ana", town.organisation("BrightPath", false)),
        ("Cem", town.organisation("Cobalt", false)),
    ];
    let (people, names) = (BTreeMap::new(), BTreeMap::new());
    let mut cast = Cast {
        town,
        people,
        names,
    };
    for (name, link) in &links {
        cast.joins(name, link).await;
    }
    for (admin, name, role, alliance) in [
        ("Tom", "Mia", Role::Lead, true),
        ("Lea", "Jon", Role::Rep, false),
        ("Ana", "Rui", Role::Rep, false),
    ] {
        let link = cast.of(admin).invite(role, alliance).await;
        cast.joins(name, &link).await;
    }
    cast
}

async fn talks(cast: &mut Cast) {
    let settings = channel::Settings {
        handle: "welcome".parse().unwrap(),
        reach: channel::Reach::Community,
        post: channel::Who::Reps,
        invite: channel::Who::Reps,
        slow: Span::ZERO,
    };
    cast.of("Tom")
        .at_home(org::Command::OpenChannel { settings }, &["Say hello"])
        .await;
    cast.heard().await;
    let query = Query::Channels {
        words: "welcome".to_owned(),
    };
    let (hits, _) = cast.of("Cem").client.find(query).await.unwrap();
    let [Hit::Channel { room, .. }] = hits.as_slice() else {
        panic!("{hits:?}");
    };
    for name in ["Tom", "Cem", "Lea"] {
        let join = Command::Inbox(inbox::Command::Join { room: *room });
        let person = cast.of(name);
        person.say(person.inbox(), join, &[]).await;
        person.watch(*room).await;
    }
    cast.heard().await;
    for (name, text) in [("Cem", "Hello from Cobalt"), ("Lea", "Welcome")] {
        let say = talk::Command::Say {
            thread: None,
            mentions: BTreeSet::new(),
        };
        cast.of(name).say(*room, Command::Talk(say), &[text]).await;
    }
    assert_eq!(
        cast.heard().await,
        ["channel: talk.said talk.said (Cem Lea Tom)"]
    );
}

/// From two strangers to a referral that both work on; its room.
async fn refers(cast: &mut Cast) -> RoomId {
    let query = Query::Orgs {
        words: "bright".to_owned(),
        types: BTreeSet::new(),
        program: None,
        region: None,
        skip: 0,
    };
    let (hits, _) = cast.of("Lea").client.find(query).await.unwrap();
    let [Hit::Org { org: to, .. }] = hits.as_slice() else {
        panic!("{hits:?}");
    };
    let open = Command::Inbox(inbox::Command::OpenCase { draft: draft() });
    let lea = cast.of("Lea");
    lea.say(lea.inbox(), open, &CASE).await;
    let heard = cast.heard().await;
    assert_eq!(heard, OPENED, "{heard:#?}");
    let inbox = cast.of("Lea").inbox();
    let case = cast.last("Lea", inbox, |entry| match &entry.event {
        Event::Inbox(inbox::Event::CaseOpened { side, .. }) => Some(*side),
        _ => None,
    });
    let drafted = cast.last("Lea", case, |entry| {
        matches!(entry.event, Event::Side(side::Event::Drafted { .. })).then(|| entry.clone())
    });
    let texts: Vec<SaltedText> = drafted.texts.into_iter().flatten().collect();
    let promise = side::Drafted::new(draft(), &texts).promise().unwrap();
    let offer = side::Command::OfferWithRequest {
        to: *to,
        shown: promise.shown(),
        full: promise.full(),
    };
    let lea = cast.of("Lea");
    lea.say(case, Command::Side(offer), &["We met at the spring summit"])
        .await;
    let heard = cast.heard().await;
    assert_eq!(heard, OFFERED, "{heard:#?}");
    let referral = cast.last("Lea", case, |entry| match &entry.event {
        Event::Side(side::Event::Offered { offer, .. }) => Some(*offer),
        _ => None,
    });
    let home = RoomId::org(cast.of("Ana").org());
    let knock = cast.last("Ana", home, |entry| {
        matches!(entry.event, Event::Org(org::Event::Knocked { .. }))
            .then(|| event::matter(entry))
            .flatten()
    });
    let answer = org::Command::AnswerConnection {
        from: cast.of("Lea").org(),
        knock,
        take: org::Take::Both,
        people: BTreeSet::from([cast.of("Rui").member()]),
    };
    cast.of("Ana").at_home(answer, &[]).await;
    let heard = cast.heard().await;
    assert_eq!(heard, ANSWERED, "{heard:#?}");
    referral
}

/// From the accepted referral to a deal; its room.
async fn converts(cast: &mut Cast, referral: RoomId) -> RoomId {
    for (step, kind) in [
        (referral::Command::Contacted {}, "contacted"),
        (referral::Command::Qualified {}, "qualified"),
    ] {
        cast.of("Rui")
            .say(referral, Command::Referral(step), &[])
            .await;
        let heard = cast.heard().await;
        let expected = format!("referral: referral.{kind} (Ana Lea Rui)");
        assert!(heard.contains(&expected), "{heard:#?}");
    }
    let convert = Command::Referral(referral::Command::Convert {});
    cast.of("Ana")
        .say(
            referral,
            convert,
            &["Globex: plant in Ulm", "Globex Werke GmbH"],
        )
        .await;
    let heard = cast.heard().await;
    assert_eq!(heard, CONVERTED, "{heard:#?}");
    cast.last("Ana", referral, |entry| match &entry.event {
        Event::Referral(referral::Event::Converted { deal, .. }) => Some(*deal),
        _ => None,
    })
}

async fn in_deal(
    cast: &mut Cast,
    name: &str,
    deal: RoomId,
    command: deal::Command,
    texts: &[&str],
) {
    cast.of(name).say(deal, Command::Deal(command), texts).await;
}

/// Stage, task, and the vendor, which comes in when both parties have signed.
async fn works(cast: &mut Cast, deal: RoomId) {
    let to = deal::Stage::Qualified;
    let stage = deal::Command::MoveStage { to, at: Seq(1) };
    in_deal(cast, "Ana", deal, stage, &[]).await;
    let assigned = deal::Assignment {
        owner: cast.of("Lea").org(),
        member: None,
        due: (now() + Span::days(7)).date(),
    };
    let task = deal::Command::AddTask { to: assigned };
    in_deal(cast, "Lea", deal, task, &["Send the floor plan"]).await;
    let heard = cast.heard().await;
    assert_eq!(heard, WORKED, "{heard:#?}");
    let to = deal::Presence::InRoom;
    in_deal(
        cast,
        "Ana",
        deal,
        deal::Command::ProposePresence { to },
        &[],
    )
    .await;
    let mia = cast.of("Mia").client.open(deal, 0).await;
    assert!(mia.is_err(), "one signature of two admits nobody");
    cast.heard().await;
    let proposal = cast.last("Lea", deal, |entry| {
        matches!(
            entry.event,
            Event::Deal(deal::Event::PresenceProposed { .. })
        )
        .then_some(entry.seq)
    });
    in_deal(
        cast,
        "Lea",
        deal,
        deal::Command::SignPresence { proposal },
        &[],
    )
    .await;
    cast.of("Mia").watch(deal).await;
    let heard = cast.heard().await;
    assert_eq!(heard, SIGNED, "{heard:#?}");
}

/// What was changed is found, and the entry is named.
fn proves(console: &Console, room: RoomId) {
    let known = Known {
        server: console.account().about.server,
        roots: console
            .replica()
            .orgs()
            .map(|card| (card.id, card.roots()))
            .collect(),
        head: Some(console.replica().room(room).unwrap().room.head),
    };
    let log = console.store().bytes(room).unwrap();
    let check = |log: &[Vec<u8>]| verify(&known, log.iter().map(Vec::as_slice));
    let report = check(&log).unwrap();
    assert!(
        report.statements > 0 && report.unproven.is_empty() && report.unsigned.is_empty(),
        "{report:?}"
    );
    // A stranger who offered reads it from the answer on.
    let since = console.replica().room(room).unwrap().since;
    assert_eq!(report.first, since.max(Seq(1)));
    let entries: Vec<Entry> = log
        .iter()
        .map(|bytes| Entry::decode(bytes).unwrap())
        .collect();
    let signed = entries
        .iter()
        .rposition(|entry| entry.statement.is_some())
        .unwrap();
    let of = |index: usize| entries[index].seq;
    let changed = |index: usize, change: &dyn Fn(&mut Entry)| {
        let (mut log, mut entry) = (log.clone(), entries[index].clone());
        change(&mut entry);
        log[index] = entry.encode();
        check(&log).unwrap_err()
    };
    // One byte of the facts that somebody signed.
    let mut bytes = log.clone();
    let text = String::from_utf8(bytes[signed].clone()).unwrap();
    let place = text.find("\"signature\":\"").unwrap() + 20;
    bytes[signed][place] = if bytes[signed][place] == b'0' {
        b'1'
    } else {
        b'0'
    };
    assert_eq!(check(&bytes).unwrap_err().seq, of(signed), "one byte");
    // Two entries in the other order, and one that is missing.
    let mut order = log.clone();
    order.swap(signed - 1, signed);
    assert_eq!(check(&order).unwrap_err().seq, of(signed - 1), "order");
    let mut short = log.clone();
    short.remove(signed);
    let gap = check(&short).unwrap_err();
    // Without the last one the log ends before its head.
    assert!(gap.seq.next() >= of(signed), "{gap}");
    // The signature and the certificate of somebody else's statement.
    let broken = changed(signed, &|entry| {
        let statement = entry.statement.as_mut().unwrap();
        statement.signature.0[0] ^= 1;
    });
    assert_eq!(broken.seq, of(signed), "{broken}");
    assert!(matches!(broken.what, Breach::Statement(_)), "{broken}");
    let broken = changed(signed, &|entry| {
        let last = entry.statement.as_mut().unwrap().chain.last_mut().unwrap();
        last.signature.0[5] ^= 1;
    });
    assert_eq!(broken.seq, of(signed), "{broken}");
    assert!(matches!(broken.what, Breach::Statement(_)), "{broken}");
}

/// What an organisation's record keeps holds by itself, with no card and no other room.
fn keeps(console: &Console) {
    let room = RoomId::record(console.account().about.org);
    let known = Known {
        server: console.account().about.server,
        roots: BTreeMap::new(),
        head: Some(console.replica().room(room).unwrap().room.head),
    };
    let log = console.store().bytes(room).unwrap();
    let report = verify(&known, log.iter().map(Vec::as_slice)).unwrap();
    assert!(report.kept > 0 && report.unproven.is_empty(), "{report:?}");
    assert_eq!(report.kept + 1, report.entries, "all but its opening");
}

async fn journey(mode: TlsMode) {
    let mut cast = cast(mode).await;
    cast.heard().await;
    talks(&mut cast).await;
    let referral = refers(&mut cast).await;
    let deal = converts(&mut cast, referral).await;
    works(&mut cast, deal).await;
    // The server goes and comes back; everybody goes on where they were.
    cast.town.stop().await;
    for person in cast.people.values_mut() {
        person.dropped().await;
    }
    cast.town.start().await;
    let heard = cast.heard().await;
    assert!(heard.is_empty(), "nothing happened meanwhile: {heard:#?}");
    in_deal(&mut cast, "Ana", deal, deal::Command::Win {}, &[]).await;
    let heard = cast.heard().await;
    assert_eq!(heard, WON, "{heard:#?}");
    cast.town.stop().await;
    for name in ["Lea", "Ana"] {
        let console = cast.people[name].client.console();
        proves(console, referral);
        proves(console, deal);
        keeps(console);
    }
}

#[tokio::test]
async fn a_customer_is_won_on_this_machine_without_tls() {
    journey(TlsMode::Plain).await;
}

#[tokio::test]
async fn a_customer_is_won_over_tls() {
    journey(TlsMode::Own).await;
}

const OPENED: [&str; 2] = [
    "inbox Lea: inbox.case_opened (Lea)",
    "side Alder: side.opened side.drafted (Lea)",
];
const OFFERED: [&str; 6] = [
    "inbox Ana: inbox.noted (Ana)",
    "org Alder: org.asked (Jon Lea)",
    "org BrightPath: org.knocked (Ana Rui)",
    "record BrightPath: record.opened record.kept (Ana)",
    "referral: referral.opened referral.shown (Ana)",
    "side Alder: side.offered side.kept (Lea)",
];
const ANSWERED: [&str; 12] = [
    "inbox Ana: inbox.done (Ana)",
    "inbox Lea: inbox.noted inbox.noted (Lea)",
    "inbox Rui: inbox.noted (Rui)",
    "org Alder: org.answered (Jon Lea)",
    "org BrightPath: org.replied (Ana Rui)",
    "record Alder: record.opened record.kept (Lea)",
    "record BrightPath: record.kept (Ana)",
    "referral: referral.accepted referral.disclosed (Ana Lea)",
    "referral: referral.opened referral.shown referral.accepted referral.disclosed (Rui)",
    "relation: relation.opened (Ana Jon Lea Rui)",
    "side Alder: side.released side.kept (Lea)",
    "side BrightPath: side.opened side.kept (Ana Rui)",
];
const CONVERTED: [&str; 8] = [
    "deal: deal.opened (Ana Lea Rui)",
    "inbox Lea: inbox.noted inbox.noted (Lea)",
    "inbox Rui: inbox.noted (Rui)",
    "referral: referral.converted (Ana Lea Rui)",
    "side Alder: side.kept (Lea)",
    "side Alder 2: side.opened side.kept (Lea)",
    "side BrightPath: side.kept (Ana Rui)",
    "side BrightPath 2: side.opened side.kept (Ana Rui)",
];
const WORKED: [&str; 3] = [
    "deal: deal.stage_moved deal.task_added (Ana Lea Rui)",
    "side Alder 2: side.kept (Lea)",
    "side BrightPath 2: side.kept (Ana Rui)",
];
const SIGNED: [&str; 5] = [
    "deal: deal.presence_set (Mia)",
    "deal: deal.presence_signed deal.presence_set (Ana Lea Rui)",
    "inbox Lea: inbox.done (Lea)",
    "side Alder 2: side.kept side.kept (Lea)",
    "side BrightPath 2: side.kept side.kept (Ana Rui)",
];
const WON: [&str; 8] = [
    "deal: deal.won (Ana Lea Mia Rui)",
    "inbox Lea: inbox.noted (Lea)",
    "inbox Rui: inbox.noted (Rui)",
    "referral: referral.concluded (Ana Lea Rui)",
    "side Alder: side.closed (Lea)",
    "side Alder 2: side.kept (Lea)",
    "side BrightPath: side.closed (Ana Rui)",
    "side BrightPath 2: side.kept (Ana Rui)",
];

#[tokio::test]
async fn a_console_too_many_says_why_and_comes_in_when_there_is_room() {
    let town = Town::open(TlsMode::Plain).await;
    let home = tempfile::tempdir().unwrap();
    join(&home, &town.organisation("Northwind", true), "Tom").await;
    let account = || Home::at(home.path()).open(None).unwrap();
    let mut consoles = vec![];
    for _ in 0..limits::DEVICE_CONNECTIONS_MAX {
        consoles.push(Client::connect(account()).await.unwrap());
    }
    let Err(ClientError::Offline(why)) = Client::connect(account()).await else {
        panic!("one too many");
    };
    assert!(
        why.contains("this device has 4 connections already"),
        "{why}"
    );
    let mut patient = Client::start(account()).unwrap();
    let mut told = false;
    let until = Instant::now() + PATIENCE;
    while !patient.console().ready() {
        timeout_at(until, patient.turn())
            .await
            .expect("a place")
            .unwrap();
        if let LinkState::Down { why, .. } = patient.console().link_state() {
            told |= why.contains("connections already");
            consoles.truncate(3);
        }
    }
    assert!(told, "it is said while it waits");
    for console in &consoles {
        assert!(console.console().ready(), "the older ones stay");
    }
}
