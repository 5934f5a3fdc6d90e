//! The scripted members: each a client of its own over a real connection, doing what the script says at their own pace,
//! answering the player, and doing what the player's organisation asks of theirs. They stop when the demo ends.

mod actor;
mod duty;
mod talk;

use super::{DemoError, cast::Person, ecosystem::CHARACTERS, history::Told, script};
use crate::{account::Account, console};
use actor::Actor;
use rialto_shared::{
    id::{MemberId, OrgId, RoomId},
    time::Timestamp,
};
use script::Deed;
use std::{collections::BTreeMap, sync::Arc, thread::JoinHandle, time::Duration};
use tokio::{sync::watch, task::JoinSet};

/// How long things take people.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// From one deed of somebody's to their next: at least this, at most three times as long.
    pub(super) act: Duration,
    /// Until a word of the player's is answered: at least this, at most twice as long.
    pub(super) answer: Duration,
    /// How long they are seen writing.
    pub(super) write: Duration,
    /// Until they answer a request of another organisation's.
    pub(super) accept: Duration,
}

impl Pace {
    /// As people are, a little quicker: something happens every few seconds.
    pub(super) const LIVE: Self = Self {
        act: Duration::from_secs(35),
        answer: Duration::from_secs(3),
        write: Duration::from_millis(2_500),
        accept: Duration::from_secs(12),
    };
}

/// Somebody who may answer.
#[derive(Debug, Clone, Copy)]
struct Extra {
    member: MemberId,
    org: OrgId,
    /// Whether they answer for their organisation: one of its people does.
    speaks: bool,
}

/// What everybody knows of the demo.
#[derive(Debug)]
struct Scene {
    channels: BTreeMap<String, RoomId>,
    /// The deal of the partner's that the vendor is in.
    deal: RoomId,
    player: MemberId,
    player_org: OrgId,
    /// Everybody but the player.
    extras: Vec<Extra>,
    /// When they began: what was said before is not answered, however late somebody comes in.
    since: Timestamp,
    pace: Pace,
}

impl Scene {
    fn of(told: &Told, player: &Account, pace: Pace) -> Result<Self, DemoError> {
        let mut extras: Vec<Extra> = vec![];
        for character in &CHARACTERS {
            let about = &told.person(character.key)?.account.about;
            if about.member != player.about.member {
                let first = extras.iter().all(|other| other.org != about.org);
                extras.push(Extra {
                    member: about.member,
                    org: about.org,
                    speaks: first,
                });
            }
        }
        Ok(Self {
            channels: told.channels.clone(),
            deal: told.deal,
            player: player.about.member,
            player_org: player.about.org,
            extras,
            since: console::now(),
            pace,
        })
    }
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
        let player = &told.person(player)?.account;
        let scene = Arc::new(Scene::of(told, player, pace)?);
        let mut actors = vec![];
        for character in &CHARACTERS {
            let person = told.person(character.key)?;
            if person.account.about.member != scene.player {
                let deeds = script::deeds(character.key);
                actors.push((character.key, person.clone(), deeds));
            }
        }
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let run = move || {
            runtime.block_on(async {
                let mut all = JoinSet::new();
                for (key, person, deeds) in actors {
                    let life = live(key, person, deeds, Arc::clone(&scene));
                    all.spawn(until_told(stopped.clone(), life));
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

/// A life, until they are told to stop: whatever they were about to do then is left.
async fn until_told(mut stopped: watch::Receiver<bool>, life: impl Future<Output = ()>) {
    tokio::select! {
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = life => {}
    }
}

/// One member's life. Whoever's connection or disk fails leaves the stage; the others go on.
async fn live(key: &'static str, person: Person, deeds: &'static [Deed], scene: Arc<Scene>) {
    let Ok(mut actor) = Actor::enter(key, person.account, deeds, scene).await else {
        tracing::warn!(member = key, "cannot come in");
        return;
    };
    while actor.go_on().await.is_ok() {}
}
