//! Actions on what waits, on rooms, and on the console itself.

use crate::{
    app::{
        App,
        action::{
            Action, Entry, Group,
            Headless::Command,
            PLAIN,
            Scope::{Anywhere, Inbox, Lists, Rooms},
        },
        effect::Effect,
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
        headless: Command("inbox --done 1"),
        run: App::done,
        ..PLAIN
    },
    Entry {
        action: Action::MarkRead,
        name: "mark-read",
        label: "mark as read",
        group: Group::Room,
        keys: &[(Rooms, "m"), (Inbox, "m"), (Lists, "space r")],
        when: |app| app.room_at_hand().is_some(),
        headless: Command("seen ROOM"),
        run: App::mark_room_read,
        ..PLAIN
    },
    Entry {
        action: Action::Join,
        name: "join",
        label: "keep this channel",
        group: Group::Room,
        keys: &[(Rooms, "b"), (Lists, "space j")],
        when: |app| app.bookmarkable() == Some(true),
        headless: Command("channel join CHANNEL"),
        run: |app| app.bookmark(true),
        ..PLAIN
    },
    Entry {
        action: Action::Leave,
        name: "leave",
        label: "leave this channel",
        group: Group::Room,
        keys: &[(Rooms, "x")],
        when: |app| app.bookmarkable() == Some(false),
        headless: Command("channel leave CHANNEL"),
        run: |app| app.bookmark(false),
        ..PLAIN
    },
    Entry {
        action: Action::ToggleSide,
        name: "side",
        label: "side pane",
        group: Group::Console,
        keys: &[(Anywhere, "f7"), (Lists, "\\"), (Lists, "space b")],
        run: App::toggle_side,
        ..PLAIN
    },
    Entry {
        action: Action::Details,
        name: "details",
        label: "details",
        group: Group::Console,
        keys: &[(Anywhere, "f8"), (Lists, "|"), (Lists, "space o")],
        when: App::has_details,
        run: App::look_closer,
        ..PLAIN
    },
    Entry {
        action: Action::Connection,
        name: "connection",
        label: "connection",
        group: Group::Console,
        keys: &[(Lists, "space c")],
        headless: Command("doctor"),
        run: |app| app.over(Overlay::Connection),
        ..PLAIN
    },
    Entry {
        action: Action::Reconnect,
        name: "reconnect",
        label: "connect now",
        group: Group::Console,
        keys: &[(Lists, "space R")],
        when: |app| !app.live(),
        run: |_| vec![Effect::Order(Order::Reconnect)],
        ..PLAIN
    },
    Entry {
        action: Action::Notices,
        name: "notices",
        label: "past notices",
        group: Group::Console,
        keys: &[(Lists, "space m")],
        run: |app| app.over(Overlay::Notices),
        ..PLAIN
    },
    Entry {
        action: Action::Mouse,
        name: "mouse",
        label: "mouse on or off",
        group: Group::Console,
        run: App::toggle_mouse,
        ..PLAIN
    },
    Entry {
        action: Action::Repaint,
        name: "redraw",
        label: "draw anew",
        group: Group::Console,
        keys: &[(Anywhere, "ctrl+l")],
        run: |_| vec![Effect::Repaint],
        ..PLAIN
    },
    Entry {
        action: Action::Suspend,
        name: "suspend",
        label: "to the shell",
        group: Group::Console,
        keys: &[(Anywhere, "ctrl+z")],
        run: App::suspend,
        ..PLAIN
    },
    Entry {
        action: Action::Quit,
        name: "quit",
        label: "quit",
        group: Group::Console,
        keys: &[(Anywhere, "ctrl+q"), (Lists, "space q")],
        run: App::quit,
        ..PLAIN
    },
];
