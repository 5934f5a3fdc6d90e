//! Actions of those who moderate, and on channels as a whole.

use crate::app::{
    App,
    action::{
        Action, Entry, Group,
        Headless::Command,
        Scope::{Anywhere, Lists},
        plain,
    },
    form::{OnRoom, Purpose},
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::WhoReads,
        name: "who",
        label: "who can read this",
        keys: &[(Anywhere, "f9"), (Lists, "w"), (Lists, "space w")],
        group: Group::Room,
        when: App::can_ask_who,
        run: App::ask_who,
        ..plain(Command("room who ROOM"))
    },
    Entry {
        action: Action::Redact,
        name: "redact",
        label: "remove this message as a moderator",
        group: Group::Message,
        when: App::may_redact,
        consequence: Some(
            "It is gone for everyone; your name, the reason and the words stand in its place, signed by you.",
        ),
        run: |app| {
            let at = app.selected_place();
            app.open_form(at.map(|(room, seq)| Purpose::Room(OnRoom::Redact(room, seq))))
        },
        ..plain(Command("redact ROOM 1 spam WORDS"))
    },
    Entry {
        action: Action::Mute,
        name: "mute",
        label: "mute somebody for a while",
        group: Group::Room,
        when: App::may_mute,
        consequence: Some("They can say nothing here until it lifts; everyone here sees it."),
        run: |app| {
            let room = app.room_at_hand();
            app.open_form(room.map(|room| Purpose::Room(OnRoom::Mute(room))))
        },
        ..plain(Command("mute ROOM PERSON"))
    },
    Entry {
        action: Action::Unmute,
        name: "unmute",
        label: "lift a mute",
        group: Group::Room,
        when: |app| app.may_mute() && !app.muted().is_empty(),
        consequence: Some("Everyone here sees it."),
        run: |app| {
            let room = app.room_at_hand();
            app.open_form(room.map(|room| Purpose::Room(OnRoom::Unmute(room))))
        },
        ..plain(Command("unmute ROOM PERSON"))
    },
    Entry {
        action: Action::Purpose,
        name: "purpose",
        label: "say what this channel is for",
        group: Group::Room,
        when: App::leads_channel,
        run: |app| {
            let room = app.room_at_hand();
            app.open_form(room.map(|room| Purpose::Room(OnRoom::Purpose(room))))
        },
        ..plain(Command("channel purpose CHANNEL WORDS"))
    },
    Entry {
        action: Action::GiveSeat,
        name: "give-seat",
        label: "give somebody a seat here",
        group: Group::Room,
        when: App::private_channel,
        consequence: Some("They read this channel from then on."),
        run: |app| {
            let room = app.room_at_hand();
            app.open_form(room.map(|room| Purpose::Room(OnRoom::GiveSeat(room))))
        },
        ..plain(Command("channel invite CHANNEL PERSON"))
    },
    Entry {
        action: Action::TakeSeat,
        name: "take-seat",
        label: "take somebody's seat away",
        group: Group::Room,
        when: |app| app.private_channel() && app.leads_channel(),
        consequence: Some("They lose this channel at once."),
        run: |app| {
            let room = app.room_at_hand();
            app.open_form(room.map(|room| Purpose::Room(OnRoom::TakeSeat(room))))
        },
        ..plain(Command("channel remove CHANNEL PERSON"))
    },
    Entry {
        action: Action::LeaveSeat,
        name: "leave-seat",
        label: "give your own seat back",
        group: Group::Room,
        when: App::private_channel,
        consequence: Some(
            "You lose this channel at once, and come back only if somebody asks you in.",
        ),
        run: App::leave_seat,
        ..plain(Command("channel leave-seat CHANNEL"))
    },
    Entry {
        action: Action::Archive,
        name: "archive",
        label: "close this channel for good",
        group: Group::Room,
        when: App::leads_channel,
        consequence: Some("Nobody can write here again; it can still be read."),
        run: App::archive,
        ..plain(Command("channel archive CHANNEL"))
    },
];
