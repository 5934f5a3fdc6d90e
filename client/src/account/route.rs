//! The way to a server beside its address: through which proxy, and who vouches for its certificate.
//!
//! A proxy is asked for a tunnel and sees none of what goes through it. Which one it is comes from the command line, else from
//! what this account was told to keep, else from the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), read as curl reads
//! it. Nothing of it is kept unless that is asked for.

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Route {
    /// Through which proxy; none: directly.
    pub proxy: Option<Proxy>,
    /// Who vouches for the certificate.
    pub trust: Trust,
}

/// Who vouches for a server's certificate. The server's identity key always has to, by the pin in the invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The server's identity key, and nobody else.
    #[default]
    Pinned,
    /// The authorities of this system as well.
    System,
}

impl Trust {
    /// Whether it is what nobody asked for.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// An HTTP proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    url: String,
    /// Its name or address.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// What `Proxy-Authorization` says, where its address has a name and a password.
    pub(crate) authorization: Option<String>,
}

/// Without the password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// Without the password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// What somebody chose: a proxy, or none whatever the environment says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Choice {
    /// The direct way.
    Direct,
    /// Through a proxy.
    Through(Proxy),
}

/// How the direct way is chosen.
const DIRECT: &str = "none";

impl FromStr for Choice {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, ProxyError> {
        if text == DIRECT {
            return Ok(Self::Direct);
        }
        text.parse().map(Self::Through)
    }
}

impl TryFrom<String> for Choice {
    type Error = ProxyError;

    fn try_from(text: String) -> Result<Self, ProxyError> {
        text.parse()
    }
}

impl From<Choice> for String {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Direct => DIRECT.to_owned(),
            Choice::Through(proxy) => proxy.url,
        }
    }
}

impl From<Choice> for Option<Proxy> {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Direct => None,
            Choice::Through(proxy) => Some(proxy),
        }
    }
}

/// Why a text names no proxy. It does not repeat the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// Another form altogether.
    #[error("a proxy's address reads http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT")]
    Form,
    /// A proxy of another sort.
    #[error("a proxy of the sort {0:?} is not spoken to: only http://HOST:PORT is")]
    Sort(String),
    /// The environment names one that is none.
    #[error("{variable}: {error}; pass --proxy URL, or --proxy none for the direct way")]
    Variable {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        error: Box<Self>,
    },
}

impl FromStr for Proxy {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let matcher = Matcher::builder().https(text).build();
        let anywhere = Uri::from_static("https://rialto.invalid/");
        let found = matcher.intercept(&anywhere).ok_or(ProxyError::Form)?;
        Self::of(text, &found)
    }
}

impl Proxy {
    fn of(text: &str, found: &Intercept) -> Result<Self, ProxyError> {
        let uri = found.uri();
        let sort = uri.scheme_str().unwrap_or_default();
        if sort != "http" {
            return Err(ProxyError::Sort(sort.chars().take(20).collect()));
        }
        let host = uri.host().ok_or(ProxyError::Form)?;
        let authorization = found.basic_auth().map(|value| value.to_str());
        Ok(Self {
            url: text.to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().unwrap_or(80),
            authorization: authorization
                .transpose()
                .map_err(|_| ProxyError::Form)?
                .map(str::to_owned),
        })
    }
}

/// What the environment says of proxies; the first that is set of each pair.
#[derive(Clone, Default)]
pub struct Environment {
    https: String,
    all: String,
    no: String,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("no", &self.no)
            .finish_non_exhaustive()
    }
}

impl Environment {
    /// Reads it by this.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: [&str; 2]| names.into_iter().find_map(&variable).unwrap_or_default();
        Self {
            https: first(["HTTPS_PROXY", "https_proxy"]),
            all: first(["ALL_PROXY", "all_proxy"]),
            no: first(["NO_PROXY", "no_proxy"]),
        }
    }

    /// The proxy on the way to a host.
    ///
    /// # Errors
    /// Where one is named that cannot be used: going the direct way instead would be another thing than was asked for.
    pub fn proxy(&self, host: &str) -> Result<Option<Proxy>, ProxyError> {
        let (variable, text) = if self.https.is_empty() {
            ("ALL_PROXY", self.all.as_str())
        } else {
            ("HTTPS_PROXY", self.https.as_str())
        };
        if text.is_empty() || self.spares(host) {
            return Ok(None);
        }
        let proxy = text.parse().map_err(|error| ProxyError::Variable {
            variable,
            error: Box::new(error),
        })?;
        Ok(Some(proxy))
    }

    /// Whether `NO_PROXY` names the host: asked with a proxy that is surely one.
    fn spares(&self, host: &str) -> bool {
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        let Ok(uri) = format!("https://{host}/").parse::<Uri>() else {
            return false;
        };
        let matcher = Matcher::builder()
            .https("http://rialto.invalid:1")
            .no(self.no.as_str())
            .build();
        matcher.intercept(&uri).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(set: &[(&str, &str)]) -> Environment {
        Environment::read(|name| {
            let found = set.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn through(set: &[(&str, &str)], host: &str) -> Option<String> {
        let proxy = environment(set).proxy(host).unwrap();
        proxy.map(|proxy| proxy.to_string())
    }

    #[test]
    fn a_proxys_address_is_read_with_its_password_and_shown_without() {
        let proxy: Proxy = "http://tom:p%40ss@proxy.example.com:3128".parse().unwrap();
        assert_eq!(
            (proxy.host.as_str(), proxy.port),
            ("proxy.example.com", 3128)
        );
        assert_eq!(proxy.authorization.as_deref(), Some("Basic dG9tOnBAc3M="));
        for shown in [proxy.to_string(), format!("{proxy:?}")] {
            assert!(
                !shown.contains("p@ss") && !shown.contains("p%40ss"),
                "{shown}"
            );
        }
        let bare: Proxy = "proxy:3128".parse().unwrap();
        assert_eq!(
            (bare.to_string().as_str(), bare.authorization),
            ("proxy:3128", None)
        );
        let six: Proxy = "http://[::1]:8080".parse().unwrap();
        assert_eq!(six.host, "::1");
        assert_eq!("http://proxy".parse::<Proxy>().unwrap().port, 80);
    }

    #[test]
    fn what_is_no_proxy_is_refused_and_not_repeated() {
        for (text, error) in [
            ("", ProxyError::Form),
            ("http://", ProxyError::Form),
            ("ftp://proxy:3128", ProxyError::Form),
            ("socks5://proxy:1080", ProxyError::Sort("socks5".to_owned())),
            ("https://proxy:443", ProxyError::Sort("https".to_owned())),
        ] {
            assert_eq!(text.parse::<Proxy>(), Err(error), "{text}");
        }
        let error = environment(&[("HTTPS_PROXY", "ftp://tom:secret@proxy")]).proxy("host");
        let words = error.unwrap_err().to_string();
        assert!(
            words.starts_with("HTTPS_PROXY: ") && !words.contains("secret"),
            "{words}"
        );
    }

    #[test]
    fn the_environment_is_read_as_others_read_it() {
        let https = ("HTTPS_PROXY", "http://one:1");
        assert_eq!(through(&[], "host"), None);
        assert_eq!(through(&[https], "host").as_deref(), Some("one:1"));
        assert_eq!(
            through(&[("https_proxy", "two:2")], "host").as_deref(),
            Some("two:2")
        );
        let both = [("https_proxy", "two:2"), https];
        assert_eq!(through(&both, "host").as_deref(), Some("one:1"));
        assert_eq!(
            through(&[("all_proxy", "three:3")], "host").as_deref(),
            Some("three:3")
        );
        assert_eq!(through(&[("HTTP_PROXY", "four:4")], "host"), None);
        for (no, host, spared) in [
            ("*", "host", true),
            ("example.com", "console.example.com", true),
            (".example.com", "console.example.com", true),
            ("example.com", "notexample.com", false),
            ("other, 10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("::1", "::1", true),
            ("", "host", false),
        ] {
            let set = [https, ("NO_PROXY", no)];
            assert_eq!(through(&set, host).is_none(), spared, "{no} {host}");
        }
    }

    #[test]
    fn what_is_kept_reads_back() {
        for text in ["\"none\"", "\"http://a:b@proxy:3128\""] {
            let choice: Choice = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&choice).unwrap(), text);
        }
        assert!(serde_json::from_str::<Choice>("\"socks5://x:1\"").is_err());
    }
}
