//! Accounts: who this person is on which server, and the key that proves it.
//!
//! An account is a folder under the user's state folder (`RIALTO_HOME` or `--home` name another): what it is in
//! `account.json`, the device's key in `device.key`, where this device claimed the organisation its root key in `root.key`,
//! and the replica's files beside them. Folders are 0700 and files 0600; wider ones are refused, not repaired, because
//! whoever else could read them may have.

mod folder;
mod keys;
pub mod route;
#[cfg(test)]
mod tests;

pub use keys::{DeviceKey, chance};

use crate::route::{Choice, Route, Trust};
use ed25519_dalek::SigningKey;
use folder::{make_folder, private_folder, read_private, write_private};
use rialto_shared::{
    id::{DeviceId, Hash, MemberId, OrgId},
    protocol::{InviteLink, KnownKey, Transport},
    statement::{self, Certificate},
};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const ABOUT: &str = "account.json";
const DEVICE_KEY: &str = "device.key";
const ROOT_KEY: &str = "root.key";
/// A root key that is not the organisation's yet.
const NEW_ROOT_KEY: &str = "root-new.key";
const SERVER_KEY: &str = "server.json";

/// What went wrong with an account's folder.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No home folder can be found.
    #[error("there is no home folder: set RIALTO_HOME or pass --home")]
    NoHome,
    /// No account yet.
    #[error("there is no account yet: `rialto join LINK` makes one")]
    None,
    /// Several, and none was named.
    #[error("there are several accounts, name one with --account: {}", .0.join(", "))]
    Several(Vec<String>),
    /// No such one.
    #[error("there is no account {name:?}; there are: {}", .known.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A name that cannot be a folder's.
    #[error("an account's name has 1 to 64 letters, digits, dots, dashes and underscores")]
    Name,
    /// One of that name is there.
    #[error("there is an account {0:?} already: pass --account NAME to give this one another name")]
    Exists(String),
    /// Others may read it.
    #[error(
        "{path} may be read by others (mode {mode:o}): make it yours alone, and think of its keys as known"
    )]
    Wide {
        /// The file or folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// What it holds cannot be read.
    #[error("{path} cannot be read: {why}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The system said no.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// The system has no chance to give.
    #[error("the system gives no random bytes: {0}")]
    Chance(String),
}

/// What an account is: everything but its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The server's id, pinned by the invitation.
    pub server: Hash,
    /// How it is reached.
    pub transport: Transport,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who.
    pub member: MemberId,
    /// Of which organisation.
    pub org: OrgId,
    /// From which device.
    pub device: DeviceId,
    /// This device's certificates, from the organisation's root; empty where nobody certified it.
    pub chain: Vec<Certificate>,
    /// The proxy that was to be kept for this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Choice>,
    /// Who vouches for the server's certificate.
    #[serde(default, skip_serializing_if = "Trust::is_default")]
    pub trust: Trust,
}

impl About {
    /// The way that was to be kept; the direct one where none was.
    #[must_use]
    pub fn route(&self) -> Route {
        Route {
            proxy: self.proxy.clone().and_then(Into::into),
            trust: self.trust,
        }
    }
}

/// An account that can be used.
#[derive(Debug, Clone)]
pub struct Account {
    /// What it is called here.
    pub name: String,
    /// Its folder.
    pub dir: PathBuf,
    /// What it is.
    pub about: About,
    /// The device's key.
    pub key: DeviceKey,
    /// The organisation's root key, where this device claimed it.
    pub root: Option<DeviceKey>,
    /// The way to the server from here: what is kept, until somebody says otherwise for this once.
    pub route: Route,
    /// The newest key of the server's that was seen, once it was replaced; until then its id says all.
    pub known: Option<KnownKey>,
}

/// Keeps the server's newest key in an account's folder. In a file of its own: two programs may run on an account.
///
/// # Errors
/// What the system says.
pub fn keep_known(dir: &Path, known: KnownKey) -> Result<(), AccountError> {
    let path = dir.join(SERVER_KEY);
    let written = serde_json::to_string(&known).map_err(|error| AccountError::Malformed {
        path: path.clone(),
        why: error.to_string(),
    })?;
    write_private(&path, &written)
}

fn read_known(dir: &Path) -> Result<Option<KnownKey>, AccountError> {
    let path = dir.join(SERVER_KEY);
    let Some(read) = read_private(&path)? else {
        return Ok(None);
    };
    let known = serde_json::from_str(&read).map_err(|error| AccountError::Malformed {
        path,
        why: error.to_string(),
    })?;
    Ok(Some(known))
}

/// The folder that accounts are in.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

/// Keys that were made for an invitation and are not an account yet. They stay on disk until they are, so that an answer
/// that was lost on the way costs nothing.
#[derive(Debug)]
pub struct Joining {
    dir: PathBuf,
    /// The device's key.
    pub key: DeviceKey,
    /// A root key, should joining claim the organisation.
    pub root: DeviceKey,
    /// Whether an earlier attempt made them.
    pub again: bool,
}

impl Home {
    /// The folder given, else `RIALTO_HOME`, else `rialto` in the user's state folder. It need not exist yet.
    ///
    /// # Errors
    /// `NoHome`.
    pub fn find(given: Option<&Path>) -> Result<Self, AccountError> {
        if let Some(given) = given {
            return Ok(Self::at(given));
        }
        if let Some(named) = std::env::var_os("RIALTO_HOME").filter(|named| !named.is_empty()) {
            return Ok(Self::at(Path::new(&named)));
        }
        use etcetera::BaseStrategy as _;
        let strategy = etcetera::choose_base_strategy().map_err(|_| AccountError::NoHome)?;
        let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        Ok(Self::at(&state.join("rialto")))
    }

    /// This folder.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    fn accounts_dir(&self) -> PathBuf {
        self.root.join("accounts")
    }

    /// The names of all accounts, sorted.
    ///
    /// # Errors
    /// What the system says.
    pub fn accounts(&self) -> Result<Vec<String>, AccountError> {
        let dir = self.accounts_dir();
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            Err(error) => return Err(AccountError::Io { path: dir, error }),
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name_holds(name))
            .collect();
        names.sort();
        Ok(names)
    }

    /// Opens the account of this name, or the only one.
    ///
    /// # Errors
    /// When there is none, several, or one that others may read.
    pub fn open(&self, name: Option<&str>) -> Result<Account, AccountError> {
        let known = self.accounts()?;
        let name = match (name, known.as_slice()) {
            (Some(name), _) if known.iter().any(|other| other == name) => name.to_owned(),
            (_, []) => return Err(AccountError::None),
            (Some(name), _) => {
                return Err(AccountError::Unknown {
                    name: name.to_owned(),
                    known,
                });
            }
            (None, [only]) => only.clone(),
            (None, _) => return Err(AccountError::Several(known)),
        };
        let dir = self.accounts_dir().join(&name);
        private_folder(&dir)?;
        let about = dir.join(ABOUT);
        let read = read_private(&about)?.ok_or_else(|| AccountError::Malformed {
            path: about.clone(),
            why: "it is not there".to_owned(),
        })?;
        let about: About =
            serde_json::from_str(&read).map_err(|error| AccountError::Malformed {
                path: about,
                why: error.to_string(),
            })?;
        Ok(Account {
            route: about.route(),
            known: read_known(&dir)?,
            about,
            key: DeviceKey::read(&dir.join(DEVICE_KEY))?.ok_or_else(|| {
                AccountError::Malformed {
                    path: dir.join(DEVICE_KEY),
                    why: "it is not there".to_owned(),
                }
            })?,
            root: DeviceKey::read(&dir.join(ROOT_KEY))?,
            name,
            dir,
        })
    }

    fn joining_dir(&self, link: &InviteLink) -> PathBuf {
        let tag = Hash::of("rialto-joining-1", &[&link.code.0, &link.server.0]).to_string();
        self.root
            .join("joining")
            .join(tag.get(..16).unwrap_or(&tag))
    }

    /// The keys of an earlier attempt to join by this invitation, where there was one.
    ///
    /// # Errors
    /// What the system says.
    pub fn joining_again(&self, link: &InviteLink) -> Result<Option<Joining>, AccountError> {
        if !self.joining_dir(link).is_dir() {
            return Ok(None);
        }
        self.joining(link)
            .map(|found| Some(found).filter(|found| found.again))
    }

    /// The keys for joining by this invitation: those of an earlier attempt, else new ones, on disk before this returns.
    ///
    /// # Errors
    /// What the system says.
    pub fn joining(&self, link: &InviteLink) -> Result<Joining, AccountError> {
        let dir = self.joining_dir(link);
        make_folder(&dir)?;
        let (device, root) = (dir.join(DEVICE_KEY), dir.join(ROOT_KEY));
        let again = device.exists() && root.exists();
        Ok(Joining {
            key: DeviceKey::read_or_make(&device)?,
            root: DeviceKey::read_or_make(&root)?,
            dir,
            again,
        })
    }

    /// Makes the account that joining led to. `claimed` says whether the root key became the organisation's.
    ///
    /// # Errors
    /// A name that is taken or cannot be.
    pub fn settle(
        &self,
        joining: Joining,
        name: &str,
        about: About,
        claimed: bool,
    ) -> Result<Account, AccountError> {
        if !name_holds(name) {
            return Err(AccountError::Name);
        }
        let dir = self.accounts_dir().join(name);
        if dir.exists() {
            return Err(AccountError::Exists(name.to_owned()));
        }
        make_folder(&self.accounts_dir())?;
        let written =
            serde_json::to_string_pretty(&about).map_err(|error| AccountError::Malformed {
                path: joining.dir.join(ABOUT),
                why: error.to_string(),
            })?;
        write_private(&joining.dir.join(ABOUT), &written)?;
        if !claimed {
            let path = joining.dir.join(ROOT_KEY);
            fs::remove_file(&path).map_err(|error| AccountError::Io { path, error })?;
        }
        fs::rename(&joining.dir, &dir).map_err(|error| AccountError::Io {
            path: dir.clone(),
            error,
        })?;
        Ok(Account {
            name: name.to_owned(),
            dir,
            route: about.route(),
            known: None,
            about,
            key: joining.key,
            root: claimed.then_some(joining.root),
        })
    }

    /// A name for a new account that is free: the server's host, with a number where that is taken.
    ///
    /// # Errors
    /// See [`Self::accounts`].
    pub fn free_name(&self, host: &str) -> Result<String, AccountError> {
        let known = self.accounts()?;
        let base: String = host
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '.' || c == '-' {
                    c
                } else {
                    '_'
                }
            })
            .take(NAME_CHARS_MAX - 8)
            .collect();
        let base = base.trim_matches('.').to_owned();
        let free = std::iter::once(base.clone())
            .chain((2..).map(|n| format!("{base}-{n}")))
            .find(|name| !known.contains(name));
        free.filter(|name| name_holds(name))
            .ok_or(AccountError::Name)
    }
}

impl Account {
    /// Replaces this device's certificates, as the organisation's room now holds them.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_chain(&mut self, chain: Vec<Certificate>) -> Result<(), AccountError> {
        self.about.chain = chain;
        self.keep()
    }

    /// A root key that is to be the organisation's: of an earlier attempt, else a new one, on disk before this returns.
    ///
    /// # Errors
    /// What the system says.
    pub fn new_root(&self) -> Result<DeviceKey, AccountError> {
        DeviceKey::read_or_make(&self.dir.join(NEW_ROOT_KEY))
    }

    /// It is the organisation's now: it takes the place of the one before.
    ///
    /// # Errors
    /// What the system says.
    pub fn keep_root(&mut self) -> Result<(), AccountError> {
        let (made, path) = (self.dir.join(NEW_ROOT_KEY), self.dir.join(ROOT_KEY));
        fs::rename(made, &path).map_err(|error| AccountError::Io {
            path: path.clone(),
            error,
        })?;
        self.root = DeviceKey::read(&path)?;
        Ok(())
    }

    /// Keeps a way to the server for the next time.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_route(&mut self, proxy: Option<Choice>, trust: Trust) -> Result<(), AccountError> {
        (self.about.proxy, self.about.trust) = (proxy, trust);
        self.keep()
    }

    fn keep(&self) -> Result<(), AccountError> {
        let path = self.dir.join(ABOUT);
        let written =
            serde_json::to_string_pretty(&self.about).map_err(|error| AccountError::Malformed {
                path: path.clone(),
                why: error.to_string(),
            })?;
        write_private(&path, &written)
    }

    /// The key that certifies others with the certificates above it: this device's where they let it, else the
    /// organisation's root.
    #[must_use]
    pub fn certifier(&self) -> Option<(&SigningKey, Vec<Certificate>)> {
        let admin = self.about.chain.last().map(|link| link.to) == Some(statement::Use::Admin);
        if admin {
            return Some((self.key.signing(), self.about.chain.clone()));
        }
        self.root.as_ref().map(|root| (root.signing(), vec![]))
    }
}

/// Longest name of an account, in characters.
const NAME_CHARS_MAX: usize = 64;

fn name_holds(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty()
        && !name.starts_with('.')
        && name.len() <= NAME_CHARS_MAX
        && name.chars().all(plain)
}
