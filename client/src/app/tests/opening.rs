//! Opening what waits: one key leads to the answer, and what is asked is seen before.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::stage::{ANA, Stage, TOM, member};
use crate::app::{Focus, Screen, overlay::Overlay, screen::inbox};
use rialto_shared::{entry::Seq, id::RoomId, room::inbox::What};
use std::collections::BTreeSet;

#[test]
fn a_request_to_connect_is_read_in_the_inbox_and_one_key_answers_it() {
    let mut stage = Stage::asked_to_connect();
    stage.sees("Kumo KK");
    stage.sees("A customer for you.");
    stage.sees("A answer a request to connect");
    for key in ["<enter>", "A"] {
        stage.keys(key);
        assert!(matches!(stage.app.overlays[..], [Overlay::Form(_)]));
        stage.sees("A customer for you.");
        stage.sees("take");
        stage.keys("<esc>");
    }
}

#[test]
fn what_waits_stands_first_of_what_can_be_done_with_the_key_that_does_it() {
    let mut stage = Stage::asked_to_connect();
    stage.keys("a");
    let screen = stage.screen(120, 36);
    let answer = "answer a request to connect";
    let mut rows = screen
        .lines()
        .skip_while(|row| !row.contains("What can be done here"));
    let first = rows.nth(3).unwrap();
    assert!(first.contains(answer) && first.contains(" A┃"), "{screen}");
    stage.sees_no("put the text aside");
}

#[test]
fn a_customer_is_offered_from_the_directory_where_nothing_is_written() {
    let mut stage = Stage::at_work();
    stage.keys("5a");
    stage.sees("new referral");
    stage.sees_no("put the text aside");
    stage.sees_no("  Write ");
}

#[test]
fn an_invitation_into_a_deal_opens_there_and_one_key_comes_in() {
    let mut stage = Stage::asked_into_deal();
    stage.sees("Join us");
    stage.keys("<enter>");
    assert_eq!(
        (stage.app.screen, stage.app.focus),
        (Screen::Deals, Focus::Messages)
    );
    stage.sees("A come into the deal");
    stage.keys("A");
    stage.sees("Come into the deal");
}

#[test]
fn an_offer_shows_what_is_shown_now_and_one_key_takes_it() {
    let mut stage = Stage::at_work();
    let items = inbox::items(&stage.app);
    let offered = |item: &&inbox::Item| item.what == Some(What::ReferralOffered);
    stage.app.item = Some(items.iter().find(offered).unwrap().key);
    stage.sees("Shown after you accept: customer, contact, notes");
    stage.sees("to be answered in");
    stage.keys("<enter>");
    stage.sees("A accept the referral");
}

#[test]
fn a_conversation_stands_once_and_opens_with_the_keys_in_its_composer() {
    let mut stage = Stage::morning();
    let direct = RoomId::direct(&BTreeSet::from([member(ANA), member(TOM)]));
    stage.needs(What::Seated, direct, Seq(1), 20);
    stage.sees_no("SEAT");
    let items = inbox::items(&stage.app);
    let item = items.iter().find(|item| item.room == direct);
    stage.app.item = Some(item.unwrap().key);
    stage.keys("<enter>");
    assert_eq!(stage.app.focus, Focus::Composer);
}

#[test]
fn a_deal_is_seen_beside_its_list_before_it_is_opened() {
    let mut stage = Stage::at_work();
    stage.keys("3");
    assert_eq!(stage.app.open_room(), None);
    for seen in [
        "Preview · Term renewal",
        "Globex Ltd",
        "TASKS",
        "PEOPLE",
        "They ask for",
    ] {
        stage.sees(seen);
    }
    stage.keys("4");
    stage.sees("Shown after you accept: customer, contact, notes");
    stage.sees_no("come into the deal");
}

#[test]
fn what_is_asked_elsewhere_is_no_action_here() {
    let mut stage = Stage::asked_into_deal();
    stage.keys("4a");
    stage.sees_no("come into the deal");
    stage.keys("<esc>3<home>a");
    stage.sees("come into the deal");
}

#[test]
fn enter_where_nothing_fits_leaves_the_letters() {
    let mut stage = Stage::at_work();
    stage.keys("<f2>zzzqqq<enter>");
    assert!(matches!(stage.app.overlays[..], [Overlay::Picker(_)]));
    stage.sees("zzzqqq");
}
