//! Asking, answering, not hearing, crossing, lapsing; and what each side can know of it.

mod strangers;

use super::host::{Host, Who, server};
use crate::{
    ask::Ask,
    command::Command,
    entry::{Author, SaltedText, Seq},
    event::{self, Event},
    id::{Hash, MemberId, OrgId, RoomId, RoomKind, Salt},
    limits,
    rejection::Rejection,
    room::{
        inbox::What,
        org::{self, Preference, Take},
        record, referral, talk,
    },
    standing::{OrgKind, Role},
    text::Text,
    time::Span,
};
use std::collections::BTreeSet;

/// Two partners: `a` and `b` are their admins.
struct Two {
    host: Host,
    a: MemberId,
    b: MemberId,
    org_a: OrgId,
    org_b: OrgId,
}

fn two() -> Two {
    let (mut host, _) = Host::with_vendor();
    let a = host.organisation(OrgKind::Partner, 2, "Alpenwerk");
    let b = host.organisation(OrgKind::Partner, 3, "BrightPath");
    let (org_a, org_b) = (host.org_of(a), host.org_of(b));
    Two {
        host,
        a,
        b,
        org_a,
        org_b,
    }
}

impl Two {
    fn run(&mut self, who: MemberId, what: org::Command) -> Result<(), Rejection> {
        let words: &[&str] = match &what {
            org::Command::Connect { .. } => &["We met in Berlin."],
            _ => &[],
        };
        let room = RoomId::org(self.host.org_of(who));
        let result = self
            .host
            .run(Who::Member(who), room, Command::Org(what), words);
        self.host.check();
        result
    }

    fn connect(&mut self, who: MemberId, to: OrgId) -> Result<(), Rejection> {
        self.run(who, org::Command::Connect { to })
    }

    fn answer(&mut self, who: MemberId, from: OrgId, take: Take) -> Result<(), Rejection> {
        let own = self.host.org(self.host.org_of(who));
        let knock = own
            .knocked
            .get(&from)
            .map_or(Hash::ZERO, |knock| knock.matter);
        self.reply(who, from, knock, take, &[])
    }

    fn reply(
        &mut self,
        who: MemberId,
        from: OrgId,
        knock: Hash,
        take: Take,
        people: &[MemberId],
    ) -> Result<(), Rejection> {
        let answer = org::Command::AnswerConnection {
            from,
            knock,
            take,
            people: people.iter().copied().collect(),
        };
        self.run(who, answer)
    }

    /// A Side of the first offers the second a referral.
    fn offer(&mut self) -> RoomId {
        let referral = RoomId::new(RoomKind::Referral, [9; 16]);
        let words = SaltedText {
            salt: Salt([5; 32]),
            text: Text::parse("A migration in Graz.").unwrap(),
        };
        let asked = org::Ask::Asked {
            to: self.org_b,
            words,
            referral,
        };
        let room = RoomId::org(self.org_a);
        self.host.ask(self.a, room, &Ask::Org(Box::new(asked)));
        self.host.check();
        referral
    }

    fn referral_asks(&self) -> Vec<referral::Ask> {
        let asks = self.host.unheard.iter();
        asks.filter_map(|(_, ask)| match ask {
            Ask::Referral(ask) => Some((**ask).clone()),
            _ => None,
        })
        .collect()
    }
}

#[test]
fn a_request_that_is_accepted_opens_the_relation_of_both() {
    let mut two = two();
    let (a, b, org_a, org_b) = (two.a, two.b, two.org_a, two.org_b);
    let rep = two.host.person(org_b, Role::Rep, false);
    let viewer = two.host.person(org_b, Role::Viewer, false);
    two.connect(a, org_b).unwrap();
    assert_eq!(two.host.needs(b), [What::Knock]);
    assert_eq!(
        two.host.needs(rep),
        [],
        "only who may answer is pointed there"
    );
    two.answer(b, org_a, Take::Connection).unwrap();

    let relation = two.host.relation(org_a, org_b).unwrap();
    assert_eq!(relation.tie(), Some(BTreeSet::new()));
    assert_eq!(relation.parties.map(|party| party.org), [org_a, org_b]);
    assert_eq!(two.host.needs(a), [What::ConnectionAccepted]);
    let room = RoomId::relation(org_a, org_b);
    assert_eq!(two.host.reads(a, room), Some(Role::Admin));
    assert_eq!(two.host.reads(rep, room), Some(Role::Rep));
    assert_eq!(two.host.reads(viewer, room), None);
    for org in [org_a, org_b] {
        assert!(two.host.org(org).asked.is_empty() && two.host.org(org).knocked.is_empty());
    }
    assert_eq!(two.connect(a, org_b), Err(Rejection::Already("connection")));
}

#[test]
fn the_proof_of_a_connection_stands_in_both_records_and_only_leads_read_it() {
    let mut two = two();
    two.connect(two.a, two.org_b).unwrap();
    two.answer(two.b, two.org_a, Take::Connection).unwrap();
    let opened = &two.host.rooms[&RoomId::relation(two.org_a, two.org_b)].log[0];
    for org in [two.org_a, two.org_b] {
        let log = &two.host.rooms[&RoomId::record(org)].log;
        let [begun, kept] = log.as_slice() else {
            panic!("a record begins with its first proof: {log:?}");
        };
        let opened_by = Event::Record(record::Event::Opened { org });
        assert_eq!((&begun.event, begun.author), (&opened_by, Author::Rule));
        let Event::Record(record::Event::Kept { entry, by, root }) = &kept.event else {
            panic!("no proof: {kept:?}");
        };
        assert_eq!((kept.author, &kept.statement), (Author::Rule, &None));
        assert_eq!(*by, two.org_b);
        let kept = crate::entry::Entry::decode(entry.as_bytes()).unwrap();
        let statement = kept.statement.as_ref().unwrap();
        statement.verify(server(), *root).expect("it proves alone");
        assert_eq!(kept.hash(), opened.hash());
        let statement = kept.statement.unwrap().read().unwrap();
        assert_eq!(statement.kind, "org.answer_connection");
        let knocked = two.host.rooms[&RoomId::org(two.org_b)]
            .log
            .iter()
            .find(|entry| entry.kind == "org.knocked");
        assert_eq!(Some(statement.subject), event::matter(knocked.unwrap()));
    }
    for (role, reads) in [
        (Role::Viewer, None),
        (Role::Rep, None),
        (Role::Lead, Some(Role::Lead)),
        (Role::Admin, Some(Role::Admin)),
    ] {
        let person = two.host.person(two.org_a, role, false);
        assert_eq!(two.host.reads(person, RoomId::record(two.org_a)), reads);
        assert_eq!(two.host.reads(person, RoomId::record(two.org_b)), None);
    }
}

#[test]
fn nothing_is_said_or_done_in_a_record() {
    let mut two = two();
    two.connect(two.a, two.org_b).unwrap();
    two.answer(two.b, two.org_a, Take::Connection).unwrap();
    let record = RoomId::record(two.org_a);
    let before = two.host.head(record);
    let say = Command::Talk(talk::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    });
    let pin = talk::Command::Pin {
        target: Seq(1),
        on: true,
    };
    for (command, words) in [(say, &["Filed"][..]), (Command::Talk(pin), &[])] {
        let refused = two.host.run(Who::Member(two.a), record, command, words);
        assert!(matches!(refused, Err(Rejection::NotHere(_))), "{refused:?}");
    }
    assert_eq!(two.host.head(record), before);
}

#[test]
fn a_request_that_is_declined_may_be_made_anew() {
    let mut two = two();
    two.connect(two.a, two.org_b).unwrap();
    two.answer(two.b, two.org_a, Take::Neither).unwrap();
    assert_eq!(two.host.needs(two.a), [What::ConnectionDeclined]);
    assert!(two.host.relation(two.org_a, two.org_b).is_none());
    two.connect(two.a, two.org_b).unwrap();
    two.answer(two.b, two.org_a, Take::Connection).unwrap();
    assert!(two.host.relation(two.org_a, two.org_b).is_some());
}

#[test]
fn not_being_heard_looks_like_not_being_answered() {
    let ways: [fn(&mut Two); 3] = [
        |_| {},
        |two| {
            let (org, on) = (two.org_a, true);
            two.run(two.b, org::Command::Exclude { org, on }).unwrap();
        },
        |two| {
            let prefer = org::Command::Prefer {
                preference: Preference::DenyAll,
                at: Seq::ZERO,
            };
            two.run(two.b, prefer).unwrap();
        },
    ];
    let seen = ways.map(|way| {
        let mut two = two();
        way(&mut two);
        // The number of salts that the story used up is the same in each.
        two.connect(two.a, two.org_b).unwrap();
        let heard = two.host.org(two.org_b).knocked.len();
        two.host.pass(Span::days(1));
        let again = two.connect(two.a, two.org_b);
        two.host.pass(Span::days(15));
        two.connect(two.a, two.org_b).unwrap();
        (heard, again, two.host.seen_by(&[two.a]))
    });
    assert_eq!(seen[0].0, 1);
    assert_eq!((seen[1].0, seen[2].0), (0, 0), "the others did not hear");
    assert!(!seen[0].2.is_empty());
    for other in &seen[1..] {
        assert_eq!(seen[0].1, other.1);
        assert_eq!(
            seen[0].2, other.2,
            "what the one who asks reads is the same"
        );
    }
}

#[test]
fn requests_that_cross_meet() {
    let mut two = two();
    let deny = org::Command::Prefer {
        preference: Preference::DenyAll,
        at: Seq::ZERO,
    };
    two.run(two.a, deny).unwrap();
    two.connect(two.b, two.org_a).unwrap();
    assert!(two.host.org(two.org_a).knocked.is_empty(), "not heard");
    two.connect(two.a, two.org_b).unwrap();
    assert!(two.host.relation(two.org_a, two.org_b).is_some());
    assert_eq!(two.host.needs(two.a), [What::ConnectionAccepted]);
    assert_eq!(two.host.needs(two.b), [What::ConnectionAccepted]);
}

#[test]
fn requests_that_lapsed_do_not_meet() {
    let mut two = two();
    two.connect(two.b, two.org_a).unwrap();
    two.host.pass(limits::CONNECT_SPAN);
    let late = two.answer(two.a, two.org_b, Take::Connection);
    assert!(matches!(late, Err(Rejection::State(_))), "{late:?}");
    two.connect(two.a, two.org_b).unwrap();
    assert!(two.host.relation(two.org_a, two.org_b).is_none());
    two.answer(two.b, two.org_a, Take::Connection).unwrap();
    assert!(two.host.relation(two.org_a, two.org_b).is_some());
}

#[test]
fn what_one_lead_answers_waits_for_no_other() {
    let mut two = two();
    let (a, b, org_a, org_b) = (two.a, two.b, two.org_a, two.org_b);
    let c = two.host.organisation(OrgKind::Partner, 4, "Rheintal");
    let lead = two.host.person(org_b, Role::Lead, false);
    two.connect(a, org_b).unwrap();
    two.connect(c, org_b).unwrap();
    assert_eq!(two.host.needs(lead), [What::Knock, What::Knock]);
    two.answer(b, org_a, Take::Neither).unwrap();
    for member in [b, lead] {
        assert_eq!(two.host.needs(member), [What::Knock], "the other one waits");
    }
    two.run(c, org::Command::Withdraw { to: org_b }).unwrap();
    for member in [b, lead] {
        assert_eq!(two.host.needs(member), []);
    }
    let head = two.host.head(RoomId::inbox(lead));
    two.connect(c, org_b).unwrap();
    assert_eq!(
        two.host.head(RoomId::inbox(lead)).0,
        head.0 + 1,
        "where nothing is to be settled nothing is said"
    );
    let exclude = org::Command::Exclude {
        org: two.host.org_of(c),
        on: true,
    };
    two.run(b, exclude).unwrap();
    assert_eq!(two.host.needs(lead), []);
}

#[test]
fn what_lapsed_waits_no_longer_once_another_asks() {
    let mut two = two();
    let (a, b, org_b) = (two.a, two.b, two.org_b);
    let c = two.host.organisation(OrgKind::Partner, 4, "Rheintal");
    two.connect(a, org_b).unwrap();
    two.host.pass(limits::CONNECT_SPAN);
    two.connect(c, org_b).unwrap();
    assert_eq!(two.host.needs(b), [What::Knock]);
}

#[test]
fn who_is_no_lead_any_more_hears_nothing_of_an_answer() {
    let mut two = two();
    let (a, b, org_a, org_b) = (two.a, two.b, two.org_a, two.org_b);
    let lead = two.host.person(org_b, Role::Lead, false);
    two.connect(a, org_b).unwrap();
    let suspend = org::Command::Suspend {
        member: lead,
        on: true,
    };
    two.run(b, suspend).unwrap();
    let head = two.host.head(RoomId::inbox(lead));
    two.answer(b, org_a, Take::Connection).unwrap();
    assert_eq!(two.host.head(RoomId::inbox(lead)), head);
}

#[test]
fn who_is_wanted_and_unclaimed_is_invited_once_and_finds_what_waited() {
    let (mut host, vendor) = Host::with_vendor();
    let org_v = host.org_of(vendor);
    let manager = host.person(org_v, Role::Rep, true);
    let rep = host.person(org_v, Role::Lead, false);
    let a = host.organisation(OrgKind::Partner, 2, "Alpenwerk");
    let c = host.organisation(OrgKind::Partner, 4, "Rheintal");
    let org_b = host.unclaimed(OrgKind::Partner, 3, "BrightPath");
    let org_a = host.org_of(a);
    let mut two = Two {
        host,
        a,
        b: a,
        org_a,
        org_b,
    };
    two.connect(a, org_b).unwrap();
    two.connect(c, org_b).unwrap();
    assert_eq!(two.host.needs(vendor), [What::PleaseInvite]);
    assert_eq!(two.host.needs(manager), [What::PleaseInvite]);
    assert_eq!(two.host.needs(rep), []);
    two.b = two.host.claim(org_b);
    two.host.check();
    for member in [vendor, manager] {
        assert_eq!(two.host.needs(member), [], "nobody is to invite it");
    }
    assert_eq!(two.host.needs(two.b), [What::Knock, What::Knock]);
    two.answer(two.b, org_a, Take::Connection).unwrap();
    assert_eq!(two.host.needs(two.b), [What::Knock], "the other one waits");
    assert!(two.host.relation(org_a, org_b).is_some());
}

#[test]
fn what_waited_for_the_first_admin_shows_its_referral_then() {
    let mut two = two();
    two.org_b = two.host.unclaimed(OrgKind::Partner, 5, "Nordlicht");
    two.offer();
    assert_eq!(two.referral_asks(), [], "nobody is there to see it");
    let b = two.host.claim(two.org_b);
    let root = two.host.org(two.org_b).root.unwrap();
    let org = two.org_b;
    assert_eq!(two.referral_asks(), [referral::Ask::Show { org, root }]);
    assert_eq!(two.host.needs(b), [What::Knock]);
}

#[test]
fn a_day_and_a_number_of_open_requests_bound_who_asks() {
    let (mut host, _) = Host::with_vendor();
    let a = host.organisation(OrgKind::Partner, 2, "Alpenwerk");
    let org_a = host.org_of(a);
    let others: Vec<_> = (0..110)
        .map(|i| host.unclaimed(OrgKind::Partner, 100 + i, &format!("Partner {i}")))
        .collect();
    let connect = |host: &mut Host, to| {
        let command = Command::Org(org::Command::Connect { to });
        host.run(Who::Member(a), RoomId::org(org_a), command, &["Hello."])
    };
    for to in &others[..100] {
        if host.org(org_a).day.is_some_and(|day| day.requests == 20) {
            let refused = connect(&mut host, *to).unwrap_err();
            assert_eq!(refused.code(), "over_quota");
            assert!(refused.to_string().contains("20"), "{refused}");
            host.pass(Span::days(1));
        }
        connect(&mut host, *to).unwrap();
    }
    host.pass(Span::days(1));
    let refused = connect(&mut host, others[100]).unwrap_err();
    assert!(refused.to_string().contains("100"), "{refused}");
    host.pass(Span::days(11));
    connect(&mut host, others[100]).unwrap();
    let open = host.org(org_a).asked.len();
    assert!(open < 100, "{open}: what lapsed is dropped");
}

#[test]
fn who_may_not_ask_is_told_why() {
    let mut two = two();
    let (a, org_a, org_b) = (two.a, two.org_a, two.org_b);
    let rep = two.host.person(org_a, Role::Rep, false);
    let lead = two.host.person(org_a, Role::Lead, false);
    assert_eq!(
        two.connect(rep, org_b),
        Err(Rejection::NeedsRole(Role::Lead))
    );
    assert_eq!(two.connect(a, org_a).unwrap_err().field(), "to");
    let nobody = OrgId::from_bits([77; 16]);
    assert_eq!(two.connect(a, nobody), Err(Rejection::NoSuchThing("to")));
    two.connect(lead, org_b).unwrap();
    assert_eq!(two.connect(a, org_b), Err(Rejection::Already("request")));
    let exclude = |org| org::Command::Exclude { org, on: true };
    let open = two.run(a, exclude(org_b)).unwrap_err();
    assert!(open.to_string().contains("withdraw"), "{open}");
    assert_eq!(
        two.run(lead, exclude(org_b)),
        Err(Rejection::NeedsRole(Role::Admin))
    );
    two.run(lead, org::Command::Withdraw { to: org_b }).unwrap();
    assert!(two.host.org(org_b).knocked.is_empty(), "it is forgotten");
    two.run(a, exclude(org_b)).unwrap();
    let excluded = two.connect(a, org_b).unwrap_err();
    assert!(excluded.to_string().contains("excludes"), "{excluded}");
    let operator = two.host.run(
        Who::Operator,
        RoomId::org(org_a),
        Command::Org(org::Command::Connect { to: org_b }),
        &["On their behalf."],
    );
    assert_eq!(operator, Err(Rejection::Only("a member")));
}

#[test]
fn an_answer_is_of_the_request_that_was_seen() {
    let mut two = two();
    let (a, b, org_a, org_b) = (two.a, two.b, two.org_a, two.org_b);
    assert_eq!(
        two.answer(b, org_a, Take::Connection),
        Err(Rejection::NoSuchThing("from"))
    );
    two.connect(a, org_b).unwrap();
    let first = two.host.org(org_b).knocked[&org_a].matter;
    two.run(a, org::Command::Withdraw { to: org_b }).unwrap();
    two.connect(a, org_b).unwrap();
    let knock = two.host.org(org_b).knocked[&org_a].clone();
    let second = knock.matter;
    assert_eq!(
        two.reply(b, org_a, first, Take::Connection, &[]),
        Err(Rejection::Stale(knock.seq))
    );
    let both = two.reply(b, org_a, second, Take::Both, &[b]).unwrap_err();
    assert_eq!(both.field(), "take", "no referral came along");
    let named = two.reply(b, org_a, second, Take::Connection, &[b]);
    assert_eq!(named.unwrap_err().field(), "people");
    two.answer(b, org_a, Take::Connection).unwrap();
    assert_eq!(
        two.answer(b, org_a, Take::Connection),
        Err(Rejection::NoSuchThing("from"))
    );
}

#[test]
fn words_stand_beside_the_room_while_the_request_does() {
    let mut two = two();
    two.connect(two.a, two.org_b).unwrap();
    let held = &two.host.rooms[&RoomId::org(two.org_b)];
    let words = two.host.org(two.org_b).knocked[&two.org_a].words;
    let text = held.texts.get(words).unwrap();
    assert_eq!(text.text.as_str(), "We met in Berlin.");
    assert_ne!(text.commitment(), Hash::ZERO);
    two.answer(two.b, two.org_a, Take::Neither).unwrap();
    let held = &two.host.rooms[&RoomId::org(two.org_b)];
    assert_eq!(held.texts.get(words), None);
}
