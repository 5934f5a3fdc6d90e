//! The names that go with what is sent: each once, before what it goes with, and again when it changes.
//!
//! Whose cards a client holds stands in its ear, so that a change rings those who hold the card and nobody else. A card is
//! read after it is held: what is committed in between rings.

use super::{BODY_BYTES_MAX, Effects, Session, Stage, send};
use crate::{
    bell::{Rung, Topic},
    ledger::{LedgerError, reader::Snapshot},
};
use rialto_shared::{
    id::{MemberId, OrgId},
    limits,
    protocol::{Down, Presence},
    standing::{MemberCard, OrgCard},
};
use serde::Serialize;
use std::collections::BTreeSet;

/// Cards on their way into frames, each as full as a message may be.
#[derive(Default)]
struct Frames {
    effects: Effects,
    members: Vec<MemberCard>,
    orgs: Vec<OrgCard>,
    bytes: usize,
}

impl Frames {
    fn count(&mut self, card: &impl Serialize) {
        let bytes = serde_json::to_string(card).map_or(0, |text| text.len() + 1);
        let cards = self.members.len() + self.orgs.len();
        if self.bytes + bytes > BODY_BYTES_MAX || cards >= limits::CARDS_MAX {
            self.close();
        }
        self.bytes += bytes;
    }

    fn member(&mut self, card: MemberCard) {
        self.count(&card);
        self.members.push(card);
    }

    fn org(&mut self, card: OrgCard) {
        self.count(&card);
        self.orgs.push(card);
    }

    fn close(&mut self) {
        let (members, orgs) = (
            std::mem::take(&mut self.members),
            std::mem::take(&mut self.orgs),
        );
        self.bytes = 0;
        if !members.is_empty() || !orgs.is_empty() {
            self.effects.push(send(&Down::Cards { members, orgs }));
        }
    }

    fn done(mut self) -> Effects {
        self.close();
        self.effects
    }
}

impl Session {
    const fn is_live(&self) -> bool {
        matches!(self.stage, Stage::Live(_))
    }

    /// The names that the client does not have yet, with their organisations', and who of them is here.
    pub(super) fn cards(&mut self, members: &BTreeSet<MemberId>) -> Result<Effects, LedgerError> {
        let new = members.iter().copied();
        let new: Vec<MemberId> = new
            .filter(|member| self.is_live() && self.ear.hold_member(*member))
            .collect();
        if new.is_empty() {
            return Ok(vec![]);
        }
        let snapshot = self.house.snapshot()?;
        let mut cards = Vec::with_capacity(new.len());
        for member in new {
            cards.extend(snapshot.card(member)?);
        }
        let mut frames = Frames::default();
        for org in cards.iter().map(|card| card.org) {
            if self.ear.hold_org(org)
                && let Some(card) = self.house.snapshot()?.org(org)?
            {
                frames.org(card);
            }
        }
        let here: Vec<MemberId> = cards
            .iter()
            .map(|card| card.id)
            .filter(|member| self.house.presence.here(*member))
            .collect();
        cards.into_iter().for_each(|card| frames.member(card));
        let mut effects = frames.done();
        effects.extend(here.into_iter().map(|member| {
            send(&Down::Presence {
                member,
                state: Presence::Here,
            })
        }));
        Ok(effects)
    }

    /// The organisations' names that the client does not have yet.
    pub(super) fn org_cards(&mut self, orgs: BTreeSet<OrgId>) -> Result<Effects, LedgerError> {
        let new: Vec<OrgId> = orgs
            .into_iter()
            .filter(|org| self.is_live() && self.ear.hold_org(*org))
            .collect();
        if new.is_empty() {
            return Ok(vec![]);
        }
        let snapshot = self.house.snapshot()?;
        let mut frames = Frames::default();
        for org in new {
            if let Some(card) = snapshot.org(org)? {
                frames.org(card);
            }
        }
        Ok(frames.done())
    }

    /// The cards that rang: the client holds them, and they are not what they were. All that changed until now, once.
    pub(super) fn changed_cards(
        &self,
        snapshot: &Snapshot,
        rung: &Rung,
    ) -> Result<Effects, LedgerError> {
        let mut frames = Frames::default();
        for topic in &rung.topics {
            match topic {
                Topic::MemberCard(member) => {
                    if let Some(card) = snapshot.card(*member)? {
                        frames.member(card);
                    }
                }
                Topic::OrgCard(org) => {
                    if let Some(card) = snapshot.org(*org)? {
                        frames.org(card);
                    }
                }
                Topic::Room(_) | Topic::Member(_) | Topic::Org(_) => {}
            }
        }
        Ok(frames.done())
    }
}
