//! Actions: everything that can be done here, in one table.
//!
//! The keymap, the hint bar, the which-key box, the palette and help are all drawn from it, so nothing is reached by a key
//! alone or by the palette alone. An action that cannot be undone, or that shows something to another organisation, says
//! so in one sentence and is done only after Enter. What the command line calls an action stands in the table too, and a
//! test holds that the command line knows it.

mod perform;
mod table;
mod talk;
mod work;

pub use table::actions;

use super::{App, effect::Effect};

/// An action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::VariantArray)]
pub enum Action {
    /// What needs me.
    GoInbox,
    /// Channels and conversations.
    GoChannels,
    /// Deals.
    GoDeals,
    /// Referrals.
    GoReferrals,
    /// Organisations and people.
    GoDirectory,
    /// Anything by a few letters.
    GoTo,
    /// Any action by a few letters.
    Palette,
    /// What can be done here.
    Menu,
    /// Keys of this screen.
    Help,
    /// The next conversation with something new.
    NextUnread,
    /// The one before.
    PreviousUnread,
    /// The place before this one.
    Back,
    /// And forward again.
    Forward,
    /// The next conversation of the list.
    NextRoom,
    /// The one before.
    PreviousRoom,
    /// One down.
    Down,
    /// One up.
    Up,
    /// One screen down.
    PageDown,
    /// One screen up.
    PageUp,
    /// To the first.
    First,
    /// To the last.
    Last,
    /// The next part of the screen.
    NextPane,
    /// The one before.
    PreviousPane,
    /// Opens what is selected.
    Open,
    /// One level out; a text stays as it is.
    Out,
    /// Closes, and at last quits.
    Close,
    /// Into the composer.
    Write,
    /// Says what is written.
    Send,
    /// A new line in the composer.
    Newline,
    /// Completes a name.
    Complete,
    /// The editor, on what is written.
    Editor,
    /// Puts aside what is written.
    ClearDraft,
    /// Takes back what was put aside.
    RestoreDraft,
    /// The thread of a message.
    Thread,
    /// Answers a message in its thread.
    Reply,
    /// Quotes a message.
    Quote,
    /// Adds a reaction or takes it back.
    React,
    /// Changes one's own message.
    Edit,
    /// Changes one's last message.
    EditLast,
    /// Removes one's own message.
    Delete,
    /// Pins a message, or takes the pin away.
    Pin,
    /// Copies a message's text.
    CopyText,
    /// Shows a long message whole, or folds it again.
    Unfold,
    /// Sends again what was refused.
    Retry,
    /// Drops what was refused.
    Discard,
    /// What waited is done.
    Done,
    /// Everything here is read.
    MarkRead,
    /// Keeps a channel.
    Join,
    /// Keeps it no longer.
    Leave,
    /// The search of the directory, or places by letters.
    Search,
    /// Drafts a customer to be referred.
    NewReferral,
    /// Offers a case.
    OfferCase,
    /// Says that a referral was seen.
    SeenReferral,
    /// Takes a referral.
    AcceptReferral,
    /// Does not take it.
    DeclineReferral,
    /// Gives it back.
    ReturnReferral,
    /// Takes one's own offer back.
    WithdrawReferral,
    /// The customer was contacted.
    Contacted,
    /// There is something to win.
    Qualified,
    /// Opens the deal of a referral.
    Convert,
    /// Opens a deal.
    NewDeal,
    /// Moves its stage.
    MoveStage,
    /// Says what is next.
    NextStep,
    /// Says what it is worth.
    SetValue,
    /// Says by when it is closed.
    SetClose,
    /// Sets a task.
    AddTask,
    /// A task is done.
    TaskDone,
    /// Asks an organisation in.
    InviteOrg,
    /// Names people of one's own.
    NamePeople,
    /// Proposes how the vendor is present.
    ProposePresence,
    /// Signs what is proposed.
    SignPresence,
    /// Stops everything but talk.
    Freeze,
    /// Lets it go on.
    Unfreeze,
    /// Declares it won.
    Win,
    /// Declares it lost.
    Lose,
    /// Comes into a deal.
    ComeIn,
    /// Does not come.
    StayOut,
    /// Asks an organisation to connect.
    Connect,
    /// Answers such a request.
    AnswerConnection,
    /// Proposes an agreement.
    Agree,
    /// Signs a proposed agreement.
    Confirm,
    /// Writes to somebody of an organisation.
    Meet,
    /// Shows or hides the side.
    ToggleSide,
    /// How the connection is.
    Connection,
    /// Connects now.
    Reconnect,
    /// Everything that was said at the bottom of the screen.
    Notices,
    /// Listens to the mouse, or not.
    Mouse,
    /// Draws anew.
    Repaint,
    /// To the shell and back.
    Suspend,
    /// Ends.
    Quit,
}

/// Where an action stands in help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Getting somewhere.
    Go,
    /// Within a screen.
    Move,
    /// Writing.
    Write,
    /// On a message.
    Message,
    /// On the Inbox.
    Inbox,
    /// On a room.
    Room,
    /// On referrals.
    Referral,
    /// On deals.
    Deal,
    /// On other organisations.
    Partner,
    /// The console itself.
    Console,
}

impl Group {
    /// Its heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Go => "Go",
            Self::Move => "Move",
            Self::Write => "Write",
            Self::Message => "Message",
            Self::Inbox => "Inbox",
            Self::Room => "Room",
            Self::Referral => "Referral",
            Self::Deal => "Deal",
            Self::Partner => "Organisation",
            Self::Console => "Console",
        }
    }
}

/// Where keys are heard. A narrower scope is asked before a wider one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everywhere, text fields too.
    Anywhere,
    /// Wherever no text is typed.
    Lists,
    /// In the list of the Inbox.
    Inbox,
    /// In the list of a screen with rooms.
    Rooms,
    /// In a list of messages.
    Messages,
    /// Where text is typed into a conversation.
    Composer,
}

/// What the command line has for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headless {
    /// This command, as it is typed after `rialto`.
    Command(&'static str),
    /// Nothing: it moves on the screen and changes nothing that is kept.
    Screen,
}

/// An action as everything else reads it.
#[derive(Debug)]
pub struct Entry {
    /// Which.
    pub action: Action,
    /// Its name in the palette and the key file.
    pub name: &'static str,
    /// What it does, in a few words.
    pub label: &'static str,
    /// Where it stands in help.
    pub group: Group,
    /// Keys of the standard preset, and where each is heard; a sequence has its keys one after another.
    pub keys: &'static [(Scope, &'static str)],
    /// Whether it can be done now.
    pub when: fn(&App) -> bool,
    /// What happens and who sees it, where it cannot be undone or shows something to another organisation.
    pub consequence: Option<&'static str>,
    /// What the command line has for it.
    pub headless: Headless,
    /// What it does.
    pub run: fn(&mut App) -> Vec<Effect>,
}

const fn always(_: &App) -> bool {
    true
}

/// What most entries have in common; the rest of each is its own.
const PLAIN: Entry = Entry {
    action: Action::GoInbox,
    name: "",
    label: "",
    group: Group::Go,
    keys: &[],
    when: always,
    consequence: None,
    headless: Headless::Screen,
    run: |_| vec![],
};

impl Action {
    /// Its entry in the table.
    #[must_use]
    pub fn entry(self) -> Option<&'static Entry> {
        actions().find(|entry| entry.action == self)
    }

    /// Whether it can be done now.
    #[must_use]
    pub fn possible(self, app: &App) -> bool {
        self.entry().is_some_and(|entry| (entry.when)(app))
    }
}
