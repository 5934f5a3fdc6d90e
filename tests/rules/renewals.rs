//! An organisation whose only admin's laptop is gone signs again, by a new root key: each room says so once, before what rests
//! on it; what the old key vouched for signs nothing; and a log that says otherwise is found, at the entry.

use super::{
    bonds::{judged, take_roots},
    logs,
};
use crate::{
    journeys::{CASE, case, draft, promise},
    world::World,
};
use rialto::verify::{Breach, Broken, Known, verify};
use rialto_shared::{
    command::Command,
    entry::{Author, Entry, Facts, Seq, Worded},
    event::{Event, matter},
    id::{OrgId, PublicKey, RoomId},
    room::{inbox, key, org, referral, relation, side},
    standing::{OrgKind, Role},
    statement::StatementError,
};
use std::collections::{BTreeMap, BTreeSet};

struct Tale {
    world: World,
    bright: OrgId,
    /// Who had the laptop that is gone, who comes, and the partner's admin.
    ana: usize,
    nia: usize,
    lea: usize,
}

/// Somebody's case, offered to a stranger.
fn offers(world: &mut World, who: usize, to: OrgId) -> RoomId {
    let open = Command::Inbox(inbox::Command::OpenCase { draft: draft() });
    let home = RoomId::inbox(world.consoles[who].member);
    world.say(who, home, open, &CASE).unwrap();
    let case = case(world, who);
    let promise = promise(world, case);
    let offer = Command::Side(side::Command::OfferWithRequest {
        to,
        shown: promise.shown(),
        full: promise.full(),
    });
    world.say(who, case, offer, &["Shall we?"]).unwrap();
    case
}

/// Ana of BrightPath is asked by Alder, takes the referral and makes a deal of it; then she is gone, and Nia is seated.
fn tale() -> Tale {
    let mut world = World::new(31);
    let vendor = world.organisation("Northwind", OrgKind::Vendor);
    let [alder, bright] =
        ["Alder", "BrightPath"].map(|name| world.organisation(name, OrgKind::Partner));
    let [tom, lea, ana] = [(vendor, "Tom"), (alder, "Lea"), (bright, "Ana")]
        .map(|(org, name)| world.claim(org, name));
    offers(&mut world, lea, bright);
    let home = RoomId::org(bright);
    let knock = world.entries(home).iter().rev().find_map(matter).unwrap();
    let answer = Command::Org(org::Command::AnswerConnection {
        from: alder,
        knock,
        take: org::Take::Both,
        people: BTreeSet::from([world.consoles[ana].member]),
    });
    world.say(ana, home, answer, &[]).unwrap();
    let referral = of_kind(&world, "referral.accepted").room;
    for step in [
        referral::Command::Contacted {},
        referral::Command::Qualified {},
    ] {
        world
            .say(ana, referral, Command::Referral(step), &[])
            .unwrap();
    }
    let nia = world.seated(tom, bright, "Nia");
    Tale {
        world,
        bright,
        ana,
        nia,
        lea,
    }
}

/// The last entry of a kind, wherever it stands.
fn of_kind(world: &World, kind: &str) -> Entry {
    let log = world.log();
    log.iter()
        .rev()
        .find(|entry| entry.kind == kind)
        .unwrap()
        .clone()
}

impl Tale {
    /// Nia takes over what Ana had, and goes on with it.
    fn goes_on(&mut self) {
        let (from, to) = (
            self.world.consoles[self.ana].member,
            self.world.consoles[self.nia].member,
        );
        let takes = Command::Org(org::Command::HandOver { from, to });
        self.world
            .say(self.nia, RoomId::org(self.bright), takes, &[])
            .unwrap();
        let referral = of_kind(&self.world, "referral.accepted").room;
        let convert = Command::Referral(referral::Command::Convert {});
        let words = ["Sensors for Halle", "Contoso"];
        self.world.say(self.nia, referral, convert, &words).unwrap();
        self.world.settle();
        self.world.verify();
    }

    fn known(&self) -> Known {
        let mut roots = BTreeMap::new();
        self.world
            .log()
            .iter()
            .for_each(|entry| take_roots(&mut roots, entry));
        Known {
            server: self.world.house.server,
            roots,
            head: None,
        }
    }
}

/// Where a log says that somebody's keys are new.
fn renewals(log: &[Entry]) -> Vec<usize> {
    let all = log.iter().enumerate();
    all.filter(|(_, entry)| matches!(entry.event, Event::Key(_)))
        .map(|(place, _)| place)
        .collect()
}

/// Linked anew from its beginning, with the numbers that follow from the places.
fn relinked(mut log: Vec<Entry>) -> Vec<Entry> {
    for place in 0..log.len() {
        log[place].seq = Seq(place as u64 + 1);
        if place > 0 {
            log[place].prev = log[place - 1].hash();
        }
    }
    log
}

fn breach(world: &World, log: Vec<Entry>) -> Broken {
    judged(world, &relinked(log)).expect_err("a lie passes")
}

#[test]
fn each_room_says_it_once_and_its_log_holds() {
    let mut tale = tale();
    let own = RoomId::org(tale.bright);
    let own_faces = [own, RoomId::profile(tale.bright), RoomId::card(tale.bright)];
    for (room, log) in logs(&tale.world) {
        let says = usize::from(own_faces.contains(&room));
        assert_eq!(renewals(&log).len(), says, "{room}: nothing goes round");
    }
    tale.goes_on();
    let mut elsewhere = 0;
    let known = tale.known();
    for (room, log) in logs(&tale.world) {
        let bytes: Vec<Vec<u8>> = log.iter().map(Entry::encode).collect();
        let report = verify(&known, bytes.iter().map(Vec::as_slice)).unwrap();
        assert_eq!(report.renewed.len(), renewals(&log).len());
        let [place] = renewals(&log)[..] else {
            assert!(renewals(&log).is_empty(), "{room}: once");
            continue;
        };
        if own_faces.contains(&room) {
            continue;
        }
        elsewhere += 1;
        assert_eq!(log[place].author, Author::Rule);
        let next = &log[place + 1];
        let rests = next.statement.is_some() || key::kept(&next.event).is_some();
        assert!(rests && next.at == log[place].at, "{room}: {}", next.kind);
    }
    assert!(elsewhere > 1, "{elsewhere} rooms");
}

#[test]
fn the_old_key_signs_nothing_and_certifies_nobody() {
    let mut tale = tale();
    let (home, ana) = (RoomId::org(tale.bright), tale.ana);
    let removal = Command::Org(org::Command::Remove {
        member: tale.world.consoles[tale.nia].member,
    });
    let refused = tale.world.say(ana, home, removal, &[]).unwrap_err();
    assert_eq!(refused.code, "unsigned", "{refused:?}");
    let (by, device) = (&tale.world.consoles[ana], tale.world.consoles[ana].device);
    let again = Command::Org(org::Command::Certify {
        device,
        chain: by.chain.clone(),
    });
    let refused = tale.world.say(ana, home, again, &[]).unwrap_err();
    assert!(refused.words.contains("root key"), "{refused:?}");
    tale.goes_on();
}

#[test]
fn a_renewal_that_is_forged_removed_moved_or_of_another_key_is_found() {
    let mut tale = tale();
    tale.goes_on();
    let (mut removed, mut moved) = (0, 0);
    for (room, log) in logs(&tale.world) {
        let [place] = renewals(&log)[..] else {
            continue;
        };
        let said = &log[place];
        let own = room == RoomId::org(tale.bright);
        let with = |told: Entry| {
            let mut log = log.clone();
            log[place] = told;
            breach(&tale.world, log)
        };
        let Event::Key(key::Event::Renewed { org, .. }) = said.event else {
            panic!("{}", said.kind);
        };
        // Another key.
        let root = PublicKey([7; 32]);
        let other = Worded::plain(Event::Key(key::Event::Renewed { org, root }));
        let other = Entry {
            facts: Facts::write(&other),
            event: other.what,
            ..said.clone()
        };
        assert_eq!(with(other).seq, said.seq, "{room}");
        // By somebody who may not: nobody's rule in the own room, nobody's hand elsewhere.
        let author = if own {
            Author::Rule
        } else {
            of_kind(&tale.world, "org.handed_over").author
        };
        let forged = with(Entry {
            author,
            ..said.clone()
        });
        assert_eq!(
            (forged.seq, forged.what),
            (said.seq, Breach::Renewed(org)),
            "{room}"
        );
        // Under a signature that says something else.
        let statement = of_kind(&tale.world, "org.handed_over").statement;
        let signed = with(Entry {
            statement,
            ..said.clone()
        });
        assert_eq!((signed.seq, signed.what), (said.seq, Breach::Renewed(org)));
        // Said twice.
        let mut twice = log.clone();
        twice.insert(place + 1, said.clone());
        let twice = breach(&tale.world, twice);
        assert_eq!(twice.seq, said.seq.next(), "{room}");
        // Left out, or later than what rests on it. A face signs nothing, and its renewal proves nothing.
        let rests = log[place..].iter().skip(1);
        let rests = rests
            .clone()
            .position(|one| one.statement.is_some() || key::kept(&one.event).is_some());
        let Some(rests) = rests.filter(|_| !own) else {
            continue;
        };
        let old_is_known = log[..place].iter().any(|one| one.author.org() == Some(org));
        let mut without = log.clone();
        without.remove(place);
        if old_is_known {
            let found = breach(&tale.world, without);
            assert_eq!(found.seq.0, said.seq.0 + rests as u64, "{room}: {found}");
            assert!(is_root(&found.what), "{found}");
            removed += 1;
            let mut later = log.clone();
            let told = later.remove(place);
            later.insert(place + rests + 1, told);
            assert!(is_root(&breach(&tale.world, later).what));
            moved += 1;
        }
    }
    assert!(removed > 0 && moved > 0, "{removed} {moved}");
}

fn is_root(what: &Breach) -> bool {
    match what {
        Breach::Statement(StatementError::Root) => true,
        Breach::Kept { what, .. } => is_root(what),
        _ => false,
    }
}

/// Nobody is seated by a server alone: an own room that renews without the notice is refused.
#[test]
fn a_renewal_without_three_days_of_notice_is_found() {
    let mut tale = tale();
    tale.goes_on();
    let log = tale.world.entries(RoomId::org(tale.bright));
    let place = renewals(&log)[0];
    let kinds = ["org.successor_announced", "org.successor_seated"];
    for kind in kinds {
        let mut told = log.clone();
        told.retain(|entry| entry.kind != kind);
        let seq = log[place].seq.0 - 1;
        let found = breach(&tale.world, told);
        assert_eq!(
            (found.seq.0, found.what),
            (seq, Breach::Renewed(tale.bright)),
            "{kind}"
        );
    }
    let mut hasty = log;
    let seated = hasty
        .iter()
        .position(|entry| entry.kind == kinds[1])
        .unwrap();
    hasty[seated].at = hasty[seated - 1].at;
    let found = breach(&tale.world, hasty);
    assert_eq!(found.what, Breach::Renewed(tale.bright));
    let role = tale.world.room(RoomId::org(tale.bright));
    let people = &role.state.org().unwrap().people;
    assert_eq!(
        people[&tale.world.consoles[tale.nia].member].role,
        Role::Admin
    );
}

/// An organisation whose own room says of another that its keys are new keeps its own.
#[test]
fn anothers_new_keys_leave_ones_own_as_they_were() {
    let mut tale = tale();
    tale.goes_on();
    let relation = of_kind(&tale.world, "relation.opened").room;
    let parts = Command::Relation(relation::Command::Disconnect {});
    tale.world.say(tale.nia, relation, parts, &[]).unwrap();
    let (lea, alder) = (tale.lea, tale.world.consoles[tale.lea].org);
    let home = RoomId::org(alder);
    let log = tale.world.entries(home);
    let [place] = renewals(&log)[..] else {
        panic!("{log:#?}");
    };
    assert_eq!(log[place + 1].kind, "org.disconnected");
    assert!(log[place + 1].statement.is_some());
    let asks = Command::Org(org::Command::Connect { to: tale.bright });
    tale.world.say(lea, home, asks, &["Once more?"]).unwrap();
    tale.world.verify();
    let bytes: Vec<Vec<u8>> = tale.world.entries(home).iter().map(Entry::encode).collect();
    let report = verify(&tale.known(), bytes.iter().map(Vec::as_slice)).unwrap();
    assert_eq!(report.unproven, []);
}
