//! What comes from the link: taken in by the core; here, what of it the person is told.

mod offerings;

use super::{
    App, Screen,
    effect::Effect,
    notify::{self, Class},
    overlay::Overlay,
    screen::inbox,
    words::Shown,
};
use crate::{
    console::Step,
    link::{LinkState, News},
    replica::{Change, Ticket},
    store::StoreError,
};
use rialto_shared::{
    entry::Seq,
    id::{RoomId, RoomKind},
    protocol::{Outcome, Want},
    room::State,
};
use std::collections::VecDeque;

/// Rooms by rule that are heard live from the start; the others when they are opened.
const WATCHED_MAX: usize = 32;
/// Messages that are looked at from disk, for each room at the start.
const WARM_ENTRIES: usize = 60;
/// Rooms that this is done for.
const WARM_ROOMS_MAX: usize = 300;
/// Pages that are asked for at the same time.
const FETCHES_MAX: usize = 4;
/// Entries that are loaded at a time.
const PAGE: u32 = 100;

impl App {
    /// Puts the newest messages of rooms into memory, so that lists know what is unread.
    pub(super) fn warm(&mut self) -> Result<(), StoreError> {
        let rooms: Vec<(RoomId, Seq)> = self
            .console
            .replica()
            .rooms()
            .filter(|(_, held)| held.room.talks())
            .map(|(room, held)| (room, held.room.head.seq))
            .take(WARM_ROOMS_MAX)
            .collect();
        for (room, head) in rooms {
            self.console.load(room, head.next(), WARM_ENTRIES)?;
            self.told.insert(room, head);
        }
        Ok(())
    }

    pub(super) fn heard(&mut self, news: News) -> Vec<Effect> {
        if let News::State(state) = &news {
            self.link_moves(&state.clone());
        }
        if matches!(news, News::Rotated) {
            let words = "the server has a new identity key, which the one before has signed: it is the same server";
            self.note(Shown::said(words), false);
        }
        match self.console.news(news) {
            Ok(step) => self.step(step),
            Err(error) => {
                self.note(Shown::said(format!("the local store: {error}")), true);
                vec![]
            }
        }
    }

    /// Orders and changes of the core.
    pub(super) fn step(&mut self, step: Step) -> Vec<Effect> {
        let mut effects: Vec<Effect> = step.orders.into_iter().map(Effect::Order).collect();
        for change in step.changes {
            effects.extend(self.changed(change));
        }
        effects
    }

    fn link_moves(&mut self, state: &LinkState) {
        match state {
            LinkState::Live { .. } => {}
            LinkState::Connecting | LinkState::Down { .. } | LinkState::Refused { .. } => {
                if self.line.down_since.is_none() {
                    self.line.down_since = Some(self.now);
                    self.line.before = Some(self.unread_in_all());
                }
            }
        }
        if let LinkState::Refused { why, .. } = state {
            self.note(Shown::said(format!("not connected: {why}")), true);
        }
    }

    /// Messages and mentions that are unread, in all rooms.
    fn unread_in_all(&self) -> (u64, u64) {
        let replica = self.console.replica();
        replica.rooms().map(|(room, _)| replica.unread(room)).fold(
            (0, 0),
            |(messages, mentions), unread| {
                (
                    messages.saturating_add(unread.messages),
                    mentions.saturating_add(unread.mentions),
                )
            },
        )
    }

    fn changed(&mut self, change: Change) -> Vec<Effect> {
        self.dirty = true;
        match change {
            Change::Ready => self.caught_up(),
            Change::Room(room) => self.room_changed(room),
            Change::Gone(room) => {
                self.gone(room);
                vec![]
            }
            Change::Answered { ticket, outcome } => self.answered(ticket, outcome),
            Change::Page { id, .. } => {
                self.paging.remove(&id);
                self.fetch()
            }
            Change::Found { id, hits, total } => {
                if self.directory.asked == Some(id) {
                    self.directory.answer(id, hits, total);
                    return vec![];
                }
                if matches!(self.overlays.last(), Some(Overlay::Readers(_))) {
                    return self.readers_came(id, &hits, total);
                }
                if let Some(Overlay::Picker(picker)) = self.overlays.last_mut()
                    && picker.asked == Some(id)
                {
                    picker.asked = None;
                    picker.found = hits;
                }
                vec![]
            }
            Change::GoingAway { words } => {
                let words = words.map_or_else(String::new, |words| format!(": {words}"));
                self.note(Shown::said(format!("the server goes away{words}")), true);
                vec![]
            }
            Change::Refused { id, refusal, .. } => {
                if let Some(id) = id {
                    self.paging.remove(&id);
                }
                self.note(Shown::said(refusal.words), true);
                self.fetch()
            }
            Change::Back { room, lost } => {
                let title = self.console.replica().title(room);
                self.note(
                    Shown::said(format!(
                        "the server is at an earlier state, as from a backup: {lost} of {title} that you had are not there any more"
                    )),
                    true,
                );
                vec![]
            }
            Change::Misfit { room, why } => {
                let title = self.console.replica().title(room);
                self.note(
                    Shown::said(format!("{title} did not fit and is loaded anew: {why}")),
                    true,
                );
                vec![]
            }
            Change::Link | Change::Me | Change::Cards | Change::Presence(_) => vec![],
        }
    }

    /// What was refused is said, and what was filled in for it is there again when the form is.
    fn answered(&mut self, ticket: Ticket, outcome: Outcome) -> Vec<Effect> {
        let sent = self.sent_forms.remove(&ticket);
        match outcome {
            Outcome::Refused(refusal) => {
                if let Some(form) = sent {
                    self.keep_form(&form);
                }
                self.case_refused(ticket);
                self.note(Shown::said(format!("refused: {}", refusal.words)), true);
                vec![]
            }
            Outcome::Accepted { .. } => self.offer_cases(),
        }
    }

    fn caught_up(&mut self) -> Vec<Effect> {
        self.line.down_since = None;
        let (messages, mentions) = self.unread_in_all();
        if let Some((before, mentioned)) = self.line.before.take() {
            let (messages, mentions) = (
                messages.saturating_sub(before),
                mentions.saturating_sub(mentioned),
            );
            let words = match (messages, mentions) {
                (0, 0) => "caught up: nothing was missed".to_owned(),
                (_, 0) => format!("caught up: {}", counted(messages, "message")),
                (..) => format!(
                    "caught up: {}, {}",
                    counted(messages, "message"),
                    counted(mentions, "mention")
                ),
            };
            self.note(Shown::said(words), false);
        }
        self.paging.clear();
        let mut orders = vec![];
        // Whom of the vendor's one may call stands on its profile.
        let me = self.console.replica().me.as_ref();
        let vendor = me.and_then(|me| me.vendor).map(RoomId::profile);
        for room in self.kept_by_rule().into_iter().chain(vendor) {
            if !self.console.replica().watched().any(|other| other == room) {
                orders.extend(self.console.watch(room));
            }
        }
        let mut effects: Vec<Effect> = orders.into_iter().map(Effect::Order).collect();
        if let Some(room) = self.open_room() {
            effects.extend(self.load_older(room));
        }
        effects.extend(self.learn_names());
        effects.extend(self.go_on_offering());
        self.wanted = self.unsure();
        effects.extend(self.fetch());
        effects
    }

    /// Rooms of which it is not known how much is unread: a snapshot brings no messages.
    fn unsure(&self) -> VecDeque<RoomId> {
        let replica = self.console.replica();
        let rooms = replica.rooms().map(|(room, _)| room);
        rooms
            .filter(|room| !replica.unread(*room).exact)
            .take(WARM_ROOMS_MAX)
            .collect()
    }

    /// Asks for the newest messages of the next of them.
    fn fetch(&mut self) -> Vec<Effect> {
        let mut effects = vec![];
        while self.paging.len() < FETCHES_MAX {
            let Some(room) = self.wanted.pop_front() else {
                break;
            };
            effects.extend(self.page(room, Want::Before(Seq::ZERO)));
        }
        effects
    }

    /// Looks up organisations that ours deals with and whose names are not known.
    fn learn_names(&mut self) -> Vec<Effect> {
        let replica = self.console.replica();
        let unknown = self.own().is_some_and(|own| {
            let mut orgs = own
                .connections
                .iter()
                .chain(own.knocked.keys())
                .chain(own.deals.values().map(|open| &open.from));
            orgs.any(|org| replica.org(*org).is_none())
        });
        if unknown && self.directory.asked.is_none() {
            return self.search();
        }
        vec![]
    }

    fn kept_by_rule(&self) -> Vec<RoomId> {
        let replica = self.console.replica();
        let inbox = replica.my_id().map(RoomId::inbox);
        let held = inbox.and_then(|inbox| replica.room(inbox));
        match held.map(|held| &held.room.state) {
            Some(State::Inbox(inbox)) => {
                inbox.bookmarks.iter().copied().take(WATCHED_MAX).collect()
            }
            Some(_) | None => vec![],
        }
    }

    fn room_changed(&mut self, room: RoomId) -> Vec<Effect> {
        let mut effects = vec![];
        if self.awaited == Some(room) && self.console.replica().room(room).is_some() {
            self.awaited = None;
            effects.extend(self.open(room, None));
        }
        if self.open_room() == Some(room) {
            effects.extend(self.fill(room));
        }
        if room.kind() == RoomKind::Side && !self.offerings.is_empty() {
            effects.extend(self.offer_cases());
        }
        effects.extend(self.tell(room));
        effects
    }

    /// A room that is open and whose messages are not here yet gets its first ones.
    fn fill(&mut self, room: RoomId) -> Vec<Effect> {
        let empty = self
            .console
            .replica()
            .room(room)
            .is_some_and(|held| held.log().next().is_none());
        if empty {
            return self.load_older(room);
        }
        vec![]
    }

    fn gone(&mut self, room: RoomId) {
        self.talks.remove(&room);
        for shelf in self.shelves.values_mut() {
            if shelf.open == Some(room) {
                shelf.open = None;
            }
            if shelf.cursor == Some(room) {
                shelf.cursor = None;
            }
        }
        if self.open_room().is_none() {
            self.focus = super::Focus::List;
        }
    }

    /// Tells of what is new in a room and means me.
    fn tell(&mut self, room: RoomId) -> Vec<Effect> {
        let replica = self.console.replica();
        let Some(held) = replica.room(room) else {
            return vec![];
        };
        let head = held.room.head.seq;
        // What a snapshot brought, or was there at the start, is not news.
        let told = self.told.insert(room, head).unwrap_or(head);
        if !self.live() || told >= head {
            return vec![];
        }
        let me = replica.my_id();
        let news = held
            .log()
            .rev()
            .take_while(|logged| logged.entry.seq > told);
        let message = news
            .filter_map(|logged| replica.message(held, logged))
            .find(|message| {
                let meant = me.is_some_and(|me| message.mentions.contains(&me));
                !message.mine && (meant || room.kind() == RoomKind::Direct)
            });
        let Some(message) = message else {
            return vec![];
        };
        let title = replica.title(room);
        let hidden = matches!(
            room.kind(),
            RoomKind::Deal | RoomKind::Referral | RoomKind::Side
        );
        let words = if hidden {
            Shown::own("something new in a deal or a referral")
        } else {
            let seq = message.seq.unwrap_or(Seq::ZERO);
            Shown::said(format!("{title}  ")).and(&inbox::said(self, room, seq))
        };
        let delivery = notify::delivery(Class::Personal, self.attention(room));
        let mut effects = vec![];
        if delivery.desktop {
            effects.push(Effect::Notify(words.cut(200)));
        }
        if delivery.bell {
            effects.push(Effect::Bell);
        }
        if delivery.line && self.screen != Screen::Inbox {
            self.note(words, false);
        }
        effects
    }

    /// Loads messages before the oldest in memory: from disk, else from the server.
    pub(super) fn load_older(&mut self, room: RoomId) -> Vec<Effect> {
        let Some(held) = self.console.replica().room(room) else {
            return vec![];
        };
        let first = held
            .log()
            .next()
            .map_or(held.room.head.seq.next(), |logged| logged.entry.seq);
        if !held.lacks_before(first) || held.room.head.seq == Seq::ZERO {
            return vec![];
        }
        let limit = usize::try_from(PAGE).unwrap_or(usize::MAX);
        match self.console.load(room, first, limit) {
            Ok(0) => self.page(room, Want::Before(first)),
            Ok(_) => {
                self.dirty = true;
                vec![]
            }
            Err(error) => {
                self.note(Shown::said(error.to_string()), true);
                vec![]
            }
        }
    }

    /// Asks the server for a part of a log, unless it is being asked for this room already.
    pub(super) fn page(&mut self, room: RoomId, want: Want) -> Vec<Effect> {
        if !self.live() || self.paging.values().any(|other| *other == room) {
            return vec![];
        }
        let Some((id, order)) = self.console.page(room, want, PAGE) else {
            return vec![];
        };
        self.paging.insert(id, room);
        vec![Effect::Order(order)]
    }
}

fn counted(count: u64, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        n => format!("{n} {thing}s"),
    }
}
