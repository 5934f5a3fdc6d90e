//! Deals: opened, staffed, moved, and ended.

mod act;
mod call;
mod header;
mod parties;
mod show;
mod tasks;

use super::words::one_of;
use clap::{Args as ClapArgs, Subcommand};
use rialto_shared::{
    money::Money,
    room::deal::{DeclineReason, LostReason, Presence, Responsibility, Stage},
    standing::Role,
    time::Date,
};

pub(super) use act::act;

#[derive(Debug, Subcommand)]
pub(in super::super) enum Verb {
    /// Open a deal that your organisation hosts.
    Open(Open),
    /// Have a deal here as your own system has it: opened where it is not here yet, changed where it differs.
    Upsert(super::super::importing::Upsert),
    /// Have many deals here out of your own system's export; the same again changes nothing.
    Import(super::super::importing::Import),
    /// Your deals, and those that you are asked into.
    List,
    /// One deal.
    Show { room: String },
    /// Come into a deal that you are asked into; you sign it.
    Accept {
        room: String,
        /// Who comes beside you; may be given again.
        #[arg(long, value_name = "PERSON")]
        person: Vec<String>,
    },
    /// Do not come; you sign it.
    Decline {
        room: String,
        #[arg(value_parser = one_of::<DeclineReason>)]
        reason: DeclineReason,
        /// Why, in a line.
        words: String,
    },
    #[command(flatten)]
    Party(PartyVerb),
    #[command(flatten)]
    Header(HeaderVerb),
    /// What is to be done.
    Task {
        #[command(subcommand)]
        verb: TaskVerb,
    },
    /// Stop everything but talk; you sign it.
    Freeze { room: String, reason: String },
    /// Let it go on; you sign it.
    Unfreeze { room: String },
    /// Declare it won: it ends; you sign it.
    Win { room: String },
    /// Declare it lost: it ends; you sign it.
    Lose {
        room: String,
        #[arg(value_parser = one_of::<LostReason>)]
        reason: LostReason,
        /// Why, in a line.
        words: String,
    },
    /// How the vendor is present: as every party signs.
    Presence {
        room: String,
        #[command(subcommand)]
        verb: PresenceVerb,
    },
    /// Call alliance managers of the vendor; you sign it.
    Call {
        room: String,
        /// What for; - reads stdin.
        words: String,
        /// Whom, of those that the vendor's profile names; without any, all of them.
        person: Vec<String>,
    },
    /// Give your own seat back: you lose the deal at once.
    Leave { room: String },
    /// Take your organisation out, with all its people; you sign it.
    Withdraw { room: String },
}

/// What is done about the parties of a deal and their people.
#[derive(Debug, Subcommand)]
pub(in super::super) enum PartyVerb {
    /// Ask an organisation in: they see who asks and the message, and nothing of the deal.
    Invite(Invite),
    /// Take an open invitation back.
    Cancel { room: String, org: String },
    /// Name people of your organisation, or give them another role here.
    Add {
        room: String,
        #[arg(required = true)]
        person: Vec<String>,
        /// viewer, rep or lead.
        #[arg(long, default_value = "rep", value_parser = one_of::<Role>)]
        role: Role,
    },
    /// Take people of your organisation out: they lose the deal at once; you sign it.
    Remove {
        room: String,
        #[arg(required = true)]
        person: Vec<String>,
    },
    /// Say what your organisation does in it.
    Responsible {
        room: String,
        /// What it does, such as reseller or services_partner.
        #[arg(value_parser = one_of::<Responsibility>)]
        responsibility: Responsibility,
    },
    /// Say, as the host, what a party may do beside taking part: what is not given it may not.
    Allow {
        room: String,
        org: String,
        /// It may invite others.
        #[arg(long)]
        can_invite: bool,
        /// It may edit what the deal is about.
        #[arg(long)]
        can_edit: bool,
    },
    /// Look again, as the host, whether the agreement that the server demands is there with an organisation.
    Recheck { room: String, org: String },
    /// Take another party out, as the host, with all its people; you sign it.
    Expel { room: String, org: String },
}

/// What a deal states, each replaced on its own.
#[derive(Debug, Subcommand)]
pub(in super::super) enum HeaderVerb {
    /// Move the stage, forward or back; you sign it.
    Stage {
        room: String,
        #[arg(value_parser = one_of::<Stage>)]
        stage: Stage,
    },
    /// Say what the deal is called.
    Title { room: String, title: String },
    /// Say who the customer is.
    Customer { room: String, customer: String },
    /// Say what the customer's problem is.
    Problem {
        room: String,
        /// The problem; - reads stdin.
        text: String,
    },
    /// Say what is to be done next.
    Next { room: String, text: String },
    /// Say what it is worth, such as "EUR 48,000".
    Value {
        room: String,
        #[arg(value_parser = Money::parse)]
        money: Money,
    },
    /// Say by which day it is to be closed.
    CloseDate { room: String, date: Date },
    /// Say what your organisation's own systems call it, which no other party ever sees; without a reference, print it.
    Reference {
        room: String,
        /// The reference: of your organisation's deals only one has it.
        #[arg(conflicts_with = "clear")]
        reference: Option<String>,
        /// They do not know it any more.
        #[arg(long)]
        clear: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(in super::super) struct Open {
    #[arg(long)]
    pub(super) title: String,
    #[arg(long)]
    pub(super) customer: String,
    /// The customer's problem; - reads stdin.
    #[arg(long)]
    pub(super) problem: String,
    /// What it is worth, such as "EUR 48,000".
    #[arg(long, value_parser = Money::parse)]
    pub(super) value: Option<Money>,
    /// By which day it is to be closed.
    #[arg(long)]
    pub(super) close: Option<Date>,
    /// in_room, on_call or not_present.
    #[arg(long, default_value = "not_present", value_parser = one_of::<Presence>)]
    pub(super) presence: Presence,
    /// A colleague who is in it; may be given again.
    #[arg(long, value_name = "PERSON")]
    pub(super) person: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(in super::super) struct Invite {
    pub(super) room: String,
    pub(super) org: String,
    /// What they are to do, such as reseller or services_partner.
    #[arg(value_parser = one_of::<Responsibility>)]
    pub(super) responsibility: Responsibility,
    /// What they see; - reads stdin.
    pub(super) message: String,
    /// They see what was written before they come.
    #[arg(long)]
    pub(super) history: bool,
    /// They may invite others.
    #[arg(long)]
    pub(super) can_invite: bool,
    /// They may edit what the deal is about.
    #[arg(long)]
    pub(super) can_edit: bool,
}

#[derive(Debug, Subcommand)]
pub(in super::super) enum TaskVerb {
    /// Set a task.
    Add {
        room: String,
        title: String,
        /// By the end of which day.
        #[arg(long)]
        due: Date,
        /// Which party is to do it; without it, yours.
        #[arg(long)]
        org: Option<String>,
        /// Which of its people.
        #[arg(long)]
        person: Option<String>,
    },
    /// Take a task on yourself.
    Take {
        room: String,
        /// The task's number.
        seq: u64,
        /// By the end of which day; as it is where it is not given.
        #[arg(long)]
        due: Option<Date>,
    },
    /// Give a task to another party or person, or another day.
    #[command(group = clap::ArgGroup::new("what").args(["org", "person", "due"]).required(true).multiple(true))]
    Move {
        room: String,
        /// The task's number.
        seq: u64,
        /// Which party is to do it.
        #[arg(long)]
        org: Option<String>,
        /// Which of its people.
        #[arg(long)]
        person: Option<String>,
        /// By the end of which day; as it is where it is not given.
        #[arg(long)]
        due: Option<Date>,
    },
    /// A task is done.
    Done { room: String, seq: u64 },
    /// A task is no longer wanted.
    Drop { room: String, seq: u64 },
}

#[derive(Debug, Subcommand)]
pub(in super::super) enum PresenceVerb {
    /// Propose another presence; you sign it.
    Propose {
        #[arg(value_parser = one_of::<Presence>)]
        to: Presence,
    },
    /// Sign what is proposed.
    Sign,
}
