//! The Inbox: what needs me, sorted by how much it does; and what goes on elsewhere, which is not counted.

use super::rooms;
use crate::app::{
    App, Screen,
    words::{Shown, moment},
};
use rialto_shared::{
    command::Command,
    entry::Seq,
    event::Event,
    id::{OrgId, RoomId, RoomKind},
    room::{
        State,
        inbox::{self, Need, What},
        org,
    },
    time::{Span, Timestamp},
};

/// What an item of the Inbox is, so that the cursor finds it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Something that waits.
    Need(Seq),
    /// A room in which something was said.
    Room(RoomId),
}

/// How much it needs me.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Its time is past.
    Overdue,
    /// It came, or is due, today.
    Today,
    /// It waits from an earlier day.
    Earlier,
    /// It is due another day.
    Later,
    /// It does not need me.
    Watching,
}

impl Urgency {
    /// Its heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overdue => "OVERDUE",
            Self::Today => "TODAY",
            Self::Earlier => "EARLIER",
            Self::Later => "LATER",
            Self::Watching => "WATCHING (not counted)",
        }
    }
}

/// An item of the Inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which.
    pub key: Key,
    /// How much it needs me.
    pub urgency: Urgency,
    /// What it is, in a sign and a word.
    pub kind: (&'static str, &'static str),
    /// Why it waits, where something does.
    pub what: Option<What>,
    /// The room that it is about.
    pub room: RoomId,
    /// The entry there; zero where it is about the room.
    pub seq: Seq,
    /// Its name.
    pub name: Shown,
    /// What was said, where that may be shown.
    pub words: Shown,
    /// Since when, where that is known here: a room may be here without its messages.
    pub at: Option<Timestamp>,
    /// Until when, where there is a deadline.
    pub due: Option<Timestamp>,
}

/// All items, the most urgent first.
#[must_use]
pub fn items(app: &App) -> Vec<Item> {
    let mut items: Vec<Item> = needs(app)
        .into_iter()
        .filter(|need| stands(app, need))
        .map(|need| need_item(app, need))
        .collect();
    items.extend(directs(app));
    let needed: Vec<RoomId> = items.iter().map(|item| item.room).collect();
    items.extend(watching(app, &needed));
    items.sort_by_key(|item| (item.urgency, item.due, std::cmp::Reverse(item.at), item.key));
    items
}

/// How many need me.
#[must_use]
pub fn count(app: &App) -> usize {
    let items = items(app);
    items
        .iter()
        .filter(|item| item.urgency != Urgency::Watching)
        .count()
}

/// What waits in my Inbox and is not being done already.
fn needs(app: &App) -> Vec<&Need> {
    let replica = app.console.replica();
    let Some(room) = replica.my_id().map(RoomId::inbox) else {
        return vec![];
    };
    let Some(State::Inbox(inbox)) = replica.room(room).map(|held| &held.room.state) else {
        return vec![];
    };
    let done: Vec<Seq> = replica
        .pending()
        .filter_map(|pending| match &pending.command {
            Command::Inbox(inbox::Command::Done { need }) => Some(*need),
            Command::Inbox(
                inbox::Command::Join { .. }
                | inbox::Command::Leave { .. }
                | inbox::Command::OpenDirect { .. }
                | inbox::Command::OpenCase { .. }
                | inbox::Command::OpenDeal { .. }
                | inbox::Command::ImportDeal { .. }
                | inbox::Command::SetNotices { .. },
            )
            | Command::Talk(_)
            | Command::Org(_)
            | Command::Channel(_)
            | Command::Direct(_)
            | Command::Profile(_)
            | Command::Relation(_)
            | Command::Side(_)
            | Command::Referral(_)
            | Command::Deal(_) => None,
        })
        .collect();
    inbox
        .needs
        .iter()
        .filter(|need| !done.contains(&need.id))
        .collect()
}

/// Whether something that was noted waits still, as far as that is known here: a request may have lapsed, for which no
/// clock runs, and a conversation in which somebody wrote is there with their words.
fn stands(app: &App, need: &Need) -> bool {
    let known = app.own().is_some();
    if need.what == What::Knock {
        return !known || knocking(app, need.seq).is_some();
    }
    if need.what == What::DealInvitation {
        return !known || asked_into(app, need.seq).is_some();
    }
    if need.what == What::Seated && need.room.kind() == RoomKind::Direct {
        let unread = app.console.replica().unread(need.room).messages;
        return unread == 0 && last_said(app, need.room).is_none();
    }
    true
}

/// Who asks to connect at an entry of our organisation's own room, where that waits for an answer.
#[must_use]
pub fn knocking(app: &App, seq: Seq) -> Option<OrgId> {
    let knocked = &app.own()?.knocked;
    let mut waiting = knocked.iter().filter(|(_, knock)| knock.until > app.now);
    waiting.find_map(|(org, knock)| (knock.seq == seq).then_some(*org))
}

/// The deal that an entry of our organisation's own room asks it into, where that waits for an answer.
#[must_use]
pub fn asked_into(app: &App, seq: Seq) -> Option<RoomId> {
    let deals = &app.own()?.deals;
    let mut waiting = deals.iter().filter(|(_, open)| open.until > app.now);
    waiting.find_map(|(deal, open)| (open.message.seq == seq).then_some(*deal))
}

fn urgency(app: &App, at: Option<Timestamp>, due: Option<Timestamp>) -> Urgency {
    let today = moment::day(app.now, &app.zone);
    match due {
        Some(due) if due <= app.now => Urgency::Overdue,
        Some(due) if due - app.now <= Span::days(1) => Urgency::Today,
        Some(_) => Urgency::Later,
        None if at.is_some_and(|at| moment::day(at, &app.zone) < today) => Urgency::Earlier,
        None => Urgency::Today,
    }
}

fn need_item(app: &App, need: &Need) -> Item {
    let replica = app.console.replica();
    let (sign, word, words) = named(need.what);
    // What stands in our own organisation's room is about another: that one is named.
    let name = from(app, need).unwrap_or_else(|| replica.title(need.room));
    let words = if need.what == What::Mention {
        said(app, need.room, need.seq)
    } else {
        Shown::own(words)
    };
    let due = due(app, need);
    Item {
        key: Key::Need(need.id),
        urgency: urgency(app, Some(need.at), due),
        kind: (sign, word),
        what: Some(need.what),
        room: need.room,
        seq: need.seq,
        name: Shown::said(name),
        words,
        at: Some(need.at),
        due,
    }
}

/// The other organisation, where something of ours speaks of it.
fn from(app: &App, need: &Need) -> Option<String> {
    let held = app.console.replica().room(need.room)?;
    let org = match &held.entry(need.seq)?.entry.event {
        Event::Org(
            org::Event::Knocked { from: other, .. }
            | org::Event::Met { from: other, .. }
            | org::Event::Answered { by: other, .. }
            | org::Event::Disconnected { from: other }
            | org::Event::DealInvited { from: other, .. },
        ) => *other,
        Event::Org(_)
        | Event::Talk(_)
        | Event::Inbox(_)
        | Event::Channel(_)
        | Event::Direct(_)
        | Event::Profile(_)
        | Event::Relation(_)
        | Event::Side(_)
        | Event::Referral(_)
        | Event::Deal(_)
        | Event::Record(_)
        | Event::Key(_)
        | Event::Newer(_) => return None,
    };
    Some(app.org_name(org))
}

/// Until when something that waits is to be answered, where that is known here.
fn due(app: &App, need: &Need) -> Option<Timestamp> {
    let held = app.console.replica().room(need.room)?;
    match (&held.room.state, need.what) {
        (State::Referral(referral), What::ReferralOffered) if referral.stage.is_open() => {
            Some(referral.until)
        }
        (_, _) => None,
    }
}

/// What waits, in a sign, a word and a few words.
pub(super) const fn named(what: What) -> (&'static str, &'static str, &'static str) {
    match what {
        What::Mention => ("@", "MENTION", ""),
        What::Seated => ("+", "SEAT", "you were given a seat"),
        What::Unseated => ("-", "SEAT GONE", "you are no longer in it"),
        What::Knock => ("?", "CONNECT", "asks to connect with you"),
        What::ConnectionAccepted => ("+", "CONNECTED", "is connected with you now"),
        What::ConnectionDeclined => ("-", "DECLINED", "does not want to connect"),
        What::PleaseInvite => ("?", "WANTED", "partners ask for them: invite them"),
        What::AgreementProposed => ("?", "AGREEMENT", "waits for your signature"),
        What::AgreementConfirmed => ("+", "AGREEMENT", "signed by both"),
        What::AgreementEnded => ("-", "AGREEMENT", "is over"),
        What::Disconnected => ("-", "ENDED", "the connection is over"),
        What::ReferralOffered => ("!", "REFERRAL", "waits for your answer"),
        What::ReferralAccepted => ("+", "REFERRAL", "was accepted"),
        What::ReferralDeclined => ("-", "REFERRAL", "was declined"),
        What::ReferralExpired => ("-", "REFERRAL", "ran out unanswered"),
        What::ReferralWithdrawn => ("-", "REFERRAL", "was taken back"),
        What::ReferralReturned => ("!", "REFERRAL", "was given back to you"),
        What::ContactMissed => ("!", "REFERRAL", "the customer was not contacted in time"),
        What::ReferralConverted => ("+", "REFERRAL", "is a deal now"),
        What::ReferralConcluded => ("+", "REFERRAL", "its deal has ended"),
        What::DealInvitation => ("!", "DEAL", "asks your organisation into a deal"),
        What::InvitationAnswered => ("+", "DEAL", "an invitation of yours was answered"),
        What::TaskAssigned => ("!", "TASK", "is yours to do"),
        What::TaskDue => ("!", "TASK", "is due"),
        What::PresenceProposed => ("?", "DEAL", "another presence of the vendor waits for you"),
        What::VendorCalled => ("!", "DEAL", "calls you in"),
        What::InvitationTried => ("!", "INVITATION", "a used one was tried again"),
        What::HandoverDue => (
            "!",
            "HANDOVER",
            "what somebody had in hand who left: rialto org handover",
        ),
        What::HandedOver => ("!", "YOURS NOW", "a colleague had it in hand: it is yours"),
        What::HandedOn => ("-", "HANDED ON", "a colleague has it in hand now"),
        What::DeviceAdded => ("+", "DEVICE", "one more device of yours was let in"),
        What::DeviceRecovery => (
            "!",
            "DEVICE",
            "an admin lets a device in for somebody who lost theirs",
        ),
        What::SuccessorAnnounced => ("!", "ADMIN", "from the vendor: you may object"),
        What::SuccessorSeated => ("!", "ADMIN", "the vendor seated one here"),
        What::SuccessorRefused => ("-", "ADMIN", "objects to the admin whom you seat"),
    }
}

/// Who said what at an entry, on one line; nothing of a deal or referral stands in a list.
#[must_use]
pub fn said(app: &App, room: RoomId, seq: Seq) -> Shown {
    let replica = app.console.replica();
    let Some(held) = replica.room(room) else {
        return Shown::default();
    };
    let message = held
        .entry(seq)
        .and_then(|logged| replica.message(held, logged));
    let Some(message) = message else {
        return Shown::default();
    };
    let who = message
        .author
        .map_or_else(String::new, |author| replica.author_name(author));
    match message.body {
        // In a conversation of two the name stands beside it already.
        Some(body) if room.kind() == RoomKind::Direct => Shown::text(&body),
        Some(body) => Shown::said(format!("{who}: ")).and(&Shown::text(&body)),
        None => Shown::said(format!("{who}: (removed)")),
    }
}

/// The last thing that somebody else said in a room, and when, where it is held.
fn last_said(app: &App, room: RoomId) -> Option<(Seq, Timestamp)> {
    let replica = app.console.replica();
    let held = replica.room(room)?;
    held.log().rev().find_map(|logged| {
        let message = replica.message(held, logged)?;
        (!message.mine).then_some((logged.entry.seq, logged.entry.at))
    })
}

fn directs(app: &App) -> Vec<Item> {
    let replica = app.console.replica();
    let unread = replica.rooms().filter(|(room, held)| {
        room.kind() == RoomKind::Direct && !held.closed && replica.unread(*room).messages > 0
    });
    unread
        .map(|(room, _)| {
            let (seq, at) = last_said(app, room).unzip();
            Item {
                key: Key::Room(room),
                urgency: urgency(app, at, None),
                kind: ("»", "DM"),
                what: None,
                room,
                seq: Seq::ZERO,
                name: Shown::said(replica.title(room)),
                words: said(app, room, seq.unwrap_or(Seq::ZERO)),
                at,
                due: None,
            }
        })
        .collect()
}

fn watching(app: &App, needed: &[RoomId]) -> Vec<Item> {
    let replica = app.console.replica();
    let listed = [Screen::Channels, Screen::Deals, Screen::Referrals]
        .into_iter()
        .flat_map(|screen| rooms::in_order(app, screen));
    let quiet = listed.filter(|room| {
        room.kind() != RoomKind::Direct
            && !needed.contains(room)
            && replica.unread(*room).messages > 0
    });
    quiet
        .map(|room| {
            let unread = replica.unread(room);
            Item {
                key: Key::Room(room),
                urgency: Urgency::Watching,
                kind: (" ", ""),
                what: None,
                room,
                seq: Seq::ZERO,
                name: Shown::said(replica.title(room)),
                words: Shown::said(format!("{} new", unread.messages)),
                at: last_said(app, room).map(|(_, at)| at),
                due: None,
            }
        })
        .collect()
}
