//! How the stage of the matrix is set: who is connected, who sits where, what business there is, and who has fallen.

use super::stage::{HAL, MAX, Props, REM, REV, SUE, VERA};
use crate::world::{ANA, KIM, MEI, TOM, VIK, World, example, open_channel, opened};
use rialto_server::clock::Clock as _;
use rialto_shared::{
    command::Command,
    entry::Seq,
    event::{Event, matter},
    id::{OrgId, RoomId},
    room::{State, channel, deal, inbox, org, profile, relation, side, talk},
    standing::{AgreementKind, Role},
    time::Span,
};
use std::collections::BTreeSet;

fn say() -> Command {
    Command::Talk(talk::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    })
}

/// The vendor and the first partner are connected and one has proposed an agreement; the second partner waits.
pub(super) fn connect(world: &mut World, [vendor, bright, cloud]: [OrgId; 3]) -> Props {
    let connect = |to| Command::Org(org::Command::Connect { to });
    let words = ["Shall we?"];
    for (who, from, to) in [
        (ANA, bright, vendor),
        (TOM, vendor, bright),
        (KIM, cloud, vendor),
    ] {
        world
            .say(who, RoomId::org(from), connect(to), &words)
            .unwrap();
    }
    let relation = RoomId::relation(vendor, bright);
    let agree = relation::Command::Agree {
        kind: AgreementKind::Nda,
        from: world.clock.now().date(),
        to: None,
    };
    let (proposal, _) = world
        .say(ANA, relation, Command::Relation(agree), &["Folder 7"])
        .unwrap();
    let knocks = world.entries(RoomId::org(vendor));
    let knock = knocks.iter().rev().find_map(matter).expect("a knock");
    // A face that only connections see: to the second partner it is not there.
    let face = profile::Command::Visibility {
        visibility: profile::Visibility::Connections,
        at: Seq::ZERO,
    };
    world
        .say(TOM, RoomId::profile(vendor), Command::Profile(face), &[])
        .unwrap();
    let den = open_channel("den", channel::Reach::Private);
    world.say(TOM, RoomId::org(vendor), den, &["Ours"]).unwrap();
    let den = opened(world, vendor);
    let code = world.code("Nobody yet");
    Props {
        vendor,
        bright,
        cloud,
        den,
        side: den,
        referral: den,
        deal: den,
        offered: (den, den),
        proposal,
        knock,
        code: org::invitation_code(&code.0),
    }
}

/// Everybody but the outsider sits in the channel, and has said something there.
pub(super) fn seat(world: &mut World, props: Props) -> Props {
    let seats = [
        (MEI, Role::Lead),
        (VIK, Role::Rep),
        (VERA, Role::Rep),
        (MAX, Role::Rep),
        (REM, Role::Rep),
        (SUE, Role::Lead),
        (REV, Role::Rep),
        (HAL, Role::Lead),
    ];
    for (who, role) in seats {
        let invite = channel::Command::Invite {
            member: world.consoles[who].member,
            role,
            history: true,
        };
        world
            .say(TOM, props.den, Command::Channel(invite), &[])
            .unwrap();
        world.say(who, props.den, say(), &["Here"]).unwrap();
    }
    let viewer = channel::Command::Invite {
        member: world.consoles[VERA].member,
        role: Role::Viewer,
        history: true,
    };
    world
        .say(TOM, props.den, Command::Channel(viewer), &[])
        .unwrap();
    world.say(TOM, props.den, say(), &["Welcome"]).unwrap();
    let invitation = org::Invitation {
        code: props.code,
        chain: vec![],
        role: Role::Admin,
        alliance: false,
        until: world.clock.now() + Span::days(1),
    };
    let invite = Command::Org(org::Command::Invite { invitation });
    world
        .operate(RoomId::org(props.vendor), invite, &[])
        .unwrap();
    props
}

/// The first partner's admin has a customer and has offered it to the vendor; the vendor's has a deal, with all its people.
pub(super) fn business(world: &mut World, props: Props) -> Props {
    let entry = |world: &World, room: RoomId, kind: &str| {
        let entries = world.entries(room);
        entries
            .into_iter()
            .rev()
            .find(|entry| entry.kind == kind)
            .expect("an entry")
    };
    let open = Command::Inbox(inbox::Command::OpenCase {
        draft: example::draft(),
    });
    let (tom, ana) = (inbox_of(world, TOM), inbox_of(world, ANA));
    let mut sides = [props.den; 3];
    let begin = [(TOM, tom), (ANA, ana), (TOM, tom)];
    for (side, (who, inbox)) in sides.iter_mut().zip(begin) {
        world
            .say(who, inbox, open.clone(), &example::texts(&open))
            .unwrap();
        let Event::Inbox(inbox::Event::CaseOpened { side: opened, .. }) =
            entry(world, inbox, "inbox.case_opened").event
        else {
            panic!("no case");
        };
        *side = opened;
    }
    let [side, case, offered] = sides;
    let referral = offers(world, ANA, case, props.vendor);
    let offer = offers(world, TOM, offered, props.bright);
    let people = [MEI, VIK, VERA, MAX, SUE, REV]
        .map(|who| world.consoles[who].member)
        .into();
    let open = Command::Inbox(inbox::Command::OpenDeal {
        presence: deal::Presence::NotPresent,
        value: None,
        close: None,
        people,
    });
    world
        .say(TOM, tom, open.clone(), &example::texts(&open))
        .unwrap();
    let Event::Inbox(inbox::Event::DealOpened { deal, .. }) =
        entry(world, tom, "inbox.deal_opened").event
    else {
        panic!("no deal");
    };
    Props {
        side,
        referral,
        deal,
        offered: (offered, offer),
        ..props
    }
}

/// A case is offered as it stands; the Referral.
fn offers(world: &mut World, who: usize, case: RoomId, to: OrgId) -> RoomId {
    let State::Side(held) = world.room(case).state else {
        panic!("no Side");
    };
    let drafted = held.case.expect("a case").draft;
    let promise = drafted.value.expect("a draft").promise();
    let promise = promise.expect("a whole one");
    let (shown, full) = (promise.shown(), promise.full());
    let offer = Command::Side(side::Command::Offer { to, shown, full });
    world.say(who, case, offer, &[]).unwrap();
    let State::Side(held) = world.room(case).state else {
        panic!("no Side");
    };
    held.case.expect("a case").live.expect("an offer").room
}

fn inbox_of(world: &World, who: usize) -> RoomId {
    RoomId::inbox(world.consoles[who].member)
}

/// Some fall from grace.
pub(super) fn fall(world: &mut World, props: Props, halted: OrgId) {
    let vendor = RoomId::org(props.vendor);
    let mute = Command::Talk(talk::Command::Mute {
        member: world.consoles[MAX].member,
        span: Span::hours(1),
    });
    world.say(TOM, props.den, mute.clone(), &[]).unwrap();
    world.say(TOM, vendor, mute, &[]).unwrap();
    let acts = [
        org::Command::Suspend {
            member: world.consoles[SUE].member,
            on: true,
        },
        org::Command::Revoke {
            device: world.consoles[REV].device,
        },
        org::Command::SuspendOrg {
            org: halted,
            on: true,
        },
    ];
    for act in acts {
        world.say(TOM, vendor, Command::Org(act), &[]).unwrap();
    }
    let gone = world
        .log()
        .iter()
        .rev()
        .take(3)
        .any(|entry| matches!(entry.event, Event::Org(org::Event::Halted { on: true })));
    assert!(gone, "the organisation is suspended");
}
