//! Actions: everything that can be done here, in one table.
//!
//! The keymap, the hint bar, the which-key box, the palette and help are all drawn from it, so nothing is reached by a key
//! alone or by the palette alone. An action that cannot be undone, or that shows something to another organisation, says
//! so in one sentence and is done only after Enter. What the command line calls an action stands in the table too, and a
//! test holds that the command line knows it.

mod cursor;
mod partners;
mod perform;
mod rooms;
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
    /// Who can read what is at hand.
    WhoReads,
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
    /// What is to be done about what is at hand.
    Answer,
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
    /// Removes somebody's message, as a moderator.
    Redact,
    /// Silences somebody for a while, as a moderator.
    Mute,
    /// Lifts that early.
    Unmute,
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
    /// Says what a channel is for.
    Purpose,
    /// Gives somebody a seat in a private channel.
    GiveSeat,
    /// Takes it away.
    TakeSeat,
    /// Gives one's own seat back.
    LeaveSeat,
    /// Closes a channel for good.
    Archive,
    /// The search of the directory, or places by letters.
    Search,
    /// Drafts a customer to be referred.
    NewReferral,
    /// Drafts a case anew.
    EditCase,
    /// Takes a draft's texts away.
    EraseCase,
    /// Offers a case.
    OfferCase,
    /// Names a person for our side of something.
    SideAdd,
    /// Takes them out.
    SideRemove,
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
    /// Says what it is called.
    Retitle,
    /// Says who the customer is.
    SetCustomer,
    /// Says what the organisation's own systems call it.
    SetReference,
    /// Says what the customer's problem is.
    SetProblem,
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
    /// Takes a task on.
    TakeTask,
    /// Gives a task to others, or another day.
    MoveTask,
    /// A task is no longer wanted.
    DropTask,
    /// Asks an organisation in.
    InviteOrg,
    /// Takes such an invitation back.
    CancelInvite,
    /// Names people of one's own.
    NamePeople,
    /// Takes people of one's own out.
    RemovePeople,
    /// Says what one's organisation does in the deal.
    Responsible,
    /// Lets another party do more, or less.
    Allow,
    /// Looks again whether an agreement that is demanded is there.
    Recheck,
    /// Takes a party out.
    RemoveParty,
    /// Gives one's own seat in a deal back.
    LeaveDeal,
    /// Takes one's organisation out of a deal.
    WithdrawDeal,
    /// Calls the vendor's alliance managers.
    CallVendor,
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
    /// Takes such a request back.
    WithdrawAsk,
    /// Answers such a request.
    AnswerConnection,
    /// No longer hears an organisation's requests.
    Exclude,
    /// Hears them again.
    Include,
    /// Says whose requests are heard at all.
    Prefer,
    /// Ends a connection.
    Disconnect,
    /// Proposes an agreement.
    Agree,
    /// Signs a proposed agreement.
    Confirm,
    /// Ends an agreement, or takes a proposal away.
    EndAgreement,
    /// Writes to somebody of an organisation.
    Meet,
    /// Shows or hides the side.
    ToggleSide,
    /// What the open room says of itself, its tasks and people.
    Details,
    /// How the connection is.
    Connection,
    /// Connects now.
    Reconnect,
    /// Everything that was said at the bottom of the screen.
    Notices,
    /// Says what to tell me of by mail.
    SetNotices,
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

/// What the command line has for an action: one or the other, for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headless {
    /// This command, as it is typed after `rialto`.
    Command(&'static str),
    /// Nothing, and nothing is lacking: this is why.
    Screen(Why),
}

/// Why an action is one of the screen alone: nothing that the server keeps is changed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It changes where one is, what is selected, and what is shown.
    Look,
    /// It changes what is being written, before it is said.
    Draft,
    /// It is about the terminal and the connection of this console.
    Console,
    /// It drops what was refused, which a command drops as it ends.
    Outbox,
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

/// What most entries have in common; the rest of each is its own. What the command line has is said for each.
const fn plain(headless: Headless) -> Entry {
    Entry {
        action: Action::GoInbox,
        name: "",
        label: "",
        group: Group::Go,
        keys: &[],
        when: always,
        consequence: None,
        headless,
        run: |_| vec![],
    }
}

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
