//! What a case holds back: customer, contact, notes and consent. Scripts word them with one of a kind ([`held`]), and
//! nobody is sent such a word but as an entry of a Side that they are in, in the Inbox of whoever began it, or as the disclosure after an acceptance. Found in
//! the bytes alone, whatever the rules or the server think of them.

use crate::world::World;
use rialto_shared::{
    entry::Entry,
    event::Event,
    id::{RoomId, RoomKind},
    protocol::{Down, Snapshot},
    room::{State, inbox, referral},
};
use std::collections::{BTreeMap, BTreeSet};

/// What every such word begins with.
const MARK: &str = "zqheld";

/// The texts of a case that is begun at this step: what is shown now, and then what is held back.
pub(super) fn case(step: usize) -> Vec<String> {
    let held = ["Customer", "Contact", "Notes", "Consent"];
    let held = held.iter().map(|what| format!("{what} {MARK}{step}"));
    std::iter::once(format!("Needs a plant connected {step}"))
        .chain(held)
        .collect()
}

/// What in these frames says something that is held back, where it may not be said.
pub(super) fn slips(world: &World, heard: &[String]) -> Vec<String> {
    let accepted: BTreeSet<RoomId> = world
        .log()
        .iter()
        .filter(|entry| {
            matches!(
                entry.event,
                Event::Referral(referral::Event::Accepted { .. })
            )
        })
        .map(|entry| entry.room)
        .collect();
    let mut slips = vec![];
    let mut parts: BTreeMap<RoomId, String> = BTreeMap::new();
    for frame in heard {
        match serde_json::from_str(frame) {
            Ok(Down::Entries { entries, .. } | Down::Page { entries, .. }) => {
                let raws = entries.iter().map(|raw| raw.get());
                let bad = raws.filter(|raw| raw.contains(MARK) && !may_say(raw, &accepted));
                slips.extend(bad.map(str::to_owned));
            }
            Ok(Down::Snapshot {
                room, part, body, ..
            }) => {
                let whole = parts.entry(room).or_default();
                if part == 0 {
                    whole.clear();
                }
                whole.push_str(&body);
                if whole.contains(MARK)
                    && let Ok(snapshot) = serde_json::from_str::<Snapshot>(whole)
                    && !may_hold(room, &snapshot.room.state)
                {
                    slips.push(format!("a snapshot of {room}"));
                }
            }
            _ if frame.contains(MARK) => slips.push(frame.clone()),
            _ => {}
        }
    }
    slips
}

fn may_say(raw: &str, accepted: &BTreeSet<RoomId>) -> bool {
    let entry = Entry::decode(raw.as_bytes()).expect("an entry");
    match &entry.event {
        // Whoever begins the case says it in their own Inbox.
        Event::Side(_) | Event::Inbox(inbox::Event::CaseOpened { .. }) => true,
        Event::Referral(referral::Event::Disclosed { .. }) => accepted.contains(&entry.room),
        _ => false,
    }
}

fn may_hold(room: RoomId, state: &State) -> bool {
    match state {
        State::Side(_) => room.kind() == RoomKind::Side,
        State::Referral(referral) => !referral.dossier.is_empty(),
        _ => false,
    }
}
