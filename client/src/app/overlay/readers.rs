//! Who can read the room at hand: asked of the server when it is opened, so that it is true at that moment.

use super::Overlay;
use crate::{
    app::{
        App,
        effect::Effect,
        words::{
            Shown,
            line::{Line, Tone},
            wrap,
        },
    },
    replica::readers::{self, Party, Readers},
};
use rialto_shared::{id::RoomId, protocol::Hit};

/// Cells of a line.
const CELLS: usize = 72;

/// What was asked, and what came.
#[derive(Debug)]
pub struct Asked {
    /// The room.
    pub room: RoomId,
    /// The question that has no answer yet.
    pub asked: Option<u64>,
    /// Who it is, as far as it came.
    pub hits: Vec<Hit>,
    /// The line that stands first.
    pub from: usize,
}

impl App {
    /// The room at hand, if it can be asked who reads it.
    #[must_use]
    pub fn can_ask_who(&self) -> bool {
        let room = self.room_at_hand();
        room.is_some_and(|room| readers::can_be_asked(self.console.replica(), room))
    }

    /// Asks who can read the room at hand, and shows it.
    pub(in crate::app) fn ask_who(&mut self) -> Vec<Effect> {
        let room = self.room_at_hand();
        room.map_or_else(Vec::new, |room| self.ask_who_of(room))
    }

    pub(in crate::app) fn ask_who_of(&mut self, room: RoomId) -> Vec<Effect> {
        let mut asked = Asked {
            room,
            asked: None,
            hits: vec![],
            from: 0,
        };
        let effects = self.ask_readers(&mut asked);
        self.overlays.push(Overlay::Readers(Box::new(asked)));
        effects
    }

    fn ask_readers(&mut self, asked: &mut Asked) -> Vec<Effect> {
        let question = readers::question(asked.room, asked.hits.len());
        let Some((id, order)) = self.console.find(question) else {
            return vec![];
        };
        asked.asked = Some(id);
        vec![Effect::Order(order)]
    }

    /// Takes in some of the readers, and asks for the others.
    pub(in crate::app) fn readers_came(
        &mut self,
        id: u64,
        hits: &[Hit],
        total: u32,
    ) -> Vec<Effect> {
        let Some(Overlay::Readers(mut asked)) = self.overlays.pop_if(
            |overlay| matches!(overlay, Overlay::Readers(asked) if asked.asked == Some(id)),
        ) else {
            return vec![];
        };
        asked.asked = None;
        asked.hits.extend_from_slice(hits);
        let effects = if readers::complete(asked.hits.len(), total, hits) {
            vec![]
        } else {
            self.ask_readers(&mut asked)
        };
        self.overlays.push(Overlay::Readers(asked));
        effects
    }
}

/// What is shown of it.
#[must_use]
pub fn lines(app: &App, asked: &Asked) -> Vec<Line> {
    let replica = app.console.replica();
    let Some(held) = replica.room(asked.room) else {
        return vec![Line::own(" This room is not here any more.", Tone::Dim)];
    };
    let readers = Readers::of(replica, &held.room, &asked.hits);
    let mut lines = vec![];
    for party in &readers.parties {
        lines.extend(of_party(party));
    }
    if asked.hits.is_empty() && readers.rules.is_empty() && asked.asked.is_none() {
        let words = " Not connected: who reads it is asked of the server. r tries again.";
        lines.push(Line::own(words, Tone::Warn));
    }
    if !readers.rules.is_empty() {
        lines.push(Line::own(" By a rule", Tone::Heading));
        let rules = readers.rules.iter();
        lines.extend(rules.map(|rule| Line::own("   ", Tone::Plain).say(rule, Tone::Plain)));
    }
    lines.push(Line::own(" The vendor", Tone::Heading));
    lines.extend(sentence(&readers.vendor, Tone::Plain));
    lines.push(Line::own(" The server's operator", Tone::Heading));
    lines.extend(sentence(readers::OPERATOR, Tone::Dim));
    lines
}

fn of_party(party: &Party) -> impl Iterator<Item = Line> {
    let vendor = if party.vendor { " · the vendor" } else { "" };
    let name = Shown::said(format!(" {}{vendor}", party.name));
    let heading = Line::of(name, Tone::Heading);
    let heading = match party.terms() {
        Some(terms) => heading.end(Shown::said(terms), Tone::Dim),
        None => heading,
    };
    let people = party.people.iter().map(|reader| {
        Line::own("   ", Tone::Plain)
            .say(&reader.name, Tone::Plain)
            .end(Shown::said(reader.terms()), Tone::Dim)
    });
    std::iter::once(heading).chain(people.collect::<Vec<_>>())
}

fn sentence(words: &str, tone: Tone) -> Vec<Line> {
    let (wrapped, _) = wrap(words, CELLS, 6);
    let indented = wrapped
        .into_iter()
        .map(|line| Line::own("   ", Tone::Plain).put(line, tone));
    indented.collect()
}
