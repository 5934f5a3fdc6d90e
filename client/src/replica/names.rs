//! Names: what a room, a person or an organisation is called on screen, and which one somebody means by a few letters.
//!
//! Only texts that passed the border, and words of our own, come out of here.

use super::Replica;
use rialto_shared::{
    entry::{Author, Slot, TextRef},
    id::{MemberId, OrgId, RoomId, RoomKind},
    room::{
        State,
        side::{About, Offer, Side, Teaser},
    },
    time::Timestamp,
};

/// One of several things that a few letters may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// Why letters mean nothing, or too much.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// Nothing known here.
    #[error("nothing here is called {0:?}")]
    Nothing(String),
    /// Several.
    #[error("{text:?} may be any of: {}", names(.candidates))]
    Several {
        /// What was given.
        text: String,
        /// What it may mean.
        candidates: Vec<Candidate>,
    },
}

fn names(candidates: &[Candidate]) -> String {
    let names: Vec<String> = candidates
        .iter()
        .map(|candidate| format!("{} ({})", candidate.name, candidate.id))
        .collect();
    names.join(", ")
}

/// An id in as few letters as tell it apart for a person: eight of its digits.
fn short(id: &str) -> String {
    id.chars().take(12).collect()
}

impl Replica {
    /// What a person is called.
    #[must_use]
    pub fn person_name(&self, member: MemberId) -> String {
        let card = self
            .member(member)
            .and_then(|card| card.name.as_ref())
            .map(|name| name.text.to_string());
        card.or_else(|| self.own_person(member))
            .unwrap_or_else(|| format!("somebody ({})", short(&member.to_string())))
    }

    /// The name of one of my own organisation's people, out of its room.
    fn own_person(&self, member: MemberId) -> Option<String> {
        let me = self.me.as_ref()?;
        let held = self.room(RoomId::org(me.standing.org.id))?;
        let State::Org(org) = &held.room.state else {
            return None;
        };
        let person = org.people.get(&member)?;
        Some(held.texts.get(person.name)?.text.to_string())
    }

    /// What an organisation is called.
    #[must_use]
    pub fn org_name(&self, org: OrgId) -> String {
        let card = self.org(org).and_then(|card| card.name.as_ref());
        let name = card.map(|name| name.text.to_string());
        name.or_else(|| self.name_on_profile(org))
            .or_else(|| self.found.get(&org).map(ToString::to_string))
            .unwrap_or_else(|| format!("an organisation ({})", short(&org.to_string())))
    }

    /// Until when an offered referral can be answered, where it is held here and waits for an answer: one that came with a
    /// request to connect can be answered for less long than the request.
    #[must_use]
    pub fn referral_open_until(&self, referral: RoomId) -> Option<Timestamp> {
        let offered = self.room(referral)?.room.state.referral()?;
        offered.stage.is_open().then_some(offered.until)
    }

    /// A stranger's name, out of their public face where that is held.
    fn name_on_profile(&self, org: OrgId) -> Option<String> {
        let held = self.room(RoomId::profile(org))?;
        let State::Profile(profile) = &held.room.state else {
            return None;
        };
        Some(held.texts.get(profile.name.value?)?.text.to_string())
    }

    /// Who made an entry, in words.
    #[must_use]
    pub fn author_name(&self, author: Author) -> String {
        match author {
            Author::Member { id, .. } => self.person_name(id),
            Author::Operator => "the operator".to_owned(),
            Author::Rule => "the clock".to_owned(),
        }
    }

    /// What a room is called.
    #[must_use]
    pub fn title(&self, room: RoomId) -> String {
        let state = self.room(room).map(|held| &held.room.state);
        match state {
            Some(State::Channel(channel)) => format!("#{}", channel.settings.handle),
            Some(State::Direct(direct)) => {
                let others: Vec<String> = direct
                    .people
                    .iter()
                    .filter(|person| Some(person.id) != self.my_id())
                    .map(|person| format!("@{}", self.person_name(person.id)))
                    .collect();
                others.join(", ")
            }
            Some(State::Org(org)) => self.org_title(room, org.id),
            Some(State::Inbox(_)) => "Inbox".to_owned(),
            Some(State::Deal(deal)) => deal
                .header
                .title
                .value
                .and_then(|at| self.room(room)?.texts.get(at))
                .map_or_else(|| self.title_by_id(room), |title| title.text.to_string()),
            // What is shown before acceptance, and nothing else: a list names no customer.
            Some(State::Referral(referral)) => teaser_title(&referral.promise.teaser),
            Some(State::Relation(relation)) => {
                let mine = self.me.as_ref().map(|me| me.standing.org.id);
                let other = mine.and_then(|mine| relation.other(mine));
                other.map_or_else(
                    || self.title_by_id(room),
                    |other| format!("{} · connection", self.org_name(other.org)),
                )
            }
            Some(State::Side(side)) => self
                .side_title(room, side)
                .unwrap_or_else(|| self.title_by_id(room)),
            Some(State::Void | State::Profile(_) | State::Record(_)) | None => {
                self.title_by_id(room)
            }
        }
    }

    /// The offer of a case that waits for an answer where we read nothing: a stranger's, who is not to be seen before they
    /// answer, or one in whose Referral the organisation's Leads alone are seated.
    #[must_use]
    pub fn out_of_sight<'a>(&self, side: &'a Side) -> Option<&'a Offer> {
        let live = side.case.as_deref()?.live.as_ref()?;
        (!live.released && self.room(live.room).is_none()).then_some(live)
    }

    /// What our own side of something is called: by the customer of its case, else by what it stands beside.
    fn side_title(&self, room: RoomId, side: &Side) -> Option<String> {
        let case = side.case.as_ref();
        let customer = case.and_then(|case| {
            let at = TextRef {
                seq: case.draft.at,
                slot: CUSTOMER,
            };
            self.room(room)?.texts.get(at)
        });
        match (customer, &side.about) {
            (Some(customer), _) => Some(customer.text.to_string()),
            (None, About::Deal { room } | About::Referral { room, .. }) => {
                Some(format!("{} · our side", self.title(*room)))
            }
            (None, About::Case) => None,
        }
    }

    fn org_title(&self, room: RoomId, org: OrgId) -> String {
        let held = self.room(room);
        let own = held.and_then(|held| held.texts.get(held.room.state.org()?.name.value?));
        own.map_or_else(|| self.org_name(org), |name| name.text.to_string())
    }

    /// Rooms that exist once per organisation or pair are named after those; others after their kind.
    fn title_by_id(&self, room: RoomId) -> String {
        let of = OrgId::from_bits(room.bits());
        let id = short(&room.to_string());
        match room.kind() {
            RoomKind::Org => self.org_name(of),
            RoomKind::Profile => format!("{} · profile", self.org_name(of)),
            RoomKind::Card => format!("{} · card", self.org_name(of)),
            RoomKind::Record => format!("{} · record", self.org_name(of)),
            RoomKind::Inbox => "Inbox".to_owned(),
            RoomKind::Channel => format!("a channel ({id})"),
            RoomKind::Direct => format!("a conversation ({id})"),
            RoomKind::Relation => self.relation_title(room, &id),
            RoomKind::Side => format!("our side ({id})"),
            RoomKind::Referral => format!("a referral ({id})"),
            RoomKind::Deal => format!("a deal ({id})"),
        }
    }

    fn relation_title(&self, room: RoomId, id: &str) -> String {
        let other = self.me.as_ref().and_then(|me| {
            self.orgs()
                .map(|card| card.id)
                .find(|org| RoomId::relation(me.standing.org.id, *org) == room)
        });
        other.map_or_else(
            || format!("a connection ({id})"),
            |org| format!("{} · connection", self.org_name(org)),
        )
    }

    /// Which room is meant: an id, `#handle`, `@person`, `inbox`, a title, or a beginning of one of these.
    ///
    /// # Errors
    /// Where nothing, or more than one room, is meant.
    pub fn resolve(&self, text: &str) -> Result<RoomId, Unresolved> {
        if let Ok(id) = text.parse::<RoomId>() {
            return Ok(id);
        }
        if let (true, Some(me)) = (text.eq_ignore_ascii_case("inbox"), self.my_id()) {
            return Ok(RoomId::inbox(me));
        }
        let wanted = text.to_lowercase();
        let rooms: Vec<(RoomId, String)> = self
            .rooms()
            .map(|(id, _)| (id, self.title(id).to_lowercase()))
            .collect();
        let exact: Vec<RoomId> = rooms
            .iter()
            .filter(|(_, title)| matches_exactly(title, &wanted))
            .map(|(id, _)| *id)
            .collect();
        if let [only] = exact.as_slice() {
            return Ok(*only);
        }
        let begins: Vec<RoomId> = rooms
            .iter()
            .filter(|(id, title)| {
                let id = id.to_string();
                begins(title, &wanted) || (wanted.len() >= 4 && id.starts_with(&wanted))
            })
            .map(|(id, _)| *id)
            .collect();
        match begins.as_slice() {
            [only] => Ok(*only),
            [] => Err(Unresolved::Nothing(text.to_owned())),
            several => Err(Unresolved::Several {
                text: text.to_owned(),
                candidates: several
                    .iter()
                    .map(|id| Candidate {
                        id: id.to_string(),
                        name: self.title(*id),
                    })
                    .collect(),
            }),
        }
    }

    /// Who is meant: an id, or `@` and a name or its beginning; spaces may be written as dots.
    ///
    /// # Errors
    /// Where nobody, or more than one person, is meant.
    pub fn resolve_person(&self, text: &str) -> Result<MemberId, Unresolved> {
        if let Ok(id) = text.parse::<MemberId>() {
            return Ok(id);
        }
        let wanted = text
            .trim_start_matches('@')
            .to_lowercase()
            .replace('.', " ");
        let people: Vec<(MemberId, String)> = self
            .members()
            .filter(|card| Some(card.id) != self.my_id())
            .map(|card| (card.id, self.person_name(card.id).to_lowercase()))
            .collect();
        let exact: Vec<_> = people.iter().filter(|(_, name)| *name == wanted).collect();
        if let [(only, _)] = exact.as_slice() {
            return Ok(*only);
        }
        let begin: Vec<_> = people
            .iter()
            .filter(|(_, name)| !wanted.is_empty() && name.starts_with(&wanted))
            .collect();
        match begin.as_slice() {
            [(only, _)] => Ok(*only),
            [] => Err(Unresolved::Nothing(text.to_owned())),
            several => Err(Unresolved::Several {
                text: text.to_owned(),
                candidates: several
                    .iter()
                    .map(|(id, _)| Candidate {
                        id: id.to_string(),
                        name: self.person_name(*id),
                    })
                    .collect(),
            }),
        }
    }
}

/// The slot of a draft's customer.
const CUSTOMER: Slot = Slot(1);

/// A customer by what is shown of them at once: `Manufacturing · DE`.
fn teaser_title(teaser: &Teaser) -> String {
    let industry = teaser.industry.to_string().replace('_', " ");
    let mut letters = industry.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    let name: String = first.into_iter().chain(letters).collect();
    format!("{name} · {}", teaser.country.as_str())
}

/// A person's Direct may be named with dots for spaces.
fn matches_exactly(title: &str, wanted: &str) -> bool {
    title == wanted
        || title.trim_start_matches('#') == wanted
        || (wanted.starts_with('@') && title == wanted.replace('.', " "))
}

fn begins(title: &str, wanted: &str) -> bool {
    if wanted.is_empty() {
        return false;
    }
    title.starts_with(wanted)
        || title.trim_start_matches(['#', '@']).starts_with(wanted)
        || (wanted.starts_with('@') && title.starts_with(&wanted.replace('.', " ")))
}
