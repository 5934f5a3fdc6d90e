//! Channels: opened, said what they are for, closed; and the seats of private ones.

use super::super::{exit::Failure, output, show, talk};
use super::{
    words::{one_of, usage},
    work::Work,
};
use crate::replica::Unresolved;
use clap::{Args as ClapArgs, Subcommand};
use rialto_shared::{
    command::Command,
    event::Event,
    id::RoomId,
    room::{
        State,
        channel::{self, Channel, Reach, Settings, Who},
        org,
    },
    standing::{PartnerType, Role},
    text::Handle,
    time::Span,
};
use serde_json::json;

/// The commands on one channel, beside keeping it.
#[derive(Debug, Subcommand)]
pub(in super::super) enum ChannelAct {
    /// Open a channel.
    Open(ChannelOpen),
    /// Say what a channel is for.
    Purpose {
        channel: String,
        /// What it is for; - reads stdin.
        words: String,
    },
    /// Give somebody a seat in a private channel.
    Invite(ChannelInvite),
    /// Take somebody's seat in a private channel away: they lose it at once; you sign it.
    Remove { channel: String, person: String },
    /// Give your own seat in a private channel back: you come in again only if somebody invites you.
    LeaveSeat { channel: String },
    /// Close a channel for good: it can be read, and nobody can write in it.
    Archive { channel: String },
}

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

pub(super) async fn act(mut work: Work<'_>, verb: ChannelAct) -> Result<(), Failure> {
    match verb {
        ChannelAct::Open(asked) => open(work, asked).await,
        ChannelAct::Invite(asked) => invite(work, asked).await,
        ChannelAct::Purpose { channel, words } => {
            let words = output::text(&words)?;
            let (room, at) = named(&mut work, &channel, |channel| channel.purpose.at).await?;
            let command = Command::Channel(channel::Command::Purpose { at });
            work.send(room, command, &[&words]).await
        }
        ChannelAct::Remove { channel, person } => {
            let (room, ()) = named(&mut work, &channel, |_| ()).await?;
            let member = work.person(&person).await?;
            let command = Command::Channel(channel::Command::Remove { member });
            work.send(room, command, &[]).await
        }
        ChannelAct::LeaveSeat { channel } => {
            let (room, ()) = named(&mut work, &channel, |_| ()).await?;
            let command = Command::Channel(channel::Command::Leave {});
            work.send(room, command, &[]).await
        }
        ChannelAct::Archive { channel } => {
            let (room, ()) = named(&mut work, &channel, |_| ()).await?;
            let command = Command::Channel(channel::Command::Archive {});
            work.send(room, command, &[]).await
        }
    }
}

/// The channel that is meant, with or without its #, and what is read of it.
async fn named<T>(
    work: &mut Work<'_>,
    text: &str,
    read: impl Fn(&Channel) -> T,
) -> Result<(RoomId, T), Failure> {
    let room = match work.replica().resolve(text) {
        Ok(room) => room,
        Err(several @ Unresolved::Several { .. }) => return Err(several.into()),
        Err(Unresolved::Nothing(_)) => show::channel(&mut work.client, text).await?,
    };
    work.here(room).await?;
    match work.state(room) {
        Some(State::Channel(channel)) => Ok((room, read(channel))),
        Some(_) | None => Err(usage(format!(
            "{text} is no channel: see `rialto channels` and `rialto rooms`"
        ))),
    }
}

async fn open(mut work: Work<'_>, open: ChannelOpen) -> Result<(), Failure> {
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

async fn invite(mut work: Work<'_>, invite: ChannelInvite) -> Result<(), Failure> {
    let (room, ()) = named(&mut work, &invite.channel, |_| ()).await?;
    let member = work.person(&invite.person).await?;
    let command = Command::Channel(channel::Command::Invite {
        member,
        role: invite.role,
        history: invite.history,
    });
    work.send(room, command, &[]).await
}
