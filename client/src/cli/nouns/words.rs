//! Words of closed lists: read with dashes or underscores, and refused with the list of what would be right.

use super::super::exit::{Exit, Failure};
use std::{fmt::Display, str::FromStr};
use strum::VariantArray;

/// Reads a word of a closed list.
pub(in super::super) fn one_of<T: FromStr + VariantArray + Display>(
    text: &str,
) -> Result<T, String> {
    text.parse()
        .or_else(|_| text.replace('-', "_").parse())
        .map_err(|_| {
            let right: Vec<String> = T::VARIANTS.iter().map(ToString::to_string).collect();
            format!("it is one of {}", right.join(", "))
        })
}

/// `on` or `off`.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("it is on or off".to_owned()),
    }
}

/// A list with commas between, each read on its own.
pub(super) fn list<T, E: Display>(
    text: &str,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, Failure> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| read(part).map_err(|error| usage(format!("{part:?}: {error}"))))
        .collect()
}

/// A command line that makes no sense, with what would.
pub(super) fn usage(words: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, words)
}
