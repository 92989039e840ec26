//! How many messages are wanted: all that the worker has room for, fewer while the recogniser says that it is busy,
//! one while the breaker tries, none while it is open.
//!
//! Under `RESOURCE_EXHAUSTED` the number is halved, and grows by one for each full set of answers: additive increase,
//! multiplicative decrease, as TCP does it (RFC 5681).

use std::{num::NonZeroU32, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use crate::{breaker::BreakerState, queue::Valve};

/// The calls that were under way at a halving say the same once more; they are not heard for this time.
const DEAF_FOR: Duration = Duration::from_secs(1);
/// How long a limit rests when nothing is answered, before it grows by itself: with nothing in flight nobody answers.
const REST: Duration = Duration::from_secs(10);

/// The pure part: the limit that the recogniser's answers lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit {
    full: u32,
    now: u32,
    /// Since the limit last changed.
    answers: u32,
    halved: Option<Instant>,
}

impl Limit {
    fn new(full: NonZeroU32) -> Self {
        Self { full: full.get(), now: full.get(), answers: 0, halved: None }
    }

    fn busy(&mut self, now: Instant) {
        if self.halved.is_some_and(|halved| now < halved + DEAF_FOR) {
            return;
        }
        *self = Self { now: (self.now / 2).max(1), answers: 0, halved: Some(now), ..*self };
    }

    fn answered(&mut self) {
        self.answers += 1;
        if self.answers >= self.now {
            self.grow();
        }
    }

    fn grow(&mut self) {
        *self = Self { now: (self.now + 1).min(self.full), answers: 0, ..*self };
    }

    /// What the queue may have in flight while the breaker is in this state.
    fn under(self, breaker: BreakerState) -> Option<NonZeroU32> {
        match breaker {
            BreakerState::Open => None,
            BreakerState::HalfOpen => Some(NonZeroU32::MIN),
            BreakerState::Closed => NonZeroU32::new(self.now),
        }
    }
}

/// Hears what the recogniser answers and drives the queue.
#[derive(Debug)]
pub struct Flow {
    limit: watch::Sender<Limit>,
}

impl Flow {
    /// `full` messages in flight when nothing speaks against it.
    #[must_use]
    pub fn new(full: NonZeroU32) -> Self {
        Self { limit: watch::Sender::new(Limit::new(full)) }
    }

    /// The recogniser had too much to do.
    pub fn busy(&self) {
        self.change(|limit| limit.busy(Instant::now()));
    }

    /// The recogniser answered.
    pub fn answered(&self) {
        self.change(Limit::answered);
    }

    /// Only another number is told; answers that are merely counted wake nobody.
    fn change(&self, change: impl FnOnce(&mut Limit)) {
        self.limit.send_if_modified(|limit| {
            let before = limit.now;
            change(limit);
            limit.now != before
        });
    }

    /// Sets the valve to what is wanted, now and whenever that changes. Has no end.
    pub async fn drive(&self, mut breaker: watch::Receiver<BreakerState>, valve: impl Valve) {
        let mut limits = self.limit.subscribe();
        let mut set = None;
        loop {
            let limit = *limits.borrow_and_update();
            let wanted = limit.under(*breaker.borrow_and_update());
            if set != Some(wanted) {
                tracing::debug!(in_flight = wanted.map_or(0, NonZeroU32::get), "the queue is throttled");
                metrics::gauge!("rollcall_in_flight_limit").set(wanted.map_or(0, NonZeroU32::get));
                valve.set(wanted);
                set = Some(wanted);
            }
            tokio::select! {
                biased;
                // Both senders live as long as this worker.
                _ = breaker.changed() => {}
                _ = limits.changed() => {}
                () = sleep(REST), if limit.now < limit.full => self.change(Limit::grow),
            }
        }
    }
}

#[cfg(test)]
mod tests;
