//! What becomes of a notice when it is due: it goes out, it waits, or its reason has gone.

use super::{Carrier, Clerk};
use crate::{
    ledger::{
        LedgerError,
        queue::{Changes, Notice, Parcel, Way},
        reader::Snapshot,
    },
    notices::reasons::{Reason, Recipient, class, of_messages, reason},
};
use rialto_shared::{
    id::{MemberId, RoomId},
    limits,
    room::inbox::Pace,
    time::{Span, Timestamp},
};
use std::collections::{BTreeMap, BTreeSet};

/// When a notice goes out.
enum When {
    Now,
    Later(Timestamp, bool),
    Never,
}

impl<C: Carrier> Clerk<C> {
    /// Looks at some of what is due; whether there may be more.
    pub(super) fn look(&mut self, now: Timestamp) -> Result<bool, LedgerError> {
        let due = self.queue.due(now, limits::NOTICE_STEP_MAX)?;
        let more = due.len() == limits::NOTICE_STEP_MAX;
        if due.is_empty() {
            return Ok(false);
        }
        let mut members: BTreeMap<MemberId, Vec<Notice>> = BTreeMap::new();
        for notice in due {
            members.entry(notice.member).or_default().push(notice);
        }
        let snapshot = Snapshot::take(&self.ledger)?;
        let mut changes = Changes::default();
        for (member, notices) in members {
            let who = Recipient::find(&snapshot, member)?;
            self.look_at(&snapshot, who.as_ref(), notices, now, &mut changes)?;
        }
        self.queue.change(&changes, now)?;
        Ok(more)
    }

    /// What becomes of one member's notices.
    fn look_at(
        &self,
        snapshot: &Snapshot,
        who: Option<&Recipient>,
        notices: Vec<Notice>,
        now: Timestamp,
        changes: &mut Changes,
    ) -> Result<(), LedgerError> {
        let ways = self.ways(who);
        let Some(who) = who.filter(|_| !ways.is_empty()) else {
            changes.gone.extend(notices);
            return Ok(());
        };
        let mut ready: Vec<Notice> = Vec::new();
        // What was said in one room is told of once.
        let mut rooms: BTreeSet<RoomId> = BTreeSet::new();
        for notice in notices {
            match self.when(snapshot, who, &notice, now)? {
                When::Never => changes.gone.push(notice),
                When::Now if of_messages(notice.kind) && !rooms.insert(notice.room) => {
                    changes.gone.push(notice);
                }
                When::Now => ready.push(notice),
                When::Later(due, daily) => {
                    let later = Notice {
                        due,
                        daily,
                        ..notice
                    };
                    changes.later.push((notice, later));
                }
            }
        }
        let Some(first) = ready.first() else {
            return Ok(());
        };
        if let Some(due) = self.crowded_until(first.member, now)? {
            let later = |notice: Notice| {
                let later = Notice { due, ..notice };
                (notice, later)
            };
            changes.later.extend(ready.into_iter().map(later));
            return Ok(());
        }
        // The rest is due still, and looked at again in the next step.
        ready.truncate(limits::NOTICE_LINES_MAX);
        self.send_off(snapshot, &ways, ready, now, changes)
    }

    fn send_off(
        &self,
        snapshot: &Snapshot,
        ways: &[Way],
        ready: Vec<Notice>,
        now: Timestamp,
        changes: &mut Changes,
    ) -> Result<(), LedgerError> {
        for notice in ready.iter().filter(|notice| of_messages(notice.kind)) {
            let head = snapshot.head(notice.room)?;
            let told = (notice.member, notice.room, head.said.max(notice.seq));
            changes.told.push(told);
        }
        for way in ways {
            changes.sent_off.extend(ready.first().map(|first| Parcel {
                id: self.namer.parcel(&ready),
                way: *way,
                member: first.member,
                notices: ready.clone(),
                at: now,
                due: now,
                tries: 0,
            }));
        }
        changes.gone.extend(ready);
        Ok(())
    }

    /// The ways by which this member is told.
    pub(super) fn ways(&self, who: Option<&Recipient>) -> Vec<Way> {
        let Some(who) = who else {
            return vec![];
        };
        let mail = self.carrier.has(Way::Mail) && who.address.is_some();
        let hook = self.carrier.has(Way::Hook);
        let ways = [(mail, Way::Mail), (hook, Way::Hook)];
        ways.into_iter()
            .filter_map(|(is, way)| is.then_some(way))
            .collect()
    }

    /// When this notice is to go out.
    fn when(
        &self,
        snapshot: &Snapshot,
        who: &Recipient,
        notice: &Notice,
        now: Timestamp,
    ) -> Result<When, LedgerError> {
        let Some(class) = class(notice.kind) else {
            return Ok(When::Never);
        };
        let until = match reason(snapshot, Some(&self.queue), who, notice, now)? {
            Reason::Gone => return Ok(When::Never),
            Reason::NotYet(due) => return Ok(When::Later(due, notice.daily)),
            Reason::Stands(until) => until,
            Reason::Brings(until) => Some(until),
        };
        let preferences = &who.preferences;
        match preferences.pace(class) {
            Pace::Off => return Ok(When::Never),
            Pace::Daily if !notice.daily => {
                return Ok(When::Later(preferences.next_daily(now), true));
            }
            Pace::Daily | Pace::AtOnce => {}
        }
        Ok(quiet(who, until, now).map_or(When::Now, |over| When::Later(over, notice.daily)))
    }

    /// Until when a member has had enough mail for an hour.
    fn crowded_until(
        &self,
        member: MemberId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, LedgerError> {
        let mailed = self.queue.mailed(member, now - Span::hours(1))?;
        let enough = mailed.len() >= limits::NOTICE_MAILS_HOUR_MAX;
        let first = mailed.first().filter(|_| enough);
        Ok(first.map(|first| *first + Span::hours(1) + Span::millis(1)))
    }
}

/// When the quiet hours are over, where it is quiet and what is told can wait for that.
pub(super) fn quiet(
    who: &Recipient,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let over = who.preferences.quiet_until(now)?;
    until.is_none_or(|until| over < until).then_some(over)
}
