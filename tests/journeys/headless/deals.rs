//! Deals: who comes, what is moved, who is called, and how they end.

use super::{Story, number, of, text};

pub(super) fn are_won_and_lost(story: &mut Story) {
    let deal = opened(story);
    staffed(story, &deal);
    moved(story, &deal);
    called(story, &deal);
    present(story, &deal);
    frozen(story, &deal);
    story.no("ben", &format!("deal win {deal}"), (4, "role.too_low"));
    story.ok("ana", &format!("deal win {deal}"));
    story.no("ana", &format!("deal win {deal}"), (4, "state"));
    let shown = story.ok("bea", &format!("deal show {deal}"));
    assert_eq!(shown["end"], "won", "{shown}");
    lost(story);
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
    story.ok("bea", &format!("deal task done {deal} {task}"));
    story.no("bea", &format!("deal task done {deal} {task}"), (2, ""));
    story.ok("bea", &format!("deal task drop {deal} {other}"));
    story.no("bea", &format!("deal task drop {deal} {other}"), (2, ""));
    let shown = story.ok("bea", &format!("deal show {deal}"));
    assert_eq!(shown["stage"], "qualified", "{shown}");
    assert_eq!(shown["next_step"], "Measure the wall", "{shown}");
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
    assert_eq!(seen["title"], "Foundry retrofit", "{seen}");
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
        &format!("deal lose {deal} price 'They bought two spare generators'"),
    );
    let all = story.all("ana", "deal list");
    assert_eq!(
        of(&all, "deal", deal.as_str())["end"],
        "lost: price",
        "{all:#?}"
    );
}
