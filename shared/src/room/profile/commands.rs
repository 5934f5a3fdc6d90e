//! What an organisation says of itself, judged: by its own people from Lead upwards, and by the operator.

use super::{Command, Event, Field, Profile, specialities};
use crate::{
    command::{Named, SlotRule},
    entry::{SaltedText, Seq, Slot, Worded},
    event,
    id::MemberId,
    limits,
    rejection::Rejection,
    room::{Case, State},
    standing::{MemberCard, Role, Status},
    text::TextKind,
};
use std::collections::BTreeSet;

impl Command {
    pub(crate) fn slots(&self) -> Vec<SlotRule> {
        match self {
            Self::Describe { .. } => vec![("description", TextKind::About)],
            Self::Website { .. } => vec![("website", TextKind::Line)],
            Self::Specialities { .. } => vec![("specialities", TextKind::About)],
            Self::LookingFor { .. } => vec![("need", TextKind::Need)],
            Self::Contact { .. } => vec![("contact", TextKind::Line)],
            Self::Notes { .. } => vec![("notes", TextKind::About)],
            Self::Places { .. }
            | Self::Industries { .. }
            | Self::Capacity { .. }
            | Self::Visibility { .. }
            | Self::Contacts { .. }
            | Self::Clear { .. } => vec![],
        }
    }

    pub(crate) fn named(&self, _texts: &[SaltedText]) -> Named {
        let mut named = Named::default();
        match self {
            Self::Contacts { members, .. } => named.members.clone_from(members),
            Self::Describe { .. }
            | Self::Website { .. }
            | Self::Places { .. }
            | Self::Industries { .. }
            | Self::Specialities { .. }
            | Self::Capacity { .. }
            | Self::LookingFor { .. }
            | Self::Visibility { .. }
            | Self::Contact { .. }
            | Self::Notes { .. }
            | Self::Clear { .. } => {}
        }
        named
    }

    #[allow(
        clippy::unused_self,
        reason = "the same form as the other rooms' commands"
    )]
    pub(crate) const fn signed(&self) -> bool {
        false
    }

    /// The face that this is said on.
    const fn of_card(&self) -> bool {
        match self {
            Self::Contact { .. }
            | Self::Notes { .. }
            | Self::Clear {
                field: Field::Contact | Field::Notes,
                ..
            } => true,
            Self::Describe { .. }
            | Self::Website { .. }
            | Self::Places { .. }
            | Self::Industries { .. }
            | Self::Specialities { .. }
            | Self::Capacity { .. }
            | Self::LookingFor { .. }
            | Self::Visibility { .. }
            | Self::Contacts { .. }
            | Self::Clear {
                field:
                    Field::Description
                    | Field::Website
                    | Field::Specialities
                    | Field::Capacity
                    | Field::LookingFor
                    | Field::Contacts,
                ..
            } => false,
        }
    }
}

pub(crate) fn decide(
    case: &Case<'_>,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Vec<Worded<event::Event>>, Rejection> {
    case.seated()?;
    let State::Profile(profile) = &case.room.state else {
        return Err(Rejection::NotHere("such a thing to say of itself"));
    };
    // Others read here, and their role is Viewer: only the organisation's own people have another.
    case.at_least(Role::Lead)?;
    match (command.of_card(), profile.card) {
        (true, false) => {
            return Err(Rejection::NotHere(
                "contact or notes: those stand on the card that connections see",
            ));
        }
        (false, true) => {
            return Err(Rejection::NotHere(
                "such a thing to say: only contact and notes; the rest stands on the profile",
            ));
        }
        (true, true) | (false, false) => {}
    }
    let event = said(case, profile, command, texts)?;
    Ok(vec![Worded::new(
        event::Event::Profile(event),
        texts.to_vec(),
    )])
}

fn said(
    case: &Case<'_>,
    profile: &Profile,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Event, Rejection> {
    match command {
        Command::Describe { at } => {
            profile.description.unchanged_since(*at)?;
            Ok(Event::Described {
                description: Slot(0),
            })
        }
        Command::Website { at } => {
            profile.website.unchanged_since(*at)?;
            site_holds(texts)?;
            Ok(Event::WebsiteSet { website: Slot(0) })
        }
        Command::Places { places, at } => {
            profile.places.unchanged_since(*at)?;
            at_most("places", places.len(), limits::PLACES_MAX)?;
            let places = places.clone();
            Ok(Event::PlacesSet { places })
        }
        Command::Industries { industries, at } => {
            profile.industries.unchanged_since(*at)?;
            at_most("industries", industries.len(), limits::INDUSTRIES_MAX)?;
            let industries = industries.clone();
            Ok(Event::IndustriesSet { industries })
        }
        Command::Specialities { at } => {
            profile.specialities.unchanged_since(*at)?;
            tags_hold(texts)?;
            Ok(Event::SpecialitiesSet {
                specialities: Slot(0),
            })
        }
        Command::Capacity { capacity, at } => {
            profile.capacity.unchanged_since(*at)?;
            Ok(Event::CapacitySet {
                capacity: *capacity,
            })
        }
        Command::LookingFor { types, at } => {
            profile.looking_for.unchanged_since(*at)?;
            at_most("types", types.len(), limits::TYPES_MAX)?;
            Ok(Event::LookingForSet {
                types: types.clone(),
                need: Slot(0),
            })
        }
        Command::Visibility { visibility, at } => {
            profile.visibility.unchanged_since(*at)?;
            Ok(Event::VisibilitySet {
                visibility: *visibility,
            })
        }
        Command::Contacts { members, at } => {
            profile.contacts.unchanged_since(*at)?;
            own_people(case, profile, members)?;
            let members = members.clone();
            Ok(Event::ContactsSet { members })
        }
        Command::Contact { at } => {
            profile.contact.unchanged_since(*at)?;
            Ok(Event::ContactSet { contact: Slot(0) })
        }
        Command::Notes { at } => {
            profile.notes.unchanged_since(*at)?;
            Ok(Event::NotesSet { notes: Slot(0) })
        }
        Command::Clear { field, at } => clear(case, profile, *field, *at),
    }
}

fn clear(case: &Case<'_>, profile: &Profile, field: Field, at: Seq) -> Result<Event, Rejection> {
    if field == Field::Contacts {
        case.at_least(Role::Admin)?;
    }
    match profile.set(field) {
        (last, _) if last != at => Err(Rejection::Stale(last)),
        (_, false) => Err(Rejection::Already("field")),
        (_, true) => Ok(Event::Cleared { field }),
    }
}

/// Whom strangers may turn to is the admins' to say, and they say it of their own people only.
fn own_people(
    case: &Case<'_>,
    profile: &Profile,
    members: &BTreeSet<MemberId>,
) -> Result<(), Rejection> {
    case.at_least(Role::Admin)?;
    at_most("contacts", members.len(), limits::CONTACTS_MAX)?;
    let ours = |card: &&MemberCard| card.org == profile.org && card.status == Status::Active;
    let known = case.named.iter().filter(ours).map(|card| card.id);
    if known.collect::<BTreeSet<_>>().is_superset(members) {
        Ok(())
    } else {
        Err(Rejection::Value {
            field: "contacts",
            want: "people of your own organisation who are active",
        })
    }
}

const fn at_most(field: &'static str, count: usize, max: usize) -> Result<(), Rejection> {
    if count > max {
        return Err(Rejection::Limit { field, max });
    }
    Ok(())
}

/// A site is shown to be opened: nothing but the web's own two schemes, or none.
fn site_holds(texts: &[SaltedText]) -> Result<(), Rejection> {
    let site = texts.first().map_or("", |text| text.text.as_str());
    let host = site
        .strip_prefix("https://")
        .or_else(|| site.strip_prefix("http://"))
        .unwrap_or(site);
    let named = host.split('/').next().is_some_and(|host| {
        host.contains('.') && !host.starts_with('.') && !host.contains([':', '@'])
    });
    if named && !site.contains(char::is_whitespace) {
        Ok(())
    } else {
        Err(Rejection::Value {
            field: "website",
            want: "an address on the web, such as example.com or https://example.com/partners",
        })
    }
}

fn tags_hold(texts: &[SaltedText]) -> Result<(), Rejection> {
    let tags = texts
        .first()
        .map_or_else(Vec::new, |text| specialities(text.text.as_str()));
    if tags.is_empty() {
        return Err(Rejection::Value {
            field: "specialities",
            want: "one tag or more, with commas between them",
        });
    }
    at_most("specialities", tags.len(), limits::SPECIALITIES_MAX)?;
    let long = |tag: &String| tag.chars().count() > limits::SPECIALITY_CHARS_MAX;
    if tags.iter().any(long) {
        return Err(Rejection::Value {
            field: "specialities",
            want: "tags of at most 40 characters, with commas between them",
        });
    }
    Ok(())
}
