//! Forms: one row for each field, the hint of the one that has the keys, what others will see of it, and what was wrong.

use super::paint::Canvas;
use crate::app::{
    App,
    form::{Field, Form, Value},
    panes::Area,
    words::{
        Shown,
        line::{Line, Tone},
        wrap,
    },
};

/// Columns of the labels.
const LABELS: usize = 16;
/// Names that are offered at once.
const NAMES_MAX: usize = 4;

/// Draws a form in a box in the middle.
pub(super) fn form(app: &App, canvas: &mut Canvas<'_>, screen: Area, form: &Form) {
    let stepped = !form.steps.is_empty();
    let width = if stepped { 104 } else { 84 }.min(screen.width);
    // What a form answers stands over its fields.
    let answered = if stepped {
        vec![]
    } else {
        form.preview(app, usize::from(width.saturating_sub(2)))
    };
    let over = u16::try_from(answered.len()).unwrap_or(u16::MAX);
    let rows = u16::try_from(form.fields.len()).unwrap_or(u16::MAX);
    let wanted = if stepped {
        40
    } else {
        rows.saturating_add(7).saturating_add(over)
    };
    let height = wanted.min(screen.height);
    let area = Area {
        x: (screen.width - width) / 2,
        y: (screen.height - height) / 3,
        width,
        height,
    };
    let mut inner = canvas.over(area, &title(form));
    if stepped {
        let (top, rest) = inner.split_top(1);
        canvas.line(top, 0, &steps(app, form));
        inner = rest;
    }
    let wrong = wrong(form, usize::from(inner.width.saturating_sub(2)));
    let beneath = u16::try_from(wrong.len()).unwrap_or(2).saturating_add(3);
    let (body, below) = inner.split_bottom(beneath);
    let (above, body) = body.split_top(over.min(body.height.saturating_sub(rows)));
    canvas.lines(above, &answered);
    let fields = form
        .span()
        .map_or(0, |(first, last)| last.saturating_sub(first) + 1);
    let (top, rest) = body.split_top(u16::try_from(fields).unwrap_or(u16::MAX));
    draw_fields(canvas, top, form);
    if stepped {
        draw_preview(app, canvas, rest, form);
    }
    under(canvas, below, form, &wrong);
}

fn title(form: &Form) -> Line {
    let line = Line::of(form.title.clone(), Tone::Heading);
    if form.steps.is_empty() {
        return line;
    }
    let words = format!(" · step {} of {}", form.step + 1, form.steps.len());
    line.say(words, Tone::Dim)
}

fn steps(app: &App, form: &Form) -> Line {
    let dash = app.glyphs().dash;
    let mut line = Line::own(" ", Tone::Plain);
    for (at, name) in form.steps.iter().enumerate() {
        if at > 0 {
            line = line.say(format!(" {dash} "), Tone::Dim);
        }
        line = match at.cmp(&form.step) {
            std::cmp::Ordering::Equal => line.say(format!("[{name}]"), Tone::Heading),
            std::cmp::Ordering::Less => line.say(name, Tone::Good),
            std::cmp::Ordering::Greater => line.say(name, Tone::Dim),
        };
    }
    line
}

fn draw_fields(canvas: &mut Canvas<'_>, area: Area, form: &Form) {
    let Some((begin, end)) = form.span() else {
        return;
    };
    let here = form.at.clamp(begin, end);
    let first = begin.max((here + 1).saturating_sub(usize::from(area.height)));
    let seen = form.fields.iter().enumerate().take(end + 1).skip(first);
    for (row, (at, field)) in (0..area.height).zip(seen) {
        let here = at == form.at;
        let tone = if here { Tone::Strong } else { Tone::Dim };
        let label = Shown::said(format!(" {:<width$}", field.label, width = LABELS));
        let line = Line::of(label, tone);
        let room = usize::from(area.width).saturating_sub(LABELS + 2);
        let value = tail(&field.shown(), room);
        let end = u16::try_from(LABELS + 1 + value.width()).unwrap_or(u16::MAX);
        canvas.line(area, row, &choice(line, &field.value, value, here));
        if here {
            let x = area.x.saturating_add(end).min(area.x + area.width);
            canvas.cursor = Some((x, area.y.saturating_add(row)));
        }
    }
}

/// What others will see, under the fields; alone at the last step, where it can be scrolled.
fn draw_preview(app: &App, canvas: &mut Canvas<'_>, area: Area, form: &Form) {
    if area.height < 2 {
        return;
    }
    let area = if form.span().is_some() {
        canvas.rule(area, 0);
        area.split_top(1).1
    } else {
        canvas.cursor = Some((area.x, area.y));
        area
    };
    let lines = form.preview(app, usize::from(area.width));
    // Where not all of it is seen, the last row says so and covers nothing.
    let scrolls = form.span().is_none() && lines.len() > usize::from(area.height);
    let (above, _) = area.split_bottom(u16::from(scrolls));
    let height = usize::from(above.height);
    let from = form.from.min(lines.len().saturating_sub(height));
    let more = lines.len() > from + height;
    let seen: Vec<Line> = lines.into_iter().skip(from).collect();
    canvas.lines(above, &seen);
    if more && scrolls {
        let words = Line::empty().end(Shown::own(" Down shows more "), Tone::Warn);
        canvas.line(area, area.height.saturating_sub(1), &words);
    }
}

/// The end of a text that is longer than its room: where it is being written.
fn tail(words: &Shown, cells: usize) -> Shown {
    if words.width() <= cells {
        return words.clone();
    }
    let mut rest = words.as_str().chars();
    while crate::app::words::width(rest.as_str()) + 1 > cells && rest.next().is_some() {}
    Shown::said(format!("…{}", rest.as_str()))
}

fn choice(line: Line, value: &Value, shown: Shown, here: bool) -> Line {
    match value {
        Value::Choice { options, at } => {
            // Where none is chosen yet, that is none of them.
            let open = usize::from(options.first().is_some_and(String::is_empty));
            let place = format!("{} of {} ", at + 1 - open, options.len() - open);
            let line = line.put(shown, Tone::Plain);
            if here {
                line.end(Shown::said(place), Tone::Dim)
            } else {
                line
            }
        }
        Value::Text(_) | Value::Flag(_) => line.put(shown, Tone::Plain),
    }
}

fn wrong(form: &Form, cells: usize) -> Vec<Shown> {
    form.wrong
        .as_ref()
        .map_or_else(Vec::new, |words| wrap(words.as_str(), cells, 2).0)
}

/// The names that go on from what is written.
fn names(field: &Field) -> Option<Line> {
    let (_, names) = field.completions();
    if names.is_empty() {
        return None;
    }
    let more = if names.len() > NAMES_MAX { ", …" } else { "" };
    let names: Vec<&str> = names.into_iter().take(NAMES_MAX).collect();
    let words = format!(" writes {}{more}", names.join(", "));
    Some(Line::own(" Right", Tone::Key).say(words, Tone::Dim))
}

/// The hint, what was wrong, and the keys.
fn under(canvas: &mut Canvas<'_>, area: Area, form: &Form, wrong: &[Shown]) {
    canvas.rule(area, 0);
    let field = form.fields.get(form.at).filter(|_| form.span().is_some());
    if let Some(field) = field {
        let hint = Line::own(" ", Tone::Plain).say(field.hint, Tone::Dim);
        let written = !field.shown().is_empty();
        canvas.line(area, 1, &names(field).filter(|_| written).unwrap_or(hint));
    }
    for (row, line) in (2..).zip(wrong) {
        let line = Line::own(" ", Tone::Plain).put(line.clone(), Tone::Bad);
        canvas.line(area, row, &line);
    }
    canvas.line(area, area.height.saturating_sub(1), &keys(form, field));
}

fn keys(form: &Form, field: Option<&Field>) -> Line {
    let line = |keys: &'static str, words: &'static str| {
        Line::own(" ", Tone::Plain)
            .put(Shown::own(keys), Tone::Key)
            .say(words, Tone::Dim)
    };
    let mut keys = match field.map(|field| &field.value) {
        Some(Value::Choice { .. }) => line("Tab", " next  ")
            .say("Left Right", Tone::Key)
            .say(" choose  ", Tone::Dim),
        Some(Value::Flag(_)) => line("Tab", " next  ")
            .say("Space", Tone::Key)
            .say(" yes or no  ", Tone::Dim),
        Some(Value::Text(_)) => line("Tab", " next  "),
        None => line("Enter", " does it  "),
    };
    if form.at_end() && field.is_some() {
        keys = keys.say("^S", Tone::Key).say(" done  ", Tone::Dim);
    } else if !form.at_end() {
        keys = keys.say("PgDn", Tone::Key).say(" next step  ", Tone::Dim);
    }
    if form.step > 0 {
        keys = keys.say("PgUp", Tone::Key).say(" back  ", Tone::Dim);
    }
    keys.say("Esc", Tone::Key).say(" closes, kept", Tone::Dim)
}
