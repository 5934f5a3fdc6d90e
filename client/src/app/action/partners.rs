//! What actions do with other organisations: looking for them, asking, answering, agreeing, and ending it.

use super::Action;
use crate::app::{
    App, Focus, Screen,
    effect::Effect,
    overlay::{Overlay, Pick, Picker},
    screen::inbox,
};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{OrgId, RoomId, RoomKind},
    room::{
        inbox::What,
        org,
        relation::{self, Phase, Relation, Term},
    },
};

impl App {
    /// Goes to the search of the directory; elsewhere, to places by letters.
    pub(super) fn search_or_go(&mut self) -> Vec<Effect> {
        if self.screen == Screen::Directory {
            self.focus = Focus::Composer;
            return vec![];
        }
        self.overlays.push(Overlay::Picker(Picker::new(Pick::GoTo)));
        vec![]
    }

    /// Whether the organisation that is looked at can be asked to connect.
    pub(super) fn may_connect(&self) -> bool {
        let looked_at = self.directory.chosen();
        self.screen == Screen::Directory
            && looked_at.is_some_and(|org| {
                let strangers = Some(org) != self.own_org() && !self.connected(org);
                strangers
                    && self.own().is_some_and(|own| {
                        let asked = own.asked.get(&org);
                        asked.is_none_or(|request| request.until <= self.now)
                    })
            })
    }

    /// The organisation that asks to connect: the one that is looked at, or that the Inbox speaks of; in our own
    /// organisation's room, the first that does.
    pub(super) fn knocking(&self) -> Option<OrgId> {
        if self.screen == Screen::Inbox {
            let item = self.selected_item()?;
            return inbox::knocking(self, item.seq).filter(|_| item.what == Some(What::Knock));
        }
        let own = self.own()?;
        let open = own
            .knocked
            .iter()
            .filter(|(_, knock)| knock.until > self.now);
        let mut orgs = open.map(|(org, _)| *org);
        if self.screen == Screen::Directory {
            let looked_at = self.directory.chosen()?;
            return orgs.find(|org| *org == looked_at);
        }
        let here = self.room_at_hand()?;
        orgs.next()
            .filter(|_| Some(here) == self.own_org().map(RoomId::org))
    }

    /// Somebody of the organisation that is looked at, by a few letters.
    pub(super) fn write_to(&mut self) -> Vec<Effect> {
        let mut picker = Picker::new(Pick::GoTo);
        picker.query = "@".to_owned();
        self.overlays.push(Overlay::Picker(picker));
        vec![]
    }

    /// The connection at hand.
    pub(super) fn relation_at_hand(&self) -> Option<RoomId> {
        self.room_at_hand()
            .filter(|room| room.kind() == RoomKind::Relation)
    }

    /// The agreement that waits for our signature in the connection at hand.
    pub(super) fn proposed_to_us(&self) -> Option<(RoomId, Seq)> {
        let (room, relation) = self.relation()?;
        let waiting = relation.agreements.iter().find(|(_, agreement)| {
            matches!(agreement.term, Term::Proposed { .. }) && Some(agreement.by) != self.own_org()
        });
        waiting.map(|(proposal, _)| (room, *proposal))
    }

    pub(super) fn confirm_agreement(&mut self) -> Vec<Effect> {
        match self.proposed_to_us() {
            Some((room, proposal)) => {
                let command = Command::Relation(relation::Command::Confirm { proposal });
                self.ask_first(Action::Confirm, room, command)
            }
            None => vec![],
        }
    }

    /// The connection at hand, as it is.
    fn relation(&self) -> Option<(RoomId, &Relation)> {
        let room = self.relation_at_hand()?;
        let held = self.console.replica().room(room)?;
        Some((room, held.room.state.relation()?))
    }

    /// Whether the connection at hand has an agreement, or a proposal of one.
    pub(super) fn has_agreements(&self) -> bool {
        self.relation()
            .is_some_and(|(_, relation)| !relation.agreements.is_empty())
    }

    /// Whether the connection at hand stands.
    pub(super) fn may_disconnect(&self) -> bool {
        self.relation()
            .is_some_and(|(_, relation)| relation.phase == Phase::Open)
    }

    pub(super) fn disconnect(&mut self) -> Vec<Effect> {
        match self.relation_at_hand() {
            Some(room) => {
                let command = Command::Relation(relation::Command::Disconnect {});
                self.ask_first(Action::Disconnect, room, command)
            }
            None => vec![],
        }
    }

    /// The organisation that is looked at, where ours asked it to connect and it has not answered.
    pub(super) fn asked_to_connect(&self) -> Option<OrgId> {
        let org = self.directory.chosen()?;
        let asked = self.own()?.asked.get(&org)?;
        (self.screen == Screen::Directory && asked.until > self.now).then_some(org)
    }

    pub(super) fn withdraw_ask(&mut self) -> Vec<Effect> {
        let asked = self.asked_to_connect().zip(self.own_org());
        match asked {
            Some((to, own)) => {
                let command = Command::Org(org::Command::Withdraw { to });
                self.ask_of(Action::WithdrawAsk, to, RoomId::org(own), command)
            }
            None => vec![],
        }
    }

    /// The organisation that is looked at, where ours is not connected with it; and whether its requests go unheard.
    pub(super) fn stranger_at_hand(&self) -> Option<(OrgId, bool)> {
        let org = self.directory.chosen()?;
        let own = self.own()?;
        let stranger = Some(org) != self.own_org() && !self.connected(org);
        (self.screen == Screen::Directory && stranger).then(|| (org, own.excluded.contains(&org)))
    }

    pub(super) fn exclude(&mut self, on: bool) -> Vec<Effect> {
        match self.stranger_at_hand().zip(self.own_org()) {
            Some(((org, _), own)) => {
                let action = if on { Action::Exclude } else { Action::Include };
                let command = Command::Org(org::Command::Exclude { org, on });
                self.ask_of(action, org, RoomId::org(own), command)
            }
            None => vec![],
        }
    }
}
