//! Referrals: a customer is drafted, offered, answered, and followed to the deal.
//!
//! What is held back is in no replica of the receiver before they accept; nothing here could print it.

mod draft;
mod show;

use super::super::{exit::Failure, output, talk};
use super::{
    words::{one_of, usage},
    work::Work,
};
use clap::{Args as ClapArgs, Subcommand};
use draft::{New, Redraft};
use rialto_shared::{
    command::Command,
    event::Event,
    id::{OrgId, RoomId},
    room::{
        State,
        referral::{self, DeclineReason, Referral},
        side::{self, Outgoing},
    },
};
use serde_json::json;
use std::collections::BTreeSet;

#[derive(Debug, Subcommand)]
pub(in super::super) enum Verb {
    /// Draft a customer to be referred; with --to, offer it at once, which you sign.
    New(Box<New>),
    /// Replace the draft of a case, whole.
    Redraft(Box<Redraft>),
    /// Erase the texts of your draft of a case that nobody was shown; what was drafted stays as a fact.
    Erase {
        /// The case's room, as `referral new` and `referral list` print it.
        case: String,
    },
    /// Offer a case to an organisation; you sign it.
    Offer {
        /// The case's room, as `referral new` and `referral list` print it.
        case: String,
        org: String,
        /// The request to connect that goes with it, where you are not connected; - reads stdin.
        #[arg(long)]
        words: Option<String>,
    },
    /// What is offered to you and by you, and cases that are not offered.
    List,
    /// One referral: what is shown now, and what after acceptance.
    Show { room: String },
    /// Say that you have seen it.
    View { room: String },
    /// Take it; you sign it.
    Accept {
        room: String,
        /// Who works on it; may be given again. Without any, you.
        #[arg(long, value_name = "PERSON")]
        person: Vec<String>,
    },
    /// Say no; you sign it.
    Decline(Refusal),
    /// Take your offer back; you sign it.
    Withdraw {
        /// The referral, or the case that was offered: of an offer to strangers you see nothing else before they answer.
        room: String,
    },
    /// Give back what you accepted; you sign it.
    Return(Refusal),
    /// Say that the customer was contacted.
    Contacted { room: String },
    /// Say that there is something to win.
    Qualified { room: String },
    /// Open the deal; you sign it.
    Convert {
        room: String,
        /// The deal's title.
        #[arg(long)]
        title: String,
        /// The customer, as the deal names them.
        #[arg(long)]
        customer: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(in super::super) struct Refusal {
    room: String,
    #[arg(value_parser = one_of::<DeclineReason>)]
    reason: DeclineReason,
    /// Why, in a line.
    words: String,
}

pub(super) async fn act(mut work: Work<'_>, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::New(new) => draft::new(work, *new).await,
        Verb::Redraft(anew) => draft::anew(work, *anew).await,
        Verb::Erase { case } => erase(work, &case).await,
        Verb::Offer { case, org, words } => {
            let side = work.room(&case).await?;
            let to = work.find_org(&org).await?;
            let words = words.as_deref().map(output::text).transpose()?;
            offer(&mut work, side, to, words.as_deref()).await?;
            work.close()
        }
        Verb::List => show::list(work).await,
        Verb::Show { room } => {
            let (room, _) = referral(&mut work, &room).await?;
            show::show(work, room).await
        }
        Verb::View { room } => step(work, &room, referral::Command::View {}, &[]).await,
        Verb::Accept { room, person } => accept(work, &room, &person).await,
        Verb::Decline(refusal) => {
            let reason = refusal.reason;
            let command = referral::Command::Decline { reason };
            step(work, &refusal.room, command, &[&refusal.words]).await
        }
        Verb::Withdraw { room } => withdraw(work, &room).await,
        Verb::Return(refusal) => {
            let reason = refusal.reason;
            let command = referral::Command::Return { reason };
            step(work, &refusal.room, command, &[&refusal.words]).await
        }
        Verb::Contacted { room } => step(work, &room, referral::Command::Contacted {}, &[]).await,
        Verb::Qualified { room } => step(work, &room, referral::Command::Qualified {}, &[]).await,
        Verb::Convert {
            room,
            title,
            customer,
        } => convert(work, &room, &title, &customer).await,
    }
}

/// The referral that is meant.
async fn referral(work: &mut Work<'_>, room: &str) -> Result<(RoomId, Referral), Failure> {
    let id = work.room(room).await?;
    match work.state(id) {
        Some(State::Referral(referral)) => Ok((id, (**referral).clone())),
        Some(_) | None => Err(usage(format!(
            "{room} is no referral: see `rialto referral list`"
        ))),
    }
}

/// What is to be referred from this room, if something was drafted there.
fn case<'a>(work: &'a Work<'_>, room: RoomId) -> Result<Option<&'a Outgoing>, Failure> {
    match work.state(room) {
        Some(State::Side(side)) => Ok(side.case.as_deref()),
        Some(_) | None => Err(usage("that is no case: see `rialto referral list`")),
    }
}

async fn erase(mut work: Work<'_>, room: &str) -> Result<(), Failure> {
    let room = work.room(room).await?;
    let drafted = case(&work, room)?.filter(|case| case.draft.value.is_some());
    let target = drafted
        .map(|case| case.draft.at)
        .ok_or_else(|| usage("there is no draft here to erase"))?;
    let command = Command::Side(side::Command::EraseDraft { target });
    work.send(room, command, &[]).await
}

async fn step(
    mut work: Work<'_>,
    room: &str,
    command: referral::Command,
    texts: &[&str],
) -> Result<(), Failure> {
    let (room, _) = referral(&mut work, room).await?;
    work.send(room, Command::Referral(command), texts).await
}

/// Takes an offer back: in its Referral, or in the case where we have no seat there.
async fn withdraw(mut work: Work<'_>, text: &str) -> Result<(), Failure> {
    let room = match text.parse::<RoomId>() {
        Ok(offer) if work.state(offer).is_none() => offered_in(&work, offer).unwrap_or(offer),
        Ok(_) | Err(_) => work.room(text).await?,
    };
    let live = match work.state(room) {
        Some(State::Side(side)) => side.case.as_deref().and_then(|case| case.live.as_ref()),
        Some(_) | None => return step(work, text, referral::Command::Withdraw {}, &[]).await,
    };
    let offer = live
        .map(|live| live.room)
        .ok_or_else(|| usage("no offer of this case is out"))?;
    let command = Command::Side(side::Command::Withdraw { offer });
    work.send(room, command, &[]).await
}

/// The case that this offer is of, if it is one of ours.
fn offered_in(work: &Work<'_>, offer: RoomId) -> Option<RoomId> {
    let mut rooms = work.replica().rooms();
    let side = rooms.find(|(_, held)| {
        let case = held.room.state.side().and_then(|side| side.case.as_ref());
        case.is_some_and(|case| case.is_out(offer))
    });
    side.map(|(room, _)| room)
}

async fn accept(mut work: Work<'_>, room: &str, person: &[String]) -> Result<(), Failure> {
    let (room, held) = referral(&mut work, room).await?;
    let from = held.from.org;
    if !work.org()?.connections.contains(&from) {
        return Err(usage(format!(
            "you are not connected with {}: `rialto connection answer {from} both` takes the connection and this",
            work.org_name(from)
        )));
    }
    let mut people = work.people(person).await?;
    if people.is_empty() {
        people = BTreeSet::from([work.me]);
    }
    let command = referral::Command::Accept { from, people };
    work.send(room, Command::Referral(command), &[]).await
}

async fn convert(
    mut work: Work<'_>,
    room: &str,
    title: &str,
    customer: &str,
) -> Result<(), Failure> {
    let (room, _) = referral(&mut work, room).await?;
    let command = Command::Referral(referral::Command::Convert {});
    let receipt = work.submit(room, command, &[title, customer]).await?;
    let opened = work.outcome(&receipt, |event| {
        let Event::Referral(referral::Event::Converted { deal, .. }) = event else {
            return None;
        };
        Some(*deal)
    });
    if let Some(deal) = opened {
        work.print(
            &json!({"deal": deal, "referral": room, "title": title}),
            &format!("{deal}  {title}"),
        )?;
    }
    work.close()
}

/// Offers a case as it stands: to a stranger with a request to connect. Prints the referral.
async fn offer(
    work: &mut Work<'_>,
    side: RoomId,
    to: OrgId,
    words: Option<&str>,
) -> Result<(), Failure> {
    let stated = case(work, side)?.map(|case| &case.draft);
    let Some(drafted) = stated.and_then(|draft| draft.value.as_ref()) else {
        return Err(usage("there is no draft here to offer"));
    };
    let promise = drafted
        .promise()
        .map_err(|rejection| usage(rejection.to_string()))?;
    let (shown, full) = (promise.shown(), promise.full());
    let connected = work.org()?.connections.contains(&to);
    let (command, texts): (_, Vec<&str>) = match (connected, words) {
        (true, _) => (side::Command::Offer { to, shown, full }, vec![]),
        (false, Some(words)) => (
            side::Command::OfferWithRequest { to, shown, full },
            vec![words],
        ),
        (false, None) => {
            return Err(usage(format!(
                "you are not connected with {}: --words TEXT asks them to connect, with this offer",
                work.org_name(to)
            )));
        }
    };
    if connected && words.is_some() {
        work.talk("you are connected already: the words are not sent");
    }
    let receipt = work.submit(side, Command::Side(command), &texts).await?;
    let made = work.outcome(&receipt, |event| {
        let Event::Side(side::Event::Offered { offer, until, .. }) = event else {
            return None;
        };
        Some((*offer, *until))
    });
    match made {
        Some((room, until)) => work.print(
            &json!({"referral": room, "case": side, "to": to, "until": until.to_rfc3339()}),
            &format!(
                "{room}  offered to {}, to be answered until {}",
                work.org_name(to),
                until.to_rfc3339()
            ),
        ),
        None => talk::receipt(work.context, &work.client, &receipt),
    }
}
