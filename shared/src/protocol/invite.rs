//! The link that invites a person: where the server is, which server it must be, and the code.
//!
//! `rialto://host:port/i/CODE#SERVER`. The part after `#` pins the server: a client sends nothing to another one. Behind a
//! proxy that ends TLS the scheme is `rialto+proxy`, without TLS, on loopback alone, `rialto+plain`.

use crate::id::Hash;
use data_encoding::BASE32_DNSSEC;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How a client reaches its server.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Transport {
    /// TLS that ends in the server: its proof is bound to the certificate that the client sees.
    Tls,
    /// TLS that ends before the server, as its operator says.
    Proxy,
    /// No TLS: loopback only.
    Plain,
}

impl Transport {
    /// What stands before `://`.
    #[must_use]
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Tls => "rialto",
            Self::Proxy => "rialto+proxy",
            Self::Plain => "rialto+plain",
        }
    }
}

/// The 128 random bits of an invitation, made by whoever invites. Who knows them may join: never printed by accident.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InviteCode(pub [u8; 16]);

impl fmt::Debug for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteCode(..)")
    }
}

impl fmt::Display for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE32_DNSSEC.encode(&self.0))
    }
}

impl FromStr for InviteCode {
    type Err = InviteLinkError;

    fn from_str(text: &str) -> Result<Self, InviteLinkError> {
        let bytes = BASE32_DNSSEC
            .decode(text.as_bytes())
            .map_err(|_| InviteLinkError::Code)?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| InviteLinkError::Code)
    }
}

/// An invitation as it is handed from person to person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteLink {
    /// How the server is reached.
    pub transport: Transport,
    /// Its name or address; an IPv6 address without its brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The invitation.
    pub code: InviteCode,
    /// The server's id.
    pub server: Hash,
}

/// Why a text is no invitation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InviteLinkError {
    /// Another form altogether.
    #[error("an invitation reads rialto://HOST:PORT/i/CODE#SERVER")]
    Form,
    /// The host or the port.
    #[error("the invitation names no host and port, as in rialto://console.example.com:7450/…")]
    Address,
    /// The code.
    #[error("the invitation's code is not complete: it has 26 letters and digits")]
    Code,
    /// The server's id.
    #[error("the invitation does not end in the id of its server, 64 hexadecimal digits after #")]
    Server,
}

impl fmt::Display for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, code, server) = (self.transport.scheme(), self.code, self.server);
        if self.host.contains(':') {
            write!(
                f,
                "{scheme}://[{}]:{}/i/{code}#{server}",
                self.host, self.port
            )
        } else {
            write!(
                f,
                "{scheme}://{}:{}/i/{code}#{server}",
                self.host, self.port
            )
        }
    }
}

impl FromStr for InviteLink {
    type Err = InviteLinkError;

    fn from_str(text: &str) -> Result<Self, InviteLinkError> {
        use strum::VariantArray as _;
        let (scheme, rest) = text.trim().split_once("://").ok_or(InviteLinkError::Form)?;
        let transport = Transport::VARIANTS
            .iter()
            .copied()
            .find(|transport| transport.scheme() == scheme)
            .ok_or(InviteLinkError::Form)?;
        let (address, rest) = rest.split_once("/i/").ok_or(InviteLinkError::Form)?;
        let (code, server) = rest.split_once('#').ok_or(InviteLinkError::Server)?;
        let (host, port) = host_and_port(address).ok_or(InviteLinkError::Address)?;
        Ok(Self {
            transport,
            host,
            port,
            code: code.parse()?,
            server: server.parse().map_err(|_| InviteLinkError::Server)?,
        })
    }
}

fn host_and_port(address: &str) -> Option<(String, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None if host.contains(':') => return None,
        None => host,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || !host.chars().all(plain) {
        return None;
    }
    let port = port.parse().ok().filter(|port| *port > 0)?;
    Some((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(transport: Transport, host: &str) -> InviteLink {
        InviteLink {
            transport,
            host: host.to_owned(),
            port: 7450,
            code: InviteCode([7; 16]),
            server: Hash::plain(b"server"),
        }
    }

    #[test]
    fn a_link_reads_back() {
        use strum::VariantArray as _;
        for transport in Transport::VARIANTS {
            for host in ["console.example.com", "127.0.0.1", "::1"] {
                let link = link(*transport, host);
                assert_eq!(link.to_string().parse::<InviteLink>().unwrap(), link);
            }
        }
    }

    #[test]
    fn what_is_wrong_with_a_link_is_named() {
        let good = link(Transport::Tls, "host").to_string();
        for (bad, error) in [
            ("hello".to_owned(), InviteLinkError::Form),
            (good.replace("rialto:", "https:"), InviteLinkError::Form),
            (good.replace(":7450", ""), InviteLinkError::Address),
            (good.replace(":7450", ":0"), InviteLinkError::Address),
            (good.replace("host", "ho st"), InviteLinkError::Address),
            (good.replace("/i/", "/i/x"), InviteLinkError::Code),
            (good[..good.len() - 1].to_owned(), InviteLinkError::Server),
            (
                good.split('#').next().unwrap().to_owned(),
                InviteLinkError::Server,
            ),
        ] {
            assert_eq!(bad.parse::<InviteLink>(), Err(error), "{bad}");
        }
    }

    #[test]
    fn a_code_is_not_debugged() {
        assert_eq!(format!("{:?}", InviteCode([7; 16])), "InviteCode(..)");
    }
}
