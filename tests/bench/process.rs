//! The server's process, and the folder that it runs on.

use crate::member::Member;
use rialto_server::{
    admin::{Invited, Reception, Request, Response},
    config::{Config, TlsMode},
    identity::{Identity, create_folder},
    residence::Residence,
    serve::Premises as _,
};
use rialto_shared::{
    id::{OrgId, RoomId},
    standing::Role,
};
use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
};
use tempfile::TempDir;

/// People of one organisation: an organisation's room is sent whole to each of them.
const COLLEAGUES: usize = 40;

/// A data folder with a vendor, organisations, people, and one channel for everybody.
pub(crate) struct Folder {
    above: TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) channel: RoomId,
}

/// A process that ends where it is let go.
pub(crate) struct Rialtod(Child);

impl Drop for Rialtod {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Rialtod {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

/// Bytes of a process that are in memory now.
pub(crate) fn resident(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kibibytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes * 1024.0
}

fn invited(response: Response) -> Invited {
    match response {
        Response::Invited(invited) => invited,
        other => panic!("no invitation: {other:?}"),
    }
}

impl Folder {
    /// So many people who have joined, and a channel that all may read and post in. Organisations have some forty people,
    /// the vendor's first; whoever claims one comes before its others are invited.
    pub(crate) async fn with(people: usize) -> (Self, Vec<Member>) {
        let above = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        create_folder(&above.path().join("data")).unwrap();
        let mut folder = Self {
            above,
            address,
            channel: RoomId::org(OrgId::from_bits([0; 16])),
        };
        fs::write(folder.config(), settings(address)).unwrap();
        let firsts = folder.operate(|ask| {
            let vendor = "Northwind".to_owned();
            let others = (1..people.div_ceil(COLLEAGUES)).map(|at| {
                let name = format!("Partner {at}");
                let Response::Created(org) = ask(Request::OrgCreate { name }) else {
                    panic!("no organisation");
                };
                invited(ask(invite(org, Role::Admin)))
            });
            let first = invited(ask(Request::Init { vendor }));
            std::iter::once(first).chain(others).collect()
        });
        let mut members = folder.join(&firsts).await;
        let left = people - members.len();
        let others = folder.operate(|ask| {
            let orgs = firsts.iter().map(|first| first.org).cycle();
            let rep = |org| invited(ask(invite(org, Role::Rep)));
            orgs.take(left).map(rep).collect()
        });
        members.extend(folder.join(&others).await);
        let server = folder.serve();
        folder.channel = members[0].open_channel(address).await;
        drop(server);
        (folder, members)
    }

    async fn join(&self, invitations: &[Invited]) -> Vec<Member> {
        let _server = self.serve();
        let mut members = vec![];
        for invited in invitations {
            let link = invited.link.parse().unwrap();
            members.push(Member::join(self.address, &link, "Somebody").await);
        }
        members
    }

    /// What the operator asks while nothing serves.
    fn operate(
        &self,
        ask: impl FnOnce(&dyn Fn(Request) -> Response) -> Vec<Invited>,
    ) -> Vec<Invited> {
        let mut config = Config {
            data_dir: self.data(),
            listen: self.address,
            ..Config::default()
        };
        config.tls.mode = TlsMode::Plain;
        let identity = Arc::new(Identity::load_or_create(&self.data()).unwrap());
        let residence = Residence::open(&config, Arc::clone(&identity)).unwrap();
        let reception = Reception {
            office: residence.office(),
            address: config.address(),
            server: identity.server(),
        };
        let answers = ask(&|request| reception.answer(request));
        drop(reception);
        residence.close().unwrap();
        answers
    }

    fn data(&self) -> PathBuf {
        self.above.path().join("data")
    }

    fn config(&self) -> PathBuf {
        self.above.path().join("rialtod.toml")
    }

    /// The database.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.data().join("ledger.redb")
    }

    /// A process that accepts connections by now.
    pub(crate) fn serve(&self) -> Rialtod {
        let bench = std::env::current_exe().unwrap();
        let binary = bench.parent().unwrap().parent().unwrap().join("rialtod");
        assert!(
            binary.is_file(),
            "build it first: cargo build --release --workspace"
        );
        let mut command = Command::new(binary);
        command.env_clear().arg("--data").arg(self.data());
        command.arg("--config").arg(self.config()).arg("serve");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let serving = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("serving on"));
        assert!(serving, "it does not serve");
        // Whatever else it says is read, so that it never waits for a reader.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Rialtod(child)
    }
}

/// Limits for a crowd on one address.
fn settings(address: SocketAddr) -> String {
    format!(
        "[server]\nlisten = \"{address}\"\n[tls]\nmode = \"plain\"\n[log]\nlevel = \"info\"\n\
         [limits]\nconnections = 20000\nunauthenticated = 20000\nper_ip = 20000\n\
         commands_per_s = 10000\nburst = 100000\n"
    )
}

fn invite(org: OrgId, role: Role) -> Request {
    Request::Invite {
        org,
        role,
        alliance: false,
        mail: None,
    }
}
