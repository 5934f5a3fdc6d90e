//! The rows at the top and at the bottom: where one is, how the connection is, and what the next key could be.

use super::paint::Canvas;
use crate::app::{
    App, Focus, LinkState, Screen,
    action::Action,
    panes::{Area, Panes},
    screen::{inbox, rooms},
    words::{
        Shown,
        line::{Line, Tone},
        moment,
    },
};

/// Hints that are shown at most.
const HINTS_MAX: usize = 8;

/// The top row: tabs, or where one is in a single pane.
pub(super) fn top(app: &App, canvas: &mut Canvas<'_>, panes: &Panes) {
    let line = if app.size.width >= 90 {
        tabs(app)
    } else {
        title(app)
    };
    canvas.line(panes.top, 0, &line);
}

fn tabs(app: &App) -> Line {
    let mut line = Line::own(" ", Tone::Plain);
    for (number, screen) in (1..).zip(Screen::ALL) {
        let here = screen == app.screen;
        let (open, close) = if here { ("[", "]") } else { (" ", " ") };
        let tone = if here { Tone::Heading } else { Tone::Plain };
        line = line
            .put(Shown::own(open), Tone::Heading)
            .say(format!("{number} {}", screen.title()), tone);
        if let Some(count) = count(app, screen) {
            line = line.say(format!(" {count}"), Tone::Strong);
        }
        line = line
            .put(Shown::own(close), Tone::Heading)
            .say(" ", Tone::Plain);
    }
    let replica = app.console.replica();
    let Some(me) = &replica.me else {
        return line;
    };
    let org = replica.org_name(me.standing.org.id);
    let name = replica.person_name(me.standing.member.id);
    line.end(Shown::said(format!("{org} · {name} ")), Tone::Dim)
}

/// How much of a screen is new.
fn count(app: &App, screen: Screen) -> Option<u64> {
    let count = match screen {
        Screen::Inbox => u64::try_from(inbox::count(app)).unwrap_or(u64::MAX),
        Screen::Channels | Screen::Deals | Screen::Referrals => rooms::sections(app, screen)
            .iter()
            .flat_map(|section| &section.rooms)
            .map(|one| one.unread.messages)
            .fold(0, u64::saturating_add),
        Screen::Directory => 0,
    };
    (count > 0).then_some(count)
}

fn title(app: &App) -> Line {
    let mut line = Line::own(" ≡ ", Tone::Dim);
    if app.ascii {
        line = Line::own(" = ", Tone::Dim);
    }
    line = match app.open_room().filter(|_| app.focus != Focus::List) {
        Some(room) => {
            let replica = app.console.replica();
            let unread = replica.unread(room);
            let mut line = line.say(replica.title(room), Tone::Heading);
            if unread.mentions > 0 {
                line = line.say(format!("  @{}", unread.mentions), Tone::Mine);
            }
            if unread.messages > 0 {
                line = line.say(format!(" {}", unread.messages), Tone::Strong);
            }
            line
        }
        None => line.say(app.screen.title(), Tone::Heading),
    };
    let needs = inbox::count(app);
    if needs > 0 && app.size.width >= 60 {
        line = line.end(Shown::said(format!("{needs} need you · ")), Tone::Strong);
    }
    let (words, tone) = status(app);
    line.end(words.and(&Shown::own(" ")), tone)
}

/// How the connection is, in a few words.
pub(super) fn status(app: &App) -> (Shown, Tone) {
    let glyphs = app.glyphs();
    let unsent = app.console.unanswered();
    let queued = |words: &str| match unsent {
        0 => String::new(),
        n => format!(" · {n} {words}"),
    };
    if app.live() {
        let words = format!("{} live{}", glyphs.full, queued("on the way"));
        return (Shown::said(words), Tone::Good);
    }
    let since =
        app.line
            .down_since
            .map_or_else(String::new, |since| match moment::ago(since, app.now) {
                now if now == "now" => String::new(),
                ago => format!(" {ago}"),
            });
    let words = match app.console.link_state() {
        LinkState::Live { .. } => "catching up",
        LinkState::Connecting => "connecting",
        LinkState::Down { .. } => "offline",
        LinkState::Refused { .. } => "refused",
    };
    let words = format!("{} {words}{since}{}", glyphs.hollow, queued("queued"));
    (Shown::said(words), Tone::Warn)
}

/// The bottom row: what was just said, else hints; and the connection at its end.
pub(super) fn bottom(app: &App, canvas: &mut Canvas<'_>, area: Area) {
    let mut line = Line::own(" ", Tone::Plain);
    let notice = app.notices.last().filter(|_| app.notice_until.is_some());
    line = match notice {
        Some(notice) if notice.bad => line.put(notice.words.clone(), Tone::Bad),
        Some(notice) => line.put(notice.words.clone(), Tone::Strong),
        None => hints(app, line),
    };
    if app.size.width >= 90 {
        let (words, tone) = status(app);
        line = line.end(words.and(&Shown::own(" ")), tone);
    }
    canvas.line(area, 0, &line);
}

/// As many hints as there is room for, help always among them.
fn hints(app: &App, line: Line) -> Line {
    let (status, _) = status(app);
    let taken = if app.size.width >= 90 {
        status.width() + 2
    } else {
        0
    };
    let help = hint(app, Line::empty(), Action::Help).width();
    let room = usize::from(app.size.width).saturating_sub(taken + help);
    let wanted = wanted(app).iter().filter(|action| {
        // The narrowest screens say what else there is to see, and how to learn the rest.
        let few = matches!(action, Action::Answer | Action::Details | Action::Menu);
        action.possible(app) && (few || app.size.width >= 60)
    });
    let mut all = line;
    for action in wanted.take(HINTS_MAX - 1) {
        let with = hint(app, all.clone(), *action);
        if with.width() > room {
            break;
        }
        all = with;
    }
    hint(app, all, Action::Help)
}

fn hint(app: &App, line: Line, action: Action) -> Line {
    let scopes = app.scopes();
    let (Some(keys), Some(entry)) = (app.keymap.label(action, &scopes), action.entry()) else {
        return line;
    };
    // What waits here is named, not that something does.
    let waiting = app
        .waiting_action()
        .filter(|_| action == Action::Answer)
        .and_then(Action::entry);
    let label = waiting.map_or(entry.label, |waiting| waiting.label);
    line.say(keys, Tone::Key)
        .say(format!(" {label}  "), Tone::Dim)
}

/// What is most likely wanted here, the likeliest first; help is always there.
const fn wanted(app: &App) -> &'static [Action] {
    match (app.screen, app.focus) {
        (_, Focus::Composer | Focus::Reply) => &[
            Action::Send,
            Action::Newline,
            Action::EditLast,
            Action::Details,
            Action::GoTo,
            Action::Out,
            Action::Palette,
        ],
        (_, Focus::Messages | Focus::Thread) => &[
            Action::Answer,
            Action::Write,
            Action::Retry,
            Action::Details,
            Action::Menu,
            Action::Thread,
            Action::Reply,
            Action::React,
            Action::Edit,
            Action::CopyText,
            Action::NextUnread,
        ],
        (Screen::Channels | Screen::Deals | Screen::Referrals, Focus::Side) => &[
            Action::Answer,
            Action::Menu,
            Action::Details,
            Action::Down,
            Action::NextPane,
            Action::GoTo,
        ],
        (Screen::Directory, Focus::List | Focus::Side) => &[
            Action::Open,
            Action::Search,
            Action::Connect,
            Action::AnswerConnection,
            Action::Meet,
            Action::Menu,
        ],
        (Screen::Inbox, Focus::List | Focus::Side) => &[
            Action::Open,
            Action::Answer,
            Action::Done,
            Action::Reply,
            Action::MarkRead,
            Action::Menu,
            Action::GoTo,
        ],
        (Screen::Deals | Screen::Referrals, Focus::List) => &[
            Action::Open,
            Action::Answer,
            Action::NewReferral,
            Action::NewDeal,
            Action::NextUnread,
            Action::Menu,
            Action::GoTo,
        ],
        (Screen::Channels, Focus::List) => &[
            Action::Open,
            Action::Join,
            Action::Leave,
            Action::NextUnread,
            Action::Menu,
            Action::GoTo,
        ],
    }
}
