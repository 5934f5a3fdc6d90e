//! Where an organisation works: a region of the world as business names them, or a country. Closed lists, so that the
//! directory can be asked by them.

use serde::{Deserialize, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A part of the world as business divides it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
)]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum Region {
    /// Everywhere.
    Global,
    /// Europe, the Middle East and Africa.
    Emea,
    /// Asia and the Pacific.
    Apac,
    /// North, Central and South America.
    Americas,
    /// The European Union.
    Eu,
    /// Germany, Austria, Switzerland.
    Dach,
    /// Denmark, Finland, Iceland, Norway, Sweden.
    Nordics,
    /// Estonia, Latvia, Lithuania.
    Baltics,
    /// Belgium, the Netherlands, Luxembourg.
    Benelux,
    /// The United Kingdom and Ireland.
    UkIe,
    /// Spain and Portugal.
    Iberia,
    /// France, Italy, Spain, Portugal, Greece, Malta, Cyprus.
    SouthernEurope,
    /// Central and Eastern Europe.
    Cee,
    /// The Middle East and North Africa.
    Mena,
    /// The Gulf states.
    Gcc,
    /// Africa.
    Africa,
    /// Africa south of the Sahara.
    SubSaharanAfrica,
    /// The United States and Canada.
    NorthAmerica,
    /// Central and South America and the Caribbean.
    Latam,
    /// The states of Central Asia.
    CentralAsia,
    /// India and its neighbours.
    SouthAsia,
    /// The states of South-East Asia.
    Sea,
    /// China, Hong Kong, Macao, Taiwan.
    GreaterChina,
    /// Australia and New Zealand.
    Anz,
}

/// ISO 3166-1 alpha-2, as assigned.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ \
    FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT \
    JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP \
    MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE \
    RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV \
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// A country by its two letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(&'static str);

impl Country {
    /// Every country, by its letters.
    pub fn all() -> impl Iterator<Item = Self> {
        COUNTRIES.split_ascii_whitespace().map(Self)
    }

    /// Its two letters, upper case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A region or a country: `dach`, `DE`. No country has the letters of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Place {
    /// A part of the world.
    Region(Region),
    /// A country.
    Country(Country),
}

/// What is no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a place is a country's two letters, such as DE, or a region, such as dach or north_america"
)]
pub struct PlaceError;

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        if let Ok(region) = text.parse() {
            return Ok(Self::Region(region));
        }
        Country::all()
            .find(|country| country.0.eq_ignore_ascii_case(text))
            .map(Self::Country)
            .ok_or(PlaceError)
    }
}

impl TryFrom<String> for Place {
    type Error = PlaceError;

    fn try_from(text: String) -> Result<Self, PlaceError> {
        text.parse()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region(region) => f.pad(region.into()),
            Self::Country(country) => f.pad(country.0),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use strum::VariantArray as _;

    #[test]
    fn every_place_reads_back_in_text_and_in_json() {
        let regions = Region::VARIANTS.iter().copied().map(Place::Region);
        for place in regions.chain(Country::all().map(Place::Country)) {
            assert_eq!(place.to_string().parse::<Place>(), Ok(place));
            let json = serde_json::to_string(&place).unwrap();
            assert_eq!(serde_json::from_str::<Place>(&json).unwrap(), place);
        }
    }

    #[test]
    fn there_are_249_countries_and_no_letters_twice() {
        let all: BTreeSet<_> = Country::all().collect();
        assert_eq!(all.len(), 249);
        assert_eq!(Country::all().count(), 249);
        assert!(all.iter().all(|country| country.as_str().len() == 2));
    }

    #[test]
    fn what_is_no_place_is_refused_in_words() {
        for text in ["", "ZZ", "D", "Deutschland", "DE ", "dach,DE", "\u{130}T"] {
            assert_eq!(text.parse::<Place>(), Err(PlaceError), "{text:?}");
        }
        assert_eq!("de".parse::<Place>().unwrap().to_string(), "DE");
        assert_eq!("DACH".parse::<Place>().unwrap().to_string(), "dach");
    }
}
