//! Every key there is: its place, its use, how it is read and how it is shown.

mod notices;

use super::{Config, LogFormat, Reach, TlsMode};
use rialto_shared::{room::Policy, text::TextKind};
use std::{fmt::Write as _, path::PathBuf, time::Duration};
use toml::de::DeValue;
use tracing::level_filters::LevelFilter;

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// A string of the file.
    Text(String),
    /// An integer of the file.
    Number(i64),
    /// A list of strings of the file.
    List(Vec<String>),
    /// Another thing of the file: none of the keys is one.
    Other,
    /// A variable's value: text, a number, or a list parted by commas, as the key wants.
    Variable(String),
}

impl Given {
    pub(super) fn of(value: &DeValue<'_>) -> Self {
        let number = || {
            let integer = value.as_integer()?;
            i64::from_str_radix(integer.as_str(), integer.radix()).ok()
        };
        let list = || {
            let items = value.as_array()?.iter();
            items
                .map(|item| item.get_ref().as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
        };
        value
            .as_str()
            .map(|text| Self::Text(text.to_owned()))
            .or_else(|| number().map(Self::Number))
            .or_else(|| list().map(Self::List))
            .unwrap_or(Self::Other)
    }

    fn text(&self) -> Result<&str, String> {
        match self {
            Self::Text(text) | Self::Variable(text) => Ok(text),
            Self::Number(_) | Self::List(_) | Self::Other => Err("a text in quotes".to_owned()),
        }
    }

    /// Text that something else is made of.
    fn parsed<T: std::str::FromStr>(&self, wanted: &str) -> Result<T, String> {
        self.text()?.parse().map_err(|_| wanted.to_owned())
    }

    fn number(&self, least: u32, most: u32) -> Result<u32, String> {
        let number = match self {
            Self::Number(number) => u32::try_from(*number).ok(),
            Self::Variable(text) => text.parse().ok(),
            Self::Text(_) | Self::List(_) | Self::Other => None,
        };
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| format!("a number from {least} to {most}"))
    }

    fn seconds(&self, least: u32, most: u32) -> Result<Duration, String> {
        let seconds = self.number(least, most);
        let seconds = seconds.map_err(|_| format!("seconds, from {least} to {most}"))?;
        Ok(Duration::from_secs(seconds.into()))
    }

    fn list(&self) -> Result<Vec<String>, String> {
        match self {
            Self::List(items) => Ok(items.clone()),
            Self::Variable(text) => {
                let items = text.split(',').map(|item| item.trim().to_owned());
                Ok(items.filter(|item| !item.is_empty()).collect())
            }
            Self::Text(_) | Self::Number(_) | Self::Other => {
                Err("a list of texts, [\"…\", \"…\"]".to_owned())
            }
        }
    }

    /// One of the names given.
    fn one_of<T: Copy>(&self, names: &[(&str, T)]) -> Result<T, String> {
        let text = self.text()?;
        let found = names.iter().find(|(name, _)| *name == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<_> = names
                .iter()
                .map(|(name, _)| format!("\"{name}\""))
                .collect();
            format!("one of {}", names.join(", "))
        })
    }
}

/// The name of a value, as [`Given::one_of`] reads it.
fn name_of<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> String {
    let found = names.iter().find(|(_, known)| known == value);
    quoted(found.map_or("", |(name, _)| name))
}

const TLS_MODES: [(&str, TlsMode); 4] = [
    ("self", TlsMode::Own),
    ("files", TlsMode::Files),
    ("behind-proxy", TlsMode::BehindProxy),
    ("plain", TlsMode::Plain),
];
const POLICIES: [(&str, Policy); 3] = [
    ("none", Policy::None),
    ("nda_for_value", Policy::NdaForValue),
    ("nda_for_deal", Policy::NdaForDeal),
];
const REACHES: [(&str, Reach); 2] = [("loopback", Reach::Loopback), ("anywhere", Reach::Anywhere)];
const FORMATS: [(&str, LogFormat); 2] = [("text", LogFormat::Text), ("json", LogFormat::Json)];
const LEVELS: [(&str, LevelFilter); 6] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

/// A thing that can be set.
#[derive(Debug)]
pub struct Key {
    /// The table it stands in.
    pub section: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Takes a value in; what would be right, where it is wrong.
    take: fn(&mut Config, &Given) -> Result<(), String>,
    /// As TOML; nothing where it is not set.
    show: fn(&Config) -> Option<String>,
}

impl Key {
    pub(super) fn set(&self, config: &mut Config, given: &Given) -> Result<(), String> {
        (self.take)(config, given)
            .map_err(|want| format!("{}.{} is {want}", self.section, self.name))
    }

    /// The variable that sets it.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("RIALTOD_{}_{}", self.section, self.name).to_ascii_uppercase()
    }
}

/// The whole configuration as a file, each key with its use.
#[must_use]
pub fn shown(config: &Config) -> String {
    let mut text = String::new();
    let mut section = "";
    for key in keys() {
        if key.section != section {
            section = key.section;
            let gap = if text.is_empty() { "" } else { "\n" };
            writeln!(text, "{gap}[{section}]").expect("a string takes all");
        }
        let line = match (key.show)(config) {
            Some(value) => format!("{} = {value}", key.name),
            None => format!("# {} is not set", key.name),
        };
        writeln!(text, "# {}\n{line}", key.about).expect("a string takes all");
    }
    text
}

/// As a TOML string.
fn quoted(text: impl AsRef<str>) -> String {
    toml::Value::String(text.as_ref().to_owned()).to_string()
}

fn path(path: Option<&PathBuf>) -> Option<String> {
    path.map(|path| quoted(path.to_string_lossy()))
}

const MIB: u64 = 1024 * 1024;
/// As a TOML list.
fn listed(items: &[String]) -> String {
    let items: Vec<_> = items.iter().map(quoted).collect();
    format!("[{}]", items.join(", "))
}

const INSTALL_LINES_MAX: usize = 20;
const CONNECTIONS_MAX: u32 = 1_000_000;
const SECONDS_MAX: u32 = 3_600;

/// All of them, section by section.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().chain(&notices::KEYS)
}

const KEYS: [Key; 25] = [
    Key {
        section: "server",
        name: "listen",
        about: "The address and port that clients connect to.",
        take: |config, given| {
            config.listen = given.parsed("an address and port, as in \"127.0.0.1:7878\"")?;
            Ok(())
        },
        show: |config| Some(quoted(config.listen.to_string())),
    },
    Key {
        section: "server",
        name: "public_host",
        about: "The name or address by which clients know this server: it stands in invitations and in the certificate.",
        take: |config, given| {
            config.public_host = Some(given.parsed("a host name or address, without a port")?);
            Ok(())
        },
        show: |config| {
            config
                .public_host
                .as_ref()
                .map(|host| quoted(host.to_string()))
        },
    },
    Key {
        section: "server",
        name: "public_port",
        about: "The port that stands in invitations, where it is not that of `listen`.",
        take: |config, given| {
            let port = given.number(1, u16::MAX.into())?;
            config.public_port = u16::try_from(port).ok();
            Ok(())
        },
        show: |config| config.public_port.map(|port| port.to_string()),
    },
    Key {
        section: "server",
        name: "name",
        about: "What the server calls itself.",
        take: |config, given| {
            let name = TextKind::Name.parse(given.text()?);
            config.name = name.map_err(|error| format!("no name: {error}"))?;
            Ok(())
        },
        show: |config| Some(quoted(&config.name)),
    },
    Key {
        section: "server",
        name: "install",
        about: "Lines that say how to install `rialto`, on the page that an invitation's link opens in a browser.",
        take: |config, given| {
            let lines = given.list()?;
            let plain = |line: &String| !line.chars().any(char::is_control);
            if lines.len() > INSTALL_LINES_MAX || !lines.iter().all(plain) {
                return Err(format!(
                    "at most {INSTALL_LINES_MAX} lines without control characters"
                ));
            }
            config.install = lines;
            Ok(())
        },
        show: |config| Some(listed(&config.install)),
    },
    Key {
        section: "server",
        name: "data_dir",
        about: "The folder that everything is kept in.",
        take: |config, given| {
            config.data_dir = PathBuf::from(given.text()?);
            Ok(())
        },
        show: |config| path(Some(&config.data_dir)),
    },
    Key {
        section: "tls",
        name: "mode",
        about: "\"self\": a certificate made here; \"files\"; \"behind-proxy\"; \"plain\": none, loopback only.",
        take: |config, given| {
            config.tls.mode = given.one_of(&TLS_MODES)?;
            Ok(())
        },
        show: |config| Some(name_of(&TLS_MODES, &config.tls.mode)),
    },
    Key {
        section: "tls",
        name: "cert_file",
        about: "The certificate and those that vouch for it (PEM), for mode \"files\"; read again at SIGHUP, as its key is.",
        take: |config, given| {
            config.tls.cert_file = Some(PathBuf::from(given.text()?));
            Ok(())
        },
        show: |config| path(config.tls.cert_file.as_ref()),
    },
    Key {
        section: "tls",
        name: "key_file",
        about: "The certificate's key (PEM), readable by its owner only.",
        take: |config, given| {
            config.tls.key_file = Some(PathBuf::from(given.text()?));
            Ok(())
        },
        show: |config| path(config.tls.key_file.as_ref()),
    },
    Key {
        section: "tls",
        name: "proxies",
        about: "Addresses that a proxy connects from, for mode \"behind-proxy\"; nobody else may connect.",
        take: |config, given| {
            let items = given.list()?;
            let addresses: Result<_, _> = items.iter().map(|item| item.parse()).collect();
            config.tls.proxies = addresses.map_err(|_| "a list of addresses".to_owned())?;
            Ok(())
        },
        show: |config| {
            let items = config.tls.proxies.iter().map(ToString::to_string);
            Some(listed(&items.collect::<Vec<_>>()))
        },
    },
    Key {
        section: "limits",
        name: "connections",
        about: "Connections in all.",
        take: |config, given| {
            config.limits.connections = given.number(1, CONNECTIONS_MAX)?;
            Ok(())
        },
        show: |config| Some(config.limits.connections.to_string()),
    },
    Key {
        section: "limits",
        name: "unauthenticated",
        about: "Connections that have not logged in; the others keep their places whatever comes.",
        take: |config, given| {
            config.limits.unauthenticated = given.number(1, CONNECTIONS_MAX)?;
            Ok(())
        },
        show: |config| Some(config.limits.unauthenticated.to_string()),
    },
    Key {
        section: "limits",
        name: "per_ip",
        about: "Connections that have not logged in, from one address (IPv6: one /64).",
        take: |config, given| {
            config.limits.per_address = given.number(1, CONNECTIONS_MAX)?;
            Ok(())
        },
        show: |config| Some(config.limits.per_address.to_string()),
    },
    Key {
        section: "limits",
        name: "handshake_timeout_s",
        about: "Seconds for TLS, and again for the HTTP request.",
        take: |config, given| {
            config.limits.handshake = given.seconds(1, SECONDS_MAX)?;
            Ok(())
        },
        show: |config| Some(config.limits.handshake.as_secs().to_string()),
    },
    Key {
        section: "limits",
        name: "login_timeout_s",
        about: "Seconds from the upgrade to the login.",
        take: |config, given| {
            config.limits.login = given.seconds(1, SECONDS_MAX)?;
            Ok(())
        },
        show: |config| Some(config.limits.login.as_secs().to_string()),
    },
    Key {
        section: "limits",
        name: "idle_timeout_s",
        about: "Seconds of silence, pings unanswered, after which a connection is dead.",
        take: |config, given| {
            config.limits.idle = given.seconds(2, SECONDS_MAX)?;
            Ok(())
        },
        show: |config| Some(config.limits.idle.as_secs().to_string()),
    },
    Key {
        section: "limits",
        name: "write_timeout_s",
        about: "Seconds for a client to take one frame.",
        take: |config, given| {
            config.limits.write = given.seconds(1, SECONDS_MAX)?;
            Ok(())
        },
        show: |config| Some(config.limits.write.as_secs().to_string()),
    },
    Key {
        section: "limits",
        name: "commands_per_s",
        about: "Frames a second that a client may send on average; whoever sends more is read later.",
        take: |config, given| {
            config.limits.frames_per_second = given.number(1, 10_000)?;
            Ok(())
        },
        show: |config| Some(config.limits.frames_per_second.to_string()),
    },
    Key {
        section: "limits",
        name: "burst",
        about: "Frames that a client may send at once.",
        take: |config, given| {
            config.limits.burst = given.number(1, 100_000)?;
            Ok(())
        },
        show: |config| Some(config.limits.burst.to_string()),
    },
    Key {
        section: "storage",
        name: "min_free_mib",
        about: "MiB that the disk must have left: below, nothing is written until there is more.",
        take: |config, given| {
            config.min_free = u64::from(given.number(0, u32::MAX)?) * MIB;
            Ok(())
        },
        show: |config| Some((config.min_free / MIB).to_string()),
    },
    Key {
        section: "monitor",
        name: "listen",
        about: "Where /livez, /readyz and /metrics are answered, as in \"127.0.0.1:9464\"; \"off\".",
        take: |config, given| {
            config.monitor.listen = match given.text()? {
                "off" => None,
                _ => Some(
                    given.parsed("an address and port, as in \"127.0.0.1:9464\", or \"off\"")?,
                ),
            };
            Ok(())
        },
        show: |config| {
            let listen = config.monitor.listen;
            Some(quoted(
                listen.map_or("off".to_owned(), |listen| listen.to_string()),
            ))
        },
    },
    Key {
        section: "monitor",
        name: "reach",
        about: "\"loopback\": an address that only this machine reaches; \"anywhere\": any, and there is no login.",
        take: |config, given| {
            config.monitor.reach = given.one_of(&REACHES)?;
            Ok(())
        },
        show: |config| Some(name_of(&REACHES, &config.monitor.reach)),
    },
    Key {
        section: "policy",
        name: "agreement",
        about: "The agreement demanded: \"none\"; \"nda_for_value\": before a deal's value; \"nda_for_deal\": before a deal's invitation.",
        take: |config, given| {
            config.policy = given.one_of(&POLICIES)?;
            Ok(())
        },
        show: |config| Some(name_of(&POLICIES, &config.policy)),
    },
    Key {
        section: "log",
        name: "format",
        about: "\"text\" or \"json\", on stderr.",
        take: |config, given| {
            config.log.format = given.one_of(&FORMATS)?;
            Ok(())
        },
        show: |config| Some(name_of(&FORMATS, &config.log.format)),
    },
    Key {
        section: "log",
        name: "level",
        about: "\"off\", \"error\", \"warn\", \"info\", \"debug\" or \"trace\".",
        take: |config, given| {
            config.log.level = given.one_of(&LEVELS)?;
            Ok(())
        },
        show: |config| Some(name_of(&LEVELS, &config.log.level)),
    },
];
