//! How a world is spoken to: texts with their salts, frames under the next number, and what became of them.

use super::{Console, World, chance, entries};
use rialto_server::{
    house::House,
    ledger::writer::{Done, Work},
};
use rialto_shared::{
    command::Command,
    entry::{Facts, SaltedText, Seq, Worded},
    id::{DeviceId, Hash, Nonce, RoomId, Salt, digest16},
    protocol::{Outcome, Signed, Up},
    rejection::{Refusal, Rejection},
    statement::{Declaration, sign},
    text::Text,
};

/// The nonce of a device's command: the same in every world of a seed in which it signs this one.
fn nonce(seed: u64, device: DeviceId, n: u64) -> Nonce {
    let parts: [&[u8]; 3] = [&seed.to_be_bytes(), &device.bits(), &n.to_be_bytes()];
    Nonce::from_bits(digest16("test-nonce", &parts))
}

impl World {
    /// A salted text; salts are drawn in order.
    pub(crate) fn salted(&mut self, text: &str) -> SaltedText {
        self.operated += 1;
        SaltedText {
            salt: Salt(chance(self.seed, "salt", self.operated).0),
            text: Text::parse(text).expect("a text"),
        }
    }

    /// The operator's command.
    pub(crate) fn operate(
        &mut self,
        room: RoomId,
        what: Command,
        texts: &[&str],
    ) -> Result<(Seq, Seq), Rejection> {
        let texts = texts.iter().map(|text| self.salted(text)).collect();
        self.operated += 1;
        let seed = digest16("test-operator", &[&self.operated.to_be_bytes()]);
        let command = Box::new(Worded::new(what, texts));
        match self.now(Work::Operator {
            room,
            command,
            seed,
        }) {
            Done::Accepted { from, to } => Ok((from, to)),
            Done::Refused(rejection) => Err(rejection),
            other => panic!("the operator was answered {other:?}"),
        }
    }

    /// A command by a console, queued under its next number.
    pub(crate) fn queue(
        &mut self,
        index: usize,
        room: RoomId,
        what: Command,
        texts: &[&str],
    ) -> u64 {
        let frame = self.frame(index, room, what, texts);
        let n = self.consoles[index].n;
        let frame = serde_json::to_string(&frame).expect("a frame");
        self.consoles[index].unanswered.insert(n, frame.clone());
        self.raw(index, &frame);
        n
    }

    /// The frame of a command under the console's next number, signed where it must be.
    pub(crate) fn frame(
        &mut self,
        index: usize,
        room: RoomId,
        what: Command,
        texts: &[&str],
    ) -> Up {
        let mut texts: Vec<String> = texts.iter().copied().map(str::to_owned).collect();
        if let Some(planted) = self.plant(|fault, _| fault.texts(&what, texts.clone())) {
            texts = planted;
        }
        let console = &mut self.consoles[index];
        compose(&self.house, self.seed, console, room, what, &texts)
    }

    /// A command by a console, and what became of it.
    pub(crate) fn say(
        &mut self,
        index: usize,
        room: RoomId,
        what: Command,
        texts: &[&str],
    ) -> Result<(Seq, Seq), Refusal> {
        let n = self.queue(index, room, what, texts);
        self.settle();
        match self.consoles[index].answers.remove(&n) {
            Some(Outcome::Accepted { from, to, .. }) => Ok((from, to)),
            Some(Outcome::Refused(refusal)) => Err(refusal),
            None => panic!("no answer to {n}: {:?}", self.consoles[index].heard.last()),
        }
    }
}

/// The frame of a command under a console's next number, signed where it must be.
pub(crate) fn compose(
    house: &House,
    seed: u64,
    console: &mut Console,
    room: RoomId,
    what: Command,
    texts: &[String],
) -> Up {
    let subject = subject(house, console, room, &what);
    console.n += 1;
    let n = console.n;
    // A salt depends on whose text it is and under which number, not on what else was said.
    let salted = |(place, text): (usize, &String)| SaltedText {
        salt: Salt(
            Hash::of(
                "test-own-salt",
                &[
                    &seed.to_be_bytes(),
                    &console.device.bits(),
                    &n.to_be_bytes(),
                    &[u8::try_from(place).expect("few texts")],
                ],
            )
            .0,
        ),
        text: Text::parse(text).expect("a text"),
    };
    let texts = texts.iter().enumerate().map(salted).collect();
    let command = Worded::new(what, texts);
    let facts = Facts::write(&command);
    let signed = command.what.signed().then(|| {
        let declaration = Declaration {
            server: house.server,
            org: console.org,
            device: console.device,
            nonce: nonce(seed, console.device, n),
            room,
            kind: command.what.kind(),
            subject,
            facts: facts.clone(),
        };
        let declaration = serde_json::to_string(&declaration).expect("a declaration");
        let signature = sign(&console.key, declaration.as_bytes());
        Signed {
            declaration,
            signature,
        }
    });
    Up::Command {
        lane: console.lane,
        n,
        room,
        facts,
        texts: command.texts,
        signed,
    }
}

/// The entry that the command answers, by its hash, as far as this console may know it.
fn subject(house: &House, console: &Console, room: RoomId, what: &Command) -> Hash {
    let named = what.named(&[]);
    if let Some(matter) = named.answers {
        return matter;
    }
    let Some(seq) = named.cites.filter(|_| what.signed()) else {
        return Hash::ZERO;
    };
    let snapshot = house.snapshot().expect("a read");
    let who = snapshot.standing(console.member).expect("a read");
    let seated = who.is_some_and(|who| snapshot.seat(&who, room).expect("a read").is_some());
    let cited = entries(house, room)
        .into_iter()
        .find(|entry| seated && entry.seq == seq);
    cited.map_or(Hash::ZERO, |entry| entry.hash())
}
