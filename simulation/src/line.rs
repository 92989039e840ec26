//! The way from one life of a process to everything outside of it: it takes its time, and nothing passes while the process
//! is frozen, or ever again after it died.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{sleep, sleep_until};

use crate::{
    chance::Chance,
    plan::Actor,
    tables::Time,
    trace::Event,
    world::{State, World},
};

/// A way takes less.
const LONGEST_WAY: Duration = Duration::from_millis(25);

/// The way; clones are the same one.
#[derive(Debug, Clone)]
pub struct Line {
    pub(crate) world: Arc<World>,
    pub(crate) actor: Actor,
    pub(crate) chance: Chance,
    cut: Arc<AtomicBool>,
}

impl Line {
    /// Of a life that begins.
    #[must_use]
    pub fn new(world: &Arc<World>, actor: Actor, chance: &Chance) -> Self {
        Self { world: Arc::clone(world), actor, chance: chance.fork(), cut: Arc::default() }
    }

    /// The life has ended.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    /// Waits until something may pass.
    pub(crate) async fn pass(&self) {
        while let Some(end) = self.world.plan.frozen_until(self.actor, self.world.now()) {
            sleep_until(self.world.instant(end)).await;
        }
        if self.is_cut() {
            pending::<()>().await;
        }
    }

    /// One way there, or one back, which sometimes takes no time at all.
    pub(crate) async fn travel(&self) {
        self.pass().await;
        if self.world.now() < self.world.plan.calm && self.chance.percent(50) {
            sleep(self.chance.time(Duration::ZERO..LONGEST_WAY)).await;
            self.pass().await;
        }
    }

    /// Whatever happens out there takes this moment.
    pub(crate) fn touch<T>(&self, change: impl FnOnce(&mut State, Time) -> T) -> T {
        let now = self.world.now();
        change(&mut self.world.state(), now)
    }

    pub(crate) fn note(&self, event: Event) {
        self.world.note(event);
    }
}
