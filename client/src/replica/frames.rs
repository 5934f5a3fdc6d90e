//! Taking frames in: what each changes, what of it goes to disk, and what goes back up.

use super::{Change, Held, Me, Outline, PendingState, Replica, Taken, Ticket, Write, held::Misfit};
use rialto_shared::{
    entry::Seq,
    id::{RoomId, RoomKind},
    limits,
    protocol::{Down, Hit, Outcome, Snapshot, Up},
    standing::{MemberCard, OrgCard, Standing},
    text::Text,
};
use serde_json::value::RawValue;

/// How often one connection asks for a room anew before it gives it up as broken.
const RESYNCS_MAX: u8 = 3;
/// Cards kept: a server that sends more has them forgotten.
const CARDS_MAX: usize = 100_000;

impl Replica {
    /// Takes a frame in.
    pub fn take(&mut self, frame: Down) -> Taken {
        let mut taken = Taken::default();
        match frame {
            Down::Welcome {
                member,
                org,
                server_name,
                policy,
                vendor,
                now,
                ..
            } => {
                let me = Me {
                    standing: Standing {
                        member: *member,
                        org: *org,
                    },
                    server_name: Some(server_name),
                    policy,
                    vendor,
                    server_now: Some(now),
                };
                self.welcome(me, &mut taken);
            }
            Down::Ready { .. } => taken.changes.push(Change::Ready),
            Down::Snapshot {
                room,
                part,
                parts,
                body,
            } => self.part(room, (part, parts), &body, &mut taken),
            Down::Entries { room, entries } => self.entries(room, &entries, &mut taken),
            Down::Page { .. } => self.page(frame, &mut taken),
            Down::Heads { heads } => self.heads(&heads, &mut taken),
            Down::Closed { room } => self.closed(room, &mut taken),
            Down::Cards { members, orgs } => self.cards(members, orgs, &mut taken),
            Down::Presence { member, state } => {
                if self.presence.len() < CARDS_MAX || self.presence.contains_key(&member) {
                    self.presence.insert(member, state);
                    taken.changes.push(Change::Presence(member));
                }
            }
            Down::Answer { lane, n, outcome } => {
                self.answer(Ticket { lane, n }, outcome, &mut taken);
            }
            Down::Found { id, hits, total } => {
                self.learn(&hits);
                taken.changes.push(Change::Found { id, hits, total });
            }
            Down::GoingAway { words, .. } => taken.changes.push(Change::GoingAway {
                words: Text::parse(&words).ok(),
            }),
            Down::Error { id, error, fatal } => taken.changes.push(Change::Refused {
                id,
                refusal: error,
                fatal,
            }),
            Down::Challenge { .. } | Down::Invitation { .. } | Down::Pong { .. } => {}
        }
        taken
    }

    fn welcome(&mut self, me: Me, taken: &mut Taken) {
        taken.writes.push(Write::Me(Box::new(me.clone())));
        let Standing { member, org } = me.standing.clone();
        self.me = Some(me);
        self.cards(vec![member], vec![org], taken);
        taken.changes.push(Change::Me);
        taken.ups.extend(self.resume());
    }

    fn part(&mut self, room: RoomId, place: (u32, u32), body: &str, taken: &mut Taken) {
        match self.parts.take(room, place, body) {
            Ok(None) => {}
            Ok(Some(snapshot)) => self.whole(room, snapshot, taken),
            Err(why) => self.misfit(room, why, taken),
        }
    }

    /// A snapshot replaces all that was held of the room, messages too.
    fn whole(&mut self, room: RoomId, snapshot: Snapshot, taken: &mut Taken) {
        let outline = self.outlines.remove(&room);
        let read = self.rooms.get(&room).map_or(Seq::ZERO, |held| held.read);
        let read = read
            .max(outline.map_or(Seq::ZERO, |outline| outline.read))
            .min(snapshot.head.seq);
        let had = self.rooms.get(&room).filter(|held| !held.resyncing);
        let lost = had.map_or(0, |held| {
            held.room.head.seq.0.saturating_sub(snapshot.head.seq.0)
        });
        if lost > 0 {
            taken.changes.push(Change::Back { room, lost });
        }
        taken.writes.push(Write::Forget(room));
        taken.writes.push(Write::Read { room, seq: read });
        self.rooms.insert(room, Held::new(snapshot, read));
        self.write_room(room, taken);
        taken.changes.push(Change::Room(room));
        self.settle(room);
    }

    fn write_room(&self, room: RoomId, taken: &mut Taken) {
        if let Some(held) = self.rooms.get(&room) {
            taken.writes.push(Write::Room {
                room,
                snapshot: Box::new(held.snapshot()),
            });
        }
    }

    fn entries(&mut self, room: RoomId, entries: &[Box<RawValue>], taken: &mut Taken) {
        let Some(me) = self.my_id() else { return };
        let Some(held) = self.rooms.get_mut(&room) else {
            // Entries of a room that is not held: nothing to apply them to.
            return self.misfit(room, "entries came before the room".to_owned(), taken);
        };
        if held.resyncing || held.broken {
            return;
        }
        let mut rewritten = false;
        let mut misfit = None;
        for raw in entries {
            match held.append(room, raw.get().as_bytes(), me) {
                Ok(None) => {}
                Ok(Some(appended)) => {
                    rewritten |= appended.state_changed;
                    taken.writes.push(Write::Entry {
                        entry: appended.entry,
                        bytes: raw.get().as_bytes().to_vec(),
                        me,
                    });
                }
                Err(Misfit(why)) => {
                    misfit = Some(why);
                    break;
                }
            }
        }
        let head = held.room.head;
        if rewritten {
            self.write_room(room, taken);
        }
        taken.writes.push(Write::Cursor { room, head });
        taken.changes.push(Change::Room(room));
        self.settle(room);
        if let Some(why) = misfit {
            self.misfit(room, why, taken);
        }
    }

    fn page(&mut self, frame: Down, taken: &mut Taken) {
        let Down::Page {
            id,
            room,
            head,
            entries,
            notes,
            marks,
            more,
        } = frame
        else {
            return;
        };
        let Some(me) = self.my_id() else { return };
        let mut seqs = vec![];
        if let Some(held) = self.rooms.get_mut(&room) {
            let raw: Vec<&[u8]> = entries.iter().map(|raw| raw.get().as_bytes()).collect();
            match held.page(room, &raw, head, (notes, marks), me) {
                Ok((here, writes)) => {
                    seqs = here;
                    taken.writes.extend(writes);
                }
                Err(Misfit(why)) => taken.changes.push(Change::Misfit { room, why }),
            }
        }
        taken.changes.push(Change::Page {
            id,
            room,
            seqs,
            more,
        });
    }

    fn heads(&mut self, heads: &[(RoomId, Seq, Seq)], taken: &mut Taken) {
        for (room, head, read) in heads {
            if let Some(held) = self.rooms.get_mut(room) {
                let upto = (*read).min(held.room.head.seq);
                if upto > held.read {
                    held.read = upto;
                    taken.writes.push(Write::Read {
                        room: *room,
                        seq: upto,
                    });
                }
                held.ahead = held.ahead.max(*head);
            } else if self.outlines.len() < limits::BOOKMARKS_MAX * 4 {
                let outline = Outline {
                    head: *head,
                    read: *read,
                };
                self.outlines.insert(*room, outline);
            }
            taken.changes.push(Change::Room(*room));
        }
    }

    /// A room that can no longer be read goes, stored messages too; never a party's own.
    fn closed(&mut self, room: RoomId, taken: &mut Taken) {
        self.watched.remove(&room);
        self.outlines.remove(&room);
        let kept = self.own(room);
        if let Some(held) = self.rooms.get_mut(&room).filter(|_| kept) {
            held.closed = true;
            taken.changes.push(Change::Room(room));
            return;
        }
        self.rooms.remove(&room);
        taken.writes.push(Write::Forget(room));
        taken.changes.push(Change::Gone(room));
    }

    fn own(&self, room: RoomId) -> bool {
        let mine = self.me.as_ref().map(|me| me.standing.org.id);
        room.kind() == RoomKind::Side
            || mine.is_some_and(|org| room == RoomId::org(org) || room == RoomId::record(org))
    }

    fn cards(&mut self, members: Vec<MemberCard>, orgs: Vec<OrgCard>, taken: &mut Taken) {
        for card in members {
            if self.members.len() < CARDS_MAX || self.members.contains_key(&card.id) {
                taken.writes.push(Write::Member(card.clone()));
                self.members.insert(card.id, card);
            }
        }
        for card in orgs {
            if self.orgs.len() < CARDS_MAX || self.orgs.contains_key(&card.id) {
                taken.writes.push(Write::Org(card.clone()));
                self.orgs.insert(card.id, card);
            }
        }
        // Cards also say that I changed: a new role is judged by at once.
        if let Some(me) = &mut self.me {
            if let Some(card) = self.members.get(&me.standing.member.id) {
                me.standing.member = card.clone();
            }
            if let Some(card) = self.orgs.get(&me.standing.org.id) {
                me.standing.org = card.clone();
            }
        }
        taken.changes.push(Change::Cards);
    }

    /// Organisations that were found have names from then on, also where no card of theirs came.
    fn learn(&mut self, hits: &[Hit]) {
        for hit in hits {
            if let Hit::Org {
                org,
                name: Some(name),
                ..
            } = hit
                && (self.found.len() < CARDS_MAX || self.found.contains_key(org))
            {
                self.found.insert(*org, name.clone());
            }
        }
    }

    fn misfit(&mut self, room: RoomId, why: String, taken: &mut Taken) {
        let tries = self.resyncs.entry(room).or_default();
        *tries = tries.saturating_add(1);
        if *tries <= RESYNCS_MAX {
            taken.ups.push(Up::Watch { room, cursor: None });
            if let Some(held) = self.rooms.get_mut(&room) {
                held.resyncing = true;
            }
        } else if let Some(held) = self.rooms.get_mut(&room) {
            held.broken = true;
        }
        taken.changes.push(Change::Misfit { room, why });
    }

    /// Commands whose entries are here are no longer pending.
    fn settle(&mut self, room: RoomId) {
        let head = self
            .rooms
            .get(&room)
            .map_or(Seq::ZERO, |held| held.room.head.seq);
        self.pending.retain(|_, pending| match &pending.state {
            PendingState::Accepted { room: of, to } => *of != room || *to > head,
            PendingState::Queued | PendingState::Sent | PendingState::Refused(_) => true,
        });
    }

    fn answer(&mut self, ticket: Ticket, outcome: Outcome, taken: &mut Taken) {
        if let Some(pending) = self.pending.get_mut(&ticket) {
            match &outcome {
                Outcome::Accepted { room, to, .. } => {
                    let held = self.rooms.get(room);
                    let here = held.is_none_or(|held| held.room.head.seq >= *to);
                    pending.state = PendingState::Accepted {
                        room: *room,
                        to: *to,
                    };
                    let room = pending.room;
                    if here {
                        self.pending.remove(&ticket);
                    }
                    taken.changes.push(Change::Room(room));
                }
                Outcome::Refused(refusal) => {
                    pending.state = PendingState::Refused(refusal.clone());
                    taken.changes.push(Change::Room(pending.room));
                }
            }
        }
        taken.changes.push(Change::Answered { ticket, outcome });
    }
}
