//! What reaches somebody only through a side way: bookmarks of rooms that are not theirs, wake-ups that are not about them,
//! reads between a commit and its bell. Each was a leak, or would be one.

use super::{kept, names, say};
use crate::world::{
    ANA, Community, KIM, LEO, RUI, TOM, UMA, VIK, World, example, open_channel, opened,
};
use rialto_server::{
    conversation::{Conversation as _, Effect},
    directory::Indexer,
    ledger::{
        desk::{Finished, Fresh},
        writer::{Follower as _, Job, Work},
    },
};
use rialto_shared::{
    command::Command,
    entry::{Entry, Seq},
    event::Event,
    id::{MemberId, RoomId},
    protocol::{Down, Up},
    room::{channel, deal, inbox, org},
    standing::PartnerType,
    time::Span,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

fn own(world: &World, who: usize) -> RoomId {
    RoomId::inbox(world.consoles[who].member)
}

/// The ids of these rooms can be computed by anybody who knows who is on the server.
fn computed(world: &World) -> Vec<RoomId> {
    let members: BTreeSet<MemberId> = [KIM, LEO].map(|who| world.consoles[who].member).into();
    vec![
        RoomId::org(world.consoles[KIM].org),
        RoomId::direct(&members),
        own(world, KIM),
    ]
}

#[test]
fn keeping_a_room_lets_nobody_listen_at_its_door() {
    let mut world = Community::new(1).world;
    let members = BTreeSet::from([world.consoles[LEO].member]);
    let direct = Command::Inbox(inbox::Command::OpenDirect { members });
    world.say(KIM, own(&world, KIM), direct, &[]).unwrap();
    for room in computed(&world) {
        world.say(RUI, own(&world, RUI), kept(room), &[]).unwrap();
    }
    let mark = world.consoles[RUI].heard.len();
    for room in computed(&world).into_iter().take(2) {
        world.up(KIM, &Up::Typing { room });
        world.say(KIM, room, say(), &["among ourselves"]).unwrap();
        world.up(LEO, &Up::Typing { room });
        world.settle();
        world.clock.advance(Span::seconds(5));
    }
    world.hang_up(KIM);
    world.log_in(KIM);
    world.hang_up(RUI);
    let told = names(&world, RUI, mark);
    assert!(told.is_empty(), "{told:?}");
}

/// A count of a room that is readable is not held up, nor let go, by what happens in one that is not.
#[test]
fn counts_keep_their_own_time() {
    let heard = |noisy: bool| {
        let Community {
            mut world, lobby, ..
        } = Community::new(1);
        let hidden = RoomId::org(world.consoles[KIM].org);
        for room in [lobby, hidden] {
            world.say(RUI, own(&world, RUI), kept(room), &[]).unwrap();
        }
        let mark = world.consoles[RUI].heard.len();
        let noise = |world: &mut World| {
            if noisy {
                world.say(KIM, hidden, say(), &["psst"]).unwrap();
            }
            world.clock.advance(Span::millis(600));
        };
        for n in 0..6 {
            noise(&mut world);
            world
                .say(UMA, lobby, say(), &[&format!("message {n}")])
                .unwrap();
            noise(&mut world);
        }
        world.clock.advance(Span::seconds(2));
        noise(&mut world);
        world.up(RUI, &Up::Ping { id: 1 });
        let frames = world.consoles[RUI].heard[mark..].to_vec();
        (frames, world.room(lobby).head.seq)
    };
    let (quiet, head) = heard(false);
    assert_eq!(quiet, heard(true).0);
    let last = quiet
        .iter()
        .rev()
        .find_map(|frame| match serde_json::from_str(frame) {
            Ok(Down::Heads { heads }) => Some(heads),
            _ => None,
        });
    assert_eq!(
        last.expect("counts")[0].1,
        head,
        "the last count is not forgotten"
    );
    assert!(
        quiet
            .iter()
            .filter(|frame| frame.starts_with("{\"heads\""))
            .count()
            < 8
    );
}

#[test]
fn a_read_mark_without_a_seat_tells_not_even_its_bound() {
    let mut world = Community::new(1).world;
    let hidden = RoomId::org(world.consoles[KIM].org);
    world.say(RUI, own(&world, RUI), kept(hidden), &[]).unwrap();
    let before = world.house.snapshot().unwrap().commit().unwrap();
    let member = world.consoles[RUI].member;
    let seq = Seq(4);
    world.now(Work::Seen {
        member,
        room: hidden,
        seq,
    });
    assert_eq!(world.house.snapshot().unwrap().commit().unwrap(), before);
}

/// Between a commit and its bell a session may be woken by something else: what it reads then is the new commit, and it
/// must look at who it is in that commit.
#[test]
fn a_read_before_the_bell_is_of_the_standing_at_that_commit() {
    let Community {
        mut world, orgs, ..
    } = Community::new(1);
    let vendor = RoomId::org(orgs[0]);
    let classify = |types: &[PartnerType]| {
        let class = org::Class {
            types: types.iter().copied().collect(),
            levels: BTreeMap::new(),
        };
        Command::Org(org::Command::Classify {
            org: orgs[1],
            class,
        })
    };
    world
        .say(TOM, vendor, classify(&[PartnerType::Isv]), &[])
        .unwrap();
    let reach = channel::Reach::Types(BTreeSet::from([PartnerType::Isv]));
    world
        .say(TOM, vendor, open_channel("isv", reach), &["For makers"])
        .unwrap();
    let room = opened(&world, orgs[0]);
    world.up(RUI, &Up::Watch { room, cursor: None });
    assert!(world.consoles[RUI].rooms.contains_key(&room));
    // One more message, whose bell has rung when the next batch begins.
    world.say(VIK, room, say(), &["for makers"]).unwrap();
    let session = world.consoles[RUI].session.take().unwrap();
    let session = Arc::new(Mutex::new(session));
    let jobs = [
        (TOM, vendor, classify(&[]), vec![]),
        (VIK, room, say(), vec!["no longer for Rui"]),
    ];
    let works: Vec<Work> = jobs
        .into_iter()
        .map(|(who, room, command, texts)| work(&mut world, who, room, command, &texts))
        .collect();
    let heard = Arc::new(Mutex::new(vec![]));
    let now = rialto_server::clock::Clock::now(&world.clock);
    world
        .house
        .bell
        .ring(&BTreeSet::from([rialto_server::bell::Topic::Room(room)]));
    let jobs = works.into_iter().map(|work| {
        let (session, heard) = (Arc::clone(&session), Arc::clone(&heard));
        // The answers go out after the commit and before its bell: here the session reads.
        let reply = Box::new(move |_| {
            for effect in session.lock().unwrap().woken(now) {
                if let Effect::Send(frame) = effect {
                    heard.lock().unwrap().push(frame.as_str().to_owned());
                }
            }
        });
        Job {
            work,
            reply: reply as Box<dyn FnOnce(_) + Send>,
        }
    });
    let jobs = jobs.collect();
    world.writer.commit(jobs);
    let heard = heard.lock().unwrap().join("\n");
    assert!(!heard.contains("no longer for Rui"), "{heard}");
    assert!(heard.contains("{\"closed\""), "{heard}");
}

fn work(world: &mut World, who: usize, room: RoomId, command: Command, texts: &[&str]) -> Work {
    let Up::Command {
        lane,
        n,
        room,
        facts,
        texts,
        signed,
    } = world.frame(who, room, command, texts)
    else {
        panic!("no command");
    };
    Work::Command(Box::new(rialto_server::ledger::writer::Submission {
        device: world.consoles[who].device,
        lane,
        n,
        room,
        facts,
        texts,
        signed,
    }))
}

/// What two organisations are to each other opens and closes rooms for both of them, at once.
#[test]
fn both_ends_of_a_connection_hear_of_its_end() {
    let Community {
        mut world, orgs, ..
    } = Community::new(1);
    let [vendor, bright, cloud] = orgs;
    let connect = |to| Command::Org(org::Command::Connect { to });
    for (one, other, first, second) in [(bright, cloud, ANA, KIM), (vendor, cloud, TOM, KIM)] {
        world
            .say(first, RoomId::org(one), connect(other), &["Shall we?"])
            .unwrap();
        world
            .say(second, RoomId::org(other), connect(one), &["We shall"])
            .unwrap();
        for (who, of) in [(first, other), (second, one)] {
            let card = RoomId::card(of);
            world.up(
                who,
                &Up::Watch {
                    room: card,
                    cursor: None,
                },
            );
            assert!(
                world.consoles[who].rooms.contains_key(&card),
                "{who} sees the card"
            );
        }
        let relation = RoomId::relation(one, other);
        let end = Command::Relation(rialto_shared::room::relation::Command::Disconnect {});
        world.say(first, relation, end, &[]).unwrap();
        for (who, of) in [(first, other), (second, one)] {
            let card = RoomId::card(of);
            assert!(
                !world.consoles[who].rooms.contains_key(&card),
                "{who} still sees the card"
            );
        }
    }
}

/// Whoever is invited may answer, and learns nothing of the deal by naming places in it.
#[test]
fn an_invitation_is_no_look_into_the_room() {
    let Community {
        mut world, orgs, ..
    } = Community::new(1);
    let people = BTreeSet::from([world.consoles[VIK].member]);
    let open = Command::Inbox(inbox::Command::OpenDeal {
        presence: deal::Presence::InRoom,
        value: None,
        close: None,
        people,
    });
    let tom = own(&world, TOM);
    world
        .say(TOM, tom, open.clone(), &example::texts(&open))
        .unwrap();
    let room = world
        .entries(tom)
        .iter()
        .find_map(|entry| match &entry.event {
            Event::Inbox(inbox::Event::DealOpened { deal, .. }) => Some(*deal),
            _ => None,
        })
        .expect("a deal");
    for n in 0..5 {
        world
            .say(VIK, room, say(), &[&format!("message {n}")])
            .unwrap();
    }
    let invite = Command::Deal(deal::Command::Invite {
        org: orgs[2],
        responsibility: deal::Responsibility::Reseller,
        history: true,
        can: deal::Can::ALL,
    });
    world.say(TOM, room, invite, &["Join us"]).unwrap();
    let invited = world.room(room).head.seq;
    let named = example::strangers(rialto_server::clock::Clock::now(&world.clock));
    let kinds = example::examples(&named).len();
    for place in 0..kinds {
        let mut answers = BTreeSet::new();
        let mut kind = String::new();
        // Entries that are there, messages and others, of them and of nobody, and entries that are not.
        for seq in [1, 2, 3, 6, 900, u64::MAX] {
            let seq = Seq(seq);
            assert_ne!(seq, invited);
            let named = example::Named {
                entry: seq,
                at: seq,
                ..named
            };
            let (command, texts) = example::examples(&named).remove(place);
            kind = command.kind();
            answers.insert(format!("{:?}", world.say(KIM, room, command, &texts)));
        }
        assert_eq!(answers.len(), 1, "{kind}: {answers:?}");
        assert!(
            answers.iter().all(|answer| answer.starts_with("Err")),
            "{kind}: {answers:?}"
        );
    }
}

#[test]
fn the_directory_reads_only_what_may_be_found_by() {
    let Community {
        mut world,
        orgs,
        lobby,
    } = Community::new(1);
    let indexer = Indexer(Arc::clone(&world.house.directory));
    let wants = |entry: Entry| {
        indexer.wants(&Finished {
            commit: 1,
            rooms: BTreeMap::new(),
            topics: BTreeSet::new(),
            fresh: vec![Fresh {
                bytes: entry.encode(),
                entry,
            }],
        })
    };
    world
        .say(TOM, lobby, say(), &["nothing to be found by"])
        .unwrap();
    let home = RoomId::org(orgs[0]);
    world.say(TOM, home, say(), &["nor this"]).unwrap();
    let first = |room| world.entries(room)[0].clone();
    let last = |room| world.entries(room).pop().unwrap();
    assert!(wants(first(lobby)) && wants(first(RoomId::profile(orgs[1]))));
    for entry in [last(lobby), first(home), last(home)] {
        let what = entry.kind.clone();
        assert!(!wants(entry), "{what}");
    }
}
