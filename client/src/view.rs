//! Drawing: the app as cells. It takes the app as it is and changes nothing of it.
//!
//! Whatever is drawn goes through `paint`, which takes lines made of texts that passed the border and of words of our own;
//! colours are `theme`'s.

mod bars;
mod directory;
mod form;
mod lists;
mod overlays;
mod paint;
mod print;
mod talk;
mod theme;

#[cfg(test)]
mod golden;

pub use print::print;
pub use theme::Theme;

use crate::app::{
    App, Screen,
    input::Size,
    panes::{self, Area, SMALLEST},
    words::{
        Shown,
        line::{Line, Tone},
    },
};
use paint::Canvas;
use ratatui::Frame;

/// Draws the app.
pub fn draw(app: &App, theme: Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    let screen = Area {
        x: 0,
        y: 0,
        width: area.width,
        height: area.height,
    };
    let mut canvas = Canvas::new(frame.buffer_mut(), theme, app.ascii);
    // The app hears of a new size before it is drawn at it; should it not have, nothing is drawn outside.
    match panes::panes(app).filter(|_| fits(app.size, screen)) {
        Some(panes) => {
            bars::top(app, &mut canvas, &panes);
            if let Some(area) = panes.bottom {
                bars::bottom(app, &mut canvas, area);
            }
            match app.screen {
                Screen::Inbox => lists::inbox(app, &mut canvas, &panes),
                Screen::Channels | Screen::Deals | Screen::Referrals => {
                    if let Some(area) = panes.list {
                        lists::rooms(app, &mut canvas, &panes, area);
                    }
                    talk::conversation(app, &mut canvas, &panes);
                }
                Screen::Directory => directory::directory(app, &mut canvas, &panes),
            }
            overlays::all(app, &mut canvas, screen);
        }
        None => too_small(&mut canvas, screen),
    }
    let cursor = canvas.cursor;
    if let Some((x, y)) = cursor
        && screen.has(x, y)
    {
        frame.set_cursor_position((x, y));
    }
}

const fn fits(size: Size, screen: Area) -> bool {
    size.width <= screen.width && size.height <= screen.height
}

fn too_small(canvas: &mut Canvas<'_>, screen: Area) {
    let words = format!(
        "needs {}x{}, now {}x{}",
        SMALLEST.width, SMALLEST.height, screen.width, screen.height
    );
    canvas.line(screen, 0, &Line::of(Shown::said(words), Tone::Strong));
    canvas.line(screen, 1, &Line::own("what you wrote is kept", Tone::Dim));
}
