//! The industries of customers: one closed list, so that what a referral shows can be filtered and counted.
//!
//! The list is the field's, as AWS Partner Central has it, with what nobody filters by folded together. The names are in
//! entries for ever: append only.

use serde::{Deserialize, Serialize};

/// What a customer's organisation does.
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
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum Industry {
    /// Aircraft, satellites, defence.
    Aerospace,
    /// Farming and food from the field.
    Agriculture,
    /// Vehicles and their parts.
    Automotive,
    /// Building and engineering.
    Construction,
    /// Goods that people buy.
    ConsumerGoods,
    /// Schools and universities.
    Education,
    /// Power, oil, gas, water.
    Energy,
    /// Banks and markets.
    FinancialServices,
    /// Games.
    Gaming,
    /// Public authorities.
    Government,
    /// Hospitals and care.
    Healthcare,
    /// Hotels, restaurants, travel.
    Hospitality,
    /// Insurance.
    Insurance,
    /// Pharmacy and biotechnology.
    LifeSciences,
    /// Transport and storage.
    Logistics,
    /// Making things.
    Manufacturing,
    /// Media, marketing, entertainment.
    Media,
    /// Mines and metals.
    Mining,
    /// Not for profit.
    Nonprofit,
    /// Law, accounting, consulting.
    ProfessionalServices,
    /// Property.
    RealEstate,
    /// Shops, on the street or online.
    Retail,
    /// Software and the internet.
    Software,
    /// Networks and telephony.
    Telecommunications,
    /// None of these.
    Other,
}
