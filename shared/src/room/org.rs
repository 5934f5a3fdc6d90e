//! An organisation's own room: people, roles, invitations, devices and their certificates, internal talk; and, in the
//! vendor's, its acts on other organisations, which reach those as asks.

mod deals;
mod invitation;
mod people;
mod vocabulary;

pub use deals::DealInvitation;
pub use invitation::{Invitation, device_of, invitation_code, member_of};
pub use people::{Device, Person};
pub use vocabulary::{Ask, Command, Event, Verb};

use super::{Case, Room, State, Taking, channel};
use crate::{
    ask::{Address, Ask as Asked},
    audience::{Audience, Grant},
    command::{Named, SlotRule},
    entry::{Entry, SaltedText, Seq, Slot, TextRef, Worded},
    event,
    id::{DeviceId, Hash, MemberId, OrgId, PublicKey, RoomId},
    limits,
    rejection::Rejection,
    room::{Actor, Admission, Stated, inbox},
    standing::{OrgKind, PartnerType, Role, Status},
    text::{Text, TextKind, skeleton},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What an organisation's room holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Open invitations, by the hash of their code.
    pub invitations: BTreeMap<Hash, Invitation>,
    /// Deals that it is asked into and has not answered; at most [`limits::ORG_DEAL_INVITATIONS_MAX`].
    #[serde(default)]
    pub deals: BTreeMap<RoomId, DealInvitation>,
}

/// What the vendor records of an organisation: it decides which channels by type the organisation is in, so the
/// organisation does not record it itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
            Self::Invite { .. }
            | Self::Cancel { .. }
            | Self::Role { .. }
            | Self::Suspend { .. }
            | Self::Remove { .. }
            | Self::Revoke { .. }
            | Self::Certify { .. }
            | Self::InviteOrg { .. }
            | Self::Classify { .. }
            | Self::SuspendOrg { .. } => vec![],
        }
    }

    pub(crate) fn named(&self, texts: &[SaltedText]) -> Named {
        let name = || texts.first().map(|text| name_claim(text.text.as_str()));
        match self {
            Self::Open { .. } | Self::Rename { .. } | Self::Admit { .. } => Named {
                claim: name(),
                ..Named::default()
            },
            Self::OpenChannel { settings } if settings.reach.public() => Named {
                claim: Some(channel_claim(settings.handle.as_str())),
                ..Named::default()
            },
            Self::InviteOrg { org, .. }
            | Self::Classify { org, .. }
            | Self::SuspendOrg { org, .. } => Named {
                org: Some(*org),
                ..Named::default()
            },
            Self::OpenChannel { .. }
            | Self::Invite { .. }
            | Self::Cancel { .. }
            | Self::Join { .. }
            | Self::Role { .. }
            | Self::Suspend { .. }
            | Self::Remove { .. }
            | Self::Revoke { .. }
            | Self::Certify { .. }
            | Self::Name {} => Named::default(),
        }
    }

    pub(crate) const fn signed(&self) -> bool {
        matches!(self, Self::Remove { .. } | Self::SuspendOrg { .. })
    }
}

impl Org {
    pub(crate) fn standing_texts(&self) -> Vec<TextRef> {
        self.people
            .values()
            .map(|person| person.name)
            .chain(self.name.value)
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
        ) => invitation::join(case, org, *code, *key, chain, *root)?,
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
        Command::Cancel { code } => {
            case.at_least(Role::Admin)?;
            let open = org.invitations.contains_key(code);
            open.then_some(Event::Cancelled { code: *code })
                .ok_or(Rejection::NoSuchThing("code"))
        }
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
        Command::OpenChannel { settings } => open_channel(case, org, settings),
        Command::Admit { .. }
        | Command::InviteOrg { .. }
        | Command::Classify { .. }
        | Command::SuspendOrg { .. } => on_another(case, org, command, texts),
        Command::Open { .. } | Command::Join { .. } => Err(Rejection::NotHere("such a beginning")),
    }
}

/// The vendor's acts on other organisations.
fn on_another(
    case: &Case<'_>,
    org: &Org,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Event, Rejection> {
    vendor(case, org)?;
    let named = case.other.ok_or(Rejection::NoSuchThing("org"));
    match command {
        Command::Admit { invitation } => {
            invitation::claims(case, invitation)?;
            let claim = free_name(case, texts)?;
            let org = OrgId::from_bits(case.fresh(0));
            Ok(Event::Admitted {
                org,
                name: Slot(0),
                claim,
                invitation: invitation.clone(),
            })
        }
        Command::InviteOrg {
            org: other,
            invitation,
        } => {
            invitation::claims(case, invitation)?;
            let card = named?;
            if card.root.is_some() {
                return Err(Rejection::State(
                    "this organisation is claimed: its own admins invite",
                ));
            }
            Ok(Event::OrgInvited {
                org: *other,
                invitation: invitation.clone(),
            })
        }
        Command::Classify { org: other, class } => {
            named?;
            class_holds(class)?;
            Ok(Event::OrgClassified {
                org: *other,
                class: class.clone(),
            })
        }
        Command::SuspendOrg { org: other, on } => {
            let card = named?;
            if card.kind == OrgKind::Vendor {
                return Err(Rejection::State("the vendor does not suspend itself"));
            }
            if (card.status == Status::Suspended) == *on {
                return Err(Rejection::Already("org"));
            }
            Ok(Event::OrgSuspended {
                org: *other,
                on: *on,
            })
        }
        Command::Open { .. }
        | Command::Invite { .. }
        | Command::Cancel { .. }
        | Command::Join { .. }
        | Command::Role { .. }
        | Command::Suspend { .. }
        | Command::Remove { .. }
        | Command::Revoke { .. }
        | Command::Certify { .. }
        | Command::Name {}
        | Command::Rename { .. }
        | Command::OpenChannel { .. } => Err(Rejection::NotHere("such an act")),
    }
}

/// Only the vendor's admins and alliance managers act on other organisations, from the vendor's own room.
fn vendor(case: &Case<'_>, org: &Org) -> Result<(), Rejection> {
    let manager = match case.actor {
        Actor::Member(standing) => standing.alliance() || standing.member.role == Role::Admin,
        Actor::Operator => true,
        Actor::Newcomer => false,
    };
    if org.kind == OrgKind::Vendor && manager {
        Ok(())
    } else {
        Err(Rejection::Only("the vendor's admins and alliance managers"))
    }
}

fn class_holds(class: &Class) -> Result<(), Rejection> {
    if class.types.len() > limits::TYPES_MAX {
        return Err(Rejection::Limit {
            field: "types",
            max: limits::TYPES_MAX,
        });
    }
    if class.levels.len() > limits::LEVELS_MAX {
        return Err(Rejection::Limit {
            field: "levels",
            max: limits::LEVELS_MAX,
        });
    }
    for text in class
        .levels
        .iter()
        .flat_map(|(program, level)| std::iter::once(program).chain(level))
    {
        TextKind::Name
            .check(text.as_str())
            .map_err(|error| Rejection::Text {
                field: "levels",
                error,
            })?;
    }
    Ok(())
}

fn open_channel(
    case: &Case<'_>,
    org: &Org,
    settings: &channel::Settings,
) -> Result<Event, Rejection> {
    channel::settings_hold(case, settings)?;
    if settings.reach.public() {
        vendor(case, org)?;
        if case.claim.is_some() {
            return Err(Rejection::Taken("handle"));
        }
    } else {
        case.at_least(Role::Lead)?;
    }
    let room = RoomId::new(crate::id::RoomKind::Channel, case.fresh(0));
    Ok(Event::ChannelOpened {
        room,
        settings: settings.clone(),
        purpose: Slot(0),
    })
}

pub(crate) fn apply(room: &mut Room, entry: &Entry, event: &Event) {
    let seq = entry.seq;
    let named = |slot: Slot| Stated::new(seq, TextRef { seq, slot });
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
        room.state = State::Org(Box::new(Org {
            id: *org,
            kind: *kind,
            name: named(*name),
            root: None,
            status: Status::Active,
            class: Stated::default(),
            people: BTreeMap::new(),
            devices: BTreeMap::new(),
            invitations: BTreeMap::new(),
            deals: BTreeMap::new(),
        }));
        return;
    }
    let State::Org(org) = &mut room.state else {
        return;
    };
    match event {
        Event::Invited { invitation } => {
            org.invitations.insert(invitation.code, invitation.clone());
        }
        Event::Cancelled { code } => {
            org.invitations.remove(code);
        }
        Event::Renamed { name, .. } => org.name = named(*name),
        Event::Classified { class } => org.class = Stated::new(seq, class.clone()),
        Event::Halted { on } => {
            org.status = if *on {
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
        Event::Opened { .. }
        | Event::ChannelOpened { .. }
        | Event::Admitted { .. }
        | Event::OrgInvited { .. }
        | Event::OrgClassified { .. }
        | Event::OrgSuspended { .. }
        | Event::DealCalled { .. } => {}
        Event::DealInvited { .. } | Event::DealInvitationClosed { .. } => {
            deals::apply(org, seq, event);
        }
    }
}

pub(crate) fn react(room: &Room, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let ask =
        |org: &OrgId, ask: Ask| vec![(Address::Room(RoomId::org(*org)), Asked::Org(Box::new(ask)))];
    match event {
        Event::Joined { member, .. } => {
            let State::Org(org) = &room.state else {
                return vec![];
            };
            let open = inbox::Ask::Open {
                member: *member,
                org: org.id,
            };
            vec![(Address::inbox(*member), Asked::Inbox(open))]
        }
        Event::ChannelOpened { .. } => opens_channel(room, entry, event).into_iter().collect(),
        Event::Admitted {
            org,
            name,
            claim,
            invitation,
        } => {
            let Some(name) = entry.text(*name) else {
                return vec![];
            };
            let (claim, invitation) = (*claim, invitation.clone());
            ask(
                org,
                Ask::Open {
                    org: *org,
                    name: name.clone(),
                    claim,
                    invitation,
                },
            )
        }
        Event::OrgInvited { org, invitation } => ask(
            org,
            Ask::Invite {
                invitation: invitation.clone(),
            },
        ),
        Event::OrgClassified { org, class } => ask(
            org,
            Ask::Classify {
                class: class.clone(),
            },
        ),
        Event::OrgSuspended { org, on } => ask(org, Ask::Halt { on: *on }),
        Event::DealInvited { .. } | Event::DealCalled { .. } => deals::react(room, entry, event),
        Event::Opened { .. }
        | Event::Invited { .. }
        | Event::Cancelled { .. }
        | Event::RoleSet { .. }
        | Event::Suspended { .. }
        | Event::Removed { .. }
        | Event::Revoked { .. }
        | Event::Certified { .. }
        | Event::Named { .. }
        | Event::Renamed { .. }
        | Event::Classified { .. }
        | Event::Halted { .. }
        | Event::DealInvitationClosed { .. } => vec![],
    }
}

fn opens_channel(room: &Room, entry: &Entry, event: &Event) -> Option<(Address, Asked)> {
    let Event::ChannelOpened {
        room: opened,
        settings,
        purpose,
    } = event
    else {
        return None;
    };
    let State::Org(org) = &room.state else {
        return None;
    };
    let open = channel::Ask::Open {
        host: org.id,
        settings: settings.clone(),
        lead: entry.author.member().filter(|_| !settings.reach.public()),
        purpose: entry.text(*purpose)?.clone(),
    };
    Some((Address::Room(*opened), Asked::Channel(Box::new(open))))
}

pub(crate) fn take(taking: &Taking<'_>, ask: &Ask) -> Vec<Worded<event::Event>> {
    let worded = |event, texts| Worded::new(event::Event::Org(event), texts);
    match (ask, &taking.room.state) {
        (
            Ask::Open {
                org,
                name,
                claim,
                invitation,
            },
            State::Void,
        ) => {
            let opened = Event::Opened {
                org: *org,
                kind: OrgKind::Partner,
                name: Slot(0),
                claim: *claim,
            };
            vec![
                worded(opened, vec![name.clone()]),
                worded(
                    Event::Invited {
                        invitation: invitation.clone(),
                    },
                    vec![],
                ),
            ]
        }
        (Ask::Invite { invitation }, State::Org(org)) if org.root.is_none() => {
            vec![worded(
                Event::Invited {
                    invitation: invitation.clone(),
                },
                vec![],
            )]
        }
        (Ask::Classify { class }, State::Org(_)) => {
            vec![worded(
                Event::Classified {
                    class: class.clone(),
                },
                vec![],
            )]
        }
        (Ask::Halt { on }, State::Org(_)) => vec![worded(Event::Halted { on: *on }, vec![])],
        (
            Ask::DealInvitation { .. } | Ask::DealInvitationClosed { .. } | Ask::DealCall { .. },
            _,
        ) => deals::take(taking.room, ask).into_iter().collect(),
        (Ask::Open { .. } | Ask::Invite { .. } | Ask::Classify { .. } | Ask::Halt { .. }, _) => {
            vec![]
        }
    }
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
