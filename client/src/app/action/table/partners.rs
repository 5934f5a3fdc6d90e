//! Actions on other organisations.

use crate::app::{
    App, Screen,
    action::{Action, Entry, Group, Headless::Command, Scope::Lists, plain},
    form::{OnConnection, Purpose},
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::Search,
        name: "search",
        label: "search",
        group: Group::Go,
        keys: &[(Lists, "/"), (Lists, "space s")],
        run: App::search_or_go,
        ..plain(Command("find"))
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
        run: |app| {
            app.open_form(
                app.knocking()
                    .map(|org| Purpose::Connection(OnConnection::Answer(org))),
            )
        },
        ..plain(Command("connection answer ORG both"))
    },
    Entry {
        action: Action::WithdrawAsk,
        name: "withdraw-ask",
        label: "take your request to connect back",
        group: Group::Partner,
        when: |app| app.asked_to_connect().is_some(),
        consequence: Some("They no longer see your request, nor what went with it."),
        run: App::withdraw_ask,
        ..plain(Command("connection withdraw ORG"))
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
        run: |app| app.exclude(true),
        ..plain(Command("connection exclude ORG on"))
    },
    Entry {
        action: Action::Include,
        name: "include",
        label: "hear their requests again",
        group: Group::Partner,
        when: |app| app.stranger_at_hand().is_some_and(|(_, excluded)| excluded),
        consequence: Some("They can ask to connect again."),
        run: |app| app.exclude(false),
        ..plain(Command("connection exclude ORG off"))
    },
    Entry {
        action: Action::Prefer,
        name: "prefer",
        label: "say whose requests are heard",
        group: Group::Partner,
        when: |app| app.screen == Screen::Directory && app.own().is_some(),
        run: |app| app.open_form(Some(Purpose::Connection(OnConnection::Prefer))),
        ..plain(Command("connection prefer deny_all"))
    },
    Entry {
        action: Action::Meet,
        name: "write-to",
        label: "write to somebody there",
        group: Group::Partner,
        keys: &[(Lists, "d")],
        when: |app| app.screen == Screen::Directory && app.directory.chosen().is_some(),
        run: App::write_to,
        ..plain(Command("dm PERSON"))
    },
    Entry {
        action: Action::Agree,
        name: "agree",
        label: "propose an agreement",
        group: Group::Partner,
        when: App::may_disconnect,
        consequence: Some("The other organisation sees it."),
        run: |app| {
            app.open_form(
                app.relation_at_hand()
                    .map(|room| Purpose::Connection(OnConnection::Agree(room))),
            )
        },
        ..plain(Command(
            "agreement propose ORG nda --reference REFERENCE --from 2026-05-04",
        ))
    },
    Entry {
        action: Action::Confirm,
        name: "confirm",
        label: "sign their proposed agreement",
        group: Group::Partner,
        when: |app| app.proposed_to_us().is_some(),
        consequence: Some("It is in force for both."),
        run: App::confirm_agreement,
        ..plain(Command("agreement confirm ORG 1"))
    },
    Entry {
        action: Action::EndAgreement,
        name: "end-agreement",
        label: "end an agreement, or a proposal",
        group: Group::Partner,
        when: App::has_agreements,
        consequence: Some("It is over for both, signed by you."),
        run: |app| {
            app.open_form(
                app.relation_at_hand()
                    .map(|room| Purpose::Connection(OnConnection::End(room))),
            )
        },
        ..plain(Command("agreement end ORG nda"))
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
        run: App::disconnect,
        ..plain(Command("connection end ORG"))
    },
];
