//! Conversations: messages as they are laid out, the thread beside them, and the composers with who will read them.

use super::paint::Canvas;
use crate::app::{
    App, Focus, Screen,
    compose::Desk,
    panes::{Area, Panes},
    screen::{
        audience, deals,
        talk::{self, Layout, Part, Roll},
    },
    words::{
        Shown,
        line::{Line, Tone},
        moment, wrap,
    },
};
use rialto_shared::{entry::Seq, id::RoomId};

/// The messages and the composer of the open room, and its thread where it is open.
pub(super) fn conversation(app: &App, canvas: &mut Canvas<'_>, panes: &Panes) {
    if let (Some(room), Some(area)) = (app.previewed(), panes.main) {
        return super::lists::beside(app, canvas, panes, area, room);
    }
    let Some(room) = app.open_room() else {
        if let Some(area) = panes.main {
            nothing_open(app, canvas, panes, area);
        }
        return;
    };
    if let Some(area) = panes.header {
        canvas.lines(area, &app.header());
    }
    if let Some(area) = panes.main {
        let focused = matches!(app.focus, Focus::Messages | Focus::Composer);
        let inner = canvas.frame(area, panes.borders, focused, &room_title(app, room));
        messages(app, canvas, inner, room, Part::Room);
    }
    if let Some(area) = panes.composer {
        composer(app, canvas, panes, area, Desk { room, thread: None });
    }
    let root = app.talk().and_then(|talk| Some(talk.thread.as_ref()?.0));
    let Some(root) = root.filter(|_| !app.shows_details()) else {
        if let Some(area) = panes.side {
            details(app, canvas, panes, area);
        }
        return;
    };
    if let Some(area) = panes.side {
        let focused = matches!(app.focus, Focus::Thread | Focus::Reply);
        let inner = canvas.frame(area, panes.borders, focused, &thread_title(app, room, root));
        messages(app, canvas, inner, room, Part::Thread);
    }
    if let Some(area) = panes.reply {
        let desk = Desk {
            room,
            thread: Some(root),
        };
        composer(app, canvas, panes, area, desk);
    }
}

/// What a room says of itself, its tasks and its people.
fn details(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, area: Area) {
    let focused = app.shows_details();
    let title = if app.deal_side() {
        "Tasks and people"
    } else {
        "Details"
    };
    let inner = canvas.frame(
        area,
        panes.borders,
        focused,
        &Line::own(title, Tone::Heading),
    );
    let lines = app.details_in(panes, inner);
    let height = usize::from(inner.height);
    let from = app.details_from.min(lines.len().saturating_sub(height));
    let more = lines.len().saturating_sub(from + height);
    let seen: Vec<Line> = lines.into_iter().skip(from).collect();
    canvas.lines(inner, &seen);
    if more > 0 {
        let words = format!(" {} {more} more ", app.glyphs().down);
        let last = inner.height.saturating_sub(1);
        canvas.line(
            inner,
            last,
            &Line::empty().end(Shown::said(words), Tone::Warn),
        );
    }
    if focused {
        canvas.cursor = Some((inner.x, inner.y));
    }
}

fn room_title(app: &App, room: RoomId) -> Line {
    Line::of(
        Shown::said(app.console.replica().title(room)),
        Tone::Heading,
    )
    .put(Shown::own(" · "), Tone::Dim)
    .put(audience::summary(app, room), Tone::Dim)
}

fn thread_title(app: &App, room: RoomId, root: Seq) -> Line {
    let replica = app.console.replica();
    let held = replica.room(room).and_then(|held| held.entry(root));
    let words = held.map_or_else(
        || "Thread".to_owned(),
        |logged| {
            let who = replica.author_name(logged.entry.author);
            format!(
                "Thread · {who} {}",
                moment::clock(logged.entry.at, &app.zone)
            )
        },
    );
    Line::of(Shown::said(words), Tone::Heading)
}

fn nothing_open(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, area: Area) {
    let inner = canvas.frame(area, panes.borders, false, &Line::empty());
    let words = match app.screen {
        Screen::Channels => {
            "Enter opens the conversation that the cursor is on. n goes to what is unread."
        }
        Screen::Deals => "Enter opens the deal that the cursor is on.",
        Screen::Referrals => "Enter opens the referral that the cursor is on.",
        Screen::Inbox | Screen::Directory => "",
    };
    let (lines, _) = wrap(words, usize::from(inner.width.saturating_sub(4)), 6);
    let lines: Vec<Line> = std::iter::once(Line::empty())
        .chain(
            lines
                .into_iter()
                .map(|line| Line::own("  ", Tone::Plain).put(line, Tone::Dim)),
        )
        .collect();
    canvas.lines(inner, &lines);
}

fn messages(app: &App, canvas: &mut Canvas<'_>, area: Area, room: RoomId, part: Part) {
    let Some((style, height)) = app.style_of(room, part) else {
        return;
    };
    let Some(open) = app.talks.get(&room) else {
        return;
    };
    let roll = match part {
        Part::Room => &open.list,
        Part::Thread => match &open.thread {
            Some((_, roll)) => roll,
            None => return,
        },
    };
    let focused = match part {
        Part::Room => app.focus == Focus::Messages,
        Part::Thread => app.focus == Focus::Thread,
    };
    let layout = talk::lay(app, style, part, roll, height);
    if layout.placed.is_empty() {
        canvas.lines(area, &nothing_said(app, room, usize::from(area.width)));
        return;
    }
    blocks(app, canvas, area, &layout, roll, focused);
    footer(app, canvas, area, room, &layout);
}

fn nothing_said(app: &App, room: RoomId, cells: usize) -> Vec<Line> {
    if app.deal_invitation(room).is_some() && app.console.replica().room(room).is_none() {
        return deals::invitation(app, room, cells);
    }
    let held = app.console.replica().room(room);
    let words = match held {
        None => "  Loading…",
        Some(held) if held.room.head.seq > Seq::ZERO && held.log().next().is_none() => {
            if app.live() {
                "  Loading…"
            } else {
                "  Its messages are on the server: they come when you are connected."
            }
        }
        Some(_) => "  Nothing was said here yet.",
    };
    vec![Line::empty(), Line::own(words, Tone::Dim)]
}

fn blocks(
    app: &App,
    canvas: &mut Canvas<'_>,
    area: Area,
    layout: &Layout,
    roll: &Roll,
    focused: bool,
) {
    let bar = Line::own(app.glyphs().bar, Tone::Key);
    let text = Area {
        width: area.width.saturating_sub(1),
        ..area
    };
    for placed in &layout.placed {
        let selected = focused && roll.selected == Some(placed.block.key);
        let head = placed.block.head.len();
        let all = placed.block.head.iter().chain(&placed.block.body);
        for (at, line) in all.enumerate() {
            let row = placed
                .top
                .saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
            let Ok(row) = u16::try_from(row) else {
                continue;
            };
            if row >= area.height {
                break;
            }
            canvas.line(text, row, line);
            if selected && at >= head {
                canvas.line(area, row, &bar);
                if at == head {
                    canvas.cursor = Some((area.x, area.y.saturating_add(row)));
                }
            }
        }
    }
}

/// Over the last row: who is writing, and how much stands below.
fn footer(app: &App, canvas: &mut Canvas<'_>, area: Area, room: RoomId, layout: &Layout) {
    let last = area.height.saturating_sub(1);
    if layout.below > 0 && !layout.at_end {
        let words = format!(" {} {} below · G ", app.glyphs().down, layout.below);
        canvas.line(
            area,
            last,
            &Line::empty().end(Shown::said(words), Tone::Warn),
        );
        return;
    }
    let writing = app.writing(room);
    let filled = layout
        .placed
        .last()
        .is_some_and(|one| one.bottom() >= i64::from(area.height));
    if !writing.is_empty() && !filled {
        let is = if writing.len() == 1 { "is" } else { "are" };
        let words = format!("   {} {is} writing", writing.join(", "));
        canvas.line(area, last, &Line::of(Shown::said(words), Tone::Dim));
    }
}

fn composer(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, area: Area, desk: Desk) {
    let focused = app.focus.types() && app.desk() == Some(desk);
    let title = composer_title(app, desk);
    let inner = if panes.borders {
        canvas.frame(area, true, focused, &title)
    } else {
        canvas.rule(area, 0);
        canvas.line(area, 0, &title);
        area.split_top(1).1
    };
    if let Some(why) = app.silence(desk.room) {
        canvas.line(inner, 0, &Line::own(" ", Tone::Plain).put(why, Tone::Dim));
        return;
    }
    let draft = app.drafts.get(&desk);
    let Some(draft) = draft.filter(|draft| focused || !draft.empty()) else {
        let hint = Line::own(" ", Tone::Plain).put(Shown::own("i writes here"), Tone::Dim);
        canvas.line(inner, 0, &hint);
        if focused {
            canvas.cursor = Some((inner.x, inner.y));
        }
        return;
    };
    let laid = draft.lay(usize::from(inner.width));
    let height = usize::from(inner.height.max(1));
    let first = (laid.cursor.0 + 1).saturating_sub(height);
    let rows: Vec<Line> = laid
        .rows
        .into_iter()
        .skip(first)
        .map(|row| Line::of(row, Tone::Plain))
        .collect();
    canvas.lines(inner, &rows);
    if focused {
        let cell = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        let x = inner.x.saturating_add(cell(laid.cursor.1));
        let y = inner.y.saturating_add(cell(laid.cursor.0 - first));
        canvas.cursor = Some((x, y));
        completions(app, canvas, area);
    }
}

fn composer_title(app: &App, desk: Desk) -> Line {
    let draft = app.drafts.get(&desk);
    if draft.is_some_and(|draft| draft.editing.is_some()) {
        return Line::own("Editing your message", Tone::Warn)
            .say(" · Esc leaves it as it was", Tone::Dim);
    }
    let (words, tone) = audience::of_composer(app, desk);
    let line = Line::of(words, tone);
    match draft {
        Some(draft) if !draft.blank() && draft.unsaved.is_none() => {
            line.end(Shown::own("draft saved"), Tone::Dim)
        }
        Some(_) | None => line,
    }
}

/// People whose names go on from what is written, above the composer.
fn completions(app: &App, canvas: &mut Canvas<'_>, composer: Area) {
    let people = app.completions();
    if people.is_empty() {
        return;
    }
    let rows = u16::try_from(people.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let area = Area {
        x: composer.x.saturating_add(2),
        y: composer.y.saturating_sub(rows),
        width: composer.width.saturating_sub(4).min(40),
        height: rows.min(composer.y),
    };
    let cursor = canvas.cursor;
    let inner = canvas.over(area, &Line::own("Tab completes", Tone::Dim));
    let replica = app.console.replica();
    let lines: Vec<Line> = people
        .into_iter()
        .map(|(id, name)| {
            let org = replica.member(id).map(|card| replica.org_name(card.org));
            Line::of(Shown::said(format!("@{name}")), Tone::Plain)
                .end(Shown::said(org.unwrap_or_default()), Tone::Org)
        })
        .collect();
    canvas.lines(inner, &lines);
    canvas.cursor = cursor;
}
