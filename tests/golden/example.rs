//! One event of every kind, with fixed ids, and how many texts it holds.

use crate::world::{
    example::{emoji, preferences},
    settings,
};
use rialto_shared::{
    entry::{Seq, Slot},
    event::Event,
    id::{DeviceId, Hash, MemberId, OrgId, PublicKey, RoomId, RoomKind},
    room::{channel, direct, inbox, org, profile, relation, talk},
    standing::{AgreementKind, OrgKind, PartnerType, Role},
    statement::{Certificate, Use},
    text::Text,
    time::{Date, Timestamp},
};
use std::collections::{BTreeMap, BTreeSet};

/// The ids that the examples name.
pub(super) struct Ids {
    pub(super) member: MemberId,
    pub(super) org: OrgId,
    pub(super) other: OrgId,
    pub(super) device: DeviceId,
    pub(super) room: RoomId,
}

pub(super) const fn ids() -> Ids {
    Ids {
        member: MemberId::from_bits([10; 16]),
        org: OrgId::from_bits([11; 16]),
        other: OrgId::from_bits([12; 16]),
        device: DeviceId::from_bits([13; 16]),
        room: RoomId::new(RoomKind::Channel, [14; 16]),
    }
}

const TEXT: Slot = Slot(0);
pub(super) const UNTIL: Timestamp = Timestamp::from_millis(1_790_000_000_123);

/// One of every kind: those with a text, then those without.
pub(super) fn events() -> Vec<(Event, usize)> {
    let worded = [said(), of_orgs(), of_faces(), told()]
        .into_iter()
        .flatten();
    let plain = [
        moderated(),
        people(),
        acts(),
        connections(),
        own(),
        seats(),
        faces(),
        agreements(),
    ]
    .into_iter()
    .flatten();
    worded
        .map(|event| (event, 1))
        .chain(plain.map(|event| (event, 0)))
        .chain(super::business::events())
        .collect()
}

pub(super) const fn key() -> PublicKey {
    PublicKey([15; 32])
}

/// A colleague of the member.
pub(super) const fn heir() -> MemberId {
    MemberId::from_bits([20; 16])
}

fn certificate() -> Certificate {
    Certificate {
        org: ids().org,
        issuer: key(),
        subject: PublicKey([16; 32]),
        to: Use::Invite,
        signature: rialto_shared::id::Signature([17; 64]),
    }
}

fn invitation() -> org::Invitation {
    org::Invitation {
        code: Hash([18; 32]),
        chain: vec![certificate()],
        role: Role::Lead,
        alliance: true,
        until: UNTIL,
    }
}

fn class() -> org::Class {
    let name = |text| Text::parse(text).expect("a name");
    org::Class {
        types: BTreeSet::from([PartnerType::Isv, PartnerType::Msp]),
        levels: BTreeMap::from([
            (name("Membership"), Some(name("Gold"))),
            (name("Training"), None),
        ]),
    }
}

fn said() -> Vec<Event> {
    let said = talk::Event::Said {
        thread: Some(Seq(7)),
        mentions: BTreeSet::from([ids().member]),
        body: TEXT,
    };
    let plain = talk::Event::Said {
        thread: None,
        mentions: BTreeSet::new(),
        body: TEXT,
    };
    let edited = talk::Event::Edited {
        target: Seq(7),
        body: TEXT,
    };
    let redacted = talk::Event::Redacted {
        target: Seq(7),
        reason: talk::RedactReason::Confidential,
        words: TEXT,
    };
    [said, plain, edited, redacted].map(Event::Talk).into()
}

fn moderated() -> Vec<Event> {
    let (target, member) = (Seq(7), ids().member);
    [
        talk::Event::Deleted { target },
        talk::Event::Reacted {
            target,
            emoji: emoji(),
            on: true,
        },
        talk::Event::Muted {
            member,
            until: UNTIL,
        },
        talk::Event::Unmuted { member },
        talk::Event::Pinned { target, on: false },
    ]
    .map(Event::Talk)
    .into()
}

fn of_orgs() -> Vec<Event> {
    let Ids {
        member,
        org,
        other,
        device,
        room,
    } = ids();
    let claim = Hash([19; 32]);
    let joined = |chain, root| org::Event::Joined {
        code: Hash([18; 32]),
        member,
        name: TEXT,
        role: Role::Admin,
        alliance: false,
        device,
        key: key(),
        chain,
        root,
    };
    [
        org::Event::Opened {
            org,
            kind: OrgKind::Vendor,
            name: TEXT,
            claim,
        },
        joined(vec![certificate()], Some(key())),
        joined(vec![], None),
        org::Event::Named { member, name: TEXT },
        org::Event::Enrolled {
            code: Hash([18; 32]),
            member,
            device,
            key: key(),
            name: TEXT,
            chain: vec![certificate()],
        },
        org::Event::Renamed { name: TEXT, claim },
        org::Event::ChannelOpened {
            room,
            settings: settings("golden", channel::Reach::Types(class().types)),
            purpose: TEXT,
        },
        org::Event::Admitted {
            org: other,
            name: TEXT,
            claim,
            invitation: invitation(),
        },
        org::Event::Asked {
            to: other,
            words: TEXT,
            referral: Some(room),
            until: UNTIL,
        },
        org::Event::Knocked {
            from: other,
            root: key(),
            words: TEXT,
            referral: None,
            until: UNTIL,
        },
        org::Event::Met {
            from: other,
            root: key(),
            words: TEXT,
            referral: None,
        },
    ]
    .map(Event::Org)
    .into()
}

fn people() -> Vec<Event> {
    let (member, device) = (ids().member, ids().device);
    [
        org::Event::Invited {
            invitation: invitation(),
        },
        org::Event::Cancelled {
            code: Hash([18; 32]),
        },
        org::Event::RoleSet {
            member,
            role: Role::Viewer,
            alliance: false,
        },
        org::Event::Enrolling {
            enrolment: org::Enrolment {
                code: Hash([18; 32]),
                member,
                chain: vec![certificate()],
                until: UNTIL,
            },
        },
        org::Event::HandedOver {
            from: member,
            to: heir(),
        },
        org::Event::Suspended { member, on: true },
        org::Event::Removed { member },
        org::Event::Revoked { device },
        org::Event::Certified {
            device,
            chain: vec![certificate()],
        },
    ]
    .map(Event::Org)
    .into()
}

fn acts() -> Vec<Event> {
    let org = ids().other;
    [
        org::Event::OrgInvited {
            org,
            invitation: invitation(),
        },
        org::Event::SuccessorNamed {
            org,
            successor: org::Successor::Member(ids().member),
        },
        org::Event::SuccessorAnnounced {
            successor: org::Successor::Invited(invitation()),
            from: UNTIL,
        },
        org::Event::SuccessionPutOff { from: UNTIL },
        org::Event::SuccessorRefused {},
        org::Event::SuccessionLapsed {},
        org::Event::SuccessorSeated {
            successor: org::Successor::Member(ids().member),
        },
        org::Event::OrgClassified {
            org,
            class: class(),
        },
        org::Event::OrgSuspended { org, on: true },
        org::Event::Classified { class: class() },
        org::Event::Halted { on: false },
    ]
    .map(Event::Org)
    .into()
}

fn connections() -> Vec<Event> {
    let from = ids().other;
    let replied = |referral, take, people| org::Event::Replied {
        from,
        root: key(),
        knock: Seq(7),
        referral,
        take,
        people,
    };
    [
        org::Event::Withdrawn { to: from },
        org::Event::Recalled { from },
        replied(
            Some(ids().room),
            org::Take::Both,
            BTreeSet::from([ids().member]),
        ),
        replied(None, org::Take::Neither, BTreeSet::new()),
        org::Event::Answered {
            by: from,
            take: org::Take::Connection,
            root: None,
        },
        org::Event::Answered {
            by: from,
            take: org::Take::Connection,
            root: Some(key()),
        },
        org::Event::Disconnected { from },
        org::Event::Excluded {
            org: from,
            on: true,
        },
        org::Event::Preferred {
            preference: org::Preference::DenyAll,
        },
    ]
    .map(Event::Org)
    .into()
}

fn own() -> Vec<Event> {
    let Ids {
        member, org, room, ..
    } = ids();
    let people = vec![direct::Person { id: member, org }];
    let opened = direct::Event::Opened {
        people: people.clone(),
    };
    let mut events: Vec<Event> = [
        inbox::Event::Opened { member, org },
        inbox::Event::Joined { room },
        inbox::Event::Left { room },
        inbox::Event::Done { need: Seq(7) },
        inbox::Event::DirectOpened { room, people },
    ]
    .map(Event::Inbox)
    .into();
    // Every reason that something waits is a name on the disk too.
    events.extend(
        <inbox::What as strum::VariantArray>::VARIANTS
            .iter()
            .map(|what| {
                Event::Inbox(inbox::Event::Noted {
                    what: *what,
                    room,
                    seq: Seq(7),
                })
            }),
    );
    events.push(Event::Direct(opened));
    events
}

/// Where a member is told of things outside the console.
fn told() -> Vec<Event> {
    vec![Event::Inbox(inbox::Event::NoticesSet {
        address: Some(TEXT),
        preferences: preferences(),
    })]
}

fn seats() -> Vec<Event> {
    let (member, org) = (ids().member, ids().org);
    [
        channel::Event::Invited {
            member,
            org,
            role: Role::Rep,
            since: Seq(7),
        },
        channel::Event::Left { member },
        channel::Event::Removed { member },
        channel::Event::Archived {},
    ]
    .map(Event::Channel)
    .into()
}

fn of_faces() -> Vec<Event> {
    let org = ids().org;
    let opened = |lead, reach| channel::Event::Opened {
        host: org,
        settings: settings("golden", reach),
        purpose: TEXT,
        lead,
    };
    let channels = [
        opened(Some(ids().member), channel::Reach::Private),
        opened(None, channel::Reach::Announcement),
        channel::Event::Purposed { purpose: TEXT },
    ];
    let faces = [
        profile::Event::Opened {
            org,
            kind: OrgKind::Partner,
            name: TEXT,
            card: true,
        },
        profile::Event::Named { name: TEXT },
        profile::Event::Described { description: TEXT },
        profile::Event::WebsiteSet { website: TEXT },
        profile::Event::SpecialitiesSet { specialities: TEXT },
        profile::Event::LookingForSet {
            types: class().types,
            need: TEXT,
        },
        profile::Event::ContactSet { contact: TEXT },
        profile::Event::NotesSet { notes: TEXT },
    ];
    let proposed = relation::Event::Proposed {
        by: org,
        kind: AgreementKind::Nda,
        reference: TEXT,
        from: Date::new(2026, 2, 1).expect("a day"),
        to: Some(Date::new(2027, 1, 31).expect("a day")),
        until: UNTIL,
    };
    let channels = channels.into_iter().map(Event::Channel);
    let faces = faces.into_iter().map(Event::Profile);
    channels
        .chain(faces)
        .chain([Event::Relation(proposed)])
        .collect()
}

fn faces() -> Vec<Event> {
    let place = |text: &str| text.parse().expect("a place");
    [
        profile::Event::Classified { class: class() },
        profile::Event::Claimed { root: key() },
        profile::Event::PlacesSet {
            places: BTreeSet::from([place("dach"), place("DE")]),
        },
        profile::Event::IndustriesSet {
            industries: BTreeSet::from([rialto_shared::industry::Industry::Automotive]),
        },
        profile::Event::CapacitySet {
            capacity: profile::Capacity::Limited,
        },
        profile::Event::VisibilitySet {
            visibility: profile::Visibility::Connections,
        },
        profile::Event::ContactsSet {
            members: BTreeSet::from([ids().member]),
        },
        profile::Event::Cleared {
            field: profile::Field::LookingFor,
        },
    ]
    .map(Event::Profile)
    .into()
}

fn agreements() -> Vec<Event> {
    let Ids { org, other, .. } = ids();
    let (proposal, kind) = (Seq(7), AgreementKind::Nda);
    let parties = [(org, key()), (other, PublicKey([16; 32]))];
    [
        relation::Event::Opened { parties },
        relation::Event::Reopened { parties },
        relation::Event::Confirmed {
            proposal,
            begins: Some(UNTIL),
            expires: None,
        },
        relation::Event::Began { proposal },
        relation::Event::Expired { proposal },
        relation::Event::Lapsed { proposal },
        relation::Event::Ended {
            by: org,
            kind,
            proposal,
        },
        relation::Event::Disconnected { by: other },
    ]
    .map(Event::Relation)
    .into()
}

/// What an organisation's room says of a used invitation that was tried again.
pub(super) const fn tried() -> org::Event {
    org::Event::InvitationTried {
        code: Hash([25; 32]),
        by: Some(ids().member),
        member: ids().member,
    }
}

/// What somebody had in hand is a colleague's.
pub(super) fn hands<T>(of: impl Fn(OrgId, MemberId, MemberId) -> T) -> (T, usize) {
    (of(ids().org, ids().member, heir()), 0)
}
