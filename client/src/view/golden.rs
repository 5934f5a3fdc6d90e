//! Golden screens: whole screens as text, at the sizes where the layout changes. A picture that moved is looked at before
//! it is accepted.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::Theme;
use crate::app::{
    action::Action,
    tests::stage::{LAUNCH, Stage},
    words::line::Tone,
};
use ratatui::style::{Modifier, Style};

const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (60, 20)];

/// A screen at every size; where there is no room for any, all say the same.
#[track_caller]
fn golden(name: &str, stage: &mut Stage) {
    for (width, height) in SIZES {
        let screen = stage.screen(width, height);
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen);
        });
    }
    assert_eq!(
        stage.screen(39, 9).trim_end(),
        "needs 40x10, now 39x9\nwhat you wrote is kept"
    );
}

#[test]
fn inbox() {
    golden("inbox", &mut Stage::morning());
}

#[test]
fn inbox_with_nothing_in_it() {
    golden("inbox_empty", &mut Stage::empty());
}

#[test]
fn inbox_before_anything_was_heard() {
    golden("inbox_dark", &mut Stage::dark());
}

#[test]
fn channels() {
    let mut stage = Stage::morning();
    stage.keys("2");
    golden("channels", &mut stage);
}

#[test]
fn a_channel_in_which_something_is_written() {
    let mut stage = Stage::morning();
    stage.keys(
        "<ctrl+k>emea<enter>Yes, we can take Thursday. I will bring<ctrl+j>- the sandbox tenant",
    );
    golden("channel", &mut stage);
}

#[test]
fn a_message_is_selected() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter><esc>kk");
    golden("channel_selected", &mut stage);
}

#[test]
fn a_thread() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter><esc><home>jt");
    golden("thread", &mut stage);
}

#[test]
fn a_long_message_is_folded() {
    let mut stage = Stage::morning();
    let text: Vec<String> = (1..40)
        .map(|n| format!("line {n} of a long report"))
        .collect();
    stage.say(LAUNCH, 4, 3, &text.join("\n"));
    stage.keys("<ctrl+k>emea<enter>");
    golden("channel_folded", &mut stage);
}

#[test]
fn offline_with_something_queued() {
    let mut stage = Stage::morning();
    stage.disconnect("the server did not answer in time");
    stage.pass(130_000);
    stage.keys("<ctrl+k>emea<enter>On my way.<enter>");
    golden("offline", &mut stage);
}

#[test]
fn refused() {
    let mut stage = Stage::morning();
    let effects = stage.keys("<ctrl+k>emea<enter>Once more<enter>");
    stage.refuse(&effects, "you are muted here until noon");
    golden("refused", &mut stage);
}

#[test]
fn go_to() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>e");
    golden("goto", &mut stage);
}

#[test]
fn actions_on_a_message() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter><esc>a");
    golden("menu", &mut stage);
}

#[test]
fn who_reads() {
    let mut stage = Stage::at_work();
    stage.keys("3<enter><esc>w");
    stage.name_readers();
    golden("who", &mut stage);
}

#[test]
fn help() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter><esc>?");
    golden("help", &mut stage);
}

#[test]
fn a_question() {
    let mut stage = Stage::morning();
    stage.say(LAUNCH, 1, 2, "Never mind.");
    stage.keys("<ctrl+k>emea<enter><esc>GD");
    golden("confirm", &mut stage);
}

#[test]
fn the_connection() {
    let mut stage = Stage::morning();
    stage.disconnect("the server did not answer in time");
    stage.keys(" c");
    golden("connection", &mut stage);
}

#[test]
fn how_a_sequence_goes_on() {
    let mut stage = Stage::morning();
    stage.keys(" ");
    stage.pass(300);
    golden("sequence", &mut stage);
}

#[test]
fn a_deal() {
    let mut stage = Stage::at_work();
    stage.keys("3<enter>");
    golden("deal", &mut stage);
}

#[test]
fn deals_without_any() {
    let mut stage = Stage::empty();
    stage.keys("3");
    golden("deals_empty", &mut stage);
}

#[test]
fn a_referral() {
    let mut stage = Stage::at_work();
    stage.keys("4<enter>");
    golden("referral", &mut stage);
}

#[test]
fn a_new_referral() {
    let mut stage = Stage::at_work();
    stage.keys("4 nrUmbrella Corp<tab>Dana Reyes, VP Ops<tab><tab>Demo soon<tab>");
    golden("referral_new", &mut stage);
}

/// A screen at the sizes of the narrowest, the usual and the widest terminal.
#[track_caller]
fn golden_wide(name: &str, stage: &mut Stage) {
    for (width, height) in [(40, 10), (80, 24), (200, 60)] {
        let screen = stage.screen(width, height);
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen);
        });
    }
}

#[test]
fn details_of_a_deal() {
    let mut stage = Stage::at_work();
    stage.keys("3<enter><esc><f8>");
    golden_wide("deal_details", &mut stage);
}

#[test]
fn details_of_a_referral() {
    let mut stage = Stage::at_work();
    stage.keys("4<enter><esc><f8>");
    golden_wide("referral_details", &mut stage);
}

#[test]
fn the_wizard_step_by_step() {
    let mut stage = Stage::connected();
    stage.keys("4 nrUmbrella Corp<tab>Dana Reyes, VP Ops<tab><tab>y<tab>by mail");
    golden_wide("wizard_customer", &mut stage);
    stage.keys("<pagedown>Wants a demo soon.<tab>m<tab>DE<tab>1<tab>l<tab><right>");
    golden_wide("wizard_shown", &mut stage);
    stage.keys("<pagedown>north");
    golden_wide("wizard_receiver", &mut stage);
    stage.keys("wind<pagedown>");
    golden_wide("wizard_confirm", &mut stage);
}

#[test]
fn a_moderator_removes_a_message() {
    let mut stage = Stage::council();
    stage.act(Action::Redact);
    golden_wide("redact", &mut stage);
}

#[test]
fn the_directory() {
    let mut stage = Stage::at_work();
    stage.keys("5");
    stage.find_partners();
    golden("directory", &mut stage);
}

#[test]
fn letters_only() {
    let mut stage = Stage::morning();
    stage.app.ascii = true;
    stage.keys("<ctrl+k>emea<enter><esc>");
    let screen = stage.screen(80, 24);
    let own = screen.replace(['語', '本', '日', 'ペ', 'ー', 'ジ', '👍'], "");
    let signs: Vec<char> = own.chars().filter(|c| "─┃━│▌●○↓≡".contains(*c)).collect();
    assert!(signs.is_empty(), "{signs:?}\n{screen}");
}

/// The cells of a screen by their style: a letter for each, so that colours cannot rot unseen.
fn styles(stage: &mut Stage, width: u16, height: u16) -> String {
    let terminal = stage.terminal(width, height);
    let buffer = terminal.backend().buffer();
    let tones = [
        (Tone::Dim, 'd'),
        (Tone::Strong, 'S'),
        (Tone::Heading, 'H'),
        (Tone::Org, 'o'),
        (Tone::Mine, 'M'),
        (Tone::Key, 'k'),
        (Tone::Good, 'g'),
        (Tone::Warn, 'w'),
        (Tone::Bad, 'B'),
    ];
    let letter = |style: Style| {
        if style.add_modifier.contains(Modifier::REVERSED) {
            return 'R';
        }
        let same = |tone: Tone| {
            let of = Theme::Sixteen.style(tone);
            of.fg.unwrap_or_default() == style.fg.unwrap_or_default()
                && of.add_modifier == style.add_modifier
        };
        let known = tones.iter().find(|(tone, _)| same(*tone));
        known.map_or('.', |(_, letter)| *letter)
    };
    let mut rows = String::new();
    for y in 0..height {
        rows.extend((0..width).map(|x| letter(buffer[(x, y)].style())));
        rows.push('\n');
    }
    rows
}

#[test]
fn colours() {
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>emea<enter><esc>");
    let styled = styles(&mut stage, 100, 28);
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("colours_channel_100x28", styled);
    });
    stage.keys("1");
    let styled = styles(&mut stage, 100, 28);
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("colours_inbox_100x28", styled);
    });
}

#[test]
fn the_cursor_is_where_the_keys_go() {
    let mut stage = Stage::morning();
    for keys in [
        "",
        "2",
        "<ctrl+k>",
        "<esc><ctrl+k>emea<enter>",
        "<esc>",
        "?",
    ] {
        stage.keys(keys);
        let mut terminal = stage.terminal(120, 36);
        let at = terminal.get_cursor_position().unwrap();
        assert!(at.x > 0 || at.y > 0, "after {keys:?}");
    }
}
