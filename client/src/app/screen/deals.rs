//! Deals: the list, what a deal says of itself, and its tasks and people beside the conversation.

use super::{
    preview, referrals,
    rooms::{self, Listed, Section},
};
use crate::app::{
    App, Screen,
    words::{
        Shown,
        line::{Line, Tone},
        moment,
    },
};
use rialto_shared::{
    entry::TextRef,
    id::{MemberId, RoomId},
    room::{
        Room, Texts,
        deal::{Deal, Outcome, Presence, Stage, Task},
    },
};
use strum::VariantArray as _;

fn deal(room: &Room) -> Option<&Deal> {
    room.state.deal()
}

/// The lists of the screen: by stage, the nearest to the end first.
#[must_use]
pub fn sections(app: &App) -> Vec<Section> {
    let mut by_stage: Vec<(&'static str, Vec<Listed>)> = Stage::VARIANTS
        .iter()
        .rev()
        .map(|stage| (stage_title(*stage), vec![]))
        .chain([("OVER", vec![])])
        .collect();
    for one in rooms::all(app, Screen::Deals) {
        let held = app.console.replica().room(one.room);
        let Some(deal) = held.and_then(|held| deal(&held.room)) else {
            continue;
        };
        let title = match (&deal.end, deal.course.stage.value) {
            (Some(_), _) | (None, None) => "OVER",
            (None, Some(stage)) => stage_title(stage),
        };
        if let Some((_, list)) = by_stage.iter_mut().find(|(other, _)| *other == title) {
            list.push(one);
        }
    }
    let asked = invited(app);
    std::iter::once(Section {
        title: "ASKED INTO",
        rooms: asked,
    })
    .chain(
        by_stage
            .into_iter()
            .map(|(title, rooms)| Section { title, rooms }),
    )
    .collect()
}

/// Deals that we are asked into and see nothing of yet.
fn invited(app: &App) -> Vec<Listed> {
    let Some(own) = app.own() else {
        return vec![];
    };
    own.deals
        .iter()
        .filter(|(_, open)| open.until > app.now)
        .map(|(room, open)| Listed {
            room: *room,
            name: Shown::said(format!("by {}", app.org_name(open.from))),
            unread: crate::replica::Unread::default(),
            draft: false,
            here: None,
            tail: Some((Shown::said(moment::left(open.until, app.now)), Tone::Warn)),
        })
        .collect()
}

/// What is seen of a deal that we are asked into: who asks, and the message.
#[must_use]
pub fn invitation(app: &App, room: RoomId, cells: usize) -> Vec<Line> {
    let replica = app.console.replica();
    let open = app.own().and_then(|own| own.deals.get(&room));
    let held = app.own_org().and_then(|org| replica.room(RoomId::org(org)));
    let (Some(open), Some(held)) = (open, held) else {
        return vec![];
    };
    let message = held.texts.get(open.message);
    let message = message.map_or("", |text| text.text.as_str());
    let what = open.responsibility.to_string().replace('_', " ");
    let mut lines = vec![
        Line::empty(),
        Line::own("  ", Tone::Plain)
            .say(app.org_name(open.from), Tone::Org)
            .say(" asks your organisation into a deal", Tone::Plain),
        Line::own("  as ", Tone::Plain).say(what, Tone::Strong),
        Line::empty(),
    ];
    lines.extend(preview::quoted(message, cells));
    let left = format!("  {} left to answer", moment::left(open.until, app.now));
    lines.extend([
        Line::empty(),
        Line::own(
            "  You see the deal once your organisation comes in.",
            Tone::Dim,
        ),
        Line::of(Shown::said(left), Tone::Warn),
        Line::own("  ", Tone::Plain)
            .put(Shown::own("a"), Tone::Key)
            .say("  come in, or stay out", Tone::Dim),
    ]);
    lines
}

const fn stage_title(stage: Stage) -> &'static str {
    match stage {
        Stage::Prospect => "PROSPECT",
        Stage::Qualified => "QUALIFIED",
        Stage::TechnicalValidation => "TECHNICAL VALIDATION",
        Stage::BusinessValidation => "BUSINESS VALIDATION",
        Stage::Committed => "COMMITTED",
    }
}

const fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Prospect => "Prospect",
        Stage::Qualified => "Qualified",
        Stage::TechnicalValidation => "Technical",
        Stage::BusinessValidation => "Business",
        Stage::Committed => "Committed",
    }
}

/// What stands at the end of a deal's row.
#[must_use]
pub fn tail(app: &App, room: RoomId) -> Option<(Shown, Tone)> {
    let deal = deal(&app.console.replica().room(room)?.room)?;
    if let Some(end) = &deal.end {
        return Some(match end.outcome {
            Outcome::Won => (Shown::own("won"), Tone::Good),
            Outcome::Lost { .. } => (Shown::own("lost"), Tone::Dim),
        });
    }
    if deal.frozen.is_some() {
        return Some((Shown::own("frozen"), Tone::Bad));
    }
    let value = deal.header.value.value?;
    Some((Shown::said(value.to_string()), Tone::Plain))
}

/// What a deal says of itself above its messages.
#[must_use]
pub fn header(app: &App, room: RoomId) -> Vec<Line> {
    let Some(held) = app.console.replica().room(room) else {
        return vec![];
    };
    let Some(deal) = deal(&held.room) else {
        return vec![];
    };
    let mut lines = vec![about_line(app, deal, &held.texts), stage_bar(app, deal)];
    lines.extend(state_line(app, deal, &held.texts));
    lines
}

/// The same for a narrow place: one thing a line.
#[must_use]
pub fn about(app: &App, room: RoomId, cells: usize) -> Vec<Line> {
    let held = app.console.replica().room(room);
    let Some((held, deal)) = held.and_then(|held| Some((held, deal(&held.room)?))) else {
        return vec![];
    };
    let text = |at: Option<TextRef>| {
        let text = at.and_then(|at| held.texts.get(at));
        text.map_or_else(String::new, |text| text.text.to_string())
    };
    let (header, stage) = (&deal.header, deal.course.stage.value);
    let stage = stage.map_or_else(String::new, |stage| stage.to_string().replace('_', " "));
    let state = match (&deal.end, &deal.frozen) {
        (Some(end), _) => match end.outcome {
            Outcome::Won => format!("{stage}, won"),
            Outcome::Lost { reason, .. } => format!("lost: {reason}").replace('_', " "),
        },
        (None, Some(freeze)) => format!("{stage}, FROZEN: {}", text(Some(freeze.reason))),
        (None, None) => stage,
    };
    let rows = [
        ("title", text(header.title.value)),
        ("customer", text(header.customer.value)),
        ("problem", text(header.problem.value)),
        ("stage", state),
        ("next", text(header.next_step.value)),
        (
            "value",
            header
                .value
                .value
                .map_or_else(String::new, |value| value.to_string()),
        ),
        (
            "close",
            header
                .close
                .value
                .map_or_else(String::new, |day| day.to_string()),
        ),
        ("host", app.org_name(deal.host)),
        ("vendor", vendor(deal).as_str().trim().to_owned()),
    ];
    let said = rows.into_iter().filter(|(_, words)| !words.is_empty());
    let mut lines: Vec<Line> = said
        .flat_map(|(label, words)| referrals::paragraph(label, &words, cells))
        .collect();
    lines.extend(proposal_line(app, deal).filter(|_| deal.end.is_none()));
    lines.push(Line::empty());
    lines
}

fn about_line(app: &App, deal: &Deal, texts: &Texts) -> Line {
    let text = |at| texts.get(at).map(|text| Shown::text(&text.text));
    let header = &deal.header;
    let mut line = Line::own(" ", Tone::Plain);
    if let Some(customer) = header.customer.value.and_then(text) {
        line = line.put(customer, Tone::Strong).say("   ", Tone::Plain);
    }
    if let Some(value) = header.value.value {
        line = line.say(format!("{value}   "), Tone::Plain);
    }
    if let Some(close) = header.close.value {
        line = line.say(format!("close {close}   "), Tone::Plain);
    }
    line.end(
        Shown::said(format!("host {} ", app.org_name(deal.host))),
        Tone::Org,
    )
}

/// How the vendor is present, in a few words.
fn vendor(deal: &Deal) -> Shown {
    let how = match deal.presence.value {
        Some(Presence::InRoom) => "vendor reads this",
        Some(Presence::OnCall) => "vendor on call",
        Some(Presence::NotPresent) | None => "vendor not here",
    };
    let called = match deal.called.len() {
        0 => String::new(),
        n => format!(", {n} called in"),
    };
    Shown::said(format!("{how}{called} "))
}

fn stage_bar(app: &App, deal: &Deal) -> Line {
    let now = deal.course.stage.value;
    let dash = app.glyphs().dash;
    let mut line = Line::own(" ", Tone::Plain);
    for stage in Stage::VARIANTS {
        if *stage != Stage::Prospect {
            line = line.say(format!(" {dash} "), Tone::Dim);
        }
        let name = stage_name(*stage);
        line = if Some(*stage) == now {
            line.say(format!("[{name}]"), Tone::Heading)
        } else if now.is_some_and(|now| *stage < now) {
            line.say(name, Tone::Good)
        } else {
            line.say(name, Tone::Dim)
        };
    }
    let line = line.end(vendor(deal), Tone::Warn);
    match deal.end.as_ref().map(|end| end.outcome) {
        Some(Outcome::Won) => line.say(format!(" {dash} [Won]"), Tone::Good),
        Some(Outcome::Lost { reason, .. }) => {
            let words = format!(" {dash} [Lost: {}]", reason.to_string().replace('_', " "));
            line.say(words, Tone::Bad)
        }
        None => line,
    }
}

/// What is next, or what stands in the way.
fn state_line(app: &App, deal: &Deal, texts: &Texts) -> Option<Line> {
    let text = |at| texts.get(at).map(|text| Shown::text(&text.text));
    if let Some(freeze) = &deal.frozen {
        let reason = text(freeze.reason).unwrap_or_default();
        return Some(Line::own(" FROZEN: ", Tone::Bad).put(reason, Tone::Plain));
    }
    if let Some(line) = proposal_line(app, deal) {
        return Some(line);
    }
    let next = deal.header.next_step.value.and_then(text)?;
    Some(Line::own(" next: ", Tone::Dim).put(next, Tone::Strong))
}

/// A presence of the vendor that is proposed, and who has not signed it.
fn proposal_line(app: &App, deal: &Deal) -> Option<Line> {
    let open = deal.proposal.as_ref()?;
    let missing: Vec<String> = deal
        .active()
        .filter(|(org, _)| !open.signed.contains(org))
        .map(|(org, _)| app.org_name(org))
        .collect();
    let words = format!(
        " Proposed: vendor {} · not signed by {} · lapses in {}",
        open.to.to_string().replace('_', " "),
        missing.join(", "),
        moment::left(open.until, app.now)
    );
    Some(Line::of(Shown::said(words), Tone::Warn))
}

/// A deal's tasks and people.
#[must_use]
pub fn side(app: &App, room: RoomId) -> Vec<Line> {
    let replica = app.console.replica();
    let Some(held) = replica.room(room) else {
        return vec![];
    };
    let Some(deal) = deal(&held.room) else {
        return vec![];
    };
    let open: Vec<&Task> = deal.tasks.open().map(|(_, task)| task).collect();
    let done = deal.tasks.list.len() - open.len();
    let mut lines = vec![
        Line::own(" TASKS", Tone::Heading).end(Shown::said(format!("{done} closed ")), Tone::Dim),
    ];
    if open.is_empty() {
        lines.push(Line::own(" nothing is to be done", Tone::Dim));
    }
    for task in open {
        lines.extend(task_lines(app, task, &held.texts));
    }
    lines.push(Line::empty());
    lines.push(Line::own(" PEOPLE", Tone::Heading));
    for (org, party) in deal.active() {
        let what = party
            .responsibility
            .value
            .map(|one| one.to_string().replace('_', " "));
        lines.push(
            Line::own(" ", Tone::Plain)
                .say(app.org_name(org), Tone::Org)
                .end(
                    Shown::said(format!("{} ", what.unwrap_or_default())),
                    Tone::Dim,
                ),
        );
        for (member, role) in &party.people {
            lines.push(person_line(app, *member, &role.to_string()));
        }
    }
    if !deal.called.is_empty() {
        lines.push(Line::own(" called in", Tone::Dim));
        for member in deal.called.keys() {
            lines.push(person_line(app, *member, "vendor"));
        }
    }
    for (org, open) in &deal.invitations {
        let left = format!("{} left ", moment::left(open.until, app.now));
        let words = format!(" {} is asked in", app.org_name(*org));
        lines.push(Line::of(Shown::said(words), Tone::Dim).end(Shown::said(left), Tone::Dim));
    }
    lines
}

fn person_line(app: &App, member: MemberId, role: &str) -> Line {
    let (dot, tone) = if app.is_here(member) {
        (app.glyphs().full, Tone::Good)
    } else {
        (app.glyphs().hollow, Tone::Dim)
    };
    let name = app.console.replica().person_name(member);
    Line::own("  ", Tone::Plain)
        .put(Shown::own(dot), tone)
        .say(format!(" {name}"), Tone::Plain)
        .end(Shown::said(format!("{role} ")), Tone::Dim)
}

fn task_lines(app: &App, task: &Task, texts: &Texts) -> [Line; 2] {
    let replica = app.console.replica();
    let title = texts.get(task.title).map(|text| Shown::text(&text.text));
    let late = task.to.due.end() <= app.now;
    let who = task.to.member.map_or_else(
        || app.org_name(task.to.owner),
        |member| replica.person_name(member),
    );
    [
        Line::own(" [ ] ", Tone::Plain).put(title.unwrap_or_default(), Tone::Plain),
        Line::own("     ", Tone::Plain).say(who, Tone::Org).end(
            Shown::said(format!("{} ", task.to.due)),
            if late { Tone::Bad } else { Tone::Dim },
        ),
    ]
}
