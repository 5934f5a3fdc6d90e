//! What actions do with referrals, deals and other organisations: they open forms, or ask the one question that comes
//! before something that others see.

use super::Action;
use crate::app::{
    App, Focus, Screen,
    effect::Effect,
    form::{Form, Purpose},
    overlay::{Act, Confirm, Overlay, Pick, Picker},
    words::Shown,
};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    id::{OrgId, RoomId, RoomKind},
    room::{
        State, deal, referral,
        relation::{self, Term},
    },
};

impl App {
    /// Opens a form, with what was filled in when it was closed.
    pub(super) fn open_form(&mut self, purpose: Option<Purpose>) -> Vec<Effect> {
        let Some(purpose) = purpose else {
            return vec![];
        };
        let kept = self.kept_forms.remove(&purpose);
        match kept.or_else(|| Form::open(self, purpose)) {
            Some(mut form) => {
                form.wrong = None;
                self.overlays.push(Overlay::Form(Box::new(form)));
            }
            None => self.note(Shown::own("there is nothing to fill in for this"), false),
        }
        vec![]
    }

    /// Asks the one question of an action, and sends a command on Enter.
    fn ask_first(&mut self, action: Action, room: RoomId, command: Command) -> Vec<Effect> {
        let label = action.entry().map_or("", |entry| entry.label);
        let consequence = action.entry().and_then(|entry| entry.consequence);
        let title = self.console.replica().title(room);
        let sentence = Shown::said(format!("{title}: {label}. {}", consequence.unwrap_or("")));
        let act = Act::Submit(room, Worded::plain(command));
        self.overlays
            .push(Overlay::Confirm(Box::new(Confirm { sentence, act })));
        vec![]
    }

    fn on_referral(&mut self, action: Action, command: referral::Command) -> Vec<Effect> {
        match self.referral().map(|(room, ..)| room) {
            Some(room) => self.ask_first(action, room, Command::Referral(command)),
            None => vec![],
        }
    }

    pub(super) fn view_referral(&mut self) -> Vec<Effect> {
        self.on_referral(Action::SeenReferral, referral::Command::View {})
    }

    pub(super) fn contacted(&mut self) -> Vec<Effect> {
        self.on_referral(Action::Contacted, referral::Command::Contacted {})
    }

    pub(super) fn qualified(&mut self) -> Vec<Effect> {
        self.on_referral(Action::Qualified, referral::Command::Qualified {})
    }

    pub(super) fn withdraw_referral(&mut self) -> Vec<Effect> {
        let command = referral::Command::Withdraw {};
        self.on_referral(Action::WithdrawReferral, command)
    }

    /// Whether the case at hand can be offered.
    pub(super) fn may_offer(&self) -> bool {
        self.case().is_some_and(|(_, side)| {
            side.case
                .as_ref()
                .is_some_and(|case| case.live.is_none() && case.over().is_none())
        })
    }

    fn on_deal(&mut self, action: Action, command: deal::Command) -> Vec<Effect> {
        match self.deal().map(|(room, _)| room) {
            Some(room) => self.ask_first(action, room, Command::Deal(command)),
            None => vec![],
        }
    }

    /// Whether the deal at hand goes on.
    pub(super) fn deal_runs(&self) -> bool {
        self.deal()
            .is_some_and(|(_, deal)| deal.end.is_none() && deal.frozen.is_none())
    }

    pub(super) fn unfreeze(&mut self) -> Vec<Effect> {
        self.on_deal(Action::Unfreeze, deal::Command::Unfreeze {})
    }

    pub(super) fn win(&mut self) -> Vec<Effect> {
        self.on_deal(Action::Win, deal::Command::Win {})
    }

    pub(super) fn sign_presence(&mut self) -> Vec<Effect> {
        let proposal = self
            .deal()
            .and_then(|(_, deal)| Some(deal.proposal.as_ref()?.entry.seq));
        match proposal {
            Some(proposal) => self.on_deal(
                Action::SignPresence,
                deal::Command::SignPresence { proposal },
            ),
            None => vec![],
        }
    }

    /// The deal that my organisation is asked into: the one at hand, else the first.
    pub(super) fn asked_into(&self) -> Option<RoomId> {
        let own = self.own()?;
        let hand = self.room_at_hand();
        let open = own.deals.iter().filter(|(_, open)| open.until > self.now);
        let mut rooms = open.map(|(room, _)| *room);
        match hand.filter(|room| room.kind() == RoomKind::Deal) {
            Some(room) => rooms.find(|other| *other == room),
            None => rooms.next(),
        }
    }

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
                Some(org) != self.own_org() && !self.connected(org) && self.own().is_some()
            })
    }

    /// The organisation that asks to connect: the one that is looked at, else the first.
    pub(super) fn knocking(&self) -> Option<OrgId> {
        let own = self.own()?;
        let open = own
            .knocked
            .iter()
            .filter(|(_, knock)| knock.until > self.now);
        let mut orgs = open.map(|(org, _)| *org);
        let looked_at = self
            .directory
            .chosen()
            .filter(|org| self.screen == Screen::Directory && own.knocked.contains_key(org));
        looked_at.or_else(|| orgs.next())
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
        let room = self.relation_at_hand()?;
        let State::Relation(relation) = &self.console.replica().room(room)?.room.state else {
            return None;
        };
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
}
