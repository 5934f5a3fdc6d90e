//! A script: what the people of a community do, step by step; played whole or in part, in as many worlds as a test wants.

use crate::world::{Community, World, replaces, with_at};
use rialto_shared::{command::Command, id::RoomId, protocol::Up, time::Span};

/// One thing that somebody does.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Asks for something. What it replaces is looked up where it is played: `at` is the world's.
    Ask(usize, RoomId, Command, Vec<String>),
    /// Sends any other frame.
    Up(usize, Up),
    /// Leaves.
    HangUp(usize),
    /// Comes back.
    LogIn(usize),
    /// Time passes for all.
    Pass(Span),
}

impl Step {
    /// Who does it; nobody, where time passes.
    pub(crate) const fn who(&self) -> Option<usize> {
        match self {
            Self::Ask(who, ..) | Self::Up(who, _) | Self::HangUp(who) | Self::LogIn(who) => {
                Some(*who)
            }
            Self::Pass(_) => None,
        }
    }
}

/// How many commands go into one batch of the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Batches {
    /// Each alone.
    Alone,
    /// As many as come between other steps, up to so many.
    Of(usize),
}

/// Plays steps. Those not kept are left out, but their numbers are used up, so that everybody's others stay the same.
pub(crate) fn play(
    community: &mut Community,
    observer: usize,
    steps: &[Step],
    kept: impl Fn(usize) -> bool,
    batches: Batches,
) {
    let world = &mut community.world;
    for (place, step) in steps.iter().enumerate() {
        let last = match (step, batches) {
            (_, Batches::Alone) => true,
            (Step::Ask(_, _, command, _), Batches::Of(size)) => {
                // What is looked up to be replaced or cited must stand: such a step ends the batch before it.
                let looks =
                    replaces(command) || (command.signed() && command.named(&[]).cites.is_some());
                if looks {
                    world.settle();
                }
                place % size == 0 || looks
            }
            (_, Batches::Of(_)) => {
                world.settle();
                true
            }
        };
        perform(world, observer, step, kept(place));
        if last {
            world.settle();
        }
    }
    world.settle();
}

/// Does one step, or leaves it out.
pub(crate) fn perform(world: &mut World, observer: usize, step: &Step, kept: bool) {
    match step {
        Step::Ask(who, room, command, texts) => {
            let command = if *who == observer {
                command.clone()
            } else {
                with_at(&world.house, *room, command.clone())
            };
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            if kept {
                world.queue(*who, *room, command, &texts);
            } else {
                world.consoles[*who].n += 1;
            }
        }
        Step::Up(who, up) if kept => world.up(*who, up),
        Step::HangUp(who) if kept => world.hang_up(*who),
        Step::LogIn(who) if kept => world.log_in(*who),
        Step::Pass(span) => world.pass(*span),
        Step::Up(..) | Step::HangUp(_) | Step::LogIn(_) => {}
    }
}
