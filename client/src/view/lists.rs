//! Lists: the Inbox, and the rooms of a screen.

use super::paint::Canvas;
use crate::app::{
    App, Focus, Screen,
    panes::{Area, Panes},
    screen::{
        self,
        inbox::{self, Item, Urgency},
        preview,
        rooms::{self, Listed, Section},
    },
    words::{
        Shown,
        line::{Line, Tone},
        moment,
    },
};
use rialto_shared::id::RoomId;
use std::collections::BTreeSet;

/// The first row that is drawn so that this one is seen, with a few before it where there is room.
fn scroll(selected: Option<usize>, height: u16) -> usize {
    let height = usize::from(height);
    selected.map_or(0, |at| (at + 2).saturating_sub(height))
}

/// The Inbox.
pub(super) fn inbox(app: &App, canvas: &mut Canvas<'_>, panes: &Panes) {
    let items = inbox::items(app);
    if let Some(area) = panes.list {
        let needs = inbox::count(app);
        let title = Line::own("Needs you", Tone::Heading).say(format!(" ({needs})"), Tone::Strong);
        let inner = canvas.frame(area, panes.borders, app.focus == Focus::List, &title);
        if items.is_empty() {
            canvas.lines(inner, &nothing_needed(app));
        } else {
            inbox_list(app, canvas, inner, &items);
        }
    }
    if let Some(area) = panes.side {
        preview(app, canvas, panes, area);
    }
}

fn inbox_list(app: &App, canvas: &mut Canvas<'_>, area: Area, items: &[Item]) {
    let rows = screen::inbox_rows(items);
    let selected = app
        .item
        .filter(|key| rows.contains(&Some(*key)))
        .or_else(|| rows.iter().flatten().next().copied());
    let at = rows
        .iter()
        .position(|row| *row == selected && row.is_some());
    let first = scroll(at, area.height);
    let mut heading = items
        .iter()
        .map(|item| item.urgency)
        .collect::<BTreeSet<_>>()
        .into_iter();
    let mut lines = vec![];
    let mut blank = true;
    for row in &rows {
        lines.push(match row {
            Some(key) => {
                blank = false;
                let item = items.iter().find(|item| item.key == *key);
                item.map_or_else(Line::empty, |item| item_line(app, item, area.width))
            }
            None if blank => {
                let urgency = heading.next();
                urgency.map_or_else(Line::empty, heading_line)
            }
            None => {
                blank = true;
                Line::empty()
            }
        });
    }
    let seen: Vec<Line> = lines.into_iter().skip(first).collect();
    canvas.lines(area, &seen);
    if let Some(row) = at.and_then(|at| u16::try_from(at - first).ok()) {
        canvas.select(area, row, app.focus == Focus::List);
    }
}

fn heading_line(urgency: Urgency) -> Line {
    let tone = if urgency == Urgency::Overdue {
        Tone::Bad
    } else {
        Tone::Heading
    };
    Line::own(" ", Tone::Plain).put(Shown::own(urgency.title()), tone)
}

fn item_line(app: &App, item: &Item, width: u16) -> Line {
    let (sign, word) = item.kind;
    let tone = match item.urgency {
        Urgency::Overdue => Tone::Bad,
        Urgency::Today | Urgency::Earlier | Urgency::Later => Tone::Strong,
        Urgency::Watching => Tone::Dim,
    };
    let age = match item.due {
        Some(due) => moment::left(due, app.now),
        None => item
            .at
            .map_or_else(String::new, |at| moment::ago(at, app.now)),
    };
    let mut line = Line::own("   ", Tone::Plain)
        .put(Shown::own(sign), tone)
        .say(" ", Tone::Plain);
    if width >= 56 && item.urgency != Urgency::Watching {
        line = line.say(format!("{word:<9} "), Tone::Dim);
    }
    let name = item.name.cut(22);
    let pad = " ".repeat(22_usize.saturating_sub(name.width()) + 1);
    line = line.put(name, tone).say(pad, Tone::Plain);
    line.put(item.words.clone(), Tone::Plain)
        .end(Shown::said(age), Tone::Dim)
}

fn nothing_needed(app: &App) -> Vec<Line> {
    let mut lines = vec![
        Line::empty(),
        Line::own("  Nothing needs you.", Tone::Strong),
        Line::empty(),
    ];
    lines.extend(first_steps(app));
    lines
}

/// What somebody new could do.
fn first_steps(app: &App) -> Vec<Line> {
    let step = |keys: &'static str, words: &'static str| {
        Line::own("  ", Tone::Plain)
            .put(Shown::own(keys), Tone::Key)
            .say(format!("  {words}"), Tone::Plain)
    };
    let mut lines = vec![
        step("^K #", "find a channel and keep it"),
        step("^K @", "find somebody and write to them"),
        step("^K &", "find a partner"),
        step("?   ", "see every key"),
    ];
    if !app.live() {
        lines.push(Line::empty());
        lines.push(Line::own(
            "  Not connected: what is here can be read, and what you write is kept.",
            Tone::Dim,
        ));
    }
    lines
}

fn preview(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, area: Area) {
    let Some(item) = app.selected_item() else {
        canvas.frame(area, panes.borders, false, &Line::own("Preview", Tone::Dim));
        return;
    };
    let title = Line::own("Preview · ", Tone::Dim).put(item.name.clone(), Tone::Heading);
    let inner = canvas.frame(area, panes.borders, false, &title);
    let (cells, rows) = (usize::from(inner.width), usize::from(inner.height));
    canvas.lines(inner, &preview::item(app, &item, cells, rows));
}

/// What is seen of a deal or referral beside its list, before it is opened.
pub(super) fn beside(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, area: Area, room: RoomId) {
    let title = Shown::said(app.console.replica().title(room));
    let title = Line::own("Preview · ", Tone::Dim).put(title, Tone::Heading);
    let inner = canvas.frame(area, panes.borders, false, &title);
    let (cells, rows) = (usize::from(inner.width), usize::from(inner.height));
    canvas.lines(inner, &preview::room(app, room, cells, rows));
}

/// The rooms of a screen.
pub(super) fn rooms(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, area: Area) {
    let focused = app.focus == Focus::List;
    let title = Line::own(app.screen.title(), Tone::Heading);
    let inner = canvas.frame(area, panes.borders, focused, &title);
    let sections = rooms::sections(app, app.screen);
    if sections.is_empty() {
        canvas.lines(inner, &no_rooms(app, usize::from(inner.width)));
        return;
    }
    let cursor = app.shelf().cursor.or(app.open_room());
    let rows = screen::room_rows(&sections);
    let at = rows.iter().position(|row| row.is_some() && *row == cursor);
    let first = scroll(at, inner.height);
    let lines: Vec<Line> = room_lines(app, &sections).into_iter().skip(first).collect();
    canvas.lines(inner, &lines);
    if let Some(row) = at.and_then(|at| u16::try_from(at - first).ok()) {
        canvas.select(inner, row, focused);
    }
}

fn room_lines(app: &App, sections: &[Section]) -> Vec<Line> {
    let mut lines = vec![];
    for section in sections {
        if !lines.is_empty() {
            lines.push(Line::empty());
        }
        lines.push(Line::own(" ", Tone::Plain).put(Shown::own(section.title), Tone::Heading));
        lines.extend(section.rooms.iter().map(|one| room_line(app, one)));
    }
    lines
}

fn room_line(app: &App, one: &Listed) -> Line {
    let open = app.open_room() == Some(one.room);
    let bar = if open { app.glyphs().bar } else { " " };
    let tone = if one.unread.messages > 0 {
        Tone::Strong
    } else {
        Tone::Plain
    };
    let mut line = Line::of(Shown::own(bar), Tone::Key);
    if let Some(here) = one.here {
        let (dot, tone) = if here {
            (app.glyphs().full, Tone::Good)
        } else {
            (app.glyphs().hollow, Tone::Dim)
        };
        line = line.put(Shown::own(dot), tone).say(" ", Tone::Plain);
    }
    line = line.put(one.name.clone(), tone);
    if one.draft {
        line = line.end(Shown::own("draft "), Tone::Warn);
    }
    if let Some((words, tone)) = &one.tail {
        let gap = Shown::own(" ");
        line = line.end(words.clone().and(&gap), *tone);
    }
    if one.unread.mentions > 0 {
        line = line.end(
            Shown::said(format!("@{} ", one.unread.mentions)),
            Tone::Mine,
        );
    }
    if one.unread.messages > 0 {
        let more = if one.unread.exact { "" } else { "~" };
        let count = format!("{more}{}", one.unread.messages);
        line = line.end(Shown::said(count), Tone::Strong);
    }
    line
}

/// What an empty list says: what would stand here, and what to do about it.
fn no_rooms(app: &App, cells: usize) -> Vec<Line> {
    let words = match app.screen {
        Screen::Channels => "No channels yet. ^K and # finds one, Enter looks into it, b keeps it.",
        Screen::Deals => {
            "No deals yet. A deal opens when a referral is converted, or when your organisation registers one."
        }
        Screen::Referrals => {
            "No referrals yet. What partners offer your organisation, and what it offers them, stands here."
        }
        Screen::Inbox | Screen::Directory => "",
    };
    let (wrapped, _) = crate::app::words::wrap(words, cells.saturating_sub(2), 12);
    std::iter::once(Line::empty())
        .chain(
            wrapped
                .into_iter()
                .map(|line| Line::own(" ", Tone::Plain).put(line, Tone::Dim)),
        )
        .collect()
}
