//! Keeping a reader as far as its seats reach: catching up, new entries, rooms that open and close.

use super::{Effects, Held, Phase, Session, Stage, send};
use crate::{
    bell::{Rung, Topic},
    conversation::Effect,
    ledger::{
        LedgerError,
        reader::Snapshot,
        seat::Seat,
        tail::{self, Line, TailFrame},
        writer::Work,
    },
};
use rialto_shared::{
    audience::Grant,
    closing::CloseCode,
    entry::{Entry, Head, Seq},
    id::{MemberId, OrgId, RoomId, RoomKind},
    limits,
    protocol::{Down, Presence},
    room::{Room, State},
    standing::Standing,
    time::Timestamp,
};
use std::collections::BTreeSet;

/// Rooms brought up to date in one turn; then the connection flushes and comes back.
const ROOMS_A_TURN: usize = 16;
/// Entries of one room sent in one turn.
const ENTRIES_A_TURN: usize = 200;
/// Bytes of one part of a snapshot; escaped as a JSON string it may double.
const PART_BYTES: usize = 24 * 1024;

impl Session {
    /// Everything that rang: read at one commit, sent in one turn.
    pub(super) fn deliver(&mut self, now: Timestamp) -> Result<Effects, LedgerError> {
        let rung = self.ear.heard();
        if rung.cut {
            return Ok(self.close(
                CloseCode::Replaced,
                "another connection took over this outbox",
            ));
        }
        let Stage::Live(live) = &mut self.stage else {
            return Ok(vec![]);
        };
        let (member, device) = (live.member, live.device);
        let mine = [Topic::Member(member), Topic::Org(live.org)];
        live.stale |= mine.iter().any(|topic| rung.topics.contains(topic));
        let snapshot = self.house.snapshot()?;
        let standing = snapshot.standing(member)?;
        let revoked = snapshot.device(device)?.is_none_or(|device| device.revoked);
        let Some(standing) = standing.filter(|standing| standing.active() && !revoked) else {
            return Ok(self.close(CloseCode::Revoked, "this device may no longer be here"));
        };
        if let Stage::Live(live) = &mut self.stage {
            // A read may be of a commit that has not rung yet: what it says of the member counts at once.
            live.stale |= live.standing != standing;
            live.standing = standing.clone();
        }
        let mut effects = self.changed_cards(&snapshot, &rung)?;
        let waiting = self.counts_due();
        let counted = self.counts_any_of(&rung);
        match self.phase() {
            Phase::Resuming => {}
            Phase::Catching => effects.extend(self.catch_up(&snapshot, &standing)?),
            Phase::Ready => effects.extend(self.refresh(&snapshot, &standing, &rung)?),
        }
        // Counts that wait go out with the next that comes, or with the client's next frame: never because of a wake-up that
        // has nothing to do with them.
        if counted || self.counts_due() > waiting {
            effects.extend(self.counts(&snapshot, &standing, now)?);
        }
        effects.extend(self.presence(&rung));
        Ok(effects)
    }

    const fn phase(&self) -> Phase {
        match &self.stage {
            Stage::Live(live) => live.phase,
            Stage::Silent | Stage::Greeted { .. } | Stage::Joining { .. } | Stage::Over => {
                Phase::Resuming
            }
        }
    }

    pub(super) fn resume(
        &mut self,
        cursors: Vec<(RoomId, Head)>,
        last: bool,
        now: Timestamp,
    ) -> Result<Effects, LedgerError> {
        let Stage::Live(live) = &mut self.stage else {
            return Ok(vec![]);
        };
        let over = if live.resumes >= limits::RESUME_FRAMES_MAX {
            Some(("frames of a resume", limits::RESUME_FRAMES_MAX))
        } else if live.phase != Phase::Resuming || cursors.len() > limits::CURSORS_MAX {
            Some(("cursors", limits::CURSORS_MAX))
        } else {
            None
        };
        if let Some((field, max)) = over {
            let error = rialto_shared::rejection::Rejection::Limit { field, max };
            return Ok(self.fatal(CloseCode::Malformed, &error));
        }
        live.cursors.extend(cursors);
        live.resumes += 1;
        if !last {
            return Ok(vec![]);
        }
        let (member, claimed) = (
            live.member,
            live.cursors.keys().copied().collect::<Vec<_>>(),
        );
        let snapshot = self.house.snapshot()?;
        let Some(standing) = snapshot.standing(member)? else {
            return Ok(vec![]);
        };
        let rooms = snapshot.roster(&standing)?;
        let Stage::Live(live) = &mut self.stage else {
            return Ok(vec![]);
        };
        live.phase = Phase::Catching;
        // What the client holds and is seated in no longer is closed on the way.
        live.backlog = rooms
            .iter()
            .copied()
            .chain(claimed.into_iter().filter(|room| !rooms.contains(room)))
            .collect();
        self.deliver(now)
    }

    fn catch_up(
        &mut self,
        snapshot: &Snapshot,
        standing: &Standing,
    ) -> Result<Effects, LedgerError> {
        let mut effects = vec![];
        for _ in 0..ROOMS_A_TURN {
            let Stage::Live(live) = &mut self.stage else {
                return Ok(effects);
            };
            let Some(room) = live.backlog.pop_front() else {
                effects.extend(self.ready(snapshot, standing)?);
                return Ok(effects);
            };
            let cursor = live.cursors.remove(&room);
            effects.extend(self.open(snapshot, standing, room, cursor, false)?);
        }
        self.ear.nudge();
        Ok(effects)
    }

    fn ready(&mut self, snapshot: &Snapshot, standing: &Standing) -> Result<Effects, LedgerError> {
        let Stage::Live(live) = &mut self.stage else {
            return Ok(vec![]);
        };
        live.phase = Phase::Ready;
        live.stale = true;
        let mut heads = Vec::new();
        for room in live.held.keys().copied().collect::<Vec<_>>() {
            heads.push((
                room,
                snapshot.head(room)?.said,
                snapshot.read_mark(live.member, room)?,
            ));
        }
        let rooms = u32::try_from(heads.len()).unwrap_or(u32::MAX);
        for room in live.held.keys() {
            self.house.bell.tell(*room, live.member, Presence::Here);
        }
        let here: Vec<_> = self
            .ear
            .members()
            .into_iter()
            .filter(|other| self.house.presence.here(*other))
            .collect();
        let mut effects: Effects = heads
            .chunks(limits::CURSORS_MAX)
            .map(|part| {
                send(&Down::Heads {
                    heads: part.to_vec(),
                })
            })
            .collect();
        effects.extend(here.into_iter().map(|member| {
            send(&Down::Presence {
                member,
                state: Presence::Here,
            })
        }));
        effects.extend(self.refresh(snapshot, standing, &Rung::default())?);
        effects.push(send(&Down::Ready { rooms }));
        // What was committed since this turn's read rings again.
        self.ear.nudge();
        Ok(effects)
    }

    /// New entries of the rooms that rang; and, when standing or roster changed, rooms that opened or closed.
    fn refresh(
        &mut self,
        snapshot: &Snapshot,
        standing: &Standing,
        rung: &Rung,
    ) -> Result<Effects, LedgerError> {
        let mut effects = vec![];
        let Stage::Live(live) = &mut self.stage else {
            return Ok(effects);
        };
        let stale = std::mem::take(&mut live.stale);
        let mut rooms: BTreeSet<RoomId> = rung
            .topics
            .iter()
            .filter_map(|topic| match topic {
                Topic::Room(room) => Some(*room),
                Topic::Member(_) | Topic::Org(_) | Topic::MemberCard(_) | Topic::OrgCard(_) => None,
            })
            .collect();
        live.counts_due
            .extend(rooms.iter().filter(|room| live.counted.contains(room)));
        if stale {
            rooms.extend(live.held.keys().copied());
            let mut opened = snapshot.roster(standing)?;
            opened.retain(|room| !live.held.contains_key(room));
            for room in opened {
                effects.extend(self.open(snapshot, standing, room, None, false)?);
            }
            self.count(snapshot, standing)?;
        }
        if rooms.contains(&RoomId::inbox(standing.member.id)) {
            self.count(snapshot, standing)?;
        }
        for room in rooms {
            effects.extend(self.forward(snapshot, standing, room, stale)?);
        }
        Ok(effects)
    }

    /// Opens a room for this session: the gap after the cursor, or the room whole; or closes it.
    fn open(
        &mut self,
        snapshot: &Snapshot,
        standing: &Standing,
        room: RoomId,
        cursor: Option<Head>,
        watched: bool,
    ) -> Result<Effects, LedgerError> {
        // Listening begins before the read, so that nothing falls between them.
        self.house.bell.listen(&self.ear, Topic::Room(room));
        let Some(seat) = snapshot.seat(standing, room)? else {
            let had = cursor.is_some() || watched;
            return Ok(if self.forget(room) || had {
                vec![send(&Down::Closed { room })]
            } else {
                vec![]
            });
        };
        let terms = seat.terms();
        let continues = match cursor {
            Some(cursor) => seat.continues(cursor)?,
            None => false,
        };
        let start = if continues {
            cursor.unwrap_or_default().seq
        } else {
            seat.upto().seq
        };
        let held = Held {
            cursor: start,
            since: terms.since,
            audience_at: seat.audience_at(),
            tied: seat.asks_ties(),
            watched,
        };
        let Stage::Live(live) = &mut self.stage else {
            return Ok(vec![]);
        };
        live.held.insert(room, held);
        // Also where the client has the room already: the cards that it holds may have changed while it was away.
        let mut effects = self.cards(&roster(&seat))?;
        effects.extend(self.org_cards(organisations(seat.room()))?);
        if continues {
            effects.extend(self.forward(snapshot, standing, room, false)?);
        } else {
            effects.extend(parts(room, &seat));
        }
        Ok(effects)
    }

    /// Sends what a room has beyond the cursor, under a seat that still stands.
    fn forward(
        &mut self,
        snapshot: &Snapshot,
        standing: &Standing,
        room: RoomId,
        ask: bool,
    ) -> Result<Effects, LedgerError> {
        let Stage::Live(live) = &mut self.stage else {
            return Ok(vec![]);
        };
        let Some(held) = live.held.get_mut(&room) else {
            return Ok(vec![]);
        };
        let tail = self.house.tails.get(room);
        let unchanged = tail
            .as_ref()
            .is_some_and(|tail| tail.audience_at == held.audience_at);
        let mut newcomers = BTreeSet::new();
        // Who is named on a profile may change without its audience: the names come with the entry.
        let names = room.kind() == RoomKind::Profile;
        if ask || !unchanged || held.tied || names {
            let Some(seat) = snapshot.seat(standing, room)? else {
                self.forget(room);
                return Ok(vec![send(&Down::Closed { room })]);
            };
            if held.cursor.next() < seat.terms().since {
                // Taken away and given back since the last look: what lies between is not for this reader, so the client
                // begins anew.
                let watched = held.watched;
                return self.open(snapshot, standing, room, None, watched);
            }
            if held.audience_at != seat.audience_at() || names {
                newcomers = roster(&seat);
            }
            (held.since, held.audience_at) = (seat.terms().since, seat.audience_at());
            held.tied = seat.asks_ties();
        }
        let upto = snapshot.head(room)?.head.seq;
        if held.cursor >= upto {
            return self.cards(&newcomers);
        }
        let from = held.cursor;
        let fresh = tail
            .filter(|_| from.next() >= held.since)
            .and_then(|tail| tail.between(from, upto));
        let frames = match fresh {
            Some(frames) => frames,
            None => {
                let Some(seat) = snapshot.seat(standing, room)? else {
                    self.forget(room);
                    return Ok(vec![send(&Down::Closed { room })]);
                };
                stored(room, &seat, from)?
            }
        };
        held.cursor = frames.last().map_or(upto, |frame| frame.to);
        if held.cursor < upto {
            // More than a turn's worth: flush this, then go on.
            live.stale = true;
            self.ear.nudge();
        }
        newcomers.extend(
            frames
                .iter()
                .flat_map(|frame| frame.authors.iter().copied()),
        );
        let mut effects = self.cards(&newcomers)?;
        effects.extend(frames.into_iter().map(|frame| Effect::Send(frame.frame)));
        Ok(effects)
    }

    /// Drops a room; whether it was held.
    fn forget(&mut self, room: RoomId) -> bool {
        let Stage::Live(live) = &mut self.stage else {
            return false;
        };
        if !live.counted.contains(&room) {
            self.house.bell.unlisten(&self.ear, Topic::Room(room));
        }
        live.held.remove(&room).is_some()
    }

    pub(super) fn watch(
        &mut self,
        room: RoomId,
        cursor: Option<Head>,
    ) -> Result<Effects, LedgerError> {
        let Stage::Live(live) = &self.stage else {
            return Ok(vec![]);
        };
        let (member, held) = (live.member, live.held.get(&room).copied());
        let watching = live.held.values().filter(|held| held.watched).count();
        if live.phase != Phase::Ready || (held.is_none() && watching >= limits::WATCHED_MAX) {
            let error = rialto_shared::rejection::Rejection::Limit {
                field: "watched rooms",
                max: limits::WATCHED_MAX,
            };
            return Ok(vec![send(&Down::Error {
                id: None,
                error: (&error).into(),
                fatal: false,
            })]);
        }
        let snapshot = self.house.snapshot()?;
        let Some(standing) = snapshot.standing(member)? else {
            return Ok(vec![]);
        };
        self.open(
            &snapshot,
            &standing,
            room,
            cursor,
            held.is_none_or(|held| held.watched),
        )
    }

    pub(super) fn unwatch(&mut self, room: RoomId) {
        let Stage::Live(live) = &self.stage else {
            return;
        };
        if live.held.get(&room).is_some_and(|held| held.watched) {
            self.forget(room);
            if let Stage::Live(live) = &mut self.stage {
                live.stale = true;
            }
            self.ear.nudge();
        }
    }
}

/// The organisations that the room itself names to all its seats.
fn organisations(room: &Room) -> BTreeSet<OrgId> {
    match &room.state {
        State::Relation(relation) => relation.parties.iter().map(|party| party.org).collect(),
        State::Referral(referral) => BTreeSet::from([referral.from.org, referral.to]),
        State::Deal(deal) => deal.parties.keys().copied().collect(),
        State::Org(org) => org
            .asked
            .keys()
            .chain(org.knocked.keys())
            .chain(&org.connections)
            .copied()
            .collect(),
        State::Void
        | State::Inbox(_)
        | State::Channel(_)
        | State::Direct(_)
        | State::Profile(_)
        | State::Side(_)
        | State::Record(_) => BTreeSet::new(),
    }
}

/// Everyone whom the room itself names to all its seats.
fn roster(seat: &Seat<'_>) -> BTreeSet<MemberId> {
    let mut members: BTreeSet<MemberId> = seat
        .room()
        .audience
        .grants
        .iter()
        .filter_map(|grant| match grant {
            Grant::Member { id, .. } => Some(*id),
            Grant::Org { .. } | Grant::Tied { .. } | Grant::Rule { .. } => None,
        })
        .collect();
    match &seat.room().state {
        State::Org(org) => members.extend(org.people.keys()),
        State::Profile(profile) => members.extend(profile.contacts.value.iter().flatten()),
        State::Void
        | State::Inbox(_)
        | State::Channel(_)
        | State::Direct(_)
        | State::Relation(_)
        | State::Side(_)
        | State::Referral(_)
        | State::Deal(_)
        | State::Record(_) => {}
    }
    members
}

/// A room whole, in parts that fit a message.
fn parts(room: RoomId, seat: &Seat<'_>) -> Vec<Effect<Work>> {
    let body =
        serde_json::to_string(&seat.snapshot()).expect("a snapshot has string keys and no floats");
    let mut pieces = Vec::new();
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let mut end = rest.len().min(PART_BYTES);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, after) = rest.split_at(end);
        pieces.push(piece.to_owned());
        rest = after;
    }
    let count = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
    let part = |(part, body): (usize, String)| {
        let part = u32::try_from(part).unwrap_or(u32::MAX);
        send(&Down::Snapshot {
            room,
            part,
            parts: count,
            body,
        })
    };
    pieces.into_iter().enumerate().map(part).collect()
}

/// Entries read from the ledger, in frames.
fn stored(room: RoomId, seat: &Seat<'_>, after: Seq) -> Result<Vec<TailFrame>, LedgerError> {
    let entries = seat.after(after, ENTRIES_A_TURN)?;
    let mut lines = Vec::with_capacity(entries.len());
    for (seq, bytes) in &entries {
        lines.push(Line {
            seq: *seq,
            author: Entry::decode(bytes)?.author,
            bytes,
        });
    }
    Ok(tail::frames(room, lines.into_iter()))
}
