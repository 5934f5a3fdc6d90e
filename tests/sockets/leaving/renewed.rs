//! A company of one whose only laptop is gone: the vendor seats somebody, who comes by a link with new keys and goes on with
//! what was open. The other company proves it all, and without the server.

use super::{Cast, at_work, cast, in_deal, proves};
use rialto::{
    request,
    verify::{Breach, Broken, Known, verify},
};
use rialto_server::config::TlsMode;
use rialto_shared::{
    entry::{Author, Entry, Seq},
    event::Event,
    id::RoomId,
    limits,
    room::{State, deal, key, org},
    time::Span,
};
use std::collections::BTreeMap;

/// Ana is alone at BrightPath, with a referral and a deal in hand; then her laptop is gone.
async fn alone(cast: &mut Cast) -> (RoomId, RoomId) {
    let (referral, deal) = at_work(cast).await;
    let (ana, rui) = (cast.of("Ana").member(), cast.of("Rui").member());
    let takes = org::Command::HandOver { from: rui, to: ana };
    cast.of("Ana").at_home(takes, &[]).await;
    let removes = org::Command::Remove { member: rui };
    cast.of("Ana").at_home(removes, &[]).await;
    cast.of("Rui").dropped().await;
    cast.people.remove("Rui");
    cast.heard().await;
    cast.people.remove("Ana");
    (referral, deal)
}

/// Tom seats whoever comes by a link, and Nia does, after the notice.
async fn seated(cast: &mut Cast, org: rialto_shared::id::OrgId) {
    let until = rialto::console::now() + Span::days(6);
    let account = cast.of("Tom").client.console().account();
    let (invitation, link) = request::claim(account, until).unwrap();
    let successor = org::Successor::Invited(invitation);
    let seat = org::Command::SeatAdmin { org, successor };
    cast.of("Tom").at_home(seat, &[]).await;
    cast.town.pass(limits::SUCCESSION_NOTICE);
    cast.heard().await;
    cast.joins("Nia", &link).await;
    cast.heard().await;
}

/// Where a log says that somebody's keys are new: the entry's number.
fn renewed(log: &[Vec<u8>]) -> Option<(usize, Entry)> {
    let entries = log.iter().map(|bytes| Entry::decode(bytes).unwrap());
    let mut all = entries.enumerate();
    all.find(|(_, entry)| matches!(entry.event, Event::Key(key::Event::Renewed { .. })))
}

#[tokio::test]
async fn whose_only_laptop_is_gone_goes_on_with_new_keys_and_the_other_company_proves_it() {
    let mut cast = cast(TlsMode::Plain).await;
    cast.heard().await;
    let (bright, ana) = (cast.of("Ana").org(), cast.of("Ana").member());
    let (referral, deal) = alone(&mut cast).await;
    seated(&mut cast, bright).await;
    let held = |cast: &Cast, room| {
        cast.people["Lea"]
            .client
            .console()
            .store()
            .bytes(room)
            .unwrap()
    };
    for room in [deal, referral] {
        assert!(renewed(&held(&cast, room)).is_none(), "nothing goes round");
    }

    // Nia takes over, which is signed, and goes on in the deal.
    let nia = cast.of("Nia").member();
    let takes = org::Command::HandOver { from: ana, to: nia };
    cast.of("Nia").at_home(takes, &[]).await;
    cast.heard().await;
    let console = cast.people["Nia"].client.console();
    let State::Deal(state) = &console.replica().room(deal).unwrap().room.state else {
        panic!("no deal");
    };
    let (to, at) = (deal::Stage::TechnicalValidation, state.course.stage.at);
    in_deal(
        &mut cast,
        "Nia",
        deal,
        deal::Command::MoveStage { to, at },
        &[],
    )
    .await;
    cast.heard().await;

    // Lea reads why, and proves both rooms, the signatures from before included.
    for room in [deal, referral] {
        let log = held(&cast, room);
        let (_, said) = renewed(&log).unwrap();
        assert_eq!(
            (said.author, said.statement.is_none()),
            (Author::Rule, true)
        );
        proves(cast.people["Lea"].client.console(), room);
    }
    let card = cast.people["Lea"].client.console().replica().org(bright);
    assert_eq!(card.unwrap().roots().len(), 2, "the former and the new one");

    // The same of what she took out, with the server off and nothing but its id known.
    let server = cast.people["Lea"].client.console().account().about.server;
    let log = held(&cast, deal);
    cast.town.stop().await;
    let known = Known {
        server,
        roots: BTreeMap::new(),
        head: None,
    };
    let check = |log: &[Vec<u8>]| verify(&known, log.iter().map(Vec::as_slice));
    let report = check(&log).unwrap();
    assert!(report.unproven.is_empty() && report.unsigned.is_empty());
    let (place, said) = renewed(&log).unwrap();
    assert_eq!(report.renewed, [(said.seq, bright)]);

    // One byte of the new key is another one.
    let mut bytes = log.clone();
    let text = String::from_utf8(bytes[place].clone()).unwrap();
    let at = text.find("root\\\":\\\"").unwrap() + 12;
    bytes[place][at] = if bytes[place][at] == b'0' { b'1' } else { b'0' };
    let next = said.seq.next();
    let found = check(&bytes).unwrap_err();
    assert_eq!(
        found,
        Broken {
            seq: next,
            what: Breach::Chain
        }
    );
    // Also where a server chains anew what comes after: then what was signed starts elsewhere.
    let mut entries: Vec<Entry> = bytes
        .iter()
        .map(|one| Entry::decode(one).unwrap())
        .collect();
    for after in place + 1..entries.len() {
        entries[after].prev = entries[after - 1].hash();
    }
    let anew: Vec<Vec<u8>> = entries.iter().map(Entry::encode).collect();
    let found = check(&anew).unwrap_err();
    assert!(
        found.seq > said.seq && matches!(found.what, Breach::Statement(_)),
        "{found}"
    );
    // And whoever knows BrightPath's keys from its card names the entry itself.
    let console = cast.people["Lea"].client.console();
    let orgs = console.replica().orgs();
    let known = Known {
        roots: orgs.map(|card| (card.id, card.roots())).collect(),
        ..known
    };
    let found = verify(&known, anew.iter().map(Vec::as_slice)).unwrap_err();
    assert_eq!(
        found,
        Broken {
            seq: said.seq,
            what: Breach::Root(bright)
        }
    );
    assert_ne!(said.seq, Seq(1));
}
