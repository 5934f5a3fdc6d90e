//! Non-interference over real sockets: each room's decoded sequence, and everything else that the observer is sent, with
//! and without what happens where they never were.
//!
//! With it, two things go on. What the script leaves out otherwise is sent without waiting for each other, and an
//! organisation that nobody has to do with works as fast as it can, in the same batches as everybody else ([`Storm`]). What
//! matters to the observer waits for what came before it, in both worlds: otherwise the order of what they *may* see would be
//! left to the threads.
//!
//! What is compared is everything, room by room and kind by kind in the order in which it came. This is left out, and nothing
//! else: the challenge (its nonce is chance, so its signature is), pongs (the test's own pings), how soon to come back
//! (chance). And one thing is put together: the frames in which entries came, because what is written together depends on
//! when the connection got to it; the entries themselves are compared byte by byte, in order.

use super::{
    Batches, Story, difference,
    haunt::Ghost,
    held_back,
    script::Step,
    story,
    wire::{Desk, Place, Wired, faraway},
};
use crate::world::{Community, Console, Dice, from_env, open_channel, replaces};
use rialto_shared::{
    audience::Grant,
    command::Command,
    entry::Seq,
    id::{MemberId, RoomId},
    protocol::{Down, Query, Up, Want},
    room::{channel as channels, deal, inbox, talk},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::mpsc::{Receiver, channel},
};

/// What one person of the storm does while the script takes one step.
const ACTS: usize = 2;

/// Commands of one person of the storm that wait for an answer.
const WAITING: usize = 6;

/// What an observer heard, by what it was about.
type Streams = BTreeMap<String, Vec<String>>;

/// What was heard, sorted by what it is about.
fn streams(heard: &[String]) -> Streams {
    let mut streams = Streams::new();
    for frame in heard {
        let mut told = |about: String, what: String| streams.entry(about).or_default().push(what);
        let Ok(down) = serde_json::from_str(frame) else {
            // Where a connection ended, and how.
            told("connection".to_owned(), frame.clone());
            continue;
        };
        match down {
            Down::Challenge { .. } | Down::Pong { .. } => {}
            Down::GoingAway { words, .. } => told("connection".to_owned(), words),
            Down::Entries { room, entries } => {
                for raw in entries {
                    told(room.to_string(), raw.get().to_owned());
                }
            }
            Down::Snapshot { room, .. } | Down::Closed { room } => {
                told(room.to_string(), frame.clone());
            }
            Down::Heads { heads } => {
                for (room, said, read) in heads {
                    told(format!("how far {room} is"), format!("{said} {read}"));
                }
            }
            Down::Presence { member, .. } => told(format!("where {member} is"), frame.clone()),
            Down::Cards { members, orgs } => {
                let members = members
                    .iter()
                    .map(|card| (card.id.to_string(), format!("{card:?}")));
                let orgs = orgs
                    .iter()
                    .map(|card| (card.id.to_string(), format!("{card:?}")));
                for (id, card) in members.chain(orgs) {
                    told(format!("who {id} is"), card);
                }
            }
            Down::Answer { .. } => told("answers".to_owned(), frame.clone()),
            Down::Page { .. } | Down::Found { .. } | Down::Error { .. } => {
                told("questions".to_owned(), frame.clone());
            }
            Down::Welcome { .. } | Down::Invitation { .. } | Down::Ready { .. } => {
                told("connection".to_owned(), frame.clone());
            }
        }
    }
    streams
}

/// Where two tell something else, if they do.
fn parts(one: &Streams, other: &Streams) -> Option<String> {
    let about: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let none = vec![];
    about.into_iter().find_map(|about| {
        let [one, other] = [one, other].map(|streams| streams.get(about).unwrap_or(&none));
        difference(one, other).map(|difference| format!("{about}: {difference}"))
    })
}

/// Somebody of an organisation that nobody has to do with, who works as fast as they are answered.
struct Storm<'a> {
    place: &'a Place,
    desk: &'a mut Desk,
    dice: Dice,
    /// Whom they mention, and the rooms that they try: those of others.
    others: (&'a [MemberId], &'a [RoomId]),
    own: Vec<RoomId>,
    done: u64,
}

impl Storm<'_> {
    /// Acts whenever the script goes on, however far the server is with what was asked before.
    fn rage(&mut self, goes_on: &Receiver<()>) {
        for () in goes_on {
            for _ in 0..ACTS {
                self.act();
                self.desk
                    .until(|console| console.unanswered.len() < WAITING);
            }
        }
        self.desk.until(|console| console.unanswered.is_empty());
    }

    fn act(&mut self) {
        self.done += 1;
        let (members, rooms) = self.others;
        let (member, theirs) = (*self.dice.pick(members), *self.dice.pick(rooms));
        let home = RoomId::org(self.desk.console.org);
        let mine = RoomId::inbox(self.desk.console.member);
        let room = *self.dice.pick(&self.own);
        let say = Command::Talk(talk::Command::Say {
            thread: None,
            mentions: BTreeSet::from([member]),
        });
        let id = self.done;
        let (room, command, text) = match self.dice.below(14) {
            0 => {
                let handle = format!(
                    "far-{}-{id}",
                    self.desk.console.member.to_string().split_at(12).1
                );
                let handle = handle.split_at(30.min(handle.len())).0.to_owned();
                (
                    home,
                    open_channel(&handle, channels::Reach::Private),
                    vec!["Ours"],
                )
            }
            1 => {
                let draft = crate::world::example::draft();
                let case = Command::Inbox(inbox::Command::OpenCase { draft });
                self.desk
                    .ask(self.place, mine, case, &held_back::case(100_000));
                return;
            }
            2 => {
                let open = Command::Inbox(inbox::Command::OpenDeal {
                    presence: deal::Presence::NotPresent,
                    value: None,
                    close: None,
                    people: BTreeSet::new(),
                });
                (mine, open, vec!["Far", "Away"])
            }
            3 => (theirs, say, vec!["Let me in"]),
            4 => return self.desk.up(&Up::Typing { room }),
            5 => return self.desk.up(&Up::Typing { room: theirs }),
            6 => {
                let (want, limit) = (Want::Before(Seq::ZERO), 20);
                return self.desk.up(&Up::Page {
                    id,
                    room: theirs,
                    want,
                    limit,
                });
            }
            7 => {
                let query = Query::People {
                    words: "o".to_owned(),
                };
                return self.desk.up(&Up::Find { id, query });
            }
            _ => (room, say, vec!["Far away"]),
        };
        let texts: Vec<String> = text.into_iter().map(str::to_owned).collect();
        self.desk.ask(self.place, room, command, &texts);
        let held = self.desk.console.cursors.keys().copied();
        let talks = |room: &RoomId| matches!(room.kind(), rialto_shared::id::RoomKind::Channel);
        self.own = held.filter(talks).chain([home]).collect();
    }
}

/// Plays the script over sockets, with what happens elsewhere or without.
fn plays(story: &Story, all: bool, ghost: Option<Ghost>) -> (Console, u64) {
    let mut wired = Wired::open(story.seed, story.observer, ghost);
    let mut far = std::mem::take(&mut wired.faraway);
    let place = wired.place.clone();
    let members: Vec<MemberId> = wired.desks.iter().map(|desk| desk.console.member).collect();
    // Not those that a rule opens to everybody: there they would really be heard.
    let closed = |grant: &Grant| matches!(grant, Grant::Member { .. } | Grant::Org { .. });
    let all_rooms = story.oracle.rooms.iter();
    let rooms: Vec<RoomId> = all_rooms
        .filter(|(_, room)| room.audience.grants.iter().all(closed))
        .map(|(id, _)| *id)
        .collect();
    let mut storms = 0;
    std::thread::scope(|scope| {
        let (mut raging, mut going) = (vec![], vec![]);
        if all {
            for (n, desk) in (0..).zip(&mut far) {
                let (place, others) = (&place, (&members[..], &rooms[..]));
                let (go, goes_on) = channel();
                going.push(go);
                let own = vec![RoomId::org(desk.console.org)];
                raging.push(scope.spawn(move || {
                    let dice = Dice::new(n);
                    let mut storm = Storm {
                        place,
                        desk,
                        dice,
                        others,
                        own,
                        done: 0,
                    };
                    storm.rage(&goes_on);
                    storm.done
                }));
            }
        }
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for (place, step) in story.steps.iter().enumerate() {
                for go in &going {
                    go.send(()).expect("a storm");
                }
                take(&mut wired, story, step, all, story.matter[place]);
            }
            wired.settle(story.observer);
        }));
        drop(going);
        storms = raging
            .into_iter()
            .map(|storm| storm.join().expect("a storm"))
            .sum();
        if let Err(panic) = played {
            std::panic::resume_unwind(panic);
        }
    });
    wired.faraway = far;
    let console = wired.desks.swap_remove(story.observer).console;
    (console, storms)
}

/// One step. What matters waits for all before it, and is waited for.
fn take(wired: &mut Wired, story: &Story, step: &Step, all: bool, matters: bool) {
    let me = story.observer;
    let looks = matches!(step, Step::Ask(_, _, command, _) if replaces(command) || (command.signed() && command.named(&[]).cites.is_some()));
    if matters || (all && looks) {
        wired.settle(me);
    }
    match step {
        Step::Ask(who, room, command, texts) if all || matters => {
            wired.ask(*who, *room, command.clone(), texts, *who != me);
        }
        Step::Ask(who, ..) => wired.desks[*who].console.n += 1,
        Step::Up(who, up) if all || matters => wired.desks[*who].up(up),
        Step::HangUp(who) if all || matters => wired.hang_up(*who),
        Step::LogIn(who) if all || matters => wired.desks[*who].log_in(&wired.place),
        Step::Pass(span) => wired.pass(*span),
        Step::Up(..) | Step::HangUp(_) | Step::LogIn(_) => {}
    }
    if matters {
        wired.settle(me);
    }
}

/// One story for each part, and so many in all.
fn seeds() -> impl Iterator<Item = u64> {
    let first = from_env("RIALTO_SEED", 2);
    let count = from_env("RIALTO_SOCKET_WORLDS", 8);
    (0..count).map(move |n| first + 2 * n)
}

/// What the suite finds wrong with a story over sockets, if anything; and how much the storm did.
fn wrong(story: &Story, ghost: Option<Ghost>) -> (Option<String>, u64) {
    let (with, storm) = plays(story, true, ghost);
    let (without, _) = plays(story, false, ghost);
    let found = parts(&streams(&with.heard), &streams(&without.heard)).or_else(|| {
        let unreadable = story.oracle.unreadable(&with.heard);
        (!unreadable.is_empty()).then(|| format!("read without a seat: {unreadable:?}"))
    });
    (found, storm)
}

#[test]
fn over_sockets_what_happens_elsewhere_does_not_show() {
    let mut storms = 0;
    for seed in seeds() {
        let story = story(seed);
        let (found, storm) = wrong(&story, None);
        assert_eq!(found, None, "RIALTO_SEED={seed} RIALTO_SOCKET_WORLDS=1");
        storms += storm;
    }
    assert!(storms > 500, "a storm of {storms} tests too little");
}

/// The driver is the product: the same script in both tells the observer the same.
#[test]
fn the_driver_tells_what_the_server_tells() {
    for seed in seeds().take(2) {
        let story = story(seed);
        let mut community = Community::new(seed);
        faraway(&mut community.world);
        for console in &mut community.world.consoles {
            console.heard.clear();
        }
        let kept = |place: usize| story.matter[place];
        super::play(
            &mut community,
            story.observer,
            &story.steps,
            kept,
            Batches::Alone,
        );
        let driven = &community.world.consoles[story.observer];
        let (served, _) = plays(&story, false, None);
        let rooms = |console: &Console| -> Streams {
            let all = streams(&console.heard).into_iter();
            all.filter(|(about, _)| about == "answers" || about == "questions")
                .collect()
        };
        assert_eq!(
            parts(&rooms(driven), &rooms(&served)),
            None,
            "RIALTO_SEED={seed}"
        );
        assert_eq!(driven.rooms, served.rooms, "RIALTO_SEED={seed}");
    }
}

fn noticed(ghost: Ghost) {
    let noticed = seeds().any(|seed| wrong(&story(seed), Some(ghost)).0.is_some());
    assert!(noticed, "no world showed {ghost:?}");
}

#[test]
fn over_sockets_a_page_past_its_seat_is_noticed() {
    noticed(Ghost::Unclamped);
}

#[test]
fn over_sockets_a_refusal_before_admission_is_noticed() {
    noticed(Ghost::Hasty);
}

#[test]
fn over_sockets_a_number_that_all_rooms_share_is_noticed() {
    noticed(Ghost::Shared);
}
