//! Commands are numbered by their sender: once accepted, a number answers the same for ever.
//!
//! A lane's row holds the highest number accepted, and each of its last numbers has a receipt. A row goes only with its
//! device, when that is revoked: a lane that was forgotten earlier and came back could have an old number executed again.
//! So a device has a bounded number of lanes, for ever.

use super::{
    LedgerError,
    desk::Desk,
    rows::{self, Rows as _, RowsMut as _, Table},
    writer::Submission,
};
use rialto_shared::{
    entry::Seq,
    id::{DeviceId, Hash, RoomId},
    limits,
    protocol::Outcome,
    rejection::{Refusal, Rejection},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// A receipt: the stored answer to an accepted command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Receipt {
    pub(super) n: u64,
    pub(super) hash: Hash,
    pub(super) room: RoomId,
    pub(super) from: Seq,
    pub(super) to: Seq,
    pub(super) at: Timestamp,
}

impl Receipt {
    pub(super) const fn outcome(&self) -> Outcome {
        Outcome::Accepted {
            room: self.room,
            from: self.from,
            to: self.to,
            at: self.at,
        }
    }
}

pub(super) fn refused(rejection: &Rejection) -> Outcome {
    Outcome::Refused(Refusal::from(rejection))
}

/// What a number stands for: everything that the sender decides.
pub(super) fn hash_of(from: &Submission) -> Hash {
    let texts: Vec<u8> = from
        .texts
        .iter()
        .flat_map(|text| text.commitment().0)
        .collect();
    let signed = from.signed.as_ref().map_or(Hash::ZERO, |signed| {
        Hash::of(
            "rialto-signed-1",
            &[signed.declaration.as_bytes(), &signed.signature.0],
        )
    });
    Hash::of(
        "rialto-command-1",
        &[
            &from.room.to_key(),
            from.facts.as_bytes(),
            &texts,
            &signed.0,
        ],
    )
}

/// What the number alone says, before anything is judged: an answer that was given, that it is past, or that the lane is
/// one too many. A lane without a row never had a command accepted, for rows go only with their device.
pub(super) fn by_number(
    desk: &Desk<'_>,
    from: &Submission,
    hash: Hash,
) -> Result<Option<Outcome>, LedgerError> {
    let row = desk.get(Table::Lanes, &rows::lane(from.device, from.lane))?;
    let high = row.as_deref().map_or(0, rows::read_u64);
    if from.n > high {
        let full = row.is_none() && lanes_of(desk, from.device)? >= limits::DEVICE_LANES_MAX;
        let limit = Rejection::Limit {
            field: "outboxes that a device may ever have",
            max: usize::try_from(limits::DEVICE_LANES_MAX).unwrap_or(usize::MAX),
        };
        return Ok(full.then(|| refused(&limit)));
    }
    let key = rows::receipt(from.device, from.lane, from.n);
    let receipt: Option<Receipt> = desk.row(Table::Receipts, &key)?;
    Ok(Some(match receipt.filter(|receipt| receipt.n == from.n) {
        Some(receipt) if receipt.hash == hash => receipt.outcome(),
        Some(_) => refused(&Rejection::Conflict(from.n)),
        None => refused(&Rejection::Superseded(from.n)),
    }))
}

/// How many lanes a device has.
fn lanes_of(desk: &Desk<'_>, device: DeviceId) -> Result<u64, LedgerError> {
    let row = desk.get(Table::Lanes, &device.bits())?;
    Ok(row.map_or(0, |row| rows::read_u64(&row)))
}

/// Keeps the answer under its number; a new lane is counted.
pub(super) fn keep(
    desk: &mut Desk<'_>,
    from: &Submission,
    receipt: &Receipt,
) -> Result<(), LedgerError> {
    let lane = rows::lane(from.device, from.lane);
    if desk.get(Table::Lanes, &lane)?.is_none() {
        let count = lanes_of(desk, from.device)?.saturating_add(1);
        desk.put(
            Table::Lanes,
            &from.device.bits(),
            count.to_be_bytes().to_vec(),
        );
    }
    desk.put(Table::Lanes, &lane, from.n.to_be_bytes().to_vec());
    let key = rows::receipt(from.device, from.lane, from.n);
    desk.put_row(Table::Receipts, &key, receipt);
    Ok(())
}
