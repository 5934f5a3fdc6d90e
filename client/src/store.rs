//! The store: what is held, on disk. One redb file for each process that uses the account at the same time.
//!
//! A list of [`Write`]s is one transaction: an entry and the cursor behind it stand or fall together. Losing the newest of
//! them costs a resume, so they are not waited for; the outbox is, for what was promised to be sent must be. What is in
//! the outbox carries its number from the start and keeps it, byte for byte, until it is answered.

mod entries;
mod outbox;
mod slot;
mod tables;
#[cfg(test)]
mod tests;

pub use outbox::{Numbering, Queued};

use crate::replica::{Me, Write};
use redb::{Database, Durability, ReadableDatabase as _, ReadableTable as _};
use rialto_shared::{
    entry::{Head, Seq},
    id::{OrgId, RoomId},
    protocol::Snapshot,
    room::Policy,
    standing::{MemberCard, OrgCard, Standing},
    text::Text,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use slot::Slot;
use std::path::{Path, PathBuf};
use tables::{ABOUT, CARDS, CURSORS, DRAFTS, READ, ROOMS};

/// The version of the tables. A file of another one is refused, not guessed at.
const VERSION: u32 = 1;

/// Commits between two that are waited for: what is not on the disk yet is held in memory, and that has a bound.
const COMMITS_MAX: u32 = 64;

/// How the places of drafts begin that are cases to be offered: whoever takes over the command that begins the case takes
/// over its offer.
pub const OFFERING: &str = "offering/";

/// What went wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system said no.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        error: std::io::Error,
    },
    /// The database said no.
    #[error("the local store: {0}")]
    Database(String),
    /// A row that cannot be read.
    #[error("the local store holds a {what} that cannot be read: {why}")]
    Malformed {
        /// Of which table.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// Made by another version of this program.
    #[error(
        "the local store is of version {found}, this program knows {VERSION}: move {path} away"
    )]
    Version {
        /// What stands there.
        found: u32,
        /// The file.
        path: PathBuf,
    },
    /// Too many processes use the account.
    #[error("{0} processes use this account already")]
    Crowded(usize),
    /// The system has no chance to give.
    #[error("the system gives no random bytes: {0}")]
    Chance(String),
}

macro_rules! from_redb {
    ($($error:ty),*) => {
        $(impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                Self::Database(error.to_string())
            }
        })*
    };
}
from_redb!(
    redb::DatabaseError,
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
    redb::SetDurabilityError
);

/// Everything that the store holds beside messages.
#[derive(Debug, Default)]
pub struct Saved {
    /// Rooms, and how far I have read.
    pub rooms: Vec<(RoomId, Snapshot, Seq)>,
    /// People.
    pub members: Vec<MemberCard>,
    /// Organisations.
    pub orgs: Vec<OrgCard>,
    /// Who I am.
    pub me: Option<Me>,
}

#[derive(Serialize, Deserialize)]
struct SavedMe {
    member: MemberCard,
    org: OrgCard,
    server_name: Option<Text>,
    policy: Policy,
    vendor: Option<OrgId>,
}

/// The store of one process.
#[derive(Debug)]
pub struct Store {
    db: Database,
    path: PathBuf,
    numbering: Numbering,
    /// Commits since the last that was waited for.
    commits: u32,
    // Held for as long as the store is: whoever has the lock has the file and its lane.
    slot: Slot,
}

fn write_json<T: Serialize>(what: &'static str, value: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|error| StoreError::Malformed {
        what,
        why: error.to_string(),
    })
}

fn read_json<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Malformed {
        what,
        why: error.to_string(),
    })
}

fn room_of(key: &[u8]) -> Result<RoomId, StoreError> {
    key.first_chunk::<17>()
        .copied()
        .and_then(RoomId::from_key)
        .ok_or_else(|| StoreError::Malformed {
            what: "key",
            why: "it is no room's".to_owned(),
        })
}

impl Store {
    /// Opens the first of the account's files that no other process has, and takes over what processes that are gone left
    /// unanswered in theirs.
    ///
    /// # Errors
    /// What the system says; a file of another version.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let slot = Slot::claim(dir)?;
        let path = slot.database();
        let db = slot.open()?;
        let write = db.begin_write()?;
        tables::make(&write)?;
        {
            let mut about = write.open_table(ABOUT)?;
            let found = about
                .get("version")?
                .map(|row| read_json::<u32>("version", row.value()))
                .transpose()?;
            match found {
                Some(VERSION) => {}
                Some(found) => return Err(StoreError::Version { found, path }),
                None => {
                    about.insert("version", write_json("version", &VERSION)?.as_slice())?;
                }
            }
        }
        let numbering = outbox::numbering(&write)?;
        write.commit()?;
        let mut store = Self {
            db,
            path,
            numbering,
            commits: 0,
            slot,
        };
        store.adopt()?;
        Ok(store)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Everything that is held, beside messages.
    ///
    /// # Errors
    /// What the database says.
    pub fn load(&self) -> Result<Saved, StoreError> {
        let read = self.db.begin_read()?;
        let (rooms, cursors, marks) = (
            read.open_table(ROOMS)?,
            read.open_table(CURSORS)?,
            read.open_table(READ)?,
        );
        let mut saved = Saved::default();
        for row in rooms.iter()? {
            let (key, value) = row?;
            let mut snapshot: Snapshot = read_json("room", value.value())?;
            // Talk moves the cursor and leaves the room as it is.
            if let Some(cursor) = cursors.get(key.value())? {
                snapshot.head = read_json::<Head>("cursor", cursor.value())?;
            }
            let seen = marks.get(key.value())?.map_or(0, |row| row.value());
            saved
                .rooms
                .push((room_of(key.value())?, snapshot, Seq(seen)));
        }
        for row in read.open_table(CARDS)?.iter()? {
            let (key, value) = row?;
            match key.value().first() {
                Some(&tables::MEMBER) => saved.members.push(read_json("card", value.value())?),
                Some(_) | None => saved.orgs.push(read_json("card", value.value())?),
            }
        }
        if let Some(row) = read.open_table(ABOUT)?.get("me")? {
            let me: SavedMe = read_json("member", row.value())?;
            saved.me = Some(Me {
                standing: Standing {
                    member: me.member,
                    org: me.org,
                },
                server_name: me.server_name,
                policy: me.policy,
                vendor: me.vendor,
                server_now: None,
            });
        }
        Ok(saved)
    }

    /// Writes all of this, or nothing. Seen by whoever reads next; on the disk itself at the next command or [`Self::flush`].
    ///
    /// # Errors
    /// What the database says.
    pub fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        if writes.is_empty() {
            return Ok(());
        }
        let mut write = self.db.begin_write()?;
        self.commits = self.commits.saturating_add(1);
        if self.commits < COMMITS_MAX {
            write.set_durability(Durability::None)?;
        } else {
            self.commits = 0;
            write.set_quick_repair(true);
        }
        for one in writes {
            put(&write, one)?;
        }
        write.commit()?;
        Ok(())
    }

    /// Has everything on the disk itself.
    ///
    /// # Errors
    /// What the database says.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        let mut write = self.db.begin_write()?;
        write.set_quick_repair(true);
        write.commit()?;
        Ok(())
    }

    /// A text that was not sent yet, by its place: a room, or a room and a thread.
    ///
    /// # Errors
    /// What the database says.
    pub fn draft(&self, place: &str) -> Result<Option<String>, StoreError> {
        let read = self.db.begin_read()?;
        let drafts = read.open_table(DRAFTS)?;
        Ok(drafts.get(place)?.map(|row| row.value().to_owned()))
    }

    /// All of them.
    ///
    /// # Errors
    /// What the database says.
    pub fn drafts(&self) -> Result<Vec<(String, String)>, StoreError> {
        let read = self.db.begin_read()?;
        let drafts = read.open_table(DRAFTS)?;
        let mut all = vec![];
        for row in drafts.iter()? {
            let (place, text) = row?;
            all.push((place.value().to_owned(), text.value().to_owned()));
        }
        Ok(all)
    }

    /// Keeps a text, on the disk itself; an empty one goes.
    ///
    /// # Errors
    /// What the database says.
    pub fn set_draft(&mut self, place: &str, text: &str) -> Result<(), StoreError> {
        let mut write = self.db.begin_write()?;
        write.set_quick_repair(true);
        {
            let mut drafts = write.open_table(DRAFTS)?;
            if text.is_empty() {
                drafts.remove(place)?;
            } else {
                drafts.insert(place, text)?;
            }
        }
        write.commit()?;
        Ok(())
    }
}

fn put(write: &redb::WriteTransaction, one: &Write) -> Result<(), StoreError> {
    match one {
        Write::Room { room, snapshot } => {
            let row = write_json("room", snapshot)?;
            write
                .open_table(ROOMS)?
                .insert(room.to_key().as_slice(), row.as_slice())?;
            put_cursor(write, *room, snapshot.head)
        }
        Write::Cursor { room, head } => put_cursor(write, *room, *head),
        Write::Entry { entry, bytes, me } => entries::append(write, entry, bytes, *me),
        Write::Paged {
            entry,
            bytes,
            note,
            marks,
            head,
            me,
        } => entries::page(write, entry, bytes, (note, marks), *head, *me),
        Write::Read { room, seq } => {
            write
                .open_table(READ)?
                .insert(room.to_key().as_slice(), seq.0)?;
            Ok(())
        }
        Write::Forget(room) => forget(write, *room),
        Write::Member(card) => put_card(write, &tables::member_key(card.id), card),
        Write::Org(card) => put_card(write, &tables::org_key(card.id), card),
        Write::Me(me) => {
            let saved = SavedMe {
                member: me.standing.member.clone(),
                org: me.standing.org.clone(),
                server_name: me.server_name.clone(),
                policy: me.policy,
                vendor: me.vendor,
            };
            let row = write_json("member", &saved)?;
            write.open_table(ABOUT)?.insert("me", row.as_slice())?;
            Ok(())
        }
    }
}

fn put_cursor(write: &redb::WriteTransaction, room: RoomId, head: Head) -> Result<(), StoreError> {
    let row = write_json("cursor", &head)?;
    write
        .open_table(CURSORS)?
        .insert(room.to_key().as_slice(), row.as_slice())?;
    Ok(())
}

fn put_card<T: Serialize>(
    write: &redb::WriteTransaction,
    key: &[u8],
    card: &T,
) -> Result<(), StoreError> {
    let row = write_json("card", card)?;
    write.open_table(CARDS)?.insert(key, row.as_slice())?;
    Ok(())
}

fn forget(write: &redb::WriteTransaction, room: RoomId) -> Result<(), StoreError> {
    let key = room.to_key();
    write.open_table(ROOMS)?.remove(key.as_slice())?;
    write.open_table(CURSORS)?.remove(key.as_slice())?;
    write.open_table(READ)?.remove(key.as_slice())?;
    entries::forget(write, room)
}
