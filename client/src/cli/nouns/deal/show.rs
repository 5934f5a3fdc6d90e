//! Deals as lines, for people and as JSON.

use super::super::{super::exit::Failure, words::usage, work::Work};
use rialto_shared::{
    id::{OrgId, RoomId},
    room::{
        State,
        deal::{Deal, Outcome, TaskState},
    },
};
use serde_json::{Value, json};

/// How far it is, in a word.
fn standing(deal: &Deal) -> String {
    let stage = deal
        .course
        .stage
        .value
        .map_or_else(String::new, |stage| stage.to_string());
    match (&deal.end, &deal.frozen) {
        (Some(end), _) => match end.outcome {
            Outcome::Won => "won".to_owned(),
            Outcome::Lost { reason, .. } => format!("lost: {reason}"),
        },
        (None, Some(_)) => format!("{stage}, frozen"),
        (None, None) => stage,
    }
}

pub(super) async fn list(mut work: Work<'_>) -> Result<(), Failure> {
    let from: Vec<OrgId> = work.org().map_or_else(
        |_| vec![],
        |org| org.deals.values().map(|open| open.from).collect(),
    );
    work.acquaint(from).await?;
    for (room, held) in work.replica().rooms() {
        let State::Deal(deal) = &held.room.state else {
            continue;
        };
        let header = &deal.header;
        let title = work.text(room, header.title.value);
        let customer = work.text(room, header.customer.value);
        let value = header.value.value;
        work.print(
            &json!({"deal": room, "is": "deal", "title": title, "customer": customer, "host": deal.host,
                "stage": deal.course.stage.value, "value": value, "close": header.close.value,
                "frozen": deal.frozen.is_some(), "end": deal.end.as_ref().map(|_| standing(deal)),
                "closed": held.closed}),
            &format!(
                "{room}  {}  {}  {}{}",
                title.unwrap_or("[erased]"),
                customer.unwrap_or("[erased]"),
                standing(deal),
                value.map_or_else(String::new, |value| format!("  {value}"))
            ),
        )?;
    }
    // Viewers have no organisation's room, and answer no invitations.
    if let Ok(org) = work.org() {
        for (room, open) in &org.deals {
            let (name, until) = (work.org_name(open.from), open.until.to_rfc3339());
            let message = work.text(RoomId::org(work.own), Some(open.message));
            work.print(
                &json!({"deal": room, "is": "asked", "from": open.from, "from_name": name,
                    "responsibility": open.responsibility, "message": message, "until": until}),
                &format!(
                    "{room}  {name} asks you in as {} (until {until}): {}",
                    open.responsibility,
                    message.unwrap_or("[erased]")
                ),
            )?;
        }
    }
    work.close()
}

pub(super) async fn show(mut work: Work<'_>, room: RoomId) -> Result<(), Failure> {
    let orgs = match work.state(room) {
        Some(State::Deal(deal)) => deal
            .parties
            .keys()
            .chain(deal.invitations.keys())
            .copied()
            .collect(),
        Some(_) | None => vec![],
    };
    work.acquaint(orgs).await?;
    let Some(State::Deal(deal)) = work.state(room) else {
        return Err(usage("there is no deal here"));
    };
    let header = &deal.header;
    let text = |at| work.text(room, at);
    let said =
        |name: &str, value: Option<String>| value.map(|value| format!("  {name:<10} {value}"));
    let (title, customer) = (text(header.title.value), text(header.customer.value));
    let (problem, next) = (text(header.problem.value), text(header.next_step.value));
    let reason = deal
        .frozen
        .as_ref()
        .and_then(|freeze| text(Some(freeze.reason)));
    let presence = deal.presence.value.map(|presence| presence.to_string());
    let mut lines = vec![
        format!("{room}  {}", title.unwrap_or("[erased]")),
        format!("  {:<10} {}", "stage", standing(deal)),
    ];
    let facts = [
        said("frozen", reason.map(str::to_owned)),
        said("customer", customer.map(str::to_owned)),
        said("problem", problem.map(str::to_owned)),
        said("value", header.value.value.map(|value| value.to_string())),
        said("close", header.close.value.map(|close| close.to_string())),
        said("next", next.map(str::to_owned)),
        said("vendor", presence),
    ];
    lines.extend(facts.into_iter().flatten());
    let proposal = deal.proposal.as_ref().map(|open| {
        lines.push(format!("  {:<10} {}", "proposed", open.to));
        json!({"seq": open.entry.seq, "to": open.to, "signed": open.signed, "until": open.until.to_rfc3339()})
    });
    let parties = parties(&work, deal, &mut lines);
    let invited = invited(&work, deal, &mut lines);
    let tasks = tasks(&work, room, deal, &mut lines);
    let json = json!({
        "deal": room, "title": title, "customer": customer, "problem": problem, "next_step": next,
        "value": header.value.value, "close": header.close.value, "stage": deal.course.stage.value,
        "host": deal.host, "origin": deal.origin, "presence": deal.presence.value, "proposal": proposal,
        "frozen": reason, "end": deal.end.as_ref().map(|_| standing(deal)),
        "parties": parties, "invited": invited, "tasks": tasks,
    });
    work.print(&json, &lines.join("\n"))?;
    work.close()
}

fn parties(work: &Work<'_>, deal: &Deal, lines: &mut Vec<String>) -> Vec<Value> {
    let mut parties = vec![];
    for (org, party) in &deal.parties {
        let name = work.org_name(*org);
        let people: Vec<(String, String)> = party
            .people
            .iter()
            .map(|(member, role)| (work.person_name(*member), role.to_string()))
            .collect();
        let names: Vec<String> = people
            .iter()
            .map(|(name, role)| format!("{name} ({role})"))
            .collect();
        let host = if *org == deal.host { ", host" } else { "" };
        let does = party
            .responsibility
            .value
            .map_or_else(String::new, |does| format!(", {does}"));
        lines.push(format!(
            "  {:<10} {name} ({}{host}{does}): {}",
            "party",
            party.status,
            names.join(", ")
        ));
        let people: Vec<Value> = party
            .people
            .iter()
            .map(|(member, role)| {
                json!({"member": member, "name": work.person_name(*member), "role": role})
            })
            .collect();
        parties.push(json!({"org": org, "name": name, "status": party.status,
            "responsibility": party.responsibility.value, "people": people}));
    }
    parties
}

fn invited(work: &Work<'_>, deal: &Deal, lines: &mut Vec<String>) -> Vec<Value> {
    let mut invited = vec![];
    for (org, open) in &deal.invitations {
        let (name, until) = (work.org_name(*org), open.until.to_rfc3339());
        lines.push(format!(
            "  {:<10} {name} as {}, until {until}",
            "invited", open.responsibility
        ));
        invited.push(
            json!({"org": org, "name": name, "responsibility": open.responsibility,
            "history": open.history, "until": until}),
        );
    }
    invited
}

fn tasks(work: &Work<'_>, room: RoomId, deal: &Deal, lines: &mut Vec<String>) -> Vec<Value> {
    let mut tasks = vec![];
    for (seq, task) in &deal.tasks.list {
        let title = work.text(room, Some(task.title));
        let who = task.to.member.map_or_else(
            || work.org_name(task.to.owner),
            |member| work.person_name(member),
        );
        let mark = match task.state {
            TaskState::Open => " ",
            TaskState::Done => "x",
            TaskState::Dropped => "-",
        };
        lines.push(format!(
            "  {:<10} [{mark}] {seq}  {}  {who}, by {}",
            "task",
            title.unwrap_or("[erased]"),
            task.to.due
        ));
        tasks.push(
            json!({"seq": seq, "title": title, "owner": task.to.owner, "member": task.to.member,
            "due": task.to.due, "state": task.state}),
        );
    }
    tasks
}
