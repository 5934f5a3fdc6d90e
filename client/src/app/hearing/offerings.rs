//! Cases that were confirmed to be offered before there was a room for them: kept on disk, with the drafts, until they are
//! offered, so that a console that ends in between goes on at its next start.

use crate::app::{
    App,
    effect::Effect,
    form::{Offering, offer_of},
    words::Shown,
};
use crate::{
    replica::{Pending, PendingState, Ticket},
    store::StoreError,
};
use data_encoding::HEXLOWER;
use rialto_shared::{
    command::Command,
    id::{RoomId, Salt},
    room::{inbox, side},
};

/// The draft that a command begins a case with.
fn begun(pending: &Pending) -> Option<Salt> {
    if let Command::Inbox(inbox::Command::OpenCase { draft }) = &pending.command {
        Some(draft.salt)
    } else {
        None
    }
}

impl Offering {
    fn place(&self) -> String {
        format!(
            "{}{}",
            crate::store::OFFERING,
            HEXLOWER.encode(&self.salt.0)
        )
    }
}

impl App {
    /// What was confirmed and is not offered yet, as it is on disk.
    pub(in crate::app) fn load_offerings(&mut self) -> Result<(), StoreError> {
        for (place, kept) in self.console.store().drafts()? {
            if place.starts_with(crate::store::OFFERING) {
                self.offerings
                    .extend(serde_json::from_str::<Offering>(&kept));
            }
        }
        Ok(())
    }

    /// Keeps it, before the case is begun.
    pub(in crate::app) fn keep_offering(&mut self, offering: Offering) {
        match serde_json::to_string(&offering) {
            Ok(kept) => self.save_offering(&offering.place(), &kept),
            Err(error) => self.note(Shown::said(format!("not saved: {error}")), true),
        }
        self.offerings.push(offering);
    }

    fn save_offering(&mut self, place: &str, kept: &str) {
        if let Err(error) = self.console.store_mut().set_draft(place, kept) {
            self.note(Shown::said(format!("not saved: {error}")), true);
        }
    }

    /// It is offered, or there will be nothing to offer.
    pub(in crate::app) fn forget_offering(&mut self, salt: Salt) {
        let gone: Vec<Offering> = self
            .offerings
            .extract_if(.., |one| one.salt == salt)
            .collect();
        for offering in gone {
            self.save_offering(&offering.place(), "");
        }
    }

    /// A case that is not begun is not offered.
    pub(super) fn case_refused(&mut self, ticket: Ticket) {
        let pending = self.console.replica().pending_of(ticket);
        if let Some(salt) = pending.and_then(begun) {
            self.forget_offering(salt);
        }
    }

    /// All is here that there is: offers the cases that wait for it, and forgets those that were never begun.
    pub(super) fn go_on_offering(&mut self) -> Vec<Effect> {
        let replica = self.console.replica();
        let awaited = |salt: Salt| {
            let on_its_way = |one: &Pending| !matches!(one.state, PendingState::Refused(_));
            let mut pending = replica.pending().filter(|one| on_its_way(one));
            pending.any(|one| begun(one) == Some(salt))
        };
        let salts = self.offerings.iter().map(|offering| offering.salt);
        let lost: Vec<Salt> = salts
            .filter(|salt| self.case_of(*salt).is_none() && !awaited(*salt))
            .collect();
        for salt in lost {
            self.forget_offering(salt);
        }
        self.offer_cases()
    }

    /// Offers the cases that were confirmed to be offered, once their rooms are here.
    pub(super) fn offer_cases(&mut self) -> Vec<Effect> {
        let mut effects = vec![];
        if !self.live() {
            return effects;
        }
        for offering in self.offerings.clone() {
            let Some(room) = self.case_of(offering.salt) else {
                continue;
            };
            if !self.was_offered(room) {
                match offer_of(self, room, offering.to, &offering.words) {
                    Ok(ready) => effects.extend(self.submit(ready.room, ready.command).1),
                    Err(words) => {
                        let words = format!("the case is kept and not offered: {words}");
                        self.note(Shown::said(words), true);
                    }
                }
            }
            // The offer is in the outbox by now.
            self.forget_offering(offering.salt);
        }
        effects
    }

    fn case_of(&self, salt: Salt) -> Option<RoomId> {
        let mut rooms = self.console.replica().rooms();
        rooms.find_map(|(room, held)| {
            let case = held.room.state.side()?.case.as_ref()?;
            (case.draft.value.as_ref()?.draft.salt == salt).then_some(room)
        })
    }

    /// Whether an offer of this case went out, or is on its way: it was confirmed once.
    fn was_offered(&self, room: RoomId) -> bool {
        let replica = self.console.replica();
        let side = replica.room(room).and_then(|held| held.room.state.side());
        let case = side.and_then(|side| side.case.as_ref());
        case.is_some_and(|case| case.live.is_some() || !case.past.is_empty())
            || replica.pending().any(|one| {
                let offers = matches!(
                    one.command,
                    Command::Side(
                        side::Command::Offer { .. } | side::Command::OfferWithRequest { .. }
                    )
                );
                one.room == room && offers
            })
    }
}
