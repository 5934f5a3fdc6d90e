//! Invitations: how a person becomes a member, and how the first of them claims the organisation.
//!
//! Whoever invites makes the code; a command carries only its hash. The code is also the seed of an ed25519 key that an
//! admin's device certifies, so the invited person's device has certificates at once, with nobody else at a console.

use super::{Event, Org, admin, enrolment, people, renewal, succession};
use crate::{
    ask::{Address, Ask as Asked},
    entry::{Entry, Slot},
    id::{DeviceId, Hash, MemberId, OrgId, PublicKey, digest16},
    limits,
    rejection::Rejection,
    room::{Actor, Case, inbox},
    standing::{OrgKind, Role, Status},
    statement::{Certificate, Use, verify_chain},
    time::Timestamp,
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// An open invitation of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "OrgInvitation")]
pub struct Invitation {
    /// The hash of its code.
    pub code: Hash,
    /// Certificates from the root to the key in the code; empty where the operator invites, the vendor, or an admin whose
    /// device certifies nobody; and where the organisation is claimed by this.
    pub chain: Vec<Certificate>,
    /// The role that the person gets.
    pub role: Role,
    /// Whether they are an alliance manager: the vendor's people only.
    pub alliance: bool,
    /// When it is over; at most [`limits::INVITATION_SPAN`] ahead.
    pub until: Timestamp,
}

/// An invitation that somebody joined by, or a link for a device that one came in by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UsedInvitation {
    /// Who had invited; nobody of this organisation, where it was the operator or the vendor.
    pub by: Option<MemberId>,
    /// Who joined.
    pub member: MemberId,
    /// When it would have been over.
    pub until: Timestamp,
}

/// The hash by which a command names a code.
#[must_use]
pub fn invitation_code(code: &[u8; 16]) -> Hash {
    Hash::of("rialto-invitation-1", &[code])
}

/// The key in an invitation's code: an admin's device certifies it, and it certifies the device of whoever joins.
#[must_use]
pub fn invitation_key(code: &[u8; 16]) -> SigningKey {
    SigningKey::from_bytes(&Hash::of("rialto-invitation-key-1", &[code]).0)
}

/// The member that joining by this code makes: computed, so that joining again after a lost answer is the same member.
#[must_use]
pub fn member_of(code: Hash) -> MemberId {
    MemberId::from_bits(digest16("rialto-member-1", &[&code.0]))
}

/// The device with this key.
#[must_use]
pub fn device_of(key: PublicKey) -> DeviceId {
    DeviceId::from_bits(digest16("rialto-device-1", &[&key.0]))
}

/// Refuses an invitation that could never claim an organisation.
pub(super) fn claims(case: &Case<'_>, invitation: &Invitation) -> Result<(), Rejection> {
    in_time(case, invitation.until)?;
    unused(case)?;
    if invitation.role != Role::Admin || invitation.alliance || !invitation.chain.is_empty() {
        return Err(Rejection::Value {
            field: "invitation",
            want: "the first person of an organisation is its admin",
        });
    }
    Ok(())
}

/// A code is 128 random bits: one that was used before, by whomever, is a mistake or an attack, and answered alike.
pub(super) const fn unused(case: &Case<'_>) -> Result<(), Rejection> {
    if case.code_used {
        return Err(Rejection::Taken("code"));
    }
    Ok(())
}

pub(super) fn in_time(case: &Case<'_>, until: Timestamp) -> Result<(), Rejection> {
    if until <= case.now || until > case.now + limits::INVITATION_SPAN {
        return Err(Rejection::Value {
            field: "until",
            want: "a time within the next 7 days",
        });
    }
    Ok(())
}

pub(super) fn invite(
    case: &Case<'_>,
    org: &Org,
    invitation: &Invitation,
) -> Result<Event, Rejection> {
    admin(case)?;
    case.unmuted()?;
    in_time(case, invitation.until)?;
    people::has_place(org)?;
    if invitation.alliance && org.kind != OrgKind::Vendor {
        return Err(Rejection::Value {
            field: "alliance",
            want: "only the vendor has alliance managers",
        });
    }
    unused(case)?;
    let open = org
        .invitations
        .values()
        .filter(|other| other.until > case.now)
        .count();
    if open >= limits::ORG_INVITATIONS_MAX {
        return Err(Rejection::Limit {
            field: "open invitations",
            max: limits::ORG_INVITATIONS_MAX,
        });
    }
    match (case.actor, org.root) {
        (Actor::Operator, None) => claims(case, invitation)?,
        (Actor::Operator, Some(_)) if invitation.chain.is_empty() => {
            succession::not_overnight(org, invitation.role)?;
        }
        (Actor::Operator, Some(_)) => {
            return Err(Rejection::Value {
                field: "chain",
                want: "none: the operator certifies nobody",
            });
        }
        // Where no device is left that certifies, an admin still lets people in, who sign nothing.
        (Actor::Member(_), Some(_)) if invitation.chain.is_empty() => {}
        (Actor::Member(_), Some(root)) => chain_holds(case, org, invitation, root)?,
        (Actor::Member(_) | Actor::Newcomer, _) => return Err(Rejection::NoSuchRoom),
    }
    Ok(Event::Invited {
        invitation: invitation.clone(),
    })
}

/// Whether an admin's certificates let a code make a device of this role: the key in the code has no other name than its
/// place at the end of the chain, and must be of the right use.
fn chain_holds(
    case: &Case<'_>,
    org: &Org,
    invitation: &Invitation,
    root: PublicKey,
) -> Result<(), Rejection> {
    let wanted = if invitation.role == Role::Admin {
        Use::InviteAdmin
    } else {
        Use::Invite
    };
    certified(case, org.id, &invitation.chain, wanted, root).map(|_| ())
}

/// The key that certified the one in a code, and what that key is for.
pub(super) fn certified(
    case: &Case<'_>,
    org: OrgId,
    chain: &[Certificate],
    wanted: Use,
    root: PublicKey,
) -> Result<PublicKey, Rejection> {
    let Some((last, above)) = chain.split_last() else {
        return Err(Rejection::Unsigned(
            "an invitation carries certificates from the root to its code".to_owned(),
        ));
    };
    let too_long = chain.len() >= limits::CERTIFICATES_MAX;
    if last.to != wanted || too_long {
        return Err(Rejection::Value {
            field: "chain",
            want: "at most 7 certificates, the last one for the code, for an admin's or another device",
        });
    }
    // The last link is verified by continuing it to a device that nobody has: its own key stands in for that device.
    let issuer = if above.is_empty() {
        root
    } else {
        verify_chain(above, case.server, org, root)
            .map_err(|error| Rejection::Unsigned(error.to_string()))?
    };
    let may_issue = above
        .last()
        .is_none_or(|link| link.to == Use::Admin || wanted == Use::Link);
    if issuer != last.issuer || !may_issue || !last.holds(case.server, org) {
        return Err(Rejection::Unsigned(
            "the last certificate does not hold".to_owned(),
        ));
    }
    Ok(issuer)
}

/// An admin takes an invitation back, or a code for somebody's next device, which they may do themselves.
pub(super) fn cancel(case: &Case<'_>, org: &Org, code: Hash) -> Result<Event, Rejection> {
    let own = enrolment::by_code(org, code)
        .is_some_and(|open| case.member().is_ok_and(|who| who.id == open.member));
    if !own {
        case.at_least(Role::Admin)?;
    }
    if !own && !org.invitations.contains_key(&code) && enrolment::by_code(org, code).is_none() {
        return Err(Rejection::NoSuchThing("code"));
    }
    Ok(Event::Cancelled { code })
}

/// That a used one is tried again is said once: it is forgotten here when it has been said.
pub(super) fn tried(org: &Org, code: Hash, now: Timestamp) -> Option<Event> {
    let used = org.used.get(&code).filter(|used| used.until > now)?;
    Some(Event::InvitationTried {
        code,
        by: used.by,
        member: used.member,
    })
}

/// Whoever invited is told, else the organisation's admins: the operator and the vendor have no seat here.
pub(super) fn tells(org: &Org, entry: &Entry, by: Option<MemberId>) -> (Address, Asked) {
    let active = |member: &MemberId| {
        let person = org.people.get(member);
        person.is_some_and(|person| person.status == Status::Active)
    };
    let whom = by.filter(active).map_or(
        Address::Roles {
            org: org.id,
            min_role: Role::Admin,
        },
        Address::inbox,
    );
    let point = inbox::Ask::Point {
        what: inbox::What::InvitationTried,
        room: entry.room,
        seq: entry.seq,
    };
    (whom, Asked::Inbox(point))
}

pub(super) fn apply(org: &mut Org, entry: &Entry, event: &Event) {
    if let Event::Invited { invitation } = event {
        org.invitations.retain(|_, open| open.until > entry.at);
        org.invitations.insert(invitation.code, invitation.clone());
        made(org, entry, invitation.code);
    } else if let Event::Cancelled { code } = event {
        org.invitations.remove(code);
        org.inviters.remove(code);
        org.enrolments.retain(|_, open| open.code != *code);
        org.heir = org.heir.filter(|heir| *heir != member_of(*code));
    } else if let Event::InvitationTried { code, .. } = event {
        org.used.remove(code);
    }
}

/// Keeps who of this organisation made a code, the vendor's people being nobody here, and forgets it of those that are over.
pub(super) fn made(org: &mut Org, entry: &Entry, code: Hash) {
    let (invitations, enrolments) = (&org.invitations, &org.enrolments);
    let open = |code: &Hash| {
        let enrols = || enrolments.values().any(|open| open.code == *code);
        invitations.contains_key(code) || enrols()
    };
    org.inviters.retain(|code, _| open(code));
    let by = entry.author.member();
    if let Some(by) = by.filter(|by| org.people.contains_key(by)) {
        org.inviters.insert(code, by);
    }
}

/// Takes a code that somebody came in by from the open ones, and keeps of it what a second try is told by.
pub(super) fn used(org: &mut Org, code: Hash, member: MemberId, at: Timestamp) {
    let by = org.inviters.remove(&code);
    org.used.retain(|_, used| used.until > at);
    let invited = org.invitations.remove(&code).map(|open| open.until);
    let enrolled = || {
        let theirs = org
            .enrolments
            .get(&member)
            .is_some_and(|open| open.code == code);
        let open = theirs.then(|| org.enrolments.remove(&member)).flatten();
        open.map(|open| open.until)
    };
    if let Some(until) = invited.or_else(enrolled) {
        org.used.insert(code, UsedInvitation { by, member, until });
    }
    while org.used.len() > limits::ORG_INVITATIONS_USED_MAX {
        let oldest = org.used.iter().min_by_key(|(_, used)| used.until);
        let Some(oldest) = oldest.map(|(code, _)| *code) else {
            return;
        };
        org.used.remove(&oldest);
    }
}

pub(super) fn join(
    case: &Case<'_>,
    org: &Org,
    code: Hash,
    key: PublicKey,
    chain: &[Certificate],
    root: Option<PublicKey>,
) -> Result<Event, Rejection> {
    if !matches!(case.actor, Actor::Newcomer) {
        return Err(Rejection::Only("whoever holds an invitation"));
    }
    let open = org.invitations.get(&code);
    let invitation = open.ok_or_else(|| org.not_yet(code).unwrap_or(Rejection::Revoked))?;
    if invitation.until <= case.now {
        return Err(Rejection::Expired);
    }
    people::has_place(org)?;
    let device = device_of(key);
    let member = member_of(code);
    if org.devices.contains_key(&device) || people::devices_of(org, member) > 0 {
        return Err(Rejection::Already("device"));
    }
    let heir = org.heir == Some(member);
    let from = match (org.root, root) {
        (Some(_), Some(root)) if heir => Some(renewal::fresh(case, org, root)?),
        (Some(_), None) if heir => return Err(renewal::WANTED),
        (Some(_), None) if invitation.chain.is_empty() => None,
        (None, Some(root)) | (Some(root), None) => Some(root),
        (None, None) => {
            return Err(Rejection::Value {
                field: "root",
                want: "the root key of the organisation that you claim",
            });
        }
        (Some(_), Some(_)) => {
            return Err(Rejection::Value {
                field: "root",
                want: "none: this organisation has its root key",
            });
        }
    };
    match from {
        None if chain.is_empty() => {}
        None => {
            return Err(Rejection::Value {
                field: "chain",
                want: "none: nobody certified this invitation",
            });
        }
        Some(from) => {
            let holder = verify_chain(chain, case.server, org.id, from)
                .map_err(|error| Rejection::Unsigned(error.to_string()))?;
            let uses_invitation = chain.starts_with(&invitation.chain);
            let leaf = chain.last().map(|link| link.to);
            let wanted = if invitation.role == Role::Admin {
                Use::Admin
            } else {
                Use::Device
            };
            if holder != key || !uses_invitation || leaf != Some(wanted) {
                return Err(Rejection::Value {
                    field: "chain",
                    want: "the invitation's certificates, then one for this device and role",
                });
            }
        }
    }
    Ok(Event::Joined {
        code,
        member,
        name: Slot(0),
        role: invitation.role,
        alliance: invitation.alliance,
        device,
        key,
        chain: chain.to_vec(),
        // A renewed one stands in an entry of its own, before this.
        root: root.filter(|_| !heir),
    })
}
