//! A mail address, in one spelling.
//!
//! What the standards allow is far more than what mailboxes are called, and every exotic form is a way to smuggle something
//! into a header: an address here is the plain one that people have, in lower case, so that equal ones are equal.

use super::host::Host;
use crate::limits::MAIL_CHARS_MAX;
use std::{fmt, str::FromStr};

/// Longest part before the `@`.
const LOCAL_BYTES_MAX: usize = 64;

/// No address that mail is sent to here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a mail address is NAME@DOMAIN in lower case, at most {MAIL_CHARS_MAX} characters: a to z, 0 to 9 and .!#$%&'*+-/=?^_`{{|}}~ in the name, a domain with a dot"
)]
pub struct MailError;

/// `ana.sol@brightpath.example`: a name of letters, digits and the signs that need no quotes, and a domain with a dot.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MailAddress(String);

impl MailAddress {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

/// An address is for its member's eyes: in no log, and in no message of an error.
impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress(…)")
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for MailAddress {
    type Err = MailError;

    fn from_str(text: &str) -> Result<Self, MailError> {
        let (local, domain) = text.split_once('@').ok_or(MailError)?;
        let fits = text.len() <= MAIL_CHARS_MAX
            && local.len() <= LOCAL_BYTES_MAX
            && local.split('.').all(is_atom)
            && is_domain(domain);
        fits.then(|| Self(text.to_owned())).ok_or(MailError)
    }
}

fn is_atom(part: &str) -> bool {
    let fits =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    !part.is_empty() && part.bytes().all(fits)
}

fn is_domain(domain: &str) -> bool {
    let lower = !domain.bytes().any(|b| b.is_ascii_uppercase());
    let named = matches!(domain.parse(), Ok(Host::Name(_)));
    lower && named && domain.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_have_are_read_and_nothing_else() {
        for address in [
            "ana@brightpath.example",
            "ana.sol+rialto@mail.brightpath.example",
            "o'hara_7@xn--bcher-kva.example",
        ] {
            let read: MailAddress = address.parse().unwrap();
            assert_eq!(read.to_string(), address);
        }
        let long = format!("{}@{}.example", "a".repeat(40), "b".repeat(40));
        for wrong in [
            "",
            "ana",
            "@brightpath.example",
            "ana@",
            "ana@localhost",
            "ana@192.0.2.1",
            "Ana@brightpath.example",
            "ana@Brightpath.example",
            "ana@@brightpath.example",
            "ana@b@c.example",
            ".ana@brightpath.example",
            "ana..sol@brightpath.example",
            "\"ana sol\"@brightpath.example",
            "ana sol@brightpath.example",
            "ana@brightpath.example\r\nbcc: all@brightpath.example",
            "anä@brightpath.example",
            "ana@brightpath.example ",
            long.as_str(),
        ] {
            assert_eq!(wrong.parse::<MailAddress>(), Err(MailError), "{wrong:?}");
        }
    }

    #[test]
    fn an_address_shows_in_no_log() {
        let address: MailAddress = "ana@brightpath.example".parse().unwrap();
        assert!(!format!("{address:?}").contains("ana"));
        assert_eq!(address.domain(), "brightpath.example");
    }
}
