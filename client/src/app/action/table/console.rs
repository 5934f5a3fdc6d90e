//! Actions on what waits, on rooms, and on the console itself.

use crate::{
    app::{
        App,
        action::{
            Action, Entry, Group,
            Headless::{Command, Screen as OnScreen},
            Scope::{Anywhere, Inbox, Lists, Rooms},
            Why, plain,
        },
        effect::Effect,
        form::Purpose,
        overlay::Overlay,
    },
    link::Order,
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::Done,
        name: "done",
        label: "done",
        group: Group::Inbox,
        keys: &[(Inbox, "e")],
        when: |app| app.selected_need().is_some(),
        run: App::done,
        ..plain(Command("inbox --done 1"))
    },
    Entry {
        action: Action::MarkRead,
        name: "mark-read",
        label: "mark as read",
        group: Group::Room,
        keys: &[(Rooms, "m"), (Inbox, "m"), (Lists, "space r")],
        when: |app| app.room_at_hand().is_some(),
        run: App::mark_room_read,
        ..plain(Command("seen ROOM"))
    },
    Entry {
        action: Action::Join,
        name: "join",
        label: "keep this channel",
        group: Group::Room,
        keys: &[(Rooms, "b"), (Lists, "space j")],
        when: |app| app.bookmarkable() == Some(true),
        run: |app| app.bookmark(true),
        ..plain(Command("channel join CHANNEL"))
    },
    Entry {
        action: Action::Leave,
        name: "leave",
        label: "leave this channel",
        group: Group::Room,
        keys: &[(Rooms, "x")],
        when: |app| app.bookmarkable() == Some(false),
        run: |app| app.bookmark(false),
        ..plain(Command("channel leave CHANNEL"))
    },
    Entry {
        action: Action::SetNotices,
        name: "set-notices",
        label: "what to tell me by mail",
        group: Group::Inbox,
        keys: &[(Inbox, "M")],
        run: |app| app.open_form(Some(Purpose::Notices)),
        ..plain(Command("notices set --mail you@example.com"))
    },
    Entry {
        action: Action::ToggleSide,
        name: "side",
        label: "side pane",
        group: Group::Console,
        keys: &[(Anywhere, "f7"), (Lists, "\\"), (Lists, "space b")],
        run: App::toggle_side,
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Details,
        name: "details",
        label: "details",
        group: Group::Console,
        keys: &[(Anywhere, "f8"), (Lists, "|"), (Lists, "space o")],
        when: App::has_details,
        run: App::look_closer,
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Connection,
        name: "connection",
        label: "connection",
        group: Group::Console,
        keys: &[(Lists, "space c")],
        run: |app| app.over(Overlay::Connection),
        ..plain(Command("doctor"))
    },
    Entry {
        action: Action::Reconnect,
        name: "reconnect",
        label: "connect now",
        group: Group::Console,
        keys: &[(Lists, "space R")],
        when: |app| !app.live(),
        run: |_| vec![Effect::Order(Order::Reconnect)],
        ..plain(OnScreen(Why::Console))
    },
    Entry {
        action: Action::Notices,
        name: "notices",
        label: "past notices",
        group: Group::Console,
        keys: &[(Lists, "space m")],
        run: |app| app.over(Overlay::Notices),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Mouse,
        name: "mouse",
        label: "mouse on or off",
        group: Group::Console,
        run: App::toggle_mouse,
        ..plain(OnScreen(Why::Console))
    },
    Entry {
        action: Action::Repaint,
        name: "redraw",
        label: "draw anew",
        group: Group::Console,
        keys: &[(Anywhere, "ctrl+l")],
        run: |_| vec![Effect::Repaint],
        ..plain(OnScreen(Why::Console))
    },
    Entry {
        action: Action::Suspend,
        name: "suspend",
        label: "to the shell",
        group: Group::Console,
        keys: &[(Anywhere, "ctrl+z")],
        run: App::suspend,
        ..plain(OnScreen(Why::Console))
    },
    Entry {
        action: Action::Quit,
        name: "quit",
        label: "quit",
        group: Group::Console,
        keys: &[(Anywhere, "ctrl+q"), (Lists, "space q")],
        run: App::quit,
        ..plain(OnScreen(Why::Console))
    },
];
