//! Faults that the suite must notice. None is in the server's code.
//!
//! Planted between the real server and its consoles, in both worlds alike, so that the suite's own comparison has to find
//! them: counts without a seat, entries after the seat is gone, a refusal before admission, a pointer without admission, a
//! cache that readers fill, a reaction's refusal shown, typing heard through a bookmark, a number that all rooms share, a
//! text of the full part with an offer that nobody accepted yet, and a sender who is in an offer that nobody answered yet. Planted before the real server, which then does all the
//! rest by its rules: a case whose texts are in the wrong places, so that the offer really commits to what it should hold
//! back. Planted in the transcript, just as the fault would write it, because the wire's hashes would give them away at once: an
//! author in a pointer (`privacy::a_pointer_that_says_who_is_noticed`).

use crate::world::{Fault, World};
use rialto_shared::{
    command::Command,
    entry::{Author, Entry, Facts, SaltedText, Seq},
    event::Event,
    id::RoomId,
    protocol::{Down, Outcome, Presence, Up},
    rejection::{Refusal, Rejection},
    room::{State, inbox, referral, side, talk},
    standing::Role,
};
use std::collections::{BTreeMap, BTreeSet};

/// Makes a fault for this observer.
pub(super) type Plant = fn(usize) -> Box<dyn Fault>;

/// Every fault that is planted in a running world.
pub(super) const FAULTS: [(&str, Plant); 11] = [
    ("counts without a seat", |observer| {
        Box::new(Counts(observer))
    }),
    ("entries after the seat is gone", |observer| {
        Box::new(Beyond(observer, BTreeSet::new()))
    }),
    ("a refusal before admission", |observer| {
        Box::new(Hasty(observer, BTreeMap::new()))
    }),
    ("a pointer without admission", |observer| {
        Box::new(Pointer(observer))
    }),
    ("a cache that readers fill", |_| Box::new(Cache::default())),
    ("a reaction's refusal shown", |observer| {
        Box::new(Surfaced(observer, BTreeMap::new()))
    }),
    ("typing heard through a bookmark", |observer| {
        Box::new(Bookmark(observer))
    }),
    ("a number that all rooms share", |observer| {
        Box::new(Shared(observer))
    }),
    ("a case's texts in the wrong places", |_| Box::new(Confused)),
    ("a text of the full part with the offer", |observer| {
        Box::new(Early(observer))
    }),
    ("a sender in an offer that nobody answered", |observer| {
        Box::new(Seated(observer))
    }),
];

fn frame(down: &Down) -> String {
    serde_json::to_string(down).unwrap()
}

fn holds(world: &World, observer: usize, room: RoomId) -> bool {
    world.consoles[observer].cursors.contains_key(&room)
}

/// Tells how far every room is, seat or not.
struct Counts(usize);

impl Fault for Counts {
    fn after(&mut self, world: &World, fresh: &[Entry]) -> Vec<(usize, String)> {
        let unheld = fresh
            .iter()
            .filter(|entry| !holds(world, self.0, entry.room));
        unheld
            .map(|entry| {
                let heads = vec![(entry.room, entry.seq, Seq::ZERO)];
                (self.0, frame(&Down::Heads { heads }))
            })
            .collect()
    }
}

/// Goes on sending a room's entries after the seat is gone: reads at a later commit than the one it was admitted at.
struct Beyond(usize, BTreeSet<RoomId>);

impl Fault for Beyond {
    fn after(&mut self, world: &World, fresh: &[Entry]) -> Vec<(usize, String)> {
        let gone: Vec<_> = fresh
            .iter()
            .filter(|entry| self.1.contains(&entry.room) && !holds(world, self.0, entry.room))
            .map(|entry| (self.0, entries(entry)))
            .collect();
        self.1.extend(world.consoles[self.0].cursors.keys());
        gone
    }
}

fn entries(entry: &Entry) -> String {
    let raw = String::from_utf8(entry.encode()).unwrap();
    let raw = serde_json::value::RawValue::from_string(raw).unwrap();
    frame(&Down::Entries {
        room: entry.room,
        entries: vec![raw],
    })
}

/// The room that each command of the observer's went to.
type Sent = BTreeMap<u64, (RoomId, String)>;

fn remember(sent: &mut Sent, text: &str) {
    if let Ok(Up::Command { n, room, facts, .. }) = serde_json::from_str(text) {
        sent.insert(n, (room, facts));
    }
}

/// Answers by the rules of the room before it looks who asks.
struct Hasty(usize, Sent);

impl Fault for Hasty {
    fn instead(&mut self, _world: &World, index: usize, text: &str) -> Option<Vec<String>> {
        if index == self.0 {
            remember(&mut self.1, text);
        }
        None
    }

    fn down(&mut self, world: &World, index: usize, text: &str) -> String {
        let Ok(Down::Answer {
            lane,
            n,
            outcome: Outcome::Refused(refusal),
        }) = serde_json::from_str(text)
        else {
            return text.to_owned();
        };
        let room = self.1.get(&n).map(|(room, _)| *room);
        let there = room.is_some_and(|room| world.room(room).state != State::Void);
        if index != self.0 || refusal.code != "room.absent" || !there {
            return text.to_owned();
        }
        let outcome = Outcome::Refused(Refusal::from(&Rejection::NeedsRole(Role::Rep)));
        frame(&Down::Answer { lane, n, outcome })
    }
}

/// Points to a mention that its addressee may not read.
struct Pointer(usize);

impl Fault for Pointer {
    fn after(&mut self, world: &World, fresh: &[Entry]) -> Vec<(usize, String)> {
        let me = world.consoles[self.0].member;
        let means_me = |entry: &&Entry| matches!(&entry.event, Event::Talk(talk::Event::Said { mentions, .. }) if mentions.contains(&me));
        fresh
            .iter()
            .filter(|entry| !holds(world, self.0, entry.room))
            .filter(means_me)
            .map(|entry| {
                let heads = vec![(RoomId::inbox(me), entry.seq, Seq::ZERO)];
                (self.0, frame(&Down::Heads { heads }))
            })
            .collect()
    }
}

/// Keeps the pages that readers ask for, and answers the next reader with them.
#[derive(Default)]
struct Cache {
    pages: BTreeMap<(RoomId, String), String>,
    asked: BTreeMap<(usize, u64), (RoomId, String)>,
}

impl Fault for Cache {
    fn instead(&mut self, _world: &World, index: usize, text: &str) -> Option<Vec<String>> {
        let Ok(Up::Page { id, room, want, .. }) = serde_json::from_str(text) else {
            return None;
        };
        let key = (room, format!("{want:?}"));
        let page = self.pages.get(&key).cloned();
        self.asked.insert((index, id), key);
        page.map(|page| vec![page])
    }

    fn down(&mut self, _world: &World, index: usize, text: &str) -> String {
        if let Ok(Down::Page { id, .. }) = serde_json::from_str(text)
            && let Some(key) = self.asked.get(&(index, id))
        {
            self.pages.insert(key.clone(), text.to_owned());
        }
        text.to_owned()
    }
}

/// Refuses a message because the Inbox of whoever is meant is too full.
struct Surfaced(usize, Sent);

impl Fault for Surfaced {
    fn instead(&mut self, _world: &World, index: usize, text: &str) -> Option<Vec<String>> {
        if index == self.0 {
            remember(&mut self.1, text);
        }
        None
    }

    fn down(&mut self, world: &World, index: usize, text: &str) -> String {
        let Ok(Down::Answer {
            lane,
            n,
            outcome: Outcome::Accepted { .. },
        }) = serde_json::from_str(text)
        else {
            return text.to_owned();
        };
        let facts = self.1.get(&n).map_or("", |(_, facts)| facts);
        let meant = match serde_json::from_str::<Facts<Command>>(facts).map(|facts| facts.fact) {
            Ok(Command::Talk(talk::Command::Say { mentions, .. })) => mentions,
            _ => BTreeSet::new(),
        };
        let full = meant
            .iter()
            .any(|member| world.room(RoomId::inbox(*member)).head.seq > Seq(3));
        if index != self.0 || !full {
            return text.to_owned();
        }
        let field = "things that wait";
        let outcome = Outcome::Refused(Refusal::from(&Rejection::Limit { field, max: 3 }));
        frame(&Down::Answer { lane, n, outcome })
    }
}

/// Tells who is writing to everybody who keeps the room.
struct Bookmark(usize);

impl Fault for Bookmark {
    fn overheard(&mut self, world: &World, index: usize, text: &str) -> Vec<(usize, String)> {
        let Ok(Up::Typing { room }) = serde_json::from_str(text) else {
            return vec![];
        };
        let me = &world.consoles[self.0];
        let State::Inbox(inbox) = world.room(RoomId::inbox(me.member)).state else {
            return vec![];
        };
        if index == self.0 || !inbox.bookmarks.contains(&room) || !holds(world, index, room) {
            return vec![];
        }
        let member = world.consoles[index].member;
        let state = Presence::Typing(room);
        vec![(self.0, frame(&Down::Presence { member, state }))]
    }
}

/// Numbers what is accepted across all rooms.
struct Shared(usize);

impl Fault for Shared {
    fn down(&mut self, world: &World, index: usize, text: &str) -> String {
        let Ok(Down::Answer {
            lane,
            n,
            outcome: Outcome::Accepted { room, from, at, .. },
        }) = serde_json::from_str(text)
        else {
            return text.to_owned();
        };
        if index != self.0 {
            return text.to_owned();
        }
        let to = Seq(world.log().len() as u64);
        let outcome = Outcome::Accepted { room, from, to, at };
        frame(&Down::Answer { lane, n, outcome })
    }
}

/// Puts the customer where the need belongs: what is held back is then in the part that is shown now.
struct Confused;

impl Fault for Confused {
    fn texts(&mut self, command: &Command, mut texts: Vec<String>) -> Vec<String> {
        let case = matches!(
            command,
            Command::Inbox(inbox::Command::OpenCase { .. })
                | Command::Side(side::Command::Draft { .. })
        );
        if case && texts.len() > 1 {
            texts.swap(0, 1);
        }
        texts
    }
}

/// Sends the offer with the texts of the draft that it promises, before anybody has accepted.
struct Early(usize);

impl Fault for Early {
    fn after(&mut self, world: &World, fresh: &[Entry]) -> Vec<(usize, String)> {
        let who = &world.consoles[self.0];
        let offered = |entry: &Entry| match &entry.event {
            Event::Referral(referral::Event::Opened { case, to, .. }) if *to == who.org => {
                let log = world.entries(*case).into_iter().rev();
                let drafts =
                    |entry: &Entry| matches!(entry.event, Event::Side(side::Event::Drafted { .. }));
                let draft = log.into_iter().find(drafts)?.texts;
                // The customer where the need belongs, with what commits to it: all is well formed.
                let (need, customer) = (entry.texts.first()?, draft.get(1)?);
                let commitment =
                    |text: &SaltedText| serde_json::to_string(&text.commitment()).expect("a hash");
                let (old, new) = (commitment(need.as_ref()?), commitment(customer.as_ref()?));
                let mut offer = entry.clone();
                offer.facts = offer.facts.replace(&old, &new);
                offer.texts = vec![customer.clone()];
                Some((self.0, entries(&offer)))
            }
            _ => None,
        };
        fresh.iter().filter_map(offered).collect()
    }
}

/// Sends the people of whoever offers to strangers what happens with the offer before the answer: whether it is heard, too.
struct Seated(usize);

impl Fault for Seated {
    fn after(&mut self, world: &World, fresh: &[Entry]) -> Vec<(usize, String)> {
        let who = &world.consoles[self.0];
        let unanswered = |entry: &&Entry| match world.room(entry.room).state {
            State::Referral(referral) => referral.from.org == who.org && !referral.joined,
            _ => false,
        };
        let told = fresh.iter().filter(unanswered);
        told.map(|entry| (self.0, entries(entry))).collect()
    }
}

/// The same transcript, as it would be if pointers said who caused them.
pub(super) fn with_causes(heard: &[String], cause: Author) -> Vec<String> {
    let named = serde_json::to_string(&cause).unwrap();
    heard
        .iter()
        .map(|frame| {
            if frame.contains("inbox.noted") {
                frame.replace("\"author\":\"rule\"", &format!("\"author\":{named}"))
            } else {
                frame.clone()
            }
        })
        .collect()
}
