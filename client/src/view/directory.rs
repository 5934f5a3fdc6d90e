//! The directory: the search, what was found, and the profile of the one that is looked at.

use super::paint::Canvas;
use crate::app::{
    App, Focus,
    panes::{Area, Panes},
    screen::directory::Found,
    words::{
        Shown,
        line::{Line, Tone},
        moment, wrap,
    },
};
use rialto_shared::{
    id::{OrgId, RoomId},
    room::{State, profile::Listing},
};

/// Draws the screen.
pub(super) fn directory(app: &App, canvas: &mut Canvas<'_>, panes: &Panes) {
    if let Some(area) = panes.header {
        search(app, canvas, area);
    }
    if let Some(area) = panes.list {
        results(app, canvas, panes, area);
    }
    if let Some(area) = panes.side {
        profile(app, canvas, panes, area);
    }
}

fn search(app: &App, canvas: &mut Canvas<'_>, area: Area) {
    let directory = &app.directory;
    let line = Line::own(" / ", Tone::Key).say(&directory.words, Tone::Strong);
    let end = u16::try_from(line.width()).unwrap_or(u16::MAX);
    let found = if directory.asked.is_some() {
        "asking the server… ".to_owned()
    } else if directory.searched {
        format!("{} of {} ", directory.found.len(), directory.total)
    } else {
        String::new()
    };
    canvas.line(area, 0, &line.end(Shown::said(found), Tone::Dim));
    if app.focus == Focus::Composer {
        canvas.cursor = Some((area.x.saturating_add(end), area.y));
    }
}

fn results(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, area: Area) {
    let focused = app.focus == Focus::List;
    let title = Line::own("Organisations", Tone::Heading);
    let inner = canvas.frame(area, panes.borders, focused, &title);
    let directory = &app.directory;
    if directory.found.is_empty() {
        canvas.lines(inner, &nothing(app));
        return;
    }
    // Two rows for each.
    let height = usize::from(inner.height / 2).max(1);
    let first = (directory.at + 1).saturating_sub(height);
    let mut lines = vec![];
    for found in directory.found.iter().skip(first).take(height) {
        lines.extend(found_lines(app, found));
    }
    canvas.lines(inner, &lines);
    let row = u16::try_from((directory.at - first) * 2).unwrap_or(u16::MAX);
    canvas.select(inner, row, focused);
}

fn nothing(app: &App) -> Vec<Line> {
    let directory = &app.directory;
    let words = if !app.live() && !directory.searched {
        "  The directory is on the server: connect first.".to_owned()
    } else if directory.asked.is_some() || !directory.searched {
        "  / searches by name, what they do, where they work, and programs.".to_owned()
    } else {
        format!("  Nobody in the directory is like {:?}.", directory.words)
    };
    vec![Line::empty(), Line::of(Shown::said(words), Tone::Dim)]
}

fn found_lines(app: &App, found: &Found) -> [Line; 2] {
    let mut first = Line::own(" ", Tone::Plain).say(app.org_name(found.org), Tone::Strong);
    first = match standing(app, found.org) {
        Some((words, tone)) => first.end(Shown::said(words), tone),
        None if !found.claimed => first.end(Shown::own("not here yet "), Tone::Dim),
        None => first,
    };
    let types = found.types.iter().map(ToString::to_string);
    let levels = found
        .programs
        .iter()
        .filter_map(|(_, level)| level.as_ref());
    let regions = found.regions.iter().map(ToString::to_string);
    let all: Vec<String> = types
        .chain(levels.map(ToString::to_string))
        .chain(regions)
        .collect();
    let second = Line::own("   ", Tone::Plain).say(all.join(" · ").replace('_', " "), Tone::Dim);
    [first, second]
}

/// How an organisation stands to mine, where that is to be said.
fn standing(app: &App, org: OrgId) -> Option<(String, Tone)> {
    let own = app.own()?;
    if Some(org) == app.own_org() {
        return Some(("yours ".to_owned(), Tone::Mine));
    }
    if own.connections.contains(&org) {
        return Some(("connected ".to_owned(), Tone::Good));
    }
    if let Some(knock) = own.knock(org, app.now) {
        let left = moment::left(knock.until, app.now);
        return Some((format!("asks you, {left} left "), Tone::Warn));
    }
    let asked = own.asked.get(&org).filter(|one| one.until > app.now)?;
    let left = moment::left(asked.until, app.now);
    Some((format!("asked, {left} left "), Tone::Dim))
}

fn profile(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, area: Area) {
    let focused = app.focus == Focus::Side;
    let Some(found) = app.directory.looked_at() else {
        canvas.frame(area, panes.borders, focused, &Line::empty());
        return;
    };
    let title = Line::of(Shown::said(app.org_name(found.org)), Tone::Heading);
    let inner = canvas.frame(area, panes.borders, focused, &title);
    let cells = usize::from(inner.width.saturating_sub(2));
    let mut lines = found_lines(app, found).to_vec();
    lines.extend(programs(found));
    lines.push(Line::empty());
    match public(app, found.org, cells) {
        Some(more) => lines.extend(more),
        None => {
            let text = found.description.as_ref().map_or("", |text| text.as_str());
            lines.extend(paragraph(text, cells));
            if !focused {
                lines.push(Line::own(" Enter shows all of its profile", Tone::Dim));
            }
        }
    }
    lines.extend(people(app, found.org));
    canvas.lines(inner, &lines);
    if focused {
        canvas.cursor = Some((inner.x, inner.y));
    }
}

fn programs(found: &Found) -> Vec<Line> {
    found
        .programs
        .iter()
        .map(|(program, level)| {
            let line = Line::own("   ", Tone::Plain).put(Shown::text(program), Tone::Plain);
            match level {
                Some(level) => line
                    .say(": ", Tone::Dim)
                    .put(Shown::text(level), Tone::Strong),
                None => line,
            }
        })
        .collect()
}

fn paragraph(text: &str, cells: usize) -> Vec<Line> {
    let (rows, _) = wrap(text, cells, 12);
    rows.into_iter()
        .map(|row| Line::own(" ", Tone::Plain).put(row, Tone::Plain))
        .collect()
}

/// What the profile says, where it is here.
fn public(app: &App, org: OrgId, cells: usize) -> Option<Vec<Line>> {
    let held = app.console.replica().room(RoomId::profile(org))?;
    let State::Profile(profile) = &held.room.state else {
        return None;
    };
    let listing = Listing {
        profile,
        texts: &held.texts,
    };
    let mut lines = vec![];
    if let Some(text) = listing.description() {
        lines.extend(paragraph(text.as_str(), cells));
        lines.push(Line::empty());
    }
    let mut row = |label: &'static str, words: String| {
        if !words.is_empty() {
            let label = Shown::said(format!(" {label:<13}"));
            lines.push(Line::of(label, Tone::Dim).say(words.replace('_', " "), Tone::Plain));
        }
    };
    let text = |text: Option<&rialto_shared::text::Text>| {
        text.map_or_else(String::new, ToString::to_string)
    };
    row("website", text(listing.website()));
    row("good at", listing.specialities().join(", "));
    row("looks for", text(listing.need()));
    let industries = profile.industries.value.iter().flatten();
    row(
        "industries",
        industries
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    );
    let capacity = profile.capacity.value;
    row(
        "takes work",
        capacity.map_or_else(String::new, |capacity| capacity.to_string()),
    );
    Some(lines)
}

/// People of an organisation who can be named here.
fn people(app: &App, org: OrgId) -> Vec<Line> {
    let replica = app.console.replica();
    let mut lines: Vec<Line> = replica
        .members()
        .filter(|card| card.org == org)
        .take(8)
        .map(|card| {
            let (dot, tone) = if app.is_here(card.id) {
                (app.glyphs().full, Tone::Good)
            } else {
                (app.glyphs().hollow, Tone::Dim)
            };
            Line::own("  ", Tone::Plain)
                .put(Shown::own(dot), tone)
                .say(format!(" {}", replica.person_name(card.id)), Tone::Plain)
        })
        .collect();
    if !lines.is_empty() {
        lines.insert(0, Line::own(" PEOPLE", Tone::Heading));
        lines.insert(0, Line::empty());
    }
    lines
}
