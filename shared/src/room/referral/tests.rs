//! Whole stories of a case and its Referrals, over all rooms that take part.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod answering;
mod clocks;
mod hands;
mod host;
mod offering;
mod proofs;
mod random;
mod strangers;
mod whole;

use super::{Ask, Command, DeclineReason, Event, Outcome, Referral, Stage};
use crate::{
    ask::{Address, Ask as Asked},
    command,
    country::Country,
    entry::{Entry, SaltedText, Seq},
    event,
    id::{MemberId, RoomId, Salt},
    industry::Industry,
    limits,
    money::Currency,
    rejection::Rejection,
    room::{State, deal, inbox, org, record, side},
    standing::Role,
    text::TextKind,
    time::{Date, Span},
};
use host::{Host, SERVER, member, org as org_id};
use std::collections::BTreeSet;

/// What no entry may hold outside the sender's rooms before acceptance.
const SEALED: [&str; 4] = [
    "Zwetschge GmbH",
    "Quitte, +49 30 1234",
    "Holunder wants three sites",
    "Said so on the phone to Mirabelle",
];

const LEAD: Role = Role::Lead;

fn draft() -> side::Draft {
    side::Draft {
        teaser: side::Teaser {
            industry: Industry::Retail,
            country: "DE".parse::<Country>().unwrap(),
            size: side::SizeBand::To249,
            want: side::Want::Services,
            value: side::ValueBand {
                band: side::Band::To250k,
                currency: Currency::EUR,
            },
            urgency: side::Urgency::High,
        },
        contact: true,
        notes: true,
        consent: Some(side::Consent {
            share_pii: true,
            may_contact: true,
            obtained_at: Date::new(2026, 5, 1).unwrap(),
        }),
        terms: side::Terms {
            fee: side::Fee::Bps(500),
            months: 12,
        },
        excluded: BTreeSet::from([org_id(4)]),
        salt: Salt([5; 32]),
    }
}

impl Host {
    fn texts(&mut self, draft: &side::Draft) -> Vec<SaltedText> {
        draft
            .slots()
            .into_iter()
            .map(|(name, kind)| {
                let text = match name {
                    "need" => "A till that works offline",
                    "customer" => SEALED[0],
                    "contact" => SEALED[1],
                    "notes" => SEALED[2],
                    _ => SEALED[3],
                };
                self.text(kind, text)
            })
            .collect()
    }

    /// A Rep of the first organisation begins a case.
    fn open_case(&mut self, draft: &side::Draft) -> RoomId {
        let rep = member(1, Role::Rep);
        let texts = self.texts(draft);
        let draft = draft.clone();
        let open = inbox::Command::OpenCase { draft };
        self.send(
            rep,
            RoomId::inbox(rep),
            command::Command::Inbox(open),
            texts,
        )
        .unwrap();
        let event::Event::Inbox(inbox::Event::CaseOpened { side, .. }) =
            &self.log(RoomId::inbox(rep)).last().unwrap().event
        else {
            panic!("no case was opened");
        };
        *side
    }

    fn side(&self, id: RoomId) -> &side::Side {
        let State::Side(side) = self.state(id) else {
            panic!("{id} is no Side");
        };
        side
    }

    fn case(&self, id: RoomId) -> &side::Outgoing {
        self.side(id).case.as_deref().unwrap()
    }

    fn referral(&self, id: RoomId) -> &Referral {
        let State::Referral(referral) = self.state(id) else {
            panic!("{id} is no Referral");
        };
        referral
    }

    fn in_side(
        &mut self,
        by: MemberId,
        side: RoomId,
        what: side::Command,
        texts: Vec<SaltedText>,
    ) -> Result<(), Rejection> {
        self.send(by, side, command::Command::Side(what), texts)
    }

    /// Offers what the Side's draft is now.
    fn offer(&mut self, by: MemberId, side: RoomId, to: u8) -> Result<RoomId, Rejection> {
        let draft = &self.case(side).draft.value;
        let promise = draft.as_ref().map(|drafted| drafted.promise());
        let promise = promise.ok_or(Rejection::State("no draft"))??;
        let to = org_id(to);
        let (shown, full) = (promise.shown(), promise.full());
        let tied = self.ties.contains(&(self.side(side).org, to));
        let (what, texts) = if tied {
            let offer = side::Command::Offer { to, shown, full };
            (offer, vec![])
        } else {
            let words = self.text(TextKind::Words, "We met at the fair");
            let offer = side::Command::OfferWithRequest { to, shown, full };
            (offer, vec![words])
        };
        self.in_side(by, side, what, texts)?;
        Ok(self.case(side).live.as_ref().unwrap().room)
    }

    /// A case of the first organisation, offered to another.
    fn offered(&mut self, to: u8) -> (RoomId, RoomId) {
        let side = self.open_case(&draft());
        let referral = self.offer(member(1, Role::Rep), side, to).unwrap();
        (side, referral)
    }

    fn act(&mut self, by: MemberId, referral: RoomId, what: Command) -> Result<(), Rejection> {
        let slots = what.slots();
        let texts = slots
            .into_iter()
            .map(|(name, kind)| self.text(kind, &format!("The {name} in words")))
            .collect();
        self.send(by, referral, command::Command::Referral(what), texts)
    }

    fn accept(&mut self, by: u8, referral: RoomId) -> Result<(), Rejection> {
        let from = self.referral(referral).from.org;
        let accept = Command::Accept {
            from,
            people: BTreeSet::from([member(by, Role::Rep)]),
        };
        self.act(member(by, LEAD), referral, accept)
    }

    fn needs(&self, of: MemberId) -> Vec<(inbox::What, RoomId, Seq)> {
        let State::Inbox(inbox) = self.state(RoomId::inbox(of)) else {
            panic!("no Inbox");
        };
        let needs = inbox.needs.iter();
        needs.map(|need| (need.what, need.room, need.seq)).collect()
    }

    /// Whether something sealed stands in the log or the state of a room.
    fn shows(&self, id: RoomId) -> bool {
        let entries = self.log(id).iter().map(Entry::encode);
        let room = serde_json::to_vec(&self.rooms[&id].room).unwrap();
        let texts = serde_json::to_vec(&self.rooms[&id].texts).unwrap();
        entries.chain([room, texts]).any(|bytes| {
            let bytes = String::from_utf8(bytes).unwrap();
            SEALED.iter().any(|sealed| bytes.contains(sealed))
        })
    }

    /// The copies that a Side keeps, read.
    fn kept(&self, side: RoomId) -> Vec<Entry> {
        let mut kept = vec![];
        for entry in self.log(side) {
            if let event::Event::Side(side::Event::Kept { entry }) = &entry.event {
                kept.push(Entry::decode(entry.as_bytes()).unwrap());
            }
        }
        kept
    }

    /// What the last command had records keep.
    fn of_records(&self) -> Vec<(RoomId, &record::Ask)> {
        let mut asks = vec![];
        for (address, ask) in &self.asked {
            if let (Address::Room(id), Asked::Record(ask)) = (address, ask) {
                asks.push((*id, &**ask));
            }
        }
        asks
    }

    /// What the last command asked of organisations' rooms.
    fn of_orgs(&self) -> Vec<(RoomId, &org::Ask)> {
        let mut asks = vec![];
        for (address, ask) in &self.asked {
            if let (Address::Room(id), Asked::Org(ask)) = (address, ask) {
                asks.push((*id, &**ask));
            }
        }
        asks
    }
}

fn state(done: Result<impl Sized, Rejection>) -> &'static str {
    match done {
        Err(Rejection::State(words)) => words,
        Err(other) => panic!("refused for another reason: {other:?}"),
        Ok(_) => panic!("not refused"),
    }
}

fn code(done: Result<impl Sized, Rejection>) -> &'static str {
    done.err().expect("refused").code()
}
