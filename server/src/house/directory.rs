//! What can be found: channels and organisations, from public rooms only, so that no ranking depends on what the asker
//! may not see. Derived from the log and kept in memory; built anew at each start.

use crate::ledger::{LedgerError, desk::Finished, reader::Snapshot, rows::Table, writer::Follower};
use rialto_shared::{
    event::Event,
    id::{RoomId, RoomKind},
    limits,
    protocol::{Hit, Query},
    room::{Room, State, Texts, profile::Document},
    standing::Standing,
    text::Text,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
};

/// A channel that a rule admits to.
#[derive(Debug, Clone)]
struct ChannelDocument {
    handle: String,
    purpose: Option<Text>,
    words: String,
}

/// An organisation whose face every member may read, and its words as they are searched.
#[derive(Debug, Clone)]
struct OrgDocument {
    document: Document,
    name: String,
    words: String,
    places: String,
}

#[derive(Debug, Default)]
struct Documents {
    channels: BTreeMap<RoomId, ChannelDocument>,
    orgs: BTreeMap<RoomId, OrgDocument>,
}

/// The index.
#[derive(Debug, Default)]
pub struct Directory(RwLock<Documents>);

impl Directory {
    /// Builds the index from the rooms as they stand.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    pub fn build(snapshot: &Snapshot) -> Result<Self, LedgerError> {
        let directory = Self::default();
        let mut rooms = Vec::new();
        snapshot.each(Table::Heads, |key, _| {
            let room = key.try_into().ok().and_then(RoomId::from_key);
            rooms.extend(room.filter(|room| indexed(room.kind())));
            Ok(())
        })?;
        for room in rooms {
            directory.index(snapshot, room)?;
        }
        Ok(directory)
    }

    fn index(&self, snapshot: &Snapshot, id: RoomId) -> Result<(), LedgerError> {
        let loaded = snapshot.load(id)?;
        let mut documents = self.0.write().unwrap_or_else(PoisonError::into_inner);
        documents.channels.remove(&id);
        documents.orgs.remove(&id);
        if let Some(document) = organisation(&loaded.room, &loaded.texts) {
            documents.orgs.insert(id, document);
        }
        if let Some(document) = channel(&loaded.room, &loaded.texts) {
            documents.channels.insert(id, document);
        }
        Ok(())
    }

    /// Organisations that fit, best first, and how many there are in all. Only public documents are ranked, by what they say
    /// alone: whoever asks gets the same list.
    #[must_use]
    pub fn orgs(&self, query: &Query) -> (Vec<Hit>, usize) {
        let Query::Orgs {
            words,
            types,
            program,
            region,
            skip,
        } = query
        else {
            return (vec![], 0);
        };
        let wanted = split(words);
        let documents = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut ranked: Vec<(u32, &OrgDocument)> = documents
            .orgs
            .values()
            .filter(|found| types.is_empty() || !types.is_disjoint(&found.document.types))
            .filter(|found| {
                program
                    .as_ref()
                    .is_none_or(|program| in_program(&found.document, program))
            })
            .filter(|found| {
                region
                    .as_ref()
                    .is_none_or(|region| found.places.contains(&region.to_lowercase()))
            })
            .filter_map(|found| fit(found, &wanted).map(|fit| (fit, found)))
            .collect();
        // Claimed ones first: somebody answers there. Then the better fit, then by name.
        ranked.sort_by(|(one, a), (other, b)| {
            b.document
                .claimed
                .cmp(&a.document.claimed)
                .then(other.cmp(one))
                .then_with(|| a.name.cmp(&b.name))
        });
        let total = ranked.len();
        let skip = usize::try_from(*skip).unwrap_or(usize::MAX);
        let mut size = 0;
        let hits = ranked
            .into_iter()
            .skip(skip)
            .take(limits::FOUND_MAX)
            .map(|(_, found)| hit(&found.document))
            // A page of results fits a message.
            .take_while(|hit| {
                size += serde_json::to_string(hit).map_or(0, |text| text.len());
                size < limits::MESSAGE_BYTES_MAX - 4 * 1024
            })
            .collect();
        (hits, total)
    }

    /// Channels that this member may read and that hold all these words, by name.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    pub fn channels(
        &self,
        snapshot: &Snapshot,
        who: &Standing,
        words: &str,
    ) -> Result<Vec<Hit>, LedgerError> {
        let wanted = split(words);
        let found: Vec<(RoomId, ChannelDocument)> = {
            let documents = self.0.read().unwrap_or_else(PoisonError::into_inner);
            let fits = |document: &ChannelDocument| {
                wanted
                    .iter()
                    .all(|word| document.words.contains(word.as_str()))
            };
            let fitting = documents
                .channels
                .iter()
                .filter(|(_, document)| fits(document));
            fitting
                .map(|(room, document)| (*room, document.clone()))
                .collect()
        };
        let mut hits = Vec::new();
        for (room, document) in found {
            if snapshot.seat(who, room)?.is_some() {
                hits.push((
                    document.handle.clone(),
                    Hit::Channel {
                        room,
                        handle: document.handle,
                        purpose: document.purpose,
                    },
                ));
            }
        }
        hits.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(hits
            .into_iter()
            .map(|(_, hit)| hit)
            .take(limits::FOUND_MAX)
            .collect())
    }
}

const fn indexed(kind: RoomKind) -> bool {
    matches!(kind, RoomKind::Channel | RoomKind::Profile)
}

/// Words as they are compared: lower case, split at white space.
fn split(words: &str) -> Vec<String> {
    words
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

fn channel(room: &Room, texts: &Texts) -> Option<ChannelDocument> {
    let State::Channel(channel) = &room.state else {
        return None;
    };
    if !channel.settings.reach.public() || channel.archived {
        return None;
    }
    let purpose = channel
        .purpose
        .value
        .and_then(|at| texts.get(at))
        .map(|text| text.text.clone());
    let handle = channel.settings.handle.as_str().to_owned();
    let words = format!("{handle} {}", purpose.as_ref().map_or("", Text::as_str)).to_lowercase();
    Some(ChannelDocument {
        handle,
        purpose,
        words,
    })
}

fn organisation(room: &Room, texts: &Texts) -> Option<OrgDocument> {
    let State::Profile(profile) = &room.state else {
        return None;
    };
    let document = profile.document(texts);
    if !document.public {
        return None;
    }
    let name = document
        .name
        .as_ref()
        .map_or(String::new(), |name| name.as_str().to_lowercase());
    let mut words = vec![name.clone()];
    words.extend(
        document
            .description
            .iter()
            .map(|text| text.as_str().to_lowercase()),
    );
    words.extend(
        document
            .need
            .iter()
            .map(|text| text.as_str().to_lowercase()),
    );
    words.extend(document.specialities.iter().map(|tag| tag.to_lowercase()));
    words.extend(
        document
            .programs
            .keys()
            .map(|program| program.as_str().to_lowercase()),
    );
    words.extend(document.types.iter().map(ToString::to_string));
    words.extend(document.industries.iter().map(ToString::to_string));
    let places = document
        .places
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    Some(OrgDocument {
        document,
        name,
        words: words.join("\n"),
        places,
    })
}

fn in_program(document: &Document, program: &str) -> bool {
    let program = program.to_lowercase();
    document
        .programs
        .keys()
        .any(|name| name.as_str().to_lowercase().contains(&program))
}

/// How well an organisation fits: every word must occur; in the name it counts most, at its beginning more still.
fn fit(found: &OrgDocument, wanted: &[String]) -> Option<u32> {
    let mut points: u32 = 0;
    for word in wanted {
        let word = word.as_str();
        points = points.saturating_add(if found.name.starts_with(word) {
            100
        } else if found
            .name
            .split_whitespace()
            .any(|part| part.starts_with(word))
        {
            60
        } else if found.name.contains(word) {
            30
        } else if found
            .words
            .split(|c: char| !c.is_alphanumeric())
            .any(|part| part == word)
        {
            10
        } else if found.words.contains(word) {
            5
        } else {
            return None;
        });
    }
    Some(points)
}

fn hit(document: &Document) -> Hit {
    let place = |place: &rialto_shared::room::profile::Place| Text::parse(&place.to_string()).ok();
    Hit::Org {
        org: document.org,
        name: document.name.clone(),
        types: document.types.clone(),
        programs: document
            .programs
            .iter()
            .map(|(program, level)| (program.clone(), level.clone()))
            .collect(),
        regions: document.places.iter().filter_map(place).collect(),
        description: document.description.clone(),
        claimed: document.claimed,
    }
}

/// Keeps the index in step with the log.
#[derive(Debug)]
pub struct Indexer(pub Arc<Directory>);

/// The rooms that are found by what a commit changed in them. Talk in a channel changes nothing that is found.
fn changed(finished: &Finished) -> BTreeSet<RoomId> {
    let fresh = finished.fresh.iter().map(|fresh| &fresh.entry);
    fresh
        .filter(|entry| indexed(entry.room.kind()) && !matches!(entry.event, Event::Talk(_)))
        .map(|entry| entry.room)
        .collect()
}

impl Follower for Indexer {
    fn wants(&self, finished: &Finished) -> bool {
        !changed(finished).is_empty()
    }

    fn follow(&mut self, snapshot: &Snapshot, finished: &Finished) {
        for room in changed(finished) {
            if let Err(error) = self.0.index(snapshot, room) {
                tracing::error!(%error, %room, "the directory missed a change");
            }
        }
    }
}
