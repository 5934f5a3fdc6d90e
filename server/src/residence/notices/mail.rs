//! Mail: messages as the standards want them, handed to the operator's mail server over TLS.

use super::carrier::Undelivered;
use crate::{
    config::{Mail, MailTls},
    identity::{FileError, read_private, read_public},
};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use rialto_shared::{mail::MailAddress, time::Timestamp};
use std::{
    fmt,
    path::Path,
    time::{Duration, SystemTime},
};
use zeroize::Zeroizing;

/// Who a mail is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The server's address.
    pub from: MailAddress,
    /// The name beside it.
    pub name: String,
    /// Where answers go, where that is elsewhere.
    pub reply_to: Option<MailAddress>,
}

/// Why mail cannot be sent as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum MailTrouble {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The password's file.
    #[error("mail.password_file holds no text")]
    Password,
    /// The certificates.
    #[error("mail: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

/// A message: plain text, from the server, with this id.
pub(super) fn message(
    sender: &Sender,
    to: &MailAddress,
    id: &str,
    at: Timestamp,
    subject: &str,
    body: String,
) -> Result<Message, lettre::error::Error> {
    let since = Duration::from_millis(u64::try_from(at.as_millis()).unwrap_or_default());
    let plain = |address: &MailAddress| -> Result<Address, lettre::error::Error> {
        let (user, domain) = address.as_str().split_once('@').unwrap_or_default();
        // Whatever is an address here is one there: what this refuses is a bug.
        Address::new(user, domain).map_err(|_| lettre::error::Error::MissingTo)
    };
    let from = Mailbox::new(Some(sender.name.clone()), plain(&sender.from)?);
    let mut message = Message::builder()
        .from(from)
        .to(Mailbox::new(None, plain(to)?))
        .subject(subject)
        .date(SystemTime::UNIX_EPOCH + since)
        .message_id(Some(format!("<{id}@{}>", sender.from.domain())))
        // RFC 3834: nobody's absence answers a machine.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .header(ContentType::TEXT_PLAIN);
    if let Some(reply_to) = &sender.reply_to {
        message = message.reply_to(Mailbox::new(None, plain(reply_to)?));
    }
    message.body(body)
}

/// The way to the operator's mail server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
    timeout: Duration,
}

/// The transport holds the password.
impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer")
            .field("sender", &self.sender)
            .finish_non_exhaustive()
    }
}

impl Mailer {
    /// The way as it is configured; none where no mail is. Files are read here, once.
    ///
    /// # Errors
    /// A file that cannot be read, a certificate that is none.
    pub fn open(mail: &Mail, name: &str) -> Result<Option<Self>, MailTrouble> {
        let (Some(host), Some(from)) = (&mail.host, &mail.from) else {
            return Ok(None);
        };
        let host = host.to_string().trim_matches(['[', ']']).to_owned();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host.clone())
            .port(mail.port())
            .timeout(Some(mail.timeout))
            .tls(match mail.tls {
                MailTls::Implicit => Tls::Wrapper(parameters(mail, host)?),
                MailTls::Starttls => Tls::Required(parameters(mail, host)?),
                MailTls::Plain => Tls::None,
            });
        if let Some(username) = &mail.username {
            let password = mail.password_file.as_deref().map(password).transpose()?;
            let password = password.unwrap_or_default().as_str().to_owned();
            builder = builder.credentials(Credentials::new(username.clone(), password));
        }
        Ok(Some(Self {
            transport: builder.build(),
            sender: Sender {
                from: from.clone(),
                name: name.to_owned(),
                reply_to: mail.reply_to.clone(),
            },
            timeout: mail.timeout,
        }))
    }

    /// Who its mails are from.
    #[must_use]
    pub const fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Hands a message over: done when the mail server has said that it has it.
    pub(super) async fn send(&self, message: Message) -> Result<(), Undelivered> {
        let sent = tokio::time::timeout(self.timeout, self.transport.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(undelivered(&error)),
            Err(_) => Err(Undelivered::Unreachable(
                "the mail server takes too long".to_owned(),
            )),
        }
    }

    /// A message of the operator's, handed over now or not at all.
    pub(super) async fn say(
        &self,
        to: &MailAddress,
        (subject, body): (&str, String),
        at: Timestamp,
    ) -> Result<(), Undelivered> {
        let id = data_encoding::HEXLOWER.encode(&crate::server::chance::<16>());
        let message = message(&self.sender, to, &id, at, subject, body);
        let message = message.map_err(|error| Undelivered::Refused(error.to_string()))?;
        self.send(message).await
    }
}

/// What the mail server said; its words may hold the address, which is for no log: the number says what is wrong.
fn undelivered(error: &lettre::transport::smtp::Error) -> Undelivered {
    let said = error.status().map(|code| code.to_string());
    match said {
        Some(code) if error.is_permanent() => {
            Undelivered::Refused(format!("the mail server refuses it for good: {code}"))
        }
        Some(code) => Undelivered::Later(format!("the mail server refuses it for now: {code}")),
        None if error.is_timeout() => {
            Undelivered::Unreachable("the mail server takes too long".to_owned())
        }
        None => Undelivered::Unreachable(format!("the mail server is not reached: {error}")),
    }
}

fn parameters(mail: &Mail, host: String) -> Result<TlsParameters, MailTrouble> {
    let mut builder = TlsParameters::builder(host);
    if let Some(path) = &mail.ca_file {
        builder = builder.add_root_certificate(Certificate::from_pem(&read_public(path)?)?);
    }
    Ok(builder.build_rustls()?)
}

/// The first line of a file that only its owner may read.
fn password(path: &Path) -> Result<Zeroizing<String>, MailTrouble> {
    let bytes = read_private(path)?;
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next();
    let line = str::from_utf8(line.unwrap_or_default());
    Ok(Zeroizing::new(
        line.map_err(|_| MailTrouble::Password)?.to_owned(),
    ))
}
