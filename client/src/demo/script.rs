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

/// Answers to whoever speaks to them.
pub(super) const ANSWERS: [&str; 8] = [
    "Good point. Let me check and come back to you today.",
    "Yes, count us in.",
    "I had the same question. Shall we take it to a call?",
    "Thanks! That helps a lot.",
    "Give me an hour, I am between two meetings.",
    "We did that last year with another customer. I will dig out the notes.",
    "Makes sense to me.",
    "Could you send me two lines on what you need from us?",
];
