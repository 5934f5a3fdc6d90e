//! `kill -9` under load: of the server while people send, and of a client with commands in flight.
//!
//! Every message holds a token of its own. What was acknowledged went into a file that was synced before anything else was
//! counted; after the last round every token that was acknowledged stands in the room exactly once, and none stands twice.

use crate::{
    town::{PATIENCE, Person, join},
    world::chance,
};
use rialto::{
    account::Home,
    client::Client,
    replica::{Change, Ticket},
    request,
};
use rialto_shared::{
    entry::{Entry, Seq},
    id::RoomId,
    protocol::{InviteLink, Outcome},
    standing::Role,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
};
use tokio::{
    runtime::{Builder, Runtime},
    time::{Instant, timeout_at},
};

/// Commands of one client that are on their way at once.
const WINDOW: usize = 12;
/// Says to this very binary, started again, that it is the client that will be killed; its home.
const VICTIM: &str = "RIALTO_TEST_VICTIM";

/// The server's binary, which the build puts beside the tests' folder.
pub(crate) fn rialtod() -> Command {
    let tests = std::env::current_exe().unwrap();
    let binary = tests.parent().unwrap().parent().unwrap().join("rialtod");
    assert!(
        binary.is_file(),
        "build it first: cargo build -p rialto-server"
    );
    let mut command = Command::new(binary);
    command.env_clear();
    command
}

/// A data folder that processes of the server run on, one after the other.
pub(crate) struct Folder {
    data: PathBuf,
    above: Arc<tempfile::TempDir>,
}

impl Folder {
    /// A folder with a vendor, and the link for its first admin.
    pub(crate) fn init() -> (Self, InviteLink) {
        let above = Arc::new(tempfile::tempdir().unwrap());
        let data = above.path().join("data");
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let toml = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\n[tls]\nmode = \"plain\"\n\
             [limits]\ncommands_per_s = 5000\nburst = 5000\n"
        );
        let folder = Self { data, above };
        std::fs::write(folder.config(), toml).unwrap();
        let output = folder
            .run(&["init", "--vendor", "Northwind"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let link = String::from_utf8(output.stdout).unwrap();
        (folder, link.trim().parse().unwrap())
    }

    fn config(&self) -> PathBuf {
        self.above.path().join("rialtod.toml")
    }

    pub(crate) fn run(&self, words: &[&str]) -> Command {
        let mut command = rialtod();
        let options = command.arg("--data").arg(&self.data);
        options.arg("--config").arg(self.config()).args(words);
        command
    }

    /// A process that accepts connections.
    pub(crate) fn serve(&self) -> Process {
        let mut serve = self.run(&["serve"]);
        let mut child = serve.stderr(Stdio::piped()).spawn().unwrap();
        let talk = lines(child.stderr.take().unwrap());
        let mut said = vec![];
        loop {
            match talk.recv_timeout(PATIENCE) {
                Ok(line) if line.contains("serving on") => return Process(child),
                Ok(line) => said.push(line),
                Err(error) => panic!("it does not serve: {error}: {said:#?}"),
            }
        }
    }

    /// Nothing serves: what is on disk is what it says.
    /// A place beside the data.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.above.path().join(name)
    }

    /// Another data folder beside it, not there yet, served by the same configuration.
    pub(crate) fn elsewhere(&self, name: &str) -> Self {
        Self {
            data: self.beside(name),
            above: Arc::clone(&self.above),
        }
    }

    pub(crate) fn verify(&self) {
        let output = self.run(&["verify"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
}

/// A process that is killed where it is let go, too.
pub(crate) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// The lines of a pipe, read to its end whoever listens.
fn lines(pipe: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (say, said) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            drop(say.send(line));
        }
    });
    said
}

/// Sends messages until told to stop, then waits until all are answered. Comes back with everything that was sent.
async fn load(
    person: &mut Person,
    room: RoomId,
    acks: Sender<String>,
    stop: Arc<AtomicBool>,
) -> usize {
    let mut waiting: BTreeMap<Ticket, String> = BTreeMap::new();
    let mut sent = 0;
    let mut answered = Seq::ZERO;
    let until = Instant::now() + PATIENCE * 3;
    loop {
        while waiting.len() < WINDOW && !stop.load(Ordering::Relaxed) {
            let token = format!("{}-{sent}", person.name);
            let say = request::say(&token, None, BTreeSet::new()).unwrap();
            let (ticket, step) = person.client.console_mut().submit(room, say).unwrap();
            waiting.insert(ticket, token);
            person.client.obey(step.orders);
            sent += 1;
        }
        // An answer comes before the entries of its commit: whoever compares logs waits for those, too.
        let replica = person.client.console().replica();
        let behind = replica.room(room).unwrap().room.head.seq < answered;
        if waiting.is_empty() && !behind {
            return sent;
        }
        let changes = timeout_at(until, person.client.turn())
            .await
            .expect("answers")
            .unwrap();
        for change in changes {
            match change {
                Change::Answered { ticket, outcome } => {
                    let token = waiting
                        .remove(&ticket)
                        .expect("one answer for each command");
                    let Outcome::Accepted { to, .. } = outcome else {
                        panic!("{token}: {outcome:?}");
                    };
                    answered = answered.max(to);
                    acks.send(token).unwrap();
                }
                Change::Misfit { .. } => panic!("{}: {change:?}", person.name),
                _ => {}
            }
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// People of one organisation who talk in its room, in a thread of their own, until they are told to stop.
pub(crate) struct Crowd {
    pub(crate) room: RoomId,
    /// What was acknowledged to any of them.
    pub(crate) acks: Receiver<String>,
    stop: Arc<AtomicBool>,
    thread: thread::JoinHandle<(Runtime, Vec<Person>, usize)>,
}

impl Crowd {
    /// They join, the first by this invitation and the others by the first's, and begin.
    pub(crate) fn talks(link: &InviteLink, others: &'static [&'static str]) -> Self {
        let runtime = runtime();
        let people = runtime.block_on(async {
            let mut people = vec![Person::join(link, "Tom").await];
            for name in others {
                let link = people[0].invite(Role::Rep, false).await;
                people.push(Person::join(&link, name).await);
            }
            people
        });
        let room = RoomId::org(people[0].org());
        let (acked, acks) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let of = |mut person: Person| {
                let (acked, stop) = (acked.clone(), Arc::clone(&told));
                runtime.spawn(async move {
                    let sent = load(&mut person, room, acked, stop).await;
                    (person, sent)
                })
            };
            let tasks: Vec<_> = people.into_iter().map(of).collect();
            drop(acked);
            let (mut people, mut sent) = (vec![], 0);
            for task in tasks {
                let (person, count) = runtime.block_on(task).unwrap();
                sent += count;
                people.push(person);
            }
            (runtime, people, sent)
        });
        Self {
            room,
            acks,
            stop,
            thread,
        }
    }

    /// They stop, and wait until all is answered: where they run, they, how much they said, and what was acknowledged since it
    /// was asked last.
    pub(crate) fn stops(self) -> (Runtime, Vec<Person>, usize, Receiver<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let (runtime, people, sent) = self.thread.join().unwrap();
        (runtime, people, sent, self.acks)
    }
}

/// Waits until every client holds the same head, and that log is the same everywhere; it.
async fn agreed(people: &mut [Person], room: RoomId) -> Vec<Entry> {
    let head = |person: &Person| {
        person
            .client
            .console()
            .replica()
            .room(room)
            .unwrap()
            .room
            .head
    };
    let until = Instant::now() + PATIENCE;
    // Whoever is not ready yet holds an old head: what they all missed would come while the first of them is waited for.
    let last = loop {
        let last = people.iter().map(&head).max_by_key(|head| head.seq);
        let last = last.unwrap();
        for person in &mut *people {
            while !person.client.console().ready() || head(person).seq < last.seq {
                timeout_at(until, person.turn())
                    .await
                    .expect("the last entry");
            }
        }
        if people.iter().all(|person| head(person).seq == last.seq) {
            break last;
        }
    };
    for person in &mut *people {
        assert_eq!(head(person), last, "{}", person.name);
        person.load(room, last).await;
    }
    let log = people[0].log(room);
    for person in &*people {
        let theirs = person.log(room);
        let first = theirs[0].seq;
        let ours = log.iter().filter(|entry| entry.seq >= first);
        assert!(ours.eq(&theirs), "{} holds another log", person.name);
    }
    for pair in log.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq.next(), "a gap or a double");
        assert_eq!(pair[1].prev, pair[0].hash());
    }
    log
}

/// How often each token was said.
fn said(log: &[Entry]) -> BTreeMap<String, usize> {
    let mut said = BTreeMap::new();
    for entry in log.iter().filter(|entry| entry.kind == "talk.said") {
        let text = entry.texts[0].as_ref().unwrap().text.to_string();
        *said.entry(text).or_default() += 1;
    }
    said
}

fn rounds() -> u64 {
    let given = std::env::var("RIALTO_KILLS").ok();
    given.map_or(5, |given| given.parse().expect("RIALTO_KILLS is a number"))
}

/// Writes down what was acknowledged, each line on disk before the next, and kills the server after so many.
fn kill_again_and_again(
    folder: &Folder,
    mut process: Process,
    acks: &Receiver<String>,
    path: &Path,
) -> Process {
    let mut file = File::create(path).unwrap();
    let mut keep = |token: String| {
        writeln!(file, "{token}").unwrap();
        file.sync_data().unwrap();
    };
    for round in 0..rounds() {
        let more = 20 + u64::from(chance(7, "kill", round).0[0]) % 60;
        for _ in 0..more {
            keep(acks.recv_timeout(PATIENCE).expect("an acknowledgement"));
        }
        // The process is gone, by SIGKILL, before the next one starts.
        drop(process);
        process = folder.serve();
    }
    process
}

#[test]
fn what_was_acknowledged_survives_kills_of_the_server_exactly_once() {
    let (folder, link) = Folder::init();
    let process = folder.serve();
    let crowd = Crowd::talks(&link, &["Mia", "Jon", "Eva"]);
    let path = folder.above.path().join("acknowledged");
    let process = kill_again_and_again(&folder, process, &crowd.acks, &path);
    let room = crowd.room;
    let (runtime, mut people, sent, acks) = crowd.stops();
    let log = runtime.block_on(agreed(&mut people, room));
    let said = said(&log);
    let written = std::fs::read_to_string(&path).unwrap();
    let acknowledged: BTreeSet<String> = written
        .lines()
        .map(str::to_owned)
        .chain(acks.iter())
        .collect();
    for token in &acknowledged {
        assert_eq!(said.get(token), Some(&1), "{token} was acknowledged");
    }
    assert!(
        said.values().all(|count| *count == 1),
        "said twice: {said:?}"
    );
    assert_eq!(
        (said.len(), acknowledged.len()),
        (sent, sent),
        "everything was answered in the end"
    );
    drop(process);
    folder.verify();
}

/// The client that is killed: says on stdout what it has queued, and under which number, before it sends it.
fn victim(home: &str) {
    let runtime = runtime();
    runtime.block_on(async {
        let account = Home::at(Path::new(home)).open(None).unwrap();
        let mut client = Client::connect(account).await.unwrap();
        let room = RoomId::org(client.console().account().about.org);
        for n in 0.. {
            let token = format!("{}-{n}", std::process::id());
            let say = request::say(&token, None, BTreeSet::new()).unwrap();
            let (ticket, step) = client.console_mut().submit(room, say).unwrap();
            // Not by the macro, which tests catch; a pipe that is gone ends this process as well.
            let mut out = std::io::stdout();
            writeln!(out, "queued {} {} {token}", ticket.lane, ticket.n).unwrap();
            client.obey(step.orders);
            while client.console().unanswered() > WINDOW {
                client.turn().await.unwrap();
            }
        }
    });
}

#[test]
fn a_killed_clients_commands_are_sent_again_under_the_same_numbers() {
    if let Ok(home) = std::env::var(VICTIM) {
        return victim(&home);
    }
    let (folder, link) = Folder::init();
    let process = folder.serve();
    let runtime = runtime();
    let home = tempfile::tempdir().unwrap();
    runtime.block_on(join(&home, &link, "Tom"));
    let mut queued = BTreeSet::new();
    for round in 0..3 {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again
            .args(["kills::a_killed_clients", "--nocapture"])
            .env(VICTIM, home.path());
        let mut child = again
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let talk = lines(child.stdout.take().unwrap());
        let child = Process(child);
        let more = 15 + usize::from(chance(8, "client", round).0[0]) % 40;
        let mut mine = BTreeMap::new();
        let mut keep = |line: String| {
            let words: Vec<&str> = line.split(' ').collect();
            if let Some(at) = words.iter().position(|word| *word == "queued")
                && let [lane, n, token] = &words[at + 1..]
            {
                mine.insert(((*lane).to_owned(), (*n).to_owned()), (*token).to_owned());
            }
            mine.len()
        };
        while keep(talk.recv_timeout(PATIENCE).expect("the client sends")) < more {}
        drop(child);
        for line in &talk {
            keep(line);
        }
        runtime.block_on(async {
            let account = Home::at(home.path()).open(None).unwrap();
            let mut client = Client::start(account).unwrap();
            let left: Vec<Ticket> = client
                .console()
                .replica()
                .pending()
                .map(|pending| pending.ticket)
                .collect();
            assert!(!left.is_empty(), "it was killed with commands in flight");
            // The very last may be on disk and not yet on the pipe.
            let told = left.iter().filter(|ticket| {
                mine.contains_key(&(ticket.lane.to_string(), ticket.n.to_string()))
            });
            assert!(told.count() + 1 >= left.len(), "{left:?}: {mine:?}");
            let until = Instant::now() + PATIENCE;
            while client.console().unanswered() > 0 {
                timeout_at(until, client.turn())
                    .await
                    .expect("answers")
                    .unwrap();
            }
            client.close().unwrap();
        });
        queued.extend(mine.into_values());
    }
    let log = runtime.block_on(async {
        let mut person = Person::open(home, "Tom").await;
        let room = RoomId::org(person.org());
        let head = person
            .client
            .console()
            .replica()
            .room(room)
            .unwrap()
            .room
            .head;
        person.load(room, head).await;
        person.log(room)
    });
    let said = said(&log);
    for token in &queued {
        assert_eq!(said.get(token), Some(&1), "{token} was queued");
    }
    assert!(
        said.values().all(|count| *count == 1),
        "said twice: {said:?}"
    );
    assert!(
        said.len() <= queued.len() + 3,
        "at most the last of each round was not told"
    );
    drop((runtime, process));
    folder.verify();
}
