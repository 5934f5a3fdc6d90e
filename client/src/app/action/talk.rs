//! What actions do with messages and with what is being written.

use super::Action;
use crate::{
    app::{
        App, Focus, Screen,
        compose::Desk,
        effect::Effect,
        overlay::{Act, Confirm, Overlay, Pick, Picker},
        screen::{
            lines,
            talk::{Part, Roll},
        },
        words::Shown,
    },
    replica::{Message, Row, Stands, Window},
    request,
};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    id::{MemberId, RoomId},
    limits,
    room::talk,
    text::Emoji,
};
use std::collections::BTreeSet;

/// Entries back that are looked through for one's own last message.
const OWN_LAST_ENTRIES: usize = 200;

impl App {
    pub(super) fn write(&mut self) -> Vec<Effect> {
        if self.screen == Screen::Inbox {
            let Some(item) = self.selected_item() else {
                return vec![];
            };
            let effects = self.open(item.room, None);
            self.focus = Focus::Composer;
            return effects;
        }
        self.focus = match self.part() {
            Part::Thread => Focus::Reply,
            Part::Room => Focus::Composer,
        };
        self.desk_to_write();
        vec![]
    }

    pub(super) fn send(&mut self) -> Vec<Effect> {
        let Some(desk) = self.desk() else {
            return vec![];
        };
        let Some(composer) = self.drafts.get(&desk) else {
            return vec![];
        };
        let (text, editing) = (composer.text(), composer.editing);
        let command = match editing {
            Some((target, at)) => request::edit(target, at, &text),
            None => request::say(&text, desk.thread, self.meant(&text)),
        };
        let command = match command {
            Ok(command) => command,
            Err(error) => {
                self.note(Shown::said(error.to_string()), true);
                return vec![];
            }
        };
        let (went, mut effects) = self.submit(desk.room, command);
        if !went {
            // What was written stays in the composer.
            return effects;
        }
        let now = self.now;
        if let Some(composer) = self.drafts.get_mut(&desk) {
            composer.editing = None;
            composer.set("", now);
        }
        self.save_drafts(true);
        if let Some(talk) = self.talks.get_mut(&desk.room)
            && editing.is_none()
        {
            // Whoever answers has read what stands above.
            match (desk.thread, &mut talk.thread) {
                (Some(_), Some((_, roll))) => *roll = Roll::default(),
                (Some(_), None) | (None, _) => talk.list = Roll::default(),
            }
        }
        if desk.thread.is_none() {
            let head = self.console.replica().room(desk.room);
            let head = head.map_or(Seq::ZERO, |held| held.room.head.seq);
            effects.extend(self.mark_read(desk.room, head));
        }
        effects
    }

    /// Who is meant in a text: words that begin with @ and name exactly one person.
    fn meant(&self, text: &str) -> BTreeSet<MemberId> {
        let replica = self.console.replica();
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '(' | ')'))
            .filter(|word| word.len() > 1 && word.starts_with('@'))
            .map(|word| word.trim_end_matches(['.', '!', '?']))
            .filter_map(|word| replica.resolve_person(word).ok())
            .take(limits::MENTIONS_MAX)
            .collect()
    }

    pub(super) fn newline(&mut self) -> Vec<Effect> {
        let now = self.now;
        if let Some(desk) = self.desk_to_write()
            && let Some(composer) = self.drafts.get_mut(&desk)
        {
            composer.newline(now);
        }
        vec![]
    }

    /// People whose names go on from the word that is being written.
    #[must_use]
    pub fn completions(&self) -> Vec<(MemberId, String)> {
        let word = self.composing().map(|composer| composer.word());
        let Some(letters) = word.as_deref().and_then(|word| word.strip_prefix('@')) else {
            return vec![];
        };
        let wanted = letters.to_lowercase().replace('.', " ");
        let replica = self.console.replica();
        let mut people: Vec<(MemberId, String)> = replica
            .members()
            .filter(|card| Some(card.id) != replica.my_id())
            .map(|card| (card.id, replica.person_name(card.id)))
            .filter(|(_, name)| name.to_lowercase().starts_with(&wanted))
            .collect();
        people.sort_by(|(_, one), (_, other)| one.cmp(other));
        people.truncate(6);
        people
    }

    pub(super) fn complete(&mut self) -> Vec<Effect> {
        let Some((_, name)) = self.completions().into_iter().next() else {
            return vec![];
        };
        let now = self.now;
        if let Some(composer) = self.desk().and_then(|desk| self.drafts.get_mut(&desk)) {
            composer.replace_word(&format!("@{} ", name.replace(' ', ".")), now);
        }
        vec![]
    }

    pub(super) fn editor(&mut self) -> Vec<Effect> {
        self.focus = match self.part() {
            Part::Thread => Focus::Reply,
            Part::Room => Focus::Composer,
        };
        let Some(desk) = self.desk_to_write() else {
            return vec![];
        };
        let text = self
            .drafts
            .get(&desk)
            .map_or_else(String::new, |one| one.text());
        vec![Effect::Edit(text)]
    }

    pub(super) fn restore(&mut self) -> Vec<Effect> {
        let now = self.now;
        if let (Some(desk), Some(text)) = (self.desk_to_write(), self.aside.take())
            && let Some(composer) = self.drafts.get_mut(&desk)
        {
            composer.paste(&text, now);
        }
        vec![]
    }

    pub(super) fn thread(&mut self, reply: bool) -> Vec<Effect> {
        if self.screen == Screen::Inbox {
            return self.write();
        }
        let Some(room) = self.open_room() else {
            return vec![];
        };
        if self.part() == Part::Room {
            let Some(message) = self.selected_message() else {
                return vec![];
            };
            // A reply's thread is the one that it stands in.
            let Some(root) = message.thread.or(message.seq) else {
                return vec![];
            };
            if let Some(talk) = self.talks.get_mut(&room) {
                talk.thread = Some((root, Roll::default()));
            }
        }
        self.focus = if reply && self.silence(room).is_none() {
            Focus::Reply
        } else {
            Focus::Thread
        };
        self.desk_to_write();
        if self.focus == Focus::Thread {
            self.select_last();
        }
        let root = self.talk().and_then(|talk| Some(talk.thread.as_ref()?.0));
        match root {
            Some(root) => self.page(room, rialto_shared::protocol::Want::Thread(root)),
            None => vec![],
        }
    }

    pub(super) fn quote(&mut self) -> Vec<Effect> {
        let body = self.selected_message().and_then(|message| message.body);
        let Some(body) = body else {
            return vec![];
        };
        let now = self.now;
        let quoted: Vec<String> = body
            .as_str()
            .lines()
            .map(|line| format!("> {line}"))
            .collect();
        let effects = self.write();
        if let Some(composer) = self.desk().and_then(|desk| self.drafts.get_mut(&desk)) {
            composer.paste(&quoted.join("\n"), now);
            composer.newline(now);
        }
        effects
    }

    pub(super) fn react(&mut self) -> Vec<Effect> {
        let seq = self.selected_message().and_then(|message| message.seq);
        if let (Some(room), Some(seq)) = (self.open_room(), seq) {
            self.overlays
                .push(Overlay::Picker(Picker::new(Pick::Emoji(room, seq))));
        }
        vec![]
    }

    /// Whether I have reacted to a message with this.
    #[must_use]
    pub(in crate::app) fn reacted(&self, room: RoomId, target: Seq, emoji: Emoji) -> bool {
        let held = self.console.replica().room(room);
        held.and_then(|held| held.entry(target))
            .is_some_and(|logged| logged.marks.reactions.contains(&emoji))
    }

    pub(super) fn edit_selected(&mut self) -> Vec<Effect> {
        match self.selected_message() {
            Some(message) => self.edit(&message),
            None => vec![],
        }
    }

    pub(super) fn discard(&mut self) -> Vec<Effect> {
        self.drop_refused();
        vec![]
    }

    fn edit(&mut self, message: &Message) -> Vec<Effect> {
        let (Some(target), Some(body)) = (message.seq, &message.body) else {
            return vec![];
        };
        self.focus = match self.part() {
            Part::Thread => Focus::Reply,
            Part::Room => Focus::Composer,
        };
        let Some(desk) = self.desk_to_write() else {
            return vec![];
        };
        let now = self.now;
        let text = body.as_str().to_owned();
        if let Some(composer) = self.drafts.get_mut(&desk) {
            if !composer.blank() && composer.editing.is_none() {
                self.aside = Some(composer.text());
            }
            composer.set(&text, now);
            composer.editing = Some((target, message.set_at));
        }
        vec![]
    }

    pub(super) fn edit_last(&mut self) -> Vec<Effect> {
        let Some(Desk { room, thread }) = self.desk() else {
            return vec![];
        };
        let window = thread.map_or(Window::Newest(OWN_LAST_ENTRIES), Window::Thread);
        let rows = self.console.replica().messages(room, window);
        let last = rows.into_iter().rev().find_map(|row| match row {
            Row::Message(message) => {
                let editable = message.mine && message.seq.is_some() && message.body.is_some();
                (editable && message.thread == thread).then_some(*message)
            }
            Row::Event { .. } | Row::Gap { .. } => None,
        });
        match last {
            Some(message) => self.edit(&message),
            None => vec![],
        }
    }

    pub(super) fn delete(&mut self) -> Vec<Effect> {
        let seq = self.selected_message().and_then(|message| message.seq);
        let (Some(room), Some(seq)) = (self.open_room(), seq) else {
            return vec![];
        };
        let sentence = Action::Delete
            .entry()
            .and_then(|entry| entry.consequence)
            .map_or_else(Shown::default, Shown::own);
        let act = Act::Submit(room, request::delete(seq));
        self.overlays
            .push(Overlay::Confirm(Box::new(Confirm { sentence, act })));
        vec![]
    }

    pub(super) fn pin(&mut self) -> Vec<Effect> {
        let message = self.selected_message();
        let (Some(room), Some(message)) = (self.open_room(), message) else {
            return vec![];
        };
        let Some(seq) = message.seq else {
            return vec![];
        };
        self.submit(room, request::pin(seq, !message.pinned)).1
    }

    pub(super) fn copy(&mut self) -> Vec<Effect> {
        let body = self.selected_message().and_then(|message| message.body);
        let Some(body) = body else {
            return vec![];
        };
        self.note(Shown::own("copied"), false);
        vec![Effect::Copy(body.as_str().to_owned())]
    }

    pub(super) fn unfold(&mut self) -> Vec<Effect> {
        let (Some(room), Some(roll)) = (self.open_room(), self.roll()) else {
            return vec![];
        };
        let mut roll = roll.clone();
        if let Some(key) = roll.selected {
            if !roll.unfolded.remove(&key) {
                roll.unfolded.insert(key);
            }
            roll.anchor = crate::app::screen::talk::Anchor::At { key, top: 1 };
        }
        let part = self.part();
        self.put_roll(room, part, roll);
        vec![]
    }

    /// Drops the refused command that the cursor is on, and gives it back.
    fn drop_refused(&mut self) -> Option<crate::replica::Pending> {
        let message = self.selected_message()?;
        let Stands::Pending(ticket, _) = message.stands else {
            return None;
        };
        let dropped = self.console.dismiss(ticket);
        if let (Some(room), Some(roll)) = (self.open_room(), self.roll()) {
            let mut roll = roll.clone();
            if let Some(lines::Key::Pending(_)) = roll.selected {
                roll.selected = None;
            }
            let part = self.part();
            self.put_roll(room, part, roll);
            self.select_last();
        }
        dropped
    }

    /// Sends a refused message again, under a number of its own.
    pub(super) fn retry(&mut self) -> Vec<Effect> {
        let Some(pending) = self.drop_refused() else {
            return vec![];
        };
        let command: Worded<Command> = Worded::new(pending.command, pending.texts);
        let body = command.texts.first().map(|text| text.text.clone());
        let thread = match &command.what {
            Command::Talk(talk::Command::Say { thread, .. }) => *thread,
            Command::Talk(_)
            | Command::Org(_)
            | Command::Inbox(_)
            | Command::Channel(_)
            | Command::Direct(_)
            | Command::Profile(_)
            | Command::Relation(_)
            | Command::Side(_)
            | Command::Referral(_)
            | Command::Deal(_) => None,
        };
        let (went, effects) = self.submit(pending.room, command);
        if !went && let Some(body) = body {
            // Refused here already: the text is not lost for it.
            let now = self.now;
            let desk = Desk {
                room: pending.room,
                thread,
            };
            let composer = self
                .drafts
                .entry(desk)
                .or_insert_with(|| crate::app::compose::Composer::with(""));
            composer.paste(body.as_str(), now);
        }
        effects
    }
}
