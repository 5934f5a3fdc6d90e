//! What time brings: drafts go to disk, what was looked at is read, notices go, and a key that begins a sequence shows how
//! it can go on. The app says itself when it next wants to hear the time; in between nothing runs.

use super::{
    App, Focus, Screen,
    compose::Desk,
    effect::Effect,
    notify::Attention,
    overlay::Overlay,
    panes,
    screen::{
        lines::Style,
        talk::{self, Layout, Part},
    },
};
use rialto_shared::{
    entry::Seq,
    id::RoomId,
    time::{Span, Timestamp},
};

/// A draft goes to disk so long after the last key.
const DRAFT_SPAN: Span = Span::millis(500);
/// How long a notice is shown.
pub(super) const NOTICE_SPAN: Span = Span::millis(6_000);
/// How long a key that begins something waits before it shows how it can go on.
pub(crate) const SEQUENCE_SPAN: Span = Span::millis(250);
/// How long a message must be seen to be read.
const READ_SPAN: Span = Span::millis(1_000);
/// How long Ctrl+C waits for a second one.
pub(super) const ENDING_SPAN: Span = Span::millis(1_000);
/// Where the terminal does not tell whether it is looked at, so long after the last key nobody does.
const ATTENTION_SPAN: Span = Span::millis(60_000);
/// Times on screen are as old as this at most.
const MINUTE: Span = Span::millis(60_000);

impl App {
    /// When the time should be said next.
    #[must_use]
    pub fn next_tick(&self) -> Option<Timestamp> {
        let form = match self.overlays.last() {
            Some(Overlay::Form(form)) => form.unsaved,
            Some(_) | None => None,
        };
        let draft = self
            .drafts
            .values()
            .filter_map(|composer| composer.unsaved)
            .chain(form)
            .min()
            .map(|at| at + DRAFT_SPAN);
        let sequence = (!self.sequence.0.is_empty()).then(|| self.sequence.1 + SEQUENCE_SPAN);
        let read = self.reading.map(|(_, _, since)| since + READ_SPAN);
        let minute = Timestamp::from_millis(
            self.now
                .as_millis()
                .saturating_sub(self.now.as_millis().rem_euclid(MINUTE.as_millis())),
        ) + MINUTE;
        let again = self.console.again_at();
        let waits = [draft, sequence, read, self.notice_until, self.ending, again];
        waits
            .into_iter()
            .flatten()
            .filter(|at| *at > self.now)
            .chain([minute])
            .min()
    }

    pub(super) fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        let before = self.now;
        self.now = now.max(before);
        let minutes = |at: Timestamp| at.as_millis().div_euclid(MINUTE.as_millis());
        // Ages on screen go by the minute.
        self.dirty |= minutes(before) != minutes(self.now) && self.shows_ages();
        self.dirty |= !self.sequence.0.is_empty();
        if self.notice_until.is_some_and(|until| until <= self.now) {
            self.notice_until = None;
            self.dirty = true;
        }
        if self.ending.is_some_and(|until| until <= self.now) {
            self.ending = None;
        }
        self.save_drafts(false);
        let again = self.console.again(self.now).into_iter();
        again.map(Effect::Order).chain(self.read_on()).collect()
    }

    fn shows_ages(&self) -> bool {
        self.screen == Screen::Inbox || !self.live() || self.side_open()
    }

    /// Keeps what is written: what has rested long enough, or all.
    pub(super) fn save_drafts(&mut self, all: bool) {
        self.save_form(all);
        let due: Vec<Desk> = self
            .drafts
            .iter()
            .filter(|(_, composer)| {
                let due = composer.unsaved.map(|at| at + DRAFT_SPAN);
                due.is_some_and(|due| all || due <= self.now)
            })
            .map(|(desk, _)| *desk)
            .collect();
        for desk in due {
            let Some(composer) = self.drafts.get_mut(&desk) else {
                continue;
            };
            composer.unsaved = None;
            // An edit is not a draft: left, it leaves the message as it was.
            let text = if composer.editing.is_some() {
                String::new()
            } else {
                composer.text()
            };
            let saved = self.console.store_mut().set_draft(&desk.key(), &text);
            if let Err(error) = saved {
                self.note(super::Shown::said(format!("not saved: {error}")), true);
            }
        }
    }

    /// The same of the form that is being filled in.
    fn save_form(&mut self, all: bool) {
        let now = self.now;
        let Some(Overlay::Form(form)) = self.overlays.last_mut() else {
            return;
        };
        let due = form.unsaved.map(|at| at + DRAFT_SPAN);
        if due.is_some_and(|due| all || due <= now) {
            let kept = form.clone();
            form.unsaved = None;
            self.keep_form(&kept);
        }
    }

    /// How the list of a conversation is made, where it is seen.
    #[must_use]
    pub fn style_of(&self, room: RoomId, part: Part) -> Option<(Style<'_>, usize)> {
        let panes = panes::panes(self)?;
        let area = match part {
            Part::Room => panes.main?,
            Part::Thread => panes.side?,
        };
        let inner = area.inner(panes.borders);
        let talk = self.talks.get(&room)?;
        let roll = match part {
            Part::Room => &talk.list,
            Part::Thread => &talk.thread.as_ref()?.1,
        };
        let style = Style {
            room,
            cells: usize::from(inner.width.saturating_sub(1)),
            narrow: self.size.width < 90 || part == Part::Thread,
            new_since: talk.new_since,
            new_count: talk.new_count,
            thread: part == Part::Thread,
            unfolded: &roll.unfolded,
        };
        Some((style, usize::from(inner.height)))
    }

    /// The open conversation's messages as they are laid out.
    #[must_use]
    pub fn layout(&self) -> Option<Layout> {
        let talk = self.talk()?;
        let (style, height) = self.style_of(talk.room, Part::Room)?;
        Some(talk::lay(self, style, Part::Room, &talk.list, height))
    }

    /// Where the person's eyes are, seen from a room.
    #[must_use]
    pub fn attention(&self, room: RoomId) -> Attention {
        let attended = self
            .attended
            .unwrap_or_else(|| self.now - self.sequence.1 < ATTENTION_SPAN);
        if !attended {
            return Attention::Away;
        }
        let shown = self.screen != Screen::Inbox
            && self.open_room() == Some(room)
            && self.previewed().is_none()
            && self.overlays.is_empty()
            && panes::panes(self).is_some_and(|panes| panes.main.is_some());
        if shown {
            Attention::Here
        } else {
            Attention::Elsewhere
        }
    }

    /// What has been on screen for long enough, in a terminal that is looked at, is read.
    fn read_on(&mut self) -> Vec<Effect> {
        let Some((room, seen)) = self.seen_now() else {
            self.reading = None;
            return vec![];
        };
        match self.reading {
            Some((of, upto, since)) if of == room && upto == seen => {
                if self.now - since < READ_SPAN {
                    return vec![];
                }
                self.reading = None;
                self.mark_read(room, seen)
            }
            Some(_) | None => {
                self.reading = Some((room, seen, self.now));
                vec![]
            }
        }
    }

    /// The room that is looked at, and the last entry that is seen there and not read yet.
    fn seen_now(&self) -> Option<(RoomId, Seq)> {
        let room = self.open_room()?;
        if self.attention(room) != Attention::Here || self.focus == Focus::List {
            return None;
        }
        let held = self.console.replica().room(room)?;
        if held.read >= held.room.head.seq {
            return None;
        }
        let layout = self.layout()?;
        // Reactions and the like stand at their messages: whoever sees the end has seen them.
        let seen = if layout.at_end {
            held.room.head.seq
        } else {
            layout.last?
        };
        (seen > held.read).then_some((room, seen))
    }

    pub(super) fn mark_read(&mut self, room: RoomId, seq: Seq) -> Vec<Effect> {
        self.dirty = true;
        match self.console.seen(room, seq) {
            Ok(orders) => orders.into_iter().map(Effect::Order).collect(),
            Err(error) => {
                self.note(super::Shown::said(error.to_string()), true);
                vec![]
            }
        }
    }
}
