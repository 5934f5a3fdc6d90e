//! A demo, started as anybody starts it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::client::Client;
use crate::request;
use rialto_shared::{
    command::Command,
    entry::{Entry, Seq},
    event::Event,
    id::{OrgId, RoomId},
    protocol::Presence,
    room::{State, deal, inbox::What, org, referral, relation, talk},
    standing::AgreementKind,
    time::Span,
};
use std::{collections::BTreeSet, time::Duration};

/// Quick enough to be waited for.
const QUICK: Pace = Pace {
    act: Duration::from_millis(20),
    answer: Duration::from_millis(5),
    write: Duration::from_millis(5),
    accept: Duration::from_millis(5),
};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn needs(demo: &Demo) -> BTreeSet<What> {
    runtime().block_on(async {
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

/// Whether the player's client holds an entry of a room that is like this.
fn has(client: &Client, room: RoomId, like: impl Fn(&Entry) -> bool) -> bool {
    let held = client.console().replica().room(room);
    held.is_some_and(|held| held.log().any(|logged| like(&logged.entry)))
}

fn says(entry: &Entry, words: &str) -> bool {
    let said = matches!(entry.event, Event::Talk(talk::Event::Said { .. }));
    said && entry.texts[0].as_ref().unwrap().text.as_str() == words
}

/// Takes in what happens until this holds.
async fn wait(client: &mut Client, what: &str, holds: impl Fn(&Client) -> bool) {
    let until = tokio::time::Instant::now() + Duration::from_secs(120);
    while !holds(client) {
        let turn = tokio::time::timeout_at(until, client.turn()).await;
        turn.unwrap_or_else(|_| panic!("no {what}")).unwrap();
    }
}

#[test]
fn a_kept_demo_goes_on_where_it_was_and_repeats_nothing() {
    const EARLY: &str = "Boxes left the factory this morning. Duisburg on Wednesday.";
    const LATE: &str = "Factory confirms: agent preinstalled from batch 12 on.";
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("demo");
    let mut first = Demo::start(Player::Partner, Some(&folder)).unwrap();
    let told = first.verify().unwrap();
    first.liven_at(QUICK).unwrap();
    let (deal, port) = (first.told.deal, first.venue.port);
    let account = first.account().clone();
    runtime().block_on(async {
        let mut client = Client::connect(account.clone()).await.unwrap();
        client.open(deal, 50).await.unwrap();
        let early = |client: &Client| has(client, deal, |entry| says(entry, EARLY));
        wait(&mut client, "deed", early).await;
        client.close().unwrap();
    });
    drop(first);

    // Whoever listens there now keeps the port.
    let _other = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let mut second = Demo::start(Player::Partner, Some(&folder)).unwrap();
    assert_ne!(second.venue.port, port);
    assert_eq!(second.account().about.member, account.about.member);
    let counts = second.verify().unwrap();
    assert_eq!((counts.orgs, counts.people), (told.orgs, told.people));
    assert!(counts.entries > told.entries, "what was done is there");
    second.liven_at(QUICK).unwrap();
    let council = second.told.channels["smart-plant-council"];
    runtime().block_on(async {
        let account = second.account().clone();
        let mut client = Client::connect(account).await.unwrap();
        client.open(council, 50).await.unwrap();
        let late = |client: &Client| has(client, council, |entry| says(entry, LATE));
        wait(&mut client, "next deed", late).await;
        client.close().unwrap();
    });
    let entries = second.venue.entries(deal).unwrap();
    let early = entries.iter().filter(|entry| says(entry, EARLY));
    assert_eq!(early.count(), 1, "it is not done again");
}

#[test]
fn a_member_answers_a_direct() {
    let mut demo = Demo::start(Player::Partner, None).unwrap();
    demo.liven_at(QUICK).unwrap();
    let lea = demo.told.person("lea").unwrap().account.about.member;
    let ana = demo.account().clone();
    let direct = RoomId::direct(&BTreeSet::from([lea, ana.about.member]));
    runtime().block_on(async {
        let mut client = Client::connect(ana).await.unwrap();
        let here =
            |client: &Client| client.console().replica().presence(lea) == Some(Presence::Here);
        wait(&mut client, "Lea", here).await;
        let say = request::say("Have you time today?", None, BTreeSet::new()).unwrap();
        let said = client.submit(direct, say).await.unwrap().from;
        let answer = |entry: &Entry| {
            let answer = script::answer("Have you time today?", said.0);
            entry.author.member() == Some(lea) && says(entry, answer)
        };
        let answered = |client: &Client| has(client, direct, answer);
        wait(&mut client, "answer", answered).await;
        client.close().unwrap();
    });
}

/// The player's side of what members are asked.
struct Asking {
    client: Client,
    org: OrgId,
}

impl Asking {
    async fn submit(&mut self, room: RoomId, command: Command, texts: &[&str]) -> Seq {
        let command = request::worded(command, texts).unwrap();
        self.client.submit(room, command).await.unwrap().from
    }

    async fn see(&mut self, what: &str, holds: impl Fn(&State) -> bool, room: RoomId) {
        let there = |client: &Client| {
            let held = client.console().replica().room(room);
            held.is_some_and(|held| holds(&held.room.state))
        };
        wait(&mut self.client, what, there).await;
    }

    async fn connects(&mut self, to: OrgId) {
        let own = RoomId::org(self.org);
        let connect = Command::Org(org::Command::Connect { to });
        self.submit(own, connect, &["Shall we?"]).await;
        let connected =
            |state: &State| state.org().is_some_and(|org| org.connections.contains(&to));
        self.see("connection", connected, own).await;
    }

    async fn agrees(&mut self, with: OrgId) {
        let relation = RoomId::relation(self.org, with);
        self.client.open(relation, 20).await.unwrap();
        let agree = relation::Command::Agree {
            kind: AgreementKind::Cosell,
            from: console::now().date(),
            to: None,
        };
        let agree = Command::Relation(agree);
        self.submit(relation, agree, &["Folder 8"]).await;
        let agreed = |state: &State| {
            let State::Relation(relation) = state else {
                return false;
            };
            relation
                .agreements
                .values()
                .any(|open| open.kind == AgreementKind::Cosell && open.in_force())
        };
        self.see("agreement", agreed, relation).await;
    }

    async fn invites(&mut self, deal: RoomId, guest: OrgId) {
        self.client.open(deal, 50).await.unwrap();
        let invite = deal::Command::Invite {
            org: guest,
            responsibility: deal::Responsibility::ServicesPartner,
            history: true,
            can: deal::Can::default(),
        };
        self.submit(deal, Command::Deal(invite), &["Come in."])
            .await;
        let came = |state: &State| {
            let deal = state.deal().unwrap();
            deal.active().any(|(org, _)| org == guest)
        };
        self.see("party", came, deal).await;
        let greets = |client: &Client| has(client, deal, |entry| says(entry, script::CAME_IN));
        wait(&mut self.client, "greeting", greets).await;
    }

    async fn gives_a_task(&mut self, deal: RoomId, to: OrgId) {
        let to = deal::Assignment {
            owner: to,
            member: None,
            due: (console::now() + Span::days(3)).date(),
        };
        let add = Command::Deal(deal::Command::AddTask { to });
        let task = self.submit(deal, add, &["Review the remote access"]).await;
        let done = |state: &State| {
            let deal = state.deal().unwrap();
            let task = deal.tasks.list.get(&task);
            task.is_some_and(|task| task.state != deal::TaskState::Open)
        };
        self.see("done task", done, deal).await;
    }

    async fn proposes_a_presence(&mut self, deal: RoomId) {
        let to = deal::Presence::OnCall;
        let propose = deal::Command::ProposePresence { to };
        self.submit(deal, Command::Deal(propose), &[]).await;
        let set = |state: &State| state.deal().unwrap().presence.value == Some(to);
        self.see("presence that all signed", set, deal).await;
    }
}

#[test]
fn members_do_what_the_player_asks_of_their_organisations() {
    let mut demo = Demo::start(Player::Partner, None).unwrap();
    demo.liven_at(QUICK).unwrap();
    let org = |who: &str| demo.told.person(who).unwrap().account.about.org;
    let (deal, ana) = (demo.told.deal, demo.account().clone());
    runtime().block_on(async {
        let org_of_ana = ana.about.org;
        let client = Client::connect(ana).await.unwrap();
        let mut asking = Asking {
            client,
            org: org_of_ana,
        };
        asking.connects(org("maya")).await;
        asking.agrees(org("maya")).await;
        asking.invites(deal, org("oskar")).await;
        asking.gives_a_task(deal, org("oskar")).await;
        asking.proposes_a_presence(deal).await;
        // One to a connected organisation, and one that brings a request to connect with it.
        for to in ["lea", "giulia"] {
            let room = history::offer(&demo.venue, &demo.told, "ana", to).unwrap();
            let qualified = |state: &State| {
                matches!(state, State::Referral(referral)
                    if referral.stage == referral::Stage::Qualified)
            };
            asking.see("qualified referral", qualified, room).await;
        }
        asking.client.close().unwrap();
    });
    demo.verify().unwrap();
}
