//! The recent entries of each room, as frames that are ready to send.
//!
//! Only the writer fills a tail, after the commit and before any answer; readers that miss read the database and never
//! insert, so no reader's state can show in another's bytes. A tail is immutable: a commit puts a new one in its place,
//! and a redaction replaces it in the same step.

use super::desk::Fresh;
use crate::frame::Frame;
use rialto_shared::{
    entry::{Author, Seq},
    id::{MemberId, RoomId},
    limits,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, PoisonError, RwLock},
};

/// Frames kept for one room.
const FRAMES_MAX: usize = 64;
/// Bytes kept for one room.
const BYTES_MAX: usize = 256 * 1024;
/// Rooms kept; beyond it the one that was written longest ago goes.
const ROOMS_MAX: usize = 4_096;
/// Bytes of entries in one frame: with its envelope it stays below what a message may hold.
pub const FRAME_ENTRIES_BYTES: usize = limits::MESSAGE_BYTES_MAX - 1024;

/// Some entries of one commit, in one frame.
#[derive(Debug, Clone)]
pub struct TailFrame {
    /// The first entry.
    pub from: Seq,
    /// The last entry.
    pub to: Seq,
    /// Who made the entries: their names go before them.
    pub authors: BTreeSet<MemberId>,
    /// The frame.
    pub frame: Frame,
}

/// A room's recent entries.
#[derive(Debug, Clone, Default)]
pub struct Tail {
    /// The entry that changed the room's audience last: a seat asked for before it is asked for again.
    pub audience_at: Seq,
    /// The frames, oldest first, with no gap between them.
    pub frames: VecDeque<TailFrame>,
    written: u64,
}

impl Tail {
    /// The frames that hold exactly the entries after `after` up to `upto`, if they are all here and begin where the
    /// reader goes on.
    #[must_use]
    pub fn between(&self, after: Seq, upto: Seq) -> Option<Vec<TailFrame>> {
        let frames: Vec<&TailFrame> = self
            .frames
            .iter()
            .filter(|frame| frame.from > after && frame.to <= upto)
            .collect();
        let begins = frames.first()?.from == after.next();
        let ends = frames.last()?.to == upto;
        (begins && ends).then(|| frames.into_iter().cloned().collect())
    }
}

/// The tails of all rooms that were written lately.
#[derive(Debug, Default)]
pub struct Tails(RwLock<BTreeMap<RoomId, Arc<Tail>>>);

impl Tails {
    /// The room's tail, if it was written lately.
    #[must_use]
    pub fn get(&self, room: RoomId) -> Option<Arc<Tail>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&room)
            .cloned()
    }

    /// Puts what a commit made of one room at its end. `erased` says that older texts went with it: the frames before are
    /// forgotten, so that nobody is sent what was redacted.
    pub(super) fn extend(
        &self,
        room: RoomId,
        fresh: &[&Fresh],
        audience_at: Seq,
        erased: bool,
        commit: u64,
    ) {
        let mut tails = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut tail = if erased {
            Tail::default()
        } else {
            tails
                .get(&room)
                .map_or_else(Tail::default, |tail| (**tail).clone())
        };
        tail.audience_at = audience_at;
        tail.written = commit;
        if !erased {
            let lines = fresh.iter().map(|fresh| Line {
                seq: fresh.entry.seq,
                author: fresh.entry.author,
                bytes: &fresh.bytes,
            });
            tail.frames.extend(frames(room, lines));
        }
        let size = |tail: &Tail| {
            tail.frames
                .iter()
                .map(|frame| frame.frame.as_str().len())
                .sum::<usize>()
        };
        while tail.frames.len() > FRAMES_MAX || size(&tail) > BYTES_MAX {
            tail.frames.pop_front();
        }
        tails.insert(room, Arc::new(tail));
        if tails.len() > ROOMS_MAX {
            let oldest = tails
                .iter()
                .min_by_key(|(_, tail)| tail.written)
                .map(|(room, _)| *room);
            if let Some(oldest) = oldest {
                tails.remove(&oldest);
            }
        }
    }
}

/// An entry that goes into a frame.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Its place.
    pub seq: Seq,
    /// Who made it.
    pub author: Author,
    /// Its stored bytes.
    pub bytes: &'a [u8],
}

/// Frames of these entries of one room, each as large as a message may be.
pub fn frames<'a>(room: RoomId, lines: impl Iterator<Item = Line<'a>>) -> Vec<TailFrame> {
    let mut frames = Vec::new();
    let mut body = String::new();
    let mut open: Option<(Seq, Seq, BTreeSet<MemberId>)> = None;
    for line in lines {
        // Stored entries are JSON that this program wrote; anything else would be a damaged file, and is left out whole.
        let Ok(text) = std::str::from_utf8(line.bytes) else {
            continue;
        };
        if !body.is_empty() && body.len() + text.len() > FRAME_ENTRIES_BYTES {
            frames.extend(frame(room, &mut body, &mut open));
        }
        if !body.is_empty() {
            body.push(',');
        }
        body.push_str(text);
        let (_, to, authors) = open.get_or_insert((line.seq, line.seq, BTreeSet::new()));
        *to = line.seq;
        authors.extend(line.author.member());
    }
    frames.extend(frame(room, &mut body, &mut open));
    frames
}

fn frame(
    room: RoomId,
    body: &mut String,
    open: &mut Option<(Seq, Seq, BTreeSet<MemberId>)>,
) -> Option<TailFrame> {
    let (from, to, authors) = open.take()?;
    let text = format!(r#"{{"entries":{{"room":"{room}","entries":[{body}]}}}}"#);
    body.clear();
    Some(TailFrame {
        from,
        to,
        authors,
        frame: Frame::from(text),
    })
}
