//! The screens that README shows: drawn by the console itself, from what it holds after it connected to the demo's
//! server as anybody does. Time stands, chance is fixed and nobody acts, so they are the same each time.

use super::{DemoError, Player, chance::Chance, history, venue::Venue};
use crate::{
    account::Account,
    app::{
        App, AppError,
        effect::Effect,
        input::{Chord, Input, Size},
    },
    client::{Client, ClientError},
    console::Console,
    link::{Link, News, Order},
    view,
};
use jiff::tz::TimeZone;
use rialto_shared::{
    id::MemberId,
    protocol::{Down, Presence, Query},
    time::Timestamp,
};
use std::{fmt::Write as _, time::Duration};
use tokio::{sync::mpsc, time::timeout};

/// A Thursday in May, five past three in the afternoon by UTC, which is the screens' zone.
const NOW: Timestamp = Timestamp::from_millis(1_778_166_300_000);
/// As wide as a page shows it, and as high as it needs to be.
const SIZE: Size = Size {
    width: 116,
    height: 30,
};
/// Longest wait for the server's next word.
const PATIENCE: Duration = Duration::from_secs(30);
/// Who is there beside the player.
const PRESENT: [&str; 4] = ["kenji", "priya", "sofia", "rui"];

/// A screen: what stands above it, and the keys that lead to it from the one before.
const SCREENS: [(&str, &[&str]); 3] = [
    (
        "A deal of three organisations, live, with the vendor in the room:",
        &["3", "down", "enter", "esc"],
    ),
    (
        "The Inbox: what needs you, and why it is yours to answer.",
        &["1", "home"],
    ),
    (
        "A referral before it is accepted: what is shown now, and what only the yes shows.",
        &["4", "enter"],
    ),
];

/// The blocks of README, as they stand there.
///
/// # Errors
/// Where the demo does not come about, or a screen does not.
pub fn screens() -> Result<String, DemoError> {
    let folder = super::passing_folder()?;
    let venue = Venue::open(folder.path(), NOW - history::LENGTH, Chance::fixed(), 0)?;
    let told = history::tell(&venue, NOW)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut others = vec![];
        let mut present = vec![];
        for who in PRESENT {
            let account = told.person(who)?.account.clone();
            present.push(account.about.member);
            others.push(Client::connect(account).await?);
        }
        let account = told.person(Player::Partner.key())?.account.clone();
        let mut viewer = Viewer::open(account)?;
        viewer.see(&present).await?;
        let mut blocks = String::new();
        for (words, keys) in SCREENS {
            for key in keys {
                viewer.press(key)?;
                viewer.settle().await?;
            }
            let screen = view::print(&viewer.app);
            // A String takes whatever is written to it.
            let _written = write!(blocks, "\n{words}\n\n```text\n{screen}```\n");
        }
        drop(others);
        Ok(blocks)
    })
}

/// A console on no terminal: its app, and the link that feeds it.
struct Viewer {
    app: App,
    link: Link,
    news: mpsc::Receiver<News>,
}

impl Viewer {
    fn open(account: Account) -> Result<Self, DemoError> {
        let console = Console::open(account).map_err(AppError::from)?;
        let (link, news) = Link::start(console.account());
        let mut app = App::new(console, NOW, TimeZone::UTC)?;
        app.update(Input::Resize(SIZE));
        app.update(Input::Focus(true));
        Ok(Self { app, link, news })
    }

    fn press(&mut self, key: &str) -> Result<(), DemoError> {
        let chord: Chord = key.parse().map_err(AppError::from)?;
        let effects = self.app.update(Input::Key(chord));
        self.obey(effects);
        Ok(())
    }

    /// Carries out what is for the link; how much that was.
    fn obey(&mut self, effects: Vec<Effect>) -> usize {
        let orders = effects.into_iter().filter_map(|effect| match effect {
            Effect::Order(order) => Some(order),
            Effect::Bell
            | Effect::Notify(_)
            | Effect::Copy(_)
            | Effect::Edit(_)
            | Effect::Suspend
            | Effect::Repaint
            | Effect::Mouse(_)
            | Effect::Quit => None,
        });
        let orders: Vec<Order> = orders.collect();
        let count = orders.len();
        for order in orders {
            // A link that takes no more reconnects, and then everything goes out again.
            let _sent = self.link.order(order);
        }
        count
    }

    /// Takes the next news in; the question that they answer, and how much the app asks for now.
    async fn turn(&mut self) -> Result<(Option<u64>, usize), DemoError> {
        let news = timeout(PATIENCE, self.news.recv()).await;
        let news = news.map_err(|_| ClientError::Late)?;
        let news = news.ok_or_else(|| ClientError::Offline("the link has ended".to_owned()))?;
        let answered = match &news {
            News::Frame(frame) => found(frame),
            News::State(_) | News::Rotated => None,
        };
        let effects = self.app.update(Input::News(news));
        Ok((answered, self.obey(effects)))
    }

    /// Until everything has come, and these are there.
    async fn see(&mut self, present: &[MemberId]) -> Result<(), DemoError> {
        let here = |app: &App, who| app.console.replica().presence(who) == Some(Presence::Here);
        while !(self.app.live() && present.iter().all(|who| here(&self.app, *who))) {
            self.turn().await?;
        }
        self.settle().await
    }

    /// Until nothing is under way. The server answers in order: whoever has the answer to a question has all that was
    /// asked for before it, and where the app asked for nothing more meanwhile, twice, there is nothing more.
    async fn settle(&mut self) -> Result<(), DemoError> {
        let mut calm = 0;
        while calm < 2 {
            let query = Query::People {
                words: String::new(),
            };
            let (asked, order) = self.app.console.find(query).ok_or_else(|| {
                ClientError::Offline("the connection went while a screen was made".to_owned())
            })?;
            let _sent = self.link.order(order);
            calm += 1;
            loop {
                let (answered, more) = self.turn().await?;
                if more > 0 {
                    calm = 0;
                }
                if answered == Some(asked) {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// The question that a frame answers.
const fn found(frame: &Down) -> Option<u64> {
    if let Down::Found { id, .. } = frame {
        return Some(*id);
    }
    None
}
