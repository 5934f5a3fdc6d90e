//! Which root key an organisation's statements start from, entry by entry.
//!
//! The first one that a log gives holds, or the first that a statement shows where it is among those known from elsewhere.
//! Only a renewal puts another in its place. In the organisation's own room that is the act of whom the vendor seated there
//! after notice; in every other room a rule says it, before the first entry that rests on the new key.

use super::Breach;
use rialto_shared::{
    entry::{Author, Entry},
    event::{Event, roots},
    id::{MemberId, OrgId, PublicKey, RoomId},
    limits,
    room::{
        key,
        org::{self, Successor, member_of},
    },
    statement::Statement,
    time::Timestamp,
};
use std::collections::BTreeMap;

pub(super) struct Keys<'k> {
    /// Of each organisation, those known from elsewhere, oldest first.
    known: &'k BTreeMap<OrgId, Vec<PublicKey>>,
    /// Of each organisation, those that this log gave so far; the present one last.
    held: BTreeMap<OrgId, Vec<PublicKey>>,
    /// In an organisation's own room: whom the vendor seats, and since when that is announced.
    announced: Option<(Successor, Timestamp)>,
    /// Whom it has seated.
    heir: Option<MemberId>,
}

impl<'k> Keys<'k> {
    pub(super) const fn new(known: &'k BTreeMap<OrgId, Vec<PublicKey>>) -> Self {
        Self {
            known,
            held: BTreeMap::new(),
            announced: None,
            heir: None,
        }
    }

    fn known(&self, org: OrgId) -> &'k [PublicKey] {
        self.known.get(&org).map_or(&[], Vec::as_slice)
    }

    /// Takes the root keys that an entry gives, and the renewal that it says. `whole` is whether the log is held from its first
    /// entry.
    pub(super) fn take(&mut self, entry: &Entry, whole: bool) -> Result<(), Breach> {
        for (org, root) in roots(entry.room, &entry.event) {
            self.given(org, root)?;
        }
        self.seats(entry);
        if let Event::Key(key::Event::Renewed { org, root }) = &entry.event {
            self.may_renew(entry, *org, whole)?;
            self.renewed(*org, *root)?;
            self.heir = None;
        }
        Ok(())
    }

    fn given(&mut self, org: OrgId, root: PublicKey) -> Result<(), Breach> {
        let known = self.known(org);
        match self.held.get(&org) {
            Some(held) if held.contains(&root) => Ok(()),
            None if known.is_empty() || known.contains(&root) => {
                self.held.insert(org, vec![root]);
                Ok(())
            }
            Some(_) | None => Err(Breach::Root(org)),
        }
    }

    /// Whom the vendor seats in the organisation whose own room this is.
    fn seats(&mut self, entry: &Entry) {
        let Event::Org(event) = &entry.event else {
            return;
        };
        if let org::Event::SuccessorAnnounced { successor, .. } = event {
            self.announced = Some((successor.clone(), entry.at));
            self.heir = None;
        } else if matches!(
            event,
            org::Event::SuccessorRefused {}
                | org::Event::SuccessionLapsed {}
                | org::Event::Halted { on: true }
        ) {
            self.announced = None;
        } else if let org::Event::SuccessorSeated { successor } = event {
            let announced = self.announced.take();
            let held = announced.is_some_and(|(whom, since)| {
                whom == *successor && since + limits::SUCCESSION_NOTICE <= entry.at
            });
            self.heir = held.then_some(match successor {
                Successor::Member(member) => *member,
                Successor::Invited(invitation) => member_of(invitation.code),
            });
        }
    }

    fn may_renew(&self, entry: &Entry, org: OrgId, whole: bool) -> Result<(), Breach> {
        let own = entry.room == RoomId::org(org);
        let may = match entry.author {
            Author::Member { id, org: of, .. } => {
                own && of == org && (self.heir == Some(id) || !whole)
            }
            Author::Rule => !own,
            Author::Operator => false,
        };
        let may = may && entry.statement.is_none();
        may.then_some(()).ok_or(Breach::Renewed(org))
    }

    /// There is no way back to a key that was replaced.
    fn renewed(&mut self, org: OrgId, root: PublicKey) -> Result<(), Breach> {
        let known = self.known(org);
        let place = |root| known.iter().position(|one| *one == root);
        let held = self.held.get(&org).map_or(&[][..], Vec::as_slice);
        let onward = held.last().is_none_or(|last| place(root) > place(*last));
        if held.contains(&root) || !known.is_empty() && (place(root).is_none() || !onward) {
            return Err(Breach::Root(org));
        }
        // Of an organisation that nothing is known of, a rule's word alone proves nothing.
        if !held.is_empty() || !known.is_empty() {
            self.held.entry(org).or_default().push(root);
        }
        Ok(())
    }

    /// The root key that this statement must start from; none where none is known.
    pub(super) fn root(&mut self, org: OrgId, statement: &Statement) -> Option<PublicKey> {
        if let Some(held) = self.held.get(&org) {
            return held.last().copied();
        }
        let known = self.known(org);
        let shown = statement.chain.first().map(|link| link.issuer);
        let root = shown
            .filter(|root| known.contains(root))
            .or_else(|| known.last().copied())?;
        self.held.insert(org, vec![root]);
        Some(root)
    }
}
