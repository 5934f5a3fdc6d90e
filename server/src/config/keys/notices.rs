//! `[mail]` and `[hook]`: how members are told outside the console.

use super::{Key, name_of, path, quoted};
use crate::config::MailTls;
use rialto_shared::limits;
use std::path::PathBuf;

const MAIL_TLS: [(&str, MailTls); 3] = [
    ("implicit", MailTls::Implicit),
    ("starttls", MailTls::Starttls),
    ("none", MailTls::Plain),
];

/// All of them.
pub(super) const KEYS: [Key; 11] = [
    Key {
        section: "mail",
        name: "host",
        about: "The mail server that notices are handed to; without it no mail is sent.",
        take: |config, given| {
            config.mail.host = Some(given.parsed("a host name or address, without a port")?);
            Ok(())
        },
        show: |config| {
            config
                .mail
                .host
                .as_ref()
                .map(|host| quoted(host.to_string()))
        },
    },
    Key {
        section: "mail",
        name: "port",
        about: "Its port, where it is not 465 (\"implicit\"), 587 (\"starttls\") or 25 (\"none\").",
        take: |config, given| {
            let port = given.number(1, u16::MAX.into())?;
            config.mail.port = u16::try_from(port).ok();
            Ok(())
        },
        show: |config| config.mail.port.map(|port| port.to_string()),
    },
    Key {
        section: "mail",
        name: "tls",
        about: "\"implicit\": TLS from the first byte; \"starttls\": or nothing is sent; \"none\": loopback only.",
        take: |config, given| {
            config.mail.tls = given.one_of(&MAIL_TLS)?;
            Ok(())
        },
        show: |config| Some(name_of(&MAIL_TLS, &config.mail.tls)),
    },
    Key {
        section: "mail",
        name: "ca_file",
        about: "A certificate authority that the mail server is known by, beside the system's (PEM).",
        take: |config, given| {
            config.mail.ca_file = Some(PathBuf::from(given.text()?));
            Ok(())
        },
        show: |config| path(config.mail.ca_file.as_ref()),
    },
    Key {
        section: "mail",
        name: "username",
        about: "Who logs in there; without it nobody does.",
        take: |config, given| {
            config.mail.username = Some(given.text()?.to_owned());
            Ok(())
        },
        show: |config| config.mail.username.as_ref().map(quoted),
    },
    Key {
        section: "mail",
        name: "password_file",
        about: "The file with the password on its first line, readable by its owner only.",
        take: |config, given| {
            config.mail.password_file = Some(PathBuf::from(given.text()?));
            Ok(())
        },
        show: |config| path(config.mail.password_file.as_ref()),
    },
    Key {
        section: "mail",
        name: "from",
        about: "The address that notices are from, in lower case.",
        take: |config, given| {
            config.mail.from = Some(given.parsed("a mail address in lower case")?);
            Ok(())
        },
        show: |config| config.mail.from.as_ref().map(|from| quoted(from.as_str())),
    },
    Key {
        section: "mail",
        name: "reply_to",
        about: "Where answers go, where that is another address.",
        take: |config, given| {
            config.mail.reply_to = Some(given.parsed("a mail address in lower case")?);
            Ok(())
        },
        show: |config| {
            let to = config.mail.reply_to.as_ref();
            to.map(|to| quoted(to.as_str()))
        },
    },
    Key {
        section: "mail",
        name: "timeout_s",
        about: "Seconds for the mail server to take one mail; slower counts as not there.",
        take: |config, given| {
            config.mail.timeout = given.seconds(1, 600)?;
            Ok(())
        },
        show: |config| Some(config.mail.timeout.as_secs().to_string()),
    },
    Key {
        section: "hook",
        name: "program",
        about: "A program that is run for what a member is told, with one line of JSON on its stdin; no shell.",
        take: |config, given| {
            config.hook.program = Some(PathBuf::from(given.text()?));
            Ok(())
        },
        show: |config| path(config.hook.program.as_ref()),
    },
    Key {
        section: "hook",
        name: "timeout_s",
        about: "Seconds that it may take; then it is killed, with all that it started.",
        take: |config, given| {
            config.hook.timeout = given.seconds(1, limits::HOOK_SECONDS_MAX)?;
            Ok(())
        },
        show: |config| Some(config.hook.timeout.as_secs().to_string()),
    },
];
