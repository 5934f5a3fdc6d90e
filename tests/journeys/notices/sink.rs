//! A mail server to send to: the SMTP of `mailin`, on a socket of its own, that can be slow, away, and refuse. What it took it
//! keeps, as it came.

use crate::town::authority::Authority;
use mailin::{
    Action, AuthMechanism, Handler, Response, Session, SessionBuilder,
    response::{
        AUTH_OK, AUTHENTICATION_REQUIRED, INVALID_CREDENTIALS, NO_MAILBOX, OK, OUT_OF_SPACE,
    },
};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
};

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It takes everything.
    Well,
    /// It has no room now: 452 to everybody.
    Busy,
    /// It knows nobody: 550 to everybody.
    Refusing,
    /// It hangs up before it says a word.
    Away,
    /// It takes a mail, and hangs up before it says so.
    Deaf,
    /// It says nothing until it behaves otherwise.
    Slow,
}

/// One mail as it came: to whom, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Taken {
    pub(crate) to: String,
    pub(crate) raw: String,
}

impl Taken {
    /// A header's value, unfolded.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.raw.split_once("\r\n\r\n")?;
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let start = format!("{}:", name.to_lowercase());
        let line = head
            .lines()
            .find(|line| line.to_lowercase().starts_with(&start))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    }

    pub(crate) fn body(&self) -> String {
        let (_, body) = self.raw.split_once("\r\n\r\n").unwrap_or_default();
        body.replace("\r\n", "\n")
    }

    /// The body as it was written: quoted-printable is undone.
    pub(crate) fn text(&self) -> String {
        let body = self.body();
        if self.header("Content-Transfer-Encoding").as_deref() != Some("quoted-printable") {
            return body;
        }
        let mut parts = body.replace("=\n", "");
        for (code, sign) in [("=3D", "="), ("=23", "#"), ("=27", "'")] {
            parts = parts.replace(code, sign);
        }
        parts
    }

    pub(crate) fn id(&self) -> String {
        self.header("Message-ID").unwrap_or_default()
    }

    /// The commands that it says to run, each once.
    pub(crate) fn commands(&self) -> Vec<String> {
        let lines = self.body();
        let lines = lines
            .lines()
            .filter_map(|line| line.trim().strip_prefix("open it:"));
        lines.map(|line| line.trim().to_owned()).collect()
    }
}

/// Who may log in to a locked one, and with what.
pub(crate) const LOGIN: (&str, &str) = ("rialto", "a quiet harbour");

/// What a server asks for before it takes anything: TLS, and that somebody logs in.
#[derive(Debug)]
struct Lock {
    config: Arc<ServerConfig>,
    /// From the first byte, or else by STARTTLS.
    implicit: bool,
}

#[derive(Debug)]
struct State {
    manner: Manner,
    taken: Vec<Taken>,
    /// Connections that came.
    came: usize,
    /// Times that somebody said a password.
    logins: usize,
}

/// The server. It ends with the test's process.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
    lock: Option<Arc<Lock>>,
}

impl Sink {
    pub(crate) fn open() -> Self {
        Self::start(None)
    }

    /// One that takes nothing in the clear, and only of who logs in; certified by this authority.
    pub(crate) fn locked(authority: &Authority, implicit: bool) -> Self {
        let config = authority.certify("127.0.0.1");
        Self::start(Some(Arc::new(Lock { config, implicit })))
    }

    fn start(lock: Option<Arc<Lock>>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = State {
            manner: Manner::Well,
            taken: vec![],
            came: 0,
            logins: 0,
        };
        let sink = Self {
            address,
            state: Arc::new((Mutex::new(state), Condvar::new())),
            lock,
        };
        let serving = sink.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (sink, Ok(stream)) = (serving.clone(), stream) else {
                    return;
                };
                thread::spawn(move || sink.serve(&stream));
            }
        });
        sink
    }

    pub(crate) fn behave(&self, manner: Manner) {
        self.state.0.lock().unwrap().manner = manner;
        self.state.1.notify_all();
    }

    /// What it took, in order.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.state.0.lock().unwrap().taken.clone()
    }

    /// What is left where a receiver throws away what comes again under the same id.
    pub(crate) fn kept(&self) -> Vec<Taken> {
        let mut kept = BTreeMap::new();
        for mail in self.taken() {
            kept.entry((mail.to.clone(), mail.id())).or_insert(mail);
        }
        kept.into_values().collect()
    }

    /// How many connections came.
    pub(crate) fn came(&self) -> usize {
        self.state.0.lock().unwrap().came
    }

    /// How often somebody tried to log in.
    pub(crate) fn logins(&self) -> usize {
        self.state.0.lock().unwrap().logins
    }

    /// Waits until this holds of what it took.
    pub(crate) fn wait(&self, until: impl Fn(&[Taken]) -> bool) -> Vec<Taken> {
        let state = self.state.0.lock().unwrap();
        let waited = self
            .state
            .1
            .wait_timeout_while(state, crate::town::PATIENCE, |state| !until(&state.taken));
        let (state, late) = waited.unwrap();
        assert!(!late.timed_out(), "it did not come: {:#?}", state.taken);
        state.taken.clone()
    }

    fn manner(&self) -> Manner {
        self.state.0.lock().unwrap().manner
    }

    fn serve(&self, stream: &TcpStream) {
        let manner = {
            let mut state = self.state.0.lock().unwrap();
            state.came += 1;
            while state.manner == Manner::Slow {
                state = self.state.1.wait(state).unwrap();
            }
            state.manner
        };
        if manner == Manner::Away {
            return;
        }
        // Whoever is gone is gone.
        drop(self.converse(stream));
    }

    fn converse(&self, stream: &TcpStream) -> std::io::Result<()> {
        let mut builder = SessionBuilder::new("sink.example");
        if self.lock.is_some() {
            builder.enable_start_tls().enable_auth(AuthMechanism::Plain);
        }
        let desk = Desk {
            sink: self.clone(),
            to: String::new(),
            raw: vec![],
            let_in: self.lock.is_none(),
        };
        let mut session = builder.build(IpAddr::V4(Ipv4Addr::LOCALHOST), desk);
        let implicit = self.lock.as_ref().is_some_and(|lock| lock.implicit);
        let mut clear = BufReader::new(stream);
        if !implicit {
            session.greeting().write_to(clear.get_mut())?;
            if !self.talk(&mut session, &mut clear)? {
                return Ok(());
            }
        }
        let Some(lock) = &self.lock else {
            return Ok(());
        };
        let tls = ServerConnection::new(Arc::clone(&lock.config)).unwrap();
        let mut secured = BufReader::new(StreamOwned::new(tls, stream));
        session.tls_active();
        if implicit {
            session.greeting().write_to(secured.get_mut())?;
        }
        self.talk(&mut session, &mut secured).map(drop)
    }

    /// Until either hangs up, or TLS is asked for: whether it is.
    fn talk(
        &self,
        session: &mut Session<Desk>,
        lines: &mut BufReader<impl Read + Write>,
    ) -> std::io::Result<bool> {
        loop {
            let mut line = vec![];
            if lines.read_until(b'\n', &mut line)? == 0 {
                return Ok(false);
            }
            let response = session.process(&line);
            if self.manner() == Manner::Deaf && response.code == 250 && line == b".\r\n" {
                return Ok(false);
            }
            response.write_to(lines.get_mut())?;
            lines.get_mut().flush()?;
            match response.action {
                Action::Close => return Ok(false),
                Action::UpgradeTls => return Ok(true),
                _ => {}
            }
        }
    }
}

/// What decides about one mail.
struct Desk {
    sink: Sink,
    to: String,
    raw: Vec<u8>,
    let_in: bool,
}

impl Handler for Desk {
    fn rcpt(&mut self, to: &str) -> Response {
        to.clone_into(&mut self.to);
        if !self.let_in {
            return AUTHENTICATION_REQUIRED;
        }
        match self.sink.manner() {
            Manner::Busy => OUT_OF_SPACE,
            Manner::Refusing => NO_MAILBOX,
            Manner::Well | Manner::Away | Manner::Deaf | Manner::Slow => OK,
        }
    }

    fn auth_plain(&mut self, _for: &str, who: &str, password: &str) -> Response {
        self.sink.state.0.lock().unwrap().logins += 1;
        self.let_in = (who, password) == LOGIN;
        if self.let_in {
            AUTH_OK
        } else {
            INVALID_CREDENTIALS
        }
    }

    fn data(&mut self, buf: &[u8]) -> std::io::Result<()> {
        self.raw.extend_from_slice(buf);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let raw = String::from_utf8(std::mem::take(&mut self.raw)).unwrap();
        let taken = Taken {
            to: std::mem::take(&mut self.to),
            raw,
        };
        self.sink.state.0.lock().unwrap().taken.push(taken);
        self.sink.state.1.notify_all();
        OK
    }
}
