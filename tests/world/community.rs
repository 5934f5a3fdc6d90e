//! A small community to test on: the vendor and two partners, three people each, one channel for all.

use super::World;
use rialto_shared::{
    command::Command,
    event::Event,
    id::{OrgId, RoomId},
    room::{channel, org},
    standing::{OrgKind, Role},
    time::Span,
};

/// A world with people in it.
pub(crate) struct Community {
    pub(crate) world: World,
    /// The vendor first.
    pub(crate) orgs: [OrgId; 3],
    /// The channel for all.
    pub(crate) lobby: RoomId,
}

/// Who is who, as places in [`World::consoles`].
pub(crate) const TOM: usize = 0;
pub(crate) const MEI: usize = 1;
pub(crate) const VIK: usize = 2;
pub(crate) const ANA: usize = 3;
pub(crate) const RUI: usize = 4;
pub(crate) const ZOE: usize = 5;
pub(crate) const KIM: usize = 6;
pub(crate) const LEO: usize = 7;
pub(crate) const UMA: usize = 8;

/// Settings of a channel in which everybody may post.
pub(crate) fn settings(handle: &str, reach: channel::Reach) -> channel::Settings {
    channel::Settings {
        handle: handle.parse().expect("a handle"),
        reach,
        post: channel::Who::Reps,
        invite: channel::Who::Reps,
        slow: Span::ZERO,
    }
}

/// The command that opens a channel.
pub(crate) fn open_channel(handle: &str, reach: channel::Reach) -> Command {
    Command::Org(org::Command::OpenChannel {
        settings: settings(handle, reach),
    })
}

/// The room that an organisation's last `channel_opened` opened.
pub(crate) fn opened(world: &World, org: OrgId) -> RoomId {
    world
        .entries(RoomId::org(org))
        .into_iter()
        .rev()
        .find_map(|entry| match entry.event {
            Event::Org(org::Event::ChannelOpened { room, .. }) => Some(room),
            _ => None,
        })
        .expect("a channel was opened")
}

impl Community {
    /// The community in a new world.
    pub(crate) fn new(seed: u64) -> Self {
        Self::in_world(World::new(seed))
    }

    /// The community in this world, which nobody has come into yet.
    pub(crate) fn in_world(mut world: World) -> Self {
        let vendor = world.organisation("Northwind", OrgKind::Vendor);
        let bright = world.organisation("BrightPath", OrgKind::Partner);
        let cloud = world.organisation("Cloudmere", OrgKind::Partner);
        let tom = world.claim(vendor, "Tom Becker");
        world.invite(tom, "Mei Tanaka", Role::Lead, true);
        world.invite(tom, "Vik Rao", Role::Rep, false);
        let ana = world.claim(bright, "Ana Weber");
        world.invite(ana, "Rui Costa", Role::Rep, false);
        world.invite(ana, "Zoe Blanc", Role::Viewer, false);
        let kim = world.claim(cloud, "Kim Sato");
        world.invite(kim, "Leo Marin", Role::Lead, false);
        world.invite(kim, "Uma Iyer", Role::Rep, false);
        let lobby = open_channel("lobby", channel::Reach::Community);
        world
            .say(tom, RoomId::org(vendor), lobby, &["For everybody"])
            .expect("a channel");
        let lobby = opened(&world, vendor);
        Self {
            world,
            orgs: [vendor, bright, cloud],
            lobby,
        }
    }
}
