//! What is referred: what a receiver is shown at once, what is held back until they accept, and on what terms.
//!
//! A draft is set whole by one command and replaced whole by the next. Its typed part holds nothing that names the
//! customer; its texts are, in this order, the need, the customer's name, the person to contact, notes, and the basis of
//! the customer's consent. Only the need is ever shown before acceptance. An offer freezes a [`Promise`]: the typed part
//! and the commitments of the texts, which the sender signs and the receiver's answer binds.

use crate::{
    command::SlotRule,
    country::Country,
    entry::{SaltedText, Seq, Slot, TextRef},
    id::{Hash, OrgId, Salt},
    industry::Industry,
    limits,
    money::{Currency, Money},
    rejection::Rejection,
    text::TextKind,
    time::{Date, Timestamp},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many people the customer's organisation has.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
    schemars::JsonSchema,
)]
pub enum SizeBand {
    /// One to nine.
    #[serde(rename = "1-9")]
    #[strum(serialize = "1-9")]
    To9,
    /// Ten to 49.
    #[serde(rename = "10-49")]
    #[strum(serialize = "10-49")]
    To49,
    /// 50 to 249.
    #[serde(rename = "50-249")]
    #[strum(serialize = "50-249")]
    To249,
    /// 250 to 999.
    #[serde(rename = "250-999")]
    #[strum(serialize = "250-999")]
    To999,
    /// 1,000 to 4,999.
    #[serde(rename = "1000-4999")]
    #[strum(serialize = "1000-4999")]
    To4999,
    /// 5,000 and more.
    #[serde(rename = "5000+")]
    #[strum(serialize = "5000+")]
    From5000,
}

/// What is wanted of the receiver.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
    schemars::JsonSchema,
)]
#[schemars(rename = "SideWant")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum Want {
    /// To sell.
    Lead,
    /// To be introduced.
    Intro,
    /// To do services.
    Services,
    /// To integrate.
    Integration,
    /// To help keep a customer.
    RenewalRisk,
}

/// What the customer's business may be worth, in whole units of a currency.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
    schemars::JsonSchema,
)]
pub enum Band {
    /// Below 10,000.
    #[serde(rename = "<10k")]
    #[strum(serialize = "<10k")]
    To10k,
    /// 10,000 to 50,000.
    #[serde(rename = "10k-50k")]
    #[strum(serialize = "10k-50k")]
    To50k,
    /// 50,000 to 250,000.
    #[serde(rename = "50k-250k")]
    #[strum(serialize = "50k-250k")]
    To250k,
    /// 250,000 to a million.
    #[serde(rename = "250k-1m")]
    #[strum(serialize = "250k-1m")]
    To1m,
    /// A million to five.
    #[serde(rename = "1m-5m")]
    #[strum(serialize = "1m-5m")]
    To5m,
    /// Five million and more.
    #[serde(rename = "5m+")]
    #[strum(serialize = "5m+")]
    From5m,
}

/// How soon something must be done.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum Urgency {
    /// There is time.
    Low,
    /// As usual.
    #[default]
    Normal,
    /// At once.
    High,
}

/// A value, as closely as it is told before acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ValueBand {
    /// Between which amounts.
    pub band: Band,
    /// Of which currency.
    pub currency: Currency,
}

/// What is shown at once, beside the need: nothing of it names the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Teaser {
    /// What the customer does.
    pub industry: Industry,
    /// Where the customer is.
    pub country: Country,
    /// How large the customer is.
    pub size: SizeBand,
    /// What is wanted of the receiver.
    pub want: Want,
    /// What it may be worth.
    pub value: ValueBand,
    /// How soon.
    pub urgency: Urgency,
}

/// What the customer has agreed to. In which words, and how, is the text of its basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Consent {
    /// That their name and contact are passed on.
    pub share_pii: bool,
    /// That the receiver contacts them.
    pub may_contact: bool,
    /// When.
    pub obtained_at: Date,
}

/// What the sender is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fee {
    /// A part of what the customer pays, in basis points.
    Bps(u32),
    /// An amount.
    Flat(Money),
}

/// The terms of a referral, frozen by the offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Terms {
    /// What the sender is owed.
    pub fee: Fee,
    /// For how many months from acceptance, at least 1.
    pub months: u16,
}

/// A draft: everything of a case that is no text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Draft {
    /// What is shown at once.
    pub teaser: Teaser,
    /// Whether the text of the person to contact comes with it; an offer needs it.
    pub contact: bool,
    /// Whether notes come with it.
    pub notes: bool,
    /// What the customer has agreed to; its basis comes with it. An offer needs it.
    pub consent: Option<Consent>,
    /// On what terms.
    pub terms: Terms,
    /// To whom it is not offered.
    pub excluded: BTreeSet<OrgId>,
    /// 32 random bytes: see [`Promise::salt`].
    pub salt: Salt,
}

/// What an offer binds its sender to: what the receiver is shown now, the terms, and the commitments of what is held
/// back. The signed command holds its two commitments, because it also stands where not everybody may read the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Promise {
    /// What is shown at once.
    pub teaser: Teaser,
    /// What the customer has agreed to.
    pub consent: Consent,
    /// On what terms.
    pub terms: Terms,
    /// The commitment of the need.
    pub need: Hash,
    /// Keeps the typed part, which has few values, from being guessed out of its commitment.
    pub salt: Salt,
    /// The commitments of what is held back: customer, contact, and notes where there are any.
    pub dossier: Vec<Hash>,
}

impl Promise {
    /// The commitment of everything that is shown at once, over a fixed preimage.
    #[must_use]
    pub fn shown(&self) -> Hash {
        let (teaser, consent) = (&self.teaser, &self.consent);
        let word = |word: &'static str| word.as_bytes();
        let amount = match self.terms.fee {
            Fee::Bps(bps) => format!("{bps} bps"),
            Fee::Flat(amount) => format!("{} {}", amount.minor(), amount.currency().as_str()),
        };
        Hash::of(
            "rialto-shown-1",
            &[
                &self.salt.0,
                word(teaser.industry.into()),
                word(teaser.country.as_str()),
                word(teaser.size.into()),
                word(teaser.want.into()),
                word(teaser.value.band.into()),
                word(teaser.value.currency.as_str()),
                word(teaser.urgency.into()),
                &[u8::from(consent.share_pii), u8::from(consent.may_contact)],
                consent.obtained_at.to_string().as_bytes(),
                amount.as_bytes(),
                &self.terms.months.to_be_bytes(),
                &self.need.0,
            ],
        )
    }

    /// The commitment of everything that is held back.
    #[must_use]
    pub fn full(&self) -> Hash {
        let parts: Vec<&[u8]> = self.dossier.iter().map(|hash| &hash.0[..]).collect();
        Hash::of("rialto-dossier-1", &parts)
    }
}

impl Draft {
    /// The texts that come with it, in their order.
    #[must_use]
    pub fn slots(&self) -> Vec<SlotRule> {
        let mut slots = vec![("need", TextKind::Need), ("customer", TextKind::Name)];
        if self.contact {
            slots.push(("contact", TextKind::Line));
        }
        if self.notes {
            slots.push(("notes", TextKind::Full));
        }
        if self.consent.is_some() {
            slots.push(("basis", TextKind::Line));
        }
        slots
    }

    /// The slots of what is held back: customer, contact, notes.
    pub(super) fn dossier(&self) -> impl Iterator<Item = Slot> + use<> {
        let last = 1 + u8::from(self.contact) + u8::from(self.notes);
        (1..=last).map(Slot)
    }

    /// Refuses values that cannot be, and a full part that is too large.
    ///
    /// # Errors
    /// The first value that cannot be.
    pub fn holds(&self, texts: &[SaltedText], now: Timestamp) -> Result<(), Rejection> {
        let too_many = |field, max| Err(Rejection::Limit { field, max });
        let wrong = |field, want| Err(Rejection::Value { field, want });
        if self.excluded.len() > limits::CASE_EXCLUDED_MAX {
            return too_many("excluded", limits::CASE_EXCLUDED_MAX);
        }
        let full: usize = self
            .dossier()
            .filter_map(|slot| texts.get(usize::from(slot.0)))
            .map(|text| text.text.as_str().len())
            .sum();
        if full > limits::FULL_BYTES_MAX {
            return too_many("bytes of the full part", limits::FULL_BYTES_MAX);
        }
        match self.terms.fee {
            Fee::Bps(bps) if bps > limits::FEE_BPS_MAX => {
                return wrong("fee", "at most 10,000 basis points, which is all of it");
            }
            Fee::Flat(amount) if amount.minor() < 0 => {
                return wrong("fee", "nothing, or an amount above it");
            }
            Fee::Bps(_) | Fee::Flat(_) => {}
        }
        if self.terms.months == 0 || self.terms.months > limits::FEE_MONTHS_MAX {
            return wrong("months", "1 to 120 months");
        }
        // A day is not the same everywhere: what was said today east of here is not yet today by UTC.
        let tomorrow = (now + crate::time::Span::days(1)).date();
        match self.consent {
            Some(consent) if consent.obtained_at > tomorrow => {
                wrong("obtained_at", "a day that has come: consent comes first")
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// A draft as it stands in a Side: the texts by their commitments, which outlive them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Drafted {
    /// Its typed part.
    pub draft: Draft,
    /// The commitment of each text, in their order.
    pub commitments: Vec<Hash>,
}

impl Drafted {
    /// A draft with these texts.
    #[must_use]
    pub fn new(draft: Draft, texts: &[SaltedText]) -> Self {
        let commitments = texts.iter().map(SaltedText::commitment).collect();
        Self { draft, commitments }
    }

    /// What an offer of this draft promises, where it is complete.
    ///
    /// # Errors
    /// What is missing.
    pub fn promise(&self) -> Result<Promise, Rejection> {
        let at = |slot: Slot| self.commitments.get(usize::from(slot.0)).copied();
        let consent = self.draft.consent.ok_or(Rejection::State(
            "the customer's consent is not recorded: it comes before an offer",
        ))?;
        if !consent.share_pii {
            return Err(Rejection::State(
                "the customer has not agreed that their name and contact are passed on",
            ));
        }
        if !self.draft.contact {
            return Err(Rejection::State("the draft names nobody to contact"));
        }
        let need = at(Slot(0)).ok_or(Rejection::NoSuchThing("need"))?;
        Ok(Promise {
            teaser: self.draft.teaser,
            consent,
            terms: self.draft.terms,
            need,
            salt: self.draft.salt,
            dossier: self.draft.dossier().filter_map(at).collect(),
        })
    }

    /// Where its texts stand, set by this entry.
    pub(super) fn texts(&self, seq: Seq) -> impl Iterator<Item = TextRef> + use<> {
        let count = u8::try_from(self.draft.slots().len()).unwrap_or(u8::MAX);
        (0..count).map(move |slot| TextRef {
            seq,
            slot: Slot(slot),
        })
    }
}
