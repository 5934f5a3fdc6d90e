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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Unchecked")]
pub struct Money {
    minor: i64,
    currency: Currency,
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename = "Money", deny_unknown_fields)]
struct Unchecked {
    #[schemars(range(min = -MONEY_MINOR_MAX, max = MONEY_MINOR_MAX))]
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR).unwrap()
    }

    fn any_money() -> impl Strategy<Value = Money> {
        let currency = select(Currency::all().collect::<Vec<_>>());
        let minor = prop_oneof![-MONEY_MINOR_MAX..=MONEY_MINOR_MAX, -10_000_i64..10_000];
        (minor, currency).prop_map(|(minor, currency)| Money::new(minor, currency).unwrap())
    }

    #[test]
    fn is_bounded_on_both_sides() {
        for minor in [MONEY_MINOR_MAX, -MONEY_MINOR_MAX, 0] {
            assert_eq!(eur(minor).minor(), minor);
        }
        for minor in [
            MONEY_MINOR_MAX + 1,
            -MONEY_MINOR_MAX - 1,
            i64::MAX,
            i64::MIN,
        ] {
            assert_eq!(Money::new(minor, Currency::EUR), Err(MoneyError::TooLarge));
        }
    }

    #[test]
    fn is_shown_in_groups_with_cents_where_there_are_any() {
        let money = |minor, code: &str| Money::new(minor, code.parse().unwrap()).unwrap();
        let cases = [
            (money(4_800_050, "EUR"), "EUR 48,000.50"),
            (money(4_800_000, "EUR"), "EUR 48,000"),
            (money(5, "EUR"), "EUR 0.05"),
            (money(0, "EUR"), "EUR 0"),
            (money(-99_999, "USD"), "USD -999.99"),
            (money(100_000, "USD"), "USD 1,000"),
            (money(1_234_567, "JPY"), "JPY 1,234,567"),
            (money(1_234_567, "KWD"), "KWD 1,234.567"),
            (money(1_234_560, "KWD"), "KWD 1,234.560"),
            (money(12_345, "CLF"), "CLF 1.2345"),
            (money(MONEY_MINOR_MAX, "EUR"), "EUR 10,000,000,000,000"),
        ];
        for (money, shown) in cases {
            assert_eq!(money.to_string(), shown);
        }
        assert_eq!(format!("[{:>10}]", eur(500)), "[     EUR 5]");
    }

    #[test]
    fn adds_like_to_like_within_bounds() {
        assert_eq!(eur(150).checked_add(eur(-200)), Some(eur(-50)));
        assert_eq!(eur(1).checked_add(Money::zero(Currency::USD)), None);
        assert_eq!(eur(MONEY_MINOR_MAX).checked_add(eur(1)), None);
        assert_eq!(eur(-MONEY_MINOR_MAX).checked_add(eur(-1)), None);
    }

    #[test]
    fn splits_by_largest_remainder() {
        let split = |minor, weights: &[u32]| {
            let shares = eur(minor).split(weights)?;
            Some(shares.into_iter().map(Money::minor).collect::<Vec<_>>())
        };
        assert_eq!(split(100, &[5_000, 5_000]), Some(vec![50, 50]));
        assert_eq!(split(101, &[5_000, 5_000]), Some(vec![51, 50]));
        assert_eq!(split(100, &[3_333, 3_333, 3_334]), Some(vec![33, 33, 34]));
        assert_eq!(split(200, &[1, 1, 1]), Some(vec![67, 67, 66]));
        assert_eq!(split(-200, &[1, 1, 1]), Some(vec![-67, -67, -66]));
        assert_eq!(split(1, &[0, 1, 0]), Some(vec![0, 1, 0]));
        assert_eq!(split(0, &[7, 3]), Some(vec![0, 0]));
        assert_eq!(split(7, &[u32::MAX, u32::MAX]), Some(vec![4, 3]));
        assert_eq!(split(7, &[]), None);
        assert_eq!(split(7, &[0, 0]), None);
    }

    #[test]
    fn is_checked_when_read_back() {
        let money: Money = serde_json::from_str(r#"{"minor":4800050,"currency":"EUR"}"#).unwrap();
        assert_eq!(money, eur(4_800_050));
        assert_eq!(
            serde_json::to_string(&money).unwrap(),
            r#"{"minor":4800050,"currency":"EUR"}"#
        );
        for refused in [
            r#"{"minor":1,"currency":"eur"}"#,
            r#"{"minor":1,"currency":"XXX"}"#,
            r#"{"minor":1.5,"currency":"EUR"}"#,
            r#"{"minor":1000000000000001,"currency":"EUR"}"#,
            r#"{"minor":1}"#,
            r#"{"minor":1,"currency":"EUR","was":2}"#,
        ] {
            assert!(serde_json::from_str::<Money>(refused).is_err(), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(money in any_money()) {
            prop_assert_eq!(Money::parse(&money.to_string()), Ok(money));
        }

        #[test]
        fn shares_are_exact(
            money in any_money(),
            weights in prop::collection::vec(prop_oneof![Just(0), 0_u32..10_001, any::<u32>()], 0..14),
        ) {
            let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
            let Some(shares) = money.split(&weights) else {
                prop_assert_eq!(total, 0);
                return Ok(());
            };
            prop_assert_eq!(shares.len(), weights.len());
            prop_assert_eq!(shares.iter().map(|share| share.minor()).sum::<i64>(), money.minor());
            for (share, weight) in shares.iter().zip(&weights) {
                prop_assert_eq!(share.currency(), money.currency());
                // |share - exact| < 1, without fractions.
                let off = i128::from(share.minor()) * total - i128::from(money.minor()) * i128::from(*weight);
                prop_assert!(off.abs() < total);
                if *weight == 0 {
                    prop_assert_eq!(share.minor(), 0);
                }
            }
        }

        #[test]
        fn of_two_equal_weights_the_first_gets_no_less(money in any_money(), weight in 1_u32..10_000, others in prop::collection::vec(0_u32..10_000, 0..6)) {
            let mut weights = vec![weight];
            weights.extend(others);
            weights.push(weight);
            let shares = money.split(&weights).unwrap();
            let (first, last) = (shares[0].minor().abs(), shares[shares.len() - 1].minor().abs());
            prop_assert!(first == last || first == last + 1);
        }
    }
}
