//! How events become entries: the one place where a log grows.

use super::{Cause, Desk, Fresh, Signed};
use crate::ledger::{
    LedgerError, derive,
    derive::Loaded,
    rows::{Rows as _, RowsMut as _, Table},
};
use rialto_shared::{
    ask::{Address, Ask},
    entry::{Author, Entry, Place, Seq, Worded},
    event::Event,
    id::RoomId,
    room::{self, key},
    standing::OrgCard,
    statement::Statement,
};
use std::{collections::VecDeque, rc::Rc};

impl Desk<'_> {
    /// Puts events into a room's log, and what they ask of others at the end of `asks`. Where one rests on another root key of an
    /// organisation than the room has on record, the room says first that this is theirs from here on. Answers where the events
    /// stand, without that.
    pub(super) fn append(
        &mut self,
        id: RoomId,
        events: Vec<Worded<Event>>,
        cause: &Cause,
        asks: &mut VecDeque<(Address, Ask, u64)>,
    ) -> Result<(Seq, Seq), LedgerError> {
        let mut loaded = (*self.load(id)?).clone();
        let mut from = None;
        for event in events {
            // A statement stands only in the entries that it may justify.
            let signed = cause.signed.as_ref();
            let signed = signed.filter(|signed| event.what.justified_by(&signed.kind));
            let statement = signed.map(|signed: &Signed| signed.statement.clone());
            for renewed in key::renewals(&loaded.room, id, &event.what, statement.as_deref()) {
                let key::Event::Renewed { org, root } = &renewed;
                let card: Option<OrgCard> = self.row(Table::Orgs, &org.bits())?;
                if card.and_then(|card| card.root) == Some(*root) {
                    let event = Worded::plain(Event::Key(renewed));
                    let rule = (Author::Rule, None);
                    self.enter((id, &mut loaded), event, rule, cause.position, asks)?;
                }
            }
            from = from.or(Some(loaded.room.head.seq.next()));
            let by = (cause.author, statement);
            self.enter((id, &mut loaded), event, by, cause.position, asks)?;
        }
        let to = loaded.room.head.seq;
        self.scratch.rooms.insert(id, Rc::new(loaded));
        Ok((from.unwrap_or(to.next()), to))
    }

    fn enter(
        &mut self,
        (id, loaded): (RoomId, &mut Loaded),
        event: Worded<Event>,
        (author, statement): (Author, Option<Box<Statement>>),
        caused_at: u64,
        asks: &mut VecDeque<(Address, Ask, u64)>,
    ) -> Result<(), LedgerError> {
        self.position += 1;
        let place = Place {
            room: id,
            after: loaded.room.head,
            term: self.setting.term,
            at: self.now,
            author,
            statement,
        };
        let entry = Entry::new(place, event);
        let bytes = entry.encode();
        let position = self.position;
        self.put(Table::Log, &position.to_be_bytes(), bytes.clone());
        if caused_at != 0 {
            let cause = caused_at.to_be_bytes().to_vec();
            self.put(Table::Journal, &position.to_be_bytes(), cause);
        }
        derive::derive(self, loaded, &entry, position)?;
        let asked = room::react(&loaded.room, &entry).into_iter();
        asks.extend(asked.map(|(to, ask)| (to, ask, position)));
        self.scratch.fresh.push(Fresh { entry, bytes });
        Ok(())
    }
}
