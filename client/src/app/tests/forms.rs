//! Journeys through forms: the wizard whole, answers that are given on screen, what is refused, and what is kept.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::stage::{ANA, NOW, Stage, commands, member, org_of};
use crate::app::{action::Action, effect::Effect, overlay::Overlay};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    event::Event,
    id::{RoomId, RoomKind},
    protocol::{Down, Outcome, Up},
    room::{inbox, side},
};

const SIDE: RoomId = RoomId::new(RoomKind::Side, [81; 16]);

/// The wizard, up to its last step.
fn written(stage: &mut Stage) {
    stage.keys("4 nrUmbrella Corp<tab>Dana Reyes, VP Ops<tab>Likes blue<tab>y<tab>by mail");
    stage.keys("<pagedown>Wants a demo soon.<tab>m<tab>de<tab>1<tab>l<tab><right><pagedown>");
    stage.sees("[Receiver]");
}

#[test]
fn what_is_shown_of_a_customer_is_chosen_and_never_by_default() {
    let mut stage = Stage::connected();
    stage.keys("4 nrUmbrella Corp<pagedown>Demo soon<tab>");
    stage.sees("industry        (none yet)");
    stage.keys("<tab>DE<pagedown>");
    stage.sees("industry: none is chosen");
    stage.sees("[Shown now]");
    stage.sees("worth           (none yet)");
}

/// The one command among effects, read.
fn command(effects: &[Effect]) -> Worded<Command> {
    let mut frames = super::stage::sent(effects).into_iter();
    let Some(Up::Command { facts, texts, .. }) = frames.next() else {
        panic!("nothing was sent");
    };
    Command::read(facts, texts.clone()).unwrap()
}

/// The server accepts what was sent, and begins the case.
fn begin_case(stage: &mut Stage, effects: &[Effect]) -> Vec<Effect> {
    for frame in super::stage::sent(effects) {
        if let Up::Command { lane, n, room, .. } = frame {
            let seq = Seq(99);
            let (lane, n, room) = (*lane, *n, *room);
            let outcome = Outcome::Accepted {
                room,
                from: seq,
                to: seq,
                at: NOW,
            };
            assert!(commands(&stage.frame(Down::Answer { lane, n, outcome })).is_empty());
        }
    }
    case_comes(stage, effects)
}

/// The case is there.
fn case_comes(stage: &mut Stage, effects: &[Effect]) -> Vec<Effect> {
    let sent = command(effects);
    let Command::Inbox(inbox::Command::OpenCase { draft }) = sent.what else {
        panic!("no case");
    };
    let opened = side::Event::Opened {
        org: org_of(ANA),
        about: side::About::Case,
        owner: Some(member(ANA)),
        people: vec![],
    };
    stage.begin(SIDE, ANA, 0, Event::Side(opened), &[]);
    let drafted = side::Event::Drafted {
        drafted: side::Drafted::new(draft, &sent.texts),
        begun: false,
    };
    stage.put_heard(SIDE, ANA, Worded::new(Event::Side(drafted), sent.texts))
}

#[test]
fn the_wizard_shows_what_each_sees_when_and_offers_once_the_case_is_there() {
    let mut stage = Stage::connected();
    written(&mut stage);
    stage.keys("northw<right>");
    stage.sees("Northwind");
    stage.keys("<pagedown>");
    stage.sees("[Look once more]");
    stage.sees("Offers this customer to Northwind, signed by you");
    let screen = stage.screen(120, 36);
    let place = |words: &str| {
        screen
            .find(words)
            .unwrap_or_else(|| panic!("no {words}: {screen}"))
    };
    let (now, after, never) = (
        place("SHOWN NOW to Northwind"),
        place("SHOWN AFTER THEY ACCEPT"),
        place("NEVER SHOWN TO THEM"),
    );
    assert!(now < place("Wants a demo soon.") && place("Wants a demo soon.") < after);
    for hidden in ["Umbrella Corp", "Dana Reyes, VP Ops", "Likes blue"] {
        assert!(after < place(hidden) && place(hidden) < never, "{hidden}");
    }
    assert!(never < place("by mail"));
    // Back and forth loses nothing, and no other key than Enter sends.
    assert!(stage.keys("x<pageup><pagedown>").is_empty());
    let effects = stage.keys("<enter>");
    let case = command(&effects);
    assert_eq!(case.what.kind(), "inbox.open_case");
    let texts: Vec<&str> = case.texts.iter().map(|text| text.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Wants a demo soon.",
            "Umbrella Corp",
            "Dana Reyes, VP Ops",
            "Likes blue",
            "by mail"
        ]
    );
    let effects = begin_case(&mut stage, &effects);
    let offer = command(&effects);
    let Command::Side(side::Command::Offer { to, .. }) = offer.what else {
        panic!("no offer: {}", offer.what.kind());
    };
    assert_eq!(to, super::stage::org(super::stage::NORTHWIND));
    // It went, so the wizard is empty again.
    stage.keys("<esc> nr");
    stage.sees_no("Likes blue");
}

/// The wizard sent, to somebody who gets it at once.
fn confirmed(stage: &mut Stage) -> Vec<Effect> {
    written(stage);
    stage.keys("northw<right><pagedown>");
    let effects = stage.keys("<enter>");
    assert_eq!(command(&effects).what.kind(), "inbox.open_case");
    effects
}

fn offers(effects: &[Effect]) -> usize {
    let offers = |(facts, _): &(String, _)| facts.contains("\"side\":{\"offer\"");
    commands(effects).iter().filter(|one| offers(one)).count()
}

fn kept_offers(stage: &Stage) -> Vec<(String, String)> {
    let mut drafts = stage.app.console.store().drafts().unwrap();
    drafts.retain(|(place, _)| place.starts_with(crate::store::OFFERING));
    drafts
}

#[test]
fn what_was_confirmed_is_offered_by_the_next_console_where_the_first_ended_before_the_case_was_there()
 {
    let mut stage = Stage::connected();
    let sent = confirmed(&mut stage);
    let kept = kept_offers(&stage);
    assert_eq!(kept.len(), 1);
    let mut stage = stage.again();
    // The command that begins the case is in the outbox, and goes out again under its number.
    assert_eq!(offers(&stage.frame(Down::Ready { rooms: 4 })), 0);
    assert_eq!(kept_offers(&stage), kept);
    assert_eq!(offers(&begin_case(&mut stage, &sent)), 1);
    assert_eq!(kept_offers(&stage), []);
    // Nor is it offered again where the machine stopped between the offer and forgetting that it was to be made.
    let [(place, offer)] = &kept[..] else {
        unreachable!("one is kept");
    };
    stage
        .app
        .console
        .store_mut()
        .set_draft(place, offer)
        .unwrap();
    let unanswered = stage.app.console.unanswered();
    let mut stage = stage.again();
    stage.frame(Down::Ready { rooms: 4 });
    assert_eq!(
        stage.app.console.unanswered(),
        unanswered,
        "the same, again"
    );
    assert_eq!(kept_offers(&stage), []);
}

#[test]
fn a_case_that_came_while_no_console_was_open_is_offered_once_all_is_here() {
    let mut stage = Stage::connected();
    let sent = confirmed(&mut stage);
    let mut stage = stage.again();
    assert_eq!(offers(&case_comes(&mut stage, &sent)), 0);
    assert_eq!(offers(&stage.frame(Down::Ready { rooms: 4 })), 1);
    assert_eq!(kept_offers(&stage), []);
}

#[test]
fn an_offer_of_a_case_that_was_never_begun_is_forgotten() {
    let mut stage = Stage::connected();
    let offer = confirmed_elsewhere();
    stage
        .app
        .console
        .store_mut()
        .set_draft(&offer.0, &offer.1)
        .unwrap();
    let mut stage = stage.again();
    assert_eq!(kept_offers(&stage).len(), 1);
    assert_eq!(offers(&stage.frame(Down::Ready { rooms: 4 })), 0);
    assert_eq!(kept_offers(&stage), []);
}

/// What is kept on disk before the case is begun, where nothing more came of it.
fn confirmed_elsewhere() -> (String, String) {
    let mut stage = Stage::connected();
    confirmed(&mut stage);
    kept_offers(&stage).remove(0)
}

#[test]
fn a_case_that_is_refused_is_not_offered_later() {
    let mut stage = Stage::connected();
    let effects = confirmed(&mut stage);
    stage.refuse(&effects, "state");
    assert_eq!(kept_offers(&stage), []);
}

#[test]
fn without_a_receiver_the_case_stays_private() {
    let mut stage = Stage::connected();
    written(&mut stage);
    stage.keys("<pagedown>");
    stage.sees("Nobody else sees any of it until you offer it.");
    let effects = stage.keys("<enter>");
    let effects = begin_case(&mut stage, &effects);
    assert!(commands(&effects).is_empty());
}

#[test]
fn the_wizard_says_what_an_offer_lacks_where_it_is_lacking() {
    let mut stage = Stage::connected();
    stage.keys("4 nrUmbrella Corp<pagedown>Demo soon<tab><right><tab>DE<tab><right><tab><right><tab><right><pagedown>northwind<pagedown>");
    stage.sees("contact: an offer needs somebody to talk to");
    stage.sees("[Customer]");
    stage.keys("Dana Reyes<pagedown><pagedown><pagedown>");
    stage.sees("consent: an offer needs the customer's agreement");
    stage.keys("y<tab>by mail<pagedown><pagedown><ctrl+u>kumo<pagedown>");
    stage.sees("words: you are not connected with Kumo KK");
    stage.keys("<pagedown>");
    stage.sees("[Receiver]");
    stage.keys("We can help each other<pagedown>");
    stage.sees("Asks Kumo KK to connect and offers them this customer");
}

#[test]
fn a_wizard_that_is_left_is_on_disk_and_comes_back_with_another_console() {
    let mut stage = Stage::connected();
    stage.keys("4 nrUmbrella Corp");
    let place = crate::app::form::Purpose::Referral(crate::app::form::OnReferral::Case).place();
    assert_eq!(stage.app.console.store().draft(&place).unwrap(), None);
    stage.pass(600);
    let kept = stage.app.console.store().draft(&place).unwrap().unwrap();
    assert!(kept.contains("Umbrella Corp"), "while it is open");
    stage.keys("<tab>Dana<esc>");
    let kept = stage.app.console.store().draft(&place).unwrap().unwrap();
    assert!(kept.contains("Dana"), "when it is left");
    stage.keys(" nr");
    stage.sees("Umbrella Corp");
    stage.sees("Dana");
}

#[test]
fn a_referral_is_accepted_by_naming_who_works_on_it() {
    let mut stage = Stage::on_referral(vec![]);
    stage.act(Action::AcceptReferral);
    stage.sees("Ana Weber");
    stage.keys(", ru");
    stage.sees("Right writes Rui Costa");
    stage.keys("<right><enter>");
    stage.sees("Commits your organisation, signed by you: Northwind learns");
    let effects = stage.keys("<enter>");
    let facts = &commands(&effects)[0].0;
    for n in [ANA, super::stage::RUI] {
        assert!(facts.contains(&member(n).to_string()), "{facts}");
    }
    stage.sees("on the way");
}

#[test]
fn a_connection_is_answered_in_three_ways_and_each_says_what_follows() {
    for (keys, says, take) in [
        (
            "",
            "Connects you with Kumo KK and takes the referral",
            "both",
        ),
        (
            "c",
            "A referral that came with it is declined",
            "connection",
        ),
        ("n", "learns that you do not want to", "neither"),
    ] {
        let mut stage = Stage::asked_to_connect();
        stage.act(Action::AnswerConnection);
        stage.sees("Kumo KK asks to connect");
        stage.keys(keys);
        assert!(commands(&stage.keys("<tab><enter>")).is_empty());
        stage.sees(says);
        let effects = stage.keys("<enter>");
        assert!(
            commands(&effects)[0]
                .0
                .contains(&format!("\"take\":\"{take}\""))
        );
    }
}

#[test]
fn what_the_server_refuses_is_said_in_its_words_and_the_form_has_what_was_filled_in() {
    let mut stage = Stage::on_referral(vec![]);
    stage.act(Action::DeclineReferral);
    let effects = stage.keys("c<tab>no hands before July<enter><enter>");
    assert_eq!(commands(&effects).len(), 1);
    stage.refuse(&effects, "it was taken back a moment ago");
    stage.sees("refused: it was taken back a moment ago");
    stage.act(Action::DeclineReferral);
    stage.sees("no hands before July");
}

#[test]
fn what_the_rules_refuse_here_is_said_in_the_form_and_nothing_goes() {
    let mut stage = Stage::at_work();
    stage.keys("3<enter><esc>");
    stage.act(Action::AddTask);
    let effects = stage.keys("Call<tab><tab><tab>2020-01-01<enter>");
    assert!(commands(&effects).is_empty());
    assert!(matches!(stage.app.overlays.last(), Some(Overlay::Form(_))));
    stage.sees("Call");
    let words = stage.app.notices.last().unwrap().words.as_str().to_owned();
    assert!(words.contains("due"), "{words}");
}

#[test]
fn details_of_a_deal_are_a_key_away_on_any_screen() {
    for (width, height) in [(40, 10), (60, 20), (80, 24), (100, 30), (120, 36)] {
        let mut stage = Stage::at_work();
        stage.screen(width, height);
        stage.keys("3<enter><esc>");
        let before = stage.screen(width, height);
        assert!(
            before.contains("details"),
            "{width}x{height}: no hint\n{before}"
        );
        stage.keys("<f8><home>");
        let mut seen = stage.screen(width, height);
        for _ in 0..20 {
            stage.keys("j");
            seen += &stage.screen(width, height);
        }
        for words in [
            "Globex Ltd",
            "Order form",
            "Confirm the 24-month",
            "Tom Becker",
            "PEOPLE",
        ] {
            assert!(seen.contains(words), "{words} at {width}x{height}\n{seen}");
        }
        stage.keys("<esc>");
        assert_eq!(stage.app.focus, crate::app::Focus::Messages);
        stage.keys("<tab><tab>");
    }
}

#[test]
fn an_age_that_is_not_known_is_not_shown() {
    let mut stage = Stage::morning();
    let room = RoomId::new(RoomKind::Channel, [28; 16]);
    stage.channel(room, "long", rialto_shared::room::channel::Reach::Community);
    stage.say(room, super::stage::TOM, 50, "old");
    // A snapshot brings the room without its messages.
    stage.snapshot(room);
    stage.keys("1");
    let items = crate::app::screen::inbox::items(&stage.app);
    let item = items.iter().find(|item| item.room == room).unwrap();
    assert_eq!(item.at, None);
    let screen = stage.screen(120, 36);
    let row = screen.lines().find(|row| row.contains("#long")).unwrap();
    let list = row.split('┃').nth(1).unwrap().trim_end();
    assert!(list.ends_with("new"), "{row}");
}

#[test]
fn nothing_can_be_written_into_a_deal_that_one_is_asked_into() {
    let mut stage = Stage::asked_into_deal();
    stage.keys("3<home><enter>");
    stage.sees("asks your organisation into a deal");
    stage.sees("your organisation is not in this deal yet");
    stage.sees_no("i writes here");
    assert_eq!(stage.app.focus, crate::app::Focus::Messages);
}
