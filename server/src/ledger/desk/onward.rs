//! What a person has in hand, and how it goes to a colleague, room by room.
//!
//! Somebody may sit in more rooms than one commit should write to. The first go over in the commit that says so; where to
//! go on is a row, and each commit after it hands over so many more. A room that was reached names the person no more, so
//! whatever is asked again reaches only the rest.

use super::*;
use rialto_shared::{
    id::RoomKind,
    room::{HandOver, handover},
};

/// Where to go on: the position of the entry that says who hands over to whom, and the room that was reached last.
type Rest = (u64, RoomId);

impl Desk<'_> {
    /// The next rooms that name this person, after this one; notes where to go on, if there are more.
    pub(super) fn in_hand(
        &mut self,
        member: MemberId,
        after: Option<RoomId>,
        position: u64,
    ) -> Result<Vec<RoomId>, LedgerError> {
        let mut rooms = self.in_hand_after(member, after, limits::HANDED_OVER_MAX + 1)?;
        let more = rooms.len() > limits::HANDED_OVER_MAX;
        rooms.truncate(limits::HANDED_OVER_MAX);
        let key = member.bits();
        match rooms.last() {
            Some(last) if more => {
                let rest: Rest = (position, *last);
                self.put_row(Table::Onward, &key, &rest);
            }
            Some(_) | None => {
                if self.get(Table::Onward, &key)?.is_some() {
                    self.remove(Table::Onward, &key);
                }
            }
        }
        Ok(rooms)
    }

    pub(super) fn has_in_hand(&self, member: MemberId) -> Result<bool, LedgerError> {
        Ok(!self.in_hand_after(member, None, 1)?.is_empty())
    }

    /// Sides, Referrals and deals follow each other in the order of keys.
    fn in_hand_after(
        &self,
        member: MemberId,
        after: Option<RoomId>,
        max: usize,
    ) -> Result<Vec<RoomId>, LedgerError> {
        let who = rialto_shared::audience::Principal::Member(member);
        let first = match after {
            Some(room) => Bound::Excluded(rows::seat(who, room)),
            None => Bound::Included(rows::seat(who, RoomId::new(RoomKind::Side, [0; 16]))),
        };
        let last = Bound::Included(rows::seat(who, RoomId::new(RoomKind::Deal, [0xFF; 16])));
        let keys = self.keys(Table::Seats, (first, last), max)?;
        let rooms = keys.iter().filter_map(|key| rows::room_of(key));
        Ok(rooms.filter(|room| handover::concerns(*room)).collect())
    }

    /// Hands over the next rooms of somebody who had many, with the author and the signature of whoever asked for it. The
    /// first thing in a batch, and settled.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    pub fn hand_on(&mut self) -> Result<(), LedgerError> {
        let first = {
            let table = self.transaction.open_table(Table::Onward.definition())?;
            let row = table.first()?;
            row.map(|(key, rest)| (key.value().to_vec(), rest.value().to_vec()))
        };
        let Some((key, rest)) = first else {
            return Ok(());
        };
        let (position, last): Rest = rows::decode(Table::Onward, &rest)?;
        let Some((entry, hand_over)) = self.said_at(position)? else {
            self.remove(Table::Onward, &key);
            self.settle();
            return Ok(());
        };
        let asks = self
            .in_hand(hand_over.from, Some(last), position)?
            .into_iter()
            .map(|room| (Address::Room(room), Ask::HandOver(hand_over), position))
            .collect();
        let cause = Cause {
            author: entry.author,
            signed: entry.statement.and_then(Signed::read),
            position,
        };
        if self.follow(&cause, asks)?.is_err() {
            self.drop_scratch();
            self.remove(Table::Onward, &key);
            tracing::error!(from = %hand_over.from, "a handover was too wide to go on");
        }
        self.settle();
        Ok(())
    }

    /// Who hands over to whom, as an entry says; nothing where whoever takes over is gone meanwhile, or where what was signed
    /// starts from a root key that was replaced since: the rest stays where it is, until it is handed over anew.
    fn said_at(&self, position: u64) -> Result<Option<(Entry, HandOver)>, LedgerError> {
        let Some(bytes) = self.get(Table::Log, &position.to_be_bytes())? else {
            return Ok(None);
        };
        let entry = Entry::decode(&bytes)?;
        let Event::Org(org::Event::HandedOver { from, to }) = &entry.event else {
            return Ok(None);
        };
        let heir = self.standing(*to)?.filter(Standing::active);
        let start = entry.statement.as_ref().and_then(|said| said.chain.first());
        let start = start.map(|link| link.issuer);
        let heir = heir.filter(|heir| start.is_none() || start == heir.org.root);
        let hand_over = heir.map(|heir| HandOver {
            org: heir.org.id,
            from: *from,
            to: *to,
        });
        Ok(hand_over.map(|hand_over| (entry, hand_over)))
    }
}
