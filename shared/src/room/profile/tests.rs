//! Stories of an organisation's two faces: who sees them, who changes them, and what they mirror.

use super::{Capacity, Command, Document, Field, Profile, Visibility, specialities};
use crate::{
    command::Command as Any,
    entry::{Author, Seq},
    id::{MemberId, OrgId, RoomId},
    industry::Industry,
    rejection::Rejection,
    room::{
        State,
        org::{
            self, Class, Take,
            tests::host::{Host, Who},
        },
    },
    standing::{OrgKind, PartnerType, Role},
    text::TextKind,
};
use std::collections::{BTreeMap, BTreeSet};

struct Faces {
    host: Host,
    vendor: MemberId,
    a: MemberId,
    b: MemberId,
    org: OrgId,
}

fn faces() -> Faces {
    let (mut host, vendor) = Host::with_vendor();
    let a = host.organisation(OrgKind::Partner, 2, "Alpenwerk");
    let b = host.organisation(OrgKind::Partner, 3, "BrightPath");
    let org = host.org_of(a);
    Faces {
        host,
        vendor,
        a,
        b,
        org,
    }
}

impl Faces {
    fn say(
        &mut self,
        who: Who,
        room: RoomId,
        what: Command,
        words: &[&str],
    ) -> Result<(), Rejection> {
        let done = self.host.run(who, room, Any::Profile(what), words);
        self.host.check();
        done
    }

    /// The own admin says something on the Profile.
    fn on_profile(&mut self, what: Command, words: &[&str]) -> Result<(), Rejection> {
        let room = RoomId::profile(self.org);
        self.say(Who::Member(self.a), room, what, words)
    }

    fn profile(&self) -> &Profile {
        let State::Profile(profile) = &self.host.room(RoomId::profile(self.org)).state else {
            panic!("a face holds a profile");
        };
        profile
    }

    fn document(&self) -> Document {
        let texts = &self.host.rooms[&RoomId::profile(self.org)].texts;
        self.profile().document(texts)
    }

    fn connect(&mut self) {
        let (from, to) = (self.org, self.host.org_of(self.b));
        let connect = Any::Org(org::Command::Connect { to });
        let room = RoomId::org(from);
        self.host
            .run(Who::Member(self.a), room, connect, &["Hi."])
            .unwrap();
        let answer = Any::Org(org::Command::AnswerConnection {
            from,
            knock: self.host.org(to).knocked[&from].matter,
            take: Take::Connection,
            people: BTreeSet::new(),
        });
        self.host
            .run(Who::Member(self.b), RoomId::org(to), answer, &[])
            .unwrap();
    }
}

#[test]
fn a_face_mirrors_what_the_vendor_records_and_names_nobody() {
    let mut faces = faces();
    let class = Class {
        types: BTreeSet::from([PartnerType::Si]),
        levels: BTreeMap::from([(
            TextKind::Name.parse("Certified").unwrap(),
            Some(TextKind::Name.parse("Gold").unwrap()),
        )]),
    };
    let classify = Any::Org(org::Command::Classify {
        org: faces.org,
        class: class.clone(),
    });
    let vendor = RoomId::org(faces.host.org_of(faces.vendor));
    faces
        .host
        .run(Who::Member(faces.vendor), vendor, classify, &[])
        .unwrap();
    let rename = Any::Org(org::Command::Rename {
        at: faces.host.org(faces.org).name.at,
    });
    faces
        .host
        .run(
            Who::Member(faces.a),
            RoomId::org(faces.org),
            rename,
            &["Alpenwerk AG"],
        )
        .unwrap();
    faces.host.check();
    let document = faces.document();
    assert_eq!(document.name.unwrap().as_str(), "Alpenwerk AG");
    assert_eq!(document.types, class.types);
    assert_eq!(document.programs, class.levels);
    assert!(document.claimed && document.public);
    for room in [RoomId::profile(faces.org), RoomId::card(faces.org)] {
        let log = &faces.host.rooms[&room].log;
        assert_eq!(log.len(), 4, "opened, claimed, classified, named");
        assert!(log.iter().all(|entry| entry.author == Author::Rule));
    }
}

#[test]
fn an_organisation_that_nobody_claimed_is_in_the_directory() {
    let mut faces = faces();
    faces.org = faces.host.unclaimed(OrgKind::Partner, 9, "Nordlicht");
    let document = faces.document();
    assert_eq!(document.name.unwrap().as_str(), "Nordlicht");
    assert!(!document.claimed && document.public);
}

#[test]
fn an_organisation_says_of_itself_what_the_directory_shows() {
    let mut faces = faces();
    let at = Seq::ZERO;
    faces
        .on_profile(Command::Describe { at }, &["We move plants.\nSince 1998."])
        .unwrap();
    faces
        .on_profile(Command::Website { at }, &["https://alpenwerk.example/en"])
        .unwrap();
    let places = ["dach", "FR"].map(|place| place.parse().unwrap());
    let places = BTreeSet::from(places);
    faces
        .on_profile(
            Command::Places {
                places: places.clone(),
                at,
            },
            &[],
        )
        .unwrap();
    let industries = BTreeSet::from([Industry::Manufacturing]);
    faces
        .on_profile(
            Command::Industries {
                industries: industries.clone(),
                at,
            },
            &[],
        )
        .unwrap();
    faces
        .on_profile(
            Command::Specialities { at },
            &["SAP, Data Bridge,, sap , Kubernetes"],
        )
        .unwrap();
    let capacity = Capacity::Limited;
    faces
        .on_profile(Command::Capacity { capacity, at }, &[])
        .unwrap();
    let types = BTreeSet::from([PartnerType::Isv]);
    faces
        .on_profile(
            Command::LookingFor { types, at },
            &["Somebody who knows looms."],
        )
        .unwrap();
    let document = faces.document();
    assert_eq!(
        document.description.unwrap().as_str(),
        "We move plants.\nSince 1998."
    );
    assert_eq!(document.specialities, ["SAP", "Data Bridge", "Kubernetes"]);
    assert_eq!((document.places, document.industries), (places, industries));
    assert_eq!(document.capacity, Some(Capacity::Limited));
    assert_eq!(document.looking_for, BTreeSet::from([PartnerType::Isv]));
    assert_eq!(document.need.unwrap().as_str(), "Somebody who knows looms.");
}

#[test]
fn who_changes_a_thing_has_seen_it_as_it_is() {
    let mut faces = faces();
    let field = Field::Description;
    faces
        .on_profile(Command::Describe { at: Seq::ZERO }, &["One."])
        .unwrap();
    let first = faces.profile().description.at;
    assert_eq!(
        faces.on_profile(Command::Describe { at: Seq::ZERO }, &["Two."]),
        Err(Rejection::Stale(first))
    );
    let old = Command::Clear {
        field,
        at: Seq::ZERO,
    };
    assert_eq!(faces.on_profile(old, &[]), Err(Rejection::Stale(first)));
    faces
        .on_profile(Command::Clear { field, at: first }, &[])
        .unwrap();
    assert_eq!(faces.document().description, None);
    let cleared = faces.profile().description.at;
    assert_eq!(
        faces.on_profile(Command::Clear { field, at: cleared }, &[]),
        Err(Rejection::Already("field"))
    );
    faces
        .on_profile(Command::Describe { at: cleared }, &["Three."])
        .unwrap();
}

#[test]
fn only_its_own_leads_and_the_operator_speak_for_an_organisation() {
    let mut faces = faces();
    let room = RoomId::profile(faces.org);
    let rep = faces.host.person(faces.org, Role::Rep, false);
    let lead = faces.host.person(faces.org, Role::Lead, false);
    let describe = Command::Describe { at: Seq::ZERO };
    for other in [rep, faces.vendor, faces.b] {
        let refused = faces.say(Who::Member(other), room, describe.clone(), &["Ours."]);
        assert_eq!(refused, Err(Rejection::NeedsRole(Role::Lead)));
    }
    faces
        .say(Who::Member(lead), room, describe, &["Ours."])
        .unwrap();
    let at = faces.profile().description.at;
    faces
        .say(Who::Operator, room, Command::Describe { at }, &["Theirs."])
        .unwrap();
}

#[test]
fn the_card_is_for_connections_and_holds_what_is_for_them() {
    let mut faces = faces();
    let (card, at) = (RoomId::card(faces.org), Seq::ZERO);
    let own = Who::Member(faces.a);
    let wrong = faces.say(own, card, Command::Describe { at }, &["Public."]);
    assert!(matches!(wrong, Err(Rejection::NotHere(_))), "{wrong:?}");
    let wrong = faces.on_profile(Command::Contact { at }, &["ana@example.com"]);
    assert!(matches!(wrong, Err(Rejection::NotHere(_))), "{wrong:?}");
    faces
        .say(own, card, Command::Contact { at }, &["ana@example.com"])
        .unwrap();
    faces
        .say(own, card, Command::Notes { at }, &["Closed in August."])
        .unwrap();
    assert_eq!(faces.host.reads(faces.b, card), None);
    let notes = Command::Notes { at };
    assert_eq!(
        faces.say(Who::Member(faces.b), card, notes, &["Hm."]),
        Err(Rejection::NoSuchRoom)
    );
    faces.connect();
    assert_eq!(faces.host.reads(faces.b, card), Some(Role::Viewer));
    assert_eq!(faces.host.reads(faces.vendor, card), None);
}

#[test]
fn an_organisation_decides_who_reads_its_profile() {
    let mut faces = faces();
    let room = RoomId::profile(faces.org);
    let readers = |faces: &Faces| {
        [faces.a, faces.b, faces.vendor].map(|member| faces.host.reads(member, room).is_some())
    };
    assert_eq!(readers(&faces), [true, true, true]);
    faces.connect();
    for (visibility, expected) in [
        (Visibility::Connections, [true, true, false]),
        (Visibility::Private, [true, false, false]),
        (Visibility::Public, [true, true, true]),
    ] {
        let at = faces.profile().visibility.at;
        faces
            .on_profile(Command::Visibility { visibility, at }, &[])
            .unwrap();
        assert_eq!(readers(&faces), expected, "{visibility}");
        assert_eq!(faces.document().public, expected[2]);
    }
}

#[test]
fn what_cannot_be_shown_is_refused_in_words() {
    let mut faces = faces();
    let at = Seq::ZERO;
    for site in [
        "alpenwerk",
        "javascript:alert(1)",
        "ftp://alpenwerk.example",
        "https://user@alpenwerk.example",
        "https://a.example/a b",
        "https://.example",
    ] {
        let refused = faces.on_profile(Command::Website { at }, &[site]);
        assert_eq!(refused.unwrap_err().field(), "website", "{site}");
    }
    let many = (0..31).map(|i| format!("tag {i}")).collect::<Vec<_>>();
    let long = "x".repeat(41);
    for tags in [many.join(","), long, ", ,".to_owned()] {
        let refused = faces.on_profile(Command::Specialities { at }, &[&tags]);
        assert_eq!(refused.unwrap_err().field(), "specialities", "{tags}");
    }
    let industries: BTreeSet<_> = <Industry as strum::VariantArray>::VARIANTS
        .iter()
        .copied()
        .collect();
    let refused = faces.on_profile(Command::Industries { industries, at }, &[]);
    assert_eq!(refused.unwrap_err().code(), "limit");
    let places = crate::country::Country::all()
        .map(super::Place::Country)
        .collect();
    let refused = faces.on_profile(Command::Places { places, at }, &[]);
    assert_eq!(refused.unwrap_err().code(), "limit");
    faces
        .on_profile(Command::Website { at }, &["alpenwerk.example"])
        .unwrap();
}

#[test]
fn the_vendor_has_somebody_to_turn_to_from_the_first_and_a_partner_whom_it_names() {
    let mut faces = faces();
    assert_eq!(faces.document().contacts, BTreeSet::new());
    faces.org = faces.host.org_of(faces.vendor);
    assert_eq!(faces.document().contacts, BTreeSet::from([faces.vendor]));
    let card = &faces.host.room(RoomId::card(faces.org)).state;
    assert!(matches!(card, State::Profile(card) if card.contacts.value.is_none()));
}

#[test]
fn admins_name_their_own_active_people_and_nobody_else() {
    let mut faces = faces();
    let lead = faces.host.person(faces.org, Role::Lead, false);
    let at = Seq::ZERO;
    let room = RoomId::profile(faces.org);
    let naming = |members: &[MemberId], at| Command::Contacts {
        members: members.iter().copied().collect(),
        at,
    };
    let refused = faces.say(Who::Member(lead), room, naming(&[lead], at), &[]);
    assert_eq!(refused, Err(Rejection::NeedsRole(Role::Admin)));
    for somebody in [faces.b, MemberId::from_bits([77; 16])] {
        let refused = faces.on_profile(naming(&[somebody], at), &[]).unwrap_err();
        assert_eq!((refused.code(), refused.field()), ("value", "contacts"));
    }
    let many: Vec<MemberId> = (0..9).map(|n| MemberId::from_bits([n; 16])).collect();
    let refused = faces.on_profile(naming(&many, at), &[]).unwrap_err();
    assert_eq!(refused.code(), "limit");
    let card = RoomId::card(faces.org);
    let refused = faces.say(Who::Member(faces.a), card, naming(&[lead], at), &[]);
    assert!(matches!(refused, Err(Rejection::NotHere(_))));
    faces.on_profile(naming(&[faces.a, lead], at), &[]).unwrap();
    assert_eq!(faces.document().contacts, BTreeSet::from([faces.a, lead]));
    let refused = faces.on_profile(naming(&[lead], at), &[]).unwrap_err();
    assert_eq!(refused.code(), "stale");
    let field = Field::Contacts;
    let at = faces.profile().contacts.at;
    let refused = faces.say(Who::Member(lead), room, Command::Clear { field, at }, &[]);
    assert_eq!(refused, Err(Rejection::NeedsRole(Role::Admin)));
    faces.on_profile(Command::Clear { field, at }, &[]).unwrap();
    assert_eq!(faces.document().contacts, BTreeSet::new());
}

#[test]
fn who_is_suspended_or_removed_is_offered_no_longer_and_the_profile_does_not_say_who_did_it() {
    let mut faces = faces();
    let one = faces.host.person(faces.org, Role::Rep, false);
    let other = faces.host.person(faces.org, Role::Rep, false);
    let third = faces.host.person(faces.org, Role::Rep, false);
    let named = Command::Contacts {
        members: BTreeSet::from([one, other]),
        at: Seq::ZERO,
    };
    faces.on_profile(named, &[]).unwrap();
    let org = RoomId::org(faces.org);
    let run = |faces: &mut Faces, what| {
        let admin = Who::Member(faces.a);
        faces.host.run(admin, org, Any::Org(what), &[]).unwrap();
        faces.host.check();
    };
    let suspend = |member, on| org::Command::Suspend { member, on };
    run(&mut faces, suspend(one, true));
    assert_eq!(faces.document().contacts, BTreeSet::from([other]));
    run(&mut faces, suspend(one, false));
    assert_eq!(faces.document().contacts, BTreeSet::from([other]));
    run(&mut faces, org::Command::Remove { member: other });
    assert_eq!(faces.document().contacts, BTreeSet::new());
    let log = |faces: &Faces| faces.host.rooms[&RoomId::profile(faces.org)].log.clone();
    let before = log(&faces);
    assert_eq!(before.last().unwrap().author, Author::Rule);
    assert!(before.last().unwrap().statement.is_none());
    run(&mut faces, suspend(third, true));
    assert_eq!(log(&faces), before, "whoever was not named leaves no trace");
}

#[test]
fn tags_are_read_one_by_one() {
    assert_eq!(specialities("a, b\nc,A ,, d e"), ["a", "b", "c", "d e"]);
    assert_eq!(specialities(" ,\n"), Vec::<String>::new());
}
