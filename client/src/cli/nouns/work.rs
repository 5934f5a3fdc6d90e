//! One command at work: the client, who this is, and what is read, sent and printed on the way.

use super::super::{Context, exit::Failure, show, talk};
use super::words::usage;
use crate::{
    client::{Client, ClientError, Receipt},
    replica::{Candidate, Replica, Unresolved},
    request,
};
use rialto_shared::{
    command::Command,
    entry::{Seq, TextRef, Worded},
    event::Event,
    id::{MemberId, OrgId, RoomId},
    protocol::{Hit, Query, Want},
    room::{State, org::Org},
};
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};

/// Longest wait for the entries behind an answer: they come on the same connection.
const ENTRIES_TIMEOUT: Duration = Duration::from_secs(10);

/// One command at work.
pub(super) struct Work<'a> {
    pub(super) context: &'a Context,
    pub(super) client: Client,
    pub(super) me: MemberId,
    pub(super) own: OrgId,
}

impl<'a> Work<'a> {
    pub(super) async fn begin(context: &'a Context) -> Result<Self, Failure> {
        let client = context.client().await?;
        let about = &client.console().account().about;
        let (me, own) = (about.member, about.org);
        Ok(Self {
            context,
            client,
            me,
            own,
        })
    }

    pub(super) fn replica(&self) -> &Replica {
        self.client.console().replica()
    }

    /// What a room holds, if it is here.
    pub(super) fn state(&self, room: RoomId) -> Option<&State> {
        self.replica().room(room).map(|held| &held.room.state)
    }

    /// One's own organisation.
    pub(super) fn org(&self) -> Result<&Org, Failure> {
        match self.state(RoomId::org(self.own)) {
            Some(State::Org(org)) => Ok(org),
            Some(_) | None => Err(usage(
                "your organisation's room is not here: only its reps, leads and admins have it",
            )),
        }
    }

    /// A standing text, if it is here and not erased.
    pub(super) fn text(&self, room: RoomId, at: Option<TextRef>) -> Option<&str> {
        let held = self.replica().room(room)?;
        held.texts.get(at?).map(|text| text.text.as_str())
    }

    pub(super) fn org_name(&self, org: OrgId) -> String {
        self.replica().org_name(org)
    }

    pub(super) fn person_name(&self, member: MemberId) -> String {
        self.replica().person_name(member)
    }

    /// The organisation that is meant: by its id, its name, or a beginning that only one has.
    pub(super) async fn find_org(&mut self, text: &str) -> Result<OrgId, Failure> {
        let org = self.org_meant(text).await?;
        self.acquaint([org]).await?;
        Ok(org)
    }

    async fn org_meant(&mut self, text: &str) -> Result<OrgId, Failure> {
        if let Ok(id) = text.parse::<OrgId>() {
            return Ok(id);
        }
        let mut known: Vec<(OrgId, String)> = self
            .replica()
            .orgs()
            .map(|card| (card.id, self.org_name(card.id)))
            .collect();
        let words = text.to_owned();
        let (hits, _) = self.client.find(everyone(words, 0)).await?;
        known.extend(hits.into_iter().filter_map(|hit| match hit {
            Hit::Org {
                org,
                name: Some(name),
                ..
            } => Some((org, name.to_string())),
            Hit::Org { .. } | Hit::Channel { .. } | Hit::Person { .. } | Hit::Reader { .. } => None,
        }));
        Ok(meant(text, known)?)
    }

    /// Has the public faces of strangers here, so that they have names; those that hide theirs stay without.
    pub(super) async fn acquaint(
        &mut self,
        orgs: impl IntoIterator<Item = OrgId>,
    ) -> Result<(), Failure> {
        let orgs: BTreeSet<OrgId> = orgs.into_iter().collect();
        for org in orgs {
            if self.replica().org(org).is_some() {
                continue;
            }
            match self.client.open(RoomId::profile(org), 0).await {
                Ok(()) | Err(ClientError::Refused(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The people who are meant; `me` is oneself, and so is naming nobody where that is allowed.
    pub(super) async fn people(&mut self, names: &[String]) -> Result<BTreeSet<MemberId>, Failure> {
        let mut people = BTreeSet::new();
        for name in names {
            people.insert(self.person(name).await?);
        }
        Ok(people)
    }

    pub(super) async fn person(&mut self, name: &str) -> Result<MemberId, Failure> {
        let own = self.person_name(self.me);
        let plain = name.trim_start_matches('@').replace('.', " ");
        if name == "me" || own.eq_ignore_ascii_case(&plain) {
            return Ok(self.me);
        }
        show::person(&mut self.client, name).await
    }

    /// The room that is meant, held here.
    pub(super) async fn room(&mut self, text: &str) -> Result<RoomId, Failure> {
        let room = show::room(&mut self.client, text).await?;
        self.here(room).await?;
        Ok(room)
    }

    /// Has a room here.
    pub(super) async fn here(&mut self, room: RoomId) -> Result<(), Failure> {
        if self.replica().room(room).is_none() {
            self.client.open(room, 0).await?;
        }
        Ok(())
    }

    /// Has an entry here that a command answers or replaces, so that what is signed is what was seen. One that this seat
    /// may not read is left out: the room's state may hold its hash.
    pub(super) async fn cite(&mut self, room: RoomId, seq: Seq) -> Result<(), Failure> {
        if seq != Seq::ZERO && self.client.console().entry(room, seq)?.is_none() {
            self.client.page(room, Want::Around(seq), 3).await?;
        } else if seq != Seq::ZERO {
            // From disk into memory, where rules are judged.
            self.client.console_mut().load(room, seq.next(), 1)?;
        }
        Ok(())
    }

    /// Sends a command and waits until what it did is here.
    pub(super) async fn submit(
        &mut self,
        room: RoomId,
        command: Command,
        texts: &[&str],
    ) -> Result<Receipt, Failure> {
        let worded = request::worded(command, texts)?;
        self.submit_worded(room, worded).await
    }

    pub(super) async fn submit_worded(
        &mut self,
        room: RoomId,
        worded: Worded<Command>,
    ) -> Result<Receipt, Failure> {
        if let Some(seq) = worded.what.named(&worded.texts).cites
            && self.replica().room(room).is_some()
        {
            self.cite(room, seq).await?;
        }
        let receipt = self.client.submit(room, worded).await?;
        let there = |replica: &Replica| {
            let held = replica.room(receipt.room);
            held.is_none_or(|held| held.room.head.seq >= receipt.to || held.closed)
        };
        if !there(self.replica()) {
            self.client
                .wait_for(ENTRIES_TIMEOUT, |console, _| {
                    there(console.replica()).then_some(())
                })
                .await?;
        }
        Ok(receipt)
    }

    /// What an answered command's entries made true, as far as one of them says it.
    pub(super) fn outcome<T>(
        &self,
        receipt: &Receipt,
        said: impl Fn(&Event) -> Option<T>,
    ) -> Option<T> {
        let held = self.replica().room(receipt.room)?;
        held.log()
            .filter(|logged| (receipt.from..=receipt.to).contains(&logged.entry.seq))
            .find_map(|logged| said(&logged.entry.event))
    }

    /// Sends a command, prints its receipt, and ends.
    pub(super) async fn send(
        mut self,
        room: RoomId,
        command: Command,
        texts: &[&str],
    ) -> Result<(), Failure> {
        let receipt = self.submit(room, command, texts).await?;
        talk::receipt(self.context, &self.client, &receipt)?;
        self.close()
    }

    pub(super) fn print(&self, json: &Value, words: &str) -> Result<(), Failure> {
        self.context.output.data(json, words)
    }

    pub(super) fn talk(&self, words: &str) {
        self.context.output.talk(words);
    }

    pub(super) fn close(self) -> Result<(), Failure> {
        Ok(self.client.close()?)
    }
}

/// Organisations by words, after so many.
pub(super) fn everyone(words: String, skip: u32) -> Query {
    Query::Orgs {
        words,
        types: BTreeSet::new(),
        program: None,
        region: None,
        skip,
    }
}

/// The one of these that a name, or its beginning, means.
pub(super) fn meant<I: Copy + Ord + ToString>(
    text: &str,
    mut known: Vec<(I, String)>,
) -> Result<I, Unresolved> {
    known.sort();
    known.dedup_by_key(|(id, _)| *id);
    let wanted = text.trim().to_lowercase();
    let named = |with: &dyn Fn(&str, &str) -> bool| -> Vec<&(I, String)> {
        known
            .iter()
            .filter(|(id, name)| !wanted.is_empty() && with(&name.to_lowercase(), &id.to_string()))
            .collect()
    };
    let exact = named(&|name, id| name == wanted || id == wanted);
    if let [(only, _)] = exact.as_slice() {
        return Ok(*only);
    }
    let begins = named(&|name, id| {
        name.starts_with(&wanted) || (wanted.len() >= 4 && id.starts_with(&wanted))
    });
    match begins.as_slice() {
        [(only, _)] => Ok(*only),
        [] => Err(Unresolved::Nothing(text.to_owned())),
        several => Err(Unresolved::Several {
            text: text.to_owned(),
            candidates: several
                .iter()
                .map(|(id, name)| Candidate {
                    id: id.to_string(),
                    name: name.clone(),
                })
                .collect(),
        }),
    }
}
