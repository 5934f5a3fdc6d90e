//! Everybody joins: people of three organisations and the vendor's, each by the way that is theirs.

use super::{Story, of, operator, text};

pub(super) fn gathers(story: &mut Story) {
    let who = story.ok("tom", "whoami");
    assert_eq!(who["name"], "Tom Becker", "known from joining on");
    assert_eq!(
        (&who["org_name"], &who["role"]),
        (&"Northwind".into(), &"admin".into())
    );
    assert!(
        story
            .all("tom", "doctor")
            .iter()
            .all(|found| found["good"] == true)
    );
    story.no("nobody", "whoami", (2, ""));
    story.no("nobody", "doctor", (1, ""));
    // The vendor's first admin makes themself an alliance manager, and has a colleague.
    story.ok("tom", "member role me admin --alliance");
    invited(
        story,
        "tom",
        "invite --role lead --alliance",
        ("sofia", "Sofia Lindqvist"),
    );

    story.no("tom", "org admit ''", (2, ""));
    claimed(story, "Alpenwerk", ("ana", "Ana Weber"));
    claimed(story, "BrightPath", ("bea", "Bea Marsh"));
    let cobalt = operator::admits(story);
    story.orgs.insert("Cobalt", cobalt.clone());
    // The operator made it, the vendor's admin invites its first person.
    let link = text(&story.ok("tom", "org invite 'Cobalt Services'")["link"]);
    let joined = story.ok("cy", &format!("join {link} --name 'Cy Young'"));
    assert_eq!(
        (&joined["claimed"], &joined["org"]),
        (&true.into(), &cobalt.as_str().into())
    );
    story.no("tom", "org invite 'Cobalt Services'", (4, "state"));
    story.no("ana", "org admit Elsewhere", (4, "role.other"));

    invited(story, "ana", "invite", ("ben", "Ben Ott"));
    invited(story, "cy", "invite --role rep", ("dee", "Dee Ruiz"));
    story.no("ben", "invite", (4, ""));
    story.no("ana", "invite --role emperor", (2, ""));
    operator::steps_in(story);

    // Somebody whom the operator invites has nobody's certificate: an admin of theirs gives it.
    let alpenwerk = story.org("Alpenwerk");
    let invited = story
        .server
        .json(&format!("invite create --org {alpenwerk} --role lead"));
    let link = text(&invited["link"]);
    story.ok("eva", &format!("join {link} --name 'Eva Lang'"));
    assert_eq!(
        of(&story.all_but("eva", "doctor", 1), "what", "device")["good"],
        false
    );
    let devices = story.all("ana", "device list");
    let device = of(&devices, "name", "Eva Lang");
    assert_eq!(device["certified"], false);
    story.ok("ana", "device certify 'Eva Lang'");
    assert!(
        story
            .all("eva", "doctor")
            .iter()
            .all(|found| found["good"] == true)
    );
    story.no("ben", "device certify 'Eva Lang'", (4, ""));
}

fn invited(story: &mut Story, by: &str, how: &str, (key, name): (&str, &str)) {
    let link = text(&story.ok(by, how)["link"]);
    let joined = story.ok(key, &format!("join {link} --name '{name}'"));
    assert_eq!(joined["claimed"], false);
    let who = story.ok(key, "whoami");
    assert_eq!(
        (&who["name"], &who["certified"]),
        (&name.into(), &true.into())
    );
}

fn claimed(story: &mut Story, org: &'static str, (key, name): (&str, &str)) {
    let admitted = story.ok("tom", &format!("org admit {org}"));
    story.orgs.insert(org, text(&admitted["org"]));
    let link = text(&admitted["link"]);
    let joined = story.ok(key, &format!("join {link} --name '{name}'"));
    assert_eq!(joined["claimed"], true);
}
