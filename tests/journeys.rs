//! The journey of a customer: two strangers find each other, connect and refer in one step, and win a deal with the vendor
//! in the room. Each step's events are named with their rooms.

pub(crate) mod demo;
mod headless;
pub(crate) mod notices;

use crate::world::World;
use rialto_shared::{
    command::Command,
    entry::{Entry, SaltedText},
    event::{self, Event},
    id::{OrgId, RoomId, Salt},
    industry::Industry,
    limits,
    money::Currency,
    protocol::{Query, Up},
    room::{inbox, org, referral, side},
    standing::{OrgKind, Role},
    time::Span,
};
use std::collections::BTreeSet;
use strum::VariantArray as _;

pub(crate) fn draft() -> side::Draft {
    side::Draft {
        teaser: side::Teaser {
            industry: Industry::Automotive,
            country: "DE".parse().unwrap(),
            size: "250-999".parse().unwrap(),
            want: side::Want::Lead,
            value: side::ValueBand {
                band: side::Band::VARIANTS[1],
                currency: Currency::EUR,
            },
            urgency: side::Urgency::Normal,
        },
        contact: true,
        notes: true,
        consent: Some(side::Consent {
            share_pii: true,
            may_contact: true,
            obtained_at: "2026-05-01".parse().unwrap(),
        }),
        terms: side::Terms {
            fee: side::Fee::Bps(1_000),
            months: 12,
        },
        excluded: BTreeSet::new(),
        salt: Salt([7; 32]),
    }
}

pub(crate) const CASE: [&str; 5] = [
    "Needs a plant in Ulm connected to the cloud before spring",
    "Globex Werke GmbH",
    "Dana Reyes, VP Operations, dana@globex.example",
    "Budget is signed off. They compare us with two others.",
    "They asked us on the phone on 1 May",
];

/// The kinds of the entries that a room got after its `n`th.
pub(crate) fn kinds(world: &World, room: RoomId, after: u64) -> Vec<String> {
    world
        .entries(room)
        .into_iter()
        .filter(|entry| entry.seq.0 > after)
        .map(|entry| entry.kind)
        .collect()
}

fn last<T>(world: &World, room: RoomId, pick: impl Fn(&Entry) -> Option<T>) -> T {
    world
        .entries(room)
        .iter()
        .rev()
        .find_map(pick)
        .expect("such an entry")
}

/// The case that a member began last.
pub(crate) fn case(world: &World, who: usize) -> RoomId {
    last(
        world,
        RoomId::inbox(world.consoles[who].member),
        |entry| match &entry.event {
            Event::Inbox(inbox::Event::CaseOpened { side, .. }) => Some(*side),
            _ => None,
        },
    )
}

/// The two commitments of an offer of the case's present draft.
pub(crate) fn promise(world: &World, case: RoomId) -> side::Promise {
    let entry = last(world, case, |entry| {
        matches!(
            entry.event,
            Event::Side(side::Event::Opened { .. } | side::Event::Drafted { .. })
        )
        .then(|| entry.clone())
    });
    let texts: Vec<SaltedText> = entry.texts.into_iter().flatten().collect();
    side::Drafted::new(draft(), &texts).promise().unwrap()
}

#[test]
fn strangers_find_each_other_and_one_answer_takes_connection_and_referral() {
    let mut world = World::new(11);
    let vendor = world.organisation("Northwind", OrgKind::Vendor);
    let (a, b) = (
        world.organisation("Alder", OrgKind::Partner),
        world.organisation("BrightPath", OrgKind::Partner),
    );
    let (_tom, lea, ana) = (
        world.claim(vendor, "Tom"),
        world.claim(a, "Lea"),
        world.claim(b, "Ana"),
    );
    let rui = world.invite(ana, "Rui", Role::Rep, false);
    // Lea finds BrightPath.
    let query = Query::Orgs {
        words: "bright".to_owned(),
        types: BTreeSet::new(),
        program: None,
        region: None,
        skip: 0,
    };
    world.up(lea, &Up::Find { id: 1, query });
    assert!(
        world.consoles[lea]
            .heard
            .last()
            .unwrap()
            .contains("BrightPath")
    );
    // Two commands by the sender: the case, and the offer with a request to connect.
    let my_inbox = RoomId::inbox(world.consoles[lea].member);
    world
        .say(
            lea,
            my_inbox,
            Command::Inbox(inbox::Command::OpenCase { draft: draft() }),
            &CASE,
        )
        .unwrap();
    let case = case(&world, lea);
    assert_eq!(kinds(&world, case, 0), ["side.opened", "side.drafted"]);
    let promise = promise(&world, case);
    let offer = side::Command::OfferWithRequest {
        to: b,
        shown: promise.shown(),
        full: promise.full(),
    };
    world
        .say(
            lea,
            case,
            Command::Side(offer),
            &["We met at the spring summit"],
        )
        .unwrap();
    let referral = last(&world, case, |entry| match &entry.event {
        Event::Side(side::Event::Offered { offer, .. }) => Some(*offer),
        _ => None,
    });
    assert_eq!(
        kinds(&world, referral, 0),
        ["referral.opened", "referral.shown"]
    );
    let knock = last(&world, RoomId::org(b), |entry| {
        matches!(entry.event, Event::Org(org::Event::Knocked { .. }))
            .then(|| event::matter(entry))
            .flatten()
    });
    // Before acceptance nothing that Ana was sent holds what is held back.
    let secrets = ["Globex", "Dana", "Budget", "on the phone"];
    for heard in &world.consoles[ana].heard {
        assert!(
            secrets.iter().all(|secret| !heard.contains(secret)),
            "{heard}"
        );
    }
    assert!(
        world.consoles[ana]
            .heard
            .iter()
            .any(|heard| heard.contains("plant in Ulm")),
        "what is shown now is"
    );
    // One command by the receiver: both.
    let people = BTreeSet::from([world.consoles[rui].member]);
    let answer = org::Command::AnswerConnection {
        from: a,
        knock,
        take: org::Take::Both,
        people,
    };
    world
        .say(ana, RoomId::org(b), Command::Org(answer), &[])
        .unwrap();
    assert!(kinds(&world, RoomId::relation(a, b), 0).contains(&"relation.opened".to_owned()));
    let after = kinds(&world, referral, 2);
    assert_eq!(after, ["referral.accepted", "referral.disclosed"]);
    assert!(kinds(&world, case, 0).contains(&"side.released".to_owned()));
    for who in [ana, rui] {
        assert!(
            world.consoles[who]
                .heard
                .iter()
                .any(|heard| heard.contains("Globex")),
            "what was held back is disclosed to those who work on it"
        );
    }
    // They work on it.
    for step in [
        referral::Command::Contacted {},
        referral::Command::Qualified {},
    ] {
        world
            .say(rui, referral, Command::Referral(step), &[])
            .unwrap();
    }
    let convert = Command::Referral(referral::Command::Convert {});
    world
        .say(
            ana,
            referral,
            convert,
            &["Globex: plant in Ulm", "Globex Werke GmbH"],
        )
        .unwrap();
    assert!(kinds(&world, referral, 4).contains(&"referral.converted".to_owned()));
    world.verify();
}

#[test]
fn an_offer_that_nobody_answers_expires_once_and_the_next_may_go() {
    let mut world = World::new(12);
    let vendor = world.organisation("Northwind", OrgKind::Vendor);
    let (a, b) = (
        world.organisation("Alder", OrgKind::Partner),
        world.organisation("BrightPath", OrgKind::Partner),
    );
    let (_tom, lea, _ana) = (
        world.claim(vendor, "Tom"),
        world.claim(a, "Lea"),
        world.claim(b, "Ana"),
    );
    let inbox = RoomId::inbox(world.consoles[lea].member);
    world
        .say(
            lea,
            inbox,
            Command::Inbox(inbox::Command::OpenCase { draft: draft() }),
            &CASE,
        )
        .unwrap();
    let case = case(&world, lea);
    let promise = promise(&world, case);
    let offer = |to: OrgId| {
        let (shown, full) = (promise.shown(), promise.full());
        Command::Side(side::Command::OfferWithRequest { to, shown, full })
    };
    world.say(lea, case, offer(b), &["Hello"]).unwrap();
    let refusal = world.say(lea, case, offer(vendor), &["Hello"]).unwrap_err();
    assert_eq!(
        refusal.code, "state",
        "one live offer at a time: {refusal:?}"
    );
    for _ in 0..3 {
        world.pass(Span::days(8));
    }
    let expired = kinds(&world, case, 0)
        .iter()
        .filter(|kind| *kind == "side.closed")
        .count();
    assert_eq!(expired, 1, "a clock fires once");
    world.say(lea, case, offer(vendor), &["Hello"]).unwrap();
    world.verify();
}

/// What an organisation may have asked at once is its own affair, and its people may know that it is reached.
#[test]
fn an_offer_beyond_the_open_requests_is_refused_to_its_sender() {
    let mut world = World::new(14);
    let vendor = world.organisation("Northwind", OrgKind::Vendor);
    let a = world.organisation("Alder", OrgKind::Partner);
    let b = world.organisation("BrightPath", OrgKind::Partner);
    let [_tom, lea, ana] =
        [(vendor, "Tom"), (a, "Lea"), (b, "Ana")].map(|(org, name)| world.claim(org, name));
    let inbox = RoomId::inbox(world.consoles[lea].member);
    let open = Command::Inbox(inbox::Command::OpenCase { draft: draft() });
    world.say(lea, inbox, open, &CASE).unwrap();
    let case = case(&world, lea);
    let promise = promise(&world, case);
    let home = RoomId::org(a);
    for place in 0..limits::CONNECT_OPEN_MAX {
        if place % limits::CONNECT_DAY_MAX == 0 {
            world.pass(Span::days(1));
        }
        let to = world.organisation(&format!("Stranger {place}"), OrgKind::Partner);
        let connect = Command::Org(org::Command::Connect { to });
        world.say(lea, home, connect, &["Hello"]).unwrap();
    }
    let heard = world.consoles[ana].heard.len();
    let offer = Command::Side(side::Command::OfferWithRequest {
        to: b,
        shown: promise.shown(),
        full: promise.full(),
    });
    let before = kinds(&world, case, 0);
    let refusal = world.say(lea, case, offer.clone(), &["Hello"]).unwrap_err();
    assert_eq!(refusal.code, "over_quota", "{refusal:?}");
    assert_eq!(
        kinds(&world, case, 0),
        before,
        "the case is still to be offered"
    );
    assert_eq!(world.consoles[ana].heard.len(), heard, "nobody hears of it");
    // One that is taken back makes place for it.
    let first = last(&world, home, |entry| match &entry.event {
        Event::Org(org::Event::Asked { to, .. }) => Some(*to),
        _ => None,
    });
    let back = Command::Org(org::Command::Withdraw { to: first });
    world.say(lea, home, back, &[]).unwrap();
    world.say(lea, case, offer, &["Hello"]).unwrap();
    assert!(kinds(&world, RoomId::org(b), 0).contains(&"org.knocked".to_owned()));
    world.verify();
}

#[test]
fn an_organisation_that_nobody_claimed_is_wished_for() {
    let mut world = World::new(13);
    let vendor = world.organisation("Northwind", OrgKind::Vendor);
    let (a, b) = (
        world.organisation("Alder", OrgKind::Partner),
        world.organisation("Nobody yet", OrgKind::Partner),
    );
    let (tom, lea) = (world.claim(vendor, "Tom"), world.claim(a, "Lea"));
    let connect = Command::Org(org::Command::Connect { to: b });
    world
        .say(lea, RoomId::org(a), connect, &["Please"])
        .unwrap();
    let wished = RoomId::inbox(world.consoles[tom].member);
    assert!(world.entries(wished).iter().any(|entry| matches!(
        entry.event,
        Event::Inbox(inbox::Event::Noted {
            what: inbox::What::PleaseInvite,
            ..
        })
    )));
    world.verify();
}
