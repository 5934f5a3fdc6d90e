//! An organisation's last admin stays; and whom the vendor seats comes after notice, unless somebody there objects.

use super::host::{Host, Who};
use crate::{
    command::Command,
    entry::Seq,
    event::Event,
    id::{Hash, MemberId, OrgId, RoomId},
    limits,
    rejection::Rejection,
    room::{
        State, due, extend, fire,
        inbox::What,
        org::{self, Invitation, Succession, Successor, device_of},
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

    fn seat(&mut self, who: MemberId, successor: Successor) -> Result<(), Rejection> {
        let org = self.org;
        let seat = org::Command::SeatAdmin { org, successor };
        self.run(Who::Member(who), self.host.org_of(who), seat)
    }

    fn invites(&mut self, who: MemberId, code: u8) -> Result<(), Rejection> {
        let invitation = self.invitation(code, Span::days(6));
        self.seat(who, Successor::Invited(invitation))
    }

    fn announced(&self) -> Option<&Succession> {
        self.host.org(self.org).succession.as_ref()
    }

    fn role_of(&self, member: MemberId) -> Role {
        self.host.org(self.org).people[&member].role
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

    /// The organisation is suspended, or taken back.
    fn halts(&mut self, on: bool) {
        let org = self.org;
        let halt = org::Command::SuspendOrg { org, on };
        let home = self.host.org_of(self.vendor);
        self.run(Who::Operator, home, halt).unwrap();
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
fn only_the_vendors_admins_seat_and_only_in_a_partner_that_is_claimed_and_takes_part() {
    let mut story = story();
    let (vendor, admin, rep) = (story.vendor, story.admin, story.rep);
    let home = story.host.org_of(vendor);
    let manager = story.host.person(home, Role::Lead, true);
    let too_low = story.seat(manager, Successor::Member(rep)).unwrap_err();
    assert_eq!(too_low.code(), "role.too_low");
    let partner = story.seat(admin, Successor::Member(rep)).unwrap_err();
    assert_eq!(partner.code(), "role.other");
    let soon = story.invitation(70, limits::SUCCESSION_NOTICE);
    let soon = story.seat(vendor, Successor::Invited(soon)).unwrap_err();
    assert_eq!(soon.code(), "value", "it would be over before it is open");
    story.org = home;
    let own = story.seat(vendor, Successor::Member(manager)).unwrap_err();
    assert_eq!(own.code(), "state");
    story.org = story.host.unclaimed(OrgKind::Partner, 9, "Dunmore");
    assert_eq!(story.invites(vendor, 71).unwrap_err().code(), "state");
    story.org = story.host.org_of(admin);
    let by_operator = org::Command::SeatAdmin {
        org: story.org,
        successor: Successor::Member(rep),
    };
    let by_operator = story.run(Who::Operator, home, by_operator).unwrap_err();
    assert_eq!(by_operator.code(), "role.other", "nobody signs it");
    story.halts(true);
    let unheard = story.seat(vendor, Successor::Member(rep)).unwrap_err();
    assert!(unheard.to_string().contains("suspended"), "{unheard}");
    story.halts(false);
    story.seat(vendor, Successor::Member(rep)).unwrap();
    assert!(story.announced().is_some());
}

#[test]
fn whoever_is_suspended_could_not_object_so_that_it_is_over() {
    let mut story = story();
    let (vendor, admin, rep) = (story.vendor, story.admin, story.rep);
    story.seat(vendor, Successor::Member(rep)).unwrap();
    story.halts(true);
    assert!(story.announced().is_none());
    story.halts(false);
    for who in [admin, rep] {
        assert_eq!(story.host.needs(who), []);
    }
    story.host.pass(Span::days(4));
    assert_eq!(story.role_of(rep), Role::Rep);
}

#[test]
fn an_admin_whose_device_certifies_nobody_lets_people_in_who_sign_nothing() {
    let mut story = story();
    let (vendor, rep, org) = (story.vendor, story.rep, story.org);
    story.seat(vendor, Successor::Member(rep)).unwrap();
    story.host.pass(limits::SUCCESSION_NOTICE);
    let invitation = story.invitation(76, Span::days(1));
    let invite = org::Command::Invite { invitation };
    story.at_home(rep, invite).unwrap();
    story.joins(76).unwrap();
    let device = device_of(public_key(&SigningKey::from_bytes(&[76; 32])));
    assert!(!story.host.org(org).devices[&device].certified);
}

#[test]
fn a_person_of_the_organisation_is_its_admin_after_three_days_of_which_everybody_is_told() {
    let mut story = story();
    let (vendor, admin, rep) = (story.vendor, story.admin, story.rep);
    story.seat(vendor, Successor::Member(rep)).unwrap();
    for who in [admin, rep] {
        assert_eq!(story.host.needs(who), [What::SuccessorAnnounced]);
    }
    story.host.pass(limits::SUCCESSION_NOTICE - Span::millis(1));
    assert_eq!(story.role_of(rep), Role::Rep);
    story.host.pass(Span::millis(1));
    assert_eq!(story.role_of(rep), Role::Admin);
    assert!(story.announced().is_none());
    for who in [admin, rep] {
        assert_eq!(story.host.needs(who), [What::SuccessorSeated]);
    }
    // The one that had gone missing is not the last admin any more, and the new one is not there for a second time.
    let remove = org::Command::Remove { member: admin };
    story.at_home(rep, remove).unwrap();
    let head = story.host.head(RoomId::org(story.org));
    story.host.pass(Span::days(30));
    assert_eq!(story.host.head(RoomId::org(story.org)), head);
}

#[test]
fn anybody_there_may_object_and_the_vendor_hears_that() {
    let mut story = story();
    let (vendor, admin, rep) = (story.vendor, story.admin, story.rep);
    let object = |story: &Story| org::Command::Object {
        at: story.announced().map_or(Seq::ZERO, |open| open.at),
    };
    let nobody = story.at_home(rep, object(&story)).unwrap_err();
    assert_eq!(nobody.code(), "state");
    story.invites(vendor, 72).unwrap();
    let first = object(&story);
    // The vendor's last word holds, and what was said to the one before is not said to it.
    story.invites(vendor, 73).unwrap();
    assert_eq!(story.at_home(rep, first).unwrap_err().code(), "stale");
    story.host.pass(Span::hours(71));
    let second = object(&story);
    story.at_home(rep, second).unwrap();
    assert_eq!(story.host.needs(rep), []);
    assert_eq!(story.host.needs(admin), [], "nobody waits for them");
    assert_eq!(story.host.needs(vendor), [What::SuccessorRefused]);
    story.host.pass(Span::days(4));
    for code in [72, 73] {
        assert_eq!(story.joins(code).unwrap_err().code(), "invitation.revoked");
    }
}

#[test]
fn who_is_no_person_there_is_announced_to_nobody_and_who_went_meanwhile_is_not_seated() {
    let mut story = story();
    let (vendor, admin, rep) = (story.vendor, story.admin, story.rep);
    for whom in [vendor, admin, MemberId::from_bits([77; 16])] {
        story.seat(vendor, Successor::Member(whom)).unwrap();
        assert!(story.announced().is_none(), "nobody there, or an admin");
    }
    story.seat(vendor, Successor::Member(rep)).unwrap();
    let remove = org::Command::Remove { member: rep };
    story.at_home(admin, remove).unwrap();
    story.host.pass(limits::SUCCESSION_NOTICE);
    assert!(story.announced().is_none());
    assert_eq!(story.role_of(rep), Role::Rep);
    assert!(!story.host.needs(admin).contains(&What::SuccessorSeated));
}

#[test]
fn what_runs_out_while_nobody_could_object_is_put_off_once() {
    let mut story = story();
    let (vendor, org) = (story.vendor, story.org);
    story.seat(vendor, Successor::Member(story.rep)).unwrap();
    let room = RoomId::org(org);
    let from = story.announced().unwrap().from;
    let soon = from + Span::hours(9);
    let (_, clock) = due(story.host.room(room)).unwrap();
    assert_eq!(
        extend(story.host.room(room), &clock, from - Span::millis(1)),
        []
    );
    let put_off = extend(story.host.room(room), &clock, soon);
    let [put_off] = put_off.as_slice() else {
        panic!("{put_off:?}");
    };
    let until = soon + limits::SUCCESSION_EXTENSION_SPAN;
    let said = Event::Org(org::Event::SuccessionPutOff { from: until });
    assert_eq!(put_off.what, said);
    let mut held = story.host.room(room).clone();
    let State::Org(state) = &mut held.state else {
        panic!("no organisation");
    };
    state.succession.as_mut().unwrap().put_off = true;
    assert_eq!(extend(&held, &clock, soon), [], "once");
    assert!(!fire(&held, &clock, soon).is_empty());
}

#[test]
fn the_operator_makes_no_admin_of_a_partner_overnight() {
    let mut story = story();
    let (org, rep) = (story.org, story.rep);
    let invitation = story.invitation(75, Span::days(1));
    let overnight = org::Command::Invite { invitation };
    let refused = story.run(Who::Operator, org, overnight).unwrap_err();
    assert_eq!(refused.code(), "state");
    let made = org::Command::Role {
        member: rep,
        role: Role::Admin,
        alliance: false,
        at: story.host.org(org).people[&rep].at,
    };
    let refused = story.run(Who::Operator, org, made).unwrap_err();
    assert_eq!(refused.code(), "state");
}
