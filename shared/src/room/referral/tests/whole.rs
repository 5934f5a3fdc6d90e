//! The story from the first find to the end of the deal, and what is shown when.

use super::*;

#[test]
fn from_find_to_sent_is_two_commands_and_to_won_six_more() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    let (rep, lead) = (member(1, Role::Rep), member(2, LEAD));
    assert_eq!(
        host.kinds(case)[..3],
        ["side.opened", "side.drafted", "side.offered"]
    );
    assert_eq!(host.kinds(referral), ["referral.opened", "referral.shown"]);
    assert_eq!(
        host.needs(lead),
        [(inbox::What::ReferralOffered, referral, Seq(2))],
        "a Lead of the receiver is told"
    );
    assert_eq!(host.needs(member(2, Role::Rep)), [], "a Rep is not");

    host.act(lead, referral, Command::View {}).unwrap();
    assert_eq!(code(host.act(lead, referral, Command::View {})), "already");
    host.accept(2, referral).unwrap();
    assert_eq!(host.needs(lead), [], "it is answered");
    let accepted = host.now;
    let found = host.referral(referral).clone();
    let handoff = found.handoff.unwrap();
    assert_eq!(handoff.contact_by, accepted + Span::hours(72));
    assert_eq!(handoff.return_by, accepted + Span::days(10));
    assert!(
        host.kinds(referral)
            .ends_with(&["referral.accepted", "referral.disclosed"])
    );
    assert_eq!(host.side(handoff.side).org, org_id(2));
    assert!(
        host.needs(rep)
            .contains(&(inbox::What::ReferralAccepted, referral, Seq(4)))
    );

    let theirs = member(2, Role::Rep);
    assert!(host.admits(referral, theirs) && host.admits(handoff.side, theirs));
    host.act(theirs, referral, Command::Contacted {}).unwrap();
    host.act(theirs, referral, Command::Qualified {}).unwrap();
    let convert = Command::Convert {};
    assert_eq!(
        code(host.act(theirs, referral, convert.clone())),
        "role.too_low"
    );
    host.act(lead, referral, convert).unwrap();
    opens_the_deal(&host, referral);

    let outcome = Asked::Referral(Box::new(Ask::Outcome {
        outcome: Outcome::Won,
    }));
    host.ask(referral, outcome.clone(), Some(member(3, LEAD)));
    let last = host.log(referral).last().unwrap();
    assert_eq!(last.kind, "referral.concluded");
    assert_eq!(last.author.member(), None, "who ended the deal stays there");
    for side in [case, handoff.side] {
        let last = host.log(side).last().unwrap();
        assert_eq!(
            (last.kind.as_str(), last.author.member()),
            ("side.closed", None)
        );
    }
    assert_eq!(host.case(case).over(), Some(side::Ending::Won));
    assert_eq!(host.side(handoff.side).over, Some(side::Ending::Won));
    assert_eq!(state(host.offer(rep, case, 3)), "this case is over");
    host.ask(referral, outcome, None);
    assert_eq!(
        host.log(referral).last().unwrap().kind,
        "referral.concluded"
    );
    assert_eq!(
        host.referral(referral).at,
        host.rooms[&referral].room.head.seq
    );
    host.check();
}

fn opens_the_deal(host: &Host, referral: RoomId) {
    let Stage::Converted { deal: room } = host.referral(referral).stage else {
        panic!("not converted");
    };
    let mut asks = vec![];
    for (address, ask) in &host.asked {
        if let Asked::Deal(ask) = ask {
            asks.push((address, &**ask));
        }
    }
    let [
        (
            address,
            deal::Ask::Open {
                host: (hosts, root),
                parties,
                people,
                title,
                origin,
                ..
            },
        ),
        (to_itself, deal::Ask::Tie { with }),
    ] = asks[..]
    else {
        panic!("one deal opens, and looks at what is in force");
    };
    assert_eq!((to_itself, with), (address, &[org_id(2), org_id(1)]));
    assert_eq!(*address, Address::Room(room));
    assert_eq!(*hosts, org_id(2));
    assert_eq!(Some(*root), host.people[&member(2, LEAD)].org.root);
    assert_eq!(parties.len(), 1);
    assert_eq!(parties[0].0, org_id(1));
    let expected = [
        (member(2, Role::Rep), org_id(2)),
        (member(2, LEAD), org_id(2)),
        (member(1, Role::Rep), org_id(1)),
    ];
    assert_eq!(people[..], expected);
    assert_eq!(title.text.as_str(), "The title in words");
    assert_eq!(*origin, Some(referral));
}

#[test]
fn what_is_held_back_is_nowhere_before_acceptance_and_there_with_it() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    host.act(member(2, LEAD), referral, Command::View {})
        .unwrap();
    let senders = [case, RoomId::inbox(member(1, Role::Rep))];
    for id in host.rooms.keys() {
        assert_eq!(host.shows(*id), senders.contains(id), "{id}");
    }
    host.accept(2, referral).unwrap();
    let disclosed = host.log(referral).last().unwrap();
    let texts: Vec<&str> = disclosed
        .texts
        .iter()
        .flatten()
        .map(|text| text.text.as_str())
        .collect();
    assert_eq!(texts, SEALED[..3], "customer, contact, notes");
    let Some(accepted) = host.log(referral).iter().rev().nth(1) else {
        panic!("an acceptance");
    };
    assert_eq!(
        (accepted.kind.as_str(), accepted.at),
        ("referral.accepted", disclosed.at)
    );
    let state = host.referral(referral);
    assert_eq!(state.dossier.len(), 3);
    for (at, text) in state.dossier.iter().zip(&SEALED) {
        let standing = host.rooms[&referral].texts.get(*at).unwrap();
        assert_eq!(standing.text.as_str(), *text);
    }
    assert!(
        !host.shows(state.handoff.as_ref().unwrap().side),
        "no copy in the receiver's Side"
    );
    let basis = host.rooms[&referral].log.iter().map(Entry::encode);
    assert!(
        basis
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .all(|text| !text.contains(SEALED[3])),
        "how the consent was obtained stays with the sender"
    );
    host.check();
}

#[test]
fn the_disclosure_is_what_was_promised_or_nothing() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    let other = host.text(TextKind::Name, "Somebody else");
    let disclose = |texts| Asked::Referral(Box::new(Ask::Disclose { texts }));
    host.ask(
        referral,
        disclose(vec![other.clone(), other.clone(), other]),
        None,
    );
    let right: Vec<SaltedText> = host.log(case)[1].texts[1..4]
        .iter()
        .flatten()
        .cloned()
        .collect();
    host.ask(referral, disclose(right.clone()), None);
    assert!(host.referral(referral).dossier.is_empty());
    host.accept(2, referral).unwrap();
    let length = host.log(referral).len();
    host.ask(referral, disclose(right), None);
    assert_eq!(host.log(referral).len(), length, "and once");
    let said = host.referral(referral).promise.dossier.clone();
    let disclosed = host.log(referral).last().unwrap();
    let shown = disclosed.texts.iter().flatten().map(SaltedText::commitment);
    assert!(shown.eq(said));
}

#[test]
fn the_steps_are_taken_in_order_and_once() {
    let mut host = Host::new();
    let (_, referral) = host.offered(2);
    let lead = member(2, LEAD);
    let steps = [
        Command::Contacted {},
        Command::Qualified {},
        Command::Convert {},
    ];
    for step in &steps {
        assert_eq!(code(host.act(lead, referral, step.clone())), "state");
    }
    host.accept(2, referral).unwrap();
    assert_eq!(state(host.accept(2, referral)), "this was accepted already");
    for (done, step) in steps.iter().enumerate() {
        for (other, wrong) in steps.iter().enumerate() {
            if other != done {
                assert_eq!(code(host.act(lead, referral, wrong.clone())), "state");
            }
        }
        host.act(lead, referral, step.clone()).unwrap();
    }
}
