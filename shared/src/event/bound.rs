//! What a signed command says of the entries that it causes. A server that chains anew could put another stage, another
//! receiver or another fee under a true signature; so a verifier compares the facts of both, as far as one holds what the
//! other says.
//!
//! What the command does not hold itself may still follow from what it answers, or from what its room began with: that is
//! compared with the earlier entry.
//!
//! [`super::BONDS`] lists it for each pair of [`super::CAUSES`]. It is data, so that the page of the schema can carry it for verifiers
//! that share no code with this one (`x-bonds`).

use super::{Bond, Event, bonds::BONDS, earlier::Earlier, requested};
use crate::{
    entry::Entry,
    id::{Hash, MemberId, OrgId, RoomId},
    room::{
        deal::{self, Deal, Presence},
        referral, relation, side,
    },
    statement::Declaration,
    time::Span,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// What the facts of an entry, or of a command, say.
#[derive(Clone, Copy)]
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

/// What an entry says otherwise than the command that was signed, or than what that command answers; nothing where it says the
/// same. Whether such a command may cause such an entry at all is another question: [`Event::justified_by`].
#[must_use]
pub fn departs(said: &Declaration, entry: &Entry, before: &Earlier) -> Option<String> {
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
        before,
        signed,
        stated,
        earlier: None,
    };
    bonds
        .copied()
        .find(|bond| !compared.holds(*bond))
        .map(|bond| bond.of().to_owned())
}

/// The organisation that a field names.
fn org_in(told: &Told<'_>, field: &str) -> Option<OrgId> {
    told.word(field).parse().ok()
}

#[derive(Clone, Copy)]
struct Compared<'a> {
    said: &'a Declaration,
    entry: &'a Entry,
    before: &'a Earlier,
    /// The command's, or what an earlier entry says in its place.
    signed: Told<'a>,
    stated: Told<'a>,
    /// The earlier entry.
    earlier: Option<&'a Entry>,
}

impl Compared<'_> {
    fn holds(&self, bond: Bond) -> bool {
        let (said, entry, signed, stated) = (self.said, self.entry, &self.signed, &self.stated);
        let whole = |bonds: &[Bond]| bonds.iter().all(|bond| self.holds(*bond));
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
            Bond::AtOrg(field) => org_in(signed, field).map(RoomId::org) == Some(entry.room),
            Bond::Parties(field) => self.parties(field),
            Bond::Between(field) => org_in(stated, field).is_some_and(|other| {
                RoomId::relation(OrgId::from_bits(entry.room.bits()), other) == said.room
            }),
            Bond::With(field) => {
                let named = stated.at(field).as_array().into_iter().flatten();
                let named = named.map(|seated| seated.get("id").unwrap_or(seated).to_string());
                let maker = entry.author.member().map(|member| format!("\"{member}\""));
                let meant: BTreeSet<String> = signed.set(field).into_iter().chain(maker).collect();
                named.collect::<BTreeSet<String>>() == meant
            }
            Bond::Either(one, other) => whole(one) || whole(other),
            Bond::Texts => stated.texts == signed.texts,
            Bond::Text(field) => {
                self.text(field).is_some() && self.text(field) == signed.texts.first()
            }
            Bond::Promise(_) => self.promised().is_some_and(|kept| kept),
            Bond::Answers(kinds) => self.answers(kinds),
            Bond::Opening(bonds) => {
                let opening = self.before.opening();
                opening.map_or(!self.before.whole(), |opening| self.with(opening, bonds))
            }
            Bond::Follows(kind, bonds) => {
                let mut of_kind = self.before.of_kind(kind);
                of_kind.any(|earlier| self.with(earlier, bonds)) || !self.before.whole()
            }
            Bond::Itself(bonds) => self.itself(bonds).unwrap_or(false),
            Bond::Number(field) => {
                let number = self.earlier.map(|earlier| earlier.seq.to_string());
                number == Some(stated.word(field))
            }
            Bond::Author(field) => {
                let author = self.earlier.and_then(|earlier| self.in_charge_of(earlier));
                author.is_some_and(|author| author.to_string() == stated.word(field))
            }
            Bond::HeldBack(field) => {
                let dossier = signed.at(field).get("dossier").and_then(Value::as_array);
                dossier.is_some_and(|dossier| stated.texts == dossier.as_slice())
            }
            Bond::Present(_) | Bond::Unanimous(_) | Bond::Everybody(_) => {
                let deal = self.before.deal();
                deal.map_or(!self.before.whole(), |deal| self.as_in(deal, bond))
            }
            Bond::OfDraft(_) => self.of_draft(),
            Bond::Term => self.term(),
            Bond::Requested(span) => {
                let request = self.earlier;
                let request = request.and_then(|one| requested(one, Span::millis(span)));
                request == Some(said.subject)
            }
        }
    }

    /// Whether the entry is in the Relation of the two that it names, and they are those of the command.
    fn parties(&self, field: &str) -> bool {
        let named = self.stated.at("parties").as_array().into_iter().flatten();
        let named: BTreeSet<&str> = named.filter_map(|pair| pair.get(0)?.as_str()).collect();
        let (maker, other) = (self.said.org.to_string(), self.signed.word(field));
        let room = org_in(&self.signed, field).map(|other| RoomId::relation(self.said.org, other));
        named == BTreeSet::from([maker.as_str(), other.as_str()]) && room == Some(self.entry.room)
    }

    /// Compares with the entry that the statement answers. Where the log is held from its beginning, there must be such a one;
    /// else it may stand before what is held, and what follows from it is taken on the server's word.
    fn answers(&self, kinds: &[(&str, &[Bond])]) -> bool {
        let Some(earlier) = self.before.answered(self.said.subject) else {
            return !self.before.whole();
        };
        let mut of_kind = kinds.iter().filter(|(kind, _)| *kind == earlier.kind);
        of_kind.any(|(_, bonds)| self.with(earlier, bonds))
    }

    /// Compares with an earlier entry in the command's place.
    fn with(&self, earlier: &Entry, bonds: &[Bond]) -> bool {
        let facts: Option<Value> = serde_json::from_str(&earlier.facts).ok();
        facts.as_ref().and_then(Told::read).is_some_and(|signed| {
            let compared = Compared {
                signed,
                earlier: Some(earlier),
                ..*self
            };
            bonds.iter().all(|bond| compared.holds(*bond))
        })
    }

    /// Whoever made an earlier entry, or has in hand what they had.
    fn in_charge_of(&self, earlier: &Entry) -> Option<MemberId> {
        let mut author = earlier.author.member()?;
        for passed in self.before.of_kind("deal.handed_over") {
            if let Event::Deal(deal::Event::HandedOver { from, to, .. }) = &passed.event
                && passed.seq > earlier.seq
                && *from == author
            {
                author = *to;
            }
        }
        Some(author)
    }

    /// Compares the earlier entry with the command.
    fn itself(&self, bonds: &[Bond]) -> Option<bool> {
        let facts: Value = serde_json::from_str(&self.said.facts).ok()?;
        let compared = Compared {
            entry: self.earlier?,
            signed: Told::read(&facts)?,
            stated: self.signed,
            earlier: None,
            ..*self
        };
        Some(bonds.iter().all(|bond| compared.holds(*bond)))
    }

    /// Compares with the deal, as its log says that it stands before this entry.
    fn as_in(&self, deal: &Deal, bond: Bond) -> bool {
        let named = |field: &str, people: &mut dyn Iterator<Item = MemberId>| {
            let people = people.map(|member| format!("\"{member}\""));
            self.stated.set(field) == people.collect::<BTreeSet<String>>()
        };
        if let Bond::Present(ways) = bond {
            let way: Option<&'static str> = deal.presence.value.map(Into::into);
            return way.is_some_and(|way| ways.contains(&way));
        }
        if let Bond::Unanimous(dismissed) = bond {
            let proposal = deal.proposal.as_ref();
            return proposal.is_some_and(|open| {
                let called = deal.called.keys().copied();
                let leaves = open.to == Presence::NotPresent;
                let mut leaving = called.filter(|_| leaves);
                deal.active().all(|(org, _)| open.signed.contains(&org))
                    && named(dismissed, &mut leaving)
            });
        }
        let party = org_in(&self.stated, "org").and_then(|org| deal.party(org));
        let people = party.into_iter().flat_map(|party| party.people.keys());
        let field = bond.of();
        named(field, &mut people.copied())
    }

    fn of_draft(&self) -> bool {
        let earlier = self.earlier.map(|earlier| &earlier.event);
        let (
            Event::Side(side::Event::Offered { promise, .. }),
            Some(Event::Side(side::Event::Drafted { drafted, .. })),
        ) = (&self.entry.event, earlier)
        else {
            return false;
        };
        drafted.promise().is_ok_and(|drafted| drafted == *promise)
    }

    fn term(&self) -> bool {
        let earlier = self.earlier.map(|earlier| &earlier.event);
        let (
            Event::Relation(relation::Event::Confirmed {
                begins, expires, ..
            }),
            Some(Event::Relation(relation::Event::Proposed { from, to, .. })),
        ) = (&self.entry.event, earlier)
        else {
            return false;
        };
        let first = Some(from.start()).filter(|first| *first > self.entry.at);
        (*begins, *expires) == (first, to.map(relation::end_of))
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
