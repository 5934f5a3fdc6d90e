//! Opening a channel, and inviting to a private one.

use super::super::{exit::Failure, talk};
use super::{
    words::{one_of, usage},
    work::Work,
};
use clap::Args as ClapArgs;
use rialto_shared::{
    command::Command,
    event::Event,
    id::RoomId,
    room::{
        channel::{self, Reach, Settings, Who},
        org,
    },
    standing::{PartnerType, Role},
    text::Handle,
    time::Span,
};
use serde_json::json;

/// The words of `channel open`.
#[derive(Debug, ClapArgs)]
pub(in super::super) struct ChannelOpen {
    /// Its name, such as launch-news.
    handle: String,
    /// What it is for.
    #[arg(long)]
    purpose: String,
    /// Everyone reads, the vendor's alliance managers post.
    #[arg(long, conflicts_with_all = ["private", "types"])]
    announcement: bool,
    /// Whoever is invited.
    #[arg(long, conflicts_with = "types")]
    private: bool,
    /// For organisations of this type, and the vendor; may be given again.
    #[arg(long = "type", id = "types", value_name = "TYPE", value_parser = one_of::<PartnerType>)]
    types: Vec<PartnerType>,
}

/// The words of `channel invite`.
#[derive(Debug, ClapArgs)]
pub(in super::super) struct ChannelInvite {
    channel: String,
    person: String,
    /// viewer, rep or lead.
    #[arg(long, default_value = "rep", value_parser = one_of::<Role>)]
    role: Role,
    /// They see what was said before.
    #[arg(long)]
    history: bool,
}

pub(super) async fn open(mut work: Work<'_>, open: ChannelOpen) -> Result<(), Failure> {
    let name = open.handle.trim_start_matches('#').to_lowercase();
    let handle: Handle = name
        .parse()
        .map_err(|error| usage(format!("#{name}: {error}")))?;
    let reach = match (open.announcement, open.private, open.types.is_empty()) {
        (true, ..) => Reach::Announcement,
        (false, true, _) => Reach::Private,
        (false, false, true) => Reach::Community,
        (false, false, false) => Reach::Types(open.types.into_iter().collect()),
    };
    let post = if open.announcement {
        Who::Moderators
    } else {
        Who::Reps
    };
    let settings = Settings {
        handle,
        reach,
        post,
        invite: Who::Moderators,
        slow: Span::ZERO,
    };
    let command = Command::Org(org::Command::OpenChannel { settings });
    let room = RoomId::org(work.own);
    let receipt = work.submit(room, command, &[&open.purpose]).await?;
    let opened = work.outcome(&receipt, |event| {
        let Event::Org(org::Event::ChannelOpened { room, .. }) = event else {
            return None;
        };
        Some(*room)
    });
    match opened {
        Some(room) => work.print(
            &json!({"room": room, "handle": name}),
            &format!("{room}  #{name}"),
        )?,
        None => talk::receipt(work.context, &work.client, &receipt)?,
    }
    work.close()
}

pub(super) async fn invite(mut work: Work<'_>, invite: ChannelInvite) -> Result<(), Failure> {
    let room = work.room(&invite.channel).await?;
    let member = work.person(&invite.person).await?;
    let command = Command::Channel(channel::Command::Invite {
        member,
        role: invite.role,
        history: invite.history,
    });
    work.send(room, command, &[]).await
}
