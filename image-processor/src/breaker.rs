//! The circuit breaker before the recogniser: after failures in a row it lets no call through, so that an outage
//! costs no image an attempt and a recogniser that starts again is not run over.
//!
//! Closed, open, half-open as in the textbook. While it is open, a health ping after each wait decides whether one
//! call may try; that call's end decides whether the rest follow. Whoever calls asks [`Breaker::try_acquire`] first;
//! one task drives [`Breaker::run`]; whoever drives the queue follows [`Breaker::state`].

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use service_kit::jitter::Jitter;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use self::machine::Machine;
pub use self::{
    machine::CallOutcome,
    options::BreakerOptions,
    permit::Permit,
    state::{BreakerState, Snapshot},
};

mod machine;
mod options;
mod permit;
mod state;
mod telemetry;

/// The breaker; clones are the same one.
#[derive(Debug, Clone)]
pub struct Breaker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    machine: Mutex<Machine>,
    state: watch::Sender<BreakerState>,
}

/// No call is let through now. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the circuit breaker lets no call through; ask again in {retry_after:?}")]
pub struct Refused {
    /// When to ask again; never zero, at most the longest wait.
    pub retry_after: Duration,
}

impl Breaker {
    /// A closed breaker; `jitter` is for its waits.
    #[must_use]
    pub fn new(options: BreakerOptions, jitter: Jitter) -> Self {
        let machine = Machine::new(options, jitter);
        let state = watch::Sender::new(machine.state());
        telemetry::started(machine.state());
        Self { shared: Arc::new(Shared { machine: Mutex::new(machine), state }) }
    }

    /// Asks for one call, without waiting. In half-open one permit or call exists at a time.
    pub fn try_acquire(&self) -> Result<Permit, Refused> {
        match self.apply(Machine::acquire) {
            Ok(generation) => Ok(Permit::new(self.clone(), generation)),
            Err(retry_after) => {
                telemetry::refused(retry_after);
                Err(Refused { retry_after })
            }
        }
    }

    /// The state and its changes, for whoever drives the queue.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<BreakerState> {
        self.shared.state.subscribe()
    }

    /// The breaker at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.machine().snapshot(Instant::now())
    }

    /// Leads the breaker out of open: asks `ping` once after each wait whether the other side is healthy. Never
    /// returns; dropped at any point, it loses nothing and another run takes over.
    ///
    /// `ping` ends by itself within a timeout of its own: until it does, the breaker stays open.
    pub async fn run<P, F>(&self, mut ping: P)
    where
        P: FnMut() -> F + Send,
        F: Future<Output = bool> + Send,
    {
        let mut state = self.state();
        while state.wait_for(|state| *state == BreakerState::Open).await.is_ok() {
            let Some((due, generation)) = self.machine().ping_due() else { continue };
            sleep_until(due).await;
            let healthy = ping().await;
            telemetry::pinged(healthy);
            self.apply(|machine, now| machine.pinged(generation, healthy, now));
        }
    }

    /// Lets an event happen and tells everybody if a new period begins with it. The lock is held until they are told,
    /// so all see the same order.
    fn apply<T>(&self, event: impl FnOnce(&mut Machine, Instant) -> T) -> T {
        let mut machine = self.machine();
        let now = Instant::now();
        let (generation, from) = (machine.generation(), machine.state());
        let result = event(&mut machine, now);
        if machine.generation() != generation {
            let to = machine.state();
            telemetry::moved(from, to, &machine.snapshot(now));
            self.shared.state.send_if_modified(|state| std::mem::replace(state, to) != to);
        }
        result
    }

    /// No event panics half-way, so a poisoned lock still guards a whole machine.
    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.shared.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
