//! A referral and a deal on the stage, and what is done with them by keys.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::stage::{ANA, NOW, PRIYA, RUI, Stage, TOM, commands, member, org_of};
use crate::app::{input::Input, overlay::Overlay};
use rialto_shared::{
    country::Country,
    entry::{Author, Entry, Head, Place, Seq, Slot, Worded},
    event::Event,
    id::{Hash, OrgId, PublicKey, RoomId, RoomKind, Salt},
    industry::Industry,
    money::Money,
    protocol::{Down, Hit},
    room::{
        deal::{self, Assignment, Founder, Opening, Presence, Responsibility, Seated},
        inbox::What,
        org, record, referral,
        side::{
            self, Band, Consent, Fee, Promise, SizeBand, Teaser, Terms, Urgency, ValueBand, Want,
        },
    },
    standing::{OrgKind, PartnerType, Role},
    text::{Text, TextKind},
    time::Span,
};
use std::collections::BTreeSet;

pub(crate) const DEAL: RoomId = RoomId::new(RoomKind::Deal, [31; 16]);
pub(crate) const REFERRAL: RoomId = RoomId::new(RoomKind::Referral, [41; 16]);

fn teaser() -> Teaser {
    Teaser {
        industry: Industry::VARIANTS[7],
        country: "DE".parse::<Country>().unwrap(),
        size: SizeBand::To249,
        want: Want::Lead,
        value: ValueBand {
            band: Band::To50k,
            currency: "EUR".parse().unwrap(),
        },
        urgency: Urgency::High,
    }
}

impl Stage {
    /// An ordinary morning, with a deal and a referral in it.
    pub(crate) fn at_work() -> Self {
        let mut stage = Self::morning();
        stage.our_org();
        stage.open_deal_of(ANA);
        stage.offer_from(PRIYA, ANA);
        stage.needs(What::ReferralOffered, REFERRAL, Seq(1), 40);
        stage.frame(Down::Ready { rooms: 7 });
        stage
    }

    pub(crate) fn our_org(&mut self) {
        let own = org_of(ANA);
        let opened = org::Event::Opened {
            org: own,
            kind: OrgKind::Partner,
            name: Slot(0),
            claim: Hash::ZERO,
        };
        let name = [(TextKind::Name, "BrightPath")];
        self.begin(RoomId::org(own), ANA, 9_000, Event::Org(opened), &name);
    }

    /// A deal of BrightPath and Northwind, hosted by this person's organisation.
    pub(crate) fn open_deal_of(&mut self, host: u8) {
        let party = |by: u8, what: Responsibility, people: &[(u8, Role)]| Founder {
            org: org_of(by),
            root: PublicKey([by; 32]),
            responsibility: Some(what),
            side: RoomId::new(RoomKind::Side, [by; 16]),
            people: people
                .iter()
                .map(|(n, role)| Seated {
                    id: member(*n),
                    role: *role,
                })
                .collect(),
        };
        let mut parties = vec![
            party(ANA, Responsibility::ServicesPartner, &[(ANA, Role::Lead)]),
            party(TOM, Responsibility::SoftwarePartner, &[(TOM, Role::Lead)]),
        ];
        parties.sort_by_key(|party| party.org != org_of(host));
        let opening = Opening {
            host: org_of(host),
            parties,
            presence: Presence::OnCall,
            origin: None,
            title: Slot(0),
            customer: Slot(1),
            problem: None,
            value: Some(Money::parse("EUR 120,000").unwrap()),
            close: Some("2026-12-18".parse().unwrap()),
            imported: None,
        };
        let texts = [
            (TextKind::Title, "Term renewal"),
            (TextKind::Name, "Globex Ltd"),
        ];
        let opened = Event::Deal(deal::Event::Opened(Box::new(opening)));
        self.begin(DEAL, ANA, 500, opened, &texts);
        let to = deal::Stage::TechnicalValidation;
        let moved = deal::Event::StageMoved { to };
        self.put(DEAL, TOM, 300, Worded::plain(Event::Deal(moved)));
        self.set_task("Confirm the 24-month term", TOM, "2026-05-01");
        self.set_task("Order form", ANA, "2026-05-20");
        self.say(
            DEAL,
            TOM,
            90,
            "Pricing is attached. The floor is 18% for you.",
        );
        self.say(DEAL, ANA, 80, "They ask for 24 months. OK on your side?");
    }

    fn set_task(&mut self, title: &str, owner: u8, due: &str) {
        let to = Assignment {
            owner: org_of(owner),
            member: Some(member(owner)),
            due: due.parse().unwrap(),
        };
        let added = deal::Event::TaskAdded { to, title: Slot(0) };
        let text = super::stage::salted(TextKind::Line, title);
        self.put(DEAL, ANA, 200, Worded::new(Event::Deal(added), vec![text]));
    }

    /// A referral that somebody offers to somebody else's organisation.
    pub(crate) fn offer_from(&mut self, from: u8, to: u8) {
        let promise = Promise {
            teaser: teaser(),
            consent: Consent {
                share_pii: true,
                may_contact: true,
                obtained_at: "2026-04-30".parse().unwrap(),
            },
            terms: Terms {
                fee: Fee::Bps(1_000),
                months: 12,
            },
            need: Hash([1; 32]),
            salt: Salt([2; 32]),
            dossier: vec![Hash([3; 32]), Hash([4; 32])],
        };
        let opened = referral::Event::Opened {
            from: referral::Party {
                org: org_of(from),
                root: PublicKey([from; 32]),
            },
            to: org_of(to),
            case: RoomId::new(RoomKind::Side, [9; 16]),
            owner: member(from),
            promise: Box::new(promise),
            until: NOW + Span::hours(3),
            depth: 1,
            connected: true,
            need: Slot(0),
        };
        let need = "Compared us with two others and wants an integration demo before 30 November.";
        let event = Event::Referral(opened);
        self.begin(REFERRAL, from, 41, event, &[(TextKind::Need, need)]);
        let shown = referral::Event::Shown {
            org: org_of(to),
            root: PublicKey([to; 32]),
        };
        self.put(REFERRAL, from, 41, Worded::plain(Event::Referral(shown)));
    }

    /// A case of ours that nobody was offered.
    pub(crate) fn draft_case(&mut self) {
        let room = RoomId::new(RoomKind::Side, [51; 16]);
        let opened = side::Event::Opened {
            org: org_of(ANA),
            about: side::About::Case,
            owner: Some(member(ANA)),
            people: vec![],
        };
        self.begin(room, ANA, 20, Event::Side(opened), &[]);
        let texts = vec![
            super::stage::salted(TextKind::Need, "They want a demo soon."),
            super::stage::salted(TextKind::Name, "Umbrella Corp"),
            super::stage::salted(TextKind::Line, "Dana Reyes, VP Ops"),
            super::stage::salted(TextKind::Line, "by mail"),
        ];
        let draft = side::Draft {
            teaser: teaser(),
            contact: true,
            notes: false,
            consent: Some(Consent {
                share_pii: true,
                may_contact: true,
                obtained_at: "2026-04-30".parse().unwrap(),
            }),
            terms: Terms {
                fee: Fee::Bps(1_000),
                months: 12,
            },
            excluded: BTreeSet::new(),
            salt: Salt([8; 32]),
        };
        let drafted = side::Event::Drafted {
            drafted: side::Drafted::new(draft, &texts),
            begun: false,
        };
        self.put(room, ANA, 19, Worded::new(Event::Side(drafted), texts));
    }

    /// The server answers who reads the room that was asked about.
    pub(crate) fn name_readers(&mut self) {
        let Some(Overlay::Readers(asked)) = self.app.overlays.last() else {
            panic!("who reads it was not asked");
        };
        let id = asked.asked.unwrap();
        let of = |who: u8, role: Role, since: u64, alliance: bool| {
            let replica = self.app.console.replica();
            let card = replica.member(member(who)).unwrap();
            let org = replica.org(card.org).unwrap();
            Hit::Reader {
                member: card.id,
                org: card.org,
                name: card.name.clone().map(|name| name.text),
                org_name: org.name.clone().map(|name| name.text),
                role,
                since: Seq(since),
                alliance,
            }
        };
        let hits = vec![
            of(ANA, Role::Lead, 0, false),
            of(RUI, Role::Rep, 0, false),
            of(PRIYA, Role::Lead, 6, false),
        ];
        let total = 3;
        self.frame(Down::Found { id, hits, total });
    }

    /// The directory answers what was asked.
    pub(crate) fn find_partners(&mut self) {
        let id = self.app.directory.asked.unwrap();
        let hit = |n: u8, name: &str, claimed: bool| Hit::Org {
            org: OrgId::from_bits([n; 16]),
            name: Some(TextKind::Name.parse(name).unwrap()),
            types: BTreeSet::from([PartnerType::Si, PartnerType::Services]),
            programs: vec![(
                Text::parse("Northwind Run").unwrap(),
                Some(Text::parse("Gold").unwrap()),
            )],
            regions: vec![Text::parse("DACH").unwrap()],
            description: Some(Text::parse("SAP-to-cloud moves for manufacturers.").unwrap()),
            claimed,
        };
        self.frame(Down::Found {
            id,
            hits: vec![
                hit(13, "Kumo KK", true),
                hit(55, "Alpenwerk AG", true),
                hit(56, "Nordlicht", false),
            ],
            total: 18,
        });
    }
}

use strum::VariantArray as _;

#[test]
fn a_referral_shows_what_is_shown_now_and_says_what_comes_after() {
    let mut stage = Stage::at_work();
    stage.sees("REFERRAL");
    stage.keys("4<enter>");
    stage.sees("Northwind (Priya Nair) → BrightPath");
    stage.sees("to be answered in 3h");
    stage.sees("Compared us with two others");
    stage.sees("Shown after you accept: customer, contact, notes");
    stage.sees("VISIBLE TO BOTH: BrightPath, Northwind");
}

#[test]
fn declining_is_a_form_then_a_sentence_and_only_then_sent() {
    let mut stage = Stage::at_work();
    stage.keys("4<enter><esc>adecline the");
    assert!(commands(&stage.keys("<enter>")).is_empty());
    stage.sees("Decline ");
    stage.keys("c<tab>no hands before July");
    stage.sees("capacity");
    assert!(commands(&stage.keys("<enter>")).is_empty());
    stage.sees("Declines this referral for good, signed by you: Northwind");
    assert!(commands(&stage.keys("<esc>")).is_empty());
    // What was filled in is there again.
    stage.keys("adecline the<enter>");
    stage.sees("no hands before July");
}

#[test]
fn what_is_missing_in_a_form_is_said_and_nothing_is_lost() {
    let mut stage = Stage::at_work();
    stage.keys("4 nr");
    stage.sees("New referral");
    stage.sees("shown only after they accept");
    stage.keys("Umbrella Corp");
    stage.keys("<ctrl+s>");
    stage.sees("Shown now]");
    stage.keys("Demo soon<ctrl+s>");
    stage.sees("country: nothing is said");
    stage.sees("Umbrella Corp");
    stage.keys("<esc>");
    assert!(stage.app.overlays.is_empty());
    stage.keys(" nr");
    stage.sees("Umbrella Corp");
}

#[test]
fn a_deal_shows_its_stage_its_tasks_and_who_reads_it() {
    let mut stage = Stage::at_work();
    stage.keys("3<enter>");
    stage.sees("Globex Ltd   EUR 120,000");
    stage.sees("Prospect ─ Qualified ─ [Technical]");
    stage.sees("vendor on call");
    stage.sees("Confirm the 24-month term");
    stage.sees("VISIBLE TO BOTH: BrightPath, Northwind");
    stage.sees("TECHNICAL VALIDATION");
}

#[test]
fn winning_asks_and_frozen_deals_only_go_on() {
    let mut stage = Stage::at_work();
    stage.keys("3<enter><esc>adeclare it won<enter>");
    stage.sees("Ends the deal for every party");
    assert!(matches!(
        stage.app.overlays.last(),
        Some(Overlay::Confirm(_))
    ));
    stage.keys("<esc>");
    let text = super::stage::salted(TextKind::Line, "the customer is under review");
    let frozen = deal::Event::Frozen { reason: Slot(0) };
    stage.put(DEAL, TOM, 0, Worded::new(Event::Deal(frozen), vec![text]));
    stage.sees("FROZEN: the customer is under review");
    stage.keys("adeclare it won");
    stage.sees("Nothing here is like");
    stage.keys("<esc>ago on");
    stage.sees("let the deal go on");
}

#[test]
fn the_next_step_is_said_in_a_form() {
    let mut stage = Stage::at_work();
    stage.keys("3<enter><esc>awhat is next<enter>Send the order form");
    let effects = stage.keys("<enter>");
    let (facts, texts) = commands(&effects).remove(0);
    assert!(facts.contains("next_step"));
    assert_eq!(texts, ["Send the order form"]);
}

#[test]
fn the_directory_is_searched_and_looked_into() {
    let mut stage = Stage::at_work();
    stage.keys("5");
    stage.find_partners();
    stage.sees("3 of 18");
    stage.sees("Alpenwerk AG");
    stage.sees("not here yet");
    stage.keys("/sap gold");
    stage.sees("/ sap gold");
    stage.find_partners();
    stage.keys("<enter>j");
    stage.keys("c");
    stage.sees("Ask Alpenwerk AG to connect");
    stage.keys("We build the same thing from two sides.");
    assert!(commands(&stage.keys("<enter>")).is_empty());
    stage.sees("Alpenwerk AG sees that you ask");
}

#[test]
fn a_paste_into_a_form_is_text() {
    let mut stage = Stage::at_work();
    stage.keys("3<enter><esc>awhat is next<enter>");
    stage
        .app
        .update(Input::Paste("one\u{1b}[2J two".to_owned()));
    stage.sees("one\u{FFFD}[2J two");
}

#[test]
fn a_record_is_listed_with_our_own_rooms_and_read() {
    let mut stage = Stage::at_work();
    let record = RoomId::record(org_of(ANA));
    let opened = record::Event::Opened { org: org_of(ANA) };
    stage.begin(record, ANA, 60, Event::Record(opened), &[]);
    let copy = Entry::new(
        Place {
            room: REFERRAL,
            after: Head::default(),
            term: 1,
            at: NOW,
            author: Author::Rule,
            statement: None,
        },
        Worded::plain(Event::Referral(referral::Event::Viewed {})),
    );
    for entry in [String::from_utf8(copy.encode()).unwrap(), "{}".to_owned()] {
        let kept = record::Event::Kept {
            entry,
            by: org_of(TOM),
            root: PublicKey([7; 32]),
        };
        stage.put(record, ANA, 50, Worded::plain(Event::Record(kept)));
    }
    stage.keys("2");
    stage.sees("OURS ALONE");
    stage.sees("BrightPath · record");
    stage.keys("<ctrl+k>record<enter>");
    stage.sees("your organisation's leads and admins");
    stage.sees("kept as proof, signed by Northwind: the server has seen it");
    stage.sees("kept as proof, signed by Northwind: a signed statement");
}
