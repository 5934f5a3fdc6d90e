//! The thread on which the clerk works, and what the operator asks of it.
//!
//! The writer nudges it after a commit, and waits for nothing. Where its file cannot be used it says so and tries again later;
//! the server goes on without it.

use super::{
    carrier::{Carriers, Undelivered},
    clerk::{Clerk, Fortune},
};
use crate::{
    clock::Clock,
    ledger::{
        Database, LedgerError,
        desk::Finished,
        queue::{Counts, Queue, Way},
        reader::Snapshot,
        writer::Follower,
    },
};
use rialto_shared::{mail::MailAddress, text::Text, time::Timestamp};
use serde::{Deserialize, Serialize};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::{Notify, watch};

/// The file's name in the data folder.
pub const QUEUE_FILE: &str = "notices.redb";

/// The shortest time between two rounds: commits that come in between are looked at together.
const BREATH: Duration = Duration::from_millis(200);
/// The longest: time passes for clocks and quiet hours too.
const LOOK: Duration = Duration::from_secs(5);
/// The wait after the file could not be used.
const RETRY: Duration = Duration::from_secs(60);

/// Wakes the clerk after a commit. A hint: it carries nothing, and is lost where the clerk is awake already.
#[derive(Debug, Clone, Default)]
pub struct Nudge(Arc<Notify>);

impl Follower for Nudge {
    fn wants(&self, _finished: &Finished) -> bool {
        self.0.notify_one();
        false
    }

    fn follow(&mut self, _snapshot: &Snapshot, _finished: &Finished) {}
}

/// What the clerk works with.
#[derive(Debug)]
pub struct Desk {
    /// The ledger, to be read.
    pub ledger: Arc<Database>,
    /// The clerk's own file.
    pub file: PathBuf,
    /// What the server calls itself.
    pub server: Text,
    /// What names are made under.
    pub secret: [u8; 32],
    /// The ways.
    pub carriers: Arc<Carriers>,
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// What wakes it.
    pub nudge: Nudge,
}

/// How notices stand: how many, and never what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticesReport {
    /// Whether mail is configured.
    pub mail: bool,
    /// Whether a program is.
    pub hook: bool,
    /// How far the log was read.
    pub position: u64,
    /// How far it goes.
    pub entries: u64,
    /// Found, and not due yet.
    pub waiting: u64,
    /// On their way.
    pub under_way: u64,
    /// Letters that were taken since the server runs.
    pub delivered: u64,
    /// Times that one was not.
    pub undelivered: u64,
    /// Notices that found no place.
    pub crowded: u64,
    /// What is wrong, where something is.
    pub trouble: Option<String>,
}

#[derive(Debug, Default)]
struct Board {
    position: u64,
    counts: Counts,
    fortune: Fortune,
    trouble: Option<String>,
}

/// The thread.
#[derive(Debug)]
pub struct Dispatch {
    carriers: Arc<Carriers>,
    board: Arc<Mutex<Board>>,
    stop: watch::Sender<bool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Dispatch {
    /// The ways alone: nothing is read and nothing goes out by itself before [`Self::begin`].
    #[must_use]
    pub fn new(carriers: Arc<Carriers>) -> Self {
        Self {
            carriers,
            board: Arc::default(),
            stop: watch::Sender::new(false),
            thread: Mutex::default(),
        }
    }

    /// Has the clerk work, where there is a way to tell anybody.
    ///
    /// # Errors
    /// When the machine has no thread left.
    pub fn begin(&self, desk: Desk) -> std::io::Result<()> {
        if !desk.carriers.any() {
            return Ok(());
        }
        let (board, mut stopped) = (Arc::clone(&self.board), self.stop.subscribe());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let work = async move {
            tokio::select! {
                () = attend(desk, &board) => {}
                _ = stopped.wait_for(|stopped| *stopped) => {}
            }
        };
        let thread = std::thread::Builder::new()
            .name("notices".to_owned())
            .spawn(move || runtime.block_on(work))?;
        *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(())
    }

    /// How notices stand.
    #[must_use]
    pub fn report(&self, entries: u64) -> NoticesReport {
        let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        NoticesReport {
            mail: self.carriers.mail.is_some(),
            hook: self.carriers.hook.is_some(),
            position: board.position,
            entries,
            waiting: board.counts.waiting,
            under_way: board.counts.parcels,
            delivered: board.fortune.delivered,
            undelivered: board.fortune.undelivered,
            crowded: board.fortune.crowded,
            trouble: board.trouble.clone(),
        }
    }

    /// Whether mail can be sent at all.
    #[must_use]
    pub fn mails(&self) -> bool {
        self.carriers.mail.is_some()
    }

    /// Hands over a mail of the operator's, now: blocks until it is taken, or is not.
    ///
    /// # Errors
    /// Why it was not taken.
    pub fn say(
        &self,
        to: &MailAddress,
        subject: &str,
        body: String,
        at: Timestamp,
    ) -> Result<(), Undelivered> {
        let Some(mailer) = &self.carriers.mail else {
            return Err(Undelivered::Refused(
                "no mail is configured: see [mail] in `rialtod config show`".to_owned(),
            ));
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| Undelivered::Unreachable(error.to_string()))?;
        runtime.block_on(mailer.say(to, (subject, body), at))
    }

    /// Has it stop, and waits for that: what it was handing over is handed over again by the next one.
    pub fn stop(&self) {
        self.stop.send_replace(true);
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            // A panic of it is in the log; the server goes on without.
            drop(thread.join());
        }
    }
}

impl Drop for Dispatch {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn attend(desk: Desk, board: &Mutex<Board>) {
    loop {
        let trouble = match work(&desk, board).await {
            Ok(never) => match never {},
            Err(error) => error.to_string(),
        };
        tracing::error!(%trouble, "notices stop for a minute");
        board.lock().unwrap_or_else(PoisonError::into_inner).trouble = Some(trouble);
        tokio::time::sleep(RETRY).await;
    }
}

/// Works until one of the files fails.
async fn work(desk: &Desk, board: &Mutex<Board>) -> Result<std::convert::Infallible, LedgerError> {
    let queue = Queue::open(&desk.file)?;
    let carriers = Arc::clone(&desk.carriers);
    let named = (desk.server.clone(), desk.secret);
    let mut clerk = Clerk::new(Arc::clone(&desk.ledger), queue, carriers, named)?;
    loop {
        let now = desk.clock.now();
        // Posted at each step: a slow mail server makes a round long.
        while clerk.step(now).await? {
            post(board, &clerk)?;
        }
        let next = clerk.rest(now)?;
        post(board, &clerk)?;
        tokio::time::sleep(BREATH).await;
        let wait = next.map_or(LOOK, |next| {
            let wait = (next - desk.clock.now()).as_millis();
            Duration::from_millis(u64::try_from(wait).unwrap_or_default()).min(LOOK)
        });
        // Late or early, it looks: the nudge only makes it soon.
        drop(tokio::time::timeout(wait, desk.nudge.0.notified()).await);
    }
}

fn post(board: &Mutex<Board>, clerk: &Clerk<Arc<Carriers>>) -> Result<(), LedgerError> {
    let counts = clerk.queue().counts()?;
    let resting = clerk.resting().into_iter().map(|(way, why)| match way {
        Way::Mail => format!("mail rests: {why}"),
        Way::Hook => format!("the program rests: {why}"),
    });
    let trouble = resting.reduce(|one, other| format!("{one}; {other}"));
    let mut board = board.lock().unwrap_or_else(PoisonError::into_inner);
    *board = Board {
        position: clerk.position(),
        counts,
        fortune: clerk.fortune().clone(),
        trouble: trouble.or_else(|| clerk.fortune().trouble.clone()),
    };
    Ok(())
}
