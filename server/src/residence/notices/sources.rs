//! What an entry of the log gives to tell, and to whom: ids alone, nothing of what the entry says.

use crate::ledger::{
    LedgerError,
    queue::{Clock, Kind, Notice},
    reader::Snapshot,
};
use rialto_shared::{
    entry::{Entry, Seq},
    event::Event,
    id::{Hash, MemberId, RoomId, digest16},
    limits,
    room::{
        State,
        inbox::{self, Class, What},
        referral::{self, Referral, Stage},
        talk,
    },
    time::{Span, Timestamp},
};

/// Makes notices' names, the same for the same notice whenever the log is read.
#[derive(Clone)]
pub(super) struct Namer(pub(super) [u8; 32]);

/// Whom a notice is for, and of which entry of which room it tells.
type Whose = (MemberId, RoomId, Seq);
/// When the entry was made that a notice comes from, and its hash.
type Source = (Timestamp, Hash);

fn source(entry: &Entry) -> Source {
    (entry.at, entry.head().hash)
}

impl std::fmt::Debug for Namer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Namer").finish_non_exhaustive()
    }
}

impl Namer {
    /// The name is made of the entry that it comes from, which no other log has there.
    fn notice(&self, (member, room, seq): Whose, kind: Kind, (at, hash): Source) -> Notice {
        let why = serde_json::to_vec(&kind).unwrap_or_default();
        let parts = [&self.0[..], &member.bits(), &hash.0, &why];
        Notice {
            id: digest16("rialto-notice-1", &parts),
            member,
            kind,
            room,
            seq,
            at,
            due: at,
            daily: false,
        }
    }

    /// A name for what goes out together.
    pub(super) fn parcel(&self, notices: &[Notice]) -> [u8; 16] {
        let ids = notices.iter().map(|notice| &notice.id[..]);
        let parts: Vec<&[u8]> = std::iter::once(&self.0[..]).chain(ids).collect();
        digest16("rialto-parcel-1", &parts)
    }

    /// Chance that is the same for the same name and count.
    pub(super) fn chance(&self, id: &[u8; 16], count: u32) -> u8 {
        let [byte, ..] = digest16("rialto-notice-wait-1", &[&self.0, id, &count.to_be_bytes()]);
        byte
    }

    /// What this entry gives to tell, and to whom.
    pub(super) fn found(
        &self,
        snapshot: &Snapshot,
        entry: &Entry,
    ) -> Result<Vec<Notice>, LedgerError> {
        let mut notices = match &entry.event {
            Event::Inbox(inbox::Event::Noted { what, room, seq }) => {
                let member = MemberId::from_bits(entry.room.bits());
                self.noted((member, *room, *seq), *what, entry)
            }
            Event::Referral(referral::Event::Accepted { people, .. }) => {
                self.contacts(people, entry)
            }
            // Where it is the customer to be contacted that changes hands, what is left of the time runs for these.
            Event::Referral(referral::Event::HandedOver { to, .. }) => self.contacts([to], entry),
            Event::Talk(talk::Event::Said { .. }) => self.said(snapshot, entry)?,
            Event::Talk(_)
            | Event::Org(_)
            | Event::Inbox(_)
            | Event::Channel(_)
            | Event::Direct(_)
            | Event::Profile(_)
            | Event::Relation(_)
            | Event::Side(_)
            | Event::Record(_)
            | Event::Referral(_)
            | Event::Deal(_)
            | Event::Key(_)
            | Event::Newer(_) => vec![],
        };
        for notice in &mut notices {
            notice.due = match notice.kind {
                Kind::Waits(what, _) if what.class() != Some(Class::Messages) => notice.at,
                Kind::Waits(..) | Kind::Unread => notice.at + limits::NOTICE_UNREAD_SPAN,
                // A clock that runs no more is seen to be so when it is looked at.
                Kind::Half(_) | Kind::Tenth(_) => {
                    let state = &snapshot.load(notice.room)?.room.state;
                    let mut until = runs(state, notice);
                    if let Some(referral) = brought(state, notice) {
                        let referral = &snapshot.load(referral)?.room.state;
                        until = until.into_iter().chain(runs(referral, notice)).min();
                    }
                    until.map_or(notice.at, |until| rings(notice, until))
                }
            };
        }
        Ok(notices)
    }

    /// The time to contact a customer runs for these people.
    fn contacts<'a>(
        &self,
        people: impl IntoIterator<Item = &'a MemberId>,
        entry: &Entry,
    ) -> Vec<Notice> {
        let at = |member: &MemberId| (*member, entry.room, entry.seq);
        let clocks = people.into_iter().flat_map(|member| {
            [Kind::Half(Clock::Contact), Kind::Tenth(Clock::Contact)]
                .map(|kind| self.notice(at(member), kind, source(entry)))
        });
        clocks.collect()
    }

    fn noted(&self, place: Whose, what: What, entry: &Entry) -> Vec<Notice> {
        if what.class().is_none() {
            return vec![];
        }
        let mut kinds = vec![Kind::Waits(what, entry.seq)];
        if answers(what) {
            kinds.extend([Kind::Half(Clock::Answer), Kind::Tenth(Clock::Answer)]);
        }
        let kinds = kinds.into_iter();
        kinds
            .map(|kind| self.notice(place, kind, source(entry)))
            .collect()
    }

    fn said(&self, snapshot: &Snapshot, entry: &Entry) -> Result<Vec<Notice>, LedgerError> {
        let State::Direct(direct) = snapshot.load(entry.room)?.room.state else {
            return Ok(vec![]);
        };
        let author = entry.author.member();
        let others = direct.people.iter().map(|person| person.id);
        let others = others.filter(|member| Some(*member) != author);
        let source = source(entry);
        let notice = |member| self.notice((member, entry.room, entry.seq), Kind::Unread, source);
        Ok(others.map(notice).collect())
    }
}

/// Whether this waits for an answer, for which a time runs.
const fn answers(what: What) -> bool {
    match what {
        What::Knock | What::ReferralOffered | What::DealInvitation => true,
        What::Mention
        | What::Seated
        | What::Unseated
        | What::ConnectionAccepted
        | What::ConnectionDeclined
        | What::PleaseInvite
        | What::AgreementProposed
        | What::AgreementConfirmed
        | What::AgreementEnded
        | What::Disconnected
        | What::ReferralAccepted
        | What::ReferralDeclined
        | What::ReferralExpired
        | What::ReferralWithdrawn
        | What::ReferralReturned
        | What::ContactMissed
        | What::ReferralConverted
        | What::ReferralConcluded
        | What::InvitationAnswered
        | What::TaskAssigned
        | What::TaskDue
        | What::PresenceProposed
        | What::VendorCalled
        | What::InvitationTried
        | What::HandoverDue
        | What::HandedOver
        | What::HandedOn
        | What::DeviceAdded
        | What::DeviceRecovery
        | What::SuccessorAnnounced
        | What::SuccessorSeated
        | What::SuccessorRefused => false,
    }
}

/// When the time runs out that a notice is about, or that whatever waits has for its answer; none where none runs.
pub(super) fn runs(state: &State, notice: &Notice) -> Option<Timestamp> {
    match (state, notice.kind) {
        (State::Referral(referral), Kind::Half(Clock::Contact) | Kind::Tenth(Clock::Contact)) => {
            to_contact(referral, notice.member)
        }
        (State::Referral(referral), _) => referral.stage.is_open().then_some(referral.until),
        (State::Org(org), _) => {
            let knocks = org.knocked.values().map(|knock| (knock.seq, knock.until));
            let deals = org
                .deals
                .values()
                .map(|deal| (deal.message.seq, deal.until));
            let mut all = knocks.chain(deals);
            all.find(|(seq, _)| *seq == notice.seq)
                .map(|(_, until)| until)
        }
        (
            State::Void
            | State::Inbox(_)
            | State::Channel(_)
            | State::Direct(_)
            | State::Profile(_)
            | State::Relation(_)
            | State::Side(_)
            | State::Deal(_)
            | State::Record(_),
            _,
        ) => None,
    }
}

/// The Referral that came with the request to connect that a notice is about. Its time to answer runs too, and is the shorter.
pub(super) fn brought(state: &State, notice: &Notice) -> Option<RoomId> {
    let State::Org(org) = state else {
        return None;
    };
    let mut knocks = org.knocked.values();
    knocks.find(|knock| knock.seq == notice.seq)?.referral
}

fn to_contact(referral: &Referral, member: MemberId) -> Option<Timestamp> {
    let handoff = referral.handoff.as_ref()?;
    let waits = referral.stage == Stage::Accepted && !handoff.missed;
    (waits && handoff.people.contains(&member)).then_some(handoff.contact_by)
}

/// When to tell of a time that runs out then: with half of it left, or a tenth.
pub(super) fn rings(notice: &Notice, until: Timestamp) -> Timestamp {
    let whole = (until - notice.at).as_millis().max(0);
    let left = match notice.kind {
        Kind::Half(_) => whole / 2,
        Kind::Tenth(_) => whole / 10,
        Kind::Waits(..) | Kind::Unread => return notice.due,
    };
    until - Span::millis(left)
}

/// Whether the other notice of the same clock, which says more, is due too.
pub(super) fn overtaken(notice: &Notice, until: Timestamp, now: Timestamp) -> bool {
    let Kind::Half(clock) = notice.kind else {
        return false;
    };
    let tenth = Notice {
        kind: Kind::Tenth(clock),
        ..*notice
    };
    rings(&tenth, until) <= now
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(kind: Kind) -> Notice {
        let member = MemberId::from_bits([1; 16]);
        let place = (member, RoomId::inbox(member), Seq(7));
        Namer([9; 32]).notice(place, kind, (Timestamp::from_millis(1_000), Hash::ZERO))
    }

    #[test]
    fn a_clock_rings_with_half_and_a_tenth_of_its_time_left() {
        let (half, tenth) = (
            notice(Kind::Half(Clock::Answer)),
            notice(Kind::Tenth(Clock::Answer)),
        );
        let until = Timestamp::from_millis(11_000);
        assert_eq!(rings(&half, until), Timestamp::from_millis(6_000));
        assert_eq!(rings(&tenth, until), Timestamp::from_millis(10_000));
        assert!(!overtaken(&half, until, Timestamp::from_millis(9_999)));
        assert!(overtaken(&half, until, Timestamp::from_millis(10_000)));
        assert!(!overtaken(&tenth, until, Timestamp::from_millis(10_999)));
        let past = Timestamp::from_millis(0);
        assert_eq!(rings(&half, past), past, "no clock runs backwards");
    }

    #[test]
    fn a_notice_has_one_name_however_often_it_is_found_and_no_other_has_it() {
        let kinds = [
            Kind::Unread,
            Kind::Half(Clock::Answer),
            Kind::Tenth(Clock::Answer),
            Kind::Half(Clock::Contact),
            Kind::Waits(What::Mention, Seq(1)),
            Kind::Waits(What::Mention, Seq(2)),
        ];
        let names: std::collections::BTreeSet<_> =
            kinds.into_iter().map(|kind| notice(kind).id).collect();
        assert_eq!(names.len(), kinds.len());
        assert_eq!(notice(Kind::Unread).id, notice(Kind::Unread).id);
    }
}
