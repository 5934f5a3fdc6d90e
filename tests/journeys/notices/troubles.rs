//! Whatever the mail server does, and wherever the clerk is cut off: nothing is lost, and what comes twice has one id.

use super::{
    office::{carriers, clerk, clerk_on, pass, round, settle_all},
    sink::{LOGIN, Manner, Sink, Taken},
};
use crate::town::authority::Authority;
use crate::world::{ANA, Community, Dice, KIM, TOM, World, from_env, open_channel, opened};
use redb::{StorageBackend, backends::InMemoryBackend};
use rialto_server::{
    clock::Clock as _,
    config::{Hook as HookConfig, Mail, MailTls},
    ledger::queue::Way,
    notices::{Carrier, Carriers, Clerk, Hook, Undelivered, letter::Letter, mail::Mailer},
};
use rialto_shared::{command::Command, id::RoomId, room::channel, standing::Role, time::Span};
use std::{
    collections::BTreeSet,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Gives somebody a seat in a new private room of the vendor's: a notice at once.
fn seats(world: &mut World, n: usize, who: usize) -> RoomId {
    let vendor = world.consoles[TOM].org;
    let open = open_channel(&format!("room-{n}"), channel::Reach::Private);
    world
        .say(TOM, RoomId::org(vendor), open, &["Ours"])
        .unwrap();
    let room = opened(world, vendor);
    let invite = Command::Channel(channel::Command::Invite {
        member: world.consoles[who].member,
        role: Role::Rep,
        history: true,
    });
    world.say(TOM, room, invite, &[]).unwrap();
    room
}

/// Every command that the mails say to run, with who is to run it, each once.
fn told(mails: &[Taken]) -> BTreeSet<(String, String)> {
    let each = mails.iter().flat_map(|mail| {
        let commands = mail.commands().into_iter();
        commands.map(|command| (mail.to.clone(), command))
    });
    each.collect()
}

/// Storage that outlives whoever has it open, as a disk does.
#[derive(Debug, Clone, Default)]
struct Disk(Arc<InMemoryBackend>);

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, std::io::Error> {
        self.0.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), std::io::Error> {
        self.0.read(offset, out)
    }
    fn set_len(&self, len: u64) -> Result<(), std::io::Error> {
        self.0.set_len(len)
    }
    fn sync_data(&self) -> Result<(), std::io::Error> {
        self.0.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> Result<(), std::io::Error> {
        self.0.write(offset, data)
    }
}

/// Hands letters on, and is gone in the middle of one: nobody learns what became of it.
struct Cut {
    on: Arc<Carriers>,
    left: AtomicUsize,
}

impl Carrier for Cut {
    fn has(&self, way: Way) -> bool {
        self.on.has(way)
    }

    async fn carry(&self, way: Way, letter: &Letter) -> Result<(), Undelivered> {
        let last = self.left.fetch_sub(1, Ordering::SeqCst) == 1;
        let outcome = self.on.carry(way, letter).await;
        if last {
            std::future::pending::<()>().await;
        }
        outcome
    }
}

/// A server that is away, slow, full, refusing and deaf in turn, and a clerk that is killed at any letter.
#[test]
fn nothing_is_lost_and_nothing_kept_twice_whatever_the_mail_server_does() {
    let first = from_env("RIALTO_SEED", 1);
    for seed in first..first + from_env("RIALTO_MAIL_STORIES", 3) {
        troubled(seed);
    }
}

fn troubled(seed: u64) {
    let Community { mut world, .. } = Community::new(seed);
    settle_all(&mut world);
    let (sink, disk, mut dice) = (Sink::open(), Disk::default(), Dice::new(seed));
    let mut expected = BTreeSet::new();
    let manners = [
        Manner::Away,
        Manner::Busy,
        Manner::Refusing,
        Manner::Deaf,
        Manner::Well,
    ];
    for n in 0..24 {
        sink.behave(*dice.pick(&manners));
        let who = dice.below(world.consoles.len());
        if who != TOM {
            let room = seats(&mut world, n, who);
            expected.insert((super::office::address(who), format!("rialto tail {room}")));
        }
        let cut = Cut {
            on: carriers(&sink),
            left: AtomicUsize::new(dice.below(4)),
        };
        let mut clerk = clerk_on(&world, cut, disk.clone());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let now = world.clock.now();
        // Cut off by time where it is cut off within a letter; no outcome depends on how long that is.
        let cut =
            async { tokio::time::timeout(Duration::from_millis(500), clerk.round(now)).await };
        drop(runtime.block_on(cut));
        drop(clerk);
        world.pass(Span::millis(
            60_000 * i64::try_from(dice.below(20)).unwrap(),
        ));
    }
    sink.behave(Manner::Well);
    let mut clerk = clerk_on(&world, carriers(&sink), disk);
    pass(&mut world, &mut clerk, Span::hours(13));
    let context = format!("RIALTO_SEED={seed} RIALTO_MAIL_STORIES=1");
    assert_eq!(told(&sink.taken()), expected, "{context}");
    // A receiver that throws away what comes again has each thing once.
    let kept = sink.kept();
    let lines: usize = kept.iter().map(|mail| mail.commands().len()).sum();
    assert_eq!(lines, expected.len(), "{context}: {kept:#?}");
    assert!(!kept.is_empty() && clerk.queue().counts().unwrap().parcels == 0);
}

#[test]
fn a_server_that_is_away_is_left_alone_and_gets_everything_when_it_is_back() {
    let Community { mut world, .. } = Community::new(3);
    settle_all(&mut world);
    let sink = Sink::open();
    sink.behave(Manner::Away);
    let mut clerk = clerk(&world, carriers(&sink));
    let rooms: Vec<RoomId> = (0..20)
        .map(|n| seats(&mut world, n, if n % 2 == 0 { ANA } else { KIM }))
        .collect();
    round(&world, &mut clerk);
    let came = sink.came();
    assert!(came <= rialto_shared::limits::NOTICE_HANDS_MAX, "{came}");
    for _ in 0..50 {
        round(&world, &mut clerk);
    }
    assert_eq!(sink.came(), came, "nobody knocks again at the same moment");
    assert_eq!(clerk.resting().len(), 1);
    pass(&mut world, &mut clerk, Span::hours(3));
    assert!(
        sink.came() > came && sink.came() < came + 20,
        "{}",
        sink.came()
    );
    sink.behave(Manner::Well);
    pass(&mut world, &mut clerk, Span::hours(2));
    assert_eq!(told(&sink.kept()).len(), rooms.len());
    assert_eq!(clerk.resting(), []);
}

#[test]
fn a_slow_server_delays_no_commit_and_gets_everything_in_the_end() {
    let Community { mut world, .. } = Community::new(4);
    settle_all(&mut world);
    let sink = Sink::open();
    sink.behave(Manner::Slow);
    seats(&mut world, 0, ANA);
    let mut clerk = clerk(&world, carriers(&sink));
    let now = world.clock.now();
    let working = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(clerk.round(now)).unwrap();
        clerk
    });
    // The clerk waits for the server; the writer waits for nobody.
    while sink.came() == 0 {
        std::thread::yield_now();
    }
    for n in 1..4 {
        seats(&mut world, n, ANA);
    }
    let mut clerk = working.join().unwrap();
    assert_eq!(
        clerk.fortune().undelivered,
        1,
        "slower than a second is not there"
    );
    sink.behave(Manner::Well);
    pass(&mut world, &mut clerk, Span::hours(2));
    assert_eq!(told(&sink.kept()).len(), 4);
}

#[test]
fn the_file_is_made_anew_where_it_is_lost_and_where_the_ledger_is_another() {
    let Community { mut world, .. } = Community::new(5);
    settle_all(&mut world);
    let (sink, disk) = (Sink::open(), Disk::default());
    seats(&mut world, 0, ANA);
    round(&world, &mut clerk_on(&world, carriers(&sink), disk.clone()));
    assert_eq!(sink.taken().len(), 1);
    // Lost: what still waits is told again, under the same id.
    round(&world, &mut clerk(&world, carriers(&sink)));
    assert_eq!((sink.taken().len(), sink.kept().len()), (2, 1));
    // Another ledger, shorter and with another history.
    let Community {
        world: mut other, ..
    } = Community::new(6);
    settle_all(&mut other);
    seats(&mut other, 1, KIM);
    round(&other, &mut clerk_on(&other, carriers(&sink), disk));
    assert!(
        sink.taken()
            .iter()
            .any(|mail| mail.to == super::office::address(KIM))
    );
}

#[test]
fn the_operator_s_program_is_given_the_letter_and_judged_by_how_it_ends() {
    let Community { mut world, .. } = Community::new(7);
    settle_all(&mut world);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let program = path("program");
    fs::write(
        &program,
        format!(
            "#!/bin/sh\ncase $(cat {mode}) in\nwell) cat >> {out};;\nfails) cat > /dev/null; yes | head -c 1000000; exit 3;;\n\
             hangs) sleep 1000 & wait;;\nesac\n",
            mode = path("mode").display(),
            out = path("out").display()
        ),
    )
    .unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o700)).unwrap();
    let hook = HookConfig {
        program: Some(program),
        timeout: Duration::from_secs(1),
    };
    let ways = Arc::new(Carriers {
        mail: None,
        hook: Hook::open(&hook),
    });
    let mut clerk = clerk(&world, Arc::clone(&ways));
    let room = seats(&mut world, 0, ANA);
    for (mode, failed) in [("fails", 1), ("hangs", 2), ("well", 2)] {
        fs::write(path("mode"), mode).unwrap();
        pass(&mut world, &mut clerk, Span::millis(1));
        world.pass(Span::hours(1));
        assert_eq!(clerk.fortune().undelivered, failed, "{mode}");
        if mode == "well" {
            round(&world, &mut clerk);
        }
    }
    let out = fs::read_to_string(path("out")).unwrap();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 1, "{out}");
    let told: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(told["member"], world.consoles[ANA].member.to_string());
    assert_eq!(told["notices"][0]["command"], format!("rialto tail {room}"));
}

#[test]
fn mail_goes_over_tls_or_not_at_all() {
    let sink = Sink::open();
    for tls in [MailTls::Implicit, MailTls::Starttls] {
        let mail = Mail {
            tls,
            ..super::office::mail_to(&sink)
        };
        assert_eq!(tried(&mail).fortune().undelivered, 1, "{tls:?}");
    }
    assert_eq!(sink.taken(), [], "a server without TLS is told nothing");
}

/// One letter is due; the clerk has tried to send it as this says.
fn tried(mail: &Mail) -> Clerk<Arc<Carriers>> {
    let Community { mut world, .. } = Community::new(8);
    settle_all(&mut world);
    seats(&mut world, 0, ANA);
    let ways = Carriers {
        mail: Mailer::open(mail, "Northwind").unwrap(),
        hook: None,
    };
    let mut clerk = clerk(&world, Arc::new(ways));
    round(&world, &mut clerk);
    clerk
}

#[test]
fn a_mail_server_that_wants_tls_and_a_login_gets_both_and_nobody_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, held: &str| {
        let path = folder.path().join(name);
        fs::write(&path, held).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        Some(path)
    };
    let (authority, other) = (Authority::new(), Authority::new());
    let known = file("authority.pem", &authority.pem);
    let right = file("right", &format!("{}\n", LOGIN.1));
    for (tls, implicit) in [(MailTls::Implicit, true), (MailTls::Starttls, false)] {
        let sink = Sink::locked(&authority, implicit);
        let mail = Mail {
            tls,
            ca_file: known.clone(),
            username: Some(LOGIN.0.to_owned()),
            password_file: right.clone(),
            ..super::office::mail_to(&sink)
        };
        let fortune = tried(&mail).fortune().clone();
        assert_eq!((fortune.delivered, fortune.trouble), (1, None), "{tls:?}");
        assert_eq!(sink.taken().len(), 1, "{tls:?}");
        let wrong = Mail {
            password_file: file("wrong", "a loud harbour"),
            ..mail.clone()
        };
        let trouble = tried(&wrong).fortune().trouble.clone().unwrap();
        assert_eq!(trouble, "the mail server refuses it for good: 535");
        // Another authority's certificate, such as somebody in between would show: the password is not said.
        let impostor = Sink::locked(&other, implicit);
        let misled = Mail {
            port: Some(impostor.address.port()),
            ..mail.clone()
        };
        let trouble = tried(&misled).fortune().trouble.clone().unwrap();
        assert!(trouble.contains("certificate"), "{trouble}");
        assert_eq!(impostor.taken(), [], "{tls:?}");
        assert_eq!(impostor.logins(), 0, "{tls:?}");
        assert_eq!(sink.logins(), 2, "{tls:?}");
    }
    let path = right.unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let mail = Mail {
        username: Some(LOGIN.0.to_owned()),
        password_file: Some(path),
        ..super::office::mail_to(&Sink::open())
    };
    let refused = Mailer::open(&mail, "Northwind").unwrap_err().to_string();
    assert!(refused.contains("run chmod 600"), "{refused}");
}
