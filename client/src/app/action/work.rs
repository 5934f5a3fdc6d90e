//! What actions do with referrals and deals: they open forms, or ask the one question that comes before something that
//! others see.

use super::Action;
use crate::app::{
    App, Screen,
    effect::Effect,
    form::{Form, OnDeal, OnReferral, Purpose},
    overlay::{Act, Confirm, Overlay},
    screen::inbox::{self, Item},
    words::Shown,
};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    id::{OrgId, RoomId},
    room::{deal, inbox::What, referral, side},
};

impl App {
    /// Opens a form, with what was filled in when it was closed.
    pub(super) fn open_form(&mut self, purpose: Option<Purpose>) -> Vec<Effect> {
        let Some(purpose) = purpose else {
            return vec![];
        };
        match Form::open(self, purpose) {
            Ok(mut form) => {
                let kept = self.console.store().draft(&purpose.place());
                form.fill(kept.ok().flatten().as_deref().unwrap_or_default());
                self.overlays.push(Overlay::Form(Box::new(form)));
            }
            Err(words) => self.note(Shown::said(words), true),
        }
        vec![]
    }

    /// A form on the deal at hand.
    pub(super) fn deal_form(&mut self, of: impl Fn(RoomId) -> OnDeal) -> Vec<Effect> {
        let room = self.deal().map(|(room, _)| room);
        self.open_form(room.map(|room| Purpose::Deal(of(room))))
    }

    /// A form on the referral at hand.
    pub(super) fn referral_form(&mut self, of: impl Fn(RoomId) -> OnReferral) -> Vec<Effect> {
        let room = self.referral().map(|(room, ..)| room);
        self.open_form(room.map(|room| Purpose::Referral(of(room))))
    }

    /// A form on our own side of something.
    pub(super) fn case_form(&mut self, of: impl Fn(RoomId) -> OnReferral) -> Vec<Effect> {
        let room = self.case().map(|(room, _)| room);
        self.open_form(room.map(|room| Purpose::Referral(of(room))))
    }

    /// Asks the one question of an action, and sends a command on Enter.
    pub(super) fn ask_first(
        &mut self,
        action: Action,
        room: RoomId,
        command: Command,
    ) -> Vec<Effect> {
        let title = self.console.replica().title(room);
        self.ask_about(action, &title, room, command)
    }

    /// The same about another organisation: the room that judges it is ours.
    pub(super) fn ask_of(
        &mut self,
        action: Action,
        org: OrgId,
        room: RoomId,
        command: Command,
    ) -> Vec<Effect> {
        let name = self.org_name(org);
        self.ask_about(action, &name, room, command)
    }

    fn ask_about(
        &mut self,
        action: Action,
        title: &str,
        room: RoomId,
        command: Command,
    ) -> Vec<Effect> {
        let label = action.entry().map_or("", |entry| entry.label);
        let consequence = action.entry().and_then(|entry| entry.consequence);
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

    /// Whether an offer of ours is at hand that nobody has answered: its Referral, or its case, which is all that we have of
    /// an offer to strangers.
    pub(super) fn may_take_back(&self) -> bool {
        self.referral()
            .is_some_and(|(_, held, ours)| !ours && held.stage.is_open())
            || self.offer_at_hand().is_some()
    }

    /// The case at hand, and its offer that is out and not accepted.
    fn offer_at_hand(&self) -> Option<(RoomId, RoomId)> {
        let (room, side) = self.case()?;
        let live = side.case.as_ref()?.live.as_ref()?;
        (!live.released).then_some((room, live.room))
    }

    pub(super) fn withdraw_referral(&mut self) -> Vec<Effect> {
        if let Some((room, offer)) = self.offer_at_hand() {
            let command = Command::Side(side::Command::Withdraw { offer });
            return self.ask_first(Action::WithdrawReferral, room, command);
        }
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

    /// Whether something is to be done in the deal at hand.
    pub(super) fn has_tasks(&self) -> bool {
        let open = |deal: &deal::Deal| deal.tasks.open().next().is_some();
        self.deal_runs() && self.deal().is_some_and(|(_, deal)| open(deal))
    }

    /// Whether my organisation is a party of the deal at hand.
    pub(super) fn in_deal(&self) -> bool {
        let own = self.own_org();
        self.deal()
            .zip(own)
            .is_some_and(|((_, deal), own)| deal.party(own).is_some())
    }

    /// Whether it hosts it.
    pub(super) fn hosts(&self) -> bool {
        self.deal()
            .is_some_and(|(_, deal)| Some(deal.host) == self.own_org())
    }

    /// Whether there is a party beside the host.
    pub(super) fn has_partners(&self) -> bool {
        self.deal()
            .is_some_and(|(_, deal)| deal.active().any(|(org, _)| org != deal.host))
    }

    /// Whether host and somebody lack the agreement that a server may demand.
    pub(super) fn lacks_agreement(&self) -> bool {
        self.deal().is_some_and(|(_, deal)| {
            let party = deal
                .active()
                .any(|(org, party)| org != deal.host && !party.nda);
            party || deal.invitations.values().any(|open| !open.nda)
        })
    }

    /// Whether the vendor can be called: its managers are not in the room by what the parties signed.
    pub(super) fn may_call(&self) -> bool {
        self.in_deal()
            && self
                .deal()
                .is_some_and(|(_, deal)| deal.presence.value != Some(deal::Presence::InRoom))
    }

    /// Whether a presence is proposed that my organisation has not signed.
    pub(super) fn may_sign_presence(&self) -> bool {
        let own = self.own_org();
        self.deal_runs()
            && self.deal().zip(own).is_some_and(|((_, deal), own)| {
                let open = deal.proposal.as_ref();
                open.is_some_and(|open| !open.signed.contains(&own))
            })
    }

    pub(super) fn leave_deal(&mut self) -> Vec<Effect> {
        self.on_deal(Action::LeaveDeal, deal::Command::Leave {})
    }

    pub(super) fn withdraw_deal(&mut self) -> Vec<Effect> {
        self.on_deal(Action::WithdrawDeal, deal::Command::Withdraw {})
    }

    /// The draft of the case at hand.
    fn draft_at_hand(&self) -> Option<(RoomId, Seq)> {
        let (room, side) = self.case()?;
        let draft = &side.case.as_ref()?.draft;
        draft.value.as_ref().map(|_| (room, draft.at))
    }

    /// Whether the draft of the case at hand may be taken away: it is mine, and nobody was shown it.
    pub(super) fn may_erase_draft(&self) -> bool {
        self.draft_at_hand().is_some_and(|(room, target)| {
            let command = Command::Side(side::Command::EraseDraft { target });
            self.would(room, &command)
        })
    }

    pub(super) fn erase_draft(&mut self) -> Vec<Effect> {
        match self.draft_at_hand() {
            Some((room, target)) => {
                let command = Command::Side(side::Command::EraseDraft { target });
                self.ask_first(Action::EraseCase, room, command)
            }
            None => vec![],
        }
    }

    /// Whether the rules let me do something, as far as can be told here.
    pub(super) fn would(&self, room: RoomId, command: &Command) -> bool {
        let replica = self.console.replica();
        replica.room(room).is_some() && replica.judge(room, command, &[], self.now).is_ok()
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

    /// The deal that my organisation is asked into, where it is at hand or the Inbox speaks of it.
    pub(super) fn asked_into(&self) -> Option<RoomId> {
        if self.screen == Screen::Inbox {
            let item = self.selected_item()?;
            let asked = item.what == Some(What::DealInvitation);
            return inbox::asked_into(self, item.seq).filter(|_| asked);
        }
        let room = self.room_at_hand()?;
        let open = self.own()?.deals.get(&room)?;
        (open.until > self.now).then_some(room)
    }

    /// What is to be done about whatever is at hand, where something waits for it.
    #[must_use]
    pub fn waiting_action(&self) -> Option<Action> {
        let mine = |(_, deal): (RoomId, &deal::Deal)| {
            let (me, own) = (self.console.replica().my_id(), self.own_org());
            deal.tasks.open().any(|(_, task)| {
                Some(task.to.owner) == own && (task.to.member.is_none() || task.to.member == me)
            })
        };
        [
            Action::AnswerConnection,
            Action::ComeIn,
            Action::AcceptReferral,
            Action::Confirm,
            Action::SignPresence,
            Action::TaskDone,
        ]
        .into_iter()
        .filter(|action| *action != Action::TaskDone || self.deal().is_some_and(mine))
        .find(|action| action.possible(self))
    }

    /// Does that.
    pub(super) fn do_waiting(&mut self) -> Vec<Effect> {
        match self.waiting_action() {
            Some(action) => self.perform(action),
            None => vec![],
        }
    }

    /// Opens what an item of the Inbox is about: the answer itself, where that says all there is to see; else the room, at
    /// what waits there. Where one is only let in, the keys are where they are in any conversation.
    pub(super) fn open_item(&mut self, item: &Item) -> Vec<Effect> {
        match item.what {
            Some(What::Knock) if self.knocking().is_some() => {
                self.perform(Action::AnswerConnection)
            }
            Some(What::DealInvitation) => match self.asked_into() {
                Some(deal) => self.open(deal, None),
                None => self.open(item.room, Some(item.seq)),
            },
            None | Some(What::Seated) => self.open(item.room, None),
            Some(_) => self.open(item.room, Some(item.seq)),
        }
    }
}
