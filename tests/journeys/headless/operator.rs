//! The operator's side: before anybody is there, while the server runs, and after.

use super::{Coverage, Story, binaries::Server, client_leaves, of, text};
use std::collections::BTreeMap;

/// A server that runs, and the vendor's first admin, Tom.
pub(super) fn begin() -> Story {
    let mut server = Server::new();
    server.no("config check /nowhere/rialtod.toml", 1);
    server.ok("config check");
    assert!(server.ok("config show").contains("Northwind partners"));
    server.no("serve", 4);
    server.no("status", 3);
    let link = server.ok("init --vendor Northwind");
    server.no("init --vendor Northwind", 4);
    server.serve();
    let mut story = Story {
        server,
        leaves: client_leaves(),
        ran: Coverage::default(),
        orgs: BTreeMap::new(),
        faults: vec![],
    };
    let joined = story.ok("tom", &format!("join {link} --name 'Tom Becker'"));
    assert_eq!(joined["claimed"], true);
    story.orgs.insert("Northwind", text(&joined["org"]));
    story.no(
        "tom",
        &format!("join {link} --name 'Tom Twice'"),
        (4, "invitation.revoked"),
    );
    story
}

/// Organisations from a file, and one that the operator makes by hand: its id.
pub(super) fn admits(story: &mut Story) -> String {
    let file = story.server.file(
        "partners.csv",
        "organization,domain,partner_type,program,tier,description\n\
         Dunmore,dunmore.example,training,Training Partner,,Teaches platform teams.\n",
    );
    let told = story.server.json(&format!("import orgs {file}"));
    assert_eq!(told["created"], 1, "{told}");
    story.server.no("import orgs /nowhere.csv", 1);
    let bad = story
        .server
        .file("bad.csv", "organization,domain\n,x.example\n");
    story.server.no(&format!("import orgs {bad}"), 4);
    story.server.ok("org create 'Cobalt Services'")
}

/// The operator looks on, and steps in where the vendor's own people cannot.
pub(super) fn steps_in(story: &mut Story) {
    let (vendor, cobalt) = (story.org("Northwind"), story.org("Cobalt"));
    let server = &mut story.server;
    let status = server.json("status");
    let backup = server.file("backup", "");
    server.no(&format!("backup {backup}"), 4);
    std::fs::remove_file(&backup).unwrap();
    let made = server.json(&format!("backup {backup}"));
    let read = server.json(&format!("backup verify {backup}"));
    assert_eq!(
        (&read["state"], &read["digest"]),
        (&made["state"], &made["digest"])
    );
    server.no("backup verify /nowhere", 1);
    server.no(&format!("restore {backup}"), 4);
    assert_eq!(status["vendor"], vendor.as_str());
    server.no("org create 'Cobalt Services'", 4);
    server.no("org suspend org_nonsense", 2);
    let orgs = server.json("org list");
    of(orgs.as_array().unwrap(), "id", cobalt.as_str());
    server.ok(&format!("org suspend {cobalt}"));
    story.no("cy", "rooms", (4, ""));
    story.server.ok(&format!("org resume {cobalt}"));
    story.all("cy", "rooms");

    let server = &mut story.server;
    server.json(&format!("invite create --org {cobalt} --role rep"));
    let open = server.json(&format!("invite list --org {cobalt}"));
    let code = text(&open[0]["code"]);
    server.ok(&format!("invite cancel --org {cobalt} {code}"));
    server.no(&format!("invite cancel --org {cobalt} {code}"), 4);

    let members = server.json(&format!("member list --org {cobalt}"));
    let members = members.as_array().unwrap().clone();
    let (cy, dee) = (
        of(&members, "name", "Cy Young"),
        of(&members, "name", "Dee Ruiz"),
    );
    let (cy, dee) = (text(&cy["id"]), text(&dee["id"]));
    server.ok(&format!("member suspend {dee}"));
    server.no(&format!("member suspend {dee}"), 4);
    server.ok(&format!("member resume {dee}"));
    server.ok(&format!("member role {dee} viewer"));
    let devices = server.json(&format!("device list --member {dee}"));
    let device = text(&devices[0]["id"]);
    server.ok(&format!("device revoke {device}"));
    server.no(&format!("device revoke {device}"), 4);
    server.ok(&format!("member remove {dee}"));
    server.json(&format!("device list --org {cobalt}"));
    server.no(&format!("member remove {cy}"), 4);
    server.json("verify");
}

/// The server stops; what people hold, they hold.
pub(super) fn ends(story: &mut Story) {
    story.server.stop();
    let whole = story.server.json("verify");
    assert_eq!(whole["faults"], serde_json::json!([]), "{whole}");
    let who = story.ok("ana", "whoami");
    assert_eq!(
        (&who["name"], &who["org_name"]),
        (&"Ana Weber".into(), &"Alpenwerk".into())
    );
    story.no("ana", "say inbox hello", (3, ""));
    let all = story.all_but("ana", "doctor", 1);
    assert_eq!(of(&all, "what", "server")["good"], false);
    story.server.no("verify --nonsense", 2);
    let backup = story.server.file("last", "");
    std::fs::remove_file(&backup).unwrap();
    let made = story.server.json(&format!("backup {backup}"));
    assert_eq!(made["state"], whole["state"], "nothing wrote meanwhile");
    story.server.moves();
    let restored = story.server.json(&format!("restore {backup}"));
    assert_eq!(restored["state"], made["state"]);
    let again = story.server.json("verify");
    assert_eq!(
        (&again["faults"], &again["state"]),
        (&whole["faults"], &whole["state"])
    );
    prints(story);
}

/// What both programs say of themselves needs neither a server nor an account.
fn prints(story: &mut Story) {
    let pages = story.server.file("pages", "");
    std::fs::remove_file(&pages).unwrap();
    let server = &mut story.server;
    assert!(server.ok("completions bash").contains("_rialtod"));
    server.no("completions nonsense", 2);
    assert!(server.ok("man").contains(".TH rialtod"));
    server.ok(&format!("man {pages}"));
    server.no("man /dev/null/nowhere", 1);
    let said = story.ok("nobody", "completions zsh");
    assert!(text(&said["completions"]).contains("#compdef rialto"));
    story.no("nobody", "completions nonsense", (2, ""));
    let said = story.ok("nobody", "man");
    assert!(text(&said["man"]).contains(".TH rialto"));
    story.ok("nobody", &format!("man {pages}"));
    story.no("nobody", "man /dev/null/nowhere", (1, ""));
    for page in [
        "rialto",
        "rialto-deal-reference",
        "rialtod",
        "rialtod-backup-verify",
    ] {
        let page = std::path::Path::new(&pages).join(format!("{page}.1"));
        assert!(page.is_file(), "{}", page.display());
    }
}
