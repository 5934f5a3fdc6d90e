//! What was signed, what it binds, and who keeps it.

use super::*;

#[test]
fn each_party_keeps_what_was_signed() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    let keeps = |host: &Host| {
        let mut kept = vec![];
        for (at, record::Ask::Keep { entry, by, root }) in host.of_records() {
            let copy = Entry::decode(entry.as_bytes()).unwrap();
            let statement = copy.statement.as_ref().unwrap();
            let said = statement.verify(SERVER, *root).expect("it proves alone");
            assert_eq!(said.org, *by);
            kept.push((at, copy));
        }
        kept
    };
    let [(at, shown)] = &keeps(&host)[..] else {
        panic!("the receiver keeps that it was shown an offer");
    };
    assert_eq!(
        (*at, shown.kind.as_str()),
        (RoomId::record(org_id(2)), "referral.shown")
    );
    let said = shown.statement.as_ref().unwrap().read().unwrap();
    assert_eq!(said.kind, "side.offer");
    assert!(
        !serde_json::to_string(&said).unwrap().contains("retail"),
        "people who do not read the Referral read the statement"
    );
    host.accept(2, referral).unwrap();
    assert_eq!(
        keeps(&host),
        [],
        "from acceptance on it has a Side for that"
    );
    let lead = member(2, LEAD);
    let returns = Command::Return {
        reason: DeclineReason::Duplicate,
    };
    host.act(lead, referral, returns).unwrap();
    let theirs = host.referral(referral).handoff.as_ref().unwrap().side;
    let kinds = |side| {
        let kept = host.kept(side);
        let kinds = kept.iter().map(|entry| entry.kind.clone());
        kinds.collect::<Vec<_>>()
    };
    let ours = kinds(case);
    assert_eq!(
        ours,
        ["referral.opened", "referral.accepted", "referral.returned"]
    );
    assert_eq!(kinds(theirs), ["referral.accepted", "referral.returned"]);
    for side in [case, theirs] {
        for copy in host.kept(side) {
            let original = &host.log(referral)[usize::try_from(copy.seq.0).unwrap() - 1];
            assert_eq!(
                copy.hash(),
                original.hash(),
                "the same link of the same chain"
            );
            assert_eq!(copy, original.clone().erased());
        }
    }
    host.check();
}

#[test]
fn an_answer_binds_the_offer_and_the_offer_binds_its_draft() {
    let mut host = Host::new();
    let (_, referral) = host.offered(2);
    host.accept(2, referral).unwrap();
    let opening = host.log(referral)[0].clone();
    let accepted = host
        .log(referral)
        .iter()
        .find(|entry| entry.kind == "referral.accepted");
    let said = accepted
        .unwrap()
        .statement
        .as_ref()
        .unwrap()
        .read()
        .unwrap();
    assert_eq!(said.subject, opening.hash());
    let offered = opening.statement.as_ref().unwrap().read().unwrap();
    assert_eq!(
        offered.subject,
        crate::id::Hash::ZERO,
        "the commitments say which draft it was"
    );
    let event::Event::Referral(Event::Opened { promise, .. }) = &opening.event else {
        panic!("an opening");
    };
    for commitment in [promise.shown(), promise.full()] {
        assert!(offered.facts.contains(&commitment.to_string()));
    }
    assert_eq!(
        opening.texts[0].as_ref().unwrap().commitment(),
        promise.need
    );
}
