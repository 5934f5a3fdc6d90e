//! A screen as lines of text: what a terminal of the app's size would show, without its colours.

use super::{Theme, draw};
use crate::app::{App, words};
use ratatui::{Terminal, backend::TestBackend};

/// The app's screen as text. No line ends in spaces.
#[must_use]
pub fn print(app: &App) -> String {
    let backend = TestBackend::new(app.size.width, app.size.height);
    let Ok(mut terminal) = Terminal::new(backend);
    let Ok(frame) = terminal.draw(|frame| draw(app, Theme::Sixteen, frame));
    let cells = usize::from(app.size.width);
    let rows = frame.buffer.content.chunks(cells.max(1));
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        // A wide sign takes the cells after its own, too.
        let mut taken = 0;
        for cell in row {
            if taken == 0 {
                line.push_str(cell.symbol());
                taken = words::width(cell.symbol()).max(1);
            }
            taken -= 1;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
