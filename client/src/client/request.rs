//! Making commands: cleaned texts with salts of their own, facts written once, and the signature of a commitment.

use crate::account::{Account, AccountError, DeviceKey, chance};
use rialto_shared::{
    command::Command,
    entry::{Facts, SaltedText, Seq, Worded},
    id::{DeviceId, Hash, MemberId, Nonce, PublicKey, RoomId, Salt},
    protocol::{InviteCode, InviteLink, Signed},
    room::{
        inbox,
        org::{self, invitation_code, invitation_key},
        talk,
    },
    standing::Role,
    statement::{Certificate, Declaration, Statement, Use, public_key},
    text::{Emoji, TextError, TextKind, clean},
    time::{Span, Timestamp},
};
use std::collections::BTreeSet;

/// Why a command cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// A text that stays wrong after cleaning: empty, or too long.
    #[error("{field} {error}")]
    Text {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        error: TextError,
    },
    /// Not one text for each slot.
    #[error("{kind} holds {slots} texts, {given} were given")]
    Texts {
        /// The kind of command.
        kind: String,
        /// How many it holds.
        slots: usize,
        /// How many there are.
        given: usize,
    },
    /// The system has no chance to give.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// This device certifies nobody.
    #[error("this device certifies nobody: an admin's device invites")]
    NoCertifier,
}

/// A text of this kind, cleaned, with a salt of its own.
///
/// # Errors
/// What stays wrong after cleaning.
pub fn text(field: &'static str, kind: TextKind, raw: &str) -> Result<SaltedText, RequestError> {
    let text = kind
        .parse(&clean(kind, raw))
        .map_err(|error| RequestError::Text { field, error })?;
    Ok(SaltedText {
        salt: Salt(chance()?),
        text,
    })
}

/// The texts of a command, one for each of its slots.
///
/// # Errors
/// A text that stays wrong, or not as many as there are slots.
pub fn texts(command: &Command, raws: &[&str]) -> Result<Vec<SaltedText>, RequestError> {
    let slots = command.slots();
    if slots.len() != raws.len() {
        return Err(RequestError::Texts {
            kind: command.kind(),
            slots: slots.len(),
            given: raws.len(),
        });
    }
    slots
        .iter()
        .zip(raws)
        .map(|((field, kind), raw)| text(field, *kind, raw))
        .collect()
}

/// A command and its texts.
///
/// # Errors
/// See [`texts`].
pub fn worded(command: Command, raws: &[&str]) -> Result<Worded<Command>, RequestError> {
    let texts = texts(&command, raws)?;
    Ok(Worded::new(command, texts))
}

/// Says something.
///
/// # Errors
/// See [`texts`].
pub fn say(
    body: &str,
    thread: Option<Seq>,
    mentions: BTreeSet<MemberId>,
) -> Result<Worded<Command>, RequestError> {
    worded(
        Command::Talk(talk::Command::Say { thread, mentions }),
        &[body],
    )
}

/// Replaces the text of one's own message; `at` is the entry that set it last.
///
/// # Errors
/// See [`texts`].
pub fn edit(target: Seq, at: Seq, body: &str) -> Result<Worded<Command>, RequestError> {
    worded(Command::Talk(talk::Command::Edit { target, at }), &[body])
}

/// Removes a message as a moderator; signed.
///
/// # Errors
/// See [`texts`].
pub fn redact(
    target: Seq,
    reason: talk::RedactReason,
    words: &str,
) -> Result<Worded<Command>, RequestError> {
    worded(
        Command::Talk(talk::Command::Redact { target, reason }),
        &[words],
    )
}

/// Removes one's own message.
#[must_use]
pub const fn delete(target: Seq) -> Worded<Command> {
    Worded::plain(Command::Talk(talk::Command::Delete { target }))
}

/// Adds a reaction or takes it back.
#[must_use]
pub const fn react(target: Seq, emoji: Emoji, on: bool) -> Worded<Command> {
    Worded::plain(Command::Talk(talk::Command::React { target, emoji, on }))
}

/// Pins a message or takes the pin away.
#[must_use]
pub const fn pin(target: Seq, on: bool) -> Worded<Command> {
    Worded::plain(Command::Talk(talk::Command::Pin { target, on }))
}

/// Silences a member for a while.
#[must_use]
pub const fn mute(member: MemberId, span: Span) -> Worded<Command> {
    Worded::plain(Command::Talk(talk::Command::Mute { member, span }))
}

/// Lifts a mute.
#[must_use]
pub const fn unmute(member: MemberId) -> Worded<Command> {
    Worded::plain(Command::Talk(talk::Command::Unmute { member }))
}

/// Keeps a room; sent to one's Inbox.
#[must_use]
pub const fn join_room(room: RoomId) -> Worded<Command> {
    Worded::plain(Command::Inbox(inbox::Command::Join { room }))
}

/// Keeps it no longer; sent to one's Inbox.
#[must_use]
pub const fn leave_room(room: RoomId) -> Worded<Command> {
    Worded::plain(Command::Inbox(inbox::Command::Leave { room }))
}

/// What waited is done; sent to one's Inbox.
#[must_use]
pub const fn done(need: Seq) -> Worded<Command> {
    Worded::plain(Command::Inbox(inbox::Command::Done { need }))
}

/// Opens a Direct; sent to one's Inbox.
#[must_use]
pub const fn open_direct(members: BTreeSet<MemberId>) -> Worded<Command> {
    Worded::plain(Command::Inbox(inbox::Command::OpenDirect { members }))
}

/// An invitation to one's own organisation: the command for its room, and the link for the person.
#[derive(Debug)]
pub struct Invite {
    /// To send to the organisation's room.
    pub command: Worded<Command>,
    /// To hand to the person, by another way than this server.
    pub link: InviteLink,
}

/// Makes an invitation: a code, and this device's certificate for the key in it.
///
/// # Errors
/// Where this device certifies nobody.
pub fn invite(
    account: &Account,
    role: Role,
    alliance: bool,
    until: Timestamp,
) -> Result<Invite, RequestError> {
    let (certifier, above) = account.certifier().ok_or(RequestError::NoCertifier)?;
    let code = InviteCode(chance()?);
    let to = if role == Role::Admin {
        Use::InviteAdmin
    } else {
        Use::Invite
    };
    let about = &account.about;
    let subject = public_key(&invitation_key(&code.0));
    let last = Certificate::issue(certifier, about.server, about.org, subject, to);
    let invitation = org::Invitation {
        code: invitation_code(&code.0),
        chain: above.into_iter().chain([last]).collect(),
        role,
        alliance,
        until,
    };
    Ok(Invite {
        command: Worded::plain(Command::Org(org::Command::Invite { invitation })),
        link: link_of(account, code),
    })
}

/// Makes the invitation by which an organisation's first admin claims it: nobody certifies it, its root key will.
///
/// # Errors
/// Where the system has no chance to give.
pub fn claim(
    account: &Account,
    until: Timestamp,
) -> Result<(org::Invitation, InviteLink), RequestError> {
    bare(account, Role::Admin, false, until)
}

/// Makes an invitation of somebody who signs nothing, until a device that may certifies theirs: this one need not.
///
/// # Errors
/// Where the system has no chance to give.
pub fn invite_uncertified(
    account: &Account,
    role: Role,
    alliance: bool,
    until: Timestamp,
) -> Result<Invite, RequestError> {
    let (invitation, link) = bare(account, role, alliance, until)?;
    Ok(Invite {
        command: Worded::plain(Command::Org(org::Command::Invite { invitation })),
        link,
    })
}

/// An invitation without certificates, and its link.
fn bare(
    account: &Account,
    role: Role,
    alliance: bool,
    until: Timestamp,
) -> Result<(org::Invitation, InviteLink), RequestError> {
    let code = InviteCode(chance()?);
    let invitation = org::Invitation {
        code: invitation_code(&code.0),
        chain: vec![],
        role,
        alliance,
        until,
    };
    Ok((invitation, link_of(account, code)))
}

/// Gives a device of one's own organisation its certificates: this device's, and one for its key.
///
/// # Errors
/// Where this device certifies nobody.
pub fn certify(
    account: &Account,
    device: DeviceId,
    key: PublicKey,
    role: Role,
) -> Result<Worded<Command>, RequestError> {
    let (certifier, above) = account.certifier().ok_or(RequestError::NoCertifier)?;
    let to = if role == Role::Admin {
        Use::Admin
    } else {
        Use::Device
    };
    let about = &account.about;
    let last = Certificate::issue(certifier, about.server, about.org, key, to);
    let chain = above.into_iter().chain([last]).collect();
    Ok(Worded::plain(Command::Org(org::Command::Certify {
        device,
        chain,
    })))
}

/// Gives one's own organisation a new root key, and this device its certificate by it.
#[must_use]
pub fn renew(account: &Account, root: &DeviceKey) -> Worded<Command> {
    let about = &account.about;
    let own = account.key.public();
    let chain = vec![Certificate::issue(
        root.signing(),
        about.server,
        about.org,
        own,
        Use::Admin,
    )];
    let root = root.public();
    Worded::plain(Command::Org(org::Command::Renew { root, chain }))
}

/// Makes a code that lets a member's next device in: certified by this device for its own member, by an admin's for another.
///
/// # Errors
/// Where it is for another and this device certifies nobody.
pub fn enrol(
    account: &Account,
    (member, role): (MemberId, Role),
    until: Timestamp,
    revoke: bool,
) -> Result<Invite, RequestError> {
    let code = InviteCode(chance()?);
    let about = &account.about;
    let subject = public_key(&invitation_key(&code.0));
    let issue = |by, to| Certificate::issue(by, about.server, about.org, subject, to);
    let own = member == about.member;
    let chain = match account.certifier() {
        Some((certifier, above)) if !own || role == Role::Admin => {
            let to = if role == Role::Admin {
                Use::InviteAdmin
            } else {
                Use::Invite
            };
            above.into_iter().chain([issue(certifier, to)]).collect()
        }
        Some(_) | None if !own => return Err(RequestError::NoCertifier),
        // A device that nobody certified lets in one that nobody certified either.
        Some(_) | None if about.chain.is_empty() => vec![],
        Some(_) | None => {
            let last = issue(account.key.signing(), Use::Link);
            about.chain.iter().cloned().chain([last]).collect()
        }
    };
    let enrolment = org::Enrolment {
        code: invitation_code(&code.0),
        member,
        chain,
        until,
    };
    Ok(Invite {
        command: Worded::plain(Command::Org(org::Command::Enrol { enrolment, revoke })),
        link: link_of(account, code),
    })
}

/// The link that hands this code to a person.
#[must_use]
pub fn link_of(account: &Account, code: InviteCode) -> InviteLink {
    InviteLink {
        transport: account.about.transport,
        host: account.about.host.clone(),
        port: account.about.port,
        code,
        server: account.about.server,
    }
}

/// The facts of a command: written once, sent and signed as they are.
#[must_use]
pub fn facts(worded: &Worded<Command>) -> String {
    Facts::write(worded)
}

/// Signs a command. `subject` is the hash of the entry that it answers or replaces, else zero.
///
/// # Errors
/// Where the system has no chance to give: what is signed holds a nonce, and stays as it is however often it is sent.
pub fn sign(
    account: &Account,
    room: RoomId,
    command: &Command,
    subject: Hash,
    facts: &str,
) -> Result<Signed, AccountError> {
    let declaration = Declaration {
        server: account.about.server,
        org: account.about.org,
        device: account.about.device,
        nonce: Nonce::from_bits(chance()?),
        room,
        kind: command.kind(),
        subject,
        facts: facts.to_owned(),
    };
    let statement = Statement::make(account.key.signing(), &declaration, vec![]);
    Ok(Signed {
        declaration: statement.declaration,
        signature: statement.signature,
    })
}
