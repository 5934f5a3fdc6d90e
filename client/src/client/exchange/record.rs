//! The columns of exports, and what stands in them. Columns are only ever added, at the end: scripts go by their names.
//!
//! | deals | |
//! |---|---|
//! | deal | the deal's id |
//! | external_reference | what one's own systems call it: from one's own Side |
//! | title, customer, problem, next_step | texts; empty where there is none, or it was erased |
//! | value, currency | a plain decimal, and ISO 4217 |
//! | close | by which day it is, or was, to be closed |
//! | stage | Prospect, Qualified, Technical Validation, Business Validation, Committed, Launched or Closed Lost |
//! | reached | how far it was when it ended: one of the first five |
//! | lost_reason, lost_words | why it was lost |
//! | imported | what the system said that it was imported from |
//! | host, parties | organisations by name, with ; between them |
//! | presence | in_room, on_call or not_present |
//! | opened, ended | when that was done here; of an imported deal not when it was done elsewhere |
//!
//! Referrals likewise: `referral` (its id, or the Side of a case that is with nobody, or with
//! strangers who have not answered), `external_reference`, `direction` (sent,
//! received or case), `status`, `from`, `to`, `need`, `industry`, `country`, `size`, `wanted`, `band`, `urgency`,
//! `customer`, `contact`, `notes`, `until`, `deal`.

use crate::replica::{Held, Replica};
use rialto_shared::{
    entry::{Slot, TextRef},
    id::{OrgId, RoomId},
    money::Money,
    room::{
        State,
        deal::{Deal, Outcome, Stage, side_of},
        referral::{Referral, Stage as Status},
        side::{About, Side, Teaser},
    },
};

/// What stands in the columns of one row, in their order.
pub type Record = Vec<Option<String>>;

/// A stage in the words of exports.
#[must_use]
pub const fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Prospect => "Prospect",
        Stage::Qualified => "Qualified",
        Stage::TechnicalValidation => "Technical Validation",
        Stage::BusinessValidation => "Business Validation",
        Stage::Committed => "Committed",
    }
}

/// An amount as programs read it: `48000.50`.
#[must_use]
pub fn decimal(money: Money) -> String {
    let per_unit = money.currency().minor_per_unit();
    let minor = money.minor().unsigned_abs();
    let (units, rest) = (minor / per_unit, minor % per_unit);
    let sign = if money.minor() < 0 { "-" } else { "" };
    let digits = usize::from(money.currency().digits());
    if digits == 0 {
        format!("{sign}{units}")
    } else {
        format!("{sign}{units}.{rest:0digits$}")
    }
}

fn text(held: &Held, at: Option<TextRef>) -> Option<String> {
    held.texts.get(at?).map(|text| text.text.to_string())
}

/// What one's own systems call what this Side is beside.
fn reference(replica: &Replica, side: RoomId) -> Option<String> {
    let held = replica.room(side)?;
    let at = held.room.state.side()?.reference.value?;
    text(held, Some(at.text))
}

/// Every deal that this member reads, in the order of their ids.
#[must_use]
pub fn deals(replica: &Replica, own: OrgId) -> Vec<Record> {
    let deals = replica
        .rooms()
        .filter_map(|(room, held)| Some((room, held, held.room.state.deal()?)));
    deals
        .map(|(room, held, deal)| of_deal(replica, own, room, held, deal))
        .collect()
}

/// The columns of deals.
pub const DEALS: [&str; 19] = [
    "deal",
    "external_reference",
    "title",
    "customer",
    "problem",
    "value",
    "currency",
    "close",
    "stage",
    "reached",
    "next_step",
    "lost_reason",
    "lost_words",
    "imported",
    "host",
    "parties",
    "presence",
    "opened",
    "ended",
];

fn of_deal(replica: &Replica, own: OrgId, room: RoomId, held: &Held, deal: &Deal) -> Record {
    let header = &deal.header;
    let text = |at: Option<TextRef>| text(held, at);
    let stage = deal.course.stage.value.map(stage_words);
    let ended = deal.end.as_ref();
    let (now, lost) = match ended.map(|end| end.outcome) {
        None => (stage, None),
        Some(Outcome::Won) => (Some("Launched"), None),
        Some(Outcome::Lost { reason, words }) => (Some("Closed Lost"), Some((reason, words))),
    };
    let parties: Vec<String> = deal
        .active()
        .map(|(org, _)| replica.org_name(org))
        .collect();
    vec![
        Some(room.to_string()),
        reference(replica, side_of(room, own)),
        text(header.title.value),
        text(header.customer.value),
        text(header.problem.value),
        header.value.value.map(decimal),
        header.value.value.map(|value| value.currency().to_string()),
        header.close.value.map(|close| close.to_string()),
        now.map(str::to_owned),
        stage.filter(|_| ended.is_some()).map(str::to_owned),
        text(header.next_step.value),
        lost.map(|(reason, _)| reason.to_string()),
        text(lost.map(|(_, words)| words)),
        text(deal.imported),
        Some(replica.org_name(deal.host)),
        Some(parties.join("; ")),
        deal.presence.value.map(|presence| presence.to_string()),
        deal.course
            .moves
            .first()
            .filter(|_| deal.course.earlier == 0)
            .map(|first| first.at.to_rfc3339()),
        ended.map(|end| end.at.to_rfc3339()),
    ]
}

/// The columns of referrals.
pub const REFERRALS: [&str; 18] = [
    "referral",
    "external_reference",
    "direction",
    "status",
    "from",
    "to",
    "need",
    "industry",
    "country",
    "size",
    "wanted",
    "band",
    "urgency",
    "customer",
    "contact",
    "notes",
    "until",
    "deal",
];

/// Every referral that this member reads, and every case of theirs of which no referral is to be read.
#[must_use]
pub fn referrals(replica: &Replica, own: OrgId) -> Vec<Record> {
    let mut records = vec![];
    for (room, held) in replica.rooms() {
        match &held.room.state {
            State::Referral(referral) => {
                records.push(of_referral(replica, own, room, held, referral));
            }
            State::Side(side) => records.extend(of_case(replica, room, held, side)),
            State::Void
            | State::Org(_)
            | State::Inbox(_)
            | State::Channel(_)
            | State::Direct(_)
            | State::Profile(_)
            | State::Relation(_)
            | State::Deal(_)
            | State::Record(_) => {}
        }
    }
    records
}

fn shown(teaser: &Teaser) -> [Option<String>; 6] {
    [
        teaser.industry.to_string(),
        teaser.country.to_string(),
        teaser.size.to_string(),
        teaser.want.to_string(),
        format!("{} {}", teaser.value.currency, teaser.value.band),
        teaser.urgency.to_string(),
    ]
    .map(Some)
}

/// One's own Side of a referral: the sender's is named in it, the receiver's names it.
fn side_beside(replica: &Replica, own: OrgId, room: RoomId, referral: &Referral) -> Option<RoomId> {
    if referral.from.org == own {
        return Some(referral.case);
    }
    let mut sides = replica
        .rooms()
        .filter_map(|(id, held)| Some((id, held.room.state.side()?)));
    let received =
        |side: &Side| matches!(side.about, About::Referral { room: of, .. } if of == room);
    sides.find(|(_, side)| received(side)).map(|(id, _)| id)
}

fn of_referral(
    replica: &Replica,
    own: OrgId,
    room: RoomId,
    held: &Held,
    referral: &Referral,
) -> Record {
    let sent = referral.from.org == own;
    let status: &'static str = referral.stage.into();
    let (status, deal) = match referral.stage {
        Status::Converted { deal } => (status.to_owned(), Some(deal.to_string())),
        Status::Concluded { outcome } => (outcome.to_string(), None),
        Status::Offered
        | Status::Viewed
        | Status::Accepted
        | Status::Contacted
        | Status::Qualified
        | Status::Declined { .. }
        | Status::Expired
        | Status::Withdrawn
        | Status::Returned { .. } => (status.to_owned(), None),
    };
    let given = |place: usize| text(held, referral.dossier.get(place).copied());
    let side = side_beside(replica, own, room, referral);
    let mut record = vec![
        Some(room.to_string()),
        side.and_then(|side| reference(replica, side)),
        Some(if sent { "sent" } else { "received" }.to_owned()),
        Some(status),
        Some(replica.org_name(referral.from.org)),
        Some(replica.org_name(referral.to)),
        text(held, Some(referral.need)),
    ];
    record.extend(shown(&referral.promise.teaser));
    record.extend([
        given(0),
        given(1),
        given(2),
        Some(referral.until.to_rfc3339()),
        deal,
    ]);
    record
}

/// A case that is with nobody, or with strangers who have not answered.
fn of_case(replica: &Replica, room: RoomId, held: &Held, side: &Side) -> Option<Record> {
    let waits = replica.out_of_sight(side);
    let case = side.case.as_ref();
    let case = case.filter(|case| case.live.is_none() || waits.is_some())?;
    let drafted = case.draft.value.as_ref()?;
    let at = |slot: u8| TextRef {
        seq: case.draft.at,
        slot: Slot(slot),
    };
    let given = |slot: Option<u8>| text(held, slot.map(at));
    let (contact, notes) = (drafted.draft.contact, drafted.draft.notes);
    let status = match (waits, case.past.last()) {
        (Some(_), _) => "offered".to_owned(),
        (None, Some(past)) => past.how.to_string(),
        (None, None) => "draft".to_owned(),
    };
    let direction = if waits.is_some() { "sent" } else { "case" };
    let mut record = vec![
        Some(room.to_string()),
        reference(replica, room),
        Some(direction.to_owned()),
        Some(status),
        Some(replica.org_name(side.org)),
        waits.map(|live| replica.org_name(live.to)),
        given(Some(0)),
    ];
    record.extend(shown(&drafted.draft.teaser));
    record.extend([
        given(Some(1)),
        given(contact.then_some(2)),
        given(notes.then_some(if contact { 3 } else { 2 })),
        waits.map(|live| live.until.to_rfc3339()),
        None,
    ]);
    Some(record)
}

/// A table as CSV, its cells harmless to a spreadsheet.
///
/// # Errors
/// Where memory cannot be written, which does not happen.
pub fn csv(columns: &[&str], records: &[Record]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(columns)?;
    for record in records {
        let cells = record
            .iter()
            .map(|cell| cell.as_deref().unwrap_or_default());
        writer.write_record(
            cells
                .map(super::cell::harmless)
                .map(std::borrow::Cow::into_owned),
        )?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

/// One row as JSON: what is absent is null.
#[must_use]
pub fn json(columns: &[&str], record: &Record) -> serde_json::Value {
    let pairs = columns.iter().zip(record);
    pairs
        .map(|(column, cell)| ((*column).to_owned(), serde_json::json!(cell)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
