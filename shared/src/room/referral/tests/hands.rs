//! A referral goes to a colleague, on either side, and with it whatever its clocks say.

use super::*;
use crate::room::HandOver;

fn hand_over(host: &mut Host, room: RoomId, of: u8, from: MemberId, to: MemberId) {
    let org = org_id(of);
    let by = Some(member(of, Role::Admin));
    host.ask(room, Asked::HandOver(HandOver { org, from, to }), by);
}

fn told(host: &Host, who: MemberId, what: inbox::What) -> bool {
    host.needs(who).iter().any(|(told, ..)| *told == what)
}

#[test]
fn whoever_has_the_case_by_then_hears_what_became_of_the_offer() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    let (had, has) = (member(1, Role::Rep), member(1, LEAD));
    assert!(host.admits(case, had) && host.admits(referral, had));
    // The case alone is asked: the offer follows it.
    hand_over(&mut host, case, 1, had, has);
    assert_eq!(host.side(case).owner, Some(has));
    assert!(!host.admits(case, had) && !host.admits(referral, had));
    assert!(told(&host, has, inbox::What::HandedOver));
    let decline = Command::Decline {
        reason: DeclineReason::Capacity,
    };
    host.act(member(2, LEAD), referral, decline).unwrap();
    assert!(told(&host, has, inbox::What::ReferralDeclined));
    assert!(!told(&host, had, inbox::What::ReferralDeclined));
    let before = host.log(referral).len();
    hand_over(&mut host, referral, 1, had, has);
    assert_eq!(host.log(referral).len(), before);
    host.check();
}

#[test]
fn whoever_works_on_it_by_then_is_told_that_the_customer_waits() {
    let mut host = Host::new();
    let (_, referral) = host.offered(2);
    let (had, has) = (member(2, Role::Rep), member(2, Role::Viewer));
    let people = BTreeSet::from([had]);
    let from = org_id(1);
    host.act(member(2, LEAD), referral, Command::Accept { from, people })
        .unwrap();
    hand_over(&mut host, referral, 2, had, has);
    assert!(host.admits(referral, has) && !host.admits(referral, had));
    host.wait(Span::days(4));
    assert!(told(&host, has, inbox::What::ContactMissed));
    assert!(!told(&host, had, inbox::What::ContactMissed));
    // A sender's admin hands over nothing of the receiver's.
    let before = host.log(referral).len();
    hand_over(&mut host, referral, 1, has, member(1, LEAD));
    assert_eq!(host.log(referral).len(), before);
    host.check();
}

#[test]
fn whoever_has_an_offer_to_a_stranger_reads_it_no_sooner_than_the_other_did() {
    let mut host = Host::new();
    let (case, referral) = host.offered(3);
    let (had, has) = (member(1, Role::Rep), member(1, Role::Viewer));
    hand_over(&mut host, case, 1, had, has);
    assert_eq!(host.referral(referral).owner, has);
    assert!(!host.admits(referral, had) && !host.admits(referral, has));
    host.tie(1, 3);
    let (org, root) = (org_id(3), host.people[&member(3, LEAD)].org.root.unwrap());
    let join = Asked::Referral(Box::new(Ask::Join { org, root }));
    host.ask(referral, join, None);
    assert!(!host.admits(referral, had) && host.admits(referral, has));
    let since = |host: &Host, who: MemberId| {
        let audience = &host.rooms[&referral].room.audience;
        audience
            .admits(&host.people[&who], |_| false)
            .unwrap()
            .since
    };
    let joined = since(&host, has);
    assert!(joined > Seq::ZERO);
    hand_over(&mut host, case, 1, has, had);
    assert!(!host.admits(referral, has));
    assert_eq!(since(&host, had), joined);
    host.check();
}
