//! A real server on real sockets, and the people who use it with the real client, each with an account of their own.

pub(crate) mod authority;

use rialto::{
    account::Home, client::Client, console::now, link::Joiner, replica::Change, request,
    route::Route,
};
use rialto_server::{
    admin::{Reception, Request, Response},
    clock::{Clock, SystemClock},
    config::{Config, TlsMode},
    connection::{Front, Page, Stop, serve},
    identity::{IDENTITY_FILE, Identity, create_folder, tls},
    ledger::{self, writer::Work},
    residence::{Residence, keeping},
    serve::{Premises as _, sign},
};
use rialto_shared::{
    command::Command,
    entry::{Entry, Head, Seq},
    id::{MemberId, OrgId, RoomId},
    limits,
    protocol::{InviteLink, Want},
    room::org::Command as Org,
    standing::Role,
    text::TextKind,
    time::{Span, Timestamp},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
        mpsc,
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

/// Longest wait for anything: a machine that is busy is slow, not wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The system's clock, so many milliseconds ahead: people's clients go by that one.
#[derive(Debug, Clone, Default)]
struct Ahead(Arc<AtomicI64>);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now() + Span::millis(self.0.load(Ordering::SeqCst))
    }
}

/// A server in this process, over real sockets and a real file.
pub(crate) struct Town {
    _folder: TempDir,
    clock: Ahead,
    config: Config,
    identity: Arc<Identity>,
    running: Option<Running>,
}

struct Running {
    residence: Residence,
    stop: watch::Sender<Stop>,
    serving: JoinHandle<()>,
}

impl Town {
    pub(crate) async fn open(mode: TlsMode) -> Self {
        Self::set_up(mode, |_| {}).await
    }

    /// One that is set otherwise than by default.
    pub(crate) async fn set_up(mode: TlsMode, set: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        create_folder(&data).unwrap();
        let mut config = Config {
            data_dir: data.clone(),
            listen: "127.0.0.1:0".parse().unwrap(),
            ..Config::default()
        };
        config.tls.mode = mode;
        set(&mut config);
        let identity = Arc::new(Identity::load_or_create(&data).unwrap());
        let mut town = Self {
            _folder: folder,
            clock: Ahead::default(),
            config,
            identity,
            running: None,
        };
        town.start().await;
        town
    }

    /// Starts on the same file, and on the same port as before.
    pub(crate) async fn start(&mut self) {
        let listener = TcpListener::bind(self.config.listen).await.unwrap();
        self.config.listen = listener.local_addr().unwrap();
        let security = tls::security(&self.config, now()).unwrap();
        let clock = Arc::new(self.clock.clone());
        let residence = Residence::by(clock, &self.config, &self.identity).unwrap();
        let front = Front {
            host: residence.host(),
            limits: self.config.limits.clone(),
            security: watch::channel(security).1,
            page: Page::new(&sign(
                &self.config,
                &self.identity,
                residence.office().as_ref(),
            )),
        };
        residence.begin();
        let (stop, stopped) = watch::channel(Stop::Serving);
        let serving = tokio::spawn(serve(listener, front, stopped));
        self.running = Some(Running {
            residence,
            stop,
            serving,
        });
    }

    /// The server's clock goes ahead of the system's by so much more. One that runs looks at its own; how far it is with that
    /// is known when this returns.
    pub(crate) fn pass(&self, span: Span) {
        self.clock.0.fetch_add(span.as_millis(), Ordering::SeqCst);
        if let Some(running) = &self.running {
            let (done, seen) = mpsc::channel();
            let reply = Box::new(move |_| {
                let _seen = done.send(());
            });
            running.residence.host().submit(Work::Tick, reply);
            seen.recv_timeout(PATIENCE).expect("the writer goes on");
        }
    }

    /// Where it listens, whatever name stands in its links.
    pub(crate) const fn address(&self) -> std::net::SocketAddr {
        self.config.listen
    }

    /// The file of the certificate that it made.
    pub(crate) fn certificate(&self) -> std::path::PathBuf {
        self.config.data_dir.join(tls::CERTIFICATE_FILE)
    }

    /// The file of its identity, while it is stopped.
    pub(crate) fn identity_file(&self) -> std::path::PathBuf {
        assert!(self.running.is_none());
        self.config.data_dir.join(IDENTITY_FILE)
    }

    /// Reads its identity anew, while it is stopped.
    pub(crate) fn read_identity(&mut self) {
        assert!(self.running.is_none());
        self.identity = Arc::new(Identity::load(&self.config.data_dir).unwrap());
    }

    /// Replaces its identity key, while it is stopped.
    pub(crate) fn rotate(&mut self) {
        Identity::rotate(&self.config.data_dir).unwrap();
        self.read_identity();
    }

    pub(crate) async fn stop(&mut self) {
        let running = self.running.take().unwrap();
        running.stop.send_replace(Stop::Now);
        running.serving.await.unwrap();
        running.residence.close().unwrap();
    }

    /// Puts the folder of a server that is stopped away, and one made of a backup in its place.
    pub(crate) fn restore(&self, backup: &Path) {
        assert!(self.running.is_none());
        let data = &self.config.data_dir;
        std::fs::rename(data, data.with_extension("before")).unwrap();
        keeping::restore(&self.config, backup).unwrap();
    }

    fn residence(&self) -> &Residence {
        &self.running.as_ref().unwrap().residence
    }

    /// What the operator is answered.
    pub(crate) fn operate(&self, request: Request) -> Response {
        let reception = Reception {
            office: self.residence().office(),
            address: self.config.address(),
            server: self.identity.server(),
        };
        reception.answer(request)
    }

    /// The link that invites the first admin of a new organisation.
    pub(crate) fn organisation(&self, name: &str, vendor: bool) -> InviteLink {
        let name = name.to_owned();
        if vendor {
            return invited(self.operate(Request::Init { vendor: name }));
        }
        let Response::Created(org) = self.operate(Request::OrgCreate { name }) else {
            panic!("no organisation");
        };
        let (role, alliance) = (Role::Admin, false);
        invited(self.operate(Request::Invite {
            org,
            role,
            alliance,
            mail: None,
        }))
    }

    /// The ledger's own log of a room.
    pub(crate) fn entries(&self, room: RoomId) -> Vec<Entry> {
        let house = Arc::clone(self.residence().host().house());
        ledger::entries(&house.snapshot().unwrap(), room).unwrap()
    }

    /// Every room that a person may see, of those on their roster and those that they opened, with its head in the ledger.
    fn heads(&self, person: &Person) -> BTreeMap<RoomId, Head> {
        let house = Arc::clone(self.residence().host().house());
        let snapshot = house.snapshot().unwrap();
        let standing = snapshot.standing(person.member()).unwrap().unwrap();
        let mut rooms = snapshot.roster(&standing).unwrap();
        rooms.extend(&person.opened);
        rooms.retain(|room| snapshot.seat(&standing, *room).unwrap().is_some());
        rooms
            .into_iter()
            .map(|room| (room, snapshot.head(room).unwrap().head))
            .filter(|(_, head)| head.seq > Seq::ZERO)
            .collect()
    }

    /// Waits until everybody holds what the ledger holds for them, log and all.
    pub(crate) async fn settle<'a>(&self, people: impl IntoIterator<Item = &'a mut Person>) {
        for person in people {
            let heads = self.heads(person);
            let until = Instant::now() + PATIENCE;
            while person
                .client
                .console()
                .ready()
                .then(|| person.cursors(&heads))
                != Some(heads.clone())
            {
                let news = timeout_at(until, person.turn()).await;
                news.unwrap_or_else(|_| {
                    panic!(
                        "{} waits for {heads:?}, holds {:?}",
                        person.name,
                        person.cursors(&heads)
                    )
                });
            }
            for (room, head) in heads {
                person.load(room, head).await;
                let ours = person.log(room);
                let first = ours.first().map_or(Seq(1), |entry| entry.seq);
                let all = self.entries(room);
                let theirs = all.iter().filter(|entry| entry.seq >= first);
                assert!(
                    theirs.eq(&ours),
                    "{} holds another log of {room} than the ledger",
                    person.name
                );
            }
        }
    }
}

fn invited(response: Response) -> InviteLink {
    match response {
        Response::Invited(invited) => invited.link.parse().unwrap(),
        other => panic!("no invitation: {other:?}"),
    }
}

/// Somebody with an account in a home of their own, at a client.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    home: TempDir,
    pub(crate) client: Client,
    opened: BTreeSet<RoomId>,
    seen: BTreeMap<RoomId, Seq>,
}

/// Joins by a link and leaves the account in this folder.
pub(crate) async fn join(home: &TempDir, link: &InviteLink, name: &str) {
    let home = Home::at(home.path());
    let joiner = Joiner::ask(link, Route::default()).await.unwrap();
    let joining = home.joining(link).unwrap();
    let name = request::text("name", TextKind::Name, name).unwrap();
    let joined = joiner.join(&joining, name).await.unwrap();
    home.settle(joining, "account", joined.about, joined.claimed)
        .unwrap();
}

impl Person {
    pub(crate) async fn join(link: &InviteLink, name: &'static str) -> Self {
        let home = tempfile::tempdir().unwrap();
        join(&home, link, name).await;
        Self::open(home, name).await
    }

    /// Comes back to an account.
    pub(crate) async fn open(home: TempDir, name: &'static str) -> Self {
        let account = Home::at(home.path()).open(None).unwrap();
        Self {
            name,
            home,
            client: Client::connect(account).await.unwrap(),
            opened: BTreeSet::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Leaves; the account stays in its home.
    pub(crate) fn leave(self) -> TempDir {
        self.client.close().unwrap();
        self.home
    }

    pub(crate) fn member(&self) -> MemberId {
        self.client.console().account().about.member
    }

    pub(crate) fn org(&self) -> OrgId {
        self.client.console().account().about.org
    }

    pub(crate) fn inbox(&self) -> RoomId {
        RoomId::inbox(self.member())
    }

    pub(crate) async fn turn(&mut self) {
        for change in self.client.turn().await.unwrap() {
            assert!(
                !matches!(change, Change::Misfit { .. }),
                "{}: {change:?}",
                self.name
            );
        }
    }

    /// One more device of somebody, in a home of its own, by a link that one of theirs or an admin made.
    pub(crate) async fn next_device(&mut self, of: (MemberId, Role), revoke: bool) -> InviteLink {
        let until = now() + Span::hours(1);
        let account = self.client.console().account();
        let made = request::enrol(account, of, until, revoke).unwrap();
        let room = RoomId::org(self.org());
        self.client.submit(room, made.command).await.unwrap();
        made.link
    }

    /// Waits until the connection is known to be gone.
    pub(crate) async fn dropped(&mut self) {
        let until = Instant::now() + PATIENCE;
        while self.client.console().ready() {
            timeout_at(until, self.turn()).await.expect("an end");
        }
    }

    /// A link for a colleague.
    pub(crate) async fn invite(&mut self, role: Role, alliance: bool) -> InviteLink {
        let until = now() + limits::INVITATION_SPAN;
        let invite = request::invite(self.client.console().account(), role, alliance, until);
        let invite = invite.unwrap();
        let room = RoomId::org(self.org());
        self.client.submit(room, invite.command).await.unwrap();
        invite.link
    }

    /// Sends a command, and waits for the yes.
    pub(crate) async fn say(&mut self, room: RoomId, command: Command, texts: &[&str]) {
        let worded = request::worded(command, texts).unwrap();
        let done = self.client.submit(room, worded).await;
        done.unwrap_or_else(|error| panic!("{} in {room}: {error}", self.name));
    }

    /// Sends a command to one's own organisation.
    pub(crate) async fn at_home(&mut self, command: Org, texts: &[&str]) {
        self.say(RoomId::org(self.org()), Command::Org(command), texts)
            .await;
    }

    /// Has a room that a rule admits to.
    pub(crate) async fn watch(&mut self, room: RoomId) {
        self.client.open(room, 0).await.unwrap();
        self.opened.insert(room);
    }

    fn cursors(&self, of: &BTreeMap<RoomId, Head>) -> BTreeMap<RoomId, Head> {
        let replica = self.client.console().replica();
        of.keys()
            .filter_map(|room| Some((*room, replica.room(*room)?.room.head)))
            .collect()
    }

    /// Has a room's log in the store, from the first entry that may be seen.
    pub(crate) async fn load(&mut self, room: RoomId, head: Head) {
        let since = self.client.console().replica().room(room).unwrap().since;
        let first = since.max(Seq(1));
        let mut after = first.previous();
        while u64::try_from(self.log(room).len()).unwrap() + first.0 <= head.seq.0 {
            let page = self
                .client
                .page(room, Want::After(after), 100)
                .await
                .unwrap();
            after = *page.seqs.last().expect("there is more");
        }
    }

    /// What the store holds of a room's log.
    pub(crate) fn log(&self, room: RoomId) -> Vec<Entry> {
        let bytes = self.client.console().store().bytes(room).unwrap();
        let read = |bytes: &Vec<u8>| Entry::decode(bytes).unwrap();
        bytes.iter().map(read).collect()
    }

    /// The kinds of the entries that came since the last time, by room.
    pub(crate) fn news(&mut self) -> BTreeMap<RoomId, Vec<String>> {
        let rooms: Vec<RoomId> = self
            .client
            .console()
            .replica()
            .rooms()
            .map(|(room, _)| room)
            .collect();
        let mut news = BTreeMap::new();
        for room in rooms {
            let log = self.log(room);
            let seen = self.seen.get(&room).copied().unwrap_or(Seq::ZERO);
            let kinds: Vec<String> = log
                .iter()
                .filter(|entry| entry.seq > seen)
                .map(|entry| entry.kind.clone())
                .collect();
            if let Some(last) = log.last() {
                self.seen.insert(room, last.seq);
            }
            if !kinds.is_empty() {
                news.insert(room, kinds);
            }
        }
        news
    }
}
