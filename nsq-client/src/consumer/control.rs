//! Handles on a running consumer, for tasks that do not own it: [`ConsumerStatus`] tells how it is doing,
//! [`ConsumerControl`] says how much it may receive.

use std::num::NonZeroU32;

use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// Tells how a consumer is doing. Clones are cheap, and stay valid when the consumer is gone.
#[derive(Debug, Clone, Default)]
pub struct ConsumerStatus {
    /// Holds one token for each connection that stands.
    pub(super) subscribed: TaskTracker,
}

impl ConsumerStatus {
    /// How many nsqds the consumer is subscribed to at this moment.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.subscribed.len()
    }
}

/// How much a consumer may receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    max_in_flight: NonZeroU32,
    paused: bool,
}

impl Limit {
    /// How many messages may be in flight, over all nsqds.
    pub(super) fn in_flight(self) -> u32 {
        if self.paused { 0 } else { self.max_in_flight.get() }
    }
}

/// Slows, stops and restarts the deliveries to a consumer. Clones are cheap and control the same consumer;
/// when it is gone they do nothing.
///
/// Every call returns at once and is carried out in the background; when calls follow each other quickly,
/// the state after the last one is what all nsqds come to.
#[derive(Debug, Clone)]
pub struct ConsumerControl {
    limit: watch::Sender<Limit>,
}

impl ConsumerControl {
    /// A consumer that is not paused, and where its coordinator reads what is set here.
    pub(super) fn new(max_in_flight: NonZeroU32) -> (Self, watch::Receiver<Limit>) {
        let (limit, seen) = watch::channel(Limit { max_in_flight, paused: false });
        (Self { limit }, seen)
    }

    /// Asks every nsqd for no more messages (RDY 0), until [`resume`](Self::resume). Connections stay.
    /// Messages that nsqd has delivered by then are in flight: [`Consumer::next`](crate::Consumer::next)
    /// still hands them out, and they are to be answered.
    pub fn pause(&self) {
        self.limit.send_modify(|limit| limit.paused = true);
    }

    /// Ends a pause, however often it was asked for.
    pub fn resume(&self) {
        self.limit.send_modify(|limit| limit.paused = false);
    }

    /// Changes [`max_in_flight`](crate::ConsumerOptions::max_in_flight) to any value, also above that of the
    /// start. It does not end a pause. What is in flight when it is lowered stays in flight until it is
    /// answered, beside what nsqds may send under the new limit.
    pub fn set_max_in_flight(&self, max_in_flight: NonZeroU32) {
        self.limit.send_modify(|limit| limit.max_in_flight = max_in_flight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_and_the_limit_are_set_apart() {
        let (control, seen) = ConsumerControl::new(NonZeroU32::MIN);
        let set = |n| control.set_max_in_flight(NonZeroU32::new(n).unwrap());
        let steps: [(&dyn Fn(), u32); 6] = [
            (&|| set(8), 8),
            (&|| control.pause(), 0),
            (&|| control.pause(), 0),
            (&|| set(2), 0),
            (&|| control.resume(), 2),
            (&|| control.resume(), 2),
        ];
        assert_eq!(seen.borrow().in_flight(), 1);
        for (index, (step, expected)) in steps.into_iter().enumerate() {
            step();

            assert_eq!(seen.borrow().in_flight(), expected, "after step {index}");
        }
    }
}
