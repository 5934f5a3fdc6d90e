//! What was said: the channels, their threads, and the Directs.

use super::{DemoError, Story, value};
use rialto_shared::{
    command::Command,
    entry::Seq,
    event::Event,
    id::RoomId,
    room::{channel, inbox, org, talk},
    standing::{PartnerType, Role},
    time::Span,
};
use std::collections::BTreeSet;

/// The handle of the private channel.
pub(super) const PRIVATE: &str = "smart-plant-council";

/// What the vendor's community lead says to each player.
const GUIDES: [(&str, &str); 2] = [
    (
        "ana",
        "Welcome! Everybody here is made up, and everybody answers. Three things to try:\n\
         1. Press 3, then Enter on Foundry line 4: write to the people in your deal.\n\
         2. Press 4, then a on Logistics: accept the customer, and see who it is.\n\
         3. Press 5, then a on any organisation: connect with it, or refer a customer to it.\n\
         Esc goes back, ? shows the keys, Ctrl+Q leaves.",
    ),
    (
        "tom",
        "Morning! Everybody here is made up, and everybody answers. Three things to try:\n\
         1. Press 3, then Enter on Foundry line 4: the partners let you in, so write to them.\n\
         2. Press 4, then a on Manufacturing: accept the customer, and see who it is.\n\
         3. Press 5, then a on any organisation: connect with it, or refer a customer to it.\n\
         Esc goes back, ? shows the keys, Ctrl+Q leaves.",
    ),
];

/// The vendor opens the channels, and people keep those that are theirs.
pub(super) fn open(story: &mut Story<'_>) -> Result<(), DemoError> {
    let public = [
        (
            "welcome",
            channel::Reach::Community,
            "Say hello, and ask what you would ask at the coffee machine",
        ),
        (
            "announcements",
            channel::Reach::Announcement,
            "News from Northwind for every partner",
        ),
        (
            "emea-launch",
            channel::Reach::Community,
            "Northwind 9 comes to EMEA: who does what until the launch",
        ),
        (
            "isv-corner",
            channel::Reach::Types(BTreeSet::from([PartnerType::Isv])),
            "For those who build software on Northwind",
        ),
    ];
    for (handle, reach, purpose) in public {
        open_one(story, "tom", (handle, reach), purpose)?;
    }
    let private = (PRIVATE, channel::Reach::Private);
    open_one(story, "sofia", private, "Plans for a joint offer to plants")?;
    let council = story.channel(PRIVATE)?;
    for (who, role) in [
        ("tom", Role::Lead),
        ("ana", Role::Lead),
        ("kenji", Role::Rep),
        ("priya", Role::Rep),
    ] {
        let member = story.member(who)?;
        let invite = channel::Command::Invite {
            member,
            role,
            history: true,
        };
        story.act("sofia", council, Command::Channel(invite), &[])?;
    }
    let everyone: Vec<&'static str> = story.cast.keys().copied().collect();
    for who in everyone {
        for handle in ["welcome", "announcements", "emea-launch"] {
            keep(story, who, handle)?;
        }
    }
    for who in ["tom", "sofia", "priya", "noor", "ines", "maya"] {
        keep(story, who, "isv-corner")?;
    }
    Ok(())
}

fn keep(story: &mut Story<'_>, who: &str, handle: &str) -> Result<(), DemoError> {
    let (room, inbox) = (story.channel(handle)?, story.inbox(who)?);
    let join = Command::Inbox(inbox::Command::Join { room });
    story.act(who, inbox, join, &[]).map(drop)
}

fn open_one(
    story: &mut Story<'_>,
    who: &str,
    (handle, reach): (&'static str, channel::Reach),
    purpose: &str,
) -> Result<(), DemoError> {
    let settings = channel::Settings {
        handle: value(handle)?,
        reach,
        post: channel::Who::Reps,
        invite: channel::Who::Reps,
        slow: Span::millis(0),
    };
    let room = RoomId::org(story.org_of(who)?);
    let open = Command::Org(org::Command::OpenChannel { settings });
    story.act(who, room, open, &[purpose])?;
    let channel = story.newest(room, "channel", |entry| {
        let Event::Org(org::Event::ChannelOpened { room, .. }) = &entry.event else {
            return None;
        };
        Some(*room)
    })?;
    story.channels.insert(handle.to_owned(), channel);
    Ok(())
}

fn edit(
    story: &mut Story<'_>,
    who: &str,
    room: RoomId,
    target: Seq,
    words: &str,
) -> Result<(), DemoError> {
    let edit = talk::Command::Edit { target, at: target };
    story
        .act(who, room, Command::Talk(edit), &[words])
        .map(drop)
}

/// The days in between.
pub(super) fn talk(story: &mut Story<'_>) -> Result<(), DemoError> {
    greetings(story)?;
    launch(story)?;
    software(story)?;
    council(story)?;
    directs(story)
}

fn greetings(story: &mut Story<'_>) -> Result<(), DemoError> {
    let (welcome, news) = (story.channel("welcome")?, story.channel("announcements")?);
    story.hours_ago(140)?;
    let hello = "Welcome, everyone. This is the place for all that has no other place. Tell us who you are and what you build.";
    let hello = story.say("tom", welcome, hello)?;
    story.act(
        "tom",
        welcome,
        Command::Talk(talk::Command::Pin {
            target: hello,
            on: true,
        }),
        &[],
    )?;
    story.minutes_ago(139 * 60 + 20)?;
    story.say(
        "kenji",
        welcome,
        "Kenji from Lumenforge. We make edge boxes. They get hot so that your servers do not.",
    )?;
    story.minutes_ago(139 * 60)?;
    let ana = story.say(
        "ana",
        welcome,
        "Hello from BrightPath! Rui and I connect plants, mostly between Stuttgart and Rotterdam.",
    )?;
    story.react("sofia", welcome, ana, "👋")?;
    story.react("kenji", welcome, ana, "👋")?;
    story.react("lea", welcome, ana, "🎉")?;
    story.minutes_ago(138 * 60)?;
    story.reply(
        "lea",
        welcome,
        ana,
        "Rotterdam! We run two yards there. Let us talk.",
    )?;
    story.reply(
        "ana",
        welcome,
        ana,
        "Gladly. I have a customer who asks about exactly that.",
    )?;
    story.hours_ago(130)?;
    story.say(
        "giulia",
        welcome,
        "Meridian here. If it is 3 a.m. where your customer is, we are awake.",
    )?;
    story.hours_ago(120)?;
    let post = story.say("tom", news, "Northwind 9 reaches EMEA in five weeks. Enablement starts on Monday; slots are in #emea-launch.")?;
    for who in ["ana", "lea", "noor", "ines", "priya"] {
        story.react(who, news, post, "🚀")?;
    }
    story.hours_ago(100)?;
    story.say("sofia", news, "The Run program now counts managed edge sites towards Gold. Nothing to do: we recount on the first of the month.").map(drop)
}

fn launch(story: &mut Story<'_>) -> Result<(), DemoError> {
    let room = story.channel("emea-launch")?;
    story.hours_ago(96)?;
    let slots = story.say("sofia", room, "Enablement slots for Northwind 9: Mon 10:00, Tue 15:00, Thu 09:00 CET. Reply in the thread with yours.")?;
    story.reply("lea", room, slots, "Tuesday for two of us.")?;
    story.reply("oskar", room, slots, "Thursday, please. Hanna joins.")?;
    let mistaken = story.reply("rui", room, slots, "Monday for BrightPath, three people")?;
    edit(
        story,
        "rui",
        room,
        mistaken,
        "Monday for BrightPath, two people",
    )?;
    story.react("sofia", room, slots, "👍")?;
    story.hours_ago(72)?;
    let draft = story.say("lea", room, "First draft of the migration guide is done. Who has a customer on version 7 to try it with?")?;
    story.reply(
        "giulia",
        room,
        draft,
        "Two hotels, both on 7.4. I will ask them.",
    )?;
    story.reply(
        "hanna",
        room,
        draft,
        "We can review the security chapter by Friday.",
    )?;
    story.react("lea", room, draft, "🙏")?;
    story.hours_ago(50)?;
    story
        .say(
            "marek",
            room,
            "Sandbox tenants for the launch are up. One per partner; the limits are those of Gold.",
        )
        .map(drop)
}

fn software(story: &mut Story<'_>) -> Result<(), DemoError> {
    let room = story.channel("isv-corner")?;
    story.hours_ago(60)?;
    let asked = story.say(
        "priya",
        room,
        "Is anybody paging through the asset API with cursors? We lose the last page now and then.",
    )?;
    story.reply(
        "noor",
        room,
        asked,
        "Yes: the cursor is only good for ten minutes. We resume from the last id.",
    )?;
    story.reply(
        "sofia",
        room,
        asked,
        "Noted for 9.1. The limit becomes a day.",
    )?;
    story.react("priya", room, asked, "❤️")?;
    story
        .say(
            "maya",
            room,
            "Our listing passed the review in four days. Ask me about the data form, I have scars.",
        )
        .map(drop)
}

fn council(story: &mut Story<'_>) -> Result<(), DemoError> {
    let room = story.channel(PRIVATE)?;
    story.hours_ago(48)?;
    story.say("sofia", room, "One offer, three parts: boxes by Lumenforge, maintenance by Cobalt, integration by BrightPath. Does that hold?")?;
    story.say(
        "kenji",
        room,
        "It holds if the box ships with Cobalt's agent on it. We can do that in the factory.",
    )?;
    let priced = story.say(
        "priya",
        room,
        "Then per site, not per sensor. I will bring numbers.",
    )?;
    story.react("ana", room, priced, "💯").map(drop)
}

fn directs(story: &mut Story<'_>) -> Result<(), DemoError> {
    story.hours_ago(44)?;
    let room = story.direct("sofia", &["ana"])?;
    story.say(
        "sofia",
        room,
        "Your Gold review is next week. I have all I need but two references.",
    )?;
    story.say(
        "ana",
        room,
        "You get them tomorrow. Is a public one enough for the second?",
    )?;
    story.say("sofia", room, "It is.")?;
    let room = story.direct("tom", &["lea"])?;
    story.say(
        "lea",
        room,
        "Could you look at our joint plan before Thursday?",
    )?;
    story
        .say("tom", room, "I have it open right now.")
        .map(drop)
}

/// The last hours: what waits unread.
pub(super) fn lately(story: &mut Story<'_>) -> Result<(), DemoError> {
    let (welcome, launch) = (story.channel("welcome")?, story.channel("emea-launch")?);
    let (news, council) = (story.channel("announcements")?, story.channel(PRIVATE)?);
    for who in ["ana", "tom"] {
        let member = story.member(who)?;
        for room in [welcome, launch, news, council] {
            story.venue.seen(member, room).done()?;
        }
    }
    story.minutes_ago(170)?;
    let booth = story.say_to(
        "lea",
        launch,
        None,
        &["ana", "tom"],
        "@Ana @Tom can the two of you open the session on plants? Ten minutes, no slides.",
    )?;
    story.react("sofia", launch, booth, "👀")?;
    story.minutes_ago(120)?;
    story.say(
        "emil",
        welcome,
        "Quayside looks for somebody with SAP yard management in Poland. Not urgent, but nice.",
    )?;
    story.minutes_ago(64)?;
    story.say(
        "priya",
        council,
        "Numbers are in: per site it is. I put the sheet where Sofia asked for it.",
    )?;
    story.minutes_ago(40)?;
    let room = story.direct("lea", &["ana"])?;
    story.say(
        "lea",
        room,
        "Ana, have you seen the referral for the yard in Rotterdam? It runs out today.",
    )?;
    let room = story.direct("priya", &["tom"])?;
    story.say(
        "priya",
        room,
        "Tom, who decides on co-sell funds for Q1? We have a case.",
    )?;
    story.minutes_ago(18)?;
    story
        .say(
            "oskar",
            launch,
            "Security chapter is reviewed: three findings, all fixed in the draft.",
        )
        .map(drop)
}

/// The newest of all: a word to whoever looks on, with things to try.
pub(super) fn guide(story: &mut Story<'_>) -> Result<(), DemoError> {
    story.minutes_ago(2)?;
    for (who, words) in GUIDES {
        let room = story.direct("marek", &[who])?;
        story.say("marek", room, words)?;
    }
    Ok(())
}
