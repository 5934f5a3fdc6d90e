//! Stories of the sender's side alone: the draft, to whom it may be offered, who sits there, and passing on.

use super::*;

fn own_draft(host: &mut Host, side: RoomId, draft: &side::Draft) -> Result<(), Rejection> {
    let at = host.case(side).draft.at;
    let texts = host.texts(draft);
    let draft = draft.clone();
    host.in_side(
        member(1, LEAD),
        side,
        side::Command::Draft { at, draft },
        texts,
    )
}

#[test]
fn the_owner_and_the_leads_of_the_organisation_see_a_case_and_nobody_else() {
    let mut host = Host::new();
    let case = host.open_case(&draft());
    for (who, sees) in [
        (member(1, Role::Rep), true),
        (member(1, LEAD), true),
        (member(1, Role::Admin), true),
        (member(1, Role::Viewer), false),
        (member(2, Role::Admin), false),
    ] {
        assert_eq!(host.admits(case, who), sees, "{who}");
    }
    let viewer = member(1, Role::Viewer);
    let texts = host.texts(&draft());
    let open = inbox::Command::OpenCase { draft: draft() };
    let open = command::Command::Inbox(open);
    assert_eq!(
        code(host.send(viewer, RoomId::inbox(viewer), open, texts)),
        "role.too_low"
    );
    assert_eq!(code(host.offer(member(2, LEAD), case, 3)), "room.absent");
}

#[test]
fn people_of_the_own_organisation_are_seated_and_unseated() {
    let mut host = Host::new();
    let case = host.open_case(&draft());
    let (lead, viewer) = (member(1, LEAD), member(1, Role::Viewer));
    let add = |member, role| side::Command::Add { member, role };
    host.in_side(lead, case, add(viewer, Role::Viewer), vec![])
        .unwrap();
    assert!(host.admits(case, viewer));
    assert_eq!(host.needs(viewer)[0].0, inbox::What::Seated);
    for (what, expected) in [
        (add(viewer, Role::Viewer), "already"),
        (add(viewer, Role::Admin), "value"),
        (add(member(2, Role::Rep), Role::Rep), "thing.absent"),
        (add(member(1, Role::Rep), Role::Viewer), "state"),
        (
            side::Command::Remove {
                member: member(1, Role::Rep),
            },
            "state",
        ),
        (
            side::Command::Remove {
                member: member(1, Role::Admin),
            },
            "thing.absent",
        ),
    ] {
        assert_eq!(
            code(host.in_side(lead, case, what.clone(), vec![])),
            expected,
            "{what:?}"
        );
    }
    assert_eq!(code(host.offer(viewer, case, 2)), "role.too_low");
    let remove = side::Command::Remove { member: viewer };
    assert_eq!(
        code(host.in_side(viewer, case, remove.clone(), vec![])),
        "role.too_low"
    );
    host.in_side(lead, case, remove, vec![]).unwrap();
    assert!(!host.admits(case, viewer));
    assert_eq!(host.needs(viewer)[1].0, inbox::What::Unseated);
    host.check();
}

#[test]
fn one_offer_is_out_at_a_time_and_never_to_whom_it_may_not_go() {
    let mut host = Host::new();
    let (case, first) = host.offered(2);
    let rep = member(1, Role::Rep);
    assert!(state(host.offer(rep, case, 3)).starts_with("an offer is out"));
    let decline = Command::Decline {
        reason: DeclineReason::Territory,
    };
    host.act(member(2, LEAD), first, decline).unwrap();
    assert!(state(host.offer(rep, case, 2)).contains("declined this case"));
    assert!(state(host.offer(rep, case, 4)).contains("excludes"));
    assert_eq!(code(host.offer(rep, case, 1)), "value");
    assert_eq!(code(host.offer(rep, case, 77)), "thing.absent");
    let second = host.offer(rep, case, 3).unwrap();
    let past = &host.case(case).past;
    assert_eq!(
        (past.len(), past[0].room, past[0].disclosed),
        (1, first, false)
    );
    assert_ne!(first, second);
    let told = host.needs(rep);
    assert!(told.contains(&(inbox::What::ReferralDeclined, first, Seq(3))));
}

#[test]
fn who_is_suspended_is_offered_nothing() {
    let mut host = Host::new();
    let case = host.open_case(&draft());
    for person in host.people.values_mut() {
        if person.org.id == org_id(2) {
            person.org.status = crate::standing::Status::Suspended;
        }
    }
    assert!(state(host.offer(member(1, LEAD), case, 2)).contains("takes no part"));
}

#[test]
fn the_way_of_offering_fits_the_connection() {
    let mut host = Host::new();
    let case = host.open_case(&draft());
    let drafted = host.case(case).draft.clone();
    let promise = drafted.value.unwrap().promise().unwrap();
    let (shown, full) = (promise.shown(), promise.full());
    let offer = |to| side::Command::Offer { to, shown, full };
    let request = |to| side::Command::OfferWithRequest { to, shown, full };
    let rep = member(1, Role::Rep);
    let stranger = host.in_side(rep, case, offer(org_id(3)), vec![]);
    assert!(state(stranger).contains("not connected"));
    let words = host.text(TextKind::Words, "We know each other");
    let tied = host.in_side(rep, case, request(org_id(2)), vec![words]);
    assert!(state(tied).contains("without a request"));
    let other = side::Command::Offer {
        to: org_id(2),
        shown: full,
        full,
    };
    assert_eq!(
        code(host.in_side(rep, case, other, vec![])),
        "stale",
        "signs what it offers"
    );
    // The same words again are another draft: each is salted anew.
    own_draft(&mut host, case, &draft()).unwrap();
    let stale = host.in_side(rep, case, offer(org_id(2)), vec![]);
    assert_eq!(stale, Err(Rejection::Stale(host.case(case).draft.at)));
}

#[test]
fn consent_and_a_contact_come_before_an_offer() {
    let mut host = Host::new();
    let case = host.open_case(&draft());
    let rep = member(1, Role::Rep);
    let mut part = draft();
    part.consent = None;
    own_draft(&mut host, case, &part).unwrap();
    assert!(state(host.offer(rep, case, 2)).contains("consent is not recorded"));
    let mut consent = draft().consent.unwrap();
    consent.share_pii = false;
    part.consent = Some(consent);
    own_draft(&mut host, case, &part).unwrap();
    assert!(state(host.offer(rep, case, 2)).contains("has not agreed"));
    part = draft();
    part.contact = false;
    own_draft(&mut host, case, &part).unwrap();
    assert!(state(host.offer(rep, case, 2)).contains("nobody to contact"));
    part = draft();
    part.notes = false;
    own_draft(&mut host, case, &part).unwrap();
    let referral = host.offer(rep, case, 2).unwrap();
    host.accept(2, referral).unwrap();
    assert_eq!(
        host.referral(referral).dossier.len(),
        2,
        "customer and contact"
    );
    let event::Event::Referral(Event::Disclosed { notes, .. }) =
        &host.log(referral).last().unwrap().event
    else {
        panic!("a disclosure");
    };
    assert_eq!(*notes, None);
}

#[test]
fn a_draft_holds_only_what_can_be() {
    let mut host = Host::new();
    let case = host.open_case(&draft());
    let wrong = |change: fn(&mut side::Draft)| {
        let mut draft = draft();
        change(&mut draft);
        draft
    };
    let minus = |draft: &mut side::Draft| {
        let amount = crate::money::Money::new(-1, Currency::EUR).unwrap();
        draft.terms.fee = side::Fee::Flat(amount);
    };
    for (draft, field) in [
        (
            wrong(|draft| draft.terms.fee = side::Fee::Bps(10_001)),
            "fee",
        ),
        (wrong(minus), "fee"),
        (wrong(|draft| draft.terms.months = 0), "months"),
        (wrong(|draft| draft.terms.months = 121), "months"),
        (
            wrong(|draft| draft.consent.as_mut().unwrap().obtained_at = Date::MAX),
            "obtained_at",
        ),
        (
            wrong(|draft| draft.excluded = (0..=100).map(org_id).collect()),
            "excluded",
        ),
    ] {
        let refused = own_draft(&mut host, case, &draft).unwrap_err();
        assert_eq!(refused.field(), field);
    }
    let mut texts = host.texts(&draft());
    texts[3] = host.text(TextKind::Full, &"x".repeat(limits::FULL_BYTES_MAX));
    let at = host.case(case).draft.at;
    let set = side::Command::Draft { at, draft: draft() };
    let refused = host.in_side(member(1, LEAD), case, set, texts).unwrap_err();
    assert_eq!(
        refused.field(),
        "bytes of the full part",
        "all texts of it count"
    );
    let edge = wrong(|draft| draft.terms.fee = side::Fee::Bps(10_000));
    own_draft(&mut host, case, &edge).unwrap();
}

#[test]
fn a_draft_is_replaced_by_who_saw_it_and_an_offer_keeps_its_own() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    let texts = host.texts(&draft());
    let set = side::Command::Draft {
        at: Seq(1),
        draft: draft(),
    };
    assert_eq!(
        host.in_side(member(1, LEAD), case, set, texts),
        Err(Rejection::Stale(Seq(2)))
    );
    let mut other = draft();
    (other.notes, other.excluded) = (false, BTreeSet::new());
    own_draft(&mut host, case, &other).unwrap();
    host.check();
    host.accept(2, referral).unwrap();
    let disclosed = host.log(referral).last().unwrap();
    assert_eq!(
        disclosed.texts.len(),
        3,
        "the notes of the draft that was offered too"
    );
    host.check();
}

#[test]
fn an_undisclosed_draft_can_be_erased_everywhere_by_its_author() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    let rep = member(1, Role::Rep);
    let erase = |target| side::Command::EraseDraft { target };
    let early = host.in_side(rep, case, erase(Seq(2)), vec![]);
    assert!(state(early).contains("is out"));
    let withdraw = Command::Withdraw {};
    host.act(rep, referral, withdraw).unwrap();
    assert_eq!(
        code(host.in_side(member(1, LEAD), case, erase(Seq(2)), vec![])),
        "role.other"
    );
    assert_eq!(
        code(host.in_side(rep, case, erase(Seq(3)), vec![])),
        "entry.absent"
    );
    assert!(host.shows(case) && host.shows(RoomId::inbox(rep)));
    host.in_side(rep, case, erase(Seq(2)), vec![]).unwrap();
    for id in host.rooms.keys() {
        assert!(!host.shows(*id), "{id} still holds it");
    }
    assert_eq!(
        code(host.in_side(rep, case, erase(Seq(2)), vec![])),
        "already"
    );
    assert_eq!(host.case(case).draft.value, None);
    host.check();
    own_draft(&mut host, case, &draft()).unwrap();
    host.offer(rep, case, 2).unwrap();
    host.check();
}

#[test]
fn what_was_disclosed_its_author_erases_no_more() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    host.accept(2, referral).unwrap();
    let rep = member(1, Role::Rep);
    let erase = || side::Command::EraseDraft { target: Seq(2) };
    let out = host.in_side(rep, case, erase(), vec![]);
    assert!(state(out).contains("only the server's operator"));
    let returns = Command::Return {
        reason: DeclineReason::Other,
    };
    host.act(member(2, LEAD), referral, returns).unwrap();
    let back = host.in_side(rep, case, erase(), vec![]);
    assert!(state(back).contains("only the server's operator"));
}

#[test]
fn what_the_operator_erased_is_not_given_out_in_part() {
    let mut host = Host::new();
    let (case, referral) = host.offered(2);
    host.rooms.get_mut(&case).unwrap().texts.erase(&[Seq(2)]);
    host.accept(2, referral).unwrap();
    assert_eq!(host.kinds(referral).last(), Some(&"referral.accepted"));
    let live = host.case(case).live.as_ref().unwrap();
    assert!(live.released, "there is nothing left to give out");
}

/// The second organisation accepts, and refers on to the third.
fn passed_on(host: &mut Host, to: u8) -> (RoomId, RoomId, RoomId) {
    let (_, first) = host.offered(2);
    host.accept(2, first).unwrap();
    let side = host.referral(first).handoff.as_ref().unwrap().side;
    let mut draft = draft();
    draft.excluded.clear();
    let texts = host.texts(&draft);
    let set = side::Command::Draft {
        at: Seq::ZERO,
        draft,
    };
    host.in_side(member(2, LEAD), side, set, texts).unwrap();
    let second = host.offer(member(2, LEAD), side, to).unwrap();
    (first, side, second)
}

#[test]
fn a_customer_is_referred_on_twice_and_no_further() {
    let mut host = Host::new();
    let (_, _, second) = passed_on(&mut host, 3);
    assert_eq!(host.referral(second).depth, 2);
    host.accept(3, second).unwrap();
    let third_side = host.referral(second).handoff.as_ref().unwrap().side;
    let mut draft = draft();
    draft.excluded.clear();
    let texts = host.texts(&draft);
    let set = side::Command::Draft {
        at: Seq::ZERO,
        draft: draft.clone(),
    };
    host.in_side(member(3, LEAD), third_side, set, texts)
        .unwrap();
    let third = host.offer(member(3, LEAD), third_side, 4).unwrap();
    host.accept(4, third).unwrap();
    assert_eq!(host.referral(third).depth, limits::REFERRAL_DEPTH_MAX);
    let last = host.referral(third).handoff.as_ref().unwrap().side;
    let texts = host.texts(&draft);
    let set = side::Command::Draft {
        at: Seq::ZERO,
        draft,
    };
    host.in_side(member(4, LEAD), last, set, texts).unwrap();
    assert!(state(host.offer(member(4, LEAD), last, 3)).contains("too often"));
    host.check();
}

#[test]
fn who_gives_back_what_they_passed_on_no_longer_offers_it() {
    let mut host = Host::new();
    let (first, side, second) = passed_on(&mut host, 3);
    let returns = Command::Return {
        reason: DeclineReason::Capacity,
    };
    host.act(member(2, LEAD), first, returns).unwrap();
    let last = host.log(second).last().unwrap();
    assert_eq!(last.kind, "referral.withdrawn");
    assert_eq!(
        (last.author, last.statement.is_none()),
        (crate::entry::Author::Rule, true),
        "the third organisation learns nothing of the first"
    );
    let bytes: Vec<u8> = host.log(second).iter().flat_map(Entry::encode).collect();
    let bytes = String::from_utf8(bytes).unwrap();
    assert!(!bytes.contains(&first.to_string()) && !bytes.contains(&org_id(1).to_string()));
    assert!(state(host.offer(member(2, LEAD), side, 3)).contains("is over"));
    host.check();
}

#[test]
fn what_was_given_back_is_not_told_to_a_stranger_by_way_of_the_request() {
    let mut host = Host::new();
    let (first, _, second) = passed_on(&mut host, 4);
    let returns = Command::Return {
        reason: DeclineReason::Capacity,
    };
    host.act(member(2, LEAD), first, returns).unwrap();
    assert_eq!(host.referral(second).stage, Stage::Withdrawn);
    let requests = host.of_orgs();
    assert!(
        !requests
            .iter()
            .any(|(_, ask)| matches!(ask, org::Ask::Withdraw { .. }))
    );
}

#[test]
fn a_deals_side_has_no_case_and_opens_once() {
    let mut host = Host::new();
    let deal = RoomId::new(crate::id::RoomKind::Deal, [8; 16]);
    let id = RoomId::new(crate::id::RoomKind::Side, [8; 16]);
    let open = side::Ask::OpenForDeal {
        org: org_id(2),
        deal,
        people: vec![member(2, Role::Rep)],
    };
    let open = Asked::Side(Box::new(open));
    host.ask(id, open.clone(), Some(member(2, LEAD)));
    host.ask(id, open, Some(member(2, LEAD)));
    assert_eq!(host.kinds(id), ["side.opened"]);
    assert!(host.admits(id, member(2, Role::Rep)) && !host.admits(id, member(2, Role::Viewer)));
    let texts = host.texts(&draft());
    let set = side::Command::Draft {
        at: Seq::ZERO,
        draft: draft(),
    };
    let refused = host.in_side(member(2, LEAD), id, set, texts);
    assert_eq!(code(refused), "room.unsuited");
    let keep = side::Ask::Keep {
        entry: "{}".to_owned(),
    };
    host.ask(
        id,
        Asked::Side(Box::new(keep.clone())),
        Some(member(3, LEAD)),
    );
    let kept = host.log(id).last().unwrap();
    assert_eq!(
        (kept.kind.as_str(), kept.author.member()),
        ("side.kept", None)
    );
    let absent = RoomId::new(crate::id::RoomKind::Side, [6; 16]);
    host.ask(absent, Asked::Side(Box::new(keep)), None);
    assert!(!host.rooms.contains_key(&absent), "keeping begins no Side");
}

#[test]
fn each_part_of_what_is_shown_is_in_its_commitment() {
    let drafted = |draft: side::Draft| {
        let texts = Host::new().texts(&draft);
        side::Drafted::new(draft, &texts).promise().unwrap()
    };
    let promise = drafted(draft());
    let changes: [fn(&mut side::Promise); 14] = [
        |promise| promise.teaser.industry = Industry::Energy,
        |promise| promise.teaser.country = "FR".parse().unwrap(),
        |promise| promise.teaser.size = side::SizeBand::From5000,
        |promise| promise.teaser.want = side::Want::Lead,
        |promise| promise.teaser.value.band = side::Band::To10k,
        |promise| promise.teaser.value.currency = Currency::USD,
        |promise| promise.teaser.urgency = side::Urgency::Low,
        |promise| promise.consent.may_contact = false,
        |promise| promise.consent.share_pii = false,
        |promise| promise.consent.obtained_at = Date::MIN,
        |promise| promise.terms.fee = side::Fee::Bps(501),
        |promise| promise.terms.months = 13,
        |promise| promise.need = crate::id::Hash::ZERO,
        |promise| promise.salt = Salt([6; 32]),
    ];
    let mut seen = BTreeSet::from([promise.shown()]);
    for change in changes {
        let mut other = promise.clone();
        change(&mut other);
        assert!(seen.insert(other.shown()), "{other:?}");
        assert_eq!(other.full(), promise.full());
    }
    let mut other = promise.clone();
    other.dossier.pop();
    assert_ne!(other.full(), promise.full());
    assert_eq!(other.shown(), promise.shown());
}
