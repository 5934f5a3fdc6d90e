//! What an entry says beyond its signed command follows from what that command answers, or from what its room began with: a
//! server that states another thing under a true signature, and chains anew, is found by both programs.

use super::{bonds::judged, histories, logs};
use crate::{
    journeys::{CASE, case, draft, promise},
    privacy::history,
    world::World,
};
use rialto::verify::{Breach, Broken};
use rialto_server::clock::Clock as _;
use rialto_shared::{
    command::Command,
    entry::{Author, Entry, Facts, SaltedText, Seq, Worded},
    event::{Earlier, Event, SIGNED, departs, matter},
    id::{Hash, OrgId, RoomId},
    room::{deal, inbox, org, relation, side},
    standing::{AgreementKind, OrgKind, Role},
    time::Span,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a lie changes: the kind of entry, the signed command, if only one of several, and what is said in its place.
struct Lie {
    event: &'static str,
    command: Option<&'static str>,
    tells: fn(&mut Value) -> bool,
}

const fn lie(event: &'static str, tells: fn(&mut Value) -> bool) -> Lie {
    Lie {
        event,
        command: None,
        tells,
    }
}

/// Changes a field that stands there.
fn field(fact: &mut Value, name: &str, change: impl FnOnce(&mut Value)) -> bool {
    let there = fact.get_mut(name).filter(|value| !value.is_null());
    there.map(change).is_some()
}

fn one_less(value: &mut Value) {
    *value = (value.as_i64().unwrap() - 1).into();
}

/// The same id or hash with another digit in its midst.
fn another(value: &mut Value) {
    let text = value.as_str().unwrap();
    let (place, digit) = (text.len() / 2, text.as_bytes()[text.len() / 2]);
    let digit = if digit == b'0' { "1" } else { "0" };
    *value = format!("{}{digit}{}", &text[..place], &text[place + 1..]).into();
}

/// Somebody else is seated, or for another time.
fn someone_else(fact: &mut Value) -> bool {
    field(fact, "successor", |whom| {
        let member = field(whom, "member", another);
        let invited = whom.get_mut("invited").is_some_and(|invitation| {
            field(invitation, "until", one_less) && field(invitation, "code", another)
        });
        assert!(member || invited, "{whom}");
    })
}

const LIES: &[Lie] = &[
    lie("relation.ended", |fact| field(fact, "proposal", one_less)),
    lie("relation.confirmed", |fact| {
        field(fact, "expires", one_less)
    }),
    lie("relation.confirmed", |fact| {
        fact["begins"] = fact["begins"]
            .is_null()
            .then_some(9_999_999_999_999_i64)
            .into();
        true
    }),
    lie("deal.accepted", |fact| field(fact, "invitation", one_less)),
    lie("deal.accepted", |fact| field(fact, "inviter", another)),
    lie("deal.declined", |fact| field(fact, "inviter", another)),
    lie("deal.presence_signed", |fact| {
        field(fact, "proposal", one_less)
    }),
    Lie {
        event: "deal.presence_set",
        command: Some("deal.sign_presence"),
        tells: |fact| {
            let other = if fact["to"] == "in_room" {
                "on_call"
            } else {
                "in_room"
            };
            fact["to"] = other.into();
            true
        },
    },
    lie("deal.withdrawn", |fact| {
        field(fact, "people", |people| {
            people.as_array_mut().unwrap().pop();
        })
    }),
    lie("referral.disclosed", |fact| {
        let (customer, contact) = (fact["customer"].take(), fact["contact"].take());
        (fact["customer"], fact["contact"]) = (contact, customer);
        true
    }),
    lie("side.released", |fact| field(fact, "offer", another)),
    lie("side.released", |fact| {
        field(fact, "texts", |slots| {
            slots.as_array_mut().unwrap().reverse();
        })
    }),
    lie("side.offered", |fact| field(fact, "draft", one_less)),
    lie("org.replied", |fact| field(fact, "knock", one_less)),
    lie("org.replied", |fact| field(fact, "referral", another)),
    lie("org.withdrawn", |fact| field(fact, "to", another)),
    lie("org.disconnected", |fact| field(fact, "from", another)),
    lie("org.successor_named", |fact| field(fact, "org", another)),
    lie("org.successor_named", someone_else),
    lie("org.successor_announced", someone_else),
    Lie {
        event: "side.closed",
        command: Some("org.answer_connection"),
        tells: |fact| field(fact, "offer", another),
    },
    Lie {
        event: "deal.opened",
        command: Some("referral.convert"),
        tells: |fact| {
            fact["value"] = json!({"minor": 100, "currency": "EUR"});
            true
        },
    },
];

/// What few random histories tell: an offer to a stranger that is taken back, one of which only the connection is taken, an
/// agreement that is proposed and not wanted, and the end of all that.
fn strangers() -> World {
    let mut world = World::new(11);
    let vendor = world.organisation("Northwind", OrgKind::Vendor);
    let [a, b] = ["Alder", "BrightPath"].map(|name| world.organisation(name, OrgKind::Partner));
    let [tom, lea, ana] =
        [(vendor, "Tom"), (a, "Lea"), (b, "Ana")].map(|(org, name)| world.claim(org, name));
    let open = Command::Inbox(inbox::Command::OpenCase { draft: draft() });
    let inbox = RoomId::inbox(world.consoles[lea].member);
    world.say(lea, inbox, open, &CASE).unwrap();
    let case = case(&world, lea);
    let promise = promise(&world, case);
    let offer = side::Command::OfferWithRequest {
        to: b,
        shown: promise.shown(),
        full: promise.full(),
    };
    for again in [false, true] {
        let offer = Command::Side(offer.clone());
        world.say(lea, case, offer, &["Shall we?"]).unwrap();
        if again {
            break;
        }
        let offers = world.entries(case).into_iter().rev();
        let offer = offers
            .filter_map(|entry| match entry.event {
                Event::Side(side::Event::Offered { offer, .. }) => Some(offer),
                _ => None,
            })
            .next();
        let back = side::Command::Withdraw {
            offer: offer.unwrap(),
        };
        world.say(lea, case, Command::Side(back), &[]).unwrap();
    }
    let knocks = world.entries(RoomId::org(b));
    let knock = knocks.iter().rev().find_map(matter).unwrap();
    let answer = Command::Org(org::Command::AnswerConnection {
        from: a,
        knock,
        take: org::Take::Connection,
        people: BTreeSet::new(),
    });
    world.say(ana, RoomId::org(b), answer, &[]).unwrap();
    let (relation, kind) = (RoomId::relation(a, b), AgreementKind::Nda);
    let agree = Command::Relation(relation::Command::Agree {
        kind,
        from: world.clock.now().date(),
        to: None,
    });
    let (at, _) = world.say(lea, relation, agree, &["Folder 7"]).unwrap();
    let end = Command::Relation(relation::Command::End { kind, at });
    world.say(ana, relation, end, &[]).unwrap();
    let end = Command::Relation(relation::Command::Disconnect {});
    world.say(lea, relation, end, &[]).unwrap();
    seats(&mut world, (tom, ana), b);
    world.verify();
    world
}

/// The vendor seats somebody there; then whoever comes by a link, which is the last word.
fn seats(world: &mut World, (tom, ana): (usize, usize), org: OrgId) {
    let until = world.clock.now() + Span::days(6);
    let person = world.invite(ana, "Rui", Role::Rep, false);
    let invitation = org::Invitation {
        code: Hash::of("lies-admin", &[]),
        chain: vec![],
        role: Role::Admin,
        alliance: false,
        until,
    };
    for successor in [
        org::Successor::Member(world.consoles[person].member),
        org::Successor::Invited(invitation),
    ] {
        let seat = Command::Org(org::Command::SeatAdmin { org, successor });
        let home = RoomId::org(world.consoles[tom].org);
        world.say(tom, home, seat, &[]).unwrap();
    }
}

fn worlds() -> impl Iterator<Item = World> {
    histories().map(history).chain([strangers()])
}

/// The entry with these facts.
fn stating(entry: &Entry, facts: &Value) -> Option<Entry> {
    let facts = facts.to_string();
    let (_, event) = Event::read(&entry.kind, &facts).ok()?;
    Some(Entry {
        facts,
        event,
        ..entry.clone()
    })
}

impl Lie {
    fn told_of(&self, entry: &Entry) -> Option<Entry> {
        let command = entry.statement.as_ref()?.read().ok()?.kind;
        if entry.kind != self.event || self.command.is_some_and(|only| only != command) {
            return None;
        }
        let mut facts: Value = serde_json::from_str(&entry.facts).unwrap();
        let (room, verb) = self.event.split_once('.').unwrap();
        (self.tells)(&mut facts["fact"][room][verb]).then_some(())?;
        stating(entry, &facts)
    }
}

/// The log with this entry in its place, chained anew.
fn chained(log: &[Entry], place: usize, told: Entry) -> Vec<Entry> {
    let mut log = log.to_vec();
    log[place] = told;
    for next in place + 1..log.len() {
        log[next].prev = log[next - 1].hash();
    }
    log
}

/// Both verifiers name the entry at this place.
fn is_found(world: &World, log: &[Entry], place: usize, what: &str) {
    match judged(world, log) {
        Err(Broken {
            seq,
            what: Breach::Departs { .. },
        }) => assert_eq!(seq, log[place].seq, "{what}"),
        other => panic!("{what} passes: {other:?}"),
    }
    let said = log[place].statement.as_ref().unwrap().read().unwrap();
    let earlier: Earlier = log[..place].iter().collect();
    assert!(departs(&said, &log[place], &earlier).is_some(), "{what}");
}

#[test]
fn what_follows_from_an_earlier_entry_is_compared_with_it() {
    let mut told = vec![0; LIES.len()];
    for world in worlds() {
        for log in logs(&world).into_values() {
            for (place, entry) in log.iter().enumerate() {
                for (lie, count) in LIES.iter().zip(&mut told) {
                    if let Some(stated) = lie.told_of(entry) {
                        let what = format!("{} as {}", entry.facts, stated.facts);
                        is_found(&world, &chained(&log, place, stated), place, &what);
                        *count += 1;
                    }
                }
            }
        }
    }
    let missing = LIES.iter().zip(&told).filter(|(_, count)| **count == 0);
    let missing: Vec<_> = missing.map(|(lie, _)| (lie.event, lie.command)).collect();
    assert!(missing.is_empty(), "no history tells of {missing:?}");
}

/// Whoever held back a customer shows that customer, and no other.
#[test]
fn another_customer_than_the_promised_one_is_found() {
    let mut found = 0;
    for world in worlds() {
        for log in logs(&world).into_values() {
            for (place, entry) in log.iter().enumerate() {
                if !["referral.disclosed", "side.released"].contains(&entry.kind.as_str()) {
                    continue;
                }
                let mut facts: Value = serde_json::from_str(&entry.facts).unwrap();
                let Some(text) = facts["texts"].get_mut(0) else {
                    continue;
                };
                another(text);
                let mut stated = stating(entry, &facts).unwrap();
                stated.texts[0] = None;
                is_found(&world, &chained(&log, place, stated), place, &entry.kind);
                found += 1;
            }
        }
    }
    assert!(found > 3, "{found}");
}

/// An answer to one request passes for no answer to another.
#[test]
fn an_answer_moved_to_another_referral_is_found() {
    let signed = |entry: &Entry| {
        let said = entry.statement.as_ref()?.read().unwrap();
        (said.kind == "org.answer_connection").then_some(said)
    };
    let answered: Vec<Vec<Entry>> = worlds()
        .flat_map(|world| logs(&world).into_values())
        .filter(|log| {
            log[0].kind == "referral.opened" && log.iter().any(|one| signed(one).is_some())
        })
        .collect();
    let mut found = BTreeSet::new();
    for (one, other) in answered.iter().zip(answered.iter().skip(1)) {
        for (place, entry) in other.iter().enumerate() {
            let Some(said) = signed(entry) else {
                continue;
            };
            let there: Earlier = other[..place].iter().collect();
            assert_eq!(departs(&said, entry, &there), None, "{}", entry.kind);
            let elsewhere: Earlier = one.iter().take(1).collect();
            let departs = departs(&said, entry, &elsewhere);
            assert_eq!(departs.as_deref(), Some("what its room began with"));
            found.insert(entry.kind.clone());
        }
    }
    let kinds = [
        "referral.accepted",
        "referral.declined",
        "referral.disclosed",
    ];
    assert_eq!(found, kinds.map(str::to_owned).into());
}

/// The log with this entry put in, chained anew.
fn inserted(log: &[Entry], place: usize, told: Entry) -> Vec<Entry> {
    let mut log = log.to_vec();
    log.insert(place, told);
    for next in place..log.len() {
        log[next].seq = Seq(log[next].seq.0 + 1);
        log[next].prev = log[next - 1].hash();
    }
    log
}

/// An entry of another kind with the signature, the place and the texts of this one.
fn instead(entry: &Entry, event: deal::Event) -> Entry {
    let texts: Vec<SaltedText> = entry.texts.iter().flatten().cloned().collect();
    let event = Worded::new(Event::Deal(event), texts);
    Entry {
        kind: event.what.kind(),
        facts: Facts::write(&event),
        event: event.what,
        ..entry.clone()
    }
}

/// The vendor is in a deal as every party has signed, and a call lets nobody in where it is not present.
#[test]
fn a_presence_that_not_all_have_signed_is_found() {
    let (mut presences, mut calls) = (0, 0);
    for world in worlds() {
        for log in logs(&world).into_values() {
            let mut parties = BTreeSet::new();
            for (place, entry) in log.iter().enumerate() {
                let Event::Deal(event) = &entry.event else {
                    continue;
                };
                match event {
                    deal::Event::Accepted(accepted) => {
                        parties.insert(accepted.org);
                    }
                    deal::Event::Withdrawn { org, .. } | deal::Event::PartyRemoved { org, .. } => {
                        parties.remove(org);
                    }
                    deal::Event::PresenceProposed { to, .. } if !parties.is_empty() => {
                        let dismissed = vec![];
                        let set = deal::Event::PresenceSet { to: *to, dismissed };
                        let told = inserted(&log, place + 1, instead(entry, set));
                        is_found(&world, &told, place + 1, "a presence that one has signed");
                        presences += 1;
                    }
                    deal::Event::VendorAsked {
                        org,
                        vendor,
                        members,
                        words,
                    } => {
                        let called = deal::Event::VendorCalled {
                            org: *org,
                            vendor: *vendor,
                            members: members.clone(),
                            words: *words,
                        };
                        let told = chained(&log, place, instead(entry, called));
                        is_found(&world, &told, place, "a call that lets in");
                        calls += 1;
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(presences > 0 && calls > 0, "{presences} {calls}");
}

/// What is signed in some entries is signed in all of their kind, or a clock, an operator or another command can make it true.
#[test]
fn what_only_a_signature_makes_true_has_one() {
    let (mut signed, mut bare) = (BTreeSet::new(), BTreeSet::new());
    for world in worlds() {
        for log in logs(&world).into_values() {
            for (place, entry) in log.iter().enumerate() {
                let kinds = if entry.statement.is_some() {
                    &mut signed
                } else {
                    &mut bare
                };
                if !kinds.insert(entry.kind.clone()) || !SIGNED.contains(&entry.kind.as_str()) {
                    continue;
                }
                for author in [entry.author, Author::Operator, Author::Rule] {
                    let stripped = Entry {
                        statement: None,
                        author,
                        ..entry.clone()
                    };
                    let told = judged(&world, &chained(&log, place, stripped));
                    let bare = Broken {
                        seq: entry.seq,
                        what: Breach::Bare,
                    };
                    assert_eq!(told, Err(bare), "{} by {author:?}", entry.kind);
                }
            }
        }
    }
    let never: BTreeSet<String> = SIGNED.iter().map(|kind| (*kind).to_owned()).collect();
    let twice: Vec<_> = never.intersection(&bare).collect();
    assert!(
        twice.is_empty(),
        "not only a signature makes them true: {twice:?}"
    );
    assert!(signed.len() > 30, "{signed:?}");
}

/// Whose device signed, in one entry, signs as nobody else of their organisation in the next.
#[test]
fn a_signature_under_a_colleagues_name_is_found() {
    let mut found = 0;
    for world in worlds() {
        for log in logs(&world).into_values() {
            let by = |entry: &Entry| match entry.author {
                Author::Member { id, device, .. } => Some((id, device)),
                Author::Operator | Author::Rule => None,
            };
            for (place, entry) in log
                .iter()
                .enumerate()
                .filter(|(_, one)| one.statement.is_some())
            {
                let before = log[..place].iter().filter_map(by);
                let Some((id, device)) =
                    by(entry).filter(|who| before.clone().any(|one| one == *who))
                else {
                    continue;
                };
                let Some((other, _)) = before.clone().find(|(other, _)| *other != id) else {
                    continue;
                };
                let org = entry.author.org().unwrap();
                let told = Entry {
                    author: Author::Member {
                        id: other,
                        org,
                        device,
                    },
                    ..entry.clone()
                };
                let told = judged(&world, &chained(&log, place, told));
                let breach = Broken {
                    seq: entry.seq,
                    what: Breach::Device,
                };
                assert_eq!(told, Err(breach), "{}", entry.kind);
                found += 1;
            }
        }
    }
    assert!(found > 10, "{found}");
}
