//! What the operator set: a TOML file, over it the environment, under it defaults that work with neither.
//!
//! Every key stands once, in the table of [`keys()`]: how it is read, shown, and what it is for. The file, the environment
//! (`RIALTOD_SECTION_KEY`), `config check` and `config show` all go through that table, so none of them can forget one.
//! Reading goes on after a fault: whoever mistyped three keys is told of three.

mod keys;
mod notices;

pub use keys::{Key, keys, shown};
pub use notices::{Hook, Mail, MailTls};

use crate::connection::Limits;
use keys::Given;
use rialto_shared::{
    host::Host,
    protocol::Transport,
    room::Policy,
    text::{Text, TextKind},
};
use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};
use toml::de::{DeTable, DeValue};
use tracing::level_filters::LevelFilter;

/// What the names of variables begin with.
const PREFIX: &str = "RIALTOD_";
/// The one variable that is no key: where the file is.
pub const FILE_VARIABLE: &str = "RIALTOD_CONFIG";

/// How connections are secured, as the operator chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// With a certificate that the server made itself; clients know it by the invitation.
    Own,
    /// With a certificate from files.
    Files,
    /// By a proxy in front.
    BehindProxy,
    /// Not at all: loopback only.
    Plain,
}

/// `[tls]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// How.
    pub mode: TlsMode,
    /// The certificate and those that vouch for it, PEM.
    pub cert_file: Option<PathBuf>,
    /// Its key, PEM.
    pub key_file: Option<PathBuf>,
    /// Addresses of the proxy.
    pub proxies: Vec<IpAddr>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

/// `[log]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// How.
    pub format: LogFormat,
    /// How much.
    pub level: LevelFilter,
}

/// All that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The host that stands in invitations, and in the certificate.
    pub public_host: Option<Host>,
    /// The port that stands in invitations.
    pub public_port: Option<u16>,
    /// What the server calls itself.
    pub name: Text,
    /// Lines on the page of invitations that say how to install the client.
    pub install: Vec<String>,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// TLS.
    pub tls: Tls,
    /// Bounds of connections.
    pub limits: Limits,
    /// What is demanded before a step.
    pub policy: Policy,
    /// Mail.
    pub mail: Mail,
    /// The operator's program.
    pub hook: Hook,
    /// The log.
    pub log: Log,
    /// Where a supervisor and a scraper ask; nowhere where none is set.
    pub monitor: Monitor,
    /// Bytes that the data folder's disk must have left for anything to be written.
    pub min_free: u64,
}

/// `[monitor]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Monitor {
    /// The address.
    pub listen: Option<SocketAddr>,
    /// Whether it may be one that other machines reach.
    pub reach: Reach,
}

/// Who may reach the monitor's listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This machine.
    Loopback,
    /// Whoever reaches the address: there is no login.
    Anywhere,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7878),
            public_host: None,
            public_port: None,
            name: TextKind::Name.parse("Rialto").expect("a name"),
            install: vec![
                "cargo install --locked --path client    # in a copy of Rialto's source".to_owned(),
            ],
            data_dir: default_data_dir(),
            tls: Tls {
                mode: TlsMode::Own,
                cert_file: None,
                key_file: None,
                proxies: vec![
                    IpAddr::V4(Ipv4Addr::LOCALHOST),
                    IpAddr::V6(Ipv6Addr::LOCALHOST),
                ],
            },
            limits: Limits::default(),
            policy: Policy::None,
            mail: Mail::default(),
            hook: Hook::default(),
            log: Log {
                format: LogFormat::Text,
                level: LevelFilter::INFO,
            },
            monitor: Monitor {
                listen: None,
                reach: Reach::Loopback,
            },
            min_free: 512 * 1024 * 1024,
        }
    }
}

/// Beside the operator's other data; in the present folder where no home is known.
fn default_data_dir() -> PathBuf {
    use etcetera::BaseStrategy as _;
    etcetera::choose_base_strategy().map_or_else(
        |_| PathBuf::from("rialtod-data"),
        |base| base.data_dir().join("rialtod"),
    )
}

/// What stands in every invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// How TLS is ended.
    pub transport: Transport,
    /// The host.
    pub host: Host,
    /// The port.
    pub port: u16,
}

impl Config {
    /// Where clients find this server.
    #[must_use]
    pub fn address(&self) -> Address {
        let transport = match self.tls.mode {
            TlsMode::Plain => Transport::Plain,
            TlsMode::BehindProxy => Transport::Proxy,
            TlsMode::Own | TlsMode::Files => Transport::Tls,
        };
        let listen = Host::Address(self.listen.ip());
        Address {
            transport,
            host: self.public_host.clone().unwrap_or(listen),
            port: self.public_port.unwrap_or_else(|| self.listen.port()),
        }
    }

    /// What no key can say for itself.
    fn contradictions(&self) -> Vec<String> {
        let (tls, limits) = (&self.tls, &self.limits);
        let open = self.listen.ip().is_unspecified();
        let unset = self.public_host.is_none();
        let elsewhere = |host: &Host| !host.is_loopback();
        let seen = |address: SocketAddr| !address.ip().is_loopback();
        [
            (tls.mode == TlsMode::Plain && !self.listen.ip().is_loopback())
                .then_some("tls.mode \"plain\" is for a loopback address only (server.listen is none): what goes over a network needs TLS, here or by a proxy (\"behind-proxy\")"),
            (tls.mode == TlsMode::Plain && self.public_host.as_ref().is_some_and(elsewhere))
                .then_some("tls.mode \"plain\" is for this machine itself: server.public_host must be localhost or a loopback address"),
            (tls.mode == TlsMode::Files && (tls.cert_file.is_none() || tls.key_file.is_none()))
                .then_some("tls.mode \"files\" needs tls.cert_file and tls.key_file"),
            (tls.mode != TlsMode::Files && (tls.cert_file.is_some() || tls.key_file.is_some()))
                .then_some("tls.cert_file and tls.key_file are for tls.mode \"files\""),
            (tls.mode == TlsMode::BehindProxy && tls.proxies.is_empty())
                .then_some("tls.mode \"behind-proxy\" needs tls.proxies, the addresses that the proxy connects from"),
            (open && unset)
                .then_some("server.listen is every address of this machine: server.public_host must say which one stands in invitations"),
            (tls.mode == TlsMode::BehindProxy && unset)
                .then_some("tls.mode \"behind-proxy\" needs server.public_host, the proxy's name as clients know it"),
            (self.monitor.reach == Reach::Loopback && self.monitor.listen.is_some_and(seen))
                .then_some("monitor.listen is no loopback address, and whoever reaches it is told without a login: where that is meant, set monitor.reach to \"anywhere\""),
            (limits.unauthenticated > limits.connections)
                .then_some("limits.unauthenticated is above limits.connections"),
            (limits.idle <= limits.write)
                .then_some("limits.idle_timeout_s must be above limits.write_timeout_s"),
        ]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .chain(self.mail_contradictions())
        .collect()
    }
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// In which place; none for what two keys together get wrong.
    pub place: Option<Place>,
    /// What.
    pub words: String,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line of the file, from 1.
    Line(usize),
    /// A variable.
    Variable(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(Place::Line(line)) => write!(f, "line {line}: {}", self.words),
            Some(Place::Variable(name)) => write!(f, "{name}: {}", self.words),
            None => f.write_str(&self.words),
        }
    }
}

/// Reads a file's text and variables. The environment wins over the file; variables of other programs are not looked at.
///
/// # Errors
/// Every problem, not only the first.
pub fn read(
    text: &str,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, Vec<Problem>> {
    let mut config = Config::default();
    let mut problems = Vec::new();
    read_text(text, &mut config, &mut problems);
    // Sorted, so that the same environment gives the same report.
    let ours: BTreeMap<_, _> = variables
        .into_iter()
        .filter(|(name, _)| name.starts_with(PREFIX) && name != FILE_VARIABLE)
        .collect();
    for (name, value) in ours {
        if let Err(words) = set_variable(&name, value, &mut config) {
            let place = Some(Place::Variable(name));
            problems.push(Problem { place, words });
        }
    }
    if problems.is_empty() {
        let together = config.contradictions().into_iter();
        problems.extend(together.map(|words| Problem { place: None, words }));
    }
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(problems)
    }
}

fn read_text(text: &str, config: &mut Config, problems: &mut Vec<Problem>) {
    let mut problem = |at: usize, words: String| {
        let place = Some(Place::Line(line_of(text, at)));
        problems.push(Problem { place, words });
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            return problem(at, error.message().to_owned());
        }
    };
    for (section, value) in table {
        let at = section.span().start;
        let section = section.into_inner();
        if !keys().any(|key| key.section == section) {
            problem(
                at,
                unknown("section", &section, keys().map(|key| key.section)),
            );
            continue;
        }
        let DeValue::Table(table) = value.into_inner() else {
            problem(at, format!("`{section}` is a section: write [{section}]"));
            continue;
        };
        for (name, value) in table {
            let at = name.span().start;
            let set = find(&section, name.get_ref())
                .and_then(|key| key.set(config, &Given::of(value.get_ref())));
            if let Err(words) = set {
                problem(at, words);
            }
        }
    }
}

fn find(section: &str, name: &str) -> Result<&'static Key, String> {
    let of_section = || keys().filter(|key| key.section == section);
    of_section()
        .find(|key| key.name == name)
        .ok_or_else(|| unknown("key", name, of_section().map(|key| key.name)))
}

fn set_variable(name: &str, value: String, config: &mut Config) -> Result<(), String> {
    let key = keys().find(|key| key.variable() == name);
    let Some(key) = key else {
        let names: Vec<_> = keys().map(Key::variable).collect();
        return Err(unknown("variable", name, names.iter().map(String::as_str)));
    };
    key.set(config, &Given::Variable(value))
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let nearest = known.min_by_key(|known| strsim::damerau_levenshtein(known, name));
    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    nearest.map_or_else(
        || format!("there is no {what} `{name}`"),
        |nearest| format!("there is no {what} `{name}`; the nearest is `{nearest}`"),
    )
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.bytes().take(at);
    1 + before.filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none() -> [(String, String); 0] {
        []
    }

    fn said(text: &str) -> Vec<String> {
        let problems = read(text, none()).unwrap_err();
        problems.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn nothing_at_all_is_a_configuration() {
        let config = read("", none()).unwrap();
        assert_eq!(config, Config::default());
        assert!(config.listen.ip().is_loopback());
    }

    #[test]
    fn every_problem_is_told_with_its_line_and_the_nearest_name() {
        let text = "[server]\nlisten = \"127.0.0.1:7000\"\nnmae = \"x\"\n\n[limit]\n[limits]\nconnections = \"many\"\n\
            burst = 0\n[log]\nlevel = \"loud\"\n[tls]\nmode = 3\n";
        let said = said(text);
        assert_eq!(said.len(), 6, "{said:#?}");
        for (line, part) in [
            (3, "there is no key `nmae`; the nearest is `name`"),
            (5, "there is no section `limit`; the nearest is `limits`"),
            (7, "connections"),
            (8, "burst"),
            (10, "level"),
            (12, "mode"),
        ] {
            let found = said
                .iter()
                .any(|said| said.starts_with(&format!("line {line}: ")) && said.contains(part));
            assert!(found, "line {line}, {part}: {said:#?}");
        }
    }

    #[test]
    fn text_that_is_no_toml_is_told_with_its_line() {
        let said = said("[server]\nname = \"x\"\nlisten 127.0.0.1\n");
        assert!(
            said.len() == 1 && said[0].starts_with("line 3: "),
            "{said:?}"
        );
        assert!(self::said("server = 3\n")[0].contains("[server]"));
    }

    #[test]
    fn a_variable_wins_over_the_file_and_a_mistyped_one_is_told() {
        let variables = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let text = "[server]\nname = \"File\"\n[limits]\nburst = 7\n";
        let given = variables(&[
            ("RIALTOD_SERVER_NAME", "Environment"),
            ("RIALTOD_LIMITS_BURST", "9"),
            ("RIALTOD_TLS_PROXIES", "192.0.2.1, 192.0.2.2"),
            ("RIALTOD_CONFIG", "elsewhere.toml"),
            ("HOME", "/root"),
        ]);
        let config = read(text, given).unwrap();
        assert_eq!(
            (config.name.as_str(), config.limits.burst),
            ("Environment", 9)
        );
        assert_eq!(config.tls.proxies.len(), 2);
        let problems = read(
            "",
            variables(&[("RIALTOD_SERVER_NAM", "x"), ("RIALTOD_LIMITS_BURST", "-1")]),
        )
        .unwrap_err();
        let said: Vec<_> = problems.iter().map(Problem::to_string).collect();
        assert!(said[0].starts_with("RIALTOD_LIMITS_BURST: "), "{said:?}");
        assert!(
            said[1].contains("nearest is `RIALTOD_SERVER_NAME`"),
            "{said:?}"
        );
    }

    #[test]
    fn what_two_keys_get_wrong_together_is_told_in_words() {
        for (text, part) in [
            (
                "[server]\nlisten = \"0.0.0.0:7878\"\npublic_host = \"localhost\"\n[tls]\nmode = \"plain\"",
                "loopback",
            ),
            (
                "[server]\npublic_host = \"x.example\"\n[tls]\nmode = \"plain\"",
                "this machine itself",
            ),
            ("[server]\nlisten = \"[::]:7878\"", "public_host"),
            ("[tls]\nmode = \"files\"\ncert_file = \"a.pem\"", "key_file"),
            ("[tls]\ncert_file = \"a.pem\"", "files"),
            ("[tls]\nmode = \"behind-proxy\"", "public_host"),
            ("[limits]\nconnections = 100", "unauthenticated"),
            ("[monitor]\nlisten = \"192.0.2.7:9464\"", "monitor.reach"),
        ] {
            let said = said(text);
            assert!(
                said.len() == 1 && said[0].contains(part),
                "{text}: {said:?}"
            );
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        let text = "[server]\nname = \"Käse \\\"&\\\" Söhne\"\nlisten = \"[::1]:1\"\npublic_host = \"console.example.com\"\n\
            public_port = 443\ndata_dir = \"/srv/rialto\"\n[tls]\nmode = \"files\"\ncert_file = \"a.pem\"\nkey_file = \"b.pem\"\n\
            proxies = [\"192.0.2.1\"]\n[limits]\nconnections = 500\nidle_timeout_s = 90\n[policy]\nagreement = \"nda_for_deal\"\n\
            [log]\nformat = \"json\"\nlevel = \"debug\"\n";
        let config = read(text, none()).unwrap();
        assert_eq!(read(&shown(&config), none()).unwrap(), config);
        assert_eq!(
            read(&shown(&Config::default()), none()).unwrap(),
            Config::default()
        );
        assert_eq!(config.address().port, 443);
    }
}
