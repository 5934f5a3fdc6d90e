//! A demo, started as anybody starts it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::client::Client;
use crate::request;
use rialto_shared::{
    event::Event,
    id::RoomId,
    protocol::Presence,
    room::{State, inbox::What, referral, talk},
};
use std::{collections::BTreeSet, time::Duration};

/// Quick enough to be waited for.
const QUICK: Pace = Pace {
    act: Duration::from_millis(20),
    answer: Duration::from_millis(5),
    write: Duration::from_millis(5),
    accept: Duration::from_millis(5),
};

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
fn an_alliance_manager_has_things_to_answer_too() {
    let demo = Demo::start(Player::Manager, None).unwrap();
    let needs = needs(&demo);
    for what in [
        What::Mention,
        What::Knock,
        What::AgreementProposed,
        What::ReferralOffered,
        What::VendorCalled,
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

#[test]
fn members_answer_the_player_and_take_what_is_offered() {
    let mut demo = Demo::start(Player::Partner, None).unwrap();
    demo.liven_at(QUICK).unwrap();
    let lea = demo.told.person("lea").unwrap().account.about.member;
    let ana = demo.account().clone();
    let direct = RoomId::direct(&BTreeSet::from([lea, ana.about.member]));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let within = Duration::from_secs(10);
        let mut client = Client::connect(ana).await.unwrap();
        while client.console().replica().presence(lea) != Some(Presence::Here) {
            client.turn().await.unwrap();
        }
        let say = request::say("Have you time today?", None, BTreeSet::new()).unwrap();
        let said = client.submit(direct, say).await.unwrap().from;
        let by_lea = |entry: &rialto_shared::entry::Entry| {
            let spoken = matches!(entry.event, Event::Talk(talk::Event::Said { .. }));
            spoken && entry.author.member() == Some(lea)
        };
        client
            .wait_for(within, |console, _| {
                let held = console.replica().room(direct)?;
                let newer = |seq| seq > said;
                held.log()
                    .any(|logged| newer(logged.entry.seq) && by_lea(&logged.entry))
                    .then_some(())
            })
            .await
            .unwrap();
        let room = history::offer(&demo.venue, &demo.told, "ana", "lea").unwrap();
        client
            .wait_for(within, |console, _| {
                let held = console.replica().room(room)?;
                let State::Referral(referral) = &held.room.state else {
                    return None;
                };
                (referral.stage == referral::Stage::Accepted).then_some(())
            })
            .await
            .unwrap();
        client.close().unwrap();
    });
    demo.verify().unwrap();
}
