//! Stories of offers that go with a request to connect.

use super::*;

#[test]
fn it_is_shown_to_nobody_but_whom_it_is_offered_to() {
    let mut host = Host::new();
    let (_, referral) = host.offered(3);
    let (org, root) = (org_id(2), host.people[&member(3, LEAD)].org.root.unwrap());
    host.ask(
        referral,
        Asked::Referral(Box::new(Ask::Show { org, root })),
        None,
    );
    assert!(!host.admits(referral, member(2, LEAD)));
    assert_eq!(host.kinds(referral), ["referral.opened"]);
}

fn seated(host: &Host, referral: RoomId) -> bool {
    host.admits(referral, member(1, LEAD)) || host.admits(referral, member(1, Role::Rep))
}

/// The first entry that the sender's Leads and the owner read.
fn reads_from(host: &Host, referral: RoomId) -> Option<usize> {
    let since = [LEAD, Role::Rep].map(|role| {
        let who = &host.people[&member(1, role)];
        let terms = host.rooms[&referral].room.audience.admits(who, |_| false);
        terms.map(|terms| usize::try_from(terms.since.0).unwrap())
    });
    assert_eq!(since[0], since[1]);
    since[0]
}

fn join(host: &Host, to: u8) -> Asked {
    let root = host.people[&member(to, LEAD)].org.root.unwrap();
    let org = org_id(to);
    Asked::Referral(Box::new(Ask::Join { org, root }))
}

#[test]
fn a_connection_opens_to_both_what_waits_also_unheard() {
    let mut host = Host::new();
    let (case, referral) = host.offered(3);
    let wrong = join(&host, 2);
    host.ask(referral, wrong, None);
    assert_eq!(host.kinds(referral), ["referral.opened"]);
    host.tie(1, 3);
    let right = join(&host, 3);
    host.ask(referral, right.clone(), None);
    host.ask(referral, right, None);
    let kinds = ["referral.opened", "referral.shown", "referral.joined"];
    assert_eq!(host.kinds(referral), kinds);
    assert_eq!(reads_from(&host, referral), Some(3), "from here on");
    let offered = (inbox::What::ReferralOffered, referral, Seq(3));
    assert_eq!(host.needs(member(3, LEAD)), [offered]);
    host.accept(3, referral).unwrap();
    assert_eq!(host.needs(member(3, LEAD)), [], "answered by one for all");
    assert_eq!(reads_from(&host, referral), Some(3), "as before");
    assert!(host.case(case).live.as_ref().unwrap().released);
    host.check();
}

#[test]
fn who_runs_into_time_after_connecting_is_told_where_they_sit() {
    let mut host = Host::new();
    let (_, referral) = host.offered(3);
    let both = join(&host, 3);
    host.ask(referral, both, None);
    host.wait(limits::REFERRAL_ACCEPT_SPAN);
    let expired = (inbox::What::ReferralExpired, referral, Seq(4));
    assert_eq!(host.needs(member(1, Role::Rep)), [expired], "once");
}

#[test]
fn a_copy_does_not_say_whether_anything_stood_before_it() {
    let mut host = Host::new();
    let (case, referral) = host.offered(3);
    let root = host.people[&member(3, LEAD)].org.root.unwrap();
    let org = org_id(3);
    let show = Ask::Show { org, root };
    host.ask(referral, Asked::Referral(Box::new(show)), None);
    let back = side::Command::Withdraw { offer: referral };
    host.in_side(member(1, LEAD), case, back, vec![]).unwrap();
    let taken = host.log(referral).last().unwrap().clone();
    assert_eq!(taken.kind, "referral.withdrawn");
    let said = taken.statement.unwrap().read().unwrap();
    assert_eq!((said.kind.as_str(), said.room), ("side.withdraw", case));
    let kept: Vec<String> = host.kept(case).into_iter().map(|copy| copy.kind).collect();
    assert_eq!(kept, ["referral.opened"]);
    let kinds = host.kinds(case);
    assert!(
        kinds.ends_with(&["side.withdrawn", "side.closed"]),
        "{kinds:?}"
    );
    assert!(
        host.of_records()
            .iter()
            .any(|(at, _)| *at == RoomId::record(org_id(3))),
        "whoever saw the offer keeps that it was taken back"
    );
    assert!(!seated(&host, referral));
    host.check();
}

#[test]
fn a_stranger_sees_it_with_the_request_and_answers_both_in_one() {
    let mut host = Host::new();
    let (case, referral) = host.offered(3);
    let lead = member(3, LEAD);
    let [
        (
            asked_in,
            org::Ask::Asked {
                to,
                words,
                referral: with,
            },
        ),
    ] = host.of_orgs()[..]
    else {
        panic!(
            "the own organisation is asked to knock: {:?}",
            host.of_orgs()
        );
    };
    assert_eq!(
        (asked_in, *to, *with),
        (RoomId::org(org_id(1)), org_id(3), referral)
    );
    assert_eq!(words.text.as_str(), "We met at the fair");
    assert_eq!(host.kinds(referral), ["referral.opened"]);
    assert!(!seated(&host, referral), "the sender does not learn more");
    assert_eq!(
        code(host.act(lead, referral, Command::View {})),
        "room.absent"
    );
    assert_eq!(host.needs(lead), []);

    let root = host.people[&lead].org.root.unwrap();
    let show = Asked::Referral(Box::new(Ask::Show {
        org: org_id(3),
        root,
    }));
    host.ask(referral, show.clone(), None);
    host.ask(referral, show, None);
    assert_eq!(host.kinds(referral), ["referral.opened", "referral.shown"]);
    assert_eq!(host.needs(lead), [], "the request itself is pointed to");
    host.act(lead, referral, Command::View {}).unwrap();
    assert!(!seated(&host, referral), "nor that they look at it");
    assert_eq!(
        state(host.accept(3, referral)),
        "answer the request to connect: one answer takes both"
    );
    let accept = Asked::Referral(Box::new(Ask::Accept {
        people: BTreeSet::from([member(3, Role::Rep)]),
    }));
    host.ask(referral, accept.clone(), Some(lead));
    assert!(
        host.kinds(referral)
            .ends_with(&["referral.accepted", "referral.disclosed"])
    );
    let since = host.log(referral).len() - 1;
    assert_eq!(reads_from(&host, referral), Some(since), "from the answer");
    let accepted = (inbox::What::ReferralAccepted, referral, Seq(4));
    assert!(host.needs(member(1, Role::Rep)).contains(&accepted));
    let length = host.log(referral).len();
    host.ask(referral, accept, Some(lead));
    assert_eq!(
        host.log(referral).len(),
        length,
        "asked twice, answered once"
    );
    assert!(host.case(case).live.as_ref().unwrap().released);
    host.check();
}

#[test]
fn who_connected_otherwise_may_accept_here() {
    let mut host = Host::new();
    let (_, referral) = host.offered(3);
    let root = host.people[&member(3, LEAD)].org.root.unwrap();
    let show = Ask::Show {
        org: org_id(3),
        root,
    };
    host.ask(referral, Asked::Referral(Box::new(show)), None);
    host.tie(1, 3);
    host.accept(3, referral).unwrap();
    assert_eq!(host.referral(referral).stage, Stage::Accepted);
}

#[test]
fn an_answer_to_the_connection_alone_declines() {
    let mut host = Host::new();
    let (case, referral) = host.offered(3);
    let decline = Asked::Referral(Box::new(Ask::Decline {
        reason: DeclineReason::NotNow,
    }));
    host.ask(referral, decline.clone(), Some(member(3, LEAD)));
    host.ask(referral, decline, Some(member(3, LEAD)));
    let count = host
        .kinds(referral)
        .into_iter()
        .filter(|kind| *kind == "referral.declined");
    assert_eq!(count.count(), 1);
    assert_eq!(host.case(case).past[0].how, side::Ending::Declined);
    assert_eq!(reads_from(&host, referral), Some(2), "from the answer");
    let declined = (inbox::What::ReferralDeclined, referral, Seq(2));
    assert!(host.needs(member(1, Role::Rep)).contains(&declined));
    assert!(!host.shows(referral));
}

#[test]
fn an_offer_to_the_unclaimed_waits_with_its_request() {
    let mut host = Host::new();
    let (case, referral) = host.offered(5);
    assert_eq!(host.referral(referral).to_root, None);
    assert!(matches!(host.of_orgs()[..], [(_, org::Ask::Asked { .. })]));
    host.wait(limits::REFERRAL_ACCEPT_SPAN);
    assert_eq!(host.case(case).past[0].how, side::Ending::Expired);
    assert!(!seated(&host, referral), "nobody has answered");
    let owner = host.needs(member(1, Role::Rep));
    let [(inbox::What::ReferralExpired, at, _)] = owner[..] else {
        panic!("told once: {owner:?}");
    };
    assert_eq!(at, case, "where they can read of it");
    let root = host.people[&member(1, LEAD)].org.root.unwrap();
    let show = Ask::Show {
        org: org_id(5),
        root,
    };
    host.ask(referral, Asked::Referral(Box::new(show)), None);
    assert!(
        !host.admits(referral, member(5, LEAD)),
        "what is over is not shown"
    );
    host.check();
}
