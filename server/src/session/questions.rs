//! What a client asks for: pages of a log, and searches.

use super::{BODY_BYTES_MAX, Effects, Session, Stage, send};
use crate::{
    conversation::Effect,
    frame::Frame,
    ledger::{LedgerError, reader::Snapshot, seat::Page},
};
use rialto_shared::{
    audience::Terms,
    entry::{Entry, Seq},
    id::{MemberId, RoomId},
    limits,
    protocol::{Down, Hit, Query, Want},
    rejection::Rejection,
    standing::Standing,
};
use std::collections::BTreeSet;

impl Session {
    pub(super) fn page(
        &mut self,
        id: u64,
        room: RoomId,
        want: Want,
        limit: u32,
    ) -> Result<Effects, LedgerError> {
        let Stage::Live(live) = &self.stage else {
            return Ok(vec![]);
        };
        let snapshot = self.house.snapshot()?;
        let Some(standing) = snapshot.standing(live.member)? else {
            return Ok(vec![]);
        };
        let Some(seat) = snapshot.seat(&standing, room)? else {
            // Absent and forbidden alike.
            let error = (&Rejection::NoSuchRoom).into();
            return Ok(vec![send(&Down::Error {
                id: Some(id),
                error,
                fatal: false,
            })]);
        };
        let limit = usize::try_from(limit).unwrap_or(limits::PAGE_ENTRIES_MAX);
        let mut page = seat.page(want, limit)?;
        fit(&mut page, want);
        let mut authors: BTreeSet<MemberId> = BTreeSet::new();
        let mut entries = Vec::with_capacity(page.entries.len());
        for (_, bytes) in &page.entries {
            authors.extend(Entry::decode(bytes)?.author.member());
            entries.push(String::from_utf8_lossy(bytes).into_owned());
        }
        let mut effects = self.cards(&authors)?;
        let json = |value: serde_json::Result<String>| value.unwrap_or_default();
        // The entries are the stored bytes: they are put in as they are.
        effects.push(Effect::Send(Frame::from(format!(
            r#"{{"page":{{"id":{id},"room":"{room}","head":{},"entries":[{}],"notes":{},"marks":{},"more":{}}}}}"#,
            seat.upto().seq,
            entries.join(","),
            json(serde_json::to_string(&page.notes)),
            json(serde_json::to_string(&page.marks)),
            page.more
        ))));
        Ok(effects)
    }

    pub(super) fn find(&mut self, id: u64, query: &Query) -> Result<Effects, LedgerError> {
        let Stage::Live(live) = &self.stage else {
            return Ok(vec![]);
        };
        let snapshot = self.house.snapshot()?;
        let Some(standing) = snapshot.standing(live.member)? else {
            return Ok(vec![]);
        };
        if bytes(query) > limits::QUERY_BYTES_MAX {
            let error = (&Rejection::Limit {
                field: "bytes of words",
                max: limits::QUERY_BYTES_MAX,
            })
                .into();
            return Ok(vec![send(&Down::Error {
                id: Some(id),
                error,
                fatal: false,
            })]);
        }
        let (hits, total) = match query {
            Query::Orgs { .. } => self.house.directory.orgs(query),
            Query::Channels { words } => {
                let hits = self.house.directory.channels(&snapshot, &standing, words)?;
                let total = hits.len();
                (hits, total)
            }
            Query::People { words } => {
                let mut hits = self.people(&snapshot, words)?;
                let total = hits.len();
                hits.truncate(limits::FOUND_MAX);
                (hits, total)
            }
            Query::Readers { room, skip } => {
                let Some(seat) = snapshot.seat(&standing, *room)? else {
                    // Absent and forbidden alike.
                    let error = (&Rejection::NoSuchRoom).into();
                    return Ok(vec![send(&Down::Error {
                        id: Some(id),
                        error,
                        fatal: false,
                    })]);
                };
                let readers = seat.readers()?;
                let total = readers.len();
                let skip = usize::try_from(*skip).unwrap_or(usize::MAX);
                let some = readers.into_iter().skip(skip).take(limits::FOUND_MAX);
                (some.map(reader).collect(), total)
            }
        };
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        Ok(vec![send(&Down::Found { id, hits, total })])
    }

    /// People whom the member may name, by words in their names.
    fn people(&self, snapshot: &Snapshot, words: &str) -> Result<Vec<Hit>, LedgerError> {
        let words = words.to_lowercase();
        let mut hits = Vec::new();
        for member in self.ear.members() {
            let Some(card) = snapshot.card(member)? else {
                continue;
            };
            let name = card.name.map(|name| name.text);
            let lower = name
                .as_ref()
                .map_or(String::new(), |name| name.as_str().to_lowercase());
            if words.split_whitespace().all(|word| lower.contains(word)) {
                let org = snapshot.org(card.org)?;
                hits.push(Hit::Person {
                    member,
                    org: card.org,
                    name,
                    org_name: org.and_then(|org| org.name).map(|name| name.text),
                });
            }
        }
        Ok(hits)
    }
}

fn reader((who, terms): (Standing, Terms)) -> Hit {
    Hit::Reader {
        member: who.member.id,
        org: who.org.id,
        name: who.member.name.map(|name| name.text),
        org_name: who.org.name.map(|name| name.text),
        role: terms.role,
        since: terms.since,
        alliance: who.member.alliance,
    }
}

/// The bytes of what a question looks for.
fn bytes(query: &Query) -> usize {
    match query {
        Query::Orgs {
            words,
            program,
            region,
            ..
        } => {
            let facets = [program, region].into_iter().flatten();
            words.len() + facets.map(String::len).sum::<usize>()
        }
        Query::Channels { words } | Query::People { words } => words.len(),
        Query::Readers { .. } => 0,
    }
}

/// Takes entries from the far end until the page fits a message.
fn fit(page: &mut Page, want: Want) {
    let notes = |page: &Page| serde_json::to_string(&page.notes).map_or(0, |text| text.len());
    let size = |page: &Page| {
        page.entries
            .iter()
            .map(|(_, bytes)| bytes.len() + 1)
            .sum::<usize>()
            + notes(page)
    };
    while page.entries.len() > 1 && size(page) > BODY_BYTES_MAX {
        let gone: Option<Seq> = match want {
            Want::Before(_) | Want::Around(_) => Some(page.entries.remove(0).0),
            Want::After(_) | Want::Thread(_) => page.entries.pop().map(|(seq, _)| seq),
        };
        page.notes.retain(|(seq, _)| Some(*seq) != gone);
        page.marks.retain(|(seq, _)| Some(*seq) != gone);
        page.more = true;
    }
}
