//! The link that invites a person: where the server is, which server it must be, and the code.
//!
//! `https://host:port/join#CODE.SERVER` is a page in a browser and an invitation to `rialto join`. Everything that is secret
//! stands after `#`, which a browser, a previewer and a proxy keep to themselves: whoever fetches the page neither sees nor
//! uses up the invitation. SERVER pins the server: a client sends nothing to another one. Behind a proxy that ends TLS the
//! link ends in `.proxy`; without TLS, on loopback alone, it begins with `http`. The form before this one,
//! `rialto://host:port/i/CODE#SERVER` (`rialto+proxy`, `rialto+plain`), is read as well.

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

/// The page of invitations on a server.
pub const JOIN_PATH: &str = "/join";
/// What the part after `#` ends in behind a proxy.
const PROXY: &str = "proxy";

impl Transport {
    /// What stood before `://` in the older form.
    const fn older_scheme(self) -> &'static str {
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
    #[error("an invitation reads https://HOST:PORT/join#CODE.SERVER, all of it")]
    Form,
    /// The host or the port.
    #[error("the invitation names no host and port, as in https://console.example.com:7450/join#…")]
    Address,
    /// The code.
    #[error("the invitation's code is not complete: it has 26 letters and digits")]
    Code,
    /// The server's id.
    #[error("the invitation does not name its server: 64 hexadecimal digits after the code")]
    Server,
}

impl fmt::Display for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, end) = match self.transport {
            Transport::Tls => ("https", ""),
            Transport::Proxy => ("https", ".proxy"),
            Transport::Plain => ("http", ""),
        };
        let (port, code, server) = (self.port, self.code, self.server);
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        write!(
            f,
            "{scheme}://{host}:{port}{JOIN_PATH}#{code}.{server}{end}"
        )
    }
}

impl FromStr for InviteLink {
    type Err = InviteLinkError;

    fn from_str(text: &str) -> Result<Self, InviteLinkError> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(InviteLinkError::Form)?;
        match scheme {
            "https" => page(rest, 443, &[Transport::Tls, Transport::Proxy]),
            "http" => page(rest, 80, &[Transport::Plain]),
            _ => older(scheme, rest),
        }
    }
}

/// Reads a page's address, as it was handed over or as an address bar shows it: without the scheme's own port, perhaps with
/// what a messenger put after a `?`.
fn page(rest: &str, own_port: u16, of: &[Transport]) -> Result<InviteLink, InviteLinkError> {
    let (address, secret) = rest.split_once('#').ok_or(InviteLinkError::Code)?;
    let address = address.split('?').next().unwrap_or_default();
    let (address, path) = address.split_once('/').ok_or(InviteLinkError::Form)?;
    if Some(path) != JOIN_PATH.strip_prefix('/') {
        return Err(InviteLinkError::Form);
    }
    let bare = !address.ends_with(']') && address.contains(':');
    let (host, port) = if bare {
        host_and_port(address)
    } else {
        host_and_port(&format!("{address}:{own_port}"))
    }
    .ok_or(InviteLinkError::Address)?;
    let (code, server) = secret.split_once('.').ok_or(InviteLinkError::Server)?;
    let (server, end) = server.split_once('.').unwrap_or((server, ""));
    let transport = of.iter().copied().find(|transport| match transport {
        Transport::Tls | Transport::Plain => end.is_empty(),
        Transport::Proxy => end == PROXY,
    });
    Ok(InviteLink {
        transport: transport.ok_or(InviteLinkError::Form)?,
        host,
        port,
        code: code.parse()?,
        server: server.parse().map_err(|_| InviteLinkError::Server)?,
    })
}

/// Reads the form that was handed out before there was a page.
fn older(scheme: &str, rest: &str) -> Result<InviteLink, InviteLinkError> {
    use strum::VariantArray as _;
    let transport = Transport::VARIANTS
        .iter()
        .copied()
        .find(|transport| transport.older_scheme() == scheme)
        .ok_or(InviteLinkError::Form)?;
    let (address, rest) = rest.split_once("/i/").ok_or(InviteLinkError::Form)?;
    let (code, server) = rest.split_once('#').ok_or(InviteLinkError::Server)?;
    let (host, port) = host_and_port(address).ok_or(InviteLinkError::Address)?;
    Ok(InviteLink {
        transport,
        host,
        port,
        code: code.parse()?,
        server: server.parse().map_err(|_| InviteLinkError::Server)?,
    })
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
    fn what_is_secret_stands_after_the_number_sign() {
        let link = link(Transport::Tls, "console.example.com");
        let printed = link.to_string();
        let (page, secret) = printed.split_once('#').unwrap();
        assert_eq!(page, "https://console.example.com:7450/join");
        assert_eq!(secret, format!("{}.{}", link.code, link.server));
    }

    #[test]
    fn an_address_bar_may_leave_the_port_out_and_a_messenger_add_a_query() {
        let mut link = link(Transport::Tls, "::1");
        link.port = 443;
        let printed = link.to_string();
        let bar = printed.replace(":443/", "/");
        assert_ne!(bar, printed);
        assert_eq!(bar.parse::<InviteLink>().unwrap(), link);
        let tagged = printed.replace("/join#", "/join?source=mail&x=1#");
        assert_eq!(tagged.parse::<InviteLink>().unwrap(), link);
        link.transport = Transport::Plain;
        link.port = 80;
        let bar = link.to_string().replace(":80/", "/");
        assert_eq!(bar.parse::<InviteLink>().unwrap(), link);
    }

    #[test]
    fn the_form_before_this_one_is_read() {
        use strum::VariantArray as _;
        for transport in Transport::VARIANTS {
            let link = link(*transport, "console.example.com");
            let (scheme, code, server) = (transport.older_scheme(), link.code, link.server);
            let older = format!("{scheme}://console.example.com:7450/i/{code}#{server}");
            assert_eq!(older.parse::<InviteLink>().unwrap(), link);
            let cut = older.split('#').next().unwrap();
            assert_eq!(cut.parse::<InviteLink>(), Err(InviteLinkError::Server));
        }
    }

    #[test]
    fn what_is_wrong_with_a_link_is_named() {
        let good = link(Transport::Tls, "host").to_string();
        for (bad, error) in [
            ("hello".to_owned(), InviteLinkError::Form),
            (good.replace("https:", "ftp:"), InviteLinkError::Form),
            (good.replace("/join", "/i"), InviteLinkError::Form),
            (format!("{good}.elsewhere"), InviteLinkError::Form),
            (
                good.replace("https:", "http:") + ".proxy",
                InviteLinkError::Form,
            ),
            (good.replace(":7450", ":0"), InviteLinkError::Address),
            (good.replace("host", "ho st"), InviteLinkError::Address),
            (good.replace("host", "[host"), InviteLinkError::Address),
            (good.replace('#', "#x"), InviteLinkError::Code),
            (
                good.split('#').next().unwrap().to_owned(),
                InviteLinkError::Code,
            ),
            (good[..good.len() - 1].to_owned(), InviteLinkError::Server),
            (
                good.split('.').next().unwrap().to_owned(),
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
