//! The vendor's acts on other organisations, from its own room, and what anybody opens from an organisation's room.

use super::{Class, Event, Invitation, Org, Successor, free_name, invitation};
use crate::{
    entry::{SaltedText, Slot},
    id::{OrgId, RoomId, RoomKind},
    limits,
    rejection::Rejection,
    room::{Actor, Case, channel},
    standing::{OrgCard, OrgKind, Role, Status},
    text::TextKind,
};

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

fn named<'a>(case: &Case<'a>) -> Result<&'a OrgCard, Rejection> {
    case.other.ok_or(Rejection::NoSuchThing("org"))
}

pub(super) fn admit(
    case: &Case<'_>,
    org: &Org,
    invitation: &Invitation,
    texts: &[SaltedText],
) -> Result<Event, Rejection> {
    vendor(case, org)?;
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

pub(super) fn invite_org(
    case: &Case<'_>,
    org: &Org,
    other: OrgId,
    invitation: &Invitation,
) -> Result<Event, Rejection> {
    vendor(case, org)?;
    invitation::claims(case, invitation)?;
    if named(case)?.root.is_some() {
        return Err(Rejection::State(
            "this organisation is claimed: its own admins invite",
        ));
    }
    Ok(Event::OrgInvited {
        org: other,
        invitation: invitation.clone(),
    })
}

/// Only an admin of the vendor's, who signs it: whom they seat is an admin too.
pub(super) fn seat_admin(
    case: &Case<'_>,
    org: &Org,
    other: OrgId,
    successor: &Successor,
) -> Result<Event, Rejection> {
    vendor(case, org)?;
    case.member()?;
    case.at_least(Role::Admin)?;
    let card = named(case)?;
    if card.kind == OrgKind::Vendor || card.root.is_none() {
        return Err(Rejection::State(
            "only in a partner that somebody has claimed: else invite its first admin",
        ));
    }
    if card.status == Status::Suspended {
        return Err(Rejection::State(
            "this organisation is suspended, and its people could not object: take it back first",
        ));
    }
    if let Successor::Invited(invitation) = successor {
        invitation::claims(case, invitation)?;
        if invitation.until <= case.now + limits::SUCCESSION_NOTICE {
            return Err(Rejection::Value {
                field: "until",
                want: "a time after the 72 hours for which its people are told",
            });
        }
    }
    Ok(Event::SuccessorNamed {
        org: other,
        successor: successor.clone(),
    })
}

pub(super) fn classify(
    case: &Case<'_>,
    org: &Org,
    other: OrgId,
    class: &Class,
) -> Result<Event, Rejection> {
    vendor(case, org)?;
    named(case)?;
    class_holds(class)?;
    Ok(Event::OrgClassified {
        org: other,
        class: class.clone(),
    })
}

pub(super) fn suspend_org(
    case: &Case<'_>,
    org: &Org,
    other: OrgId,
    on: bool,
) -> Result<Event, Rejection> {
    vendor(case, org)?;
    let card = named(case)?;
    if card.kind == OrgKind::Vendor {
        return Err(Rejection::State("the vendor does not suspend itself"));
    }
    if (card.status == Status::Suspended) == on {
        return Err(Rejection::Already("org"));
    }
    Ok(Event::OrgSuspended { org: other, on })
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

pub(super) fn open_channel(
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
    let room = RoomId::new(RoomKind::Channel, case.fresh(0));
    Ok(Event::ChannelOpened {
        room,
        settings: settings.clone(),
        purpose: Slot(0),
    })
}
