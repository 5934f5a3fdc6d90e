//! Where the parts of a screen stand, by its size: one function for whoever draws and for whoever has to know how much
//! is seen.

use super::{App, Focus, Screen, compose, input::Size};

/// The smallest screen that anything is shown on.
pub const SMALLEST: Size = Size {
    width: 40,
    height: 10,
};

/// A part of the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Area {
    /// First column.
    pub x: u16,
    /// First row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// What is left of it inside a border, if it has one.
    #[must_use]
    pub const fn inner(self, borders: bool) -> Self {
        if !borders {
            return self;
        }
        Self {
            x: self.x.saturating_add(1),
            y: self.y.saturating_add(1),
            width: self.width.saturating_sub(2),
            height: self.height.saturating_sub(2),
        }
    }

    /// Whether a cell is in it.
    #[must_use]
    pub const fn has(self, x: u16, y: u16) -> bool {
        x >= self.x
            && y >= self.y
            && x < self.x.saturating_add(self.width)
            && y < self.y.saturating_add(self.height)
    }

    /// So many columns from the left, and the rest.
    #[must_use]
    pub fn split_left(self, width: u16) -> (Self, Self) {
        let width = width.min(self.width);
        let left = Self { width, ..self };
        let right = Self {
            x: self.x.saturating_add(width),
            width: self.width.saturating_sub(width),
            ..self
        };
        (left, right)
    }

    /// The rest, and so many columns from the right.
    #[must_use]
    pub fn split_right(self, width: u16) -> (Self, Self) {
        self.split_left(self.width.saturating_sub(width))
    }

    /// So many rows from the top, and the rest.
    #[must_use]
    pub fn split_top(self, height: u16) -> (Self, Self) {
        let height = height.min(self.height);
        let top = Self { height, ..self };
        let rest = Self {
            y: self.y.saturating_add(height),
            height: self.height.saturating_sub(height),
            ..self
        };
        (top, rest)
    }

    /// The rest, and so many rows from the bottom.
    #[must_use]
    pub fn split_bottom(self, height: u16) -> (Self, Self) {
        self.split_top(self.height.saturating_sub(height))
    }
}

/// The breakpoints of width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// One pane, no borders.
    Bare,
    /// One pane.
    Single,
    /// A list and a main part.
    Double,
    /// A list, a main part, and a side.
    Triple,
    /// The same with more room.
    Wide,
}

impl Width {
    /// Of a screen so many columns wide.
    #[must_use]
    pub const fn of(columns: u16) -> Self {
        match columns {
            0..60 => Self::Bare,
            60..90 => Self::Single,
            90..110 => Self::Double,
            110..140 => Self::Triple,
            140.. => Self::Wide,
        }
    }

    /// Columns of a list: what is listed with a deadline or a value needs more of them.
    const fn list(self, screen: Screen) -> u16 {
        let work = matches!(screen, Screen::Deals | Screen::Referrals);
        match (self, work) {
            (Self::Bare | Self::Single | Self::Double, false) => 22,
            (Self::Bare | Self::Single | Self::Double, true) => 30,
            (Self::Triple, false) => 26,
            (Self::Triple, true) => 32,
            (Self::Wide, false) => 28,
            (Self::Wide, true) => 40,
        }
    }

    const fn side(self) -> u16 {
        match self {
            Self::Bare | Self::Single | Self::Double | Self::Triple => 36,
            Self::Wide => 40,
        }
    }
}

/// Where everything stands; a part that is not seen has no area.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Panes {
    /// The tabs, or the title where one pane is seen.
    pub top: Area,
    /// Below it, what a room says of itself.
    pub header: Option<Area>,
    /// The list of the screen.
    pub list: Option<Area>,
    /// Messages, results, a preview.
    pub main: Option<Area>,
    /// The composer.
    pub composer: Option<Area>,
    /// What stands beside: a thread, a preview, a profile.
    pub side: Option<Area>,
    /// The composer of the thread.
    pub reply: Option<Area>,
    /// Hints and status.
    pub bottom: Option<Area>,
    /// Whether panes have borders.
    pub borders: bool,
}

/// Lays the screen out; `None` where it is too small for anything.
#[must_use]
pub fn panes(app: &App) -> Option<Panes> {
    let Size { width, height } = app.size;
    if width < SMALLEST.width || height < SMALLEST.height {
        return None;
    }
    let class = Width::of(width);
    let whole = Area {
        x: 0,
        y: 0,
        width,
        height,
    };
    let (top, mut rest) = whole.split_top(1);
    let mut panes = Panes {
        top,
        borders: class != Width::Bare,
        ..Panes::default()
    };
    if height >= 14 || !app.focus.types() {
        let (above, bottom) = rest.split_bottom(1);
        (rest, panes.bottom) = (above, Some(bottom));
    }
    match app.screen {
        Screen::Inbox => inbox(app, class, rest, &mut panes),
        Screen::Channels | Screen::Deals | Screen::Referrals => {
            rooms(app, class, rest, &mut panes);
        }
        Screen::Directory => directory(app, class, rest, &mut panes),
    }
    Some(panes)
}

fn inbox(app: &App, class: Width, area: Area, panes: &mut Panes) {
    if class < Width::Triple || app.side_hidden {
        panes.list = Some(area);
        return;
    }
    let side = area.width / 2 - area.width / 20;
    let (list, preview) = area.split_right(side);
    panes.list = Some(list);
    panes.side = Some(preview);
}

fn directory(app: &App, class: Width, area: Area, panes: &mut Panes) {
    let (search, rest) = area.split_top(1);
    panes.header = Some(search);
    if class < Width::Double {
        if app.focus == Focus::Side {
            panes.side = Some(rest);
        } else {
            panes.list = Some(rest);
        }
        return;
    }
    let (list, side) = rest.split_right(rest.width / 2);
    panes.list = Some(list);
    panes.side = Some(side);
}

fn rooms(app: &App, class: Width, area: Area, panes: &mut Panes) {
    let open = app.open_room();
    if class < Width::Double {
        match (open, app.focus) {
            (None, _) | (_, Focus::List) => panes.list = Some(area),
            (Some(_), Focus::Side | Focus::Thread | Focus::Reply) if app.side_open() => {
                side(app, area, panes);
            }
            (
                Some(_),
                Focus::Messages | Focus::Composer | Focus::Thread | Focus::Reply | Focus::Side,
            ) => {
                let rest = header(app, area, panes);
                main(app, rest, panes);
            }
        }
        return;
    }
    let rest = if app.side_hidden {
        area
    } else {
        let (list, rest) = area.split_left(class.list(app.screen));
        panes.list = Some(list);
        rest
    };
    if app.previewed().is_some() {
        panes.main = Some(rest);
        return;
    }
    let rest = header(app, rest, panes);
    if !app.side_open() {
        main(app, rest, panes);
    } else if class == Width::Double {
        // There is room for one of the two: the one that is used.
        match app.focus {
            Focus::Thread | Focus::Reply | Focus::Side => side(app, rest, panes),
            Focus::List | Focus::Messages | Focus::Composer => main(app, rest, panes),
        }
    } else {
        let (middle, right) = rest.split_right(class.side());
        main(app, middle, panes);
        side(app, right, panes);
    }
}

/// What a room says of itself, over its messages and whatever stands beside them; what is left below.
fn header(app: &App, area: Area, panes: &mut Panes) -> Area {
    let lines = app.header_lines();
    if lines == 0 {
        return area;
    }
    let (header, rest) = area.split_top(lines);
    panes.header = Some(header);
    rest
}

/// A room's messages, and the composer below.
fn main(app: &App, area: Area, panes: &mut Panes) {
    let Some(room) = app.open_room() else {
        panes.main = Some(area);
        return;
    };
    let desk = compose::Desk { room, thread: None };
    let height = composer_height(app, desk, area, panes.borders);
    let (messages, composer) = area.split_bottom(height);
    panes.main = Some(messages);
    panes.composer = Some(composer);
}

fn side(app: &App, area: Area, panes: &mut Panes) {
    let thread = app
        .open_room()
        .filter(|_| !app.shows_details())
        .and_then(|room| app.talks.get(&room))
        .and_then(|talk| Some((talk.room, talk.thread.as_ref()?.0)));
    let Some((room, root)) = thread else {
        panes.side = Some(area);
        return;
    };
    let desk = compose::Desk {
        room,
        thread: Some(root),
    };
    let height = composer_height(app, desk, area, panes.borders);
    let (messages, composer) = area.split_bottom(height);
    panes.side = Some(messages);
    panes.reply = Some(composer);
}

/// Rows of a composer with its border, or with the rule above it.
fn composer_height(app: &App, desk: compose::Desk, area: Area, borders: bool) -> u16 {
    let frame = if borders { 2 } else { 1 };
    let max = if app.size.height < 20 {
        3
    } else {
        compose::ROWS_MAX
    };
    let cells = usize::from(area.inner(borders).width);
    let rows = app
        .drafts
        .get(&desk)
        .map_or(1, |composer| composer.lay(cells).rows.len());
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).clamp(1, max);
    (rows + frame).min(area.height / 2)
}
