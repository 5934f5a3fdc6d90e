//! With no console open, a referral is answered before its clock: because of a mail. Over real sockets, from the command that
//! offers it to the one that the mail names.

use super::{
    office::mail_to,
    sink::{Manner, Sink},
};
use crate::{
    journeys::{CASE, draft},
    town::{PATIENCE, Person, Town},
};
use rialto_server::{
    admin::{Request, Response},
    config::TlsMode,
    notices::NoticesReport,
};
use rialto_shared::{
    command::Command,
    entry::SaltedText,
    event::{self, Event},
    id::RoomId,
    room::{inbox, org, referral, side},
};
use std::{collections::BTreeSet, time::Instant};

#[tokio::test]
async fn a_referral_is_answered_because_of_a_mail() {
    let sink = Sink::open();
    let mail = mail_to(&sink);
    let mut town = Town::set_up(TlsMode::Plain, |config| config.mail = mail).await;
    let vendor = town.organisation("Northwind", true);
    let _tom = Person::join(&vendor, "Tom").await;
    let mut lea = Person::join(&town.organisation("Alder", false), "Lea").await;
    let mut ana = Person::join(&town.organisation("BrightPath", false), "Ana").await;
    let set = inbox::Command::SetNotices {
        at: rialto_shared::entry::Seq::ZERO,
        address: true,
        preferences: inbox::Preferences::default(),
    };
    ana.say(
        ana.inbox(),
        Command::Inbox(set),
        &["ana@brightpath.example"],
    )
    .await;
    let (alder, bright) = (lea.org(), ana.org());
    // Nobody of BrightPath's is there any more, and the mail server is away when it happens.
    sink.behave(Manner::Away);
    let home = ana.leave();
    let open = Command::Inbox(inbox::Command::OpenCase { draft: draft() });
    lea.say(lea.inbox(), open, &CASE).await;
    let case = last(&town, lea.inbox(), |event| match event {
        Event::Inbox(inbox::Event::CaseOpened { side, .. }) => Some(*side),
        _ => None,
    });
    let drafted = town.entries(case).into_iter();
    let mut drafted =
        drafted.filter(|entry| matches!(entry.event, Event::Side(side::Event::Drafted { .. })));
    let drafted = drafted.next().unwrap();
    let texts: Vec<SaltedText> = drafted.texts.into_iter().flatten().collect();
    let promise = side::Drafted::new(draft(), &texts).promise().unwrap();
    let offer = side::Command::OfferWithRequest {
        to: bright,
        shown: promise.shown(),
        full: promise.full(),
    };
    lea.say(case, Command::Side(offer), &["We met at the spring summit"])
        .await;
    // The server is stopped before anything was taken; the next one goes on.
    town.stop().await;
    sink.behave(Manner::Well);
    town.start().await;
    let taken = tokio::task::spawn_blocking({
        let sink = sink.clone();
        move || sink.wait(|taken| !taken.is_empty())
    })
    .await
    .unwrap();
    let [mail] = taken.as_slice() else {
        panic!("{taken:#?}");
    };
    assert_eq!(mail.to, "ana@brightpath.example");
    for held in CASE.iter().chain(&["Alder", "Lea", "We met", "BrightPath"]) {
        assert!(!mail.raw.contains(held), "{held}: {}", mail.raw);
    }
    assert_eq!(mail.commands(), ["rialto connection list"]);
    let subject = "Rialto: your organisation is asked to connect, and offered a referral";
    assert_eq!(mail.header("Subject").as_deref(), Some(subject));
    // Ana comes because of it, and takes both.
    let mut ana = Person::open(home, "Ana").await;
    town.settle([&mut ana]).await;
    let knocked = town.entries(RoomId::org(bright)).into_iter().rev();
    let mut knocks =
        knocked.filter(|entry| matches!(entry.event, Event::Org(org::Event::Knocked { .. })));
    let knock = knocks.find_map(|entry| event::matter(&entry)).unwrap();
    let answer = org::Command::AnswerConnection {
        from: alder,
        knock,
        take: org::Take::Both,
        people: BTreeSet::from([ana.member()]),
    };
    ana.at_home(answer, &[]).await;
    let referral = last(&town, case, |event| match event {
        Event::Side(side::Event::Offered { offer, .. }) => Some(*offer),
        _ => None,
    });
    let log = town.entries(referral);
    assert!(log.iter().any(|entry| matches!(
        entry.event,
        Event::Referral(referral::Event::Accepted { .. })
    )));
    let report = told(&town).await;
    assert!(
        report.mail && report.delivered == 1 && report.under_way == 0,
        "{report:?}"
    );
    town.stop().await;
}

/// How notices stand once the letter is struck out, which is after the mail server has taken it.
async fn told(town: &Town) -> NoticesReport {
    let until = Instant::now() + PATIENCE;
    loop {
        let Response::Notices(report) = town.operate(Request::NoticesStatus) else {
            panic!("no report");
        };
        if (report.delivered > 0 && report.under_way == 0) || Instant::now() > until {
            return report;
        }
        tokio::task::yield_now().await;
    }
}

fn last<T>(town: &Town, room: RoomId, pick: impl Fn(&Event) -> Option<T>) -> T {
    let entries = town.entries(room);
    let mut found = entries.iter().rev().filter_map(|entry| pick(&entry.event));
    found.next().expect("such an entry")
}
