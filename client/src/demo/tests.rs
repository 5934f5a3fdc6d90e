//! A demo, started as anybody starts it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::client::Client;
use rialto_shared::{
    id::RoomId,
    room::{State, inbox::What},
};
use std::collections::BTreeSet;

fn needs(demo: &Demo) -> BTreeSet<What> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = Client::connect(demo.account().clone()).await.unwrap();
        let inbox = RoomId::inbox(demo.account().about.member);
        let held = client.console().replica().room(inbox).unwrap();
        let State::Inbox(inbox) = &held.room.state else {
            panic!("an Inbox");
        };
        let what = inbox.needs.iter().map(|need| need.what).collect();
        client.close().unwrap();
        what
    })
}

#[test]
fn a_demo_is_whole_verifies_and_waits_for_its_player() {
    let demo = Demo::start(Player::Partner, None).unwrap();
    let counts = demo.verify().unwrap();
    assert_eq!((counts.orgs, counts.people), (40, 16));
    assert!(counts.rooms > 120 && counts.entries > 600, "{counts:?}");
    assert!(counts.statements > 40, "{counts:?}");
    let needs = needs(&demo);
    for what in [
        What::Mention,
        What::Knock,
        What::AgreementProposed,
        What::ReferralOffered,
        What::ReferralAccepted,
        What::ReferralDeclined,
        What::DealInvitation,
        What::TaskAssigned,
    ] {
        assert!(needs.contains(&what), "{what:?} of {needs:?}");
    }
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine"), "mine").unwrap();
    let error = Demo::start(Player::Manager, Some(folder.path())).unwrap_err();
    assert!(matches!(error, DemoError::Taken(_)), "{error}");
}
