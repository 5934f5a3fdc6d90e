//! Actions on other organisations.

use crate::app::{
    App, Screen,
    action::{
        Action, Entry, Group,
        Headless::{Command, Owed},
        PLAIN,
        Scope::Lists,
    },
    form::{OnConnection, Purpose},
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::Search,
        name: "search",
        label: "search",
        group: Group::Go,
        keys: &[(Lists, "/"), (Lists, "space s")],
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
        action: Action::WithdrawAsk,
        name: "withdraw-ask",
        label: "take your request to connect back",
        group: Group::Partner,
        when: |app| app.asked_to_connect().is_some(),
        consequence: Some("They no longer see your request, nor what went with it."),
        headless: Command("connection withdraw ORG"),
        run: App::withdraw_ask,
        ..PLAIN
    },
    Entry {
        action: Action::Exclude,
        name: "exclude",
        label: "no longer hear their requests",
        group: Group::Partner,
        when: |app| {
            app.stranger_at_hand()
                .is_some_and(|(_, excluded)| !excluded)
        },
        consequence: Some("They learn nothing of it; their requests are not heard any more."),
        headless: Command("connection exclude ORG on"),
        run: |app| app.exclude(true),
        ..PLAIN
    },
    Entry {
        action: Action::Include,
        name: "include",
        label: "hear their requests again",
        group: Group::Partner,
        when: |app| app.stranger_at_hand().is_some_and(|(_, excluded)| excluded),
        consequence: Some("They can ask to connect again."),
        headless: Command("connection exclude ORG off"),
        run: |app| app.exclude(false),
        ..PLAIN
    },
    Entry {
        action: Action::Prefer,
        name: "prefer",
        label: "say whose requests are heard",
        group: Group::Partner,
        when: |app| app.screen == Screen::Directory && app.own().is_some(),
        headless: Owed,
        run: |app| app.open_form(Some(Purpose::Connection(OnConnection::Prefer))),
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
        when: App::may_disconnect,
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
    Entry {
        action: Action::EndAgreement,
        name: "end-agreement",
        label: "end an agreement, or a proposal",
        group: Group::Partner,
        when: App::has_agreements,
        consequence: Some("It is over for both, signed by you."),
        headless: Command("agreement end ORG nda"),
        run: |app| {
            app.open_form(
                app.relation_at_hand()
                    .map(|room| Purpose::Connection(OnConnection::End(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::Disconnect,
        name: "disconnect",
        label: "end the connection",
        group: Group::Partner,
        when: App::may_disconnect,
        consequence: Some(
            "You are no longer connected and every agreement between you is over, signed by you; they see it at once.",
        ),
        headless: Command("connection end ORG"),
        run: App::disconnect,
        ..PLAIN
    },
];
