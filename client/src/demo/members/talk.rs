//! Answering the player: in a Direct and where they are named, whoever is meant; elsewhere one of those who are there.

use super::{Extra, actor::Actor};
use crate::demo::script;
use rialto_shared::{
    audience::Principal,
    entry::{Entry, Seq},
    event::Event,
    id::{MemberId, RoomId},
    room::{Room, State, talk},
};

/// A message.
struct Said<'a> {
    by: MemberId,
    thread: Option<Seq>,
    mentions: &'a std::collections::BTreeSet<MemberId>,
    words: &'a str,
}

fn said(entry: &Entry) -> Option<Said<'_>> {
    let Event::Talk(talk::Event::Said {
        thread, mentions, ..
    }) = &entry.event
    else {
        return None;
    };
    let words = entry.texts.first()?.as_ref()?;
    Some(Said {
        by: entry.author.member()?,
        thread: *thread,
        mentions,
        words: words.text.as_str(),
    })
}

impl Actor {
    /// The newest message of somebody else.
    pub(super) fn newest(&self, room: RoomId) -> Option<Seq> {
        let held = self.client.console().replica().room(room)?;
        held.log()
            .rev()
            .find(|logged| said(&logged.entry).is_some_and(|said| said.by != self.me.member))
            .map(|logged| logged.entry.seq)
    }

    /// Answers what the player said in a room since it was heard last.
    pub(super) fn hear(&mut self, room: RoomId) {
        let Some(held) = self.client.console().replica().room(room) else {
            return;
        };
        let before = self.heard.get(&room).copied().unwrap_or(Seq::ZERO);
        let direct = matches!(held.room.state, State::Direct(_));
        let there = self.there(&held.room);
        let fresh = held
            .log()
            .rev()
            .take_while(|logged| logged.entry.seq > before)
            .filter(|logged| logged.entry.at >= self.scene.since);
        let answers = fresh.filter_map(|logged| {
            let (seq, said) = (logged.entry.seq, said(&logged.entry)?);
            if said.by != self.scene.player || !self.is_meant(seq, &said, &there) {
                return None;
            }
            let thread = if direct {
                said.thread
            } else {
                Some(said.thread.unwrap_or(seq))
            };
            Some((thread, script::answer(said.words, seq.0)))
        });
        let answers: Vec<(Option<Seq>, &'static str)> = answers.collect();
        self.heard.insert(room, held.room.head.seq);
        for (thread, words) in answers {
            let wait = self.scene.pace.answer.mul_f64(1.0 + self.draw());
            self.write(wait, room, thread, words);
        }
    }

    /// Those of the demo who are in a room: by name, for their organisation, or, where a rule admits, all.
    fn there(&self, room: &Room) -> Vec<MemberId> {
        let roster: Vec<Principal> = room.audience.roster().collect();
        let named = |extra: &Extra| {
            roster.iter().any(|principal| match principal {
                Principal::Member(member) => *member == extra.member,
                Principal::Org(org) => *org == extra.org && extra.speaks,
            })
        };
        let there = self.scene.extras.iter();
        let there = there.filter(|extra| roster.is_empty() || named(extra));
        there.map(|extra| extra.member).collect()
    }

    /// Whether I am the one to answer: of those who are named, else of those who are there, one.
    fn is_meant(&self, seq: Seq, said: &Said<'_>, there: &[MemberId]) -> bool {
        if said.mentions.contains(&self.me.member) {
            return true;
        }
        let others = there.iter().any(|member| said.mentions.contains(member));
        let count = u64::try_from(there.len()).unwrap_or(u64::MAX).max(1);
        let turn = usize::try_from(seq.0 % count).unwrap_or_default();
        !others && there.get(turn) == Some(&self.me.member)
    }
}
