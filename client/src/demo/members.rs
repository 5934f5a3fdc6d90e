//! The scripted members: each a client of its own over a real connection, doing what the script says at their own pace,
//! and answering the player. They stop when the demo ends.

use super::{
    DemoError,
    cast::Person,
    history::Told,
    script::{ACTING, ANSWERS, Deed},
};
use crate::{client::Client, console, replica::Change, request};
use rialto_shared::{
    command::Command,
    entry::{Entry, Seq, Worded},
    event::Event,
    id::{MemberId, OrgId, RoomId, digest16},
    room::{State, deal, org, referral, talk},
    time::{Span, Timestamp},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    thread::JoinHandle,
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// How long things take people.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// From one deed of somebody's to their next: at least this, at most three times as long.
    pub(super) act: Duration,
    /// Until a word of the player's is answered, as well.
    pub(super) answer: Duration,
    /// How long they are seen writing.
    pub(super) write: Duration,
    /// Until an offered referral is taken.
    pub(super) accept: Duration,
}

impl Pace {
    /// As people are: with seven of them, something happens every few seconds.
    pub(super) const LIVE: Self = Self {
        act: Duration::from_secs(35),
        answer: Duration::from_secs(4),
        write: Duration::from_millis(2_500),
        accept: Duration::from_secs(25),
    };
}

/// Everybody who acts, on a thread of their own.
#[derive(Debug)]
pub(super) struct Troupe {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Troupe {
    /// They begin, each as soon as their connection stands.
    pub(super) fn start(told: &Told, player: &'static str, pace: Pace) -> Result<Self, DemoError> {
        let player = told.person(player)?;
        let (member, org) = (player.account.about.member, player.account.about.org);
        let mut actors = vec![];
        for (index, (key, deeds)) in (0_u64..).zip(ACTING) {
            let person = told.person(key)?;
            if person.account.about.member != member {
                let part = Part {
                    key,
                    index,
                    deeds,
                    player: member,
                    player_org: org,
                    pace,
                };
                actors.push((person.clone(), part));
            }
        }
        let channels = told.channels.clone();
        let deal = told.deal;
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let run = move || {
            runtime.block_on(async {
                let mut all = JoinSet::new();
                for (person, part) in actors {
                    all.spawn(act(person, part, channels.clone(), deal, stopped.clone()));
                }
                while all.join_next().await.is_some() {}
            });
        };
        let thread = std::thread::Builder::new()
            .name("demo-members".to_owned())
            .spawn(run)?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Troupe {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported already; the demo ends either way.
            drop(thread.join());
        }
    }
}

/// Somebody's part.
#[derive(Debug, Clone, Copy)]
struct Part {
    key: &'static str,
    index: u64,
    deeds: &'static [Deed],
    player: MemberId,
    player_org: OrgId,
    pace: Pace,
}

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
    Accept(RoomId),
}

struct Actor {
    client: Client,
    part: Part,
    channels: BTreeMap<&'static str, RoomId>,
    deal: RoomId,
    plans: Vec<(Instant, Plan)>,
    done: usize,
    draws: u64,
    /// What was said before is not answered.
    since: Timestamp,
    /// How far each room was heard.
    heard: BTreeMap<RoomId, Seq>,
    taken: BTreeSet<RoomId>,
}

/// One member's life. Whoever's connection or disk fails leaves the stage; the others go on.
async fn act(
    person: Person,
    part: Part,
    channels: BTreeMap<&'static str, RoomId>,
    deal: RoomId,
    mut stopped: watch::Receiver<bool>,
) {
    let entrance = Actor::enter(person, part, channels, deal);
    let actor = tokio::select! {
        () = told(&mut stopped) => return,
        actor = entrance => actor,
    };
    let Ok(mut actor) = actor else {
        tracing::warn!(member = part.key, "cannot come in");
        return;
    };
    loop {
        let next = actor.plans.iter().map(|(at, _)| *at).min();
        let next = next.unwrap_or_else(|| Instant::now() + part.pace.act);
        tokio::select! {
            () = told(&mut stopped) => break,
            () = sleep_until(next) => actor.go_on().await,
            changes = actor.client.turn() => match changes {
                Ok(changes) => actor.notice(&changes),
                Err(_) => return,
            },
        }
    }
    // The folder goes with the demo: what the disk says now is nobody's loss.
    drop(actor.client.close());
}

/// Until they are told to stop, or nobody is left to tell them.
async fn told(stopped: &mut watch::Receiver<bool>) {
    drop(stopped.wait_for(|stopped| *stopped).await);
}

impl Actor {
    async fn enter(
        person: Person,
        part: Part,
        channels: BTreeMap<&'static str, RoomId>,
        deal: RoomId,
    ) -> Result<Self, crate::client::ClientError> {
        let since = console::now();
        let mut client = Client::connect(person.account).await?;
        // What cannot be read here is somebody else's: the rules know.
        for room in channels.values().copied().chain([deal]) {
            if client.open(room, 50).await.is_err() {
                client.console_mut().unwatch(room);
            }
        }
        let mut actor = Self {
            client,
            part,
            channels,
            deal,
            plans: vec![],
            done: 0,
            draws: 0,
            since,
            heard: BTreeMap::new(),
            taken: BTreeSet::new(),
        };
        let spread = part.pace.act.mul_f64(actor.draw());
        actor.plan(spread, Plan::Next);
        actor.look_around();
        Ok(actor)
    }

    /// A number from 0 up to 1: the same ones in every demo.
    fn draw(&mut self) -> f64 {
        self.draws += 1;
        let parts: [&[u8]; 2] = [self.part.key.as_bytes(), &self.draws.to_be_bytes()];
        let [high, low, ..] = digest16("rialto-demo-draw", &parts);
        f64::from(u16::from_be_bytes([high, low])) / 65_536.0
    }

    fn plan(&mut self, after: Duration, plan: Plan) {
        self.plans.push((Instant::now() + after, plan));
    }

    /// Does what is due.
    async fn go_on(&mut self) {
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
                Plan::Accept(room) => {
                    self.accept(room).await;
                    self.look_around();
                }
            }
        }
    }

    /// Asks for something. What a rule refuses is left: the player may have changed what the script expects.
    fn ask(&mut self, room: RoomId, command: Option<Worded<Command>>) {
        let Some(command) = command else { return };
        match self.client.console_mut().submit(room, command) {
            Ok((_, step)) => self.client.obey(step.orders),
            Err(error) => tracing::debug!(member = self.part.key, %error, "left"),
        }
    }

    /// Is seen writing, and then says it.
    fn write(&mut self, after: Duration, room: RoomId, thread: Option<Seq>, words: &'static str) {
        self.plan(after, Plan::Typing(room));
        self.plan(
            after + self.part.pace.write,
            Plan::Say {
                room,
                thread,
                words,
            },
        );
    }

    /// The next deed of the script.
    fn next(&mut self) {
        let Some(deed) = self.part.deeds.get(self.done).copied() else {
            return;
        };
        self.done += 1;
        match deed {
            Deed::Say(handle, words) => {
                if let Some(room) = self.channels.get(handle).copied() {
                    self.write(Duration::ZERO, room, None, words);
                }
            }
            Deed::React(handle, emoji) => {
                let room = self.channels.get(handle).copied();
                if let Some((room, target)) = room.and_then(|room| Some((room, self.newest(room)?)))
                {
                    self.ask(
                        room,
                        emoji
                            .parse()
                            .ok()
                            .map(|emoji| request::react(target, emoji, true)),
                    );
                }
            }
            Deed::Deal(words) => self.write(Duration::ZERO, self.deal, None, words),
            Deed::Task(title) => {
                let about = &self.client.console().account().about;
                let to = deal::Assignment {
                    owner: about.org,
                    member: Some(about.member),
                    due: (console::now() + Span::days(5)).date(),
                };
                let add = Command::Deal(deal::Command::AddTask { to });
                self.ask(self.deal, request::worded(add, &[title]).ok());
            }
            Deed::Stage(to) => self.advance(to),
        }
        let wait = self.part.pace.act.mul_f64(1.0 + 2.0 * self.draw());
        self.plan(wait, Plan::Next);
    }

    fn advance(&mut self, to: deal::Stage) {
        let held = self.client.console().replica().room(self.deal);
        let Some(State::Deal(deal)) = held.map(|held| &held.room.state) else {
            return;
        };
        let at = deal.course.stage.at;
        let advance = Command::Deal(deal::Command::MoveStage { to, at });
        self.ask(self.deal, Some(Worded::plain(advance)));
    }

    /// The newest message of somebody else.
    fn newest(&self, room: RoomId) -> Option<Seq> {
        let me = self.client.console().account().about.member;
        let held = self.client.console().replica().room(room)?;
        held.log()
            .rev()
            .find(|logged| spoken(&logged.entry).is_some_and(|(who, _)| who != me))
            .map(|logged| logged.entry.seq)
    }

    /// Looks at every room: what came while an answer was waited for was not noticed.
    fn look_around(&mut self) {
        let rooms = self.client.console().replica().rooms();
        let rooms: Vec<Change> = rooms.map(|(room, _)| Change::Room(room)).collect();
        self.notice(&rooms);
    }

    /// Looks at what changed: words of the player's, and referrals that their organisation offers.
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

    fn hear(&mut self, room: RoomId) {
        let Some(held) = self.client.console().replica().room(room) else {
            return;
        };
        let before = self.heard.get(&room).copied().unwrap_or(Seq::ZERO);
        let mine = self.client.console().account().about.member;
        let direct = matches!(held.room.state, State::Direct(_));
        let fresh = held
            .log()
            .rev()
            .take_while(|logged| logged.entry.seq > before);
        let turn = |entry: &Entry| entry.seq.0 % 3 == self.part.index % 3;
        let spoken = fresh.filter_map(|logged| {
            let (who, said) = spoken(&logged.entry)?;
            let talk::Event::Said {
                thread, mentions, ..
            } = said
            else {
                return None;
            };
            let to_me = direct || mentions.contains(&mine) || turn(&logged.entry);
            (who == self.part.player && to_me && logged.entry.at >= self.since).then(|| {
                if direct {
                    *thread
                } else {
                    Some(thread.unwrap_or(logged.entry.seq))
                }
            })
        });
        let answers: Vec<Option<Seq>> = spoken.collect();
        self.heard.insert(room, held.room.head.seq);
        for thread in answers {
            let turn = usize::try_from(self.draws).unwrap_or_default();
            let Some(words) = ANSWERS.iter().cycle().nth(turn % ANSWERS.len()) else {
                return;
            };
            let wait = self.part.pace.answer.mul_f64(1.0 + self.draw());
            self.write(wait, room, thread, words);
        }
    }

    /// A referral of the player's that waits for my organisation is taken after a while.
    fn consider(&mut self, room: RoomId) {
        let about = &self.client.console().account().about;
        let held = self.client.console().replica().room(room);
        let Some(State::Referral(referral)) = held.map(|held| &held.room.state) else {
            return;
        };
        let waits = match referral.stage {
            referral::Stage::Offered | referral::Stage::Viewed => true,
            referral::Stage::Accepted
            | referral::Stage::Contacted
            | referral::Stage::Qualified
            | referral::Stage::Converted { .. }
            | referral::Stage::Concluded { .. }
            | referral::Stage::Declined { .. }
            | referral::Stage::Expired
            | referral::Stage::Withdrawn
            | referral::Stage::Returned { .. } => false,
        };
        let mine = referral.to == about.org && referral.from.org == self.part.player_org;
        if waits && mine && self.taken.insert(room) {
            self.plan(self.part.pace.accept, Plan::Accept(room));
        }
    }

    async fn accept(&mut self, room: RoomId) {
        // An answer binds what was seen: the offer's entry has to be here.
        if self.client.open(room, 20).await.is_err() {
            return;
        }
        let about = &self.client.console().account().about;
        let own = RoomId::org(about.org);
        let (people, from) = (BTreeSet::from([about.member]), self.part.player_org);
        let held = self.client.console().replica().room(own);
        let knock = held.and_then(|held| {
            let org = held.room.state.org()?;
            org.knock(from, console::now()).map(|knock| knock.matter)
        });
        let Some(knock) = knock else {
            let accept = referral::Command::Accept { from, people };
            self.ask(room, Some(Worded::plain(Command::Referral(accept))));
            return;
        };
        if self.client.open(own, 50).await.is_err() {
            return;
        }
        let answer = org::Command::AnswerConnection {
            from,
            knock,
            take: org::Take::Both,
            people,
        };
        self.ask(own, Some(Worded::plain(Command::Org(answer))));
    }
}

/// Who said what, if the entry is a message.
fn spoken(entry: &Entry) -> Option<(MemberId, &talk::Event)> {
    let Event::Talk(said @ talk::Event::Said { .. }) = &entry.event else {
        return None;
    };
    Some((entry.author.member()?, said))
}
