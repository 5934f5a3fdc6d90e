//! A customer to be referred, as the command line gives them.

use super::super::{
    super::{exit::Failure, output},
    words::{one_of, usage},
    work::Work,
};
use crate::{account::chance, console::now};
use clap::Args as ClapArgs;
use rialto_shared::{
    command::Command,
    country::Country,
    entry::Seq,
    event::Event,
    id::{RoomId, Salt},
    industry::Industry,
    money::{Currency, Money},
    room::{
        inbox,
        side::{
            self, Band, Consent, Draft, Fee, SizeBand, Teaser, Terms, Urgency, ValueBand, Want,
        },
    },
    time::Date,
};
use serde_json::json;
use std::collections::BTreeSet;

/// The words of `referral new`.
#[derive(Debug, ClapArgs)]
pub(in super::super::super) struct New {
    #[command(flatten)]
    customer: Customer,
    /// Offer it to this organisation at once.
    #[arg(long, value_name = "ORG", conflicts_with = "no_share")]
    to: Option<String>,
    /// The request to connect that goes with it, where you are not connected.
    #[arg(long, requires = "to")]
    words: Option<String>,
}

/// The words of `referral redraft`.
#[derive(Debug, ClapArgs)]
pub(in super::super::super) struct Redraft {
    /// The case's room, as `referral new` and `referral list` print it.
    case: String,
    #[command(flatten)]
    customer: Customer,
}

/// What a draft says, whole.
#[derive(Debug, ClapArgs)]
struct Customer {
    /// What the customer does, such as retail or financial_services.
    #[arg(long, value_parser = one_of::<Industry>)]
    industry: Industry,
    /// Where the customer is: two letters, such as DE.
    #[arg(long)]
    country: Country,
    /// How many people they have: 1-9, 10-49, 50-249, 250-999, 1000-4999 or 5000+.
    #[arg(long, value_parser = one_of::<SizeBand>)]
    size: SizeBand,
    /// What is wanted: lead, intro, services, integration or renewal_risk.
    #[arg(long, value_parser = one_of::<Want>)]
    want: Want,
    /// What it may be worth: <10k, 10k-50k, 50k-250k, 250k-1m, 1m-5m or 5m+.
    #[arg(long, value_parser = one_of::<Band>)]
    band: Band,
    /// Of which currency, such as EUR.
    #[arg(long)]
    currency: Currency,
    /// low, normal or high.
    #[arg(long, value_parser = one_of::<Urgency>, default_value = "normal")]
    urgency: Urgency,
    /// What the customer needs, without naming them: shown at once; - reads stdin.
    #[arg(long)]
    need: String,
    /// Who the customer is: shown after acceptance.
    #[arg(long)]
    customer: String,
    /// Whom to contact there: shown after acceptance. An offer needs it.
    #[arg(long)]
    contact: Option<String>,
    /// What else is to be known: shown after acceptance.
    #[arg(long)]
    notes: Option<String>,
    /// How the customer agreed to be named and contacted: stays with you. An offer needs it.
    #[arg(long)]
    basis: Option<String>,
    /// When they agreed, such as 2026-05-04; today where it is not given.
    #[arg(long, requires = "basis")]
    consent_date: Option<Date>,
    /// They have not agreed that their name and contact are passed on: the case waits, and cannot be offered.
    #[arg(long, requires = "basis")]
    no_share: bool,
    /// They have not agreed to be contacted by the receiver: you introduce them.
    #[arg(long, requires = "basis")]
    no_contact: bool,
    /// What you are owed, in basis points of what the customer pays.
    #[arg(long, default_value_t = 0, conflicts_with = "fee_flat")]
    fee_bps: u32,
    /// What you are owed, as an amount such as "EUR 2,000".
    #[arg(long, value_parser = Money::parse)]
    fee_flat: Option<Money>,
    /// For how many months from acceptance.
    #[arg(long, default_value_t = 12)]
    months: u16,
    /// To whom it is not to be offered; may be given again.
    #[arg(long, value_name = "ORG")]
    exclude: Vec<String>,
}

impl New {
    /// Refuses, before anything is sent, what could not be offered.
    fn offerable(&self) -> Result<(), Failure> {
        if self.to.is_none() {
            return Ok(());
        }
        let missing: Vec<&str> = [
            ("--contact", &self.customer.contact),
            ("--basis", &self.customer.basis),
        ]
        .into_iter()
        .filter(|(_, given)| given.is_none())
        .map(|(name, _)| name)
        .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(usage(format!(
            "an offer needs {} as well: whom to contact, and how the customer agreed to it",
            missing.join(" and ")
        )))
    }
}

impl Customer {
    fn draft(&self, excluded: BTreeSet<rialto_shared::id::OrgId>) -> Result<Draft, Failure> {
        let teaser = Teaser {
            industry: self.industry,
            country: self.country,
            size: self.size,
            want: self.want,
            value: ValueBand {
                band: self.band,
                currency: self.currency,
            },
            urgency: self.urgency,
        };
        let consent = self.basis.as_ref().map(|_| Consent {
            share_pii: !self.no_share,
            may_contact: !self.no_contact,
            obtained_at: self.consent_date.unwrap_or_else(|| now().date()),
        });
        let terms = Terms {
            fee: self.fee_flat.map_or(Fee::Bps(self.fee_bps), Fee::Flat),
            months: self.months,
        };
        Ok(Draft {
            teaser,
            contact: self.contact.is_some(),
            notes: self.notes.is_some(),
            consent,
            terms,
            excluded,
            salt: Salt(chance()?),
        })
    }
}

pub(super) async fn new(mut work: Work<'_>, new: New) -> Result<(), Failure> {
    new.offerable()?;
    let to = match &new.to {
        Some(org) => Some(work.find_org(org).await?),
        None => None,
    };
    if let Some(to) = to
        && new.words.is_none()
        && !work.org()?.connections.contains(&to)
    {
        return Err(usage(format!(
            "you are not connected with {}: --words TEXT asks them to connect, with this offer",
            work.org_name(to)
        )));
    }
    let (draft, texts) = written(&mut work, &new.customer).await?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let side = opened(&mut work, draft, &texts).await?;
    work.here(side).await?;
    match to {
        Some(to) => super::offer(&mut work, side, to, new.words.as_deref()).await?,
        None => work.print(
            &json!({"case": side}),
            &format!("{side}  drafted; `rialto referral offer {side} ORG` offers it"),
        )?,
    }
    work.close()
}

pub(super) async fn anew(mut work: Work<'_>, anew: Redraft) -> Result<(), Failure> {
    let room = work.room(&anew.case).await?;
    let at = super::case(&work, room)?.map_or(Seq::ZERO, |case| case.draft.at);
    let (draft, texts) = written(&mut work, &anew.customer).await?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let command = Command::Side(side::Command::Draft { at, draft });
    work.submit(room, command, &texts).await?;
    work.print(&json!({"case": room}), &format!("{room}  drafted anew"))?;
    work.close()
}

/// The draft of what was given, and its texts.
async fn written(work: &mut Work<'_>, given: &Customer) -> Result<(Draft, Vec<String>), Failure> {
    let mut excluded = BTreeSet::new();
    for org in &given.exclude {
        excluded.insert(work.find_org(org).await?);
    }
    let draft = given.draft(excluded)?;
    let optional = [&given.contact, &given.notes, &given.basis];
    let texts = [output::text(&given.need)?, given.customer.clone()]
        .into_iter()
        .chain(optional.into_iter().flatten().cloned())
        .collect();
    Ok((draft, texts))
}

/// Opens a case with this draft: its room.
async fn opened(work: &mut Work<'_>, draft: Draft, texts: &[&str]) -> Result<RoomId, Failure> {
    let inbox = RoomId::inbox(work.me);
    let command = Command::Inbox(inbox::Command::OpenCase { draft });
    let receipt = work.submit(inbox, command, texts).await?;
    let opened = work.outcome(&receipt, |event| {
        let Event::Inbox(inbox::Event::CaseOpened { side, .. }) = event else {
            return None;
        };
        Some(*side)
    });
    opened.ok_or_else(|| usage("the case was opened: see `rialto referral list`"))
}
