//! What a signed command tells those who read it where it counts: what it says, and nothing of where its maker was besides;
//! and that it is executed once.

use super::history;
use crate::world::{ANA, Community, KIM, MEI, RUI, TOM, World, example, open_channel, opened};
use rialto::verify::{Known, verify};
use rialto_shared::{
    command::Command,
    entry::{Entry, Facts, Seq, Worded},
    event::{CAUSES, Event, matter},
    id::{Hash, Nonce, OrgId, RoomId},
    protocol::{Outcome, Up},
    room::{channel, deal, inbox, org, talk},
    statement::{Declaration, Statement, sign},
    time::Timestamp,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Whether a number stands anywhere in this.
fn counts(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Array(all) => all.iter().any(counts),
        Value::Object(fields) => fields.values().any(counts),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

#[test]
fn a_declaration_names_no_number_of_its_sender() {
    let declaration = Declaration {
        server: Hash::ZERO,
        org: OrgId::from_bits([1; 16]),
        device: rialto_shared::id::DeviceId::from_bits([2; 16]),
        nonce: Nonce::from_bits([3; 16]),
        room: RoomId::org(OrgId::from_bits([1; 16])),
        kind: "org.remove".to_owned(),
        subject: Hash::ZERO,
        facts: "{}".to_owned(),
    };
    let value = serde_json::to_value(&declaration).unwrap();
    let keys: BTreeSet<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let known = [
        "server", "org", "device", "nonce", "room", "kind", "subject", "facts",
    ];
    assert_eq!(
        keys,
        BTreeSet::from(known),
        "a field more is read by every party"
    );
    assert!(!counts(&value));
}

#[test]
fn what_is_read_elsewhere_names_no_place_in_a_log() {
    let mut crossing = BTreeSet::new();
    for (command, _) in example::examples(&example::strangers(Timestamp::EPOCH)) {
        let kind = command.kind();
        let home = |kind: &str| kind.split_once('.').unwrap().0.to_owned();
        // A copy that a party keeps holds the whole head of its entry.
        let leaves = CAUSES
            .iter()
            .filter(|(cause, _)| *cause == kind)
            .flat_map(|(_, effects)| *effects)
            .any(|effect| !effect.ends_with(".kept") && home(effect) != home(&kind));
        if !command.signed() || !leaves {
            continue;
        }
        let facts: Value =
            serde_json::from_str(&Facts::write(&Worded::plain(command.clone()))).unwrap();
        assert!(!counts(&facts), "{kind}: {facts}");
        // The hash of an entry holds all that stands before it: only a first entry says nothing more than itself.
        let cited = command.named(&[]).cites;
        assert!(
            cited.is_none_or(|seq| seq == Seq(1)),
            "{kind} cites {cited:?}"
        );
        crossing.insert(kind);
    }
    for kind in [
        "org.answer_connection",
        "side.offer",
        "deal.accept_invitation",
        "referral.accept",
    ] {
        assert!(
            crossing.contains(kind),
            "{kind} is read elsewhere: {crossing:?}"
        );
    }
}

fn say() -> Command {
    Command::Talk(talk::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    })
}

/// A declaration without its nonce, which the tests draw by number.
fn declared(entry: &Entry) -> Option<Declaration> {
    let mut said = entry.statement.as_deref()?.read().unwrap();
    said.nonce = Nonce::from_bits([0; 16]);
    Some(said)
}

fn last(world: &World, room: RoomId, kind: &str) -> Entry {
    let entries = world.entries(room).into_iter().rev();
    let mut found = entries.filter(|entry| entry.kind == kind);
    found.next().unwrap_or_else(|| panic!("no {kind}"))
}

/// A connection asked for and answered, and an invitation to a deal answered; what others read of it. Where people are busy,
/// the same happens after much else in the rooms that those others are not in.
fn told(busy: bool) -> (u64, Vec<(String, Option<Declaration>)>) {
    let mut world = Community::new(5).world;
    let [bright, cloud] = [ANA, KIM].map(|who| world.consoles[who].org);
    let elsewhere = |world: &mut World, room: RoomId, who: usize| {
        for text in ["This", "and that"].iter().filter(|_| busy) {
            world.say(who, room, say(), &[text]).unwrap();
        }
    };
    if busy {
        let own = open_channel("ours", channel::Reach::Private);
        world.say(ANA, RoomId::org(bright), own, &["Ours"]).unwrap();
        let own = opened(&world, bright);
        elsewhere(&mut world, own, ANA);
    }
    let connect = Command::Org(org::Command::Connect { to: bright });
    world
        .say(KIM, RoomId::org(cloud), connect, &["Shall we?"])
        .unwrap();
    let knocked = last(&world, RoomId::org(bright), "org.knocked");
    let answer = org::Command::AnswerConnection {
        from: cloud,
        knock: matter(&knocked).unwrap(),
        take: org::Take::Connection,
        people: BTreeSet::new(),
    };
    world
        .say(ANA, RoomId::org(bright), Command::Org(answer), &[])
        .unwrap();
    let open = Command::Inbox(inbox::Command::OpenDeal {
        presence: deal::Presence::NotPresent,
        value: None,
        close: None,
        people: BTreeSet::from([world.consoles[MEI].member]),
    });
    let inbox = RoomId::inbox(world.consoles[TOM].member);
    world
        .say(TOM, inbox, open.clone(), &example::texts(&open))
        .unwrap();
    let Event::Inbox(inbox::Event::DealOpened { deal, .. }) =
        last(&world, inbox, "inbox.deal_opened").event
    else {
        panic!("no deal");
    };
    elsewhere(&mut world, deal, MEI);
    let invite = Command::Deal(deal::Command::Invite {
        org: bright,
        responsibility: deal::Responsibility::Reseller,
        history: false,
        can: deal::Can::default(),
    });
    world.say(TOM, deal, invite, &["Come in"]).unwrap();
    let accept = Command::Deal(deal::Command::AcceptInvitation {
        invitation: matter(&last(&world, deal, "deal.invited")).unwrap(),
        people: BTreeSet::new(),
    });
    world.say(ANA, deal, accept, &[]).unwrap();
    let read = [
        (RoomId::org(cloud), "org.answered"),
        (RoomId::relation(cloud, bright), "relation.opened"),
        (RoomId::org(bright), "org.deal_invited"),
        (RoomId::org(bright), "org.deal_invitation_closed"),
    ]
    .map(|(room, kind)| {
        let entry = last(&world, room, kind);
        (entry.facts.clone(), declared(&entry))
    });
    (world.consoles[ANA].n, read.into())
}

#[test]
fn the_same_is_signed_however_busy_its_maker_is_elsewhere() {
    let ((few, quiet), (many, busy)) = (told(false), told(true));
    assert!(few < many, "{few} commands, and {many}");
    assert_eq!(quiet, busy);
    let signed = quiet.iter().filter(|(_, said)| said.is_some()).count();
    assert_eq!(signed, 3, "an invitation to a deal alone is not signed");
}

fn outcome(world: &mut World, who: usize, frame: &Up) -> Outcome {
    let Up::Command { n, .. } = frame else {
        panic!("no command");
    };
    world.up(who, frame);
    world.settle();
    world.consoles[who].answers.remove(n).expect("an answer")
}

#[test]
fn a_signed_command_is_executed_once_under_whatever_number() {
    let mut world = Community::new(6).world;
    let room = RoomId::org(world.consoles[ANA].org);
    let to = world.consoles[KIM].org;
    let connect = Command::Org(org::Command::Connect { to });
    let frame = world.frame(ANA, room, connect, &["Shall we?"]);
    let first = outcome(&mut world, ANA, &frame);
    assert!(matches!(first, Outcome::Accepted { .. }), "{first:?}");
    assert_eq!(outcome(&mut world, ANA, &frame), first, "sent again");
    // So that nothing but the nonce is in the way.
    let withdraw = Command::Org(org::Command::Withdraw { to });
    world.say(ANA, room, withdraw, &[]).unwrap();
    let head = world.entries(room).len();
    let mut replay = frame.clone();
    if let Up::Command { n, .. } = &mut replay {
        *n += 2;
    }
    let mut other = replay.clone();
    if let Up::Command {
        n,
        signed: Some(signed),
        facts,
        texts,
        ..
    } = &mut other
    {
        *n += 1;
        let removal = Command::Org(org::Command::Remove {
            member: world.consoles[RUI].member,
        });
        let mut said: Declaration = serde_json::from_str(&signed.declaration).unwrap();
        *facts = Facts::write(&Worded::plain(removal));
        texts.clear();
        (said.kind, said.facts) = ("org.remove".to_owned(), facts.clone());
        signed.declaration = serde_json::to_string(&said).unwrap();
        signed.signature = sign(&world.consoles[ANA].key, signed.declaration.as_bytes());
    }
    for again in [replay, other] {
        let Outcome::Refused(refusal) = outcome(&mut world, ANA, &again) else {
            panic!("executed twice");
        };
        assert_eq!(refusal.code, "unsigned");
        assert!(refusal.words.contains("nonce"), "{}", refusal.words);
    }
    assert_eq!(world.entries(room).len(), head);
    world.verify();
}

#[test]
fn an_honest_log_never_looks_like_a_replay() {
    let mut statements = 0;
    for seed in 30_000..30_012 {
        let world = history(seed);
        let mut logs: BTreeMap<RoomId, Vec<Vec<u8>>> = BTreeMap::new();
        let mut roots = BTreeMap::new();
        for entry in world.log().iter() {
            crate::rules::bonds::take_roots(&mut roots, entry);
            logs.entry(entry.room).or_default().push(entry.encode());
        }
        let known = Known {
            server: world.house.server,
            roots,
            head: None,
        };
        for (room, log) in logs {
            let report = verify(&known, log.iter().map(Vec::as_slice));
            let report = report.unwrap_or_else(|broken| panic!("{seed} {room}: {broken}"));
            statements += report.statements;
        }
    }
    assert!(statements > 100, "{statements} statements tell little");
}

#[test]
fn a_statement_that_stands_twice_in_a_log_is_found() {
    let mut world = Community::new(7).world;
    let org = world.consoles[ANA].org;
    let removal = Command::Org(org::Command::Remove {
        member: world.consoles[RUI].member,
    });
    world.say(ANA, RoomId::org(org), removal, &[]).unwrap();
    let mut log = world.entries(RoomId::org(org));
    // A server that executes it again at once links the copy as it must.
    let first = log.last().unwrap().clone();
    let statement: Option<Box<Statement>> = first.statement.clone();
    assert!(statement.is_some());
    let mut copy = first.clone();
    (copy.seq, copy.prev) = (first.seq.next(), first.hash());
    log.push(copy);
    let known = Known {
        server: world.house.server,
        roots: BTreeMap::new(),
        head: None,
    };
    let bytes: Vec<Vec<u8>> = log.iter().map(Entry::encode).collect();
    let broken = verify(&known, bytes.iter().map(Vec::as_slice)).unwrap_err();
    assert_eq!(broken.what, rialto::verify::Breach::Replayed(first.seq));
}
