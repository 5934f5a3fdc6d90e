//! What was agreed: connections, agreements, and referrals with running clocks.

use super::{DemoError, Story, value};
use crate::request;
use rialto_shared::{
    command::Command,
    event::{self, Event},
    id::{Hash, RoomId, Salt},
    money::Currency,
    room::{inbox, org, referral, relation, side},
    standing::AgreementKind,
    time::Span,
};
use std::collections::BTreeSet;

/// Who is connected with whom, whoever asked first.
const CONNECTED: [(&str, &str); 10] = [
    ("lea", "ana"),
    ("ana", "priya"),
    ("kenji", "ana"),
    ("noor", "ana"),
    ("oskar", "ana"),
    ("noor", "lea"),
    ("giulia", "lea"),
    ("ana", "tom"),
    ("lea", "tom"),
    ("kenji", "tom"),
];

/// Connections, and what was signed between the connected.
pub(super) fn connect(story: &mut Story<'_>) -> Result<(), DemoError> {
    story.hours_ago(230)?;
    for (from, to) in CONNECTED {
        let knock = ask(story, from, to, "Good to meet you. Shall we work together?")?;
        let answer = org::Command::AnswerConnection {
            from: story.org_of(from)?,
            knock,
            take: org::Take::Connection,
            people: BTreeSet::new(),
        };
        let room = RoomId::org(story.org_of(to)?);
        story.act(to, room, Command::Org(answer), &[])?;
    }
    story.hours_ago(220)?;
    agree(story, ("lea", "ana"), AgreementKind::Nda, true)?;
    agree(story, ("ana", "kenji"), AgreementKind::Nda, true)?;
    story.hours_ago(218)?;
    agree(story, ("lea", "ana"), AgreementKind::Referral, true)
}

/// Asks for a connection; what the entry says that brought the request.
fn ask(story: &mut Story<'_>, from: &str, to: &str, words: &str) -> Result<Hash, DemoError> {
    let (own, other) = (story.org_of(from)?, story.org_of(to)?);
    let connect = Command::Org(org::Command::Connect { to: other });
    story.act(from, RoomId::org(own), connect, &[words])?;
    story.newest(RoomId::org(other), "request to connect", |entry| {
        matches!(&entry.event, Event::Org(org::Event::Knocked { from, .. }) if *from == own)
            .then(|| event::matter(entry))
            .flatten()
    })
}

fn agree(
    story: &mut Story<'_>,
    (from, to): (&str, &str),
    kind: AgreementKind,
    confirmed: bool,
) -> Result<(), DemoError> {
    let room = RoomId::relation(story.org_of(from)?, story.org_of(to)?);
    let agree = relation::Command::Agree {
        kind,
        from: story.venue.now().date(),
        to: None,
    };
    let paper = "Framework agreement, folder 7 of the shared cabinet";
    let proposal = story.act(from, room, Command::Relation(agree), &[paper])?;
    if confirmed {
        let confirm = Command::Relation(relation::Command::Confirm { proposal });
        story.act(to, room, confirm, &[])?;
    }
    Ok(())
}

/// A customer of whom a case is made.
struct Customer {
    need: &'static str,
    name: &'static str,
    contact: &'static str,
    notes: &'static str,
    industry: &'static str,
    country: &'static str,
    band: &'static str,
}

fn draft(story: &Story<'_>, customer: &Customer) -> Result<side::Draft, DemoError> {
    Ok(side::Draft {
        teaser: side::Teaser {
            industry: value(customer.industry)?,
            country: value(customer.country)?,
            size: value("250-999")?,
            want: side::Want::Lead,
            value: side::ValueBand {
                band: value(customer.band)?,
                currency: Currency::EUR,
            },
            urgency: side::Urgency::Normal,
        },
        contact: true,
        notes: true,
        consent: Some(side::Consent {
            share_pii: true,
            may_contact: true,
            obtained_at: (story.venue.now() - Span::days(2)).date(),
        }),
        terms: side::Terms {
            fee: side::Fee::Bps(1_000),
            months: 12,
        },
        excluded: BTreeSet::new(),
        salt: Salt(story.venue.chance.bytes()?),
    })
}

/// Makes a case of a customer and offers it; the room of the offer.
fn offer(
    story: &mut Story<'_>,
    who: &str,
    to: &str,
    customer: &Customer,
) -> Result<RoomId, DemoError> {
    let draft = draft(story, customer)?;
    let open = Command::Inbox(inbox::Command::OpenCase {
        draft: draft.clone(),
    });
    let words = [
        customer.need,
        customer.name,
        customer.contact,
        customer.notes,
    ];
    let words = [&words[..], &["They asked for it on the phone."]].concat();
    let inbox = story.inbox(who)?;
    let (_, texts) = story.act_worded(who, inbox, request::worded(open, &words)?)?;
    let case = story.newest(inbox, "case", |entry| {
        let Event::Inbox(inbox::Event::CaseOpened { side, .. }) = &entry.event else {
            return None;
        };
        Some(*side)
    })?;
    let promise = side::Drafted::new(draft, &texts).promise();
    let promise = promise.map_err(|error| DemoError::Invented(error.to_string()))?;
    let (from, to) = (story.org_of(who)?, story.org_of(to)?);
    let (shown, full) = (promise.shown(), promise.full());
    let stranger = story.venue.entries(RoomId::relation(from, to))?.is_empty();
    if stranger {
        let offer = side::Command::OfferWithRequest { to, shown, full };
        let words = "You are nearer to this one than we are. Shall we work together?";
        story.act(who, case, Command::Side(offer), &[words])?;
    } else {
        let offer = side::Command::Offer { to, shown, full };
        story.act(who, case, Command::Side(offer), &[])?;
    }
    story.newest(case, "offer", |entry| {
        let Event::Side(side::Event::Offered { offer, .. }) = &entry.event else {
            return None;
        };
        Some(*offer)
    })
}

/// A customer of whom the history says nothing.
#[cfg(test)]
pub(super) fn offer_mill(story: &mut Story<'_>, from: &str, to: &str) -> Result<RoomId, DemoError> {
    let mill = Customer {
        need: "A paper mill wants its shifts planned by the weather",
        name: "Papier Auental",
        contact: "Rolf Brehm, rolf@papier-auental.example",
        notes: "No hurry.",
        industry: "manufacturing",
        country: "AT",
        band: "10k-50k",
    };
    offer(story, from, to, &mill)
}

/// Referrals: two that run out within hours, one accepted, one declined.
/// The room of the first.
pub(super) fn refer(story: &mut Story<'_>) -> Result<RoomId, DemoError> {
    story.hours_ago(163)?;
    let yard = Customer {
        need: "Wants to see every trailer on its yard in Rotterdam, and when each may leave",
        name: "Van Houten Yards B.V.",
        contact: "Joris de Wit, head of yard operations, joris@vanhouten-yards.example",
        notes: "Budget is there for this year. They compare two others.",
        industry: "logistics",
        country: "NL",
        band: "50k-250k",
    };
    let yard = offer(story, "lea", "ana", &yard)?;
    let foundry = Customer {
        need: "A foundry with nine sites wants Northwind directly: who sells, who runs it?",
        name: "Gusswerk Nord AG",
        contact: "Petra Kolb, plant director, petra@gusswerk-nord.example",
        notes: "They run our boxes already and asked for the vendor.",
        industry: "manufacturing",
        country: "DE",
        band: "250k-1m",
    };
    offer(story, "kenji", "tom", &foundry)?;
    story.hours_ago(160)?;
    let hotels = Customer {
        need: "Forty hotels need their front desks moved off version 7 before the season",
        name: "Seeblick Hotels",
        contact: "Mona Brandt, IT lead, mona@seeblick-hotels.example",
        notes: "Season starts in April; nothing moves after March.",
        industry: "hospitality",
        country: "AT",
        band: "50k-250k",
    };
    let hotels = offer(story, "ana", "lea", &hotels)?;
    accept(story, ("ana", "lea"), hotels)?;
    let clinics = Customer {
        need: "Three clinics want their remote access reviewed, with the fixes done",
        name: "Klinikverbund Talheim",
        contact: "Dr. Uwe Sand, head of IT, sand@talheim-kliniken.example",
        notes: "Audit in June.",
        industry: "healthcare",
        country: "DE",
        band: "10k-50k",
    };
    let clinics = offer(story, "ana", "oskar", &clinics)?;
    story.hours_ago(150)?;
    let decline = referral::Command::Decline {
        reason: referral::DeclineReason::Capacity,
    };
    let words = "Booked out until June, and we would rather say so now.";
    story.act("oskar", clinics, Command::Referral(decline), &[words])?;
    let contacted = Command::Referral(referral::Command::Contacted {});
    story.act("jonas", hotels, contacted, &[])?;
    let words = "Had a good first call with Mona. Workshop is on Tuesday.";
    story.say("jonas", hotels, words)?;
    Ok(yard)
}

fn accept(story: &mut Story<'_>, (from, to): (&str, &str), room: RoomId) -> Result<(), DemoError> {
    let accept = referral::Command::Accept {
        from: story.org_of(from)?,
        people: story.members(&["jonas"])?,
    };
    story
        .act(to, room, Command::Referral(accept), &[])
        .map(drop)
}

/// The last hours: what waits for an answer.
pub(super) fn lately(story: &mut Story<'_>, yard: RoomId) -> Result<(), DemoError> {
    story.minutes_ago(17)?;
    story.say(
        "lea",
        yard,
        "They would begin with one yard, in June. Is that too soon for you?",
    )?;
    story.minutes_ago(16)?;
    let spares = Customer {
        need: "A shipyard wants its spare parts where its ships are, before they are",
        name: "Werft Holtkamp",
        contact: "Silke Ahrens, purchasing, silke@werft-holtkamp.example",
        notes: "Heard of Quayside at a fair.",
        industry: "manufacturing",
        country: "DE",
        band: "10k-50k",
    };
    offer(story, "ana", "noor", &spares)?;
    story.minutes_ago(14)?;
    ask(
        story,
        "ines",
        "ana",
        "You know plants, we know what they cost when they stop. Shall we talk?",
    )?;
    ask(
        story,
        "maya",
        "tom",
        "We would like to hear of changes before they are announced.",
    )?;
    story.minutes_ago(12)?;
    agree(story, ("oskar", "ana"), AgreementKind::Nda, false)?;
    agree(story, ("lea", "tom"), AgreementKind::Cosell, false)
}
