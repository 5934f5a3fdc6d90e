//! The invitation's link: all that an invited person needs, in one line that survives a mail.
//!
//! `rialto://HOST:PORT/i/CODE#SERVER` holds where the server is, the code, and the server's id, so that the very first
//! connection already knows whom it must meet. The code is a secret: it is shown only by [`InviteLink`]'s `Display`.
//! `rialto+plain://` is the same without TLS, and is read for loopback addresses only.

use crate::id::Hash;
use data_encoding::BASE32_DNSSEC;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
// The addresses alone, without the sockets that `std` puts beside them.
use core::net::{IpAddr, Ipv6Addr};
use std::{fmt, str::FromStr};

/// Longest host name that DNS knows.
const HOST_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

/// How a server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `rialto://`, over TLS.
    Tls,
    /// `rialto+plain://`, without: loopback only.
    Plain,
}

impl Scheme {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "rialto://",
            Self::Plain => "rialto+plain://",
        }
    }
}

/// A host as it stands in a link: an address, or a name of letters, digits, hyphens and dots in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// `203.0.113.7` or, in brackets, `[2001:db8::7]`.
    Address(IpAddr),
    /// `console.example.com`.
    Name(String),
}

impl Host {
    /// Whether this is the machine itself, as far as the host alone can tell.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Address(address) => address.is_loopback(),
            Self::Name(name) => name == "localhost",
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl FromStr for Host {
    type Err = InviteLinkError;

    /// An IPv6 address may stand with or without its brackets.
    fn from_str(text: &str) -> Result<Self, InviteLinkError> {
        if let Some(inner) = text.strip_prefix('[') {
            let address = inner
                .strip_suffix(']')
                .and_then(|inner| inner.parse::<Ipv6Addr>().ok());
            return address
                .map(|address| Self::Address(IpAddr::V6(address)))
                .ok_or(InviteLinkError::Host);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Address(address));
        }
        let name = text.to_ascii_lowercase();
        let fits = name.len() <= HOST_BYTES_MAX && name.split('.').all(is_label);
        // `1.2.3` is a name to this grammar and an address to some resolvers: neither is meant.
        let numeric = name
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if fits && !numeric {
            Ok(Self::Name(name))
        } else {
            Err(InviteLinkError::Host)
        }
    }
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LABEL_BYTES_MAX
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// An invitation, as it is handed to a person.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteLink {
    /// With or without TLS.
    pub scheme: Scheme,
    /// Where the server is.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// The secret: who has it may join, once.
    pub code: [u8; 16],
    /// The id of the server: [`crate::protocol::server_id`].
    pub server: Hash,
}

/// Why a text is no invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteLinkError {
    /// Something else altogether.
    #[error("an invitation begins with rialto:// (or, on this machine itself, rialto+plain://)")]
    Scheme,
    /// Cut off or broken by a line's end.
    #[error(
        "an invitation has the form rialto://HOST:PORT/i/CODE#SERVER: a part is missing; was it cut off?"
    )]
    Form,
    /// The host.
    #[error(
        "the invitation's host is neither a name nor an address (an IPv6 address stands in brackets)"
    )]
    Host,
    /// The port.
    #[error("the invitation's port must be a number from 1 to 65535")]
    Port,
    /// The code.
    #[error("the invitation's code must be 26 letters and digits; was it cut off?")]
    Code,
    /// The server.
    #[error("the part after # must be the server's id, 64 hexadecimal digits; was it cut off?")]
    Server,
    /// Plain to elsewhere.
    #[error(
        "rialto+plain:// is for this machine itself only: without TLS nothing is sent elsewhere"
    )]
    PlainElsewhere,
}

/// The text of a code, as it stands in a link and in the frame that joins.
#[must_use]
pub fn code_text(code: &[u8; 16]) -> String {
    BASE32_DNSSEC.encode(code)
}

/// The code of a text; letters of either case.
///
/// # Errors
/// [`InviteLinkError::Code`] for anything that is not 26 letters and digits of the alphabet.
pub fn code_of(text: &str) -> Result<[u8; 16], InviteLinkError> {
    BASE32_DNSSEC
        .decode(text.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(InviteLinkError::Code)
}

impl fmt::Display for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            scheme,
            host,
            port,
            code,
            server,
        } = self;
        write!(
            f,
            "{}{host}:{port}/i/{}#{server}",
            scheme.as_str(),
            code_text(code)
        )
    }
}

impl Serialize for InviteLink {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for InviteLink {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Without the code: links must not reach a log by way of `{:?}`.
impl fmt::Debug for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "InviteLink({}{}:{}, {:?})",
            self.scheme.as_str(),
            self.host,
            self.port,
            self.server
        )
    }
}

impl FromStr for InviteLink {
    type Err = InviteLinkError;

    /// Blanks around the link are left out: it was pasted.
    fn from_str(text: &str) -> Result<Self, InviteLinkError> {
        let text = text.trim();
        let (scheme, rest) = [Scheme::Tls, Scheme::Plain]
            .into_iter()
            .find_map(|scheme| Some((scheme, text.strip_prefix(scheme.as_str())?)))
            .ok_or(InviteLinkError::Scheme)?;
        let (place, rest) = rest.split_once("/i/").ok_or(InviteLinkError::Form)?;
        let (code, server) = rest.split_once('#').ok_or(InviteLinkError::Form)?;
        let (host, port) = place.rsplit_once(':').ok_or(InviteLinkError::Form)?;
        // `::1` without brackets: its last group is no port.
        if host.contains(':') && !host.starts_with('[') {
            return Err(InviteLinkError::Host);
        }
        let link = Self {
            scheme,
            host: host.parse()?,
            port: decimal(port).ok_or(InviteLinkError::Port)?,
            code: code_of(code)?,
            server: server.parse().map_err(|_| InviteLinkError::Server)?,
        };
        match link.scheme {
            Scheme::Plain if !link.host.is_loopback() => Err(InviteLinkError::PlainElsewhere),
            Scheme::Plain | Scheme::Tls => Ok(link),
        }
    }
}

/// Digits only: `u16`'s own parser would also take a sign.
fn decimal(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(scheme: Scheme, host: &str) -> InviteLink {
        InviteLink {
            scheme,
            host: host.parse().unwrap(),
            port: 7878,
            code: [7; 16],
            server: Hash([9; 32]),
        }
    }

    #[test]
    fn a_link_reads_back_whatever_its_host() {
        for (scheme, host) in [
            (Scheme::Tls, "console.example.com"),
            (Scheme::Tls, "xn--bcher-kva.example"),
            (Scheme::Tls, "203.0.113.7"),
            (Scheme::Tls, "2001:db8::7"),
            (Scheme::Plain, "localhost"),
            (Scheme::Plain, "127.0.0.1"),
            (Scheme::Plain, "[::1]"),
        ] {
            let link = link(scheme, host);
            let text = link.to_string();
            assert_eq!(text.parse(), Ok(link), "{text}");
            assert_eq!(
                format!("  {text}\n")
                    .parse::<InviteLink>()
                    .unwrap()
                    .to_string(),
                text
            );
        }
        assert_eq!(code_text(&[7; 16]).len(), 26);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let whole = link(Scheme::Tls, "console.example.com").to_string();
        let with = |from: &str, to: &str| whole.replacen(from, to, 1);
        let id = "09".repeat(32);
        for (text, error) in [
            (String::new(), InviteLinkError::Scheme),
            (with("rialto", "https"), InviteLinkError::Scheme),
            (with("/i/", "/j/"), InviteLinkError::Form),
            (with("#", "/"), InviteLinkError::Form),
            (with(":7878", ""), InviteLinkError::Form),
            (with(":7878", ":0"), InviteLinkError::Port),
            (with(":7878", ":+80"), InviteLinkError::Port),
            (with(":7878", ":65536"), InviteLinkError::Port),
            (with("console.", "con sole."), InviteLinkError::Host),
            (with("console.", "."), InviteLinkError::Host),
            (with("console.example.com", "1.2.3"), InviteLinkError::Host),
            (with("console.example.com", "::1"), InviteLinkError::Host),
            (
                with("console.example.com", "user@example.com"),
                InviteLinkError::Host,
            ),
            (with(&id, &id[..62]), InviteLinkError::Server),
            (with("/i/", "/i/x"), InviteLinkError::Code),
            (
                with("rialto", "rialto+plain"),
                InviteLinkError::PlainElsewhere,
            ),
        ] {
            assert_eq!(text.parse::<InviteLink>(), Err(error), "{text}");
        }
    }

    #[test]
    fn debug_keeps_the_code_to_itself() {
        let link = link(Scheme::Tls, "console.example.com");
        assert!(!format!("{link:?}").contains(&code_text(&link.code)));
    }

    proptest! {
        #[test]
        fn nothing_pasted_panics(text in "(rialto(\\+plain)?://)?\\PC{0,40}(/i/)?\\PC{0,40}#?\\PC{0,70}") {
            if let Ok(link) = text.parse::<InviteLink>() {
                prop_assert_eq!(link.to_string().parse::<InviteLink>(), Ok(link));
            }
        }

        #[test]
        fn a_code_reads_back_in_either_case(code: [u8; 16]) {
            prop_assert_eq!(code_of(&code_text(&code)), Ok(code));
            prop_assert_eq!(code_of(&code_text(&code).to_ascii_uppercase()), Ok(code));
        }
    }
}
