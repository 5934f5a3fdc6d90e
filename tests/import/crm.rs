//! A CRM's export that nobody prepared for Rialto comes in by mapping alone: its own columns and stages, days as in the
//! United States, thousands separators, quotes, a mark at the beginning and line ends of Windows, cells left empty.
//!
//! With the real client's binary, against a real server over real sockets. `RIALTO_ROWS` says how many rows (300 without
//! it); `RIALTO_ROWS=10000` is a large import.

use crate::{
    town::{Person, Town, join},
    world::chance,
};
use rialto::{
    client::Client,
    exchange::{
        mapping::Mapping,
        reconcile::Setting,
        run::{Came, run},
        table,
    },
};
use rialto_server::config::{Config, TlsMode};
use rialto_shared::{
    command::Command as Asked,
    entry::Seq,
    id::RoomId,
    protocol::InviteLink,
    room::{deal::Presence, inbox, side},
    standing::Role,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::{Command, Output},
};
use tempfile::TempDir;

/// What the invented CRM calls its stages, and what they are here.
const STAGES: [(&str, &str); 7] = [
    ("1 - Discovery", "prospect"),
    ("2 - Qualifying", "qualified"),
    ("3 - Proof.of=Concept", "technical_validation"),
    ("4 - Proposal/Price Quote", "business_validation"),
    ("5 - Verbal", "committed"),
    ("Closed Won", "won"),
    ("Closed, no sale", "lost"),
];

const MAPS: [&str; 10] = [
    "Opportunity ID=external_reference",
    "Opportunity Name=title",
    "Account Name=customer",
    "Description=problem",
    "Amount=value",
    "Amount Currency=currency",
    "Close Date=close",
    "Sales Stage=stage",
    "Loss Reason=lost_reason",
    "Created=created",
];

fn rows() -> u64 {
    let given = std::env::var("RIALTO_ROWS").ok();
    given.map_or(300, |given| given.parse().expect("RIALTO_ROWS is a number"))
}

/// `1,234,567`.
fn grouped(units: u64) -> String {
    let digits = units.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What is to be counted: deals and cents by stage and currency.
type Sums = BTreeMap<(String, String), (u64, u64)>;

/// The export, and what it says itself.
fn crm(rows: u64) -> (Vec<u8>, Sums) {
    let mut file = String::from(
        "\u{feff}Owner,Opportunity ID,Opportunity Name,Account Name,Description,Amount,Amount Currency,Close Date,\
         Sales Stage,Loss Reason,Created\r\n",
    );
    let mut sums = Sums::new();
    for n in 0..rows {
        let bytes = chance(41, "crm", n).0;
        let any = |place: usize, below: u64| u64::from(bytes[place]) % below;
        let (stage, here) = STAGES[usize::try_from(any(0, 7)).unwrap()];
        let cents = (any(1, 250) + 1) * (any(2, 200) + 1) * (any(3, 90) + 1) * 25;
        let currency = if any(4, 5) == 0 { "EUR" } else { "USD" };
        let empty = any(5, 6) == 0;
        let amount = match any(6, 3) {
            _ if empty => String::new(),
            0 => format!("{}.{:02}", cents / 100, cents % 100),
            1 => format!("\"{}.{:02}\"", grouped(cents / 100), cents % 100),
            _ if currency == "USD" => {
                format!("\"${}.{:02}\"", grouped(cents / 100), cents % 100)
            }
            _ => format!("\"{}.{:02} EUR\"", grouped(cents / 100), cents % 100),
        };
        let (month, day, year) = (any(7, 12) + 1, any(8, 28) + 1, 2023 + any(9, 5));
        let close = match any(10, 4) {
            0 => String::new(),
            1 => format!("{month}/{day}/{}", year % 100),
            _ => format!("{month:02}/{day:02}/{year}"),
        };
        let name = match any(11, 5) {
            0 => format!("\"Line {n}, \"\"north\"\" wing\""),
            1 => format!("=HYPERLINK Retrofit {n}"),
            2 => format!("-Renewal {n}"),
            _ => format!("Größere Anlage {n}"),
        };
        let problem = match any(12, 3) {
            0 => String::new(),
            1 => "\"First line\r\nsecond line; with, marks\"".to_owned(),
            _ => "Scrap above 4 %".to_owned(),
        };
        let loss = match (here, any(13, 3)) {
            ("lost", 0) => "Price",
            ("lost", 1) => "Champion left",
            _ => "",
        };
        file.push_str(&format!(
            "Kim,006-{n:06},{name},'s-Hertog {} BV,{problem},{amount},{currency},{close},\"{stage}\",{loss},1/2/2022\r\n",
            any(14, 40)
        ));
        let sum = sums
            .entry((
                here.to_owned(),
                if empty {
                    String::new()
                } else {
                    currency.to_owned()
                },
            ))
            .or_default();
        sum.0 += 1;
        sum.1 += if empty { 0 } else { cents };
    }
    (file.into_bytes(), sums)
}

/// The client's binary, which the build puts beside the tests' folder.
fn rialto(home: &Path) -> Command {
    let tests = std::env::current_exe().unwrap();
    let binary = tests.parent().unwrap().parent().unwrap().join("rialto");
    assert!(binary.is_file(), "build it first: cargo build -p rialto");
    let mut command = Command::new(binary);
    command.env_clear().arg("--home").arg(home);
    command
}

/// Runs it while the server in this process goes on serving.
async fn ran(home: &Path, words: &[&str]) -> Output {
    let mut command = rialto(home);
    command.args(words);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

async fn import(home: &Path, file: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let values: Vec<String> = STAGES
        .iter()
        .map(|(there, here)| format!("stage.{there}={here}"))
        .collect();
    let file = file.to_str().unwrap();
    let mut words = vec!["--json", "deal", "import", file, "--date-order", "mdy"];
    for map in MAPS {
        words.extend(["--map", map]);
    }
    for value in &values {
        words.extend(["--map-value", value]);
    }
    words.extend(more);
    report(ran(home, &words).await)
}

fn report(output: Output) -> (Option<i32>, Value) {
    let text = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let report: Value =
        serde_json::from_str(text.trim()).unwrap_or_else(|_| panic!("{text}{said}"));
    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(
        count("created") + count("updated") + count("unchanged") + count("refused"),
        count("rows"),
        "{report}"
    );
    (output.status.code(), report)
}

fn counts(report: &Value) -> [u64; 4] {
    ["created", "updated", "unchanged", "refused"].map(|name| report[name].as_u64().unwrap())
}

/// The export, by reference.
async fn exported(home: &Path) -> (String, BTreeMap<String, BTreeMap<String, String>>) {
    let output = ran(home, &["export", "deals", "--csv"]).await;
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let deals = reader.records().map(|record| {
        let record = record.unwrap();
        let cells = headings.iter().zip(&record);
        let row: BTreeMap<String, String> = cells
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect();
        (row["external_reference"].clone(), row)
    });
    let deals = deals.collect();
    (text, deals)
}

fn sums(deals: &BTreeMap<String, BTreeMap<String, String>>) -> Sums {
    let mut sums = Sums::new();
    for row in deals.values() {
        let stage = match row["stage"].as_str() {
            "Launched" => "won".to_owned(),
            "Closed Lost" => "lost".to_owned(),
            stage => stage.to_lowercase().replace(' ', "_"),
        };
        let cents = row["value"].replace('.', "");
        let sum = sums.entry((stage, row["currency"].clone())).or_default();
        sum.0 += 1;
        sum.1 += cents.parse().unwrap_or(0);
    }
    sums
}

/// A server that lets its clients send as much as they can.
async fn roomy() -> Town {
    let set = |config: &mut Config| {
        config.limits.frames_per_second = 10_000;
        config.limits.burst = 10_000;
    };
    Town::set_up(TlsMode::Plain, set).await
}

/// A server with one partner, whose account is in a folder.
async fn partner() -> (Town, TempDir) {
    let town = roomy().await;
    let _vendor = town.organisation("Northwind", true);
    let link = town.organisation("BrightPath", false);
    let home = tempfile::tempdir().unwrap();
    join(&home, &link, "Ana").await;
    (town, home)
}

#[tokio::test]
async fn a_crms_export_comes_in_by_mapping_alone_and_goes_out_and_in_again() {
    let rows = rows();
    let (file, expected) = crm(rows);
    let (mut town, home) = partner().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opportunities.csv");
    std::fs::write(&path, file).unwrap();
    let (_, dry) = import(home.path(), &path, &["--dry-run"]).await;
    assert_eq!(counts(&dry), [rows, 0, 0, 0], "{dry}");
    let (code, first) = import(home.path(), &path, &[]).await;
    assert_eq!(code, Some(0), "{first}");
    assert_eq!(counts(&first), [rows, 0, 0, 0], "{first}");
    let (text, deals) = exported(home.path()).await;
    assert_eq!(u64::try_from(deals.len()).unwrap(), rows);
    assert_eq!(
        sums(&deals),
        expected,
        "counts and sums by stage are the file's"
    );
    for line in text.lines() {
        assert!(
            !line.contains(",=") && !line.contains(",-"),
            "a formula: {line}"
        );
    }
    let (code, second) = import(home.path(), &path, &[]).await;
    assert_eq!(code, Some(0), "{second}");
    assert_eq!(counts(&second), [0, 0, rows, 0], "{second}");
    assert_eq!(exported(home.path()).await.0, text, "nothing was written");
    let path = folder.path().join("export.csv");
    std::fs::write(&path, &text).unwrap();
    let file = path.to_str().unwrap();
    let (code, back) = report(ran(home.path(), &["--json", "deal", "import", file]).await);
    assert_eq!(code, Some(0), "{back}");
    assert_eq!(counts(&back), [0, 0, rows, 0], "its own export: {back}");
    town.stop().await;

    let (mut other, there) = partner().await;
    let (code, again) = report(ran(there.path(), &["--json", "deal", "import", file]).await);
    assert_eq!(code, Some(0), "{again}");
    assert_eq!(counts(&again), [rows, 0, 0, 0], "{again}");
    let (_, twins) = exported(there.path()).await;
    assert_eq!(sums(&twins), expected);
    for (reference, deal) in &deals {
        let mut twin = twins[reference].clone();
        let mut deal = deal.clone();
        // What is of this server alone: its ids and its times.
        for own in ["deal", "opened", "ended"] {
            twin.remove(own);
            deal.remove(own);
        }
        assert_eq!(twin, deal);
    }
    other.stop().await;
}

#[tokio::test]
async fn refused_rows_are_named_written_back_and_come_in_once_mended() {
    let (mut town, home) = partner().await;
    let folder = tempfile::tempdir().unwrap();
    let (path, bad) = (folder.path().join("in.csv"), folder.path().join("bad.csv"));
    let table = "external_reference,title,customer,value,currency,close,stage,note\n\
                 A-1,One,Globex,10,EUR,2026-05-14,prospect,x\n\
                 A-2,Two,Globex,10,EUR,03/04/2026,prospect,=keep\n\
                 A-3,,Globex,,,,,x\n\
                 A-4,Four,Globex,ten,EUR,,,x\n";
    std::fs::write(&path, table).unwrap();
    let words = |file: &Path| -> Vec<String> {
        let [file, bad] = [file, &bad].map(|path| path.to_str().unwrap().to_owned());
        ["--json", "deal", "import", &file, "--refused", &bad]
            .map(str::to_owned)
            .into()
    };
    let asked = words(&path);
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let (code, first) = report(ran(home.path(), &asked).await);
    assert_eq!((code, counts(&first)), (Some(4), [1, 0, 0, 3]), "{first}");
    let refusals = first["refusals"].as_array().unwrap();
    let named: Vec<(u64, &str)> = refusals
        .iter()
        .map(|row| {
            (
                row["line"].as_u64().unwrap(),
                row["field"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(named, [(3, "close"), (4, "title"), (5, "value")]);
    let right = refusals[0]["right"].as_str().unwrap();
    assert!(right.contains("--date-order"), "{right}");
    let back = std::fs::read_to_string(&bad).unwrap();
    assert!(
        back.contains("refused_because") && back.contains("'=keep"),
        "{back}"
    );
    let mended = back
        .replace("03/04/2026", "2026-04-03")
        .replace("A-3,,", "A-3,Three,")
        .replace(",ten,", ",10,");
    std::fs::write(&path, mended).unwrap();
    let (code, second) = report(ran(home.path(), &asked).await);
    assert_eq!((code, counts(&second)), (Some(0), [3, 0, 0, 0]), "{second}");
    town.stop().await;
}

#[tokio::test]
async fn a_script_says_what_its_deal_is_and_needs_no_id() {
    let (mut town, home) = partner().await;
    let said = async |words: &[&str]| {
        let words = [
            &["--json", "deal", "upsert", "--external-ref", "006-77"],
            words,
        ]
        .concat();
        let output = ran(home.path(), &words).await;
        let text = String::from_utf8(output.stdout).unwrap();
        let json: Option<Value> = serde_json::from_str(text.trim()).ok();
        let result = json.map(|json| json["result"].as_str().unwrap().to_owned());
        (output.status.code(), result)
    };
    let done = |result: &str| (Some(0), Some(result.to_owned()));
    assert_eq!(said(&[]).await, (Some(4), None), "a new deal needs a title");
    let open = [
        "--title",
        "Line 4",
        "--customer",
        "Globex",
        "--close",
        "2024-02-29",
    ];
    assert_eq!(said(&open).await, done("created"));
    assert_eq!(said(&open).await, done("unchanged"));
    let grown = [
        "--value",
        "EUR 48k",
        "--stage",
        "committed",
        "--next",
        "Sign",
    ];
    assert_eq!(said(&grown).await, done("updated"));
    assert_eq!(said(&grown).await, done("unchanged"));
    assert_eq!(said(&["--won"]).await, done("updated"));
    assert_eq!(said(&["--won"]).await, done("unchanged"));
    assert_eq!(
        said(&["--title", "Line 5"]).await,
        (Some(4), None),
        "it has ended"
    );
    let (_, deals) = exported(home.path()).await;
    let deal = &deals["006-77"];
    let cells = [
        "title",
        "value",
        "currency",
        "close",
        "stage",
        "reached",
        "next_step",
    ];
    assert_eq!(
        cells.map(|name| deal[name].as_str()),
        [
            "Line 4",
            "48000.00",
            "EUR",
            "2024-02-29",
            "Launched",
            "Committed",
            "Sign"
        ]
    );
    town.stop().await;
}

fn setting(client: &Client) -> Setting {
    let about = &client.console().account().about;
    Setting {
        me: about.member,
        own: about.org,
        presence: Presence::NotPresent,
        people: BTreeSet::new(),
    }
}

/// Two devices of one organisation import the same file at the same time, one of them cut off on the way: every row has one
/// deal in the end, and a reference that is given up is free again.
#[tokio::test]
async fn two_imports_at_once_and_one_cut_off_double_nothing() {
    let town = roomy().await;
    let _vendor = town.organisation("Northwind", true);
    let link = town.organisation("BrightPath", false);
    let mut ana = Person::join(&link, "Ana").await;
    let colleague: InviteLink = ana.invite(Role::Admin, false).await;
    let mut rui = Person::join(&colleague, "Rui").await;
    let table = (0..40).fold(
        "external_reference,title,customer\n".to_owned(),
        |table, n| table + &format!("B-{n},Deal {n},Globex\n"),
    );
    let table = table::read(table.as_bytes(), &Mapping::default()).unwrap();
    let (first, second) = (setting(&ana.client), setting(&rui.client));
    {
        // Dropped in the middle, with commands on their way.
        let mut told = |_| {};
        let cut = run(&mut ana.client, &table.wanted, &first, 8, &mut told);
        let mut cut = std::pin::pin!(cut);
        let waited = tokio::time::timeout(std::time::Duration::from_millis(20), cut.as_mut());
        drop(waited.await);
    }
    let (mut quiet, mut still) = (|_| {}, |_| {});
    let (ours, theirs) = tokio::join!(
        run(&mut ana.client, &table.wanted, &first, 32, &mut quiet),
        run(&mut rui.client, &table.wanted, &second, 32, &mut still),
    );
    // Whoever came second finds the other's deal, in which they are not.
    let mut deals = BTreeSet::new();
    for came in ours.unwrap().into_iter().chain(theirs.unwrap()) {
        match came {
            Came::Created(deal) | Came::Unchanged(deal) => drop(deals.insert(deal)),
            Came::Refused(fault) => assert!(fault.wrong.contains("not in that deal"), "{fault:?}"),
            Came::Updated(deal) => panic!("{deal}"),
        }
    }
    town.settle([&mut ana, &mut rui]).await;
    assert_eq!(deals.len(), 40, "one deal for each row");
    let sides = ana.client.console().replica().rooms();
    let sides = sides.filter(|(_, held)| {
        let side = held.room.state.side();
        side.is_some_and(|side| side.reference.value.is_some())
    });
    assert_eq!(sides.count(), 40, "and one Side");
    moves_its_reference(&mut ana).await;
}

async fn moves_its_reference(ana: &mut Person) {
    let replica = ana.client.console().replica();
    let mine = replica.rooms().find_map(|(room, held)| {
        let deal = held.room.state.deal()?;
        let side = rialto_shared::room::deal::side_of(room, deal.host);
        replica.room(side).map(|held| (side, held.room.head.seq))
    });
    let (side, _) = mine.expect("a deal of Ana's");
    let claim = |text: &str| side::reference_claim(ana.org(), side::Named::Deal, text);
    let (other, new) = (claim("B-1"), claim("C-1"));
    let refer = |claim, at| Asked::Side(side::Command::Reference { claim, at: Seq(at) });
    let at = ana.client.console().replica().room(side).unwrap();
    let at = at.room.state.side().unwrap().reference.at.0;
    let worded = |command, texts: &[&str]| rialto::request::worded(command, texts).unwrap();
    let own = ana.client.console().replica().room(side).unwrap();
    let held = own.room.state.side().unwrap().reference.value.unwrap();
    if held.claim != other {
        let taken = ana
            .client
            .submit(side, worded(refer(Some(other), at), &["B-1"]))
            .await;
        assert!(format!("{taken:?}").contains("taken"), "{taken:?}");
    }
    ana.say(side, refer(Some(new), at), &["C-1"]).await;
    // What it was called before is free: a new deal may have it.
    let import = |claim| {
        Asked::Inbox(inbox::Command::ImportDeal {
            presence: Presence::NotPresent,
            value: None,
            close: None,
            people: BTreeSet::new(),
            problem: false,
            claim,
        })
    };
    let inbox = RoomId::inbox(ana.member());
    let texts = ["Deal", "Globex", "imported", "C-1"];
    let twice = ana.client.submit(inbox, worded(import(new), &texts)).await;
    assert!(format!("{twice:?}").contains("taken"), "{twice:?}");
}

/// How much sooner many commands at a time are done than one after the other: printed, with `RIALTO_ROWS` of them each way.
#[tokio::test]
async fn many_at_a_time_come_to_the_same_as_one_after_the_other() {
    let rows = rows();
    let (file, expected) = crm(rows);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opportunities.csv");
    std::fs::write(&path, file).unwrap();
    let mut took = vec![];
    for window in ["32", "1"] {
        let (mut town, home) = partner().await;
        let begun = std::time::Instant::now();
        let (code, report) = import(home.path(), &path, &["--window", window]).await;
        took.push(begun.elapsed());
        assert_eq!(
            (code, counts(&report)),
            (Some(0), [rows, 0, 0, 0]),
            "{report}"
        );
        assert_eq!(sums(&exported(home.path()).await.1), expected);
        town.stop().await;
    }
    let ratio = took[1].as_secs_f64() / took[0].as_secs_f64();
    println!(
        "{rows} rows: {:?} at 32, {:?} at 1, {ratio:.1} times as long",
        took[0], took[1]
    );
}
