//! One emoji, as used for a reaction: a closed list, so that nothing else can be smuggled in as one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

/// One emoji of the Unicode list, in its fully qualified spelling.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Emoji(&'static emojis::Emoji);

impl Emoji {
    pub fn as_str(self) -> &'static str {
        self.0.as_str()
    }

    /// The name it is typed by, without colons. Skin tones have the one of their plain emoji.
    pub fn shortcode(self) -> Option<&'static str> {
        self.0.shortcode()
    }

    /// What it shows, in words: for screen readers and terminals that cannot draw it.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

crate::schema::written_as!(
    Emoji,
    "one emoji of the Unicode list, fully qualified",
    "^[^A-Za-z ]{1,15}$"
);

/// Takes the emoji itself or its shortcode between colons.
impl FromStr for Emoji {
    type Err = EmojiError;

    fn from_str(text: &str) -> Result<Self, EmojiError> {
        let shortcode = text
            .strip_prefix(':')
            .and_then(|rest| rest.strip_suffix(':'));
        match shortcode {
            Some(shortcode) => emojis::get_by_shortcode(shortcode),
            None => emojis::get(text),
        }
        .map(Self)
        .ok_or(EmojiError)
    }
}

/// What is stored is the emoji as it is spelt in full: a shortcode or a short spelling is for typing only.
impl TryFrom<String> for Emoji {
    type Error = EmojiError;

    fn try_from(text: String) -> Result<Self, EmojiError> {
        let emoji = emojis::get(&text).ok_or(EmojiError)?;
        if emoji.as_str() == text {
            Ok(Self(emoji))
        } else {
            Err(EmojiError)
        }
    }
}

impl Serialize for Emoji {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for Emoji {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Emoji {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Emoji({})", self.as_str())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an emoji, nor the name of one between colons, such as :rocket:")]
pub struct EmojiError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_typed_as_itself_or_by_its_name() {
        let rocket: Emoji = "🚀".parse().unwrap();
        assert_eq!(":rocket:".parse(), Ok(rocket));
        assert_eq!(rocket.as_str(), "🚀");
        assert_eq!(rocket.shortcode(), Some("rocket"));
        assert_eq!(rocket.name(), "rocket");
        // The short spelling is typed, the full one is kept.
        assert_eq!("❤".parse::<Emoji>().unwrap().as_str(), "❤\u{FE0F}");
        assert_eq!("👍🏽".parse::<Emoji>().unwrap().as_str(), "👍🏽");
    }

    #[test]
    fn nothing_else_passes_for_one() {
        for text in [
            "",
            ":",
            "::",
            "a",
            "rocket",
            ":no-such-thing:",
            "🚀🚀",
            "🚀 ",
            "🚀\u{200B}",
            ":rocket",
            "1",
        ] {
            assert_eq!(text.parse::<Emoji>(), Err(EmojiError), "{text:?}");
        }
    }

    #[test]
    fn is_stored_in_its_full_spelling_only() {
        let heart: Emoji = serde_json::from_str("\"❤\u{FE0F}\"").unwrap();
        assert_eq!(serde_json::to_string(&heart).unwrap(), "\"❤\u{FE0F}\"");
        for refused in ["\"❤\"", "\":heart:\"", "\"heart\"", "\"\""] {
            assert!(serde_json::from_str::<Emoji>(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn every_emoji_of_the_list_goes_round() {
        for known in emojis::iter() {
            let emoji: Emoji = known.as_str().parse().unwrap();
            let wire = serde_json::to_string(&emoji).unwrap();
            assert_eq!(serde_json::from_str::<Emoji>(&wire).unwrap(), emoji);
            if let Some(shortcode) = known.shortcode() {
                assert!(
                    format!(":{shortcode}:").parse::<Emoji>().is_ok(),
                    "{shortcode}"
                );
            }
        }
    }
}
