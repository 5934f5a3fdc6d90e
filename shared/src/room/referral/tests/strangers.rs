//! Stories of offers that go with a request to connect.

use super::*;

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
    let wrong = Asked::Referral(Box::new(Ask::Show {
        org: org_id(2),
        root,
    }));
    host.ask(referral, wrong, None);
    assert!(
        !host.admits(referral, member(2, LEAD)),
        "only to whom it is offered"
    );
    host.ask(referral, show.clone(), None);
    host.ask(referral, show, None);
    assert_eq!(host.kinds(referral), ["referral.opened", "referral.shown"]);
    assert_eq!(host.needs(lead), [], "the request itself is pointed to");
    host.act(lead, referral, Command::View {}).unwrap();
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
