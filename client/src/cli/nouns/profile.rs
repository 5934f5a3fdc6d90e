//! What an organisation says of itself: its Profile, and the Card for those that it is connected with.

use super::super::{exit::Failure, output};
use super::{
    member,
    words::{list, one_of, usage},
    work::Work,
};
use crate::client::ClientError;
use clap::Subcommand;
use rialto_shared::{
    command::Command,
    entry::{Seq, TextRef},
    id::{MemberId, OrgId, RoomId},
    industry::Industry,
    room::{
        State,
        profile::{self, Capacity, Field, Place, Profile, Visibility},
    },
    standing::{MemberCard, PartnerType, Status},
    text::Text,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[derive(Debug, Subcommand)]
pub(in super::super) enum Verb {
    /// Your organisation's profile, or another's.
    Show { org: Option<String> },
    /// Say something of your organisation.
    Set {
        #[arg(value_enum)]
        what: What,
        /// Words; for lists, with commas between; for contacts, names; - reads stdin.
        #[arg(required = true)]
        value: Vec<String>,
        /// With looking-for: of which type; may be given again.
        #[arg(long = "type", value_name = "TYPE", value_parser = one_of::<PartnerType>)]
        types: Vec<PartnerType>,
    },
    /// Take something away that was said: description, website, specialities, capacity, looking_for, contacts, contact or
    /// notes.
    Clear {
        #[arg(value_parser = one_of::<Field>)]
        field: Field,
    },
}

/// What can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in super::super) enum What {
    /// What the organisation is.
    Description,
    /// Where its site is.
    Website,
    /// Where it works: countries and regions.
    Places,
    /// Whom it works for.
    Industries,
    /// What it is good at.
    Specialities,
    /// Whether it takes work on: open, limited or closed.
    Capacity,
    /// Which partners it looks for, and for what.
    LookingFor,
    /// Who reads the profile: public, connections or private.
    Visibility,
    /// Your people whom anybody may turn to, such as the vendor's alliance managers: by name, each as one word or in quotes.
    Contacts,
    /// Whom a connected organisation writes to.
    Contact,
    /// What connected organisations should know.
    Notes,
}

pub(super) async fn act(mut work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Show { org } => show(work, org.as_deref()).await,
        Verb::Set { what, value, types } => {
            if what == What::Contacts {
                return name_contacts(work, &value).await;
            }
            let [value] = value.as_slice() else {
                return Err(usage("this is said in one value: put it in quotes"));
            };
            let value = output::text(value)?;
            set(work, what, &value, types).await
        }
        Verb::Clear { field } => {
            let card = matches!(field, Field::Contact | Field::Notes);
            let own = work.own;
            let (room, face) = face(&mut work, own, card).await?;
            let at = match field {
                Field::Description => face.description.at,
                Field::Website => face.website.at,
                Field::Specialities => face.specialities.at,
                Field::Capacity => face.capacity.at,
                Field::LookingFor => face.looking_for.at,
                Field::Contacts => face.contacts.at,
                Field::Contact => face.contact.at,
                Field::Notes => face.notes.at,
            };
            let command = Command::Profile(profile::Command::Clear { field, at });
            work.send(room, command, &[]).await
        }
    }
}

/// An organisation's Profile, or its Card, held here.
async fn face(work: &mut Work<'_>, org: OrgId, card: bool) -> Result<(RoomId, Profile), Failure> {
    let room = if card {
        RoomId::card(org)
    } else {
        RoomId::profile(org)
    };
    work.client.open(room, 0).await?;
    match work.state(room) {
        Some(State::Profile(profile)) => Ok((room, (**profile).clone())),
        Some(_) | None => Err(usage("there is no profile here")),
    }
}

/// The contacts of an organisation, as its profile names them: those whose cards came with it, and who are active.
pub(super) async fn contacts(work: &mut Work<'_>, org: OrgId) -> Result<Vec<MemberCard>, Failure> {
    let (_, profile) = face(work, org, false).await?;
    let named = profile.contacts.value.unwrap_or_default();
    let cards = named.iter().filter_map(|id| work.replica().member(*id));
    let active = cards.filter(|card| card.status == Status::Active);
    Ok(active.cloned().collect())
}

async fn name_contacts(mut work: Work<'_>, names: &[String]) -> Result<(), Failure> {
    let mut members = BTreeSet::new();
    for name in names {
        members.insert(member::named(&work, name)?);
    }
    let own = work.own;
    let (room, face) = face(&mut work, own, false).await?;
    let at = face.contacts.at;
    let command = profile::Command::Contacts { members, at };
    work.send(room, Command::Profile(command), &[]).await
}

async fn set(
    mut work: Work<'_>,
    what: What,
    value: &str,
    types: Vec<PartnerType>,
) -> Result<(), Failure> {
    if !types.is_empty() && what != What::LookingFor {
        return Err(usage("--type goes with looking-for"));
    }
    let card = matches!(what, What::Contact | What::Notes);
    let own = work.own;
    let (room, face) = face(&mut work, own, card).await?;
    let (command, worded) = said(&face, what, value, types)?;
    let texts = if worded { vec![value] } else { vec![] };
    work.send(room, Command::Profile(command), &texts).await
}

/// The command that says this, and whether the words go with it.
fn said(
    face: &Profile,
    what: What,
    value: &str,
    types: Vec<PartnerType>,
) -> Result<(profile::Command, bool), Failure> {
    let wrong = |words: String| usage(format!("{value:?}: {words}"));
    Ok(match what {
        What::Description => {
            let at = face.description.at;
            (profile::Command::Describe { at }, true)
        }
        What::Website => {
            let at = face.website.at;
            (profile::Command::Website { at }, true)
        }
        What::Places => {
            let places = list(value, str::parse::<Place>)?.into_iter().collect();
            let at = face.places.at;
            (profile::Command::Places { places, at }, false)
        }
        What::Industries => {
            let industries = list(value, one_of::<Industry>)?.into_iter().collect();
            let at = face.industries.at;
            (profile::Command::Industries { industries, at }, false)
        }
        What::Specialities => {
            let at = face.specialities.at;
            (profile::Command::Specialities { at }, true)
        }
        What::Capacity => {
            let capacity = one_of::<Capacity>(value).map_err(wrong)?;
            let at = face.capacity.at;
            (profile::Command::Capacity { capacity, at }, false)
        }
        What::LookingFor => {
            let (types, at) = (types.into_iter().collect(), face.looking_for.at);
            (profile::Command::LookingFor { types, at }, true)
        }
        What::Visibility => {
            let visibility = one_of::<Visibility>(value).map_err(wrong)?;
            let at: Seq = face.visibility.at;
            (profile::Command::Visibility { visibility, at }, false)
        }
        What::Contacts => return Err(usage("contacts are named, not said")),
        What::Contact => {
            let at = face.contact.at;
            (profile::Command::Contact { at }, true)
        }
        What::Notes => {
            let at = face.notes.at;
            (profile::Command::Notes { at }, true)
        }
    })
}

async fn show(mut work: Work<'_>, org: Option<&str>) -> Result<(), Failure> {
    let org = match org {
        Some(org) => work.find_org(org).await?,
        None => work.own,
    };
    let (room, face_) = face(&mut work, org, false).await?;
    let card = match work.client.open(RoomId::card(org), 0).await {
        Ok(()) => match work.state(RoomId::card(org)) {
            Some(State::Profile(card)) => Some((**card).clone()),
            Some(_) | None => None,
        },
        // Only connected organisations have it.
        Err(ClientError::Refused(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let people: Vec<(MemberId, String)> = contacts(&mut work, org)
        .await?
        .iter()
        .map(|card| (card.id, work.person_name(card.id)))
        .collect();
    let names: Vec<&str> = people.iter().map(|(_, name)| name.as_str()).collect();
    let text = |room, at: Option<TextRef>| work.text(room, at).map(str::to_owned);
    let of = |at| text(room, at);
    let on_card = |at: Option<TextRef>| text(RoomId::card(org), at);
    let class = face_.class.value.clone().unwrap_or_default();
    let programs: Vec<String> = class.levels.iter().map(program).collect();
    let looking = face_.looking_for.value.as_ref();
    let contact = card.as_ref().and_then(|card| on_card(card.contact.value));
    let notes = card.as_ref().and_then(|card| on_card(card.notes.value));
    let facts: Vec<(&str, Value)> = vec![
        ("name", json!(of(face_.name.value))),
        ("types", json!(class.types)),
        ("programs", json!(programs)),
        ("claimed", json!(face_.root.is_some())),
        ("description", json!(of(face_.description.value))),
        ("website", json!(of(face_.website.value))),
        ("places", json!(face_.places.value)),
        ("industries", json!(face_.industries.value)),
        ("specialities", json!(of(face_.specialities.value))),
        ("capacity", json!(face_.capacity.value)),
        ("looking_for", json!(of(looking.map(|wanted| wanted.need)))),
        (
            "looking_for_types",
            json!(looking.map(|wanted| &wanted.types)),
        ),
        (
            "visibility",
            json!(face_.visibility.value.unwrap_or_default()),
        ),
        ("contacts", json!(names)),
        ("contact", json!(contact)),
        ("notes", json!(notes)),
    ];
    let mut lines = vec![org.to_string()];
    lines.extend(facts.iter().filter_map(|(name, value)| line(name, value)));
    let mut json: serde_json::Map<String, Value> = facts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    json.insert("org".to_owned(), json!(org));
    let ids = people
        .iter()
        .map(|(id, name)| json!({"member": id, "name": name}));
    json.insert("contacts".to_owned(), ids.collect());
    work.print(&Value::Object(json), &lines.join("\n"))?;
    work.close()
}

fn program((program, level): (&Text, &Option<Text>)) -> String {
    level
        .as_ref()
        .map_or_else(|| program.to_string(), |level| format!("{program}={level}"))
}

/// A fact as a line; what was never said has none.
fn line(name: &str, value: &Value) -> Option<String> {
    let words = match value {
        Value::Null => return None,
        Value::String(words) => words.clone(),
        Value::Array(all) => {
            let words: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
            words.join(", ")
        }
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(_) | Value::Object(_) => value.to_string(),
    };
    (!words.is_empty()).then(|| format!("  {:<18} {words}", name.replace('_', " ")))
}
