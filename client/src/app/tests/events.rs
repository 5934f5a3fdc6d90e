//! What happened, as sentences: one of every kind there is, as the golden examples of the ledger have them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::stage::Stage;
use crate::app::screen::events;
use rialto_shared::{
    entry::{Author, Entry},
    event::Event,
};
use std::collections::BTreeSet;

const EXAMPLES: [&str; 12] = [
    include_str!("../../../../tests/golden/channel.snap"),
    include_str!("../../../../tests/golden/deal.snap"),
    include_str!("../../../../tests/golden/direct.snap"),
    include_str!("../../../../tests/golden/inbox.snap"),
    include_str!("../../../../tests/golden/key.snap"),
    include_str!("../../../../tests/golden/org.snap"),
    include_str!("../../../../tests/golden/profile.snap"),
    include_str!("../../../../tests/golden/record.snap"),
    include_str!("../../../../tests/golden/referral.snap"),
    include_str!("../../../../tests/golden/relation.snap"),
    include_str!("../../../../tests/golden/side.snap"),
    include_str!("../../../../tests/golden/talk.snap"),
];

/// Kinds that clocks and other rooms bring about, with nobody to name.
const OF_THE_RULES: [&str; 29] = [
    "deal.agreed",
    "deal.invitation_expired",
    "deal.presence_lapsed",
    "deal.task_due",
    "inbox.done",
    "inbox.erased",
    "inbox.noted",
    "inbox.opened",
    "key.renewed",
    "org.deal_invitation_closed",
    "profile.claimed",
    "profile.classified",
    "profile.contacts_set",
    "profile.named",
    "profile.opened",
    "record.kept",
    "record.opened",
    "referral.concluded",
    "referral.contact_missed",
    "referral.expired",
    "referral.extended",
    "referral.joined",
    "referral.withdrawn",
    "relation.began",
    "relation.expired",
    "relation.lapsed",
    "side.closed",
    "side.kept",
    "side.opened",
];

fn examples() -> Vec<Entry> {
    let lines = EXAMPLES.iter().flat_map(|text| text.lines());
    lines
        .filter_map(|line| Entry::decode(line.trim().as_bytes()).ok())
        .collect()
}

#[test]
fn everything_that_can_happen_is_said_in_a_sentence() {
    let stage = Stage::morning();
    let entries = examples();
    let known: BTreeSet<String> = entries.iter().map(|entry| entry.kind.clone()).collect();
    assert_eq!(known, Event::kinds().into_iter().collect());
    for mut entry in entries {
        let verb = entry.kind.split_once('.').unwrap().1.replace('_', " ");
        for author in [entry.author, Author::Rule] {
            entry.author = author;
            let words = events::words(&stage.app, &entry);
            let kind = &entry.kind;
            assert!(words.split(' ').count() > 1, "{kind}: {words:?}");
            assert_eq!(words, words.trim(), "{kind}");
            assert!(
                !words.starts_with(&format!("{verb} by ")),
                "{kind}: {words}"
            );
            for never in ["the clock", "did something"] {
                assert!(!words.contains(never), "{kind}: {words}");
            }
            let nobody = author == Author::Rule && OF_THE_RULES.contains(&kind.as_str());
            assert!(!(nobody && words.contains("the server")), "{kind}: {words}");
        }
    }
    for kind in OF_THE_RULES {
        assert!(known.contains(kind), "{kind}");
    }
}
