//! Actions of those who moderate, and on channels as a whole.

use crate::app::{
    App,
    action::{
        Action, Entry, Group,
        Headless::{Command, Owed},
        PLAIN,
    },
    form::{OnRoom, Purpose},
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::Redact,
        name: "redact",
        label: "remove this message as a moderator",
        group: Group::Message,
        when: App::may_redact,
        consequence: Some(
            "It is gone for everyone; your name, the reason and the words stand in its place, signed by you.",
        ),
        headless: Command("redact ROOM 1 spam WORDS"),
        run: |app| {
            let at = app.selected_place();
            app.open_form(at.map(|(room, seq)| Purpose::Room(OnRoom::Redact(room, seq))))
        },
        ..PLAIN
    },
    Entry {
        action: Action::Mute,
        name: "mute",
        label: "mute somebody for a while",
        group: Group::Room,
        when: App::may_mute,
        consequence: Some("They can say nothing here until it lifts; everyone here sees it."),
        headless: Command("mute ROOM PERSON"),
        run: |app| {
            let room = app.room_at_hand();
            app.open_form(room.map(|room| Purpose::Room(OnRoom::Mute(room))))
        },
        ..PLAIN
    },
    Entry {
        action: Action::Unmute,
        name: "unmute",
        label: "lift a mute",
        group: Group::Room,
        when: |app| app.may_mute() && !app.muted().is_empty(),
        consequence: Some("Everyone here sees it."),
        headless: Command("unmute ROOM PERSON"),
        run: |app| {
            let room = app.room_at_hand();
            app.open_form(room.map(|room| Purpose::Room(OnRoom::Unmute(room))))
        },
        ..PLAIN
    },
    Entry {
        action: Action::Purpose,
        name: "purpose",
        label: "say what this channel is for",
        group: Group::Room,
        when: App::leads_channel,
        headless: Owed,
        run: |app| {
            let room = app.room_at_hand();
            app.open_form(room.map(|room| Purpose::Room(OnRoom::Purpose(room))))
        },
        ..PLAIN
    },
    Entry {
        action: Action::GiveSeat,
        name: "give-seat",
        label: "give somebody a seat here",
        group: Group::Room,
        when: App::private_channel,
        consequence: Some("They read this channel from then on."),
        headless: Command("channel invite CHANNEL PERSON"),
        run: |app| {
            let room = app.room_at_hand();
            app.open_form(room.map(|room| Purpose::Room(OnRoom::GiveSeat(room))))
        },
        ..PLAIN
    },
    Entry {
        action: Action::TakeSeat,
        name: "take-seat",
        label: "take somebody's seat away",
        group: Group::Room,
        when: |app| app.private_channel() && app.leads_channel(),
        consequence: Some("They lose this channel at once."),
        headless: Owed,
        run: |app| {
            let room = app.room_at_hand();
            app.open_form(room.map(|room| Purpose::Room(OnRoom::TakeSeat(room))))
        },
        ..PLAIN
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
        headless: Owed,
        run: App::leave_seat,
        ..PLAIN
    },
    Entry {
        action: Action::Archive,
        name: "archive",
        label: "close this channel for good",
        group: Group::Room,
        when: App::leads_channel,
        consequence: Some("Nobody can write here again; it can still be read."),
        headless: Owed,
        run: App::archive,
        ..PLAIN
    },
];
