//! What the nouns read from the command line, and what they refuse with which words.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::{
    super::args::Args,
    org::levels,
    words::{list, one_of},
    work::meant,
};
use crate::replica::Unresolved;
use clap::Parser as _;
use rialto_shared::{
    id::OrgId,
    industry::Industry,
    room::{deal::Presence, profile::Place},
};

fn parse(words: &[&str]) -> Result<Args, String> {
    Args::try_parse_from([&["rialto"], words].concat()).map_err(|error| error.to_string())
}

const DRAFT: [&str; 17] = [
    "referral",
    "new",
    "--industry",
    "retail",
    "--country",
    "DE",
    "--size",
    "50-249",
    "--want",
    "lead",
    "--band",
    "10k-50k",
    "--currency",
    "EUR",
    "--need",
    "a new till",
    "--customer=Bolt",
];

#[test]
fn what_a_referral_offers_is_read_and_what_contradicts_itself_is_not() {
    assert!(parse(&DRAFT).is_ok());
    let with = |more: &[&str]| parse(&[&DRAFT[..], more].concat());
    assert!(
        with(&[
            "--to",
            "Acme",
            "--words",
            "hello",
            "--fee-flat",
            "EUR 2,000"
        ])
        .is_ok()
    );
    assert!(
        with(&["--words", "hello"]).is_err(),
        "words go with an offer"
    );
    assert!(with(&["--fee-bps", "100", "--fee-flat", "EUR 2"]).is_err());
    assert!(
        with(&["--consent-date", "2026-01-01"]).is_err(),
        "of what basis?"
    );
    assert!(with(&["--basis", "by mail", "--consent-date", "2026-01-01"]).is_ok());
}

#[test]
fn a_word_that_is_none_of_a_list_is_refused_with_the_list() {
    let told = parse(&["deal", "lose", "dl_1", "bored", "x"]).unwrap_err();
    assert!(told.contains("price") && told.contains("other"), "{told}");
    let told = parse(&["connection", "answer", "Acme", "perhaps"]).unwrap_err();
    assert!(told.contains("both, connection, neither"), "{told}");
    assert_eq!(one_of::<Presence>("on-call"), Ok(Presence::OnCall));
    assert!(parse(&["connection", "exclude", "Acme", "on"]).is_ok());
    assert!(parse(&["connection", "exclude", "Acme", "yes"]).is_err());
}

#[test]
fn deals_read_money_days_and_nested_verbs() {
    assert!(parse(&["deal", "value", "dl_1", "EUR 48,000"]).is_ok());
    assert!(
        parse(&["deal", "value", "dl_1", "48,000"]).is_err(),
        "of what?"
    );
    assert!(parse(&["deal", "close-date", "dl_1", "2026-13-01"]).is_err());
    assert!(parse(&["deal", "task", "add", "dl_1", "Call", "--due", "2027-01-31"]).is_ok());
    assert!(parse(&["deal", "presence", "dl_1", "propose", "in_room"]).is_ok());
    assert!(parse(&["deal", "presence", "dl_1", "sign", "--json"]).is_ok());
    assert!(parse(&["deal", "call", "dl_1", "help"]).is_ok(), "everyone");
    assert!(parse(&["deal", "call", "dl_1", "help", "Tom Becker", "@mia"]).is_ok());
    assert!(parse(&["profile", "set", "looking-for", "x", "--type", "msp"]).is_ok());
    assert!(
        parse(&[
            "channel",
            "open",
            "x",
            "--purpose",
            "y",
            "--private",
            "--announcement"
        ])
        .is_err()
    );
}

#[test]
fn a_name_means_an_organisation_exactly_or_by_its_only_beginning() {
    let id = |n| OrgId::from_bits([n; 16]);
    let known = || {
        vec![
            (id(1), "Acme".to_owned()),
            (id(2), "Acme Data".to_owned()),
            (id(3), "Bolt".to_owned()),
            (id(3), "Bolt".to_owned()),
        ]
    };
    assert_eq!(meant("acme", known()), Ok(id(1)), "exact wins");
    assert_eq!(meant("bo", known()), Ok(id(3)), "found twice is one");
    assert!(
        matches!(meant("ac", known()), Err(Unresolved::Several { candidates, .. }) if candidates.len() == 2)
    );
    assert!(matches!(meant("", known()), Err(Unresolved::Nothing(_))));
}

#[test]
fn lists_name_the_part_that_is_wrong() {
    assert_eq!(list("DE, dach", str::parse::<Place>).unwrap().len(), 2);
    let told = list("retail, nonsense", one_of::<Industry>)
        .unwrap_err()
        .words;
    assert!(
        told.contains("nonsense") && told.contains("healthcare"),
        "{told}"
    );
    let levels = levels(&["Cloud=Gold".to_owned(), "Start".to_owned()]).unwrap();
    let read: Vec<(&str, Option<&str>)> = levels
        .iter()
        .map(|(program, level)| (program.as_str(), level.as_ref().map(AsRef::as_ref)))
        .collect();
    assert_eq!(read, [("Cloud", Some("Gold")), ("Start", None)]);
}
