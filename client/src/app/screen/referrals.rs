//! Referrals: what is offered to us and by us, what is shown of each now, and what only after acceptance.
//!
//! What is held back is in no room that the receiver has before they accept: there is nothing here to hide it from.

use super::rooms::{self, Listed, Section};
use crate::app::{
    App, Screen,
    words::{
        Shown,
        line::{Line, Tone},
        moment, wrap,
    },
};
use rialto_shared::{
    audience::Grant,
    entry::{Slot, TextRef},
    id::RoomId,
    room::{
        State,
        referral::{Referral, Stage},
        side::{About, Consent, Fee, Side, Teaser, Terms},
    },
};

/// Rows that a text takes in a header.
const TEXT_ROWS: usize = 3;

/// The lists of the screen.
#[must_use]
pub fn sections(app: &App) -> Vec<Section> {
    let mut lists: [(&'static str, Vec<Listed>); 6] = [
        ("TO US", vec![]),
        ("WE WORK ON", vec![]),
        ("WAITING ON OTHERS", vec![]),
        ("OTHERS WORK ON", vec![]),
        ("CASES, OURS ALONE", vec![]),
        ("OVER", vec![]),
    ];
    for one in rooms::all(app, Screen::Referrals) {
        let Some(place) = place(app, one.room) else {
            continue;
        };
        if let Some((_, list)) = lists.get_mut(place) {
            list.push(one);
        }
    }
    for (_, list) in &mut lists {
        list.sort_by_key(|one| (due(app, one.room), one.name.as_str().to_lowercase()));
    }
    lists
        .into_iter()
        .map(|(title, rooms)| Section { title, rooms })
        .collect()
}

/// In which of the lists a room stands.
fn place(app: &App, room: RoomId) -> Option<usize> {
    let held = app.console.replica().room(room)?;
    let ours = |referral: &Referral| Some(referral.to) == app.own_org();
    match &held.room.state {
        State::Referral(referral) => Some(match (referral.stage, ours(referral)) {
            (Stage::Offered | Stage::Viewed, true) => 0,
            (Stage::Offered | Stage::Viewed, false) => 2,
            (
                Stage::Accepted | Stage::Contacted | Stage::Qualified | Stage::Converted { .. },
                true,
            ) => 1,
            (
                Stage::Accepted | Stage::Contacted | Stage::Qualified | Stage::Converted { .. },
                false,
            ) => 3,
            (
                Stage::Concluded { .. }
                | Stage::Declined { .. }
                | Stage::Expired
                | Stage::Withdrawn
                | Stage::Returned { .. },
                _,
            ) => 5,
        }),
        // The side of a deal or of a received referral stands with that, unless it is referred on.
        State::Side(side) if side.case.is_some() || side.about == About::Case => {
            let over = side.case.as_ref().is_some_and(|case| case.over().is_some());
            let waits = app.console.replica().out_of_sight(side).is_some();
            Some(match (over, waits) {
                (true, _) => 5,
                (false, true) => 2,
                (false, false) => 4,
            })
        }
        State::Side(_) => Some(4),
        State::Void
        | State::Org(_)
        | State::Inbox(_)
        | State::Channel(_)
        | State::Direct(_)
        | State::Profile(_)
        | State::Relation(_)
        | State::Deal(_)
        | State::Record(_) => None,
    }
}

fn due(app: &App, room: RoomId) -> Option<rialto_shared::time::Timestamp> {
    let replica = app.console.replica();
    let state = &replica.room(room)?.room.state;
    if let Some(side) = state.side() {
        return replica.out_of_sight(side).map(|live| live.until);
    }
    let referral = state.referral()?;
    match (referral.stage, &referral.handoff) {
        (Stage::Offered | Stage::Viewed, _) => Some(referral.until),
        (Stage::Accepted, Some(handoff)) => Some(handoff.contact_by),
        (_, _) => None,
    }
}

/// What stands at the end of a room's row.
#[must_use]
pub fn tail(app: &App, room: RoomId) -> Option<(Shown, Tone)> {
    let held = app.console.replica().room(room)?;
    if let Some(due) = due(app, room) {
        let tone = if due <= app.now {
            Tone::Bad
        } else if (due - app.now).as_millis() < 24 * 3_600_000 {
            Tone::Warn
        } else {
            Tone::Dim
        };
        return Some((Shown::said(moment::left(due, app.now)), tone));
    }
    if let State::Side(side) = &held.room.state {
        let words = match side.case.as_ref() {
            Some(case) if case.over().is_some() => "over",
            Some(case) if case.live.as_ref().is_some_and(|live| live.released) => "accepted",
            Some(case) if case.live.is_some() => "offered",
            Some(_) => "draft",
            None => "",
        };
        return Some((Shown::own(words), Tone::Dim));
    }
    let State::Referral(referral) = &held.room.state else {
        return None;
    };
    Some((stage_words(referral), Tone::Dim))
}

/// How far it is, in words.
fn stage_words(referral: &Referral) -> Shown {
    Shown::said(match referral.stage {
        Stage::Offered => "offered".to_owned(),
        Stage::Viewed => "seen".to_owned(),
        Stage::Accepted => "accepted".to_owned(),
        Stage::Contacted => "contacted".to_owned(),
        Stage::Qualified => "qualified".to_owned(),
        Stage::Converted { .. } => "a deal".to_owned(),
        Stage::Concluded { outcome } => outcome.to_string().replace('_', " "),
        Stage::Declined { reason } => format!("declined: {reason}").replace('_', " "),
        Stage::Expired => "ran out".to_owned(),
        Stage::Withdrawn => "taken back".to_owned(),
        Stage::Returned { reason } => format!("given back: {reason}").replace('_', " "),
    })
}

fn teaser_line(teaser: &Teaser) -> Line {
    let words = |text: String| text.replace('_', " ");
    Line::own(" ", Tone::Plain)
        .say(words(teaser.industry.to_string()), Tone::Strong)
        .say(
            format!(
                " · {} · {} people · wants {} · worth {} {} · urgency {}",
                teaser.country.as_str(),
                teaser.size,
                words(teaser.want.to_string()),
                teaser.value.band,
                teaser.value.currency.as_str(),
                teaser.urgency
            ),
            Tone::Plain,
        )
}

/// What the sender is owed, and what the customer agreed to.
#[must_use]
pub fn terms_line(terms: Terms, consent: Option<Consent>) -> Line {
    let fee = match terms.fee {
        Fee::Bps(0) => "no fee".to_owned(),
        Fee::Bps(bps) => format!("fee {}.{:02} %", bps / 100, bps % 100),
        Fee::Flat(amount) => format!("fee {amount}"),
    };
    let agreed = consent.map_or_else(
        || "the customer has not agreed to be named yet".to_owned(),
        |consent| {
            format!(
                "the customer agreed on {} to be named and contacted",
                consent.obtained_at
            )
        },
    );
    let words = format!("{fee} for {} months · {agreed}", terms.months);
    Line::own(" ", Tone::Plain).say(words, Tone::Dim)
}

/// What a receiver is shown before they accept: the same lines for them and for whoever drafts it.
#[must_use]
pub fn as_shown(teaser: &Teaser, need: &str, cells: usize) -> Vec<Line> {
    let mut lines = vec![teaser_line(teaser)];
    lines.extend(paragraph("need", need, cells));
    lines
}

/// A text under its name, in a few rows.
#[must_use]
pub fn paragraph(label: &'static str, text: &str, cells: usize) -> Vec<Line> {
    let (rows, more) = wrap(text, cells.saturating_sub(12).max(20), TEXT_ROWS);
    let last = rows.len().saturating_sub(1);
    rows.into_iter()
        .enumerate()
        .map(|(at, row)| {
            let label = if at == 0 { label } else { "" };
            let line =
                Line::of(Shown::said(format!(" {label:<9} ")), Tone::Dim).put(row, Tone::Plain);
            if more && at == last {
                return line.say(" …", Tone::Dim);
            }
            line
        })
        .collect()
}

/// What a referral says of itself above its messages.
#[must_use]
pub fn header(app: &App, room: RoomId, cells: usize) -> Vec<Line> {
    let replica = app.console.replica();
    let Some(held) = replica.room(room) else {
        return vec![];
    };
    let State::Referral(referral) = &held.room.state else {
        return vec![];
    };
    let cells = cells.min(100);
    let text = |at: TextRef| held.texts.get(at).map(|text| text.text.as_str());
    let mut lines = vec![standing_line(app, room, referral)];
    let need = text(referral.need).unwrap_or("(erased)");
    lines.extend(as_shown(&referral.promise.teaser, need, cells));
    if referral.dossier.is_empty() {
        let words = if Some(referral.to) == app.own_org() {
            "Shown after you accept: customer, contact, notes"
        } else {
            "Shown to them after they accept: customer, contact, notes"
        };
        lines.push(Line::own(" ", Tone::Plain).put(Shown::own(words), Tone::Warn));
    } else {
        for (label, at) in ["customer", "contact", "notes"]
            .into_iter()
            .zip(&referral.dossier)
        {
            lines.extend(paragraph(label, text(*at).unwrap_or("(erased)"), cells));
        }
    }
    let promise = &referral.promise;
    lines.push(terms_line(promise.terms, Some(promise.consent)));
    lines
}

/// What is shown now, one thing a line, for a narrow place.
#[must_use]
pub fn shown_now(app: &App, room: RoomId, cells: usize) -> Vec<Line> {
    let held = app.console.replica().room(room);
    let Some((held, State::Referral(referral))) = held.map(|held| (held, &held.room.state)) else {
        return vec![];
    };
    let words = |text: String| text.replace('_', " ");
    let teaser = &referral.promise.teaser;
    let need = held.texts.get(referral.need);
    let rows = [
        (
            "customer",
            words(format!(
                "{} · {} · {} people",
                teaser.industry,
                teaser.country.as_str(),
                teaser.size
            )),
        ),
        (
            "wants",
            words(format!("{} · urgency {}", teaser.want, teaser.urgency)),
        ),
        (
            "worth",
            words(format!(
                "{} {}",
                teaser.value.band,
                teaser.value.currency.as_str()
            )),
        ),
        (
            "need",
            need.map_or_else(|| "(erased)".to_owned(), |text| text.text.to_string()),
        ),
    ];
    rows.iter()
        .flat_map(|(label, words)| paragraph(label, words, cells))
        .collect()
}

/// What a referral says of itself, one thing a line.
#[must_use]
pub fn about(app: &App, room: RoomId, cells: usize) -> Vec<Line> {
    let replica = app.console.replica();
    let held = replica.room(room);
    let Some((held, State::Referral(referral))) = held.map(|held| (held, &held.room.state)) else {
        return vec![];
    };
    let text = |at: TextRef| held.texts.get(at).map(|text| text.text.as_str());
    let from = format!(
        "{} ({})",
        replica.org_name(referral.from.org),
        replica.person_name(referral.owner)
    );
    let mut lines = paragraph("from", &from, cells);
    lines.extend(paragraph("to", &app.org_name(referral.to), cells));
    lines.extend(paragraph("stage", stage_words(referral).as_str(), cells));
    if let Some(due) = due(app, room) {
        let what = if referral.stage.is_open() {
            "to be answered"
        } else {
            "to be contacted"
        };
        let words = format!(" {what} in {}", moment::left(due, app.now));
        lines.push(Line::of(Shown::said(words), Tone::Warn));
    }
    lines.push(Line::empty());
    if referral.dossier.is_empty() {
        lines.extend(shown_now(app, room, cells));
        let later = if Some(referral.to) == app.own_org() {
            " Shown after you accept: customer, contact, notes"
        } else {
            " Shown after they accept: customer, contact, notes"
        };
        lines.push(Line::own(later, Tone::Warn));
    } else {
        for (label, at) in ["customer", "contact", "notes"]
            .into_iter()
            .zip(&referral.dossier)
        {
            lines.extend(paragraph(label, text(*at).unwrap_or("(erased)"), cells));
        }
        lines.extend(paragraph(
            "need",
            text(referral.need).unwrap_or("(erased)"),
            cells,
        ));
    }
    lines
}

fn standing_line(app: &App, room: RoomId, referral: &Referral) -> Line {
    let replica = app.console.replica();
    let line = Line::own(" ", Tone::Plain)
        .say(replica.org_name(referral.from.org), Tone::Org)
        .say(
            format!(" ({})", replica.person_name(referral.owner)),
            Tone::Dim,
        )
        .say(" → ", Tone::Dim)
        .say(app.org_name(referral.to), Tone::Org)
        .say("   ", Tone::Plain)
        .put(stage_words(referral), Tone::Strong);
    match (due(app, room), referral.stage.is_open()) {
        (Some(due), true) => {
            let words = format!(" · to be answered in {}", moment::left(due, app.now));
            line.say(
                words,
                if due <= app.now {
                    Tone::Bad
                } else {
                    Tone::Warn
                },
            )
        }
        (Some(due), false) => {
            let words = format!(" · to be contacted in {}", moment::left(due, app.now));
            line.say(
                words,
                if due <= app.now {
                    Tone::Bad
                } else {
                    Tone::Warn
                },
            )
        }
        (None, _) => line,
    }
}

/// What a side says of itself above its messages.
#[must_use]
pub fn case_header(app: &App, room: RoomId, cells: usize) -> Vec<Line> {
    let Some(held) = app.console.replica().room(room) else {
        return vec![];
    };
    let State::Side(side) = &held.room.state else {
        return vec![];
    };
    let cells = cells.min(100);
    let mut lines = vec![offers_line(app, side)];
    if app.console.replica().out_of_sight(side).is_some() {
        let words = "Nothing shows of what they make of it before they answer";
        lines.push(Line::own(" ", Tone::Plain).put(Shown::own(words), Tone::Dim));
    }
    let drafted = side.case.as_ref().and_then(|case| {
        let drafted = case.draft.value.as_ref()?;
        Some((case.draft.at, drafted))
    });
    let Some((at, drafted)) = drafted else {
        return lines;
    };
    lines.push(teaser_line(&drafted.draft.teaser));
    let labels = ["need", "customer"]
        .into_iter()
        .chain(drafted.draft.contact.then_some("contact"))
        .chain(drafted.draft.notes.then_some("notes"))
        .chain(drafted.draft.consent.map(|_| "basis"));
    for (slot, label) in (0..).zip(labels) {
        let at = TextRef {
            seq: at,
            slot: Slot(slot),
        };
        let text = held.texts.get(at).map(|text| text.text.as_str());
        lines.extend(paragraph(label, text.unwrap_or("(erased)"), cells));
    }
    lines
}

/// The same with the people who are named for it.
#[must_use]
pub fn case_details(app: &App, room: RoomId, cells: usize) -> Vec<Line> {
    let replica = app.console.replica();
    let mut lines = case_header(app, room, cells);
    let Some(held) = replica.room(room) else {
        return lines;
    };
    lines.push(Line::empty());
    lines.push(Line::own(" PEOPLE", Tone::Heading));
    for grant in &held.room.audience.grants {
        lines.push(match grant {
            Grant::Member { id, role, .. } => Line::own("  ", Tone::Plain)
                .say(replica.person_name(*id), Tone::Plain)
                .end(Shown::said(format!("{role} ")), Tone::Dim),
            Grant::Org { id, .. } => {
                Line::own("  the leads of ", Tone::Dim).say(app.org_name(*id), Tone::Org)
            }
            Grant::Tied { .. } | Grant::Rule { .. } => continue,
        });
    }
    lines
}

fn offers_line(app: &App, side: &Side) -> Line {
    let line = Line::own(" Private to your organisation", Tone::Good);
    let Some(case) = &side.case else {
        return line;
    };
    let line = match &case.live {
        Some(live) if live.released => line.say(
            format!(" · accepted by {}", app.org_name(live.to)),
            Tone::Strong,
        ),
        Some(live) => line.say(
            format!(
                " · offered to {}, {} left",
                app.org_name(live.to),
                moment::left(live.until, app.now)
            ),
            Tone::Warn,
        ),
        None => line.say(" · not offered to anybody", Tone::Plain),
    };
    match case.past.len() {
        0 => line,
        n => line.say(format!(" · {n} before"), Tone::Dim),
    }
}
