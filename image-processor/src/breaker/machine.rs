//! The state machine of the circuit breaker: what each event changes. Pure: the time comes with the event, chance
//! from a source given at the start.
//!
//! Every change of state, and every new wait, begins a period with a number of its own. A permit and a ping carry
//! the number of the period in which they were given; what they report in a later one is ignored. So a straggler
//! from before an outage neither closes the breaker nor passes for the one call of half-open.

use std::time::Duration;

use service_kit::jitter::Jitter;
use tokio::time::Instant;

use super::{
    options::BreakerOptions,
    state::{BreakerState, Snapshot},
};
use crate::backoff::backoff;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    /// The other side works: it answered, be it with an error that says nothing about its health.
    Answered,
    /// A counted failure.
    Failed,
}

/// The number of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Generation(u64);

/// The breaker without clock and lock.
#[derive(Debug)]
pub(super) struct Machine {
    options: BreakerOptions,
    /// Asked once for each wait.
    jitter: Jitter,
    state: State,
    generation: Generation,
    opened: u64,
}

/// `waits` counts the waits since the last answer, with the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant, waits: u32 },
    HalfOpen { slot: Slot, waits: u32 },
}

/// The place of the one call in half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Free,
    Taken,
}

impl Machine {
    /// Closed, without a failure.
    pub(super) fn new(options: BreakerOptions, jitter: Jitter) -> Self {
        Self { options, jitter, state: State::Closed { failures: 0 }, generation: Generation(0), opened: 0 }
    }

    /// Lets a call through, or says after how long to ask again; that is never zero.
    pub(super) fn acquire(&mut self, now: Instant) -> Result<Generation, Duration> {
        match self.state {
            State::Closed { .. } => Ok(self.generation),
            // HalfOpen, free => HalfOpen, taken
            State::HalfOpen { slot: Slot::Free, waits } => {
                self.state = State::HalfOpen { slot: Slot::Taken, waits };
                Ok(self.generation)
            }
            State::HalfOpen { slot: Slot::Taken, .. } => Err(self.options.first_wait),
            State::Open { until, .. } => Err(self.retry_after(until, now)),
        }
    }

    /// A call that was let through will not be made.
    pub(super) fn give_back(&mut self, generation: Generation) {
        if generation != self.generation {
            return;
        }
        match self.state {
            // HalfOpen, taken => HalfOpen, free
            State::HalfOpen { waits, .. } => self.state = State::HalfOpen { slot: Slot::Free, waits },
            State::Closed { .. } | State::Open { .. } => {}
        }
    }

    /// A call that was let through in this period and sent at `began` has ended.
    pub(super) fn ended(
        &mut self,
        generation: Generation,
        outcome: CallOutcome,
        began: Instant,
        now: Instant,
    ) {
        if generation != self.generation {
            return;
        }
        let slow = now.duration_since(began) > self.options.slow_call;
        let outcome = if slow { CallOutcome::Failed } else { outcome };
        match (self.state, outcome) {
            // Closed => Closed: the row of failures is broken
            (State::Closed { .. }, CallOutcome::Answered) => self.state = State::Closed { failures: 0 },
            // Closed => Closed: one more failure
            (State::Closed { failures }, CallOutcome::Failed)
                if failures + 1 < self.options.failures.get() =>
            {
                self.state = State::Closed { failures: failures + 1 };
            }
            // Closed => Open
            (State::Closed { .. }, CallOutcome::Failed) => {
                self.opened += 1;
                self.wait(1, now);
            }
            // HalfOpen => Closed
            (State::HalfOpen { .. }, CallOutcome::Answered) => self.enter(State::Closed { failures: 0 }),
            // HalfOpen => Open
            (State::HalfOpen { waits, .. }, CallOutcome::Failed) => {
                self.opened += 1;
                self.wait(waits.saturating_add(1), now);
            }
            // No call is let through while open, so none can end in such a period.
            (State::Open { .. }, _) => {}
        }
    }

    /// While open: when the health ping is due, and the period that it decides.
    pub(super) fn ping_due(&self) -> Option<(Instant, Generation)> {
        match self.state {
            State::Open { until, .. } => Some((until, self.generation)),
            State::Closed { .. } | State::HalfOpen { .. } => None,
        }
    }

    /// The health ping that was due in this period has ended.
    pub(super) fn pinged(&mut self, generation: Generation, healthy: bool, now: Instant) {
        if generation != self.generation {
            return;
        }
        match self.state {
            // Open => HalfOpen
            State::Open { waits, .. } if healthy => self.enter(State::HalfOpen { slot: Slot::Free, waits }),
            // Open => Open: a longer wait
            State::Open { waits, .. } => self.wait(waits.saturating_add(1), now),
            // No ping is due in these.
            State::Closed { .. } | State::HalfOpen { .. } => {}
        }
    }

    pub(super) fn generation(&self) -> Generation {
        self.generation
    }

    pub(super) fn state(&self) -> BreakerState {
        match self.state {
            State::Closed { .. } => BreakerState::Closed,
            State::HalfOpen { .. } => BreakerState::HalfOpen,
            State::Open { .. } => BreakerState::Open,
        }
    }

    pub(super) fn snapshot(&self, now: Instant) -> Snapshot {
        let (consecutive_failures, retry_after) = match self.state {
            State::Closed { failures } => (Some(failures), None),
            State::HalfOpen { .. } => (None, None),
            State::Open { until, .. } => (None, Some(self.retry_after(until, now))),
        };
        Snapshot {
            state: self.state().name(),
            consecutive_failures,
            generation: self.generation.0,
            retry_after_ms: retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            opened: self.opened,
        }
    }

    /// What is left of the wait. Once it is over nobody knows how long the ping takes.
    fn retry_after(&self, until: Instant, now: Instant) -> Duration {
        match until.saturating_duration_since(now) {
            Duration::ZERO => self.options.first_wait,
            left => left,
        }
    }

    /// Begins the wait of this number.
    fn wait(&mut self, waits: u32, now: Instant) {
        let until = now + wait(&self.options, waits, self.jitter.draw());
        self.enter(State::Open { until, waits });
    }

    /// Begins a new period.
    fn enter(&mut self, state: State) {
        self.state = state;
        self.generation = Generation(self.generation.0 + 1);
    }
}

/// How long the wait of this number is: each is twice as long as the one before it.
fn wait(options: &BreakerOptions, waits: u32, jitter: f64) -> Duration {
    backoff(options.first_wait, options.longest_wait, waits.saturating_sub(1), jitter)
}

#[cfg(test)]
mod tests;
