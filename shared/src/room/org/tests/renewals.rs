//! Whom the vendor seated makes an organisation a new root key: they alone and once; and what the old key vouched for is over.

use super::host::{Host, Who, server};
use crate::{
    command::Command,
    entry::{Author, Entry},
    event::Event,
    id::{Hash, MemberId, OrgId, PublicKey, RoomId},
    limits,
    rejection::Rejection,
    room::{
        State, key,
        org::{self, Enrolment, Invitation, Successor, invitation_code, invitation_key, member_of},
    },
    standing::{OrgKind, Role},
    statement::{Certificate, Use, public_key},
    time::Span,
};
use ed25519_dalek::SigningKey;

const CODE: [u8; 32] = [71; 32];

struct Story {
    host: Host,
    vendor: MemberId,
    admin: MemberId,
    rep: MemberId,
    other: OrgId,
    org: OrgId,
}

fn seed(bits: u8) -> SigningKey {
    SigningKey::from_bytes(&[bits; 32])
}

fn story() -> Story {
    let (mut host, vendor) = Host::with_vendor();
    let admin = host.organisation(OrgKind::Partner, 2, "Alpenwerk");
    let boss = host.organisation(OrgKind::Partner, 3, "Brückner");
    let org = host.org_of(admin);
    let rep = host.person(org, Role::Rep, false);
    let other = host.org_of(boss);
    Story {
        host,
        vendor,
        admin,
        rep,
        other,
        org,
    }
}

impl Story {
    fn run(&mut self, who: Who, org: OrgId, what: org::Command) -> Result<(), Rejection> {
        let words: &[&str] = match &what {
            org::Command::Join { .. } => &["Nia New"],
            org::Command::Connect { .. } => &["Shall we?"],
            _ => &[],
        };
        let result = self
            .host
            .run(who, RoomId::org(org), Command::Org(what), words);
        self.host.check();
        result
    }

    fn at_home(&mut self, who: MemberId, what: org::Command) -> Result<(), Rejection> {
        self.run(Who::Member(who), self.org, what)
    }

    fn seats(&mut self, successor: Successor) {
        let org = self.org;
        let seat = org::Command::SeatAdmin { org, successor };
        let home = self.host.org_of(self.vendor);
        self.run(Who::Member(self.vendor), home, seat).unwrap();
        self.host.pass(limits::SUCCESSION_NOTICE);
        self.host.check();
    }

    fn invites(&mut self) {
        let invitation = Invitation {
            code: Hash(CODE),
            chain: vec![],
            role: Role::Admin,
            alliance: false,
            until: self.host.now + Span::days(6),
        };
        self.seats(Successor::Invited(invitation));
    }

    /// From this root key to the device with that one.
    fn chain(&self, root: u8, device: u8) -> Vec<Certificate> {
        let device = public_key(&seed(device));
        vec![Certificate::issue(
            &seed(root),
            server(),
            self.org,
            device,
            Use::Admin,
        )]
    }

    fn joins(&mut self, root: Option<u8>) -> Result<(), Rejection> {
        let join = org::Command::Join {
            code: Hash(CODE),
            key: public_key(&seed(71)),
            chain: root.map_or(vec![], |root| self.chain(root, 71)),
            root: root.map(|root| public_key(&seed(root))),
        };
        self.run(Who::Newcomer, self.org, join)
    }

    /// The rep's device is known by the code of their invitation.
    fn renews(&mut self, who: MemberId, root: u8) -> Result<(), Rejection> {
        let devices = &self.host.org(self.org).devices;
        let own = devices.values().find(|device| device.member == who);
        let device = own.unwrap().key;
        let chain = vec![Certificate::issue(
            &seed(root),
            server(),
            self.org,
            device,
            Use::Admin,
        )];
        let root = public_key(&seed(root));
        self.at_home(who, org::Command::Renew { root, chain })
    }

    fn root(&self) -> PublicKey {
        self.host.org(self.org).root.unwrap()
    }

    fn certified(&self) -> usize {
        let devices = self.host.org(self.org).devices.values();
        devices.filter(|device| device.certified).count()
    }

    fn renewals(&self, room: RoomId) -> Vec<&Entry> {
        let log = self.host.rooms[&room].log.iter();
        log.filter(|entry| matches!(entry.event, Event::Key(_)))
            .collect()
    }
}

#[test]
fn whoever_is_invited_by_the_vendor_brings_a_new_root_key_and_the_old_one_vouches_for_nobody() {
    let mut story = story();
    let old = story.root();
    story.invites();
    assert_eq!(story.joins(None).unwrap_err().code(), "value");
    let again = story.joins(Some(2)).unwrap_err();
    assert!(again.to_string().contains("never"), "{again}: the old one");
    assert_eq!(story.certified(), 1, "nothing was taken of it");
    story.joins(Some(90)).unwrap();
    let root = public_key(&seed(90));
    assert_eq!((story.root(), story.certified()), (root, 1));
    let held = story.host.org(story.org);
    let device = &held.devices[&org::device_of(public_key(&seed(71)))];
    assert!(device.certified && held.heir.is_none());
    let own = story.host.room(RoomId::org(story.org));
    assert_eq!(own.roots[&story.org], [old, root]);
    assert_eq!(key::former(own, story.org), [old]);
    let said = story.renewals(RoomId::org(story.org));
    assert_eq!(said.len(), 1);
    assert_ne!(said[0].author, Author::Rule, "whoever brought it");
    for face in [RoomId::profile(story.org), RoomId::card(story.org)] {
        let State::Profile(profile) = &story.host.room(face).state else {
            panic!("no face");
        };
        assert_eq!(profile.root, Some(root));
        let said = story.renewals(face);
        assert_eq!((said.len(), said[0].author), (1, Author::Rule));
    }
    assert_eq!(
        story.joins(Some(91)).unwrap_err().code(),
        "invitation.revoked"
    );
}

#[test]
fn a_member_whom_the_vendor_seated_makes_it_once_and_nobody_else_does() {
    let mut story = story();
    let (admin, rep) = (story.admin, story.rep);
    let nobody = story.renews(admin, 90).unwrap_err();
    assert!(
        nobody.to_string().contains("whom the vendor seated"),
        "{nobody}"
    );
    story.seats(Successor::Member(rep));
    assert_eq!(story.renews(admin, 90).unwrap_err().code(), "state");
    let foreign = org::Command::Renew {
        root: public_key(&seed(90)),
        chain: story.chain(90, 99),
    };
    let foreign = story.at_home(rep, foreign).unwrap_err();
    assert!(
        foreign.to_string().contains("device of your own"),
        "{foreign}"
    );
    let unsigned = org::Command::Renew {
        root: public_key(&seed(90)),
        chain: story.chain(91, 99),
    };
    assert_eq!(story.at_home(rep, unsigned).unwrap_err().code(), "unsigned");
    story.renews(rep, 90).unwrap();
    assert_eq!(
        (story.root(), story.certified()),
        (public_key(&seed(90)), 1)
    );
    assert_eq!(story.renews(rep, 91).unwrap_err().code(), "state", "once");
}

#[test]
fn who_is_announced_after_them_or_taken_back_before_they_came_leaves_no_heir() {
    let mut story = story();
    let (admin, rep) = (story.admin, story.rep);
    story.seats(Successor::Member(rep));
    let viewer = story.host.person(story.org, Role::Viewer, false);
    story.seats(Successor::Member(viewer));
    assert_eq!(story.renews(rep, 90).unwrap_err().code(), "state");
    story
        .at_home(admin, org::Command::Remove { member: viewer })
        .unwrap();
    assert_eq!(story.host.org(story.org).heir, None);
    story.invites();
    let cancel = org::Command::Cancel { code: Hash(CODE) };
    story.at_home(admin, cancel).unwrap();
    assert_eq!(story.host.org(story.org).heir, None);
    assert_eq!(
        story.joins(Some(90)).unwrap_err().code(),
        "invitation.revoked"
    );
}

#[test]
fn links_of_the_old_key_are_void_and_a_device_signs_again_when_it_is_certified_anew() {
    let mut story = story();
    let (admin, rep) = (story.admin, story.rep);
    let until = story.host.now + Span::days(6);
    let certified = |code: &[u8; 16], to| {
        let subject = public_key(&invitation_key(code));
        vec![Certificate::issue(
            &seed(2),
            server(),
            story.org,
            subject,
            to,
        )]
    };
    let [invitation, link] = [[5; 16], [6; 16]];
    let invite = org::Command::Invite {
        invitation: Invitation {
            code: invitation_code(&invitation),
            chain: certified(&invitation, Use::Invite),
            role: Role::Rep,
            alliance: false,
            until,
        },
    };
    let enrol = org::Command::Enrol {
        enrolment: Enrolment {
            code: invitation_code(&link),
            member: rep,
            chain: certified(&link, Use::Invite),
            until,
        },
        revoke: false,
    };
    story.at_home(admin, invite).unwrap();
    story.at_home(admin, enrol).unwrap();
    story.invites();
    story.joins(Some(90)).unwrap();
    let held = story.host.org(story.org);
    assert!(held.invitations.is_empty() && held.enrolments.is_empty());
    let founder = held.devices.iter().find(|(_, one)| one.member == admin);
    let (device, key) = founder.map(|(id, one)| (*id, one.key)).unwrap();
    let anew = |root: u8| org::Command::Certify {
        device,
        chain: vec![Certificate::issue(
            &seed(root),
            server(),
            story.org,
            key,
            Use::Device,
        )],
    };
    let (old, new) = (anew(2), anew(90));
    let nia = member_of(Hash(CODE));
    let refused = story.at_home(nia, old).unwrap_err();
    assert!(refused.to_string().contains("root"), "{refused}");
    story.at_home(nia, new).unwrap();
    assert!(story.host.org(story.org).devices[&device].certified);
}

#[test]
fn a_room_says_it_just_before_the_first_entry_that_rests_on_the_new_key_there() {
    let mut story = story();
    let (admin, org, other) = (story.admin, story.org, story.other);
    let theirs = RoomId::org(other);
    let connect = org::Command::Connect { to: other };
    story.at_home(admin, connect.clone()).unwrap();
    story
        .at_home(admin, org::Command::Withdraw { to: other })
        .unwrap();
    story.invites();
    story.joins(Some(90)).unwrap();
    assert!(story.renewals(theirs).is_empty(), "nothing goes round");
    story.host.renewed(org, seed(90));
    let nia = member_of(Hash(CODE));
    story.host.pass(Span::days(40));
    story.at_home(nia, connect).unwrap();
    let log = &story.host.rooms[&theirs].log;
    let [.., said, knocked] = log.as_slice() else {
        panic!("{log:?}");
    };
    let root = public_key(&seed(90));
    let renewed = Event::Key(key::Event::Renewed { org, root });
    assert_eq!((&said.event, said.author), (&renewed, Author::Rule));
    assert!(said.statement.is_none() && said.at == knocked.at);
    assert_eq!(knocked.kind, "org.knocked");
    assert!(knocked.statement.is_some());
    let State::Org(held) = &story.host.room(theirs).state else {
        panic!("no organisation");
    };
    assert_eq!(held.knocked[&org].root, root);
}
