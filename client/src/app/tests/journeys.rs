//! Keys, and what follows.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::stage::{
    ANA, LAUNCH, MEI, NEWS, NORTHWIND, Stage, TOM, commands, direct_with, org, sent,
};
use crate::{
    app::{Focus, Screen, effect::Effect, input::Input, overlay::Overlay},
    link::Order,
};
use proptest::{prelude::*, sample::select};
use rialto_shared::{
    entry::Seq,
    id::RoomId,
    protocol::{Presence, Up},
};

#[test]
fn what_needs_me_stands_first_and_what_does_not_is_not_counted() {
    let mut stage = Stage::morning();
    stage.sees("Needs you (2)");
    stage.sees("MENTION   #emea-launch");
    stage.sees("Thursday works, see y");
    stage.sees("WATCHING (not counted)");
    stage.sees("#partner-news");
}

#[test]
fn a_mention_opens_where_it_was_said() {
    let mut stage = Stage::morning();
    stage.keys("<home><enter>");
    assert_eq!(
        (stage.app.screen, stage.app.focus),
        (Screen::Channels, Focus::Messages)
    );
    stage.sees("can BrightPath take the Thursday slot?");
    let selected = stage.app.selected_message().unwrap();
    assert!(selected.mentions.contains(&super::stage::member(ANA)));
}

#[test]
fn what_is_done_leaves_the_inbox_at_once_and_for_good() {
    let mut stage = Stage::morning();
    let before = crate::app::screen::inbox::count(&stage.app);
    stage.keys("G");
    stage.keys("<home>");
    // The mention is the newest that waits.
    let effects = stage.keys("e");
    assert_eq!(crate::app::screen::inbox::count(&stage.app), before - 1);
    stage.answer(&effects).unwrap();
    assert_eq!(crate::app::screen::inbox::count(&stage.app), before - 1);
    stage.sees_no("MENTION");
}

#[test]
fn a_room_is_found_by_a_few_letters_and_answered() {
    let mut stage = Stage::morning();
    let effects = stage.keys("<ctrl+k>emea<enter>Yes, we can.<enter>");
    stage.sees("Yes, we can.");
    stage.sees("↑ sent");
    assert_eq!(stage.answer(&effects), Some(LAUNCH));
    stage.sees_no("↑ sent");
    stage.sees("Ana Weber (you)");
}

#[test]
fn what_is_written_outlives_escape_and_the_screen_and_is_on_disk_soon() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter>half a th");
    let desk = stage.app.desk().unwrap();
    assert_eq!(stage.app.console.store().draft(&desk.key()).unwrap(), None);
    stage.pass(600);
    let saved = stage.app.console.store().draft(&desk.key()).unwrap();
    assert_eq!(saved.as_deref(), Some("half a th"));
    stage.keys("ought<esc>1");
    let saved = stage.app.console.store().draft(&desk.key()).unwrap();
    assert_eq!(saved.as_deref(), Some("half a thought"));
    stage.keys("<ctrl+k>emea<enter>");
    stage.sees("half a thought");
    stage.sees("draft");
}

#[test]
fn what_is_written_offline_is_queued_and_goes_out_after() {
    let mut stage = Stage::morning();
    stage.disconnect("the connection broke");
    stage.pass(130_000);
    stage.sees("○ offline 2m");
    let effects = stage.keys("<ctrl+k>emea<enter>later<enter>");
    assert!(sent(&effects).is_empty());
    stage.sees("⋯ queued");
    stage.sees("1 queued");
    stage.connect();
    let effects = stage.frame(rialto_shared::protocol::Down::Ready { rooms: 4 });
    assert_eq!(stage.answer(&effects), Some(LAUNCH));
    stage.sees("caught up: nothing was missed");
    stage.sees("● live");
    stage.sees_no("⋯ queued");
}

#[test]
fn a_refused_message_says_why_and_can_be_sent_again() {
    let mut stage = Stage::morning();
    let effects = stage.keys("<ctrl+k>emea<enter>too soon<enter>");
    stage.refuse(&effects, "this channel is asleep");
    stage.sees("! refused: this channel is asleep");
    let effects = stage.keys("<esc>GR");
    assert_eq!(stage.answer(&effects), Some(LAUNCH));
    stage.sees_no("refused: this channel is asleep · R");
}

#[test]
fn up_in_an_empty_composer_edits_the_last_message_of_mine_and_esc_leaves_it() {
    let mut stage = Stage::morning();
    let said = stage.say(LAUNCH, ANA, 2, "We can.");
    stage.keys("<ctrl+k>emea<enter><up>");
    stage.sees("Editing your message");
    let effects = stage.keys(" Both days.<enter>");
    let (facts, texts) = commands(&effects).remove(0);
    assert!(facts.contains("edit") && facts.contains(&said.to_string()));
    assert_eq!(texts, ["We can. Both days."]);
    stage.keys("<up>x<esc>");
    stage.sees_no("Editing your message");
    assert!(!stage.app.has_draft(LAUNCH));
}

#[test]
fn a_thread_stands_beside_and_is_answered_there() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter><esc><home>jt");
    stage.sees("Thread · Priya Nair 08:10");
    stage.sees("Why the slip?");
    stage.keys("r");
    assert_eq!(stage.app.focus, Focus::Reply);
    let effects = stage.keys("We signed ours.<enter>");
    assert!(commands(&effects)[0].0.contains("\"thread\":2"));
    stage.answer(&effects).unwrap();
    stage.sees("└ 3 replies");
    stage.keys("<esc><esc>");
    stage.sees_no("Thread · Priya");
}

#[test]
fn a_name_is_completed_and_then_meant() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter>ask @mei");
    stage.sees("@Mei Tanaka");
    let effects = stage.keys("<tab>please<enter>");
    let mei = super::stage::member(MEI).to_string();
    assert!(commands(&effects)[0].0.contains(&mei));
}

#[test]
fn the_line_of_what_is_new_stays_where_it_was_put() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter>");
    stage.sees("new since 11:10 · 4 messages");
    stage.pass(100);
    stage.pass(1_100);
    stage.say(LAUNCH, TOM, 0, "And another.");
    stage.sees("new since 11:10 · 4 messages");
    stage.sees("And another.");
    stage.keys("<esc><esc>");
    stage.keys("<ctrl+k>partner-news<enter><ctrl+k>emea<enter>");
    stage.sees_no("new since 11:10 · 4 messages");
}

#[test]
fn a_message_is_read_when_it_was_seen_for_a_second_by_somebody_who_looks() {
    let mut stage = Stage::morning();
    let unread = |stage: &Stage| stage.app.console.replica().unread(LAUNCH).messages;
    assert_eq!(unread(&stage), 4);
    stage.app.update(Input::Focus(false));
    stage.keys("<ctrl+k>emea<enter>");
    stage.pass(5_000);
    stage.pass(5_000);
    assert_eq!(unread(&stage), 4, "nobody looks");
    stage.app.update(Input::Focus(true));
    stage.pass(10);
    assert_eq!(unread(&stage), 4, "not yet a second");
    let effects = stage.pass(1_100);
    assert_eq!(unread(&stage), 0);
    assert!(
        sent(&effects)
            .iter()
            .any(|up| matches!(up, Up::Seen { room, .. } if *room == LAUNCH))
    );
}

#[test]
fn what_arrives_does_not_move_what_is_being_read() {
    let mut stage = Stage::morning();
    for n in 0..80 {
        stage.say(LAUNCH, TOM, 4, &format!("line {n}"));
    }
    stage.keys("<ctrl+k>emea<enter><esc><pageup><pageup>");
    let read = |stage: &mut Stage| -> Vec<String> {
        let screen = stage.screen(120, 36);
        let rows = screen.lines().skip(2).take(20);
        rows.map(|row| row.chars().skip(26).collect()).collect()
    };
    let before = read(&mut stage);
    stage.say(LAUNCH, TOM, 0, "the newest");
    assert_eq!(before, read(&mut stage));
    stage.sees("below · G");
    stage.keys("G");
    stage.sees("the newest");
}

#[test]
fn the_cursor_walks_through_every_message_and_is_always_seen() {
    let mut stage = Stage::morning();
    for n in 0..60 {
        let text = format!("message {n} {}", "and more words ".repeat(n % 7 * 5));
        stage.say(
            LAUNCH,
            if n % 3 == 0 { TOM } else { MEI },
            4,
            text.trim_end(),
        );
    }
    stage.keys("<ctrl+k>emea<enter><esc>");
    for size in [(120, 36), (80, 24), (60, 20), (44, 12)] {
        stage.screen(size.0, size.1);
        for keys in ["k", "j"] {
            for _ in 0..70 {
                stage.keys(keys);
                let layout = stage.app.layout().unwrap();
                let selected = stage.app.roll().unwrap().selected.unwrap();
                let placed = layout.placed.iter().find(|one| one.block.key == selected);
                let (_, height) = stage
                    .app
                    .style_of(LAUNCH, crate::app::screen::talk::Part::Room)
                    .unwrap();
                let seen = placed.is_some_and(|one| {
                    one.bottom() > 0 && one.top < i64::try_from(height).unwrap()
                });
                assert!(seen, "{selected:?} at {size:?}");
            }
        }
    }
}

#[test]
fn deleting_asks_first_and_esc_leaves_everything() {
    let mut stage = Stage::morning();
    stage.say(LAUNCH, ANA, 2, "Never mind.");
    stage.keys("<ctrl+k>emea<enter><esc>G");
    let effects = stage.keys("D");
    assert!(sent(&effects).is_empty());
    stage.sees("removed for everyone here");
    assert!(sent(&stage.keys("x")).is_empty(), "only Enter does it");
    assert!(sent(&stage.keys("<esc>")).is_empty());
    stage.keys("D");
    let effects = stage.keys("<enter>");
    assert_eq!(sent(&effects).len(), 1);
}

#[test]
fn help_and_the_palette_show_what_can_be_done_here() {
    let mut stage = Stage::morning();
    stage.keys("?");
    stage.sees("Help");
    stage.sees("rialto inbox");
    stage.keys("<esc>:reconn");
    assert!(matches!(
        stage.app.overlays.last(),
        Some(Overlay::Picker(_))
    ));
    stage.keys("<esc>");
    stage.keys(" ");
    stage.sees_no("goes on with");
    stage.pass(300);
    stage.sees("goes on with");
    stage.keys("m");
    stage.sees("Past notices");
}

#[test]
fn ctrl_c_puts_a_text_aside_and_twice_ends() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter>precious");
    assert!(stage.keys("<ctrl+c>").is_empty());
    stage.sees_no("precious");
    stage.keys("<ctrl+y>");
    stage.sees("precious");
    stage.keys("<ctrl+c>");
    assert!(matches!(stage.keys("<ctrl+c>")[..], [Effect::Quit]));
}

#[test]
fn quitting_with_something_unsent_asks() {
    let mut stage = Stage::morning();
    stage.disconnect("gone");
    stage.keys("<ctrl+k>emea<enter>later<enter>");
    assert!(stage.keys("<ctrl+q>").is_empty());
    stage.sees("1 not sent yet");
    assert!(matches!(stage.keys("<enter>")[..], [Effect::Quit]));
}

#[test]
fn a_direct_message_reaches_whoever_looks_away() {
    let mut stage = Stage::morning();
    stage.app.update(Input::Focus(false));
    let room = direct_with(TOM);
    let said = rialto_shared::room::talk::Event::Said {
        thread: None,
        mentions: std::collections::BTreeSet::new(),
        body: rialto_shared::entry::Slot(0),
    };
    let told = stage.heard(room, TOM, said, "Are you there?");
    assert!(told.iter().any(|effect| matches!(effect, Effect::Bell)));
    assert!(told.iter().any(|effect| matches!(effect, Effect::Notify(words) if words.as_str().contains("Are you there?"))));
    let quiet = stage.heard(
        NEWS,
        TOM,
        rialto_shared::room::talk::Event::Said {
            thread: None,
            mentions: std::collections::BTreeSet::new(),
            body: rialto_shared::entry::Slot(0),
        },
        "To everyone.",
    );
    assert!(!quiet.iter().any(|effect| matches!(effect, Effect::Bell)));
}

#[test]
fn who_writes_is_shown_while_they_do() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter>");
    stage.frame(rialto_shared::protocol::Down::Presence {
        member: super::stage::member(MEI),
        state: Presence::Typing(LAUNCH),
    });
    stage.sees("Mei Tanaka is writing");
    stage.disconnect("the connection broke");
    stage.sees_no("is writing");
}

#[test]
fn whom_of_the_vendor_one_may_call_is_looked_up_at_once() {
    let mut stage = Stage::morning();
    stage.disconnect("the connection broke");
    stage.connect();
    let effects = stage.frame(rialto_shared::protocol::Down::Ready { rooms: 4 });
    let profile = RoomId::profile(org(NORTHWIND));
    let looks = |effect: &Effect| {
        let Effect::Order(Order::Send { frame, .. }) = effect else {
            return false;
        };
        matches!(**frame, Up::Watch { room, .. } if room == profile)
    };
    assert!(effects.iter().any(looks), "{effects:?}");
}

#[test]
fn the_composer_says_who_will_read_it() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter>");
    stage.sees("#emea-launch · everyone on this server");
    stage.keys("<ctrl+k>@tom");
    stage.keys("<enter>");
    stage.sees("only @Tom Becker and you");
}

#[test]
fn where_nobody_may_write_the_composer_says_why() {
    let mut stage = Stage::morning();
    let post = rialto_shared::room::channel::Reach::Announcement;
    let room = RoomId::new(rialto_shared::id::RoomKind::Channel, [29; 16]);
    stage.channel(room, "from-the-vendor", post);
    stage.archive(room);
    stage.keys("<ctrl+k>from-the<enter>");
    stage.sees("this channel is archived");
    assert_eq!(stage.app.focus, Focus::Messages);
    stage.keys("i");
    assert_eq!(stage.app.focus, Focus::Messages);
}

#[test]
fn history_comes_from_the_server_when_it_is_not_here() {
    let mut stage = Stage::morning();
    let room = RoomId::new(rialto_shared::id::RoomKind::Channel, [28; 16]);
    stage.channel(room, "long", rialto_shared::room::channel::Reach::Community);
    for n in 0..30 {
        stage.say(room, TOM, 50, &format!("old {n}"));
    }
    // A snapshot brings the room without its messages.
    stage.snapshot(room);
    let effects = stage.keys("<ctrl+k>long<enter>");
    let asked = sent(&effects)
        .iter()
        .any(|up| matches!(up, Up::Page { room: of, .. } if *of == room));
    assert!(asked);
    stage.sees("Loading");
    stage.serve(&effects);
    stage.sees("old 29");
    let held = stage.app.console.replica().room(room).unwrap();
    assert!(held.entry(Seq(2)).is_some());
}

#[test]
fn going_back_leads_to_where_one_was() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter><ctrl+k>partner<enter>");
    assert_eq!(stage.app.open_room(), Some(NEWS));
    stage.keys("<alt+left>");
    assert_eq!(stage.app.open_room(), Some(LAUNCH));
    stage.keys("<alt+right>");
    assert_eq!(stage.app.open_room(), Some(NEWS));
    stage.keys("<alt+1>");
    stage.keys("[");
    assert_eq!(
        (stage.app.screen, stage.app.open_room()),
        (Screen::Channels, Some(NEWS))
    );
}

#[test]
fn the_next_unread_comes_round() {
    let mut stage = Stage::morning();
    stage.keys("n");
    let first = stage.app.open_room().unwrap();
    stage.keys("<esc>n");
    let second = stage.app.open_room().unwrap();
    assert_ne!(first, second);
}

const KEYS: [&str; 50] = [
    "<up>",
    "<down>",
    "<enter>",
    "<esc>",
    "<tab>",
    "<shift+tab>",
    "j",
    "k",
    "g",
    "G",
    "t",
    "r",
    "i",
    "e",
    "v",
    "1",
    "2",
    "3",
    "4",
    "5",
    "n",
    "[",
    "]",
    "q",
    " ",
    "<f4>",
    "<ctrl+k>",
    "<f2>",
    "?",
    "+",
    "D",
    ">",
    "y",
    "<pageup>",
    "<pagedown>",
    "<home>",
    "<end>",
    "<alt+down>",
    "<ctrl+j>",
    "<backspace>",
    "x",
    "m",
    "b",
    "a",
    "p",
    "<f7>",
    "<ctrl+c>",
    "語",
    "@",
    "#",
];
const SIZES: [(u16, u16); 8] = [
    (120, 36),
    (100, 24),
    (80, 24),
    (60, 20),
    (44, 12),
    (39, 9),
    (1, 1),
    (200, 60),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_keys_in_any_order_leave_a_screen_that_can_be_drawn(
        pressed in prop::collection::vec((select(&KEYS[..]), select(&SIZES[..])), 1..60)
    ) {
        let mut stage = Stage::morning();
        for (keys, (width, height)) in pressed {
            stage.screen(width, height);
            stage.keys(keys);
        }
        stage.pass(700);
        stage.screen(120, 36);
    }
}
