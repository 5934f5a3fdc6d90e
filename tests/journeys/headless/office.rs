//! What an organisation says and runs of itself, and what the vendor runs of the others.

use super::{Story, of, text};
use crate::journeys::notices::sink::Taken;
use serde_json::json;

pub(super) fn is_run(story: &mut Story) {
    profile(story);
    contacts(story);
    found(story);
    members(story);
    notices(story);
}

/// What somebody is told of by mail, which stands in their own Inbox.
fn notices(story: &mut Story) {
    let before = story.ok("ana", "notices show");
    assert_eq!(
        (&before["mail"], &before["paces"]["invitations"]),
        (&json!(null), &"at_once".into())
    );
    story.ok(
        "ana",
        "notices set --mail ana@alpenwerk.example --tasks off --quiet 22:00-07:00 --daily-at 07:30 --zone Europe/Vienna",
    );
    story.ok("ana", "notices set --messages daily --no-quiet");
    let now = story.ok("ana", "notices show");
    assert_eq!(
        now,
        json!({
            "mail": "ana@alpenwerk.example",
            "paces": {
                "invitations": "at_once", "clocks": "at_once", "messages": "daily",
                "tasks": "off", "requests": "daily", "news": "off",
                "security": "at_once",
            },
            "quiet": null,
            "daily_at": "07:30",
            "zone": "Europe/Vienna",
        })
    );
    mailed(story);
    story.no("ana", "notices set --mail Ana@Alpenwerk", (2, ""));
    story.no("ana", "notices set --tasks sometimes", (2, ""));
    story.no("ana", "notices set --zone Europe/Wien", (4, "value"));
    story.ok("ana", "notices set --no-mail");
    assert_eq!(story.ok("ana", "notices show")["mail"], json!(null));
}

/// What arrives: what the operator sends, and a notice with the command that opens what it is about.
fn mailed(story: &mut Story) {
    let (sink, cobalt) = (story.server.sink.clone(), story.org("Cobalt"));
    story.server.ok("notices test ana@alpenwerk.example");
    let invite = format!("invite create --org {cobalt} --role rep --mail new@cobalt.example");
    let invited = story.server.json(&invite);
    assert_eq!(invited["mailed"], true);
    let (link, mails) = (text(&invited["link"]), sink.taken());
    let sent = mails.iter().find(|mail| mail.to == "new@cobalt.example");
    assert!(sent.unwrap().raw.contains("you are invited"));
    // A long line is folded on its way.
    assert!(sent.unwrap().text().contains(&link), "{sent:?}");
    story.server.no("notices test Ana", 2);
    story.ok("eva", "dm 'Ana Weber' 'Ben Ott'");
    let of_ana = |mail: &&Taken| mail.to == "ana@alpenwerk.example" && !mail.commands().is_empty();
    let mails = sink.wait(|mails| mails.iter().any(|mail| of_ana(&mail)));
    let mail = mails.iter().find(of_ana).unwrap();
    let command = mail.commands().remove(0);
    let opens = command.strip_prefix("rialto ").unwrap();
    story.all("ana", &format!("{opens} --count 1"));
    let status = story.server.json("notices status");
    assert_eq!(
        (&status["mail"], &status["crowded"]),
        (&json!(true), &json!(0))
    );
}

fn profile(story: &mut Story) {
    for (what, value) in [
        ("description", "'We build plants.'"),
        ("website", "https://alpenwerk.example"),
        ("places", "DE,dach"),
        ("industries", "automotive,retail"),
        ("specialities", "'sap, rust'"),
        ("capacity", "limited"),
        (
            "looking-for",
            "'Somebody who trains' --type training --type msp",
        ),
        ("contact", "ana@alpenwerk.example"),
    ] {
        story.ok("ana", &format!("profile set {what} {value}"));
    }
    story.told("ana", "profile set notes -", "Closed in August.");
    // Again, on what was said before.
    story.ok("eva", "profile set notes 'Closed in July.'");
    story.ok("ana", "profile set visibility connections");
    story.no("bea", "profile show Alpenwerk", (4, "room.absent"));
    story.ok("ana", "profile set visibility public");
    story.no("ana", "profile set visibility nobody", (2, ""));
    story.no("ben", "profile set capacity open", (4, "role.too_low"));
    story.no("ana", "profile set capacity open --type msp", (2, ""));
    story.no("ana", "profile set description 'Two' 'values'", (2, ""));
    story.ok("ana", "profile clear website");
    story.no("ana", "profile clear website", (4, "already"));
    let own = story.ok("ana", "profile show");
    assert_eq!(
        (&own["notes"], &own["website"]),
        (&"Closed in July.".into(), &json!(null))
    );
    let seen = story.ok("bea", "profile show Alpenwerk");
    assert_eq!(seen["description"], "We build plants.");
    assert_eq!(seen["looking_for_types"], json!(["msp", "training"]));
    assert_eq!(
        (&seen["notes"], &seen["contact"]),
        (&json!(null), &json!(null)),
        "a stranger"
    );
}

/// Who may be turned to stands on the public profile, by name.
fn contacts(story: &mut Story) {
    let names = |story: &mut Story, who: &str, org: &str| -> Vec<String> {
        let shown = story.ok(who, &format!("profile show {org}"));
        let all = shown["contacts"].as_array().unwrap().clone();
        all.iter().map(|one| text(&one["name"])).collect()
    };
    assert_eq!(
        names(story, "bea", "Northwind"),
        ["Tom Becker"],
        "the first admin"
    );
    assert_eq!(
        names(story, "bea", "Alpenwerk"),
        [""; 0],
        "a partner says whom, or nobody"
    );
    story.no(
        "sofia",
        "profile set contacts 'Sofia Lindqvist'",
        (4, "role.too_low"),
    );
    story.no("tom", "profile set contacts 'Bea Marsh'", (2, ""));
    story.ok("tom", "profile set contacts 'Tom Becker' @sofia.lindqvist");
    let mut two = names(story, "bea", "Northwind");
    two.sort();
    assert_eq!(
        two,
        ["Sofia Lindqvist", "Tom Becker"],
        "known by name to strangers"
    );
    story.ok("ana", "profile set contacts 'Ben Ott' 'Eva Lang'");
    story.ok("ana", "member suspend 'Ben Ott'");
    assert_eq!(
        names(story, "bea", "Alpenwerk"),
        ["Eva Lang"],
        "who is suspended is not offered"
    );
    story.no("ben", "rooms", (4, ""));
    story.ok("ana", "member suspend 'Ben Ott' off");
    assert_eq!(
        names(story, "bea", "Alpenwerk"),
        ["Eva Lang"],
        "nor offered again by itself"
    );
    story.no("eva", "profile clear contacts", (4, "role.too_low"));
    story.ok("ana", "profile clear contacts");
    assert_eq!(names(story, "bea", "Alpenwerk"), [""; 0]);
}

fn found(story: &mut Story) {
    story.ok(
        "tom",
        "org classify Alpenwerk --type isv --program Build=Gold",
    );
    story.ok("sofia", "org classify BrightPath --type msp --type si");
    story.no(
        "ana",
        "org classify Alpenwerk --type isv",
        (4, "role.other"),
    );
    story.no("tom", "org classify Alpenwerk", (2, ""));
    assert_eq!(story.all("cy", "find --type isv")[0]["name"], "Alpenwerk");
    assert_eq!(
        story
            .all("cy", "find plants --program build --region de")
            .len(),
        1
    );
    assert!(story.all("cy", "find plants --type msp").is_empty());
    story.no("cy", "find --type nonsense", (2, ""));
    let orgs = story.all("cy", "org list");
    assert_eq!(of(&orgs, "name", "Dunmore")["claimed"], false);
    story.ok("bea", "channel leave #general");
    assert_eq!(story.all("ana", "channels builders").len(), 1, "an isv now");
    story.ok("bea", "channel join #general");
}

fn members(story: &mut Story) {
    story.ok("ana", "member role 'Ben Ott' viewer");
    story.no("ben", "say Alpenwerk Hello", (4, "role.too_low"));
    story.ok("ana", "member role 'Ben Ott' rep");
    story.no("ana", "member role 'Ben Ott' rep --alliance", (4, "value"));
    story.no("ana", "member role 'Bea Marsh' rep", (2, ""));
    let all = story.all("ben", "member list");
    assert_eq!(of(&all, "name", "Ana Weber")["role"], "admin");
    let devices = story.all("ben", "device list");
    let own = of(&devices, "this", true);
    assert_eq!(own["name"], "Ben Ott");
    story.no("ben", "device revoke 'Ana Weber'", (4, "role.too_low"));
}

/// A last admin stays; whom the vendor seats is announced, and stopped by whoever is there after all. The operator makes no
/// admin there, and is told how one is made.
fn successor(story: &mut Story) {
    for way in ["remove", "suspend"] {
        let told = story.no("ana", &format!("member {way} 'Ana Weber'"), (4, "state"));
        assert!(told.contains("make somebody else an admin first"), "{told}");
    }
    story.no("ana", "member role 'Ana Weber' lead", (4, "state"));
    story.no("ana", "org object", (2, ""));
    let told = story.no("ana", "org renew-key", (4, "state"));
    assert!(told.contains("whom the vendor seated"), "{told}");
    // Whoever may is seated after 72 hours, which pass in `sockets/leaving`.
    story.ran.looked("org renew-key");
    story.no("sofia", "org seat-admin Alpenwerk", (4, "role.too_low"));
    story.no("ana", "org seat-admin BrightPath", (4, "role.other"));
    story.no("tom", "org seat-admin Nowhere", (2, ""));
    let people = story.all("ana", "member list");
    let ben = text(&of(&people, "name", "Ben Ott")["member"]);
    let alpenwerk = story.org("Alpenwerk");
    for line in [
        format!("member role {ben} admin"),
        format!("invite create --org {alpenwerk} --role admin"),
    ] {
        let told = story.server.no(&line, 4);
        assert!(told.contains("rialto org seat-admin ORG"), "{told}");
    }
    let named = story.ok("tom", "org seat-admin Alpenwerk --person 'Ben Ott'");
    assert_eq!(named["org"], json!(alpenwerk));
    let shown = story.ok("ben", "org successor");
    assert_eq!(
        (&shown["name"], &shown["member"]),
        (&"Ben Ott".into(), &json!(ben))
    );
    // The vendor's last word holds.
    let link = text(&story.ok("tom", "org seat-admin Alpenwerk")["link"]);
    let inbox = story.all("ben", "inbox");
    of(&inbox, "what", "successor_announced");
    let shown = story.ok("ben", "org successor");
    assert_eq!(
        (&shown["name"], &shown["member"]),
        (&json!(null), &json!(null))
    );
    let early = format!("join {link} --name 'Nia New'");
    let told = story.no("nia", &early, (4, "state"));
    assert!(told.contains("not yet"), "{told}");
    story.ok("ben", "org object");
    story.no("ana", "org object", (2, ""));
    of(&story.all("tom", "inbox"), "what", "successor_refused");
    story.no("nia", &early, (4, "invitation.revoked"));
    assert_eq!(story.ok("ben", "org successor"), json!(null));
}

/// Who comes without certificates reads and writes, and signs nothing.
fn uncertified(story: &mut Story) {
    story.no("ben", "invite --uncertified", (4, "role.too_low"));
    let made = story.ok("ana", "invite --uncertified --role lead");
    assert_eq!(made["certified"], false);
    let line = format!("join {} --name 'Uwe Neu'", text(&made["link"]));
    story.ok("uwe", &line);
    story.ok("uwe", "say Alpenwerk Hello");
    let told = story.no("uwe", "connection ask Dunmore 'Hello'", (4, ""));
    assert!(told.contains("certif"), "{told}");
    story.ok("ana", "member remove 'Uwe Neu'");
}

/// What Eva had in hand is Ben's, after it was shown.
fn hands(story: &mut Story) {
    let shown = story.all("ana", "org handover 'Eva Lang' 'Ben Ott' --preview");
    assert!(shown.iter().all(|one| one["room"].is_string()), "{shown:?}");
    let line = "org handover 'Eva Lang' 'Ben Ott'";
    story.no("ana", line, (2, ""));
    story.no("ben", &format!("{line} --yes"), (4, "role.too_low"));
    story.no("ana", "org handover 'Eva Lang' Nobody --yes", (2, ""));
    let done = story.all("ana", &format!("{line} --yes"));
    assert_eq!(done.len(), shown.len() + 1, "{done:?}");
}

/// A second device, one that replaces what was lost, and invitations that nobody wants any more.
fn devices(story: &mut Story) {
    let link = text(&story.ok("ben", "device link")["link"]);
    let open = story.all("ben", "invite list");
    assert_eq!(of(&open, "device_of", "Ben Ott")["role"], json!(null));
    let joined = story.ok("ben_2", &format!("join {link} --name 'The train laptop'"));
    let known = story.all("ben", "device list --member me");
    assert_eq!(
        (
            known.len(),
            &of(&known, "called", "The train laptop")["device"]
        ),
        (2, &joined["device"])
    );
    assert_eq!(of(&known, "called", "The train laptop")["certified"], true);
    story.no("ben", "device recover 'Ana Weber'", (4, ""));
    story.no("ana", "device recover me", (2, ""));
    let lost = text(&story.ok("ana", "device recover 'Ben Ott' --revoke")["link"]);
    for gone in ["ben", "ben_2"] {
        story.no(gone, "rooms", (4, ""));
    }
    story.ok("ben_3", &format!("join {lost} --name 'The new one'"));
    let inbox = story.all("ben_3", "inbox");
    of(&inbox, "what", "device_recovery");
    story.ok("ana", "invite --role viewer");
    let open = story.all("ana", "invite list");
    let code = text(&of(&open, "by", "Ana Weber")["invitation"]);
    story.no(
        "ben_3",
        &format!("invite cancel {code}"),
        (4, "role.too_low"),
    );
    story.no("ana", "invite cancel zz", (2, ""));
    story.ok("ana", &format!("invite cancel {}", &code[..12]));
    assert!(story.all("ana", "invite list").is_empty());
}

/// People and organisations go.
pub(super) fn closes(story: &mut Story) {
    story.ok("eva", "device revoke 'Eva Lang'");
    let told = story.no("eva", "rooms", (4, ""));
    assert!(told.contains("revoked"), "{told}");
    story.ok("ana", "member remove 'Eva Lang'");
    story.no("ana", "member remove 'Eva Lang'", (2, ""));
    hands(story);
    successor(story);
    uncertified(story);
    devices(story);
    story.ok("sofia", "org suspend 'Cobalt Services'");
    story.no("cy", "rooms", (4, ""));
    story.no("sofia", "org suspend 'Cobalt Services'", (4, "already"));
    story.ok("tom", "org suspend 'Cobalt Services' off");
    story.all("cy", "rooms");
    story.no("ana", "org suspend BrightPath", (4, "role.other"));
}
