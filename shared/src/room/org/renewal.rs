//! A new root key for an organisation whose own is out of reach: it may have been on a laptop that is gone, and then nobody
//! could sign there for somebody new, ever again.
//!
//! Only the one whom the vendor seated after the notice may make it, once. The old key vouches for nothing from there on: no
//! device of the organisation signs until the new admin has certified it, and links whose certificates start from it are void.

use super::{Event, Org, asks, invitation};
use crate::{
    ask::{Address, Ask as Asked},
    entry::Worded,
    event,
    id::{Hash, OrgId, PublicKey},
    limits,
    rejection::Rejection,
    room::{Case, key, profile},
    standing::Role,
    statement::{Certificate, Use, verify_chain},
};

/// What an heir who brings none is told.
pub(super) const WANTED: Rejection = Rejection::Value {
    field: "root",
    want: "a new root key: from it the organisation's certificates start when you have joined",
};

/// A root key that this organisation never had.
pub(super) fn fresh(case: &Case<'_>, org: &Org, root: PublicKey) -> Result<PublicKey, Rejection> {
    let had = case.room.roots.get(&org.id).map_or(&[][..], Vec::as_slice);
    if had.contains(&root) {
        return Err(Rejection::Value {
            field: "root",
            want: "a key that was never the organisation's",
        });
    }
    if had.len() >= limits::ORG_ROOTS_MAX {
        return Err(Rejection::Limit {
            field: "root keys that an organisation ever has",
            max: limits::ORG_ROOTS_MAX,
        });
    }
    Ok(root)
}

fn renewed(org: &Org, root: PublicKey) -> Worded<event::Event> {
    let org = org.id;
    Worded::plain(event::Event::Key(key::Event::Renewed { org, root }))
}

/// What an heir's joining says first.
pub(super) fn by_joining(
    org: &Org,
    code: Hash,
    root: Option<PublicKey>,
) -> Option<Worded<event::Event>> {
    let heir = org.heir == Some(invitation::member_of(code));
    root.filter(|_| heir).map(|root| renewed(org, root))
}

/// An heir who is a member already makes it, and certifies their own device with it.
pub(super) fn renews(
    case: &Case<'_>,
    org: &Org,
    root: PublicKey,
    chain: &[Certificate],
) -> Result<Vec<Worded<event::Event>>, Rejection> {
    case.at_least(Role::Admin)?;
    let who = case.member()?.id;
    if org.heir != Some(who) {
        return Err(Rejection::State(
            "only an admin whom the vendor seated after 72 hours' notice, and once: else an admin certifies devices",
        ));
    }
    fresh(case, org, root)?;
    let holder = verify_chain(chain, case.server, org.id, root)
        .map_err(|error| Rejection::Unsigned(error.to_string()))?;
    let device = invitation::device_of(holder);
    let own = org.devices.get(&device);
    let own = own.is_some_and(|found| found.member == who && !found.revoked);
    if !own || chain.last().map(|link| link.to) != Some(Use::Admin) {
        return Err(Rejection::Value {
            field: "chain",
            want: "certificates from the new root key to a device of your own, as an admin's",
        });
    }
    let certified = Event::Certified {
        device,
        chain: chain.to_vec(),
    };
    let certified = Worded::plain(event::Event::Org(certified));
    Ok(vec![renewed(org, root), certified])
}

/// Takes a new root key in: of this organisation, or of one that asks it to connect.
pub(crate) fn renew(org: &mut Org, whose: OrgId, root: PublicKey) {
    if whose != org.id {
        if let Some(knock) = org.knocked.get_mut(&whose) {
            knock.root = root;
        }
        return;
    }
    (org.root, org.heir) = (Some(root), None);
    for device in org.devices.values_mut() {
        device.certified = false;
    }
    org.invitations.retain(|_, open| open.chain.is_empty());
    org.enrolments.retain(|_, open| open.chain.is_empty());
}

/// The organisation's faces show it.
pub(crate) fn shows_root(org: &Org, root: PublicKey) -> Vec<(Address, Asked)> {
    asks::faces(org.id, |_| profile::Ask::Renewed { root })
}
