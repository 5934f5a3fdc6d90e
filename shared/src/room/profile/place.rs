//! Where an organisation works: a region of the world as business names them, or a country. Closed lists, so that the
//! directory can be asked by them.

use crate::country::Country;
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

crate::schema::written_as!(
    Place,
    "a country's two capitals, or a region, such as dach",
    "^([A-Z]{2}|[a-z]+(_[a-z]+)*)$"
);

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        if let Ok(region) = text.parse() {
            return Ok(Self::Region(region));
        }
        let country = text.to_ascii_uppercase().parse();
        country.map(Self::Country).map_err(|_| PlaceError)
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
            Self::Country(country) => country.fmt(f),
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
    fn what_is_no_place_is_refused_in_words() {
        for text in ["", "ZZ", "D", "Deutschland", "DE ", "dach,DE", "\u{130}T"] {
            assert_eq!(text.parse::<Place>(), Err(PlaceError), "{text:?}");
        }
        assert_eq!("de".parse::<Place>().unwrap().to_string(), "DE");
        assert_eq!("DACH".parse::<Place>().unwrap().to_string(), "dach");
    }
}
