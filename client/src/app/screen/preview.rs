//! What is seen of a thing before it is opened: beside the Inbox, and beside the lists of deals and referrals. It is read,
//! and nothing more; whoever is to answer something sees here what they are asked.

use super::{
    deals,
    inbox::{self, Item},
    lines::{self, Style},
    referrals,
};
use crate::{
    app::{
        App,
        words::{
            Shown,
            line::{Line, Tone},
            moment, wrap,
        },
    },
    replica::{Row, Window},
};
use rialto_shared::{
    entry::{Seq, TextRef},
    id::{OrgId, RoomId, RoomKind},
    room::{inbox::What, relation::Agreement},
};
use std::collections::BTreeSet;

/// Rows of messages that are seen at least, however much a thing says of itself.
const TALK_ROWS_MIN: usize = 6;

/// What is seen of a deal or a referral: what it says of itself, its people, the last that was said.
#[must_use]
pub fn room(app: &App, room: RoomId, cells: usize, rows: usize) -> Vec<Line> {
    let mut lines = about(app, room, cells);
    if app.console.replica().room(room).is_none() {
        return lines;
    }
    let talk = talk(app, room, cells, Window::Newest(rows.max(TALK_ROWS_MIN)));
    if talk.is_empty() {
        return lines;
    }
    let below = TALK_ROWS_MIN.min(talk.len()) + 1;
    lines.truncate(rows.saturating_sub(below));
    lines.push(Line::empty());
    let left = rows.saturating_sub(lines.len());
    let first = talk.len().saturating_sub(left);
    lines.extend(talk.into_iter().skip(first));
    lines
}

/// What is seen of an item of the Inbox.
#[must_use]
pub fn item(app: &App, item: &Item, cells: usize, rows: usize) -> Vec<Line> {
    let about = match item.what {
        Some(What::Knock) => inbox::knocking(app, item.seq).map(|org| knock(app, org, cells)),
        Some(What::DealInvitation) => {
            inbox::asked_into(app, item.seq).map(|deal| deals::invitation(app, deal, cells))
        }
        Some(What::AgreementProposed) => agreement(app, item, cells),
        Some(What::TaskAssigned | What::TaskDue | What::PresenceProposed) => {
            Some(room(app, item.room, cells, rows))
        }
        Some(_) | None if item.room.kind() == RoomKind::Referral => {
            Some(room(app, item.room, cells, rows))
        }
        Some(_) | None => None,
    };
    if let Some(lines) = about.filter(|lines| !lines.is_empty()) {
        return lines;
    }
    let window = if item.seq > Seq::ZERO {
        Window::From(item.seq, 12)
    } else {
        Window::Newest(rows)
    };
    let mut lines = talk(app, item.room, cells, window);
    if lines.is_empty() {
        lines.push(Line::of(item.words.clone(), Tone::Plain));
    }
    lines
}

fn about(app: &App, room: RoomId, cells: usize) -> Vec<Line> {
    match room.kind() {
        RoomKind::Deal if app.console.replica().room(room).is_none() => {
            deals::invitation(app, room, cells)
        }
        RoomKind::Deal => {
            let mut lines = deals::about(app, room, cells);
            lines.extend(deals::side(app, room));
            lines
        }
        RoomKind::Referral => referrals::about(app, room, cells),
        RoomKind::Side => referrals::case_details(app, room, cells),
        RoomKind::Org
        | RoomKind::Inbox
        | RoomKind::Channel
        | RoomKind::Direct
        | RoomKind::Profile
        | RoomKind::Card
        | RoomKind::Relation
        | RoomKind::Record => vec![],
    }
}

/// Messages of a room, as they are set in a narrow place.
fn talk(app: &App, room: RoomId, cells: usize, window: Window) -> Vec<Line> {
    let unfolded = BTreeSet::new();
    let style = Style {
        room,
        cells: cells.saturating_sub(1),
        narrow: true,
        new_since: None,
        new_count: 0,
        thread: false,
        unfolded: &unfolded,
    };
    let rows: Vec<Row> = app.console.replica().messages(room, window);
    let mut lines = vec![];
    for (at, row) in rows.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| rows.get(at));
        if let Some(block) = lines::block(app, style, row, before) {
            lines.extend(block.head);
            lines.extend(block.body);
        }
    }
    lines
}

/// Somebody's words, set off from ours.
pub(super) fn quoted(words: &str, cells: usize) -> Vec<Line> {
    let (rows, more) = wrap(words, cells.saturating_sub(4).max(20), 8);
    let last = rows.len().saturating_sub(1);
    let line = |(at, row)| {
        let line = Line::own("  ", Tone::Plain).put(row, Tone::Plain);
        if more && at == last {
            line.say(" …", Tone::Dim)
        } else {
            line
        }
    };
    rows.into_iter().enumerate().map(line).collect()
}

/// Who asks to connect, in their words, and what comes with it.
#[must_use]
pub fn knock(app: &App, from: OrgId, cells: usize) -> Vec<Line> {
    let room = app.own_org().map(RoomId::org);
    let held = room.and_then(|room| app.console.replica().room(room));
    let knock = app.own().and_then(|own| own.knock(from, app.now));
    let (Some(held), Some(knock)) = (held, knock) else {
        return vec![];
    };
    let mut lines = vec![
        Line::own(" ", Tone::Plain)
            .say(app.org_name(from), Tone::Org)
            .say(" asks to connect:", Tone::Plain),
    ];
    let words = held.texts.get(knock.words);
    lines.extend(quoted(
        words.map_or("(erased)", |text| text.text.as_str()),
        cells,
    ));
    if let Some(referral) = knock.referral {
        lines.push(Line::own(" and offers a referral with it:", Tone::Plain));
        lines.extend(referrals::shown_now(app, referral, cells));
        // The shorter of the two times.
        if let Some(until) = app.console.replica().referral_open_until(referral) {
            let left = moment::left(until, app.now);
            let left = format!(" {left} left to answer the referral");
            lines.push(Line::of(Shown::said(left), Tone::Warn));
        }
    }
    let left = format!(" {} left to answer", moment::left(knock.until, app.now));
    lines.push(Line::of(Shown::said(left), Tone::Warn));
    lines
}

/// The agreement that waits for a signature: what, from when to when, and where the paper is.
fn agreement(app: &App, item: &Item, cells: usize) -> Option<Vec<Line>> {
    let held = app.console.replica().room(item.room)?;
    let proposed: &Agreement = held.room.state.relation()?.agreements.get(&item.seq)?;
    let text = |at: TextRef| held.texts.get(at).map(|text| text.text.to_string());
    let rows = [
        ("from", app.org_name(proposed.by)),
        ("kind", proposed.kind.to_string().replace('_', " ")),
        ("paper", text(proposed.reference).unwrap_or_default()),
        ("first day", proposed.from.to_string()),
        (
            "last day",
            proposed.to.map_or_else(
                || "none: until one of you ends it".to_owned(),
                |to| to.to_string(),
            ),
        ),
    ];
    let mut lines = vec![Line::own(
        " waits for your organisation's signature",
        Tone::Strong,
    )];
    lines.extend(
        rows.iter()
            .flat_map(|(label, words)| referrals::paragraph(label, words, cells)),
    );
    Some(lines)
}
