//! The words of the command line.

pub(super) mod pages;

use super::nouns::{ChannelAct, Noun};
use crate::route::{Choice, Trust};
use clap::{Args as ClapArgs, Parser, Subcommand};
use rialto_shared::{
    id::Hash,
    room::talk::RedactReason,
    standing::{PartnerType, Role},
};
use std::path::PathBuf;

const EXITS: &str = "Exit codes: 0 done, 1 failure, 2 usage, 3 not connected, 4 refused by a rule, \
                     5 a proof does not hold.\n\
                     What ends with 3 after it was sent stays in the outbox, and the next command sends it again: \
                     do not repeat it.\n\
                     A ROOM is an id, #handle, @person, inbox, a title, or the beginning of one.";

/// The console of a partner ecosystem.
#[derive(Debug, Parser)]
#[command(name = "rialto", version, after_help = EXITS)]
pub(super) struct Args {
    /// The folder that accounts are in.
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) home: Option<PathBuf>,
    /// Which account, where there are several.
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) account: Option<String>,
    /// The proxy on the way to the server, as http://NAME:PASSWORD@HOST:PORT, or none; without it what the account keeps, else
    /// HTTPS_PROXY, ALL_PROXY and NO_PROXY.
    #[arg(long, global = true, value_name = "URL")]
    pub(super) proxy: Option<Choice>,
    /// Who vouches for the server's certificate beside its own key, which the invitation pins: nobody, or this system's trust
    /// store as well.
    #[arg(long, global = true, value_enum)]
    pub(super) trust: Option<Trust>,
    /// Keep --proxy and --trust in the account, readable by you alone.
    #[arg(long, global = true)]
    pub(super) remember: bool,
    /// One line of JSON for each datum.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// A whole invented ecosystem on this machine, to look around in: needs no server and no account.
    #[cfg(feature = "demo")]
    Demo(Demo),
    /// Become a member by an invitation's link; or have this be one more device of yours, by the link of one that you have.
    Join {
        /// https://HOST:PORT/join#CODE.SERVER, in quotes.
        link: String,
        /// Your name, as others see it; or what this device is called.
        #[arg(long)]
        name: Option<String>,
    },
    /// Who you are here.
    Whoami,
    /// What works and what does not.
    Doctor,
    /// Your rooms, and what is unread in them.
    Rooms,
    /// What needs you.
    Inbox {
        /// The number of something that is done.
        #[arg(long, value_name = "N")]
        done: Option<u64>,
    },
    /// The channels that you may read.
    Channels {
        /// Words that must all occur.
        words: Vec<String>,
    },
    /// Channels: keep them, open and close them, and give and take the seats of private ones.
    Channel {
        #[command(subcommand)]
        verb: ChannelVerb,
    },
    /// What a room is to whom.
    Room {
        #[command(subcommand)]
        verb: RoomVerb,
    },
    /// Say something in a room.
    Say(Say),
    /// Replace the text of a message of yours.
    Edit {
        room: String,
        /// The message's number.
        seq: u64,
        /// The new text; - reads stdin.
        text: String,
    },
    /// Remove a message of yours.
    Delete {
        room: String,
        /// The message's number.
        seq: u64,
    },
    /// React to a message.
    React {
        room: String,
        /// The message's number.
        seq: u64,
        /// An emoji, or its :shortcode:.
        emoji: String,
        /// Take the reaction back.
        #[arg(long)]
        off: bool,
    },
    /// Remove somebody's message as a moderator; you sign it.
    Redact {
        room: String,
        /// The message's number.
        seq: u64,
        /// confidential, abuse, spam, off_topic, legal or other.
        reason: RedactReason,
        /// Why, in a line that everybody here sees.
        words: String,
    },
    /// Silence somebody in a room for a while.
    Mute {
        room: String,
        person: String,
        /// For how many minutes.
        #[arg(long, default_value_t = 60)]
        minutes: u32,
    },
    /// Lift a mute.
    Unmute { room: String, person: String },
    /// Pin a message.
    Pin {
        room: String,
        /// The message's number.
        seq: u64,
        /// Take the pin away.
        #[arg(long)]
        off: bool,
    },
    /// Print a room's newest entries and go on as they come.
    Tail {
        room: String,
        /// Begin after this entry.
        #[arg(long, value_name = "SEQ")]
        from: Option<u64>,
        /// How many of the newest to begin with.
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// End after so many entries.
        #[arg(long, value_name = "N")]
        count: Option<usize>,
    },
    /// Print a part of a room's log.
    Page(Page),
    /// Mark everything in a room as read.
    Seen { room: String },
    /// Find organisations.
    Find(Find),
    /// Find people whom you may name.
    People {
        /// Words that must all occur in a name.
        words: Vec<String>,
    },
    /// Invite a person to your own organisation, and print the link.
    #[command(args_conflicts_with_subcommands = true)]
    Invite(Invite),
    /// Open a conversation with one to seven people.
    Dm {
        #[arg(required = true)]
        people: Vec<String>,
        /// Say this at once; - reads stdin.
        #[arg(long, short)]
        message: Option<String>,
    },
    #[command(flatten)]
    Noun(Noun),
    /// Verify a room's chain and signatures from what is held here, or a file of exported entries.
    Verify {
        /// A room, or a file.
        what: String,
        /// The id of the server that a file is from, where it is not this account's.
        #[arg(long)]
        server: Option<Hash>,
    },
    /// Take something out of the console.
    Export {
        #[command(subcommand)]
        what: ExportWhat,
    },
    /// Print what completes command lines in a shell.
    Completions {
        /// Which.
        shell: clap_complete::Shell,
    },
    /// Print the man page, or write it and one for each command into a folder.
    Man {
        /// The folder, made where there is none.
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ChannelVerb {
    /// Keep a channel.
    Join { channel: String },
    /// Keep it no longer.
    Leave { channel: String },
    #[command(flatten)]
    Act(ChannelAct),
}

#[derive(Debug, Subcommand)]
pub(super) enum RoomVerb {
    /// Print everybody who can read a room, by organisation, what the vendor sees of it, and what the server's operator can
    /// technically read.
    Who { room: String },
}

#[derive(Debug, Subcommand)]
pub(super) enum InviteVerb {
    /// The open invitations: to what, by whom, until when.
    List,
    /// Take an open one back, by a beginning of its number in the list.
    Cancel { invitation: String },
}

#[derive(Debug, Subcommand)]
pub(super) enum ExportWhat {
    /// The deals that you are in.
    Deals {
        #[command(flatten)]
        form: super::exporting::Form,
    },
    /// The referrals that you read, and cases that are with nobody.
    Referrals {
        #[command(flatten)]
        form: super::exporting::Form,
    },
    /// A room's log: as CSV what people read; as JSON lines the entries as they are stored, which `rialto verify FILE`
    /// checks.
    Room {
        room: String,
        #[command(flatten)]
        form: super::exporting::Form,
        /// Only what is held here.
        #[arg(long)]
        offline: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(super) struct Say {
    pub(super) room: String,
    /// The text; - reads stdin.
    pub(super) text: String,
    /// In the thread of this message.
    #[arg(long, value_name = "SEQ")]
    pub(super) thread: Option<u64>,
    /// Who is meant; may be given again.
    #[arg(long, value_name = "PERSON")]
    pub(super) mention: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Page {
    pub(super) room: String,
    /// The entries before this one.
    #[arg(long, value_name = "SEQ", conflicts_with_all = ["after", "thread", "all"])]
    pub(super) before: Option<u64>,
    /// The entries after this one.
    #[arg(long, value_name = "SEQ", conflicts_with_all = ["thread", "all"])]
    pub(super) after: Option<u64>,
    /// A message and its thread.
    #[arg(long, value_name = "SEQ", conflicts_with = "all")]
    pub(super) thread: Option<u64>,
    /// Everything, from the first entry on.
    #[arg(long)]
    pub(super) all: bool,
    /// At most so many entries.
    #[arg(long, default_value_t = 50)]
    pub(super) limit: u32,
}

#[cfg(feature = "demo")]
#[derive(Debug, ClapArgs)]
pub(super) struct Demo {
    /// Whom to look at it as.
    #[arg(long = "as", value_name = "WHO", value_enum, default_value_t)]
    pub(super) player: crate::demo::Player,
    /// A folder to keep it in, new or of an earlier demo, which then goes on; otherwise it goes when you leave.
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// Make it, say what is in it, verify it, and end.
    #[arg(long)]
    pub(super) headless: bool,
    /// Print the screens that README shows, and end.
    #[arg(long, conflicts_with_all = ["player", "data", "headless"])]
    pub(super) screens: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Invite {
    #[command(subcommand)]
    pub(super) verb: Option<InviteVerb>,
    /// viewer, rep, lead or admin.
    #[arg(long, default_value_t = Role::Rep)]
    pub(super) role: Role,
    /// As an alliance manager: the vendor's people only.
    #[arg(long)]
    pub(super) alliance: bool,
    /// Without certificates, where no device of yours may give any: whoever comes reads and writes, and signs nothing until a
    /// device of your organisation that may certifies theirs.
    #[arg(long)]
    pub(super) uncertified: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Find {
    /// Words that must all occur.
    pub(super) words: Vec<String>,
    /// A type of partner, such as isv or msp; may be given again.
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) types: Vec<PartnerType>,
    /// In a program whose name holds this.
    #[arg(long)]
    pub(super) program: Option<String>,
    /// In a region whose name holds this.
    #[arg(long)]
    pub(super) region: Option<String>,
    /// Results to leave out before the first.
    #[arg(long, default_value_t = 0)]
    pub(super) skip: u32,
}

#[cfg(test)]
mod tests {
    use super::Args;
    use clap::{CommandFactory as _, Parser as _};

    #[test]
    fn the_command_line_holds_together_and_documents_its_exit_codes() {
        Args::command().debug_assert();
        let help = Args::command().render_help().to_string();
        for code in ["0 done", "3 not connected", "4 refused", "5 a proof"] {
            assert!(help.contains(code), "{code}");
        }
    }

    #[test]
    fn parts_of_a_log_exclude_each_other() {
        let parse = |words: &[&str]| Args::try_parse_from([&["rialto"], words].concat()).is_ok();
        assert!(parse(&["page", "#room", "--before", "5", "--json"]));
        assert!(!parse(&["page", "#room", "--before", "5", "--after", "2"]));
        assert!(!parse(&["page", "#room", "--all", "--thread", "2"]));
        assert!(!parse(&["export", "room", "#room"]), "its form is named");
        assert!(parse(&["find", "--type", "isv", "--type", "MSP"]));
        assert!(!parse(&["find", "--type", "nonsense"]));
    }
}
