//! The stage of the matrix: one community in which everybody stands differently to the same rooms, copied for each play.

use super::setting::{business, connect, fall, seat};
use crate::{
    crash::disk::{Disk, Remains},
    world::{
        Community, DAWN, LEO, MEI, TOM, VIK, World,
        example::{self, Example, Named},
        with_at,
    },
};
use rialto_server::{
    clock::Clock as _,
    ledger::writer::{Done, Submission, Work},
};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{Hash, MemberId, OrgId, RoomId},
    protocol::{Outcome, Signed, Up},
    room::{Policy, State, channel, deal, inbox, org, profile, referral, relation, side, talk},
    standing::{OrgKind, Role},
    statement::{Declaration, sign},
    time::Timestamp,
};

/// How somebody stands to the rooms of the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Actor {
    Outsider,
    Viewer,
    Rep,
    Lead,
    Admin,
    Muted,
    /// Removed by the command before theirs, in the same batch.
    #[strum(serialize = "removed")]
    RemovedMeanwhile,
    Suspended,
    OfSuspended,
    Revoked,
}

pub(super) const VERA: usize = 9;
pub(super) const MAX: usize = 10;
pub(super) const REM: usize = 11;
pub(super) const SUE: usize = 12;
pub(super) const REV: usize = 13;
pub(super) const HAL: usize = 14;

impl Actor {
    pub(super) const fn console(self) -> usize {
        match self {
            Self::Outsider => LEO,
            Self::Viewer => VERA,
            Self::Rep => VIK,
            Self::Lead => MEI,
            Self::Admin => TOM,
            Self::Muted => MAX,
            Self::RemovedMeanwhile => REM,
            Self::Suspended => SUE,
            Self::Revoked => REV,
            Self::OfSuspended => HAL,
        }
    }
}

/// The rooms and what the examples name, the same in every copy.
#[derive(Clone, Copy)]
pub(super) struct Props {
    pub(super) vendor: OrgId,
    pub(super) bright: OrgId,
    pub(super) cloud: OrgId,
    pub(super) den: RoomId,
    pub(super) side: RoomId,
    pub(super) referral: RoomId,
    pub(super) deal: RoomId,
    /// A case of the vendor's admin that is out, and its Referral.
    pub(super) offered: (RoomId, RoomId),
    pub(super) proposal: Seq,
    pub(super) knock: Hash,
    pub(super) code: Hash,
}

/// One copy of the stage.
pub(super) struct Stage {
    world: World,
    disk: Disk,
    props: Props,
}

impl Stage {
    pub(super) fn new() -> Self {
        let disk = Disk::default();
        let world = World::on(1, disk.clone(), DAWN, Policy::None).expect("a new disk opens");
        let Community {
            mut world, orgs, ..
        } = Community::in_world(world);
        let [vendor, bright, cloud] = orgs;
        world.invite(TOM, "Vera Lind", Role::Viewer, false);
        world.invite(TOM, "Max Bauer", Role::Rep, false);
        world.invite(TOM, "Rem Koole", Role::Rep, false);
        world.invite(TOM, "Sue Adler", Role::Admin, false);
        world.invite(TOM, "Rev Dunn", Role::Rep, false);
        let halted = world.organisation("Halted", OrgKind::Partner);
        world.claim(halted, "Hal Ito");
        let props = connect(&mut world, [vendor, bright, cloud]);
        let props = seat(&mut world, props);
        let props = business(&mut world, props);
        fall(&mut world, props, halted);
        Self { world, disk, props }
    }

    /// The same stage, to be played on once.
    pub(super) fn copy(&self) -> Self {
        let disk = self.disk.survivor(Remains::Nothing, 0);
        let world = World::on(1, disk.clone(), self.now(), Policy::None);
        let mut world = world.expect("a copy opens");
        world.consoles = self
            .world
            .consoles
            .iter()
            .map(crate::world::Console::twin)
            .collect();
        Self {
            world,
            disk,
            props: self.props,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    pub(super) fn member(&self, who: usize) -> MemberId {
        self.world.consoles[who].member
    }

    /// Commits since the ledger began: every write is in one.
    pub(super) fn commits(&self) -> u64 {
        self.world.house.snapshot().unwrap().commit().unwrap()
    }

    pub(super) fn verify(&self) {
        self.world.verify();
    }

    /// Whether this device may no longer log in.
    pub(super) fn revoked(&self, who: usize) -> bool {
        let snapshot = self.world.house.snapshot().unwrap();
        let device = snapshot.device(self.world.consoles[who].device).unwrap();
        device.is_none_or(|device| device.revoked)
    }

    /// Whether this member has a seat there, from a device that may log in.
    pub(super) fn seated(&self, who: usize, room: RoomId) -> bool {
        let snapshot = self.world.house.snapshot().unwrap();
        let standing = snapshot.standing(self.member(who)).unwrap().unwrap();
        !self.revoked(who) && snapshot.seat(&standing, room).unwrap().is_some()
    }

    fn named(&self, who: usize, room: RoomId) -> Named {
        let member = self.member(who);
        let own = |entry: &rialto_shared::entry::Entry| {
            entry.author.member() == Some(member) && entry.kind == "talk.said"
        };
        let entries = self.world.entries(room);
        let message = entries.iter().find(|entry| own(entry));
        let any = entries.iter().find(|entry| entry.kind == "talk.said");
        Named {
            member: self.member(MAX),
            from: self.member(VERA),
            device: self.world.consoles[MAX].device,
            org: self.props.cloud,
            room: self.props.den,
            entry: message.or(any).map_or(Seq(1), |entry| entry.seq),
            at: Seq::ZERO,
            now: self.now(),
        }
    }

    /// How many kinds of command there are.
    pub(super) fn kinds(&self) -> usize {
        example::examples(&example::strangers(self.now())).len()
    }

    /// The name of one of them.
    pub(super) fn kind(&self, place: usize) -> String {
        example::examples(&example::strangers(self.now()))[place]
            .0
            .kind()
    }

    /// A room of each kind, in which the admin is.
    pub(super) fn homes(&self) -> Vec<RoomId> {
        let Props {
            vendor,
            bright,
            den,
            ..
        } = self.props;
        vec![
            den,
            RoomId::org(vendor),
            RoomId::inbox(self.member(TOM)),
            RoomId::profile(vendor),
            RoomId::relation(vendor, bright),
            RoomId::record(vendor),
            self.props.side,
            self.props.deal,
        ]
    }

    /// The well-formed example of a kind for this actor, and the room that it is for.
    pub(super) fn example(&self, place: usize, actor: Actor) -> (RoomId, Example) {
        let Props {
            vendor,
            bright,
            den,
            ..
        } = self.props;
        let who = actor.console();
        let first = example::examples(&self.named(who, den)).remove(place);
        let room = match &first.0 {
            Command::Talk(_) | Command::Channel(_) | Command::Direct(_) => den,
            Command::Side(side::Command::Withdraw { .. }) => self.props.offered.0,
            Command::Side(_) => self.props.side,
            Command::Referral(_) => self.props.referral,
            Command::Deal(_) => self.props.deal,
            Command::Org(_) => RoomId::org(vendor),
            Command::Inbox(_) if matches!(actor, Actor::Outsider) => {
                RoomId::inbox(self.member(TOM))
            }
            Command::Inbox(_) => RoomId::inbox(self.member(who)),
            Command::Profile(profile::Command::Contact { .. } | profile::Command::Notes { .. }) => {
                RoomId::card(vendor)
            }
            Command::Profile(_) => RoomId::profile(vendor),
            Command::Relation(_) => RoomId::relation(vendor, bright),
        };
        let (mut command, texts) = first;
        match &mut command {
            Command::Relation(
                relation::Command::Confirm { proposal: entry }
                | relation::Command::End { at: entry, .. },
            ) => *entry = self.props.proposal,
            Command::Org(org::Command::AnswerConnection { knock, .. }) => *knock = self.props.knock,
            Command::Org(org::Command::Cancel { code }) => *code = self.props.code,
            // Everybody lets in a device of their own.
            Command::Org(org::Command::Enrol { enrolment, .. }) => {
                enrolment.member = self.member(who);
            }
            Command::Org(org::Command::Connect { to }) => *to = self.props.cloud,
            Command::Side(
                side::Command::Offer { to, shown, full }
                | side::Command::OfferWithRequest { to, shown, full },
            ) => {
                let promise = self.promise();
                *to = self.props.bright;
                (*shown, *full) = (promise.shown(), promise.full());
            }
            Command::Side(side::Command::EraseDraft { target }) => *target = Seq(2),
            Command::Side(side::Command::Withdraw { offer }) => *offer = self.props.offered.1,
            // A reference is one's own organisation's.
            Command::Inbox(inbox::Command::ImportDeal { claim, .. }) => {
                let own = self.world.consoles[who].org;
                *claim = side::reference_claim(own, side::Named::Deal, "A few words");
            }
            Command::Side(side::Command::Reference { claim, .. }) => {
                *claim = Some(side::reference_claim(
                    vendor,
                    side::Named::Referral,
                    "A few words",
                ));
            }
            _ => {}
        }
        if let Command::Referral(referral::Command::Accept { from, .. }) = &mut command {
            *from = self.props.bright;
        }
        (room, (with_at(&self.world.house, room, command), texts))
    }

    /// What the case of the vendor's admin promises.
    fn promise(&self) -> side::Promise {
        let State::Side(held) = self.world.room(self.props.side).state else {
            panic!("no Side");
        };
        let drafted = held.case.expect("a case").draft.value.expect("a draft");
        drafted.promise().expect("a whole one")
    }

    /// The same command, naming another entry than the one that set the thing last.
    pub(super) fn late(&self, mut command: Command) -> Option<Command> {
        let wrong = Seq(999);
        match &mut command {
            Command::Talk(talk::Command::Edit { at, .. })
            | Command::Org(
                org::Command::Role { at, .. }
                | org::Command::Rename { at }
                | org::Command::Prefer { at, .. },
            )
            | Command::Inbox(inbox::Command::SetNotices { at, .. })
            | Command::Channel(channel::Command::Purpose { at })
            | Command::Side(
                side::Command::Draft { at, .. } | side::Command::Reference { at, .. },
            )
            | Command::Deal(
                deal::Command::Retitle { at }
                | deal::Command::Customer { at }
                | deal::Command::Problem { at }
                | deal::Command::Value { at, .. }
                | deal::Command::TargetClose { at, .. }
                | deal::Command::NextStep { at },
            )
            | Command::Profile(
                profile::Command::Describe { at }
                | profile::Command::Website { at }
                | profile::Command::Places { at, .. }
                | profile::Command::Industries { at, .. }
                | profile::Command::Specialities { at }
                | profile::Command::Capacity { at, .. }
                | profile::Command::LookingFor { at, .. }
                | profile::Command::Visibility { at, .. }
                | profile::Command::Contact { at }
                | profile::Command::Notes { at }
                | profile::Command::Clear { at, .. },
            ) => *at = wrong,
            _ => return None,
        }
        // What is cited by a signed answer must be an entry at all.
        (!command.signed()).then_some(command)
    }

    /// The frame of an example under the next number of this console.
    pub(super) fn frame(&mut self, who: usize, room: RoomId, example: &Example) -> Up {
        self.world.frame(who, room, example.0.clone(), &example.1)
    }

    /// Another's signature of the same command.
    pub(super) fn signature(
        &mut self,
        who: usize,
        room: RoomId,
        example: &Example,
    ) -> Option<Signed> {
        match self.frame(who, room, example) {
            Up::Command { signed, .. } => signed,
            _ => None,
        }
    }

    /// The same declaration about another entry, signed by the same device.
    pub(super) fn resigned(&self, who: usize, signed: Signed) -> Signed {
        let mut said: Declaration = serde_json::from_str(&signed.declaration).unwrap();
        said.subject = Hash([0xEE; 32]);
        let declaration = serde_json::to_string(&said).unwrap();
        let signature = sign(&self.world.consoles[who].key, declaration.as_bytes());
        Signed {
            declaration,
            signature,
        }
    }

    fn work(&self, who: usize, frame: Up) -> Work {
        let Up::Command {
            lane,
            n,
            room,
            facts,
            texts,
            signed,
        } = frame
        else {
            panic!("no command");
        };
        Work::Command(Box::new(Submission {
            device: self.world.consoles[who].device,
            lane,
            n,
            room,
            facts,
            texts,
            signed,
        }))
    }

    /// Hands a command to the writer.
    pub(super) fn submit(&mut self, who: usize, frame: Up) -> Outcome {
        let work = self.work(who, frame);
        match self.world.now(work) {
            Done::Answer { outcome, .. } => outcome,
            other => panic!("a command was answered {other:?}"),
        }
    }

    /// Hands it to the writer in one batch with the removal of its sender, which comes first.
    pub(super) fn submit_after_removal(&mut self, who: usize, frame: Up) -> Outcome {
        let member = self.member(who);
        let remove = Command::Org(org::Command::Remove { member });
        let vendor = RoomId::org(self.props.vendor);
        let removal = self.world.frame(TOM, vendor, remove, &[]);
        let works = vec![self.work(TOM, removal), self.work(who, frame)];
        let mut answers = self.world.together(works);
        assert!(
            matches!(
                answers[0],
                Done::Answer {
                    outcome: Outcome::Accepted { .. },
                    ..
                }
            ),
            "{answers:?}"
        );
        match answers.remove(1) {
            Done::Answer { outcome, .. } => outcome,
            other => panic!("a command was answered {other:?}"),
        }
    }
}
