//! Where the cursor goes: through lists, messages and details, and from one part of the screen to the next.

use crate::app::{
    App, Focus, Screen,
    effect::Effect,
    panes,
    screen::{
        inbox, rooms,
        talk::{self, Part, Roll, Step},
    },
};
use rialto_shared::id::RoomId;

impl App {
    /// Moves the cursor of whatever has the keys.
    pub(in crate::app) fn step_cursor(&mut self, step: Step) -> Vec<Effect> {
        match (self.screen, self.focus) {
            (Screen::Inbox, _) => {
                let keys: Vec<inbox::Key> = inbox::items(self)
                    .into_iter()
                    .map(|item| item.key)
                    .collect();
                self.item = moved(&keys, self.item, step);
                vec![]
            }
            (Screen::Directory, _) => {
                let all: Vec<usize> = (0..self.directory.found.len()).collect();
                self.directory.at = moved(&all, Some(self.directory.at), step).unwrap_or(0);
                vec![]
            }
            (_, Focus::List) => {
                let rooms = rooms::in_order(self, self.screen);
                let cursor = moved(&rooms, self.shelf().cursor, step);
                self.shelves.entry(self.screen).or_default().cursor = cursor;
                vec![]
            }
            (_, Focus::Side) => {
                self.step_details(step);
                vec![]
            }
            (_, Focus::Messages | Focus::Composer | Focus::Thread | Focus::Reply) => {
                self.step_roll(step)
            }
        }
    }

    /// Scrolls the details of the open room.
    fn step_details(&mut self, step: Step) {
        let panes = panes::panes(self);
        let Some((panes, side)) = panes.and_then(|panes| Some((panes, panes.side?))) else {
            return;
        };
        let area = side.inner(panes.borders);
        let height = usize::from(area.height);
        let last = self.details_in(&panes, area).len().saturating_sub(height);
        let from = self.details_from.min(last);
        let next = match step {
            Step::Down => from + 1,
            Step::Up => from.saturating_sub(1),
            Step::PageDown => from + height,
            Step::PageUp => from.saturating_sub(height),
            Step::First => 0,
            Step::Last => last,
        };
        self.details_from = next.min(last);
    }

    /// To the details of the open room, and back to its messages.
    pub(super) fn look_closer(&mut self) -> Vec<Effect> {
        self.save_drafts(true);
        self.details_from = 0;
        self.focus = if self.shows_details() {
            Focus::Messages
        } else {
            Focus::Side
        };
        vec![]
    }

    fn step_roll(&mut self, step: Step) -> Vec<Effect> {
        let part = self.part();
        let Some(room) = self.open_room() else {
            return vec![];
        };
        let (Some(roll), Some((style, height))) = (self.roll(), self.style_of(room, part)) else {
            return vec![];
        };
        let roll = talk::stepped(self, style, part, roll, height, step);
        let roll = match step {
            Step::Down | Step::Up => talk::revealed(self, style, part, roll, height),
            Step::PageDown | Step::PageUp | Step::First | Step::Last => roll,
        };
        self.put_roll(room, part, roll);
        let near = part == Part::Room && self.layout().is_some_and(|layout| layout.near_beginning);
        if near && matches!(step, Step::Up | Step::PageUp | Step::First) {
            return self.load_older(room);
        }
        vec![]
    }

    pub(super) fn put_roll(&mut self, room: RoomId, part: Part, roll: Roll) {
        let Some(talk) = self.talks.get_mut(&room) else {
            return;
        };
        match (part, &mut talk.thread) {
            (Part::Thread, Some((_, thread))) => *thread = roll,
            (Part::Thread, None) | (Part::Room, _) => talk.list = roll,
        }
    }

    pub(super) fn next_pane(&mut self, forward: bool) -> Vec<Effect> {
        let mut order = vec![Focus::List];
        if self.screen == Screen::Directory {
            order.push(Focus::Side);
        }
        if self.screen != Screen::Inbox && self.screen != Screen::Directory {
            if self.open_room().is_some() {
                order.extend([Focus::Messages, Focus::Composer]);
            }
            if self.has_details() {
                order.push(Focus::Side);
            }
            if self.talk().is_some_and(|talk| talk.thread.is_some()) {
                order.extend([Focus::Thread, Focus::Reply]);
            }
        }
        let at = order.iter().position(|focus| *focus == self.focus);
        let at = at.unwrap_or(0);
        let next = if forward {
            at + 1
        } else {
            at.checked_sub(1).unwrap_or(order.len().saturating_sub(1))
        };
        let focus = order.get(next).or(order.first()).copied();
        self.focus = focus.unwrap_or(Focus::List);
        if matches!(self.focus, Focus::Messages | Focus::Thread) {
            self.select_last();
        }
        vec![]
    }
}

/// A cursor after a step through these.
fn moved<K: Copy + PartialEq>(keys: &[K], cursor: Option<K>, step: Step) -> Option<K> {
    let last = keys.len().saturating_sub(1);
    let at = cursor.and_then(|cursor| keys.iter().position(|key| *key == cursor));
    let next = match (step, at) {
        (Step::First, _) | (Step::Up | Step::PageUp, None) => 0,
        (Step::Last, _) => last,
        // The first is what the cursor stands for where it stands on nothing.
        (Step::Down, None) => 1.min(last),
        (Step::PageDown, None) => 10.min(last),
        (Step::Down, Some(at)) => (at + 1).min(last),
        (Step::Up, Some(at)) => at.saturating_sub(1),
        (Step::PageDown, Some(at)) => (at + 10).min(last),
        (Step::PageUp, Some(at)) => at.saturating_sub(10),
    };
    keys.get(next).copied()
}
