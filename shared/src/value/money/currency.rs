//! The active currencies of ISO 4217, with how many decimals each has.
//!
//! From list one of the standard as published on 2026-01-01, without the codes that have no minor unit (metals,
//! drawing rights, tests). A code that is withdrawn must stay here once a room could hold it.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const NO_DECIMALS: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];
const TWO_DECIMALS: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD",
    "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF",
    "CHW", "CNY", "COP", "COU", "CRC", "CUP", "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN",
    "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL",
    "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW", "KYD", "KZT",
    "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU",
    "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD",
    "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR",
    "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB",
    "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "USN", "UYU", "UZS", "VED",
    "VES", "WST", "XAD", "XCD", "XCG", "YER", "ZAR", "ZMW", "ZWG",
];
const THREE_DECIMALS: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
const FOUR_DECIMALS: &[&str] = &["CLF", "UYW"];

/// A currency of the list, by its three capitals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: &'static str,
    digits: u8,
}

impl Currency {
    pub const EUR: Self = Self {
        code: "EUR",
        digits: 2,
    };
    pub const USD: Self = Self {
        code: "USD",
        digits: 2,
    };

    pub const fn as_str(self) -> &'static str {
        self.code
    }

    /// Decimals of the minor unit: 2 for cents, 0 where there is none.
    pub const fn digits(self) -> u8 {
        self.digits
    }

    /// Minor units in one unit: 100 for cents.
    pub const fn minor_per_unit(self) -> u64 {
        match self.digits {
            0 => 1,
            2 => 100,
            3 => 1_000,
            _ => 10_000,
        }
    }

    /// Every currency, those with the same number of decimals together.
    pub fn all() -> impl Iterator<Item = Self> {
        [
            (0, NO_DECIMALS),
            (2, TWO_DECIMALS),
            (3, THREE_DECIMALS),
            (4, FOUR_DECIMALS),
        ]
        .into_iter()
        .flat_map(|(digits, codes)| codes.iter().map(move |code| Self { code, digits }))
    }
}

crate::schema::written_as!(Currency, "an active currency of ISO 4217", "^[A-Z]{3}$");

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(code: &str) -> Result<Self, CurrencyError> {
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(CurrencyError::Form);
        }
        Self::all()
            .find(|currency| currency.code == code)
            .ok_or_else(|| CurrencyError::Unknown(code.to_owned()))
    }
}

/// By hand: a derived one would take the code for something borrowed from the input.
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurrencyError {
    #[error("a currency is three capital letters, such as EUR")]
    Form,
    #[error("{0} is not an active ISO 4217 currency")]
    Unknown(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_three_capitals_and_stands_once() {
        let mut codes: Vec<&str> = Currency::all().map(Currency::as_str).collect();
        assert_eq!(codes.len(), 165);
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 165);
        for code in codes {
            assert_eq!(code.parse::<Currency>().map(Currency::as_str), Ok(code));
        }
    }

    #[test]
    fn decimals_are_those_of_the_standard() {
        for (code, digits, per_unit) in [
            ("EUR", 2, 100),
            ("USD", 2, 100),
            ("CHF", 2, 100),
            ("HUF", 2, 100),
            ("JPY", 0, 1),
            ("KRW", 0, 1),
            ("KWD", 3, 1_000),
            ("CLF", 4, 10_000),
        ] {
            let currency: Currency = code.parse().unwrap();
            assert_eq!(
                (currency.digits(), currency.minor_per_unit()),
                (digits, per_unit),
                "{code}"
            );
        }
        assert_eq!("EUR".parse(), Ok(Currency::EUR));
        assert_eq!("USD".parse(), Ok(Currency::USD));
        for currency in Currency::all() {
            assert_eq!(
                currency.minor_per_unit(),
                10_u64.pow(u32::from(currency.digits()))
            );
        }
    }

    #[test]
    fn anything_else_is_refused_in_words() {
        for form in ["", "eur", "EU", "EURO", "E R", "ÄÖ"] {
            assert_eq!(form.parse::<Currency>(), Err(CurrencyError::Form), "{form}");
        }
        let unknown = "DEM".parse::<Currency>().unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "DEM is not an active ISO 4217 currency"
        );
        for metal in ["XAU", "XXX", "XTS"] {
            assert!(metal.parse::<Currency>().is_err(), "{metal}");
        }
    }
}
