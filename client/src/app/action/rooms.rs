//! What actions do for those who moderate, and with channels as a whole.

use super::Action;
use crate::app::{App, effect::Effect};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{MemberId, RoomId},
    room::{
        State,
        channel::{self, Reach},
        talk::{self, RedactReason},
    },
    time::Span,
};

impl App {
    /// Where the message stands that the cursor is on.
    pub(super) fn selected_place(&self) -> Option<(RoomId, Seq)> {
        let room = self.open_room()?;
        let message = self.selected_message()?;
        message.removed.is_none().then_some((room, message.seq?))
    }

    /// Whether the message that the cursor is on may be removed by me, as a moderator.
    pub(super) fn may_redact(&self) -> bool {
        self.selected_place().is_some_and(|(room, target)| {
            let reason = RedactReason::Other;
            self.would(
                room,
                &Command::Talk(talk::Command::Redact { target, reason }),
            )
        })
    }

    /// Whether I moderate the room at hand.
    pub(super) fn may_mute(&self) -> bool {
        let me = self.console.replica().my_id();
        self.room_at_hand().zip(me).is_some_and(|(room, member)| {
            let span = Span::millis(60_000);
            self.would(room, &Command::Talk(talk::Command::Mute { member, span }))
        })
    }

    /// Who is muted in the room at hand.
    pub(super) fn muted(&self) -> Vec<MemberId> {
        let room = self.room_at_hand();
        let held = room.and_then(|room| self.console.replica().room(room));
        held.map_or_else(Vec::new, |held| {
            let mutes = held.room.mutes.iter();
            mutes
                .filter(|(_, until)| **until > self.now)
                .map(|(member, _)| *member)
                .collect()
        })
    }

    /// Whether I lead the channel at hand.
    pub(super) fn leads_channel(&self) -> bool {
        let archive = Command::Channel(channel::Command::Archive {});
        self.room_at_hand()
            .is_some_and(|room| self.would(room, &archive))
    }

    /// Whether the channel at hand is one that people are asked into.
    pub(super) fn private_channel(&self) -> bool {
        let held = self
            .room_at_hand()
            .and_then(|room| self.console.replica().room(room));
        matches!(held.map(|held| &held.room.state), Some(State::Channel(channel))
            if channel.settings.reach == Reach::Private && !channel.archived)
    }

    fn on_channel(&mut self, action: Action, command: channel::Command) -> Vec<Effect> {
        match self.room_at_hand() {
            Some(room) => self.ask_first(action, room, Command::Channel(command)),
            None => vec![],
        }
    }

    pub(super) fn leave_seat(&mut self) -> Vec<Effect> {
        self.on_channel(Action::LeaveSeat, channel::Command::Leave {})
    }

    pub(super) fn archive(&mut self) -> Vec<Effect> {
        self.on_channel(Action::Archive, channel::Command::Archive {})
    }
}
