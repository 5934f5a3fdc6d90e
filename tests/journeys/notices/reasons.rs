//! Each kind of notice, by the clock; and that nobody is told of what is answered, read, settled or out of their reach.

use super::office::{Recorder, clerk, pass, reads, round, settle, settle_all};
use crate::{
    journeys::{CASE, case, draft, promise},
    world::{ANA, Community, KIM, LEO, MEI, RUI, TOM, UMA, World, opened},
};
use rialto_server::{clock::Clock as _, notices::Clerk};
use rialto_shared::{
    command::Command,
    entry::Seq,
    event::Event,
    id::{OrgId, RoomId},
    room::{
        channel, inbox,
        inbox::{Class, Pace, Preferences},
        org, referral, side, talk,
    },
    time::Span,
};
use std::collections::BTreeSet;

/// A community of which everybody has mail, and its clerk.
pub(super) struct Office {
    pub(super) world: World,
    pub(super) orgs: [OrgId; 3],
    pub(super) lobby: RoomId,
    pub(super) heard: Recorder,
    pub(super) clerk: Clerk<Recorder>,
}

impl Office {
    pub(super) fn open(seed: u64) -> Self {
        let Community {
            mut world,
            orgs,
            lobby,
        } = Community::new(seed);
        settle_all(&mut world);
        let heard = Recorder::default();
        let clerk = clerk(&world, heard.clone());
        let mut office = Self {
            world,
            orgs,
            lobby,
            heard,
            clerk,
        };
        office.pass(Span::ZERO);
        office.news();
        office
    }

    pub(super) fn pass(&mut self, span: Span) {
        pass(&mut self.world, &mut self.clerk, span);
    }

    /// What was told since the last time: who, of what kinds, until when.
    pub(super) fn news(&mut self) -> Vec<(usize, Vec<&'static str>)> {
        let heard = std::mem::take(&mut *self.heard.0.lock().unwrap());
        heard
            .into_iter()
            .map(|heard| {
                let consoles = self.world.consoles.iter();
                let mut places = consoles.enumerate();
                let who = places
                    .find(|(_, one)| one.member == heard.member)
                    .unwrap()
                    .0;
                (
                    who,
                    heard.letter.lines.iter().map(|line| line.kind).collect(),
                )
            })
            .collect()
    }

    fn say(&mut self, who: usize, room: RoomId, command: Command, texts: &[&str]) {
        self.world.say(who, room, command, texts).unwrap();
    }

    /// Cloudmere and BrightPath are connected, and Kim offers Ana's a customer: the case and the Referral.
    pub(super) fn offers(&mut self) -> (RoomId, RoomId) {
        let (bright, cloud) = (self.orgs[1], self.orgs[2]);
        let world = &mut self.world;
        // Requests that cross meet.
        for (who, from, to) in [(KIM, cloud, bright), (ANA, bright, cloud)] {
            let connect = Command::Org(org::Command::Connect { to });
            world
                .say(who, RoomId::org(from), connect, &["Hello"])
                .unwrap();
        }
        let (case, promise) = self.drafts();
        let world = &mut self.world;
        let offer = side::Command::Offer {
            to: bright,
            shown: promise.shown(),
            full: promise.full(),
        };
        world.say(KIM, case, Command::Side(offer), &[]).unwrap();
        let offered = world.entries(case).into_iter().rev();
        let mut offered = offered.filter_map(|entry| match entry.event {
            Event::Side(side::Event::Offered { offer, .. }) => Some(offer),
            _ => None,
        });
        (case, offered.next().unwrap())
    }

    /// A case of Kim's, and what an offer of it promises.
    fn drafts(&mut self) -> (RoomId, side::Promise) {
        let world = &mut self.world;
        let home = RoomId::inbox(world.consoles[KIM].member);
        let open = Command::Inbox(inbox::Command::OpenCase { draft: draft() });
        world.say(KIM, home, open, &CASE).unwrap();
        let case = case(world, KIM);
        (case, promise(world, case))
    }

    fn said(&self, room: RoomId) -> Seq {
        self.world.room(room).head.seq
    }
}

fn accept(world: &World, from: OrgId, who: &[usize]) -> Command {
    let people = who.iter().map(|who| world.consoles[*who].member).collect();
    Command::Referral(referral::Command::Accept { from, people })
}

#[test]
fn a_referral_s_clocks_ring_at_half_and_at_a_tenth_for_those_whose_they_are() {
    let mut office = Office::open(1);
    let (_, referral) = office.offers();
    office.pass(Span::ZERO);
    let told = office.news();
    assert!(told.contains(&(ANA, vec!["referral_offered"])), "{told:?}");
    assert!(told.iter().all(|(who, _)| *who != RUI), "{told:?}");
    office.pass(Span::hours(83));
    assert_eq!(office.news(), []);
    office.pass(Span::hours(2));
    assert_eq!(office.news(), [(ANA, vec!["answer_half"])]);
    office.pass(Span::hours(67));
    assert_eq!(office.news(), [(ANA, vec!["answer_tenth"])]);
    // Answered: then the clock of those named runs, and no other.
    let cloud = office.orgs[2];
    let accept = accept(&office.world, cloud, &[RUI]);
    office.say(ANA, referral, accept, &[]);
    office.pass(Span::ZERO);
    assert_eq!(office.news(), [(RUI, vec!["seated"])]);
    office.pass(Span::hours(37));
    assert_eq!(office.news(), [(RUI, vec!["contact_half"])]);
    let contacted = Command::Referral(referral::Command::Contacted {});
    office.say(RUI, referral, contacted, &[]);
    office.pass(Span::days(10));
    assert_eq!(office.news(), [], "contacted: nothing rings");
}

#[test]
fn a_stranger_s_referral_rings_by_its_own_clock_and_then_the_request_by_its() {
    let mut office = Office::open(9);
    let (case, promise) = office.drafts();
    let offer = side::Command::OfferWithRequest {
        to: office.orgs[1],
        shown: promise.shown(),
        full: promise.full(),
    };
    office.say(KIM, case, Command::Side(offer), &["We met in spring"]);
    let offered = office.world.clock.now();
    office.pass(Span::ZERO);
    let line = office.heard.0.lock().unwrap()[0].letter.lines[0].clone();
    assert_eq!(line.until, Some(offered + Span::days(7)), "the shorter one");
    assert_eq!(office.news(), [(ANA, vec!["knock_with_referral"])]);
    office.pass(Span::hours(83));
    assert_eq!(office.news(), []);
    office.pass(Span::hours(2));
    assert_eq!(office.news(), [(ANA, vec!["answer_half"])]);
    office.pass(Span::hours(67));
    assert_eq!(office.news(), [(ANA, vec!["answer_tenth"])]);
    // The offer is over; the request waits on, and what was told once is not told again.
    office.pass(Span::days(12));
    assert!(office.news().iter().all(|(who, _)| *who != ANA));
}

#[test]
fn a_message_is_told_of_after_half_an_hour_unless_it_was_read() {
    let mut office = Office::open(2);
    let members = BTreeSet::from([office.world.consoles[ANA].member]);
    let home = RoomId::inbox(office.world.consoles[KIM].member);
    let open = Command::Inbox(inbox::Command::OpenDirect { members });
    office.say(KIM, home, open, &[]);
    office.pass(Span::ZERO);
    assert_eq!(office.news(), [(ANA, vec!["seated"])]);
    let everyone = [KIM, ANA].map(|who| office.world.consoles[who].member);
    let direct = RoomId::direct(&BTreeSet::from(everyone));
    let write = |office: &mut Office, to: &[usize]| {
        let mentions = to
            .iter()
            .map(|who| office.world.consoles[*who].member)
            .collect();
        let say = talk::Command::Say {
            thread: None,
            mentions,
        };
        office.say(KIM, direct, Command::Talk(say), &["Are you there?"]);
    };
    write(&mut office, &[ANA]);
    write(&mut office, &[]);
    office.pass(Span::millis(29 * 60_000));
    assert_eq!(office.news(), []);
    office.pass(Span::millis(60_000));
    let told = office.news();
    assert_eq!(told.len(), 1, "three reasons, one room, one line: {told:?}");
    assert_eq!(told[0].1.len(), 1, "{told:?}");
    office.pass(Span::hours(5));
    assert_eq!(office.news(), [], "not again of the same");
    write(&mut office, &[]);
    let head = office.said(direct);
    reads(&mut office.world, ANA, direct, head);
    office.pass(Span::hours(5));
    assert_eq!(office.news(), [], "read in time");
    write(&mut office, &[]);
    office.pass(Span::hours(1));
    assert_eq!(office.news(), [(ANA, vec!["unread"])]);
}

#[test]
fn a_mention_is_told_of_as_long_as_its_reader_has_a_seat() {
    let mut office = Office::open(3);
    let vendor = office.orgs[0];
    let reach = channel::Reach::Private;
    let open = crate::world::open_channel("council", reach);
    office.say(TOM, RoomId::org(vendor), open, &["Ours"]);
    let room = opened(&office.world, vendor);
    let rui = office.world.consoles[RUI].member;
    let invite = |member| {
        Command::Channel(channel::Command::Invite {
            member,
            role: rialto_shared::standing::Role::Rep,
            history: true,
        })
    };
    let uma = office.world.consoles[UMA].member;
    office.say(TOM, room, invite(rui), &[]);
    office.say(TOM, room, invite(uma), &[]);
    let say = talk::Command::Say {
        thread: None,
        mentions: BTreeSet::from([rui, uma]),
    };
    office.say(TOM, room, Command::Talk(say), &["You two"]);
    office.pass(Span::ZERO);
    assert_eq!(
        office.news().into_iter().collect::<BTreeSet<_>>(),
        BTreeSet::from([(RUI, vec!["seated"]), (UMA, vec!["seated"])])
    );
    let remove = Command::Channel(channel::Command::Remove { member: rui });
    office.say(TOM, room, remove, &[]);
    office.pass(Span::hours(1));
    assert_eq!(office.news(), [(UMA, vec!["mention"])], "Rui lost the room");
}

#[test]
fn who_is_removed_or_suspended_is_told_nothing() {
    let mut office = Office::open(4);
    office.offers();
    let [vendor, bright, _] = office.orgs;
    let leo = office.world.consoles[LEO].member;
    let remove = Command::Org(org::Command::Remove { member: leo });
    private(&mut office, 0);
    assert_eq!(office.news().len(), 2, "Ana and Leo");
    private(&mut office, 1);
    let suspend = Command::Org(org::Command::SuspendOrg {
        org: bright,
        on: true,
    });
    let cloud = office.world.consoles[LEO].org;
    for (room, command) in [(vendor, suspend), (cloud, remove)] {
        office
            .world
            .operate(RoomId::org(room), command, &[])
            .unwrap();
    }
    office.news();
    office.pass(Span::days(20));
    assert_eq!(
        office.news(),
        [],
        "one is of a suspended organisation, one is gone"
    );
}

#[test]
fn quiet_hours_hold_back_what_can_wait_and_the_day_has_one_mail() {
    let mut office = Office::open(5);
    let night = Preferences {
        paces: [(Class::Messages, Pace::Daily), (Class::Clocks, Pace::Off)].into(),
        quiet: Some("00:00-23:00".parse().unwrap()),
        daily_at: "23:30".parse().unwrap(),
        zone: "Europe/Vienna".parse().unwrap(),
    };
    settle(&mut office.world, ANA, night);
    office.offers();
    let mention = |office: &mut Office| {
        let say = talk::Command::Say {
            thread: None,
            mentions: BTreeSet::from([office.world.consoles[ANA].member]),
        };
        let lobby = office.lobby;
        office.say(KIM, lobby, Command::Talk(say), &["Look"]);
    };
    mention(&mut office);
    let of_ana = |office: &mut Office| {
        let mut news = office.news();
        news.retain(|(who, _)| *who == ANA);
        news
    };
    // DAWN is at 22:26 in Vienna, in summer: quiet until 23:00.
    office.pass(Span::millis(33 * 60_000));
    assert_eq!(of_ana(&mut office), []);
    office.pass(Span::millis(2 * 60_000));
    assert_eq!(of_ana(&mut office), [(ANA, vec!["referral_offered"])]);
    office.pass(Span::millis(60 * 60_000));
    assert_eq!(of_ana(&mut office), [(ANA, vec!["mention"])]);
    office.pass(Span::days(10));
    assert_eq!(of_ana(&mut office), [], "clocks are off");
}

#[test]
fn an_hour_has_so_many_mails_and_the_rest_goes_together() {
    let mut office = Office::open(6);
    let rooms: Vec<RoomId> = (0..20).map(|n| private(&mut office, n)).collect();
    office.pass(Span::ZERO);
    let first = office.news();
    let mails = |news: &[(usize, Vec<&str>)]| news.len();
    assert_eq!(mails(&first), rialto_shared::limits::NOTICE_MAILS_HOUR_MAX);
    office.pass(Span::hours(2));
    let second = office.news();
    assert_eq!(mails(&second), 1);
    let lines: usize = first
        .iter()
        .chain(&second)
        .map(|(_, lines)| lines.len())
        .sum();
    assert_eq!(lines, rooms.len(), "and none is lost");
}

/// A private channel with Leo in it, of which the clerk hears at once.
fn private(office: &mut Office, n: usize) -> RoomId {
    let cloud = office.orgs[0];
    let open = crate::world::open_channel(&format!("room-{n}"), channel::Reach::Private);
    office.say(TOM, RoomId::org(cloud), open, &["Another"]);
    let room = opened(&office.world, cloud);
    let member = office.world.consoles[LEO].member;
    let invite = Command::Channel(channel::Command::Invite {
        member,
        role: rialto_shared::standing::Role::Rep,
        history: true,
    });
    office.say(TOM, room, invite, &[]);
    round(&office.world, &mut office.clerk);
    room
}

#[test]
fn a_wish_for_an_organisation_is_told_the_vendor_s_admins_once_a_day() {
    let mut office = Office::open(7);
    let nobody = office
        .world
        .organisation("Nobody yet", rialto_shared::standing::OrgKind::Partner);
    let connect = Command::Org(org::Command::Connect { to: nobody });
    let cloud = office.orgs[2];
    office.say(KIM, RoomId::org(cloud), connect, &["Please"]);
    office.pass(Span::days(1));
    let told: BTreeSet<usize> = office
        .news()
        .into_iter()
        .map(|(who, kinds)| {
            assert_eq!(kinds, ["please_invite"]);
            who
        })
        .collect();
    assert_eq!(told, BTreeSet::from([TOM, MEI]));
}

#[test]
fn a_letter_says_server_kind_deadline_and_command_and_is_well_formed() {
    let mut office = Office::open(8);
    let vienna = Preferences {
        zone: "Europe/Vienna".parse().unwrap(),
        ..Preferences::default()
    };
    settle(&mut office.world, ANA, vienna);
    let (_, referral) = office.offers();
    office.pass(Span::ZERO);
    let heard = office.heard.0.lock().unwrap().clone();
    let ana = office.world.consoles[ANA].member;
    let heard = heard.iter().rfind(|heard| heard.member == ana).unwrap();
    let (head, body) = heard.mail.split_once("\r\n\r\n").unwrap();
    for line in [
        "To: m3@mail.example",
        "From: Northwind <rialto@northwind.example>",
        "Subject: Northwind: a referral waits for your answer",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
        "Date: Thu, 28 May 2026 20:26:40 +0000",
    ] {
        assert!(head.lines().any(|one| one == line), "{line}: {head}");
    }
    assert!(head.contains("Message-ID: <") && head.contains("@northwind.example>"));
    assert_eq!(
        body.replace("\r\n", "\n"),
        format!(
            "A referral waits for your answer.\n  until:    Thu 4 Jun 2026, 22:26 (Europe/Vienna)\n  \
             open it:  rialto referral show {referral}\n\n-- \nNorthwind, a Rialto server. What it is about stands only \
             there.\nWhat you are told by mail, and when:  rialto notices show\n"
        )
    );
    assert!(body.lines().all(|line| line.len() < 998 && line.is_ascii()));
    let json: serde_json::Value = serde_json::from_str(&heard.json).unwrap();
    assert_eq!(json["notices"][0]["kind"], "referral_offered");
    assert_eq!(json["member"], ana.to_string());
    assert!(
        json.to_string().find("mail.example").is_none(),
        "no address"
    );
}
