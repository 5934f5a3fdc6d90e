//! What the app knows, for the screens and for the actions' conditions: reading changes nothing.

mod work;

use super::*;

impl App {
    /// Where the list of this screen stands.
    #[must_use]
    pub fn shelf(&self) -> Shelf {
        self.shelves.get(&self.screen).copied().unwrap_or_default()
    }

    /// The room that is open on this screen.
    #[must_use]
    pub fn open_room(&self) -> Option<RoomId> {
        self.shelf().open
    }

    /// The conversation that is open on this screen.
    #[must_use]
    pub fn talk(&self) -> Option<&Talk> {
        self.talks.get(&self.open_room()?)
    }

    /// Whether something stands beside the messages.
    #[must_use]
    pub fn side_open(&self) -> bool {
        let thread = self.talk().is_some_and(|talk| talk.thread.is_some());
        thread || self.deal_side() || self.shows_details()
    }

    /// The room that an action on a room is about: the open one, or the one that the cursor is on.
    #[must_use]
    pub fn room_at_hand(&self) -> Option<RoomId> {
        match (self.screen, self.focus) {
            (Screen::Inbox, _) => self.selected_item().map(|item| item.room),
            (_, Focus::List) => self.shelf().cursor,
            (_, Focus::Messages | Focus::Composer | Focus::Thread | Focus::Reply | Focus::Side) => {
                self.open_room()
            }
        }
    }

    /// The deal or referral that the cursor of the list is on, where that is looked at beside the list before it is opened.
    #[must_use]
    pub fn previewed(&self) -> Option<RoomId> {
        let lists = matches!(self.screen, Screen::Deals | Screen::Referrals);
        let beside = self.focus == Focus::List && self.size.width >= 90 && !self.side_hidden;
        let cursor = self.shelf().cursor.filter(|_| lists && beside)?;
        (self.open_room() != Some(cursor)).then_some(cursor)
    }

    /// The desk of the composer that has the keys, or would get them.
    #[must_use]
    pub fn desk(&self) -> Option<Desk> {
        let room = self.open_room()?;
        let thread = match self.focus {
            Focus::Thread | Focus::Reply => {
                self.talk().and_then(|talk| Some(talk.thread.as_ref()?.0))
            }
            Focus::List | Focus::Messages | Focus::Composer | Focus::Side => None,
        };
        Some(Desk { room, thread })
    }

    /// The composer that has the keys.
    #[must_use]
    pub fn composing(&self) -> Option<&Composer> {
        if !self.focus.types() {
            return None;
        }
        self.drafts.get(&self.desk()?)
    }

    /// Whether the composer that has the keys is empty.
    #[must_use]
    pub fn nothing_written(&self) -> bool {
        self.focus.types() && self.composing().is_none_or(Composer::empty)
    }

    /// Why nothing can be said in a room, if so.
    #[must_use]
    pub fn silence(&self, room: RoomId) -> Option<Shown> {
        let replica = self.console.replica();
        let Some(held) = replica.room(room) else {
            let asked = self.deal_invitation(room);
            return asked.map(|_| Shown::own("your organisation is not in this deal yet"));
        };
        if held.closed {
            return Some(Shown::own("you are no longer in this room"));
        }
        let say = Command::Talk(TalkCommand::Say {
            thread: None,
            mentions: BTreeSet::new(),
        });
        match replica.judge(room, &say, &[], self.now) {
            // Slow mode lets one write; a channel that answers in threads only takes them.
            Ok(()) | Err(Rejection::Slow(_)) => None,
            Err(rejection) => Some(Shown::said(rejection.to_string())),
        }
    }

    /// Whether something can be written where the person stands.
    #[must_use]
    pub fn may_write(&self) -> bool {
        match self.screen {
            Screen::Inbox => self
                .selected_item()
                .is_some_and(|item| self.silence(item.room).is_none()),
            Screen::Channels | Screen::Deals | Screen::Referrals => self
                .open_room()
                .is_some_and(|room| self.silence(room).is_none()),
            Screen::Directory => true,
        }
    }

    /// Which of a conversation's lists has the cursor.
    #[must_use]
    pub const fn part(&self) -> Part {
        match self.focus {
            Focus::Thread | Focus::Reply => Part::Thread,
            Focus::List | Focus::Messages | Focus::Composer | Focus::Side => Part::Room,
        }
    }

    /// The list that has the cursor.
    #[must_use]
    pub fn roll(&self) -> Option<&Roll> {
        let talk = self.talk()?;
        match self.part() {
            Part::Room => Some(&talk.list),
            Part::Thread => talk.thread.as_ref().map(|(_, roll)| roll),
        }
    }

    /// The message that the cursor is on.
    #[must_use]
    pub fn selected_message(&self) -> Option<Message> {
        if self.screen == Screen::Inbox {
            return None;
        }
        let room = self.open_room()?;
        let roll = self.roll()?;
        let selected = roll.selected?;
        let replica = self.console.replica();
        match selected {
            lines::Key::Entry(seq) => {
                let held = replica.room(room)?;
                replica.message(held, held.entry(seq)?)
            }
            lines::Key::Pending(_) => {
                let rows = screen::talk::rows(self, room, self.part(), roll, 1);
                rows.into_iter()
                    .rev()
                    .filter(|row| lines::key(row) == Some(selected))
                    .find_map(|row| match row {
                        Row::Message(message) => Some(*message),
                        Row::Event { .. } | Row::Gap { .. } => None,
                    })
            }
            lines::Key::Gap(_) => None,
        }
    }

    /// Whether the message that the cursor is on was refused.
    #[must_use]
    pub fn selected_refused(&self) -> bool {
        use crate::replica::PendingState;
        self.selected_message().is_some_and(|message| {
            matches!(message.stands, Stands::Pending(_, PendingState::Refused(_)))
        })
    }

    /// The item of the Inbox that the cursor is on.
    #[must_use]
    pub fn selected_item(&self) -> Option<Item> {
        let items = inbox::items(self);
        let at = self
            .item
            .and_then(|key| items.iter().position(|item| item.key == key));
        items.into_iter().nth(at.unwrap_or(0))
    }

    /// What of the Inbox the cursor is on, where it can be done.
    #[must_use]
    pub fn selected_need(&self) -> Option<Seq> {
        if self.screen != Screen::Inbox {
            return None;
        }
        match self.selected_item()?.key {
            inbox::Key::Need(need) => Some(need),
            inbox::Key::Room(_) => None,
        }
    }

    /// Whether somebody is there or writes. Without a connection nobody knows.
    fn presence(&self, member: MemberId) -> Option<Presence> {
        match self.console.link_state() {
            LinkState::Live { .. } => self.console.replica().presence(member),
            LinkState::Connecting | LinkState::Down { .. } | LinkState::Refused { .. } => None,
        }
    }

    /// Whether somebody is at their console.
    #[must_use]
    pub fn is_here(&self, member: MemberId) -> bool {
        match self.presence(member) {
            Some(Presence::Here | Presence::Typing(_)) => true,
            Some(Presence::Away) | None => false,
        }
    }

    /// Who writes in a room, by name.
    #[must_use]
    pub fn writing(&self, room: RoomId) -> Vec<String> {
        let replica = self.console.replica();
        replica
            .members()
            .filter(|card| self.presence(card.id) == Some(Presence::Typing(room)))
            .map(|card| replica.person_name(card.id))
            .collect()
    }

    /// Whether a text waits in a room to be sent.
    #[must_use]
    pub fn has_draft(&self, room: RoomId) -> bool {
        self.drafts
            .iter()
            .any(|(desk, composer)| desk.room == room && !composer.blank())
    }

    /// Whether a room admits by a rule, so that it is kept by a bookmark.
    #[must_use]
    pub fn by_rule(&self, room: RoomId) -> bool {
        let held = self.console.replica().room(room);
        room.kind() == RoomKind::Channel
            && held.is_none_or(|held| {
                let grants = &held.room.audience.grants;
                grants
                    .iter()
                    .any(|grant| matches!(grant, Grant::Rule { .. }))
            })
    }

    /// Whether a room is kept by a bookmark.
    #[must_use]
    pub fn bookmarked(&self, room: RoomId) -> bool {
        let replica = self.console.replica();
        let inbox = replica.my_id().map(RoomId::inbox);
        let state = inbox
            .and_then(|inbox| replica.room(inbox))
            .map(|held| &held.room.state);
        matches!(state, Some(State::Inbox(inbox)) if inbox.bookmarks.contains(&room))
    }

    /// Whether the room at hand could be kept (`true`), or is and could be left (`false`).
    #[must_use]
    pub fn bookmarkable(&self) -> Option<bool> {
        let room = self.room_at_hand()?;
        (self.screen == Screen::Channels && self.by_rule(room)).then(|| !self.bookmarked(room))
    }

    /// Scopes that hear keys now, the narrowest first.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        let narrow = match (self.screen, self.focus) {
            (_, Focus::Composer | Focus::Reply) => {
                return vec![Scope::Composer, Scope::Anywhere];
            }
            (_, Focus::Messages | Focus::Thread) => Some(Scope::Messages),
            (Screen::Inbox, Focus::List | Focus::Side) => Some(Scope::Inbox),
            (Screen::Channels | Screen::Deals | Screen::Referrals, Focus::List) => {
                Some(Scope::Rooms)
            }
            (
                Screen::Channels | Screen::Deals | Screen::Referrals | Screen::Directory,
                Focus::Side,
            )
            | (Screen::Directory, Focus::List) => None,
        };
        narrow
            .into_iter()
            .chain([Scope::Lists, Scope::Anywhere])
            .collect()
    }

    /// The oldest message in memory of a list.
    pub(crate) fn first_held(&self, room: RoomId, part: Part) -> Option<lines::Key> {
        if part == Part::Thread {
            let (root, _) = self.talks.get(&room)?.thread.as_ref()?;
            return Some(lines::Key::Entry(*root));
        }
        let replica = self.console.replica();
        let held = replica.room(room)?;
        let first = held.log().next()?.entry.seq;
        if held.lacks_before(first) {
            return Some(lines::Key::Gap(held.since.max(Seq(1))));
        }
        Some(lines::Key::Entry(first))
    }

    /// Says something at the bottom of the screen.
    pub(crate) fn note(&mut self, words: Shown, bad: bool) {
        self.notices.push(Notice {
            words,
            bad,
            at: self.now,
        });
        if self.notices.len() > NOTICES_MAX {
            self.notices.remove(0);
        }
        self.notice_until = Some(self.now + clockwork::NOTICE_SPAN);
        self.dirty = true;
    }
}
