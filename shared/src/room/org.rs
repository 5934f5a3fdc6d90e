//! An organisation's own room: people, roles, invitations, devices and their certificates, internal talk, and its
//! connections with other organisations; and, in the vendor's, its acts on others, which reach those as asks.

mod ask;
mod asks;
mod connection;
mod deals;
mod enrolment;
mod invitation;
mod people;
mod renewal;
mod succession;
mod vendor;
mod vocabulary;

#[cfg(test)]
pub(crate) mod tests;

pub use ask::Ask;
pub(crate) use asks::{react, take};
pub use connection::{Day, Knock, Preference, Request, Take, ToStranger};
pub use deals::DealInvitation;
pub use enrolment::Enrolment;
pub use invitation::{
    Invitation, UsedInvitation, device_of, invitation_code, invitation_key, member_of,
};
pub use people::{Device, Person};
pub(crate) use renewal::{renew, shows_root};
pub use succession::{Succession, Successor};
pub(crate) use succession::{extend, fire};
pub use vocabulary::{Command, Event, Verb};

use super::{Case, Room, State};
use crate::{
    audience::{Audience, Grant},
    command::{Named, SlotRule},
    entry::{Entry, SaltedText, Seq, Slot, TextRef, Worded},
    event,
    id::{DeviceId, Hash, MemberId, OrgId, PublicKey, RoomId},
    rejection::Rejection,
    room::{Actor, Admission, Stated},
    standing::{OrgKind, PartnerType, Role, Status},
    text::{Text, TextKind, skeleton},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What an organisation's room holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Org {
    /// Which.
    pub id: OrgId,
    /// Vendor or partner.
    pub kind: OrgKind,
    /// Its name.
    pub name: Stated<TextRef>,
    /// The key that its certificates start from; `None` while nobody has claimed it.
    pub root: Option<PublicKey>,
    /// Whether it takes part.
    pub status: Status,
    /// Its types and programs, as the vendor recorded them.
    pub class: Stated<Class>,
    /// Its people, those who left included.
    pub people: BTreeMap<MemberId, Person>,
    /// Their devices.
    pub devices: BTreeMap<DeviceId, Device>,
    /// Open invitations, by the hash of their code; those that lapsed are dropped with the next one.
    pub invitations: BTreeMap<Hash, Invitation>,
    /// Who of this organisation made what is open, an invitation or a link for a device, by the hash of its code.
    #[serde(default)]
    pub inviters: BTreeMap<Hash, MemberId>,
    /// Those that were used and, so far as is known, not tried again, until their time is over; at most
    /// [`crate::limits::ORG_INVITATIONS_USED_MAX`].
    #[serde(default)]
    pub used: BTreeMap<Hash, UsedInvitation>,
    /// The admin whom the vendor seats here, as long as that is announced and nobody objected.
    #[serde(default)]
    pub succession: Option<Succession>,
    /// Whom the vendor has seated here, as long as they may make it a new root key: once.
    #[serde(default)]
    pub heir: Option<MemberId>,
    /// Codes by which a member's next device is let in: at most one for each.
    #[serde(default)]
    pub enrolments: BTreeMap<MemberId, Enrolment>,
    /// Requests to connect that went out; those that lapsed are dropped with the next one.
    pub asked: BTreeMap<OrgId, Request>,
    /// The offers that went to strangers, oldest first, at most [`crate::limits::STRANGERS_MAX`]: a connection opens those
    /// that still wait to both.
    #[serde(default)]
    pub strangers: Vec<ToStranger>,
    /// How often it asked on the last day that it did.
    pub day: Option<Day>,
    /// Requests to connect that wait here; those that lapsed are dropped with the next one.
    pub knocked: BTreeMap<OrgId, Knock>,
    /// With whom it is connected.
    pub connections: BTreeSet<OrgId>,
    /// Whose requests it does not hear.
    pub excluded: BTreeSet<OrgId>,
    /// Whose requests it hears; everybody's where never said.
    pub preference: Stated<Preference>,
    /// Deals that it is asked into and has not answered; at most [`crate::limits::ORG_DEAL_INVITATIONS_MAX`].
    #[serde(default)]
    pub deals: BTreeMap<RoomId, DealInvitation>,
}

/// What the vendor records of an organisation: it decides which channels by type the organisation is in, so the
/// organisation does not record it itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Class {
    /// Types of partner.
    pub types: BTreeSet<PartnerType>,
    /// Programs, and the level in each.
    pub levels: BTreeMap<Text, Option<Text>>,
}

/// The claim on an organisation's name: look-alike names are one name.
#[must_use]
pub fn name_claim(name: &str) -> Hash {
    Hash::of("rialto-claim-org-name", &[skeleton(name).as_bytes()])
}

/// The claim on an invitation's code: whoever holds the code finds the room by it. It stays when the invitation is over,
/// for a member's id is made of the code.
#[must_use]
pub fn invitation_claim(code: Hash) -> Hash {
    Hash::of("rialto-claim-invitation", &[&code.0])
}

/// The claim on a public channel's name.
#[must_use]
pub fn channel_claim(handle: &str) -> Hash {
    Hash::of("rialto-claim-channel", &[handle.as_bytes()])
}

impl Command {
    pub(crate) fn slots(&self) -> Vec<SlotRule> {
        match self {
            Self::Open { .. }
            | Self::Join { .. }
            | Self::Name {}
            | Self::Rename { .. }
            | Self::Admit { .. } => {
                vec![("name", TextKind::Name)]
            }
            Self::OpenChannel { .. } => vec![("purpose", TextKind::Words)],
            Self::Connect { .. } => vec![("words", TextKind::Words)],
            Self::Invite { .. }
            | Self::Cancel { .. }
            | Self::Role { .. }
            | Self::Suspend { .. }
            | Self::Remove { .. }
            | Self::Revoke { .. }
            | Self::Certify { .. }
            | Self::Renew { .. }
            | Self::Enrol { .. }
            | Self::HandOver { .. }
            | Self::InviteOrg { .. }
            | Self::SeatAdmin { .. }
            | Self::Object { .. }
            | Self::Classify { .. }
            | Self::SuspendOrg { .. }
            | Self::Withdraw { .. }
            | Self::AnswerConnection { .. }
            | Self::Exclude { .. }
            | Self::Prefer { .. } => vec![],
        }
    }

    pub(crate) fn named(&self, texts: &[SaltedText]) -> Named {
        let name = || texts.first().map(|text| name_claim(text.text.as_str()));
        match self {
            Self::Open { .. } | Self::Rename { .. } => Named {
                claim: name(),
                ..Named::default()
            },
            Self::Admit { invitation } => Named {
                claim: name(),
                code: Some(invitation_claim(invitation.code)),
                ..Named::default()
            },
            Self::Invite { invitation } => Named {
                code: Some(invitation_claim(invitation.code)),
                ..Named::default()
            },
            Self::Enrol { enrolment, .. } => Named {
                code: Some(invitation_claim(enrolment.code)),
                ..Named::default()
            },
            Self::InviteOrg { org, invitation }
            | Self::SeatAdmin {
                org,
                successor: Successor::Invited(invitation),
            } => Named {
                org: Some(*org),
                code: Some(invitation_claim(invitation.code)),
                ..Named::default()
            },
            Self::OpenChannel { settings } if settings.reach.public() => Named {
                claim: Some(channel_claim(settings.handle.as_str())),
                ..Named::default()
            },
            Self::Classify { org, .. }
            | Self::SeatAdmin {
                org,
                successor: Successor::Member(_),
            }
            | Self::SuspendOrg { org, .. }
            | Self::Connect { to: org }
            | Self::Withdraw { to: org }
            | Self::Exclude { org, .. } => Named {
                org: Some(*org),
                ..Named::default()
            },
            Self::AnswerConnection {
                from,
                knock,
                people,
                ..
            } => Named {
                answers: Some(*knock),
                members: people.clone(),
                org: Some(*from),
                ..Named::default()
            },
            Self::OpenChannel { .. }
            | Self::Cancel { .. }
            | Self::Join { .. }
            | Self::Role { .. }
            | Self::Suspend { .. }
            | Self::Remove { .. }
            | Self::Revoke { .. }
            | Self::Certify { .. }
            | Self::Renew { .. }
            | Self::HandOver { .. }
            | Self::Object { .. }
            | Self::Name {}
            | Self::Prefer { .. } => Named::default(),
        }
    }

    pub(crate) const fn signed(&self) -> bool {
        matches!(
            self,
            Self::Remove { .. }
                | Self::HandOver { .. }
                | Self::SeatAdmin { .. }
                | Self::SuspendOrg { .. }
                | Self::Connect { .. }
                | Self::AnswerConnection { .. }
        )
    }
}

impl Org {
    fn new(id: OrgId, kind: OrgKind, seq: Seq, name: Slot) -> Self {
        Self {
            id,
            kind,
            name: named(seq, name),
            root: None,
            status: Status::Active,
            class: Stated::default(),
            people: BTreeMap::new(),
            devices: BTreeMap::new(),
            invitations: BTreeMap::new(),
            inviters: BTreeMap::new(),
            used: BTreeMap::new(),
            succession: None,
            heir: None,
            enrolments: BTreeMap::new(),
            asked: BTreeMap::new(),
            strangers: vec![],
            day: None,
            knocked: BTreeMap::new(),
            connections: BTreeSet::new(),
            excluded: BTreeSet::new(),
            preference: Stated::default(),
            deals: BTreeMap::new(),
        }
    }

    pub(crate) fn standing_texts(&self) -> Vec<TextRef> {
        self.people
            .values()
            .map(|person| person.name)
            .chain(self.devices.values().filter_map(|device| device.name))
            .chain(self.name.value)
            .chain(self.knocked.values().map(|knock| knock.words))
            .chain(self.deals.values().map(|open| open.message))
            .collect()
    }
}

pub(crate) fn decide(
    case: &Case<'_>,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Vec<Worded<event::Event>>, Rejection> {
    let event = match (command, &case.room.state) {
        (Command::Open { kind }, State::Void) => open(case, *kind, texts)?,
        (
            Command::Join {
                code,
                key,
                chain,
                root,
            },
            State::Org(org),
        ) => match enrolment::by_code(org, *code) {
            Some(enrolment) => enrolment::join(case, org, enrolment, *key, chain, *root)?,
            None => {
                let joined = invitation::join(case, org, *code, *key, chain, *root)?;
                let renewed = renewal::by_joining(org, *code, *root).into_iter();
                let joined = Worded::new(event::Event::Org(joined), texts.to_vec());
                return Ok(renewed.chain([joined]).collect());
            }
        },
        (Command::Renew { root, chain }, State::Org(org)) => {
            case.seated()?;
            return renewal::renews(case, org, *root, chain);
        }
        (Command::Enrol { enrolment, revoke }, State::Org(org)) => {
            case.seated()?;
            let plain = |event| Worded::plain(event::Event::Org(event));
            let events = enrolment::enrol(case, org, enrolment, *revoke)?;
            return Ok(events.into_iter().map(plain).collect());
        }
        (Command::Open { .. }, _) => {
            return Err(Rejection::Only("the operator, where nothing is yet,"));
        }
        (_, State::Org(org)) => {
            case.seated()?;
            within(case, org, command, texts)?
        }
        (_, _) => return Err(Rejection::NotHere("people of its own")),
    };
    Ok(vec![Worded::new(event::Event::Org(event), texts.to_vec())])
}

fn open(case: &Case<'_>, kind: OrgKind, texts: &[SaltedText]) -> Result<Event, Rejection> {
    if !matches!(case.actor, Actor::Operator) {
        return Err(Rejection::NoSuchRoom);
    }
    let claim = free_name(case, texts)?;
    Ok(Event::Opened {
        org: OrgId::from_bits(case.id.bits()),
        kind,
        name: Slot(0),
        claim,
    })
}

fn free_name(case: &Case<'_>, texts: &[SaltedText]) -> Result<Hash, Rejection> {
    let name = texts.first().ok_or(Rejection::NoSuchThing("name"))?;
    match case.claim {
        Some(holder) if holder != case.id => Err(Rejection::Taken("name")),
        Some(_) | None => Ok(name_claim(name.text.as_str())),
    }
}

fn within(
    case: &Case<'_>,
    org: &Org,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Event, Rejection> {
    match command {
        Command::Invite { invitation } => invitation::invite(case, org, invitation),
        Command::Cancel { code } => invitation::cancel(case, org, *code),
        Command::Role {
            member,
            role,
            alliance,
            at,
        } => people::set_role(case, org, *member, *role, *alliance, *at),
        Command::Suspend { member, on } => people::suspend(case, org, *member, *on),
        Command::Remove { member } => people::remove(case, org, *member),
        Command::Revoke { device } => people::revoke(case, org, *device),
        Command::Certify { device, chain } => people::certify(case, org, *device, chain),
        Command::HandOver { from, to } => people::hand_over(case, org, *from, *to),
        Command::Name {} => Ok(Event::Named {
            member: case.member()?.id,
            name: Slot(0),
        }),
        Command::Rename { at } => {
            case.at_least(Role::Admin)?;
            org.name.unchanged_since(*at)?;
            Ok(Event::Renamed {
                name: Slot(0),
                claim: free_name(case, texts)?,
            })
        }
        Command::OpenChannel { settings } => vendor::open_channel(case, org, settings),
        Command::Admit { invitation } => vendor::admit(case, org, invitation, texts),
        Command::InviteOrg {
            org: other,
            invitation,
        } => vendor::invite_org(case, org, *other, invitation),
        Command::SeatAdmin {
            org: other,
            successor,
        } => vendor::seat_admin(case, org, *other, successor),
        Command::Object { at } => succession::object(case, org, *at),
        Command::Classify { org: other, class } => vendor::classify(case, org, *other, class),
        Command::SuspendOrg { org: other, on } => vendor::suspend_org(case, org, *other, *on),
        Command::Connect { to } => connection::connect(case, org, *to),
        Command::Withdraw { to } => connection::withdraw(case, org, *to),
        Command::AnswerConnection {
            from,
            knock,
            take,
            people,
        } => connection::reply(case, org, *from, *knock, *take, people),
        Command::Exclude { org: other, on } => connection::exclude(case, org, *other, *on),
        Command::Prefer { preference, at } => connection::prefer(case, org, *preference, *at),
        Command::Open { .. }
        | Command::Join { .. }
        | Command::Enrol { .. }
        | Command::Renew { .. } => Err(Rejection::NotHere("such a beginning")),
    }
}

pub(crate) fn apply(room: &mut Room, entry: &Entry, event: &Event) {
    if let Event::Opened {
        org, kind, name, ..
    } = event
    {
        let own = Grant::Org {
            id: *org,
            min_role: Role::Viewer,
            since: Seq::ZERO,
        };
        room.audience = Audience::of(vec![own]);
        room.state = State::Org(Box::new(Org::new(*org, *kind, entry.seq, *name)));
        return;
    }
    let State::Org(org) = &mut room.state else {
        return;
    };
    match event {
        Event::Invited { .. } | Event::Cancelled { .. } | Event::InvitationTried { .. } => {
            invitation::apply(org, entry, event);
        }
        Event::Enrolling { .. } | Event::Enrolled { .. } => enrolment::apply(org, entry, event),
        Event::SuccessorAnnounced { .. }
        | Event::SuccessionPutOff { .. }
        | Event::SuccessorRefused {}
        | Event::SuccessionLapsed {}
        | Event::SuccessorSeated { .. } => succession::apply(org, entry.seq, event),
        Event::Renamed { name, .. } => org.name = named(entry.seq, *name),
        Event::Classified { class } => org.class = Stated::new(entry.seq, class.clone()),
        Event::Halted { on } => {
            org.status = if *on {
                // Nobody there can object any more.
                org.succession = None;
                Status::Suspended
            } else {
                Status::Active
            }
        }
        Event::Joined { .. }
        | Event::RoleSet { .. }
        | Event::Suspended { .. }
        | Event::Removed { .. }
        | Event::Revoked { .. }
        | Event::Certified { .. }
        | Event::Named { .. } => people::apply(org, entry, event),
        Event::Asked { .. }
        | Event::Withdrawn { .. }
        | Event::Knocked { .. }
        | Event::Recalled { .. }
        | Event::Replied { .. }
        | Event::Met { .. }
        | Event::Answered { .. }
        | Event::Disconnected { .. }
        | Event::Excluded { .. }
        | Event::Preferred { .. } => connection::apply(org, entry, event),
        Event::Opened { .. }
        | Event::ChannelOpened { .. }
        | Event::Admitted { .. }
        | Event::OrgInvited { .. }
        | Event::SuccessorNamed { .. }
        | Event::OrgClassified { .. }
        | Event::OrgSuspended { .. }
        | Event::HandedOver { .. }
        | Event::DealCalled { .. } => {}
        Event::DealInvited { .. } | Event::DealInvitationClosed { .. } => {
            deals::apply(org, entry.seq, event);
        }
    }
}

const fn named(seq: Seq, name: Slot) -> Stated<TextRef> {
    Stated::new(seq, TextRef { seq, slot: name })
}

/// Whether whoever asks is an admin of the organisation, or the operator.
fn admin(case: &Case<'_>) -> Result<(), Rejection> {
    match case.admission {
        Admission::Operator => Ok(()),
        Admission::Seat { .. } | Admission::Invited | Admission::Outsider => {
            case.at_least(Role::Admin)
        }
    }
}
