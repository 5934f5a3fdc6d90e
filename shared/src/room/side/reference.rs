//! The external reference: what the organisation's own systems call a deal or a customer, so that a script needs no table
//! of ids.
//!
//! It stands in the organisation's Side and in no other room, so no other party ever sees it. Within one organisation it
//! names one deal, and one customer to be referred: that goes through the claims, under a key that only whoever knows the
//! organisation and the reference can make.

use super::{About, Event, Side};
use crate::{
    command::SlotRule,
    entry::{SaltedText, Seq, Slot, TextRef, Worded},
    id::{Hash, OrgId},
    rejection::Rejection,
    room::{Case, Stated},
    standing::Role,
    text::TextKind,
};
use serde::{Deserialize, Serialize};

/// An external reference, and the claim that makes it the only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Reference {
    /// Where it stands.
    pub text: TextRef,
    /// Its claim.
    pub claim: Hash,
}

/// The text's name and rule.
pub(crate) const SLOT: SlotRule = ("external_reference", TextKind::Title);

/// What a reference names: a CRM numbers its leads and its deals apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A deal.
    Deal,
    /// A customer that is referred, to whichever side.
    Referral,
}

impl About {
    /// What a reference names here.
    #[must_use]
    pub const fn named(&self) -> Named {
        match self {
            Self::Deal { .. } => Named::Deal,
            Self::Case | Self::Referral { .. } => Named::Referral,
        }
    }
}

/// The claim of an organisation's reference.
#[must_use]
pub fn reference_claim(org: OrgId, named: Named, reference: &str) -> Hash {
    let of: &[u8] = match named {
        Named::Deal => b"deal",
        Named::Referral => b"referral",
    };
    Hash::of(
        "rialto-claim-reference",
        &[&org.bits(), of, reference.as_bytes()],
    )
}

/// Refuses a claim that is not this reference's, whoever holds it: nobody asks after another organisation's.
pub(crate) fn claims(
    org: OrgId,
    named: Named,
    claim: Hash,
    reference: Option<&SaltedText>,
) -> Result<(), Rejection> {
    let right = reference.map(|text| reference_claim(org, named, text.text.as_str()));
    if right == Some(claim) {
        Ok(())
    } else {
        Err(Rejection::Value {
            field: "claim",
            want: "the claim of your organisation's external reference",
        })
    }
}

pub(super) fn decide(
    case: &Case<'_>,
    side: &Side,
    at: Seq,
    claim: Option<Hash>,
    texts: &[SaltedText],
) -> Result<Worded<crate::event::Event>, Rejection> {
    case.unmuted()?;
    case.member()?;
    case.at_least(Role::Rep)?;
    if let Some(claim) = claim {
        claims(side.org, side.about.named(), claim, texts.first())?;
    }
    side.reference.unchanged_since(at)?;
    if side.reference.value.map(|had| had.claim) == claim {
        return Err(Rejection::Already("external_reference"));
    }
    let event = match claim {
        Some(_) if case.claim.is_some_and(|holder| holder != case.id) => {
            return Err(Rejection::Taken("external_reference"));
        }
        Some(claim) => Event::Referenced {
            reference: Slot(0),
            claim,
        },
        None => Event::Unreferenced {},
    };
    Ok(Worded::new(
        crate::event::Event::Side(event),
        texts.to_vec(),
    ))
}

pub(super) fn apply(side: &mut Side, seq: Seq, event: &Event) {
    match event {
        Event::Referenced { reference, claim } => {
            let text = TextRef {
                seq,
                slot: *reference,
            };
            let claim = *claim;
            side.reference = Stated::new(seq, Reference { text, claim });
        }
        Event::Unreferenced {} => {
            side.reference = Stated {
                at: seq,
                value: None,
            };
        }
        Event::Opened { .. }
        | Event::Drafted { .. }
        | Event::Erased { .. }
        | Event::Offered { .. }
        | Event::Withdrawn { .. }
        | Event::Released { .. }
        | Event::Closed { .. }
        | Event::Added { .. }
        | Event::Removed { .. }
        | Event::HandedOver { .. }
        | Event::Kept { .. } => {}
    }
}
