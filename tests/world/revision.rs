//! Commands that replace something name the entry that set it last, as their author saw it. Here they name what this world
//! says, so that a script means the same in worlds in which rooms have grown differently.

use super::folded;
use rialto_server::house::House;
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{Hash, RoomId},
    room::{State, channel, deal, inbox, org, profile, side},
};

/// Whether a command names the entry that set the thing last which it replaces or answers.
pub(crate) fn replaces(command: &Command) -> bool {
    matches!(
        command,
        Command::Org(
            org::Command::Role { .. }
                | org::Command::Rename { .. }
                | org::Command::Prefer { .. }
                | org::Command::Object { .. }
                | org::Command::AnswerConnection { .. }
        ) | Command::Inbox(inbox::Command::SetNotices { .. })
            | Command::Profile(_)
            | Command::Side(side::Command::Draft { .. } | side::Command::Reference { .. })
            | Command::Deal(
                deal::Command::Retitle { .. }
                    | deal::Command::Customer { .. }
                    | deal::Command::Problem { .. }
                    | deal::Command::Value { .. }
                    | deal::Command::TargetClose { .. }
                    | deal::Command::NextStep { .. }
                    | deal::Command::MoveStage { .. }
                    | deal::Command::SignPresence { .. }
            )
            | Command::Channel(channel::Command::Purpose { .. })
    )
}

/// The same command, naming the entry that set the thing last in this world.
pub(crate) fn with_at(house: &House, room: RoomId, command: Command) -> Command {
    if !replaces(&command) {
        return command;
    }
    let state = folded(house, room).state;
    let mut command = command;
    match (&mut command, &state) {
        (Command::Org(org::Command::Role { member, at, .. }), State::Org(org)) => {
            *at = org.people.get(member).map_or(Seq::ZERO, |one| one.at);
        }
        (Command::Org(org::Command::Rename { at }), State::Org(org)) => *at = org.name.at,
        (Command::Org(org::Command::Prefer { at, .. }), State::Org(org)) => {
            *at = org.preference.at;
        }
        (Command::Org(org::Command::Object { at }), State::Org(org)) => {
            *at = org.succession.as_ref().map_or(Seq::ZERO, |open| open.at);
        }
        (Command::Org(org::Command::AnswerConnection { from, knock, .. }), State::Org(org)) => {
            *knock = org.knocked.get(from).map_or(Hash::ZERO, |one| one.matter);
        }
        (Command::Inbox(inbox::Command::SetNotices { at, .. }), State::Inbox(inbox)) => {
            *at = inbox.notices.at;
        }
        (Command::Channel(channel::Command::Purpose { at }), State::Channel(channel)) => {
            *at = channel.purpose.at;
        }
        (Command::Profile(command), State::Profile(profile)) => set_at(command, profile),
        (Command::Side(side::Command::Draft { at, .. }), State::Side(side)) => {
            *at = side.case.as_ref().map_or(Seq::ZERO, |case| case.draft.at);
        }
        (Command::Side(side::Command::Reference { at, .. }), State::Side(side)) => {
            *at = side.reference.at;
        }
        (Command::Deal(command), State::Deal(deal)) => {
            let header = &deal.header;
            match command {
                deal::Command::Retitle { at } => *at = header.title.at,
                deal::Command::Customer { at } => *at = header.customer.at,
                deal::Command::Problem { at } => *at = header.problem.at,
                deal::Command::Value { at, .. } => *at = header.value.at,
                deal::Command::TargetClose { at, .. } => *at = header.close.at,
                deal::Command::NextStep { at } => *at = header.next_step.at,
                deal::Command::MoveStage { at, .. } => *at = deal.course.stage.at,
                deal::Command::SignPresence { proposal } => {
                    let open = deal.proposal.as_ref();
                    *proposal = open.map_or(*proposal, |open| open.entry.seq);
                }
                _ => {}
            }
        }
        _ => {}
    }
    command
}

fn set_at(command: &mut profile::Command, profile: &profile::Profile) {
    match command {
        profile::Command::Describe { at } | profile::Command::Clear { at, .. } => {
            *at = profile.description.at;
        }
        profile::Command::Website { at } => *at = profile.website.at,
        profile::Command::Places { at, .. } => *at = profile.places.at,
        profile::Command::Industries { at, .. } => *at = profile.industries.at,
        profile::Command::Specialities { at } => *at = profile.specialities.at,
        profile::Command::Capacity { at, .. } => *at = profile.capacity.at,
        profile::Command::LookingFor { at, .. } => *at = profile.looking_for.at,
        profile::Command::Visibility { at, .. } => *at = profile.visibility.at,
        profile::Command::Contacts { at, .. } => *at = profile.contacts.at,
        profile::Command::Contact { at } => *at = profile.contact.at,
        profile::Command::Notes { at } => *at = profile.notes.at,
    }
}
