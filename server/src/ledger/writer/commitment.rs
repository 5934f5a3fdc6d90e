//! What a signed command is held to before any room judges it: that its sender signed this very command, and that it was not
//! executed before.
//!
//! A declaration holds no number, so that it tells its readers nothing of what else its maker does. A nonce stands in its
//! place: used up by the entries that the command causes, it is a claim that follows from the log as they do.

use super::Submission;
use crate::ledger::{
    LedgerError, derive,
    desk::{Desk, Setting},
    rows::Rows as _,
};
use rialto_shared::{
    command::Command,
    id::{DeviceId, Nonce},
    rejection::Rejection,
    statement::{Statement, signed as signature_holds},
};

/// The statement of a command that must be signed; none where it need not be.
///
/// # Errors
/// The outer one when the storage fails; the inner one says what is wrong with the signature.
pub(super) fn judge(
    desk: &Desk<'_>,
    setting: &Setting,
    from: &Submission,
    command: &Command,
    device: &derive::DeviceRow,
) -> Result<Result<Option<Box<Statement>>, Rejection>, LedgerError> {
    Ok(match statement(setting, from, command, device) {
        Ok(Some((statement, nonce))) => match used(desk, from.device, nonce)? {
            Some(rejection) => Err(rejection),
            None => Ok(Some(statement)),
        },
        Ok(None) => Ok(None),
        Err(rejection) => Err(rejection),
    })
}

/// Checks the signature of a command that commits somebody, and gives its nonce. Which entry it answers is checked later, on
/// the room.
fn statement(
    setting: &Setting,
    from: &Submission,
    command: &Command,
    device: &derive::DeviceRow,
) -> Result<Option<(Box<Statement>, Nonce)>, Rejection> {
    if !command.signed() {
        return Ok(None);
    }
    let unsigned = |why: &str| Rejection::Unsigned(why.to_owned());
    let signed = from
        .signed
        .as_ref()
        .ok_or_else(|| unsigned("it came without a signature"))?;
    if device.chain.is_empty() {
        return Err(unsigned(
            "this device has no certificates: an admin of your organisation certifies it",
        ));
    }
    if !signature_holds(device.key, signed.declaration.as_bytes(), signed.signature) {
        return Err(unsigned("the signature is not by this device"));
    }
    let statement = Statement {
        declaration: signed.declaration.clone(),
        signature: signed.signature,
        chain: device.chain.clone(),
    };
    let said = statement
        .read()
        .map_err(|error| Rejection::Unsigned(error.to_string()))?;
    let same = said.server == setting.server
        && said.org == device.org
        && said.device == from.device
        && said.room == from.room
        && said.kind == command.kind()
        && said.facts == from.facts;
    if same {
        Ok(Some((Box::new(statement), said.nonce)))
    } else {
        Err(unsigned("what was signed is another command"))
    }
}

/// Refuses what was signed for a command that was executed: under its own number it is answered as it was, under another
/// one it would be done twice.
fn used(desk: &Desk<'_>, device: DeviceId, nonce: Nonce) -> Result<Option<Rejection>, LedgerError> {
    let used = desk.holder(derive::nonce_claim(device, nonce))?.is_some();
    Ok(used.then(|| {
        Rejection::Unsigned(
            "its nonce was signed in a command that was executed: sign anew".to_owned(),
        )
    }))
}
