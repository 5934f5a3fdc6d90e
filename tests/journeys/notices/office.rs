//! A world with a clerk beside it: everybody's notices, by the world's own clock.

use super::sink::Sink;
use crate::world::{World, chance};
use redb::backends::InMemoryBackend;
use rialto_server::{
    clock::Clock as _,
    config::{Mail, MailTls},
    ledger::{
        queue::{Queue, Way},
        writer::{Done, Submission, Work},
    },
    notices::{
        Carrier, Carriers, Clerk, Undelivered,
        letter::Letter,
        mail::{Mailer, Sender},
    },
};
use rialto_shared::{
    command::Command,
    entry::{Facts, SaltedText, Seq, Worded},
    id::{LaneId, MemberId, RoomId, Salt},
    protocol::Outcome,
    room::{State, inbox},
    text::Text,
    time::{Span, Timestamp},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// What a member was told: whom, and every byte of it, by mail and to the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) member: MemberId,
    pub(crate) mail: String,
    pub(crate) json: String,
    pub(crate) letter: Letter,
}

/// Takes every letter, and keeps it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Recorder(pub(crate) Arc<Mutex<Vec<Heard>>>);

impl Carrier for Recorder {
    fn has(&self, way: Way) -> bool {
        way == Way::Mail
    }

    async fn carry(&self, _way: Way, letter: &Letter) -> Result<(), Undelivered> {
        let sender = Sender {
            from: "rialto@northwind.example".parse().unwrap(),
            name: letter.server.to_string(),
            reply_to: None,
        };
        let mail = letter.mail(&sender).unwrap().unwrap().formatted();
        self.0.lock().unwrap().push(Heard {
            member: letter.member,
            mail: String::from_utf8(mail).unwrap(),
            json: String::from_utf8(letter.json()).unwrap(),
            letter: letter.clone(),
        });
        Ok(())
    }
}

/// The ways to a sink, as an operator would configure them.
pub(crate) fn mail_to(sink: &Sink) -> Mail {
    Mail {
        host: Some("127.0.0.1".parse().unwrap()),
        port: Some(sink.address.port()),
        tls: MailTls::Plain,
        from: Some("rialto@northwind.example".parse().unwrap()),
        timeout: Duration::from_secs(1),
        ..Mail::default()
    }
}

pub(crate) fn carriers(sink: &Sink) -> Arc<Carriers> {
    Arc::new(Carriers {
        mail: Mailer::open(&mail_to(sink), "Northwind").unwrap(),
        hook: None,
    })
}

/// A clerk of this world, over a file in memory.
pub(crate) fn clerk<C: Carrier>(world: &World, carrier: C) -> Clerk<C> {
    clerk_on(world, carrier, InMemoryBackend::new())
}

pub(crate) fn clerk_on<C: Carrier>(
    world: &World,
    carrier: C,
    storage: impl redb::StorageBackend,
) -> Clerk<C> {
    let queue = Queue::open_on(storage).unwrap();
    let ledger = Arc::clone(&world.house.database);
    let named = (
        Text::parse("Northwind").unwrap(),
        chance(world.seed, "notices", 0).0,
    );
    Clerk::new(ledger, queue, carrier, named).unwrap()
}

/// One round at the world's time; when there is more to do.
pub(crate) fn round<C: Carrier>(world: &World, clerk: &mut Clerk<C>) -> Option<Timestamp> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(clerk.round(world.clock.now())).unwrap()
}

/// Where a console's mail goes.
pub(crate) fn address(who: usize) -> String {
    format!("m{who}@mail.example")
}

/// Somebody says where their mail goes, and when what. In a lane of its own: ids of rooms follow from the numbers of a
/// console's commands, and a story that was drawn without this names them.
pub(crate) fn settle(world: &mut World, who: usize, preferences: inbox::Preferences) {
    let console = &world.consoles[who];
    let (room, device) = (RoomId::inbox(console.member), console.device);
    let State::Inbox(inbox) = world.room(room).state else {
        panic!("no Inbox");
    };
    let at = inbox.notices.at;
    let command = Command::Inbox(inbox::Command::SetNotices {
        at,
        address: true,
        preferences,
    });
    let texts = vec![SaltedText {
        salt: Salt([5; 32]),
        text: Text::parse(&address(who)).unwrap(),
    }];
    let submission = Submission {
        device,
        lane: LaneId::from_bits([5; 16]),
        n: at.0 + 1,
        room,
        facts: Facts::write(&Worded::new(command, texts.clone())),
        texts,
        signed: None,
    };
    let done = world.now(Work::Command(Box::new(submission)));
    assert!(
        matches!(
            done,
            Done::Answer {
                outcome: Outcome::Accepted { .. },
                ..
            }
        ),
        "{done:?}"
    );
}

/// Everybody does, as it is by default.
pub(crate) fn settle_all(world: &mut World) {
    for who in 0..world.consoles.len() {
        settle(world, who, inbox::Preferences::default());
    }
}

/// Time passes, and the clerk works at every moment at which it has something to do on the way.
pub(crate) fn pass<C: Carrier>(world: &mut World, clerk: &mut Clerk<C>, span: Span) {
    let end = world.clock.now() + span;
    while let Some(next) = round(world, clerk).filter(|next| *next <= end) {
        let now = world.clock.now();
        world.pass((next - now).max(Span::millis(1)));
    }
    let now = world.clock.now();
    world.pass(end - now);
    round(world, clerk);
}

/// Everything that somebody has read in a room.
pub(crate) fn reads(world: &mut World, who: usize, room: RoomId, seq: Seq) {
    let member = world.consoles[who].member;
    world.now(Work::Seen { member, room, seq });
}
