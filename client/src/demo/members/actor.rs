//! One member who acts: what they are about to do, and when. The script's deeds come one after the other, and how many are
//! done is kept beside their account, so that a demo that goes on does not repeat itself.

use super::{Extra, Scene, duty::Duty};
use crate::{
    account::Account,
    client::{Client, ClientError},
    console,
    demo::script::Deed,
    replica::Change,
    request,
};
use rialto_shared::{
    command::Command,
    entry::{Seq, Worded},
    id::{RoomId, digest16},
    room::{State, deal},
    time::Span,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// How many deeds are done, beside the account.
const DONE: &str = "script";

/// What somebody is about to do.
#[derive(Debug)]
enum Plan {
    Next,
    Typing(RoomId),
    Say {
        room: RoomId,
        thread: Option<Seq>,
        words: &'static str,
    },
    Do(Duty),
}

pub(super) struct Actor {
    pub(super) client: Client,
    pub(super) scene: Arc<Scene>,
    pub(super) me: Extra,
    key: &'static str,
    deeds: &'static [Deed],
    done: usize,
    script: PathBuf,
    plans: Vec<(Instant, Plan)>,
    draws: u64,
    /// How far each room was heard.
    pub(super) heard: BTreeMap<RoomId, Seq>,
    /// What is planned, or was done.
    pub(super) taken: BTreeSet<Duty>,
}

impl Actor {
    pub(super) async fn enter(
        key: &'static str,
        account: Account,
        deeds: &'static [Deed],
        scene: Arc<Scene>,
    ) -> Result<Self, ClientError> {
        let member = account.about.member;
        let me = scene.extras.iter().find(|extra| extra.member == member);
        let me = *me.ok_or_else(|| ClientError::Offline("nobody of the demo's".to_owned()))?;
        let script = account.dir.join(DONE);
        // Whoever has no such file has done nothing yet.
        let done = std::fs::read_to_string(&script).ok();
        let done = done.and_then(|done| done.parse().ok()).unwrap_or_default();
        let mut client = Client::connect(account).await?;
        // What cannot be read here is somebody else's: the rules know.
        let rooms = client.console().replica().rooms();
        let directs = rooms.filter(|(_, held)| matches!(held.room.state, State::Direct(_)));
        let directs: Vec<RoomId> = directs.map(|(room, _)| room).collect();
        let public = scene.channels.values().copied().chain([scene.deal]);
        for room in directs.into_iter().chain(public) {
            if client.open(room, 50).await.is_err() {
                client.console_mut().unwatch(room);
            }
        }
        let mut actor = Self {
            client,
            scene,
            me,
            key,
            deeds,
            done,
            script,
            plans: vec![],
            draws: 0,
            heard: BTreeMap::new(),
            taken: BTreeSet::new(),
        };
        let spread = actor.scene.pace.act.mul_f64(actor.draw());
        actor.plan(spread, Plan::Next);
        actor.look_around();
        Ok(actor)
    }

    /// Waits for the next thing, and does what follows from it.
    ///
    /// # Errors
    /// What the disk says, or that the link has ended.
    pub(super) async fn go_on(&mut self) -> Result<(), ClientError> {
        let next = self.plans.iter().map(|(at, _)| *at).min();
        let next = next.unwrap_or_else(|| Instant::now() + self.scene.pace.act);
        tokio::select! {
            () = sleep_until(next) => self.act().await,
            changes = self.client.turn() => self.notice(&changes?),
        }
        Ok(())
    }

    /// A number from 0 up to 1: the same ones in every demo.
    pub(super) fn draw(&mut self) -> f64 {
        self.draws += 1;
        let parts: [&[u8]; 2] = [self.key.as_bytes(), &self.draws.to_be_bytes()];
        let [high, low, ..] = digest16("rialto-demo-draw", &parts);
        f64::from(u16::from_be_bytes([high, low])) / 65_536.0
    }

    fn plan(&mut self, after: Duration, plan: Plan) {
        self.plans.push((Instant::now() + after, plan));
    }

    /// Plans what is to be done for another organisation.
    pub(super) fn plan_duty(&mut self, after: Duration, duty: Duty) {
        self.plan(after, Plan::Do(duty));
    }

    /// Does what is due.
    async fn act(&mut self) {
        let now = Instant::now();
        let (due, later) = std::mem::take(&mut self.plans)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.plans = later;
        let due: Vec<(Instant, Plan)> = due;
        for (_, plan) in due {
            match plan {
                Plan::Next => self.next(),
                Plan::Typing(room) => self.client.obey(self.client.console().typing(room)),
                Plan::Say {
                    room,
                    thread,
                    words,
                } => {
                    self.ask(room, request::say(words, thread, BTreeSet::new()).ok());
                }
                Plan::Do(duty) => {
                    self.fulfil(duty).await;
                    // What came while an answer was waited for was not noticed.
                    self.look_around();
                }
            }
        }
    }

    /// Asks for something. What a rule refuses is left: the player may have changed what the script expects.
    pub(super) fn ask(&mut self, room: RoomId, command: Option<Worded<Command>>) {
        let Some(command) = command else { return };
        match self.client.console_mut().submit(room, command) {
            Ok((_, step)) => self.client.obey(step.orders),
            Err(error) => tracing::debug!(member = self.key, %error, "left"),
        }
    }

    /// Is seen writing, and then says it.
    pub(super) fn write(
        &mut self,
        after: Duration,
        room: RoomId,
        thread: Option<Seq>,
        words: &'static str,
    ) {
        self.plan(after, Plan::Typing(room));
        let say = Plan::Say {
            room,
            thread,
            words,
        };
        self.plan(after + self.scene.pace.write, say);
    }

    /// The next deed of the script.
    fn next(&mut self) {
        let Some(deed) = self.deeds.get(self.done).copied() else {
            return;
        };
        self.done += 1;
        // Where the disk refuses, a demo that goes on later repeats a deed.
        drop(std::fs::write(&self.script, self.done.to_string()));
        self.perform(deed);
        let wait = self.scene.pace.act.mul_f64(1.0 + 2.0 * self.draw());
        self.plan(wait, Plan::Next);
    }

    fn perform(&mut self, deed: Deed) {
        let channel = |handle: &str| self.scene.channels.get(handle).copied();
        match deed {
            Deed::Say(handle, words) => {
                if let Some(room) = channel(handle) {
                    self.write(Duration::ZERO, room, None, words);
                }
            }
            Deed::React(handle, emoji) => {
                let newest = channel(handle).and_then(|room| Some((room, self.newest(room)?)));
                if let (Some((room, target)), Ok(emoji)) = (newest, emoji.parse()) {
                    self.ask(room, Some(request::react(target, emoji, true)));
                }
            }
            Deed::Deal(words) => self.write(Duration::ZERO, self.scene.deal, None, words),
            Deed::Task(title) => {
                let to = deal::Assignment {
                    owner: self.me.org,
                    member: Some(self.me.member),
                    due: (console::now() + Span::days(5)).date(),
                };
                let add = Command::Deal(deal::Command::AddTask { to });
                self.ask(self.scene.deal, request::worded(add, &[title]).ok());
            }
            Deed::Stage(to) => self.advance(to),
        }
    }

    fn advance(&mut self, to: deal::Stage) {
        let held = self.client.console().replica().room(self.scene.deal);
        let Some(State::Deal(deal)) = held.map(|held| &held.room.state) else {
            return;
        };
        let at = deal.course.stage.at;
        let advance = Command::Deal(deal::Command::MoveStage { to, at });
        self.ask(self.scene.deal, Some(Worded::plain(advance)));
    }

    /// Looks at every room.
    fn look_around(&mut self) {
        let rooms = self.client.console().replica().rooms();
        let rooms: Vec<Change> = rooms.map(|(room, _)| Change::Room(room)).collect();
        self.notice(&rooms);
    }

    /// Looks at what changed: words of the player's, and what is asked of this member's organisation.
    fn notice(&mut self, changes: &[Change]) {
        for change in changes {
            if let Change::Room(room) = change {
                self.hear(*room);
                self.consider(*room);
            }
            if let Change::Answered { ticket, .. } = change {
                drop(self.client.console_mut().dismiss(*ticket));
            }
        }
    }
}
