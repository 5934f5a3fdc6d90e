//! A mail server to send to: the SMTP of `mailin`, on a socket of its own, that can be slow, away, and refuse. What it took it
//! keeps, as it came.

use mailin::{
    Action, Handler, Response, SessionBuilder,
    response::{NO_MAILBOX, OK, OUT_OF_SPACE},
};
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

#[derive(Debug)]
struct State {
    manner: Manner,
    taken: Vec<Taken>,
    /// Connections that came.
    came: usize,
}

/// The server. It ends with the test's process.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Sink {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = State {
            manner: Manner::Well,
            taken: vec![],
            came: 0,
        };
        let sink = Self {
            address,
            state: Arc::new((Mutex::new(state), Condvar::new())),
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
        let mut lines = BufReader::new(stream);
        // Whoever is gone is gone.
        drop(self.talk(&mut lines, stream));
    }

    fn talk(&self, lines: &mut BufReader<impl Read>, mut out: impl Write) -> std::io::Result<()> {
        let desk = Desk {
            sink: self.clone(),
            to: String::new(),
            raw: vec![],
        };
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut session = SessionBuilder::new("sink.example").build(address, desk);
        session.greeting().write_to(&mut out)?;
        loop {
            let mut line = vec![];
            if lines.read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            let response = session.process(&line);
            if self.manner() == Manner::Deaf && response.code == 250 && line == b".\r\n" {
                return Ok(());
            }
            response.write_to(&mut out)?;
            out.flush()?;
            if response.action == Action::Close {
                return Ok(());
            }
        }
    }
}

/// What decides about one mail.
struct Desk {
    sink: Sink,
    to: String,
    raw: Vec<u8>,
}

impl Handler for Desk {
    fn rcpt(&mut self, to: &str) -> Response {
        to.clone_into(&mut self.to);
        match self.sink.manner() {
            Manner::Busy => OUT_OF_SPACE,
            Manner::Refusing => NO_MAILBOX,
            Manner::Well | Manner::Away | Manner::Deaf | Manner::Slow => OK,
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
