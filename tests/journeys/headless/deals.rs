//! Deals: who comes, what is moved, who is called, and how they end.

use super::{Story, number, of, text};

pub(super) fn are_won_and_lost(story: &mut Story) {
    let deal = opened(story);
    staffed(story, &deal);
    moved(story, &deal);
    said(story, &deal);
    tasks(story, &deal);
    called(story, &deal);
    present(story, &deal);
    frozen(story, &deal);
    story.no("ben", &format!("deal win {deal}"), (4, "role.too_low"));
    people_go(story, &deal);
    story.ok("ana", &format!("deal win {deal}"));
    story.no("ana", &format!("deal win {deal}"), (4, "state"));
    let shown = story.ok("bea", &format!("deal show {deal}"));
    assert_eq!(shown["end"], "won", "{shown}");
    lost(story);
    exchanged(story);
}

fn opened(story: &mut Story) -> String {
    story.no(
        "ana",
        "deal open --title '' --customer X --problem 'Too short a title to be one'",
        (2, ""),
    );
    let made = story.told(
        "ana",
        "deal open --title 'Foundry retrofit' --customer Eisenhof --problem - --value 'EUR 48,000' \
            --close 2030-06-30 --person 'Ben Ott'",
        "The ladle runs too hot and nobody sees it in time.",
    );
    text(&made["deal"])
}

fn staffed(story: &mut Story, deal: &str) {
    story.no(
        "ana",
        &format!("deal invite {deal} Northwind vendor Come"),
        (2, ""),
    );
    story.ok(
        "ana",
        &format!("deal invite {deal} BrightPath reseller 'Sell it with us'"),
    );
    story.no(
        "ana",
        &format!("deal invite {deal} BrightPath reseller Again"),
        (4, "already"),
    );
    story.ok("ana", &format!("deal cancel {deal} BrightPath"));
    story.no("ana", &format!("deal cancel {deal} BrightPath"), (2, ""));
    story.ok(
        "ana",
        &format!("deal invite {deal} BrightPath reseller 'Do' --history --can-invite --can-edit"),
    );
    story.ok(
        "bea",
        "deal decline Alpenwerk unable_to_support 'Not this month'",
    );
    story.no(
        "bea",
        "deal decline Alpenwerk unable_to_support Again",
        (2, ""),
    );
    story.told(
        "ana",
        &format!("deal invite {deal} BrightPath services_partner - --can-invite"),
        "Now?",
    );
    let open = story.all("bea", "deal list");
    assert!(open.iter().any(|one| one["deal"] == deal), "{open:#?}");
    story.no("bea", &format!("deal show {deal}"), (2, ""));
    story.ok("bea", &format!("deal accept {deal}"));
    story.ok(
        "bea",
        &format!("deal invite {deal} Cobalt managed_service_provider 'Run it'"),
    );
    story.ok("cy", "deal accept BrightPath");
    story.ok("ana", "deal add Foundry 'Eva Lang' --role lead");
    story.no("ana", "deal add Foundry 'Bea Marsh'", (4, "thing.absent"));
    story.ok("cy", &format!("deal withdraw {deal}"));
    story.no("cy", &format!("deal show {deal}"), (4, "room.absent"));
}

fn moved(story: &mut Story, deal: &str) {
    story.ok("ana", &format!("deal stage {deal} qualified"));
    story.no("bea", &format!("deal stage {deal} signed"), (2, ""));
    story.ok("eva", &format!("deal next {deal} 'Measure the wall'"));
    story.ok("ana", &format!("deal value {deal} 'EUR 52,000'"));
    story.ok("ana", &format!("deal close-date {deal} 2031-01-31"));
    story.no(
        "ana",
        &format!("deal close-date {deal} 2001-01-31"),
        (4, "value"),
    );
    let shown = story.ok("bea", &format!("deal show {deal}"));
    assert_eq!(shown["stage"], "qualified", "{shown}");
    assert_eq!(shown["next_step"], "Measure the wall", "{shown}");
}

fn tasks(story: &mut Story, deal: &str) {
    let task = story.ok(
        "ana",
        &format!("deal task add {deal} 'Send the plan' --due 2030-01-31 --person 'Bea Marsh'"),
    );
    let task = number(&task["from"]);
    let other = story.ok(
        "bea",
        &format!("deal task add {deal} 'Book a room' --due 2030-02-28 --org Alpenwerk"),
    );
    let other = number(&other["from"]);
    let take = format!("deal task take {deal} {other}");
    story.ok("ben", &take);
    story.no("ben", &take, (4, "already"));
    story.no("ben", &format!("deal task take {deal} 9999"), (2, ""));
    let give = format!("deal task move {deal} {other}");
    story.no("ana", &give, (2, ""));
    story.ok("ana", &format!("{give} --due 2030-03-31"));
    let named = |story: &mut Story| {
        let shown = story.ok("ana", &format!("deal show {deal}"));
        let all = shown["tasks"].as_array().unwrap().clone();
        of(&all, "seq", other).clone()
    };
    let task_of_ben = named(story);
    assert_eq!(task_of_ben["due"], "2030-03-31", "{task_of_ben}");
    assert!(task_of_ben["member"].is_string(), "{task_of_ben}");
    story.ok("ana", &format!("{give} --org Alpenwerk"));
    assert!(named(story)["member"].is_null(), "his organisation's again");
    story.ok("ana", &format!("{give} --person 'Eva Lang'"));
    story.ok("bea", &format!("deal task done {deal} {task}"));
    story.no("bea", &format!("deal task done {deal} {task}"), (2, ""));
    story.ok("bea", &format!("deal task drop {deal} {other}"));
    story.no("bea", &format!("deal task drop {deal} {other}"), (2, ""));
}

/// What the deal states is the host's to say, and of those whom the host lets.
fn said(story: &mut Story, deal: &str) {
    story.ok("ana", &format!("deal title {deal} 'Foundry line 4'"));
    let called = |story: &mut Story, who: &str| {
        let shown = story.ok(who, &format!("deal reference {deal}"));
        shown["external_reference"].clone()
    };
    assert_eq!(called(story, "ana"), serde_json::Value::Null);
    story.ok("ana", &format!("deal reference {deal} 006-77"));
    story.no(
        "ana",
        &format!("deal reference {deal} 006-77"),
        (4, "already"),
    );
    story.no("ana", &format!("deal reference {deal} X --clear"), (2, ""));
    assert_eq!(called(story, "ana"), "006-77");
    // Another party has a name of its own for it, and never hears of this one.
    assert_eq!(called(story, "bea"), serde_json::Value::Null);
    story.ok("bea", &format!("deal reference {deal} 006-77"));
    story.ok("ana", &format!("deal reference {deal} --clear"));
    assert_eq!(called(story, "ana"), serde_json::Value::Null);
    assert_eq!(called(story, "bea"), "006-77");
    story.no(
        "bea",
        &format!("deal customer {deal} 'Eisenhof Guss'"),
        (4, "role.other"),
    );
    let allow = format!("deal allow {deal} BrightPath --can-invite --can-edit");
    story.ok("ana", &allow);
    story.no("ana", &allow, (4, "already"));
    story.no("ana", &format!("deal allow {deal} Cobalt"), (2, ""));
    story.ok("bea", &format!("deal customer {deal} 'Eisenhof Guss'"));
    story.told(
        "bea",
        &format!("deal problem {deal} -"),
        "The ladle of line 4 runs too hot, and nobody sees it in time.",
    );
    let shown = story.ok("ana", &format!("deal show {deal}"));
    assert_eq!(shown["customer"], "Eisenhof Guss", "{shown}");
    assert!(text(&shown["problem"]).contains("of line 4"), "{shown}");
    story.ok("bea", &format!("deal responsible {deal} reseller"));
    story.no(
        "bea",
        &format!("deal responsible {deal} reseller"),
        (4, "already"),
    );
    story.no("bea", &format!("deal responsible {deal} chief"), (2, ""));
    // Each change of an agreement is told to a deal: there is nothing to find, but in one of very many.
    story.no(
        "bea",
        &format!("deal recheck {deal} Alpenwerk"),
        (4, "role.other"),
    );
    story.no(
        "ana",
        &format!("deal recheck {deal} BrightPath"),
        (4, "already"),
    );
    story.ran.looked("deal recheck");
}

/// People are taken out, or go; somebody stays to lead.
fn people_go(story: &mut Story, deal: &str) {
    story.ok("ana", &format!("deal remove {deal} 'Eva Lang'"));
    story.no("eva", &format!("deal show {deal}"), (4, "room.absent"));
    story.no(
        "ana",
        &format!("deal remove {deal} 'Eva Lang'"),
        (4, "thing.absent"),
    );
    story.no("ana", &format!("deal leave {deal}"), (4, "state"));
    story.ok("ben", &format!("deal leave {deal}"));
    story.no("ben", &format!("deal show {deal}"), (4, "room.absent"));
}

/// A partner calls the vendor by the names on its profile, and nobody else.
fn called(story: &mut Story, deal: &str) {
    story.no(
        "bea",
        &format!("deal call {deal} 'Help us' 'Cy Young'"),
        (4, "value"),
    );
    story.no(
        "bea",
        &format!("deal call {deal} 'Help us' 'Santa Claus'"),
        (2, ""),
    );
    // The vendor is not present here: a call knocks, with its words.
    story.ok("bea", &format!("deal call {deal} 'Come and look' sofia"));
    assert!(
        story
            .all("sofia", "inbox")
            .iter()
            .any(|need| need["what"] == "vendor_called")
    );
    story.no("sofia", &format!("deal show {deal}"), (4, "room.absent"));
    story.ok("tom", "profile clear contacts");
    let told = story.no("bea", &format!("deal call {deal} 'Anybody?'"), (2, ""));
    assert!(
        told.contains("Northwind names no alliance manager"),
        "{told}"
    );
    story.ok("tom", "profile set contacts 'Sofia Lindqvist' 'Tom Becker'");
}

fn present(story: &mut Story, deal: &str) {
    story.no("bea", &format!("deal presence {deal} sign"), (2, ""));
    story.ok("bea", &format!("deal presence {deal} propose on-call"));
    story.no(
        "ben",
        &format!("deal presence {deal} sign"),
        (4, "role.too_low"),
    );
    story.ok("ana", &format!("deal presence {deal} sign"));
    story.told(
        "bea",
        &format!("deal call {deal} -"),
        "The customer asks for you.",
    );
    let seen = story.ok("sofia", &format!("deal show {deal}"));
    assert_eq!(seen["title"], "Foundry line 4", "{seen}");
    story.ok("tom", &format!("deal show {deal}"));
    let told = story.no("ana", &format!("deal call {deal} 'And again'"), (2, ""));
    assert!(told.contains("already"), "{told}");
}

fn frozen(story: &mut Story, deal: &str) {
    story.no(
        "bea",
        &format!("deal freeze {deal} 'Stop it'"),
        (4, "role.other"),
    );
    story.ok("sofia", &format!("deal freeze {deal} 'A second look'"));
    story.no("ana", &format!("deal stage {deal} committed"), (4, "state"));
    story.ok("tom", &format!("deal unfreeze {deal}"));
    story.ok("ana", &format!("deal stage {deal} technical-validation"));
}

fn lost(story: &mut Story) {
    let made = story.ok(
        "ana",
        "deal open --title Pilot --customer Nordkyl --problem 'Containers wait unplugged and nobody knows which.'",
    );
    let deal = text(&made["deal"]);
    story.ok(
        "ana",
        &format!("deal invite {deal} BrightPath reseller 'Once more'"),
    );
    story.ok("bea", &format!("deal accept {deal}"));
    story.no("ana", &format!("deal expel {deal} Cobalt"), (2, ""));
    story.ok("ana", &format!("deal expel {deal} BrightPath"));
    story.no("bea", &format!("deal show {deal}"), (4, "room.absent"));
    story.ok(
        "ana",
        &format!("deal lose {deal} price 'They bought two spare generators'"),
    );
    let all = story.all("ana", "deal list");
    assert_eq!(
        of(&all, "deal", deal.as_str())["end"],
        "lost: price",
        "{all:#?}"
    );
}

/// What another system of Alpenwerk's holds comes in, once however often it is sent, and goes out again.
fn exchanged(story: &mut Story) {
    let upsert = "deal upsert --external-ref CRM-7 --title 'Seven presses' --customer Oberwerk --stage qualified";
    story.no("ana", "deal upsert --external-ref CRM-7", (4, ""));
    story.ok("ana", upsert);
    story.ok("ana", upsert);
    let rows = "Id,Name,Account,Phase\nCRM-8,Eight presses,Oberwerk,Working\n";
    let file = story.server.file("crm.csv", rows);
    let import = format!(
        "deal import {file} --map Id=external_reference --map Name=title --map Account=customer \
            --map Phase=stage --map-value stage.Working=prospect"
    );
    assert!(!story.all("ana", &import).is_empty());
    story.no(
        "ana",
        &format!("deal import {file} --map Id=nothing"),
        (2, ""),
    );
    for (what, marks) in [("deals", ["CRM-7", "CRM-8"]), ("referrals", ["", ""])] {
        for form in ["--csv", "--jsonl"] {
            let out = story.run("ana", &format!("export {what} {form}"), "");
            let whole = out.code == Some(0) && marks.iter().all(|mark| out.out.contains(mark));
            story.expect(whole, || {
                format!("export {what} {form}: {} {}", out.out, out.err)
            });
        }
    }
}
