//! Where the tour stops: rooms in every state in which something can be done in them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::super::{
    stage::{ANA, KUMO, LAUNCH, MEI, NORTHWIND, PRIYA, Stage, TOM, member, org, org_of},
    work::{DEAL, REFERRAL},
};
use crate::app::{
    action::Action,
    effect::Effect,
    overlay::{Chosen, Overlay},
};
use rialto_shared::{
    entry::{Seq, Slot, Worded},
    event::Event,
    id::{Hash, PublicKey, RoomId, RoomKind},
    protocol::Down,
    room::{
        channel::{self, Reach},
        deal, inbox, org as org_room, referral, relation, side, talk,
    },
    standing::{AgreementKind, Role},
    text::TextKind,
    time::{Span, Timestamp},
};
use std::collections::BTreeSet;

/// What is sent is judged by the clock of the machine, which is past the stage's: deadlines are past both.
pub(crate) const FAR: Timestamp = Timestamp::from_millis(4_000_000_000_000);

const COUNCIL: RoomId = RoomId::new(RoomKind::Channel, [61; 16]);

impl Stage {
    /// Does an action out of the palette, by its words.
    #[track_caller]
    pub(crate) fn act(&mut self, action: Action) -> Vec<Effect> {
        let label = action.entry().unwrap().label;
        self.keys("<f2>");
        let mut effects = self.keys(label);
        let Some(Overlay::Picker(picker)) = self.app.overlays.last_mut() else {
            panic!("no palette");
        };
        let mut picker = std::mem::replace(picker, crate::app::overlay::Picker::new(picker.pick));
        let choices = picker.choices(&self.app);
        let at = choices
            .iter()
            .position(|one| one.chosen == Chosen::Action(action));
        picker.at = at.unwrap_or_else(|| panic!("{label:?} is not in the palette now"));
        *self.app.overlays.last_mut().unwrap() = Overlay::Picker(picker);
        effects.extend(self.keys("<enter>"));
        effects
    }

    /// A private channel that Ana leads, and Mei is in.
    pub(crate) fn council() -> Self {
        let mut stage = Self::at_work();
        let settings = channel::Settings {
            handle: "council".parse().unwrap(),
            reach: Reach::Private,
            post: channel::Who::Reps,
            invite: channel::Who::Reps,
            slow: Span::millis(0),
        };
        let opened = channel::Event::Opened {
            host: org_of(ANA),
            settings,
            purpose: Slot(0),
            lead: Some(member(ANA)),
        };
        let purpose = [(TextKind::Words, "What is next")];
        stage.begin(COUNCIL, ANA, 90, Event::Channel(opened), &purpose);
        let seated = |n: u8, role| channel::Event::Invited {
            member: member(n),
            org: org_of(n),
            role,
            since: Seq::ZERO,
        };
        for (n, role) in [(MEI, Role::Rep), (TOM, Role::Lead)] {
            stage.put(
                COUNCIL,
                ANA,
                89,
                Worded::plain(Event::Channel(seated(n, role))),
            );
        }
        stage.say(COUNCIL, ANA, 60, "Mine.");
        stage.say(COUNCIL, MEI, 50, "Buy my thing.");
        stage.keys("<ctrl+k>council<enter><esc>G");
        stage
    }

    pub(crate) fn in_deal() -> Self {
        let mut stage = Self::at_work();
        stage.go("3<enter><esc>");
        stage
    }

    /// The same deal, hosted by Northwind.
    pub(crate) fn as_guest() -> Self {
        let mut stage = Self::morning();
        stage.our_org();
        stage.open_deal_of(TOM);
        stage.go("3<enter><esc>");
        stage
    }

    pub(crate) fn asked_in() -> Self {
        let mut stage = Self::in_deal();
        let asked = deal::Invited {
            org: org(KUMO),
            responsibility: deal::Responsibility::Reseller,
            history: false,
            can: deal::Can::default(),
            nda: false,
            message: Slot(0),
            until: FAR,
        };
        let text = crate::app::tests::stage::salted(TextKind::Words, "Join us");
        let event = Event::Deal(deal::Event::Invited(asked));
        stage.put(DEAL, ANA, 5, Worded::new(event, vec![text]));
        stage
    }

    pub(crate) fn happened(mut self, room: RoomId, by: u8, event: Event) -> Self {
        self.put(room, by, 1, Worded::plain(event));
        self
    }

    pub(crate) fn proposed() -> Self {
        let to = deal::Presence::InRoom;
        let until = FAR;
        let org = org_of(TOM);
        let event = deal::Event::PresenceProposed { org, to, until };
        Self::in_deal().happened(DEAL, TOM, Event::Deal(event))
    }

    pub(crate) fn frozen() -> Self {
        let mut stage = Self::in_deal();
        let text = crate::app::tests::stage::salted(TextKind::Line, "a review");
        let frozen = Event::Deal(deal::Event::Frozen { reason: Slot(0) });
        stage.put(DEAL, TOM, 0, Worded::new(frozen, vec![text]));
        stage
    }

    pub(crate) fn own(&mut self, event: org_room::Event, texts: &[&str]) {
        let texts = texts
            .iter()
            .map(|text| crate::app::tests::stage::salted(TextKind::Words, text));
        let room = RoomId::org(org_of(ANA));
        self.put(
            room,
            ANA,
            30,
            Worded::new(Event::Org(event), texts.collect()),
        );
    }

    /// Connected with Northwind, with a room for it.
    pub(crate) fn connected() -> Self {
        let mut stage = Self::at_work();
        let met = org_room::Event::Met {
            from: org(NORTHWIND),
            root: PublicKey([PRIYA; 32]),
            words: Slot(0),
            referral: None,
        };
        stage.own(met, &["We should work together."]);
        let parties = [org_of(ANA), org(NORTHWIND)].map(|org| (org, PublicKey([7; 32])));
        let room = RoomId::relation(org_of(ANA), org(NORTHWIND));
        let opened = Event::Relation(relation::Event::Opened { parties });
        stage.begin(room, ANA, 30, opened, &[]);
        stage
    }

    pub(crate) fn on_relation() -> Self {
        let mut stage = Self::connected();
        stage.role(Role::Admin);
        stage.go("<ctrl+k>connection<enter><esc>");
        stage
    }

    pub(crate) fn with_agreement(by: u8) -> Self {
        let mut stage = Self::on_relation();
        let proposed = relation::Event::Proposed {
            by: org_of(by),
            kind: AgreementKind::Nda,
            reference: Slot(0),
            from: "2026-05-04".parse().unwrap(),
            to: None,
            until: FAR,
        };
        let text = crate::app::tests::stage::salted(TextKind::Line, "in the vault");
        let room = RoomId::relation(org_of(ANA), org(NORTHWIND));
        stage.put(
            room,
            by,
            3,
            Worded::new(Event::Relation(proposed), vec![text]),
        );
        stage
    }

    /// The referral that is offered to us, after these events.
    pub(crate) fn on_referral(events: Vec<referral::Event>) -> Self {
        let mut stage = Self::connected();
        let extended = Event::Referral(referral::Event::Extended { until: FAR });
        stage.put(REFERRAL, ANA, 3, Worded::plain(extended));
        for event in events {
            let texts = if let referral::Event::Disclosed { .. } = event {
                let name = crate::app::tests::stage::salted(TextKind::Name, "Umbrella");
                vec![
                    name,
                    crate::app::tests::stage::salted(TextKind::Line, "Dana"),
                ]
            } else {
                vec![]
            };
            stage.put(REFERRAL, ANA, 2, Worded::new(Event::Referral(event), texts));
        }
        stage.go("4<enter><esc>");
        stage
    }

    /// Goes somewhere, and the server serves what is asked for there.
    pub(crate) fn go(&mut self, keys: &str) {
        let mut effects = self.keys(keys);
        effects.extend(self.frame(Down::Ready { rooms: 1 }));
        while !effects.is_empty() {
            effects = self.serve(&effects);
        }
    }

    pub(crate) fn accepted() -> Vec<referral::Event> {
        vec![
            referral::Event::Accepted {
                people: BTreeSet::from([member(ANA)]),
                side: RoomId::new(RoomKind::Side, [71; 16]),
                contact_by: FAR,
                return_by: FAR,
            },
            referral::Event::Disclosed {
                customer: Slot(0),
                contact: Slot(1),
                notes: None,
            },
        ]
    }

    /// An organisation asks ours to connect, with a referral.
    pub(crate) fn asked_to_connect() -> Self {
        let mut stage = Self::at_work();
        let knocked = org_room::Event::Knocked {
            from: org(KUMO),
            root: PublicKey([MEI; 32]),
            words: Slot(0),
            referral: Some(REFERRAL),
            until: FAR,
        };
        stage.own(knocked, &["A customer for you."]);
        stage.waits(inbox::What::Knock);
        stage
    }

    /// The last entry of our own organisation's room waits for us, and the cursor of the Inbox is on that.
    fn waits(&mut self, what: inbox::What) {
        let room = RoomId::org(org_of(ANA));
        let head = self.app.console.replica().room(room).unwrap().room.head.seq;
        self.needs(what, room, head, 20);
        let items = crate::app::screen::inbox::items(&self.app);
        let item = items.iter().find(|item| item.what == Some(what));
        self.app.item = Some(item.unwrap().key);
    }

    pub(crate) fn in_directory() -> Self {
        let mut stage = Self::at_work();
        stage.role(Role::Admin);
        stage.keys("5");
        stage.find_partners();
        stage
    }

    pub(crate) fn excluding() -> Self {
        let mut stage = Self::in_directory();
        let (org, on) = (org(KUMO), true);
        stage.own(org_room::Event::Excluded { org, on }, &[]);
        stage
    }

    pub(crate) fn having_asked() -> Self {
        let mut stage = Self::in_directory();
        let asked = org_room::Event::Asked {
            to: org(KUMO),
            words: Slot(0),
            referral: None,
            until: FAR,
        };
        stage.own(asked, &["Hello"]);
        stage
    }

    pub(crate) fn at_case() -> Self {
        let mut stage = Self::connected();
        stage.draft_case();
        stage.go("<ctrl+k>!umbrella<enter><esc>");
        stage
    }

    /// The same, offered to strangers: there is nothing else of it to see.
    pub(crate) fn at_case_offered() -> Self {
        let mut stage = Self::at_case();
        let room = RoomId::new(RoomKind::Side, [51; 16]);
        let held = stage.app.console.replica().room(room).unwrap();
        let draft = held.room.state.side().unwrap().case.as_ref().unwrap();
        let draft = draft.draft.clone();
        let offered = side::Event::Offered {
            offer: REFERRAL,
            to: org(KUMO),
            to_root: None,
            from_root: PublicKey([ANA; 32]),
            draft: draft.at,
            promise: draft.value.unwrap().promise().unwrap(),
            until: FAR,
            need: Slot(0),
            words: Some(Slot(1)),
        };
        let texts = [
            (TextKind::Need, "They want a demo soon."),
            (TextKind::Words, "We met at the fair"),
        ];
        let texts = texts.map(|(kind, text)| super::super::stage::salted(kind, text));
        let event = Worded::new(Event::Side(offered), texts.to_vec());
        stage.put(room, ANA, 2, event);
        stage
    }

    pub(crate) fn asked_into_deal() -> Self {
        let mut stage = Self::at_work();
        let asked = org_room::Event::DealInvited {
            deal: RoomId::new(RoomKind::Deal, [33; 16]),
            from: org(KUMO),
            responsibility: deal::Responsibility::Reseller,
            message: Slot(0),
            until: FAR,
            matter: Hash([4; 32]),
        };
        stage.own(asked, &["Join us"]);
        stage.waits(inbox::What::DealInvitation);
        stage
    }
}

pub(super) fn muted() -> Stage {
    let until = FAR;
    let event = talk::Event::Muted {
        member: member(MEI),
        until,
    };
    Stage::council().happened(COUNCIL, ANA, Event::Talk(event))
}

pub(super) fn own_selected() -> Stage {
    let mut stage = Stage::council();
    stage.keys("k");
    stage
}

pub(super) fn writing() -> Stage {
    let mut stage = Stage::council();
    stage.keys("iHello");
    stage
}

pub(super) fn kept() -> Stage {
    let mut stage = Stage::morning();
    stage.keys("2<home>");
    stage
}

pub(super) fn not_kept() -> Stage {
    let mut stage = Stage::morning();
    let left = Event::Inbox(inbox::Event::Left { room: LAUNCH });
    stage.keys("<ctrl+k>emea<enter><esc>");
    stage.put(RoomId::inbox(member(ANA)), ANA, 1, Worded::plain(left));
    stage
}

pub(super) fn with_rui() -> Stage {
    let people = vec![deal::Seated {
        id: member(crate::app::tests::stage::RUI),
        role: Role::Lead,
    }];
    let added = deal::Event::PeopleAdded {
        org: org_of(ANA),
        people,
    };
    Stage::in_deal().happened(DEAL, ANA, Event::Deal(added))
}

pub(super) fn side_with_rui() -> Stage {
    let mut stage = Stage::at_case();
    let room = stage.app.open_room().unwrap();
    let (member, role) = (member(crate::app::tests::stage::RUI), Role::Rep);
    stage.put(
        room,
        ANA,
        1,
        Worded::plain(Event::Side(side::Event::Added { member, role })),
    );
    stage
}

/// A deal with our own room beside it.
pub(super) fn beside_our_side() -> Stage {
    let mut stage = Stage::in_deal();
    let opened = side::Event::Opened {
        org: org_of(ANA),
        about: side::About::Deal { room: DEAL },
        owner: None,
        people: vec![member(ANA)],
    };
    let room = deal::side_of(DEAL, org_of(ANA));
    stage.begin(room, ANA, 20, Event::Side(opened), &[]);
    stage
}

pub(super) fn contacted() -> Stage {
    let mut events = Stage::accepted();
    events.push(referral::Event::Contacted {});
    Stage::on_referral(events)
}

pub(super) fn qualified() -> Stage {
    let mut events = Stage::accepted();
    events.extend([referral::Event::Contacted {}, referral::Event::Qualified {}]);
    Stage::on_referral(events)
}

/// A referral of ours that waits for an answer.
pub(super) fn offered() -> Stage {
    let mut stage = Stage::morning();
    stage.our_org();
    stage.offer_from(ANA, PRIYA);
    let extended = Event::Referral(referral::Event::Extended { until: FAR });
    stage.put(REFERRAL, ANA, 3, Worded::plain(extended));
    stage.go("4<enter><esc>");
    stage
}
