//! A channel's name as it is typed: `#launch-partners`.
//!
//! One spelling only, in characters that every keyboard has, so that two handles that
//! look the same are the same.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::limits::{HANDLE_CHARS_MAX, HANDLE_CHARS_MIN};

/// Lower-case ASCII letters, digits and single hyphens; starts with a letter, does not end in a hyphen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Handle(String);

impl Handle {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

crate::schema::written_as!(
    Handle,
    "a channel's name, without #",
    format!("^(?=.{{{HANDLE_CHARS_MIN},{HANDLE_CHARS_MAX}}}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$")
);

impl FromStr for Handle {
    type Err = HandleError;

    fn from_str(text: &str) -> Result<Self, HandleError> {
        check(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Handle {
    type Error = HandleError;

    fn try_from(text: String) -> Result<Self, HandleError> {
        check(&text)?;
        Ok(Self(text))
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Handle {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

fn check(text: &str) -> Result<(), HandleError> {
    if text.len() > HANDLE_CHARS_MAX {
        return Err(HandleError::TooLong);
    }
    if let Some(c) = text
        .chars()
        .find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-'))
    {
        return Err(HandleError::Character(c));
    }
    if text.len() < HANDLE_CHARS_MIN {
        return Err(HandleError::TooShort);
    }
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(HandleError::Start);
    }
    if text.ends_with('-') || text.contains("--") {
        return Err(HandleError::Hyphen);
    }
    Ok(())
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    #[error("a handle has at least {HANDLE_CHARS_MIN} characters")]
    TooShort,
    #[error("a handle has at most {HANDLE_CHARS_MAX} characters")]
    TooLong,
    #[error("a handle holds a to z, 0 to 9 and hyphens, not {0:?}")]
    Character(char),
    #[error("a handle starts with a letter")]
    Start,
    #[error("hyphens in a handle stand alone, between letters or digits")]
    Hyphen,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn says_what_is_wrong_with_a_handle() {
        let cases = [
            ("general", Ok(())),
            ("a1", Ok(())),
            ("launch-2026-q3", Ok(())),
            ("", Err(HandleError::TooShort)),
            ("a", Err(HandleError::TooShort)),
            ("-", Err(HandleError::TooShort)),
            ("General", Err(HandleError::Character('G'))),
            ("#general", Err(HandleError::Character('#'))),
            ("a b", Err(HandleError::Character(' '))),
            ("a_b", Err(HandleError::Character('_'))),
            ("gеneral", Err(HandleError::Character('е'))), // the second letter is Cyrillic
            ("é", Err(HandleError::Character('é'))),
            ("2fast", Err(HandleError::Start)),
            ("-ab", Err(HandleError::Start)),
            ("ab-", Err(HandleError::Hyphen)),
            ("a--b", Err(HandleError::Hyphen)),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Handle>().map(|_| ()), expected, "{text}");
        }
        assert!("a".repeat(40).parse::<Handle>().is_ok());
        assert_eq!("a".repeat(41).parse::<Handle>(), Err(HandleError::TooLong));
    }

    #[test]
    fn is_checked_when_read_back() {
        let handle: Handle = serde_json::from_str(r#""co-sell""#).unwrap();
        assert_eq!(handle.as_str(), "co-sell");
        assert_eq!(serde_json::to_string(&handle).unwrap(), r#""co-sell""#);
        assert!(serde_json::from_str::<Handle>(r#""Co-sell""#).is_err());
    }

    proptest! {
        #[test]
        fn takes_exactly_what_the_rule_says(text in "[a-c1-]{0,42}") {
            let well_formed = (2..=40).contains(&text.len())
                && text.split('-').all(|part| !part.is_empty())
                && !text.starts_with('1');
            prop_assert_eq!(text.parse::<Handle>().is_ok(), well_formed);
        }
    }
}
