//! What a reader is told of rooms beside their entries: how far those are that are kept and not live, and who is there.

use super::{Effects, HEADS_EVERY, Phase, Session, Stage, send};
use crate::{
    bell::{Rung, Topic},
    ledger::{LedgerError, reader::Snapshot},
};
use rialto_shared::{limits, protocol::Down, standing::Standing, time::Timestamp};
use std::collections::BTreeSet;

impl Session {
    pub(super) fn counts_any_of(&self, rung: &Rung) -> bool {
        let room = |topic: &Topic| match topic {
            Topic::Room(room) => Some(*room),
            Topic::Member(_) | Topic::Org(_) | Topic::MemberCard(_) | Topic::OrgCard(_) => None,
        };
        let rung = rung.topics.iter().filter_map(room);
        match &self.stage {
            Stage::Live(live) => rung.into_iter().any(|room| live.counted.contains(&room)),
            Stage::Silent | Stage::Greeted { .. } | Stage::Joining { .. } | Stage::Over => false,
        }
    }

    pub(super) fn counts_due(&self) -> usize {
        match &self.stage {
            Stage::Live(live) => live.counts_due.len(),
            Stage::Silent | Stage::Greeted { .. } | Stage::Joining { .. } | Stage::Over => 0,
        }
    }

    /// The counts that wait and whose time has come, for a client that has just said something.
    pub(super) fn late_counts(&mut self, now: Timestamp) -> Result<Effects, LedgerError> {
        let member = match &self.stage {
            Stage::Live(live) if !live.counts_due.is_empty() => live.member,
            Stage::Live(_)
            | Stage::Silent
            | Stage::Greeted { .. }
            | Stage::Joining { .. }
            | Stage::Over => return Ok(vec![]),
        };
        let snapshot = self.house.snapshot()?;
        match snapshot.standing(member)? {
            Some(standing) => self.counts(&snapshot, &standing, now),
            None => Ok(vec![]),
        }
    }

    /// Which rooms are kept in the Inbox, may be read and are not live: those are counted. Anybody may keep the id of any
    /// room, so a room without a seat is not even listened to: its wake-ups would tell that something happens there.
    pub(super) fn count(
        &mut self,
        snapshot: &Snapshot,
        standing: &Standing,
    ) -> Result<(), LedgerError> {
        let mut counted = BTreeSet::new();
        for room in snapshot.bookmarks(standing.member.id)? {
            let held = matches!(&self.stage, Stage::Live(live) if live.held.contains_key(&room));
            if !held && snapshot.seat(standing, room)?.is_some() {
                counted.insert(room);
            }
        }
        let Stage::Live(live) = &mut self.stage else {
            return Ok(());
        };
        for gone in live.counted.difference(&counted) {
            if !live.held.contains_key(gone) {
                self.house.bell.unlisten(&self.ear, Topic::Room(*gone));
            }
        }
        for new in counted.difference(&live.counted) {
            self.house.bell.listen(&self.ear, Topic::Room(*new));
            live.counts_due.insert(*new);
        }
        live.counted = counted;
        Ok(())
    }

    pub(super) fn counts(
        &mut self,
        snapshot: &Snapshot,
        who: &Standing,
        now: Timestamp,
    ) -> Result<Effects, LedgerError> {
        let Stage::Live(live) = &mut self.stage else {
            return Ok(vec![]);
        };
        if live.phase != Phase::Ready
            || live.counts_due.is_empty()
            || now - live.counts_sent < HEADS_EVERY
        {
            return Ok(vec![]);
        }
        let mut heads = Vec::new();
        for room in std::mem::take(&mut live.counts_due) {
            if let Some(seat) = snapshot.seat(who, room)? {
                heads.push((room, seat.said(), snapshot.read_mark(live.member, room)?));
            } else if live.counted.remove(&room) && !live.held.contains_key(&room) {
                self.house.bell.unlisten(&self.ear, Topic::Room(room));
            }
        }
        if !heads.is_empty() {
            live.counts_sent = now;
        }
        Ok(heads
            .chunks(limits::CURSORS_MAX)
            .map(|part| {
                send(&Down::Heads {
                    heads: part.to_vec(),
                })
            })
            .collect())
    }

    pub(super) fn presence(&self, rung: &Rung) -> Effects {
        let Stage::Live(live) = &self.stage else {
            return vec![];
        };
        if live.phase != Phase::Ready {
            return vec![];
        }
        // Only what was told in a room that is live here, under a seat that this turn has looked at; once for each member,
        // in however many rooms it was told.
        let mut told = Vec::new();
        for ((room, member), state) in &rung.presence {
            let news = (*member, *state);
            if *member != live.member && live.held.contains_key(room) && !told.contains(&news) {
                told.push(news);
            }
        }
        told.into_iter()
            .map(|(member, state)| send(&Down::Presence { member, state }))
            .collect()
    }
}
