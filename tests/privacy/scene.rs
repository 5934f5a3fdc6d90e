//! Where steps are drawn from: the world as it stands, so that a step makes sense where it is taken. The observer is more
//! curious than the others: they try rooms that they are not in, and keep rooms whose ids anybody can compute.

mod business;
mod successors;

use super::{part::Part, script::Step};
use crate::world::{
    Dice, World, chance,
    example::{self, Named},
    open_channel,
};
use rialto_shared::{
    audience::Grant,
    command::Command,
    entry::{Head, Seq},
    id::{Hash, MemberId, OrgId, RoomId, RoomKind},
    protocol::{Query, Up, Want},
    room::{Room, State, channel, inbox, org, profile, relation, talk},
    standing::{AgreementKind, PartnerType, Role},
    time::Span,
};
use std::collections::{BTreeMap, BTreeSet};
use strum::VariantArray as _;

/// What a step is drawn from.
pub(crate) struct Scene<'a> {
    pub(crate) world: &'a World,
    pub(crate) orgs: [OrgId; 3],
    /// Every room that there is, folded.
    pub(crate) rooms: &'a BTreeMap<RoomId, Room>,
    /// What was said in them.
    pub(crate) messages: &'a BTreeMap<RoomId, Vec<Seq>>,
    pub(crate) observer: usize,
    pub(crate) part: Option<Part>,
    pub(crate) lobby: RoomId,
    /// Whether this is a story of business, more than of anything else.
    pub(crate) busy: bool,
    pub(crate) step: usize,
}

impl Scene<'_> {
    fn member(&self, dice: &mut Dice) -> MemberId {
        let mut place = dice.below(self.world.consoles.len());
        if place == self.observer && self.part.is_some_and(|part| !part.named()) {
            place = (place + 1) % self.world.consoles.len();
        }
        self.world.consoles[place].member
    }

    /// The rooms that this console holds, and those it does not, and one that is not there.
    fn place(&self, who: usize, dice: &mut Dice) -> RoomId {
        let console = &self.world.consoles[who];
        let mut held: Vec<RoomId> = console.cursors.keys().copied().collect();
        let all: Vec<RoomId> = self.rooms.keys().copied().collect();
        let curious = if who == self.observer { 40 } else { 8 };
        if dice.in_hundred(curious) {
            if dice.in_hundred(20) {
                let bits = chance(self.world.seed, "absent", self.step as u64);
                let kind = *dice.pick(&[RoomKind::Channel, RoomKind::Direct, RoomKind::Org]);
                let mut id = [0; 16];
                id.copy_from_slice(&bits.0[..16]);
                return RoomId::new(kind, id);
            }
            return *dice.pick(&all);
        }
        if held.is_empty() || dice.in_hundred(10) {
            return *dice.pick(&all);
        }
        // Kinds that are few among the held rooms are picked as often as those that are many, and talk more often.
        let kinds: BTreeSet<RoomKind> = held.iter().map(|room| room.kind()).collect();
        let often = [RoomKind::Channel, RoomKind::Channel, RoomKind::Direct];
        let often = often.into_iter().filter(|kind| kinds.contains(kind));
        let kinds: Vec<RoomKind> = kinds.iter().copied().chain(often).collect();
        let kind = *dice.pick(&kinds);
        held.retain(|room| room.kind() == kind);
        *dice.pick(&held)
    }

    /// The next step.
    pub(crate) fn draw(&self, dice: &mut Dice) -> Step {
        if let Some(step) = self.beginning(dice) {
            return step;
        }
        let turn = |part: Part| part.turn(self.world, self.lobby, self.step);
        if let Some(step) = self.part.and_then(turn) {
            return step;
        }
        if let Some(step) = self.other_hands().or_else(|| self.succession()) {
            return step;
        }
        let who = if dice.in_hundred(30) {
            self.observer
        } else {
            dice.below(self.world.consoles.len())
        };
        if self.world.consoles[who].session.is_none() {
            return if dice.in_hundred(60) {
                Step::LogIn(who)
            } else {
                Step::Pass(Span::millis(400))
            };
        }
        if self.busy && dice.in_hundred(55) {
            return self.business(self.leader(who), dice);
        }
        match dice.below(100) {
            0..=2 => Step::HangUp(who),
            3..=7 => {
                let days = *dice.pick(&[Span::hours(30), Span::days(3), Span::days(8)]);
                Step::Pass(*dice.pick(&[Span::millis(300), Span::seconds(2), days]))
            }
            8..=27 => Step::Up(who, self.frame(who, dice)),
            28..=37 => self.any(who, dice),
            38..=52 => self.business(self.leader(who), dice),
            53..=62 => self.sensible(self.leader(who), dice),
            _ => self.sensible(who, dice),
        }
    }

    /// Somebody at a console who leads this one's organisation, or else this one.
    fn leader(&self, who: usize) -> usize {
        let first = who / 3 * 3;
        if self.world.consoles[first].session.is_some() {
            first
        } else {
            who
        }
    }

    /// Each organisation's admin opens a channel of their own, and seats people in it.
    fn beginning(&self, dice: &mut Dice) -> Option<Step> {
        let admin = self.step % 3 * 3;
        if self.step < 3 {
            let room = RoomId::org(self.world.consoles[admin].org);
            let command = open_channel(&format!("den-{admin}"), channel::Reach::Private);
            return Some(Step::Ask(admin, room, command, vec!["Ours".to_owned()]));
        }
        if self.step >= 12 {
            return None;
        }
        let led = self.rooms.keys().copied().find(|room| {
            let mut seats = self.roster(*room).into_iter();
            seats.any(|(member, role)| {
                role == Role::Lead && member == self.world.consoles[admin].member
            })
        })?;
        let command = Command::Channel(channel::Command::Invite {
            member: self.member(dice),
            role: Role::Rep,
            history: dice.in_hundred(50),
        });
        Some(Step::Ask(admin, led, command, vec![]))
    }

    fn frame(&self, who: usize, dice: &mut Dice) -> Up {
        let room = self.place(who, dice);
        let head = self
            .rooms
            .get(&room)
            .map_or(Head::default(), |room| room.head);
        let seq = Seq(dice.next() % (head.seq.0 + 2));
        match dice.below(9) {
            0 | 1 => Up::Watch {
                room,
                cursor: self.world.consoles[who].cursors.get(&room).copied(),
            },
            2 => Up::Unwatch { room },
            3..=5 => Up::Page {
                id: self.step as u64,
                room,
                want: *dice.pick(&[
                    Want::Before(Seq::ZERO),
                    Want::Before(Seq::ZERO),
                    Want::Before(Seq::ZERO),
                    Want::After(seq),
                    Want::Around(seq),
                    Want::Thread(seq),
                ]),
                limit: 20,
            },
            6 => Up::Find {
                id: self.step as u64,
                query: self.query(room, dice),
            },
            7 => Up::Typing {
                room: self.kept(who).unwrap_or(room),
            },
            _ => Up::Seen { room, seq },
        }
    }

    /// A room of this one's that the observer keeps and is not in: what is heard through a bookmark alone, is heard there.
    fn kept(&self, who: usize) -> Option<RoomId> {
        let [own, other] = [self.observer, who].map(|one| &self.world.consoles[one]);
        let State::Inbox(inbox) = &self.rooms.get(&RoomId::inbox(own.member))?.state else {
            return None;
        };
        let mut kept = inbox.bookmarks.iter().copied();
        kept.find(|room| !own.cursors.contains_key(room) && other.cursors.contains_key(room))
    }

    fn query(&self, room: RoomId, dice: &mut Dice) -> Query {
        let words = dice.pick(&["", "o", "north", "for"]).to_string();
        match dice.below(5) {
            0 => Query::Channels { words },
            3 | 4 => Query::Readers { room, skip: 0 },
            1 => Query::People { words },
            _ => Query::Orgs {
                words,
                types: BTreeSet::new(),
                program: None,
                region: None,
                skip: 0,
            },
        }
    }

    /// Any command at all, to any room at all.
    fn any(&self, who: usize, dice: &mut Dice) -> Step {
        let named = Named {
            member: self.member(dice),
            from: self.world.consoles[who].member,
            device: dice.pick(&self.world.consoles).device,
            org: *dice.pick(&self.orgs),
            room: self.place(who, dice),
            entry: Seq(1 + dice.next() % 6),
            at: Seq(dice.next() % 3),
            now: rialto_server::clock::Clock::now(&self.world.clock),
        };
        let all: Vec<_> = example::examples(&named)
            .into_iter()
            // Who is gone for good does nothing any more, and a script has few people.
            .filter(|(command, _)| {
                !matches!(
                    command,
                    Command::Org(
                        org::Command::Remove { .. }
                            | org::Command::Revoke { .. }
                            | org::Command::Admit { .. }
                            | org::Command::SuspendOrg { .. }
                    )
                ) || who == self.observer
            })
            .collect();
        let (command, texts) = dice.pick(&all).clone();
        let texts = texts.into_iter().map(str::to_owned).collect();
        Step::Ask(who, self.place(who, dice), command, texts)
    }

    /// A command that this room may well accept.
    fn sensible(&self, who: usize, dice: &mut Dice) -> Step {
        let room = match self.place(who, dice) {
            // Nothing can be asked of a record.
            room if room.kind() == RoomKind::Record => RoomId::org(self.world.consoles[who].org),
            room => room,
        };
        let head = self.rooms.get(&room).map_or(0, |room| room.head.seq.0);
        let said = match self.messages.get(&room) {
            Some(messages) if dice.in_hundred(90) => *dice.pick(messages),
            _ => Seq(1 + dice.next() % (head + 1)),
        };
        let talk = dice.in_hundred(45);
        let who = match room.kind() {
            RoomKind::Channel if !talk => self.lead_of(room, dice).unwrap_or(who),
            _ => who,
        };
        let (command, texts) = match room.kind() {
            RoomKind::Inbox => self.own(who, dice),
            RoomKind::Org if !talk => self.office(who, dice),
            RoomKind::Channel if !talk => self.seats(room, dice),
            RoomKind::Profile | RoomKind::Card => self.face(dice),
            RoomKind::Relation if !talk => self.agreement(said, dice),
            _ => self.talk(said, dice),
        };
        let texts = texts.into_iter().map(str::to_owned).collect();
        let room = match command {
            Command::Inbox(_) => RoomId::inbox(self.world.consoles[who].member),
            Command::Org(_) => RoomId::org(self.world.consoles[who].org),
            _ => room,
        };
        Step::Ask(who, room, command, texts)
    }

    /// The members that a room's roster names, with their roles.
    fn roster(&self, room: RoomId) -> Vec<(MemberId, Role)> {
        let grants = self.rooms.get(&room).map(|room| &room.audience.grants);
        let seat = |grant: &Grant| match grant {
            Grant::Member { id, role, .. } => Some((*id, *role)),
            _ => None,
        };
        grants.into_iter().flatten().filter_map(seat).collect()
    }

    /// Somebody at a console who leads this room, most of the time.
    fn lead_of(&self, room: RoomId, dice: &mut Dice) -> Option<usize> {
        let mut leads = self.roster(room);
        leads.retain(|(_, role)| *role >= Role::Lead);
        let at_console = |member| {
            let mut consoles = self.world.consoles.iter();
            consoles.position(|one| one.member == member && one.session.is_some())
        };
        let lead = leads.into_iter().find_map(|(member, _)| at_console(member));
        lead.filter(|_| dice.in_hundred(75))
    }

    fn talk(&self, target: Seq, dice: &mut Dice) -> (Command, Vec<&'static str>) {
        let member = self.member(dice);
        let on = dice.in_hundred(70);
        let command = match dice.below(20) {
            0 | 1 => talk::Command::Delete { target },
            2 => talk::Command::Edit { target, at: target },
            3 | 4 => talk::Command::React {
                target,
                emoji: example::emoji(),
                on,
            },
            5 => talk::Command::Redact {
                target,
                reason: talk::RedactReason::Spam,
            },
            6 => talk::Command::Pin { target, on },
            7 => talk::Command::Mute {
                member,
                span: Span::hours(1),
            },
            8 => talk::Command::Unmute { member },
            9 => talk::Command::Say {
                thread: Some(target),
                mentions: BTreeSet::new(),
            },
            10..=14 => talk::Command::Say {
                thread: None,
                mentions: BTreeSet::from([member]),
            },
            _ => talk::Command::Say {
                thread: None,
                mentions: BTreeSet::new(),
            },
        };
        worded(Command::Talk(command))
    }

    fn own(&self, who: usize, dice: &mut Dice) -> (Command, Vec<&'static str>) {
        // The ids of Directs, Inboxes and organisations' rooms can be computed: the curious keep those of others.
        let held = &self.world.consoles[who].cursors;
        let mut all: Vec<RoomId> = self.rooms.keys().copied().collect();
        if dice.in_hundred(60) {
            all.retain(|room| {
                !held.contains_key(room)
                    && matches!(
                        room.kind(),
                        RoomKind::Org | RoomKind::Direct | RoomKind::Channel
                    )
            });
        }
        let room = all.get(dice.below(all.len())).copied();
        let room = room.unwrap_or(RoomId::inbox(self.world.consoles[who].member));
        worded(Command::Inbox(match dice.below(8) {
            0..=2 => inbox::Command::Join { room },
            3 => inbox::Command::Leave { room },
            4 => inbox::Command::Done {
                need: Seq(1 + dice.next() % 8),
            },
            // Where mail goes is for nobody's eyes but the member's, whatever else happens.
            _ if self.step.is_multiple_of(7) => inbox::Command::SetNotices {
                at: Seq::ZERO,
                address: true,
                preferences: inbox::Preferences::default(),
            },
            _ => inbox::Command::OpenDirect {
                members: (0..=dice.below(2)).map(|_| self.member(dice)).collect(),
            },
        }))
    }

    fn office(&self, who: usize, dice: &mut Dice) -> (Command, Vec<&'static str>) {
        let own = self.rooms.get(&RoomId::org(self.world.consoles[who].org));
        let org = match own.map(|room| &room.state) {
            Some(State::Org(own)) if !own.knocked.is_empty() && dice.in_hundred(60) => {
                *dice.pick(&own.knocked.keys().copied().collect::<Vec<_>>())
            }
            _ => *dice.pick(&self.orgs),
        };
        let member = self.member(dice);
        let on = dice.in_hundred(40);
        if self.announced(who) && on {
            return worded(Command::Org(org::Command::Object { at: Seq::ZERO }));
        }
        let reach = match dice.below(6) {
            0 => channel::Reach::Announcement,
            1 => channel::Reach::Types(BTreeSet::from([PartnerType::Isv])),
            _ => channel::Reach::Private,
        };
        let handle = format!("room-{}", self.step);
        let command = match dice.below(20) {
            0..=5 => return worded(open_channel(&handle, reach)),
            6 | 7 => org::Command::Connect { to: org },
            8 | 9 => org::Command::AnswerConnection {
                from: org,
                knock: Hash::ZERO,
                take: org::Take::Connection,
                people: BTreeSet::new(),
            },
            10 => org::Command::Withdraw { to: org },
            11 => org::Command::Exclude { org, on },
            12 => org::Command::Prefer {
                preference: *dice.pick(org::Preference::VARIANTS),
                at: Seq::ZERO,
            },
            13 => org::Command::Classify {
                org,
                class: org::Class {
                    types: if on {
                        BTreeSet::from([PartnerType::Isv])
                    } else {
                        BTreeSet::new()
                    },
                    levels: BTreeMap::new(),
                },
            },
            14 => org::Command::Role {
                member,
                role: *dice.pick(Role::VARIANTS),
                alliance: false,
                at: Seq::ZERO,
            },
            15 => org::Command::Suspend { member, on },
            16 if on => self.successor(org, member),
            16 => org::Command::SuspendOrg { org, on },
            17 => org::Command::Rename { at: Seq::ZERO },
            18 if on => self.next_device(who),
            _ => org::Command::Name {},
        };
        worded(Command::Org(command))
    }

    /// What somebody has in hand goes to a colleague, whatever rooms that is in: late in a story of business, when there is
    /// something to hand over.
    fn other_hands(&self) -> Option<Step> {
        let admin = match self.step {
            116 => 0,
            132 => 3,
            148 => 6,
            _ => return None,
        };
        let consoles = &self.world.consoles;
        consoles[admin].session.as_ref().filter(|_| self.busy)?;
        let command = Command::Org(org::Command::HandOver {
            from: consoles[admin].member,
            to: consoles[admin + 1].member,
        });
        let room = RoomId::org(consoles[admin].org);
        Some(Step::Ask(admin, room, command, vec![]))
    }

    /// Whether the vendor seats an admin in this one's organisation.
    fn announced(&self, who: usize) -> bool {
        let own = self.rooms.get(&RoomId::org(self.world.consoles[who].org));
        matches!(own.map(|room| &room.state), Some(State::Org(own)) if own.succession.is_some())
    }

    /// The vendor announces an admin elsewhere: somebody there, perhaps, or whoever is invited and does not come.
    fn successor(&self, org: OrgId, member: MemberId) -> org::Command {
        let invited = org::Successor::Invited(org::Invitation {
            code: Hash::of("scene-admin", &[&self.step.to_be_bytes()]),
            chain: vec![],
            role: Role::Admin,
            alliance: false,
            until: rialto_server::clock::Clock::now(&self.world.clock) + Span::days(6),
        });
        let successor = if self.step.is_multiple_of(2) {
            org::Successor::Member(member)
        } else {
            invited
        };
        org::Command::SeatAdmin { org, successor }
    }

    /// A code for one's own next device, which nobody uses.
    fn next_device(&self, who: usize) -> org::Command {
        let code = Hash::of("scene-device", &[&self.step.to_be_bytes()]);
        org::Command::Enrol {
            enrolment: org::Enrolment {
                code,
                member: self.world.consoles[who].member,
                chain: vec![],
                until: rialto_server::clock::Clock::now(&self.world.clock) + Span::days(1),
            },
            revoke: false,
        }
    }

    fn seats(&self, room: RoomId, dice: &mut Dice) -> (Command, Vec<&'static str>) {
        let seated = self.roster(room);
        let guest = if dice.in_hundred(40) && self.part.is_none_or(Part::named) {
            self.world.consoles[self.observer].member
        } else {
            self.member(dice)
        };
        let member = match seated.get(dice.below(seated.len().max(1))) {
            Some((member, _)) if dice.in_hundred(70) => *member,
            _ => guest,
        };
        worded(Command::Channel(match dice.below(12) {
            0..=5 => channel::Command::Invite {
                member: guest,
                role: *dice.pick(&[Role::Viewer, Role::Rep, Role::Lead]),
                history: dice.in_hundred(50),
            },
            6..=8 => channel::Command::Remove { member },
            9 => channel::Command::Leave {},
            10 => channel::Command::Purpose { at: Seq(1) },
            _ if dice.in_hundred(20) => channel::Command::Archive {},
            _ => channel::Command::Leave {},
        }))
    }

    fn face(&self, dice: &mut Dice) -> (Command, Vec<&'static str>) {
        let at = Seq::ZERO;
        worded(Command::Profile(match dice.below(6) {
            0 => profile::Command::Visibility {
                visibility: *dice.pick(profile::Visibility::VARIANTS),
                at,
            },
            1 => profile::Command::Contact { at },
            2 => profile::Command::Notes { at },
            3 => profile::Command::Capacity {
                capacity: *dice.pick(profile::Capacity::VARIANTS),
                at,
            },
            _ => profile::Command::Describe { at },
        }))
    }

    fn agreement(&self, proposal: Seq, dice: &mut Dice) -> (Command, Vec<&'static str>) {
        let kind = *dice.pick(&[AgreementKind::Nda, AgreementKind::Roe]);
        let now = rialto_server::clock::Clock::now(&self.world.clock);
        worded(Command::Relation(match dice.below(8) {
            0..=3 => relation::Command::Agree {
                kind,
                from: now.date(),
                to: None,
            },
            4 | 5 => relation::Command::Confirm { proposal },
            6 => relation::Command::End { kind, at: proposal },
            _ => relation::Command::Disconnect {},
        }))
    }
}

fn worded(command: Command) -> (Command, Vec<&'static str>) {
    let texts = example::texts(&command);
    (command, texts)
}
