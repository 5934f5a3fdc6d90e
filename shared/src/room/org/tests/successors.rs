//! An organisation's last admin stays; and whom the vendor seats comes after notice, unless somebody there objects.

use super::host::{Host, Who};
use crate::{
    command::Command,
    id::{Hash, MemberId, OrgId, RoomId},
    limits,
    rejection::Rejection,
    room::{
        inbox::What,
        org::{self, Invitation},
    },
    standing::{OrgKind, Role},
    statement::public_key,
    time::Span,
};
use ed25519_dalek::SigningKey;

struct Story {
    host: Host,
    vendor: MemberId,
    admin: MemberId,
    rep: MemberId,
    org: OrgId,
}

fn story() -> Story {
    let (mut host, vendor) = Host::with_vendor();
    let admin = host.organisation(OrgKind::Partner, 2, "Alpenwerk");
    let org = host.org_of(admin);
    let rep = host.person(org, Role::Rep, false);
    Story {
        host,
        vendor,
        admin,
        rep,
        org,
    }
}

impl Story {
    fn run(&mut self, who: Who, org: OrgId, what: org::Command) -> Result<(), Rejection> {
        let words: &[&str] = match &what {
            org::Command::Join { .. } => &["Nia New"],
            _ => &[],
        };
        let result = self
            .host
            .run(who, RoomId::org(org), Command::Org(what), words);
        self.host.check();
        result
    }

    fn invitation(&self, code: u8, span: Span) -> Invitation {
        Invitation {
            code: Hash([code; 32]),
            chain: vec![],
            role: Role::Admin,
            alliance: false,
            until: self.host.now + span,
        }
    }

    fn seats(&mut self, who: MemberId, code: u8) -> Result<(), Rejection> {
        let invitation = self.invitation(code, Span::days(6));
        let org = self.org;
        let seat = org::Command::SeatAdmin { org, invitation };
        self.run(Who::Member(who), self.host.org_of(who), seat)
    }

    fn joins(&mut self, code: u8) -> Result<(), Rejection> {
        let join = org::Command::Join {
            code: Hash([code; 32]),
            key: public_key(&SigningKey::from_bytes(&[code; 32])),
            chain: vec![],
            root: None,
        };
        self.run(Who::Newcomer, self.org, join)
    }

    fn at_home(&mut self, who: MemberId, what: org::Command) -> Result<(), Rejection> {
        self.run(Who::Member(who), self.org, what)
    }
}

#[test]
fn a_last_admin_neither_goes_nor_steps_down_without_a_successor() {
    let mut story = story();
    let (admin, rep) = (story.admin, story.rep);
    let role = |story: &Story, member, role| org::Command::Role {
        member,
        role,
        alliance: false,
        at: story.host.org(story.org).people[&member].at,
    };
    let ways = [
        org::Command::Remove { member: admin },
        org::Command::Suspend {
            member: admin,
            on: true,
        },
        role(&story, admin, Role::Lead),
    ];
    for way in &ways {
        let refused = story.at_home(admin, way.clone()).unwrap_err();
        assert!(refused.to_string().contains("the last admin"), "{refused}");
        let by_operator = story.run(Who::Operator, story.org, way.clone());
        assert_eq!(by_operator.unwrap_err().code(), "state");
    }
    let heir = role(&story, rep, Role::Admin);
    story.at_home(admin, heir).unwrap();
    story.at_home(admin, ways[0].clone()).unwrap();
    let last = org::Command::Remove { member: rep };
    assert_eq!(story.at_home(rep, last).unwrap_err().code(), "state");
}

#[test]
fn whom_the_vendor_seats_comes_after_three_days_of_which_everybody_is_told() {
    let mut story = story();
    let (vendor, admin, rep, org) = (story.vendor, story.admin, story.rep, story.org);
    let manager = story
        .host
        .person(story.host.org_of(vendor), Role::Lead, true);
    assert_eq!(story.seats(manager, 70).unwrap_err().code(), "role.too_low");
    assert!(story.seats(admin, 70).is_err(), "a partner seats nobody");
    let invitation = story.invitation(70, limits::SUCCESSION_NOTICE);
    let soon = org::Command::SeatAdmin { org, invitation };
    let soon = story.run(Who::Member(vendor), story.host.org_of(vendor), soon);
    assert_eq!(soon.unwrap_err().code(), "value");
    story.seats(vendor, 71).unwrap();
    for who in [admin, rep] {
        assert_eq!(story.host.needs(who), [What::AdminAnnounced]);
    }
    let early = story.joins(71).unwrap_err();
    assert!(early.to_string().contains("not now"), "{early}");
    story.host.now = story.host.now + limits::SUCCESSION_NOTICE - Span::millis(1);
    assert_eq!(story.joins(71).unwrap_err().code(), "state");
    story.host.now = story.host.now + Span::millis(1);
    story.joins(71).unwrap();
    assert_eq!(story.joins(71).unwrap_err().code(), "invitation.revoked");
    let held = story.host.org(org);
    let admins = held.people.values().filter(|one| one.role == Role::Admin);
    assert_eq!(admins.count(), 2);
    assert!(held.succession.is_none());
    let uncertified = held.devices.values().filter(|device| !device.certified);
    assert_eq!(
        uncertified.count(),
        2,
        "the root key vouched for nobody new"
    );
}

#[test]
fn an_admin_who_is_there_after_all_stops_it_and_the_vendor_hears_that() {
    let mut story = story();
    let (vendor, admin, rep) = (story.vendor, story.admin, story.rep);
    story.seats(vendor, 72).unwrap();
    let object = org::Command::Object {
        code: Hash([72; 32]),
    };
    let by_rep = story.at_home(rep, object.clone()).unwrap_err();
    assert_eq!(by_rep.code(), "role.too_low");
    story.at_home(admin, object.clone()).unwrap();
    assert_eq!(
        story.at_home(admin, object).unwrap_err().code(),
        "thing.absent"
    );
    assert_eq!(story.host.needs(rep), [], "nobody waits for them");
    assert_eq!(story.host.needs(vendor), [What::AdminRefused]);
    story.host.now = story.host.now + Span::days(4);
    assert_eq!(story.joins(72).unwrap_err().code(), "invitation.revoked");
}

#[test]
fn one_is_announced_at_a_time_and_nobody_is_seated_overnight_by_the_operator() {
    let mut story = story();
    let (vendor, org) = (story.vendor, story.org);
    story.seats(vendor, 73).unwrap();
    story.seats(vendor, 74).unwrap();
    let held = story.host.org(org).succession.as_ref().unwrap();
    assert_eq!(held.invitation.code, Hash([73; 32]), "the first stands");
    let invitation = story.invitation(75, Span::days(1));
    let overnight = org::Command::Invite { invitation };
    let refused = story.run(Who::Operator, org, overnight).unwrap_err();
    assert_eq!(refused.code(), "state");
    let (rep, at) = (story.rep, story.host.org(org).people[&story.rep].at);
    let made = org::Command::Role {
        member: rep,
        role: Role::Admin,
        alliance: false,
        at,
    };
    let refused = story.run(Who::Operator, org, made).unwrap_err();
    assert_eq!(refused.code(), "state");
}
