//! Tones to styles. The sixteen colours are the reference; without colour everything is still told apart by weight, by
//! signs and by words.

use crate::app::words::line::Tone;
use ratatui::style::{Color, Modifier, Style};

/// How tones look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// The terminal's own sixteen colours.
    Sixteen,
    /// None: bold, dim, underlined and reversed.
    Mono,
}

impl Theme {
    /// What the environment asks for: `NO_COLOR`, `CLICOLOR=0` and `TERM=dumb` mean none.
    #[must_use]
    pub fn from_environment() -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|it| it == value);
        if set("NO_COLOR") || is("CLICOLOR", "0") || is("TERM", "dumb") {
            Self::Mono
        } else {
            Self::Sixteen
        }
    }

    /// The style of a tone.
    #[must_use]
    pub const fn style(self, tone: Tone) -> Style {
        match self {
            Self::Sixteen => coloured(tone),
            Self::Mono => weighted(tone),
        }
    }

    /// The style of a border.
    #[must_use]
    pub const fn border(self, focused: bool) -> Style {
        match (self, focused) {
            (Self::Sixteen, true) => Style::new().fg(Color::Cyan),
            (Self::Sixteen, false) => Style::new().fg(Color::DarkGray),
            (Self::Mono, true) => Style::new().add_modifier(Modifier::BOLD),
            (Self::Mono, false) => Style::new(),
        }
    }

    /// What is laid over the row that the cursor is on.
    #[must_use]
    pub const fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}

const fn coloured(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Dim => Style::new().fg(Color::DarkGray),
        Tone::Strong => Style::new().add_modifier(Modifier::BOLD),
        Tone::Heading => Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD),
        Tone::Org => Style::new().fg(Color::Blue),
        Tone::Mine => Style::new().fg(Color::Green).add_modifier(Modifier::BOLD),
        Tone::Key => Style::new().fg(Color::Cyan),
        Tone::Good => Style::new().fg(Color::Green),
        Tone::Warn => Style::new().fg(Color::Yellow),
        Tone::Bad => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
    }
}

const fn weighted(tone: Tone) -> Style {
    match tone {
        Tone::Plain | Tone::Good | Tone::Org => Style::new(),
        Tone::Dim => Style::new().add_modifier(Modifier::DIM),
        Tone::Strong | Tone::Mine | Tone::Warn => Style::new().add_modifier(Modifier::BOLD),
        Tone::Heading | Tone::Key => Style::new().add_modifier(Modifier::UNDERLINED),
        Tone::Bad => Style::new()
            .add_modifier(Modifier::BOLD)
            .add_modifier(Modifier::UNDERLINED),
    }
}
