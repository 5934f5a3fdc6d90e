//! Referrals and cases as lines, for people and as JSON.

use super::super::{super::exit::Failure, words::usage, work::Work};
use rialto_shared::{
    entry::{Slot, TextRef},
    id::{OrgId, RoomId},
    room::{
        State,
        referral::{Referral, Stage},
        side::{About, Fee, Offer, Promise, Side},
    },
};
use serde_json::{Value, json};

fn stage_words(stage: Stage) -> String {
    let word: &'static str = stage.into();
    match stage {
        Stage::Converted { deal } => format!("{word} to {deal}"),
        Stage::Concluded { outcome } => outcome.to_string(),
        Stage::Declined { reason } | Stage::Returned { reason } => format!("{word}: {reason}"),
        Stage::Offered
        | Stage::Viewed
        | Stage::Accepted
        | Stage::Contacted
        | Stage::Qualified
        | Stage::Expired
        | Stage::Withdrawn => word.to_owned(),
    }
}

/// By when something is to be done, in words.
fn deadline(referral: &Referral) -> Option<(String, &'static str)> {
    let handoff = referral.handoff.as_ref();
    match referral.stage {
        Stage::Offered | Stage::Viewed => {
            Some((referral.until.to_rfc3339(), "to be answered until"))
        }
        Stage::Accepted => {
            let by = handoff?.contact_by.to_rfc3339();
            Some((by, "the customer to be contacted until"))
        }
        Stage::Contacted
        | Stage::Qualified
        | Stage::Converted { .. }
        | Stage::Concluded { .. }
        | Stage::Declined { .. }
        | Stage::Expired
        | Stage::Withdrawn
        | Stage::Returned { .. } => None,
    }
}

/// Whom the referrals here are from and to.
fn others(work: &Work<'_>) -> Vec<OrgId> {
    let replica = work.replica();
    let named = replica.rooms().flat_map(|(_, held)| {
        let state = &held.room.state;
        let both = state.referral();
        let both = both.map(|referral| [referral.from.org, referral.to]);
        let live = state.side().and_then(|side| replica.out_of_sight(side));
        both.into_iter().flatten().chain(live.map(|live| live.to))
    });
    named.collect()
}

pub(super) async fn list(mut work: Work<'_>) -> Result<(), Failure> {
    work.acquaint(others(&work)).await?;
    for (room, held) in work.replica().rooms() {
        match &held.room.state {
            State::Referral(referral) => {
                let sent = referral.from.org == work.own;
                let (is, other) = if sent {
                    ("sent", referral.to)
                } else {
                    ("to_me", referral.from.org)
                };
                let (name, need) = (work.org_name(other), work.text(room, Some(referral.need)));
                let stage = stage_words(referral.stage);
                let due = deadline(referral);
                let until = due
                    .as_ref()
                    .map_or_else(String::new, |(at, words)| format!(", {words} {at}"));
                work.print(
                    &json!({"referral": room, "is": is, "org": other, "name": name, "stage": referral.stage,
                        "deadline": due.as_ref().map(|(at, _)| at), "need": need}),
                    &format!(
                        "{room}  {} {name}  {stage}{until}  {}",
                        if sent { "to" } else { "from" },
                        need.unwrap_or("[erased]")
                    ),
                )?;
            }
            State::Side(side) => case(&work, room, side)?,
            State::Void
            | State::Org(_)
            | State::Inbox(_)
            | State::Channel(_)
            | State::Direct(_)
            | State::Profile(_)
            | State::Relation(_)
            | State::Deal(_)
            | State::Record(_) => {}
        }
    }
    work.close()
}

/// A case of one's own that is with nobody, or with strangers who have not answered.
fn case(work: &Work<'_>, room: RoomId, side: &Side) -> Result<(), Failure> {
    if let Some(live) = work.replica().out_of_sight(side) {
        return waits(work, room, side, live);
    }
    let Some(case) = side.case.as_ref().filter(|case| case.live.is_none()) else {
        return Ok(());
    };
    if side.about != About::Case && case.draft.value.is_none() {
        return Ok(());
    }
    let at = |slot| {
        let at = TextRef {
            seq: case.draft.at,
            slot: Slot(slot),
        };
        work.text(room, Some(at))
    };
    let (need, customer) = (at(0), at(1));
    let last = case
        .past
        .last()
        .map(|past| (past.how, work.org_name(past.to)));
    let before = last.as_ref().map_or_else(
        || "not offered".to_owned(),
        |(how, name)| format!("{how} with {name}"),
    );
    work.print(
        &json!({"case": room, "is": "case", "need": need, "customer": customer, "offers": case.past.len(),
            "last": last.as_ref().map(|(how, _)| how)}),
        &format!(
            "{room}  case of {}  {before}  {}",
            customer.unwrap_or("[erased]"),
            need.unwrap_or("[erased]")
        ),
    )
}

/// An offer of which nothing is to be seen but the case.
fn waits(work: &Work<'_>, room: RoomId, side: &Side, live: &Offer) -> Result<(), Failure> {
    let slot = Slot(0);
    let need = side.case.as_ref().and_then(|case| {
        let seq = case.draft.at;
        work.text(room, Some(TextRef { seq, slot }))
    });
    let (name, until) = (work.org_name(live.to), live.until.to_rfc3339());
    work.print(
        &json!({"case": room, "referral": live.room, "is": "sent", "org": live.to, "name": name, "stage": "offered",
            "deadline": until, "need": need}),
        &format!(
            "{room}  to {name}  offered, to be answered until {until}  {}",
            need.unwrap_or("[erased]")
        ),
    )
}

fn shown(promise: &Promise) -> (Value, Vec<String>) {
    let (teaser, consent, terms) = (&promise.teaser, &promise.consent, &promise.terms);
    let fee = match terms.fee {
        Fee::Bps(bps) => format!("{bps} basis points"),
        Fee::Flat(amount) => amount.to_string(),
    };
    let lines = vec![
        format!(
            "  customer  {}, {}, {} people",
            teaser.industry, teaser.country, teaser.size
        ),
        format!(
            "  wanted    {}, urgency {}, worth {} {}",
            teaser.want,
            teaser.urgency,
            teaser.value.currency.as_str(),
            teaser.value.band
        ),
        format!("  terms     {fee}, for {} months", terms.months),
        format!(
            "  consent   of {}: may {}be contacted",
            consent.obtained_at,
            if consent.may_contact { "" } else { "not " }
        ),
    ];
    let json = json!({
        "industry": teaser.industry, "country": teaser.country, "size": teaser.size, "want": teaser.want,
        "urgency": teaser.urgency, "currency": teaser.value.currency, "band": teaser.value.band,
        "fee": terms.fee, "months": terms.months, "consent": consent,
    });
    (json, lines)
}

pub(super) async fn show(mut work: Work<'_>, room: RoomId) -> Result<(), Failure> {
    work.acquaint(others(&work)).await?;
    let Some(State::Referral(referral)) = work.state(room) else {
        return Err(usage("there is no referral here"));
    };
    let (from, to) = (work.org_name(referral.from.org), work.org_name(referral.to));
    let need = work.text(room, Some(referral.need));
    let (now, mut lines) = shown(&referral.promise);
    let names = ["customer", "contact", "notes"];
    let given: Vec<(&str, Option<&str>)> = names
        .into_iter()
        .zip(&referral.dossier)
        .map(|(name, at)| (name, work.text(room, Some(*at))))
        .collect();
    let held_back = names.iter().take(referral.promise.dossier.len());
    let kept: Vec<&str> = held_back.copied().collect();
    let due = deadline(referral);
    lines.insert(0, format!("{room}  {from} to {to}"));
    lines.insert(1, stage_words(referral.stage));
    if let Some((at, words)) = &due {
        lines.push(format!("  {words} {at}"));
    }
    lines.insert(2, "shown now:".to_owned());
    lines.insert(3, format!("  need      {}", need.unwrap_or("[erased]")));
    if given.is_empty() {
        lines.push(format!("after acceptance: {}", kept.join(", ")));
    } else {
        lines.push("given at acceptance:".to_owned());
        let line = |(name, text): &(&str, Option<&str>)| {
            format!("  {name:<9} {}", text.unwrap_or("[erased]"))
        };
        lines.extend(given.iter().map(line));
    }
    let dossier: Value = given
        .iter()
        .map(|(name, text)| ((*name).to_owned(), json!(text)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    work.print(
        &json!({"referral": room, "from": referral.from.org, "from_name": from, "to": referral.to, "to_name": to,
            "stage": referral.stage, "deadline": due.map(|(at, _)| at), "need": need, "shown": now,
            "after_acceptance": kept, "dossier": dossier, "depth": referral.depth}),
        &lines.join("\n"),
    )?;
    work.close()
}
