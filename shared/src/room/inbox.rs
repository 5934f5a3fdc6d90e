//! A member's Inbox: what needs them, what they keep, and where they open rooms of their own.
//!
//! Joining a rule-admitted room is a bookmark and always accepted: whether the room can be read is checked where content
//! is read, so a bookmark tells nothing about whether a room exists.

mod asks;
mod importing;
pub mod notices;
mod opening;

pub use asks::Ask;
pub(crate) use asks::{settle, take};
pub use notices::{Class, Minute, Notices, Pace, Preferences, Quiet};

use super::{Case, Room, State, Stated, deal, direct, side};
use crate::{
    ask::{Address, Ask as Asked},
    audience::{Audience, Grant},
    command::{Named, SlotRule},
    entry::{Entry, SaltedText, Seq, Slot, TextRef, Worded},
    event,
    id::{Hash, MemberId, OrgId, RoomId},
    limits,
    money::Money,
    rejection::Rejection,
    standing::Role,
    time::{Date, Timestamp},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Why something stands in an Inbox.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantArray,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum What {
    /// Somebody meant me.
    Mention,
    /// I was given a seat.
    Seated,
    /// My seat is gone.
    Unseated,
    /// Another organisation asks mine to connect.
    Knock,
    /// An organisation that mine asked is connected with it.
    ConnectionAccepted,
    /// An organisation that mine asked does not want to.
    ConnectionDeclined,
    /// An organisation that nobody has claimed is wanted: the vendor may invite it. The room is its public face.
    PleaseInvite,
    /// An agreement waits for a signature of my organisation.
    AgreementProposed,
    /// An agreement that mine proposed is signed by both.
    AgreementConfirmed,
    /// An agreement is over, by its time or by somebody's word.
    AgreementEnded,
    /// A connection of my organisation is over.
    Disconnected,
    /// My organisation is offered a referral.
    ReferralOffered,
    /// A referral of mine was accepted.
    ReferralAccepted,
    /// A referral of mine was declined.
    ReferralDeclined,
    /// A referral of mine ran out unanswered.
    ReferralExpired,
    /// A referral that my organisation was offered was taken back.
    ReferralWithdrawn,
    /// A referral of mine was given back.
    ReferralReturned,
    /// The customer of a referral of mine was not contacted in time.
    ContactMissed,
    /// A referral of mine is a deal.
    ReferralConverted,
    /// The deal of a referral of mine ended.
    ReferralConcluded,
    /// My organisation is asked into a deal.
    DealInvitation,
    /// An invitation of mine was answered, or nobody answered it.
    InvitationAnswered,
    /// There is a task for me.
    TaskAssigned,
    /// The day of a task of mine is over.
    TaskDue,
    /// Another presence of the vendor waits for my organisation's signature.
    PresenceProposed,
    /// A deal calls me, an alliance manager.
    VendorCalled,
    /// An invitation of mine that had been used was tried again.
    InvitationTried,
    /// Somebody of my organisation went who had something in hand: an admin hands it over.
    HandoverDue,
    /// Something that a colleague had in hand is mine now.
    HandedOver,
    /// Something that I had in hand is a colleague's now.
    HandedOn,
    /// A device of mine was let in.
    DeviceAdded,
    /// An admin lets a device in for me, or for somebody of my organisation.
    DeviceRecovery,
    /// The vendor seats an admin in my organisation, unless one of us objects.
    SuccessorAnnounced,
    /// They are seated.
    SuccessorSeated,
    /// An organisation does not want the admin whom the vendor seats. The room is its public face.
    SuccessorRefused,
}

/// Something that waits for this member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Need {
    /// The Inbox's entry that brought it: its name.
    pub id: Seq,
    /// Why.
    pub what: What,
    /// In which room.
    pub room: RoomId,
    /// At which entry of that room; zero where it is about the room itself.
    pub seq: Seq,
    /// Since when.
    pub at: Timestamp,
}

/// What an Inbox holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Inbox {
    /// Whose it is.
    pub member: MemberId,
    /// Of which organisation.
    pub org: OrgId,
    /// Rule-admitted rooms that the member joined.
    pub bookmarks: BTreeSet<RoomId>,
    /// What waits, oldest first.
    pub needs: Vec<Need>,
    /// Cases that began here and whose texts stand here still, by their Side: the entry that began them. A Side names no
    /// place in its owner's Inbox, which others could count by.
    pub cases: BTreeMap<RoomId, Seq>,
    /// What the member is told of outside the console, and where.
    pub notices: Stated<Notices>,
}

impl Inbox {
    pub(crate) fn standing_texts(&self) -> Vec<TextRef> {
        let set = self.notices.value.as_ref();
        set.and_then(|set| set.address).into_iter().collect()
    }
}

/// What can be asked.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::EnumDiscriminants,
    schemars::JsonSchema,
)]
#[schemars(rename = "InboxCommand")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(name(Verb), derive(strum::VariantArray, strum::IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The commands without their fields.")]
pub enum Command {
    /// Keeps a room.
    Join {
        /// Which.
        room: RoomId,
    },
    /// Keeps it no longer.
    Leave {
        /// Which.
        room: RoomId,
    },
    /// Something that waited is done.
    Done {
        /// Which.
        need: Seq,
    },
    /// Opens a Direct with these members.
    OpenDirect {
        /// The others; with whoever asks, two to eight.
        members: BTreeSet<MemberId>,
    },
    /// Begins a case: a customer to be referred, with a complete draft.
    OpenCase {
        /// Its typed part; the texts come in the order of [`side::Draft::slots`].
        draft: side::Draft,
    },
    /// Opens a deal that one's own organisation hosts.
    OpenDeal {
        /// How the vendor is present.
        presence: deal::Presence,
        /// What it is worth, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Money>,
        /// The day by which it is to be closed, not in the past.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        close: Option<Date>,
        /// Colleagues who are in it, beside whoever opens it.
        people: BTreeSet<MemberId>,
    },
    /// Opens a deal that another system of one's organisation holds already, under its reference there.
    ImportDeal {
        /// How the vendor is present.
        presence: deal::Presence,
        /// What it is worth, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Money>,
        /// The day by which it is, or was, to be closed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        close: Option<Date>,
        /// Colleagues who are in it, beside whoever opens it.
        people: BTreeSet<MemberId>,
        /// Whether the customer's problem is among the texts.
        problem: bool,
        /// The claim of the external reference, by [`side::reference_claim`].
        claim: Hash,
    },
    /// Says what to tell this member of outside the console, and where; as a whole, with the address where there is one.
    SetNotices {
        /// The entry that set it last.
        at: Seq,
        /// Whether there is an address: then it is the one text.
        address: bool,
        /// When to tell of what.
        preferences: Preferences,
    },
}

/// What became true.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
    schemars::JsonSchema,
)]
#[schemars(rename = "InboxEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The Inbox begins.
    Opened {
        /// Whose it is.
        member: MemberId,
        /// Of which organisation.
        org: OrgId,
    },
    /// A room is kept.
    Joined {
        /// Which.
        room: RoomId,
    },
    /// A room is kept no longer.
    Left {
        /// Which.
        room: RoomId,
    },
    /// Something waits.
    Noted {
        /// Why.
        what: What,
        /// In which room.
        room: RoomId,
        /// At which entry there.
        seq: Seq,
    },
    /// Something waits no longer.
    Done {
        /// Which.
        need: Seq,
    },
    /// A Direct was asked for.
    DirectOpened {
        /// Its id.
        room: RoomId,
        /// Everyone in it, the one who opens it first.
        people: Vec<direct::Person>,
    },
    /// A case was begun; the draft's texts stand in the entry too.
    CaseOpened {
        /// Its Side.
        side: RoomId,
        /// The draft.
        draft: side::Draft,
    },
    /// The texts of a case that was begun here were taken away, as they were in its Side.
    Erased {
        /// The entry that began it.
        target: Seq,
    },
    /// A deal was opened.
    DealOpened {
        /// Its id.
        deal: RoomId,
        /// Who hosts it: the organisation, its root key, its people.
        host: deal::Founder,
        /// How the vendor is present.
        presence: deal::Presence,
        /// What it is worth.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Money>,
        /// The day by which it is to be closed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        close: Option<Date>,
        /// The title.
        title: Slot,
        /// The customer.
        customer: Slot,
        /// The customer's problem.
        problem: Slot,
    },
    /// A deal that another system holds already was opened.
    DealImported {
        /// Its id.
        deal: RoomId,
        /// Who hosts it: the organisation, its root key, its people.
        host: deal::Founder,
        /// How the vendor is present.
        presence: deal::Presence,
        /// What it is worth.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Money>,
        /// The day by which it is, or was, to be closed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        close: Option<Date>,
        /// The title.
        title: Slot,
        /// The customer.
        customer: Slot,
        /// The customer's problem.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<Slot>,
        /// What the other system says of it, for every party.
        imported: Slot,
        /// Its reference there: for one's own organisation alone.
        reference: Slot,
        /// The claim of the reference.
        claim: Hash,
    },
    /// What to tell this member of outside the console, and where.
    NoticesSet {
        /// The address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<Slot>,
        /// When to tell of what.
        preferences: Preferences,
    },
}

impl Command {
    pub(crate) fn slots(&self) -> Vec<SlotRule> {
        match self {
            Self::OpenCase { draft } => draft.slots(),
            Self::OpenDeal { .. } => deal::opening_slots(),
            Self::ImportDeal { problem, .. } => importing::slots(*problem),
            Self::SetNotices { address, .. } => notices::slots(*address),
            Self::Join { .. }
            | Self::Leave { .. }
            | Self::Done { .. }
            | Self::OpenDirect { .. } => vec![],
        }
    }

    pub(crate) fn named(&self) -> Named {
        match self {
            Self::OpenDirect { members } => Named {
                members: members.clone(),
                ..Named::default()
            },
            Self::OpenDeal { people, .. } => Named {
                members: people.clone(),
                ..Named::default()
            },
            Self::ImportDeal { people, claim, .. } => Named {
                members: people.clone(),
                claim: Some(*claim),
                ..Named::default()
            },
            Self::Join { .. }
            | Self::Leave { .. }
            | Self::Done { .. }
            | Self::OpenCase { .. }
            | Self::SetNotices { .. } => Named::default(),
        }
    }
}

pub(crate) fn decide(
    case: &Case<'_>,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Vec<Worded<event::Event>>, Rejection> {
    let State::Inbox(inbox) = &case.room.state else {
        return Err(Rejection::NotHere("bookmarks"));
    };
    let me = case.member()?;
    let event = match command {
        Command::Join { room } if inbox.bookmarks.contains(room) => {
            return Err(Rejection::Already("room"));
        }
        Command::Join { .. } if inbox.bookmarks.len() >= limits::BOOKMARKS_MAX => {
            return Err(Rejection::Limit {
                field: "bookmarks",
                max: limits::BOOKMARKS_MAX,
            });
        }
        Command::Join { room } => Event::Joined { room: *room },
        Command::Leave { room } if inbox.bookmarks.contains(room) => Event::Left { room: *room },
        Command::Leave { .. } => return Err(Rejection::NoSuchThing("room")),
        Command::Done { need } if inbox.needs.iter().any(|other| other.id == *need) => {
            Event::Done { need: *need }
        }
        Command::Done { .. } => return Err(Rejection::NoSuchThing("need")),
        Command::OpenDirect { members } => opening::open_direct(case, me.id, members)?,
        Command::OpenCase { draft } => opening::open_case(case, me.role, draft, texts)?,
        Command::ImportDeal { .. } => importing::decide(case, command, texts)?,
        Command::SetNotices { .. } => return notices::decide(case, inbox, command, texts),
        Command::OpenDeal {
            presence,
            value,
            close,
            people,
        } => {
            let (deal, host) = deal::founding(case, people, *value, *close)?;
            Event::DealOpened {
                deal,
                host,
                presence: *presence,
                value: *value,
                close: *close,
                title: Slot(0),
                customer: Slot(1),
                problem: Slot(2),
            }
        }
    };
    Ok(vec![Worded::new(
        event::Event::Inbox(event),
        texts.to_vec(),
    )])
}

pub(crate) fn apply(room: &mut Room, entry: &Entry, event: &Event) {
    if let Event::Opened { member, org } = event {
        let mine = Grant::Member {
            id: *member,
            org: *org,
            role: Role::Admin,
            since: Seq::ZERO,
        };
        room.audience = Audience::of(vec![mine]);
        room.state = State::Inbox(Inbox {
            member: *member,
            org: *org,
            bookmarks: BTreeSet::new(),
            needs: Vec::new(),
            cases: BTreeMap::new(),
            notices: Stated::default(),
        });
        return;
    }
    let State::Inbox(inbox) = &mut room.state else {
        return;
    };
    match event {
        Event::Opened { .. }
        | Event::DirectOpened { .. }
        | Event::DealOpened { .. }
        | Event::DealImported { .. } => {}
        Event::CaseOpened { side, .. } => {
            inbox.cases.insert(*side, entry.seq);
        }
        Event::Erased { target } => inbox.cases.retain(|_, began| began != target),
        Event::Joined { room } => {
            inbox.bookmarks.insert(*room);
        }
        Event::Left { room } => {
            inbox.bookmarks.remove(room);
        }
        Event::Noted { what, room, seq } => {
            if inbox.needs.len() >= limits::NEEDS_MAX {
                inbox.needs.remove(0);
            }
            inbox.needs.push(Need {
                id: entry.seq,
                what: *what,
                room: *room,
                seq: *seq,
                at: entry.at,
            });
        }
        Event::Done { need } => inbox.needs.retain(|other| other.id != *need),
        Event::NoticesSet {
            address,
            preferences,
        } => {
            let text = |slot| TextRef {
                seq: entry.seq,
                slot,
            };
            let set = Notices {
                address: address.map(text),
                preferences: preferences.clone(),
            };
            inbox.notices = Stated::new(entry.seq, set);
        }
    }
}

pub(crate) fn react(room: &Room, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    match event {
        Event::CaseOpened { side, draft } => {
            let State::Inbox(inbox) = &room.state else {
                return vec![];
            };
            let open = side::Ask::Open {
                org: inbox.org,
                owner: inbox.member,
                draft: draft.clone(),
                texts: entry.texts.iter().flatten().cloned().collect(),
            };
            vec![(Address::Room(*side), Asked::Side(Box::new(open)))]
        }
        Event::DirectOpened { room, people } => {
            vec![(
                Address::Room(*room),
                Asked::Direct(direct::Ask::Open {
                    people: people.clone(),
                }),
            )]
        }
        Event::DealOpened { .. } => opens_deal(entry, event).into_iter().collect(),
        Event::DealImported { .. } => importing::react(entry, event).unwrap_or_default(),
        Event::Opened { .. }
        | Event::Joined { .. }
        | Event::Left { .. }
        | Event::Noted { .. }
        | Event::Done { .. }
        | Event::NoticesSet { .. }
        | Event::Erased { .. } => vec![],
    }
}

fn opens_deal(entry: &Entry, event: &Event) -> Option<(Address, Asked)> {
    let Event::DealOpened {
        deal,
        host,
        presence,
        value,
        close,
        title,
        customer,
        problem,
    } = event
    else {
        return None;
    };
    let begin = deal::Ask::Begin {
        host: host.clone(),
        presence: *presence,
        title: entry.text(*title)?.clone(),
        customer: entry.text(*customer)?.clone(),
        problem: Some(entry.text(*problem)?.clone()),
        value: *value,
        close: *close,
        imported: None,
    };
    Some((Address::Room(*deal), Asked::Deal(Box::new(begin))))
}
