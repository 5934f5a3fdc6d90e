//! Forms: one row for each field, the hint of the one that has the keys, and what was wrong.

use super::paint::Canvas;
use crate::app::{
    form::{Form, Value},
    panes::Area,
    words::{
        Shown,
        line::{Line, Tone},
        wrap,
    },
};

/// Columns of the labels.
const LABELS: usize = 16;

/// Draws a form in a box in the middle.
pub(super) fn form(canvas: &mut Canvas<'_>, screen: Area, form: &Form) {
    let width = 84.min(screen.width);
    let rows = u16::try_from(form.fields.len()).unwrap_or(u16::MAX);
    let height = rows.saturating_add(7).min(screen.height);
    let area = Area {
        x: (screen.width - width) / 2,
        y: (screen.height - height) / 3,
        width,
        height,
    };
    let title = Line::of(form.title.clone(), Tone::Heading);
    let inner = canvas.over(area, &title);
    let (fields, below) = inner.split_bottom(5);
    let first = (form.at + 1).saturating_sub(usize::from(fields.height));
    for (row, (at, field)) in (0..fields.height).zip(form.fields.iter().enumerate().skip(first)) {
        let here = at == form.at;
        let tone = if here { Tone::Strong } else { Tone::Dim };
        let label = Shown::said(format!(" {:<width$}", field.label, width = LABELS));
        let line = Line::of(label, tone);
        let room = usize::from(fields.width).saturating_sub(LABELS + 2);
        let value = tail(&field.shown(), room);
        let end = u16::try_from(LABELS + 1 + value.width()).unwrap_or(u16::MAX);
        canvas.line(fields, row, &choice(line, &field.value, value, here));
        if here {
            let x = fields.x.saturating_add(end).min(fields.x + fields.width);
            canvas.cursor = Some((x, fields.y.saturating_add(row)));
        }
    }
    under(canvas, below, form);
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
            let place = format!("{} of {} ", at + 1, options.len());
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

/// The hint, what was wrong, and the keys.
fn under(canvas: &mut Canvas<'_>, area: Area, form: &Form) {
    canvas.rule(area, 0);
    let field = form.fields.get(form.at);
    let hint = field.map_or("", |field| field.hint);
    canvas.line(area, 1, &Line::own(" ", Tone::Plain).say(hint, Tone::Dim));
    if let Some(wrong) = &form.wrong {
        let cells = usize::from(area.width.saturating_sub(2));
        let (lines, _) = wrap(wrong.as_str(), cells, 2);
        for (row, line) in (2..).zip(lines) {
            canvas.line(area, row, &Line::own(" ", Tone::Plain).put(line, Tone::Bad));
        }
    }
    let mut keys = Line::own(" Tab", Tone::Key).say(" next  ", Tone::Dim);
    keys = match field.map(|field| &field.value) {
        Some(Value::Choice { .. }) => keys
            .say("Left Right", Tone::Key)
            .say(" choose  ", Tone::Dim),
        Some(Value::Flag(_)) => keys.say("Space", Tone::Key).say(" yes or no  ", Tone::Dim),
        Some(Value::Text(_)) | None => keys,
    };
    let keys = keys
        .say("^S", Tone::Key)
        .say(" done  ", Tone::Dim)
        .say("Esc", Tone::Key)
        .say(" closes, kept", Tone::Dim);
    canvas.line(area, area.height.saturating_sub(1), &keys);
}
