//! Actions that lead somewhere: to screens and rooms, and through what is on them.

use crate::app::{
    App, Screen,
    action::{
        Action, Entry, Group,
        Headless::Command,
        PLAIN,
        Scope::{Anywhere, Lists},
    },
    overlay::{Overlay, Pick},
    screen::talk::Step,
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::GoInbox,
        name: "inbox",
        label: "Inbox",
        keys: &[(Anywhere, "alt+1"), (Lists, "1"), (Lists, "space 1")],
        headless: Command("inbox"),
        run: |app| app.go(Screen::Inbox),
        ..PLAIN
    },
    Entry {
        action: Action::GoChannels,
        name: "channels",
        label: "Channels",
        keys: &[(Anywhere, "alt+2"), (Lists, "2"), (Lists, "space 2")],
        headless: Command("rooms"),
        run: |app| app.go(Screen::Channels),
        ..PLAIN
    },
    Entry {
        action: Action::GoDeals,
        name: "deals",
        label: "Deals",
        keys: &[(Anywhere, "alt+3"), (Lists, "3"), (Lists, "space 3")],
        headless: Command("rooms"),
        run: |app| app.go(Screen::Deals),
        ..PLAIN
    },
    Entry {
        action: Action::GoReferrals,
        name: "referrals",
        label: "Referrals",
        keys: &[(Anywhere, "alt+4"), (Lists, "4"), (Lists, "space 4")],
        headless: Command("rooms"),
        run: |app| app.go(Screen::Referrals),
        ..PLAIN
    },
    Entry {
        action: Action::GoDirectory,
        name: "directory",
        label: "Directory",
        keys: &[(Anywhere, "alt+5"), (Lists, "5"), (Lists, "space 5")],
        headless: Command("find"),
        run: |app| app.go(Screen::Directory),
        ..PLAIN
    },
    Entry {
        action: Action::GoTo,
        name: "goto",
        label: "go to",
        keys: &[(Anywhere, "ctrl+k"), (Lists, "space space")],
        run: |app| app.pick(Pick::GoTo),
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
        run: |app| app.pick(Pick::Palette),
        ..PLAIN
    },
    Entry {
        action: Action::Menu,
        name: "actions",
        label: "actions",
        keys: &[(Anywhere, "alt+."), (Lists, "a"), (Lists, "space a")],
        run: |app| app.pick(Pick::Menu),
        ..PLAIN
    },
    Entry {
        action: Action::Help,
        name: "help",
        label: "help",
        keys: &[(Anywhere, "f1"), (Lists, "?"), (Lists, "space ?")],
        run: |app| app.over(Overlay::Help(0)),
        ..PLAIN
    },
    Entry {
        action: Action::NextUnread,
        name: "next-unread",
        label: "next unread",
        keys: &[(Anywhere, "alt+a"), (Lists, "n"), (Lists, "space u")],
        run: |app| app.next_unread(true),
        ..PLAIN
    },
    Entry {
        action: Action::PreviousUnread,
        name: "previous-unread",
        label: "previous unread",
        keys: &[(Anywhere, "alt+A"), (Lists, "N"), (Lists, "space U")],
        run: |app| app.next_unread(false),
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
        run: |app| app.travel(true),
        ..PLAIN
    },
    Entry {
        action: Action::Forward,
        name: "forward",
        label: "forward",
        keys: &[(Anywhere, "alt+right"), (Lists, "]")],
        when: |app| app.history.can_go_forward(),
        run: |app| app.travel(false),
        ..PLAIN
    },
    Entry {
        action: Action::NextRoom,
        name: "next-room",
        label: "next conversation",
        keys: &[(Anywhere, "alt+down"), (Lists, "J")],
        run: |app| app.next_room(true),
        ..PLAIN
    },
    Entry {
        action: Action::PreviousRoom,
        name: "previous-room",
        label: "previous conversation",
        keys: &[(Anywhere, "alt+up"), (Lists, "K")],
        run: |app| app.next_room(false),
        ..PLAIN
    },
    Entry {
        action: Action::Down,
        name: "down",
        label: "down",
        group: Group::Move,
        keys: &[(Lists, "j"), (Lists, "down")],
        run: |app| app.step_cursor(Step::Down),
        ..PLAIN
    },
    Entry {
        action: Action::Up,
        name: "up",
        label: "up",
        group: Group::Move,
        keys: &[(Lists, "k"), (Lists, "up")],
        run: |app| app.step_cursor(Step::Up),
        ..PLAIN
    },
    Entry {
        action: Action::PageDown,
        name: "page-down",
        label: "screen down",
        group: Group::Move,
        keys: &[(Anywhere, "pagedown"), (Lists, "ctrl+d")],
        run: |app| app.step_cursor(Step::PageDown),
        ..PLAIN
    },
    Entry {
        action: Action::PageUp,
        name: "page-up",
        label: "screen up",
        group: Group::Move,
        keys: &[(Anywhere, "pageup"), (Lists, "ctrl+u")],
        run: |app| app.step_cursor(Step::PageUp),
        ..PLAIN
    },
    Entry {
        action: Action::First,
        name: "first",
        label: "to the first",
        group: Group::Move,
        keys: &[(Lists, "g g"), (Lists, "home")],
        run: |app| app.step_cursor(Step::First),
        ..PLAIN
    },
    Entry {
        action: Action::Last,
        name: "last",
        label: "to the last",
        group: Group::Move,
        keys: &[(Lists, "G"), (Lists, "end")],
        run: |app| app.step_cursor(Step::Last),
        ..PLAIN
    },
    Entry {
        action: Action::NextPane,
        name: "next-pane",
        label: "next pane",
        group: Group::Move,
        keys: &[(Lists, "tab"), (Lists, "l"), (Lists, "right")],
        run: |app| app.next_pane(true),
        ..PLAIN
    },
    Entry {
        action: Action::PreviousPane,
        name: "previous-pane",
        label: "previous pane",
        group: Group::Move,
        keys: &[(Anywhere, "shift+tab"), (Lists, "h"), (Lists, "left")],
        run: |app| app.next_pane(false),
        ..PLAIN
    },
    Entry {
        action: Action::Open,
        name: "open",
        label: "open",
        group: Group::Move,
        keys: &[(Lists, "enter")],
        run: App::open_selected,
        ..PLAIN
    },
    Entry {
        action: Action::Answer,
        name: "do-it",
        label: "do what waits here",
        group: Group::Move,
        keys: &[(Lists, "A")],
        when: |app| app.waiting_action().is_some(),
        run: App::do_waiting,
        ..PLAIN
    },
    Entry {
        action: Action::Out,
        name: "out",
        label: "out",
        group: Group::Move,
        keys: &[(Anywhere, "esc")],
        run: App::out,
        ..PLAIN
    },
    Entry {
        action: Action::Close,
        name: "close",
        label: "close",
        group: Group::Move,
        keys: &[(Lists, "q")],
        run: App::close,
        ..PLAIN
    },
];
