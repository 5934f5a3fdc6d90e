//! The console on screen: where the person stands, what they write, and what follows from what happens.
//!
//! [`App::update`] takes one [`Input`] and returns [`Effect`]s; nothing else changes it, and drawing never does. What is
//! known of the ecosystem is the replica's, inside the core [`Console`], which the app owns: numbering a command, keeping a
//! draft and taking a frame in are things it does there, at once, and the disk is all that they wait for. The clock comes
//! in as an input too.

pub mod action;
mod clockwork;
pub mod compose;
pub mod effect;
pub mod form;
mod hearing;
pub mod input;

mod keys;
pub mod notify;
pub mod overlay;
pub mod panes;
pub mod screen;
pub mod words;

#[cfg(test)]
pub(crate) mod tests;

use crate::{
    console::Console,
    link::LinkState,
    replica::{Message, Row, Stands},
};
use action::{Scope, keymap::Keymap};
use compose::{Composer, Desk};
use effect::Effect;
use form::{Form, Purpose};
use input::{Chord, Input, Size};
use jiff::tz::TimeZone;
use overlay::Overlay;
use rialto_shared::{
    audience::Grant,
    command::Command,
    entry::Seq,
    id::{MemberId, OrgId, RoomId, RoomKind},
    protocol::Presence,
    rejection::Rejection,
    room::{
        State, deal::Deal, org::Org, referral::Referral, side::Side, talk::Command as TalkCommand,
    },
    time::Timestamp,
};
use screen::{
    directory::Directory,
    inbox::{self, Item},
    lines,
    talk::{Part, Roll, Talk},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use words::Shown;

/// Scopes, the narrowest first.
pub const ALL_SCOPES: [Scope; 6] = [
    Scope::Composer,
    Scope::Messages,
    Scope::Inbox,
    Scope::Rooms,
    Scope::Lists,
    Scope::Anywhere,
];
/// Places that can be gone back to.
const HISTORY_MAX: usize = 100;
/// Past notices that are kept.
const NOTICES_MAX: usize = 100;

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Screen {
    /// What needs me.
    Inbox,
    /// Channels and conversations.
    Channels,
    /// Deals.
    Deals,
    /// Referrals.
    Referrals,
    /// Organisations and people.
    Directory,
}

impl Screen {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Inbox,
        Self::Channels,
        Self::Deals,
        Self::Referrals,
        Self::Directory,
    ];

    /// Its name.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Inbox => "Inbox",
            Self::Channels => "Channels",
            Self::Deals => "Deals",
            Self::Referrals => "Referrals",
            Self::Directory => "Directory",
        }
    }
}

/// The part of a screen that has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Focus {
    /// Its list.
    List,
    /// A room's messages.
    Messages,
    /// A room's composer; in the directory, the search.
    Composer,
    /// A thread's messages.
    Thread,
    /// A thread's composer.
    Reply,
    /// What stands beside.
    Side,
}

impl Focus {
    /// Whether keys type text.
    #[must_use]
    pub const fn types(self) -> bool {
        matches!(self, Self::Composer | Self::Reply)
    }
}

/// Where a list of rooms stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shelf {
    /// The room that the cursor is on.
    pub cursor: Option<RoomId>,
    /// The room that is open.
    pub open: Option<RoomId>,
}

/// A place to come back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// On which screen.
    pub screen: Screen,
    /// In which room.
    pub room: Option<RoomId>,
}

/// Places gone through.
#[derive(Debug, Default)]
pub struct History {
    back: Vec<Place>,
    forward: Vec<Place>,
}

impl History {
    /// Whether there is one before.
    #[must_use]
    pub const fn can_go_back(&self) -> bool {
        !self.back.is_empty()
    }

    /// Whether there is one after.
    #[must_use]
    pub const fn can_go_forward(&self) -> bool {
        !self.forward.is_empty()
    }
}

/// Something said at the bottom of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub words: Shown,
    /// Whether something went wrong.
    pub bad: bool,
    /// When.
    pub at: Timestamp,
}

/// How the connection has been.
#[derive(Debug, Clone, Copy, Default)]
pub struct Line {
    /// Since when there is none.
    pub down_since: Option<Timestamp>,
    /// What was unread when it went: messages and mentions.
    pub before: Option<(u64, u64)>,
}

/// The console on screen.
pub struct App {
    /// The core.
    pub console: Console,
    /// The time, as last said.
    pub now: Timestamp,
    /// The person's time zone.
    pub zone: TimeZone,
    /// The screen's size.
    pub size: Size,
    /// Whether the terminal is looked at; `None` where it does not tell.
    pub attended: Option<bool>,
    /// The screen.
    pub screen: Screen,
    /// What has the keys.
    pub focus: Focus,
    /// Where each list of rooms stands.
    pub shelves: BTreeMap<Screen, Shelf>,
    /// The item of the Inbox that the cursor is on.
    pub item: Option<inbox::Key>,
    /// Conversations as they are read.
    pub talks: BTreeMap<RoomId, Talk>,
    /// What is being written.
    pub drafts: BTreeMap<Desk, Composer>,
    /// A text put aside with Ctrl+C.
    pub aside: Option<String>,
    /// What lies over the screen, the topmost last.
    pub overlays: Vec<Overlay>,
    /// Keys that begin something, and since when.
    pub sequence: (Vec<Chord>, Timestamp),
    /// Places gone through.
    pub history: History,
    /// Keys.
    pub keymap: Keymap,
    /// What was said, the newest last.
    pub notices: Vec<Notice>,
    /// Until when the newest is shown.
    pub notice_until: Option<Timestamp>,
    /// Whether the side is hidden.
    pub side_hidden: bool,
    /// Whether the terminal's signs are letters only.
    pub ascii: bool,
    /// How the connection has been.
    pub line: Line,
    /// The directory as it is searched.
    pub directory: Directory,
    /// Forms that were closed, with what was filled in.
    pub kept_forms: BTreeMap<Purpose, Form>,
    mouse: bool,
    ending: Option<Timestamp>,
    reading: Option<(RoomId, Seq, Timestamp)>,
    paging: BTreeMap<u64, RoomId>,
    wanted: VecDeque<RoomId>,
    told: BTreeMap<RoomId, Seq>,
    typing: Option<(RoomId, Timestamp)>,
    awaited: Option<RoomId>,
    dirty: bool,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("screen", &self.screen)
            .field("focus", &self.focus)
            .field("overlays", &self.overlays.len())
            .finish_non_exhaustive()
    }
}

/// Why the console cannot be put on screen.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The disk said no.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// A key that cannot be read.
    #[error(transparent)]
    Keys(#[from] input::ChordError),
}

impl App {
    /// A console on screen, with what its store holds: it can be read before anything is connected.
    ///
    /// # Errors
    /// What the disk says.
    pub fn new(console: Console, now: Timestamp, zone: TimeZone) -> Result<Self, AppError> {
        let mut app = Self {
            console,
            now,
            zone,
            size: Size {
                width: 80,
                height: 24,
            },
            attended: None,
            screen: Screen::Inbox,
            focus: Focus::List,
            shelves: BTreeMap::new(),
            item: None,
            talks: BTreeMap::new(),
            drafts: BTreeMap::new(),
            aside: None,
            overlays: vec![],
            sequence: (vec![], now),
            history: History::default(),
            keymap: Keymap::standard()?,
            notices: vec![],
            notice_until: None,
            side_hidden: false,
            ascii: false,
            line: Line {
                down_since: Some(now),
                before: None,
            },
            directory: Directory::default(),
            kept_forms: BTreeMap::new(),
            mouse: false,
            ending: None,
            reading: None,
            paging: BTreeMap::new(),
            wanted: VecDeque::new(),
            told: BTreeMap::new(),
            typing: None,
            awaited: None,
            dirty: true,
        };
        for (place, text) in app.console.store().drafts()? {
            if let Some(desk) = Desk::of_key(&place) {
                app.drafts.insert(desk, Composer::with(&text));
            }
        }
        app.warm()?;
        Ok(app)
    }

    /// Takes one thing that happened, and says what is to be done.
    pub fn update(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Key(chord) => {
                self.dirty = true;
                self.key(chord)
            }
            Input::Mouse(mouse) => {
                self.dirty = true;
                self.mouse_at(mouse)
            }
            Input::Paste(text) => {
                self.dirty = true;
                self.pasted(&text);
                vec![]
            }
            Input::Resize(size) => {
                self.dirty = true;
                self.size = size;
                vec![]
            }
            Input::Focus(attended) => {
                self.attended = Some(attended);
                vec![]
            }
            Input::News(news) => self.heard(news),
            Input::Tick(now) => self.tick(now),
            Input::Edited(text) => {
                self.dirty = true;
                self.edited(text);
                vec![Effect::Repaint]
            }
        }
    }

    /// Keeps everything that is written: before the terminal is given up.
    pub fn rest(&mut self) {
        self.save_drafts(true);
    }

    /// Whether what is seen may have changed since this was asked last.
    pub const fn take_dirty(&mut self) -> bool {
        std::mem::replace(&mut self.dirty, false)
    }

    /// Signs that this terminal draws in one cell each.
    #[must_use]
    pub const fn glyphs(&self) -> &'static words::Glyphs {
        if self.ascii {
            &words::ASCII
        } else {
            &words::UNICODE
        }
    }

    /// Whether everything that was missed has come and what is said is heard at once.
    #[must_use]
    pub const fn live(&self) -> bool {
        matches!(self.console.link_state(), LinkState::Live { .. }) && self.console.ready()
    }

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
        thread || self.deal_side()
    }

    /// Whether a deal's tasks and people stand beside its messages.
    #[must_use]
    pub fn deal_side(&self) -> bool {
        let deal = self
            .open_room()
            .is_some_and(|room| room.kind() == RoomKind::Deal);
        deal && self.size.width >= 110
    }

    /// What the open room says of itself above its messages.
    #[must_use]
    pub fn header(&self) -> Vec<words::line::Line> {
        let cells = usize::from(self.size.width);
        match self.open_room() {
            Some(room) => match room.kind() {
                RoomKind::Deal => screen::deals::header(self, room),
                RoomKind::Referral => screen::referrals::header(self, room, cells),
                RoomKind::Side => screen::referrals::case_header(self, room, cells),
                RoomKind::Org
                | RoomKind::Inbox
                | RoomKind::Channel
                | RoomKind::Direct
                | RoomKind::Profile
                | RoomKind::Card
                | RoomKind::Relation => vec![],
            },
            None => vec![],
        }
    }

    /// How many lines that are, where there is room for them.
    #[must_use]
    pub fn header_lines(&self) -> u16 {
        let lines = u16::try_from(self.header().len()).unwrap_or(u16::MAX);
        lines.min(self.size.height / 3)
    }

    /// My organisation.
    #[must_use]
    pub fn own_org(&self) -> Option<OrgId> {
        let me = self.console.replica().me.as_ref()?;
        Some(me.standing.org.id)
    }

    /// My organisation's own room, where I read it.
    #[must_use]
    pub fn own(&self) -> Option<&Org> {
        let room = RoomId::org(self.own_org()?);
        match &self.console.replica().room(room)?.room.state {
            State::Org(org) => Some(org),
            State::Void
            | State::Inbox(_)
            | State::Channel(_)
            | State::Direct(_)
            | State::Profile(_)
            | State::Relation(_)
            | State::Side(_)
            | State::Referral(_)
            | State::Deal(_) => None,
        }
    }

    /// Whether my organisation is connected with another.
    #[must_use]
    pub fn connected(&self, org: OrgId) -> bool {
        self.own().is_some_and(|own| own.connections.contains(&org))
    }

    /// Organisations that can be named here: those whose names are known.
    #[must_use]
    pub fn known_orgs(&self) -> BTreeSet<OrgId> {
        let found = self.directory.found.iter().map(|found| found.org);
        let cards = self.console.replica().orgs().map(|card| card.id);
        cards.chain(found).collect()
    }

    /// What an organisation is called, also where it was only found.
    #[must_use]
    pub fn org_name(&self, org: OrgId) -> String {
        let replica = self.console.replica();
        let found = self.directory.found.iter().find(|found| found.org == org);
        match (
            replica.org(org),
            found.and_then(|found| found.name.as_ref()),
        ) {
            (None, Some(name)) => name.to_string(),
            (Some(_), _) | (None, None) => replica.org_name(org),
        }
    }

    /// The entry that asked my organisation into a deal.
    #[must_use]
    pub fn deal_invitation(&self, deal: RoomId) -> Option<Seq> {
        Some(self.own()?.deals.get(&deal)?.entry.seq)
    }

    /// The deal at hand.
    #[must_use]
    pub fn deal(&self) -> Option<(RoomId, &Deal)> {
        let room = self.room_at_hand()?;
        match &self.console.replica().room(room)?.room.state {
            State::Deal(deal) => Some((room, deal)),
            State::Void
            | State::Org(_)
            | State::Inbox(_)
            | State::Channel(_)
            | State::Direct(_)
            | State::Profile(_)
            | State::Relation(_)
            | State::Side(_)
            | State::Referral(_) => None,
        }
    }

    /// The referral at hand, and whether it was offered to us.
    #[must_use]
    pub fn referral(&self) -> Option<(RoomId, &Referral, bool)> {
        let room = self.room_at_hand()?;
        match &self.console.replica().room(room)?.room.state {
            State::Referral(referral) => {
                Some((room, referral, Some(referral.to) == self.own_org()))
            }
            State::Void
            | State::Org(_)
            | State::Inbox(_)
            | State::Channel(_)
            | State::Direct(_)
            | State::Profile(_)
            | State::Relation(_)
            | State::Side(_)
            | State::Deal(_) => None,
        }
    }

    /// The case at hand.
    #[must_use]
    pub fn case(&self) -> Option<(RoomId, &Side)> {
        let room = self.room_at_hand()?;
        match &self.console.replica().room(room)?.room.state {
            State::Side(side) => Some((room, side)),
            State::Void
            | State::Org(_)
            | State::Inbox(_)
            | State::Channel(_)
            | State::Direct(_)
            | State::Profile(_)
            | State::Relation(_)
            | State::Referral(_)
            | State::Deal(_) => None,
        }
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
        let held = replica.room(room)?;
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

    /// Whether somebody is at their console.
    #[must_use]
    pub fn is_here(&self, member: MemberId) -> bool {
        match self.console.replica().presence(member) {
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
            .filter(|card| replica.presence(card.id) == Some(Presence::Typing(room)))
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
