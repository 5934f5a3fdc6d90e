//! The recent entries of each room, as frames that are ready to send.
//!
//! Only the writer fills a tail, after the commit and before any answer; readers that miss read the database and never
//! insert, so no reader's state can show in another's bytes. A tail is immutable: a commit puts a new one in its place,
//! and a redaction replaces it in the same step.

use super::desk::Fresh;
use crate::frame::Frame;
use rialto_shared::{entry::Seq, id::RoomId, limits};
use std::{
    collections::{BTreeMap, VecDeque},
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
    pub fn between(&self, after: Seq, upto: Seq) -> Option<Vec<Frame>> {
        let frames: Vec<&TailFrame> = self
            .frames
            .iter()
            .filter(|frame| frame.from > after && frame.to <= upto)
            .collect();
        let begins = frames.first()?.from == after.next();
        let ends = frames.last()?.to == upto;
        (begins && ends).then(|| {
            frames
                .into_iter()
                .map(|frame| frame.frame.clone())
                .collect()
        })
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
            tail.frames.extend(frames(
                room,
                fresh
                    .iter()
                    .map(|fresh| (fresh.entry.seq, fresh.bytes.as_slice())),
            ));
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

/// Frames of these entries of one room, each as large as a message may be.
pub fn frames<'a>(room: RoomId, entries: impl Iterator<Item = (Seq, &'a [u8])>) -> Vec<TailFrame> {
    let mut frames = Vec::new();
    let mut body = String::new();
    let mut ends: Option<(Seq, Seq)> = None;
    for (seq, bytes) in entries {
        // Stored entries are JSON that this program wrote; anything else would be a damaged file, and is left out whole.
        let Ok(text) = std::str::from_utf8(bytes) else {
            continue;
        };
        if !body.is_empty() && body.len() + text.len() > FRAME_ENTRIES_BYTES {
            frames.extend(frame(room, &mut body, &mut ends));
        }
        if !body.is_empty() {
            body.push(',');
        }
        body.push_str(text);
        ends = Some((ends.map_or(seq, |(from, _)| from), seq));
    }
    frames.extend(frame(room, &mut body, &mut ends));
    frames
}

fn frame(room: RoomId, body: &mut String, ends: &mut Option<(Seq, Seq)>) -> Option<TailFrame> {
    let (from, to) = ends.take()?;
    let text = format!(r#"{{"entries":{{"room":"{room}","entries":[{body}]}}}}"#);
    body.clear();
    Some(TailFrame {
        from,
        to,
        frame: Frame::from(text),
    })
}
