//! What a signed command says of the entries that it causes. A server that chains anew could put another stage, another
//! receiver or another fee under a true signature; so a verifier compares the facts of both, as far as one holds what the
//! other says.
//!
//! [`super::BONDS`] lists it for each pair of [`super::CAUSES`]. It is data, so that the page of the schema can carry it for verifiers
//! that share no code with this one (`x-bonds`).

use super::{Event, bonds::BONDS};
use crate::{
    entry::Entry,
    id::{Hash, OrgId, RoomId},
    room::{referral, side},
    statement::Declaration,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// One thing that holds of an entry under the signed command that caused it. Fields are those of the entry's fact and of the
/// command's; a dot leads into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bond {
    /// The field is the same in both. What is absent is empty, and a list is a set: nobody signs an order.
    Same(&'static str),
    /// The entry's field is the command's of another name.
    As(&'static str, &'static str),
    /// The entry's field is this value.
    Is(&'static str, &'static str),
    /// The command's field is one of these values.
    Said(&'static str, &'static [&'static str]),
    /// The entry's field stands there, or does not.
    Has(&'static str, bool),
    /// The entry's field names the organisation that signed.
    Maker(&'static str),
    /// The entry's field names the room that the command was sent to.
    Sent(&'static str),
    /// The entry stands in the room that the command was sent to.
    There,
    /// The entry stands in the own room of the organisation that signed.
    Home,
    /// The entry's field names the organisation that signed, or the entry stands in its own room.
    Concerns(&'static str),
    /// The entry stands in the room that the command's field names.
    At(&'static str),
    /// The entry stands in the own room of the organisation that the command's field names.
    AtOrg(&'static str),
    /// The entry's field names two organisations, each with its root key: the one that signed, and the one that the
    /// command's field names.
    Parties(&'static str),
    /// The entry's field names, with or without their roles, the people of the command's field, and whoever signed.
    With(&'static str),
    /// One of the two lists holds, whole.
    Either(&'static [Self], &'static [Self]),
    /// The entry's texts are the command's.
    Texts,
    /// The entry's text in the slot of this field is the command's only one.
    Text(&'static str),
    /// The entry's field is a promise whose commitments the command holds as `shown` and `full`, and the entry's need is the
    /// promised one.
    Promise(&'static str),
}

/// What the facts of an entry, or of a command, say.
struct Told<'a> {
    texts: &'a [Value],
    fact: &'a Value,
}

impl<'a> Told<'a> {
    /// Reads `{"texts":[..],"fact":{"deal":{"stage_moved":{..}}}}`.
    fn read(facts: &'a Value) -> Option<Self> {
        let texts = facts.get("texts").and_then(Value::as_array);
        let only = |value: &'a Value| value.as_object()?.values().next();
        Some(Self {
            texts: texts.map_or(&[], Vec::as_slice),
            fact: only(only(facts.get("fact")?)?)?,
        })
    }

    fn at(&self, path: &str) -> &'a Value {
        path.split('.')
            .try_fold(self.fact, |value, field| value.get(field))
            .unwrap_or(&Value::Null)
    }

    /// A field as a set: what is absent is empty, and a single value is one.
    fn set(&self, path: &str) -> BTreeSet<String> {
        match self.at(path) {
            Value::Null => BTreeSet::new(),
            Value::Array(all) => all.iter().map(Value::to_string).collect(),
            one @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                BTreeSet::from([one.to_string()])
            }
        }
    }

    fn word(&self, path: &str) -> String {
        match self.at(path) {
            Value::String(word) => word.clone(),
            Value::Null => String::new(),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                other.to_string()
            }
        }
    }
}

/// What an entry says otherwise than the command that was signed; nothing where it says the same. Whether such a command may
/// cause such an entry at all is another question: [`Event::justified_by`].
#[must_use]
pub fn departs(said: &Declaration, entry: &Entry) -> Option<String> {
    let read = |facts: &str| serde_json::from_str::<Value>(facts).ok();
    let (Some(signed), Some(stated)) = (read(&said.facts), read(&entry.facts)) else {
        return Some("its facts".to_owned());
    };
    let (Some(signed), Some(stated)) = (Told::read(&signed), Told::read(&stated)) else {
        return Some("its facts".to_owned());
    };
    let bonds = BONDS
        .iter()
        .filter(|(command, event, _)| *command == said.kind && *event == entry.kind)
        .flat_map(|(_, _, bonds)| *bonds);
    let compared = Compared {
        said,
        entry,
        signed,
        stated,
    };
    bonds
        .copied()
        .find(|bond| !compared.holds(*bond))
        .map(|bond| bond.of().to_owned())
}

struct Compared<'a> {
    said: &'a Declaration,
    entry: &'a Entry,
    signed: Told<'a>,
    stated: Told<'a>,
}

impl Compared<'_> {
    fn holds(&self, bond: Bond) -> bool {
        let (said, entry, signed, stated) = (self.said, self.entry, &self.signed, &self.stated);
        match bond {
            Bond::Same(field) => stated.set(field) == signed.set(field),
            Bond::As(field, of) => stated.set(field) == signed.set(of),
            Bond::Is(field, value) => stated.word(field) == value,
            Bond::Said(field, values) => values.contains(&signed.word(field).as_str()),
            Bond::Has(field, there) => stated.at(field).is_null() != there,
            Bond::Maker(field) => stated.word(field) == said.org.to_string(),
            Bond::Sent(field) => stated.word(field) == said.room.to_string(),
            Bond::There => entry.room == said.room,
            Bond::Home => entry.room == RoomId::org(said.org),
            Bond::Concerns(field) => {
                entry.room == RoomId::org(said.org) || stated.word(field) == said.org.to_string()
            }
            Bond::At(field) => signed.word(field) == entry.room.to_string(),
            Bond::AtOrg(field) => {
                let org = signed.word(field).parse::<OrgId>();
                org.is_ok_and(|org| RoomId::org(org) == entry.room)
            }
            Bond::Parties(field) => {
                let named = stated.at("parties").as_array().into_iter().flatten();
                let named: BTreeSet<&str> =
                    named.filter_map(|pair| pair.get(0)?.as_str()).collect();
                let (maker, other) = (said.org.to_string(), signed.word(field));
                named == BTreeSet::from([maker.as_str(), other.as_str()])
            }
            Bond::With(field) => {
                let named = stated.at(field).as_array().into_iter().flatten();
                let named = named.map(|seated| seated.get("id").unwrap_or(seated).to_string());
                let maker = entry.author.member().map(|member| format!("\"{member}\""));
                let meant: BTreeSet<String> = signed.set(field).into_iter().chain(maker).collect();
                named.collect::<BTreeSet<String>>() == meant
            }
            Bond::Either(one, other) => {
                let whole = |bonds: &[Bond]| bonds.iter().all(|bond| self.holds(*bond));
                whole(one) || whole(other)
            }
            Bond::Texts => stated.texts == signed.texts,
            Bond::Text(field) => {
                self.text(field).is_some() && self.text(field) == signed.texts.first()
            }
            Bond::Promise(_) => self.promised().is_some_and(|kept| kept),
        }
    }

    fn text(&self, field: &str) -> Option<&Value> {
        let slot = usize::try_from(self.stated.at(field).as_u64()?).ok()?;
        self.stated.texts.get(slot)
    }

    /// Whether the entry's promise is the one that was signed, and its need the promised one.
    fn promised(&self) -> Option<bool> {
        let promise = match &self.entry.event {
            Event::Side(side::Event::Offered { promise, .. }) => promise,
            Event::Referral(referral::Event::Opened { promise, .. }) => promise,
            Event::Side(_)
            | Event::Referral(_)
            | Event::Talk(_)
            | Event::Org(_)
            | Event::Inbox(_)
            | Event::Channel(_)
            | Event::Direct(_)
            | Event::Profile(_)
            | Event::Relation(_)
            | Event::Deal(_)
            | Event::Record(_)
            | Event::Newer(_) => return None,
        };
        let signed = |field| self.signed.word(field).parse::<Hash>().ok();
        let need = self.text("need")?.as_str()?.parse::<Hash>().ok()?;
        Some(
            signed("shown")? == promise.shown()
                && signed("full")? == promise.full()
                && need == promise.need,
        )
    }
}

impl Bond {
    /// What is compared, in a word.
    #[must_use]
    pub const fn of(self) -> &'static str {
        match self {
            Self::Same(field)
            | Self::As(field, _)
            | Self::Is(field, _)
            | Self::Said(field, _)
            | Self::Has(field, _)
            | Self::Maker(field)
            | Self::Sent(field)
            | Self::Concerns(field)
            | Self::At(field)
            | Self::AtOrg(field)
            | Self::With(field)
            | Self::Text(field)
            | Self::Promise(field) => field,
            Self::There | Self::Home => "the room",
            Self::Parties(_) => "the two parties",
            Self::Either(..) => "what it came to",
            Self::Texts => "the texts",
        }
    }
}
