//! Stories of two connected organisations and their agreements.

use super::{Agreement, Command, Phase, Relation, Term};
use crate::{
    command::Command as Any,
    entry::{Author, Entry, Seq},
    id::{MemberId, OrgId, RoomId, RoomKind},
    limits,
    rejection::Rejection,
    room::{
        inbox::What,
        org::{
            self, Take,
            tests::host::{Host, Who},
        },
        talk,
    },
    standing::{AgreementKind, OrgKind, Role},
    time::{Date, Span},
};
use std::collections::BTreeSet;

struct Pair {
    host: Host,
    a: MemberId,
    b: MemberId,
    org_a: OrgId,
    org_b: OrgId,
    room: RoomId,
}

fn connected() -> Pair {
    let (mut host, _) = Host::with_vendor();
    let a = host.organisation(OrgKind::Partner, 2, "Alpenwerk");
    let b = host.organisation(OrgKind::Partner, 3, "BrightPath");
    let (org_a, org_b) = (host.org_of(a), host.org_of(b));
    let mut pair = Pair {
        host,
        a,
        b,
        org_a,
        org_b,
        room: RoomId::relation(org_a, org_b),
    };
    pair.connect();
    pair
}

impl Pair {
    fn connect(&mut self) {
        let (to, from) = (self.org_b, self.org_a);
        let connect = Any::Org(org::Command::Connect { to });
        self.host
            .run(Who::Member(self.a), RoomId::org(from), connect, &["Hi."])
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
        self.host.check();
    }

    fn run(&mut self, who: MemberId, command: Command) -> Result<(), Rejection> {
        let words: &[&str] = if matches!(command, Command::Agree { .. }) {
            &["Folder 7, page 2"]
        } else {
            &[]
        };
        let done = self
            .host
            .run(Who::Member(who), self.room, Any::Relation(command), words);
        self.host.check();
        done
    }

    fn day(&self, ahead: i64) -> Date {
        (self.host.now + Span::days(ahead)).date()
    }

    /// Proposes a non-disclosure agreement from one day to another, counted from today; gives the proposal.
    fn propose(&mut self, who: MemberId, from: i64, to: Option<i64>) -> Seq {
        let agree = Command::Agree {
            kind: AgreementKind::Nda,
            from: self.day(from),
            to: to.map(|to| self.day(to)),
        };
        self.run(who, agree).unwrap();
        self.host.relation_head(self.room)
    }

    fn relation(&self) -> &Relation {
        self.host.relation(self.org_a, self.org_b).unwrap()
    }

    fn agreement(&self, proposal: Seq) -> &Agreement {
        &self.relation().agreements[&proposal]
    }

    fn in_force(&self) -> Vec<AgreementKind> {
        self.relation().tie().unwrap().into_iter().collect()
    }

    /// What deals found in force when they were told to look, oldest first; none where the two were not connected.
    fn told(&self) -> Vec<Option<Vec<AgreementKind>>> {
        let looked = self.host.looked.iter();
        looked
            .map(|(_, tie)| Some(tie.as_ref()?.agreements.iter().copied().collect()))
            .collect()
    }

    fn kinds(&self) -> Vec<&str> {
        let log = &self.host.rooms[&self.room].log;
        log.iter().map(|entry| entry.kind.as_str()).collect()
    }
}

impl Host {
    /// The last thing that somebody signed in a room.
    fn relation_head(&self, room: RoomId) -> Seq {
        let log = self.rooms[&room].log.iter();
        log.filter(|entry| entry.statement.is_some())
            .map(|entry| entry.seq)
            .max()
            .unwrap()
    }
}

#[test]
fn a_proposal_that_lapsed_or_was_taken_away_waits_for_nobody() {
    let mut pair = connected();
    let org_b = pair.org_b;
    let admin = pair.host.person(org_b, Role::Lead, false);
    let at = pair.host.org(org_b).people[&admin].at;
    let role = org::Command::Role {
        member: admin,
        role: Role::Admin,
        alliance: false,
        at,
    };
    let by = Who::Member(pair.b);
    let role = Any::Org(role);
    pair.host.run(by, RoomId::org(org_b), role, &[]).unwrap();
    let waits = |pair: &Pair, who| {
        let needs = pair.host.needs(who);
        needs
            .iter()
            .filter(|what| **what == What::AgreementProposed)
            .count()
    };
    let proposal = pair.propose(pair.a, 0, None);
    assert_eq!([pair.b, admin].map(|who| waits(&pair, who)), [1, 1]);
    let end = Command::End {
        kind: AgreementKind::Nda,
        at: proposal,
    };
    pair.run(pair.a, end).unwrap();
    assert_eq!([pair.b, admin].map(|who| waits(&pair, who)), [0, 0]);
    pair.propose(pair.a, 0, None);
    assert_eq!([pair.b, admin].map(|who| waits(&pair, who)), [1, 1]);
    pair.host.pass(limits::AGREEMENT_PROPOSAL_SPAN);
    assert_eq!([pair.b, admin].map(|who| waits(&pair, who)), [0, 0]);
}

#[test]
fn an_agreement_is_in_force_when_both_have_signed() {
    let mut pair = connected();
    let proposal = pair.propose(pair.a, 0, None);
    assert_eq!(pair.in_force(), []);
    assert!(pair.host.needs(pair.b).contains(&What::AgreementProposed));
    let own = pair.run(pair.a, Command::Confirm { proposal });
    assert!(matches!(own, Err(Rejection::Only(_))), "{own:?}");
    pair.run(pair.b, Command::Confirm { proposal }).unwrap();
    assert_eq!(pair.in_force(), [AgreementKind::Nda]);
    assert!(pair.host.needs(pair.a).contains(&What::AgreementConfirmed));
    assert!(!pair.host.needs(pair.b).contains(&What::AgreementProposed));
    let twice = pair.run(pair.b, Command::Confirm { proposal });
    assert_eq!(twice, Err(Rejection::Already("agreement")));
    let reference = pair.agreement(proposal).reference;
    let text = pair.host.rooms[&pair.room].texts.get(reference).unwrap();
    assert_eq!(text.text.as_str(), "Folder 7, page 2");
}

#[test]
fn only_admins_sign() {
    let mut pair = connected();
    let lead = pair.host.person(pair.org_b, Role::Lead, false);
    let needs = Err(Rejection::NeedsRole(Role::Admin));
    let agree = Command::Agree {
        kind: AgreementKind::Cosell,
        from: pair.day(0),
        to: None,
    };
    assert_eq!(pair.run(lead, agree.clone()), needs);
    let proposal = pair.propose(pair.a, 0, None);
    assert_eq!(pair.run(lead, Command::Confirm { proposal }), needs);
    assert_eq!(pair.run(lead, Command::Disconnect {}), needs);
    let stranger = pair.host.organisation(OrgKind::Partner, 4, "Rheintal");
    assert_eq!(
        pair.run(stranger, agree.clone()),
        Err(Rejection::NoSuchRoom)
    );
    let operator = pair
        .host
        .run(Who::Operator, pair.room, Any::Relation(agree), &["No."]);
    assert_eq!(operator, Err(Rejection::Only("a member")));
}

#[test]
fn an_agreement_begins_with_its_first_day_and_is_over_with_its_last() {
    let mut pair = connected();
    let proposal = pair.propose(pair.a, 2, Some(3));
    pair.run(pair.b, Command::Confirm { proposal }).unwrap();
    let (begins, expires) = match pair.agreement(proposal).term {
        Term::Agreed { begins, expires } => (begins, expires.unwrap()),
        Term::Proposed { .. } | Term::InForce { .. } => panic!("it has not begun"),
    };
    assert_eq!(begins.to_string(), "2026-05-06T00:00:00Z");
    assert_eq!(expires.to_string(), "2026-05-08T00:00:00Z");
    let early = pair.relation().due().unwrap();
    assert_eq!(early.0, begins);
    let room = pair.host.room(pair.room);
    let too_soon = crate::room::fire(room, &early.1, begins - Span::millis(1));
    assert_eq!(too_soon, [], "a clock that has not run out changes nothing");
    pair.host.pass(begins - pair.host.now - Span::millis(1));
    assert_eq!(pair.in_force(), []);
    pair.host.pass(Span::millis(1));
    assert_eq!(pair.in_force(), [AgreementKind::Nda]);
    pair.host.pass(expires - pair.host.now - Span::millis(1));
    assert_eq!(pair.in_force(), [AgreementKind::Nda]);
    pair.host.pass(Span::millis(1));
    assert_eq!(pair.in_force(), []);
    assert!(pair.relation().agreements.is_empty());
    assert!(pair.host.needs(pair.a).contains(&What::AgreementEnded));
    assert!(pair.host.needs(pair.b).contains(&What::AgreementEnded));
    assert_eq!(
        pair.kinds().last_chunk(),
        Some(&["relation.began", "relation.expired"])
    );
    let last = pair.host.rooms[&pair.room].log.last().unwrap();
    assert_eq!(last.author, Author::Rule);
    pair.host.check();
}

#[test]
fn an_agreement_can_begin_and_be_over_while_nobody_looks() {
    let mut pair = connected();
    let proposal = pair.propose(pair.a, 2, Some(3));
    pair.run(pair.b, Command::Confirm { proposal }).unwrap();
    pair.host.pass(Span::days(90));
    assert_eq!(
        pair.kinds().last_chunk(),
        Some(&["relation.began", "relation.expired"])
    );
    pair.host.check();
}

#[test]
fn a_proposal_lapses() {
    let mut pair = connected();
    let proposal = pair.propose(pair.a, 0, None);
    let twin = Command::Agree {
        kind: AgreementKind::Nda,
        from: pair.day(0),
        to: None,
    };
    let refused = pair.run(pair.b, twin).unwrap_err();
    assert!(refused.to_string().contains("confirm"), "{refused}");
    pair.host.pass(limits::AGREEMENT_PROPOSAL_SPAN);
    assert!(pair.relation().agreements.is_empty());
    let late = pair.run(pair.b, Command::Confirm { proposal });
    assert_eq!(late, Err(Rejection::NoSuchThing("proposal")));
    let short = pair.propose(pair.a, 0, Some(1));
    let Term::Proposed { until } = pair.agreement(short).term else {
        panic!("nobody has confirmed it");
    };
    assert_eq!(until.date(), pair.day(2), "what is over is not confirmed");
}

#[test]
fn days_that_cannot_be_are_refused() {
    let mut pair = connected();
    for (from, to) in [(0, -1), (5, 4), (-9, -1)] {
        let agree = Command::Agree {
            kind: AgreementKind::Nda,
            from: pair.day(from),
            to: Some(pair.day(to)),
        };
        let refused = pair.run(pair.a, agree).unwrap_err();
        assert_eq!(refused.field(), "to", "{from} to {to}");
    }
    pair.propose(pair.a, 0, Some(0));
}

#[test]
fn either_side_ends_an_agreement_that_it_has_seen_as_it_is() {
    let mut pair = connected();
    let kind = AgreementKind::Nda;
    let proposal = pair.propose(pair.a, 0, None);
    pair.run(pair.b, Command::Confirm { proposal }).unwrap();
    let confirmed = pair.agreement(proposal).at;
    let stale = pair.run(pair.a, Command::End { kind, at: proposal });
    assert_eq!(stale, Err(Rejection::Stale(confirmed)));
    let other = Command::End {
        kind: AgreementKind::Roe,
        at: confirmed,
    };
    assert_eq!(pair.run(pair.a, other), Err(Rejection::NoSuchThing("kind")));
    let end = Command::End {
        kind,
        at: confirmed,
    };
    pair.run(pair.b, end.clone()).unwrap();
    assert_eq!(pair.in_force(), []);
    assert!(pair.host.needs(pair.a).contains(&What::AgreementEnded));
    assert_eq!(pair.run(pair.a, end), Err(Rejection::NoSuchThing("kind")));

    let again = pair.propose(pair.b, 0, None);
    let refuse = Command::End { kind, at: again };
    pair.run(pair.a, refuse).unwrap();
    assert!(pair.relation().agreements.is_empty(), "not to be confirmed");
}

#[test]
fn an_agreement_is_renewed_before_it_is_over() {
    let mut pair = connected();
    let first = pair.propose(pair.a, 0, Some(10));
    pair.run(pair.b, Command::Confirm { proposal: first })
        .unwrap();
    let second = pair.propose(pair.b, 11, None);
    pair.run(pair.a, Command::Confirm { proposal: second })
        .unwrap();
    for _ in 0..30 {
        pair.host.pass(Span::days(1));
        assert_eq!(pair.in_force(), [AgreementKind::Nda], "no gap");
    }
    assert_eq!(pair.relation().agreements.len(), 1);
}

#[test]
fn deals_look_at_each_change_and_the_relation_shows_nothing_of_it() {
    let mut pair = connected();
    let deal = RoomId::new(RoomKind::Deal, [6; 16]);
    let another = RoomId::new(RoomKind::Deal, [7; 16]);
    let third = OrgId::from_bits([8; 16]);
    pair.host.deals.insert(deal, [pair.org_b, pair.org_a]);
    pair.host.deals.insert(another, [pair.org_a, third]);
    assert_eq!(pair.told(), [], "a deal that comes changes nothing here");
    let proposal = pair.propose(pair.a, 0, Some(5));
    assert_eq!(pair.told(), [], "nor does a proposal");
    pair.run(pair.b, Command::Confirm { proposal }).unwrap();
    pair.host.pass(Span::days(7));
    // The confirmation, the day that is over: at each change, and as it is then.
    let nda = Some(vec![AgreementKind::Nda]);
    assert_eq!(pair.told(), [nda.clone(), Some(vec![])]);
    pair.run(pair.a, Command::Disconnect {}).unwrap();
    assert_eq!(pair.told(), [nda, Some(vec![]), None]);
    assert!(pair.host.looked.iter().all(|(room, _)| *room == deal));
    let shown = pair.host.rooms[&pair.room].log.iter().map(Entry::encode);
    let room = serde_json::to_vec(pair.host.room(pair.room)).unwrap();
    for bytes in shown.chain([room]) {
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains(&deal.to_string()), "{text}");
    }
}

#[test]
fn a_connection_that_ends_takes_its_agreements_along_and_may_be_made_anew() {
    let mut pair = connected();
    let deal = RoomId::new(RoomKind::Deal, [6; 16]);
    pair.host.deals.insert(deal, [pair.org_a, pair.org_b]);
    let proposal = pair.propose(pair.a, 0, None);
    pair.run(pair.b, Command::Confirm { proposal }).unwrap();
    pair.run(pair.b, Command::Disconnect {}).unwrap();
    assert_eq!(pair.relation().phase, Phase::Ended);
    assert_eq!(pair.relation().tie(), None);
    assert_eq!(pair.told().last(), Some(&None));
    assert!(pair.host.needs(pair.a).contains(&What::Disconnected));
    assert!(pair.host.org(pair.org_a).connections.is_empty());
    let twice = pair.run(pair.a, Command::Disconnect {});
    assert!(matches!(twice, Err(Rejection::State(_))), "{twice:?}");
    let said = say(&mut pair);
    assert!(matches!(said, Err(Rejection::State(_))), "{said:?}");
    assert!(
        pair.host.reads(pair.a, pair.room).is_some(),
        "what was said can be read"
    );

    pair.connect();
    assert_eq!(pair.relation().phase, Phase::Open);
    assert_eq!(pair.in_force(), [], "agreements do not come back");
    assert_eq!(pair.kinds().last(), Some(&"relation.reopened"));
    say(&mut pair).unwrap();
}

fn say(pair: &mut Pair) -> Result<(), Rejection> {
    let say = Any::Talk(talk::Command::Say {
        thread: None,
        mentions: BTreeSet::new(),
    });
    pair.host
        .run(Who::Member(pair.a), pair.room, say, &["Shall we talk?"])
}

#[test]
fn neither_side_moderates_the_other() {
    let mut pair = connected();
    say(&mut pair).unwrap();
    let mute = Any::Talk(talk::Command::Mute {
        member: pair.a,
        span: Span::hours(1),
    });
    let refused = pair.host.run(Who::Member(pair.b), pair.room, mute, &[]);
    assert_eq!(refused, Err(Rejection::Only("the operator")));
    let target = pair.host.head(pair.room);
    let pin = Any::Talk(talk::Command::Pin { target, on: true });
    pair.host
        .run(Who::Member(pair.b), pair.room, pin, &[])
        .unwrap();
    assert_eq!(pair.host.room(pair.room).pins, [target]);
}
