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
mod hearing;
pub mod input;
mod keys;
pub mod notify;
pub mod overlay;
pub mod panes;
mod reading;
pub mod screen;
pub mod words;

#[cfg(test)]
pub(crate) mod tests;

pub use crate::link::LinkState;
use crate::{
    console::Console,
    replica::{Message, Row, Stands, Ticket},
};
use action::Scope;
use compose::{Composer, Desk};
use effect::Effect;
use form::{Form, Offering};
pub use input::keymap;
use input::{Chord, Input, Size};
use jiff::tz::TimeZone;
use keymap::Keymap;
use overlay::Overlay;
pub use overlay::form;
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
    /// The first line of a room's details that is seen.
    pub details_from: usize,
    /// Forms whose commands have no answer yet.
    sent_forms: BTreeMap<Ticket, Form>,
    /// Cases that were confirmed to be offered and whose rooms have not come yet; on disk, too.
    offerings: Vec<Offering>,
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
            details_from: 0,
            sent_forms: BTreeMap::new(),
            offerings: vec![],
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
        app.load_offerings()?;
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
}
