//! Whether the reason of a notice still stands when it is to go out: looked up through the member's own seats, as they are
//! then. Answered, read, settled, a seat or a standing gone: then nobody is told.

use super::sources::{brought, overtaken, rings, runs};
use crate::ledger::{
    LedgerError,
    queue::{Kind, Notice, Queue},
    reader::Snapshot,
};
use rialto_shared::{
    entry::Seq,
    id::{MemberId, RoomId},
    limits,
    mail::MailAddress,
    room::{
        State,
        inbox::{Class, Inbox, Preferences, What},
    },
    standing::Standing,
    time::Timestamp,
};

/// A member as notices see them: active, with what they set.
#[derive(Debug)]
pub(super) struct Recipient {
    standing: Standing,
    inbox: Inbox,
    /// Where mail is sent.
    pub(super) address: Option<MailAddress>,
    /// When.
    pub(super) preferences: Preferences,
}

impl Recipient {
    /// Who this is, unless they are gone or suspended.
    pub(super) fn find(snapshot: &Snapshot, member: MemberId) -> Result<Option<Self>, LedgerError> {
        let Some(standing) = snapshot.standing(member)? else {
            return Ok(None);
        };
        let seat = snapshot.seat(&standing, RoomId::inbox(member))?;
        let Some(seat) = seat else {
            return Ok(None);
        };
        let State::Inbox(inbox) = &seat.room().state else {
            return Ok(None);
        };
        Ok(Some(Self {
            address: inbox.mail(seat.texts()),
            preferences: inbox.preferences(),
            inbox: inbox.clone(),
            standing,
        }))
    }
}

/// How a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// There is none any more.
    Gone,
    /// There is none yet: it is to be looked at again then.
    NotYet(Timestamp),
    /// It stands, until this time where one runs.
    Stands(Option<Timestamp>),
    /// A request to connect stands, and the referral that came with it can be answered until this time.
    Brings(Timestamp),
}

/// Of which class a notice is.
pub(super) const fn class(kind: Kind) -> Option<Class> {
    match kind {
        Kind::Waits(what, _) => what.class(),
        Kind::Unread => Some(Class::Messages),
        Kind::Half(_) | Kind::Tenth(_) => Some(Class::Clocks),
    }
}

/// How a notice stands now. Where it is not on its way yet, the queue says of which messages the member was told already.
pub(super) fn reason(
    snapshot: &Snapshot,
    queue: Option<&Queue>,
    who: &Recipient,
    notice: &Notice,
    now: Timestamp,
) -> Result<Reason, LedgerError> {
    let (room, seq) = (notice.room, notice.seq);
    if let Kind::Waits(_, need) = notice.kind
        && !who.inbox.needs.iter().any(|open| open.id == need)
    {
        return Ok(Reason::Gone);
    }
    // What is about a room as a whole was told by an intended crossing, and holds its id alone.
    if seq == Seq::ZERO {
        return Ok(aged(notice, now));
    }
    let Some(seat) = snapshot.seat(&who.standing, room)? else {
        return Ok(Reason::Gone);
    };
    if seat.terms().since > seq {
        return Ok(Reason::Gone);
    }
    if of_messages(notice.kind) {
        let read = snapshot.read_mark(notice.member, room)?;
        let told = queue.map(|queue| queue.told(notice.member, room));
        let told = told.transpose()?.unwrap_or(Seq::ZERO);
        return Ok(if read.max(told) >= seq {
            Reason::Gone
        } else {
            aged(notice, now)
        });
    }
    let until = runs(&seat.room().state, notice);
    if let Some(offered) = offered(snapshot, who, &seat.room().state, notice)?
        && until.is_some_and(|until| now < offered && offered < until)
    {
        let clock = clock(notice, offered, now);
        let asked = matches!(notice.kind, Kind::Waits(..)) && matches!(clock, Reason::Stands(_));
        return Ok(if asked {
            Reason::Brings(offered)
        } else {
            clock
        });
    }
    Ok(match (notice.kind, until) {
        (Kind::Half(_) | Kind::Tenth(_), Some(until)) => clock(notice, until, now),
        (Kind::Half(_) | Kind::Tenth(_), None) => Reason::Gone,
        // What has a time to answer and none runs any more was answered, or is over.
        (Kind::Waits(What::Knock | What::ReferralOffered | What::DealInvitation, _), until) => {
            until
                .filter(|until| *until > now)
                .map_or(Reason::Gone, |until| Reason::Stands(Some(until)))
        }
        (Kind::Waits(What::Seated, _), _) if snapshot.read_mark(notice.member, room)? >= seq => {
            Reason::Gone
        }
        (Kind::Waits(..) | Kind::Unread, _) => aged(notice, now),
    })
}

/// Until when the referral can be answered that came with a request to connect, as its reader sees it.
fn offered(
    snapshot: &Snapshot,
    who: &Recipient,
    state: &State,
    notice: &Notice,
) -> Result<Option<Timestamp>, LedgerError> {
    let Some(referral) = brought(state, notice) else {
        return Ok(None);
    };
    let seat = snapshot.seat(&who.standing, referral)?;
    Ok(seat.and_then(|seat| runs(&seat.room().state, notice)))
}

fn clock(notice: &Notice, until: Timestamp, now: Timestamp) -> Reason {
    let when = rings(notice, until);
    if until <= now || overtaken(notice, until, now) {
        Reason::Gone
    } else if when > now {
        // It was put off.
        Reason::NotYet(when)
    } else {
        Reason::Stands(Some(until))
    }
}

/// Whether a notice is of something said, which is read or not.
pub(super) fn of_messages(kind: Kind) -> bool {
    class(kind) == Some(Class::Messages)
}

fn aged(notice: &Notice, now: Timestamp) -> Reason {
    if notice.at + limits::NOTICE_AGE_MAX < now {
        Reason::Gone
    } else {
        Reason::Stands(None)
    }
}
