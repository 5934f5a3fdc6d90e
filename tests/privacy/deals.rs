//! Deals between two organisations, and those of their people who are in none of them: what these read of the two, their
//! Relation above all, is byte for byte the same whether there are such deals or not, and however many.

use super::difference;
use crate::world::{ANA, Community, KIM, LEO, RUI, World, example};
use rialto_server::{clock::Clock as _, ledger::writer::Work};
use rialto_shared::{
    command::Command,
    entry::{Entry, Seq},
    event::Event,
    id::{OrgId, RoomId},
    limits,
    protocol::{Up, Want},
    room::{State, deal, inbox, org, relation},
    standing::AgreementKind,
};
use std::collections::BTreeSet;

/// Two connected partners; their admins are Ana and Kim.
struct Pair {
    world: World,
    own: OrgId,
    other: OrgId,
    relation: RoomId,
    /// Whether what only deals are about happens; else its numbers are used up and nothing is sent.
    deals: bool,
}

impl Pair {
    fn new(deals: bool) -> Self {
        let Community { world, orgs, .. } = Community::new(5);
        let [_, own, other] = orgs;
        let mut pair = Self {
            world,
            own,
            other,
            relation: RoomId::relation(own, other),
            deals,
        };
        let connect = Command::Org(org::Command::Connect { to: other });
        pair.does(ANA, RoomId::org(own), connect, &["Shall we?"]);
        let State::Org(held) = pair.world.room(RoomId::org(other)).state else {
            panic!("an organisation's room");
        };
        let answer = Command::Org(org::Command::AnswerConnection {
            from: own,
            knock: held.knocked[&own].matter,
            take: org::Take::Connection,
            people: BTreeSet::new(),
        });
        pair.does(KIM, RoomId::org(other), answer, &[]);
        pair
    }

    fn does(&mut self, who: usize, room: RoomId, command: Command, texts: &[&str]) -> Seq {
        self.world.say(who, room, command, texts).unwrap().0
    }

    /// What is about deals alone.
    fn deals(&mut self, commands: usize, who: usize, act: impl FnOnce(&mut Self)) {
        if self.deals {
            act(self);
        } else {
            self.world.consoles[who].n += u64::try_from(commands).unwrap();
        }
    }

    /// Ana opens a deal.
    fn open(&mut self) -> RoomId {
        let open = Command::Inbox(inbox::Command::OpenDeal {
            presence: deal::Presence::NotPresent,
            value: None,
            close: None,
            people: BTreeSet::new(),
        });
        let inbox = RoomId::inbox(self.world.consoles[ANA].member);
        self.does(ANA, inbox, open.clone(), &example::texts(&open));
        let last = self.world.entries(inbox).pop().unwrap();
        match last.event {
            Event::Inbox(inbox::Event::DealOpened { deal, .. }) => deal,
            other => panic!("no deal: {other:?}"),
        }
    }

    fn invitation(&self) -> Command {
        Command::Deal(deal::Command::Invite {
            org: self.other,
            responsibility: deal::Responsibility::Reseller,
            history: true,
            can: deal::Can::ALL,
        })
    }

    fn invite(&mut self, deal: RoomId) -> Seq {
        let invite = self.invitation();
        self.does(ANA, deal, invite, &["Come in"])
    }

    /// Both sign that nothing is told on; the entry that confirms it.
    fn agree(&mut self) -> Seq {
        let proposal = self.propose();
        let confirm = Command::Relation(relation::Command::Confirm { proposal });
        self.does(KIM, self.relation, confirm, &[])
    }

    fn propose(&mut self) -> Seq {
        let agree = Command::Relation(relation::Command::Agree {
            kind: AgreementKind::Nda,
            from: self.world.clock.now().date(),
            to: None,
        });
        self.does(ANA, self.relation, agree, &["Folder 7"])
    }

    fn end(&mut self, at: Seq) {
        let kind = AgreementKind::Nda;
        let end = Command::Relation(relation::Command::End { kind, at });
        self.does(ANA, self.relation, end, &[]);
    }

    /// What a deal notes of the agreement with the other organisation: its entries, oldest first.
    fn noted(&self, deal: RoomId) -> Vec<bool> {
        let entries = self.world.entries(deal).into_iter();
        entries
            .filter_map(|entry| match entry.event {
                Event::Deal(deal::Event::Agreed { nda, .. }) => Some(nda),
                _ => None,
            })
            .collect()
    }
}

fn story(deals: bool) -> (Pair, Option<RoomId>) {
    let mut pair = Pair::new(deals);
    let mut room = None;
    pair.deals(2, ANA, |pair| {
        let deal = pair.open();
        pair.invite(deal);
        room = Some(deal);
    });
    pair.deals(1, KIM, |pair| {
        let State::Org(asked) = pair.world.room(RoomId::org(pair.other)).state else {
            panic!("an organisation's room");
        };
        let invitation = asked.deals[&room.unwrap()].matter;
        let accept = Command::Deal(deal::Command::AcceptInvitation {
            invitation,
            people: BTreeSet::from([pair.world.consoles[LEO].member]),
        });
        pair.does(KIM, room.unwrap(), accept, &[]);
    });
    let agreed = pair.agree();
    // One that is over before the agreement is, and one that is only asked.
    pair.deals(5, ANA, |pair| {
        let (over, asked) = (pair.open(), pair.open());
        pair.invite(over);
        pair.invite(asked);
        pair.does(ANA, over, Command::Deal(deal::Command::Win {}), &[]);
    });
    pair.end(agreed);
    // All that Rui may read of the two, page by page, and whole once more.
    for room in [
        pair.relation,
        RoomId::org(pair.own),
        RoomId::record(pair.own),
    ] {
        let page = Up::Page {
            id: 1,
            room,
            want: Want::Before(Seq::ZERO),
            limit: 100,
        };
        pair.world.up(RUI, &page);
    }
    pair.world.hang_up(RUI);
    pair.world.consoles[RUI].cursors.clear();
    pair.world.log_in(RUI);
    pair.world.settle();
    (pair, room)
}

#[test]
fn a_deal_between_two_organisations_shows_nothing_to_their_people_who_are_not_in_it() {
    let (with, deal) = story(true);
    let (without, _) = story(false);
    let heard = |pair: &Pair| pair.world.consoles[RUI].heard.clone();
    let (one, other) = (heard(&with), heard(&without));
    if let Some(difference) = difference(&one, &other) {
        panic!("{difference}");
    }
    let relation = with.relation.to_string();
    assert!(
        one.iter().any(|frame| frame.contains(&relation)),
        "Rui reads the Relation"
    );
    let log = |pair: &Pair| -> Vec<Vec<u8>> {
        let entries = pair.world.entries(pair.relation);
        entries.iter().map(Entry::encode).collect()
    };
    assert_eq!(log(&with), log(&without));
    assert_eq!(
        with.noted(deal.unwrap()),
        [true, false],
        "and the deal knows what is in force"
    );
    with.world.verify();
}

/// Deals of these two, each with the other organisation asked in: more than are told at once.
fn many(pair: &mut Pair) -> Vec<RoomId> {
    let deals = (0..limits::DEALS_TOLD_MAX + 3).map(|_| {
        let deal = pair.open();
        pair.invite(deal);
        deal
    });
    deals.collect()
}

#[test]
fn however_many_deals_there_are_a_change_is_accepted_and_told_to_all() {
    let mut pair = Pair::new(true);
    let deals = many(&mut pair);
    let told = |pair: &Pair| {
        let told = deals.iter().filter(|deal| !pair.noted(**deal).is_empty());
        told.count()
    };
    let agreed = pair.agree();
    assert_eq!(told(&pair), limits::DEALS_TOLD_MAX, "in the same commit");
    pair.world.now(Work::Tick);
    assert_eq!(told(&pair), deals.len());
    let commit = |pair: &Pair| pair.world.house.snapshot().unwrap().commit().unwrap();
    let before = commit(&pair);
    pair.world.now(Work::Tick);
    assert_eq!(commit(&pair), before, "all are told, and nothing is left");
    pair.world.verify();

    // A change while an earlier one is still told: what counts is what is in force when a deal looks.
    pair.end(agreed);
    pair.agree();
    for _ in 0..2 {
        pair.world.now(Work::Tick);
    }
    for deal in &deals {
        assert_eq!(pair.noted(*deal).last(), Some(&true), "{deal}");
    }
    let before = commit(&pair);
    pair.world.now(Work::Tick);
    assert_eq!(commit(&pair), before, "nothing is left");
    pair.world.verify();
}

#[test]
fn a_deal_that_comes_or_goes_in_the_batch_of_a_change_is_told_as_it_then_stands() {
    let mut pair = Pair::new(true);
    let (stays, comes, goes) = (pair.open(), pair.open(), pair.open());
    pair.invite(stays);
    pair.invite(goes);
    let proposal = pair.propose();
    let invite = pair.invitation();
    let org = pair.other;
    let cancel = Command::Deal(deal::Command::CancelInvitation { org });
    let confirm = Command::Relation(relation::Command::Confirm { proposal });
    pair.world.queue(ANA, comes, invite, &["Come in"]);
    pair.world.queue(ANA, goes, cancel, &[]);
    pair.world.queue(KIM, pair.relation, confirm, &[]);
    let before = pair.world.house.snapshot().unwrap().commit().unwrap();
    pair.world.step();
    let after = pair.world.house.snapshot().unwrap().commit().unwrap();
    assert_eq!(after, before + 1, "one batch");
    pair.world.settle();
    assert_eq!(pair.noted(stays), [true]);
    assert_eq!(pair.noted(comes), [true]);
    assert_eq!(pair.noted(goes), [] as [bool; 0]);
    pair.world.verify();
}
