//! How members are told outside the console, as the operator chose.

use super::Config;
use rialto_shared::{host::Host, mail::MailAddress};
use std::{path::PathBuf, time::Duration};

/// How the way to the mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// From the first byte.
    Implicit,
    /// By STARTTLS, or not at all: nothing is sent in the clear.
    Starttls,
    /// Not: loopback only.
    Plain,
}

/// `[mail]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The mail server; no mail where there is none.
    pub host: Option<Host>,
    /// Its port.
    pub port: Option<u16>,
    /// How the way there is secured.
    pub tls: MailTls,
    /// A certificate authority beside the system's, PEM.
    pub ca_file: Option<PathBuf>,
    /// Who logs in.
    pub username: Option<String>,
    /// The file with the password.
    pub password_file: Option<PathBuf>,
    /// The address that mail is from.
    pub from: Option<MailAddress>,
    /// Where answers go.
    pub reply_to: Option<MailAddress>,
    /// For one mail.
    pub timeout: Duration,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: None,
            port: None,
            tls: MailTls::Implicit,
            ca_file: None,
            username: None,
            password_file: None,
            from: None,
            reply_to: None,
            timeout: Duration::from_secs(30),
        }
    }
}

impl Mail {
    /// The port, said or usual.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            MailTls::Implicit => 465,
            MailTls::Starttls => 587,
            MailTls::Plain => 25,
        })
    }
}

/// `[hook]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The program; none is run where none is named.
    pub program: Option<PathBuf>,
    /// How long it may take.
    pub timeout: Duration,
}

impl Default for Hook {
    fn default() -> Self {
        Self {
            program: None,
            timeout: Duration::from_secs(10),
        }
    }
}

impl Config {
    /// What no key of these can say for itself.
    pub(super) fn mail_contradictions(&self) -> impl Iterator<Item = String> + use<> {
        let mail = &self.mail;
        let away = mail.host.as_ref().is_some_and(|host| !host.is_loopback());
        let relative = |path: &PathBuf| !path.is_absolute();
        [
            (mail.host.is_some() != mail.from.is_some())
                .then_some("mail.host and mail.from go together: which server, and which address mail is from"),
            (mail.tls == MailTls::Plain && away)
                .then_some("mail.tls \"none\" is for a mail server on this machine itself (mail.host is none): what goes over a network needs \"implicit\" or \"starttls\""),
            (mail.username.is_some() != mail.password_file.is_some())
                .then_some("mail.username and mail.password_file go together"),
            self.hook.program.as_ref().is_some_and(relative)
                .then_some("hook.program is a whole path, from / on: no search is made for it"),
        ]
        .into_iter()
        .flatten()
        .map(str::to_owned)
    }
}
