//! Who may answer, withdraw, give back and moderate.

use super::*;

#[test]
fn only_the_receivers_leads_answer_and_only_the_sender_withdraws() {
    let mut host = Host::new();
    let (_, referral) = host.offered(2);
    let (ours, theirs) = (member(1, LEAD), member(2, LEAD));
    let withdraw = Command::Withdraw {};
    let decline = Command::Decline {
        reason: DeclineReason::Capacity,
    };
    assert_eq!(
        code(host.act(ours, referral, Command::View {})),
        "role.other"
    );
    assert_eq!(
        code(host.act(ours, referral, decline.clone())),
        "role.other"
    );
    assert_eq!(
        code(host.act(theirs, referral, withdraw.clone())),
        "role.other"
    );
    for outsider in [
        member(2, Role::Rep),
        member(2, Role::Viewer),
        member(1, Role::Viewer),
        member(3, Role::Admin),
    ] {
        for what in [Command::View {}, withdraw.clone(), decline.clone()] {
            assert_eq!(code(host.act(outsider, referral, what)), "room.absent");
        }
    }
    let foreign = |people, from| Command::Accept { from, people };
    let ours_for_theirs = foreign(BTreeSet::from([member(1, LEAD)]), org_id(1));
    assert_eq!(
        code(host.act(theirs, referral, ours_for_theirs)),
        "thing.absent"
    );
    let nobody = foreign(BTreeSet::new(), org_id(1));
    assert_eq!(code(host.act(theirs, referral, nobody)), "value");
    let elsewhere = foreign(BTreeSet::from([theirs]), org_id(3));
    assert_eq!(code(host.act(theirs, referral, elsewhere)), "thing.absent");
    host.act(ours, referral, withdraw).unwrap();
    assert_eq!(state(host.act(theirs, referral, decline)), "this is over");
}

#[test]
fn a_withdrawn_offer_takes_its_request_along() {
    let mut host = Host::new();
    let (case, referral) = host.offered(3);
    let withdraw = Command::Withdraw {};
    let seatless = host.act(member(1, Role::Rep), referral, withdraw.clone());
    assert_eq!(code(seatless), "room.absent", "nobody has answered yet");
    let back = side::Command::Withdraw { offer: referral };
    let rep = member(1, Role::Rep);
    for other in [member(1, Role::Viewer), member(2, LEAD), member(3, LEAD)] {
        let refused = host.in_side(other, case, back.clone(), vec![]);
        assert_eq!(code(refused), "room.absent");
    }
    host.in_side(rep, case, back.clone(), vec![]).unwrap();
    let asks = host.of_orgs();
    assert!(
        matches!(asks[..], [(at, org::Ask::Withdraw { to, referral: with })]
            if at == RoomId::org(org_id(1)) && *to == org_id(3) && *with == referral),
        "{asks:?}"
    );
    assert_eq!(host.case(case).past[0].how, side::Ending::Withdrawn);
    let again = host.in_side(rep, case, back, vec![]);
    assert_eq!(code(again), "thing.absent");
    host.offer(member(1, LEAD), case, 3).unwrap();

    let (_, tied) = host.offered(2);
    host.act(member(1, LEAD), tied, withdraw).unwrap();
    let requests = host.of_orgs();
    assert!(
        !requests
            .iter()
            .any(|(_, ask)| matches!(ask, org::Ask::Withdraw { .. }))
    );
    let told = (inbox::What::ReferralWithdrawn, tied, Seq(3));
    assert!(host.needs(member(2, LEAD)).contains(&told));
}

#[test]
fn what_was_accepted_may_be_given_back_for_ten_days_and_goes_to_another() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    let returns = || Command::Return {
        reason: DeclineReason::BadFit,
    };
    let lead = member(2, LEAD);
    assert!(state(host.act(lead, referral, returns())).contains("after it was accepted"));
    host.accept(2, referral).unwrap();
    host.act(lead, referral, Command::Contacted {}).unwrap();
    assert_eq!(
        code(host.act(member(2, Role::Rep), referral, returns())),
        "role.too_low"
    );
    assert!(state(host.offer(member(1, LEAD), case, 3)).starts_with("this was accepted"));
    host.wait(limits::REFERRAL_RETURN_SPAN);
    host.act(lead, referral, returns()).unwrap();
    let side = host.referral(referral).handoff.as_ref().unwrap().side;
    assert_eq!(host.side(side).over, Some(side::Ending::Returned));
    let told = host.needs(member(1, Role::Rep));
    assert!(
        told.iter()
            .any(|need| need.0 == inbox::What::ReferralReturned)
    );
    assert!(state(host.offer(member(1, LEAD), case, 2)).contains("given it back"));
    let second = host.offer(member(1, LEAD), case, 3).unwrap();
    assert_ne!(second, referral);

    let mut host = Host::new();
    let (_, referral) = host.offered(2);
    host.accept(2, referral).unwrap();
    host.act(lead, referral, Command::Contacted {}).unwrap();
    host.wait(limits::REFERRAL_RETURN_SPAN + Span::millis(1));
    assert!(state(host.act(lead, referral, returns())).contains("ten days"));
    host.act(lead, referral, Command::Qualified {}).unwrap();
    assert!(state(host.act(lead, referral, returns())).contains("before it is qualified"));
}

#[test]
fn each_side_moderates_its_own() {
    use crate::room::talk;
    let mut host = Host::new();
    let (_, referral) = host.offered(2);
    let (ours, theirs) = (member(1, LEAD), member(2, LEAD));
    let say = |host: &mut Host, by| {
        let body = host.text(TextKind::Body, "When may we call?");
        let say = talk::Command::Say {
            thread: None,
            mentions: BTreeSet::new(),
        };
        host.send(by, referral, command::Command::Talk(say), vec![body])
            .unwrap();
        host.rooms[&referral].room.head.seq
    };
    let target = say(&mut host, theirs);
    let mut moderate = |by, what: talk::Command| {
        let texts = what.slots();
        let texts = texts
            .into_iter()
            .map(|(_, kind)| host.text(kind, "Because"))
            .collect();
        host.send(by, referral, command::Command::Talk(what), texts)
    };
    let redact = || talk::Command::Redact {
        target,
        reason: talk::RedactReason::OffTopic,
    };
    let mute = |member| talk::Command::Mute {
        member,
        span: Span::hours(1),
    };
    assert_eq!(code(moderate(ours, redact())), "role.other");
    assert_eq!(code(moderate(ours, mute(theirs))), "role.other");
    moderate(theirs, redact()).unwrap();
    moderate(ours, mute(member(1, Role::Rep))).unwrap();
}
