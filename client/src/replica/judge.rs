//! The server's rules, run here: what would be refused is greyed out, and says why.
//!
//! A replica does not hold everything that a command may be judged on. Where something that the command names is missing
//! here, nothing is said: the server knows.

use super::Replica;
use rialto_shared::{
    command::{Command, Named},
    entry::{SaltedText, Seq, Worded},
    id::{Hash, RoomId},
    limits,
    rejection::Rejection,
    room::{self, Actor, Admission, Case, Cited, Own, Policy, Room},
    standing::{MemberCard, Standing},
    time::Timestamp,
};

impl Replica {
    /// Whether this command would be accepted, as far as can be told here. `texts` may be placeholders: they are not read
    /// at the border.
    ///
    /// # Errors
    /// The rule's no.
    pub fn judge(
        &self,
        room: RoomId,
        command: &Command,
        texts: &[SaltedText],
        now: Timestamp,
    ) -> Result<(), Rejection> {
        let (Some(me), Some(held)) = (&self.me, self.room(room)) else {
            return Ok(());
        };
        let own = Own {
            said: self.said(room),
        };
        let admission = admission(&held.room, &me.standing, &own);
        if matches!(admission, Admission::Outsider) {
            return Err(Rejection::NoSuchRoom);
        }
        let named = command.named(texts);
        if self.lacks(room, &named) {
            return Ok(());
        }
        let members: Vec<MemberCard> = named
            .members
            .iter()
            .filter_map(|id| self.member(*id).cloned())
            .collect();
        let cited = named
            .cites
            .and_then(|seq| held.entry(seq))
            .map(|logged| Cited {
                entry: &logged.entry,
                note: &logged.note,
                marks: &logged.marks,
            });
        let fresh = [[0; 16]; limits::FRESH_MAX];
        let case = Case {
            id: room,
            room: &held.room,
            texts: &held.texts,
            admission,
            actor: Actor::Member(&me.standing),
            tie: None,
            other: named.org.and_then(|org| self.org(org)),
            named: &members,
            cited,
            home: None,
            claim: None,
            code_used: false,
            policy: Policy::None,
            server: self.server.unwrap_or(Hash::ZERO),
            fresh: &fresh,
            now,
        };
        let worded = Worded::new(command.clone(), texts.to_vec());
        room::decide(&case, &worded).map(|_| ())
    }

    /// Whether something that the command is judged on is not held here.
    fn lacks(&self, room: RoomId, named: &Named) -> bool {
        let cites = named.cites.is_some_and(|seq| {
            let held = self.room(room);
            seq != Seq::ZERO && held.is_some_and(|held| held.entry(seq).is_none())
        });
        let people = named.members.iter().any(|id| self.member(*id).is_none());
        // What two organisations have agreed on is not held as the server holds it.
        cites || people || named.org.is_some()
    }
}

/// How I stand to a room. Connections are taken for granted: the room would not be here without one.
fn admission<'a>(room: &Room, me: &Standing, own: &'a Own) -> Admission<'a> {
    match room.audience.admits(me, |_| true) {
        Some(terms) => Admission::Seat {
            role: terms.role,
            since: terms.since,
            own,
        },
        None if room.invites(me) => Admission::Invited,
        None => Admission::Outsider,
    }
}
