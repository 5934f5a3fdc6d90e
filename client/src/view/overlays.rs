//! What lies over the screen.

use super::{bars, form, paint::Canvas};
use crate::app::LinkState;
use crate::app::{
    App,
    action::{Group, Headless, actions},
    overlay::{Confirm, Overlay, Pick, Picker, readers},
    panes::Area,
    words::{
        Shown,
        line::{Line, Tone},
        moment, wrap,
    },
};

/// The topmost overlay, and the keys that could come next.
pub(super) fn all(app: &App, canvas: &mut Canvas<'_>, screen: Area) {
    for overlay in &app.overlays {
        match overlay {
            Overlay::Picker(picker) => pick(app, canvas, screen, picker),
            Overlay::Help(from) => help(app, canvas, screen, *from),
            Overlay::Confirm(question) => confirm(canvas, screen, question),
            Overlay::Form(filled) => form::form(app, canvas, screen, filled),
            Overlay::Readers(asked) => who(app, canvas, screen, asked),
            Overlay::Connection => connection(app, canvas, screen),
            Overlay::Notices => notices(app, canvas, screen),
        }
    }
    which_key(app, canvas, screen);
}

/// A box of this size in the middle, a third of the way down.
fn middle(screen: Area, width: u16, height: u16) -> Area {
    let (width, height) = (width.min(screen.width), height.min(screen.height));
    Area {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) / 3,
        width,
        height,
    }
}

fn pick(app: &App, canvas: &mut Canvas<'_>, screen: Area, picker: &Picker) {
    let title = match picker.pick {
        Pick::GoTo => Line::own("Go to", Tone::Heading).say(
            "  # rooms  @ people  $ deals  ! referrals  & partners  > actions",
            Tone::Dim,
        ),
        Pick::Palette => Line::own("Actions", Tone::Heading),
        Pick::Menu => Line::own("What can be done here", Tone::Heading),
        Pick::Emoji(..) => Line::own("React with", Tone::Heading),
    };
    let area = middle(screen, 76, screen.height.saturating_sub(4).min(20));
    let inner = canvas.over(area, &title);
    let query = Line::own("> ", Tone::Key).say(&picker.query, Tone::Strong);
    let end = u16::try_from(query.width()).unwrap_or(u16::MAX);
    let asked = picker.asked.is_some();
    let query = if asked {
        query.end(Shown::own("asking the server…"), Tone::Dim)
    } else {
        query
    };
    canvas.line(inner, 0, &query);
    canvas.rule(inner, 1);
    let (_, list) = inner.split_top(2);
    let choices = picker.choices(app);
    if choices.is_empty() && !asked {
        let words = format!("  Nothing here is like {:?}.", picker.query);
        canvas.line(list, 0, &Line::of(Shown::said(words), Tone::Dim));
    }
    let at = picker.at.min(choices.len().saturating_sub(1));
    let first = (at + 1).saturating_sub(usize::from(list.height));
    let lines: Vec<Line> = choices
        .into_iter()
        .skip(first)
        .take(usize::from(list.height))
        .map(|choice| {
            let mut line = Line::own(" ", Tone::Plain);
            line.left.extend(choice.line.left);
            line.right = choice.line.right;
            line
        })
        .collect();
    canvas.lines(list, &lines);
    if !lines.is_empty() {
        canvas.select(list, u16::try_from(at - first).unwrap_or(0), true);
    }
    let x = inner.x.saturating_add(end).min(inner.x + inner.width);
    canvas.cursor = Some((x, inner.y));
}

fn confirm(canvas: &mut Canvas<'_>, screen: Area, question: &Confirm) {
    let width = 64.min(screen.width);
    let cells = usize::from(width.saturating_sub(4));
    let (sentence, _) = wrap(question.sentence.as_str(), cells, 8);
    let height = u16::try_from(sentence.len()).unwrap_or(8).saturating_add(4);
    let inner = canvas.over(
        middle(screen, width, height),
        &Line::own("Sure?", Tone::Warn),
    );
    let mut lines: Vec<Line> = sentence
        .into_iter()
        .map(|line| Line::own(" ", Tone::Plain).put(line, Tone::Strong))
        .collect();
    lines.push(Line::empty());
    lines.push(
        Line::own(" Enter", Tone::Key)
            .say(" does it   ", Tone::Dim)
            .put(Shown::own("Esc"), Tone::Key)
            .say(" leaves it", Tone::Dim),
    );
    canvas.lines(inner, &lines);
    let last = u16::try_from(lines.len()).unwrap_or(1).saturating_sub(1);
    canvas.cursor = Some((inner.x + 1, inner.y.saturating_add(last)));
}

fn help(app: &App, canvas: &mut Canvas<'_>, screen: Area, from: usize) {
    let area = middle(screen, 84, screen.height.saturating_sub(2));
    let title =
        Line::own("Help", Tone::Heading).say("  what can be done here stands first", Tone::Dim);
    scrolling(canvas, area, &title, help_lines(app), from);
}

/// Everybody who can read a room.
fn who(app: &App, canvas: &mut Canvas<'_>, screen: Area, asked: &readers::Asked) {
    let lines = readers::lines(app, asked);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let height = height.min(screen.height.saturating_sub(2)).max(10);
    let name = app.console.replica().title(asked.room);
    let title = Line::own("Who can read ", Tone::Heading).say(name, Tone::Heading);
    let title = if asked.asked.is_some() {
        title.end(Shown::own("asking the server…"), Tone::Dim)
    } else {
        title
    };
    let area = middle(screen, 80, height);
    scrolling(canvas, area, &title, lines, asked.from);
}

/// Lines in a box, from one on; that there are more is said at the bottom.
fn scrolling(canvas: &mut Canvas<'_>, area: Area, title: &Line, lines: Vec<Line>, from: usize) {
    let inner = canvas.over(area, title);
    let height = usize::from(inner.height);
    let from = from.min(lines.len().saturating_sub(height));
    let more = lines.len() > from + height;
    let seen: Vec<Line> = lines.into_iter().skip(from).collect();
    canvas.lines(inner, &seen);
    if more {
        let last = inner.height.saturating_sub(1);
        let words = Line::empty().end(Shown::own(" j goes on · Esc closes "), Tone::Warn);
        canvas.line(inner, last, &words);
    }
    canvas.cursor = Some((inner.x, inner.y));
}

fn help_lines(app: &App) -> Vec<Line> {
    let scopes = app.scopes();
    let mut lines = vec![];
    let groups = [
        Group::Message,
        Group::Write,
        Group::Inbox,
        Group::Room,
        Group::Referral,
        Group::Deal,
        Group::Partner,
        Group::Go,
        Group::Move,
        Group::Console,
    ];
    for here in [true, false] {
        for group in groups {
            let of_group = actions().filter(|entry| entry.group == group);
            let shown: Vec<Line> = of_group
                .filter(|entry| app.keymap.label(entry.action, &scopes).is_some() == here)
                .map(|entry| help_line(app, entry, here))
                .collect();
            if shown.is_empty() {
                continue;
            }
            let elsewhere = if here { "" } else { " · elsewhere" };
            lines.push(Line::of(
                Shown::said(format!(" {}{elsewhere}", group.title())),
                Tone::Heading,
            ));
            lines.extend(shown);
        }
    }
    lines.push(Line::empty());
    for words in [
        " A message is read when it has been on screen for a second in a terminal that is looked at,",
        " or when you answered below it. Reading a thread reads the thread.",
        " Space begins sequences; in a text, F4 or Alt+Space does.",
    ] {
        lines.push(Line::own(words, Tone::Dim));
    }
    lines
}

/// How much of a command stands beside its action.
const HELP_COMMAND_CELLS: usize = 40;

fn help_line(app: &App, entry: &crate::app::action::Entry, here: bool) -> Line {
    let scopes = if here {
        app.scopes()
    } else {
        crate::app::ALL_SCOPES.to_vec()
    };
    let keys: Vec<String> = app
        .keymap
        .bindings()
        .iter()
        .filter(|one| one.action == entry.action && scopes.contains(&one.scope))
        .map(|one| crate::app::keymap::shown(&one.keys))
        .collect();
    let line = Line::of(
        Shown::said(format!("  {:<22} ", keys.join(", "))),
        Tone::Key,
    )
    .put(Shown::own(entry.label), Tone::Plain);
    match entry.headless {
        Headless::Command(command) => {
            // A long one leaves the key and the label their place: `--help` says it whole.
            let command = Shown::said(format!("rialto {command}")).cut(HELP_COMMAND_CELLS);
            line.end(command, Tone::Dim).end(Shown::own(" "), Tone::Dim)
        }
        Headless::Screen(_) => line,
    }
}

fn connection(app: &App, canvas: &mut Canvas<'_>, screen: Area) {
    let inner = canvas.over(
        middle(screen, 70, 12),
        &Line::own("Connection", Tone::Heading),
    );
    let (status, tone) = bars::status(app);
    let about = &app.console.account().about;
    let row = |name: &'static str, words: String| {
        Line::of(Shown::said(format!(" {name:<10}")), Tone::Dim).say(words, Tone::Plain)
    };
    let mut lines = vec![
        Line::own(" ", Tone::Plain).put(status, tone),
        Line::empty(),
        row("server", format!("{}:{}", about.host, about.port)),
        row("identity", about.server.to_string()),
        row("account", app.console.account().name.clone()),
    ];
    let name = app
        .console
        .replica()
        .me
        .as_ref()
        .and_then(|me| me.server_name.clone());
    if let Some(name) = name {
        lines.push(row("name", name.to_string()));
    }
    match app.console.link_state() {
        LinkState::Down { why, again_in } => {
            lines.push(row("why", why.clone()));
            lines.push(row("again in", format!("{} s", again_in.as_secs())));
        }
        LinkState::Refused { why, .. } => lines.push(row("why", why.clone())),
        LinkState::Connecting | LinkState::Live { .. } => {}
    }
    lines.push(Line::empty());
    lines.push(
        Line::own(" r", Tone::Key)
            .say(" connects now   ", Tone::Dim)
            .put(Shown::own("Esc"), Tone::Key)
            .say(" closes", Tone::Dim),
    );
    canvas.lines(inner, &lines);
    canvas.cursor = Some((inner.x, inner.y));
}

fn notices(app: &App, canvas: &mut Canvas<'_>, screen: Area) {
    let area = middle(screen, 90, screen.height.saturating_sub(4));
    let inner = canvas.over(area, &Line::own("Past notices", Tone::Heading));
    let mut lines = vec![];
    for notice in app.notices.iter().rev() {
        let tone = if notice.bad { Tone::Bad } else { Tone::Plain };
        let time = moment::clock(notice.at, &app.zone);
        let cells = usize::from(inner.width.saturating_sub(8));
        let (wrapped, _) = wrap(notice.words.as_str(), cells, 4);
        for (at, line) in wrapped.into_iter().enumerate() {
            let time = if at == 0 { time.as_str() } else { "     " };
            lines.push(Line::of(Shown::said(format!(" {time} ")), Tone::Dim).put(line, tone));
        }
    }
    if lines.is_empty() {
        lines.push(Line::own(" Nothing was said yet.", Tone::Dim));
    }
    canvas.lines(inner, &lines);
    canvas.cursor = Some((inner.x, inner.y));
}

/// How keys that were begun can go on, in the corner.
fn which_key(app: &App, canvas: &mut Canvas<'_>, screen: Area) {
    let next = app.continuations();
    if next.is_empty() {
        return;
    }
    let lines: Vec<Line> = next
        .into_iter()
        .filter_map(|(chord, action)| {
            let label = action.entry()?.label;
            Some(
                Line::of(Shown::said(format!(" {:<6}", chord.to_string())), Tone::Key)
                    .put(Shown::own(label), Tone::Plain),
            )
        })
        .collect();
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2)
        .min(screen.height.saturating_sub(1));
    let width = 34.min(screen.width);
    let area = Area {
        x: screen.width - width,
        y: screen.height.saturating_sub(height + 1),
        width,
        height,
    };
    let cursor = canvas.cursor;
    let inner = canvas.over(area, &Line::own("goes on with", Tone::Dim));
    canvas.lines(inner, &lines);
    canvas.cursor = cursor;
}
