//! A channel of the community: announcement, community, by partner type, or private.
//!
//! Who may read is the audience; who may post and who may invite are the channel's settings. The vendor's alliance managers
//! moderate every channel that a rule admits to; a private one is moderated by its Leads.

use super::{Case, Room, State, Stated, Taking};
use crate::{
    ask::{Address, Ask as Asked},
    audience::{Audience, Grant, Rule},
    command::{Named, SlotRule},
    entry::{Entry, SaltedText, Seq, Slot, TextRef, Worded},
    event,
    id::{MemberId, OrgId},
    limits,
    rejection::Rejection,
    room::{Actor, Admission, inbox, moderates},
    standing::{PartnerType, Role, Status},
    text::{Handle, TextKind},
    time::Span,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whom a channel is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Everyone reads, the vendor's alliance managers post.
    Announcement,
    /// Everyone reads and posts.
    Community,
    /// Organisations of these types, and the vendor.
    Types(BTreeSet<PartnerType>),
    /// Whoever is invited.
    Private,
}

impl Reach {
    /// Whether a rule admits, so that the channel stands in the directory and its name is unique.
    #[must_use]
    pub const fn public(&self) -> bool {
        match self {
            Self::Announcement | Self::Community | Self::Types(_) => true,
            Self::Private => false,
        }
    }
}

/// Who may do something in a channel.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::EnumString,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Who {
    /// Everyone seated from Rep upwards.
    #[default]
    Reps,
    /// Those who moderate.
    Moderators,
    /// Everyone in threads; those who moderate in the room itself.
    Threads,
}

/// How a channel is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Settings {
    /// Its name.
    pub handle: Handle,
    /// Whom it is for.
    pub reach: Reach,
    /// Who may post.
    pub post: Who,
    /// Who may invite, where invitations are needed.
    pub invite: Who,
    /// How long one member waits between two messages; zero for no wait.
    pub slow: Span,
}

/// What a channel holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Channel {
    /// The organisation that opened it.
    pub host: OrgId,
    /// Its settings, and the entry that set them last.
    pub settings: Settings,
    /// What it is for.
    pub purpose: Stated<TextRef>,
    /// Closed for good: it can be read and not written.
    pub archived: bool,
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
#[schemars(rename = "ChannelCommand")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(name(Verb), derive(strum::VariantArray, strum::IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The commands without their fields.")]
pub enum Command {
    /// Says what the channel is for.
    Purpose {
        /// The entry that set it last.
        at: Seq,
    },
    /// Gives a member a seat in a private channel, or another role in it.
    Invite {
        /// Whom.
        member: MemberId,
        /// What they may do: Viewer, Rep or Lead.
        role: Role,
        /// Whether they see what was said before.
        history: bool,
    },
    /// Gives one's own seat back.
    Leave {},
    /// Takes a member's seat away.
    Remove {
        /// Whose.
        member: MemberId,
    },
    /// Closes the channel for good.
    Archive {},
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
#[schemars(rename = "ChannelEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The channel begins.
    Opened {
        /// The organisation that opens it.
        host: OrgId,
        /// How it is set.
        settings: Settings,
        /// What it is for.
        purpose: Slot,
        /// Who leads it, where it is private.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lead: Option<MemberId>,
    },
    /// Its purpose was set.
    Purposed {
        /// The words.
        purpose: Slot,
    },
    /// A member was given a seat.
    Invited {
        /// Whom.
        member: MemberId,
        /// Of which organisation.
        org: OrgId,
        /// What they may do.
        role: Role,
        /// The first entry that they see; zero for all.
        since: Seq,
    },
    /// A member gave their seat back.
    Left {
        /// Who.
        member: MemberId,
    },
    /// A member's seat was taken away.
    Removed {
        /// Whose.
        member: MemberId,
    },
    /// The channel was closed for good.
    Archived {},
}

/// What other rooms ask of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To begin.
    Open {
        /// The organisation that opens it.
        host: OrgId,
        /// How it is set.
        settings: Settings,
        /// Who leads it, where it is private.
        lead: Option<MemberId>,
        /// What it is for.
        purpose: SaltedText,
    },
}

impl Command {
    pub(crate) fn slots(&self) -> Vec<SlotRule> {
        match self {
            Self::Purpose { .. } => vec![("purpose", TextKind::Words)],
            Self::Invite { .. } | Self::Leave {} | Self::Remove { .. } | Self::Archive {} => vec![],
        }
    }

    pub(crate) fn named(&self) -> Named {
        match self {
            Self::Invite { member, .. } | Self::Remove { member } => Named {
                members: BTreeSet::from([*member]),
                ..Named::default()
            },
            Self::Purpose { .. } | Self::Leave {} | Self::Archive {} => Named::default(),
        }
    }

    pub(crate) const fn signed(&self) -> bool {
        matches!(self, Self::Remove { .. })
    }
}

impl Channel {
    pub(crate) fn standing_texts(&self) -> Vec<TextRef> {
        self.purpose.value.into_iter().collect()
    }

    /// Refuses a message where the settings do.
    pub(crate) fn may_post(&self, case: &Case<'_>, in_thread: bool) -> Result<(), Rejection> {
        if self.archived {
            return Err(Rejection::State("this channel is archived"));
        }
        let moderator = moderates(case).is_ok();
        let free = match self.settings.post {
            Who::Reps => true,
            Who::Moderators => false,
            Who::Threads => in_thread,
        };
        if !moderator && !free {
            return Err(Rejection::Only("those who moderate this channel"));
        }
        let Admission::Seat { own, .. } = case.admission else {
            return Ok(());
        };
        let next = own
            .said
            .map(|said| said + self.settings.slow)
            .filter(|next| *next > case.now);
        match next {
            Some(next) if !moderator => Err(Rejection::Slow(next)),
            Some(_) | None => Ok(()),
        }
    }
}

pub(crate) fn decide(
    case: &Case<'_>,
    command: &Command,
    texts: &[SaltedText],
) -> Result<Vec<Worded<event::Event>>, Rejection> {
    let State::Channel(channel) = &case.room.state else {
        return Err(Rejection::NotHere("such settings"));
    };
    case.seated()?;
    if channel.archived {
        return Err(Rejection::State("this channel is archived"));
    }
    let event = match command {
        Command::Purpose { at } => {
            moderates(case)?;
            channel.purpose.unchanged_since(*at)?;
            Event::Purposed { purpose: Slot(0) }
        }
        Command::Invite {
            member,
            role,
            history,
        } => invite(case, channel, *member, *role, *history)?,
        Command::Leave {} => {
            let me = case.member()?.id;
            if !seated(case.room, me) {
                return Err(Rejection::State(
                    "you are here by a rule, not by a seat of your own: take the bookmark away",
                ));
            }
            if last_lead(case.room, me) {
                return Err(Rejection::State(
                    "you are the last to lead this channel: name another, or archive it",
                ));
            }
            Event::Left { member: me }
        }
        Command::Remove { member } => {
            moderates(case)?;
            if !seated(case.room, *member)
                || Some(*member) == case.member().ok().map(|card| card.id)
            {
                return Err(Rejection::NoSuchThing("member"));
            }
            Event::Removed { member: *member }
        }
        Command::Archive {} => {
            moderates(case)?;
            Event::Archived {}
        }
    };
    Ok(vec![Worded::new(
        event::Event::Channel(event),
        texts.to_vec(),
    )])
}

fn invite(
    case: &Case<'_>,
    channel: &Channel,
    member: MemberId,
    role: Role,
    history: bool,
) -> Result<Event, Rejection> {
    case.unmuted()?;
    if channel.settings.reach.public() {
        return Err(Rejection::NotHere(
            "invitations: whoever its rule admits may join",
        ));
    }
    case.at_least(if channel.settings.invite == Who::Reps {
        Role::Rep
    } else {
        Role::Lead
    })?;
    if role == Role::Admin {
        return Err(Rejection::Value {
            field: "role",
            want: "viewer, rep or lead",
        });
    }
    // Nobody hands out more than they have.
    case.at_least(role)?;
    let guest = case.named.iter().find(|card| card.status == Status::Active);
    let guest = guest.ok_or(Rejection::NoSuchThing("member"))?;
    if grant(case.room, member) == Some(role) {
        return Err(Rejection::Already("their seat"));
    }
    // Another role for somebody who sits here takes a Lead, and no last Lead away.
    if seated(case.room, member) {
        case.at_least(Role::Lead)?;
        if role < Role::Lead && last_lead(case.room, member) {
            return Err(Rejection::State(
                "this is the last to lead this channel: name another first",
            ));
        }
    } else if !case.room.audience.has_place() {
        return Err(Rejection::Limit {
            field: "seats",
            max: limits::GRANTS_MAX,
        });
    }
    let since = if history {
        Seq::ZERO
    } else {
        case.room.head.seq.next()
    };
    Ok(Event::Invited {
        member,
        org: guest.org,
        role,
        since,
    })
}

fn grant(room: &Room, member: MemberId) -> Option<Role> {
    room.audience.grants.iter().find_map(|grant| match grant {
        Grant::Member { id, role, .. } if *id == member => Some(*role),
        Grant::Member { .. } | Grant::Org { .. } | Grant::Tied { .. } | Grant::Rule { .. } => None,
    })
}

fn seated(room: &Room, member: MemberId) -> bool {
    grant(room, member).is_some()
}

fn last_lead(room: &Room, member: MemberId) -> bool {
    let leads = |grant: &&Grant| matches!(grant, Grant::Member { role, .. } if *role >= Role::Lead);
    grant(room, member).is_some_and(|role| role >= Role::Lead)
        && room.audience.grants.iter().filter(leads).count() == 1
}

fn audience(settings: &Settings, host: OrgId, lead: Option<MemberId>) -> Audience {
    let managers = Grant::Rule {
        rule: Rule::Alliance,
        role: Role::Lead,
        since: Seq::ZERO,
    };
    let by_rule = |rule, role| {
        let since = Seq::ZERO;
        vec![Grant::Rule { rule, role, since }, managers.clone()]
    };
    Audience::of(match &settings.reach {
        Reach::Announcement | Reach::Community => by_rule(Rule::Everyone, Role::Rep),
        Reach::Types(types) => by_rule(Rule::Types(types.clone()), Role::Rep),
        Reach::Private => lead
            .map(|id| Grant::Member {
                id,
                org: host,
                role: Role::Lead,
                since: Seq::ZERO,
            })
            .into_iter()
            .collect(),
    })
}

pub(crate) fn apply(room: &mut Room, entry: &Entry, event: &Event) {
    if let Event::Opened {
        host,
        settings,
        purpose,
        lead,
    } = event
    {
        room.audience = audience(settings, *host, *lead);
        room.state = State::Channel(Channel {
            host: *host,
            settings: settings.clone(),
            purpose: Stated::new(
                entry.seq,
                TextRef {
                    seq: entry.seq,
                    slot: *purpose,
                },
            ),
            archived: false,
        });
        return;
    }
    let State::Channel(channel) = &mut room.state else {
        return;
    };
    match event {
        Event::Opened { .. } => {}
        Event::Purposed { purpose } => {
            channel.purpose = Stated::new(
                entry.seq,
                TextRef {
                    seq: entry.seq,
                    slot: *purpose,
                },
            );
        }
        Event::Invited {
            member,
            org,
            role,
            since,
        } => room.audience.seat(*member, *org, *role, *since),
        Event::Left { member } | Event::Removed { member } => room.audience.unseat(*member),
        Event::Archived {} => channel.archived = true,
    }
}

pub(crate) fn react(entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let seated = inbox::Ask::Point {
        what: inbox::What::Seated,
        room: entry.room,
        seq: entry.seq,
    };
    let unseated = inbox::Ask::Notify {
        what: inbox::What::Unseated,
        room: entry.room,
    };
    match event {
        Event::Invited { member, .. } => vec![(Address::inbox(*member), Asked::Inbox(seated))],
        Event::Removed { member } => vec![(Address::inbox(*member), Asked::Inbox(unseated))],
        Event::Opened { .. } | Event::Purposed { .. } | Event::Left { .. } | Event::Archived {} => {
            vec![]
        }
    }
}

pub(crate) fn take(taking: &Taking<'_>, ask: &Ask) -> Vec<Worded<event::Event>> {
    let Ask::Open {
        host,
        settings,
        lead,
        purpose,
    } = ask;
    if taking.room.state != State::Void {
        return vec![];
    }
    let event = Event::Opened {
        host: *host,
        settings: settings.clone(),
        purpose: Slot(0),
        lead: *lead,
    };
    vec![Worded::new(
        event::Event::Channel(event),
        vec![purpose.clone()],
    )]
}

/// Refuses settings that cannot be, and a private channel opened by nobody in particular.
pub(crate) fn settings_hold(case: &Case<'_>, settings: &Settings) -> Result<(), Rejection> {
    if settings.slow < Span::millis(0) || settings.slow > limits::SLOW_MODE_MAX {
        return Err(Rejection::Value {
            field: "slow",
            want: "no wait, or one of at most 6 hours",
        });
    }
    match &settings.reach {
        Reach::Types(types) if types.is_empty() => Err(Rejection::Value {
            field: "reach",
            want: "one type of partner or more",
        }),
        Reach::Private if matches!(case.actor, Actor::Operator) => {
            Err(Rejection::Only("a member, who leads it"))
        }
        Reach::Announcement | Reach::Community | Reach::Types(_) | Reach::Private => Ok(()),
    }
}
