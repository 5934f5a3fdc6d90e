//! A member's next device: let in by a code, as a person is by an invitation, and certified by it, so that it signs at once.
//!
//! A member makes the code on a device that they have, whose key certifies the one in the code; or an admin makes it for a
//! member who has none left. That is what an admin could also misuse, so it is told to the member and to every admin.

use super::{
    Event, Org,
    invitation::{certified, device_of, in_time, made, unused, used},
    people::{Device, devices_of},
};
use crate::{
    ask::{Address, Ask as Asked},
    entry::{Entry, Slot, TextRef},
    id::{Hash, MemberId, PublicKey},
    limits,
    rejection::Rejection,
    room::{Actor, Case, inbox},
    standing::{Role, Status},
    statement::{Certificate, Use, verify_chain},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// A code by which a member's next device is let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Enrolment {
    /// The hash of the code.
    pub code: Hash,
    /// Whose device it lets in.
    pub member: MemberId,
    /// Certificates from the root to the key in the code; empty where whoever made it has none.
    pub chain: Vec<Certificate>,
    /// When it is over; at most [`limits::INVITATION_SPAN`] ahead.
    pub until: Timestamp,
}

/// The open one with this code.
pub(super) fn by_code(org: &Org, code: Hash) -> Option<&Enrolment> {
    org.enrolments.values().find(|open| open.code == code)
}

impl Org {
    /// The member whose next device this code lets in, if it does.
    #[must_use]
    pub fn enrols(&self, code: Hash) -> Option<&Enrolment> {
        by_code(self, code)
    }
}

pub(super) fn enrol(
    case: &Case<'_>,
    org: &Org,
    enrolment: &Enrolment,
    revoke: bool,
) -> Result<Vec<Event>, Rejection> {
    let who = case.member()?;
    let own = who.id == enrolment.member;
    if !own {
        case.at_least(Role::Admin)?;
    }
    in_time(case, enrolment.until)?;
    unused(case)?;
    let person = org.people.get(&enrolment.member);
    let person = person.filter(|person| person.status == Status::Active);
    let role = person.ok_or(Rejection::NoSuchThing("member"))?.role;
    if own && revoke {
        return Err(Rejection::Value {
            field: "revoke",
            want: "an admin lets a device in for somebody who has lost all theirs",
        });
    }
    has_place(org, enrolment.member, revoke)?;
    let root = org
        .root
        .ok_or(Rejection::State("nobody has claimed this organisation yet"))?;
    // Whoever has no certificates lets in a device that has none either.
    if !own || !enrolment.chain.is_empty() {
        vouched(case, org, enrolment, role, root)?;
    }
    let mut events = vec![Event::Enrolling {
        enrolment: enrolment.clone(),
    }];
    let theirs = org
        .devices
        .iter()
        .filter(|(_, device)| revoke && device.member == enrolment.member && !device.revoked);
    events.extend(theirs.map(|(device, _)| Event::Revoked { device: *device }));
    Ok(events)
}

/// By an admin's certificates as an invitation's are; or by those of a device that is the member's own.
fn vouched(
    case: &Case<'_>,
    org: &Org,
    enrolment: &Enrolment,
    role: Role,
    root: PublicKey,
) -> Result<(), Rejection> {
    let chain = &enrolment.chain;
    if chain.last().is_some_and(|link| link.to == Use::Link) {
        let issuer = certified(case, org.id, chain, Use::Link, root)?;
        let own = org.devices.get(&device_of(issuer));
        let own = own.filter(|device| device.member == enrolment.member && !device.revoked);
        let by_them = case.member().is_ok_and(|who| who.id == enrolment.member);
        return own.filter(|_| by_them).map(|_| ()).ok_or(Rejection::Value {
            field: "chain",
            want: "certificates of a device of one's own",
        });
    }
    case.at_least(Role::Admin)?;
    let wanted = if role == Role::Admin {
        Use::InviteAdmin
    } else {
        Use::Invite
    };
    certified(case, org.id, chain, wanted, root).map(|_| ())
}

fn has_place(org: &Org, member: MemberId, revoke: bool) -> Result<(), Rejection> {
    let ever = org.devices.values().filter(|one| one.member == member);
    let (field, now, max) = if ever.count() >= limits::MEMBER_DEVICES_EVER_MAX {
        (
            "devices that a member ever has",
            true,
            limits::MEMBER_DEVICES_EVER_MAX,
        )
    } else {
        let full = !revoke && devices_of(org, member) >= limits::MEMBER_DEVICES_MAX;
        ("devices of a member", full, limits::MEMBER_DEVICES_MAX)
    };
    if now {
        return Err(Rejection::Limit { field, max });
    }
    Ok(())
}

/// The device comes in, with certificates that go on from the code's.
pub(super) fn join(
    case: &Case<'_>,
    org: &Org,
    enrolment: &Enrolment,
    key: PublicKey,
    chain: &[Certificate],
    root: Option<PublicKey>,
) -> Result<Event, Rejection> {
    if !matches!(case.actor, Actor::Newcomer) {
        return Err(Rejection::Only("whoever holds an invitation"));
    }
    if enrolment.until <= case.now {
        return Err(Rejection::Expired);
    }
    let (member, device) = (enrolment.member, device_of(key));
    let person = org.people.get(&member);
    // Who was suspended or went since lets nobody in.
    person
        .filter(|person| person.status == Status::Active)
        .ok_or(Rejection::Revoked)?;
    has_place(org, member, false)?;
    if org.devices.contains_key(&device) {
        return Err(Rejection::Already("device"));
    }
    let wrong = Rejection::Value {
        field: "chain",
        want: "the link's certificates, then one for this device",
    };
    if root.is_some() || enrolment.chain.is_empty() != chain.is_empty() {
        return Err(wrong);
    }
    if !chain.is_empty() {
        let from = org.root.ok_or(Rejection::Revoked)?;
        let holder = verify_chain(chain, case.server, org.id, from)
            .map_err(|error| Rejection::Unsigned(error.to_string()))?;
        let admin = enrolment.chain.last().map(|link| link.to) == Some(Use::InviteAdmin);
        let wanted = if admin { Use::Admin } else { Use::Device };
        let leaf = chain.last().map(|link| link.to);
        let one_more = chain.len() == enrolment.chain.len().saturating_add(1);
        let goes_on = chain.starts_with(&enrolment.chain) && one_more;
        if holder != key || !goes_on || leaf != Some(wanted) {
            return Err(wrong);
        }
    }
    Ok(Event::Enrolled {
        code: enrolment.code,
        member,
        device,
        key,
        name: Slot(0),
        chain: chain.to_vec(),
    })
}

pub(super) fn apply(org: &mut Org, entry: &Entry, event: &Event) {
    if let Event::Enrolling { enrolment } = event {
        org.enrolments.insert(enrolment.member, enrolment.clone());
        made(org, entry, enrolment.code);
    } else if let Event::Enrolled {
        code,
        member,
        device,
        key,
        name,
        chain,
    } = event
    {
        used(org, *code, *member, entry.at);
        let device_of_theirs = Device {
            member: *member,
            key: *key,
            certified: !chain.is_empty(),
            revoked: false,
            name: Some(TextRef {
                seq: entry.seq,
                slot: *name,
            }),
        };
        org.devices.insert(*device, device_of_theirs);
    }
}

/// A member hears of every device that comes in as theirs; and, with every admin, of a code that another made for them.
pub(super) fn react(org: &Org, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let point = |what, to| {
        let ask = inbox::Ask::Point {
            what,
            room: entry.room,
            seq: entry.seq,
        };
        (to, Asked::Inbox(ask))
    };
    if let Event::Enrolled { member, .. } = event {
        return vec![point(inbox::What::DeviceAdded, Address::inbox(*member))];
    }
    let Event::Enrolling { enrolment } = event else {
        return vec![];
    };
    if entry.author.member() == Some(enrolment.member) {
        return vec![];
    }
    let recovery = inbox::What::DeviceRecovery;
    let admins = org.people.iter().filter(|(member, person)| {
        let told = person.role == Role::Admin && person.status == Status::Active;
        told && **member != enrolment.member
    });
    std::iter::once(&enrolment.member)
        .chain(admins.map(|(member, _)| member))
        .map(|member| point(recovery, Address::inbox(*member)))
        .collect()
}
