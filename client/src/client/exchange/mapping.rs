//! How another system's columns and values are read: which column is which field, and what its words mean here.

use super::date::DateOrder;
use rialto_shared::{
    money::Currency,
    room::deal::{LostReason, Stage},
};
use std::collections::BTreeMap;
use strum::VariantArray as _;

/// What a column may hold.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    /// What the other system calls the deal: every row needs one.
    ExternalReference,
    /// What the deal is called.
    Title,
    /// Who the customer is.
    Customer,
    /// What the customer needs.
    Problem,
    /// What it is worth.
    Value,
    /// In which currency.
    Currency,
    /// By which day it is, or was, to be closed.
    Close,
    /// How far it is.
    Stage,
    /// How far it was when it ended.
    Reached,
    /// What is to be done next.
    NextStep,
    /// Why it was lost.
    LostReason,
    /// The same in words.
    LostWords,
    /// What the other system says of it, for every party.
    Imported,
    /// Since when the other system has it: words for every party.
    Created,
}

/// Where a deal is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// At a stage, and going on.
    At(Stage),
    /// Won.
    Won,
    /// Lost.
    Lost,
}

/// How a file is read.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// Columns by their names as they are compared, and what they are; none leaves one out.
    pub columns: BTreeMap<String, Option<Field>>,
    /// Values by their field and as they are compared, and the word that they mean.
    pub values: BTreeMap<(Field, String), String>,
    /// In which order days are written.
    pub order: DateOrder,
    /// The currency of amounts that name none.
    pub currency: Option<Currency>,
    /// Whether a text that is too long is cut, and reported, instead of refused.
    pub truncate: bool,
}

/// A word as it is compared: lower case, without what stands between letters and digits.
fn plain(word: &str) -> String {
    let kept = word.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

fn fields() -> String {
    let names: Vec<&str> = Field::VARIANTS.iter().map(Into::into).collect();
    names.join(", ")
}

impl Mapping {
    /// Takes `COLUMN=FIELD` in; nothing behind the sign leaves the column out.
    ///
    /// # Errors
    /// What would be right, where it is not of that form.
    pub fn column(&mut self, text: &str) -> Result<(), String> {
        let wrong = || {
            format!(
                "--map {text}: COLUMN=FIELD is right, with a field out of {}",
                fields()
            )
        };
        let (column, field) = text.rsplit_once('=').ok_or_else(wrong)?;
        let field = match field.trim() {
            "" => None,
            name => Some(name.replace('-', "_").parse().map_err(|_| wrong())?),
        };
        self.columns.insert(plain(column), field);
        Ok(())
    }

    /// Takes `FIELD.VALUE=WORD` in.
    ///
    /// # Errors
    /// What would be right, where it is not of that form or the word means nothing.
    pub fn value(&mut self, text: &str) -> Result<(), String> {
        let wrong = || {
            format!(
                "--map-value {text}: FIELD.VALUE=WORD is right, such as \"stage.Closed Won=won\", for the fields stage, \
                 reached, lost_reason and currency"
            )
        };
        let (field, rest) = text.split_once('.').ok_or_else(wrong)?;
        let (value, word) = rest.rsplit_once('=').ok_or_else(wrong)?;
        let field: Field = field.trim().parse().map_err(|_| wrong())?;
        let known = match field {
            Field::Stage => goal(word).map(|_| ()),
            Field::Reached => stage(word).map(|_| ()),
            Field::LostReason => reason(word).map(|_| ()),
            Field::Currency => word.trim().parse::<Currency>().ok().map(|_| ()),
            Field::ExternalReference
            | Field::Title
            | Field::Customer
            | Field::Problem
            | Field::Value
            | Field::Close
            | Field::NextStep
            | Field::LostWords
            | Field::Imported
            | Field::Created => return Err(wrong()),
        };
        known.ok_or_else(|| format!("--map-value {text}: {}", right(field)))?;
        let key = (field, plain(value));
        self.values.insert(key, word.trim().to_owned());
        Ok(())
    }

    /// The field of a column: as it was said, else the one of that very name.
    #[must_use]
    pub fn field(&self, column: &str) -> Option<Field> {
        let column = plain(column);
        if let Some(said) = self.columns.get(&column) {
            return *said;
        }
        Field::VARIANTS
            .iter()
            .find(|field| plain(<&str>::from(**field)) == column)
            .copied()
    }

    /// Columns that were named and that are none of these.
    #[must_use]
    pub fn missing(&self, headings: &[String]) -> Vec<&str> {
        let there: Vec<String> = headings.iter().map(|name| plain(name)).collect();
        let named = self.columns.keys();
        named
            .filter(|name| !there.contains(name))
            .map(String::as_str)
            .collect()
    }

    fn word<'a>(&'a self, field: Field, value: &'a str) -> &'a str {
        let said = self.values.get(&(field, plain(value)));
        said.map_or(value, String::as_str)
    }

    /// What a value of the stage's column means.
    #[must_use]
    pub fn goal(&self, value: &str) -> Option<Goal> {
        goal(self.word(Field::Stage, value))
    }

    /// What a value of the column of the last stage means.
    #[must_use]
    pub fn reached(&self, value: &str) -> Option<Stage> {
        stage(self.word(Field::Reached, value)).or_else(|| match self.goal(value) {
            Some(Goal::At(stage)) => Some(stage),
            Some(Goal::Won | Goal::Lost) | None => None,
        })
    }

    /// What a value of the reason's column means.
    #[must_use]
    pub fn reason(&self, value: &str) -> Option<LostReason> {
        reason(self.word(Field::LostReason, value))
    }

    /// What a value of the currency's column means.
    #[must_use]
    pub fn currency(&self, value: &str) -> Option<Currency> {
        self.word(Field::Currency, value)
            .to_uppercase()
            .parse()
            .ok()
    }
}

/// What would be right for a field of closed words.
#[must_use]
pub fn right(field: Field) -> String {
    let list = |words: Vec<String>| format!("one of {}", words.join(", "));
    match field {
        Field::Stage => {
            let mut words: Vec<String> = Stage::VARIANTS.iter().map(ToString::to_string).collect();
            words.extend(["won".to_owned(), "lost".to_owned()]);
            list(words)
        }
        Field::Reached => list(Stage::VARIANTS.iter().map(ToString::to_string).collect()),
        Field::LostReason => list(
            LostReason::VARIANTS
                .iter()
                .map(ToString::to_string)
                .collect(),
        ),
        Field::Currency => "a currency of ISO 4217, such as EUR".to_owned(),
        Field::ExternalReference => "what the other system calls this deal".to_owned(),
        Field::Title
        | Field::Customer
        | Field::Problem
        | Field::Value
        | Field::Close
        | Field::NextStep
        | Field::LostWords
        | Field::Imported
        | Field::Created => "a text".to_owned(),
    }
}

fn stage(word: &str) -> Option<Stage> {
    let word = plain(word);
    let mut all = Stage::VARIANTS.iter();
    all.find(|stage| plain(&stage.to_string()) == word).copied()
}

fn reason(word: &str) -> Option<LostReason> {
    let word = plain(word);
    let mut all = LostReason::VARIANTS.iter();
    all.find(|reason| plain(&reason.to_string()) == word)
        .copied()
}

/// A stage, or an end by its name here or by that of an export.
fn goal(word: &str) -> Option<Goal> {
    match plain(word).as_str() {
        "won" | "launched" => Some(Goal::Won),
        "lost" | "closedlost" => Some(Goal::Lost),
        _ => stage(word).map(Goal::At),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_values_are_named_as_people_write_them() {
        let mut mapping = Mapping::default();
        mapping
            .column("Opportunity ID = external-reference")
            .unwrap();
        mapping.column("Stage=").unwrap();
        mapping.value("stage.Closed = Won=won").unwrap();
        assert_eq!(
            mapping.field("opportunity_id"),
            Some(Field::ExternalReference)
        );
        assert_eq!(mapping.field("Stage"), None, "left out");
        assert_eq!(mapping.field("Next Step"), Some(Field::NextStep));
        assert_eq!(mapping.goal("closed = won"), Some(Goal::Won));
        assert_eq!(mapping.goal("Closed Lost"), Some(Goal::Lost));
        let technical = Goal::At(Stage::TechnicalValidation);
        assert_eq!(mapping.goal("Technical Validation"), Some(technical));
        assert_eq!(mapping.goal("Ready to buy"), None);
        assert_eq!(mapping.missing(&["Stage".to_owned()]), ["opportunityid"]);
    }

    #[test]
    fn what_is_wrong_says_what_is_right() {
        let mut mapping = Mapping::default();
        for wrong in ["colour", "Name=colour"] {
            assert!(mapping.column(wrong).unwrap_err().contains("next_step"));
        }
        for wrong in ["stage", "title.X=won", "stage.X"] {
            assert!(mapping.value(wrong).unwrap_err().contains("FIELD.VALUE"));
        }
        let error = mapping.value("stage.X=later").unwrap_err();
        assert!(error.contains("committed, won, lost"), "{error}");
    }
}
