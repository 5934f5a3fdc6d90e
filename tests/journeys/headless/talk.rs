//! Channels, directs, and everything that is done to a message.

use super::{Story, number, of, text};
use serde_json::json;

pub(super) fn goes_on(story: &mut Story) {
    channels(story);
    messages(story);
    moderation(story);
    reading(story);
    directs(story);
}

fn channels(story: &mut Story) {
    story.ok(
        "tom",
        "channel open general --purpose 'What concerns everybody'",
    );
    story.ok(
        "tom",
        "channel open news --purpose 'From Northwind' --announcement",
    );
    story.ok(
        "sofia",
        "channel open builders --purpose 'For those who build' --type isv",
    );
    let den = story.ok("ana", "channel open den --purpose 'A few of us' --private");
    story.no(
        "ana",
        "channel open general --purpose 'Ours now'",
        (4, "role.other"),
    );
    story.no("tom", "channel open general --purpose Again", (4, "taken"));
    let found = story.all("bea", "channels general");
    assert_eq!(found[0]["handle"], "general");
    assert!(
        story.all("bea", "channels builders").is_empty(),
        "no isv, no trace"
    );
    story.no("nobody", "channels", (2, ""));
    for who in ["tom", "ana", "ben", "bea", "cy"] {
        story.ok(who, "channel join #general");
    }
    story.no("bea", "channel join #builders", (2, ""));
    story.ok("bea", "channel leave general");
    story.ok("bea", "channel join general");
    let room = text(&den["room"]);
    story.no("ana", &format!("channel invite {room} 'Dee Ruiz'"), (2, ""));
    story.ok(
        "ana",
        &format!("channel invite {room} 'Ben Ott' --role lead --history"),
    );
    story.ok("ben", &format!("say {room} Hello"));
    story.no("bea", &format!("say {room} Hello"), (4, "room.absent"));
    story.no("cy", "say #news 'Buy ours'", (4, "role.other"));
    purposes(story);
    who_reads(story, &room);
    seats(story, &room);
    let rooms = story.all("ana", "rooms");
    assert_eq!(of(&rooms, "title", "#general")["kept"], true);
    story.no("nobody", "rooms", (2, ""));
}

/// Everybody who can read a room, for whoever is one of them.
fn who_reads(story: &mut Story, den: &str) {
    let told = story.all("ben", &format!("room who {den}"));
    let names: Vec<&str> = told.iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["Ana Weber", "Ben Ott"], "{told:#?}");
    assert_eq!(of(&told, "name", "Ben Ott")["role"], "lead");
    let last = told.last().unwrap();
    assert_eq!(last["vendor"], "Nobody of the vendor's reads this.");
    assert!(text(&last["operator"]).contains("technically read all of it"));
    let lobby = story.all("bea", "room who general");
    of(&lobby, "rule", "every member of this server");
    assert_eq!(of(&lobby, "name", "Tom Becker")["vendor"], true);
    story.no("bea", &format!("room who {den}"), (4, "room.absent"));
    story.no("bea", "room who #nowhere", (2, ""));
}

fn purposes(story: &mut Story) {
    story.no("bea", "channel purpose general 'Mine'", (4, "role.too_low"));
    story.told("tom", "channel purpose general -", "What concerns us all");
    let found = story.all("bea", "channels general");
    assert_eq!(found[0]["purpose"], "What concerns us all");
    story.no("tom", "channel purpose #nowhere Nothing", (2, ""));
}

/// Seats of a private channel are given, taken and given back, and at last it is closed.
fn seats(story: &mut Story, den: &str) {
    story.ok("ana", &format!("channel remove {den} 'Ben Ott'"));
    story.no("ben", &format!("say {den} Hello"), (4, "room.absent"));
    story.no(
        "ana",
        &format!("channel remove {den} 'Ben Ott'"),
        (4, "thing.absent"),
    );
    story.no("ana", &format!("channel leave-seat {den}"), (4, "state"));
    story.ok(
        "ana",
        &format!("channel invite {den} 'Ben Ott' --role lead"),
    );
    story.ok("ana", &format!("channel leave-seat {den}"));
    story.no("ana", &format!("page {den}"), (4, "room.absent"));
    story.no("ana", "channel leave-seat general", (4, "state"));
    story.no("cy", "channel archive news", (4, "role.too_low"));
    story.ok("ben", &format!("channel archive {den}"));
    story.no("ben", &format!("say {den} Hello"), (4, "state"));
}

fn messages(story: &mut Story) {
    let said = story.ok("ana", "say #general 'Who does SAP on Friday?'");
    let question = number(&said["from"]);
    let answer = story.told(
        "bea",
        &format!("say #general - --thread {question}"),
        "We do.\nAll day.",
    );
    assert_eq!(answer["room"], said["room"]);
    story.ok("ben", "say #general 'Look here' --mention @bea.marsh");
    let mine = number(&story.ok("ana", "say #general 'It is Fryday.'")["from"]);
    story.told("ana", &format!("edit #general {mine} -"), "It is Friday.");
    story.no(
        "ben",
        &format!("edit #general {mine} Mine"),
        (4, "role.other"),
    );
    story.no("ana", "edit #general 9999 Nothing", (2, ""));
    story.ok("bea", &format!("react #general {question} :+1:"));
    story.ok("bea", &format!("react #general {question} 👍 --off"));
    story.no("bea", &format!("react #general {question} thumb"), (2, ""));
    story.ok("ana", &format!("delete #general {mine}"));
    story.no(
        "ana",
        &format!("delete #general {mine}"),
        (4, "entry.absent"),
    );
    story.no("ana", "say #general ''", (2, ""));
    story.no("ana", "say #nowhere Hello", (2, ""));
    let needs = story.needs("bea", &text(&said["room"]));
    let (need, what) = needs.into_iter().next().expect("she was mentioned");
    assert_eq!(what, "mention");
    story.ok("bea", &format!("inbox --done {need}"));
    story.no("bea", "inbox --done 9999", (4, "thing.absent"));
}

fn moderation(story: &mut Story) {
    let spam = number(&story.ok("cy", "say #general 'Cheap watches'")["from"]);
    story.no(
        "bea",
        &format!("redact #general {spam} spam Watches"),
        (4, "role.too_low"),
    );
    story.ok(
        "tom",
        &format!("redact #general {spam} spam 'No selling here'"),
    );
    story.no(
        "tom",
        &format!("redact #general {spam} boring Watches"),
        (2, ""),
    );
    story.ok("tom", "mute #general 'Cy Young' --minutes 5");
    story.no("cy", "say #general 'More watches'", (4, "muted"));
    story.no("bea", "mute #general 'Cy Young'", (4, "role.too_low"));
    story.ok("tom", "unmute #general 'Cy Young'");
    story.no("tom", "unmute #general 'Cy Young'", (2, ""));
    story.ok("cy", "say #general Sorry");
    let rules = number(&story.ok("tom", "say #general 'Be kind'")["from"]);
    story.ok("tom", &format!("pin #general {rules}"));
    story.no("tom", &format!("pin #general {rules}"), (4, "already"));
    story.ok("tom", &format!("pin #general {rules} --off"));
}

fn reading(story: &mut Story) {
    let all = story.all("bea", "page #general --all");
    let head = number(&all.last().unwrap()["seq"]);
    assert_eq!(all.len() as u64, head, "from the first entry on");
    assert!(all.iter().all(|entry| entry["seq"].is_u64()));
    let before = story.all("bea", &format!("page #general --before {head} --limit 3"));
    assert_eq!(before.len(), 3);
    let question = of(&all, "kind", "talk.said");
    let thread = story.all(
        "bea",
        &format!("page #general --thread {}", question["seq"]),
    );
    assert_eq!(thread.len(), 2, "{thread:#?}");
    assert_eq!(thread[1]["message"]["body"], json!("We do.\nAll day."));
    story.all("bea", &format!("page #general --after {}", head - 1));
    story.no("bea", "page #general --before 5 --after 2", (2, ""));
    story.all("bea", "seen #general");
    assert_eq!(
        of(&story.all("bea", "rooms"), "title", "#general")["unread"],
        0
    );
    story.no("bea", "seen #nowhere", (2, ""));

    // What comes while somebody looks on is printed as it comes.
    let words = [
        "tail",
        "#general",
        "--from",
        &head.to_string(),
        "--count",
        "2",
    ];
    let tail = story.server.begin("bea", &words.map(str::to_owned));
    story.ok("ana", "say #general One");
    story.ok("ben", "say #general Two");
    let output = tail.wait_with_output().unwrap();
    story.ran.count("tail", output.status.code());
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(out.lines().count(), 2, "{out}");
    assert!(out.contains("One") && out.contains("Two"), "{out}");
    assert_eq!(
        story.all("bea", "tail #general --limit 1 --count 1")[0]["message"]["body"],
        "Two"
    );
    story.no("bea", "tail #nowhere", (2, ""));

    // Whoever reads only the beginning, or nothing, is no failure of what is read.
    let said = ["say", "#general", "-"].map(str::to_owned);
    let unheard = story.server.unheard("bea", &said, "For the record");
    assert_eq!((unheard.code, unheard.err.as_str()), (Some(0), ""));
    let room = text(&story.all("bea", "channels general")[0]["room"]);
    let log = story.run("bea", &format!("export room {room} --jsonl"), "");
    assert_eq!(log.code, Some(0), "{}", log.err);
    assert_eq!(log.json().len() as u64, head + 3);
    let file = story.server.file("general.jsonl", &log.out);
    assert_eq!(story.ok("bea", &format!("verify {file}"))["holds"], true);
    let bent = story
        .server
        .file("bent.jsonl", &log.out.replacen("Who does", "Who did", 1));
    story.no("bea", &format!("verify {bent}"), (5, ""));
    // The last line too, in any byte of it: nothing comes after it that would show a change.
    let last = log.out.trim_end().rfind('\n').unwrap() + 1;
    for at in (last..log.out.trim_end().len()).step_by(61) {
        let mut bytes = log.out.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else {
            continue;
        };
        let file = story.server.file("changed.jsonl", &changed);
        let refused = story.run("bea", &format!("verify {file}"), "");
        let named = format!("entry {}: ", head + 3);
        assert_eq!(refused.code, Some(5), "byte {at}");
        assert!(refused.err.contains(&named), "byte {at}: {}", refused.err);
    }
    story.no("bea", "export room #nowhere --jsonl", (2, ""));
    assert_eq!(story.ok("bea", "verify #general")["holds"], true);
}

fn directs(story: &mut Story) {
    let people = story.all("ana", "people ben");
    assert_eq!(people[0]["name"], "Ben Ott");
    story.no("nobody", "people", (2, ""));
    let opened = story.all("ana", "dm 'Ben Ott' @bea.marsh --message 'A word?'");
    let room = text(&opened[0]["room"]);
    let again = story.told("ben", "dm 'Ana Weber' 'Bea Marsh' -m -", "Two even.");
    assert_eq!(
        again["room"],
        room.as_str(),
        "one Direct of the same people"
    );
    let read = story.all("bea", &format!("page {room} --all"));
    assert_eq!(
        read.iter()
            .filter(|entry| entry["kind"] == "talk.said")
            .count(),
        2
    );
    story.no("ana", "dm 'Nobody Here'", (2, ""));
    story.no("cy", &format!("page {room}"), (4, "room.absent"));
}
