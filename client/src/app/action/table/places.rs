//! Actions that lead somewhere: to screens and rooms, and through what is on them.

use crate::app::{
    App, Screen,
    action::{
        Action, Entry, Group,
        Headless::{Command, Screen as OnScreen},
        Scope::{Anywhere, Lists},
        Why, plain,
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
        run: |app| app.go(Screen::Inbox),
        ..plain(Command("inbox"))
    },
    Entry {
        action: Action::GoChannels,
        name: "channels",
        label: "Channels",
        keys: &[(Anywhere, "alt+2"), (Lists, "2"), (Lists, "space 2")],
        run: |app| app.go(Screen::Channels),
        ..plain(Command("rooms"))
    },
    Entry {
        action: Action::GoDeals,
        name: "deals",
        label: "Deals",
        keys: &[(Anywhere, "alt+3"), (Lists, "3"), (Lists, "space 3")],
        run: |app| app.go(Screen::Deals),
        ..plain(Command("deal list"))
    },
    Entry {
        action: Action::GoReferrals,
        name: "referrals",
        label: "Referrals",
        keys: &[(Anywhere, "alt+4"), (Lists, "4"), (Lists, "space 4")],
        run: |app| app.go(Screen::Referrals),
        ..plain(Command("referral list"))
    },
    Entry {
        action: Action::GoDirectory,
        name: "directory",
        label: "Directory",
        keys: &[(Anywhere, "alt+5"), (Lists, "5"), (Lists, "space 5")],
        run: |app| app.go(Screen::Directory),
        ..plain(Command("find"))
    },
    Entry {
        action: Action::GoTo,
        name: "goto",
        label: "go to",
        keys: &[(Anywhere, "ctrl+k"), (Lists, "space space")],
        run: |app| app.pick(Pick::GoTo),
        ..plain(OnScreen(Why::Look))
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
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Menu,
        name: "actions",
        label: "actions",
        keys: &[(Anywhere, "alt+."), (Lists, "a"), (Lists, "space a")],
        run: |app| app.pick(Pick::Menu),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Help,
        name: "help",
        label: "help",
        keys: &[(Anywhere, "f1"), (Lists, "?"), (Lists, "space ?")],
        run: |app| app.over(Overlay::Help(0)),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::NextUnread,
        name: "next-unread",
        label: "next unread",
        keys: &[(Anywhere, "alt+a"), (Lists, "n"), (Lists, "space u")],
        run: |app| app.next_unread(true),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::PreviousUnread,
        name: "previous-unread",
        label: "previous unread",
        keys: &[(Anywhere, "alt+A"), (Lists, "N"), (Lists, "space U")],
        run: |app| app.next_unread(false),
        ..plain(OnScreen(Why::Look))
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
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Forward,
        name: "forward",
        label: "forward",
        keys: &[(Anywhere, "alt+right"), (Lists, "]")],
        when: |app| app.history.can_go_forward(),
        run: |app| app.travel(false),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::NextRoom,
        name: "next-room",
        label: "next conversation",
        keys: &[(Anywhere, "alt+down"), (Lists, "J")],
        run: |app| app.next_room(true),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::PreviousRoom,
        name: "previous-room",
        label: "previous conversation",
        keys: &[(Anywhere, "alt+up"), (Lists, "K")],
        run: |app| app.next_room(false),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Down,
        name: "down",
        label: "down",
        group: Group::Move,
        keys: &[(Lists, "j"), (Lists, "down")],
        run: |app| app.step_cursor(Step::Down),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Up,
        name: "up",
        label: "up",
        group: Group::Move,
        keys: &[(Lists, "k"), (Lists, "up")],
        run: |app| app.step_cursor(Step::Up),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::PageDown,
        name: "page-down",
        label: "screen down",
        group: Group::Move,
        keys: &[(Anywhere, "pagedown"), (Lists, "ctrl+d")],
        run: |app| app.step_cursor(Step::PageDown),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::PageUp,
        name: "page-up",
        label: "screen up",
        group: Group::Move,
        keys: &[(Anywhere, "pageup"), (Lists, "ctrl+u")],
        run: |app| app.step_cursor(Step::PageUp),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::First,
        name: "first",
        label: "to the first",
        group: Group::Move,
        keys: &[(Lists, "g g"), (Lists, "home")],
        run: |app| app.step_cursor(Step::First),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Last,
        name: "last",
        label: "to the last",
        group: Group::Move,
        keys: &[(Lists, "G"), (Lists, "end")],
        run: |app| app.step_cursor(Step::Last),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::NextPane,
        name: "next-pane",
        label: "next pane",
        group: Group::Move,
        keys: &[(Lists, "tab"), (Lists, "l"), (Lists, "right")],
        run: |app| app.next_pane(true),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::PreviousPane,
        name: "previous-pane",
        label: "previous pane",
        group: Group::Move,
        keys: &[(Anywhere, "shift+tab"), (Lists, "h"), (Lists, "left")],
        run: |app| app.next_pane(false),
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Open,
        name: "open",
        label: "open",
        group: Group::Move,
        keys: &[(Lists, "enter")],
        run: App::open_selected,
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Answer,
        name: "do-it",
        label: "do what waits here",
        group: Group::Move,
        keys: &[(Lists, "A")],
        when: |app| app.waiting_action().is_some(),
        run: App::do_waiting,
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Out,
        name: "out",
        label: "out",
        group: Group::Move,
        keys: &[(Anywhere, "esc")],
        run: App::out,
        ..plain(OnScreen(Why::Look))
    },
    Entry {
        action: Action::Close,
        name: "close",
        label: "close",
        group: Group::Move,
        keys: &[(Lists, "q")],
        run: App::close,
        ..plain(OnScreen(Why::Look))
    },
];
