//! The last admin of an organisation: they stay until somebody else is one; and where they are gone, the vendor seats another,
//! of whom everybody there is told three days before, and whom anybody there may stop.

use super::{Cast, cast, needs, proves, refused};
use rialto::{
    link::Joiner,
    request::{self, RequestError},
    route::Route,
};
use rialto_server::config::TlsMode;
use rialto_shared::{
    command::Command,
    entry::Seq,
    event::Event,
    id::{MemberId, RoomId},
    limits,
    protocol::InviteLink,
    rejection::Refusal,
    room::{
        State,
        inbox::What,
        org::{self, Org, Person, Successor},
    },
    standing::{Role, Status},
    time::Span,
};

/// The organisation as somebody's console holds it.
fn own<'a>(cast: &'a Cast, name: &str) -> &'a Org {
    let console = cast.people[name].client.console();
    let room = RoomId::org(console.account().about.org);
    match &console.replica().room(room).unwrap().room.state {
        State::Org(org) => org,
        other => panic!("no organisation: {other:?}"),
    }
}

/// A person of the organisation of somebody's.
fn person<'a>(cast: &'a Cast, name: &str, member: MemberId) -> &'a Person {
    &own(cast, name).people[&member]
}

fn role(cast: &Cast, name: &str, member: MemberId, role: Role) -> org::Command {
    org::Command::Role {
        member,
        role,
        alliance: false,
        at: person(cast, name, member).at,
    }
}

/// The vendor's admin announces an admin of BrightPath's; what everybody heard.
async fn seats(cast: &mut Cast, successor: Successor) -> Vec<String> {
    let org = cast.of("Ana").org();
    let seat = org::Command::SeatAdmin { org, successor };
    cast.of("Tom").at_home(seat, &[]).await;
    cast.heard().await
}

/// By a link, which is good for six days.
async fn seats_whoever_comes(cast: &mut Cast) -> InviteLink {
    let until = rialto::console::now() + Span::days(6);
    let account = cast.of("Tom").client.console().account();
    let (invitation, link) = request::claim(account, until).unwrap();
    seats(cast, Successor::Invited(invitation)).await;
    link
}

/// What somebody who comes by a link is told no with.
async fn shut(link: &InviteLink) -> Refusal {
    let joiner = Joiner::ask(link, Route::default()).await.unwrap();
    joiner.offer.expect_err("it lets nobody in")
}

fn told(heard: &[String], line: &str) {
    assert!(heard.iter().any(|one| one == line), "{line}: {heard:#?}");
}

/// How often it happened, as the ledger has it.
fn times(cast: &mut Cast, kind: &str) -> usize {
    let home = RoomId::org(cast.of("Rui").org());
    let log = cast.town.entries(home);
    log.iter().filter(|entry| entry.kind == kind).count()
}

#[tokio::test]
async fn a_last_admin_goes_once_somebody_else_is_one() {
    let mut cast = cast(TlsMode::Plain).await;
    cast.heard().await;
    let (ana, rui) = (cast.of("Ana").member(), cast.of("Rui").member());
    let removes = org::Command::Remove { member: ana };
    let suspends = org::Command::Suspend {
        member: ana,
        on: true,
    };
    let less = role(&cast, "Ana", ana, Role::Lead);
    for goes in [removes.clone(), suspends, less] {
        let words = refused(&mut cast, "Ana", goes, &[]).await;
        let why = "this is the last admin: make somebody else an admin first";
        assert!(words.contains(why), "{words}");
    }
    let heir = role(&cast, "Ana", rui, Role::Admin);
    cast.of("Ana").at_home(heir, &[]).await;
    cast.heard().await;
    // Whoever goes is shown out with the commit that says so: that is their answer.
    let worded = request::worded(Command::Org(removes), &[]).unwrap();
    let home = RoomId::org(cast.of("Ana").org());
    drop(cast.of("Ana").client.submit(home, worded).await);
    cast.of("Ana").dropped().await;
    let gone = cast.people.remove("Ana").unwrap();
    cast.heard().await;
    assert_eq!(person(&cast, "Rui", ana).status, Status::Left);
    let last = org::Command::Remove { member: rui };
    let words = refused(&mut cast, "Rui", last, &[]).await;
    assert!(words.contains("the last admin"), "{words}");
    drop(gone);
}

#[tokio::test]
async fn a_person_whom_the_vendor_seats_is_an_admin_after_three_days() {
    let mut cast = cast(TlsMode::Plain).await;
    cast.heard().await;
    let (ana, rui) = (cast.of("Ana").member(), cast.of("Rui").member());
    let heard = seats(&mut cast, Successor::Member(rui)).await;
    told(&heard, "org BrightPath: org.successor_announced (Ana Rui)");
    for name in ["Ana", "Rui"] {
        assert_eq!(needs(&cast, name), [What::SuccessorAnnounced], "{name}");
    }
    cast.town.pass(limits::SUCCESSION_NOTICE - Span::hours(1));
    cast.heard().await;
    assert_eq!(person(&cast, "Rui", rui).role, Role::Rep);
    cast.town.pass(Span::hours(1));
    let heard = cast.heard().await;
    told(&heard, "org BrightPath: org.successor_seated (Ana Rui)");
    for name in ["Ana", "Rui"] {
        assert_eq!(needs(&cast, name), [What::SuccessorSeated], "{name}");
    }
    assert_eq!(person(&cast, "Rui", rui).role, Role::Admin);

    // What an admin signs, he signs with the certificates that he has; and everybody there can prove it, and who announced him.
    let remove = org::Command::Remove { member: ana };
    cast.of("Rui").at_home(remove, &[]).await;
    cast.of("Ana").dropped().await;
    cast.people.remove("Ana");
    cast.heard().await;
    let home = RoomId::org(cast.of("Rui").org());
    for kind in ["org.successor_announced", "org.removed"] {
        let entry = cast.last("Rui", home, |entry| {
            (entry.kind == kind).then(|| entry.clone())
        });
        assert!(entry.statement.is_some(), "{kind}");
    }
    proves(cast.people["Rui"].client.console(), home);

    // His device certifies nobody, so that whoever he lets in signs nothing; and may do the rest.
    let until = rialto::console::now() + Span::days(5);
    let account = cast.of("Rui").client.console().account();
    let certified = request::invite(account, Role::Lead, false, until);
    assert!(matches!(certified, Err(RequestError::NoCertifier)));
    let invite = request::invite_uncertified(account, Role::Lead, false, until).unwrap();
    let submitted = cast.of("Rui").client.submit(home, invite.command).await;
    submitted.unwrap();
    cast.joins("Bo", &invite.link).await;
    cast.heard().await;
    let settings = crate::world::settings("ours", rialto_shared::room::channel::Reach::Private);
    let opens = org::Command::OpenChannel { settings };
    cast.of("Bo").at_home(opens, &["Ours"]).await;
    let to = cast.of("Cem").org();
    let asks = org::Command::Connect { to };
    let words = refused(&mut cast, "Bo", asks.clone(), &["Hello"]).await;
    assert!(words.contains("certificate"), "{words}");
    cast.of("Rui").at_home(asks, &["Hello"]).await;
    cast.heard().await;
    assert!(needs(&cast, "Cem").contains(&What::Knock));
}

#[tokio::test]
async fn whoever_the_vendor_seats_by_a_link_comes_by_it_after_three_days() {
    let mut cast = cast(TlsMode::Plain).await;
    cast.heard().await;
    let (ana, rui) = (cast.of("Ana").member(), cast.of("Rui").member());
    let link = seats_whoever_comes(&mut cast).await;
    for name in ["Ana", "Rui"] {
        assert_eq!(needs(&cast, name), [What::SuccessorAnnounced], "{name}");
    }
    let early = shut(&link).await;
    assert_eq!(early.code, "state");
    assert!(early.words.contains("not yet"), "{early:?}");
    cast.town.pass(limits::SUCCESSION_NOTICE);
    cast.heard().await;
    for name in ["Ana", "Rui"] {
        assert_eq!(needs(&cast, name), [What::SuccessorSeated], "{name}");
    }
    cast.joins("Nia", &link).await;
    cast.heard().await;
    assert_eq!(shut(&link).await.code, "invitation.revoked");
    let nia = cast.of("Nia").member();
    assert_eq!(person(&cast, "Rui", nia).role, Role::Admin);

    // She sees to people; the keys of the organisation are new with her, and vouch for nobody else yet.
    let promote = role(&cast, "Nia", rui, Role::Lead);
    cast.of("Nia").at_home(promote, &[]).await;
    let suspend = org::Command::Suspend {
        member: ana,
        on: true,
    };
    cast.of("Nia").at_home(suspend, &[]).await;
    cast.of("Ana").dropped().await;
    cast.people.remove("Ana");
    cast.heard().await;
    let asks = org::Command::Connect {
        to: cast.of("Cem").org(),
    };
    let words = refused(&mut cast, "Rui", asks.clone(), &["Hello"]).await;
    assert!(words.contains("certificate"), "{words}");
    let remove = org::Command::Remove { member: ana };
    cast.of("Nia").at_home(remove, &[]).await;
    // The one who is left signs again once she has certified his device.
    let devices = own(&cast, "Nia").devices.iter();
    let (device, key) = devices
        .filter(|(_, device)| device.member == rui)
        .map(|(id, device)| (*id, device.key))
        .next()
        .unwrap();
    let account = cast.of("Nia").client.console().account();
    let certify = request::certify(account, device, key, Role::Lead).unwrap();
    let home = RoomId::org(cast.of("Nia").org());
    let certified = cast.of("Nia").client.submit(home, certify).await;
    certified.unwrap();
    cast.heard().await;
    cast.of("Rui").at_home(asks, &["Hello"]).await;
    cast.heard().await;
    proves(cast.people["Rui"].client.console(), home);
}

#[tokio::test]
async fn a_member_whom_the_vendor_seated_renews_the_keys_where_nobody_has_the_old_ones() {
    let mut cast = cast(TlsMode::Plain).await;
    cast.heard().await;
    let rui = cast.of("Rui").member();
    let home = RoomId::org(cast.of("Rui").org());
    let renew = |cast: &Cast, name: &str| {
        let account = cast.people[name].client.console().account();
        let root = account.new_root().unwrap();
        (request::renew(account, &root), root.public())
    };
    let (early, _) = renew(&cast, "Ana");
    let refused = cast.of("Ana").client.submit(home, early).await;
    let words = refused.unwrap_err().to_string();
    assert!(words.contains("whom the vendor seated"), "{words}");
    seats(&mut cast, Successor::Member(rui)).await;
    cast.town.pass(limits::SUCCESSION_NOTICE);
    cast.heard().await;
    let (renews, root) = renew(&cast, "Rui");
    cast.of("Rui").client.submit(home, renews).await.unwrap();
    cast.heard().await;
    assert_eq!(own(&cast, "Ana").root, Some(root));
    let asks = org::Command::Connect {
        to: cast.of("Cem").org(),
    };
    let words = super::refused(&mut cast, "Ana", asks.clone(), &["Hello"]).await;
    assert!(words.contains("certificate"), "{words}");
    cast.of("Rui").at_home(asks, &["Hello"]).await;
    cast.heard().await;
    proves(cast.people["Ana"].client.console(), home);
    let console = cast.of("Rui").client.console_mut();
    console.keep_root().unwrap();
    let kept = console.account().root.as_ref().map(|root| root.public());
    assert_eq!(kept, Some(root));
    // His device certifies others now.
    let until = rialto::console::now() + Span::days(5);
    let account = cast.of("Rui").client.console().account();
    assert!(request::invite(account, Role::Lead, false, until).is_ok());
}

#[tokio::test]
async fn whoever_objects_stops_it_and_the_vendors_admins_hear_that_somebody_did() {
    let mut cast = cast(TlsMode::Plain).await;
    cast.heard().await;
    let rui = cast.of("Rui").member();
    // The last word of the vendor's holds: it was somebody there, and is whoever comes.
    seats(&mut cast, Successor::Member(rui)).await;
    let link = seats_whoever_comes(&mut cast).await;
    for name in ["Ana", "Rui"] {
        assert_eq!(needs(&cast, name), [What::SuccessorAnnounced], "{name}");
    }
    let stale = org::Command::Object { at: Seq(1) };
    let words = refused(&mut cast, "Rui", stale, &[]).await;
    assert!(words.contains("changed"), "{words}");
    let at = own(&cast, "Rui").succession.as_ref().unwrap().at;
    let object = org::Command::Object { at };
    cast.of("Rui").at_home(object.clone(), &[]).await;
    let heard = cast.heard().await;
    told(&heard, "org BrightPath: org.successor_refused (Ana Rui)");
    told(&heard, "inbox Tom: inbox.noted (Tom)");
    let others = heard.iter().filter(|line| !line.contains("BrightPath"));
    let others: Vec<_> = others
        .filter(|line| {
            !["inbox Tom", "inbox Ana", "inbox Rui"]
                .iter()
                .any(|one| line.starts_with(one))
        })
        .collect();
    assert!(others.is_empty(), "nobody else: {others:#?}");
    assert_eq!(needs(&cast, "Tom"), [What::SuccessorRefused]);
    assert!(needs(&cast, "Ana").is_empty() && needs(&cast, "Rui").is_empty());
    // Whoever it was is not said to the vendor.
    let inbox = cast.of("Tom").inbox();
    let noted = cast.people["Tom"].log(inbox).pop().unwrap();
    assert!(matches!(noted.event, Event::Inbox(_)) && noted.author.member().is_none());
    assert_eq!(shut(&link).await.code, "invitation.revoked");
    let words = refused(&mut cast, "Ana", object, &[]).await;
    assert!(words.contains("nothing to object to"), "{words}");
    cast.town.pass(limits::SUCCESSION_NOTICE);
    cast.heard().await;
    assert_eq!(times(&mut cast, "org.successor_seated"), 0);
}

/// The server goes and comes back, so much later.
async fn restarts(cast: &mut Cast, later: Span) {
    cast.town.stop().await;
    for person in cast.people.values_mut() {
        person.dropped().await;
    }
    cast.town.pass(later);
    cast.town.start().await;
    cast.heard().await;
}

#[tokio::test]
async fn a_server_that_is_started_again_seats_once() {
    let mut cast = cast(TlsMode::Plain).await;
    cast.heard().await;
    let rui = cast.of("Rui").member();
    seats(&mut cast, Successor::Member(rui)).await;
    restarts(&mut cast, Span::hours(30)).await;
    assert_eq!(times(&mut cast, "org.successor_seated"), 0);
    cast.town.pass(Span::hours(42));
    cast.heard().await;
    assert_eq!(person(&cast, "Rui", rui).role, Role::Admin);
    restarts(&mut cast, Span::hours(100)).await;
    cast.town.pass(Span::hours(100));
    cast.heard().await;
    assert_eq!(times(&mut cast, "org.successor_seated"), 1);
    assert_eq!(times(&mut cast, "org.succession_put_off"), 0);
}

#[tokio::test]
async fn what_ran_out_while_the_server_was_down_waits_an_hour_more_once() {
    let mut cast = cast(TlsMode::Plain).await;
    cast.heard().await;
    let rui = cast.of("Rui").member();
    seats(&mut cast, Successor::Member(rui)).await;
    restarts(&mut cast, limits::SUCCESSION_NOTICE + Span::hours(5)).await;
    assert_eq!(times(&mut cast, "org.succession_put_off"), 1);
    assert_eq!(times(&mut cast, "org.successor_seated"), 0);
    // Down again when that is over: it was put off before, and is not for a second time.
    restarts(&mut cast, limits::SUCCESSION_EXTENSION_SPAN).await;
    assert_eq!(times(&mut cast, "org.succession_put_off"), 1);
    assert_eq!(times(&mut cast, "org.successor_seated"), 1);
    cast.town.pass(Span::days(9));
    cast.heard().await;
    assert_eq!(times(&mut cast, "org.successor_seated"), 1);
    assert_eq!(person(&cast, "Rui", rui).role, Role::Admin);
}
