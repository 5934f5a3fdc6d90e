//! What other rooms ask of an organisation's, what it answers, and what it asks of them.

use super::{Ask, Class, Event, Org, connection, deals, enrolment, invitation, people, succession};
use crate::{
    ask::{Address, Ask as Asked},
    entry::{Entry, SaltedText, Slot, Worded},
    event,
    id::{MemberId, OrgId, PublicKey, RoomId},
    room::{HandOver, Room, State, Taking, channel, inbox, profile},
    standing::{OrgKind, Role},
};

pub(crate) fn react(room: &Room, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let State::Org(org) = &room.state else {
        return vec![];
    };
    match event {
        Event::Opened { kind, name, .. } => opens_faces(org.id, *kind, entry.text(*name)),
        Event::Joined { .. } => on_joined(org, entry, event),
        Event::Renamed { name, .. } => renames_faces(org.id, entry.text(*name)),
        Event::Classified { class } => classifies_faces(org.id, class),
        Event::ChannelOpened { .. } => opens_channel(org, entry, event).into_iter().collect(),
        Event::OrgInvited { org, .. } => on_another(entry, event)
            .into_iter()
            .chain(connection::was_invited(*org))
            .collect(),
        Event::Admitted { .. }
        | Event::SuccessorNamed { .. }
        | Event::OrgClassified { .. }
        | Event::OrgSuspended { .. } => on_another(entry, event).into_iter().collect(),
        Event::SuccessorAnnounced { .. }
        | Event::SuccessionPutOff { .. }
        | Event::SuccessorRefused {}
        | Event::SuccessionLapsed {}
        | Event::SuccessorSeated { .. } => succession::react(org, entry, event),
        Event::Asked {
            to,
            words,
            referral,
            ..
        } => connection::on_asked(org, *to, entry.text(*words), *referral),
        Event::Withdrawn { to } => connection::on_withdrawn(org, *to),
        Event::Knocked { referral, .. } => connection::on_knocked(org, entry, *referral),
        Event::Replied { .. } => connection::on_replied(org, entry, event),
        Event::Met {
            from,
            root,
            referral,
            ..
        } => connection::on_met(org, entry, *from, *root, *referral),
        Event::Answered { by, take, root } => {
            connection::on_answered(org, entry, *take, root.map(|root| (*by, root)))
        }
        Event::Recalled { .. } | Event::Excluded { on: true, .. } => {
            vec![connection::settles(org, entry)]
        }
        Event::DealInvited { .. }
        | Event::DealCalled { .. }
        | Event::DealInvitationClosed { .. } => deals::react(room, entry, event),
        Event::Suspended { member, on: true } | Event::Removed { member } => {
            leaves(org.id, entry, *member)
        }
        Event::InvitationTried { by, .. } => vec![invitation::tells(org, entry, *by)],
        Event::Suspended { member, on: false } => vec![in_hands(org, entry, *member)],
        Event::HandedOver { from, to } => hands_over(org, entry, *from, *to),
        Event::Enrolling { .. } | Event::Enrolled { .. } => enrolment::react(org, entry, event),
        // Whoever is suspended hears nothing: what is over with that, they hear when they are back.
        Event::Halted { on: false } => vec![succession::over(org, entry)],
        Event::Invited { .. }
        | Event::Cancelled { .. }
        | Event::RoleSet { .. }
        | Event::Revoked { .. }
        | Event::Certified { .. }
        | Event::Named { .. }
        | Event::Halted { on: true }
        | Event::Disconnected { .. }
        | Event::Excluded { on: false, .. }
        | Event::Preferred { .. } => vec![],
    }
}

fn hands_over(org: &Org, entry: &Entry, from: MemberId, to: MemberId) -> Vec<(Address, Asked)> {
    let hand_over = HandOver {
        org: org.id,
        from,
        to,
    };
    vec![
        in_hands(org, entry, from),
        (Address::Seated { member: from }, Asked::HandOver(hand_over)),
    ]
}

/// A new member gets an Inbox. Who claims the organisation shows it as claimed, and finds what waited for that.
fn on_joined(org: &Org, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let Event::Joined { member, root, .. } = event else {
        return vec![];
    };
    let open = inbox::Ask::Open {
        member: *member,
        org: org.id,
    };
    let mut asks = vec![(Address::inbox(*member), Asked::Inbox(open))];
    if let Some(root) = root {
        asks.extend(claims_faces(org.id, *root, *member));
        asks.extend(connection::on_claimed(org, entry, *member));
    }
    asks
}

/// An organisation's two faces: the public Profile, and the Card.
pub(super) fn faces(org: OrgId, ask: impl Fn(bool) -> profile::Ask) -> Vec<(Address, Asked)> {
    [
        (RoomId::profile(org), ask(false)),
        (RoomId::card(org), ask(true)),
    ]
    .map(|(room, ask)| (Address::Room(room), Asked::Profile(Box::new(ask))))
    .into()
}

fn opens_faces(org: OrgId, kind: OrgKind, name: Option<&SaltedText>) -> Vec<(Address, Asked)> {
    let Some(name) = name else {
        return vec![];
    };
    faces(org, |card| profile::Ask::Open {
        org,
        kind,
        name: name.clone(),
        card,
    })
}

fn renames_faces(org: OrgId, name: Option<&SaltedText>) -> Vec<(Address, Asked)> {
    let Some(name) = name else {
        return vec![];
    };
    faces(org, |_| profile::Ask::Named { name: name.clone() })
}

fn classifies_faces(org: OrgId, class: &Class) -> Vec<(Address, Asked)> {
    faces(org, |_| profile::Ask::Classify {
        class: class.clone(),
    })
}

fn claims_faces(org: OrgId, root: PublicKey, by: MemberId) -> Vec<(Address, Asked)> {
    faces(org, |_| profile::Ask::Claimed { root, by })
}

/// Somebody who takes part no longer is nobody to turn to: the Profile, where contacts stand, names them no more. Where they
/// had something in hand, the admins are told that it waits for other hands.
fn leaves(org: OrgId, entry: &Entry, member: MemberId) -> Vec<(Address, Asked)> {
    let ask = profile::Ask::Gone { member };
    let room = Address::Room(RoomId::profile(org));
    let vacant = inbox::Ask::Point {
        what: inbox::What::HandoverDue,
        room: entry.room,
        seq: entry.seq,
    };
    vec![
        (room, Asked::Profile(Box::new(ask))),
        (Address::Heirs { org, of: member }, Asked::Inbox(vacant)),
    ]
}

/// What this person had in hand waits for nobody to hand it over: it is done, or they are back.
fn in_hands(org: &Org, entry: &Entry, member: MemberId) -> (Address, Asked) {
    let admins = Address::Roles {
        org: org.id,
        min_role: Role::Admin,
    };
    let open = people::vacant(org, member);
    let kinds = &[inbox::What::HandoverDue];
    (admins, inbox::settle(kinds, entry.room, open))
}

/// The vendor's acts, as the organisation that they are about learns of them.
fn on_another(entry: &Entry, event: &Event) -> Option<(Address, Asked)> {
    let ask =
        |org: &OrgId, ask: Ask| Some((Address::Room(RoomId::org(*org)), Asked::Org(Box::new(ask))));
    if let Event::Admitted {
        org,
        name,
        claim,
        invitation,
    } = event
    {
        let open = Ask::Open {
            org: *org,
            name: entry.text(*name)?.clone(),
            claim: *claim,
            invitation: invitation.clone(),
        };
        ask(org, open)
    } else if let Event::OrgInvited { org, invitation } = event {
        let invitation = invitation.clone();
        ask(org, Ask::Invite { invitation })
    } else if let Event::SuccessorNamed { org, successor } = event {
        let successor = successor.clone();
        ask(org, Ask::Succeed { successor })
    } else if let Event::OrgClassified { org, class } = event {
        let class = class.clone();
        ask(org, Ask::Classify { class })
    } else if let Event::OrgSuspended { org, on } = event {
        ask(org, Ask::Halt { on: *on })
    } else {
        None
    }
}

fn opens_channel(org: &Org, entry: &Entry, event: &Event) -> Option<(Address, Asked)> {
    let Event::ChannelOpened {
        room: opened,
        settings,
        purpose,
    } = event
    else {
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
    if matches!(
        ask,
        Ask::DealInvitation { .. } | Ask::DealInvitationClosed { .. } | Ask::DealCall { .. }
    ) {
        return deals::take(taking.room, ask).into_iter().collect();
    }
    match &taking.room.state {
        State::Void => begin(ask),
        State::Org(org) => within(taking, org, ask)
            .map(|(event, words)| {
                let texts = words.into_iter().cloned().collect();
                Worded::new(event::Event::Org(event), texts)
            })
            .into_iter()
            .collect(),
        State::Inbox(_)
        | State::Channel(_)
        | State::Direct(_)
        | State::Profile(_)
        | State::Relation(_)
        | State::Side(_)
        | State::Referral(_)
        | State::Deal(_)
        | State::Record(_) => vec![],
    }
}

fn begin(ask: &Ask) -> Vec<Worded<event::Event>> {
    let Ask::Open {
        org,
        name,
        claim,
        invitation,
    } = ask
    else {
        return vec![];
    };
    let opened = Event::Opened {
        org: *org,
        kind: OrgKind::Partner,
        name: Slot(0),
        claim: *claim,
    };
    let invited = Event::Invited {
        invitation: invitation.clone(),
    };
    vec![
        Worded::new(event::Event::Org(opened), vec![name.clone()]),
        Worded::plain(event::Event::Org(invited)),
    ]
}

/// What is answered in a room that stands: one event or none, and the one text it may have.
fn within<'a>(
    taking: &Taking<'_>,
    org: &Org,
    ask: &'a Ask,
) -> Option<(Event, Option<&'a SaltedText>)> {
    let plain = |event| Some((event, None));
    match ask {
        Ask::Invite { invitation } if org.root.is_none() => plain(Event::Invited {
            invitation: invitation.clone(),
        }),
        Ask::Open { .. }
        | Ask::Invite { .. }
        | Ask::DealInvitation { .. }
        | Ask::DealInvitationClosed { .. }
        | Ask::DealCall { .. } => None,
        Ask::Succeed { successor } => plain(succession::announce(org, successor, taking.now)?),
        Ask::Classify { class } => plain(Event::Classified {
            class: class.clone(),
        }),
        Ask::Halt { on } => plain(Event::Halted { on: *on }),
        Ask::Asked {
            to,
            words,
            referral,
        } => Some((
            connection::ask_too(org, *to, *referral, taking.now)?,
            Some(words),
        )),
        Ask::Withdraw { to, referral } => plain(connection::withdraw_too(org, *to, *referral)?),
        Ask::Knock {
            from,
            from_root,
            words,
            referral,
        } => Some((
            connection::hear(org, *from, *from_root, *referral, taking.now)?,
            Some(words),
        )),
        Ask::Recall { from } => {
            let known = org.knocked.contains_key(from);
            plain(known.then_some(Event::Recalled { from: *from })?)
        }
        Ask::Answered { by, take, root } => plain(connection::learn(org, *by, *take, *root)?),
        Ask::InvitationTried(code) => plain(invitation::tried(org, *code, taking.now)?),
        Ask::Disconnected { from } => {
            let known = org.connections.contains(from);
            plain(known.then_some(Event::Disconnected { from: *from })?)
        }
    }
}
