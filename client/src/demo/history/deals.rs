//! The deals: in several stages, with parties, tasks, and the vendor in the room, on call or not there.

use super::{DemoError, Story};
use rialto_shared::{
    command::Command,
    entry::{Entry, Seq},
    event::{self, Event},
    id::{Hash, OrgId, RoomId},
    money::{Currency, Money},
    room::{
        deal::{self, Can, Presence, Responsibility, Stage},
        inbox,
    },
    time::Span,
};
use std::collections::BTreeSet;

/// What a deal begins with.
struct Opening {
    host: &'static str,
    people: &'static [&'static str],
    presence: Presence,
    title: &'static str,
    customer: &'static str,
    problem: &'static str,
    euros: i64,
}

fn open_deal(story: &mut Story<'_>, opening: &Opening) -> Result<RoomId, DemoError> {
    let minor = opening.euros.saturating_mul(100);
    let value = Money::new(minor, Currency::EUR);
    let value = value.map_err(|error| DemoError::Invented(error.to_string()))?;
    let open = Command::Inbox(inbox::Command::OpenDeal {
        presence: opening.presence,
        value: Some(value),
        close: Some((story.end + Span::days(45)).date()),
        people: story.members(opening.people)?,
    });
    let texts = [opening.title, opening.customer, opening.problem];
    let inbox = story.inbox(opening.host)?;
    story.act(opening.host, inbox, open, &texts)?;
    story.newest(inbox, "deal", |entry| {
        let Event::Inbox(inbox::Event::DealOpened { deal, .. }) = &entry.event else {
            return None;
        };
        Some(*deal)
    })
}

fn invite(
    story: &mut Story<'_>,
    deal: RoomId,
    host: &str,
    guest: &str,
    responsibility: Responsibility,
) -> Result<Hash, DemoError> {
    let org = story.org_of(guest)?;
    let invite = deal::Command::Invite {
        org,
        responsibility,
        history: true,
        can: Can::default(),
    };
    let message = "We need you in this one: your part is yours alone.";
    story.act(host, deal, Command::Deal(invite), &[message])?;
    story.newest(deal, "invitation", event::matter)
}

fn come_in(
    story: &mut Story<'_>,
    deal: RoomId,
    guest: &str,
    invitation: Hash,
) -> Result<(), DemoError> {
    let accept = deal::Command::AcceptInvitation {
        invitation,
        people: BTreeSet::new(),
    };
    story.act(guest, deal, Command::Deal(accept), &[]).map(drop)
}

/// Moves the stage from where it is, one by one.
fn advance(
    story: &mut Story<'_>,
    deal: RoomId,
    who: &str,
    stages: &[Stage],
) -> Result<(), DemoError> {
    for stage in stages {
        let at = story.newest(deal, "stage", stage_set)?;
        let command = deal::Command::MoveStage { to: *stage, at };
        story.act(who, deal, Command::Deal(command), &[])?;
    }
    Ok(())
}

/// The entry, where it sets a deal's stage.
fn stage_set(entry: &Entry) -> Option<Seq> {
    matches!(
        entry.event,
        Event::Deal(deal::Event::Opened { .. } | deal::Event::StageMoved { .. })
    )
    .then_some(entry.seq)
}

fn task(
    story: &mut Story<'_>,
    (deal, by): (RoomId, &str),
    to: &str,
    days: i64,
    title: &str,
) -> Result<Seq, DemoError> {
    let owner: OrgId = story.org_of(to)?;
    let to = deal::Assignment {
        owner,
        member: Some(story.member(to)?),
        due: (story.end + Span::days(days)).date(),
    };
    let add = Command::Deal(deal::Command::AddTask { to });
    story.act(by, deal, add, &[title])
}

/// Deals in several stages.
pub(super) fn open(story: &mut Story<'_>) -> Result<RoomId, DemoError> {
    story.hours_ago(30)?;
    let shown = retrofit(story)?;
    story.hours_ago(27)?;
    hotels(story)?;
    story.hours_ago(25)?;
    let vineyards = open_deal(
        story,
        &Opening {
            host: "maya",
            people: &[],
            presence: Presence::NotPresent,
            title: "Sensors for eleven vineyards",
            customer: "Domaine Sarrasin",
            problem: "Frost warnings come by phone, from a neighbour.",
            euros: 38_000,
        },
    )?;
    advance(
        story,
        vineyards,
        "maya",
        &[Stage::Qualified, Stage::Committed],
    )?;
    story.act("maya", vineyards, Command::Deal(deal::Command::Win {}), &[])?;
    let clinic = open_deal(
        story,
        &Opening {
            host: "oskar",
            people: &["hanna"],
            presence: Presence::OnCall,
            title: "Zero trust for a city archive",
            customer: "Stadtarchiv Lindau",
            problem: "Two hundred years of paper, and one password.",
            euros: 64_000,
        },
    )?;
    advance(story, clinic, "oskar", &[Stage::Qualified])?;
    story.say(
        "hanna",
        clinic,
        "They want a second round with the council in January.",
    )?;
    Ok(shown)
}

/// The player's own deal, with the vendor in the room.
fn retrofit(story: &mut Story<'_>) -> Result<RoomId, DemoError> {
    let room = open_deal(
        story,
        &Opening {
            host: "ana",
            people: &["rui"],
            presence: Presence::InRoom,
            title: "Foundry line 4 retrofit",
            customer: "Eisenhof Guss GmbH",
            problem: "Line 4 stops twice a week and nobody knows why before it does.",
            euros: 480_000,
        },
    )?;
    let boxes = invite(story, room, "ana", "kenji", Responsibility::HardwarePartner)?;
    let software = invite(story, room, "ana", "priya", Responsibility::SoftwarePartner)?;
    story.hours_ago(29)?;
    come_in(story, room, "kenji", boxes)?;
    story.hours_ago(28)?;
    come_in(story, room, "priya", software)?;
    advance(story, room, "ana", &[Stage::Qualified])?;
    // The vendor's alliance managers are admitted by the presence; it is theirs to keep the room in sight.
    for who in ["tom", "sofia"] {
        let inbox = story.inbox(who)?;
        let keep = Command::Inbox(inbox::Command::Join { room });
        story.act(who, inbox, keep, &[])?;
    }
    let sheet = task(
        story,
        (room, "ana"),
        "kenji",
        1,
        "Data sheet of the box, with its temperatures",
    )?;
    let done = Command::Deal(deal::Command::DoneTask { task: sheet });
    story.act("kenji", room, done, &[])?;
    Ok(room)
}

/// This day in the player's own deal: talk, tasks, and what is next.
pub(super) fn today(story: &mut Story<'_>, room: RoomId) -> Result<(), DemoError> {
    story.minutes_ago(5 * 60 + 20)?;
    advance(story, room, "ana", &[Stage::TechnicalValidation])?;
    story.say(
        "ana",
        room,
        "Eisenhof gave us line 4 for two weeks. After that it has to run.",
    )?;
    story.minutes_ago(5 * 60 + 8)?;
    let heat = story.say(
        "kenji",
        room,
        "What is the temperature at the ladle? Our box is good to 70 °C.",
    )?;
    story.minutes_ago(5 * 60 + 1)?;
    story.reply("rui", room, heat, "65 at the wall. I measured.")?;
    story.minutes_ago(4 * 60 + 20)?;
    let architect = story.say(
        "sofia",
        room,
        "There is an architect for you on Tuesday, if you want one.",
    )?;
    story.react("rui", room, architect, "🙏")?;
    let boxes = "Ship two test boxes to Duisburg";
    task(story, (room, "ana"), "kenji", 3, boxes)?;
    let signals = "Map the signals of line 4";
    task(story, (room, "ana"), "rui", 6, signals)?;
    let lead = "Name the plant's maintenance lead";
    task(story, (room, "priya"), "ana", 2, lead)?;
    story.hours_ago(4)?;
    let step = deal::Command::NextStep { at: Seq::ZERO };
    let words = "Two test boxes at the ladle, one week of data";
    story.act("rui", room, Command::Deal(step), &[words])?;
    for who in ["ana", "tom"] {
        let member = story.member(who)?;
        story.venue.seen(member, room).done()?;
    }
    Ok(())
}

fn hotels(story: &mut Story<'_>) -> Result<(), DemoError> {
    let room = open_deal(
        story,
        &Opening {
            host: "lea",
            people: &["jonas"],
            presence: Presence::OnCall,
            title: "Coast hotels: nights managed",
            customer: "Costa Clara Hotels",
            problem: "Nobody answers when the booking engine falls over at night.",
            euros: 150_000,
        },
    )?;
    let nights = invite(
        story,
        room,
        "lea",
        "giulia",
        Responsibility::ManagedServiceProvider,
    )?;
    come_in(story, room, "giulia", nights)?;
    let stages = [Stage::Qualified, Stage::BusinessValidation];
    advance(story, room, "lea", &stages)?;
    story.say(
        "giulia",
        room,
        "Runbooks are written. We could start on the first.",
    )?;
    let call = deal::Command::CallVendor {
        members: story.members(&["tom"])?,
    };
    let words = "The customer wants to hear the uptime figures from you.";
    story
        .act("lea", room, Command::Deal(call), &[words])
        .map(drop)
}

/// The last minutes: a word in the player's own deal, and another one that asks the player's organisation in.
pub(super) fn lately(story: &mut Story<'_>, own: RoomId) -> Result<(), DemoError> {
    story.minutes_ago(11)?;
    story.say(
        "priya",
        own,
        "In the lab the agent reads all nine signals. Now I want the ladle's.",
    )?;
    story.minutes_ago(9)?;
    let ports = open_deal(
        story,
        &Opening {
            host: "noor",
            people: &["emil"],
            presence: Presence::InRoom,
            title: "Cold chain for three ports",
            customer: "Nordkyl Terminals",
            problem: "Containers wait unplugged and nobody knows which.",
            euros: 310_000,
        },
    )?;
    advance(story, ports, "noor", &[Stage::Qualified])?;
    invite(story, ports, "noor", "ana", Responsibility::ServicesPartner)?;
    story
        .say(
            "emil",
            ports,
            "Terminal two gives us a crane's data as a first step.",
        )
        .map(drop)
}
