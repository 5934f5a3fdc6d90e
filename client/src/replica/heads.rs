//! Hashes that a room's state holds of entries which this seat may not read: an answer to them is signed all the same.

use super::Replica;
use rialto_shared::{
    entry::Seq,
    id::{Hash, RoomId},
    room::State,
};

impl Replica {
    /// The hash of an entry as some state here holds it: who set a deal's stage or proposed its presence may have done so
    /// before this seat began.
    #[must_use]
    pub fn stated_hash(&self, room: RoomId, seq: Seq) -> Option<Hash> {
        let State::Deal(deal) = &self.room(room)?.room.state else {
            return None;
        };
        let course = (deal.course.stage.at == seq).then_some(deal.course.entry);
        let proposal = deal.proposal.as_ref().map(|open| open.entry);
        course.or_else(|| {
            proposal
                .filter(|head| head.seq == seq)
                .map(|head| head.hash)
        })
    }
}
