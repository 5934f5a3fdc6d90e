//! What the scripted members do, in this order, while somebody looks on; and what they say when they are spoken to.

use rialto_shared::room::deal::Stage;

/// One thing that somebody does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    /// Says this in a channel.
    Say(&'static str, &'static str),
    /// Reacts with this to the newest message of somebody else in a channel.
    React(&'static str, &'static str),
    /// Says this in the player's deal.
    Deal(&'static str),
    /// Adds a task for their own organisation there.
    Task(&'static str),
    /// Moves its stage.
    Stage(Stage),
}

use Deed::{Deal, React, Say, Stage as Move, Task};

/// Those who act, unless they are the player.
pub(super) const ACTING: [(&str, &[Deed]); 7] = [
    (
        "sofia",
        &[
            Say(
                "emea-launch",
                "The Tuesday slot is full. Thursday has six places left.",
            ),
            Deal("The architect is Lena from our Munich office. She knows ladles."),
            React("welcome", "👍"),
            Say(
                "isv-corner",
                "9.1 preview builds are on the download page as of now.",
            ),
            Say(
                "announcements",
                "The launch pages are translated: DE, FR, ES, IT. Please proofread yours.",
            ),
            Say(
                "emea-launch",
                "Recordings of Monday are up, chapters included.",
            ),
        ],
    ),
    (
        "lea",
        &[
            Say(
                "welcome",
                "Emil, we know somebody in Gdańsk. I will introduce you.",
            ),
            React("emea-launch", "🎉"),
            Say(
                "emea-launch",
                "The migration guide has its own page now. Comments welcome.",
            ),
            Say(
                "welcome",
                "Does anybody go to the logistics fair in Lyon? We have two spare tickets.",
            ),
            React("welcome", "❤️"),
        ],
    ),
    (
        "priya",
        &[
            Deal("The agent runs on the test box. It needs 300 MB and no internet."),
            Say(
                "smart-plant-council",
                "If the sheet is fine with all of you I send it on Friday.",
            ),
            Move(Stage::BusinessValidation),
            Deal("The customer's buyer has seen the price per site and asked for three years."),
            React("emea-launch", "👀"),
        ],
    ),
    (
        "kenji",
        &[
            Task("Send the thermal report of the test boxes"),
            Deal("Boxes left the factory this morning. Duisburg on Wednesday."),
            React("smart-plant-council", "👍"),
            Say(
                "welcome",
                "Photo of the week: a box inside a foundry, still smiling.",
            ),
            Say(
                "smart-plant-council",
                "Factory confirms: agent preinstalled from batch 12 on.",
            ),
        ],
    ),
    (
        "emil",
        &[
            Say(
                "emea-launch",
                "Nordic ports are ready for the launch, minus one. That one is iced in.",
            ),
            React("welcome", "🙏"),
            Say("welcome", "Thank you all for Poland, that was quick."),
            React("emea-launch", "🚀"),
        ],
    ),
    (
        "oskar",
        &[
            React("emea-launch", "💯"),
            Say(
                "emea-launch",
                "If you expose the admin port in the sandbox: please do not.",
            ),
            Say(
                "welcome",
                "We have a free review slot in two weeks. First come.",
            ),
        ],
    ),
    (
        "ana",
        &[
            Say("emea-launch", "Ten minutes, no slides: I am in, if Tom is."),
            Deal("Maintenance lead is Jutta Brandt. She prefers the phone."),
            React("welcome", "😀"),
        ],
    ),
];

/// What somebody does of themselves; nothing where the script has no part for them.
pub(super) fn deeds(who: &str) -> &'static [Deed] {
    let part = ACTING.iter().find(|(key, _)| *key == who);
    part.map_or(&[], |(_, deeds)| deeds)
}

/// Said in a deal that they were asked into.
pub(super) const CAME_IN: &str =
    "Thank you for asking us in. I have read what is here; give me a task and a day.";
/// Said when a task is done.
pub(super) const WORKED: &str =
    "My task is done. Have a look, and tell me if something is missing.";
/// Said of a referral that they took.
pub(super) const TAKEN: &str = "Taken, and thank you. I will call them today.";
/// Said when its customer was called.
pub(super) const CONTACTED: &str = "Just spoke with them. They want to see us on Tuesday.";
/// Said when there is something to win.
pub(super) const QUALIFIED: &str = "There is a budget and a date: this one is real.";
/// Said when an agreement is in force.
pub(super) const CONFIRMED: &str = "Signed on our side. Good to have it in writing.";

/// Words of whoever is greeted, thanked, asked, or told something.
const GREETED: [&str; 3] = [
    "Hello! What can I do for you?",
    "Hi! Good to hear from you.",
    "Hello! I have a minute, go ahead.",
];
const THANKED: [&str; 3] = ["Any time.", "Gladly.", "My pleasure. Tell me how it goes."];
const ASKED: [&str; 6] = [
    "Let me check and come back to you today.",
    "Yes, count us in.",
    "Good question. I will ask our people and tell you here.",
    "Give me an hour, I am between two meetings.",
    "We did that last year with another customer. I will dig out the notes.",
    "Could you send me two lines on what you need from us?",
];
const TOLD: [&str; 5] = [
    "Good point.",
    "Thanks! That helps a lot.",
    "Makes sense to me.",
    "Noted. I will pass it on to our people.",
    "Good to know. I will keep an eye on it.",
];

/// What somebody says to these words. The number tells one answer from the next.
pub(super) fn answer(words: &str, number: u64) -> &'static str {
    let lower = words.to_lowercase();
    let says = |signs: &[&str]| {
        let mut heard = lower.split(|c: char| !c.is_alphanumeric());
        heard.any(|word| signs.contains(&word))
    };
    let answers: &[&'static str] = if words.contains('?') {
        &ASKED
    } else if says(&["thanks", "thank", "thx", "danke", "merci"]) {
        &THANKED
    } else if says(&["hello", "hi", "hey", "morning", "hallo"]) {
        &GREETED
    } else {
        &TOLD
    };
    let turn = usize::try_from(number).unwrap_or_default();
    let answer = answers.iter().cycle().nth(turn % answers.len());
    answer.copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::ecosystem::CHARACTERS;

    #[test]
    fn an_answer_fits_what_was_said() {
        for number in 0..9 {
            assert!(ASKED.contains(&answer("Hello Lea, have you time today?", number)));
            assert!(THANKED.contains(&answer("Thanks, that was quick", number)));
            assert!(GREETED.contains(&answer("Good morning!", number)));
            assert!(TOLD.contains(&answer("The highway is closed.", number)));
        }
        assert_ne!(answer("Why?", 1), answer("Why?", 2));
    }

    #[test]
    fn whoever_the_script_names_is_there() {
        for (key, deeds) in ACTING {
            assert!(CHARACTERS.iter().any(|character| character.key == key));
            assert!(!deeds.is_empty(), "{key}");
        }
        assert!(deeds("tom").is_empty(), "Tom only answers");
    }
}
