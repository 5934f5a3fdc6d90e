//! The replica against servers that are right, late, and lying.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::{Change, Message, Pending, PendingState, Replica, Row, Stands, Ticket, Window};
use crate::sample::{self, ROOM, Sample, member, raw, standing};
use proptest::prelude::*;
use rialto_shared::{
    command::Command,
    entry::{Seq, Slot},
    id::{LaneId, RoomId},
    protocol::{Down, Outcome, Up},
    rejection::Rejection,
    room::{channel, talk},
    text::Emoji,
    time::Timestamp,
    timeline::{Marks, Note},
};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

/// Member 1, logged in, holding nothing.
fn replica() -> Replica {
    let mut replica = Replica::new(sample::server());
    replica.take(sample::welcome(1));
    replica
}

fn holding(sample: &Sample) -> Replica {
    let mut replica = replica();
    replica.take(sample.whole());
    replica
}

fn messages(replica: &Replica) -> Vec<Message> {
    let rows = replica.messages(ROOM, Window::Newest(1_000));
    rows.into_iter()
        .filter_map(|row| match row {
            Row::Message(message) => Some(*message),
            Row::Event { .. } | Row::Gap { .. } => None,
        })
        .collect()
}

fn bodies(replica: &Replica) -> Vec<String> {
    messages(replica)
        .iter()
        .map(|message| {
            message
                .body
                .as_ref()
                .map_or("-", |body| body.as_str())
                .to_owned()
        })
        .collect()
}

#[test]
fn a_snapshot_in_parts_then_entries_and_only_others_messages_are_unread() {
    let mut sample = Sample::community();
    let mut replica = replica();
    for part in sample.snapshot(50) {
        replica.take(part);
    }
    let head = sample.head().seq;
    replica.take(Down::Heads {
        heads: vec![(ROOM, head, head)],
    });
    sample.say(2, "hello");
    sample.say(1, "hello yourself");
    let meant = talk::Event::Said {
        thread: None,
        mentions: BTreeSet::from([member(1)]),
        body: Slot(0),
    };
    sample.talk(2, meant, Some("you there?"));
    let pinned = talk::Event::Pinned {
        target: Seq(2),
        on: true,
    };
    sample.talk(50, pinned, None);
    replica.take(sample.after(head));
    assert_eq!(bodies(&replica), ["hello", "hello yourself", "you there?"]);
    assert!(messages(&replica)[0].pinned);
    let unread = replica.unread(ROOM);
    assert_eq!((unread.messages, unread.mentions), (2, 1));
    assert!(unread.exact);
    let (up, _) = replica.seen(ROOM, Seq(u64::MAX)).unwrap();
    assert_eq!(
        up,
        Up::Seen {
            room: ROOM,
            seq: sample.head().seq
        }
    );
    assert_eq!(replica.unread(ROOM).messages, 0);
    assert!(replica.seen(ROOM, Seq(2)).is_none(), "never backwards");
}

#[test]
fn resume_names_every_room_and_the_last_entry_held() {
    let sample = Sample::community();
    let mut replica = holding(&sample);
    assert_eq!(
        replica.resume(),
        [Up::Resume {
            cursors: vec![(ROOM, sample.head())],
            last: true
        }]
    );
}

/// What the server says instead of the next entries.
fn lie(sample: &Sample, entries: Vec<Box<RawValue>>) -> (Replica, Vec<Change>, Vec<Up>) {
    let mut start = Sample::community();
    start.entries.truncate(1);
    let mut replica = holding(&start);
    let taken = replica.take(Down::Entries {
        room: sample.id,
        entries,
    });
    (replica, taken.changes, taken.ups)
}

#[test]
fn entries_that_do_not_fit_ask_for_the_room_anew_and_are_not_taken_in() {
    let mut sample = Sample::community();
    sample.say(2, "one");
    sample.say(2, "two");
    let garbage = RawValue::from_string("{\"v\":1}".to_owned()).unwrap();
    let mut other_room = sample.entries[1].clone();
    other_room.room = RoomId::inbox(member(1));
    let mut other_chain = sample.entries[1].clone();
    other_chain.prev.0[0] ^= 1;
    let mut huge = sample.entries[1].clone();
    huge.seq = Seq(u64::MAX);
    for entries in [
        vec![raw(&sample.entries[2])],
        vec![garbage],
        vec![raw(&other_room)],
        vec![raw(&other_chain)],
        vec![raw(&huge)],
    ] {
        let (replica, changes, ups) = lie(&sample, entries);
        assert_eq!(
            ups,
            [Up::Watch {
                room: ROOM,
                cursor: None
            }]
        );
        assert!(
            changes
                .iter()
                .any(|change| matches!(change, Change::Misfit { .. }))
        );
        assert_eq!(replica.room(ROOM).unwrap().room.head.seq, Seq(1));
        assert!(bodies(&replica).is_empty());
    }
}

#[test]
fn a_server_that_lies_again_and_again_is_asked_a_few_times_only() {
    let mut sample = Sample::community();
    let start = sample.whole();
    sample.say(2, "one");
    let last = sample.say(2, "two");
    let mut replica = replica();
    replica.take(start);
    let mut asked = 0;
    for _ in 0..20 {
        asked += replica.take(sample.after(last.previous())).ups.len();
        let mut fresh = Sample::community();
        fresh.entries.truncate(1);
        replica.take(fresh.whole());
    }
    assert!(asked <= 3, "{asked}");
}

#[test]
fn entries_before_the_room_and_parts_out_of_order_are_no_panic() {
    let sample = Sample::community();
    let mut replica = replica();
    assert_eq!(replica.take(sample.after(Seq::ZERO)).ups.len(), 1);
    let mut parts = sample.snapshot(50);
    parts.remove(1);
    let ups: usize = parts
        .into_iter()
        .map(|part| replica.take(part).ups.len())
        .sum();
    assert!(ups > 0 && replica.room(ROOM).is_none());
    let huge = Down::Snapshot {
        room: ROOM,
        part: 0,
        parts: u32::MAX,
        body: String::new(),
    };
    replica.take(huge);
    assert!(replica.room(ROOM).is_none());
}

#[test]
fn closed_takes_everything_but_a_partys_own_room() {
    let sample = Sample::community();
    let mut replica = holding(&sample);
    let own = RoomId::org(sample::org(1));
    let mut mine = sample;
    mine.id = own;
    replica.take(mine.whole());
    let gone = replica.take(Down::Closed { room: ROOM });
    assert!(gone.changes.contains(&Change::Gone(ROOM)));
    assert!(replica.room(ROOM).is_none());
    replica.take(Down::Closed { room: own });
    assert!(replica.room(own).unwrap().closed);
}

fn ticket(n: u64) -> Ticket {
    Ticket {
        lane: LaneId::from_bits([1; 16]),
        n,
    }
}

#[test]
fn what_is_on_its_way_is_shown_until_its_entry_comes() {
    let mut sample = Sample::community();
    let mut replica = holding(&sample);
    let say = talk::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    };
    replica.await_entry(Pending {
        ticket: ticket(1),
        room: ROOM,
        command: Command::Talk(say),
        texts: vec![sample::salted("soon")],
        state: PendingState::Sent,
        at: Timestamp::EPOCH,
    });
    assert_eq!(bodies(&replica), ["soon"]);
    let before = sample.head().seq;
    let seq = sample.say(1, "soon");
    replica.take(Down::Answer {
        lane: ticket(1).lane,
        n: 1,
        outcome: Outcome::Accepted {
            room: ROOM,
            from: seq,
            to: seq,
            at: Timestamp::EPOCH,
        },
    });
    let shown = messages(&replica);
    assert!(matches!(
        shown[0].stands,
        Stands::Pending(_, PendingState::Accepted { .. })
    ));
    replica.take(sample.after(before));
    let shown = messages(&replica);
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (shown[0].seq, &shown[0].stands),
        (Some(seq), &Stands::Logged)
    );
}

#[test]
fn what_was_refused_stays_with_its_reason_until_it_is_dismissed() {
    let sample = Sample::community();
    let mut replica = holding(&sample);
    replica.await_entry(Pending {
        ticket: ticket(1),
        room: ROOM,
        command: Command::Talk(talk::Command::Say {
            thread: None,
            mentions: BTreeSet::new(),
        }),
        texts: vec![sample::salted("soon")],
        state: PendingState::Sent,
        at: Timestamp::EPOCH,
    });
    assert!(replica.dismiss(ticket(1)).is_none(), "it may yet be done");
    replica.take(Down::Answer {
        lane: ticket(1).lane,
        n: 1,
        outcome: Outcome::Refused((&Rejection::TooWide).into()),
    });
    assert!(matches!(
        messages(&replica)[0].stands,
        Stands::Pending(_, PendingState::Refused(_))
    ));
    assert!(replica.dismiss(ticket(1)).is_some());
    assert!(messages(&replica).is_empty());
}

#[test]
fn the_rules_say_no_here_already_and_nothing_where_they_cannot_know() {
    let mut sample = Sample::community();
    let theirs = sample.say(2, "mine to edit");
    let mut replica = holding(&Sample::community());
    replica.take(sample.after(Seq(1)));
    let judge = |command| {
        let texts = [sample::salted("x")];
        replica.judge(ROOM, &Command::Talk(command), &texts, Timestamp::EPOCH)
    };
    let say = talk::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    };
    assert_eq!(judge(say), Ok(()));
    let edit = |target, at| talk::Command::Edit { target, at };
    assert_eq!(
        judge(edit(theirs, theirs)),
        Err(Rejection::Only("its author"))
    );
    assert_eq!(
        judge(edit(Seq(900), Seq(900))),
        Ok(()),
        "not held: not known"
    );
    let pin = talk::Command::Pin {
        target: theirs,
        on: true,
    };
    assert_eq!(judge(pin), Err(Rejection::Only("those who moderate here")));
    let private = Sample::channel(channel::Reach::Private);
    let outside = holding(&private);
    let say = Command::Talk(talk::Command::Delete { target: Seq(1) });
    assert_eq!(
        outside.judge(ROOM, &say, &[], Timestamp::EPOCH),
        Err(Rejection::NoSuchRoom)
    );
}

#[test]
fn names_are_found_by_their_beginning_and_ambiguous_ones_list_who_is_meant() {
    let mut replica = holding(&Sample::community());
    replica.take(Down::Cards {
        members: vec![
            sample::member_card(2, "Tom Becker"),
            sample::member_card(3, "Tom Beckett"),
            sample::member_card(4, "Mia Ortiz"),
        ],
        orgs: vec![],
    });
    assert_eq!(replica.title(ROOM), "#emea-launch");
    for text in [
        "#emea-launch",
        "emea-launch",
        "#emea",
        "EMEA",
        &ROOM.to_string(),
    ] {
        assert_eq!(replica.resolve(text), Ok(ROOM), "{text}");
    }
    assert!(replica.resolve("nothing").is_err());
    assert_eq!(replica.resolve_person("@mia"), Ok(member(4)));
    assert_eq!(replica.resolve_person("tom.becker"), Ok(member(2)));
    let super::Unresolved::Several { candidates, .. } = replica.resolve_person("@tom").unwrap_err()
    else {
        panic!("two Toms");
    };
    assert_eq!(candidates.len(), 2);
    assert!(replica.resolve_person("@").is_err());
}

#[test]
fn a_role_that_changes_on_the_card_is_judged_by_at_once() {
    let mut replica = replica();
    let mut card = standing(1).member;
    card.role = rialto_shared::standing::Role::Viewer;
    replica.take(Down::Cards {
        members: vec![card.clone()],
        orgs: vec![],
    });
    assert_eq!(replica.me.as_ref().unwrap().standing.member, card);
}

/// What may happen to messages, by numbers that stand for members and earlier messages.
#[derive(Debug, Clone)]
enum Act {
    Say(u8),
    Reply(u8, usize),
    Edit(usize),
    Delete(usize),
    React(u8, usize, bool),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let at = 0..6_usize;
    let act = prop_oneof![
        3 => (1..4_u8).prop_map(Act::Say),
        2 => ((1..4_u8), at.clone()).prop_map(|(by, at)| Act::Reply(by, at)),
        2 => at.clone().prop_map(Act::Edit),
        1 => at.clone().prop_map(Act::Delete),
        2 => ((1..4_u8), at, any::<bool>()).prop_map(|(by, at, on)| Act::React(by, at, on)),
    ];
    prop::collection::vec(act, 1..40)
}

/// Makes these happen; what does not fit is left out, as the rules would have it.
fn perform(sample: &mut Sample, acts: &[Act]) {
    let mut said: Vec<(Seq, u8)> = vec![];
    let emoji: Emoji = "👍".parse().unwrap();
    for act in acts {
        let find = |at: &usize| said.get(*at).copied();
        match act {
            Act::Say(by) => said.push((sample.say(*by, "said"), *by)),
            Act::Reply(by, at) => {
                if let Some((root, _)) = find(at) {
                    let reply = talk::Event::Said {
                        thread: Some(root),
                        mentions: BTreeSet::new(),
                        body: Slot(0),
                    };
                    sample.talk(*by, reply, Some("reply"));
                }
            }
            Act::Edit(at) => {
                if let Some((target, by)) = find(at) {
                    let body = Slot(0);
                    let edited = talk::Event::Edited { target, body };
                    let text = format!("edit {}", sample.entries.len());
                    sample.talk(by, edited, Some(&text));
                }
            }
            Act::Delete(at) if *at < said.len() => {
                let (target, by) = said.remove(*at);
                sample.talk(by, talk::Event::Deleted { target }, None);
            }
            Act::Delete(_) => {}
            Act::React(by, at, on) => {
                if let Some((target, _)) = find(at) {
                    let on = *on;
                    let reacted = talk::Event::Reacted { target, emoji, on };
                    sample.talk(*by, reacted, None);
                }
            }
        }
    }
}

/// The server's answer to a page of everything, true at `head`: its texts are as erased as they are then.
fn page(sample: &Sample, head: Seq) -> Down {
    let mut log: BTreeMap<Seq, super::Logged> = BTreeMap::new();
    for entry in sample.entries.iter().filter(|entry| entry.seq <= head) {
        let Ok(()) = super::fold(&mut log, entry, member(1));
        let logged = super::Logged::new(std::sync::Arc::new(entry.clone()));
        log.insert(entry.seq, logged);
    }
    Down::Page {
        id: 1,
        room: sample.id,
        head,
        entries: log.values().map(|logged| raw(&logged.entry)).collect(),
        notes: log
            .iter()
            .filter(|(_, logged)| logged.note != Note::default())
            .map(|(seq, logged)| (*seq, logged.note.clone()))
            .collect(),
        marks: log
            .iter()
            .filter(|(_, logged)| logged.marks != Marks::default())
            .map(|(seq, logged)| (*seq, logged.marks.clone()))
            .collect(),
        more: false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However a log comes, live or as a page with the rest before or after it, the same is shown.
    #[test]
    fn live_and_paged_are_one_history(acts in acts(), cut in 0..40_u64, late in any::<bool>()) {
        let mut sample = Sample::community();
        let start = sample.whole();
        perform(&mut sample, &acts);
        let cut = Seq(cut.clamp(1, sample.head().seq.0));
        let mut live = replica();
        live.take(start);
        live.take(sample.after(Seq(1)));

        let mut first = sample.clone();
        first.entries.truncate(usize::try_from(cut.0).unwrap());
        let mut room = Sample { entries: vec![], room: rialto_shared::room::Room::default(), ..sample.clone() };
        for entry in &first.entries {
            rialto_shared::room::apply(&mut room.room, entry);
        }
        let mut paged = replica();
        paged.take(room.whole());
        if late {
            // The page was asked for at the cut and answered behind the entries that followed.
            paged.take(sample.after(cut));
            paged.take(page(&sample, cut));
        } else {
            paged.take(page(&sample, cut));
            paged.take(sample.after(cut));
        }
        prop_assert_eq!(messages(&live), messages(&paged));
        prop_assert_eq!(live.room(ROOM).unwrap().room.clone(), paged.room(ROOM).unwrap().room.clone());
    }

    /// Whatever bytes stand where entries should, the replica stands, and its head is one that the server really had.
    #[test]
    fn no_server_panics_the_replica(
        acts in acts(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut sample = Sample::community();
        let start = sample.whole();
        sample.say(2, "first");
        perform(&mut sample, &acts);
        let mut replica = replica();
        replica.take(start);
        let mut entries: Vec<Box<RawValue>> = sample.entries.iter().skip(1).map(raw).collect();
        entries.extend(order.iter().map(|at| raw(&sample.entries[at.index(sample.entries.len())])));
        for (at, byte) in &changes {
            let place = at.index(entries.len());
            let mut bytes = entries[place].get().as_bytes().to_vec();
            let inside = at.index(bytes.len());
            bytes[inside] = *byte;
            if let Some(changed) = String::from_utf8(bytes).ok().and_then(|text| RawValue::from_string(text).ok()) {
                entries[place] = changed;
            }
        }
        replica.take(Down::Entries { room: ROOM, entries });
        let held = replica.room(ROOM).unwrap();
        let head = held.room.head;
        prop_assert!(head.seq <= sample.head().seq);
        // Each entry taken in follows real ones: a changed one can only be the last.
        if let Some(logged) = held.entry(head.seq) {
            let before = usize::try_from(head.seq.0).unwrap() - 2;
            prop_assert_eq!(logged.entry.prev, sample.entries[before].hash());
        }
        if changes.is_empty() {
            prop_assert_eq!(head, sample.head());
        }
        if let Down::Page { id, room, head, notes, marks, more, .. } = page(&sample, sample.head().seq) {
            let entries = order.iter().map(|at| raw(&sample.entries[at.index(sample.entries.len())])).collect();
            replica.take(Down::Page { id, room, head, entries, notes, marks, more });
        }
    }
}
