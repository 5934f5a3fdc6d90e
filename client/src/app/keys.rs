//! Keys, the mouse and pastes: whoever has them, the topmost overlay first, then a text that is being written, then the
//! keymap.

use super::{
    App, Focus, Screen,
    action::Action,
    clockwork::ENDING_SPAN,
    compose::{Composer, Desk},
    effect::Effect,
    form::{Form, Pressed, Ready},
    input::{Chord, Click, Code, Mouse},
    keymap::{self, Meaning},
    overlay::{Act, Overlay, Pick, Picker},
    panes,
    screen::{inbox, rooms, talk::Step},
    words::Shown,
};
use rialto_shared::{
    protocol::Query,
    time::{Span, Timestamp},
};

/// Typing is said at most this often.
const TYPING_SPAN: Span = Span::millis(4_000);
/// Letters from which on the server is asked.
const ASK_CHARS_MIN: usize = 2;
/// Lines that a turn of the wheel moves.
const WHEEL_STEPS: usize = 3;

impl App {
    pub(super) fn key(&mut self, chord: Chord) -> Vec<Effect> {
        if chord != interrupt() {
            self.ending = None;
        }
        let since = std::mem::replace(&mut self.sequence.1, self.now);
        if !self.overlays.is_empty() && self.sequence.0.is_empty() {
            return self.overlay_key(chord);
        }
        // A leader's sequence goes on also where Space types a space.
        let chord = if self.sequence.0.is_empty() && keymap::leads(chord) {
            self.sequence = (vec![Chord::plain(Code::Char(' '))], self.now);
            return vec![];
        } else {
            chord
        };
        let mut keys = std::mem::take(&mut self.sequence.0);
        keys.push(chord);
        let leading = keys.len() > 1;
        let scopes = if leading {
            super::ALL_SCOPES.to_vec()
        } else {
            self.scopes()
        };
        match self
            .keymap
            .meaning(&scopes, &keys, |action| action.possible(self))
        {
            Meaning::Act(action) => self.perform(action),
            Meaning::Begins => {
                let start = if leading { since } else { self.now };
                self.sequence = (keys, start);
                vec![]
            }
            Meaning::Nothing if leading => vec![],
            Meaning::Nothing => self.typed(chord),
        }
    }

    /// A key that means nothing is text, where text is typed.
    fn typed(&mut self, chord: Chord) -> Vec<Effect> {
        if !self.focus.types() {
            return vec![];
        }
        if self.screen == Screen::Directory {
            return self.search_key(chord);
        }
        let Some(desk) = self.desk() else {
            return vec![];
        };
        if self.silence(desk.room).is_some() {
            return vec![];
        }
        let now = self.now;
        let composer = self
            .drafts
            .entry(desk)
            .or_insert_with(|| Composer::with(""));
        if composer.key(chord, now) {
            return self.say_typing(desk);
        }
        vec![]
    }

    /// Keys of the directory's search.
    fn search_key(&mut self, chord: Chord) -> Vec<Effect> {
        match (chord.code, chord.typed()) {
            (Code::Enter | Code::Tab | Code::Down, _) => {
                self.focus = Focus::List;
                return vec![];
            }
            (Code::Backspace, _) => {
                self.directory.words.pop();
            }
            (Code::Char('u'), None) if chord.ctrl => self.directory.words.clear(),
            (_, Some(c)) => self.directory.typed(c),
            (_, None) => return vec![],
        }
        self.search()
    }

    /// Asks the server for organisations by the words.
    pub(super) fn search(&mut self) -> Vec<Effect> {
        if !self.live() {
            self.note(
                Shown::own("the directory is on the server: connect first"),
                false,
            );
            return vec![];
        }
        let query = Query::Orgs {
            words: self.directory.words.trim().to_owned(),
            types: std::collections::BTreeSet::new(),
            program: None,
            region: None,
            skip: 0,
        };
        let Some((id, order)) = self.console.find(query) else {
            return vec![];
        };
        self.directory.asked = Some(id);
        self.directory.searched = true;
        vec![Effect::Order(order)]
    }

    fn say_typing(&mut self, desk: Desk) -> Vec<Effect> {
        let lately = self
            .typing
            .is_some_and(|(room, at)| room == desk.room && self.now - at < TYPING_SPAN);
        if lately || !self.live() {
            return vec![];
        }
        self.typing = Some((desk.room, self.now));
        self.console
            .typing(desk.room)
            .into_iter()
            .map(Effect::Order)
            .collect()
    }

    pub(super) fn pasted(&mut self, text: &str) {
        let now = self.now;
        if let Some(Overlay::Picker(picker)) = self.overlays.last_mut() {
            for c in Shown::said(text).as_str().chars() {
                picker.key(Chord::plain(Code::Char(c)));
            }
            return;
        }
        if let Some(Overlay::Form(form)) = self.overlays.last_mut() {
            form.paste(text);
            form.unsaved = form.unsaved.or(Some(now));
            return;
        }
        if !self.focus.types() {
            self.note(Shown::own("nothing is being written here: i writes"), false);
            return;
        }
        let Some(desk) = self.desk() else { return };
        if self.silence(desk.room).is_none() {
            let composer = self
                .drafts
                .entry(desk)
                .or_insert_with(|| Composer::with(""));
            composer.paste(text, now);
        }
    }

    pub(super) fn edited(&mut self, text: Option<String>) {
        let Some(text) = text else {
            self.note(
                Shown::own("the editor ended with an error: the text is as it was"),
                true,
            );
            return;
        };
        let now = self.now;
        if let Some(desk) = self.desk() {
            let composer = self
                .drafts
                .entry(desk)
                .or_insert_with(|| Composer::with(""));
            composer.set(text.trim_end(), now);
        }
    }

    /// Ctrl+C puts the text aside; twice within a second it ends.
    pub(super) fn interrupted(&mut self) -> Vec<Effect> {
        if self.ending.is_some_and(|until| until > self.now) {
            return self.quit();
        }
        self.ending = Some(self.now + ENDING_SPAN);
        let now = self.now;
        let desk = self.desk().filter(|_| self.focus.types());
        let composer = desk.and_then(|desk| self.drafts.get_mut(&desk));
        let words = match composer {
            Some(composer) if !composer.empty() => {
                self.aside = Some(composer.text());
                composer.editing = None;
                composer.set("", now);
                "put aside · Ctrl+Y takes it back · Ctrl+C again quits"
            }
            Some(_) | None => "Ctrl+C again quits",
        };
        self.note(Shown::own(words), false);
        vec![]
    }

    fn overlay_key(&mut self, chord: Chord) -> Vec<Effect> {
        if chord.code == Code::Esc || chord == interrupt() {
            // What was filled in is there again when the form is.
            if let Some(Overlay::Form(form)) = self.overlays.pop() {
                self.keep_form(&form);
            }
            return vec![];
        }
        match self.overlays.pop() {
            Some(Overlay::Picker(picker)) => self.picker_key(picker, chord),
            Some(Overlay::Confirm(confirm)) => {
                if chord == Chord::plain(Code::Enter) {
                    return self.act(confirm.act);
                }
                self.overlays.push(Overlay::Confirm(confirm));
                vec![]
            }
            Some(Overlay::Help(from)) => {
                if let Some(from) = scrolled(from, chord) {
                    self.overlays.push(Overlay::Help(from));
                }
                vec![]
            }
            Some(Overlay::Readers(asked)) if chord.typed() == Some('r') => {
                self.ask_who_of(asked.room)
            }
            Some(Overlay::Readers(mut asked)) => {
                if let Some(from) = scrolled(asked.from, chord) {
                    asked.from = from;
                    self.overlays.push(Overlay::Readers(asked));
                }
                vec![]
            }
            Some(Overlay::Form(form)) => self.form_key(form, chord),
            Some(Overlay::Connection) if chord.typed() == Some('r') => {
                vec![Effect::Order(crate::link::Order::Reconnect)]
            }
            Some(Overlay::Connection | Overlay::Notices) | None => vec![],
        }
    }

    fn form_key(&mut self, mut form: Box<Form>, chord: Chord) -> Vec<Effect> {
        let before = form.kept();
        let pressed = form.key(chord);
        if form.kept() != before && form.unsaved.is_none() {
            form.unsaved = Some(self.now);
        }
        match pressed {
            Pressed::On => {}
            Pressed::Next => match form.check(self) {
                Ok(()) => form.advance(),
                Err(words) => form.blame(&words),
            },
            Pressed::Close => {
                self.keep_form(&form);
                return vec![];
            }
            Pressed::Send => return self.send_form(form),
        }
        self.overlays.push(Overlay::Form(form));
        vec![]
    }

    /// Puts what is filled in on disk.
    pub(super) fn keep_form(&mut self, form: &Form) {
        if form.unsaved.is_none() {
            return;
        }
        let saved = self
            .console
            .store_mut()
            .set_draft(&form.purpose.place(), &form.kept());
        if let Err(error) = saved {
            self.note(Shown::said(format!("not saved: {error}")), true);
        }
    }

    fn send_form(&mut self, mut form: Box<Form>) -> Vec<Effect> {
        let ready = match form.ready(self) {
            Ok(ready) => ready,
            Err(words) => {
                form.blame(&words);
                self.overlays.push(Overlay::Form(form));
                return vec![];
            }
        };
        // Not confirmed, it is there again when it is opened again.
        self.keep_form(&form);
        let sentence = ready.sentence.clone();
        let act = Act::Form(form, Box::new(ready));
        match sentence {
            Some(sentence) => {
                let confirm = super::overlay::Confirm { sentence, act };
                self.overlays.push(Overlay::Confirm(Box::new(confirm)));
                vec![]
            }
            None => self.act(act),
        }
    }

    fn picker_key(&mut self, mut picker: Picker, chord: Chord) -> Vec<Effect> {
        let choices = picker.choices(self);
        let last = choices.len().saturating_sub(1);
        match chord.code {
            Code::Enter => {
                let chosen = choices.get(picker.at.min(last)).map(|one| one.chosen);
                if let Some(chosen) = chosen {
                    return self.choose(picker.pick, chosen);
                }
                // Nothing is chosen where nothing fits: the letters stay, to be changed.
            }
            Code::Down | Code::Tab if !chord.shift => picker.at = (picker.at + 1).min(last),
            Code::Up | Code::Tab => picker.at = picker.at.saturating_sub(1),
            Code::PageDown => picker.at = (picker.at + 10).min(last),
            Code::PageUp => picker.at = picker.at.saturating_sub(10),
            Code::Char(_)
            | Code::F(_)
            | Code::Esc
            | Code::Backspace
            | Code::Delete
            | Code::Down
            | Code::Left
            | Code::Right
            | Code::Home
            | Code::End => {
                if picker.key(chord) {
                    let effects = self.ask(&mut picker);
                    self.overlays.push(Overlay::Picker(picker));
                    return effects;
                }
            }
        }
        self.overlays.push(Overlay::Picker(picker));
        vec![]
    }

    /// Asks the server for what is not kept here.
    fn ask(&mut self, picker: &mut Picker) -> Vec<Effect> {
        picker.found.clear();
        picker.asked = None;
        let (sign, words) = picker.words();
        let words = words.to_owned();
        if picker.pick != Pick::GoTo || !self.live() || words.chars().count() < ASK_CHARS_MIN {
            return vec![];
        }
        let query = match sign {
            None | Some('#') => Query::Channels { words },
            Some('@') => Query::People { words },
            Some('&') => Query::Orgs {
                words,
                types: std::collections::BTreeSet::new(),
                program: None,
                region: None,
                skip: 0,
            },
            Some(_) => return vec![],
        };
        let Some((id, order)) = self.console.find(query) else {
            return vec![];
        };
        picker.asked = Some(id);
        vec![Effect::Order(order)]
    }

    /// Does what was asked about.
    fn act(&mut self, act: Act) -> Vec<Effect> {
        match act {
            Act::Submit(room, command) => self.submit(room, command).1,
            Act::Form(form, ready) => self.submit_form(*form, *ready),
            Act::OpenDirect(member) => self.open_direct(member),
            Act::Quit => {
                self.save_drafts(true);
                vec![Effect::Quit]
            }
        }
    }

    /// Sends what a form led to. What was filled in is kept until it is accepted.
    fn submit_form(&mut self, mut form: Form, ready: Ready) -> Vec<Effect> {
        let offered = ready.offer.as_ref().map(|offer| offer.salt);
        if let Some(offer) = ready.offer {
            self.keep_offering(offer);
        }
        let (ticket, effects) = self.dispatch(ready.room, ready.command);
        let Some(ticket) = ticket else {
            if let Some(salt) = offered {
                self.forget_offering(salt);
            }
            // The rules said no here already: what they said stands at the bottom, and the form is as it was.
            form.wrong = self.notices.last().map(|notice| notice.words.clone());
            self.overlays.push(Overlay::Form(Box::new(form)));
            return effects;
        };
        form.unsaved = Some(self.now);
        if let Err(error) = self
            .console
            .store_mut()
            .set_draft(&form.purpose.place(), "")
        {
            self.note(Shown::said(error.to_string()), true);
        }
        self.sent_forms.insert(ticket, form);
        effects
    }

    pub(super) fn mouse_at(&mut self, mouse: Mouse) -> Vec<Effect> {
        let Some(panes) = panes::panes(self) else {
            return vec![];
        };
        if !self.overlays.is_empty() {
            return vec![];
        }
        let (x, y) = (mouse.x, mouse.y);
        let within = |area: Option<panes::Area>| area.is_some_and(|area| area.has(x, y));
        let focus = if within(panes.list) {
            Focus::List
        } else if within(panes.composer) {
            Focus::Composer
        } else if within(panes.reply) {
            Focus::Reply
        } else if within(panes.main) {
            Focus::Messages
        } else if within(panes.side) && self.side_open() {
            Focus::Thread
        } else {
            return vec![];
        };
        match mouse.what {
            Click::Press => {
                self.focus = focus;
                if let (Focus::List, Some(list)) = (focus, panes.list) {
                    let row = y.saturating_sub(list.inner(panes.borders).y);
                    return self.press_row(usize::from(row));
                }
                vec![]
            }
            Click::Up | Click::Down => {
                let before = self.focus;
                self.focus = match focus {
                    Focus::Composer => Focus::Messages,
                    Focus::Reply => Focus::Thread,
                    Focus::List | Focus::Messages | Focus::Thread | Focus::Side => focus,
                };
                let step = if mouse.what == Click::Up {
                    Step::Up
                } else {
                    Step::Down
                };
                let mut effects = vec![];
                for _ in 0..WHEEL_STEPS {
                    effects.extend(self.step_cursor(step));
                }
                self.focus = before;
                effects
            }
        }
    }

    /// A press on a row of a list puts the cursor there, and opens it.
    fn press_row(&mut self, row: usize) -> Vec<Effect> {
        match self.screen {
            Screen::Inbox => {
                let rows = crate::app::screen::inbox_rows(&inbox::items(self));
                if let Some(Some(key)) = rows.get(row) {
                    self.item = Some(*key);
                }
                vec![]
            }
            Screen::Channels | Screen::Deals | Screen::Referrals => {
                let sections = rooms::sections(self, self.screen);
                let rows = crate::app::screen::room_rows(&sections);
                match rows.get(row) {
                    Some(Some(room)) => self.open(*room, None),
                    Some(None) | None => vec![],
                }
            }
            Screen::Directory => vec![],
        }
    }

    /// Ends, after a question where something has not been sent.
    pub(super) fn quit(&mut self) -> Vec<Effect> {
        let unsent = self.console.unanswered();
        if unsent == 0 {
            return self.act(Act::Quit);
        }
        let sentence = Shown::said(format!(
            "{unsent} not sent yet: kept, and sent when you come back. Quit?"
        ));
        let confirm = super::overlay::Confirm {
            sentence,
            act: Act::Quit,
        };
        self.overlays.push(Overlay::Confirm(Box::new(confirm)));
        vec![]
    }

    /// When the keys pressed so far were begun, for whoever shows how they can go on.
    #[must_use]
    pub fn continuations(&self) -> Vec<(Chord, Action)> {
        let (keys, since): &(Vec<Chord>, Timestamp) = &self.sequence;
        if keys.is_empty() || self.now - *since < super::clockwork::SEQUENCE_SPAN {
            return vec![];
        }
        let mut all = self.keymap.continuations(&super::ALL_SCOPES, keys);
        all.retain(|(_, action)| action.possible(self));
        all
    }
}

const fn interrupt() -> Chord {
    Chord {
        ctrl: true,
        alt: false,
        shift: false,
        code: Code::Char('c'),
    }
}

/// Where a text that is scrolled stands after a key; `None` closes it.
fn scrolled(from: usize, chord: Chord) -> Option<usize> {
    match (chord.code, chord.typed()) {
        (Code::Down, _) | (_, Some('j')) => Some(from.saturating_add(1)),
        (Code::Up, _) | (_, Some('k')) => Some(from.saturating_sub(1)),
        (Code::PageDown, _) | (_, Some(' ')) => Some(from.saturating_add(10)),
        (Code::PageUp, _) => Some(from.saturating_sub(10)),
        (Code::Home, _) | (_, Some('g')) => Some(0),
        (_, _) => None,
    }
}
