//! Importing a real directory: every row is accounted for, a second import changes nothing, and what came in is found.
//!
//! The file is the one that `RIALTO_ECOSYSTEM_CSV` names, else a small invented one of the same shape beside this file.

mod crm;

use ed25519_dalek::SigningKey;
use redb::backends::InMemoryBackend;
use rialto_server::{
    clock::ManualClock,
    import::{self, plan::Plan, table::Mapping},
    ledger::{self, verify},
    server::{Server, Setup, salted},
};
use rialto_shared::{
    command::Command,
    id::{OrgId, RoomId},
    protocol::{Hit, Query},
    room::{Policy, org},
    standing::{OrgKind, PartnerType},
    text::{Text, TextKind},
};
use std::{
    collections::BTreeSet,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

fn server() -> Server {
    let setup = Setup {
        database: ledger::open_on(InMemoryBackend::new()).unwrap(),
        identity: SigningKey::from_bytes(&[1; 32]),
        rotations: vec![],
        secret: [2; 32],
        name: Text::parse("Test").unwrap(),
        policy: Policy::None,
        clock: Arc::new(ManualClock::at(crate::world::DAWN)),
    };
    let server = Server::start(setup).unwrap();
    let vendor = RoomId::org(OrgId::from_bits([1; 16]));
    let open = Command::Org(org::Command::Open {
        kind: OrgKind::Vendor,
    });
    server
        .operate(
            vendor,
            open,
            vec![salted("name", TextKind::Name, "Vendor").unwrap()],
        )
        .unwrap();
    server
}

fn directory() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("ecosystem.csv");
    std::env::var_os("RIALTO_ECOSYSTEM_CSV").map_or(own, PathBuf::from)
}

/// "member" is no type of partner.
fn mapping() -> Mapping {
    let mut mapping = Mapping {
        truncate: true,
        ..Mapping::default()
    };
    mapping.value("partner_type.member=none").unwrap();
    mapping
}

/// What the file itself says: rows, and names as they are compared.
fn counted(path: &Path) -> (usize, BTreeSet<String>) {
    let text = std::fs::read(path).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let names: Vec<String> = reader
        .records()
        .map(|record| import::plan::normal(record.unwrap().get(0).unwrap()))
        .collect();
    (names.len(), names.into_iter().collect())
}

fn orgs(server: &Server, words: &str, types: &[PartnerType], program: Option<&str>) -> Vec<String> {
    let query = Query::Orgs {
        words: words.to_owned(),
        types: types.iter().copied().collect(),
        program: program.map(str::to_owned),
        region: None,
        skip: 0,
    };
    let name = |hit: Hit| match hit {
        Hit::Org { name, .. } => name.unwrap().to_string(),
        Hit::Channel { .. } | Hit::Person { .. } | Hit::Reader { .. } => {
            panic!("an organisation was asked for")
        }
    };
    server
        .house()
        .directory
        .orgs(&query)
        .0
        .into_iter()
        .map(name)
        .collect()
}

fn total(server: &Server) -> usize {
    let all = Query::Orgs {
        words: String::new(),
        types: BTreeSet::new(),
        program: None,
        region: None,
        skip: 0,
    };
    server.house().directory.orgs(&all).1
}

fn settled(plan: &Plan) {
    assert!(
        plan.adds_up(),
        "{} + {} + {} + {} = {}",
        plan.created,
        plan.merged,
        plan.unchanged,
        plan.refused.len(),
        plan.rows
    );
}

#[test]
fn a_real_directory_comes_in_adds_up_and_comes_in_again_without_a_change() {
    let (server, file) = (server(), directory());
    let (rows, names) = counted(&file);
    let dry = import::import(&server, &file, &mapping(), true).unwrap();
    settled(&dry);
    assert_eq!(
        total(&server),
        1,
        "a dry run writes nothing: the vendor alone"
    );
    let commits = || server.house().snapshot().unwrap().commit().unwrap();
    let at_first = commits();
    let plan = import::import(&server, &file, &mapping(), false).unwrap();
    settled(&plan);
    assert!(
        commits() - at_first < names.len() as u64,
        "several organisations go into one commit, not several commits into one organisation"
    );
    assert_eq!(plan.rows, rows);
    let refused: Vec<_> = plan.refused.iter().collect();
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(plan.created, names.len());
    assert_eq!(total(&server), names.len() + 1);
    let before = server.house().snapshot().unwrap().commit().unwrap();
    let again = import::import(&server, &file, &mapping(), false).unwrap();
    settled(&again);
    assert_eq!((again.created, again.merged, again.unchanged), (0, 0, rows));
    assert_eq!(
        server.house().snapshot().unwrap().commit().unwrap(),
        before,
        "nothing was written"
    );
    let report =
        verify::verify(&server.house().snapshot().unwrap(), server.house().server).unwrap();
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
}

#[test]
fn what_came_in_is_found_by_words_by_type_and_by_program() {
    let (server, file) = (server(), directory());
    import::import(&server, &file, &mapping(), false).unwrap();
    // The file says who is to be found: the first row with a description, a type that is one, and a program.
    let bytes = std::fs::read(&file).unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let row = reader
        .records()
        .map(Result::unwrap)
        .find(|row| row[5].split(' ').count() > 3 && row[2].parse::<PartnerType>().is_ok())
        .unwrap();
    let (name, words, kind, program) = (&row[0], &row[5], &row[2], &row[3]);
    let three: Vec<&str> = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 4)
        .take(3)
        .collect();
    assert!(
        orgs(&server, &three.join(" "), &[], None).contains(&name.to_owned()),
        "by {three:?}"
    );
    let kind: PartnerType = kind.parse().unwrap();
    let first = name.split(' ').next().unwrap();
    assert!(orgs(&server, first, &[kind], None).contains(&name.to_owned()));
    assert!(orgs(&server, first, &[], Some(&program.to_lowercase())).contains(&name.to_owned()));
    let other = if kind == PartnerType::Hardware {
        PartnerType::Agency
    } else {
        PartnerType::Hardware
    };
    assert!(orgs(&server, first, &[other], None).is_empty());
    assert!(orgs(&server, first, &[], Some("no such program")).is_empty());
}

fn hostile(server: &Server, bytes: &[u8], mapping: &Mapping) -> Plan {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let plan = import::import(server, file.path(), mapping, false).unwrap();
    settled(&plan);
    plan
}

#[test]
fn hostile_tables_are_refused_row_by_row_and_break_nothing() {
    let server = server();
    let head = "organization,domain,partner_type,program,tier,description\n";
    let mut bytes = head.as_bytes().to_vec();
    bytes.extend(b"\"Quo\"\"ted, Inc\",q.example,isv,P,,\"says \"\"hi\"\"\"\n");
    bytes.extend(b"Nul\0Corp,n.example,isv,P,,x\n");
    bytes.extend(b"Latin \xE9,l.example,isv,P,,x\n");
    bytes.extend(b"=HYPERLINK(\"\"evil\"\"),f.example,isv,P,,x\n");
    bytes.extend("Esc\u{1b}[31mape,e.example,isv,P,,a\u{202e}b\n".as_bytes());
    bytes.extend(format!("Big,b.example,isv,P,,{}\n", "x".repeat(1_000_000)).as_bytes());
    bytes.extend(b"Odd,o.example,wizard,P,,x\n");
    bytes.extend(b",none.example,isv,P,,x\n");
    bytes.extend(b"Short\n");
    bytes.extend(b"Twice,t.example,isv,P,,x\nTwice,t.example,isv,P,,x\n");
    bytes.extend(b"\"never closed,u.example,isv,P,,x\n");
    let plan = hostile(&server, &bytes, &Mapping::default());
    let why = |name: &str| {
        plan.refused
            .iter()
            .find(|row| row.name.starts_with(name))
            .map(|row| row.why.clone())
            .unwrap_or_default()
    };
    assert!(why("Nul").contains("NUL"), "{:?}", plan.refused);
    assert!(why("Latin").contains("UTF-8"), "{:?}", plan.refused);
    assert!(why("Big").contains("at most"), "{:?}", plan.refused);
    assert!(
        why("Odd").contains("\"wizard\" is no type"),
        "{:?}",
        plan.refused
    );
    assert!(plan.refused.iter().any(|row| row.why.contains("is empty")));
    assert_eq!(plan.unchanged, 1, "the same row twice says nothing new");
    let names = orgs(&server, "", &[], None);
    assert!(
        names
            .iter()
            .all(|name| !name.chars().any(|c| c.is_control() || c == '\u{202e}')),
        "{names:?}"
    );
    assert!(names.contains(&"Esc[31mape".to_owned()), "{names:?}");
}

#[test]
fn a_text_that_is_too_long_is_refused_or_cut_and_reported() {
    let row = format!("organization,description\nLong,{}\n", "word ".repeat(300));
    let refused = hostile(&server(), row.as_bytes(), &Mapping::default());
    assert_eq!((refused.created, refused.refused.len()), (0, 1));
    let cut = hostile(
        &server(),
        row.as_bytes(),
        &Mapping {
            truncate: true,
            ..Mapping::default()
        },
    );
    assert_eq!(
        (cut.created, cut.cut.as_slice()),
        (1, &[(2, "description")][..])
    );
}

#[test]
fn likely_duplicates_are_named_and_not_merged() {
    let table = "organization,domain\nElm Point,a.example\nElm Point GmbH,b.example\nOak,c.example\nOak Labs,c.example\n";
    let plan = hostile(&server(), table.as_bytes(), &Mapping::default());
    assert_eq!(plan.created, 4);
    let named: BTreeSet<Vec<String>> = plan.alike.into_iter().map(|(names, _)| names).collect();
    assert!(
        named.contains(&vec!["Elm Point".to_owned(), "Elm Point GmbH".to_owned()]),
        "{named:?}"
    );
    assert!(
        named.contains(&vec!["Oak".to_owned(), "Oak Labs".to_owned()]),
        "{named:?}"
    );
}

#[test]
fn a_mapping_or_a_heading_that_is_wrong_says_what_is_right() {
    let mut mapping = Mapping::default();
    assert!(
        mapping
            .column("colour=x")
            .unwrap_err()
            .to_string()
            .contains("FIELD=COLUMN")
    );
    assert!(
        mapping
            .value("partner_type.member=wizard")
            .unwrap_err()
            .to_string()
            .contains("none")
    );
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"company,kind\nA,isv\n").unwrap();
    let error = import::import(&server(), file.path(), &mapping, true)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("company, kind") && error.contains("--map organization=COLUMN"),
        "{error}"
    );
}
