//! A member's next device, by their own word or an admin's, and what happens when somebody goes who had something in hand.

use super::host::{Host, Who, server};
use crate::{
    command::Command,
    event::Event,
    id::{Hash, MemberId, OrgId, PublicKey, RoomId},
    limits,
    rejection::Rejection,
    room::{
        inbox::What,
        org::{self, Enrolment},
    },
    standing::{OrgKind, Role},
    statement::{Certificate, Use, public_key},
    time::Span,
};
use ed25519_dalek::SigningKey;

struct Story {
    host: Host,
    org: OrgId,
    admin: MemberId,
    rep: MemberId,
}

fn story() -> Story {
    let (mut host, _) = Host::with_vendor();
    let admin = host.organisation(OrgKind::Partner, 2, "Alpenwerk");
    let org = host.org_of(admin);
    let rep = host.person(org, Role::Rep, false);
    Story {
        host,
        org,
        admin,
        rep,
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

impl Story {
    fn run(&mut self, who: Who, what: org::Command) -> Result<(), Rejection> {
        let words: &[&str] = match &what {
            org::Command::Join { .. } => &["The train laptop"],
            _ => &[],
        };
        let room = RoomId::org(self.org);
        let result = self.host.run(who, room, Command::Org(what), words);
        self.host.check();
        result
    }

    /// Certificates from the organisation's root to a key in a code, through an admin's device.
    fn chain(&self, to: Use, code: u8) -> Vec<Certificate> {
        let root = SigningKey::from_bytes(&[self.org.bits()[0]; 32]);
        let issue = |by: &SigningKey, subject: PublicKey, to| {
            Certificate::issue(by, server(), self.org, subject, to)
        };
        vec![
            issue(&root, public_key(&key(91)), Use::Admin),
            issue(&key(91), public_key(&key(code)), to),
        ]
    }

    fn enrolment(&self, member: MemberId, code: u8, chain: Vec<Certificate>) -> Enrolment {
        Enrolment {
            code: Hash([code; 32]),
            member,
            chain,
            until: self.host.now + Span::hours(1),
        }
    }

    fn enrol(&mut self, who: MemberId, one: Enrolment, revoke: bool) -> Result<(), Rejection> {
        let command = org::Command::Enrol {
            enrolment: one,
            revoke,
        };
        self.run(Who::Member(who), command)
    }

    fn joins(&mut self, code: u8, device: u8, chain: Vec<Certificate>) -> Result<(), Rejection> {
        let join = org::Command::Join {
            code: Hash([code; 32]),
            key: public_key(&key(device)),
            chain,
            root: None,
        };
        self.run(Who::Newcomer, join)
    }

    fn of(&self, member: MemberId) -> Vec<(bool, bool)> {
        let devices = self.host.org(self.org).devices.values();
        let theirs = devices.filter(|one| one.member == member);
        theirs.map(|one| (one.certified, one.revoked)).collect()
    }
}

#[test]
fn a_second_device_is_the_same_member_and_they_are_told() {
    let mut story = story();
    let (rep, admin) = (story.rep, story.admin);
    let one = story.enrolment(rep, 50, vec![]);
    assert_eq!(
        story.enrol(admin, one.clone(), false).unwrap_err().code(),
        "unsigned",
        "an admin vouches for what they let in"
    );
    story.enrol(rep, one, false).unwrap();
    story.joins(50, 60, vec![]).unwrap();
    assert_eq!(story.of(rep), [(false, false); 2]);
    assert_eq!(story.host.needs(rep), [What::DeviceAdded]);
    assert_eq!(story.host.needs(admin), []);
    let again = story.joins(50, 61, vec![]).unwrap_err();
    assert_eq!(again.code(), "invitation.revoked", "a code lets in once");
    let org = story.host.org(story.org);
    assert_eq!(org.people.len(), 2, "nobody new");
    let used = &org.used[&Hash([50; 32])];
    assert_eq!(
        (used.by, used.member),
        (Some(rep), rep),
        "whom to tell of a second try"
    );
}

#[test]
fn an_admin_replaces_lost_devices_with_one_that_signs_and_everybody_concerned_is_told() {
    let mut story = story();
    let (rep, admin) = (story.rep, story.admin);
    let other = story.host.person(story.org, Role::Rep, false);
    let wrong = story.enrolment(rep, 51, story.chain(Use::InviteAdmin, 51));
    assert_eq!(story.enrol(admin, wrong, true).unwrap_err().code(), "value");
    let right = story.enrolment(rep, 51, story.chain(Use::Invite, 51));
    let by_other = story.enrol(other, right.clone(), true).unwrap_err();
    assert_eq!(by_other.code(), "role.too_low");
    story.enrol(admin, right.clone(), true).unwrap();
    assert_eq!(story.of(rep), [(false, true)], "revoked in the same step");
    assert_eq!(story.host.needs(rep), [What::DeviceRecovery]);
    let mut chain = right.chain;
    let device = public_key(&key(62));
    let cert = |to| Certificate::issue(&key(51), server(), story.org, device, to);
    let (as_admin, as_device) = (cert(Use::Admin), cert(Use::Device));
    let mut too_much = chain.clone();
    too_much.push(as_admin);
    assert!(story.joins(51, 62, too_much).is_err());
    chain.push(as_device);
    story.joins(51, 62, chain).unwrap();
    let mut devices = story.of(rep);
    devices.sort_unstable();
    assert_eq!(devices, [(false, true), (true, false)]);
}

#[test]
fn a_code_is_over_in_time_and_when_its_member_goes_and_may_be_taken_back() {
    let mut story = story();
    let (rep, admin) = (story.rep, story.admin);
    story
        .enrol(rep, story.enrolment(rep, 52, vec![]), false)
        .unwrap();
    let cancel = org::Command::Cancel {
        code: Hash([52; 32]),
    };
    let other = story.host.person(story.org, Role::Rep, false);
    assert!(story.run(Who::Member(other), cancel.clone()).is_err());
    story.run(Who::Member(rep), cancel).unwrap();
    assert_eq!(
        story.joins(52, 63, vec![]).unwrap_err().code(),
        "invitation.revoked"
    );
    story
        .enrol(rep, story.enrolment(rep, 53, vec![]), false)
        .unwrap();
    story.host.now = story.host.now + Span::hours(2);
    assert_eq!(
        story.joins(53, 63, vec![]).unwrap_err().code(),
        "invitation.expired"
    );
    story
        .enrol(rep, story.enrolment(rep, 54, vec![]), false)
        .unwrap();
    let remove = org::Command::Remove { member: rep };
    story.run(Who::Member(admin), remove).unwrap();
    assert_eq!(
        story.joins(54, 64, vec![]).unwrap_err().code(),
        "invitation.revoked"
    );
}

#[test]
fn nobody_has_more_devices_than_they_carry() {
    let mut story = story();
    let rep = story.rep;
    let max = u8::try_from(limits::MEMBER_DEVICES_MAX).unwrap();
    for n in 1..max {
        let code = 100 + n;
        story
            .enrol(rep, story.enrolment(rep, code, vec![]), false)
            .unwrap();
        story.joins(code, 150 + n, vec![]).unwrap();
    }
    let one = story.enrolment(rep, 120, vec![]);
    assert_eq!(story.enrol(rep, one, false).unwrap_err().code(), "limit");
}

#[test]
fn admins_are_pointed_to_what_somebody_left_until_it_is_in_other_hands() {
    let mut story = story();
    let (rep, admin) = (story.rep, story.admin);
    let idle = story.host.person(story.org, Role::Rep, false);
    story.host.in_hand.insert(rep);
    let by = Who::Member(admin);
    let remove = |member| org::Command::Remove { member };
    story.run(by, remove(idle)).unwrap();
    assert_eq!(story.host.needs(admin), [], "they had nothing in hand");
    story.run(by, remove(rep)).unwrap();
    assert_eq!(story.host.needs(admin), [What::HandoverDue]);
    let heir = story.host.person(story.org, Role::Lead, false);
    let hand_over = |from, to| org::Command::HandOver { from, to };
    for (from, to) in [
        (rep, idle),
        (rep, rep),
        (MemberId::from_bits([9; 16]), heir),
    ] {
        assert!(story.run(by, hand_over(from, to)).is_err());
    }
    let by_heir = story.run(Who::Member(heir), hand_over(rep, heir));
    assert_eq!(by_heir.unwrap_err().code(), "role.too_low");
    story.run(by, hand_over(rep, heir)).unwrap();
    assert_eq!(story.host.needs(admin), [], "it is done");
    let log = &story.host.rooms[&RoomId::org(story.org)].log;
    let last = log.last().unwrap();
    assert!(last.statement.is_some(), "whoever hands over signs it");
    assert!(matches!(
        last.event,
        Event::Org(org::Event::HandedOver { from, to }) if from == rep && to == heir
    ));
}
