//! Keys and pastes in a form.

use super::{FIELD_CHARS_MAX, Field, Form, Value};
use crate::app::{
    input::{Chord, Code},
    words::Shown,
};

/// What a key did to a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// It goes on.
    On,
    /// This step is to be checked, and the next one shown.
    Next,
    /// It is to be sent.
    Send,
    /// It is closed; what was filled in is kept.
    Close,
}

impl Form {
    /// The first and the last field of the step that is seen; `None` where it has none.
    #[must_use]
    pub fn span(&self) -> Option<(usize, usize)> {
        let here = |field: &Field| field.step == self.step;
        let first = self.fields.iter().position(here)?;
        Some((first, self.fields.iter().rposition(here)?))
    }

    /// Whether nothing but the answer is left to be given.
    #[must_use]
    pub const fn at_end(&self) -> bool {
        self.step + 1 >= self.steps.len()
    }

    /// To the next step.
    pub fn advance(&mut self) {
        self.show(self.step + 1);
    }

    fn show(&mut self, step: usize) {
        (self.step, self.from, self.wrong) = (step, 0, None);
        if let Some((first, _)) = self.span() {
            self.at = first;
        }
    }

    /// To the step before, at its last field.
    fn back(&mut self) {
        if let Some(step) = self.step.checked_sub(1) {
            self.show(step);
            if let Some((_, last)) = self.span() {
                self.at = last;
            }
        }
    }

    const fn onward(&self) -> Pressed {
        if self.at_end() {
            Pressed::Send
        } else {
            Pressed::Next
        }
    }

    /// Takes a key.
    pub fn key(&mut self, chord: Chord) -> Pressed {
        let span = self.span();
        let (first, last) = span.unwrap_or((self.at, self.at));
        match (chord.code, chord.shift) {
            (Code::Esc, _) => return Pressed::Close,
            (Code::Char('s'), _) if chord.ctrl => return self.onward(),
            (Code::PageDown, _) if !self.at_end() => return Pressed::Next,
            (Code::PageUp, _) => self.back(),
            (Code::Enter, _) if (span.is_none() || self.at >= last) && !chord.alt => {
                return self.onward();
            }
            (Code::Down, _) if span.is_none() => self.from = self.from.saturating_add(1),
            (Code::Up, _) if span.is_none() && self.from > 0 => self.from -= 1,
            (Code::Tab, true) | (Code::Up, _) if span.is_none() || self.at <= first => self.back(),
            (Code::Tab, true) | (Code::Up, _) => self.at -= 1,
            (Code::Enter | Code::Tab | Code::Down, false) => self.at = (self.at + 1).min(last),
            (_, _) if span.is_some() => self.edit(chord),
            (_, _) => {}
        }
        Pressed::On
    }

    fn edit(&mut self, chord: Chord) {
        self.wrong = None;
        let Some(field) = self.fields.get_mut(self.at) else {
            return;
        };
        if chord.code == Code::Right && matches!(field.value, Value::Text(_)) {
            field.complete();
            return;
        }
        match &mut field.value {
            Value::Text(text) => match (chord.code, chord.typed()) {
                (_, Some(c)) if text.chars().count() < FIELD_CHARS_MAX => text.push(c),
                (Code::Backspace, _) => {
                    text.pop();
                }
                (Code::Char('u'), None) if chord.ctrl => text.clear(),
                (_, _) => {}
            },
            Value::Choice { options, at } => {
                let last = options.len().saturating_sub(1);
                match (chord.code, chord.typed()) {
                    (Code::Right, _) | (_, Some(' ')) if *at < last => *at += 1,
                    (_, Some(' ')) => *at = 0,
                    (Code::Left, _) => *at = at.saturating_sub(1),
                    (_, Some(c)) => {
                        // The next one that begins with this letter, round and round.
                        let begins = |one: &String| one.starts_with(c);
                        let after = options.iter().skip(*at + 1).position(begins);
                        let next = after.map(|found| *at + 1 + found);
                        *at = next.or(options.iter().position(begins)).unwrap_or(*at);
                    }
                    (_, _) => {}
                }
            }
            Value::Flag(on) => match (chord.code, chord.typed()) {
                (Code::Left | Code::Right, _) | (_, Some(' ')) => *on = !*on,
                (_, Some('y' | 'x')) => *on = true,
                (_, Some('n')) => *on = false,
                (_, _) => {}
            },
        }
    }

    /// Takes a paste into the text that has the keys.
    pub fn paste(&mut self, text: &str) {
        if self.span().is_none() {
            return;
        }
        if let Some(Field {
            value: Value::Text(held),
            ..
        }) = self.fields.get_mut(self.at)
        {
            self.wrong = None;
            let room = FIELD_CHARS_MAX.saturating_sub(held.chars().count());
            let words = Shown::said(text);
            held.extend(words.as_str().chars().take(room));
        }
    }
}

impl Field {
    /// Writes the first of the names that go on from what is written.
    fn complete(&mut self) {
        let (begin, names) = self.completions();
        let Some(name) = names.first().map(|name| (*name).to_owned()) else {
            return;
        };
        if let Value::Text(text) = &mut self.value {
            text.truncate(begin);
            text.push_str(&name);
        }
    }
}
