//! What a request to connect, and its answer, ask of other rooms: of the other organisation's, of the Relation, of the
//! referral that came along, and of the people who should look.

use super::{Event, Org, Take, ToStranger};
use crate::{
    ask::{Address, Ask as Asked},
    entry::{Entry, SaltedText},
    id::{MemberId, OrgId, PublicKey, RoomId},
    limits,
    room::{inbox, org::Ask, referral, relation},
    standing::Role,
};

fn of_org(org: OrgId, ask: Ask) -> (Address, Asked) {
    (Address::Room(RoomId::org(org)), Asked::Org(Box::new(ask)))
}

fn of_referral(room: RoomId, ask: referral::Ask) -> (Address, Asked) {
    (Address::Room(room), Asked::Referral(Box::new(ask)))
}

fn point_leads(org: &Org, entry: &Entry, what: inbox::What) -> (Address, Asked) {
    let leads = Address::Roles {
        org: org.id,
        min_role: Role::Lead,
    };
    let point = inbox::Ask::Point {
        what,
        room: entry.room,
        seq: entry.seq,
    };
    (leads, Asked::Inbox(point))
}

/// What its leads wait for no longer: requests to connect that are answered, taken back or lapsed.
pub(in crate::room::org) fn settles(org: &Org, entry: &Entry) -> (Address, Asked) {
    let leads = Address::Roles {
        org: org.id,
        min_role: Role::Lead,
    };
    let open = org
        .knocked
        .values()
        .filter(|knock| knock.until > entry.at)
        .map(|knock| knock.seq);
    (
        leads,
        inbox::settle(&[inbox::What::Knock], entry.room, open),
    )
}

fn relation_of(one: (OrgId, PublicKey), other: (OrgId, PublicKey)) -> (Address, Asked) {
    let open = relation::Ask::Open {
        parties: [one, other],
    };
    (
        Address::Room(RoomId::relation(one.0, other.0)),
        Asked::Relation(Box::new(open)),
    )
}

/// What asking asks: that the other organisation hears it.
pub(in crate::room::org) fn on_asked(
    org: &Org,
    to: OrgId,
    words: Option<&SaltedText>,
    referral: Option<RoomId>,
) -> Vec<(Address, Asked)> {
    let (Some(from_root), Some(words)) = (org.root, words) else {
        return vec![];
    };
    let knock = Ask::Knock {
        from: org.id,
        from_root,
        words: words.clone(),
        referral,
    };
    vec![of_org(to, knock)]
}

pub(in crate::room::org) fn on_withdrawn(org: &Org, to: OrgId) -> Vec<(Address, Asked)> {
    vec![of_org(to, Ask::Recall { from: org.id })]
}

/// What a knock asks: that the referral which came with it shows itself, and that somebody looks. Where nobody has claimed
/// the organisation, somebody of the vendor's may invite it; it finds the knock when it comes.
pub(in crate::room::org) fn on_knocked(
    org: &Org,
    entry: &Entry,
    referral: Option<RoomId>,
) -> Vec<(Address, Asked)> {
    let Some(root) = org.root else {
        return please_invite(org.id);
    };
    shows(org.id, root, referral)
        .into_iter()
        .chain([point_leads(org, entry, inbox::What::Knock)])
        .chain([settles(org, entry)])
        .collect()
}

fn shows(org: OrgId, root: PublicKey, referral: Option<RoomId>) -> Option<(Address, Asked)> {
    referral.map(|room| of_referral(room, referral::Ask::Show { org, root }))
}

/// The two are connected: whoever was offered a referral here as a stranger sees it now, also where they did not hear of it
/// before, and the sender's own people see it with them.
fn joins(org: &Org, entry: &Entry, other: (OrgId, PublicKey)) -> Vec<(Address, Asked)> {
    let (to, root) = other;
    let join =
        |sent: &ToStranger| of_referral(sent.referral, referral::Ask::Join { org: to, root });
    org.strangers
        .iter()
        .rev()
        .filter(|sent| sent.to == to && sent.until > entry.at)
        .take(limits::STRANGERS_JOINED_MAX)
        .map(join)
        .collect()
}

fn please_invite(org: OrgId) -> Vec<(Address, Asked)> {
    let notify = Asked::Inbox(inbox::Ask::Notify {
        what: inbox::What::PleaseInvite,
        room: RoomId::profile(org),
    });
    to_vendor(notify)
}

/// Somebody of the vendor's was to invite this organisation: it is invited, or claimed.
pub(in crate::room::org) fn was_invited(org: OrgId) -> Vec<(Address, Asked)> {
    let kinds = &[inbox::What::PleaseInvite];
    to_vendor(inbox::settle(kinds, RoomId::profile(org), []))
}

/// Those of the vendor's who may invite an organisation.
fn to_vendor(ask: Asked) -> Vec<(Address, Asked)> {
    let admins = Address::Vendor {
        min_role: Role::Admin,
        alliance_only: false,
    };
    let managers = Address::Vendor {
        min_role: Role::Viewer,
        alliance_only: true,
    };
    vec![(admins, ask.clone()), (managers, ask)]
}

/// What waited while nobody had claimed the organisation, for the one who claims it.
pub(in crate::room::org) fn on_claimed(
    org: &Org,
    entry: &Entry,
    by: MemberId,
) -> Vec<(Address, Asked)> {
    let Some(root) = org.root else {
        return vec![];
    };
    let waiting = org
        .knocked
        .values()
        .filter(|knock| knock.until > entry.at)
        .flat_map(|knock| {
            let point = inbox::Ask::Point {
                what: inbox::What::Knock,
                room: entry.room,
                seq: knock.seq,
            };
            shows(org.id, root, knock.referral)
                .into_iter()
                .chain([(Address::inbox(by), Asked::Inbox(point))])
        });
    waiting.chain(was_invited(org.id)).collect()
}

/// What an answer asks: the Relation, the one who asked, and the referral that came with the request.
pub(in crate::room::org) fn on_replied(
    org: &Org,
    entry: &Entry,
    event: &Event,
) -> Vec<(Address, Asked)> {
    let Event::Replied {
        from,
        root: from_root,
        referral,
        take,
        people,
        ..
    } = event
    else {
        return vec![];
    };
    let opened = org
        .root
        .filter(|_| *take != Take::Neither)
        .map(|root| relation_of((*from, *from_root), (org.id, root)));
    let told = org.root.map(|root| Ask::Answered {
        by: org.id,
        take: *take,
        root,
    });
    let joined = match take {
        Take::Both | Take::Connection => joins(org, entry, (*from, *from_root)),
        Take::Neither => vec![],
    };
    let handed = referral.map(|room| {
        let ask = match take {
            Take::Both => referral::Ask::Accept {
                people: people.clone(),
            },
            Take::Connection | Take::Neither => referral::Ask::Decline {
                reason: referral::DeclineReason::NotNow,
            },
        };
        of_referral(room, ask)
    });
    opened
        .into_iter()
        .chain(told.map(|told| of_org(*from, told)))
        .chain(handed)
        .chain(joined)
        .chain([settles(org, entry)])
        .collect()
}

/// What crossing requests ask: both have signed, so the Relation opens; what either has offered is still to be answered, and
/// stands open to both.
pub(in crate::room::org) fn on_met(
    org: &Org,
    entry: &Entry,
    from: OrgId,
    from_root: PublicKey,
    referral: Option<RoomId>,
) -> Vec<(Address, Asked)> {
    let Some(root) = org.root else {
        return vec![];
    };
    let told = Ask::Answered {
        by: org.id,
        take: Take::Connection,
        root,
    };
    [
        relation_of((from, from_root), (org.id, root)),
        of_org(from, told),
    ]
    .into_iter()
    .chain(shows(org.id, root, referral))
    .chain(joins(org, entry, (from, from_root)))
    .chain([point_leads(org, entry, inbox::What::ConnectionAccepted)])
    .chain([settles(org, entry)])
    .collect()
}

pub(in crate::room::org) fn on_answered(
    org: &Org,
    entry: &Entry,
    take: Take,
    other: Option<(OrgId, PublicKey)>,
) -> Vec<(Address, Asked)> {
    let what = match take {
        Take::Both | Take::Connection => inbox::What::ConnectionAccepted,
        Take::Neither => inbox::What::ConnectionDeclined,
    };
    let mut asks = vec![point_leads(org, entry, what), settles(org, entry)];
    asks.extend(other.into_iter().flat_map(|other| joins(org, entry, other)));
    asks
}
