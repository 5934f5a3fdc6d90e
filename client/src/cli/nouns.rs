//! `rialto NOUN VERB`: organisations with each other, referrals, deals, and what an organisation says and runs of itself.
//!
//! Each noun has a file with its words and what they do. All of them read what they need from the replica, send one
//! command, or two where one leads to the other, and print what came of it.

mod agreement;
mod channel;
mod connection;
mod deal;
mod invitation;
mod member;
mod notices;
mod org;
mod profile;
mod referral;
mod side;
#[cfg(test)]
mod tests;
mod words;
mod work;

use super::{Context, args::InviteVerb, exit::Failure};
use clap::Subcommand;
use member::device;

pub(super) use channel::ChannelAct;
pub(super) use words::one_of;

/// The nouns of the command line.
#[derive(Debug, Subcommand)]
pub(super) enum Noun {
    /// Organisations that yours is connected with, or asks, or is asked by.
    Connection {
        #[command(subcommand)]
        verb: connection::Verb,
    },
    /// Agreements with connected organisations.
    Agreement {
        #[command(subcommand)]
        verb: agreement::Verb,
    },
    /// Customers that are referred, to you and by you.
    Referral {
        #[command(subcommand)]
        verb: Box<referral::Verb>,
    },
    /// Who of your organisation is in what is private to it: a case, or its side of a referral or a deal.
    Side {
        #[command(subcommand)]
        verb: side::Verb,
    },
    /// Deals: several organisations, one customer.
    Deal {
        #[command(subcommand)]
        verb: Box<deal::Verb>,
    },
    /// What an organisation says of itself.
    Profile {
        #[command(subcommand)]
        verb: profile::Verb,
    },
    /// Organisations, for the vendor's admins and alliance managers; and what the vendor does in yours.
    Org {
        #[command(subcommand)]
        verb: org::Verb,
    },
    /// The people of your organisation.
    Member {
        #[command(subcommand)]
        verb: member::Verb,
    },
    /// The devices of your organisation.
    Device {
        #[command(subcommand)]
        verb: device::Verb,
    },
    /// What you are told of by mail when you are not here, and when.
    Notices {
        #[command(subcommand)]
        verb: Box<notices::Verb>,
    },
}

pub(super) async fn act(context: &Context, noun: Noun) -> Result<(), Failure> {
    let work = work::Work::begin(context).await?;
    match noun {
        Noun::Connection { verb } => connection::act(work, verb).await,
        Noun::Agreement { verb } => agreement::act(work, verb).await,
        Noun::Referral { verb } => referral::act(work, *verb).await,
        Noun::Side { verb } => side::act(work, verb).await,
        Noun::Deal { verb } => deal::act(work, *verb).await,
        Noun::Profile { verb } => profile::act(work, verb).await,
        Noun::Org { verb } => org::act(work, verb).await,
        Noun::Member { verb } => member::act(work, verb).await,
        Noun::Device { verb } => device::act(work, verb).await,
        Noun::Notices { verb } => notices::act(work, *verb).await,
    }
}

pub(super) async fn invitations(context: &Context, verb: InviteVerb) -> Result<(), Failure> {
    invitation::act(work::Work::begin(context).await?, verb).await
}

pub(super) async fn channel(context: &Context, verb: ChannelAct) -> Result<(), Failure> {
    channel::act(work::Work::begin(context).await?, verb).await
}
