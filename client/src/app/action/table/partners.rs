//! Actions on other organisations.

use crate::app::{
    App, Screen,
    action::{Action, Entry, Group, Headless::Command, PLAIN, Scope::Lists},
    form::{OnConnection, Purpose},
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::Search,
        name: "search",
        label: "search",
        group: Group::Go,
        keys: &[(Lists, "/"), (Lists, "space s")],
        when: |_| true,
        headless: Command("find"),
        run: App::search_or_go,
        ..PLAIN
    },
    Entry {
        action: Action::Connect,
        name: "connect",
        label: "ask them to connect",
        group: Group::Partner,
        keys: &[(Lists, "c")],
        when: App::may_connect,
        consequence: Some("They see that you ask, and your words."),
        headless: Command("connection ask ORG WORDS"),
        run: |app| {
            app.open_form(
                app.directory
                    .chosen()
                    .map(|org| Purpose::Connection(OnConnection::Connect(org))),
            )
        },
    },
    Entry {
        action: Action::AnswerConnection,
        name: "answer",
        label: "answer a request to connect",
        group: Group::Partner,
        when: |app| app.knocking().is_some(),
        consequence: Some("They learn your answer."),
        headless: Command("connection answer ORG both"),
        run: |app| {
            app.open_form(
                app.knocking()
                    .map(|org| Purpose::Connection(OnConnection::Answer(org))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::Meet,
        name: "write-to",
        label: "write to somebody there",
        group: Group::Partner,
        keys: &[(Lists, "d")],
        when: |app| app.screen == Screen::Directory && app.directory.chosen().is_some(),
        headless: Command("dm PERSON"),
        run: App::write_to,
        ..PLAIN
    },
    Entry {
        action: Action::Agree,
        name: "agree",
        label: "propose an agreement",
        group: Group::Partner,
        when: |app| app.relation_at_hand().is_some(),
        consequence: Some("The other organisation sees it."),
        headless: Command("agreement propose ORG nda --reference REFERENCE --from 2026-05-04"),
        run: |app| {
            app.open_form(
                app.relation_at_hand()
                    .map(|room| Purpose::Connection(OnConnection::Agree(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::Confirm,
        name: "confirm",
        label: "sign their proposed agreement",
        group: Group::Partner,
        when: |app| app.proposed_to_us().is_some(),
        consequence: Some("It is in force for both."),
        headless: Command("agreement confirm ORG 1"),
        run: App::confirm_agreement,
        ..PLAIN
    },
];
