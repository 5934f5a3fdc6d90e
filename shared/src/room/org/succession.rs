//! An admin whom the vendor seats in an organisation whose own cannot be reached: a last admin may be gone for good, and
//! nobody else can make another.
//!
//! What an admin may do there is much, so it does not happen overnight, nor unseen: everybody in the organisation is told,
//! and as long as one of its admins is there, they can stop it. Whoever comes has no certificates: the root key vouched for
//! nobody here, and what they do binds the organisation to no other until somebody whom it vouched for certifies them.

use super::{Event, Invitation, Org};
use crate::{
    ask::{Address, Ask as Asked},
    entry::{Entry, Seq},
    id::{Hash, OrgId, RoomId},
    limits,
    rejection::Rejection,
    room::{Case, inbox},
    standing::{OrgKind, Role},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// An announced admin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Succession {
    /// The invitation by which they come.
    pub invitation: Invitation,
    /// From when on it lets somebody in.
    pub from: Timestamp,
    /// The entry that announced it.
    pub at: Seq,
}

impl Succession {
    /// The invitation, once it may be used.
    ///
    /// # Errors
    /// [`Rejection::State`] before.
    pub fn open(&self, now: Timestamp) -> Result<&Invitation, Rejection> {
        if self.from > now {
            return Err(Rejection::State(
                "not now: the people of the organisation are told 72 hours before",
            ));
        }
        Ok(&self.invitation)
    }
}

/// Refuses the operator an admin of theirs in a partner that somebody has claimed: from outside, one comes by the door that
/// tells everybody there.
pub(super) fn not_overnight(org: &Org, role: Role) -> Result<(), Rejection> {
    if role == Role::Admin && org.kind == OrgKind::Partner && org.root.is_some() {
        return Err(Rejection::State(
            "its own admins make admins: one from outside is announced to its people first",
        ));
    }
    Ok(())
}

/// The announced one, if this is the code of its invitation.
pub(super) fn by_code(org: &Org, code: Hash) -> Option<&Succession> {
    let announced = org.succession.as_ref();
    announced.filter(|announced| announced.invitation.code == code)
}

/// What the vendor asked for, as it becomes true here. One at a time: the next waits until this one is over.
pub(super) fn announce(org: &Org, invitation: &Invitation, now: Timestamp) -> Option<Event> {
    let open = org.succession.as_ref();
    let waits = open.is_some_and(|open| open.invitation.until > now);
    (!waits && org.root.is_some()).then(|| Event::SuccessionAnnounced {
        invitation: invitation.clone(),
        from: now + limits::SUCCESSION_NOTICE,
    })
}

pub(super) fn object(case: &Case<'_>, org: &Org, code: Hash) -> Result<Event, Rejection> {
    case.at_least(Role::Admin)?;
    case.member()?;
    by_code(org, code).ok_or(Rejection::NoSuchThing("code"))?;
    Ok(Event::SuccessionStopped { code })
}

pub(super) fn apply(org: &mut Org, at: Seq, event: &Event) {
    if let Event::SuccessionAnnounced { invitation, from } = event {
        org.succession = Some(Succession {
            invitation: invitation.clone(),
            from: *from,
            at,
        });
    } else if let Event::SuccessionStopped { code } = event {
        came(org, *code);
    }
}

/// Somebody came by this code, or nobody will: what is announced is over.
pub(super) fn came(org: &mut Org, code: Hash) {
    org.succession
        .take_if(|announced| announced.invitation.code == code);
}

/// Everybody in the organisation is told; and the vendor's admins, that theirs is not wanted.
pub(super) fn react(org: OrgId, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let everybody = Address::Roles {
        org,
        min_role: Role::Viewer,
    };
    if let Event::SuccessionAnnounced { .. } = event {
        let ask = inbox::Ask::Point {
            what: inbox::What::AdminAnnounced,
            room: entry.room,
            seq: entry.seq,
        };
        return vec![(everybody, Asked::Inbox(ask))];
    }
    let kinds = &[inbox::What::AdminAnnounced];
    let stopped = inbox::Ask::Notify {
        what: inbox::What::AdminRefused,
        room: RoomId::profile(org),
    };
    let vendor = Address::Vendor {
        min_role: Role::Admin,
        alliance_only: false,
    };
    vec![
        (everybody, inbox::settle(kinds, entry.room, [])),
        (vendor, Asked::Inbox(stopped)),
    ]
}
