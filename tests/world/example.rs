//! One well-formed example of every command there is. The matches are exhaustive: a new command does not compile without
//! an example, and every suite that goes over all commands then has it.

mod deals;

pub(crate) use deals::draft;

use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{DeviceId, Hash, LaneId, MemberId, OrgId, PublicKey, RoomId},
    industry::Industry,
    room::{channel, deal, inbox, org, profile, referral, relation, side, talk},
    standing::{AgreementKind, OrgKind, PartnerType, Role},
    text::{Emoji, TextKind},
    time::{Span, Timestamp},
};
use std::collections::{BTreeMap, BTreeSet};
use strum::VariantArray as _;

/// What the examples name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    pub(crate) member: MemberId,
    /// A colleague of that member.
    pub(crate) from: MemberId,
    pub(crate) device: DeviceId,
    pub(crate) org: OrgId,
    pub(crate) room: RoomId,
    /// A message, a need, a proposal.
    pub(crate) entry: Seq,
    /// The entry that set the thing last that the command replaces.
    pub(crate) at: Seq,
    pub(crate) now: Timestamp,
}

/// A command and its texts.
pub(crate) type Example = (Command, Vec<&'static str>);

/// The kinds of room whose commands have examples here; those below have none yet, and the compiler says so when they do.
const fn counted(command: &Command) {
    match command {
        Command::Talk(_)
        | Command::Org(_)
        | Command::Inbox(_)
        | Command::Channel(_)
        | Command::Profile(_)
        | Command::Relation(_)
        | Command::Side(_)
        | Command::Referral(_)
        | Command::Deal(_) => {}
        Command::Direct(none) => match *none {},
    }
}

/// One of each kind, in the order of their enums.
pub(crate) fn examples(named: &Named) -> Vec<Example> {
    let talk = talk::Verb::VARIANTS.iter().map(|verb| said(*verb, named));
    let org = org::Verb::VARIANTS.iter().map(|verb| of_org(*verb, named));
    let inbox = inbox::Verb::VARIANTS.iter().map(|verb| own(*verb, named));
    let channel = channel::Verb::VARIANTS
        .iter()
        .map(|verb| of_channel(*verb, named));
    let profile = profile::Verb::VARIANTS
        .iter()
        .map(|verb| shown(*verb, named));
    let relation = relation::Verb::VARIANTS
        .iter()
        .map(|verb| agreed(*verb, named));
    let side = side::Verb::VARIANTS
        .iter()
        .map(|verb| deals::beside(*verb, named));
    let referral = referral::Verb::VARIANTS
        .iter()
        .map(|verb| deals::referred(*verb, named));
    let deal = deal::Verb::VARIANTS
        .iter()
        .map(|verb| deals::dealt(*verb, named));
    talk.chain(org)
        .chain(inbox)
        .chain(channel)
        .chain(profile)
        .chain(relation)
        .chain(side)
        .chain(referral)
        .chain(deal)
        .map(|command| {
            counted(&command);
            let texts = texts(&command);
            (command, texts)
        })
        .collect()
}

/// A text for each slot of a command.
pub(crate) fn texts(command: &Command) -> Vec<&'static str> {
    command
        .slots()
        .into_iter()
        .map(|(slot, kind)| match (slot, kind) {
            ("website", _) => "https://example.com/partners",
            ("address", _) => "ana.sol@brightpath.example",
            (_, TextKind::Name) => "Harbour Lane",
            (
                _,
                TextKind::Title
                | TextKind::Line
                | TextKind::Words
                | TextKind::Need
                | TextKind::About
                | TextKind::Body
                | TextKind::Full,
            ) => "A few words",
        })
        .collect()
}

/// The smiling emoji of the examples.
pub(crate) fn emoji() -> Emoji {
    "\u{1f600}".parse().expect("an emoji")
}

fn said(verb: talk::Verb, named: &Named) -> Command {
    let (target, member) = (named.entry, named.member);
    Command::Talk(match verb {
        talk::Verb::Say => talk::Command::Say {
            thread: None,
            mentions: BTreeSet::from([member]),
        },
        talk::Verb::Edit => talk::Command::Edit {
            target,
            at: named.entry,
        },
        talk::Verb::Delete => talk::Command::Delete { target },
        talk::Verb::React => talk::Command::React {
            target,
            emoji: emoji(),
            on: true,
        },
        talk::Verb::Redact => talk::Command::Redact {
            target,
            reason: talk::RedactReason::Spam,
        },
        talk::Verb::Mute => talk::Command::Mute {
            member,
            span: Span::hours(1),
        },
        talk::Verb::Unmute => talk::Command::Unmute { member },
        talk::Verb::Pin => talk::Command::Pin { target, on: true },
    })
}

fn invitation(named: &Named, role: Role) -> org::Invitation {
    org::Invitation {
        code: Hash::of("test-example", &[&named.entry.0.to_be_bytes()]),
        chain: vec![],
        role,
        alliance: false,
        until: named.now + Span::days(3),
    }
}

fn of_org(verb: org::Verb, named: &Named) -> Command {
    let (member, org, at) = (named.member, named.org, named.at);
    let admin = || invitation(named, Role::Admin);
    Command::Org(match verb {
        org::Verb::Open => org::Command::Open {
            kind: OrgKind::Partner,
        },
        org::Verb::Invite => org::Command::Invite {
            invitation: invitation(named, Role::Rep),
        },
        org::Verb::Cancel => org::Command::Cancel { code: admin().code },
        org::Verb::Join => org::Command::Join {
            code: admin().code,
            key: PublicKey([9; 32]),
            chain: vec![],
            root: None,
        },
        org::Verb::Role => org::Command::Role {
            member,
            role: Role::Lead,
            alliance: false,
            at,
        },
        org::Verb::Suspend => org::Command::Suspend { member, on: true },
        org::Verb::Remove => org::Command::Remove { member },
        org::Verb::Revoke => org::Command::Revoke {
            device: named.device,
        },
        org::Verb::Certify => org::Command::Certify {
            device: named.device,
            chain: vec![],
        },
        org::Verb::Enrol => org::Command::Enrol {
            enrolment: org::Enrolment {
                code: Hash::of("test-enrolment", &[&named.entry.0.to_be_bytes()]),
                member,
                chain: vec![],
                until: named.now + Span::days(3),
            },
            revoke: false,
        },
        org::Verb::HandOver => org::Command::HandOver {
            from: named.from,
            to: member,
        },
        org::Verb::Name => org::Command::Name {},
        org::Verb::Rename => org::Command::Rename { at },
        org::Verb::OpenChannel => org::Command::OpenChannel {
            settings: crate::world::settings("example", channel::Reach::Private),
        },
        org::Verb::Admit => org::Command::Admit {
            invitation: admin(),
        },
        org::Verb::InviteOrg => org::Command::InviteOrg {
            org,
            invitation: admin(),
        },
        org::Verb::SeatAdmin => org::Command::SeatAdmin {
            org,
            successor: org::Successor::Invited(org::Invitation {
                until: named.now + Span::days(6),
                ..admin()
            }),
        },
        org::Verb::Renew => org::Command::Renew {
            root: PublicKey([9; 32]),
            chain: vec![],
        },
        org::Verb::Object => org::Command::Object { at },
        org::Verb::Classify => org::Command::Classify {
            org,
            class: org::Class {
                types: BTreeSet::from([PartnerType::Isv]),
                levels: BTreeMap::new(),
            },
        },
        org::Verb::SuspendOrg => org::Command::SuspendOrg { org, on: true },
        org::Verb::Connect => org::Command::Connect { to: org },
        org::Verb::Withdraw => org::Command::Withdraw { to: org },
        org::Verb::AnswerConnection => org::Command::AnswerConnection {
            from: org,
            knock: Hash([3; 32]),
            take: org::Take::Connection,
            people: BTreeSet::new(),
        },
        org::Verb::Exclude => org::Command::Exclude { org, on: true },
        org::Verb::Prefer => org::Command::Prefer {
            preference: org::Preference::DenyAll,
            at,
        },
    })
}

fn own(verb: inbox::Verb, named: &Named) -> Command {
    let room = named.room;
    if let Some(command) = deals::opened(verb, named) {
        return Command::Inbox(command);
    }
    Command::Inbox(match verb {
        inbox::Verb::OpenCase | inbox::Verb::OpenDeal | inbox::Verb::ImportDeal => {
            unreachable!("opened above")
        }
        inbox::Verb::Join => inbox::Command::Join { room },
        inbox::Verb::Leave => inbox::Command::Leave { room },
        inbox::Verb::Done => inbox::Command::Done { need: named.entry },
        inbox::Verb::OpenDirect => inbox::Command::OpenDirect {
            members: BTreeSet::from([named.member]),
        },
        inbox::Verb::SetNotices => inbox::Command::SetNotices {
            at: named.at,
            address: true,
            preferences: preferences(),
        },
    })
}

/// When to tell a member of what, nothing left out.
pub(crate) fn preferences() -> inbox::Preferences {
    inbox::Preferences {
        paces: BTreeMap::from([
            (inbox::Class::Invitations, inbox::Pace::Daily),
            (inbox::Class::News, inbox::Pace::AtOnce),
            (inbox::Class::Tasks, inbox::Pace::Off),
        ]),
        quiet: Some("22:00-07:00".parse().expect("quiet hours")),
        daily_at: "08:30".parse().expect("a time of day"),
        zone: "Europe/Vienna".parse().expect("a zone"),
    }
}

fn of_channel(verb: channel::Verb, named: &Named) -> Command {
    let member = named.member;
    Command::Channel(match verb {
        channel::Verb::Purpose => channel::Command::Purpose { at: named.at },
        channel::Verb::Invite => channel::Command::Invite {
            member,
            role: Role::Rep,
            history: true,
        },
        channel::Verb::Leave => channel::Command::Leave {},
        channel::Verb::Remove => channel::Command::Remove { member },
        channel::Verb::Archive => channel::Command::Archive {},
    })
}

fn shown(verb: profile::Verb, named: &Named) -> Command {
    let at = named.at;
    Command::Profile(match verb {
        profile::Verb::Describe => profile::Command::Describe { at },
        profile::Verb::Website => profile::Command::Website { at },
        profile::Verb::Places => profile::Command::Places {
            places: BTreeSet::from(["DE".parse().expect("a place")]),
            at,
        },
        profile::Verb::Industries => profile::Command::Industries {
            industries: BTreeSet::from([Industry::Automotive]),
            at,
        },
        profile::Verb::Specialities => profile::Command::Specialities { at },
        profile::Verb::Capacity => profile::Command::Capacity {
            capacity: profile::Capacity::Open,
            at,
        },
        profile::Verb::LookingFor => profile::Command::LookingFor {
            types: BTreeSet::from([PartnerType::Msp]),
            at,
        },
        profile::Verb::Visibility => profile::Command::Visibility {
            visibility: profile::Visibility::Connections,
            at,
        },
        profile::Verb::Contacts => profile::Command::Contacts {
            members: BTreeSet::from([named.member]),
            at,
        },
        profile::Verb::Contact => profile::Command::Contact { at },
        profile::Verb::Notes => profile::Command::Notes { at },
        profile::Verb::Clear => profile::Command::Clear {
            field: profile::Field::Description,
            at,
        },
    })
}

fn agreed(verb: relation::Verb, named: &Named) -> Command {
    let kind = AgreementKind::Nda;
    Command::Relation(match verb {
        relation::Verb::Agree => relation::Command::Agree {
            kind,
            from: named.now.date(),
            to: None,
        },
        relation::Verb::Confirm => relation::Command::Confirm {
            proposal: named.entry,
        },
        relation::Verb::End => relation::Command::End {
            kind,
            at: named.entry,
        },
        relation::Verb::Disconnect => relation::Command::Disconnect {},
    })
}

/// Names that mean nothing to anybody.
pub(crate) fn strangers(now: Timestamp) -> Named {
    Named {
        member: MemberId::from_bits([7; 16]),
        from: MemberId::from_bits([8; 16]),
        device: DeviceId::from_bits([7; 16]),
        org: OrgId::from_bits([7; 16]),
        room: RoomId::new(rialto_shared::id::RoomKind::Channel, [7; 16]),
        entry: Seq(7),
        at: Seq::ZERO,
        now,
    }
}

/// A lane that nobody has used.
pub(crate) fn spare_lane(place: u8) -> LaneId {
    LaneId::from_bits([place; 16])
}
