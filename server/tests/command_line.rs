//! `rialtod` as it is typed: what it prints where, and what it ends with.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use std::{
    fs::{self, Permissions},
    io::{BufRead as _, BufReader},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

fn rialtod(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rialtod"))
        .env_clear()
        .arg("--data")
        .arg(folder)
        .args(words)
        .output()
        .unwrap()
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (data, talk) = (text(&output.stdout), text(&output.stderr));
    (output.status.code(), data, talk)
}

#[test]
fn a_configuration_is_ok_or_every_problem_is_told_with_the_nearest_name() {
    let folder = tempfile::tempdir().unwrap();
    let ok = said(&rialtod(folder.path(), &["config", "check"]));
    assert_eq!(ok, (Some(0), "ok\n".to_owned(), String::new()));
    fs::write(
        folder.path().join("rialtod.toml"),
        "[server]\nlissen = \"x\"\n",
    )
    .unwrap();
    let (code, data, talk) = said(&rialtod(folder.path(), &["config", "check"]));
    assert_eq!((code, data.as_str()), (Some(1), ""));
    assert!(
        talk.contains("line 2: ") && talk.contains("the nearest is `listen`"),
        "{talk}"
    );
}

#[test]
fn an_import_without_a_server_adds_up_and_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("partners.csv");
    let folder = &folder.path().join("data");
    fs::write(
        &table,
        "name,partner_type\nOak,isv\nOAK,member\nElm,wizard\n",
    )
    .unwrap();
    let import = |more: &[&str]| {
        let file = table.to_str().unwrap();
        let start = ["import", "orgs", file, "--map", "organization=name"];
        let words: Vec<&str> = start.iter().chain(more).copied().collect();
        said(&rialtod(folder, &words))
    };
    let none = ["--map-value", "partner_type.member=none"];
    let (code, _, talk) = import(&none);
    assert_eq!(code, Some(4), "there is no server to import into: {talk}");
    let made = said(&rialtod(folder, &["init", "--vendor", "Northwind"]));
    assert_eq!(made.0, Some(0), "{made:?}");
    let sum = |data: &str| data.lines().last().unwrap().to_owned();
    let first = "created 1 + merged 0 + unchanged 1 + refused 1 = 3 rows";
    let (code, data, talk) = import(&[none[0], none[1], "--dry-run"]);
    assert_eq!(
        (code, sum(&data).as_str()),
        (Some(4), first),
        "{data}{talk}"
    );
    assert!(talk.contains("nothing was written"), "{talk}");
    let (code, data, talk) = import(&none);
    assert_eq!(
        (code, sum(&data).as_str()),
        (Some(4), first),
        "{data}{talk}"
    );
    assert!(
        data.contains("refused\tline 4\tElm\t") && data.contains("spelled\tOAK | Oak"),
        "{data}"
    );
    let again = "created 0 + merged 0 + unchanged 3 + refused 0 = 3 rows";
    let all = [none[0], none[1], "--map-value", "partner_type.wizard=isv"];
    let (code, data, _) = import(&all);
    assert_eq!(code, Some(0), "{data}");
    assert_eq!(
        sum(&data),
        "created 1 + merged 0 + unchanged 2 + refused 0 = 3 rows"
    );
    let (code, data, _) = import(&all);
    assert_eq!((code, sum(&data).as_str()), (Some(0), again));
    let (code, json, _) = import(&[all[0], all[1], all[2], all[3], "--json"]);
    assert_eq!(code, Some(0));
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["unchanged"], 3);
    let (code, _, talk) = import(&["--map", "colour=x"]);
    assert!(code == Some(4) && talk.contains("FIELD=COLUMN"), "{talk}");
    let (code, _, talk) = said(&rialtod(folder, &["verify"]));
    assert!(code == Some(0) && talk.contains("all is well"), "{talk}");
}

#[test]
fn what_needs_a_server_says_that_none_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (code, data, talk) = said(&rialtod(folder.path(), &["status"]));
    assert_eq!((code, data.as_str()), (Some(3), ""));
    assert!(talk.contains("no server is running"), "{talk}");
    assert_eq!(
        rialtod(folder.path(), &["frobnicate"]).status.code(),
        Some(2)
    );
}

/// The names in a folder, each with its mode.
fn modes(folder: &Path) -> Vec<(String, u32)> {
    let mut modes: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            (entry.file_name().into_string().unwrap(), mode)
        })
        .collect();
    modes.sort();
    modes
}

#[test]
fn everything_in_the_data_folder_is_its_owners_only() {
    let above = tempfile::tempdir().unwrap();
    let folder = &above.path().join("data");
    // Whatever the shell would allow.
    let init = Command::new("sh")
        .args(["-c", "umask 0; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_rialtod"))
        .arg("--data")
        .arg(folder)
        .args(["init", "--vendor", "Northwind"])
        .output()
        .unwrap();
    assert_eq!(init.status.code(), Some(0), "{init:?}");
    let made = modes(folder);
    let names: Vec<&str> = made.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["identity.key", "ledger.redb", "tls.crt", "tls.key"]);
    assert!(made.iter().all(|(_, mode)| *mode == 0o600), "{made:?}");
    // Opened to others since: closed again where it can be, refused where a secret may be known by now.
    let open = |name: &str, mode| {
        fs::set_permissions(folder.join(name), Permissions::from_mode(mode)).unwrap();
    };
    for name in ["ledger.redb", "tls.crt"] {
        open(name, 0o644);
    }
    let (code, _, talk) = said(&rialtod(folder, &["verify"]));
    assert_eq!(code, Some(0), "{talk}");
    assert_eq!(modes(folder), made);
    open("identity.key", 0o640);
    let (code, _, talk) = said(&rialtod(folder, &["verify"]));
    assert!(code == Some(1) && talk.contains("chmod 600"), "{talk}");
    open("identity.key", 0o600);
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    let (code, _, talk) = said(&rialtod(folder, &["verify"]));
    assert!(code == Some(1) && talk.contains("chmod 700"), "{talk}");
}

/// A server that is ended where it is let go, too.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A server on this folder whose files may grow to so many blocks of 512 bytes, once it serves; what it says meanwhile.
fn serve(folder: &Path, port: u16, blocks: &str) -> (Serving, String) {
    let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut child = Command::new("sh")
        .args(["-c", &limit])
        .arg(env!("CARGO_BIN_EXE_rialtod"))
        .arg("--data")
        .arg(folder)
        .arg("serve")
        .env("RIALTOD_SERVER_LISTEN", format!("127.0.0.1:{port}"))
        .env("RIALTOD_TLS_MODE", "plain")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = child.stderr.take().unwrap();
    let serving = Serving(child);
    let mut heard = String::new();
    let mut lines = BufReader::new(stderr);
    while !heard.contains("serving on") {
        assert!(lines.read_line(&mut heard).unwrap() > 0, "{heard}");
    }
    // The rest goes nowhere: the pipe must not fill.
    std::thread::spawn(move || lines.lines().map_while(Result::ok).for_each(drop));
    (serving, heard)
}

#[test]
fn a_server_whose_disk_is_full_ends_with_its_own_code_and_the_next_goes_on() {
    let above = tempfile::tempdir().unwrap();
    let folder = &above.path().join("data");
    let made = said(&rialtod(folder, &["init", "--vendor", "Northwind"]));
    assert_eq!(made.0, Some(0), "{made:?}");
    let port = {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let bytes = fs::metadata(folder.join("ledger.redb")).unwrap().len();
    let (mut serving, _) = serve(folder, port, &(bytes / 512).to_string());
    let create = |n: usize| said(&rialtod(folder, &["org", "create", &format!("Firm {n}")]));
    let mut yes = vec![];
    let refused = loop {
        let (code, data, talk) = create(yes.len());
        if code != Some(0) {
            break (code, talk);
        }
        yes.push(data.trim().to_owned());
        assert!(yes.len() < 3_000, "the disk never fills");
    };
    assert_eq!(refused.0, Some(4), "{}", refused.1);
    assert!(refused.1.contains("nothing was done"), "{}", refused.1);
    assert_eq!(serving.0.wait().unwrap().code(), Some(6));
    // A supervisor starts it again, on a disk with space.
    let (again, _) = serve(folder, port, "unlimited");
    let (code, _, talk) = create(yes.len());
    assert_eq!(code, Some(0), "{talk}");
    let (_, orgs, _) = said(&rialtod(folder, &["org", "list"]));
    for id in &yes {
        assert_eq!(orgs.matches(id.as_str()).count(), 1, "{id}");
    }
    assert_eq!(orgs.matches("Firm ").count(), yes.len() + 1, "{orgs}");
    drop(again);
    let (code, _, talk) = said(&rialtod(folder, &["verify"]));
    assert_eq!(code, Some(0), "{talk}");
}

/// What a path of the monitor's answers: the status, and the body.
fn asked(port: u16, path: &str) -> (String, String) {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
}

/// Two ports that nobody has.
fn free_ports() -> [u16; 2] {
    let listeners = [(), ()].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|free| free.local_addr().unwrap().port())
}

#[test]
fn a_server_says_on_this_machine_how_it_is_and_what_it_counts() {
    let above = tempfile::tempdir().unwrap();
    let folder = &above.path().join("data");
    let made = said(&rialtod(folder, &["init", "--vendor", "Northwind"]));
    assert_eq!(made.0, Some(0), "{made:?}");
    let [port, monitor] = free_ports();
    let config = |extra: &str| {
        let text = format!("[monitor]\nlisten = \"127.0.0.1:{monitor}\"\n{extra}");
        fs::write(folder.join("rialtod.toml"), text).unwrap();
    };
    config("");
    let (serving, _) = serve(folder, port, "unlimited");
    assert_eq!(
        asked(monitor, "/livez"),
        ("200".to_owned(), "ok\n".to_owned())
    );
    assert_eq!(asked(monitor, "/readyz").0, "200");
    let created = said(&rialtod(folder, &["org", "create", "Oak"]));
    assert_eq!(created.0, Some(0), "{created:?}");
    let again = said(&rialtod(folder, &["org", "create", "Oak"]));
    assert_eq!(again.0, Some(4), "{again:?}");
    let (status, metrics) = asked(monitor, "/metrics");
    assert_eq!(status, "200");
    for line in [
        "rialto_commit_seconds_bucket{le=\"+Inf\"} ",
        "rialto_refused_total{reason=\"taken\"} 1",
        "rialto_queue_jobs 0",
        "rialto_sessions 0",
        "rialto_read_only 0",
        "rialto_ledger_bytes ",
        "# TYPE rialto_disk_free_bytes gauge",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    assert!(
        !metrics.contains("Oak") && !metrics.contains("org_"),
        "{metrics}"
    );
    drop(serving);
    // The largest number that is taken: four PiB.
    config("[storage]\nmin_free_mib = 4294967295\n");
    let (serving, _) = serve(folder, port, "unlimited");
    let (code, _, talk) = said(&rialtod(folder, &["org", "create", "Elm"]));
    let (status, body) = asked(monitor, "/readyz");
    let (_, metrics) = asked(monitor, "/metrics");
    drop(serving);
    assert!(metrics.contains("rialto_read_only 1"), "{metrics}");
    assert!(
        code == Some(4) && talk.contains("nothing was done"),
        "{talk}"
    );
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status.as_str(), &body["ready"]), ("503", &false.into()));
    assert_eq!(body["reasons"][0]["part"], "disk");
    config("[storage]\nmin_free_mib = \"all\"\n");
    let (code, _, talk) = said(&rialtod(folder, &["config", "check"]));
    assert!(code == Some(1) && talk.contains("min_free_mib"), "{talk}");
    fs::write(
        folder.join("rialtod.toml"),
        "[monitor]\nlisten = \"0.0.0.0:9464\"\n",
    )
    .unwrap();
    let (code, _, talk) = said(&rialtod(folder, &["config", "check"]));
    assert!(code == Some(1) && talk.contains("anywhere"), "{talk}");
}

#[test]
fn a_backup_is_nobody_elses_to_read_and_writes_over_nothing() {
    let above = tempfile::tempdir().unwrap();
    let at = |name: &str| above.path().join(name);
    let word = |name: &str| at(name).to_str().unwrap().to_owned();
    let (folder, file) = (&at("data"), word("backup"));
    let none = said(&rialtod(folder, &["backup", &file]));
    assert!(none.0 == Some(4) && !at("backup").exists(), "{none:?}");
    let made = said(&rialtod(folder, &["init", "--vendor", "Northwind"]));
    assert_eq!(made.0, Some(0), "{made:?}");
    fs::write(folder.join("rialtod.toml"), "[log]\nlevel = \"warn\"\n").unwrap();
    fs::write(folder.join("large"), vec![0; 300 * 1024]).unwrap();
    let (code, data, talk) = said(&rialtod(folder, &["backup", &file]));
    assert_eq!(code, Some(0), "{talk}");
    assert!(
        talk.contains("secret") && talk.contains("left out of the data folder: large"),
        "{talk}"
    );
    assert!(
        data.contains("identity.key rialtod.toml tls.crt tls.key"),
        "{data}"
    );
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let state = data
        .lines()
        .find_map(|line| line.strip_prefix("state"))
        .unwrap()
        .trim();
    let (code, _, talk) = said(&rialtod(folder, &["verify"]));
    assert!(code == Some(0) && talk.contains(state), "{talk}");
    assert_eq!(
        said(&rialtod(folder, &["backup", &file])).0,
        Some(4),
        "it is there"
    );
    assert_eq!(
        said(&rialtod(folder, &["backup", "verify", &file])).0,
        Some(0)
    );
    let (code, _, talk) = said(&rialtod(folder, &["restore", &file]));
    assert!(code == Some(4) && talk.contains("not empty"), "{talk}");
    let other = &at("other");
    let (code, _, talk) = said(&rialtod(other, &["restore", &file]));
    assert_eq!(code, Some(0), "{talk}");
    for name in ["identity.key", "tls.key", "rialtod.toml"] {
        assert_eq!(
            fs::read(other.join(name)).unwrap(),
            fs::read(folder.join(name)).unwrap()
        );
    }
    assert!(modes(other).iter().all(|(_, mode)| *mode == 0o600));
    let (code, _, talk) = said(&rialtod(other, &["verify"]));
    assert!(code == Some(0) && talk.contains(state), "{talk}");
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    let (code, _, talk) = said(&rialtod(folder, &["backup", "verify", &file]));
    assert!(code == Some(5) && talk.contains("the seal"), "{talk}");
}
