//! Why a WebSocket was closed: every code that the server sends, in one place.
//!
//! Those below 4000 are RFC 6455's and mean what it says; those above are Rialto's. What a client has to know of a code is
//! one thing: whether to come back by itself, with its cursors, or to ask the person first.

use serde::{Deserialize, Serialize};

/// A close code of the server's.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CloseCode {
    /// 1000: the client asked to part, and that is done.
    Normal,
    /// 1001: the server stops. Come back later.
    GoingAway,
    /// 1002: the bytes were not WebSocket frames as RFC 6455 has them (unmasked, reserved bits, stray continuation).
    Protocol,
    /// 1003: a binary frame; the wire is text.
    Binary,
    /// 1007: a text frame that is not UTF-8.
    NotText,
    /// 1008: a limit of conduct was passed: control frames, fragments, frames before login.
    Conduct,
    /// 1009: a message or frame above `MESSAGE_BYTES_MAX`.
    TooBig,
    /// 1011: the server made a mistake. Come back later.
    Internal,
    /// 4000: the client did not take what was sent, or was silent, for too long. Come back with the cursors held.
    Lagging,
    /// 4001: no login within its deadline.
    NoLogin,
    /// 4002: the login or the invitation was refused; the frame before says why.
    LoginRefused,
    /// 4003: the device was revoked, or its member or organisation suspended or removed.
    Revoked,
    /// 4004: a newer connection took this one's place.
    Replaced,
    /// 4005: a frame was no frame of the wire's; the frame before says what was wrong.
    Malformed,
    /// 4006: the device has `DEVICE_CONNECTIONS_MAX` connections already. The older ones stay; come back later.
    Crowded,
}

impl CloseCode {
    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::GoingAway => 1001,
            Self::Protocol => 1002,
            Self::Binary => 1003,
            Self::NotText => 1007,
            Self::Conduct => 1008,
            Self::TooBig => 1009,
            Self::Internal => 1011,
            Self::Lagging => 4000,
            Self::NoLogin => 4001,
            Self::LoginRefused => 4002,
            Self::Revoked => 4003,
            Self::Replaced => 4004,
            Self::Malformed => 4005,
            Self::Crowded => 4006,
        }
    }

    /// The code of this number, if it is one of the server's.
    #[must_use]
    pub fn of(code: u16) -> Option<Self> {
        use strum::VariantArray as _;
        Self::VARIANTS
            .iter()
            .copied()
            .find(|known| known.code() == code)
    }

    /// Whether a client comes back by itself. After the others the same would happen again.
    #[must_use]
    pub const fn resumable(self) -> bool {
        match self {
            Self::GoingAway | Self::Internal | Self::Lagging | Self::Crowded => true,
            Self::Normal
            | Self::Protocol
            | Self::Binary
            | Self::NotText
            | Self::Conduct
            | Self::TooBig
            | Self::NoLogin
            | Self::LoginRefused
            | Self::Revoked
            | Self::Replaced
            | Self::Malformed => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_number_of_its_own_that_leads_back_to_it() {
        use strum::VariantArray as _;
        for code in CloseCode::VARIANTS {
            assert_eq!(CloseCode::of(code.code()), Some(*code));
        }
        assert_eq!(CloseCode::of(1006), None, "1006 is never sent");
    }
}
