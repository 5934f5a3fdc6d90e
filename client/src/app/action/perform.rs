//! What actions do: places, cursors, the console itself. What they do with messages is in `talk`.

use super::Action;
use crate::{
    app::{
        App, Focus, Place, Screen,
        compose::Desk,
        effect::Effect,
        overlay::{Act, Chosen, Confirm, Overlay, Pick, Picker},
        screen::{
            inbox, lines, rooms,
            talk::{self, Anchor, Talk},
        },
        words::Shown,
    },
    replica::Ticket,
    request,
};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    id::{MemberId, RoomId},
    protocol::Want,
};
use std::collections::BTreeSet;

impl App {
    /// Does what an action does.
    pub(in crate::app) fn perform(&mut self, action: Action) -> Vec<Effect> {
        action
            .entry()
            .map_or_else(Vec::new, |entry| (entry.run)(self))
    }

    pub(super) fn toggle_side(&mut self) -> Vec<Effect> {
        self.side_hidden = !self.side_hidden;
        vec![]
    }

    pub(super) fn toggle_mouse(&mut self) -> Vec<Effect> {
        self.mouse = !self.mouse;
        vec![Effect::Mouse(self.mouse)]
    }

    pub(super) fn suspend(&mut self) -> Vec<Effect> {
        self.save_drafts(true);
        vec![Effect::Suspend]
    }

    pub(super) fn over(&mut self, overlay: Overlay) -> Vec<Effect> {
        self.overlays.push(overlay);
        vec![]
    }

    pub(super) fn pick(&mut self, pick: Pick) -> Vec<Effect> {
        self.over(Overlay::Picker(Picker::new(pick)))
    }

    const fn place(&self, room: Option<RoomId>) -> Place {
        Place {
            screen: self.screen,
            room,
        }
    }

    /// Remembers where the person stands before they go elsewhere.
    fn remember(&mut self) {
        let here = self.place(self.open_room());
        if self.history.back.last() != Some(&here) {
            self.history.back.push(here);
        }
        if self.history.back.len() > crate::app::HISTORY_MAX {
            self.history.back.remove(0);
        }
        self.history.forward.clear();
    }

    pub(super) fn go(&mut self, screen: Screen) -> Vec<Effect> {
        if screen != self.screen {
            self.remember();
        }
        self.show(screen);
        if screen == Screen::Directory && !self.directory.searched && self.live() {
            return self.search();
        }
        vec![]
    }

    fn show(&mut self, screen: Screen) {
        self.save_drafts(true);
        self.screen = screen;
        self.focus = match self.open_room() {
            Some(_) if self.size.width >= 90 => Focus::Messages,
            Some(_) | None => Focus::List,
        };
        if self.shelf().cursor.is_none() {
            let first = rooms::in_order(self, screen).first().copied();
            self.shelves.entry(screen).or_default().cursor = first;
        }
    }

    pub(super) fn travel(&mut self, back: bool) -> Vec<Effect> {
        let here = self.place(self.open_room());
        let place = if back {
            self.history.back.pop()
        } else {
            self.history.forward.pop()
        };
        let Some(place) = place else {
            return vec![];
        };
        if back {
            self.history.forward.push(here);
        } else {
            self.history.back.push(here);
        }
        self.show(place.screen);
        match place.room {
            Some(room) => self.enter(room, None),
            None => vec![],
        }
    }

    /// Opens a room, at an entry where one is meant.
    pub(in crate::app) fn open(&mut self, room: RoomId, at: Option<Seq>) -> Vec<Effect> {
        let screen = rooms::screen_of(room.kind());
        if screen == Screen::Inbox || screen == Screen::Directory {
            return self.go(screen);
        }
        if self.screen != screen || self.open_room() != Some(room) {
            self.remember();
        }
        self.show(screen);
        self.enter(room, at)
    }

    fn enter(&mut self, room: RoomId, at: Option<Seq>) -> Vec<Effect> {
        let shelf = self.shelves.entry(self.screen).or_default();
        if let Some(left) = shelf.open.filter(|left| *left != room) {
            // What was new when it was opened is old when it is opened again.
            self.talks.remove(&left);
        }
        let shelf = self.shelves.entry(self.screen).or_default();
        (shelf.open, shelf.cursor) = (Some(room), Some(room));
        self.details_from = 0;
        let mut effects = vec![];
        let replica = self.console.replica();
        let watched = replica.watched().any(|other| other == room);
        // A deal that we are asked into is not read before we come.
        let asked = replica.room(room).is_none() && self.deal_invitation(room).is_some();
        if (replica.room(room).is_none() || self.by_rule(room)) && !watched && !asked {
            if replica.room(room).is_none() {
                self.awaited = Some(room);
            }
            effects.extend(self.console.watch(room).into_iter().map(Effect::Order));
        }
        let talk = Talk::open(self, room);
        let talk = self.talks.entry(room).or_insert(talk);
        let at = at.filter(|at| *at > Seq::ZERO);
        if let Some(seq) = at {
            let key = lines::Key::Entry(seq);
            talk.list.selected = Some(key);
            talk.list.anchor = Anchor::At { key, top: 4 };
            self.focus = Focus::Messages;
            effects.extend(self.around(room, seq));
        } else {
            self.focus = if self.silence(room).is_none() {
                Focus::Composer
            } else {
                Focus::Messages
            };
        }
        effects.extend(self.load_older(room));
        effects
    }

    /// Makes sure that an entry and what stands around it are here.
    fn around(&mut self, room: RoomId, seq: Seq) -> Vec<Effect> {
        let held = |app: &Self| {
            let held = app.console.replica().room(room);
            held.is_none_or(|held| held.entry(seq).is_some())
        };
        if held(self) {
            return vec![];
        }
        // An entry that is on disk stands before its successor.
        if let Err(error) = self.console.load(room, seq.next(), 60) {
            self.note(Shown::said(error.to_string()), true);
        }
        if held(self) {
            return vec![];
        }
        self.page(room, Want::Around(seq))
    }

    pub(super) fn next_unread(&mut self, forward: bool) -> Vec<Effect> {
        let replica = self.console.replica();
        let mut unread: Vec<RoomId> = [Screen::Channels, Screen::Deals, Screen::Referrals]
            .into_iter()
            .flat_map(|screen| rooms::in_order(self, screen))
            .filter(|room| replica.unread(*room).messages > 0)
            .collect();
        let here = self.open_room();
        if !forward {
            unread.reverse();
        }
        let at = unread.iter().position(|room| Some(*room) == here);
        let next = at.map_or(0, |at| at + 1);
        match unread.get(next).or(unread.first()).copied() {
            Some(room) if Some(room) != here || self.screen == Screen::Inbox => {
                self.open(room, None)
            }
            Some(_) | None => {
                self.note(Shown::own("nothing else is unread"), false);
                vec![]
            }
        }
    }

    pub(super) fn next_room(&mut self, down: bool) -> Vec<Effect> {
        let rooms = rooms::in_order(self, self.screen);
        let at = rooms
            .iter()
            .position(|room| Some(*room) == self.open_room());
        let next = match (at, down) {
            (None, _) => rooms.first(),
            (Some(at), true) => rooms.get(at + 1),
            (Some(at), false) => at.checked_sub(1).and_then(|at| rooms.get(at)),
        };
        match next.copied() {
            Some(room) => self.open(room, None),
            None => vec![],
        }
    }

    /// Puts the cursor on the last message, where it is on none.
    pub(super) fn select_last(&mut self) {
        let (Some(room), Some(roll)) = (self.open_room(), self.roll()) else {
            return;
        };
        if roll.selected.is_some() {
            return;
        }
        let part = self.part();
        let rows = talk::rows(self, room, part, roll, 40);
        let last = rows.iter().rev().find(|row| lines::selectable(row));
        let mut roll = roll.clone();
        roll.selected = last.and_then(lines::key);
        self.put_roll(room, part, roll);
    }

    pub(super) fn open_selected(&mut self) -> Vec<Effect> {
        match (self.screen, self.focus) {
            (Screen::Inbox, _) => match self.selected_item() {
                Some(item) => self.open_item(&item),
                None => vec![],
            },
            (Screen::Directory, _) => self.look_at(),
            (_, Focus::List) => match self.shelf().cursor {
                Some(room) => self.open(room, None),
                None => vec![],
            },
            (_, Focus::Side) => self.pick(Pick::Menu),
            (_, Focus::Messages | Focus::Composer | Focus::Thread | Focus::Reply) => {
                self.enter_selected()
            }
        }
    }

    /// Opens the profile of the organisation that the cursor is on.
    fn look_at(&mut self) -> Vec<Effect> {
        let Some(org) = self.directory.chosen() else {
            return vec![];
        };
        self.focus = Focus::Side;
        let profile = RoomId::profile(org);
        if self.console.replica().watched().any(|room| room == profile) {
            return vec![];
        }
        let orders = self.console.watch(profile);
        orders.into_iter().map(Effect::Order).collect()
    }

    /// Enter on a message writes; on a gap, it loads what is missing.
    fn enter_selected(&mut self) -> Vec<Effect> {
        let (Some(room), Some(roll)) = (self.open_room(), self.roll()) else {
            return vec![];
        };
        let Some(lines::Key::Gap(from)) = roll.selected else {
            return self.perform(Action::Write);
        };
        let part = self.part();
        let rows = talk::rows(self, room, part, roll, 40);
        let gap = lines::Key::Gap(from);
        let at = rows.iter().position(|row| lines::key(row) == Some(gap));
        let after = at.and_then(|at| rows.get(at + 1)).and_then(lines::key);
        let mut roll = roll.clone();
        if let Some(key) = after {
            // The cursor stays at what stood below the gap while the gap is filled.
            roll.selected = after;
            roll.anchor = Anchor::At { key, top: 1 };
        }
        self.put_roll(room, part, roll);
        let before = match after {
            Some(lines::Key::Entry(seq)) => seq,
            Some(lines::Key::Pending(_) | lines::Key::Gap(_)) | None => Seq::ZERO,
        };
        match self.console.load(room, before, 100) {
            Ok(0) if self.live() => self.page(room, Want::Before(before)),
            Ok(0) => {
                self.note(Shown::own("these are on the server: connect first"), false);
                vec![]
            }
            Ok(_) => vec![],
            Err(error) => {
                self.note(Shown::said(error.to_string()), true);
                vec![]
            }
        }
    }

    /// One level out; what is written stays.
    pub(super) fn out(&mut self) -> Vec<Effect> {
        self.save_drafts(true);
        match self.focus {
            Focus::Composer if self.screen == Screen::Directory => self.focus = Focus::List,
            Focus::Composer | Focus::Reply => {
                self.leave_edit();
                self.focus = if self.focus == Focus::Reply {
                    Focus::Thread
                } else {
                    Focus::Messages
                };
                self.select_last();
            }
            Focus::Thread => {
                if let Some(talk) = self.open_room().and_then(|room| self.talks.get_mut(&room)) {
                    talk.thread = None;
                }
                self.focus = Focus::Messages;
            }
            Focus::Side if self.has_details() && self.screen != Screen::Directory => {
                self.focus = Focus::Messages;
                self.select_last();
            }
            Focus::Messages | Focus::Side => self.focus = Focus::List,
            Focus::List => {}
        }
        vec![]
    }

    /// An edit that is left leaves the message as it was.
    fn leave_edit(&mut self) {
        let now = self.now;
        let composer = self.desk().and_then(|desk| self.drafts.get_mut(&desk));
        if let Some(composer) = composer
            && composer.editing.take().is_some()
        {
            composer.set("", now);
        }
    }

    pub(super) fn close(&mut self) -> Vec<Effect> {
        if self.screen == Screen::Inbox {
            return self.quit();
        }
        match self.focus {
            Focus::List => self.go(Screen::Inbox),
            Focus::Messages | Focus::Composer | Focus::Thread | Focus::Reply | Focus::Side => {
                self.out()
            }
        }
    }

    pub(super) fn done(&mut self) -> Vec<Effect> {
        let (Some(need), Some(me)) = (self.selected_need(), self.console.replica().my_id()) else {
            return vec![];
        };
        // The cursor goes on to what is next before this one goes.
        let keys: Vec<inbox::Key> = inbox::items(self)
            .into_iter()
            .map(|item| item.key)
            .collect();
        let here = inbox::Key::Need(need);
        let at = keys.iter().position(|key| *key == here).unwrap_or(0);
        self.item = keys
            .get(at + 1)
            .or_else(|| at.checked_sub(1).and_then(|at| keys.get(at)))
            .copied();
        self.submit(RoomId::inbox(me), request::done(need)).1
    }

    pub(super) fn mark_room_read(&mut self) -> Vec<Effect> {
        let Some(room) = self.room_at_hand() else {
            return vec![];
        };
        let head = self
            .console
            .replica()
            .room(room)
            .map(|held| held.room.head.seq);
        match head {
            Some(head) => self.mark_read(room, head),
            None => vec![],
        }
    }

    pub(super) fn bookmark(&mut self, on: bool) -> Vec<Effect> {
        let (Some(room), Some(me)) = (self.room_at_hand(), self.console.replica().my_id()) else {
            return vec![];
        };
        let command = if on {
            request::join_room(room)
        } else {
            request::leave_room(room)
        };
        self.submit(RoomId::inbox(me), command).1
    }

    /// Sends a command, and says why where it cannot be. Whether it went.
    pub(in crate::app) fn submit(
        &mut self,
        room: RoomId,
        command: Worded<Command>,
    ) -> (bool, Vec<Effect>) {
        let (ticket, effects) = self.dispatch(room, command);
        (ticket.is_some(), effects)
    }

    /// The same; under which number it went.
    pub(in crate::app) fn dispatch(
        &mut self,
        room: RoomId,
        command: Worded<Command>,
    ) -> (Option<Ticket>, Vec<Effect>) {
        match self.console.submit(room, command) {
            Ok((ticket, step)) => (Some(ticket), self.step(step)),
            Err(error) => {
                self.note(Shown::said(error.to_string()), true);
                (None, vec![])
            }
        }
    }

    pub(in crate::app) fn choose(&mut self, pick: Pick, chosen: Chosen) -> Vec<Effect> {
        match (chosen, pick) {
            (Chosen::Room(room) | Chosen::Channel(room), _) => self.open(room, None),
            (Chosen::Screen(screen), _) => self.go(screen),
            (Chosen::Action(action), _) => self.perform(action),
            (Chosen::Person(member), _) => self.meet(member),
            (Chosen::Org(_), _) => self.go(Screen::Directory),
            (Chosen::Emoji(emoji), Pick::Emoji(room, target)) => {
                let on = !self.reacted(room, target, emoji);
                self.submit(room, request::react(target, emoji, on)).1
            }
            (Chosen::Emoji(_), Pick::GoTo | Pick::Palette | Pick::Menu) => vec![],
        }
    }

    fn direct_with(&self, member: MemberId) -> Option<RoomId> {
        let me = self.console.replica().my_id()?;
        Some(RoomId::direct(&BTreeSet::from([me, member])))
    }

    /// Goes to the conversation with somebody, or asks whether to begin one.
    fn meet(&mut self, member: MemberId) -> Vec<Effect> {
        let Some(room) = self.direct_with(member) else {
            return vec![];
        };
        if self.console.replica().room(room).is_some() {
            return self.open(room, None);
        }
        let name = self.console.replica().person_name(member);
        let sentence = Shown::said(format!(
            "Begins a conversation between you and {name}: they see at once that you did."
        ));
        let act = Act::OpenDirect(member);
        self.over(Overlay::Confirm(Box::new(Confirm { sentence, act })))
    }

    pub(in crate::app) fn open_direct(&mut self, member: MemberId) -> Vec<Effect> {
        let (Some(me), Some(room)) = (self.console.replica().my_id(), self.direct_with(member))
        else {
            return vec![];
        };
        let (went, effects) = self.submit(
            RoomId::inbox(me),
            request::open_direct(BTreeSet::from([member])),
        );
        if went {
            self.awaited = Some(room);
        }
        effects
    }

    /// The composer's desk, with its draft made where there is none.
    pub(super) fn desk_to_write(&mut self) -> Option<Desk> {
        let desk = self.desk()?;
        self.drafts
            .entry(desk)
            .or_insert_with(|| crate::app::compose::Composer::with(""));
        Some(desk)
    }
}
