//! What is worth disturbing somebody for, and how: pure, so that the whole table is tested.

/// How much something asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A deadline of mine is near or past; a referral came to me.
    Urgent,
    /// Somebody means me: a mention, a direct message, an answer in a thread of mine.
    Personal,
    /// Everything else: it is counted where it is listed.
    Ambient,
}

/// Where the person's eyes are, as far as the terminal tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attention {
    /// On this very conversation.
    Here,
    /// On this console, elsewhere.
    Elsewhere,
    /// Not on this console, or nobody knows.
    Away,
}

/// How somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// By a line at the bottom of the screen.
    pub line: bool,
    /// By the terminal's bell.
    pub bell: bool,
    /// By the desktop.
    pub desktop: bool,
}

/// How something of this class is told.
#[must_use]
pub const fn delivery(class: Class, attention: Attention) -> Delivery {
    let quiet = Delivery {
        line: false,
        bell: false,
        desktop: false,
    };
    match (class, attention) {
        (_, Attention::Here) | (Class::Ambient, _) => quiet,
        (Class::Urgent, Attention::Elsewhere) => Delivery {
            line: true,
            bell: true,
            ..quiet
        },
        (Class::Personal, Attention::Elsewhere) => Delivery {
            line: true,
            ..quiet
        },
        (Class::Urgent | Class::Personal, Attention::Away) => Delivery {
            bell: true,
            desktop: true,
            line: true,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_disturbed_by_what_they_look_at_or_by_what_does_not_mean_them() {
        for class in [Class::Urgent, Class::Personal, Class::Ambient] {
            let here = delivery(class, Attention::Here);
            assert!(!here.line && !here.bell && !here.desktop);
        }
        let away = delivery(Class::Ambient, Attention::Away);
        assert!(!away.line && !away.bell && !away.desktop);
    }

    #[test]
    fn what_means_me_reaches_me_when_i_look_away() {
        assert!(delivery(Class::Personal, Attention::Away).desktop);
        assert!(delivery(Class::Personal, Attention::Elsewhere).line);
        assert!(!delivery(Class::Personal, Attention::Elsewhere).bell);
        assert!(delivery(Class::Urgent, Attention::Elsewhere).bell);
    }
}
