//! Connections, agreements, and customers that are handed over, back, and on.

use super::{Story, number, of, text};
use serde_json::Value;

pub(super) fn are_made(story: &mut Story) {
    connections(story);
    agreements(story);
    answered_no(story);
    given_back(story);
    with_less_consent(story);
    ours_alone(story);
    unanswered(story);
    followed(story);
    ended(story);
}

fn connections(story: &mut Story) {
    story.told(
        "ana",
        "connection ask BrightPath -",
        "We meet the same customers.",
    );
    story.no("ana", "connection ask BrightPath Again", (4, "already"));
    story.no("ben", "connection ask Cobalt Hello", (4, "role.too_low"));
    story.ok("ana", "connection withdraw BrightPath");
    story.no("ana", "connection withdraw BrightPath", (2, ""));
    story.ok("ana", "connection ask BrightPath 'Shall we?'");
    let asks = story.all("bea", "connection list");
    assert_eq!(of(&asks, "is", "asks")["words"], "Shall we?");
    story.ok("bea", "connection answer Alpenwerk connection");
    story.no("bea", "connection answer Alpenwerk connection", (2, ""));
    // Cobalt does not hear BrightPath: to them it looks unanswered.
    story.ok("cy", "connection exclude BrightPath on");
    story.ok("bea", "connection ask Cobalt 'Hello there'");
    let list = story.all("cy", "connection list");
    assert_eq!(list.len(), 1, "{list:#?}");
    assert_eq!(list[0]["is"], "excluded");
    story.ok("bea", "connection withdraw Cobalt");
    story.ok("cy", "connection exclude BrightPath off");
    story.ok("cy", "connection prefer deny-all");
    story.no("cy", "connection prefer deny_all", (4, "already"));
    story.no("ben", "connection prefer allow-all", (4, "role.too_low"));
    story.no("cy", "connection prefer nobody", (2, ""));
    story.ok("cy", "connection prefer allow-all");
    story.ok("cy", "connection ask Alpenwerk 'May we?'");
    story.ok("ana", "connection answer Cobalt connection");
    assert_eq!(
        of(&story.all("ana", "connection list"), "name", "BrightPath")["is"],
        "connected"
    );
    assert_eq!(
        story.ok("bea", "profile show Alpenwerk")["notes"],
        "Closed in July."
    );
}

fn agreements(story: &mut Story) {
    let said = story.ok(
        "ana",
        "agreement propose BrightPath nda --reference 'Drive, NDA 7' --from 2026-01-01 --to 2030-12-31",
    );
    let seq = number(&said["from"]);
    let listed = story.all("bea", "agreement list");
    assert_eq!(of(&listed, "kind", "nda")["is"], "proposed");
    story.no(
        "ana",
        &format!("agreement confirm BrightPath {seq}"),
        (4, "role.other"),
    );
    story.ok("bea", &format!("agreement confirm Alpenwerk {seq}"));
    story.no("bea", "agreement confirm Alpenwerk 9999", (2, ""));
    let listed = story.all("ana", "agreement list BrightPath");
    assert_eq!(of(&listed, "kind", "nda")["is"], "in_force");
    story.ok(
        "bea",
        "agreement propose Alpenwerk referral --reference 'Mail of May' --from 2026-01-01",
    );
    story.ok("bea", "agreement end Alpenwerk referral");
    story.no("bea", "agreement end Alpenwerk referral", (2, ""));
    story.no("bea", "agreement list Dunmore", (2, ""));
}

const CUSTOMER: &str = "--industry retail --country DE --size 50-249 --want lead --band 10k-50k --currency EUR \
    --need 'New tills in forty shops' --customer 'Bolt Retail'";
const WHOM: &str = "--contact 'Uli, uli@bolt.example' --basis 'By telephone'";

fn offered(made: &Value) -> String {
    text(&made["referral"])
}

fn answered_no(story: &mut Story) {
    story.no(
        "ana",
        &format!("referral new {CUSTOMER} --to BrightPath"),
        (2, ""),
    );
    let made = story.ok(
        "ana",
        &format!("referral new {CUSTOMER} {WHOM} --exclude 'Cobalt Services' --fee-flat 'EUR 2,000' --months 6 \
            --consent-date 2026-05-04"),
    );
    let case = text(&made["case"]);
    story.no(
        "ana",
        &format!("referral offer {case} Cobalt"),
        (4, "state"),
    );
    let offer = offered(&story.ok("ana", &format!("referral offer {case} BrightPath")));
    let shown = story.ok("bea", &format!("referral show {offer}"));
    assert_eq!(shown["shown"]["fee"]["flat"]["minor"], 200_000, "{shown}");
    assert_eq!(shown["shown"]["consent"]["obtained_at"], "2026-05-04");
    assert!(!shown.to_string().contains("Bolt"), "{shown}");
    story.ok("bea", &format!("referral view {offer}"));
    story.no(
        "bea",
        &format!("referral decline {offer} bored 'No'"),
        (2, ""),
    );
    story.ok(
        "bea",
        &format!("referral decline {offer} capacity 'Not before autumn'"),
    );
    story.no("bea", &format!("referral accept {offer}"), (4, "state"));
    story.no("ana", &format!("referral withdraw {offer}"), (4, "state"));
    let again = format!("referral offer {case} BrightPath");
    story.no("ana", &again, (4, "state"));
}

fn given_back(story: &mut Story) {
    let made = story.ok(
        "ana",
        &format!("referral new {CUSTOMER} {WHOM} --fee-bps 500 --to BrightPath"),
    );
    let offer = offered(&made);
    story.ok("bea", &format!("referral accept {offer} --person me"));
    let shown = story.ok("bea", &format!("referral show {offer}"));
    assert_eq!(shown["dossier"]["customer"], "Bolt Retail");
    story.ok(
        "bea",
        &format!("referral return {offer} territory 'They are in Austria'"),
    );
    let all = story.all("ana", "referral list");
    assert_eq!(
        of(&all, "referral", offer.as_str())["stage"]["returned"]["reason"],
        "territory"
    );
}

/// A customer who agreed to less is drafted so, and offered only as far as that goes.
fn with_less_consent(story: &mut Story) {
    story.no(
        "ana",
        &format!("referral new {CUSTOMER} {WHOM} --no-share --to BrightPath"),
        (2, ""),
    );
    story.no(
        "ana",
        &format!("referral new {CUSTOMER} --no-contact"),
        (2, ""),
    );
    let made = story.told(
        "ana",
        "referral new --industry retail --country DE --size 50-249 --want lead --band 10k-50k --currency EUR \
            --need - --customer Bolt --contact Uli --basis 'By mail' --no-share",
        "New tills",
    );
    let case = text(&made["case"]);
    let told = story.no("ana", &format!("referral offer {case} BrightPath"), (2, ""));
    assert!(told.contains("agreed"), "{told}");
    let again = story.ok(
        "ana",
        &format!("referral redraft {case} {CUSTOMER} {WHOM} --no-contact"),
    );
    assert_eq!(again["case"], case.as_str());
    let offer = offered(&story.ok("ana", &format!("referral offer {case} BrightPath")));
    let shown = story.ok("bea", &format!("referral show {offer}"));
    let consent = &shown["shown"]["consent"];
    assert_eq!(
        (&consent["share_pii"], &consent["may_contact"]),
        (&true.into(), &false.into())
    );
    story.ok("ana", &format!("referral withdraw {offer}"));
}

/// A case that is with nobody: who of one's own sees it, and how its texts go.
fn ours_alone(story: &mut Story) {
    let made = story.ok("ana", &format!("referral new {CUSTOMER}"));
    let case = text(&made["case"]);
    story.no("ben", &format!("page {case}"), (4, "room.absent"));
    story.ok("ana", &format!("side add {case} 'Ben Ott' --role viewer"));
    story.no(
        "ana",
        &format!("side add {case} 'Ben Ott' --role viewer"),
        (4, "already"),
    );
    story.all("ben", &format!("page {case}"));
    let people = story.all("ana", &format!("side people {case}"));
    assert_eq!(of(&people, "name", "Ben Ott")["role"], "viewer");
    story.no("ana", "side people #general", (2, ""));
    story.no(
        "ana",
        &format!("side add {case} 'Bea Marsh'"),
        (4, "thing.absent"),
    );
    story.ok("ana", &format!("side remove {case} 'Ben Ott'"));
    story.no(
        "ana",
        &format!("side remove {case} 'Ben Ott'"),
        (4, "thing.absent"),
    );
    story.no("bea", &format!("referral erase {case}"), (4, "room.absent"));
    story.no("ana", "referral erase #general", (2, ""));
    story.no(
        "ana",
        &format!("referral redraft #general {CUSTOMER}"),
        (2, ""),
    );
    story.ok("ana", &format!("referral erase {case}"));
    story.no("ana", &format!("referral erase {case}"), (2, ""));
}

/// An offer to a stranger that nobody answers: its sender has the case alone, and takes the offer back in it, named by either.
fn unanswered(story: &mut Story) {
    let made = story.ok(
        "cy",
        &format!("referral new {CUSTOMER} {WHOM} --to BrightPath --words 'You do tills'"),
    );
    let (case, mut offer) = (text(&made["case"]), offered(&made));
    for named_by_case in [true, false] {
        let asks = story.all("bea", "connection list");
        let asked = of(&asks, "name", "Cobalt Services");
        assert_eq!(asked["is"], "asks");
        let sooner = text(&asked["answer_referral_until"]) < text(&asked["until"]);
        assert!(
            sooner,
            "its referral can be answered for less long: {asked}"
        );
        story.no("cy", &format!("page {offer}"), (4, "room.absent"));
        story.no(
            "bea",
            &format!("referral withdraw {case}"),
            (4, "room.absent"),
        );
        let named = if named_by_case { &case } else { &offer };
        story.ok("cy", &format!("referral withdraw {named}"));
        story.no("cy", &format!("referral withdraw {case}"), (2, ""));
        let asks = story.all("bea", "connection list");
        let asking = asks.iter().any(|one| one["is"] == "asks");
        assert!(!asking, "it goes with the offer: {asks:#?}");
        let shown = story.ok("bea", &format!("referral show {offer}"));
        assert_eq!(shown["stage"], "withdrawn", "{shown}");
        if named_by_case {
            let again = format!("referral offer {case} BrightPath --words 'Now, perhaps?'");
            offer = offered(&story.ok("cy", &again));
        }
    }
    let cases = story.all("cy", "referral list");
    let listed = of(&cases, "case", case.as_str());
    assert_eq!(
        (&listed["offers"], &listed["last"]),
        (&2.into(), &"withdrawn".into())
    );
}

/// From a stranger's request to a deal, in one go.
fn followed(story: &mut Story) {
    story.no(
        "cy",
        &format!("referral new {CUSTOMER} {WHOM} --to BrightPath"),
        (2, ""),
    );
    let made = story.ok(
        "cy",
        &format!(
            "referral new {CUSTOMER} {WHOM} --notes 'Ask for the basement' --to BrightPath \
            --words 'You do tills, we do not'"
        ),
    );
    let offer = offered(&made);
    story.no("bea", &format!("referral accept {offer}"), (2, ""));
    let needs = story.all("bea", "inbox");
    assert!(
        needs.iter().any(|need| need["what"] == "knock"),
        "{needs:#?}"
    );
    story.ok("bea", "connection answer Cobalt both");
    let shown = story.ok("bea", &format!("referral show {offer}"));
    assert_eq!(shown["dossier"]["notes"], "Ask for the basement");
    let people = story.all("bea", &format!("side people {offer}"));
    assert_eq!(of(&people, "name", "Bea Marsh")["role"], "rep");
    story.no(
        "cy",
        &format!("referral contacted {offer}"),
        (4, "role.other"),
    );
    story.ok("bea", &format!("referral contacted {offer}"));
    story.ok("bea", &format!("referral qualified {offer}"));
    let converted = story.ok(
        "bea",
        &format!("referral convert {offer} --title 'Forty tills' --customer 'Bolt Retail'"),
    );
    let deal = text(&converted["deal"]);
    assert_eq!(
        of(&story.all("cy", "deal list"), "deal", deal.as_str())["title"],
        "Forty tills"
    );
    for room in [offer.as_str(), deal.as_str()] {
        story.all("bea", &format!("page {room} --all"));
        assert_eq!(story.ok("bea", &format!("verify {room}"))["holds"], true);
    }
}

fn ended(story: &mut Story) {
    story.ok("cy", "connection end Alpenwerk");
    story.no("cy", "connection end Alpenwerk", (4, "state"));
}
