//! The replica: every room that this member may see, held in memory and folded by the same functions as on the server.
//!
//! [`Replica::take`] takes one frame in and says what changed on screen, what goes to disk and what goes up; it does no I/O
//! itself. A server is not trusted: entries are checked for room, position and chain before they are applied, and what
//! does not fit asks for the room anew instead of panicking.

mod fold;
mod held;
mod judge;
mod messages;
mod names;
mod pending;
mod snapshot;

pub use fold::{Log, Logged, fold, refold};
pub use held::{Held, Outline};
pub use messages::{Message, Removed, Row, Stands, Unread, Window};
pub use names::{Candidate, Unresolved};
pub use pending::{Pending, PendingState, Ticket};

use held::Misfit;
use rialto_shared::{
    entry::{Entry, Head, Seq},
    id::{Hash, MemberId, OrgId, RoomId, RoomKind},
    limits,
    protocol::{Down, Hit, Outcome, Presence, Snapshot, Up},
    rejection::Refusal,
    room::Policy,
    standing::{MemberCard, OrgCard, Standing},
    text::Text,
    time::Timestamp,
    timeline::{Marks, Note},
};
use serde_json::value::RawValue;
use snapshot::Parts;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How often one connection asks for a room anew before it gives it up as broken.
const RESYNCS_MAX: u8 = 3;
/// Cards kept: a server that sends more has them forgotten.
const CARDS_MAX: usize = 100_000;

/// Who this is, as the server said at the last login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The member and their organisation.
    pub standing: Standing,
    /// The server's name.
    pub server_name: Option<Text>,
    /// What the server demands.
    pub policy: Policy,
}

/// What a frame changed, for whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Logged in: names, policy.
    Me,
    /// Everything that was missed has come.
    Ready,
    /// A room's state or messages.
    Room(RoomId),
    /// A room is no longer there.
    Gone(RoomId),
    /// Names.
    Cards,
    /// Somebody came, went or writes.
    Presence(MemberId),
    /// A command was answered.
    Answered {
        /// Which.
        ticket: Ticket,
        /// How.
        outcome: Outcome,
    },
    /// A page came.
    Page {
        /// Of which question.
        id: u64,
        /// Of which room.
        room: RoomId,
        /// The positions that it brought.
        seqs: Vec<Seq>,
        /// Whether there is more in that direction.
        more: bool,
    },
    /// A search was answered.
    Found {
        /// Of which question.
        id: u64,
        /// Best first.
        hits: Vec<Hit>,
        /// How many in all.
        total: u32,
    },
    /// The server stops, or another connection took this one's place.
    GoingAway {
        /// Why, in the server's words.
        words: Option<Text>,
    },
    /// A question could not be served.
    Refused {
        /// Which, if it had an id.
        id: Option<u64>,
        /// Why.
        refusal: Refusal,
        /// Whether the connection ends.
        fatal: bool,
    },
    /// The server sent what cannot be: the room was asked for anew, or given up.
    Misfit {
        /// Which room.
        room: RoomId,
        /// In our words.
        why: String,
    },
}

/// What goes to disk. A list of these is one transaction: an entry and the cursor behind it stand or fall together.
#[derive(Debug, Clone)]
pub enum Write {
    /// A room's state: replaces the one held.
    Room {
        /// Which.
        room: RoomId,
        /// Its state at this cursor.
        snapshot: Box<Snapshot>,
    },
    /// A room's cursor.
    Cursor {
        /// Which room.
        room: RoomId,
        /// Its last entry.
        head: Head,
    },
    /// A new entry: it is folded into the note of its target.
    Entry {
        /// The entry.
        entry: Arc<Entry>,
        /// As the server sent it.
        bytes: Vec<u8>,
        /// Who I am: my reactions are marks.
        me: MemberId,
    },
    /// An older entry, with what had become of it at `head`.
    Paged {
        /// The entry.
        entry: Arc<Entry>,
        /// As the server sent it.
        bytes: Vec<u8>,
        /// What had become of it.
        note: Note,
        /// What I had reacted with.
        marks: Marks,
        /// True at this entry.
        head: Seq,
        /// Who I am.
        me: MemberId,
    },
    /// How far I have read.
    Read {
        /// Which room.
        room: RoomId,
        /// Up to which entry.
        seq: Seq,
    },
    /// Everything of a room goes.
    Forget(RoomId),
    /// A person's card.
    Member(MemberCard),
    /// An organisation's card.
    Org(OrgCard),
    /// Who I am.
    Me(Box<Me>),
}

/// What came of a frame.
#[derive(Debug, Default)]
pub struct Taken {
    /// For the screen.
    pub changes: Vec<Change>,
    /// For the disk, in one transaction.
    pub writes: Vec<Write>,
    /// For the server.
    pub ups: Vec<Up>,
}

/// Everything this member may see, as far as it is held.
#[derive(Debug, Default)]
pub struct Replica {
    /// Who this is; `None` before the first login.
    pub me: Option<Me>,
    /// The server's id.
    pub server: Option<Hash>,
    rooms: BTreeMap<RoomId, Held>,
    outlines: BTreeMap<RoomId, Outline>,
    members: BTreeMap<MemberId, MemberCard>,
    orgs: BTreeMap<OrgId, OrgCard>,
    presence: BTreeMap<MemberId, Presence>,
    watched: BTreeSet<RoomId>,
    parts: Parts,
    resyncs: BTreeMap<RoomId, u8>,
    pending: BTreeMap<Ticket, Pending>,
}

impl Replica {
    /// A replica of this server.
    #[must_use]
    pub fn new(server: Hash) -> Self {
        Self {
            server: Some(server),
            ..Self::default()
        }
    }

    /// The rooms held, by id.
    pub fn rooms(&self) -> impl Iterator<Item = (RoomId, &Held)> {
        self.rooms.iter().map(|(id, held)| (*id, held))
    }

    /// The rooms that this member keeps, of which only the extent is known.
    pub fn outlines(&self) -> impl Iterator<Item = (RoomId, Outline)> + '_ {
        self.outlines.iter().map(|(id, outline)| (*id, *outline))
    }

    /// A room held.
    #[must_use]
    pub fn room(&self, room: RoomId) -> Option<&Held> {
        self.rooms.get(&room)
    }

    /// A person's card.
    #[must_use]
    pub fn member(&self, member: MemberId) -> Option<&MemberCard> {
        self.members.get(&member)
    }

    /// An organisation's card.
    #[must_use]
    pub fn org(&self, org: OrgId) -> Option<&OrgCard> {
        self.orgs.get(&org)
    }

    /// All people whose cards are held.
    pub fn members(&self) -> impl Iterator<Item = &MemberCard> {
        self.members.values()
    }

    /// All organisations whose cards are held.
    pub fn orgs(&self) -> impl Iterator<Item = &OrgCard> {
        self.orgs.values()
    }

    /// Whether somebody is there or writes, as last said.
    #[must_use]
    pub fn presence(&self, member: MemberId) -> Option<Presence> {
        self.presence.get(&member).copied()
    }

    /// The rule rooms that are watched.
    pub fn watched(&self) -> impl Iterator<Item = RoomId> + '_ {
        self.watched.iter().copied()
    }

    /// My id, once known.
    #[must_use]
    pub fn my_id(&self) -> Option<MemberId> {
        self.me.as_ref().map(|me| me.standing.member.id)
    }

    /// The frames that tell the server what is held: after `welcome`.
    #[must_use]
    pub fn resume(&mut self) -> Vec<Up> {
        self.parts = Parts::default();
        self.resyncs.clear();
        self.presence.clear();
        let cursors: Vec<(RoomId, Head)> = self
            .rooms
            .iter()
            .filter(|(_, held)| !held.broken)
            .map(|(id, held)| (*id, held.room.head))
            .collect();
        let mut frames: Vec<Vec<(RoomId, Head)>> = cursors
            .chunks(limits::CURSORS_MAX)
            .map(<[_]>::to_vec)
            .collect();
        let last = frames.pop().unwrap_or_default();
        frames
            .into_iter()
            .map(|cursors| Up::Resume {
                cursors,
                last: false,
            })
            .chain([Up::Resume {
                cursors: last,
                last: true,
            }])
            .collect()
    }

    /// Wants a rule room live, from what is held on.
    pub fn watch(&mut self, room: RoomId) -> Up {
        self.watched.insert(room);
        self.watch_again(room)
    }

    pub(crate) fn watch_again(&self, room: RoomId) -> Up {
        let held = self.rooms.get(&room).filter(|held| !held.broken);
        Up::Watch {
            room,
            cursor: held.map(|held| held.room.head),
        }
    }

    /// Wants it live no longer.
    pub fn unwatch(&mut self, room: RoomId) -> Up {
        self.watched.remove(&room);
        Up::Unwatch { room }
    }

    /// I have read up to here. `None` where I had before.
    pub fn seen(&mut self, room: RoomId, seq: Seq) -> Option<(Up, Write)> {
        let held = self.rooms.get_mut(&room)?;
        let seq = seq.min(held.room.head.seq);
        if seq <= held.read {
            return None;
        }
        held.read = seq;
        Some((Up::Seen { room, seq }, Write::Read { room, seq }))
    }

    /// Puts back what the store held: a room, without messages.
    pub fn restore(&mut self, room: RoomId, snapshot: Snapshot, read: Seq) {
        self.rooms.insert(room, Held::new(snapshot, read));
    }

    /// Puts back messages that the store held.
    pub fn restore_entries(&mut self, room: RoomId, entries: Vec<Logged>) {
        if let Some(held) = self.rooms.get_mut(&room) {
            held.restore(entries);
        }
    }

    /// Puts back names that the store held.
    pub fn restore_cards(&mut self, members: Vec<MemberCard>, orgs: Vec<OrgCard>) {
        self.members
            .extend(members.into_iter().map(|card| (card.id, card)));
        self.orgs
            .extend(orgs.into_iter().map(|card| (card.id, card)));
    }

    /// Takes a frame in.
    pub fn take(&mut self, frame: Down) -> Taken {
        let mut taken = Taken::default();
        match frame {
            Down::Welcome {
                member,
                org,
                server_name,
                policy,
                ..
            } => self.welcome(*member, *org, server_name, policy, &mut taken),
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

    fn welcome(
        &mut self,
        member: MemberCard,
        org: OrgCard,
        server_name: Text,
        policy: Policy,
        taken: &mut Taken,
    ) {
        let me = Me {
            standing: Standing {
                member: member.clone(),
                org: org.clone(),
            },
            server_name: Some(server_name),
            policy,
        };
        taken.writes.push(Write::Me(Box::new(me.clone())));
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
        if self.own(room) {
            if let Some(held) = self.rooms.get_mut(&room) {
                held.closed = true;
                taken.changes.push(Change::Room(room));
                return;
            }
        }
        self.rooms.remove(&room);
        taken.writes.push(Write::Forget(room));
        taken.changes.push(Change::Gone(room));
    }

    fn own(&self, room: RoomId) -> bool {
        let mine = self.me.as_ref().map(|me| RoomId::org(me.standing.org.id));
        room.kind() == RoomKind::Side || Some(room) == mine
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

    /// The time of my own last message in a room, as far as it is held.
    pub(crate) fn said(&self, room: RoomId) -> Option<Timestamp> {
        self.rooms.get(&room)?.said
    }
}
