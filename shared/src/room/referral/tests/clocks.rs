//! Stories in which time runs out.

use super::*;

#[test]
fn an_offer_runs_out_to_the_millisecond() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    let until = host.referral(referral).until;
    assert_eq!(until, host.now + Span::hours(168));
    host.wait(limits::REFERRAL_ACCEPT_SPAN - Span::millis(1));
    assert_eq!(host.referral(referral).stage, Stage::Offered);
    // Nobody waits for the clock: the next command lets it run out first.
    host.now = until;
    assert_eq!(state(host.accept(2, referral)), "this is over");
    assert_eq!(host.referral(referral).stage, Stage::Expired);
    assert_eq!(
        host.log(referral).last().unwrap().author,
        crate::entry::Author::Rule
    );
    assert_eq!(host.case(case).past[0].how, side::Ending::Expired);
    host.offer(member(1, LEAD), case, 2)
        .expect("who did not answer may be asked again");
    host.check();
}

#[test]
fn a_replica_whose_clock_has_not_fired_says_no_too() {
    let mut host = Host::new();
    let (_, referral) = host.offered(2);
    let stored = &host.rooms[&referral];
    let who = &host.people[&member(2, LEAD)];
    let own = crate::room::Own::default();
    let case = crate::room::Case {
        id: referral,
        room: &stored.room,
        texts: &stored.texts,
        admission: crate::room::Admission::Seat {
            role: LEAD,
            since: Seq::ZERO,
            own: &own,
        },
        actor: crate::room::Actor::Member(who),
        tie: None,
        other: None,
        named: &[],
        cited: None,
        home: None,
        claim: None,
        code_used: false,
        policy: crate::room::Policy::None,
        server: SERVER,
        fresh: &[],
        now: host.now + limits::REFERRAL_ACCEPT_SPAN,
    };
    let view = crate::entry::Worded::plain(command::Command::Referral(Command::View {}));
    assert_eq!(
        crate::room::decide(&case, &view),
        Err(Rejection::State("the time to answer is over"))
    );
}

#[test]
fn an_offer_that_ran_out_while_the_server_was_down_gets_one_hour_once() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    host.down(Span::days(8));
    assert_eq!(host.kinds(referral).last(), Some(&"referral.extended"));
    let until = host.now + Span::hours(1);
    assert_eq!(host.referral(referral).until, until);
    let live = host.case(case).live.as_ref().map(|live| live.until);
    assert_eq!(live, Some(until), "as its sender sees it in the case");
    host.down(Span::minutes(59));
    assert_eq!(host.kinds(referral).last(), Some(&"referral.extended"));
    host.act(member(2, LEAD), referral, Command::View {})
        .unwrap();
    host.down(Span::minutes(1));
    assert_eq!(
        host.kinds(referral).last(),
        Some(&"referral.expired"),
        "not a second time"
    );
    host.check();
}

#[test]
fn a_missed_contact_is_told_once_to_both_and_ends_nothing() {
    let mut host = Host::new();
    let (_, referral) = host.offered(2);
    host.accept(2, referral).unwrap();
    host.down(limits::REFERRAL_CONTACT_SPAN);
    assert_eq!(
        host.kinds(referral).last(),
        Some(&"referral.contact_missed"),
        "never extended"
    );
    let seq = host.rooms[&referral].room.head.seq;
    for who in [member(1, Role::Rep), member(2, Role::Rep)] {
        assert!(
            host.needs(who)
                .contains(&(inbox::What::ContactMissed, referral, seq))
        );
    }
    host.wait(Span::days(5));
    assert_eq!(host.rooms[&referral].room.head.seq, seq);
    let handoff = host.referral(referral).handoff.clone().unwrap();
    assert!(handoff.missed);
    host.act(member(2, LEAD), referral, Command::Contacted {})
        .unwrap();
    assert_eq!(host.referral(referral).stage, Stage::Contacted);
    for who in [member(1, Role::Rep), member(2, Role::Rep)] {
        let late = (inbox::What::ContactMissed, referral, seq);
        assert!(!host.needs(who).contains(&late), "they did after all");
    }
}
