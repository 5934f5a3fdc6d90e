//! Entries that were forged where nothing comes after them: the chain shows nothing of it, and what they say does.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::{Finding, Verifier};
use ed25519_dalek::SigningKey;
use rialto_shared::{
    command::Command,
    entry::{Author, Entry, Facts, Head, Place, SaltedText, Seq, Slot, Worded},
    event::Event,
    id::{DeviceId, Hash, MemberId, Nonce, OrgId, PublicKey, RoomId, Salt},
    room::{
        key,
        org::{self, device_of},
    },
    standing::{OrgKind, Role},
    statement::{Certificate, Declaration, Statement, Use, public_key},
    text::TextKind,
    time::Timestamp,
};

const ROOT: u8 = 90;
const OWN: OrgId = OrgId::from_bits([2; 16]);

fn server() -> Hash {
    Hash::plain(b"server")
}

fn secret(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn public(n: u8) -> PublicKey {
    public_key(&secret(n))
}

fn member(n: u8) -> MemberId {
    MemberId::from_bits([n; 16])
}

fn device(n: u8) -> DeviceId {
    device_of(public(n))
}

fn by(n: u8) -> Author {
    Author::Member {
        id: member(n),
        org: OWN,
        device: device(n),
    }
}

fn worded(event: org::Event, text: &str) -> Worded<Event> {
    let text = SaltedText {
        salt: Salt([5; 32]),
        text: TextKind::Name.parse(text).unwrap(),
    };
    Worded::new(Event::Org(event), vec![text])
}

fn joined(n: u8, root: bool) -> Worded<Event> {
    let joined = org::Event::Joined {
        code: Hash::plain(&[n]),
        member: member(n),
        name: Slot(0),
        role: Role::Admin,
        alliance: false,
        device: device(n),
        key: public(n),
        chain: chain(n),
        root: root.then(|| public(ROOT)),
    };
    worded(joined, "Somebody")
}

fn chain(n: u8) -> Vec<Certificate> {
    let root = secret(ROOT);
    vec![Certificate::issue(
        &root,
        server(),
        OWN,
        public(n),
        Use::Admin,
    )]
}

/// Member 2's signed removal of this member.
fn removal(whom: u8, subject: Hash) -> Statement {
    let command = Command::Org(org::Command::Remove {
        member: member(whom),
    });
    let said = Declaration {
        server: server(),
        org: OWN,
        device: device(2),
        nonce: Nonce::from_bits([1; 16]),
        room: RoomId::org(OWN),
        kind: "org.remove".to_owned(),
        subject,
        facts: Facts::write(&Worded::plain(command)),
    };
    Statement::make(&secret(2), &said, chain(2))
}

fn removed(whom: u8) -> Worded<Event> {
    Worded::plain(Event::Org(org::Event::Removed {
        member: member(whom),
    }))
}

/// A log as it is read, entry after entry.
struct Log {
    verifier: Verifier,
    heads: Vec<Head>,
}

impl Log {
    /// An organisation's own room: opened, claimed by member 2, joined by 3.
    fn begun() -> Self {
        let mut log = Self {
            verifier: Verifier::new(server()),
            heads: vec![Head::default()],
        };
        let opened = org::Event::Opened {
            org: OWN,
            kind: OrgKind::Partner,
            name: Slot(0),
            claim: Hash::plain(b"name"),
        };
        let opened = worded(opened, "BrightPath");
        for (author, event) in [
            (Author::Operator, opened),
            (by(2), joined(2, true)),
            (by(3), joined(3, false)),
        ] {
            assert_eq!(log.enter(author, event, None), []);
        }
        log
    }

    /// What is found when this entry comes next.
    fn enter(
        &mut self,
        author: Author,
        event: Worded<Event>,
        statement: Option<Statement>,
    ) -> Vec<Finding> {
        let place = Place {
            room: RoomId::org(OWN),
            after: *self.heads.last().unwrap(),
            term: 1,
            at: Timestamp::from_millis(1_777_887_000_000),
            author,
            statement: statement.map(Box::new),
        };
        let entry = Entry::new(place, event);
        self.heads.push(entry.head());
        let before = self.verifier.report.findings.len();
        let position = u64::try_from(self.heads.len() - 1).unwrap();
        self.verifier.entry(position, &entry.encode()).unwrap();
        self.verifier.report.findings.split_off(before)
    }

    fn about(&self) -> Hash {
        self.heads[3].hash
    }
}

/// The one thing that is found at the fourth entry.
fn found(author: Author, event: Worded<Event>, statement: Option<Statement>) -> String {
    let mut log = Log::begun();
    let findings = log.enter(author, event, statement);
    let [finding] = &findings[..] else {
        panic!("{findings:?}");
    };
    assert_eq!(finding.place, format!("{} at {}", RoomId::org(OWN), Seq(4)));
    finding.what.clone()
}

fn about() -> Hash {
    Log::begun().about()
}

#[test]
fn an_honest_removal_is_no_finding() {
    let mut log = Log::begun();
    let statement = removal(3, log.about());
    assert_eq!(log.enter(by(2), removed(3), Some(statement)), []);
    assert_eq!(log.verifier.report.statements, 1);
}

#[test]
fn what_only_a_signature_makes_true_is_found_without_one() {
    let announced = org::Event::SuccessorAnnounced {
        successor: org::Successor::Member(member(3)),
        from: Timestamp::from_millis(1_777_887_000_000),
    };
    let announced = Worded::plain(Event::Org(announced));
    assert_eq!(found(by(2), announced, None), "it carries no statement");
}

#[test]
fn another_author_than_the_device_s_or_the_signer_s_is_found() {
    let taken = Author::Member {
        id: member(3),
        org: OWN,
        device: device(2),
    };
    let what = found(taken, removed(3), Some(removal(3, about())));
    assert!(what.contains("as its author"), "{what}");
    let what = found(by(3), removed(3), Some(removal(3, about())));
    assert_eq!(
        what,
        "its statement is not by the author and device that it names"
    );
    let what = found(Author::Rule, removed(3), Some(removal(3, about())));
    assert_eq!(
        what,
        "its statement is not by the author and device that it names"
    );
}

#[test]
fn a_changed_signature_certificate_or_fact_is_found() {
    let mut signature = removal(3, about());
    signature.signature.0[7] ^= 1;
    let what = found(by(2), removed(3), Some(signature));
    assert_eq!(what, "the signature is not by the certified device");
    let mut certificate = removal(3, about());
    certificate.chain[0].signature.0[7] ^= 1;
    let what = found(by(2), removed(3), Some(certificate));
    assert_eq!(what, "certificate 0 does not hold");
    let what = found(by(2), removed(2), Some(removal(3, about())));
    assert!(
        what.starts_with("it says something else than the signed org.remove: "),
        "{what}"
    );
}

#[test]
fn what_the_signed_command_does_not_cause_is_found() {
    let suspended = Worded::plain(Event::Org(org::Event::Suspended {
        member: member(3),
        on: true,
    }));
    let what = found(by(2), suspended, Some(removal(3, about())));
    assert!(
        what.starts_with("a org.remove does not justify a org."),
        "{what}"
    );
}

#[test]
fn keys_that_nobody_was_seated_to_renew_are_found() {
    let renewed = || {
        Worded::plain(Event::Key(key::Event::Renewed {
            org: OWN,
            root: public(91),
        }))
    };
    for author in [by(3), Author::Rule, Author::Operator] {
        assert_eq!(
            found(author, renewed(), None),
            "it renews the root key, as nobody may who was not seated"
        );
    }
}
