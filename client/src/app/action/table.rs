//! The table of actions.

use super::{
    Action, Entry, Group,
    Headless::{Command, Screen},
    Scope::{Anywhere, Composer, Inbox, Lists, Messages, Rooms},
};
use crate::app::App;

const fn always(_: &App) -> bool {
    true
}

const PLAIN: Entry = Entry {
    action: Action::GoInbox,
    name: "",
    label: "",
    group: Group::Go,
    keys: &[],
    when: always,
    consequence: None,
    headless: Screen,
};

/// All actions, in the order of help.
pub const ACTIONS: &[Entry] = &[
    Entry {
        action: Action::GoInbox,
        name: "inbox",
        label: "Inbox",
        keys: &[(Anywhere, "alt+1"), (Lists, "1"), (Lists, "space 1")],
        headless: Command("inbox"),
        ..PLAIN
    },
    Entry {
        action: Action::GoChannels,
        name: "channels",
        label: "Channels",
        keys: &[(Anywhere, "alt+2"), (Lists, "2"), (Lists, "space 2")],
        headless: Command("rooms"),
        ..PLAIN
    },
    Entry {
        action: Action::GoDeals,
        name: "deals",
        label: "Deals",
        keys: &[(Anywhere, "alt+3"), (Lists, "3"), (Lists, "space 3")],
        headless: Command("rooms"),
        ..PLAIN
    },
    Entry {
        action: Action::GoReferrals,
        name: "referrals",
        label: "Referrals",
        keys: &[(Anywhere, "alt+4"), (Lists, "4"), (Lists, "space 4")],
        headless: Command("rooms"),
        ..PLAIN
    },
    Entry {
        action: Action::GoDirectory,
        name: "directory",
        label: "Directory",
        keys: &[(Anywhere, "alt+5"), (Lists, "5"), (Lists, "space 5")],
        headless: Command("find"),
        ..PLAIN
    },
    Entry {
        action: Action::GoTo,
        name: "goto",
        label: "go to",
        keys: &[(Anywhere, "ctrl+k"), (Lists, "space space")],
        ..PLAIN
    },
    Entry {
        action: Action::Palette,
        name: "palette",
        label: "palette",
        keys: &[
            (Anywhere, "f2"),
            (Anywhere, "alt+x"),
            (Lists, ":"),
            (Lists, "space p"),
        ],
        ..PLAIN
    },
    Entry {
        action: Action::Menu,
        name: "actions",
        label: "actions",
        keys: &[(Anywhere, "alt+."), (Lists, "a"), (Lists, "space a")],
        ..PLAIN
    },
    Entry {
        action: Action::Help,
        name: "help",
        label: "help",
        keys: &[(Anywhere, "f1"), (Lists, "?"), (Lists, "space ?")],
        ..PLAIN
    },
    Entry {
        action: Action::NextUnread,
        name: "next-unread",
        label: "next unread",
        keys: &[(Anywhere, "alt+a"), (Lists, "n"), (Lists, "space u")],
        ..PLAIN
    },
    Entry {
        action: Action::PreviousUnread,
        name: "previous-unread",
        label: "previous unread",
        keys: &[(Anywhere, "alt+A"), (Lists, "N"), (Lists, "space U")],
        ..PLAIN
    },
    Entry {
        action: Action::Back,
        name: "back",
        label: "back",
        keys: &[
            (Anywhere, "alt+left"),
            (Lists, "["),
            (Lists, "`"),
            (Anywhere, "alt+s"),
        ],
        when: |app| app.history.can_go_back(),
        ..PLAIN
    },
    Entry {
        action: Action::Forward,
        name: "forward",
        label: "forward",
        keys: &[(Anywhere, "alt+right"), (Lists, "]")],
        when: |app| app.history.can_go_forward(),
        ..PLAIN
    },
    Entry {
        action: Action::NextRoom,
        name: "next-room",
        label: "next conversation",
        keys: &[(Anywhere, "alt+down"), (Lists, "J")],
        ..PLAIN
    },
    Entry {
        action: Action::PreviousRoom,
        name: "previous-room",
        label: "previous conversation",
        keys: &[(Anywhere, "alt+up"), (Lists, "K")],
        ..PLAIN
    },
    Entry {
        action: Action::Down,
        name: "down",
        label: "down",
        group: Group::Move,
        keys: &[(Lists, "j"), (Lists, "down")],
        ..PLAIN
    },
    Entry {
        action: Action::Up,
        name: "up",
        label: "up",
        group: Group::Move,
        keys: &[(Lists, "k"), (Lists, "up")],
        ..PLAIN
    },
    Entry {
        action: Action::PageDown,
        name: "page-down",
        label: "screen down",
        group: Group::Move,
        keys: &[(Anywhere, "pagedown"), (Lists, "ctrl+d")],
        ..PLAIN
    },
    Entry {
        action: Action::PageUp,
        name: "page-up",
        label: "screen up",
        group: Group::Move,
        keys: &[(Anywhere, "pageup"), (Lists, "ctrl+u")],
        ..PLAIN
    },
    Entry {
        action: Action::First,
        name: "first",
        label: "to the first",
        group: Group::Move,
        keys: &[(Lists, "g g"), (Lists, "home")],
        ..PLAIN
    },
    Entry {
        action: Action::Last,
        name: "last",
        label: "to the last",
        group: Group::Move,
        keys: &[(Lists, "G"), (Lists, "end")],
        ..PLAIN
    },
    Entry {
        action: Action::NextPane,
        name: "next-pane",
        label: "next pane",
        group: Group::Move,
        keys: &[(Lists, "tab"), (Lists, "l"), (Lists, "right")],
        ..PLAIN
    },
    Entry {
        action: Action::PreviousPane,
        name: "previous-pane",
        label: "previous pane",
        group: Group::Move,
        keys: &[(Anywhere, "shift+tab"), (Lists, "h"), (Lists, "left")],
        ..PLAIN
    },
    Entry {
        action: Action::Open,
        name: "open",
        label: "open",
        group: Group::Move,
        keys: &[(Lists, "enter")],
        ..PLAIN
    },
    Entry {
        action: Action::Out,
        name: "out",
        label: "out",
        group: Group::Move,
        keys: &[(Anywhere, "esc")],
        ..PLAIN
    },
    Entry {
        action: Action::Close,
        name: "close",
        label: "close",
        group: Group::Move,
        keys: &[(Lists, "q")],
        ..PLAIN
    },
    Entry {
        action: Action::Write,
        name: "write",
        label: "write",
        group: Group::Write,
        keys: &[(Lists, "i")],
        when: |app| app.may_write(),
        headless: Command("say"),
        ..PLAIN
    },
    Entry {
        action: Action::Send,
        name: "send",
        label: "send",
        group: Group::Write,
        keys: &[(Composer, "enter")],
        when: |app| app.composing().is_some_and(|composer| !composer.blank()),
        headless: Command("say"),
        ..PLAIN
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
        ..PLAIN
    },
    Entry {
        action: Action::Complete,
        name: "complete",
        label: "complete",
        group: Group::Write,
        keys: &[(Composer, "tab")],
        ..PLAIN
    },
    Entry {
        action: Action::Editor,
        name: "editor",
        label: "$EDITOR",
        group: Group::Write,
        keys: &[(Composer, "ctrl+g"), (Lists, "ctrl+g"), (Lists, "space e")],
        when: |app| app.may_write(),
        headless: Command("say"),
        ..PLAIN
    },
    Entry {
        action: Action::ClearDraft,
        name: "clear",
        label: "put the text aside",
        group: Group::Write,
        keys: &[(Anywhere, "ctrl+c")],
        ..PLAIN
    },
    Entry {
        action: Action::RestoreDraft,
        name: "restore",
        label: "take it back",
        group: Group::Write,
        keys: &[(Composer, "ctrl+y")],
        when: |app| app.aside.is_some(),
        ..PLAIN
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
        headless: Command("read"),
        ..PLAIN
    },
    Entry {
        action: Action::Reply,
        name: "reply",
        label: "reply",
        group: Group::Message,
        keys: &[(Messages, "r"), (Inbox, "r")],
        when: |app| app.may_write(),
        headless: Command("say"),
        ..PLAIN
    },
    Entry {
        action: Action::Quote,
        name: "quote",
        label: "quote",
        group: Group::Message,
        keys: &[(Messages, ">")],
        when: |app| app.may_write() && app.selected_message().is_some(),
        headless: Command("say"),
        ..PLAIN
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
        headless: Command("react"),
        ..PLAIN
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
        headless: Command("edit"),
        ..PLAIN
    },
    Entry {
        action: Action::EditLast,
        name: "edit-last",
        label: "edit the last one",
        group: Group::Message,
        keys: &[(Composer, "up")],
        when: App::nothing_written,
        headless: Command("edit"),
        ..PLAIN
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
        headless: Command("delete"),
        ..PLAIN
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
        headless: Command("pin"),
        ..PLAIN
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
        headless: Command("read"),
        ..PLAIN
    },
    Entry {
        action: Action::Unfold,
        name: "unfold",
        label: "show whole",
        group: Group::Message,
        keys: &[(Messages, "v")],
        when: |app| app.selected_message().is_some(),
        ..PLAIN
    },
    Entry {
        action: Action::Retry,
        name: "retry",
        label: "send again",
        group: Group::Message,
        keys: &[(Messages, "R")],
        when: App::selected_refused,
        headless: Command("say"),
        ..PLAIN
    },
    Entry {
        action: Action::Discard,
        name: "discard",
        label: "drop the refused one",
        group: Group::Message,
        keys: &[(Messages, "X")],
        when: App::selected_refused,
        ..PLAIN
    },
    Entry {
        action: Action::Done,
        name: "done",
        label: "done",
        group: Group::Inbox,
        keys: &[(Inbox, "e")],
        when: |app| app.selected_need().is_some(),
        headless: Command("done"),
        ..PLAIN
    },
    Entry {
        action: Action::MarkRead,
        name: "mark-read",
        label: "mark as read",
        group: Group::Room,
        keys: &[(Rooms, "m"), (Inbox, "m"), (Lists, "space r")],
        when: |app| app.room_at_hand().is_some(),
        headless: Command("seen"),
        ..PLAIN
    },
    Entry {
        action: Action::Join,
        name: "join",
        label: "keep this channel",
        group: Group::Room,
        keys: &[(Rooms, "b"), (Lists, "space j")],
        when: |app| app.bookmarkable() == Some(true),
        headless: Command("channel join"),
        ..PLAIN
    },
    Entry {
        action: Action::Leave,
        name: "leave",
        label: "leave this channel",
        group: Group::Room,
        keys: &[(Rooms, "x")],
        when: |app| app.bookmarkable() == Some(false),
        headless: Command("channel leave"),
        ..PLAIN
    },
    Entry {
        action: Action::ToggleSide,
        name: "side",
        label: "side pane",
        group: Group::Console,
        keys: &[(Anywhere, "f7"), (Lists, "\\"), (Lists, "space b")],
        ..PLAIN
    },
    Entry {
        action: Action::Connection,
        name: "connection",
        label: "connection",
        group: Group::Console,
        keys: &[(Lists, "space c")],
        headless: Command("status"),
        ..PLAIN
    },
    Entry {
        action: Action::Reconnect,
        name: "reconnect",
        label: "connect now",
        group: Group::Console,
        keys: &[(Lists, "space R")],
        when: |app| !app.live(),
        ..PLAIN
    },
    Entry {
        action: Action::Notices,
        name: "notices",
        label: "past notices",
        group: Group::Console,
        keys: &[(Lists, "space m")],
        ..PLAIN
    },
    Entry {
        action: Action::Mouse,
        name: "mouse",
        label: "mouse on or off",
        group: Group::Console,
        ..PLAIN
    },
    Entry {
        action: Action::Repaint,
        name: "redraw",
        label: "draw anew",
        group: Group::Console,
        keys: &[(Anywhere, "ctrl+l")],
        ..PLAIN
    },
    Entry {
        action: Action::Suspend,
        name: "suspend",
        label: "to the shell",
        group: Group::Console,
        keys: &[(Anywhere, "ctrl+z")],
        ..PLAIN
    },
    Entry {
        action: Action::Quit,
        name: "quit",
        label: "quit",
        group: Group::Console,
        keys: &[(Anywhere, "ctrl+q"), (Lists, "space q")],
        ..PLAIN
    },
];
