//! An organisation's people and their devices.

use super::{Event, Org, admin, invitation, succession};
use crate::{
    entry::{Entry, Seq, TextRef},
    id::{DeviceId, MemberId, PublicKey},
    limits,
    rejection::Rejection,
    room::{Actor, Case},
    standing::{OrgKind, Role, Status},
    statement::{Certificate, verify_chain},
};
use serde::{Deserialize, Serialize};

/// A person of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "OrgPerson")]
pub struct Person {
    /// Their name.
    pub name: TextRef,
    /// Their role, and nothing else, decides what they may do here.
    pub role: Role,
    /// An alliance manager: the vendor's people only.
    pub alliance: bool,
    /// Whether they take part.
    pub status: Status,
    /// The entry that set role or status last.
    pub at: Seq,
}

/// A device: a key that signs for one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Device {
    /// Whose.
    pub member: MemberId,
    /// Its key.
    pub key: PublicKey,
    /// Whether it has certificates: without, it signs no commitments.
    pub certified: bool,
    /// Whether it may log in.
    pub revoked: bool,
    /// What its owner calls it; the one that somebody came with has no name.
    pub name: Option<TextRef>,
}

fn person(org: &Org, member: MemberId) -> Result<&Person, Rejection> {
    let person = org
        .people
        .get(&member)
        .filter(|person| person.status != Status::Left);
    person.ok_or(Rejection::NoSuchThing("member"))
}

/// An organisation that somebody has claimed is never without an admin.
fn not_last_admin(org: &Org, member: MemberId) -> Result<(), Rejection> {
    let admins = |other: &(&MemberId, &Person)| {
        *other.0 != member && other.1.role == Role::Admin && other.1.status == Status::Active
    };
    let is_admin = org
        .people
        .get(&member)
        .is_some_and(|person| person.role == Role::Admin);
    if is_admin && !org.people.iter().any(|(id, person)| admins(&(id, person))) {
        return Err(Rejection::State(
            "this is the last admin: make somebody else an admin first",
        ));
    }
    Ok(())
}

pub(super) fn set_role(
    case: &Case<'_>,
    org: &Org,
    member: MemberId,
    role: Role,
    alliance: bool,
    at: Seq,
) -> Result<Event, Rejection> {
    admin(case)?;
    let person = person(org, member)?;
    if person.at != at {
        return Err(Rejection::Stale(person.at));
    }
    if alliance && org.kind != OrgKind::Vendor {
        return Err(Rejection::Value {
            field: "alliance",
            want: "only the vendor has alliance managers",
        });
    }
    if person.role == role && person.alliance == alliance {
        return Err(Rejection::Already("role"));
    }
    if role != Role::Admin {
        not_last_admin(org, member)?;
    } else if matches!(case.actor, Actor::Operator) {
        succession::not_overnight(org, role)?;
    }
    Ok(Event::RoleSet {
        member,
        role,
        alliance,
    })
}

pub(super) fn suspend(
    case: &Case<'_>,
    org: &Org,
    member: MemberId,
    on: bool,
) -> Result<Event, Rejection> {
    admin(case)?;
    let person = person(org, member)?;
    if (person.status == Status::Suspended) == on {
        return Err(Rejection::Already("member"));
    }
    if on {
        not_last_admin(org, member)?;
    }
    Ok(Event::Suspended { member, on })
}

pub(super) fn remove(case: &Case<'_>, org: &Org, member: MemberId) -> Result<Event, Rejection> {
    admin(case)?;
    person(org, member)?;
    not_last_admin(org, member)?;
    Ok(Event::Removed { member })
}

pub(super) fn revoke(case: &Case<'_>, org: &Org, device: DeviceId) -> Result<Event, Rejection> {
    let found = org.devices.get(&device).filter(|device| !device.revoked);
    let found = found.ok_or(Rejection::NoSuchThing("device"))?;
    let own = matches!(case.actor, Actor::Member(standing) if standing.member.id == found.member);
    if !own {
        admin(case)?;
    }
    Ok(Event::Revoked { device })
}

pub(super) fn certify(
    case: &Case<'_>,
    org: &Org,
    device: DeviceId,
    chain: &[Certificate],
) -> Result<Event, Rejection> {
    admin(case)?;
    let found = org.devices.get(&device).filter(|device| !device.revoked);
    let found = found.ok_or(Rejection::NoSuchThing("device"))?;
    let root = org
        .root
        .ok_or(Rejection::State("nobody has claimed this organisation yet"))?;
    let holder = verify_chain(chain, case.server, org.id, root)
        .map_err(|error| Rejection::Unsigned(error.to_string()))?;
    if holder != found.key {
        return Err(Rejection::Value {
            field: "chain",
            want: "certificates that end at this device's key",
        });
    }
    Ok(Event::Certified {
        device,
        chain: chain.to_vec(),
    })
}

/// What somebody has in hand goes to a colleague who may take part. Which rooms that is, the host finds out: this one, which
/// everybody of the organisation reads, names none.
pub(super) fn hand_over(
    case: &Case<'_>,
    org: &Org,
    from: MemberId,
    to: MemberId,
) -> Result<Event, Rejection> {
    case.at_least(Role::Admin)?;
    case.member()?;
    if !org.people.contains_key(&from) {
        return Err(Rejection::NoSuchThing("from"));
    }
    let heir = person(org, to).map_err(|_| Rejection::NoSuchThing("to"))?;
    if from == to || heir.status != Status::Active || heir.role < Role::Rep {
        return Err(Rejection::Value {
            field: "to",
            want: "another person, who is active and at least a rep",
        });
    }
    Ok(Event::HandedOver { from, to })
}

/// The entries that took somebody out whose work may be in nobody's hands, but this one's.
pub(super) fn vacant(org: &Org, but: MemberId) -> impl Iterator<Item = Seq> + '_ {
    let gone = org
        .people
        .iter()
        .filter(move |(member, person)| **member != but && person.status != Status::Active);
    gone.map(|(_, person)| person.at)
}

/// How many devices a member has that may log in.
pub(super) fn devices_of(org: &Org, member: MemberId) -> usize {
    org.devices
        .values()
        .filter(|device| device.member == member && !device.revoked)
        .count()
}

/// Whether the organisation has a place for one more person.
pub(super) fn has_place(org: &Org) -> Result<(), Rejection> {
    if org.people.len() >= limits::ORG_PEOPLE_MAX {
        return Err(Rejection::Limit {
            field: "people",
            max: limits::ORG_PEOPLE_MAX,
        });
    }
    Ok(())
}

pub(super) fn apply(org: &mut Org, entry: &Entry, event: &Event) {
    match event {
        Event::Joined { .. } => joined(org, entry, event),
        Event::RoleSet {
            member,
            role,
            alliance,
        } => {
            if let Some(person) = org.people.get_mut(member) {
                (person.role, person.alliance, person.at) = (*role, *alliance, entry.seq);
            }
        }
        Event::Suspended { member, on: true } => {
            set_status(org, *member, Status::Suspended, entry.seq);
        }
        Event::Suspended { member, on: false } => {
            set_status(org, *member, Status::Active, entry.seq);
        }
        Event::Removed { member } => {
            set_status(org, *member, Status::Left, entry.seq);
            let devices = org.devices.values_mut();
            let theirs = devices.filter(|device| device.member == *member);
            theirs.for_each(|device| device.revoked = true);
            org.enrolments.remove(member);
            org.heir = org.heir.filter(|heir| heir != member);
        }
        Event::Revoked { device } => change(org, *device, |device| device.revoked = true),
        Event::Certified { device, .. } => change(org, *device, |device| device.certified = true),
        Event::Named { member, name } => {
            if let Some(person) = org.people.get_mut(member) {
                person.name = TextRef {
                    seq: entry.seq,
                    slot: *name,
                };
            }
        }
        Event::Opened { .. }
        | Event::Enrolling { .. }
        | Event::Enrolled { .. }
        | Event::HandedOver { .. }
        | Event::SuccessorNamed { .. }
        | Event::SuccessorAnnounced { .. }
        | Event::SuccessionPutOff { .. }
        | Event::SuccessorRefused {}
        | Event::SuccessionLapsed {}
        | Event::SuccessorSeated { .. }
        | Event::Invited { .. }
        | Event::Cancelled { .. }
        | Event::Renamed { .. }
        | Event::ChannelOpened { .. }
        | Event::Admitted { .. }
        | Event::OrgInvited { .. }
        | Event::OrgClassified { .. }
        | Event::OrgSuspended { .. }
        | Event::Classified { .. }
        | Event::Halted { .. }
        | Event::Asked { .. }
        | Event::Withdrawn { .. }
        | Event::Knocked { .. }
        | Event::Recalled { .. }
        | Event::Replied { .. }
        | Event::Met { .. }
        | Event::Answered { .. }
        | Event::Disconnected { .. }
        | Event::Excluded { .. }
        | Event::Preferred { .. }
        | Event::DealInvited { .. }
        | Event::DealInvitationClosed { .. }
        | Event::DealCalled { .. }
        | Event::InvitationTried { .. } => {}
    }
}

fn joined(org: &mut Org, entry: &Entry, event: &Event) {
    let Event::Joined {
        code,
        member,
        name,
        role,
        alliance,
        device,
        key,
        chain,
        root,
    } = event
    else {
        return;
    };
    let seq = entry.seq;
    invitation::used(org, *code, *member, entry.at);
    org.root = org.root.or(*root);
    let name = TextRef { seq, slot: *name };
    let person = Person {
        name,
        role: *role,
        alliance: *alliance,
        status: Status::Active,
        at: seq,
    };
    org.people.insert(*member, person);
    let certified = !chain.is_empty();
    org.devices.insert(
        *device,
        Device {
            member: *member,
            key: *key,
            certified,
            revoked: false,
            name: None,
        },
    );
}

fn change(org: &mut Org, device: DeviceId, change: impl FnOnce(&mut Device)) {
    org.devices.entry(device).and_modify(change);
}

fn set_status(org: &mut Org, member: MemberId, status: Status, at: Seq) {
    if let Some(person) = org.people.get_mut(&member) {
        (person.status, person.at) = (status, at);
    }
}
