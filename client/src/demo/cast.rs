//! Those who take part, as the history tells it: each with an account and keys of their own, made as everybody's are, and
//! invited as everybody is.

use super::{
    DemoError,
    ecosystem::{CHARACTERS, Character},
    kept,
    venue::{HOST, Venue, Waiting},
};
use crate::{
    account::{About, Account, Home, Joining},
    replica::Ticket,
    request::{self, RequestError},
    route::Trust,
};
use rialto_server::ledger::writer::{Submission, Work};
use rialto_shared::{
    command::Command,
    entry::{Facts, SaltedText, Seq, Worded},
    event::Event,
    id::{Hash, LaneId, OrgId, RoomId},
    limits,
    protocol::{InviteCode, InviteLink, Transport},
    room::org,
    standing::Role,
    statement::{Certificate, Use, public_key},
};
use std::collections::BTreeMap;

/// Somebody who takes part.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) account: Account,
    lane: LaneId,
    n: u64,
}

impl Person {
    /// Somebody who has said nothing yet on a lane of their own.
    pub(super) fn of(venue: &Venue, account: Account) -> Result<Self, DemoError> {
        let lane = LaneId::from_bits(venue.chance.bytes()?);
        Ok(Self {
            account,
            lane,
            n: 0,
        })
    }

    /// Gives a command of theirs to the writer, numbered, and signed where it commits them.
    pub(super) fn send(
        &mut self,
        venue: &Venue,
        room: RoomId,
        command: Worded<Command>,
    ) -> Result<Waiting, DemoError> {
        let facts = request::facts(&command);
        self.n += 1;
        let ticket = Ticket {
            lane: self.lane,
            n: self.n,
        };
        let signed = if command.what.signed() {
            let subject = subject(venue, room, &command)?;
            let (account, what) = (&self.account, &command.what);
            Some(request::sign(account, room, what, subject, &facts)?)
        } else {
            None
        };
        let words: Vec<&str> = command
            .texts
            .iter()
            .map(|text| text.text.as_str())
            .collect();
        let what = format!("{}: {} {words:?}", self.account.name, command.what.kind());
        let submission = Submission {
            device: self.account.about.device,
            lane: ticket.lane,
            n: ticket.n,
            room,
            facts,
            texts: command.texts,
            signed,
        };
        Ok(venue.work(what, Work::Command(Box::new(submission))))
    }
}

/// The hash of the entry that a command answers.
fn subject(venue: &Venue, room: RoomId, command: &Worded<Command>) -> Result<Hash, DemoError> {
    let named = command.what.named(&command.texts);
    if let Some(matter) = named.answers {
        return Ok(matter);
    }
    match named.cites {
        None | Some(Seq::ZERO) => Ok(Hash::ZERO),
        Some(seq) => venue.newest(room, "entry to sign", |entry| {
            (entry.seq == seq).then(|| entry.hash())
        }),
    }
}

/// Everyone who takes part, by what the history calls them.
pub(super) type Cast = BTreeMap<&'static str, Person>;

/// Everyone joins: the first of an organisation claims it, by the operator's invitation; the others are invited by them.
pub(super) fn join_all(
    venue: &Venue,
    orgs: &BTreeMap<&'static str, OrgId>,
) -> Result<Cast, DemoError> {
    let mut cast = Cast::new();
    for character in &CHARACTERS {
        let org = *orgs
            .get(character.company)
            .ok_or_else(|| DemoError::Invented(format!("no {}", character.company)))?;
        let first = CHARACTERS
            .iter()
            .find(|other| other.company == character.company)
            .filter(|first| first.key != character.key);
        let account = match first.and_then(|first| cast.get_mut(first.key)) {
            Some(admin) => joins(venue, admin, character)?,
            None => claims(venue, org, character)?,
        };
        cast.insert(character.key, Person::of(venue, account)?);
    }
    Ok(cast)
}

fn claims(venue: &Venue, org: OrgId, who: &Character) -> Result<Account, DemoError> {
    let code = InviteCode(venue.chance.bytes()?);
    let invitation = org::Invitation {
        code: org::invitation_code(&code.0),
        chain: vec![],
        role: who.role,
        alliance: false,
        until: venue.now() + limits::INVITATION_SPAN,
    };
    let invite = Command::Org(org::Command::Invite { invitation });
    venue.operate(RoomId::org(org), invite, &[])?.done()?;
    let (home, joining) = keys(venue, code, who)?;
    let (root, key) = (joining.root.signing(), joining.key.public());
    let chain = vec![Certificate::issue(root, venue.id(), org, key, Use::Admin)];
    let account = join(venue, org, code, who, (&home, joining), chain, true)?;
    if who.alliance {
        appoint(venue, &account, who.role)?;
    }
    Ok(account)
}

/// Whoever claims the vendor is no alliance manager yet: the operator says so afterwards.
fn appoint(venue: &Venue, account: &Account, role: Role) -> Result<(), DemoError> {
    let (room, member) = (RoomId::org(account.about.org), account.about.member);
    let at = venue.newest(room, "newcomer", |entry| {
        matches!(entry.event, Event::Org(org::Event::Joined { .. })).then_some(entry.seq)
    })?;
    let appoint = org::Command::Role {
        member,
        role,
        alliance: true,
        at,
    };
    let appoint = Command::Org(appoint);
    venue.operate(room, appoint, &[])?.done().map(drop)
}

fn joins(venue: &Venue, admin: &mut Person, who: &Character) -> Result<Account, DemoError> {
    let org = admin.account.about.org;
    let code = InviteCode(venue.chance.bytes()?);
    let invitation = invitation(venue, &admin.account, who, code)?;
    let mut chain = invitation.chain.clone();
    let invite = Worded::plain(Command::Org(org::Command::Invite { invitation }));
    admin.send(venue, RoomId::org(org), invite)?.done()?;
    let (home, joining) = keys(venue, code, who)?;
    let to = if who.role == Role::Admin {
        Use::Admin
    } else {
        Use::Device
    };
    let issuer = org::invitation_key(&code.0);
    let key = joining.key.public();
    chain.push(Certificate::issue(&issuer, venue.id(), org, key, to));
    join(venue, org, code, who, (&home, joining), chain, false)
}

/// An admin's invitation by this code, as `request::invite` makes one by a code of the system's chance.
fn invitation(
    venue: &Venue,
    admin: &Account,
    who: &Character,
    code: InviteCode,
) -> Result<org::Invitation, DemoError> {
    let (certifier, above) = admin.certifier().ok_or(RequestError::NoCertifier)?;
    let to = if who.role == Role::Admin {
        Use::InviteAdmin
    } else {
        Use::Invite
    };
    let key = public_key(&org::invitation_key(&code.0));
    let last = Certificate::issue(certifier, venue.id(), admin.about.org, key, to);
    Ok(org::Invitation {
        code: org::invitation_code(&code.0),
        chain: above.into_iter().chain([last]).collect(),
        role: who.role,
        alliance: who.alliance,
        until: venue.now() + limits::INVITATION_SPAN,
    })
}

/// The keys of somebody who is about to join, in a home of their own.
fn keys(venue: &Venue, code: InviteCode, who: &Character) -> Result<(Home, Joining), DemoError> {
    let home = kept::home(venue.folder(), who.key);
    let link = InviteLink {
        transport: Transport::Plain,
        host: HOST.to_owned(),
        port: venue.port,
        code,
        server: venue.id(),
    };
    let mut joining = home.joining(&link)?;
    // The files keep the keys that were made: an account of fixed keys is never opened again.
    joining.key = venue.chance.key(joining.key)?;
    joining.root = venue.chance.key(joining.root)?;
    Ok((home, joining))
}

fn join(
    venue: &Venue,
    org: OrgId,
    code: InviteCode,
    who: &Character,
    (home, joining): (&Home, Joining),
    chain: Vec<Certificate>,
    claimed: bool,
) -> Result<Account, DemoError> {
    let hash = org::invitation_code(&code.0);
    let key = joining.key.public();
    let command = Command::Org(org::Command::Join {
        code: hash,
        key,
        chain: chain.clone(),
        root: claimed.then(|| joining.root.public()),
    });
    let texts: Vec<SaltedText> = request::texts(&command, &[who.name])?;
    let facts = Facts::write(&Worded::new(command, texts.clone()));
    let work = Work::Join {
        code: hash,
        facts,
        texts,
    };
    venue.work(format!("{} joins", who.name), work).done()?;
    let about = About {
        server: venue.id(),
        transport: Transport::Plain,
        host: HOST.to_owned(),
        port: venue.port,
        member: org::member_of(hash),
        org,
        device: org::device_of(key),
        chain,
        proxy: None,
        trust: Trust::Pinned,
    };
    Ok(home.settle(joining, who.key, about, claimed)?)
}
