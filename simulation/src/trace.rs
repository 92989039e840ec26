//! What happened, in its order, for people who look for the cause of a violation. Two runs of one seed have the same.

use std::{fmt, time::Duration};

use image_processor::retry::Blame;
use migrations::ImageStatus;

use crate::{plan::Actor, tables::Time};

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields say what they are")]
pub enum Event {
    /// A process began.
    Began(Actor),
    /// A process died.
    Crashed(Actor),
    /// A process was told to stop.
    Stopping(Actor),
    /// The queue lost everything.
    Wiped,
    /// A picture was taken in.
    Accepted { picture: usize, image: u64 },
    /// A process wrote an image.
    Wrote { actor: Actor, deed: &'static str, image: u64, status: ImageStatus, token: u64, counts: Counts },
    /// The process did not hear what became of a statement.
    Unheard { actor: Actor, deed: &'static str },
    /// The queue was given messages.
    Published { actor: Actor, messages: usize, heard: bool },
    /// A message was delivered.
    Delivered { actor: Actor, image: u64, deliveries: u16 },
    /// A message was done with.
    Finished { actor: Actor, number: u64 },
    /// A message was sent back.
    Requeued { actor: Actor, number: u64, after: Duration },
    /// A recogniser was asked.
    Asked { actor: Actor, call: usize, picture: usize },
    /// It answered, or failed.
    Ended { call: usize, blame: Option<Blame> },
    /// Its health was asked for after that.
    Pinged { call: usize, healthy: bool },
}

/// Of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Charged.
    pub attempts: u32,
    /// Since the last result.
    pub losses: u32,
    /// After the first.
    pub rounds: u32,
}

/// Everything that happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace(Vec<(Time, Event)>);

impl Trace {
    /// This happened now.
    pub fn note(&mut self, now: Time, event: Event) {
        self.0.push((now, event));
    }

    /// How much happened.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What happened, and when.
    #[must_use]
    pub fn events(&self) -> &[(Time, Event)] {
        &self.0
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (time, event) in &self.0 {
            writeln!(formatter, "{:>10.3} s  {event:?}", time.as_secs_f64())?;
        }
        Ok(())
    }
}
