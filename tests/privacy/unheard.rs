//! Whether a stranger is heard shows to nobody of theirs before they are answered.
//!
//! Two worlds in which the same people do the same; in one of them the other organisation hears an offer that goes with a
//! request to connect, and its people look at it and talk about it; in the other it excludes the sender, hears nobody at
//! all, or has as many requests waiting as it may. What each of the sender's people was sent must be the same, byte for
//! byte, however the offer ends that nobody answers: by its clock, withdrawn, or over a restart of the server.

mod objection;

use super::difference;
use crate::{
    crash::disk::Disk,
    journeys::{CASE, case, draft, promise},
    world::{DAWN, World},
};
use rialto_server::clock::Clock as _;
use rialto_shared::{
    command::Command,
    entry::{Entry, Seq},
    event::{self, Event},
    id::{OrgId, RoomId},
    limits,
    protocol::{Down, Query, Up, Want},
    room::{Policy, inbox, org, referral, side, talk},
    standing::{OrgKind, Role},
    time::Span,
};
use std::collections::BTreeSet;

/// Why an organisation does not hear another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deaf {
    /// It excludes that one.
    Excludes,
    /// It hears nobody.
    Denies,
    /// As many requests wait as may.
    Full,
}

/// How an offer ends that nobody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    RunsOut,
    TakenBack,
    OverARestart,
}

/// Two organisations that do not know each other, and the vendor: Lea, Max and Ria of the one, Ana and Rui of the other.
struct Strangers {
    world: World,
    disk: Disk,
    sender: OrgId,
    receiver: OrgId,
    lea: usize,
    max: usize,
    ria: usize,
    ana: usize,
    rui: usize,
    case: RoomId,
}

/// So that some console is never the only one of its organisation.
const SEED: u64 = 41;

fn say() -> Command {
    Command::Talk(talk::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    })
}

impl Strangers {
    /// They have come, and Lea has a case. A crowd has asked the receiver to connect, as many as may wait there.
    fn new(crowd: bool) -> Self {
        let disk = Disk::default();
        let mut world = World::on(SEED, disk.clone(), DAWN, Policy::None).expect("a new disk");
        let vendor = world.organisation("Northwind", OrgKind::Vendor);
        let sender = world.organisation("Alder", OrgKind::Partner);
        let receiver = world.organisation("BrightPath", OrgKind::Partner);
        world.claim(vendor, "Tom");
        let ana = world.claim(receiver, "Ana");
        let rui = world.invite(ana, "Rui", Role::Lead, false);
        if crowd {
            for place in 0..limits::KNOCKS_MAX {
                let other = world.organisation(&format!("Crowd {place}"), OrgKind::Partner);
                let one = world.claim(other, &format!("One {place}"));
                let connect = Command::Org(org::Command::Connect { to: receiver });
                world
                    .say(one, RoomId::org(other), connect, &["Hello"])
                    .unwrap();
                world.hang_up(one);
            }
        }
        let lea = world.claim(sender, "Lea");
        let max = world.invite(lea, "Max", Role::Lead, false);
        let ria = world.invite(lea, "Ria", Role::Rep, false);
        let open = Command::Inbox(inbox::Command::OpenCase { draft: draft() });
        let inbox = RoomId::inbox(world.consoles[lea].member);
        world.say(lea, inbox, open, &CASE).unwrap();
        let case = case(&world, lea);
        Self {
            world,
            disk,
            sender,
            receiver,
            lea,
            max,
            ria,
            ana,
            rui,
            case,
        }
    }

    /// The receiver does not hear the sender, for this reason; else it makes place where the crowd is.
    fn listens(&mut self, deaf: Option<Deaf>, crowd: bool) {
        let command = match deaf {
            Some(Deaf::Excludes) => org::Command::Exclude {
                org: self.sender,
                on: true,
            },
            Some(Deaf::Denies) => org::Command::Prefer {
                preference: org::Preference::DenyAll,
                at: Seq::ZERO,
            },
            None if crowd => self.answer(None, org::Take::Neither),
            Some(Deaf::Full) | None => return,
        };
        let home = RoomId::org(self.receiver);
        self.world
            .say(self.ana, home, Command::Org(command), &[])
            .unwrap();
    }

    /// Ana's answer to the last request that waits from this organisation, or from any.
    fn answer(&self, from: Option<OrgId>, take: org::Take) -> org::Command {
        let log = self.world.entries(RoomId::org(self.receiver));
        let knock = log.iter().rev().find_map(|entry| match &entry.event {
            Event::Org(org::Event::Knocked { from: by, .. })
                if from.is_none_or(|from| from == *by) =>
            {
                Some((*by, event::matter(entry).unwrap()))
            }
            _ => None,
        });
        let (from, knock) = knock.expect("a request");
        let rui = self.world.consoles[self.rui].member;
        let people = (take == org::Take::Both).then_some(rui);
        let people = people.into_iter().collect();
        org::Command::AnswerConnection {
            from,
            knock,
            take,
            people,
        }
    }

    /// Lea offers the case, and is curious; what comes of the other side, as far as they may, Ana and Rui do too. The
    /// referral that she is not in.
    fn offers(&mut self) -> RoomId {
        let promise = promise(&self.world, self.case);
        let (to, shown, full) = (self.receiver, promise.shown(), promise.full());
        let offer = Command::Side(side::Command::OfferWithRequest { to, shown, full });
        let words = &["We met at the fair"];
        self.world.say(self.lea, self.case, offer, words).unwrap();
        let log = self.world.entries(self.case);
        let offered = log.iter().find_map(|entry| match &entry.event {
            Event::Side(side::Event::Offered { offer, .. }) => Some(*offer),
            _ => None,
        });
        let referral = offered.expect("an offer");
        let home = RoomId::org(self.sender);
        for who in [self.lea, self.max] {
            self.curious(who, referral);
            let connect = Command::Org(org::Command::Connect { to });
            drop(self.world.say(who, home, connect, &["And again"]));
            let withdraw = Command::Org(org::Command::Withdraw { to });
            drop(self.world.say(who, home, withdraw, &[]));
        }
        referral
    }

    /// Everything that one may try with a room's id.
    fn curious(&mut self, who: usize, room: RoomId) {
        let world = &mut self.world;
        let join = Command::Inbox(inbox::Command::Join { room });
        let inbox = RoomId::inbox(world.consoles[who].member);
        drop(world.say(who, inbox, join, &[]));
        let cursor = world.consoles[who].cursors.get(&room).copied();
        let page = Up::Page {
            id: 7,
            room,
            want: Want::Before(Seq::ZERO),
            limit: 20,
        };
        let seq = Seq(9);
        for up in [Up::Watch { room, cursor }, page, Up::Typing { room }] {
            world.up(who, &up);
        }
        world.up(who, &Up::Seen { room, seq });
        let query = Query::Orgs {
            words: "bright".to_owned(),
            types: BTreeSet::new(),
            program: None,
            region: None,
            skip: 0,
        };
        world.up(who, &Up::Find { id: 8, query });
        for command in [
            Command::Referral(referral::Command::Withdraw {}),
            Command::Referral(referral::Command::View {}),
        ] {
            drop(world.say(who, room, command, &[]));
        }
        drop(world.say(who, room, say(), &["Is anybody there?"]));
    }

    /// The receiver's people look at it and talk of it among themselves, as far as they hear of it.
    fn looks(&mut self, referral: RoomId) {
        let world = &mut self.world;
        let lea = world.consoles[self.lea].member;
        let view = Command::Referral(referral::Command::View {});
        drop(world.say(self.ana, referral, view, &[]));
        for who in [self.ana, self.rui] {
            world.up(who, &Up::Typing { room: referral });
            let mention = Command::Talk(talk::Command::Say {
                thread: None,
                mentions: BTreeSet::from([lea]),
            });
            drop(world.say(who, referral, mention, &["What do we make of this?"]));
        }
        let pin = talk::Command::Pin {
            target: Seq(4),
            on: true,
        };
        drop(world.say(self.ana, referral, Command::Talk(pin), &[]));
        world.hang_up(self.rui);
        world.log_in(self.rui);
    }

    fn ends(&mut self, referral: RoomId, end: End) {
        match end {
            End::RunsOut => {}
            End::TakenBack => {
                let withdraw = side::Command::Withdraw { offer: referral };
                self.world
                    .say(self.max, self.case, Command::Side(withdraw), &[])
                    .unwrap();
            }
            End::OverARestart => self.restart(Span::days(8)),
        }
        self.world.pass(Span::hours(2));
        self.world.pass(Span::days(8));
        let page = Up::Page {
            id: 9,
            room: self.case,
            want: Want::Before(Seq::ZERO),
            limit: 50,
        };
        self.world.up(self.max, &page);
        self.curious(self.lea, referral);
        // Whom they turn to next.
        let vendor = self.world.consoles[0].org;
        let promise = promise(&self.world, self.case);
        let (to, shown, full) = (vendor, promise.shown(), promise.full());
        let offer = Command::Side(side::Command::OfferWithRequest { to, shown, full });
        self.world
            .say(self.lea, self.case, offer, &["Then you?"])
            .unwrap();
        self.world.pass(Span::days(8));
        self.world.verify();
    }

    /// The server is down for so long; then everybody comes back.
    fn restart(&mut self, span: Span) {
        let now = self.world.clock.now() + span;
        let fresh = World::on(SEED + 1, Disk::default(), DAWN, Policy::None).expect("a new disk");
        let mut old = std::mem::replace(&mut self.world, fresh);
        let consoles = std::mem::take(&mut old.consoles);
        drop(old);
        let disk = self.disk.clone();
        self.world = World::on(SEED, disk, now, Policy::None).expect("the same disk");
        let all = consoles.len();
        self.world.consoles = consoles;
        for console in &mut self.world.consoles {
            console.session = None;
        }
        for who in 0..all {
            self.world.log_in(who);
        }
    }

    /// What the sender's people were sent.
    fn heard(&self) -> [&[String]; 3] {
        [self.lea, self.max, self.ria].map(|who| self.world.consoles[who].heard.as_slice())
    }

    fn kinds(&self, room: RoomId) -> Vec<String> {
        let log = self.world.entries(room);
        log.into_iter().map(|entry| entry.kind).collect()
    }

    /// The entries of a room that this console was sent.
    fn sent(&self, who: usize, room: RoomId) -> Vec<Entry> {
        self.world.consoles[who].heard_in(room)
    }
}

/// The story of one offer that nobody answers; whether it was heard.
fn unanswered(deaf: Option<Deaf>, crowd: bool, end: End) -> (Strangers, bool) {
    let mut story = Strangers::new(crowd);
    story.listens(deaf, crowd);
    let referral = story.offers();
    story.looks(referral);
    let heard = story.kinds(referral).contains(&"referral.shown".to_owned());
    story.ends(referral, end);
    (story, heard)
}

fn alike(deaf: Deaf, ends: &[End]) {
    let crowd = deaf == Deaf::Full;
    for end in ends {
        let (one, heard) = unanswered(None, crowd, *end);
        let (other, unheard) = unanswered(Some(deaf), crowd, *end);
        assert!(heard && !unheard, "the two worlds are no different");
        for (one, other) in one.heard().into_iter().zip(other.heard()) {
            if let Some(difference) = difference(one, other) {
                panic!("{deaf:?}, {end:?}: {difference}");
            }
        }
    }
}

const ENDS: [End; 3] = [End::RunsOut, End::TakenBack, End::OverARestart];

#[test]
fn an_organisation_that_excludes_a_stranger_looks_like_one_that_does_not_answer() {
    alike(Deaf::Excludes, &ENDS);
}

#[test]
fn an_organisation_that_hears_nobody_looks_like_one_that_does_not_answer() {
    alike(Deaf::Denies, &ENDS);
}

#[test]
fn an_organisation_that_many_wait_for_looks_like_one_that_does_not_answer() {
    alike(Deaf::Full, &[End::RunsOut]);
}

/// How the receiver's people answer, or what else they do of their own will.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Takes,
    Refuses,
    Declines,
    Asks,
}

/// The sender's people are in the room from the answer on, and read nothing of what was said before.
#[test]
fn an_answer_opens_the_room_from_there_on() {
    for answer in [
        Answer::Takes,
        Answer::Refuses,
        Answer::Declines,
        Answer::Asks,
    ] {
        let mut story = Strangers::new(false);
        let referral = story.offers();
        story.looks(referral);
        let before = story.world.entries(referral).len() as u64;
        assert!(before > 4, "they have looked and talked");
        assert!(story.sent(story.lea, referral).is_empty());
        let home = RoomId::org(story.receiver);
        let sender = Some(story.sender);
        let (room, command) = match answer {
            Answer::Takes => {
                let both = story.answer(sender, org::Take::Both);
                (home, Command::Org(both))
            }
            Answer::Refuses => {
                let neither = story.answer(sender, org::Take::Neither);
                (home, Command::Org(neither))
            }
            Answer::Declines => {
                let reason = referral::DeclineReason::Capacity;
                let decline = referral::Command::Decline { reason };
                (referral, Command::Referral(decline))
            }
            Answer::Asks => {
                let to = story.sender;
                (home, Command::Org(org::Command::Connect { to }))
            }
        };
        let texts = vec!["In a few words"; command.slots().len()];
        story.world.say(story.ana, room, command, &texts).unwrap();
        story.curious(story.max, referral);
        for who in [story.lea, story.max] {
            let held = story.world.consoles[who].rooms.get(&referral);
            assert!(held.is_some(), "{answer:?}: they know the state");
            let pages = story.world.consoles[who].heard.iter();
            let read: Vec<Entry> = pages
                .filter_map(|frame| match serde_json::from_str(frame) {
                    Ok(Down::Page { entries, room, .. } | Down::Entries { room, entries })
                        if room == referral =>
                    {
                        Some(entries)
                    }
                    _ => None,
                })
                .flatten()
                .map(|raw| Entry::decode(raw.get().as_bytes()).unwrap())
                .collect();
            let first = read.iter().map(|entry| entry.seq.0).min();
            assert!(
                first.is_none_or(|first| first > before),
                "{answer:?}: {first:?} of {before}"
            );
            let leaked = &story.world.consoles[who].heard;
            assert!(!leaked.iter().any(|frame| frame.contains("make of this")));
        }
        assert!(
            !story.world.consoles[story.ria]
                .rooms
                .contains_key(&referral),
            "its Leads, and who has the case"
        );
        story.world.verify();
    }
}

/// Who was not heard is heard when the other asks them: both are connected, and both read what waits.
#[test]
fn whoever_asks_a_stranger_in_its_turn_is_shown_what_they_offered() {
    let mut story = Strangers::new(false);
    story.listens(Some(Deaf::Denies), false);
    let referral = story.offers();
    assert_eq!(story.kinds(referral), ["referral.opened"]);
    let connect = Command::Org(org::Command::Connect { to: story.sender });
    let home = RoomId::org(story.receiver);
    story
        .world
        .say(story.ana, home, connect, &["You?"])
        .unwrap();
    let joined = ["referral.opened", "referral.shown", "referral.joined"];
    assert_eq!(story.kinds(referral), joined);
    for who in [story.lea, story.max, story.ana, story.rui] {
        assert!(story.world.consoles[who].rooms.contains_key(&referral));
    }
    let accept = referral::Command::Accept {
        from: story.sender,
        people: BTreeSet::from([story.world.consoles[story.rui].member]),
    };
    story
        .world
        .say(story.ana, referral, Command::Referral(accept), &[])
        .unwrap();
    story.world.verify();
}

/// How many lead an organisation is its own to know: whoever asks it would learn by a refusal that they are heard there.
#[test]
fn an_organisation_that_very_many_lead_is_asked_like_any_other() {
    let mut story = Strangers::new(false);
    // Each is pointed to the request, and no longer to those that lapsed.
    for place in 0..limits::REACTIONS_MAX / 2 + 4 {
        let name = format!("Lead {place}");
        let who = story.world.invite(story.ana, &name, Role::Lead, false);
        story.world.hang_up(who);
    }
    let referral = story.offers();
    let shown = ["referral.opened", "referral.shown"];
    assert_eq!(story.kinds(referral), shown);
}
