//! Actions on what is being written and on messages.

use crate::app::{
    App, Screen,
    action::{
        Action, Entry, Group,
        Headless::{Command, Screen as OnScreen},
        Scope::{Anywhere, Composer, Inbox, Lists, Messages},
        Why, plain,
    },
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::Write,
        name: "write",
        label: "write",
        group: Group::Write,
        keys: &[(Lists, "i")],
        when: |app| app.may_write(),
        run: App::write,
        ..plain(Command("say ROOM TEXT"))
    },
    Entry {
        action: Action::Send,
        name: "send",
        label: "send",
        group: Group::Write,
        keys: &[(Composer, "enter")],
        when: |app| app.composing().is_some_and(|composer| !composer.blank()),
        run: App::send,
        ..plain(Command("say ROOM TEXT"))
    },
    Entry {
        action: Action::Newline,
        name: "newline",
        label: "newline",
        group: Group::Write,
        keys: &[
            (Composer, "ctrl+j"),
            (Composer, "alt+enter"),
            (Composer, "shift+enter"),
        ],
        when: |app| app.open_room().is_some(),
        run: App::newline,
        ..plain(OnScreen(Why::Draft))
    },
    Entry {
        action: Action::Complete,
        name: "complete",
        label: "complete",
        group: Group::Write,
        keys: &[(Composer, "tab")],
        when: |app| app.screen != Screen::Directory,
        run: App::complete,
        ..plain(OnScreen(Why::Draft))
    },
    Entry {
        action: Action::Editor,
        name: "editor",
        label: "$EDITOR",
        group: Group::Write,
        keys: &[(Composer, "ctrl+g"), (Lists, "ctrl+g"), (Lists, "space e")],
        when: |app| app.open_room().is_some() && app.may_write(),
        run: App::editor,
        ..plain(Command("say ROOM TEXT"))
    },
    Entry {
        action: Action::ClearDraft,
        name: "clear",
        label: "put the text aside",
        group: Group::Write,
        keys: &[(Anywhere, "ctrl+c")],
        run: App::interrupted,
        ..plain(OnScreen(Why::Draft))
    },
    Entry {
        action: Action::RestoreDraft,
        name: "restore",
        label: "take it back",
        group: Group::Write,
        keys: &[(Composer, "ctrl+y")],
        when: |app| app.aside.is_some(),
        run: App::restore,
        ..plain(OnScreen(Why::Draft))
    },
    Entry {
        action: Action::Thread,
        name: "thread",
        label: "thread",
        group: Group::Message,
        keys: &[(Messages, "t")],
        when: |app| {
            app.selected_message()
                .is_some_and(|message| message.seq.is_some())
        },
        run: |app| app.thread(false),
        ..plain(Command("page ROOM"))
    },
    Entry {
        action: Action::Reply,
        name: "reply",
        label: "reply",
        group: Group::Message,
        keys: &[(Messages, "r"), (Inbox, "r")],
        when: |app| app.may_write(),
        run: |app| app.thread(true),
        ..plain(Command("say ROOM TEXT"))
    },
    Entry {
        action: Action::Quote,
        name: "quote",
        label: "quote",
        group: Group::Message,
        keys: &[(Messages, ">")],
        when: |app| app.may_write() && app.selected_message().is_some(),
        run: App::quote,
        ..plain(Command("say ROOM TEXT"))
    },
    Entry {
        action: Action::React,
        name: "react",
        label: "react",
        group: Group::Message,
        keys: &[(Messages, "+")],
        when: |app| {
            app.may_write()
                && app
                    .selected_message()
                    .is_some_and(|message| message.seq.is_some())
        },
        run: App::react,
        ..plain(Command("react ROOM 1 :tada:"))
    },
    Entry {
        action: Action::Edit,
        name: "edit",
        label: "edit",
        group: Group::Message,
        keys: &[(Messages, "e")],
        when: |app| {
            app.selected_message()
                .is_some_and(|message| message.mine && message.removed.is_none())
        },
        run: App::edit_selected,
        ..plain(Command("edit ROOM 1 TEXT"))
    },
    Entry {
        action: Action::EditLast,
        name: "edit-last",
        label: "edit the last one",
        group: Group::Message,
        keys: &[(Composer, "up")],
        when: App::nothing_written,
        run: App::edit_last,
        ..plain(Command("edit ROOM 1 TEXT"))
    },
    Entry {
        action: Action::Delete,
        name: "delete",
        label: "delete",
        group: Group::Message,
        keys: &[(Messages, "D")],
        when: |app| {
            app.selected_message().is_some_and(|message| {
                message.mine && message.seq.is_some() && message.removed.is_none()
            })
        },
        consequence: Some(
            "Your message is removed for everyone here; that it was there stays in the record.",
        ),
        headless: Command("delete ROOM 1"),
        run: App::delete,
    },
    Entry {
        action: Action::Pin,
        name: "pin",
        label: "pin",
        group: Group::Message,
        keys: &[(Messages, "p")],
        when: |app| {
            app.selected_message()
                .is_some_and(|message| message.seq.is_some())
        },
        run: App::pin,
        ..plain(Command("pin ROOM 1"))
    },
    Entry {
        action: Action::CopyText,
        name: "copy",
        label: "copy",
        group: Group::Message,
        keys: &[(Messages, "y")],
        when: |app| {
            app.selected_message()
                .is_some_and(|message| message.body.is_some())
        },
        run: App::copy,
        ..plain(Command("page ROOM"))
    },
    Entry {
        action: Action::Unfold,
        name: "unfold",
        label: "show whole",
        group: Group::Message,
        keys: &[(Messages, "v")],
        when: |app| app.selected_message().is_some(),
        run: App::unfold,
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Retry,
        name: "retry",
        label: "send again",
        group: Group::Message,
        keys: &[(Messages, "R")],
        when: App::selected_refused,
        run: App::retry,
        ..plain(Command("say ROOM TEXT"))
    },
    Entry {
        action: Action::Discard,
        name: "discard",
        label: "drop the refused one",
        group: Group::Message,
        keys: &[(Messages, "X")],
        when: App::selected_refused,
        run: App::discard,
        ..plain(OnScreen(Why::Outbox))
    },
];
