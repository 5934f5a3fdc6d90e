//! What you are told of outside the console: by mail, and when. It stands in your Inbox, which nobody else reads.

use super::super::exit::Failure;
use super::{
    words::{one_of, usage},
    work::Work,
};
use clap::{Args as ClapArgs, Subcommand};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::RoomId,
    mail::MailAddress,
    room::{
        State,
        inbox::{self, Class, Minute, Pace, Preferences, Quiet},
    },
    time::Zone,
};
use serde_json::json;
use strum::VariantArray as _;

#[derive(Debug, Subcommand)]
pub(in super::super) enum Verb {
    /// Where mail is sent, and when for what.
    Show,
    /// Say so anew; what is not named stays as it is.
    Set(Set),
}

/// The words of `notices set`.
#[derive(Debug, ClapArgs)]
pub(in super::super) struct Set {
    /// Where mail is sent: an address in lower case.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "no_mail")]
    mail: Option<MailAddress>,
    /// No mail at all.
    #[arg(long)]
    no_mail: bool,
    /// Somebody asks you in: to connect, into a room or a deal, to take a referral. at-once, daily or off.
    #[arg(long, value_name = "PACE", value_parser = one_of::<Pace>)]
    invitations: Option<Pace>,
    /// Half and a tenth of a time of yours is left: to answer, to contact a customer.
    #[arg(long, value_name = "PACE", value_parser = one_of::<Pace>)]
    clocks: Option<Pace>,
    /// You were meant, or written to, and have not read it for half an hour.
    #[arg(long, value_name = "PACE", value_parser = one_of::<Pace>)]
    messages: Option<Pace>,
    /// Tasks of yours.
    #[arg(long, value_name = "PACE", value_parser = one_of::<Pace>)]
    tasks: Option<Pace>,
    /// What your office brings: an organisation to be invited, an agreement to be signed.
    #[arg(long, value_name = "PACE", value_parser = one_of::<Pace>)]
    requests: Option<Pace>,
    /// What became of things that you began.
    #[arg(long, value_name = "PACE", value_parser = one_of::<Pace>)]
    news: Option<Pace>,
    /// Who may come in as you, or into your organisation: a device let in, a link tried twice.
    #[arg(long, value_name = "PACE", value_parser = one_of::<Pace>)]
    security: Option<Pace>,
    /// Hours in which nothing is sent that can wait, as in 22:00-07:00.
    #[arg(long, value_name = "FROM-TO", conflicts_with = "no_quiet")]
    quiet: Option<Quiet>,
    /// No quiet hours.
    #[arg(long)]
    no_quiet: bool,
    /// The time of day of the daily mail.
    #[arg(long, value_name = "HH:MM")]
    daily_at: Option<Minute>,
    /// Where your clocks hang, as in Europe/Vienna.
    #[arg(long, value_name = "ZONE")]
    zone: Option<Zone>,
}

pub(super) async fn act(work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Show => show(work),
        Verb::Set(asked) => set(work, asked).await,
    }
}

/// The entry that set it last, the address, and the rest.
fn present(work: &Work<'_>) -> Result<(Seq, Option<MailAddress>, Preferences), Failure> {
    let held = work.replica().room(RoomId::inbox(work.me));
    match held.map(|held| (&held.room.state, &held.texts)) {
        Some((State::Inbox(inbox), texts)) => {
            Ok((inbox.notices.at, inbox.mail(texts), inbox.preferences()))
        }
        Some(_) | None => Err(usage("your Inbox is not here yet")),
    }
}

fn show(work: Work<'_>) -> Result<(), Failure> {
    let (_, address, preferences) = present(&work)?;
    let paces = Class::VARIANTS.iter();
    let paces: Vec<(Class, Pace)> = paces.map(|one| (*one, preferences.pace(*one))).collect();
    let words: Vec<String> = paces
        .iter()
        .map(|(class, pace)| format!("{class:<12} {}", said(*pace)))
        .collect();
    let mail = address.as_ref().map(ToString::to_string);
    let quiet = preferences.quiet.map(|quiet| quiet.to_string());
    let json = json!({
        "mail": mail,
        "paces": paces.iter().map(|(class, pace)| (class.to_string(), json!(pace))).collect::<serde_json::Map<_, _>>(),
        "quiet": quiet,
        "daily_at": preferences.daily_at.to_string(),
        "zone": preferences.zone,
    });
    let words = format!(
        "mail         {}\n{}\nquiet        {}\ndaily at     {}\nzone         {}",
        mail.as_deref().unwrap_or("none: nothing is sent"),
        words.join("\n"),
        quiet.as_deref().unwrap_or("never"),
        preferences.daily_at,
        preferences.zone,
    );
    work.print(&json, &words)?;
    work.close()
}

/// A pace as it is typed.
fn said(pace: Pace) -> String {
    pace.to_string().replace('_', "-")
}

async fn set(work: Work<'_>, asked: Set) -> Result<(), Failure> {
    let (at, mail, mut preferences) = present(&work)?;
    let mail = if asked.no_mail {
        None
    } else {
        asked.mail.or(mail)
    };
    for (class, pace) in [
        (Class::Invitations, asked.invitations),
        (Class::Clocks, asked.clocks),
        (Class::Messages, asked.messages),
        (Class::Tasks, asked.tasks),
        (Class::Requests, asked.requests),
        (Class::News, asked.news),
        (Class::Security, asked.security),
    ] {
        if let Some(pace) = pace {
            preferences.paces.insert(class, pace);
        }
    }
    if asked.no_quiet {
        preferences.quiet = None;
    }
    preferences.quiet = asked.quiet.or(preferences.quiet);
    preferences.daily_at = asked.daily_at.unwrap_or(preferences.daily_at);
    preferences.zone = asked.zone.unwrap_or(preferences.zone);
    let command = Command::Inbox(inbox::Command::SetNotices {
        at,
        address: mail.is_some(),
        preferences,
    });
    let room = RoomId::inbox(work.me);
    let texts: Vec<&str> = mail.iter().map(MailAddress::as_str).collect();
    work.send(room, command, &texts).await
}
