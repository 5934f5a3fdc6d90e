//! What is told, in words: the server, what it is about, until when, and the command that opens it. It is made of ids,
//! kinds and times alone: no text of any room can get into it, for none is at hand.

use super::mail::{self, Sender};
use crate::ledger::queue::{Clock, Kind, Notice, NoticeId};
use data_encoding::HEXLOWER;
use lettre::Message;
use rialto_shared::{
    id::{MemberId, RoomId, RoomKind},
    limits,
    mail::MailAddress,
    room::inbox::What,
    text::Text,
    time::{Timestamp, Zone},
};
use serde::Serialize;
use std::fmt::Write as _;

/// Everything that is told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its name, the same whenever it is sent again.
    pub id: NoticeId,
    /// Whom.
    pub member: MemberId,
    /// Where mail is sent.
    pub address: Option<MailAddress>,
    /// Which server tells.
    pub server: Text,
    /// Where the member's clocks hang.
    pub zone: Zone,
    /// When it was made.
    pub at: Timestamp,
    /// What it tells.
    pub lines: Vec<Line>,
}

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Why, as a program reads it.
    pub kind: &'static str,
    /// Why, in words.
    pub words: &'static str,
    /// Until when something is to be done about it.
    pub until: Option<Timestamp>,
    /// The command that opens it.
    pub command: String,
}

/// A letter as the operator's program reads it.
#[derive(Debug, Serialize)]
struct Told<'a> {
    id: String,
    server: &'a str,
    member: MemberId,
    at: String,
    notices: Vec<ToldLine<'a>>,
}

#[derive(Debug, Serialize)]
struct ToldLine<'a> {
    kind: &'a str,
    words: &'a str,
    until: Option<String>,
    command: &'a str,
}

impl Line {
    /// The same of a request to connect that came with a referral.
    pub(super) fn bringing_a_referral(self) -> Self {
        Self {
            kind: "knock_with_referral",
            words: "your organisation is asked to connect, and offered a referral",
            ..self
        }
    }

    pub(super) fn of(notice: &Notice, until: Option<Timestamp>) -> Self {
        let (kind, words) = said(notice.kind);
        Self {
            kind,
            words,
            until,
            command: command(notice.kind, notice.room),
        }
    }

    fn told(&self) -> ToldLine<'_> {
        ToldLine {
            kind: self.kind,
            words: self.words,
            until: self.until.map(Timestamp::to_rfc3339),
            command: &self.command,
        }
    }
}

impl Letter {
    /// The letter as mail; none where there is no address.
    ///
    /// # Errors
    /// Where it makes no well-formed message: a bug.
    pub fn mail(&self, sender: &Sender) -> Result<Option<Message>, lettre::error::Error> {
        let Some(address) = &self.address else {
            return Ok(None);
        };
        let id = HEXLOWER.encode(&self.id);
        mail::message(sender, address, &id, self.at, &self.subject(), self.body()).map(Some)
    }

    fn subject(&self) -> String {
        match self.lines.as_slice() {
            [only] => format!("{}: {}", self.server, only.words),
            several => format!("{}: {} things wait for you", self.server, several.len()),
        }
    }

    fn body(&self) -> String {
        let mut body = String::new();
        for line in &self.lines {
            let words = capital(line.words);
            writeln!(body, "{words}.").expect("a string takes all");
            if let Some(until) = line.until {
                let until = self.zone.shown(until);
                writeln!(body, "  until:    {until}").expect("a string takes all");
            }
            writeln!(body, "  open it:  {}\n", line.command).expect("a string takes all");
        }
        let server = &self.server;
        writeln!(
            body,
            "-- \n{server}, a Rialto server. What it is about stands only there.\n\
             What you are told by mail, and when:  rialto notices show"
        )
        .expect("a string takes all");
        body
    }

    /// The letter as the operator's program is given it, on one line.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        let told = Told {
            id: HEXLOWER.encode(&self.id),
            server: self.server.as_str(),
            member: self.member,
            at: self.at.to_rfc3339(),
            notices: self.lines.iter().map(Line::told).collect(),
        };
        let mut json = serde_json::to_vec(&told).unwrap_or_default();
        json.push(b'\n');
        debug_assert!(json.len() <= limits::HOOK_BYTES_MAX, "lines are bounded");
        json
    }
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), chars.as_str())
}

/// A kind, for programs and for people.
const fn said(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Unread => ("unread", "somebody wrote to you, and you have not read it"),
        Kind::Half(Clock::Answer) => ("answer_half", "half of your time to answer is left"),
        Kind::Tenth(Clock::Answer) => ("answer_tenth", "a tenth of your time to answer is left"),
        Kind::Half(Clock::Contact) => (
            "contact_half",
            "half of your time to contact the customer is left",
        ),
        Kind::Tenth(Clock::Contact) => (
            "contact_tenth",
            "a tenth of your time to contact the customer is left",
        ),
        Kind::Waits(what, _) => waits(what),
    }
}

const fn waits(what: What) -> (&'static str, &'static str) {
    match what {
        What::Mention => ("mention", "you were meant, and have not read it"),
        What::Seated => ("seated", "you have a seat in another room"),
        What::Unseated => ("unseated", "a seat of yours is gone"),
        What::Knock => ("knock", "your organisation is asked to connect"),
        What::ConnectionAccepted => ("connection_accepted", "a connection was accepted"),
        What::ConnectionDeclined => ("connection_declined", "a connection was declined"),
        What::PleaseInvite => ("please_invite", "an organisation is to be invited"),
        What::AgreementProposed => ("agreement_proposed", "an agreement waits for a signature"),
        What::AgreementConfirmed => ("agreement_confirmed", "an agreement is signed by both"),
        What::AgreementEnded => ("agreement_ended", "an agreement is over"),
        What::Disconnected => ("disconnected", "a connection is over"),
        What::ReferralOffered => ("referral_offered", "a referral waits for your answer"),
        What::ReferralAccepted => ("referral_accepted", "a referral of yours was accepted"),
        What::ReferralDeclined => ("referral_declined", "a referral of yours was declined"),
        What::ReferralExpired => ("referral_expired", "a referral of yours ran out unanswered"),
        What::ReferralWithdrawn => ("referral_withdrawn", "a referral was taken back"),
        What::ReferralReturned => ("referral_returned", "a referral of yours was given back"),
        What::ContactMissed => ("contact_missed", "the time to contact a customer is over"),
        What::ReferralConverted => ("referral_converted", "a referral of yours is a deal"),
        What::ReferralConcluded => ("referral_concluded", "the deal of a referral ended"),
        What::DealInvitation => ("deal_invitation", "your organisation is asked into a deal"),
        What::InvitationAnswered => (
            "invitation_answered",
            "an invitation of yours was answered, or ran out",
        ),
        What::TaskAssigned => ("task_assigned", "there is a task for you"),
        What::TaskDue => ("task_due", "the day of a task of yours is over"),
        What::PresenceProposed => (
            "presence_proposed",
            "a proposal in a deal waits for your signature",
        ),
        What::VendorCalled => ("vendor_called", "a deal calls you"),
        What::InvitationTried => (
            "invitation_tried",
            "an invitation of yours that was used is tried again",
        ),
        What::HandoverDue => (
            "handover_due",
            "somebody left who had work in hand: it waits for other hands",
        ),
        What::HandedOver => ("handed_over", "work of a colleague's is yours now"),
        What::HandedOn => ("handed_on", "work of yours is a colleague's now"),
        What::DeviceAdded => ("device_added", "one more device of yours was let in"),
        What::DeviceRecovery => (
            "device_recovery",
            "an admin lets a device in for somebody who lost theirs, perhaps for you",
        ),
        What::SuccessorAnnounced => (
            "successor_announced",
            "an admin is to be seated in your organisation from outside: you may object",
        ),
        What::SuccessorSeated => (
            "successor_seated",
            "an admin was seated in your organisation from outside",
        ),
        What::SuccessorRefused => ("successor_refused", "an admin whom you seat is not wanted"),
    }
}

/// The command that opens what a notice is about.
fn command(kind: Kind, room: RoomId) -> String {
    match room.kind() {
        RoomKind::Referral => format!("rialto referral show {room}"),
        RoomKind::Deal => format!("rialto deal show {room}"),
        RoomKind::Channel | RoomKind::Direct | RoomKind::Side => format!("rialto tail {room}"),
        RoomKind::Relation => "rialto agreement list".to_owned(),
        RoomKind::Org => match kind {
            Kind::Waits(What::DealInvitation, _) => "rialto deal list".to_owned(),
            Kind::Waits(What::Knock, _) => "rialto connection list".to_owned(),
            Kind::Waits(What::HandoverDue | What::SuccessorSeated, _) => {
                "rialto member list".to_owned()
            }
            Kind::Waits(What::SuccessorAnnounced, _) => "rialto org successor".to_owned(),
            Kind::Waits(What::DeviceAdded | What::DeviceRecovery, _) => {
                "rialto device list".to_owned()
            }
            Kind::Waits(..) | Kind::Unread | Kind::Half(_) | Kind::Tenth(_) => {
                "rialto inbox".to_owned()
            }
        },
        RoomKind::Inbox | RoomKind::Profile | RoomKind::Card | RoomKind::Record => {
            "rialto inbox".to_owned()
        }
    }
}
