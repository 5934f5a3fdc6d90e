//! The lists of rooms: what is unread first, then by kind, each under its name.

use super::{deals, referrals};
use crate::{
    app::{
        App, Screen,
        words::{Shown, line::Tone},
    },
    replica::Unread,
};
use rialto_shared::{
    id::{RoomId, RoomKind},
    room::State,
};

/// A room in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub room: RoomId,
    /// Its name.
    pub name: Shown,
    /// What I have not read there.
    pub unread: Unread,
    /// Whether a text waits there to be sent.
    pub draft: bool,
    /// For a conversation of two: whether the other is there.
    pub here: Option<bool>,
    /// What stands at the end of its row.
    pub tail: Option<(Shown, Tone)>,
}

/// Rooms under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// The rooms, by name.
    pub rooms: Vec<Listed>,
}

/// The screen that shows a kind of room.
#[must_use]
pub const fn screen_of(kind: RoomKind) -> Screen {
    match kind {
        RoomKind::Inbox => Screen::Inbox,
        RoomKind::Channel
        | RoomKind::Direct
        | RoomKind::Org
        | RoomKind::Relation
        | RoomKind::Record => Screen::Channels,
        RoomKind::Deal => Screen::Deals,
        RoomKind::Referral | RoomKind::Side => Screen::Referrals,
        RoomKind::Profile | RoomKind::Card => Screen::Directory,
    }
}

/// The rooms of a screen that are kept.
#[must_use]
pub fn all(app: &App, screen: Screen) -> Vec<Listed> {
    let rooms = app.console.replica().rooms().map(|(room, _)| room);
    let mut rooms: Vec<Listed> = rooms
        .filter(|room| screen_of(room.kind()) == screen && is_listed(app, *room))
        .map(|room| listed(app, room))
        .collect();
    rooms.sort_by_key(|room| (room.name.as_str().to_lowercase(), room.room));
    rooms
}

/// The rooms that a screen lists, by heading; headings without rooms are left out.
#[must_use]
pub fn sections(app: &App, screen: Screen) -> Vec<Section> {
    let mut sections = match screen {
        Screen::Channels => channels(app),
        Screen::Deals => deals::sections(app),
        Screen::Referrals => referrals::sections(app),
        Screen::Inbox | Screen::Directory => vec![],
    };
    sections.retain(|section| !section.rooms.is_empty());
    sections
}

/// What is unread, then channels and conversations by kind.
fn channels(app: &App) -> Vec<Section> {
    let (unread, read): (Vec<_>, Vec<_>) = all(app, Screen::Channels)
        .into_iter()
        .partition(|room| room.unread.messages > 0);
    let headings = [
        ("CHANNELS", &[RoomKind::Channel][..]),
        ("DIRECT", &[RoomKind::Direct]),
        ("CONNECTIONS", &[RoomKind::Relation]),
        ("OURS ALONE", &[RoomKind::Org, RoomKind::Record]),
    ];
    let read = headings.into_iter().map(|(title, kinds)| Section {
        title,
        rooms: read
            .iter()
            .filter(|one| kinds.contains(&one.room.kind()))
            .cloned()
            .collect(),
    });
    std::iter::once(Section {
        title: "UNREAD",
        rooms: unread,
    })
    .chain(read)
    .collect()
}

/// Rooms of a screen in the order they are listed in.
#[must_use]
pub fn in_order(app: &App, screen: Screen) -> Vec<RoomId> {
    sections(app, screen)
        .into_iter()
        .flat_map(|section| section.rooms)
        .map(|one| one.room)
        .collect()
}

/// Whether a room that is held belongs into a list: one that is kept, not one that was only looked into.
fn is_listed(app: &App, room: RoomId) -> bool {
    let Some(held) = app.console.replica().room(room) else {
        return false;
    };
    if held.room.state == State::Void {
        return false;
    }
    room.kind() != RoomKind::Channel || !app.by_rule(room) || app.bookmarked(room)
}

fn listed(app: &App, room: RoomId) -> Listed {
    let replica = app.console.replica();
    let here = match replica.room(room).map(|held| &held.room.state) {
        Some(State::Direct(direct)) if direct.people.len() == 2 => {
            let other = direct
                .people
                .iter()
                .find(|one| Some(one.id) != replica.my_id());
            other.map(|other| app.is_here(other.id))
        }
        Some(_) | None => None,
    };
    Listed {
        room,
        name: Shown::said(replica.title(room)),
        unread: replica.unread(room),
        draft: app.has_draft(room),
        here,
        tail: match room.kind() {
            RoomKind::Deal => deals::tail(app, room),
            RoomKind::Referral | RoomKind::Side => referrals::tail(app, room),
            RoomKind::Org
            | RoomKind::Inbox
            | RoomKind::Channel
            | RoomKind::Direct
            | RoomKind::Profile
            | RoomKind::Card
            | RoomKind::Relation
            | RoomKind::Record => None,
        },
    }
}
