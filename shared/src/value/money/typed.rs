//! Reads an amount as people type it.
//!
//! Strict where two readings are possible: `48,50` could be cents or a slip, and `5.000 EUR` is five thousand
//! to half of Europe, so both are refused in words rather than guessed at.

use super::{Currency, CurrencyError, Money, MoneyError};
use crate::limits::MONEY_TYPED_BYTES_MAX;

const SCALES: [char; 6] = ['k', 'K', 'm', 'M', 'b', 'B'];

pub(super) fn parse(typed: &str) -> Result<Money, MoneyError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(MoneyError::Empty);
    }
    if typed.len() > MONEY_TYPED_BYTES_MAX {
        return Err(MoneyError::TooWordy);
    }
    let (currency, amount) = currency_and_amount(typed)?;
    let minor = Amount::read(amount)?.minor(currency)?;
    Money::new(minor, currency)
}

fn currency_and_amount(typed: &str) -> Result<(Currency, &str), MoneyError> {
    let (before, rest) = code_before(typed);
    let (rest, after) = code_after(rest);
    match (before, after) {
        (Some(_), Some(_)) => Err(MoneyError::TwoCurrencies),
        (None, None) => Err(MoneyError::NoCurrency),
        (Some(code), None) | (None, Some(code)) => {
            let currency = known(code)?;
            let amount = rest.trim();
            if amount.is_empty() {
                Err(MoneyError::NoAmount)
            } else {
                Ok((currency, amount))
            }
        }
    }
}

/// Whatever letters the text starts with are meant as the currency: no amount starts with one.
fn code_before(typed: &str) -> (Option<&str>, &str) {
    let letters = typed
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(typed.len());
    match typed.split_at(letters) {
        ("", rest) => (None, rest),
        (code, rest) => (Some(code), rest),
    }
}

/// The letters that the text ends with, less a `k`, `m` or `b` right behind the digits.
fn code_after(typed: &str) -> (&str, Option<&str>) {
    let amount = typed.trim_end_matches(char::is_alphabetic);
    let (_, letters) = typed.split_at(amount.len());
    let scale = letters.starts_with(SCALES);
    // `48k` has no currency; in `48kEUR` the k is the amount's, in `48KWD` the K is not.
    let start = match letters.len() {
        1 | 4 if scale && amount.ends_with(|c: char| c.is_ascii_digit()) => amount.len() + 1,
        1 if scale => typed.len(),
        _ => amount.len(),
    };
    match typed.split_at(start) {
        (rest, "") => (rest, None),
        (rest, code) => (rest, Some(code)),
    }
}

fn known(code: &str) -> Result<Currency, CurrencyError> {
    code.to_ascii_uppercase().parse()
}

/// The digits as one integer, and the power of ten it stands for.
struct Amount {
    negative: bool,
    digits: u128,
    decimals: u32,
    zeros: u32,
}

impl Amount {
    fn read(text: &str) -> Result<Self, MoneyError> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        let (number, zeros) = scaled(text);
        if number.is_empty() {
            return Err(MoneyError::NoAmount);
        }
        if let Some(c) = number.chars().find(|c| !matches!(c, '0'..='9' | ',' | '.')) {
            return Err(MoneyError::Character(c));
        }
        let (units, decimals) = match number.split_once('.') {
            Some((units, decimals)) => (units, Some(decimals)),
            None => (number, None),
        };
        let units = ungrouped(units)?;
        if units.is_empty() || decimals.is_some_and(|d| d.is_empty() || d.contains('.')) {
            return Err(MoneyError::Point);
        }
        let decimals = decimals.unwrap_or_default();
        if decimals.contains(',') {
            return Err(MoneyError::Grouping);
        }
        // At most 40 digits were let in, which may still be one too many for the integer.
        let digits = format!("{units}{decimals}")
            .parse()
            .map_err(|_| MoneyError::TooLarge)?;
        let decimals = u32::try_from(decimals.len()).map_err(|_| MoneyError::TooLarge)?;
        Ok(Self {
            negative,
            digits,
            decimals,
            zeros,
        })
    }

    /// In minor units, exactly or not at all.
    fn minor(&self, currency: Currency) -> Result<i64, MoneyError> {
        let too_precise = MoneyError::TooPrecise { currency };
        let places = self.zeros + u32::from(currency.digits());
        // Even when they are zeros: whoever writes 5.000 EUR may well mean five thousand.
        let minor = match places.checked_sub(self.decimals) {
            Some(missing) => {
                let scale = 10_u128.checked_pow(missing).ok_or(MoneyError::TooLarge)?;
                self.digits.checked_mul(scale).ok_or(MoneyError::TooLarge)?
            }
            None => return Err(too_precise),
        };
        let minor = i64::try_from(minor).map_err(|_| MoneyError::TooLarge)?;
        Ok(if self.negative { -minor } else { minor })
    }
}

/// The number, and the zeros that a letter behind it stands for.
fn scaled(text: &str) -> (&str, u32) {
    let zeros = match text.chars().next_back() {
        Some('k' | 'K') => 3,
        Some('m' | 'M') => 6,
        Some('b' | 'B') => 9,
        _ => return (text, 0),
    };
    (text.strip_suffix(SCALES).unwrap_or(text).trim_end(), zeros)
}

/// The digits without their commas, which have to stand before every third one or nowhere.
fn ungrouped(units: &str) -> Result<String, MoneyError> {
    let mut groups = units.split(',');
    let first = groups.next().unwrap_or_default();
    let mut digits = first.to_owned();
    let mut more = false;
    for group in groups {
        if group.len() != 3 {
            return Err(MoneyError::Grouping);
        }
        more = true;
        digits.push_str(group);
    }
    if more && !(1..=3).contains(&first.len()) {
        return Err(MoneyError::Grouping);
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().unwrap()).unwrap()
    }

    #[test]
    fn reads_what_people_type() {
        let cases = [
            ("EUR 48,000.50", money(4_800_050, "EUR")),
            ("48000.50 EUR", money(4_800_050, "EUR")),
            ("EUR 48k", money(4_800_000, "EUR")),
            ("1.2m USD", money(120_000_000, "USD")),
            ("  eur 5 ", money(500, "EUR")),
            ("EUR5", money(500, "EUR")),
            ("5EUR", money(500, "EUR")),
            ("48kEUR", money(4_800_000, "EUR")),
            ("48k EUR", money(4_800_000, "EUR")),
            ("48 K EUR", money(4_800_000, "EUR")),
            ("48KWD", money(48_000, "KWD")),
            ("48kKWD", money(48_000_000, "KWD")),
            ("USD 2.5b", money(250_000_000_000, "USD")),
            ("EUR 1.23456k", money(123_456, "EUR")),
            ("EUR 1,234.5k", money(123_450_000, "EUR")),
            ("EUR -12.5", money(-1_250, "EUR")),
            ("-12.5 EUR", money(-1_250, "EUR")),
            ("EUR 0", money(0, "EUR")),
            ("EUR 007", money(700, "EUR")),
            ("JPY 1,000", money(1_000, "JPY")),
            ("5.000 KWD", money(5_000, "KWD")),
            (
                "EUR 10,000,000,000,000",
                money(1_000_000_000_000_000, "EUR"),
            ),
        ];
        for (typed, expected) in cases {
            assert_eq!(parse(typed), Ok(expected), "{typed}");
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let precise = |code: &str| MoneyError::TooPrecise {
            currency: code.parse().unwrap(),
        };
        let unknown = |code: &str| MoneyError::Currency(CurrencyError::Unknown(code.to_owned()));
        let form = || MoneyError::Currency(CurrencyError::Form);
        let cases = [
            ("", MoneyError::Empty),
            ("   ", MoneyError::Empty),
            ("48000", MoneyError::NoCurrency),
            ("48k", MoneyError::NoCurrency),
            ("48 k", MoneyError::NoCurrency),
            ("€5", MoneyError::NoCurrency),
            ("EUR 5 USD", MoneyError::TwoCurrencies),
            ("EUR", MoneyError::NoAmount),
            ("EUR -", MoneyError::NoAmount),
            ("EUR k", MoneyError::NoAmount),
            ("XYZ 5", unknown("XYZ")),
            ("5 xyz", unknown("XYZ")),
            ("EURO 5", form()),
            ("5 euro", form()),
            ("5 kr", form()),
            ("5 Ø", form()),
            ("EUR 5x5", MoneyError::Character('x')),
            ("EUR 48 000", MoneyError::Character(' ')),
            ("EUR 48'000", MoneyError::Character('\'')),
            ("EUR +5", MoneyError::Character('+')),
            ("EUR --5", MoneyError::Character('-')),
            ("EUR ٥", MoneyError::Character('٥')),
            ("EUR 48,50", MoneyError::Grouping),
            ("EUR 48,0000", MoneyError::Grouping),
            ("EUR 4800,000", MoneyError::Grouping),
            ("EUR ,000", MoneyError::Grouping),
            ("EUR 1,,000", MoneyError::Grouping),
            ("EUR 1.000,50", MoneyError::Grouping),
            ("EUR 5.", MoneyError::Point),
            ("EUR .5", MoneyError::Point),
            ("EUR 1.2.3", MoneyError::Point),
            ("EUR .", MoneyError::Point),
            ("EUR 5.000", precise("EUR")),
            ("EUR 5.123", precise("EUR")),
            ("JPY 5.5", precise("JPY")),
            ("EUR 1.234567k", precise("EUR")),
            ("EUR 10,000,000,000,000.01", MoneyError::TooLarge),
            ("EUR 10001b", MoneyError::TooLarge),
            (
                "EUR 99999999999999999999999999999999999",
                MoneyError::TooLarge,
            ),
            (
                "EUR 999999999999999999999999999999999999",
                MoneyError::TooLarge,
            ),
            (
                "EUR 99999999999999999999999999999999999999",
                MoneyError::TooWordy,
            ),
        ];
        for (typed, expected) in cases {
            assert_eq!(parse(typed), Err(expected), "{typed}");
        }
        assert_eq!(precise("JPY").to_string(), "JPY has 0 decimals at most");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(typed in "\\PC{0,40}") {
            let _ = parse(&typed).is_ok();
        }

        #[test]
        fn what_is_read_is_read_the_same_again(typed in "(EUR |JPY|kwd )?-?[0-9,.]{1,9}[kmb]?( ?USD)?") {
            if let Ok(money) = parse(&typed) {
                prop_assert_eq!(parse(&money.to_string()), Ok(money));
            }
        }

        #[test]
        fn order_case_and_grouping_do_not_matter(minor in 0_i64..1_000_000_000_000) {
            let shown = money(minor, "EUR").to_string();
            let amount = shown.strip_prefix("EUR ").unwrap();
            prop_assert_eq!(parse(&format!("{amount} eur")), Ok(money(minor, "EUR")));
            prop_assert_eq!(parse(&format!("EUR{}", amount.replace(',', ""))), Ok(money(minor, "EUR")));
        }
    }
}
