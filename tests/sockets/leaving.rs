//! People leave and laptops vanish, over real sockets: what they had in hand goes to a colleague whom the partner sees; a
//! second device signs at once; a device that is lost is gone with the commit that revokes it, and what it signed stands.

mod renewed;
mod seated;

use super::{Cast, cast, converts, in_deal, proves, refers};
use crate::town::PATIENCE;
use rialto::{
    link::{Joiner, LinkState},
    route::Route,
    verify::{Known, verify},
};
use rialto_server::config::TlsMode;
use rialto_shared::{
    command::Command,
    event::Event,
    id::RoomId,
    room::{State, deal, inbox, inbox::What, org, side, talk},
    standing::Role,
    time::Span,
};
use std::collections::BTreeSet;
use tokio::time::{Instant, timeout_at};

/// Why something waits for somebody, as their console holds it.
fn needs(cast: &Cast, name: &str) -> Vec<What> {
    let person = &cast.people[name];
    let held = person.client.console().replica().room(person.inbox());
    match &held.unwrap().room.state {
        State::Inbox(inbox) => inbox.needs.iter().map(|need| need.what).collect(),
        other => panic!("no Inbox: {other:?}"),
    }
}

fn holds(cast: &Cast, name: &str, room: RoomId) -> bool {
    let replica = cast.people[name].client.console().replica();
    replica.room(room).is_some_and(|held| !held.closed)
}

/// Rui works on a referral and a deal; Ana, the admin, has left the deal, and a task waits there for Rui.
async fn at_work(cast: &mut Cast) -> (RoomId, RoomId) {
    let referral = refers(cast).await;
    let deal = converts(cast, referral).await;
    let assigned = deal::Assignment {
        owner: cast.of("Ana").org(),
        member: Some(cast.of("Rui").member()),
        due: (rialto::console::now() + Span::days(7)).date(),
    };
    let task = deal::Command::AddTask { to: assigned };
    in_deal(cast, "Lea", deal, task, &["Measure the hall"]).await;
    in_deal(cast, "Ana", deal, deal::Command::Leave {}, &[]).await;
    cast.heard().await;
    (referral, deal)
}

#[tokio::test]
async fn what_somebody_had_in_hand_is_a_colleagues_and_the_partner_sees_whose() {
    let mut cast = cast(TlsMode::Plain).await;
    cast.heard().await;
    let (referral, deal) = at_work(&mut cast).await;
    let link = cast.of("Ana").invite(Role::Rep, false).await;
    cast.joins("Bo", &link).await;
    let (rui, bo, lea) = (
        cast.of("Rui").member(),
        cast.of("Bo").member(),
        cast.of("Lea").member(),
    );
    let talk = Command::Inbox(inbox::Command::OpenDirect {
        members: BTreeSet::from([lea]),
    });
    let rui_at_home = cast.of("Rui").inbox();
    cast.of("Rui").say(rui_at_home, talk, &[]).await;
    cast.heard().await;
    let private = RoomId::direct(&BTreeSet::from([rui, lea]));
    assert!(holds(&cast, "Rui", deal) && !holds(&cast, "Ana", deal));

    // Rui goes. Whatever waits is pointed to the admin, who hands it over without reading all of it.
    let suspend = org::Command::Suspend {
        member: rui,
        on: true,
    };
    cast.of("Ana").at_home(suspend, &[]).await;
    cast.of("Rui").dropped().await;
    let gone = cast.people.remove("Rui").unwrap();
    cast.heard().await;
    assert!(needs(&cast, "Ana").contains(&What::HandoverDue));
    let hand_over = org::Command::HandOver { from: rui, to: bo };
    cast.of("Ana").at_home(hand_over.clone(), &[]).await;
    let heard = cast.heard().await;
    let told = |line: &str| assert!(heard.iter().any(|one| one == line), "{line}: {heard:#?}");
    told("deal: deal.handed_over (Lea)");
    told("referral: referral.handed_over (Ana Lea)");
    assert!(holds(&cast, "Bo", deal) && holds(&cast, "Bo", referral));
    assert!(!needs(&cast, "Ana").contains(&What::HandoverDue));
    let of_bo = needs(&cast, "Bo");
    assert!(of_bo.contains(&What::HandedOver) && of_bo.contains(&What::TaskAssigned));

    // The partner reads who says so, for whom, and who is in charge; and proves it without the server.
    let said = cast.last("Lea", deal, |entry| match &entry.event {
        Event::Deal(deal::Event::HandedOver { from, to, .. }) => {
            Some((entry.author.member(), *from, *to))
        }
        _ => None,
    });
    assert_eq!(said, (Some(cast.of("Ana").member()), rui, bo));
    let held = cast.people["Lea"].client.console().replica().room(deal);
    let State::Deal(state) = &held.unwrap().room.state else {
        panic!("no deal");
    };
    assert!(
        state
            .tasks
            .open()
            .all(|(_, task)| task.to.member == Some(bo))
    );
    proves(cast.people["Lea"].client.console(), deal);
    proves(cast.people["Lea"].client.console(), referral);

    // What they said to each other stays theirs; and asked again, nothing is left to move.
    assert!(!holds(&cast, "Bo", private) && holds(&cast, "Lea", private));
    cast.of("Ana").at_home(hand_over, &[]).await;
    let again = cast.heard().await;
    assert!(
        again.iter().all(|line| line.starts_with("org ")),
        "nothing twice: {again:#?}"
    );
    drop(gone);
}

/// A case of somebody's, and an offer of it that they sign at this device; the Side.
async fn offers(cast: &mut Cast, name: &str) -> RoomId {
    let open = Command::Inbox(inbox::Command::OpenCase {
        draft: crate::journeys::draft(),
    });
    let person = cast.of(name);
    let home = person.inbox();
    person.say(home, open, &crate::journeys::CASE).await;
    cast.heard().await;
    let case = cast.last(name, home, |entry| match &entry.event {
        Event::Inbox(inbox::Event::CaseOpened { side, .. }) => Some(*side),
        _ => None,
    });
    let drafted = cast.last(name, case, |entry| {
        matches!(entry.event, Event::Side(side::Event::Drafted { .. })).then(|| entry.clone())
    });
    let texts: Vec<_> = drafted.texts.into_iter().flatten().collect();
    let promise = side::Drafted::new(crate::journeys::draft(), &texts)
        .promise()
        .unwrap();
    let offer = side::Command::OfferWithRequest {
        to: cast.of("Ana").org(),
        shown: promise.shown(),
        full: promise.full(),
    };
    let words = ["We met at the spring summit"];
    cast.of(name).say(case, Command::Side(offer), &words).await;
    cast.heard().await;
    case
}

#[tokio::test]
async fn a_second_device_signs_at_once_and_what_a_lost_one_signed_stands() {
    let mut cast = cast(TlsMode::Plain).await;
    cast.heard().await;
    let jon = cast.of("Jon").member();
    let link = cast.of("Jon").next_device((jon, Role::Rep), false).await;
    cast.joins("Jon's phone", &link).await;
    cast.heard().await;
    assert_eq!(cast.of("Jon's phone").member(), jon, "the same member");
    assert!(needs(&cast, "Jon").contains(&What::DeviceAdded));
    let used = Joiner::ask(&link, Route::default()).await.unwrap();
    assert!(used.offer.is_err(), "a link lets one device in");
    // Somebody else has the link: he hears of it, after whoever tried has had their answer.
    let until = Instant::now() + PATIENCE;
    while !needs(&cast, "Jon").contains(&What::InvitationTried) {
        let news = timeout_at(until, cast.of("Jon").turn()).await;
        news.expect("to be told");
    }
    cast.heard().await;
    let case = offers(&mut cast, "Jon's phone").await;
    let signed = cast.last("Jon", case, |entry| {
        let offered = matches!(entry.event, Event::Side(side::Event::Offered { .. }));
        offered.then(|| entry.clone())
    });
    let phone = cast.of("Jon's phone").client.console().account().clone();
    let statement = signed.statement.as_ref().expect("it is signed");
    assert_eq!(statement.read().unwrap().device, phone.about.device);

    // Both are lost. The admin lets a new one in and revokes them in the same step: their sockets close at that commit.
    let lost = cast.of("Lea").next_device((jon, Role::Rep), true).await;
    for name in ["Jon", "Jon's phone"] {
        cast.of(name).dropped().await;
        let state = cast.of(name).client.console().link_state().clone();
        assert!(
            matches!(state, LinkState::Refused { .. }),
            "{name}: {state:?}"
        );
        let say = talk::Command::Say {
            thread: None,
            mentions: BTreeSet::new(),
        };
        let worded = rialto::request::worded(Command::Talk(say), &["Still here"]).unwrap();
        let late = cast.of(name).client.submit(case, worded).await;
        assert!(late.is_err(), "{name}: {late:?}");
    }
    let said = cast.town.entries(case);
    assert!(said.iter().all(|entry| entry.kind != "talk.said"));
    for name in ["Jon", "Jon's phone"] {
        cast.people.remove(name);
    }
    cast.joins("Jon anew", &lost).await;
    cast.heard().await;
    assert_eq!(cast.of("Jon anew").member(), jon);
    let told = needs(&cast, "Jon anew");
    assert!(told.contains(&What::DeviceRecovery) && told.contains(&What::DeviceAdded));
    let told = needs(&cast, "Lea");
    assert!(
        told.contains(&What::DeviceRecovery),
        "it may have been somebody at her console"
    );
    let anew = cast.of("Jon anew").client.console();
    let log = anew.store().bytes(case).unwrap();
    let roots = anew.replica().orgs();
    let known = Known {
        server: anew.account().about.server,
        roots: roots.map(|card| (card.id, card.roots())).collect(),
        head: None,
    };
    let report = verify(&known, log.iter().map(Vec::as_slice)).unwrap();
    assert!(
        report.statements > 0 && report.unproven.is_empty(),
        "{report:?}"
    );
    // And the new one signs.
    offers(&mut cast, "Jon anew").await;
}

/// What a person is told no with, asking their own organisation's room.
async fn refused(cast: &mut Cast, name: &str, what: org::Command, texts: &[&str]) -> String {
    let person = cast.of(name);
    let room = RoomId::org(person.org());
    let worded = rialto::request::worded(Command::Org(what), texts).unwrap();
    let no = person.client.submit(room, worded).await;
    no.expect_err("it is refused").to_string()
}
