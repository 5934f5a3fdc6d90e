//! The suite's stories, for others to play with something of theirs beside them.

use super::{Story, perform, story, worlds};
use crate::world::{Community, World};
use std::sync::Arc;

/// A story, and which of its steps matter to its observer.
pub(crate) struct Tale(Arc<Story>);

/// The suite's stories of business, and some of the others.
pub(crate) fn tales() -> impl Iterator<Item = Tale> {
    let worth = |seed: &u64| seed.is_multiple_of(3) || seed % 9 == 1;
    worlds().filter(worth).map(|seed| Tale(story(seed)))
}

impl Tale {
    pub(crate) fn seed(&self) -> u64 {
        self.0.seed
    }

    pub(crate) fn observer(&self) -> usize {
        self.0.observer
    }

    /// Plays it, whole or without what the observer must not notice; `beside` is done after each step.
    pub(crate) fn play(
        &self,
        community: &mut Community,
        all: bool,
        mut beside: impl FnMut(&mut World),
    ) {
        let story = &self.0;
        for (place, step) in story.steps.iter().enumerate() {
            let kept = all || story.matter[place];
            perform(&mut community.world, story.observer, step, kept);
            community.world.settle();
            beside(&mut community.world);
        }
    }
}
