//! Requests to connect that bring a referral.

use super::*;

#[test]
fn one_answer_takes_the_referral_too_or_not() {
    for (take, connected) in [
        (Take::Both, true),
        (Take::Connection, true),
        (Take::Neither, false),
    ] {
        let mut two = two();
        let (b, org_a, org_b) = (two.b, two.org_a, two.org_b);
        let room = two.offer();
        let root = two.host.org(org_b).root.unwrap();
        let shown = referral::Ask::Show { org: org_b, root };
        assert_eq!(two.referral_asks(), [shown]);
        let knock = two.host.org(org_b).knocked[&org_a].clone();
        assert_eq!(knock.referral, Some(room));
        let people = if take == Take::Both { vec![b] } else { vec![] };
        if take == Take::Both {
            let none = two.reply(b, org_a, knock.matter, take, &[]).unwrap_err();
            assert_eq!(none.field(), "people");
            let strangers = two.reply(b, org_a, knock.matter, take, &[two.a]);
            assert_eq!(strangers, Err(Rejection::NoSuchThing("people")));
        }
        two.reply(b, org_a, knock.matter, take, &people).unwrap();
        let answered = two.referral_asks();
        let joined =
            matches!(answered.last(), Some(referral::Ask::Join { org, .. }) if *org == org_b);
        assert_eq!(joined, connected, "after it is answered, so to no effect");
        let answered = answered[answered.len() - 1 - usize::from(joined)].clone();
        match take {
            Take::Both => assert_eq!(
                answered,
                referral::Ask::Accept {
                    people: people.into_iter().collect()
                }
            ),
            Take::Connection | Take::Neither => {
                assert!(matches!(answered, referral::Ask::Decline { .. }));
            }
        }
        assert_eq!(two.host.relation(org_a, org_b).is_some(), connected);
    }
}

#[test]
fn a_request_with_a_referral_goes_when_the_offer_goes() {
    let mut two = two();
    two.connect(two.a, two.org_b).unwrap();
    let referral = two.offer();
    assert_eq!(two.host.org(two.org_a).day.unwrap().requests, 2);
    let by_hand = two.run(two.a, org::Command::Withdraw { to: two.org_b });
    assert!(by_hand.unwrap_err().to_string().contains("offer"));
    let before = two.host.head(RoomId::org(two.org_a));
    two.offer();
    assert_eq!(
        two.host.head(RoomId::org(two.org_a)),
        before,
        "asked twice is asked once"
    );
    let withdraw = |referral| {
        let to = two.org_b;
        Ask::Org(Box::new(org::Ask::Withdraw { to, referral }))
    };
    let other = RoomId::new(RoomKind::Referral, [8; 16]);
    let room = RoomId::org(two.org_a);
    let (not_that, that) = (withdraw(other), withdraw(referral));
    two.host.ask(two.a, room, &not_that);
    assert!(!two.host.org(two.org_a).asked.is_empty());
    two.host.ask(two.a, room, &that);
    two.host.check();
    assert!(two.host.org(two.org_a).asked.is_empty());
    assert!(two.host.org(two.org_b).knocked.is_empty());
}

#[test]
fn an_offer_that_crosses_a_request_connects_and_is_shown() {
    let mut two = two();
    two.connect(two.b, two.org_a).unwrap();
    two.offer();
    assert!(two.host.relation(two.org_a, two.org_b).is_some());
    let root = two.host.org(two.org_b).root.unwrap();
    let org = two.org_b;
    assert_eq!(
        two.referral_asks(),
        [
            referral::Ask::Show { org, root },
            referral::Ask::Join { org, root }
        ]
    );
}

#[test]
fn whoever_was_not_heard_is_shown_once_the_other_connects() {
    for deaf in [true, false] {
        let mut two = two();
        let (b, org_a, org_b) = (two.b, two.org_a, two.org_b);
        if deaf {
            let (preference, at) = (Preference::DenyAll, Seq::ZERO);
            two.run(b, org::Command::Prefer { preference, at }).unwrap();
        }
        let first = two.offer();
        let root = two.host.org(org_b).root.unwrap();
        assert_eq!(two.host.org(org_b).knocked.is_empty(), deaf);
        let before = two.referral_asks().len();
        assert_eq!(before, usize::from(!deaf));
        let sent = two.host.org(org_a).strangers.clone();
        assert_eq!((sent[0].referral, sent[0].to), (first, org_b));
        // They do not reply: they ask in their turn.
        two.connect(b, org_a).unwrap();
        assert!(two.host.relation(org_a, org_b).is_some());
        let join = referral::Ask::Join { org: org_b, root };
        assert_eq!(two.referral_asks()[before..], [join]);
        two.host.check();
    }
}

#[test]
fn what_is_taken_back_or_forgotten_is_not_shown_by_a_connection() {
    let mut two = two();
    let referral = two.offer();
    let to = two.org_b;
    let withdraw = Ask::Org(Box::new(org::Ask::Withdraw { to, referral }));
    two.host.ask(two.a, RoomId::org(two.org_a), &withdraw);
    assert!(two.host.org(two.org_a).strangers.is_empty());
    for place in 0..limits::STRANGERS_MAX + 3 {
        let bits = [u8::try_from(place % 250).unwrap(); 16];
        let referral = RoomId::new(RoomKind::Referral, bits);
        let words = SaltedText {
            salt: Salt([6; 32]),
            text: Text::parse("Again").unwrap(),
        };
        let asked = org::Ask::Asked {
            to,
            words,
            referral,
        };
        two.host
            .ask(two.a, RoomId::org(two.org_a), &Ask::Org(Box::new(asked)));
    }
    let kept = two.host.org(two.org_a).strangers.len();
    assert_eq!(kept, limits::STRANGERS_MAX);
    let before = two.referral_asks().len();
    two.connect(two.b, two.org_a).unwrap();
    let joined = two.referral_asks().len() - before;
    assert_eq!(joined, limits::STRANGERS_JOINED_MAX);
}
