//! A host as it stands in an invitation's link.

// The addresses alone, without the sockets that `std` puts beside them.
use core::net::{IpAddr, Ipv6Addr};
use std::{fmt, str::FromStr};

/// Longest host name that DNS knows.
const HOST_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

/// Neither an address nor a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host is an address, or a name of letters, digits, hyphens and dots")]
pub struct HostError;

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
    type Err = HostError;

    /// An IPv6 address may stand with or without its brackets.
    fn from_str(text: &str) -> Result<Self, HostError> {
        if let Some(inner) = text.strip_prefix('[') {
            let address = inner
                .strip_suffix(']')
                .and_then(|inner| inner.parse::<Ipv6Addr>().ok());
            return address
                .map(|address| Self::Address(IpAddr::V6(address)))
                .ok_or(HostError);
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
            Err(HostError)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_read_back_and_what_is_none_is_refused() {
        for host in [
            "console.example.com",
            "xn--bcher-kva.example",
            "203.0.113.7",
            "2001:db8::7",
            "[::1]",
        ] {
            let read: Host = host.parse().unwrap();
            assert_eq!(read.to_string().parse(), Ok(read), "{host}");
        }
        for wrong in [
            "",
            "con sole",
            ".",
            "1.2.3",
            "user@example.com",
            "-a.example",
            "a..b",
        ] {
            assert_eq!(wrong.parse::<Host>(), Err(HostError), "{wrong}");
        }
        assert!("localhost".parse::<Host>().unwrap().is_loopback());
    }
}
