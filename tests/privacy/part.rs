//! What the observer of a story is to the others: half of the stories give them one of these parts, and a turn or two that
//! makes it so; in the other half it falls out as it may.

use super::script::Step;
use crate::world::{MEI, RUI, TOM, UMA, VIK, World, ZOE};
use rialto_shared::{
    command::Command,
    id::RoomId,
    protocol::Up,
    room::{channel, org, talk},
    standing::Role,
    time::Span,
};
use strum::VariantArray as _;

/// A part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray)]
pub(crate) enum Part {
    /// Of a partner, and in no room of anybody else's but the one for all.
    Outsider,
    /// A partner's Rep, in rooms of their own.
    Rep,
    /// A Lead who is invited into others' rooms.
    Guest,
    /// A Rep who is muted.
    Muted,
    /// A Rep who is removed in the middle.
    Removed,
    /// A Lead who is suspended, and comes back.
    Suspended,
    /// A Viewer of an organisation that is party to things.
    Viewer,
    /// One of the vendor's people without a further duty.
    Vendor,
}

/// The organisations' admins.
const ADMINS: [usize; 3] = [TOM, crate::world::ANA, crate::world::KIM];

impl Part {
    /// The part that the observer of this story has, if any.
    pub(crate) fn of(seed: u64) -> Option<Self> {
        let place = usize::try_from(seed / 2).expect("a small seed") % Self::VARIANTS.len();
        seed.is_multiple_of(2).then(|| Self::VARIANTS[place])
    }

    /// Who has it.
    pub(crate) const fn console(self) -> usize {
        match self {
            Self::Outsider | Self::Removed => UMA,
            Self::Rep | Self::Muted => RUI,
            Self::Guest | Self::Suspended => crate::world::LEO,
            Self::Viewer => ZOE,
            Self::Vendor => VIK,
        }
    }

    /// Whether others may name the observer.
    pub(crate) fn named(self) -> bool {
        self != Self::Outsider
    }

    /// What happens at this step because of the part; whoever does it comes back for it.
    pub(crate) fn turn(self, world: &World, lobby: RoomId, place: usize) -> Option<Step> {
        let step = |place| self.turns(world, lobby, place);
        let away = |step: &Step| {
            let who = step.who().expect("somebody does it");
            world.consoles[who].session.is_none().then_some(who)
        };
        // A step is taken at its place, or at the next one after whoever takes it came back.
        match (step(place), place.checked_sub(1).and_then(step)) {
            (Some(now), _) => Some(away(&now).map_or(now, Step::LogIn)),
            (None, before) => before,
        }
    }

    fn turns(self, world: &World, lobby: RoomId, place: usize) -> Option<Step> {
        let me = self.console();
        let member = world.consoles[me].member;
        let admin = ADMINS[me / 3];
        let host = ADMINS[(me / 3 + 1) % 3];
        let home = RoomId::org(world.consoles[me].org);
        let ask = |who, room, command| Some(Step::Ask(who, room, command, vec![]));
        let office = |command| ask(admin, home, Command::Org(command));
        let seat = |command| {
            let den = crate::world::opened(world, world.consoles[host].org);
            ask(host, den, Command::Channel(command))
        };
        let (role, history, span, room) = (Role::Rep, false, Span::hours(1), lobby);
        let mute = talk::Command::Mute { member, span };
        let suspend = |on| org::Command::Suspend { member, on };
        match (self, place) {
            (Self::Muted, 16) => Some(Step::Up(me, Up::Watch { room, cursor: None })),
            (Self::Muted, 19 | 60) => ask(TOM, lobby, Command::Talk(mute)),
            (Self::Guest, 16) => seat(channel::Command::Invite {
                member,
                role,
                history,
            }),
            (Self::Guest, 60) => seat(channel::Command::Remove { member }),
            (Self::Removed, 50) => office(org::Command::Remove { member }),
            (Self::Suspended, 40) => office(suspend(true)),
            (Self::Suspended, 60) => office(suspend(false)),
            (Self::Suspended, 63) => Some(Step::Up(me, Up::Typing { room })),
            // Somebody of the vendor's who has duties that this one has not.
            (Self::Vendor, 20) => Some(Step::Up(MEI, Up::Typing { room })),
            _ => None,
        }
    }
}
