//! One call's way through the breaker: a [`Permit`], then a [`Call`], then its outcome. Each step takes the one
//! before it, so a call cannot begin twice, or end without having begun; and none can be forgotten, for dropping
//! either tells the breaker.

use tokio::time::Instant;

use super::{
    Breaker,
    machine::{CallOutcome, Generation},
};

/// A call that may be made and is not sent yet. Dropped, it leaves its place to another and says nothing.
#[derive(Debug)]
#[must_use = "a dropped permit is given back"]
pub struct Permit {
    ticket: Ticket,
}

impl Permit {
    pub(super) fn new(breaker: Breaker, generation: Generation) -> Self {
        Self { ticket: Ticket { breaker, generation, progress: Progress::Unsent } }
    }

    /// Leaves its place to another while something takes its time that is no call; the breaker is to be asked anew after that.
    #[must_use]
    pub fn give_back(self) -> Breaker {
        self.ticket.breaker.clone()
    }

    /// To be said right before the call is sent: its time counts from here.
    pub fn begin(self) -> Call {
        let (mut ticket, began) = (self.ticket, Instant::now());
        ticket.progress = Progress::Sent { began, outcome: CallOutcome::Failed };
        Call { ticket, began }
    }
}

/// A call in flight. Dropped, it was lost, and that is a counted failure.
#[derive(Debug)]
#[must_use = "a dropped call counts as failed"]
pub struct Call {
    ticket: Ticket,
    began: Instant,
}

impl Call {
    /// The call has ended. If it took longer than [`slow_call`](super::BreakerOptions::slow_call) it counts as
    /// failed whatever the outcome.
    pub fn end(mut self, outcome: CallOutcome) {
        self.ticket.progress = Progress::Sent { began: self.began, outcome };
    }
}

/// Tells the breaker, when it is dropped, how far the call came.
#[derive(Debug)]
struct Ticket {
    breaker: Breaker,
    generation: Generation,
    progress: Progress,
}

#[derive(Debug, Clone, Copy)]
enum Progress {
    Unsent,
    Sent { began: Instant, outcome: CallOutcome },
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let generation = self.generation;
        self.breaker.apply(|machine, now| match self.progress {
            Progress::Unsent => machine.give_back(generation),
            Progress::Sent { began, outcome } => machine.ended(generation, outcome, began, now),
        });
    }
}
