//! Money: integer minor units with an ISO 4217 currency.
//!
//! No fractions and no floats anywhere, so that what two organisations agreed on is one number on both sides,
//! and a split of it sums to it exactly. `currency` is the list, `typed` reads what people type.

mod currency;
mod typed;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use currency::{Currency, CurrencyError};

use crate::limits::{MONEY_MINOR_MAX, MONEY_TYPED_BYTES_MAX};

/// An amount within plus or minus `MONEY_MINOR_MAX`. Ordered by currency, then amount:
/// good for sorting and sets; amounts of two currencies are not otherwise comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Money {
    minor: i64,
    currency: Currency,
}

#[derive(Deserialize)]
#[serde(rename = "Money", deny_unknown_fields)]
struct Unchecked {
    minor: i64,
    currency: Currency,
}

impl TryFrom<Unchecked> for Money {
    type Error = MoneyError;

    fn try_from(raw: Unchecked) -> Result<Self, MoneyError> {
        Self::new(raw.minor, raw.currency)
    }
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        if (-MONEY_MINOR_MAX..=MONEY_MINOR_MAX).contains(&minor) {
            Ok(Self { minor, currency })
        } else {
            Err(MoneyError::TooLarge)
        }
    }

    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// What people type: an amount with the currency before or after it, thousands grouped by commas or
    /// not at all, `k` for thousands, `m` for millions, `b` for thousands of millions.
    pub fn parse(typed: &str) -> Result<Self, MoneyError> {
        typed::parse(typed)
    }

    /// In the currency's smallest unit: cents, yen, fils.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// None when the currencies differ or the sum is out of bounds.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        Self::new(self.minor.checked_add(other.minor)?, self.currency).ok()
    }

    /// Shares in proportion to the weights, one for each, in their order, summing to the whole exactly.
    ///
    /// By largest remainder, ties to the one named first; a weight of zero gets nothing. Weights are basis
    /// points by custom, but need not sum to 10,000. None when no weight is above zero: there is nobody to give to.
    pub fn split(self, weights_bps: &[u32]) -> Option<Vec<Self>> {
        let total: i128 = weights_bps.iter().copied().map(i128::from).sum();
        if total == 0 {
            return None;
        }
        // Rounded toward zero, so that a credit splits as the same debit does.
        let whole = i128::from(self.minor.unsigned_abs());
        let mut shares: Vec<i128> = Vec::with_capacity(weights_bps.len());
        let mut remainders: Vec<(i128, usize)> = Vec::with_capacity(weights_bps.len());
        for (place, weight) in weights_bps.iter().copied().enumerate() {
            let exact = whole * i128::from(weight);
            shares.push(exact / total);
            remainders.push((exact % total, place));
        }
        // A stable sort: equal remainders stay in the order in which they were named.
        remainders.sort_by_key(|(remainder, _)| std::cmp::Reverse(*remainder));
        let mut left = whole - shares.iter().sum::<i128>();
        for (_, place) in remainders {
            if left == 0 {
                break;
            }
            *shares.get_mut(place)? += 1;
            left -= 1;
        }
        let sign = i128::from(self.minor.signum());
        shares
            .into_iter()
            .map(|share| {
                let minor = i64::try_from(sign * share).ok()?;
                Self::new(minor, self.currency).ok()
            })
            .collect()
    }
}

impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Money {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.currency, self.minor).cmp(&(other.currency, other.minor))
    }
}

/// `EUR 48,000.50`, or `EUR 48,000` when there are no cents.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_unit = self.currency.minor_per_unit();
        let minor = self.minor.unsigned_abs();
        let (units, rest) = (minor / per_unit, minor % per_unit);
        let sign = if self.minor < 0 { "-" } else { "" };
        let mut text = format!("{} {sign}{}", self.currency, grouped(units));
        if rest != 0 {
            let digits = usize::from(self.currency.digits());
            text.push_str(&format!(".{rest:0digits$}"));
        }
        f.pad(&text)
    }
}

fn grouped(units: u64) -> String {
    let plain = units.to_string();
    let mut grouped = String::with_capacity(plain.len() + plain.len() / 3);
    for (place, digit) in plain.chars().enumerate() {
        if place > 0 && (plain.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Why an amount was refused: the words name the part that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("an amount is needed, such as EUR 48,000")]
    Empty,
    #[error("the amount has more than {MONEY_TYPED_BYTES_MAX} characters")]
    TooWordy,
    #[error("the currency is missing: write it before or after the amount, such as EUR 48,000")]
    NoCurrency,
    #[error("two currencies are named: one is enough")]
    TwoCurrencies,
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    #[error("the amount is missing: write it beside the currency, such as EUR 48,000")]
    NoAmount,
    #[error(
        "{0:?} cannot stand in an amount: write digits, commas between thousands, a point before cents"
    )]
    Character(char),
    #[error("commas group thousands, as in 48,000: cents come after a point, as in 48,000.50")]
    Grouping,
    #[error("a point has to have digits on both sides, and can stand only once")]
    Point,
    #[error("{currency} has {} decimals at most", currency.digits())]
    TooPrecise { currency: Currency },
    #[error("the amount is beyond what is kept: {MONEY_MINOR_MAX} of the currency's smallest unit")]
    TooLarge,
}
