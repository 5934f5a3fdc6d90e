//! The terminal: taken over, driven, and given back whatever happens.
//!
//! One loop reads keys, the link's news, signals and the clock, hands each to the app as an input, carries out what comes
//! of it, and draws when something changed. When nothing happens nothing runs and no byte is written. The guard gives the
//! terminal back when it is dropped, and so do a panic and the signals that end a process. A panic anywhere ends the
//! screens: what it was told on is no longer theirs.

mod keys;

use crate::{
    account::Account,
    app::{
        App, AppError,
        effect::Effect,
        input::{Chord, Click, Code, Input, Mouse, Size},
    },
    console::{Console, now},
    link::{Link, News, Order},
    view::{self, Theme},
};
use crossterm::{
    event::{
        DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
        EnableFocusChange, EnableMouseCapture, Event, EventStream, KeyCode, KeyEvent, KeyEventKind,
        KeyModifiers, KeyboardEnhancementFlags, MouseButton, MouseEventKind,
        PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
    },
    execute, queue,
    terminal::{
        BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
        disable_raw_mode, enable_raw_mode,
    },
};
use data_encoding::BASE64;
use futures_util::StreamExt as _;
use jiff::tz::TimeZone;
use keys::input;
use ratatui::{Terminal, backend::CrosstermBackend};
use std::{
    io::{self, BufWriter, Stdout, Write as _},
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{Notify, mpsc},
    time::{Instant, sleep_until},
};

/// Frames come no faster than this, unless somebody presses keys.
const FRAME_MIN: Duration = Duration::from_millis(16);
/// News and events that are taken in before the next frame.
const DRAIN_MAX: usize = 256;
/// Bytes of one frame that are kept before they are written.
const FRAME_BYTES: usize = 64 * 1024;

/// Whether the terminal is taken over: what the panic hook asks.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether extended keys were asked for.
static EXTENDED: AtomicBool = AtomicBool::new(false);
/// The panic hook is set once.
static HOOK: Once = Once::new();
/// A panic gave the terminal back, on whatever thread it was.
static FAULT: Notify = Notify::const_new();
/// What is said then, under the screen as it was before.
const FAULT_WORDS: &[u8] =
    b"rialto ended because of a fault of its own. Your drafts and your outbox are saved.\n";

/// Why the screens ended, or did not come up.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// The terminal said no.
    #[error("the terminal: {0}")]
    Io(#[from] io::Error),
    /// The app could not be made.
    #[error(transparent)]
    App(#[from] AppError),
    /// Something in the process panicked: the terminal is given back already.
    #[error("a part of it stopped")]
    Fault,
}

type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Takes the terminal over, and gives it back when dropped.
#[derive(Debug)]
struct Guard;

impl Guard {
    fn take() -> io::Result<Self> {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                if TAKEN.load(Ordering::SeqCst) {
                    give_back();
                    drop(io::stderr().write_all(FAULT_WORDS));
                    FAULT.notify_one();
                }
                before(panic);
            }));
        });
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let guard = Self;
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            EnableFocusChange
        )?;
        if knows_extended_keys() {
            EXTENDED.store(true, Ordering::SeqCst);
            let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES;
            execute!(io::stdout(), PushKeyboardEnhancementFlags(flags))?;
        }
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Undoes all that [`Guard::take`] did. What fails here cannot be told to anybody.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    drop(undo(
        &mut io::stdout(),
        EXTENDED.swap(false, Ordering::SeqCst),
    ));
    drop(disable_raw_mode());
}

/// Writes what undoes all that was asked of the terminal: each part of it, whatever was in force.
fn undo(to: &mut impl io::Write, extended: bool) -> io::Result<()> {
    if extended {
        queue!(to, PopKeyboardEnhancementFlags)?;
    }
    execute!(
        to,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        crossterm::cursor::Show
    )
}

fn environment(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Terminals that tell Shift+Enter from Enter when asked to. Asking the terminal itself would cost an answer's time at
/// each start.
fn knows_extended_keys() -> bool {
    let (term, program) = (environment("TERM"), environment("TERM_PROGRAM"));
    let known = ["kitty", "foot", "ghostty", "alacritty", "wezterm", "rio"];
    environment("TMUX").is_empty()
        && known
            .iter()
            .any(|name| term.to_lowercase().contains(name) || program.to_lowercase().contains(name))
}

/// Terminals that show a notice on the desktop.
fn knows_notices() -> bool {
    let (term, program) = (environment("TERM"), environment("TERM_PROGRAM"));
    let known = ["kitty", "foot", "ghostty", "wezterm", "iterm"];
    environment("TMUX").is_empty()
        && known
            .iter()
            .any(|name| term.to_lowercase().contains(name) || program.to_lowercase().contains(name))
}

/// Whether signs of our own should be letters: where fonts make them two cells wide, or where one asked for it.
fn wants_letters() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .map(environment)
        .into_iter()
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    environment("RIALTO_GLYPHS") == "ascii"
        || ["zh", "ja", "ko"]
            .iter()
            .any(|language| locale.starts_with(language))
}

/// Runs the screens for an account: its console, its link, and a runtime for both.
///
/// # Errors
/// What the terminal or the disk says.
pub fn screens(account: Account) -> Result<(), TerminalError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let console = Console::open(account).map_err(AppError::from)?;
        let (link, news) = Link::start(console.account());
        run(console, link, news).await
    })
}

/// Runs the screens over a console and its link until the person quits.
///
/// # Errors
/// What the terminal or the disk says.
pub async fn run(
    console: Console,
    link: Link,
    news: mpsc::Receiver<News>,
) -> Result<(), TerminalError> {
    let mut app = App::new(console, now(), TimeZone::system())?;
    app.ascii = wants_letters();
    let guard = Guard::take()?;
    let backend = CrosstermBackend::new(BufWriter::with_capacity(FRAME_BYTES, io::stdout()));
    let screen = Terminal::new(backend)?;
    let mut session = Session {
        app,
        link,
        news: Some(news),
        screen,
        guard: Some(guard),
        events: Events::listen(),
        theme: Theme::from_environment(),
        mouse: false,
        drawn: None,
        owed: false,
    };
    let size = session.screen.size()?;
    session.app.update(Input::Resize(Size {
        width: size.width,
        height: size.height,
    }));
    let ended = session.run().await;
    session.app.rest();
    // A link that takes no more orders ends with its handle.
    let _ended = session.link.order(Order::Stop);
    ended
}

struct Session {
    app: App,
    link: Link,
    news: Option<mpsc::Receiver<News>>,
    screen: Screen,
    guard: Option<Guard>,
    events: Events,
    theme: Theme,
    mouse: bool,
    /// When the last frame was drawn.
    drawn: Option<Instant>,
    /// Whether a frame is owed that came too soon after the last.
    owed: bool,
}

/// The terminal's events, read by a task of their own: the stream remembers but one who waits, and would forget the loop
/// when it only looks whether there is more.
struct Events {
    heard: mpsc::Receiver<io::Result<Event>>,
    task: tokio::task::JoinHandle<()>,
}

impl Events {
    fn listen() -> Self {
        let (sender, heard) = mpsc::channel(DRAIN_MAX);
        let task = tokio::spawn(async move {
            let mut events = EventStream::new();
            while let Some(event) = events.next().await {
                // The stream before this one was let go: its farewell may be heard here, and is no end of the terminal.
                let farewell = |error: &io::Error| error.kind() == io::ErrorKind::Interrupted;
                if event.as_ref().is_err_and(farewell) {
                    continue;
                }
                if sender.send(event).await.is_err() {
                    return;
                }
            }
        });
        Self { heard, task }
    }

    /// Nobody here reads the terminal any more, when this is over.
    async fn stop(&mut self) {
        self.task.abort();
        // That it was aborted is what is waited for.
        let _aborted = (&mut self.task).await;
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What woke the loop.
enum Woken {
    Event(Option<io::Result<Event>>),
    News(Option<News>),
    Time,
    Signal,
    Fault,
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Onward {
    Yes,
    No,
}

impl Session {
    async fn run(&mut self) -> Result<(), TerminalError> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut at_once = true;
        loop {
            self.draw(at_once)?;
            let deadline = self.deadline();
            let woken = tokio::select! {
                event = self.events.heard.recv() => Woken::Event(event),
                news = next_news(&mut self.news) => Woken::News(news),
                () = sleep_until(deadline) => Woken::Time,
                _ = terminate.recv() => Woken::Signal,
                _ = hang_up.recv() => Woken::Signal,
                _ = interrupt.recv() => Woken::Signal,
                () = FAULT.notified() => Woken::Fault,
            };
            if matches!(woken, Woken::Fault) {
                return Err(TerminalError::Fault);
            }
            at_once = matches!(woken, Woken::Event(_));
            if self.wake(woken).await? == Onward::No {
                return Ok(());
            }
        }
    }

    fn deadline(&self) -> Instant {
        let tick = self.app.next_tick().map(|at| {
            let left = (at - now()).as_millis().max(0);
            Instant::now() + Duration::from_millis(u64::try_from(left).unwrap_or(0))
        });
        let frame = self
            .drawn
            .filter(|_| self.owed)
            .map(|drawn| drawn + FRAME_MIN);
        let far = Instant::now() + Duration::from_secs(3_600);
        [tick, frame].into_iter().flatten().min().unwrap_or(far)
    }

    async fn wake(&mut self, woken: Woken) -> Result<Onward, TerminalError> {
        let ticked = self.app.update(Input::Tick(now()));
        if self.carry_out(ticked).await? == Onward::No {
            return Ok(Onward::No);
        }
        match woken {
            Woken::Event(Some(Ok(event))) => {
                if self.event(event).await? == Onward::No {
                    return Ok(Onward::No);
                }
                self.drain_events().await
            }
            // Without a terminal there is nobody left to show anything to.
            Woken::Event(Some(Err(_)) | None) | Woken::Signal | Woken::Fault => Ok(Onward::No),
            Woken::News(Some(news)) => {
                let effects = self.app.update(Input::News(news));
                if self.carry_out(effects).await? == Onward::No {
                    return Ok(Onward::No);
                }
                self.drain_news().await
            }
            Woken::News(None) => {
                self.news = None;
                Ok(Onward::Yes)
            }
            Woken::Time => Ok(Onward::Yes),
        }
    }

    async fn drain_events(&mut self) -> Result<Onward, TerminalError> {
        for _ in 0..DRAIN_MAX {
            let Ok(Ok(event)) = self.events.heard.try_recv() else {
                break;
            };
            if self.event(event).await? == Onward::No {
                return Ok(Onward::No);
            }
        }
        Ok(Onward::Yes)
    }

    async fn drain_news(&mut self) -> Result<Onward, TerminalError> {
        for _ in 0..DRAIN_MAX {
            let Some(Ok(news)) = self.news.as_mut().map(mpsc::Receiver::try_recv) else {
                break;
            };
            let effects = self.app.update(Input::News(news));
            if self.carry_out(effects).await? == Onward::No {
                return Ok(Onward::No);
            }
        }
        Ok(Onward::Yes)
    }

    async fn event(&mut self, event: Event) -> Result<Onward, TerminalError> {
        let Some(input) = input(event) else {
            return Ok(Onward::Yes);
        };
        let effects = self.app.update(input);
        self.carry_out(effects).await
    }

    async fn carry_out(&mut self, effects: Vec<Effect>) -> Result<Onward, TerminalError> {
        for effect in effects {
            match effect {
                // A link that takes no more reconnects, and then everything goes out again.
                Effect::Order(order) => {
                    let _sent = self.link.order(order);
                }
                Effect::Bell => self.write(b"\x07")?,
                Effect::Notify(words) if knows_notices() => {
                    let words = words.as_str().replace(';', ",");
                    self.write(format!("\x1b]9;{words}\x07").as_bytes())?;
                }
                Effect::Notify(_) => {}
                Effect::Copy(text) => {
                    let text = BASE64.encode(text.as_bytes());
                    self.write(format!("\x1b]52;c;{text}\x07").as_bytes())?;
                }
                Effect::Edit(text) => self.edit(text).await?,
                Effect::Suspend => self.suspend().await?,
                Effect::Repaint => self.repaint()?,
                Effect::Mouse(on) => self.listen_to_mouse(on)?,
                Effect::Quit => return Ok(Onward::No),
            }
        }
        Ok(Onward::Yes)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let backend = self.screen.backend_mut();
        backend.write_all(bytes)?;
        io::Write::flush(backend)
    }

    fn listen_to_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        if on {
            execute!(io::stdout(), EnableMouseCapture)
        } else {
            execute!(io::stdout(), DisableMouseCapture)
        }
    }

    fn draw(&mut self, at_once: bool) -> io::Result<()> {
        if !self.app.take_dirty() && !self.owed {
            return Ok(());
        }
        let soon = self.drawn.is_some_and(|drawn| drawn.elapsed() < FRAME_MIN);
        if soon && !at_once {
            self.owed = true;
            return Ok(());
        }
        self.owed = false;
        self.drawn = Some(Instant::now());
        queue!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        let (app, theme) = (&self.app, self.theme);
        self.screen.draw(|frame| view::draw(app, theme, frame))?;
        execute!(self.screen.backend_mut(), EndSynchronizedUpdate)
    }

    /// Draws everything anew. Ratatui's own `clear` asks the terminal where its cursor is, and the answer would be taken
    /// for a key.
    fn repaint(&mut self) -> io::Result<()> {
        let size = self.screen.size()?;
        self.owed = true;
        self.screen.resize(size.into())
    }

    /// Gives the terminal to something else: nobody here reads its keys any more.
    async fn release(&mut self) {
        self.events.stop().await;
        self.guard = None;
    }

    /// Takes the terminal again after something else had it.
    fn retake(&mut self) -> Result<(), TerminalError> {
        self.guard = Some(Guard::take()?);
        self.events = Events::listen();
        if self.mouse {
            self.listen_to_mouse(true)?;
        }
        let size = self.screen.size()?;
        self.app.update(Input::Resize(Size {
            width: size.width,
            height: size.height,
        }));
        self.repaint()?;
        Ok(())
    }

    async fn suspend(&mut self) -> Result<(), TerminalError> {
        self.release().await;
        // The shell's job control stops the whole group and lets it go on.
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)
            .map_err(io::Error::from)?;
        self.retake()
    }

    /// Lets the editor have the terminal. The link goes on meanwhile.
    async fn edit(&mut self, text: String) -> Result<(), TerminalError> {
        self.release().await;
        let edited = tokio::task::spawn_blocking(move || edit(&text)).await;
        self.retake()?;
        let text = edited.ok().and_then(Result::ok);
        let effects = self.app.update(Input::Edited(text));
        for effect in effects {
            if matches!(effect, Effect::Repaint) {
                self.repaint()?;
            }
        }
        Ok(())
    }
}

/// Runs the editor that the environment names on a file with this text; what the file holds then.
fn edit(text: &str) -> io::Result<String> {
    let file = tempfile::Builder::new()
        .prefix("rialto-")
        .suffix(".md")
        .tempfile()?;
    std::fs::write(file.path(), text)?;
    let editor = ["VISUAL", "EDITOR"]
        .map(environment)
        .into_iter()
        .find(|value| !value.trim().is_empty())
        .unwrap_or_else(|| "vi".to_owned());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = std::process::Command::new(program)
        .args(words)
        .arg(file.path())
        .status()?;
    if !status.success() {
        return Err(io::Error::other("the editor ended with an error"));
    }
    std::fs::read_to_string(file.path())
}

async fn next_news(news: &mut Option<mpsc::Receiver<News>>) -> Option<News> {
    match news {
        Some(news) => news.recv().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
