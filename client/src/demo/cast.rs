//! Those who take part, as the history tells it: each with an account and keys of their own, made as everybody's are, and
//! invited as everybody is.

use super::{
    DemoError,
    ecosystem::{CHARACTERS, Character},
    venue::{Venue, Waiting},
};
use crate::{
    account::{About, Account, Home, Joining, chance},
    replica::Ticket,
    request,
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
    statement::{Certificate, Use},
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
        let person = Person {
            account,
            lane: LaneId::from_bits(chance()?),
            n: 0,
        };
        cast.insert(character.key, person);
    }
    Ok(cast)
}

fn claims(venue: &Venue, org: OrgId, who: &Character) -> Result<Account, DemoError> {
    let code = InviteCode(chance()?);
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
    let until = venue.now() + limits::INVITATION_SPAN;
    let invite = request::invite(&admin.account, who.role, who.alliance, until)?;
    let Command::Org(org::Command::Invite { invitation }) = &invite.command.what else {
        return Err(DemoError::Invented("an invitation invites".to_owned()));
    };
    let mut chain = invitation.chain.clone();
    let code = invite.link.code;
    admin
        .send(venue, RoomId::org(org), invite.command)?
        .done()?;
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

/// The keys of somebody who is about to join, in a home of their own.
fn keys(venue: &Venue, code: InviteCode, who: &Character) -> Result<(Home, Joining), DemoError> {
    let home = Home::at(&venue.folder().join("homes").join(who.key));
    let link = InviteLink {
        transport: Transport::Plain,
        host: "127.0.0.1".to_owned(),
        port: venue.port,
        code,
        server: venue.id(),
    };
    let joining = home.joining(&link)?;
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
        host: "127.0.0.1".to_owned(),
        port: venue.port,
        member: org::member_of(hash),
        org,
        device: org::device_of(key),
        chain,
    };
    Ok(home.settle(joining, who.key, about, claimed)?)
}
