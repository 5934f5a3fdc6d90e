//! What happens in rooms that one organisation has alone: its record, its faces, a member's Inbox.

use super::{Happened, words};
use crate::app::screen::inbox::named;
use rialto_shared::{
    entry::Entry,
    id::OrgId,
    room::{inbox, profile, record},
};

/// A copy of what was signed elsewhere: what that was.
pub(super) fn kept(of: &Happened<'_>, copy: &str, by: Option<OrgId>) -> String {
    let by = by.map_or_else(String::new, |by| {
        format!(", signed by {}", of.app.org_name(by))
    });
    Entry::decode(copy.as_bytes()).map_or_else(
        |_| format!("kept as proof{by}: a signed statement"),
        |copy| format!("kept as proof{by}: {}", words(of.app, &copy)),
    )
}

pub(super) fn record(of: &Happened<'_>, event: &record::Event) -> String {
    match event {
        record::Event::Opened { .. } => {
            "the record begins: what is signed by your organisation and to it".to_owned()
        }
        record::Event::Kept { entry, by, .. } => kept(of, entry, Some(*by)),
    }
}

pub(super) fn inbox(of: &Happened<'_>, event: &inbox::Event) -> String {
    let who = &of.who;
    let title = |room| of.app.console.replica().title(room);
    match event {
        inbox::Event::Opened { member, .. } => {
            format!("the Inbox of {} begins", of.person(*member))
        }
        inbox::Event::Joined { room } => format!("{who} keeps {}", title(*room)),
        inbox::Event::Left { room } => format!("{who} no longer keeps {}", title(*room)),
        inbox::Event::Noted { what, room, .. } => {
            let (_, word, words) = named(*what);
            format!("{}: {} {words}", title(*room), word.to_lowercase())
                .trim_end()
                .to_owned()
        }
        inbox::Event::Done { .. } => of.did(
            "is done with something that waited",
            "something that waited is settled",
        ),
        inbox::Event::DirectOpened { people, .. } => {
            let author = of.entry.author.member();
            let others = people.iter().map(|person| &person.id);
            let others = of.people(others.filter(|id| Some(**id) != author));
            if others.is_empty() {
                format!("{who} began a conversation")
            } else {
                format!("{who} began a conversation with {others}")
            }
        }
        inbox::Event::CaseOpened { .. } => format!("{who} began a case"),
        inbox::Event::NoticesSet { .. } => {
            format!("{who} said what to be told of outside the console")
        }
        inbox::Event::Erased { .. } => "the texts of a case were erased".to_owned(),
        inbox::Event::DealOpened { title, .. } | inbox::Event::DealImported { title, .. } => {
            format!("{who} opened a deal{}", of.quoted(*title))
        }
    }
}

pub(super) fn profile(of: &Happened<'_>, event: &profile::Event) -> String {
    use profile::Event;
    let who = &of.who;
    let said = |what: &str| format!("{who} said {what}");
    match event {
        Event::Opened { org, card, .. } => {
            let face = if *card { "card" } else { "profile" };
            format!("the {face} of {} begins", of.app.org_name(*org))
        }
        Event::Named { name } => format!("the organisation is called{}", of.quoted(*name)),
        Event::Classified { .. } => {
            "the vendor recorded what the organisation is and in which programs".to_owned()
        }
        Event::Claimed { .. } => "the organisation was claimed by its first admin".to_owned(),
        Event::Described { description } => said(&format!(
            "what the organisation is{}",
            of.quoted(*description)
        )),
        Event::WebsiteSet { website } => said(&format!("where its site is{}", of.quoted(*website))),
        Event::PlacesSet { .. } => said("where it works"),
        Event::IndustriesSet { .. } => said("for whom it works"),
        Event::SpecialitiesSet { specialities } => {
            said(&format!("what it is good at{}", of.quoted(*specialities)))
        }
        Event::CapacitySet { .. } => said("whether it takes work on"),
        Event::LookingForSet { need, .. } => {
            said(&format!("which partners it looks for{}", of.quoted(*need)))
        }
        Event::VisibilitySet { .. } => said("who reads its profile"),
        Event::ContactsSet { members } => {
            let people = of.people(members.iter());
            let people = if people.is_empty() {
                "nobody".to_owned()
            } else {
                people
            };
            of.did(
                &format!("named whom to turn to: {people}"),
                &format!("whom to turn to: {people}"),
            )
        }
        Event::ContactSet { contact } => said(&format!("whom to write to{}", of.quoted(*contact))),
        Event::NotesSet { .. } => said("what its connections should know"),
        Event::Cleared { .. } => format!("{who} took back something that its profile said"),
    }
}
